//! Which badge hangs on which node. A badge is online while its row's node keeps its lease, so a killed node leaves no
//! ghosts, and a node that only slept finds its badges where they were.

use std::{collections::BTreeMap, time::Duration};

use badgecast_broker::{Elsewhere, gate::Line};
use badgecast_domain::{
    id::{BadgeId, OrganizationId},
    time::Moment,
};
use sea_orm::{ConnectionTrait, DbBackend, QueryResult, Value};
use uuid::Uuid;

use super::{
    Error, Tx,
    sql::{Bind as _, Columns as _, sql},
};

/// How many rows one statement writes.
const BATCH: usize = 500;
/// The condition for a badge or gateway `b` that is connected to a living node; its value is now.
pub(super) const ONLINE: &str = "EXISTS (SELECT 1 FROM connections c JOIN nodes n ON n.id = c.node_id
    WHERE c.badge_id = b.id AND n.lease_until > ?)";
/// How long after its lease a node is forgotten, with its connections.
const GONE: Duration = Duration::from_secs(24 * 60 * 60);

/// The node lives until then.
///
/// # Errors
/// Those of the database.
pub async fn beat(tx: &Tx, node: Uuid, lease_until: Moment) -> Result<(), Error> {
    sql("INSERT INTO nodes (id, lease_until) VALUES (?, ?)
        ON CONFLICT (id) DO UPDATE SET lease_until = excluded.lease_until")
    .bind(node)
    .bind(lease_until)
    .run(tx)
    .await?;
    Ok(())
}

/// The node is gone, and its connections with it.
///
/// # Errors
/// Those of the database.
pub async fn clear(tx: &Tx, node: Uuid) -> Result<(), Error> {
    sql("DELETE FROM nodes WHERE id = ?").bind(node).run(tx).await.map(drop)
}

/// Forgets what a process left that was killed, when there can be no other: SQLite serves one.
///
/// # Errors
/// Those of the database.
pub async fn begin(tx: &Tx) -> Result<(), Error> {
    match tx.get_database_backend() {
        DbBackend::Sqlite => sql("DELETE FROM nodes").run(tx).await.map(drop),
        _ => Ok(()),
    }
}

/// Forgets nodes that have been silent for a day.
///
/// # Errors
/// Those of the database.
pub async fn forget(tx: &Tx, now: Moment) -> Result<u64, Error> {
    sql("DELETE FROM nodes WHERE lease_until < ?").bind(now.minus(GONE)).run(tx).await
}

/// The badges of an organization that are connected to a living node other than this one.
///
/// # Errors
/// Those of the database.
pub async fn elsewhere(
    db: &impl ConnectionTrait,
    node: Uuid,
    organization: OrganizationId,
    now: Moment,
) -> Result<Vec<Elsewhere>, Error> {
    let rows = sql("SELECT c.badge_id, c.connection_id, c.since FROM connections c
        JOIN nodes n ON n.id = c.node_id JOIN badges b ON b.id = c.badge_id
        WHERE c.organization_id = ? AND n.id <> ? AND n.lease_until > ? AND b.kind = 'badge'")
    .bind(organization)
    .bind(node)
    .bind(now)
    .all(db)
    .await?;
    let elsewhere = |row: &QueryResult| {
        Ok(Elsewhere {
            badge: row.id("badge_id")?,
            connection: row.id("connection_id")?,
            since: row.moment("since")?,
        })
    };
    rows.iter().map(elsewhere).collect()
}

/// Badges whose connection changed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Passed {
    /// They are on this node now.
    pub came: Vec<Line>,
    /// They are on no node now.
    pub went: Vec<Line>,
}

/// Writes down who came to this node and who went. Of two connections of one badge the newer counts, whichever is
/// noted first.
///
/// # Errors
/// Those of the database.
pub async fn note(tx: &Tx, node: Uuid, came: &[Line], went: &[Line], now: Moment) -> Result<Passed, Error> {
    let mut passed = Passed { came: arrive(tx, node, &newest(came), now).await?, went: Vec::new() };
    // One by one by their key: only the connection that is known may end, never the one that replaced it.
    for line in newest(went) {
        let left = sql("DELETE FROM connections WHERE badge_id = ? AND connection_id = ?")
            .bind(line.badge)
            .bind(line.connection)
            .run(tx)
            .await?;
        if left > 0 {
            passed.came.retain(|other| *other != line);
            passed.went.push(line);
        }
    }
    let seen: Vec<BadgeId> = newest(&[came, went].concat()).iter().map(|line| line.badge).collect();
    for badges in seen.chunks(BATCH) {
        sql("UPDATE badges SET last_seen_at = ? WHERE id IN")
            .bind(now)
            .list(badges.iter().copied())
            .run(tx)
            .await?;
    }
    Ok(passed)
}

/// Each badge once, with its newest connection, in the order of ids: writers take rows in the same order.
fn newest(lines: &[Line]) -> Vec<Line> {
    let mut of: BTreeMap<BadgeId, Line> = BTreeMap::new();
    for line in lines {
        let known = of.entry(line.badge).or_insert(*line);
        if line.connection > known.connection {
            *known = *line;
        }
    }
    of.into_values().collect()
}

async fn arrive(tx: &Tx, node: Uuid, lines: &[Line], now: Moment) -> Result<Vec<Line>, Error> {
    let mut arrived = Vec::new();
    for batch in lines.chunks(BATCH) {
        let row = |line: &Line| -> [Value; 5] {
            [
                line.badge.value(),
                line.organization.value(),
                node.value(),
                line.connection.value(),
                now.value(),
            ]
        };
        let rows =
            sql("INSERT INTO connections (badge_id, organization_id, node_id, connection_id, since) VALUES")
                .tuples(batch.iter().map(row))
                .then(
                    "ON CONFLICT (badge_id) DO UPDATE SET node_id = excluded.node_id,
                    connection_id = excluded.connection_id, since = excluded.since
                WHERE excluded.connection_id > connections.connection_id RETURNING badge_id",
                )
                .all(tx)
                .await?;
        let badges: Result<Vec<BadgeId>, Error> = rows.iter().map(|row| row.id("badge_id")).collect();
        let mut badges = badges?;
        badges.sort_unstable();
        arrived.extend(batch.iter().filter(|line| badges.binary_search(&line.badge).is_ok()));
    }
    Ok(arrived)
}
