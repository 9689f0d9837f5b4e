//! Shaped outline fonts, for scripts whose letters join, stack or change with their neighbours.
//!
//! A word is shaped (OpenType), then filled at the largest size at which all words of its script in the message
//! stand within the panel. Whole numbers only: every machine lights the same pixels.

mod ink;

use std::{collections::BTreeMap, sync::LazyLock};

use rustybuzz::{Direction, Face, ShapePlan, UnicodeBuffer, script, shape_with_plan, ttf_parser::GlyphId};

use super::line::Run;
use ink::{BASELINE, Ink, Scale};

/// Scripts that are shaped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Script {
    Arabic,
    Thai,
    Devanagari,
}

impl Script {
    pub(crate) const ALL: [Self; 3] = [Self::Arabic, Self::Thai, Self::Devanagari];

    pub(crate) const fn of(character: char) -> Option<Self> {
        match character {
            '\u{600}'..='\u{6ff}' | '\u{750}'..='\u{77f}' => Some(Self::Arabic),
            '\u{e00}'..='\u{e7f}' => Some(Self::Thai),
            '\u{900}'..='\u{97f}' => Some(Self::Devanagari),
            _ => None,
        }
    }

    const fn is_rtl(self) -> bool {
        matches!(self, Self::Arabic)
    }

    fn outline(self) -> &'static Outline {
        static OUTLINES: LazyLock<[Outline; 3]> = LazyLock::new(|| {
            let (rtl, ltr) = (Direction::RightToLeft, Direction::LeftToRight);
            [
                Outline::read(Script::Arabic.file(), script::ARABIC, rtl),
                Outline::read(Script::Thai.file(), script::THAI, ltr),
                Outline::read(Script::Devanagari.file(), script::DEVANAGARI, ltr),
            ]
        });
        &OUTLINES[self as usize]
    }

    const fn file(self) -> &'static [u8] {
        match self {
            Self::Arabic => include_bytes!("../../fonts/arabic.ttf"),
            Self::Thai => include_bytes!("../../fonts/thai.ttf"),
            Self::Devanagari => include_bytes!("../../fonts/devanagari.ttf"),
        }
    }

    /// Bytes in the binary.
    pub(crate) const fn bytes(self) -> usize {
        self.file().len()
    }

    /// Whether the font of the script has the character.
    pub(crate) fn has(self, character: char) -> bool {
        self.outline().face.glyph_index(character).is_some()
    }
}

/// Pixels per em that are tried, the largest first.
const SIZES: [u16; 4] = [11, 10, 9, 8];
/// Rows above the baseline of the bitmap fonts.
const ASCENT: usize = 9;

/// A font of one script.
struct Outline {
    face: Face<'static>,
    plan: ShapePlan,
    script: rustybuzz::Script,
    direction: Direction,
}

/// A word as glyphs at their places, in font units.
#[derive(Debug)]
struct Shaped {
    glyphs: Vec<(GlyphId, i32, i32)>,
    missing: Vec<char>,
    /// The lowest and the highest point.
    bounds: (i32, i32),
}

/// A word filled at some size: its columns, bit [`BASELINE`] is the row under the baseline.
#[derive(Debug, Clone, Default)]
struct Filled {
    columns: Vec<u32>,
    missing: Vec<char>,
}

impl Outline {
    fn read(file: &'static [u8], script: rustybuzz::Script, direction: Direction) -> Self {
        let face = Face::from_slice(file, 0).expect("the embedded fonts are read in every test of this file");
        let plan = ShapePlan::new(&face, direction, Some(script), None, &[]);
        Self { face, plan, script, direction }
    }

    fn shape(&self, word: &str) -> Shaped {
        let mut buffer = UnicodeBuffer::new();
        buffer.push_str(word);
        buffer.set_direction(self.direction);
        buffer.set_script(self.script);
        let buffer = shape_with_plan(&self.face, &self.plan, buffer);
        let mut shaped =
            Shaped { glyphs: Vec::with_capacity(buffer.len()), missing: Vec::new(), bounds: (0, 0) };
        let mut x = 0;
        for (info, at) in buffer.glyph_infos().iter().zip(buffer.glyph_positions()) {
            if info.glyph_id == 0 {
                shaped.missing.extend(word.get(info.cluster as usize..).and_then(|rest| rest.chars().next()));
            }
            let glyph = GlyphId(u16::try_from(info.glyph_id).unwrap_or(0));
            if let Some(bounds) = self.face.glyph_bounding_box(glyph) {
                shaped.bounds.0 = shaped.bounds.0.min(at.y_offset + i32::from(bounds.y_min));
                shaped.bounds.1 = shaped.bounds.1.max(at.y_offset + i32::from(bounds.y_max));
            }
            shaped.glyphs.push((glyph, x + at.x_offset, at.y_offset));
            x += at.x_advance;
        }
        shaped
    }

    fn fill(&self, shaped: &Shaped, size: u16, ink: &mut Ink) -> Filled {
        let scale = Scale::new(size, self.face.units_per_em());
        for (glyph, x, y) in &shaped.glyphs {
            self.face.outline_glyph(*glyph, &mut ink.pen(scale, *x, *y));
            ink.fill();
        }
        Filled { columns: ink.take(), missing: shaped.missing.clone() }
    }

    /// The words at the largest size at which they stand within the rows.
    fn fit(&self, words: &[&str], rows: usize) -> Vec<Filled> {
        let shaped: Vec<Shaped> = words.iter().map(|word| self.shape(word)).collect();
        let lowest = shaped.iter().map(|word| word.bounds.0).min().unwrap_or(0);
        let highest = shaped.iter().map(|word| word.bounds.1).max().unwrap_or(0);
        let em = self.face.units_per_em();
        // What is taller by more than a row does not come to fit by losing a row.
        let hopeless = |size: u16| (highest - lowest) * i32::from(size) > (rows as i32 + 1) * em;
        let mut ink = Ink::default();
        let mut filled = Vec::new();
        for (i, size) in SIZES.into_iter().enumerate() {
            let last = i + 1 == SIZES.len();
            if hopeless(size) && !last {
                continue;
            }
            filled = shaped.iter().map(|word| self.fill(word, size, &mut ink)).collect();
            while height(every(&filled)) > rows && squeeze(&mut filled) {}
            if height(every(&filled)) <= rows {
                break;
            }
        }
        filled
    }
}

/// The shaped words of a message.
#[derive(Debug, Default)]
pub(crate) struct Words {
    filled: BTreeMap<String, Filled>,
    /// For each script, rows from the top of the panel to the baseline.
    baselines: [usize; 3],
}

impl Words {
    /// Fills every word of the runs.
    pub(crate) fn of(runs: &[Run<'_>], rows: usize) -> Self {
        let mut words = Self::default();
        let units: Vec<(&str, Script)> =
            runs.iter().flat_map(|run| pieces(run.text, run.rtl)).filter_map(shaped).collect();
        for script in Script::ALL {
            let mut units: Vec<&str> =
                units.iter().filter(|(_, of)| *of == script).map(|(unit, _)| *unit).collect();
            if units.is_empty() {
                continue;
            }
            units.sort_unstable();
            units.dedup();
            let filled = script.outline().fit(&units, rows);
            words.baselines[script as usize] = baseline(every(&filled), rows);
            words.filled.extend(units.iter().map(|unit| (*unit).to_owned()).zip(filled));
        }
        words
    }

    /// A word's columns for the panel (bit 0 is the top row, rows above it are in `clipped`), and its characters
    /// without glyph.
    pub(crate) fn draw(&self, word: &str, script: Script, mut column: impl FnMut(u32, u32)) -> &[char] {
        let Some(filled) = self.filled.get(word) else { return &[] };
        let above = BASELINE - self.baselines[script as usize];
        for bits in &filled.columns {
            column(bits >> above, bits & ((1 << above) - 1));
        }
        &filled.missing
    }
}

fn every(words: &[Filled]) -> u32 {
    words.iter().flat_map(|word| &word.columns).fold(0, |every, column| every | column)
}

const fn height(ink: u32) -> usize {
    if ink == 0 { 0 } else { (32 - ink.leading_zeros() - ink.trailing_zeros()) as usize }
}

/// Takes away a row that says nothing: in which no column differs from both the row above and the row below. Long
/// strokes become shorter; dots and the gaps between marks and letters stay. `false` when there is no such row.
fn squeeze(words: &mut [Filled]) -> bool {
    let ink = every(words);
    let says_nothing = |row: &u32| {
        words.iter().flat_map(|word| &word.columns).all(|column| {
            let [above, here, below] = [row - 1, *row, row + 1].map(|row| column >> row & 1);
            here == above || here == below
        })
    };
    let mut rows = ink.trailing_zeros() + 1..31 - ink.leading_zeros();
    let Some(row) = rows.find(says_nothing) else { return false };
    let upper = (1u32 << row) - 1;
    for column in words.iter_mut().flat_map(|word| &mut word.columns) {
        *column = if (row as usize) < BASELINE {
            *column & !(upper << 1 | 1) | (*column & upper) << 1
        } else {
            *column >> 1 & !upper | *column & upper
        };
    }
    true
}

/// The row of the baseline at which all ink stands within the panel, or at which least is cut.
fn baseline(ink: u32, rows: usize) -> usize {
    if ink == 0 {
        return ASCENT;
    }
    let (top, bottom) = (ink.trailing_zeros() as usize, 32 - ink.leading_zeros() as usize);
    // Its top at the first row, and its bottom at the last.
    let (lowest, highest) = (BASELINE.saturating_sub(top), (rows + BASELINE).saturating_sub(bottom));
    let baseline =
        if lowest <= highest { ASCENT.clamp(lowest, highest) } else { usize::midpoint(lowest, highest) };
    baseline.min(BASELINE)
}

/// A run cut where a script begins or ends, in reading order. Digits of right-to-left scripts are read from the left
/// and need no shaping, so each is a piece of its own.
pub(crate) fn pieces(text: &str, rtl: bool) -> impl DoubleEndedIterator<Item = (&str, Option<Script>)> {
    let mut pieces: Vec<(&str, Option<Script>)> = Vec::new();
    let mut start = 0;
    let mut current = None;
    for (at, character) in text.char_indices() {
        let joiner = matches!(character, '\u{200c}' | '\u{200d}');
        let script = if joiner { current } else { Script::of(character) };
        let alone = script.is_some_and(|script| script.is_rtl() && !rtl);
        if (script != current || alone) && at > start {
            pieces.push((&text[start..at], current));
            start = at;
        }
        current = script;
    }
    if start < text.len() {
        pieces.push((&text[start..], current));
    }
    pieces.into_iter()
}

fn shaped((text, script): (&str, Option<Script>)) -> Option<(&str, Script)> {
    script.map(|script| (text, script))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_is_cut_where_a_script_begins() {
        let cut = |text, rtl| pieces(text, rtl).map(|(text, _)| text).collect::<Vec<_>>();
        assert_eq!(cut("Ada", false), ["Ada"]);
        assert_eq!(cut("مرحبا بكم!", true), ["مرحبا", " ", "بكم", "!"]);
        assert_eq!(cut("٢٠", false), ["٢", "٠"]);
        assert_eq!(cut("สวัสดี Ada", false), ["สวัสดี", " Ada"]);
    }

    #[test]
    fn the_baseline_keeps_all_ink_within_the_panel() {
        assert_eq!(baseline(0b11 << (BASELINE - 1), 11), ASCENT);
        assert_eq!(baseline(1 << (BASELINE - 11) | 1 << (BASELINE - 1), 11), 11);
        assert_eq!(baseline(1 << (BASELINE + 10), 11), 0);
        assert_eq!(baseline(1 << (BASELINE - 8) | 1 << (BASELINE + 4), 11), 7);
    }

    #[test]
    fn squeezing_shortens_a_stroke_and_keeps_a_dot() {
        // From the top: a dot, a gap, four rows of a stroke, above the baseline.
        let column = 0b11_1101 << (BASELINE - 6);
        let mut words = [Filled { columns: vec![column], missing: Vec::new() }];
        assert!(squeeze(&mut words));
        assert_eq!(words[0].columns, [0b1_1101 << (BASELINE - 5)]);
        assert!(squeeze(&mut words));
    }

    #[test]
    fn every_character_of_the_blocks_is_drawn_or_missing() {
        for (script, block) in
            [(Script::Arabic, 0x600..0x700), (Script::Thai, 0xe00..0xe80), (Script::Devanagari, 0x900..0x980)]
        {
            let mut ink = Ink::default();
            for character in block.filter_map(char::from_u32).filter(|character| *character != '\u{61c}') {
                let outline = script.outline();
                let filled = outline.fill(&outline.shape(&character.to_string()), 10, &mut ink);
                assert_eq!(filled.missing.is_empty(), script.has(character), "{character:?}");
            }
        }
    }
}
