//! Whoever holds a key-bound token and not its key holds nothing (RFC 9449).

use badgecast::auth::watch::Kind;
use badgecast_broker::Gate as _;
use badgecast_domain::access::Role;
use jsonwebtoken::{Algorithm, EncodingKey, crypto};
use reqwest::Method;
use serde_json::{Value, json};
use url::Url;

use crate::{
    applications::{CHALLENGE, VERIFIER, allow, parameter},
    browser::Browser,
    signer::{Prover, Signer},
    thieves::{elsewhere, told},
    world::{Answer, Engine, World},
};

crate::stories! {
    a_token_bound_to_a_key_is_worth_nothing_without_it
    every_wrong_proof_is_refused_and_told_why
    a_proof_counts_once_and_a_restart_does_not_change_that
    a_bound_token_in_two_networks_ends_at_once
    a_public_application_refreshes_with_its_key_only
    a_client_registered_for_bound_tokens_gets_no_others
    no_other_scheme_is_served
}

const OWN: (&str, &str) = ("grant_type", "client_credentials");
/// A name that stays when the port changes.
const PUBLIC: &str = "https://badges.example";

/// An integration: its id and secret.
async fn integration(world: &World, extra: Value) -> (String, String) {
    let mut client = json!({ "name": "Panel", "grants": ["client_credentials"], "scopes": "badges:read" });
    client.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
    let answer = world.person(Role::Admin).await.post("/api/v1/clients", client).await.is(201);
    (answer.text("/id"), answer.text("/client_secret"))
}

async fn post(world: &World, path: &str, (id, secret): (&str, &str), form: &[(&str, &str)]) -> Answer {
    world.nobody().send(world.http.post(world.url(path)).basic_auth(id, Some(secret)).form(form)).await
}

/// What the challenge of a refusal says is wrong.
fn error(answer: &Answer) -> String {
    let challenge = answer.header("www-authenticate");
    challenge.split_once("error=\"").unwrap_or_default().1.split('"').next().unwrap_or_default().to_owned()
}

async fn a_token_bound_to_a_key_is_worth_nothing_without_it(engine: Engine) {
    let world = World::open(engine).await;
    let (id, secret) = integration(&world, json!({})).await;
    let prover = Prover::new(&world);
    let given = prover.token(Some((&id, &secret)), &[OWN]).await;
    assert_eq!(given.text("/token_type"), "DPoP");
    let token = given.text("/access_token");
    prover.get("/api/v1/badges", &token).await.is(200);
    prover.get("/api/v1/badges?limit=1", &token).await.is(200);
    // The thief has the token.
    let stolen = world.bearer(&token).get("/api/v1/badges").await.is(401);
    assert!(stolen.header("www-authenticate").starts_with("DPoP error=\"invalid_token\""));
    let request =
        || world.http.get(world.url("/api/v1/badges")).header("authorization", format!("DPoP {token}"));
    assert_eq!(error(&Answer::of(request().send().await.unwrap()).await.is(401)), "invalid_dpop_proof");
    let thief = Prover::new(&world);
    assert_eq!(error(&thief.get("/api/v1/badges", &token).await.is(401)), "use_dpop_nonce");
    assert_eq!(error(&thief.get("/api/v1/badges", &token).await.is(401)), "invalid_token");
    // Nor does it open the other door.
    let (badge, device_secret, _) = world.device().await;
    let device = prover.token(Some((&badge.to_string(), &device_secret)), &[OWN]).await;
    let door = badgecast_broker::gate::Credentials {
        client_id: badge.to_string(),
        username: badge.to_string(),
        password: device.text("/access_token"),
        peer: ([127, 0, 0, 1], 1).into(),
    };
    let gate = badgecast::admission::Admission(world.running.house.clone());
    assert!(gate.admit(door).await.is_err(), "MQTT has no proof of possession");
    prover.get("/api/v1/me/show", &device.text("/access_token")).await.is(200);
    // A token bound to nothing is not made better by a proof.
    let bearer = post(&world, "/oauth/token", (&id, &secret), &[OWN]).await;
    assert_eq!(bearer.text("/token_type"), "Bearer");
    let unbound = prover.get("/api/v1/badges", &bearer.text("/access_token")).await.is(401);
    assert_eq!(error(&unbound), "invalid_token");
    let seen = post(&world, "/oauth/introspect", (&id, &secret), &[("token", &token)]).await;
    assert_eq!(seen.text("/token_type"), "DPoP");
    assert_eq!(seen.text("/cnf/jkt"), prover.signer.thumbprint());
    let head = world.http.head(world.url("/api/v1/badges")).header("authorization", format!("DPoP {token}"));
    assert_eq!(prover.send(head, &[prover.proof("HEAD", "/api/v1/badges", Some(&token))]).await.status, 200);
    world.close().await;
}

/// What can be wrong with the proof of a request, the headers it then has, and what the answer says.
fn wrong_proofs(
    prover: &Prover<'_>,
    (verb, path): (&str, &str),
    token: Option<&str>,
    now: i64,
) -> Vec<(&'static str, Vec<String>, &'static str)> {
    let good = || prover.claims(verb, path, token);
    let claim = |name: &str, value: Value| {
        let mut claims = good();
        claims[name] = value;
        vec![prover.signer.sign(&prover.header(), &claims)]
    };
    let header = |name: &str, value: Value| {
        let mut header = prover.header();
        header[name] = value;
        vec![prover.signer.sign(&header, &good())]
    };
    let proof = || prover.proof(verb, path, token);
    let hmac = {
        let good = proof();
        // {"typ":"dpop+jwt","alg":"HS256"}, signed with what everybody knows.
        let header = "eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkhTMjU2In0";
        let message = format!("{header}.{}", good.split('.').nth(1).unwrap());
        let key = EncodingKey::from_secret(prover.signer.jwk().to_string().as_bytes());
        let signature = crypto::sign(message.as_bytes(), &key, Algorithm::HS256).unwrap();
        vec![format!("{message}.{signature}")]
    };
    let signature = |of: &str| of.rsplit_once('.').unwrap().1.to_owned();
    let with_signature =
        |signature: &str| vec![format!("{}.{signature}", proof().rsplit_once('.').unwrap().0)];
    let others = signature(&Signer::new().sign(&prover.header(), &good()));
    let mut private = prover.signer.jwk();
    private["d"] = json!("jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI");
    let url = good()["htu"].as_str().unwrap().to_owned();
    let invalid = "invalid_dpop_proof";
    let mut cases = vec![
        ("two of them", vec![proof(), proof()], invalid),
        ("not a JWT", vec!["nonsense".to_owned()], invalid),
        ("too long", claim("jti", json!("j".repeat(5_000))), invalid),
        ("HMAC", hmac, invalid),
        ("alg none", header("alg", json!("none")), invalid),
        ("another alg than the key's", header("alg", json!("RS256")), invalid),
        ("no signature", with_signature(""), invalid),
        ("another's signature", with_signature(&others), invalid),
        ("another typ", header("typ", json!("JWT")), invalid),
        ("no typ", header("typ", Value::Null), invalid),
        ("a private key", header("jwk", private), invalid),
        ("a symmetric key", header("jwk", json!({ "kty": "oct", "k": "AAAA" })), invalid),
        ("no key", header("jwk", Value::Null), invalid),
        ("another's key", header("jwk", Signer::new().jwk()), invalid),
        ("critical", header("crit", json!(["exp"])), invalid),
        ("b64", header("b64", json!(false)), invalid),
        ("a key from afar", header("jku", json!("https://keys.example")), invalid),
        ("another method", claim("htm", json!("DELETE")), invalid),
        ("method in small letters", claim("htm", json!(verb.to_lowercase())), invalid),
        ("another path", claim("htu", json!(url.replace(path, "/api/v1/groups"))), invalid),
        ("a slash more", claim("htu", json!(format!("{url}/"))), invalid),
        ("another host", claim("htu", json!(format!("http://elsewhere.example{path}"))), invalid),
        ("another scheme", claim("htu", json!(url.replacen("http", "https", 1))), invalid),
        ("another port", claim("htu", json!(format!("http://127.0.0.1{path}"))), invalid),
        ("a user in the address", claim("htu", json!(url.replacen("//", "//me@", 1))), invalid),
        ("a path in capitals", claim("htu", json!(url.replace(path, &path.to_uppercase()))), invalid),
        ("no whole address", claim("htu", json!(path)), invalid),
        ("stale", claim("iat", json!(now - 600)), invalid),
        ("ahead", claim("iat", json!(now + 600)), invalid),
        ("before all time", claim("iat", json!(i64::MIN)), invalid),
        ("no iat", claim("iat", Value::Null), invalid),
        ("no jti", claim("jti", Value::Null), invalid),
        ("an empty jti", claim("jti", json!("")), invalid),
        ("a long jti", claim("jti", json!("j".repeat(201))), invalid),
        ("no nonce", claim("nonce", Value::Null), "use_dpop_nonce"),
        ("a made-up nonce", claim("nonce", json!("AAABmr0AAAAAAAAAAAAAAAAAAAAAAAAA")), "use_dpop_nonce"),
    ];
    if let Some(token) = token {
        cases.extend([
            ("none", vec![], invalid),
            ("the token itself", vec![token.to_owned()], invalid),
            ("no ath", claim("ath", Value::Null), invalid),
            (
                "another token's ath",
                claim("ath", json!("fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo")),
                invalid,
            ),
        ]);
    }
    cases
}

async fn every_wrong_proof_is_refused_and_told_why(engine: Engine) {
    let world = World::open(engine).await;
    let (id, secret) = integration(&world, json!({})).await;
    let prover = Prover::new(&world);
    let token = prover.token(Some((&id, &secret)), &[OWN]).await.text("/access_token");
    let path = "/api/v1/badges";
    let read = || world.http.get(world.url(path)).header("authorization", format!("DPoP {token}"));
    let ask = || world.http.post(world.url("/oauth/token")).basic_auth(&id, Some(&secret)).form(&[OWN]);
    let now = world.running.house.now().s();
    for (what, proofs, expected) in wrong_proofs(&prover, ("GET", path), Some(&token), now) {
        let answer = prover.send(read(), &proofs).await.is(401);
        assert_eq!(error(&answer), expected, "{what}: {}", answer.body);
    }
    for (what, proofs, expected) in wrong_proofs(&prover, ("POST", "/oauth/token"), None, now) {
        let answer = prover.send(ask(), &proofs).await;
        assert_eq!((answer.status.as_u16(), answer.text("/error")), (400, expected.to_owned()), "{what}");
    }
    // The same address, otherwise written (RFC 3986 section 6.2); query and fragment do not count.
    let url = format!("{}{path}", world.running.house.base_url());
    for same in
        [format!("{url}?limit=1#top"), url.replacen("http", "HTTP", 1), url.replace("/v1/", "/v1/../v1/")]
    {
        let mut claims = prover.claims("GET", path, Some(&token));
        claims["htu"] = json!(same);
        prover.send(read(), &[prover.signer.sign(&prover.header(), &claims)]).await.is(200);
    }
    let metadata = world.nobody().get("/.well-known/oauth-authorization-server").await;
    assert_eq!(metadata.body["dpop_signing_alg_values_supported"], json!(["ES256"]));
    world.close().await;
}

async fn a_proof_counts_once_and_a_restart_does_not_change_that(engine: Engine) {
    let mut world = World::with(engine, |config| config.public_url = Some(PUBLIC.to_owned())).await;
    let (id, secret) = integration(&world, json!({})).await;
    let path = "/api/v1/badges";
    let (token, used, unused) = {
        let prover = Prover::new(&world);
        let token = prover.token(Some((&id, &secret)), &[OWN]).await.text("/access_token");
        let used = prover.proof("GET", path, Some(&token));
        (token.clone(), used, prover.proof("GET", path, Some(&token)))
    };
    let show = async |world: &World, proof: &str| {
        let request = world.http.get(world.url(path)).header("authorization", format!("DPoP {token}"));
        Answer::of(request.header("dpop", proof).send().await.unwrap()).await
    };
    show(&world, &used).await.is(200);
    for restart in [false, true] {
        if restart {
            world = world.restarted().await;
        }
        let again = show(&world, &used).await.is(401);
        assert_eq!(error(&again), "invalid_dpop_proof");
        assert_eq!(again.text("/detail"), "the proof was shown before");
    }
    // It was not the restart that made it useless: nonces and tokens outlive one.
    show(&world, &unused).await.is(200);
    let events = told(&world, Kind::ReplayedProof, 1).await;
    assert_eq!(events[0]["object_id"], json!(id));
    world.close().await;
}

/// It is worth nothing without its key, so whoever uses it elsewhere has the key as well.
async fn a_bound_token_in_two_networks_ends_at_once(engine: Engine) {
    let world = World::open(engine).await;
    let (id, secret) = integration(&world, json!({})).await;
    let prover = Prover::new(&world);
    let path = "/api/v1/badges";
    let token = prover.token(Some((&id, &secret)), &[OWN]).await.text("/access_token");
    prover.get(path, &token).await.is(200);
    let thief = elsewhere(9, "curl").get(world.url(path)).header("authorization", format!("DPoP {token}"));
    prover.send(thief, &[prover.proof("GET", path, Some(&token))]).await.is(200);
    world
        .until("the end of the token", async || (prover.get(path, &token).await.status == 401).then_some(()))
        .await;
    let events = told(&world, Kind::TwoNetworks, 1).await;
    assert!(events[0]["detail"].as_str().unwrap().starts_with("reaction=revoke"), "{events:?}");
    world.close().await;
}

async fn a_public_application_refreshes_with_its_key_only(engine: Engine) {
    let world = World::open(engine).await;
    let prover = Prover::new(&world);
    let application = json!({
        "name": "Pocket", "confidential": false, "redirect_uris": ["http://127.0.0.1/callback"],
        "grants": ["authorization_code", "refresh_token"], "scopes": "badges:read",
    });
    let registered = world.person(Role::Admin).await.post("/api/v1/clients", application).await.is(201);
    let id = registered.text("/id");
    let asked = |key: &str| {
        let parameters = [
            ("response_type", "code"),
            ("client_id", &id),
            ("redirect_uri", "http://127.0.0.1/callback"),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
            ("dpop_jkt", key),
        ];
        Url::parse_with_params(&world.url("/oauth/authorize"), parameters).unwrap()
    };
    let refused = Browser::new(&world).open(asked("short").as_str()).await;
    assert_eq!(refused.sent("error").as_deref(), Some("invalid_request"));
    let exchange = async |who: &Prover<'_>| {
        let back = allow(&Browser::new(&world), &asked(&prover.signer.thumbprint())).await;
        let code = parameter(&back, "code");
        let form = [
            ("grant_type", "authorization_code"),
            ("client_id", &*id),
            ("code", &*code),
            ("redirect_uri", "http://127.0.0.1/callback"),
            ("code_verifier", VERIFIER),
        ];
        who.token(None, &form).await
    };
    // The code was meant for one key.
    let thief = Prover::new(&world);
    assert_eq!(exchange(&thief).await.text("/error"), "invalid_grant");
    let given = exchange(&prover).await;
    prover.get("/api/v1/badges", &given.text("/access_token")).await.is(200);
    let refresh = given.text("/refresh_token");
    let form = [("grant_type", "refresh_token"), ("client_id", &*id), ("refresh_token", &*refresh)];
    assert_eq!(thief.token(None, &form).await.text("/error"), "invalid_grant");
    let bare = world.http.post(world.url("/oauth/token")).form(&form);
    assert_eq!(world.nobody().send(bare).await.text("/error"), "invalid_grant");
    // Neither attempt counted as a use, nor ended the family.
    let next = prover.token(None, &form).await;
    assert_eq!(next.text("/token_type"), "DPoP");
    prover.get("/api/v1/badges", &next.text("/access_token")).await.is(200);
    world.close().await;
}

async fn a_client_registered_for_bound_tokens_gets_no_others(engine: Engine) {
    let world = World::open(engine).await;
    let (id, secret) = integration(&world, json!({ "dpop_bound_access_tokens": true })).await;
    let bare = post(&world, "/oauth/token", (&id, &secret), &[OWN]).await;
    assert_eq!((bare.status.as_u16(), bare.text("/error")), (400, "invalid_dpop_proof".to_owned()));
    let given = Prover::new(&world).token(Some((&id, &secret)), &[OWN]).await;
    assert_eq!(given.text("/token_type"), "DPoP");
    let listed = world.person(Role::Admin).await.get("/api/v1/clients").await.is(200);
    assert_eq!(listed.body["items"][0]["dpop_bound_access_tokens"], true);
    world.close().await;
}

async fn no_other_scheme_is_served(engine: Engine) {
    let world = World::open(engine).await;
    let manager = world.manager().await.token.unwrap();
    let key = json!({ "name": "report", "scopes": "badges:read" });
    let admin = world.person(Role::Admin).await;
    let keys = format!("/api/v1/users/{}/keys", admin.get("/api/v1/me").await.text("/id"));
    let key = admin.post(&keys, key).await.is(201).text("/key");
    for shown in [
        // draft-ietf-oauth-v2-http-mac: a key and a signature, without a proof of what was signed when.
        "MAC id=\"h480djs93hd8\", nonce=\"264095:dj83hs9s\", mac=\"SLDJd4mg43cjQfElUs3Qub4L6xE=\"".to_owned(),
        format!("MAC {manager}"),
        format!("Token {manager}"),
        format!("Basic {manager}"),
        format!("DPoP {key}"),
        format!("DPoP {manager}"),
    ] {
        let request = world.nobody().request(Method::GET, "/api/v1/badges").header("authorization", &shown);
        let answer = world.nobody().send(request).await.is(401);
        let challenge = answer.header("www-authenticate");
        let known = challenge.starts_with("Bearer ") || challenge.starts_with("DPoP ");
        assert!(known && !challenge.contains("MAC"), "{shown}: {challenge}");
    }
    world.bearer(&manager).get("/api/v1/badges").await.is(200);
    world.bearer(&key).get("/api/v1/badges").await.is(200);
    world.close().await;
}
