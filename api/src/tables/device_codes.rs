//! Device codes (RFC 8628): who waits, and what a person decided.

use badgecast_domain::{
    access::Scopes,
    id::{BadgeId, FamilyId, OrganizationId, UserId},
    time::Moment,
};
use sea_orm::{ConnectionTrait, QueryResult};

use super::{
    Error, Tx,
    sql::{Columns as _, sql},
};
use crate::auth::secret::Hash;

/// A device that waits for a person.
#[derive(Debug, Clone)]
pub struct Waiting {
    pub hash: Hash,
    pub client_id: String,
    pub scope: Scopes,
    /// What the device said of itself, in JSON; shown to the person who is asked.
    pub device: String,
    /// A JWK, in JSON, if the badge brought a key.
    pub public_key: Option<String>,
    /// From where it asked.
    pub network: String,
    pub interval_s: i64,
    pub created_at: Moment,
    pub expires_at: Moment,
    pub last_poll_at: Option<Moment>,
    /// Wrong user codes typed for it; after five it is dead.
    pub attempts: i64,
    pub organization: Option<OrganizationId>,
    pub approved_by: Option<UserId>,
    pub denied_at: Option<Moment>,
    pub badge: Option<BadgeId>,
    pub used_at: Option<Moment>,
}

fn read(row: &QueryResult) -> Result<Waiting, Error> {
    let hash: Vec<u8> = row.get("hash")?;
    Ok(Waiting {
        hash: hash.try_into().map_err(|_| Error::Corrupt("hash is not 32 bytes".to_owned()))?,
        client_id: row.get("client_id")?,
        scope: row.word("scope", |scope| scope.parse().ok())?,
        device: row.get("device")?,
        public_key: row.get("public_key")?,
        network: row.get("network")?,
        interval_s: row.get("interval_s")?,
        created_at: row.moment("created_at")?,
        expires_at: row.moment("expires_at")?,
        last_poll_at: row.maybe_moment("last_poll_at")?,
        attempts: row.get("attempts")?,
        organization: row.maybe_id("organization_id")?,
        approved_by: row.maybe_id("approved_by")?,
        denied_at: row.maybe_moment("denied_at")?,
        badge: row.maybe_id("badge_id")?,
        used_at: row.maybe_moment("used_at")?,
    })
}

/// # Errors
/// The user code is taken: draw another.
pub async fn insert(tx: &Tx, waiting: &Waiting, user_code: &Hash) -> Result<(), Error> {
    sql("INSERT INTO device_codes (hash, user_code_hash, client_id, scope, device, public_key, network, interval_s,
             created_at, expires_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
    .bind(waiting.hash)
    .bind(*user_code)
    .bind(waiting.client_id.clone())
    .bind(waiting.scope.to_string())
    .bind(waiting.device.clone())
    .bind(waiting.public_key.clone())
    .bind(waiting.network.clone())
    .bind(waiting.interval_s)
    .bind(waiting.created_at)
    .bind(waiting.expires_at)
    .run(tx)
    .await
    .map_err(Error::taken("The user code is taken"))
    .map(drop)
}

/// How many devices of one network wait right now.
///
/// # Errors
/// Those of the database.
pub async fn waiting_from(db: &impl ConnectionTrait, network: &str, now: Moment) -> Result<u64, Error> {
    let query = sql("SELECT count(*) AS waiting FROM device_codes
         WHERE network = ? AND expires_at > ? AND approved_at IS NULL AND denied_at IS NULL")
    .bind(network)
    .bind(now);
    query.one(db).await?.count("waiting")
}

/// The device whose user code this is or was, whatever became of it.
///
/// # Errors
/// Those of the database.
pub async fn by_user_code(db: &impl ConnectionTrait, user_code: &Hash) -> Result<Option<Waiting>, Error> {
    let row = sql("SELECT * FROM device_codes WHERE user_code_hash = ?").bind(*user_code).maybe(db).await?;
    row.map(|row| read(&row)).transpose()
}

/// Takes the row of a device code, so that two polls come one after the other.
///
/// # Errors
/// Those of the database.
pub async fn lock(tx: &Tx, hash: &Hash) -> Result<Option<Waiting>, Error> {
    let row =
        sql("UPDATE device_codes SET hash = hash WHERE hash = ? RETURNING *").bind(*hash).maybe(tx).await?;
    row.map(|row| read(&row)).transpose()
}

/// # Errors
/// Those of the database.
pub async fn note_poll(tx: &Tx, hash: &Hash, interval_s: i64, now: Moment) -> Result<(), Error> {
    sql("UPDATE device_codes SET last_poll_at = ?, interval_s = ? WHERE hash = ?")
        .bind(now)
        .bind(interval_s)
        .bind(*hash)
        .run(tx)
        .await
        .map(drop)
}

/// # Errors
/// Those of the database.
pub async fn approve(
    tx: &Tx,
    hash: &Hash,
    organization: OrganizationId,
    user: UserId,
    badge: Option<BadgeId>,
    now: Moment,
) -> Result<(), Error> {
    sql("UPDATE device_codes SET organization_id = ?, approved_by = ?, approved_at = ?, badge_id = ? WHERE hash = ?")
        .bind(organization)
        .bind(user)
        .bind(now)
        .bind(badge)
        .bind(*hash)
        .run(tx)
        .await
        .map(drop)
}

/// # Errors
/// Those of the database.
pub async fn deny(tx: &Tx, hash: &Hash, now: Moment) -> Result<(), Error> {
    sql("UPDATE device_codes SET denied_at = ? WHERE hash = ? AND approved_at IS NULL")
        .bind(now)
        .bind(*hash)
        .run(tx)
        .await
        .map(drop)
}

/// # Errors
/// Those of the database.
pub async fn use_up(tx: &Tx, hash: &Hash, family: Option<FamilyId>, now: Moment) -> Result<(), Error> {
    sql("UPDATE device_codes SET used_at = ?, family_id = ? WHERE hash = ?")
        .bind(now)
        .bind(family)
        .bind(*hash)
        .run(tx)
        .await
        .map(drop)
}

/// # Errors
/// Those of the database.
pub async fn delete_past(db: &impl ConnectionTrait, before: Moment) -> Result<(), Error> {
    sql("DELETE FROM device_codes WHERE expires_at <= ?").bind(before).run(db).await.map(drop)
}
