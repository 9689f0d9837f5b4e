//! What a session says.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use badgecast_domain::{
    id::BadgeId,
    topic::{self, Down, Of},
    wire,
};
use rumqttd::protocol::QoS;
use tokio::{io::AsyncWrite, time::Instant};

use super::{Session, parting::Parting, scratch::Scratch};
use crate::{
    desk::{
        seat::{Next, Shown},
        shows::now,
    },
    gate::Gate,
    packet::reply::Message,
};

/// Enough for one write. What is beyond waits at the desk, where newer news replaces it.
const BATCH_BYTES: usize = 16 * 1024;

impl<G: Gate> Session<G> {
    /// Takes from the seat what the client has room for.
    pub(super) fn say(&mut self, scratch: &mut Scratch) {
        // While the client takes nothing, what is left at the desk stays there, and stays the newest.
        while scratch.said == 0 && scratch.out.len() < BATCH_BYTES && self.in_flight.has_room() {
            match self.presence.seat.take() {
                Some(Next::Show(shown, qos)) => self.say_show(&shown, qos, &mut scratch.out),
                Some(Next::Command(badge, command, qos)) => {
                    self.say_command(badge, command, qos, &mut scratch.out);
                }
                None => return,
            }
        }
    }

    fn say_show(&mut self, shown: &Shown, qos: QoS, out: &mut Vec<u8>) {
        let now = now();
        let until = shown.notice.until();
        if until.is_some_and(|until| until <= now) {
            return self.hall().desk.tally().shows_expired.one();
        }
        let expiry_s = until.map(|until| until.since(now).as_millis().div_ceil(1_000));
        let json = shown.notice.json(now);
        let message = Unaddressed {
            down: Down::Show,
            expiry_s: expiry_s.map(|s| u32::try_from(s).unwrap_or(u32::MAX)),
            correlation: None,
            payload: &json,
        };
        if self.address(shown.badge, message, qos, out) {
            self.hall().desk.tally().shows_sent.one();
        } else {
            self.hall().desk.tally().shows_too_large.one();
        }
    }

    fn say_command(&mut self, badge: BadgeId, command: wire::Command, qos: QoS, out: &mut Vec<u8>) {
        let json = serde_json::to_vec(&command).unwrap_or_default();
        let message = Unaddressed {
            down: Down::Command,
            expiry_s: None,
            correlation: Some(command.id.as_bytes()),
            payload: &json,
        };
        if self.address(badge, message, qos, out) {
            self.hall().desk.tally().commands_sent.one();
        }
    }

    /// Writes a message with its topic and packet identifier; false when it is larger than the client takes
    /// [MQTT-3.1.2-24].
    fn address(&mut self, badge: BadgeId, message: Unaddressed<'_>, qos: QoS, out: &mut Vec<u8>) -> bool {
        let of_gateway = (badge != self.seat().client).then(|| topic::to(Of::Badge(badge), message.down));
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

    /// Writes what there is to say, as far as the client takes it.
    pub(super) fn write(&mut self, cx: &mut Context<'_>, scratch: &mut Scratch) -> Result<(), Parting> {
        let mut said = 0;
        while !scratch.unsaid().is_empty() {
            match Pin::new(&mut self.pipe).poll_write(cx, scratch.unsaid()) {
                Poll::Ready(Ok(0) | Err(_)) => return Err(Parting::Lost),
                Poll::Ready(Ok(count)) => {
                    scratch.said += count;
                    said += count;
                }
                Poll::Pending => break,
            }
        }
        if said > 0 {
            self.hall().desk.tally().bytes_out.add(said);
        }
        let flushed = match Pin::new(&mut self.pipe).poll_flush(cx) {
            Poll::Ready(Ok(())) => true,
            Poll::Ready(Err(_)) => return Err(Parting::Lost),
            Poll::Pending => false,
        };
        if scratch.unsaid().is_empty() {
            scratch.out.clear();
            scratch.said = 0;
        }
        let stalled = !flushed || !scratch.unsaid().is_empty();
        self.clock.stalled_at = match self.clock.stalled_at {
            _ if !stalled => None,
            Some(since) if said == 0 => Some(since),
            _ => Some(Instant::now()),
        };
        Ok(())
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
