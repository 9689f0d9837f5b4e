//! Whose badge it is: a name somebody types, and those who might be meant.

use actix_web::{HttpResponse, web::Data};
use badgecast_console::{
    Frame,
    views::{Named, OwnerPicker, Owners},
};
use badgecast_domain::{access::Right, id::UserId};

use super::{Press, Visitor, press::Fields};
use crate::{
    House,
    auth::Scope,
    problem::Problem,
    tables::people::{self, Among},
};

/// How many are offered; whoever has more in mind types more of the name.
const OFFERED: u64 = 12;

/// What a form says of the owner.
pub(super) enum Wanted {
    /// Nobody shall own it, or this person.
    Owner(Option<(UserId, String)>),
    /// It does not say enough: the field, to be shown again.
    Unclear(OwnerPicker),
}

/// Reads the field. Somebody who was chosen counts; else a name that only one person has.
pub(super) async fn wanted(
    house: &House,
    frame: &Frame,
    scope: &Scope,
    fields: &Fields,
) -> Result<Wanted, Problem> {
    let typed = fields.text("owner-name").trim().to_owned();
    let found = suggested(house, scope, fields).await?;
    if fields.get("owner") == Some("none") || typed.is_empty() {
        return Ok(Wanted::Owner(None));
    }
    let chosen = found.found.iter().find(|person| person.value == found.chosen);
    let exact: Vec<&Named> = found.found.iter().filter(|person| person.name == typed).collect();
    let meant = match (chosen, exact.as_slice(), found.found.as_slice()) {
        (Some(person), ..) | (None, _, [person]) => person,
        (None, [person], _) => *person,
        (None, _, []) => {
            let error = Some(frame.say("owner-none").to_string());
            return Ok(Wanted::Unclear(OwnerPicker { error, ..found }));
        }
        _ => {
            let error = Some(frame.say("owner-many").to_string());
            return Ok(Wanted::Unclear(OwnerPicker { error, ..found }));
        }
    };
    let id = meant.value.parse().map_err(|_| Problem::not_found())?;
    Ok(Wanted::Owner(Some((id, meant.name.clone()))))
}

/// Those the typed name might mean.
pub(super) async fn suggested(house: &House, scope: &Scope, fields: &Fields) -> Result<OwnerPicker, Problem> {
    let typed = fields.text("owner-name");
    let part = typed.trim();
    if part.is_empty() {
        return Ok(OwnerPicker { typed, ..OwnerPicker::default() });
    }
    let mut rows =
        people::search(house.database.read(), scope, (part, Among::InService), None, OFFERED + 1).await?;
    let more = rows.len() as u64 > OFFERED;
    rows.truncate(usize::try_from(OFFERED).unwrap_or(usize::MAX));
    let found: Vec<Named> =
        rows.into_iter().map(|person| Named { value: person.id.to_string(), name: person.name }).collect();
    let chosen = fields.get("owner").filter(|id| found.iter().any(|person| person.value == **id));
    let chosen = chosen.unwrap_or_default().to_owned();
    Ok(OwnerPicker { typed, found, chosen, more, error: None })
}

/// While somebody types.
pub async fn suggest(house: Data<House>, press: Press<Visitor>) -> Result<HttpResponse, Problem> {
    let Press { who: visitor, fields, .. } = press;
    let scope = visitor.caller.may(Right::ManageBadges)?;
    let picker = suggested(&house, &scope, &fields).await?;
    visitor.page(&Owners { frame: &visitor.frame, picker })
}
