//! One MQTT connection of a badge: what is said and heard over it, until it ends.
//!
//! What was not acknowledged when it ended is not said again: the `hello` of the next one says it all.

use std::{future::pending, pin::Pin, sync::Arc, time::Duration};

use badgecast_domain::{
    topic,
    wire::{Command, Hello, MAX_PACKET_BYTES, Order, Show, Telemetry},
};
use rand::RngExt as _;
use rumqttc::{
    AsyncClient, ConnectionError, Event as MqttEvent, EventLoop, Incoming, MqttOptions, Outgoing, QoS,
    SubscribeFilter, SubscribeReasonCode,
};
use serde::Serialize;
use tokio::{
    sync::watch,
    time::{Instant, sleep_until, timeout},
};

use super::{
    Core, Event, Link, Wish,
    line::{Ended, changed},
};
use crate::{
    faults::{Fault, LONGEST_FLAP},
    identity::Token,
    server::CallError,
};

const KEEP_ALIVE: Duration = Duration::from_secs(60);
const TELEMETRY: Duration = Duration::from_secs(60);
/// How long TCP, CONNECT and CONNACK may take together: a whole fleet may stand at the door.
const CONNECT_DEADLINE_S: u64 = 30;
/// How long taking leave may take.
const LEAVE_DEADLINE: Duration = Duration::from_secs(1);
/// How many publishes may wait, or be unacknowledged; small, as there are thousands of badges in a process.
const WINDOW: u16 = 10;
/// The share of a token's life after which it is renewed; a range, so that a fleet does not come all at once.
const RENEW_AFTER: std::ops::Range<f64> = 0.75..0.85;
/// How long a renewal that failed waits for the next.
const RENEW_AGAIN: Duration = Duration::from_secs(5);

type Renewal = Pin<Box<dyn Future<Output = Result<Token, CallError>> + Send>>;

pub(super) struct Connection {
    core: Arc<Core>,
    client: AsyncClient,
    events: EventLoop,
    /// Whether the server let it subscribe.
    welcome: bool,
}

impl Connection {
    /// Connects; the badge's id is its client id and user name, the token its password.
    pub(super) async fn open(core: Arc<Core>, jwt: &str) -> Result<Self, ConnectionError> {
        let door = &core.identity.mqtt;
        let name = core.identity.badge.to_string();
        let mut options = MqttOptions::new(&name, &door.host, door.port);
        options.set_credentials(&name, jwt);
        options.set_keep_alive(KEEP_ALIVE).set_inflight(WINDOW);
        options.set_max_packet_size(MAX_PACKET_BYTES, MAX_PACKET_BYTES);
        let (client, mut events) = AsyncClient::new(options, usize::from(WINDOW));
        events.network_options.set_connection_timeout(CONNECT_DEADLINE_S);
        // Otherwise a `shown` right after a `held` waits for the server's delayed TCP acknowledgement.
        events.network_options.set_tcp_nodelay(true);
        Box::pin(events.poll()).await?;
        Ok(Self { core, client, events, welcome: false })
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
        if self.subscribe().is_none() {
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
            // What is given up when something else comes first is only the wait for a packet: what `poll` has
            // read or queued stays in the event loop.
            tokio::select! {
                event = self.events.poll() => match event {
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
                    self.say(topic::TELEMETRY, QoS::AtMostOnce, &telemetry);
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

    /// Says goodbye (DISCONNECT), so that the server need not wonder.
    pub(super) async fn take_leave(mut self) {
        if self.client.try_disconnect().is_err() {
            return;
        }
        let said = async {
            while let Ok(event) = self.events.poll().await {
                if event == MqttEvent::Outgoing(Outgoing::Disconnect) {
                    return;
                }
            }
        };
        // When time is up the connection is dropped, which ends it too.
        let _ = timeout(LEAVE_DEADLINE, said).await;
    }

    fn subscribe(&self) -> Option<()> {
        let filters = [topic::SHOW, topic::COMMAND];
        let filters = filters.map(|filter| SubscribeFilter::new(filter.to_owned(), QoS::AtLeastOnce));
        self.client.try_subscribe_many(filters).ok()
    }

    fn hear(&mut self, event: MqttEvent) -> Option<Ended> {
        match event {
            MqttEvent::Incoming(Incoming::SubAck(answer)) => {
                if answer.return_codes.contains(&SubscribeReasonCode::Failure) {
                    return Some(Ended::Refused);
                }
                self.hello();
                self.welcome = true;
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

    fn command(&self, payload: &[u8]) -> Option<Ended> {
        let Ok(Command { command, .. }) = serde_json::from_slice(payload) else {
            self.core.change(|state| state.note(Event::Unreadable));
            return None;
        };
        self.core.change(|state| state.obey(command, Instant::now()));
        match command {
            Order::Reboot => return Some(Ended::Rebooting),
            Order::Resync => self.hello(),
            Order::Identify | Order::Wipe => {}
        }
        None
    }

    fn hello(&self) {
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
        self.say(topic::HELLO, QoS::AtLeastOnce, &hello);
    }

    /// Sends the acknowledgements that are due, as far as there is room; when the next is due.
    fn post(&self, now: Instant) -> Option<Instant> {
        if !self.welcome {
            return None;
        }
        let mut next = None;
        self.core.state.send_if_modified(|state| {
            while let Some(letter) = state.outbox.front() {
                if letter.due > now {
                    next = Some(letter.due);
                    break;
                }
                if !self.say(topic::ACK, QoS::AtLeastOnce, &letter.ack) {
                    // What leaves the queue is an event of the loop, so this is tried again.
                    break;
                }
                state.outbox.pop_front();
            }
            false
        });
        next
    }

    fn renew(&self, jwt: &str) {
        if self.client.try_publish(topic::TOKEN, QoS::AtLeastOnce, false, jwt).is_ok() {
            self.core.change(|state| state.note(Event::Renewed));
        }
    }

    /// Whether there was room for it.
    fn say(&self, topic: &str, qos: QoS, payload: &impl Serialize) -> bool {
        let Ok(payload) = serde_json::to_vec(payload) else { return false };
        self.client.try_publish(topic, qos, false, payload).is_ok()
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
