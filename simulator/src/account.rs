//! A manager's account: how badges are registered and announcements made, over the public API.

use std::{fmt, time::Duration};

use badgecast_domain::{
    id::{AnnouncementId, BadgeId},
    layer::Level,
};
use reqwest::{Method, RequestBuilder};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use tokio::{sync::Mutex, time::Instant};

use crate::server::{CallError, Server, ask, send};

/// Email and password, and the access token they last brought.
pub struct Account {
    server: Server,
    email: String,
    password: String,
    token: Mutex<Option<Login>>,
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Account").field("server", &self.server).finish_non_exhaustive()
    }
}

struct Login {
    jwt: String,
    until: Instant,
}

/// A badge as its registration answers it.
#[derive(Debug, Clone, Deserialize)]
pub struct Registered {
    pub id: BadgeId,
    /// The short code printed on it, `B-7K2M`.
    pub code: String,
    pub claim_code: String,
}

/// How far an announcement has come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Receipts {
    pub targeted: u64,
    pub pending: u64,
    pub sent: u64,
    pub held: u64,
    pub written: u64,
    pub shown: u64,
    pub refused: u64,
    pub expired: u64,
    pub superseded: u64,
    pub p50_ms: Option<u64>,
    pub p95_ms: Option<u64>,
    pub p99_ms: Option<u64>,
}

impl Receipts {
    /// Whether everyone meant has shown it.
    #[must_use]
    pub const fn all_shown(&self) -> bool {
        self.targeted > 0 && self.shown == self.targeted
    }
}

#[derive(Serialize)]
struct LoginForm<'a> {
    email: &'a str,
    password: &'a str,
}

#[derive(Deserialize)]
struct LoggedIn {
    access_token: String,
    /// Seconds.
    expires_in: u64,
}

#[derive(Serialize)]
struct BadgeForm<'a> {
    name: &'a str,
}

#[derive(Serialize)]
struct MembersForm<'a> {
    badges: &'a [BadgeId],
}

#[derive(Serialize)]
struct AnnouncementForm<'a> {
    audience: Everyone,
    text: &'a str,
    level: Level,
}

#[derive(Serialize)]
struct Everyone {
    all: bool,
}

#[derive(Deserialize)]
struct Announced {
    id: AnnouncementId,
}

#[derive(Deserialize)]
struct Progress {
    receipts: Receipts,
}

impl Account {
    #[must_use]
    pub fn new(server: Server, email: &str, password: &str) -> Self {
        Self { server, email: email.to_owned(), password: password.to_owned(), token: Mutex::default() }
    }

    #[must_use]
    pub const fn server(&self) -> &Server {
        &self.server
    }

    /// Registers a badge; it can then be claimed with the code in the answer.
    ///
    /// # Errors
    /// The account may not, or the server cannot be reached.
    pub async fn register(&self, name: &str) -> Result<Registered, CallError> {
        self.ask(self.server.request(Method::POST, "/api/v1/badges")?.json(&BadgeForm { name })).await
    }

    /// Registers a gateway, which is claimed like a badge.
    ///
    /// # Errors
    /// The account may not, or the server cannot be reached.
    pub async fn register_gateway(&self, name: &str) -> Result<Registered, CallError> {
        self.ask(self.server.request(Method::POST, "/api/v1/gateways")?.json(&BadgeForm { name })).await
    }

    /// Hangs exactly these badges on a gateway.
    ///
    /// # Errors
    /// One of them is not a badge of ours, the account may not, or the server cannot be reached.
    pub async fn assign(&self, gateway: BadgeId, badges: &[BadgeId]) -> Result<(), CallError> {
        let path = format!("/api/v1/gateways/{gateway}/badges");
        let request = self.server.request(Method::PUT, &path)?.json(&MembersForm { badges });
        send(request.bearer_auth(self.token().await?)).await?;
        Ok(())
    }

    /// Announces a text to all badges.
    ///
    /// # Errors
    /// The account may not, the text does not fit a badge, or the server cannot be reached.
    pub async fn announce(&self, text: &str, level: Level) -> Result<AnnouncementId, CallError> {
        let form = AnnouncementForm { audience: Everyone { all: true }, text, level };
        let announced: Announced =
            self.ask(self.server.request(Method::POST, "/api/v1/announcements")?.json(&form)).await?;
        Ok(announced.id)
    }

    /// Takes an announcement back.
    ///
    /// # Errors
    /// There is no such announcement, the account may not, or the server cannot be reached.
    pub async fn withdraw(&self, announcement: AnnouncementId) -> Result<(), CallError> {
        let path = format!("/api/v1/announcements/{announcement}");
        let request = self.server.request(Method::DELETE, &path)?;
        send(request.bearer_auth(self.token().await?)).await?;
        Ok(())
    }

    /// How far an announcement has come, as the server counts it.
    ///
    /// # Errors
    /// There is no such announcement, or the server cannot be reached.
    pub async fn receipts(&self, announcement: AnnouncementId) -> Result<Receipts, CallError> {
        let path = format!("/api/v1/announcements/{announcement}");
        let progress: Progress = self.ask(self.server.request(Method::GET, &path)?).await?;
        Ok(progress.receipts)
    }

    /// Asks with a token, logging in first when there is none that lasts.
    async fn ask<T: DeserializeOwned>(&self, request: RequestBuilder) -> Result<T, CallError> {
        let jwt = self.token().await?;
        ask(request.bearer_auth(jwt)).await
    }

    async fn token(&self) -> Result<String, CallError> {
        let mut token = self.token.lock().await;
        if let Some(login) = token.as_ref().filter(|login| Instant::now() < login.until) {
            return Ok(login.jwt.clone());
        }
        let form = LoginForm { email: &self.email, password: &self.password };
        let now = Instant::now();
        let said: LoggedIn = ask(self.server.request(Method::POST, "/api/v1/login")?.json(&form)).await?;
        let until = now + Duration::from_secs(said.expires_in).mul_f64(0.8);
        Ok(token.insert(Login { jwt: said.access_token, until }).jwt.clone())
    }
}
