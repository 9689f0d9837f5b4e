//! Encryption at rest of the few secrets that have to be read again, such as signing keys.
//!
//! AES-256-GCM under a key derived (HKDF, RFC 5869) from the installation's secret, `BADGECAST_SECRET_KEY`. What is
//! sealed is bound to its place by the additional data, so a value moved to another row does not open. Without a
//! secret values are stored open, in a data folder only its owner can read.

use std::fmt;

use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey},
    hkdf::{HKDF_SHA256, KeyType, Salt},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use zeroize::Zeroizing;

/// The key of an installation.
pub struct SealingKey {
    /// Stored beside what it sealed, so that the wrong key is told from a damaged value.
    name: String,
    key: RandomizedNonceKey,
}

/// A value at rest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed {
    /// The name of the key; without one the bytes are the value itself.
    pub with: Option<String>,
    pub bytes: Vec<u8>,
}

/// A value that could not be opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CannotOpen {
    #[error("it is encrypted, and no secret key is configured")]
    NoKey,
    #[error("it is encrypted under another secret key")]
    OtherKey,
    #[error("it is damaged")]
    Damaged,
}

impl SealingKey {
    /// # Panics
    /// Never: the lengths asked of HKDF are constants it accepts.
    #[must_use]
    pub fn from_secret(secret: &str) -> Self {
        let secret = secret.as_bytes();
        let name = URL_SAFE_NO_PAD.encode(&derive::<9>(secret, b"badgecast name of the sealing key")[..]);
        let key = derive::<32>(secret, b"badgecast sealing key");
        let key = RandomizedNonceKey::new(&AES_256_GCM, &*key).expect("32 bytes are an AES-256 key");
        Self { name, key }
    }
}

/// A key of its own for each purpose (RFC 5869).
pub(super) fn derive<const N: usize>(secret: &[u8], purpose: &[u8]) -> Zeroizing<[u8; N]> {
    struct Bytes(usize);
    impl KeyType for Bytes {
        fn len(&self) -> usize {
            self.0
        }
    }
    let mut derived = Zeroizing::new([0; N]);
    Salt::new(HKDF_SHA256, b"badgecast")
        .extract(secret)
        .expand(&[purpose], Bytes(N))
        .and_then(|okm| okm.fill(&mut *derived))
        .expect("the length is below HKDF's limit");
    derived
}

impl fmt::Debug for SealingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SealingKey").field("name", &self.name).finish_non_exhaustive()
    }
}

/// Seals `value` for the place named by `place`; stores it open when there is no key.
///
/// # Panics
/// When the system has no randomness for a nonce.
#[must_use]
pub fn seal(key: Option<&SealingKey>, place: &str, value: &[u8]) -> Sealed {
    let Some(SealingKey { name, key }) = key else {
        return Sealed { with: None, bytes: value.to_vec() };
    };
    let mut sealed = value.to_vec();
    let nonce = key
        .seal_in_place_append_tag(Aad::from(place.as_bytes()), &mut sealed)
        .expect("the system gives random bytes");
    Sealed { with: Some(name.clone()), bytes: [&nonce.as_ref()[..], &sealed].concat() }
}

/// Opens what [`seal`] made for the same place.
///
/// # Errors
/// See [`CannotOpen`]. A value stored open is read with and without a key.
pub fn open(
    key: Option<&SealingKey>,
    place: &str,
    stored: &Sealed,
) -> Result<Zeroizing<Vec<u8>>, CannotOpen> {
    let Some(with) = &stored.with else {
        return Ok(Zeroizing::new(stored.bytes.clone()));
    };
    let SealingKey { name, key } = key.ok_or(CannotOpen::NoKey)?;
    if with != name {
        return Err(CannotOpen::OtherKey);
    }
    let (nonce, sealed) = stored.bytes.split_at_checked(NONCE_LEN).ok_or(CannotOpen::Damaged)?;
    let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| CannotOpen::Damaged)?;
    let mut value = Zeroizing::new(sealed.to_vec());
    let opened = key.open_in_place(nonce, Aad::from(place.as_bytes()), &mut value);
    let length = opened.map_err(|_| CannotOpen::Damaged)?.len();
    value.truncate(length);
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sealed_value_opens_in_its_place_with_its_key_only() {
        let (key, other) = (SealingKey::from_secret("one"), SealingKey::from_secret("two"));
        let sealed = seal(Some(&key), "signing_keys/k1", b"private");
        assert!(!sealed.bytes.windows(7).any(|window| window == b"private"));
        assert_eq!(*open(Some(&key), "signing_keys/k1", &sealed).unwrap(), b"private");
        assert_eq!(open(Some(&key), "signing_keys/k2", &sealed), Err(CannotOpen::Damaged));
        assert_eq!(open(Some(&other), "signing_keys/k1", &sealed), Err(CannotOpen::OtherKey));
        assert_eq!(open(None, "signing_keys/k1", &sealed), Err(CannotOpen::NoKey));
    }

    #[test]
    fn a_damaged_value_is_refused_at_every_byte() {
        let key = SealingKey::from_secret("one");
        let sealed = seal(Some(&key), "p", b"private");
        for at in 0..sealed.bytes.len() {
            let mut damaged = sealed.clone();
            damaged.bytes[at] ^= 0x80;
            assert_eq!(open(Some(&key), "p", &damaged), Err(CannotOpen::Damaged), "byte {at}");
            damaged.bytes = sealed.bytes[..at].to_vec();
            assert_eq!(open(Some(&key), "p", &damaged), Err(CannotOpen::Damaged), "cut at {at}");
        }
    }

    #[test]
    fn what_was_stored_open_is_still_read_once_there_is_a_key() {
        let stored = seal(None, "p", b"private");
        assert_eq!(*open(None, "p", &stored).unwrap(), b"private");
        assert_eq!(*open(Some(&SealingKey::from_secret("one")), "p", &stored).unwrap(), b"private");
    }

    #[test]
    fn a_key_is_never_printed() {
        assert!(!format!("{:?}", SealingKey::from_secret("hunter2")).contains("hunter2"));
    }
}
