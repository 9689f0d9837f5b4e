//! Keys that sign access tokens. They belong to the installation, not to an organization.
//!
//! `sealed_with` names the key `private_key` is encrypted under; without it the bytes are PKCS#8. A `test` key signs the
//! tokens of a server that was started for tests, and a normal server refuses them.

use crate::change::{Change, Step};

pub(crate) const CHANGE: Change = Change {
    name: "m20261122_000011_signing_keys",
    up: &[Step::Sql(
        "CREATE TABLE signing_keys (
                kid TEXT PRIMARY KEY NOT NULL CHECK (length(kid) BETWEEN 1 AND 8),
                purpose TEXT NOT NULL CHECK (purpose IN ('serve', 'test')),
                private_key BYTES NOT NULL,
                sealed_with TEXT,
                public_jwk TEXT NOT NULL,
                created_at MOMENT NOT NULL,
                activates_at MOMENT NOT NULL,
                retires_at MOMENT,
                CHECK (activates_at < retires_at)
            )",
    )],
    down: &[Step::Sql("DROP TABLE signing_keys")],
};
