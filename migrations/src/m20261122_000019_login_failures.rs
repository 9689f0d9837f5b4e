//! Failed logins per account *and* network, so nobody can lock another out.
//!
//! `account` is the SHA-256 of the email that was tried, whether or not there is such a user.

use crate::change::{Change, Step};

pub(crate) const CHANGE: Change = Change {
    name: "m20261122_000019_login_failures",
    up: &[
        Step::Sql(
            "CREATE TABLE login_failures (
                account BYTES NOT NULL CHECK (length(account) = 32),
                network TEXT NOT NULL,
                failures NUMBER NOT NULL CHECK (failures >= 1),
                last_at MOMENT NOT NULL,
                blocked_until MOMENT NOT NULL,
                PRIMARY KEY (account, network)
            )",
        ),
        Step::Sql("CREATE INDEX login_failures_by_age ON login_failures (last_at)"),
    ],
    down: &[Step::Sql("DROP TABLE login_failures")],
};
