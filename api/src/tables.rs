//! All SQL of the product. A file per noun; rows in, typed values out.
//!
//! Functions take who asks as a [`Scope`](crate::auth::Scope), so a query without an organization cannot be written by
//! accident. They say [`Error`] and know no status codes. Statements are SQL, written once for SQLite and PostgreSQL.

pub mod announcements;
pub mod api_keys;
pub mod audiences;
pub mod audit;
pub mod authorization_codes;
pub mod badges;
pub mod changes;
pub mod claims;
pub mod clients;
pub mod connections;
pub mod device_codes;
mod devices;
pub mod display_history;
pub mod displays;
pub mod expired;
pub mod gateways;
pub mod groups;
pub mod idempotency;
pub mod jobs;
pub mod layers;
pub mod login_failures;
pub mod organizations;
pub mod people;
pub mod places;
pub mod receipts;
pub mod refresh;
pub mod replay;
pub mod revocations;
pub mod sessions;
pub mod signing_keys;
mod sql;
#[cfg(test)]
mod tests;
pub mod wall;

use std::{
    fmt,
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use badgecast_domain::id::OrganizationId;
use badgecast_migrations::{Migrator, MigratorTrait as _};
use sea_orm::{
    ConnectOptions, ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, RuntimeErr,
    SqlErr, SqliteTransactionMode, TransactionOptions, TransactionTrait as _,
};
use tokio::{sync::watch, time::sleep};

use crate::auth::Scope;

/// A transaction that may write.
pub type Tx = DatabaseTransaction;

/// How long a statement waits for another process that writes.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// How long somebody waits who is told at once that another process writes.
const ASK_AGAIN: Duration = Duration::from_millis(20);
/// How often work that can be done over is tried.
const TRIES: usize = 3;
/// How long a request waits for a free connection.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);

/// Why a table did not do as asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no such row, or it is out of the asker's reach.
    #[error("no such row")]
    NotFound,
    /// It contradicts another row; the text is for people.
    #[error("{0}")]
    Conflict(&'static str),
    /// The input names something that is not there.
    #[error("{pointer}: {detail}")]
    Invalid { pointer: String, detail: String },
    /// The database did not do it: gone, busy, full.
    #[error("the database: {0}")]
    Unavailable(#[source] DbErr),
    /// A row holds what no version of this program writes.
    #[error("a row cannot be understood: {0}")]
    Corrupt(String),
}

impl From<DbErr> for Error {
    fn from(error: DbErr) -> Self {
        match error {
            DbErr::Type(_) | DbErr::Json(_) | DbErr::TryIntoErr { .. } => Self::Corrupt(error.to_string()),
            error => Self::Unavailable(error),
        }
    }
}

impl Error {
    /// For `map_err`: a row that must be unique is already there.
    pub(crate) fn taken(detail: &'static str) -> impl Fn(Self) -> Self {
        move |error| match error {
            Self::Unavailable(ref inner)
                if matches!(inner.sql_err(), Some(SqlErr::UniqueConstraintViolation(_))) =>
            {
                Self::Conflict(detail)
            }
            error => error,
        }
    }

    /// SQLite has locked the file: `SQLITE_BUSY` and its extended codes.
    fn is_busy(&self) -> bool {
        const SQLITE_BUSY: i32 = 5;
        let Self::Unavailable(DbErr::Conn(RuntimeErr::SqlxError(error))) = self else { return false };
        let code = error.as_database_error().and_then(|error| error.code());
        code.and_then(|code| code.parse::<i32>().ok()).is_some_and(|code| code & 0xff == SQLITE_BUSY)
    }

    pub(crate) fn is_foreign_key(&self) -> bool {
        let Self::Unavailable(inner) = self else { return false };
        matches!(inner.sql_err(), Some(SqlErr::ForeignKeyConstraintViolation(_)))
    }
}

/// A failure that may be gone when the work is done over.
pub trait Clash {
    /// Whether another transaction stood in the way of this one, which was undone.
    fn is_clash(&self) -> bool;
}

impl Clash for Error {
    /// SQLSTATE 40001 and 40P01; SQLite has one writer, so nobody is in its way.
    fn is_clash(&self) -> bool {
        let Self::Unavailable(
            DbErr::Exec(RuntimeErr::SqlxError(error)) | DbErr::Query(RuntimeErr::SqlxError(error)),
        ) = self
        else {
            return false;
        };
        let code = error.as_database_error().and_then(|error| error.code());
        matches!(code.as_deref(), Some("40001" | "40P01"))
    }
}

/// The database, open. Cheap to clone.
#[derive(Clone)]
pub struct Database {
    read: DatabaseConnection,
    write: DatabaseConnection,
    bell: Arc<watch::Sender<u64>>,
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Database({:?})", self.read.get_database_backend())
    }
}

impl Database {
    /// SQLite in this file, made if it is missing. Many read, one writes.
    ///
    /// # Errors
    /// The file cannot be opened or brought up to date.
    pub async fn sqlite(file: &Path) -> Result<Self, Error> {
        let url = format!("sqlite://{}?mode=rwc", file.display());
        let write = connect_in_turn(&url).await?;
        bring_up(&write).await?;
        let read = connect(url, 4).await?;
        Ok(Self { read, write, bell: Arc::default() })
    }

    /// PostgreSQL at this URL; one pool for all.
    ///
    /// # Errors
    /// It does not answer or cannot be brought up to date.
    pub async fn postgres(url: &str) -> Result<Self, Error> {
        let pool = connect(url.to_owned(), 16).await?;
        bring_up(&pool).await?;
        Ok(Self { read: pool.clone(), write: pool, bell: Arc::default() })
    }

    /// Whether other processes may serve from it, too.
    #[must_use]
    pub fn is_shared(&self) -> bool {
        self.read.get_database_backend() == DbBackend::Postgres
    }

    /// For queries.
    #[must_use]
    pub const fn read(&self) -> &DatabaseConnection {
        &self.read
    }

    /// Runs `work` in one transaction: committed when it answers `Ok`, undone otherwise. Then the bell rings.
    ///
    /// # Errors
    /// Those of `work`, and those of the database.
    pub async fn write<T, E: From<Error>>(
        &self,
        work: impl AsyncFnOnce(&Tx) -> Result<T, E>,
    ) -> Result<T, E> {
        let tx = begin(&self.write).await?;
        let outcome = work(&tx).await;
        self.end(tx, outcome).await
    }

    /// Commits or undoes, and rings the bell.
    async fn end<T, E: From<Error>>(&self, tx: Tx, outcome: Result<T, E>) -> Result<T, E> {
        let outcome = match outcome {
            Ok(done) => tx.commit().await.map(|()| done).map_err(|error| Error::from(error).into()),
            Err(error) => {
                // A transaction that cannot be undone is undone by the database when its connection closes.
                if let Err(failed) = tx.rollback().await {
                    tracing::warn!(error = %failed, "rollback failed");
                }
                Err(error)
            }
        };
        // Also when it was undone: on PostgreSQL the changes of others may have waited for this one to end.
        self.bell.send_modify(|rung| *rung += 1);
        outcome
    }

    /// As [`Self::write`], but changes of one organization take turns: what `work` reads is what it changes. It is done
    /// over, when another transaction was in its way.
    ///
    /// # Errors
    /// Those of `work`, and those of the database.
    pub async fn change<T, E: From<Error> + Clash>(
        &self,
        scope: &Scope,
        work: impl AsyncFn(&Tx) -> Result<T, E>,
    ) -> Result<T, E> {
        self.again(Some(scope.organization()), || async |tx: &Tx| work(tx).await).await
    }

    /// As [`Self::write`], for work that can be made anew: it is done over, when another transaction was in its way (a deadlock, on
    /// PostgreSQL).
    ///
    /// # Errors
    /// Those of `work`, and those of the database.
    pub async fn write_again<T, W>(&self, work: impl Fn() -> W) -> Result<T, Error>
    where
        W: AsyncFnOnce(&Tx) -> Result<T, Error>,
    {
        self.again(None, work).await
    }

    /// In its organization's turn, if it has to wait for one.
    async fn again<T, E, W>(&self, turn: Option<OrganizationId>, work: impl Fn() -> W) -> Result<T, E>
    where
        E: From<Error> + Clash,
        W: AsyncFnOnce(&Tx) -> Result<T, E>,
    {
        let mut tries = 1;
        loop {
            let tx = begin(&self.write).await?;
            let turn = match turn {
                Some(organization) => audit::take_turn(&tx, organization).await,
                None => Ok(()),
            };
            let outcome = match turn {
                Ok(()) => work()(&tx).await,
                Err(error) => Err(error.into()),
            };
            match self.end(tx, outcome).await {
                Err(error) if error.is_clash() && tries < TRIES => {
                    tracing::debug!(tries, "another transaction was in the way; done over");
                    tries += 1;
                }
                Err(error) if error.is_clash() => {
                    tracing::warn!(tries, "other transactions were in the way each time");
                    return Err(error);
                }
                done => return done,
            }
        }
    }

    /// Changes whenever a transaction of this process ends.
    #[must_use]
    pub fn bell(&self) -> watch::Receiver<u64> {
        self.bell.subscribe()
    }

    /// Asks for a sign of life.
    ///
    /// # Errors
    /// There was none.
    pub async fn ping(&self) -> Result<(), Error> {
        self.read.execute_unprepared("SELECT 1").await?;
        Ok(())
    }

    /// Closes every connection.
    pub async fn close(self) {
        for pool in [self.read, self.write] {
            if let Err(error) = pool.close().await {
                tracing::warn!(%error, "database not closed cleanly");
            }
        }
    }
}

/// Starts a transaction that may write.
async fn begin(pool: &DatabaseConnection) -> Result<Tx, Error> {
    // Immediate: a transaction that reads first must not find, when it writes, that another process was faster.
    let options = TransactionOptions {
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..Default::default()
    };
    Ok(pool.begin_with_options(options).await?)
}

/// Makes the schema the newest, in one transaction: of processes that start together on an empty database one makes it
/// and the others find it made.
async fn bring_up(pool: &DatabaseConnection) -> Result<(), Error> {
    /// Any number that nobody else on the server locks: "badge" in ASCII.
    const LOCK: i64 = 0x62_61_64_67_65;
    let tx = begin(pool).await?;
    if pool.get_database_backend() == DbBackend::Postgres {
        sql::sql("SELECT pg_advisory_xact_lock(?)").bind(LOCK).all(&tx).await?;
    }
    Migrator::up(&tx, None).await?;
    Ok(tx.commit().await?)
}

/// The one connection that writes to SQLite. Turning an empty file to WAL waits for nobody, whatever the busy timeout says: of
/// processes that start together the later ones are told that it is locked, and ask again.
async fn connect_in_turn(url: &str) -> Result<DatabaseConnection, Error> {
    let until = Instant::now() + BUSY_TIMEOUT;
    loop {
        match connect(url.to_owned(), 1).await {
            Err(error) if error.is_busy() && Instant::now() < until => sleep(ASK_AGAIN).await,
            done => return done,
        }
    }
}

async fn connect(url: String, connections: u32) -> Result<DatabaseConnection, Error> {
    let mut options = ConnectOptions::new(url);
    options
        .max_connections(connections)
        .min_connections(1)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .sqlx_logging(false)
        .map_sqlx_sqlite_opts(|sqlite| {
            // FULL: what was acknowledged survives a power cut, too.
            sqlite
                // Rows come from a thread of SQLite's own; few at a time is a switch of threads for each few.
                .row_buffer_size(1_024)
                .pragma("journal_mode", "WAL")
                .pragma("synchronous", "FULL")
                // INSERT OR REPLACE asks the triggers too whether a row may go.
                .pragma("recursive_triggers", "ON")
                // 16 MB a connection: a scan over 10,000 badges fits, where SQLite's 2 MB read it from the file each time.
                .pragma("cache_size", "-16384")
                .foreign_keys(true)
                .busy_timeout(BUSY_TIMEOUT)
        });
    Ok(sea_orm::Database::connect(options).await?)
}
