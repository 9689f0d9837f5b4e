//! Sessions of the browser; the cookie's value is kept only as its SHA-256, `id` is what lists and ends it.
//!
//! A remembered session lives long and therefore may do no more than edit its owner's badge.

use crate::change::{Change, Step};

pub(crate) const CHANGE: Change = Change {
    name: "m20261122_000017_sessions",
    up: &[
        Step::Sql(
            "CREATE TABLE sessions (
                hash BYTES PRIMARY KEY NOT NULL CHECK (length(hash) = 32),
                id UUID NOT NULL UNIQUE,
                organization_id UUID NOT NULL REFERENCES organizations (id),
                user_id UUID NOT NULL,
                badge_id UUID,
                kind TEXT NOT NULL CHECK (kind IN ('normal', 'remembered')),
                scope TEXT NOT NULL,
                user_agent TEXT NOT NULL CHECK (length(user_agent) <= 300),
                network TEXT NOT NULL,
                auth_time MOMENT NOT NULL,
                created_at MOMENT NOT NULL,
                last_used_at MOMENT NOT NULL,
                expires_at MOMENT NOT NULL,
                FOREIGN KEY (organization_id, user_id) REFERENCES users (organization_id, id) ON DELETE CASCADE,
                FOREIGN KEY (organization_id, badge_id) REFERENCES badges (organization_id, id) ON DELETE CASCADE,
                CHECK (created_at < expires_at),
                CHECK (kind = 'normal' OR scope = 'badges:own')
            )",
        ),
        Step::Sql("CREATE INDEX sessions_by_user ON sessions (user_id)"),
        Step::Sql("CREATE INDEX sessions_by_expiry ON sessions (expires_at)"),
    ],
    down: &[
        Step::Sql("DROP TABLE sessions"),
    ],
};
