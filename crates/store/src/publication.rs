//! Published results: computed from the facts by the pure engine, kept row by row, never changed.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError};

use criteria::Number;
use criteria::date::Date;
use criteria::model::Grade;
use cycle::entry::{Score, ScoreKind};
use cycle::sheet::SET_BY_APPRAISER;
use cycle::{RoundId, Sheet};
use jiff::Timestamp;
use scoring::rank::rank;
use scoring::score::{Block, Scores};
use scoring::{Figures, UnitFigures, single};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use sqlx::Row;

use crate::database::{Value, hex};
use crate::error::Error;
use crate::limits;
use crate::sheets::{instant, kind_key};
use crate::state::{Assessment, Level, State, json};
use crate::store::Store;

/// What was published of a round.
#[derive(Clone, Debug, PartialEq)]
pub struct Publication {
    /// Its identity.
    pub id: i64,
    /// The round.
    pub round: RoundId,
    /// The decision's number.
    pub number: String,
    /// The decision's day.
    pub day: Date,
    /// When it was published.
    pub at: Timestamp,
    /// The publication that it amends.
    pub amends: Option<i64>,
    /// What holds for all units.
    pub head: Head,
    /// The SHA-256 over the head and every row, in order.
    pub hash: String,
}

/// What holds for all units of a publication.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Head {
    /// The assessed year.
    pub year: i16,
    /// The round's title.
    pub title: String,
    /// Whether everything is made up.
    pub made_up: bool,
    /// The levels.
    pub levels: Vec<PublishedLevel>,
    /// The explanations that were left undecided, where there were any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undecided: Option<Undecided>,
}

/// Explanations that nobody had decided when the results were published: what the appraiser found counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Undecided {
    /// How many.
    pub count: usize,
    /// Why they were left so, by the round's owner.
    pub reason: String,
}

/// A level of a publication.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PublishedLevel {
    /// The level.
    pub level: String,
    /// The set's id.
    pub set: String,
    /// The set's content hash.
    pub set_hash: String,
    /// The decision that the set comes from.
    pub source: String,
    /// The most points.
    pub maximum: Number,
    /// The pillars: number, name, most points.
    pub pillars: Vec<(String, String, Number)>,
    /// How many units.
    pub units: usize,
    /// The answers to readings that were in force: question and answer.
    pub readings: Vec<(String, String)>,
    /// The grades that were in force, where any were declared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grading: Option<Grading>,
}

/// The grades of a level, and who declared them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Grading {
    /// Whether the round's owner declared them; else they stand in the set.
    pub by_round: bool,
    /// The grades, highest first.
    pub grades: Vec<Grade>,
}

/// One unit's result.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct UnitResult {
    /// Its official code.
    pub code: String,
    /// Its name then.
    pub name: String,
    /// What it is.
    pub kind: String,
    /// The block that it is ranked in, where the set declares blocks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub block: Option<String>,
    /// Its rank; `None` where nothing applies to it.
    pub rank: Option<u32>,
    /// Whether others hold the same rank.
    pub tied: bool,
    /// The points awarded.
    pub points: Number,
    /// Points of the maximum that do not apply.
    pub excluded: Number,
    /// Awarded ÷ (maximum − excluded) × maximum.
    pub comparable: Option<Number>,
    /// Its grade.
    pub grade: Option<String>,
    /// By pillar: points, points that do not apply, rank.
    pub pillars: Vec<(Number, Number, Option<u32>)>,
}

/// Why one indicator of a unit has its points.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct IndicatorResult {
    /// The indicator.
    pub id: String,
    /// The points that count.
    pub points: Number,
    /// The most there are.
    pub maximum: Number,
    /// Points of the maximum that do not apply.
    pub excluded: Number,
    /// scored, missing, not_applicable or judged.
    pub state: String,
    /// The unit's own points.
    pub declared: Option<Number>,
    /// The column that counts: self, appraised or final.
    pub column: String,
    /// Why, in Vietnamese and English.
    pub because: (String, String),
}

/// A level's results, with the reasons.
pub(crate) type Computed = Vec<(UnitResult, Vec<IndicatorResult>)>;

/// Computes a level's results from its sheets, by the pure engine.
pub(crate) fn compute(state: &State, level: &Level, sheets: &[(Sheet, Assessment)]) -> Computed {
    let program = &level.program;
    let mut units: Vec<UnitFigures> = Vec::new();
    let mut scores = Vec::new();
    let mut spreads: BTreeMap<Block, Vec<_>> = BTreeMap::new();
    for (sheet, row) in sheets {
        let exempt = state.exempt(row.round, row.unit);
        let context = level.context(row.block, &exempt);
        let read = sheet.read(&context);
        let claims = sheet.counting_claims(&exempt);
        let figures = sheet.counting_figures(program, &read.figures);
        scores.push(single::score_one(program, &figures.cells, context.round, context.spreads, &claims));
        let block = row.block.and_then(|block| usize::try_from(block).ok());
        spreads.entry(block).or_insert_with(|| context.spreads.to_vec());
        units.push(figures);
    }
    let figures = told(units.clone(), level, "đơn vị khai", "cơ quan thẩm định đặt");
    let figures_en = told(units, level, "declared by the unit", "set by the appraising agency");
    let scores = Scores { units: scores, spreads };
    let ranked = rank(program, &figures, &scores);
    ranked
        .iter()
        .map(|place| {
            let (sheet, row) = &sheets[place.unit];
            let score = &scores.units[place.unit];
            let unit = state.tree.get(row.unit);
            let result = UnitResult {
                code: unit.map(|unit| unit.code.clone()).unwrap_or_default(),
                name: unit.map(|unit| unit.name.clone()).unwrap_or_default(),
                kind: unit.map(|unit| unit.kind.clone()).unwrap_or_default(),
                block: level.block_name(row.block),
                rank: place.rank,
                tied: place.tied,
                points: score.points,
                excluded: score.excluded,
                comparable: score.comparable,
                grade: place.grade.clone(),
                pillars: score
                    .pillars
                    .iter()
                    .zip(&place.pillar_ranks)
                    .map(|(pillar, rank)| (pillar.points, pillar.excluded, *rank))
                    .collect(),
            };
            let reasons = program
                .set
                .indicators()
                .zip(&sheet.entries)
                .enumerate()
                .map(|(index, (indicator, entry))| {
                    let counting = &score.indicators[index];
                    let verdict = entry.verdict();
                    let column = match (&entry.final_score, &entry.appraised) {
                        (Some(_), _) => "final",
                        (None, Some(_)) => "appraised",
                        (None, None) => "self",
                    };
                    let by_rule = |language| {
                        let figures = match language {
                            criteria::Language::Vietnamese => &figures,
                            criteria::Language::English => &figures_en,
                        };
                        let unit = &figures.units[place.unit];
                        let why = scoring::explain::explain(program, figures, unit, &scores, index);
                        scoring::sentence::sentence(&why, language)
                    };
                    let because = match (verdict, &entry.answer) {
                        (Some(verdict), _) if verdict.computed && !verdict.figures.is_empty() => {
                            let both = |language| format!("{} {}", ended(&verdict.reason), by_rule(language));
                            (both(criteria::Language::Vietnamese), both(criteria::Language::English))
                        }
                        (Some(verdict), _) if !verdict.reason.is_empty() => {
                            (verdict.reason.clone(), verdict.reason.clone())
                        }
                        (_, cycle::Answer::NotApplicable { because } | cycle::Answer::NotDone { because }) => {
                            (because.clone(), because.clone())
                        }
                        _ => (by_rule(criteria::Language::Vietnamese), by_rule(criteria::Language::English)),
                    };
                    IndicatorResult {
                        id: indicator.id.clone(),
                        points: counting.points,
                        maximum: program.maximum_of(index),
                        excluded: counting.excluded,
                        state: state_of(counting, verdict.map(|verdict| &verdict.score)).to_owned(),
                        declared: entry.self_score.as_ref().map(|score| score.points),
                        column: column.to_owned(),
                        because,
                    }
                })
                .collect();
            (result, reasons)
        })
        .collect()
}

/// Words as a sentence that another may follow.
fn ended(words: &str) -> String {
    if words.ends_with(['.', '!', '?', ';', ':']) { words.to_owned() } else { format!("{words}.") }
}

/// Figures as the public reads of them: who gave which stays inside, that the unit did is said.
fn told(mut units: Vec<UnitFigures>, level: &Level, by: &str, by_agency: &str) -> Figures {
    for origin in units.iter_mut().flat_map(|unit| unit.origins.values_mut()) {
        let by = if origin.place == SET_BY_APPRAISER { by_agency } else { by };
        by.clone_into(&mut origin.place);
    }
    Figures { units, round: level.round_cells.clone(), round_origins: BTreeMap::new() }
}

fn state_of(counting: &scoring::score::IndicatorScore, verdict: Option<&Score>) -> &'static str {
    match verdict {
        Some(score) => kind_key(score.kind),
        None => kind_key(ScoreKind::from(counting.state)),
    }
}

/// The hash that binds a publication together.
pub(crate) fn hash_of(head: &Head, levels: &[(String, Vec<(String, String)>)]) -> String {
    let mut hash = Sha256::new();
    hash.update(serde_json::json!(head).to_string());
    for (level, rows) in levels {
        hash.update(level.as_bytes());
        for (result, reasons) in rows {
            hash.update(result.as_bytes());
            hash.update(reasons.as_bytes());
        }
    }
    hex(&hash.finalize())
}

const COLUMNS: &str = "id, round, number, day, at, amends, head, hash";

fn publication(row: &sqlx::any::AnyRow) -> Result<Publication, Error> {
    let id: i64 = row.try_get(0)?;
    let day: String = row.try_get(3)?;
    Ok(Publication {
        id,
        round: RoundId(row.try_get(1)?),
        number: row.try_get(2)?,
        day: day.parse().map_err(|_| Error::inconsistent("publication", id, &day))?,
        at: instant(Some(row.try_get(4)?)).unwrap_or(Timestamp::UNIX_EPOCH),
        amends: row.try_get(5)?,
        head: json("publication", id, row, 6)?,
        hash: row.try_get(7)?,
    })
}

impl Store {
    /// Everything that was published, latest first.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn publications(&self) -> Result<Vec<Publication>, Error> {
        let sql = format!("SELECT {COLUMNS} FROM publication ORDER BY id DESC");
        self.shared.database.rows(&sql, &[]).await?.iter().map(publication).collect()
    }

    /// One publication.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn publication(&self, id: i64) -> Result<Option<Publication>, Error> {
        let sql = format!("SELECT {COLUMNS} FROM publication WHERE id = $1");
        self.shared.database.rows(&sql, &[Value::from(id)]).await?.first().map(publication).transpose()
    }

    /// A level's published results, best first.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn published(&self, id: i64, level: &str) -> Result<Arc<Vec<UnitResult>>, Error> {
        let key = (id, level.to_owned());
        let known = self.shared.published.lock().unwrap_or_else(PoisonError::into_inner).get(&key).cloned();
        if let Some(found) = known {
            return Ok(found);
        }
        let sql = "SELECT result FROM published_unit WHERE publication = $1 AND level = $2 ORDER BY place";
        let rows = self.shared.database.rows(sql, &[Value::from(id), Value::from(level)]).await?;
        let found: Vec<UnitResult> =
            rows.iter().map(|row| json("published_unit", id, row, 0)).collect::<Result<_, _>>()?;
        let found = Arc::new(found);
        let mut all = self.shared.published.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= limits::PUBLISHED_IN_MEMORY_MAX {
            all.clear();
        }
        // What does not exist yet may be published later.
        if !found.is_empty() {
            all.insert(key, Arc::clone(&found));
        }
        Ok(found)
    }

    /// Why a unit has its published points.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn published_reasons(
        &self,
        id: i64,
        level: &str,
        code: &str,
    ) -> Result<Option<(UnitResult, Vec<IndicatorResult>)>, Error> {
        let sql = "SELECT result, reasons FROM published_unit WHERE publication = $1 AND level = $2 AND code = $3";
        let rows = self.shared.database.rows(sql, &[Value::from(id), Value::from(level), Value::from(code)]).await?;
        let Some(row) = rows.first() else { return Ok(None) };
        Ok(Some((json("published_unit", code, row, 0)?, json("published_unit", code, row, 1)?)))
    }

    /// Computes a publication again: from its rows the hash, and from the round's facts every row. Gives what does not
    /// fit; a round whose facts were reopened by a later decision is compared by its hash only.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn recompute(&self, publication: &Publication) -> Result<Vec<String>, Error> {
        let mut faults = Vec::new();
        let mut kept = Vec::new();
        for level in &publication.head.levels {
            let sql = "SELECT result, reasons FROM published_unit WHERE publication = $1 AND level = $2 ORDER BY place";
            let values = [Value::from(publication.id), Value::from(level.level.as_str())];
            let mut rows: Vec<(String, String)> = Vec::new();
            for row in self.shared.database.rows(sql, &values).await? {
                rows.push((row.try_get(0)?, row.try_get(1)?));
            }
            kept.push((level.level.clone(), rows));
        }
        if hash_of(&publication.head, &kept) != publication.hash {
            faults.push(format!("publication {}: its rows are not those that were published", publication.number));
        }
        // What an earlier publication rested on was corrected before the next one: there the rows speak for themselves.
        let sql = "SELECT COUNT(*) FROM publication WHERE round = $1 AND id > $2";
        let values = [Value::from(publication.round.0), Value::from(publication.id)];
        let later = self.shared.database.rows(sql, &values).await?;
        if later.first().map_or(Ok(0), |row| row.try_get::<i64, _>(0))? > 0 {
            return Ok(faults);
        }
        for (level, rows) in &kept {
            let known = {
                let state = self.state();
                let found =
                    state.levels.values().find(|one| one.facts.round == publication.round && one.facts.level == *level);
                found.cloned()
            };
            let Some(known) = known else { continue };
            let ids: Vec<_> = self.state().sheets_of_level(known.facts.id).iter().map(|one| one.id).collect();
            let mut sheets = Vec::new();
            for id in ids {
                if let (Some(sheet), Some(row)) = (self.sheet(id).await?, self.state().assessments.get(&id).cloned()) {
                    sheets.push((sheet.as_ref().clone(), row));
                }
            }
            let corrected =
                |entry: &cycle::Entry| entry.final_score.as_ref().is_some_and(|verdict| verdict.at > publication.at);
            if sheets.iter().any(|(sheet, _)| sheet.entries.iter().any(corrected)) {
                // Corrected since, and not published yet.
                continue;
            }
            let again = compute(&self.state(), &known, &sheets);
            for ((result, reasons), (kept_result, kept_reasons)) in again.iter().zip(rows) {
                let (result_text, reasons_text) =
                    (serde_json::json!(result).to_string(), serde_json::json!(reasons).to_string());
                let same = result_text == *kept_result && reasons_text == *kept_reasons;
                if !same {
                    faults.push(format!(
                        "publication {}, {}: computed again it is not what was published",
                        publication.number, result.code
                    ));
                }
            }
            if again.len() != rows.len() {
                faults.push(format!("publication {}, {level}: units are missing or too many", publication.number));
            }
        }
        Ok(faults)
    }
}
