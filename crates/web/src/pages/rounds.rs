//! Rounds: the list, the monitor with its heatmap, and the settings.

use std::collections::BTreeMap;

use askama::Template;
use axum::Form;
use axum::extract::{OriginalUri, Path, Query, State};
use axum::http::header;
use axum::response::{IntoResponse, Redirect, Response};
use criteria::Text;
use criteria::model::ReadingStatus;
use cycle::action::SheetState;
use cycle::round::{Days, Round};
use cycle::{AssessmentId, Capability, LevelId, Phase, RoundId, time};
use scoring::notation::fold;
use serde::Deserialize;
use store::state::Assessment;
use store::{Actor, Command};

use super::assign::day;
use super::html;
use crate::app::App;
use crate::failure::Failure;
use crate::person::Person;
use crate::view::{L, Section, Shell, level_name, percent, phase_line};

#[derive(Template)]
#[template(path = "rounds.html")]
struct RoundsPage {
    shell: Shell,
    rows: Vec<(RoundId, String, String, usize, usize)>,
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
    html(&RoundsPage { shell, rows })
}

struct PhaseView {
    class: &'static str,
    name: String,
    when: String,
    at: String,
    span: String,
    gone: String,
}

struct Row {
    sheet: AssessmentId,
    name: String,
    cells: Vec<(&'static str, String)>,
    whole: u32,
    points: String,
    submitted: bool,
}

#[derive(Template)]
#[template(path = "monitor.html")]
struct MonitorPage {
    shell: Shell,
    id: RoundId,
    made_up: bool,
    lede: String,
    phases: Vec<PhaseView>,
    today: Option<(String, String)>,
    levels: Vec<(LevelId, String, bool)>,
    can_run: bool,
    can_decide: bool,
    facts: Vec<(&'static str, String, String)>,
    level_id: LevelId,
    find: String,
    show: String,
    shows: Vec<(&'static str, &'static str)>,
    of: String,
    caption: String,
    pillars: Vec<(String, String)>,
    rows: Vec<Row>,
}

#[derive(Deserialize)]
pub struct Filter {
    level: Option<i64>,
    #[serde(default)]
    find: String,
    #[serde(default)]
    show: String,
    #[serde(default)]
    of: String,
}

fn phases(l: L, round: &Round, today: criteria::date::Date) -> (Vec<PhaseView>, Option<(String, String)>) {
    let first = round.days.values().map(|days| days.from).min();
    let last = round.days.values().map(|days| days.to).max();
    let (Some(first), Some(last)) = (first, last) else { return (Vec::new(), None) };
    let whole = time::days_between(first, last).max(1) + 1;
    let share = |days: i32| format!("{}.{}", days * 100 / whole, (days * 1000 / whole).rem_euclid(10));
    let views = round
        .days
        .iter()
        .map(|(phase, days)| {
            let length = time::days_between(days.from, days.to) + 1;
            let gone = (time::days_between(days.from, today).max(0) * 100 / length.max(1)).min(100);
            PhaseView {
                class: match phase {
                    phase if *phase < round.phase => "past",
                    phase if *phase == round.phase => "now",
                    _ => "",
                },
                name: l.text(&phase.name()).to_owned(),
                when: format!("{} {}", l.say("đến", "until"), l.short(&days.to)),
                at: share(time::days_between(first, days.from)),
                span: share(length),
                gone: gone.to_string(),
            }
        })
        .collect();
    let at = time::days_between(first, today);
    let mark =
        (0..=whole).contains(&at).then(|| (share(at), format!("{} {}", l.say("Hôm nay", "Today"), l.short(&today))));
    (views, mark)
}

/// A level's sheets in one place: what a monitor shows.
struct Overview {
    sheets: usize,
    submitted: usize,
    done: u32,
    count: u32,
    untouched: usize,
}

fn overview(sheets: &[&Assessment]) -> Overview {
    let sum =
        |of: fn(&cycle::sheet::PillarTotals) -> u32| sheets.iter().flat_map(|one| &one.totals.pillars).map(of).sum();
    Overview {
        sheets: sheets.len(),
        submitted: sheets.iter().filter(|one| one.state == SheetState::Submitted).count(),
        done: sum(|pillar| pillar.done),
        count: sum(|pillar| pillar.count),
        untouched: sheets.iter().filter(|one| one.version == 0).count(),
    }
}

fn done_percent(one: &Assessment) -> u32 {
    let (done, count) =
        one.totals.pillars.iter().fold((0, 0), |(done, count), pillar| (done + pillar.done, count + pillar.count));
    done * 100 / count.max(1)
}

/// `GET /rounds/ROUND`
pub async fn monitor(
    State(app): State<App>,
    person: Person,
    OriginalUri(uri): OriginalUri,
    Path(id): Path<RoundId>,
    Query(filter): Query<Filter>,
) -> Result<Response, Failure> {
    let l = person.l();
    let today = time::day_of(app.now());
    let (title, page) = {
        let state = app.store.state();
        let round = state.rounds.get(&id).ok_or(Failure::NotFound)?;
        let all = readable(&state, &person, id);
        let can_run = person.may(&state, Capability::RunRound, round.owner);
        if all.is_empty() && !can_run {
            return Err(Failure::NotFound);
        }
        let mut levels: Vec<_> = state.levels.values().filter(|level| level.facts.round == id).collect();
        levels.sort_by_key(|level| level.facts.id);
        levels.retain(|level| all.iter().any(|one| one.level == level.facts.id));
        let level = levels
            .iter()
            .find(|level| Some(level.facts.id.0) == filter.level)
            .or_else(|| levels.iter().max_by_key(|level| all.iter().filter(|one| one.level == level.facts.id).count()))
            .ok_or(Failure::NotFound)?;
        let sheets: Vec<&Assessment> = all.iter().copied().filter(|one| one.level == level.facts.id).collect();
        let numbers = overview(&sheets);
        let mut points: Vec<_> = sheets.iter().map(|one| one.totals.points).collect();
        points.sort_unstable();
        let median = points.get(points.len() / 2).copied().unwrap_or_default();
        let open_readings = level
            .program
            .set
            .head
            .readings
            .iter()
            .filter(|one| one.status == ReadingStatus::Open && !level.facts.picks.contains_key(&one.id))
            .count();
        let slow = sheets.iter().filter(|one| done_percent(one) < 40).count();
        let left = round.days.get(&round.phase).map(|days| time::days_between(today, days.to));
        let left = left.filter(|left| *left >= 0).map(|left| format!(", {}", l.days_left(left))).unwrap_or_default();
        let lede = match l.is_english() {
            true => format!(
                "{}{left}. {} of {} units have submitted; {slow} have completed under 40 %; {} have not begun.",
                l.text(&round.phase.name()),
                numbers.submitted,
                numbers.sheets,
                numbers.untouched
            ),
            false => format!(
                "{}{left}. {} trên {} đơn vị đã nộp; {slow} đơn vị mới xong dưới 40 %; {} đơn vị chưa bắt đầu.",
                l.text(&round.phase.name()),
                numbers.submitted,
                numbers.sheets,
                numbers.untouched
            ),
        };
        let pick = |vi: &'static str, en: &'static str| if l.is_english() { en } else { vi };
        let facts = vec![
            (pick("Đã nộp", "Submitted"), numbers.submitted.to_string(), format!("/ {}", numbers.sheets)),
            (
                pick("Chỉ số đã xong", "Indicators completed"),
                l.count(numbers.done),
                format!("/ {}", l.count(numbers.count)),
            ),
            (
                pick("Tự chấm trung vị", "Median self-score"),
                l.points(&median),
                format!("/ {}", l.number(&level.program.maximum())),
            ),
            (pick("Cách hiểu còn mở", "Open readings"), open_readings.to_string(), String::new()),
        ];
        let shows = vec![
            ("", pick("tất cả", "all")),
            ("open", pick("chưa nộp", "not submitted")),
            ("slow", pick("xong dưới 40 %", "under 40 %")),
            ("untouched", pick("chưa bắt đầu", "not begun")),
            ("submitted", pick("đã nộp", "submitted")),
        ];
        let wanted = fold(&filter.find);
        let mut shown: Vec<(&Assessment, String)> = sheets
            .iter()
            .filter(|one| match filter.show.as_str() {
                "open" => one.state == SheetState::Open,
                "slow" => done_percent(one) < 40,
                "untouched" => one.version == 0,
                "submitted" => one.state == SheetState::Submitted,
                _ => true,
            })
            .filter_map(|one| Some((*one, state.tree.get(one.unit)?.name.clone())))
            .filter(|(_, name)| wanted.is_empty() || fold(name).contains(&wanted))
            .collect();
        shown.sort_by_key(|(one, name)| (done_percent(one), one.totals.points, fold(name)));
        let by_points = filter.of == "points";
        let rows: Vec<Row> = shown
            .iter()
            .map(|(one, name)| Row {
                sheet: one.id,
                name: name.clone(),
                cells: one.totals.pillars.iter().map(|pillar| cell(pillar, by_points)).collect(),
                whole: done_percent(one),
                points: l.points(&one.totals.points),
                submitted: one.state == SheetState::Submitted,
            })
            .collect();
        let caption = match l.is_english() {
            true => format!("Slowest first; {} of {} units.", rows.len(), sheets.len()),
            false => format!("Chậm nhất ở trên; {} trên {} đơn vị.", rows.len(), sheets.len()),
        };
        let (phases, mark) = phases(l, round, today);
        let page = MonitorPage {
            shell: Shell::new(&app, None, l, uri.path(), Section::Rounds, ""),
            id,
            made_up: round.settings.made_up,
            lede,
            phases,
            today: mark,
            levels: levels
                .iter()
                .map(|one| (one.facts.id, level_name(l, &one.facts.level).to_owned(), one.facts.id == level.facts.id))
                .collect(),
            can_run,
            can_decide: person.may(&state, Capability::Decide, round.owner),
            facts,
            level_id: level.facts.id,
            find: filter.find.clone(),
            show: filter.show.clone(),
            shows,
            of: filter.of.clone(),
            caption,
            pillars: level
                .program
                .set
                .pillars
                .iter()
                .map(|pillar| (pillar.pillar.no.clone(), pillar.pillar.name.clone()))
                .collect(),
            rows,
        };
        (round.title.clone(), page)
    };
    let shell = Shell::new(&app, Some(&person), l, uri.path(), Section::Rounds, title);
    html(&MonitorPage { shell, ..page })
}

/// A cell of the heatmap: its step and its number, in percent.
fn cell(pillar: &cycle::sheet::PillarTotals, by_points: bool) -> (&'static str, String) {
    let value = if by_points {
        let of = criteria::Number::from_millionths(pillar.maximum.millionths() - pillar.excluded.millionths());
        percent(pillar.points, of).split('.').next().and_then(|whole| whole.parse().ok()).unwrap_or(0)
    } else {
        pillar.done * 100 / pillar.count.max(1)
    };
    (heat_step(value), value.to_string())
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

/// `GET /rounds/ROUND/progress.csv`
pub async fn csv(
    State(app): State<App>,
    person: Person,
    Path(id): Path<RoundId>,
    Query(filter): Query<Filter>,
) -> Result<Response, Failure> {
    let state = app.store.state();
    let mut sheets = readable(&state, &person, id);
    sheets.retain(|one| filter.level.is_none_or(|level| one.level.0 == level));
    let first: &Assessment = sheets.first().copied().ok_or(Failure::NotFound)?;
    let level = state.level_of(first)?;
    let mut text = String::from("\u{feff}code,unit,submitted,points,maximum,excluded,comparable");
    for pillar in &level.program.set.pillars {
        let no = &pillar.pillar.no;
        text.push_str(&format!(",{no}_points,{no}_done,{no}_count"));
    }
    text.push_str("\r\n");
    sheets.sort_by_cached_key(|one| state.tree.get(one.unit).map(|unit| unit.code.clone()));
    for one in sheets.iter().filter(|one| one.level == first.level) {
        let Some(unit) = state.tree.get(one.unit) else { continue };
        let totals = &one.totals;
        text.push_str(&format!(
            "{},{},{},{},{},{},{}",
            csv_cell(&unit.code),
            csv_cell(&unit.name),
            if one.state == SheetState::Submitted { "yes" } else { "no" },
            totals.points,
            totals.maximum,
            totals.excluded,
            totals.comparable.map(|points| points.to_string()).unwrap_or_default()
        ));
        for pillar in &totals.pillars {
            text.push_str(&format!(",{},{},{}", pillar.points, pillar.done, pillar.count));
        }
        text.push_str("\r\n");
    }
    let name = format!("attachment; filename=\"round-{id}-progress.csv\"");
    Ok(([(header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()), (header::CONTENT_DISPOSITION, name)], text)
        .into_response())
}

/// A cell of a CSV file, quoted where needed, and never one that a spreadsheet would run as a formula.
pub fn csv_cell(text: &str) -> String {
    let defused = if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text.to_owned() };
    if defused.contains([',', '"', '\n', '\r']) { format!("\"{}\"", defused.replace('"', "\"\"")) } else { defused }
}

struct ReadingView {
    level: LevelId,
    level_name: String,
    id: String,
    asks: String,
    at: String,
    status: &'static str,
    variants: Vec<(String, String, bool)>,
}

#[derive(Template)]
#[template(path = "settings.html")]
struct SettingsPage {
    shell: Shell,
    id: RoundId,
    title: String,
    phase: String,
    notice: Option<String>,
    year: i16,
    phases: Vec<(&'static str, String, bool)>,
    days: Vec<(&'static str, String, String, String)>,
    extensions: Vec<String>,
    exemptions: Vec<String>,
    readings: Vec<ReadingView>,
}

/// `GET /rounds/ROUND/settings`
pub async fn settings(
    State(app): State<App>,
    person: Person,
    OriginalUri(uri): OriginalUri,
    Path(id): Path<RoundId>,
) -> Result<Response, Failure> {
    let l = person.l();
    let shell = Shell::new(
        &app,
        Some(&person),
        l,
        uri.path(),
        Section::Rounds,
        l.say("Thiết lập kỳ đánh giá", "Settings of the round"),
    );
    let state = app.store.state();
    let round = state.rounds.get(&id).ok_or(Failure::NotFound)?;
    if !person.may(&state, Capability::RunRound, round.owner) {
        return Err(Failure::NotFound);
    }
    let name = |unit| state.tree.get(unit).map(|unit| unit.name.clone()).unwrap_or_default();
    let mut levels: Vec<_> = state.levels.values().filter(|level| level.facts.round == id).collect();
    levels.sort_by_key(|level| level.facts.id);
    let pick = |vi: &'static str, en: &'static str| if l.is_english() { en } else { vi };
    let readings = levels
        .iter()
        .flat_map(|level| {
            level.program.set.head.readings.iter().map(|reading| ReadingView {
                level: level.facts.id,
                level_name: level_name(l, &level.facts.level).to_owned(),
                id: reading.id.clone(),
                asks: reading.asks.clone(),
                at: reading.at.join(", "),
                status: match level.facts.picks.contains_key(&reading.id) || reading.status == ReadingStatus::Decided {
                    true => pick("đã chốt", "decided"),
                    false => pick("còn mở", "open"),
                },
                variants: reading
                    .variants
                    .iter()
                    .map(|variant| (variant.id.clone(), variant.label.clone(), variant.id == reading.answer))
                    .collect(),
            })
        })
        .collect();
    let page = SettingsPage {
        shell,
        id,
        title: round.title.clone(),
        phase: phase_line(l, round),
        notice: uri
            .query()
            .filter(|query| *query == "done")
            .map(|_| l.say("Đã ghi vào nhật ký của kỳ.", "Done, and on the record.").to_owned()),
        year: round.year,
        phases: Phase::ALL
            .iter()
            .map(|phase| (phase.key(), l.text(&phase.name()).to_owned(), *phase == round.phase))
            .collect(),
        days: Phase::ALL
            .iter()
            .map(|phase| {
                let days = round.days.get(phase);
                let text =
                    |of: fn(&Days) -> criteria::date::Date| days.map(|days| l.date(&of(days))).unwrap_or_default();
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
            .map(|one| format!("{}, {}: {}", name(one.unit), one.indicator, one.reason))
            .collect(),
        readings,
    };
    drop(state);
    html(&page)
}

fn wanted_day(field: &str, typed: &str, year: i16) -> Result<criteria::date::Date, Failure> {
    day(typed, year).ok_or_else(|| {
        Failure::Invalid(Text::new(
            format!("{field}: “{typed}” không phải là một ngày (ví dụ 20/10/2023)"),
            format!("{field}: \"{typed}\" is no day (such as 20/10/2023)"),
        ))
    })
}

/// `POST /rounds/ROUND/settings`
pub async fn change(
    State(app): State<App>,
    person: Person,
    Path(id): Path<RoundId>,
    Form(form): Form<BTreeMap<String, String>>,
) -> Result<Response, Failure> {
    let text = |name: &str| form.get(name).map(|value| value.trim().to_owned()).unwrap_or_default();
    let (year, unit) = {
        let state = app.store.state();
        let round = state.rounds.get(&id).ok_or(Failure::NotFound)?;
        if !person.may(&state, Capability::RunRound, round.owner) {
            return Err(Failure::NotFound);
        }
        let unit = state.tree.by_code(&text("unit")).map(|unit| unit.id);
        (round.year, unit)
    };
    let unit = || {
        unit.ok_or_else(|| {
            Failure::Invalid(Text::new("Không có đơn vị nào mang mã này", "There is no unit with this code"))
        })
    };
    let reason = text("reason");
    let command = match text("do").as_str() {
        "phase" => {
            let phase = Phase::from_key(&text("phase")).ok_or(Failure::NotFound)?;
            Command::SetPhase { round: id, phase, reason }
        }
        "days" => {
            let mut days = BTreeMap::new();
            for phase in Phase::ALL {
                let (from, to) = (text(&format!("{}-from", phase.key())), text(&format!("{}-to", phase.key())));
                if from.is_empty() && to.is_empty() {
                    continue;
                }
                let name = phase.name().vi;
                days.insert(phase, Days { from: wanted_day(&name, &from, year)?, to: wanted_day(&name, &to, year)? });
            }
            Command::SetDays { round: id, days, reason }
        }
        "extend" => Command::Extend { round: id, unit: unit()?, to: wanted_day("to", &text("to"), year)?, reason },
        "exempt" => Command::Exempt { round: id, unit: unit()?, indicator: text("indicator"), reason },
        "pick" => Command::Pick {
            level: text("level").parse().map_err(|_| Failure::NotFound)?,
            reading: text("reading"),
            variant: text("variant"),
            reason,
        },
        _ => return Err(Failure::NotFound),
    };
    app.store.change(Actor::Account(person.account), app.now(), command).await?;
    Ok(Redirect::to(&format!("/rounds/{id}/settings?done")).into_response())
}
