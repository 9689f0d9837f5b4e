//! The command line. Each command is a file; this one only knows their names and flags.

pub mod announce;
pub mod audit;
pub mod demo;
pub mod health;
pub mod keys;
pub mod login;
mod remote;
pub mod render;
pub mod serve;
pub mod status;
pub mod token;
pub mod user;

use std::{path::PathBuf, process::ExitCode};

use clap::{Args, Parser, Subcommand};

use crate::config::{self, BadSettings, Config, Flags, LogFormat, SETTINGS};

/// Why a command failed, in words for the person at the keyboard.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Failed(pub String);

impl From<BadSettings> for Failed {
    fn from(bad: BadSettings) -> Self {
        Self(bad.to_string())
    }
}

impl Failed {
    /// For `map_err`: the error's own words after what was tried.
    pub fn at<E: std::fmt::Display>(what: &str) -> impl Fn(E) -> Self + '_ {
        move |error| Self(format!("{what}: {error}"))
    }
}

/// A self-hostable backend for fleets of LED name badges.
#[derive(Debug, Parser)]
#[command(version, about)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the server
    #[command(after_long_help = settings_help())]
    Serve(Serve),
    /// Manage people
    User {
        #[command(subcommand)]
        command: UserCommand,
    },
    /// Make tokens of every kind, for tests
    Token {
        #[command(subcommand)]
        command: TokenCommand,
    },
    /// Look after the keys that sign tokens
    Keys {
        #[command(subcommand)]
        command: KeysCommand,
    },
    /// Check or print the audit trail
    Audit {
        #[command(subcommand)]
        command: AuditCommand,
    },
    /// Log in to a server by typing a code in a browser; the login is kept for the commands below
    Login(Login),
    /// End the login, here and on the server
    Logout,
    /// Say who is logged in, how many badges are online and what runs
    Status,
    /// Say something on every badge, and wait until it is shown
    Announce(Announce),
    /// Show everything in a throw-away folder: server, fleet, announcement, wall of badges
    Demo(Demo),
    /// Ask a server whether it is ready; exits 0 if it is
    Health {
        /// Such as http://127.0.0.1:8080
        url: String,
    },
    /// Print the OpenAPI 3.1 document
    Openapi,
    /// Print one message as frames, strip, upload or picture
    Render(render::Render),
    /// Print what the embedded fonts cover, and their licences
    Fonts,
}

#[derive(Debug, Args)]
pub struct Serve {
    /// Address of the HTTP API
    #[arg(long, value_name = "ADDR")]
    http: Option<String>,
    /// Address of the MQTT door
    #[arg(long, value_name = "ADDR")]
    mqtt: Option<String>,
    /// Folder of the database and the signing keys
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// How log lines are written
    #[arg(long, value_enum)]
    log_format: Option<LogFormat>,
    /// Serve without TLS on addresses that are not loopback
    #[arg(long)]
    allow_plaintext: bool,
    /// This folder may mint tokens of every kind, for tests only
    #[arg(long)]
    test_keys: bool,
}

#[derive(Debug, Subcommand)]
enum UserCommand {
    /// Add a person; makes the organization on an empty database
    Add(UserAdd),
}

#[derive(Debug, Args)]
pub struct UserAdd {
    #[arg(long)]
    pub email: String,
    /// admin, manager, receptionist or auditor
    #[arg(long)]
    pub role: badgecast_domain::access::Role,
    /// A file whose first line is the password
    #[arg(long, value_name = "F")]
    pub password_file: PathBuf,
    #[arg(long)]
    pub name: Option<String>,
    /// Name of the organization; needed only when there is more than one
    #[arg(long, value_name = "O")]
    pub organization: Option<String>,
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum TokenCommand {
    /// Print one; only in a data folder started with --test-keys
    Mint(TokenMint),
}

#[derive(Debug, Args)]
pub struct TokenMint {
    /// For the person with this email
    #[arg(long, value_name = "E", required_unless_present = "badge", conflicts_with = "badge")]
    pub user: Option<String>,
    /// For the badge with this id
    #[arg(long, value_name = "ID")]
    pub badge: Option<String>,
    /// Scopes, separated by spaces; all the bearer may have when left out
    #[arg(long, value_name = "S")]
    pub scope: Option<String>,
    /// How long it counts, such as 60s
    #[arg(long, value_name = "T")]
    pub ttl: Option<String>,
    /// What shall be wrong with it
    #[arg(long, value_enum)]
    pub wrong: Option<crate::auth::mint::Wrong>,
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum KeysCommand {
    /// Let the next key sign from now on; the old one stays public until its last token has expired
    Rotate {
        #[arg(long, value_name = "DIR")]
        data: Option<PathBuf>,
    },
    /// Encrypt the keys again, under the BADGECAST_SECRET_KEY of now; the server has to be stopped
    Reseal {
        /// A file with the secret key they are encrypted under; left out if they are not encrypted
        #[arg(long, value_name = "F")]
        old_key_file: Option<PathBuf>,
        #[arg(long, value_name = "DIR")]
        data: Option<PathBuf>,
    },
}

#[derive(Debug, Subcommand)]
enum AuditCommand {
    /// Check every link of every organization's trail; exits 0 only if all are whole
    Verify {
        /// A copy of the file audit-heads that was kept elsewhere; the one of the data folder when left out
        #[arg(long, value_name = "F")]
        witness: Option<PathBuf>,
        #[arg(long, value_name = "DIR")]
        data: Option<PathBuf>,
    },
    /// Print the trails as JSON lines, oldest first, with their hashes
    Export {
        #[arg(long, value_name = "DIR")]
        data: Option<PathBuf>,
    },
}

#[derive(Debug, Args)]
pub struct Login {
    /// Such as https://badges.example
    #[arg(value_name = "URL")]
    pub server: String,
    /// Scopes, separated by spaces; all the person has but administration when left out
    #[arg(long, value_name = "S")]
    pub scope: Option<String>,
}

#[derive(Debug, Args)]
pub struct Announce {
    pub text: String,
    /// normal, urgent or emergency
    #[arg(long, value_name = "L", default_value = "normal", value_parser = ["normal", "urgent", "emergency"])]
    pub level: String,
    /// How long to wait until all badges show it; exits 1 if they do not. With 0 nothing is waited for
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    pub wait: u64,
}

#[derive(Debug, Args)]
pub struct Demo {
    /// How many badges
    #[arg(long, default_value_t = 24, value_parser = clap::value_parser!(u32).range(1..=15_000))]
    pub badges: u32,
    /// Wait for the receipts, print a report, exit 0 only if all have shown it
    #[arg(long)]
    pub once: bool,
    /// Print the report as one line of JSON, the last on stdout
    #[arg(long)]
    pub json: bool,
}

/// Runs what the command line says.
///
/// # Errors
/// In words, for stderr.
pub async fn run(cli: Cli) -> Result<ExitCode, Failed> {
    match cli.command {
        Command::Serve(flags) => serve::run(load(flags)?).await,
        Command::User { command: UserCommand::Add(user) } => {
            let config = settings_of(user.data.clone())?;
            user::add(config, user).await
        }
        Command::Token { command: TokenCommand::Mint(wish) } => {
            let config = settings_of(wish.data.clone())?;
            token::mint(config, wish).await
        }
        Command::Keys { command: KeysCommand::Rotate { data } } => keys::rotate(settings_of(data)?).await,
        Command::Keys { command: KeysCommand::Reseal { old_key_file, data } } => {
            keys::reseal(settings_of(data)?, old_key_file).await
        }
        Command::Audit { command: AuditCommand::Verify { witness, data } } => {
            audit::verify(settings_of(data)?, witness).await
        }
        Command::Audit { command: AuditCommand::Export { data } } => audit::export(settings_of(data)?).await,
        Command::Login(wish) => login::login(wish).await,
        Command::Logout => login::logout().await,
        Command::Status => status::run().await,
        Command::Announce(wish) => announce::run(wish).await,
        Command::Demo(demo) => demo::run(demo).await,
        Command::Health { url } => health::run(&url).await,
        Command::Openapi => {
            say(&crate::routes::reference::OPENAPI);
            Ok(ExitCode::SUCCESS)
        }
        Command::Render(message) => render::run(message),
        Command::Fonts => {
            say(&badgecast_domain::display::coverage::table());
            Ok(ExitCode::SUCCESS)
        }
    }
}

fn load(flags: Serve) -> Result<Config, BadSettings> {
    let Serve { http, mqtt, data, log_format, allow_plaintext, test_keys } = flags;
    config::load(Flags { http, mqtt, data, log_format, allow_plaintext, test_keys })
}

fn settings_of(data: Option<PathBuf>) -> Result<Config, BadSettings> {
    config::load(Flags { data, ..Flags::default() })
}

fn settings_help() -> String {
    let width = SETTINGS.iter().map(|(name, _)| name.len()).max().unwrap_or_default();
    let line = |(name, meaning): &(&str, &str)| format!("\n  {name:width$}  {meaning}");
    format!("Environment:{}", SETTINGS.iter().map(line).collect::<String>())
}

/// Writes to stdout; a reader that went away is not our failure.
pub(crate) fn say(text: &str) {
    use std::io::Write as _;
    let mut out = std::io::stdout().lock();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}
