//! A server under test: its process, and how it is told to speak.

use std::{
    io::{BufRead, BufReader, Write},
    path::PathBuf,
    process::{ChildStdin, Command, Stdio},
};

use crate::{foreign::Publisher, plan::Plan, process::Process};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    /// A bare tokio loop that writes the same bytes.
    Floor,
    Badgecast,
    BadgecastTls,
    Mosquitto,
    MosquittoTls,
    /// The crate's own broker.
    Rumqttd,
    Rmqttd,
}

impl Kind {
    const ALL: [Self; 7] = [
        Self::Floor,
        Self::Badgecast,
        Self::BadgecastTls,
        Self::Mosquitto,
        Self::MosquittoTls,
        Self::Rumqttd,
        Self::Rmqttd,
    ];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Floor => "floor",
            Self::Badgecast => "badgecast",
            Self::BadgecastTls => "badgecast-tls",
            Self::Mosquitto => "mosquitto",
            Self::MosquittoTls => "mosquitto-tls",
            Self::Rumqttd => "rumqttd",
            Self::Rmqttd => "rmqttd",
        }
    }

    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    pub(crate) const fn only_if_asked(self) -> bool {
        matches!(self, Self::Rumqttd | Self::Rmqttd)
    }

    pub(crate) const fn takes_minutes(self) -> bool {
        matches!(self, Self::Rumqttd)
    }

    pub(crate) const fn is_badgecast(self) -> bool {
        matches!(self, Self::Badgecast | Self::BadgecastTls)
    }

    pub(crate) const fn has_tls(self) -> bool {
        matches!(self, Self::BadgecastTls | Self::MosquittoTls)
    }

    /// Whether it obeys orders on its standard input; the others are spoken to as a publishing client.
    const fn obeys(self) -> bool {
        matches!(self, Self::Floor | Self::Badgecast | Self::BadgecastTls)
    }
}

pub(crate) struct Contender {
    pub(crate) kind: Kind,
    pub(crate) process: Process,
    pub(crate) port: u16,
    size: usize,
    /// Client id and password of each client.
    pub(crate) tokens: Vec<(String, String)>,
    speaks: Speaks,
}

enum Speaks {
    Orders(ChildStdin),
    Publishes(Publisher),
}

/// Where a contender behind TLS has its certificate; the key is beside it.
pub(crate) fn certificate_of(port: u16) -> PathBuf {
    std::env::temp_dir().join(format!("race-{port}.pem"))
}

impl Contender {
    /// Starts it on a free port; in words what is missing if it is not installed.
    pub(crate) fn start(kind: Kind, size: usize, plan: &Plan) -> Result<Self, String> {
        let nameless = || (0..size).map(|at| (format!("client-{at}"), "-".to_owned())).collect();
        if matches!(kind, Kind::Mosquitto | Kind::MosquittoTls | Kind::Rmqttd) {
            let (process, port) = crate::foreign::start(kind)?;
            let speaks = Speaks::Publishes(Publisher::connect(port, kind.has_tls()));
            return Ok(Self { kind, process, port, size, tokens: nameless(), speaks });
        }
        let me = std::env::current_exe().unwrap().display().to_string();
        let mut words = if kind.is_badgecast() { plan.under.clone() } else { Vec::new() };
        words.extend([me, "serve".to_owned(), kind.name().to_owned(), size.to_string()]);
        let mut process = Command::new(&words[0])
            .args(&words[1..])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| format!("{}: {error}", words[0]))?;
        let mut said = BufReader::new(process.stdout.take().unwrap()).lines().map(Result::unwrap);
        let port = said.next().ok_or("it ended at once")?.parse().unwrap();
        let tokens = if kind.is_badgecast() {
            let pair =
                |line: String| line.split_once(' ').map(|(id, token)| (id.to_owned(), token.to_owned()));
            said.by_ref().take(size).map(|line| pair(line).unwrap()).collect()
        } else {
            nameless()
        };
        let orders = process.stdin.take().unwrap();
        let speaks = if kind.obeys() {
            Speaks::Orders(orders)
        } else {
            Speaks::Publishes(Publisher::connect(port, false))
        };
        Ok(Self { kind, process: Process(process), port, size, tokens, speaks })
    }

    /// One message to all.
    pub(crate) fn broadcast(&mut self) {
        match &mut self.speaks {
            Speaks::Orders(orders) => writeln!(orders, "broadcast").unwrap(),
            Speaks::Publishes(publisher) => publisher.publish(std::iter::once("all".to_owned())),
        }
    }

    /// One message to each client on its own topic.
    pub(crate) fn each(&mut self) {
        match &mut self.speaks {
            Speaks::Orders(orders) => writeln!(orders, "each").unwrap(),
            Speaks::Publishes(publisher) => publisher.publish((0..self.size).map(|at| format!("own/{at}"))),
        }
    }
}
