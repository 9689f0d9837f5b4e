//! A gateway: one connection that speaks for several badges which cannot speak for themselves.
//!
//! It writes each one's program and says `written`, never `shown`: nothing can be read back from such a badge.

mod hung;

use std::{
    collections::{BTreeMap, VecDeque},
    convert::Infallible,
    path::Path,
    pin::pin,
    sync::Arc,
    time::Duration,
};

use badgecast_domain::{
    id::BadgeId,
    time::Moment,
    topic::{self, Down, Of, Up},
    wire::{Command, Order, Show},
};
use rumqttc::{ConnectionError, Event, Incoming, QoS, SubscribeReasonCode};
use tokio::{
    sync::watch,
    time::{Instant, sleep_until},
};

use self::hung::Hung;
use crate::{
    badge::Clock,
    identity::{Identity, Model},
    mqtt::{Rest, Wire},
    server::{CallError, Server},
};

/// How many filters are asked for in one packet.
const FILTERS: usize = 64;
/// Longer than anything lasts.
const FAR: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// A gateway and the badges that hang on it.
#[derive(Debug)]
pub struct Gateway {
    server: Server,
    identity: Identity,
    clock: Clock,
    badges: BTreeMap<BadgeId, Hung>,
    /// Topic and payload of what is still to be said.
    outbox: VecDeque<(String, Vec<u8>)>,
    written: watch::Sender<u64>,
}

/// Why a connection is over, or did not come about.
#[derive(Debug, thiserror::Error)]
enum Lost {
    #[error(transparent)]
    Call(#[from] CallError),
    #[error(transparent)]
    Connection(Box<ConnectionError>),
    #[error("the server does not let it speak for one of its badges")]
    NotAssigned,
    #[error("no room to ask for its badges")]
    TooManyBadges,
}

impl From<ConnectionError> for Lost {
    fn from(error: ConnectionError) -> Self {
        Self::Connection(Box::new(error))
    }
}

impl Gateway {
    /// A claimed gateway; each badge's program goes to a file of its id in `folder`.
    #[must_use]
    pub fn new(
        server: &Server,
        identity: Identity,
        badges: impl IntoIterator<Item = BadgeId>,
        model: Model,
        folder: &Path,
    ) -> Self {
        let model = Arc::new(model);
        let hung = |id| (id, Hung::new(id, folder, model.clone()));
        Self {
            server: server.clone(),
            identity,
            clock: Clock::default(),
            badges: badges.into_iter().map(hung).collect(),
            outbox: VecDeque::new(),
            written: watch::Sender::default(),
        }
    }

    /// How many programs were written so far.
    #[must_use]
    pub fn written(&self) -> watch::Receiver<u64> {
        self.written.subscribe()
    }

    /// Serves its badges until it is dropped, with or without a network.
    pub async fn run(&mut self) -> Infallible {
        let mut rest = Rest::default();
        loop {
            let Err(lost) = self.connect(&mut rest).await;
            tracing::debug!(gateway.id = %self.identity.badge, error = %lost, "gateway lost its connection");
            self.outbox.clear();
            let again = Instant::now() + rest.after_failure();
            while Instant::now() < again {
                sleep_until(self.write().min(again)).await;
            }
            // What was written meanwhile is said in the next hello.
            self.outbox.clear();
        }
    }

    async fn connect(&mut self, rest: &mut Rest) -> Result<Infallible, Lost> {
        let mut opening = pin!(open(self.server.clone(), self.identity.clone()));
        let (mut wire, date) = loop {
            let due = self.write();
            tokio::select! {
                opened = &mut opening => break opened?,
                () = sleep_until(due) => {}
            }
        };
        if let Some(date) = date {
            self.clock.hear_roughly(date, Instant::now());
        }
        let mut asked = self.subscribe(&wire)?;
        loop {
            let due = self.write();
            self.post(&wire);
            let event = tokio::select! {
                event = wire.next() => event?,
                () = sleep_until(due) => continue,
            };
            match event {
                Event::Incoming(Incoming::SubAck(answer)) => {
                    if answer.return_codes.contains(&SubscribeReasonCode::Failure) {
                        return Err(Lost::NotAssigned);
                    }
                    rest.forget();
                    for badge in asked.pop_front().unwrap_or_default() {
                        self.hello(badge);
                    }
                }
                Event::Incoming(Incoming::Publish(said)) => self.hear(&said.topic, &said.payload),
                _ => {}
            }
        }
    }

    /// Asks for its badges' topics, some in a packet; the badges of each packet.
    fn subscribe(&self, wire: &Wire) -> Result<VecDeque<Vec<BadgeId>>, Lost> {
        let ids: Vec<BadgeId> = self.badges.keys().copied().collect();
        let mut asked = VecDeque::new();
        for some in ids.chunks(FILTERS / 2) {
            let filters = some
                .iter()
                .flat_map(|badge| [Down::Show, Down::Command].map(|down| topic::to(Of::Badge(*badge), down)));
            if !wire.subscribe(filters) {
                return Err(Lost::TooManyBadges);
            }
            asked.push_back(some.to_vec());
        }
        Ok(asked)
    }

    fn hear(&mut self, topic: &str, payload: &[u8]) {
        let Some((Of::Badge(id), down)) = topic::down(topic) else { return };
        let now = Instant::now();
        let Some(badge) = self.badges.get_mut(&id) else { return };
        match down {
            Down::Show => {
                let Ok(show) = serde_json::from_slice::<Show>(payload) else { return };
                if let Show::Layer(layer) = &show {
                    self.clock.hear(layer.now, now);
                }
                if let Some(ack) = badge.obey(show, self.clock.now(now)) {
                    self.say(id, Up::Ack, &ack);
                }
            }
            Down::Command => match serde_json::from_slice(payload) {
                Ok(Command { command: Order::Resync, .. }) => self.hello(id),
                Ok(Command { command: Order::Wipe, .. }) => badge.wipe(),
                // Such a badge can neither blink on demand nor be restarted.
                Ok(Command { command: Order::Identify | Order::Reboot, .. }) | Err(_) => {}
            },
        }
    }

    /// Writes every program that is due; when the next may be.
    fn write(&mut self) -> Instant {
        let now = Instant::now();
        let moment = self.clock.now(now);
        let mut acks = Vec::new();
        for badge in self.badges.values_mut() {
            match badge.write(moment) {
                Ok((said, is_new)) => {
                    acks.extend(said.into_iter().map(|ack| (badge.id, ack)));
                    self.written.send_if_modified(|written| {
                        *written += u64::from(is_new);
                        is_new
                    });
                }
                Err(error) => tracing::error!(badge.id = %badge.id, %error, "a program cannot be written"),
            }
        }
        for (badge, ack) in acks {
            self.say(badge, Up::Ack, &ack);
        }
        let change = moment
            .and_then(|moment| self.badges.values().filter_map(|badge| badge.next_change(moment)).min());
        change.and_then(|change| self.clock.instant(change, now)).unwrap_or(now + FAR)
    }

    fn hello(&mut self, id: BadgeId) {
        if let Some(hello) = self.badges.get(&id).map(Hung::hello) {
            self.say(id, Up::Hello, &hello);
        }
    }

    fn say(&mut self, badge: BadgeId, up: Up, payload: &impl serde::Serialize) {
        if let Ok(payload) = serde_json::to_vec(payload) {
            self.outbox.push_back((topic::from(Of::Badge(badge), up), payload));
        }
    }

    /// Sends what there is room for; the rest waits for the next event.
    fn post(&mut self, wire: &Wire) {
        while let Some((topic, payload)) = self.outbox.front() {
            if !wire.say_raw(topic, QoS::AtLeastOnce, payload.clone()) {
                break;
            }
            self.outbox.pop_front();
        }
    }
}

/// Fetches a token and connects with it; also the server's clock, roughly.
async fn open(server: Server, identity: Identity) -> Result<(Wire, Option<Moment>), Lost> {
    let token = identity.token(&server).await?;
    Ok((Wire::open(&identity, &token.jwt).await?, token.date))
}
