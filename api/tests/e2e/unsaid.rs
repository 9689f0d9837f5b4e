//! What is never written down: no secret and no text stands in the log or in the audit trail after a full run.

use std::path::Path;

use badgecast_postgres_for_tests::Database;
use badgecast_simulator::{Badge, Server, Setup};
use reqwest::{Client, RequestBuilder};
use serde_json::{Value, json};

use crate::{
    process::{Process, add_person, log_file, run},
    world::{Engine, PATIENCE},
};

crate::stories! {
    no_secret_and_no_text_is_in_the_log_or_in_the_trail
}

const EMAIL: &str = "irmgard.unsaid@test.example";
const PASSWORD: &str = "unsaid password of an admin";

/// Somebody who keeps a list of everything that may never be seen again.
struct Run {
    http: Client,
    url: String,
    secrets: Vec<String>,
}

impl Run {
    fn request(&self, method: &str, path: &str) -> RequestBuilder {
        self.http.request(method.parse().unwrap(), format!("{}{path}", self.url))
    }

    async fn ask(&self, request: RequestBuilder) -> Value {
        request.send().await.unwrap().json().await.unwrap_or_default()
    }

    async fn post(&self, token: &str, path: &str, body: Value) -> Value {
        self.ask(self.request("POST", path).bearer_auth(token).json(&body)).await
    }

    async fn grant(&self, form: &[(&str, &str)]) -> Value {
        self.ask(self.request("POST", "/oauth/token").form(form)).await
    }

    /// A member of an answer that has to stay unsaid.
    fn secret(&mut self, answer: &Value, member: &str) -> String {
        let secret = answer[member].as_str().unwrap_or_else(|| panic!("no {member}: {answer}")).to_owned();
        self.secrets.push(secret.clone());
        secret
    }

    /// A text of ours that has to stay unsaid.
    fn text(&mut self, text: &str) -> String {
        self.secrets.push(text.to_owned());
        text.to_owned()
    }

    async fn people(&mut self) -> String {
        let wrong = self.text("unsaid password that is wrong");
        self.post("", "/api/v1/login", json!({ "email": EMAIL, "password": wrong })).await;
        self.post("", "/api/v1/login", json!({ "email": "unsaid.stranger@test.example", "password": wrong }))
            .await;
        let login = self.post("", "/api/v1/login", json!({ "email": EMAIL, "password": PASSWORD })).await;
        let (first, refresh) = (self.secret(&login, "access_token"), self.secret(&login, "refresh_token"));
        let form = |token: &str| {
            vec![("grant_type", "refresh_token"), ("client_id", "badgecast"), ("refresh_token", token)]
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect::<Vec<_>>()
        };
        for token in [refresh.clone(), refresh] {
            let form = form(&token);
            let form: Vec<(&str, &str)> =
                form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            let given = self.grant(&form).await;
            self.secret(&given, "access_token");
            self.secret(&given, "refresh_token");
        }
        let mut bent = first.clone();
        bent.pop();
        self.post(&bent, "/api/v1/badges", json!({})).await;
        self.secrets.push(bent);
        let password = self.text("unsaid password of a colleague");
        let name = self.text("Unsaid Name");
        let user = json!({ "email": "unsaid.colleague@test.example", "name": name, "role": "receptionist", "password": password });
        let user = self.post(&first, "/api/v1/users", user).await;
        let id = user["id"].as_str().unwrap_or_else(|| panic!("{user}")).to_owned();
        let password = self.text("unsaid password that is new");
        let change = self.request("PATCH", &format!("/api/v1/users/{id}")).bearer_auth(&first);
        self.ask(change.json(&json!({ "password": password }))).await;
        let key = json!({ "name": "script", "scopes": "badges:own" });
        let key = self.post(&first, &format!("/api/v1/users/{id}/keys"), key).await;
        let key = self.secret(&key, "key");
        self.ask(self.request("GET", "/api/v1/me").bearer_auth(&key)).await;
        let client =
            json!({ "name": "integration", "scopes": "badges:read", "grants": ["client_credentials"] });
        let client = self.post(&first, "/api/v1/clients", client).await;
        let secret = self.secret(&client, "client_secret");
        let basic =
            self.request("POST", "/oauth/token").basic_auth(client["id"].as_str().unwrap(), Some(secret));
        let given = self.ask(basic.form(&[("grant_type", "client_credentials")])).await;
        let token = self.secret(&given, "access_token");
        self.ask(self.request("GET", &format!("/api/v1/badges?access_token={token}"))).await;
        self.browser().await;
        first
    }

    async fn browser(&mut self) {
        let own = self.request("POST", "/api/v1/session").header("sec-fetch-site", "same-origin");
        let sign_in = own.header("x-badgecast", "1").json(&json!({ "email": EMAIL, "password": PASSWORD }));
        let response = sign_in.send().await.unwrap();
        let cookie = response.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
        let me =
            self.request("GET", "/api/v1/me").header("cookie", &cookie).header("user-agent", "Unsaid/1.0");
        self.ask(me.header("sec-fetch-site", "same-origin")).await;
        self.secrets.push("Unsaid/1.0".to_owned());
        let (_, value) = cookie.split_once('=').unwrap();
        self.secrets.push(value.to_owned());
    }

    async fn badges(&mut self, token: &str) {
        let made = self.post(token, "/api/v1/badges", json!({ "name": "unsaid badge" })).await;
        self.secrets.push("unsaid badge".to_owned());
        let code = self.secret(&made, "claim_code");
        let badge = Badge::claim(&Server::at(&self.url).unwrap(), &code, Setup::default()).await.unwrap();
        badge.until_connected(PATIENCE).await.unwrap();
        let text = self.text("Unsaid display");
        let put = self.request("PUT", &format!("/api/v1/badges/{}/display", badge.id())).bearer_auth(token);
        self.ask(put.json(&json!({ "text": text }))).await;
        let text = self.text("Unsaid announcement");
        let said = self
            .post(token, "/api/v1/announcements", json!({ "audience": { "all": true }, "text": text }))
            .await;
        let path = format!("/api/v1/announcements/{}", said["id"].as_str().unwrap());
        let shown = async {
            while self.ask(self.request("GET", &path).bearer_auth(token)).await["receipts"]["shown"] != 1 {
                tokio::time::sleep(std::time::Duration::from_millis(50)).await;
            }
        };
        tokio::time::timeout(PATIENCE, shown).await.expect("it is never shown");
        let revoke = format!("/api/v1/badges/{}/revoke", badge.id());
        let again = self.post(token, &revoke, json!({})).await;
        if let Some(code) = again["claim_code"].as_str() {
            self.secrets.push(code.to_owned());
        }
        badge.stop().await;
        let started = self
            .request("POST", "/oauth/device_authorization")
            .form(&[("client_id", "badge"), ("model", "unsaid model")]);
        let started = self.ask(started).await;
        self.secret(&started, "device_code");
        self.secret(&started, "user_code");
    }
}

async fn no_secret_and_no_text_is_in_the_log_or_in_the_trail(engine: Engine) {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path();
    let database = match engine {
        Engine::Sqlite => None,
        Engine::Postgres => Some(tokio::task::spawn_blocking(Database::fresh).await.unwrap()),
    };
    let url = database.as_ref().map(Database::url);
    // Everything our own code ever says, and what libraries find worth telling.
    let mut settings = vec![("BADGECAST_LOG", "badgecast=trace,badgecast_broker=trace,info")];
    settings.extend(url.as_deref().map(|url| ("BADGECAST_DATABASE_URL", url)));
    add_person(data, &settings, EMAIL, "admin", PASSWORD);
    let log = data.join("log");
    let server = Process::start(data, ("127.0.0.1:0", "127.0.0.1:0"), &settings, log_file(&log));
    let mut life = Run {
        http: Client::builder().no_proxy().build().unwrap(),
        url: format!("http://{}", server.http),
        secrets: vec![EMAIL.to_owned(), PASSWORD.to_owned()],
    };
    let token = life.people().await;
    life.badges(&token).await;
    server.end();
    let trail = printed(data, &settings, "export");
    assert!(trail.lines().count() > 5, "{trail}");
    for line in trail.lines() {
        let entry: Value = serde_json::from_str(line).unwrap();
        assert!(entry["hash"].as_str().is_some_and(|hash| hash.len() == 64), "{line}");
    }
    assert!(printed(data, &settings, "verify").contains("whole"));
    let log = std::fs::read_to_string(&log).unwrap();
    assert!(log.contains("answered") && log.contains("security event"), "the log says what happens: {log}");
    assert!(life.secrets.len() > 20);
    for secret in &life.secrets {
        assert!(!log.contains(secret.as_str()), "the log says {secret:?}");
        assert!(!trail.contains(secret.as_str()), "the trail says {secret:?}");
    }
}

fn printed(data: &Path, settings: &[(&str, &str)], what: &str) -> String {
    let printed = run(data, settings, &["audit", what]);
    assert!(printed.status.success(), "{}", String::from_utf8_lossy(&printed.stderr));
    String::from_utf8(printed.stdout).unwrap()
}
