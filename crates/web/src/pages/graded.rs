//! Grades as the public reads them: how many units have which, and from where on each is given.

use std::collections::HashSet;

use store::publication::{PublishedLevel, UnitResult};

use crate::view::{L, grading};

/// The letter of whoever reached no grade, as the filter names it.
pub const NONE: &str = "-";

/// A grade of a level: its name, from where on it is given, how many units have it, whether it is the one that is shown.
pub struct Graded {
    pub key: String,
    pub name: String,
    pub from: String,
    pub count: usize,
    pub shown: bool,
}

/// Whether anything is graded here.
pub fn is_graded(known: &PublishedLevel, rows: &[UnitResult]) -> bool {
    known.grading.is_some() || rows.iter().any(|row| row.grade.is_some())
}

/// The grades with their counts, highest first; none where nothing is graded. Whoever reached none comes last.
pub fn counts(l: L, known: &PublishedLevel, rows: &[UnitResult], shown: &str) -> Vec<Graded> {
    if !is_graded(known, rows) {
        return Vec::new();
    }
    let count = |name: Option<&str>| rows.iter().filter(|row| row.grade.as_deref() == name).count();
    let mut all: Vec<Graded> = match &known.grading {
        Some(grading) => grading
            .grades
            .iter()
            .map(|one| Graded {
                key: one.name.clone(),
                name: one.name.clone(),
                from: format!("{} {} %", l.say("từ", "from"), l.number(&one.from.percent())),
                count: count(Some(&one.name)),
                shown: one.name == shown,
            })
            .collect(),
        // What was published before the thresholds were kept beside it: the rows stand best first.
        None => {
            let mut seen = HashSet::new();
            let names = rows.iter().filter_map(|row| row.grade.as_deref()).filter(|name| seen.insert(*name));
            let plain = |name: &str| Graded {
                key: name.to_owned(),
                name: name.to_owned(),
                from: String::new(),
                count: count(Some(name)),
                shown: name == shown,
            };
            names.map(plain).collect()
        }
    };
    let without = count(None);
    if without > 0 {
        let name = l.say("Không xếp loại", "No grade").to_owned();
        all.push(Graded { key: NONE.to_owned(), name, from: String::new(), count: without, shown: shown == NONE });
    }
    all
}

/// Whether a row belongs to what a filter asks for.
pub fn fits(row: &UnitResult, asked: &str) -> bool {
    match asked {
        "" => true,
        NONE => row.grade.is_none(),
        name => row.grade.as_deref() == Some(name),
    }
}

/// The rule in a sentence, with who declared it.
pub fn rule(l: L, known: &PublishedLevel) -> Option<String> {
    let own = known.grading.as_ref()?;
    let told = grading(l, &own.grades);
    Some(match (own.by_round, l.is_english()) {
        (true, true) => format!(
            "Grades by percent of the full result: {told}; the round's owner declared them, they do not stand in the criteria set."
        ),
        (true, false) => {
            format!("Xếp loại theo phần trăm kết quả tối đa: {told}; do chủ kỳ khai, không in trong bộ chỉ số.")
        }
        (false, true) => format!("Grades by percent of the full result, as the criteria set has them: {told}."),
        (false, false) => format!("Xếp loại theo phần trăm kết quả tối đa, như bộ chỉ số quy định: {told}."),
    })
}
