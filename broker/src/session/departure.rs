//! The end of a connection: the last word, and the will.

use std::{future::poll_fn, io, pin::Pin, sync::Arc, task::Poll, time::Duration};

use tokio::{
    io::{AsyncRead, AsyncWriteExt, ReadBuf},
    time::timeout,
};

use super::{Session, parting::Parting, scratch::Scratch};
use crate::{door::pipe::Pipe, gate::Gate, packet::reply};

impl<G: Gate> Session<G> {
    /// Leaves the desk, says the last word, and sees to the will.
    pub(super) async fn depart(self, parting: Parting) {
        let Self { presence, mut pipe, will, version, max_packet, .. } = self;
        let hall = Arc::clone(&presence.hall);
        let mut rest = presence.seat.hang_up();
        let will = will.filter(|_| parting.with_will()).map(|will| (presence.line(will.0), will.1));
        drop(presence);
        parting.count(hall.desk.tally());

        let linger = hall.settings.linger;
        match parting.code() {
            Some(code) => {
                reply::disconnect(&mut rest, version, code, max_packet);
                last_words(&mut pipe, &rest, linger).await;
            }
            None => {
                let _ = timeout(linger, pipe.shutdown()).await;
            }
        }
        if let Some((line, said)) = will {
            hall.desk.tally().wills.one();
            hall.desk.outlet().said(line.organization, line.badge, &said, hall.desk.tally());
            let stored = timeout(hall.settings.admit_within, hall.gate.heard(line, said)).await;
            if !matches!(stored, Ok(Ok(()))) {
                hall.desk.tally().messages_unstored.one();
            }
        }
    }
}

/// Writes the last bytes and waits, for a while, until the other side has read them: closing a socket with unread
/// input makes the system throw away what was just written.
pub(crate) async fn last_words(pipe: &mut Pipe, words: &[u8], within: Duration) {
    let said = async {
        pipe.write_all(words).await?;
        pipe.flush().await?;
        pipe.shutdown().await?;
        poll_fn(|cx| {
            let mut scratch = Scratch::take(1_024);
            let read = loop {
                let mut into = ReadBuf::new(&mut scratch.inbox[..]);
                match Pin::new(&mut *pipe).poll_read(cx, &mut into) {
                    Poll::Ready(Ok(())) if into.filled().is_empty() => break Poll::Ready(Ok(())),
                    Poll::Ready(Ok(())) => {}
                    other => break other,
                }
            };
            scratch.give_back();
            read
        })
        .await
    };
    let _: Result<io::Result<()>, _> = timeout(within, said).await;
}
