//! Bitmap fonts: from a character to its columns.
//!
//! The fonts are made by `domain/fonts/convert.py` and embedded. A `.glyphs` file is, little-endian: the number of
//! glyphs as u32; their characters as u16, ascending; for each 16 glyphs the offset of the first as u32; then the
//! glyphs: width, a byte of first row (high half) and number of rows (low half), and the rows' bits without padding
//! between them, most significant bit left. Every glyph stands in rows 0 to 10, the baseline is under row 8, and its
//! width is its advance: columns after columns are text.

/// A bitmap font.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Face {
    codes: &'static [u8],
    offsets: &'static [u8],
    glyphs: &'static [u8],
}

/// Nine rows tall: Latin, Greek, Cyrillic, Hebrew, kana, Hangul, Han.
pub(crate) const NINE: Face = Face::read(include_bytes!("../../fonts/nine.glyphs"));
/// Seven rows tall: Latin, Greek, Cyrillic.
pub(crate) const NARROW: Face = Face::read(include_bytes!("../../fonts/narrow.glyphs"));

impl Face {
    const fn read(file: &'static [u8]) -> Self {
        let (count, rest) = file.split_at(4);
        let count = u32::from_le_bytes([count[0], count[1], count[2], count[3]]) as usize;
        let (codes, rest) = rest.split_at(2 * count);
        let (offsets, glyphs) = rest.split_at(4 * count.div_ceil(16));
        Self { codes, offsets, glyphs }
    }

    /// Bytes in the binary.
    pub(crate) const fn bytes(self) -> usize {
        4 + self.codes.len() + self.offsets.len() + self.glyphs.len()
    }

    fn len(self) -> usize {
        self.codes.len() / 2
    }

    fn code(self, index: usize) -> u32 {
        u32::from(u16::from_le_bytes([self.codes[2 * index], self.codes[2 * index + 1]]))
    }

    fn index_of(self, character: char) -> Option<usize> {
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = usize::midpoint(low, high);
            match self.code(middle).cmp(&u32::from(character)) {
                std::cmp::Ordering::Equal => return Some(middle),
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Greater => high = middle,
            }
        }
        None
    }

    pub(crate) fn has(self, character: char) -> bool {
        self.index_of(character).is_some()
    }

    /// Appends the columns of a character; `false` when the font has none.
    pub(crate) fn draw(self, character: char, columns: &mut Vec<u16>) -> bool {
        let Some(index) = self.index_of(character) else { return false };
        let block = index / 16 * 4;
        let [a, b, c, d] = [0, 1, 2, 3].map(|byte| self.offsets[block + byte]);
        let mut at = u32::from_le_bytes([a, b, c, d]) as usize;
        for _ in 0..index % 16 {
            let [width, rows] = self.head(at);
            at += 2 + (width * (rows & 15)).div_ceil(8);
        }
        let [width, rows] = self.head(at);
        let (top, height, first) = (rows >> 4, rows & 15, columns.len());
        columns.resize(first + width, 0);
        for bit in 0..width * height {
            if self.glyphs[at + 2 + bit / 8] << (bit % 8) & 0x80 != 0 {
                columns[first + bit % width] |= 1 << (top + bit / width);
            }
        }
        true
    }

    fn head(self, at: usize) -> [usize; 2] {
        [self.glyphs[at], self.glyphs[at + 1]].map(usize::from)
    }

    /// Every character of the font.
    pub(crate) fn characters(self) -> impl Iterator<Item = char> {
        (0..self.len()).filter_map(move |index| char::from_u32(self.code(index)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_glyph_of_every_face_stands_within_eleven_rows() {
        for face in [NINE, NARROW] {
            let mut columns = Vec::new();
            for character in face.characters() {
                columns.clear();
                assert!(face.draw(character, &mut columns), "{character:?}");
                assert!((1..32).contains(&columns.len()), "{character:?}");
                assert!(columns.iter().all(|column| column >> 11 == 0), "{character:?}");
            }
        }
    }

    #[test]
    fn a_letter_looks_like_itself() {
        let mut columns = Vec::new();
        assert!(NINE.draw('H', &mut columns));
        assert_eq!(columns, [0x1ff, 0x10, 0x10, 0x10, 0x1ff, 0]);
        assert!(!NINE.draw('\u{1f600}', &mut columns));
    }
}
