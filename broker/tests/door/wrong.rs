//! Packets no honest client sends: each gets its code or a clean end, and nobody else notices.

use badgecast_domain::id::BadgeId;

use crate::{
    house::world,
    raw::{Hello, Raw, V4, V5, packet},
};

#[tokio::test]
async fn broken_packets_end_their_own_connection_with_their_code() {
    let world = world().await;
    let mut bystander = Raw::listener(world.port, V4, BadgeId::new()).await;
    let giant = [0x30, 0xff, 0xff, 0x7f];
    let cases: &[(&[u8], u8)] = &[
        // Reserved types and flags.
        (&[0x00, 0], 0x81),
        (&[0x80, 0], 0x81),
        (&[0x36, 2, 0, 0], 0x81),
        (&[0x38, 2, 0, 0], 0x81),
        (&[0xc1, 0], 0x81),
        // Lengths.
        (&[0x30, 0xff, 0xff, 0xff, 0xff], 0x81),
        (&giant, 0x95),
        (&[0x40, 1, 0], 0x81),
        (&[0xc0, 1, 0], 0x81),
        // What only servers say, a second CONNECT, AUTH without a method.
        (&[0x20, 2, 0, 0], 0x82),
        (&[0x90, 3, 0, 1, 0], 0x82),
        (&[0xb0, 2, 0, 1], 0x82),
        (&[0xd0, 0], 0x82),
        (&[0x10, 0], 0x82),
        (&[0xf0, 0], 0x82),
        // Packet id 0, an empty subscription, bad options.
        (&[0x32, 6, 0, 1, b'a', 0, 0, 0], 0x82),
        (&[0x82, 3, 0, 1, 0], 0x82),
        (&[0x82, 7, 0, 1, 0, 0, 1, b'a', 0x30], 0x82),
        (&[0x82, 7, 0, 1, 0, 0, 1, b'a', 3], 0x82),
        (b"\x82\x10\0\x01\0\0\x0a$share/g/a\x04", 0x82),
        (&[0x82, 9, 0, 1, 2, 11, 1, 0, 1, b'a', 0], 0xa1),
        // Strings.
        (&[0x30, 4, 0, 1, 0, 0], 0x81),
        (&[0x30, 4, 0, 1, 0xff, 0], 0x81),
        (&[0x30, 5, 0, 9, b'a', 0, 0], 0x81),
        (&[0x30, 4, 0, 1, b'#', 0], 0x90),
        // Properties: an alias, a retained message, a stranger, a repetition, a boundary crossed.
        (&[0x30, 7, 0, 1, b'a', 3, 35, 0, 1], 0x94),
        (&[0x31, 4, 0, 1, b'a', 0], 0x9a),
        (&[0x30, 6, 0, 1, b'a', 2, 99, 0], 0x81),
        (&[0x30, 8, 0, 1, b'a', 4, 1, 0, 1, 0], 0x82),
        // One that belongs to CONNECT, one that only servers send, a response to a wildcard.
        (&[0x30, 7, 0, 1, b'a', 3, 33, 0, 1], 0x81),
        (&[0x30, 6, 0, 1, b'a', 2, 11, 1], 0x82),
        (&[0x30, 8, 0, 1, b'a', 4, 8, 0, 1, b'#'], 0x82),
        (&[0x30, 5, 0, 1, b'a', 9, 1], 0x81),
        (&[0xe0, 7, 0, 5, 17, 0, 0, 0, 1], 0x82),
    ];
    for (bytes, code) in cases {
        let mut raw = Raw::badge(world.port, V5, BadgeId::new()).await;
        raw.say(bytes).await;
        raw.ended_with(*code).await;
        let mut raw = Raw::badge(world.port, V4, BadgeId::new()).await;
        raw.say(bytes).await;
        raw.say(&[0x00]).await;
        while raw.hear().await.is_some() {}
    }
    bystander.ping().await;
    assert_eq!(world.desk.connected(), 1);
}

#[tokio::test]
async fn broken_connects_are_answered_when_their_version_can_be_told() {
    let world = world().await;
    let id = BadgeId::new().to_string();
    let good = Hello::new(V5, &id, "open").bytes();
    // Every truncation of the body, said to be whole.
    for end in 9..good.len() - 2 {
        let mut raw = Raw::open(world.port, V5).await;
        raw.say(&packet(0x10, &good[2..end])).await;
        let (first, body) = raw.hear().await.expect("a CONNACK");
        assert_eq!((first, body[1]), (0x20, 0x81), "cut at {end}");
        assert_eq!(raw.hear().await, None);
    }
    // A CONNECT with wrong flags, and one that announces more than anyone may send.
    for (first, length, code) in [(0x11, &[30][..], 0x81), (0x10, &[0xff, 0xff, 0x7f], 0x95)] {
        let mut raw = Raw::open(world.port, V5).await;
        raw.say(&[&[first], length, &good[2..40]].concat()).await;
        let (_, body) = raw.hear().await.expect("a CONNACK");
        assert_eq!(body[1], code);
    }
    let strangers: [&[u8]; 5] = [
        b"GET / HTTP/1.1\r\n\r\n",
        b"\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03",
        b"\xc0\0",
        b"\x30\x02\0\0",
        b"\0",
    ];
    for stranger in strangers {
        let mut raw = Raw::open(world.port, V5).await;
        raw.say(stranger).await;
        assert_eq!(raw.hear().await, None);
    }
    let figures = world.desk.figures();
    assert_eq!((figures.connects_foreign, figures.connected, figures.waiting), (5, 0, 0));
}
