//! `badgecast status`: who is logged in, and what they may see of the fleet.

use std::process::ExitCode;

use badgecast_domain::access::Scope;
use serde::Deserialize;

use super::{Failed, announce::Receipts, remote::Remote, say};

/// A page of a list.
#[derive(Deserialize)]
struct Page<T> {
    items: Vec<T>,
    next: Option<String>,
}

#[derive(Deserialize)]
struct Badge {
    online: bool,
}

#[derive(Deserialize)]
struct Announcement {
    text: Option<String>,
    state: String,
    receipts: Receipts,
}

pub(super) async fn run() -> Result<ExitCode, Failed> {
    let remote = Remote::open().await?;
    let me = remote.me().await?;
    say(&format!("Logged in as {me}\n"));
    if !me.scope.contains(Scope::BadgesRead) {
        return Ok(ExitCode::SUCCESS);
    }
    let (online, badges) = count(&remote).await?;
    say(&format!("{online} of {badges} badges are online\n"));
    let running: Page<Announcement> = remote.get("/api/v1/announcements?limit=20").await?;
    for announcement in running.items.iter().filter(|announcement| announcement.state == "active") {
        let text = announcement.text.as_deref().unwrap_or("(several messages)");
        say(&format!("\"{text}\": {}\n", announcement.receipts));
    }
    Ok(ExitCode::SUCCESS)
}

/// How many badges are online, and how many there are.
async fn count(remote: &Remote) -> Result<(usize, usize), Failed> {
    let (mut online, mut badges) = (0, 0);
    let mut path = "/api/v1/badges?limit=200".to_owned();
    loop {
        let page: Page<Badge> = remote.get(&path).await?;
        badges += page.items.len();
        online += page.items.iter().filter(|badge| badge.online).count();
        let Some(after) = page.next else { return Ok((online, badges)) };
        path = format!("/api/v1/badges?limit=200&after={after}");
    }
}
