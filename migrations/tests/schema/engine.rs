//! A database of each engine, and how a case is put to it.

use std::fmt;

use badgecast_migrations::{Migrator, MigratorTrait as _};
use badgecast_postgres_for_tests as postgres;
use sea_orm::{
    ConnectOptions, ConnectionTrait as _, Database, DatabaseConnection, DbErr, SqlErr, Statement,
    TransactionTrait as _, Value,
};

use crate::rows::Row;

/// Runs a story on both engines, each as a test of its own.
macro_rules! on_both {
    ($(async fn $name:ident($schema:ident: &Schema) $body:block)*) => {$(
        mod $name {
            use super::*;

            async fn story($schema: &Schema) $body

            #[tokio::test]
            async fn on_sqlite() {
                story(&Schema::sqlite().await).await;
            }

            #[tokio::test]
            async fn on_postgres() {
                story(&Schema::postgres().await).await;
            }
        }
    )*};
}
pub(crate) use on_both;

/// What kind of guard refused a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Guard {
    Check,
    Unique,
    Foreign,
    Present,
    AppendOnly,
}

/// An empty database.
pub(crate) struct Schema {
    pub(crate) connection: DatabaseConnection,
    /// Dropped with the value, after the connection.
    _place: Place,
}

#[expect(dead_code, reason = "held for what dropping them does")]
enum Place {
    Folder(tempfile::TempDir),
    Server(postgres::Database),
}

impl Schema {
    pub(crate) async fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}/schema.db?mode=rwc", folder.path().display());
        Self::at(url, Place::Folder(folder)).await
    }

    pub(crate) async fn postgres() -> Self {
        let database = postgres::Database::fresh();
        Self::at(database.url(), Place::Server(database)).await
    }

    async fn at(url: String, place: Place) -> Self {
        let mut options = ConnectOptions::new(url);
        options.max_connections(1).sqlx_logging(false);
        Self { connection: Database::connect(options).await.unwrap(), _place: place }
    }

    pub(crate) async fn up(&self) {
        Migrator::up(&self.connection, None).await.unwrap();
    }

    pub(crate) async fn down(&self) {
        Migrator::down(&self.connection, None).await.unwrap();
    }

    /// The newest schema with one row of everything in two organizations.
    pub(crate) async fn furnished(&self) {
        self.up().await;
        for row in crate::rows::furniture() {
            self.insert(&row).await.unwrap_or_else(|error| panic!("{row:?}: {error}"));
        }
    }

    pub(crate) async fn run(&self, sql: &str, values: Vec<Value>) -> Result<u64, DbErr> {
        let engine = self.connection.get_database_backend();
        let done = self.connection.execute_raw(Statement::from_sql_and_values(engine, sql, values)).await?;
        Ok(done.rows_affected())
    }

    pub(crate) async fn count(&self, sql: &str) -> i64 {
        let statement = Statement::from_string(self.connection.get_database_backend(), sql);
        let row = self.connection.query_one_raw(statement).await.unwrap().unwrap();
        row.try_get_by_index(0).unwrap()
    }

    pub(crate) async fn insert(&self, row: &Row) -> Result<(), DbErr> {
        let (sql, values) = row.insert();
        self.run(&sql, values).await.map(drop)
    }

    /// The row may stand: tried, and taken back.
    pub(crate) async fn accepts(&self, row: Row) {
        let (sql, values) = row.insert();
        let engine = self.connection.get_database_backend();
        let tried = self.connection.begin().await.unwrap();
        let outcome = tried.execute_raw(Statement::from_sql_and_values(engine, sql, values)).await;
        tried.rollback().await.unwrap();
        outcome.unwrap_or_else(|error| panic!("{row:?} must be accepted: {error}"));
    }

    /// The row as given may stand, but not with `column` changed to `value`.
    pub(crate) async fn refuses(
        &self,
        guard: Guard,
        row: Row,
        column: &'static str,
        value: impl Into<Value>,
    ) {
        self.accepts(row.clone()).await;
        self.refuses_row(guard, row.with(column, value)).await;
    }

    pub(crate) async fn refuses_row(&self, guard: Guard, row: Row) {
        refused_by(guard, self.insert(&row).await, &row);
    }
}

/// The outcome is a refusal by this kind of guard.
pub(crate) fn refused_by<T>(guard: Guard, outcome: Result<T, DbErr>, what: &impl fmt::Debug) {
    let Err(error) = outcome else { panic!("{what:?} must be refused") };
    let text = error.to_string();
    let found = match error.sql_err() {
        Some(SqlErr::UniqueConstraintViolation(_)) => Guard::Unique,
        Some(SqlErr::ForeignKeyConstraintViolation(_)) => Guard::Foreign,
        _ if text.contains("CHECK constraint") || text.contains("check constraint") => Guard::Check,
        _ if text.contains("NOT NULL constraint") || text.contains("not-null constraint") => Guard::Present,
        _ if text.contains("append-only") => Guard::AppendOnly,
        _ => panic!("{what:?} failed for another reason: {text}"),
    };
    assert_eq!(found, guard, "{what:?}: {text}");
}
