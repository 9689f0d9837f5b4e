//! Whom an audience means now, before anything is said to it.

use badgecast_domain::{
    announcement::Audience,
    display::Panel,
    id::{BadgeCode, BadgeId},
    time::Moment,
};
use sea_orm::ConnectionTrait;

use super::{
    Error,
    connections::ONLINE,
    sql::{Columns as _, Sql, sql},
};
use crate::auth::Scope;

/// The claimed badges in service of an audience, counted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Census {
    pub badges: u64,
    pub connected: u64,
    /// By panel, the most frequent first.
    pub panels: Vec<(Panel, u64)>,
}

/// # Errors
/// Those of the database.
pub async fn census(
    db: &impl ConnectionTrait,
    scope: &Scope,
    audience: &Audience,
    now: Moment,
) -> Result<Census, Error> {
    let query = sql(&format!(
        "SELECT b.panel, count(*) AS badges, sum(CASE WHEN {ONLINE} THEN 1 ELSE 0 END) AS connected FROM badges b
        WHERE b.organization_id = ? AND b.kind = 'badge' AND b.claimed_at IS NOT NULL AND b.retired_at IS NULL"
    ))
    .bind(now)
    .bind(scope.organization());
    let mut census = Census::default();
    for row in members(query, audience).then("GROUP BY b.panel").all(db).await? {
        let badges = row.count("badges")?;
        census.badges += badges;
        census.connected += row.count("connected")?;
        census.panels.push((row.word("panel", |name| name.parse().ok())?, badges));
    }
    census.panels.sort_by_key(|(panel, badges)| (std::cmp::Reverse(*badges), panel.index()));
    Ok(census)
}

fn members(query: Sql, audience: &Audience) -> Sql {
    let Audience::Some { groups, badges, tags } = audience else { return query };
    query
        .then("AND (b.id IN (SELECT g.badge_id FROM group_badges g WHERE g.group_id IN")
        .list(groups.iter().copied())
        .then(") OR b.id IN (SELECT t.badge_id FROM badge_tags t WHERE t.organization_id = b.organization_id AND t.tag IN")
        .list(tags.iter().map(String::as_str))
        .then(") OR b.id IN")
        .list(badges.iter().copied())
        .then(")")
}

/// Every tag there is, and how many claimed badges in service have it.
///
/// # Errors
/// Those of the database.
pub async fn tags(db: &impl ConnectionTrait, scope: &Scope) -> Result<Vec<(String, u64)>, Error> {
    let query = sql("SELECT t.tag, count(*) AS badges FROM badge_tags t JOIN badges b ON b.id = t.badge_id
        WHERE t.organization_id = ? AND b.claimed_at IS NOT NULL AND b.retired_at IS NULL
        GROUP BY t.tag ORDER BY t.tag LIMIT 100");
    let rows = query.bind(scope.organization()).all(db).await?;
    rows.iter().map(|row| Ok((row.get("tag")?, row.count("badges")?))).collect()
}

/// The badges in service that have these codes.
///
/// # Errors
/// Those of the database.
pub async fn by_code(
    db: &impl ConnectionTrait,
    scope: &Scope,
    codes: &[BadgeCode],
) -> Result<Vec<(BadgeCode, BadgeId)>, Error> {
    let query = sql("SELECT id, code FROM badges WHERE organization_id = ? AND kind = 'badge' AND retired_at IS NULL AND code IN")
        .bind(scope.organization())
        .list(codes.iter().map(BadgeCode::as_str));
    let read = |code: &str| BadgeCode::try_from(code.to_owned()).ok();
    query.all(db).await?.iter().map(|row| Ok((row.word("code", read)?, row.id("id")?))).collect()
}
