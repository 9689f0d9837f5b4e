//! How a request shows who asks: an access token or an API key in the `Authorization` header (RFC 6750 section 2.1),
//! beside a proof if the token is bound to a key (RFC 9449).
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
use badgecast_domain::{
    access::Scopes,
    token::{Audience, Confirmation},
};

use super::{
    Actor, Caller, Refused,
    api_key::ApiKey,
    dpop::{self, Wrong},
    light,
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
    let shown = shown(request.headers()).inspect_err(|_| house.metrics.auth_failed("scheme"))?;
    let network = peer::network(request, &house.config.trusted_proxies);
    let caller = match shown {
        None => session::caller(house, request).await?.ok_or_else(|| {
            house.metrics.auth_failed("missing");
            Problem::no_token()
        })?,
        Some((scheme, text)) => match ApiKey::recognize(text) {
            Some(key) if scheme == Scheme::Bearer => by_api_key(house, key?).await?,
            _ => by_token(house, request, (scheme, text), network).await?,
        },
    };
    house.watch.used(&caller, network, house.now()).map_err(Problem::too_many)?;
    Ok(caller)
}

fn has_token(query: &str) -> bool {
    query.split('&').any(|pair| pair.split('=').next() == Some("access_token"))
}

/// How a token is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scheme {
    Bearer,
    /// RFC 9449 section 7.1.
    Dpop,
}

/// What the `Authorization` header shows, if there is one.
fn shown(headers: &HeaderMap) -> Result<Option<(Scheme, &str)>, Problem> {
    let mut values = headers.get_all(header::AUTHORIZATION);
    let Some(value) = values.next() else { return Ok(None) };
    if values.next().is_some() {
        return Err(Problem::bad_request("There are several Authorization headers"));
    }
    let (scheme, text) =
        value.to_str().ok().and_then(|text| text.split_once(' ')).ok_or_else(Problem::no_token)?;
    let schemes = [("bearer", Scheme::Bearer), ("dpop", Scheme::Dpop)];
    let known = schemes.into_iter().find(|(name, _)| scheme.eq_ignore_ascii_case(name));
    let (_, scheme) = known.ok_or_else(Problem::unknown_scheme)?;
    Ok(Some((scheme, text.trim())))
}

async fn by_token(
    house: &House,
    request: &HttpRequest,
    (scheme, token): (Scheme, &str),
    network: Network,
) -> Result<Caller, Problem> {
    let now = house.now();
    let claims = match light::verify(house, token, Audience::Api, now).await {
        Ok(claims) => claims,
        Err(refused) => {
            house.metrics.auth_failed(refused.reason());
            if refused == Refused::Revoked
                && let Some(claims) = light::revoked(house, token, Audience::Api, now).await
            {
                house.watch.revoked(&Caller::of(&claims), network, now);
            }
            return Err(match refused {
                Refused::Unavailable => Problem::unavailable("The token could not be looked up"),
                refused => Problem::invalid_token(refused.to_string()),
            });
        }
    };
    match (scheme, &claims.cnf) {
        (Scheme::Bearer, None) => {}
        (Scheme::Dpop, Some(Confirmation { jkt })) => {
            let proven = dpop::with_token(house, request, token, jkt).await;
            proven.inspect_err(|wrong| {
                house.metrics.auth_failed(wrong.reason());
                if matches!(wrong, Wrong::Replayed) {
                    house.watch.replayed(claims.org, Caller::of(&claims).actor(), network, now);
                }
            })?;
        }
        (Scheme::Bearer, Some(_)) => {
            house.metrics.auth_failed("dpop_missing");
            return Err(Problem::unproven(
                "invalid_token",
                "the token is bound to a key: send it as DPoP, with a proof",
            ));
        }
        (Scheme::Dpop, None) => {
            house.metrics.auth_failed("dpop_unbound");
            return Err(Problem::unproven(
                "invalid_token",
                "the token is not bound to a key: send it as Bearer",
            ));
        }
    }
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
