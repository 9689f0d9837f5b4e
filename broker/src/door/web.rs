//! MQTT over WebSocket (MQTT 5.0 section 6): binary frames that carry the byte stream.

use std::{
    io,
    pin::Pin,
    sync::{Arc, PoisonError, RwLock},
    task::{Context, Poll, ready},
};

use bytes::{Buf, Bytes};
use futures_util::{Sink, Stream};
use tokio::io::ReadBuf;
use tokio_tungstenite::{
    WebSocketStream, accept_hdr_async_with_config,
    tungstenite::{
        Error, Message,
        handshake::server::{ErrorResponse, Request, Response, create_response},
        http::{HeaderValue, StatusCode, header},
        protocol::{Role, WebSocketConfig},
    },
};

use super::pipe::Pipe;

/// The path MQTT is spoken on.
const PATH: &str = "/mqtt";

/// The subprotocol a client has to offer [MQTT-6.0.0-3].
const SUBPROTOCOL: &str = "mqtt";

/// The pages that may open a connection from a browser. Cheap to clone; all clones change together.
///
/// Browsers let any page open a WebSocket anywhere, and CORS does not cover it: the server has to look. Clients that
/// are no browser send no Origin and are not asked for one.
#[derive(Debug, Clone, Default)]
pub struct Origins {
    allowed: Arc<RwLock<Vec<String>>>,
}

/// Why a request to speak MQTT over WebSocket is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadUpgrade {
    #[error("pages of this origin may not connect")]
    Origin,
    #[error("not a WebSocket handshake with the subprotocol mqtt")]
    Handshake,
}

impl Origins {
    /// Exactly these, such as `https://badges.example`.
    pub fn these(origins: impl IntoIterator<Item = String>) -> Self {
        let allowed = Self::default();
        allowed.replace(origins);
        allowed
    }

    /// Others from now on. Who is connected stays.
    pub fn replace(&self, origins: impl IntoIterator<Item = String>) {
        let origins = origins.into_iter().map(|origin| origin.to_ascii_lowercase()).collect();
        *self.allowed.write().unwrap_or_else(PoisonError::into_inner) = origins;
    }

    /// Judges a request that an HTTP server took in for us: the headers of its 101, by name and value.
    ///
    /// # Errors
    /// The page may not connect, or the request is no handshake.
    pub fn judge<'a>(
        &self,
        headers: impl IntoIterator<Item = (&'a str, &'a [u8])>,
    ) -> Result<Vec<(String, String)>, BadUpgrade> {
        let mut request = Request::new(());
        *request.uri_mut() = PATH.parse().map_err(|_| BadUpgrade::Handshake)?;
        for (name, value) in headers {
            let name: Result<header::HeaderName, _> = name.parse();
            if let (Ok(name), Ok(value)) = (name, HeaderValue::from_bytes(value)) {
                request.headers_mut().append(name, value);
            }
        }
        let response = create_response(&request).map_err(|_| BadUpgrade::Handshake)?;
        let response = judge(self, &request, response).map_err(|refused| match refused.status() {
            StatusCode::FORBIDDEN => BadUpgrade::Origin,
            _ => BadUpgrade::Handshake,
        })?;
        let ours = [header::SEC_WEBSOCKET_ACCEPT, header::SEC_WEBSOCKET_PROTOCOL].into_iter();
        Ok(ours
            .filter_map(|name| {
                Some((name.to_string(), response.headers().get(&name)?.to_str().ok()?.to_owned()))
            })
            .collect())
    }

    fn allow(&self, origin: &HeaderValue) -> bool {
        let allowed = self.allowed.read().unwrap_or_else(PoisonError::into_inner);
        origin.to_str().is_ok_and(|origin| allowed.contains(&origin.to_ascii_lowercase()))
    }
}

/// A WebSocket as a stream of bytes.
#[derive(Debug)]
pub(crate) struct Web {
    socket: WebSocketStream<Pipe>,
    /// What came in a frame and has not been read.
    unread: Bytes,
}

impl Web {
    /// Shakes hands; `None` when the request was not for us, which it has been told then.
    pub(super) async fn accept(pipe: Pipe, origins: &Origins, max_packet: usize) -> Option<Self> {
        let config = config(max_packet);
        let origins = origins.clone();
        #[expect(clippy::result_large_err, reason = "the library's callback is of this type")]
        let judge = move |request: &Request, response: Response| judge(&origins, request, response);
        let socket = accept_hdr_async_with_config(pipe, judge, Some(config)).await.ok()?;
        Some(Self { socket, unread: Bytes::new() })
    }

    /// Behind a handshake that an HTTP server has made.
    pub(super) async fn upgraded(pipe: Pipe, max_packet: usize) -> Self {
        let socket = WebSocketStream::from_raw_socket(pipe, Role::Server, Some(config(max_packet))).await;
        Self { socket, unread: Bytes::new() }
    }

    pub(super) fn poll_read(&mut self, cx: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        while self.unread.is_empty() {
            match ready!(Pin::new(&mut self.socket).poll_next(cx)) {
                Some(Ok(Message::Binary(bytes))) => self.unread = bytes,
                // The library answers pings by itself.
                Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => {}
                None | Some(Ok(Message::Close(_))) => return Poll::Ready(Ok(())),
                // [MQTT-6.0.0-1]
                Some(Ok(Message::Text(_))) => return Poll::Ready(Err(io::ErrorKind::InvalidData.into())),
                Some(Err(error)) => return Poll::Ready(Err(as_io(error))),
            }
        }
        let count = self.unread.len().min(into.remaining());
        into.put_slice(&self.unread[..count]);
        self.unread.advance(count);
        Poll::Ready(Ok(()))
    }

    pub(super) fn poll_write(&mut self, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let mut socket = Pin::new(&mut self.socket);
        ready!(socket.as_mut().poll_ready(cx)).map_err(as_io)?;
        socket.start_send(Message::Binary(Bytes::copy_from_slice(bytes))).map_err(as_io)?;
        Poll::Ready(Ok(bytes.len()))
    }

    pub(super) fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_flush(cx).map_err(as_io)
    }

    pub(super) fn poll_shutdown(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_close(cx).map_err(as_io)
    }
}

fn config(max_packet: usize) -> WebSocketConfig {
    WebSocketConfig::default()
        .read_buffer_size(1_024)
        .write_buffer_size(0)
        .max_write_buffer_size(max_packet.saturating_mul(8))
        .max_message_size(Some(max_packet.saturating_mul(2)))
        .max_frame_size(Some(max_packet.saturating_mul(2)))
}

#[expect(clippy::result_large_err, reason = "the library's callback is of this type")]
fn judge(origins: &Origins, request: &Request, mut response: Response) -> Result<Response, ErrorResponse> {
    if request.uri().path() != PATH {
        return Err(refusal(StatusCode::NOT_FOUND));
    }
    if request.headers().get_all(header::ORIGIN).iter().any(|origin| !origins.allow(origin)) {
        return Err(refusal(StatusCode::FORBIDDEN));
    }
    let offered = request.headers().get_all(header::SEC_WEBSOCKET_PROTOCOL).iter();
    let mut names = offered.filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(','));
    if !names.any(|name| name.trim() == SUBPROTOCOL) {
        return Err(refusal(StatusCode::BAD_REQUEST));
    }
    response.headers_mut().insert(header::SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(SUBPROTOCOL));
    Ok(response)
}

fn refusal(status: StatusCode) -> ErrorResponse {
    let mut response = ErrorResponse::new(None);
    *response.status_mut() = status;
    response
}

fn as_io(error: Error) -> io::Error {
    match error {
        Error::Io(error) => error,
        Error::ConnectionClosed | Error::AlreadyClosed => io::ErrorKind::NotConnected.into(),
        other => io::Error::new(io::ErrorKind::InvalidData, other),
    }
}
