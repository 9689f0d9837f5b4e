//! Simulated badges as a server meets them.

#![expect(clippy::unwrap_used, reason = "a test fails loudly where it stands")]

mod answers;
mod badge;
mod fake;
mod fleet;
mod gateway;
