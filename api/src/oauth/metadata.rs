//! What this authorization server can do, for programs: RFC 8414 and OpenID Connect Discovery.

use actix_web::{
    HttpResponse,
    http::header::{CacheControl, CacheDirective},
    web::Data,
};
use badgecast_domain::access::Scope;
use serde_json::{Value, json};

use super::{TOKEN_PATH, authorize, device};
use crate::{House, auth::dpop::ALGORITHM};

/// `/.well-known/oauth-authorization-server` and `/.well-known/openid-configuration`: one document serves both.
#[utoipa::path(get, path = "/.well-known/openid-configuration", tag = "oauth", summary = "What the server can do",
    responses((status = 200, description = "RFC 8414 and OpenID Connect Discovery metadata")))]
pub(crate) async fn metadata(house: Data<House>) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header(CacheControl(vec![CacheDirective::Public, CacheDirective::MaxAge(300)]))
        .json(document(house.tokens.issuer(), &house.base_url()))
}

/// What is left out here is refused: implicit and password grants, `alg=none`, request objects, plain PKCE.
fn document(issuer: &str, base: &str) -> Value {
    let at = |path: &str| format!("{base}{path}");
    let scopes: Vec<_> = Scope::ALL.into_iter().map(Scope::name).collect();
    let proofs = ["client_secret_basic", "private_key_jwt", "none"];
    json!({
        "issuer": issuer,
        "authorization_endpoint": at(authorize::PATH),
        "token_endpoint": at(TOKEN_PATH),
        "device_authorization_endpoint": at("/oauth/device_authorization"),
        "revocation_endpoint": at("/oauth/revoke"),
        "introspection_endpoint": at("/oauth/introspect"),
        "userinfo_endpoint": at("/oauth/userinfo"),
        "end_session_endpoint": at("/oauth/logout"),
        "jwks_uri": at("/oauth/jwks.json"),
        "service_documentation": at("/docs"),
        "scopes_supported": scopes,
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "refresh_token", "client_credentials", device::GRANT],
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": proofs,
        "token_endpoint_auth_signing_alg_values_supported": ["ES256"],
        "dpop_signing_alg_values_supported": [ALGORITHM],
        "revocation_endpoint_auth_methods_supported": proofs,
        "introspection_endpoint_auth_methods_supported": ["client_secret_basic", "private_key_jwt"],
        "authorization_response_iss_parameter_supported": true,
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["ES256"],
        "claims_supported": ["iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "at_hash", "name", "email",
            "email_verified"],
        "prompt_values_supported": ["none", "login", "consent", "select_account"],
        "request_parameter_supported": false,
        "request_uri_parameter_supported": false,
        "claims_parameter_supported": false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_refused_is_not_offered() {
        let document = document("https://badges.example", "https://badges.example").to_string();
        for never in [
            "implicit",
            "\"password\"",
            "\"none\",\"ES256\"",
            "HS256",
            "plain",
            "\"token\"",
            "id_token token",
        ] {
            assert!(!document.contains(never), "{never}");
        }
        assert!(document.contains("\"response_types_supported\":[\"code\"]"));
    }
}
