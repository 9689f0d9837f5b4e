//! Badges: registering, naming, giving an owner, retiring, revoking, commanding.

use std::time::Duration;

use actix_web::{HttpResponse, web::Data};
use badgecast_domain::{
    access::Right,
    announcement::is_tag,
    display::Panel,
    id::{BadgeId, GroupId, UserId},
    time::Moment,
    wire::{Order, Telemetry},
};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::{
    body::{At, Body, IfMatch, List, Page, Query},
    creation::{self, Creation, Made},
    done::ended,
    entity,
};
use crate::{
    House,
    auth::{Caller, Scope, device_key::DeviceKey},
    claim_code::ClaimCode,
    problem::{InputError, Problem},
    tables::{Tx, badges, claims},
};

/// How long a claim code works.
const CLAIM_LIFE: Duration = Duration::from_secs(24 * 60 * 60);

/// One display device.
#[derive(Debug, Serialize, ToSchema)]
pub struct Badge {
    #[schema(value_type = uuid::Uuid)]
    pub id: BadgeId,
    /// What people call it: B-7K2M.
    pub code: String,
    pub name: String,
    #[schema(value_type = Option<uuid::Uuid>)]
    pub owner_id: Option<UserId>,
    /// The gateway that speaks for it.
    #[schema(value_type = Option<uuid::Uuid>)]
    pub gateway_id: Option<BadgeId>,
    pub model: Option<String>,
    #[schema(value_type = String, example = "11x44")]
    pub panel: Panel,
    pub firmware: Option<String>,
    pub claimed: bool,
    /// The key it proves itself with; null for a badge with a secret.
    pub key: Option<Key>,
    pub online: bool,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_seen: Option<Moment>,
    #[schema(value_type = Vec<uuid::Uuid>)]
    pub groups: Vec<GroupId>,
    pub tags: Vec<String>,
    /// The latest it said of itself: battery (percent), rssi (dBm), uptime_s, temperature (Celsius).
    #[schema(value_type = Option<Object>)]
    pub telemetry: Option<Telemetry>,
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Moment,
    #[schema(value_type = String, format = DateTime)]
    pub updated_at: Moment,
}

/// A badge's public key, by its names.
#[derive(Debug, Serialize, ToSchema)]
pub struct Key {
    /// The key itself, as a decentralized identifier.
    #[schema(example = "did:key:zDnaerDaTF5BXEavCrfRZEk316dpbLsfPDZ3WJ5hRTPFU2169")]
    pub did: String,
    /// RFC 7638, SHA-256 in base64url.
    pub thumbprint: String,
}

impl From<DeviceKey> for Key {
    fn from(key: DeviceKey) -> Self {
        Self { did: key.did().to_owned(), thumbprint: key.thumbprint().to_string() }
    }
}

impl From<badges::Badge> for Badge {
    fn from(row: badges::Badge) -> Self {
        Self {
            id: row.id,
            code: row.code.into(),
            name: row.name,
            owner_id: row.owner,
            gateway_id: row.gateway,
            model: row.model,
            panel: row.panel,
            firmware: row.firmware,
            claimed: row.claimed_at.is_some(),
            key: row.public_key.and_then(|key| DeviceKey::from_json(&key).ok()).map(Key::from),
            online: row.online,
            last_seen: row.last_seen_at,
            groups: row.groups,
            tags: row.tags,
            telemetry: row.telemetry,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

/// A badge that was just registered.
#[derive(Debug, Serialize, ToSchema)]
pub struct Registered {
    #[serde(flatten)]
    badge: Badge,
    #[serde(flatten)]
    claim: Claim,
}

/// A badge to register.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewBadge {
    /// Its code when left out.
    name: Option<String>,
    #[schema(value_type = Option<uuid::Uuid>)]
    owner_id: Option<UserId>,
    model: Option<String>,
    #[schema(value_type = Option<String>)]
    panel: Option<Panel>,
    #[serde(default)]
    tags: Vec<String>,
}

/// What to change of a badge; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BadgeChange {
    name: Option<String>,
    /// `null` takes the owner away.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<uuid::Uuid>)]
    owner_id: Option<Option<UserId>>,
    tags: Option<Vec<String>>,
}

/// Tells `null` from left out.
fn given<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

/// Which badges to list.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Filter {
    limit: Option<u64>,
    after: Option<String>,
    group: Option<GroupId>,
    tag: Option<String>,
    owner: Option<UserId>,
    gateway: Option<BadgeId>,
    online: Option<bool>,
    /// Part of the name, the code or the owner's name.
    q: Option<String>,
}

/// A one-time claim code.
#[derive(Debug, Serialize, ToSchema)]
pub struct Claim {
    pub claim_code: String,
    #[schema(value_type = String, format = DateTime)]
    pub claim_expires_at: Moment,
}

/// Something to do at once.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewCommand {
    /// identify, reboot, wipe or resync.
    #[schema(value_type = String)]
    command: Order,
}

#[utoipa::path(post, path = "/api/v1/badges", tag = "badges", summary = "Register a badge",
    description = "Answers a claim code, once: the badge claims itself with it within 24 hours.",
    request_body = NewBadge,
    responses((status = 201, description = "Registered", body = Registered), (status = 422, body = crate::problem::Document)))]
pub async fn register(
    house: Data<House>,
    caller: Caller,
    creation: Creation,
    body: Body<NewBadge>,
) -> Result<HttpResponse, Problem> {
    let scope = caller.may(Right::ManageBadges)?;
    let form = body.value;
    let name = form.name.map(|name| checked_name("/name", name)).transpose()?;
    let model = form.model.map(|model| checked_name("/model", model)).transpose()?;
    let tags = checked_tags(form.tags)?;
    let panel = form.panel.unwrap_or_default();
    creation::once(&house, &caller, &scope, creation, body.digest, async |tx: &Tx| {
        let new = badges::New {
            name: name.clone(),
            owner: form.owner_id,
            model: model.clone(),
            panel,
            tags: tags.clone(),
        };
        let row = badges::register(tx, &scope, new, house.now()).await?;
        let claim = issue_claim(tx, &house, &scope, row.id).await?;
        let location = format!("/api/v1/badges/{}", row.id);
        let answer = json!(Registered { badge: row.into(), claim });
        Ok(Made { secrets: &["claim_code"], ..Made::created(location, answer) })
    })
    .await
}

/// Gives a badge or gateway a claim code.
pub(super) async fn issue_claim(
    tx: &Tx,
    house: &House,
    scope: &Scope,
    device: BadgeId,
) -> Result<Claim, Problem> {
    let code = ClaimCode::random();
    let now = house.now();
    let expires_at = now.plus(CLAIM_LIFE);
    claims::issue(tx, scope, device, &code.hash(), expires_at, now).await?;
    Ok(Claim { claim_code: code.to_string(), claim_expires_at: expires_at })
}

/// A claim code that was made by itself, for the device at this address.
pub(super) async fn new_claim(
    tx: &Tx,
    house: &House,
    scope: &Scope,
    device: BadgeId,
    location: String,
) -> Result<Made, Problem> {
    let claim = issue_claim(tx, house, scope, device).await?;
    Ok(Made { secrets: &["claim_code"], ..Made::created(location, json!(claim)) })
}

#[utoipa::path(get, path = "/api/v1/badges", tag = "badges", summary = "List badges",
    params(("limit" = Option<u64>, Query, description = "1 to 200, 50 when left out"),
        ("after" = Option<String>, Query, description = "next of the page before"),
        ("group" = Option<uuid::Uuid>, Query), ("tag" = Option<String>, Query), ("owner" = Option<uuid::Uuid>, Query),
        ("gateway" = Option<uuid::Uuid>, Query), ("online" = Option<bool>, Query), ("q" = Option<String>, Query, description = "Part of the name, the code or the owner's name")),
    responses((status = 200, description = "A page: {items, next}", body = Badge)))]
pub async fn list(house: Data<House>, caller: Caller, query: Query<Filter>) -> Result<HttpResponse, Problem> {
    let scope = caller.may(Right::ReadFleet)?;
    let Filter { limit, after, group, tag, owner, gateway, online, q } = query.0;
    let page = Page::new(limit, after);
    let limit = page.limit()?;
    let filter =
        badges::Filter { after: page.after()?, group, tag, owner, gateway, online, claimed: None, q };
    let rows = badges::list(house.database.read(), &scope, &filter, limit + 1, house.now()).await?;
    Ok(HttpResponse::Ok().json(List::page(rows, limit, |row| row.id).map(Badge::from)))
}

#[utoipa::path(get, path = "/api/v1/badges/{id}", tag = "badges", summary = "Read a badge",
    responses((status = 200, body = Badge), (status = 404, body = crate::problem::Document)))]
pub async fn read(house: Data<House>, caller: Caller, at: At<BadgeId>) -> Result<HttpResponse, Problem> {
    let scope = caller.may(Right::ReadFleet)?;
    let row = badges::find(house.database.read(), &scope, at.0, house.now()).await?;
    Ok(entity::answer(entity::tag(row.updated_at.ms()), &Badge::from(row)))
}

#[utoipa::path(patch, path = "/api/v1/badges/{id}", tag = "badges", summary = "Rename a badge, give it an owner or tags",
    request_body = BadgeChange,
    responses((status = 200, body = Badge), (status = 409, description = "The person already owns a badge"),
        (status = 412, description = "If-Match names another version")))]
pub async fn change(
    house: Data<House>,
    caller: Caller,
    at: At<BadgeId>,
    if_match: IfMatch,
    body: Body<BadgeChange>,
) -> Result<HttpResponse, Problem> {
    let scope = caller.may(Right::ManageBadges)?;
    let BadgeChange { name, owner_id, tags } = body.value;
    let change = badges::Update {
        name: name.map(|name| checked_name("/name", name)).transpose()?,
        owner: owner_id,
        tags: tags.map(checked_tags).transpose()?,
    };
    let row = house
        .database
        .change(&scope, async |tx: &Tx| {
            let now = house.now();
            let current = badges::find(tx, &scope, at.0, now).await?;
            if_match.check(&entity::tag(current.updated_at.ms()))?;
            Ok::<_, Problem>(badges::update(tx, &scope, at.0, &change, now).await?)
        })
        .await?;
    Ok(entity::answer(entity::tag(row.updated_at.ms()), &Badge::from(row)))
}

#[utoipa::path(delete, path = "/api/v1/badges/{id}", tag = "badges", summary = "Retire a badge",
    description = "Its credentials and its connection end, and it is never listed again.",
    responses((status = 204, description = "Retired")))]
pub async fn retire(house: Data<House>, caller: Caller, at: At<BadgeId>) -> Result<HttpResponse, Problem> {
    let scope = caller.may(Right::ManageBadges)?;
    let retire = async |tx: &Tx| badges::retire(tx, &scope, at.0, house.now()).await;
    ended(&house, &scope, at.0, retire).await
}

#[utoipa::path(post, path = "/api/v1/badges/{id}/revoke", tag = "badges",
    summary = "End a badge's credentials and its connection",
    description = "It comes back with a new claim code. One that hangs on a gateway is taken off.",
    responses((status = 204, description = "Revoked")))]
pub async fn revoke(house: Data<House>, caller: Caller, at: At<BadgeId>) -> Result<HttpResponse, Problem> {
    let scope = caller.may(Right::ManageBadges)?;
    let revoke = async |tx: &Tx| badges::revoke(tx, &scope, at.0, house.now()).await;
    ended(&house, &scope, at.0, revoke).await
}

#[utoipa::path(post, path = "/api/v1/badges/{id}/claim-code", tag = "badges", summary = "A new claim code",
    description = "Ends the one before. Also after a revoke.",
    responses((status = 201, body = Claim), (status = 409, description = "A gateway speaks for it")))]
pub async fn claim_code(
    house: Data<House>,
    caller: Caller,
    at: At<BadgeId>,
    creation: Creation,
) -> Result<HttpResponse, Problem> {
    let scope = caller.may(Right::ManageBadges)?;
    creation::once(&house, &caller, &scope, creation, [0; 32], async |tx: &Tx| {
        let row = badges::find(tx, &scope, at.0, house.now()).await?;
        new_claim(tx, &house, &scope, row.id, format!("/api/v1/badges/{}", row.id)).await
    })
    .await
}

#[utoipa::path(post, path = "/api/v1/badges/{id}/command", tag = "badges", summary = "Tell a connected badge to do something",
    request_body = NewCommand,
    responses((status = 202, description = "On its way: {id, command}"),
        (status = 409, description = "The badge is not connected")))]
pub async fn command(
    house: Data<House>,
    caller: Caller,
    at: At<BadgeId>,
    body: Body<NewCommand>,
) -> Result<HttpResponse, Problem> {
    let scope = caller.may(Right::ManageBadges)?;
    let order = body.value.command;
    house
        .database
        .change(&scope, async |tx: &Tx| {
            let badge = badges::find(tx, &scope, at.0, house.now()).await?;
            if !badge.online {
                return Err(Problem::conflict(
                    "The badge is not connected, so it cannot be told anything now",
                ));
            }
            badges::command(tx, &scope, at.0, order, house.now()).await?;
            Ok(())
        })
        .await?;
    Ok(HttpResponse::Accepted().json(json!({ "badge_id": at.0, "command": order })))
}

/// Names of things and people: 1 to 200 characters, none of them control characters, no space around.
pub(crate) fn checked_name(pointer: &str, name: String) -> Result<String, Problem> {
    let fits = (1..=200).contains(&name.chars().count());
    if fits && !name.chars().any(char::is_control) && name.trim() == name {
        Ok(name)
    } else {
        Err(Problem::invalid_field(
            pointer,
            "has 1 to 200 characters, no control characters and no space around",
        ))
    }
}

pub(super) fn checked_tags(mut tags: Vec<String>) -> Result<Vec<String>, Problem> {
    let bad = |(i, tag): (usize, &String)| {
        let error = InputError::new(format!("/tags/{i}"), "has 1 to 64 characters and no control characters");
        (!is_tag(tag)).then_some(error)
    };
    let errors: Vec<InputError> = tags.iter().enumerate().filter_map(bad).collect();
    if !errors.is_empty() {
        return Err(Problem::invalid(errors));
    }
    if tags.len() > 32 {
        return Err(Problem::invalid_field("/tags", "has at most 32 tags"));
    }
    tags.sort_unstable();
    tags.dedup();
    Ok(tags)
}
