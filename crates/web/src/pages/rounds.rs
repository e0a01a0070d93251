//! Rounds: the list, and what the pages of a round share.

use askama::Template;
use axum::extract::{OriginalUri, State};
use axum::response::Response;
use cycle::action::SheetState;
use cycle::round::Round;
use cycle::{Capability, RoundId};
use store::state::Assessment;

use super::html;
use crate::app::App;
use crate::failure::Failure;
use crate::person::Person;
use crate::view::{Section, Shell, phase_line};

#[derive(Template)]
#[template(path = "rounds.html")]
struct RoundsPage {
    shell: Shell,
    rows: Vec<(RoundId, String, String, usize, usize)>,
    can_make: bool,
}

/// The sheets of a round that a person may read.
pub fn readable<'s>(state: &'s store::State, person: &Person, round: RoundId) -> Vec<&'s Assessment> {
    state.assessments.values().filter(|one| one.round == round && person.may_read(state, one.unit)).collect()
}

/// `GET /rounds`
pub async fn list(State(app): State<App>, person: Person, OriginalUri(uri): OriginalUri) -> Result<Response, Failure> {
    let l = person.l();
    let shell = Shell::new(&app, Some(&person), l, uri.path(), Section::Rounds, l.say("Các kỳ đánh giá", "Rounds"));
    let rows = {
        let state = app.store.state();
        let mut rounds: Vec<&Round> = state.rounds.values().collect();
        rounds.sort_by_key(|round| (-i32::from(round.year), round.id));
        rounds
            .into_iter()
            .filter_map(|round| {
                let sheets = readable(&state, &person, round.id);
                let submitted = sheets.iter().filter(|one| one.state == SheetState::Submitted).count();
                let own = person.may(&state, Capability::RunRound, round.owner);
                (own || !sheets.is_empty())
                    .then(|| (round.id, round.title.clone(), phase_line(l, round), sheets.len(), submitted))
            })
            .collect()
    };
    let can_make = person.authority.may_somewhere(Capability::RunRound);
    html(&RoundsPage { shell, rows, can_make })
}

/// The step of a heatmap for a value in percent.
pub const fn heat_step(percent: u32) -> &'static str {
    match percent {
        0..20 => "h1",
        20..40 => "h2",
        40..60 => "h3",
        60..80 => "h4",
        _ => "h5",
    }
}

/// A cell of a CSV file, quoted where needed, and never one that a spreadsheet would run as a formula.
pub fn csv_cell(text: &str) -> String {
    let defused = if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text.to_owned() };
    if defused.contains([',', '"', '\n', '\r']) { format!("\"{}\"", defused.replace('"', "\"\"")) } else { defused }
}
