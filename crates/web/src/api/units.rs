//! Units within scope.

use axum::extract::State;
use axum::response::Response;
use criteria::date::Date;
use cycle::{Capability, PositionId, UnitId, time};
use schemars::JsonSchema;
use scoring::notation::fold;
use serde::{Deserialize, Serialize};
use store::state::{Account, Holding};

use super::answer::{Page, json};
use super::caller::Caller;
use super::problem::Problem;
use super::request::{Asked, At, Paging, day};
use super::views::Unit;
use crate::app::App;
use crate::pages::units::may_see;
use crate::person::Person;

/// Which units.
#[derive(Debug, Default, Deserialize)]
pub struct Filter {
    parent: Option<i64>,
    #[serde(default)]
    find: String,
    #[serde(default)]
    on: String,
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
    let on: Option<Date> = if filter.on.is_empty() { None } else { Some(day("on", &filter.on)?) };
    let mut units: Vec<&cycle::Unit> = state
        .tree
        .all()
        .filter(|unit| unit.id.0 > paging.after.unwrap_or(i64::MIN))
        .filter(|unit| filter.parent.is_none() || unit.parent.map(|parent| parent.0) == filter.parent)
        .filter(|unit| on.is_none_or(|on| unit.exists_on(on)))
        .filter(|unit| wanted.is_empty() || fold(&unit.name).contains(&wanted))
        .collect();
    units.sort_by_key(|unit| unit.id);
    let seen = units.into_iter().filter(|unit| may_see(&state, &person, unit.id));
    let units: Vec<Unit> = seen.take(limit + 1).map(Unit::from).collect();
    json(&Page::of(units, limit, |unit| unit.id))
}

/// A unit with its positions and its lineage.
#[derive(Debug, Serialize, JsonSchema)]
pub struct UnitInFull {
    /// The unit.
    unit: Unit,
    /// What it came from, and what came of it.
    lineage: Vec<Descent>,
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
    /// Who holds it today; for those who manage people here, also who held it and who will.
    holdings: Vec<PositionHolding>,
}

/// Somebody holds a position from one day to another.
#[derive(Debug, Serialize, JsonSchema)]
struct PositionHolding {
    /// Its id.
    id: i64,
    /// The account's id.
    account: i64,
    /// What the person signs in with.
    login: String,
    name: String,
    /// The first day.
    from: String,
    /// The last day.
    to: Option<String>,
}

/// How a unit came from another.
#[derive(Debug, Serialize, JsonSchema)]
struct Descent {
    /// The id of the unit before.
    from: i64,
    /// The id of the unit after; none where nothing came after, the same where it only got another name.
    to: Option<i64>,
    #[schemars(extend("enum" = ["renamed", "merged", "split", "abolished"]))]
    how: &'static str,
    /// The first day of the new order.
    day: String,
    /// The document that says so.
    document: String,
}

/// `GET /units/UNIT`
pub async fn one(State(app): State<App>, Caller(person): Caller, At(id): At<UnitId>) -> Result<Response, Problem> {
    json(&full(&app, &person, id)?)
}

/// A unit with its positions, for those who may see it.
pub fn full(app: &App, person: &Person, id: UnitId) -> Result<UnitInFull, Problem> {
    let today = time::day_of(app.now());
    let state = app.store.state();
    let unit = state.tree.get(id).filter(|unit| may_see(&state, person, unit.id)).ok_or_else(Problem::not_found)?;
    let manages = person.may(&state, Capability::ManagePeople, id);
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
        holdings: holdings(&state, one.id, |holding| manages || holding.on(today)),
    });
    let mut children: Vec<i64> = state.tree.children(id).iter().map(|child| child.0).collect();
    children.sort_unstable();
    let sheets = match person.may_read(&state, id) {
        true => {
            state.rounds.keys().rev().filter_map(|round| state.sheet_of.get(&(*round, id))).map(|one| one.0).collect()
        }
        false => Vec::new(),
    };
    let lineage = state.lineage.iter().filter(|one| one.from == id || one.to == Some(id)).map(|one| Descent {
        from: one.from.0,
        to: one.to.map(|to| to.0),
        how: match one.how {
            cycle::tree::Descent::Renamed => "renamed",
            cycle::tree::Descent::Merged => "merged",
            cycle::tree::Descent::Split => "split",
            cycle::tree::Descent::Abolished => "abolished",
        },
        day: one.day.to_string(),
        document: one.document.clone(),
    });
    let lineage = lineage.collect();
    Ok(UnitInFull { unit: unit.into(), lineage, positions: positions.collect(), children, sheets })
}

/// Who holds a position, from when to when, in that order.
fn holdings(state: &store::State, position: PositionId, shown: impl Fn(&Holding) -> bool) -> Vec<PositionHolding> {
    let own = state.held_at(position).filter(|one| shown(one));
    let mut held: Vec<(&Holding, &Account)> =
        own.filter_map(|one| Some((one, state.accounts.get(&one.account)?))).collect();
    held.sort_by_key(|(holding, _)| (holding.from, holding.id));
    let view = |(holding, account): (&Holding, &Account)| PositionHolding {
        id: holding.id,
        account: account.id.0,
        login: account.login.clone(),
        name: account.name.clone(),
        from: holding.from.to_string(),
        to: holding.to.map(|day| day.to_string()),
    };
    held.into_iter().map(view).collect()
}
