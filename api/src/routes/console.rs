//! The console: what people see and use in a browser.
//!
//! A handler asks the same tables under the same [`Scope`](crate::auth::Scope) as the API, puts what it finds into a
//! view of `badgecast-console`, and answers HTML. Forms are plain: they work without script.
//!
//! | what | where |
//! |---|---|
//! | who opens a page, and how it is answered | [`visit`] |
//! | a form that was sent, and whether it is ours | [`press`] |
//! | what failed, as a page | [`trouble`] |
//! | signing in and out | [`door`] |
//! | the person's own badge; a line and how it looks | [`my_badge`], [`line`] |
//! | badges, one badge, claiming | [`badges`], [`badge`], [`claim`] |
//! | groups, people, keys and programs | [`groups`], [`people`], [`access`] |
//! | the audit trail, settings, search | [`audit`], [`settings`], [`search`] |
//! | the sheet and the scripts | [`assets`] |
//! | what the fleet shows; saying something to it; watching how far that comes | [`wall`], [`announce`], [`announcements`], [`watch`] |

pub mod access;
pub mod announce;
pub mod announcements;
pub mod assets;
pub mod audit;
pub mod badge;
pub mod badges;
pub mod claim;
pub mod door;
pub mod groups;
pub mod home;
mod line;
mod listing;
pub mod look;
pub mod my_badge;
pub mod owner;
pub mod people;
pub mod press;
pub mod search;
pub mod settings;
pub mod trouble;
pub mod visit;
pub mod wall;
pub mod watch;

pub use press::Press;
pub use visit::{Guest, Visitor, see_other, see_other_saying};
