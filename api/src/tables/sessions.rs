//! Sessions of browsers. Only the SHA-256 of the cookie is kept; `id` is what lists and ends a session.

use badgecast_domain::{
    access::{Role, Scopes},
    id::{BadgeId, OrganizationId, UserId},
    time::Moment,
};
use sea_orm::{ConnectionTrait, QueryResult};
use uuid::Uuid;

use super::{
    Error, Tx,
    sql::{Columns as _, sql},
};
use crate::auth::secret::Hash;

/// A session.
#[derive(Debug, Clone)]
pub struct Session {
    pub id: Uuid,
    pub organization: OrganizationId,
    pub user: UserId,
    /// The badge a remembered session is for; it ends with it.
    pub badge: Option<BadgeId>,
    pub remembered: bool,
    pub scope: Scopes,
    pub user_agent: String,
    pub network: String,
    pub auth_time: Moment,
    pub created_at: Moment,
    pub last_used_at: Moment,
    /// The absolute end.
    pub expires_at: Moment,
}

fn read(row: &QueryResult) -> Result<Session, Error> {
    Ok(Session {
        id: row.get("id")?,
        organization: row.id("organization_id")?,
        user: row.id("user_id")?,
        badge: row.maybe_id("badge_id")?,
        remembered: row.word("kind", |kind| Some(kind == "remembered"))?,
        scope: row.word("scope", |scope| scope.parse().ok())?,
        user_agent: row.get("user_agent")?,
        network: row.get("network")?,
        auth_time: row.moment("auth_time")?,
        created_at: row.moment("created_at")?,
        last_used_at: row.moment("last_used_at")?,
        expires_at: row.moment("expires_at")?,
    })
}

/// # Errors
/// Those of the database.
pub async fn insert(tx: &Tx, session: &Session, hash: &Hash) -> Result<(), Error> {
    sql("INSERT INTO sessions (hash, id, organization_id, user_id, badge_id, kind, scope, user_agent, network,
             auth_time, created_at, last_used_at, expires_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
    .bind(*hash)
    .bind(session.id)
    .bind(session.organization)
    .bind(session.user)
    .bind(session.badge)
    .bind(if session.remembered { "remembered" } else { "normal" })
    .bind(session.scope.to_string())
    .bind(session.user_agent.clone())
    .bind(session.network.clone())
    .bind(session.auth_time)
    .bind(session.created_at)
    .bind(session.last_used_at)
    .bind(session.expires_at)
    .run(tx)
    .await
    .map(drop)
}

/// The session of this cookie, with its person's role now; none if the person, or the badge it is for, is gone.
///
/// # Errors
/// Those of the database.
pub async fn living(
    db: &impl ConnectionTrait,
    hash: &Hash,
    used_since: Moment,
    now: Moment,
) -> Result<Option<(Session, Role)>, Error> {
    let query = sql("SELECT s.*, u.role AS role FROM sessions s
         JOIN users u ON u.id = s.user_id AND u.disabled_at IS NULL
         LEFT JOIN badges b ON b.id = s.badge_id AND b.retired_at IS NULL AND b.owner_id = s.user_id
         WHERE s.hash = ? AND s.expires_at > ? AND (s.kind = 'remembered' OR s.last_used_at > ?)
             AND (s.badge_id IS NULL OR b.id IS NOT NULL)")
    .bind(*hash)
    .bind(now)
    .bind(used_since);
    let Some(row) = query.maybe(db).await? else { return Ok(None) };
    Ok(Some((read(&row)?, row.word("role", |name| name.parse().ok())?)))
}

/// # Errors
/// Those of the database.
pub async fn touch(tx: &Tx, id: Uuid, now: Moment) -> Result<(), Error> {
    sql("UPDATE sessions SET last_used_at = ? WHERE id = ?").bind(now).bind(id).run(tx).await.map(drop)
}

/// The living sessions of a person, newest first.
///
/// # Errors
/// Those of the database.
pub async fn of_user(db: &impl ConnectionTrait, user: UserId, now: Moment) -> Result<Vec<Session>, Error> {
    sql("SELECT * FROM sessions WHERE user_id = ? AND expires_at > ? ORDER BY id DESC")
        .bind(user)
        .bind(now)
        .all(db)
        .await?
        .iter()
        .map(read)
        .collect()
}

/// Ends a session of a person.
///
/// # Errors
/// There is no such session.
pub async fn end(tx: &Tx, user: UserId, id: Uuid) -> Result<(), Error> {
    let ended = sql("DELETE FROM sessions WHERE id = ? AND user_id = ?").bind(id).bind(user).run(tx).await?;
    if ended == 0 { Err(Error::NotFound) } else { Ok(()) }
}

/// Ends a session, whosever it is, if it is not over already.
///
/// # Errors
/// Those of the database.
pub async fn end_one(tx: &Tx, id: Uuid) -> Result<(), Error> {
    sql("DELETE FROM sessions WHERE id = ?").bind(id).run(tx).await.map(drop)
}

/// Ends every session of a person.
///
/// # Errors
/// Those of the database.
pub async fn end_all(tx: &Tx, user: UserId) -> Result<(), Error> {
    sql("DELETE FROM sessions WHERE user_id = ?").bind(user).run(tx).await.map(drop)
}

/// # Errors
/// Those of the database.
pub async fn delete_past(tx: &Tx, now: Moment) -> Result<(), Error> {
    sql("DELETE FROM sessions WHERE expires_at <= ?").bind(now).run(tx).await.map(drop)
}
