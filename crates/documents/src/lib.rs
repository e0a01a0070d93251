//! Official documents and workbooks: bytes and values in, values and bytes out. No file system, no database.

pub mod import;
mod reading;
pub mod rule_words;
mod sheet_cells;
mod sheets;
pub mod table;
mod template;

/// The workbooks: the one that officials fill in, and a set to read.
pub mod workbook {
    pub use crate::reading::read;
    pub use crate::sheets::set_sheets;
    pub use crate::template::template;
}
