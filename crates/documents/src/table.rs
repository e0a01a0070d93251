//! A plain table of words from CSV or Excel: rows with their numbers, nothing understood yet. What is read is bounded
//! before it is unpacked.

use std::io::Cursor;

use calamine::{Reader, Xlsx, open_workbook_from_rs};
use criteria::Text;
use unicode_normalization::UnicodeNormalization;

use crate::import::read::archive::Archive;
use crate::import::read::xlsx::words;
use crate::sheet_cells::{Bounds, range};

/// Largest file, in bytes.
pub const FILE_BYTES_MAX: usize = 8 * 1024 * 1024;
/// Most rows, the head included.
pub const ROWS_MAX: usize = 10_000;
/// Most columns.
pub const COLUMNS_MAX: usize = 64;
/// Most bytes of one cell.
pub const CELL_BYTES_MAX: usize = 1_000;

/// A row with something in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Its number in the file, from 1, as a spreadsheet or an editor shows it.
    pub number: usize,
    /// Its cells, trimmed, in Unicode's composed form.
    pub cells: Vec<String>,
}

impl Row {
    /// The words of a cell; none where the row is shorter.
    pub fn cell(&self, column: Option<usize>) -> &str {
        column.and_then(|column| self.cells.get(column)).map_or("", String::as_str)
    }
}

/// Reads the rows of a CSV file (UTF-8, comma or semicolon) or of a workbook's first sheet with words on it. Which of
/// the two it is, the bytes tell.
///
/// # Errors
/// What is wrong with the file, or which limit it meets.
pub fn read(bytes: &[u8]) -> Result<Vec<Row>, Text> {
    if bytes.len() > FILE_BYTES_MAX {
        let found = bytes.len();
        return Err(Text::new(
            format!("tệp có {found} byte; tối đa {FILE_BYTES_MAX}"),
            format!("the file has {found} bytes; at most {FILE_BYTES_MAX} are read"),
        ));
    }
    let rows = if bytes.starts_with(b"PK\x03\x04") { workbook(bytes)? } else { comma_separated(bytes)? };
    if rows.is_empty() {
        return Err(Text::new("tệp không có dòng nào", "the file has no rows"));
    }
    if let Some(row) = rows.iter().find(|row| row.cells.iter().any(|cell| cell.len() > CELL_BYTES_MAX)) {
        let number = row.number;
        return Err(Text::new(
            format!("dòng {number} có ô dài hơn {CELL_BYTES_MAX} byte"),
            format!("row {number} has a cell of more than {CELL_BYTES_MAX} bytes"),
        ));
    }
    Ok(rows)
}

fn row(number: usize, cells: impl Iterator<Item = String>) -> Option<Row> {
    let mut cells: Vec<String> = cells.map(|cell| cell.trim().nfc().collect()).collect();
    while cells.last().is_some_and(String::is_empty) {
        cells.pop();
    }
    (!cells.is_empty()).then_some(Row { number, cells })
}

fn too_many() -> Text {
    Text::new(
        format!("tệp có quá nhiều hàng hoặc cột; tối đa {ROWS_MAX} × {COLUMNS_MAX}"),
        format!("the file has too many rows or columns; at most {ROWS_MAX} × {COLUMNS_MAX} are read"),
    )
}

fn comma_separated(bytes: &[u8]) -> Result<Vec<Row>, Text> {
    let text = std::str::from_utf8(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)).map_err(|_| {
        Text::new(
            "tệp không phải CSV mã UTF-8, cũng không phải .xlsx; trong Excel hãy lưu thành “CSV UTF-8” hoặc .xlsx",
            "neither CSV in UTF-8 nor .xlsx; in Excel save it as \"CSV UTF-8\" or .xlsx",
        )
    })?;
    // Excel writes semicolons where the comma is the decimal mark: the first line with either tells.
    let first = text.lines().find(|line| line.contains([',', ';'])).unwrap_or_default();
    let delimiter = if first.matches(';').count() > first.matches(',').count() { b';' } else { b',' };
    let mut reader =
        csv::ReaderBuilder::new().has_headers(false).flexible(true).delimiter(delimiter).from_reader(text.as_bytes());
    let mut rows = Vec::new();
    // The library says where it began to look, which may be before blank lines: the record's own line is counted here.
    let (mut counted, mut line) = (0, 1);
    for record in reader.records() {
        let record = record.map_err(|error| {
            Text::new(format!("không đọc được CSV: {error}"), format!("the CSV cannot be read: {error}"))
        })?;
        let looked = record.position().map_or(counted, |position| usize::try_from(position.byte()).unwrap_or(counted));
        let blank = text.as_bytes()[looked..].iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        let start = (looked + blank).max(counted);
        line += text.as_bytes()[counted..start].iter().filter(|byte| **byte == b'\n').count();
        counted = start;
        rows.extend(row(line, record.iter().map(str::to_owned)));
        if rows.len() > ROWS_MAX || record.len() > COLUMNS_MAX {
            return Err(too_many());
        }
    }
    Ok(rows)
}

fn workbook(bytes: &[u8]) -> Result<Vec<Row>, Text> {
    let mut archive = Archive::open(bytes)?;
    // Each part is unpacked once under the limits before the library unpacks it as it likes.
    for name in archive.names() {
        if name.ends_with(".xml") || name.ends_with(".rels") {
            archive.xml(&name)?;
        }
    }
    let unreadable = |error: &dyn std::fmt::Display| {
        Text::new(
            format!("không phải là tệp bảng tính .xlsx đọc được ({error})"),
            format!("not a readable .xlsx workbook ({error})"),
        )
    };
    let mut book: Xlsx<_> = open_workbook_from_rs(Cursor::new(bytes)).map_err(|error| unreadable(&error))?;
    let bounds = Bounds {
        rows_max: ROWS_MAX,
        columns_max: COLUMNS_MAX,
        cells_max: ROWS_MAX * COLUMNS_MAX,
        text_bytes_max: FILE_BYTES_MAX,
    };
    for sheet in book.sheet_names() {
        let range = range(&mut book, &sheet, bounds)?;
        let Some((first, _)) = range.start() else { continue };
        let numbered = range.rows().enumerate().map(|(at, cells)| (first as usize + at + 1, cells));
        return Ok(numbered.filter_map(|(number, cells)| row(number, cells.iter().map(words))).collect());
    }
    Ok(Vec::new())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commas_semicolons_and_a_byte_order_mark_are_read_alike() {
        let comma = read("mã,tên\n\n0001,\"Xã A, mẫu\"\n".as_bytes()).expect("a table");
        let semicolon = read("\u{feff}mã;tên\r\n\r\n0001;Xã A, mẫu\r\n".as_bytes()).expect("a table");
        assert_eq!(comma, semicolon);
        assert_eq!(comma[1], Row { number: 3, cells: vec!["0001".to_owned(), "Xã A, mẫu".to_owned()] });
    }

    #[test]
    fn decomposed_letters_are_composed_and_blank_rows_left_out() {
        let rows = read("te\u{302}n\n , \nA\n".as_bytes()).expect("a table");
        assert_eq!(rows.iter().map(|row| row.cells[0].as_str()).collect::<Vec<_>>(), ["tên", "A"]);
    }

    #[test]
    fn a_workbook_is_told_by_its_bytes() {
        let mut book = rust_xlsxwriter::Workbook::new();
        book.add_worksheet();
        let sheet = book.add_worksheet();
        sheet.write(2, 0, "Mã").and_then(|sheet| sheet.write(3, 0, "0001")).expect("cells");
        sheet.write(3, 1, 7).expect("a number");
        let rows = read(&book.save_to_buffer().expect("a workbook")).expect("a table");
        assert_eq!(rows[1], Row { number: 4, cells: vec!["0001".to_owned(), "7".to_owned()] });
    }

    #[test]
    fn what_is_too_much_or_no_table_is_refused_by_name() {
        let long = "a,b\n".repeat(ROWS_MAX + 1);
        assert!(read(long.as_bytes()).expect_err("too long").en.contains("at most 10000"));
        assert!(read(b"\xff\xfe\x00").expect_err("not text").en.contains("UTF-8"));
        assert!(read(b"PK\x03\x04 and nothing").is_err());
        assert!(read(b"").is_err());
        let mut book = rust_xlsxwriter::Workbook::new();
        book.add_worksheet().write(1_048_575, 16_383, "x").expect("the last cell");
        let far = read(&book.save_to_buffer().expect("a workbook"));
        assert!(far.is_ok_and(|rows| rows.len() == 1), "one cell alone is small wherever it stands");
    }
}
