//! Announcements: one row each, never a row per badge. Whom they are for is resolved live from the link rows.
//!
//! `audience` is what the author wrote, in JSON; `text` is kept when they wrote the short form, and
//! `summary` is the receipts as they stood at the deadline.

use crate::change::{Change, Step};

pub(crate) const CHANGE: Change = Change {
    name: "m20261122_000007_announcements",
    up: &[
        Step::Sql(
            "CREATE TABLE announcements (
                id UUID PRIMARY KEY NOT NULL,
                organization_id UUID NOT NULL REFERENCES organizations (id),
                author_kind TEXT NOT NULL CHECK (author_kind IN ('user', 'client', 'house')),
                author_id UUID,
                revision NUMBER NOT NULL CHECK (revision >= 1),
                level TEXT NOT NULL CHECK (level IN ('normal', 'urgent', 'emergency')),
                audience_kind TEXT NOT NULL CHECK (audience_kind IN ('all', 'some')),
                audience TEXT NOT NULL,
                text TEXT,
                document TEXT NOT NULL,
                findings TEXT NOT NULL,
                accepted_at MOMENT NOT NULL,
                valid_from MOMENT NOT NULL,
                valid_until MOMENT NOT NULL,
                receipt_deadline MOMENT NOT NULL,
                withdrawn_at MOMENT,
                summary TEXT,
                UNIQUE (organization_id, id),
                CHECK ((author_kind = 'house') = (author_id IS NULL)),
                CHECK (valid_from < valid_until),
                CHECK (accepted_at < receipt_deadline)
            )",
        ),
        Step::Sql(
            "CREATE INDEX announcements_live ON announcements (organization_id, valid_until) WHERE withdrawn_at IS NULL",
        ),
        Step::Sql(
            "CREATE TABLE announcement_groups (
                organization_id UUID NOT NULL,
                announcement_id UUID NOT NULL,
                group_id UUID NOT NULL,
                PRIMARY KEY (announcement_id, group_id),
                FOREIGN KEY (organization_id, announcement_id)
                    REFERENCES announcements (organization_id, id) ON DELETE CASCADE,
                FOREIGN KEY (organization_id, group_id) REFERENCES groups (organization_id, id) ON DELETE CASCADE
            )",
        ),
        Step::Sql(
            "CREATE TABLE announcement_badges (
                organization_id UUID NOT NULL,
                announcement_id UUID NOT NULL,
                badge_id UUID NOT NULL,
                PRIMARY KEY (announcement_id, badge_id),
                FOREIGN KEY (organization_id, announcement_id)
                    REFERENCES announcements (organization_id, id) ON DELETE CASCADE,
                FOREIGN KEY (organization_id, badge_id) REFERENCES badges (organization_id, id) ON DELETE CASCADE
            )",
        ),
        Step::Sql(
            "CREATE TABLE announcement_tags (
                organization_id UUID NOT NULL,
                announcement_id UUID NOT NULL,
                tag TEXT NOT NULL CHECK (length(tag) BETWEEN 1 AND 64),
                PRIMARY KEY (announcement_id, tag),
                FOREIGN KEY (organization_id, announcement_id)
                    REFERENCES announcements (organization_id, id) ON DELETE CASCADE
            )",
        ),
        Step::Sql("CREATE INDEX announcement_groups_by_group ON announcement_groups (group_id)"),
        Step::Sql("CREATE INDEX announcement_badges_by_badge ON announcement_badges (badge_id)"),
    ],
    down: &[
        Step::Sql("DROP TABLE announcement_tags"),
        Step::Sql("DROP TABLE announcement_badges"),
        Step::Sql("DROP TABLE announcement_groups"),
        Step::Sql("DROP TABLE announcements"),
    ],
};
