//! The whole server: badges that say `held` and `shown`, and their receipts stored on SQLite.
//!
//! The server and its load are the programs people install, so this needs `cargo build --release --bins`.

use std::{
    fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use serde::Deserialize;

use crate::{plan::Plan, process::Process};

/// What `badgecast-simulator load` measured; its fields are in docs/simulator.md.
#[derive(Debug, Deserialize)]
pub(crate) struct Measured {
    pub(crate) connect_ms: f64,
    pub(crate) connect_cpu_us: f64,
    pub(crate) memory_kb: f64,
    pub(crate) broadcast_ms: f64,
    pub(crate) stored_ms: f64,
    pub(crate) broadcast_cpu_us: f64,
}

/// Starts a server in a folder of its own, and puts it under load.
pub(crate) fn run(plan: &Plan, badges: usize) -> Result<Measured, String> {
    let folder = std::env::temp_dir().join(format!("race-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    let measured = measure(plan, badges, &folder);
    fs::remove_dir_all(&folder).unwrap();
    measured
}

fn measure(plan: &Plan, badges: usize, folder: &Path) -> Result<Measured, String> {
    let (server, simulator) = (program("badgecast")?, program("badgecast-simulator")?);
    let (data, password) = (folder.join("data"), folder.join("password"));
    fs::write(&password, "a password for an hour\n").unwrap();
    let added = Command::new(&server)
        .args(["user", "add", "--email", "race@badges.example", "--role", "admin", "--data"])
        .arg(&data)
        .arg("--password-file")
        .arg(&password)
        .stdout(Stdio::null())
        .status()
        .unwrap();
    assert!(added.success(), "no admin could be made");
    let mut words = plan.under.clone();
    words.push(server.display().to_string());
    let mut process = Command::new(&words[0])
        .args(&words[1..])
        .args(["serve", "--http", "127.0.0.1:0", "--mqtt", "127.0.0.1:0", "--data"])
        .arg(&data)
        .env("BADGECAST_LOG", "warn")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut ready = String::new();
    BufReader::new(process.stdout.take().unwrap()).read_line(&mut ready).unwrap();
    let process = Process(process);
    let http = ready.split_whitespace().find_map(|word| word.strip_prefix("http="));
    let http = http.ok_or("the server does not come up")?;
    eprintln!("the whole server, {badges} badges, {} rounds", plan.rounds);
    let url = if http.starts_with("http") { http.to_owned() } else { format!("http://{http}") };
    let load = Command::new(&simulator)
        .args(["load", "--email", "race@badges.example", "--server", &url])
        .arg("--password-file")
        .arg(&password)
        .args(["--badges", &badges.to_string(), "--rounds", &plan.rounds.to_string()])
        .args(["--process", &process.0.id().to_string()])
        .stderr(Stdio::inherit())
        .output()
        .unwrap();
    serde_json::from_slice(&load.stdout).map_err(|error| format!("the load came to nothing: {error}"))
}

/// A program of ours, built beside this one.
fn program(name: &str) -> Result<PathBuf, String> {
    // The bench lies in target/release/deps.
    let me = std::env::current_exe().unwrap();
    let program = me.ancestors().nth(2).unwrap().join(name);
    if program.exists() { Ok(program) } else { Err(format!("no {name}: cargo build --release --bins")) }
}
