//! A person's line as a display: how it would look, what the legibility gate says of it in the person's words, and
//! putting it, unless somebody else did meanwhile.

use badgecast_console::{
    Frame, Led, Size,
    views::{Conflict, Fit, Line, Mood, Moves, Speed},
};
use badgecast_domain::{
    display::{
        Code, DEFAULT_MAX_BYTES, Document, DocumentForm, Effect, Finding, Limits, MessageForm, Motion, Panel,
        Player, Segment, SegmentForm, Severity, findings, render,
    },
    id::BadgeId,
};

use super::press::Fields;
use crate::{
    House,
    auth::Scope,
    problem::Problem,
    tables::{
        Tx,
        badges::Badge,
        displays::{self, Display},
    },
};

/// What was written into the form.
pub(super) fn written(fields: &Fields) -> Line {
    let moves = fields.get("moves");
    let speed = fields.get("speed").and_then(|text| text.parse().ok());
    Line {
        text: fields.text("text").trim().to_owned(),
        moves: Moves::ALL.into_iter().find(|known| Some(known.name()) == moves).unwrap_or_default(),
        speed: Speed::ALL.into_iter().find(|known| Some(known.level()) == speed).unwrap_or_default(),
    }
}

/// The line a display comes nearest to.
pub(super) fn of(document: &Document) -> Line {
    let mut line = Line::of(&document.plain_text());
    if let [message] = document.messages.as_slice() {
        line.moves = match message.effect {
            Motion::Fixed => Moves::Still,
            Motion::Left | Motion::Right => Moves::Scroll,
            _ => Moves::Auto,
        };
        line.speed = match message.speed {
            ..=3 => Speed::Slow,
            4 | 5 => Speed::Normal,
            6.. => Speed::Fast,
        };
    }
    line
}

/// The display of a line.
pub(super) fn form(line: &Line) -> DocumentForm {
    if line.is_plain() {
        return DocumentForm { text: Some(line.text.clone()), ..DocumentForm::default() };
    }
    DocumentForm { messages: Some(vec![message(line)]), ..DocumentForm::default() }
}

/// Whether a display says more than a line can: writing a line would lose the rest.
pub(super) fn is_less_than(document: &Document) -> bool {
    Document::parse(form(&of(document))).ok().as_ref() != Some(document)
}

/// The message of a line.
pub(super) fn message(line: &Line) -> MessageForm {
    let effect = match line.moves {
        Moves::Auto => Motion::Auto,
        Moves::Still => Motion::Fixed,
        // The way it is read.
        Moves::Scroll if line.text.chars().any(is_right_to_left) => Motion::Right,
        Moves::Scroll => Motion::Left,
    };
    let segment = SegmentForm { text: Some(line.text.clone()), ..SegmentForm::default() };
    MessageForm {
        segments: vec![segment],
        effect,
        speed: Some(line.speed.level()),
        blink: false,
        border: false,
        invert: false,
        align: Default::default(),
        direction: Default::default(),
        lang: None,
    }
}

/// Letters of Hebrew, Arabic and their neighbours.
const fn is_right_to_left(c: char) -> bool {
    matches!(c, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{feff}')
}

/// What a badge takes.
pub(super) fn limits(badge: &Badge) -> Limits {
    Limits { max_bytes: badge.max_bytes.unwrap_or(DEFAULT_MAX_BYTES), valid_ms: None }
}

/// How a line would look on a badge, moving if somebody asked for that, and what the gate says of it.
pub(super) fn looks(
    frame: &Frame,
    line: &Line,
    badge: &Badge,
    (size, moving): (Size, bool),
) -> (Led, Vec<Fit>) {
    let panel = badge.panel;
    let Ok(document) = Document::parse(form(line)) else {
        let nothing = Fit { mood: Mood::Bad, sentence: frame.say("fit-empty").to_string(), repaired: None };
        return (Led::dark(panel, "", size), vec![nothing]);
    };
    let draw = if moving { Led::moving } else { Led::of };
    (draw(&document, panel, size), fits(frame, &document, panel, limits(badge)))
}

/// Puts a display, unless somebody changed it since the person looked: then it is theirs. The same twice is once.
pub(super) async fn put(
    house: &House,
    scope: &Scope,
    id: BadgeId,
    new: &displays::New,
    seen: Option<u64>,
) -> Result<Option<Display>, Problem> {
    let put = async |tx: &Tx| {
        if let Some(current) = displays::find(tx, scope, id).await? {
            if current.document == new.document {
                return Ok(None);
            }
            if seen.is_some_and(|seen| seen != current.revision) {
                return Ok(Some(current));
            }
        }
        displays::put(tx, scope, id, new, house.now()).await?;
        Ok::<_, Problem>(None)
    };
    house.database.change(scope, put).await
}

/// The revision the person had seen when they wrote.
pub(super) fn seen(fields: &Fields) -> Option<u64> {
    fields.get("revision").and_then(|text| text.parse().ok())
}

/// Both lines, for the person to choose.
pub(super) fn conflict(mine: &Document, theirs: &Display, panel: Panel) -> Conflict {
    let led = |document| Led::of(document, panel, Size::Preview);
    Conflict { mine: led(mine), theirs: led(&theirs.document) }
}

/// What the gate says, each once; and how it will be read, if it can be.
pub(super) fn fits(frame: &Frame, document: &Document, panel: Panel, limits: Limits) -> Vec<Fit> {
    let found = findings(document, panel, limits);
    let mut fits: Vec<Fit> = Vec::new();
    for finding in &found {
        let fit = said(frame, finding, document, panel, limits);
        if !fits.contains(&fit) {
            fits.push(fit);
        }
    }
    if !fits.iter().any(|fit| fit.mood == Mood::Bad) {
        fits.push(reading(frame, document, panel));
    }
    fits
}

fn reading(frame: &Frame, document: &Document, panel: Panel) -> Fit {
    let still = document.messages.iter().all(|message| render(message, panel).effect == Effect::Fixed);
    let cycle_ms = Player::of(document, panel).cycle_ms();
    let sentence = if still && document.messages.len() == 1 {
        frame.say("fit-still").to_string()
    } else {
        frame.say("fit-moves").with("seconds", frame.seconds(cycle_ms)).to_string()
    };
    Fit { mood: Mood::Good, sentence, repaired: None }
}

fn said(frame: &Frame, finding: &Finding, document: &Document, panel: Panel, limits: Limits) -> Fit {
    let mood = match finding.severity {
        Severity::Warning => Mood::Warning,
        Severity::Error => Mood::Bad,
    };
    let mut repaired = None;
    let sentence = match finding.code {
        Code::MissingGlyph => {
            let missing = missing(document, panel);
            let letters: String = missing.iter().map(char::to_string).collect::<Vec<_>>().join(" ");
            let left: String = document.plain_text().chars().filter(|c| !missing.contains(c)).collect();
            let left = left.trim().to_owned();
            repaired = (!left.is_empty()).then_some(left);
            let key = if mood == Mood::Bad { "fit-nothing-left" } else { "fit-missing" };
            frame.say(key).with("letters", letters).to_string()
        }
        Code::TooLong => {
            frame.say("fit-too-long").with("count", too_long(document, panel, limits)).to_string()
        }
        Code::SlowToRead => {
            let cycle_ms = Player::of(document, panel).cycle_ms();
            frame.say("fit-slow").with("seconds", frame.seconds(cycle_ms)).to_string()
        }
        Code::Flashing => frame.say("fit-flashing").to_string(),
        Code::Dark => frame.say("fit-dark").to_string(),
        Code::Clipped => frame.say("fit-clipped").to_string(),
        Code::UnknownIcon | Code::DarkPage | Code::Align | Code::Contrast => {
            frame.say("fit-other").to_string()
        }
    };
    Fit { mood, sentence, repaired }
}

/// Characters of the texts that no font has.
fn missing(document: &Document, panel: Panel) -> Vec<char> {
    let mut missing: Vec<char> = Vec::new();
    for message in &document.messages {
        let has_text = message.segments.iter().any(|segment| matches!(segment, Segment::Text { .. }));
        for c in render(message, panel).missing {
            if has_text && !missing.contains(&c) {
                missing.push(c);
            }
        }
    }
    missing
}

/// About how many letters are too many: eight columns are a byte a row.
fn too_long(document: &Document, panel: Panel, limits: Limits) -> usize {
    let columns = |message| render(message, panel).strip.columns.len().div_ceil(8);
    let needed = 64 + panel.rows() * document.messages.iter().map(columns).sum::<usize>();
    needed.saturating_sub(limits.max_bytes as usize).div_ceil(panel.rows()).max(1)
}

#[cfg(test)]
mod tests {
    use badgecast_console::{Clock, Look};
    use badgecast_domain::time::Moment;

    use super::*;

    fn fits_of(text: &str) -> Vec<Fit> {
        let clock = Clock { now: Moment::from_s(0), offset_min: None };
        let frame = Frame::new(Look::read(None, None), clock, "/me");
        fits(&frame, &Document::text(text).unwrap(), Panel::P11x44, Limits::default())
    }

    #[test]
    fn a_line_becomes_a_display_and_comes_back() {
        for text in ["Amira", "أميرة حسن"] {
            for moves in Moves::ALL {
                for speed in Speed::ALL {
                    let line = Line { text: text.to_owned(), moves, speed };
                    assert_eq!(of(&Document::parse(form(&line)).unwrap()), line);
                }
            }
        }
    }

    #[test]
    fn what_has_no_picture_is_named_and_can_be_left_out() {
        let found = fits_of("Amira \u{10fffd}");
        assert_eq!(found[0].mood, Mood::Warning);
        assert!(found[0].sentence.contains('\u{10fffd}'));
        assert_eq!(found[0].repaired.as_deref(), Some("Amira"));
        assert_eq!(fits_of("Amira")[0].sentence, "Fits. Stands still, easy to read.");
        assert_eq!(fits_of(&"m".repeat(400))[0].mood, Mood::Bad);
    }
}
