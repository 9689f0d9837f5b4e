//! What operators ask: is it alive, is it ready, what does it count.

use std::net::IpAddr;

use actix_web::{HttpRequest, HttpResponse, http::header, web::Data};
use subtle::ConstantTimeEq as _;

use crate::{House, problem::Problem};

/// Alive: the process answers.
#[utoipa::path(get, path = "/healthz", tag = "operations", summary = "Alive",
    responses((status = 200, description = "The process answers")))]
pub async fn health() -> HttpResponse {
    HttpResponse::Ok().content_type("text/plain").body("ok\n")
}

/// Ready: the database answers, so requests can be served.
#[utoipa::path(get, path = "/readyz", tag = "operations", summary = "Ready",
    responses((status = 200, description = "The database answers"), (status = 503, description = "It does not")))]
pub async fn ready(house: Data<House>) -> Result<HttpResponse, Problem> {
    if house.is_stopping() {
        return Err(Problem::unavailable("Shutting down"));
    }
    house.database.ping().await.map_err(|_| Problem::unavailable("The database does not answer"))?;
    Ok(HttpResponse::Ok().content_type("text/plain").body("ready\n"))
}

/// Prometheus text, for this machine or for a bearer of the metrics token.
#[utoipa::path(get, path = "/metrics", tag = "operations", summary = "Counts for Prometheus",
    description = "For this machine, or with the metrics token as bearer.",
    responses((status = 200, description = "OpenMetrics text"), (status = 401)))]
pub async fn metrics(house: Data<House>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    if !is_local(&request) && !has_token(&house, &request) {
        return Err(Problem::no_token());
    }
    house.count();
    let text = house.metrics.text().map_err(Problem::internal)?;
    Ok(HttpResponse::Ok()
        .content_type("application/openmetrics-text; version=1.0.0; charset=utf-8")
        .body(text))
}

/// From this very machine, and not through a proxy that stands on it.
fn is_local(request: &HttpRequest) -> bool {
    let proxied = ["x-forwarded-for", "forwarded"].iter().any(|name| request.headers().contains_key(*name));
    let peer = request.peer_addr().map(|peer| peer.ip());
    !proxied && peer.is_some_and(|ip: IpAddr| ip.is_loopback())
}

fn has_token(house: &House, request: &HttpRequest) -> bool {
    let Some(wanted) = &house.config.metrics_token else { return false };
    let sent = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let sent = sent.and_then(|value| value.strip_prefix("Bearer ")).unwrap_or_default();
    sent.as_bytes().ct_eq(wanted.expose().as_bytes()).into()
}
