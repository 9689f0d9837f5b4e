//! The house: everything a request or a badge needs, put together at the start and taken apart at the end.

use std::{
    io,
    net::{SocketAddr, TcpListener},
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant, SystemTime},
};

use actix_web::{App, HttpServer, middleware::from_fn, web::Data};
use badgecast_broker::{BadCertificate, Broker, Certificate, Desk, Entrance, Origins, SideDoor};
use badgecast_domain::{time::Moment, token::MAX_ISSUER_BYTES};
use tokio::{
    net::TcpSocket,
    sync::watch::{Receiver, Sender},
    task::JoinSet,
};
use uuid::Uuid;

use crate::{
    admission::Admission,
    auth::{
        password::Passwords,
        seal::SealingKey,
        tokens::{self, CannotSign, Tokens},
        watch::{self, Watch},
    },
    config::Config,
    delivery::{self, Inbox, feed::Feed, layers::Announced, receipts::Receipts},
    events::Events,
    metrics::Metrics,
    routes::{self, cors, envelope},
    tables::{self, Database, Tx, changes::Cursor},
    witness,
};

/// The file of the database in the data folder.
const DATABASE_FILE: &str = "badgecast.sqlite";
/// The file that keeps the issuer of tokens when no public URL is set.
const ISSUER_FILE: &str = "issuer";
/// The issuer of tokens when there is not even a fixed port.
const ISSUER: &str = "https://badgecast.invalid";
/// How often keys and revocations are looked after.
const TEND: Duration = Duration::from_secs(5);
/// How often what has expired is forgotten.
const FORGET: Duration = Duration::from_secs(60 * 60);
/// How long answers that are being written may take when the server stops, in seconds.
const DRAIN_S: u64 = 5;

/// Everything a request or a badge needs.
#[derive(Debug)]
pub struct House {
    pub config: Config,
    pub database: Database,
    pub tokens: Tokens,
    pub passwords: Passwords,
    pub watch: Watch,
    pub desk: Desk,
    pub metrics: Metrics,
    pub events: Events,
    pub announced: Announced,
    pub receipts: Receipts,
    pub inbox: Inbox,
    pub feed: Feed,
    /// The pages that may open MQTT over WebSocket.
    pub origins: Origins,
    /// This process, among those that share the database.
    pub node: Uuid,
    /// Where the changes begin that this process has to carry.
    pub(crate) first_change: Cursor,
    http: SocketAddr,
    mqtt: SocketAddr,
    stop: Sender<bool>,
}

impl House {
    /// The server's clock.
    #[must_use]
    pub fn now(&self) -> Moment {
        SystemTime::now().into()
    }

    /// Changes when the server begins to stop.
    #[must_use]
    pub fn stopping(&self) -> Receiver<bool> {
        self.stop.subscribe()
    }

    #[must_use]
    pub fn is_stopping(&self) -> bool {
        *self.stop.borrow()
    }

    /// Where people and badges reach the HTTP API.
    #[must_use]
    pub fn base_url(&self) -> String {
        let address = || format!("{}://{}", self.config.http_scheme(), self.http);
        self.config.public_url.clone().unwrap_or_else(address)
    }

    /// Where badges connect.
    #[must_use]
    pub fn mqtt_url(&self) -> String {
        let scheme = if self.config.tls.is_some() { "mqtts" } else { "mqtt" };
        let host = self.config.public_url.as_deref().and_then(host_of);
        match host {
            Some(host) => format!("{scheme}://{host}:{}", self.mqtt.port()),
            None => format!("{scheme}://{}", self.mqtt),
        }
    }

    /// Reads which pages may open MQTT over WebSocket: our own, and those of registered clients.
    ///
    /// # Errors
    /// The database did not answer.
    pub(crate) async fn learn_origins(&self) -> Result<(), tables::Error> {
        let clients = tables::clients::origins(self.database.read()).await?;
        // Some libraries name the very address they connect to as their origin (paho-mqtt).
        let door = self.mqtt_url().replacen("mqtt", "http", 1);
        self.origins.replace(clients.into_iter().chain([self.base_url(), door]));
        Ok(())
    }

    /// Brings the gauges up to date, before they are read.
    pub fn count(&self) {
        let figures = self.desk.figures();
        self.metrics.set_connected(self.desk.connected());
        for (kind, count) in figures.counters() {
            self.metrics.set_door(kind, count);
        }
        self.metrics.set_door("waiting", figures.waiting);
    }
}

/// The host of `scheme://host[:port]`.
fn host_of(url: &str) -> Option<&str> {
    let rest = url.split_once("://")?.1;
    let authority = rest.split('/').next()?;
    match authority.rfind(':') {
        Some(colon) if !authority.ends_with(']') => Some(&authority[..colon]),
        _ => Some(authority),
    }
}

/// Why the server does not start.
#[derive(Debug, thiserror::Error)]
pub enum CannotStart {
    #[error("{0}: {1}")]
    Listen(SocketAddr, io::Error),
    #[error("{0}")]
    Certificate(#[from] BadCertificate),
    #[error("the data folder {0}: {1}")]
    Folder(PathBuf, io::Error),
    #[error("{0}")]
    Database(#[from] tables::Error),
    #[error("{0}")]
    Keys(#[from] CannotSign),
    #[error("the HTTP server: {0}")]
    Http(io::Error),
}

/// A server that runs. Dropping it does not stop it; [`Running::stop`] does.
#[derive(Debug)]
pub struct Running {
    pub http: SocketAddr,
    pub mqtt: SocketAddr,
    pub house: Arc<House>,
    broker: Broker,
    server: actix_web::dev::ServerHandle,
    tasks: JoinSet<()>,
}

/// Opens the database this configuration names.
///
/// # Errors
/// The folder cannot be made, or the database not opened.
pub(crate) async fn open_database(config: &Config) -> Result<Database, CannotStart> {
    match &config.database_url {
        Some(url) => Ok(Database::postgres(url.expose()).await?),
        None => {
            private_folder(&config.data).map_err(|error| CannotStart::Folder(config.data.clone(), error))?;
            let file = config.data.join(DATABASE_FILE);
            private_file(&file).map_err(|error| CannotStart::Folder(config.data.clone(), error))?;
            Ok(Database::sqlite(&file).await?)
        }
    }
}

/// A folder that only this user may look into.
fn private_folder(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

/// A file that only this user may read, made if it is missing: it will hold signing keys. What SQLite makes beside it
/// gets the same mode.
fn private_file(file: &Path) -> io::Result<()> {
    use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
    let file = std::fs::OpenOptions::new().append(true).create(true).mode(0o600).open(file)?;
    file.set_permissions(std::fs::Permissions::from_mode(0o600))
}

/// The tokens of this configuration.
///
/// # Errors
/// The keys cannot be read.
pub(crate) async fn open_tokens(config: &Config, database: &Database) -> Result<Tokens, CannotStart> {
    let settings = tokens::Settings {
        issuer: issuer(config).map_err(|error| CannotStart::Folder(config.data.clone(), error))?,
        sealing: config.secret_key.as_ref().map(|key| SealingKey::from_secret(key.expose())),
        test_keys: config.test_keys,
    };
    Ok(Tokens::open(database.read(), settings, SystemTime::now().into()).await?)
}

/// The issuer of tokens: the public URL; or the address people use on this machine; or what it was last time, so that
/// tokens survive a change of port.
fn issuer(config: &Config) -> io::Result<String> {
    if let Some(url) = &config.public_url {
        return Ok(url.clone());
    }
    let file = config.data.join(ISSUER_FILE);
    match std::fs::read_to_string(&file) {
        Ok(kept) if !kept.is_empty() && kept.len() <= MAX_ISSUER_BYTES => Ok(kept),
        Ok(_) => Ok(ISSUER.to_owned()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let fixed = config.http.ip().is_loopback() && config.http.port() != 0;
            let address = || format!("{}://{}", config.http_scheme(), config.http);
            let issuer = if fixed { address() } else { ISSUER.to_owned() };
            private_folder(&config.data)?;
            std::fs::write(&file, &issuer)?;
            Ok(issuer)
        }
        Err(error) => Err(error),
    }
}

/// An issuer that was kept may be from before there was a certificate, or from when there was one. Its scheme becomes the
/// one that is served: clients compare the issuer with where they found its metadata (RFC 8414 section 3.3). Whoever works
/// beside the server takes it as it stands.
fn serve_issuer(config: &Config) -> io::Result<()> {
    let kept = issuer(config)?;
    let served = match kept.split_once("://") {
        Some((_, address)) if config.public_url.is_none() && kept != ISSUER => {
            format!("{}://{address}", config.http_scheme())
        }
        _ => return Ok(()),
    };
    if served == kept { Ok(()) } else { std::fs::write(config.data.join(ISSUER_FILE), served) }
}

/// Connections that wait to be accepted: a fleet that comes back at once must not be turned away by the kernel.
const BACKLOG: u32 = 4_096;

fn listen(address: SocketAddr) -> Result<(TcpListener, SocketAddr), CannotStart> {
    let open = || {
        let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
        socket.set_reuseaddr(true)?;
        socket.bind(address)?;
        let listener = socket.listen(BACKLOG)?.into_std()?;
        let bound = listener.local_addr()?;
        Ok((listener, bound))
    };
    open().map_err(|error| CannotStart::Listen(address, error))
}

/// Starts a server: database, tokens, HTTP, the badges' door, and the tasks between them.
///
/// # Errors
/// See [`CannotStart`]; nothing is left running then.
pub async fn start(config: Config) -> Result<Running, CannotStart> {
    // Both ports first: a port that is taken is found before anything is written.
    let (http_listener, http) = listen(config.http)?;
    let (mqtt_listener, mqtt) = listen(config.mqtt)?;
    let certificate =
        config.tls.as_ref().map(|(chain, key)| Certificate::from_files(chain, key)).transpose()?;
    let database = open_database(&config).await?;
    serve_issuer(&config).map_err(|error| CannotStart::Folder(config.data.clone(), error))?;
    let tokens = open_tokens(&config, &database).await?;
    if config.secret_key.is_none() {
        tracing::warn!(
            "signing keys are stored unencrypted in a file of mode 0600: set BADGECAST_SECRET_KEY to seal them"
        );
    }
    let first_change = tables::changes::end(database.read()).await?;
    let (receipts, words) = Receipts::new();
    let (inbox, behind) = Inbox::new(words);
    let (watch, noticed) = Watch::new(config.watch.clone());
    let stop = Sender::new(false);
    let stopping = stop.subscribe();
    let house = Arc::new(House {
        config,
        database,
        tokens,
        passwords: Passwords::new(),
        watch,
        desk: Desk::default(),
        metrics: Metrics::default(),
        events: Events::default(),
        announced: Announced::default(),
        receipts,
        inbox,
        feed: Feed::default(),
        origins: Origins::default(),
        node: Uuid::now_v7(),
        first_change,
        http,
        mqtt,
        stop,
    });
    delivery::enter(&house).await?;
    house.learn_origins().await?;
    let mut tasks = JoinSet::new();
    delivery::start(&house, behind, &stopping, &mut tasks);
    tasks.spawn(witness::run(Arc::clone(&house), stopping.clone()));
    tasks.spawn(watch::record::run(Arc::clone(&house), noticed, stopping.clone()));
    tasks.spawn(tend(Arc::clone(&house), certificate.clone(), stopping));
    let listener =
        tokio::net::TcpListener::from_std(mqtt_listener).map_err(|error| CannotStart::Listen(mqtt, error))?;
    let gate = Arc::new(Admission(Arc::clone(&house)));
    let entrance = Entrance::mqtt(listener).with_websocket(house.origins.clone());
    let entrance = match &certificate {
        Some(certificate) => entrance.with_tls(certificate.clone()),
        None => entrance,
    };
    let broker = Broker::open(vec![entrance], house.config.door.clone(), house.desk.clone(), gate);
    let server = serve(&house, http_listener, certificate.as_ref(), broker.side_door())?;
    let handle = server.handle();
    tasks.spawn(async move {
        if let Err(error) = server.await {
            tracing::error!(%error, "the HTTP server failed");
        }
    });
    Ok(Running { http, mqtt, house, broker, server: handle, tasks })
}

fn serve(
    house: &Arc<House>,
    listener: TcpListener,
    certificate: Option<&Certificate>,
    door: SideDoor,
) -> Result<actix_web::dev::Server, CannotStart> {
    let house = Data::from(Arc::clone(house));
    let door = Data::new(door);
    let server = HttpServer::new(move || {
        App::new()
            .app_data(house.clone())
            .app_data(door.clone())
            .wrap(from_fn(cors::wrap))
            .wrap(from_fn(envelope::wrap))
            .configure(routes::tree)
    });
    let server = server
        .workers(2)
        .disable_signals()
        .shutdown_timeout(DRAIN_S)
        .client_request_timeout(Duration::from_secs(10))
        .keep_alive(Duration::from_secs(75));
    let server = match certificate {
        Some(certificate) => server.listen_rustls_0_23(listener, certificate.server_config()),
        None => server.listen(listener),
    };
    Ok(server.map_err(CannotStart::Http)?.run())
}

/// Looks after keys and the certificate: reads what other nodes made, makes the next in time, forgets what is over.
async fn tend(house: Arc<House>, certificate: Option<Certificate>, mut stop: Receiver<bool>) {
    let mut forgot: Option<Instant> = None;
    while !*stop.borrow() {
        match certificate.as_ref().map(Certificate::reload) {
            Some(Ok(true)) => tracing::info!("the certificate was read again"),
            Some(Err(error)) => tracing::warn!(%error, "the old certificate stays"),
            Some(Ok(false)) | None => {}
        }
        if let Err(error) = house.tokens.tend(house.database.read(), house.now()).await {
            tracing::warn!(%error, "keys not looked after");
        }
        if forgot.is_none_or(|last| last.elapsed() >= FORGET) {
            let forget = async |tx: &Tx| tables::expired::forget(tx, house.now()).await;
            if let Err(error) = house.database.write(forget).await {
                tracing::warn!(%error, "what expired is not forgotten");
            }
            forgot = Some(Instant::now());
        }
        tokio::select! {
            () = tokio::time::sleep(TEND) => {}
            _ = stop.changed() => return,
        }
    }
}

impl Running {
    /// Drains: says goodbye to badges, finishes answers, writes what is queued, closes the database.
    pub async fn stop(mut self) {
        self.house.stop.send_replace(true);
        self.broker.close().await;
        self.server.stop(true).await;
        // Tasks that wait for words end with the last sender, which is the house itself: they are idle by now.
        let patience = tokio::time::sleep(Duration::from_secs(DRAIN_S));
        tokio::pin!(patience);
        loop {
            tokio::select! {
                ended = self.tasks.join_next() => if ended.is_none() { break },
                () = &mut patience => break,
            }
        }
        self.house.database.clone().close().await;
    }
}
