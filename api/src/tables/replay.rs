//! Proofs that were seen and may not be shown again.

use badgecast_domain::time::Moment;
use sea_orm::ConnectionTrait;

use super::{Error, sql::sql};
use crate::auth::secret::hash;

/// Notes that `who` showed the proof `id`; false when it was shown before.
///
/// # Errors
/// Those of the database.
pub async fn first_time(
    db: &impl ConnectionTrait,
    who: &str,
    id: &str,
    expires_at: Moment,
) -> Result<bool, Error> {
    Ok(sql("INSERT INTO replay_ids (hash, expires_at) VALUES (?, ?) ON CONFLICT (hash) DO NOTHING")
        .bind(hash(&format!("{who}\n{id}")))
        .bind(expires_at)
        .run(db)
        .await?
        == 1)
}

/// Forgets proofs that would be refused for their age.
///
/// # Errors
/// Those of the database.
pub async fn delete_past(db: &impl ConnectionTrait, now: Moment) -> Result<(), Error> {
    sql("DELETE FROM replay_ids WHERE expires_at <= ?").bind(now).run(db).await.map(drop)
}
