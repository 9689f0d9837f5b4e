//! Groups: named sets of badges. `joined_at` is where a late joiner's time to shown starts.

use crate::change::{Change, Step};

pub(crate) const CHANGE: Change = Change {
    name: "m20261122_000004_groups",
    up: &[
        Step::Sql(
            "CREATE TABLE groups (
                id UUID PRIMARY KEY NOT NULL,
                organization_id UUID NOT NULL REFERENCES organizations (id),
                name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
                created_at MOMENT NOT NULL,
                updated_at MOMENT NOT NULL,
                UNIQUE (organization_id, id),
                UNIQUE (organization_id, name)
            )",
        ),
        Step::Sql(
            "CREATE TABLE group_badges (
                organization_id UUID NOT NULL,
                group_id UUID NOT NULL,
                badge_id UUID NOT NULL,
                joined_at MOMENT NOT NULL,
                PRIMARY KEY (group_id, badge_id),
                FOREIGN KEY (organization_id, group_id) REFERENCES groups (organization_id, id) ON DELETE CASCADE,
                FOREIGN KEY (organization_id, badge_id) REFERENCES badges (organization_id, id) ON DELETE CASCADE
            )",
        ),
        Step::Sql("CREATE INDEX group_badges_by_badge ON group_badges (badge_id)"),
    ],
    down: &[
        Step::Sql("DROP TABLE group_badges"),
        Step::Sql("DROP TABLE groups"),
    ],
};
