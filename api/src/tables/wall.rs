//! The wall: how a fleet stands, and which badges to look at first, whatever its size.

use badgecast_domain::{
    id::{AnnouncementId, BadgeId, GroupId},
    receipt::State,
    time::Moment,
};
use sea_orm::ConnectionTrait;

use super::{
    Error,
    badges::within,
    connections::ONLINE,
    sql::{Columns as _, Sql, sql},
};
use crate::auth::Scope;

/// Claimed badges in service, counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Count {
    pub badges: u64,
    pub connected: u64,
}

fn of_group(query: Sql, group: Option<GroupId>) -> Sql {
    let query = query.then("AND b.claimed_at IS NOT NULL");
    match group {
        Some(group) => {
            query.then("AND b.id IN (SELECT g.badge_id FROM group_badges g WHERE g.group_id = ?)").bind(group)
        }
        None => query,
    }
}

/// # Errors
/// Those of the database.
pub async fn count(
    db: &impl ConnectionTrait,
    scope: &Scope,
    group: Option<GroupId>,
    now: Moment,
) -> Result<Count, Error> {
    let query = sql(&format!(
        "SELECT count(*) AS badges, coalesce(sum(CASE WHEN {ONLINE} THEN 1 ELSE 0 END), 0) AS connected
        FROM badges b WHERE"
    ))
    .bind(now);
    let row = of_group(within(scope, query), group).one(db).await?;
    Ok(Count { badges: row.count("badges")?, connected: row.count("connected")? })
}

/// How many of these badges are connected.
///
/// # Errors
/// Those of the database.
pub async fn connected_among(
    db: &impl ConnectionTrait,
    scope: &Scope,
    group: Option<GroupId>,
    badges: &[BadgeId],
    now: Moment,
) -> Result<u64, Error> {
    if badges.is_empty() {
        return Ok(0);
    }
    let query = of_group(within(scope, sql("SELECT count(*) AS badges FROM badges b WHERE")), group);
    let query = query.then(&format!("AND {ONLINE} AND b.id IN")).bind(now).list_of_many(badges);
    query.one(db).await?.count("badges")
}

/// Badges in the order in which they want to be looked at: those given, then those that are off (the latest seen
/// first), then the others by name.
///
/// # Errors
/// Those of the database.
pub async fn first(
    db: &impl ConnectionTrait,
    scope: &Scope,
    group: Option<GroupId>,
    troubled: &[BadgeId],
    limit: u64,
    now: Moment,
) -> Result<Vec<BadgeId>, Error> {
    let named = of_group(within(scope, sql("SELECT b.id FROM badges b WHERE")), group);
    let named = named.then("AND b.id IN").list_of_many(troubled).then("ORDER BY b.id LIMIT ?");
    let mut found: Vec<BadgeId> = ids(named.bind(limit), db).await?;
    for (not, order) in [("AND NOT", "b.last_seen_at DESC"), ("AND", "b.folded")] {
        let room = limit.saturating_sub(found.len() as u64);
        if room == 0 {
            break;
        }
        let others = of_group(within(scope, sql("SELECT b.id FROM badges b WHERE")), group);
        let mut others = others.then(&format!("{not} {ONLINE}")).bind(now);
        if !troubled.is_empty() {
            others = others.then("AND b.id NOT IN").list_of_many(troubled);
        }
        let more = others.then(&format!("ORDER BY {order}, b.id LIMIT ?")).bind(room);
        found.extend(ids(more, db).await?);
    }
    Ok(found)
}

async fn ids(query: Sql, db: &impl ConnectionTrait) -> Result<Vec<BadgeId>, Error> {
    query.all(db).await?.iter().map(|row| row.id("id")).collect()
}

/// Badges that refused one of these announcements, and have nothing better to say of it.
///
/// # Errors
/// Those of the database.
pub async fn refusing(
    db: &impl ConnectionTrait,
    scope: &Scope,
    announcements: &[AnnouncementId],
    limit: u64,
) -> Result<Vec<BadgeId>, Error> {
    let query =
        sql("SELECT DISTINCT r.badge_id AS id FROM receipts r WHERE r.organization_id = ? AND r.state = ?
        AND r.announcement_id IN")
        .bind(scope.organization())
        .bind(i64::from(State::Refused.rank()))
        .list(announcements.iter().copied())
        .then("ORDER BY r.badge_id LIMIT ?")
        .bind(limit);
    ids(query, db).await
}
