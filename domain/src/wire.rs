//! The JSON payloads between server and badge. Topics are in [`crate::topic`].
//!
//! Times are RFC 3339 in UTC. Fields this version does not know are ignored on the way in: a newer badge may talk to
//! an older server and the other way round.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use uuid::Uuid;

use crate::{
    display::{Effect, Panel, Strip},
    id::LayerId,
    layer::{Kind, Level, Validity},
    time::Moment,
};

/// The largest MQTT packet either side may send.
pub const MAX_PACKET_BYTES: usize = 16 * 1024;

/// The longest list of layers a `hello` may carry.
pub const MAX_HOLDS: usize = 64;

/// CRC-32 (IEEE 802.3) over the strips of all messages of a layer, in order; eight lower-case hex digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Crc(pub u32);

impl Crc {
    #[must_use]
    pub fn of<'a>(strips: impl IntoIterator<Item = &'a [u8]>) -> Self {
        let mut hasher = crc32fast::Hasher::new();
        for strip in strips {
            hasher.update(strip);
        }
        Self(hasher.finalize())
    }
}

impl fmt::Display for Crc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:08x}", self.0)
    }
}

impl fmt::Debug for Crc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Crc({self})")
    }
}

impl Serialize for Crc {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Crc {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        let hex = text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        let crc = hex.then(|| u32::from_str_radix(&text, 16).ok()).flatten();
        crc.map(Self).ok_or_else(|| de::Error::custom("a crc has eight hex digits"))
    }
}

/// One message as pixels.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Picture {
    /// The panel's height in bytes per 8 columns, top to bottom, most significant bit left.
    #[serde(with = "as_base64")]
    pub strip: Vec<u8>,
    /// Pixel columns in the strip; the last byte column may be wider.
    pub columns: u16,
    pub effect: Effect,
    /// 1 (slow) to 8 (fast).
    pub speed: u8,
    pub blink: bool,
    pub border: bool,
}

/// `v1/me/show`: a layer to hold, or word that one is withdrawn.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Show {
    Layer(Layer),
    Withdrawn(Withdrawn),
}

impl Show {
    #[must_use]
    pub const fn id(&self) -> LayerId {
        match self {
            Self::Layer(layer) => layer.id,
            Self::Withdrawn(withdrawn) => withdrawn.id,
        }
    }

    #[must_use]
    pub const fn revision(&self) -> u64 {
        match self {
            Self::Layer(layer) => layer.revision,
            Self::Withdrawn(withdrawn) => withdrawn.revision,
        }
    }

    /// The same at another moment: `now` and `ttl_s` are of the moment of encoding.
    #[must_use]
    pub fn at(mut self, now: Moment) -> Self {
        if let Self::Layer(layer) = &mut self {
            layer.now = now;
            layer.ttl_s = layer.until.map(|until| until.since(now).as_millis().div_ceil(1_000) as u64);
        }
        self
    }
}

/// A layer as a badge holds it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Layer {
    #[serde(rename = "layer")]
    pub kind: Kind,
    pub id: LayerId,
    pub revision: u64,
    pub level: Level,
    pub from: Option<Moment>,
    pub until: Option<Moment>,
    /// Seconds until `until`, counted from `now` and rounded up, for a badge that measures time but does not know it.
    pub ttl_s: Option<u64>,
    /// The server's clock when this was encoded.
    pub now: Moment,
    /// Percent: 25, 50, 75 or 100.
    pub brightness: u8,
    pub messages: Vec<Picture>,
    pub crc: Crc,
}

impl Layer {
    #[must_use]
    pub const fn validity(&self) -> Validity {
        Validity { from: self.from, until: self.until }
    }
}

/// A layer is taken back; the badge forgets it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Withdrawn {
    pub id: LayerId,
    pub revision: u64,
    pub withdrawn: True,
}

/// The JSON value `true`, and no other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct True;

impl Serialize for True {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bool(true)
    }
}

impl<'de> Deserialize<'de> for True {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if bool::deserialize(deserializer)? { Ok(Self) } else { Err(de::Error::custom("must be true")) }
    }
}

/// What a badge can be told to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Order {
    /// Blink, so that a person sees which badge it is.
    Identify,
    Reboot,
    /// Forget every layer.
    Wipe,
    /// Say `hello` again.
    Resync,
}

impl Order {
    pub const ALL: [Self; 4] = [Self::Identify, Self::Reboot, Self::Wipe, Self::Resync];

    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Identify => "identify",
            Self::Reboot => "reboot",
            Self::Wipe => "wipe",
            Self::Resync => "resync",
        }
    }

    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|order| order.name() == name)
    }
}

/// `v1/me/command`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Command {
    pub command: Order,
    pub id: Uuid,
}

/// `v1/me/hello`: who the badge is and which layers it holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hello {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub panel: Option<Panel>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub firmware: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_bytes: Option<u32>,
    #[serde(default)]
    pub holds: Vec<Holds>,
}

/// One layer a badge holds, and how far it came with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holds {
    pub id: LayerId,
    pub revision: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<Outcome>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub crc: Option<Crc>,
}

/// What a badge did with a layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// Stored.
    Held,
    /// Lit.
    Shown,
    /// Written by a gateway to a badge that cannot be read back.
    Written,
    /// Cannot be shown; `reason` says why.
    Refused,
}

/// `v1/me/ack`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ack {
    pub id: LayerId,
    pub revision: u64,
    pub outcome: Outcome,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub crc: Option<Crc>,
    /// At most 200 characters are kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The badge's own clock: for its owner's curiosity, never for a receipt.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "lenient_moment")]
    pub at: Option<Moment>,
}

/// `v1/me/telemetry`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, Default)]
pub struct Telemetry {
    /// Percent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub battery: Option<f64>,
    /// dBm.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rssi: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uptime_s: Option<f64>,
    /// Degrees Celsius.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub temperature: Option<f64>,
}

/// A badge's clock may be wrong in any way; an unreadable time is no time, never a refused acknowledgement.
fn lenient_moment<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Moment>, D::Error> {
    Ok(match serde_json::Value::deserialize(deserializer)? {
        serde_json::Value::String(text) => text.parse().ok(),
        serde_json::Value::Number(number) => number.as_i64().map(Moment::from_ms),
        _ => None,
    })
}

mod as_base64 {
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    use serde::{Deserialize, Deserializer, Serializer, de};

    pub(super) fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&STANDARD.encode(bytes))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        STANDARD.decode(text.as_bytes()).map_err(de::Error::custom)
    }
}

/// A picture's strip, if its length fits the panel and its columns.
#[must_use]
pub fn strip_of(picture: &Picture, panel: Panel) -> Option<Strip> {
    Strip::from_bytes(panel, picture.columns, &picture.strip)
}
