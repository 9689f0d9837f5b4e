//! What a badge's panel shows: from the document a person writes to the pixels that are lit.
//!
//! `document` (what people write) -> `render` (text to a strip of pixels) -> `player` (strips to frames).
//! One renderer and one player serve the server, the simulated badges, the pictures and the tests.

mod document;
mod panel;
mod strip;

pub use document::{
    Align, Direction, Document, DocumentForm, Fault, Font, Image, ImageForm, MAX_LANG, MAX_SEGMENTS,
    MAX_TEXT, Message, MessageForm, Motion, Segment, SegmentForm,
};
pub use panel::{Panel, UnknownPanel};
pub use strip::{Effect, Strip};
