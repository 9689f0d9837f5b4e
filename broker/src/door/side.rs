//! The side door: connections that an HTTP server accepted and upgraded to WebSocket.
//!
//! They wait, are capped and are judged like those of the front door.

use std::{fmt, net::SocketAddr, sync::Arc};

use tokio::io::DuplexStream;

use super::{Door, reception, until_closing};
use crate::gate::Gate;

type Receive = dyn Fn(DuplexStream, SocketAddr) -> bool + Send + Sync;

/// The way in beside the listeners. Cheap to clone.
#[derive(Clone)]
pub struct SideDoor(Arc<Receive>);

impl fmt::Debug for SideDoor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SideDoor(..)")
    }
}

impl SideDoor {
    /// It does not keep the door open.
    pub(super) fn of<G: Gate>(door: &Arc<Door<G>>) -> Self {
        let door = Arc::downgrade(door);
        Self(Arc::new(move |stream, peer| {
            let Some(door) = door.upgrade() else { return false };
            door.hall.desk.tally().accepted.one();
            let Some(ticket) = door.waiting.enter(peer.ip()) else { return false };
            let work = reception::receive_upgraded(Arc::clone(&door), stream, peer, ticket);
            tokio::spawn(until_closing(door.closing.clone(), work));
            true
        }))
    }

    /// Takes in the bytes behind a 101 that [`Origins::judge`](crate::Origins::judge) allowed; false when there is no
    /// place, or the door is closing. Needs a tokio runtime.
    #[must_use]
    pub fn receive(&self, stream: DuplexStream, peer: SocketAddr) -> bool {
        (self.0)(stream, peer)
    }
}
