//! Tables out, as one workbook: a sheet each, with a head that stays, filters, and numbers as numbers.

use criteria::Number;
use rust_xlsxwriter::{Format, FormatAlign, Workbook, XlsxError};

use crate::template::Look;

/// Widest column, in characters.
const WIDTH_MAX: usize = 60;

/// What stands in a cell.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// Nothing.
    Empty,
    /// Words.
    Words(String),
    /// A number, exact up to what a spreadsheet can hold.
    Number(Number),
    /// A count or a rank.
    Count(u32),
}

impl From<Option<u32>> for Cell {
    fn from(count: Option<u32>) -> Self {
        count.map_or(Self::Empty, Self::Count)
    }
}

impl From<Option<Number>> for Cell {
    fn from(number: Option<Number>) -> Self {
        number.map_or(Self::Empty, Self::Number)
    }
}

impl From<&str> for Cell {
    fn from(words: &str) -> Self {
        if words.is_empty() { Self::Empty } else { Self::Words(words.to_owned()) }
    }
}

/// One table.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Table {
    /// The name of its sheet: at most 31 letters, without `[]:*?/\`.
    pub name: String,
    /// The heads of its columns.
    pub heads: Vec<String>,
    /// Its rows.
    pub rows: Vec<Vec<Cell>>,
}

/// The tables as a workbook.
///
/// # Errors
/// Only what the writer of the file format refuses: a name of a sheet, more rows or columns than a sheet holds.
pub fn tables(tables: &[Table]) -> Result<Vec<u8>, XlsxError> {
    let look = Look::new();
    let number = Format::new().set_font_name("Arial").set_font_size(10).set_align(FormatAlign::Right);
    let mut book = Workbook::new();
    for table in tables {
        let sheet = book.add_worksheet();
        sheet.set_name(&table.name)?;
        let mut widths: Vec<usize> = table.heads.iter().map(|head| head.chars().count() + 3).collect();
        for (column, head) in (0_u16..).zip(&table.heads) {
            sheet.write_with_format(0, column, head, &look.heading)?;
        }
        for (row, cells) in (1_u32..).zip(&table.rows) {
            for ((column, cell), width) in (0_u16..).zip(cells).zip(&mut widths) {
                match cell {
                    Cell::Empty => {}
                    Cell::Words(words) => {
                        *width = (*width).max(words.chars().count().min(WIDTH_MAX));
                        sheet.write_with_format(row, column, words, &look.text)?;
                    }
                    Cell::Number(value) => {
                        let value: f64 = value.to_string().parse().unwrap_or_default();
                        sheet.write_with_format(row, column, value, &number)?;
                    }
                    Cell::Count(count) => {
                        sheet.write_with_format(row, column, *count, &number)?;
                    }
                }
            }
        }
        for (column, width) in (0_u16..).zip(widths) {
            sheet.set_column_width(column, (width + 1).min(WIDTH_MAX) as f64)?;
        }
        sheet.set_freeze_panes(1, 0)?;
        let (last_row, last_column) = (table.rows.len(), table.heads.len());
        if let (Ok(row), Ok(column)) = (u32::try_from(last_row), u16::try_from(last_column))
            && last_row > 0
            && last_column > 0
        {
            sheet.autofilter(0, 0, row, column - 1)?;
        }
    }
    book.save_to_buffer()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        let table = Table {
            name: "Xếp hạng".to_owned(),
            heads: vec!["code".to_owned(), "points".to_owned(), "rank".to_owned()],
            rows: vec![vec![Cell::from("0001"), Number::parse("4.5").into(), Some(2).into()]],
        };
        let rows = crate::table::read(&tables(&[table]).expect("a workbook")).expect("a table");
        assert_eq!(rows[0].cells, ["code", "points", "rank"]);
        assert_eq!(rows[1].cells, ["0001", "4.5", "2"], "a code keeps its zeros, a number is a number");
    }
}
