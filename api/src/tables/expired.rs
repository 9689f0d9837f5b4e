//! What has expired and is forgotten: nothing here decides anything any more, every query looks at the time itself.

use std::time::Duration;

use badgecast_domain::time::Moment;

use super::{
    Error, Tx, authorization_codes, device_codes, login_failures, places, refresh, replay, revocations,
    sessions, signing_keys,
};

/// How long codes stay after their end, so that a late second use is still known for what it is.
const CODES_STAY: Duration = Duration::from_secs(60 * 60);
/// How long a signing key stays after it stopped: far longer than any token it signed.
const KEYS_STAY: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// How long a network or a browser is known after the last sign-in there.
const PLACES_STAY: Duration = Duration::from_secs(180 * 24 * 60 * 60);

/// Forgets them all.
///
/// # Errors
/// Those of the database.
pub async fn forget(tx: &Tx, now: Moment) -> Result<(), Error> {
    authorization_codes::delete_past(tx, now.minus(CODES_STAY)).await?;
    device_codes::delete_past(tx, now.minus(CODES_STAY)).await?;
    login_failures::delete_past(tx, now).await?;
    places::delete_past(tx, now.minus(PLACES_STAY)).await?;
    refresh::delete_past(tx, now).await?;
    replay::delete_past(tx, now).await?;
    revocations::delete_past(tx, now).await?;
    sessions::delete_past(tx, now).await?;
    signing_keys::delete_retired_before(tx, now.minus(KEYS_STAY)).await
}
