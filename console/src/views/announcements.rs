//! All announcements: running, coming and past, and the days ahead.

use askama::Template;
use badgecast_domain::{access::Right, layer::Level};

use crate::{Frame, Led, clock::Stamp, figures::Counts};

/// The list.
#[derive(Debug, Template)]
#[template(path = "announcements.html")]
pub struct Announcements<'a> {
    pub frame: &'a Frame,
    pub days: Vec<Day>,
    pub running: Vec<Row>,
    pub coming: Vec<Row>,
    pub past: Vec<Row>,
    /// Where older ones are.
    pub older: Option<String>,
    /// Whether this is not the first page of the past.
    pub paged: bool,
}

/// One announcement of the list.
#[derive(Debug, Clone)]
pub struct Row {
    pub href: String,
    pub led: Led,
    pub text: String,
    pub level: Level,
    /// The key of the word before its time: until, from, ended, withdrawn.
    pub when: &'static str,
    pub at: Stamp,
    /// How far it has come, while that still changes.
    pub counts: Option<Counts>,
    /// How many were named at the deadline.
    pub named: Option<u64>,
}

/// A day of the strip.
#[derive(Debug, Clone)]
pub struct Day {
    /// The key of its name, and the date.
    pub name: &'static str,
    pub date: String,
    pub entries: Vec<Entry>,
}

/// What is shown on a day.
#[derive(Debug, Clone)]
pub struct Entry {
    pub href: String,
    pub text: String,
    /// From when to when on that day; nothing for all of it.
    pub hours: Option<String>,
    pub level: Level,
}

impl Announcements<'_> {
    fn may_announce(&self) -> bool {
        self.frame.may(Right::Announce)
    }

    fn sections(&self) -> impl Iterator<Item = (&'static str, &'static str, &[Row])> {
        let all = [
            ("running", "announcements-running", self.running.as_slice()),
            ("coming", "announcements-coming", self.coming.as_slice()),
            ("past", "announcements-past", self.past.as_slice()),
        ];
        all.into_iter().filter(|(id, _, rows)| !rows.is_empty() || (*id == "running" && !self.paged))
    }
}

impl Row {
    fn progress(&self, frame: &Frame) -> Option<String> {
        let counts = self.counts?;
        let said = frame.say("watch-score").with("count", counts.shown).with("of", counts.all());
        Some(said.to_string())
    }

    fn named(&self, frame: &Frame) -> Option<String> {
        let named = self.named?;
        Some(match named {
            0 => frame.say("announcements-all-in-time").to_string(),
            count => frame.say("announcements-named").with("count", count).to_string(),
        })
    }
}

/// The key of a level's name.
#[must_use]
pub const fn level_key(level: Level) -> &'static str {
    match level {
        Level::Normal => "level-normal",
        Level::Urgent => "level-urgent",
        Level::Emergency => "level-emergency",
    }
}

#[cfg(test)]
mod tests {
    use badgecast_domain::{
        access::Role,
        display::{Document, Panel},
        time::Moment,
    };

    use super::*;
    use crate::{
        Language, Size,
        views::whole::{frame, whole},
    };

    #[test]
    fn the_list_is_whole_and_only_offers_what_one_may() {
        for language in Language::ALL {
            for (role, verbs) in [(Role::Manager, 1), (Role::Auditor, 0)] {
                let frame = frame(role, language);
                let row = Row {
                    href: "/announcements/i".to_owned(),
                    led: Led::of(&Document::text("Hi").unwrap(), Panel::P11x44, Size::Tile),
                    text: "<Hi>".to_owned(),
                    level: Level::Emergency,
                    when: "until",
                    at: frame.stamp(Moment::from_s(1_795_690_000)),
                    counts: Some(Counts { shown: 1, ..Counts::default() }),
                    named: None,
                };
                let past = Row { counts: None, named: Some(13), ..row.clone() };
                let entry = Entry {
                    href: row.href.clone(),
                    text: "<Hi>".to_owned(),
                    hours: None,
                    level: Level::Normal,
                };
                let day = Day { name: "day-0", date: "11-26".to_owned(), entries: vec![entry] };
                let html = whole(&Announcements {
                    frame: &frame,
                    days: vec![day],
                    running: vec![row],
                    coming: Vec::new(),
                    past: vec![past],
                    older: Some("/announcements?after=i".to_owned()),
                    paged: false,
                });
                assert_eq!(html.matches("/announcements/new").count(), verbs);
                assert!(!html.contains("<Hi>"));
            }
        }
    }
}
