//! Search: one field for badges, owners, groups and announcements.

use askama::Template;

use super::BadgeRow;
use crate::Frame;

#[derive(Debug, Template)]
#[template(path = "search.html")]
pub struct Search<'a> {
    pub frame: &'a Frame,
    pub q: String,
    pub badges: Vec<BadgeRow>,
    pub groups: Vec<Hit>,
    pub announcements: Vec<Hit>,
    pub people: Vec<Hit>,
}

/// Something that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    pub href: String,
    pub name: String,
}

impl Search<'_> {
    /// What else was found, each kind under the key of its name.
    fn sections(&self) -> [(&'static str, &[Hit]); 3] {
        [
            ("place-groups", &self.groups),
            ("place-people", &self.people),
            ("place-announcements", &self.announcements),
        ]
    }

    fn is_empty(&self) -> bool {
        self.badges.is_empty()
            && self.groups.is_empty()
            && self.announcements.is_empty()
            && self.people.is_empty()
    }
}
