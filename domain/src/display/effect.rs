//! The nine effects: from a strip to the frames of one cycle, as the open firmware plays them.
//!
//! Everything here counts in steps; [`super::player`] knows how long a step lasts. Written from the measured
//! arithmetic, and locked to it by the hashes of `docs/hardware.md`.

use super::{Effect, Panel, Strip};

/// What the panel lights at one instant: its columns from the left, bit 0 is the top row.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Frame {
    pub columns: Vec<u16>,
}

impl Frame {
    #[must_use]
    pub fn dark(panel: Panel) -> Self {
        Self { columns: vec![0; panel.columns()] }
    }

    /// How many LEDs are lit.
    #[must_use]
    pub fn lit(&self) -> u32 {
        self.columns.iter().map(|column| column.count_ones()).sum()
    }

    /// Whether the LED is lit; `false` outside the panel.
    #[must_use]
    pub fn is_lit(&self, x: usize, row: usize) -> bool {
        row < 16 && self.columns.get(x).is_some_and(|column| column >> row & 1 == 1)
    }
}

/// One cycle of an effect over a strip.
#[derive(Debug, Clone)]
pub(crate) struct Cycle {
    panel: Panel,
    effect: Effect,
    /// The strip in whole bytes of 8 columns, as the hardware has it.
    columns: Vec<u16>,
    /// Columns from one page to the next.
    stride: usize,
    /// How far a page that is alone is moved to stand in the middle.
    left: usize,
}

impl Cycle {
    /// `stride`: columns of a page of the effect `animation`.
    pub(crate) fn new(panel: Panel, effect: Effect, strip: &Strip, stride: usize) -> Self {
        let mask = panel.column_mask();
        let mut columns: Vec<u16> = strip.columns.iter().map(|column| column & mask).collect();
        columns.resize(columns.len().next_multiple_of(8), 0);
        let stride = if effect == Effect::Animation { stride } else { panel.columns() };
        let lit = columns.iter().rposition(|column| *column != 0).map_or(0, |last| last + 1);
        let left = if columns.len() <= stride { panel.columns().saturating_sub(lit) / 2 } else { 0 };
        Self { panel, effect, columns, stride, left }
    }

    pub(crate) const fn effect(&self) -> Effect {
        self.effect
    }

    fn pages(&self) -> usize {
        self.columns.len().div_ceil(self.stride)
    }

    /// How many steps one cycle has.
    pub(crate) fn steps(&self) -> usize {
        let (rows, width, pages) = (self.panel.rows(), self.panel.columns(), self.pages());
        if self.columns.is_empty() {
            return 0;
        }
        match self.effect {
            Effect::Left | Effect::Right => self.columns.len() + width,
            Effect::Up | Effect::Down => 3 * rows * pages,
            Effect::Fixed => width * pages,
            Effect::Animation => 5 * pages,
            Effect::Snowflake => 6 * rows * pages,
            Effect::Picture => width * pages + half(width),
            Effect::Laser => 3 * width * pages,
        }
    }

    /// The frame of a step below [`Self::steps`]. `before` is what the panel showed until this cycle began; only
    /// the effect `picture` draws over it.
    pub(crate) fn frame(&self, step: usize, before: &Frame) -> Frame {
        let (rows, width, steps) = (self.panel.rows(), self.panel.columns(), self.steps().max(1));
        let step = step % steps;
        // `right` and `down` play the frames of `left` and `up` from the end, after the first.
        let mirrored = (steps - step) % steps;
        match self.effect {
            Effect::Left => self.scrolled(step),
            Effect::Right => self.scrolled(mirrored),
            Effect::Up => self.risen(step),
            Effect::Down => self.risen(mirrored),
            Effect::Fixed => self.page(step / width),
            Effect::Animation => self.page(step / 5),
            Effect::Snowflake => self.snowed(step / (6 * rows), step % (6 * rows)),
            Effect::Picture => self.curtained(step / width, step % width, before),
            Effect::Laser => self.lasered(step / (3 * width), step % (3 * width)),
        }
    }

    /// The strip's column, dark outside of it.
    fn at(&self, x: usize) -> u16 {
        self.columns.get(x).copied().unwrap_or(0)
    }

    fn build(&self, column: impl Fn(usize) -> u16) -> Frame {
        let mask = self.panel.column_mask();
        Frame { columns: (0..self.panel.columns()).map(|x| column(x) & mask).collect() }
    }

    /// A page standing still; one that is alone stands in the middle.
    fn page(&self, page: usize) -> Frame {
        self.build(|x| x.checked_sub(self.left).map_or(0, |x| self.at(page * self.stride + x)))
    }

    fn scrolled(&self, step: usize) -> Frame {
        self.build(|x| (x + step).checked_sub(self.panel.columns()).map_or(0, |x| self.at(x)))
    }

    fn shaped(&self, page: usize, shape: impl Fn(u16) -> u32) -> Frame {
        let still = self.page(page);
        self.build(|x| (shape(still.columns[x]) & 0xffff) as u16)
    }

    fn risen(&self, step: usize) -> Frame {
        let rows = self.panel.rows();
        let (page, y) = (step / (3 * rows), step % (3 * rows));
        self.shaped(page, |column| match y {
            _ if y < rows => u32::from(column) << (rows - y),
            _ if y < 2 * rows => u32::from(column),
            _ => u32::from(column) >> (y - 2 * rows),
        })
    }

    fn snowed(&self, page: usize, step: usize) -> Frame {
        let rows = self.panel.rows();
        if step < 2 * rows {
            let spread_rows = if step < rows { rows } else { 2 * rows - step };
            return self.shaped(page, |column| spread(column, 0, spread_rows) >> (2 * rows - step));
        }
        if step <= 4 * rows {
            return self.page(page);
        }
        let fallen = step - 4 * rows;
        if fallen < rows {
            self.shaped(page, |column| spread(column, rows - fallen, rows))
        } else {
            self.shaped(page, |column| spread(column, 0, rows) << (fallen - rows))
        }
    }

    fn curtained(&self, page: usize, step: usize, before: &Frame) -> Frame {
        let (width, middle) = (self.panel.columns(), half(self.panel.columns()));
        let closing = page == self.pages();
        let step = if closing { step + 1 } else { step };
        if !closing && step > middle {
            return self.page(page);
        }
        let under = match (page, closing) {
            (0, _) => before.clone(),
            _ => self.page(page - 1),
        };
        let open = step.max(1);
        let mut frame = self.build(|x| {
            let revealed = x + open >= middle && x < middle + open;
            match (revealed, closing) {
                (true, true) => 0,
                (true, false) => self.at(page * width + x),
                (false, _) => under.columns.get(x).copied().unwrap_or(0),
            }
        });
        if step + 1 < middle {
            let full = self.panel.column_mask();
            for x in [middle + step, middle - 1 - step] {
                if let Some(column) = frame.columns.get_mut(x) {
                    *column = full;
                }
            }
        }
        frame
    }

    fn lasered(&self, page: usize, step: usize) -> Frame {
        let (width, x0) = (self.panel.columns(), self.left);
        let room = width - x0;
        let length = room.min(self.columns.len().saturating_sub(page * width));
        // Step minus panel width, modulo the room: text that stands in the middle starts midway and wraps.
        let beam = |step: usize| (step + room * width - width) % room;
        if step < width {
            let front = beam(step);
            self.build(|x| match x.checked_sub(x0) {
                Some(x) if x < length => self.at(page * width + x.min(front)),
                _ => 0,
            })
        } else if step < 2 * width {
            self.page(page)
        } else {
            let front = beam(step - width);
            self.build(|x| match x.checked_sub(x0) {
                Some(x) if x < length && x >= front => self.at(page * width + x),
                _ => 0,
            })
        }
    }
}

/// Half the panel, where a curtain opens.
fn half(width: usize) -> usize {
    width.div_ceil(2)
}

/// Bits below `from` stay, bits up to `to` move two rows apart, the rest follow directly after them.
fn spread(column: u16, from: usize, to: usize) -> u32 {
    let row = |bit: usize| match bit {
        _ if bit < from => bit,
        _ if bit < to => 2 * bit - from,
        _ => bit + to - from,
    };
    (0..16).filter(|bit| column >> bit & 1 == 1).fold(0, |rows, bit| rows | 1 << row(bit).min(31))
}

#[cfg(test)]
mod tests {
    use sha2::{Digest, Sha256};

    use super::*;

    /// "Hi" in the vendor's letters: bytes 0x40..0x56 of the test vector in `docs/hardware.md`.
    const HI: [u8; 22] = [
        0x00, 0xc6, 0xc6, 0xc6, 0xc6, 0xfe, 0xc6, 0xc6, 0xc6, 0xc6, 0x00, 0x00, 0x18, 0x18, 0x00, 0x38, 0x18,
        0x18, 0x18, 0x18, 0x3c, 0x00,
    ];

    #[test]
    fn the_nine_effects_are_those_of_the_open_firmware() {
        let golden = [
            (Effect::Left, 60, "3bce2b0d508cb412"),
            (Effect::Right, 60, "363c726efeaf1f89"),
            (Effect::Up, 33, "51d460b89692561f"),
            (Effect::Down, 33, "4fb3d24563fc0720"),
            (Effect::Fixed, 44, "0e65011ea8c8eaec"),
            (Effect::Animation, 5, "6b6b11a08c487a9b"),
            (Effect::Snowflake, 66, "90bc3fd44f3ca0fa"),
            (Effect::Picture, 66, "2abc2d301f029b67"),
            (Effect::Laser, 132, "8bf18aaca5b540cb"),
        ];
        let panel = Panel::P11x44;
        let strip = Strip::from_bytes(panel, 16, &HI).unwrap();
        for (effect, steps, expected) in golden {
            let cycle = Cycle::new(panel, effect, &strip, panel.columns());
            assert_eq!(cycle.steps(), steps, "{effect:?}");
            let mut hash = Sha256::new();
            for step in 0..steps {
                let frame = cycle.frame(step, &Frame::dark(panel));
                frame.columns.iter().for_each(|column| hash.update(column.to_le_bytes()));
            }
            let hash = hash.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect::<String>();
            assert_eq!(hash, expected, "{effect:?}");
        }
    }

    #[test]
    fn every_effect_on_every_panel_lights_only_the_panel() {
        for panel in Panel::ALL {
            for width in [0, 1, 8, 44, 45, 96, 300] {
                let strip = Strip { columns: vec![0xffff; width] };
                for effect in Effect::ALL {
                    let cycle = Cycle::new(panel, effect, &strip, panel.columns());
                    for step in 0..cycle.steps() {
                        let frame = cycle.frame(step, &Frame::dark(panel));
                        assert_eq!(frame.columns.len(), panel.columns());
                        let outside = frame.columns.iter().any(|column| column & !panel.column_mask() != 0);
                        assert!(!outside, "{panel} {effect:?} {width} {step}");
                    }
                }
            }
        }
    }
}
