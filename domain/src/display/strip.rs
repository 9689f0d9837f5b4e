//! Rendered pixel columns of one message.

use serde::{Deserialize, Serialize};

use super::Panel;

/// How a message moves; the number is the hardware's mode.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Effect {
    Left = 0,
    Right = 1,
    Up = 2,
    Down = 3,
    Fixed = 4,
    Animation = 5,
    Snowflake = 6,
    Picture = 7,
    Laser = 8,
}

impl Effect {
    pub const ALL: [Self; 9] = [
        Self::Left,
        Self::Right,
        Self::Up,
        Self::Down,
        Self::Fixed,
        Self::Animation,
        Self::Snowflake,
        Self::Picture,
        Self::Laser,
    ];

    /// The hardware's mode.
    #[must_use]
    pub const fn mode(self) -> u8 {
        self as u8
    }

    #[must_use]
    pub fn from_mode(mode: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|effect| effect.mode() == mode)
    }

    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Left => "left",
            Self::Right => "right",
            Self::Up => "up",
            Self::Down => "down",
            Self::Fixed => "fixed",
            Self::Animation => "animation",
            Self::Snowflake => "snowflake",
            Self::Picture => "picture",
            Self::Laser => "laser",
        }
    }
}

/// Pixel columns, left to right; bit 0 of a column is the top row.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Strip {
    pub columns: Vec<u16>,
}

impl Strip {
    /// The hardware's order: for each 8 columns one byte per row, top to bottom, most significant bit left.
    #[must_use]
    pub fn to_bytes(&self, panel: Panel) -> Vec<u8> {
        let rows = panel.rows();
        let mut bytes = vec![0; self.columns.len().div_ceil(8) * rows];
        for (x, column) in self.columns.iter().enumerate() {
            for row in 0..rows {
                if column >> row & 1 == 1 {
                    bytes[x / 8 * rows + row] |= 0x80 >> (x % 8);
                }
            }
        }
        bytes
    }

    /// Reads the hardware's order in whole bytes of 8 columns; what is left over is ignored.
    #[must_use]
    pub fn from_byte_columns(panel: Panel, bytes: &[u8]) -> Self {
        let rows = panel.rows();
        let width = bytes.len() / rows;
        let column = |x: usize| {
            let lit = |row: usize| u16::from(bytes[x / 8 * rows + row] >> (7 - x % 8) & 1) << row;
            (0..rows).map(lit).fold(0, |column, bit| column | bit)
        };
        Self { columns: (0..8 * width).map(column).collect() }
    }

    /// Reads the hardware's order; `None` when the bytes do not fit the number of columns.
    #[must_use]
    pub fn from_bytes(panel: Panel, columns: u16, bytes: &[u8]) -> Option<Self> {
        let rows = panel.rows();
        let columns = usize::from(columns);
        if bytes.len() != columns.div_ceil(8) * rows {
            return None;
        }
        let mut strip = Self::from_byte_columns(panel, bytes);
        strip.columns.truncate(columns);
        Some(strip)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_as_the_hardware_wants_them() {
        // A column lit from top to bottom, an empty one, and the top LED alone.
        let strip = Strip { columns: vec![0x7ff, 0, 1] };
        let bytes = strip.to_bytes(Panel::P11x44);
        assert_eq!(bytes, [0xa0, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80]);
        assert_eq!(Strip::from_bytes(Panel::P11x44, 3, &bytes), Some(strip));
        assert_eq!(Strip::from_bytes(Panel::P12x48, 3, &bytes), None);
        assert_eq!(Strip::from_bytes(Panel::P11x44, 9, &bytes), None);
    }
}
