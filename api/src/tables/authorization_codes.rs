//! Authorization codes. A used code stays until it would have expired, so that using it again can end what it gave.

use badgecast_domain::{
    access::Scopes,
    id::{ClientId, FamilyId, OrganizationId, UserId},
    time::Moment,
    token::Thumbprint,
};
use sea_orm::{ConnectionTrait, QueryResult};

use super::{
    Error, Tx,
    sql::{Columns as _, sql},
};
use crate::auth::secret::Hash;

/// What a person allowed a client.
#[derive(Debug, Clone)]
pub struct Code {
    pub organization: OrganizationId,
    pub client: ClientId,
    pub user: UserId,
    pub scope: Scopes,
    pub redirect_uri: String,
    /// `code_challenge`, S256.
    pub challenge: String,
    /// `dpop_jkt`: only the holder of this key may exchange it.
    pub key: Option<Thumbprint>,
    pub nonce: Option<String>,
    pub auth_time: Moment,
    pub created_at: Moment,
    pub expires_at: Moment,
    pub used_at: Option<Moment>,
    /// What it gave.
    pub family: Option<FamilyId>,
}

/// # Errors
/// Those of the database.
pub async fn insert(tx: &Tx, hash: &Hash, code: &Code) -> Result<(), Error> {
    sql("INSERT INTO authorization_codes (hash, organization_id, client_id, user_id, scope, redirect_uri, challenge,
             jkt, nonce, auth_time, created_at, expires_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
    .bind(*hash)
    .bind(code.organization)
    .bind(code.client)
    .bind(code.user)
    .bind(code.scope.to_string())
    .bind(code.redirect_uri.clone())
    .bind(code.challenge.clone())
    .bind(code.key.as_ref().map(Thumbprint::as_str))
    .bind(code.nonce.clone())
    .bind(code.auth_time)
    .bind(code.created_at)
    .bind(code.expires_at)
    .run(tx)
    .await
    .map(drop)
}

/// Takes the code's row, so that nobody else uses it until this transaction ends.
///
/// # Errors
/// Those of the database.
pub async fn lock(tx: &Tx, hash: &Hash) -> Result<Option<Code>, Error> {
    let row = sql("UPDATE authorization_codes SET hash = hash WHERE hash = ? RETURNING *")
        .bind(*hash)
        .maybe(tx)
        .await?;
    row.map(|row| read(&row)).transpose()
}

fn read(row: &QueryResult) -> Result<Code, Error> {
    Ok(Code {
        organization: row.id("organization_id")?,
        client: row.id("client_id")?,
        user: row.id("user_id")?,
        scope: row.word("scope", |scope| scope.parse().ok())?,
        redirect_uri: row.get("redirect_uri")?,
        challenge: row.get("challenge")?,
        key: row.thumbprint("jkt")?,
        nonce: row.get("nonce")?,
        auth_time: row.moment("auth_time")?,
        created_at: row.moment("created_at")?,
        expires_at: row.moment("expires_at")?,
        used_at: row.maybe_moment("used_at")?,
        family: row.maybe_id("family_id")?,
    })
}

/// # Errors
/// Those of the database.
pub async fn use_up(tx: &Tx, hash: &Hash, family: FamilyId, now: Moment) -> Result<(), Error> {
    sql("UPDATE authorization_codes SET used_at = ?, family_id = ? WHERE hash = ?")
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
    sql("DELETE FROM authorization_codes WHERE expires_at <= ?").bind(before).run(db).await.map(drop)
}
