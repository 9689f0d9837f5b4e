//! Gateways: devices that speak for badges which have no network of their own.
//!
//! A gateway is registered, claimed and revoked like a badge, and shows nothing itself.

use actix_web::{HttpRequest, HttpResponse, web::Data};
use badgecast_domain::{access::Right, id::BadgeId, time::Moment};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::{
    badges::{Badge, Claim, checked_name, issue_claim, new_claim},
    body::{At, Body, IfMatch, List, Page, Query},
    creation::{self, Creation, Made},
    done::{done, ended},
    entity,
    groups::{Members, badge_in},
};
use crate::{
    House,
    auth::Caller,
    problem::Problem,
    tables::{Tx, badges, gateways},
};

/// A device that speaks for badges.
#[derive(Debug, Serialize, ToSchema)]
pub struct Gateway {
    #[schema(value_type = uuid::Uuid)]
    pub id: BadgeId,
    /// What people call it: B-7K2M.
    pub code: String,
    pub name: String,
    pub model: Option<String>,
    pub firmware: Option<String>,
    pub claimed: bool,
    pub online: bool,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_seen: Option<Moment>,
    /// How many badges hang on it.
    pub badges: u64,
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Moment,
    #[schema(value_type = String, format = DateTime)]
    pub updated_at: Moment,
}

impl From<gateways::Gateway> for Gateway {
    fn from(row: gateways::Gateway) -> Self {
        Self {
            id: row.id,
            code: row.code.into(),
            name: row.name,
            model: row.model,
            firmware: row.firmware,
            claimed: row.claimed_at.is_some(),
            online: row.online,
            last_seen: row.last_seen_at,
            badges: row.badges,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

/// A gateway that was just registered.
#[derive(Debug, Serialize, ToSchema)]
pub struct RegisteredGateway {
    #[serde(flatten)]
    gateway: Gateway,
    #[serde(flatten)]
    claim: Claim,
}

/// A gateway to register.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewGateway {
    /// Its code when left out.
    name: Option<String>,
    model: Option<String>,
}

/// A gateway's name.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GatewayChange {
    name: String,
}

#[utoipa::path(post, path = "/api/v1/gateways", tag = "gateways", summary = "Register a gateway",
    description = "Answers a claim code, once: the gateway claims itself with it at /api/v1/claims within 24 hours.",
    request_body = NewGateway, responses((status = 201, description = "Registered", body = RegisteredGateway)))]
pub async fn register(
    house: Data<House>,
    caller: Caller,
    creation: Creation,
    body: Body<NewGateway>,
) -> Result<HttpResponse, Problem> {
    let scope = caller.may(Right::ManageBadges)?;
    let NewGateway { name, model } = body.value;
    let name = name.map(|name| checked_name("/name", name)).transpose()?;
    let model = model.map(|model| checked_name("/model", model)).transpose()?;
    creation::once(&house, &caller, &scope, creation, body.digest, async |tx: &Tx| {
        let row = gateways::register(tx, &scope, name.clone(), model.clone(), house.now()).await?;
        let claim = issue_claim(tx, &house, &scope, row.id).await?;
        let location = format!("/api/v1/gateways/{}", row.id);
        let answer = json!(RegisteredGateway { gateway: row.into(), claim });
        Ok(Made { secrets: &["claim_code"], ..Made::created(location, answer) })
    })
    .await
}

#[utoipa::path(get, path = "/api/v1/gateways", tag = "gateways", summary = "List gateways",
    params(("limit" = Option<u64>, Query), ("after" = Option<String>, Query)),
    responses((status = 200, description = "A page: {items, next}", body = Gateway)))]
pub async fn list(house: Data<House>, caller: Caller, page: Query<Page>) -> Result<HttpResponse, Problem> {
    let scope = caller.may(Right::ReadFleet)?;
    let limit = page.0.limit()?;
    let after = page.0.after()?;
    let rows = gateways::list(house.database.read(), &scope, after, limit + 1, house.now()).await?;
    Ok(HttpResponse::Ok().json(List::page(rows, limit, |row| row.id).map(Gateway::from)))
}

#[utoipa::path(get, path = "/api/v1/gateways/{id}", tag = "gateways", summary = "Read a gateway",
    responses((status = 200, body = Gateway)))]
pub async fn read(house: Data<House>, caller: Caller, at: At<BadgeId>) -> Result<HttpResponse, Problem> {
    let scope = caller.may(Right::ReadFleet)?;
    let row = gateways::find(house.database.read(), &scope, at.0, house.now()).await?;
    Ok(entity::answer(entity::tag(row.updated_at.ms()), &Gateway::from(row)))
}

#[utoipa::path(patch, path = "/api/v1/gateways/{id}", tag = "gateways", summary = "Rename a gateway",
    request_body = GatewayChange, responses((status = 200, body = Gateway)))]
pub async fn rename(
    house: Data<House>,
    caller: Caller,
    at: At<BadgeId>,
    if_match: IfMatch,
    body: Body<GatewayChange>,
) -> Result<HttpResponse, Problem> {
    let scope = caller.may(Right::ManageBadges)?;
    let name = checked_name("/name", body.value.name)?;
    let row = house
        .database
        .change(&scope, async |tx: &Tx| {
            let now = house.now();
            let current = gateways::find(tx, &scope, at.0, now).await?;
            if_match.check(&entity::tag(current.updated_at.ms()))?;
            Ok::<_, Problem>(gateways::rename(tx, &scope, at.0, &name, now).await?)
        })
        .await?;
    Ok(entity::answer(entity::tag(row.updated_at.ms()), &Gateway::from(row)))
}

#[utoipa::path(delete, path = "/api/v1/gateways/{id}", tag = "gateways", summary = "Retire a gateway",
    description = "Its credentials and its connection end, and its badges hang on none.",
    responses((status = 204, description = "Retired")))]
pub async fn retire(house: Data<House>, caller: Caller, at: At<BadgeId>) -> Result<HttpResponse, Problem> {
    let scope = caller.may(Right::ManageBadges)?;
    let retire = async |tx: &Tx| gateways::retire(tx, &scope, at.0, house.now()).await;
    ended(&house, &scope, at.0, retire).await
}

#[utoipa::path(post, path = "/api/v1/gateways/{id}/revoke", tag = "gateways",
    summary = "End a gateway's credentials and its connection",
    description = "It comes back with a new claim code; its badges stay assigned to it.",
    responses((status = 204, description = "Revoked")))]
pub async fn revoke(house: Data<House>, caller: Caller, at: At<BadgeId>) -> Result<HttpResponse, Problem> {
    let scope = caller.may(Right::ManageBadges)?;
    let revoke = async |tx: &Tx| gateways::revoke(tx, &scope, at.0, house.now()).await;
    ended(&house, &scope, at.0, revoke).await
}

#[utoipa::path(post, path = "/api/v1/gateways/{id}/claim-code", tag = "gateways", summary = "A new claim code",
    description = "Ends the one before. Also after a revoke.", responses((status = 201, body = Claim)))]
pub async fn claim_code(
    house: Data<House>,
    caller: Caller,
    at: At<BadgeId>,
    creation: Creation,
) -> Result<HttpResponse, Problem> {
    let scope = caller.may(Right::ManageBadges)?;
    creation::once(&house, &caller, &scope, creation, [0; 32], async |tx: &Tx| {
        let row = gateways::find(tx, &scope, at.0, house.now()).await?;
        new_claim(tx, &house, &scope, row.id, format!("/api/v1/gateways/{}", row.id)).await
    })
    .await
}

#[utoipa::path(get, path = "/api/v1/gateways/{id}/badges", tag = "gateways", summary = "List the badges of a gateway",
    params(("limit" = Option<u64>, Query), ("after" = Option<String>, Query)),
    responses((status = 200, description = "A page: {items, next}", body = Badge)))]
pub async fn badges(
    house: Data<House>,
    caller: Caller,
    at: At<BadgeId>,
    page: Query<Page>,
) -> Result<HttpResponse, Problem> {
    let scope = caller.may(Right::ReadFleet)?;
    let limit = page.0.limit()?;
    let gateway = gateways::find(house.database.read(), &scope, at.0, house.now()).await?;
    let filter =
        badges::Filter { after: page.0.after()?, gateway: Some(gateway.id), ..badges::Filter::default() };
    let rows = badges::list(house.database.read(), &scope, &filter, limit + 1, house.now()).await?;
    Ok(HttpResponse::Ok().json(List::page(rows, limit, |row| row.id).map(Badge::from)))
}

#[utoipa::path(post, path = "/api/v1/gateways/{id}/badges", tag = "gateways", summary = "Hang badges on a gateway",
    description = "Those that hung on another move. A badge that speaks for itself has to be revoked first.",
    request_body = Members, responses((status = 204, description = "They hang on it"),
        (status = 422, description = "One of them is not a badge of yours, or speaks for itself")))]
pub async fn hang(
    house: Data<House>,
    caller: Caller,
    at: At<BadgeId>,
    body: Body<Members>,
) -> Result<HttpResponse, Problem> {
    let scope = caller.may(Right::ManageBadges)?;
    let badges = body.value.checked()?;
    done(&house, &scope, async |tx: &Tx| gateways::hang(tx, &scope, at.0, &badges, house.now()).await).await
}

#[utoipa::path(put, path = "/api/v1/gateways/{id}/badges", tag = "gateways",
    summary = "Replace the badges of a gateway",
    request_body = Members, responses((status = 204, description = "Exactly they hang on it"),
        (status = 422, description = "One of them is not a badge of yours, or speaks for itself")))]
pub async fn replace(
    house: Data<House>,
    caller: Caller,
    at: At<BadgeId>,
    body: Body<Members>,
) -> Result<HttpResponse, Problem> {
    let scope = caller.may(Right::ManageBadges)?;
    let badges = body.value.checked()?;
    done(&house, &scope, async |tx: &Tx| gateways::replace(tx, &scope, at.0, &badges, house.now()).await)
        .await
}

#[utoipa::path(put, path = "/api/v1/gateways/{id}/badges/{badge}", tag = "gateways",
    summary = "Hang one badge on a gateway",
    responses((status = 204, description = "It hangs on it"), (status = 422, description = "It speaks for itself")))]
pub async fn hang_one(
    house: Data<House>,
    caller: Caller,
    at: At<BadgeId>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let scope = caller.may(Right::ManageBadges)?;
    let badge = badge_in(&request)?;
    done(&house, &scope, async |tx: &Tx| {
        badges::find(tx, &scope, badge, house.now()).await?;
        gateways::hang(tx, &scope, at.0, &[badge], house.now()).await
    })
    .await
}

#[utoipa::path(delete, path = "/api/v1/gateways/{id}/badges/{badge}", tag = "gateways",
    summary = "Take a badge off a gateway", responses((status = 204, description = "It does not hang on it")))]
pub async fn take_off(
    house: Data<House>,
    caller: Caller,
    at: At<BadgeId>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let scope = caller.may(Right::ManageBadges)?;
    let badge = badge_in(&request)?;
    done(&house, &scope, async |tx: &Tx| gateways::remove(tx, &scope, at.0, badge, house.now()).await).await
}
