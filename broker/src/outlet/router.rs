//! rumqttd's router, the thread that feeds it, and the watchdog that replaces both.

use std::{
    fmt,
    sync::{
        Arc, Mutex, Weak,
        mpsc::{Receiver, RecvTimeoutError, sync_channel},
    },
    thread,
    time::{Duration, Instant},
};

use futures_util::FutureExt;
use rumqttd::{
    Notification, Router, RouterConfig,
    local::{LinkBuilder, LinkRx, LinkTx},
    protocol::{Disconnect, DisconnectReasonCode, Packet},
};

use tokio::{sync::oneshot, time::timeout};

use super::{Outlet, lock};

/// How often the router is asked whether it lives.
const BEAT: Duration = Duration::from_millis(100);

/// A router that has not answered for this long is replaced.
const DEAD_AFTER: Duration = Duration::from_secs(1);

/// How long the router may take to answer.
pub(super) const ANSWER_WITHIN: Duration = Duration::from_secs(2);

/// Notes that may wait for the router's thread.
const MAX_NOTES: usize = 1_000;

/// The topic the watchdog speaks to itself on. No reader's filter can cover it.
const WATCHDOG: &str = "watchdog";

/// Something for the router to spread.
#[derive(Debug)]
pub(super) struct Note {
    pub(super) topic: String,
    pub(super) payload: Vec<u8>,
}

/// Opens a link of this name.
type Open = dyn Fn(&str) -> Option<(LinkTx, LinkRx)> + Send + Sync;

/// A running router. Only closures can hold its sender: the type of its events has no name outside rumqttd.
#[derive(Clone)]
pub(super) struct Core {
    link: Arc<Open>,
    /// Tells one router from the next.
    pub(super) generation: usize,
}

impl fmt::Debug for Core {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Core").field("generation", &self.generation).finish_non_exhaustive()
    }
}

impl Core {
    fn start(generation: usize, max_links: usize) -> Self {
        let config = RouterConfig {
            max_connections: max_links,
            max_outgoing_packet_count: 200,
            max_segment_size: 1024 * 1024,
            max_segment_count: 4,
            ..RouterConfig::default()
        };
        let events = Router::new(generation, config).spawn();
        let link = move |id: &str| {
            let (sender, receiver, _) = LinkBuilder::new(id, events.clone()).build().ok()?;
            Some((sender, receiver))
        };
        Self { link: Arc::new(link), generation }
    }

    /// A link of this name. Blocks while the router is busy, and for ever if it has died in a bad moment: ask from a
    /// thread that may be lost.
    pub(super) fn link(&self, id: &str) -> Option<(LinkTx, LinkRx)> {
        (self.link)(id)
    }
}

/// Asks the router something on a thread of its own, and waits for a while.
///
/// Whoever asks a router that has just died may wait for ever. A thread of the runtime's pool would then keep the
/// whole process from ending; this one is lost alone.
pub(super) async fn ask<T: Send + 'static>(
    question: impl FnOnce() -> Option<T> + Send + 'static,
) -> Option<T> {
    let (answer, answered) = oneshot::channel();
    thread::Builder::new().name("outlet-ask".to_owned()).spawn(move || answer.send(question())).ok()?;
    timeout(ANSWER_WITHIN, answered).await.ok()?.ok()?
}

/// Hands over a packet; false when the router is gone. Blocks while it is busy, in spite of the library's `async`.
pub(super) fn tell(sender: &mut LinkTx, packet: Packet) -> bool {
    sender.send(packet).now_or_never().is_some_and(|sent| sent.is_ok())
}

/// Says goodbye; a link dropped without it stays in the router for ever. Nothing may follow.
pub(super) fn hang_up(mut sender: LinkTx) {
    let disconnect = Disconnect { reason_code: DisconnectReasonCode::NormalDisconnection };
    tell(&mut sender, Packet::Disconnect(disconnect, None));
}

/// Keeps a router running as long as there is an outlet.
pub(super) async fn keep_running(outlet: Weak<Outlet>, restarted: impl Fn() + Send + 'static) {
    for generation in 0.. {
        let Some(held) = outlet.upgrade() else { return };
        let (post, notes) = sync_channel(MAX_NOTES);
        let beat = Arc::new(Mutex::new(Instant::now()));
        *lock(&held.post) = Some(post);
        let (core, heart) = (Core::start(generation, super::reader::MAX_READERS + 8), Arc::clone(&beat));
        let own = core.clone();
        let feeder =
            thread::Builder::new().name("outlet".to_owned()).spawn(move || feed(&own, &notes, &heart));
        held.router.send_replace(Some(core));
        drop(held);
        let mut missing = false;
        // Without a thread there is no beat, and this tries again.
        loop {
            tokio::time::sleep(BEAT).await;
            let Some(held) = outlet.upgrade() else { return };
            held.make_good(&mut missing);
            if lock(&beat).elapsed() > DEAD_AFTER
                || feeder.as_ref().is_ok_and(thread::JoinHandle::is_finished)
            {
                break;
            }
        }
        tracing::warn!("the outlet's router does not answer; a new one takes over");
        restarted();
    }
}

/// Feeds one router until it dies or nobody sends any more.
fn feed(core: &Core, notes: &Receiver<Note>, beat: &Mutex<Instant>) -> Option<()> {
    let (mut sender, mut receiver) = core.link("outlet")?;
    sender.subscribe(WATCHDOG).ok()?;
    let mut asked = Instant::now();
    loop {
        match notes.recv_timeout(BEAT) {
            // A full router drops it: readers lag, badges do not.
            Ok(note) => drop(sender.try_publish(note.topic, note.payload)),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => {
                hang_up(sender);
                return None;
            }
        }
        if asked.elapsed() >= BEAT {
            asked = Instant::now();
            drop(sender.try_publish(WATCHDOG, "?"));
        }
        while !receiver_is_idle(&mut receiver, beat)? {}
    }
}

/// Takes one notification, if there is one; `None` when the router is gone.
fn receiver_is_idle(receiver: &mut LinkRx, beat: &Mutex<Instant>) -> Option<bool> {
    match receiver.next().now_or_never() {
        None => return Some(true),
        Some(Ok(Some(Notification::Forward(_)))) => *lock(beat) = Instant::now(),
        Some(Ok(Some(Notification::Unschedule))) => receiver.ready().ok()?,
        Some(Ok(_)) => {}
        Some(Err(_)) => return None,
    }
    Some(false)
}
