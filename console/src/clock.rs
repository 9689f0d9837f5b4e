//! Moments as the person reads them.

use std::{fmt, time::Duration};

use askama::filters::HtmlSafe;
use badgecast_domain::time::Moment;
use time::{OffsetDateTime, UtcOffset};

/// What time it is, and how far the person's clock is from UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Clock {
    pub now: Moment,
    /// Minutes east of UTC, as the browser said; until it has, times are in UTC and say so.
    pub offset_min: Option<i16>,
}

impl Clock {
    /// A moment, to the minute, with the day unless it is today.
    #[must_use]
    pub fn stamp(self, at: Moment) -> Stamp {
        Stamp { at, clock: self, seconds: false }
    }

    /// A moment, to the second.
    #[must_use]
    pub fn stamp_to_second(self, at: Moment) -> Stamp {
        Stamp { at, clock: self, seconds: true }
    }

    /// The person's date and time.
    #[must_use]
    pub fn local(self, at: Moment) -> OffsetDateTime {
        let offset = UtcOffset::from_whole_seconds(i32::from(self.offset_min.unwrap_or(0)) * 60);
        at.date_time().to_offset(offset.unwrap_or(UtcOffset::UTC))
    }

    /// How an `<input type="datetime-local">` writes a moment: `2026-11-26T10:42`, in the person's time.
    #[must_use]
    pub fn to_input(self, at: Moment) -> String {
        let local = self.local(at);
        format!("{}T{:02}:{:02}", local.date(), local.hour(), local.minute())
    }

    /// A moment from such a field; `None` for anything else.
    #[must_use]
    pub fn from_input(self, text: &str) -> Option<Moment> {
        let seconds = if text.len() == "2026-11-26T10:42".len() { ":00" } else { "" };
        let utc: Moment = format!("{text}{seconds}Z").parse().ok()?;
        let offset = Duration::from_secs(u64::from(self.offset_min.unwrap_or(0).unsigned_abs()) * 60);
        Some(if self.offset_min.unwrap_or(0) < 0 { utc.plus(offset) } else { utc.minus(offset) })
    }
}

/// A moment in a page: a `<time>` element. The script of the page turns UTC into the person's time.
#[derive(Debug, Clone, Copy)]
pub struct Stamp {
    at: Moment,
    clock: Clock,
    seconds: bool,
}

impl Stamp {
    /// The words without the element, for sentences.
    #[must_use]
    pub fn text(self) -> String {
        let (local, today) = (self.clock.local(self.at), self.clock.local(self.clock.now).date());
        let day = if local.date() == today { String::new() } else { format!("{} ", local.date()) };
        let seconds = if self.seconds { format!(":{:02}", local.second()) } else { String::new() };
        let zone = if self.clock.offset_min.is_none() { " UTC" } else { "" };
        format!("{day}{:02}:{:02}{seconds}{zone}", local.hour(), local.minute())
    }
}

impl fmt::Display for Stamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mark = if self.clock.offset_min.is_none() { " data-utc" } else { "" };
        write!(f, "<time datetime=\"{}\"{mark}>{}</time>", self.at, self.text())
    }
}

impl HtmlSafe for Stamp {}

#[cfg(test)]
mod tests {
    use super::*;

    fn clock(offset_min: Option<i16>) -> Clock {
        Clock { now: "2026-11-26T10:00:00Z".parse().unwrap(), offset_min }
    }

    #[test]
    fn a_moment_is_told_in_the_persons_time_with_the_day_if_it_is_another() {
        let at = "2026-11-26T23:30:05Z".parse().unwrap();
        assert_eq!(clock(Some(0)).stamp(at).text(), "23:30");
        assert_eq!(clock(Some(60)).stamp(at).text(), "2026-11-27 00:30");
        assert_eq!(clock(Some(-330)).stamp_to_second(at).text(), "18:00:05");
        assert_eq!(clock(None).stamp(at).text(), "23:30 UTC");
        let html = clock(None).stamp(at).to_string();
        assert_eq!(html, "<time datetime=\"2026-11-26T23:30:05.000Z\" data-utc>23:30 UTC</time>");
    }

    #[test]
    fn a_field_reads_back_what_it_was_given() {
        for offset in [None, Some(0), Some(60), Some(-330), Some(345)] {
            let at: Moment = "2026-11-26T23:30:00Z".parse().unwrap();
            let clock = clock(offset);
            assert_eq!(clock.from_input(&clock.to_input(at)), Some(at), "{offset:?}");
        }
        assert_eq!(clock(None).from_input("tomorrow"), None);
    }
}
