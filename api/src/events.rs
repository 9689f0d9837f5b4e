//! The live feed: what happened, to whoever is watching, as it happens.
//!
//! An event says that something changed and which thing, rarely more: watchers read the thing itself. Events that
//! come from a stored change carry its number, so a watcher who was away asks for what came since; the others
//! (presence, progress) are only of the moment.

use std::sync::Arc;

use badgecast_domain::id::{BadgeId, OrganizationId};
use serde_json::Value;
use tokio::sync::broadcast;
use uuid::Uuid;

use crate::tables::changes::Cursor;

/// How many events a watcher may lag behind before it has to start over.
const BACKLOG: usize = 1_024;

/// Something that happened.
#[derive(Debug, Clone)]
pub struct Event {
    pub organization: OrganizationId,
    /// The place of the change this comes from, if it is a stored one.
    pub cursor: Option<Cursor>,
    /// One of a fixed set of words: the SSE `event` field.
    pub name: &'static str,
    pub readers: Readers,
    pub data: Value,
}

/// Who may see an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Readers {
    /// Who may read the fleet; and the owner of this badge, if it is about one.
    Fleet(Option<BadgeId>),
    /// Who may read the audit trail; and the person with this id, if it is about one.
    Security(Uuid),
}

/// The feed of this process.
#[derive(Debug, Clone)]
pub struct Events(broadcast::Sender<Arc<Event>>);

impl Default for Events {
    fn default() -> Self {
        Self(broadcast::Sender::new(BACKLOG))
    }
}

impl Events {
    /// Tells everyone who watches; nobody may be.
    pub fn tell(&self, event: Event) {
        // An error only says that nobody watches.
        let _ = self.0.send(Arc::new(event));
    }

    #[must_use]
    pub fn watch(&self) -> broadcast::Receiver<Arc<Event>> {
        self.0.subscribe()
    }

    /// Whether anybody would see an event, for those that cost something to make.
    #[must_use]
    pub fn is_watched(&self) -> bool {
        self.0.receiver_count() > 0
    }
}
