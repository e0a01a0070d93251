//! The province's side: what waits for an appraiser, verdicts and decisions, what was published, a round in numbers.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use criteria::Number;
use cycle::{AssessmentId, EntryState, LevelId, RoundId, Sheet};
use documents::tables::{Cell, Table};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::command::Appraisal;
use store::publication::{IndicatorResult, Publication, UnitResult};
use store::state::Assessment;
use store::{Actor, Command, Refusal};

use super::answer::{Page, json, tagged};
use super::caller::Caller;
use super::entries::{Value, typed};
use super::problem::Problem;
use super::request::{Asked, At, Body, Paging, Seen, day, seen};
use super::views::{self, Words};
use crate::app::App;
use crate::failure::Failure;
use crate::opened::Opened;
use crate::pages::{insight_tables, insights};
use crate::person::Person;

/// An entry in an appraiser's queue.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Case {
    /// The place in the queue; what `after` names.
    at: i64,
    /// The sheet's id.
    sheet: i64,
    /// The unit's official code.
    unit_code: String,
    /// The unit's name.
    unit_name: String,
    /// The indicator.
    indicator: String,
    /// Where the entry stands.
    state: &'static str,
    /// The version that a verdict must name.
    version: i64,
    /// The unit's own points.
    #[serde(rename = "self")]
    own: Option<Number>,
    /// The appraised points.
    appraised: Option<Number>,
    /// The account whose share it is, where the work was divided.
    share_of: Option<i64>,
}

/// Which cases.
#[derive(Debug, Default, Deserialize)]
pub struct Wanted {
    level: Option<LevelId>,
    indicator: Option<String>,
    state: Option<String>,
}

/// `GET /rounds/ROUND/appraisal`
pub async fn queue(
    State(app): State<App>,
    Caller(person): Caller,
    At(id): At<RoundId>,
    Asked(paging): Asked<Paging>,
    Asked(wanted): Asked<Wanted>,
) -> Result<Response, Problem> {
    let limit = paging.limit()?;
    let (round, rows) = {
        let state = app.store.state();
        let round = state.rounds.get(&id).ok_or_else(Problem::not_found)?.clone();
        let mut rows: Vec<_> = state.assessments.values().filter(|one| one.round == id).cloned().collect();
        rows.retain(|row| wanted.level.is_none_or(|level| row.level == level));
        (round, rows)
    };
    let mut found = Vec::new();
    let mut at = 0;
    let each = |some: Vec<(Assessment, Arc<Sheet>)>| {
        let state = app.store.state();
        for (row, sheet) in some {
            let Some(unit) = state.tree.get(row.unit) else { continue };
            for entry in &sheet.entries {
                let named = wanted.indicator.as_ref().is_none_or(|indicator| entry.indicator == *indicator);
                let stands = wanted.state.as_ref().is_none_or(|state| entry.state.key() == state);
                let hidden = entry.state < EntryState::Submitted;
                let own = || state.appraises(&person.authority, &round, &entry.indicator, row.unit);
                if !named || !stands || hidden || !own() {
                    continue;
                }
                at += 1;
                if at <= paging.after.unwrap_or(0) || found.len() > limit {
                    continue;
                }
                let agency = state.agency(&round, &entry.indicator);
                let share = round.appraiser(agency, row.unit, row.level, &entry.indicator);
                found.push(Case {
                    at,
                    sheet: row.id.0,
                    unit_code: unit.code.clone(),
                    unit_name: unit.name.clone(),
                    indicator: entry.indicator.clone(),
                    state: entry.state.key(),
                    version: entry.version,
                    own: entry.self_score.as_ref().map(|score| score.points),
                    appraised: entry.appraised.as_ref().map(|verdict| verdict.score.points),
                    share_of: share.map(|account| account.0),
                });
            }
        }
    };
    app.store.each_score(rows, each).await.map_err(Failure::from)?;
    json(&Page::of(found, limit, |case| case.at))
}

/// What an appraiser says.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAppraisal {
    /// The version that was seen; `If-Match` does as well.
    version: Option<i64>,
    /// `accept`, `adjust` (these points), `figures` (these figures, the engine gives the points), `return`, `keep`.
    #[schemars(extend("enum" = ["accept", "adjust", "figures", "return", "keep"]))]
    verdict: String,
    /// The points, as typed in Vietnamese notation, for `adjust`.
    #[serde(default)]
    points: String,
    /// The figures that differ from the declared ones, for `figures`.
    #[serde(default)]
    figures: BTreeMap<String, Value>,
    /// Why; needed for all but `accept`.
    #[serde(default)]
    reason: String,
    /// The last day for completing, for `return`.
    due: Option<String>,
}

/// A decision.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewDecision {
    /// The version that was seen; `If-Match` does as well.
    version: Option<i64>,
    /// The points, as typed in Vietnamese notation.
    points: String,
    /// Why.
    reason: String,
}

/// An entry that a person appraises or decides about, whether or not they may read the rest of the sheet.
pub async fn open(app: &App, person: &Person, id: AssessmentId, indicator: &str) -> Result<Opened, Problem> {
    let opened = Opened::unchecked(app, id).await?;
    opened.sheet.entry(indicator).ok_or_else(Problem::not_found)?;
    let state = app.store.state();
    let round = &opened.round;
    let appraises = state.appraises(&person.authority, round, indicator, opened.unit.id);
    let decides = person.may(&state, cycle::Capability::Decide, round.owner);
    if appraises || decides || person.may_read(&state, opened.unit.id) { Ok(opened) } else { Err(Problem::not_found()) }
}

async fn change(
    app: &App,
    person: &Person,
    (id, indicator): (AssessmentId, &str),
    seen: Seen,
    command: Command,
) -> Result<Response, Problem> {
    let done = app.store.change(Actor::Account(person.account), app.now(), command).await;
    let stale = match done {
        Ok(_) => false,
        Err(Refusal::Stale(_)) => true,
        Err(refusal) => return Err(refusal.into()),
    };
    let opened = open(app, person, id, indicator).await?;
    let (version, entry) = views::entry(app, &opened, indicator).await?;
    if stale {
        let saved = serde_json::to_value(&entry).unwrap_or_default();
        return Err(Problem::stale(seen.by_header).with("saved", saved));
    }
    tagged(&HeaderMap::new(), version, &entry)
}

/// `POST /sheets/SHEET/entries/INDICATOR/appraisal`
pub async fn appraise(
    State(app): State<App>,
    Caller(person): Caller,
    At((id, indicator)): At<(AssessmentId, String)>,
    headers: HeaderMap,
    Body(body): Body<NewAppraisal>,
) -> Result<Response, Problem> {
    let opened = open(&app, &person, id, &indicator).await?;
    let seen = seen(&headers, body.version)?;
    let reason = body.reason;
    let appraisal = match body.verdict.as_str() {
        "accept" => Appraisal::Accept,
        "adjust" => Appraisal::Adjust { points: body.points, reason },
        "figures" => {
            let known = opened.program().set.indicator(&indicator).ok_or_else(Problem::not_found)?.all_figures();
            let figures = typed(body.figures, |id| known.iter().any(|figure| figure.id == id))?;
            Appraisal::Figures { figures, reason }
        }
        "return" => Appraisal::Return { reason, due: body.due.map(|due| day("due", &due)).transpose()? },
        "keep" => Appraisal::Keep { reason },
        other => {
            return Err(Problem::field(
                "verdict",
                format!("Không có kết luận “{other}”"),
                format!("There is no verdict \"{other}\""),
            ));
        }
    };
    let command = Command::Appraise { assessment: id, indicator: indicator.clone(), version: seen.version, appraisal };
    change(&app, &person, (id, &indicator), seen, command).await
}

/// `POST /sheets/SHEET/entries/INDICATOR/decision`
pub async fn decide(
    State(app): State<App>,
    Caller(person): Caller,
    At((id, indicator)): At<(AssessmentId, String)>,
    headers: HeaderMap,
    Body(body): Body<NewDecision>,
) -> Result<Response, Problem> {
    open(&app, &person, id, &indicator).await?;
    let seen = seen(&headers, body.version)?;
    let command = Command::Decide {
        assessment: id,
        indicator: indicator.clone(),
        version: seen.version,
        points: body.points,
        reason: body.reason,
    };
    change(&app, &person, (id, &indicator), seen, command).await
}

/// What was published of a round under one decision.
#[derive(Debug, Serialize, JsonSchema)]
pub struct PublicationView {
    /// Its id.
    id: i64,
    /// The round's id.
    round: i64,
    /// The assessed year.
    year: i16,
    /// The decision's number.
    number: String,
    /// The decision's day.
    day: String,
    /// The publication that it amends.
    amends: Option<i64>,
    /// The SHA-256 over everything in it.
    hash: String,
    /// The levels: name and number of units.
    levels: BTreeMap<String, usize>,
    /// Whether everything is made up.
    made_up: bool,
}

/// A publication as the API shows it.
pub fn publication(one: &Publication) -> PublicationView {
    PublicationView {
        id: one.id,
        round: one.round.0,
        year: one.head.year,
        number: one.number.clone(),
        day: one.day.to_string(),
        amends: one.amends,
        hash: one.hash.clone(),
        levels: one.head.levels.iter().map(|level| (level.level.clone(), level.units)).collect(),
        made_up: one.head.made_up,
    }
}

/// `GET /publications`
pub async fn publications(
    State(app): State<App>,
    Caller(_): Caller,
    Asked(paging): Asked<Paging>,
) -> Result<Response, Problem> {
    let limit = paging.limit()?;
    let all = app.store.publications().await.map_err(Failure::from)?;
    let mut found: Vec<PublicationView> = all.iter().map(publication).collect();
    found.sort_by_key(|one| one.id);
    found.retain(|one| one.id > paging.after.unwrap_or(i64::MIN));
    found.truncate(limit + 1);
    json(&Page::of(found, limit, |one| one.id))
}

/// A published rank.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Rank {
    /// The unit's official code.
    code: String,
    /// Its name then.
    name: String,
    /// The block that it is ranked in.
    block: Option<String>,
    /// Its rank.
    rank: Option<u32>,
    /// Whether others hold it too.
    tied: bool,
    /// The points awarded.
    points: Number,
    /// Points of the maximum that do not apply.
    excluded: Number,
    /// Points ÷ (maximum − excluded) × maximum.
    comparable: Option<Number>,
    /// Its grade.
    grade: Option<String>,
}

/// A published unit's ranks and criteria.
#[derive(Debug, Serialize, JsonSchema)]
pub struct RankInFull {
    /// The rank.
    rank: Rank,
    /// The criteria.
    indicators: Vec<Reason>,
}

/// Why a criterion has its published points.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "PublishedIndicator")]
pub struct Reason {
    /// The indicator.
    indicator: String,
    /// The points that count.
    points: Number,
    /// The most there are.
    maximum: Number,
    /// Points of the maximum that do not apply.
    excluded: Number,
    /// The unit's own points.
    declared: Option<Number>,
    /// The column that counts: self, appraised or final.
    column: String,
    /// Why.
    because: Words,
}

fn rank(row: &UnitResult) -> Rank {
    Rank {
        code: row.code.clone(),
        name: row.name.clone(),
        block: row.block.clone(),
        rank: row.rank,
        tied: row.tied,
        points: row.points,
        excluded: row.excluded,
        comparable: row.comparable,
        grade: row.grade.clone(),
    }
}

/// `GET /publications/PUBLICATION/LEVEL`
pub async fn ranking(
    State(app): State<App>,
    Caller(_): Caller,
    At((id, level)): At<(i64, String)>,
) -> Result<Response, Problem> {
    let found = app.store.publication(id).await.map_err(Failure::from)?.ok_or_else(Problem::not_found)?;
    if !found.head.levels.iter().any(|one| one.level == level) {
        return Err(Problem::not_found());
    }
    let rows = app.store.published(id, &level).await.map_err(Failure::from)?;
    json(&Page { items: rows.iter().map(rank).collect(), next: None })
}

/// `GET /publications/PUBLICATION/LEVEL/CODE`
pub async fn unit(
    State(app): State<App>,
    Caller(_): Caller,
    At((id, level, code)): At<(i64, String, String)>,
) -> Result<Response, Problem> {
    let found = app.store.published_reasons(id, &level, &code).await.map_err(Failure::from)?;
    let (row, reasons) = found.ok_or_else(Problem::not_found)?;
    let reason = |one: &IndicatorResult| Reason {
        indicator: one.id.clone(),
        points: one.points,
        maximum: one.maximum,
        excluded: one.excluded,
        declared: one.declared,
        column: one.column.clone(),
        because: criteria::Text::new(one.because.0.clone(), one.because.1.clone()).into(),
    };
    json(&RankInFull { rank: rank(&row), indicators: reasons.iter().map(reason).collect() })
}

/// A round in numbers: the tables behind the pictures, by name, each row by the heads of its columns.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Insights {
    /// The level's id.
    level: i64,
    /// `agencies`, `lateness`, `days`, `units`, `pillars`: rows of words, counts, and points as decimal strings.
    tables: BTreeMap<String, Vec<BTreeMap<String, Option<serde_json::Value>>>>,
}

/// A table, each row by the heads of its columns.
pub fn rows(table: Table) -> Vec<BTreeMap<String, Option<serde_json::Value>>> {
    let value = |cell: Cell| match cell {
        Cell::Empty => None,
        Cell::Words(words) => Some(words.into()),
        Cell::Number(number) => Some(number.to_string().into()),
        Cell::Count(count) => Some(count.into()),
    };
    let heads = table.heads;
    table.rows.into_iter().map(|row| heads.iter().cloned().zip(row.into_iter().map(value)).collect()).collect()
}

/// `GET /rounds/ROUND/insights`
pub async fn insights(
    State(app): State<App>,
    Caller(person): Caller,
    At(id): At<RoundId>,
    Asked(wanted): Asked<Wanted>,
) -> Result<Response, Problem> {
    let stood = insights::stood(&app, &person, id, wanted.level).await?;
    let view = {
        let state = app.store.state();
        let named = |name: &&str| insight_tables::named(name, &state, &stood);
        let tables = ["agencies", "lateness", "days", "units", "pillars"];
        let tables = tables.iter().filter_map(|name| Some(((*name).to_owned(), rows(named(name)?)))).collect();
        Insights { level: stood.level.facts.id.0, tables }
    };
    json(&view)
}
