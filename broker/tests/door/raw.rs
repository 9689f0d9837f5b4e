//! A client that speaks in bytes, so that it can also speak wrongly.

use std::time::Duration;

use badgecast_domain::id::BadgeId;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

pub(crate) const V4: u8 = 4;
pub(crate) const V5: u8 = 5;

/// A raw connection.
pub(crate) struct Raw {
    pub(crate) stream: TcpStream,
    pub(crate) level: u8,
}

/// A CONNECT in parts.
pub(crate) struct Hello<'a> {
    pub(crate) level: u8,
    pub(crate) client_id: &'a str,
    pub(crate) username: &'a str,
    pub(crate) password: &'a str,
    pub(crate) keep_alive_s: u16,
    pub(crate) clean: bool,
    pub(crate) will: Option<(&'a str, &'a [u8])>,
    /// Those of 5.0, without their length.
    pub(crate) will_properties: &'a [u8],
    /// Properties of 5.0, without their length.
    pub(crate) properties: &'a [u8],
}

impl<'a> Hello<'a> {
    pub(crate) fn new(level: u8, id: &'a str, password: &'a str) -> Self {
        Self {
            level,
            client_id: id,
            username: id,
            password,
            keep_alive_s: 60,
            clean: true,
            will: None,
            will_properties: &[],
            properties: &[],
        }
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        let flags = 0xc0 | u8::from(self.clean) << 1 | if self.will.is_some() { 0x04 } else { 0 };
        let mut body = vec![0, 4, b'M', b'Q', b'T', b'T', self.level, flags];
        body.extend(self.keep_alive_s.to_be_bytes());
        if self.level == V5 {
            body.push(u8::try_from(self.properties.len()).unwrap());
            body.extend(self.properties);
        }
        put(&mut body, self.client_id.as_bytes());
        if let Some((topic, payload)) = self.will {
            if self.level == V5 {
                body.push(u8::try_from(self.will_properties.len()).unwrap());
                body.extend(self.will_properties);
            }
            put(&mut body, topic.as_bytes());
            put(&mut body, payload);
        }
        put(&mut body, self.username.as_bytes());
        put(&mut body, self.password.as_bytes());
        packet(0x10, &body)
    }
}

pub(crate) fn put(body: &mut Vec<u8>, bytes: &[u8]) {
    body.extend(u16::try_from(bytes.len()).unwrap().to_be_bytes());
    body.extend(bytes);
}

/// A packet with its fixed header.
pub(crate) fn packet(first: u8, body: &[u8]) -> Vec<u8> {
    let mut bytes = vec![first];
    let mut rest = body.len();
    loop {
        let more = rest >= 128;
        bytes.push(u8::try_from(rest & 127).unwrap() | if more { 128 } else { 0 });
        rest >>= 7;
        if !more {
            break;
        }
    }
    bytes.extend(body);
    bytes
}

impl Raw {
    /// Only a socket.
    pub(crate) async fn open(port: u16, level: u8) -> Self {
        Self { stream: TcpStream::connect(("127.0.0.1", port)).await.unwrap(), level }
    }

    /// Says CONNECT and answers CONNACK's body.
    pub(crate) async fn greet(port: u16, hello: &Hello<'_>) -> (Self, Vec<u8>) {
        let mut raw = Self::open(port, hello.level).await;
        raw.say(&hello.bytes()).await;
        let (first, body) = raw.hear().await.expect("a CONNACK");
        assert_eq!(first, 0x20);
        (raw, body)
    }

    /// A badge that was let in.
    pub(crate) async fn badge(port: u16, level: u8, badge: BadgeId) -> Self {
        let id = badge.to_string();
        let (raw, connack) = Self::greet(port, &Hello::new(level, &id, "open")).await;
        assert_eq!(connack[..2], [0, 0]);
        raw
    }

    /// A badge that was let in and listens to its shows.
    pub(crate) async fn listener(port: u16, level: u8, badge: BadgeId) -> Self {
        let mut raw = Self::badge(port, level, badge).await;
        assert_eq!(raw.subscribe("v1/me/show", 1).await, [1]);
        raw
    }

    pub(crate) async fn say(&mut self, bytes: &[u8]) {
        // The other side may have hung up already; what it said before is what counts.
        let _ = self.stream.write_all(bytes).await;
    }

    /// The next packet: its first byte and its body; `None` at the end.
    pub(crate) async fn hear(&mut self) -> Option<(u8, Vec<u8>)> {
        let read = async {
            let first = self.stream.read_u8().await.ok()?;
            let (mut length, mut shift) = (0_usize, 0);
            loop {
                let byte = self.stream.read_u8().await.ok()?;
                length |= usize::from(byte & 127) << shift;
                shift += 7;
                if byte & 128 == 0 {
                    break;
                }
            }
            let mut body = vec![0; length];
            self.stream.read_exact(&mut body).await.ok()?;
            Some((first, body))
        };
        timeout(Duration::from_secs(10), read).await.expect("an answer or an end")
    }

    /// The connection ends with this DISCONNECT, or without a word in 3.1.1.
    pub(crate) async fn ended_with(&mut self, code: u8) {
        if self.level == V5 {
            let (first, body) = self.hear().await.expect("a DISCONNECT");
            assert_eq!((first, body[0]), (0xe0, code), "got {:#04x}", body[0]);
        }
        assert_eq!(self.hear().await, None);
    }

    /// Subscribes and answers the codes.
    pub(crate) async fn subscribe(&mut self, filter: &str, qos: u8) -> Vec<u8> {
        let mut body = vec![0, 9];
        if self.level == V5 {
            body.push(0);
        }
        put(&mut body, filter.as_bytes());
        body.push(qos);
        self.say(&packet(0x82, &body)).await;
        let (first, body) = self.hear().await.expect("a SUBACK");
        assert_eq!((first, &body[..2]), (0x90, &[0, 9][..]));
        body[if self.level == V5 { 3 } else { 2 }..].to_vec()
    }

    pub(crate) async fn publish(&mut self, topic: &str, qos: u8, id: u16, payload: &[u8]) {
        let mut body = Vec::new();
        put(&mut body, topic.as_bytes());
        if qos > 0 {
            body.extend(id.to_be_bytes());
        }
        if self.level == V5 {
            body.push(0);
        }
        body.extend(payload);
        self.say(&packet(0x30 | qos << 1, &body)).await;
    }

    /// The next message: its topic, packet identifier and payload.
    pub(crate) async fn message(&mut self) -> (String, u16, Vec<u8>) {
        let (first, body) = self.hear().await.expect("a message");
        assert_eq!(first & 0xf0, 0x30, "a PUBLISH, not {first:#04x}");
        let topic_end = 2 + usize::from(u16::from_be_bytes([body[0], body[1]]));
        let topic = String::from_utf8(body[2..topic_end].to_vec()).unwrap();
        let (id, mut at) = match first >> 1 & 3 {
            0 => (0, topic_end),
            _ => (u16::from_be_bytes([body[topic_end], body[topic_end + 1]]), topic_end + 2),
        };
        if self.level == V5 {
            at += 1 + usize::from(body[at]);
        }
        (topic, id, body[at..].to_vec())
    }

    pub(crate) async fn acknowledge(&mut self, id: u16) {
        let [high, low] = id.to_be_bytes();
        self.say(&[0x40, 2, high, low]).await;
    }

    /// The server answers, whatever it had said before.
    pub(crate) async fn ping_among_messages(&mut self) {
        self.say(&[0xc0, 0]).await;
        while self.hear().await.expect("a PINGRESP").0 != 0xd0 {}
    }

    /// The server answers, so it has taken in all that was said before.
    pub(crate) async fn ping(&mut self) {
        self.say(&[0xc0, 0]).await;
        assert_eq!(self.hear().await, Some((0xd0, vec![])));
    }
}
