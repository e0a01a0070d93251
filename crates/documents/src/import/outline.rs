//! Pillars, groups and indicators, told by their numbers and by what stands beside them.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use criteria::{Number, Text};
use regex::Regex;

use super::heads::Column;
use super::plain::Plain;
use super::records::{Record, Records};
use super::table::Place;
use super::values;

/// Most letters of a heading that has a cell to itself.
const HEADING_LETTERS_MAX: usize = 160;

/// A number at the beginning of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RowNumber {
    /// I, II, …
    Roman(u32),
    /// A, B, …
    Letter(char),
    /// 1, 1.1, 5.11.3, …
    Dotted(Vec<u32>),
}

/// The number that a cell is, if it is nothing else.
pub fn number(cell: &str) -> Option<RowNumber> {
    // Markdown writes `1\.` where it does not mean a list.
    let cell = cell.replace('\\', "");
    let cell = cell.trim().trim_end_matches(['.', ')', ':', '/']).trim();
    if cell.is_empty() || cell.len() > 20 {
        return None;
    }
    if cell.chars().all(|letter| matches!(letter, 'I' | 'V' | 'X' | 'L')) {
        return roman(cell).map(RowNumber::Roman);
    }
    if cell.len() == 1 && cell.starts_with(|letter: char| letter.is_ascii_uppercase()) {
        return cell.chars().next().map(RowNumber::Letter);
    }
    let steps: Option<Vec<u32>> = cell
        .split('.')
        .map(|step| step.trim().parse().ok().filter(|_| step.trim().len() <= 3 && !step.contains('+')))
        .collect();
    steps.filter(|steps| steps.len() <= 6).map(RowNumber::Dotted)
}

/// A heading of a pillar: `I. Nhận thức số`, `Trụ cột 1: Nhận thức số`; its number as printed and its name.
pub fn pillar_heading(words: &str) -> Option<(String, String)> {
    static NAMED: LazyLock<Regex> = LazyLock::new(|| {
        values::pattern(
            r"^(?:tru cot|phan|linh vuc|nhom tieu chi|nhom chi so|nhom|noi dung) (?:so |thu )?([ivxl]+|\d{1,2}|[a-h])(?: ?[.:)-] ?| )",
        )
    });
    let plain = Plain::new(words);
    if let Some(found) = NAMED.captures(&plain.text) {
        let no = plain.printed(found.get(1)?.range()).to_owned();
        let name = plain.printed(found.get(0)?.end()..plain.text.len()).to_owned();
        return (!name.is_empty()).then_some((no, name));
    }
    let (found, no, name) = leading_number(words)?;
    matches!(found, RowNumber::Roman(_) | RowNumber::Letter(_)).then_some((no, name))
}

/// Whether a cell is a heading with a plain number, such as `2. Thể chế số (60 điểm)`: what goes on behind a page's end
/// begins with no capital behind its number.
pub fn counted_heading(words: &str) -> bool {
    let Some((RowNumber::Dotted(steps), _, name)) = leading_number(words) else { return false };
    steps.len() == 1 && name.starts_with(char::is_uppercase) && name.chars().count() <= HEADING_LETTERS_MAX
}

/// The number in a cell that names what it numbers and nothing else: `Trụ cột I`, `Tiêu chí 1.1`.
fn named_number(cell: &str) -> Option<(RowNumber, String)> {
    static NAMED: LazyLock<Regex> = LazyLock::new(|| {
        values::pattern(
            r"^(tru cot|phan|linh vuc|nhom tieu chi|nhom chi so|nhom|chi so thanh phan|chi so|tieu chi|muc) (?:so |thu )?([ivxl]+|[a-h]|\d{1,3}(?:\.\d{1,3})*)[.:)]?$",
        )
    });
    let plain = Plain::new(cell);
    let found = NAMED.captures(&plain.text)?;
    let no = plain.printed(found.get(2)?.range()).to_owned();
    let pillar = matches!(found.get(1)?.as_str(), "tru cot" | "phan" | "linh vuc");
    Some(match number(&no)? {
        // "Trụ cột 1" is a pillar, whatever it is counted by.
        RowNumber::Dotted(steps) if pillar => (RowNumber::Roman(steps.first().copied().unwrap_or(1)), no),
        found => (found, no),
    })
}

/// A number and the words behind it in one cell: `I. Nhận thức số`, `1.1 Ban hành …`.
pub fn leading_number(cell: &str) -> Option<(RowNumber, String, String)> {
    let (first, rest) = cell.trim().split_once(' ')?;
    let found = number(first)?;
    let told = first.ends_with(['.', ')', ':']) || matches!(&found, RowNumber::Dotted(steps) if steps.len() > 1);
    let rest = rest.trim_start_matches(['-', '.', ':', ' ']);
    (told && !rest.is_empty()).then(|| (found, printed(first), rest.to_owned()))
}

fn roman(text: &str) -> Option<u32> {
    // Only numbers that are written back the same are Roman numbers; "IIII" or "VX" are words.
    (1..=89).find(|number| to_roman(*number) == text)
}

/// A number from 1 on in Roman letters.
pub fn to_roman(mut number: u32) -> String {
    let mut out = String::new();
    for (value, letters) in [(50, "L"), (40, "XL"), (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I")] {
        while number >= value {
            out.push_str(letters);
            number -= value;
        }
    }
    out
}

fn printed(number: &str) -> String {
    number.replace(['\\', ' '], "").trim_end_matches(['.', ')', ':', '/']).to_owned()
}

/// What a row turned out to be.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    /// Its id; a pillar's is its number.
    pub id: String,
    /// Its number as printed.
    pub no: String,
    /// Its name.
    pub name: String,
    /// Its points.
    pub points: Option<Number>,
    /// The row.
    pub record: Record,
    /// What is unsure.
    pub doubts: Vec<Text>,
    /// The id of the group, where it is not the one that the id begins with.
    pub group: Option<String>,
}

/// A pillar with what it holds, in the order of the document.
#[derive(Clone, Debug, PartialEq)]
pub struct PillarItems {
    /// The pillar.
    pub pillar: Item,
    /// Its groups.
    pub groups: Vec<Item>,
    /// Its indicators.
    pub indicators: Vec<Item>,
}

/// A document's criteria as a tree.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outline {
    /// The pillars.
    pub pillars: Vec<PillarItems>,
    /// The total that is printed.
    pub total: Option<(Number, Vec<Place>)>,
    /// Rows that are printed but do not apply.
    pub excluded: Vec<Item>,
    /// Rows that belong to nothing.
    pub stray: Vec<Record>,
    /// What is unsure of the whole.
    pub doubts: Vec<Text>,
}

/// One row with its number read.
struct Entry {
    number: Option<RowNumber>,
    no: String,
    name: String,
    record: Record,
}

impl Entry {
    fn steps(&self) -> &[u32] {
        match &self.number {
            Some(RowNumber::Dotted(steps)) => steps,
            _ => &[],
        }
    }

    /// Whether it says more than a name and points: what is to be done, how it is scored, by when, by whom.
    fn tells(&self) -> bool {
        [Column::Due, Column::Guidance, Column::Conditions, Column::Evidence, Column::Lead]
            .into_iter()
            .any(|column| !self.record.words(column).is_empty())
    }
}

fn entries(records: &Records) -> Vec<Entry> {
    let mut entries = Vec::new();
    for record in &records.rows {
        let (no, name) = (record.words(Column::No), record.words(Column::Name));
        let heading = record.pillar.then(|| match number(no) {
            Some(RowNumber::Dotted(steps)) => RowNumber::Roman(steps.first().copied().unwrap_or(1)),
            Some(other) => other,
            None => RowNumber::Roman(0),
        });
        let read = heading.or_else(|| number(no)).map(|found| (Some(found), printed(no), name.to_owned()));
        let named = |cell: &str| {
            let (no, name) = pillar_heading(cell)?;
            let value = match number(&no) {
                Some(RowNumber::Dotted(steps)) => RowNumber::Roman(steps.first().copied().unwrap_or(1)),
                other => other?,
            };
            Some((value, no, name))
        };
        let read = read
            .or_else(|| named_number(no).map(|(found, no)| (Some(found), no, name.to_owned())))
            .or_else(|| named(no).map(|(found, no, rest)| (Some(found), no, join(&rest, name))))
            .or_else(|| no.is_empty().then(|| named(name)).flatten().map(|(found, no, rest)| (Some(found), no, rest)))
            .or_else(|| leading_number(no).map(|(found, no, rest)| (Some(found), no, join(&rest, name))))
            .or_else(|| {
                let behind = no.is_empty().then(|| leading_number(name)).flatten();
                behind.map(|(found, no, rest)| (Some(found), no, rest))
            });
        let (number, no, name) = read.unwrap_or_else(|| (None, String::new(), join(no, name)));
        entries.push(Entry { number, no, name, record: record.clone() });
    }
    entries
}

fn join(first: &str, second: &str) -> String {
    format!("{first} {second}").trim().to_owned()
}

/// Builds the tree.
pub fn outline(records: &Records) -> Outline {
    let entries = entries(records);
    let has_roman = entries.iter().any(|entry| matches!(entry.number, Some(RowNumber::Roman(_))));
    let has_letter = entries.iter().any(|entry| matches!(entry.number, Some(RowNumber::Letter(_))));
    let continues = numbers_begin_with_the_pillar(&entries);
    let mut build = Build { outline: Outline::default(), used: BTreeSet::new(), group: None, continues };
    for (index, entry) in entries.iter().enumerate() {
        let next = entries[index + 1..].iter().find(|next| next.number.is_some());
        let parent = next.is_some_and(|next| {
            let (own, below) = (entry.steps(), next.steps());
            !own.is_empty() && below.len() > own.len() && below.starts_with(own)
        });
        match &entry.number {
            Some(RowNumber::Roman(_)) => build.pillar(entry),
            Some(RowNumber::Letter(_)) if !has_roman => build.pillar(entry),
            Some(RowNumber::Letter(_)) => build.group(entry),
            Some(RowNumber::Dotted(steps)) => {
                let single = steps.len() == 1;
                let next_pillar = continues && steps.first().copied() == Some(build.ordinal() + 1) && !entry.tells();
                if single && ((!has_roman && !has_letter && parent) || next_pillar) {
                    build.pillar(entry);
                } else if parent && !(entry.tells() && values::points(entry.record.words(Column::Points)).is_some()) {
                    build.group(entry);
                } else if single && !parent && !entry.tells() && entry.record.words(Column::Points).is_empty() {
                    // A number without points, deadline or words of its own opens a group, even an empty one.
                    build.group(entry);
                } else {
                    build.indicator(entry);
                }
            }
            None => build.unnumbered(entry),
        }
    }
    build.finish(&entries, records)
}

/// Whether the numbers of a pillar's indicators begin with the pillar's own, as in plan 41 ("I" holds "1.1", "2" holds
/// "2.1"), or start afresh in each pillar ("II" holds "1" holds "1.1").
fn numbers_begin_with_the_pillar(entries: &[Entry]) -> bool {
    let roman: Vec<usize> = entries
        .iter()
        .enumerate()
        .filter(|(_, entry)| matches!(entry.number, Some(RowNumber::Roman(_) | RowNumber::Letter(_))))
        .map(|(index, _)| index)
        .collect();
    let below = |index: usize| entries.get(index + 1).map(Entry::steps).unwrap_or_default();
    match roman.as_slice() {
        [] => true,
        [only] => {
            let second = entries.iter().position(|entry| entry.steps() == [2]);
            below(*only).len() > 1 && second.is_some_and(|second| below(second).first() == Some(&2))
        }
        all => all.iter().enumerate().all(|(ordinal, index)| {
            let steps = below(*index);
            steps.len() > 1 && steps.first().is_some_and(|step| *step as usize == ordinal + 1)
        }),
    }
}

struct Build {
    outline: Outline,
    used: BTreeSet<String>,
    group: Option<(String, Vec<u32>)>,
    continues: bool,
}

impl Build {
    fn ordinal(&self) -> u32 {
        self.outline.pillars.len() as u32
    }

    fn item(&mut self, entry: &Entry, id: String) -> Item {
        let mut doubts = entry.record.doubts.clone();
        let printed = entry.record.words(Column::Points);
        let points = values::points(printed).or_else(|| values::points_behind(&entry.name));
        if points.is_none() && !printed.is_empty() {
            doubts.push(Text::new(
                format!("ô điểm ghi “{printed}”, không phải một số"),
                format!("the cell of points says \"{printed}\", which is no number"),
            ));
        }
        if entry.name.is_empty() {
            doubts.push(Text::new("hàng không có tên", "the row has no name"));
        }
        Item {
            id,
            no: entry.no.clone(),
            name: entry.name.clone(),
            points,
            record: entry.record.clone(),
            doubts,
            group: None,
        }
    }

    fn pillar(&mut self, entry: &Entry) {
        self.group = None;
        let no = entry.no.clone();
        let mut item = self.item(entry, no.clone());
        if self.outline.pillars.iter().any(|known| known.pillar.id == no) {
            item.doubts.push(Text::new(
                format!("số “{no}” đã dùng cho một trụ cột ở trên"),
                format!("the number \"{no}\" was used for a pillar above"),
            ));
            while self.outline.pillars.iter().any(|known| known.pillar.id == item.id) {
                item.id.push('b');
            }
        }
        if item.points.is_none()
            && let Some((words, _)) = &entry.record.stray_points
        {
            item.points = values::points(words);
            item.doubts.push(Text::new(
                format!("điểm “{words}” nằm ở cột khác"),
                format!("the points \"{words}\" stand in another column"),
            ));
        }
        self.outline.pillars.push(PillarItems { pillar: item, groups: Vec::new(), indicators: Vec::new() });
    }

    /// The id of a number: pillar and number, or the number alone where it begins with the pillar's; told apart by `b`,
    /// `c`, … where the document used it before.
    fn id(&mut self, no: &str, doubts: &mut Vec<Text>) -> String {
        let pillar = self.outline.pillars.last().map_or("", |pillar| pillar.pillar.id.as_str());
        let base = if self.continues || pillar.is_empty() { no.to_owned() } else { format!("{pillar}.{no}") };
        let mut id = base.clone();
        let mut letter = b'b';
        while !self.used.insert(id.clone()) {
            id = if letter <= b'z' { format!("{base}{}", letter as char) } else { format!("{base}z{letter}") };
            letter = letter.saturating_add(1);
            if letter == u8::MAX {
                break;
            }
        }
        if id != base {
            doubts.push(Text::new(
                format!("số “{no}” đã dùng ở trên; hàng này được gọi là {id}"),
                format!("the number \"{no}\" was used above; this row is called {id}"),
            ));
        }
        id
    }

    /// The pillar that rows without one fall into.
    fn ensure_pillar(&mut self, entry: &Entry) {
        if self.outline.pillars.is_empty() {
            let no = entry.steps().first().filter(|_| self.continues && entry.steps().len() > 1);
            let no = no.map_or_else(|| "I".to_owned(), ToString::to_string);
            let doubt = Text::new("văn bản không in trụ cột nào ở trên", "the document prints no pillar above");
            let pillar = Item {
                id: no.clone(),
                no,
                name: String::new(),
                points: None,
                record: Record::default(),
                doubts: vec![doubt],
                group: None,
            };
            self.outline.pillars.push(PillarItems { pillar, groups: Vec::new(), indicators: Vec::new() });
        }
    }

    fn group(&mut self, entry: &Entry) {
        self.ensure_pillar(entry);
        let mut doubts = Vec::new();
        let id = self.id(&entry.no, &mut doubts);
        let mut item = self.item(entry, id.clone());
        item.doubts.extend(doubts);
        self.group = Some((id, entry.steps().to_vec()));
        if let Some(pillar) = self.outline.pillars.last_mut() {
            pillar.groups.push(item);
        }
    }

    fn indicator(&mut self, entry: &Entry) {
        self.ensure_pillar(entry);
        let mut entry = Entry {
            number: entry.number.clone(),
            no: entry.no.clone(),
            name: entry.name.clone(),
            record: entry.record.clone(),
        };
        let mut doubts = self.restore_ten(&mut entry);
        if let Some(words) = does_not_apply(&entry.record) {
            let mut item = self.item(&entry, entry.no.clone());
            item.id = self
                .outline
                .pillars
                .last()
                .map_or_else(String::new, |pillar| format!("{}.{}", pillar.pillar.id, entry.no));
            item.doubts.push(Text::new(format!("văn bản ghi “{words}”"), format!("the document says \"{words}\"")));
            self.outline.excluded.push(item);
            return;
        }
        let id = self.id(&entry.no, &mut doubts);
        let mut item = self.item(&entry, id);
        item.doubts.extend(doubts);
        if let Some((group, steps)) = &self.group
            && entry.steps().starts_with(steps)
            && item.id.rsplit_once('.').is_none_or(|(begin, _)| begin != group)
        {
            item.group = Some(group.clone());
        }
        let Some(pillar) = self.outline.pillars.last_mut() else { return };
        if item.points.is_none() && pillar.pillar.points == Some(Number::ZERO) {
            item.points = Some(Number::ZERO);
            item.doubts.push(Text::new(
                "điểm không in ở hàng này; trụ cột ghi 0 điểm",
                "no points in this row; the pillar is given 0 points",
            ));
        }
        pillar.indicators.push(item);
    }

    /// A spreadsheet shows the number 1.10 as 1.1: behind 1.9 it is 1.10.
    fn restore_ten(&self, entry: &mut Entry) -> Vec<Text> {
        let above = self.outline.pillars.last().and_then(|pillar| pillar.indicators.last());
        let above = above.and_then(|item| match number(&item.no) {
            Some(RowNumber::Dotted(steps)) => Some(steps),
            _ => None,
        });
        let (Some(RowNumber::Dotted(steps)), Some(above)) = (&mut entry.number, above) else { return Vec::new() };
        let (Some((last, begin)), Some((9, above_begin))) = (steps.split_last(), above.split_last()) else {
            return Vec::new();
        };
        if *last != 1 || begin.is_empty() || begin != above_begin {
            return Vec::new();
        }
        let ten = format!("{}0", entry.no);
        let old = std::mem::replace(&mut entry.no, ten);
        if let Some(last) = steps.last_mut() {
            *last = 10;
        }
        let new = &entry.no;
        vec![Text::new(
            format!("số “{old}” đứng sau số 9: đọc là {new}"),
            format!("the number \"{old}\" stands behind 9: read as {new}"),
        )]
    }

    fn unnumbered(&mut self, entry: &Entry) {
        let points = values::points(entry.record.words(Column::Points));
        let name = super::plain::plain(&entry.name);
        let totals = entry.name.is_empty() || name.starts_with("tong");
        let places = || entry.record.places().into_iter().cloned().collect();
        match points {
            Some(points) if totals && self.outline.total.is_none() => self.outline.total = Some((points, places())),
            Some(_) if totals => self.outline.stray.push(entry.record.clone()),
            Some(_) => {
                let last = self.outline.pillars.last().and_then(|pillar| pillar.indicators.last());
                let no = match last.and_then(|item| number(&item.no)) {
                    Some(RowNumber::Dotted(mut steps)) => {
                        if let Some(step) = steps.last_mut() {
                            *step = step.saturating_add(1);
                        }
                        steps.iter().map(ToString::to_string).collect::<Vec<_>>().join(".")
                    }
                    _ => "1".to_owned(),
                };
                let doubt = Text::new(
                    format!("hàng không có số; tạm gọi là {no}"),
                    format!("the row has no number; called {no} for now"),
                );
                let mut record = entry.record.clone();
                record.doubts.push(doubt);
                let entry = Entry { number: number(&no), no, name: entry.name.clone(), record };
                self.indicator(&entry);
            }
            None => self.outline.stray.push(entry.record.clone()),
        }
    }

    fn finish(mut self, entries: &[Entry], records: &Records) -> Outline {
        if records.guessed {
            let count = records.prose.len();
            self.outline.doubts.push(Text::new(
                format!("{count} dòng chữ không rõ thuộc hàng nào: nhiều tiêu chí có thể đã bị sót"),
                format!("{count} lines belong to no row for sure: many criteria may be missing"),
            ));
        }
        if entries.is_empty() {
            self.outline.doubts.push(Text::new("không tìm thấy bảng tiêu chí nào", "no table of criteria was found"));
        }
        self.outline
    }
}

/// The words by which a row says that it does not apply.
pub fn does_not_apply(record: &Record) -> Option<String> {
    [Column::Lead, Column::Evidence, Column::Notes, Column::Conditions].into_iter().find_map(|column| {
        let words = record.words(column);
        let plain = super::plain::plain(words);
        (plain.starts_with("khong ap dung") && plain.len() < 80).then(|| words.to_owned())
    })
}
