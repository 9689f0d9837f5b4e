//! Progress: how far an announcement has come, as its reader sees it.
//!
//! Counts are of now. The percentiles and the laggards freeze at the receipt deadline: from then on they say what was
//! promised and kept, whatever happens later.

use std::time::Duration;

use badgecast_domain::{
    id::{BadgeId, UserId},
    receipt::{State, percentile},
    time::Moment,
};
use sea_orm::ConnectionTrait;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::tables::{
    Error,
    announcements::Announcement,
    receipts::{self, Receipt, Tally},
};

/// How many laggards are named; the receipts list has them all.
const NAMED: u64 = 1_000;

/// Receipts, counted. Every targeted badge is in exactly one state.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Progress {
    pub targeted: u64,
    /// Not connected, nothing went out yet.
    pub pending: u64,
    /// Handed to its connection.
    pub sent: u64,
    /// Stored by the badge.
    pub held: u64,
    /// Written by a gateway to a badge that cannot be read back.
    pub written: u64,
    /// Lit, with the server's pixels.
    pub shown: u64,
    pub refused: u64,
    pub expired: u64,
    pub superseded: u64,
    #[serde(flatten)]
    pub summary: Summary,
}

/// What freezes at the receipt deadline.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Summary {
    /// Milliseconds until half of the targeted had shown it; null until they have.
    pub p50_ms: Option<u64>,
    /// Null until 95 % of the targeted have shown it.
    pub p95_ms: Option<u64>,
    /// Null until 99 % of the targeted have shown it.
    pub p99_ms: Option<u64>,
    /// Those that had not shown it by the deadline; empty before.
    pub laggards: Vec<Laggard>,
}

/// A badge that did not show it in time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Laggard {
    #[schema(value_type = uuid::Uuid)]
    pub badge_id: BadgeId,
    pub code: String,
    pub name: String,
    #[schema(value_type = Option<uuid::Uuid>)]
    pub owner_id: Option<UserId>,
    #[schema(value_type = String)]
    pub state: State,
    /// offline, no_answer, not_lit, crc_mismatch, expired, or what the badge said when it refused.
    pub reason: String,
}

impl From<Receipt> for Laggard {
    fn from(receipt: Receipt) -> Self {
        let Receipt { badge, code, name, owner, state, reason, .. } = receipt;
        let told = match state {
            State::Pending => "offline",
            State::Sent => "no_answer",
            State::Held => "not_lit",
            state => state.name(),
        };
        let reason = reason.unwrap_or_else(|| told.to_owned());
        Self { badge_id: badge, code, name, owner_id: owner, state, reason }
    }
}

/// The progress of an announcement at `now`.
///
/// # Errors
/// Those of the database.
pub async fn of(
    db: &impl ConnectionTrait,
    announcement: &Announcement,
    now: Moment,
) -> Result<Progress, Error> {
    Ok(course(db, announcement, now).await?.progress)
}

/// The progress of an announcement, and how it came there.
#[derive(Debug, Clone, Default)]
pub struct Course {
    pub progress: Progress,
    /// The times to shown, in order; once the deadline is over, of those that were in time.
    pub spans: Vec<Duration>,
}

/// The same with every time to shown, for who draws it.
///
/// # Errors
/// Those of the database.
pub async fn course(
    db: &impl ConnectionTrait,
    announcement: &Announcement,
    now: Moment,
) -> Result<Course, Error> {
    let (tally, summary) = match &announcement.summary {
        Some(frozen) => {
            let summary = serde_json::from_str(frozen).map_err(|error| Error::Corrupt(error.to_string()))?;
            (receipts::tally_by(db, announcement, now, announcement.receipt_deadline).await?, summary)
        }
        // Laggards are named once, when they are frozen: what was read never changes afterwards.
        None => {
            let mut tally = receipts::tally(db, announcement, now).await?;
            let summary = measured(&mut tally);
            (tally, summary)
        }
    };
    let Tally { targeted, pending, sent, held, written, shown, refused, expired, superseded, mut spans } =
        tally;
    spans.sort_unstable();
    let progress =
        Progress { targeted, pending, sent, held, written, shown, refused, expired, superseded, summary };
    Ok(Course { progress, spans })
}

/// The summary as it is stored at the deadline.
///
/// # Errors
/// Those of the database.
pub async fn at_deadline(db: &impl ConnectionTrait, announcement: &Announcement) -> Result<String, Error> {
    let summary = summary(db, announcement).await?;
    serde_json::to_string(&summary).map_err(|error| Error::Corrupt(error.to_string()))
}

async fn summary(db: &impl ConnectionTrait, announcement: &Announcement) -> Result<Summary, Error> {
    let deadline = announcement.receipt_deadline;
    let mut tally = receipts::tally_by(db, announcement, deadline, deadline).await?;
    let laggards = receipts::laggards(db, announcement, deadline, NAMED).await?;
    let laggards = laggards.into_iter().map(Laggard::from).collect();
    Ok(Summary { laggards, ..measured(&mut tally) })
}

fn measured(tally: &mut Tally) -> Summary {
    let targeted = usize::try_from(tally.targeted).unwrap_or(usize::MAX);
    let ms = |span: Duration| u64::try_from(span.as_millis()).unwrap_or(u64::MAX);
    let mut at = |percent| percentile(&mut tally.spans, targeted, percent).map(ms);
    Summary { p50_ms: at(50), p95_ms: at(95), p99_ms: at(99), laggards: Vec::new() }
}
