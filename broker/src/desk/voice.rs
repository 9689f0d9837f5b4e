//! How one client is spoken to: in its version, within its window, in no larger packets than it takes.

use badgecast_domain::{
    id::BadgeId,
    topic::{self, Down, Of},
    wire,
};
use rumqttd::protocol::QoS;

use super::{in_flight::InFlight, shows::now, waiting::Shown};
use crate::{
    packet::{Version, connect::Connect, reply::Message},
    tally::Tally,
};

/// A client's version and limits, and what it has not acknowledged.
#[derive(Debug)]
pub(crate) struct Voice {
    pub(super) in_flight: InFlight,
    /// The largest packet the client takes.
    max_packet: u32,
    version: Version,
}

impl Voice {
    pub(crate) fn new(connect: &Connect) -> Self {
        Self {
            in_flight: InFlight::new(connect.receive_maximum),
            max_packet: connect.max_packet,
            version: connect.version,
        }
    }

    /// Writes a show, unless nobody needs it any more.
    pub(super) fn say_show(
        &mut self,
        client: BadgeId,
        shown: &Shown,
        qos: QoS,
        out: &mut Vec<u8>,
        tally: &Tally,
    ) {
        let now = now();
        let until = shown.notice.until();
        if until.is_some_and(|until| until <= now) {
            return tally.shows_expired.one();
        }
        let expiry_s = until.map(|until| until.since(now).as_millis().div_ceil(1_000));
        let json = shown.notice.json(now);
        let message = Unaddressed {
            down: Down::Show,
            expiry_s: expiry_s.map(|s| u32::try_from(s).unwrap_or(u32::MAX)),
            correlation: None,
            payload: &json,
        };
        if self.address(client, shown.badge, message, qos, out) {
            tally.shows_sent.one();
        } else {
            tally.shows_too_large.one();
        }
    }

    pub(super) fn say_command(
        &mut self,
        client: BadgeId,
        (badge, command): (BadgeId, wire::Command),
        qos: QoS,
        out: &mut Vec<u8>,
        tally: &Tally,
    ) {
        let json = serde_json::to_vec(&command).unwrap_or_default();
        let message = Unaddressed {
            down: Down::Command,
            expiry_s: None,
            correlation: Some(command.id.as_bytes()),
            payload: &json,
        };
        if self.address(client, badge, message, qos, out) {
            tally.commands_sent.one();
        }
    }

    /// Writes a message with its topic and packet identifier; false when it is larger than the client takes
    /// [MQTT-3.1.2-24].
    fn address(
        &mut self,
        client: BadgeId,
        badge: BadgeId,
        message: Unaddressed<'_>,
        qos: QoS,
        out: &mut Vec<u8>,
    ) -> bool {
        let of_gateway = (badge != client).then(|| topic::to(Of::Badge(badge), message.down));
        let me = match message.down {
            Down::Show => topic::SHOW,
            Down::Command => topic::COMMAND,
        };
        let mut message = Message {
            topic: of_gateway.as_deref().unwrap_or(me),
            id: (qos != QoS::AtMostOnce).then_some(0),
            expiry_s: message.expiry_s,
            answer: message.correlation.map(|correlation| (topic::ACK, correlation)),
            payload: message.payload,
        };
        if message.bytes(self.version) > self.max_packet as usize {
            return false;
        }
        if message.id.is_some() {
            message.id = self.in_flight.begin();
        }
        message.write(out, self.version);
        true
    }
}

/// A message without its topic and packet identifier.
#[derive(Debug, Clone, Copy)]
struct Unaddressed<'a> {
    down: Down,
    expiry_s: Option<u32>,
    correlation: Option<&'a [u8]>,
    payload: &'a [u8],
}
