//! People and their roles: what an admin manages.

use actix_web::{HttpResponse, web::Data};
use badgecast_domain::{
    access::{Right, Role},
    id::UserId,
    time::Moment,
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::{
    badges::checked_name,
    body::{At, Body, IfMatch, List, Page, Query},
    creation::{self, Creation, Made},
    entity,
};
use crate::{
    House,
    auth::{Caller, revocation::Whom},
    oauth::login,
    problem::Problem,
    tables::{Tx, people},
};

/// A person.
#[derive(Debug, Serialize, ToSchema)]
pub struct User {
    #[schema(value_type = uuid::Uuid)]
    pub id: UserId,
    pub email: String,
    pub name: String,
    #[schema(value_type = String, example = "receptionist")]
    pub role: Role,
    pub disabled: bool,
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Moment,
}

impl From<people::Person> for User {
    fn from(row: people::Person) -> Self {
        let people::Person { id, email, name, role, disabled_at, created_at, .. } = row;
        Self { id, email, name, role, disabled: disabled_at.is_some(), created_at }
    }
}

/// A person to add.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewUser {
    email: String,
    name: Option<String>,
    #[schema(value_type = String)]
    role: Role,
    /// At least 12 characters; without one the person cannot log in yet.
    password: Option<String>,
}

/// What to change of a person.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UserChange {
    name: Option<String>,
    #[schema(value_type = Option<String>)]
    role: Option<Role>,
    password: Option<String>,
    disabled: Option<bool>,
}

/// The shortest password, in characters (NIST SP 800-63B asks for 8, for a password alone 15; we ask for 12).
const MIN_PASSWORD: usize = 12;
/// The longest, so that hashing it stays cheap.
const MAX_PASSWORD_BYTES: usize = 1_024;

#[utoipa::path(post, path = "/api/v1/users", tag = "users", summary = "Add a person", request_body = NewUser,
    responses((status = 201, body = User), (status = 409, description = "The email is taken")))]
pub async fn add(
    house: Data<House>,
    caller: Caller,
    creation: Creation,
    body: Body<NewUser>,
) -> Result<HttpResponse, Problem> {
    let scope = caller.may(Right::ManagePeople)?;
    caller.stepped_up(&house).await?;
    let NewUser { email, name, role, password } = body.value;
    let email = people::Email::try_from(email)
        .map_err(|error| Problem::invalid_field("/email", error.to_string()))?;
    let name = checked_name("/name", name.unwrap_or_else(|| email.to_string()))?;
    let password_hash = hashed(&house, password).await?;
    creation::once(&house, &caller, &scope, creation, body.digest, async |tx: &Tx| {
        let new = people::New {
            email: email.clone(),
            name: name.clone(),
            role,
            password_hash: password_hash.clone(),
        };
        let row = people::create(tx, &scope, new, house.now()).await?;
        Ok(Made::created(format!("/api/v1/users/{}", row.id), json!(User::from(row))))
    })
    .await
}

/// Checks a password and hashes it off the workers.
pub(super) async fn hashed(house: &House, password: Option<String>) -> Result<Option<String>, Problem> {
    let Some(password) = password else { return Ok(None) };
    checked_password(&password)?;
    let turn = house.passwords.turn().await.map_err(login::busy)?;
    turn.hash(password.into()).await.map(Some).map_err(login::busy)
}

/// # Errors
/// 422 for a password that is too short, or too long to hash cheaply.
pub(crate) fn checked_password(password: &str) -> Result<(), Problem> {
    if password.chars().count() >= MIN_PASSWORD && password.len() <= MAX_PASSWORD_BYTES {
        return Ok(());
    }
    let rule = format!("has at least {MIN_PASSWORD} characters and at most {MAX_PASSWORD_BYTES} bytes");
    Err(Problem::invalid_field("/password", rule))
}

#[utoipa::path(get, path = "/api/v1/users", tag = "users", summary = "List people",
    params(("limit" = Option<u64>, Query), ("after" = Option<String>, Query)),
    responses((status = 200, description = "A page: {items, next}", body = User)))]
pub async fn list(house: Data<House>, caller: Caller, page: Query<Page>) -> Result<HttpResponse, Problem> {
    let scope = caller.may(Right::ManagePeople)?;
    let limit = page.0.limit()?;
    let rows = people::list(house.database.read(), &scope, page.0.after()?, limit + 1).await?;
    Ok(HttpResponse::Ok().json(List::page(rows, limit, |row| row.id).map(User::from)))
}

#[utoipa::path(get, path = "/api/v1/users/{id}", tag = "users", summary = "Read a person",
    responses((status = 200, body = User)))]
pub async fn read(house: Data<House>, caller: Caller, at: At<UserId>) -> Result<HttpResponse, Problem> {
    let scope = caller.may(Right::ManagePeople)?;
    let row = people::find(house.database.read(), &scope, at.0).await?;
    Ok(entity::answer(entity::tag(row.updated_at.ms()), &User::from(row)))
}

#[utoipa::path(patch, path = "/api/v1/users/{id}", tag = "users", summary = "Change a person",
    description = "Another role, another password or being disabled ends every session and token of the person.",
    request_body = UserChange,
    responses((status = 200, body = User), (status = 409, description = "The last admin stays an admin")))]
pub async fn change(
    house: Data<House>,
    caller: Caller,
    at: At<UserId>,
    if_match: IfMatch,
    body: Body<UserChange>,
) -> Result<HttpResponse, Problem> {
    let scope = caller.may(Right::ManagePeople)?;
    caller.stepped_up(&house).await?;
    let UserChange { name, role, password, disabled } = body.value;
    let ends_sessions = role.is_some() || password.is_some() || disabled == Some(true);
    let update = people::Update {
        name: name.map(|name| checked_name("/name", name)).transpose()?,
        role,
        password_hash: hashed(&house, password).await?,
        disabled,
    };
    let row = house
        .database
        .change(&scope, async |tx: &Tx| {
            let current = people::find(tx, &scope, at.0).await?;
            if_match.check(&entity::tag(current.updated_at.ms()))?;
            let row = people::update(tx, &scope, at.0, &update, house.now()).await?;
            if ends_sessions {
                house.tokens.revoke(tx, scope.organization(), Whom::User(at.0), house.now()).await?;
            }
            Ok::<_, Problem>(row)
        })
        .await?;
    Ok(entity::answer(entity::tag(row.updated_at.ms()), &User::from(row)))
}

#[utoipa::path(delete, path = "/api/v1/users/{id}", tag = "users", summary = "Disable a person",
    description = "Nobody is deleted: the audit trail needs their name. Their badge is without an owner then.",
    responses((status = 204, description = "Disabled"), (status = 409, description = "The last admin stays")))]
pub async fn disable(house: Data<House>, caller: Caller, at: At<UserId>) -> Result<HttpResponse, Problem> {
    let scope = caller.may(Right::ManagePeople)?;
    caller.stepped_up(&house).await?;
    house
        .database
        .change(&scope, async |tx: &Tx| {
            let update = people::Update { disabled: Some(true), ..people::Update::default() };
            people::update(tx, &scope, at.0, &update, house.now()).await?;
            Ok::<_, Problem>(
                house.tokens.revoke(tx, scope.organization(), Whom::User(at.0), house.now()).await?,
            )
        })
        .await?;
    Ok(HttpResponse::NoContent().finish())
}

/// A name to choose an owner by.
#[derive(Debug, Serialize, ToSchema)]
pub struct Name {
    #[schema(value_type = uuid::Uuid)]
    id: UserId,
    name: String,
}

/// Part of a name, in pages.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Search {
    limit: Option<u64>,
    after: Option<String>,
    #[serde(default)]
    q: String,
}

#[utoipa::path(get, path = "/api/v1/people", tag = "users", summary = "Find people by part of their name",
    description = "To give a badge an owner; says ids and names only.", params(("q" = Option<String>, Query), ("limit" = Option<u64>, Query), ("after" = Option<String>, Query)),
    responses((status = 200, description = "A page: {items, next}", body = Name)))]
pub async fn search(
    house: Data<House>,
    caller: Caller,
    query: Query<Search>,
) -> Result<HttpResponse, Problem> {
    let scope = caller.may(Right::ManageBadges)?;
    let Search { limit, after, q } = query.0;
    let page = Page::new(limit, after);
    let limit = page.limit()?;
    let rows = people::search(
        house.database.read(),
        &scope,
        (&q, people::Among::InService),
        page.after()?,
        limit + 1,
    )
    .await?;
    let name = |row: people::Person| Name { id: row.id, name: row.name };
    Ok(HttpResponse::Ok().json(List::page(rows, limit, |row| row.id).map(name)))
}
