//! One MQTT connection of a badge: what is said and heard over it, until it ends.
//!
//! What was not acknowledged when it ended is not said again: the `hello` of the next one says it all.

use std::{future::pending, pin::Pin, sync::Arc, time::Duration};

use badgecast_domain::{
    topic,
    wire::{Command, Hello, Order, Show, Telemetry},
};
use rand::RngExt as _;
use rumqttc::{ConnectionError, Event as MqttEvent, Incoming, QoS, SubscribeReasonCode};
use tokio::{
    sync::watch,
    time::{Instant, sleep_until},
};

use super::{
    Core, Event, Link, Wish,
    line::{Ended, changed},
};
use crate::{
    faults::{Fault, LONGEST_FLAP},
    identity::Token,
    mqtt::Wire,
    server::CallError,
};

const TELEMETRY: Duration = Duration::from_secs(60);
/// The share of a token's life after which it is renewed; a range, so that a fleet does not come all at once.
const RENEW_AFTER: std::ops::Range<f64> = 0.75..0.85;
/// How long a renewal that failed waits for the next.
const RENEW_AGAIN: Duration = Duration::from_secs(5);

type Renewal = Pin<Box<dyn Future<Output = Result<Token, CallError>> + Send>>;

pub(super) struct Connection {
    core: Arc<Core>,
    wire: Wire,
    /// Whether the server let it subscribe.
    welcome: bool,
    /// A hello is still to be said.
    owes_hello: bool,
}

impl Connection {
    pub(super) async fn open(core: Arc<Core>, jwt: &str) -> Result<Self, ConnectionError> {
        let wire = Wire::open(&core.identity, jwt).await?;
        Ok(Self { core, wire, welcome: false, owes_hello: false })
    }

    pub(super) const fn was_welcome(&self) -> bool {
        self.welcome
    }

    /// Says and hears until the connection is over.
    pub(super) async fn hold(
        &mut self,
        token: &mut Option<Token>,
        wishes: &mut watch::Receiver<Wish>,
    ) -> Ended {
        if !self.wire.subscribe([topic::SHOW, topic::COMMAND].map(str::to_owned)) {
            return Ended::Lost;
        }
        let now = Instant::now();
        let mut seen = self.core.state.subscribe();
        let mut telemetry_at = now + TELEMETRY.mul_f64(rand::rng().random());
        let mut renew_at = token.as_ref().map(renew_at);
        let mut renewal: Option<Renewal> = None;
        let flaps = self.core.fault == Some(Fault::Flapping);
        let flap_at = flaps.then(|| now + LONGEST_FLAP.mul_f64(rand::rng().random()));
        loop {
            let post_at = self.post(Instant::now());
            tokio::select! {
                event = self.wire.next() => match event {
                    Ok(event) => if let Some(ended) = self.hear(event) { return ended },
                    Err(error) => return error.into(),
                },
                () = changed(wishes) => return Ended::Wished,
                _ = seen.changed() => {}
                () = at(post_at) => {}
                () = at(flap_at) => return Ended::Lost,
                () = sleep_until(telemetry_at) => {
                    telemetry_at += TELEMETRY;
                    let telemetry = self.telemetry(Instant::now());
                    self.wire.say(topic::TELEMETRY, QoS::AtMostOnce, &telemetry);
                }
                () = at(renew_at) => {
                    renew_at = None;
                    let core = self.core.clone();
                    renewal = Some(Box::pin(async move { core.fetch_token().await }));
                }
                renewed = of(&mut renewal) => {
                    renewal = None;
                    renew_at = Some(match renewed {
                        Ok(fresh) => {
                            self.renew(&fresh.jwt);
                            self::renew_at(token.insert(fresh))
                        }
                        Err(_) => Instant::now() + RENEW_AGAIN,
                    });
                }
            }
        }
    }

    pub(super) async fn take_leave(self) {
        self.wire.take_leave().await;
    }

    fn hear(&mut self, event: MqttEvent) -> Option<Ended> {
        match event {
            MqttEvent::Incoming(Incoming::SubAck(answer)) => {
                if answer.return_codes.contains(&SubscribeReasonCode::Failure) {
                    return Some(Ended::Refused);
                }
                (self.welcome, self.owes_hello) = (true, true);
                self.core.change(|state| state.relink(Link::Connected));
            }
            MqttEvent::Incoming(Incoming::Publish(said)) => match said.topic.as_str() {
                topic::SHOW => self.obey(&said.payload),
                topic::COMMAND => return self.command(&said.payload),
                _ => self.core.change(|state| state.note(Event::Unreadable)),
            },
            _ => {}
        }
        None
    }

    fn obey(&self, payload: &[u8]) {
        let show = serde_json::from_slice::<Show>(payload);
        self.core.change(|state| match show {
            Ok(show) => state.show(show, Instant::now()),
            Err(_) => state.note(Event::Unreadable),
        });
    }

    fn command(&mut self, payload: &[u8]) -> Option<Ended> {
        let Ok(Command { command, .. }) = serde_json::from_slice(payload) else {
            self.core.change(|state| state.note(Event::Unreadable));
            return None;
        };
        self.core.change(|state| state.obey(command, Instant::now()));
        match command {
            Order::Reboot => return Some(Ended::Rebooting),
            Order::Resync => self.owes_hello = true,
            Order::Identify | Order::Wipe => {}
        }
        None
    }

    /// Whether there was room for it.
    fn hello(&self) -> bool {
        let model = &self.core.model;
        let mut holds = self.core.state.borrow().memory.holds();
        if let Some(fault) = self.core.fault {
            holds = holds.into_iter().map(|holds| fault.distort_holds(holds)).collect();
        }
        let hello = Hello {
            model: Some(model.name.clone()),
            panel: Some(model.panel),
            firmware: Some(model.firmware.clone()),
            max_bytes: Some(model.max_bytes),
            holds,
        };
        self.wire.say(topic::HELLO, QoS::AtLeastOnce, &hello)
    }

    /// Says hello and the acknowledgements that are due, as far as there is room; when the next is due.
    fn post(&mut self, now: Instant) -> Option<Instant> {
        self.owes_hello = self.owes_hello && !self.hello();
        if !self.welcome || self.owes_hello {
            return None;
        }
        let mut next = None;
        self.core.state.send_if_modified(|state| {
            while let Some(letter) = state.outbox.front() {
                if letter.due > now {
                    next = Some(letter.due);
                    break;
                }
                // What leaves the queue is an event of the loop, so this is tried again.
                if !self.wire.say(topic::ACK, QoS::AtLeastOnce, &letter.ack) {
                    break;
                }
                state.outbox.pop_front();
            }
            false
        });
        next
    }

    fn renew(&self, jwt: &str) {
        if self.wire.say_raw(topic::TOKEN, QoS::AtLeastOnce, jwt) {
            self.core.change(|state| state.note(Event::Renewed));
        }
    }

    fn telemetry(&self, now: Instant) -> Telemetry {
        let uptime = now.saturating_duration_since(self.core.state.borrow().booted);
        let hours = uptime.as_secs_f64() / 3600.0;
        let mut random = rand::rng();
        Telemetry {
            battery: Some((100.0 - 4.0 * hours).max(5.0).round()),
            rssi: Some(f64::from(random.random_range(-75..=-45))),
            uptime_s: Some(uptime.as_secs_f64().floor()),
            temperature: Some(f64::from(random.random_range(280..=330)) / 10.0),
        }
    }
}

fn renew_at(token: &Token) -> Instant {
    token.since + token.life.mul_f64(rand::rng().random_range(RENEW_AFTER))
}

/// Completes at an instant; never without one.
async fn at(instant: Option<Instant>) {
    match instant {
        Some(instant) => sleep_until(instant).await,
        None => pending().await,
    }
}

/// Completes with a renewal; never without one.
async fn of(renewal: &mut Option<Renewal>) -> Result<Token, CallError> {
    match renewal {
        Some(renewal) => renewal.await,
        None => pending().await,
    }
}
