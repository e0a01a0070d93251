//! The cells of a sheet as figures, by what its columns mean.

use std::collections::BTreeMap;

use criteria::Text;
use criteria::date::Day;
use criteria::model::{Figure, FigureKind};
use scoring::notation::fold;
use scoring::{Program, RawFigure, RawValue, Refusal};

use super::columns::{Heads, Role, figure_meant, indicators_meant};
use super::{Grid, Value};
use crate::template::REFERENCES_MARK;

/// A figure and whose it is, as the sheet says it.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// The unit's code; empty where no column has it.
    pub code: String,
    /// The unit's name; empty where no column has it.
    pub name: String,
    /// The figure; its unit is still to be filled in.
    pub raw: RawFigure,
}

/// A figure of the round, which no file of units sets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfRound {
    /// The figure.
    pub figure: String,
    /// Its value, as it is shown.
    pub value: String,
    /// The file and the cell.
    pub place: String,
}

/// What a sheet gives.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Gathered {
    /// The figures.
    pub found: Vec<Found>,
    /// Figures of the round that stand among them.
    pub of_round: Vec<OfRound>,
    /// What cannot be taken, each at its cell.
    pub refused: Vec<Refusal>,
}

impl Gathered {
    fn refuse(&mut self, place: String, vi: impl Into<String>, en: impl Into<String>) {
        self.refused.push(Refusal::new(place, Text::new(vi, en)));
    }

    /// What a cell gives; nothing where it is empty, or is refused because its formula failed.
    fn given(&mut self, cell: &Value, place: &str) -> Option<RawValue> {
        if let Value::Fault(fault) = cell {
            self.refuse(
                place.to_owned(),
                format!("ô có lỗi công thức {fault}"),
                format!("the cell has the formula error {fault}"),
            );
        }
        raw(cell)
    }
}

/// The figures of the round in the sheet of our own workbook that has them.
pub fn of_round(program: &Program, file: &str, grid: &Grid) -> Vec<OfRound> {
    let mark = |row: &usize| grid.value(*row, 0).shown() == REFERENCES_MARK;
    let Some(at) = (0..grid.rows.len()).find(mark) else { return Vec::new() };
    let figure = |column: usize| {
        let reference = grid.value(at, column).shown();
        program.slot(None, &reference)?;
        reference.strip_prefix("round.").map(|figure| (column, figure.to_owned()))
    };
    let columns: Vec<(usize, String)> = (1..grid.width()).filter_map(figure).collect();
    let cells = (at + 1..grid.rows.len()).flat_map(|row| columns.iter().map(move |column| (row, column)));
    cells
        .filter(|(row, (column, _))| !grid.value(*row, *column).is_blank())
        .map(|(row, (column, figure))| OfRound {
            figure: figure.clone(),
            value: grid.value(row, *column).shown(),
            place: grid.place(file, row, *column),
        })
        .collect()
}

fn raw(value: &Value) -> Option<RawValue> {
    Some(match value {
        Value::Empty | Value::Fault(_) => return None,
        Value::Text(words) if words.is_empty() => return None,
        Value::Text(words) => RawValue::Text(words.clone()),
        Value::Number(number) => RawValue::Cell(number.clone()),
        Value::Answer(answer) => RawValue::Bool(*answer),
        Value::Day(day) => Day::parse(day).map_or_else(|| RawValue::Text(day.clone()), |Day(day)| RawValue::Date(day)),
    })
}

/// Whether shares in these cells are percentages without the sign: a fraction of one is never more than one.
fn in_percent<'v>(values: impl Iterator<Item = &'v Value>) -> bool {
    let mut number = values.filter_map(|value| match value {
        Value::Number(number) => number.parse::<f64>().ok(),
        _ => None,
    });
    number.any(|number| number > 1.0)
}

/// A share that a spreadsheet holds as 85 and not as 0.85.
fn percent(value: RawValue) -> RawValue {
    match value {
        RawValue::Cell(number) => RawValue::Plain(format!("{number}%")),
        other => other,
    }
}

/// The figures of a sheet. Blank cells give nothing; what cannot be taken is named by its cell, all at once.
pub fn gather(program: &Program, file: &str, grid: &Grid, heads: &Heads, roles: &[Role]) -> Gathered {
    let mut gathered = Gathered::default();
    let column = |wanted: &Role| roles.iter().position(|role| role == wanted);
    let (code, unit) = (column(&Role::Code), column(&Role::Unit));
    let words = |row: usize, column: Option<usize>| column.map(|at| grid.value(row, at).shown()).unwrap_or_default();
    if let (Some(indicator), Some(value)) = (column(&Role::Indicator), column(&Role::Value)) {
        rows(program, file, grid, heads, (indicator, column(&Role::Figure), value), (code, unit), &mut gathered);
        return gathered;
    }
    let of: Vec<(usize, &Option<String>, &String, bool)> = roles
        .iter()
        .enumerate()
        .filter_map(|(at, role)| {
            let Role::Of { indicator, figure } = role else { return None };
            let share = kind(program, indicator.as_deref(), figure) == Some(FigureKind::Share);
            let below = (heads.data..grid.rows.len()).map(|row| grid.value(row, at));
            Some((at, indicator, figure, share && in_percent(below)))
        })
        .collect();
    for row in heads.data..grid.rows.len() {
        let (code_words, name) = (words(row, code), words(row, unit));
        let nobody = code_words.is_empty() && name.is_empty() && (code.is_some() || unit.is_some());
        for (at, indicator, figure, is_percent) in &of {
            let (cell, place) = (grid.value(row, *at), grid.place(file, row, *at));
            let Some(value) = gathered.given(cell, &place) else { continue };
            if nobody {
                gathered.refuse(
                    place,
                    "hàng có số liệu nhưng không có mã hay tên đơn vị",
                    "the row has figures, but neither code nor name of a unit",
                );
                break;
            }
            let value = if *is_percent { percent(value) } else { value };
            let raw = RawFigure {
                unit: None,
                indicator: (*indicator).clone(),
                figure: (*figure).clone(),
                value,
                place,
                column: format!("{}/{at}", grid.name),
            };
            gathered.found.push(Found { code: code_words.clone(), name: name.clone(), raw });
        }
    }
    gathered
}

fn kind(program: &Program, indicator: Option<&str>, figure: &str) -> Option<FigureKind> {
    let reference = if indicator.is_some() { figure.to_owned() } else { format!("profile.{figure}") };
    program.slot(indicator, &reference).map(|slot| program.info(slot).figure.kind)
}

/// A row an indicator, or a row a figure of the indicator that was named last.
fn rows(
    program: &Program,
    file: &str,
    grid: &Grid,
    heads: &Heads,
    (indicator, figure, value): (usize, Option<usize>, usize),
    (code, unit): (Option<usize>, Option<usize>),
    gathered: &mut Gathered,
) {
    let words = |row: usize, column: Option<usize>| column.map(|at| grid.value(row, at).shown()).unwrap_or_default();
    let (mut last, mut whose) = (String::new(), (String::new(), String::new()));
    // Which pillar the rows are of: by the sheet's name, or by the heading above them.
    let mut within = grid.name.clone();
    let mut taken: BTreeMap<(String, String), usize> = BTreeMap::new();
    let whole = in_percent((heads.data..grid.rows.len()).map(|row| grid.value(row, value)));
    for row in heads.data..grid.rows.len() {
        let own = (words(row, code), words(row, unit));
        if own != (String::new(), String::new()) {
            whose = own;
        }
        let said = words(row, Some(indicator));
        let which = words(row, figure);
        if !said.is_empty() {
            last.clone_from(&said);
        }
        let no = said.trim().trim_end_matches('.');
        if program.set.pillars.iter().any(|file| file.pillar.no == no) {
            no.clone_into(&mut within);
        }
        let (cell, place) = (grid.value(row, value), grid.place(file, row, value));
        let Some(given) = gathered.given(cell, &place) else { continue };
        // Our own CSV leaves the unit and the indicator of a figure of the round empty, the indicator of one of the profile.
        let shared = which.strip_prefix("round.").unwrap_or(&which);
        let nobody = words(row, code).is_empty() && words(row, unit).is_empty() && (code.is_some() || unit.is_some());
        if said.is_empty() && nobody && program.slot(None, &format!("round.{shared}")).is_some() {
            gathered.of_round.push(OfRound { figure: shared.to_owned(), value: cell.shown(), place });
            continue;
        }
        let profile = said.is_empty() && figure.is_some() && program.slot(None, &format!("profile.{which}")).is_some();
        let (indicator, figure) = if profile {
            (None, which.clone())
        } else {
            let meant = indicators_meant(program, &last, &within);
            let one = match meta(&meant) {
                Ok(one) => one,
                // Heads of pillars and groups have numbers of their own, which are sums and no figures.
                Err(0) if is_group(program, &last) => continue,
                Err(0) => {
                    gathered.refuse(
                        place,
                        format!("“{last}” không phải số hay tên của một chỉ số"),
                        format!("\"{last}\" is neither number nor name of an indicator"),
                    );
                    continue;
                }
                Err(count) => {
                    gathered.refuse(
                        place,
                        format!("“{last}” có thể là {count} chỉ số; hãy ghi cả trụ cột, như {}", meant[0].id),
                        format!("\"{last}\" may be {count} indicators; write the pillar too, as in {}", meant[0].id),
                    );
                    continue;
                }
            };
            let figures = one.all_figures();
            let key = (format!("{}\u{1f}{}", whose.0, whose.1), one.id.clone());
            let before = taken.get(&key).copied().unwrap_or(0);
            let at = match (figures.len(), which.is_empty()) {
                (0, _) => None,
                (1, _) => Some(0),
                (_, false) => figure_meant(&figures, &which),
                // Figures below one another, in the order of the set.
                (count, true) => Some(before).filter(|before| *before < count && (said.is_empty() || *before == 0)),
            };
            let Some(at) = at else {
                let known: Vec<&str> = figures.iter().map(|figure: &Figure| figure.label.as_str()).collect();
                gathered.refuse(
                    place,
                    format!("{}: chưa rõ là số liệu nào trong: {}", one.id, known.join("; ")),
                    format!("{}: it is not clear which figure of: {}", one.id, known.join("; ")),
                );
                continue;
            };
            if which.is_empty() {
                taken.insert(key, before + 1);
            }
            (Some(one.id.clone()), figures[at].id.clone())
        };
        let share = kind(program, indicator.as_deref(), &figure) == Some(FigureKind::Share);
        // In a column of all kinds, a number tells only for itself.
        let own = matches!(cell, Value::Number(number) if number.parse::<f64>().is_ok_and(|number| number > 1.0));
        let value = if share && whole && own { percent(given) } else { given };
        let column = format!("{}/{}", grid.name, indicator.is_some());
        let raw = RawFigure { unit: None, indicator, figure, value, place, column };
        gathered.found.push(Found { code: whose.0.clone(), name: whose.1.clone(), raw });
    }
}

fn meta<'p>(meant: &[&'p criteria::model::Indicator]) -> Result<&'p criteria::model::Indicator, usize> {
    match meant {
        [one] => Ok(one),
        other => Err(other.len()),
    }
}

/// Whether some words name a pillar or a group.
fn is_group(program: &Program, words: &str) -> bool {
    let folded = fold(words);
    let first = folded.split([' ', '.', ':']).next().unwrap_or_default();
    program.set.pillars.iter().any(|file| {
        let pillar = &file.pillar;
        let named = fold(&pillar.no) == first || fold(&pillar.name) == folded;
        named
            || file
                .groups
                .iter()
                .any(|group| group.no == words.trim().trim_end_matches('.') || fold(&group.name) == folded)
    })
}
