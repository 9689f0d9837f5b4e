//! What every answer is wrapped in: an id for the request, the problem document if it failed, headers that keep
//! browsers from guessing, one log line and one count.

use std::time::Instant;

use actix_web::{
    Error, HttpMessage as _,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::{
        Method, StatusCode,
        header::{self, HeaderName, HeaderValue},
    },
    middleware::Next,
    web::Data,
};
use uuid::Uuid;

use super::console::trouble;
use crate::{
    House,
    auth::dpop::{DPOP_NONCE, Offer, SentAs},
    problem::Problem,
    request,
};

/// The id of the request: in problem documents, in the log and in the audit trail, too.
/// RFC 6797, for a year.
const HSTS: &str = "max-age=31536000";

const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Wraps one request.
///
/// # Errors
/// None of ours: what failed in a route is an answer by now.
pub async fn wrap(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let id = Uuid::now_v7();
    let started = Instant::now();
    if request.method() == Method::HEAD {
        // Answered as GET; the connection leaves the body out (RFC 9110 section 9.3.2).
        request.head_mut().method = Method::GET;
        request.extensions_mut().insert(SentAs(Method::HEAD));
    }
    // The request must not be cloned before it is routed: the router writes into it.
    let mut response = request::under(id, next.call(request)).await?.map_into_boxed_body();
    if let Some(problem) = problem_of(&response) {
        let allow = response.headers().get(header::ALLOW).cloned();
        let page = match trouble::reads_pages(response.request()) {
            true => trouble::page(response.request(), &problem, id).await,
            false => None,
        };
        let mut answer = page.unwrap_or_else(|| problem.answer(Some(id.to_string())));
        if let Some(allow) = allow {
            answer.headers_mut().insert(header::ALLOW, allow);
        }
        response = response.into_response(answer);
    }
    let house = response.request().app_data::<Data<House>>();
    let is_https = house.is_some_and(|house| house.base_url().starts_with("https://"));
    let nonce = response.request().extensions().get::<Offer>().map(|offer| offer.0.clone());
    let headers = response.headers_mut();
    if let Some(nonce) = nonce {
        headers.insert(DPOP_NONCE, nonce);
    }
    if let Ok(value) = HeaderValue::from_str(&id.to_string()) {
        headers.insert(X_REQUEST_ID, value);
    }
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if !headers.contains_key(header::REFERRER_POLICY) {
        headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    }
    if is_https {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static(HSTS));
    }
    if !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    note(&response, id, started);
    Ok(response)
}

/// The problem an answer stands for, if it failed: our own, or what the framework refused before us.
fn problem_of(response: &ServiceResponse<BoxBody>) -> Option<Problem> {
    let Some(error) = response.response().error() else {
        // The router refuses a verb without an error.
        return (response.status() == StatusCode::METHOD_NOT_ALLOWED).then(Problem::method_not_allowed);
    };
    if let Some(problem) = error.as_error::<Problem>() {
        return Some(problem.clone());
    }
    let said = error.to_string();
    Some(match response.status() {
        StatusCode::NOT_FOUND => Problem::not_found(),
        StatusCode::METHOD_NOT_ALLOWED => Problem::method_not_allowed(),
        status if status.is_client_error() => Problem::bad_request(said),
        _ => Problem::internal(said),
    })
}

fn note(response: &ServiceResponse<BoxBody>, id: Uuid, started: Instant) {
    let request = response.request();
    let took = started.elapsed();
    let route = request.match_pattern().unwrap_or_else(|| "unmatched".to_owned());
    let status = response.status().as_u16();
    if let Some(house) = request.app_data::<Data<House>>() {
        house.metrics.answered(&route, request.method().as_str(), status, took);
    }
    tracing::debug!(
        http.method = %request.method(),
        http.route = route,
        http.status = status,
        request.id = %id,
        took_ms = took.as_secs_f64() * 1_000.0,
        "answered"
    );
}
