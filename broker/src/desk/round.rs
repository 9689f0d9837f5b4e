//! Bringing one show to many: the desk writes to the sockets itself, some dozens of seats at a time.
//!
//! Waking a session costs the scheduler more than the session's own work, and a broadcast would wake each of them twice:
//! to write and to hear the acknowledgement. So the first is done here, in few tasks that every worker can take, as
//! long as the client takes bytes at once. What is odd about a connection (TLS, a full buffer, a session that is just
//! writing) is left to its session.

use std::sync::Arc;

use tokio::runtime::Handle;

use super::{Desk, seat::Seat};

/// How many seats one task goes to: some hundred microseconds of work, then others have their turn.
const SEATS: usize = 64;

/// Seats at which a show waits to be brought.
pub(super) struct Round<'a> {
    desk: &'a Desk,
    /// Without one it is done here and now.
    runtime: Option<Handle>,
    seats: Vec<Arc<Seat>>,
}

impl<'a> Round<'a> {
    pub(super) fn new(desk: &'a Desk) -> Self {
        Self { desk, runtime: Handle::try_current().ok(), seats: Vec::new() }
    }

    pub(super) fn add(&mut self, seat: &Arc<Seat>) {
        self.seats.push(Arc::clone(seat));
        if self.seats.len() >= SEATS {
            self.go();
        }
    }

    fn go(&mut self) {
        let (desk, seats) = (self.desk.clone(), std::mem::take(&mut self.seats));
        let bring = move || {
            let mut out = Vec::new();
            for seat in &seats {
                seat.bring(&mut out, desk.tally());
            }
        };
        match &self.runtime {
            Some(runtime) => drop(runtime.spawn(async move { bring() })),
            None => bring(),
        }
    }
}

impl Drop for Round<'_> {
    fn drop(&mut self) {
        if !self.seats.is_empty() {
            self.go();
        }
    }
}
