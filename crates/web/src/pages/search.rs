//! Search: codes and words, with or without diacritics, over one's own indicators and the units that one may read. Who
//! appraises, or has no sheet, finds the round's indicators too: in the queue, or on the page of their set.

use std::collections::BTreeSet;

use askama::Template;
use axum::extract::{OriginalUri, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use criteria::collation::sort_key;
use criteria::model::Indicator;
use cycle::round::Round;
use cycle::{AssessmentId, LevelId, Phase};
use scoring::notation::fold;
use serde::Deserialize;

use super::html;
use crate::app::App;
use crate::failure::Failure;
use crate::person::Person;
use crate::view::{Section, Shell, kind_name, level_title};

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
    /// Where it is.
    pub place: Place,
    /// What kind of unit it is; none for an indicator.
    pub unit_kind: Option<String>,
    /// Whether the very letters stand there, marks and all.
    pub exact: bool,
    /// Whether it is the indicator with this id.
    pub is_id: bool,
}

/// Where something that was found is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Place {
    /// On a sheet: one's own indicator, or another unit's sheet.
    Sheet(AssessmentId),
    /// In the queue of the person's agency.
    Queue(LevelId, String),
    /// On the page of its set.
    Set(String, String),
}

impl Hit {
    fn href(&self) -> String {
        let code = &self.code;
        match (&self.place, &self.unit_kind) {
            (Place::Sheet(sheet), Some(_)) => format!("/sheets/{sheet}"),
            (Place::Sheet(sheet), None) => format!("/sheets/{sheet}/entries/{code}"),
            (Place::Queue(level, _), _) => format!("/appraise/{level}/{code}"),
            (Place::Set(set, _), _) => format!("/sets/{set}#at-{code}"),
        }
    }

    /// The level of the units that it is about, as sets name it, where it is on no sheet.
    fn level(&self) -> Option<&str> {
        match &self.place {
            Place::Sheet(_) => None,
            Place::Queue(_, level) | Place::Set(_, level) => Some(level),
        }
    }
}

/// The indicators of the latest round for a person who appraises them, or has no sheet: each with its place.
fn of_round<'s>(
    state: &'s store::State,
    person: &Person,
    round: &'s Round,
    sets: &BTreeSet<String>,
    own: Option<LevelId>,
) -> Vec<(&'s Indicator, Place)> {
    let mut levels: Vec<_> = state.levels.values().filter(|level| level.facts.round == round.id).collect();
    levels.sort_by_key(|level| level.facts.id);
    let open = !matches!(round.phase, Phase::Draft | Phase::Published);
    let mut found = Vec::new();
    for level in levels {
        let (id, set) = (level.facts.id, &level.program.set.head.id);
        let units: Vec<_> = state.assessments.values().filter(|one| one.level == id).map(|one| one.unit).collect();
        for indicator in level.program.set.indicators() {
            let appraises = state.appraises_of(&person.authority, round, &indicator.id);
            let place = if open && units.iter().any(|unit| appraises(*unit)) {
                Place::Queue(id, level.facts.level.clone())
            } else if own.is_none() && sets.contains(set) {
                Place::Set(set.clone(), level.facts.level.clone())
            } else {
                continue;
            };
            found.push((indicator, place));
        }
    }
    found
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
    let sets: BTreeSet<String> = app.known_sets().into_keys().collect();
    let state = app.store.state();
    let latest = state.rounds.values().max_by_key(|round| (round.year, round.id));
    let own = person.own_sheet(&state);
    let mut indicators = Vec::new();
    if let Some(sheet) = own {
        let set = &state.level_of(sheet)?.program.set;
        indicators.extend(set.indicators().map(|one| (one, Place::Sheet(sheet.id))));
    }
    if let Some(round) = latest {
        indicators.extend(of_round(&state, person, round, &sets, own.map(|sheet| sheet.level)));
    }
    for (indicator, place) in indicators {
        let text = format!("{} {} {}", indicator.id, indicator.name, indicator.text.as_deref().unwrap_or_default());
        if holds(&text) {
            hits.push(Hit {
                is_id: fold(&indicator.id) == folded,
                code: indicator.id.clone(),
                name: indicator.name.clone(),
                place,
                unit_kind: None,
                exact: exact(&text),
            });
        }
    }
    for sheet in state.assessments.values().filter(|one| latest.is_some_and(|round| round.id == one.round)) {
        let Some(unit) = state.tree.get(sheet.unit).filter(|unit| person.may_read(&state, unit.id)) else { continue };
        let text = format!("{} {}", unit.code, unit.name);
        if holds(&text) {
            hits.push(Hit {
                code: unit.code.clone(),
                name: unit.name.clone(),
                place: Place::Sheet(sheet.id),
                unit_kind: Some(unit.kind.clone()),
                exact: exact(&text),
                is_id: false,
            });
        }
    }
    drop(state);
    hits.sort_by_cached_key(|hit| (!hit.is_id, !hit.exact, sort_key(&hit.name), hit.code.clone(), hit.place.clone()));
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
    // Whoever names an indicator goes there: to one's own, or to the only one of that number.
    let named: Vec<&Hit> = hits.iter().filter(|hit| hit.is_id).collect();
    let own = named.iter().find(|hit| matches!(hit.place, Place::Sheet(_))).copied();
    if let Some(hit) = own.or_else(|| named.first().filter(|_| named.len() == 1).copied()) {
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
        let kind = match (&hit.place, hit.level()) {
            (Place::Queue(..), Some(level)) => {
                format!("{kind} · {} · {}", level_title(l, level), l.say("thẩm định", "to appraise"))
            }
            (_, Some(level)) => format!("{kind} · {}", level_title(l, level)),
            _ => kind.to_owned(),
        };
        (hit.code, hit.name, href, kind)
    };
    html(&SearchPage {
        shell: Shell::new(&app, Some(&person), l, uri.path(), Section::Elsewhere, title),
        lede,
        hits: hits.into_iter().map(told).collect(),
    })
}
