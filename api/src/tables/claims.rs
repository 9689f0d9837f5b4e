//! Claims: the one-time codes by which a badge or gateway becomes a member.
//!
//! A code works again until the badge has fetched its first token, so that a lost answer does not lock it out; each
//! time it gets new credentials, and the ones before are worth nothing.

use badgecast_domain::{
    display::Panel,
    id::{BadgeId, OrganizationId},
    time::Moment,
};

use super::{
    Error, Tx, audit, badges, changes, devices,
    sql::{Columns as _, later, sql},
};
use crate::auth::Scope;

/// A device's public key.
#[derive(Debug, Clone)]
pub struct Key {
    /// As a JWK, in JSON.
    pub jwk: String,
    /// RFC 7638, base64url.
    pub thumbprint: String,
}

/// What a badge brings when it claims itself.
#[derive(Debug, Clone)]
pub struct Claimed {
    pub secret_hash: Option<[u8; 32]>,
    pub key: Option<Key>,
    pub model: Option<String>,
    pub panel: Option<Panel>,
    pub firmware: Option<String>,
}

/// Gives a badge or gateway a claim code; one it had before is worth nothing then.
///
/// # Errors
/// There is no such device, or a gateway speaks for it.
pub async fn issue(
    tx: &Tx,
    scope: &Scope,
    device_id: BadgeId,
    code_hash: &[u8; 32],
    expires_at: Moment,
    now: Moment,
) -> Result<(), Error> {
    let device = devices::find(tx, scope, device_id).await?;
    if device.gateway.is_some() {
        return Err(Error::Conflict("A gateway speaks for this badge; take it off first"));
    }
    devices::end_claim(tx, device_id).await?;
    sql("INSERT INTO claims (badge_id, organization_id, code_hash, created_at, expires_at) VALUES (?, ?, ?, ?, ?)")
        .bind(device_id)
        .bind(scope.organization())
        .bind(*code_hash)
        .bind(now)
        .bind(expires_at)
        .run(tx)
        .await?;
    let kind = device.kind.name();
    audit::append(tx, scope, &format!("{kind}.claim-code"), Some((kind, device_id.uuid())), None, now)
        .await?;
    Ok(())
}

/// Makes the badge or gateway of this code a member with new credentials; `None` when the code is of no use.
///
/// # Errors
/// Those of the database.
pub async fn redeem(
    tx: &Tx,
    code_hash: &[u8; 32],
    claimed: &Claimed,
    now: Moment,
) -> Result<Option<(BadgeId, OrganizationId)>, Error> {
    let row = sql("UPDATE claims SET used_at = ? WHERE code_hash = ? AND spent_at IS NULL AND expires_at > ?
        RETURNING badge_id, organization_id")
    .bind(now)
    .bind(*code_hash)
    .bind(now)
    .maybe(tx)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let (badge, organization): (BadgeId, OrganizationId) = (row.id("badge_id")?, row.id("organization_id")?);
    let scope = Scope::house(organization);
    let device = devices::find(tx, &scope, badge).await?;
    let panel = claimed.panel.unwrap_or(device.panel);
    sql("UPDATE badges SET secret_hash = ?, public_key = ?, key_thumbprint = ?, model = coalesce(?, model), panel = ?,
        firmware = coalesce(?, firmware), claimed_at = coalesce(claimed_at, ?), updated_at = ?
        WHERE organization_id = ? AND id = ?")
    .bind(claimed.secret_hash)
    .bind(claimed.key.as_ref().map(|key| key.jwk.as_str()))
    .bind(claimed.key.as_ref().map(|key| key.thumbprint.as_str()))
    .bind(claimed.model.as_deref())
    .bind(panel.name())
    .bind(claimed.firmware.as_deref())
    .bind(now)
    .bind(device.next_version(now))
    .bind(organization)
    .bind(badge)
    .run(tx)
    .await?;
    let kind = device.kind.name();
    audit::append(tx, &scope, &format!("{kind}.claim"), Some((kind, badge.uuid())), None, now).await?;
    changes::append(tx, organization, device.kind.changed(), badge.uuid(), 0, now).await?;
    Ok(Some((badge, organization)))
}

/// What a badge proves itself with.
#[derive(Debug, Clone)]
pub struct Credentials {
    pub secret_hash: Option<[u8; 32]>,
    pub key: Option<Key>,
}

/// Gives a badge that a person has claimed its credentials; those it had before are worth nothing.
///
/// # Errors
/// There is no such badge in service.
pub async fn equip(
    tx: &Tx,
    organization: OrganizationId,
    badge: BadgeId,
    credentials: &Credentials,
    now: Moment,
) -> Result<(), Error> {
    let current = badges::find(tx, &Scope::house(organization), badge, now).await?;
    sql("UPDATE badges SET secret_hash = ?, public_key = ?, key_thumbprint = ?, claimed_at = coalesce(claimed_at, ?),
        updated_at = ? WHERE organization_id = ? AND id = ?")
    .bind(credentials.secret_hash)
    .bind(credentials.key.as_ref().map(|key| key.jwk.as_str()))
    .bind(credentials.key.as_ref().map(|key| key.thumbprint.as_str()))
    .bind(now)
    .bind(later(current.updated_at, now))
    .bind(organization)
    .bind(badge)
    .run(tx)
    .await?;
    changes::append(tx, organization, changes::Kind::Badge, badge.uuid(), 0, now).await
}

/// The badge has fetched its first token: its code is used up.
///
/// # Errors
/// Those of the database.
pub async fn spend(tx: &Tx, badge: BadgeId, now: Moment) -> Result<(), Error> {
    sql("UPDATE claims SET spent_at = ? WHERE badge_id = ? AND used_at IS NOT NULL AND spent_at IS NULL")
        .bind(now)
        .bind(badge)
        .run(tx)
        .await?;
    Ok(())
}
