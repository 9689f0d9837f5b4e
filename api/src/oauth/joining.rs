//! Where people type the code a device shows: what it leads to, how often one may be wrong, and what becomes of the
//! device. The page for every device and the console's page for badges both stand on this.

use actix_web::HttpRequest;
use badgecast_domain::{id::BadgeId, time::Moment};

use super::{
    device::{Description, NEW_BADGE},
    user_code::UserCode,
};
use crate::{
    House,
    auth::{Scope, backoff::FREE_USER_CODES, peer},
    problem::Problem,
    tables::{
        Error, Tx, badges,
        device_codes::{self as codes, Waiting},
        login_failures::{self as failures, Attempt},
        people::Person,
    },
};

/// Why a code leads to no device that waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Astray {
    /// No device can show it. Nothing is counted: there is nothing to learn from it.
    Impossible,
    /// No device shows it; the person may be wrong so often still.
    Wrong {
        left: u32,
    },
    /// The person was wrong too often: no code is looked at until then.
    Blocked {
        until: Moment,
    },
    Expired,
    /// Somebody of this organization has said yes already; to a badge, if it was one.
    Ours(Option<BadgeId>),
    /// Somebody of another organization has.
    Foreign,
    Refused,
}

/// The device of a code a person typed. Wrong codes are counted per person, so nobody tries many.
///
/// # Errors
/// Those of the database.
pub(crate) async fn look_up(
    house: &House,
    request: &HttpRequest,
    person: &Person,
    typed: &str,
) -> Result<Result<Waiting, Astray>, Problem> {
    let (db, now) = (house.database.read(), house.now());
    let attempt = Attempt::user_code(person.id);
    if let Some(until) = failures::blocked_until(db, &attempt, now).await? {
        return Ok(Err(Astray::Blocked { until }));
    }
    let Ok(code) = typed.parse::<UserCode>() else { return Ok(Err(Astray::Impossible)) };
    if let Some(waiting) = codes::by_user_code(db, &code.hash()).await? {
        return Ok(standing(&waiting, person, now).map_or(Ok(waiting), Err));
    }
    let failures = house.database.write(async |tx: &Tx| failures::record(tx, &attempt, now).await).await?;
    let network = peer::network(request, &house.config.trusted_proxies);
    house.watch.mistyped(&failures, person, network);
    house.metrics.auth_failed("user_code");
    Ok(Err(Astray::Wrong { left: FREE_USER_CODES.saturating_sub(failures.of_account) }))
}

/// Where a person asks from, as devices are told apart.
pub(crate) fn network_of(house: &House, request: &HttpRequest) -> String {
    peer::network(request, &house.config.trusted_proxies).to_string()
}

/// What became of a device, if it does not wait any more.
fn standing(waiting: &Waiting, person: &Person, now: Moment) -> Option<Astray> {
    match waiting.organization {
        Some(organization) if organization == person.organization => Some(Astray::Ours(waiting.badge)),
        Some(_) => Some(Astray::Foreign),
        None if waiting.denied_at.is_some() => Some(Astray::Refused),
        None if waiting.expires_at <= now => Some(Astray::Expired),
        None => None,
    }
}

/// Whether it is a badge nobody has claimed yet, and not a program.
pub(crate) fn is_badge(waiting: &Waiting) -> bool {
    waiting.client_id == NEW_BADGE
}

/// What a device says of itself.
pub(crate) fn described(waiting: &Waiting) -> Description {
    serde_json::from_str(&waiting.device).unwrap_or_default()
}

/// A person says yes: a badge becomes a member, called and owned as `new` says; a program gets its tokens.
///
/// # Errors
/// Somebody has decided meanwhile, or its time is over; or the owner is nobody, or owns another badge.
pub(crate) async fn admit(
    tx: &Tx,
    scope: &Scope,
    person: &Person,
    waiting: &Waiting,
    new: badges::New,
    now: Moment,
) -> Result<Option<badges::Badge>, Error> {
    let decided = Error::Conflict("Somebody has decided about this device meanwhile");
    let Some(waiting) = codes::lock(tx, &waiting.hash).await? else { return Err(decided) };
    if standing(&waiting, person, now).is_some() {
        return Err(decided);
    }
    let badge = if is_badge(&waiting) {
        let Description { model, panel, .. } = described(&waiting);
        let new = badges::New { model, panel: panel.unwrap_or_default(), ..new };
        Some(badges::register(tx, scope, new, now).await?)
    } else {
        None
    };
    let id = badge.as_ref().map(|badge| badge.id);
    codes::approve(tx, &waiting.hash, person.organization, person.id, id, now).await?;
    Ok(badge)
}

/// A person says no: the device is told so.
///
/// # Errors
/// Those of the database.
pub(crate) async fn refuse(house: &House, waiting: &Waiting) -> Result<(), Error> {
    house.database.write(async |tx: &Tx| codes::deny(tx, &waiting.hash, house.now()).await).await
}
