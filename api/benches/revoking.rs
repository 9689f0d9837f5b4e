//! How soon what is revoked ends: `cargo bench -p badgecast --bench revoking -- [CONNECTIONS]` (5000).
//!
//! So many badges on MQTT, and then so many event streams, are open at once. One after the other is revoked over HTTP; the
//! time counts from the request until the client sees its connection closed. Server and clients share this process.

#![expect(clippy::print_stdout, reason = "a bench prints what it measured")]

use std::{
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use badgecast::{
    House, Running,
    auth::{Scope, revocation::Whom, tokens::Grant},
    config::Config,
    start,
    tables::{
        Error, Tx, badges,
        claims::{self, Credentials},
        organizations, people,
    },
};
use badgecast_domain::{
    access::Role,
    id::{BadgeId, OrganizationId, UserId},
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    sync::{Semaphore, mpsc},
    task::JoinSet,
};

/// How many are revoked one by one.
const SAMPLES: usize = 200;
/// How many connect at once.
const AT_ONCE: usize = 200;
/// Only a broken build takes that long.
const PATIENCE: Duration = Duration::from_secs(120);

#[tokio::main]
async fn main() {
    let asked = std::env::args().find_map(|word| word.parse().ok());
    let connections: usize = asked.unwrap_or(5_000).max(SAMPLES);
    mqtt(connections).await;
    streams(connections).await;
}

/// One organization with one manager.
struct Bench {
    running: Running,
    house: Arc<House>,
    organization: OrganizationId,
    manager: UserId,
    http: reqwest::Client,
    _folder: tempfile::TempDir,
}

impl Bench {
    async fn open() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let running = start(Config::on_loopback(folder.path())).await.expect("a server");
        let house = Arc::clone(&running.house);
        let found = async |tx: &Tx| {
            let organization = organizations::create(tx, "Bench", house.now()).await?;
            let email = people::Email::try_from("m@bench.example".to_owned()).expect("an email");
            let new = people::New { email, name: "M".to_owned(), role: Role::Manager, password_hash: None };
            people::create(tx, &Scope::house(organization), new, house.now()).await
        };
        let manager = house.database.write(found).await.expect("a manager");
        let http = reqwest::Client::builder().no_proxy().build().expect("a client");
        let (organization, manager) = (manager.organization, manager.id);
        Self { running, house, organization, manager, http, _folder: folder }
    }

    fn token(&self, grant: Grant) -> String {
        self.house.tokens.issue(grant, self.house.now()).expect("a token").token.to_string()
    }

    fn person(&self) -> String {
        self.token(Grant::person(self.manager, "badgecast", self.organization, Role::Manager.scopes()))
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.running.http)
    }

    async fn badges(&self, count: usize) -> Vec<BadgeId> {
        let scope = Scope::house(self.organization);
        let no_secret = Credentials { secret_hash: None, key: None };
        let register = async |tx: &Tx| {
            let mut ids = Vec::with_capacity(count);
            for _ in 0..count {
                let now = self.house.now();
                let id = badges::register(tx, &scope, badges::New::default(), now).await?.id;
                claims::equip(tx, self.organization, id, &no_secret, now).await?;
                ids.push(id);
            }
            Ok::<_, Error>(ids)
        };
        self.house.database.write(register).await.expect("badges")
    }
}

async fn mqtt(connections: usize) {
    let bench = Bench::open().await;
    let badges = bench.badges(connections).await;
    let openings = badges
        .iter()
        .map(|badge| connect(&badge.to_string(), &bench.token(Grant::badge(*badge, bench.organization))));
    let (mut crowd, _tasks) = Crowd::gather(bench.running.mqtt, openings.collect(), b"\x20\x02\0\0").await;
    let manager = bench.person();
    let mut took = Vec::with_capacity(SAMPLES);
    for number in crowd.sample() {
        let since = Instant::now();
        let url = bench.url(&format!("/api/v1/badges/{}/revoke", badges[number]));
        let answer = bench.http.post(url).bearer_auth(&manager).send().await.expect("an answer");
        assert_eq!(answer.status(), 204);
        took.push(crowd.closed(number).await - since);
    }
    report(&format!("MQTT connections, {connections} open"), took);
    bench.running.stop().await;
}

async fn streams(connections: usize) {
    let bench = Bench::open().await;
    let tokens: Vec<String> = (0..connections).map(|_| bench.person()).collect();
    let request = |token: &String| {
        format!("GET /api/v1/events HTTP/1.1\r\nhost: bench\r\nauthorization: Bearer {token}\r\nconnection: close\r\n\r\n")
            .into_bytes()
    };
    let openings = tokens.iter().map(request).collect();
    let (mut crowd, _tasks) = Crowd::gather(bench.running.http, openings, b"HTTP/1.1 200").await;
    let mut took = Vec::with_capacity(SAMPLES);
    for number in crowd.sample() {
        let since = Instant::now();
        let form = [("client_id", "badgecast"), ("token", &tokens[number])];
        let answer = bench.http.post(bench.url("/oauth/revoke")).form(&form).send().await.expect("an answer");
        assert_eq!(answer.status(), 200);
        took.push(crowd.closed(number).await - since);
    }
    report(&format!("event streams, {connections} open"), took);
    let left = connections - SAMPLES;
    let since = Instant::now();
    let end = async |tx: &Tx| {
        let (tokens, now) = (&bench.house.tokens, bench.house.now());
        tokens.revoke(tx, bench.organization, Whom::User(bench.manager), now).await
    };
    bench.house.database.write(end).await.expect("a revocation");
    let mut last = since;
    for _ in 0..left {
        last = last.max(crowd.next().await.1);
    }
    println!(
        "{left} event streams of one person, all at once: the last was closed after {:.1?}",
        last - since
    );
    bench.running.stop().await;
}

/// CONNECT of MQTT 3.1.1 (section 3.1): clean session, user name and password, no keep-alive.
fn connect(id: &str, token: &str) -> Vec<u8> {
    let mut rest = b"\0\x04MQTT\x04\xc2\0\0".to_vec();
    for text in [id, id, token] {
        rest.extend(u16::try_from(text.len()).expect("short").to_be_bytes());
        rest.extend(text.as_bytes());
    }
    // Between 128 and 16,383 bytes: a length of two bytes (section 2.2.3).
    let length = [0x80 | (rest.len() % 128) as u8, u8::try_from(rest.len() / 128).expect("short")];
    [&[0x10], &length[..], &rest].concat()
}

/// Clients that wait for the end of their connections.
struct Crowd {
    size: usize,
    ends: mpsc::UnboundedReceiver<(usize, Instant)>,
}

impl Crowd {
    /// Opens them all: each says its opening and has to be answered with what begins like `welcome`. The tasks are theirs.
    async fn gather(
        address: SocketAddr,
        openings: Vec<Vec<u8>>,
        welcome: &'static [u8],
    ) -> (Self, JoinSet<()>) {
        let (end, ends) = mpsc::unbounded_channel();
        let (open, mut opened) = mpsc::unbounded_channel();
        let turns = Arc::new(Semaphore::new(AT_ONCE));
        let mut tasks = JoinSet::new();
        let size = openings.len();
        for (number, opening) in openings.into_iter().enumerate() {
            let (end, open, turns) = (end.clone(), open.clone(), Arc::clone(&turns));
            tasks.spawn(async move {
                let turn = turns.acquire().await.expect("never closed");
                let mut socket = TcpStream::connect(address).await.expect("a connection");
                socket.write_all(&opening).await.expect("an open connection");
                let mut answer = vec![0; welcome.len()];
                socket.read_exact(&mut answer).await.expect("an answer");
                assert_eq!(answer, welcome);
                drop(turn);
                open.send(()).expect("somebody counts");
                let mut rest = [0; 4096];
                while socket.read(&mut rest).await.is_ok_and(|read| read > 0) {}
                // Nobody is left to tell when the bench is over.
                let _ = end.send((number, Instant::now()));
            });
        }
        for _ in 0..size {
            tokio::select! {
                _ = opened.recv() => {}
                Some(failed) = tasks.join_next() => failed.expect("a client that waits"),
                () = tokio::time::sleep(PATIENCE) => panic!("they do not connect"),
            }
        }
        (Self { size, ends }, tasks)
    }

    /// Numbers from all over the crowd.
    fn sample(&self) -> impl Iterator<Item = usize> + use<> {
        let step = self.size / SAMPLES;
        (0..SAMPLES).map(move |number| number * step)
    }

    async fn next(&mut self) -> (usize, Instant) {
        tokio::time::timeout(PATIENCE, self.ends.recv()).await.expect("it ends").expect("clients that wait")
    }

    /// When this one was closed, which has to be the next to end.
    async fn closed(&mut self, number: usize) -> Instant {
        let (ended, at) = self.next().await;
        assert_eq!(ended, number, "another connection was closed");
        at
    }
}

fn report(what: &str, mut took: Vec<Duration>) {
    took.sort_unstable();
    let at = |percent: usize| took[(took.len() * percent / 100).min(took.len() - 1)];
    println!(
        "{what}: revoked to closed {:.1?} (half), {:.1?} (99 %), {:.1?} (last)",
        at(50),
        at(99),
        at(100)
    );
}
