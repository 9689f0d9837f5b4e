//! Sign-out asked for by a client (OpenID Connect RP-Initiated Logout 1.0).
//!
//! With the client's own `id_token` about the very person who is signed in here, it happens at once; without, the person
//! is asked. The browser goes back only to an address the client registered.

use actix_web::{
    HttpRequest, HttpResponse,
    http::{StatusCode, header},
    web::Data,
};
use badgecast_console::views::Leave;
use badgecast_domain::id::ClientId;

use super::{
    form::{Form, Posted},
    page::{Page, beyond, carried},
};
use crate::{
    House,
    auth::session,
    problem::Problem,
    tables::{Tx, clients, refresh as families},
};

const PATH: &str = "/oauth/logout";

/// The parameters that its form carries along.
const CARRIED: [&str; 4] = ["post_logout_redirect_uri", "client_id", "state", "id_token_hint"];

/// A client sends a person here to sign out.
pub(crate) async fn ask(house: Data<House>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let page = Page::of(&house, &request).await?;
    let form = Form::parse(request.query_string()).unwrap_or_default();
    let hint = form.get("id_token_hint").and_then(|hint| house.tokens.read_id_token(hint, house.now()));
    let signed_in = session::find(&house, &request).await?;
    match (&signed_in, &hint) {
        (None, _) => finish(&house, &page, &form).await,
        (Some((session, _)), Some(hint)) if hint.sub == session.user => {
            let (user, client_id) = (session.user, hint.aud.clone());
            for family in families::living_of(house.database.read(), user, &client_id).await? {
                let end = async |tx: &Tx| {
                    house
                        .tokens
                        .revoke_family(tx, family.organization, family.id, "logout", house.now())
                        .await
                };
                house.database.write(end).await?;
            }
            let (whose, id) = ((session.organization, user), session.id);
            house.database.write(async |tx: &Tx| session::end(&house, tx, whose, id).await).await?;
            finish(&house, &page, &form).await
        }
        (Some(_), _) => {
            let view = Leave { frame: page.frame(), action: PATH, hidden: carried(&form, &CARRIED) };
            let beyond = form.get("post_logout_redirect_uri").and_then(beyond);
            page.0.page_towards(beyond.as_deref(), &view)
        }
    }
}

/// The person said yes.
pub(crate) async fn decide(
    house: Data<House>,
    request: HttpRequest,
    form: Posted,
) -> Result<HttpResponse, Problem> {
    let page = Page::of(&house, &request).await?;
    let form = match form.of_our_own(&house, &request) {
        Ok(form) => form,
        Err(denied) => return page.broken(&denied),
    };
    if let Some((found, _)) = session::find(&house, &request).await? {
        let (whose, id) = ((found.organization, found.user), found.id);
        house.database.write(async |tx: &Tx| session::end(&house, tx, whose, id).await).await?;
    }
    finish(&house, &page, &form).await
}

/// Nobody is signed in any more: back to the client, if it registered where.
async fn finish(house: &House, page: &Page, form: &Form) -> Result<HttpResponse, Problem> {
    let hint = form.get("id_token_hint").and_then(|hint| house.tokens.read_id_token(hint, house.now()));
    let client_id = hint.map(|hint| hint.aud).or_else(|| form.get("client_id").map(str::to_owned));
    let client = client_id.and_then(|id| id.parse::<ClientId>().ok());
    let mut response = page.says(StatusCode::OK, "leave-done", page.say("leave-done-why"))?;
    if let (Some(client), Some(target)) = (client, form.get("post_logout_redirect_uri"))
        && let Some(client) = clients::find(house.database.read(), client).await?
        && client.redirect_uris.iter().any(|registered| registered == target)
        && let Ok(mut url) = url::Url::parse(target)
    {
        if let Some(state) = form.get("state") {
            url.query_pairs_mut().append_pair("state", state);
        }
        response = HttpResponse::SeeOther().insert_header((header::LOCATION, url.as_str())).finish();
    }
    response.add_cookie(&session::no_cookie(house)).map_err(Problem::internal)?;
    Ok(response)
}
