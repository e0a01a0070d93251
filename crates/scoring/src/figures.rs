//! Units' figures: read from rows of any origin, all at once or not at all.

use std::collections::BTreeMap;

use criteria::model::{Figure, FigureKind};
use criteria::{Text, limits};

use crate::cell::Cell;
use crate::notation::{self, Hint, Notation, RawValue};
use crate::program::{Program, Slot};
use crate::sanity;

/// One value as it stands in a file.
#[derive(Clone, Debug, PartialEq)]
pub struct RawFigure {
    /// The unit; `None` for a figure of the round.
    pub unit: Option<String>,
    /// The indicator; `None` for a figure of the profile or of the round.
    pub indicator: Option<String>,
    /// The figure's id.
    pub figure: String,
    /// The value.
    pub value: RawValue,
    /// Where it stands, as a person finds it: `figures.csv, dòng 12` or `I!D7`.
    pub place: String,
    /// What shares a notation with it: the file's value column, or a sheet's column.
    pub column: String,
}

/// Where a value came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The place in the file.
    pub place: String,
    /// The value as typed.
    pub typed: String,
}

/// One unit's figures.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct UnitFigures {
    /// The unit's name or code, as in the file.
    pub unit: String,
    /// The values by slot.
    pub cells: Vec<Cell>,
    /// Where the values that were given came from, by slot.
    pub origins: BTreeMap<usize, Origin>,
}

/// The figures of a round's units.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Figures {
    /// The units, in the order in which they first stand in the file.
    pub units: Vec<UnitFigures>,
    /// The round's values by slot.
    pub round: Vec<Cell>,
    /// Where they came from.
    pub round_origins: BTreeMap<usize, Origin>,
}

impl Figures {
    /// The unit with this name.
    pub fn unit(&self, name: &str) -> Option<&UnitFigures> {
        self.units.iter().find(|unit| unit.unit == name)
    }
}

/// A refused value, cell, row or file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Where it stands.
    pub place: String,
    /// What is wrong and what to do.
    pub message: Text,
}

impl Refusal {
    /// A refusal at a place.
    pub fn new(place: impl Into<String>, message: Text) -> Self {
        Self { place: place.into(), message }
    }
}

/// What is known of numbers of doubtful notation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum KnownNotation {
    /// Nothing: each column must tell by itself.
    #[default]
    Unknown,
    /// The whole file is in one notation.
    Known(Notation),
    /// Columns that do not tell by themselves are in this one.
    Otherwise(Notation),
}

/// Puts rows into slots for `program`.
///
/// # Errors
/// Every refused row, all of them at once: unknown ids, values that are not what the figure is, columns that mix
/// notations, numbers that could be two, values given twice, and values that contradict each other.
pub fn collect(program: &Program, rows: Vec<RawFigure>, known: KnownNotation) -> Result<Figures, Vec<Refusal>> {
    let mut refusals = Vec::new();
    if rows.len() > limits::FIGURES_MAX {
        let most = limits::FIGURES_MAX;
        return Err(vec![Refusal::new(
            "",
            Text::new(
                format!("có {} số liệu; tối đa {most}", rows.len()),
                format!("{} figures; at most {most}", rows.len()),
            ),
        )]);
    }
    let slots: Vec<Option<Slot>> = rows.iter().map(|row| resolve(program, row, &mut refusals)).collect();
    let notations = notations(program, &rows, &slots, known, &mut refusals);
    let mut figures = Figures { round: vec![Cell::Missing; program.round_slots.len()], ..Figures::default() };
    let mut index: BTreeMap<String, usize> = BTreeMap::new();
    for (row, slot) in rows.into_iter().zip(slots) {
        let Some(slot) = slot else { continue };
        let notation = notations.get(&row.column).copied().unwrap_or(Notation::Vietnamese);
        let cell = read_checked(&program.info(slot).figure, &row, notation, &mut refusals);
        let origin = Origin { place: row.place, typed: row.value.typed() };
        let (cells, origins, at) = match (slot, row.unit) {
            (Slot::Round(at), _) => (&mut figures.round, &mut figures.round_origins, at),
            (Slot::Unit(at), unit) => {
                let unit = unit.unwrap_or_default();
                let place = *index.entry(unit.clone()).or_insert(figures.units.len());
                if place == figures.units.len() {
                    let cells = vec![Cell::Missing; program.unit_slots.len()];
                    figures.units.push(UnitFigures { unit, cells, origins: BTreeMap::new() });
                }
                let unit = &mut figures.units[place];
                (&mut unit.cells, &mut unit.origins, at)
            }
        };
        let Some(cell) = cell else { continue };
        if let Some(earlier) = origins.get(&at) {
            refusals.push(Refusal::new(
                origin.place,
                Text::new(
                    format!("số liệu này đã có tại {} (“{}”)", earlier.place, earlier.typed),
                    format!("this figure stands at {} already (\"{}\")", earlier.place, earlier.typed),
                ),
            ));
            continue;
        }
        if cell.is_given() {
            cells[at] = cell;
            origins.insert(at, origin);
        }
    }
    if figures.units.len() > limits::UNITS_MAX {
        let most = limits::UNITS_MAX;
        let count = figures.units.len();
        refusals.push(Refusal::new(
            "",
            Text::new(format!("có {count} đơn vị; tối đa {most}"), format!("{count} units; at most {most}")),
        ));
    }
    sanity::check(program, &figures, &mut refusals);
    if refusals.is_empty() { Ok(figures) } else { Err(refusals) }
}

fn read_checked(figure: &Figure, row: &RawFigure, notation: Notation, refusals: &mut Vec<Refusal>) -> Option<Cell> {
    let most = limits::VALUE_BYTES_MAX;
    let result = match &row.value {
        RawValue::Text(text) if text.len() > most => {
            Err(Text::new(format!("dài quá {most} byte"), format!("longer than {most} bytes")))
        }
        value => notation::read(figure, value, notation),
    };
    match result {
        Ok(cell) => Some(cell),
        Err(message) => {
            let name =
                format!("{}{}", row.indicator.as_ref().map(|id| format!("{id} ")).unwrap_or_default(), row.figure);
            refusals.push(Refusal::new(
                row.place.clone(),
                Text::new(format!("{name}: {}", message.vi), format!("{name}: {}", message.en)),
            ));
            None
        }
    }
}

/// The slot of a row, by its unit, indicator and figure.
fn resolve(program: &Program, row: &RawFigure, refusals: &mut Vec<Refusal>) -> Option<Slot> {
    let blank = |text: &Option<String>| text.as_ref().is_none_or(|text| text.is_empty());
    let (reference, indicator) = match (blank(&row.unit), row.indicator.as_deref().filter(|id| !id.is_empty())) {
        (true, None) => (format!("round.{}", row.figure.strip_prefix("round.").unwrap_or(&row.figure)), None),
        (false, None) => (format!("profile.{}", row.figure.strip_prefix("profile.").unwrap_or(&row.figure)), None),
        (false, Some(id)) => (row.figure.clone(), Some(id)),
        (true, Some(id)) => {
            refusals.push(Refusal::new(
                row.place.clone(),
                Text::new(
                    format!("{id} {}: thiếu tên đơn vị", row.figure),
                    format!("{id} {}: the unit is missing", row.figure),
                ),
            ));
            return None;
        }
    };
    let slot = program.slot(indicator, &reference);
    if slot.is_none() {
        refusals.push(Refusal::new(row.place.clone(), unknown(program, indicator, &row.figure)));
    }
    slot
}

fn unknown(program: &Program, indicator: Option<&str>, figure: &str) -> Text {
    let set = &program.set.head.id;
    match indicator {
        Some(id) => match program.set.indicator(id) {
            None => Text::new(
                format!("bộ chỉ số {set} không có chỉ số “{id}”"),
                format!("the set {set} has no indicator \"{id}\""),
            ),
            Some(indicator) => {
                let known: Vec<String> = indicator.all_figures().into_iter().map(|figure| figure.id).collect();
                let known = known.join(", ");
                Text::new(
                    format!("chỉ số {id} không có số liệu “{figure}” (có: {known})"),
                    format!("the indicator {id} has no figure \"{figure}\" (it has: {known})"),
                )
            }
        },
        None => Text::new(
            format!("thông tin chung và kỳ đánh giá của {set} không có số liệu “{figure}”"),
            format!("neither the profile nor the round of {set} has a figure \"{figure}\""),
        ),
    }
}

/// What the numbers of a column say about its notation.
#[derive(Default)]
struct Column<'a> {
    vietnamese: Option<&'a RawFigure>,
    english: Option<&'a RawFigure>,
    ambiguous: Vec<&'a RawFigure>,
}

fn columns<'a>(program: &Program, rows: &'a [RawFigure], slots: &[Option<Slot>]) -> BTreeMap<&'a str, Column<'a>> {
    let mut columns: BTreeMap<&str, Column<'_>> = BTreeMap::new();
    for (row, slot) in rows.iter().zip(slots) {
        let (RawValue::Text(text), Some(slot)) = (&row.value, slot) else { continue };
        let column = columns.entry(&row.column).or_default();
        match notation::hint(text, program.info(*slot).figure.kind) {
            Hint::Neutral => {}
            Hint::Vietnamese => column.vietnamese = column.vietnamese.or(Some(row)),
            Hint::English => column.english = column.english.or(Some(row)),
            Hint::Ambiguous => column.ambiguous.push(row),
        }
    }
    columns
}

/// The rows whose number could be two, in columns that do not tell which.
pub fn ambiguous<'a>(program: &Program, rows: &'a [RawFigure]) -> Vec<&'a RawFigure> {
    let slots: Vec<Option<Slot>> = rows.iter().map(|row| resolve(program, row, &mut Vec::new())).collect();
    let untold = |column: &Column<'_>| column.vietnamese.is_none() && column.english.is_none();
    columns(program, rows, &slots).into_values().filter(untold).flat_map(|column| column.ambiguous).collect()
}

/// The notation of each column: from the numbers in it that leave no doubt, or as known for the file.
fn notations(
    program: &Program,
    rows: &[RawFigure],
    slots: &[Option<Slot>],
    known: KnownNotation,
    refusals: &mut Vec<Refusal>,
) -> BTreeMap<String, Notation> {
    let mut notations = BTreeMap::new();
    for (name, column) in columns(program, rows, slots) {
        let notation = match (known, column.vietnamese, column.english) {
            (KnownNotation::Known(notation), ..) => Some(notation),
            (_, Some(vietnamese), Some(english)) => {
                let (a, b) = (vietnamese.value.typed(), english.value.typed());
                refusals.push(Refusal::new(
                    english.place.clone(),
                    Text::new(
                        format!("cột lẫn hai cách viết số: “{b}” ở đây, “{a}” tại {}", vietnamese.place),
                        format!("the column mixes two notations: \"{b}\" here, \"{a}\" at {}", vietnamese.place),
                    ),
                ));
                None
            }
            (_, Some(_), None) => Some(Notation::Vietnamese),
            (_, None, Some(_)) => Some(Notation::English),
            (KnownNotation::Otherwise(notation), None, None) => Some(notation),
            (KnownNotation::Unknown, None, None) => {
                for row in column.ambiguous {
                    let typed = row.value.typed();
                    refusals.push(Refusal::new(
                        row.place.clone(),
                        Text::new(
                            format!("“{typed}” có thể là hai số khác nhau; hãy cho biết cách viết (--notation vi hoặc en)"),
                            format!("\"{typed}\" could be two numbers; say which notation the file is in (--notation vi or en)"),
                        ),
                    ));
                }
                None
            }
        };
        if let Some(notation) = notation {
            notations.insert(name.to_owned(), notation);
        }
    }
    notations
}

/// A value written back as a file of figures writes it.
pub fn written(figure: &Figure, cell: Cell, origin: Option<&Origin>) -> Option<String> {
    Some(match cell {
        Cell::Missing => return None,
        Cell::YesNo(true) => "yes".to_owned(),
        Cell::YesNo(false) => "no".to_owned(),
        Cell::Number(number) => number.to_string(),
        Cell::Ratio(part, whole) if figure.kind == FigureKind::Share => {
            format!("{}/{}", criteria::Number::from_millionths(part), criteria::Number::from_millionths(whole))
        }
        Cell::Ratio(part, whole) => format!("{part}/{whole}"),
        Cell::Option(option) => figure.options.get(option)?.id.clone(),
        Cell::Date(date) => criteria::date::Day(date).to_string(),
        Cell::Text => origin?.typed.clone(),
    })
}
