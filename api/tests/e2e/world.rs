//! The world of a story: a server on free ports with a database of its own, people of each role, and badges.
//!
//! Everything is reached over real sockets. A world ends with its value; nothing is shared between stories.

use std::{sync::Arc, time::Duration};

use badgecast::{
    Running,
    auth::{Scope, password, tokens::Grant},
    config::{Config, Secret},
    start,
    tables::{Tx, organizations, people},
};
use badgecast_domain::{
    access::{Role, Scopes},
    id::BadgeId,
};
use badgecast_postgres_for_tests as postgres;
use badgecast_simulator::{Account, Badge, Server, Setup};
use rcgen::{CertifiedKey, generate_simple_self_signed};
use reqwest::{Method, StatusCode, header::HeaderMap};
use rustls::pki_types::CertificateDer;
use serde_json::{Value, json};

/// Which engine holds the truth.
#[derive(Debug, Clone, Copy)]
pub enum Engine {
    Sqlite,
    Postgres,
}

/// How long anything in a story may take. Only a broken build takes that long.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// Everyone's password.
pub const PASSWORD: &str = "correct horse battery staple";

/// A running server and what belongs to it.
pub struct World {
    pub running: Running,
    pub http: reqwest::Client,
    _folder: tempfile::TempDir,
    _database: Option<postgres::Database>,
}

impl World {
    pub async fn open(engine: Engine) -> Self {
        Self::with(engine, |_| {}).await
    }

    /// With other settings.
    pub async fn with(engine: Engine, change: impl FnOnce(&mut Config)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let database = match engine {
            Engine::Sqlite => None,
            Engine::Postgres => Some(tokio::task::spawn_blocking(postgres::Database::fresh).await.unwrap()),
        };
        let mut config = Config::on_loopback(folder.path());
        config.database_url = database.as_ref().map(|database| Secret::new(database.url()));
        change(&mut config);
        let running = start(config).await.unwrap();
        found(&running).await;
        let http = reqwest::Client::builder().no_proxy().timeout(PATIENCE).build().unwrap();
        Self { running, http, _folder: folder, _database: database }
    }

    /// Another server over the same database; only PostgreSQL serves several.
    pub async fn beside(&self) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let config = Config {
            database_url: self.running.house.config.database_url.clone(),
            ..Config::on_loopback(folder.path())
        };
        assert!(config.database_url.is_some(), "SQLite serves one server");
        let running = start(config).await.unwrap();
        Self { running, http: self.http.clone(), _folder: folder, _database: None }
    }

    /// With a certificate, which [`World::http`] trusts.
    pub async fn encrypted(engine: Engine) -> (Self, CertificateDer<'static>) {
        Self::encrypted_with(engine, |_| {}).await
    }

    /// The same, with other settings.
    pub async fn encrypted_with(
        engine: Engine,
        change: impl FnOnce(&mut Config),
    ) -> (Self, CertificateDer<'static>) {
        let names = ["localhost", "127.0.0.1"].map(str::to_owned);
        let CertifiedKey { cert, signing_key } = generate_simple_self_signed(names).unwrap();
        let mut world = Self::with(engine, |config| {
            change(config);
            let (chain, key) = (config.data.join("chain.pem"), config.data.join("key.pem"));
            std::fs::write(&chain, cert.pem()).unwrap();
            std::fs::write(&key, signing_key.serialize_pem()).unwrap();
            config.tls = Some((chain, key));
        })
        .await;
        let trusted = reqwest::Certificate::from_pem(cert.pem().as_bytes()).unwrap();
        let http = reqwest::Client::builder().no_proxy().timeout(PATIENCE).tls_certs_only([trusted]);
        world.http = http.build().unwrap();
        (world, cert.der().clone())
    }

    pub fn url(&self, path: &str) -> String {
        format!("{}://{}{path}", self.running.house.config.http_scheme(), self.running.http)
    }

    pub fn server(&self) -> Server {
        Server::at(&self.url("")).unwrap()
    }

    /// Logs in as the person of this role.
    pub async fn person(&self, role: Role) -> Person<'_> {
        self.log_in(&email(role), PASSWORD).await
    }

    pub async fn manager(&self) -> Person<'_> {
        self.person(Role::Manager).await
    }

    pub async fn log_in(&self, email: &str, password: &str) -> Person<'_> {
        let answer = self
            .nobody()
            .post("/api/v1/login", json!({ "email": email, "password": password }))
            .await
            .is(200);
        Person {
            world: self,
            token: Some(answer.text("/access_token")),
            refresh: answer.text("/refresh_token"),
        }
    }

    /// Somebody without a token.
    pub fn nobody(&self) -> Person<'_> {
        Person { world: self, token: None, refresh: String::new() }
    }

    /// Somebody with this token.
    pub fn bearer(&self, token: &str) -> Person<'_> {
        Person { world: self, token: Some(token.to_owned()), refresh: String::new() }
    }

    /// A simulated badge: registered, claimed, connected.
    pub async fn badge(&self) -> Badge {
        self.badge_with(Setup::default()).await
    }

    pub async fn badge_with(&self, setup: Setup) -> Badge {
        let code = self.registered().await.text("/claim_code");
        let badge = Badge::claim(&self.server(), &code, setup).await.unwrap();
        badge.until_connected(PATIENCE).await.unwrap();
        badge
    }

    /// The answer to registering a badge.
    pub async fn registered(&self) -> Answer {
        self.manager().await.post("/api/v1/badges", json!({})).await.is(201)
    }

    /// A manager's account, as the simulated fleet wants it.
    pub fn account(&self) -> Account {
        Account::new(self.server(), &email(Role::Manager), PASSWORD)
    }

    /// Gives a badge to the receptionist.
    pub async fn give_to_receptionist(&self, badge: BadgeId) {
        let owner = self.person(Role::Receptionist).await.get("/api/v1/me").await.text("/id");
        let change = json!({ "owner_id": owner });
        self.manager().await.patch(&format!("/api/v1/badges/{badge}"), change).await.is(200);
    }

    /// A claimed badge's own access token, fetched as a badge does: `(badge id, client secret, token)`.
    pub async fn device(&self) -> (BadgeId, String, String) {
        let code = self.registered().await.text("/claim_code");
        let claim = json!({ "claim_code": code, "model": "test", "panel": "11x44", "firmware": "1" });
        let claimed = self.nobody().post("/api/v1/claims", claim).await.is(201);
        let (badge, secret) = (claimed.text("/badge_id"), claimed.text("/client_secret"));
        let token = self.device_token(&badge, &secret).await.is(200).text("/access_token");
        (badge.parse().unwrap(), secret, token)
    }

    pub async fn device_token(&self, badge: &str, secret: &str) -> Answer {
        let request = self.http.post(self.url("/oauth/token")).basic_auth(badge, Some(secret));
        Answer::of(request.form(&[("grant_type", "client_credentials")]).send().await.unwrap()).await
    }

    /// Waits until something is so, asking again and again.
    pub async fn until<T>(&self, what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
        let ask = async {
            loop {
                if let Some(found) = look().await {
                    return found;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(PATIENCE, ask).await.unwrap_or_else(|_| panic!("it never came to {what}"))
    }

    /// The same server, stopped and started again over the same data.
    pub async fn restarted(self) -> Self {
        self.restarted_after(async |_| {}).await
    }

    /// The same, with something done to its data or its settings while it is stopped.
    pub async fn restarted_after(self, work: impl AsyncFnOnce(&mut Config)) -> Self {
        let Self { running, http, _folder, _database } = self;
        let mut config = running.house.config.clone();
        running.stop().await;
        work(&mut config).await;
        Self { running: start(config).await.unwrap(), http, _folder, _database }
    }

    /// A person's token with just these scopes, whatever their role.
    pub fn minted(&self, user: &str, organization: &str, scope: Scopes) -> String {
        let house = &self.running.house;
        let grant = Grant::person(user.parse().unwrap(), "badgecast", organization.parse().unwrap(), scope);
        house.tokens.mint(grant, None, house.now()).unwrap()
    }

    pub async fn close(self) {
        self.running.stop().await;
    }
}

pub fn email(role: Role) -> String {
    format!("{role}@test.example")
}

/// One organization with a person of each role.
async fn found(running: &Running) {
    let hash = tokio::task::spawn_blocking(|| password::hash_now(PASSWORD).unwrap()).await.unwrap();
    let house = Arc::clone(&running.house);
    let work = async |tx: &Tx| {
        let organization = organizations::create(tx, "Test", house.now()).await?;
        for role in Role::ALL {
            let new = people::New {
                email: people::Email::try_from(email(role)).unwrap(),
                name: format!("The {role}"),
                role,
                password_hash: Some(hash.clone()),
            };
            people::create(tx, &Scope::house(organization), new, house.now()).await?;
        }
        Ok::<_, badgecast::tables::Error>(())
    };
    running.house.database.write(work).await.unwrap();
}

/// Somebody who asks.
pub struct Person<'w> {
    world: &'w World,
    pub token: Option<String>,
    pub refresh: String,
}

impl Person<'_> {
    pub fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        let request = self.world.http.request(method, self.world.url(path));
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    pub async fn send(&self, request: reqwest::RequestBuilder) -> Answer {
        Answer::of(request.send().await.unwrap()).await
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(self.request(Method::GET, path)).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.send(self.request(Method::POST, path).json(&body)).await
    }

    pub async fn put(&self, path: &str, body: Value) -> Answer {
        self.send(self.request(Method::PUT, path).json(&body)).await
    }

    pub async fn patch(&self, path: &str, body: Value) -> Answer {
        self.send(self.request(Method::PATCH, path).json(&body)).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.send(self.request(Method::DELETE, path)).await
    }

    /// Announces to everyone; the announcement's address.
    pub async fn announce(&self, text: &str) -> String {
        let announcement = json!({ "audience": { "all": true }, "text": text });
        self.post("/api/v1/announcements", announcement).await.is(202).header("location")
    }
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Value,
}

impl Answer {
    pub async fn of(response: reqwest::Response) -> Self {
        let (status, headers) = (response.status(), response.headers().clone());
        let bytes = response.bytes().await.unwrap();
        let body = serde_json::from_slice(&bytes)
            .unwrap_or_else(|_| Value::String(String::from_utf8_lossy(&bytes).into_owned()));
        Self { status, headers, body }
    }

    /// The status it has to have. A failure has to be a problem document that says the same.
    #[track_caller]
    pub fn is(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{}", self.body);
        if status >= 400 {
            assert_eq!(self.header("content-type"), "application/problem+json");
            assert_eq!(self.body["status"], status);
            assert_eq!(self.body["request_id"], self.header("x-request-id"));
        }
        self
    }

    #[track_caller]
    pub fn header(&self, name: &str) -> String {
        let value = self.headers.get(name).unwrap_or_else(|| panic!("no {name}: {self:?}"));
        value.to_str().unwrap().to_owned()
    }

    #[track_caller]
    pub fn text(&self, pointer: &str) -> String {
        let value = self.body.pointer(pointer).and_then(Value::as_str);
        value.unwrap_or_else(|| panic!("no {pointer}: {}", self.body)).to_owned()
    }

    #[track_caller]
    pub fn number(&self, pointer: &str) -> u64 {
        let value = self.body.pointer(pointer).and_then(Value::as_u64);
        value.unwrap_or_else(|| panic!("no {pointer}: {}", self.body))
    }
}
