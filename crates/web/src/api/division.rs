//! An agency's appraisal: dividing it among people, reasons given again, like cases in one go.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::response::Response;
use criteria::Number;
use cycle::division::{Share, whose};
use cycle::{AccountId, AssessmentId, LevelId, RoundId, UnitId, time};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::Command;

use super::answer::json;
use super::caller::{Caller, change};
use super::problem::Problem;
use super::province::open;
use super::request::{At, Body};
use super::table::{Tried, outcome};
use crate::app::App;
use crate::pages::appraise_bulk::Asked;
use crate::pages::appraise_list::sheets;
use crate::pages::appraise_share::{agency, by_indicator, by_unit, tasks};
use crate::pages::appraise_verdict::trial;
use crate::person::Person;

/// How an agency's work in a round is divided.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Division {
    /// The id of the agency: the unit where one holds a position that appraises.
    agency: i64,
    /// Its people, and how far each is.
    people: Vec<Worker>,
    /// Who has what; what nobody has is everybody's.
    shares: Vec<ShareOf>,
    /// Entries that wait and are nobody's in particular.
    waiting_for_nobody: usize,
    /// Reasons that the agency gives most, to give again.
    reasons: Vec<ReasonOf>,
}

/// Somebody who appraises for the agency.
#[derive(Debug, Serialize, JsonSchema)]
struct Worker {
    /// The account's id.
    account: i64,
    name: String,
    /// Entries of the own share that wait.
    waiting: usize,
    /// Entries that this person appraised.
    done: usize,
}

/// What one person appraises.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ShareOf {
    /// The account's id.
    account: i64,
    /// All indicators of these units, by id.
    #[serde(default)]
    units: Vec<i64>,
    /// These indicators of all units.
    #[serde(default)]
    indicators: Vec<IndicatorOf>,
}

/// An indicator of a level; two levels may use one number for two indicators.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct IndicatorOf {
    /// The level's id.
    level: i64,
    /// The indicator.
    indicator: String,
}

/// A reason that was given before.
#[derive(Debug, Serialize, JsonSchema)]
struct ReasonOf {
    /// What to send so that it is no longer offered.
    mark: String,
    words: String,
    /// How often it was given.
    uses: i64,
}

async fn division(app: &App, person: &Person, id: RoundId) -> Result<Division, Problem> {
    let (agency, round) = agency(app, person, id)?;
    let tasks = tasks(app, agency, &round).await?;
    let reasons = app.store.reasons(agency).await?;
    let shares = round.settings.divisions.get(&agency).cloned().unwrap_or_default();
    let mut waiting: BTreeMap<Option<AccountId>, usize> = BTreeMap::new();
    for task in tasks.iter().filter(|task| task.waits) {
        *waiting.entry(whose(&shares, task.unit, task.level, &task.indicator)).or_default() += 1;
    }
    let state = app.store.state();
    let people = state.appraisers_of(agency, time::day_of(app.now())).into_iter().map(|account| Worker {
        account: account.id.0,
        name: account.name.clone(),
        waiting: waiting.get(&Some(account.id)).copied().unwrap_or(0),
        done: tasks.iter().filter(|task| task.done_by.is_some_and(|(by, _)| by == account.id)).count(),
    });
    Ok(Division {
        agency: agency.0,
        people: people.collect(),
        shares: shares
            .iter()
            .map(|share| ShareOf {
                account: share.account.0,
                units: share.units.iter().map(|unit| unit.0).collect(),
                indicators: share
                    .indicators
                    .iter()
                    .map(|(level, indicator)| IndicatorOf { level: level.0, indicator: indicator.clone() })
                    .collect(),
            })
            .collect(),
        waiting_for_nobody: waiting.get(&None).copied().unwrap_or(0),
        reasons: reasons.into_iter().map(|one| ReasonOf { mark: one.mark, words: one.words, uses: one.uses }).collect(),
    })
}

/// `GET /rounds/ROUND/division`
pub async fn one(State(app): State<App>, Caller(person): Caller, At(id): At<RoundId>) -> Result<Response, Problem> {
    json(&division(&app, &person, id).await?)
}

/// Who is to have what from now on.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewDivision {
    /// The shares; what is not named is everybody's.
    shares: Vec<ShareOf>,
}

/// `PUT /rounds/ROUND/division`
pub async fn divide(
    State(app): State<App>,
    Caller(person): Caller,
    At(id): At<RoundId>,
    Body(body): Body<NewDivision>,
) -> Result<Response, Problem> {
    let (agency, _) = agency(&app, &person, id)?;
    let shares = body.shares.into_iter().map(|share| Share {
        account: AccountId(share.account),
        units: share.units.into_iter().map(UnitId).collect(),
        indicators: share.indicators.into_iter().map(|one| (LevelId(one.level), one.indicator)).collect(),
    });
    change(&app, &person, Command::Divide { round: id, agency, shares: shares.collect() }).await?;
    json(&division(&app, &person, id).await?)
}

/// To deal the work out evenly.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Dealing {
    /// What is dealt out: all indicators of a unit to one person, or an indicator of all units.
    by: Dealt,
    /// The ids of the accounts.
    people: Vec<i64>,
}

/// What is dealt out.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Dealt {
    /// Units.
    Unit,
    /// Indicators.
    Indicator,
}

/// `POST /rounds/ROUND/division/deal`
pub async fn deal(
    State(app): State<App>,
    Caller(person): Caller,
    At(id): At<RoundId>,
    Body(body): Body<Dealing>,
) -> Result<Response, Problem> {
    let (agency, round) = agency(&app, &person, id)?;
    if body.people.is_empty() {
        return Err(Problem::field("people", "Hãy nêu ít nhất một người", "Name at least one person"));
    }
    let mut people: Vec<AccountId> = body.people.into_iter().map(AccountId).collect();
    people.sort_unstable();
    people.dedup();
    let tasks = tasks(&app, agency, &round).await?;
    let shares = match body.by {
        Dealt::Unit => by_unit(&people, &tasks),
        Dealt::Indicator => by_indicator(&people, &tasks),
    };
    change(&app, &person, Command::Divide { round: id, agency, shares }).await?;
    json(&division(&app, &person, id).await?)
}

/// A reason to offer no more.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReasonDropped {
    /// The reason's mark.
    mark: String,
}

/// `POST /rounds/ROUND/division/reasons/drop`
pub async fn drop_reason(
    State(app): State<App>,
    Caller(person): Caller,
    At(id): At<RoundId>,
    Body(body): Body<ReasonDropped>,
) -> Result<Response, Problem> {
    let (agency, _) = agency(&app, &person, id)?;
    change(&app, &person, Command::DropReason { agency, mark: body.mark }).await?;
    json(&division(&app, &person, id).await?)
}

/// Like cases of one indicator.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LikeCases {
    /// The level's id.
    level: i64,
    /// The indicator.
    indicator: String,
    /// The cases, each with the version that was seen.
    cases: Vec<CaseOf>,
    /// `accept`, `adjust` (these points) or `return`.
    #[schemars(extend("enum" = ["accept", "adjust", "return"]))]
    verdict: String,
    /// The points, as typed in Vietnamese notation, for `adjust`.
    #[serde(default)]
    points: String,
    /// Why; needed for all but `accept`.
    #[serde(default)]
    reason: String,
    /// The last day for completing, for `return`.
    #[serde(default)]
    due: String,
    /// Whether only to look at what would change.
    #[serde(default)]
    preview: bool,
}

/// A case.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CaseOf {
    /// The sheet's id.
    sheet: i64,
    /// The version that was seen.
    version: i64,
}

/// What became, or would become, of like cases.
#[derive(Debug, Serialize, JsonSchema)]
pub struct LikeCasesDone {
    /// Whether it was recorded: all of it or nothing.
    recorded: bool,
    /// The cases.
    cases: Vec<CaseDone>,
}

/// A case as it stands, and what it would be.
#[derive(Debug, Serialize, JsonSchema)]
struct CaseDone {
    /// The sheet's id.
    sheet: i64,
    /// The unit's name.
    unit: String,
    /// Where the entry stands.
    state: &'static str,
    /// Its version.
    version: i64,
    /// The unit's own points.
    #[serde(rename = "self")]
    own: Option<Number>,
    /// The points appraised by now.
    appraised: Option<Number>,
    /// The points that the preview speaks of.
    after: Option<Number>,
}

/// `POST /rounds/ROUND/appraisal/like`: all of them or none, each in the version that was seen.
pub async fn like(
    State(app): State<App>,
    Caller(person): Caller,
    At(id): At<RoundId>,
    Body(body): Body<LikeCases>,
) -> Result<Response, Problem> {
    let rows = sheets(&app.store.state(), &person, LevelId(body.level), &body.indicator);
    let first = rows.first().filter(|row| row.round == id).ok_or_else(Problem::not_found)?;
    let year = app.store.state().round_of(first)?.year;
    let asked = Asked {
        what: body.verdict,
        points: body.points.trim().to_owned(),
        reason: body.reason.trim().to_owned(),
        due: body.due.trim().to_owned(),
        show: String::new(),
        chosen: body.cases.iter().map(|one| (AssessmentId(one.sheet), one.version)).collect(),
    };
    if asked.chosen.keys().any(|id| !rows.iter().any(|row| row.id == *id)) {
        return Err(Problem::not_found());
    }
    let appraisal = asked.checked(year).map_err(|wrong| match wrong {
        Some((field, why)) => Problem::field(field, why.vi, why.en),
        None => Problem::field(
            "verdict",
            "Kết luận là một trong: accept, adjust, return",
            "A verdict is one of: accept, adjust, return",
        ),
    })?;
    if !body.preview {
        change(&app, &person, asked.command(&body.indicator, &appraisal)).await?;
    }
    let mut cases = Vec::new();
    let ids: Vec<_> = rows.iter().map(|row| row.id).filter(|id| asked.chosen.contains_key(id)).collect();
    let entries = app.store.entries_at(&ids, &body.indicator).await?;
    for row in rows.iter().filter(|row| asked.chosen.contains_key(&row.id)) {
        let entry = entries.get(&row.id).ok_or_else(Problem::not_found)?;
        let unit = app.store.state().tree.get(row.unit).map(|unit| unit.name.clone()).unwrap_or_default();
        cases.push(CaseDone {
            sheet: row.id.0,
            unit,
            state: entry.state.key(),
            version: entry.version,
            own: entry.self_score.as_ref().map(|score| score.points),
            appraised: entry.appraised.as_ref().map(|verdict| verdict.score.points),
            after: if body.preview { asked.points_after(entry) } else { None },
        });
    }
    json(&LikeCasesDone { recorded: !body.preview, cases })
}

/// Figures to try.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FiguresTried {
    /// The figures that differ from the declared ones, by id.
    figures: BTreeMap<String, super::entries::Value>,
}

/// `POST /sheets/SHEET/entries/INDICATOR/appraisal/preview`: what other figures would give. Nothing is recorded.
pub async fn preview(
    State(app): State<App>,
    Caller(person): Caller,
    At((id, indicator)): At<(AssessmentId, String)>,
    Body(body): Body<FiguresTried>,
) -> Result<Response, Problem> {
    let opened = open(&app, &person, id, &indicator).await?;
    if !app.store.state().appraises(&person.authority, &opened.round, &indicator, opened.unit.id) {
        return Err(crate::failure::Failure::Denied(cycle::Denial::NotAllowed.text()).into());
    }
    let (place, _) = opened.sheet.entry(&indicator).ok_or_else(Problem::not_found)?;
    let known = opened.program().set.indicator(&indicator).ok_or_else(Problem::not_found)?.all_figures();
    let figures = super::entries::typed(body.figures, |id| known.iter().any(|figure| figure.id == id))?;
    let at = app.now();
    let set = |typed| cycle::FigureValue { typed, by: Some(person.account), at, from: None };
    let figures = figures.into_iter().map(|(id, typed)| (id, set(typed))).collect();
    let tried: Tried = outcome(&app, &opened, &trial(&opened, place, &figures), place);
    json(&tried)
}
