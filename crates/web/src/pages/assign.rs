//! The assignment matrix: positions by indicators, by hand, from a plan or from last year.

use std::collections::BTreeMap;

use askama::Template;
use axum::Form;
use axum::extract::{OriginalUri, Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use criteria::date::Date;
use criteria::model::Indicator;
use criteria::plan::AssignmentPlan;
use criteria::{CriteriaSet, Number, Text};
use cycle::{AssessmentId, Capability, PositionId};
use documents::papers::Kind;
use scoring::notation::fold;
use serde::Deserialize;
use store::command::{AssignmentChange, FieldRefusal};
use store::{Actor, Command};

use super::html;
use super::issued::{self, PaperLine};
use crate::app::App;
use crate::failure::Failure;
use crate::new_round::follow;
use crate::opened::Opened;
use crate::person::Person;
use crate::succession::Succession;
use crate::view::{Section, Shell};

struct Cell {
    position: PositionId,
    code: String,
    role: &'static str,
}

struct Row {
    pillar: Option<String>,
    id: String,
    name: String,
    cells: Vec<Cell>,
    due: String,
    round_due: String,
}

struct Load {
    code: String,
    name: String,
    held_by: String,
    leads: usize,
    coordinates: usize,
    points: String,
    open: usize,
}

/// A pillar's number and name, and its groups' ids and names.
type PartView = (String, String, Vec<(String, String)>);

#[derive(Template)]
#[template(path = "assign.html")]
struct AssignPage {
    shell: Shell,
    id: AssessmentId,
    unit: String,
    lede: String,
    notice: Option<String>,
    loads: Vec<Load>,
    plans: Vec<(String, String)>,
    editable: bool,
    positions: Vec<(PositionId, String)>,
    pillars: Vec<PartView>,
    rows: Vec<Row>,
    papers: Vec<PaperLine>,
}

/// Positions that can be given work: those that fill in.
fn workers(state: &store::State, opened: &Opened) -> Vec<store::state::Position> {
    state
        .positions_of(opened.unit.id)
        .into_iter()
        .filter(|position| {
            position.capabilities.contains(&Capability::FillAssigned)
                || position.capabilities.contains(&Capability::FillAny)
        })
        .cloned()
        .collect()
}

/// `GET /sheets/SHEET/assign`
pub async fn page(
    State(app): State<App>,
    person: Person,
    OriginalUri(uri): OriginalUri,
    Path(id): Path<AssessmentId>,
) -> Result<Response, Failure> {
    let l = person.l();
    let opened = Opened::get(&app, &person, id).await?;
    let title = format!("{}: {}", l.say("Phân công", "Assignment"), opened.unit.name);
    let shell = Shell::new(&app, Some(&person), l, uri.path(), Section::Assign, title);
    let state = app.store.state();
    let editable = person.may(&state, Capability::Assign, opened.unit.id);
    let positions = workers(&state, &opened);
    let mut rows = Vec::new();
    let mut nobody = 0;
    let mut shown_pillar = String::new();
    for (indicator, ..) in opened.rows() {
        let assigned = state.assigned(opened.round.id, opened.unit.id, &indicator.id);
        nobody += usize::from(!assigned.iter().any(|one| one.leads));
        let pillar =
            opened.program().set.pillars.iter().find(|one| one.indicators.iter().any(|own| own.id == indicator.id));
        let heading = pillar.map(|pillar| format!("{}. {}", pillar.pillar.no, pillar.pillar.name)).unwrap_or_default();
        let due = state.own_due(opened.round.id, opened.unit.id, &indicator.id);
        let round_due = opened.round.due(opened.unit.id, indicator.due.days(), None);
        rows.push(Row {
            pillar: (heading != shown_pillar).then(|| heading.clone()),
            id: indicator.id.clone(),
            name: indicator.name.clone(),
            cells: positions
                .iter()
                .map(|position| Cell {
                    position: position.id,
                    code: position.code.clone(),
                    role: match assigned.iter().find(|one| one.position == position.id) {
                        Some(one) if one.leads => "lead",
                        Some(_) => "coordinating",
                        None => "",
                    },
                })
                .collect(),
            due: due.map(|due| l.date(&due)).unwrap_or_default(),
            round_due: round_due.map(|due| l.date(&due)).unwrap_or_default(),
        });
        shown_pillar = heading;
    }
    let loads = positions
        .iter()
        .map(|position| {
            let mut load = Load {
                code: position.code.clone(),
                name: position.name.clone(),
                held_by: state
                    .holders(position.id, opened.today)
                    .iter()
                    .map(|account| account.name.clone())
                    .collect::<Vec<_>>()
                    .join(", "),
                leads: 0,
                coordinates: 0,
                points: String::new(),
                open: 0,
            };
            if load.held_by.is_empty() {
                load.held_by = l.say("đang khuyết", "vacant").to_owned();
            }
            let mut points = Vec::new();
            for (indicator, entry, _) in opened.rows() {
                let assigned = state.assigned(opened.round.id, opened.unit.id, &indicator.id);
                let Some(own) = assigned.iter().find(|one| one.position == position.id) else { continue };
                if own.leads {
                    load.leads += 1;
                    points.push(indicator.points.unwrap_or_default());
                } else {
                    load.coordinates += 1;
                }
                load.open += usize::from(!entry.state.is_done());
            }
            load.points = l.number(&Number::saturating_sum(points));
            load
        })
        .collect();
    let set_id = &opened.program().set.head.id;
    let mut plans: Vec<(String, String)> = Vec::new();
    for (plan_id, files) in &app.library.plans {
        if AssignmentPlan::set_id(files).as_deref() == Some(set_id)
            && let Ok(plan) = AssignmentPlan::read(plan_id, files, &opened.program().set)
        {
            plans.push((plan_id.clone(), format!("{} {}", plan.file.document.kind, plan.file.document.number)));
        }
    }
    plans.push((
        "document".to_owned(),
        l.say("chức danh in trong bộ chỉ số", "the positions that the set prints").to_owned(),
    ));
    plans.push(("last-year".to_owned(), l.say("phân công năm trước", "last year's assignment").to_owned()));
    let lede = match l.is_english() {
        true => format!("{nobody} of {} indicators have nobody in the lead.", rows.len()),
        false => format!("{nobody} trên {} chỉ số chưa có người chủ trì.", rows.len()),
    };
    let count =
        uri.query().and_then(|query| query.strip_prefix("changed=")).and_then(|count| count.parse::<u32>().ok());
    let notice = count.map(|count| match l.is_english() {
        true => format!("Saved; {count} assignments changed."),
        false => format!("Đã lưu; {count} chỗ phân công thay đổi."),
    });
    let page = AssignPage {
        shell,
        id,
        unit: opened.unit.name.clone(),
        lede,
        notice,
        loads,
        plans,
        editable,
        positions: positions.iter().map(|position| (position.id, position.code.clone())).collect(),
        pillars: opened
            .program()
            .set
            .pillars
            .iter()
            .map(|one| {
                let groups = one
                    .groups
                    .iter()
                    .map(|group| (group.id.clone(), format!("{}. {}", group.no.trim_end_matches('.'), group.name)));
                (one.pillar.no.clone(), one.pillar.name.clone(), groups.collect())
            })
            .collect(),
        rows,
        papers: issued::lines(&state, l, |paper| paper.assessment == Some(id) && paper.kind == Kind::Assignment.key()),
    };
    drop(state);
    html(&page)
}

/// A day as typed: `20/10/2023`, `20/10` or `2023-10-20`.
pub fn day(text: &str, year: i16) -> Option<Date> {
    let text = text.trim();
    if let Ok(day) = text.parse() {
        return Some(day);
    }
    let pieces: Vec<&str> = text.split(['/', '-', '.']).map(str::trim).collect();
    match pieces[..] {
        [day, month, year] => Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok(),
        [day, month] => Date::new(year, month.parse().ok()?, day.parse().ok()?).ok(),
        _ => None,
    }
}

/// What is told beside a field that holds no day.
pub(crate) fn no_day(field: &str, typed: &str) -> FieldRefusal {
    let message = Text::new(
        format!("“{typed}” không phải là một ngày (ví dụ 20/10/2023)"),
        format!("\"{typed}\" is no day (such as 20/10/2023)"),
    );
    FieldRefusal { field: field.to_owned(), message }
}

/// `POST /sheets/SHEET/assign`
pub async fn save(
    State(app): State<App>,
    person: Person,
    Path(id): Path<AssessmentId>,
    Form(form): Form<BTreeMap<String, String>>,
) -> Result<Response, Failure> {
    let opened = Opened::get(&app, &person, id).await?;
    let mut changes = Vec::new();
    let mut dues = BTreeMap::new();
    let mut wrong = Vec::new();
    for (indicator, ..) in opened.rows() {
        let field = format!("{}~due", indicator.id);
        let typed = form.get(&field).map_or("", |due| due.trim());
        match day(typed, opened.round.year) {
            Some(due) => drop(dues.insert(indicator.id.as_str(), due)),
            None if typed.is_empty() => {}
            None => wrong.push(no_day(&field, typed)),
        }
    }
    if !wrong.is_empty() {
        return Err(Failure::Fields(wrong));
    }
    {
        let state = app.store.state();
        for position in workers(&state, &opened) {
            for (indicator, ..) in opened.rows() {
                let Some(role) = form.get(&format!("{}~{}", indicator.id, position.id)) else { continue };
                let due = dues.get(indicator.id.as_str()).copied();
                let leads = match role.as_str() {
                    "lead" => Some(true),
                    "coordinating" => Some(false),
                    _ => None,
                };
                let assigned = state.assigned(opened.round.id, opened.unit.id, &indicator.id);
                let now = assigned.iter().find(|one| one.position == position.id);
                let same = now.map(|one| (one.leads, one.due)) == leads.map(|leads| (leads, due));
                if !same {
                    changes.push(AssignmentChange {
                        indicator: indicator.id.clone(),
                        position: position.id,
                        leads,
                        due,
                    });
                }
            }
        }
    }
    assign(&app, &person, &opened, changes).await
}

async fn assign(
    app: &App,
    person: &Person,
    opened: &Opened,
    changes: Vec<AssignmentChange>,
) -> Result<Response, Failure> {
    let count = changes.len();
    if count > 0 {
        let command = Command::Assign { round: opened.round.id, unit: opened.unit.id, changes };
        app.store.change(Actor::Account(person.account), app.now(), command).await?;
    }
    Ok(Redirect::to(&format!("/sheets/{}/assign?changed={count}", opened.sheet.id)).into_response())
}

#[derive(Deserialize)]
pub struct From {
    /// `document`, `last-year`, `rule`, or the id of a plan.
    #[serde(default)]
    pub plan: String,
    /// Of a rule: the position that gets what nobody leads.
    #[serde(default)]
    pub position: String,
    /// Of a rule: the number of a pillar or the id of a group; all criteria where it is empty.
    #[serde(default)]
    pub pillar: String,
    /// Of a rule: ids, or words of the names, between commas; any criterion where it is empty.
    #[serde(default)]
    pub words: String,
    /// Of a rule: whether it leads or coordinates.
    #[serde(default)]
    pub role: String,
    /// Of a rule: the own deadline.
    #[serde(default)]
    pub due: String,
}

/// What the unit assigned in the round before, as it lives on in this set; own deadlines move with the years.
fn last_year(app: &App, opened: &Opened) -> Vec<AssignmentChange> {
    let state = app.store.state();
    let earlier = state.rounds.values().filter(|round| round.year < opened.round.year);
    let assigned = |round: &cycle::round::Round| state.assignments.get(&(round.id, opened.unit.id));
    let before = earlier.filter(|round| assigned(round).is_some()).max_by_key(|round| (round.year, round.id));
    let Some(before) = before else { return Vec::new() };
    let sheet = state.sheet_of.get(&(before.id, opened.unit.id)).and_then(|id| state.assessments.get(id));
    let level = sheet.and_then(|row| state.levels.get(&row.level));
    let (Some(level), Some(assigned)) = (level, assigned(before)) else { return Vec::new() };
    let succession = Succession::between(&app.library, &level.program.set, &opened.program().set);
    follow(&succession, assigned, opened.round.year - before.year)
}

/// The criteria that a rule means: of a pillar, a group or all, and among them those with one of the ids or words.
fn meant<'s>(set: &'s CriteriaSet, part: &str, words: &str) -> Vec<&'s Indicator> {
    let words: Vec<String> = words.split([',', ';']).map(fold).filter(|word| !word.is_empty()).collect();
    let fits = |one: &Indicator| {
        let (id, name) = (fold(&one.id), fold(&one.name));
        let below = |word: &str| id.strip_prefix(word).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
        words.is_empty() || words.iter().any(|word| below(word.trim_end_matches('.')) || name.contains(word.as_str()))
    };
    let in_part = |no: &str, one: &Indicator| part.is_empty() || no == part || one.group_id() == Some(part);
    let all = set.pillars.iter().flat_map(|own| own.indicators.iter().map(|one| (own.pillar.no.as_str(), one)));
    all.filter(|(no, one)| in_part(no, one) && fits(one)).map(|(_, one)| one).collect()
}

/// Whether a position is the one that a document names: by code or by name, without regard to marks.
fn is_named(position: &store::state::Position, named: &str) -> bool {
    let named = fold(named);
    let name = fold(&position.name);
    named == fold(&position.code) || named == name || named.contains(&name) || name.contains(&named)
}

/// `POST /sheets/SHEET/assign/plan`: gives out what nobody has, as a plan, the set or last year says.
pub async fn from_plan(
    State(app): State<App>,
    person: Person,
    Path(id): Path<AssessmentId>,
    Form(form): Form<From>,
) -> Result<Response, Failure> {
    let opened = Opened::get(&app, &person, id).await?;
    let changes = planned(&app, &opened, &form)?;
    assign(&app, &person, &opened, changes).await
}

/// Gives out what nobody has, as a plan, the set, last year or a rule says.
pub fn planned(app: &App, opened: &Opened, form: &From) -> Result<Vec<AssignmentChange>, Failure> {
    let set: &CriteriaSet = &opened.program().set;
    // Indicator, named position, whether it leads, the plan's own deadline.
    let mut named: Vec<(String, Vec<String>, bool, Option<Date>)> = Vec::new();
    let mut direct: Vec<AssignmentChange> = Vec::new();
    match form.plan.as_str() {
        "document" => {
            for indicator in set.indicators() {
                named.push((indicator.id.clone(), indicator.lead.clone(), true, None));
                named.push((indicator.id.clone(), indicator.coordinating.clone(), false, None));
            }
        }
        "last-year" => direct = last_year(app, opened),
        "rule" => {
            let position: PositionId = form.position.parse().map_err(|_| Failure::NotFound)?;
            let due = match form.due.trim() {
                "" => None,
                text => Some(day(text, opened.round.year).ok_or_else(|| Failure::Fields(vec![no_day("due", text)]))?),
            };
            let leads = Some(form.role != "coordinating");
            let change = |one: &Indicator| AssignmentChange { indicator: one.id.clone(), position, leads, due };
            direct = meant(set, &form.pillar, &form.words).into_iter().map(change).collect();
            if direct.is_empty() {
                return Err(Failure::field(
                    "words",
                    format!(
                        "Quy tắc không trúng chỉ số nào: không có mã hay tên chứa “{}” trong phạm vi ấy",
                        form.words
                    ),
                    format!("The rule fits no indicator: no id or name there has \"{}\"", form.words),
                ));
            }
        }
        plan_id => {
            let files = app.library.plans.get(plan_id).ok_or(Failure::NotFound)?;
            let plan = AssignmentPlan::read(plan_id, files, set).map_err(|_| Failure::NotFound)?;
            let names = |ids: &[String]| -> Vec<String> {
                ids.iter().filter_map(|id| plan.position(id)).map(|position| position.name.clone()).collect()
            };
            for one in &plan.file.assignments {
                let due = one.due.map(|due| due.in_year(opened.round.year));
                named.push((one.indicator.clone(), names(&one.lead), true, due));
                named.push((one.indicator.clone(), names(&one.coordinating), false, due));
            }
        }
    }
    let mut changes = Vec::new();
    {
        let state = app.store.state();
        let positions = workers(&state, opened);
        // By rule, one may coordinate what another leads.
        let coordinates = form.plan == "rule" && form.role == "coordinating";
        let taken = |indicator: &str| {
            let assigned = state.assigned(opened.round.id, opened.unit.id, indicator);
            if coordinates {
                assigned.iter().any(|one| one.position.to_string() == form.position)
            } else {
                !assigned.is_empty()
            }
        };
        for (indicator, names, leads, due) in named {
            for position in positions.iter().filter(|position| names.iter().any(|name| is_named(position, name))) {
                let known = changes
                    .iter()
                    .any(|one: &AssignmentChange| one.indicator == indicator && one.position == position.id);
                if !taken(&indicator) && !known {
                    changes.push(AssignmentChange {
                        indicator: indicator.clone(),
                        position: position.id,
                        leads: Some(leads),
                        due,
                    });
                }
            }
        }
        changes.extend(
            direct
                .into_iter()
                .filter(|one| !taken(&one.indicator) && positions.iter().any(|position| position.id == one.position)),
        );
    }
    Ok(changes)
}
