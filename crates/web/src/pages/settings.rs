//! The settings of a round: what its owner changes while it runs, and what was changed, with both states.

use std::collections::{BTreeMap, BTreeSet};

use askama::Template;
use axum::Form;
use axum::extract::{OriginalUri, Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use criteria::collation::sort_key;
use criteria::date::Date;
use criteria::model::ReadingStatus;
use cycle::round::{Days, Round};
use cycle::{Capability, LevelId, Phase, RoundId, UnitId};
use store::state::Level;
use store::{Actor, Command, Refusal};

use super::assign::{day, no_day};
use super::grading;
use super::html;
use super::round_history::{Change, changes};
use crate::app::App;
use crate::failure::Failure;
use crate::person::Person;
use crate::view::{L, Section, Shell, level_title, phase_line};

/// Most units that a field proposes while one types.
const PROPOSED_MAX: usize = 400;

/// The indicators of one level that one unit appraises.
struct AgencyView {
    level: String,
    code: String,
    name: String,
    count: usize,
    indicators: String,
}

/// A level, its name, whether it decided, and the answers there are: id, label, whether it holds.
type LevelAnswer = (LevelId, String, bool, Vec<(String, String, bool)>);

/// A question that the sets of some levels ask alike, with the answer of each level.
struct ReadingView {
    id: String,
    asks: String,
    at: String,
    /// How many levels have not decided it.
    open: usize,
    levels: Vec<LevelAnswer>,
}

/// A figure of the round: its id, its label, what was given, and whether it is asked with yes or no.
type Given = (String, String, String, bool);

#[derive(Template)]
#[template(path = "settings.html")]
struct SettingsPage {
    shell: Shell,
    id: RoundId,
    title: String,
    phase: String,
    notice: Option<String>,
    /// What is wrong in a form that was refused: the field, and why.
    errors: Vec<(String, String)>,
    year: i16,
    period: (String, String),
    phases: Vec<(&'static str, String, bool)>,
    days: Vec<(&'static str, String, String, String)>,
    taking_part: usize,
    absent: Vec<(String, String, String)>,
    extensions: Vec<String>,
    exemptions: Vec<(String, String, String, String)>,
    agencies: Vec<AgencyView>,
    pillars: Vec<(String, String)>,
    units: Vec<(String, String)>,
    appraising: Vec<(String, String)>,
    readings: Vec<ReadingView>,
    open_readings: usize,
    /// Of each level: its figures of the round, with what was given.
    figures: Vec<(LevelId, String, Vec<Given>)>,
    grades: Vec<grading::Grades>,
    history: Vec<Change>,
}

/// `GET /rounds/ROUND/settings`
pub async fn page(
    State(app): State<App>,
    person: Person,
    OriginalUri(uri): OriginalUri,
    Path(id): Path<RoundId>,
) -> Result<Response, Failure> {
    draw(&app, &person, id, uri.query() == Some("done"), None).await
}

/// The page; with a form of grades that was refused, and why.
async fn draw(
    app: &App,
    person: &Person,
    id: RoundId,
    done: bool,
    refused: Option<&grading::Refused>,
) -> Result<Response, Failure> {
    let l = person.l();
    let title = l.say("Thiết lập kỳ đánh giá", "Settings of the round");
    let title = match refused {
        Some(_) => format!("{} {title}", l.say("Lỗi:", "Error:")),
        None => title.to_owned(),
    };
    let shell = Shell::new(app, Some(person), l, &format!("/rounds/{id}/settings"), Section::Rounds, title);
    runs(app, person, id)?;
    let events = app.store.round_history(id).await?;
    let state = app.store.state();
    let round = state.rounds.get(&id).ok_or(Failure::NotFound)?;
    let code = |unit| state.tree.get(unit).map(|unit| unit.code.clone()).unwrap_or_default();
    let name = |unit| state.tree.get(unit).map(|unit| unit.name.clone()).unwrap_or_default();
    let mut levels: Vec<_> = state.levels.values().filter(|level| level.facts.round == id).collect();
    levels.sort_by_key(|level| level.facts.id);
    let readings = readings(l, &levels);
    let page = SettingsPage {
        shell,
        id,
        title: round.title.clone(),
        phase: phase_line(l, round),
        notice: done.then(|| l.say("Đã ghi vào nhật ký của kỳ.", "Done, and on the record.").to_owned()),
        errors: refused.map(|refused| refused.errors(l)).unwrap_or_default(),
        year: round.year,
        period: match round.settings.period {
            Some(days) => (l.date(&days.from), l.date(&days.to)),
            None => (String::new(), String::new()),
        },
        phases: Phase::ALL
            .iter()
            .map(|phase| (phase.key(), l.text(&phase.name()).to_owned(), *phase == round.phase))
            .collect(),
        days: Phase::ALL
            .iter()
            .map(|phase| {
                let days = round.days.get(phase);
                let text = |of: fn(&Days) -> Date| days.map(|days| l.date(&of(days))).unwrap_or_default();
                (phase.key(), l.text(&phase.name()).to_owned(), text(|days| days.from), text(|days| days.to))
            })
            .collect(),
        extensions: round
            .settings
            .extensions
            .iter()
            .map(|one| format!("{}: {} {} · {}", name(one.unit), l.say("đến", "until"), l.date(&one.to), one.reason))
            .collect(),
        exemptions: round
            .settings
            .exemptions
            .iter()
            .map(|one| (code(one.unit), name(one.unit), one.indicator.clone(), one.reason.clone()))
            .collect(),
        taking_part: state.assessments.values().filter(|one| one.round == id).count(),
        absent: absent(&state, round),
        agencies: agencies(&state, l, round, &levels),
        pillars: pillars(l, &levels),
        units: proposed(&state, state.assessments.values().filter(|one| one.round == id).map(|one| one.unit)),
        appraising: proposed(
            &state,
            state.positions.values().filter(|one| one.capabilities.contains(&Capability::Appraise)).map(|one| one.unit),
        ),
        figures: levels
            .iter()
            .filter(|level| !level.program.round_slots.is_empty())
            .map(|level| {
                let slots = level.program.round_slots.iter().map(|info| {
                    let given = level.facts.figures.get(&info.figure.id).cloned().unwrap_or_default();
                    let yes_no = info.figure.kind == criteria::model::FigureKind::YesNo;
                    (info.figure.id.clone(), info.figure.label.clone(), given, yes_no)
                });
                (level.facts.id, level_title(l, &level.facts.level), slots.collect())
            })
            .collect(),
        grades: grading::views(l, &levels, refused),
        history: changes(&state, l, round, &levels, &events),
        open_readings: readings.iter().map(|one| one.open).sum(),
        readings,
    };
    drop(state);
    html(&page)
}

/// The readings of all levels, each question once, those that are open first.
fn readings(l: L, levels: &[&Level]) -> Vec<ReadingView> {
    let mut views: Vec<ReadingView> = Vec::new();
    for level in levels {
        for reading in &level.program.set.head.readings {
            let decided = level.facts.picks.contains_key(&reading.id) || reading.status == ReadingStatus::Decided;
            let variants: Vec<_> = reading
                .variants
                .iter()
                .map(|variant| (variant.id.clone(), variant.label.clone(), variant.id == reading.answer))
                .collect();
            let own = (level.facts.id, level_title(l, &level.facts.level), decided, variants);
            let at = reading.at.join(", ");
            match views.iter_mut().find(|view| view.asks == reading.asks && view.id == reading.id) {
                Some(view) => {
                    view.open += usize::from(!decided);
                    if view.at != at {
                        view.at = format!("{}; {at}", view.at);
                    }
                    view.levels.push(own);
                }
                None => views.push(ReadingView {
                    id: reading.id.clone(),
                    asks: reading.asks.clone(),
                    at,
                    open: usize::from(!decided),
                    levels: vec![own],
                }),
            }
        }
    }
    views.sort_by_key(|view| view.open == 0);
    views
}

/// Only the round's owner knows of this page.
fn runs(app: &App, person: &Person, id: RoundId) -> Result<Round, Failure> {
    let state = app.store.state();
    let round = state.rounds.get(&id).ok_or(Failure::NotFound)?;
    if person.may(&state, Capability::RunRound, round.owner) { Ok(round.clone()) } else { Err(Failure::NotFound) }
}

fn absent(state: &store::State, round: &Round) -> Vec<(String, String, String)> {
    let known = round.settings.absent.iter().filter_map(|(unit, reason)| Some((state.tree.get(*unit)?, reason)));
    let mut absent: Vec<_> =
        known.map(|(unit, reason)| (unit.code.clone(), unit.name.clone(), reason.clone())).collect();
    absent.sort_by_cached_key(|one| sort_key(&one.1));
    absent
}

/// Codes and names of units, by name; none where they are too many to propose.
fn proposed(state: &store::State, units: impl Iterator<Item = UnitId>) -> Vec<(String, String)> {
    let units: BTreeSet<UnitId> = units.collect();
    if units.len() > PROPOSED_MAX {
        return Vec::new();
    }
    let known = units.into_iter().filter_map(|unit| state.tree.get(unit));
    let mut named: Vec<_> = known.map(|unit| (unit.code.clone(), unit.name.clone())).collect();
    named.sort_by_cached_key(|one| sort_key(&one.1));
    named
}

/// Who appraises what, by level and unit.
fn agencies(state: &store::State, l: L, round: &Round, levels: &[&Level]) -> Vec<AgencyView> {
    let mut views = Vec::new();
    for level in levels {
        let mut by_unit: BTreeMap<UnitId, Vec<&str>> = BTreeMap::new();
        for indicator in level.program.set.indicators() {
            by_unit.entry(state.agency(round, &indicator.id)).or_default().push(&indicator.id);
        }
        let mut of_level: Vec<AgencyView> = by_unit
            .into_iter()
            .filter_map(|(unit, indicators)| {
                let unit = state.tree.get(unit)?;
                Some(AgencyView {
                    level: level_title(l, &level.facts.level),
                    code: unit.code.clone(),
                    name: unit.name.clone(),
                    count: indicators.len(),
                    indicators: indicators.join(", "),
                })
            })
            .collect();
        of_level.sort_by_cached_key(|one| sort_key(&one.name));
        views.extend(of_level);
    }
    views
}

/// The pillars whose indicators can be given to an agency at once.
fn pillars(l: L, levels: &[&Level]) -> Vec<(String, String)> {
    let of = |level: &&Level| {
        let name = level_title(l, &level.facts.level);
        let id = level.facts.id;
        let pillars = level.program.set.pillars.iter();
        pillars
            .map(move |one| {
                (format!("{id}~{}", one.pillar.no), format!("{name}: {}. {}", one.pillar.no, one.pillar.name))
            })
            .collect::<Vec<_>>()
    };
    levels.iter().flat_map(of).collect()
}

/// The indicators that a form names: all others (`*`), a pillar of a level, or some by their ids.
fn named_indicators(app: &App, round: RoundId, pillar: &str, ids: &str) -> Vec<String> {
    let typed: Vec<String> =
        ids.split([',', ';', ' ', '\n']).map(|id| id.trim().to_owned()).filter(|id| !id.is_empty()).collect();
    if !typed.is_empty() {
        return typed;
    }
    let state = app.store.state();
    let (level, no) = pillar.split_once('~').unwrap_or_default();
    let level = state.levels.values().find(|one| one.facts.round == round && one.facts.id.to_string() == level);
    let pillar = level.and_then(|level| level.program.set.pillars.iter().find(|one| one.pillar.no == no));
    match pillar {
        Some(pillar) => pillar.indicators.iter().map(|indicator| indicator.id.clone()).collect(),
        None => vec!["*".to_owned()],
    }
}

/// A level of the round at hand; those of other rounds have pages of their own.
fn own_level(app: &App, round: RoundId, level: &str) -> Result<LevelId, Failure> {
    let level: LevelId = level.parse().map_err(|_| Failure::NotFound)?;
    let own = app.store.state().levels.get(&level).is_some_and(|level| level.facts.round == round);
    if own { Ok(level) } else { Err(Failure::NotFound) }
}

fn wanted_day(field: &str, typed: &str, year: i16) -> Result<Date, Failure> {
    day(typed, year).ok_or_else(|| Failure::Fields(vec![no_day(field, typed)]))
}

/// The days of the phases, as typed; every one that cannot be read is told.
fn wanted_days(text: &dyn Fn(&str) -> String, year: i16) -> Result<BTreeMap<Phase, Days>, Failure> {
    let (mut days, mut wrong) = (BTreeMap::new(), Vec::new());
    for phase in Phase::ALL {
        let names = [format!("{}-from", phase.key()), format!("{}-to", phase.key())];
        let typed = [text(&names[0]), text(&names[1])];
        if typed.iter().all(String::is_empty) {
            continue;
        }
        let read = [day(&typed[0], year), day(&typed[1], year)];
        let unread = (0..2).filter(|at| read[*at].is_none()).map(|at| no_day(&names[at], &typed[at]));
        wrong.extend(unread);
        if let [Some(from), Some(to)] = read {
            days.insert(phase, Days { from, to });
        }
    }
    if wrong.is_empty() { Ok(days) } else { Err(Failure::Fields(wrong)) }
}

/// `POST /rounds/ROUND/settings`
pub async fn change(
    State(app): State<App>,
    person: Person,
    Path(id): Path<RoundId>,
    Form(form): Form<BTreeMap<String, String>>,
) -> Result<Response, Failure> {
    let text = |name: &str| form.get(name).map(|value| value.trim().to_owned()).unwrap_or_default();
    let year = runs(&app, &person, id)?.year;
    let unit = app.store.state().tree.by_code(&text("unit")).map(|unit| unit.id);
    let unit = || {
        unit.ok_or_else(|| Failure::field("unit", "Không có đơn vị nào mang mã này", "There is no unit with this code"))
    };
    let reason = text("reason");
    let command = match text("do").as_str() {
        "phase" => {
            let phase = Phase::from_key(&text("phase")).ok_or(Failure::NotFound)?;
            Command::SetPhase { round: id, phase, reason }
        }
        "days" => Command::SetDays { round: id, days: wanted_days(&text, year)?, reason },
        "extend" => Command::Extend { round: id, unit: unit()?, to: wanted_day("to", &text("to"), year)?, reason },
        "exempt" => Command::Exempt { round: id, unit: unit()?, indicator: text("indicator"), reason },
        "lift" => Command::LiftExemption { round: id, unit: unit()?, indicator: text("indicator"), reason },
        "leave" => Command::SetParticipation { round: id, unit: unit()?, takes_part: false, reason },
        "join" => Command::SetParticipation { round: id, unit: unit()?, takes_part: true, reason },
        "agency" => {
            // No unit: whoever appraises the rest appraises these again.
            let agency = if text("unit").is_empty() { None } else { Some(unit()?) };
            let indicators = named_indicators(&app, id, &text("pillar"), &text("indicators"));
            let changes = indicators.into_iter().map(|indicator| (indicator, agency)).collect();
            Command::SetAppraisers { round: id, changes, reason }
        }
        "describe" => {
            let (from, to) = (text("from"), text("to"));
            let period = match from.is_empty() && to.is_empty() {
                true => None,
                false => Some(Days { from: wanted_day("from", &from, year)?, to: wanted_day("to", &to, year)? }),
            };
            Command::DescribeRound { round: id, title: text("title"), period, reason }
        }
        "figures" => Command::SetFigures {
            level: own_level(&app, id, &text("level"))?,
            figures: form
                .iter()
                .filter_map(|(name, value)| Some((name.strip_prefix("f-")?.to_owned(), value.clone())))
                .collect(),
            reason,
        },
        "grades" => {
            Command::SetGrades { level: own_level(&app, id, &text("level"))?, grades: grading::declared(&form), reason }
        }
        "pick" => Command::Pick {
            level: own_level(&app, id, &text("level"))?,
            reading: text("reading"),
            variant: text("variant"),
            reason,
        },
        "pick-open" => Command::PickOpen { round: id, reason },
        _ => return Err(Failure::NotFound),
    };
    let graded = match &command {
        Command::SetGrades { level, .. } => Some(*level),
        _ => None,
    };
    match (app.store.change(Actor::Account(person.account), app.now(), command).await, graded) {
        (Ok(_), _) => Ok(Redirect::to(&format!("/rounds/{id}/settings?done")).into_response()),
        (Err(Refusal::Invalid(fields)), Some(level)) => {
            let refused = grading::Refused { level, typed: form, fields };
            let page = draw(&app, &person, id, false, Some(&refused)).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
        (Err(refusal), _) => Err(refusal.into()),
    }
}
