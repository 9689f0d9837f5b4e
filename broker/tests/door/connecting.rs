//! CONNECT: who is let in, and what everyone else is told.

use std::{sync::atomic::Ordering::Relaxed, time::Duration};

use badgecast_broker::Settings;
use badgecast_domain::id::BadgeId;

use crate::{
    house::{Seen, world, world_with},
    raw::{Hello, Raw, V4, V5, packet},
};

#[tokio::test]
async fn a_badge_with_a_good_token_is_let_in() {
    let mut world = world().await;
    for level in [V4, V5] {
        let badge = BadgeId::new();
        let mut raw = Raw::badge(world.port, level, badge).await;
        raw.ping().await;
        assert!(world.desk.holds(badge));
        assert_eq!(world.seen().await, Seen::Came(badge));
        raw.say(&[0xe0, 0]).await;
        assert_eq!(world.seen().await, Seen::Went(badge));
        assert!(!world.desk.holds(badge));
    }
    assert_eq!(world.desk.figures().left, 2);
}

#[tokio::test]
async fn a_refusal_is_always_said() {
    let world = world().await;
    let id = BadgeId::new().to_string();
    let cases =
        [("expired", 5, 0x87), ("garbage", 4, 0x86), ("banned", 5, 0x8a), ("down", 3, 0x88), ("", 4, 0x86)];
    for (password, v4, v5) in cases {
        for (level, code) in [(V4, v4), (V5, v5)] {
            let (mut raw, connack) = Raw::greet(world.port, &Hello::new(level, &id, password)).await;
            assert_eq!(connack[..2], [0, code], "{password} in {level}");
            assert_eq!(raw.hear().await, None);
        }
    }
    let figures = world.desk.figures();
    assert_eq!((figures.refused_not_authorized, figures.refused_malformed), (2, 4));
    assert_eq!((figures.refused_banned, figures.refused_unavailable, figures.connected), (2, 2, 0));
}

#[tokio::test]
async fn a_token_for_another_badge_opens_nothing() {
    let world = world().await;
    let (mine, other) = (BadgeId::new().to_string(), BadgeId::new().to_string());
    let hello = Hello { username: &other, ..Hello::new(V5, &mine, "open") };
    let (_raw, connack) = Raw::greet(world.port, &hello).await;
    assert_eq!(connack[1], 0x87);
}

#[tokio::test]
async fn a_badge_that_does_not_name_itself_is_named_by_its_user_name() {
    let world = world().await;
    let id = BadgeId::new().to_string();
    let hello = Hello { client_id: "", username: &id, ..Hello::new(V5, "", "open") };
    let (_raw, connack) = Raw::greet(world.port, &hello).await;
    assert_eq!(connack[1], 0);
    let assigned = connack.windows(id.len()).any(|window| window == id.as_bytes());
    assert!(assigned, "CONNACK carries the Assigned Client Identifier");
    let hello = Hello { client_id: "", username: &id, clean: false, ..Hello::new(V4, "", "open") };
    let (_raw, connack) = Raw::greet(world.port, &hello).await;
    assert_eq!(connack, [0, 2]);
}

#[tokio::test]
async fn the_server_says_what_it_grants() {
    let world = world().await;
    let id = BadgeId::new().to_string();
    // A session of a minute, and Response Information.
    let wish = [0x11, 0, 0, 0, 60, 0x19, 1];
    let hello = Hello { keep_alive_s: 0, properties: &wish, ..Hello::new(V5, &id, "open") };
    let (_raw, connack) = Raw::greet(world.port, &hello).await;
    let has = |property: &[u8]| connack.windows(property.len()).any(|window| window == property);
    assert!(has(&[0x11, 0, 0, 0, 0]), "no session outlives its connection");
    assert!(has(&[0x21, 0, 32]), "Receive Maximum");
    assert!(has(&[0x27, 0, 0, 0x40, 0]), "Maximum Packet Size of 16 KiB");
    assert!(has(&[0x25, 0]) && has(&[0x29, 0]) && has(&[0x2a, 0]), "what is not available");
    assert!(has(&[0x13, 1, 44]), "Server Keep Alive of 300 s");
    assert_eq!(connack.len(), 25, "and nothing else");
}

#[tokio::test]
async fn nobody_is_said_more_than_they_take() {
    let world = world().await;
    let id = BadgeId::new().to_string();
    let takes = |most: u8| [0x27, 0, 0, 0, most];
    // The sentence is left out where only the code fits, and who takes less is told nothing.
    for (most, password, said) in
        [(15, "expired", Some(vec![0, 0x87, 0])), (15, "open", Some(vec![0, 0x95, 0])), (4, "open", None)]
    {
        let mut raw = Raw::open(world.port, V5).await;
        raw.say(&Hello { properties: &takes(most), ..Hello::new(V5, &id, password) }.bytes()).await;
        assert_eq!(raw.hear().await.map(|(_, body)| body), said, "{most} bytes");
    }
    let hello = Hello { properties: &takes(30), ..Hello::new(V5, &id, "open") };
    let (mut raw, connack) = Raw::greet(world.port, &hello).await;
    assert_eq!(connack[1], 0);
    raw.ping().await;
    // Thirty codes do not fit, and without them the client would wait for ever.
    raw.say(&packet(0x82, &[&b"\0\x01\0"[..], &b"\0\x01a\0".repeat(30)].concat())).await;
    raw.ended_with(0x95).await;
}

#[tokio::test]
async fn old_and_unknown_protocols_are_answered() {
    let world = world().await;
    let mut raw = Raw::open(world.port, V4).await;
    raw.say(b"\x10\x11\0\x06MQIsdp\x03\x02\0\x3c\0\x03abc").await;
    assert_eq!(raw.hear().await, Some((0x20, vec![0, 1])));
    let mut raw = Raw::open(world.port, V5).await;
    raw.say(b"\x10\x0e\0\x04MQTT\x09\x02\0\x3c\0\0\x01a").await;
    let (first, body) = raw.hear().await.unwrap();
    assert_eq!((first, body[1]), (0x20, 0x84));
    assert_eq!(world.house.asked.load(Relaxed), 0);
}

#[tokio::test]
async fn an_authentication_method_is_refused() {
    let world = world().await;
    let id = BadgeId::new().to_string();
    let hello = Hello { properties: b"\x15\0\x03JWT", ..Hello::new(V5, &id, "open") };
    let (_raw, connack) = Raw::greet(world.port, &hello).await;
    assert_eq!(connack[1], 0x8c);
}

#[tokio::test]
async fn a_will_may_say_what_its_badge_may_say() {
    let world = world().await;
    let id = BadgeId::new().to_string();
    let cases: [(&str, &[u8], u8, u8); 5] = [
        ("v1/me/telemetry", b"{}", 0, 0),
        ("v1/me/telemetry", b"not json", 0x99, 5),
        ("v1/me/token", b"x", 0x87, 5),
        ("v1/me/show", b"{}", 0x87, 5),
        ("v1/orgs/x", b"{}", 0x87, 5),
    ];
    for (topic, payload, v5, v4) in cases {
        for (level, code) in [(V5, v5), (V4, v4)] {
            let hello = Hello { will: Some((topic, payload)), ..Hello::new(level, &id, "open") };
            let (_raw, connack) = Raw::greet(world.port, &hello).await;
            assert_eq!(connack[1], code, "{topic} in {level}");
        }
    }
}

#[tokio::test]
async fn what_is_said_right_behind_connect_is_heard() {
    let mut world = world().await;
    let badge = BadgeId::new();
    let id = badge.to_string();
    let mut raw = Raw::open(world.port, V4).await;
    let together = [&Hello::new(V4, &id, "open").bytes()[..], &[0xc0, 0, 0xc0]].concat();
    raw.say(&together).await;
    assert_eq!(raw.hear().await, Some((0x20, vec![0, 0])));
    assert_eq!(raw.hear().await, Some((0xd0, vec![])));
    raw.say(&[0]).await;
    assert_eq!(raw.hear().await, Some((0xd0, vec![])));
    assert_eq!(world.seen().await, Seen::Came(badge));
}

#[tokio::test]
async fn too_many_connections_are_told_so() {
    let world = world_with(Settings { max_connections: 1, ..Settings::default() }).await;
    let _first = Raw::badge(world.port, V4, BadgeId::new()).await;
    for (level, code) in [(V4, 3), (V5, 0x97)] {
        let id = BadgeId::new().to_string();
        let (_raw, connack) = Raw::greet(world.port, &Hello::new(level, &id, "open")).await;
        assert_eq!(connack[1], code);
    }
    assert_eq!(world.desk.figures().connects_over_limit, 2);
}

#[tokio::test]
async fn too_many_connects_at_once_are_told_so() {
    let world = world_with(Settings { max_connections: 2, connects_per_s: 1, ..Settings::default() }).await;
    for level in [V4, V5] {
        let id = BadgeId::new().to_string();
        let (mut raw, _) = Raw::greet(world.port, &Hello::new(level, &id, "expired")).await;
        assert_eq!(raw.hear().await, None);
    }
    for (level, code) in [(V4, 3), (V5, 0x9f)] {
        let id = BadgeId::new().to_string();
        let (_raw, connack) = Raw::greet(world.port, &Hello::new(level, &id, "open")).await;
        assert_eq!(connack[1], code);
    }
    assert_eq!(world.desk.figures().connects_too_fast, 2);
    assert_eq!(world.house.asked.load(Relaxed), 2);
}

#[tokio::test]
async fn sockets_that_do_not_log_in_are_capped_per_address_and_timed_out() {
    let settings = Settings {
        max_waiting_per_address: 2,
        connect_within: Duration::from_millis(300),
        ..Settings::default()
    };
    let world = world_with(settings).await;
    let badge = Raw::badge(world.port, V4, BadgeId::new()).await;
    let mut idle = [Raw::open(world.port, V4).await, Raw::open(world.port, V4).await];
    // A few bytes of a CONNECT now and then win no time.
    idle[0].say(&[0x10, 60, 0]).await;
    let mut third = Raw::open(world.port, V4).await;
    assert_eq!(third.hear().await, None);
    assert_eq!(world.desk.figures().closed_too_many_of_address, 1);
    for raw in &mut idle {
        assert_eq!(raw.hear().await, None);
    }
    assert_eq!(world.desk.figures().connects_late, 2);
    let _again = Raw::badge(world.port, V4, BadgeId::new()).await;
    drop(badge);
}
