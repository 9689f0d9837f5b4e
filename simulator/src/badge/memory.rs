//! The layers a badge holds. They outlive its connections and reboots, as flash does.
//!
//! The badge obeys its connection, not the larger revision: a server whose database was restored may be behind.

use badgecast_domain::{
    display::Panel,
    id::LayerId,
    layer::{Kind, Standing},
    time::Moment,
    wire::{Crc, Holds, Layer, MAX_HOLDS, Outcome, Picture, strip_of},
};

/// One layer in memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    pub layer: Layer,
    /// Over the strips as they are lit.
    pub crc: Crc,
    /// How far the badge came with it.
    pub outcome: Outcome,
}

/// What storing a layer came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stored {
    /// It was not there, or it was another.
    New,
    /// The same pixels under the same revision: nothing to light anew.
    Known,
    /// It cannot be shown; why stands in the acknowledgement.
    Refused(&'static str),
}

/// Everything a badge holds.
#[derive(Debug, Clone, Default)]
pub struct Memory {
    held: Vec<Held>,
}

impl Memory {
    /// The layers it can show.
    pub fn layers(&self) -> impl Iterator<Item = &Held> {
        self.held.iter().filter(|held| held.outcome != Outcome::Refused)
    }

    #[must_use]
    pub fn get(&self, id: LayerId) -> Option<&Held> {
        self.held.iter().find(|held| held.layer.id == id)
    }

    /// What the playlist rule needs to know, in the order of [`Memory::layers`].
    #[must_use]
    pub fn standings(&self) -> Vec<Standing> {
        let standing = |held: &Held| Standing {
            id: held.layer.id,
            kind: held.layer.kind,
            level: held.layer.level,
            validity: held.layer.validity(),
            messages: held.layer.messages.len(),
        };
        self.layers().map(standing).collect()
    }

    /// What `hello` says.
    #[must_use]
    pub fn holds(&self) -> Vec<Holds> {
        let holds = |held: &Held| Holds {
            id: held.layer.id,
            revision: held.layer.revision,
            outcome: Some(held.outcome),
            crc: Some(held.crc),
        };
        self.held.iter().map(holds).collect()
    }

    /// Takes a layer in. What was refused is remembered too, so that it is not sent again at every `hello`.
    pub fn store(&mut self, layer: Layer, panel: Panel, max_bytes: u32) -> Stored {
        let crc = crc(&layer, panel);
        let known = |held: &Held| held.layer.revision == layer.revision && held.crc == crc;
        if let Some(held) = self.held.iter_mut().find(|held| held.layer.id == layer.id && known(held)) {
            if let Outcome::Refused = held.outcome {
                return Stored::Refused(fault(&layer, panel, max_bytes).unwrap_or("refused before"));
            }
            // The same pixels may have another level or end by now.
            held.layer = layer;
            return Stored::Known;
        }
        self.held.retain(|held| held.layer.id != layer.id);
        if self.held.len() == MAX_HOLDS {
            return Stored::Refused("no room for another layer");
        }
        if let Some(fault) = fault(&layer, panel, max_bytes) {
            return self.refuse(layer, panel, fault);
        }
        self.held.push(Held { layer, crc, outcome: Outcome::Held });
        Stored::New
    }

    /// Remembers a layer as refused.
    pub fn refuse(&mut self, layer: Layer, panel: Panel, reason: &'static str) -> Stored {
        self.held.retain(|held| held.layer.id != layer.id);
        if self.held.len() < MAX_HOLDS {
            let crc = crc(&layer, panel);
            self.held.push(Held { layer, crc, outcome: Outcome::Refused });
        }
        Stored::Refused(reason)
    }

    /// Forgets a layer; whether it was there.
    pub fn forget(&mut self, id: LayerId) -> bool {
        let before = self.held.len();
        self.held.retain(|held| held.layer.id != id);
        self.held.len() < before
    }

    /// Forgets the layers whose time is over.
    pub fn forget_over(&mut self, now: Moment) -> Vec<LayerId> {
        let over = |held: &Held| held.layer.validity().is_over(now);
        let gone = self.held.iter().filter(|held| over(held)).map(|held| held.layer.id).collect();
        self.held.retain(|held| !over(held));
        gone
    }

    pub fn wipe(&mut self) {
        self.held.clear();
    }

    /// A layer was lit, or written; what kind it is, unless that had been before.
    pub fn settle(&mut self, id: LayerId, revision: u64, outcome: Outcome) -> Option<Kind> {
        let waits = |held: &&mut Held| {
            held.layer.id == id && held.layer.revision == revision && held.outcome == Outcome::Held
        };
        let held = self.held.iter_mut().find(waits)?;
        held.outcome = outcome;
        Some(held.layer.kind)
    }
}

/// Over the pixels as the panel lights them, not over the bytes that came; what does not fit it is taken as it came.
fn crc(layer: &Layer, panel: Panel) -> Crc {
    let pixels = |message: &Picture| strip_of(message, panel).map(|strip| strip.to_bytes(panel));
    let strips: Vec<Vec<u8>> = layer
        .messages
        .iter()
        .map(|message| pixels(message).unwrap_or_else(|| message.strip.clone()))
        .collect();
    Crc::of(strips.iter().map(Vec::as_slice))
}

/// Why a panel cannot show a layer.
fn fault(layer: &Layer, panel: Panel, max_bytes: u32) -> Option<&'static str> {
    let bytes: usize = layer.messages.iter().map(|message| message.strip.len()).sum();
    if layer.messages.is_empty() {
        Some("no messages")
    } else if bytes > max_bytes as usize {
        Some("larger than the memory of the panel")
    } else if layer.messages.iter().any(|message| strip_of(message, panel).is_none()) {
        Some("a strip does not fit the panel")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use badgecast_domain::{
        display::{Effect, Strip},
        layer::Level,
    };

    use super::*;

    const PANEL: Panel = Panel::P11x44;

    fn layer(id: LayerId, revision: u64, columns: &[u16]) -> Layer {
        let strip = Strip { columns: columns.to_vec() }.to_bytes(PANEL);
        Layer {
            kind: Kind::Announcement,
            id,
            revision,
            level: Level::Normal,
            from: None,
            until: Some(Moment::from_s(100)),
            ttl_s: None,
            now: Moment::from_s(1),
            brightness: 100,
            crc: Crc::of([strip.as_slice()]),
            messages: vec![Picture {
                strip,
                columns: columns.len() as u16,
                effect: Effect::Fixed,
                speed: 4,
                blink: false,
                border: false,
            }],
        }
    }

    fn revisions(memory: &Memory) -> Vec<u64> {
        memory.layers().map(|held| held.layer.revision).collect()
    }

    #[test]
    fn the_connection_is_obeyed_even_to_a_smaller_revision() {
        let (mut memory, id) = (Memory::default(), LayerId::new());
        for revision in [5, 3, 4] {
            assert_eq!(memory.store(layer(id, revision, &[1]), PANEL, 8192), Stored::New);
            assert_eq!(revisions(&memory), [revision]);
        }
    }

    #[test]
    fn the_same_layer_again_is_nothing_new_but_may_end_at_another_time() {
        let (mut memory, id) = (Memory::default(), LayerId::new());
        memory.store(layer(id, 1, &[1]), PANEL, 8192);
        assert!(memory.settle(id, 1, Outcome::Shown).is_some());
        assert_eq!(memory.settle(id, 1, Outcome::Shown), None, "it is lit for the first time only once");

        let longer = Layer { until: Some(Moment::from_s(200)), ..layer(id, 1, &[1]) };
        assert_eq!(memory.store(longer, PANEL, 8192), Stored::Known);
        assert_eq!(memory.holds()[0].outcome, Some(Outcome::Shown));
        assert!(memory.forget_over(Moment::from_s(150)).is_empty());
        assert_eq!(memory.forget_over(Moment::from_s(200)), [id]);

        memory.store(layer(id, 1, &[1]), PANEL, 8192);
        assert_eq!(memory.store(layer(id, 1, &[2]), PANEL, 8192), Stored::New, "other pixels are news");
    }

    #[test]
    fn the_checksum_is_of_the_pixels_that_are_lit() {
        let (mut memory, sent) = (Memory::default(), layer(LayerId::new(), 1, &[1, 2, 3]));
        memory.store(sent.clone(), PANEL, 8192);
        assert_eq!(memory.holds()[0].crc, Some(sent.crc));

        // Bits beyond the last column reach no LED.
        let mut noisy = sent.clone();
        noisy.messages[0].strip[0] |= 1;
        memory.store(noisy, PANEL, 8192);
        assert_eq!(memory.holds()[0].crc, Some(sent.crc));
        let mut wrong = sent.clone();
        wrong.messages[0].strip[0] ^= 0x80;
        memory.store(wrong, PANEL, 8192);
        assert_ne!(memory.holds()[0].crc, Some(sent.crc));
    }

    #[test]
    fn what_cannot_be_shown_is_refused_and_remembered_as_refused() {
        let (mut memory, id) = (Memory::default(), LayerId::new());
        let mut broken = layer(id, 1, &[1]);
        broken.messages[0].columns = 9;
        for _ in 0..2 {
            assert!(matches!(memory.store(broken.clone(), PANEL, 8192), Stored::Refused(_)));
        }
        assert!(matches!(memory.store(layer(LayerId::new(), 1, &[1; 800]), PANEL, 500), Stored::Refused(_)));
        assert_eq!(memory.layers().count(), 0);
        assert_eq!(memory.standings(), []);
        assert_eq!(memory.holds()[0].outcome, Some(Outcome::Refused));
        assert_eq!(memory.store(layer(id, 2, &[1]), PANEL, 8192), Stored::New, "a repaired one is taken");
    }

    #[test]
    fn memory_ends_at_the_longest_list_a_hello_may_carry() {
        let mut memory = Memory::default();
        for _ in 0..MAX_HOLDS {
            assert_eq!(memory.store(layer(LayerId::new(), 1, &[1]), PANEL, 8192), Stored::New);
        }
        assert!(matches!(memory.store(layer(LayerId::new(), 1, &[1]), PANEL, 8192), Stored::Refused(_)));
        assert_eq!(memory.holds().len(), MAX_HOLDS);
    }
}
