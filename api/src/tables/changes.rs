//! What happened, in order: one row for every committed change that badges, caches or watchers must hear of.
//!
//! On PostgreSQL a sequence number is taken before its transaction commits, so reading `seq > last` would miss rows
//! that commit late. There the order is `(xid, seq)`, and only rows whose transaction is older than every running one
//! are read.

use std::str::FromStr;

use badgecast_domain::{id::OrganizationId, time::Moment, wire::Order};
use sea_orm::{ConnectionTrait, DbBackend};
use uuid::Uuid;

use super::{
    Error, Tx,
    sql::{Columns as _, sql},
};
use crate::auth::watch;

/// What kind of change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A badge's own display has a new revision. Subject: the badge.
    Display,
    /// An announcement was made or withdrawn. Subject: the announcement.
    Announcement,
    /// A badge's groups, tags or panel changed. Subject: the badge.
    Member,
    /// A badge was registered, claimed, renamed or given an owner. Subject: the badge.
    Badge,
    /// A gateway was registered, claimed, renamed or retired, or other badges hang on it. Subject: the gateway.
    Gateway,
    /// A badge is out of service. Subject: the badge.
    Retired,
    /// A person was added or changed. Subject: the user.
    User,
    /// What holds for the whole organization was changed. Subject: the organization.
    Organization,
    /// A client was added or changed. Subject: the client.
    Client,
    /// Tokens were revoked. Subject: whose.
    Revocation,
    /// A badge is to do something now. Subject: the badge.
    Command(Order),
    /// Something looks like theft. Subject: about whom, or the organization; revision: the entry of the audit trail.
    Security(watch::Kind),
}

impl Kind {
    const fn name(self) -> &'static str {
        match self {
            Self::Display => "display",
            Self::Announcement => "announcement",
            Self::Member => "member",
            Self::Badge => "badge",
            Self::Gateway => "gateway",
            Self::Retired => "retired",
            Self::User => "user",
            Self::Organization => "organization",
            Self::Client => "client",
            Self::Revocation => "revocation",
            Self::Command(_) => "command",
            Self::Security(_) => "security",
        }
    }

    fn read(name: &str, detail: Option<&str>) -> Option<Self> {
        Some(match name {
            "display" => Self::Display,
            "announcement" => Self::Announcement,
            "member" => Self::Member,
            "badge" => Self::Badge,
            "gateway" => Self::Gateway,
            "retired" => Self::Retired,
            "user" => Self::User,
            "organization" => Self::Organization,
            "client" => Self::Client,
            "revocation" => Self::Revocation,
            "command" => Self::Command(Order::from_name(detail?)?),
            "security" => Self::Security(watch::Kind::of(detail?)?),
            _ => return None,
        })
    }
}

/// A place in the order of changes; a page of the event stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Cursor {
    xid: i64,
    seq: i64,
}

impl std::fmt::Display for Cursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.xid == 0 { write!(f, "{}", self.seq) } else { write!(f, "{}-{}", self.xid, self.seq) }
    }
}

/// The text is no cursor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a cursor of this stream")]
pub struct NotACursor;

impl FromStr for Cursor {
    type Err = NotACursor;

    fn from_str(text: &str) -> Result<Self, NotACursor> {
        let (xid, seq) = text.split_once('-').unwrap_or(("0", text));
        let number = |text: &str| text.parse().ok().filter(|number: &i64| *number >= 0).ok_or(NotACursor);
        Ok(Self { xid: number(xid)?, seq: number(seq)? })
    }
}

/// One change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Change {
    pub cursor: Cursor,
    pub organization: OrganizationId,
    pub kind: Kind,
    pub subject: Uuid,
    pub revision: u64,
}

/// Writes down a change, in the transaction that makes it.
///
/// # Errors
/// Those of the database.
pub async fn append(
    tx: &Tx,
    organization: OrganizationId,
    kind: Kind,
    subject: Uuid,
    revision: u64,
    now: Moment,
) -> Result<(), Error> {
    let detail = match kind {
        Kind::Command(order) => Some(order.name()),
        Kind::Security(what) => Some(what.name()),
        _ => None,
    };
    sql("INSERT INTO changes (organization_id, kind, subject, revision, detail, at) VALUES (?, ?, ?, ?, ?, ?)")
        .bind(organization)
        .bind(kind.name())
        .bind(subject)
        .bind(revision)
        .bind(detail)
        .bind(now)
        .run(tx)
        .await?;
    Ok(())
}

/// Changes after a place, in order.
///
/// # Errors
/// Those of the database.
pub async fn after(db: &impl ConnectionTrait, cursor: Cursor, limit: u64) -> Result<Vec<Change>, Error> {
    let query = sql("SELECT seq, xid, organization_id, kind, subject, revision, detail FROM changes
        WHERE (xid > ? OR (xid = ? AND seq > ?))")
    .bind(cursor.xid)
    .bind(cursor.xid)
    .bind(cursor.seq);
    let rows = query.then(settled(db)).then("ORDER BY xid, seq LIMIT ?").bind(limit).all(db).await?;
    let mut changes = Vec::with_capacity(rows.len());
    for row in rows {
        let detail: Option<String> = row.get("detail")?;
        changes.push(Change {
            cursor: Cursor { xid: row.get("xid")?, seq: row.get("seq")? },
            organization: row.id("organization_id")?,
            kind: row.word("kind", |name| Kind::read(name, detail.as_deref()))?,
            subject: row.get("subject")?,
            revision: row.count("revision")?,
        });
    }
    Ok(changes)
}

/// The place after the last change.
///
/// # Errors
/// Those of the database.
pub async fn end(db: &impl ConnectionTrait) -> Result<Cursor, Error> {
    let query = sql("SELECT xid, seq FROM changes WHERE 1 = 1");
    let row = query.then(settled(db)).then("ORDER BY xid DESC, seq DESC LIMIT 1").maybe(db).await?;
    row.map_or(Ok(Cursor::default()), |row| Ok(Cursor { xid: row.get("xid")?, seq: row.get("seq")? }))
}

/// The condition for rows that no running transaction can come before.
fn settled(db: &impl ConnectionTrait) -> &'static str {
    match db.get_database_backend() {
        DbBackend::Postgres => "AND xid < pg_snapshot_xmin(pg_current_snapshot())::text::bigint",
        _ => "",
    }
}

/// Forgets changes that every node and watcher has long seen.
///
/// # Errors
/// Those of the database.
pub async fn forget(tx: &Tx, before: Moment) -> Result<u64, Error> {
    sql("DELETE FROM changes WHERE at < ?").bind(before).run(tx).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_said_and_read() {
        for text in ["0", "17", "730-17"] {
            assert_eq!(text.parse::<Cursor>().unwrap().to_string(), text);
        }
        for text in ["", "-1", "a", "1-", "1-2-3"] {
            assert_eq!(text.parse::<Cursor>(), Err(NotACursor), "{text}");
        }
    }
}
