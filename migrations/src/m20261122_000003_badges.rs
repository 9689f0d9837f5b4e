//! Badges, and the gateways that speak for some of them.
//!
//! An owner has at most one badge in service; a retired badge keeps its owner for the record. `secret_hash` and
//! `public_key` are what the badge proves itself with, both empty until it is claimed and again after a revocation. `folded` is the name in lower case, as it is searched.

use crate::change::{Change, Step};

pub(crate) const CHANGE: Change = Change {
    name: "m20261122_000003_badges",
    up: &[
        Step::Sql(
            "CREATE TABLE badges (
                id UUID PRIMARY KEY NOT NULL,
                organization_id UUID NOT NULL REFERENCES organizations (id),
                code TEXT NOT NULL CHECK (length(code) = 6 AND code LIKE 'B-%'),
                name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
                folded TEXT NOT NULL CHECK (length(folded) >= 1),
                kind TEXT NOT NULL CHECK (kind IN ('badge', 'gateway')),
                gateway_id UUID,
                owner_id UUID,
                model TEXT CHECK (length(model) BETWEEN 1 AND 100),
                panel TEXT NOT NULL CHECK (panel IN ('11x44', '12x48', '11x55')),
                firmware TEXT CHECK (length(firmware) BETWEEN 1 AND 100),
                max_bytes NUMBER CHECK (max_bytes > 0),
                secret_hash BYTES CHECK (length(secret_hash) = 32),
                public_key TEXT,
                key_thumbprint TEXT CHECK (length(key_thumbprint) = 43),
                claimed_at MOMENT,
                retired_at MOMENT,
                last_seen_at MOMENT,
                battery REAL,
                rssi REAL,
                uptime_s REAL,
                temperature REAL,
                telemetry_at MOMENT,
                created_at MOMENT NOT NULL,
                updated_at MOMENT NOT NULL,
                UNIQUE (organization_id, id),
                UNIQUE (organization_id, code),
                FOREIGN KEY (organization_id, owner_id) REFERENCES users (organization_id, id),
                FOREIGN KEY (organization_id, gateway_id) REFERENCES badges (organization_id, id),
                CHECK (kind = 'badge' OR gateway_id IS NULL),
                CHECK (kind = 'badge' OR owner_id IS NULL),
                CHECK ((public_key IS NULL) = (key_thumbprint IS NULL)),
                CHECK (claimed_at IS NOT NULL OR (secret_hash IS NULL AND public_key IS NULL))
            )",
        ),
        Step::Sql("CREATE UNIQUE INDEX badges_one_per_owner ON badges (owner_id) WHERE retired_at IS NULL"),
        Step::Sql("CREATE INDEX badges_by_gateway ON badges (gateway_id) WHERE gateway_id IS NOT NULL"),
    ],
    down: &[Step::Sql("DROP TABLE badges")],
};
