//! The broker's caps and spans. The defaults suit a process with 20,000 file descriptors.

use std::time::Duration;

use badgecast_domain::wire;

/// Every cap has a counter in [`crate::Figures`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Connections that are logged in. Beyond: CONNACK 0x97, or 3.
    pub max_connections: usize,
    /// Sockets that are not logged in yet, from everywhere. Beyond: closed at once.
    pub max_waiting: usize,
    /// Sockets that are not logged in yet, from one address. A hospital is one address, so what is logged in does
    /// not count. Beyond: closed at once.
    pub max_waiting_per_address: usize,
    /// CONNECTs per second that are shown to the gate, after a burst of `max_connections`. Beyond: CONNACK 0x9F, or 3.
    pub connects_per_s: u32,
    /// How long a socket may take to its complete CONNECT, handshakes included.
    pub connect_within: Duration,
    /// How long the gate may take; then the answer is "unavailable".
    pub admit_within: Duration,
    /// The largest packet that is read, in bytes. Beyond: DISCONNECT 0x95.
    pub max_packet: usize,
    /// The longest keep-alive that is granted, in seconds. 5.0 clients are told; 3.1.1 cannot be.
    pub max_keep_alive_s: u16,
    /// Packets per second a connection may say for long; bursts of four seconds' worth pass. A gateway may say this
    /// much for each of its badges. Beyond: DISCONNECT 0x96.
    pub packets_per_s: u32,
    /// Bytes per second, likewise.
    pub bytes_per_s: u32,
    /// Bytes a connection may have waiting to be sent before nothing more is read from it, besides the newest of
    /// each layer.
    pub max_held_bytes: usize,
    /// A client that takes none of the bytes that wait for it is let go after this. Beyond: DISCONNECT 0x97.
    pub stalled_within: Duration,
    /// A badge that subscribed and said no hello for this long holds nothing we know of.
    pub hello_within: Duration,
    /// After what a badge said could not be stored, it is let go after this, so that it comes back and says it again.
    pub unstored_grace: Duration,
    /// How often the files of a TLS certificate are looked at.
    pub certificate_check: Duration,
    /// How long the last words of a connection may take to be read.
    pub linger: Duration,
    /// At shutdown the connections are ended evenly over this span, so that they do not come back all at once.
    pub drain_over: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            max_connections: 18_000,
            max_waiting: 1_536,
            max_waiting_per_address: 1_024,
            connects_per_s: 2_000,
            connect_within: Duration::from_secs(10),
            admit_within: Duration::from_secs(10),
            max_packet: wire::MAX_PACKET_BYTES,
            max_keep_alive_s: 300,
            packets_per_s: 50,
            bytes_per_s: 32 * 1024,
            max_held_bytes: 32 * 1024,
            stalled_within: Duration::from_secs(30),
            hello_within: Duration::from_secs(2),
            unstored_grace: Duration::from_secs(15),
            certificate_check: Duration::from_secs(10),
            linger: Duration::from_secs(1),
            drain_over: Duration::from_millis(500),
        }
    }
}
