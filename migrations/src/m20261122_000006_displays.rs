//! Own displays: one per badge, with how far the badge has come beside the revision.
//!
//! `crc` is the server's render on the badge's panel, `reported_crc` what the badge last said it lit.

use crate::change::{Change, Step};

pub(crate) const CHANGE: Change = Change {
    name: "m20261122_000006_displays",
    up: &[
        Step::Sql(
            "CREATE TABLE displays (
                badge_id UUID PRIMARY KEY NOT NULL,
                organization_id UUID NOT NULL,
                revision NUMBER NOT NULL CHECK (revision >= 1),
                document TEXT NOT NULL,
                findings TEXT NOT NULL,
                crc NUMBER NOT NULL CHECK (crc BETWEEN 0 AND 4294967295),
                updated_at MOMENT NOT NULL,
                updated_by UUID,
                held_revision NUMBER CHECK (held_revision <= revision),
                held_at MOMENT,
                written_revision NUMBER CHECK (written_revision <= revision),
                written_at MOMENT,
                shown_revision NUMBER CHECK (shown_revision <= revision),
                shown_at MOMENT,
                refused_revision NUMBER CHECK (refused_revision <= revision),
                reported_crc NUMBER CHECK (reported_crc BETWEEN 0 AND 4294967295),
                reason TEXT CHECK (length(reason) <= 200),
                FOREIGN KEY (organization_id, badge_id) REFERENCES badges (organization_id, id) ON DELETE CASCADE,
                CHECK ((held_revision IS NULL) = (held_at IS NULL)),
                CHECK ((written_revision IS NULL) = (written_at IS NULL)),
                CHECK ((shown_revision IS NULL) = (shown_at IS NULL))
            )",
        ),
    ],
    down: &[
        Step::Sql("DROP TABLE displays"),
    ],
};
