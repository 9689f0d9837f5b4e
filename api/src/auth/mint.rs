//! Tokens for tests: of every scope, and wrong in every way a token can be wrong.
//!
//! They are signed with a test key, which a server that was not started for tests does not know.

use std::time::Duration;

use badgecast_domain::{
    time::Moment,
    token::{Claims, TYPE},
};
use jsonwebtoken::encode;

use super::{
    keys::{self, SigningKey, Term, Use},
    tokens::{CannotSign, Grant, Tokens, id_of},
    verifier::ours,
};

/// What shall be wrong with a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Wrong {
    Expired,
    Audience,
    Issuer,
    /// Signed by a key nobody knows.
    Kid,
    /// Its last bytes belong to another token.
    Signature,
    /// Its `typ` is that of a refresh token.
    Type,
}

impl Tokens {
    /// A token as asked for.
    ///
    /// # Errors
    /// See [`CannotSign`].
    pub fn mint(&self, grant: Grant, wrong: Option<Wrong>, now: Moment) -> Result<String, CannotSign> {
        let expired = wrong == Some(Wrong::Expired);
        let issued_at = if expired { now.minus(grant.ttl + Duration::from_secs(60)) } else { now };
        let mut claims = self.claims(grant, id_of(issued_at));
        let ring = self.ring();
        let key = ring.signing(now).ok_or(CannotSign::NoKey)?;
        let mut header = ours(key.kid());
        match wrong {
            Some(Wrong::Audience) => claims.aud.clear(),
            Some(Wrong::Issuer) => claims.iss = "https://elsewhere.invalid".to_owned(),
            Some(Wrong::Type) => header.typ = Some(TYPE.replace("at", "rt")),
            Some(Wrong::Kid) => return sign(&ours(stranger()?.kid()), &claims, &stranger()?),
            Some(Wrong::Signature) => {
                let token = sign(&header, &claims, key)?;
                let foreign = sign(&header, &claims, &stranger()?)?;
                let (body, _) = token.rsplit_once('.').unwrap_or_default();
                let (_, signature) = foreign.rsplit_once('.').unwrap_or_default();
                return Ok(format!("{body}.{signature}"));
            }
            Some(Wrong::Expired) | None => {}
        }
        sign(&header, &claims, key)
    }
}

fn sign(header: &jsonwebtoken::Header, claims: &Claims, key: &SigningKey) -> Result<String, CannotSign> {
    encode(header, claims, key.private()).map_err(|_| CannotSign::Damaged { kid: key.kid().to_owned() })
}

/// A key that no ring holds.
fn stranger() -> Result<SigningKey, CannotSign> {
    let term = Term { activates_at: Moment::default(), retires_at: None };
    SigningKey::new(Use::Test, term, &keys::generate())
        .map_err(|_| CannotSign::Damaged { kid: "stranger".to_owned() })
}
