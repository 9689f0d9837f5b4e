//! A strict walk over the bytes of one packet.
//!
//! rumqttd's codec does not look at packet id 0, NUL in strings, repeated or misplaced properties or reserved bits,
//! and some broken packets make it panic. So every packet is walked before it is decoded.

use super::{Code, Wrong};

/// Reads a packet's body from front to back. Every read past the end is [`Code::Malformed`].
#[derive(Debug, Clone)]
pub(crate) struct Walk<'a>(&'a [u8]);

/// The value of one property.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Value<'a> {
    Number(u32),
    Bytes(&'a [u8]),
    /// A user property; nobody here reads it.
    Pair,
}

impl Value<'_> {
    pub(crate) const fn number(self) -> u32 {
        match self {
            Self::Number(number) => number,
            Self::Bytes(_) | Self::Pair => 0,
        }
    }
}

/// Property identifiers (MQTT 5.0 section 2.2.2.2).
pub(crate) mod property {
    pub(crate) const PAYLOAD_FORMAT: u8 = 1;
    pub(crate) const MESSAGE_EXPIRY: u8 = 2;
    pub(crate) const CONTENT_TYPE: u8 = 3;
    pub(crate) const RESPONSE_TOPIC: u8 = 8;
    pub(crate) const CORRELATION_DATA: u8 = 9;
    pub(crate) const SUBSCRIPTION_ID: u8 = 11;
    pub(crate) const SESSION_EXPIRY: u8 = 17;
    pub(crate) const ASSIGNED_CLIENT_ID: u8 = 18;
    pub(crate) const SERVER_KEEP_ALIVE: u8 = 19;
    pub(crate) const AUTHENTICATION_METHOD: u8 = 21;
    pub(crate) const AUTHENTICATION_DATA: u8 = 22;
    pub(crate) const REQUEST_PROBLEM: u8 = 23;
    pub(crate) const WILL_DELAY: u8 = 24;
    pub(crate) const REQUEST_RESPONSE: u8 = 25;
    pub(crate) const REASON: u8 = 31;
    pub(crate) const RECEIVE_MAXIMUM: u8 = 33;
    pub(crate) const TOPIC_ALIAS_MAXIMUM: u8 = 34;
    pub(crate) const TOPIC_ALIAS: u8 = 35;
    pub(crate) const RETAIN_AVAILABLE: u8 = 37;
    pub(crate) const USER: u8 = 38;
    pub(crate) const MAXIMUM_PACKET: u8 = 39;
    pub(crate) const SUBSCRIPTION_ID_AVAILABLE: u8 = 41;
    pub(crate) const SHARED_AVAILABLE: u8 = 42;
}

const MALFORMED: Wrong = Wrong(Code::Malformed);
const PROTOCOL: Wrong = Wrong(Code::Protocol);

impl<'a> Walk<'a> {
    pub(crate) const fn new(body: &'a [u8]) -> Self {
        Self(body)
    }

    pub(crate) const fn is_done(&self) -> bool {
        self.0.is_empty()
    }

    /// Everything that is left.
    pub(crate) const fn rest(self) -> &'a [u8] {
        self.0
    }

    /// Nothing may follow.
    pub(crate) const fn end(self) -> Result<(), Wrong> {
        if self.0.is_empty() { Ok(()) } else { Err(MALFORMED) }
    }

    pub(crate) fn take(&mut self, count: usize) -> Result<&'a [u8], Wrong> {
        let (taken, rest) = self.0.split_at_checked(count).ok_or(MALFORMED)?;
        self.0 = rest;
        Ok(taken)
    }

    pub(crate) fn byte(&mut self) -> Result<u8, Wrong> {
        Ok(self.take(1)?[0])
    }

    pub(crate) fn two(&mut self) -> Result<u16, Wrong> {
        let bytes = self.take(2)?;
        Ok(u16::from_be_bytes([bytes[0], bytes[1]]))
    }

    fn four(&mut self) -> Result<u32, Wrong> {
        let bytes = self.take(4)?;
        Ok(u32::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]))
    }

    /// A packet identifier: never 0 [MQTT-2.2.1-3].
    pub(crate) fn id(&mut self) -> Result<u16, Wrong> {
        let id = self.two()?;
        if id == 0 { Err(PROTOCOL) } else { Ok(id) }
    }

    /// Binary data with its length before it.
    pub(crate) fn data(&mut self) -> Result<&'a [u8], Wrong> {
        let length = self.two()?;
        self.take(length.into())
    }

    /// A string: UTF-8 without NUL [MQTT-1.5.4-1, 1.5.4-2].
    pub(crate) fn string(&mut self) -> Result<&'a str, Wrong> {
        let text = std::str::from_utf8(self.data()?).map_err(|_| MALFORMED)?;
        if text.contains('\0') { Err(MALFORMED) } else { Ok(text) }
    }

    /// A variable byte integer in its shortest form [MQTT-1.5.5-1].
    pub(crate) fn variable(&mut self) -> Result<u32, Wrong> {
        let mut value = 0;
        for at in 0..4 {
            let byte = self.byte()?;
            value |= u32::from(byte & 0x7f) << (7 * at);
            if byte & 0x80 == 0 {
                return if byte == 0 && at > 0 { Err(MALFORMED) } else { Ok(value) };
            }
        }
        Err(MALFORMED)
    }

    /// The properties of a packet; one that is not `allowed` in it makes it malformed, a repeated one is a protocol error.
    pub(crate) fn properties(
        &mut self,
        allowed: &[u8],
        mut each: impl FnMut(u8, Value<'a>) -> Result<(), Wrong>,
    ) -> Result<(), Wrong> {
        let length = self.variable()?;
        let mut inside = Walk(self.take(length as usize)?);
        let mut seen = 0_u64;
        while !inside.is_done() {
            let id = inside.byte()?;
            let value = inside.value(id)?;
            if !allowed.contains(&id) {
                return Err(MALFORMED);
            }
            if id != property::USER && seen >> id & 1 == 1 {
                return Err(PROTOCOL);
            }
            seen |= 1 << id;
            each(id, value)?;
        }
        Ok(())
    }

    fn value(&mut self, id: u8) -> Result<Value<'a>, Wrong> {
        let flag = |number: u8| if number > 1 { Err(PROTOCOL) } else { Ok(Value::Number(number.into())) };
        let counted = |number: u32| if number == 0 { Err(PROTOCOL) } else { Ok(Value::Number(number)) };
        match id {
            property::PAYLOAD_FORMAT | property::REQUEST_PROBLEM | property::REQUEST_RESPONSE => {
                flag(self.byte()?)
            }
            property::RECEIVE_MAXIMUM => counted(self.two()?.into()),
            // Alias 0 is an invalid alias, and so is any other: none was offered.
            property::TOPIC_ALIAS | property::TOPIC_ALIAS_MAXIMUM => Ok(Value::Number(self.two()?.into())),
            property::MESSAGE_EXPIRY | property::SESSION_EXPIRY | property::WILL_DELAY => {
                Ok(Value::Number(self.four()?))
            }
            property::MAXIMUM_PACKET => counted(self.four()?),
            property::SUBSCRIPTION_ID => counted(self.variable()?),
            property::RESPONSE_TOPIC => {
                let topic = self.string()?;
                // [MQTT-3.3.2-14]
                if topic.contains(['+', '#']) { Err(PROTOCOL) } else { Ok(Value::Bytes(topic.as_bytes())) }
            }
            property::CONTENT_TYPE | property::AUTHENTICATION_METHOD | property::REASON => {
                Ok(Value::Bytes(self.string()?.as_bytes()))
            }
            property::CORRELATION_DATA | property::AUTHENTICATION_DATA => Ok(Value::Bytes(self.data()?)),
            property::USER => {
                self.string()?;
                self.string()?;
                Ok(Value::Pair)
            }
            // Unknown, or one that only servers send.
            _ => Err(MALFORMED),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_have_one_spelling() {
        assert_eq!(Walk::new(&[0x80, 0x01]).variable(), Ok(128));
        assert_eq!(Walk::new(&[0x80, 0x00]).variable(), Err(MALFORMED));
        assert_eq!(Walk::new(&[0xff, 0xff, 0xff, 0xff, 1]).variable(), Err(MALFORMED));
        assert_eq!(Walk::new(&[0x80]).variable(), Err(MALFORMED));
    }

    #[test]
    fn strings_are_utf8_without_nul() {
        assert_eq!(Walk::new(&[0, 1, b'a']).string(), Ok("a"));
        for wrong in [&[0, 1, 0][..], &[0, 1, 0xff], &[0, 2, b'a'], &[0], &[0, 3, 0xed, 0xa0, 0x80]] {
            assert_eq!(Walk::new(wrong).string(), Err(MALFORMED), "{wrong:?}");
        }
    }

    #[test]
    fn a_property_comes_once_and_where_it_belongs() {
        let read =
            |bytes: &[u8]| Walk::new(bytes).properties(&[property::USER, property::REASON], |_, _| Ok(()));
        assert_eq!(read(&[0]), Ok(()));
        assert_eq!(read(&[4, 31, 0, 1, b'x']), Ok(()));
        assert_eq!(read(&[10, 38, 0, 0, 0, 0, 38, 0, 0, 0, 0]), Ok(()));
        assert_eq!(read(&[6, 31, 0, 0, 31, 0, 0]), Err(PROTOCOL));
        assert_eq!(read(&[5, 17, 0, 0, 0, 1]), Err(MALFORMED));
        assert_eq!(read(&[2, 99, 0]), Err(MALFORMED));
        assert_eq!(read(&[3, 31, 0, 9]), Err(MALFORMED));
        assert_eq!(read(&[9, 31, 0, 1, b'x']), Err(MALFORMED));
    }
}
