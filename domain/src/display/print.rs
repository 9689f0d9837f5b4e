//! What `badgecast render` prints: one message in every form the house knows.
//!
//! Takes words or the hardware's own bytes; gives bytes. Opens no file and asks no clock.

use std::fmt::Write as _;

use super::{
    Document, DocumentForm, Fault, Font, Message, Motion, Panel, Player, START_MS, Segment, Slot, Strip,
    Timing,
    picture::{self, Scale},
    render,
    wang::{EncodeError, Profile, Program, date_bytes},
};
use crate::time::Moment;

/// What to print.
#[derive(Debug, Clone)]
pub struct Request {
    pub source: Source,
    pub effect: Motion,
    /// 1 (slow) to 8 (fast).
    pub speed: u8,
    pub blink: bool,
    pub border: bool,
    pub panel: Panel,
    /// The time stamp of an upload.
    pub date: Moment,
    /// Pixels from one LED to the next in pictures.
    pub scale: Scale,
}

/// Where the pixels come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    Text(String),
    /// The hardware's order, in hex: as many bytes per 8 columns as the panel has rows.
    Columns(String),
}

/// The form to print in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// One cycle, a line a frame: the columns as little-endian 16-bit words in hex, bit 0 is the top row.
    Frames,
    /// The strip in the hardware's order, in hex.
    Strip,
    /// The upload, in hex.
    Wang,
    Gif,
    Png,
    /// The strip in half blocks, and the words for who cannot see it.
    Text,
}

impl Form {
    pub const ALL: [Self; 6] = [Self::Frames, Self::Strip, Self::Wang, Self::Gif, Self::Png, Self::Text];

    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Frames => "frames",
            Self::Strip => "strip",
            Self::Wang => "wang",
            Self::Gif => "gif",
            Self::Png => "png",
            Self::Text => "text",
        }
    }

    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|form| form.name() == name)
    }

    /// Whether it is bytes, for a file and not for a terminal.
    #[must_use]
    pub const fn is_binary(self) -> bool {
        matches!(self, Self::Gif | Self::Png)
    }
}

/// Why nothing can be printed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PrintError {
    #[error("the text {}", .0.iter().map(|fault| fault.detail.as_str()).collect::<Vec<_>>().join(", "))]
    Text(Vec<Fault>),
    #[error("columns are pairs of hex digits, {0} bytes for each 8 columns")]
    Columns(usize),
    #[error("the speed is 1 to 8")]
    Speed,
    #[error(transparent)]
    Upload(#[from] EncodeError),
}

/// Prints one message.
///
/// # Errors
/// The text, the columns or the speed are none, or the badge does not take as much.
pub fn print(request: &Request, form: Form) -> Result<Vec<u8>, PrintError> {
    let panel = request.panel;
    if !(1..=8).contains(&request.speed) {
        return Err(PrintError::Speed);
    }
    let (slot, words) = match &request.source {
        Source::Text(text) => {
            let message = message(request, text)?;
            (Slot::new(&message, render(&message, panel)), message.alt_text())
        }
        Source::Columns(hex) => {
            let strip = strip(hex, panel).ok_or(PrintError::Columns(panel.rows()))?;
            let fits = strip.columns.len() <= panel.columns();
            let effect = request.effect.resolved(fits, false);
            let Request { speed, blink, border, .. } = *request;
            (Slot { strip, effect, speed, blink, border }, String::new())
        }
    };
    let player = Player::new(vec![slot.clone()], panel, Timing::Open);
    Ok(match form {
        Form::Frames => frames(&player, Timing::Open.step_ms(request.speed)).into_bytes(),
        Form::Strip => line(hex(&slot.strip.to_bytes(panel))),
        Form::Wang => {
            let program = Program { brightness: 100, slots: vec![slot], date: date_bytes(request.date) };
            let roomy = Profile { max_bytes: Profile::OPEN.max_bytes, ..Profile::GENERIC };
            line(hex(&program.encode(panel, &roomy)?))
        }
        Form::Gif => picture::gif(&player, request.scale),
        Form::Png => picture::png(&player.still(), panel, request.scale, &words),
        Form::Text => format!("{}{words}\n", half_blocks(&slot.strip, panel)).into_bytes(),
    })
}

fn message(request: &Request, text: &str) -> Result<Message, PrintError> {
    let form = DocumentForm { text: Some(text.to_owned()), ..DocumentForm::default() };
    Document::parse(form).map_err(PrintError::Text)?;
    Ok(Message {
        segments: vec![Segment::Text { text: text.to_owned(), font: Font::Auto }],
        effect: request.effect,
        speed: request.speed,
        blink: request.blink,
        border: request.border,
        ..Message::default()
    })
}

fn strip(hex: &str, panel: Panel) -> Option<Strip> {
    let digits: Vec<u8> = hex.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    let digit = |digit: u8| char::from(digit).to_digit(16);
    let byte = |pair: &[u8]| match pair {
        [high, low] => u8::try_from(digit(*high)? * 16 + digit(*low)?).ok(),
        _ => None,
    };
    let bytes: Vec<u8> = digits.chunks(2).map(byte).collect::<Option<_>>()?;
    (!bytes.is_empty() && bytes.len().is_multiple_of(panel.rows()))
        .then(|| Strip::from_byte_columns(panel, &bytes))
}

/// A frame a step; blinking and border as they are at the time of that step.
fn frames(player: &Player, step_ms: u64) -> String {
    let mut text = String::new();
    for t in (START_MS..START_MS + player.cycle_ms()).step_by(step_ms as usize) {
        let bytes: Vec<u8> =
            player.frame_at(t).columns.iter().flat_map(|column| column.to_le_bytes()).collect();
        text += &hex(&bytes);
        text.push('\n');
    }
    text
}

fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        let _ = write!(text, "{byte:02x}");
    }
    text
}

fn line(text: String) -> Vec<u8> {
    (text + "\n").into_bytes()
}

/// Two rows of LEDs in one of text.
#[must_use]
pub fn half_blocks(strip: &Strip, panel: Panel) -> String {
    let mut text = String::new();
    for row in (0..panel.rows()).step_by(2) {
        for column in &strip.columns {
            text.push([' ', '▀', '▄', '█'][usize::from(column >> row & 3)]);
        }
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use sha2::{Digest, Sha256};

    use super::*;

    const HI: &str = "00c6c6c6c6fec6c6c6c6000018180038181818183c00";

    fn request(source: Source) -> Request {
        Request {
            source,
            effect: Motion::Auto,
            speed: 4,
            blink: false,
            border: false,
            panel: Panel::P11x44,
            date: "2026-01-02T03:04:05Z".parse().unwrap(),
            scale: Scale::default(),
        }
    }

    fn text(request: &Request, form: Form) -> String {
        String::from_utf8(print(request, form).unwrap()).unwrap()
    }

    #[test]
    fn printed_frames_are_the_golden_ones() {
        let mut request = request(Source::Columns(HI.to_owned()));
        request.effect = Motion::Laser;
        let lines = text(&request, Form::Frames);
        assert_eq!(lines.lines().count(), 132);
        assert!(lines.lines().all(|line| line.len() == 176));
        let bytes: Vec<u8> = lines
            .lines()
            .flat_map(|line| (0..88).map(move |i| u8::from_str_radix(&line[2 * i..2 * i + 2], 16).unwrap()))
            .collect();
        assert_eq!(hex(&Sha256::digest(bytes))[..16], *"8bf18aaca5b540cb");
    }

    #[test]
    fn a_printed_strip_can_be_read_again() {
        let hi = request(Source::Columns(HI.to_owned()));
        assert_eq!(text(&hi, Form::Strip), format!("{HI}\n"));
        let name = request(Source::Text("Müller".to_owned()));
        let strip = text(&name, Form::Strip);
        let again = request(Source::Columns(strip.trim().to_owned()));
        assert_eq!(text(&again, Form::Strip), strip);
        assert_eq!(text(&again, Form::Wang), text(&name, Form::Wang));
    }

    #[test]
    fn a_printed_upload_has_the_given_date() {
        let upload = text(&request(Source::Columns(HI.to_owned())), Form::Wang);
        assert_eq!(upload.len(), 2 * 128 + 1);
        assert!(upload.starts_with("77616e670000000034"), "{upload}");
        assert_eq!(upload[2 * 38..2 * 44], *"1a0102030405");
    }

    #[test]
    fn what_is_no_message_is_refused() {
        let refused = |source| print(&request(source), Form::Strip).unwrap_err();
        assert!(matches!(refused(Source::Text(String::new())), PrintError::Text(_)));
        for wrong in ["", "00", "zz", "00c6c6c6c6fec6c6c6c600001818003818181818", "é"] {
            assert_eq!(refused(Source::Columns(wrong.to_owned())), PrintError::Columns(11), "{wrong}");
        }
        let fast = Request { speed: 9, ..request(Source::Text("a".to_owned())) };
        assert_eq!(print(&fast, Form::Strip), Err(PrintError::Speed));
    }

    #[test]
    fn pictures_and_half_blocks_are_printed() {
        let name = Request { effect: Motion::Up, blink: true, ..request(Source::Text("Hi".to_owned())) };
        assert!(print(&name, Form::Gif).unwrap().starts_with(b"GIF89a"));
        assert!(print(&name, Form::Png).unwrap().starts_with(b"\x89PNG"));
        let shown = text(&name, Form::Text);
        assert_eq!(shown.lines().count(), 7);
        assert!(shown.ends_with("Hi (comes from below, blinks)\n"), "{shown}");
    }
}
