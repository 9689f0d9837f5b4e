//! The public keys (RFC 7517 section 5).

use actix_web::{
    HttpResponse,
    http::header::{CacheControl, CacheDirective},
    web::Data,
};

use crate::House;

/// How long the set may be kept, in seconds: far less than a new key is public before it signs.
const MAX_AGE_S: u32 = 300;

#[utoipa::path(get, path = "/oauth/jwks.json", tag = "oauth", summary = "Public keys of the access tokens",
    responses((status = 200, description = "A JWK set")))]
pub(crate) async fn jwks(house: Data<House>) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header(CacheControl(vec![CacheDirective::Public, CacheDirective::MaxAge(MAX_AGE_S)]))
        .json(house.tokens.jwks(house.now()))
}
