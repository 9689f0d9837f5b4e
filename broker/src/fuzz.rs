//! Fuzzing in process, on stable Rust: packets, and whole sessions as a state machine.
//!
//! Every run is a function of its seed, so a failure names the seed that repeats it. `make test` runs it for a few
//! seconds, `make fuzz` for many millions of inputs. What was once found is kept in `tests/cases` and replayed.

mod packets;
pub(crate) mod sessions;

/// SplitMix64 (Steele, Lea and Flood, 2014): small, seedable and good enough to choose bytes.
#[derive(Debug, Clone)]
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.roll() % end.max(1) as u64).unwrap_or(0)
    }

    fn byte(&mut self) -> u8 {
        self.roll().to_be_bytes()[0]
    }

    fn one_in(&mut self, chances: usize) -> bool {
        self.below(chances) == 0
    }

    fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())]
    }
}

/// How many inputs to try: few, unless a long run is asked for.
#[expect(clippy::disallowed_methods, reason = "a test has no settings")]
fn inputs(few: u64) -> u64 {
    let many = std::env::var("BADGECAST_FUZZ_INPUTS").ok().and_then(|text| text.parse().ok());
    many.unwrap_or(few)
}

/// Breaks a packet somewhere; often its length is made right again, so that what is inside is reached.
fn mutate(dice: &mut Dice, packet: &mut Vec<u8>) {
    for _ in 0..=dice.below(3) {
        let at = dice.below(packet.len());
        match dice.below(7) {
            0 if !packet.is_empty() => packet[at] ^= 1 << dice.below(8),
            1 if !packet.is_empty() => packet[at] = dice.byte(),
            2 => packet.truncate(at),
            3 => packet.insert(at, dice.byte()),
            4 if !packet.is_empty() => drop(packet.remove(at)),
            5 if !packet.is_empty() => {
                let piece = packet[at..].to_vec();
                packet.extend(piece);
            }
            6 if packet.len() > at + 1 => {
                packet[at..at + 2].copy_from_slice(&dice.pick(&[[0, 0], [0xff, 0xff], [0, 1]])[..]);
            }
            _ => {}
        }
    }
    if !dice.one_in(4) && packet.len() >= 2 {
        let body = packet.split_off(2.min(packet.len()));
        *packet = whole(packet[0], &body);
    }
}

/// A packet with its fixed header.
fn whole(first: u8, body: &[u8]) -> Vec<u8> {
    let mut packet = vec![first];
    let mut rest = body.len();
    while rest >= 128 {
        packet.push((rest % 128) as u8 | 128);
        rest /= 128;
    }
    packet.push(rest as u8);
    packet.extend(body);
    packet
}

fn text(body: &mut Vec<u8>, text: &[u8]) {
    body.extend((text.len() as u16).to_be_bytes());
    body.extend(text);
}

/// An honest packet of any kind a client may send once it is connected.
fn honest(dice: &mut Dice, version: crate::packet::Version) -> Vec<u8> {
    let v5 = version == crate::packet::Version::V5;
    let id = (dice.roll() % 40) as u16 + 1;
    let mut body = id.to_be_bytes().to_vec();
    let topics: &[&[u8]] =
        &[b"v1/me/hello", b"v1/me/ack", b"v1/me/telemetry", b"v1/me/token", b"v1/me/show", b"x"];
    let payloads: &[&[u8]] = &[
        b"{}",
        br#"{"holds":[]}"#,
        br#"{"id":"01900000-0000-7000-8000-000000000000","revision":1,"outcome":"held"}"#,
        br#"{"battery":80}"#,
        b"good",
        b"",
    ];
    match dice.below(10) {
        0..4 => {
            let qos = dice.below(3) as u8;
            body.clear();
            text(&mut body, dice.pick(topics));
            if qos > 0 {
                body.extend(id.to_be_bytes());
            }
            if v5 {
                body.extend_from_slice(dice.pick(&[
                    &[0][..],
                    &[2, 1, 1],
                    &[5, 38, 0, 0, 0, 0],
                    &[5, 2, 0, 0, 0, 9],
                ]));
            }
            body.extend_from_slice(dice.pick(payloads));
            whole(0x30 | qos << 1, &body)
        }
        4 => {
            if v5 {
                body.push(0);
            }
            let filters: &[&[u8]] = &[b"v1/me/show", b"v1/me/command", b"#", b"v1/badges/+/show", b"a/#/b"];
            for _ in 0..=dice.below(3) {
                text(&mut body, dice.pick(filters));
                body.push(dice.below(3) as u8);
            }
            whole(0x82, &body)
        }
        5 => {
            if v5 {
                body.push(0);
            }
            text(&mut body, dice.pick(&[b"v1/me/show".as_slice(), b"v1/me/command"]));
            whole(0xa2, &body)
        }
        6 | 7 => whole(dice.pick(&[0x40, 0x40, 0x40, 0x62, 0x50, 0x70]), &body),
        8 => whole(0xc0, &[]),
        _ if dice.one_in(20) => whole(0xe0, &[]),
        _ => whole(0x40, &body),
    }
}
