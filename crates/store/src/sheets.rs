//! Sheets with their entries: read from the database when they are opened, and written back entry by entry.

use std::collections::BTreeMap;

use criteria::Number;
use cycle::action::EntryState;
use cycle::entry::{Score, ScoreKind};
use cycle::{AccountId, AssessmentId, Entry, Marks, Sheet};
use jiff::Timestamp;
use sqlx::{AnyConnection, Row};

use crate::database::{Value, Write, rows_in};
use crate::error::Error;
use crate::packed::{Fields, Query};
use crate::state::{Assessment, Level, json, optional_json};
use crate::write_sql;

/// What is read of an entry, of a table `e`.
pub(crate) const ENTRY_COLUMNS: [&str; 19] = [
    "e.assessment",
    "e.indicator",
    "e.place",
    "e.state",
    "e.version",
    "e.answer",
    "e.self_points",
    "e.self_excluded",
    "e.self_kind",
    "e.appraised",
    "e.final",
    "e.ready_at",
    "e.updated_at",
    "e.updated_by",
    "e.returned_due",
    "e.returned",
    "e.note",
    "e.figures",
    "e.evidence",
];
/// The same without figures, words and evidence.
const SCORE_COLUMNS: &[&str] = ENTRY_COLUMNS.split_at(15).0;

/// Reads the entries of a sheet.
pub(crate) async fn load(
    connection: &mut AnyConnection,
    assessment: &Assessment,
    level: &Level,
) -> Result<Sheet, Error> {
    let id = assessment.id;
    let rows = rows_in(
        connection,
        "SELECT state, version, profile, profile_version, submission FROM assessment WHERE id = $1",
        &[Value::from(id.0)],
    )
    .await?;
    let row = rows.first().ok_or_else(|| Error::inconsistent("assessment", id, "it does not exist"))?;
    let mut sheet = Sheet::empty(id, assessment.round, assessment.level, assessment.unit, &level.program);
    sheet.state = crate::state::sheet_state(id, &row.try_get::<String, _>(0)?)?;
    sheet.version = row.try_get(1)?;
    sheet.profile = json("assessment", id, row, 2)?;
    sheet.profile_version = row.try_get(3)?;
    sheet.submission = optional_json("assessment", id, row, 4)?;
    let rest = "FROM entry e WHERE e.assessment = $1 GROUP BY e.assessment";
    let query = Query { table: "entry", columns: &ENTRY_COLUMNS, rest };
    let entries = &mut sheet.entries;
    let of = [Value::from(id.0)];
    let read = query.read(connection, &of, |row| {
        let (indicator, place): (_, usize) = (row.text(1)?, row.parsed(2)?);
        let entry = entries.get_mut(place).filter(|entry| entry.indicator == indicator);
        read_entry(row, entry.ok_or_else(|| row.wrong(format!("the set has no {indicator} there")))?)
    });
    read.await?;
    Ok(sheet)
}

/// Reads how some sheets of a level stand, in the order of their ids, without figures, words and evidence.
pub(crate) async fn load_scores(
    connection: &mut AnyConnection,
    rows: &[&Assessment],
    level: &Level,
) -> Result<Vec<Sheet>, Error> {
    let empty = |row: &&Assessment| {
        let mut sheet = Sheet::empty(row.id, row.round, row.level, row.unit, &level.program);
        sheet.state = row.state;
        sheet.version = row.version;
        (row.id, sheet)
    };
    let mut sheets: BTreeMap<AssessmentId, Sheet> = rows.iter().map(empty).collect();
    let (Some((first, _)), Some((last, _))) = (sheets.first_key_value(), sheets.last_key_value()) else {
        return Ok(Vec::new());
    };
    let between = [Value::from(level.facts.id.0), Value::from(first.0), Value::from(last.0)];
    let sql = "SELECT id, submission FROM assessment WHERE level = $1 AND id BETWEEN $2 AND $3";
    for row in rows_in(connection, sql, &between).await? {
        let id = AssessmentId(row.try_get(0)?);
        if let Some(sheet) = sheets.get_mut(&id) {
            sheet.submission = optional_json("assessment", id, &row, 1)?;
        }
    }
    let rest = "FROM assessment a JOIN entry e ON e.assessment = a.id \
                WHERE a.level = $1 AND a.id BETWEEN $2 AND $3 GROUP BY e.assessment";
    let query = Query { table: "entry", columns: SCORE_COLUMNS, rest };
    let read = query.read(connection, &between, |row| {
        let (id, place): (_, usize) = (AssessmentId(row.parsed(0)?), row.parsed(2)?);
        match sheets.get_mut(&id).and_then(|sheet| sheet.entries.get_mut(place)) {
            Some(entry) => read_entry(row, entry),
            None => Ok(()),
        }
    });
    read.await?;
    Ok(sheets.into_values().collect())
}

/// Puts what a row of [`ENTRY_COLUMNS`], or of the first of them, says into an entry of that indicator.
pub(crate) fn read_entry(row: &Fields<'_>, entry: &mut Entry) -> Result<(), Error> {
    let known = |key: &str| row.wrong(format!("{} {key}", entry.indicator));
    let state = row.text(3)?;
    entry.state = EntryState::from_key(state).ok_or_else(|| known(state))?;
    entry.self_score = match (row.maybe_parsed(6)?, row.maybe_parsed(7)?, row.maybe(8)) {
        (Some(points), Some(excluded), Some(kind)) => Some(Score {
            points: Number::from_millionths(points),
            excluded: Number::from_millionths(excluded),
            kind: score_kind(kind).ok_or_else(|| known(kind))?,
        }),
        _ => None,
    };
    entry.version = row.parsed(4)?;
    entry.answer = row.json(5)?;
    entry.appraised = row.maybe_json(9)?;
    entry.final_score = row.maybe_json(10)?;
    entry.ready_at = instant(row.maybe_parsed(11)?);
    entry.updated_at = instant(row.maybe_parsed(12)?);
    entry.updated_by = row.maybe_parsed(13)?.map(AccountId);
    entry.returned_due = row.maybe_parsed(14)?;
    if row.maybe(17).is_some() {
        entry.returned = row.maybe(15).map(str::to_owned);
        row.text(16)?.clone_into(&mut entry.note);
        entry.figures = row.json(17)?;
        entry.evidence = row.json(18)?;
    }
    Ok(())
}

/// The write that puts an entry down.
pub(crate) fn write_entry(sheet: &Sheet, place: usize) -> Option<Write> {
    let entry: &Entry = sheet.entries.get(place)?;
    let score = entry.self_score.as_ref();
    let text = |json: serde_json::Value| json.to_string();
    Some(write_sql!(
        "INSERT INTO entry (assessment, indicator, place, state, version, answer, note, figures, self_points, \
         self_excluded, self_kind, appraised, final, returned, ready_at, evidence, updated_at, updated_by, returned_due) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19) \
         ON CONFLICT (assessment, indicator) DO UPDATE SET state = excluded.state, version = excluded.version, \
         answer = excluded.answer, note = excluded.note, figures = excluded.figures, \
         self_points = excluded.self_points, self_excluded = excluded.self_excluded, self_kind = excluded.self_kind, \
         appraised = excluded.appraised, final = excluded.final, returned = excluded.returned, \
         ready_at = excluded.ready_at, evidence = excluded.evidence, updated_at = excluded.updated_at, \
         updated_by = excluded.updated_by, returned_due = excluded.returned_due",
        sheet.id.0,
        entry.indicator.as_str(),
        i64::try_from(place).unwrap_or(i64::MAX),
        entry.state.key(),
        entry.version,
        text(serde_json::json!(entry.answer)),
        entry.note.as_str(),
        text(serde_json::json!(entry.figures)),
        score.map(|score| score.points.millionths()),
        score.map(|score| score.excluded.millionths()),
        score.map(|score| kind_key(score.kind).to_owned()),
        entry.appraised.as_ref().map(|verdict| text(serde_json::json!(verdict))),
        entry.final_score.as_ref().map(|verdict| text(serde_json::json!(verdict))),
        entry.returned.clone(),
        entry.ready_at.map(Timestamp::as_millisecond),
        text(serde_json::json!(entry.evidence)),
        entry.updated_at.map(Timestamp::as_millisecond),
        entry.updated_by.map(|account| account.0),
        entry.returned_due.map(|day| day.to_string()),
    ))
}

/// The write that puts down how a sheet stands.
pub(crate) fn write_assessment(sheet: &Sheet, row: &Assessment, seq: i64) -> Write {
    write_sql!(
        "UPDATE assessment SET state = $2, version = $3, profile = $4, profile_version = $5, submission = $6, \
         points = $7, comparable = $8, totals = $9, measures = $10, block = $11, marks = $12, seq = $13 WHERE id = $1",
        sheet.id.0,
        sheet.state.key(),
        sheet.version,
        serde_json::json!(sheet.profile).to_string(),
        sheet.profile_version,
        sheet.submission.as_ref().map(|submission| serde_json::json!(submission).to_string()),
        row.totals.points.millionths(),
        row.totals.comparable.map(Number::millionths),
        serde_json::json!(row.totals).to_string(),
        serde_json::json!(row.measures).to_string(),
        row.block,
        Marks::of(&sheet.entries).as_str(),
        seq,
    )
}

pub(crate) const fn kind_key(kind: ScoreKind) -> &'static str {
    match kind {
        ScoreKind::Scored => "scored",
        ScoreKind::Missing => "missing",
        ScoreKind::NotApplicable => "not_applicable",
        ScoreKind::Judged => "judged",
    }
}

fn score_kind(key: &str) -> Option<ScoreKind> {
    [ScoreKind::Scored, ScoreKind::Missing, ScoreKind::NotApplicable, ScoreKind::Judged]
        .into_iter()
        .find(|kind| kind_key(*kind) == key)
}

pub(crate) fn instant(milliseconds: Option<i64>) -> Option<Timestamp> {
    milliseconds.and_then(|at| Timestamp::from_millisecond(at).ok())
}
