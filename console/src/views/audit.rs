//! Audit: who did what, and whether the trail is whole.

use askama::Template;
use badgecast_domain::time::Moment;

use crate::{Frame, Stamp, parts::Icon};

/// A page of the trail, newest first.
#[derive(Debug, Template)]
#[template(path = "audit.html")]
pub struct Audit<'a> {
    pub frame: &'a Frame,
    pub rows: Vec<AuditRow>,
    pub filter: AuditFilter,
    pub next: Option<String>,
    pub verdict: Option<Verdict>,
}

/// What the page was asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditFilter {
    pub action: String,
    pub actor: String,
    pub object: String,
    pub later: bool,
}

impl AuditFilter {
    fn is_any(&self) -> bool {
        !(self.action.is_empty() && self.actor.is_empty() && self.object.is_empty())
    }
}

#[derive(Debug, Clone)]
pub struct AuditRow {
    pub seq: i64,
    pub at: Moment,
    /// A name, or what kind of actor it was.
    pub actor: String,
    pub actor_id: Option<String>,
    pub action: String,
    /// A name or a code, or the kind.
    pub object: String,
    pub object_id: Option<String>,
    pub detail: String,
}

/// What checking the trail found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    Whole {
        entries: u64,
    },
    Broken {
        seq: i64,
    },
    Short {
        entries: u64,
        of: u64,
    },
    /// The entry that was seen before under this number is missing, or another one.
    Rewritten {
        seq: i64,
    },
}

impl Audit<'_> {
    fn stamp(&self, row: &AuditRow) -> Stamp {
        self.frame.clock.stamp_to_second(row.at)
    }
}

impl Verdict {
    pub(super) fn sentence(self, frame: &Frame) -> String {
        match self {
            Self::Whole { entries } => frame.say("audit-whole").with("count", entries).to_string(),
            Self::Broken { seq } => frame.say("audit-broken").with("number", seq.to_string()).to_string(),
            Self::Rewritten { seq } => {
                frame.say("audit-rewritten").with("number", seq.to_string()).to_string()
            }
            Self::Short { entries, of } => {
                frame.say("audit-short").with("count", entries).with("of", of).to_string()
            }
        }
    }

    const fn icon(self) -> Icon {
        if self.is_whole() { Icon::Ok } else { Icon::Bad }
    }

    const fn is_whole(self) -> bool {
        matches!(self, Self::Whole { .. })
    }
}
