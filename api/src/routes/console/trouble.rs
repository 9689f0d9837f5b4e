//! What failed, as a page: for people who open one. Programs get problem documents.

use actix_web::{
    HttpRequest, HttpResponse,
    body::MessageBody as _,
    http::{
        Method,
        header::{self, HeaderValue},
    },
    web::Data,
};
use badgecast_console::views::Trouble;
use uuid::Uuid;

use super::{Guest, door, see_other};
use crate::{House, problem::Problem};

/// Addresses that programs talk to, also when a person opens one.
const FOR_PROGRAMS: [&str; 8] = [
    "/api/",
    "/oauth/token",
    "/oauth/revoke",
    "/oauth/introspect",
    "/oauth/userinfo",
    "/oauth/device_authorization",
    "/.well-known/",
    "/assets/",
];

/// Whether whoever sent this request reads pages.
#[must_use]
pub fn reads_pages(request: &HttpRequest) -> bool {
    let accepted = request.headers().get(header::ACCEPT).and_then(|value| value.to_str().ok());
    accepted.is_some_and(|accepted| accepted.contains("text/html"))
        && !FOR_PROGRAMS.iter().any(|start| request.path().starts_with(start))
}

/// The page, or the way to the sign-in; `None` when no page can be made, so that the document has to do.
pub async fn page(request: &HttpRequest, problem: &Problem, id: Uuid) -> Option<HttpResponse> {
    let house = request.app_data::<Data<House>>()?;
    let document = problem.document(Some(id.to_string()));
    if document.status == 401 {
        let back = request.uri().path_and_query().map_or("/", |path| path.as_str());
        // A form's own address may only take forms.
        let back = if *request.method() == Method::GET { back } else { request.path() };
        let mut response = see_other(&door::on_the_way_to(back, problem.is_step_up()));
        response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        return Some(response);
    }
    let guest = Guest::of(house, request).await.ok()?;
    let frame = &guest.frame;
    let remembered = frame.viewer.as_ref().is_some_and(|viewer| viewer.remembered);
    let (heading, sentence) = words(problem.name(), remembered);
    let way = if problem.name() == "forbidden" && remembered {
        (door::on_the_way_to(&frame.path, true), frame.say("sign-in").to_string())
    } else {
        ("/".to_owned(), frame.say("trouble-home").to_string())
    };
    let view = Trouble {
        frame,
        heading: frame.say(heading).to_string(),
        sentence: frame.say(sentence).to_string(),
        // What is wrong with an input, and who owns what already, only the detail knows.
        detail: matches!(document.status, 400 | 409 | 422).then_some(document.detail),
        request_id: Some(id.to_string()),
        way: Some(way),
    };
    let page = guest.page(&view).ok()?;
    // Status and headers are the problem's, the body is the page's.
    let mut response = problem.answer(Some(id.to_string()));
    response.headers_mut().remove(header::WWW_AUTHENTICATE);
    for (name, value) in page.headers() {
        response.headers_mut().insert(name.clone(), value.clone());
    }
    Some(response.set_body(page.into_body().boxed()))
}

/// Heading and sentence of a kind of problem.
fn words(name: &str, remembered: bool) -> (&'static str, &'static str) {
    match name {
        "forbidden" if remembered => ("trouble-forbidden", "trouble-remembered-why"),
        "forbidden" => ("trouble-forbidden", "trouble-forbidden-why"),
        "foreign-form" => ("trouble-foreign", "trouble-foreign-why"),
        "not-found" | "method-not-allowed" => ("trouble-not-found", "trouble-not-found-why"),
        "conflict" | "precondition-failed" => ("trouble-conflict", "trouble-conflict-why"),
        "too-many-requests" => ("trouble-many", "trouble-many-why"),
        "internal" | "unavailable" => ("trouble-server", "trouble-server-why"),
        _ => ("trouble-input", "trouble-input-why"),
    }
}
