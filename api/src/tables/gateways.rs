//! Gateways: devices that speak for badges which have no network of their own.
//!
//! A badge hangs on at most one gateway. While it does it has no credentials and no claim code: it counts as claimed,
//! and speaks through the gateway alone.

use badgecast_domain::{
    display::Panel,
    id::{BadgeCode, BadgeId, OrganizationId},
    time::Moment,
};
use sea_orm::{ConnectionTrait, QueryResult};

use super::{
    Error, Tx, audit, changes, connections, devices,
    layers::{self, Holder},
    sql::{Columns as _, Sql, folded, sql},
};
use crate::auth::Scope;

/// A gateway.
#[derive(Debug, Clone)]
pub struct Gateway {
    pub id: BadgeId,
    pub code: BadgeCode,
    pub name: String,
    pub model: Option<String>,
    pub firmware: Option<String>,
    pub claimed_at: Option<Moment>,
    pub online: bool,
    pub last_seen_at: Option<Moment>,
    /// How many badges in service hang on it.
    pub badges: u64,
    pub created_at: Moment,
    pub updated_at: Moment,
}

fn select(scope: &Scope, now: Moment) -> Sql {
    sql(&format!(
        "SELECT b.id, b.code, b.name, b.model, b.firmware, b.claimed_at, b.last_seen_at, b.created_at, b.updated_at,
            (SELECT count(*) FROM badges h WHERE h.gateway_id = b.id AND h.retired_at IS NULL) AS badges,
            {} AS online
        FROM badges b WHERE b.organization_id = ? AND b.kind = 'gateway' AND b.retired_at IS NULL",
        connections::ONLINE
    ))
    .bind(now)
    .bind(scope.organization())
}

fn gateway(row: &QueryResult) -> Result<Gateway, Error> {
    Ok(Gateway {
        id: row.id("id")?,
        code: row.word("code", |code| BadgeCode::try_from(code.to_owned()).ok())?,
        name: row.get("name")?,
        model: row.get("model")?,
        firmware: row.get("firmware")?,
        claimed_at: row.maybe_moment("claimed_at")?,
        online: row.get("online")?,
        last_seen_at: row.maybe_moment("last_seen_at")?,
        badges: row.count("badges")?,
        created_at: row.moment("created_at")?,
        updated_at: row.moment("updated_at")?,
    })
}

/// Registers a gateway; its name is its code when left out.
///
/// # Errors
/// Those of the database.
pub async fn register(
    tx: &Tx,
    scope: &Scope,
    name: Option<String>,
    model: Option<String>,
    now: Moment,
) -> Result<Gateway, Error> {
    let id = BadgeId::new();
    let code = devices::free_code(tx, scope).await?;
    let name = name.unwrap_or_else(|| code.to_string());
    sql(
        "INSERT INTO badges (id, organization_id, code, name, folded, kind, model, panel, created_at, updated_at)
        VALUES (?, ?, ?, ?, ?, 'gateway', ?, ?, ?, ?)",
    )
    .bind(id)
    .bind(scope.organization())
    .bind(code.as_str())
    .bind(name.as_str())
    .bind(folded(&name))
    .bind(model)
    .bind(Panel::default().name())
    .bind(now)
    .bind(now)
    .run(tx)
    .await?;
    note(tx, scope, id, "gateway.register", now).await?;
    find(tx, scope, id, now).await
}

/// # Errors
/// There is no such gateway.
pub async fn find(
    db: &impl ConnectionTrait,
    scope: &Scope,
    id: BadgeId,
    now: Moment,
) -> Result<Gateway, Error> {
    gateway(&select(scope, now).then("AND b.id = ?").bind(id).one(db).await?)
}

/// # Errors
/// Those of the database.
pub async fn list(
    db: &impl ConnectionTrait,
    scope: &Scope,
    after: Option<BadgeId>,
    limit: u64,
    now: Moment,
) -> Result<Vec<Gateway>, Error> {
    let mut query = select(scope, now);
    if let Some(after) = after {
        query = query.then("AND b.id > ?").bind(after);
    }
    query.then("ORDER BY b.id LIMIT ?").bind(limit).all(db).await?.iter().map(gateway).collect()
}

/// # Errors
/// There is no such gateway.
pub async fn rename(tx: &Tx, scope: &Scope, id: BadgeId, name: &str, now: Moment) -> Result<Gateway, Error> {
    find(tx, scope, id, now).await?;
    let device = devices::find(tx, scope, id).await?;
    sql("UPDATE badges SET name = ?, folded = ?, updated_at = ? WHERE organization_id = ? AND id = ?")
        .bind(name)
        .bind(folded(name))
        .bind(device.next_version(now))
        .bind(scope.organization())
        .bind(id)
        .run(tx)
        .await?;
    note(tx, scope, id, "gateway.rename", now).await?;
    find(tx, scope, id, now).await
}

/// Takes a gateway out of service. Its badges hang on none then.
///
/// # Errors
/// There is no such gateway.
pub async fn retire(tx: &Tx, scope: &Scope, id: BadgeId, now: Moment) -> Result<(), Error> {
    find(tx, scope, id, now).await?;
    for badge in hanging(tx, id).await? {
        take_off(tx, scope, badge, now).await?;
    }
    devices::end_credentials(tx, scope, id, now).await?;
    sql("UPDATE badges SET retired_at = ? WHERE organization_id = ? AND id = ?")
        .bind(now)
        .bind(scope.organization())
        .bind(id)
        .run(tx)
        .await?;
    note(tx, scope, id, "gateway.retire", now).await
}

/// Forgets what a gateway proves itself with; it has to be claimed again. Its badges stay assigned to it.
///
/// # Errors
/// There is no such gateway.
pub async fn revoke(tx: &Tx, scope: &Scope, id: BadgeId, now: Moment) -> Result<(), Error> {
    find(tx, scope, id, now).await?;
    devices::end_credentials(tx, scope, id, now).await?;
    note(tx, scope, id, "gateway.revoke", now).await
}

/// Hangs badges on a gateway; those that hung on another move.
///
/// # Errors
/// There is no such gateway; or one of the badges is not in service or speaks for itself, then none is moved.
pub async fn hang(tx: &Tx, scope: &Scope, id: BadgeId, badges: &[BadgeId], now: Moment) -> Result<(), Error> {
    find(tx, scope, id, now).await?;
    for (index, badge) in badges.iter().enumerate() {
        let found = devices::find(tx, scope, *badge).await;
        let refuse =
            |detail: &str| Error::Invalid { pointer: format!("/badges/{index}"), detail: detail.to_owned() };
        let device = match found {
            Ok(device) if device.kind == devices::Kind::Badge => device,
            Ok(_) | Err(Error::NotFound) => return Err(refuse("is not a badge of yours in service")),
            Err(error) => return Err(error),
        };
        if device.has_credentials {
            return Err(refuse("speaks for itself; revoke it first"));
        }
        if device.gateway == Some(id) {
            continue;
        }
        sql("UPDATE badges SET gateway_id = ?, claimed_at = coalesce(claimed_at, ?), updated_at = ?
            WHERE organization_id = ? AND id = ?")
        .bind(id)
        .bind(now)
        .bind(device.next_version(now))
        .bind(scope.organization())
        .bind(*badge)
        .run(tx)
        .await?;
        devices::end_claim(tx, *badge).await?;
        if let Some(other) = device.gateway {
            changed(tx, scope, other, now).await?;
        }
        changes::append(tx, scope.organization(), changes::Kind::Badge, badge.uuid(), 0, now).await?;
    }
    note(tx, scope, id, "gateway.hang", now).await
}

/// Makes these the badges of a gateway.
///
/// # Errors
/// As [`hang`].
pub async fn replace(
    tx: &Tx,
    scope: &Scope,
    id: BadgeId,
    badges: &[BadgeId],
    now: Moment,
) -> Result<(), Error> {
    for gone in hanging(tx, id).await?.into_iter().filter(|hung| !badges.contains(hung)) {
        remove(tx, scope, id, gone, now).await?;
    }
    hang(tx, scope, id, badges, now).await
}

/// Takes a badge off a gateway; one that does not hang on it is off already.
///
/// # Errors
/// There is no such gateway.
pub async fn remove(tx: &Tx, scope: &Scope, id: BadgeId, badge: BadgeId, now: Moment) -> Result<(), Error> {
    find(tx, scope, id, now).await?;
    if !hanging(tx, id).await?.contains(&badge) {
        return Ok(());
    }
    take_off(tx, scope, badge, now).await?;
    note(tx, scope, id, "gateway.remove", now).await
}

async fn take_off(tx: &Tx, scope: &Scope, badge: BadgeId, now: Moment) -> Result<(), Error> {
    let device = devices::find(tx, scope, badge).await?;
    sql("UPDATE badges SET gateway_id = NULL, updated_at = ? WHERE organization_id = ? AND id = ?")
        .bind(device.next_version(now))
        .bind(scope.organization())
        .bind(badge)
        .run(tx)
        .await?;
    changes::append(tx, scope.organization(), changes::Kind::Badge, badge.uuid(), 0, now).await
}

/// The badges in service that hang on a gateway.
async fn hanging(db: &impl ConnectionTrait, gateway: BadgeId) -> Result<Vec<BadgeId>, Error> {
    let rows = sql("SELECT id FROM badges WHERE gateway_id = ? AND retired_at IS NULL ORDER BY id")
        .bind(gateway)
        .all(db)
        .await?;
    rows.iter().map(|row| row.id("id")).collect()
}

/// The badges a gateway speaks for, as delivery knows them. For the house itself, so it takes no scope.
///
/// # Errors
/// Those of the database.
pub async fn spoken_for(db: &impl ConnectionTrait, gateway: BadgeId) -> Result<Vec<Holder>, Error> {
    layers::own_of(db, &hanging(db, gateway).await?).await
}

/// The organization of a gateway that is claimed and in service.
///
/// # Errors
/// Those of the database.
pub async fn organization(
    db: &impl ConnectionTrait,
    gateway: BadgeId,
) -> Result<Option<OrganizationId>, Error> {
    let row = sql("SELECT organization_id FROM badges
        WHERE id = ? AND kind = 'gateway' AND claimed_at IS NOT NULL AND retired_at IS NULL")
    .bind(gateway)
    .maybe(db)
    .await?;
    row.map(|row| row.id("organization_id")).transpose()
}

async fn note(tx: &Tx, scope: &Scope, id: BadgeId, action: &str, now: Moment) -> Result<(), Error> {
    audit::append(tx, scope, action, Some(("gateway", id.uuid())), None, now).await?;
    changed(tx, scope, id, now).await
}

async fn changed(tx: &Tx, scope: &Scope, id: BadgeId, now: Moment) -> Result<(), Error> {
    changes::append(tx, scope.organization(), changes::Kind::Gateway, id.uuid(), 0, now).await
}
