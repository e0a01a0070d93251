//! The numbers behind the pictures of a round: by agency, by lateness, by day, by unit. Each is a table that a page
//! draws and a CSV file holds.

use std::collections::BTreeMap;

use criteria::Number;
use criteria::date::Date;
use cycle::round::Round;
use cycle::time::{self, Standing};
use cycle::{AssessmentId, EntryState, Phase, UnitId};
use documents::tables::{Cell, Table};
use store::State;

use super::insights::Stood;

/// What an agency did.
#[derive(Default)]
pub struct Agency {
    pub name: String,
    pub entries: usize,
    pub appraised: usize,
    pub cut: usize,
    pub raised: usize,
    pub returned: usize,
    /// Declared less counting, over what was appraised.
    pub less: i64,
}

/// What was declared and what counts, by agency, the one that cut most first.
pub fn agencies(state: &State, round: &Round, stood: &Stood) -> Vec<Agency> {
    let program = &stood.level.program;
    let of: Vec<UnitId> = program.set.indicators().map(|one| state.agency(round, &one.id)).collect();
    let mut by: BTreeMap<UnitId, Agency> = BTreeMap::new();
    for (_, sheet) in &stood.sheets {
        for (place, (entry, agency)) in sheet.entries.iter().zip(&of).enumerate() {
            if entry.state < EntryState::Submitted || !program.counts(place) {
                continue;
            }
            let row = by.entry(*agency).or_default();
            row.entries += 1;
            row.returned += usize::from(entry.state == EntryState::Returned);
            let Some(verdict) = entry.verdict() else { continue };
            let own = entry.self_score.as_ref().map_or(0, |score| score.points.millionths());
            let less = own - verdict.score.points.millionths();
            row.appraised += 1;
            row.cut += usize::from(less > 0);
            row.raised += usize::from(less < 0);
            row.less += less;
        }
    }
    let mut rows: Vec<Agency> = by
        .into_iter()
        .map(|(unit, row)| Agency {
            name: state.tree.get(unit).map(|unit| unit.name.clone()).unwrap_or_default(),
            ..row
        })
        .collect();
    rows.sort_by_key(|row| std::cmp::Reverse(row.less));
    rows
}

/// How late a unit is.
pub struct Late {
    pub sheet: AssessmentId,
    pub unit: String,
    pub late: usize,
    pub open: usize,
    pub days: i32,
}

/// The units with something late, the most first. What is late follows from days and never from a typed word.
pub fn lateness(state: &State, round: &Round, stood: &Stood, today: Date) -> Vec<Late> {
    let indicators: Vec<_> = stood.level.program.set.indicators().collect();
    let mut rows = Vec::new();
    for (row, sheet) in &stood.sheets {
        let (mut late, mut open, mut days) = (0, 0, 0);
        for (indicator, entry) in indicators.iter().zip(&sheet.entries) {
            if entry.self_score.as_ref().is_some_and(|score| score.is_not_applicable()) {
                continue;
            }
            let own = state.own_due(round.id, row.unit, &indicator.id);
            // Without a day of its own, what was sent back is due when the appraisal ends.
            let sent_back = entry.state == EntryState::Returned && sheet.submission.is_some();
            let appraised_by = round.days.get(&Phase::Appraising).map(|days| days.to).filter(|_| sent_back);
            let due = entry.returned_due.or(appraised_by);
            let due = due.or_else(|| round.due(row.unit, indicator.due.days(), own));
            let done = cycle::progress::done_on(entry, sheet.submission.as_ref());
            let Some(due) = due else { continue };
            let standing = time::standing(due, done, today);
            if let Some(by) = standing.days_late() {
                late += 1;
                days = days.max(by);
                open += usize::from(matches!(standing, Standing::Overdue(_)));
            }
        }
        if late > 0 {
            let unit = state.tree.get(row.unit).map(|unit| unit.name.clone()).unwrap_or_default();
            rows.push(Late { sheet: row.id, unit, late, open, days });
        }
    }
    rows.sort_by_key(|row| (std::cmp::Reverse(row.late), std::cmp::Reverse(row.days)));
    rows
}

/// How far a round was at the end of a day.
#[derive(Clone, Copy, Default)]
pub struct Day {
    pub ready: usize,
    pub submitted: usize,
    pub appraised: usize,
    pub decided: usize,
}

/// The round day by day, each day with all that was done until its end.
pub fn days(stood: &Stood) -> Vec<(Date, Day)> {
    let mut by: BTreeMap<Date, Day> = BTreeMap::new();
    for (_, sheet) in &stood.sheets {
        if let Some(submission) = &sheet.submission {
            by.entry(time::day_of(submission.at)).or_default().submitted += 1;
        }
        for entry in &sheet.entries {
            if let Some(at) = entry.ready_at {
                by.entry(time::day_of(at)).or_default().ready += 1;
            }
            if let Some(verdict) = &entry.appraised {
                by.entry(time::day_of(verdict.at)).or_default().appraised += 1;
            }
            if let Some(verdict) = &entry.final_score {
                by.entry(time::day_of(verdict.at)).or_default().decided += 1;
            }
        }
    }
    let mut sum = Day::default();
    by.into_iter()
        .map(|(day, done)| {
            sum.ready += done.ready;
            sum.submitted += done.submitted;
            sum.appraised += done.appraised;
            sum.decided += done.decided;
            (day, sum)
        })
        .collect()
}

/// What a unit declared and what counts of it by now.
pub struct Claim {
    pub sheet: AssessmentId,
    pub unit: String,
    pub own: Number,
    pub counting: Number,
    pub cut: usize,
}

/// Declared against counting, by unit, who lost most first.
pub fn claims(state: &State, stood: &Stood) -> Vec<Claim> {
    let program = &stood.level.program;
    let mut rows: Vec<Claim> = stood
        .sheets
        .iter()
        .filter_map(|(row, sheet)| {
            // The totals of a published round are what was published, so that what was declared is summed here.
            let (mut cut, mut own, mut counting) = (0, 0_i64, 0_i64);
            for (_, entry) in sheet.entries.iter().enumerate().filter(|(place, _)| program.counts(*place)) {
                let declared = entry.self_score.as_ref().map_or(0, |score| score.points.millionths());
                let counts = entry.counting().map_or(0, |score| score.points.millionths());
                own += declared;
                counting += counts;
                cut += usize::from(counts < declared);
            }
            Some(Claim {
                sheet: row.id,
                unit: state.tree.get(row.unit)?.name.clone(),
                own: Number::from_millionths(own),
                counting: Number::from_millionths(counting),
                cut,
            })
        })
        .collect();
    rows.sort_by_key(|row| row.counting.millionths() - row.own.millionths());
    rows
}

fn count(count: usize) -> Cell {
    Cell::Count(u32::try_from(count).unwrap_or(u32::MAX))
}

fn table(name: &str, heads: &[&str], rows: Vec<Vec<Cell>>) -> Table {
    Table { name: name.to_owned(), heads: heads.iter().map(|head| (*head).to_owned()).collect(), rows }
}

/// A table of a round by its name, where there is one.
pub fn named(name: &str, state: &State, round: &Round, stood: &Stood, today: Date) -> Option<Table> {
    Some(match name {
        "agencies" => table(
            name,
            &["agency", "entries", "appraised", "cut", "raised", "returned", "points_less"],
            agencies(state, round, stood)
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
            lateness(state, round, stood, today)
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
            days(stood)
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
            claims(state, stood)
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
            let rows = stood.sheets.iter().filter_map(|(row, _)| {
                let mut cells = vec![Cell::from(state.tree.get(row.unit)?.name.as_str())];
                cells.extend(row.totals.pillars.iter().map(|pillar| Cell::Number(pillar.points)));
                Some(cells)
            });
            Table { name: name.to_owned(), heads, rows: rows.collect() }
        }
        _ => return None,
    })
}
