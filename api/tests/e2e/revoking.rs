//! Whatever is revoked ends at once, also what is open already, and stays ended.

use std::time::{Duration, Instant};

use badgecast_domain::access::Role;
use futures_util::StreamExt as _;
use reqwest::Method;
use serde_json::json;

use crate::world::{Engine, PATIENCE, Person, World, email};

crate::stories! {
    each_way_to_revoke_ends_an_open_stream_within_a_second
    a_revoked_badge_is_disconnected_within_a_second_and_its_token_refused
    what_was_revoked_stays_revoked_after_a_restart
    a_new_key_signs_and_the_old_one_still_counts
}

/// An event stream that has begun.
async fn watch(
    person: &Person<'_>,
) -> impl futures_util::Stream<Item = reqwest::Result<bytes::Bytes>> + Unpin {
    let response = person.request(Method::GET, "/api/v1/events").send().await.unwrap();
    assert_eq!(response.status(), 200);
    let mut stream = response.bytes_stream();
    stream.next().await.unwrap().unwrap();
    stream
}

/// How long until a stream is over.
pub async fn ends(
    mut stream: impl futures_util::Stream<Item = reqwest::Result<bytes::Bytes>> + Unpin,
) -> Duration {
    let since = Instant::now();
    let over = async { while let Some(Ok(_)) = stream.next().await {} };
    tokio::time::timeout(PATIENCE, over).await.expect("the stream goes on");
    since.elapsed()
}

async fn each_way_to_revoke_ends_an_open_stream_within_a_second(engine: Engine) {
    let world = World::open(engine).await;
    let admin = world.person(Role::Admin).await;
    let id = world.manager().await.get("/api/v1/me").await.text("/id");
    let user = format!("/api/v1/users/{id}");
    for way in ["token", "family", "reuse", "password", "role", "key", "disabled"] {
        let manager = world.log_in(&email(Role::Manager), password_before(way)).await;
        let keys = format!("{user}/keys");
        let key = admin.post(&keys, json!({ "name": way, "scopes": "badges:read" })).await.is(201);
        let by_key = world.bearer(&key.text("/key"));
        let stream = watch(if way == "key" { &by_key } else { &manager }).await;
        let untouched = watch(&admin).await;
        match way {
            "token" => revoke(&world, manager.token.as_deref().unwrap()).await,
            "family" => revoke(&world, &manager.refresh).await,
            "reuse" => {
                let child = refresh(&world, &manager.refresh).await;
                refresh(&world, &child).await;
                refresh(&world, &manager.refresh).await;
            }
            "password" => {
                drop(admin.patch(&user, json!({ "password": "another good password" })).await.is(200));
            }
            "role" => drop(admin.patch(&user, json!({ "role": "auditor" })).await.is(200)),
            "key" => drop(admin.delete(&format!("{keys}/{}", key.text("/id"))).await.is(204)),
            _ => drop(admin.delete(&user).await.is(204)),
        }
        let took = ends(stream).await;
        assert!(took < Duration::from_secs(1), "{way}: {took:?}");
        let goes_on = tokio::time::timeout(Duration::from_millis(50), ends(untouched)).await;
        assert!(goes_on.is_err(), "{way} ended somebody else's stream");
        if way != "key" {
            admin.delete(&format!("{keys}/{}", key.text("/id"))).await;
        }
    }
    world.close().await;
}

/// The manager's password at this point of the story.
fn password_before(way: &str) -> &'static str {
    if matches!(way, "role" | "key" | "disabled") { "another good password" } else { crate::world::PASSWORD }
}

async fn revoke(world: &World, token: &str) {
    let form = [("token", token), ("client_id", "badgecast")];
    let answer = world.nobody().send(world.http.post(world.url("/oauth/revoke")).form(&form)).await;
    assert_eq!(answer.status, 200);
}

async fn refresh(world: &World, token: &str) -> String {
    let form = [("grant_type", "refresh_token"), ("refresh_token", token), ("client_id", "badgecast")];
    let answer = world.nobody().send(world.http.post(world.url("/oauth/token")).form(&form)).await;
    answer.body["refresh_token"].as_str().unwrap_or_default().to_owned()
}

async fn a_revoked_badge_is_disconnected_within_a_second_and_its_token_refused(engine: Engine) {
    let world = World::open(engine).await;
    let badge = world.badge().await;
    let (other, ..) = world.device().await;
    let id = badge.id();
    let manager = world.manager().await;
    let since = Instant::now();
    manager.post(&format!("/api/v1/badges/{id}/revoke"), json!({})).await;
    world
        .until("the badge's disconnection", async || (!world.running.house.desk.holds(id)).then_some(()))
        .await;
    assert!(since.elapsed() < Duration::from_secs(1), "{:?}", since.elapsed());
    assert_ne!(id, other);
    world.close().await;
}

async fn what_was_revoked_stays_revoked_after_a_restart(engine: Engine) {
    let world = World::open(engine).await;
    let (revoked, kept) = (world.manager().await, world.person(Role::Admin).await);
    let (gone, stays) = (revoked.token.clone().unwrap(), kept.token.clone().unwrap());
    revoke(&world, &gone).await;
    let world = world.restarted().await;
    world.bearer(&gone).get("/api/v1/me").await.is(401);
    world.bearer(&stays).get("/api/v1/me").await.is(200);
    world.close().await;
}

async fn a_new_key_signs_and_the_old_one_still_counts(engine: Engine) {
    let world = World::open(engine).await;
    let before = world.manager().await;
    let kids = async || {
        let keys = world.nobody().get("/oauth/jwks.json").await.is(200).body;
        let names =
            keys["keys"].as_array().unwrap().iter().map(|key| key["kid"].as_str().unwrap().to_owned());
        names.collect::<Vec<_>>()
    };
    let at_first = kids().await;
    assert_eq!(at_first.len(), 2, "the key that signs, and the next one");
    let house = &world.running.house;
    house.tokens.rotate(house.database.read(), house.now()).await.unwrap();
    let after = world.manager().await;
    let kid = |person: &Person<'_>| {
        jsonwebtoken::decode_header(person.token.as_ref().unwrap()).unwrap().kid.unwrap()
    };
    assert_ne!(kid(&before), kid(&after));
    assert!(at_first.contains(&kid(&after)), "whoever kept the set knew the key before its first token");
    assert_eq!(kids().await.len(), 3);
    for person in [before, after] {
        person.get("/api/v1/me").await.is(200);
    }
    world.close().await;
}
