//! Access: where a person is signed in, their keys, and for admins the programs that act here.

use askama::Template;
use badgecast_domain::{access::Right, time::Moment};

use crate::Frame;

/// Everything that opens a door.
#[derive(Debug, Template)]
#[template(path = "access.html")]
pub struct Access<'a> {
    pub frame: &'a Frame,
    pub sessions: Vec<SessionRow>,
    pub keys: Vec<KeyRow>,
    /// What the person's keys may do at most.
    pub key_scopes: Vec<String>,
    pub clients: Vec<ClientRow>,
    /// What a program may do at most.
    pub client_scopes: Vec<String>,
    /// A key or secret that was just made, shown this once.
    pub made: Option<MadeSecret>,
    pub error: Option<(Door, String)>,
    pub key: String,
}

/// A secret, shown once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MadeSecret {
    pub door: Door,
    pub name: String,
    /// The `client_id` of a program.
    pub id: Option<String>,
    /// Programs that keep no secret have none.
    pub secret: Option<String>,
}

/// What was made, or was wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Door {
    Key,
    Client,
}

/// A browser somebody is signed in with.
#[derive(Debug, Clone)]
pub struct SessionRow {
    pub id: String,
    pub current: bool,
    pub remembered: bool,
    /// What it is, as far as it says: browser and system.
    pub device: String,
    pub network: String,
    pub signed_in_at: Moment,
    pub last_used_at: Moment,
    pub ends_at: Moment,
}

#[derive(Debug, Clone)]
pub struct KeyRow {
    pub id: String,
    pub name: String,
    pub scopes: String,
    pub created_at: Moment,
    pub expires_at: Option<Moment>,
    pub last_used_at: Option<Moment>,
    pub revoked: bool,
}

#[derive(Debug, Clone)]
pub struct ClientRow {
    pub id: String,
    pub name: String,
    pub asks_people: bool,
    pub scopes: String,
    pub created_at: Moment,
    pub disabled: bool,
}

impl Access<'_> {
    fn administers(&self) -> bool {
        self.frame.may(Right::ManagePeople)
    }

    fn wrong(&self, door: Door) -> Option<&str> {
        self.error.as_ref().filter(|(at, _)| *at == door).map(|(_, sentence)| sentence.as_str())
    }

    fn secret(&self, door: Door) -> Option<&MadeSecret> {
        self.made.as_ref().filter(|made| made.door == door)
    }
}
