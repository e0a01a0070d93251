//! Rows of a table as records: what each column says, rows broken by a page joined, heads repeated on a page left out.

use std::collections::BTreeSet;

use criteria::Text;
use criteria::quote::{ELLIPSIS, fold};

use super::heads::{self, Column};
use super::limits;
use super::outline::{RowNumber, number};
use super::table::{Block, Line, Place, Row, Source, Table};

/// What the cells of one record say in one column, with their places.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Field {
    /// The words; passages that a page parts are joined by `[…]`.
    pub text: String,
    /// Where they stand.
    pub places: Vec<Place>,
}

/// A row of criteria.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Record {
    /// The columns that say anything.
    pub fields: Vec<(Column, Field)>,
    /// The levels that have a mark, as headed.
    pub levels: Vec<String>,
    /// Whether it is a pillar's heading that stands as prose above its table.
    pub pillar: bool,
    /// A cell of points that stands in another column.
    pub stray_points: Option<(String, Place)>,
    /// What was unsure when the row was read.
    pub doubts: Vec<Text>,
}

impl Record {
    /// The words of a column; empty where it says nothing.
    pub fn words(&self, column: Column) -> &str {
        self.field(column).map_or("", |field| field.text.as_str())
    }

    /// What a column says.
    pub fn field(&self, column: Column) -> Option<&Field> {
        self.fields.iter().find(|(known, _)| *known == column).map(|(_, field)| field)
    }

    /// All places, in order.
    pub fn places(&self) -> Vec<&Place> {
        self.fields.iter().flat_map(|(_, field)| &field.places).collect()
    }

    fn add(&mut self, column: Column, text: &str, place: &Place) {
        if text.is_empty() {
            return;
        }
        let index = match self.fields.iter().position(|(known, _)| *known == column) {
            Some(index) => index,
            None => {
                self.fields.push((column, Field::default()));
                self.fields.len() - 1
            }
        };
        let field = &mut self.fields[index].1;
        if !field.text.is_empty() {
            field.text.push_str(&format!(" {ELLIPSIS} "));
        }
        field.text.push_str(text);
        field.places.push(place.clone());
    }
}

/// The tables of a document, told apart.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Records {
    /// The rows of criteria.
    pub rows: Vec<Record>,
    /// The rows of the unit profile: number and label.
    pub profile: Vec<(String, String, Place)>,
    /// The columns of criteria that were found.
    pub columns: Vec<Column>,
    /// Words that belong to no criterion, each once: heads and the rows of other tables.
    pub heads: Vec<String>,
    known_heads: BTreeSet<String>,
    /// Prose outside the tables.
    pub prose: Vec<String>,
    /// Whether the columns were guessed because no heads could be read.
    pub guessed: bool,
}

/// The columns of a table that goes on behind a page break.
#[derive(Clone, Debug)]
struct Layout {
    columns: Vec<Column>,
    heads: Vec<String>,
}

/// Reads the records of a document.
///
/// # Errors
/// More records than a set can have.
pub fn records(source: &Source) -> Result<Records, Text> {
    let mut found = Records::default();
    let mut layout: Option<Layout> = None;
    let mut above: Option<&Line> = None;
    for block in &source.blocks {
        match block {
            Block::Line(line) => {
                found.prose.push(line.text.clone());
                above = Some(line);
            }
            Block::Table(table) => {
                let heading = above.take().filter(|_| is_criteria(table, layout.as_ref()));
                if let Some(record) = heading.and_then(|line| pillar_heading(line, table)) {
                    found.push(record)?;
                }
                found.table(table, &mut layout)?;
            }
        }
    }
    if layout.is_none() {
        found.guess(source)?;
    }
    Ok(found)
}

/// Whether a table has heads of criteria or goes on with those above. A narrower table without heads, such as the
/// signatures, does not.
fn is_criteria(table: &Table, layout: Option<&Layout>) -> bool {
    let width = table.rows.iter().map(|row| row.cells.len()).max().unwrap_or_default();
    let heads = |row: &Row| heads::is_heads(&row.cells.iter().map(|cell| cell.text.as_str()).collect::<Vec<_>>());
    layout.is_some_and(|layout| width + 1 >= layout.columns.len()) || table.rows.iter().any(heads)
}

/// A pillar whose heading stands as prose right above its table, where the table prints no pillar itself.
fn pillar_heading(line: &Line, table: &Table) -> Option<Record> {
    let words = line.text.trim_start_matches(['#', ' ']);
    let (no, name) = super::outline::pillar_heading(words)?;
    let own = |row: &Row| row.cells.iter().any(|cell| matches!(number(&cell.text), Some(RowNumber::Roman(_))));
    if table.rows.iter().take(3).any(own) {
        return None;
    }
    let mut record = Record { pillar: true, ..Record::default() };
    record.add(Column::No, &no, &line.place);
    record.add(Column::Name, &name, &line.place);
    Some(record)
}

impl Records {
    fn table(&mut self, table: &Table, layout: &mut Option<Layout>) -> Result<(), Text> {
        let mut profile = false;
        let mut skip_below = false;
        let goes_on = is_criteria(table, layout.as_ref());
        for (index, row) in table.rows.iter().enumerate() {
            let cells: Vec<&str> = row.cells.iter().map(|cell| cell.text.as_str()).collect();
            if heads::is_profile_heads(&cells) && !heads::is_heads(&cells) {
                profile = true;
                self.remember(&cells);
                continue;
            }
            if heads::is_heads(&cells)
                && let Some(columns) = heads::columns(&cells)
            {
                profile = false;
                self.remember(&cells);
                let heads = cells.iter().map(|cell| (*cell).to_owned()).collect();
                let mut new = Layout { columns, heads };
                // Heads in two rows: "Cấp áp dụng" over "Sở", "Huyện", "Xã".
                if let Some(below) = table.rows.get(index + 1).filter(|below| is_second_heads(below, &new)) {
                    let words: Vec<&str> = below.cells.iter().map(|cell| cell.text.as_str()).collect();
                    self.remember(&words);
                    new.refine(&words);
                    skip_below = true;
                }
                self.columns = new.columns.iter().copied().filter(|column| *column != Column::Unknown).collect();
                *layout = Some(new);
                continue;
            }
            if std::mem::take(&mut skip_below) {
                continue;
            }
            if profile {
                self.profile_row(row);
                continue;
            }
            match layout {
                Some(layout) if goes_on && row.cells.len() <= layout.columns.len() + 2 => self.row(row, layout)?,
                _ => self.remember(&cells),
            }
        }
        Ok(())
    }

    /// Keeps words that are no criterion.
    fn remember(&mut self, cells: &[&str]) {
        for cell in cells.iter().filter(|cell| !cell.is_empty()) {
            if self.known_heads.insert((*cell).to_owned()) {
                self.heads.push((*cell).to_owned());
            }
        }
    }

    fn profile_row(&mut self, row: &Row) {
        let number = row.words(0).trim_end_matches(['.', ')']).to_owned();
        let label = row.cells.iter().skip(1).find(|cell| !cell.text.is_empty());
        match (label, row.cells.first()) {
            (Some(label), _) if number.len() < 8 => {
                self.profile.push((number, label.text.clone(), label.place.clone()));
            }
            (None, Some(first)) if !first.text.is_empty() => {
                self.profile.push((String::new(), first.text.clone(), first.place.clone()));
            }
            _ => {}
        }
    }

    fn row(&mut self, row: &Row, layout: &Layout) -> Result<(), Text> {
        let mut record = Record::default();
        for (index, cell) in row.cells.iter().enumerate() {
            if cell.text.is_empty() || cell.text == "-" {
                continue;
            }
            let column = layout.columns.get(index).copied().unwrap_or(Column::Unknown);
            match column {
                Column::Level => {
                    let mark = fold(&cell.text);
                    if matches!(mark.as_str(), "x" | "co" | "v" | "1") {
                        record.levels.push(layout.heads.get(index).cloned().unwrap_or_default());
                    } else {
                        record.levels.push(cell.text.clone());
                    }
                }
                Column::Filled | Column::Unknown => {}
                _ => {
                    let words = !matches!(
                        column,
                        Column::Points | Column::No | Column::Name | Column::Conditions | Column::Guidance
                    );
                    if words && super::values::points(&cell.text).is_some() && fold(&cell.text).contains("diem") {
                        record.stray_points = Some((cell.text.clone(), cell.place.clone()));
                    } else {
                        record.add(column, &cell.text, &cell.place);
                    }
                }
            }
        }
        if record.fields.is_empty() {
            return Ok(());
        }
        if !record.words(Column::No).is_empty() {
            self.hold_merged(row, layout, &mut record);
        }
        let (no, name) = (record.words(Column::No), record.words(Column::Name));
        let heading = super::outline::pillar_heading(name).is_some() || super::outline::counted_heading(name);
        let only_name = record.fields.len() == 1 && heading;
        let numbered_name = !layout.columns.contains(&Column::No) && super::outline::leading_number(name).is_some();
        let own = !no.is_empty() || !record.words(Column::Points).is_empty() || only_name || numbered_name;
        match self.rows.last_mut() {
            // No number and no points: the row above goes on behind a page break.
            Some(above) if !own => {
                for (column, field) in &record.fields {
                    if let Some(place) = field.places.first() {
                        above.add(*column, &field.text, place);
                    }
                }
                Ok(())
            }
            _ => self.push(record),
        }
    }

    /// A cell merged over several rows holds for each of them: one deadline, one official for many criteria.
    fn hold_merged(&self, row: &Row, layout: &Layout, record: &mut Record) {
        let Some(above) = self.rows.last() else { return };
        for (cell, column) in
            row.cells.iter().zip(&layout.columns).filter(|(cell, _)| cell.merged && cell.text.is_empty())
        {
            let holds = matches!(
                column,
                Column::Due
                    | Column::Evidence
                    | Column::Source
                    | Column::Appraiser
                    | Column::Lead
                    | Column::Coordinating
                    | Column::Notes
            );
            if let Some(field) = above.field(*column).filter(|_| holds && record.field(*column).is_none()) {
                let mut field = field.clone();
                field.places.push(cell.place.clone());
                record.fields.push((*column, field));
            }
        }
    }

    fn push(&mut self, record: Record) -> Result<(), Text> {
        if self.rows.len() >= limits::RECORDS_MAX {
            let most = limits::RECORDS_MAX;
            return Err(Text::new(
                format!("quá nhiều hàng tiêu chí; tối đa {most}"),
                format!("too many rows of criteria; at most {most}"),
            ));
        }
        self.rows.push(record);
        Ok(())
    }

    /// A document without heads that can be read: rows that begin with a number, the columns in their usual order.
    fn guess(&mut self, source: &Source) -> Result<(), Text> {
        let doubt = || {
            Text::new(
                "không đọc được tên cột: các cột được đoán theo thứ tự thường gặp",
                "no heads could be read: the columns were guessed by their usual order",
            )
        };
        let mut above: Option<&Line> = None;
        let mut last = 0;
        let mut pillars = 0;
        for block in &source.blocks {
            let rows = match block {
                Block::Line(line) => {
                    above = Some(line);
                    continue;
                }
                Block::Table(table) => &table.rows,
            };
            for row in rows {
                let cells: Vec<_> = row.cells.iter().filter(|cell| !cell.text.is_empty()).collect();
                let Some((first, rest)) = cells.split_first() else { continue };
                if super::outline::number(&first.text).is_none() || rest.is_empty() {
                    continue;
                }
                match number(&first.text) {
                    Some(RowNumber::Dotted(steps)) => {
                        let step = steps.last().copied().unwrap_or_default();
                        if step == 1 && last > 1 {
                            // The numbers start afresh: a pillar stands above, and its own number is lost.
                            pillars += 1;
                            self.push(lost_pillar(above, pillars, &first.place))?;
                        }
                        last = step;
                    }
                    Some(RowNumber::Roman(_) | RowNumber::Letter(_)) => (last, pillars) = (0, pillars + 1),
                    None => {}
                }
                above = None;
                let mut record = Record { doubts: vec![doubt()], ..Record::default() };
                record.add(Column::No, &first.text, &first.place);
                let mut usual = [Column::Name, Column::Guidance, Column::Conditions, Column::Evidence].into_iter();
                for cell in rest {
                    let (words, points) = marked_points(&cell.text);
                    if let Some(points) = points.filter(|_| record.field(Column::Points).is_none()) {
                        record.add(Column::Points, &points, &cell.place);
                    }
                    if !words.is_empty()
                        && let Some(column) = usual.next()
                    {
                        record.add(column, &words, &cell.place);
                    }
                }
                self.push(record)?;
            }
        }
        self.guessed = !self.rows.is_empty();
        Ok(())
    }
}

/// A pillar whose number could not be read; a short line above the row is taken for its name.
fn lost_pillar(above: Option<&Line>, ordinal: usize, place: &Place) -> Record {
    let doubt = Text::new(
        "số thứ tự bắt đầu lại từ 1: ở đây có một trụ cột mà số bị mất",
        "the numbers start again at 1: here stands a pillar whose number is lost",
    );
    let mut record = Record { pillar: true, doubts: vec![doubt], ..Record::default() };
    record.add(Column::No, &format!("?{ordinal}"), place);
    if let Some(line) = above.filter(|line| line.text.chars().count() <= 40) {
        record.add(Column::Name, &line.text, &line.place);
    }
    record
}

impl Layout {
    fn refine(&mut self, words: &[&str]) {
        for (index, word) in words.iter().enumerate().filter(|(_, word)| !word.is_empty()) {
            while self.columns.len() <= index {
                self.columns.push(Column::Unknown);
                self.heads.push(String::new());
            }
            if let Some(column) = heads::column(word).filter(|column| *column != Column::Unknown) {
                self.columns[index] = column;
                self.heads[index] = (*word).to_owned();
            }
        }
    }
}

/// Whether a row below the heads has heads too: no number, no name, and all its words are known heads.
fn is_second_heads(row: &Row, layout: &Layout) -> bool {
    let mut known = 0;
    for (index, cell) in row.cells.iter().enumerate().filter(|(_, cell)| !cell.text.is_empty()) {
        let above = layout.columns.get(index);
        let numbered = cell.text.starts_with('(') && cell.text.trim_matches(['(', ')']).parse::<u8>().is_ok();
        match heads::column(&cell.text) {
            Some(Column::Unknown) | None if numbered => known += 1,
            Some(Column::Unknown) | None => return false,
            Some(_) if above == Some(&Column::No) => return false,
            Some(_) => known += 1,
        }
    }
    known > 1
}

/// Words and the points behind them in a cell of a scan: `Quyet dinh bang| 5 X X X`.
fn marked_points(cell: &str) -> (String, Option<String>) {
    let words: Vec<&str> = cell.split(' ').collect();
    let marks = words.iter().rev().take_while(|word| matches!(**word, "X" | "x" | "|")).count();
    let rest = &words[..words.len() - marks];
    match rest.split_last() {
        Some((last, before)) if (marks > 0 || before.is_empty()) && super::values::points(last).is_some() => {
            (before.join(" "), Some((*last).to_owned()))
        }
        _ => (rest.join(" "), None),
    }
}
