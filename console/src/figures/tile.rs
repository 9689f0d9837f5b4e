//! A tile of a wall: what a badge shows, whose it is, and how it stands.

use askama::{Template, filters::HtmlSafe};

use crate::{Led, parts::Icon};

/// How a tile stands out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mood {
    Plain,
    /// Off, or not there yet.
    Dim,
    /// It wants somebody.
    Bad,
}

impl Mood {
    const fn class(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Dim => " dim",
            Self::Bad => " bad",
        }
    }
}

/// One badge of a wall.
#[derive(Debug, Clone, Template)]
#[template(path = "parts/tile.html")]
pub struct Tile {
    pub href: String,
    pub led: Led,
    pub name: String,
    pub mood: Mood,
    pub icon: Icon,
    /// The state's class in the sheet.
    pub class: &'static str,
    /// Its word, and what belongs to it.
    pub words: String,
}

impl HtmlSafe for Tile {}
