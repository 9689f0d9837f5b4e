//! How an announcement looks on each panel of its audience, and what the legibility gate says of it.

use badgecast_console::{
    Frame, Led, Size,
    views::{Fit, Mood, OnPanel},
};
use badgecast_domain::display::{DEFAULT_MAX_BYTES, Document, Effect, Limits, Panel, Player, render};

use super::draft::Written;
use crate::{routes::console::line, tables::audiences::Census};

/// What there is to see.
#[derive(Default)]
pub(super) struct Seen {
    pub findings: Vec<Fit>,
    pub good: Vec<String>,
    pub wide: Option<String>,
    pub panels: Vec<OnPanel>,
    pub strip: Option<Led>,
    pub columns: u64,
}

pub(super) fn seen(frame: &Frame, written: &Written, census: &Census) -> Seen {
    // An audience without badges is drawn on the usual panel.
    let mut panels = census.panels.clone();
    if panels.is_empty() {
        panels.push((Panel::default(), 0));
    }
    let document = match Document::parse(written.form()) {
        Ok(document) if !written.draft.text.is_empty() => document,
        _ => return dark(frame, &panels),
    };
    let limits = Limits { max_bytes: DEFAULT_MAX_BYTES, valid_ms: None };
    let mut findings: Vec<Fit> = Vec::new();
    // Late joiners may have any panel, so it is judged on all.
    for panel in Panel::ALL {
        for fit in line::fits(frame, &document, panel, limits) {
            if fit.mood != Mood::Good && !findings.iter().any(|known| same(known, &fit)) {
                findings.push(fit);
            }
        }
    }
    let first = panels[0].0;
    let widths = document.messages.iter().map(|message| render(message, first));
    let widest = widths.max_by_key(|rendered| rendered.strip.columns.len());
    let columns = widest.as_ref().map_or(0, |rendered| rendered.strip.columns.len());
    let seconds = frame.seconds(Player::of(&document, first).cycle_ms());
    let still = document.messages.iter().all(|message| render(message, first).effect == Effect::Fixed);
    let wide = if still {
        frame.say("announce-wide-still").with("count", columns)
    } else {
        frame.say("announce-wide-moves").with("count", columns).with("seconds", seconds.as_str())
    };
    let flashing = frame.say("fit-flashing").to_string();
    let mut good = Vec::new();
    if findings.is_empty() {
        good.push(frame.say("announce-glyphs").to_string());
    }
    if !findings.iter().any(|fit| fit.sentence == flashing) {
        good.push(frame.say("announce-steady").to_string());
    }
    if !still {
        good.push(frame.say("announce-pass").with("seconds", seconds.as_str()).to_string());
    }
    let draw = if written.draft.play { Led::moving } else { Led::of };
    let drawn = panels.iter().enumerate().map(|(index, (panel, badges))| {
        let size = if index == 0 { Size::Hero } else { Size::Preview };
        OnPanel { led: draw(&document, *panel, size), panel: panel.name(), badges: *badges }
    });
    let strip = widest.filter(|_| columns > first.columns());
    Seen {
        wide: Some(wide.to_string()),
        panels: drawn.collect(),
        strip: strip.map(|rendered| Led::strip(&rendered.strip, first, document.alt_text(), Size::Preview)),
        columns: columns as u64,
        findings,
        good,
    }
}

/// The same finding on another panel, of which one is enough: what refuses it differs in how much is too much.
fn same(one: &Fit, other: &Fit) -> bool {
    let refuses = one.mood == Mood::Bad && one.repaired == other.repaired;
    one.mood == other.mood && (one.sentence == other.sentence || refuses)
}

fn dark(frame: &Frame, panels: &[(Panel, u64)]) -> Seen {
    let words = frame.say("announce-nothing").to_string();
    let drawn = panels.iter().enumerate().map(|(index, (panel, badges))| {
        let size = if index == 0 { Size::Hero } else { Size::Preview };
        OnPanel { led: Led::dark(*panel, words.clone(), size), panel: panel.name(), badges: *badges }
    });
    Seen { panels: drawn.collect(), ..Seen::default() }
}
