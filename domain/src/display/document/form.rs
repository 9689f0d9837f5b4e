//! The JSON of documents, and the way back to it.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize};

use super::{Align, Direction, Document, Font, Image, Message, Motion, Segment};
use crate::object;

/// The JSON of a document, short (`text`) or long (`messages`).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DocumentForm {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Percent: 25, 50, 75 or 100 (the default).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub brightness: Option<u8>,
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "object::maybe_list")]
    pub messages: Option<Vec<MessageForm>>,
    /// Someone takes responsibility for more than three flashes a second.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub allow_flashing: bool,
}

/// The JSON of one message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MessageForm {
    #[serde(deserialize_with = "object::list")]
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
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "object::maybe")]
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

impl Document {
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
