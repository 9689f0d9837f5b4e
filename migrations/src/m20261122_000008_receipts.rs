//! Receipts of announcements: one row per badge that has said anything about a revision.
//!
//! `state` is the rank of the state, from pending (0) to shown (7): a stronger statement has the larger number, so one
//! monotone upsert writes acknowledgements in any order. The primary key is the only index on purpose: every question is
//! about one announcement or one of its badges, and a choice of indices is a choice PostgreSQL gets wrong before it has
//! statistics.

use crate::change::{Change, Step};

pub(crate) const CHANGE: Change = Change {
    name: "m20261122_000008_receipts",
    up: &[
        Step::Sql(
            "CREATE TABLE receipts (
                announcement_id UUID NOT NULL,
                badge_id UUID NOT NULL,
                revision NUMBER NOT NULL CHECK (revision >= 1),
                organization_id UUID NOT NULL,
                state NUMBER NOT NULL CHECK (state BETWEEN 0 AND 7),
                held_at MOMENT,
                shown_at MOMENT,
                crc NUMBER CHECK (crc BETWEEN 0 AND 4294967295),
                reason TEXT CHECK (length(reason) <= 200),
                updated_at MOMENT NOT NULL,
                PRIMARY KEY (announcement_id, badge_id, revision),
                FOREIGN KEY (organization_id, announcement_id)
                    REFERENCES announcements (organization_id, id) ON DELETE CASCADE,
                FOREIGN KEY (organization_id, badge_id) REFERENCES badges (organization_id, id) ON DELETE CASCADE,
                CHECK (state <> 7 OR shown_at IS NOT NULL)
            )",
        ),
    ],
    down: &[
        Step::Sql("DROP TABLE receipts"),
    ],
};
