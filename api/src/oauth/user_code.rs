//! The code a device shows and a person types: six of twenty consonants (RFC 8628 section 6.1). They spell no word, and
//! six of them fit a badge of 44 columns.

use std::{fmt, str::FromStr};

use crate::auth::secret::{Hash, hash};

/// 20 letters: no vowels, nothing that looks like a digit.
pub(crate) const LETTERS: &[u8; 20] = b"BCDFGHJKLMNPQRSTVWXZ";
const LENGTH: usize = 6;

/// A user code.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct UserCode(String);

impl UserCode {
    /// One of 64 million.
    pub(crate) fn random() -> Self {
        let letter = || char::from(LETTERS[rand::random_range(0..LETTERS.len())]);
        Self((0..LENGTH).map(|_| letter()).collect())
    }

    pub(crate) fn hash(&self) -> Hash {
        hash(&format!("user code {}", self.0))
    }
}

impl fmt::Display for UserCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for UserCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("UserCode(..)")
    }
}

/// The text is no user code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NotAUserCode;

impl FromStr for UserCode {
    type Err = NotAUserCode;

    /// As people type it: case, spaces and hyphens do not matter.
    fn from_str(text: &str) -> Result<Self, NotAUserCode> {
        let letters = text.chars().filter(|c| !matches!(c, ' ' | '-')).map(|c| c.to_ascii_uppercase());
        let code: String = letters.take(LENGTH + 1).collect();
        let known = code.bytes().all(|byte| LETTERS.contains(&byte));
        if code.len() == LENGTH && known { Ok(Self(code)) } else { Err(NotAUserCode) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_as_people_type_it() {
        let code = UserCode::random();
        let typed = format!(" {}-{} ", code.to_string()[..3].to_lowercase(), &code.to_string()[3..]);
        assert_eq!(typed.parse(), Ok(code));
        for wrong in ["", "BCDFG", "BCDFGHJ", "BCDFGA", "BCDF0H"] {
            assert_eq!(wrong.parse::<UserCode>(), Err(NotAUserCode), "{wrong}");
        }
    }
}
