//! Real client libraries.

use std::time::Duration;

use badgecast_broker::{Shows, Target, gate::Said};
use badgecast_domain::{
    id::{BadgeId, LayerId},
    wire::Show,
};

use crate::{house::world, showing::layer};

#[tokio::test]
async fn rumqttc_of_3_1_1_is_served() {
    use rumqttc::{AsyncClient, Event, MqttOptions, Packet, QoS};
    let mut world = world().await;
    let badge = BadgeId::new();
    let mut options = MqttOptions::new(badge.to_string(), "127.0.0.1", world.port);
    options.set_credentials(badge.to_string(), "open").set_keep_alive(Duration::from_secs(5));
    let (client, mut events) = AsyncClient::new(options, 10);
    client.subscribe("v1/me/show", QoS::AtLeastOnce).await.unwrap();
    client.publish("v1/me/hello", QoS::ExactlyOnce, false, "{}").await.unwrap();
    let shows = Shows::same(layer(LayerId::new(), 7));
    let mut shown = false;
    loop {
        match events.poll().await.unwrap() {
            Event::Incoming(Packet::PubComp(_)) => {
                assert_eq!(world.desk.show(Target::Badge(badge), &shows), 1);
            }
            Event::Incoming(Packet::Publish(publish)) => {
                let show: Show = serde_json::from_slice(&publish.payload).unwrap();
                shown = publish.topic == "v1/me/show" && show.revision() == 7;
                client.disconnect().await.unwrap();
            }
            Event::Outgoing(rumqttc::Outgoing::Disconnect) => break,
            _ => {}
        }
    }
    assert!(shown && matches!(world.said().await, Said::Hello(_)));
}

#[tokio::test]
async fn rumqttc_of_5_0_is_served_and_told_why_it_is_refused() {
    use rumqttc::v5::{
        AsyncClient, ConnectionError, Event, MqttOptions,
        mqttbytes::{
            QoS,
            v5::{ConnectReturnCode, Packet},
        },
    };
    let world = world().await;
    let badge = BadgeId::new();
    let options = |password: &str| {
        let mut options = MqttOptions::new(badge.to_string(), "127.0.0.1", world.port);
        options.set_credentials(badge.to_string(), password).set_keep_alive(Duration::from_secs(5));
        options
    };
    let (client, mut events) = AsyncClient::new(options("open"), 10);
    client.subscribe("v1/me/show", QoS::AtLeastOnce).await.unwrap();
    let shows = Shows::same(layer(LayerId::new(), 7));
    let publish = loop {
        match events.poll().await.unwrap() {
            Event::Incoming(Packet::SubAck(_)) => {
                assert_eq!(world.desk.show(Target::Badge(badge), &shows), 1);
            }
            Event::Incoming(Packet::Publish(publish)) => break publish,
            _ => {}
        }
    };
    assert_eq!(&publish.topic[..], b"v1/me/show");
    drop((client, events));
    let (_client, mut events) = AsyncClient::new(options("expired"), 10);
    let refused = events.poll().await;
    assert!(
        matches!(refused, Err(ConnectionError::ConnectionRefused(ConnectReturnCode::NotAuthorized))),
        "{refused:?}"
    );
}

/// Runs one of Mosquitto's clients; answers its exit code and what it printed.
///
/// # Panics
/// When they are not installed, which `scripts/setup` does: a test that needs them must not pass without them.
async fn mosquitto(program: &str, arguments: &[&str]) -> (i32, String) {
    let run = tokio::process::Command::new(program).args(arguments).kill_on_drop(true).output();
    let output = tokio::time::timeout(Duration::from_secs(20), run).await.unwrap();
    let output = output.unwrap_or_else(|error| panic!("{program}: {error}; scripts/setup installs it"));
    let said = [output.stdout, output.stderr].concat();
    (output.status.code().unwrap_or(-1), String::from_utf8_lossy(&said).into_owned())
}

#[tokio::test]
async fn mosquitto_clients_are_served_and_told_why_they_are_refused() {
    let mut world = world().await;
    let (badge, port) = (BadgeId::new(), world.port.to_string());
    let id = badge.to_string();
    for version in ["mqttv311", "mqttv5"] {
        let who = ["-h", "127.0.0.1", "-p", &port, "-V", version, "-i", &id, "-u", &id, "-P"];
        let run = |more: &[&'static str]| [&who[..], more].concat();
        let hello = run(&["open", "-t", "v1/me/hello", "-q", "1", "-m", "{}"]);
        let (code, said) = mosquitto("mosquitto_pub", &hello).await;
        assert_eq!((code, said.as_str()), (0, ""));
        assert!(matches!(world.said().await, Said::Hello(_)));

        let listen = run(&["open", "-t", "v1/me/show", "-q", "1", "-C", "1", "-W", "10"]);
        let desk = world.desk.clone();
        let show = tokio::spawn(async move {
            while desk.show(Target::Badge(badge), &Shows::same(layer(LayerId::new(), 7))) == 0 {
                tokio::task::yield_now().await;
            }
        });
        let (code, said) = mosquitto("mosquitto_sub", &listen).await;
        assert!(code == 0 && said.contains("\"revision\":7"), "{code} {said}");
        show.await.unwrap();

        let (code, said) = mosquitto("mosquitto_sub", &run(&["open", "-t", "#", "-W", "10"])).await;
        assert!(said.contains("denied"), "{code} {said}");
        let (code, said) =
            mosquitto("mosquitto_sub", &run(&["expired", "-t", "v1/me/show", "-W", "10"])).await;
        assert!(code != 0 && said.to_lowercase().contains("not authori"), "{code} {said}");
    }
}
