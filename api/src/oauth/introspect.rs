//! Introspection (RFC 7662): what a token is worth right now, for clients that cannot or will not verify it.

use actix_web::{HttpRequest, HttpResponse, http::header, web::Data};
use badgecast_domain::id::OrganizationId;
use serde_json::{Value, json};

use super::{
    form::Posted,
    party::Party,
    shown::{is_access, of_any_audience},
};
use crate::{House, auth::secret::hash, problem::oauth::Denied, tables::refresh as families};

#[utoipa::path(post, path = "/oauth/introspect", tag = "oauth", summary = "What a token is worth",
    responses((status = 200, description = "RFC 7662"), (status = 401, description = "invalid_client")))]
pub(crate) async fn introspect(house: Data<House>, request: HttpRequest, form: Posted) -> HttpResponse {
    match look(&house, &request, form).await {
        Ok(body) => HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "no-store")).json(body),
        Err(denied) => denied.answer(),
    }
}

/// Only clients that prove themselves may ask, and only about tokens of their own organization; everything else is
/// just not active.
async fn look(house: &House, request: &HttpRequest, form: Posted) -> Result<Value, Denied> {
    let form = form.0?;
    let asker = match Party::of(house, request, &form).await? {
        Party::Client(client) if client.confidential => client,
        _ => return Err(Denied::client()),
    };
    let shown = form.need("token")?;
    let found = if is_access(shown) {
        access(house, shown, asker.organization).await?
    } else {
        refresh(house, shown, &asker.id.to_string()).await?
    };
    Ok(found.unwrap_or_else(|| json!({"active": false})))
}

async fn access(house: &House, shown: &str, organization: OrganizationId) -> Result<Option<Value>, Denied> {
    let now = house.now();
    let verified = of_any_audience(house, shown, now).await?;
    let Some(claims) = verified.filter(|claims| claims.org == organization) else { return Ok(None) };
    let mut body = json!(*claims);
    body["active"] = json!(true);
    body["token_type"] = json!(claims.token_type());
    // When the person signed in (RFC 9470 section 6.2).
    if let Some(family) = families::family_of(house.database.read(), claims.jti).await? {
        body["auth_time"] = json!(family.auth_time.s());
    }
    Ok(Some(body))
}

/// A refresh token is the business of the client it was given to.
async fn refresh(house: &House, shown: &str, client_id: &str) -> Result<Option<Value>, Denied> {
    let (db, now) = (house.database.read(), house.now());
    let Some(token) = families::find(db, &hash(shown)).await? else { return Ok(None) };
    let Some(family) = families::family(db, token.family).await? else { return Ok(None) };
    let usable = token.used_at.is_none() && token.killed_at.is_none() && token.expires_at > now;
    if !usable || family.revoked_at.is_some() || family.client_id != client_id {
        return Ok(None);
    }
    Ok(Some(json!({
        "active": true,
        "token_type": "refresh_token",
        "client_id": family.client_id,
        "sub": family.user,
        "scope": family.scope,
        "iss": house.tokens.issuer(),
        "iat": token.issued_at.s(),
        "exp": token.expires_at.s(),
        "auth_time": family.auth_time.s(),
    })))
}
