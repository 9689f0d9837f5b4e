//! What a person sees of the authorization endpoint: sign in, then allow or refuse.
//!
//! Both forms carry the client's whole request along, so nothing is kept before somebody decided. A form counts only
//! when it comes from our own page, see [`Posted::of_our_own`].

use std::time::Duration;

use actix_web::{HttpRequest, HttpResponse, web::Data};
use badgecast_console::views::Consent;
use badgecast_domain::access::Scopes;
use zeroize::Zeroizing;

use super::{
    authorize::{PATH, Prompt, Refused, Request, back, back_denied},
    form::{Form, Posted},
    login::authenticate,
    page::{Page, beyond, carried},
};
use crate::{
    House,
    auth::{
        secret::Secret,
        session::{self, Kind},
    },
    problem::{
        Problem,
        oauth::{Code, Denied},
    },
    tables::{
        Tx,
        authorization_codes::{self as codes, Code as Row},
        people::{self, Person},
        sessions::Session,
    },
};

/// How long a code may be exchanged.
const CODE_LIFE: Duration = Duration::from_secs(60);

/// The parameters of a request that its forms carry along.
const CARRIED: [&str; 12] = [
    "response_type",
    "client_id",
    "redirect_uri",
    "scope",
    "state",
    "nonce",
    "code_challenge",
    "code_challenge_method",
    "dpop_jkt",
    "prompt",
    "max_age",
    "response_mode",
];

/// A client sends a person here.
pub(crate) async fn ask(house: Data<House>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let page = Page::of(&house, &request).await?;
    let form = match Form::parse(request.query_string()) {
        Ok(form) => form,
        Err(denied) => return page.broken(&denied),
    };
    let asked = match Request::read(&house, &form).await {
        Ok(asked) => asked,
        Err(refused) => return refuse(&house, &page, refused),
    };
    let signed_in = signed_in(&house, &request, &asked).await?;
    match (signed_in, asked.prompt) {
        (None, Prompt::None) => Ok(to_client(&house, &asked, Code::LoginRequired, "Nobody is signed in")),
        (Some(_), Prompt::None) => {
            Ok(to_client(&house, &asked, Code::ConsentRequired, "The person has to be asked"))
        }
        (Some((_, person)), Prompt::Default) => consent(&page, &asked, &form, &person),
        (None, _) | (Some(_), Prompt::Login) => page.sign_in(PATH, carried(&form, &CARRIED), None),
    }
}

/// The person signed in, allowed or refused.
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
    let asked = match Request::read(&house, &form).await {
        Ok(asked) => asked,
        Err(refused) => return refuse(&house, &page, refused),
    };
    match form.get("action") {
        Some("sign_in") => sign_in(&house, &request, &page, &form, &asked).await,
        Some("deny") => Ok(to_client(&house, &asked, Code::AccessDenied, "The person refused")),
        Some("allow") => match fresh(&house, &request, &asked).await? {
            Some((session, person)) => allow(&house, &asked, &session, &person).await,
            None => page.sign_in(PATH, carried(&form, &CARRIED), Some(page.say("sign-in-again"))),
        },
        _ => page.broken(&Denied::request("The form says nothing")),
    }
}

async fn sign_in(
    house: &House,
    request: &HttpRequest,
    page: &Page,
    form: &Form,
    asked: &Request,
) -> Result<HttpResponse, Problem> {
    let (email, password) = (form.get("email").unwrap_or_default(), form.get("password").unwrap_or_default());
    match authenticate(house, request, email, Zeroizing::new(password.to_owned())).await {
        Ok(person) => {
            let begin = async |tx: &Tx| session::begin(tx, request, house, &person, Kind::Normal).await;
            let secret = house.database.write(begin).await?;
            let mut response = consent(page, asked, form, &person)?;
            response.add_cookie(&session::cookie(house, &secret, Kind::Normal)).map_err(Problem::internal)?;
            Ok(response)
        }
        Err(problem) => page.not_let_in(&problem, PATH, carried(form, &CARRIED), email),
    }
}

/// Gives the client its code.
async fn allow(
    house: &House,
    asked: &Request,
    session: &Session,
    person: &Person,
) -> Result<HttpResponse, Problem> {
    let now = house.now();
    let code = Secret::random();
    let row = Row {
        organization: person.organization,
        client: asked.client.id,
        user: person.id,
        scope: granted(asked, person),
        redirect_uri: asked.redirect_uri.clone(),
        challenge: asked.challenge.clone(),
        key: asked.key.clone(),
        nonce: asked.nonce.clone(),
        auth_time: session.auth_time,
        created_at: now,
        expires_at: now.plus(CODE_LIFE),
        used_at: None,
        family: None,
    };
    house.database.write(async |tx: &Tx| codes::insert(tx, &code.hash(), &row).await).await?;
    Ok(back(house, &asked.redirect_uri, asked.state.as_deref(), &[("code", code.reveal())]))
}

/// What was asked for, as far as the person has it to give.
fn granted(asked: &Request, person: &Person) -> Scopes {
    asked.scope.and(person.role.scopes().or(Scopes::IDENTITY))
}

/// Who is signed in, with a session that may decide this.
async fn signed_in(
    house: &House,
    request: &HttpRequest,
    asked: &Request,
) -> Result<Option<(Session, Person)>, Problem> {
    let Some((session, _)) = session::find(house, request).await? else { return Ok(None) };
    // A remembered session is for one badge only, and a client is of one organization.
    if session.remembered || session.organization != asked.client.organization {
        return Ok(None);
    }
    let age = house.now().since(session.auth_time);
    if asked.max_age.is_some_and(|max_age| age > Duration::from_secs(max_age)) {
        return Ok(None);
    }
    let person = people::of_token(house.database.read(), session.organization, session.user).await?;
    Ok(Some((session, person)))
}

/// The same, for the decision itself: after `prompt=login` the sign-in has to be a recent one.
async fn fresh(
    house: &House,
    request: &HttpRequest,
    asked: &Request,
) -> Result<Option<(Session, Person)>, Problem> {
    let recent = Duration::from_secs(5 * 60);
    let found = signed_in(house, request, asked).await?;
    let late = |session: &Session| house.now().since(session.auth_time) > recent;
    Ok(found.filter(|(session, _)| asked.prompt != Prompt::Login || !late(session)))
}

fn consent(page: &Page, asked: &Request, form: &Form, person: &Person) -> Result<HttpResponse, Problem> {
    let target = url::Url::parse(&asked.redirect_uri).ok();
    let view = Consent {
        frame: page.frame(),
        action: PATH,
        hidden: carried(form, &CARRIED),
        person: &person.name,
        client: &asked.client.name,
        host: target.as_ref().and_then(url::Url::host_str),
        wishes: page.wishes(granted(asked, person)),
    };
    page.0.page_towards(beyond(&asked.redirect_uri).as_deref(), &view)
}

fn refuse(house: &House, page: &Page, refused: Refused) -> Result<HttpResponse, Problem> {
    match refused {
        Refused::Here(denied) => page.broken(&denied),
        Refused::There { redirect_uri, state, denied } => {
            Ok(back_denied(house, &redirect_uri, state.as_deref(), &denied))
        }
    }
}

fn to_client(house: &House, asked: &Request, code: Code, description: &'static str) -> HttpResponse {
    let denied = Denied::new(code, description);
    back_denied(house, &asked.redirect_uri, asked.state.as_deref(), &denied)
}
