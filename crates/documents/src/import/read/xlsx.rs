//! Excel: each visible sheet as a table. Values as they were last computed; formulas and macros are never run.

use std::collections::BTreeMap;
use std::io::Cursor;

use calamine::{Data, Reader, SheetVisible, Xlsx, open_workbook_from_rs};
use criteria::Text;

use super::super::limits;
use super::super::table::{Cell, Format, Place, Row, Source, Table};
use super::archive::Archive;
use super::{Gather, cell};
use crate::sheet_cells::{Bounds, range};

/// Reads a workbook.
pub fn read(archive: &mut Archive<'_>, bytes: &[u8]) -> Result<Source, Text> {
    let mut warnings = Vec::new();
    if archive.has_ending("vbaProject.bin") {
        warnings.push(Text::new("macro trong tệp đã được bỏ qua", "macros in the file were left out"));
    }
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
    let mut gather = Gather::default();
    let sheets: Vec<(String, SheetVisible)> =
        book.sheets_metadata().iter().map(|sheet| (sheet.name.clone(), sheet.visible)).collect();
    for (name, visible) in sheets {
        if visible != SheetVisible::Visible {
            warnings.push(Text::new(
                format!("trang ẩn “{name}” không được đọc"),
                format!("the hidden sheet \"{name}\" was not read"),
            ));
            continue;
        }
        let bounds = Bounds {
            rows_max: limits::ROWS_MAX,
            columns_max: limits::COLUMNS_MAX,
            cells_max: limits::ROWS_MAX * limits::COLUMNS_MAX,
            text_bytes_max: limits::TEXT_BYTES_MAX,
        };
        let told = |message: Text| {
            Text::new(format!("trang “{name}”: {}", message.vi), format!("sheet \"{name}\": {}", message.en))
        };
        let range = range(&mut book, &name, bounds).map_err(told)?;
        let Some((first_row, first_column)) = range.start() else { continue };
        // Merged regions of more than one row, by the column that holds their words.
        let mut merged: BTreeMap<u32, Vec<(u32, u32)>> = BTreeMap::new();
        for region in book.merge_cells_by_sheet_name(&name).unwrap_or_default() {
            if region.end.0 > region.start.0 {
                merged.entry(region.start.1).or_default().push((region.start.0, region.end.0));
            }
        }
        merged.values_mut().for_each(|regions| regions.sort_unstable());
        let goes_on = |row: u32, column: u32| {
            let Some(regions) = merged.get(&column) else { return false };
            let before = regions.partition_point(|(first, _)| *first < row);
            before.checked_sub(1).is_some_and(|last| row <= regions[last].1)
        };
        let mut table = Table::default();
        for (row_index, row) in range.rows().enumerate() {
            let row_number = first_row as usize + row_index + 1;
            let filled = row.iter().filter(|value| !matches!(value, Data::Empty)).count();
            let cells: Result<Vec<Cell>, Text> = row
                .iter()
                .enumerate()
                .map(|(index, value)| {
                    let address = format!("{}{row_number}", crate::reading::column_name(first_column + index as u32));
                    let place = Place::Sheet { sheet: name.clone(), cell: address };
                    let column = first_column + index as u32;
                    let merged = goes_on(first_row + row_index as u32, column);
                    Ok(Cell { merged, ..cell(&words(value).replace('<', "< "), place)? })
                })
                .collect();
            let cells = cells?;
            // A single cell over the width of the table is a heading or a paragraph, not a row.
            match cells.iter().find(|cell| !cell.text.is_empty()) {
                Some(only)
                    if filled == 1 && row.len() > 1 && only.text.chars().count() > 12 && table.rows.is_empty() =>
                {
                    gather.line(&only.text, only.place.clone());
                }
                _ => table.rows.push(Row { cells }),
            }
        }
        gather.table(table)?;
    }
    let text = gather.text()?;
    Ok(Source { format: Format::Xlsx, blocks: gather.blocks, text, ending: "txt", warnings })
}

/// A value as a reader of the sheet sees it.
pub(crate) fn words(value: &Data) -> String {
    match value {
        Data::Empty => String::new(),
        Data::String(text) | Data::DateTimeIso(text) | Data::DurationIso(text) => text.clone(),
        Data::Int(number) => number.to_string(),
        Data::Float(number) => crate::reading::shortest(*number),
        Data::Bool(answer) => if *answer { "x" } else { "" }.to_owned(),
        Data::DateTime(moment) => {
            let (year, month, day, ..) = moment.to_ymd_hms_milli();
            format!("{day:02}/{month:02}/{year}")
        }
        Data::Error(error) => error.to_string(),
    }
}
