//! The numbers behind the pictures of a round: by agency, by lateness, by day, by unit. Each is a table that a page
//! draws and a CSV file holds.

use criteria::Number;
use documents::tables::{Cell, Table};
use store::State;

use super::insights::Stood;

fn count(count: usize) -> Cell {
    Cell::Count(u32::try_from(count).unwrap_or(u32::MAX))
}

fn table(name: &str, heads: &[&str], rows: Vec<Vec<Cell>>) -> Table {
    Table { name: name.to_owned(), heads: heads.iter().map(|head| (*head).to_owned()).collect(), rows }
}

/// A table of a round by its name, where there is one.
pub fn named(name: &str, state: &State, stood: &Stood) -> Option<Table> {
    let summary = &stood.summary;
    Some(match name {
        "agencies" => table(
            name,
            &["agency", "entries", "appraised", "cut", "raised", "returned", "points_less"],
            summary
                .agencies
                .iter()
                .map(|row| {
                    vec![
                        Cell::from(row.name.as_str()),
                        count(row.entries),
                        count(row.appraised),
                        count(row.cut),
                        count(row.raised),
                        count(row.returned),
                        Cell::Number(Number::from_millionths(row.less)),
                    ]
                })
                .collect(),
        ),
        "lateness" => table(
            name,
            &["unit", "late", "still_open", "days_most"],
            summary
                .late
                .iter()
                .map(|row| {
                    let days = u32::try_from(row.days).unwrap_or(0);
                    vec![Cell::from(row.unit.as_str()), count(row.late), count(row.open), Cell::Count(days)]
                })
                .collect(),
        ),
        "days" => table(
            name,
            &["day", "entries_ready", "sheets_submitted", "entries_appraised", "entries_decided"],
            summary
                .days
                .iter()
                .map(|(day, sum)| {
                    let day = Cell::from(day.to_string().as_str());
                    vec![day, count(sum.ready), count(sum.submitted), count(sum.appraised), count(sum.decided)]
                })
                .collect(),
        ),
        "units" => table(
            name,
            &["unit", "declared", "counting", "difference", "cut"],
            summary
                .claims
                .iter()
                .map(|row| {
                    let less = row.own.millionths() - row.counting.millionths();
                    vec![
                        Cell::from(row.unit.as_str()),
                        Cell::Number(row.own),
                        Cell::Number(row.counting),
                        Cell::Number(Number::from_millionths(less)),
                        count(row.cut),
                    ]
                })
                .collect(),
        ),
        "pillars" => {
            let pillars = &stood.level.program.set.pillars;
            let mut heads = vec!["unit".to_owned()];
            heads.extend(pillars.iter().map(|pillar| pillar.pillar.no.clone()));
            let rows = stood.rows.iter().filter_map(|row| {
                let mut cells = vec![Cell::from(state.tree.get(row.unit)?.name.as_str())];
                cells.extend(row.totals.pillars.iter().map(|pillar| Cell::Number(pillar.points)));
                Some(cells)
            });
            Table { name: name.to_owned(), heads, rows: rows.collect() }
        }
        _ => return None,
    })
}
