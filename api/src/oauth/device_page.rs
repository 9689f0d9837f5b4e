//! `/device`: a signed-in person types the code a device shows, sees what it is, and says yes or no.
//!
//! One page, three forms: the code, the question, and the sign-in before both. Wrong codes are counted per person, so
//! nobody tries many.

use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web::Data};
use badgecast_domain::access::{Role, Scope as TokenScope};
use zeroize::Zeroizing;

use super::{
    device::{Description, NEW_BADGE, VERIFICATION_PATH},
    form::{Form, Posted},
    login::authenticate,
    page::{self, Text, hidden},
    user_code::UserCode,
};
use crate::{
    House,
    auth::{
        Scope, peer,
        session::{self, Kind},
    },
    problem::Problem,
    tables::{
        Tx, badges,
        device_codes::{self as codes, Waiting},
        login_failures::{self as failures, Attempt},
        people::{self, Person},
    },
};

const PATH: &str = VERIFICATION_PATH;

/// The empty form, or the sign-in before it.
pub(crate) async fn show(house: Data<House>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let form = Form::parse(request.query_string()).unwrap_or_default();
    let code = form.get("user_code").unwrap_or_default();
    Ok(match signed_in(&house, &request).await? {
        Some(_) => ask_code(StatusCode::OK, code, None),
        None => page::sign_in(StatusCode::OK, PATH, &hidden("user_code", code), None),
    })
}

/// A form was sent.
pub(crate) async fn decide(
    house: Data<House>,
    request: HttpRequest,
    form: Posted,
) -> Result<HttpResponse, Problem> {
    let form = match form.of_our_own(&house, &request) {
        Ok(form) => form,
        Err(denied) => return Ok(page::refused(&denied)),
    };
    if form.get("action") == Some("sign_in") {
        return sign_in(&house, &request, &form).await;
    }
    let Some(person) = signed_in(&house, &request).await? else {
        let code = hidden("user_code", form.get("user_code").unwrap_or_default());
        return Ok(page::sign_in(StatusCode::OK, PATH, &code, Some("Sign in first")));
    };
    let waiting = match look_up(&house, &request, &form, &person).await? {
        Ok(waiting) => waiting,
        Err(response) => return Ok(response),
    };
    if waiting.client_id == NEW_BADGE && !may_claim(&person) {
        let text = "Only managers and admins may claim badges. Ask one of them.";
        return Ok(page::says(StatusCode::FORBIDDEN, "Not yours to claim", text));
    }
    match form.get("action") {
        Some("allow") => allow(&house, &form, &waiting, &person).await,
        Some("deny") => {
            house.database.write(async |tx: &Tx| codes::deny(tx, &waiting.hash, house.now()).await).await?;
            Ok(page::says(StatusCode::OK, "Refused", "The device is told so."))
        }
        _ => Ok(question(&form, &waiting, &person)),
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

async fn sign_in(house: &House, request: &HttpRequest, form: &Form) -> Result<HttpResponse, Problem> {
    let (email, password) = (form.get("email").unwrap_or_default(), form.get("password").unwrap_or_default());
    let code = form.get("user_code").unwrap_or_default();
    match authenticate(house, request, email, Zeroizing::new(password.to_owned())).await {
        Ok(person) => {
            let begin = async |tx: &Tx| session::begin(tx, request, house, &person, Kind::Normal).await;
            let secret = house.database.write(begin).await?;
            let mut response = ask_code(StatusCode::OK, code, None);
            response.add_cookie(&session::cookie(&secret, Kind::Normal)).map_err(Problem::internal)?;
            Ok(response)
        }
        Err(problem) => {
            let document = problem.document(None);
            let status = StatusCode::from_u16(document.status).map_err(Problem::internal)?;
            Ok(page::sign_in(status, PATH, &hidden("user_code", code), Some(&document.detail)))
        }
    }
}

/// The device of the code that was typed; or the form again, or a wait after too many wrong ones.
async fn look_up(
    house: &House,
    request: &HttpRequest,
    form: &Form,
    person: &Person,
) -> Result<Result<Waiting, HttpResponse>, Problem> {
    let typed = form.get("user_code").unwrap_or_default();
    let now = house.now();
    let network = peer::network(request, &house.config.trusted_proxies);
    let attempt = Attempt::user_code(person.id);
    if let Some(until) = failures::blocked_until(house.database.read(), &attempt, now).await? {
        let text = format!("Too many wrong codes. Try again in {} s.", until.since(now).as_secs() + 1);
        return Ok(Err(ask_code(StatusCode::TOO_MANY_REQUESTS, typed, Some(&text))));
    }
    if let Ok(code) = typed.parse::<UserCode>()
        && let Some(waiting) = codes::by_user_code(house.database.read(), &code.hash(), now).await?
    {
        return Ok(Ok(waiting));
    }
    let record = async |tx: &Tx| failures::record(tx, &attempt, now).await;
    let failures = house.database.write(record).await?;
    house.watch.mistyped(&failures, person, network);
    house.metrics.auth_failed("user_code");
    Ok(Err(ask_code(
        StatusCode::OK,
        typed,
        Some("No device shows this code now. It changes after five minutes."),
    )))
}

async fn allow(
    house: &House,
    form: &Form,
    waiting: &Waiting,
    person: &Person,
) -> Result<HttpResponse, Problem> {
    let now = house.now();
    let name = form.get("name").filter(|name| name.chars().count() <= 200).map(str::to_owned);
    let description: Description = serde_json::from_str(&waiting.device).unwrap_or_default();
    let scope = Scope::on_page(person.organization, person.id);
    let badge = house
        .database
        .write(async |tx: &Tx| {
            let badge = if waiting.client_id == NEW_BADGE {
                let new = badges::New {
                    name,
                    model: description.model,
                    panel: description.panel.unwrap_or_default(),
                    ..badges::New::default()
                };
                Some(badges::register(tx, &scope, new, now).await?)
            } else {
                None
            };
            let id = badge.as_ref().map(|badge| badge.id);
            codes::approve(tx, &waiting.hash, person.organization, person.id, id, now).await?;
            Ok::<_, Problem>(badge)
        })
        .await?;
    Ok(match badge {
        Some(badge) => {
            let text =
                format!("It is {} now, {}. In a moment it shows its own line.", badge.name, badge.code);
            page::says(StatusCode::OK, "The badge is yours", &text)
        }
        None => page::says(StatusCode::OK, "Done", "Go back to your device; it is signed in."),
    })
}

fn ask_code(status: StatusCode, code: &str, error: Option<&str>) -> HttpResponse {
    let error = error.map(|error| format!("<p class=\"error\" role=\"alert\">{}</p>", Text(error)));
    let body = format!(
        "{error}<p>Type the six letters the device shows.</p>\
         <form method=\"post\" action=\"{PATH}\"><label for=\"user_code\">Code</label>\
         <input id=\"user_code\" name=\"user_code\" value=\"{code}\" autocomplete=\"off\" autocapitalize=\"characters\" \
         spellcheck=\"false\" maxlength=\"10\" required autofocus>\
         <button name=\"action\" value=\"look\">Go on</button></form>",
        error = error.unwrap_or_default(),
        code = Text(code),
    );
    page::page(status, "Connect a device", &body)
}

fn question(form: &Form, waiting: &Waiting, person: &Person) -> HttpResponse {
    let description: Description = serde_json::from_str(&waiting.device).unwrap_or_default();
    let code = hidden("user_code", form.get("user_code").unwrap_or_default());
    let (what, extra) = if waiting.client_id == NEW_BADGE {
        let model = description.model.as_deref().unwrap_or("a badge of unknown model");
        let what =
            format!("<p><strong>{}</strong> wants to become a badge of your organization.</p>", Text(model));
        let extra = "<label for=\"name\">Its name (you can change it later)</label>\
                     <input id=\"name\" name=\"name\" maxlength=\"200\" autocomplete=\"off\">";
        (what, extra)
    } else {
        let what = format!(
            "<p>A command line wants to act <strong>as you</strong>, with: {}.</p>",
            Text(&waiting.scope.and(scopes_of(person.role)).to_string())
        );
        (what, "")
    };
    let body = format!(
        "{what}<p>It asked from the network <strong>{network}</strong>. \
         Say yes only if you hold this device in your hands and started this yourself.</p>\
         <form method=\"post\" action=\"{PATH}\">{code}{extra}\
         <button name=\"action\" value=\"allow\">Yes, connect it</button>\
         <button name=\"action\" value=\"deny\" class=\"no\">No</button></form>",
        network = Text(&waiting.network),
    );
    page::page(StatusCode::OK, "Is this your device?", &body)
}

fn scopes_of(role: Role) -> badgecast_domain::access::Scopes {
    role.scopes()
}
