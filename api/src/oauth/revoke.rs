//! Revocation by whoever holds a token (RFC 7009): always 200, whether or not there was such a token.

use actix_web::{HttpRequest, HttpResponse, web::Data};

use super::{
    form::Posted,
    party::Party,
    shown::{is_access, of_any_audience},
};
use crate::{
    House,
    auth::{revocation::Whom, secret::hash},
    problem::oauth::Denied,
    tables::{Tx, refresh as families},
};

#[utoipa::path(post, path = "/oauth/revoke", tag = "oauth", summary = "Revoke a token",
    responses((status = 200, description = "It does not count any more"), (status = 401, description = "invalid_client")))]
pub(crate) async fn revoke(house: Data<House>, request: HttpRequest, form: Posted) -> HttpResponse {
    match end(&house, &request, form).await {
        Ok(()) => HttpResponse::Ok().finish(),
        Err(denied) => denied.answer(),
    }
}

/// A refresh token ends its family; an access token ends alone. Only the client it was given to may end it.
async fn end(house: &House, request: &HttpRequest, form: Posted) -> Result<(), Denied> {
    let form = form.0?;
    let party = Party::of(house, request, &form).await?;
    let (shown, client_id, now) = (form.need("token")?, party.id(), house.now());
    // The hint of the request is not needed: the token itself tells.
    if !is_access(shown) {
        let shown = hash(shown);
        return house
            .database
            .write(async |tx: &Tx| {
                let Some(token) = families::find(tx, &shown).await? else { return Ok(()) };
                let Some(family) = families::lock_family(tx, token.family).await? else { return Ok(()) };
                if family.client_id == client_id {
                    house.tokens.revoke_family(tx, family.organization, family.id, "logout", now).await?;
                }
                Ok(())
            })
            .await;
    }
    match of_any_audience(house, shown, now).await? {
        Some(claims) if claims.client_id == client_id => {
            house
                .database
                .write(async |tx: &Tx| {
                    Ok(house.tokens.revoke(tx, claims.org, Whom::Token(claims.jti), now).await?)
                })
                .await
        }
        _ => Ok(()),
    }
}
