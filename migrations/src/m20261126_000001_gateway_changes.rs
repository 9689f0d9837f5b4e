//! Changes may be about a gateway (it was registered, claimed or renamed, or other badges hang on it) and about the
//! organization itself.
//!
//! SQLite cannot alter a CHECK, so there the table is made anew. Its numbers go on where they were, since cursors of
//! event streams count on that.

use crate::change::{Change, Step};

pub(crate) const CHANGE: Change = Change {
    name: "m20261126_000001_gateway_changes",
    up: &[
        Step::Sqlite(
            "CREATE TABLE changes_anew (
                seq INTEGER PRIMARY KEY AUTOINCREMENT,
                xid INTEGER NOT NULL DEFAULT 0,
                organization_id BLOB NOT NULL REFERENCES organizations (id),
                kind TEXT NOT NULL CHECK (kind IN ('display', 'announcement', 'member', 'badge', 'gateway', 'retired',
                    'user', 'organization', 'client', 'revocation', 'command', 'receipts', 'presence', 'security')),
                subject BLOB NOT NULL,
                revision INTEGER NOT NULL CHECK (revision >= 0),
                detail TEXT,
                at INTEGER NOT NULL
            ) STRICT",
        ),
        MOVE_NUMBERS,
        Step::Sqlite("INSERT INTO changes_anew SELECT * FROM changes"),
        Step::Sqlite("DROP TABLE changes"),
        Step::Sqlite("ALTER TABLE changes_anew RENAME TO changes"),
        Step::Sqlite("CREATE INDEX changes_in_order ON changes (xid, seq)"),
        Step::Sqlite("CREATE INDEX changes_by_age ON changes (at)"),
        Step::Postgres(
            "ALTER TABLE changes DROP CONSTRAINT changes_kind_check,
            ADD CONSTRAINT changes_kind_check CHECK (kind IN ('display', 'announcement', 'member', 'badge', 'gateway',
                'retired', 'user', 'organization', 'client', 'revocation', 'command', 'receipts', 'presence', 'security'))",
        ),
    ],
    down: &[
        Step::Sql("DELETE FROM changes WHERE kind IN ('gateway', 'organization')"),
        Step::Sqlite(
            "CREATE TABLE changes_anew (
                seq INTEGER PRIMARY KEY AUTOINCREMENT,
                xid INTEGER NOT NULL DEFAULT 0,
                organization_id BLOB NOT NULL REFERENCES organizations (id),
                kind TEXT NOT NULL CHECK (kind IN ('display', 'announcement', 'member', 'badge', 'retired', 'user',
                    'client', 'revocation', 'command', 'receipts', 'presence', 'security')),
                subject BLOB NOT NULL,
                revision INTEGER NOT NULL CHECK (revision >= 0),
                detail TEXT,
                at INTEGER NOT NULL
            ) STRICT",
        ),
        MOVE_NUMBERS,
        Step::Sqlite("INSERT INTO changes_anew SELECT * FROM changes"),
        Step::Sqlite("DROP TABLE changes"),
        Step::Sqlite("ALTER TABLE changes_anew RENAME TO changes"),
        Step::Sqlite("CREATE INDEX changes_in_order ON changes (xid, seq)"),
        Step::Sqlite("CREATE INDEX changes_by_age ON changes (at)"),
        Step::Postgres(
            "ALTER TABLE changes DROP CONSTRAINT changes_kind_check,
            ADD CONSTRAINT changes_kind_check CHECK (kind IN ('display', 'announcement', 'member', 'badge', 'retired',
                'user', 'client', 'revocation', 'command', 'receipts', 'presence', 'security'))",
        ),
    ],
};

/// Also when every row was forgotten, no number is given twice.
const MOVE_NUMBERS: Step = Step::Sqlite(
    "INSERT INTO sqlite_sequence (name, seq) SELECT 'changes_anew', seq FROM sqlite_sequence WHERE name = 'changes'",
);
