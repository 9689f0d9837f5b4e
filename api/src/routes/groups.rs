//! Groups: named sets of badges.

use actix_web::{HttpRequest, HttpResponse, web::Data};
use badgecast_domain::{
    access::Right,
    id::{BadgeId, GroupId},
    time::Moment,
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::{
    badges::{Badge, checked_name},
    body::{At, Body, IfMatch, List, Page, Query},
    creation::{self, Creation, Made},
    done::done,
    entity,
};
use crate::{
    House,
    auth::Caller,
    problem::Problem,
    tables::{Tx, badges, groups},
};

/// How many badges one request may put into a group, or hang on a gateway.
const MAX_MEMBERS: usize = 1_000;

/// A named set of badges.
#[derive(Debug, Serialize, ToSchema)]
pub struct Group {
    #[schema(value_type = uuid::Uuid)]
    pub id: GroupId,
    pub name: String,
    /// How many badges are in it.
    pub badges: u64,
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Moment,
    #[schema(value_type = String, format = DateTime)]
    pub updated_at: Moment,
}

impl From<groups::Group> for Group {
    fn from(row: groups::Group) -> Self {
        let groups::Group { id, name, badges, created_at, updated_at } = row;
        Self { id, name, badges, created_at, updated_at }
    }
}

/// A group's name.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GroupForm {
    name: String,
}

/// Badges by id.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Members {
    #[schema(value_type = Vec<uuid::Uuid>)]
    badges: Vec<BadgeId>,
}

impl Members {
    pub(super) fn checked(mut self) -> Result<Vec<BadgeId>, Problem> {
        if self.badges.len() > MAX_MEMBERS {
            return Err(Problem::invalid_field("/badges", format!("has at most {MAX_MEMBERS} badges")));
        }
        self.badges.sort_unstable();
        self.badges.dedup();
        Ok(self.badges)
    }
}

#[utoipa::path(post, path = "/api/v1/groups", tag = "groups", summary = "Make a group", request_body = GroupForm,
    responses((status = 201, body = Group), (status = 409, description = "The name is taken")))]
pub async fn create(
    house: Data<House>,
    caller: Caller,
    creation: Creation,
    body: Body<GroupForm>,
) -> Result<HttpResponse, Problem> {
    let scope = caller.may(Right::ManageBadges)?;
    let name = checked_name("/name", body.value.name)?;
    creation::once(&house, &caller, &scope, creation, body.digest, async |tx: &Tx| {
        let row = groups::create(tx, &scope, &name, house.now()).await?;
        Ok(Made::created(format!("/api/v1/groups/{}", row.id), json!(Group::from(row))))
    })
    .await
}

#[utoipa::path(get, path = "/api/v1/groups", tag = "groups", summary = "List groups",
    params(("limit" = Option<u64>, Query), ("after" = Option<String>, Query)),
    responses((status = 200, description = "A page: {items, next}", body = Group)))]
pub async fn list(house: Data<House>, caller: Caller, page: Query<Page>) -> Result<HttpResponse, Problem> {
    let scope = caller.may(Right::ReadFleet)?;
    let limit = page.0.limit()?;
    let rows = groups::list(house.database.read(), &scope, page.0.after()?, limit + 1).await?;
    Ok(HttpResponse::Ok().json(List::page(rows, limit, |row| row.id).map(Group::from)))
}

#[utoipa::path(get, path = "/api/v1/groups/{id}", tag = "groups", summary = "Read a group",
    responses((status = 200, body = Group)))]
pub async fn read(house: Data<House>, caller: Caller, at: At<GroupId>) -> Result<HttpResponse, Problem> {
    let scope = caller.may(Right::ReadFleet)?;
    let row = groups::find(house.database.read(), &scope, at.0).await?;
    Ok(entity::answer(entity::tag(row.updated_at.ms()), &Group::from(row)))
}

#[utoipa::path(patch, path = "/api/v1/groups/{id}", tag = "groups", summary = "Rename a group", request_body = GroupForm,
    responses((status = 200, body = Group), (status = 409, description = "The name is taken")))]
pub async fn rename(
    house: Data<House>,
    caller: Caller,
    at: At<GroupId>,
    if_match: IfMatch,
    body: Body<GroupForm>,
) -> Result<HttpResponse, Problem> {
    let scope = caller.may(Right::ManageBadges)?;
    let name = checked_name("/name", body.value.name)?;
    let row = house
        .database
        .change(&scope, async |tx: &Tx| {
            let current = groups::find(tx, &scope, at.0).await?;
            if_match.check(&entity::tag(current.updated_at.ms()))?;
            Ok::<_, Problem>(groups::rename(tx, &scope, at.0, &name, house.now()).await?)
        })
        .await?;
    Ok(entity::answer(entity::tag(row.updated_at.ms()), &Group::from(row)))
}

#[utoipa::path(delete, path = "/api/v1/groups/{id}", tag = "groups", summary = "Dissolve a group",
    description = "Its badges stay; announcements to it alone are superseded.",
    responses((status = 204, description = "Dissolved")))]
pub async fn dissolve(house: Data<House>, caller: Caller, at: At<GroupId>) -> Result<HttpResponse, Problem> {
    let scope = caller.may(Right::ManageBadges)?;
    done(&house, &scope, async |tx: &Tx| groups::dissolve(tx, &scope, at.0, house.now()).await).await
}

#[utoipa::path(get, path = "/api/v1/groups/{id}/badges", tag = "groups", summary = "List the badges of a group",
    params(("limit" = Option<u64>, Query), ("after" = Option<String>, Query)),
    responses((status = 200, description = "A page: {items, next}", body = Badge)))]
pub async fn members(
    house: Data<House>,
    caller: Caller,
    at: At<GroupId>,
    page: Query<Page>,
) -> Result<HttpResponse, Problem> {
    let scope = caller.may(Right::ReadFleet)?;
    let limit = page.0.limit()?;
    let group = groups::find(house.database.read(), &scope, at.0).await?;
    let filter =
        badges::Filter { after: page.0.after()?, group: Some(group.id), ..badges::Filter::default() };
    let rows = badges::list(house.database.read(), &scope, &filter, limit + 1, house.now()).await?;
    Ok(HttpResponse::Ok().json(List::page(rows, limit, |row| row.id).map(Badge::from)))
}

#[utoipa::path(post, path = "/api/v1/groups/{id}/badges", tag = "groups", summary = "Add badges to a group",
    request_body = Members, responses((status = 204, description = "They are in it"),
        (status = 422, description = "One of them is not a badge of yours")))]
pub async fn add(
    house: Data<House>,
    caller: Caller,
    at: At<GroupId>,
    body: Body<Members>,
) -> Result<HttpResponse, Problem> {
    let scope = caller.may(Right::ManageBadges)?;
    let badges = body.value.checked()?;
    done(&house, &scope, async |tx: &Tx| groups::add(tx, &scope, at.0, &badges, house.now()).await).await
}

#[utoipa::path(put, path = "/api/v1/groups/{id}/badges", tag = "groups", summary = "Replace the badges of a group",
    request_body = Members, responses((status = 204, description = "Exactly they are in it"),
        (status = 422, description = "One of them is not a badge of yours")))]
pub async fn replace(
    house: Data<House>,
    caller: Caller,
    at: At<GroupId>,
    body: Body<Members>,
) -> Result<HttpResponse, Problem> {
    let scope = caller.may(Right::ManageBadges)?;
    let badges = body.value.checked()?;
    done(&house, &scope, async |tx: &Tx| groups::replace(tx, &scope, at.0, &badges, house.now()).await).await
}

#[utoipa::path(put, path = "/api/v1/groups/{id}/badges/{badge}", tag = "groups", summary = "Add one badge to a group",
    responses((status = 204, description = "It is in it")))]
pub async fn add_one(
    house: Data<House>,
    caller: Caller,
    at: At<GroupId>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let scope = caller.may(Right::ManageBadges)?;
    let badge = badge_in(&request)?;
    done(&house, &scope, async |tx: &Tx| {
        badges::find(tx, &scope, badge, house.now()).await?;
        groups::add(tx, &scope, at.0, &[badge], house.now()).await
    })
    .await
}

#[utoipa::path(delete, path = "/api/v1/groups/{id}/badges/{badge}", tag = "groups", summary = "Take a badge out of a group",
    responses((status = 204, description = "It is not in it")))]
pub async fn remove_one(
    house: Data<House>,
    caller: Caller,
    at: At<GroupId>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let scope = caller.may(Right::ManageBadges)?;
    let badge = badge_in(&request)?;
    done(&house, &scope, async |tx: &Tx| groups::remove(tx, &scope, at.0, badge, house.now()).await).await
}

/// The badge that the path names.
pub(super) fn badge_in(request: &HttpRequest) -> Result<BadgeId, Problem> {
    request.match_info().get("badge").and_then(|text| text.parse().ok()).ok_or_else(Problem::not_found)
}
