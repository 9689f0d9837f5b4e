//! Layers, and the rule which of them a badge shows at an instant.
//!
//! The rule is one pure function, [`playlist`]: the badge plays by it, `showing` explains with it, the tests compare
//! against it. Server and badge decide alike, so a badge needs no network to restore what lies beneath.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{id::LayerId, time::Moment};

/// How loud an announcement is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Takes its turn after the owner's line.
    #[default]
    Normal,
    /// Takes its turn before the owner's line.
    Urgent,
    /// Hides everything else while it is valid.
    Emergency,
}

impl Level {
    pub const ALL: [Self; 3] = [Self::Normal, Self::Urgent, Self::Emergency];

    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Normal => "normal",
            Self::Urgent => "urgent",
            Self::Emergency => "emergency",
        }
    }

    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.name() == name)
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The kind of a layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// The badge's own display.
    Own,
    /// An announcement.
    Announcement,
}

/// When a layer may be shown: from `from` (included) until `until` (excluded).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Validity {
    pub from: Option<Moment>,
    pub until: Option<Moment>,
}

impl Validity {
    #[must_use]
    pub fn contains(&self, now: Moment) -> bool {
        self.from.is_none_or(|from| from <= now) && !self.is_over(now)
    }

    #[must_use]
    pub fn is_over(&self, now: Moment) -> bool {
        self.until.is_some_and(|until| until <= now)
    }
}

/// What the rule needs to know of a layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    pub id: LayerId,
    pub kind: Kind,
    pub level: Level,
    pub validity: Validity,
    /// How many messages it has.
    pub messages: usize,
}

/// How many messages a panel plays in turn.
pub const MAX_MESSAGES: usize = 8;

/// One message in a panel's turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Turn {
    /// Index into the layers that were given.
    pub layer: usize,
    /// Index into that layer's messages.
    pub message: usize,
}

/// Why a layer a badge holds is in its turn, or is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// At least one of its messages is shown.
    Shown,
    /// Its time has not come.
    NotYet,
    /// Its time is over.
    Over,
    /// An emergency hides it.
    HiddenByEmergency,
    /// More than eight messages stand before it.
    CutOff,
    /// The badge does not know the time, so it shows only its own layer.
    NoClock,
}

/// Which messages are shown at `now`, in order.
///
/// While an emergency is valid: emergencies alone, newest first. Otherwise urgent (newest first), own, normal
/// (newest first). At most eight messages; cutting never drops the first message of the own layer. Without a clock
/// only the own layer is shown.
#[must_use]
pub fn playlist(layers: &[Standing], now: Option<Moment>) -> Vec<Turn> {
    let Some(now) = now else {
        return turns(layers, own(layers).into_iter().collect());
    };
    let valid = |level: Level| newest_first(layers, level, now);
    let emergencies = valid(Level::Emergency);
    if !emergencies.is_empty() {
        return turns(layers, emergencies);
    }
    let mut order = valid(Level::Urgent);
    order.extend(own(layers));
    order.extend(valid(Level::Normal));
    turns(layers, order)
}

/// For every layer given, why it is shown or not at `now`.
#[must_use]
pub fn places(layers: &[Standing], now: Option<Moment>) -> Vec<Place> {
    let shown = playlist(layers, now);
    let place = |(index, layer): (usize, &Standing)| {
        if shown.iter().any(|turn| turn.layer == index) {
            return Place::Shown;
        }
        let Some(now) = now else { return Place::NoClock };
        if layer.kind == Kind::Announcement && layer.validity.is_over(now) {
            Place::Over
        } else if layer.kind == Kind::Announcement && !layer.validity.contains(now) {
            Place::NotYet
        } else if shown.iter().any(|turn| layers[turn.layer].level == Level::Emergency) {
            Place::HiddenByEmergency
        } else {
            Place::CutOff
        }
    };
    layers.iter().enumerate().map(place).collect()
}

/// Why a layer is shown or not, in words for people.
#[must_use]
pub fn why(layer: &Standing, place: Place) -> &'static str {
    match (place, layer.kind, layer.level) {
        (Place::Shown, Kind::Own, _) => "The badge's own line: it takes its turn.",
        (Place::Shown, Kind::Announcement, Level::Normal) => {
            "An announcement: it takes its turn after the own line."
        }
        (Place::Shown, Kind::Announcement, Level::Urgent) => {
            "An urgent announcement: it takes its turn before the own line."
        }
        (Place::Shown, Kind::Announcement, Level::Emergency) => {
            "An emergency: it hides everything else until it is over or withdrawn."
        }
        (Place::NotYet, ..) => "Its time has not come.",
        (Place::Over, ..) => "Its time is over.",
        (Place::HiddenByEmergency, ..) => "An emergency hides it; it comes back by itself.",
        (Place::CutOff, ..) => "Eight messages stand before it; a badge plays no more.",
        (Place::NoClock, ..) => "The badge does not know the time yet, so it shows only its own line.",
    }
}

/// The next moment after `now` at which [`playlist`] may answer differently.
#[must_use]
pub fn next_change(layers: &[Standing], now: Moment) -> Option<Moment> {
    let edges = layers.iter().flat_map(|layer| [layer.validity.from, layer.validity.until]);
    edges.flatten().filter(|edge| *edge > now).min()
}

fn own(layers: &[Standing]) -> Option<usize> {
    layers.iter().position(|layer| layer.kind == Kind::Own)
}

fn newest_first(layers: &[Standing], level: Level, now: Moment) -> Vec<usize> {
    let stands = |layer: &Standing| {
        layer.kind == Kind::Announcement && layer.level == level && layer.validity.contains(now)
    };
    let mut found: Vec<usize> = (0..layers.len()).filter(|index| stands(&layers[*index])).collect();
    // UUIDv7 ids sort by their creation.
    found.sort_by_key(|index| std::cmp::Reverse(layers[*index].id));
    found
}

fn turns(layers: &[Standing], order: Vec<usize>) -> Vec<Turn> {
    let all = order
        .into_iter()
        .flat_map(|layer| (0..layers[layer].messages).map(move |message| Turn { layer, message }));
    let all: Vec<Turn> = all.collect();
    let mut kept: Vec<Turn> = all.iter().take(MAX_MESSAGES).copied().collect();
    let first_of_own = all.iter().find(|turn| layers[turn.layer].kind == Kind::Own);
    if let Some(own) = first_of_own
        && !kept.contains(own)
    {
        kept.pop();
        kept.push(*own);
    }
    kept
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const NOW: Moment = Moment::from_s(1_000_000);

    fn own_layer(messages: usize) -> Standing {
        Standing {
            id: LayerId::new(),
            kind: Kind::Own,
            level: Level::Normal,
            validity: Validity::default(),
            messages,
        }
    }

    fn announcement(level: Level, messages: usize) -> Standing {
        Standing { kind: Kind::Announcement, level, ..own_layer(messages) }
    }

    fn order(layers: &[Standing], now: Option<Moment>) -> Vec<(usize, usize)> {
        playlist(layers, now).into_iter().map(|turn| (turn.layer, turn.message)).collect()
    }

    #[test]
    fn urgent_comes_before_own_and_normal_after_it_newest_first() {
        let layers = [
            announcement(Level::Normal, 1),
            announcement(Level::Urgent, 1),
            own_layer(2),
            announcement(Level::Normal, 1),
            announcement(Level::Urgent, 1),
        ];
        assert_eq!(order(&layers, Some(NOW)), [(4, 0), (1, 0), (2, 0), (2, 1), (3, 0), (0, 0)]);
    }

    #[test]
    fn an_emergency_hides_the_rest_until_it_is_over() {
        let mut emergency = announcement(Level::Emergency, 1);
        emergency.validity.until = Some(NOW.plus(Duration::from_secs(1)));
        let layers = [own_layer(1), announcement(Level::Urgent, 1), emergency];
        assert_eq!(order(&layers, Some(NOW)), [(2, 0)]);
        assert_eq!(
            places(&layers, Some(NOW)),
            [Place::HiddenByEmergency, Place::HiddenByEmergency, Place::Shown]
        );
        let later = next_change(&layers, NOW).unwrap();
        assert_eq!(order(&layers, Some(later)), [(1, 0), (0, 0)]);
        assert_eq!(places(&layers, Some(later)), [Place::Shown, Place::Shown, Place::Over]);
    }

    #[test]
    fn cutting_never_drops_the_first_message_of_own() {
        let layers = [announcement(Level::Urgent, 8), own_layer(3), announcement(Level::Normal, 1)];
        let shown = order(&layers, Some(NOW));
        assert_eq!(shown.len(), MAX_MESSAGES);
        assert_eq!(shown[7], (1, 0));
        assert_eq!(places(&layers, Some(NOW))[2], Place::CutOff);
    }

    #[test]
    fn without_a_clock_only_own_is_shown() {
        let layers = [announcement(Level::Emergency, 1), own_layer(1)];
        assert_eq!(order(&layers, None), [(1, 0)]);
        assert_eq!(places(&layers, None), [Place::NoClock, Place::Shown]);
    }

    #[test]
    fn every_place_is_explained() {
        let layers = [own_layer(1), announcement(Level::Emergency, 1), announcement(Level::Normal, 1)];
        let words: Vec<&str> =
            layers.iter().zip(places(&layers, Some(NOW))).map(|(layer, place)| why(layer, place)).collect();
        let hidden = "An emergency hides it; it comes back by itself.";
        assert_eq!(words[0], hidden);
        assert!(words[1].starts_with("An emergency: "));
        assert_eq!(words[2], hidden);
    }

    #[test]
    fn validity_includes_its_start_and_excludes_its_end() {
        let validity = Validity { from: Some(NOW), until: Some(NOW.plus(Duration::from_millis(1))) };
        assert!(!validity.contains(Moment::from_ms(NOW.ms() - 1)));
        assert!(validity.contains(NOW));
        assert!(!validity.contains(Moment::from_ms(NOW.ms() + 1)));
    }
}
