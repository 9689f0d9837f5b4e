//! What the embedded fonts cover, for `badgecast fonts`.

use std::ops::RangeInclusive;

use super::{
    font::{Face, NARROW, NINE},
    icon,
    outline::Script,
};

/// One embedded font.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Coverage {
    pub font: &'static str,
    /// What it is made from; the whole notice is `domain/fonts/NOTICE`.
    pub origin: &'static str,
    pub licence: &'static str,
    /// Bytes in the binary.
    pub bytes: usize,
    pub characters: usize,
    /// Blocks of which it has something: name, characters it has, characters of the block.
    pub blocks: Vec<(&'static str, usize, usize)>,
}

/// The blocks that are reported.
const BLOCKS: [(&str, RangeInclusive<char>); 22] = [
    ("Basic Latin", ' '..='~'),
    ("Latin-1 Supplement", '\u{a0}'..='\u{ff}'),
    ("Latin Extended-A", '\u{100}'..='\u{17f}'),
    ("Latin Extended-B", '\u{180}'..='\u{24f}'),
    ("Vietnamese", '\u{1ea0}'..='\u{1ef9}'),
    ("Greek", '\u{370}'..='\u{3ff}'),
    ("Cyrillic", '\u{400}'..='\u{4ff}'),
    ("Hebrew letters", '\u{5d0}'..='\u{5ea}'),
    ("Arabic", '\u{600}'..='\u{6ff}'),
    ("Arabic Supplement", '\u{750}'..='\u{77f}'),
    ("Devanagari", '\u{900}'..='\u{97f}'),
    ("Thai", '\u{e00}'..='\u{e7f}'),
    ("General Punctuation", '\u{2010}'..='\u{205e}'),
    ("Currency", '\u{20a0}'..='\u{20c0}'),
    ("Arrows", '\u{2190}'..='\u{21ff}'),
    ("Symbols", '\u{2600}'..='\u{27bf}'),
    ("CJK Punctuation", '\u{3000}'..='\u{303f}'),
    ("Kana", '\u{3041}'..='\u{30ff}'),
    ("Han", '\u{4e00}'..='\u{9fff}'),
    ("Hangul", '\u{ac00}'..='\u{d7a3}'),
    ("Fullwidth Forms", '\u{ff01}'..='\u{ffee}'),
    ("Emoji", '\u{1f300}'..='\u{1faff}'),
];

/// Every embedded font, in the order they are asked for a character.
#[must_use]
pub fn coverage() -> Vec<Coverage> {
    const OFL: &str = "SIL Open Font License 1.1";
    const OWN: &str = "MIT OR Apache-2.0";
    let face = |font, origin, face: Face| {
        let has = face.characters().collect();
        report(font, origin, OFL, face.bytes(), has)
    };
    let script = |font, origin, script: Script| {
        let has = BLOCKS.iter().flat_map(|(_, block)| block.clone());
        let has = has.filter(|character| Script::of(*character) == Some(script) && script.has(*character));
        report(font, origin, OFL, script.bytes(), has.collect())
    };
    vec![
        report("icons", "Badgecast", OWN, icon::bytes(), icon::characters().collect()),
        face("9x9", "Galmuri9, Galmuri7, Boutique Bitmap 9x9, X11 6x13", NINE),
        face("6x12", "Galmuri7, X11 6x12", NARROW),
        script("Arabic", "Noto Kufi Arabic", Script::Arabic),
        script("Thai", "Noto Looped Thai", Script::Thai),
        script("Devanagari", "Noto Sans Devanagari", Script::Devanagari),
    ]
}

fn report(
    font: &'static str,
    origin: &'static str,
    licence: &'static str,
    bytes: usize,
    mut has: Vec<char>,
) -> Coverage {
    has.sort_unstable();
    let within = |block: &RangeInclusive<char>| {
        let start = has.partition_point(|character| character < block.start());
        let end = has.partition_point(|character| character <= block.end());
        end - start
    };
    let blocks = BLOCKS.iter().map(|(name, block)| (*name, within(block), block.clone().count()));
    let blocks = blocks.filter(|(_, has, _)| *has > 0).collect();
    Coverage { font, origin, licence, bytes, characters: has.len(), blocks }
}

/// The report as a table of text.
#[must_use]
pub fn table() -> String {
    use std::fmt::Write as _;
    let mut text = String::new();
    for font in coverage() {
        let Coverage { font, origin, licence, bytes, characters, blocks } = font;
        let _ = writeln!(text, "{font}: {characters} characters, {bytes} bytes, {licence}\n  from {origin}");
        for (block, has, of) in blocks {
            let _ = writeln!(text, "  {block:<22}{has:>6} of {of}");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fonts_cover_what_they_are_here_for() {
        let has = |font: &str, block: &str| {
            let coverage = coverage().into_iter().find(|coverage| coverage.font == font).unwrap();
            coverage
                .blocks
                .into_iter()
                .find(|(name, ..)| *name == block)
                .map(|(_, has, of)| (has, of))
                .unwrap()
        };
        for block in [
            "Basic Latin",
            "Latin-1 Supplement",
            "Latin Extended-A",
            "Vietnamese",
            "Hebrew letters",
            "Hangul",
        ] {
            let (has, of) = has("9x9", block);
            assert_eq!(has, of, "{block}");
        }
        assert!(has("9x9", "Han").0 > 10_000);
        assert!(has("Arabic", "Arabic").0 > 230);
        assert_eq!(has("Thai", "Thai").0, 87);
        assert!(has("icons", "Emoji").0 > 40);
        assert!(table().contains("Noto Kufi Arabic"));
    }
}
