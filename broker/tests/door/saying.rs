//! What badges say, and how it is acknowledged.

use std::time::Duration;

use badgecast_broker::{Settings, gate::Said};
use badgecast_domain::id::{BadgeId, LayerId};

use crate::{
    house::{Mood, Seen, world, world_with},
    raw::{Raw, V4, V5, put},
};

fn ack() -> Vec<u8> {
    format!(r#"{{"id":"{}","revision":1,"outcome":"held"}}"#, LayerId::new()).into_bytes()
}

#[tokio::test]
async fn what_a_badge_says_is_heard_and_acknowledged_when_it_is_stored() {
    let mut world = world().await;
    let badge = BadgeId::new();
    let mut raw = Raw::badge(world.port, V4, badge).await;
    assert_eq!(world.seen().await, Seen::Came(badge));
    world.house.is(Mood::Waits);
    raw.publish("v1/me/hello", 1, 7, b"{}").await;
    raw.publish("v1/me/ack", 1, 8, &ack()).await;
    assert!(matches!(world.said().await, Said::Hello(_)));
    assert!(matches!(world.said().await, Said::Ack(_)));
    // The house thinks; pings are answered all the same.
    raw.ping().await;
    world.house.permits.add_permits(2);
    assert_eq!(raw.hear().await, Some((0x40, vec![0, 7])));
    assert_eq!(raw.hear().await, Some((0x40, vec![0, 8])));
}

#[tokio::test]
async fn telemetry_at_qos_0_is_heard() {
    let mut world = world().await;
    let mut raw = Raw::badge(world.port, V5, BadgeId::new()).await;
    raw.publish("v1/me/telemetry", 0, 0, br#"{"battery":80,"new_field":1}"#).await;
    let Said::Telemetry(telemetry) = world.said().await else { panic!("telemetry") };
    assert_eq!(telemetry.battery, Some(80.0));
}

#[tokio::test]
async fn qos_2_is_stored_once_however_often_it_is_said() {
    let mut world = world().await;
    for level in [V4, V5] {
        let mut raw = Raw::badge(world.port, level, BadgeId::new()).await;
        raw.publish("v1/me/ack", 2, 5, &ack()).await;
        assert_eq!(raw.hear().await, Some((0x50, vec![0, 5])));
        raw.publish("v1/me/ack", 2, 5, &ack()).await;
        assert_eq!(raw.hear().await, Some((0x50, vec![0, 5])));
        raw.say(&[0x62, 2, 0, 5]).await;
        assert_eq!(raw.hear().await, Some((0x70, vec![0, 5])));
        assert!(matches!(world.said().await, Said::Ack(_)));
        raw.ping().await;
        assert!(!matches!(world.try_seen(), Ok(Seen::Said(..))), "it was stored twice");
    }
}

#[tokio::test]
async fn what_cannot_be_stored_is_not_acknowledged_and_the_badge_is_sent_off_to_say_it_again() {
    let world =
        world_with(Settings { unstored_grace: Duration::from_millis(50), ..Settings::default() }).await;
    world.house.is(Mood::CannotStore);
    for level in [V4, V5] {
        let mut raw = Raw::badge(world.port, level, BadgeId::new()).await;
        raw.publish("v1/me/ack", 1, 7, &ack()).await;
        raw.ended_with(0x89).await;
    }
    assert_eq!(world.desk.figures().ended_unstored, 2);
}

#[tokio::test]
async fn foreign_topics_are_refused() {
    let world = world().await;
    let other = format!("v1/badges/{}/ack", BadgeId::new());
    for topic in ["v1/me/show", "v1/orgs/x/badges/y/ack", "$SYS/broker", "\u{e9}/x", &other] {
        let mut raw = Raw::badge(world.port, V5, BadgeId::new()).await;
        raw.publish(topic, 1, 7, b"{}").await;
        assert_eq!(raw.hear().await, Some((0x40, vec![0, 7, 0x87])), "{topic}");
        raw.publish(topic, 2, 8, b"{}").await;
        assert_eq!(raw.hear().await, Some((0x50, vec![0, 8, 0x87])), "{topic}");
        raw.publish(topic, 0, 0, b"{}").await;
        raw.ended_with(0x87).await;
        for qos in [0, 1, 2] {
            let mut raw = Raw::badge(world.port, V4, BadgeId::new()).await;
            raw.publish(topic, qos, 7, b"{}").await;
            raw.ended_with(0x87).await;
        }
    }
    assert_eq!(world.desk.figures().publishes_denied, 5 * 6);
}

#[tokio::test]
async fn a_payload_of_another_form_does_not_end_the_connection() {
    let mut world = world().await;
    let too_many = format!(
        r#"{{"holds":[{}]}}"#,
        vec![r#"{"id":"00000000-0000-7000-8000-000000000000","revision":1}"#; 65].join(",")
    );
    for payload in [&b"not json"[..], b"[]", b"{\"holds\":1}", b"\xff", too_many.as_bytes()] {
        let mut raw = Raw::badge(world.port, V5, BadgeId::new()).await;
        raw.publish("v1/me/hello", 1, 7, payload).await;
        assert_eq!(raw.hear().await, Some((0x40, vec![0, 7, 0x99])));
        raw.ping().await;
        let mut raw = Raw::badge(world.port, V4, BadgeId::new()).await;
        raw.publish("v1/me/hello", 1, 7, payload).await;
        assert_eq!(raw.hear().await, Some((0x40, vec![0, 7])));
        raw.ping().await;
    }
    while let Ok(seen) = world.try_seen() {
        assert!(!matches!(seen, Seen::Said(..)), "{seen:?}");
    }
}

#[tokio::test]
async fn more_in_flight_than_the_receive_maximum_ends_the_connection() {
    let world = world().await;
    world.house.is(Mood::Waits);
    let mut raw = Raw::badge(world.port, V5, BadgeId::new()).await;
    for id in 1..=33 {
        raw.publish("v1/me/ack", 1, id, &ack()).await;
    }
    raw.ended_with(0x93).await;
}

#[tokio::test]
async fn one_who_says_too_much_is_ended() {
    let world = world_with(Settings { packets_per_s: 1, ..Settings::default() }).await;
    let mut raw = Raw::badge(world.port, V5, BadgeId::new()).await;
    for _ in 0..4 {
        raw.ping().await;
    }
    raw.say(&[0xc0, 0]).await;
    raw.ended_with(0x96).await;

    let world = world_with(Settings { bytes_per_s: 100, ..Settings::default() }).await;
    let mut raw = Raw::badge(world.port, V5, BadgeId::new()).await;
    raw.publish("v1/me/telemetry", 0, 0, &[b' '; 500]).await;
    raw.ended_with(0x96).await;
}

#[tokio::test]
async fn a_badge_renews_its_token_without_leaving() {
    let world = world().await;
    let badge = BadgeId::new();
    let id = badge.to_string();
    let (mut raw, _) = Raw::greet(world.port, &crate::raw::Hello::new(V5, &id, "for:1500")).await;
    raw.publish("v1/me/token", 1, 7, b"for:60000").await;
    assert_eq!(raw.hear().await, Some((0x40, vec![0, 7])));
    let token = world.house.token();
    // Its first token would have ended it by now.
    tokio::time::timeout(Duration::from_millis(1_800), raw.hear()).await.expect_err("nothing is said");
    let ended = world.desk.end(badgecast_broker::Whom::Token(token), badgecast_broker::End::Revoked);
    assert_eq!(ended, 1);
    raw.ended_with(0x98).await;
}

#[tokio::test]
async fn a_renewal_with_a_bad_token_ends_the_connection() {
    let world = world().await;
    let mut raw = Raw::badge(world.port, V5, BadgeId::new()).await;
    raw.publish("v1/me/token", 1, 7, b"expired").await;
    assert_eq!(raw.hear().await, Some((0x40, vec![0, 7, 0x87])));
    raw.ended_with(0x87).await;
    let mut raw = Raw::badge(world.port, V4, BadgeId::new()).await;
    raw.publish("v1/me/token", 0, 0, b"\xff").await;
    raw.ended_with(0x87).await;
}

#[tokio::test]
async fn many_packets_in_many_pieces_are_all_heard() {
    let mut world = world().await;
    let mut raw = Raw::badge(world.port, V4, BadgeId::new()).await;
    let mut bytes = Vec::new();
    for _ in 0..10 {
        let mut body = Vec::new();
        put(&mut body, b"v1/me/telemetry");
        body.extend(br#"{"battery":80}"#);
        bytes.extend(crate::raw::packet(0x30, &body));
    }
    for piece in bytes.chunks(7) {
        raw.say(piece).await;
        tokio::task::yield_now().await;
    }
    for _ in 0..10 {
        assert!(matches!(world.said().await, Said::Telemetry(_)));
    }
}
