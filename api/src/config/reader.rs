//! Reads settings one by one, and keeps what is wrong with them.

use std::{
    collections::BTreeMap,
    fmt,
    net::{IpAddr, SocketAddr},
    ops::RangeInclusive,
    path::PathBuf,
    str::FromStr,
    time::Duration,
};

use badgecast_broker::Settings;
use badgecast_domain::token::MAX_ISSUER_BYTES;
use tracing_subscriber::EnvFilter;

use super::{
    BYTES_PER_S, CONNECT_WITHIN_S, CONNECTS_PER_S, Config, DATABASE_URL, Fault, HTTP, LOG, MAX_CONNECTIONS,
    MAX_HELD_BYTES, MAX_PACKET_BYTES, MAX_WAITING, MAX_WAITING_PER_ADDRESS, MQTT, PACKETS_PER_S, SECRET_KEY,
    SECRETS, SETTINGS, Secret, TLS_CERT, TLS_KEY, WATCH_ACCOUNTS, WATCH_GUESSES, WATCH_REPEATS,
    WATCH_REQUESTS, WATCH_REVOKE, WATCH_WINDOW_S,
};
use crate::auth::watch::{Kind, Rules};

pub(super) fn issuer_rule() -> String {
    format!("is http(s)://host[:port] without a trailing slash, at most {MAX_ISSUER_BYTES} bytes")
}

pub(super) fn is_issuer(text: &str) -> Option<String> {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"))?;
    let fits = text.len() <= MAX_ISSUER_BYTES && !rest.is_empty() && !rest.ends_with('/');
    let plain = rest.chars().all(|c| c.is_ascii_graphic() && !matches!(c, '?' | '#' | '@' | '"' | '\\'));
    (fits && plain).then(|| text.to_owned())
}

pub(super) fn addresses(text: &str) -> Option<Vec<IpAddr>> {
    text.split(',').map(|address| address.trim().parse().ok()).collect()
}

fn revocable(text: &str) -> Option<Vec<Kind>> {
    let kind = |name: &str| Kind::of(name.trim()).filter(|kind| Kind::REVOCABLE.contains(kind));
    text.split(',').map(kind).collect()
}

/// What is left of the environment, and what was wrong so far.
pub(super) struct Reader {
    pub(super) environment: BTreeMap<String, String>,
    pub(super) faults: Vec<Fault>,
}

impl Reader {
    fn fault(&mut self, name: &str, detail: impl Into<String>) {
        self.faults.push(Fault { name: name.to_owned(), detail: detail.into() });
    }

    pub(super) fn refuse_unknown(&mut self) {
        let known = |name: &str| {
            let secret = name.strip_suffix("_FILE").is_some_and(|name| SECRETS.contains(&name));
            secret || SETTINGS.iter().any(|(setting, _)| *setting == name)
        };
        let unknown: Vec<String> = self.environment.keys().filter(|name| !known(name)).cloned().collect();
        for name in unknown {
            self.fault(&name, "there is no such setting");
        }
    }

    pub(super) fn take(&mut self, name: &str) -> Option<String> {
        self.environment.remove(name).filter(|value| !value.is_empty())
    }

    pub(super) fn parse<T>(
        &mut self,
        name: &str,
        rule: &str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        let text = self.take(name)?;
        let value = parse(&text);
        if value.is_none() {
            self.fault(name, rule);
        }
        value
    }

    pub(super) fn switch(&mut self, name: &str) -> bool {
        let parse = |text: &str| match text {
            "true" => Some(true),
            "false" => Some(false),
            _ => None,
        };
        self.parse(name, "is true or false", parse).unwrap_or_default()
    }

    pub(super) fn address(&mut self, name: &str, text: Option<String>, default: SocketAddr) -> SocketAddr {
        let Some(text) = text else { return default };
        let text = text.replacen("localhost:", "127.0.0.1:", 1);
        text.parse().unwrap_or_else(|_| {
            self.fault(name, format!("is an address such as {default}"));
            default
        })
    }

    pub(super) fn secret(&mut self, name: &str) -> Option<Secret> {
        let file = self.take(&format!("{name}_FILE"));
        match (self.take(name), file) {
            (Some(_), Some(_)) => {
                self.fault(name, "is given twice, as a value and as a file");
                None
            }
            (Some(value), None) => Some(Secret::new(value)),
            (None, Some(file)) => match std::fs::read_to_string(&file) {
                Ok(text) => Some(Secret::new(text.trim_end_matches(['\r', '\n']).to_owned())),
                Err(error) => {
                    self.fault(&format!("{name}_FILE"), format!("cannot be read: {error}"));
                    None
                }
            },
            (None, None) => None,
        }
    }

    pub(super) fn tls(&mut self) -> Option<(PathBuf, PathBuf)> {
        match (self.take(TLS_CERT), self.take(TLS_KEY)) {
            (Some(chain), Some(key)) => Some((chain.into(), key.into())),
            (None, None) => None,
            _ => {
                self.fault(TLS_CERT, format!("and {TLS_KEY} are given together"));
                None
            }
        }
    }

    pub(super) fn watch(&mut self) -> Rules {
        let Rules { revoke, window, repeats, requests_per_minute, guesses, accounts } = Rules::default();
        Rules {
            revoke: self
                .parse(WATCH_REVOKE, "is a list of security events that can revoke", revocable)
                .unwrap_or(revoke),
            window: Duration::from_secs(self.number(WATCH_WINDOW_S, 1..=86_400, window.as_secs())),
            repeats: self.number(WATCH_REPEATS, 0..=u32::MAX, repeats),
            requests_per_minute: self.number(WATCH_REQUESTS, 1..=u32::MAX, requests_per_minute),
            guesses: self.number(WATCH_GUESSES, 1..=u32::MAX, guesses),
            accounts: self.number(WATCH_ACCOUNTS, 1..=u32::MAX, accounts),
        }
    }

    pub(super) fn door(&mut self, defaults: Settings) -> Settings {
        let many = 1..=1_000_000;
        let rate = 1..=1_000_000_000;
        let within_s = defaults.connect_within.as_secs();
        Settings {
            max_connections: self.number(MAX_CONNECTIONS, many.clone(), defaults.max_connections),
            max_waiting: self.number(MAX_WAITING, many.clone(), defaults.max_waiting),
            max_waiting_per_address: self.number(
                MAX_WAITING_PER_ADDRESS,
                many.clone(),
                defaults.max_waiting_per_address,
            ),
            connects_per_s: self.number(CONNECTS_PER_S, 1..=1_000_000, defaults.connects_per_s),
            connect_within: Duration::from_secs(self.number(CONNECT_WITHIN_S, 1..=300, within_s)),
            // A layer of eight messages has to fit, and a remaining length is counted in memory.
            max_packet: self.number(MAX_PACKET_BYTES, 1_024..=1_048_576, defaults.max_packet),
            packets_per_s: self.number(PACKETS_PER_S, rate.clone(), defaults.packets_per_s),
            bytes_per_s: self.number(BYTES_PER_S, rate, defaults.bytes_per_s),
            max_held_bytes: self.number(MAX_HELD_BYTES, many, defaults.max_held_bytes),
            ..defaults
        }
    }

    fn number<T>(&mut self, name: &str, range: RangeInclusive<T>, default: T) -> T
    where
        T: FromStr + PartialOrd + fmt::Display,
    {
        let rule = format!("is a number from {} to {}", range.start(), range.end());
        let parse = |text: &str| text.parse().ok().filter(|number| range.contains(number));
        self.parse(name, &rule, parse).unwrap_or(default)
    }

    pub(super) fn check(&mut self, config: &Config) {
        if let Err(error) = EnvFilter::try_new(&config.log) {
            self.fault(LOG, format!("is not a log filter: {error}"));
        }
        if config.secret_key.as_ref().is_some_and(|key| key.expose().len() < 32) {
            self.fault(SECRET_KEY, "has at least 32 characters; `openssl rand -hex 32` makes one");
        }
        if let Some(url) = &config.database_url
            && !["postgres://", "postgresql://"].iter().any(|scheme| url.expose().starts_with(scheme))
        {
            self.fault(DATABASE_URL, "starts with postgres://");
        }
        for (name, address) in [(HTTP, config.http), (MQTT, config.mqtt)] {
            if address.ip().is_loopback() {
                continue;
            }
            if !config.allow_plaintext && config.tls.is_none() {
                self.fault(name, "is not loopback: plaintext there needs --allow-plaintext");
            }
            if config.secret_key.is_none() {
                self.fault(SECRET_KEY, format!("is required when {name} is not loopback"));
            }
        }
    }
}
