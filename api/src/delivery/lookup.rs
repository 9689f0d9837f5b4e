//! Badges that connect, looked up together.
//!
//! After a restart the whole fleet is at the door at once, and the statements that serve one badge serve a hundred. So
//! whoever comes while a question is with the database asks together with the others; whoever comes alone does not wait.

use std::{collections::HashMap, sync::Arc};

use badgecast_broker::gate::NotStored;
use badgecast_domain::id::BadgeId;
use tokio::sync::{mpsc, oneshot, watch};

use crate::{
    House,
    tables::layers::{self, Holder},
};

/// The most badges asked for at once.
const BATCH: usize = 128;
/// How many may wait; beyond, badges are told to come back.
const WAITING: usize = 20_000;

/// Who is this?
#[derive(Debug)]
pub(super) struct Question {
    badge: BadgeId,
    answer: oneshot::Sender<Option<Holder>>,
}

/// Where questions are put.
#[derive(Debug, Clone)]
pub(super) struct Sender(mpsc::Sender<Question>);

/// Where they come out.
pub(super) type Receiver = mpsc::Receiver<Question>;

pub(super) fn channel() -> (Sender, Receiver) {
    let (sender, receiver) = mpsc::channel(WAITING);
    (Sender(sender), receiver)
}

impl Sender {
    pub(super) async fn holder(&self, badge: BadgeId) -> Result<Option<Holder>, NotStored> {
        let (answer, answered) = oneshot::channel();
        self.0.try_send(Question { badge, answer }).map_err(|_| NotStored)?;
        answered.await.map_err(|_| NotStored)
    }
}

/// Runs until `stop`, and then to the end of what waits.
pub(super) async fn run(house: Arc<House>, mut questions: Receiver, mut stop: watch::Receiver<bool>) {
    let mut batch = Vec::new();
    loop {
        let count = tokio::select! {
            biased;
            count = questions.recv_many(&mut batch, BATCH) => count,
            _ = stop.changed() => 0,
        };
        if count == 0 {
            return;
        }
        let badges = super::distinct(batch.iter().map(|question| question.badge));
        match layers::own_of(house.database.read(), &badges).await {
            Ok(found) => {
                let found: HashMap<BadgeId, Holder> =
                    found.into_iter().map(|holder| (holder.member.badge, holder)).collect();
                for Question { badge, answer } in batch.drain(..) {
                    // One who is gone does not wait for the answer.
                    let _ = answer.send(found.get(&badge).cloned());
                }
            }
            Err(error) => {
                tracing::warn!(%error, badges = badges.len(), "badges could not be looked up");
                batch.clear();
            }
        }
    }
}
