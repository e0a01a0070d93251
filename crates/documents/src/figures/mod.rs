//! Figures from sheets of any make: what stands in the cells, what each column means, which figures that gives.
//!
//! Three steps, each on its own: [`read`] gives the cells of a file of strangers under limits, [`columns`] finds the heads
//! and proposes what they mean, [`rows`] turns cells into figures by what was decided.

pub mod columns;
pub mod rows;

use std::collections::BTreeMap;
use std::io::Cursor;

use calamine::{Data, Reader, SheetVisible, Xlsx, open_workbook_from_rs};
use criteria::Text;
use criteria::date::{Date, Day};
use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

use crate::import::read::archive::Archive;
use crate::reading::shortest;
use crate::sheet_cells::{Bounds, range};
use crate::template::META_SHEET;

/// Largest file, in bytes.
pub const FILE_BYTES_MAX: usize = 8 * 1024 * 1024;
/// Most sheets that are read.
pub const SHEETS_MAX: usize = 60;
/// Most rows of a sheet.
pub const ROWS_MAX: usize = 20_000;
/// Most columns of a sheet.
pub const COLUMNS_MAX: usize = 1_024;
/// Most cells of the rectangle that a sheet's values span, empty ones included.
pub const CELLS_MAX: usize = 500_000;
/// Most bytes of the texts of a sheet.
pub const TEXT_BYTES_MAX: usize = 16 * 1024 * 1024;
/// Most bytes of one cell that are kept; heads with the law's words in them are cut.
pub const CELL_BYTES_MAX: usize = criteria::limits::VALUE_BYTES_MAX;

/// What stands in a cell.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub enum Value {
    /// Nothing.
    #[default]
    Empty,
    /// Words, or a number that was typed as words.
    Text(String),
    /// A number, with a point before its decimals.
    Number(String),
    /// Yes or no.
    Answer(bool),
    /// A day, as ISO 8601 writes it.
    Day(String),
    /// What a formula failed with.
    Fault(String),
}

impl Value {
    /// Whether nothing stands there.
    pub fn is_blank(&self) -> bool {
        match self {
            Self::Empty => true,
            Self::Text(text) => text.is_empty(),
            _ => false,
        }
    }

    /// The value as a person sees it.
    pub fn shown(&self) -> String {
        match self {
            Self::Empty => String::new(),
            Self::Text(text) | Self::Fault(text) => text.clone(),
            Self::Number(number) => number.replace('.', ","),
            Self::Answer(answer) => if *answer { "x" } else { "không" }.to_owned(),
            Self::Day(day) => {
                Day::parse(day).map_or_else(String::new, |Day(d)| format!("{}/{}/{}", d.day(), d.month(), d.year()))
            }
        }
    }
}

/// The cells of a sheet, as a rectangle.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Grid {
    /// The sheet's name; empty for a file without sheets.
    pub name: String,
    /// Row and column of the first cell, from 0.
    pub from: (u32, u32),
    /// The rows, as long as they are filled.
    pub rows: Vec<Vec<Value>>,
}

impl Grid {
    /// A cell.
    pub fn value(&self, row: usize, column: usize) -> &Value {
        const EMPTY: &Value = &Value::Empty;
        self.rows.get(row).and_then(|row| row.get(column)).unwrap_or(EMPTY)
    }

    /// How many columns there are.
    pub fn width(&self) -> usize {
        self.rows.iter().map(Vec::len).max().unwrap_or(0)
    }

    /// Where a cell stands, as a person finds it.
    pub fn place(&self, file: &str, row: usize, column: usize) -> String {
        let row = self.from.0 as usize + row + 1;
        let column = crate::reading::column_name(self.from.1 + u32::try_from(column).unwrap_or(0));
        match self.name.as_str() {
            "" => format!("{file}, {column}{row}"),
            name => format!("{file}, '{name}'!{column}{row}"),
        }
    }
}

/// A file of figures.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Book {
    /// Its sheets with something in them.
    pub grids: Vec<Grid>,
    /// The set and the content hash that our own workbook was made for.
    pub made_for: Option<(String, String)>,
    /// What was left out.
    pub warnings: Vec<Text>,
}

/// Reads the cells of a workbook or of a CSV file in UTF-8; which of the two it is, the bytes tell.
///
/// # Errors
/// What is wrong with the file, or which limit it meets.
pub fn read(bytes: &[u8]) -> Result<Book, Text> {
    if bytes.len() > FILE_BYTES_MAX {
        let (found, most) = (bytes.len(), FILE_BYTES_MAX);
        return Err(Text::new(
            format!("tệp có {found} byte; tối đa {most}"),
            format!("the file has {found} bytes; at most {most} are read"),
        ));
    }
    if bytes.starts_with(b"\xd0\xcf\x11\xe0") {
        return Err(Text::new(
            "tệp .xls kiểu cũ, hoặc có mật khẩu; hãy lưu lại thành .xlsx không mật khẩu",
            "an old .xls file, or one with a password; save it as .xlsx without a password",
        ));
    }
    let book = if bytes.starts_with(b"PK\x03\x04") { workbook(bytes)? } else { comma_separated(bytes)? };
    if book.grids.is_empty() {
        return Err(Text::new("tệp không có ô nào có chữ hay số", "there is nothing in the cells of the file"));
    }
    Ok(book)
}

fn text(words: &str) -> Value {
    let words: String = words.trim().nfc().filter(|letter| *letter != '\0').collect();
    let mut end = words.len().min(CELL_BYTES_MAX);
    while !words.is_char_boundary(end) {
        end -= 1;
    }
    Value::Text(words[..end].to_owned())
}

fn value(cell: &Data) -> Value {
    match cell {
        Data::Empty => Value::Empty,
        Data::String(words) if words.trim().is_empty() => Value::Empty,
        Data::String(words) | Data::DurationIso(words) => text(words),
        Data::Int(number) => Value::Number(number.to_string()),
        Data::Float(number) => Value::Number(shortest(*number)),
        Data::Bool(answer) => Value::Answer(*answer),
        Data::DateTime(moment) => {
            let (year, month, day, ..) = moment.to_ymd_hms_milli();
            let date = Date::new(i16::try_from(year).unwrap_or(i16::MAX), month as i8, day as i8).ok();
            date.map_or_else(|| Value::Number(shortest(moment.as_f64())), |date| Value::Day(date.to_string()))
        }
        Data::DateTimeIso(words) => match words.get(..10).and_then(Day::parse) {
            Some(Day(date)) => Value::Day(date.to_string()),
            None => text(words),
        },
        Data::Error(error) => Value::Fault(error.to_string()),
    }
}

fn trimmed(mut row: Vec<Value>) -> Vec<Value> {
    while row.last().is_some_and(Value::is_blank) {
        row.pop();
    }
    row
}

fn workbook(bytes: &[u8]) -> Result<Book, Text> {
    let mut archive = Archive::open(bytes)?;
    let mut book = Book::default();
    if archive.has_ending("vbaProject.bin") {
        book.warnings.push(Text::new("macro trong tệp đã được bỏ qua", "macros in the file were left out"));
    }
    // Each part is unpacked once under the limits before the library unpacks it as it likes.
    for name in archive.names() {
        if name.ends_with(".xml") || name.ends_with(".rels") {
            archive.xml(&name)?;
        }
    }
    let mut opened: Xlsx<_> = open_workbook_from_rs(Cursor::new(bytes)).map_err(|error| {
        Text::new(
            format!("không phải là tệp bảng tính .xlsx đọc được ({error})"),
            format!("not a readable .xlsx workbook ({error})"),
        )
    })?;
    let bounds =
        Bounds { rows_max: ROWS_MAX, columns_max: COLUMNS_MAX, cells_max: CELLS_MAX, text_bytes_max: TEXT_BYTES_MAX };
    let sheets: Vec<(String, SheetVisible)> =
        opened.sheets_metadata().iter().map(|sheet| (sheet.name.clone(), sheet.visible)).collect();
    let mut cells = 0;
    for (name, visible) in sheets {
        let told = |message: Text| {
            Text::new(format!("trang “{name}”: {}", message.vi), format!("sheet \"{name}\": {}", message.en))
        };
        if name == META_SHEET {
            let meta = range(&mut opened, &name, bounds).map_err(told)?;
            let known: BTreeMap<String, String> =
                meta.rows().filter_map(|row| Some((row.first()?.to_string(), row.get(1)?.to_string()))).collect();
            book.made_for = known.get("set").cloned().zip(known.get("hash").cloned());
            continue;
        }
        if visible != SheetVisible::Visible {
            if !name.starts_with('_') {
                book.warnings.push(Text::new(
                    format!("trang ẩn “{name}” không được đọc"),
                    format!("the hidden sheet \"{name}\" was not read"),
                ));
            }
            continue;
        }
        let found = range(&mut opened, &name, bounds).map_err(told)?;
        let Some(from) = found.start() else { continue };
        let rows: Vec<Vec<Value>> = found.rows().map(|row| trimmed(row.iter().map(value).collect())).collect();
        cells += rows.iter().map(Vec::len).sum::<usize>();
        if book.grids.len() >= SHEETS_MAX || cells > 2 * CELLS_MAX {
            let (sheets, most) = (SHEETS_MAX, 2 * CELLS_MAX);
            return Err(Text::new(
                format!("tệp có quá nhiều trang hoặc ô; tối đa {sheets} trang và {most} ô"),
                format!("too many sheets or cells; at most {sheets} sheets and {most} cells are read"),
            ));
        }
        book.grids.push(Grid { name, from, rows });
    }
    Ok(book)
}

fn too_much() -> Text {
    Text::new(
        format!("tệp có quá nhiều hàng, cột hoặc ô; tối đa {ROWS_MAX} × {COLUMNS_MAX} và {CELLS_MAX} ô"),
        format!("too many rows, columns or cells; at most {ROWS_MAX} × {COLUMNS_MAX} and {CELLS_MAX} cells"),
    )
}

/// How many blank lines stand before what is read from here on.
fn blank_lines(bytes: &[u8], start: usize) -> usize {
    let mut rest = bytes.get(start..).unwrap_or_default();
    // The second half of the end of the line before.
    if start > 0 && bytes.get(start - 1) == Some(&b'\r') {
        rest = rest.strip_prefix(b"\n").unwrap_or(rest);
    }
    let mut count = 0;
    while let Some(next) = [&b"\r\n"[..], b"\n", b"\r"].into_iter().find_map(|end| rest.strip_prefix(end)) {
        rest = next;
        count += 1;
    }
    count
}

fn comma_separated(bytes: &[u8]) -> Result<Book, Text> {
    let words = std::str::from_utf8(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)).map_err(|_| {
        Text::new(
            "tệp không phải CSV mã UTF-8, cũng không phải .xlsx; trong Excel hãy lưu thành “CSV UTF-8” hoặc .xlsx",
            "neither CSV in UTF-8 nor .xlsx; in Excel save it as \"CSV UTF-8\" or .xlsx",
        )
    })?;
    // Excel writes semicolons where the comma is the decimal mark; other programs write tabs.
    let lines = || words.lines().filter(|line| line.contains([',', ';', '\t'])).take(20);
    let most = |sign: char| lines().map(|line| line.matches(sign).count()).sum::<usize>();
    let delimiter = [',', ';', '\t'].into_iter().max_by_key(|sign| most(*sign)).unwrap_or(',');
    let delimiter = u8::try_from(delimiter).unwrap_or(b',');
    let mut reader =
        csv::ReaderBuilder::new().has_headers(false).flexible(true).delimiter(delimiter).from_reader(words.as_bytes());
    let mut rows: Vec<Vec<Value>> = Vec::new();
    let mut cells = 0;
    for record in reader.records() {
        let record = record.map_err(|error| {
            Text::new(format!("không đọc được CSV: {error}"), format!("the CSV cannot be read: {error}"))
        })?;
        cells += record.len();
        if record.len() > COLUMNS_MAX || cells > CELLS_MAX {
            return Err(too_much());
        }
        let start = record.position().map_or(0, |at| usize::try_from(at.byte()).unwrap_or(0));
        let blank = blank_lines(words.as_bytes(), start);
        if rows.len() + blank >= ROWS_MAX {
            return Err(too_much());
        }
        // The reader passes over blank lines; a spreadsheet counts them as rows.
        rows.resize(rows.len() + blank, Vec::new());
        rows.push(trimmed(record.iter().map(text).collect()));
    }
    let filled = rows.iter().any(|row| !row.is_empty());
    let grids = if filled { vec![Grid { name: String::new(), from: (0, 0), rows }] } else { Vec::new() };
    Ok(Book { grids, ..Book::default() })
}
