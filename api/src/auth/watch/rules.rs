//! From when on something is suspicious, and what is done about it. Set in [`crate::config`].

use std::time::Duration;

use super::event::{Kind, Reaction};

/// The thresholds and reactions of this installation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rules {
    /// Kinds of [`Kind::REVOCABLE`] that revoke the credential at once; all others only tell.
    pub revoke: Vec<Kind>,
    /// Uses of one token from two networks are suspicious within this span.
    pub window: Duration,
    /// How often that may happen to one bearer token before it is revoked all the same; zero is never.
    pub repeats: u32,
    /// Requests a minute of one person, badge or client; what is beyond has to wait.
    pub requests_per_minute: u32,
    /// Wrong passwords of one account that are told; and every doubling of them.
    pub guesses: u32,
    /// Accounts failed at from one network that are told; and every doubling of them.
    pub accounts: u32,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            revoke: Vec::new(),
            window: Duration::from_secs(10),
            repeats: 3,
            requests_per_minute: 20_000,
            guesses: 5,
            accounts: 10,
        }
    }
}

impl Rules {
    #[must_use]
    pub fn reaction(&self, kind: Kind) -> Reaction {
        if self.revoke.contains(&kind) { Reaction::Revoke } else { Reaction::Alert }
    }

    /// What is done when a token was used from two networks for the `nth` time. One that is bound to a key is useless
    /// without the key, so two of it are no accident; a bearer may have changed from Wi-Fi to a telephone.
    #[must_use]
    pub fn of_two_networks(&self, nth: u32, bound: bool) -> Reaction {
        let often = self.repeats > 0 && nth >= self.repeats;
        if bound || often { Reaction::Revoke } else { self.reaction(Kind::TwoNetworks) }
    }
}

/// Whether the `nth` is told, of a ladder whose first rung is `first`: that one, and every doubling of it.
#[must_use]
pub(super) const fn is_rung(nth: u32, first: u32) -> bool {
    nth >= first && nth.is_multiple_of(first) && (nth / first).is_power_of_two()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ladder_has_a_rung_at_every_doubling() {
        let rungs: Vec<u32> = (0..100).filter(|nth| is_rung(*nth, 5)).collect();
        assert_eq!(rungs, [5, 10, 20, 40, 80]);
    }

    #[test]
    fn a_bearer_is_warned_of_and_a_bound_token_ends_at_once() {
        let rules = Rules::default();
        let reactions = |bound| (1..=4).map(|nth| rules.of_two_networks(nth, bound)).collect::<Vec<_>>();
        use Reaction::{Alert, Revoke};
        assert_eq!(reactions(false), [Alert, Alert, Revoke, Revoke]);
        assert_eq!(reactions(true), [Revoke; 4]);
        let strict = Rules { revoke: vec![Kind::TwoNetworks], ..Rules::default() };
        assert_eq!(strict.of_two_networks(1, false), Revoke);
        let patient = Rules { repeats: 0, ..Rules::default() };
        assert_eq!(patient.of_two_networks(1_000, false), Alert);
    }
}
