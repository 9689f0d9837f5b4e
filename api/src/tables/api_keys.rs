//! API keys of people and of clients. Only the SHA-256 of a key is kept.

use badgecast_domain::{
    access::{Role, Scopes},
    id::{ClientId, OrganizationId, UserId},
    time::Moment,
};
use sea_orm::{ConnectionTrait, QueryResult};
use uuid::Uuid;

use super::{
    Error, Tx,
    sql::{Columns as _, sql},
};
use crate::auth::secret::Hash;

/// How exactly `last_used_at` is kept: one write a minute and key is enough.
const USE_NOTED_MS: i64 = 60_000;

/// Keys of one owner that count at the same moment: the one in use, and the one that takes its place.
pub const LIVE_AT_ONCE: u64 = 2;

/// Whose key it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owner {
    User(UserId),
    Client(ClientId),
}

/// A key, without what it is.
#[derive(Debug, Clone)]
pub struct ApiKey {
    pub id: Uuid,
    pub organization: OrganizationId,
    pub owner: Owner,
    pub name: String,
    pub scopes: Scopes,
    pub created_at: Moment,
    pub expires_at: Option<Moment>,
    pub last_used_at: Option<Moment>,
    pub revoked_at: Option<Moment>,
}

fn read(row: &QueryResult) -> Result<ApiKey, Error> {
    let owner = match (row.maybe_id("user_id")?, row.maybe_id("client_id")?) {
        (Some(user), None) => Owner::User(user),
        (None, Some(client)) => Owner::Client(client),
        _ => return Err(Error::Corrupt("an API key has one owner".to_owned())),
    };
    Ok(ApiKey {
        id: row.get("id")?,
        organization: row.id("organization_id")?,
        owner,
        name: row.get("name")?,
        scopes: row.word("scopes", |scopes| scopes.parse().ok())?,
        created_at: row.moment("created_at")?,
        expires_at: row.maybe_moment("expires_at")?,
        last_used_at: row.maybe_moment("last_used_at")?,
        revoked_at: row.maybe_moment("revoked_at")?,
    })
}

/// The key of this hash, if it and its owner still count, with the owner's role if that is a person.
///
/// # Errors
/// Those of the database.
pub async fn living(
    db: &impl ConnectionTrait,
    hash: &Hash,
    now: Moment,
) -> Result<Option<(ApiKey, Option<Role>)>, Error> {
    let query = sql("SELECT k.*, u.role AS role FROM api_keys k
         LEFT JOIN users u ON u.id = k.user_id AND u.disabled_at IS NULL
         LEFT JOIN clients c ON c.id = k.client_id AND c.disabled_at IS NULL
         WHERE k.hash = ? AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > ?)
             AND (u.id IS NOT NULL OR c.id IS NOT NULL)")
    .bind(*hash)
    .bind(now);
    let Some(row) = query.maybe(db).await? else { return Ok(None) };
    let role: Option<String> = row.get("role")?;
    let role =
        role.map(|name| name.parse().map_err(|_| Error::Corrupt(format!("role: {name}")))).transpose()?;
    Ok(Some((read(&row)?, role)))
}

/// Notes a use, at most once a minute; true when there is something to write.
#[must_use]
pub fn is_use_noted(key: &ApiKey, now: Moment) -> bool {
    key.last_used_at.is_some_and(|last| now.ms() - last.ms() < USE_NOTED_MS)
}

/// # Errors
/// Those of the database.
pub async fn note_use(tx: &Tx, id: Uuid, now: Moment) -> Result<(), Error> {
    sql("UPDATE api_keys SET last_used_at = ? WHERE id = ?").bind(now).bind(id).run(tx).await.map(drop)
}

/// The keys of a person, newest first.
///
/// # Errors
/// Those of the database.
pub async fn of_user(
    db: &impl ConnectionTrait,
    organization: OrganizationId,
    user: UserId,
) -> Result<Vec<ApiKey>, Error> {
    sql("SELECT * FROM api_keys WHERE organization_id = ? AND user_id = ? ORDER BY id DESC")
        .bind(organization)
        .bind(user)
        .all(db)
        .await?
        .iter()
        .map(read)
        .collect()
}

/// # Errors
/// The person has two living keys already.
pub async fn insert(tx: &Tx, key: &ApiKey, hash: &Hash) -> Result<(), Error> {
    let (user, client) = match key.owner {
        Owner::User(user) => (Some(user), None),
        Owner::Client(client) => (None, Some(client)),
    };
    let living = sql("SELECT count(*) AS living FROM api_keys
         WHERE (user_id = ? OR client_id = ?) AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > ?)")
    .bind(user)
    .bind(client)
    .bind(key.created_at)
    .one(tx)
    .await?;
    if living.count("living")? >= LIVE_AT_ONCE {
        return Err(Error::Conflict("There are two living keys already: revoke one first"));
    }
    sql("INSERT INTO api_keys (id, organization_id, user_id, client_id, name, hash, scopes, created_at, expires_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)")
    .bind(key.id)
    .bind(key.organization)
    .bind(user)
    .bind(client)
    .bind(key.name.clone())
    .bind(*hash)
    .bind(key.scopes.to_string())
    .bind(key.created_at)
    .bind(key.expires_at)
    .run(tx)
    .await
    .map(drop)
}

/// Ends a key, whosever it is, if it is not over already.
///
/// # Errors
/// Those of the database.
pub async fn end(tx: &Tx, organization: OrganizationId, id: Uuid, now: Moment) -> Result<(), Error> {
    sql("UPDATE api_keys SET revoked_at = ? WHERE id = ? AND organization_id = ? AND revoked_at IS NULL")
        .bind(now)
        .bind(id)
        .bind(organization)
        .run(tx)
        .await
        .map(drop)
}

/// # Errors
/// There is no such living key.
pub async fn revoke(
    tx: &Tx,
    organization: OrganizationId,
    user: UserId,
    id: Uuid,
    now: Moment,
) -> Result<(), Error> {
    let revoked = sql("UPDATE api_keys SET revoked_at = ?
         WHERE id = ? AND organization_id = ? AND user_id = ? AND revoked_at IS NULL")
    .bind(now)
    .bind(id)
    .bind(organization)
    .bind(user)
    .run(tx)
    .await?;
    if revoked == 0 { Err(Error::NotFound) } else { Ok(()) }
}
