//! The broker from the outside: real sockets on port 0, a house that does what the story needs.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod broadcasting;
mod clients;
mod connecting;
mod ending;
mod entrances;
mod gateways;
mod hostile;
mod house;
mod limits;
mod raw;
mod reading;
mod saying;
mod showing;
mod wrong;
