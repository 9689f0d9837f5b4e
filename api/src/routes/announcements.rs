//! Announcements: said once, shown on many badges, with receipts that say how many have *shown* it.

use std::time::Duration;

use actix_web::{HttpResponse, http::StatusCode, web::Data};
use badgecast_domain::{
    access::Right,
    announcement::{Audience, AudienceForm, State},
    display::{DEFAULT_MAX_BYTES, DocumentForm, Finding, Limits, Panel},
    id::{AnnouncementId, BadgeId, UserId},
    layer::Level,
    object, receipt,
    time::Moment,
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::{
    body::{At, Body, List, Page, Query},
    creation::{self, Creation, Made},
    displays::judged,
    entity,
};
use crate::{
    House,
    auth::{Caller, Scope},
    problem::{InputError, Problem},
    progress::{self, Progress},
    tables::{Tx, announcements, receipts},
};

/// How long an announcement is valid when nothing is said.
const VALID: Duration = Duration::from_secs(24 * 60 * 60);
/// How long badges have to show it before they are named.
const DEADLINE: Duration = Duration::from_secs(10 * 60);
/// The longest any of it may last.
const LONGEST: Duration = Duration::from_secs(366 * 24 * 60 * 60);

/// An announcement to make.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAnnouncement {
    /// `{"all":true}`, or the union of `groups`, `badges` (ids) and `tags`.
    #[schema(value_type = Object)]
    #[serde(deserialize_with = "object::one")]
    pub(super) audience: AudienceForm,
    /// Either `text` or `display`.
    pub(super) text: Option<String>,
    #[schema(value_type = Option<Object>)]
    #[serde(default, deserialize_with = "object::maybe")]
    pub(super) display: Option<DocumentForm>,
    /// normal, urgent or emergency.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub(super) level: Level,
    /// At once when left out.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(super) valid_from: Option<Moment>,
    /// 24 hours after `valid_from` when left out.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(super) valid_until: Option<Moment>,
    /// When those that have not shown it are named; 10 minutes after `valid_from` when left out.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(super) receipt_deadline: Option<Moment>,
}

/// An announcement.
#[derive(Debug, Serialize, ToSchema)]
pub struct Announcement {
    #[schema(value_type = uuid::Uuid)]
    pub id: AnnouncementId,
    #[schema(value_type = Object)]
    pub audience: AudienceForm,
    #[schema(value_type = String)]
    pub level: Level,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub display: Option<DocumentForm>,
    #[schema(value_type = String, format = DateTime)]
    pub valid_from: Moment,
    #[schema(value_type = String, format = DateTime)]
    pub valid_until: Moment,
    #[schema(value_type = String, format = DateTime)]
    pub receipt_deadline: Moment,
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Moment,
    /// scheduled, active, expired or withdrawn.
    #[schema(value_type = String)]
    pub state: State,
    #[schema(value_type = Vec<Object>)]
    pub findings: Vec<Finding>,
    pub receipts: Progress,
}

impl Announcement {
    fn of(row: announcements::Announcement, receipts: Progress, now: Moment) -> Self {
        let state = State::at(&row.validity(), row.withdrawn_at, now);
        let display = row.text.is_none().then(|| row.document.form());
        Self {
            id: row.id,
            audience: row.audience.into(),
            level: row.level,
            text: row.text,
            display,
            valid_from: row.valid_from,
            valid_until: row.valid_until,
            receipt_deadline: row.receipt_deadline,
            created_at: row.accepted_at,
            state,
            findings: row.findings,
            receipts,
        }
    }
}

/// One badge's receipt.
#[derive(Debug, Serialize, ToSchema)]
pub struct Receipt {
    #[schema(value_type = uuid::Uuid)]
    pub badge_id: BadgeId,
    pub code: String,
    pub name: String,
    #[schema(value_type = Option<uuid::Uuid>)]
    pub owner_id: Option<UserId>,
    /// pending, sent, held, written, shown, refused, expired or superseded.
    #[schema(value_type = String)]
    pub state: receipt::State,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub held_at: Option<Moment>,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub shown_at: Option<Moment>,
    pub reason: Option<String>,
}

/// Which receipts to list.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReceiptFilter {
    limit: Option<u64>,
    after: Option<String>,
    state: Option<receipt::State>,
}

/// When it is shown, and when receipts are due.
struct Times {
    from: Moment,
    until: Moment,
    deadline: Moment,
}

fn times(form: &NewAnnouncement, now: Moment) -> Result<Times, Problem> {
    let from = form.valid_from.unwrap_or(now).max(now);
    let until = form.valid_until.unwrap_or_else(|| from.plus(VALID));
    let deadline = form.receipt_deadline.unwrap_or_else(|| from.plus(DEADLINE).min(until));
    let mut errors = Vec::new();
    if until <= from {
        errors.push(InputError::new("/valid_until", "is after valid_from and after now"));
    }
    if until > now.plus(LONGEST) {
        errors.push(InputError::new("/valid_until", "is at most 366 days from now"));
    }
    if deadline <= from {
        errors.push(InputError::new("/receipt_deadline", "is after valid_from and after now"));
    }
    if deadline > until.max(now).plus(LONGEST) {
        errors.push(InputError::new("/receipt_deadline", "is at most 366 days after valid_until"));
    }
    if !errors.is_empty() {
        return Err(Problem::invalid(errors));
    }
    Ok(Times { from, until, deadline })
}

/// The document, and where in the body it stands.
fn written(
    text: Option<String>,
    display: Option<DocumentForm>,
) -> Result<(&'static str, DocumentForm), Problem> {
    match (text, display) {
        (Some(text), None) => Ok(("", DocumentForm { text: Some(text), ..DocumentForm::default() })),
        (None, Some(form)) => Ok(("/display", form)),
        _ => Err(Problem::invalid_field("", "needs either text or display")),
    }
}

#[utoipa::path(post, path = "/api/v1/announcements", tag = "announcements", summary = "Announce",
    request_body = NewAnnouncement,
    responses((status = 202, description = "Accepted; its Location says how many have shown it", body = Announcement),
        (status = 422, body = crate::problem::Document)))]
pub async fn announce(
    house: Data<House>,
    caller: Caller,
    creation: Creation,
    body: Body<NewAnnouncement>,
) -> Result<HttpResponse, Problem> {
    let scope = caller.may(Right::Announce)?;
    let new = checked(body.value, house.now())?;
    let made = made_once(&house, &caller, &scope, creation, body.digest, &new).await?;
    Ok(creation::answer(made))
}

/// What is announced, once all of it is right.
///
/// # Errors
/// 422 with everything that is not.
pub(super) fn checked(form: NewAnnouncement, now: Moment) -> Result<announcements::New, Problem> {
    let times = times(&form, now)?;
    let audience = Audience::try_from(form.audience)
        .map_err(|error| Problem::invalid_field("/audience", error.to_string()))?;
    let (at, display) = written(form.text.clone(), form.display)?;
    let valid_ms = u64::try_from(times.until.since(times.from).as_millis()).ok();
    let limits = Limits { max_bytes: DEFAULT_MAX_BYTES, valid_ms };
    // Late joiners may have any panel, so it has to be legible on all.
    let (document, findings) = judged(at, display, &Panel::ALL, limits)?;
    Ok(announcements::New {
        audience,
        text: form.text,
        document,
        findings,
        level: form.level,
        valid_from: times.from,
        valid_until: times.until,
        receipt_deadline: times.deadline,
    })
}

/// Announces, once for each key.
///
/// # Errors
/// As [`creation::once`], and 422 for an audience that names what is not the organization's.
pub(super) async fn made_once(
    house: &House,
    caller: &Caller,
    scope: &Scope,
    creation: Creation,
    digest: [u8; 32],
    new: &announcements::New,
) -> Result<Made, Problem> {
    creation::made_once(house, caller, scope, creation, digest, async |tx: &Tx| {
        // The receipts' clock starts when the row exists, not when the request began.
        let row = announcements::create(tx, scope, new, house.now()).await?;
        let now = house.now();
        let location = format!("/api/v1/announcements/{}", row.id);
        let receipts = progress::of(tx, &row, now).await?;
        let body = json!(Announcement::of(row, receipts, now));
        Ok(Made { status: StatusCode::ACCEPTED, ..Made::created(location, body) })
    })
    .await
}

#[utoipa::path(get, path = "/api/v1/announcements", tag = "announcements", summary = "List announcements, newest first",
    params(("limit" = Option<u64>, Query), ("after" = Option<String>, Query)),
    responses((status = 200, description = "A page: {items, next}", body = Announcement)))]
pub async fn list(house: Data<House>, caller: Caller, page: Query<Page>) -> Result<HttpResponse, Problem> {
    let scope = caller.may(Right::ReadFleet)?;
    let limit = page.0.limit()?;
    let now = house.now();
    let rows = announcements::list(house.database.read(), &scope, page.0.after()?, limit + 1).await?;
    let page = List::page(rows, limit, |row| row.id);
    let mut items = Vec::with_capacity(page.items.len());
    for row in page.items {
        let receipts = progress::of(house.database.read(), &row, now).await?;
        items.push(Announcement::of(row, receipts, now));
    }
    Ok(HttpResponse::Ok().json(List { items, next: page.next }))
}

#[utoipa::path(get, path = "/api/v1/announcements/{id}", tag = "announcements", summary = "Read an announcement and its progress",
    responses((status = 200, body = Announcement), (status = 404, body = crate::problem::Document)))]
pub async fn read(
    house: Data<House>,
    caller: Caller,
    at: At<AnnouncementId>,
) -> Result<HttpResponse, Problem> {
    let scope = caller.may(Right::ReadFleet)?;
    let now = house.now();
    let row = announcements::find(house.database.read(), &scope, at.0).await?;
    let receipts = progress::of(house.database.read(), &row, now).await?;
    let tag = entity::tag(row.revision);
    Ok(entity::answer(tag, &Announcement::of(row, receipts, now)))
}

#[utoipa::path(delete, path = "/api/v1/announcements/{id}", tag = "announcements", summary = "Withdraw an announcement",
    description = "Badges forget it and show what lies beneath. Twice is as good as once.",
    responses((status = 204, description = "Withdrawn")))]
pub async fn withdraw(
    house: Data<House>,
    caller: Caller,
    at: At<AnnouncementId>,
) -> Result<HttpResponse, Problem> {
    let scope = caller.may(Right::Announce)?;
    house
        .database
        .change(&scope, async |tx: &Tx| {
            Ok::<_, Problem>(announcements::withdraw(tx, &scope, at.0, house.now()).await?)
        })
        .await?;
    Ok(HttpResponse::NoContent().finish())
}

#[utoipa::path(get, path = "/api/v1/announcements/{id}/receipts", tag = "announcements", summary = "Who has it",
    params(("limit" = Option<u64>, Query), ("after" = Option<String>, Query), ("state" = Option<String>, Query)),
    responses((status = 200, description = "A page: {items, next}", body = Receipt)))]
pub async fn receipts(
    house: Data<House>,
    caller: Caller,
    at: At<AnnouncementId>,
    query: Query<ReceiptFilter>,
) -> Result<HttpResponse, Problem> {
    let scope = caller.may(Right::ReadFleet)?;
    let ReceiptFilter { limit, after, state } = query.0;
    let page = Page::new(limit, after);
    let limit = page.limit()?;
    let row = announcements::find(house.database.read(), &scope, at.0).await?;
    let rows =
        receipts::page(house.database.read(), &row, state, page.after()?, limit + 1, house.now()).await?;
    let view = |row: receipts::Receipt| Receipt {
        badge_id: row.badge,
        code: row.code,
        name: row.name,
        owner_id: row.owner,
        state: row.state,
        held_at: row.held_at,
        shown_at: row.shown_at,
        reason: row.reason,
    };
    Ok(HttpResponse::Ok().json(List::page(rows, limit, |row| row.badge).map(view)))
}
