//! Userinfo (OpenID Connect Core section 5.3): what the person let the client know of them.

use actix_web::{HttpResponse, web::Data};
use badgecast_domain::access::Scope;
use serde_json::json;

use crate::{
    House,
    auth::Caller,
    problem::Problem,
    tables::{people, refresh as families},
};

#[utoipa::path(get, path = "/oauth/userinfo", tag = "oauth", summary = "Who signed in",
    responses((status = 200, description = "sub, and name and email if allowed"), (status = 401), (status = 403)))]
pub(crate) async fn userinfo(house: Data<House>, caller: Caller) -> Result<HttpResponse, Problem> {
    let db = house.database.read();
    // The token does not carry what only concerns this endpoint; the login it came from knows.
    let family = families::family_of(db, caller.token()).await?;
    let family = family.filter(|family| family.scope.contains(Scope::OpenId));
    let family = family.ok_or_else(|| Problem::insufficient_scope(Scope::OpenId))?;
    let person = people::of_token(db, family.organization, family.user).await?;
    let mut body = json!({"sub": person.id});
    if family.scope.contains(Scope::Profile) {
        body["name"] = json!(person.name);
    }
    if family.scope.contains(Scope::Email) {
        body["email"] = json!(person.email);
        // An admin typed it; nobody has checked that mail arrives there.
        body["email_verified"] = json!(false);
    }
    Ok(HttpResponse::Ok().json(body))
}
