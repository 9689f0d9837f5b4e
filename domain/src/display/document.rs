//! What one layer says.
//!
//! `{"text":".."}` for short, or `brightness` and one to eight `messages`. The forms mirror the JSON and refuse
//! unknown fields; a [`Document`] is what came through [`Document::parse`], so nothing inside is checked again.

mod form;
mod parse;
mod style;

pub use form::{DocumentForm, ImageForm, MessageForm, SegmentForm};
pub use parse::Fault;
pub use style::{Align, Direction, Font, Motion};

/// The longest text of one segment, in characters.
pub const MAX_TEXT: usize = 500;
/// The most segments of one message.
pub const MAX_SEGMENTS: usize = 32;
/// The longest `lang` tag (BCP 47), in characters.
pub const MAX_LANG: usize = 35;

/// What one layer says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    pub brightness: u8,
    pub allow_flashing: bool,
    /// One to eight.
    pub messages: Vec<Message>,
}

/// One message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    pub segments: Vec<Segment>,
    pub effect: Motion,
    /// 1 to 8.
    pub speed: u8,
    pub blink: bool,
    pub border: bool,
    pub invert: bool,
    pub align: Align,
    pub direction: Direction,
    pub lang: Option<String>,
}

/// A piece of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Segment {
    Text {
        text: String,
        font: Font,
    },
    Icon(String),
    Image(Image),
    /// Dark columns.
    Space(u8),
}

/// A bitmap; several frames stand side by side, for the effect `animation`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image {
    pub width: u16,
    pub height: u8,
    pub frames: u8,
    /// Row-major, most significant bit left, each row padded to a byte, frame after frame.
    pub bits: Vec<u8>,
}

impl Document {
    /// The words of all messages.
    #[must_use]
    pub fn plain_text(&self) -> String {
        let words: Vec<String> = self.messages.iter().map(Message::plain_text).collect();
        words.join(" · ")
    }

    /// The words of all messages and how they move, for people who cannot see the panel.
    #[must_use]
    pub fn alt_text(&self) -> String {
        let words: Vec<String> = self.messages.iter().map(Message::alt_text).collect();
        words.join(" · ")
    }
}

impl Default for Message {
    fn default() -> Self {
        Self {
            segments: Vec::new(),
            effect: Motion::Auto,
            speed: 4,
            blink: false,
            border: false,
            invert: false,
            align: Align::Center,
            direction: Direction::Auto,
            lang: None,
        }
    }
}

impl Message {
    /// The words of this message; icons by name.
    #[must_use]
    pub fn plain_text(&self) -> String {
        let word = |segment: &Segment| match segment {
            Segment::Text { text, .. } => text.clone(),
            Segment::Icon(name) => format!("[{name}]"),
            Segment::Image(_) => "[image]".to_owned(),
            Segment::Space(_) => " ".to_owned(),
        };
        self.segments.iter().map(word).collect()
    }

    /// The words of this message and how they move.
    #[must_use]
    pub fn alt_text(&self) -> String {
        let moves = match self.effect {
            Motion::Auto => None,
            Motion::Left => Some("moves to the left"),
            Motion::Right => Some("moves to the right"),
            Motion::Up => Some("comes from below"),
            Motion::Down => Some("comes from above"),
            Motion::Fixed => Some("stands still"),
            Motion::Animation => Some("page after page"),
            Motion::Snowflake => Some("falls like snow"),
            Motion::Picture => Some("opens like a curtain"),
            Motion::Laser => Some("drawn by a beam"),
        };
        let mut how: Vec<&str> = moves.into_iter().collect();
        how.extend(self.blink.then_some("blinks"));
        how.extend(self.border.then_some("has a running border"));
        let words = self.plain_text();
        let words = words.trim();
        if how.is_empty() { words.to_owned() } else { format!("{words} ({})", how.join(", ")) }
    }
}
