//! Towards the decision: differences, rounds of explanation, what silence means, the council's meetings, publishing.

use axum::extract::State;
use axum::response::Response;
use criteria::Number;
use cycle::round::Days;
use cycle::{Capability, RoundId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::Command;
use store::records::Meeting;

use super::answer::{Page, json};
use super::caller::{Caller, change};
use super::problem::Problem;
use super::province;
use super::request::{At, Body, Nothing, day};
use super::rounds;
use crate::app::App;
use crate::pages::council::{decided_in, silences};
use crate::pages::deciding::{cases, decided_by};
use crate::person::Person;

/// What stands between a round and its publication.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Differences {
    /// Sheets that were not submitted.
    not_submitted: usize,
    /// Entries that nobody has appraised.
    not_appraised: usize,
    /// Entries that were returned and not completed.
    returned: usize,
    /// Explanations that nobody has answered.
    explained: usize,
    /// Explanations that were answered and wait to be decided.
    answered: usize,
    /// Silences that were not put down.
    silent: usize,
    /// Entries that were decided.
    decided: usize,
    /// Readings that nobody decided; they block publication.
    open_readings: usize,
    /// Every place where declared and appraised points differ: what is to be decided comes first.
    cases: Vec<Difference>,
}

/// A place where declared and appraised points differ.
#[derive(Debug, Serialize, JsonSchema)]
struct Difference {
    /// The sheet's id.
    sheet: i64,
    /// The unit's name.
    unit: String,
    /// The indicator.
    indicator: String,
    /// Its name.
    name: String,
    /// Where the entry stands.
    state: &'static str,
    /// The version that a decision must name.
    version: i64,
    /// The unit's own points.
    #[serde(rename = "self")]
    own: Number,
    /// The appraised points.
    appraised: Number,
    /// The decided points.
    #[serde(rename = "final")]
    decided: Option<Number>,
    /// Why the appraiser set them.
    reason: String,
    /// Why they were decided so.
    final_reason: String,
    /// Whether it is to be decided: explained or answered, and not decided.
    is_dispute: bool,
}

/// `GET /rounds/ROUND/differences`
pub async fn differences(
    State(app): State<App>,
    Caller(person): Caller,
    At(id): At<RoundId>,
) -> Result<Response, Problem> {
    let round = decided_by(&app, &person, id)?;
    let (all, open) = cases(&app, person.l(), &round).await?;
    let cases = all.into_iter().map(|case| Difference {
        is_dispute: case.is_dispute(),
        sheet: case.sheet.0,
        state: case.state.key(),
        version: case.version,
        own: case.points.0,
        appraised: case.points.1,
        decided: case.points.2,
        unit: case.unit,
        indicator: case.indicator,
        name: case.name,
        reason: case.reason,
        final_reason: case.final_reason,
    });
    json(&Differences {
        not_submitted: open.not_submitted,
        not_appraised: open.not_appraised,
        returned: open.returned,
        explained: open.explained,
        answered: open.answered,
        silent: open.silent,
        decided: open.decided,
        open_readings: open.readings.len(),
        cases: cases.collect(),
    })
}

/// A round of explanation to open.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewExplanation {
    /// The first day.
    from: String,
    /// The last day.
    to: String,
    /// Why.
    reason: String,
}

/// `POST /rounds/ROUND/explanations`
pub async fn open_explanation(
    State(app): State<App>,
    Caller(person): Caller,
    At(id): At<RoundId>,
    Body(body): Body<NewExplanation>,
) -> Result<Response, Problem> {
    let days = Days { from: day("from", &body.from)?, to: day("to", &body.to)? };
    rounds::change(&app, &person, id, Command::OpenExplanation { round: id, days, reason: body.reason }).await
}

/// How many silences were put down.
#[derive(Debug, Serialize, JsonSchema)]
pub struct SilencesRecorded {
    /// Entries whose adjustment nobody explained in time.
    entries: usize,
}

/// `POST /rounds/ROUND/silences`
pub async fn record_silence(
    State(app): State<App>,
    Caller(person): Caller,
    At(id): At<RoundId>,
    Body(Nothing {}): Body<Nothing>,
) -> Result<Response, Problem> {
    decided_by(&app, &person, id)?;
    let done = change(&app, &person, Command::RecordSilence { round: id }).await?;
    json(&SilencesRecorded { entries: done.count })
}

/// A meeting of the council (phiên họp hội đồng).
#[derive(Debug, Serialize, JsonSchema)]
pub struct MeetingView {
    /// Its id.
    id: i64,
    /// What it is called.
    title: String,
    /// Who chairs it.
    chair: String,
    /// Who is present.
    present: String,
    /// When it was opened.
    opened: String,
    /// When it was closed; none while it is open.
    closed: Option<String>,
}

fn view(one: &Meeting) -> MeetingView {
    MeetingView {
        id: one.id,
        title: one.title.clone(),
        chair: one.chair.clone(),
        present: one.present.clone(),
        opened: one.opened.to_string(),
        closed: one.closed.map(|at| at.to_string()),
    }
}

async fn meetings_of(app: &App, id: RoundId) -> Result<Response, Problem> {
    let meetings = app.store.meetings(id).await?;
    json(&Page { items: meetings.iter().map(view).collect(), next: None })
}

/// `GET /rounds/ROUND/meetings`: the latest first.
pub async fn meetings(
    State(app): State<App>,
    Caller(person): Caller,
    At(id): At<RoundId>,
) -> Result<Response, Problem> {
    decided_by(&app, &person, id)?;
    meetings_of(&app, id).await
}

/// A meeting to open.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewMeeting {
    /// What it is called.
    title: String,
    /// Who chairs it.
    chair: String,
    /// Who is present.
    #[serde(default)]
    present: String,
}

/// `POST /rounds/ROUND/meetings`: what is decided until it is closed stands in its minutes.
pub async fn meet(
    State(app): State<App>,
    Caller(person): Caller,
    At(id): At<RoundId>,
    Body(body): Body<NewMeeting>,
) -> Result<Response, Problem> {
    decided_by(&app, &person, id)?;
    let NewMeeting { title, chair, present } = body;
    change(&app, &person, Command::Meet { round: id, title, chair, present }).await?;
    meetings_of(&app, id).await
}

/// `POST /rounds/ROUND/meetings/close`
pub async fn close_meeting(
    State(app): State<App>,
    Caller(person): Caller,
    At(id): At<RoundId>,
    Body(Nothing {}): Body<Nothing>,
) -> Result<Response, Problem> {
    decided_by(&app, &person, id)?;
    change(&app, &person, Command::CloseMeeting { round: id }).await?;
    meetings_of(&app, id).await
}

/// The minutes of a meeting (biên bản).
#[derive(Debug, Serialize, JsonSchema)]
pub struct Minutes {
    /// The meeting.
    meeting: MeetingView,
    /// What was decided, in order.
    decisions: Vec<MinutesLine>,
    /// Silences that were put down during the meeting.
    silences: usize,
}

/// A decision.
#[derive(Debug, Serialize, JsonSchema)]
struct MinutesLine {
    /// The sheet's id.
    sheet: i64,
    /// The unit's name.
    unit: String,
    /// The indicator.
    indicator: String,
    /// Its name.
    name: String,
    /// The unit's own points.
    #[serde(rename = "self")]
    own: Option<Number>,
    /// The appraised points.
    appraised: Option<Number>,
    /// The decided points.
    #[serde(rename = "final")]
    decided: Option<Number>,
    /// Why.
    reason: String,
    /// By whom: the position, else the name; none for the operator.
    by: Option<String>,
}

/// `GET /rounds/ROUND/meetings/MEETING`
pub async fn minutes(
    State(app): State<App>,
    Caller(person): Caller,
    At((id, meeting)): At<(RoundId, i64)>,
) -> Result<Response, Problem> {
    let round = decided_by(&app, &person, id)?;
    let meetings = app.store.meetings(id).await?;
    let meeting = meetings.iter().find(|one| one.id == meeting).ok_or_else(Problem::not_found)?;
    let until = meeting.closed.unwrap_or_else(|| app.now());
    let events = app.store.decisions(id, meeting.opened, until).await?;
    let mut decisions = Vec::new();
    for event in &events {
        decisions.extend(decided_in(&app, &round, event).await?.map(|one| MinutesLine {
            sheet: one.sheet.0,
            unit: one.unit,
            indicator: one.indicator,
            name: one.name,
            own: one.own,
            appraised: one.appraised,
            decided: one.decided,
            reason: one.reason,
            by: one.by,
        }));
    }
    json(&Minutes { meeting: view(meeting), decisions, silences: silences(&events) })
}

/// The decision under which results are published.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPublication {
    /// Its number.
    number: String,
    /// Its day.
    day: String,
    /// Why explanations that nobody decided stay as they are; needed where there are any.
    #[serde(default)]
    undecided: String,
}

/// Whether somebody decides in a round or runs it; others learn nothing of its publication to come.
fn known_to(app: &App, person: &Person, id: RoundId) -> Result<(), Problem> {
    let state = app.store.state();
    let round = state.rounds.get(&id).ok_or_else(Problem::not_found)?;
    let may = |capability| person.may(&state, capability, round.owner);
    if may(Capability::Decide) || may(Capability::RunRound) { Ok(()) } else { Err(Problem::not_found()) }
}

/// `POST /rounds/ROUND/publication`: it never changes again; a later decision may amend it.
pub async fn publish(
    State(app): State<App>,
    Caller(person): Caller,
    At(id): At<RoundId>,
    Body(body): Body<NewPublication>,
) -> Result<Response, Problem> {
    known_to(&app, &person, id)?;
    let command =
        Command::Publish { round: id, number: body.number, day: day("day", &body.day)?, undecided: body.undecided };
    let done = change(&app, &person, command).await?;
    let found = app.store.publication(done.id.unwrap_or_default()).await?.ok_or_else(Problem::not_found)?;
    json(&province::publication(&found))
}
