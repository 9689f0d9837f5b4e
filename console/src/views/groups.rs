//! Groups: named sets of badges.

use askama::Template;
use badgecast_domain::access::Right;

use super::{BadgeRow, Named};
use crate::Frame;

/// Every group.
#[derive(Debug, Template)]
#[template(path = "groups.html")]
pub struct Groups<'a> {
    pub frame: &'a Frame,
    pub rows: Vec<GroupRow>,
    pub next: Option<String>,
    /// What was typed as the name of a new one.
    pub name: String,
    pub error: Option<String>,
    pub key: String,
}

#[derive(Debug, Clone)]
pub struct GroupRow {
    pub id: String,
    pub name: String,
    pub badges: u64,
}

/// One group and the badges in it.
#[derive(Debug, Template)]
#[template(path = "group.html")]
pub struct GroupPage<'a> {
    pub frame: &'a Frame,
    pub group: GroupRow,
    pub rows: Vec<BadgeRow>,
    pub next: Option<String>,
    /// What was typed to add.
    pub typed: String,
    /// Badges that might be meant.
    pub found: Vec<Named>,
    pub error: Option<String>,
    pub name_error: Option<String>,
}

impl Groups<'_> {
    fn may_change(&self) -> bool {
        self.frame.may(Right::ManageBadges)
    }
}

impl GroupPage<'_> {
    fn may_change(&self) -> bool {
        self.frame.may(Right::ManageBadges)
    }
}
