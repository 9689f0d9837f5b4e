//! What people see of Badgecast in a browser: a view in, HTML out.
//!
//! | step | where |
//! |---|---|
//! | who looks, in which language, at what time of theirs | [`Frame`], [`Look`], [`Clock`] |
//! | a page: a struct with what it says, and a template of the same name | [`views`], `templates/` |
//! | what pages are made of: panel, icon, state, time | [`Led`], [`parts`] |
//! | what is drawn: bar, curve, mosaic, tile | [`figures`] |
//! | sentences, a file per language and subject | [`words`], `words/` |
//! | the sheet and the scripts | [`assets`], `assets/` |
//!
//! Pages are complete without script and say the truth when they are loaded again; scripts only shorten the wait. No
//! SQL, no HTTP and no clock may enter: the server's handlers ask the tables and give what a view needs.

pub mod assets;
mod clock;
pub mod figures;
mod frame;
mod led;
mod look;
pub mod parts;
pub mod views;
pub mod words;

pub use askama::Template;
pub use clock::{Clock, Stamp};
pub use frame::{Frame, Notice, Place, Viewer, role_key};
pub use led::{Led, Size, wordmark};
pub use look::{Look, Theme};
pub use words::{Language, Said, Words};

/// What pages may load and do (Content Security Policy Level 3): our own sheet and scripts, pictures in the page, and
/// nothing from anywhere else.
pub const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
    connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";
