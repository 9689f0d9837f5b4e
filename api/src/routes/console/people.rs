//! `/people`: for admins, who have signed in not long ago when they change something.

use actix_web::{HttpResponse, http::StatusCode, web::Data};
use badgecast_console::{
    Notice, Place,
    views::{Named, NewPerson, People, PersonPage, PersonRow},
};
use badgecast_domain::{
    access::{Right, Role},
    id::UserId,
};
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use super::{Press, Visitor, listing, see_other_saying};
use crate::{
    House,
    auth::{Scope, revocation::Whom},
    problem::Problem,
    routes::{
        badges::checked_name,
        body::{At, Query},
        creation::{Made, made_once},
        users::{checked_password, hashed},
    },
    tables::{
        Error, Tx, badges,
        people::{self, Email, Person, Update},
    },
};

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Wish {
    q: String,
    after: String,
}

fn row(person: Person, badge: Option<String>) -> PersonRow {
    let Person { id, name, email, role, disabled_at, .. } = person;
    PersonRow { id: id.to_string(), name, email, role, disabled: disabled_at.is_some(), badge }
}

pub async fn list(house: Data<House>, visitor: Visitor, wish: Query<Wish>) -> Result<HttpResponse, Problem> {
    let scope = visitor.caller.may(Right::ManagePeople)?;
    every(&house, &visitor, &scope, wish.0, (StatusCode::OK, NewPerson::default())).await
}

async fn every(
    house: &House,
    visitor: &Visitor,
    scope: &Scope,
    wish: Wish,
    (status, new): (StatusCode, NewPerson),
) -> Result<HttpResponse, Problem> {
    let db = house.database.read();
    let asked = (wish.q.trim(), people::Among::Everyone);
    let found = people::search(db, scope, asked, wish.after.parse().ok(), listing::LIMIT).await?;
    let page = listing::page(found, |person| person.id);
    let mut owned = badges::codes_of(db, scope, page.items.iter().map(|person| person.id)).await?;
    let frame = visitor.frame.clone().at(Place::People);
    let view = People {
        frame: &frame,
        rows: page
            .items
            .into_iter()
            .map(|person| {
                let badge = owned.remove(&person.id).map(|code| code.to_string());
                row(person, badge)
            })
            .collect(),
        next: page.next.map(|after| listing::address(Place::People.path(), &[("q", &wish.q)], &after)),
        q: wish.q,
        new,
        key: Uuid::now_v7().to_string(),
    };
    visitor.page_as(status, &view)
}

pub async fn add(house: Data<House>, press: Press<Visitor>) -> Result<HttpResponse, Problem> {
    let Press { who: visitor, fields, creation, digest } = press;
    let scope = visitor.caller.may(Right::ManagePeople)?;
    visitor.caller.stepped_up(&house).await?;
    let (email, name) = (fields.text("email").trim().to_owned(), fields.text("name").trim().to_owned());
    let role: Role = fields.get("role").and_then(|role| role.parse().ok()).unwrap_or(Role::Receptionist);
    let again = async |status, key: &str| {
        let error = Some(visitor.frame.say(key).to_string());
        let new = NewPerson { email: email.clone(), name: name.clone(), role: Some(role), error };
        every(&house, &visitor, &scope, Wish::default(), (status, new)).await
    };
    if checked_name("/name", name.clone()).is_err() {
        return again(StatusCode::UNPROCESSABLE_ENTITY, "people-bad-name").await;
    }
    let Ok(address) = Email::try_from(email.clone()) else {
        return again(StatusCode::UNPROCESSABLE_ENTITY, "people-bad-email").await;
    };
    let password = fields.get("password").map(str::to_owned);
    if password.as_deref().is_some_and(|password| checked_password(password).is_err()) {
        return again(StatusCode::UNPROCESSABLE_ENTITY, "people-bad-password").await;
    }
    let password_hash = hashed(&house, password).await?;
    let made = made_once(&house, &visitor.caller, &scope, creation, digest, async |tx: &Tx| {
        let (email, password_hash) = (address.clone(), password_hash.clone());
        let new = people::New { email, name: name.clone(), role, password_hash };
        let person = people::create(tx, &scope, new, house.now()).await?;
        Ok(Made::created(self::address(person.id), json!({ "user_id": person.id })))
    });
    match made.await {
        Ok(_) => {
            let notice = Notice::of("said-person-added").about(name);
            see_other_saying(&house, Place::People.path(), &notice)
        }
        Err(problem) if problem.status() == StatusCode::CONFLICT => {
            again(StatusCode::CONFLICT, "people-taken").await
        }
        Err(problem) => Err(problem),
    }
}

fn address(id: UserId) -> String {
    format!("{}/{id}", Place::People.path())
}

pub async fn show(house: Data<House>, visitor: Visitor, at: At<UserId>) -> Result<HttpResponse, Problem> {
    let scope = visitor.caller.may(Right::ManagePeople)?;
    page(&house, &visitor, &scope, at.0, (StatusCode::OK, None)).await
}

async fn page(
    house: &House,
    visitor: &Visitor,
    scope: &Scope,
    id: UserId,
    (status, error): (StatusCode, Option<&str>),
) -> Result<HttpResponse, Problem> {
    let db = house.database.read();
    let person = people::find(db, scope, id).await?;
    let code = badges::codes_of(db, scope, [id]).await?.remove(&id);
    let badge = code.map(|code| Named { value: code.to_string(), name: code.to_string() });
    let mut frame = visitor.frame.clone().at(Place::People);
    frame.path = address(id);
    let view = PersonPage {
        created_at: person.created_at,
        own: id == visitor.person.id,
        person: row(person, None),
        badge,
        error: error.map(|key| frame.say(key).to_string()),
        frame: &frame,
    };
    visitor.page_as(status, &view)
}

/// Changes a person; what ends their sessions ends them.
async fn update(
    house: &House,
    (visitor, scope): (&Visitor, &Scope),
    id: UserId,
    update: Update,
    said: &str,
) -> Result<HttpResponse, Problem> {
    let changed = house
        .database
        .change(scope, async |tx: &Tx| {
            let current = people::find(tx, scope, id).await?;
            let ends = update.role.is_some_and(|role| role != current.role)
                || update.password_hash.is_some()
                || update.disabled == Some(true);
            let person = people::update(tx, scope, id, &update, house.now()).await?;
            if ends {
                house.tokens.revoke(tx, scope.organization(), Whom::User(id), house.now()).await?;
            }
            Ok::<_, Error>(person)
        })
        .await;
    match changed {
        Ok(person) => see_other_saying(house, &address(id), &Notice::of(said).about(person.name)),
        Err(Error::Conflict(_)) => {
            page(house, visitor, scope, id, (StatusCode::CONFLICT, Some("people-last-admin"))).await
        }
        Err(error) => Err(error.into()),
    }
}

pub async fn change(
    house: Data<House>,
    press: Press<Visitor>,
    at: At<UserId>,
) -> Result<HttpResponse, Problem> {
    let Press { who: visitor, fields, .. } = press;
    let scope = visitor.caller.may(Right::ManagePeople)?;
    visitor.caller.stepped_up(&house).await?;
    let Ok(name) = checked_name("/name", fields.text("name").trim().to_owned()) else {
        let answer = (StatusCode::UNPROCESSABLE_ENTITY, Some("people-bad-name"));
        return page(&house, &visitor, &scope, at.0, answer).await;
    };
    let role = fields.get("role").and_then(|role| role.parse().ok());
    let wanted = Update { name: Some(name), role, ..Update::default() };
    update(&house, (&visitor, &scope), at.0, wanted, "said-person").await
}

pub async fn set_password(
    house: Data<House>,
    press: Press<Visitor>,
    at: At<UserId>,
) -> Result<HttpResponse, Problem> {
    let Press { who: visitor, fields, .. } = press;
    let scope = visitor.caller.may(Right::ManagePeople)?;
    visitor.caller.stepped_up(&house).await?;
    let password = fields.text("password");
    if checked_password(&password).is_err() {
        let answer = (StatusCode::UNPROCESSABLE_ENTITY, Some("people-bad-password"));
        return page(&house, &visitor, &scope, at.0, answer).await;
    }
    let password_hash = hashed(&house, Some(password)).await?;
    let wanted = Update { password_hash, ..Update::default() };
    update(&house, (&visitor, &scope), at.0, wanted, "said-password").await
}

pub async fn disable(
    house: Data<House>,
    press: Press<Visitor>,
    at: At<UserId>,
) -> Result<HttpResponse, Problem> {
    switch(&house, press, at.0, true, "said-person-disabled").await
}

pub async fn enable(
    house: Data<House>,
    press: Press<Visitor>,
    at: At<UserId>,
) -> Result<HttpResponse, Problem> {
    switch(&house, press, at.0, false, "said-person-enabled").await
}

async fn switch(
    house: &House,
    press: Press<Visitor>,
    id: UserId,
    disabled: bool,
    said: &str,
) -> Result<HttpResponse, Problem> {
    let visitor = press.who;
    let scope = visitor.caller.may(Right::ManagePeople)?;
    visitor.caller.stepped_up(house).await?;
    let wanted = Update { disabled: Some(disabled), ..Update::default() };
    update(house, (&visitor, &scope), id, wanted, said).await
}
