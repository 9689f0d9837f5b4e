//! Our own icons, eleven rows tall, by name and for common emoji.
//!
//! Drawn in `domain/fonts/icons.txt`: a line with the name and the characters it stands for, eleven rows of `#` and
//! `.` (a row of one `.` is dark), an empty line.

use std::{collections::HashMap, sync::LazyLock};

const FILE: &str = include_str!("../../fonts/icons.txt");

#[derive(Debug, Default)]
struct Icons {
    /// Names and columns, in the order of the file.
    drawn: Vec<(&'static str, Vec<u16>)>,
    by_name: HashMap<&'static str, usize>,
    by_character: HashMap<char, usize>,
}

static ICONS: LazyLock<Icons> = LazyLock::new(|| {
    let mut icons = Icons::default();
    for block in FILE.split("\n\n") {
        let mut lines = block.trim_matches('\n').lines();
        let mut words = lines.next().unwrap_or_default().split(' ');
        let name = words.next().unwrap_or_default();
        let mut columns = Vec::new();
        for (row, line) in lines.enumerate() {
            columns.resize(columns.len().max(line.len()), 0u16);
            for (x, _) in line.bytes().enumerate().filter(|(_, dot)| *dot == b'#') {
                columns[x] |= 1 << row;
            }
        }
        let index = icons.drawn.len();
        icons.by_name.insert(name, index);
        icons.by_character.extend(words.filter_map(|word| word.chars().next()).map(|first| (first, index)));
        icons.drawn.push((name, columns));
    }
    icons
});

/// The columns of the icon of this name; bit 0 is the top row.
#[must_use]
pub fn named(name: &str) -> Option<&'static [u16]> {
    ICONS.by_name.get(name).map(|index| ICONS.drawn[*index].1.as_slice())
}

/// The columns of the icon that stands for a character.
#[must_use]
pub fn of(character: char) -> Option<&'static [u16]> {
    // No icon stands for a letter of Latin-1: most text never asks the table.
    if character < '\u{100}' {
        return None;
    }
    ICONS.by_character.get(&character).map(|index| ICONS.drawn[*index].1.as_slice())
}

/// Every name, in the order of the file.
pub fn names() -> impl Iterator<Item = &'static str> {
    ICONS.drawn.iter().map(|(name, _)| *name)
}

/// Every character an icon stands for.
pub fn characters() -> impl Iterator<Item = char> {
    ICONS.by_character.keys().copied()
}

/// Bytes in the binary.
pub(crate) const fn bytes() -> usize {
    FILE.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_icon_is_well_drawn_and_named_once() {
        let blocks: Vec<&str> = FILE.trim_end().split("\n\n").collect();
        assert_eq!(names().count(), blocks.len());
        assert_eq!(ICONS.by_name.len(), blocks.len(), "a name twice");
        let mut characters = 0;
        for block in blocks {
            let lines: Vec<&str> = block.lines().collect();
            let (head, rows) = lines.split_first().unwrap();
            let name = head.split(' ').next().unwrap();
            characters += head.split(' ').count() - 1;
            assert!(
                name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
            );
            assert!((1..=32).contains(&name.len()), "{name}");
            assert_eq!(rows.len(), 11, "{name}");
            let widths: std::collections::BTreeSet<usize> =
                rows.iter().map(|row| row.len()).filter(|width| *width > 1).collect();
            assert_eq!(widths.len(), 1, "{name}");
            assert!(rows.iter().all(|row| row.bytes().all(|dot| dot == b'#' || dot == b'.')), "{name}");
            assert!(named(name).unwrap().iter().any(|column| *column != 0), "{name}");
        }
        assert_eq!(characters, ICONS.by_character.len(), "a character twice");
    }

    #[test]
    fn the_icons_people_ask_for_exist() {
        for name in
            ["heart", "star", "smile", "check", "cross", "coffee", "clock", "phone", "medical_cross", "wifi"]
        {
            assert!(named(name).is_some(), "{name}");
        }
        assert!(of('🎉').is_some() && of('ﬁ').is_none() && of('a').is_none());
    }
}
