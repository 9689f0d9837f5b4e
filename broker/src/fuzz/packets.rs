//! Broken packets against the reader, with rumqttd's codec as the second opinion.

use bytes::BytesMut;
use rumqttd::protocol::{self, Protocol, v4::V4, v5::V5};

use super::{Dice, honest, inputs, mutate, text, whole};
use crate::packet::{Packet, Version, connect, cut, read};

const MAX: usize = 16 * 1_024;

/// What one input may never do: panic, be cut longer than it is, or be read as something no client may say.
fn try_one(version: Version, bytes: &[u8]) {
    let Ok(Some(frame)) = cut(bytes, MAX) else { return };
    assert!(frame.whole.len() <= bytes.len().min(MAX));
    assert!(frame.body.len() < frame.whole.len());
    let _ = connect::read(frame);
    match read(version, frame) {
        Ok(Packet::Publish(publish)) => {
            assert!(!publish.topic.is_empty() && !publish.topic.contains(['\0', '+', '#']));
            assert_eq!(publish.id == 0, publish.qos == protocol::QoS::AtMostOnce);
            agree(version, frame.whole, publish.topic, publish.payload);
        }
        Ok(Packet::Subscribe { id, filters }) => {
            assert!(id != 0 && !filters.is_empty());
            assert!(filters.iter().all(|filter| !filter.path.contains('\0')));
        }
        Ok(Packet::Unsubscribe { id, filters }) => assert!(id != 0 && !filters.is_empty()),
        Ok(Packet::Acknowledged(id) | Packet::Released(id)) => assert!(id != 0),
        Ok(Packet::Unasked | Packet::Ping | Packet::Disconnect { .. }) | Err(_) => {}
    }
}

/// A message read in place is the one the codec reads.
fn agree(version: Version, whole: &[u8], topic: &str, payload: &[u8]) {
    let mut bytes = BytesMut::from(whole);
    let decoded = match version {
        Version::V4 => V4.read_mut(&mut bytes, MAX),
        Version::V5 => V5.read_mut(&mut bytes, MAX),
    };
    let Ok(protocol::Packet::Publish(publish, _)) = decoded else { panic!("the codec says {decoded:?}") };
    assert_eq!((&publish.topic[..], &publish.payload[..]), (topic.as_bytes(), payload));
}

fn honest_connect(dice: &mut Dice, version: Version) -> Vec<u8> {
    let v5 = version == Version::V5;
    let will = dice.one_in(2);
    let mut body =
        vec![0, 4, b'M', b'Q', b'T', b'T', if v5 { 5 } else { 4 }, if will { 0xc6 } else { 0xc2 }, 0, 9];
    if v5 {
        body.extend_from_slice(dice.pick(&[
            &[0][..],
            &[3, 33, 0, 9],
            &[5, 17, 0, 0, 0, 9],
            &[5, 39, 0, 0, 1, 0],
        ]));
    }
    text(&mut body, b"id");
    if will {
        if v5 {
            body.extend_from_slice(dice.pick(&[&[0][..], &[5, 24, 0, 0, 0, 1]]));
        }
        text(&mut body, b"v1/me/telemetry");
        text(&mut body, b"{}");
    }
    text(&mut body, b"user");
    text(&mut body, b"token");
    whole(0x10, &body)
}

/// Codec panics are caught where they happen; here they are counted, because the walk should let none through.
#[test]
fn broken_packets_do_no_harm() {
    let mut dice = Dice(0x6261_6467_6563_6173);
    for input in 0..inputs(400_000) {
        let version = if input % 2 == 0 { Version::V4 } else { Version::V5 };
        let mut packet =
            if dice.one_in(4) { honest_connect(&mut dice, version) } else { honest(&mut dice, version) };
        mutate(&mut dice, &mut packet);
        let tried = std::panic::catch_unwind(|| try_one(version, &packet));
        assert!(tried.is_ok(), "input {input}, {version:?}: {packet:02x?}");
    }
}

#[test]
fn honest_packets_are_read() {
    let mut dice = Dice(7);
    for version in [Version::V4, Version::V5] {
        for _ in 0..2_000 {
            let connect = honest_connect(&mut dice, version);
            assert!(connect::read(cut(&connect, MAX).unwrap().unwrap()).is_ok(), "{connect:02x?}");
            let packet = honest(&mut dice, version);
            assert!(read(version, cut(&packet, MAX).unwrap().unwrap()).is_ok(), "{version:?} {packet:02x?}");
        }
    }
}

/// What was found once, or is known to kill rumqttd: a file a case, in hexadecimal, with why it is kept.
#[test]
fn kept_cases_do_no_harm() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cases");
    let mut count = 0;
    for file in std::fs::read_dir(folder).unwrap() {
        let file = std::fs::read_to_string(file.unwrap().path()).unwrap();
        let digits: String = file.lines().filter(|line| !line.starts_with('#')).collect();
        let digits: Vec<char> = digits.chars().filter(|c| !c.is_whitespace()).collect();
        let byte = |pair: &[char]| u8::from_str_radix(&pair.iter().collect::<String>(), 16).unwrap();
        let bytes: Vec<u8> = digits.chunks(2).map(byte).collect();
        for version in [Version::V4, Version::V5] {
            try_one(version, &bytes);
        }
        count += 1;
    }
    assert!(count >= 10);
}
