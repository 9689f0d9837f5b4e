//! Watching an announcement: how many show it, who does not, and why. Afterwards the same page is its record.

use askama::Template;
use badgecast_domain::{
    access::Right,
    announcement::State as Standing,
    layer::Level,
    receipt::{self, percentile},
};

use super::{Choice, letter::letter, level_key};
use crate::{
    Frame,
    clock::Stamp,
    figures::{Bar, Counts, Course, Curve, Mosaic, Tile},
    parts,
};

/// One announcement.
#[derive(Debug, Template)]
#[template(path = "watch.html")]
pub struct Watch<'a> {
    pub frame: &'a Frame,
    pub id: String,
    /// The whole address of the page.
    pub address: String,
    pub text: String,
    pub level: Level,
    pub standing: Standing,
    /// Whom it is for, in words.
    pub whom: String,
    /// Who said it, and when.
    pub by: Option<String>,
    pub sent: Stamp,
    pub from: Stamp,
    pub until: Stamp,
    pub withdrawn: Option<Stamp>,
    pub deadline: Stamp,
    pub counts: Counts,
    pub course: Course,
    /// How many were named, once the deadline is over.
    pub named: Option<u64>,
    pub laggards: Vec<Lag>,
    /// How many do not show it, and where all of them are told if that is elsewhere.
    pub behind: u64,
    pub all_laggards: Option<String>,
    /// How many of them are connected: those whom sending again may help.
    pub within_reach: u64,
    pub groups: Vec<Choice>,
    pub tiles: Vec<Tile>,
    pub others: Option<(u64, String)>,
    pub mosaic: Option<Mosaic>,
}

/// A badge that does not show it.
#[derive(Debug, Clone)]
pub struct Lag {
    pub badge: String,
    pub code: String,
    pub name: String,
    pub state: receipt::State,
    /// Why, in our words.
    pub reason: String,
    /// What the badge said itself.
    pub said: Option<String>,
    pub action: Action,
}

/// What helps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Say it shorter, to this badge.
    Shorten,
    /// Send it again.
    Again,
    /// Let it blink, to find it.
    Identify,
    /// Look at it.
    Look,
}

impl Watch<'_> {
    fn curve(&self) -> Curve {
        Curve::of(&self.course, self.frame)
    }

    fn bar(&self) -> Bar {
        Bar(self.counts)
    }

    fn states<'c>(&self, counts: &'c Counts) -> impl Iterator<Item = (parts::State, u64)> + use<'c> {
        counts.told().map(|(state, count)| (parts::State(state), count))
    }

    fn targeted(&self) -> u64 {
        self.counts.all()
    }

    fn level(&self) -> &'static str {
        level_key(self.level)
    }

    fn live(&self) -> bool {
        self.standing.is_live()
    }

    fn may_withdraw(&self) -> bool {
        self.live() && self.frame.may(Right::Announce)
    }

    fn may_command(&self) -> bool {
        self.live() && self.frame.may(Right::ManageBadges)
    }

    fn may_announce(&self) -> bool {
        self.frame.may(Right::Announce)
    }

    /// The one sentence about it: `178 of 190 show it`.
    fn score(&self) -> String {
        let frame = self.frame;
        let (shown, of) = (self.counts.shown, self.targeted());
        match self.named {
            Some(named) => {
                let said = frame.say("watch-record").with("count", named);
                said.with("shown", shown.to_string()).with("targeted", of.to_string()).to_string()
            }
            None if shown == of && of > 0 => match self.course.spans.last() {
                Some(last) => {
                    let seconds = frame.seconds(last.as_millis().try_into().unwrap_or(u64::MAX));
                    frame.say("watch-all").with("count", of).with("seconds", seconds).to_string()
                }
                None => frame.say("watch-score").with("count", shown).with("of", of).to_string(),
            },
            None => frame.say("watch-score").with("count", shown).with("of", of).to_string(),
        }
    }

    /// A letter with the list of those who do not show it.
    fn letter(&self) -> String {
        let plain = |text: String| text.replace(['\u{2068}', '\u{2069}'], "");
        let lag = |lag: &Lag| {
            let said = lag.said.as_deref().unwrap_or_default();
            plain(format!("{} ({}): {} {said}", lag.name, lag.code, lag.reason).trim_end().to_owned())
        };
        let lines: Vec<String> = self.laggards.iter().map(lag).collect();
        let rest = |left: u64| plain(self.frame.say("watch-mail-more").with("count", left).to_string());
        let score = plain(self.score());
        let head = format!("{score}\r\n{}\r\n\r\n", self.address);
        // A line to find it by; one letter of it may become twelve characters of an address that has 1,900.
        let text: String = self.text.chars().take(60).collect();
        letter(&format!("{text}: {score}"), &head, (&lines, self.behind), rest)
    }

    /// What is said aloud when it changes.
    fn said(&self) -> String {
        match self.withdrawn {
            Some(_) => format!("{} {}", self.frame.say("watch-withdrawn"), self.score()),
            None => self.score(),
        }
    }

    /// Percent, and within how many seconds so many of the targeted have shown it.
    fn within(&self) -> Vec<(u8, Option<String>)> {
        let targeted = usize::try_from(self.targeted()).unwrap_or(usize::MAX);
        let mut spans = self.course.spans.clone();
        let mut at = |percent: u8| percentile(&mut spans, targeted, percent.into());
        let seconds =
            |span: std::time::Duration| self.frame.seconds(span.as_millis().try_into().unwrap_or(u64::MAX));
        [50, 90, 99].map(|percent| (percent, at(percent).map(seconds))).to_vec()
    }

    fn percent_words(&self, percent: &u8) -> String {
        match percent {
            50 => self.frame.say("watch-half").to_string(),
            percent => self.frame.say("watch-percent").with("percent", percent.to_string()).to_string(),
        }
    }

    /// The curve for people who do not see it.
    fn curve_words(&self) -> String {
        let frame = self.frame;
        let mut words = vec![self.score()];
        for (percent, within) in self.within() {
            if let Some(seconds) = within {
                let within = frame.say("watch-within").with("seconds", seconds);
                words.push(format!("{} {within}.", self.percent_words(&percent)));
            }
        }
        words.push(format!("{} {}.", frame.say("watch-deadline"), self.deadline.text()));
        words.join(" ")
    }
}

impl Lag {
    fn state(&self) -> parts::State {
        parts::State(self.state)
    }
}

impl Action {
    /// The key of its word.
    const fn key(self) -> &'static str {
        match self {
            Self::Shorten => "watch-shorten",
            Self::Again => "watch-again",
            Self::Identify => "watch-identify",
            Self::Look => "watch-look",
        }
    }

    /// Where a form for it goes, below the announcement.
    const fn form(self) -> Option<&'static str> {
        match self {
            Self::Again => Some("again"),
            Self::Identify => Some("identify"),
            Self::Shorten | Self::Look => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use badgecast_domain::{
        access::Role,
        display::{Document, Panel},
        time::Moment,
    };

    use super::*;
    use crate::{
        Language, Led, Size,
        figures::Mood,
        views::whole::{frame, whole},
    };

    fn page(frame: &Frame) -> Watch<'_> {
        let at = Moment::from_s(1_795_690_000);
        let led = Led::of(&Document::text("Hi").unwrap(), Panel::P11x44, Size::Tile);
        let lag = |code: &str, action| Lag {
            badge: code.to_owned(),
            code: code.to_owned(),
            name: "Zoë".to_owned(),
            state: receipt::State::Sent,
            reason: "why".to_owned(),
            said: Some("full".to_owned()),
            action,
        };
        Watch {
            frame,
            id: "i".to_owned(),
            address: "https://badges.example/announcements/i".to_owned(),
            text: "Fire <drill>".to_owned(),
            level: Level::Urgent,
            standing: Standing::Active,
            whom: "all".to_owned(),
            by: None,
            sent: frame.stamp(at),
            from: frame.stamp(at),
            until: frame.stamp(at),
            withdrawn: None,
            deadline: frame.stamp(at),
            counts: Counts { shown: 187, pending: 12, refused: 1, ..Counts::default() },
            course: Course {
                targeted: 200,
                spans: vec![Duration::from_millis(500); 187],
                elapsed: Duration::from_secs(19),
                deadline: Duration::from_secs(60),
            },
            named: None,
            laggards: [Action::Shorten, Action::Again, Action::Identify, Action::Look]
                .into_iter()
                .zip(["B-2222", "B-3333", "B-4444", "B-5555"])
                .map(|(action, code)| lag(code, action))
                .collect(),
            behind: 13,
            all_laggards: Some("/x".to_owned()),
            within_reach: 1,
            groups: Vec::new(),
            tiles: vec![Tile {
                href: "/badges/B-2222".to_owned(),
                led,
                name: "Zoë".to_owned(),
                mood: Mood::Bad,
                icon: parts::Icon::Bad,
                class: "refused",
                words: "Refused".to_owned(),
            }],
            others: Some((168, "/x".to_owned())),
            mosaic: Some(Mosaic::of(Counts { shown: 187, pending: 12, refused: 1, ..Counts::default() })),
        }
    }

    #[test]
    fn the_page_is_whole_for_who_may_act_and_for_who_only_looks() {
        for language in Language::ALL {
            let manager = frame(Role::Manager, language);
            let html = whole(&page(&manager));
            assert!(html.contains("Fire &#60;drill&#62;"));
            assert_eq!(html.matches("<form method=\"post\" action=\"/announcements/").count(), 4);
            let letter = "href=\"mailto:?subject=Fire%20%3Cdrill%3E%3A%20";
            assert!(
                html.contains(letter) && html.contains("https%3A%2F%2Fbadges.example%2Fannouncements%2Fi")
            );
            assert!(
                html.contains("Zo%C3%AB%20%28B-2222%29%3A%20why%20full%0D%0A"),
                "each laggard with its reason"
            );
            let auditor = frame(Role::Auditor, language);
            let html = whole(&page(&auditor));
            assert!(!html.contains("action=\"/announcements/"), "an auditor presses nothing");
        }
    }

    #[test]
    fn a_mosaic_tells_its_own_numbers() {
        let english = frame(Role::Manager, Language::English);
        let of_a_group = Mosaic::of(Counts { shown: 201, pending: 2, ..Counts::default() });
        let html = whole(&Watch { mosaic: Some(of_a_group), ..page(&english) });
        let cells = html.split("<table").nth(1).and_then(|rest| rest.split("</table>").next()).unwrap();
        assert!(
            cells.contains("<td>201</td>") && cells.contains("<td>2</td>") && !cells.contains("<td>187</td>")
        );
        assert!(html.contains("data-state=\"shown\">187<"), "the legend is of all");
    }

    #[test]
    fn percentiles_are_over_the_targeted_and_the_title_becomes_the_record() {
        let english = frame(Role::Manager, Language::English);
        let view = page(&english);
        assert_eq!(
            view.within(),
            [(50, Some("0.5".to_owned())), (90, Some("0.5".to_owned())), (99, None)],
            "187 of 200 are less than 99 of 100"
        );
        let says = |view: &Watch<'_>| view.score().replace(['\u{2068}', '\u{2069}'], "");
        assert_eq!(says(&view), "187 of 200 show it");
        assert_eq!(says(&Watch { named: Some(13), ..view }), "187 of 200, 13 named");
    }
}
