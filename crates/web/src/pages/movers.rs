//! Who rose and who fell most since the year before: in rank, in comparable points, and in the criteria that both years
//! have; through the mapping of the sets and the lineage of the units.

use askama::Template;
use axum::extract::{OriginalUri, Path, Query, State};
use axum::response::Response;
use criteria::Number;
use documents::tables::{Cell, Table};
use scoring::change;
use serde::Deserialize;
use store::grid::Grid;
use store::publication::{Publication, PublishedLevel, UnitResult};

use super::html;
use super::moves::{self, Before, Then};
use super::public::{cacheable, decision, find_level};
use super::public_data::{csv_of, file};
use super::sheet::Pick as _;
use crate::app::App;
use crate::failure::Failure;
use crate::filters;
use crate::person::Visitor;
use crate::view::{L, Section, Shell, level_name};

/// How many units each list names.
const MOVERS_MAX: usize = 15;

/// What a change is measured by: key, in Vietnamese, in English.
const MEASURES: [(&str, &str, &str); 3] = [
    ("", "Theo hạng", "By rank"),
    ("points", "Theo điểm quy đổi", "By comparable points"),
    ("common", "Theo các chỉ số chung hai năm", "By the criteria of both years"),
];

/// A unit that was there the year before, as itself or in those that it was made of.
struct Mover<'r> {
    row: &'r UnitResult,
    before: Vec<&'r UnitResult>,
    ranks_up: Option<i64>,
    /// The comparable result then and now, in percent of the set's maximum.
    points: Option<(Number, Number)>,
    /// What was reached then and now of the criteria that both years have, in percent.
    common: Option<(Number, Number)>,
}

fn minus(now: Number, then: Number) -> Number {
    Number::from_millionths(now.millionths().saturating_sub(then.millionths()))
}

impl Mover<'_> {
    /// The change by a measure, larger for who rose more.
    fn change(&self, by: &str) -> Option<Number> {
        match by {
            "points" => self.points.map(|(then, now)| minus(now, then)),
            "common" => self.common.map(|(then, now)| minus(now, then)),
            _ => self.ranks_up.map(|up| Number::from_millionths(up.saturating_mul(1_000_000))),
        }
    }
}

/// Everything that both years say.
struct Moved {
    one: Publication,
    known: PublishedLevel,
    before_year: i16,
    before_decision: Publication,
    rows: std::sync::Arc<Vec<UnitResult>>,
    before: Before,
    grids: Option<Grids>,
}

/// Points by indicator of both years, and which belong together: places before and now.
struct Grids {
    then: std::sync::Arc<Grid>,
    now: std::sync::Arc<Grid>,
    pairs: Vec<(usize, usize)>,
    maximum_then: Number,
}

async fn moved(app: &App, id: i64, level: &str) -> Result<Option<Moved>, Failure> {
    let (one, known) = find_level(app, id, level).await?;
    let rows = app.store.published(id, level).await?;
    let Some(before) = Before::of(app, &one, level, &rows).await? else { return Ok(None) };
    let (before_decision, earlier) = find_level(app, before.id, level).await?;
    let grids = match (moves::program_of(app, &earlier), moves::program_of(app, &known)) {
        (Some(then), Some(now)) => Some(Grids {
            then: app.grid(before.id, level).await?,
            now: app.grid(id, level).await?,
            pairs: moves::pairs(app, &then, &now),
            maximum_then: earlier.maximum,
        }),
        _ => None,
    };
    Ok(Some(Moved { one, known, before_year: before.year, before_decision, rows, before, grids }))
}

/// The mean of some shares, held to two decimals as a share is.
fn mean(shares: impl Iterator<Item = Number>) -> Option<Number> {
    let hundred = Number::from_millionths(100_000_000);
    change::share(shares.map(|share| (share, hundred)))
}

impl Moved {
    fn movers(&self) -> Vec<Mover<'_>> {
        self.rows.iter().filter_map(|row| self.mover(row)).collect()
    }

    fn mover<'r>(&'r self, row: &'r UnitResult) -> Option<Mover<'r>> {
        let before = match self.before.then(&row.code) {
            Then::Same(one) => vec![one],
            Then::Of(several) => several,
            Then::New => return None,
        };
        let ranks_up = match before[..] {
            [one] => one.rank.zip(row.rank).map(|(then, now)| i64::from(then) - i64::from(now)),
            _ => None,
        };
        let of = |points: Option<Number>, maximum: Number| points.and_then(|own| change::share([(own, maximum)]));
        let shares = |grids: &Grids| {
            let then: Option<Vec<Number>> = before.iter().map(|one| of(one.comparable, grids.maximum_then)).collect();
            Some((mean(then?.into_iter())?, of(row.comparable, self.known.maximum)?))
        };
        let common = |grids: &Grids| {
            let cells =
                |grid: &Grid, code: &str, at: usize| grid.cell(code, at).map(|cell| (cell.points, cell.applicable));
            let then = before
                .iter()
                .flat_map(|one| grids.pairs.iter().filter_map(move |(then, _)| cells(&grids.then, &one.code, *then)));
            let now = grids.pairs.iter().filter_map(|(_, now)| cells(&grids.now, &row.code, *now));
            Some((change::share(then)?, change::share(now)?))
        };
        let points = self.grids.as_ref().and_then(shares);
        let common = self.grids.as_ref().and_then(common);
        Some(Mover { row, before, ranks_up, points, common })
    }
}

struct Line {
    href: String,
    name: String,
    from: String,
    up: bool,
    change: String,
    then: String,
    now: String,
    /// Where both years stand on a field of 100.
    then_at: String,
    now_at: String,
    least_at: String,
    span: String,
    other: String,
}

/// Who rose or who fell most.
struct List {
    key: &'static str,
    title: &'static str,
    none: &'static str,
    lines: Vec<Line>,
}

struct Merged {
    href: String,
    name: String,
    rank: String,
    points: String,
    common: String,
    before: Vec<(String, String, String, String)>,
}

#[derive(Template)]
#[template(path = "movers.html")]
struct MoversPage {
    shell: Shell,
    base: String,
    lede: String,
    years: (i16, i16),
    tabs: Vec<(String, &'static str, bool)>,
    note: String,
    lists: [List; 2],
    other_name: &'static str,
    merged: Vec<Merged>,
    fresh: Vec<(String, String)>,
}

#[derive(Default, Deserialize)]
pub struct Wanted {
    #[serde(default)]
    by: String,
}

/// A share on a field of 100, with one decimal.
fn at(share: Number) -> String {
    let tenths = (share.millionths() / 100_000).clamp(0, 1_000);
    format!("{}.{}", tenths / 10, tenths % 10)
}

/// A change in points of a hundred.
fn points_of_hundred(l: L, change: Number) -> String {
    let size = l.points(&Number::from_millionths(change.millionths().saturating_abs()));
    format!("{}{size} {}", sign(change), l.say("điểm phần trăm", "pp"))
}

const fn sign(change: Number) -> &'static str {
    match change.millionths() {
        0 => "",
        1.. => "+",
        _ => "−",
    }
}

fn ranks(l: L, up: i64) -> String {
    let change = Number::from_millionths(up.saturating_mul(1_000_000));
    format!("{}{}", sign(change), l.number(&Number::from_millionths(change.millionths().saturating_abs())))
}

fn line(l: L, base: &str, one: &Mover<'_>, by: &str, count: usize) -> Option<Line> {
    let change = one.change(by)?;
    let percent = |share: Number| format!("{} %", l.points(&share));
    let rank = |rank: Option<u32>| rank.map_or_else(|| "–".to_owned(), |rank| rank.to_string());
    // The best rank stands on the right, where the most points stand.
    let place = |rank: Option<u32>| {
        let below = i64::try_from(count).unwrap_or(i64::MAX) - i64::from(rank.unwrap_or_default());
        Number::from_millionths(below.saturating_mul(100_000_000) / i64::try_from(count.max(2) - 1).unwrap_or(1))
    };
    let placed = || (one.before.first().and_then(|before| before.rank), one.row.rank);
    let (then, now, then_at, now_at) = match by {
        "points" | "common" => {
            let (then, now) = if by == "points" { one.points? } else { one.common? };
            (percent(then), percent(now), then, now)
        }
        _ => {
            let (then, now) = placed();
            (rank(then), rank(now), place(then), place(now))
        }
    };
    let other = match by {
        "" => one.points.map(|(then, now)| points_of_hundred(l, minus(now, then))),
        _ => one.ranks_up.map(|up| ranks(l, up)),
    };
    let from = one.before.iter().filter(|before| before.code != one.row.code).map(|before| before.name.as_str());
    let up = change > Number::ZERO;
    Some(Line {
        href: format!("{base}/{}", one.row.code),
        name: one.row.name.clone(),
        from: from.collect::<Vec<_>>().join(", "),
        up,
        change: match by {
            "" => format!(
                "{} {}",
                if up { "▲" } else { "▼" },
                l.number(&Number::from_millionths(change.millionths().saturating_abs()))
            ),
            _ => points_of_hundred(l, change),
        },
        then,
        now,
        then_at: at(then_at),
        now_at: at(now_at),
        least_at: at(then_at.min(now_at)),
        span: at(minus(then_at.max(now_at), then_at.min(now_at))),
        other: other.unwrap_or_else(|| "–".to_owned()),
    })
}

fn merged(l: L, base: &str, one: &Mover<'_>, then_maximum: Option<Number>) -> Merged {
    let rank = |rank: Option<u32>| rank.map_or_else(|| "–".to_owned(), |rank| rank.to_string());
    let both = |pair: Option<(Number, Number)>| match pair {
        Some((then, now)) => {
            format!("{} → {} % ({})", l.points(&then), l.points(&now), points_of_hundred(l, minus(now, then)))
        }
        None => "–".to_owned(),
    };
    let before = one.before.iter().map(|before| {
        let share = then_maximum.zip(before.comparable).and_then(|(of, own)| change::share([(own, of)]));
        let points = before.comparable.map_or_else(|| "–".to_owned(), |points| l.points(&points));
        (
            before.name.clone(),
            rank(before.rank),
            points,
            share.map_or_else(|| "–".to_owned(), |share| format!("{} %", l.points(&share))),
        )
    });
    Merged {
        href: format!("{base}/{}", one.row.code),
        name: one.row.name.clone(),
        rank: rank(one.row.rank),
        points: both(one.points),
        common: both(one.common),
        before: before.collect(),
    }
}

/// `GET /ranking/PUBLICATION/LEVEL/movers?by=…`
pub async fn page(
    State(app): State<App>,
    visitor: Visitor,
    OriginalUri(uri): OriginalUri,
    Path((id, level)): Path<(i64, String)>,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Failure> {
    let l = visitor.l;
    let moved = moved(&app, id, &level).await?.ok_or(Failure::NotFound)?;
    let by = MEASURES.iter().find(|(key, ..)| *key == wanted.by).map_or("", |(key, ..)| *key);
    let base = format!("/ranking/{id}/{level}");
    let all = moved.movers();
    let (alone, together): (Vec<&Mover<'_>>, Vec<&Mover<'_>>) = all.iter().partition(|one| one.before.len() == 1);
    let mut measured: Vec<(Number, &Mover<'_>)> =
        alone.iter().filter_map(|one| Some((one.change(by)?, *one))).collect();
    // Who stands alike is told in the order of the ranking.
    measured.sort_by_key(|(change, _)| std::cmp::Reverse(*change));
    let told = |one: &Mover<'_>| line(l, &base, one, by, moved.rows.len());
    let rise = measured.iter().take_while(|(change, _)| *change > Number::ZERO).count();
    let risen = measured[..rise].iter().take(MOVERS_MAX).filter_map(|(_, one)| told(one)).collect();
    measured.sort_by_key(|(change, _)| *change);
    let fall = measured.iter().take_while(|(change, _)| *change < Number::ZERO).count();
    let fallen = measured[..fall].iter().take(MOVERS_MAX).filter_map(|(_, one)| told(one)).collect();
    let still = measured.len() - rise - fall;
    let then_maximum = moved.grids.as_ref().map(|grids| grids.maximum_then);
    let merged = together.iter().map(|one| merged(l, &base, one, then_maximum)).collect();
    let fresh = moved.rows.iter().filter(|row| matches!(moved.before.then(&row.code), Then::New));
    let fresh: Vec<_> = fresh.map(|row| (format!("{base}/{}", row.code), row.name.clone())).collect();
    let (year, before) = (moved.one.head.year, moved.before_year);
    let (now, then) = (decision(l, &moved.one), decision(l, &moved.before_decision));
    let pairs = moved.grids.as_ref().map_or(0, |grids| grids.pairs.len());
    let note = match (by, l.is_english()) {
        ("points", true) => format!(
            "Comparable points in percent of each year's maximum; the change is in points of a hundred. {rise} rose, {fall} fell, {still} stand as before."
        ),
        ("points", false) => format!(
            "Điểm quy đổi tính theo phần trăm tối đa của từng năm; chênh lệch là điểm phần trăm. {rise} đơn vị tăng, {fall} giảm, {still} giữ nguyên."
        ),
        ("common", true) => format!(
            "Only the {pairs} criteria that both years have, joined through the mapping of the two sets, in percent of what applied. {rise} rose, {fall} fell, {still} stand as before."
        ),
        ("common", false) => format!(
            "Chỉ tính {pairs} chỉ số mà hai năm đều có, nối qua bảng đối chiếu của hai bộ chỉ số, theo phần trăm điểm áp dụng. {rise} đơn vị tăng, {fall} giảm, {still} giữ nguyên."
        ),
        (_, true) => format!("Ranks of the two years. {rise} rose, {fall} fell, {still} stand as before."),
        (_, false) => format!("Hạng của hai năm. {rise} đơn vị lên, {fall} xuống, {still} giữ hạng."),
    };
    let kind = level_name(l, &level);
    let title = match l.is_english() {
        true => format!("What moved since {before}, {kind} {year}"),
        false => format!("Biến động so với năm {before}, {kind} năm {year}"),
    };
    let query = |key: &str| if key.is_empty() { "?".to_owned() } else { format!("?by={key}") };
    let page = MoversPage {
        shell: Shell::new(&app, visitor.person.as_ref(), l, uri.path(), Section::Ranking, title),
        lede: match l.is_english() {
            true => format!("{now}, against {then}."),
            false => format!("{now}, so với {then}."),
        },
        base,
        years: (before, year),
        tabs: MEASURES.iter().map(|(key, vi, en)| (query(key), l.0.pick(vi, en), *key == by)).collect(),
        note,
        lists: [
            List {
                key: "len",
                title: l.0.pick("Lên nhiều nhất", "Rose most"),
                none: l.0.pick("Không đơn vị nào lên.", "No unit rose."),
                lines: risen,
            },
            List {
                key: "xuong",
                title: l.0.pick("Xuống nhiều nhất", "Fell most"),
                none: l.0.pick("Không đơn vị nào xuống.", "No unit fell."),
                lines: fallen,
            },
        ],
        other_name: match by {
            "" => l.0.pick("Điểm quy đổi", "Comparable points"),
            _ => l.0.pick("Số hạng", "Ranks"),
        },
        merged,
        fresh,
    };
    Ok(cacheable(html(&page)?, visitor.person.is_some()))
}

/// `GET /ranking/PUBLICATION/LEVEL/movers.csv`: every unit of the level with both years.
pub async fn csv(State(app): State<App>, Path((id, level)): Path<(i64, String)>) -> Result<Response, Failure> {
    let moved = moved(&app, id, &level).await?.ok_or(Failure::NotFound)?;
    let heads = [
        "code",
        "unit",
        "rank_before",
        "rank",
        "ranks_up",
        "comparable_percent_before",
        "comparable_percent",
        "common_percent_before",
        "common_percent",
        "made_of",
    ];
    let number = |share: Option<Number>| share.map_or(Cell::Empty, Cell::Number);
    let rows = moved.rows.iter().map(|row| {
        let one = moved.mover(row);
        let one = one.as_ref();
        let rank_before = one.filter(|one| one.before.len() == 1).and_then(|one| one.before[0].rank);
        let up = one.and_then(|one| one.ranks_up).map(|up| Number::from_millionths(up.saturating_mul(1_000_000)));
        let points = one.and_then(|one| one.points);
        let common = one.and_then(|one| one.common);
        let made_of: Vec<&str> = one
            .map(|one| one.before.iter().map(|before| before.code.as_str()).filter(|code| *code != row.code).collect())
            .unwrap_or_default();
        vec![
            Cell::from(row.code.as_str()),
            Cell::from(row.name.as_str()),
            Cell::from(rank_before),
            Cell::from(row.rank),
            number(up),
            number(points.map(|pair| pair.0)),
            number(points.map(|pair| pair.1)),
            number(common.map(|pair| pair.0)),
            number(common.map(|pair| pair.1)),
            Cell::from(made_of.join(" ").as_str()),
        ]
    });
    let heads = heads.iter().map(|head| (*head).to_owned()).collect();
    let table = Table { name: "movers".to_owned(), heads, rows: rows.collect() };
    Ok(cacheable(file(&format!("movers-{id}-{level}.csv"), "text/csv; charset=utf-8", csv_of(&table)), false))
}
