//! How a request shows who asks: an access token or an API key in the `Authorization` header (RFC 6750 section 2.1).
//!
//! In the header only: a token in a URL ends up in logs and histories, one in a form in neither place it is looked
//! for. Browsers show the cookie of their session instead, see [`super::session`].

use std::{future::Future, pin::Pin};

use actix_web::{
    FromRequest, HttpRequest,
    dev::Payload,
    http::header::{self, HeaderMap},
    web::Data,
};
use badgecast_domain::{access::Scopes, token::Audience};

use super::{
    Actor, Caller, Refused,
    api_key::ApiKey,
    peer::{self, Network},
    session,
    step_up::Proof,
};
use crate::{
    House,
    problem::Problem,
    tables::{
        Tx,
        api_keys::{self, Owner},
    },
};

impl FromRequest for Caller {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let house = request
                .app_data::<Data<House>>()
                .ok_or_else(|| Problem::internal("a route without a house"))?;
            caller(house, &request).await
        })
    }
}

/// Who asks.
async fn caller(house: &House, request: &HttpRequest) -> Result<Caller, Problem> {
    if has_token(request.query_string()) {
        house.metrics.auth_failed("query");
        return Err(Problem::bad_request("Send the token in the Authorization header, never in the URL"));
    }
    let shown = bearer(request.headers()).inspect_err(|_| house.metrics.auth_failed("scheme"))?;
    let network = peer::network(request, &house.config.trusted_proxies);
    let caller = match shown {
        None => session::caller(house, request).await?.ok_or_else(|| {
            house.metrics.auth_failed("missing");
            Problem::no_token()
        })?,
        Some(text) => match ApiKey::recognize(text) {
            Some(key) => by_api_key(house, key?).await?,
            None => by_token(house, text, network)?,
        },
    };
    house.watch.used(&caller, network, house.now()).map_err(Problem::too_many)?;
    Ok(caller)
}

fn has_token(query: &str) -> bool {
    query.split('&').any(|pair| pair.split('=').next() == Some("access_token"))
}

/// The text behind `Bearer`, if there is one such header.
fn bearer(headers: &HeaderMap) -> Result<Option<&str>, Problem> {
    let mut values = headers.get_all(header::AUTHORIZATION);
    let Some(value) = values.next() else { return Ok(None) };
    if values.next().is_some() {
        return Err(Problem::bad_request("There are several Authorization headers"));
    }
    let (scheme, text) =
        value.to_str().ok().and_then(|text| text.split_once(' ')).ok_or_else(Problem::no_token)?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(Problem::no_token());
    }
    Ok(Some(text.trim()))
}

fn by_token(house: &House, token: &str, network: Network) -> Result<Caller, Problem> {
    let now = house.now();
    let verified = house.tokens.verify(token, Audience::Api, now);
    let claims = verified.map_err(|refused: Refused| {
        house.metrics.auth_failed(refused.reason());
        if refused == Refused::Revoked
            && let Some(claims) = house.tokens.revoked(token, Audience::Api, now)
        {
            house.watch.revoked(&Caller::of(&claims), network, now);
        }
        Problem::invalid_token(refused.to_string())
    })?;
    Ok(Caller::of(&claims))
}

async fn by_api_key(house: &House, key: ApiKey) -> Result<Caller, Problem> {
    let now = house.now();
    let Some((key, role)) = api_keys::living(house.database.read(), &key.hash(), now).await? else {
        house.metrics.auth_failed("api_key");
        return Err(Problem::invalid_token("the API key is unknown, expired or revoked"));
    };
    if !api_keys::is_use_noted(&key, now) {
        let id = key.id;
        house.database.write(async |tx: &Tx| api_keys::note_use(tx, id, now).await).await?;
    }
    let (actor, most) = match key.owner {
        // A role may have shrunk since the key was made.
        Owner::User(user) => (Actor::User(user), role.map_or(Scopes::NONE, |role| role.scopes())),
        Owner::Client(client) => (Actor::Client(client), key.scopes),
    };
    let ends = key.expires_at.unwrap_or_else(|| badgecast_domain::time::Moment::from_ms(i64::MAX));
    Ok(Caller::looked_up(actor, key.organization, key.scopes.and(most), (key.id, Proof::ApiKey), (now, ends)))
}
