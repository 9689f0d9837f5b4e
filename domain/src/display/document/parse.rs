//! From a form to a document: every fault is found, and named by where it stands.

use base64::{Engine as _, engine::general_purpose::STANDARD};

use super::{
    Document, DocumentForm, Font, Image, ImageForm, MAX_LANG, MAX_SEGMENTS, MAX_TEXT, Message, MessageForm,
    Segment, SegmentForm,
};
use crate::layer::MAX_MESSAGES;

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
