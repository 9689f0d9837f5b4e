//! What a session hears.

use std::{sync::Arc, task::Context, time::Duration};

use badgecast_domain::{
    id::BadgeId,
    topic::{self, Of, Up},
    wire,
};
use rumqttd::protocol::QoS;
use tokio::time::Instant;

use super::{
    Session,
    hearing::{Answer, Reply, Settled},
    moment_to_instant,
    pace::Rate,
    parting::Parting,
    scratch::Scratch,
};
use crate::{
    desk::Admission,
    gate::{Admitted, Gate, Refusal, Said, Who},
    packet::{
        self, Code, Frame, Packet, Publish, Version, Wrong,
        reply::{self, Ack},
    },
};

/// How many messages of QoS 1 and 2 a 5.0 client may have unacknowledged. It is told.
pub(super) const RECEIVE_MAXIMUM: u16 = 32;

/// 3.1.1 clients cannot be told; some send a hundred before they look.
const MAX_UNACKNOWLEDGED: usize = 128;

/// Messages at QoS 0 are dropped when so many wait for the house.
const MAX_UNANSWERED: usize = 16;

/// Bursts of this much pass.
const BURST: Duration = Duration::from_secs(4);

impl<G: Gate> Session<G> {
    /// Acts on one packet.
    pub(super) fn hear(&mut self, frame: Frame<'_>, out: &mut Vec<u8>) -> Result<(), Parting> {
        let tally = self.presence.hall.desk.tally();
        tally.packets_in.one();
        match packet::read(self.version, frame).map_err(|Wrong(code)| Parting::Broke(code))? {
            Packet::Acknowledged(id) => {
                if self.presence.seat.acknowledged(id) {
                    tally.acknowledged.one();
                    return Ok(());
                }
                self.count_packet()
            }
            Packet::Publish(publish) => {
                self.count_packet()?;
                self.publish(publish)
            }
            Packet::Subscribe { id, filters } => {
                self.count_packet()?;
                let before = out.len();
                self.subscribe(id, &filters, out);
                self.within(out, before)
            }
            Packet::Unsubscribe { id, filters } => {
                self.count_packet()?;
                let before = out.len();
                self.unsubscribe(id, &filters, out);
                self.within(out, before)
            }
            Packet::Ping => {
                self.count_packet()?;
                reply::pong(out);
                Ok(())
            }
            Packet::Released(id) => {
                self.count_packet()?;
                let known = self.unreleased.iter().position(|held| *held == id);
                if let Some(at) = known {
                    self.unreleased.swap_remove(at);
                }
                let code = if known.is_some() { Code::Success } else { Code::UnknownId };
                reply::ack(out, self.version, Ack::Complete, id, code);
                Ok(())
            }
            Packet::Unasked => self.count_packet(),
            Packet::Disconnect { with_will } => Err(Parting::Left { with_will }),
        }
    }

    /// An answer the client would not take ends the connection: without it the client waits in vain.
    fn within(&self, out: &mut Vec<u8>, before: usize) -> Result<(), Parting> {
        reply::within(out, before, self.max_packet).map_err(|Wrong(code)| Parting::Broke(code))
    }

    fn count_packet(&mut self) -> Result<(), Parting> {
        let per_s = self.hall().settings.packets_per_s.saturating_mul(self.voices());
        self.packets
            .take(self.clock.heard_at, 1, Rate { per_s, burst: BURST })
            .then_some(())
            .ok_or(Parting::TooFast)
    }

    pub(super) fn count_bytes(&mut self, count: usize) -> Result<(), Parting> {
        self.hall().desk.tally().bytes_in.add(count);
        let per_s = self.hall().settings.bytes_per_s.saturating_mul(self.voices());
        self.bytes
            .take(self.clock.heard_at, count, Rate { per_s, burst: BURST })
            .then_some(())
            .ok_or(Parting::TooFast)
    }

    /// For how many badges the client speaks.
    fn voices(&self) -> u32 {
        match &self.admitted.who {
            Who::Badge(_) | Who::Integration { .. } => 1,
            Who::Gateway { .. } => 1 + u32::try_from(self.seat().badges().len()).unwrap_or(u32::MAX - 1),
        }
    }

    /// The badge a topic speaks of, if this client may.
    pub(super) fn badge_of(&self, of: Of) -> Option<BadgeId> {
        match (of, &self.admitted.who) {
            (Of::Me, Who::Badge(member)) => Some(member.badge),
            (Of::Badge(badge), Who::Gateway { .. }) => self.seat().may_speak_for(badge).then_some(badge),
            _ => None,
        }
    }

    fn publish(&mut self, publish: Publish<'_>) -> Result<(), Parting> {
        let reply = match publish.qos {
            QoS::AtMostOnce => None,
            QoS::AtLeastOnce => Some((Ack::Stored, publish.id)),
            QoS::ExactlyOnce => Some((Ack::Received, publish.id)),
        };
        let most = match self.version {
            Version::V4 => MAX_UNACKNOWLEDGED,
            Version::V5 => RECEIVE_MAXIMUM.into(),
        };
        if reply.is_some() && self.hearing.unacknowledged().max(self.unreleased.len()) >= most {
            return Err(Parting::Broke(Code::TooManyInFlight));
        }
        if publish.qos == QoS::ExactlyOnce {
            if self.unreleased.contains(&publish.id) {
                // Said again because our PUBREC was lost: it is stored already [MQTT-4.3.3-10].
                self.hearing.decide(reply, Code::Success);
                return Ok(());
            }
            self.unreleased.push(publish.id);
        }
        let spoken = topic::up(publish.topic);
        if let Some((Of::Me, Up::Token)) = spoken {
            return self.renew(reply, publish.payload);
        }
        let Some((badge, up)) = spoken.and_then(|(of, up)| Some((self.badge_of(of)?, up))) else {
            return self.deny(reply);
        };
        if reply.is_none() && self.hearing.len() >= MAX_UNANSWERED {
            self.hall().desk.tally().messages_dropped.one();
            return Ok(());
        }
        match said(up, publish.payload) {
            Some(said) => {
                if matches!(said, Said::Hello(_)) {
                    self.clock.hello(badge);
                }
                self.ask(reply, badge, said);
            }
            None => {
                self.hall().desk.tally().payloads_malformed.one();
                // 3.1.1 has no word for it, and saying it again would not make it better.
                let code = if self.version == Version::V5 { Code::BadPayload } else { Code::Success };
                self.refuse(reply, code);
            }
        }
        Ok(())
    }

    /// A message to a topic the client may not use: 5.0 is told where an acknowledgement can say so.
    fn deny(&mut self, reply: Reply) -> Result<(), Parting> {
        self.hall().desk.tally().publishes_denied.one();
        if self.version == Version::V4 || reply.is_none() {
            return Err(Parting::Denied);
        }
        self.refuse(reply, Code::NotAuthorized);
        Ok(())
    }

    fn refuse(&mut self, reply: Reply, code: Code) {
        if let Some((Ack::Received, id)) = reply
            && code != Code::Success
        {
            // A PUBREC that says no ends the exchange: there will be no PUBREL [MQTT-4.3.3-9].
            self.unreleased.retain(|held| *held != id);
        }
        self.hearing.decide(reply, code);
    }

    /// Has the house store what a badge said.
    pub(super) fn ask(&mut self, reply: Reply, badge: BadgeId, said: Said) {
        let gate = Arc::clone(&self.hall().gate);
        let line = self.presence.line(badge);
        let desk = &self.hall().desk;
        desk.outlet().said(line.organization, badge, &said, desk.tally());
        self.hearing.ask(reply, async move { Answer::Heard(gate.heard(line, said).await) });
    }

    fn renew(&mut self, reply: Reply, payload: &[u8]) -> Result<(), Parting> {
        let Ok(token) = std::str::from_utf8(payload) else { return Err(Parting::Denied) };
        let (gate, old, token) =
            (Arc::clone(&self.hall().gate), Arc::clone(&self.admitted), token.to_owned());
        let admission = self.hall().desk.admission();
        self.hearing.ask(reply, async move {
            Answer::Renewed(gate.renew(&old, &token).await.map(Box::new), admission)
        });
        Ok(())
    }

    /// Lets the house go on with what was said, and acknowledges what it has settled.
    pub(super) fn settle(&mut self, cx: &mut Context<'_>, scratch: &mut Scratch) -> Result<(), Parting> {
        self.hearing.advance(cx);
        while let Some((reply, settled)) = self.hearing.next() {
            let code = match settled {
                Settled::Code(code) => code,
                Settled::Answer(Answer::Heard(Ok(()))) => Code::Success,
                Settled::Answer(Answer::Heard(Err(_))) => {
                    self.unstored(reply);
                    continue;
                }
                Settled::Answer(Answer::Renewed(Ok(admitted), admission)) => {
                    self.renewed(*admitted, &admission)?;
                    Code::Success
                }
                Settled::Answer(Answer::Renewed(Err(Refusal::Unavailable), _)) => {
                    self.unstored(reply);
                    continue;
                }
                Settled::Answer(Answer::Renewed(Err(_), _)) => {
                    if let (Some((ack, id)), Version::V5) = (reply, self.version) {
                        reply::ack(&mut scratch.out, self.version, ack, id, Code::NotAuthorized);
                    }
                    return Err(Parting::Denied);
                }
            };
            if let Some((ack, id)) = reply {
                reply::ack(&mut scratch.out, self.version, ack, id, code);
            }
        }
        Ok(())
    }

    /// No acknowledgement: the client says it again when it comes back, which it is made to do after a while.
    fn unstored(&mut self, reply: Reply) {
        self.hall().desk.tally().messages_unstored.one();
        if reply.is_some() {
            let grace = self.hall().settings.unstored_grace;
            self.clock.let_go_at.get_or_insert(Instant::now() + grace);
        }
    }

    fn renewed(&mut self, admitted: Admitted, admission: &Admission) -> Result<(), Parting> {
        if client_of(&admitted.who) != client_of(&self.admitted.who) {
            return Err(Parting::Denied);
        }
        self.hall().desk.tally().renewed.one();
        self.hall().desk.renewed(self.seat(), self.presence.token, admitted.token);
        self.presence.token = admitted.token;
        self.hall().desk.catch_up(admission, self.seat(), admitted.token);
        self.clock.expires_at = moment_to_instant(&admitted);
        self.admitted = Arc::new(admitted);
        Ok(())
    }
}

fn client_of(who: &Who) -> uuid::Uuid {
    match who {
        Who::Badge(member) => member.badge.uuid(),
        Who::Gateway { gateway, .. } => gateway.uuid(),
        Who::Integration { client } => client.uuid(),
    }
}

/// Reads a payload; `None` when it is not of its topic's form.
pub(crate) fn said(up: Up, payload: &[u8]) -> Option<Said> {
    // serde would take an array for an object.
    if payload.trim_ascii_start().first() != Some(&b'{') {
        return None;
    }
    match up {
        Up::Hello => {
            let hello: wire::Hello = serde_json::from_slice(payload).ok()?;
            (hello.holds.len() <= wire::MAX_HOLDS).then_some(Said::Hello(hello))
        }
        Up::Ack => serde_json::from_slice(payload).ok().map(Said::Ack),
        Up::Telemetry => serde_json::from_slice(payload).ok().map(Said::Telemetry),
        Up::Token => None,
    }
}
