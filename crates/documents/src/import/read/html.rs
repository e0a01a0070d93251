//! HTML, forgiving as browsers are: tables with their spans, everything else as lines. Scripts, styles and comments are
//! left out; nothing is loaded.

use criteria::Text;

use super::super::limits;
use super::super::table::{Block, Cell, Format, Line, Place, Row, Source, Table};
use super::{Gather, cell};

/// Reads an HTML document.
pub fn read(text: &str) -> Result<Source, Text> {
    let mut gather = Gather::default();
    let lower = text.to_ascii_lowercase();
    let mut warnings = Vec::new();
    if lower.contains("<script") {
        warnings.push(Text::new("mã script trong tệp đã được bỏ qua", "scripts in the file were left out"));
    }
    tables(text, &mut gather)?;
    let copy = gather.text()?;
    Ok(Source { format: Format::Html, blocks: gather.blocks, text: copy, ending: "txt", warnings })
}

/// A tag or the words between two tags.
enum Token<'a> {
    Words(&'a str),
    Open(String, &'a str),
    Close(String),
}

/// The tables and lines of a piece of HTML.
pub fn tables(text: &str, gather: &mut Gather) -> Result<(), Text> {
    let mut state = State { gather, words: String::new(), paragraphs: 0, table: None, number: 0, depth: 0 };
    let mut rest = text;
    while !rest.is_empty() {
        let (token, behind) = next(rest);
        rest = behind;
        match token {
            Token::Words(words) => state.words.push_str(&decode(words)),
            Token::Open(name, attributes) => {
                if matches!(name.as_str(), "script" | "style" | "head") {
                    rest = skip(rest, &name);
                } else {
                    state.open(&name, attributes)?;
                }
            }
            Token::Close(name) => state.close(&name)?,
        }
        if state.words.len() > limits::CELL_BYTES_MAX * 4 {
            return Err(Text::new("một ô hay đoạn quá dài", "a cell or paragraph is too long"));
        }
    }
    state.end_table()?;
    state.paragraph();
    Ok(())
}

struct State<'g> {
    gather: &'g mut Gather,
    words: String,
    paragraphs: usize,
    table: Option<Grid>,
    number: usize,
    depth: usize,
}

/// A table being read: cells that span rows keep their columns taken.
#[derive(Default)]
struct Grid {
    rows: Vec<Row>,
    /// For each column, how many further rows are taken from above.
    taken: Vec<usize>,
    open: Option<(usize, usize)>,
}

impl State<'_> {
    fn open(&mut self, name: &str, attributes: &str) -> Result<(), Text> {
        match name {
            "table" => {
                self.depth += 1;
                if self.depth > 1 {
                    // A table within a cell is read as the cell's words.
                    return Ok(());
                }
                self.paragraph();
                self.number += 1;
                self.table = Some(Grid::default());
            }
            "tr" if self.depth == 1 => {
                self.end_row()?;
                if let Some(grid) = &mut self.table {
                    grid.rows.push(Row::default());
                }
            }
            "td" | "th" if self.depth == 1 => {
                self.end_cell()?;
                let span = |name| attribute(attributes, name).unwrap_or(1).clamp(1, limits::SPAN_MAX);
                if let Some(grid) = &mut self.table {
                    if grid.rows.is_empty() {
                        grid.rows.push(Row::default());
                    }
                    grid.open = Some((span("colspan").min(limits::COLUMNS_MAX), span("rowspan")));
                }
                self.words.clear();
            }
            "br" => self.words.push('\n'),
            _ if is_block(name) => self.block(),
            _ => {}
        }
        Ok(())
    }

    fn close(&mut self, name: &str) -> Result<(), Text> {
        match name {
            "table" => {
                self.depth = self.depth.saturating_sub(1);
                if self.depth == 0 {
                    self.end_table()?;
                }
            }
            "td" | "th" if self.depth == 1 => self.end_cell()?,
            "tr" if self.depth == 1 => self.end_row()?,
            _ if is_block(name) => self.block(),
            _ => {}
        }
        Ok(())
    }

    fn block(&mut self) {
        if self.table.is_some() { self.words.push('\n') } else { self.paragraph() }
    }

    fn paragraph(&mut self) {
        let text = std::mem::take(&mut self.words);
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        if !text.is_empty() {
            self.paragraphs += 1;
            let place = Place::Paragraph { paragraph: self.paragraphs };
            self.gather.blocks.push(Block::Line(Line { text, place }));
        }
    }

    fn end_cell(&mut self) -> Result<(), Text> {
        let words = std::mem::take(&mut self.words);
        let number = self.number;
        let Some(grid) = &mut self.table else { return Ok(()) };
        let row_number = grid.rows.len();
        let Some((columns, rows)) = grid.open.take() else { return Ok(()) };
        let Some(row) = grid.rows.last_mut() else { return Ok(()) };
        let place = |cell: usize| Place::Table { table: number, row: row_number, cell };
        while grid.taken.get(row.cells.len()).is_some_and(|taken| *taken > 0) {
            grid.taken[row.cells.len()] -= 1;
            row.cells.push(Cell { text: String::new(), place: place(row.cells.len() + 1), merged: true });
        }
        let first = row.cells.len();
        if first + columns > limits::COLUMNS_MAX {
            let most = limits::COLUMNS_MAX;
            return Err(Text::new(
                format!("bảng {number}: quá {most} cột"),
                format!("table {number}: more than {most} columns"),
            ));
        }
        for column in first..first + columns {
            let text = if column == first { words.as_str() } else { "" };
            row.cells.push(cell(&words_of(text), place(column + 1))?);
            if grid.taken.len() <= column {
                grid.taken.resize(column + 1, 0);
            }
            grid.taken[column] = rows - 1;
        }
        if grid.rows.len() > limits::ROWS_MAX {
            let most = limits::ROWS_MAX;
            return Err(Text::new(
                format!("bảng {number}: quá {most} hàng"),
                format!("table {number}: more than {most} rows"),
            ));
        }
        Ok(())
    }

    /// Ends a row: columns behind its last cell may be taken from above.
    fn end_row(&mut self) -> Result<(), Text> {
        self.end_cell()?;
        let table = self.number;
        let Some(grid) = &mut self.table else { return Ok(()) };
        let number = grid.rows.len();
        if let Some(row) = grid.rows.last_mut() {
            while let Some(taken) = grid.taken.get_mut(row.cells.len()).filter(|taken| **taken > 0) {
                *taken -= 1;
                let place = Place::Table { table, row: number, cell: row.cells.len() + 1 };
                row.cells.push(Cell { text: String::new(), place, merged: true });
            }
        }
        Ok(())
    }

    fn end_table(&mut self) -> Result<(), Text> {
        self.end_row()?;
        self.depth = 0;
        match self.table.take() {
            Some(grid) => self.gather.table(Table { rows: grid.rows }),
            None => Ok(()),
        }
    }
}

/// Words in the form in which they are quoted: signs that look like markup are parted so that they are kept.
fn words_of(text: &str) -> String {
    text.replace('<', "< ")
}

fn is_block(name: &str) -> bool {
    matches!(
        name,
        "p" | "div"
            | "li"
            | "ul"
            | "ol"
            | "h1"
            | "h2"
            | "h3"
            | "h4"
            | "h5"
            | "h6"
            | "tr"
            | "section"
            | "article"
            | "header"
            | "footer"
            | "blockquote"
            | "pre"
            | "caption"
            | "td"
            | "th"
    )
}

/// The next token. A sign `<` that begins no tag is a word.
fn next(text: &str) -> (Token<'_>, &str) {
    if let Some(comment) = text.strip_prefix("<!--") {
        return (Token::Words(""), comment.find("-->").map_or("", |end| &comment[end + 3..]));
    }
    if let Some(tag) = text.strip_prefix('<') {
        let name_start = tag.strip_prefix('/').unwrap_or(tag);
        if name_start.starts_with(|letter: char| letter.is_ascii_alphabetic() || letter == '!' || letter == '?')
            && let Some(end) = tag.bytes().take(limits::TAG_BYTES_MAX).position(|byte| byte == b'>')
        {
            let (inner, behind) = (&tag[..end], &tag[end + 1..]);
            let closes = inner.starts_with('/');
            let inner = inner.trim_start_matches('/');
            let name_end = inner.find(|letter: char| !letter.is_ascii_alphanumeric()).unwrap_or(inner.len());
            let name = inner[..name_end].to_ascii_lowercase();
            let token = if closes { Token::Close(name) } else { Token::Open(name, &inner[name_end..]) };
            return (token, behind);
        }
        let end = tag.find('<').map_or(text.len(), |at| at + 1);
        return (Token::Words(&text[..end]), &text[end..]);
    }
    let end = text.find('<').unwrap_or(text.len());
    (Token::Words(&text[..end]), &text[end..])
}

/// What stands behind the end of an element whose content is no text.
fn skip<'a>(text: &'a str, name: &str) -> &'a str {
    let close = format!("</{name}");
    let at = text.char_indices().find(|(at, letter)| {
        *letter == '<' && text.get(*at..*at + close.len()).is_some_and(|tag| tag.eq_ignore_ascii_case(&close))
    });
    match at {
        Some((at, _)) => text[at..].find('>').map_or("", |end| &text[at + end + 1..]),
        None => "",
    }
}

fn attribute(attributes: &str, name: &str) -> Option<usize> {
    let lower = attributes.to_ascii_lowercase();
    let behind = &lower[lower.find(name)? + name.len()..];
    let value = behind.trim_start().strip_prefix('=')?.trim_start().trim_start_matches(['"', '\'']);
    let end = value.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(value.len());
    value[..end].parse().ok()
}

/// Character references: the five of XML, the non-breaking space and numbers.
pub fn decode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        let behind = &rest[at + 1..];
        let end = behind.bytes().take(12).position(|byte| byte == b';');
        let letter = end.and_then(|end| match &behind[..end] {
            "amp" => Some('&'),
            "lt" => Some('<'),
            "gt" => Some('>'),
            "quot" => Some('"'),
            "apos" => Some('\''),
            "nbsp" => Some(' '),
            "ge" => Some('≥'),
            "le" => Some('≤'),
            "ndash" => Some('–'),
            name => {
                let number = name.strip_prefix('#')?;
                let code = match number.strip_prefix(['x', 'X']) {
                    Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                    None => number.parse().ok()?,
                };
                char::from_u32(code)
            }
        });
        match (letter, end) {
            (Some(letter), Some(end)) => {
                out.push(letter);
                rest = &behind[end + 1..];
            }
            _ => {
                out.push('&');
                rest = behind;
            }
        }
    }
    out.push_str(rest);
    out
}
