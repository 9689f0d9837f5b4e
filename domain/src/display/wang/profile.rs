//! What badge models disagree on.

use crate::display::DEFAULT_MAX_BYTES;

/// The habits of a badge model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Profile {
    pub name: &'static str,
    /// The largest upload, without padding.
    pub max_bytes: u32,
    /// 25 % is 0x40, as one old tool sent it; newer badges corrupt the picture on it and want 0x30.
    pub old_dimmest: bool,
    /// Speed, mode, blink and border of the last message are repeated in the unused slots.
    pub fills_slots: bool,
    /// Shows only its first message without a press of a button, so all are joined into it.
    pub one_slot: bool,
}

impl Profile {
    /// What all known encoders agree on.
    pub const GENERIC: Self = Self {
        name: "generic",
        max_bytes: DEFAULT_MAX_BYTES,
        old_dimmest: false,
        fills_slots: false,
        one_slot: false,
    };
    /// The open firmware.
    pub const OPEN: Self = Self { name: "open", max_bytes: 8_192, ..Self::GENERIC };
    /// The vendor's firmware on a cable.
    pub const VENDOR: Self = Self { name: "vendor", one_slot: true, ..Self::GENERIC };
    /// Byte for byte as the oldest tool writes.
    pub const LS32: Self =
        Self { name: "ls32", max_bytes: 8_192, old_dimmest: true, fills_slots: true, ..Self::GENERIC };

    pub const ALL: [Self; 4] = [Self::GENERIC, Self::OPEN, Self::VENDOR, Self::LS32];

    /// The profile a badge's model names; the careful one for models nobody knows.
    #[must_use]
    pub fn of_model(model: &str) -> Self {
        Self::ALL.into_iter().find(|profile| profile.name == model).unwrap_or(Self::GENERIC)
    }

    pub(super) fn brightness(&self, percent: u8) -> u8 {
        match percent {
            76.. => 0x00,
            51..=75 => 0x10,
            26..=50 => 0x20,
            _ if self.old_dimmest => 0x40,
            _ => 0x30,
        }
    }
}
