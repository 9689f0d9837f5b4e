//! Settings: names, defaults and checks. The only file that knows environment names.
//!
//! Everything is read once, before anything starts. Unknown names and bad values are all reported together, and stop
//! the start. A secret may be given as `NAME_FILE`; no secret has a default.

mod reader;

use std::{
    collections::BTreeMap,
    fmt,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
};

use badgecast_broker::Settings;
use zeroize::Zeroizing;

use self::reader::{Reader, addresses, is_issuer, issuer_rule};
use crate::auth::watch::Rules;

/// The prefix of every setting.
pub const PREFIX: &str = "BADGECAST_";

const HTTP: &str = "BADGECAST_HTTP";
const MQTT: &str = "BADGECAST_MQTT";
const DATA: &str = "BADGECAST_DATA";
const DATABASE_URL: &str = "BADGECAST_DATABASE_URL";
const PUBLIC_URL: &str = "BADGECAST_PUBLIC_URL";
const SECRET_KEY: &str = "BADGECAST_SECRET_KEY";
const METRICS_TOKEN: &str = "BADGECAST_METRICS_TOKEN";
const LOG: &str = "BADGECAST_LOG";
const LOG_FORMAT: &str = "BADGECAST_LOG_FORMAT";
const ALLOW_PLAINTEXT: &str = "BADGECAST_ALLOW_PLAINTEXT";
const TLS_CERT: &str = "BADGECAST_TLS_CERT";
const TLS_KEY: &str = "BADGECAST_TLS_KEY";
const TRUSTED_PROXIES: &str = "BADGECAST_TRUSTED_PROXIES";
const TEST_KEYS: &str = "BADGECAST_TEST_KEYS";
const WATCH_REVOKE: &str = "BADGECAST_WATCH_REVOKE";
const WATCH_WINDOW_S: &str = "BADGECAST_WATCH_WINDOW_S";
const WATCH_REPEATS: &str = "BADGECAST_WATCH_REPEATS";
const WATCH_REQUESTS: &str = "BADGECAST_WATCH_REQUESTS";
const WATCH_GUESSES: &str = "BADGECAST_WATCH_GUESSES";
const WATCH_ACCOUNTS: &str = "BADGECAST_WATCH_ACCOUNTS";
const MAX_CONNECTIONS: &str = "BADGECAST_MQTT_MAX_CONNECTIONS";
const MAX_WAITING: &str = "BADGECAST_MQTT_MAX_WAITING";
const MAX_WAITING_PER_ADDRESS: &str = "BADGECAST_MQTT_MAX_WAITING_PER_ADDRESS";
const CONNECTS_PER_S: &str = "BADGECAST_MQTT_CONNECTS_PER_S";
const CONNECT_WITHIN_S: &str = "BADGECAST_MQTT_CONNECT_WITHIN_S";
const MAX_PACKET_BYTES: &str = "BADGECAST_MQTT_MAX_PACKET_BYTES";
const PACKETS_PER_S: &str = "BADGECAST_MQTT_PACKETS_PER_S";
const BYTES_PER_S: &str = "BADGECAST_MQTT_BYTES_PER_S";
const MAX_HELD_BYTES: &str = "BADGECAST_MQTT_MAX_HELD_BYTES";

/// Where a person's own files are: XDG Base Directory Specification.
const XDG_CONFIG_HOME: &str = "XDG_CONFIG_HOME";
const HOME: &str = "HOME";

/// Every setting, with what it means: the text of `badgecast serve --help` and of the README.
pub const SETTINGS: &[(&str, &str)] = &[
    (HTTP, "address of the HTTP API (127.0.0.1:8080)"),
    (MQTT, "address of the MQTT door (127.0.0.1:1883)"),
    (DATA, "folder of the database and the signing keys (./badgecast-data)"),
    (DATABASE_URL, "postgres://.. instead of SQLite in the data folder; or _FILE"),
    (PUBLIC_URL, "where people and badges reach this server; the issuer of its tokens"),
    (SECRET_KEY, "encrypts secrets at rest, at least 32 characters; or _FILE; required off loopback"),
    (METRICS_TOKEN, "bearer token that may read /metrics from elsewhere; or _FILE"),
    (LOG, "which log lines are written, such as info or badgecast=debug (info)"),
    (LOG_FORMAT, "text or json (text)"),
    (TLS_CERT, "PEM file of the certificate chain: HTTPS, and MQTT over TLS; read again when it changes"),
    (TLS_KEY, "PEM file of its private key"),
    (ALLOW_PLAINTEXT, "true: serve without TLS on addresses that are not loopback"),
    (TRUSTED_PROXIES, "addresses whose X-Forwarded-For is believed, separated by commas"),
    (MAX_CONNECTIONS, "MQTT connections that are logged in (18000)"),
    (MAX_WAITING, "MQTT sockets that are not logged in yet, from everywhere (1536)"),
    (MAX_WAITING_PER_ADDRESS, "the same from one address (1024)"),
    (CONNECTS_PER_S, "MQTT logins per second, after a burst of as many as may connect (2000)"),
    (CONNECT_WITHIN_S, "seconds until an MQTT socket has to have said CONNECT (10)"),
    (MAX_PACKET_BYTES, "the largest MQTT packet that is read (16384)"),
    (PACKETS_PER_S, "MQTT packets per second of one badge, four seconds' worth at once (50)"),
    (BYTES_PER_S, "bytes per second of one badge, likewise (32768)"),
    (
        MAX_HELD_BYTES,
        "bytes that wait to be sent to one connection before nothing more is read from it (32768)",
    ),
    (TEST_KEYS, "true: this folder may mint tokens of every kind, for tests only"),
    (
        WATCH_REVOKE,
        "security events that revoke what they are about at once, separated by commas, of two_networks, request_rate, key_network, session_browser (none: people are told)",
    ),
    (WATCH_WINDOW_S, "seconds within which one token in two networks is suspicious (10)"),
    (WATCH_REPEATS, "how often a bearer token may be in two networks until it is revoked; 0: never (3)"),
    (WATCH_REQUESTS, "requests a minute of one person, badge or client; beyond, the answer is 429 (20000)"),
    (WATCH_GUESSES, "wrong passwords of one account that are told, and each doubling of them (5)"),
    (WATCH_ACCOUNTS, "accounts failed at from one network that are told, and each doubling (10)"),
];

const SECRETS: &[&str] = &[DATABASE_URL, SECRET_KEY, METRICS_TOKEN];

/// How log lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum LogFormat {
    #[default]
    Text,
    Json,
}

/// A value that is never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    #[must_use]
    pub fn new(value: String) -> Self {
        Self(Zeroizing::new(value))
    }

    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

/// Everything the server was told.
#[derive(Debug, Clone)]
pub struct Config {
    pub http: SocketAddr,
    pub mqtt: SocketAddr,
    pub data: PathBuf,
    pub database_url: Option<Secret>,
    pub public_url: Option<String>,
    pub secret_key: Option<Secret>,
    pub metrics_token: Option<Secret>,
    pub log: String,
    pub log_format: LogFormat,
    /// Certificate chain and private key, both PEM.
    pub tls: Option<(PathBuf, PathBuf)>,
    pub allow_plaintext: bool,
    pub trusted_proxies: Vec<IpAddr>,
    pub test_keys: bool,
    /// What is suspicious, and what is done about it.
    pub watch: Rules,
    /// The caps of the MQTT door.
    pub door: Settings,
}

impl Config {
    /// Defaults on free loopback ports, for tests and the demo.
    #[must_use]
    pub fn on_loopback(data: &Path) -> Self {
        let free = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        Self { http: free, mqtt: free, ..Self::defaults(data.to_owned()) }
    }

    /// How addresses of the HTTP API begin.
    #[must_use]
    pub const fn http_scheme(&self) -> &'static str {
        if self.tls.is_some() { "https" } else { "http" }
    }

    fn defaults(data: PathBuf) -> Self {
        Self {
            http: SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)),
            mqtt: SocketAddr::from((Ipv4Addr::LOCALHOST, 1883)),
            data,
            database_url: None,
            public_url: None,
            secret_key: None,
            metrics_token: None,
            log: "info".to_owned(),
            log_format: LogFormat::Text,
            tls: None,
            allow_plaintext: false,
            trusted_proxies: Vec::new(),
            test_keys: false,
            watch: Rules::default(),
            door: Settings::default(),
        }
    }
}

/// What was given on the command line; it outranks the environment.
#[derive(Debug, Clone, Default)]
pub struct Flags {
    pub http: Option<String>,
    pub mqtt: Option<String>,
    pub data: Option<PathBuf>,
    pub log_format: Option<LogFormat>,
    pub allow_plaintext: bool,
    pub test_keys: bool,
}

/// One setting that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    pub name: String,
    pub detail: String,
}

/// Every fault found in the settings.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct BadSettings(pub Vec<Fault>);

impl fmt::Display for BadSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the settings cannot be used:")?;
        self.0.iter().try_for_each(|fault| write!(f, "\n  {}: {}", fault.name, fault.detail))
    }
}

/// Reads the settings of this process.
///
/// # Errors
/// All faults together.
pub fn load(flags: Flags) -> Result<Config, BadSettings> {
    #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the environment")]
    let environment = std::env::vars().filter(|(name, _)| name.starts_with(PREFIX)).collect();
    read(environment, flags)
}

/// Reads the settings from what `environment` holds.
///
/// # Errors
/// All faults together.
pub fn read(environment: BTreeMap<String, String>, flags: Flags) -> Result<Config, BadSettings> {
    let mut reader = Reader { environment, faults: Vec::new() };
    reader.refuse_unknown();
    let defaults = Config::defaults(PathBuf::from("badgecast-data"));
    let http = flags.http.or_else(|| reader.take(HTTP));
    let mqtt = flags.mqtt.or_else(|| reader.take(MQTT));
    let log_format = reader.parse(LOG_FORMAT, "is text or json", |text| match text {
        "text" => Some(LogFormat::Text),
        "json" => Some(LogFormat::Json),
        _ => None,
    });
    let config = Config {
        http: reader.address(HTTP, http, defaults.http),
        mqtt: reader.address(MQTT, mqtt, defaults.mqtt),
        data: flags.data.or_else(|| reader.take(DATA).map(PathBuf::from)).unwrap_or(defaults.data),
        database_url: reader.secret(DATABASE_URL),
        public_url: reader.parse(PUBLIC_URL, &issuer_rule(), is_issuer),
        secret_key: reader.secret(SECRET_KEY),
        metrics_token: reader.secret(METRICS_TOKEN),
        log: reader.take(LOG).unwrap_or(defaults.log),
        log_format: flags.log_format.or(log_format).unwrap_or_default(),
        tls: reader.tls(),
        allow_plaintext: reader.switch(ALLOW_PLAINTEXT) || flags.allow_plaintext,
        trusted_proxies: reader
            .parse(TRUSTED_PROXIES, "is a list of IP addresses", addresses)
            .unwrap_or_default(),
        test_keys: reader.switch(TEST_KEYS) || flags.test_keys,
        watch: reader.watch(),
        door: reader.door(defaults.door),
    };
    reader.check(&config);
    if reader.faults.is_empty() { Ok(config) } else { Err(BadSettings(reader.faults)) }
}

/// The folder for what a person keeps for themselves: `$XDG_CONFIG_HOME/badgecast`, else `~/.config/badgecast`.
#[must_use]
pub fn personal_folder() -> Option<PathBuf> {
    let folder = |name| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let config = folder(XDG_CONFIG_HOME).or_else(|| folder(HOME).map(|home| home.join(".config")));
    config.map(|config| config.join("badgecast"))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::auth::watch::Kind;

    fn settings(pairs: &[(&str, &str)]) -> Result<Config, Vec<String>> {
        let environment =
            pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        read(environment, Flags::default()).map_err(|bad| bad.0.into_iter().map(|fault| fault.name).collect())
    }

    #[test]
    fn nothing_set_is_a_server_on_loopback() {
        let config = settings(&[]).unwrap();
        assert_eq!(config.http.to_string(), "127.0.0.1:8080");
        assert_eq!(config.mqtt.to_string(), "127.0.0.1:1883");
    }

    #[test]
    fn all_faults_are_reported_together() {
        let faults = settings(&[
            ("BADGECAST_HTPP", "127.0.0.1:1"),
            (HTTP, "nowhere"),
            (LOG_FORMAT, "xml"),
            (LOG, "a b c="),
            (SECRET_KEY, "short"),
            (PUBLIC_URL, "https://badges.example/"),
            (DATABASE_URL, "mysql://x"),
        ]);
        let expected = ["BADGECAST_HTPP", LOG_FORMAT, HTTP, PUBLIC_URL, SECRET_KEY, DATABASE_URL]
            .map(str::to_owned)
            .to_vec();
        assert_eq!(faults.unwrap_err(), expected);
    }

    #[test]
    fn the_caps_of_the_door_are_numbers_within_reason() {
        let caps = [(MAX_CONNECTIONS, "7"), (CONNECT_WITHIN_S, "3"), (MAX_PACKET_BYTES, "2048")];
        let door = settings(&caps).unwrap().door;
        assert_eq!((door.max_connections, door.connect_within.as_secs(), door.max_packet), (7, 3, 2048));
        assert_eq!(settings(&[]).unwrap().door, Settings::default());
        let wrong = [(MAX_WAITING, "0"), (PACKETS_PER_S, "many"), (MAX_PACKET_BYTES, "9")];
        assert_eq!(settings(&wrong).unwrap_err(), [MAX_WAITING, MAX_PACKET_BYTES, PACKETS_PER_S]);
    }

    #[test]
    fn plaintext_off_loopback_is_refused_unless_allowed_and_then_wants_a_key() {
        assert_eq!(settings(&[(HTTP, "0.0.0.0:8080")]).unwrap_err(), [HTTP, SECRET_KEY]);
        let allowed = [(HTTP, "0.0.0.0:8080"), (ALLOW_PLAINTEXT, "true")];
        assert_eq!(settings(&allowed).unwrap_err(), [SECRET_KEY]);
        let key = "0123456789abcdef0123456789abcdef";
        assert!(settings(&[allowed[0], allowed[1], (SECRET_KEY, key)]).is_ok());
    }

    #[test]
    fn what_is_suspicious_can_be_set() {
        let set = [
            (WATCH_REVOKE, "two_networks, session_browser"),
            (WATCH_WINDOW_S, "30"),
            (WATCH_REPEATS, "0"),
            (WATCH_REQUESTS, "600"),
            (WATCH_GUESSES, "3"),
            (WATCH_ACCOUNTS, "4"),
        ];
        let expected = Rules {
            revoke: vec![Kind::TwoNetworks, Kind::SessionBrowser],
            window: Duration::from_secs(30),
            repeats: 0,
            requests_per_minute: 600,
            guesses: 3,
            accounts: 4,
        };
        assert_eq!(settings(&set).unwrap().watch, expected);
        for (name, value) in [
            (WATCH_REVOKE, "new_network"),
            (WATCH_REVOKE, "weather"),
            (WATCH_GUESSES, "0"),
            (WATCH_WINDOW_S, "-1"),
        ] {
            assert_eq!(settings(&[(name, value)]).unwrap_err(), [name], "{value}");
        }
    }

    #[test]
    fn a_secret_comes_from_a_file_without_its_line_end_and_is_never_printed() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("key");
        std::fs::write(&file, "0123456789abcdef0123456789abcdef\n").unwrap();
        let path = file.to_str().unwrap();
        let config = settings(&[("BADGECAST_SECRET_KEY_FILE", path)]).unwrap();
        assert_eq!(config.secret_key.as_ref().map(Secret::expose), Some("0123456789abcdef0123456789abcdef"));
        assert!(!format!("{config:?}").contains("0123456789"));
        assert_eq!(
            settings(&[("BADGECAST_SECRET_KEY_FILE", "/nonexistent")]).unwrap_err(),
            ["BADGECAST_SECRET_KEY_FILE"]
        );
    }
}
