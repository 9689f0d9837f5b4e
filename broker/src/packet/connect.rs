//! CONNECT: the one packet a stranger may send.

use rumqttd::protocol;

use super::{
    Code, Frame, Version, Wrong,
    subscribe::decode,
    walk::{Walk, property},
};

/// What a client asks for at CONNECT.
#[derive(Debug, PartialEq)]
pub(crate) struct Connect {
    pub(crate) version: Version,
    pub(crate) client_id: String,
    /// It did not name itself; the server did.
    pub(crate) assigned: bool,
    /// Clean Session, or Clean Start.
    pub(crate) clean: bool,
    /// Seconds; 0 is off.
    pub(crate) keep_alive_s: u16,
    pub(crate) username: String,
    pub(crate) password: String,
    pub(crate) will: Option<Will>,
    /// How many messages of ours may be unacknowledged.
    pub(crate) receive_maximum: u16,
    /// The largest packet the client takes.
    pub(crate) max_packet: u32,
    /// It asked for a session that outlives the connection; there are none.
    pub(crate) wants_session: bool,
}

impl Connect {
    /// How the client is spoken to: in which version, and in packets of so many bytes at most.
    pub(crate) const fn voice(&self) -> (Version, u32) {
        (self.version, self.max_packet)
    }
}

/// What is said for a client that is gone.
#[derive(Debug, PartialEq)]
pub(crate) struct Will {
    pub(crate) topic: String,
    pub(crate) payload: Vec<u8>,
}

/// Why a CONNECT is refused, and in which words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refused {
    /// Answer CONNACK with this code.
    With(Version, Code),
    /// Not MQTT: close.
    Silently,
}

/// Tells the version from the first bytes of a CONNECT, so that even a broken one gets an answer it understands.
pub(crate) fn version(body: &[u8]) -> Result<Version, Refused> {
    let mut walk = Walk::new(body);
    let name = walk.data().map_err(|_| Refused::Silently)?;
    let level = walk.byte().map_err(|_| Refused::Silently)?;
    match (name, level) {
        (b"MQTT", 4) => Ok(Version::V4),
        (b"MQTT", 5) => Ok(Version::V5),
        (b"MQTT", 6..) => Err(Refused::With(Version::V5, Code::UnsupportedVersion)),
        (b"MQTT", _) | (b"MQIsdp", 3) => Err(Refused::With(Version::V4, Code::UnsupportedVersion)),
        _ => Err(Refused::Silently),
    }
}

/// Reads a CONNECT.
pub(crate) fn read(frame: Frame<'_>) -> Result<Connect, Refused> {
    let version = version(frame.body)?;
    walk(version, frame.body).map_err(|Wrong(code)| Refused::With(version, code))?;
    match decode(version, frame) {
        Ok(protocol::Packet::Connect(connect, properties, will, _, login)) => {
            let (username, password) =
                login.map(|login| (login.username, login.password)).unwrap_or_default();
            let expiry = properties.as_ref().and_then(|properties| properties.session_expiry_interval);
            Ok(Connect {
                version,
                client_id: connect.client_id,
                assigned: false,
                clean: connect.clean_session,
                keep_alive_s: connect.keep_alive,
                username,
                password,
                will: will.map(|will| Will {
                    topic: String::from_utf8_lossy(&will.topic).into_owned(),
                    payload: will.message.to_vec(),
                }),
                receive_maximum: properties.as_ref().and_then(|p| p.receive_maximum).unwrap_or(u16::MAX),
                max_packet: properties.as_ref().and_then(|p| p.max_packet_size).unwrap_or(u32::MAX),
                wants_session: expiry.is_some_and(|expiry| expiry != 0),
            })
        }
        Ok(_) | Err(_) => Err(Refused::With(version, Code::Malformed)),
    }
}

/// Flags of the CONNECT packet (section 3.1.2.3).
mod flag {
    pub(super) const RESERVED: u8 = 0x01;
    pub(super) const WILL: u8 = 0x04;
    pub(super) const WILL_QOS: u8 = 0x18;
    pub(super) const WILL_RETAIN: u8 = 0x20;
    pub(super) const PASSWORD: u8 = 0x40;
    pub(super) const USERNAME: u8 = 0x80;
}

fn walk(version: Version, body: &[u8]) -> Result<(), Wrong> {
    let mut walk = Walk::new(body);
    walk.data()?;
    walk.byte()?;
    let flags = walk.byte()?;
    let has = |flag: u8| flags & flag != 0;
    let stray_will = !has(flag::WILL) && has(flag::WILL_QOS | flag::WILL_RETAIN);
    let lone_password = version == Version::V4 && has(flag::PASSWORD) && !has(flag::USERNAME);
    if has(flag::RESERVED) || flags & flag::WILL_QOS == flag::WILL_QOS || stray_will || lone_password {
        return Err(Wrong(Code::Malformed));
    }
    walk.two()?;
    let mut method = false;
    if version == Version::V5 {
        method = connect_properties(&mut walk)?;
    }
    walk.string()?;
    if has(flag::WILL) {
        if version == Version::V5 {
            will_properties(&mut walk)?;
        }
        walk.string()?;
        walk.data()?;
    }
    if has(flag::USERNAME) {
        walk.string()?;
    }
    let password = if has(flag::PASSWORD) { walk.data()? } else { &[] };
    walk.end()?;
    if method {
        return Err(Wrong(Code::BadMethod));
    }
    if version == Version::V5 && has(flag::WILL_RETAIN) {
        return Err(Wrong(Code::NoRetain));
    }
    // A token is ASCII, and the codec takes nothing but UTF-8.
    if std::str::from_utf8(password).is_err() { Err(Wrong(Code::BadCredentials)) } else { Ok(()) }
}

/// Whether an authentication method was named.
fn connect_properties(walk: &mut Walk<'_>) -> Result<bool, Wrong> {
    const ALLOWED: &[u8] = &[
        property::SESSION_EXPIRY,
        property::RECEIVE_MAXIMUM,
        property::MAXIMUM_PACKET,
        property::TOPIC_ALIAS_MAXIMUM,
        property::REQUEST_RESPONSE,
        property::REQUEST_PROBLEM,
        property::USER,
        property::AUTHENTICATION_METHOD,
        property::AUTHENTICATION_DATA,
    ];
    let (mut method, mut data) = (false, false);
    walk.properties(ALLOWED, |id, _| {
        method |= id == property::AUTHENTICATION_METHOD;
        data |= id == property::AUTHENTICATION_DATA;
        Ok(())
    })?;
    if data && !method { Err(Wrong(Code::Protocol)) } else { Ok(method) }
}

fn will_properties(walk: &mut Walk<'_>) -> Result<(), Wrong> {
    const ALLOWED: &[u8] = &[
        property::WILL_DELAY,
        property::PAYLOAD_FORMAT,
        property::MESSAGE_EXPIRY,
        property::CONTENT_TYPE,
        property::RESPONSE_TOPIC,
        property::CORRELATION_DATA,
        property::USER,
    ];
    walk.properties(ALLOWED, |_, _| Ok(()))
}

#[cfg(test)]
mod tests {
    use super::{super::cut, *};

    /// A CONNECT with this level, these flags, and this after the keep-alive.
    fn connect(level: u8, flags: u8, rest: &[u8]) -> Vec<u8> {
        let body = [&[0, 4, b'M', b'Q', b'T', b'T', level, flags, 0, 60], rest].concat();
        [&[0x10, u8::try_from(body.len()).expect("short")], &body[..]].concat()
    }

    fn read_all(bytes: &[u8]) -> Result<Connect, Refused> {
        read(cut(bytes, 16_384).unwrap().expect("a whole packet"))
    }

    #[test]
    fn both_versions_are_read() {
        let v4 = read_all(&connect(4, 0xc2, b"\0\x01a\0\x01u\0\x01p")).unwrap();
        assert_eq!((v4.version, &*v4.client_id, &*v4.username, &*v4.password), (Version::V4, "a", "u", "p"));
        let v5 = read_all(&connect(
            5,
            0xc6,
            b"\x08\x21\0\x07\x11\0\0\0\x09\0\x01a\0\0\x01t\0\x02hi\0\x01u\0\x01p",
        ));
        let v5 = v5.unwrap();
        assert_eq!((v5.version, v5.receive_maximum, v5.wants_session), (Version::V5, 7, true));
        assert_eq!(v5.will, Some(Will { topic: "t".to_owned(), payload: b"hi".to_vec() }));
    }

    #[test]
    fn a_connect_that_breaks_a_rule_is_told_which() {
        let v4 = |code| Err(Refused::With(Version::V4, code));
        let v5 = |code| Err(Refused::With(Version::V5, code));
        let cases = [
            (connect(3, 2, b"\0\x01a"), v4(Code::UnsupportedVersion)),
            (connect(6, 2, b"\0\0\x01a"), v5(Code::UnsupportedVersion)),
            (connect(4, 3, b"\0\x01a"), v4(Code::Malformed)),
            (connect(4, 0x1e, b"\0\x01a\0\x01t\0\x01m"), v4(Code::Malformed)),
            (connect(4, 0x0a, b"\0\x01a"), v4(Code::Malformed)),
            (connect(4, 0x42, b"\0\x01a\0\x01p"), v4(Code::Malformed)),
            (connect(4, 2, b"\0\x01ax"), v4(Code::Malformed)),
            (connect(4, 2, b"\0\x01\0"), v4(Code::Malformed)),
            (connect(4, 0xc2, b"\0\x01a\0\x01u\0\x01\xff"), v4(Code::BadCredentials)),
            (connect(5, 0xc2, b"\0\0\x01a\0\x01u\0\x01\xff"), v5(Code::BadCredentials)),
            (connect(5, 2, b"\x06\x15\0\x03JWT\0\x01a"), v5(Code::BadMethod)),
            (connect(5, 2, b"\x04\x16\0\x01x\0\x01a"), v5(Code::Protocol)),
            (connect(5, 2, b"\x03\x21\0\0\0\x01a"), v5(Code::Protocol)),
            (connect(5, 0x26, b"\0\0\x01a\0\0\x01t\0\x01m"), v5(Code::NoRetain)),
        ];
        for (bytes, expected) in cases {
            assert_eq!(read_all(&bytes), expected, "{bytes:?}");
        }
        let old = [&[0x10, 17, 0, 6][..], b"MQIsdp", &[3, 2, 0, 60, 0, 3], b"abc"].concat();
        assert_eq!(read_all(&old), v4(Code::UnsupportedVersion));
        assert_eq!(read_all(&[0x10, 4, 0, 2, b'h', b'i']), Err(Refused::Silently));
    }
}
