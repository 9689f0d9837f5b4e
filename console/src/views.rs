//! The pages. Each file has the struct of a page, and the template of the same name its HTML.

mod announce;
mod announcements;
mod consent;
mod my_badge;
mod sign_in;
mod trouble;
mod wall;
mod watch;
#[cfg(test)]
mod whole;

pub use announce::{Announce, Asked, Choice, Draft, Mine, OnPanel, Times, Wrong};
pub use announcements::{Announcements, Day, Entry, Row, level_key};
pub use consent::{Consent, Device, DeviceCode, DeviceQuestion, Leave};
pub use my_badge::{Also, Back, Conflict, Fit, Line, Mood, Moves, MyBadge, NoBadge, Speed, Standing, Steps};
pub use sign_in::SignIn;
pub use trouble::Trouble;
pub use wall::{Running, Wall};
pub use watch::{Action, Lag, Watch};
