//! The people's side of Badgecast and the process that holds it together.

pub mod admission;
pub mod auth;
pub mod claim_code;
pub mod cli;
pub mod config;
pub mod delivery;
pub mod events;
mod house;
pub mod metrics;
pub mod oauth;
pub mod problem;
pub mod progress;
pub mod request;
pub mod routes;
pub mod tables;
pub mod witness;

pub use house::{CannotStart, House, Running, start};
