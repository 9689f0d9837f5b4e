//! `badgecast serve`.

use std::{io::IsTerminal as _, process::ExitCode};

use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

use super::{Failed, say};
use crate::{
    config::{Config, LogFormat},
    tables::organizations,
};

/// Serves until SIGTERM or Ctrl-C, then drains.
pub(super) async fn run(config: Config) -> Result<ExitCode, Failed> {
    log(&config)?;
    // Before anything listens, so that no early signal is lost.
    let mut terminate = signal(SignalKind::terminate()).map_err(Failed::at("signals"))?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(Failed::at("signals"))?;
    let running = crate::start(config).await.map_err(|error| Failed(error.to_string()))?;
    if organizations::all(running.house.database.read()).await.is_ok_and(|all| all.is_empty()) {
        tracing::warn!(
            "nobody can log in yet: make the first admin with `badgecast user add --email E --role admin --password-file F --data {}`",
            running.house.config.data.display()
        );
    }
    say(&format!("badgecast ready http={} mqtt={}\n", running.http, running.mqtt));
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    tracing::info!("draining");
    running.stop().await;
    Ok(ExitCode::SUCCESS)
}

/// Log lines go to stderr: stdout has exactly one line, the ready one.
pub(super) fn log(config: &Config) -> Result<(), Failed> {
    // What a stranger sends must not fill the log: the framework calls malformed requests errors.
    let filter = format!("actix_http=off,{}", config.log);
    let filter = EnvFilter::try_new(filter).map_err(Failed::at("BADGECAST_LOG"))?;
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let started = match config.log_format {
        LogFormat::Text => lines.with_ansi(std::io::stderr().is_terminal()).try_init(),
        LogFormat::Json => lines.json().flatten_event(true).try_init(),
    };
    started.map_err(Failed::at("log"))
}
