//! Presence: which badge is connected to this node, as rows others can read.
//!
//! It comes from the connections themselves. Comings and goings are written in batches; a node that dies leaves rows
//! whose lease runs out, so it leaves no ghosts.

use std::{sync::Arc, time::Duration};

use badgecast_broker::gate::Line;
use serde_json::json;
use tokio::{
    sync::{mpsc, watch},
    time::{MissedTickBehavior, interval},
};

use crate::{
    House,
    events::{Event, Readers},
    tables::{self, Tx, connections},
};

/// A node that was silent for this long holds no connections any more.
const LEASE: Duration = Duration::from_secs(15);
/// How often it says that it lives.
const BEAT: Duration = Duration::from_secs(5);
/// The most passages written at once.
const BATCH: usize = 2_000;

/// A badge came or went.
#[derive(Debug, Clone, Copy)]
pub enum Passage {
    Came(Line),
    Went(Line),
}

/// Where passages are noted.
#[derive(Debug, Clone)]
pub(super) struct Sender(mpsc::UnboundedSender<Passage>);

/// Where they come out. Unbounded, but a connection has two passages and connections are capped.
pub(super) type Receiver = mpsc::UnboundedReceiver<Passage>;

pub(super) fn channel() -> (Sender, Receiver) {
    let (sender, receiver) = mpsc::unbounded_channel();
    (Sender(sender), receiver)
}

impl Sender {
    pub(super) fn note(&self, passage: Passage) {
        // Only a house that is closing does not listen; its rows end with its lease.
        let _ = self.0.send(passage);
    }
}

/// Writes passages and the node's sign of life, until `stop`; then the node leaves.
pub(super) async fn run(house: Arc<House>, mut passages: Receiver, mut stop: watch::Receiver<bool>) {
    let mut beat = interval(BEAT);
    beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut batch = Vec::new();
    while !*stop.borrow() {
        let done = tokio::select! {
            biased;
            _ = stop.changed() => break,
            _ = beat.tick() => live(&house).await,
            count = passages.recv_many(&mut batch, BATCH), if batch.is_empty() => {
                if count == 0 { break }
                Ok(())
            }
            // What could not be written is tried again.
            () = tokio::time::sleep(Duration::from_millis(50)), if !batch.is_empty() => Ok(()),
        };
        let noted = match done {
            Ok(()) if !batch.is_empty() => note(&house, &batch).await.map(|()| batch.clear()),
            other => other,
        };
        if let Err(error) = noted {
            tracing::warn!(%error, passages = batch.len(), "presence not written");
        }
    }
    let left = house.database.write(async |tx: &Tx| connections::clear(tx, house.node).await).await;
    if let Err(error) = left {
        tracing::warn!(%error, "the node could not sign off; its lease runs out");
    }
}

async fn live(house: &House) -> Result<(), tables::Error> {
    let until = house.now().plus(LEASE);
    house.database.write(async |tx: &Tx| connections::beat(tx, house.node, until).await).await
}

async fn note(house: &House, batch: &[Passage]) -> Result<(), tables::Error> {
    let came: Vec<Line> = batch
        .iter()
        .filter_map(|passage| match passage {
            Passage::Came(line) => Some(*line),
            Passage::Went(_) => None,
        })
        .collect();
    let went: Vec<Line> = batch
        .iter()
        .filter_map(|passage| match passage {
            Passage::Went(line) => Some(*line),
            Passage::Came(_) => None,
        })
        .collect();
    let now = house.now();
    let passed = house
        .database
        .write_again(|| async |tx: &Tx| connections::note(tx, house.node, &came, &went, now).await)
        .await?;
    for (line, online) in
        passed.came.iter().map(|line| (line, true)).chain(passed.went.iter().map(|line| (line, false)))
    {
        house.events.tell(Event {
            organization: line.organization,
            cursor: None,
            name: "presence",
            readers: Readers::Fleet(Some(line.badge)),
            data: json!({ "badge_id": line.badge, "online": online }),
        });
    }
    Ok(())
}

/// Says that this node lives, before anyone connects to it.
///
/// # Errors
/// The database did not answer.
pub(crate) async fn enter(house: &House) -> Result<(), tables::Error> {
    house.database.write(async |tx: &Tx| connections::begin(tx).await).await?;
    live(house).await
}
