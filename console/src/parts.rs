//! Small things pages are made of. Each writes itself; what people said in them is escaped.

use std::fmt;

use askama::filters::HtmlSafe;
use badgecast_domain::receipt;

/// A line drawing beside a word, never instead of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Icon {
    Ok,
    Warning,
    Bad,
    Info,
    Half,
    Arrow,
    Dashed,
    Back,
    Play,
    Clock,
}

impl Icon {
    const fn drawing(self) -> &'static str {
        match self {
            Self::Ok => r#"<circle cx="12" cy="12" r="9"/><path d="m8 12.5 2.8 2.8L16.5 9.5"/>"#,
            Self::Warning => r#"<path d="M12 4 2.5 20h19z"/><path d="M12 10v4.5M12 17.6v.1"/>"#,
            Self::Bad => r#"<circle cx="12" cy="12" r="9"/><path d="m9 9 6 6M15 9l-6 6"/>"#,
            Self::Info => r#"<circle cx="12" cy="12" r="9"/><path d="M12 11v6M12 7.6v.1"/>"#,
            Self::Half => {
                r#"<circle cx="12" cy="12" r="9"/><path d="M12 3a9 9 0 0 0 0 18z" fill="currentColor" stroke="none"/>"#
            }
            Self::Arrow => r#"<path d="M4 12h15M13 6l6 6-6 6"/>"#,
            Self::Dashed => r#"<circle cx="12" cy="12" r="9" stroke-dasharray="3 3.3"/>"#,
            Self::Back => r#"<path d="M4 10h10a6 6 0 0 1 0 12h-3"/><path d="m8 5-4 5 4 5"/>"#,
            Self::Play => r#"<path d="M8 5v14l11-7z" fill="currentColor" stroke="none"/>"#,
            Self::Clock => r#"<circle cx="12" cy="12" r="9"/><path d="M12 7v5l3.5 2"/>"#,
        }
    }

    /// Those that point somewhere are turned round where people read from right to left.
    const fn points(self) -> bool {
        matches!(self, Self::Arrow | Self::Back)
    }
}

impl fmt::Display for Icon {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let flip = if self.points() { " flip" } else { "" };
        write!(
            f,
            "<svg class=\"ico{flip}\" viewBox=\"0 0 24 24\" aria-hidden=\"true\">{}</svg>",
            self.drawing()
        )
    }
}

impl HtmlSafe for Icon {}

/// How far something has come: a shape, a word, and last a colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct State(pub receipt::State);

impl State {
    #[must_use]
    pub const fn icon(self) -> Icon {
        match self.0 {
            receipt::State::Pending => Icon::Dashed,
            receipt::State::Sent => Icon::Arrow,
            receipt::State::Held => Icon::Half,
            receipt::State::Written | receipt::State::Shown => Icon::Ok,
            receipt::State::Refused => Icon::Bad,
            receipt::State::Expired => Icon::Clock,
            receipt::State::Superseded => Icon::Back,
        }
    }

    /// Its class in the sheet: the name of the state.
    #[must_use]
    pub const fn class(self) -> &'static str {
        self.0.name()
    }

    /// The key of its word.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self.0 {
            receipt::State::Pending => "state-pending",
            receipt::State::Sent => "state-sent",
            receipt::State::Held => "state-held",
            receipt::State::Written => "state-written",
            receipt::State::Shown => "state-shown",
            receipt::State::Refused => "state-refused",
            receipt::State::Expired => "state-expired",
            receipt::State::Superseded => "state-superseded",
        }
    }
}

/// A field a form carries along unseen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hidden {
    pub name: String,
    pub value: String,
}

impl Hidden {
    #[must_use]
    pub fn new(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self { name: name.into(), value: value.into() }
    }
}
