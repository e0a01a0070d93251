//! Search: codes and words, with or without diacritics, over one's own indicators and the units that one may read.

use askama::Template;
use axum::extract::{OriginalUri, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use criteria::collation::sort_key;
use cycle::AssessmentId;
use scoring::notation::fold;
use serde::Deserialize;

use super::html;
use crate::app::App;
use crate::failure::Failure;
use crate::person::Person;
use crate::view::{Section, Shell, kind_name};

/// Most hits that are shown.
const HITS_MAX: usize = 60;
/// Longest search, in letters.
const WORDS_MAX: usize = 200;

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

/// Something that was found.
pub(crate) struct Hit {
    /// The indicator's id, or the unit's official code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// The sheet that it is on, or the unit's.
    pub sheet: AssessmentId,
    /// What kind of unit it is; none for an indicator.
    pub unit_kind: Option<String>,
    /// Whether the very letters stand there, marks and all.
    pub exact: bool,
    /// Whether it is the indicator with this id.
    pub is_id: bool,
}

impl Hit {
    fn href(&self) -> String {
        match self.unit_kind {
            Some(_) => format!("/sheets/{}", self.sheet),
            None => format!("/sheets/{}/entries/{}", self.sheet, self.code),
        }
    }
}

/// One's own indicators and the units that one may read, with all of the words in them, marks aside: how many there are,
/// and the first. What is spelt exactly so comes first, then names by the alphabet.
pub(crate) fn find(app: &App, person: &Person, words: &str) -> Result<(usize, Vec<Hit>), store::Error> {
    let wanted: String = words.chars().take(WORDS_MAX).collect();
    let folded = fold(&wanted);
    let terms: Vec<&str> = folded.split(' ').filter(|term| !term.is_empty()).collect();
    let holds = |text: &str| {
        let own = fold(text);
        !terms.is_empty() && terms.iter().all(|term| own.contains(term))
    };
    let exact = |text: &str| text.to_lowercase().contains(&wanted.trim().to_lowercase());
    let mut hits: Vec<Hit> = Vec::new();
    let state = app.store.state();
    if let Some(sheet) = person.own_sheet(&state) {
        for indicator in state.level_of(sheet)?.program.set.indicators() {
            let text = format!("{} {} {}", indicator.id, indicator.name, indicator.text.as_deref().unwrap_or_default());
            if holds(&text) {
                hits.push(Hit {
                    is_id: fold(&indicator.id) == folded,
                    code: indicator.id.clone(),
                    name: indicator.name.clone(),
                    sheet: sheet.id,
                    unit_kind: None,
                    exact: exact(&text),
                });
            }
        }
    }
    let latest = state.rounds.values().max_by_key(|round| (round.year, round.id));
    for sheet in state.assessments.values().filter(|one| latest.is_some_and(|round| round.id == one.round)) {
        let Some(unit) = state.tree.get(sheet.unit).filter(|unit| person.may_read(&state, unit.id)) else { continue };
        let text = format!("{} {}", unit.code, unit.name);
        if holds(&text) {
            hits.push(Hit {
                code: unit.code.clone(),
                name: unit.name.clone(),
                sheet: sheet.id,
                unit_kind: Some(unit.kind.clone()),
                exact: exact(&text),
                is_id: false,
            });
        }
    }
    drop(state);
    hits.sort_by_cached_key(|hit| (!hit.is_id, !hit.exact, sort_key(&hit.name), hit.code.clone()));
    let count = hits.len();
    hits.truncate(HITS_MAX);
    Ok((count, hits))
}

/// `GET /search`
pub async fn page(
    State(app): State<App>,
    person: Person,
    OriginalUri(uri): OriginalUri,
    Query(words): Query<Words>,
) -> Result<Response, Failure> {
    let l = person.l();
    let (count, hits) = find(&app, &person, &words.q)?;
    if let Some(hit) = hits.first().filter(|hit| hit.is_id) {
        return Ok(Redirect::to(&hit.href()).into_response());
    }
    let lede = match (l.is_english(), count > HITS_MAX) {
        (true, true) => format!("{count} hits; the first {HITS_MAX} are shown."),
        (true, false) => format!("{count} hits."),
        (false, true) => format!("{count} kết quả; đang hiện {HITS_MAX} kết quả đầu."),
        (false, false) => format!("{count} kết quả."),
    };
    let wanted: String = words.q.chars().take(WORDS_MAX).collect();
    let title = format!("{}: {wanted}", l.say("Tìm", "Search"));
    let told = |hit: Hit| {
        let href = hit.href();
        let kind = hit.unit_kind.as_deref().map_or_else(|| l.say("chỉ số", "indicator"), |kind| kind_name(l, kind));
        (hit.code, hit.name, href, kind.to_owned())
    };
    html(&SearchPage {
        shell: Shell::new(&app, Some(&person), l, uri.path(), Section::Elsewhere, title),
        lede,
        hits: hits.into_iter().map(told).collect(),
    })
}
