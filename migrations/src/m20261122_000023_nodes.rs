//! Nodes, and which badge hangs on which. A badge is online while its node's lease lasts, so a killed node leaves no
//! ghosts.

use crate::change::{Change, Step};

pub(crate) const CHANGE: Change = Change {
    name: "m20261122_000023_nodes",
    up: &[
        Step::Sql(
            "CREATE TABLE nodes (
                id UUID PRIMARY KEY NOT NULL,
                lease_until MOMENT NOT NULL
            )",
        ),
        Step::Sql(
            "CREATE TABLE connections (
                badge_id UUID PRIMARY KEY NOT NULL,
                organization_id UUID NOT NULL,
                node_id UUID NOT NULL REFERENCES nodes (id) ON DELETE CASCADE,
                connection_id UUID NOT NULL UNIQUE,
                since MOMENT NOT NULL,
                FOREIGN KEY (organization_id, badge_id) REFERENCES badges (organization_id, id) ON DELETE CASCADE
            )",
        ),
        Step::Sql("CREATE INDEX connections_by_node ON connections (node_id)"),
        Step::Sql("CREATE INDEX connections_by_organization ON connections (organization_id)"),
    ],
    down: &[Step::Sql("DROP TABLE connections"), Step::Sql("DROP TABLE nodes")],
};
