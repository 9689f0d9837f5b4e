//! When a session has to do something by itself.
//!
//! One timer serves all of it. It is moved only to an earlier moment or when it fires, so hearing from a client costs
//! a store and no timer.

use std::time::Duration;

use badgecast_domain::id::BadgeId;
use tokio::time::Instant;

use super::parting::Parting;
use crate::desk::End;

/// Far enough to be never.
const NEVER: Duration = Duration::from_secs(365 * 24 * 3_600);

#[derive(Debug)]
pub(super) struct Clock {
    pub(super) heard_at: Instant,
    /// One and a half of what the client promised; none when it promised nothing.
    silence: Option<Duration>,
    pub(super) expires_at: Instant,
    /// Since when the client has taken nothing of what waits for it.
    pub(super) stalled_at: Option<Instant>,
    stalled_within: Duration,
    /// When it is let go because something could not be stored.
    pub(super) let_go_at: Option<Instant>,
    /// Badges that subscribed and have not said hello.
    hellos: Vec<(BadgeId, Instant)>,
}

/// What is due.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Due {
    Nothing,
    Hello(BadgeId),
    Parting(Parting),
}

impl Clock {
    pub(super) fn new(
        now: Instant,
        keep_alive_s: u16,
        expires_at: Instant,
        stalled_within: Duration,
    ) -> Self {
        let silence = (keep_alive_s > 0).then(|| Duration::from_millis(u64::from(keep_alive_s) * 1_500));
        Self {
            heard_at: now,
            silence,
            expires_at,
            stalled_at: None,
            stalled_within,
            let_go_at: None,
            hellos: Vec::new(),
        }
    }

    pub(super) fn await_hello(&mut self, badge: BadgeId, by: Instant) {
        self.hellos.push((badge, by));
    }

    pub(super) fn hello(&mut self, badge: BadgeId) {
        self.hellos.retain(|(of, _)| *of != badge);
        if self.hellos.is_empty() {
            self.hellos = Vec::new();
        }
    }

    /// The next moment at which something may be due.
    pub(super) fn next(&self) -> Instant {
        let fixed = [
            self.silence.map(|silence| self.heard_at + silence),
            self.stalled_at.map(|at| at + self.stalled_within),
            self.let_go_at,
            self.hellos.first().map(|(_, by)| *by),
        ];
        fixed.into_iter().flatten().fold(self.expires_at.min(self.heard_at + NEVER), Instant::min)
    }

    /// What is due now, the gravest first.
    pub(super) fn due(&mut self, now: Instant) -> Due {
        if self.expires_at <= now {
            return Due::Parting(Parting::Ended(End::Expired));
        }
        if self.silence.is_some_and(|silence| self.heard_at + silence <= now) {
            return Due::Parting(Parting::Silent);
        }
        if self.stalled_at.is_some_and(|at| at + self.stalled_within <= now) {
            return Due::Parting(Parting::Stalled);
        }
        if self.let_go_at.is_some_and(|at| at <= now) {
            return Due::Parting(Parting::Unstored);
        }
        match self.hellos.first() {
            Some((badge, by)) if *by <= now => {
                let badge = *badge;
                self.hello(badge);
                Due::Hello(badge)
            }
            _ => Due::Nothing,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_earliest_is_next_and_the_gravest_comes_first() {
        let now = Instant::now();
        let s = Duration::from_secs;
        let mut clock = Clock::new(now, 10, now + s(60), s(30));
        assert_eq!(clock.next(), now + s(15));
        clock.await_hello(BadgeId::new(), now + s(2));
        assert_eq!(clock.next(), now + s(2));
        assert_eq!(clock.due(now + s(1)), Due::Nothing);
        assert!(matches!(clock.due(now + s(2)), Due::Hello(_)));
        assert_eq!(clock.due(now + s(2)), Due::Nothing);
        assert_eq!(clock.due(now + s(15)), Due::Parting(Parting::Silent));
        assert_eq!(clock.due(now + s(60)), Due::Parting(Parting::Ended(End::Expired)));
    }

    #[test]
    fn a_client_that_promised_nothing_is_never_silent() {
        let now = Instant::now();
        let mut clock = Clock::new(now, 0, now + Duration::from_secs(3_600), Duration::from_secs(30));
        assert_eq!(clock.due(now + Duration::from_secs(3_599)), Due::Nothing);
    }
}
