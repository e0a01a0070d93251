//! The tables of a paper as a workbook: a sheet a table, numbers as numbers, heads that stand again on each printed page.

use std::collections::HashSet;

use rust_xlsxwriter::{Format, FormatAlign, FormatBorder, Workbook, Worksheet, XlsxError};

use super::style::TYPEFACE;
use super::{Align, Block, Cell, Paper, Part, RowKind, Style, Table};

/// Excel's longest sheet name.
const SHEET_NAME_MAX: usize = 31;
/// How many characters wide all columns of a sheet are together.
const SHEET_CHARACTERS: f64 = 150.0;
/// Excel's tallest row, in points.
const ROW_HEIGHT_MAX: f64 = 409.0;

struct Formats {
    lines: Format,
    head: Format,
    cells: [[Format; 4]; 2],
}

impl Formats {
    fn new(half_points: u16) -> Self {
        let base = || Format::new().set_font_name(TYPEFACE).set_font_size(f64::from(half_points) / 2.0);
        let boxed = |bold: bool, align: FormatAlign| {
            let format =
                base().set_border(FormatBorder::Thin).set_text_wrap().set_align(FormatAlign::Top).set_align(align);
            if bold { format.set_bold() } else { format }
        };
        let row = |bold: bool| {
            [FormatAlign::Left, FormatAlign::Center, FormatAlign::Right, FormatAlign::Left]
                .map(|align| boxed(bold, align).set_num_format("#,##0.######"))
        };
        Self {
            lines: base().set_font_size(13).set_bold(),
            head: boxed(true, FormatAlign::Center).set_align(FormatAlign::VerticalCenter),
            cells: [row(false), row(true)],
        }
    }

    fn cell(&self, kind: RowKind, align: Align) -> &Format {
        let place = match align {
            Align::Left => 0,
            Align::Center => 1,
            Align::Right => 2,
            Align::Justify => 3,
        };
        &self.cells[usize::from(kind != RowKind::Plain)][place]
    }
}

/// The paper's tables as the bytes of an `.xlsx` file; `None` where it has none.
///
/// # Errors
/// Only what the writer of the file format refuses: more rows or columns than a sheet holds.
pub fn write(paper: &Paper) -> Result<Option<Vec<u8>>, XlsxError> {
    let mut book = Workbook::new();
    let mut names = HashSet::new();
    for part in &paper.parts {
        let mut lines: Vec<String> = Vec::new();
        for block in &part.blocks {
            match block {
                Block::Text(paragraph) if titles(paragraph.style) => lines.push(paragraph.text()),
                Block::Text(_) | Block::Pair(_) | Block::Drawing(_) => {}
                Block::Table(table) => {
                    let name = sheet_name(if table.name.is_empty() { &part.name } else { &table.name }, &mut names);
                    let sheet = book.add_worksheet();
                    sheet.set_name(name)?;
                    write_table(sheet, part, table, &lines)?;
                }
            }
        }
    }
    if names.is_empty() { Ok(None) } else { book.save_to_buffer().map(Some) }
}

/// Whether a paragraph stands above the table in the workbook too.
const fn titles(style: Style) -> bool {
    matches!(style, Style::Kind | Style::Subject | Style::Annex | Style::AnnexTitle | Style::AnnexOf)
}

/// A sheet's name within Excel's limits, without the signs that it refuses, unlike all before.
fn sheet_name(name: &str, known: &mut HashSet<String>) -> String {
    let clean: String = name.replace(['[', ']', ':', '*', '?', '/', '\\', '\''], " ");
    let short = |most: usize| clean.trim().chars().take(most).collect::<String>().trim().to_owned();
    let mut found = short(SHEET_NAME_MAX);
    let mut number = 2;
    while found.is_empty() || !known.insert(found.to_lowercase()) {
        found = format!("{} {number}", short(SHEET_NAME_MAX - 5)).trim().to_owned();
        number += 1;
    }
    found
}

fn write_table(sheet: &mut Worksheet, part: &Part, table: &Table, lines: &[String]) -> Result<(), XlsxError> {
    let formats = Formats::new(table.half_points);
    let parts = table.columns.iter().map(|column| f64::from(column.width)).sum::<f64>().max(1.0);
    let widths: Vec<f64> =
        table.columns.iter().map(|column| (f64::from(column.width) / parts * SHEET_CHARACTERS).max(4.0)).collect();
    for (column, width) in widths.iter().enumerate() {
        sheet.set_column_width(column as u16, *width)?;
    }
    let mut at = 0;
    for line in lines.iter().flat_map(|line| line.lines()) {
        sheet.write_with_format(at, 0, line, &formats.lines)?;
        at += 1;
    }
    if at > 0 {
        at += 1;
    }
    let first_head = at;
    let mut taken: HashSet<(u32, u16)> = HashSet::new();
    for row in &table.heads {
        let mut column = 0;
        for cell in &row.cells {
            while taken.contains(&(at, column)) {
                column += 1;
            }
            let (last_row, last) = (at + u32::from(cell.rows.max(1)) - 1, column + cell.columns.max(1) - 1);
            if last_row > at || last > column {
                sheet.merge_range(at, column, last_row, last, &cell.text, &formats.head)?;
            } else {
                sheet.write_with_format(at, column, &cell.text, &formats.head)?;
            }
            taken.extend((at..=last_row).flat_map(|row| (column..=last).map(move |column| (row, column))));
            column = last + 1;
        }
        sheet.set_row_height(at, height(&row.cells, &widths, table))?;
        at += 1;
    }
    sheet.set_freeze_panes(at, 0)?;
    if at > first_head {
        sheet.set_repeat_rows(first_head, at - 1)?;
    }
    for row in &table.rows {
        let mut column = 0;
        for cell in &row.cells {
            let align = table.columns.get(usize::from(column)).map(|one| one.align).unwrap_or_default();
            write_cell(sheet, at, column, cell, formats.cell(row.kind, align))?;
            column += cell.columns.max(1);
        }
        sheet.set_row_height(at, height(&row.cells, &widths, table))?;
        at += 1;
    }
    sheet.set_paper_size(9).set_print_fit_to_pages(1, 0).set_footer("&C&P/&N");
    if part.landscape {
        sheet.set_landscape();
    }
    Ok(())
}

fn write_cell(sheet: &mut Worksheet, row: u32, column: u16, cell: &Cell, format: &Format) -> Result<(), XlsxError> {
    if cell.columns > 1 {
        sheet.merge_range(row, column, row, column + cell.columns - 1, &cell.text, format)?;
        return Ok(());
    }
    // Sixteen digits and more are no longer exact in a spreadsheet: they stay words.
    let exact = cell.number.map(|number| number.to_string()).filter(|text| text.len() <= 15);
    match exact.and_then(|text| text.parse::<f64>().ok()) {
        // Points keep the decimals that the paper shows.
        Some(number) if cell.text.contains(',') => {
            let format = format.clone().set_num_format("#,##0.00####");
            sheet.write_number_with_format(row, column, number, &format)?
        }
        Some(number) => sheet.write_number_with_format(row, column, number, format)?,
        None => sheet.write_string_with_format(row, column, &cell.text, format)?,
    };
    Ok(())
}

/// The height of a row, in points: programs that open the file do not all fit rows to wrapped text by themselves.
fn height(cells: &[Cell], widths: &[f64], table: &Table) -> f64 {
    let size = f64::from(table.half_points) / 2.0;
    let mut column = 0;
    let mut most: f64 = 1.0;
    for cell in cells {
        let width: f64 = widths.iter().skip(column).take(usize::from(cell.columns.max(1))).sum();
        let per_line = (width * 11.0 / size * 0.95).max(3.0);
        let lines: f64 =
            cell.text.split('\n').map(|line| (line.chars().count() as f64 / per_line).ceil().max(1.0)).sum();
        most = most.max(lines / f64::from(cell.rows.max(1)));
        column += usize::from(cell.columns.max(1));
    }
    (most * size * 1.28 + 5.0).min(ROW_HEIGHT_MAX)
}
