//! `badgecast demo`: everything at once, in a folder that is thrown away.
//!
//! The badges are real clients: they know the server by its public contracts alone.

use std::{
    net::{Ipv4Addr, SocketAddr, TcpListener},
    process::ExitCode,
    sync::Arc,
    time::Duration,
};

use badgecast_domain::{access::Role, layer::Level};
use badgecast_simulator::{Account, Fleet, Plan, Report, Server, tally::Tally, wall};
use serde_json::json;

use super::{Demo, Failed, say, serve, user};
use crate::{
    auth::{password, secret::Secret},
    config::{Config, LogFormat},
    tables::people,
};

const ANNOUNCEMENT: &str = "Doors open at nine";
/// How long the fleet may take to be there, and to show.
const PATIENCE: Duration = Duration::from_secs(120);

pub(super) async fn run(demo: Demo) -> Result<ExitCode, Failed> {
    let folder =
        tempfile::Builder::new().prefix("badgecast-demo-").tempdir().map_err(Failed::at("demo folder"))?;
    let config = Config {
        http: usual_or_free(8080),
        mqtt: usual_or_free(1883),
        log: "warn".to_owned(),
        log_format: LogFormat::Text,
        ..Config::on_loopback(folder.path())
    };
    serve::log(&config)?;
    let running = crate::start(config).await.map_err(|error| Failed(error.to_string()))?;
    let people = people_of_each_role(&running.house.database).await?;
    if !demo.json {
        introduce(running.http, running.mqtt, &people);
    }
    let shown = show(&demo, running.http, &people).await;
    running.stop().await;
    shown
}

/// The usual port, or a free one when somebody has it.
fn usual_or_free(port: u16) -> SocketAddr {
    let usual = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    if TcpListener::bind(usual).is_ok() { usual } else { SocketAddr::from((Ipv4Addr::LOCALHOST, 0)) }
}

/// Somebody who may log in to the demo.
struct Person {
    role: Role,
    email: String,
    password: Secret,
}

async fn people_of_each_role(database: &crate::tables::Database) -> Result<Vec<Person>, Failed> {
    let mut people = Vec::new();
    for role in Role::ALL {
        let email = format!("{role}@demo.example");
        let password = Secret::random();
        let new = people::New {
            email: people::Email::try_from(email.clone()).map_err(Failed::at("email"))?,
            name: format!("Demo {role}"),
            role,
            password_hash: Some(password::hash_now(password.reveal()).map_err(Failed::at("password"))?),
        };
        user::make(database, Some("Demo"), new).await?;
        people.push(Person { role, email, password });
    }
    Ok(people)
}

fn introduce(http: SocketAddr, mqtt: SocketAddr, people: &[Person]) {
    say(&format!(
        "\nBadgecast demo: open http://{http}/wall and sign in as one of them; API at http://{http}/docs, MQTT at {mqtt}.\n\
         Everything is thrown away at the end.\n\n"
    ));
    for Person { role, email, password } in people {
        say(&format!("  {:13}{:27}{}\n", role.name(), email, password.reveal()));
    }
    say("\n");
}

async fn show(demo: &Demo, http: SocketAddr, people: &[Person]) -> Result<ExitCode, Failed> {
    let manager = people.iter().find(|person| person.role == Role::Manager);
    let manager = manager.ok_or_else(|| Failed("the demo has no manager".to_owned()))?;
    let server = Server::at(&format!("http://{http}")).map_err(Failed::at("server"))?;
    let account = Account::new(server, &manager.email, manager.password.reveal());
    let plan = Plan { badges: demo.badges as usize, ..Plan::default() };
    let fleet =
        Fleet::start(account, &plan, Arc::new(Tally::default())).await.map_err(Failed::at("fleet"))?;
    fleet.until_connected(PATIENCE).await.map_err(Failed::at("fleet"))?;
    let patience = if demo.once { PATIENCE } else { Duration::ZERO };
    let announced = fleet.announce(ANNOUNCEMENT, Level::Normal, patience).await;
    let (_, receipts) = announced.map_err(Failed::at("announcement"))?;
    if !demo.once {
        wall::show(&fleet, std::future::pending()).await.map_err(Failed::at("wall"))?;
        fleet.stop().await;
        return Ok(ExitCode::SUCCESS);
    }
    let report = Report::of(&fleet, Some(&receipts));
    fleet.stop().await;
    let Report { badges, targeted, shown, p50_ms, p99_ms, .. } = report;
    if demo.json {
        let line = json!({ "badges": badges, "targeted": targeted, "shown": shown, "p50_ms": p50_ms, "p99_ms": p99_ms });
        say(&format!("{line}\n"));
    } else {
        let ms = |ms: Option<u64>| ms.map_or_else(|| "-".to_owned(), |ms| format!("{ms} ms"));
        let (p50, p99) = (ms(p50_ms), ms(p99_ms));
        say(&format!(
            "{shown} of {targeted} badges have shown \"{ANNOUNCEMENT}\": half within {p50}, 99 % within {p99}\n"
        ));
    }
    let all = shown == targeted && shown == u64::from(demo.badges);
    Ok(if all { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
