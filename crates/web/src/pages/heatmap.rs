//! Heatmaps: units by pillars, and the units of one page by the indicators of one pillar. A table first: numbers stand
//! in the cells, colour comes second. For the public of what was published, and inside of what counts by now.

use std::collections::BTreeMap;
use std::sync::Arc;

use askama::Template;
use axum::extract::{OriginalUri, Path, Query, State};
use axum::response::Response;
use criteria::Number;
use criteria::model::PillarFile;
use cycle::entry::ScoreKind;
use cycle::{LevelId, RoundId, Sheet};
use documents::tables::{Cell, Table};
use scoring::notation::fold;
use serde::Deserialize;
use store::grid::Grid;
use store::publication::{PublishedLevel, UnitResult};
use store::state::Assessment;

use super::html;
use super::insights;
use super::moves;
use super::public::{cacheable, find_level};
use super::public_data::{csv_of, file};
use super::rounds::heat_step;
use super::sheet::Pick as _;
use crate::app::App;
use crate::decided::Decided;
use crate::failure::Failure;
use crate::filters;
use crate::paging::{PageLink, Pages};
use crate::person::{Person, Visitor};
use crate::view::{L, Section, Shell, level_name, level_title, median};
use crate::watch::encoded;

/// What stands in a cell, before it is drawn.
#[derive(Clone, Copy)]
pub enum Heat {
    /// The share that was reached, in whole percent.
    Reached(u32),
    /// The indicator does not apply.
    NotApplicable,
    /// A figure is missing: no points, and not for being bad.
    Missing,
}

impl Heat {
    fn of(points: Number, applicable: Number, missing: bool) -> Self {
        if applicable <= Number::ZERO {
            return Self::NotApplicable;
        }
        if missing {
            return Self::Missing;
        }
        let share = i128::from(points.millionths().max(0)) * 100 / i128::from(applicable.millionths());
        Self::Reached(u32::try_from(share.min(100)).unwrap_or(0))
    }

    /// The class, what is printed, what is read out beside it.
    fn view(self, l: L) -> (&'static str, String, &'static str) {
        match self {
            Self::Reached(share) => (heat_step(share), share.to_string(), ""),
            Self::NotApplicable => ("h0", "–".to_owned(), l.0.pick("không áp dụng", "not applicable")),
            Self::Missing => ("h0", "×".to_owned(), l.0.pick("thiếu số liệu", "no figures")),
        }
    }

    /// In a file: the number, or a word.
    fn cell(self) -> Cell {
        match self {
            Self::Reached(share) => Cell::Count(share),
            Self::NotApplicable => Cell::from("not_applicable"),
            Self::Missing => Cell::from("missing"),
        }
    }
}

struct Column {
    no: String,
    name: String,
    maximum: String,
}

struct Row {
    href: String,
    name: String,
    cells: Vec<(&'static str, String, &'static str)>,
    total: String,
}

#[derive(Template)]
#[template(path = "heatmap.html")]
struct HeatmapPage {
    shell: Shell,
    body: &'static str,
    crumb: (String, String),
    lede: String,
    levels: Vec<(String, String, bool)>,
    tabs: Vec<(String, String, String, bool)>,
    caption: String,
    csv: String,
    level: String,
    pillar: String,
    find: String,
    wide: bool,
    columns: Vec<Column>,
    middle: Option<Vec<(&'static str, String, &'static str)>>,
    rows: Vec<Row>,
    pages: Vec<PageLink>,
}

/// What somebody wants to see.
#[derive(Default, Deserialize)]
pub struct Wanted {
    level: Option<LevelId>,
    #[serde(default)]
    pillar: String,
    #[serde(default)]
    find: String,
    #[serde(default)]
    page: String,
}

impl Wanted {
    fn query(&self, level: Option<LevelId>, pillar: &str) -> String {
        let mut parts = Vec::new();
        parts.extend(level.map(|level| format!("level={level}")));
        for (key, value) in [("pillar", pillar), ("find", self.find.as_str())] {
            if !value.is_empty() {
                parts.push(format!("{key}={}", encoded(value)));
            }
        }
        format!("?{}", parts.join("&"))
    }

    fn finds(&self, name: &str, code: &str) -> bool {
        let wanted = fold(self.find.trim());
        wanted.is_empty() || fold(name).contains(&wanted) || code.eq_ignore_ascii_case(self.find.trim())
    }

    fn pages(&self, l: L, count: usize, level: Option<LevelId>) -> Pages {
        Pages::of(l, count, &self.page, self.query(level, &self.pillar).trim_start_matches('?'))
    }
}

/// The middle of a column over all units of a level.
fn middle(column: impl Iterator<Item = Heat>) -> Option<u32> {
    let mut shares: Vec<u32> = column
        .filter_map(|heat| match heat {
            Heat::Reached(share) => Some(share),
            Heat::Missing => Some(0),
            Heat::NotApplicable => None,
        })
        .collect();
    shares.sort_unstable();
    shares.get(shares.len() / 2).copied()
}

fn pillar_heat(row: &UnitResult, known: &PublishedLevel, at: usize) -> Heat {
    let (Some((points, excluded, _)), Some((.., maximum))) = (row.pillars.get(at), known.pillars.get(at)) else {
        return Heat::NotApplicable;
    };
    Heat::of(*points, Number::from_millionths(maximum.millionths() - excluded.millionths()), false)
}

fn cell_heat(grid: &Grid, code: &str, at: usize) -> Heat {
    grid.cell(code, at).map_or(Heat::NotApplicable, |cell| Heat::of(cell.points, cell.applicable, cell.missing))
}

/// The indicators of a pillar, with the place of the first in the set.
fn of_pillar<'p>(pillars: &'p [PillarFile], no: &str) -> Option<(usize, &'p PillarFile)> {
    let mut from = 0;
    for pillar in pillars {
        if pillar.pillar.no == no {
            return Some((from, pillar));
        }
        from += pillar.indicators.len();
    }
    None
}

fn tabs<'p>(
    l: L,
    wanted: &Wanted,
    level: Option<LevelId>,
    pillars: impl Iterator<Item = (&'p str, &'p str)>,
) -> Vec<(String, String, String, bool)> {
    let whole = (
        wanted.query(level, ""),
        l.say("Theo trụ cột", "By pillar").to_owned(),
        String::new(),
        wanted.pillar.is_empty(),
    );
    let single =
        pillars.map(|(no, name)| (wanted.query(level, no), no.to_owned(), name.to_owned(), *no == wanted.pillar));
    std::iter::once(whole).chain(single).collect()
}

fn indicator_columns(l: L, pillar: &PillarFile, from: usize, maximum: impl Fn(usize) -> Number) -> Vec<Column> {
    let columns = pillar.indicators.iter().enumerate().map(|(at, one)| Column {
        no: one.id.clone(),
        name: one.name.clone(),
        maximum: l.number(&maximum(from + at)),
    });
    columns.collect()
}

fn caption(l: L, wanted: &Wanted, pillar: Option<&str>, shown: (usize, usize), all: usize) -> String {
    let what = match (pillar, l.is_english()) {
        (Some(pillar), false) => format!("Phần trăm điểm đạt được của từng chỉ số, trụ cột {pillar}"),
        (Some(pillar), true) => format!("Percent of the points of each indicator, pillar {pillar}"),
        (None, false) => "Phần trăm điểm đạt được theo trụ cột".to_owned(),
        (None, true) => "Percent of the points by pillar".to_owned(),
    };
    let (from, to) = (shown.0 + usize::from(shown.1 > 0), shown.1);
    let found = if wanted.find.trim().is_empty() { "" } else { l.say(" tìm thấy", " found") };
    match l.is_english() {
        true => format!("{what}, best first: {from} to {to} of {all} units{found}."),
        false => format!("{what}, điểm cao ở trên: đơn vị {from} đến {to} trên {all}{found}."),
    }
}

/// `GET /ranking/PUBLICATION/LEVEL/heatmap`
pub async fn published(
    State(app): State<App>,
    visitor: Visitor,
    OriginalUri(uri): OriginalUri,
    Path((id, level)): Path<(i64, String)>,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Failure> {
    let l = visitor.l;
    let (one, known) = find_level(&app, id, &level).await?;
    let all = app.store.published(id, &level).await?;
    let base = format!("/ranking/{id}/{level}");
    let found: Vec<&UnitResult> = all.iter().filter(|row| wanted.finds(&row.name, &row.code)).collect();
    let program = moves::program_of(&app, &known);
    let pillar = program.as_ref().and_then(|program| of_pillar(&program.set.pillars, &wanted.pillar));
    if pillar.is_none() && !wanted.pillar.is_empty() {
        return Err(Failure::NotFound);
    }
    let line = |row: &UnitResult, cells: Vec<Heat>| Row {
        href: format!("{base}/{}", row.code),
        name: row.name.clone(),
        cells: cells.into_iter().map(|heat| heat.view(l)).collect(),
        total: row.comparable.map_or_else(|| "–".to_owned(), |points| l.points(&points)),
    };
    let shares = |middles: Vec<Option<u32>>| {
        middles.into_iter().map(|one| one.map_or(Heat::NotApplicable, Heat::Reached).view(l)).collect::<Vec<_>>()
    };
    let pages = wanted.pages(l, found.len(), None);
    let (from, to) = (pages.shown.start, pages.shown.end);
    let shown = found[from..to].iter();
    let (columns, middle, rows) = match (&program, pillar) {
        (Some(program), Some((first, pillar))) => {
            let grid = app.grid(id, &level).await?;
            let places = first..first + pillar.indicators.len();
            let cells = |row: &UnitResult| places.clone().map(|at| cell_heat(&grid, &row.code, at)).collect();
            let middles = places.clone().map(|at| middle(all.iter().map(|row| cell_heat(&grid, &row.code, at))));
            let columns = indicator_columns(l, pillar, first, |at| program.maximum_of(at));
            (columns, shares(middles.collect()), shown.map(|row| line(row, cells(row))).collect::<Vec<_>>())
        }
        _ => {
            let places = 0..known.pillars.len();
            let columns = known.pillars.iter().map(|(no, name, maximum)| Column {
                no: no.clone(),
                name: name.clone(),
                maximum: l.number(maximum),
            });
            let cells = |row: &UnitResult| places.clone().map(|at| pillar_heat(row, &known, at)).collect();
            let middles = places.clone().map(|at| middle(all.iter().map(|row| pillar_heat(row, &known, at))));
            (columns.collect(), shares(middles.collect()), shown.map(|row| line(row, cells(row))).collect())
        }
    };
    let title = format!("{}, {} {}", l.say("Bản đồ nhiệt", "Heatmap"), level_name(l, &level), one.head.year);
    let own = program.as_ref().map(|program| program.set.pillars.as_slice()).unwrap_or_default();
    let page = HeatmapPage {
        shell: Shell::new(&app, visitor.person.as_ref(), l, uri.path(), Section::Ranking, title),
        body: "public",
        crumb: (base.clone(), l.say("Xếp hạng", "Ranking").to_owned()),
        lede: super::public::decision(l, &one),
        levels: Vec::new(),
        tabs: tabs(l, &wanted, None, own.iter().map(|one| (one.pillar.no.as_str(), one.pillar.name.as_str()))),
        caption: caption(l, &wanted, pillar.map(|(_, one)| one.pillar.no.as_str()), (from, to), found.len()),
        csv: format!("{base}/heatmap.csv{}", wanted.query(None, &wanted.pillar)),
        level: String::new(),
        wide: columns.len() > 12,
        columns,
        middle: (found.len() == all.len()).then_some(middle),
        rows,
        pages: pages.links,
        pillar: wanted.pillar,
        find: wanted.find,
    };
    Ok(cacheable(html(&page)?, visitor.person.is_some()))
}

fn heads<'h>(columns: impl Iterator<Item = &'h str>) -> Vec<String> {
    ["code", "unit"].into_iter().chain(columns).map(str::to_owned).collect()
}

/// `GET /ranking/PUBLICATION/LEVEL/heatmap.csv`: all units, by the indicators of a pillar, or of all.
pub async fn published_csv(
    State(app): State<App>,
    Path((id, level)): Path<(i64, String)>,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Failure> {
    let (_, known) = find_level(&app, id, &level).await?;
    let rows = app.store.published(id, &level).await?;
    let grid = app.grid(id, &level).await?;
    let places: Vec<usize> = match moves::program_of(&app, &known) {
        Some(program) if !wanted.pillar.is_empty() => {
            let (first, pillar) = of_pillar(&program.set.pillars, &wanted.pillar).ok_or(Failure::NotFound)?;
            (first..first + pillar.indicators.len()).collect()
        }
        _ => (0..grid.indicators.len()).collect(),
    };
    let lines = rows.iter().filter(|row| wanted.finds(&row.name, &row.code)).map(|row| {
        let own = [Cell::from(row.code.as_str()), Cell::from(row.name.as_str())];
        own.into_iter().chain(places.iter().map(|at| cell_heat(&grid, &row.code, *at).cell())).collect()
    });
    let heads = heads(places.iter().filter_map(|at| grid.indicators.get(*at)).map(String::as_str));
    let table = Table { name: "heatmap".to_owned(), heads, rows: lines.collect() };
    let name = format!("heatmap-{id}-{level}.csv");
    Ok(cacheable(file(&name, "text/csv; charset=utf-8", csv_of(&table)), false))
}

/// What counts of an entry by now.
fn entry_heat(entry: &cycle::Entry, maximum: Number) -> Heat {
    let Some(score) = entry.counting() else { return Heat::Missing };
    let applicable = match score.kind {
        ScoreKind::NotApplicable => Number::ZERO,
        _ => Number::from_millionths(maximum.millionths() - score.excluded.millionths()),
    };
    Heat::of(score.points, applicable, score.kind == ScoreKind::Missing)
}

/// `GET /rounds/ROUND/heatmap`: what counts by now, for whoever watches the round.
pub async fn running(
    State(app): State<App>,
    person: Person,
    OriginalUri(uri): OriginalUri,
    Path(id): Path<RoundId>,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Failure> {
    let l = person.l();
    let mut own = insights::own_rows(&app, &person, id, wanted.level)?;
    let decided = Decided::of(&app, id, &own.level.facts.level).await?;
    decided.put(&app.store.state(), own.rows.iter_mut());
    let (round, made_up) = {
        let state = app.store.state();
        let round = state.rounds.get(&id).ok_or(Failure::NotFound)?;
        (round.title.clone(), round.settings.made_up)
    };
    let level = own.level.facts.id;
    let program = own.level.program.clone();
    let pillar = of_pillar(&program.set.pillars, &wanted.pillar);
    if pillar.is_none() && !wanted.pillar.is_empty() {
        return Err(Failure::NotFound);
    }
    let (names, levels) = {
        let state = app.store.state();
        let name = |row: &store::state::Assessment| {
            state.tree.get(row.unit).map(|unit| (unit.name.clone(), unit.code.clone())).unwrap_or_default()
        };
        let mut named: Vec<_> = own.rows.iter().map(|row| (name(row), row.clone())).collect();
        named.retain(|((name, code), _)| wanted.finds(name, code));
        named.sort_by(|a, b| b.1.totals.comparable.cmp(&a.1.totals.comparable).then_with(|| a.0.1.cmp(&b.0.1)));
        let levels = own.levels.iter().map(|one| {
            let name = level_title(l, &one.facts.level);
            (Wanted::default().query(Some(one.facts.id), ""), name, one.facts.id == level)
        });
        (named, levels.collect())
    };
    let pages = wanted.pages(l, names.len(), Some(level));
    let (from, to) = (pages.shown.start, pages.shown.end);
    let shown = &names[from..to];
    let whole = |row: &store::state::Assessment| {
        row.totals.comparable.map_or_else(|| "–".to_owned(), |points| l.points(&points))
    };
    let mut rows = Vec::new();
    let columns = match pillar {
        Some((first, pillar)) => {
            let mut cells = BTreeMap::new();
            let eyes = insights::eyes(&app, &person, id)?;
            let each = |some: Vec<(Assessment, Arc<Sheet>)>| {
                for (row, mut sheet) in some {
                    eyes.mask(&mut sheet);
                    let places = first..first + pillar.indicators.len();
                    let own = places.map(|at| entry_heat(&sheet.entries[at], program.maximum_of(at)).view(l));
                    cells.insert(row.id, own.collect());
                }
            };
            app.store.each_score(shown.iter().map(|(_, row)| row.clone()).collect(), each).await?;
            for ((name, _), row) in shown {
                let Some(cells) = cells.remove(&row.id) else { continue };
                rows.push(Row { href: format!("/sheets/{}", row.id), name: name.clone(), cells, total: whole(row) });
            }
            indicator_columns(l, pillar, first, |at| program.maximum_of(at))
        }
        None => {
            for ((name, _), row) in shown {
                let cells = row.totals.pillars.iter().map(|own| {
                    let of = Number::from_millionths(own.maximum.millionths() - own.excluded.millionths());
                    Heat::of(own.points, of, false).view(l)
                });
                let (href, cells) = (format!("/sheets/{}", row.id), cells.collect());
                rows.push(Row { href, name: name.clone(), cells, total: whole(row) });
            }
            let pillars = program.set.pillars.iter().enumerate().map(|(at, one)| Column {
                no: one.pillar.no.clone(),
                name: one.pillar.name.clone(),
                maximum: names
                    .first()
                    .and_then(|(_, row)| row.totals.pillars.get(at))
                    .map_or_else(String::new, |own| l.number(&own.maximum)),
            });
            pillars.collect()
        }
    };
    let title = format!("{}: {round}", l.say("Bản đồ nhiệt", "Heatmap"));
    let points: Vec<Number> = names.iter().filter_map(|(_, row)| row.totals.comparable).collect();
    let demo = if made_up { l.say(" Dữ liệu minh họa.", " Made-up data.") } else { "" };
    let lede = match l.is_english() {
        true if decided.is_final() => {
            format!("What was published. Median of the totals: {}.{demo}", l.points(&median(points)))
        }
        false if decided.is_final() => {
            format!("Điểm đã công bố. Trung vị điểm quy đổi: {}.{demo}", l.points(&median(points)))
        }
        true => format!(
            "What the units claim by now, and inside a pillar what counts of each indicator by now. Median of the totals: {}.{demo}",
            l.points(&median(points))
        ),
        false => format!(
            "Theo trụ cột: điểm đơn vị tự chấm đến lúc này; trong một trụ cột: điểm đang tính của từng chỉ số. Trung vị điểm quy đổi: {}.{demo}",
            l.points(&median(points))
        ),
    };
    let page = HeatmapPage {
        shell: Shell::new(&app, Some(&person), l, uri.path(), Section::Rounds, title),
        body: "",
        crumb: (format!("/rounds/{id}/insights?level={level}"), l.say("Phân tích", "Insights").to_owned()),
        lede,
        levels,
        tabs: tabs(
            l,
            &wanted,
            Some(level),
            program.set.pillars.iter().map(|one| (one.pillar.no.as_str(), one.pillar.name.as_str())),
        ),
        caption: caption(l, &wanted, pillar.map(|(_, one)| one.pillar.no.as_str()), (from, to), names.len()),
        csv: format!("/rounds/{id}/heatmap.csv{}", wanted.query(Some(level), &wanted.pillar)),
        level: level.to_string(),
        wide: columns.len() > 12,
        columns,
        middle: None,
        rows,
        pages: pages.links,
        pillar: wanted.pillar,
        find: wanted.find,
    };
    html(&page)
}

/// `GET /rounds/ROUND/heatmap.csv`: all units that one watches, by the indicators of a pillar, or of all.
pub async fn running_csv(
    State(app): State<App>,
    person: Person,
    Path(id): Path<RoundId>,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Failure> {
    let mut own = insights::own_rows(&app, &person, id, wanted.level)?;
    Decided::of(&app, id, &own.level.facts.level).await?.put(&app.store.state(), own.rows.iter_mut());
    let program = own.level.program.clone();
    let places = match of_pillar(&program.set.pillars, &wanted.pillar) {
        Some((first, pillar)) => first..first + pillar.indicators.len(),
        None if wanted.pillar.is_empty() => 0..program.indicator_count(),
        None => return Err(Failure::NotFound),
    };
    let eyes = insights::eyes(&app, &person, id)?;
    let mut lines: Vec<(Option<Number>, Vec<Cell>)> = Vec::new();
    let each = |some: Vec<(Assessment, Arc<Sheet>)>| {
        let state = app.store.state();
        for (row, mut sheet) in some {
            let unit = state.tree.get(row.unit).filter(|unit| wanted.finds(&unit.name, &unit.code));
            let Some(unit) = unit else { continue };
            eyes.mask(&mut sheet);
            let heat = |at: usize| entry_heat(&sheet.entries[at], program.maximum_of(at)).cell();
            let named = [Cell::from(unit.code.as_str()), Cell::from(unit.name.as_str())];
            lines.push((row.totals.comparable, named.into_iter().chain(places.clone().map(heat)).collect()));
        }
    };
    app.store.each_score(own.rows, each).await?;
    lines.sort_by_key(|(points, _)| std::cmp::Reverse(*points));
    let lines = lines.into_iter().map(|(_, cells)| cells);
    let all: Vec<&str> = program.set.indicators().map(|one| one.id.as_str()).collect();
    let heads = heads(all[places.clone()].iter().copied());
    let table = Table { name: "heatmap".to_owned(), heads, rows: lines.collect() };
    Ok(file(&format!("heatmap-{id}.csv"), "text/csv; charset=utf-8", csv_of(&table)))
}
