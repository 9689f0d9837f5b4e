//! Claim codes: what a new badge is told once, so that it can become a member.

use std::{fmt, str::FromStr};

use badgecast_domain::id::CODE_ALPHABET;
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

/// 14 letters of 28: 67 bits.
const LETTERS: usize = 14;

/// A one-time claim code, written `XXXX-XXXX-XXXXXX`. Only its hash is stored: with 67 bits there is nothing to guess.
pub struct ClaimCode(Zeroizing<String>);

impl fmt::Debug for ClaimCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClaimCode(..)")
    }
}

impl ClaimCode {
    #[must_use]
    pub fn random() -> Self {
        let letter = || char::from(CODE_ALPHABET[rand::random_range(0..CODE_ALPHABET.len())]);
        Self(Zeroizing::new((0..LETTERS).map(|_| letter()).collect()))
    }

    /// What is stored.
    #[must_use]
    pub fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.0.as_bytes()).into()
    }
}

impl fmt::Display for ClaimCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}-{}", &self.0[..4], &self.0[4..8], &self.0[8..])
    }
}

/// The text is not of the form of a claim code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a claim code has 14 letters and digits")]
pub struct NotAClaimCode;

impl FromStr for ClaimCode {
    type Err = NotAClaimCode;

    /// As people type it: case, spaces and hyphens do not matter.
    fn from_str(text: &str) -> Result<Self, NotAClaimCode> {
        let letters = text.chars().filter(|c| !matches!(c, ' ' | '-')).map(|c| c.to_ascii_uppercase());
        let code: String = letters.take(LETTERS + 1).collect();
        let known = code.bytes().all(|byte| CODE_ALPHABET.contains(&byte));
        if code.len() == LETTERS && known { Ok(Self(Zeroizing::new(code))) } else { Err(NotAClaimCode) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_as_people_type_it() {
        let code = ClaimCode::random();
        let typed = code.to_string().to_lowercase().replace('-', " ");
        assert_eq!(typed.parse::<ClaimCode>().unwrap().hash(), code.hash());
        assert_ne!(ClaimCode::random().hash(), code.hash());
        for wrong in ["", "2222-2222-22222", "2222-2222-2222222", "OOOO-OOOO-OOOOOO", "é222-2222-22222"] {
            assert!(wrong.parse::<ClaimCode>().is_err(), "{wrong}");
        }
    }
}
