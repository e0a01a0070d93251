//! A document as every reader gives it: lines of prose and tables of cells in the order of the document, each with its
//! place in the source. What the cells mean is no matter here.

use criteria::Text;
use serde::Serialize;

/// Where something stands in a document. Everything counts from 1.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "in", rename_all = "kebab-case")]
pub enum Place {
    /// In a text.
    Text {
        /// The line.
        line: usize,
        /// The cell of the line; 0 where it is the line as a whole.
        cell: usize,
    },
    /// In a workbook.
    Sheet {
        /// The sheet's name.
        sheet: String,
        /// The cell's address, such as `B7`.
        cell: String,
    },
    /// In a table of a Word or HTML document.
    Table {
        /// The table.
        table: usize,
        /// Its row.
        row: usize,
        /// The row's cell; 0 where it is the row as a whole.
        cell: usize,
    },
    /// On a page of a PDF.
    Page {
        /// The page.
        page: usize,
        /// The row of a table, or the line, on that page.
        line: usize,
        /// The row's cell; 0 where it is a line of prose.
        cell: usize,
    },
    /// In a paragraph of a Word or HTML document.
    Paragraph {
        /// The paragraph, those in tables not counted.
        paragraph: usize,
    },
}

impl Place {
    /// The place in words.
    pub fn text(&self) -> Text {
        match self {
            Self::Text { line, cell: 0 } => Text::new(format!("dòng {line}"), format!("line {line}")),
            Self::Text { line, cell } => {
                Text::new(format!("dòng {line}, ô {cell}"), format!("line {line}, cell {cell}"))
            }
            Self::Sheet { sheet, cell } => {
                Text::new(format!("trang “{sheet}”, ô {cell}"), format!("sheet \"{sheet}\", cell {cell}"))
            }
            Self::Table { table, row, cell: 0 } => {
                Text::new(format!("bảng {table}, hàng {row}"), format!("table {table}, row {row}"))
            }
            Self::Table { table, row, cell } => Text::new(
                format!("bảng {table}, hàng {row}, ô {cell}"),
                format!("table {table}, row {row}, cell {cell}"),
            ),
            Self::Page { page, line, cell: 0 } => {
                Text::new(format!("trang {page}, dòng {line}"), format!("page {page}, line {line}"))
            }
            Self::Page { page, line, cell } => Text::new(
                format!("trang {page}, hàng {line}, ô {cell}"),
                format!("page {page}, row {line}, cell {cell}"),
            ),
            Self::Paragraph { paragraph } => Text::new(format!("đoạn {paragraph}"), format!("paragraph {paragraph}")),
        }
    }
}

/// What a document is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    /// Plain text: cells between tabs, one cell a line, or Markdown tables.
    Text,
    /// HTML.
    Html,
    /// Word.
    Docx,
    /// Excel.
    Xlsx,
    /// PDF with text.
    Pdf,
}

/// A document in the order of its reading.
#[derive(Clone, Debug, PartialEq)]
pub struct Source {
    /// What it was written in.
    pub format: Format,
    /// Prose and tables, in order.
    pub blocks: Vec<Block>,
    /// The text that is kept beside the draft and quoted from.
    pub text: String,
    /// The ending of the file that keeps it.
    pub ending: &'static str,
    /// What was left out or defused on reading.
    pub warnings: Vec<Text>,
}

/// A piece of a document.
#[derive(Clone, Debug, PartialEq)]
pub enum Block {
    /// A line or paragraph of prose that is not blank.
    Line(Line),
    /// A table.
    Table(Table),
}

/// A line of prose.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// Its words.
    pub text: String,
    /// Its place.
    pub place: Place,
}

/// A table: rows of cells, not all of one length.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Table {
    /// The rows that have any words.
    pub rows: Vec<Row>,
}

/// A row of a table.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Row {
    /// Its cells; a merged cell's words stand in its first place only.
    pub cells: Vec<Cell>,
}

/// A cell of a table.
#[derive(Clone, Debug, PartialEq)]
pub struct Cell {
    /// Its words, white space as single spaces, markup taken out.
    pub text: String,
    /// Its place.
    pub place: Place,
    /// Whether it goes on with the merged cell above it, whose words then hold for this row too.
    pub merged: bool,
}

impl Source {
    /// The tables, in order.
    pub fn tables(&self) -> impl Iterator<Item = &Table> {
        self.blocks.iter().filter_map(|block| match block {
            Block::Table(table) => Some(table),
            Block::Line(_) => None,
        })
    }

    /// The lines of prose, in order.
    pub fn lines(&self) -> impl Iterator<Item = &Line> {
        self.blocks.iter().filter_map(|block| match block {
            Block::Line(line) => Some(line),
            Block::Table(_) => None,
        })
    }
}

impl Row {
    /// The words of a cell; empty beyond the last.
    pub fn words(&self, index: usize) -> &str {
        self.cells.get(index).map_or("", |cell| cell.text.as_str())
    }

    /// Whether no cell has words.
    pub fn is_blank(&self) -> bool {
        self.cells.iter().all(|cell| cell.text.is_empty())
    }

    /// The place of the first cell.
    pub fn place(&self) -> Option<&Place> {
        self.cells.first().map(|cell| &cell.place)
    }
}
