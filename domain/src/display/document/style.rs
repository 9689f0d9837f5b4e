//! How a message looks and moves: the words a person may choose.

use serde::{Deserialize, Serialize};

use crate::display::Effect;

/// The effect a person asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Motion {
    Left,
    Right,
    Up,
    Down,
    Fixed,
    Animation,
    Snowflake,
    Picture,
    Laser,
    /// `fixed` when it fits the panel, else it scrolls the way it is read.
    #[default]
    Auto,
}

impl Motion {
    /// The motion of this name in JSON.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        let named = |effect: &Effect| effect.name() == name;
        let motion = Effect::ALL.into_iter().find(named).map(|effect| match effect {
            Effect::Left => Self::Left,
            Effect::Right => Self::Right,
            Effect::Up => Self::Up,
            Effect::Down => Self::Down,
            Effect::Fixed => Self::Fixed,
            Effect::Animation => Self::Animation,
            Effect::Snowflake => Self::Snowflake,
            Effect::Picture => Self::Picture,
            Effect::Laser => Self::Laser,
        });
        motion.or((name == "auto").then_some(Self::Auto))
    }

    /// The effect, unless the renderer is to choose.
    #[must_use]
    pub const fn effect(self) -> Option<Effect> {
        Some(match self {
            Self::Left => Effect::Left,
            Self::Right => Effect::Right,
            Self::Up => Effect::Up,
            Self::Down => Effect::Down,
            Self::Fixed => Effect::Fixed,
            Self::Animation => Effect::Animation,
            Self::Snowflake => Effect::Snowflake,
            Self::Picture => Effect::Picture,
            Self::Laser => Effect::Laser,
            Self::Auto => return None,
        })
    }

    /// The effect of a message: `auto` stands still if it fits the panel, else moves the way it is read.
    #[must_use]
    pub fn resolved(self, fits: bool, rtl: bool) -> Effect {
        self.effect().unwrap_or(match (fits, rtl) {
            (true, _) => Effect::Fixed,
            (false, false) => Effect::Left,
            (false, true) => Effect::Right,
        })
    }
}

/// Where a message that is narrower than the panel stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Align {
    Start,
    #[default]
    Center,
    End,
}

/// The reading direction of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// By the first strong character.
    #[default]
    Auto,
    Ltr,
    Rtl,
}

/// The font of a text segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Font {
    #[default]
    #[serde(rename = "auto")]
    Auto,
    #[serde(rename = "9x9")]
    Nine,
    #[serde(rename = "6x12")]
    Narrow,
    #[serde(rename = "8x11-led")]
    Led,
}
