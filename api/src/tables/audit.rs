//! The audit trail: who did what, append-only and chained, so that a row that is changed or missing shows.
//!
//! Each row's hash covers its fields and the hash before it; `audit_heads` holds the last one per organization, which
//! also makes two writers take turns. Never a token, a password or a display text.

use badgecast_domain::{id::OrganizationId, time::Moment};
use sea_orm::{ConnectionTrait, QueryResult};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::{
    Error, Tx,
    sql::{Columns as _, sql},
};
use crate::auth::{Actor, Scope};

/// One thing somebody did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub seq: i64,
    pub at: Moment,
    pub actor_kind: String,
    pub actor_id: Option<Uuid>,
    pub action: String,
    pub object_kind: Option<String>,
    pub object_id: Option<Uuid>,
    pub result: String,
    pub request_id: Option<String>,
    pub detail: String,
}

/// What the actions of security events begin with; see [`crate::auth::watch`].
pub const SECURITY: &str = "security.";

/// Which entries to list.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    pub after: Option<i64>,
    /// A whole action, or, with a dot at its end, what it begins with.
    pub action: Option<String>,
    pub actor: Option<Uuid>,
    pub object: Option<Uuid>,
}

/// Writes down what the scope's actor did, in the transaction that does it. Answers the entry's number.
///
/// # Errors
/// Those of the database.
pub async fn append(
    tx: &Tx,
    scope: &Scope,
    action: &str,
    object: Option<(&str, Uuid)>,
    detail: Option<&str>,
    now: Moment,
) -> Result<u64, Error> {
    let organization = scope.organization();
    let actor_id = (scope.actor() != Actor::House).then(|| scope.actor().uuid());
    let entry = Entry {
        seq: 0,
        at: now,
        actor_kind: scope.actor().kind().to_owned(),
        actor_id,
        action: action.to_owned(),
        object_kind: object.map(|(kind, _)| kind.to_owned()),
        object_id: object.map(|(_, id)| id),
        result: "done".to_owned(),
        request_id: crate::request::current().map(|id| id.to_string()),
        detail: detail.unwrap_or_default().to_owned(),
    };
    let before = head(tx, organization).await?;
    let hash = entry.hash(organization, before);
    let row = sql("INSERT INTO audit (organization_id, at, actor_kind, actor_id, action, object_kind, object_id, result,
        request_id, detail, prev_hash, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING seq")
    .bind(organization)
    .bind(entry.at)
    .bind(entry.actor_kind)
    .bind(entry.actor_id)
    .bind(entry.action)
    .bind(entry.object_kind)
    .bind(entry.object_id)
    .bind(entry.result)
    .bind(entry.request_id)
    .bind(entry.detail)
    .bind(before)
    .bind(hash)
    .one(tx)
    .await?;
    sql("UPDATE audit_heads SET length = length + 1, hash = ? WHERE organization_id = ?")
        .bind(hash)
        .bind(organization)
        .run(tx)
        .await?;
    row.count("seq")
}

/// Waits until nobody else changes this organization, and keeps others waiting until the transaction ends: who reads
/// before they write has to begin so.
///
/// # Errors
/// Those of the database.
pub async fn take_turn(tx: &Tx, organization: OrganizationId) -> Result<(), Error> {
    head(tx, organization).await.map(drop)
}

/// The last hash, and the lock on it until the transaction ends.
async fn head(tx: &Tx, organization: OrganizationId) -> Result<[u8; 32], Error> {
    let row = sql("INSERT INTO audit_heads (organization_id, length, hash) VALUES (?, 0, ?)
        ON CONFLICT (organization_id) DO UPDATE SET length = audit_heads.length RETURNING hash")
    .bind(organization)
    .bind([0; 32])
    .one(tx)
    .await?;
    row.hash("hash")
}

impl Entry {
    /// SHA-256 over the hash before and every field, each with its length before it, so that no two entries read alike.
    fn hash(&self, organization: OrganizationId, before: [u8; 32]) -> [u8; 32] {
        let mut hasher = Sha256::new();
        hasher.update(before);
        let uuid = |id: Option<Uuid>| id.map(|id| id.to_string()).unwrap_or_default();
        let fields = [
            organization.to_string(),
            self.at.ms().to_string(),
            self.actor_kind.clone(),
            uuid(self.actor_id),
            self.action.clone(),
            self.object_kind.clone().unwrap_or_default(),
            uuid(self.object_id),
            self.result.clone(),
            self.request_id.clone().unwrap_or_default(),
            self.detail.clone(),
        ];
        for field in fields {
            hasher.update((field.len() as u64).to_be_bytes());
            hasher.update(field);
        }
        hasher.finalize().into()
    }
}

fn entry(row: &QueryResult) -> Result<Entry, Error> {
    Ok(Entry {
        seq: row.get("seq")?,
        at: row.moment("at")?,
        actor_kind: row.get("actor_kind")?,
        actor_id: row.get("actor_id")?,
        action: row.get("action")?,
        object_kind: row.get("object_kind")?,
        object_id: row.get("object_id")?,
        result: row.get("result")?,
        request_id: row.get("request_id")?,
        detail: row.get("detail")?,
    })
}

/// Entries, newest first.
///
/// # Errors
/// Those of the database.
pub async fn list(
    db: &impl ConnectionTrait,
    scope: &Scope,
    filter: &Filter,
    limit: u64,
) -> Result<Vec<Entry>, Error> {
    let mut query = sql("SELECT * FROM audit WHERE organization_id = ?").bind(scope.organization());
    if let Some(after) = filter.after {
        query = query.then("AND seq < ?").bind(after);
    }
    match &filter.action {
        Some(beginning) if beginning.ends_with('.') => {
            // PostgreSQL counts characters in 32 bits.
            let length = i32::try_from(beginning.chars().count()).unwrap_or(i32::MAX);
            query = query.then("AND substr(action, 1, ?) = ?").bind(length);
            query = query.bind(beginning.as_str());
        }
        Some(action) => query = query.then("AND action = ?").bind(action.as_str()),
        None => {}
    }
    if let Some(actor) = filter.actor {
        query = query.then("AND actor_id = ?").bind(actor);
    }
    if let Some(object) = filter.object {
        query = query.then("AND object_id = ?").bind(object);
    }
    query.then("ORDER BY seq DESC LIMIT ?").bind(limit).all(db).await?.iter().map(entry).collect()
}

/// An entry as it hangs in its chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    pub entry: Entry,
    /// The hash of the entry before; zeros for the first.
    pub before: [u8; 32],
    pub hash: [u8; 32],
}

/// How many links are read at a time.
const PAGE: u64 = 1_000;

/// An organization's trail from its first entry on, a page at a time: those after the number of the last one read.
///
/// # Errors
/// Those of the database.
pub async fn chain(
    db: &impl ConnectionTrait,
    organization: OrganizationId,
    after: i64,
) -> Result<Vec<Link>, Error> {
    let rows = sql("SELECT * FROM audit WHERE organization_id = ? AND seq > ? ORDER BY seq LIMIT ?")
        .bind(organization)
        .bind(after)
        .bind(PAGE)
        .all(db)
        .await?;
    let link = |row: &QueryResult| {
        Ok(Link { entry: entry(row)?, before: row.hash("prev_hash")?, hash: row.hash("hash")? })
    };
    rows.iter().map(link).collect()
}

/// What checking a trail found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Every entry is as it was written, and none is missing.
    Whole { entries: u64 },
    /// This entry was changed, or the one before it is missing.
    Broken { seq: i64 },
    /// The newest entries are missing.
    Short { entries: u64, of: u64 },
    /// The entry that was witnessed under this number is missing, or is another one.
    Rewritten { seq: i64 },
}

/// The newest entry of a trail, as somebody outside the database may keep it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    pub organization: OrganizationId,
    pub seq: i64,
    /// How many entries there are up to this one.
    pub length: u64,
    pub hash: [u8; 32],
}

/// The newest entry of every trail whose end is where it should be.
///
/// # Errors
/// Those of the database.
pub async fn heads(db: &impl ConnectionTrait) -> Result<Vec<Head>, Error> {
    let rows = sql("SELECT h.organization_id, h.length, a.seq, a.hash FROM audit_heads h
        JOIN audit a ON a.organization_id = h.organization_id AND a.hash = h.hash
            AND a.seq = (SELECT max(m.seq) FROM audit m WHERE m.organization_id = h.organization_id)
        ORDER BY h.organization_id")
    .all(db)
    .await?;
    let head = |row: &QueryResult| {
        Ok(Head {
            organization: row.id("organization_id")?,
            seq: row.get("seq")?,
            length: row.count("length")?,
            hash: row.hash("hash")?,
        })
    };
    rows.iter().map(head).collect()
}

/// Whether the trail still has this entry.
///
/// # Errors
/// Those of the database.
pub async fn is_there(db: &impl ConnectionTrait, head: &Head) -> Result<bool, Error> {
    let row = sql("SELECT hash FROM audit WHERE organization_id = ? AND seq = ?")
        .bind(head.organization)
        .bind(head.seq)
        .maybe(db)
        .await?;
    Ok(row.map(|row| row.hash("hash")).transpose()? == Some(head.hash))
}

/// Walks an organization's trail and checks every link, and whether it still has the entry that was `witnessed`. What is
/// added meanwhile does no harm.
///
/// # Errors
/// Those of the database.
pub async fn verify(
    db: &impl ConnectionTrait,
    organization: OrganizationId,
    witnessed: Option<&Head>,
) -> Result<Verdict, Error> {
    let head = sql("SELECT length, hash FROM audit_heads WHERE organization_id = ?")
        .bind(organization)
        .maybe(db)
        .await?;
    let (of, newest) = match head {
        Some(row) => (row.count("length")?, row.hash("hash")?),
        None => (0, [0; 32]),
    };
    let (mut entries, mut before, mut last) = (0, [0; 32], 0);
    let mut missed = witnessed;
    loop {
        let links = chain(db, organization, last).await?;
        if links.is_empty() {
            break;
        }
        for Link { entry, before: said, hash } in links {
            let changed = said != before || entry.hash(organization, before) != hash;
            (entries, before, last) = (entries + 1, hash, entry.seq);
            if changed || (entries == of && hash != newest) {
                return Ok(Verdict::Broken { seq: entry.seq });
            }
            missed = missed.filter(|head| (head.seq, head.length, head.hash) != (last, entries, hash));
        }
    }
    Ok(match missed {
        _ if entries < of => Verdict::Short { entries, of },
        Some(head) => Verdict::Rewritten { seq: head.seq },
        None => Verdict::Whole { entries },
    })
}
