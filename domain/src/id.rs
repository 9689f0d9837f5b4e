//! Identifiers. Every id is a type of its own, so a badge can never be passed where a user is meant.
//!
//! New ids are UUIDv7 (RFC 9562): they sort by the millisecond of their creation, which "newest first" relies on.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// A fresh UUIDv7.
            #[must_use]
            pub fn new() -> Self {
                Self(Uuid::now_v7())
            }

            #[must_use]
            pub const fn from_uuid(id: Uuid) -> Self {
                Self(id)
            }

            #[must_use]
            pub const fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl Default for $name {
            fn default() -> Self {
                Self::new()
            }
        }

        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self {
                Self(id)
            }
        }

        impl From<$name> for Uuid {
            fn from(id: $name) -> Uuid {
                id.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0)
            }
        }

        impl FromStr for $name {
            type Err = NotAnId;

            /// Only the hyphenated form, so one id has one spelling.
            fn from_str(text: &str) -> Result<Self, NotAnId> {
                if text.len() != 36 {
                    return Err(NotAnId);
                }
                text.parse().map(Self).map_err(|_| NotAnId)
            }
        }
    )*};
}

/// The text is not a hyphenated UUID.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a hyphenated UUID")]
pub struct NotAnId;

ids! {
    /// The tenant; every row belongs to one.
    OrganizationId
    /// A person.
    UserId
    /// One display device. It is also the device's OAuth `client_id` and MQTT client id.
    BadgeId
    /// A named set of badges.
    GroupId
    /// An announcement.
    AnnouncementId
    /// One layer on a badge: the announcement's id, or the badge's own id for its own layer.
    LayerId
    /// An OAuth client that is not a badge.
    ClientId
    /// The `jti` of an access token.
    TokenId
    /// A refresh token family: one login and everything that was refreshed from it.
    FamilyId
    /// One MQTT connection; the newest wins.
    ConnectionId
}

impl BadgeId {
    /// The id of the badge's own layer.
    #[must_use]
    pub const fn own_layer(self) -> LayerId {
        LayerId::from_uuid(self.uuid())
    }
}

impl AnnouncementId {
    /// The id of the layer that carries this announcement.
    #[must_use]
    pub const fn layer(self) -> LayerId {
        LayerId::from_uuid(self.uuid())
    }
}

impl LayerId {
    /// The announcement this layer would carry.
    #[must_use]
    pub const fn announcement(self) -> AnnouncementId {
        AnnouncementId::from_uuid(self.uuid())
    }
}

impl TokenId {
    /// Milliseconds since 1970 at which this token was issued, as its UUIDv7 says; `None` for other ids.
    #[must_use]
    pub fn issued_ms(self) -> Option<i64> {
        if self.0.get_version_num() != 7 {
            return None;
        }
        let bytes = self.0.as_bytes();
        let mut ms = [0; 8];
        ms[2..].copy_from_slice(&bytes[..6]);
        Some(i64::from_be_bytes(ms))
    }
}

/// The letters and digits of a badge's short code: none that look like another.
pub const CODE_ALPHABET: &[u8; 28] = b"23456789ABCDEFGHJKMNPQRSTVWX";

/// A badge's short human code, `B-7K2M`.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct BadgeCode(String);

impl BadgeCode {
    /// Builds a code from four numbers; each is taken modulo the alphabet.
    #[must_use]
    pub fn from_numbers(numbers: [u8; 4]) -> Self {
        let letter = |n: u8| char::from(CODE_ALPHABET[usize::from(n) % CODE_ALPHABET.len()]);
        Self(format!("B-{}", numbers.map(letter).iter().collect::<String>()))
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for BadgeCode {
    type Error = NotACode;

    fn try_from(text: String) -> Result<Self, NotACode> {
        let letters = text.strip_prefix("B-").ok_or(NotACode)?.as_bytes();
        let known = letters.iter().all(|letter| CODE_ALPHABET.contains(letter));
        if letters.len() == 4 && known { Ok(Self(text)) } else { Err(NotACode) }
    }
}

impl From<BadgeCode> for String {
    fn from(code: BadgeCode) -> Self {
        code.0
    }
}

impl fmt::Display for BadgeCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for BadgeCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BadgeCode({})", self.0)
    }
}

/// The text is not of the form `B-7K2M`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a badge code looks like B-7K2M")]
pub struct NotACode;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_id_tells_its_millisecond() {
        let before = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_millis();
        let issued = TokenId::new().issued_ms().unwrap();
        assert!((i128::from(issued) - before as i128).abs() < 1_000);
        assert_eq!(TokenId::from_uuid(Uuid::nil()).issued_ms(), None);
    }

    #[test]
    fn one_id_has_one_spelling() {
        let id = BadgeId::new();
        assert_eq!(id.to_string().parse(), Ok(id));
        assert_eq!(id.uuid().simple().to_string().parse::<BadgeId>(), Err(NotAnId));
        assert_eq!("{}".parse::<BadgeId>(), Err(NotAnId));
    }

    #[test]
    fn codes_are_four_letters_that_cannot_be_mistaken() {
        let code = BadgeCode::from_numbers([0, 27, 28, 255]);
        assert_eq!(code.as_str(), "B-2X25");
        assert_eq!(BadgeCode::try_from("B-7K2M".to_owned()).map(String::from), Ok("B-7K2M".to_owned()));
        for wrong in ["", "B-", "B-7K2", "b-7K2M", "B-7K2O", "B-7K2MM", "7K2M"] {
            assert_eq!(BadgeCode::try_from(wrong.to_owned()), Err(NotACode), "{wrong}");
        }
    }
}
