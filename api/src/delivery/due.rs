//! What falls due at a time, done by one node: receipts frozen at their deadline, watchers told of an end, leftovers
//! forgotten.

use std::{sync::Arc, time::Duration};

use badgecast_domain::{id::AnnouncementId, time::Moment};
use serde_json::json;
use tokio::sync::watch;

use crate::{
    House,
    auth::Scope,
    events::{Event, Readers},
    progress,
    tables::{
        self, Tx, announcements, changes, connections, idempotency,
        jobs::{self, Job, Kind},
    },
};

/// How often to look for work; what is due sooner is done when it is due.
const LOOK: Duration = Duration::from_millis(500);
/// How many jobs are taken at once.
const BATCH: u64 = 20;
/// How often leftovers are forgotten.
const TIDY: Duration = Duration::from_secs(10 * 60);
/// How long changes are kept for watchers that were away.
const CHANGES_KEPT: Duration = Duration::from_secs(7 * 24 * 60 * 60);

pub(super) async fn run(house: Arc<House>, mut stop: watch::Receiver<bool>) {
    let mut tidied = tokio::time::Instant::now();
    while !*stop.borrow() {
        let rest = match work(&house).await {
            Ok(Some(next)) => next.since(house.now()).min(LOOK),
            Ok(None) => LOOK,
            Err(error) => {
                tracing::warn!(%error, "due work not done");
                LOOK
            }
        };
        if tidied.elapsed() > TIDY {
            tidied = tokio::time::Instant::now();
            if let Err(error) = tidy(&house).await {
                tracing::warn!(%error, "leftovers not forgotten");
            }
        }
        tokio::select! {
            () = tokio::time::sleep(rest) => {}
            _ = stop.changed() => {}
        }
    }
}

/// Does what is due; answers when the next is.
async fn work(house: &House) -> Result<Option<Moment>, tables::Error> {
    let now = house.now();
    // Asked of the readers first: looking for work must not keep the one writer busy.
    let next = jobs::next_due(house.database.read()).await?;
    if next.is_none_or(|due| due > now) {
        return Ok(next);
    }
    let due = house.database.write(async |tx: &Tx| jobs::due(tx, now, BATCH).await).await?;
    for job in due {
        house.database.write(async |tx: &Tx| do_one(house, tx, &job).await).await?;
        let data = json!({ "announcement_id": job.subject });
        let (organization, readers) = (job.organization, Readers::Fleet(None));
        house.events.tell(Event { organization, cursor: None, name: "announcement", readers, data });
    }
    jobs::next_due(house.database.read()).await
}

async fn do_one(house: &House, tx: &Tx, job: &Job) -> Result<(), tables::Error> {
    let now = house.now();
    if job.kind == Kind::Deadline {
        let id = AnnouncementId::from_uuid(job.subject);
        let row = announcements::find(tx, &Scope::house(job.organization), id).await?;
        let summary = progress::at_deadline(tx, &row).await?;
        announcements::freeze(tx, id, &summary).await?;
    }
    jobs::done(tx, job.id, now).await
}

async fn tidy(house: &House) -> Result<(), tables::Error> {
    let now = house.now();
    house
        .database
        .write(async |tx: &Tx| {
            idempotency::forget(tx, now).await?;
            connections::forget(tx, now).await?;
            changes::forget(tx, now.minus(CHANGES_KEPT)).await.map(drop)
        })
        .await
}
