//! Server-sent events: what happens, to those who may see it, as it happens.
//!
//! A stream carries ids, not contents; it beats every ten seconds, and ends when its token does: expired or revoked.

use std::{sync::Arc, time::Duration};

use actix_web::{HttpRequest, HttpResponse, http::header, web::Data};
use badgecast_domain::{
    access::Right,
    id::{BadgeId, OrganizationId},
};
use bytes::Bytes;
use tokio::{
    sync::{broadcast::error::RecvError, mpsc},
    time::{Instant, MissedTickBehavior, interval_at},
};
use uuid::Uuid;

use crate::{
    House,
    auth::{Caller, Scope},
    delivery,
    events::{Event, Readers},
    problem::Problem,
    tables::{
        badges,
        changes::{self, Cursor},
    },
};

/// How often an idle stream says that it lives.
const BEAT: Duration = Duration::from_secs(10);
/// How many missed changes are told to a watcher that was away; beyond, it is told to read everything again.
const MISSED: u64 = 1_000;
/// How many events may wait for a slow reader before its stream ends.
const WAITING: usize = 64;

/// What one watcher may see.
struct View {
    organization: OrganizationId,
    /// The watcher.
    who: Uuid,
    fleet: bool,
    audit: bool,
    /// The proof for the watcher's own badge, if they may have one.
    owner: Option<Scope>,
    own: Option<BadgeId>,
}

impl View {
    fn shows(&self, event: &Event) -> bool {
        let for_them = match event.readers {
            Readers::Fleet(badge) => self.fleet || (badge.is_some() && badge == self.own),
            Readers::Security(about) => self.audit || about == self.who,
        };
        event.organization == self.organization && for_them
    }

    /// The badge of a watcher who sees only that; it may be given another any time.
    async fn look(&mut self, house: &House) {
        if let Some(owner) = self.owner.filter(|_| !self.fleet) {
            let owned = badges::owned(house.database.read(), &owner, house.now()).await;
            self.own = owned.ok().map(|badge| badge.id);
        }
    }
}

#[utoipa::path(get, path = "/api/v1/events", tag = "events", summary = "Watch what happens",
    description = "Server-sent events: announcement, display, badge, gateway, organization, user, presence, receipt, security, a beat every ten seconds, and reset when too much was missed. Security events go to who may read the audit trail and to the person they are about; see docs/security.md. Last-Event-ID continues where a stream broke off.",
    responses((status = 200, description = "text/event-stream")))]
pub async fn watch(
    house: Data<House>,
    caller: Caller,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let may = |right| caller.may(right).is_ok();
    let (fleet, audit) = (may(Right::ReadFleet), may(Right::ReadAudit));
    let owner = match caller.may_own() {
        Err(refused) if !(fleet || audit) => return Err(refused),
        owner => owner.ok(),
    };
    let since = since(&request)?;
    // Before the missed changes are read, so that none falls between.
    let live = house.events.watch();
    let mut view = View {
        organization: caller.organization(),
        who: caller.actor().uuid(),
        fleet,
        audit,
        owner,
        own: None,
    };
    view.look(&house).await;
    let (lines, body) = mpsc::channel(WAITING);
    let house = house.into_inner();
    tokio::spawn(async move {
        let stream = Stream { house, caller, view, live, lines };
        // The reader is gone, or the stream is over: both end it without a word.
        let _ = stream.run(since).await;
    });
    Ok(HttpResponse::Ok()
        .content_type("text/event-stream")
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header(("x-accel-buffering", "no"))
        .streaming(futures_util::stream::unfold(body, |mut body| async move {
            body.recv().await.map(|line| (Ok::<Bytes, Problem>(line), body))
        })))
}

fn since(request: &HttpRequest) -> Result<Option<Cursor>, Problem> {
    let Some(value) = request.headers().get("last-event-id") else { return Ok(None) };
    let cursor = value.to_str().ok().and_then(|text| text.parse().ok());
    cursor.map(Some).ok_or_else(|| Problem::bad_request("Last-Event-ID is not an id of this stream"))
}

/// The stream is over.
struct Over;

struct Stream {
    house: Arc<House>,
    caller: Caller,
    view: View,
    live: tokio::sync::broadcast::Receiver<Arc<Event>>,
    lines: mpsc::Sender<Bytes>,
}

impl Stream {
    async fn run(mut self, since: Option<Cursor>) -> Result<(), Over> {
        let mut revoked = self.house.tokens.watch();
        // What was revoked since the caller was looked up does not ring any more.
        if !self.caller.is_still_good(&self.house) {
            return Err(Over);
        }
        let left = self.caller.expires_at().since(self.house.now());
        let expiry = tokio::time::sleep(left);
        tokio::pin!(expiry);
        let mut beat = interval_at(Instant::now() + BEAT, BEAT);
        beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut stop = self.house.stopping();
        self.write(": welcome\nretry: 2000\n\n".to_owned())?;
        if let Some(cursor) = since {
            self.missed(cursor).await?;
        }
        loop {
            tokio::select! {
                event = self.live.recv() => match event {
                    Ok(event) => self.tell(&event).await?,
                    Err(RecvError::Lagged(_)) => self.write("event: reset\ndata: {}\n\n".to_owned())?,
                    Err(RecvError::Closed) => return Err(Over),
                },
                _ = beat.tick() => self.write("event: beat\ndata: {}\n\n".to_owned())?,
                () = &mut expiry => return Err(Over),
                _ = revoked.changed() => {
                    if !self.caller.is_still_good(&self.house) {
                        return Err(Over);
                    }
                }
                _ = stop.changed() => return Err(Over),
                () = self.lines.closed() => return Err(Over),
            }
        }
    }

    /// What happened while the watcher was away.
    async fn missed(&self, cursor: Cursor) -> Result<(), Over> {
        let missed = changes::after(self.house.database.read(), cursor, MISSED).await.map_err(|_| Over)?;
        if missed.len() as u64 == MISSED {
            return self.write("event: reset\ndata: {}\n\n".to_owned());
        }
        for event in missed.iter().filter_map(delivery::event) {
            if self.view.shows(&event) {
                // As fast as the reader reads; what happens meanwhile waits in the feed.
                let told = self.lines.send_timeout(Bytes::from(line(&event)), BEAT);
                told.await.map_err(|_| Over)?;
            }
        }
        Ok(())
    }

    async fn tell(&mut self, event: &Event) -> Result<(), Over> {
        if event.name == "badge" && event.organization == self.view.organization {
            self.view.look(&self.house).await;
        }
        if self.view.shows(event) { self.write(line(event)) } else { Ok(()) }
    }

    /// A reader that does not keep up loses its stream, and comes back with Last-Event-ID.
    fn write(&self, text: String) -> Result<(), Over> {
        self.lines.try_send(Bytes::from(text)).map_err(|_| Over)
    }
}

fn line(event: &Event) -> String {
    let id = event.cursor.map(|cursor| format!("id: {cursor}\n")).unwrap_or_default();
    format!("{id}event: {}\ndata: {}\n\n", event.name, event.data)
}
