//! Failed logins, per account and network.

use badgecast_domain::{id::UserId, time::Moment};
use sea_orm::ConnectionTrait;

use super::{
    Error,
    sql::{Columns as _, sql},
};
use crate::auth::{
    backoff::{Counted, REMEMBERED, wait},
    secret::{Hash, hash},
};

/// The account under which a network's failures of all accounts are counted.
fn everyone() -> Hash {
    hash("")
}

/// Who tries, and from where.
#[derive(Debug, Clone)]
pub struct Attempt {
    account: Hash,
    network: String,
    counted: &'static [Counted],
}

impl Attempt {
    /// `email` as it was typed; it is compared without regard to case.
    #[must_use]
    pub fn new(email: &str, network: String) -> Self {
        Self { account: hash(&email.to_lowercase()), network, counted: &[Counted::Account, Counted::Network] }
    }

    /// Of a signed-in person who types a device's code, from wherever: who has many networks gets no more tries.
    #[must_use]
    pub fn user_code(user: UserId) -> Self {
        // An email has an @, so this is nobody's.
        let account = hash(&format!("user code of {user}"));
        Self { account, network: String::new(), counted: &[Counted::UserCode] }
    }

    fn key(&self, counted: Counted) -> Hash {
        match counted {
            Counted::Account | Counted::UserCode => self.account,
            Counted::Network => everyone(),
        }
    }
}

/// The moment before which this attempt is refused, if it is.
///
/// # Errors
/// Those of the database.
pub async fn blocked_until(
    db: &impl ConnectionTrait,
    attempt: &Attempt,
    now: Moment,
) -> Result<Option<Moment>, Error> {
    let query = sql("SELECT MAX(blocked_until) AS until FROM login_failures
         WHERE network = ? AND account IN (?, ?) AND blocked_until > ?")
    .bind(attempt.network.clone())
    .bind(attempt.account)
    .bind(everyone())
    .bind(now);
    let row = query.maybe(db).await?;
    let until = row.map(|row| row.get::<Option<i64>>("until")).transpose()?.flatten();
    Ok(until.map(Moment::from_ms))
}

/// How many attempts failed of late, this one included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Failures {
    /// Of this account, from wherever.
    pub of_account: u32,
    /// Of all accounts, from this network.
    pub from_network: u32,
    /// How many accounts were failed at from this network, when this was the first failure at one more.
    pub accounts: Option<u32>,
}

/// Counts a failed attempt; the next one has to wait longer.
///
/// # Errors
/// Those of the database.
pub async fn record(db: &impl ConnectionTrait, attempt: &Attempt, now: Moment) -> Result<Failures, Error> {
    let mut failures = Failures::default();
    for counted in attempt.counted {
        let account = attempt.key(*counted);
        let query = sql("INSERT INTO login_failures (account, network, failures, last_at, blocked_until)
             VALUES (?, ?, 1, ?, ?)
             ON CONFLICT (account, network) DO UPDATE SET
                 failures = CASE WHEN login_failures.last_at < ? THEN 1 ELSE login_failures.failures + 1 END,
                 last_at = excluded.last_at
             RETURNING failures")
        .bind(account)
        .bind(attempt.network.clone())
        .bind(now)
        .bind(now)
        .bind(now.minus(REMEMBERED));
        let row = query.maybe(db).await?;
        let failed = row.map_or(Ok(1), |row| row.count("failures")).map(small)?;
        match counted {
            Counted::Network => failures.from_network = failed,
            Counted::Account if failed == 1 => failures.accounts = Some(accounts(db, attempt, now).await?),
            Counted::Account | Counted::UserCode => {}
        }
        let until = now.plus(wait(*counted, failed));
        sql("UPDATE login_failures SET blocked_until = ? WHERE account = ? AND network = ?")
            .bind(until)
            .bind(account)
            .bind(attempt.network.clone())
            .run(db)
            .await?;
    }
    let everywhere = sql("SELECT cast(coalesce(sum(failures), 0) AS BIGINT) AS failures FROM login_failures
        WHERE account = ? AND last_at >= ?");
    let everywhere = everywhere.bind(attempt.account).bind(now.minus(REMEMBERED)).one(db).await?;
    failures.of_account = small(everywhere.count("failures")?);
    Ok(failures)
}

/// How many accounts were failed at from the attempt's network.
async fn accounts(db: &impl ConnectionTrait, attempt: &Attempt, now: Moment) -> Result<u32, Error> {
    let accounts = sql("SELECT count(*) AS accounts FROM login_failures
        WHERE network = ? AND account <> ? AND last_at >= ?")
    .bind(attempt.network.clone())
    .bind(everyone())
    .bind(now.minus(REMEMBERED));
    Ok(small(accounts.one(db).await?.count("accounts")?))
}

fn small(count: u64) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// Forgets the failures of an account from one network, after it logged in there.
///
/// # Errors
/// Those of the database.
pub async fn clear(db: &impl ConnectionTrait, attempt: &Attempt) -> Result<(), Error> {
    sql("DELETE FROM login_failures WHERE account = ? AND network = ?")
        .bind(attempt.account)
        .bind(attempt.network.clone())
        .run(db)
        .await
        .map(drop)
}

/// Forgets what no longer counts.
///
/// # Errors
/// Those of the database.
pub async fn delete_past(db: &impl ConnectionTrait, now: Moment) -> Result<(), Error> {
    let before = now.minus(REMEMBERED);
    sql("DELETE FROM login_failures WHERE last_at < ? AND blocked_until < ?")
        .bind(before)
        .bind(now)
        .run(db)
        .await
        .map(drop)
}
