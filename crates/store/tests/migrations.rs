//! A database of every earlier version is brought up with its data; a step that fails leaves it as it was.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

#[allow(dead_code, reason = "each file of tests uses its own part of what is shared")]
mod common;

use std::collections::{BTreeMap, BTreeSet};

use common::{Cluster, World, now};
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Column, Connection, Row};
use store::command::EntryChange;
use store::database::{Database, MIGRATIONS};
use store::{Command, Error, Store};

/// Every table's rows: columns by name, as text or number.
type Tables = BTreeMap<String, BTreeSet<BTreeMap<String, String>>>;

/// A value with its type, as a literal of both engines.
fn literal(row: &AnyRow, column: usize) -> String {
    if let Ok(number) = row.try_get::<Option<i64>, _>(column) {
        return number.map_or_else(|| "NULL".to_owned(), |number| number.to_string());
    }
    let text: Option<String> = row.try_get(column).unwrap();
    text.map_or_else(|| "NULL".to_owned(), |text| format!("'{}'", text.replace('\'', "''")))
}

/// The tables that the migrations up to a number make.
fn tables(upto: usize) -> BTreeSet<String> {
    let made = MIGRATIONS[..upto].iter().flat_map(|(_, _, sql)| sql.split("CREATE TABLE ").skip(1));
    made.map(|rest| rest.split([' ', '(']).next().unwrap().to_owned()).collect()
}

async fn connect(url: &str) -> AnyConnection {
    sqlx::any::install_default_drivers();
    AnyConnection::connect(url).await.unwrap()
}

async fn dump(url: &str, tables: &BTreeSet<String>) -> Tables {
    let mut connection = connect(url).await;
    let mut found = Tables::new();
    for table in tables {
        let sql = sqlx::AssertSqlSafe(format!("SELECT * FROM {table}"));
        let rows = sqlx::query(sql).fetch_all(&mut connection).await.unwrap();
        let rows = rows
            .iter()
            .map(|row| row.columns().iter().map(|one| (one.name().to_owned(), literal(row, one.ordinal()))).collect());
        found.insert(table.clone(), rows.collect());
    }
    connection.close().await.unwrap();
    found
}

/// The columns that a table has in a database, told by what the database says of a column that is not there.
async fn columns(connection: &mut AnyConnection, table: &str, wanted: &BTreeMap<String, String>) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for column in wanted.keys() {
        let sql = sqlx::AssertSqlSafe(format!("SELECT {column} FROM {table}"));
        if sqlx::query(sql).fetch_optional(&mut *connection).await.is_ok() {
            found.insert(column.clone());
        }
    }
    found
}

/// Puts rows into a database of an earlier version, as far as it has tables and columns for them.
async fn restore(url: &str, from: &Tables, into: &BTreeSet<String>) -> BTreeMap<String, BTreeSet<String>> {
    let mut connection = connect(url).await;
    sqlx::query("DELETE FROM head").execute(&mut connection).await.unwrap();
    let mut kept = BTreeMap::new();
    for table in into {
        let Some(first) = from[table].iter().next() else { continue };
        let columns = columns(&mut connection, table, first).await;
        for row in &from[table] {
            let names: Vec<&str> = columns.iter().map(String::as_str).collect();
            let values: Vec<&str> = columns.iter().map(|column| row[column].as_str()).collect();
            let sql = format!("INSERT INTO {table} ({}) VALUES ({})", names.join(", "), values.join(", "));
            sqlx::query(sqlx::AssertSqlSafe(sql)).execute(&mut connection).await.unwrap();
        }
        kept.insert(table.clone(), columns);
    }
    connection.close().await.unwrap();
    kept
}

/// Only these columns of each table.
fn cut(tables: &Tables, columns: &BTreeMap<String, BTreeSet<String>>) -> Tables {
    let cut_row = |row: &BTreeMap<String, String>, kept: &BTreeSet<String>| {
        row.iter().filter(|(name, _)| kept.contains(*name)).map(|(name, value)| (name.clone(), value.clone())).collect()
    };
    columns
        .iter()
        .map(|(table, kept)| (table.clone(), tables[table].iter().map(|row| cut_row(row, kept)).collect()))
        .collect()
}

/// A province in which somebody has filled something in.
async fn lived_in(url: &str) -> World {
    let world = World::new(url).await;
    let figure = {
        let state = world.store.state();
        let level = state.levels.values().next().unwrap();
        level.program.set.indicator("I.5.2").unwrap().all_figures()[0].id.clone()
    };
    let change = EntryChange { figures: [(figure, "9".to_owned())].into(), ..EntryChange::default() };
    let assessment = world.sheet("A");
    let save = Command::SaveEntry { assessment, indicator: "I.5.2".to_owned(), version: 0, change };
    world.store.change(world.actor("vh-xh@a.example"), now(), save).await.unwrap();
    world
}

/// `address` gives a new, empty database for each name.
async fn every_earlier_version_comes_up_with_its_data(world: &World, address: impl Fn(&str) -> String) {
    let all = tables(MIGRATIONS.len());
    let whole = dump(&world.url, &all).await;
    for table in ["event", "unit", "account", "position", "holding", "round", "round_level", "entry", "assignment"] {
        assert!(!whole[table].is_empty(), "{table} has nothing that could be lost");
    }
    for upto in 1..=MIGRATIONS.len() {
        let url = address(&format!("version_{upto}"));
        drop(Database::open_at(&url, &MIGRATIONS[..upto]).await.unwrap());
        let kept = restore(&url, &whole, &tables(upto)).await;

        let evidence = tempfile::tempdir().unwrap();
        let store = Store::open(&url, evidence.path()).await.unwrap();
        assert_eq!(cut(&dump(&url, &all).await, &kept), cut(&whole, &kept), "after {upto} migrations");
        let report = store.audit().await.unwrap();
        assert_eq!(report.faults, [""; 0], "after {upto} migrations");
        let id = world.sheet("A");
        assert!(store.state().assessments[&id].marks.has_begun(), "what was begun before is known to be begun");
        assert!(!store.state().assessments[&world.sheet("B")].marks.has_begun());
        assert_eq!(store.sheet(id).await.unwrap(), world.store.sheet(id).await.unwrap());
        // The next start finds nothing to do.
        Store::open(&url, evidence.path()).await.unwrap();
    }
}

async fn a_step_that_fails_leaves_the_database_as_it_was(world: &World) {
    let all: BTreeSet<String> = tables(MIGRATIONS.len()).into_iter().chain(["migration".to_owned()]).collect();
    let before = dump(&world.url, &all).await;
    let broken = "CREATE TABLE half (id BIGINT);\nDELETE FROM unit;\nUPDATE nowhere SET x = 1;\n";
    let steps: Vec<_> = MIGRATIONS.iter().copied().chain([(99, "broken", broken)]).collect();
    let error = Database::open_at(&world.url, &steps).await.err().unwrap();
    assert!(matches!(error, Error::Migration { migration: 99, .. }), "{error:?}");
    let text = error.text();
    assert!(text.vi.contains("bước 99") && text.vi.contains("dữ liệu vẫn như cũ"), "{}", text.vi);
    assert!(text.en.contains("step 99") && text.en.contains("as it was"), "{}", text.en);
    assert_eq!(dump(&world.url, &all).await, before);
    let mut connection = connect(&world.url).await;
    assert!(sqlx::query("SELECT id FROM half").fetch_optional(&mut connection).await.is_err());
    connection.close().await.unwrap();
    Store::open(&world.url, world.folder.path().join("evidence")).await.unwrap();

    // What a newer version made, or another one changed, is left alone.
    let newer: Vec<_> =
        MIGRATIONS.iter().copied().chain([(99, "later", "CREATE TABLE later (id BIGINT);\n")]).collect();
    Database::open_at(&world.url, &newer).await.unwrap();
    let refused = Store::open(&world.url, world.folder.path().join("evidence")).await.err().unwrap();
    assert!(matches!(refused, Error::NewerDatabase { migration: 99 }), "{refused:?}");
    let mut other = newer.clone();
    other[0].2 = "SELECT 1;\n";
    let refused = Database::open_at(&world.url, &other).await.err().unwrap();
    assert!(matches!(refused, Error::ChangedMigration { migration: 1 }), "{refused:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sqlite() {
    let world = lived_in("sqlite://FOLDER/thuocdo.sqlite?mode=rwc").await;
    let folder = tempfile::tempdir().unwrap();
    let address = |name: &str| format!("sqlite://{}/{name}.sqlite?mode=rwc", folder.path().display());
    every_earlier_version_comes_up_with_its_data(&world, address).await;
    a_step_that_fails_leaves_the_database_as_it_was(&world).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgresql() {
    let cluster = Cluster::start();
    let world = lived_in(&cluster.database("lived_in")).await;
    every_earlier_version_comes_up_with_its_data(&world, |name| cluster.database(name)).await;
    a_step_that_fails_leaves_the_database_as_it_was(&world).await;
}
