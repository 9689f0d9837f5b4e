//! A badge nobody has claimed yet: it shows a code on its own LEDs and waits until a person types it (RFC 8628).

use std::time::Duration;

use badgecast_domain::{
    display::{Document, Player, Timing, pictures},
    id::BadgeId,
};
use reqwest::Method;
use serde::{Deserialize, Serialize};
use tokio::time::{Instant, sleep};

use crate::{
    identity::{Address, Identity, Model},
    server::{CallError, Server, ask},
};

/// The OAuth client id of all badges that are not members yet.
const NEW_BADGE: &str = "badge";
const GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";
/// What `slow_down` adds to the time between two questions (RFC 8628 section 3.5).
const SLOWER: Duration = Duration::from_secs(5);

/// A badge that waits for a person.
#[derive(Debug)]
pub struct Unclaimed {
    server: Server,
    device_code: String,
    user_code: String,
    verification_uri: String,
    interval: Duration,
    ends: Instant,
    player: Player,
}

#[derive(Serialize)]
struct StartForm<'a> {
    client_id: &'static str,
    model: &'a str,
    panel: &'static str,
    firmware: &'a str,
}

#[derive(Deserialize)]
struct Started {
    device_code: String,
    user_code: String,
    verification_uri: String,
    /// Seconds.
    expires_in: u64,
    /// Seconds.
    #[serde(default = "usual_interval_s")]
    interval: u64,
}

/// RFC 8628 section 3.2.
const fn usual_interval_s() -> u64 {
    5
}

#[derive(Serialize)]
struct AskForm<'a> {
    grant_type: &'static str,
    client_id: &'static str,
    device_code: &'a str,
}

#[derive(Deserialize)]
struct Claimed {
    badge_id: BadgeId,
    client_secret: String,
    mqtt: String,
}

impl Unclaimed {
    /// Asks for a code to show.
    ///
    /// # Errors
    /// Too many badges wait already, or the server cannot be reached.
    pub async fn start(server: &Server, model: &Model) -> Result<Self, CallError> {
        let form = StartForm {
            client_id: NEW_BADGE,
            model: &model.name,
            panel: model.panel.name(),
            firmware: &model.firmware,
        };
        let started: Started =
            ask(server.request(Method::POST, "/oauth/device_authorization")?.form(&form)).await?;
        let code = Document::text(&started.user_code);
        let pictures = code.map(|code| pictures(&code, model.panel).0).unwrap_or_default();
        let player = Player::from_pictures(&pictures, model.panel, Timing::Open);
        Ok(Self {
            server: server.clone(),
            device_code: started.device_code,
            user_code: started.user_code,
            verification_uri: started.verification_uri,
            interval: Duration::from_secs(started.interval),
            ends: Instant::now() + Duration::from_secs(started.expires_in),
            player: player.unwrap_or_else(|| Player::new(Vec::new(), model.panel, Timing::Open)),
        })
    }

    /// What a person has to type.
    #[must_use]
    pub fn user_code(&self) -> &str {
        &self.user_code
    }

    /// Where a person has to type it.
    #[must_use]
    pub fn verification_uri(&self) -> &str {
        &self.verification_uri
    }

    /// What its LEDs show meanwhile: the code.
    #[must_use]
    pub const fn player(&self) -> &Player {
        &self.player
    }

    /// Waits until a person has typed the code; then it is a member.
    ///
    /// # Errors
    /// The person said no, nobody came in time, or the server does not keep the contract. A server that cannot be
    /// reached is asked again until the code has run out.
    pub async fn claimed(mut self) -> Result<Identity, CallError> {
        let token_endpoint = self.server.url("/oauth/token")?;
        loop {
            sleep(self.interval).await;
            let form = AskForm { grant_type: GRANT, client_id: NEW_BADGE, device_code: &self.device_code };
            match ask::<Claimed>(self.server.post(token_endpoint.clone()).form(&form)).await {
                Ok(Claimed { badge_id, client_secret, mqtt }) => {
                    return Ok(Identity::new(
                        badge_id,
                        client_secret,
                        token_endpoint,
                        Address::parse(&mqtt)?,
                    ));
                }
                Err(CallError::Refused(problem))
                    if problem.error.as_deref() == Some("authorization_pending") => {}
                Err(CallError::Refused(problem)) if problem.error.as_deref() == Some("slow_down") => {
                    self.interval += SLOWER;
                }
                Err(CallError::Unreachable(_)) if Instant::now() < self.ends => {}
                Err(error) => return Err(error),
            }
        }
    }
}
