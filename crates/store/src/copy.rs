//! A copy of a database as an SQLite file, made while the database is in use: what PostgreSQL holds can be looked at, checked
//! and served anywhere.

use std::path::Path;

use sqlx::{AnyConnection, Row};

use crate::database::{Database, Engine, Value, rows_in, run_in};
use crate::error::Error;

/// Rows that are read and written together.
const ROWS_TOGETHER: usize = 500;

/// Copies a database into a new file, as it stands at one moment.
pub(crate) async fn to_file(database: &Database, path: &Path) -> Result<(), Error> {
    if database.engine == Engine::Sqlite {
        database.execute("VACUUM INTO $1", &[Value::from(path.display().to_string())]).await?;
        return Ok(());
    }
    let copy = Database::open(&format!("sqlite://{}?mode=rwc", path.display())).await?;
    let mut from = database.pool.acquire().await?;
    // One picture of all tables, however long it takes and whoever saves meanwhile.
    sqlx::query("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY").execute(&mut *from).await?;
    let mut to = copy.pool.acquire().await?;
    copy.begin(&mut to).await?;
    let copied = tables(&mut from, &mut to).await;
    let end = if copied.is_ok() { "COMMIT" } else { "ROLLBACK" };
    sqlx::query(end).execute(&mut *to).await?;
    sqlx::query("ROLLBACK").execute(&mut *from).await?;
    drop(to);
    copy.pool.close().await;
    copied
}

async fn tables(from: &mut AnyConnection, to: &mut AnyConnection) -> Result<(), Error> {
    let made =
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' AND name <> 'migration'";
    for row in rows_in(to, made, &[]).await? {
        table(from, to, &row.try_get::<String, _>(0)?).await?;
    }
    Ok(())
}

/// One table. Both engines have it by the same migrations, with whole numbers and texts alone.
async fn table(from: &mut AnyConnection, to: &mut AnyConnection, name: &str) -> Result<(), Error> {
    let described = rows_in(to, "SELECT name, type FROM pragma_table_info($1)", &[Value::from(name)]).await?;
    let columns = described
        .iter()
        .map(|row| Ok((row.try_get::<String, _>(0)?, row.try_get::<String, _>(1)? == "BIGINT")))
        .collect::<Result<Vec<_>, sqlx::Error>>()?;
    let names = columns.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(", ");
    let places = (1..=columns.len()).map(|at| format!("${at}")).collect::<Vec<_>>().join(", ");
    let insert = format!("INSERT INTO {name} ({names}) VALUES ({places})");
    // What a migration put there comes again with the rows.
    run_in(to, &format!("DELETE FROM {name}"), &[]).await?;
    // A name of its own: the server remembers by the text what a statement gives.
    let cursor = format!("copied_{name}");
    run_in(from, &format!("DECLARE {cursor} NO SCROLL CURSOR FOR SELECT {names} FROM {name}"), &[]).await?;
    loop {
        let rows = rows_in(from, &format!("FETCH {ROWS_TOGETHER} FROM {cursor}"), &[]).await?;
        for row in &rows {
            let values = columns.iter().enumerate().map(|(at, (_, number))| {
                Ok(match number {
                    true => Value::Int(row.try_get(at)?),
                    false => Value::Text(row.try_get(at)?),
                })
            });
            let values = values.collect::<Result<Vec<_>, sqlx::Error>>()?;
            run_in(to, &insert, &values).await?;
        }
        if rows.len() < ROWS_TOGETHER {
            break;
        }
    }
    run_in(from, &format!("CLOSE {cursor}"), &[]).await
}
