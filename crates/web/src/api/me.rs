//! Who calls, and what that account may do.

use axum::extract::State;
use axum::response::Response;
use criteria::Language;
use schemars::JsonSchema;
use serde::Serialize;

use super::answer::json;
use super::caller::Caller;
use super::problem::Problem;
use crate::app::App;

/// The account in use.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Me {
    /// Its id.
    account: i64,
    /// What one signs in with.
    login: String,
    /// The name.
    name: String,
    /// The language of its pages.
    #[schemars(extend("enum" = ["vi", "en"]))]
    language: &'static str,
    /// The positions held today.
    positions: Vec<OwnPosition>,
    /// What they bring.
    grants: Vec<Grant>,
    /// The sheet of the own unit in the latest round under way, or else in the latest.
    sheet: Option<i64>,
}

/// A position that is held.
#[derive(Debug, Serialize, JsonSchema)]
struct OwnPosition {
    id: i64,
    /// The unit's id.
    unit: i64,
    code: String,
    name: String,
}

/// A capability over a unit and everything below it.
#[derive(Debug, Serialize, JsonSchema)]
struct Grant {
    /// What may be done.
    capability: &'static str,
    /// The unit's id.
    scope: i64,
}

/// `GET /me`
pub async fn me(State(app): State<App>, Caller(person): Caller) -> Result<Response, Problem> {
    let state = app.store.state();
    let account = state.accounts.get(&person.account).ok_or_else(Problem::not_found)?;
    json(&Me {
        account: account.id.0,
        login: account.login.clone(),
        name: account.name.clone(),
        language: match account.language {
            Language::Vietnamese => "vi",
            Language::English => "en",
        },
        positions: person
            .authority
            .positions
            .iter()
            .filter_map(|id| state.positions.get(id))
            .map(|one| OwnPosition { id: one.id.0, unit: one.unit.0, code: one.code.clone(), name: one.name.clone() })
            .collect(),
        grants: person
            .authority
            .grants
            .iter()
            .map(|one| Grant { capability: one.capability.key(), scope: one.scope.0 })
            .collect(),
        sheet: person.own_sheet(&state).map(|sheet| sheet.id.0),
    })
}
