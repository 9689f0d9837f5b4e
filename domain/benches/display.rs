//! How long displays take: `cargo bench -p badgecast-domain`. Says each figure beside its target, and fails when one
//! is missed.

#![expect(clippy::print_stdout, reason = "a bench says what it measured")]

use std::{hint::black_box, process::ExitCode, time::Instant};

use badgecast_domain::display::{
    Document, Motion, Panel, Player, Timing, findings,
    picture::{Scale, gif},
    pictures, render,
};

/// Microseconds of one call, the median of many.
fn median_us(mut call: impl FnMut()) -> f64 {
    call();
    let mut spans: Vec<f64> = (0..201)
        .map(|_| {
            let start = Instant::now();
            call();
            start.elapsed().as_secs_f64() * 1e6
        })
        .collect();
    spans.sort_by(f64::total_cmp);
    spans[spans.len() / 2]
}

fn document(text: &str) -> Document {
    Document::text(text).expect("the texts of this file are short")
}

/// A name for each of 10,000 people, in the scripts of a large hospital.
fn names() -> Vec<Document> {
    let first = [
        "Ada",
        "Jürgen",
        "Zoë",
        "Łukasz",
        "Nguyễn",
        "Юрий",
        "Γιώργος",
        "佐藤",
        "김민준",
        "דוד",
        "أحمد",
        "สมหญิง",
    ];
    let last = [
        "Lovelace",
        "Müller",
        "Öztürk",
        "Ščerba",
        "O'Brien",
        "Smith-Jones",
        "Иванов",
        "李小龙",
        "Cohen",
        "García",
    ];
    (0..10_000)
        .map(|i| document(&format!("{} {} {i}", first[i % first.len()], last[i / 7 % last.len()])))
        .collect()
}

fn main() -> ExitCode {
    let panel = Panel::P11x44;
    let mut missed = 0;
    let mut say = |what: &str, measured: f64, target: f64, unit: &str| {
        missed += usize::from(measured > target);
        println!("{what:<44}{measured:>10.1} {unit}   target {target} {unit}");
    };
    for (what, text, target) in [
        ("render 20 characters, Latin", "Alexandra Müller-Öz.", 50.0),
        ("render 20 characters, Arabic", "عبد الرحمن بن الخطيب", 500.0),
        ("render 20 characters, Thai", "สมหญิง แก้วมณีรัตน์ด", 500.0),
        ("render 20 characters, Hindi", "श्रीमती सरस्वती शर्म", 500.0),
        ("render 20 characters, Chinese", "欢迎光临李小龙医生在三楼欢迎光临李小龙医", 50.0),
    ] {
        let message = &document(text).messages[0];
        assert_eq!(text.chars().count(), 20, "{text}");
        say(what, median_us(|| drop(black_box(render(message, panel)))), target, "us");
    }
    let scrolling = scrolling(panel);
    say(
        "GIF of 132 frames, 176x44",
        median_us(|| drop(black_box(gif(&scrolling, Scale::default())))) / 1e3,
        15.0,
        "ms",
    );
    let names = names();
    let start = Instant::now();
    let columns: usize = names.iter().map(|name| pictures(name, panel).0[0].strip.len()).sum();
    say("10,000 names rendered, one core", start.elapsed().as_secs_f64() * 1e3, 2_000.0, "ms");
    black_box(columns);
    let limits = Default::default();
    let name = &names[1];
    say("findings of a name", median_us(|| drop(black_box(findings(name, panel, limits)))), 5_000.0, "us");
    if missed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// A text of 88 columns: 132 steps.
fn scrolling(panel: Panel) -> Player {
    let mut document = document("Welcome to Ward 7");
    document.messages[0].effect = Motion::Left;
    let (mut pictures, _) = pictures(&document, panel);
    pictures[0].columns = 88;
    pictures[0].strip.resize(11 * panel.rows(), 0);
    Player::from_pictures(&pictures, panel, Timing::Open).expect("the strip was cut to its columns")
}
