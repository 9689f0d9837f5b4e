//! What the desk was told about clients that were just being admitted.
//!
//! The gate says yes, the house revokes the badge, and only then the session sits down: without this the word of the
//! revocation would find nobody and the badge would stay. So while anyone is being admitted, the desk remembers what
//! it is told, and whoever sits down hears what was said since the gate was asked.

use std::{
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    time::{Duration, Instant},
};

use badgecast_domain::id::BadgeId;

use super::{End, Whom};
use crate::gate::Member;

/// Nobody is being admitted for longer than this: the door waits less.
const KEPT: Duration = Duration::from_secs(60);

/// Something the desk was told.
#[derive(Debug, Clone)]
pub(super) enum Told {
    End(Whom, End),
    Retag(Member),
    Assign(BadgeId, Vec<Member>),
}

#[derive(Debug, Default)]
pub(super) struct Missed {
    admissions: AtomicUsize,
    told: Mutex<Vec<(Instant, Told)>>,
}

impl Missed {
    /// Someone is being admitted from now on.
    pub(super) fn begin(&self) -> Instant {
        self.admissions.fetch_add(1, SeqCst);
        Instant::now()
    }

    /// One less is being admitted.
    pub(super) fn end(&self) {
        if self.admissions.fetch_sub(1, SeqCst) == 1 {
            let mut told = self.told();
            // Another may have begun meanwhile.
            if self.admissions.load(SeqCst) == 0 {
                *told = Vec::new();
            }
        }
    }

    pub(super) fn tell(&self, told: impl FnOnce() -> Told) {
        if self.admissions.load(SeqCst) > 0 {
            let now = Instant::now();
            let mut all = self.told();
            let old = all.iter().take_while(|(at, _)| now.duration_since(*at) > KEPT).count();
            all.drain(..old);
            all.push((now, told()));
        }
    }

    /// What was told since then, oldest first.
    pub(super) fn since(&self, since: Instant) -> Vec<Told> {
        self.told().iter().filter(|(at, _)| *at >= since).map(|(_, told)| told.clone()).collect()
    }

    fn told(&self) -> MutexGuard<'_, Vec<(Instant, Told)>> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
