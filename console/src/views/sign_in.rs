//! Sign in: on the way to a page, to a client's question, or to a device's code.

use askama::Template;

use crate::{Frame, parts::Hidden};

/// Email and password.
#[derive(Debug, Template)]
#[template(path = "sign_in.html")]
pub struct SignIn<'a> {
    pub frame: &'a Frame,
    /// Where the form is sent.
    pub action: &'a str,
    /// What goes along with it.
    pub hidden: Vec<Hidden>,
    /// What went wrong last time, as a sentence.
    pub error: Option<String>,
    /// What was typed last time.
    pub email: String,
    /// Whether one may stay signed in for the own badge.
    pub may_stay: bool,
    /// Somebody is signed in and has to show that it is still them.
    pub again: bool,
}
