//! Announcements: one row each. Whom they are for is kept as link rows too, so that the database resolves audiences
//! live; badges in delivery are matched by [`Audience::includes`].

use badgecast_domain::{
    announcement::{Audience, AudienceForm},
    display::{Document, Finding},
    id::{AnnouncementId, OrganizationId, UserId},
    layer::{Level, Validity},
    time::Moment,
};
use sea_orm::{ConnectionTrait, QueryResult, Value};

use super::{
    Error, Tx, audit, changes, jobs,
    sql::{Bind, Columns as _, Sql, document, sql, to_json},
};
use crate::auth::{Actor, Scope};

/// An announcement.
#[derive(Debug, Clone)]
pub struct Announcement {
    pub id: AnnouncementId,
    pub organization: OrganizationId,
    /// The person who said it; `None` for a client and for the house.
    pub author: Option<UserId>,
    /// 1 for what was said, one more once it is withdrawn.
    pub revision: u64,
    pub level: Level,
    pub audience: Audience,
    /// What was said, when it was said in the short form.
    pub text: Option<String>,
    pub document: Document,
    pub findings: Vec<Finding>,
    pub accepted_at: Moment,
    pub valid_from: Moment,
    pub valid_until: Moment,
    pub receipt_deadline: Moment,
    pub withdrawn_at: Option<Moment>,
    /// The receipts as they stood at the deadline, in JSON.
    pub summary: Option<String>,
}

impl Announcement {
    #[must_use]
    pub const fn validity(&self) -> Validity {
        Validity { from: Some(self.valid_from), until: Some(self.valid_until) }
    }

    /// The revision that badges were to show, and that receipts are for.
    #[must_use]
    pub const fn said_revision(&self) -> u64 {
        if self.withdrawn_at.is_some() { self.revision.saturating_sub(1) } else { self.revision }
    }
}

/// An announcement to make.
#[derive(Debug, Clone)]
pub struct New {
    pub audience: Audience,
    pub text: Option<String>,
    pub document: Document,
    pub findings: Vec<Finding>,
    pub level: Level,
    pub valid_from: Moment,
    pub valid_until: Moment,
    pub receipt_deadline: Moment,
}

const SELECT: &str = "SELECT id, organization_id, author_kind, author_id, revision, level, audience, text, document, findings, accepted_at,
    valid_from, valid_until, receipt_deadline, withdrawn_at, summary FROM announcements WHERE organization_id = ?";

fn select(organization: OrganizationId) -> Sql {
    sql(SELECT).bind(organization)
}

fn announcement(row: &QueryResult) -> Result<Announcement, Error> {
    let form: AudienceForm = row.json("audience")?;
    let by_person = row.get::<String>("author_kind")? == "user";
    Ok(Announcement {
        id: row.id("id")?,
        organization: row.id("organization_id")?,
        author: row.maybe_id("author_id")?.filter(|_| by_person),
        revision: row.count("revision")?,
        level: row.word("level", Level::from_name)?,
        audience: form.try_into().map_err(|error| Error::Corrupt(format!("audience: {error}")))?,
        text: row.get("text")?,
        document: document(row)?,
        findings: row.json("findings")?,
        accepted_at: row.moment("accepted_at")?,
        valid_from: row.moment("valid_from")?,
        valid_until: row.moment("valid_until")?,
        receipt_deadline: row.moment("receipt_deadline")?,
        withdrawn_at: row.maybe_moment("withdrawn_at")?,
        summary: row.get("summary")?,
    })
}

/// # Errors
/// The audience names a group or a badge that the organization does not have.
pub async fn create(tx: &Tx, scope: &Scope, new: &New, now: Moment) -> Result<Announcement, Error> {
    let id = AnnouncementId::new();
    let organization = scope.organization();
    let (author_kind, author_id) = match scope.actor() {
        Actor::User(user) => ("user", Some(user.uuid())),
        Actor::Client(client) => ("client", Some(client.uuid())),
        Actor::Badge(_) | Actor::House => ("house", None),
    };
    let audience_kind = if new.audience == Audience::All { "all" } else { "some" };
    sql("INSERT INTO announcements (id, organization_id, author_kind, author_id, revision, level, audience_kind,
        audience, text, document, findings, accepted_at, valid_from, valid_until, receipt_deadline)
        VALUES (?, ?, ?, ?, 1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
    .bind(id)
    .bind(organization)
    .bind(author_kind)
    .bind(author_id)
    .bind(new.level.name())
    .bind(audience_kind)
    .bind(to_json(&AudienceForm::from(new.audience.clone()))?)
    .bind(new.text.as_deref())
    .bind(to_json(&new.document.form())?)
    .bind(to_json(&new.findings)?)
    .bind(now)
    .bind(new.valid_from)
    .bind(new.valid_until)
    .bind(new.receipt_deadline)
    .run(tx)
    .await?;
    if let Audience::Some { groups, badges, tags } = &new.audience {
        link(tx, scope, id, "announcement_groups", "group_id", groups).await?;
        link(tx, scope, id, "announcement_badges", "badge_id", badges).await?;
        let tags: Vec<&str> = tags.iter().map(String::as_str).collect();
        link(tx, scope, id, "announcement_tags", "tag", &tags).await?;
    }
    jobs::add(tx, organization, jobs::Kind::Deadline, id.uuid(), new.receipt_deadline).await?;
    audit::append(
        tx,
        scope,
        "announcement.create",
        Some(("announcement", id.uuid())),
        Some(new.level.name()),
        now,
    )
    .await?;
    changes::append(tx, organization, changes::Kind::Announcement, id.uuid(), 1, now).await?;
    find(tx, scope, id).await
}

/// One row for each part of an audience; at most a thousand, as the domain has it.
async fn link<T: Bind + Copy>(
    tx: &Tx,
    scope: &Scope,
    id: AnnouncementId,
    table: &str,
    column: &str,
    parts: &[T],
) -> Result<(), Error> {
    if parts.is_empty() {
        return Ok(());
    }
    let row = |part: &T| -> [Value; 3] { [scope.organization().value(), id.value(), part.value()] };
    sql(&format!("INSERT INTO {table} (organization_id, announcement_id, {column}) VALUES"))
        .tuples(parts.iter().map(row))
        .run(tx)
        .await
        .map_err(|error| match error.is_foreign_key() {
            true => Error::Invalid {
                pointer: "/audience".to_owned(),
                detail: "names a group or a badge that is not yours".to_owned(),
            },
            false => error,
        })?;
    Ok(())
}

/// # Errors
/// There is no such announcement in the organization.
pub async fn find(
    db: &impl ConnectionTrait,
    scope: &Scope,
    id: AnnouncementId,
) -> Result<Announcement, Error> {
    of(db, scope.organization(), id).await?.ok_or(Error::NotFound)
}

/// One announcement, for the house itself.
///
/// # Errors
/// Those of the database.
pub async fn of(
    db: &impl ConnectionTrait,
    organization: OrganizationId,
    id: AnnouncementId,
) -> Result<Option<Announcement>, Error> {
    let row = select(organization).then("AND id = ?").bind(id).maybe(db).await?;
    row.as_ref().map(announcement).transpose()
}

/// Newest first.
///
/// # Errors
/// Those of the database.
pub async fn list(
    db: &impl ConnectionTrait,
    scope: &Scope,
    after: Option<AnnouncementId>,
    limit: u64,
) -> Result<Vec<Announcement>, Error> {
    let mut query = select(scope.organization());
    if let Some(after) = after {
        query = query.then("AND id < ?").bind(after);
    }
    query.then("ORDER BY id DESC LIMIT ?").bind(limit).all(db).await?.iter().map(announcement).collect()
}

/// Those whose text has this part, newest first.
///
/// # Errors
/// Those of the database.
pub async fn search(
    db: &impl ConnectionTrait,
    scope: &Scope,
    part: &str,
    limit: u64,
) -> Result<Vec<Announcement>, Error> {
    let query =
        select(scope.organization()).then("AND lower(text) LIKE ? ESCAPE '!' ORDER BY id DESC LIMIT ?");
    query.bind(super::sql::pattern(part)).bind(limit).all(db).await?.iter().map(announcement).collect()
}

/// Those that badges are to hold at `now` or later, newest first, for the house itself.
///
/// # Errors
/// Those of the database.
pub async fn live(
    db: &impl ConnectionTrait,
    organization: OrganizationId,
    now: Moment,
) -> Result<Vec<Announcement>, Error> {
    let query = select(organization).then("AND withdrawn_at IS NULL AND valid_until > ?").bind(now);
    query.then("ORDER BY id DESC").all(db).await?.iter().map(announcement).collect()
}

/// Those that are over or were withdrawn, newest first.
///
/// # Errors
/// Those of the database.
pub async fn past(
    db: &impl ConnectionTrait,
    scope: &Scope,
    after: Option<AnnouncementId>,
    limit: u64,
    now: Moment,
) -> Result<Vec<Announcement>, Error> {
    let over = "AND (withdrawn_at IS NOT NULL OR valid_until <= ?)";
    let mut query = select(scope.organization()).then(over).bind(now);
    if let Some(after) = after {
        query = query.then("AND id < ?").bind(after);
    }
    query.then("ORDER BY id DESC LIMIT ?").bind(limit).all(db).await?.iter().map(announcement).collect()
}

/// Takes an announcement back; once is as good as twice.
///
/// # Errors
/// There is no such announcement in the organization.
pub async fn withdraw(tx: &Tx, scope: &Scope, id: AnnouncementId, now: Moment) -> Result<(), Error> {
    let row = sql("UPDATE announcements SET withdrawn_at = ?, revision = revision + 1
        WHERE organization_id = ? AND id = ? AND withdrawn_at IS NULL RETURNING revision")
    .bind(now)
    .bind(scope.organization())
    .bind(id)
    .maybe(tx)
    .await?;
    let Some(row) = row else { return find(tx, scope, id).await.map(drop) };
    let revision = row.count("revision")?;
    audit::append(tx, scope, "announcement.withdraw", Some(("announcement", id.uuid())), None, now).await?;
    changes::append(tx, scope.organization(), changes::Kind::Announcement, id.uuid(), revision, now).await
}

/// Keeps the receipts as they stand at the deadline; the first to do so is right.
///
/// # Errors
/// Those of the database.
pub async fn freeze(tx: &Tx, id: AnnouncementId, summary: &str) -> Result<(), Error> {
    let query = sql("UPDATE announcements SET summary = ? WHERE id = ? AND summary IS NULL");
    query.bind(summary).bind(id).run(tx).await.map(drop)
}
