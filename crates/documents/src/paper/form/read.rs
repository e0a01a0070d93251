//! Reading a form: every line is understood or told.

use std::collections::BTreeMap;

use criteria::Text;
use criteria::problem::{Problem, nearest};

use super::{ColumnForm, FRONT, Form, Line, Names, Offer, Piece, Section, SectionKind, TableForm};
use crate::paper::Align;

/// Longest form, in bytes.
pub const FORM_BYTES_MAX: usize = 64 * 1024;
/// The letters of a table where its form does not say, in half points.
const HALF_POINTS: u16 = 24;

const SECTIONS: [(&str, SectionKind); 16] = [
    ("cơ quan chủ quản", SectionKind::Superior),
    ("cơ quan ban hành", SectionKind::Issuer),
    ("số", SectionKind::Number),
    ("về việc", SectionKind::About),
    ("nơi ngày", SectionKind::PlaceDay),
    ("tên loại", SectionKind::Kind),
    ("trích yếu", SectionKind::Subject),
    ("kính gửi", SectionKind::To),
    ("căn cứ", SectionKind::Basis),
    ("quyết định", SectionKind::Decides),
    ("nội dung", SectionKind::Body),
    ("nơi nhận", SectionKind::Copies),
    ("ký", SectionKind::Signs),
    ("người ký", SectionKind::SignsName),
    ("phụ lục", SectionKind::Annex),
    ("phụ lục ngang", SectionKind::AnnexLandscape),
];

/// Where the lines that follow go.
enum Open {
    Nothing,
    Section,
    Table(String),
}

struct Reader<'a> {
    name: &'a str,
    text: &'a str,
    offer: Offer,
    problems: Vec<Problem>,
    sections: Vec<Section>,
    tables: BTreeMap<String, TableForm>,
    /// The tables that lines ask for, with where.
    asked: Vec<(String, usize)>,
}

impl Form {
    /// Reads a form; `name` is how problems name the file.
    ///
    /// # Errors
    /// Every line that is not understood: sections, facts and tables that there are not.
    pub fn read(name: &str, text: &str, offer: Offer) -> Result<Self, Vec<Problem>> {
        if text.len() > FORM_BYTES_MAX {
            let message = Text::new(
                format!("mẫu dài hơn {} KiB", FORM_BYTES_MAX / 1024),
                format!("the form is longer than {} KiB", FORM_BYTES_MAX / 1024),
            );
            return Err(vec![Problem::of_file(name, message)]);
        }
        let mut reader = Reader {
            name,
            text,
            offer,
            problems: Vec::new(),
            sections: Vec::new(),
            tables: BTreeMap::new(),
            asked: Vec::new(),
        };
        reader.lines();
        if reader.problems.is_empty() {
            Ok(Self { sections: reader.sections, tables: reader.tables })
        } else {
            Err(reader.problems)
        }
    }
}

impl Reader<'_> {
    fn report(&mut self, at: usize, length: usize, vi: String, en: String) {
        let span = at..at + length;
        self.problems.push(Problem::at(self.name, self.text, span, Text::new(vi, en)));
    }

    fn lines(&mut self) {
        let mut open = Open::Nothing;
        let mut at = 0;
        for whole in self.text.split_inclusive('\n') {
            let start = at + whole.len() - whole.trim_start().len();
            at += whole.len();
            let line = whole.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            if let Some(section) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
                open = self.section(section.trim(), start, line.len());
                continue;
            }
            match &open {
                Open::Nothing => self.report(
                    start,
                    line.len(),
                    "dòng này đứng trước mọi mục; mỗi mục bắt đầu bằng tên trong ngoặc vuông, ví dụ [nội dung]".to_owned(),
                    "this line stands before any section; a section begins with its name in brackets, such as [nội dung]"
                        .to_owned(),
                ),
                Open::Section => {
                    let line = self.line(line, start);
                    if let (Some(section), Some(line)) = (self.sections.last_mut(), line) {
                        section.lines.push(line);
                    }
                }
                Open::Table(table) => {
                    let table = table.clone();
                    self.column(&table, line, start);
                }
            }
        }
        for (table, at) in std::mem::take(&mut self.asked) {
            if self.tables.get(&table).is_none_or(|table| table.columns.is_empty()) {
                self.report(
                    at,
                    table.len(),
                    format!("bảng “{table}” chưa có cột nào; viết mục [bảng {table}] với mỗi dòng một cột: Tên cột | dữ kiện | độ rộng"),
                    format!("the table \"{table}\" has no column; write a section [bảng {table}], a line a column: Head | fact | width"),
                );
            }
        }
    }

    fn section(&mut self, name: &str, at: usize, length: usize) -> Open {
        if let Some(table) = name.strip_prefix("bảng ").map(str::trim) {
            let known = self.offer.tables.iter().map(|(name, _)| *name);
            if !known.clone().any(|one| one == table) {
                let all = known.clone().collect::<Vec<_>>().join(", ");
                let (vi, en) = hint(table, known);
                self.report(
                    at,
                    length,
                    format!("văn bản này không có bảng “{table}”{vi} (có: {all})"),
                    format!("this paper has no table \"{table}\"{en} (there are: {all})"),
                );
            }
            self.tables
                .entry(table.to_owned())
                .or_insert_with(|| TableForm { half_points: HALF_POINTS, columns: Vec::new() });
            return Open::Table(table.to_owned());
        }
        match SECTIONS.iter().find(|(known, _)| *known == name.to_lowercase()) {
            Some((_, kind)) => self.sections.push(Section { kind: *kind, lines: Vec::new() }),
            None => {
                let known = SECTIONS.iter().map(|(name, _)| *name);
                let all = known.clone().collect::<Vec<_>>().join(", ");
                let (vi, en) = hint(name, known);
                self.report(
                    at,
                    length,
                    format!("không có mục [{name}]{vi} (có: {all}, bảng …)"),
                    format!("there is no section [{name}]{en} (there are: {all}, bảng …)"),
                );
                self.sections.push(Section { kind: SectionKind::Body, lines: Vec::new() });
            }
        }
        Open::Section
    }

    fn line(&mut self, line: &str, at: usize) -> Option<Line> {
        if let Some(table) = line.strip_prefix("{bảng ").and_then(|line| line.strip_suffix('}')) {
            self.asked.push((table.trim().to_owned(), at));
            return Some(Line::Table(table.trim().to_owned()));
        }
        if let Some(drawing) = line.strip_prefix("{hình ").and_then(|line| line.strip_suffix('}')) {
            self.known(drawing.trim(), &[self.offer.drawings], at, "hình", "chart");
            return Some(Line::Drawing(drawing.trim().to_owned()));
        }
        let mut only_with = None;
        let mut rest = line;
        if let Some(inner) = line.strip_prefix("{?") {
            let Some((name, after)) = inner.split_once('}') else {
                self.unclosed(at, line);
                return None;
            };
            self.fact(name.trim(), at + 2);
            only_with = Some(name.trim().to_owned());
            rest = after.trim_start();
        }
        let mut pieces = Vec::new();
        while let Some(begin) = rest.find('{') {
            let here = at + (line.len() - rest.len()) + begin;
            pieces.push(Piece::Words(rest[..begin].to_owned()));
            let Some((name, after)) = rest[begin + 1..].split_once('}') else {
                self.unclosed(here, &rest[begin..]);
                return None;
            };
            self.fact(name.trim(), here + 1);
            pieces.push(Piece::Fact(name.trim().to_owned()));
            rest = after;
        }
        pieces.push(Piece::Words(rest.to_owned()));
        Some(Line::Words { only_with, pieces })
    }

    fn unclosed(&mut self, at: usize, words: &str) {
        self.report(
            at,
            words.len(),
            "thiếu dấu } đóng tên dữ kiện".to_owned(),
            "the } that closes a fact's name is missing".to_owned(),
        );
    }

    fn fact(&mut self, name: &str, at: usize) {
        self.known(name, &[FRONT, self.offer.facts], at, "dữ kiện", "fact");
    }

    fn known(&mut self, name: &str, names: &[Names], at: usize, vi_what: &str, en_what: &str) {
        let known = names.iter().flat_map(|names| names.iter()).map(|(name, _)| *name);
        if known.clone().any(|one| one == name) {
            return;
        }
        let all = known.clone().collect::<Vec<_>>().join(", ");
        let (vi, en) = hint(name, known);
        self.report(
            at,
            name.len(),
            format!("không có {vi_what} “{name}”{vi} (có: {all})"),
            format!("there is no {en_what} \"{name}\"{en} (there are: {all})"),
        );
    }

    fn column(&mut self, table: &str, line: &str, at: usize) {
        if let Some(size) = line.strip_prefix("cỡ chữ:") {
            let half_points = size.trim().replace(',', ".").parse::<f32>().ok().map(|points| (points * 2.0).round());
            match half_points.filter(|size| (16.0..=28.0).contains(size)) {
                Some(size) => {
                    if let Some(table) = self.tables.get_mut(table) {
                        table.half_points = size as u16;
                    }
                }
                None => self.report(
                    at,
                    line.len(),
                    "cỡ chữ phải từ 8 đến 14".to_owned(),
                    "the size must be from 8 to 14".to_owned(),
                ),
            }
            return;
        }
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let (head, fact, width, align) = match cells[..] {
            [head, fact, width] => (head, fact, width, ""),
            [head, fact, width, align] => (head, fact, width, align),
            _ => {
                self.report(
                    at,
                    line.len(),
                    "mỗi cột viết: Tên cột | dữ kiện | độ rộng, thêm | giữa, | phải hoặc | trái nếu cần".to_owned(),
                    "a column is written: Head | fact | width, and | giữa, | phải or | trái where needed".to_owned(),
                );
                return;
            }
        };
        if let Some((_, names)) = self.offer.tables.iter().find(|(name, _)| *name == table) {
            self.known(fact, &[names], at, "dữ kiện của bảng", "fact of the table");
        }
        let align = match align {
            "" => Some(None),
            "trái" => Some(Some(Align::Left)),
            "giữa" => Some(Some(Align::Center)),
            "phải" => Some(Some(Align::Right)),
            _ => None,
        };
        let width = width.parse::<u32>().ok().filter(|width| (1..=1000).contains(width));
        let (Some(width), Some(align)) = (width, align) else {
            self.report(
                at,
                line.len(),
                "độ rộng là số nguyên từ 1 đến 1000; canh chữ là trái, giữa hoặc phải".to_owned(),
                "the width is a whole number from 1 to 1000; the words stand trái, giữa or phải".to_owned(),
            );
            return;
        };
        let (optional, head) = match head.strip_prefix('?') {
            Some(head) => (true, head.trim_start()),
            None => (false, head),
        };
        let (above, head) = match head.split_once('>') {
            Some((above, head)) => (Some(above.trim().to_owned()), head.trim().to_owned()),
            None => (None, head.to_owned()),
        };
        if let Some(table) = self.tables.get_mut(table) {
            table.columns.push(ColumnForm { above, head, fact: fact.to_owned(), width, align, optional });
        }
    }
}

fn hint<'n>(name: &str, known: impl Iterator<Item = &'n str>) -> (String, String) {
    nearest(name, known)
        .map(|one| (format!("; ý là “{one}”?"), format!("; did you mean \"{one}\"?")))
        .unwrap_or_default()
}
