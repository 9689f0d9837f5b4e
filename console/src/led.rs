//! The panel: a picture with a pixel per LED, which the sheet scales to dots.
//!
//! Nothing of the server is needed to draw it: a document and a panel are enough. Sizes are classes, since no page may
//! carry a style of its own.

use std::sync::LazyLock;

use askama::{Template, filters::HtmlSafe};
use badgecast_domain::display::{
    Document, Effect, Message, Panel, Player, Strip, Timing,
    picture::{leds_gif, leds_png, strip_leds_png},
    render,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};

/// Amber: what LEDs look like here when the model does not say otherwise.
const AMBER: [u8; 3] = [0xff, 0xb4, 0x54];

/// How large a panel is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Size {
    /// In the top bar: 2 pixels an LED.
    Mark,
    /// In a wall or a list: 3 pixels an LED, no glow.
    Tile,
    /// Beside a text: 4 pixels an LED.
    Preview,
    /// The one thing a page is about: 5 to 8 pixels an LED, as the page is wide.
    Body,
    /// The first panel of an announcement: 6 to 11 pixels.
    Hero,
}

impl Size {
    const fn class(self) -> &'static str {
        match self {
            Self::Mark => "mark",
            Self::Tile => "tile-led",
            Self::Preview => "preview-led",
            Self::Body => "body-led",
            Self::Hero => "hero-led",
        }
    }
}

/// A panel to draw.
#[derive(Debug, Clone, Template)]
#[template(path = "parts/led.html")]
pub struct Led {
    /// A data URI (RFC 2397) of the lit LEDs, dark ones transparent.
    src: String,
    columns: usize,
    rows: usize,
    /// What it says, for people who cannot see it.
    pub alt: String,
    pub size: Size,
    /// The badge is off: dimmed.
    pub off: bool,
}

impl HtmlSafe for Led {}

impl Led {
    /// The frame that stands for what a player plays.
    #[must_use]
    pub fn still(player: &Player, alt: impl Into<String>, size: Size) -> Self {
        let panel = player.panel();
        let png = leds_png(&player.still(), panel, AMBER);
        Self::from_png(&png, (panel.columns(), panel.rows()), alt.into(), size)
    }

    /// A document as a panel plays it, moving: only for who asked for it.
    #[must_use]
    pub fn moving(document: &Document, panel: Panel, size: Size) -> Self {
        let src = data_uri("image/gif", &leds_gif(&Player::of(document, panel), AMBER));
        let (columns, rows) = (panel.columns(), panel.rows());
        Self { src, columns, rows, alt: document.alt_text(), size, off: false }
    }

    /// A document on a panel: of a message that scrolls past, where reading begins.
    #[must_use]
    pub fn of(document: &Document, panel: Panel, size: Size) -> Self {
        let alt = document.plain_text();
        if let Some(strip) = document.messages.first().and_then(|message| beginning(message, panel)) {
            return Self::strip(&strip, panel, alt, size);
        }
        Self::still(&Player::of(document, panel), alt, size)
    }

    /// A dark panel.
    #[must_use]
    pub fn dark(panel: Panel, alt: impl Into<String>, size: Size) -> Self {
        Self::still(&Player::new(Vec::new(), panel, Timing::Open), alt, size)
    }

    /// A whole strip, wider or narrower than the panel.
    #[must_use]
    pub fn strip(strip: &Strip, panel: Panel, alt: impl Into<String>, size: Size) -> Self {
        let png = strip_leds_png(strip, panel, AMBER);
        Self::from_png(&png, (strip.columns.len().max(1), panel.rows()), alt.into(), size)
    }

    /// The same panel, of a badge that is off.
    #[must_use]
    pub fn off(self, off: bool) -> Self {
        Self { off, ..self }
    }

    /// The same panel, in other words.
    #[must_use]
    pub fn saying(self, alt: String) -> Self {
        Self { alt, ..self }
    }

    fn from_png(png: &[u8], (columns, rows): (usize, usize), alt: String, size: Size) -> Self {
        Self { src: data_uri("image/png", png), columns, rows, alt, size, off: false }
    }
}

/// The first panel of a message that scrolls and is wider than the panel.
fn beginning(message: &Message, panel: Panel) -> Option<Strip> {
    let rendered = render(message, panel);
    let (columns, wide) = (rendered.strip.columns, panel.columns());
    let from = match rendered.effect {
        Effect::Left => 0,
        Effect::Right => columns.len().checked_sub(wide)?,
        _ => return None,
    };
    let first = columns.get(from..from + wide)?.to_vec();
    Some(Strip { columns: first })
}

pub(crate) fn data_uri(media_type: &str, bytes: &[u8]) -> String {
    format!("data:{media_type};base64,{}", STANDARD.encode(bytes))
}

/// The product's name, as a panel writes it.
pub fn wordmark() -> &'static Led {
    static MARK: LazyLock<Led> = LazyLock::new(|| {
        let document = Document::text("Badgecast").expect("the name is a text");
        let message = document.messages.first().expect("a text is one message");
        let rendered = render(message, Panel::P11x55);
        Led::strip(&rendered.strip, Panel::P11x55, "Badgecast", Size::Mark)
    });
    &MARK
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panel_is_small_and_says_its_words() {
        let led = Led::of(&Document::text("Amira <H>").unwrap(), Panel::P11x44, Size::Body);
        let html = led.render().unwrap();
        assert!(html.contains("alt=\"Amira &#60;H&#62;\""), "{html}");
        assert!(html.contains("width=\"44\" height=\"11\""));
        assert!(html.len() < 700, "{} bytes", html.len());
        assert!(!html.contains("style="));
        assert!(wordmark().columns > 40);
    }

    #[test]
    fn what_scrolls_is_shown_where_reading_begins() {
        let begins = |text: &str| {
            let document = Document::text(text).unwrap();
            Led::of(&document, Panel::P11x44, Size::Tile).src
        };
        assert_eq!(begins("Fire drill at eleven"), begins("Fire drill at eleven or at noon"));
        assert_ne!(begins("Fire drill at eleven"), begins("At eleven there is a fire drill"));
        let salam = |times| "سلام ".repeat(times).trim().to_owned();
        assert_eq!(begins(&salam(9)), begins(&salam(12)));
    }
}
