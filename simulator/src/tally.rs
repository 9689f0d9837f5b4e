//! What a fleet did, counted as it happens.

use std::{
    collections::BTreeMap,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use badgecast_domain::{
    id::{AnnouncementId, LayerId},
    layer::Kind,
    receipt::percentile,
};
use tokio::time::Instant;

use crate::badge::{Event, Link};

/// How many announcements are followed; the oldest goes first.
const FOLLOWED: usize = 64;

/// Counts of a whole fleet.
#[derive(Debug, Default)]
pub struct Tally {
    claimed: AtomicU64,
    connected: AtomicU64,
    connects: AtomicU64,
    held: AtomicU64,
    shown: AtomicU64,
    refused: AtomicU64,
    unreadable: AtomicU64,
    renewed: AtomicU64,
    announcements: Mutex<BTreeMap<LayerId, Spread>>,
}

/// The numbers of a [`Tally`] at one instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Count {
    pub claimed: u64,
    /// At this instant.
    pub connected: u64,
    /// Connections made, the first of each badge too.
    pub connects: u64,
    /// Layers of every kind, own displays too.
    pub held: u64,
    pub shown: u64,
    pub refused: u64,
    pub unreadable: u64,
    pub renewed: u64,
}

/// How one announcement spread over a fleet, by the fleet's own clock.
#[derive(Debug, Clone)]
pub struct Spread {
    since: Instant,
    pub held: usize,
    pub refused: usize,
    /// Since the first badge of the fleet stored it.
    shown: Vec<Duration>,
}

impl Spread {
    #[must_use]
    pub fn shown(&self) -> usize {
        self.shown.len()
    }

    /// When `percent` of the badges that stored it had shown it, counted from the first that stored it.
    #[must_use]
    pub fn percentile(&self, percent: usize) -> Option<Duration> {
        percentile(&mut self.shown.clone(), self.held, percent)
    }
}

impl Tally {
    #[must_use]
    pub fn count(&self) -> Count {
        Count {
            claimed: self.claimed.load(Relaxed),
            connected: self.connected.load(Relaxed),
            connects: self.connects.load(Relaxed),
            held: self.held.load(Relaxed),
            shown: self.shown.load(Relaxed),
            refused: self.refused.load(Relaxed),
            unreadable: self.unreadable.load(Relaxed),
            renewed: self.renewed.load(Relaxed),
        }
    }

    /// How an announcement spread; `None` while no badge has it.
    #[must_use]
    pub fn spread(&self, announcement: AnnouncementId) -> Option<Spread> {
        self.announcements().get(&announcement.layer()).cloned()
    }

    /// The newest announcement any badge has, and how it spread.
    #[must_use]
    pub fn newest(&self) -> Option<(AnnouncementId, Spread)> {
        self.announcements().last_key_value().map(|(id, spread)| (id.announcement(), spread.clone()))
    }

    pub(crate) fn note_claim(&self) {
        add(&self.claimed);
    }

    pub(crate) fn note(&self, event: Event) {
        match event {
            Event::Link { to: Link::Connected, .. } => {
                add(&self.connects);
                add(&self.connected);
            }
            Event::Link { from: Link::Connected, .. } => {
                self.connected.fetch_sub(1, Relaxed);
            }
            Event::Held { id, kind, .. } => {
                add(&self.held);
                self.follow(id, kind, |spread| spread.held += 1);
            }
            Event::Shown { id, kind, .. } => {
                add(&self.shown);
                self.follow(id, kind, |spread| spread.shown.push(spread.since.elapsed()));
            }
            Event::Refused { id, kind, .. } => {
                add(&self.refused);
                self.follow(id, kind, |spread| spread.refused += 1);
            }
            Event::Unreadable => add(&self.unreadable),
            Event::Renewed => add(&self.renewed),
            Event::Link { .. } | Event::Withdrawn { .. } | Event::Over { .. } | Event::Command(_) => {}
        }
    }

    fn follow(&self, id: LayerId, kind: Kind, step: impl FnOnce(&mut Spread)) {
        if kind == Kind::Own {
            return;
        }
        let mut announcements = self.announcements();
        let new = || Spread { since: Instant::now(), held: 0, refused: 0, shown: Vec::new() };
        step(announcements.entry(id).or_insert_with(new));
        if announcements.len() > FOLLOWED {
            announcements.pop_first();
        }
    }

    fn announcements(&self) -> std::sync::MutexGuard<'_, BTreeMap<LayerId, Spread>> {
        self.announcements.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn add(count: &AtomicU64) {
    count.fetch_add(1, Relaxed);
}
