//! The badges of a gateway share its connection.

use crate::change::{Change, Step};

pub(crate) const CHANGE: Change = Change {
    name: "m20261126_000002_shared_connections",
    up: &[
        Step::Sqlite(
            "CREATE TABLE connections_anew (
                badge_id BLOB PRIMARY KEY NOT NULL,
                organization_id BLOB NOT NULL,
                node_id BLOB NOT NULL REFERENCES nodes (id) ON DELETE CASCADE,
                connection_id BLOB NOT NULL,
                since INTEGER NOT NULL,
                FOREIGN KEY (organization_id, badge_id) REFERENCES badges (organization_id, id) ON DELETE CASCADE
            ) STRICT",
        ),
        Step::Sqlite("INSERT INTO connections_anew SELECT * FROM connections"),
        Step::Sqlite("DROP TABLE connections"),
        Step::Sqlite("ALTER TABLE connections_anew RENAME TO connections"),
        Step::Sqlite("CREATE INDEX connections_by_node ON connections (node_id)"),
        Step::Sqlite("CREATE INDEX connections_by_organization ON connections (organization_id)"),
        Step::Postgres("ALTER TABLE connections DROP CONSTRAINT connections_connection_id_key"),
    ],
    down: &[
        // Of the moment only: whoever is connected is written down again.
        Step::Sql("DELETE FROM connections"),
        Step::Sqlite("DROP TABLE connections"),
        Step::Sqlite(
            "CREATE TABLE connections (
                badge_id BLOB PRIMARY KEY NOT NULL,
                organization_id BLOB NOT NULL,
                node_id BLOB NOT NULL REFERENCES nodes (id) ON DELETE CASCADE,
                connection_id BLOB NOT NULL UNIQUE,
                since INTEGER NOT NULL,
                FOREIGN KEY (organization_id, badge_id) REFERENCES badges (organization_id, id) ON DELETE CASCADE
            ) STRICT",
        ),
        Step::Sqlite("CREATE INDEX connections_by_node ON connections (node_id)"),
        Step::Sqlite("CREATE INDEX connections_by_organization ON connections (organization_id)"),
        Step::Postgres("ALTER TABLE connections ADD CONSTRAINT connections_connection_id_key UNIQUE (connection_id)"),
    ],
};
