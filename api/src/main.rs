//! `badgecast`: the server and its command line.

use std::process::ExitCode;

use badgecast::cli;
use clap::Parser as _;

fn main() -> ExitCode {
    let cli = cli::Cli::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return complain(&error),
    };
    runtime.block_on(async { cli::run(cli).await.unwrap_or_else(|failed| complain(&failed)) })
}

#[expect(clippy::print_stderr, reason = "a command that failed says why, also when no log was started")]
fn complain(error: &dyn std::error::Error) -> ExitCode {
    eprintln!("badgecast: {error}");
    ExitCode::FAILURE
}
