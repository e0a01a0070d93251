//! An official paper as a value: what stands on it, in which style, and nothing of how a format writes it.
//!
//! Every kind of paper fills this one model, and three writers read it: [`docx`] and [`xlsx`] here, PDF in the crate
//! `print`. What Decree 30/2020/NĐ-CP says of sizes, margins and alignment stands once, in [`style`].

pub mod docx;
pub mod drawing;
pub mod form;
pub mod style;
pub mod xlsx;

use criteria::Number;
use criteria::date::Date;
pub use drawing::Drawing;
pub use style::Style;

/// A paper.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Paper {
    /// What it is called, for the file's own description.
    pub title: String,
    /// The day it bears, or the day it was made where that is left open; for the file's own description.
    pub day: Option<Date>,
    /// The text itself, then its annexes; each begins on a page of its own, and its pages are numbered from 1.
    pub parts: Vec<Part>,
    /// The mark by which it is found again, where it was issued.
    pub mark: Option<String>,
}

/// The text or an annex.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Part {
    /// What it is called in a list of contents, and as a sheet of a workbook.
    pub name: String,
    /// Whether its pages lie on their side.
    pub landscape: bool,
    /// What stands on it.
    pub blocks: Vec<Block>,
}

/// Something that stands on a paper.
#[derive(Clone, Debug, PartialEq)]
pub enum Block {
    /// A paragraph.
    Text(Paragraph),
    /// Two columns side by side, never broken: the head of a paper, and its foot with the signature.
    Pair(Pair),
    /// A table.
    Table(Table),
    /// A chart.
    Drawing(Drawing),
}

impl Part {
    /// How many of the paragraphs before a pair of columns stay on its page, and whether the rows of a table do: a signature
    /// never stands alone on a page. `lines` says how many lines a paragraph takes.
    pub fn company(&self, pair: usize, mut lines: impl FnMut(&Paragraph) -> usize) -> usize {
        let (mut count, mut together) = (0, 0);
        while let Some(Block::Text(paragraph)) = pair.checked_sub(count + 1).and_then(|at| self.blocks.get(at)) {
            let heads = paragraph.style.look().keep;
            if together >= COMPANY_LINES && !heads {
                break;
            }
            count += 1;
            together += if heads { 0 } else { lines(paragraph).max(1) };
        }
        count
    }
}

/// Lines, or rows of a table, that stand on the page of a signature at least.
pub const COMPANY_LINES: usize = 2;

/// A paragraph.
#[derive(Clone, Debug, PartialEq)]
pub struct Paragraph {
    /// How it looks, and what it is.
    pub style: Style,
    /// Its words.
    pub runs: Vec<Run>,
}

/// Words that look alike.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Run {
    /// The words; `\n` begins a new line.
    pub text: String,
    /// Bold, whatever the style says.
    pub bold: bool,
    /// Italic, whatever the style says.
    pub italic: bool,
}

impl Paragraph {
    /// A paragraph of plain words.
    pub fn plain(style: Style, text: impl Into<String>) -> Self {
        Self { style, runs: vec![Run { text: text.into(), ..Run::default() }] }
    }

    /// A paragraph in which `**` begins and ends what is bold.
    pub fn marked(style: Style, text: &str) -> Self {
        let runs = text.split("**").enumerate().filter(|(_, words)| !words.is_empty()).map(|(place, words)| Run {
            text: words.to_owned(),
            bold: place % 2 == 1,
            italic: false,
        });
        Self { style, runs: runs.collect() }
    }

    /// Its words.
    pub fn text(&self) -> String {
        self.runs.iter().map(|run| run.text.as_str()).collect()
    }
}

/// Two columns side by side.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Pair {
    /// How much of the width the left one takes, in percent.
    pub left_percent: u8,
    /// The left one.
    pub left: Vec<Paragraph>,
    /// The right one.
    pub right: Vec<Paragraph>,
}

/// Where words stand in a line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Align {
    /// At the left.
    #[default]
    Left,
    /// In the middle.
    Center,
    /// At the right.
    Right,
    /// From edge to edge.
    Justify,
}

/// A table. Its heads stand again on every page.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Table {
    /// What it is, for those who cannot see it, and the name of its sheet in a workbook.
    pub name: String,
    /// The size of its letters, in half points.
    pub half_points: u16,
    /// The columns.
    pub columns: Vec<Column>,
    /// The heads: one row, or two where columns have a head in common.
    pub heads: Vec<Row>,
    /// The rows.
    pub rows: Vec<Row>,
}

/// A column.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Column {
    /// Its width, in parts of the sum of all widths.
    pub width: u32,
    /// Where its words stand.
    pub align: Align,
}

/// What a row is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RowKind {
    /// One of many.
    #[default]
    Plain,
    /// The heading of those that follow: bold, and never alone at the foot of a page.
    Group,
    /// The heading of a smaller group.
    Subgroup,
    /// A sum.
    Total,
}

/// A row.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Row {
    /// What it is.
    pub kind: RowKind,
    /// Its cells, from left to right.
    pub cells: Vec<Cell>,
}

/// A cell.
#[derive(Clone, Debug, PartialEq)]
pub struct Cell {
    /// Its words; `\n` begins a new line.
    pub text: String,
    /// What it is as a number, where it is one.
    pub number: Option<Number>,
    /// How many columns it takes.
    pub columns: u16,
    /// How many rows it takes; more than one in heads only.
    pub rows: u16,
}

impl Cell {
    /// A cell of words.
    pub fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), number: None, columns: 1, rows: 1 }
    }
}

impl Paper {
    /// Its tables, in order.
    pub fn tables(&self) -> impl Iterator<Item = &Table> {
        self.parts.iter().flat_map(|part| &part.blocks).filter_map(|block| match block {
            Block::Table(table) => Some(table),
            Block::Drawing(drawing) => Some(&drawing.table),
            Block::Text(_) | Block::Pair(_) => None,
        })
    }

    /// All its words in the order of reading, one line for each paragraph and cell.
    pub fn text(&self) -> String {
        let mut lines: Vec<String> = Vec::new();
        for block in self.parts.iter().flat_map(|part| &part.blocks) {
            match block {
                Block::Text(paragraph) => lines.push(paragraph.text()),
                Block::Pair(pair) => lines.extend(pair.left.iter().chain(&pair.right).map(Paragraph::text)),
                Block::Drawing(drawing) => lines.push(drawing.name.clone()),
                Block::Table(table) => {
                    let rows = table.heads.iter().chain(&table.rows);
                    lines.extend(rows.flat_map(|row| &row.cells).map(|cell| cell.text.clone()));
                }
            }
        }
        lines.retain(|line| !line.trim().is_empty());
        lines.join("\n")
    }
}
