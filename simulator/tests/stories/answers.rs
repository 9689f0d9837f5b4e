//! The HTTP half of the fake server: claims, tokens, a login and announcements.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::SeqCst},
    },
};

use badgecast_domain::id::{AnnouncementId, BadgeId};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::{TcpListener, TcpStream},
};

/// What is answered, and may be changed while a test runs.
pub(crate) struct Answers {
    badge: BadgeId,
    mqtt: String,
    /// Seconds a token lives; 0 refuses.
    pub(crate) token_life_s: AtomicU64,
    /// How many were given.
    pub(crate) tokens: AtomicU64,
    pub(crate) announcement: AnnouncementId,
    /// How many badges have shown the announcement.
    pub(crate) shown: AtomicU64,
    /// What the person said to a code: 0 nothing yet, 1 no, 2 yes.
    pub(crate) decision: AtomicU64,
}

/// Answers one HTTP/1.1 connection.
async fn serve(stream: TcpStream, answers: Arc<Answers>) {
    let mut stream = BufReader::new(stream);
    while let Some((path, body)) = request(&mut stream).await {
        let form = String::from_utf8_lossy(&body).into_owned();
        let (status, body) = answers.to(&path, serde_json::from_slice(&body).unwrap_or_default(), &form);
        let body = body.to_string();
        let date = "Date: Sun, 22 Nov 2020 13:14:15 GMT";
        let head = format!("HTTP/1.1 {status} -\r\n{date}\r\nContent-Length: {}\r\n\r\n", body.len());
        if stream.write_all((head + &body).as_bytes()).await.is_err() {
            return;
        }
    }
}

/// The path and body of the next request.
async fn request(stream: &mut BufReader<TcpStream>) -> Option<(String, Vec<u8>)> {
    let mut line = String::new();
    stream.read_line(&mut line).await.ok()?;
    let path = line.split(' ').nth(1)?.to_owned();
    let mut length = 0;
    loop {
        line.clear();
        stream.read_line(&mut line).await.ok()?;
        if line.trim().is_empty() {
            break;
        }
        if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().ok()?;
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.ok()?;
    Some((path, body))
}

impl Answers {
    /// Answers on a free port, as long as the test runs; and where.
    pub(crate) async fn start(badge: BadgeId, mqtt: String) -> (Arc<Self>, SocketAddr) {
        let http = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = http.local_addr().unwrap();
        let answers = Arc::new(Self {
            badge,
            mqtt,
            token_life_s: AtomicU64::new(3600),
            tokens: AtomicU64::new(0),
            announcement: AnnouncementId::new(),
            shown: AtomicU64::new(0),
            decision: AtomicU64::new(0),
        });
        let said = answers.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = http.accept().await {
                tokio::spawn(serve(stream, said.clone()));
            }
        });
        (answers, address)
    }

    /// A claim code is the id of the badge it claims; any other claims the one badge of the fake.
    fn to(&self, path: &str, body: Value, form: &str) -> (u16, Value) {
        match (path, self.token_life_s.load(SeqCst)) {
            ("/api/v1/login", _) => (200, json!({"access_token": "login", "expires_in": 900})),
            ("/api/v1/badges", _) => {
                let id = BadgeId::new();
                (201, json!({"id": id, "code": "B-7K2M", "name": body["name"], "claim_code": id}))
            }
            ("/api/v1/claims", _) => {
                let badge =
                    body["claim_code"].as_str().and_then(|code| code.parse().ok()).unwrap_or(self.badge);
                let token_endpoint = "/oauth/token";
                let claimed = json!({"badge_id": badge, "client_secret": "secret", "mqtt": self.mqtt,
                    "token_endpoint": token_endpoint});
                (201, claimed)
            }
            ("/api/v1/announcements", _) => (202, json!({"id": self.announcement})),
            (path, _) if path.starts_with("/api/v1/announcements/") => {
                let shown = self.shown.load(SeqCst);
                let receipts = json!({"targeted": 20, "shown": shown, "p50_ms": 600, "p99_ms": null,
                    "laggards": []});
                (200, json!({"id": self.announcement, "receipts": receipts}))
            }
            ("/oauth/device_authorization", _) => {
                let (page, interval) = ("http://here/device", 0);
                (
                    200,
                    json!({"device_code": "device-code", "user_code": "BCDFGH", "verification_uri": page,
                    "expires_in": 300, "interval": interval}),
                )
            }
            ("/oauth/token", _) if form.contains("device_code=device-code") => {
                match self.decision.load(SeqCst) {
                    0 => (400, json!({"error": "authorization_pending"})),
                    1 => (400, json!({"error": "access_denied", "error_description": "The person refused"})),
                    _ => (
                        200,
                        json!({"badge_id": self.badge, "client_secret": "secret", "mqtt": self.mqtt,
                    "access_token": "first", "expires_in": 3600}),
                    ),
                }
            }
            ("/oauth/token", 0) => (401, json!({"error": "invalid_client"})),
            ("/oauth/token", life) => {
                let number = self.tokens.fetch_add(1, SeqCst) + 1;
                let token = format!("token-{number}");
                (200, json!({"access_token": token, "token_type": "Bearer", "expires_in": life}))
            }
            _ => (404, json!({"title": "no such path"})),
        }
    }
}
