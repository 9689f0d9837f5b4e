//! A server under test: its process, its CPU and memory, and how it is told to speak.

use std::{
    fs,
    io::{BufRead, BufReader, Write},
    path::PathBuf,
    process::{Child, ChildStdin, Command, Stdio},
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Floor,
    Badgecast,
    /// Badgecast behind TLS.
    Tls,
    Mosquitto,
}

impl Kind {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Floor => "floor",
            Self::Badgecast => "badgecast",
            Self::Tls => "tls",
            Self::Mosquitto => "mosquitto",
        }
    }
}

pub(crate) struct Contender {
    pub(crate) kind: Kind,
    pub(crate) port: u16,
    process: Child,
    orders: Option<ChildStdin>,
    /// What its clients show as their password.
    pub(crate) tokens: Vec<(String, String)>,
    /// The certificate its clients trust.
    pub(crate) root: Option<PathBuf>,
    /// Mosquitto is spoken to as a client.
    publisher: Option<TcpStream>,
}

/// Where a contender behind TLS leaves its certificate.
pub(crate) fn certificate_of(port: u16) -> PathBuf {
    std::env::temp_dir().join(format!("race-{port}.pem"))
}

/// The most clients any run has.
pub(crate) const MOST: usize = 18_000;

impl Contender {
    /// Starts it on a free port; `None` when it is not installed.
    pub(crate) fn start(kind: Kind) -> Option<Self> {
        let me = std::env::current_exe().unwrap();
        if kind == Kind::Mosquitto {
            return Self::mosquitto();
        }
        let mut process = Command::new(me)
            .arg(format!("serve-{}", kind.name()))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut said = BufReader::new(process.stdout.take().unwrap()).lines().map(Result::unwrap);
        let port = said.next().unwrap().parse().unwrap();
        let tokens = match kind {
            Kind::Badgecast | Kind::Tls => said
                .by_ref()
                .take(MOST)
                .map(|line| {
                    line.split_once(' ').map(|(id, token)| (id.to_owned(), token.to_owned())).unwrap()
                })
                .collect(),
            _ => (0..MOST).map(|at| (format!("client-{at}"), "-".to_owned())).collect(),
        };
        let orders = process.stdin.take();
        let root = (kind == Kind::Tls).then(|| certificate_of(port));
        Some(Self { kind, port, process, orders, tokens, root, publisher: None })
    }

    fn mosquitto() -> Option<Self> {
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let config = std::env::temp_dir().join(format!("race-{port}.conf"));
        let text = format!(
            "listener {port} 127.0.0.1\nallow_anonymous true\nset_tcp_nodelay true\nmax_queued_messages 0\n"
        );
        fs::write(&config, text).unwrap();
        let process = ["mosquitto", "/usr/sbin/mosquitto"].iter().find_map(|program| {
            Command::new(program)
                .arg("-c")
                .arg(&config)
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .ok()
        })?;
        while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
            std::thread::yield_now();
        }
        let tokens = (0..MOST).map(|at| (format!("client-{at}"), "-".to_owned())).collect();
        Some(Self { kind: Kind::Mosquitto, port, process, orders: None, tokens, root: None, publisher: None })
    }

    /// The filters client number `at` subscribes to: its own topic and one for all.
    pub(crate) fn filters(&self, at: usize) -> [String; 2] {
        match self.kind {
            Kind::Mosquitto => [format!("own/{at}"), "all".to_owned()],
            _ => ["v1/me/show".to_owned(), "v1/me/command".to_owned()],
        }
    }

    pub(crate) async fn broadcast(&mut self) {
        match self.kind {
            Kind::Mosquitto => self.publish(std::iter::once("all".to_owned())).await,
            _ => self.order("broadcast"),
        }
    }

    /// One message to each client on its own topic.
    pub(crate) async fn each(&mut self, size: usize) {
        match self.kind {
            Kind::Mosquitto => self.publish((0..size).map(|at| format!("own/{at}"))).await,
            _ => self.order("each"),
        }
    }

    fn order(&mut self, word: &str) {
        writeln!(self.orders.as_mut().unwrap(), "{word}").unwrap();
    }

    async fn publish(&mut self, topics: impl Iterator<Item = String>) {
        if self.publisher.is_none() {
            let mut stream = TcpStream::connect(("127.0.0.1", self.port)).await.unwrap();
            stream.write_all(b"\x10\x0f\0\x04MQTT\x04\x02\0\0\0\x03pub").await.unwrap();
            stream.read_exact(&mut [0; 4]).await.unwrap();
            self.publisher = Some(stream);
        }
        let stream = self.publisher.as_mut().unwrap();
        let mut bytes = Vec::new();
        let mut count = 0;
        for (at, topic) in topics.enumerate() {
            let remaining = 2 + topic.len() + 2 + 256;
            bytes.extend([0x32, (remaining & 127) as u8 | 128, (remaining >> 7) as u8]);
            bytes.extend((topic.len() as u16).to_be_bytes());
            bytes.extend(topic.as_bytes());
            bytes.extend((1 + at as u16).to_be_bytes());
            bytes.extend([b'x'; 256]);
            count += 1;
        }
        let (mut read, mut write) = stream.split();
        let acknowledged = async {
            let mut acknowledgements = vec![0; 4 * count];
            read.read_exact(&mut acknowledgements).await.unwrap();
        };
        let (written, ()) = tokio::join!(write.write_all(&bytes), acknowledged);
        written.unwrap();
    }

    /// CPU time of all its threads so far.
    pub(crate) fn cpu(&self) -> Duration {
        let tasks = fs::read_dir(format!("/proc/{}/task", self.process.id())).unwrap();
        let of = |task: fs::DirEntry| -> Option<u64> {
            fs::read_to_string(task.path().join("schedstat")).ok()?.split(' ').next()?.parse().ok()
        };
        Duration::from_nanos(tasks.filter_map(|task| of(task.ok()?)).sum())
    }

    pub(crate) fn rss_kb(&self) -> i64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.process.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmRSS")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    }

    /// Waits until it uses no CPU to speak of.
    pub(crate) async fn settle(&self) {
        let mut before = self.cpu();
        loop {
            tokio::time::sleep(Duration::from_millis(200)).await;
            let now = self.cpu();
            if now - before < Duration::from_millis(2) {
                return;
            }
            before = now;
        }
    }

    pub(crate) fn stop(mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Drop for Contender {
    fn drop(&mut self) {
        let _ = self.process.kill();
    }
}
