//! Integrations read along over MQTT what badges show, say, and whether they are there.

use badgecast_domain::access::Role;
use rumqttc::v5::mqttbytes::{
    QoS,
    v5::{ConnectReturnCode, DisconnectReasonCode, PubAckReason, SubscribeReasonCode},
};
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::{
    caps::counted,
    wire::Wire,
    world::{Engine, PATIENCE, World},
};

crate::stories! {
    an_integration_hears_what_badges_show_and_say
    what_is_retained_is_there_for_whoever_comes_later
    words_are_told_only_when_the_organization_says_so
    an_integration_reads_its_own_organization_and_says_nothing
    a_router_that_is_killed_costs_badges_nothing_and_readers_two_seconds
}

/// An integration: its id, its secret, its organization.
pub struct Panel {
    id: String,
    secret: String,
    organization: String,
}

impl Panel {
    pub async fn register(world: &World) -> Self {
        let admin = world.person(Role::Admin).await;
        let client = json!({ "name": "Panel", "grants": ["client_credentials"], "scopes": "badges:read" });
        let made = admin.post("/api/v1/clients", client).await.is(201);
        let organization = admin.get("/api/v1/me").await.text("/organization_id");
        Self { id: made.text("/id"), secret: made.text("/client_secret"), organization }
    }

    pub async fn open(&self, world: &World, name: &str) -> Wire {
        let token = world.device_token(&self.id, &self.secret).await.is(200).text("/access_token");
        Wire::open(world, name, &self.id, &token).await.unwrap()
    }

    pub fn topic(&self, badge: &impl std::fmt::Display, what: &str) -> String {
        format!("v1/orgs/{}/badges/{badge}/{what}", self.organization)
    }
}

pub const GRANTED: SubscribeReasonCode = SubscribeReasonCode::Success(QoS::AtLeastOnce);

/// The ids of the layers a display names.
pub fn layers(display: &Value) -> Vec<String> {
    let layers = display["layers"].as_array().into_iter().flatten();
    layers.map(|layer| layer["id"].as_str().unwrap().to_owned()).collect()
}

async fn an_integration_hears_what_badges_show_and_say(engine: Engine) {
    let world = World::open(engine).await;
    let (panel, manager) = (Panel::register(&world).await, world.manager().await);
    let mut wire = panel.open(&world, "panel-1").await;
    assert_eq!(wire.subscribe(&panel.topic(&"+", "#")).await, GRANTED);
    let badge = world.badge().await;
    let id = badge.id().to_string();
    wire.until_said(&panel.topic(&id, "presence"), |said| said["online"] == true).await;
    let display = panel.topic(&id, "display");
    manager.put(&format!("/api/v1/badges/{id}/display"), json!({ "text": "Amira" })).await.is(200);
    let said = wire.until_said(&display, |said| layers(said) == [id.clone()]).await;
    assert_eq!((&said["layers"][0]["layer"], &said["layers"][0]["revision"]), (&json!("own"), &json!(1)));
    assert!(!said.to_string().contains("Amira"), "words are nobody's business");
    // As the badge said it.
    wire.until_said(&panel.topic(&id, "ack"), |said| said["id"] == id && said["outcome"] == "shown").await;

    // An emergency hides it until it is withdrawn; a normal announcement joins it and ends by itself.
    let fire = json!({ "audience": { "all": true }, "text": "Fire", "level": "emergency" });
    let fire = manager.post("/api/v1/announcements", fire).await.is(202).header("location");
    let layer = fire.rsplit('/').next().unwrap().to_owned();
    wire.until_said(&display, |said| layers(said) == [layer.clone()]).await;
    manager.delete(&fire).await.is(204);
    wire.until_said(&display, |said| layers(said) == [id.clone()]).await;
    let until = world.running.house.now().plus(std::time::Duration::from_secs(6)).to_string();
    let lunch = json!({ "audience": { "all": true }, "text": "Lunch", "valid_until": until });
    let lunch = manager.post("/api/v1/announcements", lunch).await.is(202).header("location");
    let layer = lunch.rsplit('/').next().unwrap().to_owned();
    let said = wire.until_said(&display, |said| layers(said) == [id.clone(), layer.clone()]).await;
    assert!(said["layers"][1]["until"].is_string());
    wire.until_said(&display, |said| layers(said) == [id.clone()]).await;

    badge.stop().await;
    wire.until_said(&panel.topic(&id, "presence"), |said| said["online"] == false).await;
    // A retired badge leaves nothing behind.
    manager.delete(&format!("/api/v1/badges/{id}")).await.is(204);
    loop {
        let (topic, payload, _) = wire.next().await;
        if topic == display && payload.is_empty() {
            break;
        }
    }
    let mut late = panel.open(&world, "panel-2").await;
    assert_eq!(late.subscribe(&panel.topic(&"+", "#")).await, GRANTED);
    let other = world.registered().await.text("/id");
    manager.put(&format!("/api/v1/badges/{other}/display"), json!({ "text": "Ben" })).await.is(200);
    let (badge, _, token) = world.device().await;
    let mut own = Wire::open(&world, &badge.to_string(), &badge.to_string(), &token).await.unwrap();
    assert_eq!(own.subscribe("v1/me/show").await, GRANTED);
    let telemetry = json!({ "battery": 80 });
    assert_eq!(own.say("v1/me/telemetry", &telemetry).await, PubAckReason::Success);
    loop {
        let (topic, payload, _) = late.next().await;
        assert!(!topic.contains(&id), "{topic}");
        if topic == panel.topic(&badge, "telemetry") {
            assert_eq!(serde_json::from_slice::<Value>(&payload).unwrap()["battery"], 80.0);
            break;
        }
    }
    world.close().await;
}

async fn what_is_retained_is_there_for_whoever_comes_later(engine: Engine) {
    let world = World::open(engine).await;
    let (panel, manager) = (Panel::register(&world).await, world.manager().await);
    // Nobody has read yet; so what came before has to be worked out for the first who does.
    let badge = world.badge().await;
    let (away, ..) = world.device().await;
    for id in [badge.id(), away] {
        manager.put(&format!("/api/v1/badges/{id}/display"), json!({ "text": "Hello" })).await.is(200);
    }
    let location = manager.announce("Doors open at nine").await;
    let layer = location.rsplit('/').next().unwrap().to_owned();
    for name in ["panel-1", "panel-2"] {
        let mut wire = panel.open(&world, name).await;
        assert_eq!(wire.subscribe(&panel.topic(&"+", "+")).await, GRANTED);
        for (id, online) in [(badge.id(), true), (away, false)] {
            let mut wire = panel.open(&world, "one").await;
            assert_eq!(wire.subscribe(&panel.topic(&id, "presence")).await, GRANTED);
            let (_, presence, retained) = wire.next().await;
            let presence: Value = serde_json::from_slice(&presence).unwrap();
            assert_eq!((&presence["online"], retained), (&json!(online), true), "{name}");
            assert_eq!(wire.subscribe(&panel.topic(&id, "display")).await, GRANTED);
            let (_, display, retained) = wire.next().await;
            let display: Value = serde_json::from_slice(&display).unwrap();
            assert_eq!((layers(&display), retained), (vec![id.to_string(), layer.clone()], true));
        }
    }
    badge.stop().await;
    world.close().await;
}

async fn words_are_told_only_when_the_organization_says_so(engine: Engine) {
    let world = World::open(engine).await;
    let (panel, manager) = (Panel::register(&world).await, world.manager().await);
    let (badge, ..) = world.device().await;
    manager.put(&format!("/api/v1/badges/{badge}/display"), json!({ "text": "Amira" })).await.is(200);
    let mut wire = panel.open(&world, "panel").await;
    let display = panel.topic(&badge, "display");
    assert_eq!(wire.subscribe(&display).await, GRANTED);
    let said = wire.until_said(&display, |_| true).await;
    assert_eq!((said.get("text"), layers(&said)), (None, vec![badge.to_string()]));
    let admin = world.person(Role::Admin).await;
    let read = admin.get("/api/v1/organization").await.is(200);
    assert_eq!(read.body["tells_texts"], false);
    manager.patch("/api/v1/organization", json!({ "tells_texts": true })).await.is(403);
    let changed = admin.patch("/api/v1/organization", json!({ "tells_texts": true })).await.is(200);
    assert_ne!(changed.header("etag"), read.header("etag"));
    wire.until_said(&display, |said| said["text"].as_str().is_some_and(|text| text.contains("Amira"))).await;
    let stale = admin.request(reqwest::Method::PATCH, "/api/v1/organization");
    let stale = stale.header("if-match", read.header("etag")).json(&json!({ "name": "Clinic" }));
    admin.send(stale).await.is(412);
    admin.patch("/api/v1/organization", json!({ "tells_texts": false })).await.is(200);
    wire.until_said(&display, |said| said.get("text").is_none()).await;
    world.close().await;
}

async fn an_integration_reads_its_own_organization_and_says_nothing(engine: Engine) {
    let world = World::open(engine).await;
    let panel = Panel::register(&world).await;
    let token = world.device_token(&panel.id, &panel.secret).await.is(200).text("/access_token");
    let refused = Wire::open(&world, "panel", "somebody", &token).await.err();
    assert_eq!(refused, Some(ConnectReturnCode::NotAuthorized));
    let mut wire = panel.open(&world, "panel").await;
    let foreign = badgecast_domain::id::OrganizationId::new();
    for filter in ["#", "v1/orgs/+/badges/#", &format!("v1/orgs/{foreign}/badges/#"), "v1/me/show"] {
        assert_eq!(wire.subscribe(filter).await, SubscribeReasonCode::NotAuthorized, "{filter}");
    }
    let topic = panel.topic(&foreign, "display");
    assert_eq!(wire.say(&topic, &json!({})).await, PubAckReason::NotAuthorized);
    // A person's token opens nothing here, and a disabled client's connection ends.
    let person = world.person(Role::Admin).await;
    let user = person.get("/api/v1/me").await.text("/id");
    let refused = Wire::open(&world, &user, &user, person.token.as_deref().unwrap()).await.err();
    assert_eq!(refused, Some(ConnectReturnCode::NotAuthorized));
    person.delete(&format!("/api/v1/clients/{}", panel.id)).await.is(204);
    assert_eq!(wire.ended().await, DisconnectReasonCode::AdministrativeAction);
    assert!(tokio::time::timeout(PATIENCE, world.device_token(&panel.id, &panel.secret)).await.is_ok());
    world.close().await;
}

async fn a_router_that_is_killed_costs_badges_nothing_and_readers_two_seconds(engine: Engine) {
    let world = World::open(engine).await;
    let (panel, manager, badge) = (Panel::register(&world).await, world.manager().await, world.badge().await);
    let (id, layer) = (badge.id().to_string(), badge.id().own_layer());
    let put = async |text: &str| {
        let path = format!("/api/v1/badges/{id}/display");
        manager.put(&path, json!({ "text": text })).await.is(200).number("/revision")
    };
    put("Before").await;
    let display = panel.topic(&id, "display");
    let revision = |said: &Value| said["layers"][0]["revision"].as_u64();
    let mut wire = panel.open(&world, "panel").await;
    assert_eq!(wire.subscribe(&panel.topic(&"+", "#")).await, GRANTED);
    wire.until_said(&display, |said| revision(said) == Some(1)).await;

    world.running.house.desk.kill_router();
    let killed = Instant::now();
    let traffic = async {
        let mut last = 0;
        for text in ["Still", "here", "and", "lit"] {
            last = put(text).await;
            badge.until("show it", PATIENCE, |state| state.has_shown(layer, last)).await.unwrap();
        }
        let announcement = manager.announce("Nobody noticed").await;
        let stored = async || {
            let receipts = manager.get(&announcement).await.is(200).number("/receipts/shown");
            (receipts == 1).then_some(())
        };
        world.until("its receipt is stored", stored).await;
        last
    };
    let resubscribes = async {
        let mut again = panel.open(&world, "panel-2").await;
        for what in ["presence", "display"] {
            let topic = panel.topic(&id, what);
            assert_eq!(again.subscribe(&topic).await, GRANTED);
            again.until_said(&topic, |said| said.is_object()).await;
        }
        assert!(killed.elapsed() < std::time::Duration::from_secs(2), "{:?}", killed.elapsed());
        again
    };
    let (last, mut again) = tokio::join!(traffic, resubscribes);
    // Who read before is told again, and both hear what happens from now on.
    wire.until_said(&display, |said| revision(said) == Some(last)).await;
    world
        .until("another router", async || (counted(&world, "outlet_restarts").await >= 1).then_some(()))
        .await;
    let next = put("After").await;
    for reader in [&mut wire, &mut again] {
        reader.until_said(&display, |said| revision(said) == Some(next)).await;
    }
    badge.stop().await;
    world.close().await;
}
