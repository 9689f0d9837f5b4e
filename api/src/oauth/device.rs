//! The device authorization grant (RFC 8628): something without a keyboard waits until a person says yes.
//!
//! Two kinds of client start it: a badge nobody has claimed yet, which becomes a member and gets its own credentials;
//! and the command line, which gets tokens for the person, but never for administration. A person who is talked into
//! typing a stranger's code gives that much away and no more.

use std::time::Duration;

use actix_web::{HttpRequest, HttpResponse, http::header, web::Data};
use badgecast_domain::{
    access::{Scope, Scopes},
    display::Panel,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{
    form::{Form, Posted},
    party::{Asker, Party},
    person as tokens,
    token::{TokenResponse, may, narrowed},
    user_code::UserCode,
};
use crate::{
    House,
    auth::{
        device_key::DeviceKey,
        peer,
        secret::{Secret, hash},
        tokens::Grant,
    },
    problem::oauth::{Code, Denied},
    tables::{
        Error, Tx,
        claims::{self, Credentials},
        device_codes::{self as codes, Waiting},
        people,
    },
};

/// `grant_type`.
pub const GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";
/// The `client_id` of a badge nobody has claimed yet.
pub(super) const NEW_BADGE: &str = "badge";
/// Where people type the code.
pub(super) const VERIFICATION_PATH: &str = "/device";

const LIFE: Duration = Duration::from_secs(300);
/// Seconds between two polls.
const INTERVAL_S: i64 = 5;
/// Devices of one network that may wait at once.
const WAITING_PER_NETWORK: u64 = 50;
/// How often a free user code is drawn.
const DRAWS: usize = 5;

/// What a device says of itself, as the person will be shown it.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Description {
    pub(crate) model: Option<String>,
    pub(crate) panel: Option<Panel>,
    pub(crate) firmware: Option<String>,
}

#[utoipa::path(post, path = "/oauth/device_authorization", tag = "oauth", summary = "Start waiting for a person",
    description = "RFC 8628. client_id is badge for a badge nobody has claimed yet (with model, panel, firmware and public_key, a JWK or did:key, if it likes), badgecast for the command line.",
    responses((status = 200, description = "device_code, user_code, verification_uri, expires_in, interval")))]
pub(crate) async fn start(house: Data<House>, request: HttpRequest, form: Posted) -> HttpResponse {
    match begin(&house, &request, form).await {
        Ok(body) => HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "no-store")).json(body),
        Err(denied) => denied.answer(),
    }
}

async fn begin(house: &House, request: &HttpRequest, form: Posted) -> Result<Value, Denied> {
    let form = form.0?;
    let party = Party::of(house, request, &form).await?;
    let (scope, description, key) = match &party {
        Party::NewBadge => (Scopes::only(Scope::DeviceConnect), described(&form)?, key(&form)?),
        Party::Own => (narrowed(&form, capped())?, Description::default(), None),
        Party::Client(client) if may(client, GRANT) => {
            (narrowed(&form, client.scopes.and(capped()))?, Description::default(), None)
        }
        _ => return Err(Denied::new(Code::UnauthorizedClient, "This client cannot wait for a person")),
    };
    let now = house.now();
    let network = peer::network(request, &house.config.trusted_proxies).to_string();
    if codes::waiting_from(house.database.read(), &network, now).await? >= WAITING_PER_NETWORK {
        return Err(Denied::new(Code::SlowDown, "Too many devices wait here already"));
    }
    let device_code = Secret::random();
    let waiting = Waiting {
        hash: device_code.hash(),
        client_id: party.id(),
        scope,
        device: json!(description).to_string(),
        public_key: key.map(|key| key.json()),
        network,
        interval_s: INTERVAL_S,
        created_at: now,
        expires_at: now.plus(LIFE),
        last_poll_at: None,
        attempts: 0,
        organization: None,
        approved_by: None,
        denied_at: None,
        badge: None,
        used_at: None,
    };
    let user_code = draw(house, &waiting).await?;
    let page = format!("{}{VERIFICATION_PATH}", house.base_url());
    Ok(json!({
        "device_code": device_code.reveal(),
        "user_code": user_code.to_string(),
        "verification_uri": page,
        "verification_uri_complete": format!("{page}?user_code={user_code}"),
        "expires_in": LIFE.as_secs(),
        "interval": INTERVAL_S,
    }))
}

/// What a token given this way may carry at most: everything of the person but administration.
const fn capped() -> Scopes {
    Scopes::PEOPLE.without(Scopes::only(Scope::UsersAdmin))
}

async fn draw(house: &House, waiting: &Waiting) -> Result<UserCode, Denied> {
    for _ in 0..DRAWS {
        let user_code = UserCode::random();
        match house.database.write(async |tx: &Tx| codes::insert(tx, waiting, &user_code.hash()).await).await
        {
            Ok(()) => return Ok(user_code),
            Err(Error::Conflict(_)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(Denied::new(Code::TemporarilyUnavailable, "Too many devices wait"))
}

fn described(form: &Form) -> Result<Description, Denied> {
    let text = |name: &'static str| match form.get(name) {
        Some(text) if text.chars().count() > 100 || text.chars().any(char::is_control) => {
            Err(Denied::request(format!("{name} has at most 100 characters")))
        }
        text => Ok(text.map(str::to_owned)),
    };
    let panel =
        form.get("panel").map(|name| name.parse().map_err(|_| Denied::request("There is no such panel")));
    Ok(Description { model: text("model")?, panel: panel.transpose()?, firmware: text("firmware")? })
}

fn key(form: &Form) -> Result<Option<DeviceKey>, Denied> {
    let parse = |text: &str| {
        DeviceKey::from_text(text).map_err(|error| Denied::request(format!("public_key {error}")))
    };
    form.get("public_key").map(parse).transpose()
}

/// A device asks whether somebody has decided.
pub(super) async fn poll(house: &House, form: &Form, asker: &Asker) -> Result<DeviceResponse, Denied> {
    let shown = hash(form.need("device_code")?);
    let (client_id, now) = (asker.id(), house.now());
    let decided = house
        .database
        .write(async |tx: &Tx| {
            let waiting = codes::lock(tx, &shown).await?.filter(|waiting| waiting.client_id == client_id);
            let waiting = waiting.ok_or_else(|| Denied::grant("There is no such device code"))?;
            if waiting.expires_at <= now {
                return Err(Denied::new(Code::ExpiredToken, "Nobody decided in time; start again"));
            }
            if waiting.denied_at.is_some() {
                return Err(Denied::new(Code::AccessDenied, "The person refused"));
            }
            if waiting.approved_by.is_none() {
                // Committed, although the answer is an error.
                return not_yet(tx, &waiting, house).await.map(Err);
            }
            give(house, tx, &waiting, asker).await.map(Ok)
        })
        .await?;
    decided.map_err(|code| Denied::new(code, "Nobody has decided yet"))
}

/// Whoever asks too early is told to slow down, and may ask less often from then on. The end does not move.
async fn not_yet(tx: &Tx, waiting: &Waiting, house: &House) -> Result<Code, Denied> {
    let now = house.now();
    let interval = Duration::from_secs(waiting.interval_s.unsigned_abs());
    // A second of grace: what was sent in time may arrive a little early.
    let early = waiting.last_poll_at.is_some_and(|last| now.since(last) + Duration::from_secs(1) < interval);
    let interval_s = if early { (waiting.interval_s + 5).min(60) } else { waiting.interval_s };
    codes::note_poll(tx, &waiting.hash, interval_s, now).await?;
    Ok(if early { Code::SlowDown } else { Code::AuthorizationPending })
}

/// Tokens, and what a badge that has just become a member needs to come back for more.
#[derive(Serialize)]
pub(super) struct DeviceResponse {
    #[serde(flatten)]
    pub(super) tokens: TokenResponse,
    #[serde(skip_serializing_if = "Option::is_none")]
    badge_id: Option<badgecast_domain::id::BadgeId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_secret: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mqtt: Option<String>,
}

impl From<TokenResponse> for DeviceResponse {
    fn from(tokens: TokenResponse) -> Self {
        Self { tokens, badge_id: None, client_secret: None, mqtt: None }
    }
}

async fn give(house: &House, tx: &Tx, waiting: &Waiting, asker: &Asker) -> Result<DeviceResponse, Denied> {
    let now = house.now();
    let (Some(organization), Some(user)) = (waiting.organization, waiting.approved_by) else {
        return Err(Denied::grant("There is no such device code"));
    };
    if let Some(badge) = waiting.badge {
        // A lost answer may be asked for again until the code expires; each time the secret is a new one.
        let secret = waiting.public_key.is_none().then(Secret::random);
        let key = waiting.public_key.as_deref().map(DeviceKey::from_json).transpose();
        let key = key.map_err(|_| Denied::grant("There is no such device code"))?;
        let credentials = Credentials {
            secret_hash: secret.as_ref().map(Secret::hash),
            key: key.map(|key| claims::Key { jwk: key.json(), thumbprint: key.thumbprint().to_string() }),
        };
        claims::equip(tx, organization, badge, &credentials, now).await?;
        codes::use_up(tx, &waiting.hash, None, now).await?;
        let grant = Grant::badge(badge, organization).bound_to(asker.key.clone());
        let issued = house.tokens.issue(grant, now)?;
        return Ok(DeviceResponse {
            tokens: TokenResponse::new(&issued, issued.claims.scope, None),
            badge_id: Some(badge),
            client_secret: secret.map(|secret| secret.reveal().to_owned()),
            mqtt: Some(house.mqtt_url()),
        });
    }
    if waiting.used_at.is_some() {
        return Err(Denied::grant("The device code was used before"));
    }
    let person = people::of_token(tx, organization, user).await?;
    if person.disabled_at.is_some() {
        return Err(Denied::grant("This person may not log in any more"));
    }
    let scope = waiting.scope.and(person.role.scopes().or(Scopes::IDENTITY));
    let begun =
        tokens::begin(house, tx, &person, (&waiting.client_id, asker.keys()), scope, (now, now)).await?;
    codes::use_up(tx, &waiting.hash, Some(begun.family.id), now).await?;
    Ok(TokenResponse::new(&begun.issued, scope, Some(&begun.refresh)).into())
}
