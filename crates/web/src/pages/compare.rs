//! Two to four units side by side: ranks, points, pillars, and the years before, through the lineage of each.

use askama::Template;
use axum::extract::{OriginalUri, Path, Query, State};
use axum::response::Response;
use criteria::Number;
use scoring::notation::fold;
use serde::Deserialize;
use store::publication::{Publication, PublishedLevel, UnitResult};

use super::graded::is_graded;
use super::html;
use super::moves::{Before, Then};
use super::public::{cacheable, decision, find_level};
use crate::app::App;
use crate::failure::Failure;
use crate::filters;
use crate::person::Visitor;
use crate::view::{Section, Shell, level_name, median, percent};

/// Most years that are looked back.
const YEARS_MAX: usize = 5;

struct PillarRow {
    name: String,
    max: String,
    median: String,
    cells: Vec<(String, String, String)>,
}

struct Line {
    class: String,
    name: String,
    path: String,
    marks: String,
}

#[derive(Template)]
#[template(path = "compare.html")]
struct ComparePage {
    shell: Shell,
    base: String,
    lede: String,
    error: Option<String>,
    asked: Vec<(String, String)>,
    units: Vec<(String, String)>,
    facts: Vec<(&'static str, Vec<String>)>,
    pillars: Vec<PillarRow>,
    years: Vec<String>,
    by_year: Vec<(String, Vec<(String, String)>)>,
    lines: Vec<Line>,
    chart: String,
}

#[derive(Default, Deserialize)]
pub struct Units {
    #[serde(default)]
    u1: String,
    #[serde(default)]
    u2: String,
    #[serde(default)]
    u3: String,
    #[serde(default)]
    u4: String,
}

/// The unit that somebody means: by its code, its whole name, or the first name that holds the words, marks aside.
pub(crate) fn meant<'r>(rows: &'r [UnitResult], words: &str) -> Option<&'r UnitResult> {
    let wanted = fold(words.trim());
    rows.iter()
        .find(|row| row.code.eq_ignore_ascii_case(words.trim()))
        .or_else(|| rows.iter().find(|row| fold(&row.name) == wanted))
        .or_else(|| rows.iter().find(|row| fold(&row.name).contains(&wanted)))
}

/// Units through the years, the latest first.
pub(crate) struct Side {
    /// The years.
    pub years: Vec<String>,
    /// The most points of each year.
    pub maxima: Vec<Number>,
    /// For each unit, how it, or the one that it carries on, stood each year.
    pub histories: Vec<Vec<Option<UnitResult>>>,
}

impl Side {
    /// The year at hand alone.
    fn of(one: &Publication, known: &PublishedLevel, units: &[&UnitResult]) -> Self {
        let histories = units.iter().map(|row| vec![Some((*row).clone())]).collect();
        Self { years: vec![one.head.year.to_string()], maxima: vec![known.maximum], histories }
    }
}

/// Follows units back: at each step a unit is followed to the one that it was before.
pub(crate) async fn looked_back(
    app: &App,
    one: &Publication,
    known: &PublishedLevel,
    rows: &[UnitResult],
    units: &[&UnitResult],
) -> Result<Side, Failure> {
    let level = known.level.as_str();
    let Side { mut years, mut maxima, mut histories } = Side::of(one, known, units);
    let (mut at, mut now) = (one.clone(), rows.to_vec());
    while years.len() < YEARS_MAX {
        let Some(before) = Before::of(app, &at, level, &now).await? else { break };
        for history in &mut histories {
            let last = history.last().cloned().flatten();
            let then = last.and_then(|row| match before.then(&row.code) {
                Then::Same(row) => Some(row.clone()),
                Then::Of(_) | Then::New => None,
            });
            history.push(then);
        }
        let (earlier, of_level) = find_level(app, before.id, level).await?;
        years.push(earlier.head.year.to_string());
        maxima.push(of_level.maximum);
        now = app.store.published(before.id, level).await?.to_vec();
        at = earlier;
    }
    Ok(Side { years, maxima, histories })
}

/// `GET /ranking/PUBLICATION/LEVEL/compare?u1=…&u2=…`
pub async fn page(
    State(app): State<App>,
    visitor: Visitor,
    OriginalUri(uri): OriginalUri,
    Path((id, level)): Path<(i64, String)>,
    Query(asked): Query<Units>,
) -> Result<Response, Failure> {
    let l = visitor.l;
    let (one, known) = find_level(&app, id, &level).await?;
    let rows = app.store.published(id, &level).await?;
    let words = [asked.u1, asked.u2, asked.u3, asked.u4];
    let mut units: Vec<&UnitResult> = Vec::new();
    let mut unknown = Vec::new();
    for word in words.iter().filter(|word| !word.trim().is_empty()) {
        match meant(&rows, word) {
            Some(row) if units.iter().any(|known| known.code == row.code) => {}
            Some(row) => units.push(row),
            None => unknown.push(word.as_str()),
        }
    }
    let error = match (unknown.is_empty(), units.len(), l.is_english()) {
        (false, _, true) => Some(format!("No unit here is called {}.", unknown.join(", "))),
        (false, _, false) => Some(format!("Ở đây không có đơn vị nào tên {}.", unknown.join(", "))),
        _ => None,
    };
    // One unit alone has nothing to be compared with; its own page tells its years.
    let side = match units.len() > 1 {
        true => looked_back(&app, &one, &known, &rows, &units).await?,
        false => Side::of(&one, &known, &units),
    };
    let Side { mut years, maxima, histories } = side;
    let rank = |rank: Option<u32>| rank.map_or_else(|| "–".to_owned(), |rank| l.count(rank));
    let points = |points: Option<Number>| points.map_or_else(|| "–".to_owned(), |points| l.points(&points));
    let each = |tell: &dyn Fn(&UnitResult) -> String| units.iter().map(|row| tell(row)).collect::<Vec<_>>();
    let mut facts = vec![
        (
            if l.is_english() { "Rank" } else { "Hạng" },
            each(&|row| format!("{}{}", rank(row.rank), if row.tied { l.say(" (đồng hạng)", " (tied)") } else { "" })),
        ),
        (if l.is_english() { "Comparable points" } else { "Điểm quy đổi" }, each(&|row| points(row.comparable))),
        (if l.is_english() { "Points" } else { "Điểm đạt" }, each(&|row| l.points(&row.points))),
        (if l.is_english() { "Not applicable" } else { "Không áp dụng" }, each(&|row| l.number(&row.excluded))),
    ];
    if is_graded(&known, &rows) {
        let grade = each(&|row| row.grade.clone().unwrap_or_else(|| "–".to_owned()));
        facts.push((if l.is_english() { "Grade" } else { "Xếp loại" }, grade));
    }
    let pillars = known
        .pillars
        .iter()
        .enumerate()
        .map(|(at, (no, name, maximum))| PillarRow {
            name: format!("{no}. {name}"),
            max: l.number(maximum),
            median: l.points(&median(rows.iter().filter_map(|row| row.pillars.get(at)).map(|pillar| pillar.0))),
            cells: units
                .iter()
                .filter_map(|row| row.pillars.get(at))
                .map(|(points, excluded, place)| {
                    let of = Number::from_millionths(maximum.millionths() - excluded.millionths());
                    (l.points(points), percent(*points, of), rank(*place))
                })
                .collect(),
        })
        .collect();
    let by_year = units
        .iter()
        .zip(&histories)
        .map(|(row, history)| {
            let cells = history.iter().map(|then| match then {
                Some(row) => (rank(row.rank), points(row.comparable)),
                None => ("–".to_owned(), "–".to_owned()),
            });
            (row.name.clone(), cells.rev().collect())
        })
        .collect();
    let count = years.len();
    let lines = units
        .iter()
        .zip(&histories)
        .enumerate()
        .filter(|_| count > 1)
        .map(|(number, (row, history))| {
            let mut path = String::new();
            let mut marks = String::new();
            for (step, then) in history.iter().enumerate() {
                let Some(comparable) = then.as_ref().and_then(|row| row.comparable) else { continue };
                // The earliest year on the left; the percent of the full result upward, on a field of 100 by 40.
                let x = (count - 1 - step) * 96 / (count - 1) + 2;
                let share = i128::from(comparable.millionths()) * 4_000 / i128::from(maxima[step].millionths().max(1));
                let y = 4_000 - share.clamp(0, 4_000);
                let y = format!("{}.{:02}", y / 100, y % 100);
                path.push_str(&format!("{}{x} {y}", if path.is_empty() { "M" } else { "L" }));
                // A dot is a line of no length with round ends: it stays round however the field is stretched.
                marks.push_str(&format!("M{x} {y}h0"));
            }
            Line { class: format!("l{}", number + 1), name: row.name.clone(), path, marks }
        })
        .collect();
    years.reverse();
    let names: Vec<&str> = units.iter().map(|row| row.name.as_str()).collect();
    let title = match (names.is_empty(), l.is_english()) {
        (false, _) => names.join(" · "),
        (true, true) => "Compare units".to_owned(),
        (true, false) => "So sánh các đơn vị".to_owned(),
    };
    let page = ComparePage {
        shell: Shell::new(&app, visitor.person.as_ref(), l, uri.path(), Section::Ranking, title),
        base: format!("/ranking/{id}/{level}"),
        lede: format!("{}, {} · {}", level_name(l, &level), one.head.year, decision(l, &one)),
        error,
        asked: words.iter().enumerate().map(|(at, word)| (format!("u{}", at + 1), word.clone())).collect(),
        units: units.iter().map(|row| (row.code.clone(), row.name.clone())).collect(),
        facts,
        pillars,
        chart: match l.is_english() {
            true => format!("Comparable points in percent of the maximum, {}", years.join(", ")),
            false => format!("Điểm quy đổi theo phần trăm tối đa, {}", years.join(", ")),
        },
        years,
        by_year,
        lines,
    };
    Ok(cacheable(html(&page)?, visitor.person.is_some()))
}
