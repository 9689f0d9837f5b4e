//! Networks and browsers that are known: of people, where they signed in; of API keys, where they were used.

use badgecast_domain::{id::OrganizationId, time::Moment};
use sea_orm::ConnectionTrait;
use uuid::Uuid;

use super::{
    Error, Tx,
    sql::{Columns as _, sql},
};
use crate::auth::{
    peer::Network,
    secret::{Hash, hash},
};

/// What can be known of a place. Only hashes are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Known {
    Network(Network),
    Browser(Hash),
}

impl Known {
    const fn kind(self) -> &'static str {
        match self {
            Self::Network(_) => "network",
            Self::Browser(_) => "browser",
        }
    }

    fn value(self) -> Hash {
        match self {
            Self::Network(network) => hash(&network.to_string()),
            Self::Browser(browser) => browser,
        }
    }
}

/// Notes that somebody was there; true when they were elsewhere before, and never there. The first place of all is not
/// told: there is nothing to compare it with.
///
/// # Errors
/// Those of the database.
pub async fn visit(
    tx: &Tx,
    organization: OrganizationId,
    subject: Uuid,
    place: Known,
    now: Moment,
) -> Result<bool, Error> {
    let again = sql("UPDATE places SET last_at = ? WHERE subject = ? AND kind = ? AND value = ?")
        .bind(now)
        .bind(subject)
        .bind(place.kind())
        .bind(place.value())
        .run(tx)
        .await?;
    if again > 0 {
        return Ok(false);
    }
    let others = sql("SELECT count(*) AS others FROM places WHERE subject = ? AND kind = ?")
        .bind(subject)
        .bind(place.kind())
        .one(tx)
        .await?;
    let added =
        sql("INSERT INTO places (subject, kind, value, organization_id, last_at) VALUES (?, ?, ?, ?, ?)
        ON CONFLICT (subject, kind, value) DO NOTHING")
        .bind(subject)
        .bind(place.kind())
        .bind(place.value())
        .bind(organization)
        .bind(now)
        .run(tx)
        .await?;
    Ok(added > 0 && others.count("others")? > 0)
}

/// Forgets places where nobody was for long.
///
/// # Errors
/// Those of the database.
pub async fn delete_past(db: &impl ConnectionTrait, before: Moment) -> Result<(), Error> {
    sql("DELETE FROM places WHERE last_at < ?").bind(before).run(db).await.map(drop)
}
