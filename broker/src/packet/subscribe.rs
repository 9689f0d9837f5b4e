//! SUBSCRIBE and UNSUBSCRIBE: walked here, decoded by rumqttd.

use bytes::BytesMut;
use rumqttd::protocol::{self, Protocol, v4::V4, v5::V5};

use super::{
    Code, Frame, Packet, Version, Wrong,
    walk::{Walk, property},
};

pub(super) fn subscribe(version: Version, frame: Frame<'_>) -> Result<Packet<'_>, Wrong> {
    walk(version, frame, &[property::SUBSCRIPTION_ID, property::USER], |filter, walk| {
        let options = walk.byte()?;
        let reserved = match version {
            Version::V4 => options & 0b1111_1100,
            Version::V5 => options & 0b1100_0000,
        };
        if reserved != 0 {
            return Err(Wrong(Code::Malformed));
        }
        // No Local among those who share [MQTT-3.8.3-4].
        let shares_locally = options & 4 != 0 && filter.starts_with("$share/");
        if options & 3 == 3 || options >> 4 & 3 == 3 || shares_locally {
            return Err(Wrong(Code::Protocol));
        }
        Ok(())
    })?;
    match decode(version, frame)? {
        protocol::Packet::Subscribe(subscribe, _) => {
            Ok(Packet::Subscribe { id: subscribe.pkid, filters: subscribe.filters })
        }
        _ => Err(Wrong(Code::Malformed)),
    }
}

pub(super) fn unsubscribe(version: Version, frame: Frame<'_>) -> Result<Packet<'_>, Wrong> {
    walk(version, frame, &[property::USER], |_, _| Ok(()))?;
    match decode(version, frame)? {
        protocol::Packet::Unsubscribe(unsubscribe, _) => {
            Ok(Packet::Unsubscribe { id: unsubscribe.pkid, filters: unsubscribe.filters })
        }
        _ => Err(Wrong(Code::Malformed)),
    }
}

/// An id, properties in 5.0, and at least one filter, each followed by what `after` reads.
fn walk<'a>(
    version: Version,
    frame: Frame<'a>,
    allowed: &[u8],
    mut after: impl FnMut(&str, &mut Walk<'a>) -> Result<(), Wrong>,
) -> Result<(), Wrong> {
    let mut walk = Walk::new(frame.body);
    walk.id()?;
    if version == Version::V5 {
        // CONNACK said there are none; and the codec miscounts their length.
        walk.properties(allowed, |id, _| {
            if id == property::SUBSCRIPTION_ID { Err(Wrong(Code::NoSubscriptionId)) } else { Ok(()) }
        })?;
    }
    if walk.is_done() {
        return Err(Wrong(Code::Protocol));
    }
    while !walk.is_done() {
        let filter = walk.string()?;
        after(filter, &mut walk)?;
    }
    Ok(())
}

/// rumqttd's codec, at arm's length: it may panic on what it does not expect, and must not take a worker with it.
pub(super) fn decode(version: Version, frame: Frame<'_>) -> Result<protocol::Packet, Wrong> {
    let mut bytes = BytesMut::from(frame.whole);
    let cap = frame.whole.len();
    let decoded = std::panic::catch_unwind(move || match version {
        Version::V4 => V4.read_mut(&mut bytes, cap),
        Version::V5 => V5.read_mut(&mut bytes, cap),
    });
    match decoded {
        Ok(Ok(packet)) => Ok(packet),
        Ok(Err(_)) | Err(_) => Err(Wrong(Code::Malformed)),
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::{QoS, cut, read},
        *,
    };

    fn read_all(version: Version, bytes: &[u8]) -> Result<Packet<'_>, Wrong> {
        read(version, cut(bytes, 16_384).unwrap().expect("a whole packet"))
    }

    #[test]
    fn filters_are_decoded_with_their_qos() {
        let Ok(Packet::Subscribe { id: 9, filters }) =
            read_all(Version::V4, &[0x82, 10, 0, 9, 0, 1, b'a', 1, 0, 1, b'b', 2])
        else {
            panic!("a subscription");
        };
        let read = filters.iter().map(|filter| (filter.path.as_str(), filter.qos)).collect::<Vec<_>>();
        assert_eq!(read, [("a", QoS::AtLeastOnce), ("b", QoS::ExactlyOnce)]);
        let unsubscribe = read_all(Version::V5, &[0xa2, 6, 0, 9, 0, 0, 1, b'a']);
        assert_eq!(unsubscribe, Ok(Packet::Unsubscribe { id: 9, filters: vec!["a".to_owned()] }));
    }

    #[test]
    fn subscriptions_that_break_a_rule_are_told_which() {
        let cases: &[(Version, &[u8], Code)] = &[
            (Version::V4, &[0x82, 2, 0, 9], Code::Protocol),
            (Version::V4, &[0x82, 6, 0, 0, 0, 1, b'a', 0], Code::Protocol),
            (Version::V4, &[0x82, 6, 0, 9, 0, 1, b'a', 3], Code::Protocol),
            (Version::V4, &[0x82, 6, 0, 9, 0, 1, b'a', 4], Code::Malformed),
            (Version::V4, &[0x82, 5, 0, 9, 0, 1, b'a'], Code::Malformed),
            (Version::V4, &[0x82, 6, 0, 9, 0, 1, 0, 0], Code::Malformed),
            (Version::V5, &[0x82, 7, 0, 9, 0, 0, 1, b'a', 0x30], Code::Protocol),
            (Version::V5, &[0x82, 9, 0, 9, 2, 11, 1, 0, 1, b'a', 0], Code::NoSubscriptionId),
            (Version::V5, &[0xa2, 3, 0, 9, 0], Code::Protocol),
        ];
        for (version, bytes, code) in cases {
            assert_eq!(read_all(*version, bytes), Err(Wrong(*code)), "{bytes:?}");
        }
    }
}
