//! Revocations: for a token its `jti`, for everyone else the moment at or before which their tokens are refused.
//!
//! Rows are merged by the larger moment and may be forgotten after `keep_until`, when no such token can live.

use crate::change::{Change, Step};

pub(crate) const CHANGE: Change = Change {
    name: "m20261122_000013_revocations",
    up: &[
        Step::Sql(
            "CREATE TABLE revocations (
                kind TEXT NOT NULL CHECK (kind IN ('token', 'user', 'client', 'badge', 'family', 'organization')),
                subject UUID NOT NULL,
                organization_id UUID NOT NULL REFERENCES organizations (id),
                not_before MOMENT NOT NULL,
                keep_until MOMENT NOT NULL,
                PRIMARY KEY (kind, subject),
                CHECK (not_before <= keep_until)
            )",
        ),
        Step::Sql("CREATE INDEX revocations_by_end ON revocations (keep_until)"),
    ],
    down: &[
        Step::Sql("DROP TABLE revocations"),
    ],
};
