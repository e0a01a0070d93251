//! The connection to SQLite or PostgreSQL, and migrations.
//!
//! Every statement is one text that runs on both: numbered placeholders, `BIGINT` and `TEXT` only, no JSON operators.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use sha2::{Digest, Sha256};
use sqlx::any::{AnyArguments, AnyPoolOptions, AnyRow};
use sqlx::query::Query;
use sqlx::{Any, AnyConnection, AnyPool, Row};
use tokio::sync::mpsc;

use crate::error::Error;
use crate::limits;

/// A step from one version of the database to the next: its number, its name, its statements.
pub type Migration<'a> = (i64, &'a str, &'a str);

/// The migrations, in order. One is never changed after a release.
pub const MIGRATIONS: &[Migration<'static>] = &[
    (1, "start", include_str!("../migrations/0001-start.sql")),
    (2, "publications", include_str!("../migrations/0002-publications.sql")),
    (3, "signatures", include_str!("../migrations/0003-signatures.sql")),
    (4, "appraisal", include_str!("../migrations/0004-appraisal.sql")),
    (5, "marks", include_str!("../migrations/0005-marks.sql")),
    (6, "drafts", include_str!("../migrations/0006-drafts.sql")),
    (7, "papers", include_str!("../migrations/0007-papers.sql")),
    (8, "asked", include_str!("../migrations/0008-asked.sql")),
    (9, "figures", include_str!("../migrations/0009-figures.sql")),
    (10, "differences", include_str!("../migrations/0010-differences.sql")),
    (11, "half", include_str!("../migrations/0011-half.sql")),
    (12, "grades", include_str!("../migrations/0012-grades.sql")),
    (13, "sign-in", include_str!("../migrations/0013-sign-in.sql")),
];

/// Which engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// A file, in write-ahead-log mode.
    Sqlite,
    /// A server.
    PostgreSql,
}

/// A database that is open and migrated.
#[derive(Clone, Debug)]
pub struct Database {
    pub(crate) pool: AnyPool,
    /// Which engine it is.
    pub engine: Engine,
    /// Statements, transactions and connections that failed since the start.
    pub(crate) errors: Arc<AtomicU64>,
}

/// A value bound to a placeholder.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A number, or nothing.
    Int(Option<i64>),
    /// Words, or nothing.
    Text(Option<String>),
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Int(Some(number))
    }
}

impl From<Option<i64>> for Value {
    fn from(number: Option<i64>) -> Self {
        Self::Int(number)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(Some(text.to_owned()))
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(Some(text))
    }
}

impl From<Option<String>> for Value {
    fn from(text: Option<String>) -> Self {
        Self::Text(text)
    }
}

/// A statement that changes something, with its values.
#[derive(Clone, Debug, PartialEq)]
pub struct Write {
    /// The statement.
    pub sql: &'static str,
    /// Its values, in order.
    pub values: Vec<Value>,
}

/// Makes a [`Write`].
#[macro_export]
#[doc(hidden)]
macro_rules! write_sql {
    ($sql:expr $(, $value:expr)* $(,)?) => {
        $crate::database::Write { sql: $sql, values: vec![$($crate::database::Value::from($value)),*] }
    };
}

fn bound<'q, 'v>(sql: &'q str, values: impl IntoIterator<Item = &'v Value>) -> Query<'q, Any, AnyArguments> {
    let mut query = sqlx::query(sqlx::AssertSqlSafe(sql.to_owned()));
    for value in values {
        query = match value {
            Value::Int(number) => query.bind(*number),
            Value::Text(text) => query.bind(text.clone()),
        };
    }
    query
}

impl Database {
    /// Opens the database at `url` (`sqlite:PATH` or `postgres://…`) and brings it up to date.
    ///
    /// # Errors
    /// What cannot be reached, opened or migrated; a migration that fails leaves the database as it was.
    pub async fn open(url: &str) -> Result<Self, Error> {
        Self::open_at(url, MIGRATIONS).await
    }

    /// Opens the database and brings it only so far: how tests come by a database of an earlier version.
    ///
    /// # Errors
    /// As [`Database::open`].
    pub async fn open_at(url: &str, migrations: &[Migration<'_>]) -> Result<Self, Error> {
        let database = Self::connect(url).await?;
        let result = database.migrate(migrations).await;
        if result.is_err() {
            database.pool.close().await;
        }
        result.map(|()| database)
    }

    /// Opens the database as it is: one that this version would have to bring up to date is refused, and left alone.
    ///
    /// # Errors
    /// What cannot be reached, opened or understood; a database of another version.
    pub async fn open_as_it_is(url: &str) -> Result<Self, Error> {
        let database = Self::connect(url).await?;
        let rows = database.rows("SELECT number FROM migration", &[]).await?;
        let done: Vec<i64> = rows.iter().map(|row| row.try_get(0)).collect::<Result<_, sqlx::Error>>()?;
        if let Some(number) = done.iter().find(|number| !MIGRATIONS.iter().any(|one| one.0 == **number)) {
            return Err(Error::NewerDatabase { migration: *number });
        }
        match MIGRATIONS.iter().find(|one| !done.contains(&one.0)) {
            Some((number, ..)) => Err(Error::OlderDatabase { migration: *number }),
            None => Ok(database),
        }
    }

    /// Opens the database without migrating it.
    pub(crate) async fn connect(url: &str) -> Result<Self, Error> {
        sqlx::any::install_default_drivers();
        let engine = if url.starts_with("sqlite:") { Engine::Sqlite } else { Engine::PostgreSql };
        let pool = AnyPoolOptions::new()
            .max_connections(match engine {
                Engine::Sqlite => limits::SQLITE_CONNECTIONS,
                Engine::PostgreSql => limits::POSTGRESQL_CONNECTIONS,
            })
            .acquire_timeout(Duration::from_secs(limits::CONNECT_SECONDS_MAX))
            .after_connect(move |connection, _| {
                Box::pin(async move {
                    if engine == Engine::Sqlite {
                        for pragma in [
                            "PRAGMA journal_mode = WAL",
                            "PRAGMA synchronous = FULL",
                            "PRAGMA busy_timeout = 10000",
                            "PRAGMA foreign_keys = ON",
                            "PRAGMA cache_size = -16000",
                        ] {
                            sqlx::query(pragma).execute(&mut *connection).await?;
                        }
                        let pages = limits::WAL_PAGES_MAX;
                        let largest = format!("PRAGMA wal_autocheckpoint = {pages}");
                        sqlx::query(sqlx::AssertSqlSafe(largest)).execute(&mut *connection).await?;
                    }
                    Ok(())
                })
            })
            .connect(url)
            .await?;
        Ok(Self { pool, engine, errors: Arc::default() })
    }

    async fn migrate(&self, migrations: &[Migration<'_>]) -> Result<(), Error> {
        let mut connection = self.pool.acquire().await?;
        self.begin(&mut connection).await?;
        let result = self.migrate_within(&mut connection, migrations).await;
        let end = if result.is_ok() { "COMMIT" } else { "ROLLBACK" };
        sqlx::query(end).execute(&mut *connection).await?;
        result
    }

    async fn migrate_within(&self, connection: &mut AnyConnection, migrations: &[Migration<'_>]) -> Result<(), Error> {
        sqlx::query(
            "CREATE TABLE IF NOT EXISTS migration (number BIGINT PRIMARY KEY, name TEXT NOT NULL, sha256 TEXT NOT NULL)",
        )
        .execute(&mut *connection)
        .await?;
        if self.engine == Engine::PostgreSql {
            // Two copies that start at once take turns.
            sqlx::query("LOCK TABLE migration IN ACCESS EXCLUSIVE MODE").execute(&mut *connection).await?;
        }
        let rows =
            sqlx::query("SELECT number, sha256 FROM migration ORDER BY number").fetch_all(&mut *connection).await?;
        let done: Vec<(i64, String)> =
            rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect::<Result<_, sqlx::Error>>()?;
        if let Some((number, _)) = done.iter().find(|(number, _)| !migrations.iter().any(|one| one.0 == *number)) {
            return Err(Error::NewerDatabase { migration: *number });
        }
        for (number, name, sql) in migrations {
            let hash = hex(&Sha256::digest(sql.as_bytes()));
            match done.iter().find(|(done, _)| done == number) {
                Some((_, kept)) if *kept == hash => continue,
                Some(_) => return Err(Error::ChangedMigration { migration: *number }),
                None => {}
            }
            for statement in statements(sql) {
                sqlx::query(sqlx::AssertSqlSafe(statement.to_owned()))
                    .execute(&mut *connection)
                    .await
                    .map_err(|source| Error::Migration { migration: *number, source })?;
            }
            let write = crate::write_sql!(
                "INSERT INTO migration (number, name, sha256) VALUES ($1, $2, $3)",
                *number,
                *name,
                hash
            );
            bound(write.sql, &write.values).execute(&mut *connection).await?;
        }
        Ok(())
    }

    /// Begins a transaction that may write at once.
    pub(crate) async fn begin(&self, connection: &mut AnyConnection) -> Result<(), Error> {
        let begin = match self.engine {
            Engine::Sqlite => "BEGIN IMMEDIATE",
            Engine::PostgreSql => "BEGIN",
        };
        sqlx::query(begin).execute(connection).await?;
        Ok(())
    }

    /// Reads rows.
    pub(crate) async fn rows(&self, sql: &str, values: &[Value]) -> Result<Vec<AnyRow>, Error> {
        Ok(self.counted(bound(sql, values).fetch_all(&self.pool).await)?)
    }

    /// Changes rows outside the audited door: sessions, attempts, leases. Gives how many rows changed.
    pub(crate) async fn execute(&self, sql: &str, values: &[Value]) -> Result<u64, Error> {
        Ok(self.counted(bound(sql, values).execute(&self.pool).await)?.rows_affected())
    }

    /// Moves what SQLite has in its log into the file itself, beside whoever writes: the flush that this takes would
    /// otherwise fall to one save in some hundred, and to everybody who waits with it.
    pub(crate) async fn keep_log_short(self, mut wrote: mpsc::Receiver<()>) {
        if self.engine != Engine::Sqlite {
            return;
        }
        while wrote.recv().await.is_some() {
            tokio::time::sleep(Duration::from_millis(limits::WAL_REST_MS)).await;
            let moved = sqlx::query("PRAGMA wal_checkpoint(PASSIVE)").execute(&self.pool).await;
            if let Err(error) = self.counted(moved) {
                tracing::warn!(%error, "the log of the database was not moved into the file");
            }
        }
    }

    /// Counts a failure, and hands the result on.
    pub(crate) fn counted<T, E>(&self, result: Result<T, E>) -> Result<T, E> {
        if result.is_err() {
            self.errors.fetch_add(1, Ordering::Relaxed);
        }
        result
    }
}

/// Reads rows within a transaction.
pub(crate) async fn rows_in(connection: &mut AnyConnection, sql: &str, values: &[Value]) -> Result<Vec<AnyRow>, Error> {
    Ok(bound(sql, values).fetch_all(connection).await?)
}

/// Carries a statement out within a transaction.
pub(crate) async fn run_in(connection: &mut AnyConnection, sql: &str, values: &[Value]) -> Result<(), Error> {
    bound(sql, values).execute(connection).await?;
    Ok(())
}

/// Carries a write out within a transaction.
pub(crate) async fn write_in(connection: &mut AnyConnection, write: &Write) -> Result<(), Error> {
    bound(write.sql, &write.values).execute(connection).await?;
    Ok(())
}

impl Database {
    /// Carries writes out within a transaction, in order. SQLite takes some of them at a time: each request to it goes to
    /// a thread of its own and back, and under load the way there takes longer than the write.
    pub(crate) async fn write_all(&self, connection: &mut AnyConnection, writes: &[Write]) -> Result<(), Error> {
        let together = match self.engine {
            Engine::Sqlite => limits::STATEMENTS_TOGETHER_MAX,
            Engine::PostgreSql => 1,
        };
        for some in writes.chunks(together) {
            match some {
                [one] => write_in(connection, one).await?,
                some => {
                    let values = some.iter().flat_map(|write| &write.values);
                    bound(&joined(some), values).execute(&mut *connection).await?;
                }
            }
        }
        Ok(())
    }
}

/// Several statements as one text, their placeholders numbered on.
fn joined(writes: &[Write]) -> String {
    let (mut sql, mut before) = (String::new(), 0);
    for write in writes {
        let mut pieces = write.sql.split('$');
        sql.extend(pieces.next());
        for piece in pieces {
            let rest = piece.trim_start_matches(|letter: char| letter.is_ascii_digit());
            let number: usize = piece[..piece.len() - rest.len()].parse().unwrap_or_default();
            sql.push_str(&format!("${}{rest}", number + before));
        }
        sql.push_str("; ");
        before += write.values.len();
    }
    sql
}

/// The statements of a migration: semicolons end them, and none stands inside a text here.
fn statements(sql: &str) -> impl Iterator<Item = &str> {
    sql.split(";\n").map(str::trim).filter(|statement| !statement.is_empty())
}

/// Bytes in lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_of_joined_statements_are_numbered_on() {
        let first = crate::write_sql!("UPDATE a SET b = $2, c = $10 WHERE d = $1", 1, 2);
        let second = crate::write_sql!("DELETE FROM a WHERE b = $1", 3);
        let joined = joined(&[first, second.clone(), second]);
        let expected =
            "UPDATE a SET b = $2, c = $10 WHERE d = $1; DELETE FROM a WHERE b = $3; DELETE FROM a WHERE b = $4; ";
        assert_eq!(joined, expected);
    }
}
