//! What badges say, written down: one monotone upsert, in whichever order it is said.

use std::collections::BTreeMap;

use badgecast_domain::{
    id::{AnnouncementId, BadgeId, OrganizationId},
    receipt::State,
    time::Moment,
    wire::Crc,
};
use sea_orm::Value;
use uuid::Uuid;

use super::{rank, state};
use crate::tables::{
    Error, Tx,
    sql::{Bind as _, Columns as _, Sql, sql},
};

/// What a badge said of one revision of an announcement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ack {
    pub announcement: AnnouncementId,
    pub badge: BadgeId,
    pub organization: OrganizationId,
    pub revision: u64,
    pub state: State,
    pub crc: Option<Crc>,
    /// At most 200 characters are kept.
    pub reason: Option<String>,
    /// When the server heard it.
    pub at: Moment,
}

/// How many rows one statement writes: the most is far below the 32,766 values SQLite takes. There are few sizes, filled up
/// with rows of nothing, so that a statement is parsed once and not for every number of badges that speak at a time.
const BATCHES: [usize; 3] = [500, 50, 5];
const BATCH: usize = BATCHES[0];

/// What is to be written of one receipt: everything said of it in one batch, put together.
#[derive(Debug, Clone)]
struct Row {
    state: State,
    held_at: Option<Moment>,
    shown_at: Option<Moment>,
    crc: Option<Crc>,
    reason: Option<String>,
    at: Moment,
}

impl Row {
    fn of(ack: &Ack) -> Self {
        Self {
            state: ack.state,
            held_at: (ack.state == State::Held).then_some(ack.at),
            shown_at: (ack.state == State::Shown).then_some(ack.at),
            crc: ack.crc,
            reason: ack.reason.as_ref().map(|reason| reason.chars().take(200).collect()),
            at: ack.at,
        }
    }

    /// The stronger statement stands; each moment is the first.
    fn and(&mut self, other: Self) {
        let first = |one: Option<Moment>, other: Option<Moment>| one.into_iter().chain(other).min();
        self.held_at = first(self.held_at, other.held_at);
        self.shown_at = first(self.shown_at, other.shown_at);
        if other.state > self.state || (other.state == self.state && other.reason.is_some()) {
            (self.state, self.crc, self.reason, self.at) = (other.state, other.crc, other.reason, other.at);
        }
    }
}

/// The receipts of one announcement that something was said of: by badge and revision.
type Rows = BTreeMap<(BadgeId, u64), Row>;

/// Writes what badges said, and answers those that came a step further. A weaker or repeated word changes nothing; a word
/// about an announcement or a badge that is not the organization's is dropped.
///
/// # Errors
/// Those of the database; then nothing is written.
pub async fn store(tx: &Tx, acks: &[Ack]) -> Result<Vec<(AnnouncementId, BadgeId, State)>, Error> {
    // Sorted by key, so two writers take the same rows in the same order and neither waits for the other in a circle.
    let mut said: BTreeMap<(AnnouncementId, OrganizationId), Rows> = BTreeMap::new();
    for ack in acks {
        let rows = said.entry((ack.announcement, ack.organization)).or_default();
        let row = Row::of(ack);
        rows.entry((ack.badge, ack.revision)).and_modify(|known| known.and(row.clone())).or_insert(row);
    }
    let mut advanced = Vec::new();
    for ((announcement, organization), rows) in said {
        let rows: Vec<_> = rows.into_iter().collect();
        for batch in rows.chunks(BATCH) {
            for row in write(announcement, organization, batch).all(tx).await? {
                advanced.push((announcement, row.id("badge_id")?, state(&row, "state")?));
            }
        }
    }
    Ok(advanced)
}

fn write(announcement: AnnouncementId, organization: OrganizationId, rows: &[((BadgeId, u64), Row)]) -> Sql {
    let size = BATCHES.into_iter().rev().find(|size| *size >= rows.len()).unwrap_or(BATCH);
    let values = rows.iter().map(|((badge, revision), row)| -> [Value; 8] {
        [
            badge.value(),
            revision.value(),
            rank(row.state).value(),
            row.held_at.value(),
            row.shown_at.value(),
            row.crc.map(|crc| crc.0).value(),
            row.reason.as_deref().value(),
            row.at.value(),
        ]
    });
    sql("WITH said (badge_id, revision, state, held_at, shown_at, crc, reason, updated_at) AS (VALUES")
        .tuples(values.chain(std::iter::repeat_with(nothing)).take(size))
        .then(
            ") INSERT INTO receipts (announcement_id, badge_id, revision, organization_id, state, held_at, shown_at, crc,
                reason, updated_at)
            SELECT a.id, s.badge_id, s.revision, a.organization_id, s.state, s.held_at, s.shown_at, s.crc, s.reason,
                s.updated_at
            FROM said s
            JOIN announcements a ON a.id = ? AND a.organization_id = ?
            JOIN badges b ON b.organization_id = a.organization_id AND b.id = s.badge_id
            WHERE s.revision <= a.revision
            ORDER BY s.badge_id, s.revision
            ON CONFLICT (announcement_id, badge_id, revision) DO UPDATE SET
                state = excluded.state,
                held_at = coalesce(receipts.held_at, excluded.held_at),
                shown_at = coalesce(receipts.shown_at, excluded.shown_at),
                crc = coalesce(excluded.crc, receipts.crc),
                reason = excluded.reason,
                updated_at = excluded.updated_at
            WHERE excluded.state > receipts.state
                OR (excluded.state = receipts.state AND excluded.reason IS NOT NULL AND receipts.reason IS NULL)
            RETURNING badge_id, state",
        )
        .bind(announcement)
        .bind(organization)
}

/// A row that joins no badge.
fn nothing() -> [Value; 8] {
    let number = || None::<i64>.value();
    [None::<Uuid>.value(), number(), number(), number(), number(), number(), None::<&str>.value(), number()]
}
