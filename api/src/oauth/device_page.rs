//! `/device`: a signed-in person types the code a device shows, sees what it is, and says yes or no.
//!
//! One page, three forms: the code, the question, and the sign-in before both. Wrong codes are counted per person, so
//! nobody tries many.

use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web::Data};
use badgecast_console::{
    parts::Hidden,
    views::{Device, DeviceCode, DeviceQuestion},
};
use badgecast_domain::access::Scope as TokenScope;
use zeroize::Zeroizing;

use super::{
    device::VERIFICATION_PATH,
    form::{Form, Posted},
    joining::{self, Astray},
    login::authenticate,
    page::{Page, carried},
};
use crate::{
    House,
    auth::{
        Scope,
        session::{self, Kind},
    },
    problem::Problem,
    tables::{
        Tx, badges,
        device_codes::Waiting,
        people::{self, Person},
    },
};

const PATH: &str = VERIFICATION_PATH;

/// The empty form, or the sign-in before it.
pub(crate) async fn show(house: Data<House>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let page = Page::of(&house, &request).await?;
    let form = Form::parse(request.query_string()).unwrap_or_default();
    match signed_in(&house, &request).await? {
        Some(_) => ask_code(&page, StatusCode::OK, form.get("user_code").unwrap_or_default(), None),
        None => page.sign_in(PATH, code(&form), None),
    }
}

/// A form was sent.
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
    if form.get("action") == Some("sign_in") {
        return sign_in(&house, &request, &page, &form).await;
    }
    let Some(person) = signed_in(&house, &request).await? else {
        return page.sign_in(PATH, code(&form), Some(page.say("sign-in-first")));
    };
    let waiting = match look_up(&house, &request, &page, &form, &person).await? {
        Ok(waiting) => waiting,
        Err(response) => return Ok(response),
    };
    if joining::is_badge(&waiting) && !may_claim(&person) {
        let why = page.say("device-not-yours-why");
        return page.says(StatusCode::FORBIDDEN, "device-not-yours", why);
    }
    match form.get("action") {
        Some("allow") => allow(&house, &page, &form, &waiting, &person).await,
        Some("deny") => {
            joining::refuse(&house, &waiting).await?;
            page.says(StatusCode::OK, "device-refused", page.say("device-refused-why"))
        }
        _ => question(&page, &form, &waiting, &person),
    }
}

fn may_claim(person: &Person) -> bool {
    person.role.scopes().contains(TokenScope::BadgesWrite)
}

async fn signed_in(house: &House, request: &HttpRequest) -> Result<Option<Person>, Problem> {
    let Some((session, _)) = session::find(house, request).await? else { return Ok(None) };
    if session.remembered {
        return Ok(None);
    }
    Ok(Some(people::of_token(house.database.read(), session.organization, session.user).await?))
}

async fn sign_in(
    house: &House,
    request: &HttpRequest,
    page: &Page,
    form: &Form,
) -> Result<HttpResponse, Problem> {
    let (email, password) = (form.get("email").unwrap_or_default(), form.get("password").unwrap_or_default());
    match authenticate(house, request, email, Zeroizing::new(password.to_owned())).await {
        Ok(person) => {
            let begin = async |tx: &Tx| session::begin(tx, request, house, &person, Kind::Normal).await;
            let secret = house.database.write(begin).await?;
            let typed = form.get("user_code").unwrap_or_default();
            let mut response = ask_code(page, StatusCode::OK, typed, None)?;
            response.add_cookie(&session::cookie(house, &secret, Kind::Normal)).map_err(Problem::internal)?;
            Ok(response)
        }
        Err(problem) => page.not_let_in(&problem, PATH, code(form), email),
    }
}

/// The device of the code that was typed; or the form again, or a wait after too many wrong ones.
async fn look_up(
    house: &House,
    request: &HttpRequest,
    page: &Page,
    form: &Form,
    person: &Person,
) -> Result<Result<Waiting, HttpResponse>, Problem> {
    let typed = form.get("user_code").unwrap_or_default();
    match joining::look_up(house, request, person, typed).await? {
        Ok(waiting) => Ok(Ok(waiting)),
        Err(Astray::Blocked { until }) => {
            let seconds = until.since(house.now()).as_secs() + 1;
            let wait = page.frame().say("device-wait").with("seconds", seconds).to_string();
            ask_code(page, StatusCode::TOO_MANY_REQUESTS, typed, Some(wait)).map(Err)
        }
        Err(_) => ask_code(page, StatusCode::OK, typed, Some(page.say("device-wrong"))).map(Err),
    }
}

async fn allow(
    house: &House,
    page: &Page,
    form: &Form,
    waiting: &Waiting,
    person: &Person,
) -> Result<HttpResponse, Problem> {
    let now = house.now();
    let name = form.get("name").filter(|name| name.chars().count() <= 200).map(str::to_owned);
    let scope = Scope::on_page(person.organization, person.id);
    let new = badges::New { name, ..badges::New::default() };
    let admit = async |tx: &Tx| joining::admit(tx, &scope, person, waiting, new.clone(), now).await;
    let badge = house.database.change(&scope, admit).await?;
    match badge {
        Some(badge) => {
            let said = page.frame().say("device-claimed-why").with("name", badge.name);
            let why = said.with("code", badge.code.to_string()).to_string();
            page.says(StatusCode::OK, "device-claimed", why)
        }
        None => page.says(StatusCode::OK, "device-done", page.say("device-done-why")),
    }
}

/// The code that was typed, to go along with the next form.
fn code(form: &Form) -> Vec<Hidden> {
    carried(form, &["user_code"])
}

fn ask_code(
    page: &Page,
    status: StatusCode,
    code: &str,
    error: Option<String>,
) -> Result<HttpResponse, Problem> {
    page.0.page_as(status, &DeviceCode { frame: page.frame(), action: PATH, code, error })
}

fn question(page: &Page, form: &Form, waiting: &Waiting, person: &Person) -> Result<HttpResponse, Problem> {
    let description = joining::described(waiting);
    let asks = if joining::is_badge(waiting) {
        Device::Badge { model: description.model.as_deref() }
    } else {
        Device::Program { wishes: page.wishes(waiting.scope.and(person.role.scopes())) }
    };
    page.0.page(&DeviceQuestion {
        frame: page.frame(),
        action: PATH,
        hidden: code(form),
        asks,
        network: &waiting.network,
    })
}
