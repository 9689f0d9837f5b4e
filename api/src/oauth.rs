//! The authorization server: OAuth 2.1 for clients, devices and people.
//!
//! Here stand the endpoints and the rules of their grants. Signing, verifying and revoking is the business of
//! [`crate::auth`]; rows are read and written in [`crate::tables`].

mod assertion;
mod authorize;
mod code;
pub mod consent;
pub mod device;
pub mod device_page;
mod form;
pub(crate) mod id_token;
pub mod introspect;
pub(crate) mod joining;
pub mod jwks;
pub mod login;
pub mod logout;
pub mod metadata;
pub mod nonce;
mod page;
mod party;
mod person;
pub mod revoke;
mod shown;
pub mod token;
mod user_code;
pub mod userinfo;

pub use authorize::may_register;

/// Where tokens are given.
pub const TOKEN_PATH: &str = "/oauth/token";
