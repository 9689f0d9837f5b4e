//! Connect assertions: a badge lets itself in with a statement its own key signed, so that no token lies in its memory.
//!
//! MQTT has no proof of possession of its own. So where a badge shows a token, in CONNECT and on `v1/me/token`, it may
//! show a JWT it made itself: `typ` `connect+jwt`, `iss` and `sub` the badge, `aud` this server, five minutes long at
//! most, and a `jti` that counts once, remembered as rows. What it is given for it is what a token would have given: an
//! hour, and every way to revoke it.
//!
//! Clocks of badges are wrong by minutes, and in 1970 after a power cut. The first is tolerated; a badge that knows of
//! the second puts a nonce of ours into its statement, and then its clock does not matter.

use std::{sync::Arc, time::Duration};

use badgecast_domain::{id::BadgeId, time::Moment, token::Claims};
use jsonwebtoken::dangerous::insecure_decode_claims;
use serde::Deserialize;

use super::{
    Actor, Refused,
    device_key::DeviceKey,
    nonce,
    peer::Network,
    revocation::Standing,
    signed::{self, OneOrMany},
    tokens::Grant,
    verifier::LEEWAY,
};
use crate::{
    House,
    tables::{Tx, claims, clients, replay},
};

/// The `typ` of an assertion.
const TYPE: &str = "connect+jwt";

/// The longest from `iat` to `exp`.
const LONGEST: Duration = Duration::from_secs(5 * 60);
/// How far a badge's clock may be off, either way.
const SKEW: Duration = Duration::from_secs(10 * 60);

/// What a badge says.
#[derive(Debug, Deserialize)]
struct Assertion {
    iss: BadgeId,
    sub: BadgeId,
    aud: OneOrMany,
    iat: i64,
    exp: i64,
    jti: String,
    nonce: Option<String>,
}

/// Whether somebody shows an assertion rather than a token.
pub(crate) fn is_assertion(shown: &str) -> bool {
    signed::header(shown).is_some_and(|header| header.typ.as_deref() == Some(TYPE))
}

/// What a badge that shows this is let in with, as if it had shown a token.
///
/// # Errors
/// The assertion is not of a badge in service, or not for us and for now, or was shown before.
pub(crate) async fn verify(
    house: &House,
    shown: &str,
    network: Option<Network>,
) -> Result<Arc<Claims>, Refused> {
    let now = house.now();
    let said: Assertion = insecure_decode_claims(shown).map_err(|_| Refused::Claims)?;
    let device = clients::device(house.database.read(), said.sub).await?.ok_or(Refused::Key)?;
    let key = device.public_key.as_deref().and_then(|key| DeviceKey::from_json(key).ok());
    let said: Assertion = signed::claims(shown, &key.ok_or(Refused::Key)?).ok_or(Refused::Signature)?;
    let until = said.check(house, now)?;
    let (badge, id) = (device.id, said.jti);
    let first = house
        .database
        .write(async |tx: &Tx| {
            // Whoever has connected needs no claim code any more.
            claims::spend(tx, badge, now).await?;
            replay::first_time(tx, &format!("connect {badge}"), &id, until).await
        })
        .await?;
    if !first {
        if let Some(network) = network {
            house.watch.replayed(device.organization, Actor::Badge(badge), network, now);
        }
        return Err(Refused::Replayed);
    }
    let claims = house.tokens.unsigned(Grant::badge(badge, device.organization), now);
    // Revoked since `now`, while we looked.
    let revoked = house.tokens.is_revoked(&Standing::of(&claims));
    if revoked { Err(Refused::Revoked) } else { Ok(Arc::new(claims)) }
}

impl Assertion {
    /// Until when its `jti` has to be remembered, if it is for us and for now.
    fn check(&self, house: &House, now: Moment) -> Result<Moment, Refused> {
        let life = self.exp.checked_sub(self.iat).ok_or(Refused::Claims)?;
        if self.iss != self.sub || !(1..=200).contains(&self.jti.len()) {
            return Err(Refused::Claims);
        }
        if !(1..=LONGEST.as_secs().cast_signed()).contains(&life) {
            return Err(Refused::Lifetime);
        }
        if !self.aud.is_only(&[house.tokens.issuer(), &house.mqtt_url()]) {
            return Err(Refused::Audience);
        }
        if let Some(nonce) = &self.nonce {
            let fresh = house.tokens.is_fresh(nonce, now);
            return if fresh { Ok(now.plus(nonce::LIFE + LEEWAY)) } else { Err(Refused::Nonce) };
        }
        let (made, ends) = (Moment::from_s(self.iat), Moment::from_s(self.exp));
        if made > now.plus(SKEW) {
            return Err(Refused::NotYet);
        }
        if ends <= now.minus(SKEW) {
            return Err(Refused::Expired);
        }
        Ok(ends.plus(SKEW + LEEWAY))
    }
}
