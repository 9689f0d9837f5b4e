//! Jobs: work that falls due at a time and that exactly one node must do.
//!
//! Who takes a job holds it for a lease; a node that dies in the middle lets another one try when the lease is over. So
//! what a job does must bear to be done twice.

use std::time::Duration;

use badgecast_domain::{id::OrganizationId, time::Moment};
use sea_orm::{ConnectionTrait, DbBackend};
use uuid::Uuid;

use super::{
    Error, Tx,
    sql::{Columns as _, sql},
};

/// How long a node may take for a job.
const LEASE: Duration = Duration::from_secs(30);

/// What kind of work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// The receipt deadline of an announcement: freeze its receipts. Subject: the announcement.
    Deadline,
    /// An announcement is over: say so to those who watch. Subject: the announcement.
    Expiry,
}

impl Kind {
    const ALL: [Self; 2] = [Self::Deadline, Self::Expiry];

    const fn name(self) -> &'static str {
        match self {
            Self::Deadline => "deadline",
            Self::Expiry => "expiry",
        }
    }
}

/// A job that is ours for now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    pub id: Uuid,
    pub kind: Kind,
    pub organization: OrganizationId,
    pub subject: Uuid,
}

/// Puts a job on the list; of one kind a subject has one.
///
/// # Errors
/// Those of the database.
pub async fn add(
    tx: &Tx,
    organization: OrganizationId,
    kind: Kind,
    subject: Uuid,
    due_at: Moment,
) -> Result<(), Error> {
    sql("INSERT INTO jobs (id, organization_id, kind, subject, due_at) VALUES (?, ?, ?, ?, ?)
        ON CONFLICT (kind, subject) DO UPDATE SET due_at = excluded.due_at, lease_until = NULL, done_at = NULL")
    .bind(Uuid::now_v7())
    .bind(organization)
    .bind(kind.name())
    .bind(subject)
    .bind(due_at)
    .run(tx)
    .await?;
    Ok(())
}

/// Takes jobs that are due; nobody else gets them while the lease lasts.
///
/// # Errors
/// Those of the database.
pub async fn due(tx: &Tx, now: Moment, limit: u64) -> Result<Vec<Job>, Error> {
    // SQLite has one writer; on PostgreSQL nodes that ask at the same moment take different jobs and never wait.
    let lock = match tx.get_database_backend() {
        DbBackend::Postgres => "FOR UPDATE SKIP LOCKED",
        _ => "",
    };
    let rows = sql("UPDATE jobs SET lease_until = ?, attempts = attempts + 1 WHERE id IN (
            SELECT id FROM jobs WHERE done_at IS NULL AND due_at <= ? AND (lease_until IS NULL OR lease_until <= ?)
            ORDER BY due_at LIMIT ?")
    .bind(now.plus(LEASE))
    .bind(now)
    .bind(now)
    .bind(limit)
    .then(lock)
    .then(") RETURNING id, kind, organization_id, subject")
    .all(tx)
    .await?;
    let job = |row: &sea_orm::QueryResult| {
        Ok(Job {
            id: row.get("id")?,
            kind: row.word("kind", |name| Kind::ALL.into_iter().find(|kind| kind.name() == name))?,
            organization: row.id("organization_id")?,
            subject: row.get("subject")?,
        })
    };
    rows.iter().map(job).collect()
}

/// A job is done. Write it down in the transaction that does it.
///
/// # Errors
/// Those of the database.
pub async fn done(tx: &Tx, id: Uuid, now: Moment) -> Result<(), Error> {
    sql("UPDATE jobs SET done_at = ? WHERE id = ?").bind(now).bind(id).run(tx).await.map(drop)
}

/// When to look again: the next time a job falls due or a lease ends.
///
/// # Errors
/// Those of the database.
pub async fn next_due(db: &impl ConnectionTrait) -> Result<Option<Moment>, Error> {
    let next = "SELECT min(CASE WHEN lease_until > due_at THEN lease_until ELSE due_at END) AS next
        FROM jobs WHERE done_at IS NULL";
    sql(next).one(db).await?.maybe_moment("next")
}
