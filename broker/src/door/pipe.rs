//! The ways bytes come in: one stream type for the session, whatever lies beneath.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use tokio::{
    io::{AsyncRead, AsyncWrite, DuplexStream, ReadBuf},
    net::{
        TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
};
use tokio_rustls::server::TlsStream;

use super::web::Web;

/// A connection's bytes. The plain one, which most fleets use, is inline; the others are boxed so that it stays small.
#[derive(Debug)]
pub(crate) enum Pipe {
    Plain(Plain),
    Secure(Box<TlsStream<TcpStream>>),
    Web(Box<Web>),
    /// The bytes that were read to see what is spoken, and the pipe they came from.
    Again(Box<(Bytes, Self)>),
    /// Handed over by someone who accepted the socket: an HTTP server, or a test.
    Handed(DuplexStream),
}

/// A socket with nothing around it.
#[derive(Debug)]
pub(crate) struct Plain {
    socket: OwnedReadHalf,
    /// Given away once; the socket can be written without it.
    direct: Option<Direct>,
}

/// A second way to write to a plain socket. What is written here must not come between parts of what is written there.
#[derive(Debug)]
pub(crate) struct Direct(Option<OwnedWriteHalf>);

impl Direct {
    /// Writes what the socket takes now; `WouldBlock` when that is nothing.
    pub(crate) fn try_write(&self, bytes: &[u8]) -> io::Result<usize> {
        self.0.as_ref().map_or(Err(io::ErrorKind::NotConnected.into()), |half| half.try_write(bytes))
    }
}

impl Drop for Direct {
    fn drop(&mut self) {
        // Dropped like that it would end the stream; the session alone says when it is over.
        if let Some(half) = self.0.take() {
            half.forget();
        }
    }
}

impl Pipe {
    pub(crate) fn plain(socket: TcpStream) -> Self {
        let (socket, half) = socket.into_split();
        Self::Plain(Plain { socket, direct: Some(Direct(Some(half))) })
    }

    /// Nothing that was written is held back on its way to the system.
    pub(crate) const fn is_plain(&self) -> bool {
        matches!(self, Self::Plain(_))
    }

    /// A second way to write, for the first who asks; only a plain socket has one.
    pub(crate) fn direct(&mut self) -> Option<Direct> {
        match self {
            Self::Plain(plain) => plain.direct.take(),
            _ => None,
        }
    }
}

impl Plain {
    fn poll_write(&self, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let socket: &TcpStream = self.socket.as_ref();
        loop {
            ready!(socket.poll_write_ready(cx))?;
            match socket.try_write(bytes) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                written => return Poll::Ready(written),
            }
        }
    }

    fn shutdown(&self) -> io::Result<()> {
        socket2::SockRef::from(AsRef::<TcpStream>::as_ref(&self.socket)).shutdown(std::net::Shutdown::Write)
    }
}

impl AsyncRead for Pipe {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(plain) => Pin::new(&mut plain.socket).poll_read(cx, into),
            Self::Secure(stream) => Pin::new(stream).poll_read(cx, into),
            Self::Web(web) => web.poll_read(cx, into),
            Self::Again(again) => {
                let (bytes, pipe) = &mut **again;
                if bytes.is_empty() {
                    return Pin::new(pipe).poll_read(cx, into);
                }
                let count = bytes.len().min(into.remaining());
                into.put_slice(&bytes.split_to(count));
                Poll::Ready(Ok(()))
            }
            Self::Handed(stream) => Pin::new(stream).poll_read(cx, into),
        }
    }
}

impl AsyncWrite for Pipe {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(plain) => plain.poll_write(cx, bytes),
            Self::Secure(stream) => Pin::new(stream).poll_write(cx, bytes),
            Self::Web(web) => web.poll_write(cx, bytes),
            Self::Again(again) => Pin::new(&mut again.1).poll_write(cx, bytes),
            Self::Handed(stream) => Pin::new(stream).poll_write(cx, bytes),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(_) => Poll::Ready(Ok(())),
            Self::Secure(stream) => Pin::new(stream).poll_flush(cx),
            Self::Web(web) => web.poll_flush(cx),
            Self::Again(again) => Pin::new(&mut again.1).poll_flush(cx),
            Self::Handed(stream) => Pin::new(stream).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(plain) => Poll::Ready(plain.shutdown()),
            Self::Secure(stream) => Pin::new(stream).poll_shutdown(cx),
            Self::Web(web) => web.poll_shutdown(cx),
            Self::Again(again) => Pin::new(&mut again.1).poll_shutdown(cx),
            Self::Handed(stream) => Pin::new(stream).poll_shutdown(cx),
        }
    }
}
