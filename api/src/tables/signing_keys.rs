//! The keys that sign access tokens. They belong to the installation, not to an organization.

use badgecast_domain::time::Moment;
use sea_orm::{ConnectionTrait, QueryResult};

use super::{
    Error,
    sql::{Columns as _, sql},
};
use crate::auth::{
    keys::{Term, Use},
    seal::Sealed,
};

/// A stored key.
#[derive(Debug, Clone)]
pub struct Row {
    pub kid: String,
    pub key_use: Use,
    pub private: Sealed,
    /// The public key as a JWK, in JSON.
    pub jwk: String,
    pub term: Term,
}

const fn purpose(key_use: Use) -> &'static str {
    match key_use {
        Use::Normal => "serve",
        Use::Test => "test",
    }
}

/// Every key of one use, oldest first.
///
/// # Errors
/// Those of the database.
pub async fn all(db: &impl ConnectionTrait, key_use: Use) -> Result<Vec<Row>, Error> {
    let query =
        sql("SELECT kid, private_key, sealed_with, public_jwk, activates_at, retires_at FROM signing_keys
         WHERE purpose = ? ORDER BY activates_at, kid")
        .bind(purpose(key_use));
    query.all(db).await?.iter().map(|row| read(row, key_use)).collect()
}

fn read(row: &QueryResult, key_use: Use) -> Result<Row, Error> {
    Ok(Row {
        kid: row.get("kid")?,
        key_use,
        private: Sealed { with: row.get("sealed_with")?, bytes: row.get("private_key")? },
        jwk: row.get("public_jwk")?,
        term: Term { activates_at: row.moment("activates_at")?, retires_at: row.maybe_moment("retires_at")? },
    })
}

/// # Errors
/// Those of the database.
pub async fn insert(db: &impl ConnectionTrait, key: &Row, now: Moment) -> Result<(), Error> {
    sql("INSERT INTO signing_keys
             (kid, purpose, private_key, sealed_with, public_jwk, created_at, activates_at, retires_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?)")
    .bind(key.kid.clone())
    .bind(purpose(key.key_use))
    .bind(key.private.bytes.clone())
    .bind(key.private.with.clone())
    .bind(key.jwk.clone())
    .bind(now)
    .bind(key.term.activates_at)
    .bind(key.term.retires_at)
    .run(db)
    .await
    .map(drop)
}

/// # Errors
/// Those of the database.
pub async fn set_term(db: &impl ConnectionTrait, kid: &str, term: Term) -> Result<(), Error> {
    sql("UPDATE signing_keys SET activates_at = ?, retires_at = ? WHERE kid = ?")
        .bind(term.activates_at)
        .bind(term.retires_at)
        .bind(kid)
        .run(db)
        .await
        .map(drop)
}

/// Replaces the private part by the same key, sealed otherwise.
///
/// # Errors
/// Those of the database.
pub async fn set_private(db: &impl ConnectionTrait, kid: &str, private: &Sealed) -> Result<(), Error> {
    sql("UPDATE signing_keys SET private_key = ?, sealed_with = ? WHERE kid = ?")
        .bind(private.bytes.clone())
        .bind(private.with.clone())
        .bind(kid)
        .run(db)
        .await
        .map(drop)
}

/// Forgets keys whose last token has long expired.
///
/// # Errors
/// Those of the database.
pub async fn delete_retired_before(db: &impl ConnectionTrait, at: Moment) -> Result<(), Error> {
    sql("DELETE FROM signing_keys WHERE retires_at < ?").bind(at).run(db).await.map(drop)
}
