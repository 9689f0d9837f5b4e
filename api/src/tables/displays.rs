//! Own displays: what a badge says when nobody else speaks, and how far the badge has come with it.

use badgecast_domain::{
    display::{Document, Finding, Panel, pictures},
    id::{BadgeId, OrganizationId},
    receipt,
    time::Moment,
    wire::Crc,
};
use sea_orm::{ConnectionTrait, QueryResult};

use super::{
    Error, Tx, audit, badges, changes, display_history,
    sql::{Columns as _, document, later, sql, to_json},
};
use crate::auth::Scope;

/// A display with its revision.
#[derive(Debug, Clone)]
pub struct Display {
    pub revision: u64,
    pub document: Document,
    pub findings: Vec<Finding>,
    pub updated_at: Moment,
    pub held_at: Option<Moment>,
    pub shown_at: Option<Moment>,
    /// How far the badge has come with this very revision.
    pub state: receipt::State,
    /// What the badge said beside it, when it refused, say.
    pub reason: Option<String>,
}

/// A display to put.
#[derive(Debug, Clone)]
pub struct New {
    pub document: Document,
    pub findings: Vec<Finding>,
    /// The server's render on the badge's panel.
    pub crc: Crc,
}

impl New {
    /// A document for a panel, and what the gate found in it.
    #[must_use]
    pub fn of(document: Document, findings: Vec<Finding>, panel: Panel) -> Self {
        let (_, crc) = pictures(&document, panel);
        Self { document, findings, crc }
    }
}

fn display(row: &QueryResult) -> Result<Display, Error> {
    let revision: i64 = row.get("revision")?;
    let reached =
        |column: &str| -> Result<bool, Error> { Ok(row.get::<Option<i64>>(column)? == Some(revision)) };
    let steps = [
        ("shown_revision", receipt::State::Shown),
        ("written_revision", receipt::State::Written),
        ("refused_revision", receipt::State::Refused),
        ("held_revision", receipt::State::Held),
    ];
    let mut state = receipt::State::Pending;
    for (column, step) in steps {
        if reached(column)? {
            state = state.max(step);
        }
    }
    let when = |column: &str, at: &str| if reached(column)? { row.maybe_moment(at) } else { Ok(None) };
    Ok(Display {
        revision: row.count("revision")?,
        document: document(row)?,
        findings: row.json("findings")?,
        updated_at: row.moment("updated_at")?,
        held_at: when("held_revision", "held_at")?,
        shown_at: when("shown_revision", "shown_at")?,
        state,
        reason: row.get("reason")?,
    })
}

/// The display of a badge; `None` when it was never set.
///
/// # Errors
/// There is no such badge within reach.
pub async fn find(
    db: &impl ConnectionTrait,
    scope: &Scope,
    badge: BadgeId,
) -> Result<Option<Display>, Error> {
    badges::panel(db, scope, badge).await?;
    let query = sql("SELECT * FROM displays WHERE organization_id = ? AND badge_id = ?");
    let row = query.bind(scope.organization()).bind(badge).maybe(db).await?;
    row.as_ref().map(display).transpose()
}

/// Gives a badge a new display, one revision on.
///
/// # Errors
/// There is no such badge within reach.
pub async fn put(tx: &Tx, scope: &Scope, badge: BadgeId, new: &New, now: Moment) -> Result<Display, Error> {
    let current = find(tx, scope, badge).await?;
    let updated_at = current.map_or(now, |current| later(current.updated_at, now));
    sql("INSERT INTO displays (badge_id, organization_id, revision, document, findings, crc, updated_at, updated_by)
        VALUES (?, ?, 1, ?, ?, ?, ?, ?)
        ON CONFLICT (badge_id) DO UPDATE SET revision = displays.revision + 1, document = excluded.document,
            findings = excluded.findings, crc = excluded.crc, updated_at = excluded.updated_at,
            updated_by = excluded.updated_by, reason = NULL")
    .bind(badge)
    .bind(scope.organization())
    .bind(to_json(&new.document.form())?)
    .bind(to_json(&new.findings)?)
    .bind(new.crc.0)
    .bind(updated_at)
    .bind(scope.actor().uuid())
    .run(tx)
    .await?;
    let put = find(tx, scope, badge).await?.ok_or(Error::NotFound)?;
    display_history::note(tx, scope, badge, (put.revision, &put.document), updated_at).await?;
    audit::append(tx, scope, "display.put", Some(("badge", badge.uuid())), None, now).await?;
    changes::append(tx, scope.organization(), changes::Kind::Display, badge.uuid(), put.revision, now)
        .await?;
    Ok(put)
}

/// What a badge said of one revision of its own layer.
#[derive(Debug, Clone)]
pub struct Ack {
    pub organization: OrganizationId,
    pub badge: BadgeId,
    pub revision: u64,
    pub state: receipt::State,
    pub crc: Option<Crc>,
    pub reason: Option<String>,
    pub at: Moment,
}

/// Stores what badges said. A word about an older revision than the one known never takes the newer back; a word about
/// a revision that was never given is ignored.
///
/// # Errors
/// Those of the database.
pub async fn store(tx: &Tx, acks: &[Ack]) -> Result<(), Error> {
    // By badge, and of each in the order it spoke: writers take rows in the same order.
    let mut acks: Vec<&Ack> = acks.iter().collect();
    acks.sort_by_key(|ack| ack.badge);
    for ack in acks {
        let (revision, at) = match ack.state {
            receipt::State::Held => ("held_revision", Some("held_at")),
            receipt::State::Shown => ("shown_revision", Some("shown_at")),
            receipt::State::Written => ("written_revision", Some("written_at")),
            receipt::State::Refused => ("refused_revision", None),
            _ => continue,
        };
        let mut update = sql(&format!("UPDATE displays SET {revision} = ?")).bind(ack.revision);
        if let Some(at) = at {
            update = update.then(&format!(", {at} = ?")).bind(ack.at);
        }
        update
            .then(", reported_crc = coalesce(?, reported_crc), reason = ?")
            .bind(ack.crc.map(|crc| crc.0))
            .bind(ack.reason.as_deref())
            .then("WHERE organization_id = ? AND badge_id = ? AND revision >= ?")
            .bind(ack.organization)
            .bind(ack.badge)
            .bind(ack.revision)
            .then(&format!("AND ({revision} IS NULL OR {revision} < ?)"))
            .bind(ack.revision)
            .run(tx)
            .await?;
    }
    Ok(())
}
