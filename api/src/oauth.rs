//! The authorization server: OAuth 2.1 for clients, devices and people.
//!
//! Here stand the endpoints and the rules of their grants. Signing, verifying and revoking is the business of
//! [`crate::auth`]; rows are read and written in [`crate::tables`].

mod assertion;
mod form;
pub mod jwks;
pub mod login;
mod party;
mod person;
pub mod revoke;
pub mod token;

/// Where tokens are given.
pub const TOKEN_PATH: &str = "/oauth/token";
