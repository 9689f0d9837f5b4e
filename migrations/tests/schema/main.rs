//! The schema from outside: the same stories on SQLite and PostgreSQL.
//!
//! Every guard has a case. A case starts from a row that is accepted and changes one thing, so what is refused is
//! refused for that.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

mod engine;
mod history;
mod ledger;
mod members;
mod rows;
mod showing;
mod tokens;
