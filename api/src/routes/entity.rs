//! Answers with an entity tag (RFC 9110 section 8.8.3).

use actix_web::{HttpResponse, http::header};
use serde::Serialize;

/// The strong tag of a version: a revision, or the millisecond of the last change.
#[must_use]
pub fn tag(version: impl std::fmt::Display) -> String {
    format!("\"{version}\"")
}

/// 200 with the thing and its tag.
pub fn answer(tag: String, thing: &impl Serialize) -> HttpResponse {
    HttpResponse::Ok().insert_header((header::ETAG, tag)).json(thing)
}

/// 304: the reader has this version.
#[must_use]
pub fn not_modified(tag: String) -> HttpResponse {
    HttpResponse::NotModified().insert_header((header::ETAG, tag)).finish()
}
