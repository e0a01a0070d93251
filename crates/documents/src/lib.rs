//! Official documents and workbooks: bytes and values in, values and bytes out. No file system, no database.

pub mod facts;
pub mod figures;
pub mod import;
pub mod issued;
pub mod legacy;
pub mod likeness;
pub mod paper;
pub mod papers;
mod pdf_rules;
pub mod pdf_text;
pub mod preview;
mod reading;
pub mod rule_words;
mod sheet_cells;
mod sheets;
pub mod table;
pub mod tables;
mod template;

/// The workbooks: the one that officials fill in, and a set to read.
pub mod workbook {
    pub use crate::reading::read;
    pub use crate::sheets::set_sheets;
    pub use crate::template::template;
}

/// The words of a text in small ASCII letters, without marks and signs: what two texts are compared by.
pub(crate) fn plain_words(text: &str) -> impl Iterator<Item = String> {
    text.split(|letter: char| !letter.is_alphanumeric() && !unicode_normalization::char::is_combining_mark(letter))
        .filter(|word| !word.is_empty())
        .map(scoring::notation::fold)
}
