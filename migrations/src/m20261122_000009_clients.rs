//! OAuth clients that are not badges: integrations and registered applications.
//!
//! `redirect_uris`, `origins` and `grants` are JSON arrays of text; `scopes` is the space-separated most they may have.

use crate::change::{Change, Step};

pub(crate) const CHANGE: Change = Change {
    name: "m20261122_000009_clients",
    up: &[Step::Sql(
        "CREATE TABLE clients (
                id UUID PRIMARY KEY NOT NULL,
                organization_id UUID NOT NULL REFERENCES organizations (id),
                name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
                kind TEXT NOT NULL CHECK (kind IN ('public', 'confidential')),
                secret_hash BYTES CHECK (length(secret_hash) = 32),
                public_key TEXT,
                redirect_uris TEXT NOT NULL,
                origins TEXT NOT NULL,
                scopes TEXT NOT NULL,
                grants TEXT NOT NULL,
                created_at MOMENT NOT NULL,
                disabled_at MOMENT,
                UNIQUE (organization_id, id),
                CHECK ((kind = 'confidential') = (secret_hash IS NOT NULL OR public_key IS NOT NULL))
            )",
    )],
    down: &[Step::Sql("DROP TABLE clients")],
};
