//! Tags: words on badges. A tag exists as long as a badge carries it.

use crate::change::{Change, Step};

pub(crate) const CHANGE: Change = Change {
    name: "m20261122_000005_tags",
    up: &[
        Step::Sql(
            "CREATE TABLE badge_tags (
                organization_id UUID NOT NULL,
                badge_id UUID NOT NULL,
                tag TEXT NOT NULL CHECK (length(tag) BETWEEN 1 AND 64),
                joined_at MOMENT NOT NULL,
                PRIMARY KEY (badge_id, tag),
                FOREIGN KEY (organization_id, badge_id) REFERENCES badges (organization_id, id) ON DELETE CASCADE
            )",
        ),
        Step::Sql("CREATE INDEX badge_tags_by_tag ON badge_tags (organization_id, tag)"),
    ],
    down: &[Step::Sql("DROP TABLE badge_tags")],
};
