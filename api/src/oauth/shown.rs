//! Tokens that clients show us to ask about them or to end them, of whatever kind.

use std::sync::Arc;

use badgecast_domain::{
    time::Moment,
    token::{Audience, Claims},
};

use crate::{
    House,
    auth::{Refused, light},
    problem::oauth::{Code, Denied},
};

/// Whether this is an access token rather than a refresh token: a JWT has dots, a light token its tags.
pub(super) fn is_access(shown: &str) -> bool {
    shown.contains('.') || light::form(shown).is_some()
}

/// The claims of an access token that counts, whomever it is for.
pub(super) async fn of_any_audience(
    house: &House,
    shown: &str,
    now: Moment,
) -> Result<Option<Arc<Claims>>, Denied> {
    for audience in [Audience::Api, Audience::Mqtt] {
        match light::verify(house, shown, audience, now).await {
            Ok(claims) => return Ok(Some(claims)),
            Err(Refused::Unavailable) => {
                return Err(Denied::new(Code::TemporarilyUnavailable, "Try again in a moment"));
            }
            Err(_) => {}
        }
    }
    Ok(None)
}
