//! What an OpenID client learns about a sign-in (OpenID Connect Core section 2). It says who; it opens nothing: its
//! `typ` is not that of an access token.

use badgecast_domain::{id::UserId, time::Moment};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// How long it may be taken, in seconds.
pub(crate) const LIFE_S: i64 = 5 * 60;

/// The sign-in it tells of.
#[derive(Debug)]
pub(crate) struct About<'a> {
    pub(crate) user: UserId,
    pub(crate) client_id: &'a str,
    pub(crate) auth_time: Moment,
    pub(crate) nonce: Option<&'a str>,
    pub(crate) access_token: &'a str,
}

/// Its claims.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Claims {
    pub(crate) iss: String,
    pub(crate) sub: UserId,
    pub(crate) aud: String,
    pub(crate) exp: i64,
    pub(crate) iat: i64,
    pub(crate) auth_time: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) nonce: Option<String>,
    /// The left half of the access token's SHA-256.
    pub(crate) at_hash: String,
}

impl Claims {
    pub(crate) fn new(issuer: &str, about: &About<'_>, now: Moment) -> Self {
        let digest = Sha256::digest(about.access_token);
        Self {
            iss: issuer.to_owned(),
            sub: about.user,
            aud: about.client_id.to_owned(),
            exp: now.s() + LIFE_S,
            iat: now.s(),
            auth_time: about.auth_time.s(),
            nonce: about.nonce.map(str::to_owned),
            at_hash: URL_SAFE_NO_PAD.encode(&digest[..16]),
        }
    }
}
