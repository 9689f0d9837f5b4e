//! The desk: every session of this process, by client, badge, organization and token.
//!
//! It hands shows, commands and ends to sessions and never waits for one: what it leaves in a session's [`Seat`] is
//! bounded, and the client gets it when it takes it: from its session, or, when many get the same, in a [`Round`]. It
//! knows no SQL.

pub(crate) mod in_flight;
mod missed;
mod roll;
mod round;
pub(crate) mod seat;
pub(crate) mod shows;
pub(crate) mod voice;
mod waiting;

use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use badgecast_domain::{
    announcement::Audience,
    display::Panel,
    id::{BadgeId, ConnectionId, OrganizationId, TokenId},
    wire,
};

pub(crate) use self::roll::Entry;
use self::{
    missed::{Missed, Told},
    roll::Roll,
    round::Round,
    seat::{Left, Seat},
    shows::Shows,
};
use crate::{
    gate::Member,
    outlet::{Elsewhere, Outlet},
    tally::{Figures, Tally},
};

/// Whom a show is for.
#[derive(Debug, Clone, Copy)]
pub enum Target<'a> {
    Badge(BadgeId),
    Audience(OrganizationId, &'a Audience),
}

/// Whose connections end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whom {
    /// A badge, a gateway or an integration's client, by its id.
    Badge(BadgeId),
    /// The connection that was opened, or last renewed, with this token.
    Token(TokenId),
    Organization(OrganizationId),
    All,
}

impl Whom {
    fn means(self, seat: &Seat, of: TokenId) -> bool {
        match self {
            Self::Badge(client) => client == seat.client,
            Self::Token(token) => token == of,
            Self::Organization(organization) => organization == seat.organization,
            Self::All => true,
        }
    }
}

/// Why the house ends a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum End {
    /// The token's time is over: DISCONNECT 0x87, and the will is heard.
    Expired,
    /// The token, the badge or its client was revoked: DISCONNECT 0x98, and the will is not heard.
    Revoked,
    /// The same client connected elsewhere: DISCONNECT 0x8E.
    TakenOver,
    /// This process goes: DISCONNECT 0x8B.
    Shutdown,
}

/// All sessions of this process. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Desk {
    inner: Arc<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    roll: RwLock<Roll>,
    tally: Tally,
    waiting: std::sync::atomic::AtomicUsize,
    outlet: Arc<Outlet>,
    missed: Missed,
}

/// An admission under way: from before the gate is asked until the client sits down, or does not.
#[derive(Debug)]
pub(crate) struct Admission {
    desk: Desk,
    since: std::time::Instant,
}

impl Drop for Admission {
    fn drop(&mut self) {
        self.desk.inner.missed.end();
    }
}

impl Desk {
    /// Leaves a show with every subscribed session it is for, and answers how many badges that reached.
    ///
    /// Each session keeps the newest per layer id only. The JSON is encoded once per panel, and not at all for a
    /// panel nobody has.
    pub fn show(&self, target: Target<'_>, shows: &Shows) -> usize {
        let mut round = Round::new(self);
        let roll = self.roll();
        let mut reached = 0;
        let mut leave = |badge: BadgeId, entry: &Entry, in_a_round: bool| {
            let Some(notice) = shows.for_panel(entry.panel) else { return };
            let left = entry.seat.show(badge, notice, in_a_round, self.tally());
            reached += usize::from(left != Left::Nowhere);
            if left == Left::Waits {
                round.add(&entry.seat);
            }
        };
        match target {
            Target::Badge(badge) => {
                if let Some(entry) = roll.badge(badge) {
                    leave(badge, entry, false);
                }
            }
            Target::Audience(organization, audience) => {
                roll.audience(organization, audience, |badge, entry| leave(badge, entry, true));
            }
        }
        self.tally().shows_queued.add(reached);
        reached
    }

    /// Tells a badge to do something; false when it is not connected, not subscribed, or has too much to do already.
    #[must_use]
    pub fn command(&self, badge: BadgeId, command: wire::Command) -> bool {
        self.roll().badge(badge).is_some_and(|entry| entry.seat.command(badge, command))
    }

    /// Ends connections, and answers how many. Their sessions write the last word within milliseconds.
    pub fn end(&self, whom: Whom, why: End) -> usize {
        // Remembered first, so that a session either is found here or hears of it when it sits down.
        self.inner.missed.tell(|| Told::End(whom, why));
        let seats = self.roll().seats(whom);
        for seat in &seats {
            seat.end(why);
        }
        seats.len()
    }

    /// A badge's groups, tags or panel changed; answers what they were. Nothing happens when it is not connected.
    pub fn retag(&self, member: Member) -> Option<Member> {
        self.inner.missed.tell(|| Told::Retag(member.clone()));
        self.roll_mut().retag(member)
    }

    /// The badges a gateway speaks for from now on. Nothing happens when it is not connected.
    pub fn assign(&self, gateway: BadgeId, badges: Vec<Member>) {
        self.inner.missed.tell(|| Told::Assign(gateway, badges.clone()));
        self.roll_mut().assign(gateway, badges);
    }

    /// What a badge shows now, as JSON for integrations (`v1/orgs/../display`); `None` when it is not told any more.
    pub fn tell_display(&self, organization: OrganizationId, badge: BadgeId, json: Option<&[u8]>) {
        self.inner.outlet.display(organization, badge, json, self.tally());
    }

    /// Integrations hear which badges other processes serve: these, and no others.
    pub fn tell_elsewhere(&self, organization: OrganizationId, badges: &[Elsewhere]) {
        self.inner.outlet.elsewhere(organization, badges, self.tally());
    }

    /// Integrations hear that a badge is away, unless it has been connected since the start.
    pub fn tell_absent(&self, organization: OrganizationId, badge: BadgeId) {
        let nobody = ConnectionId::from_uuid(uuid::Uuid::nil());
        self.inner.outlet.presence(organization, badge, nobody, false, self.tally());
    }

    /// Whether an integration of this organization is connected.
    #[must_use]
    pub fn is_read(&self, organization: OrganizationId) -> bool {
        self.inner.outlet.is_read(organization)
    }

    /// A badge is retired: integrations forget it for good.
    pub fn forget(&self, organization: OrganizationId, badge: BadgeId) {
        self.inner.outlet.forget(organization, badge, self.tally());
    }

    /// Whether a badge can be spoken to through this process: it is connected, or its gateway subscribed for it.
    #[must_use]
    pub fn holds(&self, badge: BadgeId) -> bool {
        self.roll().badge(badge).is_some_and(|entry| entry.seat.speaks_for(badge))
    }

    /// Kills what spreads news among integrations. Nothing else may notice.
    #[cfg(feature = "faults")]
    pub fn kill_router(&self) {
        self.inner.outlet.kill();
    }

    /// How many more layers may wait for a badge before the oldest goes; `None` when it is not connected.
    #[must_use]
    pub fn room(&self, badge: BadgeId) -> Option<usize> {
        self.roll().badge(badge).map(|entry| entry.seat.room())
    }

    /// The panel of a badge that is connected here and is in this audience. The desk hears of changes a moment after the
    /// database: who is not in it here may be in it there.
    #[must_use]
    pub fn panel_in(
        &self,
        organization: OrganizationId,
        audience: &Audience,
        badge: BadgeId,
    ) -> Option<Panel> {
        let roll = self.roll();
        let entry = roll.badge(badge).filter(|entry| entry.seat.organization == organization)?;
        entry.is_in(audience, badge).then_some(entry.panel)
    }

    /// How many connections are logged in.
    #[must_use]
    pub fn connected(&self) -> usize {
        self.roll().connections()
    }

    /// Everything that was counted.
    #[must_use]
    pub fn figures(&self) -> Figures {
        let waiting = self.inner.waiting.load(std::sync::atomic::Ordering::Relaxed);
        self.tally().figures(self.connected(), waiting)
    }

    /// The gate is about to be asked about someone.
    pub(crate) fn admission(&self) -> Admission {
        Admission { desk: self.clone(), since: self.inner.missed.begin() }
    }

    /// Tells a session that sat down what was said about it since its admission began.
    pub(crate) fn catch_up(&self, admission: &Admission, seat: &Arc<Seat>, token: TokenId) {
        for told in self.inner.missed.since(admission.since) {
            match told {
                Told::End(whom, why) if whom.means(seat, token) => seat.end(why),
                Told::Retag(member) if member.badge == seat.client => {
                    self.roll_mut().retag(member);
                }
                Told::Assign(gateway, badges) if gateway == seat.client => {
                    self.roll_mut().assign(gateway, badges);
                }
                Told::End(..) | Told::Retag(_) | Told::Assign(..) => {}
            }
        }
    }

    /// A session begins; the one it replaces is told.
    pub(crate) fn enter(&self, seat: &Arc<Seat>, token: TokenId, members: Vec<Member>) {
        if let Some(old) = self.roll_mut().enter(seat, token, members) {
            old.end(End::TakenOver);
        }
    }

    /// A session is over. What its client left behind is untouched if it has connected again.
    pub(crate) fn leave(&self, seat: &Arc<Seat>, token: TokenId) {
        self.roll_mut().leave(seat, token);
    }

    /// The session's token was renewed.
    pub(crate) fn renewed(&self, seat: &Arc<Seat>, old: TokenId, new: TokenId) {
        self.roll_mut().renewed(seat, old, new);
    }

    pub(crate) fn outlet(&self) -> &Arc<Outlet> {
        &self.inner.outlet
    }

    pub(crate) fn readers(&self) -> usize {
        self.roll().readers()
    }

    /// An integration begins; the one it replaces is told.
    pub(crate) fn enter_reader(&self, seat: &Arc<Seat>, name: &str, token: TokenId) {
        if let Some(old) = self.roll_mut().enter_reader(seat, name, token) {
            old.end(End::TakenOver);
        }
    }

    pub(crate) fn leave_reader(&self, seat: &Arc<Seat>, token: TokenId) {
        self.roll_mut().leave_reader(seat, token);
    }

    pub(crate) fn all(&self) -> Vec<Arc<Seat>> {
        self.roll().seats(Whom::All)
    }

    pub(crate) fn tally(&self) -> &Tally {
        &self.inner.tally
    }

    pub(crate) fn waiting(&self) -> &std::sync::atomic::AtomicUsize {
        &self.inner.waiting
    }

    /// A panic while the roll was held cannot leave it half changed in a way that matters: go on.
    fn roll(&self) -> RwLockReadGuard<'_, Roll> {
        self.inner.roll.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn roll_mut(&self) -> RwLockWriteGuard<'_, Roll> {
        self.inner.roll.write().unwrap_or_else(PoisonError::into_inner)
    }
}
