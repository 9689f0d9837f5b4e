//! One acceptable row of each table, to be changed by the cases.

use sea_orm::{Value, sea_query::Nullable};
use uuid::Uuid;

/// A row to insert.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    table: &'static str,
    columns: Vec<(&'static str, Value)>,
}

impl Row {
    fn of(table: &'static str) -> Self {
        Self { table, columns: Vec::new() }
    }

    /// With `column` set, or set anew.
    pub(crate) fn with(mut self, column: &'static str, value: impl Into<Value>) -> Self {
        self.columns.retain(|(name, _)| *name != column);
        self.columns.push((column, value.into()));
        self
    }

    pub(crate) fn insert(&self) -> (String, Vec<Value>) {
        let names: Vec<&str> = self.columns.iter().map(|(name, _)| *name).collect();
        let places: Vec<String> = (1..=names.len()).map(|n| format!("${n}")).collect();
        let sql = format!("INSERT INTO {} ({}) VALUES ({})", self.table, names.join(", "), places.join(", "));
        (sql, self.columns.iter().map(|(_, value)| value.clone()).collect())
    }
}

pub(crate) fn id(n: u128) -> Uuid {
    Uuid::from_u128(n)
}

pub(crate) fn hash(n: u8) -> Vec<u8> {
    vec![n; 32]
}

pub(crate) fn none<T: Nullable>() -> Value {
    T::null()
}

// Organization 1 is ours; organization 2 is the stranger whose rows must stay out of reach.
pub(crate) const OURS: u128 = 1;
pub(crate) const THEIRS: u128 = 2;

/// The ids of the furniture: 1x in organization 1, 2x in organization 2.
pub(crate) const USER: u128 = 0x10;
pub(crate) const BADGE: u128 = 0x11;
pub(crate) const GATEWAY: u128 = 0x12;
pub(crate) const GROUP: u128 = 0x13;
pub(crate) const ANNOUNCEMENT: u128 = 0x14;
pub(crate) const CLIENT: u128 = 0x15;
pub(crate) const FAMILY: u128 = 0x16;
pub(crate) const NODE: u128 = 0x17;
pub(crate) const STRANGER: u128 = 0x10;

/// The same thing in organization 2.
pub(crate) fn foreign(n: u128) -> Uuid {
    id(n + STRANGER)
}

/// Rows for the cases to stand on. New rows take ids from 0x100 on.
pub(crate) fn furniture() -> Vec<Row> {
    let mut rows = Vec::new();
    for (organization, offset) in [(OURS, 0), (THEIRS, STRANGER)] {
        let own =
            |row: Row, n: u128| row.with("id", id(n + offset)).with("organization_id", id(organization));
        rows.push(organization_row().with("id", id(organization)));
        rows.push(own(user(), USER).with("email", format!("owner{organization}@example.org")));
        rows.push(own(badge(), BADGE).with("code", "B-AAAA").with("owner_id", id(USER + offset)));
        rows.push(own(badge(), GATEWAY).with("code", "B-GGGG").with("kind", "gateway"));
        rows.push(own(group(), GROUP).with("name", "front desk"));
        rows.push(own(announcement(), ANNOUNCEMENT).with("author_id", id(USER + offset)));
        rows.push(own(client(), CLIENT));
        rows.push(own(family(), FAMILY).with("user_id", id(USER + offset)));
        rows.push(node().with("id", id(NODE + offset)));
    }
    rows
}

fn owned(table: &'static str) -> Row {
    Row::of(table).with("organization_id", id(OURS))
}

fn organization_row() -> Row {
    Row::of("organizations").with("id", id(0x100)).with("name", "Clinic").with("created_at", 1_i64)
}

pub(crate) fn organization() -> Row {
    organization_row()
}

pub(crate) fn user() -> Row {
    owned("users")
        .with("id", id(0x100))
        .with("email", "ada@example.org")
        .with("name", "Ada")
        .with("folded", "ada")
        .with("role", "receptionist")
        .with("created_at", 1_i64)
        .with("updated_at", 1_i64)
}

pub(crate) fn badge() -> Row {
    owned("badges")
        .with("id", id(0x101))
        .with("code", "B-7K2M")
        .with("name", "Desk 1")
        .with("folded", "desk 1")
        .with("kind", "badge")
        .with("panel", "11x44")
        .with("created_at", 1_i64)
        .with("updated_at", 1_i64)
}

pub(crate) fn group() -> Row {
    owned("groups")
        .with("id", id(0x102))
        .with("name", "night shift")
        .with("created_at", 1_i64)
        .with("updated_at", 1_i64)
}

pub(crate) fn group_badge() -> Row {
    owned("group_badges").with("group_id", id(GROUP)).with("badge_id", id(BADGE)).with("joined_at", 1_i64)
}

pub(crate) fn badge_tag() -> Row {
    owned("badge_tags").with("badge_id", id(BADGE)).with("tag", "ward 3").with("joined_at", 1_i64)
}

pub(crate) fn display() -> Row {
    owned("displays")
        .with("badge_id", id(BADGE))
        .with("revision", 3_i64)
        .with("document", "{}")
        .with("findings", "[]")
        .with("crc", 4_294_967_295_i64)
        .with("updated_at", 1_i64)
        .with("held_revision", 3_i64)
        .with("held_at", 1_i64)
        .with("written_revision", 3_i64)
        .with("written_at", 1_i64)
        .with("shown_revision", 3_i64)
        .with("shown_at", 1_i64)
        .with("refused_revision", 3_i64)
}

pub(crate) fn display_history() -> Row {
    owned("display_history")
        .with("badge_id", id(BADGE))
        .with("revision", 3_i64)
        .with("document", "{}")
        .with("put_by", id(USER))
        .with("put_at", 1_i64)
}

pub(crate) fn announcement() -> Row {
    owned("announcements")
        .with("id", id(0x103))
        .with("author_kind", "user")
        .with("author_id", id(USER))
        .with("revision", 1_i64)
        .with("level", "normal")
        .with("audience_kind", "some")
        .with("audience", "{}")
        .with("document", "{}")
        .with("findings", "[]")
        .with("accepted_at", 10_i64)
        .with("valid_from", 10_i64)
        .with("valid_until", 20_i64)
        .with("receipt_deadline", 15_i64)
}

pub(crate) fn announcement_group() -> Row {
    owned("announcement_groups").with("announcement_id", id(ANNOUNCEMENT)).with("group_id", id(GROUP))
}

pub(crate) fn announcement_badge() -> Row {
    owned("announcement_badges").with("announcement_id", id(ANNOUNCEMENT)).with("badge_id", id(BADGE))
}

pub(crate) fn announcement_tag() -> Row {
    owned("announcement_tags").with("announcement_id", id(ANNOUNCEMENT)).with("tag", "ward 3")
}

pub(crate) fn receipt() -> Row {
    owned("receipts")
        .with("announcement_id", id(ANNOUNCEMENT))
        .with("badge_id", id(BADGE))
        .with("revision", 1_i64)
        .with("state", 7_i64)
        .with("shown_at", 12_i64)
        .with("updated_at", 12_i64)
}

pub(crate) fn client() -> Row {
    owned("clients")
        .with("id", id(0x104))
        .with("name", "Home Assistant")
        .with("kind", "confidential")
        .with("secret_hash", hash(1))
        .with("redirect_uris", "[]")
        .with("origins", "[]")
        .with("scopes", "badges:read")
        .with("grants", "[]")
        .with("created_at", 1_i64)
}

pub(crate) fn api_key() -> Row {
    owned("api_keys")
        .with("id", id(0x105))
        .with("user_id", id(USER))
        .with("client_id", none::<Uuid>())
        .with("name", "backup")
        .with("hash", hash(2))
        .with("scopes", "badges:read")
        .with("created_at", 1_i64)
        .with("expires_at", 2_i64)
}

pub(crate) fn signing_key() -> Row {
    Row::of("signing_keys")
        .with("kid", "a1b2c3d4")
        .with("purpose", "serve")
        .with("private_key", hash(3))
        .with("public_jwk", "{}")
        .with("created_at", 1_i64)
        .with("activates_at", 1_i64)
        .with("retires_at", 2_i64)
}

pub(crate) fn family() -> Row {
    owned("refresh_families")
        .with("id", id(0x106))
        .with("user_id", id(USER))
        .with("client_id", "badgecast")
        .with("scope", "badges:own")
        .with("auth_time", 1_i64)
        .with("created_at", 1_i64)
        .with("expires_at", 2_i64)
}

pub(crate) fn refresh_token() -> Row {
    Row::of("refresh_tokens")
        .with("hash", hash(4))
        .with("family_id", id(FAMILY))
        .with("generation", 0_i64)
        .with("issued_at", 1_i64)
        .with("expires_at", 2_i64)
}

pub(crate) fn family_token() -> Row {
    Row::of("family_tokens").with("jti", id(0x107)).with("family_id", id(FAMILY)).with("expires_at", 1_i64)
}

pub(crate) fn revocation() -> Row {
    owned("revocations")
        .with("kind", "badge")
        .with("subject", id(BADGE))
        .with("not_before", 1_i64)
        .with("keep_until", 2_i64)
}

pub(crate) fn claim() -> Row {
    owned("claims")
        .with("badge_id", id(BADGE))
        .with("code_hash", hash(5))
        .with("created_at", 1_i64)
        .with("expires_at", 2_i64)
        .with("used_at", 1_i64)
        .with("spent_at", 1_i64)
}

pub(crate) fn authorization_code() -> Row {
    owned("authorization_codes")
        .with("hash", hash(6))
        .with("client_id", id(CLIENT))
        .with("user_id", id(USER))
        .with("scope", "badges:own")
        .with("redirect_uri", "https://example.org/back")
        .with("challenge", "c".repeat(43))
        .with("auth_time", 1_i64)
        .with("created_at", 1_i64)
        .with("expires_at", 2_i64)
        .with("used_at", 1_i64)
        .with("family_id", id(FAMILY))
}

pub(crate) fn device_code() -> Row {
    Row::of("device_codes")
        .with("hash", hash(7))
        .with("user_code_hash", hash(8))
        .with("client_id", "badgecast")
        .with("scope", "device:connect")
        .with("device", "{}")
        .with("network", "127.0.0.0/24")
        .with("interval_s", 5_i64)
        .with("created_at", 1_i64)
        .with("expires_at", 2_i64)
        .with("organization_id", id(OURS))
        .with("approved_by", id(USER))
        .with("approved_at", 1_i64)
        .with("badge_id", id(BADGE))
        .with("family_id", id(FAMILY))
        .with("used_at", 1_i64)
}

pub(crate) fn session() -> Row {
    owned("sessions")
        .with("hash", hash(9))
        .with("id", id(0x108))
        .with("user_id", id(USER))
        .with("kind", "remembered")
        .with("scope", "badges:own")
        .with("user_agent", "Firefox")
        .with("network", "127.0.0.0/24")
        .with("auth_time", 1_i64)
        .with("created_at", 1_i64)
        .with("last_used_at", 1_i64)
        .with("expires_at", 2_i64)
}

pub(crate) fn replay_id() -> Row {
    Row::of("replay_ids").with("hash", hash(10)).with("expires_at", 1_i64)
}

pub(crate) fn login_failure() -> Row {
    Row::of("login_failures")
        .with("account", hash(11))
        .with("network", "127.0.0.0/24")
        .with("failures", 1_i64)
        .with("last_at", 1_i64)
        .with("blocked_until", 2_i64)
}

pub(crate) fn place() -> Row {
    owned("places")
        .with("subject", id(USER))
        .with("kind", "network")
        .with("value", hash(13))
        .with("last_at", 1_i64)
}

pub(crate) fn idempotency_key() -> Row {
    Row::of("idempotency_keys")
        .with("caller", id(USER))
        .with("route", "POST /api/v1/badges")
        .with("key", "once")
        .with("body_hash", hash(12))
        .with("status", 201_i64)
        .with("reply", "{}")
        .with("created_at", 1_i64)
}

pub(crate) fn audit() -> Row {
    owned("audit")
        .with("at", 1_i64)
        .with("actor_kind", "user")
        .with("actor_id", id(USER))
        .with("action", "badge.register")
        .with("object_kind", "badge")
        .with("object_id", id(BADGE))
        .with("result", "done")
        .with("detail", "{}")
        .with("prev_hash", hash(0))
        .with("hash", hash(1))
}

pub(crate) fn audit_head() -> Row {
    owned("audit_heads").with("length", 1_i64).with("hash", hash(1))
}

pub(crate) fn change() -> Row {
    owned("changes")
        .with("kind", "display")
        .with("subject", id(BADGE))
        .with("revision", 1_i64)
        .with("at", 1_i64)
}

pub(crate) fn node() -> Row {
    Row::of("nodes").with("id", id(0x109)).with("lease_until", 1_i64)
}

pub(crate) fn connection() -> Row {
    owned("connections")
        .with("badge_id", id(BADGE))
        .with("node_id", id(NODE))
        .with("connection_id", id(0x10a))
        .with("since", 1_i64)
}

pub(crate) fn job() -> Row {
    owned("jobs")
        .with("id", id(0x10b))
        .with("kind", "deadline")
        .with("subject", id(ANNOUNCEMENT))
        .with("due_at", 1_i64)
}
