//! What the pages of a large fleet count by the ten thousand is read from one tree.
//!
//! SQLite keeps receipts and connections in the order of their keys, without a second tree beside it, and an index holds all
//! that says whether a badge is in service: counting 10,000 badges and those online takes half as long. It begins with two
//! columns that are asked for by value, or SQLite would take the shorter key that leads to the same rows.

use crate::change::{Change, Step};

pub(crate) const CHANGE: Change = Change {
    name: "m20261126_000016_clustered",
    up: &[
        Step::Sqlite("ALTER TABLE receipts RENAME TO receipts_before"),
        Step::Sqlite(
            "CREATE TABLE receipts (
                announcement_id BLOB NOT NULL,
                badge_id BLOB NOT NULL,
                revision INTEGER NOT NULL CHECK (revision >= 1),
                organization_id BLOB NOT NULL,
                state INTEGER NOT NULL CHECK (state BETWEEN 0 AND 7),
                held_at INTEGER,
                shown_at INTEGER,
                crc INTEGER CHECK (crc BETWEEN 0 AND 4294967295),
                reason TEXT CHECK (length(reason) <= 200),
                updated_at INTEGER NOT NULL,
                PRIMARY KEY (announcement_id, badge_id, revision),
                FOREIGN KEY (organization_id, announcement_id)
                    REFERENCES announcements (organization_id, id) ON DELETE CASCADE,
                FOREIGN KEY (organization_id, badge_id) REFERENCES badges (organization_id, id) ON DELETE CASCADE,
                CHECK (state <> 7 OR shown_at IS NOT NULL)
            ) STRICT, WITHOUT ROWID",
        ),
        Step::Sqlite("INSERT INTO receipts SELECT * FROM receipts_before"),
        Step::Sqlite("DROP TABLE receipts_before"),
        // Of the moment only: whoever is connected is written down again.
        Step::Sqlite("DROP TABLE connections"),
        Step::Sqlite(
            "CREATE TABLE connections (
                badge_id BLOB PRIMARY KEY NOT NULL,
                organization_id BLOB NOT NULL,
                node_id BLOB NOT NULL REFERENCES nodes (id) ON DELETE CASCADE,
                connection_id BLOB NOT NULL,
                since INTEGER NOT NULL,
                FOREIGN KEY (organization_id, badge_id) REFERENCES badges (organization_id, id) ON DELETE CASCADE
            ) STRICT, WITHOUT ROWID",
        ),
        Step::Sqlite("CREATE INDEX connections_by_node ON connections (node_id)"),
        Step::Sqlite("CREATE INDEX connections_by_organization ON connections (organization_id)"),
        Step::Sql(
            "CREATE INDEX badges_in_service ON badges (organization_id, retired_at, id, kind, claimed_at, panel)",
        ),
    ],
    down: &[
        Step::Sql("DROP INDEX badges_in_service"),
        Step::Sqlite("ALTER TABLE receipts RENAME TO receipts_before"),
        Step::Sqlite(
            "CREATE TABLE receipts (
                announcement_id BLOB NOT NULL,
                badge_id BLOB NOT NULL,
                revision INTEGER NOT NULL CHECK (revision >= 1),
                organization_id BLOB NOT NULL,
                state INTEGER NOT NULL CHECK (state BETWEEN 0 AND 7),
                held_at INTEGER,
                shown_at INTEGER,
                crc INTEGER CHECK (crc BETWEEN 0 AND 4294967295),
                reason TEXT CHECK (length(reason) <= 200),
                updated_at INTEGER NOT NULL,
                PRIMARY KEY (announcement_id, badge_id, revision),
                FOREIGN KEY (organization_id, announcement_id)
                    REFERENCES announcements (organization_id, id) ON DELETE CASCADE,
                FOREIGN KEY (organization_id, badge_id) REFERENCES badges (organization_id, id) ON DELETE CASCADE,
                CHECK (state <> 7 OR shown_at IS NOT NULL)
            ) STRICT",
        ),
        Step::Sqlite("INSERT INTO receipts SELECT * FROM receipts_before"),
        Step::Sqlite("DROP TABLE receipts_before"),
        Step::Sqlite("DROP TABLE connections"),
        Step::Sqlite(
            "CREATE TABLE connections (
                badge_id BLOB PRIMARY KEY NOT NULL,
                organization_id BLOB NOT NULL,
                node_id BLOB NOT NULL REFERENCES nodes (id) ON DELETE CASCADE,
                connection_id BLOB NOT NULL,
                since INTEGER NOT NULL,
                FOREIGN KEY (organization_id, badge_id) REFERENCES badges (organization_id, id) ON DELETE CASCADE
            ) STRICT",
        ),
        Step::Sqlite("CREATE INDEX connections_by_node ON connections (node_id)"),
        Step::Sqlite("CREATE INDEX connections_by_organization ON connections (organization_id)"),
    ],
};
