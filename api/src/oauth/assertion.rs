//! `private_key_jwt`: a client signs a short-lived statement with its own key (RFC 7523 section 3).

use std::time::Duration;

use badgecast_domain::time::Moment;
use jsonwebtoken::dangerous::insecure_decode_claims;
use serde::Deserialize;

use super::TOKEN_PATH;
use crate::{
    House,
    auth::{
        device_key::DeviceKey,
        signed::{self, OneOrMany},
    },
    problem::oauth::Denied,
    tables::replay,
};

/// `client_assertion_type`.
pub(super) const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// The longest assertion, in bytes.
const MAX_BYTES: usize = 4 * 1024;

/// How far in the future an assertion may end. Libraries sign for a minute up to an hour (Authlib); each counts once.
const LONGEST: Duration = Duration::from_secs(60 * 60);
const LEEWAY: Duration = Duration::from_secs(5);

#[derive(Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    aud: OneOrMany,
    exp: i64,
    nbf: Option<i64>,
    jti: String,
}

/// Whose assertion this claims to be; nothing is checked yet.
#[must_use]
pub(super) fn subject(jwt: &str) -> Option<String> {
    #[derive(Deserialize)]
    struct Subject {
        sub: String,
    }
    if jwt.len() > MAX_BYTES {
        return None;
    }
    insecure_decode_claims::<Subject>(jwt).ok().map(|claims| claims.sub)
}

/// What an assertion is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Worth {
    Good,
    /// It would be good, but it was shown before.
    Replayed,
    Nothing,
}

/// Whether the client with this key signed it, for us, for now, and shows it for the first time.
///
/// # Errors
/// The database does not answer.
pub(super) async fn check(
    house: &House,
    jwt: &str,
    client_id: &str,
    key: &str,
    now: Moment,
) -> Result<Worth, Denied> {
    let Some(claims) = read(jwt, key) else { return Ok(Worth::Nothing) };
    let issuer = house.tokens.issuer();
    let endpoint = format!("{}{TOKEN_PATH}", house.base_url());
    let for_us = claims.aud.is_only(&[issuer, &endpoint]);
    let own = claims.iss == client_id && claims.sub == client_id;
    let expires_at = Moment::from_s(claims.exp);
    let begun = claims.nbf.is_none_or(|nbf| Moment::from_s(nbf) <= now.plus(LEEWAY));
    let in_time = begun && expires_at.plus(LEEWAY) > now && expires_at <= now.plus(LONGEST + LEEWAY);
    if !(for_us && own && in_time) || claims.jti.is_empty() || claims.jti.len() > 200 {
        return Ok(Worth::Nothing);
    }
    let keep = expires_at.plus(LEEWAY * 2);
    let (who, jti) = (client_id.to_owned(), claims.jti);
    let first = house.database.write(async |tx| replay::first_time(tx, &who, &jti, keep).await).await?;
    Ok(if first { Worth::Good } else { Worth::Replayed })
}

fn read(jwt: &str, key: &str) -> Option<Claims> {
    let header = signed::header(jwt)?;
    let typed = header.typ.as_deref().is_none_or(|typ| {
        typ.eq_ignore_ascii_case("JWT") || typ.eq_ignore_ascii_case("client-authentication+jwt")
    });
    if header.jwk.is_some() || !typed {
        return None;
    }
    signed::claims(jwt, &DeviceKey::from_json(key).ok()?)
}
