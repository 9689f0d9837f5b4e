//! The outlet: what integrations may read of their organization's badges.
//!
//! rumqttd's router matches filters and spreads what happens; it never sees a badge, a listener or a retained
//! message. What is retained (presence, display) lives in our own [`ledger`], because the router gives a new wildcard
//! subscriber a hundred or two of its retained messages and loses the rest. So when the router dies, and a watchdog
//! replaces it, nothing is lost that was to be kept, and no badge notices; nor when more happens than it takes.

#[cfg(test)]
mod death;
pub(crate) mod filter;
mod ledger;
mod link;
pub(crate) mod reader;
mod router;

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed},
        mpsc::SyncSender,
    },
};

use badgecast_domain::{
    id::{BadgeId, ConnectionId, OrganizationId},
    time::Moment,
    topic::{self, Seen},
};
use tokio::sync::watch;

use self::{
    ledger::{Ledger, Presence},
    router::{Core, Note},
};
use crate::{desk::shows::now, gate::Said, tally::Tally};

/// A badge that is connected to another process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Elsewhere {
    pub badge: BadgeId,
    pub connection: ConnectionId,
    pub since: Moment,
}

/// What the desk tells integrations.
#[derive(Debug, Default)]
pub(crate) struct Outlet {
    ledger: Mutex<Ledger>,
    /// How many readers each organization has. Nobody reads: nothing is written.
    readers: Mutex<HashMap<OrganizationId, usize>>,
    /// All of them, so that a fleet without integrations pays one load.
    any: AtomicUsize,
    router: watch::Sender<Option<Core>>,
    /// Something that is kept could not be told.
    missed: AtomicBool,
    /// Rings when readers have to be told again what is kept.
    again: watch::Sender<()>,
    /// To the thread that feeds the router; it is started with the first reader.
    post: Mutex<Option<SyncSender<Note>>>,
}

impl Outlet {
    /// A badge came or went; that an old connection went while a newer one is there is no news.
    pub(crate) fn presence(
        &self,
        organization: OrganizationId,
        badge: BadgeId,
        connection: ConnectionId,
        online: bool,
        tally: &Tally,
    ) {
        let presence = Presence { online, since: now(), connection, elsewhere: false };
        if self.ledger().presence(organization, badge, presence) {
            self.spread(organization, badge, Seen::Presence, &presence.json(), tally);
        }
    }

    /// These badges, and no others, are connected to other processes.
    pub(crate) fn elsewhere(&self, organization: OrganizationId, badges: &[Elsewhere], tally: &Tally) {
        let news = self.ledger().elsewhere(organization, badges, now());
        for (badge, presence) in news {
            self.spread(organization, badge, Seen::Presence, &presence.json(), tally);
        }
    }

    /// What a badge shows now, in the house's words; `None` when it is not told any more.
    pub(crate) fn display(
        &self,
        organization: OrganizationId,
        badge: BadgeId,
        json: Option<&[u8]>,
        tally: &Tally,
    ) {
        if self.ledger().display(organization, badge, json) {
            self.spread(organization, badge, Seen::Display, json.unwrap_or_default(), tally);
        }
    }

    /// A badge is retired: what was kept of it is cleared.
    pub(crate) fn forget(&self, organization: OrganizationId, badge: BadgeId, tally: &Tally) {
        self.ledger().forget(organization, badge);
        for what in [Seen::Presence, Seen::Display] {
            self.spread(organization, badge, what, &[], tally);
        }
    }

    /// A badge said something.
    pub(crate) fn said(&self, organization: OrganizationId, badge: BadgeId, said: &Said, tally: &Tally) {
        if self.any.load(Relaxed) == 0 {
            return;
        }
        let (what, json) = match said {
            Said::Ack(ack) => (Seen::Ack, serde_json::to_vec(ack)),
            Said::Telemetry(telemetry) => (Seen::Telemetry, serde_json::to_vec(telemetry)),
            Said::Hello(_) | Said::NoHello => return,
        };
        self.spread(organization, badge, what, &json.unwrap_or_default(), tally);
    }

    pub(crate) fn is_read(&self, organization: OrganizationId) -> bool {
        self.any.load(Relaxed) > 0 && lock(&self.readers).contains_key(&organization)
    }

    fn spread(&self, organization: OrganizationId, badge: BadgeId, what: Seen, json: &[u8], tally: &Tally) {
        if !self.is_read(organization) {
            return;
        }
        let note = Note { topic: topic::seen(organization, badge, what), payload: json.to_vec() };
        let posted = lock(&self.post).as_ref().is_some_and(|post| post.try_send(note).is_ok());
        if posted {
            tally.outlet_posted.one();
        } else {
            tally.outlet_dropped.one();
            if matches!(what, Seen::Presence | Seen::Display) {
                self.missed.store(true, Relaxed);
            }
        }
    }

    /// Looks, from time to time, whether readers missed something that is kept; they are told again when no more is missed.
    fn make_good(&self, missing: &mut bool) {
        let misses = self.missed.swap(false, Relaxed);
        if *missing && !misses {
            self.again.send_replace(());
        }
        *missing = misses;
    }

    /// A reader of this organization begins. The first of all starts the router.
    fn enter(self: &Arc<Self>, organization: OrganizationId, tally: impl Fn() + Send + 'static) -> Reading {
        *lock(&self.readers).entry(organization).or_default() += 1;
        if self.any.fetch_add(1, Relaxed) == 0 && self.router.borrow().is_none() {
            tokio::spawn(router::keep_running(Arc::downgrade(self), tally));
        }
        Reading { outlet: Arc::clone(self), organization }
    }

    /// Kills the router, as a fault in it would: the first byte of this topic is half a letter, and rumqttd cuts there.
    #[cfg(any(test, feature = "faults"))]
    pub(crate) fn kill(&self) {
        let poison = Note { topic: "\u{e9}/x".to_owned(), payload: Vec::new() };
        // Not under the lock: where the post is full, this waits.
        let post = lock(&self.post).clone();
        if let Some(post) = post {
            drop(post.send(poison));
        }
    }

    fn ledger(&self) -> MutexGuard<'_, Ledger> {
        lock(&self.ledger)
    }
}

/// A reader's place; given back when dropped.
#[derive(Debug)]
struct Reading {
    outlet: Arc<Outlet>,
    organization: OrganizationId,
}

impl Drop for Reading {
    fn drop(&mut self) {
        self.outlet.any.fetch_sub(1, Relaxed);
        let mut readers = lock(&self.outlet.readers);
        if let Some(count) = readers.get_mut(&self.organization) {
            *count -= 1;
            if *count == 0 {
                readers.remove(&self.organization);
            }
        }
    }
}

fn lock<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}
