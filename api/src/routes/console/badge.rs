//! `/badges/{code}`: one badge, what it shows and why, and what can be done with it.

mod verbs;

use std::time::Duration;

use actix_web::{HttpResponse, http::StatusCode, web::Data};
use badgecast_console::{
    Frame, Led, Notice, Place, Size,
    parts::State,
    views::{
        BadgePage, BadgeReceipt, KeyNames, Line, Membership, Named, OwnerPicker, Part, Stacked, Writing,
    },
};
use badgecast_domain::{
    access::Right,
    id::{AnnouncementId, GroupId},
    layer::{Kind, Level},
    time::Moment,
};
use serde::Deserialize;

pub use self::verbs::{claim_code, identify, release, revoke, wipe};
use super::{
    Press, Visitor,
    badges::{battery, choices, named, panel, presence},
    line,
    owner::{self, Wanted},
    press::Fields,
    see_other_saying,
};
use crate::{
    House,
    auth::{Scope, device_key::DeviceKey},
    delivery::playing::Playing,
    problem::Problem,
    routes::{
        badges::{checked_name, checked_tags},
        body::{At, Query},
        displays::judged,
    },
    tables::{
        Error, Tx, announcements,
        badges::{self, Badge},
        displays::{self, Display, New},
        groups, people, receipts,
    },
};

/// How long after it came a badge may be let go without being asked.
pub(super) const FRESH: Duration = Duration::from_secs(10 * 60);
/// How many announcements back its receipts are looked for.
const BACK: u64 = 50;
/// How many receipts are shown.
const RECEIPTS: usize = 8;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Wish {
    moving: String,
}

impl Wish {
    /// Whether the picture moves: somebody asked for this one, or for all.
    pub(super) fn is_moving(&self, frame: &Frame) -> bool {
        self.moving == "yes" || (frame.look.moving && self.moving.is_empty())
    }
}

/// What a page says besides how things are: of a form that was sent.
#[derive(Default)]
struct Told {
    moving: bool,
    error: Option<(Part, String)>,
    claim_code: Option<(String, Moment)>,
    /// A line that was written, and what stands around it.
    line: Option<(Line, Writing)>,
    /// What was typed, to be corrected.
    name: Option<String>,
    picker: Option<OwnerPicker>,
}

impl Told {
    fn wrong(part: Part, sentence: String) -> Self {
        Self { error: Some((part, sentence)), ..Self::default() }
    }
}

pub async fn show(
    house: Data<House>,
    visitor: Visitor,
    at: At<String>,
    wish: Query<Wish>,
) -> Result<HttpResponse, Problem> {
    let scope = visitor.caller.may(Right::ReadFleet)?;
    let badge = named(&house, &scope, &at.0).await?;
    let told = Told { moving: wish.0.is_moving(&visitor.frame), ..Told::default() };
    page(&house, &visitor, &scope, badge, (StatusCode::OK, told)).await
}

async fn page(
    house: &House,
    visitor: &Visitor,
    scope: &Scope,
    badge: Badge,
    (status, told): (StatusCode, Told),
) -> Result<HttpResponse, Problem> {
    let (db, now) = (house.database.read(), house.now());
    let mut frame = visitor.frame.clone().at(Place::Badges);
    frame.path = address(&badge);
    let playing = Playing::of(house, scope, badge.id, now).await?;
    let display = displays::find(db, scope, badge.id).await?;
    let recent = announcements::list(db, scope, None, BACK).await?;
    let said = receipts::of_badge(db, badge.id, &recent).await?;
    let groups = choices(house, scope).await?;
    let member = |group: &Named| badge.groups.iter().any(|id| id.to_string() == group.value);
    let owner = match badge.owner {
        Some(id) => people::names(db, scope, [id]).await?.remove(&id).map(|name| (id, name)),
        None => None,
    };
    let owner = owner.map(|(id, name)| Named { value: id.to_string(), name });
    let (line, writing) = told.line.unwrap_or_else(|| own_line(display.as_ref()));
    let view = BadgePage {
        frame: &frame,
        id: badge.id.to_string(),
        code: badge.code.to_string(),
        name: told.name.unwrap_or_else(|| badge.name.clone()),
        picker: told.picker.unwrap_or_else(|| owner.clone().map(OwnerPicker::of).unwrap_or_default()),
        owner,
        standing: presence(&badge),
        since: if badge.online { badge.online_since } else { badge.last_seen_at },
        battery: battery(&badge),
        rssi: badge.telemetry.as_ref().and_then(|telemetry| telemetry.rssi).map(decibels),
        key: badge.public_key.as_deref().and_then(key_names),
        claimed_at: badge.claimed_at,
        fresh: is_fresh(&badge, now),
        led: panel(&playing, true, Size::Preview),
        moving: told.moving,
        changes_at: playing.changes_at(),
        stack: stack(&playing, display.as_ref(), &said),
        receipts: follow(&recent, &said),
        line,
        writing,
        groups: groups.into_iter().map(|group| Membership { member: member(&group), group }).collect(),
        tags: badge.tags.clone(),
        model: badge.model.clone(),
        panel: badge.panel.name().to_owned(),
        firmware: badge.firmware.clone(),
        claim_code: told.claim_code,
        error: told.error,
    };
    visitor.page_as(status, &view)
}

pub(super) fn address(badge: &Badge) -> String {
    format!("{}/{}", Place::Badges.path(), badge.code)
}

pub(super) fn is_fresh(badge: &Badge, now: Moment) -> bool {
    now.since(badge.created_at) < FRESH
}

#[expect(clippy::cast_possible_truncation, reason = "the table keeps -200 to 0")]
fn decibels(rssi: f64) -> i32 {
    rssi.round() as i32
}

fn key_names(key: &str) -> Option<KeyNames> {
    let key = DeviceKey::from_json(key)
        .inspect_err(|error| tracing::error!(%error, "a stored key cannot be understood"))
        .ok()?;
    Some(KeyNames { did: key.did().to_owned(), thumbprint: key.thumbprint().to_string() })
}

/// Its own line as it is, to be changed.
fn own_line(display: Option<&Display>) -> (Line, Writing) {
    let document = display.map(|display| &display.document);
    let writing = Writing {
        revision: display.map_or(0, |display| display.revision),
        rich: document.is_some_and(line::is_less_than),
        ..Writing::default()
    };
    (document.map(line::of).unwrap_or_default(), writing)
}

/// A line that was written, and how it would look.
fn written(frame: &Frame, badge: &Badge, fields: &Fields) -> (Line, Writing) {
    let (line, moving) = (line::written(fields), fields.is_checked("moving"));
    let (led, fits) = line::looks(frame, &line, badge, (Size::Preview, moving));
    let revision = line::seen(fields).unwrap_or_default();
    (line, Writing { revision, looks: Some(led), fits, moving, ..Writing::default() })
}

/// How a line would look; nothing is saved.
pub async fn preview_line(
    house: Data<House>,
    press: Press<Visitor>,
    at: At<String>,
) -> Result<HttpResponse, Problem> {
    let Press { who: visitor, fields, .. } = press;
    let scope = visitor.caller.may(Right::ManageBadges)?;
    let badge = named(&house, &scope, &at.0).await?;
    let told = Told { line: Some(written(&visitor.frame, &badge, &fields)), ..Told::default() };
    page(&house, &visitor, &scope, badge, (StatusCode::OK, told)).await
}

/// Every layer meant for it, the loudest on top, and among equals the newest: as the badge chooses.
fn stack(playing: &Playing, display: Option<&Display>, said: &[receipts::OfBadge]) -> Vec<Stacked> {
    let panel = playing.panel();
    let rank = |kind: Kind, level: Level| match (kind, level) {
        (Kind::Announcement, Level::Emergency) => 0,
        (Kind::Announcement, Level::Urgent) => 1,
        (Kind::Own, _) => 2,
        (Kind::Announcement, Level::Normal) => 3,
    };
    let mut layers: Vec<(u8, Stacked)> = Vec::new();
    for (held, (standing, place)) in playing.held.iter().zip(playing.places()) {
        let announcement = standing.id.announcement();
        let own = standing.kind == Kind::Own;
        let state = if own {
            display.map(|display| display.state)
        } else {
            said.iter().find(|said| said.announcement == announcement).map(|said| said.state)
        };
        let layer = Stacked {
            led: Led::of(&held.document, panel, Size::Tile),
            kind: standing.kind,
            level: standing.level,
            place,
            until: held.layer.until,
            from: held.layer.from,
            state: state.map(State),
            href: (!own).then(|| watched(announcement)),
            text: held.document.plain_text(),
        };
        layers.push((rank(standing.kind, standing.level), layer));
    }
    layers.sort_by_key(|(rank, _)| *rank);
    layers.into_iter().map(|(_, layer)| layer).collect()
}

fn watched(id: AnnouncementId) -> String {
    format!("{}/{id}", Place::Announcements.path())
}

fn follow(recent: &[announcements::Announcement], said: &[receipts::OfBadge]) -> Vec<BadgeReceipt> {
    let receipt = |announcement: &announcements::Announcement| {
        let said = said.iter().find(|said| said.announcement == announcement.id)?;
        let from = announcement.accepted_at.max(announcement.valid_from);
        let shown = said.shown_at.and_then(|at| u64::try_from(at.since(from).as_millis()).ok());
        Some(BadgeReceipt {
            href: watched(announcement.id),
            text: announcement.document.plain_text(),
            said_at: announcement.accepted_at,
            state: State(said.state),
            shown_ms: shown,
            reason: said.reason.clone(),
        })
    };
    recent.iter().filter_map(receipt).take(RECEIPTS).collect()
}

/// Puts a line, unless somebody changed it since the person looked: then both are shown.
pub async fn put_line(
    house: Data<House>,
    press: Press<Visitor>,
    at: At<String>,
) -> Result<HttpResponse, Problem> {
    let Press { who: visitor, fields, .. } = press;
    let scope = visitor.caller.may(Right::ManageBadges)?;
    let badge = named(&house, &scope, &at.0).await?;
    let form = line::form(&line::written(&fields));
    let (document, findings) = match judged("", form, &[badge.panel], line::limits(&badge)) {
        Ok(judged) => judged,
        // The page says the same in the person's words.
        Err(problem) => {
            let told = Told { line: Some(written(&visitor.frame, &badge, &fields)), ..Told::default() };
            return page(&house, &visitor, &scope, badge, (problem.status(), told)).await;
        }
    };
    let new = New::of(document, findings, badge.panel);
    let Some(theirs) = line::put(&house, &scope, badge.id, &new, line::seen(&fields)).await? else {
        return see_other_saying(&house, &address(&badge), &Notice::of("said-line").about(badge.name));
    };
    let (line, writing) = written(&visitor.frame, &badge, &fields);
    let conflict = Some(line::conflict(&new.document, &theirs, badge.panel));
    let writing = Writing { revision: theirs.revision, looks: None, conflict, ..writing };
    let told = Told { line: Some((line, writing)), ..Told::default() };
    page(&house, &visitor, &scope, badge, (StatusCode::PRECONDITION_FAILED, told)).await
}

/// Changes its name, owner, groups and tags.
pub async fn change(
    house: Data<House>,
    press: Press<Visitor>,
    at: At<String>,
) -> Result<HttpResponse, Problem> {
    let Press { who: visitor, fields, .. } = press;
    let scope = visitor.caller.may(Right::ManageBadges)?;
    let badge = named(&house, &scope, &at.0).await?;
    let (update, owner_named) = match read(&house, &visitor.frame, &scope, &fields).await? {
        Ok(read) => read,
        Err(told) => {
            let answer = (StatusCode::UNPROCESSABLE_ENTITY, *told);
            return page(&house, &visitor, &scope, badge, answer).await;
        }
    };
    let wanted: Vec<GroupId> = fields.all("group").filter_map(|id| id.parse().ok()).collect();
    let name = update.name.clone().unwrap_or_default();
    let changed = house
        .database
        .change(&scope, async |tx: &Tx| {
            let now = house.now();
            badges::update(tx, &scope, badge.id, &update, now).await?;
            for group in wanted.iter().filter(|group| !badge.groups.contains(group)) {
                groups::add(tx, &scope, *group, &[badge.id], now).await?;
            }
            for group in badge.groups.iter().filter(|group| !wanted.contains(group)) {
                groups::remove(tx, &scope, *group, badge.id, now).await?;
            }
            Ok::<_, Error>(())
        })
        .await;
    match changed {
        Ok(()) => see_other_saying(&house, &address(&badge), &Notice::of("said-badge").about(name)),
        Err(Error::Conflict(_)) => {
            let error = Some(visitor.frame.say("owner-taken").to_string());
            let picker = OwnerPicker { error, ..owner_named.map(OwnerPicker::of).unwrap_or_default() };
            let told = Told { name: Some(name), picker: Some(picker), ..Told::default() };
            page(&house, &visitor, &scope, badge, (StatusCode::CONFLICT, told)).await
        }
        Err(error) => Err(error.into()),
    }
}

/// What the form says, or what is wrong with it.
async fn read(
    house: &House,
    frame: &Frame,
    scope: &Scope,
    fields: &Fields,
) -> Result<Result<(badges::Update, Option<Named>), Box<Told>>, Problem> {
    let typed = fields.text("name").trim().to_owned();
    let wrong = |part, key| Ok(Err(Box::new(Told::wrong(part, frame.say(key).to_string()))));
    let Ok(name) = checked_name("/name", typed) else { return wrong(Part::Name, "badge-name-rule") };
    let tags = fields.text("tags");
    let tags = tags.split(',').map(str::trim).filter(|tag| !tag.is_empty()).map(str::to_owned).collect();
    let Ok(tags) = checked_tags(tags) else { return wrong(Part::Tags, "badge-tags-rule") };
    let owner = match owner::wanted(house, frame, scope, fields).await? {
        Wanted::Owner(owner) => owner,
        Wanted::Unclear(picker) => {
            let told = Told { name: Some(name), picker: Some(picker), ..Told::default() };
            return Ok(Err(Box::new(told)));
        }
    };
    let update =
        badges::Update { name: Some(name), owner: Some(owner.as_ref().map(|(id, _)| *id)), tags: Some(tags) };
    Ok(Ok((update, owner.map(|(id, name)| Named { value: id.to_string(), name }))))
}
