//! Badges that poll instead of holding a connection: the layers they should hold, and their acknowledgements.

use actix_web::{HttpResponse, http::header, web::Data};
use badgecast_domain::{
    id::LayerId,
    layer::Kind,
    object,
    receipt::State,
    time::Moment,
    wire::{Ack, Crc, Layer, Outcome},
};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use utoipa::ToSchema;

use super::{
    body::{Body, IfNoneMatch},
    entity,
};
use crate::{
    House,
    auth::Caller,
    delivery::layers,
    problem::Problem,
    tables::{Tx, badges, receipts},
};

/// How long a badge that polls should wait, in seconds.
const POLL_S: u64 = 30;
/// How many acknowledgements one request may bring.
const MAX_ACKS: usize = 64;

/// The layers a badge should hold.
#[derive(Debug, Serialize, ToSchema)]
pub struct Layers {
    #[schema(value_type = String, format = DateTime)]
    now: Moment,
    /// As `v1/me/show` would say them.
    #[schema(value_type = Vec<Object>)]
    layers: Vec<Layer>,
}

/// What a badge did with its layers.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Acks {
    /// As on `v1/me/ack`.
    #[schema(value_type = Vec<Object>)]
    #[serde(deserialize_with = "object::list")]
    acks: Vec<AckForm>,
}

/// One acknowledgement. Over HTTP unknown fields are refused.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct AckForm {
    id: LayerId,
    revision: u64,
    outcome: Outcome,
    crc: Option<Crc>,
    reason: Option<String>,
    at: Option<Moment>,
}

impl From<AckForm> for Ack {
    fn from(form: AckForm) -> Self {
        let AckForm { id, revision, outcome, crc, reason, at } = form;
        Self { id, revision, outcome, crc, reason, at }
    }
}

#[utoipa::path(get, path = "/api/v1/me/show", tag = "polling", summary = "The layers the asking badge should hold",
    responses((status = 200, body = Layers), (status = 304, description = "Nothing changed")))]
pub async fn show(
    house: Data<House>,
    caller: Caller,
    if_none_match: IfNoneMatch,
) -> Result<HttpResponse, Problem> {
    let (scope, badge) = caller.may_connect()?;
    let now = house.now();
    let layers = layers::of_badge(&house, badge, now).await?;
    let tag = entity::tag(version(&layers));
    let known = if_none_match.has(&tag);
    let fetched =
        layers.iter().filter(|layer| !known && layer.kind == Kind::Announcement).map(|layer| receipts::Ack {
            announcement: layer.id.announcement(),
            badge,
            organization: scope.organization(),
            revision: layer.revision,
            state: State::Sent,
            crc: None,
            reason: None,
            at: now,
        });
    let fetched: Vec<receipts::Ack> = fetched.collect();
    house
        .database
        .write(async |tx: &Tx| {
            badges::seen(tx, scope.organization(), badge, now).await?;
            receipts::store(tx, &fetched).await
        })
        .await?;
    let mut response =
        if known { entity::not_modified(tag) } else { entity::answer(tag, &Layers { now, layers }) };
    let wait = header::HeaderValue::from(POLL_S);
    response.headers_mut().insert(header::RETRY_AFTER, wait);
    Ok(response)
}

/// The same layers in the same revisions have the same tag, whenever they are asked for.
fn version(layers: &[Layer]) -> String {
    let mut hasher = Sha256::new();
    for layer in layers {
        hasher.update(layer.id.uuid().as_bytes());
        hasher.update(layer.revision.to_be_bytes());
        hasher.update(layer.crc.0.to_be_bytes());
    }
    hasher.finalize()[..8].iter().map(|byte| format!("{byte:02x}")).collect()
}

#[utoipa::path(post, path = "/api/v1/me/acks", tag = "polling", summary = "What the asking badge did with its layers",
    request_body = Acks, responses((status = 204, description = "Stored")))]
pub async fn acks(house: Data<House>, caller: Caller, body: Body<Acks>) -> Result<HttpResponse, Problem> {
    let (scope, badge) = caller.may_connect()?;
    let acks = body.value.acks;
    if acks.len() > MAX_ACKS {
        return Err(Problem::invalid_field("/acks", format!("has at most {MAX_ACKS} acknowledgements")));
    }
    for ack in acks {
        let stored = house.receipts.acknowledged(scope.organization(), badge, ack.into(), house.now()).await;
        stored.map_err(|_| Problem::unavailable("The acknowledgements could not be stored"))?;
    }
    Ok(HttpResponse::NoContent().finish())
}
