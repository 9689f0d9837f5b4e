//! `/me`: the badge the person owns. They write a line, see it, send it, are told when it is lit, and take it back.

use actix_web::{HttpResponse, http::StatusCode, web::Data};
use badgecast_console::{
    Frame, Led, Place, Size,
    views::{Also, Back, Line, MyBadge, NoBadge, Standing, Steps},
};
use badgecast_domain::{
    access::Right,
    display::{Document, Panel, findings},
    id::BadgeId,
    layer::{self, Kind, Level},
    receipt::State,
};

use super::{Press, Visitor, badge::Wish, line, press::Fields, see_other};
use crate::{
    House,
    auth::{Actor, Caller, Scope},
    delivery::playing::Playing,
    problem::Problem,
    routes::{body::Query, displays::judged},
    tables::{
        self, badges, display_history,
        displays::{self, Display, New},
    },
};

const PATH: &str = Place::MyBadge.path();
/// The field that asks for a moving picture.
const MOVING: &str = "moving";
/// How many lines from before are offered.
const USED: usize = 6;

/// A badge and its owner's line on it.
struct Own {
    scope: Scope,
    playing: Playing,
    display: Option<Display>,
    before: Option<(u64, Document)>,
    used: Vec<String>,
}

impl Own {
    /// `None` for somebody who owns none.
    async fn of(house: &House, caller: &Caller) -> Result<Option<Self>, Problem> {
        let scope = caller.may_own()?;
        let (db, now) = (house.database.read(), house.now());
        let badge = match badges::owned(db, &scope, now).await {
            Ok(badge) => badge.id,
            Err(tables::Error::NotFound) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let playing = Playing::of(house, &scope, badge, now).await?;
        let display = displays::find(db, &scope, badge).await?;
        let revision = display.as_ref().map_or(0, |display| display.revision);
        let before = display_history::before(db, &scope, badge, revision).await?;
        let used = match caller.actor() {
            Actor::User(person) => display_history::put_by(db, &scope, badge, person).await?,
            _ => Vec::new(),
        };
        let now_says = display.as_ref().map(|display| display.document.plain_text());
        let mut texts: Vec<String> = Vec::new();
        for text in used.iter().map(Document::plain_text) {
            if Some(&text) != now_says.as_ref() && !texts.contains(&text) && texts.len() < USED {
                texts.push(text);
            }
        }
        Ok(Some(Self { scope, playing, display, before, used: texts }))
    }

    fn id(&self) -> BadgeId {
        self.playing.badge.id
    }

    fn panel(&self) -> Panel {
        self.playing.panel()
    }

    fn revision(&self) -> u64 {
        self.display.as_ref().map_or(0, |display| display.revision)
    }

    /// What is shown in an emergency, whatever the line says.
    fn emergency(&self) -> Option<&Document> {
        let held = &self.playing.held[self.playing.turns.first()?.layer];
        let takes = held.layer.kind == Kind::Announcement && held.layer.level == Level::Emergency;
        takes.then_some(&held.document)
    }

    /// The page, as things are; its picture moves if somebody asked for that.
    fn page<'a>(self, frame: &'a Frame, moving: bool) -> MyBadge<'a> {
        let (badge, emergency) = (&self.playing.badge, self.emergency());
        let (off, taken) = (!badge.online, emergency.is_some());
        let document = self.display.as_ref().map(|display| &display.document);
        let draw = if moving { Led::moving } else { Led::of };
        let led = match emergency.or(document) {
            Some(document) => draw(document, self.panel(), Size::Body),
            None => Led::dark(self.panel(), frame.say("my-empty").to_string(), Size::Body),
        };
        let standing = match &self.display {
            _ if taken => Standing::Emergency,
            Some(display) => Standing::Sent(display.state),
            None => Standing::Empty,
        };
        let line = document.map(line::of).unwrap_or_default();
        let fits = match document {
            Some(document) => line::fits(frame, document, self.panel(), line::limits(badge)),
            None => Vec::new(),
        };
        MyBadge {
            frame,
            code: badge.code.to_string(),
            id: badge.id.to_string(),
            led: led.off(off && !taken),
            standing,
            line,
            revision: self.revision(),
            fits,
            also: self.also(frame),
            steps: self.steps(),
            back: self
                .before
                .as_ref()
                .map(|(revision, document)| Back { text: document.plain_text(), revision: *revision }),
            conflict: None,
            off_since: off.then_some(badge.last_seen_at),
            taken,
            moving,
            used: self.used,
        }
    }

    /// The page with a line that was not sent.
    fn draft<'a>(self, frame: &'a Frame, line: Line, moving: bool) -> MyBadge<'a> {
        if self.display.as_ref().is_some_and(|display| line::of(&display.document) == line) {
            return self.page(frame, moving);
        }
        let (led, fits) = line::looks(frame, &line, &self.playing.badge, (Size::Body, moving));
        MyBadge { led, fits, line, standing: Standing::Draft, ..self.page(frame, moving) }
    }

    fn steps(&self) -> Steps {
        let state = self.display.as_ref().map_or(State::Pending, |display| display.state);
        let shown = self.display.as_ref().and_then(|display| {
            let shown_at = display.shown_at.filter(|_| state == State::Shown)?;
            u64::try_from(shown_at.since(display.updated_at).as_millis()).ok()
        });
        Steps {
            sent: self.playing.badge.online || state != State::Pending,
            held: matches!(state, State::Held | State::Shown | State::Written),
            shown_ms: shown,
            written: state == State::Written,
            refused: (state == State::Refused).then(|| {
                self.display.as_ref().and_then(|display| display.reason.clone()).unwrap_or_default()
            }),
        }
    }

    /// What takes turns with the line.
    fn also(&self, frame: &Frame) -> Vec<Also> {
        let places = self.playing.places();
        let held = self.playing.held.iter().zip(&places);
        let shown = held.filter(|(held, (_, place))| {
            held.layer.kind == Kind::Announcement
                && held.layer.level != Level::Emergency
                && *place == layer::Place::Shown
        });
        let also = shown.map(|(held, _)| {
            let said = match held.layer.level {
                Level::Urgent => frame.say("my-also-urgent"),
                _ => frame.say("my-also-normal"),
            };
            let until = held.layer.until.map(|until| frame.stamp(until).text()).unwrap_or_default();
            Also {
                led: Led::of(&held.document, self.panel(), Size::Tile),
                sentence: said.with("time", until).to_string(),
            }
        });
        also.collect()
    }
}

fn no_badge(visitor: &Visitor, frame: &Frame) -> Result<HttpResponse, Problem> {
    visitor.page(&NoBadge { frame, may_claim: frame.may(Right::ManageBadges) })
}

pub async fn show(house: Data<House>, visitor: Visitor, wish: Query<Wish>) -> Result<HttpResponse, Problem> {
    let frame = visitor.frame.clone().at(Place::MyBadge);
    match Own::of(&house, &visitor.caller).await? {
        Some(own) => visitor.page(&own.page(&frame, wish.0.is_moving(&frame))),
        None => no_badge(&visitor, &frame),
    }
}

/// How a line would look; nothing is saved.
pub async fn preview(house: Data<House>, press: Press<Visitor>) -> Result<HttpResponse, Problem> {
    let Press { who: visitor, fields, .. } = press;
    let frame = framed(&visitor);
    let Some(own) = Own::of(&house, &visitor.caller).await? else { return no_badge(&visitor, &frame) };
    visitor.page(&own.draft(&frame, line::written(&fields), fields.is_checked(MOVING)))
}

/// The person sends a line.
pub async fn send(house: Data<House>, press: Press<Visitor>) -> Result<HttpResponse, Problem> {
    let Press { who: visitor, fields, .. } = press;
    let frame = framed(&visitor);
    let Some(own) = Own::of(&house, &visitor.caller).await? else { return no_badge(&visitor, &frame) };
    let line = line::written(&fields);
    match judged("", line::form(&line), &[own.panel()], line::limits(&own.playing.badge)) {
        Ok((document, findings)) => {
            let new = New::of(document, findings, own.panel());
            put(&house, &visitor, own, new, &fields).await
        }
        // The page says the same in the person's words.
        Err(problem) => {
            visitor.page_as(problem.status(), &own.draft(&frame, line, fields.is_checked(MOVING)))
        }
    }
}

/// The person takes a line back: the one before it is put again.
pub async fn back(house: Data<House>, press: Press<Visitor>) -> Result<HttpResponse, Problem> {
    let Press { who: visitor, fields, .. } = press;
    let frame = framed(&visitor);
    let Some(own) = Own::of(&house, &visitor.caller).await? else { return no_badge(&visitor, &frame) };
    let wanted: Option<u64> = fields.get("to").and_then(|text| text.parse().ok());
    let before = display_history::before(
        house.database.read(),
        &own.scope,
        own.id(),
        wanted.map_or(0, |wanted| wanted.saturating_add(1)),
    );
    let (_, document) = before.await?.ok_or_else(Problem::not_found)?;
    let findings = findings(&document, own.panel(), line::limits(&own.playing.badge));
    let new = New::of(document, findings, own.panel());
    put(&house, &visitor, own, new, &fields).await
}

/// The frame of an answer to a form: the page it belongs to is `/me`.
fn framed(visitor: &Visitor) -> Frame {
    Frame { path: PATH.to_owned(), ..visitor.frame.clone().at(Place::MyBadge) }
}

/// Puts a display, unless somebody changed it since the person looked: then both are shown.
async fn put(
    house: &House,
    visitor: &Visitor,
    own: Own,
    new: New,
    fields: &Fields,
) -> Result<HttpResponse, Problem> {
    let moving = fields.is_checked(MOVING);
    let Some(theirs) = line::put(house, &own.scope, own.id(), &new, line::seen(fields)).await? else {
        return Ok(see_other(address(&visitor.frame, moving)));
    };
    let frame = framed(visitor);
    let conflict = line::conflict(&new.document, &theirs, own.panel());
    let page = own.draft(&frame, line::of(&new.document), moving);
    let page = MyBadge { conflict: Some(conflict), revision: theirs.revision, ..page };
    visitor.page_as(StatusCode::PRECONDITION_FAILED, &page)
}

/// The page, whose picture goes on moving or standing still.
const fn address(frame: &Frame, moving: bool) -> &'static str {
    match (moving, frame.look.moving) {
        (true, _) => "/me?moving=yes",
        (false, true) => "/me?moving=no",
        (false, false) => PATH,
    }
}
