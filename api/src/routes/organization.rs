//! The caller's organization and what holds for all of it.

use actix_web::{HttpResponse, web::Data};
use badgecast_domain::{access::Right, id::OrganizationId, time::Moment};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    badges::checked_name,
    body::{Body, IfMatch},
    entity,
};
use crate::{
    House,
    auth::{Actor, Caller},
    problem::Problem,
    tables::{Tx, organizations},
};

/// The tenant the caller belongs to.
#[derive(Debug, Serialize, ToSchema)]
pub struct Organization {
    #[schema(value_type = uuid::Uuid)]
    pub id: OrganizationId,
    pub name: String,
    /// Whether integrations that read over MQTT are told the words on badges, which are often names.
    pub tells_texts: bool,
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Moment,
}

impl From<organizations::Organization> for Organization {
    fn from(row: organizations::Organization) -> Self {
        let organizations::Organization { id, name, tells_texts, created_at } = row;
        Self { id, name, tells_texts, created_at }
    }
}

/// What to change of the organization; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OrganizationChange {
    name: Option<String>,
    tells_texts: Option<bool>,
}

fn tag(row: &organizations::Organization) -> String {
    let version = crc32fast::hash(format!("{} {}", row.tells_texts, row.name).as_bytes());
    entity::tag(format!("{version:08x}"))
}

#[utoipa::path(get, path = "/api/v1/organization", tag = "me", summary = "The caller's organization",
    responses((status = 200, body = Organization)))]
pub async fn read(house: Data<House>, caller: Caller) -> Result<HttpResponse, Problem> {
    if matches!(caller.actor(), Actor::Badge(_)) {
        return Err(Problem::not_allowed("A badge's token opens /api/v1/me/show and /api/v1/me/acks only"));
    }
    let row = organizations::find(house.database.read(), caller.organization()).await?;
    Ok(entity::answer(tag(&row), &Organization::from(row)))
}

#[utoipa::path(patch, path = "/api/v1/organization", tag = "users", summary = "Change what holds for the organization",
    request_body = OrganizationChange, responses((status = 200, body = Organization)))]
pub async fn change(
    house: Data<House>,
    caller: Caller,
    if_match: IfMatch,
    body: Body<OrganizationChange>,
) -> Result<HttpResponse, Problem> {
    let scope = caller.may(Right::ManagePeople)?;
    let OrganizationChange { name, tells_texts } = body.value;
    let name = name.map(|name| checked_name("/name", name)).transpose()?;
    let update = organizations::Update { name, tells_texts };
    let row = house
        .database
        .change(&scope, async |tx: &Tx| {
            if_match.check(&tag(&organizations::find(tx, scope.organization()).await?))?;
            Ok::<_, Problem>(organizations::update(tx, &scope, &update, house.now()).await?)
        })
        .await?;
    Ok(entity::answer(tag(&row), &Organization::from(row)))
}
