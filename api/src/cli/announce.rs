//! `badgecast announce`: says something on every badge, and waits until it is lit.

use std::{process::ExitCode, time::Duration};

use badgecast_domain::id::AnnouncementId;
use serde::Deserialize;
use serde_json::json;
use tokio::time::{Instant, sleep};

use super::{Announce, Failed, remote::Remote, say};

/// How often receipts are asked for.
const ASK_AGAIN: Duration = Duration::from_millis(500);

#[derive(Deserialize)]
struct Announced {
    id: AnnouncementId,
    receipts: Receipts,
}

/// How far an announcement came, in badges.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub(super) struct Receipts {
    targeted: u64,
    shown: u64,
    written: u64,
}

impl Receipts {
    /// Lit, or written to badges that cannot be read back.
    const fn arrived(self) -> u64 {
        self.shown + self.written
    }
}

impl std::fmt::Display for Receipts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} of {} badges show it", self.arrived(), self.targeted)
    }
}

/// Succeeds when every badge shows it within the time.
pub(super) async fn run(wish: Announce) -> Result<ExitCode, Failed> {
    let remote = Remote::open().await?;
    let body = json!({ "audience": { "all": true }, "text": wish.text, "level": wish.level });
    let announced: Announced = remote.create("/api/v1/announcements", &body).await?;
    let end = Instant::now() + Duration::from_secs(wish.wait);
    let path = format!("/api/v1/announcements/{}", announced.id);
    let mut receipts = announced.receipts;
    while receipts.arrived() < receipts.targeted && Instant::now() < end {
        sleep(ASK_AGAIN).await;
        receipts = remote.get::<Announced>(&path).await?.receipts;
    }
    say(&format!("{receipts}\n"));
    let all = receipts.arrived() >= receipts.targeted;
    Ok(if all || wish.wait == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
