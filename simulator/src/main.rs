//! The command line of the simulated fleet.

use std::{
    fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
    time::Duration,
};

use badgecast_domain::layer::Level;
use badgecast_simulator::{
    Account, Fleet, Gateway, Identity, Model, Plan, Report, Server,
    account::Receipts,
    faults::Share,
    load::{self, Load},
    tally::Tally,
    wall,
};
use clap::{Args, Parser, Subcommand};
use tokio::time::sleep;

/// How long the whole fleet may take to be connected.
const CONNECT_DEADLINE: Duration = Duration::from_secs(600);
/// How long an announcement may take to be shown by all, unless `--duration` says.
const SHOW_DEADLINE: Duration = Duration::from_secs(60);

/// Simulated LED name badges: they are registered, claimed and connected, and show what they are sent.
#[derive(Debug, Parser)]
#[command(name = "badgecast-simulator", version, args_conflicts_with_subcommands = true)]
#[command(subcommand_negates_reqs = true)]
struct Arguments {
    #[command(subcommand)]
    other: Option<Other>,
    #[command(flatten)]
    fleet: Option<FleetArguments>,
}

#[derive(Debug, Subcommand)]
enum Other {
    /// A gateway with badges that cannot speak for themselves; it writes each one's program to a file.
    Gateway(GatewayArguments),
    /// Measures the server with bare badges that acknowledge everything and light nothing.
    Load(LoadArguments),
}

#[derive(Debug, Args)]
struct FleetArguments {
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

#[derive(Debug, Args)]
struct GatewayArguments {
    /// The server, such as http://127.0.0.1:8080.
    #[arg(long)]
    server: String,
    /// The email of a manager or an admin, who registers the badges.
    #[arg(long)]
    email: String,
    /// A file with the password; a line break at its end does not count.
    #[arg(long)]
    password_file: PathBuf,
    /// How many badges hang on it.
    #[arg(long, default_value_t = 4)]
    badges: usize,
    /// The folder for their programs, one file for each badge, named by its id.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// The habits of the badges: generic, open, vendor or ls32.
    #[arg(long, default_value = "generic", value_name = "NAME")]
    profile: String,
    /// Seconds to run; without it until Ctrl-C.
    #[arg(long, value_name = "S")]
    duration: Option<u64>,
}

#[derive(Debug, Args)]
struct LoadArguments {
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
    #[arg(long, default_value_t = 1_000)]
    badges: usize,
    /// How often each thing is measured; the medians are reported.
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// The server's process, if it runs on this machine, to count its CPU and memory.
    #[arg(long, value_name = "PID")]
    process: Option<u32>,
}

type Fatal = Box<dyn std::error::Error>;

#[tokio::main]
async fn main() -> ExitCode {
    let filter = tracing_subscriber::EnvFilter::from_default_env();
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr).init();
    let Arguments { other, fleet } = Arguments::parse();
    let done = match (other, fleet) {
        (Some(Other::Gateway(gateway)), _) => run_gateway(gateway).await,
        (Some(Other::Load(load)), _) => run_load(load).await,
        (None, Some(fleet)) => run_fleet(fleet).await,
        (None, None) => Err("nothing to do".into()),
    };
    match done {
        Ok(code) => code,
        Err(error) => {
            // Nobody is left to tell when standard error is gone too.
            let _ = writeln!(io::stderr(), "badgecast-simulator: {error}");
            ExitCode::FAILURE
        }
    }
}

fn account(server: &str, email: &str, password_file: &Path) -> Result<Account, Fatal> {
    let password =
        fs::read_to_string(password_file).map_err(|error| format!("{}: {error}", password_file.display()))?;
    Ok(Account::new(Server::at(server)?, email, password.trim_end_matches(['\r', '\n'])))
}

async fn run_fleet(arguments: FleetArguments) -> Result<ExitCode, Fatal> {
    let account = account(&arguments.server, &arguments.email, &arguments.password_file)?;
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
async fn connect(account: Account, plan: &Plan) -> Result<Option<Fleet>, Fatal> {
    let tally = Arc::new(Tally::default());
    let start = async {
        let fleet = Fleet::start(account, plan, tally.clone()).await?;
        fleet.until_connected(CONNECT_DEADLINE).await?;
        Ok::<_, Fatal>(fleet)
    };
    tokio::select! {
        fleet = start => fleet.map(Some),
        interrupted = wall::progress(&tally, std::future::pending()) => interrupted.map(|()| None).map_err(Into::into),
    }
}

async fn announce(fleet: &Fleet, text: &str, deadline: Duration) -> Result<Receipts, Fatal> {
    let (_, receipts) = fleet.announce(text, Level::Normal, deadline).await?;
    Ok(receipts)
}

/// Shows the fleet for so long, or until somebody has seen enough.
async fn watch(fleet: &Fleet, duration: Option<Duration>, json: bool) -> io::Result<()> {
    let over = over(duration);
    if json { wall::progress(fleet.tally(), over).await } else { wall::show(fleet, over).await }
}

async fn run_gateway(arguments: GatewayArguments) -> Result<ExitCode, Fatal> {
    let account = account(&arguments.server, &arguments.email, &arguments.password_file)?;
    fs::create_dir_all(&arguments.out)?;
    let model = Model { name: arguments.profile, ..Model::default() };
    let registered = account.register_gateway("Simulated gateway").await?;
    let mut badges = Vec::new();
    for number in 1..=arguments.badges {
        let badge = account.register(&format!("Hung {number}")).await?;
        writeln!(io::stderr(), "{} is {}.bin", badge.code, badge.id)?;
        badges.push(badge.id);
    }
    account.assign(registered.id, &badges).await?;
    let identity = Identity::claim(account.server(), &registered.claim_code, &model).await?;
    let mut gateway = Gateway::new(account.server(), identity, badges, model, &arguments.out);
    let mut written = gateway.written();
    let over = over(arguments.duration.map(Duration::from_secs));
    let report = async {
        while written.changed().await.is_ok() {
            writeln!(io::stderr(), "{} programs written", *written.borrow_and_update())?;
        }
        Ok::<_, io::Error>(())
    };
    tokio::select! {
        never = gateway.run() => match never {},
        reported = report => reported?,
        () = over => {}
        _ = tokio::signal::ctrl_c() => {}
    }
    Ok(ExitCode::SUCCESS)
}

async fn run_load(arguments: LoadArguments) -> Result<ExitCode, Fatal> {
    let account = account(&arguments.server, &arguments.email, &arguments.password_file)?;
    let LoadArguments { badges, rounds, process, .. } = arguments;
    let measured = load::measure(account, Load { badges, rounds, process }).await?;
    writeln!(io::stdout(), "{}", serde_json::to_string(&measured)?)?;
    Ok(ExitCode::SUCCESS)
}

/// Completes after so long, or never.
async fn over(duration: Option<Duration>) {
    match duration {
        Some(duration) => sleep(duration).await,
        None => std::future::pending().await,
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_what_people_were_told() {
        Arguments::command().debug_assert();
        let parse = |words: &str| Arguments::try_parse_from(words.split(' '));
        let account = "--server http://127.0.0.1:1 --email m@example.org --password-file pw";
        let fleet = parse(&format!(
            "badgecast-simulator {account} --badges 9 --fault slow=0.1 --fault silent=0.2 --duration 5 --json"
        ));
        let fleet = fleet.unwrap().fleet.unwrap();
        assert_eq!((fleet.badges, fleet.faults.len(), fleet.duration, fleet.json), (9, 2, Some(5), true));
        let gateway = parse(&format!("badgecast-simulator gateway {account} --out here")).unwrap();
        assert!(matches!(gateway.other, Some(Other::Gateway(gateway)) if gateway.badges == 4));
        assert!(parse("badgecast-simulator --badges 9").is_err(), "a server is needed");
        assert!(parse(&format!("badgecast-simulator {account} --fault sloth=1")).is_err());
    }
}
