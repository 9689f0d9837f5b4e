//! Proof of possession (RFC 9449): the key an authorization code is meant for (`dpop_jkt`), and clients that may have
//! tokens bound to a key only (`dpop_bound_access_tokens`).

use crate::change::{Change, Step};

pub(crate) const CHANGE: Change = Change {
    name: "m20261126_000005_dpop",
    up: &[
        Step::Sql("ALTER TABLE authorization_codes ADD COLUMN jkt TEXT CHECK (length(jkt) = 43)"),
        Step::Sql(
            "ALTER TABLE clients ADD COLUMN key_bound NUMBER NOT NULL DEFAULT 0 CHECK (key_bound IN (0, 1))",
        ),
    ],
    down: &[
        Step::Sql("ALTER TABLE clients DROP COLUMN key_bound"),
        Step::Sql("ALTER TABLE authorization_codes DROP COLUMN jkt"),
    ],
};
