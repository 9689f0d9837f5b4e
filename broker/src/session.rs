//! One client's connection, from CONNACK to its end.
//!
//! A session is one small future. It takes what others leave in its [`Seat`], reads and writes its pipe, and has the
//! house store what its client says. It is polled by hand instead of being written with `select!`, because there are
//! many thousands of them: nothing is allocated while a client is quiet, buffers belong to the worker thread, and one
//! lazily moved timer serves every deadline. What an idle connection costs is accounted for in `memory`.

mod clock;
mod departure;
mod hearing;
pub(crate) mod input;
#[cfg(test)]
mod memory;
mod output;
pub(crate) mod pace;
pub(crate) mod parting;
mod presence;
mod scratch;
mod subscriptions;

use std::{
    future::{Future, poll_fn},
    io,
    pin::{Pin, pin},
    sync::Arc,
    task::{Context, Poll},
};

use badgecast_domain::id::BadgeId;
use tokio::{
    io::{AsyncRead, ReadBuf},
    time::{Instant, Sleep, sleep_until},
};

pub(crate) use self::departure::last_words;
use self::{
    clock::{Clock, Due},
    hearing::Hearing,
    pace::Pace,
    parting::Parting,
    presence::Presence,
    scratch::Scratch,
};
use crate::{
    desk::{
        Admission, Desk,
        seat::{Connected, Seat},
        shows::now,
    },
    door::pipe::Pipe,
    gate::{Admitted, Gate, Said, Who},
    packet::{Version, Wrong, connect::Connect, reply},
    settings::Settings,
};

/// What every session of a door shares.
pub(crate) struct Hall<G> {
    pub(crate) gate: Arc<G>,
    pub(crate) desk: Desk,
    pub(crate) settings: Settings,
}

/// One client's connection.
pub(crate) struct Session<G: Gate> {
    presence: Presence<G>,
    pipe: Pipe,
    admitted: Arc<Admitted>,
    version: Version,
    /// The largest packet the client takes.
    max_packet: u32,
    /// What is heard when the client is gone without a goodbye.
    will: Option<Box<(BadgeId, Said)>>,
    /// The beginning of a packet whose end has not come.
    partial: Vec<u8>,
    hearing: Hearing,
    /// Messages of QoS 2 that are stored and not released.
    unreleased: Vec<u16>,
    clock: Clock,
    packets: Pace,
    bytes: Pace,
}

impl<G: Gate> Session<G> {
    /// Seats an admitted client and says CONNACK to it. `early` is what it said right after CONNECT.
    pub(crate) fn begin(
        hall: Arc<Hall<G>>,
        mut pipe: Pipe,
        connect: Connect,
        will: Option<Box<(BadgeId, Said)>>,
        admitted: Admitted,
        early: Vec<u8>,
        admission: &Admission,
    ) -> Self {
        let settings = &hall.settings;
        let granted = granted_keep_alive(&connect, settings);
        let connected = Connected {
            organization: admitted.organization,
            connect: &connect,
            direct: pipe.direct(),
            welcome: welcome(&connect, settings),
        };
        let (seat, members) = match &admitted.who {
            Who::Badge(member) => (Seat::of_badge(member.badge, connected), vec![member.clone()]),
            Who::Gateway { gateway, badges } => {
                let of = badges.iter().map(|member| member.badge);
                (Seat::of_gateway(*gateway, of, connected), badges.clone())
            }
            // The outlet serves these; the door does not let them in here.
            Who::Integration { client } => {
                let client = BadgeId::from_uuid(client.uuid());
                (Seat::of_gateway(client, std::iter::empty(), connected), Vec::new())
            }
        };
        hall.desk.enter(&seat, admitted.token, members);
        hall.desk.catch_up(admission, &seat, admitted.token);
        let client = seat.client;
        let mut presence =
            Presence { hall: Arc::clone(&hall), seat, token: admitted.token, present: Vec::new() };
        presence.came(client);

        let at = Instant::now();
        let clock = Clock::new(at, granted, moment_to_instant(&admitted), settings.stalled_within);
        Self {
            presence,
            pipe,
            admitted: Arc::new(admitted),
            version: connect.version,
            max_packet: connect.max_packet,
            will,
            partial: early,
            hearing: Hearing::default(),
            unreleased: Vec::new(),
            clock,
            packets: Pace::new(at),
            bytes: Pace::new(at),
        }
    }

    /// Serves the client until one side ends it.
    pub(crate) async fn run(mut self) {
        let parting = {
            let mut timer = pin!(sleep_until(self.clock.next()));
            poll_fn(|cx| {
                let mut scratch = Scratch::take(self.hall().settings.max_packet);
                let turn = self.turn(cx, timer.as_mut(), &mut scratch);
                if scratch.writing || !scratch.unsaid().is_empty() {
                    self.seat().said(scratch.unsaid());
                }
                scratch.give_back();
                turn
            })
            .await
        };
        // The end is rare and takes more room than the life: it gets its own.
        Box::pin(self.depart(parting)).await;
    }

    fn hall(&self) -> &Arc<Hall<G>> {
        &self.presence.hall
    }

    fn seat(&self) -> &Arc<Seat> {
        &self.presence.seat
    }

    /// Does all that can be done now.
    fn turn(&mut self, cx: &mut Context<'_>, timer: Pin<&mut Sleep>, scratch: &mut Scratch) -> Poll<Parting> {
        if let Some(why) = self.presence.seat.look(cx.waker(), &mut scratch.out) {
            return Poll::Ready(Parting::Ended(why));
        }
        self.follow_assignment();
        // What came with the CONNECT, or before a pause, needs no reading.
        let mut parting = if self.partial.is_empty() { Ok(()) } else { self.hear_all(0, scratch) };
        let mut open = true;
        while parting.is_ok() && open {
            parting = self.settle(cx, scratch);
            if parting.is_err() {
                break;
            }
            self.say(scratch);
            parting = self.write(cx, scratch);
            if parting.is_err() || scratch.unsaid().len() > self.hall().settings.max_held_bytes {
                break;
            }
            match self.read(cx, scratch) {
                Poll::Ready(Ok(0)) => parting = Err(Parting::Lost),
                Poll::Ready(Ok(count)) => parting = self.hear_all(count, scratch),
                Poll::Ready(Err(_)) => parting = Err(Parting::Lost),
                Poll::Pending => open = false,
            }
        }
        match parting {
            Ok(()) => self.mind_the_clock(cx, timer),
            Err(parting) => Poll::Ready(parting),
        }
    }

    fn read(&mut self, cx: &mut Context<'_>, scratch: &mut Scratch) -> Poll<io::Result<usize>> {
        let mut into = ReadBuf::new(&mut scratch.inbox[self.partial.len()..]);
        Pin::new(&mut self.pipe).poll_read(cx, &mut into).map_ok(|()| into.filled().len())
    }

    /// Hears every packet that is whole, of what was left over and `count` bytes that were just read behind it.
    fn hear_all(&mut self, count: usize, scratch: &mut Scratch) -> Result<(), Parting> {
        let before = self.partial.len();
        scratch.inbox[..before].copy_from_slice(&self.partial);
        self.partial = Vec::new();
        if count > 0 {
            self.clock.heard_at = Instant::now();
            self.count_bytes(count)?;
        }
        let Scratch { inbox, out, .. } = scratch;
        let mut bytes = &inbox[..before + count];
        let max = self.hall().settings.max_packet;
        while let Some(frame) = crate::packet::cut(bytes, max).map_err(|Wrong(code)| Parting::Broke(code))? {
            bytes = &bytes[frame.whole.len()..];
            self.hear(frame, out)?;
        }
        if !bytes.is_empty() {
            self.partial = bytes.to_vec();
        }
        Ok(())
    }

    fn mind_the_clock(&mut self, cx: &mut Context<'_>, mut timer: Pin<&mut Sleep>) -> Poll<Parting> {
        loop {
            let next = self.clock.next();
            if next < timer.deadline() {
                timer.as_mut().reset(next);
            }
            if timer.as_mut().poll(cx).is_pending() {
                return Poll::Pending;
            }
            match self.clock.due(Instant::now()) {
                Due::Parting(parting) => return Poll::Ready(parting),
                Due::Hello(badge) => {
                    self.hall().desk.tally().hellos_missing.one();
                    self.ask(None, badge, Said::NoHello);
                    // The question is put on the next turn, which this asks for.
                    cx.waker().wake_by_ref();
                }
                Due::Nothing => {}
            }
            timer.as_mut().reset(self.clock.next());
        }
    }
}

/// The CONNACK for one who was let in.
pub(crate) fn welcome(connect: &Connect, settings: &Settings) -> Vec<u8> {
    let granted = granted_keep_alive(connect, settings);
    let mut words = Vec::new();
    let welcome = reply::Welcome {
        receive_maximum: input::RECEIVE_MAXIMUM,
        max_packet: u32::try_from(settings.max_packet).unwrap_or(u32::MAX),
        keep_alive_s: (granted != connect.keep_alive_s).then_some(granted),
        client_id: connect.assigned.then_some(connect.client_id.as_str()),
        no_session: connect.wants_session,
    };
    reply::welcome(&mut words, connect.version, welcome);
    words
}

/// The keep-alive that holds: the client's, unless it is off or too long and can be told another.
pub(crate) const fn granted_keep_alive(connect: &Connect, settings: &Settings) -> u16 {
    let asked = connect.keep_alive_s;
    match connect.version {
        Version::V5 if asked == 0 || asked > settings.max_keep_alive_s => settings.max_keep_alive_s,
        Version::V4 | Version::V5 => asked,
    }
}

pub(crate) fn moment_to_instant(admitted: &Admitted) -> Instant {
    Instant::now() + admitted.expires_at.since(now())
}
