//! People and their roles: for admins.

use askama::Template;
use badgecast_domain::{access::Role, time::Moment};

use super::Named;
use crate::{Frame, frame::role_key, parts::Icon};

/// Everyone, found by name or email.
#[derive(Debug, Template)]
#[template(path = "people.html")]
pub struct People<'a> {
    pub frame: &'a Frame,
    pub rows: Vec<PersonRow>,
    pub q: String,
    pub next: Option<String>,
    pub new: NewPerson,
    pub key: String,
}

#[derive(Debug, Clone)]
pub struct PersonRow {
    pub id: String,
    pub name: String,
    pub email: String,
    pub role: Role,
    pub disabled: bool,
    /// The badge they own.
    pub badge: Option<String>,
}

impl PersonRow {
    fn role_key(&self) -> &'static str {
        role_key(self.role)
    }
}

/// Somebody to add, as it was typed.
#[derive(Debug, Clone, Default)]
pub struct NewPerson {
    pub email: String,
    pub name: String,
    pub role: Option<Role>,
    pub error: Option<String>,
}

/// One person.
#[derive(Debug, Template)]
#[template(path = "person.html")]
pub struct PersonPage<'a> {
    pub frame: &'a Frame,
    pub person: PersonRow,
    pub created_at: Moment,
    /// It is the viewer.
    pub own: bool,
    pub badge: Option<Named>,
    pub error: Option<String>,
}

pub(crate) const fn roles() -> [Role; 4] {
    Role::ALL
}

impl People<'_> {
    fn is_role(&self, role: &Role) -> bool {
        self.new.role.unwrap_or(Role::Receptionist) == *role
    }

    fn roles(&self) -> [Role; 4] {
        roles()
    }

    fn role_key(&self, role: &Role) -> &'static str {
        role_key(*role)
    }
}

impl PersonPage<'_> {
    fn is_role(&self, role: &Role) -> bool {
        self.person.role == *role
    }

    fn roles(&self) -> [Role; 4] {
        roles()
    }

    fn role_key(&self, role: &Role) -> &'static str {
        role_key(*role)
    }

    fn standing(&self) -> (Icon, &'static str, &'static str) {
        if self.person.disabled {
            (Icon::Bad, "refused", "people-disabled")
        } else {
            (Icon::Ok, "shown", "people-active")
        }
    }
}

/// What a role may, in a sentence.
pub(crate) const fn role_why(role: Role) -> &'static str {
    match role {
        Role::Admin => "people-admin-why",
        Role::Manager => "people-manager-why",
        Role::Receptionist => "people-receptionist-why",
        Role::Auditor => "people-auditor-why",
    }
}
