//! The legibility gate: what a person in front of the badge could not read, said before it is sent.
//!
//! An error refuses the display; a warning is told and stored with it. Words here are for receptionists.

use serde::{Deserialize, Serialize};

use super::{
    Align, Document, Effect, Message, Panel, Player, Rendered, Segment, Slot, Strip, Timing, icon, render,
    render::has_one_page,
};

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Told, and stored with the display.
    Warning,
    /// The display is refused.
    Error,
}

/// What is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Code {
    /// A character has no glyph and is shown as a box.
    MissingGlyph,
    /// An icon of this name does not exist.
    UnknownIcon,
    /// Lit pixels lie above or below the panel.
    Clipped,
    /// Nothing would be lit.
    Dark,
    /// A still message is a little too wide, so the panel shows a dark page after it.
    DarkPage,
    /// The panel centres short messages and cannot move them to the start.
    Align,
    /// More bytes than the badge holds.
    TooLong,
    /// One cycle takes longer than the display is valid, or than people wait.
    SlowToRead,
    /// More than three flashes a second.
    Flashing,
    /// Blinking or the border hides what is to be read.
    Contrast,
}

/// One thing the gate found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// JSON pointer (RFC 6901) into the long form of the document.
    pub pointer: String,
    pub severity: Severity,
    pub code: Code,
    pub detail: String,
}

impl Finding {
    /// The same in a document of the short form, where all there is is `/text`.
    #[must_use]
    pub fn of_short_form(mut self) -> Self {
        self.pointer = "/text".to_owned();
        self
    }
}

/// What the gate measures against.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes a badge accepts in one upload (`program.bin`).
    pub max_bytes: u32,
    /// For how long the display is valid, in milliseconds, when that is known.
    pub valid_ms: Option<u64>,
}

/// What the most careful of the known badges accepts.
pub const DEFAULT_MAX_BYTES: u32 = 2_048;
/// Nobody waits longer to read a badge once.
const PATIENCE_MS: u64 = 60_000;
/// More flashes than this in a second can trigger seizures (WCAG 2.3.1).
const MAX_FLASHES: usize = 3;

impl Default for Limits {
    fn default() -> Self {
        Self { max_bytes: DEFAULT_MAX_BYTES, valid_ms: None }
    }
}

/// Judges a display; in the order of its messages, the display as a whole last.
#[must_use]
pub fn findings(document: &Document, panel: Panel, limits: Limits) -> Vec<Finding> {
    let mut found = Findings(Vec::new());
    let rendered: Vec<Rendered> = document.messages.iter().map(|message| render(message, panel)).collect();
    for (i, (message, rendered)) in document.messages.iter().zip(&rendered).enumerate() {
        found.letters(&format!("/messages/{i}"), message, rendered, panel);
        found.contrast(&format!("/messages/{i}"), message, rendered, panel);
    }
    found.length(&rendered, panel, limits);
    if found.0.iter().any(|finding| finding.code == Code::TooLong) {
        return found.0;
    }
    let slots = document.messages.iter().zip(rendered);
    let slots: Vec<Slot> = slots.map(|(message, rendered)| Slot::new(message, rendered)).collect();
    found.patience(&Player::new(slots.clone(), panel, Timing::Open), limits);
    if !document.allow_flashing {
        found.flashing(slots, panel);
    }
    found.0
}

/// Whether any finding refuses the display.
#[must_use]
pub fn is_refused(findings: &[Finding]) -> bool {
    findings.iter().any(|finding| finding.severity == Severity::Error)
}

struct Findings(Vec<Finding>);

impl Findings {
    fn add(&mut self, severity: Severity, code: Code, pointer: impl Into<String>, detail: impl Into<String>) {
        self.0.push(Finding { pointer: pointer.into(), severity, code, detail: detail.into() });
    }

    fn letters(&mut self, at: &str, message: &Message, rendered: &Rendered, panel: Panel) {
        for (i, segment) in message.segments.iter().enumerate() {
            if let Segment::Icon(name) = segment
                && icon::named(name).is_none()
            {
                let detail = format!("There is no icon named {name}.");
                self.add(Severity::Error, Code::UnknownIcon, format!("{at}/segments/{i}/icon"), detail);
            }
            let Segment::Text { text, .. } = segment else { continue };
            let missing: Vec<char> =
                rendered.missing.iter().copied().filter(|missing| text.contains(*missing)).collect();
            if missing.is_empty() {
                continue;
            }
            let list: Vec<String> = missing.iter().take(5).map(|character| quoted(*character)).collect();
            let list = list.join(", ");
            let nothing_left =
                text.chars().all(|character| character.is_whitespace() || missing.contains(&character));
            let (severity, detail) = if nothing_left {
                (Severity::Error, format!("None of these characters can be shown: {list}."))
            } else {
                (Severity::Warning, format!("These characters cannot be shown as written: {list}."))
            };
            self.add(severity, Code::MissingGlyph, format!("{at}/segments/{i}/text"), detail);
        }
        if rendered.clipped_px > 0 {
            let lit = lit(&rendered.strip);
            let severity = if rendered.clipped_px > lit / 5 { Severity::Error } else { Severity::Warning };
            let detail = format!(
                "{} of {} dots lie outside the panel and are cut off.",
                rendered.clipped_px,
                lit + rendered.clipped_px
            );
            self.add(severity, Code::Clipped, at, detail);
        }
        if lit(&rendered.strip) == 0 {
            self.add(Severity::Warning, Code::Dark, at, "This message is dark: nothing in it lights up.");
        }
        let columns = rendered.strip.columns.len();
        let moves = matches!(rendered.effect, Effect::Left | Effect::Right);
        if message.align == Align::Start && !moves && has_one_page(columns, panel) {
            let detail = "This panel puts short messages in the middle; they cannot stand at the start.";
            self.add(Severity::Warning, Code::Align, format!("{at}/align"), detail);
        }
        if rendered.effect == Effect::Fixed && columns <= panel.columns() && !has_one_page(columns, panel) {
            let detail = format!(
                "{columns} columns are {} bytes, more than the panel is wide: a dark page follows. Use {} columns.",
                columns.div_ceil(8),
                panel.columns() / 8 * 8
            );
            self.add(Severity::Warning, Code::DarkPage, at, detail);
        }
    }

    fn contrast(&mut self, at: &str, message: &Message, rendered: &Rendered, panel: Panel) {
        let still = matches!(rendered.effect, Effect::Fixed);
        if message.blink && !still {
            let detail = "Blinking text that also moves is dark half of the time it could be read. \
                          Let it stand still, or do not let it blink.";
            self.add(Severity::Warning, Code::Contrast, format!("{at}/blink"), detail);
        }
        let under: u32 = {
            let edge = 1 | 1 << (panel.rows() - 1);
            rendered.strip.columns.iter().map(|column| (column & edge).count_ones()).sum()
        };
        if message.border && under > 0 && under > lit(&rendered.strip) / 20 {
            let detail = format!("The border runs over {under} dots of this message and hides them.");
            self.add(Severity::Warning, Code::Contrast, format!("{at}/border"), detail);
        }
    }

    fn length(&mut self, rendered: &[Rendered], panel: Panel, limits: Limits) {
        let columns = |rendered: &Rendered| rendered.strip.columns.len().div_ceil(8);
        let needed = 64 + panel.rows() * rendered.iter().map(columns).sum::<usize>();
        let held = limits.max_bytes as usize;
        if needed > held {
            let letters = (needed - held).div_ceil(panel.rows());
            let detail = format!(
                "This is too long: it needs {needed} bytes and the badge holds {held}. \
                 Leave out about {letters} letters."
            );
            self.add(Severity::Error, Code::TooLong, "/messages", detail);
        }
    }

    fn patience(&mut self, player: &Player, limits: Limits) {
        let cycle_ms = player.cycle_ms();
        let seconds = cycle_ms.div_ceil(1_000);
        match limits.valid_ms {
            Some(valid_ms) if valid_ms < cycle_ms => {
                let detail = format!(
                    "Reading it once takes {seconds} s, but it is shown for {} s only.",
                    valid_ms / 1_000
                );
                self.add(Severity::Warning, Code::SlowToRead, "/messages", detail);
            }
            _ if cycle_ms > PATIENCE_MS => {
                let detail =
                    format!("Reading it once takes {seconds} s. Shorten it, or choose a higher speed.");
                self.add(Severity::Warning, Code::SlowToRead, "/messages", detail);
            }
            _ => {}
        }
    }

    fn flashing(&mut self, slots: Vec<Slot>, panel: Panel) {
        let flashes = |slots| flashes_per_s(&Player::new(slots, panel, Timing::Open));
        let together = flashes(slots.clone());
        if together <= MAX_FLASHES {
            return;
        }
        let alone = slots.into_iter().map(|slot| flashes(vec![slot])).enumerate();
        let mut culprits: Vec<(String, usize)> = alone
            .filter(|(_, flashes)| *flashes > MAX_FLASHES)
            .map(|(i, flashes)| (format!("/messages/{i}/effect"), flashes))
            .collect();
        if culprits.is_empty() {
            culprits.push(("/messages".to_owned(), together));
        }
        for (pointer, flashes) in culprits {
            let detail = format!(
                "It flashes {flashes} times a second; more than {MAX_FLASHES} can harm people with epilepsy. \
                 Choose a lower speed or another effect, or allow flashing."
            );
            self.add(Severity::Error, Code::Flashing, pointer, detail);
        }
    }
}

fn quoted(character: char) -> String {
    format!("{character} (U+{:04X})", u32::from(character))
}

fn lit(strip: &Strip) -> u32 {
    strip.columns.iter().map(|column| column.count_ones()).sum()
}

/// The most flashes in any second of one cycle: a flash is a quarter of the panel going on and off again, or off and
/// on (after WCAG 2.3.1, with the panel as the field of view).
fn flashes_per_s(player: &Player) -> usize {
    let panel = player.panel();
    let swing = u32::try_from(panel.rows() * panel.columns() / 4).unwrap_or(u32::MAX);
    let mut swings: Vec<u64> = Vec::new();
    // The darkest and the brightest since the last swing, and which way that went.
    let (mut low, mut high, mut brighter) = (0, 0, None);
    let mut t = 0;
    while let Some(next) = player.next_change_ms(t).filter(|next| *next <= player.cycle_ms() + 2_000) {
        t = next;
        let lit = player.frame_at(t).lit();
        (low, high) = (low.min(lit), high.max(lit));
        if brighter != Some(true) && lit >= low + swing {
            (brighter, high) = (Some(true), lit);
            swings.push(t);
        } else if brighter != Some(false) && lit + swing <= high {
            (brighter, low) = (Some(false), lit);
            swings.push(t);
        }
    }
    let within = |(i, from): (usize, &u64)| swings[i..].iter().take_while(|t| **t < from + 1_000).count() / 2;
    swings.iter().enumerate().map(within).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::display::{DocumentForm, Image};

    fn judge(json: &str) -> Vec<(String, Severity, Code)> {
        let form: DocumentForm = serde_json::from_str(json).unwrap();
        let found = findings(&Document::parse(form).unwrap(), Panel::P11x44, Limits::default());
        found.into_iter().map(|finding| (finding.pointer, finding.severity, finding.code)).collect()
    }

    #[test]
    fn a_plain_name_passes() {
        assert_eq!(judge(r#"{"text":"Grüße, Jürgen"}"#), []);
    }

    #[test]
    fn a_character_without_glyph_is_named_where_it_stands() {
        let found = judge("{\"messages\":[{\"segments\":[{\"text\":\"ok\"},{\"text\":\"no\u{10fffd}\"}]}]}");
        assert_eq!(
            found,
            [("/messages/0/segments/1/text".to_owned(), Severity::Warning, Code::MissingGlyph)]
        );
        let found = judge("{\"text\":\"\u{10fffd}\"}");
        assert_eq!(found[0].1, Severity::Error);
    }

    #[test]
    fn what_does_not_fit_the_badge_is_refused() {
        let long = format!(r#"{{"text":"{}"}}"#, "m".repeat(500));
        assert_eq!(judge(&long), [("/messages".to_owned(), Severity::Error, Code::TooLong)]);
    }

    #[test]
    fn a_message_without_light_is_told() {
        assert_eq!(judge(r#"{"text":" "}"#)[0].2, Code::Dark);
    }

    #[test]
    fn a_still_message_with_a_dark_page_is_told() {
        let apart = |w| {
            format!(
                r#"{{"messages":[{{"segments":[{{"icon":"heart"}},{{"space":{w}}},{{"icon":"heart"}}]}}]}}"#
            )
        };
        assert_eq!(judge(&apart(20)), []);
        assert_eq!(judge(&apart(25)), [("/messages/0".to_owned(), Severity::Warning, Code::DarkPage)]);
    }

    #[test]
    fn an_alignment_the_panel_cannot_do_is_told() {
        let found = judge(r#"{"messages":[{"segments":[{"text":"Hi"}],"align":"start"}]}"#);
        assert_eq!(found, [("/messages/0/align".to_owned(), Severity::Warning, Code::Align)]);
        assert_eq!(judge(r#"{"messages":[{"segments":[{"text":"Hi"}],"align":"end"}]}"#), []);
    }

    #[test]
    fn blinking_while_moving_is_told() {
        let found = judge(r#"{"messages":[{"segments":[{"text":"Hi"}],"effect":"left","blink":true}]}"#);
        assert_eq!(found, [("/messages/0/blink".to_owned(), Severity::Warning, Code::Contrast)]);
        assert_eq!(judge(r#"{"messages":[{"segments":[{"text":"Hi"}],"blink":true}]}"#), []);
    }

    #[test]
    fn a_strobe_is_refused_unless_someone_allows_it() {
        let strobe = |allow| {
            let bits = [[0xff; 66], [0; 66]].concat();
            let image = Image { width: 44, height: 11, frames: 2, bits };
            let message = Message {
                segments: vec![Segment::Image(image)],
                effect: crate::display::Motion::Animation,
                speed: 8,
                ..Message::default()
            };
            let document = Document { brightness: 100, allow_flashing: allow, messages: vec![message] };
            findings(&document, Panel::P11x44, Limits::default())
        };
        assert!(is_refused(&strobe(false)));
        assert_eq!(strobe(false)[0].pointer, "/messages/0/effect");
        assert_eq!(strobe(true), []);
    }

    #[test]
    fn what_is_valid_for_less_than_a_cycle_is_told() {
        let document = Document::text("Doors open at nine").unwrap();
        let limits = Limits { valid_ms: Some(2_000), ..Limits::default() };
        assert_eq!(findings(&document, Panel::P11x44, limits)[0].code, Code::SlowToRead);
    }
}
