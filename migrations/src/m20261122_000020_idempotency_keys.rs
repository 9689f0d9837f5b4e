//! Idempotency keys: what a creation answered, so that asking again answers the same.
//!
//! A row without a status is a request in flight. Replies are stored without their secrets.

use crate::change::{Change, Step};

pub(crate) const CHANGE: Change = Change {
    name: "m20261122_000020_idempotency_keys",
    up: &[
        Step::Sql(
            "CREATE TABLE idempotency_keys (
                caller UUID NOT NULL,
                route TEXT NOT NULL,
                key TEXT NOT NULL CHECK (length(key) BETWEEN 1 AND 255),
                organization_id UUID NOT NULL REFERENCES organizations (id),
                body_hash BYTES NOT NULL CHECK (length(body_hash) = 32),
                status NUMBER CHECK (status BETWEEN 200 AND 599),
                headers TEXT,
                reply TEXT,
                created_at MOMENT NOT NULL,
                PRIMARY KEY (caller, route, key),
                CHECK ((status IS NULL) = (reply IS NULL))
            )",
        ),
        Step::Sql("CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at)"),
    ],
    down: &[Step::Sql("DROP TABLE idempotency_keys")],
};
