//! From a form and what fills it to a paper.

use std::collections::BTreeMap;

use super::{ColumnForm, Entry, Filling, Form, Line, Piece, Rows, SectionKind, TableForm, Value, number};
use crate::import::to_roman;
use crate::paper::{Align, Block, Cell, Column, Pair, Paper, Paragraph, Part, Row, RowKind, Style, Table};

/// What stands where a fact is not known yet, to be written over by hand.
const OPEN: &str = "……";

impl Form {
    /// The paper that the form makes of these facts.
    pub fn fill(&self, filling: &Filling) -> Paper {
        let mut paper = Paper { title: filling.title.clone(), day: filling.day, parts: Vec::new(), mark: None };
        let blocks = self.main(filling);
        if !blocks.is_empty() {
            paper.parts.push(Part { name: filling.title.clone(), landscape: false, blocks });
        }
        let mut filling = filling.clone();
        let mut annexes = 1;
        for section in &self.sections {
            let landscape = section.kind == SectionKind::AnnexLandscape;
            if landscape || section.kind == SectionKind::Annex {
                filling.put("thứ tự", to_roman(annexes));
                let blocks = self.annex(&section.lines, &filling);
                let name = blocks.iter().find_map(|block| match block {
                    Block::Text(one) if one.style == Style::AnnexTitle => Some(one.text()),
                    _ => None,
                });
                let name = name.unwrap_or_else(|| "Phụ lục".to_owned()).replace('\n', " ");
                if blocks.iter().any(|block| !matches!(block, Block::Text(_))) {
                    paper.parts.push(Part { name, landscape, blocks });
                    annexes += 1;
                }
            }
        }
        if filling.title.is_empty() {
            paper.title = paper.parts.first().map(|part| part.name.clone()).unwrap_or_default();
        }
        paper
    }

    fn lines(&self, kind: SectionKind) -> impl Iterator<Item = &Line> {
        self.sections.iter().filter(move |section| section.kind == kind).flat_map(|section| &section.lines)
    }

    /// The paragraphs of a section, one style for all.
    fn paragraphs(&self, kind: SectionKind, style: Style, filling: &Filling) -> Vec<Paragraph> {
        let words = self.lines(kind).filter_map(|line| words(line, filling));
        words
            .flat_map(|words| words.lines().map(str::to_owned).collect::<Vec<_>>())
            .map(|line| Paragraph::marked(style, &line))
            .collect()
    }

    /// The same as one paragraph of several lines, so that the line below stands once.
    fn joined(&self, kind: SectionKind, style: Style, filling: &Filling) -> Option<Paragraph> {
        let lines: Vec<String> = self.lines(kind).filter_map(|line| words(line, filling)).collect();
        (!lines.is_empty()).then(|| Paragraph::marked(style, &lines.join("\n")))
    }

    fn main(&self, filling: &Filling) -> Vec<Block> {
        let mut blocks = Vec::new();
        let mut left = self.paragraphs(SectionKind::Superior, Style::Superior, filling);
        left.extend(self.joined(SectionKind::Issuer, Style::Issuer, filling));
        left.extend(self.paragraphs(SectionKind::Number, Style::Number, filling));
        left.extend(self.joined(SectionKind::About, Style::About, filling));
        if !left.is_empty() {
            let mut right = vec![
                Paragraph::plain(Style::Nation, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"),
                Paragraph::plain(Style::Motto, "Độc lập - Tự do - Hạnh phúc"),
            ];
            right.extend(self.paragraphs(SectionKind::PlaceDay, Style::PlaceDay, filling));
            blocks.push(Block::Pair(Pair { left_percent: 40, left, right }));
        }
        let text = |one: Paragraph| Block::Text(one);
        blocks.extend(self.joined(SectionKind::Kind, Style::Kind, filling).map(text));
        blocks.extend(self.joined(SectionKind::Subject, Style::Subject, filling).map(text));
        for section in &self.sections {
            let words = section.lines.iter().filter_map(|line| words(line, filling));
            let each = |words: String| words.lines().map(str::to_owned).collect::<Vec<_>>();
            match section.kind {
                SectionKind::To => {
                    let lines: Vec<String> = words.collect();
                    blocks.push(Block::Text(Paragraph::marked(Style::To, &lines.join("\n"))));
                }
                SectionKind::Basis => {
                    blocks.extend(words.flat_map(each).map(|line| text(Paragraph::marked(Style::Basis, &line))));
                }
                SectionKind::Decides => {
                    blocks.extend(words.map(|line| text(Paragraph::marked(Style::Decides, &line.replace('\n', " ")))))
                }
                SectionKind::Body => {
                    section.lines.iter().for_each(|line| self.body_line(line, filling, &mut blocks));
                }
                _ => {}
            }
        }
        let mut foot = Pair { left_percent: 45, ..Pair::default() };
        let copies = self.paragraphs(SectionKind::Copies, Style::Copy, filling);
        if !copies.is_empty() {
            foot.left.push(Paragraph::plain(Style::CopiesHead, "Nơi nhận:"));
            foot.left.extend(copies);
        }
        foot.right.extend(self.paragraphs(SectionKind::Signs, Style::Signs, filling));
        if !foot.right.is_empty() {
            let name = self.joined(SectionKind::SignsName, Style::SignsName, filling);
            foot.right.push(name.unwrap_or_else(|| Paragraph::plain(Style::SignsName, " ")));
        }
        if !foot.left.is_empty() || !foot.right.is_empty() {
            blocks.push(Block::Pair(foot));
        }
        blocks
    }

    fn annex(&self, lines: &[Line], filling: &Filling) -> Vec<Block> {
        let mut blocks = Vec::new();
        let mut titles = 0;
        for line in lines {
            let Line::Words { .. } = line else {
                titles = 3;
                self.body_line(line, filling, &mut blocks);
                continue;
            };
            let Some(words) = words(line, filling) else { continue };
            // The first line is the annex's number, then its title; what stands in brackets says where it belongs.
            let style = match (titles, words.starts_with('(')) {
                (0, _) => Style::Annex,
                (1 | 2, true) => Style::AnnexOf,
                (1 | 2, false) => Style::AnnexTitle,
                _ => {
                    self.body_line(line, filling, &mut blocks);
                    continue;
                }
            };
            titles = if style == Style::AnnexOf { 3 } else { (titles + 1).min(2) };
            match blocks.last_mut() {
                Some(Block::Text(before)) if before.style == style && style == Style::AnnexTitle => {
                    before.runs.extend(Paragraph::marked(style, &format!("\n{words}")).runs);
                }
                _ => blocks.push(Block::Text(Paragraph::marked(style, &words))),
            }
        }
        blocks
    }

    fn body_line(&self, line: &Line, filling: &Filling, blocks: &mut Vec<Block>) {
        match line {
            Line::Table(name) => {
                let empty = Rows::default();
                let rows = filling.tables.get(name.as_str()).unwrap_or(&empty);
                if let Some(form) = self.tables.get(name)
                    && !rows.rows.is_empty()
                {
                    blocks.push(Block::Table(table(name, form, rows)));
                }
            }
            Line::Drawing(name) => {
                blocks.extend(filling.drawings.get(name.as_str()).cloned().map(Block::Drawing));
            }
            Line::Words { .. } => {
                let Some(words) = words(line, filling) else { return };
                for line in words.lines().filter(|line| !line.trim().is_empty()) {
                    let (style, words) = if let Some(words) = line.strip_prefix("= ") {
                        (Style::Heading, words)
                    } else if let Some(words) = line.strip_prefix("^ ") {
                        (Style::Decides, words)
                    } else if let Some(words) = line.strip_prefix("~ ") {
                        (Style::Note, words)
                    } else if line.starts_with("- ") {
                        (Style::Item, line)
                    } else {
                        (Style::Body, line)
                    };
                    blocks.push(Block::Text(Paragraph::marked(style, words)));
                }
            }
        }
    }
}

/// A line's words with its facts; `None` where it falls away.
fn words(line: &Line, filling: &Filling) -> Option<String> {
    let Line::Words { only_with, pieces } = line else { return None };
    let fact = |name: &str| filling.facts.get(name).map(|value| value.trim()).filter(|value| !value.is_empty());
    if let Some(name) = only_with {
        fact(name)?;
    }
    let words: String = pieces
        .iter()
        .map(|piece| match piece {
            Piece::Words(words) => words.as_str(),
            Piece::Fact(name) => fact(name).unwrap_or(if name == "cấp trên" { "" } else { OPEN }),
        })
        .collect();
    (!words.trim().is_empty()).then_some(words)
}

/// A column of the table that comes out, with where its cells are found.
struct Place<'a> {
    form: &'a ColumnForm,
    head: String,
    series: Option<usize>,
    parts: u32,
}

fn places<'a>(form: &'a TableForm, rows: &Rows) -> Vec<Place<'a>> {
    let mut places = Vec::new();
    let told = |value: &Value| !matches!(value, Value::Words(words) if words.trim().is_empty());
    for column in &form.columns {
        let holds = |row: &Entry| row.facts.get(column.fact.as_str()).is_some_and(told);
        if column.optional && !rows.rows.iter().any(holds) {
            continue;
        }
        match rows.series.get(column.fact.as_str()) {
            None => {
                places.push(Place { form: column, head: column.head.clone(), series: None, parts: column.width * 100 })
            }
            Some(heads) => {
                let parts = column.width * 100 / u32::try_from(heads.len().max(1)).unwrap_or(1);
                places.extend(heads.iter().enumerate().map(|(index, head)| Place {
                    form: column,
                    head: column.head.replace('*', head),
                    series: Some(index),
                    parts: parts.max(1),
                }));
            }
        }
    }
    places
}

fn table(name: &str, form: &TableForm, rows: &Rows) -> Table {
    let places = places(form, rows);
    let columns = places
        .iter()
        .map(|place| {
            let numbers = rows
                .rows
                .iter()
                .filter(|row| row.kind == RowKind::Plain)
                .any(|row| matches!(value(row, place), Some(Value::Number(..))));
            let align = place.form.align.unwrap_or(if numbers { Align::Center } else { Align::Left });
            Column { width: place.parts, align }
        })
        .collect();
    let cells = |row: &Entry| {
        let cells = places.iter().map(|place| match value(row, place) {
            Some(Value::Words(words)) => Cell::new(words.trim()),
            Some(Value::Number(own, digits)) => Cell { number: Some(*own), ..Cell::new(number(*own, *digits)) },
            Some(Value::Series(_)) | None => Cell::new(""),
        });
        Row { kind: row.kind, cells: cells.collect() }
    };
    Table {
        name: capital(name),
        half_points: form.half_points,
        columns,
        heads: heads(&places),
        rows: rows.rows.iter().map(cells).collect(),
    }
}

fn value<'r>(row: &'r Entry, place: &Place<'_>) -> Option<&'r Value> {
    match (row.facts.get(place.form.fact.as_str())?, place.series) {
        (Value::Series(values), Some(index)) => values.get(index),
        (value, None) => Some(value),
        (_, Some(_)) => None,
    }
}

/// One row of heads, or two where columns share one.
fn heads(places: &[Place<'_>]) -> Vec<Row> {
    let two = places.iter().any(|place| place.form.above.is_some());
    let mut upper: Vec<Cell> = Vec::new();
    let mut lower: Vec<Cell> = Vec::new();
    let mut shared: BTreeMap<&str, usize> = BTreeMap::new();
    let mut last: Option<&str> = None;
    for place in places {
        let above = place.form.above.as_deref();
        match above {
            None => upper.push(Cell { rows: if two { 2 } else { 1 }, ..Cell::new(place.head.clone()) }),
            Some(above) => {
                if last == Some(above)
                    && let Some(at) = shared.get(above)
                {
                    upper[*at].columns += 1;
                } else {
                    shared.insert(above, upper.len());
                    upper.push(Cell::new(above));
                }
                lower.push(Cell::new(place.head.clone()));
            }
        }
        last = above;
    }
    let row = |cells| Row { kind: RowKind::Plain, cells };
    if two { vec![row(upper), row(lower)] } else { vec![row(upper)] }
}

fn capital(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
