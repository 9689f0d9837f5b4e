//! Organizations: the tenants.

use badgecast_domain::{id::OrganizationId, time::Moment};
use sea_orm::ConnectionTrait;

use super::{
    Error, Tx,
    sql::{Columns as _, sql},
};

/// A tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Organization {
    pub id: OrganizationId,
    pub name: String,
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

/// # Errors
/// There is no such organization.
pub async fn find(db: &impl ConnectionTrait, id: OrganizationId) -> Result<Organization, Error> {
    let row = sql("SELECT id, name FROM organizations WHERE id = ?").bind(id).one(db).await?;
    Ok(Organization { id: row.id("id")?, name: row.get("name")? })
}

/// All of them, oldest first: for the command line, which belongs to nobody.
///
/// # Errors
/// Those of the database.
pub async fn all(db: &impl ConnectionTrait) -> Result<Vec<Organization>, Error> {
    let rows = sql("SELECT id, name FROM organizations ORDER BY id").all(db).await?;
    rows.iter().map(|row| Ok(Organization { id: row.id("id")?, name: row.get("name")? })).collect()
}
