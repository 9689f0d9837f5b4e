//! Nonces: the server's clock, signed, for proofs that have to be fresh (RFC 9449 section 8).
//!
//! A proof that carries one was made after it, whatever the clock of its maker says. Nothing is kept: a nonce is its
//! moment and a MAC of it under a key that every node derives from the signing keys, so all nodes take what one gave,
//! also after a restart. That a proof is used once is the business of the replay cache, not of the nonce.

use std::time::Duration;

use aws_lc_rs::hmac;
use badgecast_domain::time::Moment;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use subtle::ConstantTimeEq as _;

use super::{Tokens, tokens::CannotSign, verifier::LEEWAY};

/// How long a nonce counts.
pub(crate) const LIFE: Duration = Duration::from_secs(5 * 60);

/// Milliseconds since 1970, big endian.
const MOMENT_BYTES: usize = 8;
/// The head of an HMAC-SHA-256.
const TAG_BYTES: usize = 16;

impl Tokens {
    /// A nonce of this moment: 32 characters of base64url.
    ///
    /// # Errors
    /// [`CannotSign::NoKey`].
    pub fn nonce(&self, now: Moment) -> Result<String, CannotSign> {
        let ring = self.ring();
        let key = ring.signing(now).ok_or(CannotSign::NoKey)?;
        let moment = now.ms().to_be_bytes();
        let tag = hmac::sign(key.nonces(), &moment);
        Ok(URL_SAFE_NO_PAD.encode([&moment[..], &tag.as_ref()[..TAG_BYTES]].concat()))
    }

    /// Whether this is a nonce of ours that still counts.
    #[must_use]
    pub fn is_fresh(&self, nonce: &str, now: Moment) -> bool {
        let Ok(bytes) = URL_SAFE_NO_PAD.decode(nonce) else { return false };
        let Some((moment, shown)) = bytes.split_first_chunk::<MOMENT_BYTES>() else { return false };
        let made = |key: &hmac::Key| hmac::sign(key, moment).as_ref()[..TAG_BYTES].ct_eq(shown).into();
        let ours = self.ring().living(now).any(|key| made(key.nonces()));
        let moment = Moment::from_ms(i64::from_be_bytes(*moment));
        ours && moment <= now.plus(LEEWAY) && now < moment.plus(LIFE)
    }
}

#[cfg(test)]
mod tests {
    use badgecast_domain::time::Moment;

    use super::*;
    use crate::{auth::tokens::Settings, tables::Database};

    async fn tokens(folder: &std::path::Path, now: Moment) -> (Database, Tokens) {
        let database = Database::sqlite(&folder.join("test.sqlite")).await.unwrap();
        let settings = Settings { issuer: "http://t".into(), sealing: None, test_keys: false };
        let tokens = Tokens::open(database.read(), settings, now).await.unwrap();
        (database, tokens)
    }

    #[tokio::test]
    async fn a_nonce_counts_for_five_minutes_on_every_node_and_over_a_rotation() {
        let now = Moment::from(std::time::SystemTime::now());
        let (folder, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let (database, one) = tokens(folder.path(), now).await;
        let (_, other) = tokens(folder.path(), now).await;
        let (_, stranger) = tokens(elsewhere.path(), now).await;
        let nonce = one.nonce(now).unwrap();
        assert_eq!(nonce.len(), 32);
        assert!(one.is_fresh(&nonce, now) && other.is_fresh(&nonce, now));
        assert!(!stranger.is_fresh(&nonce, now));
        assert!(one.is_fresh(&nonce, now.plus(LIFE - Duration::from_millis(1))));
        assert!(!one.is_fresh(&nonce, now.plus(LIFE)));
        assert!(one.is_fresh(&nonce, now.minus(LEEWAY)));
        assert!(!one.is_fresh(&nonce, now.minus(LEEWAY + Duration::from_millis(1))));
        one.rotate(database.read(), now).await.unwrap();
        assert!(one.is_fresh(&nonce, now), "the old key still vouches for it");
        for at in 0..nonce.len() {
            let mut bytes = nonce.clone().into_bytes();
            bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
            assert!(!one.is_fresh(std::str::from_utf8(&bytes).unwrap(), now), "byte {at}");
            assert!(!one.is_fresh(&nonce[..at], now), "cut at {at}");
        }
    }
}
