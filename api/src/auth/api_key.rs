//! API keys: long-lived credentials of scripts, `bk_` + 43 characters of secret + 6 of checksum.
//!
//! The prefix lets secret scanners find a key that leaked, and the checksum lets them, and us, tell a key from a typo
//! without asking the database.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use zeroize::Zeroizing;

use super::secret::{Hash, Secret, hash};
use crate::problem::Problem;

/// What every key begins with.
pub const PREFIX: &str = "bk_";
const SECRET_CHARS: usize = 43;
/// CRC-32 in base64url.
const CHECKSUM_CHARS: usize = 6;

/// A key in the clear: on its way in, or out for the only time.
pub struct ApiKey(Zeroizing<String>);

impl ApiKey {
    #[must_use]
    pub fn random() -> Self {
        let secret = Secret::prefixed(PREFIX);
        let checksum = checksum(secret.reveal());
        Self(Zeroizing::new(format!("{}{checksum}", secret.reveal())))
    }

    /// A credential that begins like a key: the key, or why it is none.
    #[must_use]
    pub(super) fn recognize(text: &str) -> Option<Result<Self, Problem>> {
        text.starts_with(PREFIX).then(|| {
            Self::parse(text)
                .ok_or_else(|| Problem::invalid_token("the API key is mistyped: its checksum is wrong"))
        })
    }

    fn parse(text: &str) -> Option<Self> {
        let (body, said) = text.split_at_checked(PREFIX.len() + SECRET_CHARS)?;
        (said == checksum(body)).then(|| Self(Zeroizing::new(text.to_owned())))
    }

    /// What the owner shall see, once.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }

    #[must_use]
    pub fn hash(&self) -> Hash {
        hash(&self.0)
    }
}

impl std::fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ApiKey(..)")
    }
}

fn checksum(body: &str) -> String {
    let checksum = URL_SAFE_NO_PAD.encode(crc32fast::hash(body.as_bytes()).to_be_bytes());
    debug_assert_eq!(checksum.len(), CHECKSUM_CHARS);
    checksum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_told_from_a_typo_without_asking_anyone() {
        let key = ApiKey::random();
        let text = key.reveal();
        assert_eq!(text.len(), PREFIX.len() + SECRET_CHARS + CHECKSUM_CHARS);
        assert_eq!(ApiKey::recognize(text).unwrap().unwrap().hash(), key.hash());
        for at in PREFIX.len()..text.len() {
            let mut typo = text.to_owned().into_bytes();
            typo[at] = if typo[at] == b'A' { b'B' } else { b'A' };
            let typo = String::from_utf8(typo).unwrap();
            assert!(ApiKey::recognize(&typo).unwrap().is_err(), "character {at}");
        }
        assert!(ApiKey::recognize("bk_").unwrap().is_err());
        assert!(ApiKey::recognize("eyJ").is_none());
    }

    #[test]
    fn a_key_is_never_printed() {
        assert_eq!(format!("{:?}", ApiKey::random()), "ApiKey(..)");
    }
}
