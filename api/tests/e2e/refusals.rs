//! Bad input is refused with a clear error, and nothing breaks.

use badgecast_domain::{access::Role, id::BadgeId};
use reqwest::{Method, header};
use serde_json::json;

use crate::world::{Engine, World};

crate::stories! {
    a_hundred_malformed_requests_are_refused_and_none_breaks_the_server
    a_token_is_needed_and_has_to_be_a_good_one
    wrong_verbs_and_unknown_addresses_are_problems_too
    a_claim_code_works_until_the_first_token_and_never_again
}

async fn a_hundred_malformed_requests_are_refused_and_none_breaks_the_server(engine: Engine) {
    let world = World::open(engine).await;
    let admin = world.person(Role::Admin).await;
    let (badge, ..) = world.device().await;
    let bodies = [
        "",
        "{",
        "[]",
        "null",
        "true",
        "1",
        "\"text\"",
        "{}",
        "{\"a\":1}",
        "{\"text\":1}",
        "{\"text\":null}",
        "{\"text\":[]}",
        "{\"text\":\"\\ud800\"}",
        "{\"text\":\"a\",\"text\":\"b\"}",
        "{\"name\":\"\"}",
        "{\"name\":\" a\"}",
        "{\"name\":\"a\\u0000\"}",
        "{\"audience\":{}}",
        "{\"audience\":{\"all\":1},\"text\":\"a\"}",
        "{\"audience\":{\"all\":true},\"level\":\"loud\",\"text\":\"a\"}",
        "{\"audience\":{\"all\":true},\"text\":\"a\",\"valid_until\":\"yesterday\"}",
        "{\"audience\":{\"all\":true},\"text\":\"a\",\"valid_until\":\"1999-01-01T00:00:00Z\"}",
        "{\"audience\":{\"groups\":[\"x\"]},\"text\":\"a\"}",
        "{\"audience\":{\"badges\":[\"018f0000-0000-7000-8000-000000000000\"]},\"text\":\"a\"}",
        "{\"email\":\"nobody\",\"role\":\"admin\"}",
        "{\"email\":\"a@b.c\",\"role\":\"king\"}",
        "{\"email\":\"a@b.c\",\"role\":\"admin\",\"password\":\"short\"}",
        "{\"claim_code\":\"nonsense\"}",
        "{\"command\":\"explode\"}",
        "{\"badges\":[1]}",
        "\u{feff}{}",
        "{\"display\":{\"messages\":[]},\"audience\":{\"all\":true}}",
    ];
    let routes = [
        (Method::POST, "/api/v1/announcements".to_owned()),
        (Method::PUT, format!("/api/v1/badges/{badge}/display")),
        (Method::POST, format!("/api/v1/badges/{badge}/command")),
        (Method::POST, "/api/v1/users".to_owned()),
        (Method::POST, "/api/v1/claims".to_owned()),
        (Method::POST, "/api/v1/login".to_owned()),
        (Method::POST, "/api/v1/groups".to_owned()),
    ];
    let mut refused = 0;
    for (method, path) in &routes {
        for body in bodies {
            let request =
                admin.request(method.clone(), path).header(header::CONTENT_TYPE, "application/json");
            let answer = admin.send(request.body(body)).await;
            assert!(answer.status.as_u16() < 500, "{method} {path} {body}: {}", answer.body);
            if answer.status.is_client_error() {
                assert_eq!(answer.body["status"], answer.status.as_u16(), "{path} {body}");
                refused += 1;
            }
        }
    }
    assert!(refused > 200, "{refused}");
    for id in [
        "x",
        "0",
        "-1",
        "%00",
        "%F0%9F",
        "018f",
        "{id}",
        "..%2f..",
        "null",
        "018f0000-0000-7000-8000-000000000000",
    ] {
        for path in ["badges", "users", "groups", "announcements"] {
            admin.get(&format!("/api/v1/{path}/{id}")).await.is(404);
        }
    }
    for query in ["limit=0", "limit=-1", "limit=x", "limit=201", "after=x", "colour=red", "limit=1&limit=2"] {
        admin.get(&format!("/api/v1/badges?{query}")).await.is(400);
    }
    let email = "a\u{0}@b.c";
    world.nobody().post("/api/v1/login", json!({ "email": email, "password": "x" })).await.is(401);
    admin.get("/api/v1/badges?q=%00&tag=%00").await.is(200);
    let nul = json!({ "audience": { "all": true, }, "text": "a\u{0}b" });
    let nul = admin.post("/api/v1/announcements", nul).await;
    assert!(nul.status.as_u16() < 500, "{}", nul.body);
    let form = admin.request(Method::POST, "/api/v1/groups").form(&[("name", "a")]);
    admin.send(form).await.is(415);
    let huge = admin.request(Method::POST, "/api/v1/groups").json(&json!({ "name": "a".repeat(100_000) }));
    admin.send(huge).await.is(413);
    admin.get("/api/v1/me").await.is(200);
    world.close().await;
}

async fn a_token_is_needed_and_has_to_be_a_good_one(engine: Engine) {
    let world = World::open(engine).await;
    let manager = world.manager().await;
    let none = world.nobody().get("/api/v1/me").await.is(401);
    assert_eq!(none.header("www-authenticate"), "Bearer realm=\"badgecast\", DPoP algs=\"ES256\"");
    let token = manager.token.clone().unwrap();
    let (head, signature) = token.rsplit_once('.').unwrap();
    let forged = format!("{head}.{}", signature.chars().rev().collect::<String>());
    for wrong in ["x", "a.b.c", &forged, "eyJhbGciOiJub25lIn0.e30."] {
        let answer = world.bearer(wrong).get("/api/v1/me").await.is(401);
        assert!(answer.header("www-authenticate").starts_with("Bearer error=\"invalid_token\""), "{wrong}");
    }
    world.nobody().get(&format!("/api/v1/me?access_token={token}")).await.is(400);
    let basic = world.nobody().request(Method::GET, "/api/v1/me").basic_auth("a", Some("b"));
    world.nobody().send(basic).await.is(401);
    let (_, _, device) = world.device().await;
    world.bearer(&device).get("/api/v1/badges").await.is(403);
    world.bearer(&device).get("/api/v1/me").await.is(403);
    let forbidden = world.bearer(&device).get("/api/v1/me/badge").await.is(403);
    assert!(forbidden.header("www-authenticate").contains("insufficient_scope"));
    world.bearer(&device).get("/api/v1/me/show").await.is(200);
    manager.get("/api/v1/me/show").await.is(403);
    assert!(manager.refresh.len() >= 43, "a refresh token is opaque and long");
    world.close().await;
}

async fn wrong_verbs_and_unknown_addresses_are_problems_too(engine: Engine) {
    let world = World::open(engine).await;
    let manager = world.manager().await;
    manager.delete("/api/v1/announcements").await.is(405);
    manager.post("/api/v1/me", json!({})).await.is(405);
    manager.get("/api/v1/nothing").await.is(404);
    manager.get("/nothing").await.is(404);
    manager.get(&format!("/api/v1/badges/{}", BadgeId::new())).await.is(404);
    world.close().await;
}

async fn a_claim_code_works_until_the_first_token_and_never_again(engine: Engine) {
    let world = World::open(engine).await;
    let registered = world.registered().await;
    let (badge, code) = (registered.text("/id"), registered.text("/claim_code"));
    let claim = async |code: &str| world.nobody().post("/api/v1/claims", json!({ "claim_code": code })).await;
    claim("2222-2222-222222").await.is(404);
    let lost = claim(&code).await.is(201).text("/client_secret");
    let kept = claim(&code.to_lowercase()).await.is(201).text("/client_secret");
    assert_eq!(
        world.device_token(&badge, &lost).await.status,
        401,
        "the secret of the lost answer is worth nothing"
    );
    assert_eq!(world.device_token(&badge, &kept).await.status, 200);
    claim(&code).await.is(404);
    let manager = world.manager().await;
    manager.post(&format!("/api/v1/badges/{badge}/revoke"), json!({})).await.is(204);
    assert_eq!(world.device_token(&badge, &kept).await.status, 401);
    let again = manager.post(&format!("/api/v1/badges/{badge}/claim-code"), json!({})).await.is(201);
    let secret = claim(&again.text("/claim_code")).await.is(201).text("/client_secret");
    assert_eq!(world.device_token(&badge, &secret).await.status, 200);
    manager.delete(&format!("/api/v1/badges/{badge}")).await.is(204);
    assert_eq!(world.device_token(&badge, &secret).await.status, 401);
    manager.get(&format!("/api/v1/badges/{badge}")).await.is(404);
    world.close().await;
}
