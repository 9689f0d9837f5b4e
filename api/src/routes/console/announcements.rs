//! `/announcements`: running, coming and past, and the days ahead.

use std::time::Duration;

use actix_web::{HttpResponse, web::Data};
use badgecast_console::{
    Frame, Led, Place, Size,
    figures::Counts,
    views::{Announcements, Day, Entry, Row},
};
use badgecast_domain::{
    access::Right, announcement::State, display::Panel, id::AnnouncementId, time::Moment,
};

use super::{Visitor, wall};
use crate::{
    House,
    problem::Problem,
    progress::{self, Progress},
    routes::body::{List, Page, Query},
    tables::{announcements, announcements::Announcement},
};

/// How many days the strip has.
const DAYS: u64 = 5;
/// How many of them a day names.
const ENTRIES: usize = 6;
/// How many of the past a page has.
const PAST: u64 = 20;
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

pub async fn list(house: Data<House>, visitor: Visitor, page: Query<Page>) -> Result<HttpResponse, Problem> {
    let scope = visitor.caller.may(Right::ReadFleet)?;
    let (db, now) = (house.database.read(), house.now());
    let frame = visitor.frame.clone().at(Place::Announcements);
    let after: Option<AnnouncementId> = page.0.after()?;
    let live = announcements::live(db, scope.organization(), now).await?;
    let days = days(&frame, &live, now);
    let (mut running, mut coming) = (Vec::new(), Vec::new());
    if after.is_none() {
        for row in &live {
            let counts = counts(&progress::of(db, row, now).await?);
            let row = Row { counts: Some(counts), ..entry(&frame, row, now) };
            if row.when == "announcements-from" { coming.push(row) } else { running.push(row) }
        }
        coming.reverse();
    }
    let rows = announcements::past(db, &scope, after, PAST + 1, now).await?;
    let past = List::page(rows, PAST, |row| row.id);
    let older = past.next.map(|next| format!("/announcements?after={next}#past"));
    let past = past.items.iter().map(|row| Row { named: wall::named(row), ..entry(&frame, row, now) });
    let past = past.collect();
    visitor.page(&Announcements { frame: &frame, days, running, coming, past, older, paged: after.is_some() })
}

/// The counts of a progress.
pub(super) const fn counts(progress: &Progress) -> Counts {
    Counts {
        pending: progress.pending,
        sent: progress.sent,
        held: progress.held,
        written: progress.written,
        shown: progress.shown,
        refused: progress.refused,
        expired: progress.expired,
        superseded: progress.superseded,
    }
}

fn entry(frame: &Frame, row: &Announcement, now: Moment) -> Row {
    let (when, at) = match State::at(&row.validity(), row.withdrawn_at, now) {
        State::Scheduled => ("announcements-from", row.valid_from),
        State::Active => ("until", row.valid_until),
        State::Expired => ("announcements-ended", row.valid_until),
        State::Withdrawn => ("announcements-withdrawn", row.withdrawn_at.unwrap_or(row.valid_until)),
    };
    Row {
        href: format!("/announcements/{}", row.id),
        led: Led::of(&row.document, Panel::default(), Size::Tile),
        text: row.document.plain_text(),
        level: row.level,
        when,
        at: frame.stamp(at),
        counts: None,
        named: None,
    }
}

/// Today and the days after it, with what is shown on each.
fn days(frame: &Frame, live: &[Announcement], now: Moment) -> Vec<Day> {
    let midnight = {
        let local = frame.clock.local(now);
        let since =
            u64::from(local.hour()) * 3_600 + u64::from(local.minute()) * 60 + u64::from(local.second());
        now.minus(Duration::from_secs(since))
    };
    (0..DAYS)
        .map(|number| {
            let from = midnight.plus(DAY * u32::try_from(number).unwrap_or(0));
            let until = from.plus(DAY);
            let date = frame.clock.local(from.plus(DAY / 2)).date();
            let name = match (number, date.weekday().number_from_monday()) {
                (0, _) => "day-0",
                (_, 1) => "day-1",
                (_, 2) => "day-2",
                (_, 3) => "day-3",
                (_, 4) => "day-4",
                (_, 5) => "day-5",
                (_, 6) => "day-6",
                _ => "day-7",
            };
            let on_it = live.iter().filter(|row| row.valid_from < until && row.valid_until > from);
            let hours = |row: &Announcement| {
                let clock = |at: Moment| {
                    let at = frame.clock.local(at);
                    format!("{:02}:{:02}", at.hour(), at.minute())
                };
                let (begins, ends) = (row.valid_from >= from, row.valid_until < until);
                match (begins, ends) {
                    (true, true) => Some(format!("{}–{}", clock(row.valid_from), clock(row.valid_until))),
                    (true, false) => Some(format!("{}–", clock(row.valid_from))),
                    (false, true) => Some(format!("–{}", clock(row.valid_until))),
                    (false, false) => None,
                }
            };
            let entries = on_it.take(ENTRIES).map(|row| Entry {
                href: format!("/announcements/{}", row.id),
                text: row.document.plain_text(),
                hours: hours(row),
                level: row.level,
            });
            Day {
                name,
                date: format!("{:02}-{:02}", u8::from(date.month()), date.day()),
                entries: entries.collect(),
            }
        })
        .collect()
}
