//! A mosaic: one picture with a cell for every badge, sorted by state, for fleets that no wall of tiles can show.
//!
//! The numbers stand beside it in a table; each state has a shape of its own, so that it is told without colour too.

use badgecast_domain::receipt::State;

use super::Counts;
use crate::led::data_uri;

/// More cells than this are drawn smaller.
const FEW: u64 = 2_400;
/// The most cells that are drawn; beyond, a cell stands for several badges.
const MOST: u64 = 40_000;

/// A picture of all badges.
#[derive(Debug, Clone)]
pub struct Mosaic {
    pub src: String,
    pub width: usize,
    pub height: usize,
    pub counts: Counts,
}

/// Colours that stand out from light and from dark paper (3:1 and more from both), by number.
const PALETTE: [[u8; 3]; 5] =
    [[0, 0, 0], [0x2f, 0x8f, 0x55], [0x2a, 0x86, 0x99], [0x7d, 0x89, 0x87], [0xd0, 0x45, 0x3c]];

impl Mosaic {
    #[must_use]
    pub fn of(counts: Counts) -> Self {
        let all = counts.all();
        let (pitch, across) = if all <= FEW { (12, 70) } else { (6, 140) };
        let each = all.div_ceil(MOST).max(1);
        let cells: Vec<State> = Counts::ORDER
            .iter()
            .rev()
            .flat_map(|state| std::iter::repeat_n(*state, cells(counts.of(*state), each)))
            .collect();
        let (width, height) = (across * pitch, cells.len().div_ceil(across).max(1) * pitch);
        let mut pixels = vec![0_u8; width * height];
        for (index, state) in cells.iter().enumerate() {
            let (left, top) = (index % across * pitch, index / across * pitch);
            for y in 0..pitch - 1 {
                for x in 0..pitch - 1 {
                    pixels[(top + y) * width + left + x] = pixel(*state, x, y, pitch - 2);
                }
            }
        }
        let src = data_uri("image/png", &png(&pixels, width, height));
        Self { src, width, height, counts }
    }
}

fn cells(count: u64, each: u64) -> usize {
    usize::try_from(count.div_ceil(each)).unwrap_or(usize::MAX)
}

/// The colour of a pixel of a cell whose last pixel has the number `end`: full, striped, a dot, a frame, a cross.
fn pixel(state: State, x: usize, y: usize, end: usize) -> u8 {
    let edge = x == 0 || y == 0 || x == end || y == end;
    match state {
        State::Shown => 1,
        State::Written => {
            if y * 2 > end {
                1
            } else {
                0
            }
        }
        State::Held => {
            if edge || (x + y).is_multiple_of(3) {
                1
            } else {
                0
            }
        }
        State::Sent => {
            if x > 0 && y > 0 && x < end && y < end {
                2
            } else {
                0
            }
        }
        State::Pending => {
            if edge {
                3
            } else {
                0
            }
        }
        State::Expired => {
            if y == end || y == 0 {
                3
            } else {
                0
            }
        }
        State::Superseded => {
            if x == y {
                3
            } else {
                0
            }
        }
        State::Refused => {
            if x == y || x + y == end {
                0
            } else {
                4
            }
        }
    }
}

fn png(pixels: &[u8], width: usize, height: usize) -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = ::png::Encoder::new(&mut file, width as u32, height as u32);
    encoder.set_color(::png::ColorType::Indexed);
    encoder.set_depth(::png::BitDepth::Four);
    encoder.set_palette(PALETTE.concat());
    encoder.set_trns(vec![0]);
    encoder.set_compression(::png::Compression::Fast);
    let packed: Vec<u8> =
        pixels.chunks(2).map(|two| two[0] << 4 | two.get(1).copied().unwrap_or(0)).collect();
    let written = encoder.write_header().and_then(|mut file| {
        file.write_image_data(&packed)?;
        file.finish()
    });
    written.expect("a picture of fixed shape is written to memory");
    file
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_badge_has_a_cell_and_ten_thousand_fit_a_page() {
        let few = Mosaic::of(Counts { shown: 187, pending: 12, refused: 1, ..Counts::default() });
        assert_eq!((few.width, few.height), (840, 36));
        let many = Mosaic::of(Counts { shown: 9_000, pending: 1_000, ..Counts::default() });
        assert_eq!(many.width, 840);
        assert!(many.src.len() < 24_000, "{} bytes", many.src.len());
        let crowd = Mosaic::of(Counts { shown: 1_000_000, ..Counts::default() });
        assert!(crowd.height < 2_000);
    }

    #[test]
    fn every_state_has_a_shape_of_its_own() {
        let shape = |state| -> Vec<bool> {
            (0..11).flat_map(|y| (0..11).map(move |x| pixel(state, x, y, 10) > 0)).collect()
        };
        for (index, one) in State::ALL.iter().enumerate() {
            for other in &State::ALL[..index] {
                assert_ne!(shape(*one), shape(*other), "{one:?} {other:?}");
            }
        }
    }
}
