//! The courier: carries every committed change to the badges of this node.
//!
//! It does not care what rang: the bell of this process, the poll, or another node. Each change is looked up fresh, so
//! a change that comes twice, late, or together with a newer one does no harm.

use std::{sync::Arc, time::Duration};

use badgecast_broker::{End, Shows, Target, Whom};
use badgecast_domain::{
    id::{AnnouncementId, BadgeId, OrganizationId},
    wire::{Command, Order, Show},
};
use serde_json::json;
use tokio::sync::watch;
use uuid::Uuid;

use super::{distinct, layers};
use crate::{
    House,
    events::{Event, Readers},
    tables::{
        self,
        changes::{self, Change, Cursor, Kind},
    },
};

/// How often to look, whether or not the bell rang.
const POLL: Duration = Duration::from_millis(500);
/// How soon to look again after the bell rang for nothing: what was committed may have to wait for what another node, which
/// rings nobody here, began before it. Each time twice as long, up to the poll.
const SOON: Duration = Duration::from_millis(20);
/// How many changes are taken at once.
const BATCH: u64 = 500;

pub(super) async fn run(house: Arc<House>, mut stop: watch::Receiver<bool>) {
    let mut bell = house.database.bell();
    let mut cursor = house.first_change;
    let mut rest = POLL;
    while !*stop.borrow() {
        match changes::after(house.database.read(), cursor, BATCH).await {
            Ok(batch) if batch.is_empty() => {
                tokio::select! {
                    _ = bell.changed() => rest = if house.database.is_shared() { SOON } else { POLL },
                    () = tokio::time::sleep(rest) => rest = POLL.min(2 * rest),
                    _ = stop.changed() => {}
                }
            }
            Ok(batch) => {
                let carried = carry(&house, &batch).await;
                cursor = carried.unwrap_or(cursor);
                if carried != batch.last().map(|last| last.cursor) {
                    tokio::time::sleep(POLL).await;
                }
            }
            Err(error) => {
                tracing::warn!(%error, "changes cannot be read");
                tokio::time::sleep(POLL).await;
            }
        }
    }
}

/// Carries a batch; consecutive changes of membership together, since groups change by the hundred. Answers the place of
/// the last that was carried: the rest is tried again, for a badge that stays connected says no hello.
async fn carry(house: &House, batch: &[Change]) -> Option<Cursor> {
    let mut carried = None;
    for run in batch.chunk_by(|one, next| one.kind == Kind::Member && next.kind == Kind::Member) {
        let done = match run {
            [change] if change.kind != Kind::Member => one(house, change).await,
            members => joined(house, members).await,
        };
        match done {
            Ok(()) => {}
            // What cannot be understood now cannot be understood later either.
            Err(error @ tables::Error::Corrupt(_)) => tracing::error!(%error, "change not carried"),
            Err(error) => {
                tracing::warn!(%error, "change not carried yet");
                break;
            }
        }
        house.feed.follow(run);
        run.iter().filter_map(event).for_each(|event| house.events.tell(event));
        carried = run.last().map(|change| change.cursor);
    }
    carried
}

async fn one(house: &House, change: &Change) -> Result<(), tables::Error> {
    let badge = BadgeId::from_uuid(change.subject);
    match change.kind {
        Kind::Display => own(house, badge).await,
        Kind::Announcement => {
            announcement(house, change.organization, AnnouncementId::from_uuid(change.subject)).await
        }
        Kind::Command(order) => {
            command(house, badge, order);
            Ok(())
        }
        Kind::Gateway => gateway(house, badge).await,
        Kind::Retired => {
            house.desk.end(Whom::Badge(badge), End::Revoked);
            house.desk.forget(change.organization, badge);
            Ok(())
        }
        Kind::Client => house.learn_origins().await,
        Kind::Revocation => house.tokens.follow(house.database.read(), &house.desk, change.subject).await,
        _ => Ok(()),
    }
}

/// Other badges may hang on a gateway: it speaks for those alone from now on.
async fn gateway(house: &House, gateway: BadgeId) -> Result<(), tables::Error> {
    let holders = tables::gateways::spoken_for(house.database.read(), gateway).await?;
    house.desk.assign(gateway, holders.into_iter().map(|holder| holder.member).collect());
    Ok(())
}

fn command(house: &House, badge: BadgeId, order: Order) {
    let _ = house.desk.command(badge, Command { command: order, id: Uuid::now_v7() });
}

async fn own(house: &House, badge: BadgeId) -> Result<(), tables::Error> {
    if !house.desk.holds(badge) {
        return Ok(());
    }
    for holder in tables::layers::own_of(house.database.read(), &[badge]).await? {
        let Some(own) = &holder.own else { continue };
        let panel = holder.member.panel;
        let layer = layers::own(badge, own.revision, &own.document, panel);
        let reached = house.desk.show(Target::Badge(badge), &Shows::on(panel, Show::Layer(layer)));
        house.metrics.delivered(reached);
    }
    Ok(())
}

async fn announcement(
    house: &House,
    organization: OrganizationId,
    id: AnnouncementId,
) -> Result<(), tables::Error> {
    house.announced.forget(organization);
    let Some(rendered) = house.announced.one(house, organization, id).await? else { return Ok(()) };
    let shows = if rendered.is_live(house.now()) {
        rendered.shows()
    } else {
        Shows::same(layers::withdrawn(id.layer(), rendered.row.revision))
    };
    let reached = house.desk.show(Target::Audience(organization, &rendered.row.audience), &shows);
    house.metrics.delivered(reached);
    tracing::info!(announcement.id = %id, sessions = reached, "announcement handed to sessions");
    Ok(())
}

/// Badges whose groups, tags or panel changed: the desk learns it, and they get or lose what that means. Only
/// layers they were meant to hold before are withdrawn, so that nobody learns of others' layers.
async fn joined(house: &House, changes: &[Change]) -> Result<(), tables::Error> {
    let badges = distinct(changes.iter().map(|change| BadgeId::from_uuid(change.subject)));
    let badges: Vec<BadgeId> = badges.into_iter().filter(|badge| house.desk.holds(*badge)).collect();
    let now = house.now();
    for holder in tables::layers::own_of(house.database.read(), &badges).await? {
        let (badge, panel) = (holder.member.badge, holder.member.panel);
        let was_in = house.desk.retag(holder.member.clone());
        let announced = house.announced.of(house, holder.organization).await?;
        let left = announced.iter().filter(|rendered| {
            let audience = &rendered.row.audience;
            let was = was_in.as_ref().is_some_and(|old| audience.includes(badge, &old.groups, &old.tags));
            was && !holder.is_in(audience)
        });
        let left = left.map(|rendered| layers::withdrawn(rendered.row.id.layer(), rendered.row.revision));
        let wanted = layers::of_holder(&holder, &announced, now).into_iter().map(Show::Layer);
        for show in left.chain(wanted) {
            house.metrics.delivered(house.desk.show(Target::Badge(badge), &Shows::on(panel, show)));
        }
    }
    Ok(())
}

/// What those who watch are told of a change, if anything. Ids and revisions only.
pub(crate) fn event(change: &Change) -> Option<Event> {
    let subject = change.subject;
    let (name, badge, data) = match change.kind {
        Kind::Announcement => ("announcement", None, json!({ "announcement_id": subject })),
        Kind::Display => {
            let data = json!({ "badge_id": subject, "revision": change.revision });
            ("display", Some(subject), data)
        }
        Kind::Member | Kind::Badge | Kind::Retired | Kind::Command(_) => {
            ("badge", Some(subject), json!({ "badge_id": subject }))
        }
        Kind::Gateway => ("gateway", None, json!({ "gateway_id": subject })),
        Kind::Organization => ("organization", None, json!({})),
        Kind::User => ("user", None, json!({ "user_id": subject })),
        Kind::Security(what) => {
            let data = json!({ "kind": what.name(), "about": subject, "audit_seq": change.revision });
            return Some(Event {
                organization: change.organization,
                cursor: Some(change.cursor),
                name: "security",
                readers: Readers::Security(subject),
                data,
            });
        }
        Kind::Client | Kind::Revocation => return None,
    };
    let readers = Readers::Fleet(badge.map(BadgeId::from_uuid));
    Some(Event { organization: change.organization, cursor: Some(change.cursor), name, readers, data })
}
