//! Groups: named sets of badges.

use badgecast_domain::{
    id::{BadgeId, GroupId},
    time::Moment,
};
use sea_orm::{ConnectionTrait, QueryResult};

use super::{
    Error, Tx, audit, changes,
    sql::{Columns as _, later, sql},
};
use crate::auth::Scope;

/// A named set of badges.
#[derive(Debug, Clone)]
pub struct Group {
    pub id: GroupId,
    pub name: String,
    /// How many badges in service are in it.
    pub badges: u64,
    pub created_at: Moment,
    pub updated_at: Moment,
}

const SELECT: &str = "SELECT g.id, g.name, g.created_at, g.updated_at,
    (SELECT count(*) FROM group_badges m JOIN badges b ON b.id = m.badge_id
        WHERE m.group_id = g.id AND b.retired_at IS NULL) AS badges
    FROM groups g WHERE g.organization_id = ?";

fn group(row: &QueryResult) -> Result<Group, Error> {
    Ok(Group {
        id: row.id("id")?,
        name: row.get("name")?,
        badges: row.count("badges")?,
        created_at: row.moment("created_at")?,
        updated_at: row.moment("updated_at")?,
    })
}

/// # Errors
/// The name is taken.
pub async fn create(tx: &Tx, scope: &Scope, name: &str, now: Moment) -> Result<Group, Error> {
    let id = GroupId::new();
    sql("INSERT INTO groups (id, organization_id, name, created_at, updated_at) VALUES (?, ?, ?, ?, ?)")
        .bind(id)
        .bind(scope.organization())
        .bind(name)
        .bind(now)
        .bind(now)
        .run(tx)
        .await
        .map_err(Error::taken("A group of this name exists"))?;
    audit::append(tx, scope, "group.create", Some(("group", id.uuid())), None, now).await?;
    find(tx, scope, id).await
}

/// # Errors
/// There is no such group.
pub async fn find(db: &impl ConnectionTrait, scope: &Scope, id: GroupId) -> Result<Group, Error> {
    group(&sql(SELECT).bind(scope.organization()).then("AND g.id = ?").bind(id).one(db).await?)
}

/// # Errors
/// Those of the database.
pub async fn list(
    db: &impl ConnectionTrait,
    scope: &Scope,
    after: Option<GroupId>,
    limit: u64,
) -> Result<Vec<Group>, Error> {
    let mut query = sql(SELECT).bind(scope.organization());
    if let Some(after) = after {
        query = query.then("AND g.id > ?").bind(after);
    }
    query.then("ORDER BY g.id LIMIT ?").bind(limit).all(db).await?.iter().map(group).collect()
}

/// Groups whose name has this part, by name; all of them for an empty one.
///
/// # Errors
/// Those of the database.
pub async fn named(
    db: &impl ConnectionTrait,
    scope: &Scope,
    part: &str,
    limit: u64,
) -> Result<Vec<Group>, Error> {
    let query = sql(SELECT).bind(scope.organization());
    let query = query.then("AND lower(g.name) LIKE ? ESCAPE '!' ORDER BY lower(g.name), g.id LIMIT ?");
    query.bind(super::sql::pattern(part)).bind(limit).all(db).await?.iter().map(group).collect()
}

/// # Errors
/// There is no such group, or the name is taken.
pub async fn rename(tx: &Tx, scope: &Scope, id: GroupId, name: &str, now: Moment) -> Result<Group, Error> {
    let current = find(tx, scope, id).await?;
    sql("UPDATE groups SET name = ?, updated_at = ? WHERE organization_id = ? AND id = ?")
        .bind(name)
        .bind(later(current.updated_at, now))
        .bind(scope.organization())
        .bind(id)
        .run(tx)
        .await
        .map_err(Error::taken("A group of this name exists"))?;
    audit::append(tx, scope, "group.rename", Some(("group", id.uuid())), None, now).await?;
    find(tx, scope, id).await
}

/// # Errors
/// There is no such group.
pub async fn dissolve(tx: &Tx, scope: &Scope, id: GroupId, now: Moment) -> Result<(), Error> {
    let members = members(tx, scope, id).await?;
    find(tx, scope, id).await?;
    sql("DELETE FROM groups WHERE organization_id = ? AND id = ?")
        .bind(scope.organization())
        .bind(id)
        .run(tx)
        .await?;
    audit::append(tx, scope, "group.dissolve", Some(("group", id.uuid())), None, now).await?;
    moved(tx, scope, &members, now).await
}

/// The badges that are in it.
async fn members(db: &impl ConnectionTrait, scope: &Scope, id: GroupId) -> Result<Vec<BadgeId>, Error> {
    let rows =
        sql("SELECT badge_id FROM group_badges WHERE organization_id = ? AND group_id = ? ORDER BY badge_id")
            .bind(scope.organization())
            .bind(id)
            .all(db)
            .await?;
    rows.iter().map(|row| row.id("badge_id")).collect()
}

/// Puts badges into a group; those already in it stay since when they were.
///
/// # Errors
/// There is no such group; or one of the badges is not in service, then none is put.
pub async fn add(tx: &Tx, scope: &Scope, id: GroupId, badges: &[BadgeId], now: Moment) -> Result<(), Error> {
    find(tx, scope, id).await?;
    in_service(tx, scope, badges).await?;
    for badge in badges {
        sql("INSERT INTO group_badges (organization_id, group_id, badge_id, joined_at) VALUES (?, ?, ?, ?)
            ON CONFLICT (group_id, badge_id) DO NOTHING")
        .bind(scope.organization())
        .bind(id)
        .bind(*badge)
        .bind(now)
        .run(tx)
        .await?;
    }
    audit::append(tx, scope, "group.add", Some(("group", id.uuid())), None, now).await?;
    moved(tx, scope, badges, now).await
}

async fn in_service(tx: &Tx, scope: &Scope, badges: &[BadgeId]) -> Result<(), Error> {
    let rows = sql(
        "SELECT id FROM badges WHERE organization_id = ? AND kind = 'badge' AND retired_at IS NULL AND id IN",
    )
    .bind(scope.organization())
    .list(badges.iter().copied())
    .all(tx)
    .await?;
    let found: Result<Vec<BadgeId>, Error> = rows.iter().map(|row| row.id("id")).collect();
    let found = found?;
    match badges.iter().position(|badge| !found.contains(badge)) {
        None => Ok(()),
        Some(index) => {
            let detail = "is not a badge of yours in service".to_owned();
            Err(Error::Invalid { pointer: format!("/badges/{index}"), detail })
        }
    }
}

/// Makes these the badges of a group.
///
/// # Errors
/// As [`add`].
pub async fn replace(
    tx: &Tx,
    scope: &Scope,
    id: GroupId,
    badges: &[BadgeId],
    now: Moment,
) -> Result<(), Error> {
    for gone in members(tx, scope, id).await?.into_iter().filter(|member| !badges.contains(member)) {
        remove(tx, scope, id, gone, now).await?;
    }
    add(tx, scope, id, badges, now).await
}

/// Takes a badge out of a group; one that is not in it is out already.
///
/// # Errors
/// There is no such group.
pub async fn remove(tx: &Tx, scope: &Scope, id: GroupId, badge: BadgeId, now: Moment) -> Result<(), Error> {
    find(tx, scope, id).await?;
    let removed = sql("DELETE FROM group_badges WHERE organization_id = ? AND group_id = ? AND badge_id = ?")
        .bind(scope.organization())
        .bind(id)
        .bind(badge)
        .run(tx)
        .await?;
    if removed == 0 {
        return Ok(());
    }
    audit::append(tx, scope, "group.remove", Some(("group", id.uuid())), None, now).await?;
    moved(tx, scope, &[badge], now).await
}

async fn moved(tx: &Tx, scope: &Scope, badges: &[BadgeId], now: Moment) -> Result<(), Error> {
    for badge in badges {
        changes::append(tx, scope.organization(), changes::Kind::Member, badge.uuid(), 0, now).await?;
    }
    Ok(())
}
