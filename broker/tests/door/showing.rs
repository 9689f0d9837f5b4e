//! The desk shows, and sessions say it once, newest first of each layer.

use std::time::{Duration, SystemTime};

use badgecast_broker::{Settings, Shows, Target, gate::Said};
use badgecast_domain::{
    announcement::Audience,
    display::Panel,
    id::{BadgeId, LayerId},
    layer::{Kind, Level},
    time::Moment,
    wire::{Command, Crc, Layer, Order, Show, True, Withdrawn},
};
use uuid::Uuid;

use crate::{
    house::{world, world_with},
    raw::{Hello, Raw, V4, V5},
};

pub(crate) fn layer(id: LayerId, revision: u64) -> Show {
    Show::Layer(Layer {
        kind: Kind::Announcement,
        id,
        revision,
        level: Level::Normal,
        from: None,
        until: None,
        ttl_s: None,
        now: Moment::from_s(0),
        brightness: 100,
        messages: Vec::new(),
        crc: Crc(0),
    })
}

#[tokio::test]
async fn a_broadcast_reaches_everyone_who_listens() {
    let world = world().await;
    let mut listeners = Vec::new();
    for level in [V4, V5, V4, V5] {
        listeners.push(Raw::listener(world.port, level, BadgeId::new()).await);
    }
    let mut deaf = Raw::badge(world.port, V4, BadgeId::new()).await;
    let shows = Shows::same(layer(LayerId::new(), 3));
    let all = Target::Audience(world.house.organization, &Audience::All);
    assert_eq!(world.desk.show(all, &shows), 4);
    let before = Moment::from(SystemTime::now()).minus(Duration::from_secs(5));
    for raw in &mut listeners {
        let (topic, id, json) = raw.message().await;
        assert_eq!((topic.as_str(), id), ("v1/me/show", 1));
        let Ok(Show::Layer(layer)) = serde_json::from_slice(&json) else { panic!("a layer") };
        assert!(layer.revision == 3 && layer.now > before);
        raw.acknowledge(id).await;
        raw.ping().await;
    }
    deaf.ping().await;
    assert_eq!(world.desk.figures().acknowledged, 4);
}

#[tokio::test]
async fn an_audience_is_whom_it_names() {
    let world = world().await;
    let (one, two) = (BadgeId::new(), BadgeId::new());
    let mut first = Raw::listener(world.port, V4, one).await;
    let mut second = Raw::listener(world.port, V4, two).await;
    let mut member = badgecast_broker::gate::Member {
        badge: two,
        panel: Panel::P12x48,
        groups: Vec::new(),
        tags: vec!["night".to_owned()],
    };
    world.desk.retag(member.clone());
    let some = |badges: Vec<BadgeId>, tags: &[&str]| Audience::Some {
        groups: Vec::new(),
        badges,
        tags: tags.iter().map(ToString::to_string).collect(),
    };
    let show = |audience: &Audience, shows: &Shows| {
        world.desk.show(Target::Audience(world.house.organization, audience), shows)
    };
    assert_eq!(show(&some(vec![one, BadgeId::new()], &[]), &Shows::same(layer(LayerId::new(), 1))), 1);
    assert_eq!(show(&some(vec![], &["night"]), &Shows::same(layer(LayerId::new(), 2))), 1);
    assert_eq!(show(&some(vec![], &["day"]), &Shows::same(layer(LayerId::new(), 3))), 0);
    // The second is of another panel now.
    let panel_of =
        |audience: &Audience, badge| world.desk.panel_in(world.house.organization, audience, badge);
    assert_eq!(panel_of(&some(vec![], &["night"]), two), Some(Panel::P12x48));
    assert_eq!(panel_of(&some(vec![], &["night"]), one), None);
    assert_eq!(panel_of(&Audience::All, BadgeId::new()), None);
    assert_eq!(show(&Audience::All, &Shows::on(Panel::P12x48, layer(LayerId::new(), 4))), 1);
    member.panel = Panel::P11x44;
    world.desk.retag(member);
    assert_eq!(show(&Audience::All, &Shows::on(Panel::P12x48, layer(LayerId::new(), 5))), 0);
    let other = badgecast_domain::id::OrganizationId::new();
    assert_eq!(world.desk.panel_in(other, &Audience::All, one), None);
    let all = Target::Audience(other, &Audience::All);
    assert_eq!(world.desk.show(all, &Shows::same(layer(LayerId::new(), 6))), 0);
    for (raw, revisions) in [(&mut first, &[1][..]), (&mut second, &[2, 4])] {
        for expected in revisions {
            let (_, _, json) = raw.message().await;
            assert_eq!(serde_json::from_slice::<Show>(&json).unwrap().revision(), *expected);
        }
        raw.ping().await;
    }
}

#[tokio::test]
async fn a_slow_badge_gets_the_newest_of_each_layer_and_no_backlog() {
    let world = world().await;
    let badge = BadgeId::new();
    let id = badge.to_string();
    // Receive Maximum 1: the first message is in flight, the others wait.
    let hello = Hello { properties: &[0x21, 0, 1], ..Hello::new(V5, &id, "open") };
    let (mut raw, _) = Raw::greet(world.port, &hello).await;
    assert_eq!(raw.subscribe("v1/me/show", 1).await, [1]);
    let (first, one, two) = (LayerId::new(), LayerId::new(), LayerId::new());
    let show = |show: Show| world.desk.show(Target::Badge(badge), &Shows::same(show));
    assert_eq!(show(layer(first, 1)), 1);
    let (_, id, _) = raw.message().await;
    for revision in 1..=500 {
        show(layer(one, revision));
        show(layer(two, revision));
    }
    show(Show::Withdrawn(Withdrawn { id: two, revision: 501, withdrawn: True }));
    raw.acknowledge(id).await;
    let (_, id, json) = raw.message().await;
    let got: Show = serde_json::from_slice(&json).unwrap();
    assert_eq!((got.id(), got.revision()), (one, 500));
    raw.acknowledge(id).await;
    let (_, id, json) = raw.message().await;
    assert!(matches!(serde_json::from_slice(&json).unwrap(), Show::Withdrawn(w) if w.id == two));
    raw.acknowledge(id).await;
    raw.ping().await;
    let figures = world.desk.figures();
    assert_eq!((figures.shows_sent, figures.shows_replaced), (3, 999));
}

#[tokio::test]
async fn acknowledgements_come_in_any_order_and_the_window_is_kept() {
    let world = world().await;
    let badge = BadgeId::new();
    let mut raw = Raw::listener(world.port, V4, badge).await;
    for _ in 0..40 {
        world.desk.show(Target::Badge(badge), &Shows::same(layer(LayerId::new(), 1)));
    }
    let mut ids = Vec::new();
    for _ in 0..16 {
        ids.push(raw.message().await.1);
    }
    raw.ping().await;
    for id in ids.into_iter().rev() {
        raw.acknowledge(id).await;
        assert!(raw.message().await.1 > 0);
    }
    raw.ping().await;
}

#[tokio::test]
async fn a_layer_that_expired_while_it_waited_is_not_shown() {
    let world = world().await;
    let badge = BadgeId::new();
    let mut raw = Raw::listener(world.port, V4, badge).await;
    let Show::Layer(mut old) = layer(LayerId::new(), 1) else { panic!() };
    old.until = Some(Moment::from_s(1));
    assert_eq!(world.desk.show(Target::Badge(badge), &Shows::same(Show::Layer(old))), 1);
    raw.ping().await;
    assert_eq!(world.desk.figures().shows_expired, 1);
}

#[tokio::test]
async fn what_is_larger_than_the_client_takes_is_not_sent() {
    let world = world().await;
    let badge = BadgeId::new();
    let id = badge.to_string();
    let hello = Hello { properties: &[0x27, 0, 0, 0, 100], ..Hello::new(V5, &id, "open") };
    let (mut raw, _) = Raw::greet(world.port, &hello).await;
    assert_eq!(raw.subscribe("v1/me/show", 1).await, [1]);
    world.desk.show(Target::Badge(badge), &Shows::same(layer(LayerId::new(), 1)));
    raw.ping().await;
    assert_eq!(world.desk.figures().shows_too_large, 1);
}

#[tokio::test]
async fn message_expiry_is_told_to_those_who_understand_it() {
    let world = world().await;
    let badge = BadgeId::new();
    let mut raw = Raw::listener(world.port, V5, badge).await;
    let Show::Layer(mut soon) = layer(LayerId::new(), 1) else { panic!() };
    soon.until = Some(Moment::from(SystemTime::now()).plus(Duration::from_secs(100)));
    world.desk.show(Target::Badge(badge), &Shows::same(Show::Layer(soon)));
    let (_, body) = raw.hear().await.unwrap();
    let properties = &body[2 + "v1/me/show".len() + 2..];
    assert_eq!(properties[..5], [5, 2, 0, 0, 0]);
    assert!((95..=100).contains(&properties[5]));
}

#[tokio::test]
async fn commands_reach_a_badge_that_listens_for_them() {
    let world = world().await;
    let badge = BadgeId::new();
    let mut raw = Raw::badge(world.port, V5, badge).await;
    let command = Command { command: Order::Identify, id: Uuid::now_v7() };
    assert!(!world.desk.command(badge, command));
    assert_eq!(raw.subscribe("v1/me/command", 0).await, [0]);
    assert!(world.desk.command(badge, command));
    let (topic, id, json) = raw.message().await;
    assert_eq!((topic.as_str(), id), ("v1/me/command", 0));
    assert_eq!(serde_json::from_slice::<Command>(&json).unwrap(), command);
    assert!(!world.desk.command(BadgeId::new(), command));
}

#[tokio::test]
async fn a_command_says_where_its_answer_goes_and_which_it_is() {
    let world = world().await;
    let badge = BadgeId::new();
    let mut raw = Raw::badge(world.port, V5, badge).await;
    assert_eq!(raw.subscribe("v1/me/command", 1).await, [1]);
    let command = Command { command: Order::Identify, id: Uuid::now_v7() };
    assert!(world.desk.command(badge, command));
    let (_, body) = raw.hear().await.expect("a command");
    // Topic, packet identifier, then the properties (sections 3.3.2.3.5 and 3.3.2.3.6).
    let properties = &body[2 + "v1/me/command".len() + 2..];
    let mut expected = vec![0x08, 0, 9];
    expected.extend(b"v1/me/ack");
    expected.extend([0x09, 0, 16]);
    expected.extend(command.id.as_bytes());
    assert_eq!(
        (usize::from(properties[0]), &properties[1..=expected.len()]),
        (expected.len(), &expected[..])
    );
}

#[tokio::test]
async fn a_badge_that_says_no_hello_is_reported() {
    let mut world =
        world_with(Settings { hello_within: Duration::from_millis(50), ..Settings::default() }).await;
    let _silent = Raw::listener(world.port, V4, BadgeId::new()).await;
    assert_eq!(world.said().await, Said::NoHello);
    let mut polite = Raw::listener(world.port, V4, BadgeId::new()).await;
    polite.publish("v1/me/hello", 0, 0, b"{}").await;
    assert!(matches!(world.said().await, Said::Hello(_)));
    assert_eq!(world.desk.figures().hellos_missing, 1);
}

#[tokio::test]
async fn nobody_may_subscribe_to_what_is_not_theirs() {
    let world = world().await;
    let other = format!("v1/badges/{}/show", BadgeId::new());
    let (mut v4, mut v5) =
        (Raw::badge(world.port, V4, BadgeId::new()).await, Raw::badge(world.port, V5, BadgeId::new()).await);
    let cases = [
        ("#", 0x87),
        ("+/+/+", 0x87),
        ("v1/badges/+/show", 0x87),
        (other.as_str(), 0x87),
        ("v1/me/ack", 0x87),
        ("$SYS/#", 0x87),
        ("$share/g/v1/me/show", 0x9e),
        ("a/#/b", 0x8f),
        ("a+", 0x8f),
    ];
    for (filter, code) in cases {
        assert_eq!(v5.subscribe(filter, 1).await, [code], "{filter}");
        assert_eq!(v4.subscribe(filter, 1).await, [0x80], "{filter}");
    }
    assert_eq!(v5.subscribe("v1/me/show", 2).await, [1]);
    assert_eq!(v4.subscribe("v1/me/command", 0).await, [0]);
}

#[tokio::test]
async fn unsubscribing_ends_the_shows() {
    let world = world().await;
    let badge = BadgeId::new();
    let mut raw = Raw::listener(world.port, V5, badge).await;
    raw.say(b"\xa2\x12\0\x05\0\0\x0av1/me/show\0\x01a").await;
    assert_eq!(raw.hear().await, Some((0xb0, vec![0, 5, 0, 0, 0x11])));
    assert_eq!(world.desk.show(Target::Badge(badge), &Shows::same(layer(LayerId::new(), 1))), 0);
    assert!(world.desk.holds(badge));
}

#[tokio::test]
async fn a_client_that_reads_nothing_delays_nobody_and_is_let_go() {
    let world =
        world_with(Settings { stalled_within: Duration::from_millis(500), ..Settings::default() }).await;
    let (deaf, awake) = (BadgeId::new(), BadgeId::new());
    let mut stalled = Raw::listener(world.port, V4, deaf).await;
    let mut raw = Raw::listener(world.port, V4, awake).await;
    // Pings whose answers nobody reads fill the socket, up to the cap.
    let flood = tokio::spawn(async move {
        let id = stalled.message().await.1;
        let pings = [0xc0, 0].repeat(8_192);
        for _ in 0..10_000 {
            stalled.acknowledge(id).await;
            stalled.say(&pings).await;
        }
    });
    for revision in 1..=50 {
        let all = Target::Audience(world.house.organization, &Audience::All);
        world.desk.show(all, &Shows::same(layer(LayerId::new(), revision)));
        let (_, id, _) = raw.message().await;
        raw.acknowledge(id).await;
    }
    flood.await.unwrap();
    raw.ping().await;
    assert!(!world.desk.holds(deaf));
}
