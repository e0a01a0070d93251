//! Papers as PDF: a paper and fonts in, the bytes of a tagged PDF/A-2a file out. No file system, no clock.
//!
//! [`face`] knows how wide letters are, [`line`] breaks words into lines, [`flow`] breaks blocks into pages, [`grid`] does
//! so for tables, and [`write`](mod@write) hands what came of it to krilla, the PDF back end of typst. typst itself would cost some
//! twenty minutes of processor time to build; a paper needs paragraphs, two columns and tables, which is what is here.
//! Letters are set as Word sets them by default, without kerning and ligatures, so both files break alike.

mod face;
mod flow;
mod grid;
mod line;
mod write;

pub use face::{Faces, FontError};
pub use write::{PrintError, pdf};
