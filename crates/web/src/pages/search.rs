//! Search: codes and words, with or without diacritics, over one's own indicators and the units that one may read.

use askama::Template;
use axum::extract::{OriginalUri, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use criteria::collation::sort_key;
use scoring::notation::fold;
use serde::Deserialize;

use super::html;
use crate::app::App;
use crate::failure::Failure;
use crate::person::Person;
use crate::view::{Section, Shell, kind_name};

/// Most hits that are shown.
const HITS_MAX: usize = 60;

#[derive(Template)]
#[template(path = "search.html")]
struct SearchPage {
    shell: Shell,
    lede: String,
    hits: Vec<(String, String, String, String)>,
}

#[derive(Deserialize)]
pub struct Words {
    #[serde(default)]
    q: String,
}

/// `GET /search`
pub async fn page(
    State(app): State<App>,
    person: Person,
    OriginalUri(uri): OriginalUri,
    Query(words): Query<Words>,
) -> Result<Response, Failure> {
    let l = person.l();
    let wanted: String = words.q.chars().take(200).collect();
    let folded = fold(&wanted);
    let terms: Vec<&str> = folded.split(' ').filter(|term| !term.is_empty()).collect();
    // Exact spelling first, then without marks.
    let mut hits: Vec<(bool, (String, String, String, String))> = Vec::new();
    {
        let state = app.store.state();
        if let Some(sheet) = person.own_sheet(&state) {
            let level = state.level_of(sheet)?;
            for indicator in level.program.set.indicators() {
                let href = format!("/sheets/{}/entries/{}", sheet.id, indicator.id);
                if fold(&indicator.id) == folded {
                    return Ok(Redirect::to(&href).into_response());
                }
                let text =
                    format!("{} {} {}", indicator.id, indicator.name, indicator.text.as_deref().unwrap_or_default());
                if !terms.is_empty() && terms.iter().all(|term| fold(&text).contains(term)) {
                    let exact = text.to_lowercase().contains(&wanted.trim().to_lowercase());
                    let kind = l.say("chỉ số", "indicator").to_owned();
                    hits.push((exact, (indicator.id.clone(), indicator.name.clone(), href, kind)));
                }
            }
        }
        let latest = state.rounds.values().max_by_key(|round| (round.year, round.id));
        for sheet in state.assessments.values().filter(|one| latest.is_some_and(|round| round.id == one.round)) {
            let Some(unit) = state.tree.get(sheet.unit).filter(|unit| person.may_read(&state, unit.id)) else {
                continue;
            };
            let text = format!("{} {}", unit.code, unit.name);
            if !terms.is_empty() && terms.iter().all(|term| fold(&text).contains(term)) {
                let exact = text.to_lowercase().contains(&wanted.trim().to_lowercase());
                hits.push((
                    exact,
                    (
                        unit.code.clone(),
                        unit.name.clone(),
                        format!("/sheets/{}", sheet.id),
                        kind_name(l, &unit.kind).to_owned(),
                    ),
                ));
            }
        }
    }
    hits.sort_by_cached_key(|(exact, hit)| (!exact, sort_key(&hit.1), hit.0.clone()));
    let count = hits.len();
    hits.truncate(HITS_MAX);
    let lede = match (l.is_english(), count > HITS_MAX) {
        (true, true) => format!("{count} hits; the first {HITS_MAX} are shown."),
        (true, false) => format!("{count} hits."),
        (false, true) => format!("{count} kết quả; đang hiện {HITS_MAX} kết quả đầu."),
        (false, false) => format!("{count} kết quả."),
    };
    let title = format!("{}: {wanted}", l.say("Tìm", "Search"));
    html(&SearchPage {
        shell: Shell::new(&app, Some(&person), l, uri.path(), Section::Elsewhere, title),
        lede,
        hits: hits.into_iter().map(|(_, hit)| hit).collect(),
    })
}
