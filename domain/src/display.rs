//! What a badge's panel shows: from the document a person writes to the pixels that are lit.
//!
//! `document` (what people write) -> `render` (`line`, `font`, `outline`, `icon`: to a strip of pixels) -> `player`
//! (`effect`: to frames in time) -> `picture` (for people) and `wang` (for hardware); `legibility` judges on the way.
//! One renderer and one player serve the server, the simulated badges, the pictures and the tests. Nothing here knows
//! a clock, a file or the network.

pub mod coverage;
mod document;
mod effect;
mod font;
pub mod icon;
mod legibility;
mod line;
mod outline;
mod panel;
pub mod picture;
mod player;
pub mod print;
mod render;
mod strip;
pub mod wang;

pub use document::{
    Align, Direction, Document, DocumentForm, Fault, Font, Image, ImageForm, MAX_LANG, MAX_SEGMENTS,
    MAX_TEXT, Message, MessageForm, Motion, Segment, SegmentForm,
};
pub use effect::Frame;
pub use legibility::{Code, DEFAULT_MAX_BYTES, Finding, Limits, Severity, findings, is_refused};
pub use panel::{Panel, UnknownPanel};
pub use player::{Player, START_MS, Slot, Timing};
pub use render::{Rendered, pictures, render};
pub use strip::{Effect, Strip};
