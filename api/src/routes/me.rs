//! The caller, and the badge they own.

use actix_web::{HttpResponse, web::Data};
use badgecast_domain::{
    access::{Role, Scopes},
    id::OrganizationId,
};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{badges::Badge, entity};
use crate::{
    House,
    auth::{Actor, Caller},
    problem::Problem,
    tables::{badges, people},
};

/// Who asks.
#[derive(Debug, Serialize, ToSchema)]
pub struct Me {
    pub id: Uuid,
    /// user or client.
    pub kind: &'static str,
    #[schema(value_type = Uuid)]
    pub organization_id: OrganizationId,
    /// What this very token may do.
    #[schema(value_type = String)]
    pub scope: Scopes,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub role: Option<Role>,
}

#[utoipa::path(get, path = "/api/v1/me", tag = "me", summary = "The caller", responses((status = 200, body = Me)))]
pub async fn read(house: Data<House>, caller: Caller) -> Result<HttpResponse, Problem> {
    if matches!(caller.actor(), Actor::Badge(_)) {
        return Err(Problem::not_allowed("A badge's token opens /api/v1/me/show and /api/v1/me/acks only"));
    }
    let mut me = Me {
        id: caller.actor().uuid(),
        kind: caller.actor().kind(),
        organization_id: caller.organization(),
        scope: caller.scopes(),
        email: None,
        name: None,
        role: None,
    };
    if let Actor::User(user) = caller.actor() {
        let person = people::of_token(house.database.read(), caller.organization(), user).await?;
        me.email = Some(person.email);
        me.name = Some(person.name);
        me.role = Some(person.role);
    }
    Ok(HttpResponse::Ok().json(me))
}

#[utoipa::path(get, path = "/api/v1/me/badge", tag = "me", summary = "The badge the caller owns",
    responses((status = 200, body = Badge), (status = 404, description = "They own none")))]
pub async fn badge(house: Data<House>, caller: Caller) -> Result<HttpResponse, Problem> {
    let scope = caller.may_read_own()?;
    let row = badges::owned(house.database.read(), &scope, house.now()).await?;
    Ok(entity::answer(entity::tag(row.updated_at.ms()), &Badge::from(row)))
}
