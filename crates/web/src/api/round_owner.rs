//! What a round's owner does by program: setting a year up, changing it while it runs, seeing who is late, reminding.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::response::Response;
use cycle::round::Days;
use cycle::{Capability, LevelId, RoundId, UnitId, time};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::command::DeclaredGrade;
use store::{Actor, Command};

use super::answer::{Page, json};
use super::caller::Caller;
use super::problem::Problem;
use super::request::{Asked, At, Body, day};
use super::rounds::{PhaseDays, change, phase};
use crate::app::App;
use crate::new_round::{Plan, Take, Wanted, plan};
use crate::pages::overdue::remind_units;
use crate::person::Person;
use crate::watch::{Filter, Watched};

/// A round to set up.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewRound {
    /// The id of the unit that runs it.
    owner: i64,
    /// The assessed year.
    year: i16,
    /// Its title.
    title: String,
    /// The days that its figures are about.
    #[serde(default)]
    period: Option<PhaseDays>,
    /// The days of the phases, by phase.
    days: BTreeMap<String, PhaseDays>,
    /// The id of the criteria set of each level, by level.
    sets: BTreeMap<String, String>,
    /// The id of the round to copy from.
    #[serde(default)]
    copied_from: Option<i64>,
    /// What to take over from it; everything where nothing is said.
    #[serde(default)]
    take: Option<TakeOver>,
    /// Whether only to look at what would be taken over.
    #[serde(default)]
    preview: bool,
}

/// What to take over from the round before.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TakeOver {
    /// Who appraises which indicator.
    agencies: bool,
    /// Who does not take part, and exemptions.
    participants: bool,
    /// Readings that were decided, and grades.
    readings: bool,
    /// Who does what, with own deadlines.
    assignments: bool,
}

/// What a round to be comes to.
#[derive(Debug, Serialize, JsonSchema)]
pub struct RoundMade {
    /// The id of the new round; none where it was only looked at.
    id: Option<i64>,
    /// What is taken over, in words, and how many.
    taken: Vec<TakenOver>,
    /// What could not be.
    lost: Vec<NotTaken>,
}

/// Something that is taken over.
#[derive(Debug, Serialize, JsonSchema)]
struct TakenOver {
    what: String,
    what_en: String,
    count: usize,
}

/// Something that could not be taken over.
#[derive(Debug, Serialize, JsonSchema)]
struct NotTaken {
    what: String,
    what_en: String,
    /// The indicator, reading or unit.
    at: String,
    why: String,
    why_en: String,
}

fn made(plan: &Plan, id: Option<i64>) -> RoundMade {
    let taken = plan.taken.iter().map(|(what, count)| TakenOver {
        what: what.vi.clone(),
        what_en: what.en.clone(),
        count: *count,
    });
    let lost = plan.lost.iter().map(|one| NotTaken {
        what: one.what.vi.clone(),
        what_en: one.what.en.clone(),
        at: one.at.clone(),
        why: one.why.vi.clone(),
        why_en: one.why.en.clone(),
    });
    RoundMade { id, taken: taken.collect(), lost: lost.collect() }
}

fn span(field: &str, days: &PhaseDays) -> Result<Days, Problem> {
    Ok(Days { from: day(field, &days.from)?, to: day(field, &days.to)? })
}

/// `POST /rounds`
pub async fn create(
    State(app): State<App>,
    Caller(person): Caller,
    Body(body): Body<NewRound>,
) -> Result<Response, Problem> {
    let now = app.now();
    let mut days = BTreeMap::new();
    for (key, one) in &body.days {
        days.insert(phase(key)?, span(key, one)?);
    }
    let everything = TakeOver { agencies: true, participants: true, readings: true, assignments: true };
    let take = body.take.unwrap_or(everything);
    let (sets, library) = (app.sets(), app.joined());
    let wanted = Wanted {
        from: body.copied_from.map(RoundId),
        owner: UnitId(body.owner),
        year: body.year,
        title: body.title,
        period: body.period.as_ref().map(|days| span("period", days)).transpose()?,
        days,
        sets: body.sets,
        take: Take {
            agencies: take.agencies,
            participants: take.participants,
            readings: take.readings,
            assignments: take.assignments,
        },
    };
    let planned = {
        let state = app.store.state();
        let runs = |unit: UnitId| person.may(&state, Capability::RunRound, unit);
        let unknown = wanted.from.is_some_and(|id| state.rounds.get(&id).is_none_or(|round| !runs(round.owner)));
        if !runs(wanted.owner) || unknown {
            return Err(Problem::not_found());
        }
        plan(&state, &library, &sets, &wanted, time::day_of(now))
            .map_err(|(field, text)| Problem::field(field, text.vi, text.en))?
    };
    if body.preview {
        return json(&made(&planned, None));
    }
    let done = app.store.change(Actor::Account(person.account), now, planned.command.clone()).await?;
    json(&made(&planned, done.id))
}

/// A new title and period.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Description {
    /// The title.
    title: String,
    /// The days that the figures are about.
    period: Option<PhaseDays>,
    /// Why.
    reason: String,
}

/// `PUT /rounds/ROUND/description`
pub async fn describe(
    State(app): State<App>,
    Caller(person): Caller,
    At(id): At<RoundId>,
    Body(body): Body<Description>,
) -> Result<Response, Problem> {
    let period = body.period.as_ref().map(|days| span("period", days)).transpose()?;
    let command = Command::DescribeRound { round: id, title: body.title, period, reason: body.reason };
    change(&app, &person, id, command).await
}

/// Who appraises which indicators from now on.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AppraisersChange {
    /// The id of the agency, by indicator, `*` for those not named; null leaves an indicator to what is said of `*`.
    appraisers: BTreeMap<String, Option<i64>>,
    /// Why.
    reason: String,
}

/// `PATCH /rounds/ROUND/appraisers`
pub async fn set_appraisers(
    State(app): State<App>,
    Caller(person): Caller,
    At(id): At<RoundId>,
    Body(body): Body<AppraisersChange>,
) -> Result<Response, Problem> {
    let changes = body.appraisers.into_iter().map(|(indicator, unit)| (indicator, unit.map(UnitId))).collect();
    change(&app, &person, id, Command::SetAppraisers { round: id, changes, reason: body.reason }).await
}

/// Whether a unit takes part.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Participation {
    /// The unit's id.
    unit: i64,
    /// Whether it takes part.
    takes_part: bool,
    /// Why.
    reason: String,
}

/// `POST /rounds/ROUND/participation`
pub async fn set_participation(
    State(app): State<App>,
    Caller(person): Caller,
    At(id): At<RoundId>,
    Body(body): Body<Participation>,
) -> Result<Response, Problem> {
    let (unit, takes_part, reason) = (UnitId(body.unit), body.takes_part, body.reason);
    change(&app, &person, id, Command::SetParticipation { round: id, unit, takes_part, reason }).await
}

/// An exemption to end.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExemptionEnd {
    /// The unit's id.
    unit: i64,
    /// The indicator.
    indicator: String,
    /// Why.
    reason: String,
}

/// `POST /rounds/ROUND/exemptions/end`
pub async fn lift_exemption(
    State(app): State<App>,
    Caller(person): Caller,
    At(id): At<RoundId>,
    Body(body): Body<ExemptionEnd>,
) -> Result<Response, Problem> {
    let (unit, indicator, reason) = (UnitId(body.unit), body.indicator, body.reason);
    change(&app, &person, id, Command::LiftExemption { round: id, unit, indicator, reason }).await
}

/// The answer to a reading of a level's set.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReadingDecision {
    /// The level's id.
    level: i64,
    /// The reading.
    reading: String,
    /// The answer.
    variant: String,
    /// Why.
    reason: String,
}

/// A level of this round; those of other rounds are not found under it.
fn own_level(app: &App, round: RoundId, level: i64) -> Result<LevelId, Problem> {
    let own = app.store.state().levels.get(&LevelId(level)).is_some_and(|level| level.facts.round == round);
    let text = ("Kỳ này không có cấp đó", "The round has no such level");
    if own { Ok(LevelId(level)) } else { Err(Problem::field("level", text.0, text.1)) }
}

/// `POST /rounds/ROUND/readings`
pub async fn decide_reading(
    State(app): State<App>,
    Caller(person): Caller,
    At(id): At<RoundId>,
    Body(body): Body<ReadingDecision>,
) -> Result<Response, Problem> {
    let level = own_level(&app, id, body.level)?;
    let ReadingDecision { reading, variant, reason, .. } = body;
    change(&app, &person, id, Command::Pick { level, reading, variant, reason }).await
}

/// Figures of the round for a level.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RoundFigures {
    /// The level's id.
    level: i64,
    /// The figures, as typed; an empty one is taken back.
    figures: BTreeMap<String, String>,
    /// Why, or where they come from.
    reason: String,
}

/// `PATCH /rounds/ROUND/figures`
pub async fn set_figures(
    State(app): State<App>,
    Caller(person): Caller,
    At(id): At<RoundId>,
    Body(body): Body<RoundFigures>,
) -> Result<Response, Problem> {
    let level = own_level(&app, id, body.level)?;
    change(&app, &person, id, Command::SetFigures { level, figures: body.figures, reason: body.reason }).await
}

/// The grades of a level.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GradesChange {
    /// The level's id.
    level: i64,
    /// The grades, highest first; none to go by the set again.
    grades: Vec<GradeOf>,
    /// Why, or by which document.
    reason: String,
}

/// A grade.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct GradeOf {
    /// Its name.
    name: String,
    /// From how many percent of the full result on it is given, as typed: `"82,5"`.
    from: String,
}

/// `PUT /rounds/ROUND/grades`
pub async fn set_grades(
    State(app): State<App>,
    Caller(person): Caller,
    At(id): At<RoundId>,
    Body(body): Body<GradesChange>,
) -> Result<Response, Problem> {
    let level = own_level(&app, id, body.level)?;
    let grades = body.grades.into_iter().map(|one| DeclaredGrade { name: one.name, from: one.from }).collect();
    change(&app, &person, id, Command::SetGrades { level, grades, reason: body.reason }).await
}

/// A unit that has not begun or is late.
#[derive(Debug, Serialize, JsonSchema)]
pub struct LateUnit {
    /// The unit's id.
    unit: i64,
    /// Its official code.
    code: String,
    /// Its name.
    name: String,
    /// Its sheet's id.
    sheet: i64,
    /// Whether anybody has begun.
    begun: bool,
    /// What is late.
    late: Vec<LateEntry>,
}

/// An indicator that is late.
#[derive(Debug, Serialize, JsonSchema)]
struct LateEntry {
    indicator: String,
    /// The deadline.
    due: String,
    /// How many days ago it was.
    days: i32,
}

/// `GET /rounds/ROUND/late`
pub async fn late(
    State(app): State<App>,
    Caller(person): Caller,
    At(id): At<RoundId>,
    Asked(filter): Asked<Filter>,
) -> Result<Response, Problem> {
    let today = time::day_of(app.now());
    let state = app.store.state();
    let round = state.rounds.get(&id).ok_or_else(Problem::not_found)?;
    let watched = Watched::of(&state, &person, round, &filter, today).ok_or_else(Problem::not_found)?;
    let indicators: Vec<&str> = watched.level.program.set.indicators().map(|one| one.id.as_str()).collect();
    let owing = watched.shown().into_iter().filter(|line| !line.has_begun() || !line.late.is_empty());
    let items = owing.map(|line| LateUnit {
        unit: line.unit.id.0,
        code: line.unit.code.clone(),
        name: line.unit.name.clone(),
        sheet: line.row.id.0,
        begun: line.has_begun(),
        late: line
            .late
            .iter()
            .filter_map(|one| {
                let indicator = (*indicators.get(one.place)?).to_owned();
                Some(LateEntry { indicator, due: one.due.to_string(), days: one.days })
            })
            .collect(),
    });
    json(&Page { items: items.collect(), next: None })
}

/// Whom to remind.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewReminder {
    /// Only this unit; all that owe something and that fit the rest where it is missing.
    #[serde(default)]
    unit: Option<i64>,
    /// Only this level; the one with most sheets where it is missing.
    #[serde(default)]
    level: Option<i64>,
    /// `untouched` or `late`.
    #[serde(default)]
    show: String,
    /// Only indicators of the pillar with this number.
    #[serde(default)]
    pillar: String,
    /// A message.
    #[serde(default)]
    words: String,
}

/// What a reminder came to.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ReminderSent {
    /// Units that owe something.
    units: usize,
    /// People who were told.
    told: usize,
    /// People who had been told that day already.
    known: usize,
}

/// `POST /rounds/ROUND/reminders`
pub async fn remind(
    State(app): State<App>,
    Caller(person): Caller,
    At(id): At<RoundId>,
    Body(body): Body<NewReminder>,
) -> Result<Response, Problem> {
    let level = body.level.map(|level| level.to_string()).unwrap_or_default();
    let filter = Filter { level, show: body.show, pillar: body.pillar, ..Filter::default() };
    let done = remind_units(&app, &person, id, &filter, body.unit.map(UnitId), &body.words).await?;
    json(&ReminderSent { units: done.units, told: done.told, known: done.known })
}

/// A change of a round, with the state before and after.
#[derive(Debug, Serialize, JsonSchema)]
pub struct RoundChange {
    /// The number of the event in the log.
    seq: i64,
    /// When.
    at: String,
    /// The account that did it; none for the operator.
    actor: Option<i64>,
    /// What was done.
    action: String,
    /// The unit that it is about.
    unit: Option<i64>,
    /// The indicator that it is about.
    indicator: Option<String>,
    /// What was before and after, and why.
    detail: serde_json::Value,
}

/// `GET /rounds/ROUND/history`
pub async fn history(State(app): State<App>, Caller(person): Caller, At(id): At<RoundId>) -> Result<Response, Problem> {
    if !runs(&app, &person, id) {
        return Err(Problem::not_found());
    }
    let events = app.store.round_history(id).await?;
    let items = events.into_iter().map(|event| RoundChange {
        seq: event.seq,
        at: event.at.to_string(),
        actor: event.actor.map(|account| account.0),
        action: event.action,
        unit: event.unit.map(|unit| unit.0),
        indicator: event.indicator,
        detail: event.detail,
    });
    json(&Page { items: items.collect(), next: None })
}

fn runs(app: &App, person: &Person, id: RoundId) -> bool {
    let state = app.store.state();
    state.rounds.get(&id).is_some_and(|round| person.may(&state, Capability::RunRound, round.owner))
}
