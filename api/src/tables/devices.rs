//! What badges and gateways have in common: a row with a code, a claim and credentials.

use badgecast_domain::{
    display::Panel,
    id::{BadgeCode, BadgeId},
    time::Moment,
};
use sea_orm::ConnectionTrait;

use super::{
    Error, Tx, changes,
    sql::{Columns as _, later, sql},
};
use crate::auth::Scope;

/// How often a code is drawn before the organization counts as full.
const DRAWS: usize = 32;

/// What a device is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Shows something itself.
    Badge,
    /// Speaks for badges.
    Gateway,
}

impl Kind {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Badge => "badge",
            Self::Gateway => "gateway",
        }
    }

    fn from_name(name: &str) -> Option<Self> {
        [Self::Badge, Self::Gateway].into_iter().find(|kind| kind.name() == name)
    }

    /// What changed when one of them did.
    pub(super) const fn changed(self) -> changes::Kind {
        match self {
            Self::Badge => changes::Kind::Badge,
            Self::Gateway => changes::Kind::Gateway,
        }
    }
}

/// A badge or gateway in service.
#[derive(Debug, Clone)]
pub(super) struct Device {
    pub(super) kind: Kind,
    pub(super) panel: Panel,
    /// The gateway a badge hangs on.
    pub(super) gateway: Option<BadgeId>,
    /// Whether it has something to prove itself with.
    pub(super) has_credentials: bool,
    updated_at: Moment,
}

/// # Errors
/// There is no such device in service.
pub(super) async fn find(db: &impl ConnectionTrait, scope: &Scope, id: BadgeId) -> Result<Device, Error> {
    let row = sql("SELECT kind, panel, gateway_id, updated_at,
            (secret_hash IS NOT NULL OR public_key IS NOT NULL) AS has_credentials
        FROM badges WHERE organization_id = ? AND id = ? AND retired_at IS NULL")
    .bind(scope.organization())
    .bind(id)
    .one(db)
    .await?;
    Ok(Device {
        kind: row.word("kind", Kind::from_name)?,
        panel: row.word("panel", |name| name.parse().ok())?,
        gateway: row.maybe_id("gateway_id")?,
        has_credentials: row.get("has_credentials")?,
        updated_at: row.moment("updated_at")?,
    })
}

impl Device {
    /// The version that follows this one.
    pub(super) fn next_version(&self, now: Moment) -> Moment {
        later(self.updated_at, now)
    }
}

/// A code nobody in the organization has, also not a retired device: codes are printed on things.
pub(super) async fn free_code(tx: &Tx, scope: &Scope) -> Result<BadgeCode, Error> {
    for _ in 0..DRAWS {
        let code = BadgeCode::from_numbers(std::array::from_fn(|_| rand::random_range(0..28)));
        let taken = sql("SELECT 1 AS one FROM badges WHERE organization_id = ? AND code = ?")
            .bind(scope.organization())
            .bind(code.as_str())
            .maybe(tx)
            .await?;
        if taken.is_none() {
            return Ok(code);
        }
    }
    Err(Error::Conflict("Nearly all badge codes of this organization are in use"))
}

/// Forgets what a device proves itself with, and takes a badge off its gateway: nobody speaks for it from now on.
pub(super) async fn end_credentials(tx: &Tx, scope: &Scope, id: BadgeId, now: Moment) -> Result<(), Error> {
    let device = find(tx, scope, id).await?;
    sql("UPDATE badges SET secret_hash = NULL, public_key = NULL, key_thumbprint = NULL, gateway_id = NULL,
        updated_at = ? WHERE organization_id = ? AND id = ?")
    .bind(device.next_version(now))
    .bind(scope.organization())
    .bind(id)
    .run(tx)
    .await?;
    if let Some(gateway) = device.gateway {
        changes::append(tx, scope.organization(), changes::Kind::Gateway, gateway.uuid(), 0, now).await?;
    }
    end_claim(tx, id).await
}

/// A claim code that was given out is worth nothing any more.
pub(super) async fn end_claim(tx: &Tx, id: BadgeId) -> Result<(), Error> {
    sql("DELETE FROM claims WHERE badge_id = ?").bind(id).run(tx).await.map(drop)
}
