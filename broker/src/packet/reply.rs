//! The packets this server says, written by hand: CONNACK, SUBACK, UNSUBACK, the acknowledgements, PINGRESP,
//! DISCONNECT and PUBLISH.

use super::{Code, Version, Wrong, walk::property};

/// The answer to a CONNECT that was let in.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Welcome<'a> {
    /// How many messages may wait for our acknowledgement.
    pub(crate) receive_maximum: u16,
    pub(crate) max_packet: u32,
    /// Set when the client's own keep-alive does not stand.
    pub(crate) keep_alive_s: Option<u16>,
    /// Set when the client did not name itself.
    pub(crate) client_id: Option<&'a str>,
    /// It asked for a session that outlives the connection and does not get one.
    pub(crate) no_session: bool,
}

/// CONNACK for one who was let in. There is never a session to be present.
pub(crate) fn welcome(out: &mut Vec<u8>, version: Version, welcome: Welcome<'_>) {
    if version == Version::V4 {
        return out.extend_from_slice(&[0x20, 2, 0, 0]);
    }
    let mut properties = Vec::with_capacity(64);
    if welcome.no_session {
        properties.push(property::SESSION_EXPIRY);
        properties.extend_from_slice(&[0; 4]);
    }
    properties.push(property::RECEIVE_MAXIMUM);
    properties.extend_from_slice(&welcome.receive_maximum.to_be_bytes());
    properties.push(property::MAXIMUM_PACKET);
    properties.extend_from_slice(&welcome.max_packet.to_be_bytes());
    properties.extend_from_slice(&[property::RETAIN_AVAILABLE, 0]);
    properties.extend_from_slice(&[property::SUBSCRIPTION_ID_AVAILABLE, 0]);
    properties.extend_from_slice(&[property::SHARED_AVAILABLE, 0]);
    if let Some(keep_alive_s) = welcome.keep_alive_s {
        properties.push(property::SERVER_KEEP_ALIVE);
        properties.extend_from_slice(&keep_alive_s.to_be_bytes());
    }
    if let Some(client_id) = welcome.client_id {
        properties.push(property::ASSIGNED_CLIENT_ID);
        string(&mut properties, client_id);
    }
    out.push(0x20);
    variable(out, 2 + variable_bytes(properties.len()) + properties.len());
    out.extend_from_slice(&[0, 0]);
    variable(out, properties.len());
    out.extend_from_slice(&properties);
}

/// CONNACK for one who was not let in; nothing where 3.1.1 has no word for it.
pub(crate) fn refusal(out: &mut Vec<u8>, version: Version, code: Code, max_packet: u32) {
    match version {
        Version::V4 => {
            if let Some(code) = code.return_code() {
                out.extend_from_slice(&[0x20, 2, 0, code]);
            }
        }
        Version::V5 => with_reason(out, 0x20, &[0, code as u8], code, max_packet),
    }
}

/// DISCONNECT; 3.1.1 servers have none.
pub(crate) fn disconnect(out: &mut Vec<u8>, version: Version, code: Code, max_packet: u32) {
    if version == Version::V4 {
        return;
    }
    with_reason(out, 0xe0, &[code as u8], code, max_packet);
}

/// Without the sentence where it does not fit, and nothing at all for one who takes no packet that says it.
fn with_reason(out: &mut Vec<u8>, first: u8, head: &[u8], code: Code, max_packet: u32) {
    let before = out.len();
    let text = code.text();
    let properties = 3 + text.len();
    out.push(first);
    variable(out, head.len() + 1 + properties);
    out.extend_from_slice(head);
    variable(out, properties);
    out.push(property::REASON);
    string(out, text);
    if within(out, before, max_packet).is_err() {
        out.push(first);
        variable(out, head.len() + 1);
        out.extend_from_slice(head);
        out.push(0);
        // Who takes five bytes at most would take no message either.
        let _ = within(out, before, max_packet);
    }
}

/// Takes back the packet that begins at `before`, if it is larger than the client takes [MQTT-3.1.2-24].
pub(crate) fn within(out: &mut Vec<u8>, before: usize, max_packet: u32) -> Result<(), Wrong> {
    if out.len() - before > max_packet as usize {
        out.truncate(before);
        return Err(Wrong(Code::TooLarge));
    }
    Ok(())
}

/// SUBACK, one code per filter.
pub(crate) fn suback(out: &mut Vec<u8>, version: Version, id: u16, codes: impl ExactSizeIterator<Item = u8>) {
    out.push(0x90);
    acknowledged_list(out, version, id, codes);
}

/// UNSUBACK; 3.1.1 has no codes in it.
pub(crate) fn unsuback(
    out: &mut Vec<u8>,
    version: Version,
    id: u16,
    codes: impl ExactSizeIterator<Item = u8>,
) {
    out.push(0xb0);
    match version {
        Version::V4 => {
            out.push(2);
            out.extend_from_slice(&id.to_be_bytes());
        }
        Version::V5 => acknowledged_list(out, version, id, codes),
    }
}

fn acknowledged_list(out: &mut Vec<u8>, version: Version, id: u16, codes: impl ExactSizeIterator<Item = u8>) {
    let properties = usize::from(version == Version::V5);
    variable(out, 2 + properties + codes.len());
    out.extend_from_slice(&id.to_be_bytes());
    out.extend(std::iter::repeat_n(0, properties));
    out.extend(codes);
}

/// The acknowledgements a server sends for messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Ack {
    /// PUBACK
    Stored = 0x40,
    /// PUBREC
    Received = 0x50,
    /// PUBCOMP
    Complete = 0x70,
}

/// PUBACK, PUBREC or PUBCOMP. 3.1.1 has no code in them, so there a refusal must not be written.
pub(crate) fn ack(out: &mut Vec<u8>, version: Version, ack: Ack, id: u16, code: Code) {
    let [high, low] = id.to_be_bytes();
    match (version, code) {
        (Version::V5, code) if code != Code::Success => {
            out.extend_from_slice(&[ack as u8, 3, high, low, code as u8]);
        }
        _ => out.extend_from_slice(&[ack as u8, 2, high, low]),
    }
}

pub(crate) fn pong(out: &mut Vec<u8>) {
    out.extend_from_slice(&[0xd0, 0]);
}

/// A message to a client.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Message<'a> {
    pub(crate) topic: &'a str,
    /// The packet identifier at QoS 1; none at QoS 0.
    pub(crate) id: Option<u16>,
    /// 5.0: after this many seconds it is of no use.
    pub(crate) expiry_s: Option<u32>,
    /// 5.0: where an answer goes, and what it is an answer to.
    pub(crate) answer: Option<(&'a str, &'a [u8])>,
    pub(crate) payload: &'a [u8],
}

impl Message<'_> {
    fn properties(&self) -> usize {
        let expiry = if self.expiry_s.is_some() { 5 } else { 0 };
        expiry + self.answer.map_or(0, |(topic, correlation)| 6 + topic.len() + correlation.len())
    }

    /// The bytes after the fixed header.
    fn remaining(&self, version: Version) -> usize {
        let properties = match version {
            Version::V4 => 0,
            Version::V5 => variable_bytes(self.properties()) + self.properties(),
        };
        2 + self.topic.len() + self.id.map_or(0, |_| 2) + properties + self.payload.len()
    }

    /// The size of the whole packet.
    pub(crate) fn bytes(&self, version: Version) -> usize {
        let remaining = self.remaining(version);
        1 + variable_bytes(remaining) + remaining
    }

    /// PUBLISH.
    pub(crate) fn write(&self, out: &mut Vec<u8>, version: Version) {
        out.reserve(self.bytes(version));
        out.push(if self.id.is_some() { 0x32 } else { 0x30 });
        variable(out, self.remaining(version));
        string(out, self.topic);
        if let Some(id) = self.id {
            out.extend_from_slice(&id.to_be_bytes());
        }
        if version == Version::V5 {
            variable(out, self.properties());
            if let Some(expiry_s) = self.expiry_s {
                out.push(property::MESSAGE_EXPIRY);
                out.extend_from_slice(&expiry_s.to_be_bytes());
            }
            if let Some((topic, correlation)) = self.answer {
                out.push(property::RESPONSE_TOPIC);
                string(out, topic);
                out.push(property::CORRELATION_DATA);
                data(out, correlation);
            }
        }
        out.extend_from_slice(self.payload);
    }
}

fn string(out: &mut Vec<u8>, text: &str) {
    data(out, text.as_bytes());
}

/// Everything written here is short; what is not would be cut, never overflow.
fn data(out: &mut Vec<u8>, bytes: &[u8]) {
    let length = u16::try_from(bytes.len()).unwrap_or(u16::MAX);
    out.extend_from_slice(&length.to_be_bytes());
    out.extend_from_slice(&bytes[..usize::from(length)]);
}

const fn variable_bytes(value: usize) -> usize {
    match value {
        0..0x80 => 1,
        0x80..0x4000 => 2,
        0x4000..0x20_0000 => 3,
        _ => 4,
    }
}

fn variable(out: &mut Vec<u8>, mut value: usize) {
    while value >= 0x80 {
        out.push(u8::try_from(value & 0x7f).unwrap_or(0) | 0x80);
        value >>= 7;
    }
    out.push(u8::try_from(value).unwrap_or(0));
}

#[cfg(test)]
mod tests {
    use bytes::BytesMut;
    use rumqttd::protocol::{Packet, Protocol, v4::V4, v5::V5};

    use super::*;

    fn written(write: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
        let mut out = Vec::new();
        write(&mut out);
        out
    }

    #[test]
    fn a_message_is_as_long_as_it_says_and_decodes_again() {
        for version in [Version::V4, Version::V5] {
            for (id, length) in [(None, 0), (Some(1), 100), (Some(65_535), 127), (Some(7), 16_000)] {
                let payload = vec![b'x'; length];
                let message = Message {
                    topic: "v1/me/show",
                    id,
                    expiry_s: Some(60),
                    answer: Some(("v1/me/ack", b"id")),
                    payload: &payload,
                };
                let out = written(|out| message.write(out, version));
                assert_eq!(out.len(), message.bytes(version));
                let mut bytes = BytesMut::from(&out[..]);
                let packet = match version {
                    Version::V4 => V4.read_mut(&mut bytes, 20_000),
                    Version::V5 => V5.read_mut(&mut bytes, 20_000),
                };
                let Ok(Packet::Publish(publish, _)) = packet else { panic!("{packet:?}") };
                assert_eq!((&publish.topic[..], &publish.payload[..]), (&b"v1/me/show"[..], &payload[..]));
            }
        }
    }

    #[test]
    fn codes_are_written_as_each_version_wants_them() {
        let refused = |version, code| written(|out| refusal(out, version, code, u32::MAX));
        assert_eq!(refused(Version::V4, Code::NotAuthorized), [0x20, 2, 0, 5]);
        assert_eq!(refused(Version::V4, Code::Unavailable), [0x20, 2, 0, 3]);
        assert!(refused(Version::V4, Code::Malformed).is_empty());
        let v5 = refused(Version::V5, Code::Unavailable);
        assert_eq!((v5[0], usize::from(v5[1]), v5[2], v5[3]), (0x20, v5.len() - 2, 0, 0x88));
        let briefly = |most| written(|out| refusal(out, Version::V5, Code::Unavailable, most));
        assert_eq!((briefly(10), briefly(4)), (vec![0x20, 3, 0, 0x88, 0], vec![]));
        let left = |version, most| written(|out| disconnect(out, version, Code::TakenOver, most));
        assert!(left(Version::V4, u32::MAX).is_empty());
        assert_eq!(left(Version::V5, 10), [0xe0, 2, 0x8e, 0]);
        assert_eq!(left(Version::V5, u32::MAX)[2], 0x8e);
        let subscribed = |version| written(|out| suback(out, version, 258, [1, 0x80].into_iter()));
        assert_eq!(subscribed(Version::V4), [0x90, 4, 1, 2, 1, 0x80]);
        assert_eq!(subscribed(Version::V5), [0x90, 5, 1, 2, 0, 1, 0x80]);
    }
}
