//! A client's place at the desk, and who the house believes is there.

use std::sync::Arc;

use badgecast_domain::id::{BadgeId, TokenId};

use super::Hall;
use crate::{
    desk::seat::Seat,
    gate::{Gate, Line},
};

/// A client's place at the desk. However the session ends, also by a panic in the house, the place is given back.
pub(super) struct Presence<G: Gate> {
    pub(super) hall: Arc<Hall<G>>,
    pub(super) seat: Arc<Seat>,
    pub(super) token: TokenId,
    /// The badges the house was told of.
    pub(super) present: Vec<BadgeId>,
}

impl<G: Gate> Presence<G> {
    pub(super) fn line(&self, badge: BadgeId) -> Line {
        Line { organization: self.seat.organization, badge, connection: self.seat.connection }
    }

    pub(super) fn came(&mut self, badge: BadgeId) {
        if !self.present.contains(&badge) {
            self.present.push(badge);
            self.hall.gate.came(self.line(badge));
            self.tell_outlet(badge, true);
        }
    }

    /// A gateway is no badge: integrations do not see it.
    fn tell_outlet(&self, badge: BadgeId, online: bool) {
        let (seat, desk) = (&self.seat, &self.hall.desk);
        if seat.is_badge() || badge != seat.client {
            desk.outlet().presence(seat.organization, badge, seat.connection, online, desk.tally());
        }
    }

    pub(super) fn went(&mut self, badge: BadgeId) {
        if let Some(at) = self.present.iter().position(|present| *present == badge) {
            self.present.swap_remove(at);
            self.hall.gate.went(self.line(badge));
            self.tell_outlet(badge, false);
        }
    }
}

impl<G: Gate> Drop for Presence<G> {
    fn drop(&mut self) {
        self.hall.desk.leave(&self.seat, self.token);
        // Whoever holds the seat still does not hold the socket.
        self.seat.hang_up();
        for badge in std::mem::take(&mut self.present) {
            self.hall.gate.went(self.line(badge));
            self.tell_outlet(badge, false);
        }
    }
}
