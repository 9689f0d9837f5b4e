//! The moving picture.

use std::{borrow::Cow, ops::Range};

use ::gif::{DisposalMethod, Encoder, Repeat};

use super::{
    Scale,
    dots::{Dots, PALETTE},
};
use crate::display::{Frame, Player, START_MS};

/// The most pixels of all frames together; what is longer begins again early.
const MAX_PIXELS: usize = 24_000_000;
/// Browsers slow down what is faster (to a tenth of a second).
const MIN_DELAY_MS: u64 = 20;
/// The longest delay the format can name is 655 s.
const MAX_DELAY_CS: u64 = 60_000;

/// One cycle of all messages, for ever. Each frame holds only what changed; equal frames are one.
#[must_use]
pub fn gif(player: &Player, scale: Scale) -> Vec<u8> {
    painted(player, scale, PALETTE)
}

/// The same with a pixel per LED and nothing else: lit ones in `colour` (red, green, blue), the others nearly black.
#[must_use]
pub fn leds_gif(player: &Player, colour: [u8; 3]) -> Vec<u8> {
    const DARK: [u8; 3] = [0x22, 0x29, 0x28];
    painted(player, Scale::new(1), [DARK, DARK, colour, colour])
}

fn painted(player: &Player, scale: Scale, palette: [[u8; 3]; 4]) -> Vec<u8> {
    let panel = player.panel();
    let (width, height) = scale.size(panel);
    let most = MAX_PIXELS / (usize::from(width) * usize::from(height));
    let mut file = Vec::new();
    let mut encoder = Encoder::new(&mut file, width, height, &palette.concat())
        .expect("a palette of four colours is written to memory");
    encoder.set_repeat(Repeat::Infinite).expect("written to memory");
    let mut dots = Dots::new(scale);
    let mut before: Option<Frame> = None;
    for (frame, delay_cs) in frames(player).take(most) {
        let (columns, rows) = match &before {
            Some(before) => changed(before, &frame),
            None => (0..panel.columns(), 0..panel.rows()),
        };
        let Scale(pitch) = scale;
        let pixels = |leds: usize| leds as u16 * u16::from(pitch);
        let buffer = dots.draw(&frame, columns.clone(), rows.clone());
        let picture = ::gif::Frame {
            delay: delay_cs,
            dispose: DisposalMethod::Keep,
            top: pixels(rows.start),
            left: pixels(columns.start),
            width: pixels(columns.len()),
            height: pixels(rows.len()),
            buffer: Cow::Borrowed(buffer),
            ..::gif::Frame::default()
        };
        encoder.write_frame(&picture).expect("a frame within the screen is written to memory");
        before = Some(frame);
    }
    drop(encoder);
    file
}

/// The different frames of one cycle, and for how many hundredths of a second each stands.
fn frames(player: &Player) -> impl Iterator<Item = (Frame, u16)> {
    let end = START_MS + player.cycle_ms();
    let mut t = Some(START_MS);
    std::iter::from_fn(move || {
        let from = t?;
        let frame = player.frame_at(from);
        let mut until = from;
        // Looks ahead to the next frame that differs and is not too soon.
        t = loop {
            match player.next_change_ms(until).filter(|next| *next < end) {
                None => break None,
                Some(next) => until = next,
            }
            if until >= from + MIN_DELAY_MS && player.frame_at(until) != frame {
                break Some(until);
            }
        };
        // Rounded as points in time, so that the errors do not add up.
        let hundredths = |ms: u64| (ms + 5) / 10;
        let delay = hundredths(t.unwrap_or(end)) - hundredths(from);
        Some((frame, u16::try_from(delay.clamp(MIN_DELAY_MS / 10, MAX_DELAY_CS)).unwrap_or(u16::MAX)))
    })
}

/// The smallest part of the panel that holds every LED that changed; never empty.
fn changed(before: &Frame, after: &Frame) -> (Range<usize>, Range<usize>) {
    let differs =
        |(x, (before, after)): (usize, (&u16, &u16))| (before != after).then_some((x, before ^ after));
    let pairs = before.columns.iter().zip(&after.columns).enumerate();
    let columns: Vec<(usize, u16)> = pairs.filter_map(differs).collect();
    let rows = columns.iter().fold(0, |rows, (_, column)| rows | column);
    match (columns.first(), columns.last()) {
        (Some((first, _)), Some((last, _))) => {
            let (top, bottom) = (rows.trailing_zeros() as usize, 15 - rows.leading_zeros() as usize);
            (*first..*last + 1, top..bottom + 1)
        }
        _ => (0..1, 0..1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::display::{Effect, Panel, Slot, Strip, Timing};

    fn player(effect: Effect, speed: u8, border: bool) -> Player {
        let columns = (0..88).map(|x| if x % 7 < 5 { (x * 73) & 0x7ff } else { 0 }).collect();
        let slot = Slot { strip: Strip { columns }, effect, speed, blink: false, border };
        Player::new(vec![slot], Panel::P11x44, Timing::Open)
    }

    /// Plays a GIF at scale 1: what it shows, and when each frame begins (hundredths of a second).
    fn played(file: &[u8]) -> (Vec<(u64, Vec<u8>)>, u64) {
        let mut options = ::gif::DecodeOptions::new();
        options.set_color_output(::gif::ColorOutput::Indexed);
        let mut decoder = options.read_info(file).unwrap();
        let width = usize::from(decoder.width());
        let mut screen = vec![0; width * usize::from(decoder.height())];
        let (mut shown, mut t) = (Vec::new(), 0);
        while let Some(frame) = decoder.read_next_frame().unwrap() {
            for (y, row) in frame.buffer.chunks(usize::from(frame.width)).enumerate() {
                let at = (usize::from(frame.top) + y) * width + usize::from(frame.left);
                screen[at..at + row.len()].copy_from_slice(row);
            }
            shown.push((t, screen.clone()));
            t += u64::from(frame.delay);
        }
        (shown, t)
    }

    #[test]
    fn the_gif_shows_what_the_panel_lights() {
        for effect in Effect::ALL {
            for (speed, border) in [(8, false), (4, false), (3, true)] {
                let player = player(effect, speed, border);
                let (shown, end) = played(&gif(&player, Scale::new(1)));
                assert_eq!(end, player.cycle_ms().div_ceil(10), "{effect:?} {speed}");
                for (t, screen) in shown {
                    // A frame begins up to half a hundredth before or after its time.
                    let frame = player.frame_at(START_MS + t * 10 + 5);
                    let expected = (0..11).flat_map(|row| {
                        let frame = &frame;
                        (0..44).map(move |x| 1 + u8::from(frame.is_lit(x, row)))
                    });
                    assert!(screen.into_iter().eq(expected), "{effect:?} {speed} {t}");
                }
            }
        }
    }

    #[test]
    fn no_message_makes_an_endless_picture() {
        let slot = Slot {
            strip: Strip { columns: vec![5; 60_000] },
            effect: Effect::Left,
            speed: 8,
            blink: false,
            border: true,
        };
        let player = Player::new(vec![slot; 8], Panel::P11x55, Timing::Open);
        let (shown, _) = played(&gif(&player, Scale::new(16)));
        assert!(shown.len() * 880 * 176 <= MAX_PIXELS);
    }
}
