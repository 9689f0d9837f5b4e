//! Sessions of browsers: sign in and out by cookie, and the person's own list of where they are signed in.

use actix_web::{HttpRequest, HttpResponse, web::Data};
use badgecast_domain::{access::Scopes, time::Moment};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::body::{At, Body, List};
use crate::{
    House,
    auth::{
        Actor, Caller, Scope,
        password::Password,
        session::{self, Kind},
    },
    oauth::login::authenticate,
    problem::Problem,
    tables::{Tx, badges, sessions},
};

/// Who signs in, in a browser.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSession {
    email: String,
    #[schema(value_type = String)]
    password: Password,
    /// Stay signed in for 90 days, only to change one's own badge.
    #[serde(default)]
    remember: bool,
}

impl std::fmt::Debug for NewSession {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("NewSession(..)")
    }
}

/// A session of the caller.
#[derive(Debug, Serialize, ToSchema)]
pub struct Session {
    id: Uuid,
    /// The one this request came with.
    current: bool,
    remembered: bool,
    #[schema(value_type = String)]
    scope: Scopes,
    user_agent: String,
    network: String,
    #[schema(value_type = String, format = DateTime)]
    created_at: Moment,
    #[schema(value_type = String, format = DateTime)]
    last_used_at: Moment,
    #[schema(value_type = String, format = DateTime)]
    expires_at: Moment,
}

#[utoipa::path(post, path = "/api/v1/session", tag = "login", summary = "Sign in with a cookie, for browsers",
    description = "Sets __Host-sid (without TLS: sid). Requests with the cookie need Sec-Fetch-Site: same-origin, or the same Origin, and to change anything the header X-Badgecast.",
    request_body = NewSession, responses((status = 204, description = "Signed in"), (status = 401), (status = 429)))]
pub async fn sign_in(
    house: Data<House>,
    request: HttpRequest,
    body: Body<NewSession>,
) -> Result<HttpResponse, Problem> {
    // A foreign page must not sign a person in under another name either.
    if !session::is_own(&house, &request) || !request.headers().contains_key(session::HEADER) {
        return Err(Problem::not_allowed("Sign in from our own pages only"));
    }
    let NewSession { email, password, remember } = body.value;
    let person = authenticate(&house, &request, &email, password).await?;
    let kind = if remember {
        let scope = Scope::on_page(person.organization, person.id).owned();
        let badge = badges::owned(house.database.read(), &scope, house.now()).await;
        let badge = badge.map_err(|_| Problem::not_allowed("Only who owns a badge can stay signed in"))?;
        Kind::Remembered(badge.id)
    } else {
        Kind::Normal
    };
    let begin = async |tx: &Tx| session::begin(tx, &request, &house, &person, kind).await;
    let secret = house.database.write(begin).await?;
    let mut response = HttpResponse::NoContent().finish();
    response.add_cookie(&session::cookie(&house, &secret, kind)).map_err(Problem::internal)?;
    Ok(response)
}

#[utoipa::path(delete, path = "/api/v1/session", tag = "login", summary = "Sign out",
    responses((status = 204, description = "Signed out")))]
pub async fn sign_out(house: Data<House>, caller: Caller) -> Result<HttpResponse, Problem> {
    let Actor::User(user) = caller.actor() else { return Err(Problem::not_found()) };
    let (whose, id) = ((caller.organization(), user), caller.token().uuid());
    house.database.write(async |tx: &Tx| session::end(&house, tx, whose, id).await).await?;
    let mut response = HttpResponse::NoContent().finish();
    response.add_cookie(&session::no_cookie(&house)).map_err(Problem::internal)?;
    Ok(response)
}

#[utoipa::path(get, path = "/api/v1/me/sessions", tag = "me", summary = "Where the caller is signed in",
    responses((status = 200, description = "{items, next}", body = Session)))]
pub async fn list(house: Data<House>, caller: Caller) -> Result<HttpResponse, Problem> {
    let Actor::User(user) = caller.actor() else { return Err(Problem::not_found()) };
    let rows = sessions::of_user(house.database.read(), user, house.now()).await?;
    let current = caller.token().uuid();
    let items = rows.into_iter().map(|row| {
        let sessions::Session {
            id, remembered, scope, user_agent, network, created_at, last_used_at, ..
        } = row;
        let (current, expires_at) = (id == current, row.expires_at);
        Session { id, current, remembered, scope, user_agent, network, created_at, last_used_at, expires_at }
    });
    Ok(HttpResponse::Ok().json(List { items: items.collect::<Vec<_>>(), next: None }))
}

#[utoipa::path(delete, path = "/api/v1/me/sessions/{id}", tag = "me", summary = "End one of the caller's sessions",
    responses((status = 204), (status = 404, body = crate::problem::Document)))]
pub async fn end(house: Data<House>, caller: Caller, at: At<Uuid>) -> Result<HttpResponse, Problem> {
    let Actor::User(user) = caller.actor() else { return Err(Problem::not_found()) };
    let whose = (caller.organization(), user);
    house.database.write(async |tx: &Tx| session::end(&house, tx, whose, at.0).await).await?;
    Ok(HttpResponse::NoContent().finish())
}
