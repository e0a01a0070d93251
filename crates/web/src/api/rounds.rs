//! Rounds: what they are, their sheets, and what their owner changes.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::response::Response;
use cycle::round::{Days, Round};
use cycle::{Capability, Phase, RoundId, UnitId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::state::Assessment;
use store::{Actor, Command};

use super::answer::{Page, json};
use super::caller::Caller;
use super::problem::Problem;
use super::request::{Asked, At, Body, Paging, day};
use super::views::SheetTotals;
use crate::app::App;
use crate::person::Person;

/// A round.
#[derive(Debug, Serialize, JsonSchema)]
pub struct RoundView {
    /// Its id.
    id: i64,
    /// The id of the unit that runs it.
    owner: i64,
    /// The assessed year.
    year: i16,
    /// Its title.
    title: String,
    /// Where it stands.
    #[schemars(extend("enum" = ["draft", "collecting", "appraising", "explaining", "deciding", "published"]))]
    phase: &'static str,
    /// Whether all units and figures are made up.
    made_up: bool,
    /// How many of its sheets one may read.
    sheets: usize,
    /// How many of these were signed off.
    submitted: usize,
}

/// The first and the last day of a phase.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PhaseDays {
    /// The first day.
    pub(super) from: String,
    /// The last day.
    pub(super) to: String,
}

/// A round with what its owner decided.
#[derive(Debug, Serialize, JsonSchema)]
pub struct RoundInFull {
    /// The round.
    round: RoundView,
    /// The days of the phases, by phase.
    days: BTreeMap<&'static str, PhaseDays>,
    /// The rounds of explanation, in order.
    explanations: Vec<PhaseDays>,
    /// Its levels.
    levels: Vec<LevelView>,
    /// More time for units whose sheets one may read.
    extensions: Vec<ExtensionView>,
    /// Indicators that do not apply to units whose sheets one may read.
    exemptions: Vec<ExemptionView>,
}

/// A level of a round.
#[derive(Debug, Serialize, JsonSchema)]
struct LevelView {
    id: i64,
    /// The level of the units, as criteria sets name it.
    level: String,
    /// The criteria set's id.
    set: String,
    /// The hash of the set's content.
    set_hash: String,
}

/// More time for one unit.
#[derive(Debug, Serialize, JsonSchema)]
struct ExtensionView {
    /// The unit's id.
    unit: i64,
    /// The new last day.
    to: String,
    /// Why.
    reason: String,
}

/// An indicator that does not apply to one unit.
#[derive(Debug, Serialize, JsonSchema)]
struct ExemptionView {
    /// The unit's id.
    unit: i64,
    /// The indicator.
    indicator: String,
    /// Why.
    reason: String,
}

/// The sheets of a round that a person may read.
fn readable<'s>(state: &'s store::State, person: &Person, round: RoundId) -> Vec<&'s Assessment> {
    state.assessments.values().filter(|one| one.round == round && person.may_read(state, one.unit)).collect()
}

/// A round, where somebody runs it or may read one of its sheets.
fn view(state: &store::State, person: &Person, round: &Round) -> Option<RoundView> {
    let sheets = readable(state, person, round.id);
    let runs = person.may(state, Capability::RunRound, round.owner);
    (runs || !sheets.is_empty()).then(|| RoundView {
        id: round.id.0,
        owner: round.owner.0,
        year: round.year,
        title: round.title.clone(),
        phase: round.phase.key(),
        made_up: round.settings.made_up,
        sheets: sheets.len(),
        submitted: sheets.iter().filter(|one| one.submission.is_some()).count(),
    })
}

/// `GET /rounds`
pub async fn list(
    State(app): State<App>,
    Caller(person): Caller,
    Asked(paging): Asked<Paging>,
) -> Result<Response, Problem> {
    let limit = paging.limit()?;
    let state = app.store.state();
    let later = state.rounds.values().filter(|round| round.id.0 > paging.after.unwrap_or(i64::MIN));
    let rounds: Vec<RoundView> = later.filter_map(|round| view(&state, &person, round)).take(limit + 1).collect();
    json(&Page::of(rounds, limit, |round| round.id))
}

fn full(app: &App, person: &Person, id: RoundId) -> Result<RoundInFull, Problem> {
    let state = app.store.state();
    let round = state.rounds.get(&id).ok_or_else(Problem::not_found)?;
    let mut levels: Vec<_> = state.levels.values().filter(|level| level.facts.round == id).collect();
    levels.sort_by_key(|level| level.facts.id);
    Ok(RoundInFull {
        round: view(&state, person, round).ok_or_else(Problem::not_found)?,
        days: round
            .days
            .iter()
            .map(|(phase, days)| (phase.key(), PhaseDays { from: days.from.to_string(), to: days.to.to_string() }))
            .collect(),
        explanations: round
            .explanations()
            .iter()
            .map(|days| PhaseDays { from: days.from.to_string(), to: days.to.to_string() })
            .collect(),
        levels: levels
            .into_iter()
            .map(|level| LevelView {
                id: level.facts.id.0,
                level: level.facts.level.clone(),
                set: level.program.set.head.id.clone(),
                set_hash: level.facts.set_hash.clone(),
            })
            .collect(),
        extensions: round
            .settings
            .extensions
            .iter()
            .filter(|one| person.may_read(&state, one.unit))
            .map(|one| ExtensionView { unit: one.unit.0, to: one.to.to_string(), reason: one.reason.clone() })
            .collect(),
        exemptions: round
            .settings
            .exemptions
            .iter()
            .filter(|one| person.may_read(&state, one.unit))
            .map(|one| ExemptionView { unit: one.unit.0, indicator: one.indicator.clone(), reason: one.reason.clone() })
            .collect(),
    })
}

/// `GET /rounds/ROUND`
pub async fn one(State(app): State<App>, Caller(person): Caller, At(id): At<RoundId>) -> Result<Response, Problem> {
    json(&full(&app, &person, id)?)
}

/// Which sheets.
#[derive(Debug, Default, Deserialize)]
pub struct Filter {
    level: Option<i64>,
}

/// `GET /rounds/ROUND/sheets`
pub async fn sheets(
    State(app): State<App>,
    Caller(person): Caller,
    At(id): At<RoundId>,
    Asked(paging): Asked<Paging>,
    Asked(filter): Asked<Filter>,
) -> Result<Response, Problem> {
    let limit = paging.limit()?;
    full(&app, &person, id)?;
    let state = app.store.state();
    let mut rows = readable(&state, &person, id);
    rows.retain(|one| filter.level.is_none_or(|level| one.level.0 == level));
    rows.retain(|one| one.id.0 > paging.after.unwrap_or(i64::MIN));
    rows.sort_by_key(|one| one.id);
    let sheets = rows.into_iter().take(limit + 1).map(|row| SheetTotals::of(&state, row)).collect::<Result<_, _>>()?;
    json(&Page::of(sheets, limit, |sheet: &SheetTotals| sheet.id))
}

/// Carries out a change of a round's owner; whoever does not run the round learns only what may be read of it.
pub(super) async fn change(app: &App, person: &Person, id: RoundId, command: Command) -> Result<Response, Problem> {
    full(app, person, id)?;
    app.store.change(Actor::Account(person.account), app.now(), command).await?;
    json(&full(app, person, id)?)
}

pub(super) fn phase(key: &str) -> Result<Phase, Problem> {
    Phase::from_key(key).ok_or_else(|| {
        let known = Phase::ALL.map(Phase::key).join(", ");
        Problem::field("phase", format!("Giai đoạn là một trong: {known}"), format!("A phase is one of: {known}"))
    })
}

/// The phase to move to.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PhaseChange {
    /// The phase.
    #[schemars(extend("enum" = ["draft", "collecting", "appraising", "explaining", "deciding", "published"]))]
    phase: String,
    /// Why.
    reason: String,
}

/// `POST /rounds/ROUND/phase`
pub async fn set_phase(
    State(app): State<App>,
    Caller(person): Caller,
    At(id): At<RoundId>,
    Body(body): Body<PhaseChange>,
) -> Result<Response, Problem> {
    let command = Command::SetPhase { round: id, phase: phase(&body.phase)?, reason: body.reason };
    change(&app, &person, id, command).await
}

/// The days of the phases.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DaysChange {
    /// First and last days, by phase; phases that are not named have none.
    days: BTreeMap<String, PhaseDays>,
    /// Why.
    reason: String,
}

/// `PUT /rounds/ROUND/days`
pub async fn set_days(
    State(app): State<App>,
    Caller(person): Caller,
    At(id): At<RoundId>,
    Body(body): Body<DaysChange>,
) -> Result<Response, Problem> {
    let mut days = BTreeMap::new();
    for (key, one) in &body.days {
        days.insert(phase(key)?, Days { from: day(key, &one.from)?, to: day(key, &one.to)? });
    }
    change(&app, &person, id, Command::SetDays { round: id, days, reason: body.reason }).await
}

/// More time for one unit.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewExtension {
    /// The unit's id.
    unit: i64,
    /// The new last day, such as 2023-11-10.
    to: String,
    /// Why.
    reason: String,
}

/// `POST /rounds/ROUND/extensions`
pub async fn extend(
    State(app): State<App>,
    Caller(person): Caller,
    At(id): At<RoundId>,
    Body(body): Body<NewExtension>,
) -> Result<Response, Problem> {
    let to = day("to", &body.to)?;
    change(&app, &person, id, Command::Extend { round: id, unit: UnitId(body.unit), to, reason: body.reason }).await
}

/// An indicator to take out of one unit's sheet.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewExemption {
    /// The unit's id.
    unit: i64,
    /// The indicator.
    indicator: String,
    /// Why.
    reason: String,
}

/// `POST /rounds/ROUND/exemptions`
pub async fn exempt(
    State(app): State<App>,
    Caller(person): Caller,
    At(id): At<RoundId>,
    Body(body): Body<NewExemption>,
) -> Result<Response, Problem> {
    let (unit, indicator, reason) = (UnitId(body.unit), body.indicator, body.reason);
    change(&app, &person, id, Command::Exempt { round: id, unit, indicator, reason }).await
}
