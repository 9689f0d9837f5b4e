//! One layer update, ready for every panel.

use std::{
    borrow::Cow,
    sync::{Arc, OnceLock},
    time::{Duration, SystemTime},
};

use badgecast_domain::{
    display::Panel,
    id::LayerId,
    layer::{Kind, Level},
    time::Moment,
    wire,
};

/// What has waited longer than this is encoded again before it is sent, so that `now` and `ttl_s` are true.
const FRESH: Duration = Duration::from_secs(5);

/// A layer, or word of its withdrawal, for each panel. Cheap to clone.
///
/// Its JSON is encoded when the first session of that panel needs it, once for all of them.
#[derive(Debug, Clone, Default)]
pub struct Shows {
    panels: [Option<Arc<Notice>>; Panel::ALL.len()],
}

impl Shows {
    /// One show per panel; badges of a panel without one are not reached.
    #[must_use]
    pub fn new(mut show: impl FnMut(Panel) -> Option<wire::Show>) -> Self {
        Self { panels: Panel::ALL.map(|panel| show(panel).map(Notice::new)) }
    }

    /// For one panel alone.
    #[must_use]
    pub fn on(panel: Panel, show: wire::Show) -> Self {
        let mut shows = Self::default();
        shows.panels[panel.index()] = Some(Notice::new(show));
        shows
    }

    /// The same for every panel; a withdrawal.
    #[must_use]
    pub fn same(show: wire::Show) -> Self {
        let notice = Notice::new(show);
        Self { panels: Panel::ALL.map(|_| Some(Arc::clone(&notice))) }
    }

    pub(crate) fn for_panel(&self, panel: Panel) -> Option<&Arc<Notice>> {
        self.panels[panel.index()].as_ref()
    }
}

/// A show and its JSON, shared by all sessions it is for.
#[derive(Debug)]
pub(crate) struct Notice {
    show: wire::Show,
    encoded: OnceLock<Encoded>,
}

#[derive(Debug)]
struct Encoded {
    at: Moment,
    json: Vec<u8>,
}

impl Notice {
    fn new(show: wire::Show) -> Arc<Self> {
        Arc::new(Self { show, encoded: OnceLock::new() })
    }

    pub(crate) const fn layer(&self) -> LayerId {
        self.show.id()
    }

    /// Never dropped to make room: emergencies, and what the owner says.
    pub(crate) const fn is_kept(&self) -> bool {
        match &self.show {
            wire::Show::Layer(layer) => {
                matches!(layer.level, Level::Emergency) || matches!(layer.kind, Kind::Own)
            }
            wire::Show::Withdrawn(_) => false,
        }
    }

    /// When nobody needs it any more.
    pub(crate) const fn until(&self) -> Option<Moment> {
        match &self.show {
            wire::Show::Layer(layer) => layer.until,
            wire::Show::Withdrawn(_) => None,
        }
    }

    /// The JSON to send at `now`.
    pub(crate) fn json(&self, now: Moment) -> Cow<'_, [u8]> {
        let encoded = self.encoded.get_or_init(|| Encoded { at: now, json: self.encode(now) });
        if now.since(encoded.at) <= FRESH { Cow::from(&encoded.json) } else { Cow::from(self.encode(now)) }
    }

    fn encode(&self, now: Moment) -> Vec<u8> {
        // Maps with string keys and numbers: there is nothing in a show that JSON cannot say.
        serde_json::to_vec(&self.show.clone().at(now)).unwrap_or_default()
    }
}

/// The server's clock.
pub(crate) fn now() -> Moment {
    SystemTime::now().into()
}

#[cfg(test)]
mod tests {
    use badgecast_domain::wire::Crc;

    use super::*;

    fn layer(until: Option<Moment>) -> wire::Show {
        wire::Show::Layer(wire::Layer {
            kind: Kind::Announcement,
            id: LayerId::new(),
            revision: 1,
            level: Level::Normal,
            from: None,
            until,
            ttl_s: None,
            now: Moment::from_s(0),
            brightness: 100,
            messages: Vec::new(),
            crc: Crc(0),
        })
    }

    fn sent(notice: &Notice, now: Moment) -> (Moment, Option<u64>) {
        let Ok(wire::Show::Layer(layer)) = serde_json::from_slice(&notice.json(now)) else {
            panic!("a layer")
        };
        (layer.now, layer.ttl_s)
    }

    #[test]
    fn a_broadcast_is_encoded_once_and_again_for_what_waited() {
        let at = Moment::from_s;
        let shows = Shows::same(layer(Some(at(100))));
        let notice = shows.for_panel(Panel::P12x48).expect("for every panel");
        assert_eq!(sent(notice, at(10)), (at(10), Some(90)));
        assert_eq!(sent(notice, at(15)), (at(10), Some(90)));
        assert_eq!(sent(notice, at(16)), (at(16), Some(84)));
    }

    #[test]
    fn a_panel_without_a_show_has_none() {
        let shows = Shows::on(Panel::P11x44, layer(None));
        assert!(shows.for_panel(Panel::P11x44).is_some());
        assert!(shows.for_panel(Panel::P11x55).is_none());
    }
}
