//! A client that nobody here wrote on an MQTT connection (5.0), for stories that need every word of it.

use std::time::{Duration, Instant};

use rumqttc::v5::{
    AsyncClient, ConnectionError, Event, EventLoop, Incoming, MqttOptions,
    mqttbytes::{
        QoS,
        v5::{ConnectReturnCode, DisconnectReasonCode, PubAckReason, SubscribeReasonCode},
    },
};
use serde_json::Value;

use crate::world::{PATIENCE, World};

/// A CONNECT of 3.1.1 (section 3.1).
pub fn connect_packet(id: &str, token: &str) -> Vec<u8> {
    let mut body = vec![0, 4, b'M', b'Q', b'T', b'T', 4, 0xc2, 0, 60];
    for text in [id, id, token] {
        body.extend(u16::try_from(text.len()).unwrap().to_be_bytes());
        body.extend(text.as_bytes());
    }
    let length = body.len();
    let mut packet =
        vec![0x10, u8::try_from(length & 127).unwrap() | 128, u8::try_from(length >> 7).unwrap()];
    packet.extend(body);
    packet
}

/// An open connection.
pub struct Wire {
    client: AsyncClient,
    events: EventLoop,
    /// What came while something else was waited for: topic, payload, whether it was retained.
    heard: Vec<(String, Vec<u8>, bool)>,
}

impl Wire {
    /// Logs in with this client id, user name and token.
    pub async fn open(
        world: &World,
        id: &str,
        username: &str,
        token: &str,
    ) -> Result<Self, ConnectReturnCode> {
        let mqtt = world.running.mqtt;
        let mut options = MqttOptions::new(id, mqtt.ip().to_string(), mqtt.port());
        options.set_credentials(username, token);
        options.set_keep_alive(Duration::from_secs(60));
        let (client, mut events) = AsyncClient::new(options, 64);
        match tokio::time::timeout(PATIENCE, events.poll()).await.expect("no CONNACK") {
            Ok(_) => Ok(Self { client, events, heard: Vec::new() }),
            Err(ConnectionError::ConnectionRefused(code)) => Err(code),
            Err(other) => panic!("{other}"),
        }
    }

    /// Subscribes at QoS 1 and answers what was granted.
    pub async fn subscribe(&mut self, filter: &str) -> SubscribeReasonCode {
        self.client.subscribe(filter, QoS::AtLeastOnce).await.unwrap();
        self.until(|event| match event {
            Event::Incoming(Incoming::SubAck(answer)) => Some(answer.return_codes[0]),
            _ => None,
        })
        .await
    }

    /// Says something at QoS 1 and answers how it was acknowledged.
    pub async fn say(&mut self, topic: &str, payload: &Value) -> PubAckReason {
        self.client.publish(topic, QoS::AtLeastOnce, false, payload.to_string()).await.unwrap();
        self.until(|event| match event {
            Event::Incoming(Incoming::PubAck(answer)) => Some(answer.reason),
            _ => None,
        })
        .await
    }

    /// The next message: its topic, its payload, and whether it was retained.
    pub async fn next(&mut self) -> (String, Vec<u8>, bool) {
        if self.heard.is_empty() {
            self.hear().await;
        }
        self.heard.remove(0)
    }

    /// Waits for a message on a topic that is as expected; those before it on this topic are passed over. What is said on
    /// other topics is kept for whoever asks: order is promised within a topic only.
    pub async fn until_said(&mut self, topic: &str, expected: impl Fn(&Value) -> bool) -> Value {
        let until = Instant::now() + PATIENCE;
        loop {
            while let Some(at) = self.heard.iter().position(|(said, ..)| said == topic) {
                let (_, payload, _) = self.heard.remove(at);
                let payload = serde_json::from_slice(&payload).unwrap_or(Value::Null);
                if expected(&payload) {
                    return payload;
                }
            }
            assert!(Instant::now() < until, "{topic} never said it");
            self.hear().await;
        }
    }

    /// Waits until more was said.
    async fn hear(&mut self) {
        let known = self.heard.len();
        let looking = async {
            while self.heard.len() == known {
                let event = self.events.poll().await.unwrap();
                self.keep(&event);
            }
        };
        let heard = tokio::time::timeout(PATIENCE, looking).await;
        heard.unwrap_or_else(|_| panic!("nothing more was said; unasked for: {:?}", self.heard));
    }

    /// Why the server ended the connection.
    pub async fn ended(&mut self) -> DisconnectReasonCode {
        let over = async {
            loop {
                match self.events.poll().await {
                    Ok(Event::Incoming(Incoming::Disconnect(why))) => return why.reason_code,
                    Ok(_) => {}
                    Err(ConnectionError::MqttState(rumqttc::v5::StateError::ServerDisconnect {
                        reason_code,
                        ..
                    })) => return reason_code,
                    Err(other) => panic!("it ended without a word: {other}"),
                }
            }
        };
        tokio::time::timeout(PATIENCE, over).await.expect("the connection goes on")
    }

    async fn until<T>(&mut self, mut wanted: impl FnMut(&Event) -> Option<T>) -> T {
        let looking = async {
            loop {
                let event = self.events.poll().await.unwrap();
                self.keep(&event);
                if let Some(found) = wanted(&event) {
                    return found;
                }
            }
        };
        tokio::time::timeout(PATIENCE, looking).await.expect("it never came")
    }

    fn keep(&mut self, event: &Event) {
        if let Event::Incoming(Incoming::Publish(said)) = event {
            let topic = String::from_utf8(said.topic.to_vec()).unwrap();
            self.heard.push((topic, said.payload.to_vec(), said.retain));
        }
    }
}
