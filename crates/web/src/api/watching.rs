//! A round as its owner and those who read its sheets watch it: the monitor, the settings, a unit's own picture.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::response::Response;
use criteria::Number;
use criteria::model::ReadingStatus;
use cycle::{AssessmentId, Capability, RoundId, time};
use schemars::JsonSchema;
use serde::Serialize;

use super::answer::json;
use super::caller::Caller;
use super::problem::Problem;
use super::province::rows;
use super::request::{Asked, At};
use super::rounds::PhaseDays;
use crate::app::App;
use crate::opened::Opened;
use crate::pages::unit_insights::table;
use crate::watch::{Filter, Watched};

/// A level of a round, unit by unit and pillar by pillar.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Monitor {
    /// The level's id.
    level: i64,
    /// How many units of the level one may read.
    units: usize,
    /// How much of the collecting phase is gone, in percent.
    gone: u32,
    /// The units that were asked for, in the order that was asked for.
    rows: Vec<MonitorRow>,
}

/// A unit.
#[derive(Debug, Serialize, JsonSchema)]
struct MonitorRow {
    /// The unit's official code.
    code: String,
    /// Its name.
    name: String,
    /// Its sheet's id.
    sheet: i64,
    /// Whether the sheet was submitted.
    submitted: bool,
    /// Whether anybody has begun.
    begun: bool,
    /// Whether it is behind the time gone.
    behind: bool,
    /// Entries that are completed.
    done: u32,
    /// Entries that apply.
    count: u32,
    /// Entries that are late.
    late: usize,
    /// The unit's own points.
    points: Number,
    /// The most there are.
    maximum: Number,
    /// Points of the maximum that do not apply.
    excluded: Number,
    /// The pillars that were asked for.
    pillars: Vec<MonitorCell>,
}

/// A pillar of a unit.
#[derive(Debug, Serialize, JsonSchema)]
struct MonitorCell {
    /// The pillar's number.
    no: String,
    /// The unit's own points.
    points: Number,
    /// Entries that are completed.
    done: u32,
    /// Entries that apply.
    count: u32,
}

/// `GET /rounds/ROUND/monitor`
pub async fn monitor(
    State(app): State<App>,
    Caller(person): Caller,
    At(id): At<RoundId>,
    Asked(filter): Asked<Filter>,
) -> Result<Response, Problem> {
    let today = time::day_of(app.now());
    let state = app.store.state();
    let round = state.rounds.get(&id).ok_or_else(Problem::not_found)?;
    let watched = Watched::of(&state, &person, round, &filter, today).ok_or_else(Problem::not_found)?;
    let set = &watched.level.program.set;
    let rows = watched.shown().into_iter().map(|line| {
        let totals = &line.row.totals;
        let pillars = watched.pillars.iter().zip(&line.pillars).filter_map(|(place, (done, count))| {
            Some(MonitorCell {
                no: set.pillars.get(*place)?.pillar.no.clone(),
                points: totals.pillars.get(*place).map(|pillar| pillar.points).unwrap_or_default(),
                done: *done,
                count: *count,
            })
        });
        MonitorRow {
            code: line.unit.code.clone(),
            name: line.unit.name.clone(),
            sheet: line.row.id.0,
            submitted: line.row.state == cycle::SheetState::Submitted,
            begun: line.has_begun(),
            behind: watched.is_behind(line),
            done: line.done,
            count: line.count,
            late: line.late.len(),
            points: totals.points,
            maximum: totals.maximum,
            excluded: totals.excluded,
            pillars: pillars.collect(),
        }
    });
    json(&Monitor {
        level: watched.level.facts.id.0,
        units: watched.all.len(),
        gone: watched.gone,
        rows: rows.collect(),
    })
}

/// What a round's owner decided beyond sets and phases.
#[derive(Debug, Serialize, JsonSchema)]
pub struct RoundSettings {
    /// The days that the figures are about.
    period: Option<PhaseDays>,
    /// The id of the round that it was copied from.
    copied_from: Option<i64>,
    /// The rounds of explanation, in order.
    explanations: Vec<PhaseDays>,
    /// Units that do not take part.
    absent: Vec<AbsentUnit>,
    /// The levels.
    levels: Vec<LevelSettings>,
}

/// A unit that does not take part.
#[derive(Debug, Serialize, JsonSchema)]
struct AbsentUnit {
    /// The unit's id.
    unit: i64,
    name: String,
    /// Why.
    reason: String,
}

/// What was decided for a level.
#[derive(Debug, Serialize, JsonSchema)]
struct LevelSettings {
    /// The level's id.
    id: i64,
    /// The level of the units, as criteria sets name it.
    level: String,
    /// The id of the agency that appraises it, by indicator.
    appraisers: BTreeMap<String, i64>,
    /// The readings of its set.
    readings: Vec<ReadingOf>,
    /// The figures of the round that its set asks for.
    figures: Vec<RoundFigure>,
    /// The grades in force, highest first.
    grades: Vec<GradeInForce>,
    /// Whether the round declares them; else they are the set's.
    grades_by_round: bool,
}

/// A grade that is in force.
#[derive(Debug, Serialize, JsonSchema)]
struct GradeInForce {
    name: String,
    /// From which share of the full result on it is given: `"80%"`.
    from: String,
}

/// What a document leaves open, and how it is answered.
#[derive(Debug, Serialize, JsonSchema)]
struct ReadingOf {
    id: String,
    /// What is asked.
    asks: String,
    /// The indicators that it is about.
    at: Vec<String>,
    /// Whether it was decided.
    decided: bool,
    /// The answer in force.
    answer: String,
    /// The answers that there are: id and words.
    variants: BTreeMap<String, String>,
}

/// A figure of the round.
#[derive(Debug, Serialize, JsonSchema)]
struct RoundFigure {
    id: String,
    label: String,
    /// What kind of value it is.
    kind: &'static str,
    /// The value as typed.
    value: Option<String>,
}

/// `GET /rounds/ROUND/settings`: for who runs it.
pub async fn settings(
    State(app): State<App>,
    Caller(person): Caller,
    At(id): At<RoundId>,
) -> Result<Response, Problem> {
    let state = app.store.state();
    let round = state.rounds.get(&id).filter(|round| person.may(&state, Capability::RunRound, round.owner));
    let round = round.ok_or_else(Problem::not_found)?;
    let mut levels: Vec<_> = state.levels.values().filter(|level| level.facts.round == id).collect();
    levels.sort_by_key(|level| level.facts.id);
    let levels = levels.into_iter().map(|level| {
        let head = &level.program.set.head;
        let readings = head.readings.iter().map(|one| ReadingOf {
            id: one.id.clone(),
            asks: one.asks.clone(),
            at: one.at.clone(),
            decided: one.status == ReadingStatus::Decided || level.facts.picks.contains_key(&one.id),
            answer: level.facts.picks.get(&one.id).unwrap_or(&one.answer).clone(),
            variants: one.variants.iter().map(|variant| (variant.id.clone(), variant.label.clone())).collect(),
        });
        let figures = level.program.round_slots.iter().map(|info| RoundFigure {
            id: info.figure.id.clone(),
            label: info.figure.label.clone(),
            kind: info.figure.kind.name(),
            value: level.facts.figures.get(&info.figure.id).cloned(),
        });
        LevelSettings {
            id: level.facts.id.0,
            level: level.facts.level.clone(),
            appraisers: level
                .program
                .set
                .indicators()
                .map(|one| (one.id.clone(), state.agency(round, &one.id).0))
                .collect(),
            readings: readings.collect(),
            figures: figures.collect(),
            grades: head
                .ranking
                .grades
                .iter()
                .map(|one| GradeInForce { name: one.name.clone(), from: one.from.to_string() })
                .collect(),
            grades_by_round: !level.facts.grades.is_empty(),
        }
    });
    let days = |days: &cycle::round::Days| PhaseDays { from: days.from.to_string(), to: days.to.to_string() };
    let absent = round.settings.absent.iter().map(|(unit, reason)| AbsentUnit {
        unit: unit.0,
        name: state.tree.get(*unit).map(|unit| unit.name.clone()).unwrap_or_default(),
        reason: reason.clone(),
    });
    json(&RoundSettings {
        period: round.settings.period.as_ref().map(days),
        copied_from: round.settings.copied_from.map(|round| round.0),
        explanations: round.explanations().iter().map(days).collect(),
        absent: absent.collect(),
        levels: levels.collect(),
    })
}

/// A unit's own picture.
#[derive(Debug, Serialize, JsonSchema)]
pub struct SheetInsights {
    /// Each criterion by the heads of the columns: points, what applies, what is lost and why, what its deadline is
    /// still worth.
    criteria: Vec<BTreeMap<String, Option<serde_json::Value>>>,
}

/// `GET /sheets/SHEET/insights`
pub async fn sheet_insights(
    State(app): State<App>,
    Caller(person): Caller,
    At(id): At<AssessmentId>,
) -> Result<Response, Problem> {
    let opened = Opened::get(&app, &person, id).await?;
    json(&SheetInsights { criteria: rows(table(&app, person.l(), &opened)) })
}
