//! Whether integrations of an organization are told the words on its badges, which are often names. Not unless it says so.

use crate::change::{Change, Step};

pub(crate) const CHANGE: Change = Change {
    name: "m20261126_000003_told_texts",
    up: &[Step::Sql(
        "ALTER TABLE organizations ADD COLUMN tells_texts NUMBER NOT NULL DEFAULT 0 CHECK (tells_texts IN (0, 1))",
    )],
    down: &[Step::Sql("ALTER TABLE organizations DROP COLUMN tells_texts")],
};
