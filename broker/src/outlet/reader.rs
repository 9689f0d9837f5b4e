//! An integration's connection: it subscribes within its organization and reads. It says nothing; commands go through
//! the house's HTTP interface.
//!
//! There are few of these, so they are written plainly, unlike a badge's [`crate::session`].

use std::{collections::VecDeque, io, sync::Arc, time::Duration};

use badgecast_domain::id::{BadgeId, ClientId};
use rumqttd::{
    Notification,
    protocol::{self, Filter, QoS, RetainForwardRule, Unsubscribe, matches},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    sync::watch,
    time::{Instant, sleep_until, timeout},
};

use super::{Outlet, Reading, filter::judge, ledger::Retained, link::Link, router, router::Core};
use crate::{
    desk::{Admission, in_flight::InFlight, seat::Seat},
    door::pipe::Pipe,
    gate::{Admitted, Gate},
    packet::{
        self, Code, Packet, Version, Wrong,
        connect::Connect,
        reply::{self, Ack, Message},
    },
    session::{
        Hall, granted_keep_alive, last_words, moment_to_instant,
        pace::{Pace, Rate},
        parting::Parting,
    },
};

/// How many integrations may read at once; each costs the router some 50 KB.
pub(super) const MAX_READERS: usize = 64;

/// How many filters each may have.
const MAX_FILTERS: usize = 32;

/// One integration's connection.
pub(crate) struct Reader<G: Gate> {
    pub(super) hall: Arc<Hall<G>>,
    pub(super) seat: Arc<Seat>,
    pub(super) admitted: Admitted,
    pipe: Pipe,
    version: Version,
    max_packet: u32,
    silence: Option<Duration>,
    heard_at: Instant,
    pace: Pace,
    bytes: Vec<u8>,
    pub(super) filters: Vec<(String, QoS)>,
    /// What is retained and has not been sent; whether as retained, in answer to a SUBSCRIBE [MQTT-3.3.1-6].
    pub(super) backlog: VecDeque<(Retained, bool)>,
    in_flight: InFlight,
    pub(super) link: Option<Link>,
    /// The router it was last linked to, and when: one that died is not asked again, because it may never answer.
    pub(super) linked: Option<(usize, Instant)>,
    pub(super) routers: watch::Receiver<Option<Core>>,
    again: watch::Receiver<()>,
    pub(super) outlet: Arc<Outlet>,
    _reading: Reading,
}

/// What happened next.
enum Event {
    Bytes(usize),
    Forwarded(Box<Result<Option<Notification>, ()>>),
    Router,
    Again,
    Backlog,
    Over(Parting),
}

impl<G: Gate> Reader<G> {
    /// Seats an admitted integration.
    pub(crate) fn begin(
        hall: Arc<Hall<G>>,
        pipe: Pipe,
        connect: &Connect,
        client: ClientId,
        admitted: Admitted,
        early: Vec<u8>,
        admission: &Admission,
    ) -> Result<Self, (Pipe, Code)> {
        if hall.desk.readers() >= MAX_READERS {
            hall.desk.tally().connects_over_limit.one();
            return Err((pipe, Code::Quota));
        }
        let seat = Seat::of_reader(BadgeId::from_uuid(client.uuid()), admitted.organization);
        hall.desk.enter_reader(&seat, &connect.client_id, admitted.token);
        hall.desk.catch_up(admission, &seat, admitted.token);
        let outlet = Arc::clone(hall.desk.outlet());
        let desk = hall.desk.clone();
        let reading = outlet.enter(admitted.organization, move || desk.tally().outlet_restarts.one());
        let now = Instant::now();
        let keep_alive_s = granted_keep_alive(connect, &hall.settings);
        Ok(Self {
            silence: (keep_alive_s > 0).then(|| Duration::from_millis(u64::from(keep_alive_s) * 1_500)),
            heard_at: now,
            pace: Pace::new(now),
            version: connect.version,
            max_packet: connect.max_packet,
            in_flight: InFlight::new(connect.receive_maximum),
            bytes: early,
            filters: Vec::new(),
            backlog: VecDeque::new(),
            link: None,
            linked: None,
            routers: outlet.router.subscribe(),
            again: outlet.again.subscribe(),
            outlet,
            _reading: reading,
            hall,
            seat,
            admitted,
            pipe,
        })
    }

    /// Serves the integration until one side ends it.
    pub(crate) async fn run(mut self, welcome: Vec<u8>) {
        // Linked first: what happens after SUBACK must not be missed.
        let _ = timeout(router::ANSWER_WITHIN, self.routers.wait_for(Option::is_some)).await;
        self.relink().await;
        let mut parting = self.say(&welcome).await.err();
        while parting.is_none() {
            parting = self.turn().await.err();
        }
        let parting = parting.unwrap_or(Parting::Lost);
        if let Some(link) = self.link.take() {
            let hung_up = router::ask(move || {
                router::hang_up(link.sender);
                Some(())
            });
            hung_up.await;
        }
        self.hall.desk.leave_reader(&self.seat, self.admitted.token);
        parting.count(self.hall.desk.tally());
        let mut words = Vec::new();
        if let Some(code) = parting.code() {
            reply::disconnect(&mut words, self.version, code, self.max_packet);
        }
        last_words(&mut self.pipe, &words, self.hall.settings.linger).await;
    }

    async fn turn(&mut self) -> Result<(), Parting> {
        let mut out = Vec::new();
        self.hear(&mut out).await?;
        if !out.is_empty() {
            return self.say(&out).await;
        }
        if self.link.is_none() || self.routers.has_changed().unwrap_or(false) {
            self.relink().await;
        }
        match self.next().await {
            Event::Bytes(0) => Err(Parting::Lost),
            Event::Bytes(_) | Event::Router => Ok(()),
            Event::Over(parting) => Err(parting),
            Event::Again => {
                self.tell_again();
                Ok(())
            }
            Event::Backlog => {
                let Some(((topic, payload), retained)) = self.backlog.pop_front() else { return Ok(()) };
                self.forward(&topic, &payload, retained).await
            }
            Event::Forwarded(forwarded) => self.forwarded(*forwarded).await,
        }
    }

    /// Waits for whatever comes first.
    async fn next(&mut self) -> Event {
        let silent_at = self.silence.map(|silence| self.heard_at + silence);
        let expires_at = moment_to_instant(&self.admitted);
        let seat = &self.seat;
        let ended = std::future::poll_fn(|cx| match seat.ended(cx.waker()) {
            Some(why) => std::task::Poll::Ready(why),
            None => std::task::Poll::Pending,
        });
        let (room, no_link) = (self.in_flight.has_room(), self.link.is_none());
        let link = self.link.as_mut().filter(|_| room && self.backlog.is_empty());
        let forwarded = async {
            match link {
                Some(link) => link.receiver.next().await.map_err(|_| ()),
                None => std::future::pending().await,
            }
        };
        let (routers, again) = (&mut self.routers, &mut self.again);
        tokio::select! {
            biased;
            why = ended => Event::Over(Parting::Ended(why)),
            () = sleep_until(expires_at) => Event::Over(Parting::Ended(crate::End::Expired)),
            () = sleep_until(silent_at.unwrap_or(expires_at)) => Event::Over(Parting::Silent),
            read = self.pipe.read_buf(&mut self.bytes) => match read {
                Ok(count) => Event::Bytes(count),
                Err(_) => Event::Over(Parting::Lost),
            },
            _ = routers.changed() => Event::Router,
            _ = again.changed() => Event::Again,
            () = std::future::ready(()), if room && !self.backlog.is_empty() => Event::Backlog,
            forwarded = forwarded => Event::Forwarded(Box::new(forwarded)),
            () = tokio::time::sleep(Duration::from_millis(100)), if no_link => Event::Router,
        }
    }

    pub(super) async fn forward(&mut self, topic: &str, payload: &[u8], retain: bool) -> Result<(), Parting> {
        let granted =
            self.filters.iter().filter(|(filter, _)| matches(topic, filter)).map(|(_, qos)| *qos as u8);
        let Some(qos) = granted.max() else { return Ok(()) };
        let mut message =
            Message { topic, id: (qos > 0).then_some(0), expiry_s: None, answer: None, payload };
        if message.bytes(self.version) > self.max_packet as usize {
            return Ok(());
        }
        if qos > 0 {
            message.id = self.in_flight.begin();
        }
        let mut out = Vec::new();
        message.write(&mut out, self.version);
        out[0] |= u8::from(retain);
        self.hall.desk.tally().outlet_sent.one();
        self.say(&out).await
    }

    async fn say(&mut self, bytes: &[u8]) -> Result<(), Parting> {
        let write = async {
            self.pipe.write_all(bytes).await?;
            self.pipe.flush().await
        };
        let written: Result<io::Result<()>, _> = timeout(self.hall.settings.stalled_within, write).await;
        match written {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(Parting::Lost),
            Err(_) => Err(Parting::Stalled),
        }
    }

    /// Acts on the packets that are whole.
    async fn hear(&mut self, out: &mut Vec<u8>) -> Result<(), Parting> {
        let bytes = std::mem::take(&mut self.bytes);
        let mut rest = &bytes[..];
        let broke = |Wrong(code)| Parting::Broke(code);
        while let Some(frame) = packet::cut(rest, self.hall.settings.max_packet).map_err(broke)? {
            rest = &rest[frame.whole.len()..];
            self.heard_at = Instant::now();
            let rate = Rate { per_s: self.hall.settings.packets_per_s, burst: Duration::from_secs(4) };
            match packet::read(self.version, frame).map_err(broke)? {
                Packet::Acknowledged(id) if self.in_flight.end(id) => continue,
                _ if !self.pace.take(self.heard_at, 1, rate) => return Err(Parting::TooFast),
                Packet::Acknowledged(_) | Packet::Unasked => {}
                Packet::Ping => reply::pong(out),
                Packet::Released(id) => reply::ack(out, self.version, Ack::Complete, id, Code::UnknownId),
                Packet::Disconnect { with_will } => return Err(Parting::Left { with_will }),
                Packet::Publish(publish) => self.deny(publish.qos, publish.id, out)?,
                Packet::Subscribe { id, filters } => {
                    let mut codes = Vec::with_capacity(filters.len());
                    for filter in &filters {
                        codes.push(self.subscribe(filter).await);
                    }
                    let before = out.len();
                    reply::suback(out, self.version, id, codes.into_iter());
                    reply::within(out, before, self.max_packet).map_err(broke)?;
                }
                Packet::Unsubscribe { id, filters } => {
                    let mut codes = Vec::with_capacity(filters.len());
                    for filter in filters {
                        codes.push(self.unsubscribe(filter).await as u8);
                    }
                    let before = out.len();
                    reply::unsuback(out, self.version, id, codes.into_iter());
                    reply::within(out, before, self.max_packet).map_err(broke)?;
                }
            }
        }
        self.bytes = rest.to_vec();
        Ok(())
    }

    fn deny(&self, qos: QoS, id: u16, out: &mut Vec<u8>) -> Result<(), Parting> {
        self.hall.desk.tally().publishes_denied.one();
        let ack = match qos {
            QoS::AtLeastOnce => Ack::Stored,
            QoS::ExactlyOnce => Ack::Received,
            QoS::AtMostOnce => return Err(Parting::Denied),
        };
        if self.version == Version::V4 {
            return Err(Parting::Denied);
        }
        reply::ack(out, self.version, ack, id, Code::NotAuthorized);
        Ok(())
    }

    /// Opens one filter, and answers its code in SUBACK.
    async fn subscribe(&mut self, filter: &Filter) -> u8 {
        let organization = self.admitted.organization;
        let known = self.filters.iter().position(|(held, _)| *held == filter.path);
        let judged = judge(organization, &filter.path);
        let judged = judged.and(if known.is_none() && self.filters.len() >= MAX_FILTERS {
            Err(Code::Quota)
        } else {
            Ok(())
        });
        if let Err(code) = judged {
            self.hall.desk.tally().subscriptions_denied.one();
            return if self.version == Version::V4 { Code::Unspecified as u8 } else { code as u8 };
        }
        let granted = if filter.qos == QoS::AtMostOnce { QoS::AtMostOnce } else { QoS::AtLeastOnce };
        match known {
            Some(at) => self.filters[at].1 = granted,
            None => {
                self.filters.push((filter.path.clone(), granted));
                self.open(&filter.path).await;
            }
        }
        let wanted = match filter.retain_forward_rule {
            RetainForwardRule::OnEverySubscribe => true,
            RetainForwardRule::OnNewSubscribe => known.is_none(),
            RetainForwardRule::Never => false,
        };
        if wanted {
            let kept = self.outlet.ledger().matching(organization, &filter.path);
            self.backlog.extend(kept.into_iter().map(|kept| (kept, true)));
        }
        granted as u8
    }

    async fn unsubscribe(&mut self, filter: String) -> Code {
        let Some(at) = self.filters.iter().position(|(held, _)| *held == filter) else {
            return Code::NoSubscription;
        };
        self.filters.swap_remove(at);
        let unsubscribe = Unsubscribe { pkid: 1, filters: vec![filter] };
        self.tell_router(protocol::Packet::Unsubscribe(unsubscribe, None)).await;
        Code::Success
    }
}
