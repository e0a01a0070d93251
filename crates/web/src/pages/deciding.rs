//! Deciding: the three score columns of every difference, what is open, and publishing.

use askama::Template;
use axum::Form;
use axum::extract::{OriginalUri, Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use criteria::model::ReadingStatus;
use cycle::{AssessmentId, Capability, EntryState, Phase, RoundId};
use serde::Deserialize;
use store::{Actor, Command};

use super::assign::day;
use super::html;
use super::sheet::Pick as _;
use crate::app::App;
use crate::failure::Failure;
use crate::person::Person;
use crate::view::{Section, Shell};

/// Most cases on one page; the rest follow when these are decided.
const CASES_MAX: usize = 40;

struct Case {
    sheet: AssessmentId,
    unit: String,
    indicator: String,
    name: String,
    class: &'static str,
    word: String,
    own: String,
    appraised: String,
    decided: String,
    reason: String,
    words: String,
    can: bool,
}

#[derive(Template)]
#[template(path = "decide.html")]
struct DecidePage {
    shell: Shell,
    id: RoundId,
    round: String,
    lede: String,
    notice: Option<String>,
    facts: Vec<(&'static str, String)>,
    cases: Vec<Case>,
    can_publish: bool,
}

/// `GET /rounds/ROUND/decide`
pub async fn page(
    State(app): State<App>,
    person: Person,
    OriginalUri(uri): OriginalUri,
    Path(id): Path<RoundId>,
) -> Result<Response, Failure> {
    let l = person.l();
    let (round, rows, open_readings) = {
        let state = app.store.state();
        let round = state.rounds.get(&id).ok_or(Failure::NotFound)?.clone();
        if !person.may(&state, Capability::Decide, round.owner) {
            return Err(Failure::NotFound);
        }
        let mut rows: Vec<_> = state.assessments.values().filter(|one| one.round == id).cloned().collect();
        rows.sort_by_cached_key(|one| state.tree.get(one.unit).map(|unit| unit.code.clone()));
        let levels = state.levels.values().filter(|level| level.facts.round == id);
        let open = levels.map(|level| {
            let readings = level.program.set.head.readings.iter().filter(|one| one.status == ReadingStatus::Open);
            readings.filter(|one| !level.facts.picks.contains_key(&one.id)).count()
        });
        (round, rows, open.sum::<usize>())
    };
    let mut cases = Vec::new();
    let (mut differences, mut explained, mut decided, mut waiting) = (0, 0, 0, 0);
    for row in &rows {
        let Some(sheet) = app.store.sheet(row.id).await? else { continue };
        for entry in &sheet.entries {
            waiting += usize::from(matches!(entry.state, EntryState::Submitted | EntryState::Returned));
            let Some(appraised) = &entry.appraised else { continue };
            let own = entry.self_score.as_ref().map(|score| score.points).unwrap_or_default();
            if appraised.score.points == own && entry.final_score.is_none() {
                continue;
            }
            differences += 1;
            explained += usize::from(entry.state == EntryState::Explained);
            decided += usize::from(entry.state == EntryState::Decided);
            let open = entry.state != EntryState::Decided;
            if cases.len() >= CASES_MAX || !open {
                continue;
            }
            let words = match entry.state {
                EntryState::Explained => {
                    app.store.remarks(sheet.id, &entry.indicator).await?.pop().map(|one| one.words).unwrap_or_default()
                }
                _ => String::new(),
            };
            let state = app.store.state();
            let level = state.level_of(row)?;
            cases.push(Case {
                sheet: sheet.id,
                unit: state.tree.get(row.unit).map(|unit| unit.name.clone()).unwrap_or_default(),
                indicator: entry.indicator.clone(),
                name: level.program.set.indicator(&entry.indicator).map(|one| one.name.clone()).unwrap_or_default(),
                class: if entry.state == EntryState::Explained { "open" } else { "warn" },
                word: l.text(&entry.state.name()).to_owned(),
                own: l.points(&own),
                appraised: l.points(&appraised.score.points),
                decided: "–".to_owned(),
                reason: appraised.reason.clone(),
                words,
                can: matches!(round.phase, Phase::Explaining | Phase::Deciding),
            });
        }
    }
    cases.sort_by_key(|case| case.class != "open");
    let lede = match l.is_english() {
        true => format!(
            "{differences} differences between declared and appraised points: {explained} explained, {decided} decided. What nobody decides keeps the appraised points."
        ),
        false => format!(
            "{differences} chỗ khác nhau giữa tự chấm và thẩm định: {explained} đã giải trình, {decided} đã chốt. Chỗ không chốt thì giữ điểm thẩm định."
        ),
    };
    let facts = vec![
        (l.0.pick("Chưa thẩm định", "Not appraised"), waiting.to_string()),
        (l.0.pick("Khác nhau", "Differences"), differences.to_string()),
        (l.0.pick("Đã giải trình", "Explained"), explained.to_string()),
        (l.0.pick("Đã chốt", "Decided"), decided.to_string()),
        (l.0.pick("Cách hiểu còn mở", "Open readings"), open_readings.to_string()),
    ];
    let can_run = person.may(&app.store.state(), Capability::RunRound, round.owner);
    let notice = uri.query().filter(|query| *query == "done").map(|_| l.say("Đã chốt.", "Decided.").to_owned());
    let title = l.say("Chốt điểm và công bố", "Deciding and publishing");
    html(&DecidePage {
        shell: Shell::new(&app, Some(&person), l, uri.path(), Section::Rounds, title),
        id,
        round: round.title.clone(),
        lede,
        notice,
        facts,
        cases,
        can_publish: can_run && matches!(round.phase, Phase::Deciding | Phase::Published),
    })
}

#[derive(Deserialize)]
pub struct Decision {
    sheet: AssessmentId,
    #[serde(default)]
    indicator: String,
    #[serde(default)]
    points: String,
    #[serde(default)]
    reason: String,
}

/// `POST /rounds/ROUND/decide`
pub async fn decide(
    State(app): State<App>,
    person: Person,
    Path(id): Path<RoundId>,
    Form(form): Form<Decision>,
) -> Result<Response, Failure> {
    {
        let state = app.store.state();
        let round = state.rounds.get(&id).ok_or(Failure::NotFound)?;
        let here = state.assessments.get(&form.sheet).is_some_and(|row| row.round == id);
        if !here || !person.may(&state, Capability::Decide, round.owner) {
            return Err(Failure::NotFound);
        }
    }
    let command =
        Command::Decide { assessment: form.sheet, indicator: form.indicator, points: form.points, reason: form.reason };
    app.store.change(Actor::Account(person.account), app.now(), command).await?;
    Ok(Redirect::to(&format!("/rounds/{id}/decide?done")).into_response())
}

#[derive(Deserialize)]
pub struct Publishing {
    #[serde(default)]
    number: String,
    #[serde(default)]
    day: String,
}

/// `POST /rounds/ROUND/publish`
pub async fn publish(
    State(app): State<App>,
    person: Person,
    Path(id): Path<RoundId>,
    Form(form): Form<Publishing>,
) -> Result<Response, Failure> {
    let year = app.store.state().rounds.get(&id).map(|round| round.year).ok_or(Failure::NotFound)?;
    let day = day(&form.day, year + 1).ok_or_else(|| {
        Failure::Invalid(criteria::Text::new(
            format!("“{}” không phải là một ngày (ví dụ 15/1/2024)", form.day),
            format!("\"{}\" is no day (such as 15/1/2024)", form.day),
        ))
    })?;
    let command = Command::Publish { round: id, number: form.number, day };
    let done = app.store.change(Actor::Account(person.account), app.now(), command).await?;
    Ok(Redirect::to(&format!("/ranking/{}", done.id.unwrap_or_default())).into_response())
}
