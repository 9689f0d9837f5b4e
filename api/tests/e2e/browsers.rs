//! People sign in with a browser: a cookie no script reads, and no foreign page can use.

use std::time::Duration;

use badgecast_domain::access::Role;
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    browser::{Browser, Page},
    revoking::ends,
    world::{Engine, PASSWORD, World, email},
};

crate::stories! {
    a_session_serves_our_own_pages_and_no_others
    a_remembered_session_may_only_edit_the_own_badge_in_the_same_browser
    a_person_sees_where_they_are_signed_in_and_ends_it
    signing_out_anywhere_ends_what_the_session_holds_open
    foreign_pages_read_only_what_a_client_was_registered_for
}

async fn sign_in(world: &World, browser: &Browser<'_>, role: Role, remember: bool) -> Page {
    let wish = json!({ "email": email(role), "password": PASSWORD, "remember": remember });
    let request = browser.request(Method::POST, &world.url("/api/v1/session"));
    browser.send(request.header("sec-fetch-site", "same-origin").header("x-badgecast", "1").json(&wish)).await
}

async fn ask(
    world: &World,
    browser: &Browser<'_>,
    method: Method,
    path: &str,
    headers: &[(&str, &str)],
) -> Page {
    let mut request = browser.request(method, &world.url(path));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    browser.send(request).await
}

const OWN: [(&str, &str); 2] = [("sec-fetch-site", "same-origin"), ("x-badgecast", "1")];

async fn a_session_serves_our_own_pages_and_no_others(engine: Engine) {
    let world = World::open(engine).await;
    let browser = Browser::new(&world);
    let foreign = json!({ "email": email(Role::Manager), "password": PASSWORD });
    let request = browser.request(Method::POST, &world.url("/api/v1/session")).json(&foreign);
    assert_eq!(browser.send(request.header("sec-fetch-site", "cross-site")).await.status, 403);
    assert_eq!(sign_in(&world, &browser, Role::Manager, false).await.status, 204);
    let first = browser.cookie();
    assert_eq!(ask(&world, &browser, Method::GET, "/api/v1/badges", &OWN).await.status, 200);
    assert_eq!(
        ask(&world, &browser, Method::GET, "/api/v1/badges", &[("sec-fetch-site", "cross-site")])
            .await
            .status,
        403
    );
    let announce = json!({ "audience": { "all": true }, "text": "Hi" });
    for (headers, status) in [
        (&OWN[..], 202),
        (&[("sec-fetch-site", "same-origin")], 403),
        (&[("sec-fetch-site", "cross-site"), ("x-badgecast", "1")], 403),
        (&[("origin", "https://evil.example"), ("x-badgecast", "1")], 403),
        (&[("x-badgecast", "1")], 403),
    ] {
        let mut request = browser.request(Method::POST, &world.url("/api/v1/announcements")).json(&announce);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        assert_eq!(browser.send(request).await.status.as_u16(), status, "{headers:?}");
    }
    sign_in(&world, &browser, Role::Manager, false).await;
    assert_ne!(first, browser.cookie(), "every sign-in has an id of its own");
    assert_eq!(ask(&world, &browser, Method::DELETE, "/api/v1/session", &OWN).await.status, 204);
    world.close().await;
}

async fn a_remembered_session_may_only_edit_the_own_badge_in_the_same_browser(engine: Engine) {
    let world = World::open(engine).await;
    let browser = Browser::new(&world);
    assert_eq!(sign_in(&world, &browser, Role::Receptionist, true).await.status, 403, "they own none yet");
    let (badge, ..) = world.device().await;
    world.give_to_receptionist(badge).await;
    assert_eq!(sign_in(&world, &browser, Role::Receptionist, true).await.status, 204);
    let display = format!("/api/v1/badges/{badge}/display");
    assert_eq!(ask(&world, &browser, Method::GET, &display, &OWN).await.status, 200);
    let elsewhere = world.http.get(world.url(&display)).header("cookie", browser.cookie().unwrap());
    let elsewhere = elsewhere.header("sec-fetch-site", "same-origin").header("user-agent", "Other/2.0");
    world.nobody().send(elsewhere).await.is(401);
    // A manager who is remembered is no manager.
    let (theirs, ..) = world.device().await;
    let manager = world.manager().await;
    let id = manager.get("/api/v1/me").await.text("/id");
    manager.patch(&format!("/api/v1/badges/{theirs}"), json!({ "owner_id": id })).await.is(200);
    let remembered = Browser::new(&world);
    assert_eq!(sign_in(&world, &remembered, Role::Manager, true).await.status, 204);
    assert_eq!(ask(&world, &remembered, Method::GET, "/api/v1/badges", &OWN).await.status, 403);
    // It ends with the badge.
    manager.delete(&format!("/api/v1/badges/{badge}")).await;
    assert_eq!(ask(&world, &browser, Method::GET, "/api/v1/me", &OWN).await.status, 401);
    world.close().await;
}

async fn a_person_sees_where_they_are_signed_in_and_ends_it(engine: Engine) {
    let world = World::open(engine).await;
    let (here, there) = (Browser::new(&world), Browser::new(&world));
    sign_in(&world, &here, Role::Manager, false).await;
    sign_in(&world, &there, Role::Manager, false).await;
    let listed = ask(&world, &here, Method::GET, "/api/v1/me/sessions", &OWN).await;
    let listed: Value = serde_json::from_str(&listed.html).unwrap();
    let items = listed["items"].as_array().unwrap();
    assert_eq!(items.len(), 2);
    let other =
        items.iter().find(|item| item["current"] == false).unwrap()["id"].as_str().unwrap().to_owned();
    let path = format!("/api/v1/me/sessions/{other}");
    let stranger = Browser::new(&world);
    sign_in(&world, &stranger, Role::Auditor, false).await;
    assert_eq!(ask(&world, &stranger, Method::DELETE, &path, &OWN).await.status, 404);
    assert_eq!(ask(&world, &here, Method::DELETE, &path, &OWN).await.status, 204);
    assert_eq!(ask(&world, &there, Method::GET, "/api/v1/me", &OWN).await.status, 401);
    assert_eq!(ask(&world, &here, Method::GET, "/api/v1/me", &OWN).await.status, 200);
    world.close().await;
}

async fn signing_out_anywhere_ends_what_the_session_holds_open(engine: Engine) {
    let world = World::open(engine).await;
    for page in ["/api/v1/session", "/oauth/logout"] {
        let browser = Browser::new(&world);
        sign_in(&world, &browser, Role::Manager, false).await;
        let watch = browser.request(Method::GET, &world.url("/api/v1/events"));
        let stream = watch.header("sec-fetch-site", "same-origin").send().await.unwrap();
        assert_eq!(stream.status(), 200);
        if page == "/oauth/logout" {
            browser.submit(page, &[("state", "gone")]).await.says("Signed out");
        } else {
            assert_eq!(ask(&world, &browser, Method::DELETE, page, &OWN).await.status, 204);
        }
        let took = ends(stream.bytes_stream()).await;
        assert!(took < Duration::from_secs(1), "{page}: {took:?}");
    }
    world.close().await;
}

async fn foreign_pages_read_only_what_a_client_was_registered_for(engine: Engine) {
    let world = World::open(engine).await;
    let client = json!({
        "name": "Wallboard", "confidential": false, "redirect_uris": ["https://wall.example/cb"],
        "origins": ["https://wall.example"], "grants": ["authorization_code"], "scopes": "badges:read",
    });
    world.person(Role::Admin).await.post("/api/v1/clients", client).await.is(201);
    for (path, origin, allowed) in [
        ("/api/v1/badges", "https://wall.example", Some("https://wall.example")),
        ("/oauth/token", "https://wall.example", Some("https://wall.example")),
        ("/oauth/authorize", "https://wall.example", None),
        ("/api/v1/badges", "https://evil.example", None),
        ("/api/v1/badges", "null", None),
        ("/oauth/jwks.json", "https://evil.example", Some("*")),
    ] {
        let ask = world.http.request(Method::OPTIONS, world.url(path)).header("origin", origin);
        let answer = ask.header("access-control-request-method", "POST").send().await.unwrap();
        let told = answer
            .headers()
            .get("access-control-allow-origin")
            .map(|value| value.to_str().unwrap().to_owned());
        assert_eq!(told.as_deref(), allowed, "{path} {origin}");
        assert!(!answer.headers().contains_key("access-control-allow-credentials"));
    }
    world.close().await;
}
