//! OAuth clients: registered applications and integrations; and badges, which are clients of their own.

use badgecast_domain::{
    access::Scopes,
    id::{BadgeId, ClientId, OrganizationId},
    time::Moment,
};
use sea_orm::{ConnectionTrait, QueryResult};

use super::{
    Error, Tx, changes,
    sql::{Columns as _, sql},
};

/// A registered client.
#[derive(Debug, Clone)]
pub struct Client {
    pub id: ClientId,
    pub organization: OrganizationId,
    pub name: String,
    pub confidential: bool,
    pub secret_hash: Option<Vec<u8>>,
    /// A JWK, in JSON.
    pub public_key: Option<String>,
    pub redirect_uris: Vec<String>,
    /// Web origins whose scripts may read our answers (CORS).
    pub origins: Vec<String>,
    /// The most its tokens may carry.
    pub scopes: Scopes,
    /// It gets tokens bound to a key only (RFC 9449 section 5.2).
    pub key_bound: bool,
    /// Names of grants (RFC 6749), such as `authorization_code`.
    pub grants: Vec<String>,
    pub created_at: Moment,
    pub disabled_at: Option<Moment>,
}

const COLUMNS: &str =
    "id, organization_id, name, kind, secret_hash, public_key, redirect_uris, origins, scopes,
    key_bound, grants, created_at, disabled_at";

fn read(row: &QueryResult) -> Result<Client, Error> {
    Ok(Client {
        id: row.id("id")?,
        organization: row.id("organization_id")?,
        name: row.get("name")?,
        confidential: row.word("kind", |kind| Some(kind == "confidential"))?,
        secret_hash: row.get("secret_hash")?,
        public_key: row.get("public_key")?,
        redirect_uris: row.json("redirect_uris")?,
        origins: row.json("origins")?,
        scopes: row.word("scopes", |scopes| scopes.parse().ok())?,
        key_bound: row.get::<i64>("key_bound")? == 1,
        grants: row.json("grants")?,
        created_at: row.moment("created_at")?,
        disabled_at: row.maybe_moment("disabled_at")?,
    })
}

/// A client that may be served.
///
/// # Errors
/// Those of the database.
pub async fn find(db: &impl ConnectionTrait, id: ClientId) -> Result<Option<Client>, Error> {
    let text = format!("SELECT {COLUMNS} FROM clients WHERE id = $1 AND disabled_at IS NULL");
    let row = sql(&text).bind(id).maybe(db).await?;
    row.map(|row| read(&row)).transpose()
}

/// The clients of an organization, by name.
///
/// # Errors
/// Those of the database.
pub async fn list(db: &impl ConnectionTrait, organization: OrganizationId) -> Result<Vec<Client>, Error> {
    let text = format!("SELECT {COLUMNS} FROM clients WHERE organization_id = $1 ORDER BY name, id");
    let rows = sql(&text).bind(organization).all(db).await?;
    rows.iter().map(read).collect()
}

/// # Errors
/// Those of the database.
pub async fn insert(tx: &Tx, client: &Client) -> Result<(), Error> {
    let json = |list: &Vec<String>| serde_json::json!(list).to_string();
    sql("INSERT INTO clients (id, organization_id, name, kind, secret_hash, public_key, redirect_uris, origins,
             scopes, key_bound, grants, created_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)").bind(client.id).bind(client.organization).bind(client.name.clone()).bind(if client.confidential { "confidential" } else { "public" }).bind(client.secret_hash.clone()).bind(client.public_key.clone()).bind(json(&client.redirect_uris)).bind(json(&client.origins)).bind(client.scopes.to_string()).bind(i64::from(client.key_bound)).bind(json(&client.grants)).bind(client.created_at).run(tx).await?;
    changes::append(tx, client.organization, changes::Kind::Client, client.id.uuid(), 0, client.created_at)
        .await
}

/// Disables a client for good; false when there is none.
///
/// # Errors
/// Those of the database.
pub async fn disable(
    tx: &Tx,
    organization: OrganizationId,
    id: ClientId,
    now: Moment,
) -> Result<bool, Error> {
    let disabled = sql("UPDATE clients SET disabled_at = ?
         WHERE id = ? AND organization_id = ? AND disabled_at IS NULL")
    .bind(now)
    .bind(id)
    .bind(organization)
    .run(tx)
    .await?;
    changes::append(tx, organization, changes::Kind::Client, id.uuid(), 0, now).await?;
    Ok(disabled == 1)
}

/// Every web origin of every client that may be served.
///
/// # Errors
/// Those of the database.
pub async fn origins(db: &impl ConnectionTrait) -> Result<Vec<String>, Error> {
    let rows = sql("SELECT origins FROM clients WHERE disabled_at IS NULL").all(db).await?;
    let mut origins: Vec<String> = Vec::new();
    for row in rows {
        origins.extend(row.json::<Vec<String>>("origins")?);
    }
    Ok(origins)
}

/// The organization of a badge, claimed or not, in service.
///
/// # Errors
/// Those of the database.
pub async fn organization_of_badge(
    db: &impl ConnectionTrait,
    id: BadgeId,
) -> Result<Option<OrganizationId>, Error> {
    let row = sql("SELECT organization_id FROM badges WHERE id = ? AND retired_at IS NULL")
        .bind(id)
        .maybe(db)
        .await?;
    row.map(|row| row.id("organization_id")).transpose()
}

/// A badge or gateway as an OAuth client.
#[derive(Debug, Clone)]
pub struct Device {
    pub id: BadgeId,
    pub organization: OrganizationId,
    pub secret_hash: Option<Vec<u8>>,
    /// A JWK, in JSON.
    pub public_key: Option<String>,
}

/// A badge in service.
///
/// # Errors
/// Those of the database.
pub async fn device(db: &impl ConnectionTrait, id: BadgeId) -> Result<Option<Device>, Error> {
    let query = sql("SELECT organization_id, secret_hash, public_key FROM badges
         WHERE id = ? AND claimed_at IS NOT NULL AND retired_at IS NULL")
    .bind(id);
    let Some(row) = query.maybe(db).await? else { return Ok(None) };
    Ok(Some(Device {
        id,
        organization: row.id("organization_id")?,
        secret_hash: row.get("secret_hash")?,
        public_key: row.get("public_key")?,
    }))
}
