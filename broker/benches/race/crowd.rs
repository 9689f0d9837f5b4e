//! Many clients in one process. They acknowledge what they get and count it.
//!
//! `crowd PORT NAME SIZE` reads a client id and a password per client, and then orders, one a line, on standard input;
//! it answers each with a line when it is done.

use std::{
    io::{self, BufRead, BufReader, Write},
    net::Ipv4Addr,
    path::Path,
    process::{ChildStdin, ChildStdout, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering::SeqCst},
    },
    time::{Duration, Instant},
};

use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, ServerName, pem::PemObject},
};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::TcpSocket,
    sync::{Notify, Semaphore},
    task::JoinSet,
};
use tokio_rustls::TlsConnector;

use crate::{
    contender::{Contender, Kind, certificate_of},
    process::Process,
};

/// How many connect at the same time.
const AT_ONCE: usize = 500;

/// How often a client tries to connect, as a badge would.
const TRIES: usize = 5;

/// Nothing takes longer, or it is taken for lost.
const DEADLINE: Duration = Duration::from_secs(300);

/// The process of a crowd, as the race sees it.
pub(crate) struct Crowd {
    _process: Process,
    orders: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Crowd {
    pub(crate) fn of(contender: &Contender) -> Self {
        let words = [contender.port.to_string(), contender.kind.name().to_owned()];
        let mut process = Command::new(std::env::current_exe().unwrap())
            .arg("crowd")
            .args(words)
            .arg(contender.tokens.len().to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut orders = process.stdin.take().unwrap();
        let lines: String = contender.tokens.iter().map(|(id, token)| format!("{id} {token}\n")).collect();
        orders.write_all(lines.as_bytes()).unwrap();
        let answers = BufReader::new(process.stdout.take().unwrap());
        Self { _process: Process(process), orders, answers }
    }

    /// Has everyone connect and subscribe; answers when they have.
    pub(crate) fn connect(&mut self) {
        self.order("connect");
        self.done();
    }

    /// Likewise; and clients of badgecast say hello and wait for the layer that answers it.
    pub(crate) fn come_back(&mut self) {
        self.order("come-back");
        self.done();
    }

    /// Everyone is to get one more message: [`Self::done`] answers when they have.
    pub(crate) fn expect(&mut self) {
        self.order("expect");
    }

    /// Has everyone close their connection at once.
    pub(crate) fn leave(&mut self) {
        self.order("leave");
        self.done();
    }

    fn order(&mut self, word: &str) {
        writeln!(self.orders, "{word}").unwrap();
    }

    pub(crate) fn done(&mut self) {
        let mut line = String::new();
        self.answers.read_line(&mut line).unwrap();
        assert!(line == "done\n", "the clients gave up; see above");
    }
}

/// The process itself.
pub(crate) fn run(words: &[String]) {
    let kind = Kind::named(&words[1]).unwrap();
    let (port, size) = (words[0].parse().unwrap(), words[2].parse().unwrap());
    let mut lines = io::stdin().lock().lines().map(Result::unwrap);
    let pair =
        |line: String| line.split_once(' ').map(|(id, token)| (id.to_owned(), token.to_owned())).unwrap();
    let tokens: Arc<[_]> = lines.by_ref().take(size).map(pair).collect();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let target = Target { kind, port, tls: kind.has_tls().then(|| connector(&certificate_of(port))) };
    let mut clients = None;
    for order in lines {
        runtime.block_on(async {
            match order.as_str() {
                "connect" => clients = Some(Clients::connect(&target, &tokens, false).await),
                "come-back" => {
                    let mut back = Clients::connect(&target, &tokens, true).await;
                    if kind.is_badgecast() {
                        back.all_get_one().await;
                    }
                    clients = Some(back);
                }
                "expect" => clients.as_mut().unwrap().all_get_one().await,
                _ => clients = None,
            }
        });
        println!("done");
    }
}

#[derive(Clone)]
struct Target {
    kind: Kind,
    port: u16,
    tls: Option<TlsConnector>,
}

impl Target {
    /// What client number `at` subscribes to: its own topic and one for all.
    fn filters(&self, at: usize) -> [String; 2] {
        match self.kind {
            Kind::Floor | Kind::Badgecast | Kind::BadgecastTls => {
                ["v1/me/show".to_owned(), "v1/me/command".to_owned()]
            }
            _ => [format!("own/{at}"), "all".to_owned()],
        }
    }
}

struct Clients {
    tally: Arc<Tally>,
    tasks: JoinSet<()>,
    size: usize,
}

#[derive(Default)]
struct Tally {
    got: AtomicU64,
    wanted: AtomicU64,
    ready: AtomicUsize,
    again: AtomicUsize,
    changed: Notify,
}

impl Clients {
    async fn connect(target: &Target, tokens: &Arc<[(String, String)]>, hello: bool) -> Self {
        let (tally, gate) = (Arc::<Tally>::default(), Arc::new(Semaphore::new(AT_ONCE)));
        let (mut tasks, size) = (JoinSet::new(), tokens.len());
        for at in 0..size {
            let (target, tokens) = (target.clone(), Arc::clone(tokens));
            let (tally, gate) = (Arc::clone(&tally), Arc::clone(&gate));
            tasks.spawn(async move {
                let permit = gate.acquire_owned().await.unwrap();
                let hello = hello && target.kind.is_badgecast();
                let (id, token) = &tokens[at];
                let mut tries = 0;
                let stream = loop {
                    let greeted = async {
                        let stream = open(&target, at).await?;
                        greet(stream, (id, token), &target.filters(at), hello).await
                    };
                    match greeted.await {
                        Ok(stream) => break stream,
                        Err(error) => {
                            tries += 1;
                            tally.again.fetch_add(1, SeqCst);
                            assert!(tries < TRIES, "client {at} does not come in: {error}");
                        }
                    }
                };
                drop((permit, tokens));
                if tally.ready.fetch_add(1, SeqCst) + 1 == size {
                    tally.changed.notify_one();
                }
                let _ = listen(stream, &tally).await;
            });
        }
        let mut clients = Self { tally, tasks, size };
        clients.until("are connected", |tally| tally.ready.load(SeqCst) as u64, size as u64).await;
        let again = clients.tally.again.load(SeqCst);
        if again > 0 {
            eprintln!("{}: {again} times a client had to connect again", target.kind.name());
        }
        clients
    }

    /// Waits until everyone has got one more message.
    async fn all_get_one(&mut self) {
        let wanted = self.tally.wanted.load(SeqCst) + self.size as u64;
        self.tally.wanted.store(wanted, SeqCst);
        self.until("messages", |tally| tally.got.load(SeqCst), wanted).await;
    }

    async fn until(&mut self, what: &str, count: impl Fn(&Tally) -> u64, wanted: u64) {
        let began = Instant::now();
        while count(&self.tally) < wanted {
            let _ = tokio::time::timeout(Duration::from_secs(1), self.tally.changed.notified()).await;
            let (came, left) = (count(&self.tally), self.tasks.len());
            while self.tasks.try_join_next().is_some() {}
            assert!(left == self.tasks.len(), "{} clients lost their connection", left - self.tasks.len());
            assert!(began.elapsed() < DEADLINE, "{came} of {wanted} {what}, {left} clients");
        }
    }
}

/// Anything bytes go through.
trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

fn connector(root: &Path) -> TlsConnector {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(root).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let mut config = config.with_root_certificates(roots).with_no_client_auth();
    // Every connection shakes hands in full, as badges that were switched off do.
    config.resumption = rustls::client::Resumption::disabled();
    TlsConnector::from(Arc::new(config))
}

async fn open(target: &Target, at: usize) -> io::Result<Box<dyn Stream>> {
    let socket = TcpSocket::new_v4()?;
    // More source addresses than one, or the ports run out.
    socket.bind((Ipv4Addr::new(127, 0, 1, (at % 16) as u8 + 1), 0).into())?;
    let stream = socket.connect((Ipv4Addr::LOCALHOST, target.port).into()).await?;
    stream.set_nodelay(true)?;
    Ok(match &target.tls {
        None => Box::new(stream),
        Some(tls) => Box::new(tls.connect(ServerName::try_from("localhost").unwrap(), stream).await?),
    })
}

async fn greet(
    mut stream: Box<dyn Stream>,
    (id, token): (&str, &str),
    filters: &[String; 2],
    hello: bool,
) -> io::Result<Box<dyn Stream>> {
    // Clean, with user name and password, and a keep-alive of 15 minutes.
    let mut body = vec![0, 4, b'M', b'Q', b'T', b'T', 4, 0xc2, 3, 132];
    for part in [id, id, token] {
        body.extend((part.len() as u16).to_be_bytes());
        body.extend(part.as_bytes());
    }
    stream.write_all(&packet(0x10, &body)).await?;
    let mut connack = [0; 4];
    stream.read_exact(&mut connack).await?;
    if connack != [0x20, 2, 0, 0] {
        return Err(io::Error::other(format!("refused: {connack:?}")));
    }
    let mut body = vec![0, 1];
    for filter in filters {
        body.extend((filter.len() as u16).to_be_bytes());
        body.extend(filter.as_bytes());
        body.push(1);
    }
    stream.write_all(&packet(0x82, &body)).await?;
    let mut suback = [0; 6];
    stream.read_exact(&mut suback).await?;
    assert_eq!(suback[0], 0x90);
    if hello {
        stream.write_all(b"\x30\x0f\0\x0bv1/me/hello{}").await?;
    }
    Ok(stream)
}

/// Counts messages and acknowledges them, as a badge without a display would.
async fn listen(mut stream: Box<dyn Stream>, tally: &Tally) -> io::Result<()> {
    let mut kept = Vec::new();
    loop {
        if stream.read_buf(&mut kept).await? == 0 {
            return Ok(());
        }
        let (mut at, mut answer, mut got) = (0, Vec::new(), 0);
        while let Some((first, body, end)) = cut(&kept[at..]) {
            at += end;
            if first == 0x32 {
                let topic = usize::from(u16::from_be_bytes([body[0], body[1]]));
                answer.extend([0x40, 2, body[2 + topic], body[3 + topic]]);
                got += 1;
            }
        }
        kept.drain(..at);
        if kept.is_empty() {
            kept = Vec::new();
        }
        if got > 0 {
            stream.write_all(&answer).await?;
            let before = tally.got.fetch_add(got, SeqCst);
            let wanted = tally.wanted.load(SeqCst);
            if before < wanted && before + got >= wanted {
                tally.changed.notify_one();
            }
        }
    }
}

fn cut(bytes: &[u8]) -> Option<(u8, &[u8], usize)> {
    let (mut length, mut at) = (0_usize, 1);
    loop {
        let byte = *bytes.get(at)?;
        length |= usize::from(byte & 127) << (7 * (at - 1));
        at += 1;
        if byte & 128 == 0 {
            break;
        }
    }
    Some((bytes[0], bytes.get(at..at + length)?, at + length))
}

fn packet(first: u8, body: &[u8]) -> Vec<u8> {
    let mut bytes = vec![first];
    let mut rest = body.len();
    while rest >= 128 {
        bytes.push((rest & 127) as u8 | 128);
        rest >>= 7;
    }
    bytes.push(rest as u8);
    bytes.extend(body);
    bytes
}
