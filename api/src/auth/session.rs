//! Sessions of browsers: an opaque id in the cookie `__Host-sid`, and a row that says whose it is.
//!
//! The cookie is `HttpOnly`, `Secure`, `SameSite=Lax`, and its name binds it to this host (RFC 6265bis section
//! 4.1.3.2). Without TLS, which is on this machine or was asked for, it is called `sid` and not `Secure`: browsers
//! would drop it otherwise. A browser sends cookies along with requests other sites cause, so whoever comes with one has to show as
//! well that the request is our own page's: by `Sec-Fetch-Site`, or by the same `Origin`; and, to change anything
//! without a form, by a header of its own that no foreign page may set.

use std::time::Duration;

use actix_web::{
    HttpRequest,
    cookie::{Cookie, SameSite, time::Duration as CookieDuration},
    http::{
        Method,
        header::{self, HeaderMap},
    },
};
use badgecast_domain::{
    access::{Scope, Scopes},
    id::{BadgeId, OrganizationId, UserId},
    time::Moment,
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use subtle::ConstantTimeEq as _;
use uuid::Uuid;

use super::{
    Actor, Caller, peer,
    revocation::Whom,
    secret::{Secret, hash},
    step_up::Proof,
    watch::Reaction,
};
use crate::{
    House,
    problem::Problem,
    tables::{
        Error, Tx,
        people::Person,
        sessions::{self, Session},
    },
};

/// The cookie's name.
const COOKIE: &str = "__Host-sid";
/// The cookie's name without TLS.
const PLAIN_COOKIE: &str = "sid";
/// The header scripts set to show that they are ours; its value does not matter.
pub const HEADER: &str = "x-badgecast";

/// The header of requests that a page makes by itself, while nobody may be there.
const UNATTENDED: &str = "x-unattended";

/// A session that is not used for so long ends.
pub const IDLE: Duration = Duration::from_secs(30 * 60);
/// A session ends so long after the sign-in.
pub const ABSOLUTE: Duration = Duration::from_secs(12 * 60 * 60);
/// A remembered session ends so long after the sign-in.
pub const REMEMBERED: Duration = Duration::from_secs(90 * 24 * 60 * 60);
/// How exactly the last use is kept.
const USE_NOTED: Duration = Duration::from_secs(60);

/// What kind of session to begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Normal,
    /// Only to edit the person's own badge, for long; bound to the browser, and over when the badge is.
    Remembered(BadgeId),
}

/// Begins a session for someone who has just signed in; the id is always a new one.
///
/// # Errors
/// Those of the database.
pub async fn begin(
    tx: &Tx,
    request: &HttpRequest,
    house: &House,
    person: &Person,
    kind: Kind,
) -> Result<Secret, Error> {
    let now = house.now();
    let secret = Secret::random();
    let (badge, scope, life) = match kind {
        Kind::Normal => (None, person.role.scopes(), ABSOLUTE),
        Kind::Remembered(badge) => (Some(badge), Scopes::only(Scope::BadgesOwn), REMEMBERED),
    };
    let session = Session {
        id: Uuid::now_v7(),
        organization: person.organization,
        user: person.id,
        badge,
        remembered: badge.is_some(),
        scope,
        user_agent: peer::user_agent(request.headers()),
        network: peer::network(request, &house.config.trusted_proxies).to_string(),
        auth_time: now,
        created_at: now,
        last_used_at: now,
        expires_at: now.plus(life),
    };
    sessions::insert(tx, &session, &secret.hash()).await?;
    Ok(secret)
}

/// Whether browsers reach us by TLS.
#[must_use]
pub fn is_secure(house: &House) -> bool {
    house.base_url().starts_with("https://")
}

fn cookie_name(house: &House) -> &'static str {
    if is_secure(house) { COOKIE } else { PLAIN_COOKIE }
}

/// The cookie that carries a session.
#[must_use]
pub fn cookie(house: &House, secret: &Secret, kind: Kind) -> Cookie<'static> {
    let mut cookie = bare(house, secret.reveal().to_owned());
    if let Kind::Remembered(_) = kind {
        cookie.set_max_age(CookieDuration::seconds(REMEMBERED.as_secs().cast_signed()));
    }
    cookie
}

/// The cookie that takes it away.
#[must_use]
pub fn no_cookie(house: &House) -> Cookie<'static> {
    let mut cookie = bare(house, String::new());
    cookie.set_max_age(CookieDuration::ZERO);
    cookie
}

fn bare(house: &House, value: String) -> Cookie<'static> {
    Cookie::build(cookie_name(house), value)
        .path("/")
        .secure(is_secure(house))
        .http_only(true)
        .same_site(SameSite::Lax)
        .finish()
}

/// The living session of this request's cookie, whoever caused the request: enough to show a page, not to act. From
/// another browser than the one that signed in a remembered session does not count, and any is told.
///
/// # Errors
/// Those of the database.
pub async fn find(house: &House, request: &HttpRequest) -> Result<Option<(Session, Scopes)>, Error> {
    let Some(cookie) = request.cookie(cookie_name(house)) else { return Ok(None) };
    let now = house.now();
    let used_since = now.minus(IDLE);
    let key = hash(cookie.value());
    let found = sessions::living(house.database.read(), &key, used_since, now).await?;
    let Some((session, role)) = found else { return Ok(None) };
    // A role may have shrunk since the sign-in; and one that has grown needs a new one.
    let scopes = session.scope.and(role.scopes());
    if peer::browser(&session.user_agent) != peer::browser(&peer::user_agent(request.headers())) {
        let network = peer::network(request, &house.config.trusted_proxies);
        let reaction = house.watch.other_browser(&caller_of(house, &session, scopes), network, now);
        if session.remembered || reaction == Reaction::Revoke {
            return Ok(None);
        }
    }
    if is_attended(request.headers()) && now.since(session.last_used_at) >= USE_NOTED {
        let id = session.id;
        house.database.write(async |tx: &Tx| sessions::touch(tx, id, now).await).await?;
    }
    Ok(Some((session, scopes)))
}

/// Whether a person caused this request. A page that follows what happens asks by itself, and would keep the session of
/// somebody who left it open.
fn is_attended(headers: &HeaderMap) -> bool {
    let accepted = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
    !headers.contains_key(UNATTENDED) && accepted != Some("text/event-stream")
}

/// Ends a session, and what it holds open.
///
/// # Errors
/// There is no such session of this person.
pub async fn end(
    house: &House,
    tx: &Tx,
    (organization, user): (OrganizationId, UserId),
    id: Uuid,
) -> Result<(), Error> {
    sessions::end(tx, user, id).await?;
    house.tokens.revoke(tx, organization, Whom::Token(id.into()), house.now()).await
}

/// Who asks, by cookie.
///
/// # Errors
/// 403 when another site caused the request.
pub(super) async fn caller(house: &House, request: &HttpRequest) -> Result<Option<Caller>, Problem> {
    let Some((session, scopes)) = find(house, request).await? else { return Ok(None) };
    let safe = matches!(*request.method(), Method::GET | Method::HEAD);
    if !(is_own(house, request) && (safe || request.headers().contains_key(HEADER))) {
        return Err(Problem::not_allowed(format!(
            "With a session, send the header {HEADER} from our own pages"
        )));
    }
    Ok(Some(caller_of(house, &session, scopes)))
}

/// Who a session speaks for.
#[must_use]
pub fn caller_of(house: &House, session: &Session, scopes: Scopes) -> Caller {
    let actor = Actor::User(session.user);
    let proof = Proof::Session { auth_time: session.auth_time };
    let times = (house.now(), ends_at(session));
    Caller::looked_up(actor, session.organization, scopes, (session.id, proof), times)
}

/// What only a page of this session knows: a form that carries it is ours, whatever the browser can tell. It cannot be
/// turned back into the cookie.
#[must_use]
pub fn form_token(house: &House, request: &HttpRequest) -> Option<String> {
    let cookie = request.cookie(cookie_name(house))?;
    Some(URL_SAFE_NO_PAD.encode(hash(&format!("form {}", cookie.value()))))
}

/// Whether that is the token of this session's forms.
#[must_use]
pub fn is_form_token(house: &House, request: &HttpRequest, shown: &str) -> bool {
    form_token(house, request).is_some_and(|token| token.as_bytes().ct_eq(shown.as_bytes()).into())
}

/// When this session ends if it is not used again.
fn ends_at(session: &Session) -> Moment {
    if session.remembered {
        session.expires_at
    } else {
        session.expires_at.min(session.last_used_at.plus(IDLE))
    }
}

/// Whether our own page, or the person themselves, caused this request, and no other site.
#[must_use]
pub fn is_own(house: &House, request: &HttpRequest) -> bool {
    let headers = request.headers();
    if let Some(site) = headers.get("sec-fetch-site") {
        return site == "same-origin"
            || (site == "none" && matches!(*request.method(), Method::GET | Method::HEAD));
    }
    // Browsers that know no Fetch Metadata send Origin with everything that changes something.
    match headers.get(header::ORIGIN) {
        Some(origin) => {
            origin.as_bytes() == house.tokens.issuer().as_bytes() || is_host(origin.as_bytes(), headers)
        }
        None => matches!(*request.method(), Method::GET | Method::HEAD),
    }
}

/// Whether an origin is the host this request was sent to.
fn is_host(origin: &[u8], headers: &HeaderMap) -> bool {
    let host = headers.get(header::HOST).map(header::HeaderValue::as_bytes).unwrap_or_default();
    let bare = origin.strip_prefix(b"https://").or_else(|| origin.strip_prefix(b"http://"));
    !host.is_empty() && bare == Some(host)
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn what_a_page_asks_by_itself_does_not_count_as_use() {
        for (name, value, attended) in [
            ("accept", "text/html", true),
            ("accept", "*/*", true),
            ("accept", "text/event-stream", false),
            (UNATTENDED, "1", false),
        ] {
            let request = TestRequest::default().insert_header((name, value)).to_http_request();
            assert_eq!(is_attended(request.headers()), attended, "{name}: {value}");
        }
    }
}
