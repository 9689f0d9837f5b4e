//! Idempotency keys: what a creation answered, so that asking again answers the same.
//!
//! The row is written in the transaction that creates, so it stands when and only when the thing does. Replies are stored
//! without their secrets, for 24 hours; whose they are is said by the caller's id.

use crate::change::{Change, Step};

pub(crate) const CHANGE: Change = Change {
    name: "m20261122_000020_idempotency_keys",
    up: &[
        Step::Sql(
            "CREATE TABLE idempotency_keys (
                caller UUID NOT NULL,
                route TEXT NOT NULL,
                key TEXT NOT NULL CHECK (length(key) BETWEEN 1 AND 255),
                body_hash BYTES NOT NULL CHECK (length(body_hash) = 32),
                status NUMBER NOT NULL CHECK (status BETWEEN 200 AND 599),
                location TEXT,
                reply TEXT NOT NULL,
                created_at MOMENT NOT NULL,
                PRIMARY KEY (caller, route, key)
            )",
        ),
        Step::Sql("CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at)"),
    ],
    down: &[Step::Sql("DROP TABLE idempotency_keys")],
};
