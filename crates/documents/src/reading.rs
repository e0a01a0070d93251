//! The filled-in workbook as rows of figures. Every cell that cannot be taken is named by its address, all at once.

use std::collections::BTreeMap;
use std::io::Cursor;

use calamine::{Data, Range, Reader, Xlsx, open_workbook_from_rs};
use criteria::date::Date;
use criteria::{Text, limits};
use scoring::{Program, RawFigure, RawValue, Refusal};

use crate::sheet_cells::{self, Bounds};
use crate::template::{META_SHEET, REFERENCES_MARK};

/// What a sheet of figures may hold.
const BOUNDS: Bounds = Bounds {
    rows_max: limits::SHEET_ROWS_MAX,
    columns_max: limits::SHEET_COLUMNS_MAX,
    cells_max: limits::SHEET_CELLS_MAX,
    text_bytes_max: limits::SHEET_TEXT_BYTES_MAX,
};

/// Rows of a workbook that [`crate::workbook::template`] made, for `scoring::figures::collect`.
///
/// # Errors
/// A file that is no workbook or unpacks to too much; a workbook made for another set or another content of it; every
/// cell with an error, without a unit, or below no known column.
pub fn read(program: &Program, file: &str, bytes: &[u8]) -> Result<Vec<RawFigure>, Vec<Refusal>> {
    unpacked_size(bytes).map_err(|message| vec![Refusal::new(file, message)])?;
    let mut book: Xlsx<_> = open_workbook_from_rs(Cursor::new(bytes)).map_err(|error| {
        let message = Text::new(
            format!("không phải là tệp bảng tính .xlsx đọc được ({error})"),
            format!("not a readable .xlsx workbook ({error})"),
        );
        vec![Refusal::new(file, message)]
    })?;
    if !book.sheet_names().iter().any(|name| name == META_SHEET) {
        let message = Text::new(
            "tệp này không do “thuocdo template” tạo ra",
            "this workbook was not made by \"thuocdo template\"",
        );
        return Err(vec![Refusal::new(file, message)]);
    }
    let meta = sheet_cells::range(&mut book, META_SHEET, BOUNDS)
        .map_err(|message| vec![Refusal::new(format!("{file}, '{META_SHEET}'"), message)])?;
    made_for(program, file, &meta)?;
    let mut reading = Reading { file, rows: Vec::new(), refusals: Vec::new() };
    for name in book.sheet_names() {
        if name.starts_with('_') {
            continue;
        }
        match sheet_cells::range(&mut book, &name, BOUNDS) {
            Ok(range) => reading.sheet(&name, &range),
            Err(message) => reading.refusals.push(Refusal::new(format!("{file}, '{name}'"), message)),
        }
    }
    if reading.refusals.is_empty() { Ok(reading.rows) } else { Err(reading.refusals) }
}

/// Refuses a file that would unpack to more than a workbook can need.
fn unpacked_size(bytes: &[u8]) -> Result<(), Text> {
    let not_xlsx = |error: &dyn std::fmt::Display| {
        Text::new(
            format!("không phải là tệp bảng tính .xlsx đọc được ({error})"),
            format!("not a readable .xlsx workbook ({error})"),
        )
    };
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(|error| not_xlsx(&error))?;
    let (files, most_files) = (archive.len(), limits::WORKBOOK_FILES_MAX);
    let mut total = 0_u64;
    for index in 0..files.min(most_files + 1) {
        let entry = archive.by_index_raw(index).map_err(|error| not_xlsx(&error))?;
        total = total.saturating_add(entry.size());
    }
    let most = limits::WORKBOOK_UNPACKED_BYTES_MAX;
    if files > most_files || total > most {
        return Err(Text::new(
            format!("tệp bung ra quá lớn ({files} tệp, {total} byte; tối đa {most_files} tệp, {most} byte)"),
            format!("unpacks to too much ({files} files, {total} bytes; at most {most_files} files, {most} bytes)"),
        ));
    }
    Ok(())
}

fn made_for(program: &Program, file: &str, meta: &Range<Data>) -> Result<(), Vec<Refusal>> {
    let known: BTreeMap<String, String> =
        meta.rows().filter_map(|row| Some((row.first()?.to_string(), row.get(1)?.to_string()))).collect();
    let get = |key: &str| known.get(key).map_or("", String::as_str);
    let head = &program.set.head;
    let (set, hash) = (get("set"), get("hash"));
    if set != head.id {
        let id = &head.id;
        let message = Text::new(
            format!("tệp này dành cho bộ chỉ số “{set}”, không phải “{id}”"),
            format!("this workbook is for the set \"{set}\", not \"{id}\""),
        );
        return Err(vec![Refusal::new(file, message)]);
    }
    let now = &program.set_hash;
    if hash != now {
        let message = Text::new(
            format!(
                "bộ chỉ số đã thay đổi từ khi tạo tệp này (mã nội dung {hash}, nay là {now}); hãy tạo lại bằng “template”"
            ),
            format!(
                "the set has changed since this workbook was made (content hash {hash}, now {now}); make it anew with \"template\""
            ),
        );
        return Err(vec![Refusal::new(file, message)]);
    }
    Ok(())
}

struct Reading<'a> {
    file: &'a str,
    rows: Vec<RawFigure>,
    refusals: Vec<Refusal>,
}

/// What a column holds.
struct Column {
    index: usize,
    indicator: Option<String>,
    figure: String,
    of_round: bool,
}

impl Reading<'_> {
    fn refuse(&mut self, sheet: &str, row: u32, column: u32, vi: impl Into<String>, en: impl Into<String>) {
        let place = self.place(sheet, row, column);
        self.refusals.push(Refusal::new(place, Text::new(vi, en)));
    }

    fn place(&self, sheet: &str, row: u32, column: u32) -> String {
        format!("{}, '{sheet}'!{}{}", self.file, column_name(column), row + 1)
    }

    fn sheet(&mut self, sheet: &str, range: &Range<Data>) {
        let Some((first_row, first_column)) = range.start() else { return };
        let mark = range
            .rows()
            .position(|row| row.first().is_some_and(|cell| *cell == Data::String(REFERENCES_MARK.to_owned())));
        let Some(mark) = mark else { return };
        let columns = self.columns(sheet, range, mark, first_row, first_column);
        let mut seen: BTreeMap<String, u32> = BTreeMap::new();
        for (index, row) in range.rows().enumerate().skip(mark + 1) {
            let at = first_row + index as u32;
            let unit = row.first().map(|cell| cell.to_string().trim().to_owned()).unwrap_or_default();
            let filled = columns.iter().any(|column| row.get(column.index).is_some_and(|cell| !is_blank(cell)));
            if unit.is_empty() {
                if filled {
                    self.refuse(
                        sheet,
                        at,
                        first_column,
                        "hàng có số liệu nhưng không có tên đơn vị",
                        "the row has figures but no unit",
                    );
                }
                continue;
            }
            if let Some(earlier) = seen.insert(unit.clone(), at) {
                self.refuse(
                    sheet,
                    at,
                    first_column,
                    format!("đơn vị “{unit}” đã có ở hàng {}", earlier + 1),
                    format!("the unit \"{unit}\" stands in row {} already", earlier + 1),
                );
                continue;
            }
            for column in &columns {
                let place = self.place(sheet, at, first_column + column.index as u32);
                match value(row.get(column.index).unwrap_or(&Data::Empty)) {
                    Ok(None) => {
                        // A unit without any figure still stands in the level.
                        if column.index == 1 && !column.of_round {
                            self.push(sheet, column, &unit, RawValue::Text(String::new()), place);
                        }
                    }
                    Ok(Some(value)) => self.push(sheet, column, &unit, value, place),
                    Err(message) => self.refusals.push(Refusal::new(place, message)),
                }
            }
        }
    }

    fn push(&mut self, sheet: &str, column: &Column, unit: &str, value: RawValue, place: String) {
        self.rows.push(RawFigure {
            unit: (!column.of_round).then(|| unit.to_owned()),
            indicator: column.indicator.clone(),
            figure: column.figure.clone(),
            value,
            place,
            column: format!("{sheet}/{}", column.index),
        });
    }

    fn columns(
        &mut self,
        sheet: &str,
        range: &Range<Data>,
        mark: usize,
        first_row: u32,
        first_column: u32,
    ) -> Vec<Column> {
        let references: Vec<(usize, String)> = range
            .rows()
            .nth(mark)
            .unwrap_or_default()
            .iter()
            .enumerate()
            .skip(1)
            .map(|(index, cell)| (index, cell.to_string()))
            .collect();
        let mut columns = Vec::new();
        for (index, reference) in references {
            let known = if let Some(id) = reference.strip_prefix("round.") {
                Some((None, id.to_owned(), true))
            } else if let Some(id) = reference.strip_prefix("profile.") {
                Some((None, id.to_owned(), false))
            } else {
                reference.split_once('/').map(|(indicator, id)| (Some(indicator.to_owned()), id.to_owned(), false))
            };
            if let Some((indicator, figure, of_round)) = known {
                columns.push(Column { index, indicator, figure, of_round });
            } else if range.rows().skip(mark + 1).any(|row| row.get(index).is_some_and(|cell| !is_blank(cell))) {
                self.refuse(
                    sheet,
                    first_row + mark as u32,
                    first_column + index as u32,
                    "cột này được thêm vào và không thuộc số liệu nào",
                    "this column was added and belongs to no figure",
                );
            }
        }
        columns
    }
}

fn is_blank(cell: &Data) -> bool {
    match cell {
        Data::Empty => true,
        Data::String(text) => text.trim().is_empty(),
        _ => false,
    }
}

/// A cell's value; `None` where it is blank.
fn value(cell: &Data) -> Result<Option<RawValue>, Text> {
    Ok(match cell {
        Data::Empty => None,
        Data::String(text) if text.trim().is_empty() => None,
        Data::String(text) => Some(RawValue::Text(text.clone())),
        Data::Int(number) => Some(RawValue::Cell(number.to_string())),
        Data::Float(number) => Some(RawValue::Cell(shortest(*number))),
        Data::Bool(answer) => Some(RawValue::Bool(*answer)),
        Data::DateTime(moment) => {
            let (year, month, day, ..) = moment.to_ymd_hms_milli();
            let date = Date::new(i16::try_from(year).unwrap_or(i16::MAX), month as i8, day as i8).ok();
            Some(date.map_or_else(|| RawValue::Cell(shortest(moment.as_f64())), RawValue::Date))
        }
        Data::DateTimeIso(text) => Some(day(text).map_or_else(|| RawValue::Text(text.clone()), RawValue::Date)),
        Data::DurationIso(text) => Some(RawValue::Text(text.clone())),
        Data::Error(error) => {
            return Err(Text::new(
                format!("ô có lỗi công thức {error}"),
                format!("the cell has the formula error {error}"),
            ));
        }
    })
}

/// `2023-10-31 …` as a day.
fn day(text: &str) -> Option<Date> {
    criteria::date::Day::parse(text.get(..10)?).map(|day| day.0)
}

/// A spreadsheet's number as a person sees it: at most 15 significant digits, so that 0.1 + 0.2 is 0.3.
pub(crate) fn shortest(number: f64) -> String {
    let rounded: f64 = format!("{number:.14e}").parse().unwrap_or(number);
    rounded.to_string()
}

pub(crate) fn column_name(column: u32) -> String {
    rust_xlsxwriter::utility::column_number_to_name(column as u16)
}
