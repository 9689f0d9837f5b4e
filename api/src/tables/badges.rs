//! Badges: display devices and their owners.

use std::collections::HashMap;

use badgecast_domain::{
    display::Panel,
    id::{BadgeCode, BadgeId, GroupId, OrganizationId, UserId},
    time::Moment,
    wire::{Hello, Order, Telemetry},
};
use sea_orm::{ConnectionTrait, QueryResult};

use super::{
    Error, Tx, audit, changes,
    connections::ONLINE,
    devices,
    sql::{Columns as _, Sql, folded, later, pattern, sql},
};
use crate::auth::{Reach, Scope};

/// A badge.
#[derive(Debug, Clone)]
pub struct Badge {
    pub id: BadgeId,
    pub code: BadgeCode,
    pub name: String,
    pub owner: Option<UserId>,
    /// The gateway that speaks for it.
    pub gateway: Option<BadgeId>,
    pub model: Option<String>,
    pub panel: Panel,
    pub firmware: Option<String>,
    pub max_bytes: Option<u32>,
    /// What it proves itself with: a JWK, in JSON.
    pub public_key: Option<String>,
    pub claimed_at: Option<Moment>,
    pub online: bool,
    /// Since when it is connected, if it is.
    pub online_since: Option<Moment>,
    pub last_seen_at: Option<Moment>,
    pub groups: Vec<GroupId>,
    pub tags: Vec<String>,
    pub telemetry: Option<Telemetry>,
    pub created_at: Moment,
    pub updated_at: Moment,
}

/// A badge to register.
#[derive(Debug, Clone, Default)]
pub struct New {
    /// Its code when left out.
    pub name: Option<String>,
    pub owner: Option<UserId>,
    pub model: Option<String>,
    pub panel: Panel,
    pub tags: Vec<String>,
}

/// What to change; what is `None` stays.
#[derive(Debug, Clone, Default)]
pub struct Update {
    pub name: Option<String>,
    pub owner: Option<Option<UserId>>,
    pub tags: Option<Vec<String>>,
}

/// Which badges to list.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    pub after: Option<BadgeId>,
    pub group: Option<GroupId>,
    pub tag: Option<String>,
    pub owner: Option<UserId>,
    pub gateway: Option<BadgeId>,
    pub online: Option<bool>,
    pub claimed: Option<bool>,
    /// Part of the name, the code or the owner's name.
    pub q: Option<String>,
}

/// Badges in service, within reach. Names the badge `b`, so that every query says what it sees.
pub(super) fn within(scope: &Scope, query: Sql) -> Sql {
    let query = query
        .then("b.organization_id = ? AND b.kind = 'badge' AND b.retired_at IS NULL")
        .bind(scope.organization());
    match scope.reach() {
        Reach::Organization => query,
        Reach::Owner(user) => query.then("AND b.owner_id = ?").bind(user),
        Reach::Badge(badge) => query.then("AND b.id = ?").bind(badge),
    }
}

fn select(scope: &Scope, now: Moment) -> Sql {
    let since = "(SELECT since FROM connections l WHERE l.badge_id = b.id)";
    let query = sql(&format!("SELECT b.*, {ONLINE} AS online, {since} AS online_since FROM badges b WHERE"))
        .bind(now);
    within(scope, query)
}

fn badge(row: &QueryResult) -> Result<Badge, Error> {
    let measured = row.maybe_moment("telemetry_at")?.is_some();
    let online = row.get("online")?;
    let telemetry = Telemetry {
        battery: row.get("battery")?,
        rssi: row.get("rssi")?,
        uptime_s: row.get("uptime_s")?,
        temperature: row.get("temperature")?,
    };
    Ok(Badge {
        id: row.id("id")?,
        code: row.word("code", |code| BadgeCode::try_from(code.to_owned()).ok())?,
        name: row.get("name")?,
        owner: row.maybe_id("owner_id")?,
        gateway: row.maybe_id("gateway_id")?,
        model: row.get("model")?,
        panel: row.word("panel", |name| name.parse().ok())?,
        firmware: row.get("firmware")?,
        max_bytes: row.get::<Option<i64>>("max_bytes")?.and_then(|bytes| u32::try_from(bytes).ok()),
        public_key: row.get("public_key")?,
        claimed_at: row.maybe_moment("claimed_at")?,
        online,
        online_since: row.maybe_moment("online_since")?.filter(|_| online),
        last_seen_at: row.maybe_moment("last_seen_at")?,
        groups: Vec::new(),
        tags: Vec::new(),
        telemetry: measured.then_some(telemetry),
        created_at: row.moment("created_at")?,
        updated_at: row.moment("updated_at")?,
    })
}

/// Fills in groups and tags, with two queries for any number of badges.
async fn complete(db: &impl ConnectionTrait, mut badges: Vec<Badge>) -> Result<Vec<Badge>, Error> {
    let ids: Vec<BadgeId> = badges.iter().map(|badge| badge.id).collect();
    let mut sets = super::layers::sets_of(db, &ids).await?;
    for badge in &mut badges {
        (badge.groups, badge.tags) = sets.remove(&badge.id).unwrap_or_default();
    }
    Ok(badges)
}

/// # Errors
/// The owner is not a person of the organization, or owns a badge already.
pub async fn register(tx: &Tx, scope: &Scope, new: New, now: Moment) -> Result<Badge, Error> {
    let id = BadgeId::new();
    let code = devices::free_code(tx, scope).await?;
    let name = new.name.unwrap_or_else(|| code.to_string());
    sql("INSERT INTO badges (id, organization_id, code, name, folded, kind, owner_id, model, panel, created_at,
        updated_at) VALUES (?, ?, ?, ?, ?, 'badge', ?, ?, ?, ?, ?)")
    .bind(id)
    .bind(scope.organization())
    .bind(code.as_str())
    .bind(name.as_str())
    .bind(folded(&name))
    .bind(new.owner)
    .bind(new.model)
    .bind(new.panel.name())
    .bind(now)
    .bind(now)
    .run(tx)
    .await
    .map_err(bad_owner)?;
    tag(tx, scope, id, &new.tags, now).await?;
    audit::append(tx, scope, "badge.register", Some(("badge", id.uuid())), None, now).await?;
    changes::append(tx, scope.organization(), changes::Kind::Badge, id.uuid(), 0, now).await?;
    find(tx, scope, id, now).await
}

fn bad_owner(error: Error) -> Error {
    if error.is_foreign_key() {
        return Error::Invalid {
            pointer: "/owner_id".to_owned(),
            detail: "is not a person of yours".to_owned(),
        };
    }
    Error::taken("This person owns another badge already")(error)
}

async fn tag(tx: &Tx, scope: &Scope, badge: BadgeId, tags: &[String], now: Moment) -> Result<(), Error> {
    for tag in tags {
        sql("INSERT INTO badge_tags (organization_id, badge_id, tag, joined_at) VALUES (?, ?, ?, ?)
            ON CONFLICT (badge_id, tag) DO NOTHING")
        .bind(scope.organization())
        .bind(badge)
        .bind(tag.as_str())
        .bind(now)
        .run(tx)
        .await?;
    }
    Ok(())
}

/// # Errors
/// There is no such badge within reach.
pub async fn find(
    db: &impl ConnectionTrait,
    scope: &Scope,
    id: BadgeId,
    now: Moment,
) -> Result<Badge, Error> {
    let row = select(scope, now).then("AND b.id = ?").bind(id).one(db).await?;
    complete(db, vec![badge(&row)?]).await?.pop().ok_or(Error::NotFound)
}

/// The badge people call so.
///
/// # Errors
/// There is no such badge within reach.
pub async fn by_code(
    db: &impl ConnectionTrait,
    scope: &Scope,
    code: &BadgeCode,
    now: Moment,
) -> Result<Badge, Error> {
    let row = select(scope, now).then("AND b.code = ?").bind(code.as_str()).one(db).await?;
    complete(db, vec![badge(&row)?]).await?.pop().ok_or(Error::NotFound)
}

/// The badges of these people, by owner.
///
/// # Errors
/// Those of the database.
pub async fn codes_of(
    db: &impl ConnectionTrait,
    scope: &Scope,
    owners: impl IntoIterator<Item = UserId>,
) -> Result<HashMap<UserId, BadgeCode>, Error> {
    let query = within(scope, sql("SELECT b.owner_id, b.code FROM badges b WHERE"));
    let rows = query.then("AND b.owner_id IN").list(owners).all(db).await?;
    let code = |row: &QueryResult| row.word("code", |code| BadgeCode::try_from(code.to_owned()).ok());
    rows.iter().map(|row| Ok((row.id("owner_id")?, code(row)?))).collect()
}

/// What these badges are called, retired ones too: for the audit trail, which speaks of them.
///
/// # Errors
/// Those of the database.
pub async fn names(
    db: &impl ConnectionTrait,
    scope: &Scope,
    ids: impl IntoIterator<Item = BadgeId>,
) -> Result<HashMap<BadgeId, String>, Error> {
    let rows = sql("SELECT id, code, name FROM badges WHERE organization_id = ? AND id IN")
        .bind(scope.organization())
        .list(ids)
        .all(db)
        .await?;
    let called = |row: &QueryResult| {
        let (code, name): (String, String) = (row.get("code")?, row.get("name")?);
        Ok::<_, Error>(if name == code { code } else { format!("{name} ({code})") })
    };
    rows.iter().map(|row| Ok((row.id("id")?, called(row)?))).collect()
}

/// How many badges there are within reach.
///
/// # Errors
/// Those of the database.
pub async fn count(db: &impl ConnectionTrait, scope: &Scope) -> Result<u64, Error> {
    within(scope, sql("SELECT count(*) AS badges FROM badges b WHERE")).one(db).await?.count("badges")
}

/// The badge of the scope's owner.
///
/// # Errors
/// They own none.
pub async fn owned(db: &impl ConnectionTrait, scope: &Scope, now: Moment) -> Result<Badge, Error> {
    let Reach::Owner(_) = scope.reach() else { return Err(Error::NotFound) };
    let row = select(scope, now).one(db).await?;
    complete(db, vec![badge(&row)?]).await?.pop().ok_or(Error::NotFound)
}

/// The panel of a badge, and the bytes it holds.
///
/// # Errors
/// There is no such badge within reach.
pub async fn panel(
    db: &impl ConnectionTrait,
    scope: &Scope,
    id: BadgeId,
) -> Result<(Panel, Option<u32>), Error> {
    let query = within(scope, sql("SELECT b.panel, b.max_bytes FROM badges b WHERE"));
    let row = query.then("AND b.id = ?").bind(id).one(db).await?;
    let bytes: Option<i64> = row.get("max_bytes")?;
    Ok((row.word("panel", |name| name.parse().ok())?, bytes.and_then(|bytes| u32::try_from(bytes).ok())))
}

/// These badges, in this order; those that are not within reach are left out.
///
/// # Errors
/// Those of the database.
pub async fn some(
    db: &impl ConnectionTrait,
    scope: &Scope,
    ids: &[BadgeId],
    now: Moment,
) -> Result<Vec<Badge>, Error> {
    let rows = select(scope, now).then("AND b.id IN").list(ids.iter().copied()).all(db).await?;
    let badges: Result<Vec<Badge>, Error> = rows.iter().map(badge).collect();
    let mut badges = complete(db, badges?).await?;
    badges.sort_by_key(|badge| ids.iter().position(|id| *id == badge.id));
    Ok(badges)
}

/// # Errors
/// Those of the database.
pub async fn list(
    db: &impl ConnectionTrait,
    scope: &Scope,
    filter: &Filter,
    limit: u64,
    now: Moment,
) -> Result<Vec<Badge>, Error> {
    let mut query = select(scope, now);
    if let Some(after) = filter.after {
        query = query.then("AND b.id > ?").bind(after);
    }
    if let Some(group) = filter.group {
        let member = "AND EXISTS (SELECT 1 FROM group_badges g WHERE g.badge_id = b.id AND g.group_id = ?)";
        query = query.then(member).bind(group);
    }
    if let Some(tag) = &filter.tag {
        let tagged = "AND EXISTS (SELECT 1 FROM badge_tags t WHERE t.badge_id = b.id AND t.tag = ?)";
        query = query.then(tagged).bind(tag.as_str());
    }
    if let Some(owner) = filter.owner {
        query = query.then("AND b.owner_id = ?").bind(owner);
    }
    if let Some(gateway) = filter.gateway {
        query = query.then("AND b.gateway_id = ?").bind(gateway);
    }
    if let Some(online) = filter.online {
        let not = if online { "AND" } else { "AND NOT" };
        query = query.then(&format!("{not} {ONLINE}")).bind(now);
    }
    if let Some(claimed) = filter.claimed {
        query = query.then(if claimed { "AND b.claimed_at IS NOT NULL" } else { "AND b.claimed_at IS NULL" });
    }
    if let Some(part) = &filter.q {
        let pattern = pattern(part);
        query = query
            .then(
                "AND (b.folded LIKE ? ESCAPE '!' OR lower(b.code) LIKE ? ESCAPE '!' OR EXISTS (
                SELECT 1 FROM users u WHERE u.id = b.owner_id AND u.folded LIKE ? ESCAPE '!'))",
            )
            .bind(pattern.clone())
            .bind(pattern.clone())
            .bind(pattern);
    }
    let rows = query.then("ORDER BY b.id LIMIT ?").bind(limit).all(db).await?;
    let badges: Result<Vec<Badge>, Error> = rows.iter().map(badge).collect();
    complete(db, badges?).await
}

/// # Errors
/// There is no such badge; or the new owner is nobody, or owns another badge.
pub async fn update(
    tx: &Tx,
    scope: &Scope,
    id: BadgeId,
    update: &Update,
    now: Moment,
) -> Result<Badge, Error> {
    let current = find(tx, scope, id, now).await?;
    let name = update.name.clone().unwrap_or(current.name);
    sql("UPDATE badges SET name = ?, folded = ?, owner_id = ?, updated_at = ? WHERE organization_id = ? AND id = ?")
        .bind(name.as_str())
        .bind(folded(&name))
        .bind(update.owner.unwrap_or(current.owner))
        .bind(later(current.updated_at, now))
        .bind(scope.organization())
        .bind(id)
        .run(tx)
        .await
        .map_err(bad_owner)?;
    changes::append(tx, scope.organization(), changes::Kind::Badge, id.uuid(), 0, now).await?;
    if let Some(tags) = &update.tags {
        sql("DELETE FROM badge_tags WHERE badge_id = ? AND tag NOT IN")
            .bind(id)
            .list(tags.iter().map(String::as_str).chain([""]))
            .run(tx)
            .await?;
        tag(tx, scope, id, tags, now).await?;
        changes::append(tx, scope.organization(), changes::Kind::Member, id.uuid(), 0, now).await?;
    }
    audit::append(tx, scope, "badge.update", Some(("badge", id.uuid())), None, now).await?;
    find(tx, scope, id, now).await
}

/// Takes a badge out of service. Its code is not given again.
///
/// # Errors
/// There is no such badge within reach.
pub async fn retire(tx: &Tx, scope: &Scope, id: BadgeId, now: Moment) -> Result<(), Error> {
    find(tx, scope, id, now).await?;
    devices::end_credentials(tx, scope, id, now).await?;
    sql("UPDATE badges SET retired_at = ? WHERE organization_id = ? AND id = ?")
        .bind(now)
        .bind(scope.organization())
        .bind(id)
        .run(tx)
        .await?;
    audit::append(tx, scope, "badge.retire", Some(("badge", id.uuid())), None, now).await?;
    changes::append(tx, scope.organization(), changes::Kind::Retired, id.uuid(), 0, now).await
}

/// Forgets what a badge proves itself with, and its gateway; it has to be claimed again.
///
/// # Errors
/// There is no such badge within reach.
pub async fn revoke(tx: &Tx, scope: &Scope, id: BadgeId, now: Moment) -> Result<(), Error> {
    find(tx, scope, id, now).await?;
    devices::end_credentials(tx, scope, id, now).await?;
    audit::append(tx, scope, "badge.revoke", Some(("badge", id.uuid())), None, now).await?;
    changes::append(tx, scope.organization(), changes::Kind::Badge, id.uuid(), 0, now).await
}

/// Has a badge do something now.
///
/// # Errors
/// Those of the database.
pub async fn command(tx: &Tx, scope: &Scope, id: BadgeId, order: Order, now: Moment) -> Result<(), Error> {
    audit::append(tx, scope, "badge.command", Some(("badge", id.uuid())), Some(order.name()), now).await?;
    changes::append(tx, scope.organization(), changes::Kind::Command(order), id.uuid(), 0, now).await
}

/// What a badge says of itself in its hello. A panel that is not the one we render for is a change.
///
/// # Errors
/// Those of the database.
pub async fn introduce(tx: &Tx, scope: &Scope, id: BadgeId, hello: &Hello, now: Moment) -> Result<(), Error> {
    let current = find(tx, scope, id, now).await?;
    let panel = hello.panel.unwrap_or(current.panel);
    let text = |said: &Option<String>, known: Option<String>| match said {
        Some(text) if !text.is_empty() => Some(text.chars().filter(|c| !c.is_control()).take(100).collect()),
        _ => known,
    };
    sql("UPDATE badges SET model = ?, panel = ?, firmware = ?, max_bytes = ? WHERE organization_id = ? AND id = ?")
        .bind(text(&hello.model, current.model).filter(|model: &String| !model.is_empty()))
        .bind(panel.name())
        .bind(text(&hello.firmware, current.firmware).filter(|firmware: &String| !firmware.is_empty()))
        .bind(hello.max_bytes.filter(|bytes| *bytes > 0).or(current.max_bytes))
        .bind(scope.organization())
        .bind(id)
        .run(tx)
        .await?;
    if panel != current.panel {
        changes::append(tx, scope.organization(), changes::Kind::Member, id.uuid(), 0, now).await?;
    }
    Ok(())
}

/// A badge that polls was here.
///
/// # Errors
/// Those of the database.
pub async fn seen(tx: &Tx, organization: OrganizationId, id: BadgeId, now: Moment) -> Result<(), Error> {
    let seen = sql("UPDATE badges SET last_seen_at = ? WHERE organization_id = ? AND id = ?");
    seen.bind(now).bind(organization).bind(id).run(tx).await.map(drop)
}

/// Keeps the latest a badge measured.
///
/// # Errors
/// Those of the database.
pub async fn measured(
    tx: &Tx,
    organization: OrganizationId,
    id: BadgeId,
    telemetry: &Telemetry,
    now: Moment,
) -> Result<(), Error> {
    // What no badge can measure is not kept.
    let within =
        |value: Option<f64>, least: f64, most: f64| value.filter(|value| (least..=most).contains(value));
    sql("UPDATE badges SET battery = coalesce(?, battery), rssi = coalesce(?, rssi), uptime_s = coalesce(?, uptime_s),
        temperature = coalesce(?, temperature), telemetry_at = ?, last_seen_at = ? WHERE organization_id = ? AND id = ?")
    .bind(within(telemetry.battery, 0.0, 100.0))
    .bind(within(telemetry.rssi, -200.0, 0.0))
    .bind(within(telemetry.uptime_s, 0.0, 1e10))
    .bind(within(telemetry.temperature, -100.0, 200.0))
    .bind(now)
    .bind(now)
    .bind(organization)
    .bind(id)
    .run(tx)
    .await?;
    Ok(())
}
