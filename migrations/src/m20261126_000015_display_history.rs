//! What badges said before: so that a person takes a line back, or uses one again. A few revisions per badge.

use crate::change::{Change, Step};

pub(crate) const CHANGE: Change = Change {
    name: "m20261126_000015_display_history",
    up: &[
        Step::Sql(
            "CREATE TABLE display_history (
                badge_id UUID NOT NULL,
                organization_id UUID NOT NULL,
                revision NUMBER NOT NULL CHECK (revision >= 1),
                document TEXT NOT NULL,
                put_by UUID,
                put_at MOMENT NOT NULL,
                PRIMARY KEY (badge_id, revision),
                FOREIGN KEY (organization_id, badge_id) REFERENCES badges (organization_id, id) ON DELETE CASCADE
            )",
        ),
        Step::Sql(
            "INSERT INTO display_history (badge_id, organization_id, revision, document, put_by, put_at)
                SELECT badge_id, organization_id, revision, document, updated_by, updated_at FROM displays",
        ),
    ],
    down: &[
        Step::Sql("DROP TABLE display_history"),
    ],
};
