//! Refresh token families, their tokens, and the access tokens they gave.
//!
//! Rules are in [`crate::auth::refresh`]; here is only what the rows say and how they change. Whoever changes a family
//! locks its row first, so refreshing and revoking at the same moment come one after the other.

use badgecast_domain::{
    access::Scopes,
    id::{FamilyId, OrganizationId, TokenId, UserId},
    time::Moment,
    token::Thumbprint,
};
use sea_orm::{ConnectionTrait, QueryResult};

use super::{
    Error,
    sql::{Columns as _, sql},
};
use crate::auth::secret::Hash;

/// One login and everything refreshed from it.
#[derive(Debug, Clone)]
pub struct Family {
    pub id: FamilyId,
    pub organization: OrganizationId,
    pub user: UserId,
    pub client_id: String,
    /// The most a token of this family may carry.
    pub scope: Scopes,
    /// The key whose holder alone may refresh (RFC 9449 section 5).
    pub key: Option<Thumbprint>,
    pub auth_time: Moment,
    pub created_at: Moment,
    /// The absolute end; it never moves.
    pub expires_at: Moment,
    pub revoked_at: Option<Moment>,
}

/// One refresh token.
#[derive(Debug, Clone)]
pub struct Token {
    pub hash: Hash,
    pub family: FamilyId,
    pub generation: i64,
    pub parent: Option<Hash>,
    pub child: Option<Hash>,
    pub replacements: i64,
    pub issued_at: Moment,
    pub expires_at: Moment,
    pub used_at: Option<Moment>,
    pub killed_at: Option<Moment>,
}

/// # Errors
/// Those of the database.
pub async fn insert_family(db: &impl ConnectionTrait, family: &Family) -> Result<(), Error> {
    sql("INSERT INTO refresh_families
             (id, organization_id, user_id, client_id, scope, jkt, auth_time, created_at, expires_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)")
    .bind(family.id)
    .bind(family.organization)
    .bind(family.user)
    .bind(family.client_id.clone())
    .bind(family.scope.to_string())
    .bind(family.key.as_ref().map(Thumbprint::as_str))
    .bind(family.auth_time)
    .bind(family.created_at)
    .bind(family.expires_at)
    .run(db)
    .await
    .map(drop)
}

/// # Errors
/// Those of the database.
pub async fn insert_token(db: &impl ConnectionTrait, token: &Token) -> Result<(), Error> {
    sql("INSERT INTO refresh_tokens (hash, family_id, generation, parent_hash, issued_at, expires_at)
         VALUES (?, ?, ?, ?, ?, ?)")
    .bind(token.hash)
    .bind(token.family)
    .bind(token.generation)
    .bind(token.parent)
    .bind(token.issued_at)
    .bind(token.expires_at)
    .run(db)
    .await
    .map(drop)
}

/// # Errors
/// Those of the database.
pub async fn find(db: &impl ConnectionTrait, hash: &Hash) -> Result<Option<Token>, Error> {
    let query = sql("SELECT hash, family_id, generation, parent_hash, child_hash, replacements, issued_at, expires_at, used_at,
             killed_at
         FROM refresh_tokens WHERE hash = ?").bind(*hash);
    query.maybe(db).await?.map(|row| read_token(&row)).transpose()
}

fn read_token(row: &QueryResult) -> Result<Token, Error> {
    let hash = |column: &str| {
        let bytes: Option<Vec<u8>> = row.get(column)?;
        let whole = |bytes: Vec<u8>| {
            bytes.try_into().map_err(|_| Error::Corrupt(format!("{column} is not 32 bytes")))
        };
        bytes.map(whole).transpose()
    };
    Ok(Token {
        hash: hash("hash")?.ok_or_else(|| Error::Corrupt("hash is null".to_owned()))?,
        family: row.id("family_id")?,
        generation: row.get("generation")?,
        parent: hash("parent_hash")?,
        child: hash("child_hash")?,
        replacements: row.get("replacements")?,
        issued_at: row.moment("issued_at")?,
        expires_at: row.moment("expires_at")?,
        used_at: row.maybe_moment("used_at")?,
        killed_at: row.maybe_moment("killed_at")?,
    })
}

/// Takes the family's row, so that nobody else changes it until this transaction ends; `None` if there is none.
///
/// # Errors
/// Those of the database.
pub async fn lock_family(db: &impl ConnectionTrait, id: FamilyId) -> Result<Option<Family>, Error> {
    let query = sql("UPDATE refresh_families SET expires_at = expires_at WHERE id = ?
         RETURNING *")
    .bind(id);
    query.maybe(db).await?.map(|row| read_family(&row)).transpose()
}

/// # Errors
/// Those of the database.
pub async fn family(db: &impl ConnectionTrait, id: FamilyId) -> Result<Option<Family>, Error> {
    let query = sql("SELECT * FROM refresh_families WHERE id = ?").bind(id);
    query.maybe(db).await?.map(|row| read_family(&row)).transpose()
}

/// The families of a person with one client that are not over.
///
/// # Errors
/// Those of the database.
pub async fn living_of(
    db: &impl ConnectionTrait,
    user: UserId,
    client_id: &str,
) -> Result<Vec<Family>, Error> {
    let query =
        sql("SELECT * FROM refresh_families WHERE user_id = ? AND client_id = ? AND revoked_at IS NULL");
    query.bind(user).bind(client_id).all(db).await?.iter().map(read_family).collect()
}

/// The family an access token came from, while that token may live.
///
/// # Errors
/// Those of the database.
pub async fn family_of(db: &impl ConnectionTrait, token: TokenId) -> Result<Option<Family>, Error> {
    let query =
        sql("SELECT f.* FROM family_tokens t JOIN refresh_families f ON f.id = t.family_id WHERE t.jti = ?")
            .bind(token);
    query.maybe(db).await?.map(|row| read_family(&row)).transpose()
}

fn read_family(row: &QueryResult) -> Result<Family, Error> {
    Ok(Family {
        id: row.id("id")?,
        organization: row.id("organization_id")?,
        user: row.id("user_id")?,
        client_id: row.get("client_id")?,
        scope: row.word("scope", |scope| scope.parse().ok())?,
        key: row.thumbprint("jkt")?,
        auth_time: row.moment("auth_time")?,
        created_at: row.moment("created_at")?,
        expires_at: row.moment("expires_at")?,
        revoked_at: row.maybe_moment("revoked_at")?,
    })
}

/// Marks a token used, and names the token that took its place.
///
/// # Errors
/// Those of the database.
pub async fn use_up(db: &impl ConnectionTrait, token: &Hash, child: &Hash, now: Moment) -> Result<(), Error> {
    sql("UPDATE refresh_tokens SET used_at = ?, child_hash = ? WHERE hash = ? AND used_at IS NULL")
        .bind(now)
        .bind(*child)
        .bind(*token)
        .run(db)
        .await
        .map(drop)
}

/// Puts another child in the place of one whose answer was lost: the lost one is dead.
///
/// # Errors
/// Those of the database.
pub async fn replace_child(
    db: &impl ConnectionTrait,
    parent: &Hash,
    lost: &Hash,
    child: &Hash,
    now: Moment,
) -> Result<(), Error> {
    sql("UPDATE refresh_tokens SET killed_at = ? WHERE hash = ?").bind(now).bind(*lost).run(db).await?;
    sql("UPDATE refresh_tokens SET child_hash = ?, replacements = replacements + 1 WHERE hash = ?")
        .bind(*child)
        .bind(*parent)
        .run(db)
        .await
        .map(drop)
}

/// Ends a family; false when it was over already.
///
/// # Errors
/// Those of the database.
pub async fn revoke_family(
    db: &impl ConnectionTrait,
    id: FamilyId,
    reason: &str,
    now: Moment,
) -> Result<bool, Error> {
    Ok(sql("UPDATE refresh_families SET revoked_at = ?, reason = ? WHERE id = ? AND revoked_at IS NULL")
        .bind(now)
        .bind(reason)
        .bind(id)
        .run(db)
        .await?
        == 1)
}

/// Ends every family of a user, or of a user with one client; answers those that were alive.
///
/// # Errors
/// Those of the database.
pub async fn revoke_families_of(
    db: &impl ConnectionTrait,
    user: UserId,
    reason: &str,
    now: Moment,
) -> Result<(), Error> {
    sql("UPDATE refresh_families SET revoked_at = ?, reason = ? WHERE user_id = ? AND revoked_at IS NULL")
        .bind(now)
        .bind(reason)
        .bind(user)
        .run(db)
        .await
        .map(drop)
}

/// Ends every family of a client.
///
/// # Errors
/// Those of the database.
pub async fn revoke_families_of_client(
    db: &impl ConnectionTrait,
    client_id: &str,
    reason: &str,
    now: Moment,
) -> Result<(), Error> {
    sql("UPDATE refresh_families SET revoked_at = ?, reason = ? WHERE client_id = ? AND revoked_at IS NULL")
        .bind(now)
        .bind(reason)
        .bind(client_id)
        .run(db)
        .await
        .map(drop)
}

/// Remembers that a family gave this access token.
///
/// # Errors
/// Those of the database.
pub async fn note_access(
    db: &impl ConnectionTrait,
    family: FamilyId,
    token: TokenId,
    expires_at: Moment,
) -> Result<(), Error> {
    sql("INSERT INTO family_tokens (jti, family_id, expires_at) VALUES (?, ?, ?)")
        .bind(token)
        .bind(family)
        .bind(expires_at)
        .run(db)
        .await
        .map(drop)
}

/// The access tokens of a family that may still live.
///
/// # Errors
/// Those of the database.
pub async fn living_access(
    db: &impl ConnectionTrait,
    family: FamilyId,
    now: Moment,
) -> Result<Vec<(TokenId, Moment)>, Error> {
    let query = sql("SELECT jti, expires_at FROM family_tokens WHERE family_id = ? AND expires_at > ?")
        .bind(family)
        .bind(now);
    let rows = query.all(db).await?;
    let read = |row: &QueryResult| Ok((row.id("jti")?, row.moment("expires_at")?));
    rows.iter().map(read).collect()
}

/// Forgets access tokens that have expired, and families a while after their end.
///
/// # Errors
/// Those of the database.
pub async fn delete_past(db: &impl ConnectionTrait, now: Moment) -> Result<(), Error> {
    sql("DELETE FROM family_tokens WHERE expires_at <= ?").bind(now).run(db).await?;
    sql("DELETE FROM refresh_families WHERE expires_at <= ?").bind(now).run(db).await?;
    Ok(())
}
