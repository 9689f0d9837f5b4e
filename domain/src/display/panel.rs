//! The LED matrices we know.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// The LED matrix of a badge model, rows x columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Panel {
    #[default]
    P11x44,
    P12x48,
    P11x55,
}

impl Panel {
    pub const ALL: [Self; 3] = [Self::P11x44, Self::P12x48, Self::P11x55];

    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::P11x44 => "11x44",
            Self::P12x48 => "12x48",
            Self::P11x55 => "11x55",
        }
    }

    #[must_use]
    pub const fn rows(self) -> usize {
        match self {
            Self::P11x44 | Self::P11x55 => 11,
            Self::P12x48 => 12,
        }
    }

    #[must_use]
    pub const fn columns(self) -> usize {
        match self {
            Self::P11x44 => 44,
            Self::P12x48 => 48,
            Self::P11x55 => 55,
        }
    }

    /// The bits of one column that are LEDs; bit 0 is the top row.
    #[must_use]
    pub const fn column_mask(self) -> u16 {
        (1 << self.rows()) - 1
    }

    /// A number from 0 for tables of panels.
    #[must_use]
    pub const fn index(self) -> usize {
        self as usize
    }
}

/// No panel has this name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("unknown panel: one of 11x44, 12x48, 11x55")]
pub struct UnknownPanel;

impl FromStr for Panel {
    type Err = UnknownPanel;

    fn from_str(name: &str) -> Result<Self, UnknownPanel> {
        Self::ALL.into_iter().find(|panel| panel.name() == name).ok_or(UnknownPanel)
    }
}

impl fmt::Display for Panel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Serialize for Panel {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for Panel {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = std::borrow::Cow::<str>::deserialize(deserializer)?;
        name.parse().map_err(de::Error::custom)
    }
}
