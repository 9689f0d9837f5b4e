//! The token endpoint (RFC 6749 section 3.2): one function per grant.

use actix_web::{HttpRequest, HttpResponse, http::header, web::Data};
use badgecast_domain::access::Scopes;
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    code,
    device::{self, DeviceResponse},
    form::{Form, Posted},
    party::{Asker, Party},
    person as tokens,
};
use crate::{
    House,
    auth::{
        Actor, light,
        peer::{self, Network},
        refresh::{self, Outcome},
        secret::Secret,
        tokens::{Grant, Issued},
        watch::{Event, Kind, Reaction},
    },
    problem::oauth::{Code, Denied},
    tables::{Tx, claims, clients::Client, people},
};

/// What a grant gives (RFC 6749 section 5.1).
#[derive(Serialize, ToSchema)]
pub struct TokenResponse {
    pub access_token: String,
    /// `Bearer`, or `DPoP` for a token that is bound to the key its request showed (RFC 9449).
    pub token_type: &'static str,
    /// Seconds.
    pub expires_in: i64,
    pub scope: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refresh_token: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id_token: Option<String>,
}

impl TokenResponse {
    #[must_use]
    pub fn new(issued: &Issued, scope: Scopes, refresh: Option<&Secret>) -> Self {
        Self {
            access_token: issued.token.to_string(),
            token_type: issued.claims.token_type(),
            expires_in: issued.claims.exp - issued.claims.iat,
            scope: scope.to_string(),
            refresh_token: refresh.map(|secret| secret.reveal().to_owned()),
            id_token: None,
        }
    }
}

impl std::fmt::Debug for TokenResponse {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TokenResponse").field("scope", &self.scope).finish_non_exhaustive()
    }
}

#[utoipa::path(post, path = "/oauth/token", tag = "oauth", summary = "Exchange a grant for tokens",
    description = "With a DPoP header (RFC 9449) the token is bound to the key that signed the proof. A badge may ask for a light token (RFC 8392) with token_format=cwt-mac0 or cwt-sign1.",
    responses((status = 200, body = TokenResponse), (status = 400, description = "RFC 6749 error"),
        (status = 401, description = "invalid_client")))]
pub(crate) async fn token(house: Data<House>, request: HttpRequest, form: Posted) -> HttpResponse {
    match grant(&house, &request, form).await {
        Ok(given) => HttpResponse::Ok()
            .insert_header((header::CACHE_CONTROL, "no-store"))
            .insert_header((header::PRAGMA, "no-cache"))
            .json(given),
        Err(denied) => {
            house.metrics.auth_failed(denied.code.name());
            denied.answer()
        }
    }
}

async fn grant(house: &House, request: &HttpRequest, form: Posted) -> Result<DeviceResponse, Denied> {
    let form = form.0?;
    let grant_type = form.need("grant_type")?;
    let asker = Asker::of(house, request, &form).await?;
    let network = peer::network(request, &house.config.trusted_proxies);
    match grant_type {
        "client_credentials" => client_credentials(house, &form, &asker).await.map(DeviceResponse::from),
        "refresh_token" => refresh_token(house, &form, &asker, network).await.map(DeviceResponse::from),
        "authorization_code" => code::exchange(house, &form, &asker, network).await.map(DeviceResponse::from),
        device::GRANT => device::poll(house, &form, &asker).await,
        _ => Err(Denied::new(Code::UnsupportedGrantType, "There is no such grant here")),
    }
}

/// RFC 6749 section 4.4, for devices and integrations. There is no refresh token: they can always ask again.
async fn client_credentials(house: &House, form: &Form, asker: &Asker) -> Result<TokenResponse, Denied> {
    let (light, now) = (light(form)?, asker.since);
    let grant = match &asker.party {
        Party::Device(device) => {
            let grant = Grant::badge(device.id, device.organization);
            narrowed(form, grant.scope)?;
            let id = device.id;
            house.database.write(async |tx: &Tx| claims::spend(tx, id, now).await).await?;
            grant
        }
        Party::Client(client) if client.confidential && may(client, "client_credentials") => {
            let scope = narrowed(form, client.scopes)?;
            Grant::client(client.id, client.organization, scope)
        }
        _ => return Err(Denied::new(Code::UnauthorizedClient, "This client cannot act for itself")),
    };
    let issued = match (light, &asker.party, &asker.key) {
        (None, _, key) => house.tokens.issue(grant.bound_to(key.clone()), now)?,
        (Some(form), Party::Device(_), None) => house.tokens.issue_light(grant, form, now)?,
        (Some(_), ..) => return Err(Denied::request("Light tokens are for badges, and not bound to keys")),
    };
    Ok(TokenResponse::new(&issued, issued.claims.scope, None))
}

/// The form of token that was asked for, if it is not a JWT.
fn light(form: &Form) -> Result<Option<light::Form>, Denied> {
    match form.get("token_format") {
        None | Some("jwt") => Ok(None),
        Some(name) => light::Form::of(name)
            .map(Some)
            .ok_or_else(|| Denied::request("token_format is jwt, cwt-mac0 or cwt-sign1")),
    }
}

/// RFC 6749 section 6. A token shown twice ends its family, and that is stored although the request fails.
async fn refresh_token(
    house: &House,
    form: &Form,
    asker: &Asker,
    network: Network,
) -> Result<TokenResponse, Denied> {
    let shown = form.need("refresh_token")?;
    let (now, client_id) = (house.now(), asker.id());
    let rotated = house
        .database
        .write(async |tx: &Tx| {
            let (family, child) = match refresh::rotate(tx, shown, (&client_id, asker.key.as_ref()), now)
                .await?
            {
                Outcome::Rotated { family, child } => (family, child),
                Outcome::Refused => return Err(Denied::grant("The refresh token does not count (any more)")),
                Outcome::Reused { family } => {
                    house.tokens.revoke_family(tx, family.organization, family.id, "reuse", now).await?;
                    return Ok(Err(family));
                }
            };
            let person = people::of_token(tx, family.organization, family.user).await?;
            if person.disabled_at.is_some() {
                return Err(Denied::grant("This person may not log in any more"));
            }
            // A role may have shrunk since, and the request may ask for less; never for more.
            let scope = narrowed(form, family.scope.and(person.role.scopes().or(Scopes::IDENTITY)))?;
            let issued = tokens::issue(house, tx, &family, scope, asker.key.clone(), now).await?;
            Ok::<_, Denied>(Ok(TokenResponse::new(&issued, scope, Some(&child))))
        })
        .await?;
    rotated.map_err(|family| {
        tracing::warn!(family.id = %family.id, user.id = %family.user, "a refresh token was used twice");
        house.metrics.auth_failed("refresh_reuse");
        let actor = Actor::User(family.user);
        let event = Event::about(Kind::RefreshReuse, family.organization, actor).from(network);
        house.watch.notice(event.answered(Reaction::Revoke));
        Denied::grant("The refresh token was used before; log in again")
    })
}

/// Whether this client was registered for a grant.
pub(super) fn may(client: &Client, grant: &str) -> bool {
    client.grants.iter().any(|name| name == grant)
}

/// The scopes that were asked for: all that are `allowed` when nothing was said, never more.
pub(super) fn narrowed(form: &Form, allowed: Scopes) -> Result<Scopes, Denied> {
    let Some(text) = form.get("scope") else { return Ok(allowed) };
    let asked: Scopes =
        text.parse().map_err(|_| Denied::new(Code::InvalidScope, "There is no such scope"))?;
    if allowed.covers(asked) {
        Ok(asked)
    } else {
        Err(Denied::new(Code::InvalidScope, "That is more than granted"))
    }
}
