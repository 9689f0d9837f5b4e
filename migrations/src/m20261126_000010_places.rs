//! Places that are known: the networks and browsers people signed in from, and the networks API keys were used from.
//!
//! `subject` is a user or an API key; of the place only a SHA-256 is kept.

use crate::change::{Change, Step};

pub(crate) const CHANGE: Change = Change {
    name: "m20261126_000010_places",
    up: &[
        Step::Sql(
            "CREATE TABLE places (
                subject UUID NOT NULL,
                kind TEXT NOT NULL CHECK (kind IN ('network', 'browser')),
                value BYTES NOT NULL CHECK (length(value) = 32),
                organization_id UUID NOT NULL REFERENCES organizations (id),
                last_at MOMENT NOT NULL,
                PRIMARY KEY (subject, kind, value)
            )",
        ),
        Step::Sql("CREATE INDEX places_by_age ON places (last_at)"),
        Step::Sql("CREATE INDEX login_failures_by_network ON login_failures (network)"),
    ],
    down: &[Step::Sql("DROP INDEX login_failures_by_network"), Step::Sql("DROP TABLE places")],
};
