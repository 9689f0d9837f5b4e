//! `/assets/{digest}/{name}`: what pages load. The address changes with the content, so browsers keep it for ever.

use actix_web::{HttpRequest, HttpResponse, http::header};
use badgecast_console::assets;

use crate::problem::Problem;

/// For a year, and never asked about (RFC 8246).
const FOR_EVER: &str = "public, max-age=31536000, immutable";

pub async fn asset(request: HttpRequest) -> Result<HttpResponse, Problem> {
    let part = |name| request.match_info().get(name).unwrap_or_default();
    let asset = assets::find(part("digest"), part("name")).ok_or_else(Problem::not_found)?;
    let accepted = request.headers().get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok());
    let mut response = HttpResponse::Ok();
    response
        .content_type(format!("{}; charset=utf-8", asset.media_type))
        .insert_header((header::CACHE_CONTROL, FOR_EVER))
        .insert_header((header::VARY, "Accept-Encoding"));
    Ok(if accepted.is_some_and(|accepted| accepted.contains("gzip")) {
        response.insert_header((header::CONTENT_ENCODING, "gzip")).body(asset.gzip.as_slice())
    } else {
        response.body(asset.bytes.as_slice())
    })
}
