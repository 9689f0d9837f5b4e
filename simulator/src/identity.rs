//! Who a badge is: how it becomes a member (claim) and proves it (token).

use std::{fmt, time::Duration};

use badgecast_domain::{display::Panel, id::BadgeId, time::Moment};
use reqwest::{Method, Url, header};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use time::{OffsetDateTime, format_description::well_known::Rfc2822};
use tokio::time::Instant;

use crate::{
    key::Key,
    server::{CallError, Server, ask, send},
};

/// The shortest a connection lasts that a statement opened.
const CONNECTION_LIFE: Duration = Duration::from_secs(54 * 60);

/// What kind of device a badge is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Model {
    pub name: String,
    pub panel: Panel,
    pub firmware: String,
    /// The largest program it takes, in bytes of the hardware's format.
    pub max_bytes: u32,
}

impl Default for Model {
    fn default() -> Self {
        Self {
            name: "simulated".to_owned(),
            panel: Panel::P11x44,
            firmware: env!("CARGO_PKG_VERSION").to_owned(),
            max_bytes: 8192,
        }
    }
}

/// What a badge keeps for life once it is claimed.
#[derive(Clone)]
pub struct Identity {
    pub badge: BadgeId,
    proof: Proof,
    token_endpoint: Url,
    pub mqtt: Address,
}

/// What a badge proves itself with.
#[derive(Clone)]
enum Proof {
    /// Fetches tokens.
    Secret(String),
    /// Signs its way in: no token is ever fetched.
    Key {
        key: Key,
        /// The name of the server its statements are for.
        audience: String,
    },
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identity")
            .field("badge", &self.badge)
            .field("mqtt", &self.mqtt)
            .finish_non_exhaustive()
    }
}

/// Where the MQTT door is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    pub host: String,
    pub port: u16,
}

/// An access token and its time.
#[derive(Clone)]
pub(crate) struct Token {
    pub(crate) jwt: String,
    /// Whether it opens the door a single time.
    pub(crate) once: bool,
    pub(crate) since: Instant,
    pub(crate) life: Duration,
    /// The server's clock, to the second, when it answered.
    pub(crate) date: Option<Moment>,
}

impl Token {
    /// Whether it will open the door again: a little is left for the way there.
    pub(crate) fn is_fresh(&self, now: Instant) -> bool {
        !self.once && now < self.since + self.life.mul_f64(0.95)
    }
}

#[derive(Serialize)]
struct ClaimForm<'a> {
    claim_code: &'a str,
    model: &'a str,
    panel: Panel,
    firmware: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    public_key: Option<&'a Value>,
}

#[derive(Deserialize)]
struct Claimed {
    badge_id: BadgeId,
    client_secret: Option<String>,
    token_endpoint: String,
    mqtt: String,
}

#[derive(Serialize)]
struct TokenForm {
    grant_type: &'static str,
}

#[derive(Deserialize)]
struct Granted {
    access_token: String,
    /// Seconds.
    expires_in: u64,
}

impl Identity {
    /// What a claim brought, by whatever way it was made.
    #[must_use]
    pub const fn new(badge: BadgeId, secret: String, token_endpoint: Url, mqtt: Address) -> Self {
        Self { badge, proof: Proof::Secret(secret), token_endpoint, mqtt }
    }

    /// Redeems a claim code.
    ///
    /// # Errors
    /// The code is wrong, used up or too old, or the server cannot be reached.
    pub async fn claim(server: &Server, code: &str, model: &Model) -> Result<Self, CallError> {
        Self::redeem(server, code, model, None).await
    }

    /// Redeems a claim code with a key of its own instead of getting a secret.
    ///
    /// # Errors
    /// As of [`Self::claim`].
    pub async fn claim_with_key(server: &Server, code: &str, model: &Model) -> Result<Self, CallError> {
        Self::redeem(server, code, model, Some(Key::generate())).await
    }

    async fn redeem(server: &Server, code: &str, model: &Model, key: Option<Key>) -> Result<Self, CallError> {
        let form = ClaimForm {
            claim_code: code,
            model: &model.name,
            panel: model.panel,
            firmware: &model.firmware,
            public_key: key.as_ref().map(Key::jwk),
        };
        let claimed: Claimed = ask(server.request(Method::POST, "/api/v1/claims")?.json(&form)).await?;
        let token_endpoint = server.url(&claimed.token_endpoint)?;
        let mqtt = Address::parse(&claimed.mqtt)?;
        let proof = match key {
            Some(key) => Proof::Key { key, audience: claimed.mqtt },
            None => Proof::Secret(claimed.client_secret.unwrap_or_default()),
        };
        Ok(Self { badge: claimed.badge_id, proof, token_endpoint, mqtt })
    }

    /// What opens the door: an access token, by `client_credentials` with `client_secret_basic` (RFC 6749 sections 4.4
    /// and 2.3.1), or a statement by the badge's own key.
    pub(crate) async fn token(&self, server: &Server) -> Result<Token, CallError> {
        let since = Instant::now();
        let secret = match &self.proof {
            Proof::Secret(secret) => secret,
            Proof::Key { key, audience } => {
                let jwt = key.statement(self.badge, audience);
                return Ok(Token { jwt, once: true, since, life: CONNECTION_LIFE, date: None });
            }
        };
        let request = server
            .post(self.token_endpoint.clone())
            .basic_auth(self.badge, Some(secret))
            .form(&TokenForm { grant_type: "client_credentials" });
        let answer = send(request).await?;
        let date = answer.headers().get(header::DATE).and_then(|text| date(text.to_str().ok()?));
        let granted: Granted = answer.json().await.map_err(CallError::Unreadable)?;
        let life = Duration::from_secs(granted.expires_in);
        Ok(Token { jwt: granted.access_token, once: false, since, life, date })
    }
}

impl Address {
    /// Reads `mqtt://host[:port]`.
    pub(crate) fn parse(uri: &str) -> Result<Self, CallError> {
        let fault = |why: &str| CallError::Address(format!("{uri}: {why}"));
        let uri: Url = uri.parse().map_err(|_| fault("not a URI"))?;
        if uri.scheme() != "mqtt" {
            return Err(fault("only mqtt:// is spoken here"));
        }
        let host = uri.host_str().ok_or_else(|| fault("no host"))?;
        let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
        Ok(Self { host, port: uri.port().unwrap_or(1883) })
    }
}

/// The `Date` of an answer (RFC 9110 section 6.6.1), whose form is one of RFC 2822's.
fn date(text: &str) -> Option<Moment> {
    let date = OffsetDateTime::parse(text, &Rfc2822).ok()?;
    Some(Moment::from_s(date.unix_timestamp()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_door_is_where_the_claim_says() {
        let address = |uri| Address::parse(uri).ok();
        assert_eq!(
            address("mqtt://127.0.0.1:4711"),
            Some(Address { host: "127.0.0.1".to_owned(), port: 4711 })
        );
        assert_eq!(
            address("mqtt://badges.example"),
            Some(Address { host: "badges.example".to_owned(), port: 1883 })
        );
        assert_eq!(address("mqtt://[::1]:1"), Some(Address { host: "::1".to_owned(), port: 1 }));
        for wrong in ["", "127.0.0.1:1883", "http://127.0.0.1", "mqtt:///"] {
            assert_eq!(address(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_date_header_tells_the_time() {
        assert_eq!(date("Sun, 22 Nov 2026 13:14:15 GMT"), "2026-11-22T13:14:15Z".parse().ok());
        assert_eq!(date("yesterday"), None);
    }
}
