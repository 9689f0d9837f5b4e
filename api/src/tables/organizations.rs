//! Organizations: the tenants.

use badgecast_domain::{id::OrganizationId, time::Moment};
use sea_orm::{ConnectionTrait, QueryResult};

use super::{
    Error, Tx, audit, changes,
    sql::{Columns as _, sql},
};
use crate::auth::Scope;

/// A tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Organization {
    pub id: OrganizationId,
    pub name: String,
    /// Whether integrations are told the words on its badges.
    pub tells_texts: bool,
    pub created_at: Moment,
}

/// What to change; what is `None` stays.
#[derive(Debug, Clone, Default)]
pub struct Update {
    pub name: Option<String>,
    pub tells_texts: Option<bool>,
}

const SELECT: &str = "SELECT id, name, tells_texts, created_at FROM organizations";

fn organization(row: &QueryResult) -> Result<Organization, Error> {
    Ok(Organization {
        id: row.id("id")?,
        name: row.get("name")?,
        tells_texts: row.count("tells_texts")? == 1,
        created_at: row.moment("created_at")?,
    })
}

/// # Errors
/// Those of the database.
pub async fn create(tx: &Tx, name: &str, now: Moment) -> Result<OrganizationId, Error> {
    let id = OrganizationId::new();
    sql("INSERT INTO organizations (id, name, created_at) VALUES (?, ?, ?)")
        .bind(id)
        .bind(name)
        .bind(now)
        .run(tx)
        .await?;
    Ok(id)
}

/// All of them, oldest first: for the command line, which belongs to nobody.
///
/// # Errors
/// Those of the database.
pub async fn all(db: &impl ConnectionTrait) -> Result<Vec<Organization>, Error> {
    sql(SELECT).then("ORDER BY id").all(db).await?.iter().map(organization).collect()
}

/// # Errors
/// There is no such organization.
pub async fn find(db: &impl ConnectionTrait, id: OrganizationId) -> Result<Organization, Error> {
    organization(&sql(SELECT).then("WHERE id = ?").bind(id).one(db).await?)
}

/// # Errors
/// Those of the database.
pub async fn update(tx: &Tx, scope: &Scope, update: &Update, now: Moment) -> Result<Organization, Error> {
    let id = scope.organization();
    sql("UPDATE organizations SET name = coalesce(?, name), tells_texts = coalesce(?, tells_texts) WHERE id = ?")
        .bind(update.name.as_deref())
        .bind(update.tells_texts.map(u32::from))
        .bind(id)
        .run(tx)
        .await?;
    audit::append(tx, scope, "organization.update", Some(("organization", id.uuid())), None, now).await?;
    changes::append(tx, id, changes::Kind::Organization, id.uuid(), 0, now).await?;
    find(tx, id).await
}
