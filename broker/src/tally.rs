//! What the broker counts.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

macro_rules! figures {
    ($($(#[$doc:meta])* $name:ident)*) => {
        /// Everything counted since the start, and two gauges; for `/metrics`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
        #[non_exhaustive]
        pub struct Figures {
            /// Gauge: connections that are logged in.
            pub connected: u64,
            /// Gauge: sockets that are not logged in yet.
            pub waiting: u64,
            $($(#[$doc])* pub $name: u64,)*
        }

        /// The counters behind [`Figures`].
        #[derive(Debug, Default)]
        pub(crate) struct Tally {
            $(pub(crate) $name: Count,)*
        }

        impl Tally {
            pub(crate) fn figures(&self, connected: usize, waiting: usize) -> Figures {
                Figures { connected: connected as u64, waiting: waiting as u64, $($name: self.$name.get(),)* }
            }
        }

        impl Figures {
            /// The counters by name, for an exporter.
            #[must_use]
            pub fn counters(&self) -> Vec<(&'static str, u64)> {
                vec![$((stringify!($name), self.$name),)*]
            }
        }
    };
}

figures! {
    /// Sockets accepted.
    accepted
    /// Sockets the system could not give us (out of descriptors, mostly).
    accepts_failed
    /// Sockets closed because too many were not logged in.
    closed_too_many_waiting
    /// Sockets closed because too many of their address were not logged in.
    closed_too_many_of_address
    /// TLS or WebSocket handshakes that failed.
    handshakes_failed
    /// Sockets that had no complete CONNECT in time.
    connects_late
    /// Sockets that said something else than MQTT.
    connects_foreign
    /// CONNECTs that broke a rule of the protocol.
    connects_malformed
    /// CONNECTs refused because too many are connected.
    connects_over_limit
    /// CONNECTs refused because too many came at once.
    connects_too_fast
    /// Let in.
    admitted
    /// Refused by the gate: not even a token.
    refused_malformed
    /// Refused by the gate: expired, foreign, forged.
    refused_not_authorized
    /// Refused by the gate: revoked or retired.
    refused_banned
    /// The gate could not tell.
    refused_unavailable
    /// Connections that said goodbye.
    left
    /// Connections that were cut.
    lost
    /// Connections ended for silence beyond their keep-alive.
    ended_keep_alive
    /// Connections whose token expired.
    ended_expired
    /// Connections ended by a revocation.
    ended_revoked
    /// Connections whose client connected again.
    ended_taken_over
    /// Connections ended by the shutdown.
    ended_shutdown
    /// Connections that broke a rule of the protocol.
    ended_malformed
    /// Connections that said a packet larger than is read.
    ended_too_large
    /// Connections that did what they may not do.
    ended_not_authorized
    /// Connections that said too much.
    ended_too_fast
    /// Connections that read nothing.
    ended_stalled
    /// Connections let go because what they said could not be stored.
    ended_unstored
    /// Packets heard.
    packets_in
    /// Bytes heard.
    bytes_in
    /// Bytes said.
    bytes_out
    /// Shows and withdrawals handed to sessions.
    shows_queued
    /// Shows and withdrawals written.
    shows_sent
    /// Shows overtaken by a newer one of their layer before they were written.
    shows_replaced
    /// Shows dropped because too many layers waited.
    shows_dropped
    /// Shows that expired before they were written.
    shows_expired
    /// Shows larger than the client takes.
    shows_too_large
    /// Messages of ours acknowledged by clients.
    acknowledged
    /// Commands written.
    commands_sent
    /// Subscriptions refused.
    subscriptions_denied
    /// Messages to topics their client may not use.
    publishes_denied
    /// Messages whose payload is not of their topic's form.
    payloads_malformed
    /// Messages at QoS 0 dropped because the house was busy.
    messages_dropped
    /// Messages the house could not store.
    messages_unstored
    /// Badges that subscribed and said no hello in time.
    hellos_missing
    /// Tokens renewed on a live connection.
    renewed
    /// Wills heard.
    wills
    /// Messages for integrations handed to the outlet's router.
    outlet_posted
    /// Messages for integrations dropped because the router was busy or gone.
    outlet_dropped
    /// Messages written to integrations.
    outlet_sent
    /// Times the outlet's router was replaced.
    outlet_restarts
}

/// One counter.
#[derive(Debug, Default)]
pub(crate) struct Count(AtomicU64);

impl Count {
    pub(crate) fn one(&self) {
        self.0.fetch_add(1, Relaxed);
    }

    pub(crate) fn add(&self, count: usize) {
        self.0.fetch_add(count as u64, Relaxed);
    }

    pub(crate) fn get(&self) -> u64 {
        self.0.load(Relaxed)
    }
}
