//! A unit through the published years: total, rank and pillars, its own or those of the units that it was made of.

use std::sync::Arc;

use criteria::Number;
use documents::tables::{Cell, Table};
use scoring::change;
use scoring::notation::fold;
use store::publication::{Publication, PublishedLevel, UnitResult};

use super::graded::is_graded;
use super::moves::{Before, Then};
use super::public::find_level;
use crate::app::App;
use crate::failure::Failure;
use crate::view::{L, median};

/// Most years that are looked back.
const YEARS_MAX: usize = 5;
const HUNDRED: Number = Number::from_millionths(100_000_000);

/// How a unit stood in one year.
pub struct Year {
    year: i16,
    publication: i64,
    known: PublishedLevel,
    all: Arc<Vec<UnitResult>>,
    /// The unit itself, the one that it carries on, or those that it was made of.
    rows: Vec<UnitResult>,
}

/// Follows a unit back from a publication, through those that it came from; the earliest year first.
pub async fn of(
    app: &App,
    one: &Publication,
    known: &PublishedLevel,
    all: &Arc<Vec<UnitResult>>,
    row: &UnitResult,
) -> Result<Vec<Year>, Failure> {
    let level = known.level.as_str();
    let (mut at, mut years) = (one.clone(), Vec::new());
    let mut now = Year {
        year: one.head.year,
        publication: one.id,
        known: known.clone(),
        all: Arc::clone(all),
        rows: vec![row.clone()],
    };
    while years.len() + 1 < YEARS_MAX {
        let Some(before) = Before::of(app, &at, level, &now.rows).await? else { break };
        let mut rows: Vec<UnitResult> = Vec::new();
        for row in &now.rows {
            let came_from = match before.then(&row.code) {
                Then::Same(one) => vec![one],
                Then::Of(several) => several,
                Then::New => Vec::new(),
            };
            for one in came_from {
                if !rows.iter().any(|other| other.code == one.code) {
                    rows.push(one.clone());
                }
            }
        }
        if rows.is_empty() {
            break;
        }
        let (earlier, known) = find_level(app, before.id, level).await?;
        let all = app.store.published(before.id, level).await?;
        let then = Year { year: earlier.head.year, publication: earlier.id, known, all, rows };
        years.push(std::mem::replace(&mut now, then));
        at = earlier;
    }
    years.push(now);
    years.reverse();
    Ok(years)
}

/// The mean of some shares in percent; a share itself where there is one.
fn mean(shares: impl Iterator<Item = Number>) -> Option<Number> {
    change::share(shares.map(|share| (share, HUNDRED)))
}

impl Year {
    /// The comparable result in percent of the most there is.
    fn percent(&self) -> Option<Number> {
        let own = self.rows.iter().filter_map(|row| row.comparable);
        mean(own.filter_map(|own| change::share([(own, self.known.maximum)])))
    }

    fn median(&self) -> Option<Number> {
        let middle = median(self.all.iter().filter_map(|row| row.comparable));
        change::share([(middle, self.known.maximum)])
    }

    fn only(&self) -> Option<&UnitResult> {
        match self.rows.as_slice() {
            [one] => Some(one),
            _ => None,
        }
    }

    fn rank(&self) -> Option<u32> {
        self.only().and_then(|row| row.rank)
    }

    /// The place of a pillar with this name.
    fn pillar(&self, name: &str) -> Option<usize> {
        self.known.pillars.iter().position(|(_, own, _)| fold(own) == fold(name))
    }

    /// What was reached of a pillar, in percent of what applied.
    fn reached(&self, at: usize) -> Option<Number> {
        let maximum = self.known.pillars.get(at)?.2;
        let own = self.rows.iter().filter_map(|row| row.pillars.get(at));
        mean(own.filter_map(|(points, excluded, _)| {
            let of = Number::from_millionths(maximum.millionths() - excluded.millionths());
            change::share([(*points, of)])
        }))
    }

    fn pillar_rank(&self, at: usize) -> Option<u32> {
        self.only()?.pillars.get(at)?.2
    }
}

/// The pillars of all years by their names: those of the latest first, then those that are no more.
fn pillars(years: &[Year]) -> Vec<(String, String)> {
    let mut found: Vec<(String, String)> = Vec::new();
    for (no, name, _) in years.iter().rev().flat_map(|year| &year.known.pillars) {
        if !found.iter().any(|(_, known)| fold(known) == fold(name)) {
            found.push((no.clone(), name.clone()));
        }
    }
    found
}

/// A row of the table: what it is about, and for each year the number and a remark.
pub struct Line {
    pub name: String,
    pub cells: Vec<(String, String)>,
}

/// The years as the page shows them.
pub struct Over {
    /// Each year, with the way to the unit's page of then.
    pub years: Vec<(String, Option<String>)>,
    pub lines: Vec<Line>,
    /// The unit's line and its dots, the level's median and its dots, on a field of 100 by 40.
    pub own: (String, String),
    pub median: (String, String),
    pub chart: String,
}

/// A share of each year as a line with a dot on each.
fn path(shares: &[Option<Number>]) -> (String, String) {
    let (mut line, mut dots) = (String::new(), String::new());
    let last = shares.len().saturating_sub(1).max(1);
    for (at, share) in shares.iter().enumerate() {
        let Some(share) = share else { continue };
        let x = at * 96 / last + 2;
        let y = 4_000 - (share.millionths() * 40 / 1_000_000).clamp(0, 4_000);
        let y = format!("{}.{:02}", y / 100, y % 100);
        line.push_str(&format!("{}{x} {y}", if line.is_empty() { "M" } else { "L" }));
        dots.push_str(&format!("M{x} {y}h0"));
    }
    (line, dots)
}

/// The years for the page of a unit; `None` where there is but one.
pub fn over(l: L, years: &[Year], level: &str) -> Option<Over> {
    if years.len() < 2 {
        return None;
    }
    let dash = || "–".to_owned();
    let share = |share: Option<Number>| share.map_or_else(dash, |share| format!("{} %", l.points(&share)));
    let line = |name: &str, cell: &dyn Fn(&Year) -> (String, String)| Line {
        name: name.to_owned(),
        cells: years.iter().map(cell).collect(),
    };
    let mut lines = vec![
        line(l.say("Hạng", "Rank"), &|year| match year.rows.as_slice() {
            [row] => {
                let told = if row.tied { l.say(", đồng hạng", ", tied") } else { "" };
                let of = format!("/ {}{told}", l.count(year.all.len()));
                (row.rank.map_or_else(dash, |rank| l.count(rank)), of)
            }
            several => {
                let ranks = several.iter().map(|row| row.rank.map_or_else(dash, |rank| l.count(rank)));
                let ranks = ranks.collect::<Vec<_>>().join(", ");
                (dash(), format!("{} {ranks}", l.say("gộp từ hạng", "made of ranks")))
            }
        }),
        line(l.say("Kết quả quy đổi, % tối đa", "Comparable result, % of the most"), &|year| {
            let told = match year.only() {
                Some(row) => {
                    row.comparable.map(|own| format!("{} / {}", l.points(&own), l.number(&year.known.maximum)))
                }
                None => Some(l.say("trung bình các đơn vị tiền thân", "mean of the forerunners").to_owned()),
            };
            (share(year.percent()), told.unwrap_or_default())
        }),
        line(l.say("Trung vị của cấp", "Median of the level"), &|year| (share(year.median()), String::new())),
    ];
    if years.iter().any(|year| is_graded(&year.known, &year.all)) {
        lines.push(line(l.say("Xếp loại", "Grade"), &|year| {
            let grades: Vec<&str> = year.rows.iter().map(|row| row.grade.as_deref().unwrap_or("–")).collect();
            (grades.join(", "), String::new())
        }));
    }
    lines.extend(pillars(years).iter().map(|(no, name)| {
        line(&format!("{no}. {name}"), &|year| {
            let Some(at) = year.pillar(name) else { return (dash(), String::new()) };
            let rank = year.pillar_rank(at).map(|rank| format!("{} {}", l.say("hạng", "rank"), l.count(rank)));
            (share(year.reached(at)), rank.unwrap_or_default())
        })
    }));
    let (first, last) = (years.first()?.year, years.last()?.year);
    let known = years.len() - 1;
    let href = |(at, year): (usize, &Year)| {
        let own = year.only().filter(|_| at < known);
        let href = own.map(|row| format!("/ranking/{}/{level}/{}", year.publication, row.code));
        (year.year.to_string(), href)
    };
    Some(Over {
        years: years.iter().enumerate().map(href).collect(),
        lines,
        own: path(&years.iter().map(Year::percent).collect::<Vec<_>>()),
        median: path(&years.iter().map(Year::median).collect::<Vec<_>>()),
        chart: match l.is_english() {
            true => format!("Comparable result in percent of the most there is, {first} to {last}"),
            false => format!("Kết quả quy đổi theo phần trăm điểm tối đa, {first} đến {last}"),
        },
    })
}

/// The same as open data: a line for the total and one for each pillar of each year.
pub fn table(years: &[Year]) -> Table {
    let heads = ["year", "publication", "code", "pillar", "rank", "percent", "median_percent"];
    let mut rows = Vec::new();
    for year in years {
        let codes = year.rows.iter().map(|row| row.code.as_str()).collect::<Vec<_>>().join(" ");
        let row = |pillar: &str, rank: Option<u32>, percent: Option<Number>, median: Option<Number>| {
            vec![
                Cell::Words(year.year.to_string()),
                Cell::Words(year.publication.to_string()),
                Cell::from(codes.as_str()),
                Cell::from(pillar),
                Cell::from(rank),
                Cell::from(percent),
                Cell::from(median),
            ]
        };
        rows.push(row("", year.rank(), year.percent(), year.median()));
        for (at, (no, ..)) in year.known.pillars.iter().enumerate() {
            rows.push(row(no, year.pillar_rank(at), year.reached(at), None));
        }
    }
    Table { name: "years".to_owned(), heads: heads.iter().map(|head| (*head).to_owned()).collect(), rows }
}
