//! What was revoked. Of two moments for the same subject the larger counts, whoever wrote first.

use badgecast_domain::time::Moment;
use sea_orm::{ConnectionTrait, QueryResult};
use uuid::Uuid;

use super::{
    Error,
    sql::{Columns as _, sql},
};
use crate::auth::revocation::{Revocation, Whom};

/// # Errors
/// Those of the database.
pub async fn insert(db: &impl ConnectionTrait, revocation: &Revocation) -> Result<(), Error> {
    sql("INSERT INTO revocations (kind, subject, organization_id, not_before, keep_until)
         VALUES (?, ?, ?, ?, ?)
         ON CONFLICT (kind, subject) DO UPDATE
         SET not_before = excluded.not_before, keep_until = excluded.keep_until
         WHERE excluded.not_before > revocations.not_before")
    .bind(revocation.whom.kind())
    .bind(revocation.whom.subject())
    .bind(revocation.organization)
    .bind(revocation.not_before)
    .bind(revocation.keep_until)
    .run(db)
    .await
    .map(drop)
}

/// Every revocation that still matters.
///
/// # Errors
/// Those of the database.
pub async fn all(db: &impl ConnectionTrait, now: Moment) -> Result<Vec<Revocation>, Error> {
    let query = sql(
        "SELECT kind, subject, organization_id, not_before, keep_until FROM revocations WHERE keep_until > ?",
    )
    .bind(now);
    query.all(db).await?.iter().map(read).collect()
}

/// The revocations of one subject.
///
/// # Errors
/// Those of the database.
pub async fn of(db: &impl ConnectionTrait, subject: Uuid) -> Result<Vec<Revocation>, Error> {
    let query = sql(
        "SELECT kind, subject, organization_id, not_before, keep_until FROM revocations WHERE subject = ?",
    )
    .bind(subject);
    query.all(db).await?.iter().map(read).collect()
}

/// Forgets those that no living token could meet.
///
/// # Errors
/// Those of the database.
pub async fn delete_past(db: &impl ConnectionTrait, now: Moment) -> Result<(), Error> {
    sql("DELETE FROM revocations WHERE keep_until <= ?").bind(now).run(db).await.map(drop)
}

fn read(row: &QueryResult) -> Result<Revocation, Error> {
    let subject = row.get("subject")?;
    Ok(Revocation {
        whom: row.word("kind", |kind| Whom::of(kind, subject))?,
        organization: row.id("organization_id")?,
        not_before: row.moment("not_before")?,
        keep_until: row.moment("keep_until")?,
    })
}
