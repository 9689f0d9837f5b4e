//! The least server a badge needs: claims, tokens, and a door at which a test decides packet by packet.

use std::{
    sync::{Arc, atomic::Ordering::SeqCst},
    time::{Duration, SystemTime},
};

use badgecast_domain::{
    display::{Document, Panel, pictures},
    id::{AnnouncementId, BadgeId, LayerId},
    layer::{Kind, Level},
    time::Moment,
    topic,
    wire::{Ack, Hello, Layer, Order, Show},
};
use badgecast_simulator::{Badge, Server, Setup};
use bytes::BytesMut;
use rumqttc::{ConnAck, ConnectReturnCode, Packet, PubAck, Publish, QoS, SubAck, SubscribeReasonCode};
use serde::de::DeserializeOwned;
use serde_json::json;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    time::timeout,
};

use crate::answers::Answers;

/// Far longer than anything here takes.
pub(crate) const DEADLINE: Duration = Duration::from_secs(10);

pub(crate) struct Fake {
    pub(crate) badge: BadgeId,
    pub(crate) server: Server,
    door: TcpListener,
    answers: Arc<Answers>,
}

impl Fake {
    pub(crate) async fn start() -> Self {
        let door = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let badge = BadgeId::new();
        let (answers, http) = Answers::start(badge, format!("mqtt://{}", door.local_addr().unwrap())).await;
        let server = Server::at(&format!("http://{http}")).unwrap();
        Self { badge, server, door, answers }
    }

    pub(crate) async fn claim(&self, setup: Setup) -> Badge {
        Badge::claim(&self.server, "the-claim-code", setup).await.unwrap()
    }

    /// From now on tokens live so long; 0 refuses the badge.
    pub(crate) fn tokens_live(&self, seconds: u64) {
        self.answers.token_life_s.store(seconds, SeqCst);
    }

    pub(crate) fn tokens_given(&self) -> u64 {
        self.answers.tokens.load(SeqCst)
    }

    /// The person who was shown the code says yes or no.
    pub(crate) fn decide(&self, yes: bool) {
        self.answers.decision.store(1 + u64::from(yes), SeqCst);
    }

    /// The announcement that is made here, whatever it says.
    pub(crate) fn announcement(&self) -> AnnouncementId {
        self.answers.announcement
    }

    /// One more badge has shown the announcement.
    pub(crate) fn count_shown(&self) {
        self.answers.shown.fetch_add(1, SeqCst);
    }

    /// The next connection, up to its CONNECT.
    pub(crate) async fn knock(&self) -> (Guest, rumqttc::Connect) {
        let (stream, _) = timeout(DEADLINE, self.door.accept()).await.expect("nobody knocked").unwrap();
        let mut guest = Guest { stream, read: BytesMut::new(), next_id: 0 };
        let Packet::Connect(connect) = guest.packet().await.unwrap() else { panic!("no CONNECT first") };
        (guest, connect)
    }

    /// The next connection, let in and subscribed, and what its hello said.
    pub(crate) async fn guest(&self) -> (Guest, Hello) {
        let (mut guest, _) = self.knock().await;
        guest.let_in().await;
        let hello = guest.heard(topic::HELLO).await;
        (guest, hello)
    }
}

/// One connection, from the server's side. Dropping it closes it.
pub(crate) struct Guest {
    stream: TcpStream,
    read: BytesMut,
    next_id: u16,
}

impl Guest {
    pub(crate) async fn connack(&mut self, code: ConnectReturnCode) {
        self.send(Packet::ConnAck(ConnAck { session_present: false, code })).await;
    }

    /// CONNACK, and SUBACK to whatever it asks for; the filters.
    pub(crate) async fn let_in(&mut self) -> Vec<String> {
        self.connack(ConnectReturnCode::Success).await;
        let Packet::Subscribe(asked) = self.packet().await.unwrap() else { panic!("no SUBSCRIBE") };
        let granted = asked.filters.iter().map(|filter| SubscribeReasonCode::Success(filter.qos)).collect();
        self.send(Packet::SubAck(SubAck { pkid: asked.pkid, return_codes: granted })).await;
        asked.filters.into_iter().map(|filter| filter.path).collect()
    }

    pub(crate) async fn show(&mut self, show: &Show) {
        self.show_on(topic::SHOW, show).await;
    }

    pub(crate) async fn show_on(&mut self, topic: &str, show: &Show) {
        self.publish(topic, serde_json::to_vec(show).unwrap()).await;
    }

    pub(crate) async fn order(&mut self, order: Order) {
        let command = json!({"command": order.name(), "id": BadgeId::new()});
        self.publish(topic::COMMAND, command.to_string().into_bytes()).await;
    }

    pub(crate) async fn publish(&mut self, topic: &str, payload: Vec<u8>) {
        self.next_id += 1;
        let mut publish = Publish::new(topic, QoS::AtLeastOnce, payload);
        publish.pkid = self.next_id;
        self.send(Packet::Publish(publish)).await;
    }

    /// The next publish on a topic, read as JSON; whatever comes before on other topics is passed over.
    pub(crate) async fn heard<T: DeserializeOwned>(&mut self, topic: &str) -> T {
        let payload = self.heard_raw(topic).await;
        serde_json::from_slice(&payload).unwrap()
    }

    pub(crate) async fn ack(&mut self) -> Ack {
        self.heard(topic::ACK).await
    }

    pub(crate) async fn heard_raw(&mut self, topic: &str) -> Vec<u8> {
        loop {
            let (said, payload) = self.said().await;
            if said == topic {
                return payload;
            }
        }
    }

    /// The next publish but telemetry, which comes when it likes: topic and payload.
    pub(crate) async fn said(&mut self) -> (String, Vec<u8>) {
        loop {
            let Some(Packet::Publish(publish)) = self.packet().await else { panic!("it said no PUBLISH") };
            if publish.qos == QoS::AtLeastOnce {
                self.send(Packet::PubAck(PubAck { pkid: publish.pkid })).await;
            }
            if publish.topic != topic::TELEMETRY {
                return (publish.topic, publish.payload.to_vec());
            }
        }
    }

    /// Reads to the end of the connection; whether it ended with DISCONNECT.
    pub(crate) async fn takes_leave(mut self) -> bool {
        let mut leave = false;
        while let Some(packet) = self.packet().await {
            leave = packet == Packet::Disconnect;
        }
        leave
    }

    /// The next packet that is not an acknowledgement; `None` at the end of the connection.
    async fn packet(&mut self) -> Option<Packet> {
        loop {
            match Packet::read(&mut self.read, 20_000) {
                Ok(Packet::PubAck(_)) => continue,
                Ok(packet) => return Some(packet),
                Err(rumqttc::Error::InsufficientBytes(_)) => {}
                Err(error) => panic!("malformed packet: {error}"),
            }
            let read = timeout(DEADLINE, self.stream.read_buf(&mut self.read)).await;
            if read.expect("the badge says nothing").unwrap_or(0) == 0 {
                return None;
            }
        }
    }

    async fn send(&mut self, packet: Packet) {
        let mut bytes = BytesMut::new();
        packet.write(&mut bytes, 20_000).unwrap();
        self.stream.write_all(&bytes).await.unwrap();
    }
}

pub(crate) fn now() -> Moment {
    Moment::from(SystemTime::now())
}

/// The badge's own line.
pub(crate) fn own(badge: BadgeId, revision: u64, text: &str) -> Layer {
    let (messages, crc) = pictures(&Document::text(text).unwrap(), Panel::P11x44);
    Layer {
        kind: Kind::Own,
        id: badge.own_layer(),
        revision,
        level: Level::Normal,
        from: None,
        until: None,
        ttl_s: None,
        now: now(),
        brightness: 100,
        messages,
        crc,
    }
}

/// An announcement that ends after so long.
pub(crate) fn announcement(level: Level, text: &str, ends_after: Duration) -> Layer {
    let id: LayerId = AnnouncementId::new().layer();
    let until = Some(now().plus(ends_after));
    Layer { kind: Kind::Announcement, id, level, until, ..own(BadgeId::new(), 1, text) }
}
