//! All a badge knows, and the one place where it changes.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use badgecast_domain::{
    display::{Frame, Panel},
    id::LayerId,
    layer::{Kind, Level, next_change, playlist},
    wire::{Ack, Layer, Order, Outcome, Show},
};
use tokio::time::Instant;

use super::{Clock, Event, Journal, Link, Memory, Stored};
use crate::{
    faults::Fault,
    identity::Model,
    panel::{Light, Program},
    tally::Tally,
};

/// How long `identify` blinks.
const IDENTIFY: Duration = Duration::from_secs(5);

/// All a badge knows.
#[derive(Debug)]
pub struct State {
    pub link: Link,
    pub clock: Clock,
    pub memory: Memory,
    pub program: Program,
    pub journal: Journal,
    /// How often it came to be connected.
    pub connects: u64,
    /// `identify` blinks until then.
    pub identify_until: Option<Instant>,
    pub(super) booted: Instant,
    /// Everything due until then was done.
    ticked: Instant,
    pub(super) outbox: VecDeque<Letter>,
    model: Arc<Model>,
    fault: Option<Fault>,
}

/// An acknowledgement on its way, not to be sent before `due`.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Letter {
    pub(super) due: Instant,
    pub(super) ack: Ack,
}

impl State {
    pub(super) fn new(
        model: Arc<Model>,
        fault: Option<Fault>,
        tally: Option<Arc<Tally>>,
        now: Instant,
    ) -> Self {
        Self {
            link: Link::Offline,
            clock: Clock::default(),
            memory: Memory::default(),
            program: Program::dark(model.panel, now),
            journal: Journal::new(tally),
            connects: 0,
            identify_until: None,
            booted: now,
            ticked: now,
            outbox: VecDeque::new(),
            model,
            fault,
        }
    }

    /// The revision it holds of a layer, if it can show it.
    #[must_use]
    pub fn holds(&self, id: LayerId) -> Option<u64> {
        self.memory.layers().find(|held| held.layer.id == id).map(|held| held.layer.revision)
    }

    /// Whether it has lit this revision of a layer.
    #[must_use]
    pub fn has_shown(&self, id: LayerId, revision: u64) -> bool {
        self.times_lit(id, revision) > 0
    }

    /// How often this revision of a layer was lit as something new; more than once is a fault of the server.
    #[must_use]
    pub fn times_lit(&self, id: LayerId, revision: u64) -> u32 {
        self.journal.times_lit(id, revision)
    }

    /// The layers in the panel's turn, in order.
    #[must_use]
    pub fn shows(&self) -> Vec<LayerId> {
        self.program.layers()
    }

    #[must_use]
    pub fn panel(&self) -> Panel {
        self.model.panel
    }

    /// What the panel lights at `now`.
    #[must_use]
    pub fn frame_at(&self, now: Instant) -> Frame {
        let mut frame = self.program.frame_at(now);
        if let Some(until) = self.identify_until.filter(|until| now < *until)
            && until.duration_since(now).subsec_millis() < 500
        {
            let lit = self.model.panel.column_mask();
            frame.columns.iter_mut().for_each(|column| *column = !*column & lit);
        }
        frame
    }

    /// What kind of layer has its turn at `now`, and how loud it is.
    #[must_use]
    pub fn turn_at(&self, now: Instant) -> Option<(Kind, Level)> {
        let held = self.memory.get(self.program.layer_at(now)?)?;
        Some((held.layer.kind, held.layer.level))
    }

    pub(super) fn relink(&mut self, link: Link) {
        let from = std::mem::replace(&mut self.link, link);
        if from != link {
            self.connects += u64::from(link == Link::Connected);
            self.note(Event::Link { from, to: link });
        }
    }

    /// Obeys `v1/me/show`.
    pub(super) fn show(&mut self, show: Show, now: Instant) {
        match show {
            Show::Layer(layer) => self.store(layer, now),
            Show::Withdrawn(withdrawn) => {
                if self.memory.forget(withdrawn.id) {
                    self.note(Event::Withdrawn { id: withdrawn.id });
                }
                self.tick(now);
            }
        }
    }

    fn store(&mut self, layer: Layer, now: Instant) {
        self.clock.hear(layer.now, now);
        let (id, revision, kind) = (layer.id, layer.revision, layer.kind);
        let stored = match self.fault {
            Some(Fault::Refusing) => self.memory.refuse(layer, self.model.panel, "the panel is broken"),
            _ => self.memory.store(layer, self.model.panel, self.model.max_bytes),
        };
        match stored {
            Stored::New => self.note(Event::Held { id, revision, kind }),
            Stored::Known => {}
            Stored::Refused(_) => self.note(Event::Refused { id, revision, kind }),
        }
        let reason = if let Stored::Refused(reason) = stored { Some(reason) } else { None };
        self.acknowledge(id, revision, reason, now);
        self.replay(now);
        self.light(now);
    }

    /// What is due at `now`: forgets what is over, plays what has its time, lights what is new.
    pub(super) fn tick(&mut self, now: Instant) {
        if let Some(moment) = self.clock.now(now) {
            for id in self.memory.forget_over(moment) {
                self.note(Event::Over { id });
            }
        }
        self.replay(now);
        self.light(now);
    }

    /// When the next [`State::tick`] is due; it may be over already.
    pub(super) fn next_tick(&self) -> Option<Instant> {
        let light = self.program.lights().iter().find(|light| self.is_new(light)).map(|light| light.at);
        let moment = self.clock.now(self.ticked);
        let change = moment.and_then(|moment| next_change(&self.memory.standings(), moment));
        let change = change.and_then(|change| self.clock.instant(change, self.ticked));
        [light, change].into_iter().flatten().min()
    }

    pub(super) fn obey(&mut self, order: Order, now: Instant) {
        self.note(Event::Command(order));
        match order {
            Order::Identify => self.identify_until = Some(now + IDENTIFY),
            Order::Wipe => self.memory.wipe(),
            Order::Reboot => {
                self.clock = Clock::default();
                self.program = Program::dark(self.model.panel, now);
                self.booted = now;
            }
            Order::Resync => {}
        }
        self.tick(now);
    }

    pub(super) fn note(&mut self, event: Event) {
        self.journal.note(event);
    }

    /// Plays what the rule says.
    fn replay(&mut self, now: Instant) {
        let moment = self.clock.now(now);
        let turns = playlist(&self.memory.standings(), moment);
        self.program.change(&self.memory, &turns, now);
        self.ticked = now;
    }

    /// Acknowledges every layer that is lit by now.
    fn light(&mut self, now: Instant) {
        let lights: Vec<Light> =
            self.program.lights().iter().take_while(|light| light.at <= now).copied().collect();
        for Light { layer: id, revision, .. } in lights {
            let Some(kind) = self.memory.settle(id, revision, Outcome::Shown) else { continue };
            self.note(Event::Shown { id, revision, kind });
            self.acknowledge(id, revision, None, now);
        }
    }

    fn is_new(&self, light: &Light) -> bool {
        self.memory
            .get(light.layer)
            .is_some_and(|held| held.layer.revision == light.revision && held.outcome == Outcome::Held)
    }

    /// Says how far it came with a layer.
    fn acknowledge(&mut self, id: LayerId, revision: u64, reason: Option<&'static str>, now: Instant) {
        let held = self.memory.get(id);
        let ack = Ack {
            id,
            revision,
            outcome: held.map_or(Outcome::Refused, |held| held.outcome),
            crc: held.map(|held| held.crc),
            reason: reason.map(str::to_owned),
            at: self.clock.now(now),
        };
        let ack = match self.fault {
            Some(fault) => fault.distort_ack(ack),
            None => Some((ack, Duration::ZERO)),
        };
        if let Some((ack, late)) = ack {
            self.outbox.push_back(Letter { due: now + late, ack });
        }
    }
}
