//! The keys that sign access tokens: ES256 (RFC 7518 section 3.4), named by `kid`, published as a JWK set.
//!
//! Two keys are public at any time: the one that signs and the next one, so that whoever keeps the set knows a key
//! before its first token. After a rotation the old key stays public until the last token it signed has expired.
//! Test keys sign the tokens of `badgecast token mint`; their `kid` begins with a letter of its own, and a ring
//! holds keys of one kind only, so a normal server refuses what a test key signed.

use std::{fmt, sync::Arc, time::Duration};

use aws_lc_rs::{
    hmac,
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair},
};
use badgecast_domain::{
    time::Moment,
    token::{BADGE_TTL, MAX_KEY_ID_BYTES},
};
use jsonwebtoken::{
    Algorithm, DecodingKey, EncodingKey,
    jwk::{Jwk, JwkSet, KeyOperations, PublicKeyUse, ThumbprintHash},
};
use zeroize::Zeroizing;

use super::seal::derive;

/// How long a key signs before the next one takes over.
pub const SIGNS_FOR: Duration = Duration::from_secs(90 * 24 * 60 * 60);

/// How long a key stays public after its last signature: every token it signed has expired then.
pub const OUTLIVES_BY: Duration = Duration::from_secs(2 * BADGE_TTL.as_secs());

/// What a key is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Use {
    Normal,
    /// Signs tokens for tests, in a data folder started with `--test-keys`.
    Test,
}

impl Use {
    /// The first letter of every `kid` of this use.
    const fn letter(self) -> char {
        match self {
            Self::Normal => 'k',
            Self::Test => 't',
        }
    }

    /// The use a `kid` tells of.
    #[must_use]
    pub fn of(kid: &str) -> Option<Self> {
        [Self::Normal, Self::Test].into_iter().find(|key_use| kid.starts_with(key_use.letter()))
    }
}

/// When a key signs. Before that it is the next one; afterwards it only vouches for what it signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Term {
    pub activates_at: Moment,
    /// Known once a successor is.
    pub retires_at: Option<Moment>,
}

/// One key pair. The private part is wiped from memory when it is dropped.
#[derive(Clone)]
pub struct SigningKey {
    kid: Arc<str>,
    term: Term,
    private: EncodingKey,
    public: DecodingKey,
    jwk: Jwk,
    nonces: hmac::Key,
    macs: hmac::Key,
}

/// A stored key that is no P-256 key in PKCS#8 form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a P-256 key")]
pub struct NotASigningKey;

/// A fresh private key in PKCS#8 form.
///
/// # Panics
/// When the system has no randomness for a key.
#[must_use]
pub fn generate() -> Zeroizing<Vec<u8>> {
    let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new())
        .expect("the system gives random bytes");
    Zeroizing::new(document.as_ref().to_vec())
}

impl SigningKey {
    /// From a private key in PKCS#8 form. The `kid` follows from the key itself: the letter of its use and the head
    /// of its thumbprint (RFC 7638).
    ///
    /// # Errors
    /// The bytes are no P-256 key.
    pub fn new(key_use: Use, term: Term, pkcs8: &[u8]) -> Result<Self, NotASigningKey> {
        let pair =
            EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8).map_err(|_| NotASigningKey)?;
        let public = DecodingKey::from_ec_der(pair.public_key().as_ref());
        let mut jwk = Jwk::from_decoding_key(&public, Some(Algorithm::ES256)).map_err(|_| NotASigningKey)?;
        let thumbprint = jwk.thumbprint(ThumbprintHash::SHA256).map_err(|_| NotASigningKey)?;
        let kid = format!("{}{}", key_use.letter(), &thumbprint[..MAX_KEY_ID_BYTES - 1]);
        jwk.common.key_id = Some(kid.clone());
        jwk.common.public_key_use = Some(PublicKeyUse::Signature);
        jwk.common.key_operations = Some(vec![KeyOperations::Verify]);
        let derived = |purpose| hmac::Key::new(hmac::HMAC_SHA256, &derive::<32>(pkcs8, purpose)[..]);
        let (nonces, macs) = (derived(b"badgecast nonces"), derived(b"badgecast light tokens"));
        let private = EncodingKey::from_ec_der(pkcs8);
        Ok(Self { kid: kid.into(), term, private, public, jwk, nonces, macs })
    }

    #[must_use]
    pub fn kid(&self) -> &str {
        &self.kid
    }

    #[must_use]
    pub const fn term(&self) -> Term {
        self.term
    }

    /// The public key as others may know it.
    #[must_use]
    pub const fn jwk(&self) -> &Jwk {
        &self.jwk
    }

    pub(super) const fn private(&self) -> &EncodingKey {
        &self.private
    }

    pub(super) const fn public(&self) -> &DecodingKey {
        &self.public
    }

    /// The key of the nonces it gives: derived from the private part, so it is kept, sealed and rotated with it.
    pub(super) const fn nonces(&self) -> &hmac::Key {
        &self.nonces
    }

    /// The key of the light tokens with a MAC; derived likewise.
    pub(super) const fn macs(&self) -> &hmac::Key {
        &self.macs
    }

    fn is_public(&self, now: Moment) -> bool {
        self.term.retires_at.is_none_or(|at| now < at.plus(OUTLIVES_BY))
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey").field("kid", &self.kid).field("term", &self.term).finish_non_exhaustive()
    }
}

/// The keys of this installation at one moment.
#[derive(Debug, Clone, Default)]
pub struct Ring {
    keys: Vec<SigningKey>,
}

impl Ring {
    #[must_use]
    pub fn new(keys: Vec<SigningKey>) -> Self {
        Self { keys }
    }

    /// The key that signs: of those whose time has come, the newest.
    #[must_use]
    pub fn signing(&self, now: Moment) -> Option<&SigningKey> {
        let begun = self.keys.iter().filter(|key| key.term.activates_at <= now);
        begun.max_by_key(|key| key.term.activates_at)
    }

    /// The key that will sign after it.
    #[must_use]
    pub fn next(&self, now: Moment) -> Option<&SigningKey> {
        self.keys.iter().filter(|key| key.term.activates_at > now).min_by_key(|key| key.term.activates_at)
    }

    /// The public key of this name, if its tokens still count.
    #[must_use]
    pub fn find(&self, kid: &str, now: Moment) -> Option<&SigningKey> {
        self.keys.iter().find(|key| &*key.kid == kid && key.is_public(now))
    }

    /// What `/oauth/jwks.json` shows.
    #[must_use]
    pub fn public(&self, now: Moment) -> JwkSet {
        JwkSet { keys: self.living(now).map(|key| key.jwk.clone()).collect() }
    }

    /// Every key whose tokens count, or will.
    pub fn living(&self, now: Moment) -> impl Iterator<Item = &SigningKey> {
        self.keys.iter().filter(move |key| key.is_public(now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BEGIN: Moment = Moment::from_s(1_000_000_000);

    fn key(activates_at: Moment, retires_at: Option<Moment>) -> SigningKey {
        SigningKey::new(Use::Normal, Term { activates_at, retires_at }, &generate()).unwrap()
    }

    #[test]
    fn a_key_is_named_by_its_use_and_its_thumbprint() {
        let pkcs8 = generate();
        let term = Term { activates_at: BEGIN, retires_at: None };
        let normal = SigningKey::new(Use::Normal, term, &pkcs8).unwrap();
        let test = SigningKey::new(Use::Test, term, &pkcs8).unwrap();
        assert_eq!(normal.kid().len(), MAX_KEY_ID_BYTES);
        assert_eq!(normal.kid()[1..], test.kid()[1..]);
        assert_eq!(Use::of(normal.kid()), Some(Use::Normal));
        assert_eq!(Use::of(test.kid()), Some(Use::Test));
        assert_eq!(normal.kid()[1..], normal.jwk.thumbprint(ThumbprintHash::SHA256).unwrap()[..7]);
    }

    #[test]
    fn the_next_key_is_public_before_it_signs_and_the_old_one_after() {
        let turn = BEGIN.plus(SIGNS_FOR);
        let (old, new) = (key(BEGIN, Some(turn)), key(turn, None));
        let ring = Ring::new(vec![new.clone(), old.clone()]);
        let signs = |now| ring.signing(now).map(SigningKey::kid);
        let before = turn.minus(Duration::from_millis(1));
        assert_eq!(signs(before), Some(old.kid()));
        assert_eq!(ring.next(before).map(SigningKey::kid), Some(new.kid()));
        assert_eq!(ring.public(before).keys.len(), 2);
        assert_eq!(signs(turn), Some(new.kid()));
        assert!(ring.next(turn).is_none());
        assert!(ring.find(old.kid(), turn).is_some(), "the tokens it signed a moment ago still count");
        let later = turn.plus(OUTLIVES_BY);
        assert!(ring.find(old.kid(), later).is_none());
        assert!(ring.find(new.kid(), later).is_some());
    }

    #[test]
    fn the_set_shows_nothing_private() {
        let ring = Ring::new(vec![key(BEGIN, None)]);
        let shown = serde_json::to_value(ring.public(BEGIN)).unwrap();
        let members: Vec<_> = shown["keys"][0].as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(members, ["alg", "crv", "key_ops", "kid", "kty", "use", "x", "y"]);
        assert!(!format!("{ring:?}").contains("private"));
    }

    #[test]
    fn what_is_no_key_is_refused() {
        let term = Term { activates_at: BEGIN, retires_at: None };
        assert_eq!(SigningKey::new(Use::Normal, term, b"").unwrap_err(), NotASigningKey);
        assert_eq!(SigningKey::new(Use::Normal, term, &[0x30; 138]).unwrap_err(), NotASigningKey);
    }
}
