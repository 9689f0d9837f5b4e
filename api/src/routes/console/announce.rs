//! `/announcements/new`: write, see it on the panels, choose how loud, who and when, and send it, to oneself first.

mod draft;
mod look;

use actix_web::{HttpRequest, HttpResponse, web::Data};
use badgecast_console::{
    Frame, Notice, Place,
    views::{Announce, Asked, Mine, Wrong},
};
use badgecast_domain::{
    access::Right,
    announcement::Audience,
    id::{AnnouncementId, BadgeId},
    layer::Level,
};
use url::form_urlencoded;
use uuid::Uuid;

use super::{Press, Visitor, press::Fields, see_other, see_other_saying, wall};
use crate::{
    House,
    auth::Scope,
    problem::Problem,
    routes::{announcements as api, announcements::NewAnnouncement},
    tables::{self, announcements, audiences, audiences::Census, badges, groups, receipts},
};
use draft::Written;

const PATH: &str = "/announcements/new";

/// Everything the form needs to be drawn.
struct Desk<'a> {
    house: &'a House,
    visitor: &'a Visitor,
    scope: Scope,
    frame: Frame,
    own: Option<BadgeId>,
}

impl<'a> Desk<'a> {
    async fn of(house: &'a House, visitor: &'a Visitor) -> Result<Self, Problem> {
        let scope = visitor.caller.may(Right::Announce)?;
        let frame = Frame { path: PATH.to_owned(), ..visitor.frame.clone().at(Place::Announcements) };
        let own = match visitor.caller.may_own() {
            Ok(own) => match badges::owned(house.database.read(), &own, house.now()).await {
                Ok(badge) => badge.claimed_at.map(|_| badge.id),
                Err(tables::Error::NotFound) => None,
                Err(error) => return Err(error.into()),
            },
            Err(_) => None,
        };
        Ok(Self { house, visitor, scope, frame, own })
    }

    /// The page of what was written, so far.
    async fn page(&self, written: &Written, key: String, wrong: Wrong) -> Result<Announce<'_>, Problem> {
        let (db, now) = (self.house.database.read(), self.house.now());
        let (audience, wrong) = self.audience(written, wrong).await?;
        let all = audiences::census(db, &self.scope, &Audience::All, now).await?;
        let census = match &audience {
            Some(Audience::All) => all.clone(),
            Some(audience) => audiences::census(db, &self.scope, audience, now).await?,
            None => Census::default(),
        };
        let groups = groups::list(db, &self.scope, None, wall::GROUPS).await?;
        let tags = audiences::tags(db, &self.scope).await?;
        let running = wall::running(self.house, &self.scope).await?;
        let others = running.iter().filter(|row| row.level == written.draft.level).count() as u64;
        let times = written.times(&self.frame, now);
        let seen = look::seen(&self.frame, written, &census);
        Ok(Announce {
            frame: &self.frame,
            key,
            findings: seen.findings,
            good: seen.good,
            wide: seen.wide,
            panels: seen.panels,
            strip: seen.strip,
            columns: seen.columns,
            groups: written.groups(groups),
            tags: written.tags(tags),
            fleet: all.badges,
            asked: Asked { badges: census.badges, connected: census.connected },
            times,
            others,
            may_try: self.own.is_some(),
            mine: None,
            asking: false,
            draft: written.draft.clone(),
            wrong,
        })
    }

    /// Whom it is for; what is wrong with that is said.
    async fn audience(&self, written: &Written, wrong: Wrong) -> Result<(Option<Audience>, Wrong), Problem> {
        if written.draft.everyone {
            return Ok((Some(Audience::All), wrong));
        }
        let codes = audiences::by_code(self.house.database.read(), &self.scope, &written.codes).await?;
        let strange = written.strange_code(&codes);
        let badges = codes.into_iter().map(|(_, badge)| badge).collect();
        let audience = written.audience(badges);
        let who = match (strange, &audience) {
            (Some(code), _) => Some(self.frame.say("announce-code-unknown").with("code", code).to_string()),
            _ => wrong.who,
        };
        Ok((audience, Wrong { who, ..wrong }))
    }
}

fn fresh_key() -> String {
    Uuid::now_v7().to_string()
}

/// The empty form, or one that begins with an earlier announcement.
pub async fn form(
    house: Data<House>,
    visitor: Visitor,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let desk = Desk::of(&house, &visitor).await?;
    let fields = Fields::read(request.query_string().as_bytes());
    let mut written = Written::of(&fields);
    let mine = fields.get("mine").and_then(|id| id.parse::<AnnouncementId>().ok());
    let earlier = fields.get("from").and_then(|id| id.parse::<AnnouncementId>().ok());
    if let Some(id) = mine.or(earlier) {
        let row = announcements::find(house.database.read(), &desk.scope, id).await?;
        written.begin_with(&row.document);
    }
    if let Some(code) = fields.get("badge") {
        written.only(code);
    }
    let mut page = desk.page(&written, fresh_key(), Wrong::default()).await?;
    if let Some(id) = mine {
        page.mine = Some(tried(&house, &desk.scope, id).await?);
    }
    visitor.page(&page)
}

/// How far one's own badge has come with it.
async fn tried(house: &House, scope: &Scope, id: AnnouncementId) -> Result<Mine, Problem> {
    let (db, now) = (house.database.read(), house.now());
    let row = announcements::find(db, scope, id).await?;
    let receipt = receipts::page(db, &row, None, None, 1, now).await?.into_iter().next();
    let state = receipt.map_or(badgecast_domain::receipt::State::Pending, |receipt| receipt.state);
    Ok(Mine { href: format!("/announcements/{id}"), state })
}

/// How it would look; nothing is saved.
pub async fn preview(house: Data<House>, press: Press<Visitor>) -> Result<HttpResponse, Problem> {
    let desk = Desk::of(&house, &press.who).await?;
    let written = Written::of(&press.fields);
    let key = press.fields.get("key").map_or_else(fresh_key, str::to_owned);
    desk.visitor.page(&desk.page(&written, key, Wrong::default()).await?)
}

/// Announces; an emergency only when it was asked once more.
pub async fn send(house: Data<House>, press: Press<Visitor>) -> Result<HttpResponse, Problem> {
    let Press { who, fields, creation, digest } = press;
    let desk = Desk::of(&house, &who).await?;
    let written = Written::of(&fields);
    let key = fields.get("key").map_or_else(fresh_key, str::to_owned);
    let only_mine = fields.get("only") == Some("mine");
    let (audience, mut wrong) = desk.audience(&written, Wrong::default()).await?;
    let audience = if only_mine {
        desk.own.map(|own| Audience::Some { groups: Vec::new(), badges: vec![own], tags: Vec::new() })
    } else {
        audience
    };
    let frame = &desk.frame;
    if audience.is_none() && wrong.who.is_none() {
        let key = if only_mine { "announce-wrong-tried" } else { "announce-wrong-who" };
        wrong.who = Some(frame.say(key).to_string());
    }
    let now = house.now();
    let times = match written.moments(frame, now) {
        Ok(times) => Some(times),
        Err(key) => {
            wrong.when = Some(frame.say(key).to_string());
            None
        }
    };
    if written.draft.text.is_empty() {
        wrong.text = Some(frame.say("announce-wrong-text").to_string());
    }
    let (Some(audience), Some(times), true) = (audience, times, wrong == Wrong::default()) else {
        return again(&desk, &written, key, wrong).await;
    };
    let census = audiences::census(house.database.read(), &desk.scope, &audience, now).await?;
    if census.badges == 0 {
        // The page says why.
        return again(&desk, &written, key, wrong).await;
    }
    if written.draft.level == Level::Emergency && !only_mine && fields.get("really").is_none() {
        let page = desk.page(&written, key, wrong).await?;
        return desk.visitor.page(&Announce { asking: true, ..page });
    }
    let (text, display) = written.said();
    let form = NewAnnouncement {
        audience: audience.into(),
        text,
        display,
        level: written.draft.level,
        valid_from: times.from,
        valid_until: times.until,
        receipt_deadline: Some(times.deadline),
    };
    let new = match api::checked(form, now) {
        Ok(new) => new,
        Err(problem) => return again(&desk, &written, key, refused(frame, &problem)).await,
    };
    // The same form may be tried on the own badge first, and again after a change, and is still sent to all once.
    let creation = if only_mine { creation.beside(&hex(&digest)) } else { creation };
    let made = api::made_once(&house, &who.caller, &desk.scope, creation, digest, &new).await?;
    let id = made.body.get("id").and_then(|id| id.as_str()).unwrap_or_default();
    if only_mine {
        return Ok(see_other(&back_to_form(&fields, id)));
    }
    see_other_saying(&house, &format!("/announcements/{id}"), &Notice::of("said-announced"))
}

/// The form once more, with what is wrong.
async fn again(
    desk: &Desk<'_>,
    written: &Written,
    key: String,
    wrong: Wrong,
) -> Result<HttpResponse, Problem> {
    let page = desk.page(written, key, wrong).await?;
    desk.visitor.page_as(Problem::invalid(Vec::new()).status(), &page)
}

/// What the API would refuse, in the person's words.
fn refused(frame: &Frame, problem: &Problem) -> Wrong {
    let mut wrong = Wrong::default();
    for error in problem.document(None).errors {
        let (field, key) = match error.pointer.as_str() {
            "/valid_until" | "/valid_from" => (&mut wrong.when, "announce-wrong-until"),
            "/receipt_deadline" => (&mut wrong.when, "announce-wrong-deadline"),
            pointer if pointer.starts_with("/audience") => (&mut wrong.who, "announce-wrong-many"),
            // The findings beside the text say it better.
            _ => continue,
        };
        field.get_or_insert_with(|| frame.say(key).to_string());
    }
    wrong
}

/// The form as it was, after the own badge got it: everything but the text is in the address.
fn back_to_form(fields: &Fields, mine: &str) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("mine", mine);
    let kept =
        fields.each().filter(|(name, _)| !matches!(*name, "form" | "key" | "only" | "text" | "second"));
    for (name, value) in kept {
        query.append_pair(name, value);
    }
    format!("{PATH}?{}", query.finish())
}

fn hex(digest: &[u8; 32]) -> String {
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}
