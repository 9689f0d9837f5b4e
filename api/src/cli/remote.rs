//! A server as the person sees it who logged in with `badgecast login`: through the public HTTP API alone.

use std::{fmt, time::Duration};

use badgecast_domain::{access::Scopes, token::FIRST_PARTY_CLIENT};
use reqwest::{Client, Method, RequestBuilder, StatusCode, redirect};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;
use zeroize::Zeroizing;

use super::{
    Failed,
    login::kept::{Kept, Place},
};

/// Longer than any answer should take.
const PATIENCE: Duration = Duration::from_secs(30);

/// A client that sends tokens nowhere but where it was told to.
pub(super) fn http() -> Result<Client, Failed> {
    let client = Client::builder().timeout(PATIENCE).redirect(redirect::Policy::none());
    client.build().map_err(Failed::at("HTTP"))
}

/// What a login or a refresh gives.
#[derive(Deserialize)]
pub(super) struct Given {
    pub(super) access_token: Zeroizing<String>,
    pub(super) refresh_token: Zeroizing<String>,
    /// Seconds.
    pub(super) expires_in: u64,
}

/// What a server said.
pub(super) struct Answer {
    status: StatusCode,
    body: Value,
}

impl Answer {
    pub(super) async fn to(request: RequestBuilder) -> Result<Self, Failed> {
        let words = |error: reqwest::Error| {
            let at = error.url().map(|url| url.origin().ascii_serialization()).unwrap_or_default();
            Failed(format!("{at} does not answer: {}", error.without_url()))
        };
        let response = request.send().await.map_err(words)?;
        let status = response.status();
        let bytes = response.bytes().await.map_err(words)?;
        Ok(Self { status, body: serde_json::from_slice(&bytes).unwrap_or(Value::Null) })
    }

    /// The `error` of a refusal by OAuth.
    pub(super) fn error(&self) -> Option<&str> {
        self.body["error"].as_str()
    }

    pub(super) fn accepted(self) -> Result<(), Failed> {
        if self.status.is_success() { Ok(()) } else { Err(self.refusal()) }
    }

    /// The answer, or why there is none, in the server's words.
    pub(super) fn success<T: DeserializeOwned>(self) -> Result<T, Failed> {
        if !self.status.is_success() {
            return Err(self.refusal());
        }
        serde_json::from_value(self.body).map_err(Failed::at("an answer that is none of Badgecast's"))
    }

    fn refusal(&self) -> Failed {
        let words =
            ["detail", "error_description", "title"].iter().find_map(|name| self.body[*name].as_str());
        let first = self.body["errors"][0]["detail"].as_str();
        Failed(match (words, first) {
            (Some(words), Some(first)) => format!("{words}: {first}"),
            (Some(words), None) => words.to_owned(),
            (None, _) => format!("the server answers {}", self.status),
        })
    }
}

/// Who is logged in, as far as people want to read it.
#[derive(Deserialize)]
pub(super) struct Me {
    name: String,
    role: String,
    pub(super) scope: Scopes,
    #[serde(skip)]
    server: String,
}

impl fmt::Display for Me {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({}) at {}", self.name, self.role, self.server)
    }
}

/// The server, and the login that opens it.
pub(super) struct Remote {
    http: Client,
    login: Kept,
}

impl Remote {
    pub(super) async fn open() -> Result<Self, Failed> {
        Self::opened(Place::lock()?).await
    }

    /// Refreshes the login if its access token is about to end; the place is free again afterwards.
    pub(super) async fn opened(mut place: Place) -> Result<Self, Failed> {
        let kept = place.kept()?;
        let kept =
            kept.ok_or_else(|| Failed("nobody is logged in: `badgecast login URL` does it".to_owned()))?;
        let http = http()?;
        if kept.is_fresh() {
            return Ok(Self { http, login: kept });
        }
        let form = [
            ("grant_type", "refresh_token"),
            ("client_id", FIRST_PARTY_CLIENT),
            ("refresh_token", &kept.refresh_token),
        ];
        let answer = Answer::to(http.post(format!("{}/oauth/token", kept.server)).form(&form)).await?;
        if answer.error() == Some("invalid_grant") {
            place.forget()?;
            return Err(Failed(format!(
                "the login is over: `badgecast login {}` begins another",
                kept.server
            )));
        }
        let login = Kept::new(kept.server, answer.success()?);
        place.keep(&login)?;
        Ok(Self { http, login })
    }

    pub(super) async fn me(&self) -> Result<Me, Failed> {
        let me: Me = self.get("/api/v1/me").await?;
        Ok(Me { server: self.login.server.clone(), ..me })
    }

    pub(super) async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, Failed> {
        Answer::to(self.request(Method::GET, path)).await?.success()
    }

    /// Sends it once, however often it has to be said.
    pub(super) async fn create<T: DeserializeOwned>(&self, path: &str, body: &Value) -> Result<T, Failed> {
        let key = uuid::Uuid::now_v7().to_string();
        let request = self.request(Method::POST, path).header("idempotency-key", key).json(body);
        let again = request.try_clone();
        match (Answer::to(request).await, again) {
            (Ok(answer), _) => answer.success(),
            (Err(_), Some(again)) => Answer::to(again).await?.success(),
            (Err(error), None) => Err(error),
        }
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let url = format!("{}{path}", self.login.server);
        self.http.request(method, url).bearer_auth(self.login.access_token.as_str())
    }
}
