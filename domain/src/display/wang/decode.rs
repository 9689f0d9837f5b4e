//! Reading an upload back, as a badge does.

use super::{DATE, HEADER_BYTES, MAGIC, Program};
use crate::display::{Effect, Panel, Slot, Strip};

/// The bytes are no upload for this panel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotAProgram {
    #[error("it does not begin with `wang` and a header of 64 bytes")]
    Header,
    #[error("the mode of message {0} is none of 0 to 8")]
    Mode(usize),
    #[error("its header promises {needed} bytes and there are {found}")]
    Short { needed: usize, found: usize },
}

/// The widths of the eight slots, in bytes of 8 columns.
fn widths(upload: &[u8]) -> Option<[usize; 8]> {
    let header = upload.get(..HEADER_BYTES)?;
    let width = |i: usize| usize::from(u16::from_be_bytes([header[16 + 2 * i], header[17 + 2 * i]]));
    header.starts_with(MAGIC).then(|| std::array::from_fn(width))
}

/// Bytes of the upload without padding.
pub(super) fn length(upload: &[u8], panel: Panel) -> Option<usize> {
    Some(HEADER_BYTES + panel.rows() * widths(upload)?.iter().sum::<usize>())
}

/// Reads an upload. Padding after it is ignored; unused slots are left out.
///
/// # Errors
/// The bytes are no upload for this panel.
pub fn decode(upload: &[u8], panel: Panel) -> Result<Program, NotAProgram> {
    let widths = widths(upload).ok_or(NotAProgram::Header)?;
    let needed = length(upload, panel).ok_or(NotAProgram::Header)?;
    if upload.len() < needed {
        return Err(NotAProgram::Short { needed, found: upload.len() });
    }
    let brightness = match upload[5] & 0x70 {
        0x00 => 100,
        0x10 => 75,
        0x20 => 50,
        _ => 25,
    };
    let mut date = [0; 6];
    date.copy_from_slice(&upload[DATE]);
    let mut rest = &upload[HEADER_BYTES..needed];
    let mut slots = Vec::new();
    for (i, width) in widths.into_iter().enumerate().filter(|(_, width)| *width > 0) {
        let (bytes, after) = rest.split_at(width * panel.rows());
        rest = after;
        let effect = Effect::from_mode(upload[8 + i] & 15).ok_or(NotAProgram::Mode(i))?;
        slots.push(Slot {
            strip: Strip::from_byte_columns(panel, bytes),
            effect,
            speed: (upload[8 + i] >> 4 & 7) + 1,
            blink: upload[6] >> i & 1 == 1,
            border: upload[7] >> i & 1 == 1,
        });
    }
    Ok(Program { brightness, slots, date })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::display::wang::Profile;

    fn slot(panel: Panel) -> impl Strategy<Value = Slot> {
        let columns = prop::collection::vec(0..=panel.column_mask(), 1..40).prop_map(|mut columns| {
            columns.resize(columns.len().next_multiple_of(8), 0);
            columns
        });
        let effect = prop::sample::select(Effect::ALL.to_vec());
        (columns, effect, 1u8..=8, any::<bool>(), any::<bool>()).prop_map(
            |(columns, effect, speed, blink, border)| Slot {
                strip: Strip { columns },
                effect,
                speed,
                blink,
                border,
            },
        )
    }

    fn program() -> impl Strategy<Value = (Panel, Program)> {
        prop::sample::select(Panel::ALL.to_vec()).prop_flat_map(|panel| {
            let slots = prop::collection::vec(slot(panel), 0..=8);
            let brightness = prop::sample::select(vec![25u8, 50, 75, 100]);
            (Just(panel), slots, brightness, any::<[u8; 6]>())
                .prop_map(|(panel, slots, brightness, date)| (panel, Program { brightness, slots, date }))
        })
    }

    proptest! {
        #[test]
        fn what_is_encoded_decodes_to_itself((panel, program) in program()) {
            for profile in [Profile::GENERIC, Profile::OPEN, Profile::LS32] {
                let upload = program.encode(panel, &Profile { max_bytes: 8_192, ..profile }).unwrap();
                prop_assert_eq!(upload.len() % 64, 0);
                prop_assert_eq!(decode(&upload, panel), Ok(program.clone()));
            }
        }

        #[test]
        fn any_bytes_are_read_or_refused(mut bytes in prop::collection::vec(any::<u8>(), 0..400), magic in any::<bool>()) {
            if magic && bytes.len() >= 5 {
                bytes[..5].copy_from_slice(MAGIC);
            }
            for panel in Panel::ALL {
                let _ = decode(&bytes, panel);
            }
        }
    }
}
