//! `/claim`: a manager types the code a badge shows, sees what is joining, and claims it; and then the next one.

use std::time::Duration;

use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web::Data};
use badgecast_console::{
    Frame, Led, Notice, Place, Size,
    views::{Claim, ClaimError, Claimed, Joining, Named, OwnerPicker},
};
use badgecast_domain::{
    access::Right,
    display::{DEFAULT_MAX_BYTES, Document, DocumentForm, Limits},
    id::{BadgeId, GroupId, UserId},
    receipt::State,
};
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use super::{
    Press, Visitor,
    badge::{FRESH, is_fresh},
    badges::choices,
    owner::{self, Wanted},
    press::Fields,
    see_other, see_other_saying,
};
use crate::{
    House,
    auth::Scope,
    delivery::playing::Playing,
    oauth::joining::{self, Astray},
    problem::Problem,
    routes::{
        badges::checked_name,
        body::Query,
        creation::{Made, made_once},
        displays::judged,
    },
    tables::{Error, Tx, badges, device_codes::Waiting, displays, groups, people},
};

/// Where it stands: short, for it is printed on cards.
pub const PATH: &str = "/claim";
/// A badge that waits asks every five seconds; after so long it is probably off.
const SILENT: Duration = Duration::from_secs(25);

/// Which badge was claimed last; or a code that came with a link, which is only put into the field.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Wish {
    claimed: String,
    code: String,
}

/// The page after this badge was claimed.
pub(super) fn after(badge: BadgeId) -> String {
    format!("{PATH}?claimed={badge}")
}

pub async fn ask(house: Data<House>, visitor: Visitor, wish: Query<Wish>) -> Result<HttpResponse, Problem> {
    let scope = visitor.caller.may(Right::ManageBadges)?;
    let claimed = match wish.0.claimed.parse() {
        Ok(badge) => claimed(&house, &scope, badge).await?,
        Err(_) => None,
    };
    let frame = framed(&visitor);
    visitor.page(&Claim { frame: &frame, code: wish.0.code.chars().take(20).collect(), error: None, claimed })
}

fn framed(visitor: &Visitor) -> Frame {
    visitor.frame.clone().at(Place::Badges)
}

async fn claimed(house: &House, scope: &Scope, badge: BadgeId) -> Result<Option<Claimed>, Problem> {
    let (db, now) = (house.database.read(), house.now());
    let playing = match Playing::of(house, scope, badge, now).await {
        Ok(playing) => playing,
        Err(Error::NotFound) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let display = displays::find(db, scope, badge).await?;
    let owner = match playing.badge.owner {
        Some(owner) => people::names(db, scope, [owner]).await?.remove(&owner),
        None => None,
    };
    let shown = display.as_ref().filter(|display| display.revision == 1).and_then(|display| {
        let at = display.shown_at?;
        u64::try_from(at.since(display.updated_at).as_millis()).ok()
    });
    let document = display.as_ref().map(|display| &display.document);
    let led = match document {
        Some(document) => Led::of(document, playing.panel(), Size::Preview),
        None => Led::still(&playing.player(), playing.words(), Size::Preview),
    };
    let row = &playing.badge;
    Ok(Some(Claimed {
        id: badge.to_string(),
        code: row.code.to_string(),
        name: row.name.clone(),
        owner,
        led: led.off(!row.online),
        online: row.online,
        state: display.as_ref().map_or(State::Pending, |display| display.state),
        shown_ms: shown,
        release_until: is_fresh(row, now).then(|| row.created_at.plus(FRESH)),
    }))
}

/// Somebody typed a code.
pub async fn look(
    house: Data<House>,
    request: HttpRequest,
    press: Press<Visitor>,
) -> Result<HttpResponse, Problem> {
    let Press { who: visitor, fields, .. } = press;
    let scope = visitor.caller.may(Right::ManageBadges)?;
    let code = fields.text("code");
    match typed(&house, &request, &visitor, &scope, &code).await? {
        Ok(waiting) => {
            let draft = Draft::default();
            joining_page(&house, &request, &visitor, &scope, (&code, &waiting), draft).await
        }
        Err(error) => astray(&visitor, code, error),
    }
}

/// The badge of a code, or why there is none.
async fn typed(
    house: &House,
    request: &HttpRequest,
    visitor: &Visitor,
    scope: &Scope,
    code: &str,
) -> Result<Result<Waiting, ClaimError>, Problem> {
    let error = match joining::look_up(house, request, &visitor.person, code).await? {
        Ok(waiting) if joining::is_badge(&waiting) => return Ok(Ok(waiting)),
        Ok(_) => ClaimError::Program,
        Err(Astray::Impossible) => ClaimError::Impossible,
        Err(Astray::Wrong { left }) => ClaimError::Wrong { left: left.into() },
        Err(Astray::Blocked { until }) => ClaimError::Wait { until },
        Err(Astray::Expired) => ClaimError::Expired,
        Err(Astray::Foreign) => ClaimError::Foreign,
        Err(Astray::Refused) => ClaimError::Refused,
        Err(Astray::Ours(None)) => ClaimError::Program,
        Err(Astray::Ours(Some(badge))) => {
            match badges::find(house.database.read(), scope, badge, house.now()).await {
                Ok(badge) => ClaimError::Ours { code: badge.code.to_string(), name: badge.name },
                // It was ours, and was released since: it shows another code now.
                Err(Error::NotFound) => ClaimError::Expired,
                Err(error) => return Err(error.into()),
            }
        }
    };
    Ok(Err(error))
}

fn astray(visitor: &Visitor, code: String, error: ClaimError) -> Result<HttpResponse, Problem> {
    let status = match error {
        ClaimError::Wait { .. } => StatusCode::TOO_MANY_REQUESTS,
        _ => StatusCode::UNPROCESSABLE_ENTITY,
    };
    let frame = framed(visitor);
    visitor.page_as(status, &Claim { frame: &frame, code, error: Some(error), claimed: None })
}

/// What was typed so far.
#[derive(Default)]
struct Draft {
    name: String,
    group: String,
    picker: OwnerPicker,
    error: Option<String>,
    key: Option<String>,
}

impl Draft {
    fn of(fields: &Fields, picker: OwnerPicker) -> Self {
        Self {
            name: fields.text("name"),
            group: fields.text("group"),
            picker,
            error: None,
            key: fields.get("key").map(str::to_owned),
        }
    }

    const fn is_wrong(&self) -> bool {
        self.error.is_some() || self.picker.error.is_some()
    }
}

async fn joining_page(
    house: &House,
    request: &HttpRequest,
    visitor: &Visitor,
    scope: &Scope,
    (code, waiting): (&str, &Waiting),
    draft: Draft,
) -> Result<HttpResponse, Problem> {
    let described = joining::described(waiting);
    let panel = described.panel.unwrap_or_default();
    let shown: String =
        code.chars().filter(char::is_ascii_alphabetic).map(|c| c.to_ascii_uppercase()).collect();
    let led = match Document::text(&shown) {
        Ok(document) => Led::of(&document, panel, Size::Preview),
        Err(_) => Led::dark(panel, shown.clone(), Size::Preview),
    };
    let heard = waiting.last_poll_at.unwrap_or(waiting.created_at);
    let status = if draft.is_wrong() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let frame = framed(visitor);
    let view = Joining {
        frame: &frame,
        code: shown,
        led,
        model: described.model,
        firmware: described.firmware,
        panel: panel.name().to_owned(),
        first_seen: waiting.created_at,
        silent_since: (house.now().since(heard) > SILENT).then_some(heard),
        until: waiting.expires_at,
        same_network: waiting.network == joining::network_of(house, request),
        network: waiting.network.clone(),
        name: draft.name,
        picker: draft.picker,
        groups: choices(house, scope).await?,
        group: draft.group,
        key: draft.key.unwrap_or_else(|| Uuid::now_v7().to_string()),
        error: draft.error,
    };
    visitor.page_as(status, &view)
}

/// Yes: it becomes a badge of the organization, with a name, an owner and a group, and shows its first line.
pub async fn join(
    house: Data<House>,
    request: HttpRequest,
    press: Press<Visitor>,
) -> Result<HttpResponse, Problem> {
    let Press { who: visitor, fields, creation, digest } = press;
    let scope = visitor.caller.may(Right::ManageBadges)?;
    let code = fields.text("code");
    let waiting = match typed(&house, &request, &visitor, &scope, &code).await? {
        Ok(waiting) => waiting,
        // The second press of two: the first has claimed it.
        Err(ClaimError::Ours { code, .. }) => {
            let badge = super::badges::named(&house, &scope, &code).await?;
            return Ok(see_other(&after(badge.id)));
        }
        Err(error) => return astray(&visitor, code, error),
    };
    let again =
        async |draft| joining_page(&house, &request, &visitor, &scope, (&code, &waiting), draft).await;
    let owner = match owner::wanted(&house, &visitor.frame, &scope, &fields).await? {
        Wanted::Owner(owner) => owner,
        Wanted::Unclear(picker) => return again(Draft::of(&fields, picker)).await,
    };
    let picker = owner.clone().map(|(id, name)| OwnerPicker::of(Named { value: id.to_string(), name }));
    let picker = picker.unwrap_or_default();
    let Ok(name) = fields.get("name").map(|name| checked_name("/name", name.trim().to_owned())).transpose()
    else {
        let error = Some(visitor.frame.say("badge-name-rule").to_string());
        return again(Draft { error, ..Draft::of(&fields, picker) }).await;
    };
    let new = New { name, owner, group: fields.get("group").and_then(|id| id.parse().ok()) };
    let made = made_once(&house, &visitor.caller, &scope, creation, digest, async |tx: &Tx| {
        let badge = new.claim(tx, &house, &visitor, &scope, &waiting).await?;
        Ok(Made::created(after(badge), json!({ "badge_id": badge })))
    });
    match made.await {
        Ok(made) => Ok(see_other(made.location.as_deref().unwrap_or(PATH))),
        // The owner has another badge, or somebody decided meanwhile, which the code then says.
        Err(problem) if problem.status() == StatusCode::CONFLICT && new.owner.is_some() => {
            let error = Some(visitor.frame.say("owner-taken").to_string());
            again(Draft::of(&fields, OwnerPicker { error, ..picker })).await
        }
        Err(problem) => Err(problem),
    }
}

/// What the person wants of the new badge.
struct New {
    name: Option<String>,
    owner: Option<(UserId, String)>,
    group: Option<GroupId>,
}

impl New {
    async fn claim(
        &self,
        tx: &Tx,
        house: &House,
        visitor: &Visitor,
        scope: &Scope,
        waiting: &Waiting,
    ) -> Result<BadgeId, Problem> {
        let now = house.now();
        let owner = self.owner.as_ref();
        let new = badges::New {
            name: self.name.clone().or_else(|| owner.map(|(_, name)| name.clone())),
            owner: owner.map(|(id, _)| *id),
            ..badges::New::default()
        };
        let badge = joining::admit(tx, scope, &visitor.person, waiting, new, now).await?;
        let badge = badge.ok_or_else(Problem::not_found)?;
        if let Some(group) = self.group {
            groups::add(tx, scope, group, &[badge.id], now).await?;
        }
        let line = owner.map_or_else(|| badge.name.clone(), |(_, name)| name.clone());
        let form = DocumentForm { text: Some(line), ..DocumentForm::default() };
        let limits = Limits { max_bytes: DEFAULT_MAX_BYTES, valid_ms: None };
        // A name no panel can write is no reason to keep the badge out: it shows nothing until it gets a line.
        if let Ok((document, findings)) = judged("", form, &[badge.panel], limits) {
            let new = displays::New::of(document, findings, badge.panel);
            displays::put(tx, scope, badge.id, &new, now).await?;
        }
        Ok(badge.id)
    }
}

/// No: the badge is told so.
pub async fn refuse(
    house: Data<House>,
    request: HttpRequest,
    press: Press<Visitor>,
) -> Result<HttpResponse, Problem> {
    let Press { who: visitor, fields, .. } = press;
    let scope = visitor.caller.may(Right::ManageBadges)?;
    let code = fields.text("code");
    match typed(&house, &request, &visitor, &scope, &code).await? {
        Ok(waiting) => {
            joining::refuse(&house, &waiting).await?;
            see_other_saying(&house, PATH, &Notice::of("said-refused"))
        }
        Err(error) => astray(&visitor, code, error),
    }
}
