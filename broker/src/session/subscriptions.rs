//! Which topics a client listens to.

use badgecast_domain::{
    id::BadgeId,
    topic::{self, Down},
};
use rumqttd::protocol::{Filter, QoS, valid_filter};
use tokio::time::Instant;

use super::Session;
use crate::{
    gate::{Gate, Who},
    packet::{Code, Version, reply},
};

impl<G: Gate> Session<G> {
    pub(super) fn subscribe(&mut self, id: u16, filters: &[Filter], out: &mut Vec<u8>) {
        let codes: Vec<u8> = filters.iter().map(|filter| self.open(filter)).collect();
        reply::suback(out, self.version, id, codes.into_iter());
    }

    /// Opens one filter, and answers its code in SUBACK.
    fn open(&mut self, filter: &Filter) -> u8 {
        let own = topic::down(&filter.path).and_then(|(of, down)| Some((self.badge_of(of)?, down)));
        let Some((badge, down)) = own else {
            self.hall().desk.tally().subscriptions_denied.one();
            return match self.version {
                // 3.1.1 has one word for it; the codec would write another.
                Version::V4 => Code::Unspecified as u8,
                Version::V5 if filter.path.starts_with("$share/") => Code::NoShared as u8,
                Version::V5 if !valid_filter(&filter.path) => Code::BadFilter as u8,
                Version::V5 => Code::NotAuthorized as u8,
            };
        };
        let granted = if filter.qos == QoS::AtMostOnce { QoS::AtMostOnce } else { QoS::AtLeastOnce };
        let first = down == Down::Show && self.seat().listens(badge, down).is_none();
        self.seat().listen(badge, down, Some(granted));
        if first {
            let by = Instant::now() + self.hall().settings.hello_within;
            self.clock.await_hello(badge, by);
            self.presence.came(badge);
        }
        granted as u8
    }

    pub(super) fn unsubscribe(&mut self, id: u16, filters: &[String], out: &mut Vec<u8>) {
        let codes: Vec<u8> = filters
            .iter()
            .map(|filter| {
                let own = topic::down(filter).and_then(|(of, down)| Some((self.badge_of(of)?, down)));
                match own {
                    Some((badge, down)) if self.seat().listens(badge, down).is_some() => {
                        self.close(badge, down);
                        Code::Success as u8
                    }
                    _ => Code::NoSubscription as u8,
                }
            })
            .collect();
        reply::unsuback(out, self.version, id, codes.into_iter());
    }

    fn close(&mut self, badge: BadgeId, down: Down) {
        self.seat().listen(badge, down, None);
        if down == Down::Show {
            self.clock.hello(badge);
            // A gateway that stops listening for a badge has lost it; a badge itself is still there.
            if badge != self.seat().client {
                self.presence.went(badge);
            }
        }
    }

    /// A gateway's badges may be taken from it while it is connected.
    pub(super) fn follow_assignment(&mut self) {
        if matches!(self.admitted.who, Who::Gateway { .. }) && self.presence.present.len() > 1 {
            let client = self.seat().client;
            let gone = |badge: &BadgeId| *badge != client && !self.seat().may_speak_for(*badge);
            let lost: Vec<BadgeId> =
                self.presence.present.iter().filter(|badge| gone(badge)).copied().collect();
            for badge in lost {
                self.clock.hello(badge);
                self.presence.went(badge);
            }
        }
    }
}
