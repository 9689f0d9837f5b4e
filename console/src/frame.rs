//! What every page has around it: who looks, where they are, what was just done.

use std::borrow::Borrow;

use badgecast_domain::{
    access::{Right, Role, Scopes},
    time::Moment,
};

use crate::{Clock, Led, Look, Said, Theme, Words, assets, clock::Stamp, wordmark, words::Language};

/// A place of the console that people go to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    MyBadge,
    Wall,
    Announcements,
    Badges,
    Groups,
    People,
    Access,
    Audit,
    Settings,
}

impl Place {
    /// In the order of the navigation.
    pub const NAVIGATION: [Self; 7] = [
        Self::Wall,
        Self::Announcements,
        Self::Badges,
        Self::Groups,
        Self::People,
        Self::Audit,
        Self::MyBadge,
    ];

    #[must_use]
    pub const fn path(self) -> &'static str {
        match self {
            Self::MyBadge => "/me",
            Self::Wall => "/wall",
            Self::Announcements => "/announcements",
            Self::Badges => "/badges",
            Self::Groups => "/groups",
            Self::People => "/people",
            Self::Access => "/access",
            Self::Audit => "/audit",
            Self::Settings => "/settings",
        }
    }

    /// The key of its name.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::MyBadge => "place-my-badge",
            Self::Wall => "place-wall",
            Self::Announcements => "place-announcements",
            Self::Badges => "place-badges",
            Self::Groups => "place-groups",
            Self::People => "place-people",
            Self::Access => "place-access",
            Self::Audit => "place-audit",
            Self::Settings => "place-settings",
        }
    }

    /// The right that opens it; none for what everyone who is signed in may open.
    #[must_use]
    pub const fn right(self) -> Option<Right> {
        match self {
            Self::MyBadge => Some(Right::OwnBadge),
            Self::Wall | Self::Announcements | Self::Badges | Self::Groups => Some(Right::ReadFleet),
            Self::People => Some(Right::ManagePeople),
            Self::Audit => Some(Right::ReadAudit),
            Self::Access | Self::Settings => None,
        }
    }
}

/// Who looks at a page.
#[derive(Debug, Clone)]
pub struct Viewer {
    pub name: String,
    pub role: Role,
    /// What this sign-in may do: a remembered one less than the role.
    pub scopes: Scopes,
    /// Signed in for long, and only for the own badge.
    pub remembered: bool,
}

impl Viewer {
    #[must_use]
    pub fn may(&self, right: Right) -> bool {
        self.scopes.contains(right.scope())
    }

    /// The first letters of the first and the last name.
    #[must_use]
    pub fn initials(&self) -> String {
        let mut names = self.name.split_whitespace().filter_map(|name| name.chars().next());
        let first = names.next();
        first.into_iter().chain(names.next_back()).flat_map(char::to_uppercase).collect()
    }

    /// The key of the role's name.
    #[must_use]
    pub const fn role_key(&self) -> &'static str {
        role_key(self.role)
    }
}

/// The key of a role's name.
#[must_use]
pub const fn role_key(role: Role) -> &'static str {
    match role {
        Role::Admin => "role-admin",
        Role::Manager => "role-manager",
        Role::Receptionist => "role-receptionist",
        Role::Auditor => "role-auditor",
    }
}

/// What was just done, told once on the next page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// A sentence; it may take one text, `what`.
    pub key: String,
    pub what: String,
}

impl Notice {
    #[must_use]
    pub fn of(key: &str) -> Self {
        Self { key: key.to_owned(), what: String::new() }
    }

    #[must_use]
    pub fn about(self, what: impl Into<String>) -> Self {
        Self { what: what.into(), ..self }
    }
}

/// What is around a page.
#[derive(Debug, Clone)]
pub struct Frame {
    pub words: &'static Words,
    pub look: Look,
    pub clock: Clock,
    pub viewer: Option<Viewer>,
    /// Where in the navigation the page is.
    pub here: Option<Place>,
    pub notice: Option<Notice>,
    /// The address of the page, with its query: where a form that changes the look comes back to.
    pub path: String,
    /// Shows that a form is ours, to a server whose browser cannot say where it came from.
    pub form_token: String,
}

impl Frame {
    #[must_use]
    pub fn new(look: Look, clock: Clock, path: impl Into<String>) -> Self {
        Self {
            words: Words::of(look.language),
            look,
            clock,
            viewer: None,
            here: None,
            notice: None,
            path: path.into(),
            form_token: String::new(),
        }
    }

    /// The same page, at this place of the navigation.
    #[must_use]
    pub fn at(mut self, here: Place) -> Self {
        self.here = Some(here);
        self
    }

    /// A sentence in the person's language.
    #[must_use]
    pub fn say(&self, key: &str) -> Said<'_> {
        self.words.say(key)
    }

    /// Seconds with one decimal.
    #[must_use]
    pub fn seconds(&self, ms: u64) -> String {
        self.words.seconds(ms)
    }

    /// A moment, to the minute.
    #[must_use]
    pub fn stamp(&self, at: impl Borrow<Moment>) -> Stamp {
        self.clock.stamp(*at.borrow())
    }

    #[must_use]
    pub fn language(&self) -> Language {
        self.look.language
    }

    /// Whether the viewer may do this; on a page nobody signed in for, they may nothing.
    #[must_use]
    pub fn may(&self, right: Right) -> bool {
        self.viewer.as_ref().is_some_and(|viewer| viewer.may(right))
    }

    /// Someone who reads everything and changes nothing.
    #[must_use]
    pub fn only_looks(&self) -> bool {
        self.may(Right::ReadFleet) && !self.may(Right::ManageBadges)
    }

    pub(crate) fn navigation(&self) -> impl Iterator<Item = Place> {
        Place::NAVIGATION.into_iter().filter(|place| place.right().is_some_and(|right| self.may(right)))
    }

    /// Whether to name a place in the account menu: it opens, and a remembered sign-in has only its badge.
    pub(crate) fn shows(&self, place: &Place) -> bool {
        let open = place.right().is_none_or(|right| self.may(right));
        open && !(place.right().is_none() && self.viewer.as_ref().is_some_and(|viewer| viewer.remembered))
    }

    pub(crate) fn is_here(&self, place: &Place) -> bool {
        self.here == Some(*place)
    }

    pub(crate) fn sheet(&self) -> String {
        assets::path("console.css")
    }

    pub(crate) fn script(&self, name: &str) -> String {
        assets::path(name)
    }

    pub(crate) fn product(&self) -> &'static str {
        "Badgecast"
    }

    pub(crate) fn wordmark(&self) -> &'static Led {
        wordmark()
    }

    pub(crate) fn languages(&self) -> [Language; 3] {
        Language::OFFERED
    }

    pub(crate) fn themes(&self) -> [Theme; 3] {
        Theme::ALL
    }

    pub(crate) fn notice_words(&self) -> Option<String> {
        let notice = self.notice.as_ref().filter(|notice| self.words.has(&notice.key))?;
        Some(self.say(&notice.key).with("what", notice.what.as_str()).to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn viewer(name: &str, role: Role) -> Viewer {
        Viewer { name: name.to_owned(), role, scopes: role.scopes(), remembered: false }
    }

    fn places(role: Role) -> Vec<Place> {
        let clock = Clock { now: Moment::from_s(0), offset_min: None };
        let mut frame = Frame::new(Look::read(None, None), clock, "/");
        frame.viewer = Some(viewer("A", role));
        frame.navigation().collect()
    }

    #[test]
    fn the_navigation_is_what_the_role_may_open() {
        use Place::{Announcements, Audit, Badges, Groups, MyBadge, People, Wall};
        assert_eq!(places(Role::Receptionist), [MyBadge]);
        assert_eq!(places(Role::Manager), [Wall, Announcements, Badges, Groups, MyBadge]);
        assert_eq!(places(Role::Auditor), [Wall, Announcements, Badges, Groups, Audit]);
        assert_eq!(places(Role::Admin), [Wall, Announcements, Badges, Groups, People, Audit, MyBadge]);
    }

    #[test]
    fn initials_are_those_of_first_and_last_name() {
        for (name, initials) in
            [("Mara Okafor", "MO"), ("amira", "A"), ("José da Silva", "JS"), ("أميرة حسن", "أح"), ("", "")]
        {
            assert_eq!(viewer(name, Role::Manager).initials(), initials);
        }
    }
}
