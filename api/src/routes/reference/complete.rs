//! What is true of every operation, written into the OpenAPI document in one place instead of beside each: where ids
//! stand, what failures look like, which headers are honoured, what a page is.

use serde_json::{Map, Value, json};

/// Addresses that need no bearer token.
const OPEN: [&str; 7] =
    ["/api/v1/login", "/api/v1/claims", "/api/v1/session", "/oauth/", "/.well-known/", "/healthz", "/readyz"];

/// Completes the document that the handlers' own words make.
pub(super) fn complete(document: &mut Value) {
    let Some(paths) = document["paths"].as_object_mut() else { return };
    for (path, verbs) in paths {
        for (verb, operation) in verbs.as_object_mut().into_iter().flatten() {
            operation["operationId"] = json!(name(verb, path));
            let open = OPEN.iter().any(|start| path.starts_with(start)) && path != "/oauth/userinfo";
            if open {
                operation["security"] = json!([]);
            }
            failures(verb, path, open, operation);
            parameters(verb, path, operation);
            for (status, response) in operation["responses"].as_object_mut().into_iter().flatten() {
                describe(path, status, response);
            }
        }
    }
}

/// One name per operation: `get_badges_id_display`.
fn name(verb: &str, path: &str) -> String {
    let words = path.trim_start_matches("/api/v1").split(|c: char| !c.is_ascii_alphanumeric());
    let words = words.filter(|word| !word.is_empty()).map(|word| format!("_{}", word.to_lowercase()));
    format!("{verb}{}", words.collect::<String>())
}

/// The failures that every operation of its kind has.
fn failures(verb: &str, path: &str, open: bool, operation: &mut Value) {
    if !path.starts_with("/api/v1/") {
        return;
    }
    let has_body = operation.get("requestBody").is_some();
    let Some(responses) = operation["responses"].as_object_mut() else { return };
    let changes = verb == "patch" || responses.contains_key("412");
    let common = [
        ("400", true),
        ("401", !open),
        ("403", !open),
        ("404", path.contains('{')),
        ("412", changes),
        ("413", has_body),
        ("415", has_body),
        ("422", has_body),
        ("503", true),
    ];
    for (status, here) in common {
        if here && !responses.contains_key(status) {
            responses.insert(status.to_owned(), json!({}));
        }
    }
}

fn parameters(verb: &str, path: &str, operation: &mut Value) {
    let responses = operation["responses"].as_object().cloned().unwrap_or_default();
    let has = |status: &str| responses.contains_key(status);
    let mut added = Vec::new();
    for id in path.split('{').skip(1).filter_map(|rest| rest.split('}').next()) {
        added.push(json!({ "name": id, "in": "path", "required": true, "schema": { "type": "string", "format": "uuid" } }));
    }
    let header = |name: &str, description: &str| json!({ "name": name, "in": "header", "required": false, "description": description, "schema": { "type": "string" } });
    if has("412") {
        added.push(header(
            "If-Match",
            "The ETag that was read: refuses to overwrite a change that was not seen",
        ));
    }
    if has("304") {
        added.push(header("If-None-Match", "The ETag that is known: 304 when it is still the current one"));
    }
    if verb == "post" && (has("201") || has("202")) && path != "/api/v1/claims" {
        added.push(header(
            "Idempotency-Key",
            "Sent again with the same key within 24 hours, nothing new is made",
        ));
    }
    if path == "/api/v1/events" {
        added.push(header("Last-Event-ID", "Continues after this event"));
    }
    if added.is_empty() {
        return;
    }
    let known = operation["parameters"].as_array().cloned().unwrap_or_default();
    let is_new =
        |one: &Value| known.iter().all(|other| other["name"] != one["name"] || other["in"] != one["in"]);
    let added: Vec<Value> = added.into_iter().filter(is_new).collect();
    operation["parameters"] = json!([known, added].concat());
}

/// Every response says what it is; failures are problem documents, lists are pages.
fn describe(path: &str, status: &str, response: &mut Value) {
    let Some(response) = response.as_object_mut() else { return };
    if response.get("description").and_then(Value::as_str).unwrap_or_default().is_empty() {
        response.insert("description".to_owned(), json!(words(status)));
    }
    if status.starts_with(['4', '5']) && !path.starts_with("/oauth/") {
        let schema = json!({ "schema": { "$ref": "#/components/schemas/Problem" } });
        response.insert("content".to_owned(), json!({ "application/problem+json": schema }));
    }
    let is_page = response["description"].as_str().is_some_and(|text| text.starts_with("A page"));
    if is_page {
        page(response);
    }
    let headers: &[(&str, &str)] = match status {
        "201" | "202" => &[("Location", "Where it is")],
        "429" | "503" => &[("Retry-After", "Seconds to wait")],
        "401" => &[("WWW-Authenticate", "RFC 6750 section 3")],
        _ => &[],
    };
    for (name, text) in headers {
        let header = json!({ "description": text, "schema": { "type": "string" } });
        response.entry("headers").or_insert_with(|| json!({}))[*name] = header;
    }
}

fn page(response: &mut Map<String, Value>) {
    let item =
        response.get("content").map_or(json!({}), |content| content["application/json"]["schema"].clone());
    let page = json!({
        "type": "object",
        "required": ["items", "next"],
        "properties": {
            "items": { "type": "array", "items": item },
            "next": { "type": ["string", "null"], "description": "The `after` of the next page" }
        }
    });
    response.insert("content".to_owned(), json!({ "application/json": { "schema": page } }));
}

fn words(status: &str) -> &'static str {
    match status {
        "200" => "As asked",
        "201" => "Made",
        "202" => "Accepted",
        "204" => "Done",
        "304" => "Nothing changed",
        "400" => "The request cannot be read",
        "401" => "A valid access token is needed",
        "403" => "The token does not allow this",
        "404" => "There is no such thing, or it is not yours",
        "409" => "It contradicts what is there",
        "412" => "Someone changed it meanwhile",
        "413" => "The body is too large",
        "415" => "The body has to be JSON",
        "422" => "The input is not valid",
        "429" => "Too many tries",
        "503" => "The database does not answer; nothing was changed",
        _ => "See the description",
    }
}
