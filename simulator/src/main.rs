//! The command line of the simulated fleet.

mod arguments;
mod claim;

use std::{
    fs,
    io::{self, Write as _},
    path::Path,
    process::ExitCode,
    sync::Arc,
    time::Duration,
};

use badgecast_domain::layer::Level;
use badgecast_simulator::{
    Account, Fleet, Gateway, Identity, Model, Plan, Report, Server,
    account::Receipts,
    load::{self, Load},
    tally::Tally,
    wall,
};
use clap::Parser as _;
use tokio::time::sleep;

use arguments::{Arguments, FleetArguments, GatewayArguments, LoadArguments, Other};

/// How long the whole fleet may take to be connected.
const CONNECT_DEADLINE: Duration = Duration::from_secs(600);
/// How long an announcement may take to be shown by all, unless `--duration` says.
const SHOW_DEADLINE: Duration = Duration::from_secs(60);

type Fatal = Box<dyn std::error::Error>;

#[tokio::main]
async fn main() -> ExitCode {
    let filter = tracing_subscriber::EnvFilter::from_default_env();
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr).init();
    let Arguments { other, fleet } = Arguments::parse();
    let done = match (other, fleet) {
        (Some(Other::Gateway(gateway)), _) => run_gateway(gateway).await,
        (Some(Other::Claim(claim)), _) => claim::run(claim).await,
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
    let plan = Plan {
        badges: arguments.badges,
        faults: arguments.faults.clone(),
        keyed: arguments.keys,
        ..Plan::default()
    };
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
