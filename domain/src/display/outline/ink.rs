//! Filling outlines: which pixels a glyph covers enough to be lit.

use rustybuzz::ttf_parser::OutlineBuilder;

/// The row under the baseline, counted from the top of what is filled.
pub(super) const BASELINE: usize = 16;
/// Rows that are filled.
const ROWS: usize = 32;
/// Fractions of a pixel in coordinates.
const UNIT: i64 = 64;
/// Lines a row is cut into when its light is measured.
const LINES: i64 = 8;
/// From one of these lines to the next.
const STEP: i64 = UNIT / LINES;
/// Pixels left of the origin a glyph may reach.
const LEFT: i64 = 8;
/// Columns a word may have.
const MAX_COLUMNS: usize = 8_192;
/// How much of a pixel must be covered for it to be lit.
const ENOUGH: u32 = FULL * 42 / 100;

/// From font units to fractions of pixels.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scale {
    size: i64,
    em: i64,
}

impl Scale {
    pub(super) fn new(size: u16, em: i32) -> Self {
        Self { size: i64::from(size), em: i64::from(em.max(1)) }
    }

    fn fractions(self, half_units: i64) -> i64 {
        (half_units * self.size * UNIT).div_euclid(2 * self.em)
    }
}

type Point = (i64, i64);

/// The light of one word.
#[derive(Debug, Default)]
pub(super) struct Ink {
    edges: Vec<[Point; 2]>,
    /// Middles of contours so small that they are dots.
    dots: Vec<Point>,
    /// Where edges meet the lines: line, place, and 1 for upwards.
    crossings: Vec<(i64, i64, i64)>,
    /// How much of each pixel one glyph covers, column by column.
    glyph: Vec<[u32; ROWS]>,
    /// The same for all glyphs.
    word: Vec<[u32; ROWS]>,
}

/// A pixel that is covered wholly.
const FULL: u32 = (UNIT * LINES) as u32;
/// Contours not wider and not taller than this are dots: one pixel each, so that none is lost and all look alike.
const DOT: i64 = UNIT * 8 / 5;

impl Ink {
    /// A pen for one glyph, at a place in font units.
    pub(super) fn pen(&mut self, scale: Scale, x: i32, y: i32) -> Pen<'_> {
        let origin = (2 * i64::from(x), 2 * i64::from(y));
        Pen {
            scale,
            origin,
            start: (0, 0),
            at: (0, 0),
            edges: &mut self.edges,
            dots: &mut self.dots,
            contour: 0,
        }
    }

    /// Fills the glyph drawn since the last call; overlapping parts count once (non-zero winding).
    pub(super) fn fill(&mut self) {
        self.sweep();
        let brightest = self.glyph.iter().flatten().copied().max().unwrap_or(0);
        // A mark so thin that it lies between pixels would be lost: what it covers most is lit.
        let faint = brightest < ENOUGH && self.dots.is_empty();
        self.word.resize(self.word.len().max(self.glyph.len()), [0; ROWS]);
        for (word, glyph) in self.word.iter_mut().zip(self.glyph.drain(..)) {
            for (word, glyph) in word.iter_mut().zip(glyph) {
                *word += if faint && glyph > 0 && glyph * 4 >= brightest * 3 { FULL } else { glyph };
            }
        }
        for (x, y) in std::mem::take(&mut self.dots) {
            let row = BASELINE as i64 - 1 - y.div_euclid(UNIT);
            let column = x.div_euclid(UNIT) + LEFT;
            if let (Ok(row), Ok(column)) = (usize::try_from(row), usize::try_from(column))
                && row < ROWS
                && column < MAX_COLUMNS
            {
                self.word.resize(self.word.len().max(column + 1), [0; ROWS]);
                self.word[column][row] = FULL;
            }
        }
    }

    fn sweep(&mut self) {
        self.crossings.clear();
        for [from, to] in self.edges.drain(..) {
            let (low, high, sign) = if from.1 < to.1 { (from, to, 1) } else { (to, from, -1) };
            // A line is measured in its middle.
            let first = (low.1 + STEP / 2 - 1).div_euclid(STEP);
            let end = (high.1 + STEP / 2 - 1).div_euclid(STEP);
            for line in first..end {
                let y = line * STEP + STEP / 2;
                let x = low.0 + (high.0 - low.0) * (y - low.1) / (high.1 - low.1);
                self.crossings.push((line, x, sign));
            }
        }
        self.crossings.sort_unstable();
        let mut winding = 0;
        for pair in 1..self.crossings.len() {
            let [(line, x, sign), (next_line, next_x, _)] = [self.crossings[pair - 1], self.crossings[pair]];
            winding = if line == next_line { winding + sign } else { 0 };
            let row = BASELINE as i64 - 1 - line.div_euclid(LINES);
            if winding != 0
                && let Ok(row) = usize::try_from(row)
                && row < ROWS
            {
                self.span(row, x + LEFT * UNIT, next_x + LEFT * UNIT);
            }
        }
    }

    fn span(&mut self, row: usize, from: i64, to: i64) {
        let mut x = from.max(0);
        while x < to.min(MAX_COLUMNS as i64 * UNIT) {
            let column = x / UNIT;
            let end = to.min((column + 1) * UNIT);
            let column = column as usize;
            if self.glyph.len() <= column {
                self.glyph.resize(column + 1, [0; ROWS]);
            }
            self.glyph[column][row] += (end - x) as u32;
            x = end;
        }
    }

    /// The lit columns of all that was filled, without dark ones at the ends; begins anew.
    pub(super) fn take(&mut self) -> Vec<u32> {
        let column = |light: &[u32; ROWS]| {
            (0..ROWS).filter(|row| light[*row] >= ENOUGH).fold(0, |column, row| column | 1 << row)
        };
        let columns: Vec<u32> = self.word.drain(..).map(|light| column(&light)).collect();
        let first = columns.iter().position(|column| *column != 0).unwrap_or(columns.len());
        let end = columns.iter().rposition(|column| *column != 0).map_or(first, |last| last + 1);
        columns[first..end].to_vec()
    }
}

/// Draws an outline as straight edges; y points up.
#[derive(Debug)]
pub(super) struct Pen<'a> {
    scale: Scale,
    /// In half font units: the middle of two control points is a half.
    origin: Point,
    start: Point,
    at: Point,
    edges: &'a mut Vec<[Point; 2]>,
    /// Where the edges of the contour begin.
    contour: usize,
    dots: &'a mut Vec<Point>,
}

impl Pen<'_> {
    fn point(&self, x: f32, y: f32) -> Point {
        let half_units = |value: f32, origin: i64| self.scale.fractions((value * 2.0) as i64 + origin);
        (half_units(x, self.origin.0), half_units(y, self.origin.1))
    }

    fn edge(&mut self, to: Point) {
        if to.1 != self.at.1 {
            self.edges.push([self.at, to]);
        }
        self.at = to;
    }
}

impl OutlineBuilder for Pen<'_> {
    fn move_to(&mut self, x: f32, y: f32) {
        self.start = self.point(x, y);
        self.at = self.start;
        self.contour = self.edges.len();
    }

    fn line_to(&mut self, x: f32, y: f32) {
        self.edge(self.point(x, y));
    }

    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        const PARTS: i64 = 4;
        let (from, over, to) = (self.at, self.point(x1, y1), self.point(x, y));
        for t in 1..=PARTS {
            let s = PARTS - t;
            let mix = |a: i64, b: i64, c: i64| (a * s * s + 2 * b * s * t + c * t * t) / (PARTS * PARTS);
            self.edge((mix(from.0, over.0, to.0), mix(from.1, over.1, to.1)));
        }
    }

    /// The embedded fonts have quadratic curves only.
    fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
        self.line_to(x1, y1);
        self.line_to(x2, y2);
        self.line_to(x, y);
    }

    fn close(&mut self) {
        self.edge(self.start);
        let contour = &self.edges[self.contour..];
        let bounds = |of: fn(&Point) -> i64| {
            let ends = || contour.iter().flatten().map(of);
            ends().min().zip(ends().max())
        };
        let (Some((left, right)), Some((bottom, top))) = (bounds(|at| at.0), bounds(|at| at.1)) else {
            return;
        };
        // Outer contours run clockwise, holes the other way.
        let clockwise = contour.iter().map(|[from, to]| (to.0 + from.0) * (to.1 - from.1)).sum::<i64>() < 0;
        if clockwise && right - left <= DOT && top - bottom <= DOT {
            self.dots.push((i64::midpoint(left, right), i64::midpoint(bottom, top)));
            self.edges.truncate(self.contour);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_square_lights_the_pixels_it_covers_and_a_hole_stays_dark() {
        let mut ink = Ink::default();
        let scale = Scale::new(10, 10);
        let mut square = |from: f32, to: f32, turned: bool| {
            let mut pen = ink.pen(scale, 0, 0);
            let corners = [(from, from), (to, from), (to, to), (from, to)];
            let corner = |i: usize| corners[if turned { 3 - i } else { i }];
            pen.move_to(corner(0).0, corner(0).1);
            (1..4).for_each(|i| pen.line_to(corner(i).0, corner(i).1));
            pen.close();
        };
        square(0.0, 5.0, true);
        square(1.0, 4.0, false);
        ink.fill();
        let rows = |bits: u32| bits << (BASELINE - 5);
        assert_eq!(ink.take(), [0b11111, 0b10001, 0b10001, 0b10001, 0b11111].map(rows));
        assert!(ink.take().is_empty());
    }

    #[test]
    fn a_dot_between_pixels_is_one_pixel() {
        let mut ink = Ink::default();
        let mut pen = ink.pen(Scale::new(10, 10), 0, 0);
        pen.move_to(0.5, 0.5);
        for (x, y) in [(0.5, 1.5), (1.5, 1.5), (1.5, 0.5)] {
            pen.line_to(x, y);
        }
        pen.close();
        ink.fill();
        assert_eq!(ink.take(), [1 << (BASELINE - 2)]);
    }
}
