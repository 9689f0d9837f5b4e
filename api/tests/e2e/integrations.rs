//! Integrations act for themselves, with a secret or a key, and whoever asks is told what a token is worth.

use badgecast::auth::watch::Kind;
use badgecast_domain::access::Role;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    signer::Signer,
    thieves::told,
    world::{Answer, Engine, World},
};

crate::stories! {
    an_integration_reads_and_writes_nothing
    a_client_that_signs_its_requests_needs_no_secret
    a_wrong_proof_gets_nothing
    whoever_holds_a_token_may_end_it_and_no_other_client
    an_api_key_does_what_it_may_until_it_is_revoked
    a_disabled_client_is_over_at_once
}

async fn integration(world: &World, extra: Value) -> (String, Answer) {
    let mut client = json!({ "name": "Panel", "grants": ["client_credentials"], "scopes": "badges:read" });
    client.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
    let answer = world.person(Role::Admin).await.post("/api/v1/clients", client).await.is(201);
    (answer.text("/id"), answer)
}

async fn post(world: &World, path: &str, proof: Option<(&str, &str)>, form: &[(&str, &str)]) -> Answer {
    let request = world.http.post(world.url(path)).form(form);
    let request = match proof {
        Some((id, secret)) => request.basic_auth(id, Some(secret)),
        None => request,
    };
    world.nobody().send(request).await
}

const OWN: (&str, &str) = ("grant_type", "client_credentials");

async fn an_integration_reads_and_writes_nothing(engine: Engine) {
    let world = World::open(engine).await;
    let (id, registered) = integration(&world, json!({})).await;
    let secret = registered.text("/client_secret");
    let given = post(&world, "/oauth/token", Some((&id, &secret)), &[OWN]).await;
    assert!(given.body.get("refresh_token").is_none());
    let bearer = world.bearer(&given.text("/access_token"));
    bearer.get("/api/v1/badges").await.is(200);
    bearer.post("/api/v1/badges", json!({})).await.is(403);
    assert_eq!(bearer.get("/api/v1/me").await.text("/kind"), "client");
    let more = post(&world, "/oauth/token", Some((&id, &secret)), &[OWN, ("scope", "users:admin")]).await;
    assert_eq!(more.text("/error"), "invalid_scope");
    let token = given.text("/access_token");
    let seen = post(&world, "/oauth/introspect", Some((&id, &secret)), &[("token", &token)]).await;
    assert_eq!((&seen.body["active"], seen.text("/client_id")), (&json!(true), id));
    world.close().await;
}

async fn a_client_that_signs_its_requests_needs_no_secret(engine: Engine) {
    let world = World::open(engine).await;
    let signer = Signer::new();
    let (id, registered) = integration(&world, json!({ "public_key": signer.jwk() })).await;
    assert!(registered.body.get("client_secret").is_none());
    let now = world.running.house.now().s();
    let good = json!({
        "iss": id, "sub": id, "aud": world.url("/oauth/token"), "exp": now + 60, "jti": Uuid::now_v7(),
    });
    let ask = async |jwt: &str| {
        let kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
        let form = [OWN, ("client_assertion_type", kind), ("client_assertion", jwt)];
        post(&world, "/oauth/token", None, &form).await
    };
    let header = json!({ "typ": "JWT", "alg": "ES256" });
    let jwt = signer.sign(&header, &good);
    assert_eq!(ask(&jwt).await.status, 200);
    assert_eq!(ask(&jwt).await.text("/error"), "invalid_client", "each assertion counts once");
    assert_eq!(told(&world, Kind::ReplayedProof, 1).await[0]["object_id"], json!(id));
    for (claim, value) in [
        ("aud", json!("https://elsewhere.example")),
        ("aud", json!([world.url("/oauth/token"), "https://elsewhere.example"])),
        ("exp", json!(now - 60)),
        ("exp", json!(now + 3_700)),
        ("iss", json!("somebody")),
        ("jti", Value::Null),
    ] {
        let mut wrong = good.clone();
        wrong["jti"] = json!(Uuid::now_v7());
        wrong[claim] = value.clone();
        assert_eq!(
            ask(&signer.sign(&header, &wrong)).await.text("/error"),
            "invalid_client",
            "{claim}: {value}"
        );
    }
    let mut forged = good;
    forged["jti"] = json!(Uuid::now_v7());
    assert_eq!(ask(&Signer::new().sign(&header, &forged)).await.text("/error"), "invalid_client");
    world.close().await;
}

async fn a_wrong_proof_gets_nothing(engine: Engine) {
    let world = World::open(engine).await;
    let (id, registered) = integration(&world, json!({})).await;
    let secret = registered.text("/client_secret");
    let (badge, badge_secret, _) = world.device().await;
    for (proof, form, error) in [
        (Some((id.as_str(), "wrong")), vec![OWN], "invalid_client"),
        (Some((id.as_str(), badge_secret.as_str())), vec![OWN], "invalid_client"),
        (Some(("badgecast", secret.as_str())), vec![OWN], "invalid_client"),
        (None, vec![OWN, ("client_id", id.as_str())], "invalid_client"),
        (None, vec![OWN], "invalid_client"),
        (None, vec![OWN, ("client_id", "badgecast")], "unauthorized_client"),
        (None, vec![OWN, ("client_id", id.as_str()), ("client_secret", secret.as_str())], "invalid_request"),
        (Some((id.as_str(), secret.as_str())), vec![], "invalid_request"),
        (Some((id.as_str(), secret.as_str())), vec![OWN, OWN], "invalid_request"),
        (Some((id.as_str(), secret.as_str())), vec![("grant_type", "magic")], "unsupported_grant_type"),
    ] {
        let answer = post(&world, "/oauth/token", proof, &form).await;
        assert_eq!(answer.text("/error"), error, "{form:?}");
        assert_eq!(answer.headers.contains_key("www-authenticate"), answer.status == 401);
    }
    // The token endpoint reads no address.
    let request = world.http.post(world.url("/oauth/token?grant_type=client_credentials")).form(&[OWN]);
    assert_eq!(world.nobody().send(request).await.text("/error"), "invalid_request");
    // A badge is a client of its own, for nothing but itself.
    let badge = badge.to_string();
    let wide = [OWN, ("scope", "badges:read")];
    let wide = post(&world, "/oauth/token", Some((&badge, &badge_secret)), &wide).await;
    assert_eq!(wide.text("/error"), "invalid_scope");
    world.close().await;
}

async fn whoever_holds_a_token_may_end_it_and_no_other_client(engine: Engine) {
    let world = World::open(engine).await;
    let (id, registered) = integration(&world, json!({})).await;
    let secret = registered.text("/client_secret");
    let (other, registered) = integration(&world, json!({})).await;
    let other_secret = registered.text("/client_secret");
    let token = post(&world, "/oauth/token", Some((&id, &secret)), &[OWN]).await.text("/access_token");
    let bearer = world.bearer(&token);
    // Always 200 (RFC 7009 section 2.2): nobody learns by revoking which tokens there are.
    assert_eq!(
        post(&world, "/oauth/revoke", Some((&other, &other_secret)), &[("token", &token)]).await.status,
        200
    );
    bearer.get("/api/v1/badges").await.is(200);
    assert_eq!(
        post(&world, "/oauth/revoke", Some((&id, &secret)), &[("token", "nonsense")]).await.status,
        200
    );
    assert_eq!(post(&world, "/oauth/revoke", Some((&id, &secret)), &[("token", &token)]).await.status, 200);
    bearer.get("/api/v1/badges").await.is(401);
    let seen = post(&world, "/oauth/introspect", Some((&id, &secret)), &[("token", &token)]).await;
    assert_eq!(seen.body, json!({ "active": false }));
    // A login is ended by its refresh token, and its access token with it.
    let manager = world.manager().await;
    let form = [("token", manager.refresh.as_str()), ("client_id", "badgecast")];
    assert_eq!(post(&world, "/oauth/revoke", None, &form).await.status, 200);
    manager.get("/api/v1/me").await.is(401);
    world.close().await;
}

async fn an_api_key_does_what_it_may_until_it_is_revoked(engine: Engine) {
    let world = World::open(engine).await;
    let admin = world.person(Role::Admin).await;
    let manager = world.manager().await.get("/api/v1/me").await.text("/id");
    let keys = format!("/api/v1/users/{manager}/keys");
    let wish = |scopes: &str| json!({ "name": "report", "scopes": scopes });
    admin.post(&keys, wish("users:admin")).await.is(422);
    let made = admin.post(&keys, wish("badges:read")).await.is(201);
    let (key, id) = (made.text("/key"), made.text("/id"));
    assert!(key.starts_with("bk_"));
    let script = world.bearer(&key);
    script.get("/api/v1/badges").await.is(200);
    script.post("/api/v1/announcements", json!({ "audience": { "all": true }, "text": "Hi" })).await.is(403);
    let mut mistyped = key.clone();
    mistyped.replace_range(5..6, if &key[5..6] == "A" { "B" } else { "A" });
    world.bearer(&mistyped).get("/api/v1/badges").await.is(401);
    admin.post(&keys, wish("badges:read")).await.is(201);
    admin.post(&keys, wish("badges:read")).await.is(409);
    let listed = admin.get(&keys).await.is(200);
    assert!(!listed.body.to_string().contains("bk_") && listed.body.to_string().contains("last_used_at"));
    admin.delete(&format!("{keys}/{id}")).await.is(204);
    script.get("/api/v1/badges").await.is(401);
    world.close().await;
}

async fn a_disabled_client_is_over_at_once(engine: Engine) {
    let world = World::open(engine).await;
    let (id, registered) = integration(&world, json!({})).await;
    let secret = registered.text("/client_secret");
    let token = post(&world, "/oauth/token", Some((&id, &secret)), &[OWN]).await.text("/access_token");
    let admin = world.person(Role::Admin).await;
    world.manager().await.delete(&format!("/api/v1/clients/{id}")).await.is(403);
    admin.delete(&format!("/api/v1/clients/{id}")).await.is(204);
    world.bearer(&token).get("/api/v1/badges").await.is(401);
    let again = post(&world, "/oauth/token", Some((&id, &secret)), &[OWN]).await;
    assert_eq!(again.text("/error"), "invalid_client");
    world.close().await;
}
