//! Who opens a page: the person behind the session's cookie, or nobody yet; and how the page goes out to them.

use std::{future::Future, pin::Pin};

use actix_web::{
    FromRequest, HttpMessage as _, HttpRequest, HttpResponse,
    cookie::{Cookie, SameSite, time::Duration as CookieDuration},
    dev::Payload,
    http::{
        Method, StatusCode,
        header::{self, HeaderMap},
    },
    web::Data,
};
use badgecast_console::{Clock, Frame, Look, Notice, POLICY, Template, Viewer, assets::gzip_page};
use url::form_urlencoded;

use super::press::Ours;
use crate::{
    House,
    auth::{Caller, peer, session},
    problem::Problem,
    tables::people::{self, Person},
};

/// The cookie of the person's wishes.
pub const LOOK: &str = "look";
/// The cookie by which a browser says how far its clock is from UTC.
const OFFSET: &str = "offset";
/// The cookie of what was just done.
const NOTICE: &str = "notice";

/// How the answer to one request is written.
#[derive(Debug, Clone, Copy)]
struct Manners {
    gzip: bool,
    /// The page tells a notice, which then has been told.
    noticed: bool,
    secure: bool,
}

/// Whoever opens a page, signed in or not.
#[derive(Debug)]
pub struct Guest {
    pub frame: Frame,
    /// Who is signed in.
    pub visitor: Option<(Caller, Person)>,
    manners: Manners,
}

/// A person who is signed in.
#[derive(Debug)]
pub struct Visitor {
    pub frame: Frame,
    pub caller: Caller,
    pub person: Person,
    manners: Manners,
}

impl Guest {
    /// # Errors
    /// Those of the database.
    pub async fn of(house: &House, request: &HttpRequest) -> Result<Self, Problem> {
        let headers = request.headers();
        let cookie = |name| request.cookie(name).map(|cookie| cookie.value().to_owned());
        let accepted = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
        let look = Look::read(cookie(LOOK).as_deref(), accepted);
        let offset_min = cookie(OFFSET)
            .and_then(|text| text.parse().ok())
            .filter(|minutes: &i16| (-840..=840).contains(minutes));
        let clock = Clock { now: house.now(), offset_min };
        let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
        let mut frame = Frame::new(look, clock, path);
        frame.notice = cookie(NOTICE).and_then(|text| notice(&text));
        let manners = Manners {
            gzip: takes_gzip(headers),
            noticed: frame.notice.is_some(),
            secure: session::is_secure(house),
        };
        let Some((session, scopes)) = session::find(house, request).await? else {
            return Ok(Self { frame, visitor: None, manners });
        };
        let person = people::of_token(house.database.read(), session.organization, session.user).await?;
        frame.viewer = Some(Viewer {
            name: person.name.clone(),
            role: person.role,
            scopes,
            remembered: session.remembered,
        });
        frame.form_token = session::form_token(house, request).unwrap_or_default();
        let caller = session::caller_of(house, &session, scopes);
        Ok(Self { frame, visitor: Some((caller, person)), manners })
    }

    /// # Errors
    /// The view cannot be written.
    pub fn page(&self, view: &impl Template) -> Result<HttpResponse, Problem> {
        self.page_as(StatusCode::OK, view)
    }

    /// The same with another status.
    ///
    /// # Errors
    /// The view cannot be written.
    pub fn page_as(&self, status: StatusCode, view: &impl Template) -> Result<HttpResponse, Problem> {
        answer(status, view, POLICY, self.manners)
    }

    /// A page whose form may lead to another site as well: to this origin, as a policy writes it.
    ///
    /// # Errors
    /// The view cannot be written.
    pub fn page_towards(&self, origin: Option<&str>, view: &impl Template) -> Result<HttpResponse, Problem> {
        let policy = match origin {
            Some(origin) => POLICY.replace("form-action 'self'", &format!("form-action 'self' {origin}")),
            None => POLICY.to_owned(),
        };
        answer(StatusCode::OK, view, &policy, self.manners)
    }
}

impl Visitor {
    /// # Errors
    /// The view cannot be written.
    pub fn page(&self, view: &impl Template) -> Result<HttpResponse, Problem> {
        self.page_as(StatusCode::OK, view)
    }

    /// The same with another status: of a form that has to be corrected, say.
    ///
    /// # Errors
    /// The view cannot be written.
    pub fn page_as(&self, status: StatusCode, view: &impl Template) -> Result<HttpResponse, Problem> {
        answer(status, view, POLICY, self.manners)
    }
}

impl FromRequest for Guest {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            // Whoever changes something comes through a form, whose origin was looked at: see `press`.
            let safe = matches!(*request.method(), Method::GET | Method::HEAD);
            if !safe && request.extensions().get::<Ours>().is_none() {
                return Err(Problem::foreign_form());
            }
            let house = request
                .app_data::<Data<House>>()
                .ok_or_else(|| Problem::internal("a route without a house"))?;
            Self::of(house, &request).await
        })
    }
}

impl FromRequest for Visitor {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let guest = Guest::from_request(request, payload);
        let request = request.clone();
        Box::pin(async move {
            let Guest { frame, visitor, manners } = guest.await?;
            let (caller, person) = visitor.ok_or_else(Problem::no_token)?;
            if let Some(house) = request.app_data::<Data<House>>() {
                let network = peer::network(&request, &house.config.trusted_proxies);
                house.watch.used(&caller, network, house.now()).map_err(Problem::too_many)?;
            }
            Ok(Self { frame, caller, person, manners })
        })
    }
}

fn answer(
    status: StatusCode,
    view: &impl Template,
    policy: &str,
    manners: Manners,
) -> Result<HttpResponse, Problem> {
    let html = view.render().map_err(Problem::internal)?;
    let mut response = HttpResponse::build(status);
    response
        .content_type("text/html; charset=utf-8")
        .insert_header((header::CONTENT_SECURITY_POLICY, policy))
        .insert_header((header::X_FRAME_OPTIONS, "DENY"))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header((header::REFERRER_POLICY, "same-origin"))
        .insert_header((header::VARY, "Accept-Encoding, Accept-Language, Cookie"));
    if manners.noticed {
        let mut told = small_cookie(NOTICE, String::new(), manners.secure);
        told.set_max_age(CookieDuration::ZERO);
        response.cookie(told);
    }
    Ok(if manners.gzip {
        response.insert_header((header::CONTENT_ENCODING, "gzip")).body(gzip_page(&html))
    } else {
        response.body(html)
    })
}

fn takes_gzip(headers: &HeaderMap) -> bool {
    let value = headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok());
    value.is_some_and(|value| {
        value.split(',').any(|coding| {
            let mut parts = coding.split(';').map(str::trim);
            parts.next() == Some("gzip") && parts.next() != Some("q=0")
        })
    })
}

/// Goes on to a page of ours, after a form.
#[must_use]
pub fn see_other(path: &str) -> HttpResponse {
    HttpResponse::SeeOther().insert_header((header::LOCATION, path)).finish()
}

/// The same; the page says first what was done.
///
/// # Errors
/// None that can happen: the cookie is of our own making.
pub fn see_other_saying(house: &House, path: &str, notice: &Notice) -> Result<HttpResponse, Problem> {
    let value: String = form_urlencoded::Serializer::new(String::new())
        .append_pair("key", &notice.key)
        .append_pair("what", &notice.what)
        .finish();
    let mut response = see_other(path);
    let cookie = small_cookie(NOTICE, value, session::is_secure(house));
    response.add_cookie(&cookie).map_err(Problem::internal)?;
    Ok(response)
}

/// Only sentences that say what was done are said: a cookie is no place to take words from.
fn notice(cookie: &str) -> Option<Notice> {
    let mut notice = Notice::of("");
    for (name, value) in form_urlencoded::parse(cookie.as_bytes()) {
        match &*name {
            "key" => notice.key = value.into_owned(),
            "what" => notice.what = value.chars().take(200).collect(),
            _ => {}
        }
    }
    notice.key.starts_with("said-").then_some(notice)
}

/// A cookie that holds no secret.
pub(super) fn small_cookie(name: &'static str, value: String, secure: bool) -> Cookie<'static> {
    Cookie::build(name, value).path("/").secure(secure).http_only(true).same_site(SameSite::Lax).finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_done_is_told() {
        let told = notice("key=said-look&what=A+B").unwrap();
        assert_eq!((told.key.as_str(), told.what.as_str()), ("said-look", "A B"));
        assert_eq!(notice("key=trouble-server&what="), None);
        assert_eq!(notice("%%%"), None);
    }

    #[test]
    fn a_browser_says_whether_it_takes_gzip() {
        let asks = |value: &str| {
            let request = actix_web::test::TestRequest::default()
                .insert_header((header::ACCEPT_ENCODING, value))
                .to_http_request();
            takes_gzip(request.headers())
        };
        assert!(asks("br, gzip;q=0.8"));
        assert!(!asks("br, gzip;q=0"));
        assert!(!asks("identity"));
    }
}
