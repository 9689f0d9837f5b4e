//! A badge shows a code, a manager types it, and the badge is a member (RFC 8628).

use badgecast_domain::access::Role;
use serde_json::json;

use crate::{
    browser::Browser,
    world::{Answer, Engine, PASSWORD, World, email},
};

crate::stories! {
    a_badge_shows_its_code_and_a_manager_claims_it
    only_who_may_claim_can_and_a_refusal_is_told
    a_command_line_never_gets_administration
    whoever_polls_too_fast_is_slowed_down_and_wrong_codes_are_counted
}

const GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";

async fn start(world: &World, client: &str, extra: &[(&str, &str)]) -> Answer {
    let form = [&[("client_id", client)], extra].concat();
    let request = world.http.post(world.url("/oauth/device_authorization")).form(&form);
    world.nobody().send(request).await
}

async fn poll(world: &World, client: &str, device_code: &str) -> Answer {
    let form = [("grant_type", GRANT), ("client_id", client), ("device_code", device_code)];
    world.nobody().send(world.http.post(world.url("/oauth/token")).form(&form)).await
}

async fn signed_in(world: &World, role: Role) -> Browser<'_> {
    let browser = Browser::new(world);
    browser.open(&world.url("/device")).await.says("Sign in");
    let fields = [("action", "sign_in"), ("email", &*email(role)), ("password", PASSWORD)];
    browser.submit("/device", &fields).await.says("Type the six letters");
    browser
}

async fn a_badge_shows_its_code_and_a_manager_claims_it(engine: Engine) {
    let world = World::open(engine).await;
    let started = start(&world, "badge", &[("model", "Lobby <i>44</i>"), ("panel", "11x44")]).await;
    let (code, device) = (started.text("/user_code"), started.text("/device_code"));
    assert!(code.len() == 6 && code.bytes().all(|c| b"BCDFGHJKLMNPQRSTVWXZ".contains(&c)), "{code}");
    assert_eq!(started.number("/expires_in"), 300);
    assert_eq!(poll(&world, "badge", &device).await.text("/error"), "authorization_pending");
    let browser = signed_in(&world, Role::Manager).await;
    let typed = format!("{} {}", code[..3].to_lowercase(), &code[3..]);
    let question = browser.submit("/device", &[("action", "look"), ("user_code", &typed)]).await;
    question.says("Lobby &#60;i&#62;44").says("127.0.0.0/24");
    let yes = [("action", "allow"), ("user_code", &*code), ("name", "Front desk")];
    browser.submit("/device", &yes).await.says("Front desk");
    let given = poll(&world, "badge", &device).await;
    let (badge, secret) = (given.text("/badge_id"), given.text("/client_secret"));
    assert_eq!(given.text("/scope"), "device:connect");
    world.bearer(&given.text("/access_token")).get("/api/v1/me/show").await.is(200);
    world.device_token(&badge, &secret).await.is(200);
    let seen = world.manager().await.get(&format!("/api/v1/badges/{badge}")).await.is(200);
    assert_eq!(seen.text("/name"), "Front desk");
    // The code is used: nobody else can claim with it, and another client cannot poll for it.
    browser
        .submit("/device", &[("action", "look"), ("user_code", &code)])
        .await
        .says("No device shows this code");
    assert_eq!(poll(&world, "badgecast", &device).await.text("/error"), "invalid_grant");
    world.close().await;
}

async fn only_who_may_claim_can_and_a_refusal_is_told(engine: Engine) {
    let world = World::open(engine).await;
    let started = start(&world, "badge", &[]).await;
    let code = started.text("/user_code");
    let receptionist = signed_in(&world, Role::Receptionist).await;
    let refused = receptionist.submit("/device", &[("action", "allow"), ("user_code", &code)]).await;
    assert_eq!(refused.status, 403);
    let manager = signed_in(&world, Role::Manager).await;
    manager.submit("/device", &[("action", "deny"), ("user_code", &code)]).await.says("Refused");
    let device = started.text("/device_code");
    assert_eq!(poll(&world, "badge", &device).await.text("/error"), "access_denied");
    let wrong = [("model", "x".repeat(101)), ("panel", "9x9".into()), ("public_key", "{}".into())];
    for (name, value) in wrong {
        assert_eq!(
            start(&world, "badge", &[(name, &value)]).await.text("/error"),
            "invalid_request",
            "{name}"
        );
    }
    world.close().await;
}

async fn a_command_line_never_gets_administration(engine: Engine) {
    let world = World::open(engine).await;
    let wide = start(&world, "badgecast", &[("scope", "users:admin")]).await;
    assert_eq!(wide.text("/error"), "invalid_scope");
    let started = start(&world, "badgecast", &[]).await;
    let (code, device) = (started.text("/user_code"), started.text("/device_code"));
    let admin = signed_in(&world, Role::Admin).await;
    admin.submit("/device", &[("action", "look"), ("user_code", &code)]).await.says("as you");
    admin.submit("/device", &[("action", "allow"), ("user_code", &code)]).await.says("Done");
    let given = poll(&world, "badgecast", &device).await;
    let cli = world.bearer(&given.text("/access_token"));
    cli.post("/api/v1/badges", json!({})).await.is(201);
    cli.get("/api/v1/users").await.is(403);
    assert!(given.body.get("refresh_token").is_some());
    assert_eq!(poll(&world, "badgecast", &device).await.text("/error"), "invalid_grant", "once only");
    world.close().await;
}

async fn whoever_polls_too_fast_is_slowed_down_and_wrong_codes_are_counted(engine: Engine) {
    let world = World::open(engine).await;
    let device = start(&world, "badge", &[]).await.text("/device_code");
    assert_eq!(poll(&world, "badge", &device).await.text("/error"), "authorization_pending");
    assert_eq!(poll(&world, "badge", &device).await.text("/error"), "slow_down");
    assert_eq!(poll(&world, "badge", "nonsense").await.text("/error"), "invalid_grant");
    let browser = signed_in(&world, Role::Manager).await;
    for _ in 0..5 {
        browser
            .submit("/device", &[("action", "look"), ("user_code", "BBBBBB")])
            .await
            .says("No device shows");
    }
    let waits = browser.submit("/device", &[("action", "look"), ("user_code", "BBBBBB")]).await;
    assert_eq!(waits.status, 429);
    world.close().await;
}
