//! Receipts: who has an announcement, and how far they have come with it.
//!
//! Rows are written as badges speak, by one monotone upsert; who is *targeted* and in which state they are is decided
//! when it is asked, by one common table expression that every question here starts from. Of a badge that said nothing
//! there is no row: it is `sent` while it is connected and `pending` while it is not.

use std::{collections::BTreeMap, time::Duration};

use badgecast_domain::{
    announcement::{Audience, State as Standing},
    id::{AnnouncementId, BadgeId, OrganizationId, UserId},
    receipt::State,
    time::Moment,
    wire::Crc,
};
use sea_orm::{ConnectionTrait, QueryResult, Value};

use super::{
    Error, Tx,
    announcements::Announcement,
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

/// How many rows one statement writes: far below the 32,766 values SQLite takes.
const BATCH: usize = 500;

/// What is to be written of one receipt: everything said of it in one batch, put together.
#[derive(Debug, Clone)]
struct Row {
    organization: OrganizationId,
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
            organization: ack.organization,
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

/// Writes what badges said, and answers those that came a step further. A weaker or repeated word changes nothing; a word
/// about an announcement or a badge that is not the organization's is dropped.
///
/// # Errors
/// Those of the database; then nothing is written.
pub async fn store(tx: &Tx, acks: &[Ack]) -> Result<Vec<(AnnouncementId, BadgeId, State)>, Error> {
    // Sorted by key, so two writers take the same rows in the same order and neither waits for the other in a circle.
    let mut rows: BTreeMap<(AnnouncementId, BadgeId, u64), Row> = BTreeMap::new();
    for ack in acks {
        let key = (ack.announcement, ack.badge, ack.revision);
        let row = Row::of(ack);
        rows.entry(key).and_modify(|known| known.and(row.clone())).or_insert(row);
    }
    let rows: Vec<_> = rows.into_iter().collect();
    let mut advanced = Vec::new();
    for batch in rows.chunks(BATCH) {
        let values = batch.iter().map(|((announcement, badge, revision), row)| -> [Value; 10] {
            [
                announcement.value(),
                badge.value(),
                revision.value(),
                row.organization.value(),
                i64::from(row.state.rank()).value(),
                row.held_at.value(),
                row.shown_at.value(),
                row.crc.map(|crc| crc.0).value(),
                row.reason.as_deref().value(),
                row.at.value(),
            ]
        });
        let written = sql("WITH said (announcement_id, badge_id, revision, organization_id, state, held_at, shown_at, crc,
                reason, updated_at) AS (VALUES")
            .tuples(values)
            .then(
                ") INSERT INTO receipts (announcement_id, badge_id, revision, organization_id, state, held_at, shown_at,
                crc, reason, updated_at)
            SELECT s.announcement_id, s.badge_id, s.revision, s.organization_id, s.state, s.held_at, s.shown_at, s.crc,
                s.reason, s.updated_at
            FROM said s
            JOIN announcements a ON a.id = s.announcement_id AND a.organization_id = s.organization_id
            JOIN badges b ON b.id = s.badge_id AND b.organization_id = s.organization_id
            WHERE s.revision <= a.revision
            ORDER BY s.announcement_id, s.badge_id, s.revision
            ON CONFLICT (announcement_id, badge_id, revision) DO UPDATE SET
                state = excluded.state,
                held_at = coalesce(receipts.held_at, excluded.held_at),
                shown_at = coalesce(receipts.shown_at, excluded.shown_at),
                crc = coalesce(excluded.crc, receipts.crc),
                reason = excluded.reason,
                updated_at = excluded.updated_at
            WHERE excluded.state > receipts.state
                OR (excluded.state = receipts.state AND excluded.reason IS NOT NULL AND receipts.reason IS NULL)
            RETURNING announcement_id, badge_id, state",
            )
            .all(tx)
            .await?;
        for row in written {
            advanced.push((row.id("announcement_id")?, row.id("badge_id")?, state(&row)?));
        }
    }
    Ok(advanced)
}

fn state(row: &QueryResult) -> Result<State, Error> {
    let rank: i64 = row.get("state")?;
    let known = i16::try_from(rank).ok().and_then(State::from_rank);
    known.ok_or_else(|| Error::Corrupt(format!("state: {rank}")))
}

/// The receipts of one announcement, counted. Every targeted badge is in exactly one state.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    pub targeted: u64,
    pub pending: u64,
    pub sent: u64,
    pub held: u64,
    pub written: u64,
    pub shown: u64,
    pub refused: u64,
    pub expired: u64,
    pub superseded: u64,
    /// The times to shown of those that have shown it, in no order.
    pub spans: Vec<Duration>,
}

impl Tally {
    const fn of(&mut self, state: State) -> &mut u64 {
        match state {
            State::Pending => &mut self.pending,
            State::Sent => &mut self.sent,
            State::Held => &mut self.held,
            State::Refused => &mut self.refused,
            State::Expired => &mut self.expired,
            State::Superseded => &mut self.superseded,
            State::Written => &mut self.written,
            State::Shown => &mut self.shown,
        }
    }
}

/// The receipts as they stand at `now`.
///
/// # Errors
/// Those of the database.
pub async fn tally(
    db: &impl ConnectionTrait,
    announcement: &Announcement,
    now: Moment,
) -> Result<Tally, Error> {
    tally_until(db, announcement, now, Moment::from_ms(i64::MAX)).await
}

/// The receipts as they stand, but times to shown only of those that had shown it by `deadline`.
///
/// # Errors
/// Those of the database.
pub async fn tally_by(
    db: &impl ConnectionTrait,
    announcement: &Announcement,
    deadline: Moment,
) -> Result<Tally, Error> {
    tally_until(db, announcement, deadline, deadline).await
}

async fn tally_until(
    db: &impl ConnectionTrait,
    announcement: &Announcement,
    now: Moment,
    deadline: Moment,
) -> Result<Tally, Error> {
    let mut tally = Tally::default();
    let states =
        targeted(announcement, now).then("SELECT state, count(*) AS badges FROM targeted GROUP BY state");
    for row in states.all(db).await? {
        let badges = row.count("badges")?;
        *tally.of(state(&row)?) += badges;
        tally.targeted += badges;
    }
    let shown = targeted(announcement, now)
        .then("SELECT shown_at, since FROM targeted WHERE state = ? AND shown_at <= ?")
        .bind(i64::from(State::Shown.rank()))
        .bind(deadline);
    let from = announcement.accepted_at.max(announcement.valid_from);
    for row in shown.all(db).await? {
        tally.spans.push(row.moment("shown_at")?.since(from.max(row.moment("since")?)));
    }
    Ok(tally)
}

/// One badge's receipt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    pub badge: BadgeId,
    pub code: String,
    pub name: String,
    pub owner: Option<UserId>,
    pub state: State,
    pub held_at: Option<Moment>,
    pub shown_at: Option<Moment>,
    pub reason: Option<String>,
}

const RECEIPT: &str =
    "SELECT t.badge_id, t.state, t.held_at, t.shown_at, t.reason, b.code, b.name, b.owner_id
    FROM targeted t JOIN badges b ON b.id = t.badge_id WHERE";

fn receipt(row: &QueryResult) -> Result<Receipt, Error> {
    Ok(Receipt {
        badge: row.id("badge_id")?,
        code: row.get("code")?,
        name: row.get("name")?,
        owner: row.maybe_id("owner_id")?,
        state: state(row)?,
        held_at: row.maybe_moment("held_at")?,
        shown_at: row.maybe_moment("shown_at")?,
        reason: row.get("reason")?,
    })
}

/// Receipts by badge, only those in one state if it is given.
///
/// # Errors
/// Those of the database.
pub async fn page(
    db: &impl ConnectionTrait,
    announcement: &Announcement,
    only: Option<State>,
    after: Option<BadgeId>,
    limit: u64,
    now: Moment,
) -> Result<Vec<Receipt>, Error> {
    let mut query = targeted(announcement, now).then(RECEIPT).then("1 = 1");
    if let Some(state) = only {
        query = query.then("AND t.state = ?").bind(i64::from(state.rank()));
    }
    if let Some(after) = after {
        query = query.then("AND t.badge_id > ?").bind(after);
    }
    query.then("ORDER BY t.badge_id LIMIT ?").bind(limit).all(db).await?.iter().map(receipt).collect()
}

/// Those that have not lit it, by badge: what a person has to look after.
///
/// # Errors
/// Those of the database.
pub async fn laggards(
    db: &impl ConnectionTrait,
    announcement: &Announcement,
    now: Moment,
    limit: u64,
) -> Result<Vec<Receipt>, Error> {
    let query = targeted(announcement, now)
        .then(RECEIPT)
        .then("t.state NOT IN")
        .list([State::Superseded, State::Written, State::Shown].map(|state| i64::from(state.rank())))
        .then("ORDER BY t.badge_id LIMIT ?")
        .bind(limit);
    query.all(db).await?.iter().map(receipt).collect()
}

/// Starts a query on `targeted (badge_id, state, since, held_at, shown_at, reason)`: the claimed badges in service that
/// are in the audience now, and those that have a receipt. `since` is when a badge joined the audience.
///
/// What was inferred (expiry, withdrawal, having left) is weaker than light and stronger than everything else, as
/// [`State::after`] has it; here it is a floor under what the badge said.
fn targeted(announcement: &Announcement, now: Moment) -> Sql {
    let floor = match Standing::at(&announcement.validity(), announcement.withdrawn_at, now) {
        Standing::Withdrawn => State::Superseded,
        Standing::Expired => State::Expired,
        Standing::Scheduled | Standing::Active => State::Pending,
    };
    let rank = |state: State| i64::from(state.rank());
    let revision = announcement.said_revision();
    members(sql("WITH members (badge_id, since) AS ("), announcement)
        .then(
            "), heard AS (
                SELECT badge_id, state, held_at, shown_at, reason FROM receipts WHERE announcement_id = ? AND revision = ?
            ), stated (badge_id, said, floor, since, held_at, shown_at, reason) AS (
                SELECT m.badge_id, coalesce(h.state, CASE WHEN c.badge_id IS NULL THEN ? ELSE ? END), ?, m.since,
                    h.held_at, h.shown_at, h.reason
                FROM members m
                LEFT JOIN heard h ON h.badge_id = m.badge_id
                LEFT JOIN (SELECT connections.badge_id FROM connections
                    JOIN nodes ON nodes.id = connections.node_id WHERE nodes.lease_until > ?) c
                    ON c.badge_id = m.badge_id
                UNION ALL
                SELECT badge_id, state, ?, ?, held_at, shown_at, reason FROM heard
                WHERE badge_id NOT IN (SELECT badge_id FROM members)
            ), targeted AS (
                SELECT badge_id, CASE WHEN said < floor THEN floor ELSE said END AS state, since, held_at, shown_at, reason
                FROM stated
            )",
        )
        .bind(announcement.id)
        .bind(revision)
        .bind(rank(State::Pending))
        .bind(rank(State::Sent))
        .bind(rank(floor))
        .bind(now)
        .bind(rank(floor.max(State::Superseded)))
        .bind(0_i64)
}

/// The members of the audience now, and since when: of several ways in, the earliest counts, but never before the badge
/// was claimed.
fn members(query: Sql, announcement: &Announcement) -> Sql {
    let serving =
        "b.organization_id = ? AND b.kind = 'badge' AND b.claimed_at IS NOT NULL AND b.retired_at IS NULL";
    let Audience::Some { .. } = announcement.audience else {
        return query
            .then(&format!("SELECT b.id, b.claimed_at FROM badges b WHERE {serving}"))
            .bind(announcement.organization);
    };
    query
        .then(&format!(
            "SELECT b.id, CASE WHEN min(ways.joined_at) < b.claimed_at THEN b.claimed_at ELSE min(ways.joined_at) END
            FROM badges b JOIN (
                SELECT badge_id, 0 AS joined_at FROM announcement_badges WHERE announcement_id = ?
                UNION ALL
                SELECT g.badge_id, g.joined_at FROM announcement_groups a JOIN group_badges g ON g.group_id = a.group_id
                WHERE a.announcement_id = ?
                UNION ALL
                SELECT t.badge_id, t.joined_at FROM announcement_tags a
                JOIN badge_tags t ON t.organization_id = a.organization_id AND t.tag = a.tag
                WHERE a.announcement_id = ?
            ) ways ON ways.badge_id = b.id
            WHERE {serving} GROUP BY b.id, b.claimed_at"
        ))
        .bind(announcement.id)
        .bind(announcement.id)
        .bind(announcement.id)
        .bind(announcement.organization)
}
