//! `/badges`: every badge, found by name, code or owner; and the rows other pages show of them.

use std::collections::HashMap;

use actix_web::{HttpResponse, web::Data};
use badgecast_console::{
    Led, Place, Size,
    views::{BadgeFilter, BadgeRow, Badges, Battery, Named, Presence, simulator},
};
use badgecast_domain::{
    access::Right,
    id::{BadgeId, GroupId, UserId},
    layer::Kind,
};
use serde::Deserialize;

use super::{Visitor, listing};
use crate::{
    House,
    auth::Scope,
    delivery::playing::Playing,
    problem::Problem,
    routes::body::Query,
    tables::{badges, groups, people},
};

/// Groups that are offered to choose from.
const GROUPS: u64 = 500;

/// What to list.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Wish {
    q: String,
    state: String,
    group: String,
    tag: String,
    after: String,
}

pub async fn list(house: Data<House>, visitor: Visitor, wish: Query<Wish>) -> Result<HttpResponse, Problem> {
    let scope = visitor.caller.may(Right::ReadFleet)?;
    let (db, now, wish) = (house.database.read(), house.now(), wish.0);
    let state = Presence::from_name(&wish.state);
    let group: Option<GroupId> = wish.group.parse().ok();
    let filter = badges::Filter {
        after: wish.after.parse().ok(),
        group,
        tag: (!wish.tag.is_empty()).then(|| wish.tag.clone()),
        online: match state {
            Some(Presence::On) => Some(true),
            Some(Presence::Off) => Some(false),
            _ => None,
        },
        claimed: state.map(|state| state != Presence::Unclaimed),
        q: (!wish.q.is_empty()).then(|| wish.q.clone()),
        ..badges::Filter::default()
    };
    let everything = wish.q.is_empty() && state.is_none() && group.is_none() && wish.tag.is_empty();
    let total = if everything { Some(badges::count(db, &scope).await?) } else { None };
    let page = listing::page(badges::list(db, &scope, &filter, listing::LIMIT, now).await?, |row| row.id);
    let next = page.next.map(|after| {
        let fields = [("q", &wish.q), ("state", &wish.state), ("group", &wish.group), ("tag", &wish.tag)];
        listing::address(Place::Badges.path(), &fields, &after)
    });
    let frame = visitor.frame.clone().at(Place::Badges);
    visitor.page(&Badges {
        frame: &frame,
        rows: rows(&house, &scope, page.items).await?,
        total,
        next,
        simulator: (total == Some(0)).then(|| simulator(&house.base_url(), &visitor.person.email)),
        filter: BadgeFilter {
            later: !wish.after.is_empty(),
            q: wish.q,
            state,
            group: wish.group,
            groups: choices(&house, &scope).await?,
            tag: wish.tag,
        },
    })
}

/// The groups of the organization, by name.
pub(super) async fn choices(house: &House, scope: &Scope) -> Result<Vec<Named>, Problem> {
    let groups = groups::named(house.database.read(), scope, "", GROUPS).await?;
    Ok(groups.into_iter().map(|row| Named { value: row.id.to_string(), name: row.name }).collect())
}

/// What lists show of badges: their panels as they play now, and their owners by name.
pub(super) async fn rows(
    house: &House,
    scope: &Scope,
    badges: Vec<badges::Badge>,
) -> Result<Vec<BadgeRow>, Problem> {
    let owners = badges.iter().filter_map(|badge| badge.owner);
    let owners = people::names(house.database.read(), scope, owners).await?;
    let playing = Playing::of_all(house, scope, badges, house.now()).await?;
    Ok(playing.iter().map(|playing| row(playing, &owners)).collect())
}

fn row(playing: &Playing, owners: &HashMap<UserId, String>) -> BadgeRow {
    let badge = &playing.badge;
    BadgeRow {
        id: badge.id.to_string(),
        code: badge.code.to_string(),
        name: badge.name.clone(),
        owner: badge.owner.and_then(|owner| owners.get(&owner).cloned()),
        led: panel(playing, true, Size::Tile),
        standing: presence(badge),
        since: if badge.online { badge.online_since } else { badge.last_seen_at },
        battery: battery(badge),
    }
}

/// A badge's panel as every page draws it: what it plays, from where reading begins. What one plays that is off, or
/// shows something else (`faithful` is false), nobody sees: its own line tells whose it is, dimmed when it is off.
pub(super) fn panel(playing: &Playing, faithful: bool, size: Size) -> Led {
    let badge = &playing.badge;
    if badge.online && faithful {
        return match playing.turns.first() {
            Some(turn) if turn.message == 0 => {
                Led::of(&playing.held[turn.layer].document, badge.panel, size).saying(playing.words())
            }
            _ => Led::still(&playing.player(), playing.words(), size),
        };
    }
    let own = playing.held.iter().find(|held| held.layer.kind == Kind::Own);
    let led = own.map(|own| Led::of(&own.document, badge.panel, size));
    led.unwrap_or_else(|| Led::dark(badge.panel, "", size)).off(!badge.online)
}

pub(super) const fn presence(badge: &badges::Badge) -> Presence {
    match (badge.online, badge.claimed_at) {
        (true, _) => Presence::On,
        (false, Some(_)) => Presence::Off,
        (false, None) => Presence::Unclaimed,
    }
}

pub(super) fn battery(badge: &badges::Badge) -> Option<Battery> {
    badge.telemetry.as_ref().and_then(|telemetry| telemetry.battery).map(Battery::measured)
}

/// A badge by the code in the address, or by its id.
pub(super) async fn named(house: &House, scope: &Scope, name: &str) -> Result<badges::Badge, Problem> {
    let (db, now) = (house.database.read(), house.now());
    if let Ok(id) = name.parse::<BadgeId>() {
        return Ok(badges::find(db, scope, id, now).await?);
    }
    let code = name.to_ascii_uppercase().try_into().map_err(|_| Problem::not_found())?;
    Ok(badges::by_code(db, scope, &code, now).await?)
}
