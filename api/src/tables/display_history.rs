//! What a badge said before, by its own layer: the newest revisions, the present one among them.

use badgecast_domain::{
    display::Document,
    id::{BadgeId, UserId},
    time::Moment,
};
use sea_orm::ConnectionTrait;

use super::{
    Error, Tx,
    sql::{Columns as _, document, sql, to_json},
};
use crate::auth::Scope;

/// How many revisions of a badge are kept.
const KEPT: u64 = 40;

/// Keeps a display that was just put; the oldest is forgotten.
pub(super) async fn note(
    tx: &Tx,
    scope: &Scope,
    badge: BadgeId,
    (revision, document): (u64, &Document),
    now: Moment,
) -> Result<(), Error> {
    sql("INSERT INTO display_history (badge_id, organization_id, revision, document, put_by, put_at)
        VALUES (?, ?, ?, ?, ?, ?)")
    .bind(badge)
    .bind(scope.organization())
    .bind(revision)
    .bind(to_json(&document.form())?)
    .bind(scope.actor().uuid())
    .bind(now)
    .run(tx)
    .await?;
    sql("DELETE FROM display_history WHERE badge_id = ? AND revision <= ?")
        .bind(badge)
        .bind(revision.saturating_sub(KEPT))
        .run(tx)
        .await
        .map(drop)
}

/// The display before this revision, with its own.
///
/// # Errors
/// Those of the database.
pub async fn before(
    db: &impl ConnectionTrait,
    scope: &Scope,
    badge: BadgeId,
    revision: u64,
) -> Result<Option<(u64, Document)>, Error> {
    let query = sql("SELECT revision, document FROM display_history
        WHERE organization_id = ? AND badge_id = ? AND revision < ? ORDER BY revision DESC LIMIT 1");
    let row = query.bind(scope.organization()).bind(badge).bind(revision).maybe(db).await?;
    row.map(|row| Ok((row.count("revision")?, document(&row)?))).transpose()
}

/// What a person has put on a badge, each once, the latest first.
///
/// # Errors
/// Those of the database.
pub async fn put_by(
    db: &impl ConnectionTrait,
    scope: &Scope,
    badge: BadgeId,
    person: UserId,
) -> Result<Vec<Document>, Error> {
    let rows = sql("SELECT document FROM display_history
        WHERE organization_id = ? AND badge_id = ? AND put_by = ? ORDER BY revision DESC")
    .bind(scope.organization())
    .bind(badge)
    .bind(person)
    .all(db)
    .await?;
    let mut used: Vec<Document> = Vec::new();
    for row in rows {
        let document = document(&row)?;
        if !used.contains(&document) {
            used.push(document);
        }
    }
    Ok(used)
}
