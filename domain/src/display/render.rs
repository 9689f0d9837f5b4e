//! From a message to its strip of pixels.
//!
//! Deterministic: no clock, no randomness, no I/O. Any Unicode text renders, in time linear in its length; what has
//! no glyph is drawn as a box and reported.

use std::ops::Range;

use unicode_normalization::{UnicodeNormalization as _, char::is_combining_mark};

use super::{
    Align, Document, Effect, Font, Image, Message, Motion, Panel, Segment, Strip,
    font::{NARROW, NINE},
    icon,
    line::{Line, Run},
    outline::{self, Script, Words},
};
use crate::wire::{Crc, Picture};

/// The longest strip the contract can name (`columns` of [`Picture`]); what is longer is cut.
const MAX_COLUMNS: usize = u16::MAX as usize;

/// More missing characters than this are not named.
const MAX_MISSING: usize = 64;

/// A message as pixels, and what was lost on the way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    pub strip: Strip,
    /// `auto` resolved: still if it fits the panel, else moving the way it is read.
    pub effect: Effect,
    /// Characters no font has, each once: drawn as a box, or as their letter without its mark.
    pub missing: Vec<char>,
    /// Lit pixels above or below the panel.
    pub clipped_px: u32,
}

/// Renders one message for a panel.
///
/// Text of the font `auto` is nine rows tall; when it would have to move and smaller letters can stand still, they do.
#[must_use]
pub fn render(message: &Message, panel: Panel) -> Rendered {
    let line = Line::new(message);
    let runs = line.runs();
    let mut pen = Pen::new(panel, Words::of(&runs, panel.rows()));
    runs.iter().for_each(|run| pen.draw(run));
    if message.effect == Motion::Auto
        && !has_one_page(pen.width(), panel)
        && runs.iter().all(has_small_letters)
    {
        let mut small = Pen { small: true, ..Pen::new(panel, Words::default()) };
        runs.iter().for_each(|run| small.draw(run));
        if has_one_page(small.width(), panel) {
            pen = small;
        }
    }
    let Pen { mut columns, missing, clipped_px, .. } = pen.finish();
    if message.invert {
        invert(&mut columns, panel);
    }
    let effect = message.effect.resolved(columns.len() <= panel.columns(), line.is_rtl());
    // The panel centres what is lit, so only dark columns before a text move it; more than one page is not centred.
    let page = panel.columns() / 8 * 8;
    if message.align == Align::End && columns.len() < page {
        let dark = page - columns.len();
        columns.splice(0..0, std::iter::repeat_n(0, dark));
    }
    Rendered { strip: Strip { columns }, effect, missing, clipped_px }
}

/// Whether so many columns, in whole bytes as the hardware has them, stand on the panel at once.
pub(super) const fn has_one_page(columns: usize, panel: Panel) -> bool {
    columns.next_multiple_of(8) <= panel.columns()
}

fn has_small_letters(run: &Run<'_>) -> bool {
    match run.segment {
        Segment::Text { font, .. } => {
            *font == Font::Auto && run.text.chars().all(|character| NARROW.has(character))
        }
        Segment::Icon(_) | Segment::Image(_) | Segment::Space(_) => true,
    }
}

/// The pixels of a layer as they go to a badge, and the checksum the badge says when it holds or lights them.
#[must_use]
pub fn pictures(document: &Document, panel: Panel) -> (Vec<Picture>, Crc) {
    let pictures: Vec<Picture> = document.messages.iter().map(|message| picture(message, panel)).collect();
    let crc = Crc::of(pictures.iter().map(|picture| picture.strip.as_slice()));
    (pictures, crc)
}

fn picture(message: &Message, panel: Panel) -> Picture {
    let Rendered { strip, effect, .. } = render(message, panel);
    Picture {
        strip: strip.to_bytes(panel),
        columns: u16::try_from(strip.columns.len()).unwrap_or(u16::MAX),
        effect,
        speed: message.speed,
        blink: message.blink,
        border: message.border,
    }
}

/// The columns drawn so far.
struct Pen {
    panel: Panel,
    words: Words,
    /// The font `auto` is the small one.
    small: bool,
    columns: Vec<u16>,
    /// Which of them are letters.
    letters: Vec<Range<usize>>,
    /// The last column is the gap after a letter or an icon.
    gap: bool,
    missing: Vec<char>,
    clipped_px: u32,
}

impl Pen {
    fn new(panel: Panel, words: Words) -> Self {
        let columns = Vec::with_capacity(64);
        Self {
            panel,
            words,
            small: false,
            columns,
            letters: Vec::new(),
            gap: false,
            missing: Vec::new(),
            clipped_px: 0,
        }
    }

    /// Columns drawn, without the gap after the last letter.
    fn width(&self) -> usize {
        self.columns.len() - usize::from(self.gap)
    }

    fn draw(&mut self, run: &Run<'_>) {
        if self.columns.len() > MAX_COLUMNS {
            return;
        }
        match run.segment {
            Segment::Text { font, .. } => self.text(run, *font),
            Segment::Icon(name) => self.icon(icon::named(name)),
            Segment::Image(image) => self.image(image),
            Segment::Space(columns) => self.dark(usize::from(*columns)),
        }
    }

    fn text(&mut self, run: &Run<'_>, font: Font) {
        let pieces = outline::pieces(run.text, run.rtl);
        if run.rtl {
            pieces.rev().for_each(|(text, script)| self.piece(text, script, true, font));
        } else {
            pieces.for_each(|(text, script)| self.piece(text, script, false, font));
        }
    }

    fn piece(&mut self, text: &str, script: Option<Script>, rtl: bool, font: Font) {
        match script {
            Some(script) => self.word(text, script),
            None if rtl => text.chars().rev().for_each(|character| self.character(mirrored(character), font)),
            None => text.chars().for_each(|character| self.character(character, font)),
        }
    }

    fn word(&mut self, word: &str, script: Script) {
        let mask = u32::from(self.panel.column_mask());
        let first = self.columns.len();
        let (columns, clipped_px) = (&mut self.columns, &mut self.clipped_px);
        let missing = self.words.draw(word, script, |below, above| {
            *clipped_px += above.count_ones() + (below & !mask).count_ones();
            columns.push((below & mask) as u16);
        });
        columns.push(0);
        missing.iter().for_each(|character| name(&mut self.missing, *character));
        self.letters(first);
    }

    /// All columns from `first` on are letters, the last of them a gap.
    fn letters(&mut self, first: usize) {
        let end = self.columns.len();
        match self.letters.last_mut().filter(|letters| letters.end == first) {
            Some(letters) => letters.end = end,
            None => self.letters.push(first..end),
        }
        self.gap = true;
    }

    fn icon(&mut self, columns: Option<&[u16]>) {
        match columns {
            Some(columns) => {
                self.columns.extend(columns);
                self.columns.push(0);
                self.gap = true;
            }
            None => self.miss(None),
        }
    }

    fn character(&mut self, character: char, font: Font) {
        let character = match character {
            // Joiners and skin tones change an emoji, which has one shape here.
            '\u{200c}' | '\u{200d}' | '\u{1f3fb}'..='\u{1f3ff}' => return,
            // Hebrew is read without its points.
            '\u{591}'..='\u{5bd}' | '\u{5bf}' | '\u{5c1}' | '\u{5c2}' | '\u{5c4}'..='\u{5c7}' => return,
            // The letters of a flag.
            '\u{1f1e6}'..='\u{1f1ff}' => char::from(b'A' + (u32::from(character) - 0x1f1e6) as u8),
            other => other,
        };
        if let Some(columns) = icon::of(character) {
            return self.icon(Some(columns));
        }
        if !self.letter(character, font) {
            self.stand_in(character, font);
        }
    }

    /// Draws a character of a bitmap font; `false` when none has it.
    fn letter(&mut self, character: char, font: Font) -> bool {
        let first = self.columns.len();
        let small = font == Font::Narrow || self.small && font == Font::Auto;
        let faces = if small { [NARROW, NINE] } else { [NINE, NARROW] };
        if !faces.iter().any(|face| face.draw(character, &mut self.columns)) {
            return false;
        }
        if font == Font::Led && character != ' ' {
            embolden(&mut self.columns, first);
        }
        self.letters(first);
        true
    }

    /// What comes nearest to a character without glyph: what it is made of (`℻` is `FAX`); its letter without the
    /// mark, which is reported; or a box.
    fn stand_in(&mut self, character: char, font: Font) {
        if is_combining_mark(character) {
            return name(&mut self.missing, character);
        }
        let parts = || std::iter::once(character).nfkd().filter(|part| !is_combining_mark(*part));
        let has = |part: char| part != character && (NINE.has(part) || NARROW.has(part));
        if !parts().all(has) || parts().next().is_none() {
            return self.miss(Some(character));
        }
        parts().for_each(|part| {
            self.letter(part, font);
        });
        if std::iter::once(character).nfkd().any(is_combining_mark) {
            name(&mut self.missing, character);
        }
    }

    /// A visible box, for what has no glyph.
    fn miss(&mut self, character: Option<char>) {
        if let Some(character) = character {
            name(&mut self.missing, character);
        }
        let first = self.columns.len();
        self.columns.extend([0x1ff, 0x101, 0x101, 0x101, 0x1ff, 0]);
        self.letters(first);
    }

    fn image(&mut self, image: &Image) {
        let (width, height) = (usize::from(image.width), usize::from(image.height));
        let row_bytes = width.div_ceil(8);
        self.gap = false;
        // Each frame of several is a page, and stands in its middle.
        let margin = if image.frames > 1 { self.panel.columns().saturating_sub(width) } else { 0 };
        for frame in 0..usize::from(image.frames) {
            self.dark(margin / 2);
            for x in 0..width {
                let lit = |row: usize| {
                    let byte = image.bits.get((frame * height + row) * row_bytes + x / 8);
                    byte.is_some_and(|byte| byte << (x % 8) & 0x80 != 0)
                };
                let column = (0..height).filter(|row| lit(*row)).fold(0, |column, row| column | 1 << row);
                self.column(column);
            }
            self.dark(margin - margin / 2);
        }
    }

    fn dark(&mut self, columns: usize) {
        self.gap = false;
        self.columns.resize(self.columns.len() + columns, 0);
    }

    fn column(&mut self, column: u16) {
        let seen = column & self.panel.column_mask();
        self.clipped_px += (column ^ seen).count_ones();
        self.columns.push(seen);
    }

    fn finish(mut self) -> Self {
        self.columns.truncate(self.width());
        // Letters stand in rows 0 to 8; without descenders they look better in the middle.
        let end = self.columns.len();
        let letters = || self.letters.iter().map(|letters| letters.start..letters.end.min(end));
        if !self.small && letters().all(|letters| self.columns[letters].iter().all(|column| column >> 9 == 0))
        {
            letters().for_each(|letters| self.columns[letters].iter_mut().for_each(|column| *column <<= 1));
        }
        self.columns.truncate(MAX_COLUMNS);
        self
    }
}

fn name(missing: &mut Vec<char>, character: char) {
    if missing.len() < MAX_MISSING && !missing.contains(&character) {
        missing.push(character);
    }
}

/// Doubles the strokes, as the vendor's own letters have them.
fn embolden(columns: &mut Vec<u16>, first: usize) {
    columns.push(0);
    for x in (first + 1..columns.len()).rev() {
        columns[x] |= columns[x - 1];
    }
    let gap = columns.len() - 1;
    if columns[gap] != 0 {
        columns.push(0);
    }
}

fn invert(columns: &mut Vec<u16>, panel: Panel) {
    // A frame of light around the text, unless it would no longer stand on the panel.
    if has_one_page(columns.len() + 2, panel) || !has_one_page(columns.len(), panel) {
        columns.insert(0, 0);
        columns.push(0);
    }
    columns.iter_mut().for_each(|column| *column ^= panel.column_mask());
}

/// Brackets open towards their text (UAX #9, rule L4).
fn mirrored(character: char) -> char {
    unicode_bidi_mirroring::get_mirrored(character).unwrap_or(character)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rendered(text: &str) -> Rendered {
        let document = Document::text(text).unwrap();
        render(&document.messages[0], Panel::P11x44)
    }

    /// The strip as a picture, a line a row.
    fn art(strip: &Strip) -> String {
        let row = |row: usize| {
            let dot = |column: &u16| if column >> row & 1 == 1 { '#' } else { '.' };
            strip.columns.iter().map(dot).collect::<String>()
        };
        (0..11).map(row).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn a_name_stands_still_and_a_sentence_moves() {
        let name = rendered("Müller");
        assert_eq!((name.effect, name.missing.len(), name.clipped_px), (Effect::Fixed, 0, 0));
        let expected = "\
            ............................\n\
            #...#.......#..#............\n\
            #...#..#.#..#..#............\n\
            ##.##.......#..#............\n\
            ##.##.#...#.#..#...###..#.##\n\
            #.#.#.#...#.#..#..#...#.##..\n\
            #.#.#.#...#.#..#..#####.#...\n\
            #...#.#...#.#..#..#.....#...\n\
            #...#.#...#.#..#..#.....#...\n\
            #...#..####..#..#..####.#...\n\
            ............................";
        let got = art(&name.strip);
        assert_eq!(got, expected, "\n{got}");
        assert_eq!(rendered("Doors open at nine").effect, Effect::Left);
        assert_eq!(rendered("ברוכים הבאים לבית החולים").effect, Effect::Right);
    }

    #[test]
    fn a_name_that_just_misses_is_set_in_smaller_letters() {
        let name = rendered("Reception");
        assert_eq!((name.effect, name.strip.columns.len()), (Effect::Fixed, 40));
        assert_eq!(rendered("Reception desk").effect, Effect::Left);
        let wide =
            Message { effect: Motion::Left, ..Document::text("Reception").unwrap().messages.remove(0) };
        assert_eq!(render(&wide, Panel::P11x44).strip.columns.len(), 48);
    }

    #[test]
    fn what_has_no_glyph_is_a_box_and_is_named_once() {
        let odd = rendered("a\u{10fffd}\u{10fffd}b");
        assert_eq!(odd.missing, ['\u{10fffd}']);
        assert!(odd.strip.columns.windows(5).any(|box_| box_ == [0x3fe, 0x202, 0x202, 0x202, 0x3fe]));
    }

    #[test]
    fn what_is_made_of_letters_is_drawn_with_them() {
        assert_eq!(rendered("℻").strip, rendered("FAX").strip);
        assert_eq!(rendered("℻").missing, []);
        // A letter with a mark no font has; and a mark that belongs to no letter.
        assert_eq!((rendered("ἀ").strip, rendered("ἀ").missing), (rendered("α").strip, vec!['ἀ']));
        assert_eq!(
            (rendered("x\u{302}").strip, rendered("x\u{302}").missing),
            (rendered("x").strip, vec!['\u{302}'])
        );
    }

    #[test]
    fn an_image_taller_than_the_panel_is_clipped_and_counted() {
        let image = Image { width: 2, height: 12, frames: 1, bits: vec![0xc0; 12] };
        let message = Message { segments: vec![Segment::Image(image)], ..Message::default() };
        assert_eq!(render(&message, Panel::P11x44).clipped_px, 2);
        assert_eq!(render(&message, Panel::P12x48).clipped_px, 0);
    }

    #[test]
    fn the_frames_of_an_image_are_pages() {
        let image = Image { width: 8, height: 1, frames: 2, bits: vec![0xff, 0x80] };
        let message = Message { segments: vec![Segment::Image(image)], ..Message::default() };
        let columns = render(&message, Panel::P11x44).strip.columns;
        assert_eq!(
            (columns.len(), columns[18], columns[25], columns[44 + 18], columns[44 + 19]),
            (88, 1, 1, 1, 0)
        );
    }

    #[test]
    fn an_asked_effect_stays_and_inverted_text_is_dark_on_light() {
        let text = Segment::Text { text: "I".to_owned(), font: Font::Auto };
        let message =
            Message { segments: vec![text], effect: Motion::Laser, invert: true, ..Message::default() };
        let rendered = render(&message, Panel::P11x44);
        assert_eq!(rendered.effect, Effect::Laser);
        assert_eq!(rendered.strip.columns.first(), Some(&0x7ff));
    }
}
