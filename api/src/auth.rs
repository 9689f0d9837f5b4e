//! Who asks, and the proof of what they may do; tokens, from the key that signs them to the revocation that ends them.
//!
//! Endpoints and their grants stand in [`crate::oauth`]; here is what every one of them, the MQTT door and every route
//! rely on.

pub mod api_key;
pub mod backoff;
mod cache;
mod caller;
pub(crate) mod connect;
mod credential;
pub mod device_key;
mod did;
pub(crate) mod dpop;
mod generations;
pub mod keys;
pub(crate) mod light;
pub mod mint;
pub(crate) mod nonce;
pub mod password;
pub mod peer;
pub mod refresh;
pub mod revocation;
mod scope;
pub mod seal;
pub mod secret;
pub mod session;
pub(crate) mod signed;
pub mod step_up;
pub mod tokens;
#[cfg(test)]
mod vectors;
mod verifier;
pub mod watch;

pub use caller::Caller;
pub use scope::{Actor, Reach, Scope};
pub use tokens::Tokens;
pub use verifier::Refused;
