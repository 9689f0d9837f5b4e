//! Jobs: work that exactly one node must do, leased by one at a time until it is done.

use crate::change::{Change, Step};

pub(crate) const CHANGE: Change = Change {
    name: "m20261122_000024_jobs",
    up: &[
        Step::Sql(
            "CREATE TABLE jobs (
                id UUID PRIMARY KEY NOT NULL,
                organization_id UUID NOT NULL REFERENCES organizations (id),
                kind TEXT NOT NULL CHECK (kind IN ('deadline', 'expiry')),
                subject UUID NOT NULL,
                due_at MOMENT NOT NULL,
                lease_until MOMENT,
                attempts NUMBER NOT NULL DEFAULT 0 CHECK (attempts >= 0),
                done_at MOMENT,
                UNIQUE (kind, subject)
            )",
        ),
        Step::Sql("CREATE INDEX jobs_due ON jobs (due_at) WHERE done_at IS NULL"),
    ],
    down: &[Step::Sql("DROP TABLE jobs")],
};
