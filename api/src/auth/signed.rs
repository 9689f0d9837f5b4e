//! Statements that others sign with keys of their own (RFC 7515): client assertions, proofs of possession, and what a
//! badge says to be let in. Each kind has a `typ` of its own, so that none passes for another (RFC 8725 section 3.11).
//!
//! The signature is checked here, and that the header changes nothing about it. What the claims mean is the business
//! of whoever asked for the statement.

use jsonwebtoken::{Algorithm, Header, crypto::verify, dangerous::insecure_decode_claims, decode_header};
use serde::{Deserialize, de::DeserializeOwned};

use super::device_key::DeviceKey;

/// The longest statement that is looked at, in bytes.
const MAX_BYTES: usize = 4 * 1024;

/// Whom a statement is for (RFC 7519 section 4.1.3).
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(crate) enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

impl OneOrMany {
    /// Whether it is for us, by one of our names, and for nobody else, who could use it against us.
    pub(crate) fn is_only(&self, names: &[&str]) -> bool {
        let one = match self {
            Self::One(one) => one,
            Self::Many(many) => match many.as_slice() {
                [one] => one,
                _ => return false,
            },
        };
        names.contains(&one.as_str())
    }
}

/// The header of a statement, if it is one of ours to judge: ES256, and nothing critical, remote or unknown in it.
pub(crate) fn header(jwt: &str) -> Option<Header> {
    if jwt.len() > MAX_BYTES {
        return None;
    }
    let header = decode_header(jwt).ok()?;
    let plain = header.crit.is_none() && header.jku.is_none() && header.x5u.is_none();
    (plain && header.extras.inner().is_empty() && header.alg == Algorithm::ES256).then_some(header)
}

/// The claims of a statement that this key signed.
pub(crate) fn claims<C: DeserializeOwned>(jwt: &str, key: &DeviceKey) -> Option<C> {
    let (message, signature) = jwt.rsplit_once('.')?;
    let signed = verify(signature, message.as_bytes(), key.public(), Algorithm::ES256);
    signed.is_ok_and(|signed| signed).then(|| insecure_decode_claims(jwt).ok()).flatten()
}
