//! The people's side of Badgecast and the process that holds it together.

pub mod auth;
pub mod config;
pub mod problem;
