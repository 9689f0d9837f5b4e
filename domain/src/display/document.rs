//! The document a person writes: what one layer says.
//!
//! `{"text":".."}` for short, or `brightness` and one to eight `messages`. The forms mirror the JSON and refuse
//! unknown fields; a [`Document`] is what came through [`Document::parse`], so nothing inside is checked again.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize};

use super::Effect;
use crate::layer::MAX_MESSAGES;

/// The longest text of one segment, in characters.
pub const MAX_TEXT: usize = 500;
/// The most segments of one message.
pub const MAX_SEGMENTS: usize = 32;
/// The longest `lang` tag (BCP 47), in characters.
pub const MAX_LANG: usize = 35;

/// The JSON of a document, short (`text`) or long (`messages`).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DocumentForm {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Percent: 25, 50, 75 or 100 (the default).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub brightness: Option<u8>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub messages: Option<Vec<MessageForm>>,
    /// Someone takes responsibility for more than three flashes a second.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub allow_flashing: bool,
}

/// The JSON of one message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MessageForm {
    pub segments: Vec<SegmentForm>,
    #[serde(default)]
    pub effect: Motion,
    /// 1 (slow) to 8 (fast); 4 when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub speed: Option<u8>,
    #[serde(default)]
    pub blink: bool,
    #[serde(default)]
    pub border: bool,
    #[serde(default)]
    pub invert: bool,
    #[serde(default)]
    pub align: Align,
    #[serde(default)]
    pub direction: Direction,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lang: Option<String>,
}

/// The JSON of one segment: exactly one of `text`, `icon`, `image`, `space`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SegmentForm {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub font: Option<Font>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub icon: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<ImageForm>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub space: Option<u8>,
}

/// The JSON of a bitmap: row-major, most significant bit left, each row padded to a byte.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ImageForm {
    pub w: u16,
    pub h: u8,
    /// Base64.
    pub bits: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub frames: Option<u8>,
}

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

/// The effect a person asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Motion {
    Left,
    Right,
    Up,
    Down,
    Fixed,
    Animation,
    Snowflake,
    Picture,
    Laser,
    /// `fixed` when it fits the panel, else it scrolls the way it is read.
    #[default]
    Auto,
}

impl Motion {
    /// The motion of this name in JSON.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        let named = |effect: &Effect| effect.name() == name;
        let motion = Effect::ALL.into_iter().find(named).map(|effect| match effect {
            Effect::Left => Self::Left,
            Effect::Right => Self::Right,
            Effect::Up => Self::Up,
            Effect::Down => Self::Down,
            Effect::Fixed => Self::Fixed,
            Effect::Animation => Self::Animation,
            Effect::Snowflake => Self::Snowflake,
            Effect::Picture => Self::Picture,
            Effect::Laser => Self::Laser,
        });
        motion.or((name == "auto").then_some(Self::Auto))
    }

    /// The effect, unless the renderer is to choose.
    #[must_use]
    pub const fn effect(self) -> Option<Effect> {
        Some(match self {
            Self::Left => Effect::Left,
            Self::Right => Effect::Right,
            Self::Up => Effect::Up,
            Self::Down => Effect::Down,
            Self::Fixed => Effect::Fixed,
            Self::Animation => Effect::Animation,
            Self::Snowflake => Effect::Snowflake,
            Self::Picture => Effect::Picture,
            Self::Laser => Effect::Laser,
            Self::Auto => return None,
        })
    }

    /// The effect of a message: `auto` stands still if it fits the panel, else moves the way it is read.
    #[must_use]
    pub fn resolved(self, fits: bool, rtl: bool) -> Effect {
        self.effect().unwrap_or(match (fits, rtl) {
            (true, _) => Effect::Fixed,
            (false, false) => Effect::Left,
            (false, true) => Effect::Right,
        })
    }
}

/// Where a message that is narrower than the panel stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Align {
    Start,
    #[default]
    Center,
    End,
}

/// The reading direction of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// By the first strong character.
    #[default]
    Auto,
    Ltr,
    Rtl,
}

/// The font of a text segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Font {
    #[default]
    #[serde(rename = "auto")]
    Auto,
    #[serde(rename = "9x9")]
    Nine,
    #[serde(rename = "6x12")]
    Narrow,
    #[serde(rename = "8x11-led")]
    Led,
}

/// What is wrong with a document, and where: a JSON pointer (RFC 6901) into it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    pub pointer: String,
    pub detail: String,
}

impl Document {
    /// One message of plain text.
    ///
    /// # Errors
    /// The text is empty or too long.
    pub fn text(text: &str) -> Result<Self, Vec<Fault>> {
        Self::parse(DocumentForm { text: Some(text.to_owned()), ..DocumentForm::default() })
    }

    /// Checks a form; every fault is reported, not the first.
    ///
    /// # Errors
    /// The faults found.
    pub fn parse(form: DocumentForm) -> Result<Self, Vec<Fault>> {
        let mut faults = Faults::default();
        let brightness = form.brightness.unwrap_or(100);
        if ![25, 50, 75, 100].contains(&brightness) {
            faults.add("/brightness", "is 25, 50, 75 or 100");
        }
        let messages = match (form.text, form.messages) {
            (Some(text), None) => {
                let segment = text_segment(&mut faults, "/text", text, Font::Auto);
                vec![Message { segments: vec![segment], ..Message::default() }]
            }
            (None, Some(messages)) => {
                if messages.is_empty() || messages.len() > MAX_MESSAGES {
                    faults.add("/messages", "has 1 to 8 messages");
                }
                let parse = |(i, form)| message(&mut faults, &format!("/messages/{i}"), form);
                messages.into_iter().take(MAX_MESSAGES).enumerate().map(parse).collect()
            }
            _ => {
                faults.add("", "needs either text or messages");
                Vec::new()
            }
        };
        faults.or(Self { brightness, allow_flashing: form.allow_flashing, messages })
    }

    /// The long form.
    #[must_use]
    pub fn form(&self) -> DocumentForm {
        DocumentForm {
            text: None,
            brightness: Some(self.brightness),
            messages: Some(self.messages.iter().map(Message::form).collect()),
            allow_flashing: self.allow_flashing,
        }
    }

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
    fn form(&self) -> MessageForm {
        MessageForm {
            segments: self.segments.iter().map(Segment::form).collect(),
            effect: self.effect,
            speed: Some(self.speed),
            blink: self.blink,
            border: self.border,
            invert: self.invert,
            align: self.align,
            direction: self.direction,
            lang: self.lang.clone(),
        }
    }

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

impl Segment {
    fn form(&self) -> SegmentForm {
        let empty = SegmentForm::default();
        match self {
            Self::Text { text, font } => {
                let font = (*font != Font::Auto).then_some(*font);
                SegmentForm { text: Some(text.clone()), font, ..empty }
            }
            Self::Icon(name) => SegmentForm { icon: Some(name.clone()), ..empty },
            Self::Image(image) => SegmentForm { image: Some(image.form()), ..empty },
            Self::Space(columns) => SegmentForm { space: Some(*columns), ..empty },
        }
    }
}

impl Image {
    fn form(&self) -> ImageForm {
        let frames = (self.frames != 1).then_some(self.frames);
        ImageForm { w: self.width, h: self.height, bits: STANDARD.encode(&self.bits), frames }
    }
}

#[derive(Default)]
struct Faults(Vec<Fault>);

impl Faults {
    fn add(&mut self, pointer: impl Into<String>, detail: impl Into<String>) {
        self.0.push(Fault { pointer: pointer.into(), detail: detail.into() });
    }

    fn or<T>(self, value: T) -> Result<T, Vec<Fault>> {
        if self.0.is_empty() { Ok(value) } else { Err(self.0) }
    }
}

fn message(faults: &mut Faults, at: &str, form: MessageForm) -> Message {
    if form.segments.is_empty() || form.segments.len() > MAX_SEGMENTS {
        faults.add(format!("{at}/segments"), "has 1 to 32 segments");
    }
    let speed = form.speed.unwrap_or(4);
    if !(1..=8).contains(&speed) {
        faults.add(format!("{at}/speed"), "is 1 to 8");
    }
    if form.lang.as_ref().is_some_and(|lang| lang.is_empty() || lang.chars().count() > MAX_LANG) {
        faults.add(format!("{at}/lang"), "has 1 to 35 characters");
    }
    let parse = |(i, form)| segment(faults, &format!("{at}/segments/{i}"), form);
    let segments = form.segments.into_iter().take(MAX_SEGMENTS).enumerate().map(parse).collect();
    Message {
        segments,
        effect: form.effect,
        speed,
        blink: form.blink,
        border: form.border,
        invert: form.invert,
        align: form.align,
        direction: form.direction,
        lang: form.lang,
    }
}

fn segment(faults: &mut Faults, at: &str, form: SegmentForm) -> Segment {
    match form {
        SegmentForm { text: Some(text), font, icon: None, image: None, space: None } => {
            text_segment(faults, &format!("{at}/text"), text, font.unwrap_or_default())
        }
        SegmentForm { text: None, font: None, icon: Some(name), image: None, space: None } => {
            let letters = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
            if !(1..=32).contains(&name.len()) || !name.chars().all(letters) {
                faults.add(format!("{at}/icon"), "has 1 to 32 of a-z, 0-9 and _");
            }
            Segment::Icon(name)
        }
        SegmentForm { text: None, font: None, icon: None, image: Some(form), space: None } => {
            Segment::Image(image(faults, &format!("{at}/image"), &form))
        }
        SegmentForm { text: None, font: None, icon: None, image: None, space: Some(columns) } => {
            if !(1..=48).contains(&columns) {
                faults.add(format!("{at}/space"), "is 1 to 48");
            }
            Segment::Space(columns)
        }
        _ => {
            faults.add(at, "is exactly one of text, icon, image and space; font goes with text");
            Segment::Space(1)
        }
    }
}

fn text_segment(faults: &mut Faults, at: &str, text: String, font: Font) -> Segment {
    if !(1..=MAX_TEXT).contains(&text.chars().count()) {
        faults.add(at, "has 1 to 500 characters");
    }
    Segment::Text { text, font }
}

fn image(faults: &mut Faults, at: &str, form: &ImageForm) -> Image {
    let frames = form.frames.unwrap_or(1);
    if !(1..=2048).contains(&form.w) {
        faults.add(format!("{at}/w"), "is 1 to 2048");
    }
    if !(1..=12).contains(&form.h) {
        faults.add(format!("{at}/h"), "is 1 to 12");
    }
    if !(1..=64).contains(&frames) {
        faults.add(format!("{at}/frames"), "is 1 to 64");
    }
    let wanted = usize::from(frames) * usize::from(form.h) * usize::from(form.w).div_ceil(8);
    let bits = STANDARD.decode(&form.bits).unwrap_or_default();
    if bits.len() != wanted {
        faults.add(format!("{at}/bits"), format!("is base64 of {wanted} bytes: frames x h x ceil(w/8)"));
    }
    Image { width: form.w, height: form.h, frames, bits }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(json: &str) -> Result<Document, Vec<String>> {
        let form: DocumentForm = serde_json::from_str(json).map_err(|error| vec![error.to_string()])?;
        Document::parse(form).map_err(|faults| faults.into_iter().map(|fault| fault.pointer).collect())
    }

    #[test]
    fn the_short_form_is_one_message_of_text() {
        let document = parse(r#"{"text":"Doors open at nine"}"#).unwrap();
        assert_eq!(document.brightness, 100);
        assert_eq!(document.plain_text(), "Doors open at nine");
        assert_eq!(Document::parse(document.form()), Ok(document));
    }

    #[test]
    fn every_fault_is_named_by_its_pointer() {
        let faults = parse(
            r#"{"brightness":60,"messages":[{"segments":[]},{"segments":[{"text":""},{"icon":"A"},{},
                {"image":{"w":9,"h":1,"bits":"AA=="}}],"speed":9,"lang":""}]}"#,
        );
        let expected = [
            "/brightness",
            "/messages/0/segments",
            "/messages/1/speed",
            "/messages/1/lang",
            "/messages/1/segments/0/text",
            "/messages/1/segments/1/icon",
            "/messages/1/segments/2",
            "/messages/1/segments/3/image/bits",
        ];
        assert_eq!(faults, Err(expected.map(str::to_owned).to_vec()));
    }

    #[test]
    fn text_and_messages_exclude_each_other_and_unknown_fields_are_refused() {
        assert_eq!(parse("{}"), Err(vec![String::new()]));
        assert_eq!(parse(r#"{"text":"a","messages":[]}"#), Err(vec![String::new()]));
        for wrong in
            [r#"{"text":"a","priority":1}"#, r#"{"messages":[{"segments":[{"text":"a"}],"id":"x"}]}"#]
        {
            assert!(parse(wrong).unwrap_err()[0].contains("unknown field"), "{wrong}");
        }
    }
}
