//! What operators watch, in the Prometheus text format.
//!
//! Labels are few and bounded: routes, verbs, statuses and reasons, never ids.

use std::{fmt, time::Duration};

use prometheus_client::{
    encoding::{EncodeLabelSet, text::encode},
    metrics::{
        counter::Counter,
        family::Family,
        gauge::Gauge,
        histogram::{Histogram, exponential_buckets},
    },
    registry::Registry,
};

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answer {
    route: String,
    method: String,
    status: u16,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Kind {
    kind: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Reason {
    reason: String,
}

/// All counters of this process.
pub struct Metrics {
    registry: Registry,
    answers: Family<Answer, Counter>,
    answer_seconds: Histogram,
    auth_failures: Family<Reason, Counter>,
    security_events: Family<Kind, Counter>,
    deliveries: Counter,
    receipts: Family<Reason, Counter>,
    time_to_shown: Histogram,
    connected_badges: Gauge,
    door: Family<Reason, Gauge>,
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Metrics(..)")
    }
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("badgecast");
        let answers = Family::default();
        registry.register("http_answers", "HTTP answers by route, verb and status", answers.clone());
        let answer_seconds = Histogram::new(exponential_buckets(0.000_5, 2.0, 14));
        registry.register("http_answer_seconds", "Time from request to answer", answer_seconds.clone());
        let auth_failures = Family::default();
        registry.register("auth_failures", "Refused credentials by reason", auth_failures.clone());
        let security_events = Family::default();
        registry.register("security_events", "What looked like theft, by kind", security_events.clone());
        let deliveries = Counter::default();
        registry.register(
            "deliveries",
            "Layers and withdrawals handed to badges' connections",
            deliveries.clone(),
        );
        let receipts = Family::default();
        registry.register("receipts", "What badges acknowledged, by outcome", receipts.clone());
        let time_to_shown = Histogram::new(exponential_buckets(0.005, 2.0, 16));
        registry.register("time_to_shown_seconds", "From accepted to lit, per badge", time_to_shown.clone());
        let connected_badges = Gauge::default();
        registry.register("connected_badges", "Badges connected to this node", connected_badges.clone());
        let door = Family::default();
        registry.register("door", "What the MQTT door counted since the start, by kind", door.clone());
        Self {
            registry,
            answers,
            answer_seconds,
            auth_failures,
            security_events,
            deliveries,
            receipts,
            time_to_shown,
            connected_badges,
            door,
        }
    }
}

impl Metrics {
    pub fn answered(&self, route: &str, method: &str, status: u16, took: Duration) {
        let answer = Answer { route: route.to_owned(), method: method.to_owned(), status };
        self.answers.get_or_create(&answer).inc();
        self.answer_seconds.observe(took.as_secs_f64());
    }

    /// `reason` is one of a fixed set of words.
    pub fn auth_failed(&self, reason: &'static str) {
        self.auth_failures.get_or_create(&Reason { reason: reason.to_owned() }).inc();
    }

    /// `kind` is one of a fixed set of words.
    pub fn security_event(&self, kind: &'static str) {
        self.security_events.get_or_create(&Kind { kind }).inc();
    }

    pub fn delivered(&self, sessions: usize) {
        self.deliveries.inc_by(sessions as u64);
    }

    pub fn acknowledged(&self, outcome: &'static str) {
        self.receipts.get_or_create(&Reason { reason: outcome.to_owned() }).inc();
    }

    pub fn shown_after(&self, span: Duration) {
        self.time_to_shown.observe(span.as_secs_f64());
    }

    pub fn set_connected(&self, badges: usize) {
        self.connected_badges.set(i64::try_from(badges).unwrap_or(i64::MAX));
    }

    pub fn set_door(&self, kind: &str, count: u64) {
        self.door
            .get_or_create(&Reason { reason: kind.to_owned() })
            .set(i64::try_from(count).unwrap_or(i64::MAX));
    }

    /// The text that Prometheus reads.
    ///
    /// # Errors
    /// None in practice: a `String` takes everything.
    pub fn text(&self) -> Result<String, fmt::Error> {
        let mut text = String::new();
        encode(&mut text, &self.registry)?;
        Ok(text)
    }
}
