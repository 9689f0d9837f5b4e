//! Organizations: the tenants. Every other row belongs to one.

use crate::change::{Change, Step};

pub(crate) const CHANGE: Change = Change {
    name: "m20261122_000001_organizations",
    up: &[Step::Sql(
        "CREATE TABLE organizations (
                id UUID PRIMARY KEY NOT NULL,
                name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
                created_at MOMENT NOT NULL
            )",
    )],
    down: &[Step::Sql("DROP TABLE organizations")],
};
