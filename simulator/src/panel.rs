//! What a panel plays: the messages of the playlist in turn, again and again.
//!
//! Nothing ticks. A program knows from its start when each layer is first lit, and what is lit at any instant is
//! computed when somebody looks.

use std::time::Duration;

use badgecast_domain::{
    display::{Frame, Panel, Player, START_MS, Slot, Timing},
    id::LayerId,
    layer::Turn,
    wire::Crc,
};
use tokio::time::Instant;

use crate::badge::{Held, Memory};

/// Messages in turn, from an instant on.
#[derive(Debug, Clone)]
pub struct Program {
    /// In the playlist's order.
    plays: Vec<Play>,
    /// Which of them the player began with, and when.
    first: usize,
    since: Instant,
    player: Player,
    lights: Vec<Light>,
}

/// Which message has a turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Play {
    layer: LayerId,
    revision: u64,
    crc: Crc,
    message: usize,
}

/// The instant at which a layer is lit for the first time in a program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Light {
    pub layer: LayerId,
    pub revision: u64,
    pub at: Instant,
}

impl Program {
    /// Nothing is played.
    #[must_use]
    pub fn dark(panel: Panel, now: Instant) -> Self {
        let player = Player::new(Vec::new(), panel, Timing::Open);
        Self { plays: Vec::new(), first: 0, since: now, player, lights: Vec::new() }
    }

    /// When each layer of the program is first lit, soonest first.
    #[must_use]
    pub fn lights(&self) -> &[Light] {
        &self.lights
    }

    /// The layers in turn, each once, in the playlist's order.
    #[must_use]
    pub fn layers(&self) -> Vec<LayerId> {
        let mut layers = Vec::new();
        for play in &self.plays {
            if !layers.contains(&play.layer) {
                layers.push(play.layer);
            }
        }
        layers
    }

    /// The layer whose message has its turn at `now`.
    #[must_use]
    pub fn layer_at(&self, now: Instant) -> Option<LayerId> {
        self.turn_at(now).map(|(play, _)| self.plays[play].layer)
    }

    /// What is lit at `now`.
    #[must_use]
    pub fn frame_at(&self, now: Instant) -> Frame {
        self.player.frame_at(self.elapsed_ms(now))
    }

    /// Plays another list. What has its turn goes on, unless `new` is in the list: that starts at once.
    pub(crate) fn change(&mut self, memory: &Memory, turns: &[Turn], new: Option<LayerId>, now: Instant) {
        let layers: Vec<&Held> = memory.layers().collect();
        let play = |turn: &Turn| Play::of(layers[turn.layer], turn.message);
        let plays: Vec<Play> = turns.iter().map(play).collect();
        if plays == self.plays {
            return;
        }
        let starts = plays.iter().position(|play| Some(play.layer) == new).map(|play| (play, now));
        let goes_on = self.turn_at(now).and_then(|(play, played)| {
            let play = plays.iter().position(|next| *next == self.plays[play])?;
            Some((play, now - Duration::from_millis(START_MS) - played))
        });
        (self.first, self.since) = starts.or(goes_on).unwrap_or((0, now));
        self.plays = plays;
        let panel = self.player.panel();
        // Only what fits the panel is in memory, so nothing is left out here and indices agree.
        let slot = |play: usize| {
            let turn = turns[play];
            Slot::from_picture(&layers[turn.layer].layer.messages[turn.message], panel)
        };
        let slots = self.in_turn().filter_map(slot).collect();
        self.player = Player::new(slots, panel, Timing::Open);
        self.lights = self.first_lights();
    }

    fn elapsed_ms(&self, now: Instant) -> u64 {
        now.saturating_duration_since(self.since).as_millis() as u64
    }

    /// Which play has its turn at `now`, and for how long already.
    fn turn_at(&self, now: Instant) -> Option<(usize, Duration)> {
        let elapsed = self.elapsed_ms(now);
        let (message, _) = self.player.position(elapsed)?;
        let in_round = (elapsed - START_MS) % self.player.cycle_ms();
        let played = in_round.saturating_sub(self.player.start_ms(message)? - START_MS);
        Some((self.in_turn().nth(message)?, Duration::from_millis(played)))
    }

    /// Indices of the plays, from the one the player began with.
    fn in_turn(&self) -> impl Iterator<Item = usize> + use<> {
        let (first, count) = (self.first, self.plays.len());
        (0..count).map(move |turn| (first + turn) % count)
    }

    fn first_lights(&self) -> Vec<Light> {
        let mut lights: Vec<Light> = Vec::new();
        for (message, play) in self.in_turn().enumerate() {
            let Play { layer, revision, .. } = self.plays[play];
            let Some(ms) = self.player.first_lit_ms(message) else { continue };
            let at = self.since + Duration::from_millis(ms);
            match lights.iter_mut().find(|light| light.layer == layer) {
                Some(light) => light.at = light.at.min(at),
                None => lights.push(Light { layer, revision, at }),
            }
        }
        lights.sort_by_key(|light| light.at);
        lights
    }
}

impl Play {
    fn of(held: &Held, message: usize) -> Self {
        Self { layer: held.layer.id, revision: held.layer.revision, crc: held.crc, message }
    }
}
