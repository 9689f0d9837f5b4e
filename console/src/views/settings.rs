//! Settings: how the console looks for this person, and, for admins, what the server was told.

use askama::Template;

use crate::Frame;

#[derive(Debug, Template)]
#[template(path = "settings.html")]
pub struct Settings<'a> {
    pub frame: &'a Frame,
    pub organization: String,
    /// Names of settings and what they are; only for admins.
    pub configured: Vec<Setting>,
}

/// A setting, to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    /// The key of what it is called.
    pub key: &'static str,
    pub value: String,
}

impl Settings<'_> {
    fn has_configured(&self) -> bool {
        !self.configured.is_empty()
    }
}
