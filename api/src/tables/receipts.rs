//! Receipts: who has an announcement, and how far they have come with it.
//!
//! Rows are written as badges speak, by one monotone upsert; who is *targeted* and in which state they are is decided
//! when it is asked, by one common table expression that the questions here start from. Of a badge that said nothing
//! there is no row: it is `sent` while it is connected and `pending` while it is not.

mod group;
mod writing;

use std::{collections::HashMap, time::Duration};

use badgecast_domain::{
    announcement::{Audience, State as Standing},
    id::{AnnouncementId, BadgeId, GroupId, UserId},
    receipt::State,
    time::Moment,
};
use sea_orm::{ConnectionTrait, QueryResult};

pub use self::{
    group::of_group,
    writing::{Ack, store},
};
use super::{
    Error,
    announcements::Announcement,
    sql::{Columns as _, Sql, sql},
};

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
    tally_by(db, announcement, now, Moment::from_ms(i64::MAX)).await
}

/// The receipts as they stand at `now`, but times to shown only of those that had shown it by `deadline`: from when it was
/// said, began, or the badge joined. Equal ones are counted, not listed: after a broadcast they are few.
///
/// # Errors
/// Those of the database.
pub async fn tally_by(
    db: &impl ConnectionTrait,
    announcement: &Announcement,
    now: Moment,
    deadline: Moment,
) -> Result<Tally, Error> {
    let from = announcement.accepted_at.max(announcement.valid_from);
    let counted = targeted(announcement, now)
        .then(
            "SELECT said, floor, span, count(*) AS badges FROM (SELECT said, floor, CASE WHEN said = ? AND shown_at <= ?
                THEN shown_at - CASE WHEN since > ? THEN since ELSE ? END END AS span FROM targeted) AS t
            GROUP BY said, floor, span",
        )
        .bind(rank(State::Shown))
        .bind(deadline)
        .bind(from)
        .bind(from);
    let mut tally = Tally::default();
    for row in counted.all(db).await? {
        let badges = row.count("badges")?;
        *tally.of(stated(&row)?) += badges;
        tally.targeted += badges;
        if let Some(ms) = row.get::<Option<i64>>("span")? {
            let span = Duration::from_millis(u64::try_from(ms).unwrap_or(0));
            tally.spans.extend(std::iter::repeat_n(span, usize::try_from(badges).unwrap_or(usize::MAX)));
        }
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
    let mut query =
        targeted(announcement, now).then("SELECT badge_id, said, floor FROM targeted WHERE 1 = 1");
    if let Some(state) = only.map(rank) {
        query = query.then("AND floor <= ? AND (said = ? OR (floor = ? AND said < ?))");
        query = query.bind(state).bind(state).bind(state).bind(state);
    }
    if let Some(after) = after {
        query = query.then("AND badge_id > ?").bind(after);
    }
    complete(db, announcement, query, limit).await
}

/// What one badge said of these announcements.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfBadge {
    pub announcement: AnnouncementId,
    pub state: State,
    pub shown_at: Option<Moment>,
    pub reason: Option<String>,
}

/// What a badge said of each of these announcements, if it said anything.
///
/// # Errors
/// Those of the database.
pub async fn of_badge(
    db: &impl ConnectionTrait,
    badge: BadgeId,
    announcements: &[Announcement],
) -> Result<Vec<OfBadge>, Error> {
    let rows = sql("SELECT announcement_id, revision, state, shown_at, reason FROM receipts
        WHERE badge_id = ? AND announcement_id IN")
    .bind(badge)
    .list(announcements.iter().map(|announcement| announcement.id))
    .all(db)
    .await?;
    let mut receipts = Vec::with_capacity(rows.len());
    for row in rows {
        let id: AnnouncementId = row.id("announcement_id")?;
        let said = announcements.iter().find(|announcement| announcement.id == id);
        if said
            .is_some_and(|said| row.count("revision").is_ok_and(|revision| revision == said.said_revision()))
        {
            receipts.push(OfBadge {
                announcement: id,
                state: state(&row, "state")?,
                shown_at: row.maybe_moment("shown_at")?,
                reason: row.get("reason")?,
            });
        }
    }
    Ok(receipts)
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
        .then("SELECT badge_id, said, floor FROM targeted WHERE floor < ? AND said < ?")
        .bind(rank(State::Superseded))
        .bind(rank(State::Superseded));
    complete(db, announcement, query, limit).await
}

/// Those that keep people waiting first: refused, then what has not come further than it has, then those that are lit,
/// the slowest first. Only members of one group, if it is given.
///
/// # Errors
/// Those of the database.
pub async fn slowest(
    db: &impl ConnectionTrait,
    announcement: &Announcement,
    group: Option<GroupId>,
    limit: u64,
    now: Moment,
) -> Result<Vec<Receipt>, Error> {
    let within = |query: Sql| match group {
        Some(group) => group::within(query, group),
        None => query,
    };
    let dark = within(
        targeted(announcement, now)
            .then("SELECT badge_id, said, floor FROM targeted WHERE said < ?")
            .bind(rank(State::Shown)),
    );
    let rows = dark
        .then("ORDER BY CASE WHEN said = ? AND floor <= said THEN 0 ELSE 1 END,")
        .bind(rank(State::Refused))
        .then("CASE WHEN said < floor THEN floor ELSE said END, badge_id LIMIT ?")
        .bind(limit)
        .all(db)
        .await?;
    let states: Result<Vec<(BadgeId, State)>, Error> =
        rows.iter().map(|row| Ok((row.id("badge_id")?, stated(row)?))).collect();
    let mut states = states?;
    let room = limit.saturating_sub(states.len() as u64);
    if room == 0 {
        return known(db, announcement, &states).await;
    }
    let lit = within(
        sql("SELECT badge_id FROM receipts WHERE announcement_id = ? AND revision = ? AND state = ?")
            .bind(announcement.id)
            .bind(announcement.said_revision())
            .bind(rank(State::Shown)),
    );
    for row in lit.then("ORDER BY shown_at DESC, badge_id LIMIT ?").bind(room).all(db).await? {
        states.push((row.id("badge_id")?, State::Shown));
    }
    known(db, announcement, &states).await
}

/// Those of these badges that have lit it.
///
/// # Errors
/// Those of the database.
pub async fn lit_among(
    db: &impl ConnectionTrait,
    announcement: &Announcement,
    badges: &[BadgeId],
) -> Result<Vec<BadgeId>, Error> {
    if badges.is_empty() {
        return Ok(Vec::new());
    }
    let query = sql("SELECT badge_id FROM receipts WHERE announcement_id = ? AND revision = ? AND state >= ? AND badge_id IN")
        .bind(announcement.id)
        .bind(announcement.said_revision())
        .bind(rank(State::Written))
        .list(badges.iter().copied());
    query.all(db).await?.iter().map(|row| row.id("badge_id")).collect()
}

/// The first rows of a query on `targeted`, with what is known of their badges.
async fn complete(
    db: &impl ConnectionTrait,
    announcement: &Announcement,
    query: Sql,
    limit: u64,
) -> Result<Vec<Receipt>, Error> {
    let rows = query.then("ORDER BY badge_id LIMIT ?").bind(limit).all(db).await?;
    let states: Result<Vec<(BadgeId, State)>, Error> =
        rows.iter().map(|row| Ok((row.id("badge_id")?, stated(row)?))).collect();
    known(db, announcement, &states?).await
}

/// What is known of these badges and of what they said, in this order.
async fn known(
    db: &impl ConnectionTrait,
    announcement: &Announcement,
    states: &[(BadgeId, State)],
) -> Result<Vec<Receipt>, Error> {
    let badges = || states.iter().map(|(badge, _)| *badge);
    let mut heard = HashMap::new();
    let said = sql("SELECT badge_id, held_at, shown_at, reason FROM receipts
        WHERE announcement_id = ? AND revision = ? AND badge_id IN")
    .bind(announcement.id)
    .bind(announcement.said_revision())
    .list(badges());
    for row in said.all(db).await? {
        heard.insert(row.id::<BadgeId>("badge_id")?, row);
    }
    let mut named = HashMap::new();
    let names = sql("SELECT id, code, name, owner_id FROM badges WHERE id IN").list(badges());
    for row in names.all(db).await? {
        named.insert(row.id::<BadgeId>("id")?, row);
    }
    let mut receipts = Vec::with_capacity(states.len());
    for (badge, state) in states.iter().copied() {
        let Some(row) = named.get(&badge) else { continue };
        let heard = heard.get(&badge);
        receipts.push(Receipt {
            badge,
            code: row.get("code")?,
            name: row.get("name")?,
            owner: row.maybe_id("owner_id")?,
            state,
            held_at: heard.map(|row| row.maybe_moment("held_at")).transpose()?.flatten(),
            shown_at: heard.map(|row| row.maybe_moment("shown_at")).transpose()?.flatten(),
            reason: heard.map(|row| row.get("reason")).transpose()?.flatten(),
        });
    }
    Ok(receipts)
}

/// Starts a query on `targeted (badge_id, said, floor, shown_at, since)`: those that have a receipt, and the claimed badges
/// in service that are in the audience now and have none.
///
/// `said` is what the badge made known, and `floor` what was inferred meanwhile (expiry, withdrawal, having left), which
/// is weaker than light and stronger than everything else: the state is the stronger of the two, as [`State::after`] has
/// it. `since` is when the badge joined, which is known of those that spoke. Every look-up is by a whole key, so each plan
/// is linear, also in the minute after a burst, when PostgreSQL has no statistics: two sets joined at its choice took 20 s
/// over 10,000 receipts.
fn targeted(announcement: &Announcement, now: Moment) -> Sql {
    let floor = match Standing::at(&announcement.validity(), announcement.withdrawn_at, now) {
        Standing::Withdrawn => State::Superseded,
        Standing::Expired => State::Expired,
        Standing::Scheduled | Standing::Active => State::Pending,
    };
    let revision = announcement.said_revision();
    let heard = sql("WITH heard (badge_id, state, shown_at, claimed_at, serving, joined_at) AS (
            SELECT r.badge_id, r.state, r.shown_at,
                coalesce(b.claimed_at, (SELECT g.claimed_at FROM badges g WHERE g.id = r.badge_id)),
                CASE WHEN b.id IS NULL THEN 0 ELSE 1 END,");
    let heard = match announcement.audience {
        Audience::All => heard.then("0"),
        Audience::Some { .. } => ways(heard.then("(SELECT min(w.joined_at) FROM ("), announcement)
            .then(") w WHERE w.badge_id = r.badge_id)"),
    };
    let heard = heard
        .then("FROM receipts r LEFT JOIN badges b ON b.organization_id = r.organization_id AND b.id = r.badge_id AND")
        .then(SERVING)
        .then(
            "WHERE r.announcement_id = ? AND r.revision = ?
        ), members (badge_id) AS (",
        )
        .bind(announcement.id)
        .bind(revision);
    members(heard, announcement)
        .then(
            "), targeted (badge_id, said, floor, shown_at, since) AS (
                SELECT h.badge_id, h.state, CASE WHEN h.serving = 1 AND h.joined_at IS NOT NULL THEN ? ELSE ? END,
                    h.shown_at,
                    CASE WHEN h.joined_at > coalesce(h.claimed_at, 0) THEN h.joined_at ELSE h.claimed_at END
                FROM heard h
                UNION ALL
                SELECT m.badge_id, coalesce(
                    (SELECT ? FROM connections c JOIN nodes n ON n.id = c.node_id
                        WHERE c.badge_id = m.badge_id AND n.lease_until > ?),
                    ?), ?, NULL, NULL
                FROM members m
                WHERE (SELECT r.state FROM receipts r
                    WHERE r.announcement_id = ? AND r.badge_id = m.badge_id AND r.revision = ?) IS NULL
            )",
        )
        .bind(rank(floor))
        .bind(rank(floor.max(State::Superseded)))
        .bind(rank(State::Sent))
        .bind(now)
        .bind(rank(State::Pending))
        .bind(rank(floor))
        .bind(announcement.id)
        .bind(revision)
}

/// The condition for a badge `b` that can be in an audience.
const SERVING: &str = "b.kind = 'badge' AND b.claimed_at IS NOT NULL AND b.retired_at IS NULL";

/// The members of the audience now.
fn members(query: Sql, announcement: &Announcement) -> Sql {
    match announcement.audience {
        Audience::All => query
            .then("SELECT b.id FROM badges b WHERE b.organization_id = ? AND")
            .then(SERVING)
            .bind(announcement.organization),
        Audience::Some { .. } => ways(query.then("SELECT DISTINCT w.badge_id FROM ("), announcement)
            .then(") w WHERE EXISTS (SELECT 1 FROM badges b WHERE b.organization_id = ? AND b.id = w.badge_id AND")
            .then(SERVING)
            .then(")")
            .bind(announcement.organization),
    }
}

/// The ways into an audience that is not everyone, and since when each badge has gone it: `(badge_id, joined_at)`.
fn ways(query: Sql, announcement: &Announcement) -> Sql {
    query
        .then(
            "SELECT badge_id, 0 AS joined_at FROM announcement_badges WHERE announcement_id = ?
            UNION ALL
            SELECT g.badge_id, g.joined_at FROM announcement_groups a JOIN group_badges g ON g.group_id = a.group_id
            WHERE a.announcement_id = ?
            UNION ALL
            SELECT t.badge_id, t.joined_at FROM announcement_tags a
            JOIN badge_tags t ON t.organization_id = a.organization_id AND t.tag = a.tag
            WHERE a.announcement_id = ?",
        )
        .bind(announcement.id)
        .bind(announcement.id)
        .bind(announcement.id)
}

fn rank(state: State) -> i64 {
    state.rank().into()
}

fn state(row: &QueryResult, column: &str) -> Result<State, Error> {
    let rank: i64 = row.get(column)?;
    let known = i16::try_from(rank).ok().and_then(State::from_rank);
    known.ok_or_else(|| Error::Corrupt(format!("{column}: {rank}")))
}

/// The state of a row of `targeted`.
fn stated(row: &QueryResult) -> Result<State, Error> {
    Ok(state(row, "said")?.max(state(row, "floor")?))
}
