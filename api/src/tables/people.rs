//! People: users and their roles.

use std::{collections::HashMap, fmt};

use badgecast_domain::{
    access::Role,
    id::{OrganizationId, UserId},
    time::Moment,
};
use sea_orm::{ConnectionTrait, QueryResult};

use super::{
    Error, Tx, audit, changes,
    sql::{Columns as _, Sql, folded, sql},
};
use crate::auth::Scope;

/// An email address, lower-cased: unique per installation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Email(String);

/// The text is no email address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is an email address of at most 254 characters")]
pub struct NotAnEmail;

impl TryFrom<String> for Email {
    type Error = NotAnEmail;

    /// Whether it works only sending mail can tell; here it has to look like one.
    fn try_from(text: String) -> Result<Self, NotAnEmail> {
        let text = text.to_lowercase();
        let (local, domain) = text.rsplit_once('@').ok_or(NotAnEmail)?;
        let plain = text.chars().all(|c| !c.is_whitespace() && !c.is_control());
        let fits = text.chars().count() <= 254 && !local.is_empty() && !domain.is_empty();
        if plain && fits && !local.contains('@') { Ok(Self(text)) } else { Err(NotAnEmail) }
    }
}

impl fmt::Display for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A person.
#[derive(Debug, Clone)]
pub struct Person {
    pub id: UserId,
    pub organization: OrganizationId,
    pub email: String,
    pub name: String,
    pub role: Role,
    pub disabled_at: Option<Moment>,
    pub created_at: Moment,
    pub updated_at: Moment,
}

/// A person to add.
#[derive(Debug, Clone)]
pub struct New {
    pub email: Email,
    pub name: String,
    pub role: Role,
    pub password_hash: Option<String>,
}

/// What to change; what is `None` stays.
#[derive(Debug, Clone, Default)]
pub struct Update {
    pub name: Option<String>,
    pub role: Option<Role>,
    pub password_hash: Option<String>,
    pub disabled: Option<bool>,
}

const COLUMNS: &str = "id, organization_id, email, name, role, disabled_at, created_at, updated_at";

fn select() -> Sql {
    sql(&format!("SELECT {COLUMNS} FROM users WHERE"))
}

fn person(row: &QueryResult) -> Result<Person, Error> {
    Ok(Person {
        id: row.id("id")?,
        organization: row.id("organization_id")?,
        email: row.get("email")?,
        name: row.get("name")?,
        role: row.word("role", |name| name.parse().ok())?,
        disabled_at: row.maybe_moment("disabled_at")?,
        created_at: row.moment("created_at")?,
        updated_at: row.moment("updated_at")?,
    })
}

/// # Errors
/// The email is taken.
pub async fn create(tx: &Tx, scope: &Scope, new: New, now: Moment) -> Result<Person, Error> {
    let id = UserId::new();
    let organization = scope.organization();
    sql("INSERT INTO users (id, organization_id, email, name, folded, role, password_hash, created_at, updated_at)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)")
    .bind(id)
    .bind(organization)
    .bind(new.email.0.clone())
    .bind(new.name.as_str())
    .bind(folded(&new.name))
    .bind(new.role.name())
    .bind(new.password_hash)
    .bind(now)
    .bind(now)
    .run(tx)
    .await
    .map_err(Error::taken("Somebody has this email already"))?;
    audit::append(tx, scope, "user.create", Some(("user", id.uuid())), Some(new.role.name()), now).await?;
    changes::append(tx, organization, changes::Kind::User, id.uuid(), 0, now).await?;
    find(tx, scope, id).await
}

/// # Errors
/// There is no such person in the organization.
pub async fn find(db: &impl ConnectionTrait, scope: &Scope, id: UserId) -> Result<Person, Error> {
    of_token(db, scope.organization(), id).await
}

/// The person a verified token speaks of.
///
/// # Errors
/// There is no such person in the organization.
pub async fn of_token(
    db: &impl ConnectionTrait,
    organization: OrganizationId,
    id: UserId,
) -> Result<Person, Error> {
    person(&select().then("organization_id = ? AND id = ?").bind(organization).bind(id).one(db).await?)
}

/// Whom an email names, with the hash of their password: only for logging in, which comes before any scope.
///
/// # Errors
/// Those of the database.
pub async fn by_email(
    db: &impl ConnectionTrait,
    email: &str,
) -> Result<Option<(Person, Option<String>)>, Error> {
    let query = format!("SELECT {COLUMNS}, password_hash FROM users WHERE email = ?");
    let row = sql(&query).bind(email.to_lowercase()).maybe(db).await?;
    row.map(|row| Ok((person(&row)?, row.get("password_hash")?))).transpose()
}

/// # Errors
/// Those of the database.
pub async fn list(
    db: &impl ConnectionTrait,
    scope: &Scope,
    after: Option<UserId>,
    limit: u64,
) -> Result<Vec<Person>, Error> {
    let mut query = select().then("organization_id = ?").bind(scope.organization());
    if let Some(after) = after {
        query = query.then("AND id > ?").bind(after);
    }
    query.then("ORDER BY id LIMIT ?").bind(limit).all(db).await?.iter().map(person).collect()
}

/// The names of these people.
///
/// # Errors
/// Those of the database.
pub async fn names(
    db: &impl ConnectionTrait,
    scope: &Scope,
    ids: impl IntoIterator<Item = UserId>,
) -> Result<HashMap<UserId, String>, Error> {
    let rows = sql("SELECT id, name FROM users WHERE organization_id = ? AND id IN")
        .bind(scope.organization())
        .list(ids)
        .all(db)
        .await?;
    rows.iter().map(|row| Ok((row.id("id")?, row.get("name")?))).collect()
}

/// Whom a search is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Among {
    /// Those who are disabled, too.
    Everyone,
    InService,
}

/// People whose name or email has this part.
///
/// # Errors
/// Those of the database.
pub async fn search(
    db: &impl ConnectionTrait,
    scope: &Scope,
    (part, among): (&str, Among),
    after: Option<UserId>,
    limit: u64,
) -> Result<Vec<Person>, Error> {
    let pattern = super::sql::pattern(part);
    let mut query = select()
        .then("organization_id = ? AND (folded LIKE ? ESCAPE '!' OR email LIKE ? ESCAPE '!')")
        .bind(scope.organization())
        .bind(pattern.clone())
        .bind(pattern);
    if among == Among::InService {
        query = query.then("AND disabled_at IS NULL");
    }
    if let Some(after) = after {
        query = query.then("AND id > ?").bind(after);
    }
    query.then("ORDER BY id LIMIT ?").bind(limit).all(db).await?.iter().map(person).collect()
}

/// # Errors
/// There is no such person, or it is the last admin who would be none any more.
pub async fn update(
    tx: &Tx,
    scope: &Scope,
    id: UserId,
    update: &Update,
    now: Moment,
) -> Result<Person, Error> {
    let current = find(tx, scope, id).await?;
    let disabled_at = match update.disabled {
        Some(true) => Some(current.disabled_at.unwrap_or(now)),
        Some(false) => None,
        None => current.disabled_at,
    };
    let role = update.role.unwrap_or(current.role);
    let name = update.name.clone().unwrap_or(current.name);
    sql("UPDATE users SET name = ?, folded = ?, role = ?, password_hash = coalesce(?, password_hash), disabled_at = ?, updated_at = ?
        WHERE organization_id = ? AND id = ?")
    .bind(name.as_str())
    .bind(folded(&name))
    .bind(role.name())
    .bind(update.password_hash.clone())
    .bind(disabled_at)
    .bind(super::sql::later(current.updated_at, now))
    .bind(scope.organization())
    .bind(id)
    .run(tx)
    .await?;
    if current.role == Role::Admin && current.disabled_at.is_none() {
        keep_an_admin(tx, scope).await?;
    }
    if disabled_at.is_some() {
        release_badge(tx, scope, id, now).await?;
    }
    let detail = (role != current.role).then(|| role.name());
    audit::append(tx, scope, "user.update", Some(("user", id.uuid())), detail, now).await?;
    changes::append(tx, scope.organization(), changes::Kind::User, id.uuid(), 0, now).await?;
    find(tx, scope, id).await
}

async fn keep_an_admin(tx: &Tx, scope: &Scope) -> Result<(), Error> {
    let admins = sql("SELECT count(*) AS admins FROM users WHERE organization_id = ? AND role = 'admin' AND disabled_at IS NULL")
        .bind(scope.organization())
        .one(tx)
        .await?;
    if admins.count("admins")? == 0 {
        return Err(Error::Conflict("This is the last admin: make another one first"));
    }
    Ok(())
}

/// A badge does not stay with somebody who is gone.
async fn release_badge(tx: &Tx, scope: &Scope, owner: UserId, now: Moment) -> Result<(), Error> {
    let badges = sql("UPDATE badges SET owner_id = NULL, updated_at = ?
        WHERE organization_id = ? AND owner_id = ? AND retired_at IS NULL RETURNING id")
    .bind(now)
    .bind(scope.organization())
    .bind(owner)
    .all(tx)
    .await?;
    for row in badges {
        changes::append(tx, scope.organization(), changes::Kind::Badge, row.get("id")?, 0, now).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_email_looks_like_one_and_is_lower_case() {
        assert_eq!(
            Email::try_from("Amira@Clinic.Example".to_owned()).unwrap().to_string(),
            "amira@clinic.example"
        );
        for wrong in ["", "@", "a@", "@b", "a b@c", "a@b@c", "a@b\n"] {
            assert!(Email::try_from(wrong.to_owned()).is_err(), "{wrong:?}");
        }
    }
}
