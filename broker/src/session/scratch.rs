//! The buffers of one turn. They belong to the worker thread, so an idle session has none.

use std::cell::Cell;

thread_local! {
    static KEPT: Cell<Option<Scratch>> = const { Cell::new(None) };
}

/// What a session reads into and writes from during one turn.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    /// Twice the largest packet: one that is incomplete, and what is read behind it.
    pub(super) inbox: Vec<u8>,
    /// What is to be said.
    pub(super) out: Vec<u8>,
    /// How much of that is said.
    pub(super) said: usize,
    /// The desk writes nothing past the session until it is told that this is over.
    pub(super) writing: bool,
}

impl Scratch {
    /// This thread's, or new ones when a turn happens inside a turn.
    pub(super) fn take(max_packet: usize) -> Self {
        let mut scratch = KEPT.take().unwrap_or_default();
        let inbox = max_packet.saturating_mul(2);
        if scratch.inbox.len() < inbox {
            scratch.inbox.resize(inbox, 0);
        }
        scratch
    }

    pub(super) fn give_back(mut self) {
        self.out.clear();
        self.said = 0;
        self.writing = false;
        KEPT.set(Some(self));
    }

    pub(super) fn unsaid(&self) -> &[u8] {
        &self.out[self.said..]
    }
}
