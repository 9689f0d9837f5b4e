//! A badge stripped to its packets: it says it lit what it got without lighting anything.
//!
//! It costs next to nothing, so that a measurement is of the server. Frames are cut by hand and answers are bytes
//! that all clients share; only the packet id is filled in.

use std::{
    io,
    sync::{Arc, Mutex, PoisonError},
};

use badgecast_domain::{
    id::BadgeId,
    topic,
    wire::{Ack, Hello, Holds, MAX_PACKET_BYTES, Outcome, Show},
};
use rumqttc::mqttbytes::{QoS, v4};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    sync::watch,
};

use crate::identity::Address;

/// What all clients of a run share: what they last got, what to answer to it, and how many came how far.
#[derive(Debug, Default)]
pub(super) struct Crowd {
    /// Subscribed, and their hello acknowledged.
    pub(super) ready: watch::Sender<u64>,
    /// Layers received.
    pub(super) got: watch::Sender<u64>,
    /// `held` and `shown` that the server acknowledged, which it does when they are stored.
    pub(super) stored: watch::Sender<u64>,
    answer: Mutex<Answer>,
}

/// The newest layer, the two acknowledgements it asks for, and what the next hello says of it and those before.
#[derive(Debug, Default)]
struct Answer {
    layer: Vec<u8>,
    acks: Arc<[Packet]>,
    holds: Vec<Holds>,
}

/// A PUBLISH of QoS 1 with room for its packet id.
#[derive(Debug, Clone)]
struct Packet {
    bytes: Vec<u8>,
    id_at: usize,
}

impl Packet {
    fn new(topic: &str, payload: Vec<u8>) -> io::Result<Self> {
        let mut publish = v4::Publish::new(topic, QoS::AtLeastOnce, payload);
        publish.pkid = 1;
        let mut bytes = bytes::BytesMut::new();
        publish.write(&mut bytes).map_err(io::Error::other)?;
        let id_at = bytes.len() - publish.payload.len() - 2;
        Ok(Self { bytes: bytes.to_vec(), id_at })
    }

    fn put(&self, id: u16, out: &mut Vec<u8>) {
        let start = out.len();
        out.extend(&self.bytes);
        out[start + self.id_at..][..2].copy_from_slice(&id.to_be_bytes());
    }
}

impl Crowd {
    /// Connects, subscribes, says hello, and answers every layer with `held` and `shown` until the connection ends.
    pub(super) async fn client(&self, door: &Address, badge: BadgeId, jwt: &str) -> io::Result<()> {
        let mut stream = TcpStream::connect((door.host.as_str(), door.port)).await?;
        stream.set_nodelay(true)?;
        stream.write_all(&self.greeting(badge, jwt)?).await?;
        let mut read = Vec::with_capacity(1024);
        let mut out = Vec::with_capacity(1024);
        let mut id = 1;
        let mut is_ready = false;
        loop {
            let frame_end = loop {
                match frame_end(&read)? {
                    Some(end) => break end,
                    None if stream.read_buf(&mut read).await? == 0 => return Ok(()),
                    None => {}
                }
            };
            match read[0] >> 4 {
                // CONNACK, SUBACK
                2 if read[3] != 0 => return Err(io::Error::other("refused")),
                9 if read[4..frame_end].contains(&0x80) => return Err(io::Error::other("not subscribed")),
                // PUBACK: the first one is of the hello.
                4 if !is_ready => {
                    is_ready = true;
                    self.ready.send_modify(|ready| *ready += 1);
                }
                4 => self.stored.send_modify(|stored| *stored += 1),
                // PUBLISH
                3 => {
                    self.answer(&read[..frame_end], &mut id, &mut out)?;
                    stream.write_all(&out).await?;
                    out.clear();
                    self.got.send_modify(|got| *got += 1);
                }
                _ => {}
            }
            read.drain(..frame_end);
        }
    }

    /// CONNECT, SUBSCRIBE and hello in one go; a server has to take them in this order anyway.
    fn greeting(&self, badge: BadgeId, jwt: &str) -> io::Result<Vec<u8>> {
        let mut bytes = bytes::BytesMut::new();
        let name = badge.to_string();
        let mut connect = v4::Connect::new(&name);
        connect.keep_alive = 600;
        connect.set_login(&name, jwt);
        connect.write(&mut bytes).map_err(io::Error::other)?;
        let filters = [topic::SHOW, topic::COMMAND];
        let filters = filters.map(|filter| v4::SubscribeFilter::new(filter.to_owned(), QoS::AtLeastOnce));
        let mut subscribe = v4::Subscribe::new_many(filters);
        subscribe.pkid = 1;
        subscribe.write(&mut bytes).map_err(io::Error::other)?;
        let holds = self.answer.lock().unwrap_or_else(PoisonError::into_inner).holds.clone();
        let hello = Hello { model: None, panel: None, firmware: None, max_bytes: None, holds };
        let mut bytes = bytes.to_vec();
        Packet::new(topic::HELLO, serde_json::to_vec(&hello)?)?.put(1, &mut bytes);
        Ok(bytes)
    }

    /// PUBACK, `held` and `shown` for one PUBLISH.
    fn answer(&self, frame: &[u8], id: &mut u16, out: &mut Vec<u8>) -> io::Result<()> {
        let short = || io::Error::other("a short PUBLISH");
        let body = frame.iter().skip(1).position(|byte| byte & 0x80 == 0).ok_or_else(short)? + 2;
        let topic = frame.get(body..body + 2).ok_or_else(short)?;
        let id_at = body + 2 + usize::from(u16::from_be_bytes([topic[0], topic[1]]));
        let payload_at = if frame[0] & 0b110 == 0 { id_at } else { id_at + 2 };
        let payload = frame.get(payload_at..).ok_or_else(short)?;
        if payload_at > id_at {
            out.extend([0x40, 2, frame[id_at], frame[id_at + 1]]);
        }
        for ack in self.acks(payload)?.iter() {
            *id = id.checked_add(1).unwrap_or(1);
            ack.put(*id, out);
        }
        Ok(())
    }

    /// The acknowledgements of a payload. In a broadcast all clients get the same, so it is read once.
    fn acks(&self, payload: &[u8]) -> io::Result<Arc<[Packet]>> {
        let mut answer = self.answer.lock().unwrap_or_else(PoisonError::into_inner);
        if *answer.layer != *payload {
            let Ok(show) = serde_json::from_slice::<Show>(payload) else { return Ok([].into()) };
            answer.layer = payload.into();
            answer.holds.retain(|holds| holds.id != show.id());
            answer.acks = match show {
                Show::Withdrawn(_) => [].into(),
                Show::Layer(layer) => {
                    let (id, revision, crc) = (layer.id, layer.revision, Some(layer.crc));
                    answer.holds.push(Holds { id, revision, outcome: Some(Outcome::Shown), crc });
                    let ack = |outcome| {
                        let ack = Ack { id, revision, outcome, crc, reason: None, at: None };
                        Packet::new(topic::ACK, serde_json::to_vec(&ack)?)
                    };
                    [ack(Outcome::Held)?, ack(Outcome::Shown)?].into()
                }
            };
        }
        Ok(answer.acks.clone())
    }
}

/// Where the first MQTT packet ends, if all of it is there.
fn frame_end(bytes: &[u8]) -> io::Result<Option<usize>> {
    let mut length = 0;
    for (at, byte) in bytes.iter().skip(1).take(4).enumerate() {
        length |= usize::from(byte & 0x7f) << (7 * at);
        if byte & 0x80 == 0 {
            let end = 2 + at + length;
            let too_long = length > MAX_PACKET_BYTES;
            return if too_long {
                Err(io::Error::other("a packet too long"))
            } else {
                Ok((bytes.len() >= end).then_some(end))
            };
        }
    }
    if bytes.len() > 4 { Err(io::Error::other("a length without end")) } else { Ok(None) }
}

#[cfg(test)]
mod tests {
    use badgecast_domain::{
        display::{Document, Panel, pictures},
        id::LayerId,
        layer::{Kind, Level},
        time::Moment,
        wire::{Layer, True, Withdrawn},
    };

    use super::*;

    #[test]
    fn frames_are_cut_where_their_length_says() {
        assert_eq!(frame_end(&[]).unwrap(), None);
        assert_eq!(frame_end(&[0xd0]).unwrap(), None);
        assert_eq!(frame_end(&[0xd0, 0]).unwrap(), Some(2));
        assert_eq!(frame_end(&[0x30, 0x80]).unwrap(), None);
        let long = [&[0x30, 0x80, 1][..], &[0; 200]].concat();
        assert_eq!(frame_end(&long).unwrap(), Some(131));
        assert_eq!(frame_end(&long[..130]).unwrap(), None);
        assert!(frame_end(&[0x30, 0xff, 0xff, 0xff, 0x7f]).is_err());
        assert!(frame_end(&[0x30, 0xff, 0xff, 0xff, 0xff]).is_err());
    }

    #[test]
    fn a_layer_is_answered_with_puback_held_and_shown() {
        let (messages, crc) = pictures(&Document::text("Lunch").unwrap(), Panel::P11x44);
        let layer = Layer {
            kind: Kind::Announcement,
            id: LayerId::new(),
            revision: 3,
            level: Level::Normal,
            from: None,
            until: None,
            ttl_s: None,
            now: Moment::from_s(1),
            brightness: 100,
            messages,
            crc,
        };
        let mut show = Vec::new();
        let payload = serde_json::to_vec(&Show::Layer(layer.clone())).unwrap();
        Packet::new(topic::SHOW, payload).unwrap().put(0x1234, &mut show);
        let (crowd, mut id, mut out) = (Crowd::default(), u16::MAX, Vec::new());
        crowd.answer(&show, &mut id, &mut out).unwrap();

        let mut said = bytes::BytesMut::from(&out[..]);
        let mut next = || v4::Packet::read(&mut said, MAX_PACKET_BYTES).unwrap();
        assert_eq!(next(), v4::Packet::PubAck(v4::PubAck { pkid: 0x1234 }));
        for (outcome, pkid) in [(Outcome::Held, 1), (Outcome::Shown, 2)] {
            let v4::Packet::Publish(publish) = next() else { panic!("no PUBLISH") };
            assert_eq!((publish.topic.as_str(), publish.pkid), (topic::ACK, pkid));
            let ack: Ack = serde_json::from_slice(&publish.payload).unwrap();
            assert_eq!((ack.id, ack.revision, ack.outcome, ack.crc), (layer.id, 3, outcome, Some(crc)));
        }
        let hello = crowd.greeting(BadgeId::new(), "jwt").unwrap();
        let tells = String::from_utf8_lossy(&hello)
            .contains(&format!("\"revision\":3,\"outcome\":\"shown\",\"crc\":\"{crc}\""));
        assert!(tells, "the next hello says what was shown");

        let withdrawn = Show::Withdrawn(Withdrawn { id: layer.id, revision: 4, withdrawn: True });
        assert_eq!(crowd.acks(&serde_json::to_vec(&withdrawn).unwrap()).unwrap().len(), 0);
        let hello = crowd.greeting(BadgeId::new(), "jwt").unwrap();
        assert!(!String::from_utf8_lossy(&hello).contains("shown"), "and nothing that was withdrawn");
    }
}
