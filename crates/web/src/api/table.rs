//! Several entries of a sheet in one request, and an entry as it would be.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::response::Response;
use cycle::AssessmentId;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::Refusal;
use store::command::EntryChange;

use super::answer::json;
use super::caller::Caller;
use super::entries::{EntryBody, Value, open, typed};
use super::problem::Problem;
use super::request::{At, Body};
use super::views::{self, EntryRow, FieldWords, Score, Words, both};
use crate::app::App;
use crate::opened::{Opened, because};
use crate::pages::entry::tried;
use crate::pages::table::{Saved, save_entry};

/// Most entries of one request; more than any set has.
const ENTRIES_MAX: usize = 500;

/// Entries to change.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EntriesChange {
    /// The entries, each with the version that was seen.
    entries: Vec<EntryOf>,
}

/// An entry to change; what is not named stays.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EntryOf {
    /// The indicator.
    indicator: String,
    /// The version that was seen.
    version: i64,
    /// The figures, by id.
    figures: BTreeMap<String, Value>,
}

/// What became of each entry.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Outcomes {
    /// One for each entry that was sent, in that order. What one of them is refused for keeps none of the others.
    outcomes: Vec<Outcome>,
}

/// What became of one entry.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Outcome {
    /// The indicator.
    indicator: String,
    /// 200: it is saved, or nothing differed; 403, 404, 409 (somebody changed it since) or 422: nothing was written.
    status: u16,
    /// What happened, as a word for programs.
    #[schemars(extend("enum" = ["saved", "unchanged", "denied", "not-found", "stale", "invalid"]))]
    code: &'static str,
    /// Why it was refused.
    why: Option<Words>,
    /// The fields that cannot be taken.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<FieldWords>,
    /// The entry as it is kept now.
    entry: Option<EntryRow>,
}

/// `PATCH /sheets/SHEET/entries`
pub async fn save(
    State(app): State<App>,
    Caller(person): Caller,
    At(id): At<AssessmentId>,
    Body(body): Body<EntriesChange>,
) -> Result<Response, Problem> {
    let opened = Opened::get(&app, &person, id).await?;
    if body.entries.is_empty() || body.entries.len() > ENTRIES_MAX {
        return Err(Problem::field(
            "entries",
            format!("Gửi từ 1 đến {ENTRIES_MAX} chỉ số một lần"),
            format!("Send 1 to {ENTRIES_MAX} entries at a time"),
        ));
    }
    let mut outcomes = Vec::new();
    for one in body.entries {
        let EntryOf { indicator, version, figures } = one;
        let outcome = |status, code, why: Option<criteria::Text>, errors| Outcome {
            indicator: indicator.clone(),
            status,
            code,
            why: why.map(Words::from),
            errors,
            entry: None,
        };
        let set = &opened.program().set;
        let known = set.indicator(&indicator).map(criteria::model::Indicator::all_figures).unwrap_or_default();
        let figures = match typed(figures, |id| known.iter().any(|figure| figure.id == id)) {
            Ok(figures) if opened.sheet.entry(&indicator).is_some() => figures,
            Ok(_) => {
                let why = crate::failure::Failure::NotFound.parts().1;
                outcomes.push(outcome(404, "not-found", Some(why), Vec::new()));
                continue;
            }
            Err(problem) => {
                outcomes.push(outcome(422, "invalid", Some(problem.text().clone()), Vec::new()));
                continue;
            }
        };
        let change = EntryChange { figures, ..EntryChange::default() };
        outcomes.push(match save_entry(&app, &person, &opened, &indicator, version, change).await {
            Saved::Unchanged => outcome(200, "unchanged", None, Vec::new()),
            Saved::Done(_) => outcome(200, "saved", None, Vec::new()),
            Saved::Refused(Refusal::Stale(_)) => {
                outcome(409, "stale", Some(crate::failure::Failure::Stale.parts().1), Vec::new())
            }
            Saved::Refused(Refusal::Invalid(fields)) => {
                let errors = fields.into_iter().map(FieldWords::from).collect();
                outcome(422, "invalid", None, errors)
            }
            Saved::Refused(Refusal::Denied(denial)) => outcome(403, "denied", Some(denial.text()), Vec::new()),
            Saved::Refused(Refusal::NotFound) => {
                outcome(404, "not-found", Some(crate::failure::Failure::NotFound.parts().1), Vec::new())
            }
            Saved::Refused(refusal @ Refusal::Failed(_)) => return Err(refusal.into()),
        });
    }
    let opened = Opened::get(&app, &person, id).await?;
    for outcome in &mut outcomes {
        let row = opened.rows().find(|(indicator, ..)| indicator.id == outcome.indicator);
        outcome.entry = row.map(|(indicator, entry, progress)| views::row(&opened, indicator, entry, progress));
    }
    json(&Outcomes { outcomes })
}

/// An entry as it would be.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Tried {
    /// The points that it would have.
    score: Option<Score>,
    /// Why.
    because: Words,
    /// Figures that could not be used.
    errors: Vec<FieldWords>,
}

/// How an entry of a sheet that nobody saved comes out.
pub fn outcome(app: &App, opened: &Opened, (sheet, read): &(cycle::Sheet, cycle::sheet::Read), place: usize) -> Tried {
    let state = app.store.state();
    let entry = &sheet.entries[place];
    let own = read.problems.iter().filter(|one| one.indicator.as_deref() == Some(entry.indicator.as_str()));
    let errors = own.map(|one| FieldWords::new(&one.figure, one.message.clone()));
    Tried {
        score: entry.self_score.as_ref().map(|own| views::score(own, None)),
        because: both(|l| because(&state, l, opened, sheet, read, place)),
        errors: errors.collect(),
    }
}

/// `POST …/preview`: what a change would give. Nothing is kept.
pub async fn preview(
    State(app): State<App>,
    Caller(person): Caller,
    At((id, indicator)): At<(AssessmentId, String)>,
    Body(body): Body<EntryBody>,
) -> Result<Response, Problem> {
    let opened = open(&app, &person, id, &indicator).await?;
    let (place, _) = opened.sheet.entry(&indicator).ok_or_else(Problem::not_found)?;
    let known = opened.program().set.indicator(&indicator).ok_or_else(Problem::not_found)?.all_figures();
    let change = body.change(|id| known.iter().any(|figure| figure.id == id))?;
    let most = store::limits::WORDS_BYTES_MAX;
    if let Some(note) = change.note.as_ref().filter(|note| note.len() > most) {
        let message = store::too_long(note, most);
        return Err(Problem::field("note", message.vi, message.en));
    }
    let trial = tried(&app, &person, &opened, place, change);
    json(&outcome(&app, &opened, &trial, place))
}
