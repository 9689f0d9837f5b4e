//! What an access token says (RFC 9068), and the sizes and spans it must keep to.
//!
//! Signing and checking is the business of the server; here stands only what both ends agree on.

use std::{fmt, time::Duration};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    access::Scopes,
    id::{OrganizationId, TokenId},
};

/// The `typ` header of an access token (RFC 9068 section 2.1).
pub const TYPE: &str = "at+jwt";

/// The longest access token in bytes: it has to fit a small device's CONNECT buffer.
pub const MAX_BYTES: usize = 640;

/// The longest token that is bound to a key, in bytes: the key's thumbprint takes 80, and MQTT never sees one.
pub const MAX_BOUND_BYTES: usize = MAX_BYTES + 80;

/// The longest `iss` in bytes, part of what keeps a token under [`MAX_BYTES`].
pub const MAX_ISSUER_BYTES: usize = 48;

/// The longest `kid` in bytes.
pub const MAX_KEY_ID_BYTES: usize = 8;

/// How long a person's access token lives.
pub const PERSON_TTL: Duration = Duration::from_secs(15 * 60);

/// How long a badge's access token lives, before jitter.
pub const BADGE_TTL: Duration = Duration::from_secs(60 * 60);

/// A badge's token is shortened by up to this share, so a fleet does not come back all at once.
pub const BADGE_TTL_JITTER_PERCENT: u64 = 10;

/// The OAuth client of the product's own login.
pub const FIRST_PARTY_CLIENT: &str = "badgecast";

/// Whom a token is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Audience {
    /// The HTTP API.
    Api,
    /// The MQTT door.
    Mqtt,
}

/// The claims of an access token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    pub iss: String,
    #[serde(with = "one_or_many")]
    pub aud: Vec<Audience>,
    /// A user, a badge or a client.
    pub sub: Uuid,
    /// Seconds since 1970.
    pub exp: i64,
    /// Seconds since 1970.
    pub iat: i64,
    pub jti: TokenId,
    /// `badgecast`, a badge's id or a registered client's id.
    pub client_id: String,
    pub scope: Scopes,
    pub org: OrganizationId,
    /// The key whose holder alone may use the token; anyone who has it may, without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cnf: Option<Confirmation>,
}

impl Claims {
    /// How the token is shown: `token_type` of RFC 6749 section 7.1 and RFC 9449 section 5.
    #[must_use]
    pub const fn token_type(&self) -> &'static str {
        if self.cnf.is_some() { "DPoP" } else { "Bearer" }
    }
}

/// Proof of possession (RFC 7800 section 3.1).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Confirmation {
    /// RFC 9449 section 6.1.
    pub jkt: Thumbprint,
}

/// What a public key is known by: SHA-256 of its JWK (RFC 7638) in base64url, 43 characters.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Thumbprint(String);

/// The text is no thumbprint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is 43 characters of base64url")]
pub struct NotAThumbprint;

impl Thumbprint {
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Thumbprint {
    type Error = NotAThumbprint;

    fn try_from(text: String) -> Result<Self, NotAThumbprint> {
        let plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
        if text.len() == 43 && plain { Ok(Self(text)) } else { Err(NotAThumbprint) }
    }
}

impl From<Thumbprint> for String {
    fn from(thumbprint: Thumbprint) -> Self {
        thumbprint.0
    }
}

impl fmt::Display for Thumbprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// RFC 7519 section 4.1.3: `aud` is one string or an array of them.
mod one_or_many {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use super::Audience;

    #[derive(Deserialize)]
    #[serde(untagged)]
    enum OneOrMany {
        One(Audience),
        Many(Vec<Audience>),
    }

    pub(super) fn serialize<S: Serializer>(aud: &[Audience], serializer: S) -> Result<S::Ok, S::Error> {
        match aud {
            [one] => one.serialize(serializer),
            many => many.serialize(serializer),
        }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Audience>, D::Error> {
        Ok(match OneOrMany::deserialize(deserializer)? {
            OneOrMany::One(one) => vec![one],
            OneOrMany::Many(many) => many,
        })
    }
}
