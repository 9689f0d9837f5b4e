//! Who asks, and the proof of what they may do.

mod caller;
mod scope;

pub use caller::Caller;
pub use scope::{Actor, Reach, Scope};
