//! Who has not begun and who is late, with what; the same as a file; and the button that reminds them.

use std::collections::BTreeSet;

use askama::Template;
use axum::Form;
use axum::extract::{OriginalUri, Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use criteria::Text;
use cycle::{AssessmentId, Capability, Denial, RoundId, UnitId, time};
use serde::Deserialize;
use store::{Actor, Command};

use super::html;
use super::monitor::{choices, csv_file};
use super::rounds::csv_cell;
use crate::app::App;
use crate::failure::Failure;
use crate::nudge;
use crate::person::Person;
use crate::view::{L, Section, Shell, level_title};
use crate::watch::{Filter, Line, Watched};

/// Most late indicators that the page names of one unit; the file has them all.
const NAMED_MAX: usize = 12;
/// Longest message of a reminder, in bytes.
const WORDS_BYTES_MAX: usize = 1_000;

/// What can be asked for here: key, in Vietnamese, in English.
const SHOWS: [(&str, &str, &str); 3] = [
    ("", "chưa bắt đầu hoặc trễ hạn", "not begun or late"),
    ("untouched", "chưa bắt đầu", "not begun"),
    ("late", "có chỉ số trễ hạn", "with late indicators"),
];

struct Row {
    unit: UnitId,
    sheet: AssessmentId,
    name: String,
    begun: bool,
    late: usize,
    worst: i32,
    /// Indicator, days, who has it.
    named: Vec<(String, String, String)>,
    more: usize,
}

#[derive(Template)]
#[template(path = "late.html")]
struct LatePage {
    shell: Shell,
    id: RoundId,
    title: String,
    lede: String,
    notice: Option<String>,
    levels: Vec<(String, String, bool)>,
    filter: Filter,
    query: String,
    shows: Vec<(&'static str, &'static str)>,
    agencies: Vec<(String, String)>,
    pillars: Vec<(String, String)>,
    can_remind: bool,
    words_max: usize,
    rows: Vec<Row>,
}

/// What stands behind the question mark.
#[derive(Deserialize)]
pub struct Asked {
    #[serde(flatten)]
    filter: Filter,
    #[serde(default)]
    told: String,
    #[serde(default)]
    known: String,
}

/// Units that owe something, the most late first.
fn owing<'w, 's>(watched: &'w Watched<'s>) -> Vec<&'w Line<'s>> {
    watched.shown().into_iter().filter(|line| !line.has_begun() || !line.late.is_empty()).collect()
}

fn sorted(filter: &Filter) -> Filter {
    let sort = if filter.sort.is_empty() { "late".to_owned() } else { filter.sort.clone() };
    Filter { sort, ..filter.clone() }
}

/// Who has an indicator in a unit: the positions that were given it.
fn who(state: &store::State, round: RoundId, unit: UnitId, indicator: &str) -> String {
    let assigned = state.assigned(round, unit, indicator).iter();
    let codes = assigned.filter_map(|one| state.positions.get(&one.position)).map(|position| position.code.as_str());
    codes.collect::<Vec<_>>().join(", ")
}

fn days_late(l: L, days: i32) -> String {
    match (l.is_english(), days) {
        (true, 1) => "1 day".to_owned(),
        (true, days) => format!("{days} days"),
        (false, days) => format!("{days} ngày"),
    }
}

/// `GET /rounds/ROUND/late`
pub async fn page(
    State(app): State<App>,
    person: Person,
    OriginalUri(uri): OriginalUri,
    Path(id): Path<RoundId>,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    let l = person.l();
    let today = time::day_of(app.now());
    let filter = sorted(&asked.filter);
    let title = l.say("Chưa bắt đầu, trễ hạn", "Not begun, late");
    let shell = Shell::new(&app, Some(&person), l, uri.path(), Section::Rounds, title);
    let state = app.store.state();
    let round = state.rounds.get(&id).ok_or(Failure::NotFound)?;
    let watched = Watched::of(&state, &person, round, &filter, today).ok_or(Failure::NotFound)?;
    let set = &watched.level.program.set;
    let indicators: Vec<_> = set.indicators().collect();
    let lines = owing(&watched);
    let rows: Vec<Row> = lines
        .iter()
        .map(|line| Row {
            unit: line.unit.id,
            sheet: line.row.id,
            name: line.unit.name.clone(),
            begun: line.has_begun(),
            late: line.late.len(),
            worst: line.late.iter().map(|one| one.days).max().unwrap_or(0),
            named: line
                .late
                .iter()
                .take(NAMED_MAX)
                .filter_map(|one| {
                    let indicator = indicators.get(one.place)?;
                    let who = who(&state, id, line.unit.id, &indicator.id);
                    Some((indicator.id.clone(), days_late(l, one.days), who))
                })
                .collect(),
            more: line.late.len().saturating_sub(NAMED_MAX),
        })
        .collect();
    let untouched = rows.iter().filter(|row| !row.begun).count();
    let (late, all) = (rows.iter().filter(|row| row.late > 0).count(), watched.all.len());
    let lede = match l.is_english() {
        true => format!("Of {all} units, {untouched} have not begun and {late} are late with something."),
        false => format!("Trong {all} đơn vị, {untouched} đơn vị chưa bắt đầu, {late} đơn vị có chỉ số trễ hạn."),
    };
    let notice = match (asked.told.parse::<u32>(), asked.known.parse::<u32>()) {
        (Ok(told), Ok(known)) => Some(match l.is_english() {
            true => format!("{told} people were reminded; {known} had been reminded today already."),
            false => format!("Đã nhắc {told} người; {known} người đã được nhắc trong hôm nay nên không nhắc lại."),
        }),
        _ => None,
    };
    let filter = Filter { level: watched.level.facts.id.to_string(), ..filter };
    let page = LatePage {
        shell,
        id,
        title: round.title.clone(),
        lede,
        notice,
        levels: watched
            .levels
            .iter()
            .map(|one| {
                let current = one.facts.id == watched.level.facts.id;
                (one.facts.id.to_string(), level_title(l, &one.facts.level), current)
            })
            .collect(),
        query: filter.query(&[]),
        filter,
        shows: choices(l, &SHOWS),
        agencies: watched.agencies(&state).iter().map(|one| (one.code.clone(), one.name.clone())).collect(),
        pillars: set.pillars.iter().map(|one| (one.pillar.no.clone(), one.pillar.name.clone())).collect(),
        can_remind: person.may(&state, Capability::RunRound, round.owner),
        words_max: WORDS_BYTES_MAX / 4,
        rows,
    };
    drop(lines);
    drop(watched);
    drop(state);
    html(&page)
}

/// `GET /rounds/ROUND/late.csv`: a line for each late indicator, and one for each unit that has not begun.
pub async fn csv(
    State(app): State<App>,
    person: Person,
    Path(id): Path<RoundId>,
    Query(filter): Query<Filter>,
) -> Result<Response, Failure> {
    let today = time::day_of(app.now());
    let filter = sorted(&filter);
    let state = app.store.state();
    let round = state.rounds.get(&id).ok_or(Failure::NotFound)?;
    let watched = Watched::of(&state, &person, round, &filter, today).ok_or(Failure::NotFound)?;
    let indicators: Vec<_> = watched.level.program.set.indicators().collect();
    let mut text = String::from("\u{feff}code,unit,begun,indicator,name,due,days_late,positions\r\n");
    for line in owing(&watched) {
        let begun = if line.has_begun() { "yes" } else { "no" };
        let head = format!("{},{},{begun}", csv_cell(&line.unit.code), csv_cell(&line.unit.name));
        if line.late.is_empty() {
            text.push_str(&format!("{head},,,,,\r\n"));
        }
        for late in &line.late {
            let Some(indicator) = indicators.get(late.place) else { continue };
            text.push_str(&format!(
                "{head},{},{},{},{},{}\r\n",
                csv_cell(&indicator.id),
                csv_cell(&indicator.name),
                late.due,
                late.days,
                csv_cell(&who(&state, id, line.unit.id, &indicator.id)),
            ));
        }
    }
    Ok(csv_file(&format!("round-{id}-late.csv"), text))
}

/// Whom to remind: one unit, or all that the filter finds.
#[derive(Deserialize)]
pub struct Reminding {
    #[serde(flatten)]
    filter: Filter,
    #[serde(default)]
    unit: String,
    #[serde(default)]
    words: String,
}

/// What a reminder came to: people told, and people who had been told that day.
pub struct Reminded {
    pub units: usize,
    pub told: usize,
    pub known: usize,
}

/// Reminds the people of one unit, or of all that owe something and that the filter finds.
pub async fn remind_units(
    app: &App,
    person: &Person,
    id: RoundId,
    filter: &Filter,
    unit: Option<UnitId>,
    words: &str,
) -> Result<Reminded, Failure> {
    let now = app.now();
    let today = time::day_of(now);
    if words.len() > WORDS_BYTES_MAX {
        return Err(Failure::Invalid(Text::new(
            format!("Lời nhắn dài quá {WORDS_BYTES_MAX} byte"),
            format!("The message is longer than {WORDS_BYTES_MAX} bytes"),
        )));
    }
    let (units, notices) = {
        let state = app.store.state();
        let round = state.rounds.get(&id).ok_or(Failure::NotFound)?;
        let watched = Watched::of(&state, person, round, &sorted(filter), today);
        let may = person.may(&state, Capability::RunRound, round.owner);
        let watched =
            watched.filter(|_| may).ok_or_else(|| match super::rounds::readable(&state, person, id).len() {
                0 => Failure::NotFound,
                _ => Failure::Denied(Denial::NotAllowed.text()),
            })?;
        let mut lines = owing(&watched);
        lines.retain(|line| unit.is_none_or(|unit| line.unit.id == unit));
        if unit.is_some() && lines.is_empty() {
            return Err(Failure::NotFound);
        }
        let mail = app.mail.is_some();
        let notices = nudge::notices(&state, round, watched.level, &lines, words, today, mail);
        (lines.iter().map(|line| line.unit.id).collect::<Vec<_>>(), notices)
    };
    let marks: Vec<String> = notices.iter().map(|notice| notice.mark.clone()).collect();
    let known: BTreeSet<String> = app.store.told(&marks).await?;
    let new: Vec<_> = notices.into_iter().filter(|notice| !known.contains(&notice.mark)).collect();
    let reminded = Reminded { units: units.len(), told: new.len(), known: known.len() };
    if !new.is_empty() {
        let command = Command::Remind { round: id, units, notices: new };
        app.store.change(Actor::Account(person.account), now, command).await?;
    }
    Ok(reminded)
}

/// `POST /rounds/ROUND/remind`
pub async fn remind(
    State(app): State<App>,
    person: Person,
    Path(id): Path<RoundId>,
    Form(form): Form<Reminding>,
) -> Result<Response, Failure> {
    let unit = match form.unit.as_str() {
        "" => None,
        text => Some(text.parse().map_err(|_| Failure::NotFound)?),
    };
    let done = remind_units(&app, &person, id, &form.filter, unit, &form.words).await?;
    let counts = [("told", done.told.to_string()), ("known", done.known.to_string())];
    let counts = counts.each_ref().map(|(key, count)| (*key, count.as_str()));
    Ok(Redirect::to(&format!("/rounds/{id}/late?{}", form.filter.query(&counts))).into_response())
}
