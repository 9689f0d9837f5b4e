//! Refresh token families, their tokens, and the access tokens they gave.
//!
//! A family is one login and everything refreshed from it; `expires_at` is its absolute end and never moves. At most one
//! of its tokens may still be used, and that is an index, not a hope. `family_tokens` holds the `jti` of each access token
//! that may still live, so ending a family ends them.

use crate::change::{Change, Step};

pub(crate) const CHANGE: Change = Change {
    name: "m20261122_000012_refresh",
    up: &[
        Step::Sql(
            "CREATE TABLE refresh_families (
                id UUID PRIMARY KEY NOT NULL,
                organization_id UUID NOT NULL REFERENCES organizations (id),
                user_id UUID NOT NULL,
                client_id TEXT NOT NULL CHECK (length(client_id) BETWEEN 1 AND 100),
                badge_id UUID,
                scope TEXT NOT NULL,
                jkt TEXT CHECK (length(jkt) = 43),
                auth_time MOMENT NOT NULL,
                created_at MOMENT NOT NULL,
                expires_at MOMENT NOT NULL,
                revoked_at MOMENT,
                reason TEXT,
                UNIQUE (organization_id, id),
                FOREIGN KEY (organization_id, user_id) REFERENCES users (organization_id, id) ON DELETE CASCADE,
                FOREIGN KEY (organization_id, badge_id) REFERENCES badges (organization_id, id) ON DELETE CASCADE,
                CHECK (created_at < expires_at),
                CHECK ((revoked_at IS NULL) = (reason IS NULL))
            )",
        ),
        Step::Sql("CREATE INDEX refresh_families_by_user ON refresh_families (user_id)"),
        Step::Sql(
            "CREATE TABLE refresh_tokens (
                hash BYTES PRIMARY KEY NOT NULL CHECK (length(hash) = 32),
                family_id UUID NOT NULL REFERENCES refresh_families (id) ON DELETE CASCADE,
                generation NUMBER NOT NULL CHECK (generation >= 0),
                parent_hash BYTES CHECK (length(parent_hash) = 32),
                child_hash BYTES CHECK (length(child_hash) = 32),
                replacements NUMBER NOT NULL DEFAULT 0 CHECK (replacements BETWEEN 0 AND 2),
                issued_at MOMENT NOT NULL,
                expires_at MOMENT NOT NULL,
                used_at MOMENT,
                killed_at MOMENT,
                CHECK (issued_at < expires_at),
                CHECK ((used_at IS NULL) = (child_hash IS NULL)),
                CHECK (used_at IS NULL OR killed_at IS NULL),
                CHECK ((generation = 0) = (parent_hash IS NULL))
            )",
        ),
        Step::Sql(
            "CREATE UNIQUE INDEX refresh_tokens_one_usable ON refresh_tokens (family_id)
            WHERE used_at IS NULL AND killed_at IS NULL",
        ),
        Step::Sql("CREATE INDEX refresh_tokens_by_family ON refresh_tokens (family_id, generation)"),
        Step::Sql(
            "CREATE TABLE family_tokens (
                jti UUID PRIMARY KEY NOT NULL,
                family_id UUID NOT NULL REFERENCES refresh_families (id) ON DELETE CASCADE,
                expires_at MOMENT NOT NULL
            )",
        ),
        Step::Sql("CREATE INDEX family_tokens_by_family ON family_tokens (family_id)"),
        Step::Sql("CREATE INDEX family_tokens_by_expiry ON family_tokens (expires_at)"),
    ],
    down: &[
        Step::Sql("DROP TABLE family_tokens"),
        Step::Sql("DROP TABLE refresh_tokens"),
        Step::Sql("DROP TABLE refresh_families"),
    ],
};
