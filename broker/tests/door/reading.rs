//! Integrations read what happens to their organization's badges, and nothing else.

use std::{collections::HashMap, time::Duration};

use badgecast_broker::{Elsewhere, End, Whom};
use badgecast_domain::{
    id::{BadgeId, ConnectionId, LayerId, OrganizationId},
    time::Moment,
};

use crate::{
    house::{World, world},
    raw::{Hello, Raw, V4, V5},
};

/// An integration that was let in.
pub(crate) async fn integration(world: &World, level: u8, name: &str) -> Raw {
    let hello = Hello { username: "home", ..Hello::new(level, name, "integration") };
    let (raw, connack) = Raw::greet(world.port, &hello).await;
    assert_eq!(connack[1], 0);
    raw
}

pub(crate) fn topic(world: &World, badge: impl std::fmt::Display, what: &str) -> String {
    format!("v1/orgs/{}/badges/{badge}/{what}", world.house.organization)
}

/// The next message: its topic and payload.
async fn next(raw: &mut Raw) -> (String, String) {
    let (topic, id, payload) = raw.message().await;
    if id != 0 {
        raw.acknowledge(id).await;
    }
    (topic, String::from_utf8(payload).unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_integration_sees_who_comes_says_and_goes() {
    let world = world().await;
    for level in [V4, V5] {
        let badge = BadgeId::new();
        let mut reader = integration(&world, level, "dashboard").await;
        assert_eq!(reader.subscribe(&topic(&world, badge, "#"), 1).await, [1]);
        reader.ping().await;
        let mut raw = Raw::badge(world.port, V4, badge).await;
        let (of, json) = next(&mut reader).await;
        assert_eq!(of, topic(&world, badge, "presence"));
        assert!(json.starts_with(r#"{"online":true,"since":""#), "{json}");
        raw.publish("v1/me/telemetry", 0, 0, br#"{"battery":80,"secret":1}"#).await;
        assert_eq!(
            next(&mut reader).await,
            (topic(&world, badge, "telemetry"), r#"{"battery":80.0}"#.to_owned())
        );
        let ack = format!(r#"{{"id":"{}","revision":1,"outcome":"held"}}"#, LayerId::new());
        raw.publish("v1/me/ack", 1, 1, ack.as_bytes()).await;
        assert_eq!(next(&mut reader).await, (topic(&world, badge, "ack"), ack));
        world.desk.tell_display(world.house.organization, badge, Some(br#"{"text":"Hello"}"#));
        assert_eq!(next(&mut reader).await.1, r#"{"text":"Hello"}"#);
        drop(raw);
        let (_, json) = next(&mut reader).await;
        assert!(json.starts_with(r#"{"online":false"#), "{json}");
        world.desk.forget(world.house.organization, badge);
        assert_eq!(next(&mut reader).await, (topic(&world, badge, "presence"), String::new()));
        assert_eq!(next(&mut reader).await, (topic(&world, badge, "display"), String::new()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_integration_hears_what_a_lost_badge_left_to_say() {
    let world = world().await;
    for level in [V4, V5] {
        let badge = BadgeId::new();
        let mut reader = integration(&world, level, "dashboard").await;
        assert_eq!(reader.subscribe(&topic(&world, badge, "telemetry"), 1).await, [1]);
        let will: Option<(&str, &[u8])> = Some(("v1/me/telemetry", br#"{"battery":3}"#));
        let id = badge.to_string();
        let hello = Hello { will, ..Hello::new(level, &id, "open") };
        // On a machine with too much to do the router may be replaced in this very moment, and telemetry is lost with it.
        let lost_again_and_again = async {
            loop {
                drop(Raw::greet(world.port, &hello).await);
            }
        };
        let said = (topic(&world, badge, "telemetry"), r#"{"battery":3.0}"#.to_owned());
        tokio::select! {
            heard = next(&mut reader) => assert_eq!(heard, said),
            () = lost_again_and_again => {}
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn integrations_that_do_not_name_themselves_are_served_side_by_side() {
    let world = world().await;
    let unnamed = Hello { client_id: "", username: "home", ..Hello::new(V5, "", "integration") };
    let (mut one, first) = Raw::greet(world.port, &unnamed).await;
    let (mut two, second) = Raw::greet(world.port, &unnamed).await;
    // Each is told its Assigned Client Identifier, which comes last.
    assert_eq!((first[1], second[1]), (0, 0));
    assert_ne!(first[first.len() - 36..], second[second.len() - 36..]);
    one.ping().await;
    two.ping().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn more_news_at_once_than_the_router_takes_is_told_again() {
    let world = world().await;
    let organization = world.house.organization;
    let mut reader = integration(&world, V5, "dashboard").await;
    assert_eq!(reader.subscribe(&topic(&world, "+", "presence"), 0).await, [0]);
    // A whole server comes, and dies.
    let mut there: Vec<Elsewhere> = Vec::new();
    for _ in 0..5_000 {
        let (badge, connection) = (BadgeId::new(), ConnectionId::new());
        there.push(Elsewhere { badge, connection, since: Moment::from_s(1) });
    }
    let mut known: HashMap<String, bool> = HashMap::new();
    // On a quiet machine the router may keep pace for a while.
    let mut online = false;
    for _ in 0..100 {
        online = !online;
        world.desk.tell_elsewhere(organization, if online { &there } else { &[] });
        while known.len() < there.len() || known.values().any(|known| *known != online) {
            let (topic, json) = next(&mut reader).await;
            known.insert(topic, json.contains("true"));
        }
        if world.desk.figures().outlet_dropped > 0 {
            return;
        }
    }
    panic!("the router took it all");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_late_reader_gets_all_that_is_retained() {
    let world = world().await;
    // More than rumqttd's router would give a wildcard subscriber.
    let mut badges = Vec::new();
    for _ in 0..300 {
        badges.push(Raw::badge(world.port, V4, BadgeId::new()).await);
    }
    let mut reader = integration(&world, V5, "late").await;
    assert_eq!(reader.subscribe(&topic(&world, "+", "presence"), 0).await, [0]);
    for _ in 0..badges.len() {
        let (first, _) = reader.hear().await.unwrap();
        assert_eq!(first, 0x31, "a retained message");
    }
    reader.ping().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_integration_stays_in_its_organization_and_says_nothing() {
    let world = world().await;
    let mut reader = integration(&world, V5, "dashboard").await;
    let other = format!("v1/orgs/{}/badges/#", OrganizationId::new());
    for filter in ["#", "+/#", "v1/orgs/+/badges/#", "v1/me/show", "$SYS/#", &other] {
        assert_eq!(reader.subscribe(filter, 1).await, [0x87], "{filter}");
    }
    assert_eq!(reader.subscribe("$share/g/x", 1).await, [0x9e]);
    assert_eq!(reader.subscribe("\u{e9}/x", 1).await, [0x8f]);
    reader.publish(&topic(&world, BadgeId::new(), "presence"), 1, 7, b"{}").await;
    assert_eq!(reader.hear().await, Some((0x40, vec![0, 7, 0x87])));
    reader.publish("v1/me/hello", 0, 0, b"{}").await;
    reader.ended_with(0x87).await;
    let hello = Hello { username: "home", ..Hello::new(V5, "a/#", "integration") };
    let (_raw, connack) = Raw::greet(world.port, &hello).await;
    assert_eq!(connack[1], 0x85);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_ends_by_revocation_takeover_expiry_and_silence() {
    let world = world().await;
    let mut revoked = integration(&world, V5, "a").await;
    assert_eq!(world.desk.end(Whom::Token(world.house.token()), End::Revoked), 1);
    revoked.ended_with(0x98).await;
    let mut old = integration(&world, V5, "a").await;
    let mut new = integration(&world, V5, "a").await;
    let _other = integration(&world, V5, "b").await;
    old.ended_with(0x8e).await;
    new.ping().await;
    let hello = Hello { username: "home", keep_alive_s: 1, ..Hello::new(V5, "c", "integration") };
    let (mut silent, _) = Raw::greet(world.port, &hello).await;
    silent.ended_with(0x8d).await;
    let hello = Hello { username: "home", ..Hello::new(V5, "d", "integration:300") };
    let (mut expired, _) = Raw::greet(world.port, &hello).await;
    let ended = tokio::time::timeout(Duration::from_secs(2), expired.ended_with(0x87)).await;
    assert!(ended.is_ok());
}
