//! What the standards offer and this server limits; `docs/mqtt.md` says why, and names these stories.

use badgecast_broker::{Settings, Shows, Target, gate::Said};
use badgecast_domain::id::{BadgeId, LayerId};

use crate::{
    house::{Mood, World, world, world_with},
    raw::{Hello, Raw, V4, V5, packet, put},
    reading::{integration, topic},
    showing::layer,
};

const TELEMETRY: &[u8] = br#"{"battery":1.0}"#;

#[tokio::test]
async fn no_session_outlives_its_connection_and_nothing_is_sent_again() {
    let mut world = world().await;
    for level in [V4, V5] {
        let badge = BadgeId::new();
        let id = badge.to_string();
        let expiry = if level == V5 { &[0x11, 0, 0, 0, 60][..] } else { &[] };
        let hello = Hello { clean: false, properties: expiry, ..Hello::new(level, &id, "open") };
        let (mut raw, connack) = Raw::greet(world.port, &hello).await;
        assert_eq!(connack[..2], [0, 0]);
        assert_eq!(raw.subscribe("v1/me/show", 1).await, [1]);
        let shows = Shows::same(layer(LayerId::new(), 1));
        assert_eq!(world.desk.show(Target::Badge(badge), &shows), 1);
        raw.message().await;
        drop(raw);
        world.went(badge).await;
        let (mut raw, connack) = Raw::greet(world.port, &hello).await;
        assert_eq!(connack[..2], [0, 0], "no session is present");
        assert_eq!(world.desk.show(Target::Badge(badge), &shows), 0, "nor its subscription");
        raw.ping().await;
    }
}

#[tokio::test]
async fn nothing_is_sent_at_qos_2_and_what_belongs_to_it_is_passed_over() {
    let world = world().await;
    for level in [V4, V5] {
        let mut raw = Raw::badge(world.port, level, BadgeId::new()).await;
        assert_eq!(raw.subscribe("v1/me/show", 2).await, [1]);
        raw.say(&[0x50, 2, 0, 9]).await;
        raw.say(&[0x70, 2, 0, 9]).await;
        raw.ping().await;
        // Of an exchange we know nothing of, the end is said all the same.
        raw.say(&[0x62, 2, 0, 9]).await;
        let complete = if level == V5 { vec![0, 9, 0x92] } else { vec![0, 9] };
        assert_eq!(raw.hear().await, Some((0x70, complete)));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_client_of_3_1_1_wants_retained_is_heard_and_not_retained() {
    let mut world = world().await;
    let badge = BadgeId::new();
    let will: Option<(&str, &[u8])> = Some(("v1/me/telemetry", TELEMETRY));
    let id = badge.to_string();
    let mut hello = Hello { will, ..Hello::new(V4, &id, "open") }.bytes();
    // Will Retain, in the flags behind the protocol's name and level.
    let flags = hello.windows(5).position(|window| window == b"MQTT\x04").unwrap() + 5;
    hello[flags] |= 0x20;
    let mut raw = Raw::open(world.port, V4).await;
    raw.say(&hello).await;
    assert_eq!(raw.hear().await, Some((0x20, vec![0, 0])));
    let mut body = Vec::new();
    put(&mut body, b"v1/me/telemetry");
    raw.say(&packet(0x33, &[&body[..], &[0, 7], TELEMETRY].concat())).await;
    assert_eq!(raw.hear().await, Some((0x40, vec![0, 7])));
    drop(raw);
    for _ in 0..2 {
        assert!(matches!(world.said().await, Said::Telemetry(_)));
    }
    let mut reader = integration(&world, V4, "late").await;
    assert_eq!(reader.subscribe(&topic(&world, badge, "telemetry"), 1).await, [1]);
    reader.ping().await;
}

#[tokio::test]
async fn a_will_is_heard_at_once_whatever_delay_it_asks_for() {
    let mut world = world().await;
    let id = BadgeId::new().to_string();
    let will: Option<(&str, &[u8])> = Some(("v1/me/telemetry", TELEMETRY));
    let hour = [0x18, 0, 0, 0x0e, 0x10];
    let hello = Hello { will, will_properties: &hour, ..Hello::new(V5, &id, "open") };
    drop(Raw::greet(world.port, &hello).await);
    assert!(matches!(world.said().await, Said::Telemetry(_)));
}

/// A world in which one may go on and on: on a machine with too much to do the router may be replaced in the very moment in
/// which it should tell something.
async fn patient_world() -> World {
    world_with(Settings { packets_per_s: 100_000, bytes_per_s: 100_000_000, ..Settings::default() }).await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_integration_says_whether_it_wants_what_is_retained() {
    let world = patient_world().await;
    let badge = BadgeId::new();
    let mut raw = Raw::badge(world.port, V4, badge).await;
    let mut reader = integration(&world, V5, "dashboard").await;
    let presence = topic(&world, badge, "presence");
    // Retain Handling: never, only for a new subscription, always.
    for (handling, is_sent) in [(2, false), (1, false), (0, true)] {
        assert_eq!(reader.subscribe(&presence, handling << 4).await, [0]);
        if is_sent {
            assert_eq!(reader.hear().await.unwrap().0, 0x31);
        }
        reader.ping().await;
    }
    // Retain As Published and No Local mean nothing: nobody publishes what it hears.
    let display = topic(&world, badge, "display");
    assert_eq!(reader.subscribe(&display, 0b0000_1100).await, [0]);
    let told_again_and_again = async {
        for turn in 0.. {
            let json = format!("{{\"turn\":{turn}}}");
            world.desk.tell_display(world.house.organization, badge, Some(json.as_bytes()));
            raw.ping().await;
        }
    };
    tokio::select! {
        () = async { while reader.hear().await.unwrap().0 != 0x30 {} } => {}
        () = told_again_and_again => {}
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn properties_of_a_message_are_not_passed_on() {
    let world = patient_world().await;
    let badge = BadgeId::new();
    let mut reader = integration(&world, V5, "dashboard").await;
    assert_eq!(reader.subscribe(&topic(&world, badge, "telemetry"), 0).await, [0]);
    let mut raw = Raw::badge(world.port, V5, badge).await;
    let mut body = Vec::new();
    put(&mut body, b"v1/me/telemetry");
    // Payload Format, Message Expiry, Content Type, Response Topic, Correlation Data, a User Property.
    let properties = b"\x01\x01\x02\0\0\0\x3c\x03\0\x01j\x08\0\x01r\x09\0\x01c\x26\0\x01k\0\x01v";
    body.push(u8::try_from(properties.len()).unwrap());
    let message = packet(0x30, &[&body[..], properties, TELEMETRY].concat());
    let mut plain = Vec::new();
    put(&mut plain, topic(&world, badge, "telemetry").as_bytes());
    let said_again_and_again = async {
        loop {
            raw.say(&message).await;
            raw.ping().await;
        }
    };
    tokio::select! {
        heard = reader.hear() => assert_eq!(heard, Some((0x30, [&plain[..], &[0], TELEMETRY].concat()))),
        () = said_again_and_again => {}
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_integration_has_thirty_two_filters() {
    let world = world().await;
    for (level, refused) in [(V4, 0x80), (V5, 0x97)] {
        let mut reader = integration(&world, level, "dashboard").await;
        for _ in 0..32 {
            assert_eq!(reader.subscribe(&topic(&world, BadgeId::new(), "ack"), 0).await, [0]);
        }
        assert_eq!(reader.subscribe(&topic(&world, BadgeId::new(), "ack"), 0).await, [refused]);
    }
}

#[tokio::test]
async fn a_client_of_3_1_1_may_have_128_messages_unacknowledged() {
    let world = world().await;
    world.house.is(Mood::Waits);
    let mut raw = Raw::badge(world.port, V4, BadgeId::new()).await;
    for id in 1..=128 {
        raw.publish("v1/me/telemetry", 1, id, TELEMETRY).await;
    }
    raw.ping().await;
    raw.publish("v1/me/telemetry", 1, 129, TELEMETRY).await;
    raw.ended_with(0x93).await;
}

#[tokio::test]
async fn a_connection_of_3_1_1_without_keep_alive_ends_with_its_token() {
    let world = world().await;
    let id = BadgeId::new().to_string();
    let hello = Hello { keep_alive_s: 0, ..Hello::new(V4, &id, "for:300") };
    let (mut raw, connack) = Raw::greet(world.port, &hello).await;
    assert_eq!(connack, [0, 0]);
    raw.ended_with(0x87).await;
    assert_eq!(world.desk.figures().ended_expired, 1);
}

/// Names in the document may be cut short with two dots.
#[test]
fn the_document_names_stories_that_are_told() {
    let broker = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let document = std::fs::read_to_string(broker.join("../docs/mqtt.md")).unwrap();
    let named = document.split('`').skip(1).step_by(2).filter_map(|word| word.split_once("::"));
    let mut count = 0;
    for (room, story) in named {
        let told = std::fs::read_to_string(broker.join(format!("tests/door/{room}.rs"))).unwrap_or_default();
        let story = story.trim_end_matches("..");
        assert!(told.contains(&format!("async fn {story}")), "{room}::{story}");
        count += 1;
    }
    assert!(count > 20, "{count} stories are named");
}
