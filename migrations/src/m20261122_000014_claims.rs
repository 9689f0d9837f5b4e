//! Claims: the one-time code with which a new badge becomes a member, one per badge, hashed.
//!
//! `used_at` is its first use; it works again until the badge has fetched its first token, which sets `spent_at`.

use crate::change::{Change, Step};

pub(crate) const CHANGE: Change = Change {
    name: "m20261122_000014_claims",
    up: &[
        Step::Sql(
            "CREATE TABLE claims (
                badge_id UUID PRIMARY KEY NOT NULL,
                organization_id UUID NOT NULL,
                code_hash BYTES NOT NULL UNIQUE CHECK (length(code_hash) = 32),
                created_at MOMENT NOT NULL,
                expires_at MOMENT NOT NULL,
                used_at MOMENT,
                spent_at MOMENT,
                FOREIGN KEY (organization_id, badge_id) REFERENCES badges (organization_id, id) ON DELETE CASCADE,
                CHECK (created_at < expires_at),
                CHECK (spent_at IS NULL OR used_at IS NOT NULL)
            )",
        ),
    ],
    down: &[
        Step::Sql("DROP TABLE claims"),
    ],
};
