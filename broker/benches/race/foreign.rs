//! Brokers that are programs of their own, and the client that publishes through them.

use std::{
    fs,
    io::{Read, Write},
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use rcgen::{CertifiedKey, generate_simple_self_signed};

use crate::{
    contender::{Kind, certificate_of},
    process::Process,
};

/// Starts it on a free port, and waits until it listens.
pub(crate) fn start(kind: Kind) -> Result<(Process, u16), String> {
    let (port, plain) = (free_port(), free_port());
    let (program, config) = match kind {
        Kind::Rmqttd => (rmqttd()?, rmqttd_config(port)),
        _ => (mosquitto()?, mosquitto_config(port, kind.has_tls().then_some(plain))),
    };
    let file = std::env::temp_dir().join(format!("race-{port}.toml"));
    fs::write(&file, config).unwrap();
    let flag = if kind == Kind::Rmqttd { "-f" } else { "-c" };
    let process = Command::new(&program)
        .arg(flag)
        .arg(&file)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| format!("{}: {error}", program.display()))?;
    let mut process = Process(process);
    let began = Instant::now();
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        if began.elapsed() > Duration::from_secs(20) || process.0.try_wait().unwrap().is_some() {
            return Err(format!("{} does not listen; see {}", program.display(), file.display()));
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    Ok((process, port))
}

fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// Behind TLS there is a second, plain listener for the publisher, whose cost is not the question.
pub(crate) fn plain_port_of(port: u16) -> u16 {
    fs::read_to_string(certificate_of(port).with_extension("plain")).unwrap().parse().unwrap()
}

fn mosquitto() -> Result<PathBuf, String> {
    let known = ["/usr/sbin/mosquitto", "/usr/bin/mosquitto", "/usr/local/sbin/mosquitto"];
    let found = known.iter().map(Path::new).find(|program| program.exists());
    found
        .map(Path::to_owned)
        .ok_or("mosquitto is not installed: scripts/setup, or apt-get install mosquitto".to_owned())
}

fn mosquitto_config(port: u16, plain: Option<u16>) -> String {
    let mut config = format!(
        "allow_anonymous true\nset_tcp_nodelay true\nmax_queued_messages 0\nlistener {port} 127.0.0.1\n"
    );
    if let Some(plain) = plain {
        let chain = make_certificate(port);
        let key = chain.with_extension("key");
        fs::write(chain.with_extension("plain"), plain.to_string()).unwrap();
        config += &format!("certfile {}\nkeyfile {}\n", chain.display(), key.display());
        config += &format!("listener {plain} 127.0.0.1\n");
    }
    config
}

/// A certificate for `localhost`, where [`certificate_of`] says.
pub(crate) fn make_certificate(port: u16) -> PathBuf {
    let CertifiedKey { cert, signing_key } = generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let chain = certificate_of(port);
    fs::write(&chain, cert.pem()).unwrap();
    fs::write(chain.with_extension("key"), signing_key.serialize_pem()).unwrap();
    chain
}

fn rmqttd() -> Result<PathBuf, String> {
    // The bench lies in target/release/deps.
    let me = std::env::current_exe().unwrap();
    let target = me.ancestors().nth(3).ok_or("where is the target folder?")?;
    let program = target.join("rmqttd/bin/rmqttd");
    if program.exists() {
        Ok(program)
    } else {
        Err("rmqttd is not installed: see docs/performance.md".to_owned())
    }
}

/// It refuses connections when the machine is busy, which in a race it is; and its HTTP interface listens everywhere.
fn rmqttd_config(port: u16) -> String {
    let rpc = free_port();
    format!(
        "[task]\nexec_workers = 1000\nexec_queue_max = 300_000\n\
        [node]\nid = 1\n\
        [node.busy]\ncheck_enable = false\n\
        [rpc]\nserver_addr = \"127.0.0.1:{rpc}\"\n\
        [log]\nto = \"off\"\nlevel = \"error\"\ndir = \"/tmp\"\nfile = \"rmqttd.log\"\n\
        [plugins]\ndir = \"/nonexistent/\"\ndefault_startups = []\n\
        disabled_default_startups = [\"rmqtt-acl\", \"rmqtt-counter\", \"rmqtt-http-api\"]\n\
        [listener.tcp.external]\naddr = \"127.0.0.1:{port}\"\nmax_connections = 40_000\n\
        max_handshaking_limit = 2_000\nbacklog = 4_096\nnodelay = true\nallow_anonymous = true\nmax_mqueue_len = 100\n"
    )
}

/// A client that publishes 256 bytes at QoS 1.
pub(crate) struct Publisher(TcpStream);

impl Publisher {
    pub(crate) fn connect(port: u16, has_tls: bool) -> Self {
        let port = if has_tls { plain_port_of(port) } else { port };
        let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
        stream.set_nodelay(true).unwrap();
        stream.write_all(b"\x10\x0f\0\x04MQTT\x04\x02\x03\x84\0\x03pub").unwrap();
        stream.read_exact(&mut [0; 4]).unwrap();
        Self(stream)
    }

    /// Returns when all are acknowledged.
    pub(crate) fn publish(&mut self, topics: impl Iterator<Item = String>) {
        let (mut bytes, mut count) = (Vec::new(), 0_u16);
        for topic in topics {
            count += 1;
            let remaining = 2 + topic.len() + 2 + 256;
            bytes.extend([0x32, (remaining & 127) as u8 | 128, (remaining >> 7) as u8]);
            bytes.extend((topic.len() as u16).to_be_bytes());
            bytes.extend(topic.as_bytes());
            bytes.extend(count.to_be_bytes());
            bytes.extend([b'x'; 256]);
        }
        let mut writer = self.0.try_clone().unwrap();
        let writing = std::thread::spawn(move || writer.write_all(&bytes));
        self.0.read_exact(&mut vec![0; 4 * usize::from(count)]).unwrap();
        writing.join().unwrap().unwrap();
    }
}
