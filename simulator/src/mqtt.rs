//! One MQTT connection (3.1.1), and how long to rest before the next.

use std::time::Duration;

use badgecast_domain::wire::MAX_PACKET_BYTES;
use rand::RngExt as _;
use rumqttc::{AsyncClient, ConnectionError, Event, EventLoop, MqttOptions, Outgoing, QoS, SubscribeFilter};
use serde::Serialize;
use tokio::time::timeout;

use crate::identity::{Address, Identity};

const KEEP_ALIVE: Duration = Duration::from_secs(60);
/// How long TCP, CONNECT and CONNACK may take together: a whole fleet may stand at the door.
const CONNECT_DEADLINE_S: u64 = 30;
/// How long taking leave may take.
const LEAVE_DEADLINE: Duration = Duration::from_secs(1);
/// How many publishes may wait, or be unacknowledged; small, as there are thousands of badges in a process.
const WINDOW: u16 = 10;
/// The longest rest before another attempt.
const LONGEST_REST: Duration = Duration::from_secs(5);
/// The longest rest after a first failure.
const FIRST_REST: Duration = Duration::from_millis(400);

/// An open connection.
pub(crate) struct Wire {
    client: AsyncClient,
    events: EventLoop,
}

impl Wire {
    /// Connects; the device's id is its client id and user name, the token its password.
    pub(crate) async fn open(identity: &Identity, jwt: &str) -> Result<Self, ConnectionError> {
        let name = identity.badge.to_string();
        let Address { host, port } = &identity.mqtt;
        // The client joins host and port with a colon.
        let host = if host.contains(':') { format!("[{host}]") } else { host.clone() };
        let mut options = MqttOptions::new(&name, host, *port);
        options.set_credentials(&name, jwt);
        options.set_keep_alive(KEEP_ALIVE).set_inflight(WINDOW);
        options.set_max_packet_size(MAX_PACKET_BYTES, MAX_PACKET_BYTES);
        let (client, mut events) = AsyncClient::new(options, usize::from(WINDOW));
        events.network_options.set_connection_timeout(CONNECT_DEADLINE_S);
        // Otherwise a `shown` right after a `held` waits for the server's delayed TCP acknowledgement.
        events.network_options.set_tcp_nodelay(true);
        Box::pin(events.poll()).await?;
        Ok(Self { client, events })
    }

    /// What comes next. May be given up while it waits: what was read or queued stays here.
    pub(crate) async fn next(&mut self) -> Result<Event, ConnectionError> {
        self.events.poll().await
    }

    /// Whether there was room for it; QoS 1.
    pub(crate) fn subscribe(&self, filters: impl IntoIterator<Item = String>) -> bool {
        let filters = filters.into_iter().map(|filter| SubscribeFilter::new(filter, QoS::AtLeastOnce));
        self.client.try_subscribe_many(filters).is_ok()
    }

    /// Whether there was room for it.
    pub(crate) fn say(&self, topic: &str, qos: QoS, payload: &impl Serialize) -> bool {
        serde_json::to_vec(payload).is_ok_and(|payload| self.say_raw(topic, qos, payload))
    }

    pub(crate) fn say_raw(&self, topic: &str, qos: QoS, payload: impl Into<Vec<u8>>) -> bool {
        self.client.try_publish(topic, qos, false, payload).is_ok()
    }

    /// Says goodbye (DISCONNECT), so that the server need not wonder.
    pub(crate) async fn take_leave(mut self) {
        if self.client.try_disconnect().is_err() {
            return;
        }
        let said = async {
            while let Ok(event) = self.events.poll().await {
                if event == Event::Outgoing(Outgoing::Disconnect) {
                    return;
                }
            }
        };
        // When time is up the connection is dropped, which ends it too.
        let _ = timeout(LEAVE_DEADLINE, said).await;
    }
}

/// How long to rest before the next attempt: longer after each failure, and never the same for two devices.
#[derive(Debug, Default)]
pub(crate) struct Rest {
    /// In a row.
    failures: u32,
}

impl Rest {
    /// The last attempt went well.
    pub(crate) fn forget(&mut self) {
        self.failures = 0;
    }

    pub(crate) fn after_failure(&mut self) -> Duration {
        let longest = LONGEST_REST.min(FIRST_REST * 2_u32.pow(self.failures.min(8)));
        self.failures += 1;
        longest.mul_f64(rand::rng().random_range(0.2..=1.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rests_grow_to_five_seconds_and_start_over_when_it_went_well() {
        let mut rest = Rest::default();
        assert!(rest.after_failure() <= FIRST_REST);
        let rests: Vec<Duration> = (0..100).map(|_| rest.after_failure()).collect();
        assert!(rests.iter().all(|rest| *rest <= LONGEST_REST));
        assert!(rests[10..].iter().any(|rest| *rest > LONGEST_REST / 2));
        assert!(rests[10..].iter().any(|rest| *rest < LONGEST_REST / 2), "with jitter");
        rest.forget();
        assert!(rest.after_failure() <= FIRST_REST);
    }
}
