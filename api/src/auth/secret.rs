//! Secrets that are shown once and stored hashed: refresh tokens, client secrets, codes, API keys.
//!
//! They carry 256 random bits, so a plain SHA-256 is enough to store them; passwords, which people choose, have a
//! room of their own. Comparing is done in constant time.

use std::fmt;

use aws_lc_rs::rand;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// What is stored of a secret.
pub type Hash = [u8; 32];

/// A secret in the clear: on its way out to whom it belongs, and nowhere else.
#[derive(Clone)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// 256 fresh random bits in base64url: 43 characters.
    #[must_use]
    pub fn random() -> Self {
        Self::prefixed("")
    }

    /// The same behind a prefix by which people and scanners know what they found.
    #[must_use]
    pub fn prefixed(prefix: &str) -> Self {
        let bytes = Zeroizing::new(random::<32>());
        let encoded = Zeroizing::new(URL_SAFE_NO_PAD.encode(*bytes));
        Self(Zeroizing::new(format!("{prefix}{}", *encoded)))
    }

    /// What the owner shall see.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }

    #[must_use]
    pub fn hash(&self) -> Hash {
        hash(&self.0)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

/// Random bytes of the operating system's quality.
///
/// # Panics
/// When the system has no randomness to give; nothing secret can be made then.
#[must_use]
pub fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    rand::fill(&mut bytes).expect("the system gives random bytes");
    bytes
}

/// The hash under which a shown secret would be stored.
#[must_use]
pub fn hash(shown: &str) -> Hash {
    Sha256::digest(shown.as_bytes()).into()
}

/// Whether what was shown is the secret behind the stored hash.
#[must_use]
pub fn matches(shown: &str, stored: &[u8]) -> bool {
    hash(shown).as_slice().ct_eq(stored).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_known_by_its_hash_only() {
        let secret = Secret::random();
        assert_eq!(secret.reveal().len(), 43);
        assert!(matches(secret.reveal(), &secret.hash()));
        assert!(!matches(Secret::random().reveal(), &secret.hash()));
        assert!(!matches(secret.reveal(), &secret.hash()[..31]));
    }

    #[test]
    fn a_secret_is_never_printed() {
        let secret = Secret::prefixed("bk_");
        assert!(secret.reveal().starts_with("bk_"));
        assert_eq!(format!("{secret:?}"), "Secret(..)");
    }
}
