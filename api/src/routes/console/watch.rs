//! `/announcements/{id}`: how many show it, who does not and why; and what helps.

use std::collections::HashMap;

use actix_web::{HttpRequest, HttpResponse, web::Data};
use badgecast_console::{
    Frame, Led, Notice, Place, Size,
    figures::{Counts, Course, Mood, Mosaic, Tile},
    parts,
    views::{Action, Lag, Watch},
};
use badgecast_domain::{
    access::Right,
    announcement::{Audience, State as Standing},
    display::Panel,
    id::{AnnouncementId, BadgeId},
    receipt::State,
    wire::Order,
};

use super::{
    Press, Visitor,
    announcements::counts,
    press::Fields,
    see_other_saying,
    wall::{MANY, Part},
};
use crate::{
    House,
    auth::Scope,
    problem::Problem,
    progress::{self, Laggard},
    routes::body::At,
    tables::{
        Tx, announcements,
        announcements::Announcement,
        badges::{self, Badge},
        groups, layers, people,
        receipts::{self, Receipt},
    },
};

/// How many laggards are told before a link tells all.
const LAGGARDS: u64 = 20;
/// How many are told at all; the receipts list of the API has everyone.
const ALL_LAGGARDS: u64 = 1_000;
/// A signal below this is weak (dBm).
const WEAK: f64 = -85.0;

fn path(id: AnnouncementId) -> String {
    format!("/announcements/{id}")
}

pub async fn show(
    house: Data<House>,
    visitor: Visitor,
    at: At<AnnouncementId>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let scope = visitor.caller.may(Right::ReadFleet)?;
    let (db, now) = (house.database.read(), house.now());
    let frame = visitor.frame.clone().at(Place::Announcements);
    let fields = Fields::read(request.query_string().as_bytes());
    let part = Part::of(&fields)?;
    if let Some(group) = part.group {
        groups::find(db, &scope, group).await?;
    }
    let row = announcements::find(db, &scope, at.0).await?;
    let standing = Standing::at(&row.validity(), row.withdrawn_at, now);
    let progress::Course { progress, spans } = progress::course(db, &row, now).await?;
    let counts = counts(&progress);
    let frozen = row.summary.is_some();
    let limit = if fields.get("laggards").is_some() { ALL_LAGGARDS } else { LAGGARDS };
    let behind = if frozen { progress.summary.laggards.len() as u64 } else { behind(&progress, standing) };
    let mut slowest = receipts::slowest(db, &row, part.group, part.limit.max(limit), now).await?;
    let mut laggards = match part.group {
        _ if frozen => named(progress.summary.laggards),
        None => dark(&slowest),
        Some(_) => dark(&receipts::slowest(db, &row, None, limit, now).await?),
    };
    laggards.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    slowest.truncate(usize::try_from(part.limit).unwrap_or(usize::MAX));
    let mut ids: Vec<BadgeId> = laggards.iter().map(|lag| lag.badge_id).collect();
    ids.extend(slowest.iter().map(|receipt| receipt.badge));
    ids.sort_unstable();
    ids.dedup();
    let known = badges::some(db, &scope, &ids, now).await?;
    let known: HashMap<BadgeId, Badge> = known.into_iter().map(|badge| (badge.id, badge)).collect();
    let started = row.accepted_at.max(row.valid_from);
    let drawn = slowest.len() as u64;
    let of_part: Counts = match part.group {
        Some(group) => receipts::of_group(db, &row, group, now).await?.into_iter().collect(),
        None => counts,
    };
    let more = of_part.all().saturating_sub(drawn);
    let view = Watch {
        frame: &frame,
        id: row.id.to_string(),
        address: format!("{}{}", house.base_url(), path(row.id)),
        text: row.document.plain_text(),
        level: row.level,
        standing,
        whom: whom(&frame, &row.audience),
        by: author(&house, &visitor, &scope, &frame, &row).await?,
        sent: frame.clock.stamp_to_second(row.accepted_at),
        from: frame.stamp(row.valid_from),
        until: frame.stamp(row.valid_until),
        withdrawn: row.withdrawn_at.map(|at| frame.stamp(at)),
        deadline: frame.clock.stamp_to_second(row.receipt_deadline),
        counts,
        course: Course {
            targeted: counts.all(),
            spans,
            elapsed: now.since(started),
            deadline: row.receipt_deadline.since(started),
        },
        named: frozen.then_some(behind),
        laggards: laggards.into_iter().map(|lag| told(&frame, lag, &known)).collect(),
        behind,
        all_laggards: (behind > limit).then(|| format!("{}?laggards=all", path(row.id))),
        within_reach: counts.sent + counts.held,
        groups: part.groups(&house, &scope, &frame, &path(row.id), counts.all()).await?,
        tiles: tiles(&house, &frame, &row, standing, &slowest, &known).await?,
        others: (more > 0 && part.limit < MANY).then(|| (more.min(MANY - drawn), part.more(&path(row.id)))),
        mosaic: (of_part.all() > MANY).then(|| Mosaic::of(of_part)),
    };
    visitor.page(&view)
}

/// Those that were named at the deadline. Who refused can be helped at once.
fn named(mut laggards: Vec<Laggard>) -> Vec<Laggard> {
    laggards.sort_by_key(|lag| lag.state != State::Refused);
    laggards
}

/// Those of the slowest that have not lit it and still could, or could not in its time.
fn dark(slowest: &[Receipt]) -> Vec<Laggard> {
    let dark = slowest.iter().filter(|receipt| receipt.state < State::Superseded);
    dark.cloned().map(Laggard::from).collect()
}

/// How many have not lit it and still could, or could not in its time.
const fn behind(progress: &progress::Progress, standing: Standing) -> u64 {
    let dark = progress.pending + progress.sent + progress.held + progress.refused;
    if standing.is_live() { dark } else { dark + progress.expired }
}

fn whom(frame: &Frame, audience: &Audience) -> String {
    let Audience::Some { groups, badges, tags } = audience else {
        return frame.say("watch-all-badges").to_string();
    };
    let parts = [(groups.len(), "watch-groups"), (tags.len(), "watch-tags"), (badges.len(), "watch-badges")];
    let parts = parts.into_iter().filter(|(count, _)| *count > 0);
    let words: Vec<String> =
        parts.map(|(count, key)| frame.say(key).with("count", count).to_string()).collect();
    words.join(" + ")
}

async fn author(
    house: &House,
    visitor: &Visitor,
    scope: &Scope,
    frame: &Frame,
    row: &Announcement,
) -> Result<Option<String>, Problem> {
    let Some(author) = row.author else { return Ok(None) };
    if author == visitor.person.id {
        return Ok(Some(frame.say("watch-you").to_string()));
    }
    Ok(Some(people::find(house.database.read(), scope, author).await?.name))
}

/// A laggard with its reason in words and what helps.
fn told(frame: &Frame, lag: Laggard, known: &HashMap<BadgeId, Badge>) -> Lag {
    let badge = known.get(&lag.badge_id);
    let telemetry = badge.and_then(|badge| badge.telemetry.as_ref());
    let mut said = None;
    let (key, action) = match (lag.state, lag.reason.as_str()) {
        (State::Pending, _) => ("watch-off-since", Action::Look),
        (State::Refused, reason) => {
            said = (reason != State::Refused.name()).then(|| reason.to_owned());
            ("watch-refused", Action::Shorten)
        }
        (_, "crc_mismatch") => ("watch-mismatch", Action::Again),
        (State::Held, _) => ("watch-not-lit", Action::Identify),
        (State::Sent, _) => ("watch-no-answer", Action::Again),
        _ => ("watch-expired", Action::Look),
    };
    let mut reason = match (key, badge.and_then(|badge| badge.last_seen_at)) {
        ("watch-off-since", Some(at)) => frame.say(key).with("time", frame.stamp(at).text()).to_string(),
        ("watch-off-since", None) => frame.say("watch-off-never").to_string(),
        _ => frame.say(key).to_string(),
    };
    if let Some(battery) = telemetry.and_then(|telemetry| telemetry.battery).filter(|battery| *battery < 20.0)
    {
        reason.push(' ');
        reason.push_str(&frame.say("watch-battery").with("percent", format!("{battery:.0}")).to_string());
    }
    if let Some(rssi) = telemetry.and_then(|telemetry| telemetry.rssi).filter(|rssi| *rssi < WEAK)
        && lag.state == State::Sent
    {
        reason.push(' ');
        reason.push_str(&frame.say("watch-weak").with("dbm", format!("{rssi:.0}")).to_string());
    }
    Lag {
        badge: lag.badge_id.to_string(),
        code: lag.code,
        name: lag.name,
        state: lag.state,
        reason,
        said,
        action,
    }
}

/// The wall of those targeted: who shows it has its picture, the others what they say themselves.
async fn tiles(
    house: &House,
    frame: &Frame,
    row: &Announcement,
    standing: Standing,
    receipts: &[Receipt],
    known: &HashMap<BadgeId, Badge>,
) -> Result<Vec<Tile>, Problem> {
    let ids: Vec<BadgeId> = receipts.iter().map(|receipt| receipt.badge).collect();
    let own = layers::own_of(house.database.read(), &ids).await?;
    let own: HashMap<BadgeId, layers::Own> =
        own.into_iter().filter_map(|holder| Some((holder.member.badge, holder.own?))).collect();
    let mut drawn: HashMap<Panel, Led> = HashMap::new();
    let started = row.accepted_at.max(row.valid_from);
    let tile = |receipt: &Receipt| {
        let badge = known.get(&receipt.badge);
        let panel = badge.map_or_else(Panel::default, |badge| badge.panel);
        let lit = matches!(receipt.state, State::Shown | State::Written) && standing == Standing::Active;
        let led = match own.get(&receipt.badge) {
            _ if lit => {
                drawn.entry(panel).or_insert_with(|| Led::of(&row.document, panel, Size::Tile)).clone()
            }
            Some(own) => Led::of(&own.document, panel, Size::Tile),
            None => Led::dark(panel, "", Size::Tile),
        };
        let online = badge.is_some_and(|badge| badge.online);
        let state = parts::State(receipt.state);
        let words = match receipt.shown_at.filter(|_| receipt.state == State::Shown) {
            Some(at) => {
                let ms = u64::try_from(at.since(started).as_millis()).unwrap_or(u64::MAX);
                frame.say("watch-shown-after").with("seconds", frame.seconds(ms)).to_string()
            }
            None => frame.say(state.key()).to_string(),
        };
        Tile {
            href: format!("/badges/{}", receipt.code),
            led: led.off(!online),
            name: receipt.name.clone(),
            mood: match receipt.state {
                State::Refused => Mood::Bad,
                State::Pending => Mood::Dim,
                _ => Mood::Plain,
            },
            icon: state.icon(),
            class: state.class(),
            words,
        }
    };
    Ok(receipts.iter().map(tile).collect())
}

/// Takes it back: badges show what lies beneath.
pub async fn withdraw(
    house: Data<House>,
    at: At<AnnouncementId>,
    press: Press<Visitor>,
) -> Result<HttpResponse, Problem> {
    let scope = press.who.caller.may(Right::Announce)?;
    house
        .database
        .change(&scope, async |tx: &Tx| {
            Ok::<_, Problem>(announcements::withdraw(tx, &scope, at.0, house.now()).await?)
        })
        .await?;
    see_other_saying(&house, &path(at.0), &Notice::of("said-withdrawn"))
}

/// Sends it again, to one badge or to all that are connected and do not show it: they say what they hold, and get
/// what is missing.
pub async fn again(
    house: Data<House>,
    at: At<AnnouncementId>,
    press: Press<Visitor>,
) -> Result<HttpResponse, Problem> {
    let scope = press.who.caller.may(Right::ManageBadges)?;
    let (db, now) = (house.database.read(), house.now());
    let badges: Vec<BadgeId> = match press.fields.get("badge") {
        Some(badge) => vec![one(&house, &scope, badge).await?.id],
        None => {
            let row = announcements::find(db, &scope, at.0).await?;
            let laggards = receipts::laggards(db, &row, now, ALL_LAGGARDS).await?;
            let reached = laggards.iter().filter(|lag| matches!(lag.state, State::Sent | State::Held));
            reached.map(|lag| lag.badge).collect()
        }
    };
    order(&house, &scope, &badges, Order::Resync).await?;
    see_other_saying(&house, &path(at.0), &Notice::of("said-sent-again"))
}

/// Lets one badge blink, so that somebody finds it.
pub async fn identify(
    house: Data<House>,
    at: At<AnnouncementId>,
    press: Press<Visitor>,
) -> Result<HttpResponse, Problem> {
    let scope = press.who.caller.may(Right::ManageBadges)?;
    let badge = one(&house, &scope, press.fields.get("badge").unwrap_or_default()).await?;
    order(&house, &scope, &[badge.id], Order::Identify).await?;
    see_other_saying(&house, &path(at.0), &Notice::of("said-identify").about(badge.name))
}

async fn one(house: &House, scope: &Scope, id: &str) -> Result<Badge, Problem> {
    let id: BadgeId = id.parse().map_err(|_| Problem::not_found())?;
    Ok(badges::find(house.database.read(), scope, id, house.now()).await?)
}

async fn order(house: &House, scope: &Scope, badges: &[BadgeId], order: Order) -> Result<(), Problem> {
    house
        .database
        .change(scope, async |tx: &Tx| {
            for badge in badges {
                badges::command(tx, scope, *badge, order, house.now()).await?;
            }
            Ok::<_, Problem>(())
        })
        .await
}
