//! The pages. Each file has the struct of a page, and the template of the same name its HTML.

mod consent;
mod my_badge;
mod sign_in;
mod trouble;

pub use consent::{Consent, Device, DeviceCode, DeviceQuestion, Leave};
pub use my_badge::{Also, Back, Conflict, Fit, Line, Mood, Moves, MyBadge, NoBadge, Speed, Standing, Steps};
pub use sign_in::SignIn;
pub use trouble::Trouble;
