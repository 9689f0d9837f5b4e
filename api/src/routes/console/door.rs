//! `/sign-in` and `/sign-out`.

use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web::Data};
use badgecast_console::{Frame, Notice, parts::Hidden, views::SignIn};
use zeroize::Zeroizing;

use super::{Guest, Press, Visitor, see_other, see_other_saying};
use crate::{
    House,
    auth::{
        Scope,
        session::{self, Kind},
    },
    oauth::login::authenticate,
    problem::Problem,
    routes::body::Query,
    tables::{Tx, badges, people::Person},
};

/// Where it stands.
pub const SIGN_IN: &str = "/sign-in";

/// Where to go on afterwards.
#[derive(Debug, serde::Deserialize)]
pub struct Way {
    next: Option<String>,
    /// Somebody is signed in, but too long ago for what they want.
    again: Option<String>,
}

/// The address of the sign-in that leads on to `next`.
#[must_use]
pub fn on_the_way_to(next: &str, again: bool) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.append_pair("next", next);
    if again {
        query.append_pair("again", "yes");
    }
    format!("{SIGN_IN}?{}", query.finish())
}

/// A path of this server, and never an address of another.
#[must_use]
pub fn inside(path: Option<&str>) -> &str {
    let plain = |path: &&str| {
        path.starts_with('/')
            && !path.starts_with("//")
            && !path.contains('\\')
            && !path.chars().any(char::is_control)
    };
    path.filter(plain).unwrap_or("/")
}

pub async fn ask(guest: Guest, way: Query<Way>) -> Result<HttpResponse, Problem> {
    let again = way.0.again.is_some() && guest.visitor.is_some();
    guest.page(&form(&guest.frame, inside(way.0.next.as_deref()), String::new(), None, again))
}

fn form<'a>(frame: &'a Frame, next: &str, email: String, error: Option<String>, again: bool) -> SignIn<'a> {
    let hidden = vec![Hidden::new("next", next)];
    SignIn { frame, action: SIGN_IN, hidden, error, email, may_stay: !again, again }
}

pub async fn sign_in(
    house: Data<House>,
    request: HttpRequest,
    press: Press<Guest>,
) -> Result<HttpResponse, Problem> {
    let Press { who: guest, fields, .. } = press;
    let next = inside(fields.get("next"));
    let email = fields.text("email");
    let password = Zeroizing::new(fields.text("password"));
    let person = match authenticate(&house, &request, &email, password).await {
        Ok(person) => person,
        Err(problem) => {
            let error = Some(why_not(&guest.frame, &problem)?);
            return guest.page_as(problem.status(), &form(&guest.frame, next, email, error, false));
        }
    };
    let kind = kind(&house, &person, fields.is_checked("remember")).await?;
    let before = guest.visitor.as_ref().map(|(caller, person)| (caller.token(), person.clone()));
    let secret = house
        .database
        .write(async |tx: &Tx| {
            if let Some((old, person)) = before {
                // It may have ended meanwhile.
                let whose = (person.organization, person.id);
                let _ = session::end(&house, tx, whose, old.uuid()).await;
            }
            session::begin(tx, &request, &house, &person, kind).await
        })
        .await?;
    let stayed = fields.is_checked("remember") == matches!(kind, Kind::Remembered(_));
    let mut response =
        if stayed { see_other(next) } else { see_other_saying(&house, next, &Notice::of("said-no-badge"))? };
    response.add_cookie(&session::cookie(&house, &secret, kind)).map_err(Problem::internal)?;
    Ok(response)
}

/// A session for long is for the own badge: without one, it is for a day.
async fn kind(house: &House, person: &Person, remember: bool) -> Result<Kind, Problem> {
    if !remember {
        return Ok(Kind::Normal);
    }
    let scope = Scope::on_page(person.organization, person.id).owned();
    match badges::owned(house.database.read(), &scope, house.now()).await {
        Ok(badge) => Ok(Kind::Remembered(badge.id)),
        Err(crate::tables::Error::NotFound) => Ok(Kind::Normal),
        Err(error) => Err(error.into()),
    }
}

/// Why somebody was not let in, in their words.
///
/// # Errors
/// It is nothing they could do anything about.
pub(crate) fn why_not(frame: &Frame, problem: &Problem) -> Result<String, Problem> {
    let said = match (problem.status(), problem.retry_after()) {
        (_, Some(wait)) => {
            let seconds = wait.as_millis().div_ceil(1_000).max(1);
            frame.say("sign-in-wait").with("seconds", u64::try_from(seconds).unwrap_or(u64::MAX))
        }
        (StatusCode::UNAUTHORIZED, _) => frame.say("sign-in-wrong"),
        (StatusCode::SERVICE_UNAVAILABLE, _) => frame.say("sign-in-busy"),
        _ => return Err(problem.clone()),
    };
    Ok(said.to_string())
}

pub async fn sign_out(house: Data<House>, press: Press<Visitor>) -> Result<HttpResponse, Problem> {
    let Visitor { caller, person, .. } = press.who;
    let (whose, id) = ((person.organization, person.id), caller.token().uuid());
    house.database.write(async |tx: &Tx| session::end(&house, tx, whose, id).await).await?;
    let mut response = see_other_saying(&house, SIGN_IN, &Notice::of("said-signed-out"))?;
    response.add_cookie(&session::no_cookie(&house)).map_err(Problem::internal)?;
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_on_stays_on_this_server() {
        for path in ["/me", "/announcements/1?part=x", "/"] {
            assert_eq!(inside(Some(path)), path);
        }
        for path in ["//evil.example", "https://evil.example", "/\\evil.example", "me", "", "/\r\nx"] {
            assert_eq!(inside(Some(path)), "/", "{path:?}");
        }
        assert_eq!(on_the_way_to("/a?b=c&d", true), "/sign-in?next=%2Fa%3Fb%3Dc%26d&again=yes");
    }
}
