//! Why a connection is over, and what follows from it.

use crate::{desk::End, packet::Code, tally::Tally};

/// The end of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Parting {
    /// The client said DISCONNECT.
    Left { with_will: bool },
    /// The stream ended or failed.
    Lost,
    /// The client broke a rule of the protocol.
    Broke(Code),
    /// The client did what it may not do, or showed a bad token.
    Denied,
    /// The house ended it.
    Ended(End),
    /// Nothing was heard for one and a half keep-alives.
    Silent,
    /// It said too much.
    TooFast,
    /// It read nothing.
    Stalled,
    /// What it said could not be stored.
    Unstored,
}

impl Parting {
    /// What DISCONNECT says; none when nobody is there to hear it.
    pub(crate) const fn code(self) -> Option<Code> {
        Some(match self {
            Self::Left { .. } | Self::Lost => return None,
            Self::Broke(code) => code,
            Self::Denied | Self::Ended(End::Expired) => Code::NotAuthorized,
            Self::Ended(End::Revoked) => Code::Administrative,
            Self::Ended(End::TakenOver) => Code::TakenOver,
            Self::Ended(End::Shutdown) => Code::ShuttingDown,
            Self::Silent => Code::KeepAlive,
            Self::TooFast => Code::TooFast,
            Self::Stalled => Code::Quota,
            Self::Unstored => Code::Busy,
        })
    }

    /// Whether the will is heard. One who was revoked says nothing more, and at shutdown nobody listens.
    pub(crate) const fn with_will(self) -> bool {
        match self {
            Self::Left { with_will } => with_will,
            Self::Ended(End::Revoked | End::Shutdown) => false,
            _ => true,
        }
    }

    pub(crate) fn count(self, tally: &Tally) {
        match self {
            Self::Left { .. } => tally.left.one(),
            Self::Lost => tally.lost.one(),
            Self::Broke(Code::TooLarge) => tally.ended_too_large.one(),
            Self::Broke(_) => tally.ended_malformed.one(),
            Self::Denied => tally.ended_not_authorized.one(),
            Self::Ended(End::Expired) => tally.ended_expired.one(),
            Self::Ended(End::Revoked) => tally.ended_revoked.one(),
            Self::Ended(End::TakenOver) => tally.ended_taken_over.one(),
            Self::Ended(End::Shutdown) => tally.ended_shutdown.one(),
            Self::Silent => tally.ended_keep_alive.one(),
            Self::TooFast => tally.ended_too_fast.one(),
            Self::Stalled => tally.ended_stalled.one(),
            Self::Unstored => tally.ended_unstored.one(),
        }
    }
}
