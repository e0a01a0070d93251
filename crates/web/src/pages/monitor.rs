//! The monitor of a round: its phases, and how far each unit is in each pillar; the same as a file.

use askama::Template;
use axum::extract::{OriginalUri, Path, Query, State};
use axum::http::header;
use axum::response::{IntoResponse, Redirect, Response};
use criteria::model::ReadingStatus;
use cycle::action::SheetState;
use cycle::round::Round;
use cycle::sheet::PillarTotals;
use cycle::{AssessmentId, Capability, LevelId, RoundId, time};

use super::html;
use super::rounds::{csv_cell, heat_step};
use crate::app::App;
use crate::decided::Decided;
use crate::failure::Failure;
use crate::paging::{PageLink, Pages};
use crate::person::Person;
use crate::view::{L, Section, Shell, level_title, median, percent};
use crate::watch::{self, Filter, SHOWS, SLOW_PERCENT, SORTS, Watched};

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
    late: usize,
    begun: bool,
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
    can_supply: bool,
    facts: Vec<(&'static str, String, String)>,
    level_id: LevelId,
    filter: Filter,
    /// The filter as an address carries it.
    query: String,
    shows: Vec<(&'static str, &'static str)>,
    sorts: Vec<(&'static str, &'static str)>,
    agencies: Vec<(String, String)>,
    all_pillars: Vec<(String, String)>,
    caption: String,
    pillars: Vec<(String, String)>,
    rows: Vec<Row>,
    pages: Vec<PageLink>,
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

/// Where the round stands, in a sentence.
fn lede(l: L, watched: &Watched<'_>, today: criteria::date::Date) -> String {
    let round = watched.round;
    let left = round.days.get(&round.phase).map(|days| time::days_between(today, days.to));
    let left = left.filter(|left| *left >= 0).map(|left| format!(", {}", l.days_left(left))).unwrap_or_default();
    let count = |of: &dyn Fn(&watch::Line<'_>) -> bool| l.count(watched.all.iter().filter(|line| of(line)).count());
    let all = l.count(watched.all.len());
    let submitted = count(&|line| line.row.state == SheetState::Submitted);
    let slow = count(&|line| line.percent() < SLOW_PERCENT);
    let untouched = count(&|line| !line.has_begun());
    let late = count(&|line| !line.late.is_empty());
    let phase = round.phase.name();
    let phase = l.text(&phase);
    match l.is_english() {
        true => format!(
            "{phase}{left}. {submitted} of {all} units have submitted; {slow} have completed under 40 %; {untouched} have not begun; {late} are late with something."
        ),
        false => format!(
            "{phase}{left}. {submitted} trên {all} đơn vị đã nộp; {slow} đơn vị mới xong dưới 40 %; {untouched} đơn vị chưa bắt đầu; {late} đơn vị có chỉ số trễ hạn."
        ),
    }
}

/// What a reader chooses from, in the language at hand.
pub fn choices(l: L, of: &[(&'static str, &'static str, &'static str)]) -> Vec<(&'static str, &'static str)> {
    of.iter().map(|(key, vi, en)| (*key, if l.is_english() { *en } else { *vi })).collect()
}

/// The level that a filter shows of a round; nothing where one watches none.
fn watched_level(app: &App, person: &Person, id: RoundId, filter: &Filter) -> String {
    let state = app.store.state();
    let level = state.rounds.get(&id).and_then(|round| watch::level_of(&state, person, round, filter));
    level.map(|level| level.facts.level.clone()).unwrap_or_default()
}

/// `GET /rounds/ROUND`
pub async fn page(
    State(app): State<App>,
    person: Person,
    OriginalUri(uri): OriginalUri,
    Path(id): Path<RoundId>,
    Query(filter): Query<Filter>,
) -> Result<Response, Failure> {
    let l = person.l();
    let today = time::day_of(app.now());
    let decided = Decided::of(&app, id, &watched_level(&app, &person, id, &filter)).await?;
    let (title, page) = {
        let state = app.store.state();
        let round = state.rounds.get(&id).ok_or(Failure::NotFound)?;
        let can_run = person.may(&state, Capability::RunRound, round.owner);
        if !state.assessments.values().any(|one| one.round == id && person.may_read(&state, one.unit)) {
            // A round without sheets has nothing to watch, but its owner can still put it right.
            let settings = Redirect::to(&format!("/rounds/{id}/settings")).into_response();
            return if can_run { Ok(settings) } else { Err(Failure::NotFound) };
        }
        let watched = Watched::of(&state, &person, round, &filter, today).ok_or(Failure::NotFound)?;
        let level = watched.level;
        let set = &level.program.set;
        let median = median(watched.all.iter().map(|line| decided.totals(&state, line.row).points));
        let open_readings = set
            .head
            .readings
            .iter()
            .filter(|one| one.status == ReadingStatus::Open && !level.facts.picks.contains_key(&one.id))
            .count();
        let submitted = watched.all.iter().filter(|line| line.row.state == SheetState::Submitted).count();
        let (done, count) =
            watched.all.iter().fold((0, 0), |(done, count), line| (done + line.done, count + line.count));
        let pick = |vi: &'static str, en: &'static str| if l.is_english() { en } else { vi };
        let facts = vec![
            (pick("Đã nộp", "Submitted"), l.count(submitted), format!("/ {}", l.count(watched.all.len()))),
            (pick("Chỉ số đã xong", "Indicators completed"), l.count(done), format!("/ {}", l.count(count))),
            (
                match decided.is_final() {
                    true => pick("Trung vị đã công bố", "Published median"),
                    false => pick("Tự chấm trung vị", "Median self-score"),
                },
                l.points(&median),
                format!("/ {}", l.number(&level.program.maximum())),
            ),
            (pick("Cách hiểu còn mở", "Open readings"), open_readings.to_string(), String::new()),
        ];
        let by_points = filter.of == "points";
        let shown = watched.shown();
        let pages = Pages::of(l, shown.len(), &filter.page, &filter.query(&[]));
        let rows: Vec<Row> = shown[pages.shown.clone()]
            .iter()
            .map(|line| (line, decided.totals(&state, line.row)))
            .map(|(line, totals)| Row {
                sheet: line.row.id,
                name: line.unit.name.clone(),
                cells: watched
                    .pillars
                    .iter()
                    .zip(&line.pillars)
                    .map(|(place, count)| cell(totals.pillars.get(*place), *count, by_points))
                    .collect(),
                whole: line.percent(),
                late: line.late.len(),
                begun: line.has_begun(),
                points: l.points(&totals.points),
                submitted: line.row.state == SheetState::Submitted,
            })
            .collect();
        let order = SORTS.iter().find(|one| one.0 == filter.sort).unwrap_or(&SORTS[0]);
        let caption = match l.is_english() {
            true => format!("{} of {} units, {}.", l.count(shown.len()), l.count(watched.all.len()), order.2),
            false => format!("{} trên {} đơn vị, {}.", l.count(shown.len()), l.count(watched.all.len()), order.1),
        };
        let (phases, mark) = phases(l, round, today);
        let named = |pillar: &criteria::model::PillarFile| (pillar.pillar.no.clone(), pillar.pillar.name.clone());
        let filter = Filter { level: level.facts.id.to_string(), ..filter };
        let page = MonitorPage {
            shell: Shell::new(&app, None, l, uri.path(), Section::Rounds, ""),
            id,
            made_up: round.settings.made_up,
            lede: lede(l, &watched, today),
            phases,
            today: mark,
            levels: watched
                .levels
                .iter()
                .map(|one| (one.facts.id, level_title(l, &one.facts.level), one.facts.id == level.facts.id))
                .collect(),
            can_run,
            can_supply: state.supplies(&person.authority, round, level.facts.id),
            can_decide: person.may(&state, Capability::Decide, round.owner),
            facts,
            level_id: level.facts.id,
            query: filter.query(&[]),
            filter,
            shows: choices(l, &SHOWS),
            sorts: choices(l, &SORTS),
            agencies: watched.agencies(&state).iter().map(|one| (one.code.clone(), one.name.clone())).collect(),
            all_pillars: set.pillars.iter().map(named).collect(),
            caption,
            pillars: watched.pillars.iter().filter_map(|at| set.pillars.get(*at)).map(named).collect(),
            rows,
            pages: pages.links,
        };
        (round.title.clone(), page)
    };
    let shell = Shell::new(&app, Some(&person), l, uri.path(), Section::Rounds, title);
    html(&MonitorPage { shell, ..page })
}

/// A cell of the heatmap: its step and its number, in percent.
fn cell(totals: Option<&PillarTotals>, (done, count): (u32, u32), by_points: bool) -> (&'static str, String) {
    let value = match totals.filter(|_| by_points) {
        Some(pillar) => {
            let of = criteria::Number::from_millionths(pillar.maximum.millionths() - pillar.excluded.millionths());
            percent(pillar.points, of).split('.').next().and_then(|whole| whole.parse().ok()).unwrap_or(0)
        }
        None => done * 100 / count.max(1),
    };
    (heat_step(value), value.to_string())
}

/// `GET /rounds/ROUND/progress.csv`: what the monitor shows, in its order.
pub async fn csv(
    State(app): State<App>,
    person: Person,
    Path(id): Path<RoundId>,
    Query(filter): Query<Filter>,
) -> Result<Response, Failure> {
    let today = time::day_of(app.now());
    let decided = Decided::of(&app, id, &watched_level(&app, &person, id, &filter)).await?;
    let state = app.store.state();
    let round = state.rounds.get(&id).ok_or(Failure::NotFound)?;
    let watched = Watched::of(&state, &person, round, &filter, today).ok_or(Failure::NotFound)?;
    let set = &watched.level.program.set;
    let mut text = String::from("\u{feff}code,unit,submitted,points,maximum,excluded,comparable,begun,done,count,late");
    for pillar in watched.pillars.iter().filter_map(|at| set.pillars.get(*at)) {
        let no = &pillar.pillar.no;
        text.push_str(&format!(",{no}_points,{no}_done,{no}_count"));
    }
    text.push_str("\r\n");
    let yes = |is: bool| if is { "yes" } else { "no" };
    for line in watched.shown() {
        let totals = decided.totals(&state, line.row);
        text.push_str(&format!(
            "{},{},{},{},{},{},{},{},{},{},{}",
            csv_cell(&line.unit.code),
            csv_cell(&line.unit.name),
            yes(line.row.state == SheetState::Submitted),
            totals.points,
            totals.maximum,
            totals.excluded,
            totals.comparable.map(|points| points.to_string()).unwrap_or_default(),
            yes(line.has_begun()),
            line.done,
            line.count,
            line.late.len(),
        ));
        for (place, (done, count)) in watched.pillars.iter().zip(&line.pillars) {
            let points = totals.pillars.get(*place).map(|pillar| pillar.points).unwrap_or_default();
            text.push_str(&format!(",{points},{done},{count}"));
        }
        text.push_str("\r\n");
    }
    Ok(csv_file(&format!("round-{id}-progress.csv"), text))
}

/// Text as a CSV file to keep.
pub fn csv_file(name: &str, text: String) -> Response {
    let name = format!("attachment; filename=\"{name}\"");
    ([(header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()), (header::CONTENT_DISPOSITION, name)], text)
        .into_response()
}
