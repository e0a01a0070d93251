//! The council's meeting: one case after the other, a decision each, and minutes that say who decided what, and why.

use askama::Template;
use axum::Form;
use axum::extract::{OriginalUri, Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use criteria::Number;
use cycle::round::Round;
use cycle::{AssessmentId, Phase, RoundId, time};
use scoring::sentence;
use serde::Deserialize;
use store::records::{Event, Meeting};
use store::{Actor, Command};

use super::deciding::{Case, cases, decided_by, talk};
use super::html;
use super::law::law;
use crate::app::App;
use crate::failure::Failure;
use crate::opened::{Opened, because};
use crate::person::Person;
use crate::view::{L, Section, Shell};

struct Shown {
    case: Case,
    unit_says: String,
    talk: Vec<(String, String)>,
    law: Vec<(&'static str, String)>,
    citation: String,
    files: Vec<(String, String)>,
}

#[derive(Template)]
#[template(path = "council.html")]
struct CouncilPage {
    shell: Shell,
    id: RoundId,
    round: String,
    lede: String,
    open: Option<Meeting>,
    meetings: Vec<(i64, String, String)>,
    shown: Option<Shown>,
    prev: Option<String>,
    next: Option<String>,
    can: bool,
}

#[derive(Deserialize)]
pub struct At {
    #[serde(default)]
    case: String,
}

fn key(case: &Case) -> String {
    format!("{}~{}", case.sheet, case.indicator)
}

/// `GET /rounds/ROUND/council`
pub async fn page(
    State(app): State<App>,
    person: Person,
    OriginalUri(uri): OriginalUri,
    Path(id): Path<RoundId>,
    Query(at): Query<At>,
) -> Result<Response, Failure> {
    let l = person.l();
    let round = decided_by(&app, &person, id)?;
    let meetings = app.store.meetings(id).await?;
    let (mut all, _) = cases(&app, l, &round).await?;
    let decided = all.iter().filter(|case| case.state == cycle::EntryState::Decided).count();
    // What was decided a moment ago can be opened again by its address; the list holds what is to be decided.
    all.retain(|case| case.is_dispute() || key(case) == at.case);
    let place = all.iter().position(|case| key(case) == at.case).unwrap_or(0);
    let link = |case: &Case| format!("/rounds/{id}/council?case={}", key(case));
    let prev = place.checked_sub(1).and_then(|at| all.get(at)).map(link);
    let next = all.get(place + 1).map(link);
    let left = all.iter().filter(|case| case.is_dispute()).count();
    let shown = match (place < all.len()).then(|| all.swap_remove(place)) {
        Some(case) => Some(show(&app, &person, case).await?),
        None => None,
    };
    let lede = match l.is_english() {
        true => format!("{left} cases to decide, {decided} decided."),
        false => format!("Còn {left} hồ sơ chờ chốt, đã chốt {decided}."),
    };
    let title = l.say("Họp hội đồng", "Council meeting");
    html(&CouncilPage {
        shell: Shell::new(&app, Some(&person), l, uri.path(), Section::Rounds, title),
        id,
        round: round.title.clone(),
        lede,
        open: meetings.iter().find(|meeting| meeting.closed.is_none()).cloned(),
        meetings: meetings.iter().map(|one| (one.id, one.title.clone(), l.instant(&one.opened))).collect(),
        shown,
        prev,
        next,
        can: matches!(round.phase, Phase::Explaining | Phase::Deciding),
    })
}

async fn show(app: &App, person: &Person, case: Case) -> Result<Shown, Failure> {
    let l = person.l();
    let talk = talk(app, l, &case).await?;
    let opened = Opened::unchecked(app, case.sheet).await?;
    let evidence = app.store.evidence_of(case.sheet, &case.indicator).await?;
    let (place, _) = opened.sheet.entry(&case.indicator).ok_or(Failure::NotFound)?;
    let indicator = opened.program().set.indicator(&case.indicator).ok_or(Failure::NotFound)?;
    let state = app.store.state();
    Ok(Shown {
        unit_says: because(&state, l, &opened, &opened.sheet, &opened.read, place),
        talk,
        law: law(l, indicator),
        citation: sentence::citation(&opened.program().set.head.document, &case.indicator),
        files: evidence
            .iter()
            .filter(|file| file.withdrawn.is_none() && person.may_read(&state, opened.unit.id))
            .map(|file| (file.link.clone().unwrap_or_else(|| format!("/evidence/{}", file.id)), file.name.clone()))
            .collect(),
        case,
    })
}

#[derive(Deserialize)]
pub struct Act {
    #[serde(default, rename = "do")]
    what: String,
    #[serde(default)]
    title: String,
    #[serde(default)]
    chair: String,
    #[serde(default)]
    present: String,
    sheet: Option<AssessmentId>,
    #[serde(default)]
    indicator: String,
    #[serde(default)]
    version: i64,
    #[serde(default)]
    points: String,
    #[serde(default)]
    own: String,
    #[serde(default)]
    appraised: String,
    #[serde(default)]
    reason: String,
    #[serde(default)]
    next: String,
}

/// `POST /rounds/ROUND/council`: opens and closes a meeting, decides a case.
pub async fn act(
    State(app): State<App>,
    person: Person,
    Path(id): Path<RoundId>,
    Form(form): Form<Act>,
) -> Result<Response, Failure> {
    decided_by(&app, &person, id)?;
    let actor = Actor::Account(person.account);
    let here = format!("/rounds/{id}/council");
    match form.what.as_str() {
        "open" => {
            let command = Command::Meet { round: id, title: form.title, chair: form.chair, present: form.present };
            app.store.change(actor, app.now(), command).await?;
            Ok(Redirect::to(&here).into_response())
        }
        "close" => {
            let open = app.store.meetings(id).await?.into_iter().find(|meeting| meeting.closed.is_none());
            app.store.change(actor, app.now(), Command::CloseMeeting { round: id }).await?;
            Ok(Redirect::to(&open.map_or(here.clone(), |meeting| format!("{here}/{}", meeting.id))).into_response())
        }
        _ => {
            let assessment = form.sheet.ok_or(Failure::NotFound)?;
            if app.store.state().assessments.get(&assessment).is_none_or(|row| row.round != id) {
                return Err(Failure::NotFound);
            }
            let points = match form.what.as_str() {
                "own" => form.own,
                "appraised" => form.appraised,
                _ => form.points,
            };
            let command = Command::Decide {
                assessment,
                indicator: form.indicator,
                version: form.version,
                points,
                reason: form.reason,
            };
            app.store.change(actor, app.now(), command).await?;
            let next = form.next.strip_prefix(&here).filter(|rest| rest.starts_with("?case="));
            Ok(Redirect::to(&format!("{here}{}", next.unwrap_or_default())).into_response())
        }
    }
}

/// A decision of the log, with what it was about.
pub(crate) struct Decided {
    /// The sheet.
    pub sheet: AssessmentId,
    /// The unit's name.
    pub unit: String,
    /// The indicator.
    pub indicator: String,
    /// Its name.
    pub name: String,
    /// The unit's own points.
    pub own: Option<Number>,
    /// The appraised points.
    pub appraised: Option<Number>,
    /// The decided points.
    pub decided: Option<Number>,
    /// Why.
    pub reason: String,
    /// By whom; none for the operator.
    pub by: Option<String>,
}

/// A line of the minutes.
struct Line {
    unit: String,
    indicator: String,
    name: String,
    own: String,
    appraised: String,
    decided: String,
    reason: String,
    by: String,
}

#[derive(Template)]
#[template(path = "minutes.html")]
struct MinutesPage {
    shell: Shell,
    id: RoundId,
    round: String,
    owner: String,
    meeting: Meeting,
    span: String,
    lines: Vec<Line>,
    silent: usize,
}

/// `GET /rounds/ROUND/council/MEETING`: the minutes, from the log: what was decided between opening and closing.
pub async fn minutes(
    State(app): State<App>,
    person: Person,
    OriginalUri(uri): OriginalUri,
    Path((id, meeting)): Path<(RoundId, i64)>,
) -> Result<Response, Failure> {
    let l = person.l();
    let round = decided_by(&app, &person, id)?;
    let meetings = app.store.meetings(id).await?;
    let meeting = meetings.into_iter().find(|one| one.id == meeting).ok_or(Failure::NotFound)?;
    let until = meeting.closed.unwrap_or_else(|| app.now());
    let events = app.store.decisions(id, meeting.opened, until).await?;
    let silent = silences(&events);
    let mut lines = Vec::new();
    for event in &events {
        lines.extend(decided_in(&app, &round, event).await?.map(|decided| line(l, decided)));
    }
    let span = match meeting.closed {
        Some(closed) => format!("{} – {}", l.instant(&meeting.opened), l.instant(&closed)),
        None => format!("{} – {}", l.instant(&meeting.opened), l.say("đang họp", "still open")),
    };
    let owner = app.store.state().tree.get(round.owner).map(|unit| unit.name.clone()).unwrap_or_default();
    let title = l.say("Biên bản họp hội đồng", "Minutes of the council");
    html(&MinutesPage {
        shell: Shell::new(&app, Some(&person), l, uri.path(), Section::Rounds, title),
        id,
        round: round.title.clone(),
        owner,
        meeting,
        span,
        lines,
        silent,
    })
}

/// How many silences were put down in some events.
pub(crate) fn silences(events: &[Event]) -> usize {
    let silent = events.iter().filter(|event| event.action == "sheet.silent");
    silent.map(|event| event.detail["indicators"].as_array().map_or(0, Vec::len)).sum()
}

/// What an event decided, where it decided a case.
pub(crate) async fn decided_in(app: &App, round: &Round, event: &Event) -> Result<Option<Decided>, Failure> {
    let decided = event.action == "entry.decided";
    let Some(assessment) = event.assessment.filter(|_| decided) else { return Ok(None) };
    let (Some(indicator), Some(sheet)) = (event.indicator.as_deref(), app.store.sheet(assessment).await?) else {
        return Ok(None);
    };
    let Some((_, entry)) = sheet.entry(indicator) else { return Ok(None) };
    let state = app.store.state();
    let level = state.levels.get(&sheet.level).filter(|level| level.facts.round == round.id);
    let name = level.and_then(|level| level.program.set.indicator(indicator)).map(|one| one.name.clone());
    let day = time::day_of(event.at);
    Ok(Some(Decided {
        sheet: assessment,
        unit: state.tree.get(sheet.unit).map(|unit| unit.name.clone()).unwrap_or_default(),
        indicator: indicator.to_owned(),
        name: name.unwrap_or_default(),
        own: entry.self_score.as_ref().map(|score| score.points),
        appraised: entry.appraised.as_ref().map(|verdict| verdict.score.points),
        decided: event.detail["after"].as_str().and_then(Number::parse),
        reason: event.detail["reason"].as_str().unwrap_or_default().to_owned(),
        by: event.actor.map(|account| crate::opened::actor_name(&state, round.owner, account, day)),
    }))
}

fn line(l: L, one: Decided) -> Line {
    let points = |points: Option<Number>| points.map_or_else(|| "–".to_owned(), |points| l.points(&points));
    Line {
        own: points(one.own),
        appraised: points(one.appraised),
        decided: points(one.decided),
        unit: one.unit,
        indicator: one.indicator,
        name: one.name,
        reason: one.reason,
        by: one.by.unwrap_or_else(|| l.say("người vận hành", "the operator").to_owned()),
    }
}
