//! `/groups`: named sets of badges, and who is in them.

use actix_web::{HttpResponse, http::StatusCode, web::Data};
use badgecast_console::{
    Notice, Place,
    views::{GroupPage, GroupRow, Groups, Named},
};
use badgecast_domain::{
    access::Right,
    id::{BadgeCode, BadgeId, GroupId},
};
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use super::{Press, Visitor, badges::rows, listing, press::Fields, see_other_saying};
use crate::{
    House,
    auth::Scope,
    problem::Problem,
    routes::{
        badges::checked_name,
        body::{At, Query},
        creation::{Made, made_once},
    },
    tables::{Tx, badges, groups},
};

/// How many groups the list shows; by name, so there is no next page.
const LISTED: u64 = 500;
/// How many badges are offered for a name.
const OFFERED: u64 = 24;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Wish {
    after: String,
}

impl From<groups::Group> for GroupRow {
    fn from(row: groups::Group) -> Self {
        Self { id: row.id.to_string(), name: row.name, badges: row.badges }
    }
}

pub async fn list(house: Data<House>, visitor: Visitor) -> Result<HttpResponse, Problem> {
    let scope = visitor.caller.may(Right::ReadFleet)?;
    every(&house, &visitor, &scope, (StatusCode::OK, String::new(), None)).await
}

async fn every(
    house: &House,
    visitor: &Visitor,
    scope: &Scope,
    (status, name, error): (StatusCode, String, Option<&str>),
) -> Result<HttpResponse, Problem> {
    let rows = groups::named(house.database.read(), scope, "", LISTED).await?;
    let frame = visitor.frame.clone().at(Place::Groups);
    let view = Groups {
        frame: &frame,
        rows: rows.into_iter().map(GroupRow::from).collect(),
        next: None,
        name,
        error: error.map(|key| frame.say(key).to_string()),
        key: Uuid::now_v7().to_string(),
    };
    visitor.page_as(status, &view)
}

pub async fn make(house: Data<House>, press: Press<Visitor>) -> Result<HttpResponse, Problem> {
    let Press { who: visitor, fields, creation, digest } = press;
    let scope = visitor.caller.may(Right::ManageBadges)?;
    let typed = fields.text("name").trim().to_owned();
    let Ok(name) = checked_name("/name", typed.clone()) else {
        let answer = (StatusCode::UNPROCESSABLE_ENTITY, typed, Some("badge-name-rule"));
        return every(&house, &visitor, &scope, answer).await;
    };
    let made = made_once(&house, &visitor.caller, &scope, creation, digest, async |tx: &Tx| {
        let row = groups::create(tx, &scope, &name, house.now()).await?;
        Ok(Made::created(address(row.id), json!({ "group_id": row.id })))
    });
    match made.await {
        Ok(made) => {
            let path = made.location.unwrap_or_else(|| Place::Groups.path().to_owned());
            see_other_saying(&house, &path, &Notice::of("said-group").about(name))
        }
        Err(problem) if problem.status() == StatusCode::CONFLICT => {
            every(&house, &visitor, &scope, (StatusCode::CONFLICT, name, Some("groups-taken"))).await
        }
        Err(problem) => Err(problem),
    }
}

fn address(id: GroupId) -> String {
    format!("{}/{id}", Place::Groups.path())
}

/// What a page says besides how things are: of a form that was sent.
#[derive(Default)]
struct Told {
    after: String,
    typed: String,
    found: Vec<Named>,
    error: Option<&'static str>,
    name_error: Option<&'static str>,
}

pub async fn show(
    house: Data<House>,
    visitor: Visitor,
    at: At<GroupId>,
    wish: Query<Wish>,
) -> Result<HttpResponse, Problem> {
    let scope = visitor.caller.may(Right::ReadFleet)?;
    let told = Told { after: wish.0.after, ..Told::default() };
    page(&house, &visitor, &scope, at.0, (StatusCode::OK, told)).await
}

async fn page(
    house: &House,
    visitor: &Visitor,
    scope: &Scope,
    id: GroupId,
    (status, told): (StatusCode, Told),
) -> Result<HttpResponse, Problem> {
    let (db, now) = (house.database.read(), house.now());
    let group = groups::find(db, scope, id).await?;
    let filter =
        badges::Filter { group: Some(id), after: told.after.parse().ok(), ..badges::Filter::default() };
    let members = listing::page(badges::list(db, scope, &filter, listing::LIMIT, now).await?, |row| row.id);
    let mut frame = visitor.frame.clone().at(Place::Groups);
    frame.path = address(id);
    let said = |key: Option<&str>| key.map(|key| frame.say(key).to_string());
    let view = GroupPage {
        next: members.next.map(|after| listing::address(&address(id), &[], &after)),
        rows: rows(house, scope, members.items).await?,
        group: group.into(),
        typed: told.typed,
        found: told.found,
        error: said(told.error),
        name_error: said(told.name_error),
        frame: &frame,
    };
    visitor.page_as(status, &view)
}

/// A group that somebody changes, and the badges they chose for it.
struct Chosen {
    visitor: Visitor,
    fields: Fields,
    scope: Scope,
    group: groups::Group,
    badges: Vec<BadgeId>,
}

impl Chosen {
    async fn of(house: &House, press: Press<Visitor>, id: GroupId) -> Result<Self, Problem> {
        let Press { who: visitor, fields, .. } = press;
        let scope = visitor.caller.may(Right::ManageBadges)?;
        let group = groups::find(house.database.read(), &scope, id).await?;
        let badges = fields.all("badge").filter_map(|id| id.parse().ok()).collect();
        Ok(Self { visitor, fields, scope, group, badges })
    }

    /// The page again, with what is wrong.
    async fn again(&self, house: &House, status: StatusCode, told: Told) -> Result<HttpResponse, Problem> {
        page(house, &self.visitor, &self.scope, self.group.id, (status, told)).await
    }
}

/// Puts badges in: those that were chosen, those whose codes were typed, or the one that is called so.
pub async fn add(
    house: Data<House>,
    press: Press<Visitor>,
    at: At<GroupId>,
) -> Result<HttpResponse, Problem> {
    let chosen = Chosen::of(&house, press, at.0).await?;
    let (scope, typed) = (&chosen.scope, chosen.fields.text("who").trim().to_owned());
    let wanted = match chosen.badges.as_slice() {
        [] => meant(&house, scope, &typed).await?,
        badges => Ok(badges.to_vec()),
    };
    let wanted = match wanted {
        Ok(wanted) => wanted,
        Err(found) if found.is_empty() => {
            let told = Told { typed, error: Some("groups-nothing-found"), ..Told::default() };
            return chosen.again(&house, StatusCode::UNPROCESSABLE_ENTITY, told).await;
        }
        Err(found) => {
            return chosen.again(&house, StatusCode::OK, Told { typed, found, ..Told::default() }).await;
        }
    };
    let add = async |tx: &Tx| groups::add(tx, scope, at.0, &wanted, house.now()).await;
    house.database.change(scope, add).await?;
    see_other_saying(&house, &address(at.0), &Notice::of("said-group-added").about(chosen.group.name))
}

/// The badges of codes, or the one badge of a name; else those it might be.
async fn meant(
    house: &House,
    scope: &Scope,
    typed: &str,
) -> Result<Result<Vec<BadgeId>, Vec<Named>>, Problem> {
    let (db, now) = (house.database.read(), house.now());
    let words = typed.split(|c: char| c == ',' || c.is_whitespace()).filter(|word| !word.is_empty());
    let codes: Option<Vec<BadgeCode>> =
        words.map(|word| BadgeCode::try_from(word.to_ascii_uppercase()).ok()).collect();
    if let Some(codes) = codes.filter(|codes| !codes.is_empty()) {
        let mut found = Vec::with_capacity(codes.len());
        for code in &codes {
            match badges::by_code(db, scope, code, now).await {
                Ok(badge) => found.push(badge.id),
                Err(crate::tables::Error::NotFound) => return Ok(Err(Vec::new())),
                Err(error) => return Err(error.into()),
            }
        }
        return Ok(Ok(found));
    }
    if typed.is_empty() {
        return Ok(Err(Vec::new()));
    }
    let filter = badges::Filter { q: Some(typed.to_owned()), ..badges::Filter::default() };
    let found = badges::list(db, scope, &filter, OFFERED, now).await?;
    if let [badge] = found.as_slice() {
        return Ok(Ok(vec![badge.id]));
    }
    let choice = |badge: badges::Badge| Named {
        name: format!("{} ({})", badge.name, badge.code),
        value: badge.id.to_string(),
    };
    Ok(Err(found.into_iter().map(choice).collect()))
}

pub async fn remove(
    house: Data<House>,
    press: Press<Visitor>,
    at: At<GroupId>,
) -> Result<HttpResponse, Problem> {
    let chosen = Chosen::of(&house, press, at.0).await?;
    if chosen.badges.is_empty() {
        let told = Told { error: Some("groups-nothing-chosen"), ..Told::default() };
        return chosen.again(&house, StatusCode::UNPROCESSABLE_ENTITY, told).await;
    }
    let scope = &chosen.scope;
    let remove = async |tx: &Tx| {
        for badge in &chosen.badges {
            groups::remove(tx, scope, at.0, *badge, house.now()).await?;
        }
        Ok::<_, Problem>(())
    };
    house.database.change(scope, remove).await?;
    see_other_saying(&house, &address(at.0), &Notice::of("said-group-removed").about(chosen.group.name))
}

pub async fn rename(
    house: Data<House>,
    press: Press<Visitor>,
    at: At<GroupId>,
) -> Result<HttpResponse, Problem> {
    let chosen = Chosen::of(&house, press, at.0).await?;
    let again = async |status, key| {
        chosen.again(&house, status, Told { name_error: Some(key), ..Told::default() }).await
    };
    let Ok(name) = checked_name("/name", chosen.fields.text("name").trim().to_owned()) else {
        return again(StatusCode::UNPROCESSABLE_ENTITY, "badge-name-rule").await;
    };
    let scope = &chosen.scope;
    let rename = async |tx: &Tx| groups::rename(tx, scope, at.0, &name, house.now()).await;
    match house.database.change(scope, rename).await {
        Ok(_) => see_other_saying(&house, &address(at.0), &Notice::of("said-group").about(name)),
        Err(crate::tables::Error::Conflict(_)) => again(StatusCode::CONFLICT, "groups-taken").await,
        Err(error) => Err(error.into()),
    }
}

pub async fn dissolve(
    house: Data<House>,
    press: Press<Visitor>,
    at: At<GroupId>,
) -> Result<HttpResponse, Problem> {
    let Chosen { scope, group, .. } = Chosen::of(&house, press, at.0).await?;
    let dissolve = async |tx: &Tx| groups::dissolve(tx, &scope, at.0, house.now()).await;
    house.database.change(&scope, dissolve).await?;
    let notice = Notice::of("said-group-dissolved").about(group.name);
    see_other_saying(&house, Place::Groups.path(), &notice)
}
