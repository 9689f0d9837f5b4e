//! Who asks: what a verified access token says, read once at the door of a request.

use std::{
    future::{Ready, ready},
    sync::Arc,
};

use actix_web::{FromRequest, HttpRequest, dev::Payload, http::header, web::Data};
use badgecast_domain::{
    access::{Scope as TokenScope, Scopes},
    id::{BadgeId, ClientId, OrganizationId, TokenId, UserId},
    time::Moment,
    token::{Audience, Claims},
};

use super::Actor;
use crate::{House, problem::Problem};

/// The bearer of a verified access token.
#[derive(Debug, Clone)]
pub struct Caller {
    actor: Actor,
    claims: Arc<Claims>,
}

impl Caller {
    /// From claims that were verified, revocation included. A subject that is its own client is a badge or an
    /// integration; any other subject is a person.
    #[must_use]
    pub fn of(claims: Arc<Claims>) -> Self {
        let own_client = claims.client_id == claims.sub.to_string();
        let actor = match own_client {
            true if claims.scope.contains(TokenScope::DeviceConnect) => {
                Actor::Badge(BadgeId::from_uuid(claims.sub))
            }
            true => Actor::Client(ClientId::from_uuid(claims.sub)),
            false => Actor::User(UserId::from_uuid(claims.sub)),
        };
        Self { actor, claims }
    }

    #[must_use]
    pub const fn actor(&self) -> Actor {
        self.actor
    }

    #[must_use]
    pub fn organization(&self) -> OrganizationId {
        self.claims.org
    }

    #[must_use]
    pub fn scopes(&self) -> Scopes {
        self.claims.scope
    }

    #[must_use]
    pub fn token(&self) -> TokenId {
        self.claims.jti
    }

    #[must_use]
    pub fn claims(&self) -> &Claims {
        &self.claims
    }

    #[must_use]
    pub fn expires_at(&self) -> Moment {
        Moment::from_s(self.claims.exp)
    }

    /// Whether the token still counts: asked by whoever serves a long answer.
    #[must_use]
    pub fn is_still_good(&self, house: &House) -> bool {
        house.tokens.still_good(&self.claims, house.now()).is_ok()
    }
}

impl FromRequest for Caller {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(bearer(request))
    }
}

/// RFC 6750 section 2.1: the token comes in the header, and nowhere else.
fn bearer(request: &HttpRequest) -> Result<Caller, Problem> {
    let house = request.app_data::<Data<House>>().ok_or_else(|| Problem::internal("no house"))?;
    if has_token_in(request.query_string()) {
        house.metrics.auth_failed("query");
        return Err(Problem::bad_request(
            "An access token in the address ends up in logs: send it as a header",
        ));
    }
    let mut values = request.headers().get_all(header::AUTHORIZATION);
    let (Some(value), None) = (values.next(), values.next()) else {
        house.metrics.auth_failed("missing");
        return Err(Problem::no_token());
    };
    let sent = value.to_str().ok().and_then(|value| value.split_once(' '));
    let Some(token) =
        sent.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer")).map(|(_, token)| token.trim())
    else {
        house.metrics.auth_failed("scheme");
        return Err(Problem::no_token());
    };
    match house.tokens.verify(token, Audience::Api, house.now()) {
        Ok(claims) => Ok(Caller::of(claims)),
        Err(refused) => {
            house.metrics.auth_failed(refused.reason());
            Err(Problem::invalid_token(refused.to_string()))
        }
    }
}

fn has_token_in(query: &str) -> bool {
    query.split('&').any(|pair| pair.split('=').next() == Some("access_token"))
}
