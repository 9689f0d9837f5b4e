//! A statement being written: SQL with `?` for each value, for whichever engine runs it.

use std::fmt::Write as _;

use badgecast_domain::{
    id::{
        AnnouncementId, BadgeId, ClientId, ConnectionId, FamilyId, GroupId, OrganizationId, TokenId, UserId,
    },
    time::Moment,
    token::Thumbprint,
};
use sea_orm::{ConnectionTrait, DbBackend, QueryResult, Statement, TryGetable, Value};
use uuid::Uuid;

use super::Error;

/// A statement and its values.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sql {
    text: String,
    values: Vec<Value>,
}

/// Starts a statement.
pub(crate) fn sql(text: &str) -> Sql {
    Sql { text: text.to_owned(), values: Vec::new() }
}

impl Sql {
    /// The value of the next `?`.
    pub(crate) fn bind(mut self, value: impl Bind) -> Self {
        self.values.push(value.value());
        self
    }

    /// More text.
    pub(crate) fn then(mut self, text: &str) -> Self {
        self.text.push(' ');
        self.text.push_str(text);
        self
    }

    /// `(?, ?, ..)` with these values; nothing is in an empty list.
    pub(crate) fn list<T: Bind>(mut self, values: impl IntoIterator<Item = T>) -> Self {
        let before = self.values.len();
        self.values.extend(values.into_iter().map(Bind::value));
        self.text.push_str(" (");
        match self.values.len() - before {
            0 => self.text.push_str("NULL"),
            count => self.text.extend(std::iter::once("?").chain(std::iter::repeat_n(", ?", count - 1))),
        }
        self.text.push(')');
        self
    }

    /// As [`Self::list`], with the last value again until their number is a power of two (up to some: SQLite takes 32,766):
    /// a statement for every length would be parsed every time, and these are parsed once.
    pub(crate) fn list_of_many<T: Bind + Copy>(self, values: &[T]) -> Self {
        let missing = match values.len() {
            few @ ..=1_024 => few.next_power_of_two() - few,
            _ => 0,
        };
        let again = values.last().into_iter().flat_map(|last| std::iter::repeat_n(*last, missing));
        self.list(values.iter().copied().chain(again))
    }

    /// `(?, ..), (?, ..), ..`: rows to insert. There has to be one.
    pub(crate) fn tuples<const N: usize>(mut self, rows: impl IntoIterator<Item = [Value; N]>) -> Self {
        for (i, row) in rows.into_iter().enumerate() {
            if i > 0 {
                self.text.push(',');
            }
            self = self.list(row);
        }
        self
    }

    fn statement(self, engine: DbBackend) -> Statement {
        let text = match engine {
            DbBackend::Postgres => numbered(&self.text),
            _ => self.text,
        };
        Statement::from_sql_and_values(engine, text, self.values)
    }

    /// Runs it; how many rows it touched.
    pub(crate) async fn run(self, db: &impl ConnectionTrait) -> Result<u64, Error> {
        let statement = self.statement(db.get_database_backend());
        Ok(db.execute_raw(statement).await?.rows_affected())
    }

    pub(crate) async fn all(self, db: &impl ConnectionTrait) -> Result<Vec<QueryResult>, Error> {
        let statement = self.statement(db.get_database_backend());
        Ok(db.query_all_raw(statement).await?)
    }

    pub(crate) async fn maybe(self, db: &impl ConnectionTrait) -> Result<Option<QueryResult>, Error> {
        let statement = self.statement(db.get_database_backend());
        Ok(db.query_one_raw(statement).await?)
    }

    pub(crate) async fn one(self, db: &impl ConnectionTrait) -> Result<QueryResult, Error> {
        self.maybe(db).await?.ok_or(Error::NotFound)
    }
}

/// `?` becomes `$1`, `$2`, ..; our statements have no `?` in texts.
fn numbered(text: &str) -> String {
    let mut numbered = String::with_capacity(text.len() + 16);
    let mut count = 0;
    for c in text.chars() {
        if c == '?' {
            count += 1;
            // Writing to a string cannot fail.
            let _ = write!(numbered, "${count}");
        } else {
            numbered.push(c);
        }
    }
    numbered
}

/// A value of a statement.
pub(crate) trait Bind {
    fn value(self) -> Value;
}

impl Bind for Value {
    fn value(self) -> Value {
        self
    }
}

macro_rules! plain {
    ($($type:ty)*) => {$(
        impl Bind for $type {
            fn value(self) -> Value {
                self.into()
            }
        }
    )*};
}

plain!(Uuid Option<Uuid> i64 Option<i64> i32 f64 Option<f64> Vec<u8> Option<Vec<u8>> bool);

/// PostgreSQL's texts cannot hold NUL; what somebody sent with one is looked up, and never found, without it.
fn without_nul(text: String) -> String {
    if text.contains('\0') { text.replace('\0', "\u{fffd}") } else { text }
}

impl Bind for String {
    fn value(self) -> Value {
        without_nul(self).into()
    }
}

impl Bind for &str {
    fn value(self) -> Value {
        self.to_owned().value()
    }
}

impl Bind for Option<String> {
    fn value(self) -> Value {
        self.map(without_nul).into()
    }
}

impl Bind for Option<&str> {
    fn value(self) -> Value {
        self.map(str::to_owned).value()
    }
}

macro_rules! ids {
    ($($type:ty)*) => {$(
        impl Bind for $type {
            fn value(self) -> Value {
                self.uuid().into()
            }
        }

        impl Bind for Option<$type> {
            fn value(self) -> Value {
                self.map(<$type>::uuid).into()
            }
        }
    )*};
}

ids!(OrganizationId UserId BadgeId GroupId AnnouncementId ClientId TokenId FamilyId ConnectionId);

impl Bind for Moment {
    fn value(self) -> Value {
        self.ms().into()
    }
}

impl Bind for Option<Moment> {
    fn value(self) -> Value {
        self.map(Moment::ms).into()
    }
}

/// Counts and revisions: far below the column's limit.
impl Bind for u64 {
    fn value(self) -> Value {
        i64::try_from(self).unwrap_or(i64::MAX).into()
    }
}

impl Bind for u32 {
    fn value(self) -> Value {
        i64::from(self).into()
    }
}

impl Bind for Option<u32> {
    fn value(self) -> Value {
        self.map(i64::from).into()
    }
}

impl Bind for [u8; 32] {
    fn value(self) -> Value {
        self.to_vec().into()
    }
}

impl Bind for Option<[u8; 32]> {
    fn value(self) -> Value {
        self.map(Vec::from).into()
    }
}

/// Reading columns by name, as the types they mean.
pub(crate) trait Columns {
    fn get<T: TryGetable>(&self, column: &str) -> Result<T, Error>;

    fn id<T: From<Uuid>>(&self, column: &str) -> Result<T, Error> {
        Ok(self.get::<Uuid>(column)?.into())
    }

    fn maybe_id<T: From<Uuid>>(&self, column: &str) -> Result<Option<T>, Error> {
        Ok(self.get::<Option<Uuid>>(column)?.map(T::from))
    }

    fn thumbprint(&self, column: &str) -> Result<Option<Thumbprint>, Error> {
        let text: Option<String> = self.get(column)?;
        let read =
            |text: String| text.try_into().map_err(|_| Error::Corrupt(format!("{column} is no thumbprint")));
        text.map(read).transpose()
    }

    fn moment(&self, column: &str) -> Result<Moment, Error> {
        Ok(Moment::from_ms(self.get(column)?))
    }

    fn maybe_moment(&self, column: &str) -> Result<Option<Moment>, Error> {
        Ok(self.get::<Option<i64>>(column)?.map(Moment::from_ms))
    }

    fn count(&self, column: &str) -> Result<u64, Error> {
        let count: i64 = self.get(column)?;
        u64::try_from(count).map_err(|_| Error::Corrupt(format!("{column} is negative")))
    }

    /// A SHA-256.
    fn hash(&self, column: &str) -> Result<[u8; 32], Error> {
        let bytes: Vec<u8> = self.get(column)?;
        bytes.try_into().map_err(|_| Error::Corrupt(format!("{column} has not 32 bytes")))
    }

    /// A column that holds one of our words.
    fn word<T>(&self, column: &str, read: impl FnOnce(&str) -> Option<T>) -> Result<T, Error> {
        let text: String = self.get(column)?;
        read(&text).ok_or_else(|| Error::Corrupt(format!("{column}: {text}")))
    }

    fn json<T: serde::de::DeserializeOwned>(&self, column: &str) -> Result<T, Error> {
        let text: String = self.get(column)?;
        serde_json::from_str(&text).map_err(|error| Error::Corrupt(format!("{column}: {error}")))
    }
}

impl Columns for QueryResult {
    fn get<T: TryGetable>(&self, column: &str) -> Result<T, Error> {
        Ok(self.try_get("", column)?)
    }
}

/// JSON for a TEXT column.
pub(crate) fn to_json(value: &impl serde::Serialize) -> Result<String, Error> {
    serde_json::to_string(value).map_err(|error| Error::Corrupt(error.to_string()))
}

/// A document as it is stored: the long form.
pub(crate) fn document(row: &QueryResult) -> Result<badgecast_domain::display::Document, Error> {
    let form = row.json("document")?;
    badgecast_domain::display::Document::parse(form)
        .map_err(|faults| Error::Corrupt(format!("document: {faults:?}")))
}

/// A name as it is searched: `lower()` of the engines leaves capitals that English does not have.
pub(crate) fn folded(name: &str) -> String {
    name.to_lowercase()
}

/// A LIKE pattern (ESCAPE '!') for folded texts that have this part in them.
pub(crate) fn pattern(part: &str) -> String {
    let escaped = folded(part).replace('!', "!!").replace('%', "!%").replace('_', "!_");
    format!("%{escaped}%")
}

/// A version that is larger than the one before, also within one millisecond.
pub(crate) fn later(before: Moment, now: Moment) -> Moment {
    now.max(Moment::from_ms(before.ms() + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_statement_serves_both_engines() {
        let statement = || {
            sql("SELECT a FROM t WHERE b = ? AND c IN")
                .bind(1_i64)
                .list([2_i64, 3])
                .then("AND d = ?")
                .bind(4_i64)
        };
        assert_eq!(
            statement().statement(DbBackend::Sqlite).sql,
            "SELECT a FROM t WHERE b = ? AND c IN (?, ?) AND d = ?"
        );
        let postgres = statement().statement(DbBackend::Postgres);
        assert_eq!(postgres.sql, "SELECT a FROM t WHERE b = $1 AND c IN ($2, $3) AND d = $4");
        let four = sql("x IN").list_of_many(&[1_i64, 2, 3]).statement(DbBackend::Sqlite);
        assert_eq!(four.sql, "x IN (?, ?, ?, ?)");
        assert_eq!(sql("x IN").list_of_many::<i64>(&[]).statement(DbBackend::Sqlite).sql, "x IN (NULL)");
        assert_eq!(sql("x IN").list(Vec::<i64>::new()).statement(DbBackend::Sqlite).sql, "x IN (NULL)");
    }
}
