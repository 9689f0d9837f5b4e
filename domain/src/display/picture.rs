//! Pictures of the panel for people: a still (PNG) and a moving one (GIF), LEDs as dots.
//!
//! Pure: bytes out, nothing is written anywhere. Size and number of frames are capped, so no request can make a
//! picture that takes a core for long.

mod dots;
mod gif;

use super::{Frame, Panel, Player, Strip};
use dots::{Dots, PALETTE};

pub use self::gif::{gif, leds_gif};

/// Pixels from one LED to the next, 1 to 16. At 1 a pixel is an LED; from 3 on the LEDs are dots with gaps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Scale(u8);

impl Scale {
    pub const MAX: u32 = 16;

    /// The nearest scale there is.
    #[must_use]
    pub fn new(pixels: u32) -> Self {
        Self(u8::try_from(pixels.clamp(1, Self::MAX)).unwrap_or(1))
    }

    /// Pixels of a picture of a panel.
    #[must_use]
    pub const fn size(self, panel: Panel) -> (u16, u16) {
        (panel.columns() as u16 * self.0 as u16, panel.rows() as u16 * self.0 as u16)
    }
}

impl Default for Scale {
    /// 176x44 pixels for a panel of 11x44.
    fn default() -> Self {
        Self(4)
    }
}

/// A still of one frame. `words` say what it shows, for people who cannot see it; they travel in the file.
#[must_use]
pub fn png(frame: &Frame, panel: Panel, scale: Scale, words: &str) -> Vec<u8> {
    still(frame, panel.columns(), panel, scale, words)
}

/// A whole strip as it is, wider or narrower than the panel.
#[must_use]
pub fn strip_png(strip: &Strip, panel: Panel, scale: Scale, words: &str) -> Vec<u8> {
    let frame = Frame { columns: strip.columns.clone() };
    still(&frame, strip.columns.len().max(1), panel, scale, words)
}

fn still(frame: &Frame, columns: usize, panel: Panel, scale: Scale, words: &str) -> Vec<u8> {
    let Scale(pitch) = scale;
    let [width, height] = [columns, panel.rows()].map(|leds| leds * usize::from(pitch));
    let mut dots = Dots::new(scale);
    let pixels = dots.draw(frame, 0..columns, 0..panel.rows());
    let mut file = Vec::new();
    let mut encoder = ::png::Encoder::new(&mut file, width as u32, height as u32);
    encoder.set_color(::png::ColorType::Indexed);
    encoder.set_depth(::png::BitDepth::Two);
    encoder.set_palette(PALETTE.concat());
    let words = encoder.add_itxt_chunk("Description".to_owned(), words.to_owned());
    let packed: Vec<u8> = pixels.chunks(width).flat_map(quarter_bytes).collect();
    let written = words.and_then(|()| encoder.write_header()).and_then(|mut file| {
        file.write_image_data(&packed)?;
        file.finish()
    });
    written.expect("a picture of fixed shape is written to memory");
    file
}

/// A still with a pixel per LED and nothing else: lit ones in `colour` (red, green, blue), dark ones transparent.
#[must_use]
pub fn leds_png(frame: &Frame, panel: Panel, colour: [u8; 3]) -> Vec<u8> {
    leds(frame, panel.columns(), panel, colour)
}

/// The same of a whole strip, wider or narrower than the panel.
#[must_use]
pub fn strip_leds_png(strip: &Strip, panel: Panel, colour: [u8; 3]) -> Vec<u8> {
    leds(&Frame { columns: strip.columns.clone() }, strip.columns.len().max(1), panel, colour)
}

fn leds(frame: &Frame, columns: usize, panel: Panel, colour: [u8; 3]) -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = ::png::Encoder::new(&mut file, columns as u32, panel.rows() as u32);
    encoder.set_color(::png::ColorType::Indexed);
    encoder.set_depth(::png::BitDepth::One);
    encoder.set_palette([[0, 0, 0], colour].concat());
    encoder.set_trns(vec![0]);
    let bit = |x: usize, row| u8::from(x < columns && frame.is_lit(x, row));
    let byte = |first: usize, row| (first..first + 8).fold(0, |byte, x| byte << 1 | bit(x, row));
    let packed: Vec<u8> = (0..panel.rows())
        .flat_map(|row| (0..columns).step_by(8).map(move |first| byte(first, row)))
        .collect();
    let written = encoder.write_header().and_then(|mut file| {
        file.write_image_data(&packed)?;
        file.finish()
    });
    written.expect("a picture of fixed shape is written to memory");
    file
}

/// Two bits a pixel, the first pixel in the highest bits; rows end with a whole byte.
fn quarter_bytes(row: &[u8]) -> impl Iterator<Item = u8> {
    row.chunks(4).map(|four| (0..4).fold(0, |byte, i| byte << 2 | four.get(i).copied().unwrap_or(0)))
}

impl Player {
    /// The frame that stands for the whole: of the first message, the first that lights most.
    #[must_use]
    pub fn still(&self) -> Frame {
        let mut best = Frame::dark(self.panel());
        let (mut most, mut t) = (0, super::START_MS);
        while self.position(t).is_some_and(|(message, _)| message == 0) && t <= self.cycle_ms() {
            let frame = self.frame_at(t);
            let lit = frame.lit();
            if lit > most {
                (best, most) = (frame, lit);
            }
            let Some(next) = self.next_change_ms(t) else { break };
            t = next;
        }
        best
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::display::{Document, Timing, pictures};

    #[test]
    fn a_pixel_per_led_reads_back_as_it_was_lit() {
        let mut columns = vec![0; 9];
        (columns[0], columns[8]) = (0b1, 0b100_0000_0000);
        let file = strip_leds_png(&Strip { columns }, Panel::P11x44, [1, 2, 3]);
        let mut decoder = ::png::Decoder::new(std::io::Cursor::new(file));
        decoder.set_transformations(::png::Transformations::EXPAND);
        let mut reader = decoder.read_info().unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut pixels).unwrap();
        assert_eq!((info.width, info.height), (9, 11));
        let lit: Vec<usize> =
            pixels.chunks(4).enumerate().filter(|(_, p)| **p == [1, 2, 3, 255]).map(|(i, _)| i).collect();
        assert_eq!(lit, [0, 98]);
        assert!(pixels.chunks(4).filter(|p| p[3] == 0).count() == 97, "the dark ones are transparent");
    }

    #[test]
    fn a_still_reads_back_with_its_words() {
        let (messages, _) = pictures(&Document::text("Müller").unwrap(), Panel::P11x44);
        let player = Player::from_pictures(&messages, Panel::P11x44, Timing::Open).unwrap();
        let frame = player.still();
        let file = png(&frame, Panel::P11x44, Scale::new(1), "Müller");
        let mut reader = ::png::Decoder::new(std::io::Cursor::new(file)).read_info().unwrap();
        assert_eq!(reader.info().size(), (44, 11));
        let words = reader.info().utf8_text[0].get_text().unwrap();
        assert_eq!(words, "Müller");
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        reader.next_frame(&mut pixels).unwrap();
        for row in 0..11 {
            for x in 0..44 {
                let pixel = pixels[row * 11 + x / 4] >> (6 - x % 4 * 2) & 3;
                assert_eq!(pixel == dots::LIT, frame.is_lit(x, row), "{x} {row}");
            }
        }
    }

    #[test]
    fn sizes_are_capped() {
        assert_eq!(Scale::new(0).size(Panel::P11x44), (44, 11));
        assert_eq!(Scale::default().size(Panel::P11x44), (176, 44));
        assert_eq!(Scale::new(1_000_000).size(Panel::P11x55), (880, 176));
    }
}
