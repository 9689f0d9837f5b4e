//! What badges show, for integrations that read along: `v1/orgs/{organization}/badges/{badge}/display`.
//!
//! Nothing is worked out for an organization that nobody reads. Before its first integration is let in everything its
//! badges show is told once, and from then on what changes: by a committed change, or because the time of an
//! announcement begins or ends. What is told holds no pixels, and no words unless the organization says so.
//!
//! Which badges are there the broker tells by itself, of its own connections. Where several nodes share a database
//! each looks up which badges the others hold, for the organizations that are read on it.

use std::{
    collections::{BTreeSet, HashMap},
    hash::{DefaultHasher, Hash as _, Hasher as _},
    sync::{
        Arc, PoisonError,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::Duration,
};

use badgecast_domain::{
    display::Document,
    id::{BadgeId, LayerId, OrganizationId},
    layer::{Kind, Level, Standing, Validity, next_change, playlist},
    time::Moment,
};
use serde::Serialize;
use tokio::{
    sync::{Mutex, Notify, watch},
    time::{Instant, MissedTickBehavior, interval},
};

use super::layers::Rendered;
use crate::{
    House,
    tables::{
        self,
        changes::{self, Change},
        connections,
        layers::Holder,
        organizations,
    },
};

/// How long after its integration was let in an organization counts as read, whether or not it sat down.
const GRACE: Duration = Duration::from_secs(60);
/// How long until what could not be worked out is tried again.
const AGAIN: Duration = Duration::from_millis(500);
/// How often the connections of other nodes are looked up. A node that dies says nothing, so nobody could ring.
const AROUND: Duration = Duration::from_millis(500);
/// Longer than anything waits.
const FAR: Duration = Duration::from_secs(60 * 60);

/// The feed of this process.
#[derive(Debug, Default)]
pub struct Feed {
    fed: Mutex<HashMap<OrganizationId, Fed>>,
    /// Whether there is any, so that a fleet without integrations pays one load for a change.
    any: AtomicBool,
    due: std::sync::Mutex<HashMap<OrganizationId, Due>>,
    moved: Notify,
}

/// Whose displays may be others now.
#[derive(Debug, Default)]
struct Due {
    all: bool,
    badges: BTreeSet<BadgeId>,
}

/// What is known of an organization that is read.
#[derive(Debug)]
struct Fed {
    since: Instant,
    tells_texts: bool,
    /// What was told last, hashed.
    told: HashMap<BadgeId, u64>,
    /// When anything may change by itself.
    next: Option<Moment>,
}

/// What a badge shows, as integrations are told.
#[derive(Debug, Serialize)]
struct Display<'a> {
    layers: Vec<Shown<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
}

/// A layer that shows, in the order of the playlist.
#[derive(Debug, Clone, Copy, Serialize)]
struct Shown<'a> {
    layer: Kind,
    id: LayerId,
    revision: u64,
    level: Level,
    until: Option<Moment>,
    #[serde(skip)]
    document: &'a Document,
}

impl Feed {
    /// An integration of this organization is about to be let in: what badges show is told first.
    ///
    /// # Errors
    /// The database did not answer.
    pub(crate) async fn begin(
        &self,
        house: &House,
        organization: OrganizationId,
    ) -> Result<(), tables::Error> {
        let mut all = self.fed.lock().await;
        if let Some(fed) = all.get_mut(&organization) {
            fed.since = Instant::now();
            return Ok(());
        }
        // From now on changes are noted, so that none falls between.
        self.any.store(true, Relaxed);
        // From the rows: who announced something and then reads must not be told what was before.
        house.announced.forget(organization);
        let mut fed = Fed { since: Instant::now(), tells_texts: false, told: HashMap::new(), next: None };
        fed.work_out(house, organization, None).await?;
        look_around(house, organization).await?;
        for badge in fed.told.keys() {
            house.desk.tell_absent(organization, *badge);
        }
        all.insert(organization, fed);
        self.moved.notify_one();
        Ok(())
    }

    /// Notes what committed changes may mean for those who read. Delivery does not wait for it.
    pub(super) fn follow(&self, changes: &[Change]) {
        if !self.any.load(Relaxed) {
            return;
        }
        let mut due = self.due.lock().unwrap_or_else(PoisonError::into_inner);
        for change in changes {
            let due = due.entry(change.organization).or_default();
            match change.kind {
                changes::Kind::Display | changes::Kind::Member | changes::Kind::Badge => {
                    due.badges.insert(BadgeId::from_uuid(change.subject));
                }
                changes::Kind::Announcement | changes::Kind::Organization => due.all = true,
                _ => {}
            }
        }
        self.moved.notify_one();
    }

    /// Tells what changed, and what changes by itself.
    async fn look(&self, house: &House) {
        let mut all = self.fed.lock().await;
        let due = std::mem::take(&mut *self.due.lock().unwrap_or_else(PoisonError::into_inner));
        all.retain(|organization, fed| house.desk.is_read(*organization) || fed.since.elapsed() < GRACE);
        self.any.store(!all.is_empty(), Relaxed);
        for (organization, fed) in all.iter_mut() {
            let due = due.get(organization);
            let by_itself = fed.next.is_some_and(|next| next <= house.now());
            if by_itself || due.is_some_and(|due| due.all) {
                fed.tell(house, *organization, None).await;
            } else if let Some(due) = due {
                fed.tell(house, *organization, Some(&due.badges)).await;
            }
        }
    }

    /// Tells which badges other nodes hold.
    async fn look_around(&self, house: &House) -> Result<(), tables::Error> {
        let read: Vec<OrganizationId> = self.fed.lock().await.keys().copied().collect();
        for organization in read {
            look_around(house, organization).await?;
        }
        Ok(())
    }

    async fn next(&self) -> Option<Moment> {
        self.fed.lock().await.values().filter_map(|fed| fed.next).min()
    }
}

impl Fed {
    /// As [`Self::work_out`]; what cannot be worked out now is tried again, and the badges do not wait for it.
    async fn tell(&mut self, house: &House, organization: OrganizationId, only: Option<&BTreeSet<BadgeId>>) {
        if let Err(error) = self.work_out(house, organization, only).await {
            tracing::warn!(%error, "what badges show is not told yet");
            self.next = Some(house.now().plus(AGAIN));
        }
    }

    /// Tells what these badges show, if it is another than was told.
    async fn work_out(
        &mut self,
        house: &House,
        organization: OrganizationId,
        only: Option<&BTreeSet<BadgeId>>,
    ) -> Result<(), tables::Error> {
        let (db, now) = (house.database.read(), house.now());
        let holders = match only {
            Some(badges) => {
                tables::layers::own_of(db, &badges.iter().copied().collect::<Vec<BadgeId>>()).await?
            }
            None => {
                self.tells_texts = organizations::find(db, organization).await?.tells_texts;
                self.next = None;
                tables::layers::own_of_all(db, organization).await?
            }
        };
        let announced = house.announced.of(house, organization).await?;
        for holder in &holders {
            let (shown, next) = shown(holder, &announced, now);
            self.next = [self.next, next].into_iter().flatten().min();
            let words = shown.iter().flat_map(|shown| &shown.document.messages).map(|said| said.alt_text());
            let text = self.tells_texts.then(|| words.collect::<Vec<_>>().join(" · "));
            let json = serde_json::to_vec(&Display { layers: shown, text }).unwrap_or_default();
            let mut hasher = DefaultHasher::new();
            json.hash(&mut hasher);
            let badge = holder.member.badge;
            if self.told.insert(badge, hasher.finish()) != Some(hasher.finish()) {
                house.desk.tell_display(organization, badge, Some(&json));
            }
        }
        Ok(())
    }
}

/// The layers that a badge shows at `now`, and when that may change by itself.
fn shown<'a>(
    holder: &'a Holder,
    announced: &'a [Arc<Rendered>],
    now: Moment,
) -> (Vec<Shown<'a>>, Option<Moment>) {
    let own = holder.own.as_ref().map(|own| {
        let id = holder.member.badge.own_layer();
        let (layer, level) = (Kind::Own, Level::Normal);
        let shown = Shown { layer, id, revision: own.revision, level, until: None, document: &own.document };
        (shown, Validity { from: None, until: None })
    });
    let meant =
        announced.iter().filter(|rendered| rendered.is_live(now) && holder.is_in(&rendered.row.audience));
    let meant = meant.map(|rendered| {
        let row = &rendered.row;
        let shown = Shown {
            layer: Kind::Announcement,
            id: row.id.layer(),
            revision: row.revision,
            level: row.level,
            until: Some(row.valid_until),
            document: &row.document,
        };
        (shown, row.validity())
    });
    let (held, validity): (Vec<Shown<'a>>, Vec<Validity>) = own.into_iter().chain(meant).unzip();
    let standing = |(held, validity): (&Shown<'_>, Validity)| Standing {
        id: held.id,
        kind: held.layer,
        level: held.level,
        validity,
        messages: held.document.messages.len(),
    };
    let standings: Vec<Standing> = held.iter().zip(validity).map(standing).collect();
    let mut turns: Vec<usize> = Vec::new();
    for turn in playlist(&standings, Some(now)) {
        if !turns.contains(&turn.layer) {
            turns.push(turn.layer);
        }
    }
    (turns.into_iter().map(|layer| held[layer]).collect(), next_change(&standings, now))
}

/// Tells which badges of an organization other nodes hold.
async fn look_around(house: &House, organization: OrganizationId) -> Result<(), tables::Error> {
    let db = house.database.read();
    let badges = connections::elsewhere(db, house.node, organization, house.now()).await?;
    house.desk.tell_elsewhere(organization, &badges);
    Ok(())
}

/// Follows the clock, until `stop`.
pub(super) async fn run(house: Arc<House>, mut stop: watch::Receiver<bool>) {
    let mut around = interval(AROUND);
    around.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut blind = false;
    while !*stop.borrow() {
        let rest = house.feed.next().await.map_or(FAR, |next| next.since(house.now()));
        tokio::select! {
            _ = around.tick(), if house.database.is_shared() => {
                let looked = house.feed.look_around(&house).await;
                // Once for as long as it lasts: it is tried twice a second.
                if let (Err(error), false) = (&looked, blind) {
                    tracing::warn!(%error, "which badges other nodes hold is not told for now");
                }
                blind = looked.is_err();
                continue;
            }
            () = tokio::time::sleep(rest) => {}
            () = house.feed.moved.notified() => {}
            _ = stop.changed() => return,
        }
        house.feed.look(&house).await;
    }
}
