//! Many at once, and none of them well-meaning: the others keep their latency.

use std::time::{Duration, Instant};

use badgecast_broker::{Entrance, Origins, Settings, Shows, Target};
use badgecast_domain::{
    announcement::Audience,
    id::{BadgeId, LayerId},
};
use tokio::task::JoinSet;

use crate::{
    house::{World, world, world_of, world_with},
    raw::{Hello, Raw, V4, V5},
    showing::layer,
};

/// Shows something to a well-meaning badge again and again while `trouble` lasts; answers the longest wait.
async fn longest_wait(world: &World, raw: &mut Raw, trouble: JoinSet<()>) -> Duration {
    let mut longest = Duration::ZERO;
    let mut trouble = trouble;
    loop {
        let began = Instant::now();
        let all = Target::Audience(world.house.organization, &Audience::All);
        assert!(world.desk.show(all, &Shows::same(layer(LayerId::new(), 1))) > 0);
        let (_, id, _) = raw.message().await;
        raw.acknowledge(id).await;
        longest = longest.max(began.elapsed());
        if tokio::time::timeout(Duration::from_millis(2), trouble.join_next())
            .await
            .is_ok_and(|one| one.is_none())
        {
            return longest;
        }
    }
}

/// Generous: the machine that runs the tests has other things to do.
const SOON: Duration = Duration::from_secs(1);

#[tokio::test(flavor = "multi_thread")]
async fn thousands_of_sockets_that_say_nothing_delay_nobody() {
    let settings = Settings {
        max_waiting_per_address: 300,
        connect_within: Duration::from_millis(500),
        ..Settings::default()
    };
    let world = world_with(settings).await;
    let mut raw = Raw::listener(world.port, V4, BadgeId::new()).await;
    // Ten thousand, as many at once as there are descriptors for.
    for _ in 0..5 {
        let mut trouble = JoinSet::new();
        for at in 0..2_000_u32 {
            let port = world.port;
            trouble.spawn(async move {
                let mut idle = Raw::open(port, V4).await;
                if at % 2 == 0 {
                    idle.say(&[0x10, 0x60, 0, 4, b'M']).await;
                }
                assert_eq!(idle.hear().await, None);
            });
        }
        let longest = longest_wait(&world, &mut raw, trouble).await;
        assert!(longest < SOON, "{longest:?}");
    }
    let figures = world.desk.figures();
    assert_eq!(figures.closed_too_many_of_address + figures.connects_late, 10_000);
    assert_eq!((figures.waiting, figures.connected), (0, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_dawdles_at_any_stage_ends_and_delays_nobody() {
    let settings = Settings { connect_within: Duration::from_millis(500), ..Settings::default() };
    let world =
        world_of(settings, |listener| Entrance::mqtt(listener).with_websocket(Origins::default())).await;
    let mut raw = Raw::listener(world.port, V5, BadgeId::new()).await;
    let mut trouble = JoinSet::new();
    for at in 0..300_usize {
        let port = world.port;
        trouble.spawn(async move {
            // Nothing; a handshake and a CONNECT that never end; a packet of one who is in that never ends.
            let id = BadgeId::new().to_string();
            let words: Vec<u8> = match at % 4 {
                0 => Vec::new(),
                1 => b"GET /mqtt HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n".to_vec(),
                2 => Hello::new(V5, &id, "open").bytes().into_iter().take(20).collect(),
                _ => {
                    let hello = Hello { keep_alive_s: 1, ..Hello::new(V5, &id, "open") };
                    [&hello.bytes()[..], &[0x30, 0x64, 0]].concat()
                }
            };
            let mut slow = Raw::open(port, V5).await;
            for byte in words {
                slow.say(&[byte]).await;
                tokio::task::yield_now().await;
            }
            while slow.hear().await.is_some() {}
        });
    }
    let longest = longest_wait(&world, &mut raw, trouble).await;
    assert!(longest < SOON, "{longest:?}");
    let figures = world.desk.figures();
    assert_eq!((figures.connects_late, figures.ended_keep_alive), (225, 75));
    raw.ping().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn clients_that_never_acknowledge_delay_nobody_and_cost_what_they_may() {
    let world = world().await;
    let mut raw = Raw::listener(world.port, V5, BadgeId::new()).await;
    let mut deaf = Vec::new();
    for _ in 0..200 {
        deaf.push(Raw::listener(world.port, V4, BadgeId::new()).await);
    }
    let all = Target::Audience(world.house.organization, &Audience::All);
    let mut longest = Duration::ZERO;
    for revision in 1..=100 {
        let began = Instant::now();
        assert_eq!(world.desk.show(all, &Shows::same(layer(LayerId::new(), revision))), 201);
        let (_, id, _) = raw.message().await;
        raw.acknowledge(id).await;
        longest = longest.max(began.elapsed());
    }
    assert!(longest < SOON, "{longest:?}");
    // Sixteen in flight and thirty-two layers that wait for each, the newest; the others were dropped and counted.
    assert!(world.desk.figures().shows_dropped >= 200 * (100 - 16 - 32));
    for mut one in deaf {
        one.ping_among_messages().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_storm_of_takeovers_leaves_one_and_delays_nobody() {
    let world = world().await;
    let mut raw = Raw::listener(world.port, V5, BadgeId::new()).await;
    let badge = BadgeId::new();
    let mut trouble = JoinSet::new();
    for _ in 0..300 {
        let (port, id) = (world.port, badge.to_string());
        trouble.spawn(async move {
            let mut one = Raw::open(port, V5).await;
            one.say(&Hello::new(V5, &id, "open").bytes()).await;
            // Until it is taken over, or is the last.
            while tokio::time::timeout(Duration::from_secs(1), one.hear())
                .await
                .is_ok_and(|heard| heard.is_some())
            {}
        });
    }
    let longest = longest_wait(&world, &mut raw, trouble).await;
    assert!(longest < SOON, "{longest:?}");
    let figures = world.desk.figures();
    assert_eq!((figures.admitted, figures.ended_taken_over), (301, 299));
}

#[tokio::test(flavor = "multi_thread")]
async fn floods_and_giants_end_themselves_and_delay_nobody() {
    let world = world().await;
    let mut raw = Raw::listener(world.port, V5, BadgeId::new()).await;
    let mut trouble = JoinSet::new();
    for at in 0..60 {
        let port = world.port;
        trouble.spawn(async move {
            let mut one = Raw::listener(port, V5, BadgeId::new()).await;
            match at % 3 {
                // Pings without end.
                0 => one.say(&[0xc0, 0].repeat(100_000)).await,
                // One that says it is larger than allowed, and keeps sending.
                1 => one.say(&[&[0x30, 0xff, 0xff, 0x7f][..], &[b'x'; 500_000]].concat()).await,
                // Subscriptions without end.
                _ => one.say(&b"\x82\x07\0\x01\0\0\x01#\0".repeat(50_000)).await,
            }
            // The others' shows come too; what counts is that it ends.
            while one.hear().await.is_some() {}
        });
    }
    let longest = longest_wait(&world, &mut raw, trouble).await;
    assert!(longest < SOON, "{longest:?}");
    let figures = world.desk.figures();
    let ended = figures.ended_too_fast + figures.ended_malformed + figures.ended_too_large;
    assert_eq!(ended + figures.lost, 60);
    raw.ping().await;
}
