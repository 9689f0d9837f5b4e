//! `badgecast user add`: people without a running server, or beside one.

use std::process::ExitCode;

use badgecast_domain::{id::OrganizationId, time::Moment};

use super::{Failed, UserAdd, say};
use crate::{
    auth::{Scope, password},
    config::Config,
    house::open_database,
    problem::Problem,
    routes::{badges, users},
    tables::{Database, Error, Tx, organizations, people},
};

/// The organization of an empty database, when none is named.
const FIRST_ORGANIZATION: &str = "Organization";

pub(super) async fn add(config: Config, user: UserAdd) -> Result<ExitCode, Failed> {
    let text = std::fs::read_to_string(&user.password_file)
        .map_err(Failed::at(&user.password_file.display().to_string()))?;
    let password = text.lines().next().unwrap_or_default();
    users::checked_password(password).map_err(|_| {
        let file = user.password_file.display();
        Failed(format!(
            "{file}: a password has at least 12 characters and at most 1024 bytes, on the first line"
        ))
    })?;
    let password_hash = password::hash_now(password).map_err(Failed::at("password"))?;
    let email = people::Email::try_from(user.email).map_err(Failed::at("--email"))?;
    let name = match user.name {
        Some(name) => badges::checked_name("", name).map_err(|_| {
            Failed("--name has 1 to 200 characters, no control characters and no space around".to_owned())
        })?,
        None => email.to_string(),
    };
    let new = people::New { email, name, role: user.role, password_hash: Some(password_hash) };
    let database = open_database(&config).await.map_err(|error| Failed(error.to_string()))?;
    let made = make(&database, user.organization.as_deref(), new).await;
    database.close().await;
    let person = made?;
    say(&format!("{} {} {}\n", person.id, person.email, person.role));
    Ok(ExitCode::SUCCESS)
}

/// Adds a person, and the organization if the database has none.
pub(super) async fn make(
    database: &Database,
    organization: Option<&str>,
    new: people::New,
) -> Result<people::Person, Failed> {
    let now: Moment = std::time::SystemTime::now().into();
    database
        .write(async |tx: &Tx| {
            let organization = belongs_to(tx, organization, now).await?;
            people::create(tx, &Scope::house(organization), new, now).await
        })
        .await
        .map_err(|error: Error| in_words(error.into()))
}

async fn belongs_to(tx: &Tx, name: Option<&str>, now: Moment) -> Result<OrganizationId, Error> {
    let known = organizations::all(tx).await?;
    let named = known.iter().find(|organization| Some(organization.name.as_str()) == name);
    match (known.as_slice(), name, named) {
        (_, _, Some(organization)) => Ok(organization.id),
        ([], name, None) => organizations::create(tx, name.unwrap_or(FIRST_ORGANIZATION), now).await,
        ([only], None, None) => Ok(only.id),
        (_, Some(_), None) => Err(Error::Conflict("There is no organization of this name")),
        (_, None, None) => Err(Error::Conflict("There are several organizations: say --organization")),
    }
}

fn in_words(problem: Problem) -> Failed {
    Failed(problem.document(None).detail)
}
