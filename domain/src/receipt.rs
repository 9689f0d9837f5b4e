//! Receipts: how far one badge has come with one revision of one layer.
//!
//! `PUBACK` means bytes arrived. Only the badge's own word says `held`, `written` or `shown`. A receipt only ever
//! moves to a stronger statement, so acknowledgements may arrive twice, late or out of order, and be written in any
//! order; evidence of light outranks what the server inferred meanwhile (expiry, withdrawal).

use std::{fmt, time::Duration};

use serde::{Deserialize, Serialize};

/// The state of a receipt, from weak to strong: the order of the variants is the order of strength.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// The badge is meant, nothing went out yet.
    Pending,
    /// Handed to the badge's connection.
    Sent,
    /// The badge stored it.
    Held,
    /// The badge cannot show it and said why.
    Refused,
    /// Its time was over before it was lit.
    Expired,
    /// Withdrawn, replaced, or the badge left the audience, before it was lit.
    Superseded,
    /// A gateway wrote it to a badge that cannot be read back.
    Written,
    /// The panel lit it, and its pixels are the server's.
    Shown,
}

/// What may happen to a receipt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Event {
    Sent,
    Held,
    Refused,
    Expired,
    Superseded,
    Written,
    Shown,
}

impl State {
    pub const ALL: [Self; 8] = [
        Self::Pending,
        Self::Sent,
        Self::Held,
        Self::Refused,
        Self::Expired,
        Self::Superseded,
        Self::Written,
        Self::Shown,
    ];

    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Sent => "sent",
            Self::Held => "held",
            Self::Refused => "refused",
            Self::Expired => "expired",
            Self::Superseded => "superseded",
            Self::Written => "written",
            Self::Shown => "shown",
        }
    }

    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }

    /// The number that is stored; a stronger state has a larger one.
    #[must_use]
    pub const fn rank(self) -> i16 {
        self as i16
    }

    #[must_use]
    pub fn from_rank(rank: i16) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.rank() == rank)
    }

    /// The one function that changes a receipt.
    #[must_use]
    pub fn after(self, event: Event) -> Self {
        let said = match event {
            Event::Sent => Self::Sent,
            Event::Held => Self::Held,
            Event::Refused => Self::Refused,
            Event::Expired => Self::Expired,
            Event::Superseded => Self::Superseded,
            Event::Written => Self::Written,
            Event::Shown => Self::Shown,
        };
        self.max(said)
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The span within which `percent` of `targeted` badges have shown, or `None` while fewer have.
///
/// `spans` are the times to shown of those that did, in any order. The percentile is over everyone targeted, so a
/// badge that never shows keeps the number from flattering.
#[must_use]
pub fn percentile(spans: &mut [Duration], targeted: usize, percent: usize) -> Option<Duration> {
    let needed = (targeted * percent).div_ceil(100).max(1);
    if targeted == 0 || spans.len() < needed {
        return None;
    }
    let (_, span, _) = spans.select_nth_unstable(needed - 1);
    Some(*span)
}

#[cfg(test)]
mod tests {
    use super::*;

    const EVENTS: [Event; 7] = [
        Event::Sent,
        Event::Held,
        Event::Refused,
        Event::Expired,
        Event::Superseded,
        Event::Written,
        Event::Shown,
    ];

    /// Every state x every event, written out: rows are states, columns the events above.
    #[test]
    fn every_state_meets_every_event() {
        use State::{Expired, Held, Pending, Refused, Sent, Shown, Superseded, Written};
        let table = [
            (Pending, [Sent, Held, Refused, Expired, Superseded, Written, Shown]),
            (Sent, [Sent, Held, Refused, Expired, Superseded, Written, Shown]),
            (Held, [Held, Held, Refused, Expired, Superseded, Written, Shown]),
            (Refused, [Refused, Refused, Refused, Expired, Superseded, Written, Shown]),
            (Expired, [Expired, Expired, Expired, Expired, Superseded, Written, Shown]),
            (Superseded, [Superseded, Superseded, Superseded, Superseded, Superseded, Written, Shown]),
            (Written, [Written, Written, Written, Written, Written, Written, Shown]),
            (Shown, [Shown; 7]),
        ];
        assert_eq!(table.map(|(state, _)| state), State::ALL);
        for (state, expected) in table {
            assert_eq!(EVENTS.map(|event| state.after(event)), expected, "{state}");
        }
    }

    #[test]
    fn the_order_of_events_does_not_matter() {
        for first in EVENTS {
            for second in EVENTS {
                let one = State::Pending.after(first).after(second);
                let other = State::Pending.after(second).after(first);
                assert_eq!(one, other, "{first:?} {second:?}");
            }
        }
    }

    #[test]
    fn names_and_ranks_come_back() {
        for state in State::ALL {
            assert_eq!(State::from_name(state.name()), Some(state));
            assert_eq!(State::from_rank(state.rank()), Some(state));
        }
    }

    #[test]
    fn a_percentile_waits_until_enough_have_shown() {
        let mut spans: Vec<Duration> = (1..=94).rev().map(Duration::from_millis).collect();
        assert_eq!(percentile(&mut spans, 100, 95), None);
        assert_eq!(percentile(&mut spans, 100, 50), Some(Duration::from_millis(50)));
        spans.push(Duration::from_millis(500));
        assert_eq!(percentile(&mut spans, 100, 95), Some(Duration::from_millis(500)));
        assert_eq!(percentile(&mut spans, 0, 50), None);
        assert_eq!(percentile(&mut [Duration::from_millis(7)], 1, 99), Some(Duration::from_millis(7)));
    }
}
