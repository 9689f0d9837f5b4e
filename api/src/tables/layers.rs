//! What delivery needs to know of badges: whom they belong to, which audiences include them, what their own layer says.
//!
//! Always for a slice of badges: hellos come by the hundred after a restart. These queries take no scope, since the
//! house asks them for itself, about badges that proved who they are or that a change names.

use std::collections::HashMap;

use badgecast_broker::gate::Member;
use badgecast_domain::{
    announcement::Audience,
    display::Document,
    id::{BadgeId, GroupId, OrganizationId},
    wire::Hello,
};
use sea_orm::ConnectionTrait;

use super::{
    Error,
    sql::{Columns as _, document, sql},
};

/// How many badges one statement asks for.
const BATCH: usize = 1_000;

/// A badge as a holder of layers.
#[derive(Debug, Clone)]
pub struct Holder {
    pub organization: OrganizationId,
    pub member: Member,
    pub own: Option<Own>,
    model: Option<String>,
    firmware: Option<String>,
    max_bytes: Option<i64>,
}

/// The own layer of a badge.
#[derive(Debug, Clone)]
pub struct Own {
    pub revision: u64,
    pub document: Document,
}

impl Holder {
    /// Whether a hello says anything of the badge that is not known yet.
    #[must_use]
    pub fn differs(&self, hello: &Hello) -> bool {
        hello.panel.is_some_and(|panel| panel != self.member.panel)
            || (hello.model.is_some() && hello.model != self.model)
            || (hello.firmware.is_some() && hello.firmware != self.firmware)
            || (hello.max_bytes.is_some() && hello.max_bytes.map(i64::from) != self.max_bytes)
    }

    #[must_use]
    pub fn is_in(&self, audience: &Audience) -> bool {
        audience.includes(self.member.badge, &self.member.groups, &self.member.tags)
    }
}

/// Those of these badges that are claimed and in service, with their own layers.
///
/// # Errors
/// Those of the database.
pub async fn own_of(db: &impl ConnectionTrait, badges: &[BadgeId]) -> Result<Vec<Holder>, Error> {
    if badges.is_empty() {
        return Ok(Vec::new());
    }
    let rows = sql(
        "SELECT b.id, b.organization_id, b.panel, b.model, b.firmware, b.max_bytes, d.revision, d.document
        FROM badges b
        LEFT JOIN displays d ON d.badge_id = b.id
        WHERE b.kind = 'badge' AND b.claimed_at IS NOT NULL AND b.retired_at IS NULL AND b.id IN",
    )
    .list_of_many(badges)
    .then("ORDER BY b.id")
    .all(db)
    .await?;
    let mut sets = sets_of(db, badges).await?;
    let mut holders = Vec::with_capacity(rows.len());
    for row in rows {
        let badge: BadgeId = row.id("id")?;
        let (groups, tags) = sets.remove(&badge).unwrap_or_default();
        let own = match row.get::<Option<i64>>("revision")? {
            Some(_) => Some(Own { revision: row.count("revision")?, document: document(&row)? }),
            None => None,
        };
        holders.push(Holder {
            organization: row.id("organization_id")?,
            member: Member { badge, panel: row.word("panel", |name| name.parse().ok())?, groups, tags },
            own,
            model: row.get("model")?,
            firmware: row.get("firmware")?,
            max_bytes: row.get("max_bytes")?,
        });
    }
    Ok(holders)
}

/// As [`own_of`], of every badge of an organization.
///
/// # Errors
/// Those of the database.
pub async fn own_of_all(
    db: &impl ConnectionTrait,
    organization: OrganizationId,
) -> Result<Vec<Holder>, Error> {
    let rows =
        sql("SELECT id FROM badges WHERE organization_id = ? AND kind = 'badge' AND claimed_at IS NOT NULL
        AND retired_at IS NULL ORDER BY id")
        .bind(organization)
        .all(db)
        .await?;
    let badges: Result<Vec<BadgeId>, Error> = rows.iter().map(|row| row.id("id")).collect();
    let mut holders = Vec::with_capacity(rows.len());
    for some in badges?.chunks(BATCH) {
        holders.extend(own_of(db, some).await?);
    }
    Ok(holders)
}

/// Groups and tags of a badge.
pub(super) type Sets = (Vec<GroupId>, Vec<String>);

/// The groups and tags of these badges.
pub(super) async fn sets_of(
    db: &impl ConnectionTrait,
    badges: &[BadgeId],
) -> Result<HashMap<BadgeId, Sets>, Error> {
    let mut sets: HashMap<BadgeId, Sets> = HashMap::new();
    if badges.is_empty() {
        return Ok(sets);
    }
    let groups = sql("SELECT badge_id, group_id FROM group_badges WHERE badge_id IN")
        .list_of_many(badges)
        .then("ORDER BY badge_id, group_id");
    for row in groups.all(db).await? {
        sets.entry(row.id("badge_id")?).or_default().0.push(row.id("group_id")?);
    }
    let tags = sql("SELECT badge_id, tag FROM badge_tags WHERE badge_id IN")
        .list_of_many(badges)
        .then("ORDER BY badge_id, tag");
    for row in tags.all(db).await? {
        sets.entry(row.id("badge_id")?).or_default().1.push(row.get("tag")?);
    }
    Ok(sets)
}
