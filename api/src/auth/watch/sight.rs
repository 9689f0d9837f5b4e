//! What is remembered of one token and of one caller, and when that becomes suspicious. No memory here grows.

use std::time::Duration;

use badgecast_domain::time::Moment;

use crate::auth::peer::Network;

/// Where a token was last used.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sight {
    network: Network,
    at: Moment,
    /// How often it was in two networks at once of late, and when it last was.
    twice: u32,
    twice_at: Moment,
}

/// A token was in two networks at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Twice {
    pub(super) before: Network,
    /// The first, the second .. time of late.
    pub(super) nth: u32,
}

impl Twice {
    /// Whether it was IPv4 and IPv6: a machine that speaks both chooses anew for every connection.
    pub(super) const fn is_dual_stack(self, now: Network) -> bool {
        matches!((self.before, now), (Network::V4(_), Network::V6(_)) | (Network::V6(_), Network::V4(_)))
    }
}

/// After so many windows without it, what was seen before is forgiven: people travel, thieves have no time.
const FORGIVEN_AFTER: u32 = 60;

impl Sight {
    pub(super) fn first(network: Network, now: Moment) -> Self {
        Self { network, at: now, twice: 0, twice_at: now }
    }

    /// The same token again. However often it goes to and fro within one `window`, that counts once: somebody whose
    /// telephone speaks IPv4 and IPv6 has not been robbed a hundred times.
    pub(super) fn again(&mut self, network: Network, window: Duration, now: Moment) -> Option<Twice> {
        let before = self.network;
        let at_once = network != before && now.since(self.at) <= window;
        (self.network, self.at) = (network, now);
        let since = now.since(self.twice_at);
        if !at_once || (self.twice > 0 && since <= window) {
            return None;
        }
        let of_late = if since > window * FORGIVEN_AFTER { 0 } else { self.twice };
        self.twice = of_late.saturating_add(1);
        self.twice_at = now;
        Some(Twice { before, nth: self.twice })
    }
}

/// How many requests of a minute are over.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pace {
    since: Moment,
    requests: u32,
}

/// How long a pace is counted.
const MINUTE: Duration = Duration::from_secs(60);

/// One request too many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TooMany {
    pub(super) wait: Duration,
    /// Whether it is the first beyond the limit in this minute.
    pub(super) first: bool,
}

impl Pace {
    pub(super) const fn begin(now: Moment) -> Self {
        Self { since: now, requests: 1 }
    }

    /// # Errors
    /// Beyond `limit` requests in a minute.
    pub(super) fn again(&mut self, limit: u32, now: Moment) -> Result<(), TooMany> {
        let gone = now.since(self.since);
        // A clock that was set back begins anew as well.
        if gone >= MINUTE || now < self.since {
            *self = Self::begin(now);
            return Ok(());
        }
        self.requests = self.requests.saturating_add(1);
        if self.requests <= limit {
            return Ok(());
        }
        Err(TooMany { wait: MINUTE - gone, first: self.requests == limit.saturating_add(1) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WINDOW: Duration = Duration::from_secs(10);

    fn network(last: u8) -> Network {
        Network::V4([192, 0, last])
    }

    fn at(s: i64) -> Moment {
        Moment::from_s(s)
    }

    #[test]
    fn two_networks_within_the_window_are_suspicious_and_later_ones_are_a_journey() {
        let mut sight = Sight::first(network(1), at(0));
        assert_eq!(sight.again(network(1), WINDOW, at(1)), None);
        assert_eq!(sight.again(network(2), WINDOW, at(11)), Some(Twice { before: network(1), nth: 1 }));
        assert_eq!(sight.again(network(2), WINDOW, at(12)), None);
        assert_eq!(sight.again(network(3), WINDOW, at(23)), None, "eleven seconds later");
    }

    #[test]
    fn going_to_and_fro_counts_once_a_window() {
        let mut sight = Sight::first(network(0), at(0));
        let told: Vec<i64> =
            (1..=35).filter(|s| sight.again(network((s % 2) as u8), WINDOW, at(*s)).is_some()).collect();
        assert_eq!(told, [1, 12, 23, 34]);
    }

    #[test]
    fn what_is_long_ago_is_forgiven() {
        let mut sight = Sight::first(network(1), at(0));
        let mut go = |last, s| sight.again(network(last), WINDOW, at(s)).map(|twice| twice.nth);
        assert_eq!([go(2, 1), go(1, 12), go(1, 100), go(2, 101)], [Some(1), None, None, Some(2)]);
        assert_eq!([go(2, 800), go(1, 801)], [None, Some(1)]);
    }

    #[test]
    fn the_two_protocols_of_one_machine_are_told_apart() {
        let twice = |before| Twice { before, nth: 1 };
        let v6 = Network::V6([0x2001, 0xdb8, 0]);
        assert!(twice(network(1)).is_dual_stack(v6) && twice(v6).is_dual_stack(network(1)));
        assert!(!twice(network(1)).is_dual_stack(network(2)) && !twice(v6).is_dual_stack(v6));
    }

    #[test]
    fn a_pace_is_limited_by_the_minute() {
        let mut pace = Pace::begin(at(0));
        assert_eq!(pace.again(2, at(1)), Ok(()));
        let wait = |wait, first| Err(TooMany { wait: Duration::from_secs(wait), first });
        assert_eq!(pace.again(2, at(20)), wait(40, true));
        assert_eq!(pace.again(2, at(59)), wait(1, false));
        assert_eq!(pace.again(2, at(60)), Ok(()));
    }
}
