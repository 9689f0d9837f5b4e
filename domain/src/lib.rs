//! Words and rules of Badgecast.
//!
//! Everything that can be decided without a database, a socket or a clock lives here, so that the server, the
//! simulated badges and the tests decide alike. Nothing in this crate does I/O, is async or knows a framework;
//! the time is always an argument.

pub mod access;
pub mod announcement;
pub mod display;
pub mod id;
pub mod layer;
pub mod object;
pub mod receipt;
pub mod time;
pub mod token;
pub mod topic;
pub mod wire;
