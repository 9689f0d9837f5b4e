//! The gate: all the broker knows of the house behind it.
//!
//! The door asks [`Gate::admit`] once per CONNECT, hands over what badges say with [`Gate::heard`], and reports who
//! came and went. The house answers with values; it never sees a socket.

use std::{fmt, future::Future, net::SocketAddr};

use badgecast_domain::{
    display::Panel,
    id::{BadgeId, ClientId, ConnectionId, GroupId, OrganizationId, TokenId},
    time::Moment,
    wire::{Ack, Hello, Telemetry},
};

/// What a client shows at CONNECT. The client id and the user name have to be equal for a badge; the gate checks.
#[derive(Clone)]
pub struct Credentials {
    pub client_id: String,
    pub username: String,
    /// The access token.
    pub password: String,
    pub peer: SocketAddr,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials")
            .field("client_id", &self.client_id)
            .field("peer", &self.peer)
            .finish_non_exhaustive()
    }
}

/// Who was let in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Admitted {
    pub who: Who,
    pub organization: OrganizationId,
    /// The `jti` of the token, so that revoking it ends this connection.
    pub token: TokenId,
    /// When the connection ends, unless it is renewed.
    pub expires_at: Moment,
}

/// The kinds of client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Who {
    /// Speaks for itself, as `v1/me/..`.
    Badge(Member),
    /// Speaks for the badges assigned to it, as `v1/badges/{badge}/..`.
    Gateway { gateway: BadgeId, badges: Vec<Member> },
    /// Reads `v1/orgs/{organization}/..`.
    Integration { client: ClientId },
}

/// A badge as far as delivery needs it: whom an audience includes, and which pixels fit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    pub badge: BadgeId,
    pub panel: Panel,
    pub groups: Vec<GroupId>,
    pub tags: Vec<String>,
}

/// Why someone was not let in, or may not go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Refusal {
    /// What was shown is not even a token: 0x86, or return code 4.
    Malformed,
    /// The token is expired, foreign, forged or for someone else: 0x87, or 5.
    NotAuthorized,
    /// The badge was revoked or retired: 0x8A, or 5.
    Banned,
    /// The house cannot tell now: 0x88, or 3.
    Unavailable,
}

/// One thing a badge said.
#[derive(Debug, Clone, PartialEq)]
pub enum Said {
    /// Its layers; to be answered with what differs, through the desk.
    Hello(Hello),
    /// A badge that subscribed and said no hello for two seconds: it holds nothing we know of.
    NoHello,
    Ack(Ack),
    Telemetry(Telemetry),
}

/// The house could not take what was said (its database is down); the badge is not acknowledged and says it again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not stored")]
pub struct NotStored;

/// Which connection of which badge is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Line {
    pub organization: OrganizationId,
    pub badge: BadgeId,
    pub connection: ConnectionId,
}

/// The house behind the door.
pub trait Gate: Send + Sync + 'static {
    /// One call per CONNECT.
    fn admit(&self, who: Credentials) -> impl Future<Output = Result<Admitted, Refusal>> + Send;

    /// `v1/me/token`: the same subject shows a fresh token; its new `jti` and expiry replace the connection's.
    fn renew(&self, old: &Admitted, token: &str) -> impl Future<Output = Result<Admitted, Refusal>> + Send;

    /// Completes once what was said is stored: only then the badge's PUBLISH is acknowledged.
    ///
    /// Begun in the order in which things were said. The next of the same badge may begin before the last is
    /// complete, so what has to stay in order is to be queued before the first await.
    fn heard(&self, line: Line, said: Said) -> impl Future<Output = Result<(), NotStored>> + Send;

    /// A badge can be spoken to from now on: it connected, or its gateway subscribed for it. A gateway comes too, under
    /// its own id. Never blocks.
    fn came(&self, line: Line);

    /// A badge that came is gone. When it connected again meanwhile, its new connection has come before the old one
    /// goes: compare [`Line::connection`]. Never blocks.
    fn went(&self, line: Line);
}
