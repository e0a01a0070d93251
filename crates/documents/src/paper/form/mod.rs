//! The wording of papers (mẫu văn bản): plain texts that an operator changes, and what fills them.
//!
//! A form is read line by line, `[section]` by `[section]`; `{name}` stands for a fact, and a table lists its columns as
//! `Head | fact | width`. There are no loops and no conditions but one: a line that begins with `{?name}` falls away
//! where the fact is empty. So a form reads as the paper that it makes, and every slip can be told by its line. A
//! template language for programmers (minijinja was looked at) would give loops and filters that officials cannot read,
//! and tables whose columns nobody can check.

mod fill;
mod read;

use std::collections::BTreeMap;

use criteria::date::Date;
use criteria::{Language, Number};
use scoring::number_text;

use super::{Align, Drawing, RowKind, drawing};

/// What a form may use: names and what they mean.
pub type Names = &'static [(&'static str, &'static str)];

/// What a kind of paper offers to its form.
#[derive(Clone, Copy, Debug)]
pub struct Offer {
    /// The facts.
    pub facts: Names,
    /// The tables, each with the facts of its rows.
    pub tables: &'static [(&'static str, Names)],
    /// The charts.
    pub drawings: Names,
}

/// A form as read: everything that it names exists.
#[derive(Clone, Debug, PartialEq)]
pub struct Form {
    sections: Vec<Section>,
    tables: BTreeMap<String, TableForm>,
}

/// What a section of a form is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum SectionKind {
    Superior,
    Issuer,
    Number,
    About,
    PlaceDay,
    Kind,
    Subject,
    To,
    Basis,
    Decides,
    Body,
    Copies,
    Signs,
    SignsName,
    Annex,
    AnnexLandscape,
}

#[derive(Clone, Debug, PartialEq)]
struct Section {
    kind: SectionKind,
    lines: Vec<Line>,
}

/// A line of a section.
#[derive(Clone, Debug, PartialEq)]
enum Line {
    Words { only_with: Option<String>, pieces: Vec<Piece> },
    Table(String),
    Drawing(String),
}

#[derive(Clone, Debug, PartialEq)]
enum Piece {
    Words(String),
    Fact(String),
}

#[derive(Clone, Debug, PartialEq)]
struct TableForm {
    half_points: u16,
    columns: Vec<ColumnForm>,
}

#[derive(Clone, Debug, PartialEq)]
struct ColumnForm {
    /// The head, and the one above it where several columns share one.
    above: Option<String>,
    head: String,
    fact: String,
    width: u32,
    align: Option<Align>,
    /// Whether it falls away where no row has the fact.
    optional: bool,
}

/// What fills a form.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Filling {
    /// What the paper is called, for the file's own description.
    pub title: String,
    /// The day it bears.
    pub day: Option<Date>,
    /// The facts by name; one that is missing is left open, to be filled in by hand.
    pub facts: BTreeMap<&'static str, String>,
    /// The rows of the tables by name.
    pub tables: BTreeMap<&'static str, Rows>,
    /// The charts by name.
    pub drawings: BTreeMap<&'static str, Drawing>,
}

impl Filling {
    /// Adds a fact.
    pub fn put(&mut self, name: &'static str, value: impl Into<String>) -> &mut Self {
        self.facts.insert(name, value.into());
        self
    }

    /// Adds what every paper bears: its number, place and day.
    pub fn front(&mut self, front: &Front) -> &mut Self {
        self.day = front.day;
        self.put("cấp trên", front.superior.to_uppercase())
            .put("cơ quan", front.issuer.to_uppercase())
            .put("tên cơ quan", front.issuer.clone())
            .put("số", front.number.clone())
            .put("nơi", front.place.clone())
            .put("năm", front.year.to_string())
            .put("ngày", front.day.map_or_else(|| format!("ngày …… tháng …… năm {}", front.year), long_day))
            .put("ngày ngắn", front.day.map_or_else(|| format!("……/……/{}", front.year), short_day))
    }
}

impl Offer {
    /// What fills a form for looking at: each fact stands for itself by what it means.
    pub fn sample(&self) -> Filling {
        let mut filling = Filling { title: "Xem thử".to_owned(), ..Filling::default() };
        for (name, meaning) in FRONT.iter().chain(self.facts) {
            filling.put(name, format!("‹{meaning}›"));
        }
        for (table, names) in self.tables {
            let row = |kind, number: usize| Entry {
                kind,
                facts: names
                    .iter()
                    .map(|(name, meaning)| (*name, Value::Words(format!("‹{meaning}› {number}"))))
                    .collect(),
            };
            let kinds = [RowKind::Group, RowKind::Plain, RowKind::Plain];
            let rows = kinds.into_iter().zip(1..).map(|(kind, number)| row(kind, number)).collect();
            filling.tables.insert(table, Rows { rows, ..Rows::default() });
        }
        for (name, meaning) in self.drawings {
            let rows = [("‹một›".to_owned(), 7, "7".to_owned()), ("‹hai›".to_owned(), 4, "4".to_owned())];
            filling.drawings.insert(name, drawing::bars(&format!("‹{meaning}›"), meaning, ["‹tên›", "‹số›"], &rows));
        }
        filling
    }
}

/// What the head of a paper bears.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Front {
    /// The body above the issuing one; may be empty.
    pub superior: String,
    /// The issuing body, as it is called.
    pub issuer: String,
    /// The number; empty until it is given.
    pub number: String,
    /// The place.
    pub place: String,
    /// The day; missing until it is given.
    pub day: Option<Date>,
    /// The assessed year.
    pub year: i16,
}

/// The facts that every kind of paper offers.
pub const FRONT: Names = &[
    ("cấp trên", "cơ quan chủ quản trực tiếp, chữ in hoa"),
    ("cơ quan", "cơ quan ban hành, chữ in hoa"),
    ("tên cơ quan", "cơ quan ban hành, viết thường"),
    ("số", "số, ký hiệu của văn bản"),
    ("nơi", "địa danh"),
    ("ngày", "ngày … tháng … năm …"),
    ("ngày ngắn", "ngày/tháng/năm"),
    ("năm", "năm đánh giá"),
];

/// The rows of a table.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rows {
    /// The rows.
    pub rows: Vec<Entry>,
    /// The heads of facts that are several values side by side, by name.
    pub series: BTreeMap<&'static str, Vec<String>>,
}

/// A row.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Entry {
    /// What it is.
    pub kind: RowKind,
    /// Its facts by name; one that is missing is an empty cell.
    pub facts: BTreeMap<&'static str, Value>,
}

/// A fact of a row.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Words.
    Words(String),
    /// A number, and how many decimals are always shown.
    Number(Number, u8),
    /// Several side by side.
    Series(Vec<Value>),
}

impl Entry {
    /// A row of a kind.
    pub fn of(kind: RowKind) -> Self {
        Self { kind, facts: BTreeMap::new() }
    }

    /// With words.
    #[must_use]
    pub fn words(mut self, name: &'static str, words: impl Into<String>) -> Self {
        self.facts.insert(name, Value::Words(words.into()));
        self
    }

    /// With a number as it is, where there is one.
    #[must_use]
    pub fn number(mut self, name: &'static str, number: Option<Number>) -> Self {
        if let Some(number) = number {
            self.facts.insert(name, Value::Number(number, 0));
        }
        self
    }

    /// With points to two decimals, where there are any.
    #[must_use]
    pub fn points(mut self, name: &'static str, number: Option<Number>) -> Self {
        if let Some(number) = number {
            self.facts.insert(name, Value::Number(number, 2));
        }
        self
    }

    /// With several values side by side.
    #[must_use]
    pub fn series(mut self, name: &'static str, values: Vec<Value>) -> Self {
        self.facts.insert(name, Value::Series(values));
        self
    }
}

/// A number with at least so many decimals, as Vietnamese papers write it.
pub fn number(number: Number, places: u8) -> String {
    number_text::points(number, places, Language::Vietnamese)
}

/// `ngày 08 tháng 5 năm 2024`: the decree wants a nought before days below 10 and before January and February.
pub fn long_day(day: Date) -> String {
    let month = if day.month() < 3 { format!("{:02}", day.month()) } else { day.month().to_string() };
    format!("ngày {:02} tháng {month} năm {}", day.day(), day.year())
}

/// `08/5/2024`.
pub fn short_day(day: Date) -> String {
    let month = if day.month() < 3 { format!("{:02}", day.month()) } else { day.month().to_string() };
    format!("{:02}/{month}/{}", day.day(), day.year())
}
