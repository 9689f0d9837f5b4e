//! Many clients in one process. They acknowledge what they get and count it.

use std::{
    io,
    net::Ipv4Addr,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed},
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

use crate::contender::{Contender, Kind};

/// How many connect at the same time.
const AT_ONCE: usize = 500;

pub(crate) struct Crowd {
    tally: Arc<Tally>,
    clients: JoinSet<()>,
    size: usize,
}

#[derive(Default)]
struct Tally {
    got: AtomicU64,
    ready: AtomicUsize,
    changed: Notify,
    wanted: AtomicU64,
}

impl Crowd {
    /// Connects and subscribes `size` clients; they say hello if asked to.
    pub(crate) async fn connect(contender: &Contender, size: usize, hello: bool) -> Self {
        let tally = Arc::new(Tally { wanted: AtomicU64::new(u64::MAX), ..Tally::default() });
        let tls = contender.root.as_ref().map(|root| connector(root));
        let gate = Arc::new(Semaphore::new(AT_ONCE));
        let mut clients = JoinSet::new();
        for at in 0..size {
            let (id, token) = contender.tokens[at].clone();
            let hello = hello && matches!(contender.kind, Kind::Badgecast | Kind::Tls);
            let tls = tls.clone();
            let (port, filters) = (contender.port, contender.filters(at));
            let (tally, gate) = (Arc::clone(&tally), Arc::clone(&gate));
            clients.spawn(async move {
                let permit = gate.acquire_owned().await.unwrap();
                let stream = open(port, at, tls).await.unwrap();
                let stream = greet(stream, at, &id, &token, &filters, hello).await.unwrap();
                drop(permit);
                if tally.ready.fetch_add(1, Relaxed) + 1 == size {
                    tally.changed.notify_one();
                }
                let _ = listen(stream, &tally).await;
            });
        }
        while tally.ready.load(Relaxed) < size {
            tally.changed.notified().await;
        }
        Self { tally, clients, size }
    }

    /// Waits until everyone has got so many messages since it connected.
    pub(crate) async fn all_got(&self, each: u64, began: Instant) {
        let wanted = each * self.size as u64;
        self.tally.wanted.store(wanted, Relaxed);
        while self.tally.got.load(Relaxed) < wanted {
            let _ = tokio::time::timeout(Duration::from_millis(500), self.tally.changed.notified()).await;
            let got = self.tally.got.load(Relaxed);
            assert!(
                began.elapsed() < Duration::from_secs(120),
                "{got} of {wanted} messages, {} clients",
                self.clients.len()
            );
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
    TlsConnector::from(Arc::new(config.with_root_certificates(roots).with_no_client_auth()))
}

async fn open(port: u16, at: usize, tls: Option<TlsConnector>) -> io::Result<Box<dyn Stream>> {
    let socket = TcpSocket::new_v4()?;
    // More source addresses than one, or the ports run out.
    socket.bind((Ipv4Addr::new(127, 0, 1, (at % 16) as u8 + 1), 0).into())?;
    let stream = socket.connect((Ipv4Addr::LOCALHOST, port).into()).await?;
    stream.set_nodelay(true)?;
    Ok(match tls {
        None => Box::new(stream),
        Some(tls) => Box::new(tls.connect(ServerName::try_from("localhost").unwrap(), stream).await?),
    })
}

async fn greet(
    mut stream: Box<dyn Stream>,
    at: usize,
    id: &str,
    token: &str,
    filters: &[String; 2],
    hello: bool,
) -> io::Result<Box<dyn Stream>> {
    let mut body = vec![0, 4, b'M', b'Q', b'T', b'T', 4, 0xc2, 1, 44];
    for part in [id, id, token] {
        body.extend((part.len() as u16).to_be_bytes());
        body.extend(part.as_bytes());
    }
    stream.write_all(&packet(0x10, &body)).await?;
    let mut connack = [0; 4];
    stream.read_exact(&mut connack).await?;
    assert_eq!(connack, [0x20, 2, 0, 0], "client {at}");
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
            if tally.got.fetch_add(got, Relaxed) + got == tally.wanted.load(Relaxed) {
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
