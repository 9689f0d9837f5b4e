//! From a message's segments to one line of text in the order it is drawn.
//!
//! Normalises (NFC), drops what must not be drawn, and orders left-to-right and right-to-left runs with the
//! direction of the message (Unicode Bidirectional Algorithm, UAX #9). Knows no fonts and no pixels.

use std::ops::Range;

use unicode_bidi::{BidiClass, BidiInfo, Level, bidi_class};
use unicode_normalization::{UnicodeNormalization, is_nfc_quick};

use super::{Direction, Message, Segment};

/// Stands in the line for a segment that is no text: neutral, so it goes with its neighbours.
const OBJECT: char = '\u{fffc}';

/// A message as one line.
#[derive(Debug)]
pub(crate) struct Line<'a> {
    text: String,
    /// Where each segment stands in `text`.
    spans: Vec<(Range<usize>, &'a Segment)>,
    level: Option<Level>,
}

/// A piece of a line, of one segment and one direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Run<'a> {
    /// In reading order.
    pub(crate) text: &'a str,
    pub(crate) segment: &'a Segment,
    pub(crate) rtl: bool,
}

impl<'a> Line<'a> {
    pub(crate) fn new(message: &'a Message) -> Self {
        let mut text = String::new();
        let mut spans = Vec::with_capacity(message.segments.len());
        for segment in &message.segments {
            let start = text.len();
            match segment {
                Segment::Text { text: words, .. } => push_clean(&mut text, words),
                Segment::Icon(_) | Segment::Image(_) | Segment::Space(_) => text.push(OBJECT),
            }
            spans.push((start..text.len(), segment));
        }
        let level = match message.direction {
            Direction::Auto => None,
            Direction::Ltr => Some(Level::ltr()),
            Direction::Rtl => Some(Level::rtl()),
        };
        Self { text, spans, level }
    }

    /// Whether the line is read from the right.
    pub(crate) fn is_rtl(&self) -> bool {
        self.level.map_or_else(|| first_strong_is_rtl(&self.text), |level| level.is_rtl())
    }

    /// The runs from the left of the panel to the right.
    pub(crate) fn runs(&self) -> Vec<Run<'_>> {
        let mut runs = Vec::with_capacity(self.spans.len());
        if self.text.is_ascii() && !self.is_rtl() {
            self.cut(0..self.text.len(), false, &mut runs);
            return runs;
        }
        let level = if self.is_rtl() { Level::rtl() } else { Level::ltr() };
        let bidi = BidiInfo::new(&self.text, Some(level));
        // Separators were made spaces, so there is one paragraph.
        for paragraph in &bidi.paragraphs {
            let (levels, visual) = bidi.visual_runs(paragraph, paragraph.range.clone());
            for run in visual {
                let rtl = levels[run.start].is_rtl();
                self.cut(run, rtl, &mut runs);
            }
        }
        runs
    }

    /// Cuts a run of one direction at the borders of segments.
    fn cut<'b>(&'b self, run: Range<usize>, rtl: bool, runs: &mut Vec<Run<'b>>) {
        let first = runs.len();
        for (span, segment) in &self.spans {
            let part = span.start.max(run.start)..span.end.min(run.end);
            if part.start < part.end {
                runs.push(Run { text: &self.text[part], segment, rtl });
            }
        }
        if rtl {
            runs[first..].reverse();
        }
    }
}

fn first_strong_is_rtl(text: &str) -> bool {
    let strong = text.chars().map(bidi_class);
    let mut strong = strong.filter(|class| matches!(class, BidiClass::L | BidiClass::R | BidiClass::AL));
    strong.next().is_some_and(|class| class != BidiClass::L)
}

fn push_clean(line: &mut String, words: &str) {
    if is_nfc_quick(words.chars()) == unicode_normalization::IsNormalized::Yes {
        line.extend(words.chars().filter_map(drawn));
    } else {
        line.extend(words.nfc().filter_map(drawn));
    }
}

/// What stands for a character on a panel: white space is a space; controls, bidi overrides and marks of invisible
/// layout are nothing. Joiners stay, they shape their neighbours.
fn drawn(character: char) -> Option<char> {
    match character {
        '\t' | '\n' | '\u{b}' | '\u{c}' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}' => Some(' '),
        '\u{200c}' | '\u{200d}' => Some(character),
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' => None,
        '\u{20e3}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{feff}'
        | '\u{fff9}'..='\u{fffc}' => None,
        '\u{fe00}'..='\u{fe0f}' | '\u{e0000}'..='\u{e0fff}' => None,
        _ if character.is_control() => None,
        _ if character.is_whitespace() && character != '\u{3000}' => Some(' '),
        _ => Some(character),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::display::Font;

    fn message(texts: &[&str], direction: Direction) -> Message {
        let text = |text: &&str| Segment::Text { text: (*text).to_owned(), font: Font::Auto };
        Message { segments: texts.iter().map(text).collect(), direction, ..Message::default() }
    }

    fn drawn_order(texts: &[&str], direction: Direction) -> Vec<(String, bool)> {
        let message = message(texts, direction);
        Line::new(&message).runs().iter().map(|run| (run.text.to_owned(), run.rtl)).collect()
    }

    #[test]
    fn words_of_two_directions_are_drawn_as_they_are_read() {
        let drawn = |texts: &[&str], direction| {
            let runs = drawn_order(texts, direction);
            runs.into_iter()
                .map(|(text, rtl)| if rtl { format!("<{text}") } else { text })
                .collect::<Vec<_>>()
        };
        assert_eq!(drawn(&["Ada שלום 12"], Direction::Auto), ["Ada ", "12", "<שלום "]);
        assert_eq!(drawn(&["שלום Ada"], Direction::Auto), ["Ada", "<שלום "]);
        assert_eq!(drawn(&["Ada ", "שלום ", "12"], Direction::Rtl), ["12", "<שלום ", "< ", "Ada"]);
    }

    #[test]
    fn controls_and_overrides_are_not_drawn() {
        let hostile = "a\u{202e}b\u{2066}c\u{0}\u{7}\nd\u{feff}";
        assert_eq!(drawn_order(&[hostile], Direction::Auto), [("abc d".to_owned(), false)]);
        assert_eq!(drawn_order(&["e\u{301}"], Direction::Auto), [("é".to_owned(), false)]);
    }
}
