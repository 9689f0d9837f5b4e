//! A manager pushes a message to all badges, and sees how many have shown it.

use std::time::Duration;

use badgecast_domain::{id::AnnouncementId, time::Moment};
use badgecast_simulator::{Fault, Fleet, Plan, Setup, tally::Tally};
use serde_json::json;

use crate::world::{Engine, PATIENCE, World};

crate::stories! {
    everyone_shows_an_announcement_and_the_manager_sees_it
    a_badge_that_was_away_gets_only_what_is_still_valid
    an_announcement_ends_by_itself_also_when_the_server_is_gone
    a_withdrawn_announcement_is_forgotten_and_superseded
    at_the_deadline_the_laggards_are_named_with_their_reasons
    late_joiners_are_included_and_leavers_superseded
    a_repeated_request_announces_once
    an_emergency_hides_the_own_line_until_it_ends
    light_with_other_pixels_is_not_shown
}

fn after(span: Duration) -> String {
    Moment::from(std::time::SystemTime::now()).plus(span).to_string()
}

fn id_of(location: &str) -> AnnouncementId {
    location.rsplit('/').next().unwrap().parse().unwrap()
}

async fn everyone_shows_an_announcement_and_the_manager_sees_it(engine: Engine) {
    let world = World::open(engine).await;
    let plan = Plan { badges: 5, ..Plan::default() };
    let fleet = Fleet::start(world.account(), &plan, Tally::default().into()).await.unwrap();
    fleet.until_connected(PATIENCE).await.unwrap();
    let manager = world.manager().await;
    let location = manager.announce("Doors open at nine").await;
    let layer = id_of(&location).layer();
    fleet.until_all("show it", PATIENCE, |state| state.has_shown(layer, 1)).await.unwrap();
    let seen = world
        .until("all shown", async || {
            Some(manager.get(&location).await.is(200)).filter(|seen| seen.number("/receipts/shown") == 5)
        })
        .await;
    assert_eq!(seen.number("/receipts/targeted"), 5);
    for state in ["pending", "sent", "held", "refused", "expired", "superseded", "written"] {
        assert_eq!(seen.number(&format!("/receipts/{state}")), 0, "{state}");
    }
    let (p50, p99) = (seen.number("/receipts/p50_ms"), seen.number("/receipts/p99_ms"));
    assert!(0 < p50 && p50 <= p99 && p99 < 20_000, "{p50} {p99}");
    assert_eq!(seen.text("/text"), "Doors open at nine");
    assert_eq!(seen.text("/state"), "active");
    let page = manager.get(&format!("{location}/receipts?limit=3")).await.is(200);
    assert_eq!(page.body["items"].as_array().unwrap().len(), 3);
    let rest =
        manager.get(&format!("{location}/receipts?limit=3&after={}", page.text("/next"))).await.is(200);
    assert_eq!(rest.body["items"].as_array().unwrap().len(), 2);
    assert!(rest.body["next"].is_null());
    fleet.stop().await;
    world.close().await;
}

async fn a_badge_that_was_away_gets_only_what_is_still_valid(engine: Engine) {
    let world = World::open(engine).await;
    let badge = world.badge().await;
    let manager = world.manager().await;
    badge.go_offline();
    let display = format!("/api/v1/badges/{}/display", badge.id());
    for line in ["One", "Two", "Three"] {
        manager.put(&display, json!({ "text": line })).await.is(200);
    }
    let soon = json!({ "audience": { "all": true }, "text": "Soon over", "valid_until": after(Duration::from_millis(300)) });
    let over = manager.post("/api/v1/announcements", soon).await.is(202).header("location");
    let valid = manager.announce("Still valid").await;
    world
        .until("the first being over", async || {
            Some(manager.get(&over).await.is(200)).filter(|seen| seen.text("/state") == "expired")
        })
        .await;
    badge.come_back();
    let (own, layer) = (badge.id().own_layer(), id_of(&valid).layer());
    badge
        .until("show both", PATIENCE, |state| state.has_shown(own, 3) && state.has_shown(layer, 1))
        .await
        .unwrap();
    badge.look(|state| {
        assert_eq!(state.holds(own), Some(3), "exactly the newest own display");
        assert_eq!(state.holds(id_of(&over).layer()), None, "an expired announcement never");
        assert_eq!(state.times_lit(own, 1) + state.times_lit(own, 2), 0, "never an older one");
    });
    let receipts = manager.get(&over).await.is(200);
    assert_eq!((receipts.number("/receipts/expired"), receipts.number("/receipts/targeted")), (1, 1));
    badge.stop().await;
    world.close().await;
}

async fn an_announcement_ends_by_itself_also_when_the_server_is_gone(engine: Engine) {
    let world = World::open(engine).await;
    let badge = world.badge().await;
    let manager = world.manager().await;
    let own = badge.id().own_layer();
    manager.put(&format!("/api/v1/badges/{}/display", badge.id()), json!({ "text": "Amira" })).await.is(200);
    badge.until("show its line", PATIENCE, |state| state.has_shown(own, 1)).await.unwrap();
    let until = after(Duration::from_secs(3));
    let body = json!({ "audience": { "all": true }, "text": "Fire drill", "level": "emergency", "valid_until": until });
    let location = manager.post("/api/v1/announcements", body).await.is(202).header("location");
    let layer = id_of(&location).layer();
    badge.until("show the emergency alone", PATIENCE, |state| state.shows() == [layer]).await.unwrap();
    world.close().await;
    badge.until("show its own line again", PATIENCE, |state| state.shows() == [own]).await.unwrap();
}

async fn a_withdrawn_announcement_is_forgotten_and_superseded(engine: Engine) {
    let world = World::open(engine).await;
    let (there, away) = (world.badge().await, world.badge().await);
    away.go_offline();
    let manager = world.manager().await;
    let location = manager.announce("Never mind").await;
    let layer = id_of(&location).layer();
    there.until("show it", PATIENCE, |state| state.has_shown(layer, 1)).await.unwrap();
    world
        .until("one shown", async || {
            Some(manager.get(&location).await.is(200)).filter(|seen| seen.number("/receipts/shown") == 1)
        })
        .await;
    manager.delete(&location).await.is(204);
    manager.delete(&location).await.is(204);
    there.until("forget it", PATIENCE, |state| state.holds(layer).is_none()).await.unwrap();
    let seen = manager.get(&location).await.is(200);
    assert_eq!(seen.text("/state"), "withdrawn");
    assert_eq!((seen.number("/receipts/shown"), seen.number("/receipts/superseded")), (1, 1));
    away.come_back();
    away.until_connected(PATIENCE).await.unwrap();
    assert_eq!(away.look(|state| state.holds(layer)), None);
    world.close().await;
}

async fn at_the_deadline_the_laggards_are_named_with_their_reasons(engine: Engine) {
    let world = World::open(engine).await;
    let fine = world.badge().await;
    let refusing = world.badge_with(Setup { fault: Some(Fault::Refusing), ..Setup::default() }).await;
    let away = world.badge().await;
    away.go_offline();
    let manager = world.manager().await;
    world
        .until("one being offline", async || {
            let badges = manager.get("/api/v1/badges?online=false").await.is(200);
            (badges.body["items"].as_array().unwrap().len() == 1).then_some(())
        })
        .await;
    let body = json!({ "audience": { "all": true }, "text": "All hands", "receipt_deadline": after(Duration::from_secs(3)) });
    let location = manager.post("/api/v1/announcements", body).await.is(202).header("location");
    assert_eq!(
        manager.get(&location).await.is(200).body["receipts"]["laggards"],
        json!([]),
        "not before the deadline"
    );
    let seen = world
        .until("the laggards being named", async || {
            let seen = manager.get(&location).await.is(200);
            (!seen.body["receipts"]["laggards"].as_array().unwrap().is_empty()).then_some(seen)
        })
        .await;
    assert_eq!(seen.number("/receipts/shown"), 1);
    assert!(seen.body["receipts"]["p95_ms"].is_null(), "95 % never have shown it");
    let mut laggards: Vec<(String, String)> = (0..2)
        .map(|i| {
            (
                seen.text(&format!("/receipts/laggards/{i}/badge_id")),
                seen.text(&format!("/receipts/laggards/{i}/reason")),
            )
        })
        .collect();
    laggards.sort();
    let mut expected = [(refusing.id().to_string(), None), (away.id().to_string(), Some("offline"))];
    expected.sort();
    for ((badge, reason), (expected, wanted)) in laggards.iter().zip(expected) {
        assert_eq!(*badge, expected);
        assert!(wanted.is_none_or(|wanted| wanted == reason), "{reason}");
    }
    let frozen = seen.body["receipts"]["laggards"].clone();
    away.come_back();
    away.until("show it late", PATIENCE, |state| state.has_shown(id_of(&location).layer(), 1)).await.unwrap();
    let later = world
        .until("two shown", async || {
            Some(manager.get(&location).await.is(200)).filter(|seen| seen.number("/receipts/shown") == 2)
        })
        .await;
    assert_eq!(later.body["receipts"]["laggards"], frozen, "what was promised stays as it was kept");
    drop(fine);
    world.close().await;
}

async fn late_joiners_are_included_and_leavers_superseded(engine: Engine) {
    let world = World::open(engine).await;
    let badge = world.badge().await;
    let manager = world.manager().await;
    let group = manager.post("/api/v1/groups", json!({ "name": "Ward 3" })).await.is(201).text("/id");
    let body = json!({ "audience": { "groups": [group], "tags": ["night"] }, "text": "Ward meeting" });
    let location = manager.post("/api/v1/announcements", body).await.is(202).header("location");
    let layer = id_of(&location).layer();
    assert_eq!(manager.get(&location).await.is(200).number("/receipts/targeted"), 0);
    let members = format!("/api/v1/groups/{group}/badges");
    manager.post(&members, json!({ "badges": [badge.id()] })).await.is(204);
    badge.until("show it", PATIENCE, |state| state.has_shown(layer, 1)).await.unwrap();
    world
        .until("its receipt", async || {
            Some(manager.get(&location).await).filter(|seen| seen.number("/receipts/shown") == 1)
        })
        .await;
    manager.put(&members, json!({ "badges": [] })).await.is(204);
    badge.until("forget it", PATIENCE, |state| state.holds(layer).is_none()).await.unwrap();
    manager.patch(&format!("/api/v1/badges/{}", badge.id()), json!({ "tags": ["night"] })).await.is(200);
    badge.until("hold it again", PATIENCE, |state| state.holds(layer) == Some(1)).await.unwrap();
    world.close().await;
}

async fn a_repeated_request_announces_once(engine: Engine) {
    let world = World::open(engine).await;
    let manager = world.manager().await;
    let send = |text: &str| {
        let body = json!({ "audience": { "all": true }, "text": text });
        manager
            .request(reqwest::Method::POST, "/api/v1/announcements")
            .header("idempotency-key", "k1")
            .json(&body)
    };
    let (one, two) = tokio::join!(manager.send(send("Once")), manager.send(send("Once")));
    // At the very same moment one of them may be told to ask again for the answer.
    let made: Vec<_> = [one, two].into_iter().filter(|answer| answer.status != 409).collect();
    let again = manager.send(send("Once")).await.is(202);
    assert!(!made.is_empty());
    for answer in made {
        assert_eq!(answer.is(202).text("/id"), again.text("/id"));
    }
    manager.send(send("Twice")).await.is(422);
    let list = manager.get("/api/v1/announcements").await.is(200);
    assert_eq!(list.body["items"].as_array().unwrap().len(), 1);
    world.close().await;
}

async fn an_emergency_hides_the_own_line_until_it_ends(engine: Engine) {
    let world = World::open(engine).await;
    let badge = world.badge().await;
    let manager = world.manager().await;
    let own = badge.id().own_layer();
    manager.put(&format!("/api/v1/badges/{}/display", badge.id()), json!({ "text": "Amira" })).await.is(200);
    badge.until("show its line", PATIENCE, |state| state.has_shown(own, 1)).await.unwrap();
    let body = json!({ "audience": { "badges": [badge.id()] }, "text": "Evacuate", "level": "emergency" });
    let location = manager.post("/api/v1/announcements", body).await.is(202).header("location");
    let layer = id_of(&location).layer();
    badge.until("show the emergency alone", PATIENCE, |state| state.shows() == [layer]).await.unwrap();
    manager.delete(&location).await.is(204);
    badge.until("show its line again", PATIENCE, |state| state.shows() == [own]).await.unwrap();
    assert_eq!(badge.look(|state| state.times_lit(own, 1)), 1, "restored, not shown as new");
    world.close().await;
}

async fn light_with_other_pixels_is_not_shown(engine: Engine) {
    let world = World::open(engine).await;
    let _liar = world.badge_with(Setup { fault: Some(Fault::LyingCrc), ..Setup::default() }).await;
    let manager = world.manager().await;
    let location = manager.announce("Honest pixels").await;
    let held = world
        .until("a held receipt", async || {
            Some(manager.get(&location).await).filter(|seen| seen.number("/receipts/held") == 1)
        })
        .await;
    assert_eq!(held.number("/receipts/shown"), 0);
    let receipts = manager.get(&format!("{location}/receipts")).await.is(200);
    assert_eq!(receipts.text("/items/0/reason"), "crc_mismatch");
    world.close().await;
}
