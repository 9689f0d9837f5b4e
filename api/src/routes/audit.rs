//! The audit trail: who did what.

use actix_web::{HttpResponse, web::Data};
use badgecast_domain::{access::Right, time::Moment};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::body::{List, Page, Query};
use crate::{House, auth::Caller, problem::Problem, tables::audit};

/// One thing somebody did.
#[derive(Debug, Serialize, ToSchema)]
pub struct Entry {
    pub seq: i64,
    #[schema(value_type = String, format = DateTime)]
    pub at: Moment,
    /// user, badge, client or house.
    pub actor_kind: String,
    pub actor_id: Option<Uuid>,
    /// Such as badge.register or announcement.withdraw.
    pub action: String,
    pub object_kind: Option<String>,
    pub object_id: Option<Uuid>,
    pub result: String,
    pub request_id: Option<String>,
    pub detail: String,
}

impl From<audit::Entry> for Entry {
    fn from(row: audit::Entry) -> Self {
        Self {
            seq: row.seq,
            at: row.at,
            actor_kind: row.actor_kind,
            actor_id: row.actor_id,
            action: row.action,
            object_kind: row.object_kind,
            object_id: row.object_id,
            result: row.result,
            request_id: row.request_id,
            detail: row.detail,
        }
    }
}

/// Which entries to list.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Filter {
    limit: Option<u64>,
    after: Option<String>,
    action: Option<String>,
    actor: Option<Uuid>,
    object: Option<Uuid>,
}

#[utoipa::path(get, path = "/api/v1/audit", tag = "audit", summary = "Who did what, newest first",
    description = "action is a whole action, such as badge.register, or what it begins with, with a dot at its end: action=security. lists the security events.",
    params(("limit" = Option<u64>, Query), ("after" = Option<String>, Query), ("action" = Option<String>, Query),
        ("actor" = Option<Uuid>, Query), ("object" = Option<Uuid>, Query)),
    responses((status = 200, description = "A page: {items, next}", body = Entry)))]
pub async fn list(house: Data<House>, caller: Caller, query: Query<Filter>) -> Result<HttpResponse, Problem> {
    let scope = caller.may(Right::ReadAudit)?;
    let Filter { limit, after, action, actor, object } = query.0;
    let page = Page::new(limit, after);
    let limit = page.limit()?;
    let filter = audit::Filter { after: page.after()?, action, actor, object };
    let rows = audit::list(house.database.read(), &scope, &filter, limit + 1).await?;
    Ok(HttpResponse::Ok().json(List::page(rows, limit, |row| row.seq).map(Entry::from)))
}
