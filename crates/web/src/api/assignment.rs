//! Who does which indicator of a unit.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use cycle::{AssessmentId, Capability, Denial, PositionId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::Command;
use store::command::AssignmentChange;

use super::answer::tagged;
use super::caller::{Caller, change};
use super::problem::Problem;
use super::request::{At, Body, day};
use crate::app::App;
use crate::failure::Failure;
use crate::opened::Opened;
use crate::pages::assign::{From, planned};
use crate::person::Person;

/// A position does an indicator.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Assignment {
    /// The indicator.
    indicator: String,
    /// The position's id.
    position: i64,
    /// Whether it leads (chủ trì) or coordinates (phối hợp).
    role: Role,
    /// The unit's own deadline, such as 2023-10-10.
    due: Option<String>,
}

/// What a position does of an indicator.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Chủ trì.
    Lead,
    /// Phối hợp.
    Coordinating,
}

/// All assignments of a sheet.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Assignments {
    /// The assignments, in the order of the set.
    assignments: Vec<Assignment>,
    /// Indicators that nobody leads.
    without_lead: Vec<String>,
}

fn shown(app: &App, headers: &HeaderMap, opened: &Opened) -> Result<Response, Problem> {
    let state = app.store.state();
    let mut assignments = Vec::new();
    let mut without_lead = Vec::new();
    for (indicator, ..) in opened.rows() {
        let assigned = state.assigned(opened.round.id, opened.unit.id, &indicator.id);
        if !assigned.iter().any(|one| one.leads) {
            without_lead.push(indicator.id.clone());
        }
        assignments.extend(assigned.iter().map(|one| Assignment {
            indicator: indicator.id.clone(),
            position: one.position.0,
            role: if one.leads { Role::Lead } else { Role::Coordinating },
            due: one.due.map(|day| day.to_string()),
        }));
    }
    tagged(headers, opened.sheet.version, &Assignments { assignments, without_lead })
}

/// `GET /sheets/SHEET/assignment`
pub async fn get(
    State(app): State<App>,
    Caller(person): Caller,
    At(id): At<AssessmentId>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    shown(&app, &headers, &Opened::get(&app, &person, id).await?)
}

/// All assignments that are to hold from now on.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAssignments {
    /// The assignments; what is not named is taken back.
    assignments: Vec<Assignment>,
}

/// `PUT /sheets/SHEET/assignment`
pub async fn put(
    State(app): State<App>,
    Caller(person): Caller,
    At(id): At<AssessmentId>,
    Body(body): Body<NewAssignments>,
) -> Result<Response, Problem> {
    let opened = Opened::get(&app, &person, id).await?;
    let mut wanted = BTreeMap::new();
    for one in body.assignments {
        let due = one.due.as_deref().map(|text| day(&one.indicator, text)).transpose()?;
        if opened.sheet.entry(&one.indicator).is_none() {
            let id = &one.indicator;
            return Err(Problem::field(
                "indicator",
                format!("Bộ chỉ số không có “{id}”"),
                format!("The set has no \"{id}\""),
            ));
        }
        let leads = matches!(one.role, Role::Lead);
        wanted.insert((one.indicator, PositionId(one.position)), (leads, due));
    }
    let mut changes = Vec::new();
    {
        let state = app.store.state();
        for (indicator, ..) in opened.rows() {
            for now in state.assigned(opened.round.id, opened.unit.id, &indicator.id) {
                match wanted.remove(&(indicator.id.clone(), now.position)) {
                    Some(same) if same == (now.leads, now.due) => {}
                    Some((leads, due)) => changes.push((indicator.id.clone(), now.position, Some(leads), due)),
                    None => changes.push((indicator.id.clone(), now.position, None, None)),
                }
            }
        }
    }
    changes.extend(wanted.into_iter().map(|((id, position), (leads, due))| (id, position, Some(leads), due)));
    let changes = changes.into_iter().map(|(indicator, position, leads, due)| AssignmentChange {
        indicator,
        position,
        leads,
        due,
    });
    assign(&app, &person, opened, changes.collect()).await
}

/// Where assignments are to come from.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AssignmentPlan {
    /// `document` (the positions that the set prints), `last-year`, `rule`, or the id of a plan.
    plan: String,
    /// Of a rule: the id of the position that gets what nobody leads.
    position: Option<i64>,
    /// Of a rule: the number of the pillar or the id of a group; all of them where none is named.
    #[serde(default)]
    pillar: String,
    /// Of a rule: ids, or words of the names, between commas; any indicator where it is empty.
    #[serde(default)]
    words: String,
    /// Of a rule: whether the position leads or coordinates.
    role: Option<Role>,
    /// Of a rule: the own deadline, such as 2023-10-10.
    #[serde(default)]
    due: String,
}

/// `POST /sheets/SHEET/assignment/plan`: gives out what nobody has.
pub async fn from_plan(
    State(app): State<App>,
    Caller(person): Caller,
    At(id): At<AssessmentId>,
    Body(body): Body<AssignmentPlan>,
) -> Result<Response, Problem> {
    let opened = Opened::get(&app, &person, id).await?;
    let from = From {
        plan: body.plan,
        position: body.position.map(|position| position.to_string()).unwrap_or_default(),
        pillar: body.pillar,
        words: body.words,
        role: if matches!(body.role, Some(Role::Coordinating)) { "coordinating" } else { "lead" }.to_owned(),
        due: body.due,
    };
    let unknown = |failure| match failure {
        Failure::NotFound => Problem::field("plan", "Không có bảng phân công này", "There is no such plan"),
        other => other.into(),
    };
    let changes = planned(&app, &opened, &from).map_err(unknown)?;
    assign(&app, &person, opened, changes).await
}

async fn assign(
    app: &App,
    person: &Person,
    opened: Opened,
    changes: Vec<AssignmentChange>,
) -> Result<Response, Problem> {
    // The door says so too; where nothing changes it is not asked, and its log stays as it is.
    if !person.may(&app.store.state(), Capability::Assign, opened.unit.id) {
        return Err(Failure::Denied(Denial::NotAllowed.text()).into());
    }
    if !changes.is_empty() {
        let command = Command::Assign { round: opened.round.id, unit: opened.unit.id, changes };
        change(app, person, command).await?;
    }
    shown(app, &HeaderMap::new(), &Opened::get(app, person, opened.sheet.id).await?)
}
