//! Your badge: one line, seen before it is sent, and told when it is lit. Phone first.

use askama::Template;
use badgecast_domain::{receipt, time::Moment};

use crate::{Frame, Led, parts, parts::Icon};

/// A person's own badge.
#[derive(Debug, Template)]
#[template(path = "my_badge.html")]
pub struct MyBadge<'a> {
    pub frame: &'a Frame,
    pub code: String,
    /// The badge's id, by which events name it.
    pub id: String,
    /// What the panel shows, or would.
    pub led: Led,
    pub standing: Standing,
    /// How the line is written.
    pub line: Line,
    /// The revision the person has seen.
    pub revision: u64,
    pub fits: Vec<Fit>,
    /// Lines of this person from before.
    pub used: Vec<String>,
    pub also: Vec<Also>,
    pub steps: Steps,
    /// The line before this one.
    pub back: Option<Back>,
    pub conflict: Option<Conflict>,
    /// When the badge was last seen, if it is off; `None` inside for one that never came.
    pub off_since: Option<Option<Moment>>,
    /// An emergency takes the panel.
    pub taken: bool,
    /// Somebody asked to see it move.
    pub moving: bool,
}

/// No badge yet.
#[derive(Debug, Template)]
#[template(path = "no_badge.html")]
pub struct NoBadge<'a> {
    pub frame: &'a Frame,
    /// Whether they may claim one themselves.
    pub may_claim: bool,
}

/// What the picture is a picture of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Not sent yet: how it would look.
    Draft,
    /// What the badge has, and how far it has come with it.
    Sent(receipt::State),
    /// The badge has no line yet.
    Empty,
    /// An emergency is shown instead of the line.
    Emergency,
}

/// A line as a person writes it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Line {
    pub text: String,
    pub moves: Moves,
    pub speed: Speed,
}

impl Line {
    /// A text that moves as it fits.
    #[must_use]
    pub fn of(text: &str) -> Self {
        Self { text: text.to_owned(), ..Self::default() }
    }

    /// Whether it moves as it fits.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        (self.moves, self.speed) == Default::default()
    }
}

/// How it moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Moves {
    /// Still if it fits, else it scrolls.
    #[default]
    Auto,
    Still,
    Scroll,
}

/// How fast it moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Speed {
    Slow,
    #[default]
    Normal,
    Fast,
}

impl Moves {
    pub const ALL: [Self; 3] = [Self::Auto, Self::Still, Self::Scroll];

    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Still => "fixed",
            Self::Scroll => "left",
        }
    }

    pub(crate) const fn key(self) -> &'static str {
        match self {
            Self::Auto => "moves-auto",
            Self::Still => "moves-still",
            Self::Scroll => "moves-scroll",
        }
    }
}

impl Speed {
    pub const ALL: [Self; 3] = [Self::Slow, Self::Normal, Self::Fast];

    /// Of the eight speeds a panel knows.
    #[must_use]
    pub const fn level(self) -> u8 {
        match self {
            Self::Slow => 2,
            Self::Normal => 4,
            Self::Fast => 6,
        }
    }

    pub(crate) const fn key(self) -> &'static str {
        match self {
            Self::Slow => "speed-slow",
            Self::Normal => "speed-normal",
            Self::Fast => "speed-fast",
        }
    }
}

/// Something the legibility gate found, or that all is well.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fit {
    pub mood: Mood,
    pub sentence: String,
    /// The text as it would be without the fault.
    pub repaired: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mood {
    Good,
    Warning,
    /// It cannot be sent like this.
    Bad,
}

impl Mood {
    pub(crate) const fn class(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Warning => "warn",
            Self::Bad => "bad",
        }
    }

    pub(crate) const fn icon(self) -> Icon {
        match self {
            Self::Good => Icon::Ok,
            Self::Warning => Icon::Warning,
            Self::Bad => Icon::Bad,
        }
    }
}

/// Something else the badge shows.
#[derive(Debug, Clone)]
pub struct Also {
    pub led: Led,
    pub sentence: String,
}

/// How far the line has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Steps {
    pub sent: bool,
    pub held: bool,
    /// After how many milliseconds it was lit; a gateway may know only that it was written.
    pub shown_ms: Option<u64>,
    pub written: bool,
    pub refused: Option<String>,
}

impl Steps {
    fn lit(&self) -> bool {
        self.shown_ms.is_some() || self.written
    }
}

/// The line to go back to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Back {
    pub text: String,
    pub revision: u64,
}

/// Somebody changed the line meanwhile: both are shown.
#[derive(Debug, Clone)]
pub struct Conflict {
    pub mine: Led,
    pub theirs: Led,
}

impl MyBadge<'_> {
    fn draft(&self) -> bool {
        self.standing == Standing::Draft
    }

    /// Whether there is anything to follow up on: a line that was sent.
    fn followed(&self) -> bool {
        matches!(self.standing, Standing::Sent(_) | Standing::Emergency) && self.revision > 0
    }

    /// What is said aloud when it changes.
    fn said(&self) -> String {
        let frame = self.frame;
        let key = match self.standing {
            Standing::Draft => "my-draft",
            Standing::Empty => "my-empty",
            Standing::Emergency => "my-emergency",
            Standing::Sent(receipt::State::Shown | receipt::State::Written) => "my-shown",
            Standing::Sent(receipt::State::Refused) => "my-refused",
            Standing::Sent(_) if self.off_since.is_some() => "my-waits",
            Standing::Sent(_) => "my-on-its-way",
        };
        frame.say(key).to_string()
    }

    /// The word beside it.
    fn tag(&self) -> Option<(&'static str, Option<Icon>, &'static str)> {
        match self.standing {
            Standing::Draft => Some(("draft", None, "my-not-sent")),
            Standing::Empty | Standing::Emergency => None,
            Standing::Sent(state) => {
                let state = parts::State(self.seen(state));
                Some((state.class(), Some(state.icon()), state.key()))
            }
        }
    }

    /// What is on its way to a badge that is connected has been sent.
    fn seen(&self, state: receipt::State) -> receipt::State {
        if state == receipt::State::Pending && self.steps.sent { receipt::State::Sent } else { state }
    }

    fn shown_words(&self) -> String {
        let frame = self.frame;
        match (self.steps.shown_ms, self.steps.written) {
            (Some(ms), _) => frame.say("my-shown-in").with("seconds", frame.seconds(ms)).to_string(),
            (None, true) => frame.say("state-written").to_string(),
            (None, false) if self.off_since.is_some() => frame.say("my-shows-when-back").to_string(),
            (None, false) => frame.say("state-shown").to_string(),
        }
    }

    fn off_words(&self) -> Option<String> {
        let frame = self.frame;
        Some(match self.off_since? {
            Some(at) => frame.say("my-off-since").with("time", frame.stamp(at).text()).to_string(),
            None => frame.say("my-never-on").to_string(),
        })
    }
}
