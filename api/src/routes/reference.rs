//! The API reference: the OpenAPI document as JSON, and as a page that needs no script and no network.

mod complete;

use std::{fmt::Write as _, sync::LazyLock};

use actix_web::{HttpResponse, http::header};
use serde_json::Value;

/// The OpenAPI 3.1 document, as pretty JSON.
pub static OPENAPI: LazyLock<String> = LazyLock::new(|| {
    // Made of strings and maps: serializing it cannot fail.
    let mut document = serde_json::to_value(super::openapi()).unwrap_or_default();
    complete::complete(&mut document);
    serde_json::to_string_pretty(&document).unwrap_or_default() + "\n"
});

static PAGE: LazyLock<String> = LazyLock::new(|| page(&serde_json::from_str(&OPENAPI).unwrap_or_default()));

const STYLE: &str = "
body{font:15px/1.5 system-ui,sans-serif;max-width:62rem;margin:2rem auto;padding:0 1rem;color:#16211f;background:#fff}
code,pre{font:13px/1.45 ui-monospace,monospace}pre{background:#eceff0;padding:.8rem;overflow:auto}
h2{margin-top:2.5rem;border-bottom:1px solid #c5cdcf}summary{cursor:pointer;padding:.35rem 0}
b{display:inline-block;min-width:4.2rem;color:#0b5563}table{border-collapse:collapse}td{padding:.1rem .8rem .1rem 0;vertical-align:top}
@media(prefers-color-scheme:dark){body{background:#101615;color:#e4eae9}pre{background:#1b2423}b{color:#7cc4d2}a{color:#7cc4d2}}";

pub async fn openapi() -> HttpResponse {
    HttpResponse::Ok().content_type("application/json").body(OPENAPI.as_str())
}

pub async fn docs() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/html; charset=utf-8")
        .insert_header((
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'",
        ))
        .body(PAGE.as_str())
}

fn page(document: &Value) -> String {
    let mut html = String::from(
        "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width'>",
    );
    let title = text(&document["info"]["title"]);
    let _ = write!(html, "<title>{title}</title><style>{STYLE}</style><h1>{title}</h1>");
    let _ = write!(html, "<p>{}</p>", text(&document["info"]["description"]).replace("\n\n", "</p><p>"));
    html.push_str("<p>The same for programs: <a href=/openapi.json>openapi.json</a> (OpenAPI 3.1).</p>");
    for tag in list(&document["tags"]) {
        let name = text(&tag["name"]);
        let _ = write!(html, "<h2>{name}</h2><p>{}</p>", text(&tag["description"]));
        for (path, verbs) in entries(&document["paths"]) {
            for (verb, operation) in entries(verbs) {
                if list(&operation["tags"]).any(|tag| text(tag) == name) {
                    write_operation(&mut html, verb, path, operation);
                }
            }
        }
    }
    html.push_str("<h2>Shapes</h2>");
    for (name, schema) in entries(&document["components"]["schemas"]) {
        let json = escape(&serde_json::to_string_pretty(schema).unwrap_or_default());
        let _ = write!(
            html,
            "<details id=\"{name}\"><summary><code>{name}</code></summary><pre>{json}</pre></details>"
        );
    }
    html + "</html>"
}

fn write_operation(html: &mut String, verb: &str, path: &str, operation: &Value) {
    let _ = write!(
        html,
        "<details><summary><b>{}</b> <code>{}</code> {}</summary><p>{}</p><table>",
        verb.to_uppercase(),
        escape(path),
        text(&operation["summary"]),
        text(&operation["description"]),
    );
    for parameter in list(&operation["parameters"]) {
        let _ = write!(
            html,
            "<tr><td><code>{}</code></td><td>{}</td><td>{}</td></tr>",
            text(&parameter["name"]),
            text(&parameter["in"]),
            text(&parameter["description"])
        );
    }
    if let Some(shape) = shape(&operation["requestBody"]) {
        let _ = write!(html, "<tr><td>body</td><td></td><td>{shape}</td></tr>");
    }
    for (status, response) in entries(&operation["responses"]) {
        let shape = shape(response).unwrap_or_default();
        let _ = write!(
            html,
            "<tr><td>{status}</td><td></td><td>{} {shape}</td></tr>",
            text(&response["description"])
        );
    }
    html.push_str("</table></details>");
}

/// A link to the shape of a body, if it has a named one.
fn shape(body: &Value) -> Option<String> {
    let (_, content) = body["content"].as_object()?.iter().next()?;
    let name = content["schema"]["$ref"].as_str()?.rsplit('/').next()?;
    Some(format!("<a href=\"#{name}\"><code>{name}</code></a>"))
}

fn entries(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn text(value: &Value) -> String {
    escape(value.as_str().unwrap_or_default())
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checked_in_document_is_this_one() {
        let checked_in = include_str!("../../openapi.json");
        assert!(checked_in == *OPENAPI, "the API changed: `make docs` writes api/openapi.json again");
    }

    #[test]
    fn every_operation_says_all_a_client_needs() {
        let document: Value = serde_json::from_str(&OPENAPI).unwrap();
        let mut names = std::collections::HashSet::new();
        for (path, verbs) in entries(&document["paths"]) {
            for (verb, operation) in entries(verbs) {
                assert!(
                    names.insert(text(&operation["operationId"])),
                    "{verb} {path} shares its operationId"
                );
                for (status, response) in entries(&operation["responses"]) {
                    assert!(!text(&response["description"]).is_empty(), "{verb} {path} {status}");
                }
                let in_path =
                    list(&operation["parameters"]).filter(|parameter| parameter["in"] == "path").count();
                assert_eq!(in_path, path.matches('{').count(), "{verb} {path}");
            }
        }
    }

    #[test]
    fn the_page_has_every_operation_and_no_script() {
        let document: Value = serde_json::from_str(&OPENAPI).unwrap();
        let operations = entries(&document["paths"]).map(|(_, verbs)| entries(verbs).count()).sum::<usize>();
        assert_eq!(
            PAGE.matches("<summary><b>").count(),
            operations,
            "an operation has a tag that is not listed"
        );
        assert!(!PAGE.contains("<script"));
    }
}
