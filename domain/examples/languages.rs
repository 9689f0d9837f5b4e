//! Draws the golden pictures of `domain/tests/languages` and the contact sheet `docs/languages.png` anew:
//!
//!     cargo run -p badgecast-domain --example languages
//!
//! Look at every one of them before committing; `domain/tests/languages.rs` compares with them.

use std::{error::Error, fs, path::Path};

use badgecast_domain::display::{
    Document, Panel, Strip,
    picture::{Scale, strip_png},
    render,
};

/// Pixels of one LED on the sheet.
const PITCH: usize = 3;
const MARGIN: usize = 2;

fn main() -> Result<(), Box<dyn Error>> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = here.join("tests/languages");
    let mut rows = Vec::new();
    for line in
        fs::read_to_string(folder.join("sentences.tsv"))?.lines().filter(|line| !line.starts_with('#'))
    {
        let mut fields = line.split('\t');
        let (Some(code), Some(name), Some(sentence), Some(_licence)) =
            (fields.next(), fields.next(), fields.next(), fields.next())
        else {
            return Err(format!("not four fields: {line}").into());
        };
        let strip = drawn(sentence)?;
        fs::write(
            folder.join(format!("{code}.png")),
            strip_png(&strip, Panel::P11x44, Scale::new(1), sentence),
        )?;
        rows.push((drawn(name)?, strip));
    }
    fs::write(here.join("../docs/languages.png"), sheet(&rows)?)?;
    Ok(())
}

fn drawn(text: &str) -> Result<Strip, Box<dyn Error>> {
    let document = Document::text(text).map_err(|faults| format!("{faults:?}"))?;
    Ok(render(&document.messages[0], Panel::P11x44).strip)
}

/// A row a language: its name, its sentence.
fn sheet(rows: &[(Strip, Strip)]) -> Result<Vec<u8>, Box<dyn Error>> {
    let widest = |strip: fn(&(Strip, Strip)) -> usize| rows.iter().map(strip).max().unwrap_or(0);
    let (names, texts) = (widest(|row| row.0.columns.len()), widest(|row| row.1.columns.len()));
    let width = PITCH * (names + texts + 4 * MARGIN);
    let height = PITCH * (11 + 2 * MARGIN) * rows.len();
    let mut pixels = vec![[0x0d, 0x0b, 0x0b]; width * height];
    for (i, (name, text)) in rows.iter().enumerate() {
        let top = i * (11 + 2 * MARGIN) + MARGIN;
        for (left, strip, colour) in
            [(MARGIN, name, [0x9a, 0x9a, 0x9a]), (names + 3 * MARGIN, text, [0xff, 0x45, 0x2b])]
        {
            for (x, column) in strip.columns.iter().enumerate() {
                for row in 0..11 {
                    let colour = if column >> row & 1 == 1 { colour } else { [0x20, 0x18, 0x18] };
                    for pixel in 0..(PITCH - 1) * (PITCH - 1) {
                        let (dx, dy) = (pixel % (PITCH - 1), pixel / (PITCH - 1));
                        pixels[((top + row) * PITCH + dy) * width + (left + x) * PITCH + dx] = colour;
                    }
                }
            }
        }
    }
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, width as u32, height as u32);
    encoder.set_color(png::ColorType::Rgb);
    encoder.write_header()?.write_image_data(&pixels.concat())?;
    Ok(file)
}
