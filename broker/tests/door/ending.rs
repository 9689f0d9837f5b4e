//! How connections end, and what is said then.

use std::time::{Duration, Instant};

use badgecast_broker::{End, Settings, Whom, gate::Said};
use badgecast_domain::id::{BadgeId, OrganizationId};

use crate::{
    house::{Seen, world, world_with},
    raw::{Hello, Raw, V4, V5},
};

const WILL: Option<(&str, &[u8])> = Some(("v1/me/telemetry", br#"{"battery":1}"#));

/// A badge with a will.
async fn mortal(port: u16, level: u8, badge: BadgeId, password: &str) -> Raw {
    let id = badge.to_string();
    let hello = Hello { will: WILL, ..Hello::new(level, &id, password) };
    let (raw, connack) = Raw::greet(port, &hello).await;
    assert_eq!(connack[1], 0);
    raw
}

#[tokio::test]
async fn a_token_ends_its_connection_when_it_expires_and_the_will_is_heard() {
    let mut world = world().await;
    for level in [V4, V5] {
        let badge = BadgeId::new();
        let mut raw = mortal(world.port, level, badge, "for:200").await;
        let start = Instant::now();
        raw.ended_with(0x87).await;
        assert!((150..1_000).contains(&start.elapsed().as_millis()));
        assert!(matches!(world.said().await, Said::Telemetry(_)));
        assert!(!world.desk.holds(badge));
    }
    assert_eq!(world.desk.figures().ended_expired, 2);
}

#[tokio::test]
async fn a_revocation_ends_the_connection_at_once_and_the_will_is_not_heard() {
    let mut world = world().await;
    for level in [V4, V5] {
        for by_token in [false, true] {
            let badge = BadgeId::new();
            let mut raw = mortal(world.port, level, badge, "open").await;
            let whom = if by_token { Whom::Token(world.house.token()) } else { Whom::Badge(badge) };
            let start = Instant::now();
            assert_eq!(world.desk.end(whom, End::Revoked), 1);
            raw.ended_with(0x98).await;
            assert!(start.elapsed() < Duration::from_millis(500));
            assert_eq!(world.seen().await, Seen::Came(badge));
            assert_eq!(world.seen().await, Seen::Went(badge));
            assert_eq!(world.desk.end(whom, End::Revoked), 0);
        }
    }
    world.saw_nothing();
}

#[tokio::test]
async fn a_revocation_that_comes_while_the_gate_thinks_is_not_missed() {
    let world = world().await;
    for whom in [None, Some(Whom::Organization(world.house.organization))] {
        let badge = BadgeId::new();
        let mut raw = Raw::open(world.port, V5).await;
        raw.say(&Hello::new(V5, &badge.to_string(), "open:slowly").bytes()).await;
        let asked = world.house.asked.load(std::sync::atomic::Ordering::Relaxed);
        while world.house.asked.load(std::sync::atomic::Ordering::Relaxed) == asked {
            tokio::task::yield_now().await;
        }
        // The gate has said yes already; nobody sits at the desk yet.
        assert_eq!(world.desk.end(whom.unwrap_or(Whom::Badge(badge)), End::Revoked), 0);
        world.house.permits.add_permits(1);
        assert_eq!(raw.hear().await.map(|(first, body)| (first, body[1])), Some((0x20, 0)));
        raw.ended_with(0x98).await;
    }
    // One that comes afterwards is another matter.
    Raw::badge(world.port, V5, BadgeId::new()).await.ping().await;
}

#[tokio::test]
async fn the_newer_connection_takes_over() {
    let mut world = world().await;
    let badge = BadgeId::new();
    for level in [V4, V5] {
        let mut old = Raw::badge(world.port, level, badge).await;
        let mut new = Raw::badge(world.port, level, badge).await;
        old.ended_with(0x8e).await;
        new.ping().await;
        assert!(world.desk.holds(badge));
        assert_eq!(world.desk.connected(), 1);
        for expected in [Seen::Came(badge), Seen::Came(badge), Seen::Went(badge)] {
            assert_eq!(world.seen().await, expected);
        }
        drop(new);
        world.went(badge).await;
    }
    assert!(!world.desk.holds(badge));
}

#[tokio::test]
async fn silence_beyond_the_keep_alive_ends_the_connection() {
    let mut world = world().await;
    for level in [V4, V5] {
        let id = BadgeId::new().to_string();
        let hello = Hello { keep_alive_s: 1, will: WILL, ..Hello::new(level, &id, "open") };
        let (mut raw, _) = Raw::greet(world.port, &hello).await;
        let start = Instant::now();
        // Half a packet is no packet.
        raw.say(&[0x30]).await;
        raw.ended_with(0x8d).await;
        assert!((1_300..3_000).contains(&start.elapsed().as_millis()));
        assert!(matches!(world.said().await, Said::Telemetry(_)));
    }
}

#[tokio::test]
async fn a_goodbye_takes_the_will_back_and_a_lost_connection_does_not() {
    let mut world = world().await;
    let badge = BadgeId::new();
    let mut raw = mortal(world.port, V4, badge, "open").await;
    raw.say(&[0xe0, 0]).await;
    assert_eq!(raw.hear().await, None);
    world.went(badge).await;
    world.saw_nothing();
    // Code 4: with the will.
    let mut raw = mortal(world.port, V5, badge, "open").await;
    raw.say(&[0xe0, 1, 4]).await;
    assert!(matches!(world.said().await, Said::Telemetry(_)));
    drop(mortal(world.port, V5, badge, "open").await);
    assert!(matches!(world.said().await, Said::Telemetry(_)));
}

#[tokio::test]
async fn an_organization_is_ended_alone() {
    let world = world().await;
    let mut raw = Raw::badge(world.port, V5, BadgeId::new()).await;
    assert_eq!(world.desk.end(Whom::Organization(OrganizationId::new()), End::Revoked), 0);
    raw.ping().await;
    assert_eq!(world.desk.end(Whom::Organization(world.house.organization), End::Expired), 1);
    raw.ended_with(0x87).await;
}

#[tokio::test]
async fn closing_says_goodbye_to_everyone_and_lets_nobody_in() {
    let settings = Settings { linger: Duration::from_millis(500), ..Settings::default() };
    let world = world_with(settings).await;
    let mut badges = Vec::new();
    for _ in 0..5 {
        badges.push(Raw::badge(world.port, V5, BadgeId::new()).await);
    }
    let mut waiting = Raw::open(world.port, V4).await;
    let desk = world.desk.clone();
    let closing = tokio::spawn(world.broker.close());
    for raw in &mut badges {
        raw.ended_with(0x8b).await;
    }
    assert_eq!(waiting.hear().await, None);
    drop(badges);
    closing.await.unwrap();
    assert_eq!(desk.connected(), 0);
    assert_eq!(desk.figures().ended_shutdown, 5);
    assert!(tokio::net::TcpStream::connect(("127.0.0.1", world.port)).await.is_err());
}
