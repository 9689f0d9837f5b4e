//! What a session says.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use tokio::{io::AsyncWrite, time::Instant};

use super::{Session, parting::Parting, scratch::Scratch};
use crate::gate::Gate;

impl<G: Gate> Session<G> {
    /// Takes from the seat what the client has room for.
    pub(super) fn say(&mut self, scratch: &mut Scratch) {
        // While the client takes nothing, what is left at the desk stays there, and stays the newest.
        let takes_all = scratch.said == 0;
        scratch.writing = self.seat().say(takes_all, &mut scratch.out, self.hall().desk.tally());
    }

    /// Writes what there is to say, as far as the client takes it.
    pub(super) fn write(&mut self, cx: &mut Context<'_>, scratch: &mut Scratch) -> Result<(), Parting> {
        // Most turns have nothing to write and nothing to push.
        if scratch.out.is_empty() && self.clock.stalled_at.is_none() && self.pipe.is_plain() {
            return Ok(());
        }
        let mut said = 0;
        while !scratch.unsaid().is_empty() {
            match Pin::new(&mut self.pipe).poll_write(cx, scratch.unsaid()) {
                Poll::Ready(Ok(0) | Err(_)) => return Err(Parting::Lost),
                Poll::Ready(Ok(count)) => {
                    scratch.said += count;
                    said += count;
                }
                Poll::Pending => break,
            }
        }
        if said > 0 {
            self.hall().desk.tally().bytes_out.add(said);
        }
        let flushed = match Pin::new(&mut self.pipe).poll_flush(cx) {
            Poll::Ready(Ok(())) => true,
            Poll::Ready(Err(_)) => return Err(Parting::Lost),
            Poll::Pending => false,
        };
        if scratch.unsaid().is_empty() {
            scratch.out.clear();
            scratch.said = 0;
        }
        let stalled = !flushed || !scratch.unsaid().is_empty();
        self.clock.stalled_at = match self.clock.stalled_at {
            _ if !stalled => None,
            Some(since) if said == 0 => Some(since),
            _ => Some(Instant::now()),
        };
        Ok(())
    }
}
