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

use super::{
    End,
    shows::Notice,
    voice::Voice,
    waiting::{Added, MAX_WAITING, Shown, Waiting},
};
use crate::{door::pipe::Direct, packet::connect::Connect, tally::Tally};

/// How many commands may wait on one session.
const MAX_COMMANDS: usize = 8;

/// Enough for one write. What is beyond waits here, where newer news replaces it.
const BATCH_BYTES: usize = 16 * 1024;

/// One session as others see it. Everyone may leave something; the session says it, or a [`Round`](super::round::Round).
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
    /// How the client is spoken to; an integration is not, from here.
    voice: Option<Voice>,
    /// The way past the session to a client behind a plain socket.
    direct: Option<Direct>,
    /// Bytes that were begun and that the client has not taken: nothing else may be written before them.
    rest: Vec<u8>,
    /// The session is writing, or about to: nothing may be written between its bytes.
    writing: bool,
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

/// How a client is connected: what its session tells the desk about it.
#[derive(Debug)]
pub(crate) struct Connected<'a> {
    pub(crate) organization: OrganizationId,
    pub(crate) connect: &'a Connect,
    pub(crate) direct: Option<Direct>,
    /// What is to be said first.
    pub(crate) welcome: Vec<u8>,
}

/// What became of a show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Left {
    /// The client does not listen.
    Nowhere,
    /// The session was told, or someone is on the way already.
    Told,
    /// Someone has to come and [`bring`](Seat::bring) it.
    Waits,
}

impl Seat {
    /// A badge's seat.
    pub(crate) fn of_badge(badge: BadgeId, connected: Connected<'_>) -> Arc<Self> {
        Self::speaking(badge, Open::Me(Topics::default()), connected)
    }

    /// A gateway's seat, that speaks for these badges.
    pub(crate) fn of_gateway(
        gateway: BadgeId,
        badges: impl Iterator<Item = BadgeId>,
        connected: Connected<'_>,
    ) -> Arc<Self> {
        let open = Open::Badges(badges.map(|badge| (badge, Topics::default())).collect());
        Self::speaking(gateway, open, connected)
    }

    /// An integration's seat, which is only ever told to end. It goes by its client's id.
    pub(crate) fn of_reader(client: BadgeId, organization: OrganizationId) -> Arc<Self> {
        Self::new(client, organization, Inside::new(Open::Nothing))
    }

    fn speaking(client: BadgeId, open: Open, connected: Connected<'_>) -> Arc<Self> {
        let Connected { organization, connect, direct, welcome } = connected;
        let voice = Some(Voice::new(connect));
        Self::new(client, organization, Inside { voice, direct, rest: welcome, ..Inside::new(open) })
    }

    fn new(client: BadgeId, organization: OrganizationId, inside: Inside) -> Arc<Self> {
        Arc::new(Self { client, organization, connection: ConnectionId::new(), inside: Mutex::new(inside) })
    }

    /// Leaves a show, if the client listens for it. With `in_a_round` the caller comes back for all whose show waits.
    pub(super) fn show(&self, badge: BadgeId, notice: &Arc<Notice>, in_a_round: bool, tally: &Tally) -> Left {
        let mut inside = self.inside();
        if inside.open.of(self.client, badge).is_none_or(|topics| topics.show.is_none()) {
            return Left::Nowhere;
        }
        let max = MAX_WAITING * inside.open.badges();
        match inside.shows.add(Shown { badge, notice: Arc::clone(notice) }, max) {
            Added::Queued => {}
            Added::Replaced => tally.shows_replaced.one(),
            Added::Dropped => tally.shows_dropped.one(),
        }
        if in_a_round && inside.direct.is_some() {
            return if std::mem::replace(&mut inside.rung, true) { Left::Told } else { Left::Waits };
        }
        inside.ring();
        Left::Told
    }

    /// Writes what waits to the client's socket, without its session. Where that cannot be done at once, the session is
    /// told. `out` is scratch space.
    pub(super) fn bring(&self, out: &mut Vec<u8>, tally: &Tally) {
        let mut inside = self.inside();
        inside.rung = false;
        if inside.writing || !inside.rest.is_empty() || inside.end.is_some() {
            return inside.ring();
        }
        out.clear();
        inside.say(self.client, out, tally);
        // Nothing: the session was faster, or the client has to acknowledge first.
        if out.is_empty() {
            return;
        }
        let Inside { direct: Some(direct), rest, .. } = &mut *inside else { return };
        // A socket that is broken breaks the session, which finds out when it writes the rest.
        let written = direct.try_write(out).unwrap_or(0);
        tally.bytes_out.add(written);
        if written < out.len() {
            rest.extend_from_slice(&out[written..]);
            inside.ring();
        }
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
        // The session is about to say so; that goes first.
        inside.writing = true;
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

    /// The session looks up: whoever leaves something from now on wakes it. `out` gets what has to be written first.
    /// Answers why it has to end, if it has to.
    pub(crate) fn look(&self, waker: &Waker, out: &mut Vec<u8>) -> Option<End> {
        let mut inside = self.inside();
        if !inside.rest.is_empty() {
            out.append(&mut inside.rest);
            inside.rest = Vec::new();
            inside.writing = true;
        }
        inside.look(waker)
    }

    /// The same for one who is left nothing.
    pub(crate) fn ended(&self, waker: &Waker) -> Option<End> {
        self.inside().look(waker)
    }

    /// The session is about to write `out`, and behind it what waits, if the client `takes` anything; before it what a round
    /// began since the session looked up. Answers whether that is anything; then it has to be told when it is
    /// [`said`](Self::said).
    pub(crate) fn say(&self, takes: bool, out: &mut Vec<u8>, tally: &Tally) -> bool {
        let mut inside = self.inside();
        if takes {
            if !inside.rest.is_empty() {
                out.splice(0..0, std::mem::take(&mut inside.rest));
            }
            inside.say(self.client, out, tally);
        }
        inside.writing = !out.is_empty();
        inside.writing
    }

    /// The session has written all but `rest`.
    pub(crate) fn said(&self, rest: &[u8]) {
        let mut inside = self.inside();
        inside.rest.extend_from_slice(rest);
        inside.writing = false;
    }

    /// The client acknowledged one of our messages; false when it was none.
    pub(crate) fn acknowledged(&self, id: u16) -> bool {
        self.inside().voice.as_mut().is_some_and(|voice| voice.in_flight.end(id))
    }

    /// The connection is over: nobody but the session writes any more. Answers what has to be written first.
    pub(crate) fn hang_up(&self) -> Vec<u8> {
        let mut inside = self.inside();
        inside.direct = None;
        std::mem::take(&mut inside.rest)
    }

    fn inside(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inside {
    const fn new(open: Open) -> Self {
        Self {
            waker: None,
            rung: false,
            end: None,
            open,
            shows: Waiting::new(),
            commands: Vec::new(),
            voice: None,
            direct: None,
            rest: Vec::new(),
            writing: false,
        }
    }

    /// Says what waits, as much as the client has room for: commands first, they are few.
    fn say(&mut self, client: BadgeId, out: &mut Vec<u8>, tally: &Tally) {
        let Self { open, shows, commands, voice: Some(voice), .. } = self else { return };
        while out.len() < BATCH_BYTES && voice.in_flight.has_room() {
            if !commands.is_empty() {
                let (badge, command) = commands.remove(0);
                if let Some(qos) = open.of(client, badge).and_then(|topics| topics.command) {
                    voice.say_command(client, (badge, command), qos, out, tally);
                }
            } else if let Some(shown) = shows.next() {
                if let Some(qos) = open.of(client, shown.badge).and_then(|topics| topics.show) {
                    voice.say_show(client, &shown, qos, out, tally);
                }
            } else {
                return;
            }
        }
    }

    fn look(&mut self, waker: &Waker) -> Option<End> {
        self.rung = false;
        if !self.waker.as_ref().is_some_and(|old| old.will_wake(waker)) {
            self.waker = Some(waker.clone());
        }
        self.end
    }

    fn ring(&mut self) {
        if !self.rung {
            self.rung = true;
            if let Some(waker) = &self.waker {
                waker.wake_by_ref();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::packet::Version;

    #[test]
    fn what_was_begun_goes_before_what_the_session_says_meanwhile() {
        let badge = BadgeId::new();
        let connect = Connect {
            version: Version::V4,
            client_id: badge.to_string(),
            assigned: false,
            clean: true,
            keep_alive_s: 0,
            username: badge.to_string(),
            password: String::new(),
            will: None,
            receive_maximum: 16,
            max_packet: u32::MAX,
            wants_session: false,
        };
        let organization = OrganizationId::new();
        let seat = Seat::of_badge(
            badge,
            Connected { organization, connect: &connect, direct: None, welcome: Vec::new() },
        );
        let (waker, tally) = (Waker::noop(), Tally::default());
        let mut out = Vec::new();
        assert!(seat.look(waker, &mut out).is_none());
        // The session has read a PINGREQ. Before it says so, a round begins a packet that the client does not take whole.
        out.extend([0xd0, 0]);
        seat.inside().rest.extend(*b"the end of a show");
        assert!(seat.say(true, &mut out, &tally));
        assert_eq!(out, b"the end of a show\xd0\0");
        seat.said(b"");
        assert!(!seat.say(true, &mut Vec::new(), &tally), "it was said once");
    }
}
