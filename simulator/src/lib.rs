//! LED name badges made of software: the tests' badges, the load generator and the wall.
//!
//! A simulated badge knows the server by its public contracts alone, HTTP and MQTT, as a stranger's hardware would.
//! Of our own crates only the words and rules of `badgecast-domain` may enter.

pub mod account;
pub mod badge;
pub mod faults;
pub mod fleet;
pub mod gateway;
pub mod identity;
mod key;
pub mod load;
mod mqtt;
pub mod panel;
pub mod report;
pub mod server;
pub mod tally;
pub mod unclaimed;
pub mod wall;

pub use account::Account;
pub use badge::{Badge, Setup};
pub use faults::Fault;
pub use fleet::{Fleet, Plan};
pub use gateway::Gateway;
pub use identity::{Identity, Model};
pub use report::Report;
pub use server::Server;
pub use unclaimed::Unclaimed;
