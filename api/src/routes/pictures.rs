//! What a badge shows, for people and for hardware: pictures, the reason why, the bytes of an upload. And what a
//! display would look like, before anyone saves it.

use actix_web::{
    HttpResponse,
    http::header::{self, ContentType},
    web::{self, Data},
};
use badgecast_domain::{
    display::{
        DEFAULT_MAX_BYTES, Document, DocumentForm, Effect, Finding, Limits, MessageForm, Panel, Player,
        Timing, findings, is_refused,
        picture::{Scale, gif, png},
        pictures,
        wang::{Profile, Program, content_hash, date_bytes},
    },
    id::{BadgeId, LayerId},
    layer::{Kind, Level, Place, why},
    time::Moment,
    wire::{Crc, Picture},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    body::{At, Body, IfNoneMatch, Query},
    entity,
};
use crate::{House, auth::Caller, delivery::playing::Playing, problem::Problem};

/// How large a picture is.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Size {
    /// Pixels from one LED to the next.
    #[serde(alias = "size")]
    scale: Option<u32>,
}

impl Size {
    /// The nearest there is.
    fn scale(&self) -> Scale {
        self.scale.map_or_else(Scale::default, Scale::new)
    }
}

#[utoipa::path(get, path = "/api/v1/badges/{id}/preview.gif", tag = "displays", summary = "What a badge shows, moving",
    params(("scale" = Option<u32>, Query, description = "Pixels from one LED to the next, 1 to 16; 4 when left out")),
    responses((status = 200, description = "An animated GIF of one cycle", content_type = "image/gif"),
        (status = 304, description = "If-None-Match names what is shown"), (status = 404, description = "No such badge, or not yours")))]
pub async fn moving(
    house: Data<House>,
    caller: Caller,
    at: At<BadgeId>,
    size: Query<Size>,
    if_none_match: IfNoneMatch,
) -> Result<HttpResponse, Problem> {
    let scale = size.0.scale();
    picture(&house, &caller, at.0, (scale, "image/gif"), &if_none_match, move |player, _| gif(player, scale))
        .await
}

#[utoipa::path(get, path = "/api/v1/badges/{id}/preview.png", tag = "displays", summary = "What a badge shows, still",
    description = "The frame of the first message that lights most. The words are in the file, as Description.",
    params(("scale" = Option<u32>, Query, description = "Pixels from one LED to the next, 1 to 16; 4 when left out")),
    responses((status = 200, description = "A PNG", content_type = "image/png"),
        (status = 304, description = "If-None-Match names what is shown"), (status = 404, description = "No such badge, or not yours")))]
pub async fn still(
    house: Data<House>,
    caller: Caller,
    at: At<BadgeId>,
    size: Query<Size>,
    if_none_match: IfNoneMatch,
) -> Result<HttpResponse, Problem> {
    let scale = size.0.scale();
    let draw = move |player: &Player, words: &str| png(&player.still(), player.panel(), scale, words);
    picture(&house, &caller, at.0, (scale, "image/png"), &if_none_match, draw).await
}

async fn picture(
    house: &House,
    caller: &Caller,
    badge: BadgeId,
    (scale, media_type): (Scale, &'static str),
    if_none_match: &IfNoneMatch,
    draw: impl FnOnce(&Player, &str) -> Vec<u8> + Send + 'static,
) -> Result<HttpResponse, Problem> {
    let scope = caller.may_read_display()?;
    let playing = Playing::of(house, &scope, badge, house.now()).await?;
    let tag = entity::tag(format_args!("{}-{}", playing.version(), scale.size(playing.panel()).0));
    if if_none_match.has(&tag) {
        return Ok(entity::not_modified(tag));
    }
    let (player, words) = (playing.player(), playing.words());
    let bytes = web::block(move || draw(&player, &words)).await.map_err(Problem::internal)?;
    Ok(HttpResponse::Ok()
        .content_type(media_type)
        .insert_header((header::ETAG, tag))
        .insert_header((header::CACHE_CONTROL, "private, no-cache"))
        .body(bytes))
}

#[utoipa::path(get, path = "/api/v1/badges/{id}/program.bin", tag = "displays", summary = "What a badge shows, as the bytes of an upload",
    description = "For gateways and for people with a cable; see docs/hardware.md. The ETag names the content without its time stamp: an unchanged program need not be written again.",
    responses((status = 200, description = "The upload", content_type = "application/octet-stream"),
        (status = 304, description = "If-None-Match names this content"), (status = 404, description = "No such badge, or not yours"),
        (status = 409, description = "The badge does not take as much")))]
pub async fn program(
    house: Data<House>,
    caller: Caller,
    at: At<BadgeId>,
    if_none_match: IfNoneMatch,
) -> Result<HttpResponse, Problem> {
    let scope = caller.may_read_display()?;
    let now = house.now();
    let playing = Playing::of(&house, &scope, at.0, now).await?;
    let model = playing.badge.model.as_deref().unwrap_or_default();
    let known = Profile::of_model(model);
    let profile = Profile { max_bytes: playing.badge.max_bytes.unwrap_or(known.max_bytes), ..known };
    let program = Program { brightness: playing.brightness(), slots: playing.slots(), date: date_bytes(now) };
    let upload =
        program.encode(playing.panel(), &profile).map_err(|error| Problem::conflict(error.to_string()))?;
    let tag = entity::tag(content_hash(&upload));
    if if_none_match.has(&tag) {
        return Ok(entity::not_modified(tag));
    }
    Ok(HttpResponse::Ok()
        .insert_header(ContentType::octet_stream())
        .insert_header((header::ETAG, tag))
        .insert_header((header::CONTENT_DISPOSITION, "attachment; filename=\"program.bin\""))
        .body(upload))
}

/// What a badge shows now, and why.
#[derive(Debug, Serialize, ToSchema)]
pub struct Showing {
    #[schema(value_type = String, format = DateTime)]
    now: Moment,
    /// The words that play, in turn.
    text: String,
    /// When this may change by itself: a layer begins or ends.
    #[schema(value_type = Option<String>, format = DateTime)]
    changes_at: Option<Moment>,
    /// The messages in their turn.
    messages: Vec<InTurn>,
    /// Every layer meant for this badge.
    layers: Vec<ShowingLayer>,
}

/// One message that plays.
#[derive(Debug, Serialize, ToSchema)]
struct InTurn {
    /// Of its layer.
    #[schema(value_type = String, format = Uuid)]
    id: LayerId,
    text: String,
    #[schema(value_type = String)]
    effect: Effect,
}

/// A layer, and why it is shown or not.
#[derive(Debug, Serialize, ToSchema)]
struct ShowingLayer {
    #[schema(value_type = String, format = Uuid)]
    id: LayerId,
    /// own or announcement
    #[schema(value_type = String)]
    layer: Kind,
    revision: u64,
    /// normal, urgent or emergency
    #[schema(value_type = String)]
    level: Level,
    #[schema(value_type = Option<String>, format = DateTime)]
    from: Option<Moment>,
    #[schema(value_type = Option<String>, format = DateTime)]
    until: Option<Moment>,
    text: String,
    /// shown, not_yet, over, hidden_by_emergency or cut_off
    #[schema(value_type = String)]
    place: Place,
    /// The same in words.
    why: &'static str,
}

#[utoipa::path(get, path = "/api/v1/badges/{id}/showing", tag = "displays", summary = "What a badge shows now, and why",
    responses((status = 200, body = Showing), (status = 404, description = "No such badge, or not yours")))]
pub async fn showing(house: Data<House>, caller: Caller, at: At<BadgeId>) -> Result<HttpResponse, Problem> {
    let scope = caller.may_read_display()?;
    let now = house.now();
    let playing = Playing::of(&house, &scope, at.0, now).await?;
    let in_turn = playing.turns.iter().map(|turn| {
        let held = &playing.held[turn.layer];
        let text = held.document.messages[turn.message].plain_text();
        InTurn { id: held.layer.id, text, effect: held.layer.messages[turn.message].effect }
    });
    let layers = playing.held.iter().zip(playing.places()).map(|(held, (standing, place))| ShowingLayer {
        id: standing.id,
        layer: standing.kind,
        revision: held.layer.revision,
        level: standing.level,
        from: held.layer.from,
        until: held.layer.until,
        text: held.document.plain_text(),
        place,
        why: why(&standing, place),
    });
    let (messages, layers) = (in_turn.collect(), layers.collect());
    let (text, changes_at) = (playing.words(), playing.changes_at());
    Ok(HttpResponse::Ok().json(Showing { now, text, changes_at, messages, layers }))
}

/// A display to look at: as it is put, and for which panel.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PreviewForm {
    text: Option<String>,
    brightness: Option<u8>,
    messages: Option<Vec<MessageForm>>,
    #[serde(default)]
    allow_flashing: bool,
    panel: Option<Panel>,
}

/// How a display would look.
#[derive(Debug, Serialize, ToSchema)]
pub struct Preview {
    /// Whether saving it would be refused.
    refused: bool,
    #[schema(value_type = Vec<Object>)]
    findings: Vec<Finding>,
    /// The words and how they move, for people who cannot see the pictures.
    text: String,
    /// Milliseconds until all of it was shown once.
    cycle_ms: u64,
    /// As badges get them: strip (base64), columns, effect (`auto` resolved), speed, blink, border.
    #[schema(value_type = Vec<Object>)]
    messages: Vec<Picture>,
    #[schema(value_type = String)]
    crc: Crc,
    /// A data URI (RFC 2397).
    gif: String,
    /// A data URI.
    png: String,
}

#[utoipa::path(post, path = "/api/v1/preview", tag = "displays", summary = "How a display would look, without saving it",
    request_body(content = Object, description = "{\"text\"} or {\"brightness\",\"messages\"}; and \"panel\": 11x44 (when left out), 12x48 or 11x55"),
    params(("scale" = Option<u32>, Query, description = "Pixels from one LED to the next, 1 to 16; 4 when left out")),
    responses((status = 200, body = Preview), (status = 422, description = "Not a display", body = crate::problem::Document)))]
pub async fn preview(
    caller: Caller,
    size: Query<Size>,
    body: Body<PreviewForm>,
) -> Result<HttpResponse, Problem> {
    caller.may_read_display()?;
    let PreviewForm { text, brightness, messages, allow_flashing, panel } = body.value;
    let short = text.is_some();
    let form = DocumentForm { text, brightness, messages, allow_flashing };
    let document = Document::parse(form).map_err(|faults| Problem::faulty_display("", faults))?;
    let (panel, scale) = (panel.unwrap_or_default(), size.0.scale());
    let drawn = web::block(move || drawn(&document, panel, scale)).await;
    let mut preview = drawn.map_err(Problem::internal)?;
    if short {
        preview.findings = preview.findings.into_iter().map(Finding::of_short_form).collect();
    }
    Ok(HttpResponse::Ok().json(preview))
}

fn drawn(document: &Document, panel: Panel, scale: Scale) -> Preview {
    let findings = findings(document, panel, Limits { max_bytes: DEFAULT_MAX_BYTES, valid_ms: None });
    let (messages, crc) = pictures(document, panel);
    let player = Player::from_pictures(&messages, panel, Timing::Open)
        .unwrap_or_else(|| Player::new(Vec::new(), panel, Timing::Open));
    let text = document.alt_text();
    let png = png(&player.still(), panel, scale, &text);
    Preview {
        refused: is_refused(&findings),
        findings,
        cycle_ms: player.cycle_ms(),
        messages,
        crc,
        gif: data_uri("image/gif", &gif(&player, scale)),
        png: data_uri("image/png", &png),
        text,
    }
}

fn data_uri(media_type: &str, bytes: &[u8]) -> String {
    format!("data:{media_type};base64,{}", STANDARD.encode(bytes))
}
