//! What there is to appraise: an agency's indicators by round, one's own share or all of it.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::{OriginalUri, Query, State};
use axum::response::Response;
use cycle::round::Round;
use cycle::{Capability, EntryState, LevelId, Phase, UnitId};
use serde::Deserialize;
use store::state::Assessment;

use super::html;
use super::sheet::Pick as _;
use crate::app::App;
use crate::failure::Failure;
use crate::person::Person;
use crate::view::{Section, Shell, phase_line};

struct ListRow {
    id: String,
    name: String,
    href: String,
    note: String,
    class: &'static str,
    state: &'static str,
    done: usize,
    all: usize,
}

struct ListRound {
    title: String,
    phase: String,
    division: Option<String>,
    rows: Vec<ListRow>,
}

#[derive(Template)]
#[template(path = "appraise_list.html")]
struct ListPage {
    shell: Shell,
    lede: String,
    tabs: Vec<(&'static str, &'static str, bool)>,
    rounds: Vec<ListRound>,
}

/// Which part of the agency's work is shown: one's own share where the work was divided, or everything.
#[derive(Default, Deserialize)]
pub struct Which {
    #[serde(default)]
    pub show: String,
}

impl Which {
    fn all(&self) -> bool {
        self.show == "all"
    }
}

/// Whether something is this person's to do: their own share, or nobody's in particular.
fn is_mine(state: &store::State, person: &Person, round: &Round, at: (LevelId, &str, UnitId)) -> bool {
    let (level, indicator, unit) = at;
    let agency = state.agency(round, indicator);
    round.appraiser(agency, unit, level, indicator).is_none_or(|account| account == person.account)
}

/// The sheets of a level, in the order of the units' codes, where the person appraises the indicator. Two levels may use
/// one number for two indicators; so the level is named, not the round.
pub fn sheets(state: &store::State, person: &Person, level: LevelId, indicator: &str) -> Vec<Assessment> {
    let known = state.levels.get(&level).filter(|level| level.program.indicator_index(indicator).is_some());
    let Some(round) = known.and_then(|level| state.rounds.get(&level.facts.round)) else { return Vec::new() };
    let mut found: Vec<Assessment> = state
        .assessments
        .values()
        .filter(|one| one.level == level && state.appraises(&person.authority, round, indicator, one.unit))
        .cloned()
        .collect();
    found.sort_by_cached_key(|one| state.tree.get(one.unit).map(|unit| unit.code.clone()));
    found
}

/// The same, without what is another person's share, unless all is wanted.
pub fn mine_of(app: &App, person: &Person, level: LevelId, indicator: &str, all: bool) -> Vec<Assessment> {
    let state = app.store.state();
    let mut rows = sheets(&state, person, level, indicator);
    if let Some(round) = rows.first().and_then(|row| state.rounds.get(&row.round)).filter(|_| !all) {
        rows.retain(|row| is_mine(&state, person, round, (level, indicator, row.unit)));
    }
    rows
}

/// Whether an entry came to the appraisers, and is not back with its unit.
fn waits_or_was_seen(state: EntryState) -> bool {
    state >= EntryState::Submitted && state != EntryState::Returned
}

/// Whether an entry has been appraised.
pub const fn is_appraised(state: EntryState) -> bool {
    matches!(
        state,
        EntryState::Accepted
            | EntryState::Adjusted
            | EntryState::Explained
            | EntryState::Answered
            | EntryState::Decided
    )
}

/// `GET /appraise`: what there is to appraise, by round and indicator.
pub async fn list(
    State(app): State<App>,
    person: Person,
    OriginalUri(uri): OriginalUri,
    Query(which): Query<Which>,
) -> Result<Response, Failure> {
    let l = person.l();
    if !person.authority.may_somewhere(Capability::Appraise) {
        return Err(Failure::NotFound);
    }
    let mut rounds = Vec::new();
    let mut waiting = 0;
    let known: Vec<_> = app.store.state().rounds.values().rev().cloned().collect();
    for round in known.into_iter().filter(|one| !matches!(one.phase, Phase::Draft | Phase::Published)) {
        let levels: Vec<_> = {
            let state = app.store.state();
            let mut levels: Vec<_> =
                state.levels.values().filter(|level| level.facts.round == round.id).cloned().collect();
            levels.sort_by_key(|level| level.facts.id);
            levels
        };
        let mut rows: BTreeMap<(usize, usize), ListRow> = BTreeMap::new();
        for (level_at, level) in levels.iter().enumerate() {
            let state = app.store.state();
            // How far each entry is stands beside the sheet: a country's queue reads no sheets.
            let mut own: Vec<(UnitId, Vec<EntryState>)> = Vec::new();
            for one in state.assessments.values().filter(|one| one.level == level.facts.id) {
                own.push((one.unit, one.marks.iter().map(|mark| mark.state).collect()));
            }
            for (at, indicator) in level.program.set.indicators().enumerate() {
                let appraises = state.appraises_of(&person.authority, &round, &indicator.id);
                let everything = which.all() || round.settings.divisions.is_empty();
                let mine = own.iter().filter(|(unit, _)| {
                    appraises(*unit)
                        && (everything || is_mine(&state, &person, &round, (level.facts.id, &indicator.id, *unit)))
                });
                let entries: Vec<EntryState> = mine.filter_map(|(_, states)| states.get(at).copied()).collect();
                if entries.is_empty() {
                    continue;
                }
                let submitted = entries.iter().filter(|state| waits_or_was_seen(**state)).count();
                let explained = entries.iter().filter(|state| **state == EntryState::Explained).count();
                let done = entries.iter().filter(|state| is_appraised(**state)).count() - explained;
                // Nothing waits before there is anything to do, and what nobody looked at in time is left to who decides.
                let (early, over) = (round.phase < Phase::Appraising, round.phase == Phase::Deciding);
                let open = if early || over { 0 } else { submitted - done.min(submitted) };
                waiting += open;
                let (class, word) = match (open, submitted) {
                    _ if over && done < submitted => ("none", l.0.pick("hết hạn xét", "appraisal is over")),
                    _ if early && submitted > 0 => ("none", l.0.pick("chưa đến lượt", "not yet")),
                    (0, 0) => ("none", l.0.pick("chưa nộp", "not submitted")),
                    (0, _) => ("done", l.0.pick("đã xét", "appraised")),
                    _ => ("open", l.0.pick("đang chờ", "waiting")),
                };
                rows.insert(
                    (level_at, at),
                    ListRow {
                        id: indicator.id.clone(),
                        name: indicator.name.clone(),
                        href: format!(
                            "/appraise/{}/{}{}",
                            level.facts.id,
                            indicator.id,
                            if which.all() { "?show=all" } else { "" }
                        ),
                        note: match l.is_english() {
                            true => format!(
                                "{} · {open} waiting, {submitted} submitted",
                                crate::view::level_name(l, &level.facts.level)
                            ),
                            false => format!(
                                "{} · chờ xét {open}, đã nộp {submitted}",
                                crate::view::level_name(l, &level.facts.level)
                            ),
                        },
                        class,
                        state: word,
                        done,
                        all: entries.len(),
                    },
                );
            }
        }
        let divided = {
            let state = app.store.state();
            let own = person.authority.units.iter().any(|unit| person.may(&state, Capability::Appraise, *unit));
            own.then(|| format!("/appraise/division/{}", round.id))
        };
        rounds.push(ListRound {
            title: round.title.clone(),
            phase: phase_line(l, &round),
            division: divided,
            rows: rows.into_values().collect(),
        });
    }
    let lede = match l.is_english() {
        true if which.all() => format!("{} cases wait for your agency.", l.count(waiting)),
        false if which.all() => format!("{} hồ sơ đang chờ cơ quan của bạn thẩm định.", l.count(waiting)),
        true => format!("{} cases wait for you.", l.count(waiting)),
        false => format!("{} hồ sơ đang chờ bạn thẩm định.", l.count(waiting)),
    };
    let title = l.say("Hàng thẩm định", "Appraisal queue");
    let tabs = vec![
        ("/appraise", l.0.pick("Phần của tôi", "Mine"), !which.all()),
        ("/appraise?show=all", l.0.pick("Cả cơ quan", "The whole agency"), which.all()),
    ];
    let shell = Shell::new(&app, Some(&person), l, uri.path(), Section::Appraise, title);
    html(&ListPage { shell, lede, tabs, rounds })
}
