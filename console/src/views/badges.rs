//! Badges: every one of them, found by name, code or owner.

use askama::Template;
use badgecast_domain::time::Moment;

use crate::{Frame, Led, parts::Icon};

/// A page of the list.
#[derive(Debug, Template)]
#[template(path = "badges.html")]
pub struct Badges<'a> {
    pub frame: &'a Frame,
    pub rows: Vec<BadgeRow>,
    pub filter: BadgeFilter,
    /// How many there are, when nothing is left out.
    pub total: Option<u64>,
    /// The address of the next page.
    pub next: Option<String>,
    /// What to type to have badges made of software, for a fleet without any.
    pub simulator: Option<String>,
}

/// What the list was asked for.
#[derive(Debug, Clone, Default)]
pub struct BadgeFilter {
    pub q: String,
    pub state: Option<Presence>,
    /// The id of a group.
    pub group: String,
    pub groups: Vec<Named>,
    pub tag: String,
    /// A later page: there is a first one to go back to.
    pub later: bool,
}

/// Something to choose: its value and what people call it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    pub value: String,
    pub name: String,
}

/// One badge of the list.
#[derive(Debug, Clone)]
pub struct BadgeRow {
    pub id: String,
    pub code: String,
    pub name: String,
    pub owner: Option<String>,
    pub led: Led,
    pub standing: Presence,
    /// Since when it is on or off.
    pub since: Option<Moment>,
    pub battery: Option<Battery>,
}

/// Whether a badge is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    On,
    Off,
    /// Registered, and nobody has claimed it yet.
    Unclaimed,
}

impl Presence {
    pub const ALL: [Self; 3] = [Self::On, Self::Off, Self::Unclaimed];

    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::On => "on",
            Self::Off => "off",
            Self::Unclaimed => "unclaimed",
        }
    }

    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|standing| standing.name() == name)
    }

    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::On => "badge-on",
            Self::Off => "badge-off",
            Self::Unclaimed => "badge-unclaimed",
        }
    }

    #[must_use]
    pub const fn icon(self) -> Icon {
        match self {
            Self::On => Icon::Ok,
            Self::Off => Icon::Dashed,
            Self::Unclaimed => Icon::Clock,
        }
    }

    #[must_use]
    pub const fn class(self) -> &'static str {
        match self {
            Self::On => "shown",
            Self::Off => "pending",
            Self::Unclaimed => "held",
        }
    }
}

/// Percent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Battery(pub u8);

impl Battery {
    /// From what a badge measured.
    #[must_use]
    pub fn measured(percent: f64) -> Self {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to 0..=100")]
        Self(percent.clamp(0.0, 100.0).round() as u8)
    }

    /// It will not last the day.
    #[must_use]
    pub const fn is_low(self) -> bool {
        self.0 <= 15
    }
}

impl BadgeFilter {
    fn is_state(&self, presence: &Presence) -> bool {
        self.state.as_ref() == Some(presence)
    }

    fn is_group(&self, group: &Named) -> bool {
        self.group == group.value
    }
}

impl Badges<'_> {
    fn is_filtered(&self) -> bool {
        let BadgeFilter { q, state, group, tag, .. } = &self.filter;
        !q.is_empty() || state.is_some() || !group.is_empty() || !tag.is_empty()
    }

    fn may_claim(&self) -> bool {
        self.frame.may(badgecast_domain::access::Right::ManageBadges)
    }
}

impl BadgeRow {
    /// The owner, if the badge is not called so itself.
    pub(crate) fn other_owner(&self) -> Option<&str> {
        self.owner.as_deref().filter(|owner| *owner != self.name)
    }

    pub(crate) fn since_words(&self, frame: &Frame) -> String {
        let time = self.since.map(|since| frame.stamp(since).text());
        let said = match (self.standing, time) {
            (Presence::On, Some(time)) => frame.say("badge-on-since").with("time", time),
            (Presence::Off, Some(time)) => frame.say("badge-off-since").with("time", time),
            (standing, _) => frame.say(standing.key()),
        };
        said.to_string()
    }
}
