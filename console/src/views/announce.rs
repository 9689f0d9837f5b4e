//! A new announcement: write, see it on the panels, choose how loud, who and when; the bar below says it all again.

use askama::Template;
use badgecast_domain::layer::Level;

use super::{Fit, Moves, Speed};
use crate::{Frame, Led, parts::State};

/// The form, and how it would look.
#[derive(Debug, Template)]
#[template(path = "announce.html")]
pub struct Announce<'a> {
    pub frame: &'a Frame,
    /// Minted with the form: pressed twice, it announces once.
    pub key: String,
    pub draft: Draft,
    pub wrong: Wrong,
    /// What the legibility gate found, and how to mend it.
    pub findings: Vec<Fit>,
    /// What is well.
    pub good: Vec<String>,
    /// How wide the message is and how it moves.
    pub wide: Option<String>,
    /// Each panel of the audience, the most frequent first.
    pub panels: Vec<OnPanel>,
    /// The whole message, if it is wider than a panel.
    pub strip: Option<Led>,
    pub columns: u64,
    pub groups: Vec<Choice>,
    pub tags: Vec<Choice>,
    /// All claimed badges.
    pub fleet: u64,
    pub asked: Asked,
    pub times: Times,
    /// How many others of its level are showing.
    pub others: u64,
    /// Whether the person has a badge to try it on.
    pub may_try: bool,
    pub mine: Option<Mine>,
    /// An emergency asks once more.
    pub asking: bool,
}

/// What was filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    pub text: String,
    pub second: String,
    pub moves: Moves,
    pub speed: Speed,
    pub blink: bool,
    pub border: bool,
    pub level: Level,
    pub everyone: bool,
    /// Codes of badges, as they were typed.
    pub codes: String,
    /// Of `<input type="datetime-local">`; empty for at once.
    pub starts: String,
    /// Seconds until it ends; empty when that was not chosen.
    pub lasts: String,
    /// As `starts`; counts more than `lasts`.
    pub until: String,
    /// Seconds until those that do not show it are named.
    pub deadline: String,
    /// Whether the pictures move.
    pub play: bool,
}

impl Default for Draft {
    fn default() -> Self {
        Self {
            text: String::new(),
            second: String::new(),
            moves: Moves::default(),
            speed: Speed::default(),
            blink: false,
            border: false,
            level: Level::Normal,
            everyone: true,
            codes: String::new(),
            starts: String::new(),
            lasts: "1800".to_owned(),
            until: String::new(),
            deadline: "600".to_owned(),
            play: false,
        }
    }
}

impl Draft {
    /// For how long, in seconds, to choose from.
    const LASTS: [u64; 8] = [300, 900, 1_800, 3_600, 7_200, 14_400, 28_800, 86_400];
    /// After how many seconds laggards are named, to choose from.
    const DEADLINES: [u64; 7] = [15, 30, 60, 300, 600, 1_800, 3_600];
}

/// What is not right yet, by field, in words.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Wrong {
    pub text: Option<String>,
    pub who: Option<String>,
    pub when: Option<String>,
}

/// Something to choose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    pub value: String,
    pub name: String,
    pub badges: u64,
    pub chosen: bool,
}

/// The message on one kind of panel.
#[derive(Debug, Clone)]
pub struct OnPanel {
    pub led: Led,
    pub panel: &'static str,
    pub badges: u64,
}

/// Whom it would reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Asked {
    pub badges: u64,
    pub connected: u64,
}

/// When, in words.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Times {
    pub from: Option<String>,
    pub until: Option<String>,
}

/// It was sent to the person's own badge first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mine {
    pub href: String,
    pub state: badgecast_domain::receipt::State,
}

impl Announce<'_> {
    fn levels(&self) -> [(Level, &'static str, &'static str, [bool; 3]); 3] {
        [
            (Level::Normal, "level-normal", "announce-normal-why", [false, false, true]),
            (Level::Urgent, "level-urgent", "announce-urgent-why", [true, false, true]),
            (Level::Emergency, "level-emergency", "announce-emergency-why", [true, true, true]),
        ]
    }

    fn is_emergency(&self) -> bool {
        self.draft.level == Level::Emergency
    }

    fn spans(&self, all: &[u64], chosen: &str) -> Vec<(u64, String, bool)> {
        all.iter().map(|seconds| (*seconds, self.span(*seconds), seconds.to_string() == chosen)).collect()
    }

    fn lasts(&self) -> Vec<(u64, String, bool)> {
        self.spans(&Draft::LASTS, &self.draft.lasts)
    }

    fn deadlines(&self) -> Vec<(u64, String, bool)> {
        self.spans(&Draft::DEADLINES, &self.draft.deadline)
    }

    fn span(&self, seconds: u64) -> String {
        let (key, count) = match seconds {
            0..60 => ("span-seconds", seconds),
            60..3_600 => ("span-minutes", seconds / 60),
            _ => ("span-hours", seconds / 3_600),
        };
        self.frame.say(key).with("count", count).to_string()
    }

    /// `Urgent, to all 190 badges, now until 11:30`.
    fn sentence(&self) -> String {
        let frame = self.frame;
        let whom = if self.draft.everyone { "announce-to-all" } else { "announce-to-some" };
        let whom = frame.say(whom).with("count", self.asked.badges).to_string();
        let from = match &self.times.from {
            Some(from) => frame.say("announce-from").with("time", from.as_str()).to_string(),
            None => frame.say("announce-now").to_string(),
        };
        let until = match &self.times.until {
            Some(until) => frame.say("announce-until").with("time", until.as_str()).to_string(),
            None if self.is_emergency() => frame.say("announce-until-withdrawn").to_string(),
            None => frame.say("announce-no-end").to_string(),
        };
        format!("{}, {whom}, {from} {until}", frame.say(super::level_key(self.draft.level)))
    }

    /// Those that get it later.
    fn away(&self) -> Option<String> {
        let away = self.asked.badges.saturating_sub(self.asked.connected);
        let said = self.frame.say("announce-away").with("count", away);
        let until = self.times.until.as_deref().unwrap_or("–");
        (away > 0).then(|| said.with("time", until).to_string())
    }

    /// Why it cannot be sent to anybody.
    fn nobody(&self) -> Option<&'static str> {
        match (self.asked.badges, self.fleet) {
            (0, 0) => Some("announce-no-badges"),
            (0, _) => Some("announce-nobody"),
            _ => None,
        }
    }

    fn more_open(&self) -> bool {
        self.draft.speed != Speed::default() || !self.draft.second.is_empty()
    }

    fn asking_class(&self) -> &'static str {
        if self.asking { "asking" } else { "" }
    }
}

impl Mine {
    fn state(&self) -> State {
        State(self.state)
    }
}

#[cfg(test)]
mod tests {
    use badgecast_domain::{
        access::Role,
        display::{Document, Panel},
    };

    use super::*;
    use crate::{
        Language, Size,
        views::{
            Mood,
            whole::{frame, whole},
        },
    };

    fn page(frame: &Frame, draft: Draft) -> Announce<'_> {
        let led = Led::of(&Document::text("Hi").unwrap(), Panel::P11x44, Size::Hero);
        let choice =
            |name: &str| Choice { value: name.to_owned(), name: name.to_owned(), badges: 24, chosen: false };
        let text = |key: &str| Some(frame.say(key).to_string());
        Announce {
            frame,
            key: "k".to_owned(),
            wrong: Wrong {
                text: text("announce-wrong-text"),
                who: text("announce-wrong-who"),
                when: text("announce-wrong-end"),
            },
            findings: vec![Fit {
                mood: Mood::Warning,
                sentence: "x".to_owned(),
                repaired: Some("Hi".to_owned()),
            }],
            good: vec!["Good".to_owned()],
            wide: Some("wide".to_owned()),
            panels: vec![OnPanel { led: led.clone(), panel: "11x44", badges: 190 }],
            strip: Some(led),
            columns: 119,
            groups: vec![choice("Front <desk>")],
            tags: vec![choice("level 2")],
            fleet: 190,
            asked: Asked { badges: 190, connected: 184 },
            times: Times { from: None, until: Some("11:30".to_owned()) },
            others: 2,
            may_try: true,
            mine: None,
            asking: false,
            draft,
        }
    }

    fn says(text: String) -> String {
        text.replace(['\u{2068}', '\u{2069}'], "")
    }

    #[test]
    fn the_form_is_whole_in_every_language_and_escapes_what_people_named() {
        for language in Language::ALL {
            let frame = frame(Role::Manager, language);
            let html = whole(&page(&frame, Draft { text: "\"><b>".to_owned(), ..Draft::default() }));
            assert!(html.contains("Front &#60;desk&#62;") && !html.contains("\"><b>\""));
        }
    }

    #[test]
    fn the_bar_says_it_all_again() {
        let frame = frame(Role::Manager, Language::English);
        let urgent = Draft { level: Level::Urgent, ..Draft::default() };
        assert_eq!(says(page(&frame, urgent).sentence()), "Urgent, to all 190 badges, now until 11:30");
        let emergency = Draft { level: Level::Emergency, everyone: false, ..Draft::default() };
        let asks = Announce { times: Times::default(), asking: true, ..page(&frame, emergency) };
        let sentence = says(asks.sentence());
        assert_eq!(sentence, "Emergency, to 190 badges, now until you withdraw it, 24 hours at most");
        let html = whole(&asks);
        assert!(html.contains("<dialog id=\"really\" aria-labelledby=\"really-h\" open>"));
        assert!(html.contains("data-opens=\"really\""));
        let nobody = Announce { asked: Asked::default(), ..page(&frame, Draft::default()) };
        assert_eq!(nobody.nobody(), Some("announce-nobody"));
    }
}
