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
