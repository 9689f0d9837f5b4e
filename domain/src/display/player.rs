//! The player: from messages to what the panel lights at a time.
//!
//! Pure: the time is an argument. The simulated badge, the pictures and the tests play with this one.

use super::{Document, Effect, Frame, Message, Panel, Rendered, Strip, effect::Cycle, pictures};
use crate::wire::{self, Picture};

/// One message to play.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slot {
    pub strip: Strip,
    pub effect: Effect,
    /// 1 (slow) to 8 (fast); outside of that the nearest.
    pub speed: u8,
    pub blink: bool,
    pub border: bool,
}

impl Slot {
    pub(crate) fn new(message: &Message, rendered: Rendered) -> Self {
        let Rendered { strip, effect, .. } = rendered;
        Self { strip, effect, speed: message.speed, blink: message.blink, border: message.border }
    }

    /// `None` when the picture's bytes do not fit the panel.
    #[must_use]
    pub fn from_picture(picture: &Picture, panel: Panel) -> Option<Self> {
        let strip = wire::strip_of(picture, panel)?;
        let Picture { effect, speed, blink, border, .. } = *picture;
        Some(Self { strip, effect, speed, blink, border })
    }
}

/// How long a step lasts, and how pages follow each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Timing {
    /// The open firmware.
    #[default]
    Open,
    /// The vendor's, as reported by people who measured it: slower, and pages of an animation are 48 columns apart.
    Oem,
}

impl Timing {
    /// Milliseconds of one step.
    #[must_use]
    pub const fn step_ms(self, speed: u8) -> u64 {
        let speed = if speed < 1 {
            1
        } else if speed > 8 {
            8
        } else {
            speed as usize
        };
        match self {
            Self::Open => 225 - 25 * speed as u64,
            // 1.2, 1.3, 2.0, 2.4, 2.8, 4.5, 7.5 and 15 steps a second.
            Self::Oem => [833, 769, 500, 417, 357, 222, 133, 67][speed - 1],
        }
    }

    const fn stride(self, panel: Panel) -> usize {
        match self {
            Self::Open => panel.columns(),
            Self::Oem => panel.columns().next_multiple_of(16),
        }
    }
}

/// The panel is dark for this long before the first step.
pub const START_MS: u64 = 500;
/// Blinking messages are dark for this long, then lit as long.
const BLINK_MS: u64 = 500;
/// The dots of a border move one LED in this time.
const BORDER_MS: u64 = 100;

/// Plays up to eight messages in turn, for ever.
#[derive(Debug, Clone)]
pub struct Player {
    panel: Panel,
    turns: Vec<Turn>,
    cycle_ms: u64,
}

#[derive(Debug, Clone)]
struct Turn {
    cycle: Cycle,
    step_ms: u64,
    start_ms: u64,
    blink: bool,
    border: bool,
}

impl Player {
    /// A message without columns takes no time, as a panel passes over empty slots.
    #[must_use]
    pub fn new(messages: Vec<Slot>, panel: Panel, timing: Timing) -> Self {
        let mut cycle_ms = 0;
        let turn = |slot: Slot| {
            let cycle = Cycle::new(panel, slot.effect, &slot.strip, timing.stride(panel));
            let (step_ms, start_ms) = (timing.step_ms(slot.speed), cycle_ms);
            cycle_ms += cycle.steps() as u64 * step_ms;
            Turn { cycle, step_ms, start_ms, blink: slot.blink, border: slot.border }
        };
        let turns = messages.into_iter().map(turn).collect();
        Self { panel, turns, cycle_ms }
    }

    /// The messages of a layer as a badge got them; `None` when the bytes of one do not fit the panel.
    #[must_use]
    pub fn from_pictures(pictures: &[Picture], panel: Panel, timing: Timing) -> Option<Self> {
        let slots: Option<Vec<Slot>> =
            pictures.iter().map(|picture| Slot::from_picture(picture, panel)).collect();
        Some(Self::new(slots?, panel, timing))
    }

    /// What a panel plays of a document.
    #[must_use]
    pub fn of(document: &Document, panel: Panel) -> Self {
        let (messages, _) = pictures(document, panel);
        // What was rendered for a panel fits it.
        let slots = messages.iter().filter_map(|picture| Slot::from_picture(picture, panel)).collect();
        Self::new(slots, panel, Timing::Open)
    }

    #[must_use]
    pub const fn panel(&self) -> Panel {
        self.panel
    }

    /// Milliseconds until all messages were played once, counted from the first step; 0 without messages.
    #[must_use]
    pub const fn cycle_ms(&self) -> u64 {
        self.cycle_ms
    }

    /// When the first step of a message comes for the first time, in milliseconds from the start.
    #[must_use]
    pub fn start_ms(&self, message: usize) -> Option<u64> {
        self.turns.get(message).map(|turn| START_MS + turn.start_ms)
    }

    /// When a message first lights an LED, in milliseconds from the start; a message without a lit pixel counts from
    /// its first step. The border is no part of the message.
    #[must_use]
    pub fn first_lit_ms(&self, message: usize) -> Option<u64> {
        let turn = self.turns.get(message)?;
        let before = self.before(message);
        let start = START_MS + turn.start_ms;
        for step in 0..turn.cycle.steps() {
            if turn.cycle.frame(step, &before).lit() == 0 {
                continue;
            }
            let (from, until) =
                (start + step as u64 * turn.step_ms, start + (step as u64 + 1) * turn.step_ms);
            let lit = if turn.blink && is_blink_dark(from) { (from / BLINK_MS + 1) * BLINK_MS } else { from };
            if lit < until {
                return Some(lit);
            }
        }
        (turn.cycle.steps() > 0).then_some(start)
    }

    /// What the panel lights, `t_ms` milliseconds after the start.
    #[must_use]
    pub fn frame_at(&self, t_ms: u64) -> Frame {
        let Some((message, step)) = self.position(t_ms) else { return Frame::dark(self.panel) };
        let turn = &self.turns[message];
        let mut frame = turn.cycle.frame(step, &self.before(message));
        if turn.blink && is_blink_dark(t_ms) {
            frame = Frame::dark(self.panel);
        }
        if turn.border {
            draw_border(&mut frame, self.panel, t_ms / BORDER_MS);
        }
        frame
    }

    /// The next time after `t_ms` at which the frame may differ; `None` when it never will.
    #[must_use]
    pub fn next_change_ms(&self, t_ms: u64) -> Option<u64> {
        if self.turns.is_empty() {
            return None;
        }
        let Some((message, step)) = self.position(t_ms) else { return Some(START_MS) };
        let turn = &self.turns[message];
        let played = (t_ms - START_MS) / self.cycle_ms * self.cycle_ms;
        let next_step = START_MS + played + turn.start_ms + (step as u64 + 1) * turn.step_ms;
        let next = |period: u64| (t_ms / period + 1) * period;
        let blink = turn.blink.then(|| next(BLINK_MS));
        let border = turn.border.then(|| next(BORDER_MS));
        [Some(next_step), blink, border].into_iter().flatten().min()
    }

    /// The message that plays at a time, and its step.
    #[must_use]
    pub fn position(&self, t_ms: u64) -> Option<(usize, usize)> {
        let t = t_ms.checked_sub(START_MS)?.checked_rem(self.cycle_ms)?;
        let message = self.turns.partition_point(|turn| turn.start_ms <= t).checked_sub(1)?;
        let turn = &self.turns[message];
        Some((message, ((t - turn.start_ms) / turn.step_ms) as usize))
    }

    /// What the panel showed when a message's turn came: the last frame of the message before it.
    fn before(&self, message: usize) -> Frame {
        let dark = Frame::dark(self.panel);
        if self.turns[message].cycle.effect() != Effect::Picture || self.turns.len() < 2 {
            return dark;
        }
        let last = (message + self.turns.len() - 1) % self.turns.len();
        let cycle = &self.turns[last].cycle;
        // A curtain ends dark, so it does not matter what was before that.
        cycle.frame(cycle.steps() - 1, &dark)
    }
}

const fn is_blink_dark(t_ms: u64) -> bool {
    (t_ms / BLINK_MS).is_multiple_of(2)
}

/// One dot in four runs around the panel, over what is under it.
fn draw_border(frame: &mut Frame, panel: Panel, step: u64) {
    const EVERY_FOURTH: u16 = 0b1_0001_0001;
    let (width, bottom) = (panel.columns(), panel.rows() - 1);
    let step = (step % 4) as usize;
    for (x, column) in frame.columns.iter_mut().enumerate() {
        let top_lit = (step + x).is_multiple_of(4);
        let bottom_lit = (x + 8 - step - 2).is_multiple_of(4);
        *column = *column & !(1 | 1 << bottom) | u16::from(top_lit) | u16::from(bottom_lit) << bottom;
    }
    frame.columns[0] = EVERY_FOURTH << step & panel.column_mask();
    frame.columns[width - 1] = EVERY_FOURTH >> ((step + 3) % 4);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slot(columns: &[u16], effect: Effect) -> Slot {
        Slot { strip: Strip { columns: columns.to_vec() }, effect, speed: 8, blink: false, border: false }
    }

    fn player(slots: &[Slot]) -> Player {
        Player::new(slots.to_vec(), Panel::P11x44, Timing::Open)
    }

    #[test]
    fn messages_play_in_turn_and_begin_again() {
        let player = player(&[slot(&[1; 8], Effect::Fixed), slot(&[2; 8], Effect::Left)]);
        assert_eq!(player.cycle_ms(), 44 * 25 + 52 * 25);
        assert_eq!(player.frame_at(0).lit(), 0);
        assert_eq!(player.position(499), None);
        assert_eq!(player.position(500), Some((0, 0)));
        assert_eq!(player.position(500 + 44 * 25), Some((1, 0)));
        assert_eq!(player.position(500 + player.cycle_ms()), Some((0, 0)));
        assert_eq!(player.first_lit_ms(0), Some(500));
        // A text from the right is dark for its first step.
        assert_eq!(player.first_lit_ms(1), Some(500 + 44 * 25 + 25));
        assert_eq!(player.first_lit_ms(2), None);
    }

    #[test]
    fn blinking_text_is_dark_every_other_half_second_and_its_border_is_not() {
        let plain = slot(&[0x10; 8], Effect::Fixed);
        let blinking = player(&[Slot { blink: true, ..plain.clone() }]);
        assert_eq!(blinking.frame_at(999).lit(), 8);
        assert_eq!(blinking.frame_at(1_000).lit(), 0);
        assert_eq!(blinking.frame_at(1_500).lit(), 8);
        let both = player(&[Slot { blink: true, border: true, ..plain }]);
        assert!(both.frame_at(1_000).lit() > 20);
        assert_ne!(both.frame_at(1_000), both.frame_at(1_100));
        assert_eq!(both.frame_at(1_000), both.frame_at(1_400));
    }

    #[test]
    fn between_two_changes_nothing_changes() {
        for effect in Effect::ALL {
            let wide: Vec<u16> = (0..100).map(|x| (x * 37) & 0x7ff).collect();
            let player =
                player(&[Slot { blink: true, border: true, ..slot(&wide, effect) }, slot(&[5; 9], effect)]);
            let mut t = 0;
            while let Some(next) = player.next_change_ms(t)
                && next < player.cycle_ms() + 2_000
            {
                assert!(next > t);
                assert_eq!(player.frame_at(t), player.frame_at(next - 1), "{effect:?} {t}");
                t = next;
            }
        }
    }

    #[test]
    fn a_player_without_messages_is_dark() {
        let player = player(&[]);
        assert_eq!((player.cycle_ms(), player.frame_at(10_000).lit()), (0, 0));
        assert_eq!(player.next_change_ms(0), None);
    }

    #[test]
    fn the_vendor_is_slower() {
        assert_eq!((1..=8).map(|speed| Timing::Open.step_ms(speed)).sum::<u64>(), 900);
        assert_eq!(Timing::Oem.step_ms(8), 67);
        assert_eq!([0, 9].map(|speed| Timing::Open.step_ms(speed)), [200, 25]);
    }
}
