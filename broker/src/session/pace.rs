//! How fast someone may go on.

use std::time::Duration;

use tokio::time::Instant;

/// A limit of so many per second for long, with bursts of several seconds' worth (the generic cell rate algorithm).
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pace {
    /// When what was taken so far would have been earned.
    paid_until: Instant,
}

/// The rate of a [`Pace`].
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rate {
    pub(crate) per_s: u32,
    pub(crate) burst: Duration,
}

impl Pace {
    pub(crate) const fn new(now: Instant) -> Self {
        Self { paid_until: now }
    }

    /// Takes `count`, or answers false when that is too fast.
    pub(crate) fn take(&mut self, now: Instant, count: usize, rate: Rate) -> bool {
        let nanos = (count as u64).saturating_mul(1_000_000_000) / u64::from(rate.per_s.max(1));
        let next = self.paid_until.max(now) + Duration::from_nanos(nanos);
        let within = next.duration_since(now) <= rate.burst;
        if within {
            self.paid_until = next;
        }
        within
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bursts_pass_and_floods_do_not() {
        let start = Instant::now();
        let rate = Rate { per_s: 10, burst: Duration::from_secs(4) };
        let mut pace = Pace::new(start);
        let taken = (0..100).filter(|_| pace.take(start, 1, rate)).count();
        assert_eq!(taken, 40);
        let later = start + Duration::from_secs(1);
        let taken = (0..100).filter(|_| pace.take(later, 1, rate)).count();
        assert_eq!(taken, 10);
    }
}
