//! Watching for theft: what looks like a stolen, replayed or guessed credential becomes a security event.
//!
//! [`Watch`] is told of every use of a credential, and looks only into memory of bounded size: nothing here waits for a
//! database. What it notices goes to the [`record`]er, which writes it into the audit trail, tells those who watch, and
//! ends the credential where the [`rules`] say so. Uses are seen by the node they come to; failed logins, known
//! networks and whatever was noticed are rows, and so of all nodes.

pub mod event;
pub(crate) mod record;
pub mod rules;
mod sight;

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use badgecast_domain::{
    id::{OrganizationId, UserId},
    time::Moment,
};
use tokio::sync::mpsc;
use uuid::Uuid;

pub use event::{Credential, Event, Kind, Reaction};
pub use rules::Rules;

use self::{
    rules::is_rung,
    sight::{Pace, Sight, TooMany, Twice},
};
use super::{
    Actor, Caller,
    generations::Generations,
    peer::{Network, Place},
};
use crate::tables::{login_failures::Failures, people::Person};

/// How many tokens, callers, and things told, one generation holds.
const GENERATION: usize = 8_192;
/// How many notices may wait to be written; beyond, they are counted and lost.
const WAITING: usize = 1_024;
/// The same thing about the same credential is told once in so long.
const TOLD_FOR: Duration = Duration::from_secs(60 * 60);
/// So many times as many failures of a whole network as of one account are told.
const NETWORK_GUESSES: u32 = 10;

/// Something for the recorder.
#[derive(Debug)]
enum Notice {
    Happened(Event),
    /// Whether this is a place they know is a question for the database.
    SignedIn {
        organization: OrganizationId,
        user: UserId,
        place: Place,
    },
    KeyUsed {
        organization: OrganizationId,
        actor: Actor,
        key: Uuid,
        network: Network,
    },
}

/// What waits for the recorder.
#[derive(Debug)]
pub struct Waiting(mpsc::Receiver<Notice>);

/// The watch of this node.
#[derive(Debug)]
pub struct Watch {
    rules: Rules,
    sights: Mutex<Generations<Uuid, Sight>>,
    paces: Mutex<Generations<Uuid, Pace>>,
    key_networks: Mutex<Generations<(Uuid, Network), ()>>,
    told: Mutex<Generations<(Kind, Uuid), Moment>>,
    notices: mpsc::Sender<Notice>,
}

impl Watch {
    #[must_use]
    pub fn new(rules: Rules) -> (Self, Waiting) {
        let (notices, waiting) = mpsc::channel(WAITING);
        let watch = Self {
            rules,
            sights: Mutex::new(Generations::of(GENERATION)),
            paces: Mutex::new(Generations::of(GENERATION)),
            key_networks: Mutex::new(Generations::of(GENERATION)),
            told: Mutex::new(Generations::of(GENERATION)),
            notices,
        };
        (watch, Waiting(waiting))
    }

    /// A credential that counts was used for a request.
    ///
    /// # Errors
    /// How long its bearer has to wait, who asks too often.
    pub fn used(&self, caller: &Caller, network: Network, now: Moment) -> Result<(), Duration> {
        self.seen(caller, network, now);
        let subject = caller.actor().uuid();
        let mut paces = lock(&self.paces);
        let Some(pace) = paces.get(&subject) else {
            paces.insert(subject, Pace::begin(now));
            return Ok(());
        };
        let paced = pace.again(self.rules.requests_per_minute, now);
        drop(paces);
        paced.map_err(|TooMany { wait, first }| {
            if first {
                let event = about(Kind::RequestRate, caller).from(network);
                let event = event.counted(self.rules.requests_per_minute);
                self.notice(event.answered(self.rules.reaction(Kind::RequestRate)));
            }
            wait
        })
    }

    /// A credential that counts was shown; also over MQTT.
    pub fn seen(&self, caller: &Caller, network: Network, now: Moment) {
        if let Credential::ApiKey(key) = caller.credential() {
            // A script may run in many places at once; what matters is whether the place is known.
            return self.key_used(caller, key, network);
        }
        let id = caller.token().uuid();
        let mut sights = lock(&self.sights);
        let Some(sight) = sights.get(&id) else {
            sights.insert(id, Sight::first(network, now));
            return;
        };
        let twice = sight.again(network, self.rules.window, now);
        drop(sights);
        if let Some(twice) = twice {
            self.in_two_networks(caller, network, twice, now);
        }
    }

    fn in_two_networks(&self, caller: &Caller, network: Network, twice: Twice, now: Moment) {
        let Twice { before, nth } = twice;
        let event = about(Kind::TwoNetworks, caller).from(network).counted(nth);
        let event = Event { before: Some(before), ..event };
        if twice.is_dual_stack(network) && !caller.is_bound() {
            // It happens all day, to many; it is told, and never adds up to anything.
            return self.once(event.answered(self.rules.reaction(Kind::TwoNetworks)), now);
        }
        let reaction = self.rules.of_two_networks(nth, caller.is_bound());
        if reaction == Reaction::Revoke || nth.is_power_of_two() {
            self.notice(event.answered(reaction));
        }
    }

    fn key_used(&self, caller: &Caller, key: Uuid, network: Network) {
        let mut known = lock(&self.key_networks);
        if known.get(&(key, network)).is_some() {
            return;
        }
        known.insert((key, network), ());
        drop(known);
        let (organization, actor) = (caller.organization(), caller.actor());
        self.tell(Notice::KeyUsed { organization, actor, key, network });
    }

    /// A token that was revoked was shown.
    pub fn revoked(&self, caller: &Caller, network: Network, now: Moment) {
        self.once(about(Kind::RevokedToken, caller).from(network), now);
    }

    /// A session's cookie came from another browser than the one that signed in. Answers what is done about it.
    pub fn other_browser(&self, caller: &Caller, network: Network, now: Moment) -> Reaction {
        let reaction = self.rules.reaction(Kind::SessionBrowser);
        self.once(about(Kind::SessionBrowser, caller).from(network).answered(reaction), now);
        reaction
    }

    /// A proof of possession or an assertion was shown twice.
    pub fn replayed(&self, organization: OrganizationId, actor: Actor, network: Network, now: Moment) {
        self.once(Event::about(Kind::ReplayedProof, organization, actor).from(network), now);
    }

    /// A person signed in.
    pub fn signed_in(&self, person: &Person, place: Place) {
        self.tell(Notice::SignedIn { organization: person.organization, user: person.id, place });
    }

    /// A sign-in failed. `whose` account it was, if it is anyone's.
    pub fn failed(&self, failures: &Failures, whose: Option<&Person>, network: Network) {
        let Failures { of_account, from_network, accounts } = *failures;
        if let Some(person) = whose
            && is_rung(of_account, self.rules.guesses)
        {
            let event = Event::about(Kind::LoginGuessing, person.organization, Actor::User(person.id));
            self.notice(event.from(network).counted(of_account));
        }
        if is_rung(from_network, self.rules.guesses.saturating_mul(NETWORK_GUESSES)) {
            self.notice(Event::nobody(Kind::NetworkGuessing).from(network).counted(from_network));
        }
        if accounts.is_some_and(|accounts| is_rung(accounts, self.rules.accounts)) {
            let event = Event::nobody(Kind::CredentialStuffing).from(network);
            self.notice(Event { count: accounts, ..event });
        }
    }

    /// A person typed a device's code wrong.
    pub fn mistyped(&self, failures: &Failures, person: &Person, network: Network) {
        if is_rung(failures.of_account, self.rules.guesses) {
            let event = Event::about(Kind::CodeGuessing, person.organization, Actor::User(person.id));
            self.notice(event.from(network).counted(failures.of_account));
        }
    }

    /// Hands an event to the recorder; never waits.
    pub fn notice(&self, event: Event) {
        self.tell(Notice::Happened(event));
    }

    /// The same, but the same about the same credential, or else caller, only once in a while: nobody fills the trail by
    /// repeating themselves.
    fn once(&self, event: Event, now: Moment) {
        let whose = event.credential.map(Credential::id).or(event.about.map(Actor::uuid));
        let key = (event.kind, whose.unwrap_or_default());
        let mut told = lock(&self.told);
        if told.get(&key).is_some_and(|at| now.since(*at) < TOLD_FOR) {
            return;
        }
        told.insert(key, now);
        drop(told);
        self.notice(event);
    }

    fn tell(&self, notice: Notice) {
        if let Err(error) = self.notices.try_send(notice) {
            tracing::error!(%error, "a security event is lost: too many wait to be written");
        }
    }
}

/// An event about who shows a credential, and about that.
fn about(kind: Kind, caller: &Caller) -> Event {
    Event::about(kind, caller.organization(), caller.actor()).with(caller.credential())
}

fn lock<T>(memory: &Mutex<T>) -> MutexGuard<'_, T> {
    // A panic while holding it leaves at worst a memory less.
    memory.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use badgecast_domain::{access::Scopes, id::TokenId, token::Claims};

    use super::*;

    const NOW: Moment = Moment::from_s(1_000);

    fn bearer() -> Caller {
        Caller::of(&Claims {
            iss: String::new(),
            aud: Vec::new(),
            sub: Uuid::now_v7(),
            exp: 2_000,
            iat: 0,
            jti: TokenId::new(),
            client_id: "badgecast".to_owned(),
            scope: Scopes::NONE,
            org: OrganizationId::new(),
            cnf: None,
        })
    }

    fn network(last: u8) -> Network {
        Network::V4([192, 0, last])
    }

    /// The events that wait.
    fn noticed(waiting: &mut Waiting) -> Vec<Event> {
        let mut events = Vec::new();
        while let Ok(notice) = waiting.0.try_recv() {
            if let Notice::Happened(event) = notice {
                events.push(event);
            }
        }
        events
    }

    #[test]
    fn a_token_in_two_networks_is_noticed_and_each_token_for_itself() {
        let (watch, mut waiting) = Watch::new(Rules::default());
        let (one, other) = (bearer(), bearer());
        for (caller, from) in [(&one, 1), (&other, 2), (&one, 1), (&other, 2)] {
            watch.used(caller, network(from), NOW).unwrap();
        }
        assert_eq!(noticed(&mut waiting), []);
        watch.used(&one, network(2), NOW).unwrap();
        let events = noticed(&mut waiting);
        assert_eq!(events.len(), 1);
        assert_eq!((events[0].kind, events[0].credential), (Kind::TwoNetworks, Some(one.credential())));
        assert_eq!((events[0].before, events[0].network), (Some(network(1)), Some(network(2))));
    }

    /// To and fro, once in each window; what is told, and with which end.
    fn to_and_fro(rules: Rules, networks: [Network; 2], times: u32) -> Vec<(u32, Reaction)> {
        let (watch, mut waiting) = Watch::new(rules);
        let caller = bearer();
        let mut now = NOW;
        for time in 0..=times {
            watch.used(&caller, networks[usize::from(time % 2 == 1)], now).unwrap();
            now = now.plus(Duration::from_millis(10_001));
            watch.used(&caller, networks[usize::from(time % 2 == 1)], now).unwrap();
        }
        noticed(&mut waiting).iter().map(|event| (event.count.unwrap_or_default(), event.reaction)).collect()
    }

    #[test]
    fn a_bearer_is_warned_of_twice_and_then_ends() {
        use Reaction::{Alert, Revoke};
        let told = to_and_fro(Rules::default(), [network(1), network(2)], 4);
        assert_eq!(told, [(1, Alert), (2, Alert), (3, Revoke), (4, Revoke)]);
        let patient = Rules { repeats: 0, ..Rules::default() };
        let told = to_and_fro(patient, [network(1), network(2)], 9);
        assert_eq!(told, [(1, Alert), (2, Alert), (4, Alert), (8, Alert)], "nobody fills the trail");
        let both = [network(1), Network::V6([0x2001, 0xdb8, 0])];
        assert_eq!(to_and_fro(Rules::default(), both, 9), [(1, Alert)], "a machine that speaks both");
    }

    #[test]
    fn what_is_repeated_is_told_once_an_hour() {
        let (watch, mut waiting) = Watch::new(Rules::default());
        let thief = bearer();
        for _ in 0..100 {
            watch.revoked(&thief, network(1), NOW);
        }
        assert_eq!(noticed(&mut waiting).len(), 1);
        watch.revoked(&bearer(), network(1), NOW);
        watch.revoked(&thief, network(1), NOW.plus(TOLD_FOR));
        assert_eq!(noticed(&mut waiting).len(), 2, "another token, and an hour later");
    }

    #[test]
    fn a_flood_of_events_neither_waits_nor_grows() {
        let (watch, mut waiting) = Watch::new(Rules::default());
        for _ in 0..2 * WAITING {
            watch.revoked(&bearer(), network(1), NOW);
        }
        assert_eq!(noticed(&mut waiting).len(), WAITING);
    }
}
