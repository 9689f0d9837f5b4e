//! The pages. Each file has the struct of a page, and the template of the same name its HTML.

mod access;
mod announce;
mod announcements;
mod audit;
mod badge;
mod badges;
mod claim;
mod consent;
mod groups;
#[cfg(test)]
mod hostile;
mod letter;
mod my_badge;
mod owner;
mod people;
mod search;
mod settings;
mod sign_in;
mod simulated;
mod trouble;
mod wall;
mod watch;
#[cfg(test)]
mod whole;

pub use access::{Access, ClientRow, Door, KeyRow, MadeSecret, SessionRow};
pub use announce::{Announce, Asked, Choice, Draft, Mine, OnPanel, Times, Wrong};
pub use announcements::{Announcements, Day, Entry, Row, level_key};
pub use audit::{Audit, AuditFilter, AuditRow, Verdict};
pub use badge::{BadgePage, BadgeReceipt, KeyNames, Membership, Part, Stacked, Writing};
pub use badges::{BadgeFilter, BadgeRow, Badges, Battery, Named, Presence};
pub use claim::{Claim, ClaimError, Claimed, Joining, Owners};
pub use consent::{Consent, Device, DeviceCode, DeviceQuestion, Leave};
pub use groups::{GroupPage, GroupRow, Groups};
pub use my_badge::{Also, Back, Conflict, Fit, Line, Mood, Moves, MyBadge, NoBadge, Speed, Standing, Steps};
pub use owner::OwnerPicker;
pub use people::{NewPerson, People, PersonPage, PersonRow};
pub use search::{Hit, Search};
pub use settings::{Setting, Settings};
pub use sign_in::SignIn;
pub use simulated::simulator;
pub use trouble::Trouble;
pub use wall::{Running, Wall};
pub use watch::{Action, Lag, Watch};

pub(crate) use people::role_why;
