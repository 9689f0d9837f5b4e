//! `/audit`: who did what, whether the trail is whole, and the whole of it as a table.

use std::collections::HashMap;

use actix_web::{HttpResponse, http::header, web::Data};
use badgecast_console::{
    Frame, Place,
    views::{Audit, AuditFilter, AuditRow, Verdict},
};
use badgecast_domain::{
    access::Right,
    id::{BadgeId, OrganizationId, UserId},
};
use serde::Deserialize;
use uuid::Uuid;

use super::{Visitor, listing};
use crate::{
    House,
    auth::Scope,
    problem::Problem,
    routes::body::Query,
    tables::{audit, badges, people},
    witness,
};

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Wish {
    action: String,
    actor: String,
    object: String,
    after: String,
    verify: String,
}

pub async fn list(house: Data<House>, visitor: Visitor, wish: Query<Wish>) -> Result<HttpResponse, Problem> {
    let scope = visitor.caller.may(Right::ReadAudit)?;
    let (db, wish) = (house.database.read(), wish.0);
    let filter = audit::Filter {
        after: wish.after.parse().ok(),
        action: Some(wish.action.trim().to_owned()).filter(|action| !action.is_empty()),
        actor: wish.actor.parse().ok(),
        object: wish.object.parse().ok(),
    };
    let page = listing::page(audit::list(db, &scope, &filter, listing::LIMIT).await?, |row| row.seq);
    let verdict = match wish.verify.as_str() {
        "yes" => Some(verified(&house, &scope).await?),
        _ => None,
    };
    let named = Names::of(&house, &scope, &page.items).await?;
    let fields = [("action", &wish.action), ("actor", &wish.actor), ("object", &wish.object)];
    let frame = visitor.frame.clone().at(Place::Audit);
    visitor.page(&Audit {
        frame: &frame,
        rows: page.items.into_iter().map(|entry| named.row(&frame, entry)).collect(),
        next: page.next.map(|after| listing::address(Place::Audit.path(), &fields, &after)),
        filter: AuditFilter {
            later: !wish.after.is_empty(),
            action: wish.action,
            actor: wish.actor,
            object: wish.object,
        },
        verdict,
    })
}

/// Checks the trail, and that it still has the entry this node saw last.
async fn verified(house: &House, scope: &Scope) -> Result<Verdict, Problem> {
    let witnessed = witness::read(&witness::file(&house.config.data)).map_err(Problem::internal)?;
    let seen = witnessed.iter().find(|head| head.organization == scope.organization());
    Ok(audit::verify(house.database.read(), scope.organization(), seen).await?.into())
}

impl From<audit::Verdict> for Verdict {
    fn from(verdict: audit::Verdict) -> Self {
        match verdict {
            audit::Verdict::Whole { entries } => Self::Whole { entries },
            audit::Verdict::Broken { seq } => Self::Broken { seq },
            audit::Verdict::Short { entries, of } => Self::Short { entries, of },
            audit::Verdict::Rewritten { seq } => Self::Rewritten { seq },
        }
    }
}

/// What people and badges of a page are called.
struct Names {
    people: HashMap<UserId, String>,
    badges: HashMap<BadgeId, String>,
}

impl Names {
    async fn of(house: &House, scope: &Scope, entries: &[audit::Entry]) -> Result<Self, Problem> {
        let of = |wanted: &'static str| {
            let actors = entries.iter().map(|entry| (Some(entry.actor_kind.as_str()), entry.actor_id));
            let objects = entries.iter().map(|entry| (entry.object_kind.as_deref(), entry.object_id));
            actors.chain(objects).filter(move |(kind, _)| *kind == Some(wanted)).filter_map(|(_, id)| id)
        };
        let db = house.database.read();
        Ok(Self {
            people: people::names(db, scope, of("user").map(UserId::from_uuid)).await?,
            badges: badges::names(db, scope, of("badge").map(BadgeId::from_uuid)).await?,
        })
    }

    fn name(&self, kind: &str, id: Uuid) -> Option<String> {
        match kind {
            "user" => self.people.get(&UserId::from_uuid(id)).cloned(),
            "badge" => self.badges.get(&BadgeId::from_uuid(id)).cloned(),
            _ => None,
        }
    }

    fn row(&self, frame: &Frame, entry: audit::Entry) -> AuditRow {
        let kind = entry.actor_kind.as_str();
        let someone = match kind {
            "user" => "audit-someone",
            "badge" => "audit-a-badge",
            "client" => "audit-a-program",
            _ => "audit-house",
        };
        let actor = entry.actor_id.and_then(|id| self.name(kind, id));
        let object_kind = entry.object_kind.unwrap_or_default();
        let object = entry.object_id.and_then(|id| self.name(&object_kind, id));
        AuditRow {
            seq: entry.seq,
            at: entry.at,
            actor: actor.unwrap_or_else(|| frame.say(someone).to_string()),
            actor_id: entry.actor_id.map(|id| id.to_string()),
            action: entry.action,
            object: object.unwrap_or(object_kind),
            object_id: entry.object_id.map(|id| id.to_string()),
            detail: entry.detail,
        }
    }
}

/// The columns of the table.
const COLUMNS: &str = "number,at,actor,actor_id,action,object,object_id,result,request_id,detail,hash\r\n";

/// The whole trail as comma-separated values (RFC 4180), a page of the database at a time.
pub async fn export(house: Data<House>, visitor: Visitor) -> Result<HttpResponse, Problem> {
    let scope = visitor.caller.may(Right::ReadAudit)?;
    let organization = scope.organization();
    let first = futures_util::stream::once(async { Ok(COLUMNS.into()) });
    let rest = futures_util::stream::try_unfold((house, 0), move |(house, after)| async move {
        let links = audit::chain(house.database.read(), organization, after).await?;
        let Some(last) = links.last().map(|link| link.entry.seq) else { return Ok(None) };
        let lines: String = links.iter().map(line).collect();
        Ok::<_, Problem>(Some((lines.into(), (house, last))))
    });
    Ok(HttpResponse::Ok()
        .content_type("text/csv; charset=utf-8")
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header((header::CONTENT_DISPOSITION, file(organization)))
        .streaming(futures_util::StreamExt::chain(first, rest)))
}

fn file(organization: OrganizationId) -> String {
    format!("attachment; filename=\"audit-{organization}.csv\"")
}

fn line(link: &audit::Link) -> String {
    let entry = &link.entry;
    let id = |id: Option<Uuid>| id.map(|id| id.to_string()).unwrap_or_default();
    let hash: String = link.hash.iter().map(|byte| format!("{byte:02x}")).collect();
    let cells = [
        entry.seq.to_string(),
        entry.at.to_string(),
        entry.actor_kind.clone(),
        id(entry.actor_id),
        entry.action.clone(),
        entry.object_kind.clone().unwrap_or_default(),
        id(entry.object_id),
        entry.result.clone(),
        entry.request_id.clone().unwrap_or_default(),
        entry.detail.clone(),
        hash,
    ];
    cells.map(|cell| quoted(&cell)).join(",") + "\r\n"
}

/// A cell no spreadsheet takes for a formula.
fn quoted(cell: &str) -> String {
    let formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
    format!("\"{}{}\"", if formula { "'" } else { "" }, cell.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_text_whatever_is_in_it() {
        assert_eq!(quoted("manager"), "\"manager\"");
        assert_eq!(quoted("a \"b\", c"), "\"a \"\"b\"\", c\"");
        assert_eq!(quoted("=1+1"), "\"'=1+1\"");
    }
}
