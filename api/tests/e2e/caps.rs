//! Every cap of the MQTT door has a setting that holds, and a count in the metrics.

use std::time::Duration;

use badgecast_broker::Settings;
use rumqttc::v5::mqttbytes::v5::ConnectReturnCode;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};

use crate::{
    wire::{Wire, connect_packet},
    world::{Engine, PATIENCE, World},
};

crate::stories! {
    connections_are_capped_in_all_and_per_second
    sockets_that_do_not_log_in_are_capped_and_closed
    a_client_that_says_too_much_is_ended
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
        client.write_all(&connect_packet(&badge.to_string(), &token)).await.unwrap();
        let mut connack = [0; 4];
        timeout(PATIENCE, client.read_exact(&mut connack)).await.expect("no CONNACK").unwrap();
        assert_eq!(connack, [0x20, 2, 0, 0]);
        // The other side may have hung up before it is all said.
        let _ = timeout(PATIENCE, client.write_all(&words)).await;
        until_counted(&world, kind).await;
        closes(client).await;
        world.close().await;
    }
}
