//! A session's seat at the desk: what others leave there until the session takes it.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::Waker,
};

use badgecast_domain::{
    id::{BadgeId, ConnectionId, OrganizationId},
    topic::Down,
    wire,
};
use rumqttd::protocol::QoS;

pub(crate) use super::waiting::Shown;
use super::{
    End,
    shows::Notice,
    waiting::{Added, MAX_WAITING, Waiting},
};
use crate::tally::Tally;

/// How many commands may wait on one session.
const MAX_COMMANDS: usize = 8;

/// One session as others see it. The session alone takes from it; everyone may leave something.
#[derive(Debug)]
pub(crate) struct Seat {
    /// The badge's id, or the gateway's.
    pub(crate) client: BadgeId,
    pub(crate) organization: OrganizationId,
    pub(crate) connection: ConnectionId,
    inside: Mutex<Inside>,
}

#[derive(Debug)]
struct Inside {
    waker: Option<Waker>,
    /// Someone rang and the session has not looked yet: a second ring would only cost.
    rung: bool,
    end: Option<End>,
    open: Open,
    shows: Waiting,
    commands: Vec<(BadgeId, wire::Command)>,
}

/// Which topics the client listens to.
#[derive(Debug)]
enum Open {
    /// A badge: its own.
    Me(Topics),
    /// A gateway: those of each badge assigned to it.
    Badges(HashMap<BadgeId, Topics>),
    /// An integration: none of the desk's.
    Nothing,
}

/// The topics of one badge, with the QoS they were granted.
#[derive(Debug, Clone, Copy, Default)]
struct Topics {
    show: Option<QoS>,
    command: Option<QoS>,
}

impl Topics {
    const fn of(&mut self, down: Down) -> &mut Option<QoS> {
        match down {
            Down::Show => &mut self.show,
            Down::Command => &mut self.command,
        }
    }
}

impl Open {
    fn of(&mut self, client: BadgeId, badge: BadgeId) -> Option<&mut Topics> {
        match self {
            Self::Me(topics) if client == badge => Some(topics),
            Self::Me(_) | Self::Nothing => None,
            Self::Badges(badges) => badges.get_mut(&badge),
        }
    }

    fn badges(&self) -> usize {
        match self {
            Self::Me(_) | Self::Nothing => 1,
            Self::Badges(badges) => badges.len().max(1),
        }
    }
}

/// What a session finds when it looks.
#[derive(Debug)]
pub(crate) enum Next {
    Show(Shown, QoS),
    Command(BadgeId, wire::Command, QoS),
}

impl Seat {
    /// A badge's seat.
    pub(crate) fn of_badge(badge: BadgeId, organization: OrganizationId) -> Arc<Self> {
        Self::new(badge, organization, Open::Me(Topics::default()))
    }

    /// A gateway's seat, that speaks for these badges.
    pub(crate) fn of_gateway(
        gateway: BadgeId,
        organization: OrganizationId,
        badges: impl Iterator<Item = BadgeId>,
    ) -> Arc<Self> {
        Self::new(
            gateway,
            organization,
            Open::Badges(badges.map(|badge| (badge, Topics::default())).collect()),
        )
    }

    /// An integration's seat, which is only ever told to end. It goes by its client's id.
    pub(crate) fn of_reader(client: BadgeId, organization: OrganizationId) -> Arc<Self> {
        Self::new(client, organization, Open::Nothing)
    }

    fn new(client: BadgeId, organization: OrganizationId, open: Open) -> Arc<Self> {
        let inside = Inside {
            waker: None,
            rung: false,
            end: None,
            open,
            shows: Waiting::default(),
            commands: Vec::new(),
        };
        Arc::new(Self { client, organization, connection: ConnectionId::new(), inside: Mutex::new(inside) })
    }

    /// Leaves a show, if the client listens for it.
    pub(super) fn show(&self, badge: BadgeId, notice: &Arc<Notice>, tally: &Tally) -> bool {
        let mut inside = self.inside();
        if inside.open.of(self.client, badge).is_none_or(|topics| topics.show.is_none()) {
            return false;
        }
        let max = MAX_WAITING * inside.open.badges();
        match inside.shows.add(Shown { badge, notice: Arc::clone(notice) }, max) {
            Added::Queued => {}
            Added::Replaced => tally.shows_replaced.one(),
            Added::Dropped => tally.shows_dropped.one(),
        }
        inside.ring();
        true
    }

    /// How many more shows may wait.
    pub(super) fn room(&self) -> usize {
        let inside = self.inside();
        (MAX_WAITING * inside.open.badges()).saturating_sub(inside.shows.len())
    }

    pub(super) fn command(&self, badge: BadgeId, command: wire::Command) -> bool {
        let mut inside = self.inside();
        let listens = inside.open.of(self.client, badge).is_some_and(|topics| topics.command.is_some());
        if !listens || inside.commands.len() >= MAX_COMMANDS {
            return false;
        }
        inside.commands.push((badge, command));
        inside.ring();
        true
    }

    /// The first reason stands.
    pub(crate) fn end(&self, why: End) {
        let mut inside = self.inside();
        inside.end.get_or_insert(why);
        inside.ring();
    }

    /// Whether this is the badge itself, or the gateway that listens for it.
    pub(super) fn speaks_for(&self, badge: BadgeId) -> bool {
        let mut inside = self.inside();
        match &mut inside.open {
            Open::Me(_) => self.client == badge,
            Open::Nothing => false,
            Open::Badges(badges) => badges.get(&badge).is_some_and(|topics| topics.show.is_some()),
        }
    }

    /// Whether the client is a badge, and no gateway.
    pub(crate) fn is_badge(&self) -> bool {
        matches!(self.inside().open, Open::Me(_))
    }

    /// The badges the client may speak for.
    pub(crate) fn badges(&self) -> Vec<BadgeId> {
        match &self.inside().open {
            Open::Me(_) => vec![self.client],
            Open::Nothing => Vec::new(),
            Open::Badges(badges) => badges.keys().copied().collect(),
        }
    }

    /// A gateway's badges changed.
    pub(super) fn assign(&self, now: &[BadgeId]) {
        let mut inside = self.inside();
        let Open::Badges(badges) = &mut inside.open else { return };
        let gone: Vec<BadgeId> = badges.keys().filter(|badge| !now.contains(badge)).copied().collect();
        for badge in now {
            badges.entry(*badge).or_default();
        }
        for badge in &gone {
            badges.remove(badge);
        }
        for badge in gone {
            inside.shows.forget(badge);
            inside.commands.retain(|(of, _)| *of != badge);
        }
        // The session tells the house who came and went.
        inside.ring();
    }

    /// The session subscribes, or no longer does; false when the badge is not its own.
    pub(crate) fn listen(&self, badge: BadgeId, down: Down, qos: Option<QoS>) -> bool {
        let mut inside = self.inside();
        let Some(topics) = inside.open.of(self.client, badge) else { return false };
        *topics.of(down) = qos;
        true
    }

    /// What the client listens to for this badge now.
    pub(crate) fn listens(&self, badge: BadgeId, down: Down) -> Option<QoS> {
        let mut inside = self.inside();
        inside.open.of(self.client, badge).and_then(|topics| *topics.of(down))
    }

    /// Whether the client may speak for this badge.
    pub(crate) fn may_speak_for(&self, badge: BadgeId) -> bool {
        self.inside().open.of(self.client, badge).is_some()
    }

    /// The session looks up: whoever leaves something from now on wakes it. Answers why it has to end, if it has to.
    pub(crate) fn look(&self, waker: &Waker) -> Option<End> {
        let mut inside = self.inside();
        inside.rung = false;
        if !inside.waker.as_ref().is_some_and(|old| old.will_wake(waker)) {
            inside.waker = Some(waker.clone());
        }
        inside.end
    }

    /// Takes the next thing to say: commands first, they are few.
    pub(crate) fn take(&self) -> Option<Next> {
        let mut inside = self.inside();
        while !inside.commands.is_empty() {
            let (badge, command) = inside.commands.remove(0);
            if let Some(qos) = inside.open.of(self.client, badge).and_then(|topics| topics.command) {
                return Some(Next::Command(badge, command, qos));
            }
        }
        while let Some(shown) = inside.shows.next() {
            if let Some(qos) = inside.open.of(self.client, shown.badge).and_then(|topics| topics.show) {
                return Some(Next::Show(shown, qos));
            }
        }
        None
    }

    fn inside(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inside {
    fn ring(&mut self) {
        if !self.rung {
            self.rung = true;
            if let Some(waker) = &self.waker {
                waker.wake_by_ref();
            }
        }
    }
}
