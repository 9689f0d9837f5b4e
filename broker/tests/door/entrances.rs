//! TLS and WebSocket, as clients see them.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use badgecast_broker::{Certificate, Entrance, Origins, Settings, Shows, Target};
use badgecast_domain::id::{BadgeId, LayerId};
use futures_util::{SinkExt, StreamExt};
use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, ServerName, pem::PemObject},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};
use tokio_rustls::TlsConnector;
use tokio_tungstenite::{
    client_async,
    tungstenite::{Error, Message, client::IntoClientRequest, http::HeaderValue},
};

use crate::{
    house::{World, world_of},
    raw::{Hello, Raw, V4, V5},
    showing::layer,
};

/// A folder of this test, with a fresh certificate in it.
fn folder(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("badgecast-broker-{name}-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    write_certificate(&folder);
    folder
}

fn write_certificate(folder: &Path) {
    let CertifiedKey { cert, signing_key } =
        generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    fs::write(folder.join("chain.pem"), cert.pem()).unwrap();
    fs::write(folder.join("key.pem"), signing_key.serialize_pem()).unwrap();
}

fn certificate(folder: &Path) -> Certificate {
    Certificate::from_files(folder.join("chain.pem"), folder.join("key.pem")).unwrap()
}

fn connector(folder: &Path) -> TlsConnector {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(folder.join("chain.pem")).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    TlsConnector::from(Arc::new(config.with_root_certificates(roots).with_no_client_auth()))
}

async fn secure(port: u16, folder: &Path) -> std::io::Result<tokio_rustls::client::TlsStream<TcpStream>> {
    let socket = TcpStream::connect(("127.0.0.1", port)).await?;
    connector(folder).connect(ServerName::try_from("localhost").unwrap(), socket).await
}

async fn tls_world(folder: &Path, settings: Settings) -> World {
    let certificate = certificate(folder);
    world_of(settings, |listener| Entrance::mqtt(listener).with_tls(certificate)).await
}

#[tokio::test]
async fn a_badge_is_served_over_tls() {
    let folder = folder("tls");
    let world = tls_world(&folder, Settings::default()).await;
    let badge = BadgeId::new();
    let mut stream = secure(world.port, &folder).await.unwrap();
    stream.write_all(&Hello::new(V4, &badge.to_string(), "open").bytes()).await.unwrap();
    let mut connack = [0; 4];
    stream.read_exact(&mut connack).await.unwrap();
    assert_eq!(connack, [0x20, 2, 0, 0]);
    stream.write_all(b"\x82\x0f\0\x01\0\x0av1/me/show\x01").await.unwrap();
    let mut suback = [0; 5];
    stream.read_exact(&mut suback).await.unwrap();
    assert_eq!(suback, [0x90, 3, 0, 1, 1]);
    assert_eq!(world.desk.show(Target::Badge(badge), &Shows::same(layer(LayerId::new(), 1))), 1);
    assert_eq!(stream.read_u8().await.unwrap(), 0x32);
}

#[tokio::test]
async fn a_slow_handshake_delays_nobody_and_ends() {
    let folder = folder("slow");
    let settings = Settings { connect_within: Duration::from_millis(400), ..Settings::default() };
    let world = tls_world(&folder, settings).await;
    let mut loris = Raw::open(world.port, V4).await;
    loris.say(&[0x16, 3, 1]).await;
    let mut stream = timeout(Duration::from_millis(300), secure(world.port, &folder)).await.unwrap().unwrap();
    stream.write_all(&Hello::new(V4, &BadgeId::new().to_string(), "open").bytes()).await.unwrap();
    assert_eq!(stream.read_u8().await.unwrap(), 0x20);
    assert_eq!(loris.hear().await, None);
    assert_eq!(world.desk.figures().connects_late, 1);
    // Plaintext on the TLS port is told so, and counted.
    let mut plain = Raw::open(world.port, V4).await;
    plain.say(&Hello::new(V4, "x", "open").bytes()).await;
    let _ = plain.hear().await;
    assert_eq!(world.desk.figures().handshakes_failed, 1);
}

#[tokio::test]
async fn a_new_certificate_is_taken_up_while_the_door_is_open() {
    let folder = folder("reload");
    let settings = Settings { certificate_check: Duration::from_millis(20), ..Settings::default() };
    let world = tls_world(&folder, settings).await;
    let _stays = secure(world.port, &folder).await.unwrap();
    // A broken pair is not taken up.
    fs::write(folder.join("key.pem"), "nothing").unwrap();
    assert!(certificate_is_refused(&folder));
    write_certificate(&folder);
    let taken_up = async { while secure(world.port, &folder).await.is_err() {} };
    timeout(Duration::from_secs(10), taken_up).await.unwrap();
}

fn certificate_is_refused(folder: &Path) -> bool {
    Certificate::from_files(folder.join("chain.pem"), folder.join("key.pem")).is_err()
}

async fn web_world() -> World {
    let origins = Origins::these(["https://badges.example".to_owned()]);
    world_of(Settings::default(), |listener| Entrance::mqtt(listener).with_websocket(origins)).await
}

/// Shakes hands with these headers; answers the status of a refusal.
async fn upgrade(
    world: &World,
    path: &str,
    headers: &[(&'static str, &'static str)],
) -> Result<tokio_tungstenite::WebSocketStream<TcpStream>, u16> {
    let mut request = format!("ws://127.0.0.1:{}{path}", world.port).into_client_request().unwrap();
    for (name, value) in headers {
        request.headers_mut().insert(*name, HeaderValue::from_static(value));
    }
    let socket = TcpStream::connect(("127.0.0.1", world.port)).await.unwrap();
    match client_async(request, socket).await {
        Ok((stream, _)) => Ok(stream),
        Err(Error::Http(response)) => Err(response.status().as_u16()),
        Err(other) => panic!("{other}"),
    }
}

const MQTT: (&str, &str) = ("sec-websocket-protocol", "mqtt");

#[tokio::test]
async fn a_badge_is_served_over_websocket_however_its_bytes_are_framed() {
    let world = web_world().await;
    let badge = BadgeId::new();
    let mut socket = upgrade(&world, "/mqtt", &[MQTT]).await.unwrap();
    let connect = Hello::new(V4, &badge.to_string(), "open").bytes();
    for piece in connect.chunks(5) {
        socket.send(Message::binary(piece.to_vec())).await.unwrap();
    }
    let connack = socket.next().await.unwrap().unwrap();
    assert_eq!(connack, Message::binary(vec![0x20, 2, 0, 0]));
    // Two packets in one frame.
    let both = [b"\x82\x0f\0\x01\0\x0av1/me/show\x01".as_slice(), &[0xc0, 0]].concat();
    socket.send(Message::binary(both)).await.unwrap();
    let answers = socket.next().await.unwrap().unwrap();
    assert_eq!(answers, Message::binary(vec![0x90, 3, 0, 1, 1, 0xd0, 0]));
    assert_eq!(world.desk.show(Target::Badge(badge), &Shows::same(layer(LayerId::new(), 1))), 1);
    assert_eq!(socket.next().await.unwrap().unwrap().into_data()[0], 0x32);
    socket.close(None).await.unwrap();
}

#[tokio::test]
async fn pages_of_other_origins_stay_outside() {
    let world = web_world().await;
    let (good, evil) = (("origin", "https://badges.example"), ("origin", "https://evil.example"));
    assert_eq!(upgrade(&world, "/mqtt", &[MQTT, evil]).await.err(), Some(403));
    assert_eq!(upgrade(&world, "/mqtt", &[MQTT, ("origin", "null")]).await.err(), Some(403));
    assert_eq!(upgrade(&world, "/other", &[MQTT]).await.err(), Some(404));
    assert_eq!(upgrade(&world, "/mqtt", &[]).await.err(), Some(400));
    assert_eq!(upgrade(&world, "/mqtt", &[("sec-websocket-protocol", "amqp")]).await.err(), Some(400));
    assert!(upgrade(&world, "/mqtt", &[("sec-websocket-protocol", "x, mqtt"), good]).await.is_ok());
    assert_eq!(world.desk.figures().handshakes_failed, 5);
}

#[tokio::test]
async fn text_frames_end_the_connection() {
    let world = web_world().await;
    let mut socket = upgrade(&world, "/mqtt", &[MQTT]).await.unwrap();
    socket.send(Message::binary(Hello::new(V5, &BadgeId::new().to_string(), "open").bytes())).await.unwrap();
    assert_eq!(socket.next().await.unwrap().unwrap().into_data()[0], 0x20);
    socket.send(Message::text("hello")).await.unwrap();
    while let Some(Ok(message)) = socket.next().await {
        assert!(message.is_close(), "{message:?}");
    }
    assert_eq!(world.desk.connected(), 0);
}
