//! The schema's history, for SQLite and PostgreSQL: one reversible change per file, oldest first.
//!
//! Each change is SQL, written once for both engines with the portable types of [`change`]. The constraints are the
//! guards of last resort: foreign keys carry the organization, so no row can point into another tenant; enums, ranges
//! and states that must not be are refused by CHECK, and what may stand once by UNIQUE.
//!
//! This crate knows none of ours. What a table means to the product is said beside its column; the queries live with
//! their callers.

mod change;
mod m20261122_000001_organizations;
mod m20261122_000002_users;
mod m20261122_000003_badges;
mod m20261122_000004_groups;
mod m20261122_000005_tags;
mod m20261122_000006_displays;
mod m20261122_000007_announcements;
mod m20261122_000008_receipts;
mod m20261122_000009_clients;
mod m20261122_000010_api_keys;
mod m20261122_000011_signing_keys;
mod m20261122_000012_refresh;
mod m20261122_000013_revocations;
mod m20261122_000014_claims;
mod m20261122_000015_authorization_codes;
mod m20261122_000016_device_codes;
mod m20261122_000017_sessions;
mod m20261122_000018_replay_ids;
mod m20261122_000019_login_failures;
mod m20261122_000020_idempotency_keys;
mod m20261122_000021_audit;
mod m20261122_000022_changes;
mod m20261122_000023_nodes;
mod m20261122_000024_jobs;
mod m20261126_000001_gateway_changes;
mod m20261126_000002_shared_connections;
mod m20261126_000003_told_texts;
mod m20261126_000005_dpop;
mod m20261126_000010_places;
mod m20261126_000011_audit_heads;
mod m20261126_000015_display_history;
mod m20261126_000016_clustered;

use change::Change;
pub use sea_orm_migration::MigratorTrait;
use sea_orm_migration::{MigrationTrait, async_trait};

/// Every change, oldest first.
const CHANGES: [&Change; 32] = [
    &m20261122_000001_organizations::CHANGE,
    &m20261122_000002_users::CHANGE,
    &m20261122_000003_badges::CHANGE,
    &m20261122_000004_groups::CHANGE,
    &m20261122_000005_tags::CHANGE,
    &m20261122_000006_displays::CHANGE,
    &m20261122_000007_announcements::CHANGE,
    &m20261122_000008_receipts::CHANGE,
    &m20261122_000009_clients::CHANGE,
    &m20261122_000010_api_keys::CHANGE,
    &m20261122_000011_signing_keys::CHANGE,
    &m20261122_000012_refresh::CHANGE,
    &m20261122_000013_revocations::CHANGE,
    &m20261122_000014_claims::CHANGE,
    &m20261122_000015_authorization_codes::CHANGE,
    &m20261122_000016_device_codes::CHANGE,
    &m20261122_000017_sessions::CHANGE,
    &m20261122_000018_replay_ids::CHANGE,
    &m20261122_000019_login_failures::CHANGE,
    &m20261122_000020_idempotency_keys::CHANGE,
    &m20261122_000021_audit::CHANGE,
    &m20261122_000022_changes::CHANGE,
    &m20261122_000023_nodes::CHANGE,
    &m20261122_000024_jobs::CHANGE,
    &m20261126_000001_gateway_changes::CHANGE,
    &m20261126_000002_shared_connections::CHANGE,
    &m20261126_000003_told_texts::CHANGE,
    &m20261126_000005_dpop::CHANGE,
    &m20261126_000010_places::CHANGE,
    &m20261126_000011_audit_heads::CHANGE,
    &m20261126_000015_display_history::CHANGE,
    &m20261126_000016_clustered::CHANGE,
];

/// Brings a database up to the newest schema, or back.
#[derive(Debug)]
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        CHANGES.into_iter().map(|change| Box::new(change) as Box<dyn MigrationTrait>).collect()
    }
}
