//! The race: one load generator, one run, side by side.
//!
//! `cargo bench -p badgecast-broker --bench race -- [N..] [--rounds R] [--only NAME]` measures, for each number of
//! connections, a bare tokio loop that writes the same bytes (the floor), badgecast's broker, and Mosquitto if it is
//! installed. Every contender is a process of its own; its CPU is what the kernel counted for its threads.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "a bench talks to a terminal"
)]

mod badgecast;
mod contender;
mod crowd;
mod floor;

use std::time::{Duration, Instant};

use contender::{Contender, Kind};
use crowd::Crowd;

fn main() {
    let mut words = std::env::args().skip(1).filter(|word| word != "--bench");
    let mut sizes = Vec::new();
    let (mut rounds, mut only) = (5, None);
    while let Some(word) = words.next() {
        match word.as_str() {
            "serve-floor" => return floor::serve(),
            "serve-badgecast" => return badgecast::serve(false),
            "serve-tls" => return badgecast::serve(true),
            "--rounds" => rounds = words.next().and_then(|word| word.parse().ok()).expect("--rounds R"),
            "--only" => only = words.next(),
            number => sizes.push(number.parse().expect("a number of connections")),
        }
    }
    if sizes.is_empty() {
        sizes = vec![1_000, 10_000];
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    println!(
        "{:<10} {:>6} {:>9} {:>9} {:>7} {:>9} {:>9} {:>9} {:>9} {:>9} {:>9} {:>9} {:>9}",
        "",
        "N",
        "connect s",
        "us/conn",
        "KB/conn",
        "bcast ms",
        "us/deliv",
        "first ms",
        "us/first",
        "gone us",
        "back s",
        "us/back",
        "KB after"
    );
    for size in sizes {
        for kind in [Kind::Floor, Kind::Badgecast, Kind::Tls, Kind::Mosquitto] {
            // TLS has nobody to race against: it is measured when it is asked for.
            if only.as_ref().map_or(kind == Kind::Tls, |only| only != kind.name()) {
                continue;
            }
            match Contender::start(kind) {
                Some(contender) => runtime.block_on(race(contender, size, rounds)),
                None => eprintln!("{} is not installed", kind.name()),
            }
        }
    }
}

/// One contender, one number of connections.
async fn race(mut contender: Contender, size: usize, rounds: usize) {
    let (empty_kb, start) = (contender.rss_kb(), contender.cpu());
    let began = Instant::now();
    let mut crowd = Crowd::connect(&contender, size, false).await;
    let connect = began.elapsed();
    contender.settle().await;
    let connect_cpu = contender.cpu() - start;
    let held_kb = contender.rss_kb() - empty_kb;

    // Each connection's first message on its own topic.
    let start = contender.cpu();
    let began = Instant::now();
    contender.each(size).await;
    crowd.all_got(1, began).await;
    let first = began.elapsed();
    contender.settle().await;
    let first_cpu = contender.cpu() - start;

    let (mut last, mut cpu) = (Vec::new(), Vec::new());
    for round in 0..rounds {
        let start = contender.cpu();
        let began = Instant::now();
        contender.broadcast().await;
        crowd.all_got(2 + round as u64, began).await;
        last.push(began.elapsed());
        contender.settle().await;
        cpu.push(contender.cpu() - start);
    }

    let start = contender.cpu();
    drop(crowd);
    contender.settle().await;
    let gone_cpu = contender.cpu() - start;

    let start = contender.cpu();
    let began = Instant::now();
    crowd = Crowd::connect(&contender, size, true).await;
    if matches!(contender.kind, Kind::Badgecast | Kind::Tls) {
        crowd.all_got(1, began).await;
    }
    let back = began.elapsed();
    contender.settle().await;
    let back_cpu = contender.cpu() - start;
    let per = |cpu: Duration| cpu.as_secs_f64() * 1e6 / size as f64;
    println!(
        "{:<10} {:>6} {:>9.2} {:>9.1} {:>7.2} {:>9.0} {:>9.1} {:>9.0} {:>9.1} {:>9.1} {:>9.2} {:>9.1} {:>9.2}",
        contender.kind.name(),
        size,
        connect.as_secs_f64(),
        per(connect_cpu),
        held_kb as f64 / size as f64,
        median(last).as_secs_f64() * 1e3,
        per(median(cpu)),
        first.as_secs_f64() * 1e3,
        per(first_cpu),
        per(gone_cpu),
        back.as_secs_f64(),
        per(back_cpu),
        (contender.rss_kb() - empty_kb) as f64 / size as f64,
    );
    drop(crowd);
    contender.stop();
}

fn median(mut of: Vec<Duration>) -> Duration {
    of.sort_unstable();
    of[of.len() / 2]
}
