//! Changing the organisation: adding units, renaming, merging, splitting, abolishing them, and taking them in from a file.

use axum::extract::{FromRequest, Multipart, Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use criteria::Text;
use cycle::{UnitId, time};
use documents::table;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::Command;
use store::command::{FieldRefusal, NewUnit as Added};

use super::answer::{Page, json};
use super::caller::{Caller, change};
use super::problem::Problem;
use super::request::{Asked, At, Body, day, not_a_form};
use super::views::{Unit, Words, both};
use crate::app::App;
use crate::failure::Failure;
use crate::pages::import::{self, invited, planned, take_in, unit_name};
use crate::pages::unit_change::{Wish, managed, resolve, told};
use crate::pages::units::may_see;
use crate::roster::{Plan, Verdict};

/// Units to add.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewUnits {
    /// The units, parents before those that belong to them.
    units: Vec<NewUnit>,
}

/// A unit to add.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewUnit {
    /// Its official code, which no other unit has or had.
    code: String,
    /// Its name.
    name: String,
    /// What it is: xã, phường, sở …
    kind: String,
    /// Its level, as criteria sets name it.
    level: String,
    /// The code of the unit that it belongs to.
    parent: Option<String>,
    /// The first day that it exists.
    from: Option<String>,
    /// The last day that it exists.
    to: Option<String>,
}

/// A day that may be left out.
fn some_day(field: &str, text: Option<&String>) -> Result<Option<criteria::date::Date>, Problem> {
    text.map(|text| day(field, text)).transpose()
}

/// `POST /units`: all of them or none.
pub async fn add(
    State(app): State<App>,
    Caller(person): Caller,
    Body(body): Body<NewUnits>,
) -> Result<Response, Problem> {
    let mut units = Vec::new();
    {
        let state = app.store.state();
        for one in body.units {
            // What lies outside one's scope is not there to belong to.
            let parent = one.parent.as_deref().and_then(|code| state.tree.by_code(code));
            if parent.is_some_and(|parent| !may_see(&state, &person, parent.id)) {
                return Err(Problem::not_found());
            }
            let (from, to) = (some_day("from", one.from.as_ref())?, some_day("to", one.to.as_ref())?);
            let NewUnit { code, name, kind, level, parent, .. } = one;
            units.push(Added { code, name, kind, level, parent, from, to });
        }
    }
    if units.is_empty() {
        return Err(Problem::field("units", "Chưa nêu đơn vị nào", "No unit is named"));
    }
    let codes: Vec<String> = units.iter().map(|unit| unit.code.clone()).collect();
    change(&app, &person, Command::AddUnits(units)).await?;
    let state = app.store.state();
    let items = codes.iter().filter_map(|code| state.tree.by_code(code.trim())).map(Unit::from).collect();
    json(&Page { items, next: None })
}

/// A change of the organisation.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UnitChange {
    /// What is done.
    #[schemars(extend("enum" = ["renamed", "merged", "split", "abolished"]))]
    how: String,
    /// The codes of the other units that are merged or abolished together with this one.
    #[serde(default)]
    others: Vec<String>,
    /// The units after: new ones, or, of one that is abolished, the one that its work goes to.
    #[serde(default)]
    to: Vec<UnitAfter>,
    /// The first day of the new order.
    day: String,
    /// The document that decides it.
    document: String,
    /// Whether positions and those who hold them go along to what one new unit takes over.
    #[serde(default)]
    people: bool,
    /// Whether only to look at what would happen.
    #[serde(default)]
    preview: bool,
}

/// A unit after the change.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UnitAfter {
    /// Its official code; of a unit that only gets another name, the same or none.
    #[serde(default)]
    code: String,
    /// Its name.
    #[serde(default)]
    name: String,
    /// What it is; as before where nothing is said.
    #[serde(default)]
    kind: String,
}

/// What a change of the organisation comes to.
#[derive(Debug, Serialize, JsonSchema)]
pub struct UnitChanged {
    /// The id of the unit that came out, or that was changed; none where it was only looked at.
    unit: Option<i64>,
    /// What happens, line by line.
    told: Vec<Words>,
}

/// `POST /units/UNIT/change`
pub async fn change_unit(
    State(app): State<App>,
    Caller(person): Caller,
    At(id): At<UnitId>,
    Body(body): Body<UnitChange>,
) -> Result<Response, Problem> {
    let (asked, told) = {
        let state = app.store.state();
        let unit = managed(&state, &person, id)?;
        let wish = Wish {
            how: &body.how,
            others: body.others.iter().map(|code| code.trim()).collect(),
            to: body.to.iter().map(|one| (one.code.trim(), one.name.trim(), one.kind.trim())).collect(),
            day: &body.day,
            document: body.document.trim(),
            people: body.people,
        };
        let asked = resolve(&state, &unit, wish, time::day_of(app.now())).map_err(|wrong| fields(&wrong))?;
        let lines = |l| told(&state, l, &asked);
        let told = lines_in_both(&lines);
        (asked, told)
    };
    if body.preview {
        return json(&UnitChanged { unit: None, told });
    }
    let done = change(&app, &person, asked.command()).await?;
    json(&UnitChanged { unit: Some(done.id.unwrap_or(id.0)), told })
}

/// Lines in both languages.
pub fn lines_in_both(lines: &dyn Fn(crate::view::L) -> Vec<String>) -> Vec<Words> {
    let count = lines(crate::view::L(criteria::Language::Vietnamese)).len();
    (0..count).map(|at| both(|l| lines(l).get(at).cloned().unwrap_or_default())).collect()
}

fn fields(wrong: &[(String, Text)]) -> Problem {
    let fields = wrong.iter().map(|(field, message)| FieldRefusal { field: field.clone(), message: message.clone() });
    Problem::fields(&fields.collect::<Vec<_>>())
}

/// Which plan is confirmed.
#[derive(Debug, Default, Deserialize)]
pub struct Confirmed {
    seen: Option<String>,
}

/// What a file of units or people comes to.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Roster {
    /// Whether it was taken in.
    done: bool,
    /// What tells this plan from any other: asked for again with `seen`, the same file is taken in.
    seen: String,
    /// Each line of the file.
    lines: Vec<RosterLine>,
    /// The people who were invited.
    invited: Vec<InvitedPerson>,
}

/// A line of the file.
#[derive(Debug, Serialize, JsonSchema)]
struct RosterLine {
    /// Its number in the file.
    line: usize,
    /// The code, or the e-mail address.
    key: String,
    name: String,
    /// What it comes to.
    #[schemars(extend("enum" = ["added", "changed", "same", "refused"]))]
    verdict: &'static str,
    /// What happens, or why nothing can.
    told: Words,
}

/// Somebody who got an account.
#[derive(Debug, Serialize, JsonSchema)]
struct InvitedPerson {
    login: String,
    name: String,
    /// The position and its unit.
    position: String,
    /// The address by which the person sets a password; it is told once.
    invitation: String,
}

fn roster(plan: &Plan) -> Roster {
    let line = |line: &crate::roster::Line| RosterLine {
        line: line.number,
        key: line.key.clone(),
        name: line.name.clone(),
        verdict: match line.verdict {
            Verdict::Added => "added",
            Verdict::Changed => "changed",
            Verdict::Same => "same",
            Verdict::Refused => "refused",
        },
        told: line.told.clone().into(),
    };
    Roster { done: false, seen: plan.seen(), lines: plan.lines.iter().map(line).collect(), invited: Vec::new() }
}

/// `POST /units/UNIT/import?seen=…`: looks at a file; takes it in where the plan that was seen is named.
pub async fn import(
    State(app): State<App>,
    Caller(person): Caller,
    At(id): At<UnitId>,
    Asked(confirmed): Asked<Confirmed>,
    headers: HeaderMap,
    request: Request,
) -> Result<Response, Problem> {
    unit_name(&app.store.state(), &person, id)?;
    let form = Multipart::from_request(request, &app).await.map_err(|_| not_a_form())?;
    let invalid = |why: Text| Problem::field("file", why.vi, why.en);
    let bytes = match import::sent(form).await.map_err(invalid)? {
        import::Sent::File(bytes) => bytes,
        import::Sent::Confirmed { .. } => {
            return Err(Problem::field("file", "Hãy gửi một tệp .csv hoặc .xlsx", "Send a .csv or .xlsx file"));
        }
    };
    let read = tokio::task::spawn_blocking(move || table::read(&bytes)).await;
    let rows = read.map_err(|_| Problem::from(Failure::Internal))?.map_err(invalid)?;
    let plan = planned(&app, &person, id, &rows).map_err(invalid)?;
    let mut answer = roster(&plan);
    let Some(seen) = confirmed.seen else { return json(&answer) };
    if seen != plan.seen() {
        return Err(Problem::stale(false).with("saved", serde_json::to_value(&answer).unwrap_or_default()));
    }
    if !plan.can_be_done() {
        return Err(Problem::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "invalid",
            "Có dòng bị từ chối, hoặc không có gì để ghi; chưa ghi gì",
            "A line is refused, or there is nothing to do; nothing was written",
        )
        .with("saved", serde_json::to_value(&answer).unwrap_or_default()));
    }
    let secrets = take_in(&app, &person, &plan).await?;
    answer.done = true;
    answer.invited = invited(&app, &headers, &plan, &secrets)
        .into_iter()
        .map(|one| InvitedPerson { login: one.login, name: one.name, position: one.position, invitation: one.link })
        .collect();
    json(&answer)
}
