//! LEDs as dots of pixels.

use std::ops::Range;

use super::Scale;
use crate::display::Frame;

/// The case, an LED that is off, one that is lit.
pub(super) const PALETTE: [[u8; 3]; 4] =
    [[0x0d, 0x0b, 0x0b], [0x26, 0x1b, 0x1a], [0xff, 0x45, 0x2b], [0xff, 0x45, 0x2b]];
const CASE: u8 = 0;
const OFF: u8 = 1;
pub(super) const LIT: u8 = 2;

pub(super) struct Dots {
    /// Pixels from one LED to the next.
    pitch: usize,
    pixels: Vec<u8>,
}

impl Dots {
    pub(super) fn new(Scale(pitch): Scale) -> Self {
        Self { pitch: usize::from(pitch), pixels: Vec::new() }
    }

    /// Colours of the pixels of a part of the panel, row by row.
    pub(super) fn draw(&mut self, frame: &Frame, columns: Range<usize>, rows: Range<usize>) -> &[u8] {
        self.pixels.clear();
        // Small dots fill their place; larger ones keep a gap and, larger still, lose their corners.
        let gap = usize::from(self.pitch > 2);
        let corner = usize::from(self.pitch > 5);
        for row in rows {
            let first = self.pixels.len();
            for x in columns.clone() {
                let colour = if frame.is_lit(x, row) { LIT } else { OFF };
                self.pixels.resize(self.pixels.len() + self.pitch - gap, colour);
                self.pixels.resize(self.pixels.len() + gap, CASE);
            }
            let line = first..self.pixels.len();
            for _ in 1..self.pitch - gap {
                self.pixels.extend_from_within(line.clone());
            }
            if corner > 0 {
                let last = self.pixels.len() - line.len();
                for start in [first, last] {
                    for dot in self.pixels[start..start + line.len()].chunks_mut(self.pitch) {
                        dot[0] = CASE;
                        dot[self.pitch - gap - 1] = CASE;
                    }
                }
            }
            self.pixels.resize(self.pixels.len() + gap * line.len(), CASE);
        }
        &self.pixels
    }
}
