//! MQTT packets, 3.1.1 and 5.0: cut, walked, read and written. No sockets, no state.
//!
//! The stream is cut by [`frame`] and every packet walked by [`walk`], which is where all strictness lives. What has
//! structure (CONNECT, SUBSCRIBE, UNSUBSCRIBE) is then decoded by rumqttd's codec; PUBLISH and the acknowledgements
//! are read in place, because the walk has already found their parts and they are what badges send all day. What the
//! server says is written by hand in [`reply`]: the codec writes several of those packets wrongly (facts in
//! `docs/mqtt.md`).

mod code;
pub(crate) mod connect;
pub(crate) mod frame;
pub(crate) mod reply;
mod subscribe;
pub(crate) mod walk;

pub(crate) use code::Code;
use frame::kind;
pub(crate) use frame::{Frame, cut};
pub(crate) use rumqttd::protocol::{Filter, QoS};
use walk::{Value, Walk, property};

/// The spoken version of the protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Version {
    /// 3.1.1
    V4,
    /// 5.0
    V5,
}

/// A packet broke a rule; the connection ends with this code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Wrong(pub(crate) Code);

/// What a client may say once it is connected.
#[derive(Debug, PartialEq)]
pub(crate) enum Packet<'a> {
    Publish(Publish<'a>),
    /// PUBACK: one of our messages arrived.
    Acknowledged(u16),
    /// PUBREL: a message of QoS 2 may be forgotten.
    Released(u16),
    /// PUBREC and PUBCOMP: we send nothing at QoS 2.
    Unasked,
    Subscribe {
        id: u16,
        filters: Vec<Filter>,
    },
    Unsubscribe {
        id: u16,
        filters: Vec<String>,
    },
    Ping,
    Disconnect {
        with_will: bool,
    },
}

/// A message from a client.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Publish<'a> {
    pub(crate) qos: QoS,
    /// 0 at QoS 0.
    pub(crate) id: u16,
    pub(crate) topic: &'a str,
    pub(crate) payload: &'a [u8],
}

/// Reads any packet but CONNECT.
pub(crate) fn read(version: Version, frame: Frame<'_>) -> Result<Packet<'_>, Wrong> {
    match frame.kind() {
        kind::PUBLISH => publish(version, frame).map(Packet::Publish),
        kind::PUBACK => acknowledgement(version, frame).map(Packet::Acknowledged),
        kind::PUBREL => acknowledgement(version, frame).map(Packet::Released),
        kind::PUBREC | kind::PUBCOMP => acknowledgement(version, frame).map(|_| Packet::Unasked),
        kind::SUBSCRIBE => subscribe::subscribe(version, frame),
        kind::UNSUBSCRIBE => subscribe::unsubscribe(version, frame),
        kind::PINGREQ => Walk::new(frame.body).end().map(|()| Packet::Ping),
        kind::DISCONNECT => disconnect(version, frame),
        // A second CONNECT [MQTT-3.1.0-2], or AUTH without a method (section 4.12).
        _ => Err(Wrong(Code::Protocol)),
    }
}

fn publish(version: Version, frame: Frame<'_>) -> Result<Publish<'_>, Wrong> {
    let mut walk = Walk::new(frame.body);
    let topic = walk.string()?;
    let (qos, id) = match frame.first >> 1 & 3 {
        0 => (QoS::AtMostOnce, 0),
        1 => (QoS::AtLeastOnce, walk.id()?),
        _ => (QoS::ExactlyOnce, walk.id()?),
    };
    if version == Version::V5 {
        const ALLOWED: &[u8] = &[
            property::PAYLOAD_FORMAT,
            property::MESSAGE_EXPIRY,
            property::CONTENT_TYPE,
            property::RESPONSE_TOPIC,
            property::CORRELATION_DATA,
            property::TOPIC_ALIAS,
            property::SUBSCRIPTION_ID,
            property::USER,
        ];
        walk.properties(ALLOWED, |id, _| match id {
            // CONNACK offered no aliases [MQTT-3.3.2-9].
            property::TOPIC_ALIAS => Err(Wrong(Code::TopicAlias)),
            // Only servers send it [MQTT-3.3.4-6].
            property::SUBSCRIPTION_ID => Err(Wrong(Code::Protocol)),
            _ => Ok(()),
        })?;
        if frame.first & 1 == 1 {
            return Err(Wrong(Code::NoRetain));
        }
    }
    if topic.is_empty() {
        return Err(Wrong(if version == Version::V5 { Code::Protocol } else { Code::Malformed }));
    }
    if topic.contains(['+', '#']) {
        return Err(Wrong(Code::BadTopic));
    }
    Ok(Publish { qos, id, topic, payload: walk.rest() })
}

/// PUBACK, PUBREC, PUBREL and PUBCOMP are alike. A code that says no ends the exchange like any other.
fn acknowledgement(version: Version, frame: Frame<'_>) -> Result<u16, Wrong> {
    let mut walk = Walk::new(frame.body);
    let id = walk.id()?;
    if version == Version::V5 {
        trailing_reason(&mut walk, &[property::REASON, property::USER], |_, _| Ok(()))?;
    }
    walk.end()?;
    Ok(id)
}

/// 5.0 may leave out the properties, and the reason before them.
fn trailing_reason<'a>(
    walk: &mut Walk<'a>,
    allowed: &[u8],
    each: impl FnMut(u8, Value<'a>) -> Result<(), Wrong>,
) -> Result<u8, Wrong> {
    let reason = if walk.is_done() { 0 } else { walk.byte()? };
    if !walk.is_done() {
        walk.properties(allowed, each)?;
    }
    Ok(reason)
}

fn disconnect(version: Version, frame: Frame<'_>) -> Result<Packet<'_>, Wrong> {
    let mut walk = Walk::new(frame.body);
    if version == Version::V4 {
        walk.end()?;
        return Ok(Packet::Disconnect { with_will: false });
    }
    let allowed = &[property::SESSION_EXPIRY, property::REASON, property::USER];
    let reason = trailing_reason(&mut walk, allowed, |id, value| {
        // It was 0 at CONNECT, or made 0 by CONNACK (section 3.14.2.2.2).
        let longer = id == property::SESSION_EXPIRY && value.number() != 0;
        if longer { Err(Wrong(Code::Protocol)) } else { Ok(()) }
    })?;
    walk.end()?;
    // Only 0 takes the will back [MQTT-3.14.4-3].
    Ok(Packet::Disconnect { with_will: reason != 0 })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_all(version: Version, bytes: &[u8]) -> Result<Packet<'_>, Wrong> {
        read(version, cut(bytes, 16_384).unwrap().expect("a whole packet"))
    }

    #[test]
    fn a_message_is_read_in_place() {
        let v4 = read_all(Version::V4, &[0x32, 6, 0, 1, b'a', 0, 7, b'!']);
        let message = Publish { qos: QoS::AtLeastOnce, id: 7, topic: "a", payload: b"!" };
        assert_eq!(v4, Ok(Packet::Publish(message)));
        let v5 = read_all(Version::V5, &[0x32, 9, 0, 1, b'a', 0, 7, 2, 1, 1, b'!']);
        assert_eq!(v5, Ok(Packet::Publish(message)));
    }

    #[test]
    fn messages_that_break_a_rule_are_told_which() {
        let cases: &[(Version, &[u8], Code)] = &[
            (Version::V4, &[0x32, 5, 0, 1, b'a', 0, 0], Code::Protocol),
            (Version::V4, &[0x30, 2, 0, 0], Code::Malformed),
            (Version::V5, &[0x30, 3, 0, 0, 0], Code::Protocol),
            (Version::V5, &[0x30, 7, 0, 1, b'a', 3, 35, 0, 1], Code::TopicAlias),
            (Version::V5, &[0x31, 4, 0, 1, b'a', 0], Code::NoRetain),
            (Version::V5, &[0x30, 4, 0, 1, b'#', 0], Code::BadTopic),
            (Version::V4, &[0x30, 3, 0, 1, b'+'], Code::BadTopic),
            (Version::V4, &[0x30, 3, 0, 2, b'a'], Code::Malformed),
            (Version::V5, &[0x30, 6, 0, 1, b'a', 2, 11, 1], Code::Protocol),
        ];
        for (version, bytes, code) in cases {
            assert_eq!(read_all(*version, bytes), Err(Wrong(*code)), "{bytes:?}");
        }
    }

    #[test]
    fn acknowledgements_may_be_short() {
        assert_eq!(read_all(Version::V4, &[0x40, 2, 1, 2]), Ok(Packet::Acknowledged(258)));
        assert_eq!(read_all(Version::V5, &[0x40, 3, 0, 1, 0x80]), Ok(Packet::Acknowledged(1)));
        assert_eq!(read_all(Version::V5, &[0x62, 4, 0, 1, 0, 0]), Ok(Packet::Released(1)));
        assert_eq!(read_all(Version::V4, &[0x40, 3, 0, 1, 0]), Err(Wrong(Code::Malformed)));
        assert_eq!(read_all(Version::V4, &[0x40, 2, 0, 0]), Err(Wrong(Code::Protocol)));
    }

    #[test]
    fn a_disconnect_of_one_byte_is_legal() {
        assert_eq!(read_all(Version::V5, &[0xe0, 0]), Ok(Packet::Disconnect { with_will: false }));
        assert_eq!(read_all(Version::V5, &[0xe0, 1, 4]), Ok(Packet::Disconnect { with_will: true }));
        assert_eq!(read_all(Version::V5, &[0xe0, 7, 0, 5, 17, 0, 0, 0, 9]), Err(Wrong(Code::Protocol)));
        assert_eq!(read_all(Version::V4, &[0xe0, 1, 0]), Err(Wrong(Code::Malformed)));
    }
}
