//! What happens is seen as it happens, by those who may see it.

use badgecast_domain::access::Role;
use futures_util::StreamExt as _;
use reqwest::Method;
use serde_json::json;

use crate::world::{Engine, PATIENCE, Person, World};

crate::stories! {
    a_manager_sees_a_change_and_continues_where_the_stream_broke_off
    a_receptionist_sees_only_their_own_badge
    a_stream_ends_when_its_token_is_revoked
    operators_see_counts_and_the_reference
    who_did_what_is_written_down
}

/// Reads a stream until it has said this; everything read.
pub async fn read_until(
    mut stream: impl futures_util::Stream<Item = reqwest::Result<bytes::Bytes>> + Unpin,
    needle: &str,
) -> String {
    let mut said = String::new();
    let read = async {
        while !said.contains(needle) {
            match stream.next().await {
                Some(Ok(bytes)) => said.push_str(&String::from_utf8_lossy(&bytes)),
                _ => break,
            }
        }
    };
    let late = tokio::time::timeout(PATIENCE, read).await.is_err();
    assert!(!late && said.contains(needle), "no {needle} in {said:?}");
    said
}

pub async fn watch(person: &Person<'_>, since: Option<&str>) -> reqwest::Response {
    let mut request = person.request(Method::GET, "/api/v1/events");
    if let Some(id) = since {
        request = request.header("last-event-id", id);
    }
    let response = request.send().await.unwrap();
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    response
}

async fn a_manager_sees_a_change_and_continues_where_the_stream_broke_off(engine: Engine) {
    let world = World::open(engine).await;
    let manager = world.manager().await;
    let stream = watch(&manager, None).await;
    let location = manager.announce("Watch me").await;
    let id = location.rsplit('/').next().unwrap();
    let said = read_until(stream.bytes_stream(), &format!("{{\"announcement_id\":\"{id}\"}}")).await;
    assert!(said.contains("event: announcement\n"), "{said}");
    let cursor = said.lines().filter_map(|line| line.strip_prefix("id: ")).next_back().unwrap().to_owned();
    let missed = manager.announce("And me").await;
    let id = missed.rsplit('/').next().unwrap();
    let stream = watch(&manager, Some(&cursor)).await;
    let said = read_until(stream.bytes_stream(), id).await;
    assert!(!said.contains(location.rsplit('/').next().unwrap()), "what was seen is not said again: {said}");
    manager.send(manager.request(Method::GET, "/api/v1/events").header("last-event-id", "x")).await.is(400);
    world.close().await;
}

async fn a_receptionist_sees_only_their_own_badge(engine: Engine) {
    let world = World::open(engine).await;
    let (mine, ..) = world.device().await;
    let (other, ..) = world.device().await;
    world.give_to_receptionist(mine).await;
    let stream = watch(&world.person(Role::Receptionist).await, None).await;
    let manager = world.manager().await;
    manager.put(&format!("/api/v1/badges/{other}/display"), json!({ "text": "Other" })).await.is(200);
    manager.announce("Not for their eyes").await;
    manager.put(&format!("/api/v1/badges/{mine}/display"), json!({ "text": "Mine" })).await.is(200);
    let said = read_until(stream.bytes_stream(), &mine.to_string()).await;
    assert!(!said.contains(&other.to_string()) && !said.contains("announcement"), "{said}");
    world.close().await;
}

async fn a_stream_ends_when_its_token_is_revoked(engine: Engine) {
    let world = World::open(engine).await;
    let receptionist = world.person(Role::Receptionist).await;
    let id = receptionist.get("/api/v1/me").await.text("/id");
    let mut stream = watch(&receptionist, None).await.bytes_stream();
    let admin = world.person(Role::Admin).await;
    admin.patch(&format!("/api/v1/users/{id}"), json!({ "disabled": true })).await.is(200);
    let started = std::time::Instant::now();
    let ended =
        tokio::time::timeout(PATIENCE, async { while let Some(Ok(_)) = stream.next().await {} }).await;
    assert!(ended.is_ok(), "the stream goes on");
    assert!(started.elapsed().as_millis() < 1_000, "{:?}", started.elapsed());
    let refused = receptionist.get("/api/v1/me").await.is(401);
    assert!(refused.header("www-authenticate").starts_with("Bearer error=\"invalid_token\""));
    world.close().await;
}

async fn operators_see_counts_and_the_reference(engine: Engine) {
    let world = World::open(engine).await;
    let _badge = world.badge().await;
    let nobody = world.nobody();
    nobody.get("/healthz").await.is(200);
    nobody.get("/readyz").await.is(200);
    let head = nobody.send(nobody.request(Method::HEAD, "/healthz")).await.is(200);
    assert_eq!((head.header("content-length").as_str(), head.body.as_str()), ("3", Some("")));
    nobody.get("/api/v1/badges").await.is(401);
    let metrics = nobody.get("/metrics").await.is(200).body;
    let metrics = metrics.as_str().unwrap();
    for line in [
        "badgecast_connected_badges 1",
        "badgecast_deliveries_total ",
        "badgecast_time_to_shown_seconds_count ",
        "badgecast_auth_failures_total{reason=\"missing\"} 1",
    ] {
        assert!(metrics.contains(line), "no {line} in {metrics}");
    }
    let proxied = nobody.request(Method::GET, "/metrics").header("x-forwarded-for", "127.0.0.1");
    nobody.send(proxied).await.is(401);
    let reference = nobody.get("/openapi.json").await.is(200);
    assert_eq!(reference.text("/openapi"), "3.1.0");
    let docs = nobody.get("/docs").await.is(200);
    let page = docs.body.as_str().unwrap();
    assert!(
        page.contains("/api/v1/announcements") && !page.contains("<script"),
        "works offline, without script"
    );
    world.close().await;
}

async fn who_did_what_is_written_down(engine: Engine) {
    let world = World::open(engine).await;
    let manager = world.manager().await;
    let me = manager.get("/api/v1/me").await.text("/id");
    let location = manager.announce("Secret text").await;
    manager.delete(&location).await.is(204);
    let auditor = world.person(Role::Auditor).await;
    let trail = auditor.get(&format!("/api/v1/audit?actor={me}")).await.is(200);
    let actions: Vec<&str> = trail.body["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["action"].as_str().unwrap())
        .collect();
    assert_eq!(actions, ["announcement.withdraw", "announcement.create"]);
    assert!(!trail.body.to_string().contains("Secret text"), "never a display text");
    manager.get("/api/v1/audit").await.is(403);
    world.close().await;
}
