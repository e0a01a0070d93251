//! PDF with text: tables by the lines that are ruled, else by the white between columns; a table that goes on over pages is
//! one, without the heads that stand again; lines of prose joined to paragraphs. A picture of text is not read.

use criteria::Text;

use super::super::heads::{self, Column};
use super::super::table::{Cell, Format, Place, Row, Source, Table};
use super::super::{limits, outline};
use super::grid::{Grid, grids};
use super::{Gather, cell};
use crate::pdf_text::{Layout, Piece, joined, layout, rows};

/// How far the columns of a table may shift from page to page, in points.
const SHIFT_MAX: f64 = 4.0;
/// The narrowest white that parts two columns that no line parts, in points.
const WHITE_MIN: f64 = 5.0;

/// Reads a PDF.
pub fn read(bytes: &[u8]) -> Result<Source, Text> {
    let most = limits::PDF_PAGES_MAX;
    let pages = layout(bytes, most + 1).ok_or_else(|| {
        Text::new(
            "không đọc được PDF: tệp hỏng hoặc có mật khẩu",
            "the PDF cannot be read: it is damaged, or has a password",
        )
    })?;
    if pages.len() > most {
        return Err(Text::new(format!("PDF dài quá {most} trang"), format!("the PDF has more than {most} pages")));
    }
    if pages.iter().all(|page| page.pieces.is_empty()) {
        return Err(Text::new(
            "PDF này không có chữ, chỉ có ảnh quét: hãy nhận dạng chữ (OCR) trước, hoặc dùng bản DOCX",
            "this PDF holds no text, only pictures of pages: recognise its text (OCR) first, or use the DOCX",
        ));
    }
    let mut walk = Walk::default();
    for (index, page) in pages.into_iter().enumerate() {
        walk.page(index + 1, page)?;
    }
    walk.flush()?;
    let warnings = vec![Text::new(
        "đọc từ PDF: cột được đo theo đường kẻ và khoảng trắng, hãy đối chiếu với bản gốc",
        "read from a PDF: columns were measured by ruled lines and white space, compare with the original",
    )];
    let text = walk.gather.text()?;
    Ok(Source { format: Format::Pdf, blocks: walk.gather.blocks, text, ending: "txt", warnings })
}

/// A table that may go on behind the page's end.
struct Open {
    edges: Vec<f64>,
    heads: usize,
    columns: Option<Vec<Column>>,
    table: Table,
}

#[derive(Default)]
struct Walk {
    gather: Gather,
    open: Option<Open>,
    paragraph: Option<Paragraph>,
}

/// Lines of prose that go together.
struct Paragraph {
    text: String,
    y: f64,
    size: f64,
    place: Place,
}

/// Something on a page, and how high its top is.
enum Found {
    Line(Vec<Piece>),
    Table(Vec<f64>, Vec<Row>),
}

impl Walk {
    fn page(&mut self, number: usize, page: Layout) -> Result<(), Text> {
        let grids = grids(&page.rules);
        let mut inside: Vec<Vec<Piece>> = grids.iter().map(|_| Vec::new()).collect();
        let mut outside = Vec::new();
        for piece in page.pieces {
            let (x, y) = ((piece.x + piece.end) / 2.0, piece.y + piece.size * 0.3);
            match grids.iter().position(|grid| grid.holds(x, y)) {
                Some(at) => inside[at].push(piece),
                None => outside.push(piece),
            }
        }
        let mut found: Vec<(f64, Found)> = Vec::new();
        let mut row_of_page = 0;
        let mut lines = rows(outside);
        drop_page_number(&mut lines);
        let ruled = !grids.is_empty();
        for (grid, pieces) in grids.iter().zip(inside) {
            let table = ruled_rows(grid, pieces, number, &mut row_of_page)?;
            found.push((grid.top(), Found::Table(grid.columns().to_vec(), table)));
        }
        if !ruled && let Some((before, edges, table, behind)) = white_columns(&lines, number)? {
            let top = |line: &Vec<Piece>| line.first().map_or(0.0, |piece| piece.y);
            let at = lines.get(before).map_or(0.0, top);
            let rest = lines.split_off(behind);
            lines.truncate(before);
            found.push((at, Found::Table(edges, table)));
            found.extend(rest.into_iter().map(|line| (top(&line), Found::Line(line))));
        }
        found.extend(
            lines.into_iter().map(|line| (line.first().map_or(0.0, |piece| piece.y + piece.size), Found::Line(line))),
        );
        found.sort_by(|a, b| b.0.total_cmp(&a.0));
        for (at, (_, one)) in found.into_iter().enumerate() {
            match one {
                Found::Line(line) => {
                    self.close_table()?;
                    self.line(&line, Place::Page { page: number, line: at + 1, cell: 0 });
                }
                Found::Table(edges, rows) => {
                    self.close_paragraph();
                    self.table(edges, rows)?;
                }
            }
        }
        Ok(())
    }

    /// A line of prose: a new paragraph, or more of the one above.
    fn line(&mut self, line: &[Piece], place: Place) {
        let text = joined(line, f64::INFINITY);
        let Some(first) = line.first() else { return };
        let (y, size) = (first.y, first.size);
        if let Some(above) = &mut self.paragraph {
            let near = (above.size - size).abs() < 0.6 && above.y > y && above.y - y < size * 1.9;
            if near && goes_on(&above.text, &text) {
                above.text.push(' ');
                above.text.push_str(text.trim());
                above.y = y;
                return;
            }
        }
        self.close_paragraph();
        self.paragraph = Some(Paragraph { text: text.trim().to_owned(), y, size, place });
    }

    fn close_paragraph(&mut self) {
        if let Some(Paragraph { text, place, .. }) = self.paragraph.take() {
            self.gather.line(&text, place);
        }
    }

    fn close_table(&mut self) -> Result<(), Text> {
        match self.open.take() {
            Some(open) => self.gather.table(open.table),
            None => Ok(()),
        }
    }

    fn flush(&mut self) -> Result<(), Text> {
        self.close_paragraph();
        self.close_table()
    }

    /// A table, or more of the one that the page's end cut.
    fn table(&mut self, edges: Vec<f64>, rows: Vec<Row>) -> Result<(), Text> {
        let goes_on = self.open.as_ref().is_some_and(|open| {
            open.edges.len() == edges.len()
                && open.edges.iter().zip(&edges).all(|(above, below)| (above - below).abs() <= SHIFT_MAX)
        });
        if !goes_on {
            self.close_table()?;
            let cells = |row: &Row| row.cells.iter().map(|cell| cell.text.clone()).collect::<Vec<_>>();
            let headed = rows.iter().take(4).position(|row| heads::is_heads(&cells(row)));
            let columns = headed.and_then(|at| heads::columns(&cells(&rows[at])));
            let heads = headed.map_or(1, |at| at + 1).min(rows.len());
            self.open = Some(Open { edges, heads, columns, table: Table { rows } });
            return Ok(());
        }
        let Some(open) = &mut self.open else { return Ok(()) };
        let words = |row: &Row| row.cells.iter().map(|cell| cell.text.clone()).collect::<String>();
        let repeats =
            rows.iter().zip(open.table.rows.iter().take(open.heads)).take_while(|(a, b)| words(a) == words(b));
        let skip = repeats.count();
        for (at, row) in rows.into_iter().skip(skip).enumerate() {
            match open.table.rows.last_mut() {
                Some(above) if at == 0 && is_cut(&row, open.columns.as_deref()) => {
                    for (own, more) in above.cells.iter_mut().zip(row.cells) {
                        if !more.text.is_empty() {
                            let text = format!("{} {}", own.text, more.text);
                            *own = Cell { merged: own.merged, ..cell(&text, own.place.clone())? };
                        }
                    }
                }
                _ => open.table.rows.push(row),
            }
        }
        Ok(())
    }
}

/// Whether a row at the head of a page is the rest of the last one of the page before: it has neither number nor points,
/// and is no heading.
fn is_cut(row: &Row, columns: Option<&[Column]>) -> bool {
    let words = |column: Column| {
        let at = columns.and_then(|columns| columns.iter().position(|known| *known == column));
        at.map_or("", |at| row.words(at))
    };
    let filled: Vec<&str> = row.cells.iter().map(|cell| cell.text.as_str()).filter(|text| !text.is_empty()).collect();
    let numbered = match columns {
        Some(columns) if columns.contains(&Column::No) => !words(Column::No).is_empty(),
        _ => row.cells.first().is_some_and(|first| !first.text.is_empty()),
    };
    let heading = filled.len() == 1 && (outline::pillar_heading(filled[0]).is_some() || is_upper(filled[0]));
    !numbered && words(Column::Points).is_empty() && !heading
}

fn is_upper(text: &str) -> bool {
    text.chars().any(char::is_alphabetic) && !text.chars().any(char::is_lowercase)
}

/// Whether a line goes on with the paragraph above it.
fn goes_on(above: &str, line: &str) -> bool {
    let first = line.trim_start().chars().next();
    let open_end = above.trim_end().ends_with(|last: char| last.is_lowercase() || last == ',');
    let lower = first.is_some_and(char::is_lowercase);
    let digits = first.is_some_and(|first| first.is_ascii_digit()) && outline::leading_number(line.trim()).is_none();
    let upper = is_upper(above) && is_upper(line) && outline::pillar_heading(line.trim()).is_none();
    lower || upper || (open_end && (digits || above.chars().count() > 60))
}

/// Takes the number of the page away, at its head or foot.
fn drop_page_number(lines: &mut Vec<Vec<Piece>>) {
    let is_number = |line: &Vec<Piece>| {
        let text = joined(line, f64::INFINITY);
        let text = text.trim().trim_start_matches("Trang ").trim_matches(['-', '–', ' ']);
        !text.is_empty() && text.len() <= 9 && text.chars().all(|letter| letter.is_ascii_digit() || letter == '/')
    };
    if lines.last().is_some_and(is_number) {
        lines.pop();
    }
    if lines.first().is_some_and(is_number) {
        lines.remove(0);
    }
}

/// The rows of a ruled table.
fn ruled_rows(grid: &Grid, pieces: Vec<Piece>, page: usize, row_of_page: &mut usize) -> Result<Vec<Row>, Text> {
    let mut cells: Vec<Vec<Piece>> = vec![Vec::new(); grid.count()];
    for piece in pieces {
        let (x, y) = ((piece.x + piece.end) / 2.0, piece.y + piece.size * 0.3);
        if let Some(own) = grid.cell(x, y).and_then(|at| cells.get_mut(at)) {
            own.push(piece);
        }
    }
    let mut out = Vec::new();
    for row in 0..grid.rows() {
        *row_of_page += 1;
        let mut made = Row::default();
        for column in 0..grid.columns().len() - 1 {
            let place = Place::Page { page, line: *row_of_page, cell: column + 1 };
            let (begins, goes_down) = grid.begins(column, row);
            let text =
                if begins { words_of(cells.get_mut(grid.at(column, row)).map(std::mem::take)) } else { String::new() };
            made.cells.push(Cell { merged: goes_down, ..cell(&text, place)? });
        }
        out.push(made);
    }
    Ok(out)
}

fn words_of(pieces: Option<Vec<Piece>>) -> String {
    let mut text = String::new();
    for line in rows(pieces.unwrap_or_default()) {
        // Where a line ends with a stroke its word goes on in the next one.
        if !text.is_empty() && !text.ends_with('/') && !breaks_at_hyphen(&text) {
            text.push(' ');
        }
        text.push_str(joined(&line, f64::INFINITY).trim());
    }
    text
}

/// Whether a line ends within a word such as `Hue-S`, `NĐ-CP` or `24-06-2022`: a hyphen right behind a capital or a
/// number. Behind other words it is a dash.
fn breaks_at_hyphen(text: &str) -> bool {
    let last = text.rsplit(char::is_whitespace).next().unwrap_or_default();
    let word = last.strip_suffix('-').and_then(|rest| rest.rsplit(['-', '/', '(']).next());
    word.is_some_and(|word| word.starts_with(|first: char| first.is_uppercase() || first.is_ascii_digit()))
}

/// A table whose columns are parted by white alone: the line that it begins with, its edges and rows, and the line behind
/// it. It begins where a line names columns, or goes on from the top where its white does.
#[expect(clippy::type_complexity, reason = "one caller, which takes it apart at once")]
fn white_columns(lines: &[Vec<Piece>], page: usize) -> Result<Option<(usize, Vec<f64>, Vec<Row>, usize)>, Text> {
    let parts = |line: &[Piece]| joined(line, 0.9).split('\t').map(|part| part.trim().to_owned()).collect::<Vec<_>>();
    let named = |line: &Vec<Piece>| {
        let known =
            parts(line).iter().filter(|part| !matches!(heads::column(part), None | Some(Column::Unknown))).count();
        known >= 3
    };
    let Some(begin) = lines.iter().position(named) else { return Ok(None) };
    let body = &lines[begin..];
    // Where nearly no line has words, a column ends.
    let right = body.iter().flatten().map(|piece| piece.end).fold(0.0, f64::max).clamp(0.0, 3_000.0);
    let mut filled = vec![0_usize; right as usize + 2];
    for line in body {
        for piece in line {
            let (from, to) = (piece.x.max(0.0) as usize, piece.end.clamp(0.0, right) as usize);
            filled.iter_mut().take(to + 1).skip(from).for_each(|count| *count += 1);
        }
    }
    let crossing_max = body.len() / 25;
    let mut edges = vec![0.0];
    let mut white = 0;
    let mut seen = false;
    for (x, count) in filled.iter().enumerate() {
        if *count <= crossing_max {
            white += 1;
        } else {
            if seen && white as f64 >= WHITE_MIN {
                edges.push(x as f64 - 0.5);
            }
            (white, seen) = (0, true);
        }
    }
    edges.push(right + 1.0);
    if edges.len() < 4 || edges.len() > limits::COLUMNS_MAX {
        return Ok(None);
    }
    let column_of =
        |piece: &Piece| edges.iter().skip(1).position(|edge| piece.x + 0.5 < *edge).unwrap_or(edges.len() - 2);
    let mut out: Vec<Row> = Vec::new();
    let mut behind = lines.len();
    for (at, line) in body.iter().enumerate() {
        let mut texts = vec![Vec::new(); edges.len() - 1];
        for piece in line {
            texts[column_of(piece)].push(piece.clone());
        }
        let texts: Vec<String> = texts.iter().map(|own| joined(own, f64::INFINITY).trim().to_owned()).collect();
        let numbered = outline::number(&texts[0]).is_some();
        let alone = texts.iter().filter(|text| !text.is_empty()).count() == 1 && !texts[0].is_empty();
        if alone && !numbered && out.len() > 1 {
            behind = begin + at;
            break;
        }
        match out.last_mut() {
            Some(last) if !numbered => {
                for (own, more) in last.cells.iter_mut().zip(&texts).filter(|(_, more)| !more.is_empty()) {
                    *own = cell(&format!("{} {more}", own.text), own.place.clone())?;
                }
            }
            _ => {
                let line = begin + at + 1;
                let cells =
                    texts.iter().enumerate().map(|(at, text)| cell(text, Place::Page { page, line, cell: at + 1 }));
                out.push(Row { cells: cells.collect::<Result<_, _>>()? });
            }
        }
    }
    Ok(Some((begin, edges, out, behind)))
}
