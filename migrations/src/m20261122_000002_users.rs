//! People. An email is unique in the whole installation and kept in lower case.
//!
//! `folded` is the name in lower case, as it is searched: SQLite itself only knows the letters of English.

use crate::change::{Change, Step};

pub(crate) const CHANGE: Change = Change {
    name: "m20261122_000002_users",
    up: &[Step::Sql(
        "CREATE TABLE users (
                id UUID PRIMARY KEY NOT NULL,
                organization_id UUID NOT NULL REFERENCES organizations (id),
                email TEXT NOT NULL UNIQUE CHECK (length(email) BETWEEN 3 AND 254 AND email = lower(email)),
                name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
                folded TEXT NOT NULL CHECK (length(folded) >= 1),
                role TEXT NOT NULL CHECK (role IN ('admin', 'manager', 'receptionist', 'auditor')),
                password_hash TEXT,
                disabled_at MOMENT,
                created_at MOMENT NOT NULL,
                updated_at MOMENT NOT NULL,
                UNIQUE (organization_id, id)
            )",
    )],
    down: &[Step::Sql("DROP TABLE users")],
};
