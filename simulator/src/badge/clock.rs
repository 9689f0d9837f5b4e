//! What time a badge thinks it is.
//!
//! It has no clock worth the name; it carries on from what the server last said, by its monotonic timer.

use std::time::Duration;

use badgecast_domain::time::Moment;
use tokio::time::Instant;

/// How much later than the present a payload may have been encoded without the server's clock having been set back:
/// the server encodes again what has waited over 5 s.
const LATENESS: Duration = Duration::from_secs(10);

/// The server's clock, carried on.
#[derive(Debug, Clone, Copy, Default)]
pub struct Clock {
    told: Option<(Moment, Instant)>,
}

impl Clock {
    /// `None` until the server has said the time.
    #[must_use]
    pub fn now(&self, at: Instant) -> Option<Moment> {
        self.told.map(|(moment, since)| moment.plus(at.saturating_duration_since(since)))
    }

    /// The instant at which this clock will show `moment`: `at` itself when that is over, `None` without a clock.
    #[must_use]
    pub fn instant(&self, moment: Moment, at: Instant) -> Option<Instant> {
        Some(at + moment.since(self.now(at)?))
    }

    /// Hears the server's `now`. It may only be late, never early, so a clock goes back only for more than lateness.
    pub fn hear(&mut self, moment: Moment, at: Instant) {
        let late = |now: Moment| moment <= now && now.since(moment) < LATENESS;
        if !self.now(at).is_some_and(late) {
            self.told = Some((moment, at));
        }
    }

    /// Hears a time that is only good to the second; any better one goes before it.
    pub fn hear_roughly(&mut self, moment: Moment, at: Instant) {
        if self.told.is_none() {
            self.told = Some((moment, at));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: Moment = Moment::from_s(1_795_000_000);

    #[test]
    fn the_time_is_carried_on_and_late_words_do_not_set_it_back() {
        let start = Instant::now();
        let later = |s| start + Duration::from_secs(s);
        let mut clock = Clock::default();
        assert_eq!(clock.now(start), None);

        clock.hear(NOON, start);
        assert_eq!(clock.now(later(7)), Some(NOON.plus(Duration::from_secs(7))));
        clock.hear(NOON.plus(Duration::from_secs(3)), later(7));
        assert_eq!(clock.now(later(7)), Some(NOON.plus(Duration::from_secs(7))));
        clock.hear(NOON.plus(Duration::from_secs(8)), later(7));
        assert_eq!(clock.now(later(7)), Some(NOON.plus(Duration::from_secs(8))));
    }

    #[test]
    fn a_clock_that_was_hours_fast_obeys_the_server() {
        let start = Instant::now();
        let mut clock = Clock::default();
        clock.hear(NOON.plus(Duration::from_secs(7_200)), start);
        clock.hear(NOON, start);
        assert_eq!(clock.now(start), Some(NOON));
    }

    #[test]
    fn a_rough_time_is_better_than_none_and_worse_than_any_other() {
        let start = Instant::now();
        let mut clock = Clock::default();
        clock.hear_roughly(NOON, start);
        assert_eq!(clock.now(start), Some(NOON));
        clock.hear(NOON.plus(Duration::from_millis(900)), start);
        clock.hear_roughly(NOON.plus(Duration::from_secs(60)), start);
        assert_eq!(clock.now(start), Some(NOON.plus(Duration::from_millis(900))));
    }
}
