//! Plain text: rows with tabs between the cells, one cell a line behind a tab, Markdown tables, HTML tables among
//! Markdown, and the bars that text recognition puts between the columns of a scan.

use criteria::Text;

use super::super::table::{Cell, Format, Place, Row, Source, Table};
use super::super::{heads, limits};
use super::{Gather, cell, html};

/// Reads a text.
pub fn read(text: String, ending: &'static str) -> Result<Source, Text> {
    let mut gather = Gather::default();
    let lines: Vec<&str> = text.lines().collect();
    let one_cell = lines.iter().filter(|line| line.starts_with('\t') && !line[1..].contains('\t')).count();
    let tabs = lines.iter().filter(|line| line.trim_start_matches('\t').contains('\t')).count();
    if one_cell > 3 * tabs && one_cell > 6 {
        cell_a_line(&lines, &mut gather)?;
    } else {
        rows(&lines, &mut gather)?;
        if gather.tables == 0 {
            gather = Gather::default();
            bars(&lines, &mut gather)?;
        }
    }
    Ok(Source { format: Format::Text, blocks: gather.blocks, text, ending, warnings: Vec::new() })
}

fn at(line: usize, cell: usize) -> Place {
    Place::Text { line: line + 1, cell }
}

/// The cells of a line between tabs.
fn tabbed(line: &str, number: usize) -> Result<Vec<Cell>, Text> {
    line.split('\t').enumerate().map(|(index, words)| cell(words, at(number, index + 1))).collect()
}

/// Whether a cell is the beginning of a row: a number as rows are numbered.
fn begins_row(words: &str) -> bool {
    super::super::outline::number(words).is_some()
}

/// Rows with tabs, Markdown tables and HTML tables, with prose around.
fn rows(lines: &[&str], gather: &mut Gather) -> Result<(), Text> {
    let mut open = Table::default();
    let mut index = 0;
    let mut blank_before = true;
    // Cells of the widest row of the open table.
    let mut width = 0;
    while let Some(line) = lines.get(index) {
        let number = index;
        index += 1;
        if line.trim().is_empty() && !line.contains('\t') {
            blank_before = true;
            continue;
        }
        if line.trim_start().starts_with('|') && line.matches('|').count() > 2 {
            gather.table(std::mem::take(&mut open))?;
            index = markdown(lines, number, gather)?;
        } else if line.trim_start().get(..6).is_some_and(|start| start.eq_ignore_ascii_case("<table")) {
            gather.table(std::mem::take(&mut open))?;
            let mut end = number;
            while end + 1 < lines.len() && !lines[end].to_ascii_lowercase().contains("</table>") {
                end += 1;
            }
            html::tables(&lines[number..=end].join("\n"), gather)?;
            index = end + 1;
        } else if line.contains('\t') {
            let cells = tabbed(line, number)?;
            match open.rows.last_mut() {
                // A cell with a line break in it: the row goes on in the next line.
                Some(last)
                    if !blank_before
                        && cells.first().is_some_and(|first| !first.text.is_empty() && !begins_row(&first.text))
                        && last.cells.len() + cells.len() - 1 <= width =>
                {
                    let mut cells = cells.into_iter();
                    join(open.rows.last_mut(), cells.next())?;
                    if let Some(last) = open.rows.last_mut() {
                        last.cells.extend(cells);
                    }
                }
                _ => open.rows.push(Row { cells }),
            }
            if open.rows.len() == 1 {
                width = 0;
            }
            width = width.max(open.rows.last().map_or(0, |row| row.cells.len()));
        } else if !blank_before
            && open.rows.last().is_some_and(|last| last.cells.len() < width)
            && !begins_row(line.split_whitespace().next().unwrap_or_default())
        {
            join(open.rows.last_mut(), Some(cell(line, at(number, 1))?))?;
        } else {
            gather.table(std::mem::take(&mut open))?;
            gather.line(line, at(number, 0));
        }
        blank_before = false;
    }
    gather.table(open)
}

/// Adds a line to the last cell of a row, held to the limit of a cell.
fn join(row: Option<&mut Row>, more: Option<Cell>) -> Result<(), Text> {
    if let (Some(last), Some(more)) = (row.and_then(|row| row.cells.last_mut()), more)
        && !more.text.is_empty()
    {
        if !last.text.is_empty() {
            last.text.push(' ');
        }
        last.text.push_str(&more.text);
        if last.text.len() > limits::CELL_BYTES_MAX {
            cell(&last.text, last.place.clone())?;
        }
    }
    Ok(())
}

/// A Markdown table from `start`; the line behind it.
fn markdown(lines: &[&str], start: usize, gather: &mut Gather) -> Result<usize, Text> {
    let mut table = Table::default();
    let mut index = start;
    while let Some(line) = lines.get(index).map(|line| line.trim()).filter(|line| line.starts_with('|')) {
        let inner = line.strip_prefix('|').unwrap_or(line);
        let inner = inner.strip_suffix('|').unwrap_or(inner);
        let ruler = inner.chars().all(|sign| matches!(sign, '|' | '-' | ':' | ' '));
        if !(ruler && inner.contains('-')) {
            let cells: Result<Vec<Cell>, Text> = split_bars(inner)
                .into_iter()
                .enumerate()
                .map(|(cell_index, words)| cell(&words, at(index, cell_index + 1)))
                .collect();
            table.rows.push(Row { cells: cells? });
        }
        index += 1;
    }
    gather.table(table)?;
    Ok(index)
}

/// Cells between bars; `\|` is a bar within a cell.
fn split_bars(line: &str) -> Vec<String> {
    let mut cells = vec![String::new()];
    let mut escaped = false;
    for letter in line.chars() {
        match (letter, escaped, cells.last_mut()) {
            ('|', false, _) => cells.push(String::new()),
            ('|', true, Some(cell)) => {
                cell.pop();
                cell.push('|');
            }
            (_, _, Some(cell)) => cell.push(letter),
            (_, _, None) => {}
        }
        escaped = letter == '\\' && !escaped;
    }
    cells
}

/// One cell a line behind a tab, further lines of the cell without one, an empty line between rows: what some
/// converters make of a Word table. A row is full when it has as many cells as the heads.
fn cell_a_line(lines: &[&str], gather: &mut Gather) -> Result<(), Text> {
    let mut table = Table::default();
    let mut row = Row::default();
    let mut width = 0;
    let mut blank_before = true;
    for (number, line) in lines.iter().enumerate() {
        if line.trim().is_empty() && !line.starts_with('\t') {
            blank_before = true;
            continue;
        }
        if let Some(words) = line.strip_prefix('\t') {
            let full = row.cells.len() >= width.max(1);
            let new_row = row.cells.len() >= 64 || (blank_before && (width == 0 || full));
            if new_row && !row.cells.is_empty() {
                let cells: Vec<&str> = row.cells.iter().map(|cell| cell.text.as_str()).collect();
                if heads::is_heads(&cells) || heads::is_profile_heads(&cells) {
                    // A table of its own: what stands above had other columns.
                    gather.table(std::mem::take(&mut table))?;
                    width = row.cells.len();
                }
                table.rows.push(std::mem::take(&mut row));
            }
            let words: Vec<&str> = words.split('\t').collect();
            for one in words {
                row.cells.push(cell(one, at(number, row.cells.len() + 1))?);
            }
        } else if row.cells.is_empty() {
            gather.line(line, at(number, 0));
        } else if blank_before && row.cells.len() >= width.max(1) && row.cells.last().is_some_and(|c| c.text.is_empty())
        {
            // Words behind a full row whose last cell is empty belong to no cell.
            table.rows.push(std::mem::take(&mut row));
            gather.table(std::mem::take(&mut table))?;
            width = 0;
            gather.line(line, at(number, 0));
        } else {
            join(Some(&mut row), Some(cell(line, at(number, 0))?))?;
        }
        blank_before = false;
    }
    table.rows.push(row);
    gather.table(table)
}

/// Columns told apart by single bars, as text recognition writes them: doubtful, and only where there is nothing else.
fn bars(lines: &[&str], gather: &mut Gather) -> Result<(), Text> {
    if lines.iter().filter(|line| line.contains(" | ")).count() < 3 {
        return lines.iter().enumerate().try_for_each(|(number, line)| {
            gather.line(line, at(number, 0));
            Ok(())
        });
    }
    let mut table = Table::default();
    for (number, line) in lines.iter().enumerate() {
        if line.contains(" | ") {
            let cells: Result<Vec<Cell>, Text> =
                line.split('|').enumerate().map(|(index, words)| cell(words, at(number, index + 1))).collect();
            table.rows.push(Row { cells: cells? });
        } else if !line.trim().is_empty() {
            // A line without bars may belong to any cell of the row above: it is kept as prose.
            gather.table(std::mem::take(&mut table))?;
            gather.line(line, at(number, 0));
        }
    }
    gather.table(table)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tables(text: &str) -> Vec<Vec<Vec<String>>> {
        let source = read(text.to_owned(), "txt").expect("a text");
        let words = |row: &Row| row.cells.iter().map(|cell| cell.text.clone()).collect();
        source.tables().map(|table| table.rows.iter().map(words).collect()).collect()
    }

    #[test]
    fn a_cell_with_a_line_break_goes_on() {
        let text =
            "TT\tTiêu chí\tĐiểm\tHướng dẫn\tGhi chú\n1.1\tMột\t10\tdòng đầu\ndòng sau\tkhông\n1.2\tHai\t5\tx\ty\n";
        let rows = &tables(text)[0];
        assert_eq!(rows[1], ["1.1", "Một", "10", "dòng đầu dòng sau", "không"]);
        assert_eq!(rows[2][0], "1.2");
    }

    #[test]
    fn one_cell_a_line_makes_rows_as_wide_as_the_heads() {
        let head = "\tTT\n\tTiêu chí\n\tĐiểm tối đa\n\tGhi chú\n\n";
        let text = format!("{head}\t1.1\n\tMột\n\n\t10\n\tdài\n\ndòng sau\n\n\t1.2\n\tHai\n\t5\n\t \n\nHết.\n");
        let rows = &tables(&text)[0];
        assert_eq!(rows[1], ["1.1", "Một", "10", "dài dòng sau"]);
        assert_eq!(rows[2], ["1.2", "Hai", "5", ""]);
    }

    #[test]
    fn a_bar_within_a_markdown_cell_does_not_part_it() {
        let rows = &tables("| TT | Tiêu chí |\n|:--|---|\n| 1 | a \\| b |\n")[0];
        assert_eq!(rows[1], ["1", "a | b"]);
    }
}
