//! Proofs and assertions that were seen: the SHA-256 of who and `jti`, until it would be refused anyway.

use crate::change::{Change, Step};

pub(crate) const CHANGE: Change = Change {
    name: "m20261122_000018_replay_ids",
    up: &[
        Step::Sql(
            "CREATE TABLE replay_ids (
                hash BYTES PRIMARY KEY NOT NULL CHECK (length(hash) = 32),
                expires_at MOMENT NOT NULL
            )",
        ),
        Step::Sql("CREATE INDEX replay_ids_by_expiry ON replay_ids (expires_at)"),
    ],
    down: &[Step::Sql("DROP TABLE replay_ids")],
};
