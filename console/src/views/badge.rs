//! One badge: what it shows and why, how far it has come with what it was told, and what can be done with it.

use askama::Template;
use badgecast_domain::{
    access::Right,
    layer::{Kind, Level, Place},
    time::Moment,
};

use super::{Battery, Conflict, Fit, Line, Named, OwnerPicker, Presence};
use crate::{Frame, Led, parts};

/// A badge.
#[derive(Debug, Template)]
#[template(path = "badge.html")]
pub struct BadgePage<'a> {
    pub frame: &'a Frame,
    pub id: String,
    pub code: String,
    pub name: String,
    pub owner: Option<Named>,
    pub standing: Presence,
    pub since: Option<Moment>,
    pub battery: Option<Battery>,
    /// dBm.
    pub rssi: Option<i32>,
    pub model: Option<String>,
    pub panel: String,
    pub firmware: Option<String>,
    /// The key it proves itself with, if it has one.
    pub key: Option<KeyNames>,
    pub claimed_at: Option<Moment>,
    /// It came a moment ago: letting it go asks nothing more.
    pub fresh: bool,
    pub led: Led,
    /// Somebody asked to see it move.
    pub moving: bool,
    /// When what it shows may change by itself.
    pub changes_at: Option<Moment>,
    pub stack: Vec<Stacked>,
    pub receipts: Vec<BadgeReceipt>,
    /// Its own line, as it is written.
    pub line: Line,
    pub writing: Writing,
    pub groups: Vec<Membership>,
    pub tags: Vec<String>,
    pub picker: OwnerPicker,
    /// A claim code, shown this once, and until when it works.
    pub claim_code: Option<(String, Moment)>,
    /// What was wrong with a form, as a sentence, and where.
    pub error: Option<(Part, String)>,
}

/// A part of the page that has a form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    Name,
    Tags,
    Command,
}

/// What a public key is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyNames {
    /// The key itself (`did:key`).
    pub did: String,
    /// RFC 7638.
    pub thumbprint: String,
}

/// What stands around the badge's own line while it is changed.
#[derive(Debug, Clone, Default)]
pub struct Writing {
    /// The revision the person has seen.
    pub revision: u64,
    /// It is more than a line: writing one would lose the rest.
    pub rich: bool,
    /// How it would look, and what the gate says of it, once something was written.
    pub looks: Option<Led>,
    pub fits: Vec<Fit>,
    /// Somebody asked to see that move.
    pub moving: bool,
    pub conflict: Option<Conflict>,
}

/// A group, and whether the badge is in it.
#[derive(Debug, Clone)]
pub struct Membership {
    pub group: Named,
    pub member: bool,
}

/// A layer of the stack, the loudest on top.
#[derive(Debug, Clone)]
pub struct Stacked {
    pub led: Led,
    pub kind: Kind,
    pub level: Level,
    pub place: Place,
    pub until: Option<Moment>,
    pub from: Option<Moment>,
    /// How far the badge has come with it, if that is known.
    pub state: Option<parts::State>,
    /// Where an announcement is watched.
    pub href: Option<String>,
    pub text: String,
}

impl Stacked {
    fn title_key(&self) -> &'static str {
        match (self.kind, self.level) {
            (Kind::Own, _) => "badge-layer-own",
            (Kind::Announcement, Level::Normal) => "badge-layer-normal",
            (Kind::Announcement, Level::Urgent) => "badge-layer-urgent",
            (Kind::Announcement, Level::Emergency) => "badge-layer-emergency",
        }
    }

    /// Why it is shown or not: the same answer the API gives, in the person's language.
    fn why_key(&self) -> &'static str {
        match (self.place, self.kind, self.level) {
            (Place::Shown, Kind::Own, _) => "badge-why-own",
            (Place::Shown, _, Level::Normal) => "badge-why-normal",
            (Place::Shown, _, Level::Urgent) => "badge-why-urgent",
            (Place::Shown, _, Level::Emergency) => "badge-why-emergency",
            (Place::NotYet, ..) => "badge-why-not-yet",
            (Place::Over, ..) => "badge-why-over",
            (Place::HiddenByEmergency, ..) => "badge-why-hidden",
            (Place::CutOff, ..) => "badge-why-cut-off",
            (Place::NoClock, ..) => "badge-why-no-clock",
        }
    }

    fn is_shown(&self) -> bool {
        self.place == Place::Shown
    }
}

/// How far the badge has come with one announcement.
#[derive(Debug, Clone)]
pub struct BadgeReceipt {
    pub href: String,
    pub text: String,
    pub said_at: Moment,
    pub state: parts::State,
    /// Milliseconds from when it was said until it was lit.
    pub shown_ms: Option<u64>,
    /// What the badge said when it refused.
    pub reason: Option<String>,
}

impl BadgePage<'_> {
    fn may_change(&self) -> bool {
        self.frame.may(Right::ManageBadges)
    }

    fn wrong(&self, part: Part) -> Option<&str> {
        self.error.as_ref().filter(|(at, _)| *at == part).map(|(_, sentence)| sentence.as_str())
    }

    fn since_words(&self) -> String {
        let frame = self.frame;
        let since = self.since.map(|since| frame.stamp(since).text());
        match (self.standing, since) {
            (Presence::On, Some(time)) => frame.say("badge-on-since").with("time", time).to_string(),
            (Presence::Off, Some(time)) => frame.say("badge-off-since").with("time", time).to_string(),
            (Presence::On, None) => frame.say("badge-on").to_string(),
            (Presence::Off, None) => frame.say("badge-never-on").to_string(),
            (Presence::Unclaimed, _) => frame.say("badge-unclaimed-why").to_string(),
        }
    }

    fn is_on(&self) -> bool {
        self.standing == Presence::On
    }

    fn address(&self) -> String {
        format!("/badges/{}", self.code)
    }

    fn picture(&self) -> String {
        format!("/api/v1/badges/{}/preview.gif?scale=6", self.id)
    }

    fn tags_text(&self) -> String {
        self.tags.join(", ")
    }
}
