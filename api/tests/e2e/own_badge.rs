//! A receptionist changes the badge they own, and no other.

use badgecast_domain::access::Role;
use reqwest::{Method, header};
use serde_json::json;

use crate::world::{Engine, PATIENCE, World};

crate::stories! {
    a_receptionist_changes_their_own_badge_and_no_other
    two_who_write_at_once_do_not_overwrite_each_other
    what_nobody_could_read_is_refused_with_its_place
    a_badge_has_one_owner_and_an_owner_one_badge
}

async fn a_receptionist_changes_their_own_badge_and_no_other(engine: Engine) {
    let world = World::open(engine).await;
    let (mine, other) = (world.badge().await, world.badge().await);
    world.give_to_receptionist(mine.id()).await;
    let receptionist = world.person(Role::Receptionist).await;
    assert_eq!(receptionist.get("/api/v1/me/badge").await.is(200).text("/id"), mine.id().to_string());
    let my_display = format!("/api/v1/badges/{}/display", mine.id());
    let never_set = receptionist.get(&my_display).await.is(200);
    assert_eq!((never_set.number("/revision"), never_set.header("etag").as_str()), (0, "\"0\""));
    let answer = receptionist.put(&my_display, json!({ "text": "Amira, reception" })).await.is(200);
    assert_eq!((answer.number("/revision"), answer.header("etag").as_str()), (1, "\"1\""));
    let own = mine.id().own_layer();
    mine.until("show it", PATIENCE, |state| state.has_shown(own, 1)).await.unwrap();

    let others = format!("/api/v1/badges/{}/display", other.id());
    receptionist.get(&others).await.is(404);
    receptionist.put(&others, json!({ "text": "Mine now" })).await.is(404);
    receptionist
        .post("/api/v1/announcements", json!({ "audience": { "all": true }, "text": "Hi" }))
        .await
        .is(403);
    receptionist.get("/api/v1/badges").await.is(403);
    receptionist.get("/api/v1/audit").await.is(403);
    world.nobody().put(&my_display, json!({ "text": "x" })).await.is(401);
    assert_eq!(other.look(|state| state.holds(other.id().own_layer())), None);

    let auditor = world.person(Role::Auditor).await;
    auditor.get(&others).await.is(200);
    auditor.get("/api/v1/me/badge").await.is(404);
    auditor.put(&others, json!({ "text": "x" })).await.is(403);
    world.close().await;
}

async fn two_who_write_at_once_do_not_overwrite_each_other(engine: Engine) {
    let world = World::open(engine).await;
    let (badge, ..) = world.device().await;
    let manager = world.manager().await;
    let path = format!("/api/v1/badges/{badge}/display");
    let put = |tag: &str, text: &str| {
        manager
            .request(Method::PUT, &path)
            .header(header::IF_MATCH, tag.to_owned())
            .json(&json!({ "text": text }))
    };
    let (one, two) = tokio::join!(manager.send(put("\"0\"", "One")), manager.send(put("\"0\"", "Two")));
    let mut statuses = [one.status.as_u16(), two.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 412]);
    manager.send(put("\"7\"", "Three")).await.is(412);
    manager.send(put("nonsense", "Three")).await.is(400);
    let read = manager.request(Method::GET, &path).header(header::IF_NONE_MATCH, "\"1\"");
    assert_eq!(manager.send(read).await.status, 304);
    world.close().await;
}

async fn what_nobody_could_read_is_refused_with_its_place(engine: Engine) {
    let world = World::open(engine).await;
    let (badge, ..) = world.device().await;
    let manager = world.manager().await;
    let path = format!("/api/v1/badges/{badge}/display");
    let pointer = |answer: crate::world::Answer| answer.is(422).text("/errors/0/pointer");
    assert_eq!(pointer(manager.put(&path, json!({ "text": "" })).await), "/text");
    assert_eq!(pointer(manager.put(&path, json!({ "text": "a", "brightness": 33 })).await), "/brightness");
    let long = json!({ "messages": [{ "segments": [{ "text": "a" }], "speed": 9 }] });
    assert_eq!(pointer(manager.put(&path, long).await), "/messages/0/speed");
    let unknown = json!({ "messages": [{ "segments": [{ "text": "a", "colour": "red" }] }] });
    assert_eq!(pointer(manager.put(&path, unknown).await), "/messages/0/segments/0/colour");
    assert_eq!(manager.get(&path).await.is(200).number("/revision"), 0, "nothing is half done");
    world.close().await;
}

async fn a_badge_has_one_owner_and_an_owner_one_badge(engine: Engine) {
    let world = World::open(engine).await;
    let (first, ..) = world.device().await;
    let (second, ..) = world.device().await;
    world.give_to_receptionist(first).await;
    let manager = world.manager().await;
    let owner = manager.get(&format!("/api/v1/badges/{first}")).await.is(200).text("/owner_id");
    manager.patch(&format!("/api/v1/badges/{second}"), json!({ "owner_id": owner })).await.is(409);
    let nobody = badgecast_domain::id::UserId::new();
    manager.patch(&format!("/api/v1/badges/{second}"), json!({ "owner_id": nobody })).await.is(422);
    manager.patch(&format!("/api/v1/badges/{first}"), json!({ "owner_id": null })).await.is(200);
    manager.patch(&format!("/api/v1/badges/{second}"), json!({ "owner_id": owner })).await.is(200);
    world.person(Role::Receptionist).await.get("/api/v1/me/badge").await.is(200);
    world.close().await;
}
