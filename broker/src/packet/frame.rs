//! Cutting the byte stream into packets, before anything is decoded.

use super::{Code, Wrong};

/// One control packet: its first byte, and all that follows the remaining length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Frame<'a> {
    pub(crate) first: u8,
    pub(crate) body: &'a [u8],
    /// With the fixed header.
    pub(crate) whole: &'a [u8],
}

impl Frame<'_> {
    pub(crate) const fn kind(&self) -> u8 {
        self.first >> 4
    }
}

/// The packets a client may send, by their number.
pub(crate) mod kind {
    pub(crate) const CONNECT: u8 = 1;
    pub(crate) const PUBLISH: u8 = 3;
    pub(crate) const PUBACK: u8 = 4;
    pub(crate) const PUBREC: u8 = 5;
    pub(crate) const PUBREL: u8 = 6;
    pub(crate) const PUBCOMP: u8 = 7;
    pub(crate) const SUBSCRIBE: u8 = 8;
    pub(crate) const UNSUBSCRIBE: u8 = 10;
    pub(crate) const PINGREQ: u8 = 12;
    pub(crate) const DISCONNECT: u8 = 14;
    pub(crate) const AUTH: u8 = 15;
}

/// Cuts the first packet off, or answers `None` while it is incomplete.
///
/// The first byte is judged as soon as it is there, so nobody can make us wait for a packet that will be refused.
/// A remaining length written with more bytes than it needs is accepted: 3.1.1 allows it and small clients do it.
pub(crate) fn cut(bytes: &[u8], max_packet: usize) -> Result<Option<Frame<'_>>, Wrong> {
    let Some(&first) = bytes.first() else { return Ok(None) };
    check_first(first)?;
    let mut remaining = 0_usize;
    for at in 1..=4 {
        let Some(&byte) = bytes.get(at) else { return Ok(None) };
        remaining |= usize::from(byte & 0x7f) << (7 * (at - 1));
        if byte & 0x80 == 0 {
            let end = at + 1 + remaining;
            if end > max_packet {
                return Err(Wrong(Code::TooLarge));
            }
            let frame = bytes.get(..end);
            return Ok(frame.map(|whole| Frame { first, body: &whole[at + 1..], whole }));
        }
    }
    Err(Wrong(Code::Malformed))
}

fn check_first(first: u8) -> Result<(), Wrong> {
    let flags = first & 0x0f;
    match first >> 4 {
        kind::PUBLISH if flags & 0b0110 == 0b0110 => Err(Wrong(Code::Malformed)),
        // DUP has to be 0 at QoS 0 [MQTT-3.3.1-2].
        kind::PUBLISH if flags & 0b1110 == 0b1000 => Err(Wrong(Code::Malformed)),
        kind::PUBLISH => Ok(()),
        kind::PUBREL | kind::SUBSCRIBE | kind::UNSUBSCRIBE if flags == 0b0010 => Ok(()),
        kind::CONNECT
        | kind::PUBACK
        | kind::PUBREC
        | kind::PUBCOMP
        | kind::PINGREQ
        | kind::DISCONNECT
        | kind::AUTH
            if flags == 0 =>
        {
            Ok(())
        }
        0
        | kind::PUBREL
        | kind::SUBSCRIBE
        | kind::UNSUBSCRIBE
        | kind::CONNECT
        | kind::PUBACK
        | kind::PUBREC
        | kind::PUBCOMP
        | kind::PINGREQ
        | kind::DISCONNECT
        | kind::AUTH => Err(Wrong(Code::Malformed)),
        // CONNACK, SUBACK, UNSUBACK, PINGRESP: only servers send these.
        _ => Err(Wrong(Code::Protocol)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_packet_is_cut_when_it_is_whole() {
        assert_eq!(cut(&[], 100), Ok(None));
        assert_eq!(cut(&[0x30], 100), Ok(None));
        assert_eq!(cut(&[0x30, 2, 0], 100), Ok(None));
        let two = [0x30, 2, 7, 8, 0xc0, 0];
        let frame = cut(&two, 100).unwrap().unwrap();
        assert_eq!((frame.first, frame.body, frame.whole.len()), (0x30, &[7, 8][..], 4));
        let overlong = cut(&[0xc0, 0x80, 0x00], 100).unwrap().unwrap();
        assert_eq!(overlong.whole.len(), 3);
    }

    #[test]
    fn what_no_client_may_send_is_refused_at_its_first_byte() {
        for first in 0..=255_u8 {
            let flags = first & 15;
            let good = match first >> 4 {
                3 => flags & 6 != 6 && flags & 14 != 8,
                6 | 8 | 10 => flags == 2,
                1 | 4 | 5 | 7 | 12 | 14 | 15 => flags == 0,
                _ => false,
            };
            assert_eq!(cut(&[first], 100).is_ok(), good, "{first:#04x}");
        }
    }

    #[test]
    fn lengths_beyond_the_cap_are_refused_before_they_are_read() {
        assert_eq!(cut(&[0x30, 0xff, 0xff, 0xff, 0x7f], 16_384), Err(Wrong(Code::TooLarge)));
        assert_eq!(cut(&[0x30, 0xff, 0xff, 0xff, 0xff], 16_384), Err(Wrong(Code::Malformed)));
        assert_eq!(cut(&[0x30, 99], 100), Err(Wrong(Code::TooLarge)));
        assert_eq!(cut(&[0x30, 98], 100), Ok(None));
    }
}
