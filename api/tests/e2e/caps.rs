//! Every cap of the MQTT door has a setting that holds, and a count in the metrics.

use std::time::Duration;

use badgecast_broker::Settings;
use badgecast_domain::id::BadgeId;
use badgecast_simulator::Badge;
use rumqttc::v5::mqttbytes::v5::ConnectReturnCode;
use serde_json::json;
use socket2::SockRef;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpSocket, TcpStream},
    time::{Instant, timeout},
};

use crate::{
    wire::{Wire, connect_packet},
    world::{Engine, PATIENCE, Person, World},
};

crate::stories! {
    connections_are_capped_in_all_and_per_second
    sockets_that_do_not_log_in_are_capped_and_closed
    a_client_that_says_too_much_is_ended
    a_client_that_never_reads_is_held_to_its_cap_and_delays_nobody
}

async fn with(engine: Engine, door: Settings) -> World {
    World::with(engine, |config| config.door = door).await
}

/// What the door counted of this kind.
pub async fn counted(world: &World, kind: &str) -> u64 {
    let metrics = world.nobody().get("/metrics").await.body;
    let line = format!("badgecast_door{{reason=\"{kind}\"}} ");
    let text = metrics.as_str().unwrap();
    let found = text.lines().find_map(|found| found.strip_prefix(&line));
    found.unwrap_or_else(|| panic!("no {kind}: {text}")).parse().unwrap()
}

async fn until_counted(world: &World, kind: &str) {
    world.until(kind, async || (counted(world, kind).await > 0).then_some(())).await;
}

async fn socket(world: &World) -> TcpStream {
    TcpStream::connect(world.running.mqtt).await.unwrap()
}

async fn log_in(client: &mut TcpStream, badge: BadgeId, token: &str) {
    client.write_all(&connect_packet(&badge.to_string(), token)).await.unwrap();
    let mut connack = [0; 4];
    timeout(PATIENCE, client.read_exact(&mut connack)).await.expect("no CONNACK").unwrap();
    assert_eq!(connack, [0x20, 2, 0, 0]);
}

/// The server closes it, whatever it said before.
async fn closes(mut socket: TcpStream) {
    let over = async {
        let mut chunk = [0; 1_024];
        while socket.read(&mut chunk).await.is_ok_and(|count| count > 0) {}
    };
    timeout(PATIENCE, over).await.expect("it stays open");
}

async fn connections_are_capped_in_all_and_per_second(engine: Engine) {
    let world = with(engine, Settings { max_connections: 1, connects_per_s: 1, ..Settings::default() }).await;
    let (badge, _, token) = world.device().await;
    let id = badge.to_string();
    let first =
        world.until("a first connection", async || Wire::open(&world, &id, &id, &token).await.ok()).await;
    let (other, _, token) = world.device().await;
    let other = other.to_string();
    let refused = Wire::open(&world, &other, &other, &token).await.err();
    assert_eq!(refused, Some(ConnectReturnCode::QuotaExceeded));
    assert!(counted(&world, "connects_over_limit").await > 0);
    drop(first);
    // One a second: of many at once some are too fast.
    world
        .until("one that is too fast", async || {
            let refused = Wire::open(&world, &other, &other, &token).await.err();
            (refused == Some(ConnectReturnCode::ConnectionRateExceeded)).then_some(())
        })
        .await;
    assert!(counted(&world, "connects_too_fast").await > 0);
    world.close().await;
}

async fn sockets_that_do_not_log_in_are_capped_and_closed(engine: Engine) {
    let settings = Settings { max_waiting_per_address: 2, ..Settings::default() };
    let world = with(engine, settings.clone()).await;
    let held = [socket(&world).await, socket(&world).await];
    world.until("both waiting", async || (counted(&world, "waiting").await == 2).then_some(())).await;
    closes(socket(&world).await).await;
    until_counted(&world, "closed_too_many_of_address").await;
    drop(held);
    world.close().await;

    let settings = Settings { max_waiting: 1, max_waiting_per_address: 9, ..settings };
    let world = with(engine, settings).await;
    let held = socket(&world).await;
    world.until("one waiting", async || (counted(&world, "waiting").await == 1).then_some(())).await;
    closes(socket(&world).await).await;
    until_counted(&world, "closed_too_many_waiting").await;
    drop(held);
    world.close().await;

    let late = Settings { connect_within: Duration::from_millis(200), ..Settings::default() };
    let world = with(engine, late).await;
    let mut slow = socket(&world).await;
    slow.write_all(&[0x10, 0x60, 0, 4, b'M']).await.unwrap();
    closes(slow).await;
    until_counted(&world, "connects_late").await;
    world.close().await;
}

async fn a_client_that_says_too_much_is_ended(engine: Engine) {
    let telemetry = |bytes: usize| {
        let mut body = b"\x00\x0fv1/me/telemetry".to_vec();
        body.resize(bytes, b' ');
        let mut packet =
            vec![0x30, u8::try_from(bytes & 127).unwrap() | 128, u8::try_from(bytes >> 7).unwrap()];
        packet.extend(body);
        packet
    };
    let usual = Settings::default();
    for (settings, words, kind) in [
        (Settings { max_packet: 2_048, ..usual.clone() }, telemetry(3_000), "ended_too_large"),
        (Settings { packets_per_s: 1, ..usual.clone() }, [0xc0, 0].repeat(20), "ended_too_fast"),
        (Settings { bytes_per_s: 100, ..usual }, telemetry(1_000), "ended_too_fast"),
    ] {
        let world = with(engine, settings).await;
        let (badge, _, token) = world.device().await;
        let mut client = socket(&world).await;
        log_in(&mut client, badge, &token).await;
        // The other side may have hung up before it is all said.
        let _ = timeout(PATIENCE, client.write_all(&words)).await;
        until_counted(&world, kind).await;
        closes(client).await;
        world.close().await;
    }
}

/// Shows a badge something, and answers which revision that is.
async fn put(manager: &Person<'_>, badge: BadgeId, text: &str) -> u64 {
    let path = format!("/api/v1/badges/{badge}/display");
    manager.put(&path, json!({ "text": text })).await.is(200).number("/revision")
}

/// How long it takes until a badge holds what it is shown, ten times: half of them, and the longest.
async fn waits(manager: &Person<'_>, badge: &Badge) -> (Duration, Duration) {
    let mut waits = Vec::new();
    for turn in 0..10 {
        let began = Instant::now();
        let revision = put(manager, badge.id(), &format!("Turn {turn}")).await;
        let layer = badge.id().own_layer();
        badge.until("hold it", PATIENCE, |state| state.holds(layer) == Some(revision)).await.unwrap();
        waits.push(began.elapsed());
    }
    waits.sort_unstable();
    (waits[5], waits[9])
}

async fn a_client_that_never_reads_is_held_to_its_cap_and_delays_nobody(engine: Engine) {
    const SAID: usize = 400_000;
    const STALLED_WITHIN: Duration = Duration::from_secs(3);
    let (cap, none) = (2_000, usize::MAX);
    for max_held_bytes in [cap, none] {
        let settings = Settings {
            max_held_bytes,
            stalled_within: STALLED_WITHIN,
            packets_per_s: 1_000_000,
            bytes_per_s: 1_000_000_000,
            ..Settings::default()
        };
        let world = with(engine, settings).await;
        let (manager, other) = (world.manager().await, world.badge().await);
        let (badge, _, token) = world.device().await;
        // Small segments and a small window: what the system holds for it is soon full.
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(4_096).unwrap();
        SockRef::from(&socket).set_tcp_mss(536).unwrap();
        let mut deaf = socket.connect(world.running.mqtt).await.unwrap();
        log_in(&mut deaf, badge, &token).await;
        deaf.write_all(b"\x82\x0f\0\x01\0\x0av1/me/show\0").await.unwrap();
        world
            .until("what it is shown waits", async || {
                put(&manager, badge, &"Much ".repeat(40)).await;
                (counted(&world, "shows_replaced").await >= 5).then_some(())
            })
            .await;

        // Each ping is owed an answer, and each answer waits with the rest.
        let before = counted(&world, "bytes_in").await;
        let pings = tokio::spawn(async move {
            // The server may have hung up before it is all said.
            let _ = deaf.write_all(&[0xc0, 0].repeat(SAID / 2)).await;
            deaf
        });
        // Nobody waits until it is let go. Half a second is the poll, when others write to the same PostgreSQL meanwhile.
        let (half, longest) = waits(&manager, &other).await;
        assert!(half < STALLED_WITHIN / 3 && longest < STALLED_WITHIN, "{half:?}, {longest:?}");
        if max_held_bytes == cap {
            let heard = counted(&world, "bytes_in").await - before;
            assert!(heard < SAID as u64 / 4, "it was heard, and so answered, for {heard} bytes");
        } else {
            let all = async || (counted(&world, "bytes_in").await - before > SAID as u64).then_some(());
            world.until("all of it is heard", all).await;
        }
        until_counted(&world, "ended_stalled").await;
        drop(pings.await.unwrap());
        other.stop().await;
        world.close().await;
    }
}
