//! A unit's own picture: its pillars against the level, what it loses and why, what each open deadline is still worth.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::{OriginalUri, Path, State};
use axum::response::Response;
use criteria::Number;
use criteria::date::Date;
use cycle::AssessmentId;
use cycle::time::{self, Standing};
use documents::tables::{Cell, Table};

use super::html;
use super::public_data::{csv_of, file};
use super::sheet::Pick as _;
use crate::app::App;
use crate::decided::Decided;
use crate::failure::Failure;
use crate::opened::{Opened, because};
use crate::person::Person;
use crate::view::{L, Section, Shell, level_name, median, percent};

/// Most criteria in a list of the strongest, the weakest, or the lost points.
const LIST_MAX: usize = 12;

struct PillarView {
    name: String,
    label: String,
    own_at: String,
    median_at: String,
    best_at: String,
    own: String,
    max: String,
    median: String,
    best: String,
}

struct Worth {
    day: String,
    left: String,
    count: usize,
    points: String,
    share: String,
}

/// One criterion: what counts by now, what is lost.
struct Row {
    indicator: String,
    name: String,
    points: Number,
    applicable: Number,
    lost: Number,
    why: String,
}

#[derive(Template)]
#[template(path = "unit_insights.html")]
struct UnitPage {
    shell: Shell,
    id: AssessmentId,
    unit: String,
    lede: String,
    /// Which points the pillars are drawn from.
    column: &'static str,
    pillars: Vec<PillarView>,
    worth: Vec<Worth>,
    lost_title: String,
    lost: Vec<(String, String, String, String)>,
    best: Vec<(String, String, String)>,
    worst: Vec<(String, String, String)>,
}

fn rows(app: &App, l: L, opened: &Opened) -> Vec<Row> {
    let program = opened.program();
    let state = app.store.state();
    opened
        .rows()
        .enumerate()
        .filter(|(place, _)| program.counts(*place))
        .filter_map(|(place, (indicator, entry, _))| {
            let score = entry.counting()?;
            let maximum = program.maximum_of(place);
            let applicable = Number::from_millionths(maximum.millionths() - score.excluded.millionths());
            let lost = Number::from_millionths((applicable.millionths() - score.points.millionths()).max(0));
            let why = match entry.verdict().filter(|verdict| !verdict.reason.is_empty()) {
                Some(verdict) => verdict.reason.clone(),
                None => because(&state, l, opened, &opened.sheet, &opened.read, place),
            };
            let (indicator, name) = (indicator.id.clone(), indicator.name.clone());
            (applicable > Number::ZERO).then_some(Row { indicator, name, points: score.points, applicable, lost, why })
        })
        .collect()
}

/// What the entries that are not done can still gain, by deadline.
fn worth(opened: &Opened) -> BTreeMap<Option<Date>, (usize, Number)> {
    let mut by_day: BTreeMap<Option<Date>, (usize, Number)> = BTreeMap::new();
    for (_, entry, progress) in opened.rows() {
        if entry.state.is_done() || progress.to_gain <= Number::ZERO {
            continue;
        }
        let (count, points) = by_day.entry(progress.due).or_default();
        *count += 1;
        *points = Number::saturating_sum([*points, progress.to_gain]);
    }
    by_day
}

/// `GET /sheets/SHEET/insights`
pub async fn page(
    State(app): State<App>,
    person: Person,
    OriginalUri(uri): OriginalUri,
    Path(id): Path<AssessmentId>,
) -> Result<Response, Failure> {
    let l = person.l();
    let mut opened = Opened::get(&app, &person, id).await?;
    let decided = Decided::of(&app, opened.round.id, &opened.level.facts.level).await?;
    opened.row.totals = decided.totals(&app.store.state(), &opened.row);
    let mut all = rows(&app, l, &opened);
    let peers: Vec<_> = {
        let state = app.store.state();
        let same = |one: &&store::state::Assessment| one.level == opened.row.level && one.block == opened.row.block;
        state.assessments.values().filter(same).map(|one| decided.totals(&state, one)).collect()
    };
    let program = opened.program();
    let pillars = program
        .set
        .pillars
        .iter()
        .enumerate()
        .filter_map(|(at, pillar)| {
            let own = opened.row.totals.pillars.get(at)?;
            let others = || peers.iter().filter_map(|one| one.pillars.get(at)).map(|one| one.points);
            let (middle, best) = (median(others()), others().max().unwrap_or_default());
            let of = Number::from_millionths(own.maximum.millionths() - own.excluded.millionths());
            let (points, max) = (l.points(&own.points), l.number(&of));
            let (middle_text, best_text) = (l.points(&middle), l.points(&best));
            Some(PillarView {
                name: format!("{}. {}", pillar.pillar.no, pillar.pillar.name),
                label: match l.is_english() {
                    true => format!("{points} of {max} points; median {middle_text}, best {best_text}"),
                    false => format!("{points} trên {max} điểm; trung vị {middle_text}, cao nhất {best_text}"),
                },
                own_at: percent(own.points, of),
                median_at: percent(middle, own.maximum),
                best_at: percent(best, own.maximum),
                own: points,
                max,
                median: middle_text,
                best: best_text,
            })
        })
        .collect();
    let by_day = worth(&opened);
    let most = by_day.values().map(|(_, points)| *points).max().unwrap_or_default();
    let worth = by_day
        .iter()
        .map(|(due, (count, points))| Worth {
            day: due.map_or_else(|| l.say("không có hạn", "no deadline").to_owned(), |due| l.date(&due)),
            left: match due.map(|due| time::standing(due, None, opened.today)) {
                Some(Standing::Left(days)) => l.days_left(days),
                Some(Standing::Overdue(days)) if l.is_english() => format!("{days} days late"),
                Some(Standing::Overdue(days)) => format!("trễ {days} ngày"),
                _ => String::new(),
            },
            count: *count,
            points: l.points(points),
            share: percent(*points, most),
        })
        .collect();
    let lost = Number::saturating_sum(all.iter().map(|row| row.lost));
    let share =
        |row: &Row| i128::from(row.points.millionths()) * 1_000_000 / i128::from(row.applicable.millionths().max(1));
    let tell = |row: &Row| {
        (row.indicator.clone(), row.name.clone(), format!("{} / {}", l.points(&row.points), l.number(&row.applicable)))
    };
    // The strongest by share, and among equals by weight; the weakest the other way round.
    all.sort_by_key(|row| (std::cmp::Reverse(share(row)), std::cmp::Reverse(row.applicable)));
    let best = all.iter().take(LIST_MAX / 2).map(tell).collect();
    all.sort_by_key(|row| (share(row), std::cmp::Reverse(row.applicable)));
    let worst = all.iter().take(LIST_MAX / 2).map(tell).collect();
    all.sort_by_key(|row| std::cmp::Reverse(row.lost));
    let losses = all.iter().filter(|row| row.lost > Number::ZERO).take(LIST_MAX);
    let losses = losses.map(|row| (l.points(&row.lost), row.indicator.clone(), row.name.clone(), row.why.clone()));
    let totals = &opened.row.totals;
    let column = match decided.is_final() {
        true => l.0.pick("đã công bố", "published points"),
        false => l.0.pick("tự chấm", "self-score"),
    };
    let lede = match l.is_english() {
        true => format!(
            "{}: {column} {} of {}. {} points are lost so far.",
            level_name(l, &opened.level.facts.level),
            l.points(&totals.points),
            l.number(&totals.maximum),
            l.points(&lost)
        ),
        false => format!(
            "Cấp {}: {column} {} trên {}. Đến nay mất {} điểm.",
            level_name(l, &opened.level.facts.level),
            l.points(&totals.points),
            l.number(&totals.maximum),
            l.points(&lost)
        ),
    };
    let title = format!("{}: {}", l.say("Phân tích", "Insights"), opened.unit.name);
    html(&UnitPage {
        shell: Shell::new(&app, Some(&person), l, uri.path(), Section::Sheet, title),
        id,
        unit: opened.unit.name.clone(),
        lede,
        column,
        pillars,
        worth,
        lost_title: match l.is_english() {
            true => format!("{} points lost, and why", l.points(&lost)),
            false => format!("Mất {} điểm, và vì sao", l.points(&lost)),
        },
        lost: losses.collect(),
        best,
        worst,
    })
}

/// The numbers behind a unit's picture.
pub(crate) fn table(app: &App, l: L, opened: &Opened) -> Table {
    let heads = ["indicator", "name", "points", "applicable", "lost", "due", "to_gain", "why"];
    let due: BTreeMap<&str, (Option<Date>, Number)> = opened
        .rows()
        .map(|(indicator, entry, progress)| {
            let gain = if entry.state.is_done() { Number::ZERO } else { progress.to_gain };
            (indicator.id.as_str(), (progress.due, gain))
        })
        .collect();
    let rows = rows(app, l, opened).into_iter().map(|row| {
        let (day, gain) = due.get(row.indicator.as_str()).copied().unwrap_or_default();
        vec![
            Cell::from(row.indicator.as_str()),
            Cell::from(row.name.as_str()),
            Cell::Number(row.points),
            Cell::Number(row.applicable),
            Cell::Number(row.lost),
            Cell::from(day.map(|day| day.to_string()).unwrap_or_default().as_str()),
            Cell::Number(gain),
            Cell::from(row.why.as_str()),
        ]
    });
    let heads = heads.iter().map(|head| (*head).to_owned()).collect();
    Table { name: "insights".to_owned(), heads, rows: rows.collect() }
}

/// `GET /sheets/SHEET/insights.csv`
pub async fn csv(State(app): State<App>, person: Person, Path(id): Path<AssessmentId>) -> Result<Response, Failure> {
    let opened = Opened::get(&app, &person, id).await?;
    let table = table(&app, person.l(), &opened);
    Ok(file(&format!("insights-{id}.csv"), "text/csv; charset=utf-8", csv_of(&table)))
}
