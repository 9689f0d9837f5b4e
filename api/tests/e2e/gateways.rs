//! Gateways speak for badges that have no network: one connection, many displays.

use std::{fs, path::Path};

use badgecast_domain::{
    access::Role,
    display::{Panel, wang},
    id::{AnnouncementId, BadgeId},
    wire::Crc,
};
use badgecast_simulator::{Gateway, Identity, Model};
use rumqttc::v5::mqttbytes::{
    QoS,
    v5::{ConnectReturnCode, DisconnectReasonCode, PubAckReason, SubscribeReasonCode},
};
use serde_json::{Value, json};
use tokio::{sync::watch, task::JoinHandle, time::timeout};

use crate::{
    wire::Wire,
    world::{Answer, Engine, PATIENCE, World},
};

crate::stories! {
    an_announcement_is_written_to_every_badge_of_a_gateway_once
    a_gateway_is_kept_like_a_badge
    a_badge_hangs_on_one_gateway_and_speaks_through_it_alone
    a_gateway_hears_at_once_which_badges_are_its_own
    a_gateway_that_is_revoked_or_retired_is_over_at_once
}

/// A simulated gateway that is running.
struct Running {
    id: BadgeId,
    badges: Vec<BadgeId>,
    folder: tempfile::TempDir,
    written: watch::Receiver<u64>,
    task: JoinHandle<()>,
}

impl Running {
    /// As the simulator's command line starts one.
    async fn start(world: &World, count: usize) -> Self {
        let (account, model) = (world.account(), Model { name: "generic".to_owned(), ..Model::default() });
        let registered = account.register_gateway("Ward 3").await.unwrap();
        let mut badges = Vec::new();
        for number in 0..count {
            badges.push(account.register(&format!("Hung {number}")).await.unwrap().id);
        }
        account.assign(registered.id, &badges).await.unwrap();
        let identity = Identity::claim(account.server(), &registered.claim_code, &model).await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let mut gateway = Gateway::new(account.server(), identity, badges.clone(), model, folder.path());
        let written = gateway.written();
        let task = tokio::spawn(async move {
            gateway.run().await;
        });
        Self { id: registered.id, badges, folder, written, task }
    }

    async fn until_written(&mut self, times: u64) {
        let seen = timeout(PATIENCE, self.written.wait_for(|written| *written >= times)).await;
        assert_eq!(*seen.expect("not written").unwrap(), times);
    }
}

fn slots(upload: &[u8]) -> Vec<badgecast_domain::display::Slot> {
    wang::decode(upload, Panel::P11x44).unwrap().slots
}

fn written_to(folder: &Path, badge: BadgeId) -> Vec<badgecast_domain::display::Slot> {
    slots(&fs::read(folder.join(format!("{badge}.bin"))).unwrap())
}

async fn an_announcement_is_written_to_every_badge_of_a_gateway_once(engine: Engine) {
    let world = World::open(engine).await;
    let mut gateway = Running::start(&world, 4).await;
    let manager = world.manager().await;
    let is_there = async |path: String| manager.get(&path).await.is(200).body["online"] == true;
    for badge in &gateway.badges {
        let path = format!("/api/v1/badges/{badge}");
        // What it is, its first hello says.
        let introduced = async || {
            Some(manager.get(&path).await.is(200))
                .filter(|seen| seen.body["online"] == true && seen.body["model"].is_string())
        };
        let seen = world.until("the badge being online and introduced", introduced).await;
        assert_eq!((&seen.body["claimed"], seen.text("/gateway_id")), (&json!(true), gateway.id.to_string()));
        assert_eq!(seen.text("/model"), "generic");
    }
    assert!(is_there(format!("/api/v1/gateways/{}", gateway.id)).await);

    let location = manager.announce("Doors open at nine").await;
    let all_written = async || {
        Some(manager.get(&location).await.is(200)).filter(|seen| seen.number("/receipts/written") == 4)
    };
    let seen = world.until("all written", all_written).await;
    assert_eq!(seen.number("/receipts/targeted"), 4);
    assert_eq!(seen.number("/receipts/shown"), 0, "nothing can be read back");
    gateway.until_written(4).await;
    for badge in &gateway.badges {
        let path = format!("/api/v1/badges/{badge}/program.bin");
        let request = manager.request(reqwest::Method::GET, &path);
        let program = request.send().await.unwrap().bytes().await.unwrap();
        assert_eq!(written_to(gateway.folder.path(), *badge), slots(&program));
        assert!(!slots(&program).is_empty());
    }

    // The same program under another revision is not written again; another one is.
    let [one, two, ..] = gateway.badges[..] else { panic!("four badges") };
    manager.delete(&location).await.is(204);
    gateway.until_written(8).await;
    for text in ["Anna", "Anna"] {
        manager.put(&format!("/api/v1/badges/{one}/display"), json!({ "text": text })).await.is(200);
    }
    manager.put(&format!("/api/v1/badges/{two}/display"), json!({ "text": "Ben" })).await.is(200);
    gateway.until_written(10).await;
    gateway.task.abort();
    world
        .until("the badges being offline", async || {
            (!is_there(format!("/api/v1/badges/{one}")).await).then_some(())
        })
        .await;
    world.close().await;
}

async fn a_gateway_is_kept_like_a_badge(engine: Engine) {
    let world = World::open(engine).await;
    let manager = world.manager().await;
    let make = || manager.request(reqwest::Method::POST, "/api/v1/gateways").header("idempotency-key", "k");
    let made = manager.send(make().json(&json!({ "name": "Ward 3" }))).await.is(201);
    let again = manager.send(make().json(&json!({ "name": "Ward 3" }))).await.is(201);
    assert_eq!((made.text("/id"), made.header("location")), (again.text("/id"), again.header("location")));
    assert!(again.body.get("claim_code").is_none(), "a code is said once");
    let path = made.header("location");
    let other = manager.post("/api/v1/gateways", json!({})).await.is(201);
    assert_eq!(other.text("/name"), other.text("/code"));

    let page = manager.get("/api/v1/gateways?limit=1").await.is(200);
    let rest = manager.get(&format!("/api/v1/gateways?after={}", page.text("/next"))).await.is(200);
    assert_eq!((page.text("/items/0/id"), rest.text("/items/0/id")), (made.text("/id"), other.text("/id")));
    // Badges are badges, and gateways gateways.
    assert_eq!(manager.get("/api/v1/badges").await.is(200).body["items"], json!([]));
    manager.get(&path.replace("gateways", "badges")).await.is(404);
    let badge = world.registered().await.header("location");
    manager.get(&badge.replace("badges", "gateways")).await.is(404);

    let read = manager.get(&path).await.is(200);
    let rename = |etag: &str| {
        let request = manager.request(reqwest::Method::PATCH, &path).header("if-match", etag);
        request.json(&json!({ "name": "Ward 4" }))
    };
    assert_eq!(manager.send(rename(&read.header("etag"))).await.is(200).text("/name"), "Ward 4");
    manager.send(rename(&read.header("etag"))).await.is(412);

    let claimed = claim(&world, &made.text("/claim_code")).await;
    let (id, secret) = (claimed.text("/badge_id"), claimed.text("/client_secret"));
    world.device_token(&id, &secret).await.is(200);
    assert_eq!(manager.get(&path).await.body["claimed"], true);
    manager.post(&format!("{path}/revoke"), json!({})).await;
    assert_eq!(world.device_token(&id, &secret).await.text("/error"), "invalid_client");
    let code = manager.post(&format!("{path}/claim-code"), json!({})).await.is(201).text("/claim_code");
    let secret = claim(&world, &code).await.text("/client_secret");
    world.device_token(&id, &secret).await.is(200);

    let trail = world.person(Role::Admin).await.get(&format!("/api/v1/audit?object={id}")).await.is(200);
    let actions: Vec<&str> =
        trail.body["items"].as_array().unwrap().iter().map(|row| row["action"].as_str().unwrap()).collect();
    for action in ["register", "claim-code", "claim", "rename", "revoke"] {
        assert!(actions.contains(&format!("gateway.{action}").as_str()), "{action}: {actions:?}");
    }
    world.close().await;
}

async fn claim(world: &World, code: &str) -> Answer {
    world.nobody().post("/api/v1/claims", json!({ "claim_code": code })).await.is(201)
}

async fn a_badge_hangs_on_one_gateway_and_speaks_through_it_alone(engine: Engine) {
    let world = World::open(engine).await;
    let manager = world.manager().await;
    let mut gateways = Vec::new();
    for _ in 0..2 {
        gateways.push(manager.post("/api/v1/gateways", json!({})).await.is(201).header("location"));
    }
    let badge = world.registered().await;
    let id = badge.text("/id");
    let badges = async |gateway: &str| {
        let page = manager.get(&format!("{gateway}/badges")).await.is(200);
        page.body["items"].as_array().unwrap().iter().map(|item| item["id"].clone()).collect::<Vec<Value>>()
    };
    manager.put(&format!("{}/badges/{id}", gateways[0]), json!({})).await.is(204);
    assert_eq!(badges(&gateways[0]).await, [json!(id)]);
    assert_eq!(manager.get(&gateways[0]).await.number("/badges"), 1);
    // Its own code is worth nothing, and it gets no other.
    world.nobody().post("/api/v1/claims", json!({ "claim_code": badge.text("/claim_code") })).await.is(404);
    manager.post(&format!("/api/v1/badges/{id}/claim-code"), json!({})).await.is(409);
    // It moves, and is on one gateway at any time.
    manager.post(&format!("{}/badges", gateways[1]), json!({ "badges": [id] })).await.is(204);
    assert_eq!((badges(&gateways[0]).await, badges(&gateways[1]).await), (vec![], vec![json!(id)]));
    assert_eq!(
        manager.get(&format!("/api/v1/badges?gateway={}", last(&gateways[1]))).await.text("/items/0/id"),
        id
    );

    // One that speaks for itself stays its own; what is not ours is not there.
    let (own, ..) = world.device().await;
    let refused =
        manager.put(&format!("{}/badges", gateways[0]), json!({ "badges": [id, own] })).await.is(422);
    let index = usize::from(id < own.to_string());
    assert_eq!(refused.text("/errors/0/pointer"), format!("/badges/{index}"));
    assert_eq!(badges(&gateways[1]).await, [json!(id)], "none was moved");
    let nobody = BadgeId::new();
    manager.put(&format!("{}/badges/{nobody}", gateways[0]), json!({})).await.is(404);
    manager.put(&format!("{}/badges/{}", gateways[0], last(&gateways[1])), json!({})).await.is(404);
    manager.put(&format!("/api/v1/gateways/{nobody}/badges/{id}"), json!({})).await.is(404);
    manager.post(&format!("{}/badges", gateways[0]), json!({ "badges": [nobody] })).await.is(422);
    manager.delete(&format!("{}/badges/{id}", gateways[0])).await.is(204);
    assert_eq!(badges(&gateways[1]).await, [json!(id)], "only its own gateway lets go of it");

    // Off the gateway it can be claimed again; and a retired gateway holds nothing.
    manager.delete(&format!("{}/badges/{id}", gateways[1])).await.is(204);
    let code = manager.post(&format!("/api/v1/badges/{id}/claim-code"), json!({})).await.is(201);
    claim(&world, &code.text("/claim_code")).await;
    let hung = world.registered().await.text("/id");
    manager.put(&format!("{}/badges", gateways[1]), json!({ "badges": [hung] })).await.is(204);
    manager.delete(&gateways[1]).await.is(204);
    manager.get(&gateways[1]).await.is(404);
    assert!(manager.get(&format!("/api/v1/badges/{hung}")).await.is(200).body["gateway_id"].is_null());
    world.close().await;
}

fn last(path: &str) -> &str {
    path.rsplit('/').next().unwrap()
}

/// A gateway that logged in by hand: its address, its id, its connection.
async fn by_hand(world: &World) -> (String, String, Wire) {
    let made = world.manager().await.post("/api/v1/gateways", json!({})).await.is(201);
    let claimed = claim(world, &made.text("/claim_code")).await;
    let (id, secret) = (claimed.text("/badge_id"), claimed.text("/client_secret"));
    let token = world.device_token(&id, &secret).await.is(200).text("/access_token");
    let wire = Wire::open(world, &id, &id, &token).await.unwrap();
    (made.header("location"), id, wire)
}

async fn a_gateway_hears_at_once_which_badges_are_its_own(engine: Engine) {
    let world = World::open(engine).await;
    let manager = world.manager().await;
    let (path, _, mut wire) = by_hand(&world).await;
    let badge = world.registered().await.text("/id");
    let (show, hello) = (format!("v1/badges/{badge}/show"), format!("v1/badges/{badge}/hello"));
    assert_eq!(wire.subscribe(&show).await, SubscribeReasonCode::NotAuthorized);
    assert_eq!(wire.say(&hello, &json!({ "holds": [] })).await, PubAckReason::NotAuthorized);
    assert_eq!(wire.subscribe("v1/me/show").await, SubscribeReasonCode::NotAuthorized);

    manager.put(&format!("{path}/badges/{badge}"), json!({})).await.is(204);
    let granted = world
        .until("the badge being its own", async || {
            let granted = wire.subscribe(&show).await;
            (granted != SubscribeReasonCode::NotAuthorized).then_some(granted)
        })
        .await;
    assert_eq!(granted, SubscribeReasonCode::Success(QoS::AtLeastOnce));
    assert_eq!(wire.say(&hello, &json!({ "holds": [] })).await, PubAckReason::Success);
    let online = async |wanted: bool| {
        let seen = manager.get(&format!("/api/v1/badges/{badge}")).await.is(200);
        (seen.body["online"] == wanted).then_some(())
    };
    world.until("the badge being online", async || online(true).await).await;
    let location = manager.announce("Lunch").await;
    let layer: AnnouncementId = last(&location).parse().unwrap();
    let said = wire.until_said(&show, |said| said["id"] == json!(layer)).await;
    let crc: Crc = serde_json::from_value(said["crc"].clone()).unwrap();
    let ack = json!({ "id": layer, "revision": said["revision"], "outcome": "written", "crc": crc });
    let acks = format!("v1/badges/{badge}/ack");
    assert_eq!(wire.say(&acks, &ack).await, PubAckReason::Success);
    assert_eq!(manager.get(&location).await.number("/receipts/written"), 1);

    manager.delete(&format!("{path}/badges/{badge}")).await.is(204);
    world
        .until("the badge being gone", async || {
            (wire.say(&acks, &ack).await == PubAckReason::NotAuthorized).then_some(())
        })
        .await;
    world.until("the badge being offline", async || online(false).await).await;
    world.close().await;
}

async fn a_gateway_that_is_revoked_or_retired_is_over_at_once(engine: Engine) {
    let world = World::open(engine).await;
    let manager = world.manager().await;
    let (path, id, mut wire) = by_hand(&world).await;
    let made = manager.post(&format!("{path}/claim-code"), json!({})).await.is(201);
    manager.post(&format!("{path}/revoke"), json!({})).await;
    assert_eq!(wire.ended().await, DisconnectReasonCode::AdministrativeAction);
    // A revoked code opens nothing either.
    let code = json!({ "claim_code": made.text("/claim_code") });
    world.nobody().post("/api/v1/claims", code).await.is(404);

    let (path, other, mut wire) = by_hand(&world).await;
    assert_ne!(id, other);
    let token = {
        let code = manager.post(&format!("{path}/claim-code"), json!({})).await.is(201).text("/claim_code");
        let secret = claim(&world, &code).await.text("/client_secret");
        world.device_token(&other, &secret).await.is(200).text("/access_token")
    };
    manager.delete(&path).await.is(204);
    assert_eq!(wire.ended().await, DisconnectReasonCode::AdministrativeAction);
    let refused = Wire::open(&world, &other, &other, &token).await.err();
    assert_eq!(refused, Some(ConnectReturnCode::Banned));
    world.close().await;
}
