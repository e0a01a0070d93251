//! Units within scope.

use axum::extract::State;
use axum::response::Response;
use cycle::{Capability, UnitId, time};
use schemars::JsonSchema;
use scoring::notation::fold;
use serde::{Deserialize, Serialize};

use super::answer::{Page, json};
use super::caller::Caller;
use super::problem::Problem;
use super::request::{Asked, At, Paging};
use super::views::Unit;
use crate::app::App;
use crate::pages::units::may_see;

/// Which units.
#[derive(Debug, Default, Deserialize)]
pub struct Filter {
    parent: Option<i64>,
    #[serde(default)]
    find: String,
}

/// `GET /units`
pub async fn list(
    State(app): State<App>,
    Caller(person): Caller,
    Asked(paging): Asked<Paging>,
    Asked(filter): Asked<Filter>,
) -> Result<Response, Problem> {
    let limit = paging.limit()?;
    let state = app.store.state();
    let wanted = fold(&filter.find);
    let mut units: Vec<&cycle::Unit> = state
        .tree
        .all()
        .filter(|unit| unit.id.0 > paging.after.unwrap_or(i64::MIN))
        .filter(|unit| filter.parent.is_none() || unit.parent.map(|parent| parent.0) == filter.parent)
        .filter(|unit| wanted.is_empty() || fold(&unit.name).contains(&wanted))
        .collect();
    units.sort_by_key(|unit| unit.id);
    let seen = units.into_iter().filter(|unit| may_see(&state, &person, unit.id));
    let units: Vec<Unit> = seen.take(limit + 1).map(Unit::from).collect();
    json(&Page::of(units, limit, |unit| unit.id))
}

/// A unit with its positions.
#[derive(Debug, Serialize, JsonSchema)]
pub struct UnitInFull {
    /// The unit.
    unit: Unit,
    /// Its positions, in the order in which they were made.
    positions: Vec<UnitPosition>,
    /// The ids of the units right below it.
    children: Vec<i64>,
    /// Its sheets, latest round first.
    sheets: Vec<i64>,
}

/// A position and who holds it.
#[derive(Debug, Serialize, JsonSchema)]
struct UnitPosition {
    id: i64,
    code: String,
    name: String,
    /// What it may do in the unit and below.
    capabilities: Vec<&'static str>,
    /// The names of those who hold it today.
    held_by: Vec<String>,
}

/// `GET /units/UNIT`
pub async fn one(State(app): State<App>, Caller(person): Caller, At(id): At<UnitId>) -> Result<Response, Problem> {
    let today = time::day_of(app.now());
    let state = app.store.state();
    let unit = state.tree.get(id).filter(|unit| may_see(&state, &person, unit.id)).ok_or_else(Problem::not_found)?;
    let positions = state.positions_of(id).into_iter().map(|one| UnitPosition {
        id: one.id.0,
        code: one.code.clone(),
        name: one.name.clone(),
        capabilities: Capability::ALL
            .into_iter()
            .filter(|capability| one.capabilities.contains(capability))
            .map(Capability::key)
            .collect(),
        held_by: state.holders(one.id, today).iter().map(|account| account.name.clone()).collect(),
    });
    let mut children: Vec<i64> = state.tree.children(id).iter().map(|child| child.0).collect();
    children.sort_unstable();
    let sheets = match person.may_read(&state, id) {
        true => {
            state.rounds.keys().rev().filter_map(|round| state.sheet_of.get(&(*round, id))).map(|one| one.0).collect()
        }
        false => Vec::new(),
    };
    json(&UnitInFull { unit: unit.into(), positions: positions.collect(), children, sheets })
}
