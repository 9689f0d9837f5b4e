//! The own layer of a badge: what its owner, or a manager, wants it to say.

use actix_web::{HttpResponse, web::Data};
use badgecast_domain::{
    display::{DEFAULT_MAX_BYTES, Document, DocumentForm, Finding, Limits, Panel, Severity, findings},
    id::BadgeId,
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    body::{At, Body, IfMatch, IfNoneMatch},
    entity,
};
use crate::{
    House,
    auth::Caller,
    problem::{InputError, Problem},
    tables::{Tx, badges, displays},
};

/// A display with its revision.
#[derive(Debug, Serialize, ToSchema)]
pub struct Display {
    /// 0 when it was never set.
    pub revision: u64,
    /// `{"text"}` or `{"brightness","messages"}`; null when it was never set.
    #[schema(value_type = Option<Object>)]
    pub display: Option<DocumentForm>,
    /// What a person should know about how it looks: warnings, never errors.
    #[schema(value_type = Vec<Object>)]
    pub findings: Vec<Finding>,
}

impl From<displays::Display> for Display {
    fn from(row: displays::Display) -> Self {
        Self { revision: row.revision, display: Some(row.document.form()), findings: row.findings }
    }
}

impl Display {
    const fn never_set() -> Self {
        Self { revision: 0, display: None, findings: Vec::new() }
    }
}

/// Parses and judges a display for the panels it is meant for; what people could not read is refused.
///
/// # Errors
/// 422 with every fault and every finding that is an error, their pointers below `at`.
pub(super) fn judged(
    at: &str,
    form: DocumentForm,
    panels: &[Panel],
    limits: Limits,
) -> Result<(Document, Vec<Finding>), Problem> {
    let short = form.text.is_some();
    let document = Document::parse(form).map_err(|faults| Problem::faulty_display(at, faults))?;
    let mut found: Vec<Finding> = Vec::new();
    for finding in panels.iter().flat_map(|panel| findings(&document, *panel, limits)) {
        let finding = if short { finding.of_short_form() } else { finding };
        if !found.contains(&finding) {
            found.push(finding);
        }
    }
    let error = |finding: &Finding| {
        (finding.severity == Severity::Error)
            .then(|| InputError::new(format!("{at}{}", finding.pointer), finding.detail.clone()))
    };
    let errors: Vec<InputError> = found.iter().filter_map(error).collect();
    if errors.is_empty() { Ok((document, found)) } else { Err(Problem::invalid(errors)) }
}

#[utoipa::path(get, path = "/api/v1/badges/{id}/display", tag = "displays", summary = "Read a badge's own display",
    description = "For managers, auditors and the badge's owner. A display never set has revision 0.",
    responses((status = 200, body = Display), (status = 304, description = "If-None-Match names this revision"),
        (status = 404, description = "No such badge, or not yours")))]
pub async fn read(
    house: Data<House>,
    caller: Caller,
    at: At<BadgeId>,
    if_none_match: IfNoneMatch,
) -> Result<HttpResponse, Problem> {
    let scope = caller.may_read_display()?;
    let row = displays::find(house.database.read(), &scope, at.0).await?;
    let display = row.map_or_else(Display::never_set, Display::from);
    let tag = entity::tag(display.revision);
    if if_none_match.has(&tag) {
        return Ok(entity::not_modified(tag));
    }
    Ok(entity::answer(tag, &display))
}

#[utoipa::path(put, path = "/api/v1/badges/{id}/display", tag = "displays", summary = "Change a badge's own display",
    description = "For managers and the badge's owner. Send the ETag you read as If-Match to keep from overwriting a change you have not seen.",
    request_body(content = Object, description = "{\"text\"} or {\"brightness\",\"messages\"}"),
    responses((status = 200, body = Display), (status = 404, description = "No such badge, or not yours"),
        (status = 412, description = "Someone changed it meanwhile"),
        (status = 422, description = "Not a display, or not legible", body = crate::problem::Document)))]
pub async fn put(
    house: Data<House>,
    caller: Caller,
    at: At<BadgeId>,
    if_match: IfMatch,
    body: Body<DocumentForm>,
) -> Result<HttpResponse, Problem> {
    let scope = caller.may_change_display()?;
    let (panel, max_bytes) = badges::panel(house.database.read(), &scope, at.0).await?;
    let limits = Limits { max_bytes: max_bytes.unwrap_or(DEFAULT_MAX_BYTES), valid_ms: None };
    let (document, findings) = judged("", body.value, &[panel], limits)?;
    let new = displays::New::of(document, findings, panel);
    let row = house
        .database
        .change(&scope, async |tx: &Tx| {
            let current = displays::find(tx, &scope, at.0).await?.map_or(0, |display| display.revision);
            if_match.check(&entity::tag(current))?;
            Ok::<_, Problem>(displays::put(tx, &scope, at.0, &new, house.now()).await?)
        })
        .await?;
    Ok(entity::answer(entity::tag(row.revision), &Display::from(row)))
}
