//! `wang`, the upload format of the common LED name badges: 64 bytes of header, then the pixels of all messages.
//!
//! Every byte here is one of `docs/hardware.md`. Delivery cannot be verified: there is no checksum and no reading
//! back, so what went out well is `written`, never `shown`.

mod decode;
mod profile;

use sha2::{Digest, Sha256};

pub use decode::{NotAProgram, decode};
pub use profile::Profile;

use super::{Document, Panel, Player, Slot, Strip, Timing, render};
use crate::{layer::MAX_MESSAGES, time::Moment};

/// The first bytes of every upload.
const MAGIC: &[u8; 5] = b"wang\0";
/// Bytes before the pixels.
pub const HEADER_BYTES: usize = 64;
/// Bytes of one USB HID report.
pub const USB_REPORT_BYTES: usize = 64;
/// Bytes of one BLE write to characteristic FEE1: neither more nor fewer.
pub const BLE_WRITE_BYTES: usize = 16;
/// Where the six bytes of the time stamp stand.
const DATE: std::ops::Range<usize> = 38..44;

/// What one upload says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Program {
    /// Percent: 25, 50, 75 or 100.
    pub brightness: u8,
    /// One to eight; a message without columns takes no slot.
    pub slots: Vec<Slot>,
    /// Year (of the century), month, day, hour, minute, second.
    pub date: [u8; 6],
}

/// Why a program cannot be uploaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EncodeError {
    #[error("a badge holds 8 messages")]
    TooManyMessages,
    #[error("the program has {needed} bytes and the badge accepts {max}")]
    TooLong { needed: usize, max: u32 },
}

impl Program {
    /// A display for a panel, stamped with a time (UTC).
    #[must_use]
    pub fn new(document: &Document, panel: Panel, date: Moment) -> Self {
        let slots = document.messages.iter().map(|message| Slot::new(message, render(message, panel)));
        Self { brightness: document.brightness, slots: slots.collect(), date: date_bytes(date) }
    }

    /// The upload, padded with zeros to whole USB reports.
    ///
    /// # Errors
    /// More messages or bytes than the badge takes.
    pub fn encode(&self, panel: Panel, profile: &Profile) -> Result<Vec<u8>, EncodeError> {
        let slots: Vec<Slot> =
            self.slots.iter().filter(|slot| !slot.strip.columns.is_empty()).cloned().collect();
        let slots = if profile.one_slot { joined(slots, panel) } else { slots };
        if slots.len() > MAX_MESSAGES {
            return Err(EncodeError::TooManyMessages);
        }
        let mut bytes = vec![0; HEADER_BYTES];
        bytes[..5].copy_from_slice(MAGIC);
        bytes[5] = profile.brightness(self.brightness);
        bytes[DATE].copy_from_slice(&self.date);
        for (i, slot) in slots.iter().enumerate() {
            bytes[6] |= u8::from(slot.blink) << i;
            bytes[7] |= u8::from(slot.border) << i;
            bytes[8 + i] = (slot.speed.clamp(1, 8) - 1) << 4 | slot.effect.mode();
            let strip = slot.strip.to_bytes(panel);
            let width = u16::try_from(strip.len() / panel.rows()).unwrap_or(u16::MAX);
            bytes[16 + 2 * i..18 + 2 * i].copy_from_slice(&width.to_be_bytes());
            bytes.extend(strip);
        }
        if let (true, Some(last)) = (profile.fills_slots, slots.len().checked_sub(1)) {
            for i in slots.len()..MAX_MESSAGES {
                bytes[6] |= (bytes[6] >> last & 1) << i;
                bytes[7] |= (bytes[7] >> last & 1) << i;
                bytes[8 + i] = bytes[8 + last];
            }
        }
        if bytes.len() > profile.max_bytes as usize {
            return Err(EncodeError::TooLong { needed: bytes.len(), max: profile.max_bytes });
        }
        bytes.resize(bytes.len().next_multiple_of(USB_REPORT_BYTES), 0);
        Ok(bytes)
    }
}

/// The name of an upload's content, without its time stamp: 64 hex digits of SHA-256. A badge that has it already
/// is not written again; every upload wears its flash.
#[must_use]
pub fn content_hash(upload: &[u8]) -> String {
    let mut hash = Sha256::new();
    for (i, byte) in upload.iter().enumerate() {
        hash.update([if DATE.contains(&i) { 0 } else { *byte }]);
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// HID reports as hidapi wants them: a zero for the missing report id, then 64 bytes.
pub fn usb_reports(upload: &[u8]) -> impl Iterator<Item = [u8; USB_REPORT_BYTES + 1]> {
    upload.chunks(USB_REPORT_BYTES).map(|chunk| {
        let mut report = [0; USB_REPORT_BYTES + 1];
        report[1..=chunk.len()].copy_from_slice(chunk);
        report
    })
}

/// Writes to the BLE characteristic. The padding of USB is left out: after the last pixel the badge may restart, and
/// a write of zeros alone would meet a badge that is no longer there.
pub fn ble_writes(upload: &[u8], panel: Panel) -> impl Iterator<Item = [u8; BLE_WRITE_BYTES]> {
    let end = decode::length(upload, panel).unwrap_or(upload.len()).min(upload.len());
    upload[..end].chunks(BLE_WRITE_BYTES).map(|chunk| {
        let mut write = [0; BLE_WRITE_BYTES];
        write[..chunk.len()].copy_from_slice(chunk);
        write
    })
}

/// All messages in one: the vendor's firmware shows only the first by itself. They scroll past, half a panel apart.
fn joined(slots: Vec<Slot>, panel: Panel) -> Vec<Slot> {
    if slots.len() < 2 {
        return slots;
    }
    let mut columns = Vec::new();
    for slot in &slots {
        columns.resize(columns.len() + if columns.is_empty() { 0 } else { panel.columns() / 2 }, 0);
        columns.extend(&slot.strip.columns);
    }
    let effect = if slots.iter().all(|slot| slot.effect == super::Effect::Right) {
        super::Effect::Right
    } else {
        super::Effect::Left
    };
    let speed = slots.iter().map(|slot| slot.speed).min().unwrap_or(4);
    let [blink, border] = [slots.iter().all(|slot| slot.blink), slots.iter().all(|slot| slot.border)];
    vec![Slot { strip: Strip { columns }, effect, speed, blink, border }]
}

/// The stamp of an upload: year (of the century), month, day, hour, minute, second.
#[must_use]
pub fn date_bytes(date: Moment) -> [u8; 6] {
    let date = date.date_time();
    let year = u8::try_from(date.year().rem_euclid(100)).unwrap_or(0);
    [year, u8::from(date.month()), date.day(), date.hour(), date.minute(), date.second()]
}

impl Program {
    /// What a badge that got this program plays.
    #[must_use]
    pub fn player(&self, panel: Panel, timing: Timing) -> Player {
        Player::new(self.slots.clone(), panel, timing)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::display::Effect;

    /// Vector V1 of `docs/hardware.md`, on which three independent encoders agree.
    fn vector() -> Program {
        let hi = "00c6c6c6c6fec6c6c6c6000018180038181818183c00";
        let heart = "00006c9282824428100000";
        let strip = |hex: &str| {
            let bytes: Vec<u8> =
                (0..hex.len()).step_by(2).map(|i| u8::from_str_radix(&hex[i..i + 2], 16).unwrap()).collect();
            Strip::from_bytes(Panel::P11x44, (bytes.len() / 11 * 8) as u16, &bytes).unwrap()
        };
        let slot = |strip, effect, speed, blink, border| Slot { strip, effect, speed, blink, border };
        Program {
            brightness: 50,
            slots: vec![
                slot(strip(hi), Effect::Left, 5, false, true),
                slot(strip(heart), Effect::Fixed, 8, true, false),
            ],
            date: date_bytes("2026-11-22T13:14:15Z".parse().unwrap()),
        }
    }

    #[test]
    fn the_test_vector_is_met_byte_by_byte() {
        let upload = vector().encode(Panel::P11x44, &Profile::GENERIC).unwrap();
        let hash: String = Sha256::digest(&upload).iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(upload.len(), 128);
        assert_eq!(hash, "4726d8ec55c8afbfeb3d8214f6180eb7e44813d37acb9a46f4ed7d3da04a3c14", "{upload:02x?}");
    }

    #[test]
    fn uploads_are_cut_for_usb_and_for_ble() {
        let upload = vector().encode(Panel::P11x44, &Profile::GENERIC).unwrap();
        let reports: Vec<_> = usb_reports(&upload).collect();
        assert_eq!((reports.len(), &reports[0][..6]), (2, b"\0wang\0".as_slice()));
        let writes: Vec<_> = ble_writes(&upload, Panel::P11x44).collect();
        assert_eq!(writes.len(), 7);
        assert_eq!(writes.concat(), upload[..112]);
    }

    #[test]
    fn the_hash_names_the_content_and_not_the_hour() {
        let mut program = vector();
        let hash =
            |program: &Program| content_hash(&program.encode(Panel::P11x44, &Profile::GENERIC).unwrap());
        let first = hash(&program);
        program.date[5] += 1;
        assert_eq!(hash(&program), first);
        program.brightness = 25;
        assert_ne!(hash(&program), first);
    }

    #[test]
    fn badges_with_habits_get_what_they_want() {
        let mut program = vector();
        program.brightness = 25;
        let generic = program.encode(Panel::P11x44, &Profile::GENERIC).unwrap();
        assert_eq!((generic[5], &generic[8..16]), (0x30, [0x40, 0x74, 0, 0, 0, 0, 0, 0].as_slice()));
        let legacy = program.encode(Panel::P11x44, &Profile::LS32).unwrap();
        assert_eq!((legacy[5], legacy[6], &legacy[8..11]), (0x40, 0xfe, [0x40, 0x74, 0x74].as_slice()));
        let vendor = program.encode(Panel::P11x44, &Profile::VENDOR).unwrap();
        let decoded = decode(&vendor, Panel::P11x44).unwrap();
        assert_eq!(decoded.slots.len(), 1);
        assert_eq!(decoded.slots[0].strip.columns.len(), 16 + 22 + 8 + 2);
    }

    #[test]
    fn what_is_too_much_is_refused() {
        let mut program = vector();
        program.slots = vec![program.slots[0].clone(); 9];
        assert_eq!(program.encode(Panel::P11x44, &Profile::GENERIC), Err(EncodeError::TooManyMessages));
        program.slots.truncate(1);
        program.slots[0].strip.columns = vec![1; 1_480];
        let error = EncodeError::TooLong { needed: 64 + 185 * 11, max: 2_048 };
        assert_eq!(program.encode(Panel::P11x44, &Profile::GENERIC), Err(error));
        let roomy = Profile { max_bytes: 8_192, ..Profile::GENERIC };
        assert!(program.encode(Panel::P11x44, &roomy).is_ok());
    }
}
