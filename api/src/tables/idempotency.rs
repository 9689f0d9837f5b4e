//! Idempotency keys: what a creation answered, kept for 24 hours beside what it made.

use std::time::Duration;

use badgecast_domain::time::Moment;
use uuid::Uuid;

use super::{
    Error, Tx,
    sql::{Columns as _, sql},
};

/// How long a request may be repeated.
const LIFE: Duration = Duration::from_secs(24 * 60 * 60);

/// Where a reply is kept.
#[derive(Debug, Clone, Copy)]
pub struct Slot<'a> {
    pub caller: Uuid,
    pub route: &'a str,
    pub key: &'a str,
}

/// A reply, without its secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// SHA-256 of the request's body.
    pub digest: [u8; 32],
    pub status: u16,
    pub location: Option<String>,
    pub body: String,
    pub created_at: Moment,
}

/// What was answered, if the request came before.
///
/// # Errors
/// Those of the database.
pub async fn find(tx: &Tx, slot: &Slot<'_>, now: Moment) -> Result<Option<Reply>, Error> {
    let row = sql("SELECT body_hash, status, location, reply, created_at FROM idempotency_keys
        WHERE caller = ? AND route = ? AND key = ? AND created_at > ?")
    .bind(slot.caller)
    .bind(slot.route)
    .bind(slot.key)
    .bind(now.minus(LIFE))
    .maybe(tx)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let status = row.count("status")?;
    Ok(Some(Reply {
        digest: row.hash("body_hash")?,
        status: u16::try_from(status).map_err(|_| Error::Corrupt(format!("status: {status}")))?,
        location: row.get("location")?,
        body: row.get("reply")?,
        created_at: row.moment("created_at")?,
    }))
}

/// Keeps a reply, in the transaction of what it speaks of. One that is over makes place.
///
/// # Errors
/// The same request is being answered by another transaction.
pub async fn keep(tx: &Tx, slot: &Slot<'_>, reply: &Reply) -> Result<(), Error> {
    let kept = sql("INSERT INTO idempotency_keys (caller, route, key, body_hash, status, location, reply, created_at)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (caller, route, key) DO UPDATE SET body_hash = excluded.body_hash, status = excluded.status,
            location = excluded.location, reply = excluded.reply, created_at = excluded.created_at
        WHERE idempotency_keys.created_at <= ?")
    .bind(slot.caller)
    .bind(slot.route)
    .bind(slot.key)
    .bind(reply.digest)
    .bind(i64::from(reply.status))
    .bind(reply.location.as_deref())
    .bind(reply.body.as_str())
    .bind(reply.created_at)
    .bind(reply.created_at.minus(LIFE))
    .run(tx)
    .await?;
    if kept == 0 {
        return Err(Error::Conflict("The same request is being answered; ask again for its answer"));
    }
    Ok(())
}

/// Forgets replies that are over.
///
/// # Errors
/// Those of the database.
pub async fn forget(tx: &Tx, now: Moment) -> Result<u64, Error> {
    sql("DELETE FROM idempotency_keys WHERE created_at <= ?").bind(now.minus(LIFE)).run(tx).await
}
