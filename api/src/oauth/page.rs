//! The few pages of the authorization server: plain HTML that works without scripts, in any browser.
//!
//! Everything a person or a client said is escaped; no page may be framed, and none loads anything from anywhere.

use std::fmt::{self, Write as _};

use actix_web::{
    HttpResponse,
    http::{StatusCode, header},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use sha2::{Digest as _, Sha256};

use crate::problem::oauth::Denied;

const STYLE: &str = "body{font:1.1rem/1.5 system-ui,sans-serif;max-width:26rem;margin:4rem auto;padding:0 1rem;\
color:#1a1a1a;background:#fff}h1{font-size:1.5rem}label{display:block;margin:1rem 0 .25rem}input:not([type=hidden]),\
select{font:inherit;width:100%;padding:.5rem;box-sizing:border-box;border:1px solid #767676;border-radius:.3rem}\
button{font:inherit;padding:.6rem 1.2rem;margin:1.2rem .6rem 0 0;border:1px solid #0b57d0;border-radius:.3rem;\
background:#0b57d0;color:#fff;cursor:pointer}button.no{background:#fff;color:#0b57d0}\
.error{color:#b3261e;font-weight:600}code{font-size:1.3em;letter-spacing:.2em}li{margin:.3rem 0}\
:focus-visible{outline:3px solid #0b57d0;outline-offset:2px}\
@media(prefers-color-scheme:dark){body{color:#eee;background:#121212}input:not([type=hidden]),select{color:#eee;\
background:#1e1e1e}button.no{background:#121212;color:#a8c7fa}.error{color:#f2b8b5}}";

/// Text that is safe inside HTML, in quoted attributes too.
pub(super) struct Text<'a>(pub(super) &'a str);

impl fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.chars().try_for_each(|c| match c {
            '&' => f.write_str("&amp;"),
            '<' => f.write_str("&lt;"),
            '>' => f.write_str("&gt;"),
            '"' => f.write_str("&quot;"),
            '\'' => f.write_str("&#39;"),
            c => f.write_char(c),
        })
    }
}

/// A page with this heading; `body` is HTML.
#[must_use]
pub(super) fn page(status: StatusCode, heading: &str, body: &str) -> HttpResponse {
    let style = STANDARD.encode(Sha256::digest(STYLE));
    let policy =
        format!("default-src 'none'; style-src 'sha256-{style}'; base-uri 'none'; frame-ancestors 'none'");
    let heading = Text(heading);
    let html = format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <title>{heading} · Badgecast</title><style>{STYLE}</style></head>\
         <body><main><h1>{heading}</h1>{body}</main></body></html>\n"
    );
    HttpResponse::build(status)
        .content_type("text/html; charset=utf-8")
        .insert_header((header::CONTENT_SECURITY_POLICY, policy))
        .insert_header((header::X_FRAME_OPTIONS, "DENY"))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header((header::REFERRER_POLICY, "same-origin"))
        .body(html)
}

/// A page that only says something.
#[must_use]
pub(super) fn says(status: StatusCode, heading: &str, text: &str) -> HttpResponse {
    page(status, heading, &format!("<p>{}</p>", Text(text)))
}

/// A page for a request that cannot be trusted enough to send anybody anywhere.
#[must_use]
pub(super) fn refused(denied: &Denied) -> HttpResponse {
    says(StatusCode::BAD_REQUEST, "This does not work", &denied.description)
}

/// The fields of a sign-in; `hidden` goes along with them.
#[must_use]
pub(super) fn sign_in(status: StatusCode, action: &str, hidden: &str, error: Option<&str>) -> HttpResponse {
    let error = error.map(|error| format!("<p class=\"error\" role=\"alert\">{}</p>", Text(error)));
    let body = format!(
        "{error}<form method=\"post\" action=\"{action}\">{hidden}\
         <label for=\"email\">Email</label>\
         <input id=\"email\" name=\"email\" type=\"email\" autocomplete=\"username\" required autofocus>\
         <label for=\"password\">Password</label>\
         <input id=\"password\" name=\"password\" type=\"password\" autocomplete=\"current-password\" required>\
         <button name=\"action\" value=\"sign_in\">Sign in</button></form>",
        error = error.unwrap_or_default(),
        action = Text(action),
    );
    page(status, "Sign in", &body)
}

/// A hidden field.
#[must_use]
pub(super) fn hidden(name: &str, value: &str) -> String {
    format!("<input type=\"hidden\" name=\"{}\" value=\"{}\">", Text(name), Text(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_anybody_said_becomes_markup() {
        let escaped = Text("<script>\"'&").to_string();
        assert_eq!(escaped, "&lt;script&gt;&quot;&#39;&amp;");
        assert!(!hidden("state", "\"><script>").contains("<script>"));
    }
}
