//! Badges built with rumqttc, in both versions of the protocol and through every entrance: what is announced is lit, and
//! the receipt says so.

use std::sync::Arc;

use badgecast_domain::wire::Show;
use rumqttc::{TlsConfiguration, Transport};
use rustls::{ClientConfig, RootCertStore};
use serde_json::json;

use crate::world::{Engine, PATIENCE, World};

crate::stories! {
    a_badge_of_3_1_1_shows_an_announcement_over_every_entrance
    a_badge_of_5_0_shows_an_announcement_over_every_entrance
}

/// Tells a badge's whole life with the client in `$client`, which has the same names in both versions.
macro_rules! life {
    ($client:ident, $world:expr, $address:expr, $port:expr, $transport:expr) => {{
        use $client::{AsyncClient, Event, MqttOptions, Packet, QoS};
        let world: &World = $world;
        let (badge, _, token) = world.device().await;
        let mut options = MqttOptions::new(badge.to_string(), $address, $port);
        options.set_credentials(badge.to_string(), token).set_transport($transport);
        let (client, mut events) = AsyncClient::new(options, 10);
        client.subscribe("v1/me/show", QoS::AtLeastOnce).await.unwrap();
        client.publish("v1/me/hello", QoS::AtLeastOnce, false, "{}").await.unwrap();
        let audience = json!({ "audience": { "badges": [badge] }, "text": "Lift out of order" });
        let announced = world.manager().await.post("/api/v1/announcements", audience).await.is(202);
        let mut acknowledged = 0;
        while acknowledged < 3 {
            match tokio::time::timeout(PATIENCE, events.poll()).await.expect("nothing comes").unwrap() {
                Event::Incoming(Packet::Publish(publish)) => {
                    let show: Show = serde_json::from_slice(&publish.payload).unwrap();
                    let Show::Layer(layer) = show else { panic!("withdrawn") };
                    for outcome in ["held", "shown"] {
                        let ack = json!({ "id": layer.id, "revision": layer.revision, "outcome": outcome,
                            "crc": layer.crc });
                        client
                            .publish("v1/me/ack", QoS::AtLeastOnce, false, ack.to_string())
                            .await
                            .unwrap();
                    }
                }
                Event::Incoming(Packet::PubAck(_)) => acknowledged += 1,
                _ => {}
            }
        }
        let progress = world.manager().await.get(&announced.header("location")).await;
        assert_eq!(progress.number("/receipts/shown"), 1, "{}", progress.body);
    }};
}

mod three {
    pub(super) use rumqttc::{AsyncClient, Event, MqttOptions, Packet, QoS};
}

mod five {
    pub(super) use rumqttc::v5::{
        AsyncClient, Event, MqttOptions,
        mqttbytes::{QoS, v5::Packet},
    };
}

async fn a_badge_of_3_1_1_shows_an_announcement_over_every_entrance(engine: Engine) {
    for (world, entrances) in worlds(engine).await {
        for (address, port, transport) in entrances {
            life!(three, &world, address, port, transport);
        }
        world.close().await;
    }
}

async fn a_badge_of_5_0_shows_an_announcement_over_every_entrance(engine: Engine) {
    for (world, entrances) in worlds(engine).await {
        for (address, port, transport) in entrances {
            life!(five, &world, address, port, transport);
        }
        world.close().await;
    }
}

/// What to connect to, and how.
type Way = (String, u16, Transport);

/// A plain world and one with a certificate, with the ways into each.
async fn worlds(engine: Engine) -> [(World, Vec<Way>); 2] {
    let plain = World::open(engine).await;
    let port = plain.running.mqtt.port();
    let mut ways = vec![("127.0.0.1".to_owned(), port, Transport::Tcp)];
    for port in [port, plain.running.http.port()] {
        ways.push((format!("ws://127.0.0.1:{port}/mqtt"), port, Transport::ws()));
    }

    let (encrypted, certificate) = World::encrypted(engine).await;
    let mut roots = RootCertStore::empty();
    roots.add(certificate).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let trust = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let trust = Arc::new(trust.with_root_certificates(roots).with_no_client_auth());
    let tls = || TlsConfiguration::Rustls(Arc::clone(&trust));
    let port = encrypted.running.mqtt.port();
    let mut behind = vec![("localhost".to_owned(), port, Transport::tls_with_config(tls()))];
    for port in [port, encrypted.running.http.port()] {
        behind.push((format!("wss://localhost:{port}/mqtt"), port, Transport::wss_with_config(tls())));
    }
    [(plain, ways), (encrypted, behind)]
}
