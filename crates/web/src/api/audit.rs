//! The audit log, for those who may read it.

use axum::extract::State;
use axum::response::Response;
use cycle::{Capability, UnitId};
use schemars::JsonSchema;
use serde::Serialize;

use super::answer::{Page, json};
use super::caller::Caller;
use super::problem::Problem;
use super::request::{Asked, Paging};
use super::views::{Words, both};
use crate::app::App;
use crate::pages::audit::seen;
use crate::pages::history::event_sentence;

/// An event of the log.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Event {
    /// Its number.
    seq: i64,
    /// When.
    at: String,
    /// The account that did it; missing for the operator and for jobs.
    actor: Option<i64>,
    /// What was done, as a word for programs.
    action: String,
    /// Who did what.
    sentence: Words,
    /// The unit that it is about.
    unit: Option<i64>,
    /// The sheet that it is about.
    sheet: Option<i64>,
    /// The indicator that it is about.
    indicator: Option<String>,
    /// The hash that binds it to the one before.
    hash: String,
}

/// `GET /audit`: latest first; `after` goes on to earlier ones.
pub async fn list(
    State(app): State<App>,
    Caller(person): Caller,
    Asked(paging): Asked<Paging>,
) -> Result<Response, Problem> {
    if !person.authority.may_somewhere(Capability::Audit) {
        return Err(Problem::not_found());
    }
    let limit = paging.limit()?;
    let read = seen(&app, &person, paging.after).await?;
    let whole = read.len() as i64 >= store::limits::HISTORY_MAX || read.len() > limit;
    let read = &read[..read.len().min(limit)];
    let state = app.store.state();
    let items = read
        .iter()
        .map(|event| Event {
            seq: event.seq,
            at: event.at.to_string(),
            actor: event.actor.map(|actor| actor.0),
            action: event.action.clone(),
            sentence: both(|l| event_sentence(&state, l, event.unit.unwrap_or(UnitId(0)), event)),
            unit: event.unit.map(|unit| unit.0),
            sheet: event.assessment.map(|sheet| sheet.0),
            indicator: event.indicator.clone(),
            hash: event.hash.clone(),
        })
        .collect();
    let next = if whole { read.last().map(|event| event.seq) } else { None };
    json(&Page { items, next })
}
