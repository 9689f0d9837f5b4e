//! What happened to a badge, as tests and counts want to know it.

use std::{
    collections::{VecDeque, vec_deque::Iter},
    sync::Arc,
};

use badgecast_domain::{id::LayerId, layer::Kind, wire::Order};

use crate::tally::Tally;

/// How many events, and how many lit layers, are remembered.
const LENGTH: usize = 256;

/// Where a badge stands with the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Link {
    /// Not connected, by its own will.
    #[default]
    Offline,
    /// On its way: fetching a token, connecting, or resting before it tries again.
    Connecting,
    /// The server would not have it: its credentials, or its token, are no good.
    Refused,
    /// Subscribed: live updates flow.
    Connected,
    /// The badge is switched off for good.
    Stopped,
}

/// What happened to a badge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    Link {
        from: Link,
        to: Link,
    },
    /// A layer was stored as something new.
    Held {
        id: LayerId,
        revision: u64,
        kind: Kind,
    },
    /// A layer was lit for the first time since it was stored as new.
    Shown {
        id: LayerId,
        revision: u64,
        kind: Kind,
    },
    Refused {
        id: LayerId,
        revision: u64,
        kind: Kind,
    },
    Withdrawn {
        id: LayerId,
    },
    /// Forgotten, as its time was over.
    Over {
        id: LayerId,
    },
    Command(Order),
    /// A fresh token was sent over the open connection.
    Renewed,
    /// A payload that does not keep the contract.
    Unreadable,
}

/// What happened, and what was lit how often.
#[derive(Debug)]
pub struct Journal {
    events: VecDeque<Event>,
    /// How often a revision of a layer was lit as something new.
    lit: VecDeque<(LayerId, u64, u32)>,
    tally: Option<Arc<Tally>>,
}

impl Journal {
    pub(super) fn new(tally: Option<Arc<Tally>>) -> Self {
        Self { events: VecDeque::new(), lit: VecDeque::new(), tally }
    }

    /// The last 256 events, oldest first.
    pub fn events(&self) -> Iter<'_, Event> {
        self.events.iter()
    }

    /// How often this revision of a layer was lit as something new; more than once is a fault of the server.
    #[must_use]
    pub fn times_lit(&self, id: LayerId, revision: u64) -> u32 {
        let found = self.lit.iter().find(|lit| (lit.0, lit.1) == (id, revision));
        found.map_or(0, |lit| lit.2)
    }

    /// The largest [`Journal::times_lit`] of all layers.
    #[must_use]
    pub fn most_times_lit(&self) -> u32 {
        self.lit.iter().map(|lit| lit.2).max().unwrap_or(0)
    }

    pub(super) fn note(&mut self, event: Event) {
        if let Some(tally) = &self.tally {
            tally.note(event);
        }
        if let Event::Shown { id, revision, .. } = event {
            match self.lit.iter_mut().find(|lit| (lit.0, lit.1) == (id, revision)) {
                Some(lit) => lit.2 += 1,
                None => push(&mut self.lit, (id, revision, 1)),
            }
        }
        push(&mut self.events, event);
    }
}

/// The oldest goes when there is no room.
fn push<T>(queue: &mut VecDeque<T>, item: T) {
    if queue.len() == LENGTH {
        queue.pop_front();
    }
    queue.push_back(item);
}
