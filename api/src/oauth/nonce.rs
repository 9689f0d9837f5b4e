//! Nonces for those who have to prove that what they sign is fresh: badges whose clock is wrong, and DPoP clients that do
//! not want to wait for a refusal.

use actix_web::{HttpResponse, http::header, web::Data};
use badgecast_domain::time::Moment;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    House,
    auth::{dpop::DPOP_NONCE, nonce},
    problem::Problem,
};

/// A nonce, and what time it is.
#[derive(Debug, Serialize, ToSchema)]
pub struct Nonce {
    /// To be put into the claim `nonce` as it is.
    nonce: String,
    /// Seconds.
    expires_in: u64,
    /// The server's clock, for those who have none.
    #[schema(value_type = String, format = DateTime)]
    now: Moment,
}

#[utoipa::path(post, path = "/oauth/nonce", tag = "oauth", summary = "A fresh nonce",
    description = "Needs no token. For the claim nonce of a connect assertion or a DPoP proof (there also as DPoP-Nonce).",
    responses((status = 200, body = Nonce)))]
pub(crate) async fn give(house: Data<House>) -> Result<HttpResponse, Problem> {
    let now = house.now();
    let nonce = house.tokens.nonce(now)?;
    Ok(HttpResponse::Ok()
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header((DPOP_NONCE, nonce.as_str()))
        .json(Nonce { nonce, expires_in: nonce::LIFE.as_secs(), now }))
}
