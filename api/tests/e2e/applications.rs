//! Applications nobody here wrote ask a person: authorization code with PKCE and OpenID Connect, spoken by the `oauth2`
//! and `openidconnect` crates.

use badgecast_domain::access::Role;
use oauth2::{HttpRequest, HttpResponse, TokenResponse as _};
use openidconnect::{
    AccessTokenHash, AuthenticationFlow, AuthorizationCode, ClientId, ClientSecret, CsrfToken, IssuerUrl,
    Nonce, PkceCodeChallenge, RedirectUrl, Scope, TokenResponse as _,
    core::{CoreClient, CoreProviderMetadata, CoreResponseType, CoreUserInfoClaims},
};
use serde_json::{Value, json};
use url::Url;

use crate::{
    browser::Browser,
    process::free_address,
    world::{Engine, PASSWORD, Person, World, email},
};

crate::stories! {
    an_application_signs_a_person_in_and_learns_who_they_are
    a_code_works_once_and_using_it_again_ends_what_it_gave
    a_request_that_cannot_be_trusted_is_never_sent_anywhere
    a_client_learns_why_it_was_refused
    a_form_from_another_site_does_nothing
}

const CALLBACK: &str = "http://127.0.0.1/callback";
/// RFC 7636 appendix B.
pub const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
pub const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// A world that knows its own address, as one with a public name does.
async fn named_world(engine: Engine) -> World {
    let free = free_address();
    World::with(engine, |config| {
        config.http = free.parse().unwrap();
        config.public_url = Some(format!("http://{free}"));
    })
    .await
}

struct Registered {
    id: String,
    secret: String,
}

async fn register(admin: &Person<'_>, name: &str) -> Registered {
    let client = json!({
        "name": name, "redirect_uris": [CALLBACK], "grants": ["authorization_code", "refresh_token"],
        "scopes": "badges:read announcements:write",
    });
    let answer = admin.post("/api/v1/clients", client).await.is(201);
    Registered { id: answer.text("/id"), secret: answer.text("/client_secret") }
}

/// How the foreign crates send their requests.
async fn carry(request: HttpRequest) -> Result<HttpResponse, oauth2::HttpClientError<reqwest::Error>> {
    let (parts, body) = request.into_parts();
    let client = reqwest::Client::builder().no_proxy().build().map_err(Box::new)?;
    let sent =
        client.request(parts.method, parts.uri.to_string()).headers(parts.headers).body(body).send().await;
    let response = sent.map_err(Box::new)?;
    let mut answer = oauth2::http::Response::builder().status(response.status());
    *answer.headers_mut().unwrap() = response.headers().clone();
    answer.body(response.bytes().await.map_err(Box::new)?.to_vec()).map_err(oauth2::HttpClientError::Http)
}

/// Signs in and allows; the address the person is sent back to.
pub async fn allow(browser: &Browser<'_>, asked: &Url) -> Url {
    browser.open(asked.as_str()).await.says("Sign in");
    let carried: Vec<(String, String)> = asked.query_pairs().into_owned().collect();
    let with = |extra: &[(&'static str, String)]| -> Vec<(String, String)> {
        let extra = extra.iter().map(|(name, value)| ((*name).to_owned(), value.clone()));
        carried.iter().cloned().chain(extra).collect()
    };
    let fields = with(&[
        ("action", "sign_in".to_owned()),
        ("email", email(Role::Manager)),
        ("password", PASSWORD.to_owned()),
    ]);
    submit(browser, &fields).await.says("Allow this?").says("The manager");
    submit(browser, &with(&[("action", "allow".to_owned())])).await.location.unwrap()
}

async fn submit(browser: &Browser<'_>, fields: &[(String, String)]) -> crate::browser::Page {
    let fields: Vec<(&str, &str)> =
        fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    browser.submit("/oauth/authorize", &fields).await
}

pub fn parameter(url: &Url, name: &str) -> String {
    url.query_pairs()
        .find(|(key, _)| key == name)
        .unwrap_or_else(|| panic!("no {name} in {url}"))
        .1
        .into_owned()
}

async fn an_application_signs_a_person_in_and_learns_who_they_are(engine: Engine) {
    let world = named_world(engine).await;
    let app = register(&world.person(Role::Admin).await, "Lobby <b>screen</b>").await;
    let issuer = IssuerUrl::new(world.url("")).unwrap();
    let provider = CoreProviderMetadata::discover_async(issuer, &carry).await.unwrap();
    let client = CoreClient::from_provider_metadata(
        provider,
        ClientId::new(app.id),
        Some(ClientSecret::new(app.secret)),
    )
    .set_redirect_uri(RedirectUrl::new("http://127.0.0.1:49152/callback".to_owned()).unwrap());
    let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
    let flow = AuthenticationFlow::<CoreResponseType>::AuthorizationCode;
    let (asked, state, nonce) = client
        .authorize_url(flow, CsrfToken::new_random, Nonce::new_random)
        .add_scopes(["profile", "email", "badges:read"].map(|name| Scope::new(name.to_owned())))
        .set_pkce_challenge(challenge)
        .url();
    let back = allow(&Browser::new(&world), &asked).await;
    assert_eq!(back.port(), Some(49_152), "an application on the same machine listens where it likes");
    assert_eq!(parameter(&back, "state"), *state.secret());
    assert_eq!(parameter(&back, "iss"), world.url(""), "RFC 9207");
    let code = AuthorizationCode::new(parameter(&back, "code"));
    let tokens =
        client.exchange_code(code).unwrap().set_pkce_verifier(verifier).request_async(&carry).await.unwrap();
    let keys = client.id_token_verifier();
    let id_token = tokens.id_token().unwrap();
    let claims = id_token.claims(&keys, &nonce).unwrap();
    assert!(claims.auth_time().is_some());
    let algorithm = id_token.signing_alg().unwrap();
    let signing_key = id_token.signing_key(&keys).unwrap();
    let hash = AccessTokenHash::from_token(tokens.access_token(), algorithm, signing_key).unwrap();
    assert_eq!(Some(&hash), claims.access_token_hash());
    let who: CoreUserInfoClaims =
        client.user_info(tokens.access_token().clone(), None).unwrap().request_async(&carry).await.unwrap();
    assert_eq!(who.email().unwrap().as_str(), email(Role::Manager));
    let bearer = world.bearer(tokens.access_token().secret());
    bearer.get("/api/v1/badges").await.is(200);
    bearer.post("/api/v1/badges", json!({})).await.is(403);
    // What says who somebody is opens nothing.
    world.bearer(&id_token.to_string()).get("/api/v1/badges").await.is(401);
    let fresh = client
        .exchange_refresh_token(tokens.refresh_token().unwrap())
        .unwrap()
        .request_async(&carry)
        .await
        .unwrap();
    world.bearer(fresh.access_token().secret()).get("/api/v1/badges").await.is(200);
    world.close().await;
}

/// A request a client could make, with something changed.
fn request(app: &Registered, change: &[(&str, Option<&str>)]) -> Vec<(String, String)> {
    let mut fields = vec![
        ("response_type", "code"),
        ("client_id", app.id.as_str()),
        ("redirect_uri", CALLBACK),
        ("scope", "badges:read"),
        ("state", "xyz"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ];
    for (name, value) in change {
        fields.retain(|(other, _)| other != name);
        fields.extend(value.map(|value| (*name, value)));
    }
    fields.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

fn address(world: &World, fields: &[(String, String)]) -> Url {
    Url::parse_with_params(&world.url("/oauth/authorize"), fields).unwrap()
}

async fn exchange(world: &World, app: &Registered, change: &[(&str, &str)]) -> Value {
    let mut form =
        vec![("grant_type", "authorization_code"), ("redirect_uri", CALLBACK), ("code_verifier", VERIFIER)];
    for (name, value) in change {
        form.retain(|(other, _)| other != name);
        form.push((name, value));
    }
    let request = world.http.post(world.url("/oauth/token")).basic_auth(&app.id, Some(&app.secret));
    world.nobody().send(request.form(&form)).await.body
}

async fn a_code_works_once_and_using_it_again_ends_what_it_gave(engine: Engine) {
    let world = World::open(engine).await;
    let admin = world.person(Role::Admin).await;
    let (app, other) = (register(&admin, "App").await, register(&admin, "Other").await);
    let browser = Browser::new(&world);
    let back = allow(&browser, &address(&world, &request(&app, &[]))).await;
    let code = parameter(&back, "code");
    for wrong in [
        exchange(&world, &other, &[("code", &code)]).await,
        exchange(&world, &app, &[("code", &code), ("code_verifier", &"a".repeat(43))]).await,
        exchange(&world, &app, &[("code", &code), ("code_verifier", CHALLENGE)]).await,
        exchange(&world, &app, &[("code", &code), ("redirect_uri", "http://127.0.0.1/other")]).await,
        exchange(&world, &app, &[("code", "nonsense")]).await,
    ] {
        assert_eq!(wrong["error"], "invalid_grant", "{wrong}");
    }
    let given = exchange(&world, &app, &[("code", &code)]).await;
    let bearer = world.bearer(given["access_token"].as_str().unwrap());
    bearer.get("/api/v1/badges").await.is(200);
    assert!(given.get("id_token").is_none(), "nobody asked who the person is");
    assert_eq!(exchange(&world, &app, &[("code", &code)]).await["error"], "invalid_grant");
    bearer.get("/api/v1/badges").await.is(401);
    world.close().await;
}

async fn a_request_that_cannot_be_trusted_is_never_sent_anywhere(engine: Engine) {
    let world = World::open(engine).await;
    let app = register(&world.person(Role::Admin).await, "App").await;
    let browser = Browser::new(&world);
    for change in [
        ("client_id", Some("018f0000-0000-7000-8000-000000000000")),
        ("client_id", Some("badgecast")),
        ("client_id", None),
        ("redirect_uri", Some("https://evil.example/callback")),
        ("redirect_uri", Some("http://127.0.0.1/callback/")),
        ("redirect_uri", Some("http://127.0.0.1/callback?next=1")),
        ("redirect_uri", Some("http://127.0.0.1@evil.example/callback")),
        ("redirect_uri", None),
    ] {
        let page = browser.open(address(&world, &request(&app, &[change])).as_str()).await;
        assert_eq!((page.status.as_u16(), page.location), (400, None), "{change:?}");
    }
    let twice = format!("{}&client_id=x", address(&world, &request(&app, &[])));
    assert_eq!(browser.open(&twice).await.status, 400);
    world.close().await;
}

async fn a_client_learns_why_it_was_refused(engine: Engine) {
    let world = World::open(engine).await;
    let app = register(&world.person(Role::Admin).await, "App").await;
    let browser = Browser::new(&world);
    for (change, error) in [
        (("response_type", Some("token")), "unsupported_response_type"),
        (("response_type", Some("code id_token")), "unsupported_response_type"),
        (("response_type", None), "invalid_request"),
        (("code_challenge", None), "invalid_request"),
        (("code_challenge_method", Some("plain")), "invalid_request"),
        (("code_challenge_method", None), "invalid_request"),
        (("scope", Some("users:admin")), "invalid_scope"),
        (("scope", Some("device:connect")), "invalid_scope"),
        (("scope", Some("everything")), "invalid_scope"),
        (("prompt", Some("none")), "login_required"),
        (("request", Some("eyJ")), "invalid_request"),
        (("response_mode", Some("fragment")), "invalid_request"),
    ] {
        let page = browser.open(address(&world, &request(&app, &[change])).as_str()).await;
        assert_eq!(page.sent("error").as_deref(), Some(error), "{change:?}");
        assert_eq!(page.sent("state").as_deref(), Some("xyz"));
        assert!(page.sent("iss").is_some() && page.sent("code").is_none());
    }
    let asked = request(&app, &[]);
    let mut fields: Vec<(&str, &str)> =
        asked.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    fields.push(("action", "deny"));
    assert_eq!(
        browser.submit("/oauth/authorize", &fields).await.sent("error").as_deref(),
        Some("access_denied")
    );
    world.close().await;
}

async fn a_form_from_another_site_does_nothing(engine: Engine) {
    let world = World::open(engine).await;
    let app = register(&world.person(Role::Admin).await, "App").await;
    let browser = Browser::new(&world);
    allow(&browser, &address(&world, &request(&app, &[]))).await;
    assert!(browser.cookie().is_some());
    let mut fields = request(&app, &[]);
    fields.push(("action".to_owned(), "allow".to_owned()));
    for (name, value) in [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("origin", "https://evil.example"),
        ("x-none", "1"),
    ] {
        let request = browser.request(reqwest::Method::POST, &world.url("/oauth/authorize"));
        let page = browser.send(request.header(name, value).form(&fields)).await;
        assert_eq!((page.status.as_u16(), page.location), (400, None), "{name}: {value}");
    }
    world.close().await;
}
