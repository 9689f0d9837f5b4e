//! Every language we promise is legible within eleven rows, and looks as the picture a person looked at.
//!
//! `cargo run -p badgecast-domain --example languages` draws the pictures anew.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

use std::{fs, io::Cursor, path::Path};

use badgecast_domain::display::{Document, Effect, Motion, Panel, Rendered, Strip, render};

/// Code and sentence of every language.
fn sentences() -> Vec<(String, String)> {
    let file = include_str!("languages/sentences.tsv");
    let lines = file.lines().filter(|line| !line.starts_with('#'));
    let fields = lines.map(|line| line.split('\t').collect::<Vec<_>>());
    fields
        .map(|fields| {
            assert_eq!(fields.len(), 4, "{fields:?}");
            (fields[0].to_owned(), fields[2].to_owned())
        })
        .collect()
}

fn rendered(text: &str, panel: Panel) -> Rendered {
    render(&Document::text(text).unwrap().messages[0], panel)
}

/// The strip in a picture of one pixel an LED.
fn golden(code: &str) -> Strip {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/languages/{code}.png"));
    let mut reader = png::Decoder::new(Cursor::new(fs::read(path).unwrap())).read_info().unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut pixels).unwrap();
    let row_bytes = info.line_size;
    let lit = |x: usize, row: usize| pixels[row * row_bytes + x / 4] >> (6 - x % 4 * 2) & 3 == 2;
    let column = |x: usize| (0..11).filter(|row| lit(x, *row)).fold(0, |column, row| column | 1 << row);
    Strip { columns: (0..info.width as usize).map(column).collect() }
}

#[test]
fn no_language_loses_a_character_or_a_pixel() {
    let sentences = sentences();
    assert!(sentences.len() >= 20);
    for (code, sentence) in sentences {
        for panel in Panel::ALL {
            let Rendered { missing, clipped_px, .. } = rendered(&sentence, panel);
            assert_eq!((missing, clipped_px), (vec![], 0), "{code} on {panel}");
        }
    }
}

#[test]
fn every_language_looks_as_it_was_approved() {
    for (code, sentence) in sentences() {
        assert_eq!(rendered(&sentence, Panel::P11x44).strip, golden(&code), "{code}");
    }
}

#[test]
fn languages_read_from_the_right_move_to_the_right() {
    for (code, sentence) in sentences() {
        let rtl = ["he", "ar", "fa"].contains(&code.as_str());
        let expected = if rtl { Effect::Right } else { Effect::Left };
        assert_eq!(rendered(&sentence, Panel::P11x44).effect, expected, "{code}");
    }
}

#[test]
fn arabic_letters_join_and_dots_are_not_lost() {
    // Three letters joined are narrower than the three apart, and a dot more is a pixel more.
    let lit = |text| {
        rendered(text, Panel::P11x44).strip.columns.iter().map(|column| column.count_ones()).sum::<u32>()
    };
    let width = |text| rendered(text, Panel::P11x44).strip.columns.len();
    assert!(width("بيت") < width("ب ي ت") - 2);
    assert_eq!(lit("خ"), lit("ح") + 1);
}

#[test]
fn a_direction_that_is_asked_for_turns_the_words() {
    let mut message = Document::text("Ada שלום").unwrap().messages.remove(0);
    let auto = render(&message, Panel::P11x44).strip;
    message.direction = badgecast_domain::display::Direction::Rtl;
    message.effect = Motion::Fixed;
    let rtl = render(&message, Panel::P11x44).strip;
    assert_ne!(auto, rtl);
    assert_eq!(auto.columns.len(), rtl.columns.len());
}
