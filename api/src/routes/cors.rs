//! Which foreign web pages may read our answers (WHATWG Fetch, CORS): those of registered clients, and for public
//! documents everybody. Never with credentials: what a foreign page reads, it reads with a token of its own.

use actix_web::{
    Error, HttpResponse,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::{
        Method,
        header::{self, HeaderValue},
    },
    middleware::Next,
    web::Data,
};

use crate::{House, tables::clients};

const METHODS: &str = "GET, HEAD, POST, PUT, PATCH, DELETE";
const HEADERS: &str =
    "authorization, content-type, dpop, if-match, if-none-match, idempotency-key, last-event-id";
const EXPOSED: &str = "dpop-nonce, etag, location, retry-after, www-authenticate, x-request-id";
/// How long a browser may remember the answer to its question, in seconds.
const MAX_AGE_S: &str = "600";

/// Documents that say nothing about anybody.
const PUBLIC: [&str; 4] = [
    "/oauth/jwks.json",
    "/.well-known/oauth-authorization-server",
    "/.well-known/openid-configuration",
    "/openapi.json",
];

/// Wraps one request.
///
/// # Errors
/// Those of what is wrapped.
pub async fn wrap(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let Some(origin) = request.headers().get(header::ORIGIN).cloned() else {
        return Ok(next.call(request).await?.map_into_boxed_body());
    };
    let allowed = allowed(&request, &origin).await;
    let asks = request.method() == Method::OPTIONS
        && request.headers().contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    let mut response = match (&allowed, asks) {
        (Some(_), true) => {
            let answer = HttpResponse::NoContent()
                .insert_header((header::ACCESS_CONTROL_ALLOW_METHODS, METHODS))
                .insert_header((header::ACCESS_CONTROL_ALLOW_HEADERS, HEADERS))
                .insert_header((header::ACCESS_CONTROL_MAX_AGE, MAX_AGE_S))
                .finish();
            request.into_response(answer)
        }
        _ => next.call(request).await?.map_into_boxed_body(),
    };
    let headers = response.headers_mut();
    headers.append(header::VARY, HeaderValue::from_static("Origin"));
    if let Some(allowed) = allowed {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, allowed);
        headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(EXPOSED));
    }
    Ok(response)
}

/// What to say in `Access-Control-Allow-Origin`, if anything.
async fn allowed(request: &ServiceRequest, origin: &HeaderValue) -> Option<HeaderValue> {
    let path = request.path();
    if PUBLIC.contains(&path) {
        return Some(HeaderValue::from_static("*"));
    }
    // Pages of ours are for people, never for scripts of others.
    let for_scripts = path.starts_with("/api/")
        || matches!(
            path,
            "/oauth/token"
                | "/oauth/nonce"
                | "/oauth/revoke"
                | "/oauth/userinfo"
                | "/oauth/device_authorization"
        );
    if !for_scripts {
        return None;
    }
    let house = request.app_data::<Data<House>>()?;
    match clients::origins(house.database.read()).await {
        Ok(origins) => {
            origins.iter().any(|known| known.as_bytes() == origin.as_bytes()).then(|| origin.clone())
        }
        Err(error) => {
            tracing::warn!(%error, "origins not read");
            None
        }
    }
}
