//! Refresh tokens (RFC 6749 section 6, RFC 9700 section 4.14): opaque, stored hashed, used once.
//!
//! Each use gives a child. A token shown twice means that someone else has it, and ends its whole family, but for one
//! innocent case: the answer was lost on the way. So within [`GRACE`] the immediate parent of an unused child may ask
//! again, at most [`REPLACEMENTS`] times; the lost child is dead then. Once the child was used, the window is shut.
//! Every decision is taken with the family's row locked, and counts generations, never times.

use std::time::Duration;

use badgecast_domain::{
    access::Scopes,
    id::{FamilyId, OrganizationId, UserId},
    time::Moment,
};
use sea_orm::ConnectionTrait;

use super::secret::{Secret, hash};
use crate::tables::{
    Error,
    refresh::{self as rows, Family, Token},
};

/// A family that is not used for so long ends.
pub const IDLE: Duration = Duration::from_secs(14 * 24 * 60 * 60);
/// A family ends so long after its login, however much it is used.
pub const ABSOLUTE: Duration = Duration::from_secs(90 * 24 * 60 * 60);
/// How long the answer to a use may be asked for again.
pub const GRACE: Duration = Duration::from_secs(10);
/// How often.
pub const REPLACEMENTS: i64 = 2;

/// A login that may be continued.
#[derive(Debug, Clone)]
pub struct Login {
    pub organization: OrganizationId,
    pub user: UserId,
    pub client_id: String,
    pub scope: Scopes,
    pub auth_time: Moment,
}

/// What became of a refresh token that was shown.
#[derive(Debug)]
pub enum Outcome {
    /// It counted; this is its child.
    Rotated { family: Family, child: Secret },
    /// Unknown, expired, of another client, or of a family that is over.
    Refused,
    /// It was used before: the family has to end, and this transaction has to commit.
    Reused { family: Family },
}

/// Begins a family; answers its first token.
///
/// # Errors
/// The database does not answer.
pub async fn begin(db: &impl ConnectionTrait, login: Login, now: Moment) -> Result<(Family, Secret), Error> {
    let Login { organization, user, client_id, scope, auth_time } = login;
    let family = Family {
        id: FamilyId::new(),
        organization,
        user,
        client_id,
        scope,
        auth_time,
        created_at: now,
        expires_at: now.plus(ABSOLUTE),
        revoked_at: None,
    };
    rows::insert_family(db, &family).await?;
    let first = give(db, &family, 0, None, now).await?;
    Ok((family, first))
}

/// Exchanges a refresh token for its child.
///
/// # Errors
/// The database does not answer; that is never reuse.
pub async fn rotate(
    db: &impl ConnectionTrait,
    shown: &str,
    client_id: &str,
    now: Moment,
) -> Result<Outcome, Error> {
    let shown = hash(shown);
    let Some(seen) = rows::find(db, &shown).await? else { return Ok(Outcome::Refused) };
    let Some(family) = rows::lock_family(db, seen.family).await? else { return Ok(Outcome::Refused) };
    // Read again under the lock: another request may have used it meanwhile.
    let Some(token) = rows::find(db, &shown).await? else { return Ok(Outcome::Refused) };
    let over = family.revoked_at.is_some() || family.expires_at <= now || token.expires_at <= now;
    if over || family.client_id != client_id {
        return Ok(Outcome::Refused);
    }
    if token.used_at.is_none() && token.killed_at.is_none() {
        let child = Secret::random();
        rows::use_up(db, &token.hash, &child.hash(), now).await?;
        insert(db, &family, &child, token.generation + 1, Some(&token), now).await?;
        return Ok(Outcome::Rotated { family, child });
    }
    let Some(lost) = lost_child(db, &token, now).await? else { return Ok(Outcome::Reused { family }) };
    let child = Secret::random();
    rows::replace_child(db, &token.hash, &lost.hash, &child.hash(), now).await?;
    insert(db, &family, &child, lost.generation, Some(&token), now).await?;
    Ok(Outcome::Rotated { family, child })
}

/// The unused child of a token that was used a moment ago.
async fn lost_child(db: &impl ConnectionTrait, token: &Token, now: Moment) -> Result<Option<Token>, Error> {
    let (Some(used_at), Some(child)) = (token.used_at, token.child) else { return Ok(None) };
    if now.since(used_at) > GRACE || token.replacements >= REPLACEMENTS {
        return Ok(None);
    }
    let child = rows::find(db, &child).await?;
    Ok(child.filter(|child| child.used_at.is_none() && child.killed_at.is_none()))
}

async fn give(
    db: &impl ConnectionTrait,
    family: &Family,
    generation: i64,
    parent: Option<&Token>,
    now: Moment,
) -> Result<Secret, Error> {
    let secret = Secret::random();
    insert(db, family, &secret, generation, parent, now).await?;
    Ok(secret)
}

async fn insert(
    db: &impl ConnectionTrait,
    family: &Family,
    secret: &Secret,
    generation: i64,
    parent: Option<&Token>,
    now: Moment,
) -> Result<(), Error> {
    let token = Token {
        hash: secret.hash(),
        family: family.id,
        generation,
        parent: parent.map(|parent| parent.hash),
        child: None,
        replacements: 0,
        issued_at: now,
        expires_at: now.plus(IDLE).min(family.expires_at),
        used_at: None,
        killed_at: None,
    };
    rows::insert_token(db, &token).await
}
