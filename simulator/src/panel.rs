//! What a panel plays: the messages of the playlist in turn, again and again.
//!
//! Nothing ticks. A program knows from its start when each layer is first lit, and what is lit at any instant is
//! computed when somebody looks.

use std::time::Duration;

use badgecast_domain::{
    display::{Frame, Panel, Player, START_MS, Slot, Timing},
    id::LayerId,
    layer::Turn,
    wire::{Crc, Outcome},
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

    /// Plays another list. What has its turn goes on, unless a layer that was never lit comes in: that starts at once.
    pub(crate) fn change(&mut self, memory: &Memory, turns: &[Turn], now: Instant) {
        let layers: Vec<&Held> = memory.layers().collect();
        let play = |turn: &Turn| Play::of(layers[turn.layer], turn.message);
        let plays: Vec<Play> = turns.iter().map(play).collect();
        if plays == self.plays {
            return;
        }
        let is_new = |play: usize| {
            layers[turns[play].layer].outcome == Outcome::Held
                && !self.plays.iter().any(|old| old.is_of_same_layer(&plays[play]))
        };
        let starts = (0..plays.len()).find(|play| is_new(*play)).map(|play| (play, now));
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

    fn is_of_same_layer(&self, other: &Self) -> bool {
        (self.layer, self.revision, self.crc) == (other.layer, other.revision, other.crc)
    }
}

#[cfg(test)]
mod tests {
    use badgecast_domain::{
        display::{Document, pictures},
        layer::{Kind, Level, playlist},
        time::Moment,
        wire::Layer,
    };

    use super::*;

    const PANEL: Panel = Panel::P11x44;
    const NOON: Moment = Moment::from_s(1_795_000_000);

    fn layer(kind: Kind, text: &str) -> Layer {
        let (messages, crc) = pictures(&Document::text(text).unwrap(), PANEL);
        let (id, level) = (LayerId::new(), Level::Normal);
        let (from, until, ttl_s) = (None, None, None);
        Layer { kind, id, revision: 1, level, from, until, ttl_s, now: NOON, brightness: 100, messages, crc }
    }

    /// A program that has played the owner's line for 700 ms when an announcement comes.
    fn interrupted() -> (Memory, Program, Instant, [LayerId; 2]) {
        let (own, announcement) = (layer(Kind::Own, "Anna"), layer(Kind::Announcement, "Lunch"));
        let ids = [own.id, announcement.id];
        let start = Instant::now();
        let (mut memory, mut program) = (Memory::default(), Program::dark(PANEL, start));
        memory.store(own, PANEL, 8192);
        change(&mut program, &memory, start);
        memory.settle(ids[0], 1, Outcome::Shown);
        memory.store(announcement, PANEL, 8192);
        (memory, program, start + Duration::from_millis(700), ids)
    }

    fn change(program: &mut Program, memory: &Memory, now: Instant) {
        program.change(memory, &playlist(&memory.standings(), Some(NOON)), now);
    }

    #[test]
    fn a_new_layer_starts_at_once_and_the_others_follow() {
        let (memory, mut program, now, [own, announcement]) = interrupted();
        assert_eq!(program.layer_at(now), Some(own));
        change(&mut program, &memory, now);
        let first_step = now + Duration::from_millis(START_MS);
        assert_eq!(program.layer_at(first_step), Some(announcement));
        assert!(program.frame_at(first_step).lit() > 0);
        assert_eq!(program.layers(), [own, announcement], "in the playlist's order");
        let [first, second] = program.lights() else { panic!("two layers are lit: {program:?}") };
        assert_eq!((first.layer, first.at), (announcement, first_step));
        assert_eq!((second.layer, program.layer_at(second.at)), (own, Some(own)));
    }

    #[test]
    fn what_has_its_turn_goes_on_when_the_list_changes_around_it() {
        let (mut memory, mut program, now, [own, announcement]) = interrupted();
        let lit = program.frame_at(now);
        memory.settle(announcement, 1, Outcome::Shown);
        change(&mut program, &memory, now);
        assert_eq!((program.layer_at(now), program.frame_at(now)), (Some(own), lit));
        let light = program.lights().iter().find(|light| light.layer == announcement).unwrap();
        assert!(light.at > now);

        memory.forget(own);
        change(&mut program, &memory, now);
        assert_eq!(program.layers(), [announcement]);
        assert_eq!(program.lights()[0].at, now + Duration::from_millis(START_MS));
        memory.forget(announcement);
        change(&mut program, &memory, now);
        assert_eq!((program.layer_at(now), program.frame_at(now).lit()), (None, 0));
    }

    #[test]
    fn the_same_list_again_changes_nothing() {
        let (memory, mut program, now, _) = interrupted();
        change(&mut program, &memory, now);
        let lights = program.lights().to_vec();
        change(&mut program, &memory, now + Duration::from_secs(1));
        assert_eq!(program.lights(), lights);
    }
}
