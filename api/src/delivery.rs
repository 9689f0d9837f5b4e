//! The way of a display update: from a committed change to the badges, and from what badges say to receipts.
//!
//! | step | where |
//! |---|---|
//! | a change was committed: the bell rang, or the poll came round | `courier` |
//! | the layer as badges hold it, rendered per panel | [`layers`] |
//! | handed to the sessions it is for | the broker's desk |
//! | a badge connects: who it is, asked for many together | `lookup` |
//! | a badge says hello: what it lacks is sent, what it should not hold is withdrawn | `greeting` |
//! | a badge acknowledges: the receipt is written, then the PUBACK goes out | [`receipts`] |
//! | badges come and go | `presence` |
//! | integrations that read along are told what badges show | [`feed`] |
//! | what falls due at a time: summaries at the deadline | `due` |
//!
//! The database is the truth and the broker is a wire: everything here can be lost and is made again from rows.

mod courier;
mod due;
pub mod feed;
mod greeting;
pub mod layers;
mod lookup;
pub mod playing;
mod presence;
pub mod receipts;

use std::sync::Arc;

use badgecast_broker::gate::{Line, NotStored};
use badgecast_domain::{id::BadgeId, wire::Hello};
use tokio::{sync::watch, task::JoinSet};

pub(crate) use courier::event;
pub use presence::Passage;
pub(crate) use presence::enter;

use crate::{House, tables::layers::Holder};

/// The entrances of delivery: where the gate drops what badges said. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Inbox {
    greetings: greeting::Sender,
    lookups: lookup::Sender,
    passages: presence::Sender,
}

/// What the entrances lead to, until the tasks run.
#[derive(Debug)]
pub struct Behind {
    greetings: greeting::Receiver,
    lookups: lookup::Receiver,
    passages: presence::Receiver,
    words: receipts::Waiting,
}

impl Inbox {
    #[must_use]
    pub fn new(words: receipts::Waiting) -> (Self, Behind) {
        let (greetings, behind_greetings) = greeting::channel();
        let (lookups, behind_lookups) = lookup::channel();
        let (passages, behind_passages) = presence::channel();
        let behind =
            Behind { greetings: behind_greetings, lookups: behind_lookups, passages: behind_passages, words };
        (Self { greetings, lookups, passages }, behind)
    }

    /// A badge at the door, if it is claimed and in service.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn holder(&self, badge: BadgeId) -> Result<Option<Holder>, NotStored> {
        self.lookups.holder(badge).await
    }

    /// A badge said what it holds; answered through the desk.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn hello(&self, line: Line, hello: Option<Hello>) -> Result<(), NotStored> {
        self.greetings.greet(line, hello).await
    }

    /// A badge came or went. Never blocks.
    pub fn passed(&self, passage: Passage) {
        self.passages.note(passage);
    }
}

/// Starts the tasks; they end when `stop` says so.
pub(crate) fn start(
    house: &Arc<House>,
    behind: Behind,
    stop: &watch::Receiver<bool>,
    tasks: &mut JoinSet<()>,
) {
    tasks.spawn(receipts::run(Arc::clone(house), behind.words, stop.clone()));
    tasks.spawn(courier::run(Arc::clone(house), stop.clone()));
    tasks.spawn(feed::run(Arc::clone(house), stop.clone()));
    tasks.spawn(due::run(Arc::clone(house), stop.clone()));
    tasks.spawn(greeting::run(Arc::clone(house), behind.greetings, stop.clone()));
    tasks.spawn(lookup::run(Arc::clone(house), behind.lookups, stop.clone()));
    tasks.spawn(presence::run(Arc::clone(house), behind.passages, stop.clone()));
}

/// The badges that a list of changes is about, each once.
fn distinct(badges: impl IntoIterator<Item = BadgeId>) -> Vec<BadgeId> {
    let mut badges: Vec<BadgeId> = badges.into_iter().collect();
    badges.sort_unstable();
    badges.dedup();
    badges
}
