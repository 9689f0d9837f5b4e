//! What the authorization server asks a person: whether an application may act for them, whether a device is theirs,
//! whether they want to leave.

use askama::Template;

use crate::{Frame, parts::Hidden};

/// Whether an application may.
#[derive(Debug, Template)]
#[template(path = "consent.html")]
pub struct Consent<'a> {
    pub frame: &'a Frame,
    pub action: &'a str,
    pub hidden: Vec<Hidden>,
    /// Who is asked.
    pub person: &'a str,
    /// Who asks, and where it is.
    pub client: &'a str,
    pub host: Option<&'a str>,
    /// What for, in words.
    pub wishes: Vec<String>,
}

/// The code a device shows.
#[derive(Debug, Template)]
#[template(path = "device_code.html")]
pub struct DeviceCode<'a> {
    pub frame: &'a Frame,
    pub action: &'a str,
    pub code: &'a str,
    /// What was wrong with it.
    pub error: Option<String>,
}

/// Whether that device is theirs.
#[derive(Debug, Template)]
#[template(path = "device_question.html")]
pub struct DeviceQuestion<'a> {
    pub frame: &'a Frame,
    pub action: &'a str,
    pub hidden: Vec<Hidden>,
    pub asks: Device<'a>,
    /// Where it asked from.
    pub network: &'a str,
}

/// A device that wants something.
#[derive(Debug)]
pub enum Device<'a> {
    /// To become a badge; the model it says it is.
    Badge { model: Option<&'a str> },
    /// To act as this person; what for, in words.
    Program { wishes: Vec<String> },
}

/// Whether to sign out.
#[derive(Debug, Template)]
#[template(path = "leave.html")]
pub struct Leave<'a> {
    pub frame: &'a Frame,
    pub action: &'a str,
    pub hidden: Vec<Hidden>,
}
