//! The door: listeners, their caps, and the way from a socket to a session.
//!
//! The caller binds the sockets, so it owns ports and options. Every socket gets its own task with a deadline, so a
//! slow handshake delays nobody; only what is logged in becomes a session.

pub(crate) mod pipe;
mod reception;
pub(crate) mod side;
pub(crate) mod tls;
mod waiting;
pub(crate) mod web;

use std::{
    future::Future,
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::{
    net::{TcpListener, TcpStream},
    sync::{mpsc, watch},
    task::JoinHandle,
    time::{Instant, sleep},
};

use crate::{
    desk::{Desk, End},
    gate::Gate,
    session::{Hall, pace::Pace},
    settings::Settings,
};
use side::SideDoor;
use tls::Certificate;
use waiting::WaitingRoom;
use web::Origins;

/// One listener and what is spoken on it.
#[derive(Debug)]
pub struct Entrance {
    listener: TcpListener,
    certificate: Option<Certificate>,
    web: Option<Origins>,
}

impl Entrance {
    /// Plaintext MQTT.
    #[must_use]
    pub const fn mqtt(listener: TcpListener) -> Self {
        Self { listener, certificate: None, web: None }
    }

    /// MQTT over WebSocket too, at `/mqtt`: the first byte tells which it is.
    #[must_use]
    pub fn with_websocket(self, origins: Origins) -> Self {
        Self { web: Some(origins), ..self }
    }

    /// The same behind TLS. The certificate's files are looked at again every `certificate_check`.
    #[must_use]
    pub fn with_tls(self, certificate: Certificate) -> Self {
        Self { certificate: Some(certificate), ..self }
    }
}

/// The open door.
#[derive(Debug)]
pub struct Broker {
    desk: Desk,
    drain_over: Duration,
    linger: Duration,
    /// Dropped or set: nobody comes in any more.
    closing: watch::Sender<bool>,
    /// Ends when the last session has ended: each of them holds a sender.
    sessions: mpsc::Receiver<()>,
    accepting: Vec<JoinHandle<()>>,
    side_door: SideDoor,
}

/// What the tasks of one door share.
pub(crate) struct Door<G> {
    hall: Arc<Hall<G>>,
    waiting: WaitingRoom,
    connects: Mutex<Pace>,
    closing: watch::Receiver<bool>,
    alive: mpsc::Sender<()>,
}

impl Broker {
    /// Opens the door on listeners that are bound already. Needs a tokio runtime.
    ///
    /// The desk is given, not made, because the gate answers badges through it.
    pub fn open<G: Gate>(entrances: Vec<Entrance>, settings: Settings, desk: Desk, gate: Arc<G>) -> Self {
        let (closing, closing_seen) = watch::channel(false);
        let (alive, sessions) = mpsc::channel(1);
        let (drain_over, linger) = (settings.drain_over, settings.linger);
        let door = Arc::new(Door {
            waiting: WaitingRoom::new(desk.clone(), settings.max_waiting, settings.max_waiting_per_address),
            connects: Mutex::new(Pace::new(Instant::now())),
            hall: Arc::new(Hall { gate, desk: desk.clone(), settings }),
            closing: closing_seen,
            alive,
        });
        let mut accepting = Vec::new();
        for entrance in entrances {
            if let Some(certificate) = entrance.certificate.clone() {
                let watch = watch_certificate(certificate, door.hall.settings.certificate_check);
                accepting.push(tokio::spawn(until_closing(closing.subscribe(), watch)));
            }
            let accept = accept(Arc::clone(&door), entrance);
            accepting.push(tokio::spawn(until_closing(closing.subscribe(), accept)));
        }
        let side_door = SideDoor::of(&door);
        Self { desk, drain_over, linger, closing, sessions, accepting, side_door }
    }

    /// The way in for what an HTTP server upgraded to WebSocket.
    #[must_use]
    pub fn side_door(&self) -> SideDoor {
        self.side_door.clone()
    }

    #[must_use]
    pub const fn desk(&self) -> &Desk {
        &self.desk
    }

    /// Lets nobody in any more, tells everyone goodbye (DISCONNECT 0x8B) evenly over `drain_over`, and returns when
    /// all are gone, or have been given the time to go.
    pub async fn close(mut self) {
        let _ = self.closing.send(true);
        for task in self.accepting.drain(..) {
            let _ = task.await;
        }
        let seats = self.desk.all();
        let slices =
            usize::try_from(self.drain_over.as_millis() / 20).unwrap_or(1).clamp(1, seats.len().max(1));
        for slice in seats.chunks(seats.len().div_ceil(slices).max(1)) {
            for seat in slice {
                seat.end(End::Shutdown);
            }
            if slices > 1 {
                sleep(self.drain_over / u32::try_from(slices).unwrap_or(u32::MAX)).await;
            }
        }
        // Whoever was still being admitted meanwhile.
        self.desk.end(crate::desk::Whom::All, End::Shutdown);
        let _ = tokio::time::timeout(self.linger + Duration::from_secs(1), self.sessions.recv()).await;
    }
}

impl<G: Gate> Door<G> {
    pub(crate) fn may_connect(&self) -> bool {
        let settings = &self.hall.settings;
        let per_s = settings.connects_per_s.max(1);
        let burst =
            Duration::from_secs_f64((settings.max_connections.max(1) as f64 / f64::from(per_s)).max(1.0));
        let rate = crate::session::pace::Rate { per_s, burst };
        self.connects.lock().unwrap_or_else(PoisonError::into_inner).take(Instant::now(), 1, rate)
    }
}

async fn until_closing(mut closing: watch::Receiver<bool>, work: impl Future<Output = ()>) {
    tokio::select! {
        biased;
        _ = closing.wait_for(|closing| *closing) => {}
        () = work => {}
    }
}

async fn accept<G: Gate>(door: Arc<Door<G>>, entrance: Entrance) {
    let entrance = Arc::new(entrance);
    loop {
        match entrance.listener.accept().await {
            Ok((socket, peer)) => {
                door.hall.desk.tally().accepted.one();
                let Some(ticket) = door.waiting.enter(peer.ip()) else { continue };
                settle_in(&socket);
                let (door, entrance) = (Arc::clone(&door), Arc::clone(&entrance));
                tokio::spawn(until_closing(door.closing.clone(), async move {
                    reception::receive(door, &entrance, socket, peer, ticket).await;
                }));
            }
            Err(error) => {
                // Out of descriptors: waiting lets some go; spinning would not.
                door.hall.desk.tally().accepts_failed.one();
                tracing::warn!(%error, "cannot accept a connection");
                sleep(Duration::from_millis(50)).await;
            }
        }
    }
}

async fn watch_certificate(certificate: Certificate, every: Duration) {
    loop {
        sleep(every).await;
        let certificate = certificate.clone();
        match tokio::task::spawn_blocking(move || certificate.reload()).await {
            Ok(Ok(true)) => tracing::info!("the TLS certificate was replaced"),
            Ok(Ok(false)) | Err(_) => {}
            Ok(Err(error)) => {
                tracing::warn!(%error, "the TLS certificate cannot be replaced; the old one stays");
            }
        }
    }
}

/// Options every socket gets. A failure costs some latency or a later notice, never the connection.
fn settle_in(socket: &TcpStream) {
    let _ = socket.set_nodelay(true);
}

fn peer_of(peer: SocketAddr) -> SocketAddr {
    // An IPv4 client of a dual-stack socket is one address, not two.
    SocketAddr::new(peer.ip().to_canonical(), peer.port())
}
