//! A page that says what did not work, or that something is over.

use askama::Template;

use crate::Frame;

/// A heading, a sentence, and a way on.
#[derive(Debug, Template)]
#[template(path = "trouble.html")]
pub struct Trouble<'a> {
    pub frame: &'a Frame,
    pub heading: String,
    pub sentence: String,
    /// What the API would say, in English.
    pub detail: Option<String>,
    /// To quote when asking the operator.
    pub request_id: Option<String>,
    /// Where to go on, and what that is called.
    pub way: Option<(String, String)>,
}
