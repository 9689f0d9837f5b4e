//! Step-up (RFC 9470): who administers people, clients and keys has to have shown their password not long ago.
//!
//! A token alone does not tell when its person signed in, so the login it came from is asked. An API key and an
//! integration are no persons; they hold the scope because an admin wanted them to.

use std::time::Duration;

use badgecast_domain::time::Moment;

use super::{Actor, Caller};
use crate::{House, problem::Problem, tables::refresh};

/// How long ago the sign-in may be.
pub const MAX_AGE: Duration = Duration::from_secs(60 * 60);

/// How a caller showed who they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Proof {
    Token,
    ApiKey,
    Session { auth_time: Moment },
}

impl Caller {
    /// # Errors
    /// 401 `insufficient_user_authentication` when the sign-in was too long ago.
    pub async fn stepped_up(&self, house: &House) -> Result<(), Problem> {
        let auth_time = match (self.proof(), self.actor()) {
            (Proof::Session { auth_time }, _) => Some(auth_time),
            (Proof::Token, Actor::User(_)) => {
                // Only tokens made for tests come from no login.
                refresh::family_of(house.database.read(), self.token()).await?.map(|family| family.auth_time)
            }
            (Proof::Token | Proof::ApiKey, _) => None,
        };
        match auth_time {
            Some(auth_time) if house.now().since(auth_time) > MAX_AGE => Err(Problem::step_up(MAX_AGE)),
            _ => Ok(()),
        }
    }
}
