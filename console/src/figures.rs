//! Figures drawn on the server: a bar, a curve, a mosaic, a tile. No script, no style of their own; every one has its
//! words beside it, and shape says what colour says.

mod bar;
mod curve;
mod mosaic;
mod tile;

pub use bar::Bar;
pub use curve::{Course, Curve};
pub use mosaic::Mosaic;
pub use tile::{Mood, Tile};

use badgecast_domain::receipt::State;

/// How many badges are in each state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    pub pending: u64,
    pub sent: u64,
    pub held: u64,
    pub written: u64,
    pub shown: u64,
    pub refused: u64,
    pub expired: u64,
    pub superseded: u64,
}

impl Counts {
    /// From the best to the worst.
    pub const ORDER: [State; 8] = [
        State::Shown,
        State::Written,
        State::Held,
        State::Sent,
        State::Pending,
        State::Expired,
        State::Superseded,
        State::Refused,
    ];
    /// Those that are always told, also when nobody is in them.
    const ALWAYS: [State; 5] = [State::Shown, State::Held, State::Sent, State::Pending, State::Refused];

    #[must_use]
    pub const fn of(&self, state: State) -> u64 {
        match state {
            State::Pending => self.pending,
            State::Sent => self.sent,
            State::Held => self.held,
            State::Written => self.written,
            State::Shown => self.shown,
            State::Refused => self.refused,
            State::Expired => self.expired,
            State::Superseded => self.superseded,
        }
    }

    const fn of_mut(&mut self, state: State) -> &mut u64 {
        match state {
            State::Pending => &mut self.pending,
            State::Sent => &mut self.sent,
            State::Held => &mut self.held,
            State::Written => &mut self.written,
            State::Shown => &mut self.shown,
            State::Refused => &mut self.refused,
            State::Expired => &mut self.expired,
            State::Superseded => &mut self.superseded,
        }
    }

    #[must_use]
    pub fn all(&self) -> u64 {
        Self::ORDER.iter().map(|state| self.of(*state)).sum()
    }

    /// The states to tell, and how many are in each.
    pub fn told(&self) -> impl Iterator<Item = (State, u64)> + '_ {
        let told = |state: &State| self.of(*state) > 0 || Self::ALWAYS.contains(state);
        Self::ORDER.into_iter().filter(told).map(|state| (state, self.of(state)))
    }
}

impl FromIterator<(State, u64)> for Counts {
    /// A state may come more than once.
    fn from_iter<I: IntoIterator<Item = (State, u64)>>(states: I) -> Self {
        let mut counts = Self::default();
        for (state, count) in states {
            *counts.of_mut(state) += count;
        }
        counts
    }
}
