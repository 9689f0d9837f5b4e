//! `/wall`: what the fleet shows now, those first that want somebody.

use std::collections::BTreeSet;

use actix_web::{HttpRequest, HttpResponse, web::Data};
use badgecast_console::{
    Frame, Place, Size,
    figures::{Counts, Mood, Mosaic, Tile},
    parts::Icon,
    views::{Choice, Running, Wall, simulator},
};
use badgecast_domain::{
    access::Right,
    announcement::State,
    id::{BadgeId, GroupId},
    receipt,
};

use super::{Visitor, badges::panel, press::Fields};
use crate::{
    House,
    auth::Scope,
    delivery::playing::Playing,
    problem::Problem,
    progress::{Laggard, Summary},
    tables::{self, announcements, announcements::Announcement, badges, groups, receipts, wall},
};

/// How many tiles are drawn at first.
pub(super) const TILES: u64 = 32;
/// How many at most: beyond, a wall of tiles says nothing any more, and a mosaic is drawn too.
pub(super) const MANY: u64 = 200;
/// How many groups to choose from.
pub(super) const GROUPS: u64 = 50;
/// How many badges that want somebody are looked up.
const TROUBLED: u64 = 1_000;

/// Which part of a wall to draw.
pub(super) struct Part {
    pub group: Option<GroupId>,
    pub limit: u64,
}

impl Part {
    /// # Errors
    /// 404 for a group that cannot be one.
    pub(super) fn of(fields: &Fields) -> Result<Self, Problem> {
        let group = fields.get("group").map(|text| text.parse().map_err(|_| Problem::not_found()));
        let limit = if fields.get("all").is_some() { MANY } else { TILES };
        Ok(Self { group: group.transpose()?, limit })
    }

    /// The address that draws more tiles of the same part.
    pub(super) fn more(&self, path: &str) -> String {
        match self.group {
            Some(group) => format!("{path}?group={group}&all=yes"),
            None => format!("{path}?all=yes"),
        }
    }

    /// The groups to choose from, everything first; none when there are no groups.
    pub(super) async fn groups(
        &self,
        house: &House,
        scope: &Scope,
        frame: &Frame,
        path: &str,
        badges: u64,
    ) -> Result<Vec<Choice>, Problem> {
        let groups = groups::list(house.database.read(), scope, None, GROUPS).await?;
        if groups.is_empty() {
            return Ok(Vec::new());
        }
        let all = Choice {
            value: path.to_owned(),
            name: frame.say("wall-everyone").to_string(),
            badges,
            chosen: self.group.is_none(),
        };
        let choice = |group: groups::Group| Choice {
            value: format!("{path}?group={}", group.id),
            name: group.name,
            badges: group.badges,
            chosen: self.group == Some(group.id),
        };
        Ok(std::iter::once(all).chain(groups.into_iter().map(choice)).collect())
    }
}

pub async fn show(
    house: Data<House>,
    visitor: Visitor,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let scope = visitor.caller.may(Right::ReadFleet)?;
    let (db, now) = (house.database.read(), house.now());
    let frame = visitor.frame.clone().at(Place::Wall);
    let part = Part::of(&Fields::read(request.query_string().as_bytes()))?;
    if let Some(group) = part.group {
        groups::find(db, &scope, group).await?;
    }
    let running = running(&house, &scope).await?;
    let troubled = troubled(&house, &scope, &running).await?;
    let count = wall::count(db, &scope, part.group, now).await?;
    let fleet = match part.group {
        None => count,
        Some(_) => wall::count(db, &scope, None, now).await?,
    };
    let ids: Vec<BadgeId> = troubled.iter().copied().collect();
    let wanting = wall::connected_among(db, &scope, part.group, &ids, now).await?;
    let ids = wall::first(db, &scope, part.group, &ids, part.limit, now).await?;
    let badges = badges::some(db, &scope, &ids, now).await?;
    let playing = Playing::of_all(&house, &scope, badges, now).await?;
    let tiles: Vec<Tile> =
        playing.iter().map(|playing| tile(&frame, playing, troubled.contains(&playing.badge.id))).collect();
    let others = count.badges.saturating_sub(tiles.len() as u64);
    let others = (others > 0).then(|| match part.limit {
        TILES => (others.min(MANY - TILES), part.more(Place::Wall.path())),
        _ => (others, Place::Badges.path().to_owned()),
    });
    let counts = Counts {
        shown: count.connected.saturating_sub(wanting),
        pending: count.badges.saturating_sub(count.connected),
        refused: wanting,
        ..Counts::default()
    };
    let view = Wall {
        frame: &frame,
        groups: part.groups(&house, &scope, &frame, Place::Wall.path(), fleet.badges).await?,
        badges: count.badges,
        connected: count.connected,
        troubled: wanting,
        running: running.iter().map(|row| now_showing(&frame, row)).collect(),
        tiles,
        others,
        mosaic: (count.badges > MANY).then(|| Mosaic::of(counts)),
        chosen: part.group.is_some(),
        simulator: (fleet.badges == 0).then(|| simulator(&house.base_url(), &visitor.person.email)),
    };
    visitor.page(&view)
}

/// What is being announced, the newest first.
pub(super) async fn running(house: &House, scope: &Scope) -> Result<Vec<Announcement>, tables::Error> {
    let now = house.now();
    let mut rows = announcements::live(house.database.read(), scope.organization(), now).await?;
    rows.retain(|row| State::at(&row.validity(), row.withdrawn_at, now) == State::Active);
    Ok(rows)
}

/// Badges that refused what is being announced, or were named at its deadline.
async fn troubled(
    house: &House,
    scope: &Scope,
    running: &[Announcement],
) -> Result<BTreeSet<BadgeId>, tables::Error> {
    if running.is_empty() {
        return Ok(BTreeSet::new());
    }
    let db = house.database.read();
    let ids: Vec<_> = running.iter().map(|row| row.id).collect();
    let mut troubled: BTreeSet<BadgeId> =
        wall::refusing(db, scope, &ids, TROUBLED).await?.into_iter().collect();
    for row in running {
        let named = laggards(row).unwrap_or_default();
        let named = named.iter().filter(|lag| lag.state != receipt::State::Pending);
        let named: Vec<BadgeId> = named.map(|lag| lag.badge_id).collect();
        let late = receipts::lit_among(db, row, &named).await?;
        troubled.extend(named.iter().filter(|badge| !late.contains(badge)));
    }
    Ok(troubled)
}

fn now_showing(frame: &Frame, row: &Announcement) -> Running {
    Running {
        href: format!("/announcements/{}", row.id),
        text: row.document.plain_text(),
        level: row.level,
        until: frame.stamp(row.valid_until),
    }
}

fn tile(frame: &Frame, playing: &Playing, troubled: bool) -> Tile {
    let badge = &playing.badge;
    let led = panel(playing, !troubled, Size::Tile);
    let (mood, icon, class, words) = match (badge.online, troubled) {
        (true, true) => (Mood::Bad, Icon::Bad, "refused", frame.say("wall-state-trouble").to_string()),
        (true, false) => (Mood::Plain, Icon::Ok, "shown", frame.say("wall-state-on").to_string()),
        (false, _) => {
            let words = match badge.last_seen_at {
                Some(at) => frame.say("wall-off-since").with("time", frame.stamp(at).text()).to_string(),
                None => frame.say("wall-state-off").to_string(),
            };
            (Mood::Dim, Icon::Dashed, "pending", words)
        }
    };
    Tile { href: format!("/badges/{}", badge.code), led, name: badge.name.clone(), mood, icon, class, words }
}

/// How many were named at the deadline, once it is over.
pub(super) fn named(row: &Announcement) -> Option<u64> {
    Some(laggards(row)?.len() as u64)
}

fn laggards(row: &Announcement) -> Option<Vec<Laggard>> {
    let summary: Summary = serde_json::from_str(row.summary.as_deref()?).ok()?;
    Some(summary.laggards)
}
