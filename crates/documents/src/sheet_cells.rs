//! The cells of one sheet as a dense range, made only after its size is known. A workbook of a few bytes can hold a
//! cell in the last row and column; the range between the first cell and that one would not fit in any memory.

use std::io::{Read, Seek};

use calamine::{Cell, Data, DataRef, Range, Xlsx};
use criteria::Text;

/// What a sheet may hold.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    /// Rows from the first to the last cell.
    pub rows_max: usize,
    /// Columns from the first to the last cell.
    pub columns_max: usize,
    /// Cells of the rectangle between them, empty ones included.
    pub cells_max: usize,
    /// Bytes of all texts together.
    pub text_bytes_max: usize,
}

/// Reads the cells of a sheet that have a value.
pub(crate) fn range<R: Read + Seek>(book: &mut Xlsx<R>, sheet: &str, bounds: Bounds) -> Result<Range<Data>, Text> {
    let unreadable = |error: &dyn std::fmt::Display| {
        Text::new(format!("không đọc được trang: {error}"), format!("cannot read the sheet: {error}"))
    };
    let mut reader = book.worksheet_cells_reader(sheet).map_err(|error| unreadable(&error))?;
    let mut cells: Vec<Cell<Data>> = Vec::new();
    let (mut rows, mut columns) = ((u32::MAX, 0), (u32::MAX, 0));
    let mut text_bytes = 0_usize;
    while let Some(cell) = reader.next_cell().map_err(|error| unreadable(&error))? {
        let (row, column) = cell.get_position();
        let value = match cell.get_value() {
            DataRef::Empty => continue,
            DataRef::String(text) if text.trim().is_empty() => continue,
            DataRef::SharedString(text) if text.trim().is_empty() => continue,
            value => value,
        };
        text_bytes += match value {
            DataRef::String(text) => text.len(),
            DataRef::SharedString(text) => text.len(),
            _ => 0,
        };
        rows = (rows.0.min(row), rows.1.max(row));
        columns = (columns.0.min(column), columns.1.max(column));
        let (height, width) = ((rows.1 - rows.0) as usize + 1, (columns.1 - columns.0) as usize + 1);
        let Bounds { rows_max, columns_max, cells_max, text_bytes_max } = bounds;
        if height > rows_max || width > columns_max || height.saturating_mul(width) > cells_max {
            return Err(Text::new(
                format!("{height} hàng × {width} cột; tối đa {rows_max} × {columns_max} và {cells_max} ô"),
                format!("{height} rows × {width} columns; at most {rows_max} × {columns_max} and {cells_max} cells"),
            ));
        }
        if text_bytes > text_bytes_max || cells.len() >= cells_max {
            return Err(Text::new(
                format!("chữ trong trang quá nhiều; tối đa {text_bytes_max} byte và {cells_max} ô"),
                format!("too much text in the sheet; at most {text_bytes_max} bytes and {cells_max} cells"),
            ));
        }
        cells.push(Cell::new((row, column), Data::from(value.clone())));
    }
    Ok(Range::from_sparse(cells))
}
