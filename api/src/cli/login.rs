//! `badgecast login` and `logout`: a person's own login on this machine, by a code they type in a browser (RFC 8628).
//!
//! No password is typed here, and what a login of this kind may do never includes administration.

pub(super) mod kept;

use std::{process::ExitCode, time::Duration};

use badgecast_domain::token::FIRST_PARTY_CLIENT;
use serde::Deserialize;
use tokio::time::{Instant, sleep};
use zeroize::Zeroizing;

use self::kept::{Kept, Place};
use super::{
    Failed, Login,
    remote::{Answer, Given, Remote, http},
    say,
};
use crate::oauth::device::GRANT;

/// What is added to the pause between two polls when the server says `slow_down` (RFC 8628 section 3.5).
const SLOWER: Duration = Duration::from_secs(5);

/// What the server answers to a device that begins to wait.
#[derive(Deserialize)]
struct Waiting {
    device_code: Zeroizing<String>,
    user_code: String,
    verification_uri: String,
    /// Seconds.
    expires_in: u64,
    /// Seconds between two polls.
    interval: u64,
}

/// Waits until a person has typed the code, then keeps what they gave.
pub(super) async fn login(wish: Login) -> Result<ExitCode, Failed> {
    let mut place = Place::lock()?;
    let server = wish.server.trim_end_matches('/').to_owned();
    let mut form = vec![("client_id", FIRST_PARTY_CLIENT)];
    form.extend(wish.scope.as_deref().map(|scope| ("scope", scope)));
    let begin = http()?.post(format!("{server}/oauth/device_authorization")).form(&form);
    let waiting: Waiting = Answer::to(begin).await?.success()?;
    say(&format!(
        "Open {} and type {}\nWaiting until somebody says yes ...\n",
        waiting.verification_uri, waiting.user_code
    ));
    let given = decided(&server, &waiting).await?;
    place.keep(&Kept::new(server, given))?;
    let me = Remote::opened(place).await?.me().await?;
    say(&format!("Logged in as {me}\n"));
    Ok(ExitCode::SUCCESS)
}

async fn decided(server: &str, waiting: &Waiting) -> Result<Given, Failed> {
    let form =
        [("grant_type", GRANT), ("client_id", FIRST_PARTY_CLIENT), ("device_code", &waiting.device_code)];
    let end = Instant::now() + Duration::from_secs(waiting.expires_in);
    let mut pause = Duration::from_secs(waiting.interval);
    while Instant::now() < end {
        sleep(pause).await;
        let answer = Answer::to(http()?.post(format!("{server}/oauth/token")).form(&form)).await?;
        match answer.error() {
            Some("authorization_pending") => {}
            Some("slow_down") => pause += SLOWER,
            _ => return answer.success(),
        }
    }
    Err(Failed("nobody said yes in time".to_owned()))
}

/// Ends the login on the server too, and forgets it here in any case.
pub(super) async fn logout() -> Result<ExitCode, Failed> {
    let mut place = Place::lock()?;
    let Some(kept) = place.kept()? else {
        say("Nobody was logged in\n");
        return Ok(ExitCode::SUCCESS);
    };
    place.forget()?;
    let form = [("client_id", FIRST_PARTY_CLIENT), ("token", &kept.refresh_token)];
    let revoke = http()?.post(format!("{}/oauth/revoke", kept.server)).form(&form);
    Answer::to(revoke)
        .await
        .and_then(Answer::accepted)
        .map_err(Failed::at("forgotten here, but the server was not told"))?;
    say("Logged out\n");
    Ok(ExitCode::SUCCESS)
}
