//! The command line of the simulated fleet.

use std::{
    fs,
    io::{self, Write as _},
    path::PathBuf,
    process::ExitCode,
    sync::Arc,
    time::Duration,
};

use badgecast_domain::layer::Level;
use badgecast_simulator::{
    Account, Fleet, Plan, Report, Server, account::Receipts, faults::Share, tally::Tally, wall,
};
use clap::Parser;
use tokio::time::sleep;

/// How long the whole fleet may take to be connected.
const CONNECT_DEADLINE: Duration = Duration::from_secs(600);
/// How long an announcement may take to be shown by all, unless `--duration` says.
const SHOW_DEADLINE: Duration = Duration::from_secs(60);

/// Simulated LED name badges: they are registered, claimed and connected, and show what they are sent.
#[derive(Debug, Parser)]
#[command(name = "badgecast-simulator", version)]
struct Arguments {
    /// The server, such as http://127.0.0.1:8080.
    #[arg(long)]
    server: String,
    /// The email of a manager or an admin, who registers the badges.
    #[arg(long)]
    email: String,
    /// A file with the password; a line break at its end does not count.
    #[arg(long)]
    password_file: PathBuf,
    /// How many badges.
    #[arg(long, default_value_t = 24)]
    badges: usize,
    /// A share of the fleet that goes wrong, such as slow=0.1; may be repeated. One of slow, silent, refusing,
    /// flapping, wrong_clock, lying_crc.
    #[arg(long = "fault", value_name = "NAME=SHARE")]
    faults: Vec<Share>,
    /// Seconds to run once all are connected; without it until Ctrl-C.
    #[arg(long, value_name = "S")]
    duration: Option<u64>,
    /// Announce this to all badges once they are connected, wait until all have shown it, report and end.
    #[arg(long, value_name = "TEXT")]
    announce: Option<String>,
    /// The report as one line of JSON.
    #[arg(long)]
    json: bool,
}

#[tokio::main]
async fn main() -> ExitCode {
    let filter = tracing_subscriber::EnvFilter::from_default_env();
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr).init();
    match run(Arguments::parse()).await {
        Ok(code) => code,
        Err(error) => {
            // Nobody is left to tell when standard error is gone too.
            let _ = writeln!(io::stderr(), "badgecast-simulator: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> Result<ExitCode, Box<dyn std::error::Error>> {
    let password = fs::read_to_string(&arguments.password_file)
        .map_err(|error| format!("{}: {error}", arguments.password_file.display()))?;
    let server = Server::at(&arguments.server)?;
    let account = Account::new(server, &arguments.email, password.trim_end_matches(['\r', '\n']));
    let plan = Plan { badges: arguments.badges, faults: arguments.faults.clone(), ..Plan::default() };
    let Some(fleet) = connect(account, &plan).await? else { return Ok(ExitCode::FAILURE) };

    let duration = arguments.duration.map(Duration::from_secs);
    let receipts = match &arguments.announce {
        Some(text) => Some(announce(&fleet, text, duration.unwrap_or(SHOW_DEADLINE)).await?),
        None => {
            watch(&fleet, duration, arguments.json).await?;
            None
        }
    };
    let report = Report::of(&fleet, receipts.as_ref());
    fleet.stop().await;
    let mut out = io::stdout();
    if arguments.json {
        writeln!(out, "{}", serde_json::to_string(&report)?)?;
    } else {
        writeln!(out, "{report}")?;
    }
    let failed = receipts.is_some() && !report.all_shown();
    Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// Brings the fleet up, with lines of progress; `None` when it was interrupted.
async fn connect(account: Account, plan: &Plan) -> Result<Option<Fleet>, Box<dyn std::error::Error>> {
    let tally = Arc::new(Tally::default());
    let start = async {
        let fleet = Fleet::start(account, plan, tally.clone()).await?;
        fleet.until_connected(CONNECT_DEADLINE).await?;
        Ok::<_, Box<dyn std::error::Error>>(fleet)
    };
    tokio::select! {
        fleet = start => fleet.map(Some),
        interrupted = wall::progress(&tally, std::future::pending()) => interrupted.map(|()| None).map_err(Into::into),
    }
}

async fn announce(
    fleet: &Fleet,
    text: &str,
    deadline: Duration,
) -> Result<Receipts, Box<dyn std::error::Error>> {
    let (_, receipts) = fleet.announce(text, Level::Normal, deadline).await?;
    Ok(receipts)
}

/// Shows the fleet for so long, or until somebody has seen enough.
async fn watch(fleet: &Fleet, duration: Option<Duration>, json: bool) -> io::Result<()> {
    let over = async {
        match duration {
            Some(duration) => sleep(duration).await,
            None => std::future::pending().await,
        }
    };
    if json { wall::progress(fleet.tally(), over).await } else { wall::show(fleet, over).await }
}
