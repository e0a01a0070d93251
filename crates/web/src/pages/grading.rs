//! Grades in a round's settings: what each level goes by, the form to declare others, and what was wrong in it.

use std::collections::BTreeMap;

use criteria::Text;
use cycle::LevelId;
use store::command::{DeclaredGrade, FieldRefusal};
use store::limits;
use store::state::Level;

use crate::view::{L, grading, level_title};

/// Empty lines that a form offers below what is declared.
const SPARE_LINES: usize = 3;

/// A grade to be: its place from 1, what stands in its fields, and what is wrong with them.
pub struct Line {
    pub at: usize,
    pub name: String,
    pub from: String,
    pub name_why: Option<String>,
    pub from_why: Option<String>,
}

/// The grades of one level.
pub struct Grades {
    pub level: LevelId,
    pub title: String,
    /// What is in force, in words.
    pub told: String,
    pub lines: Vec<Line>,
    pub reason: String,
    pub reason_why: Option<String>,
    /// Whether it stands open: something is wrong in it.
    pub open: bool,
}

/// A form that was refused: the level, what was typed, and why.
pub struct Refused {
    pub level: LevelId,
    pub typed: BTreeMap<String, String>,
    pub fields: Vec<FieldRefusal>,
}

impl Refused {
    fn why(&self, l: L, field: &str) -> Option<String> {
        self.fields.iter().find(|one| one.field == field).map(|one| l.text(&one.message).to_owned())
    }

    /// For the summary above the page: the field's id, and what is wrong.
    pub fn errors(&self, l: L) -> Vec<(String, String)> {
        let told = |one: &FieldRefusal| match one.field.strip_prefix("grade-").and_then(|rest| rest.split_once('-')) {
            Some((at, _)) => {
                Text::new(format!("Mức {at}: {}", one.message.vi), format!("Grade {at}: {}", one.message.en))
            }
            None => Text::new(format!("Lý do: {}", one.message.vi), format!("Reason: {}", one.message.en)),
        };
        self.fields
            .iter()
            .map(|one| (format!("l{}-{}", self.level, one.field), l.text(&told(one)).to_owned()))
            .collect()
    }
}

/// The grades that a form holds, line by line, as far as it has any.
pub fn declared(form: &BTreeMap<String, String>) -> Vec<DeclaredGrade> {
    let text = |at: usize, part: &str| form.get(&format!("grade-{at}-{part}")).cloned();
    let lines = (1..=limits::GRADES_MAX + SPARE_LINES).map(|at| (text(at, "name"), text(at, "from")));
    let lines = lines.take_while(|(name, from)| name.is_some() || from.is_some());
    lines.map(|(name, from)| DeclaredGrade { name: name.unwrap_or_default(), from: from.unwrap_or_default() }).collect()
}

/// The grades of every level, with the form of one that was refused.
pub fn views(l: L, levels: &[&Level], refused: Option<&Refused>) -> Vec<Grades> {
    levels.iter().map(|level| view(l, level, refused.filter(|one| one.level == level.facts.id))).collect()
}

fn view(l: L, level: &Level, refused: Option<&Refused>) -> Grades {
    let (own, known) = (&level.facts.grades, &level.program.set.head.ranking.grades);
    let told = match (own.as_slice(), known.as_slice()) {
        ([], []) => l.say("không xếp loại", "no grades").to_owned(),
        ([], known) => format!("{} ({})", grading(l, known), l.say("theo bộ chỉ số", "as the set has it")),
        (own, _) => grading(l, own),
    };
    let typed = match refused {
        Some(refused) => declared(&refused.typed),
        None => {
            let kept =
                own.iter().map(|one| DeclaredGrade { name: one.name.clone(), from: l.number(&one.from.percent()) });
            kept.chain((0..SPARE_LINES).map(|_| DeclaredGrade::default())).collect()
        }
    };
    let why = |field: &str| refused.and_then(|refused| refused.why(l, field));
    let lines = typed.into_iter().enumerate().map(|(at, one)| Line {
        at: at + 1,
        name: one.name,
        from: one.from,
        name_why: why(&format!("grade-{}-name", at + 1)),
        from_why: why(&format!("grade-{}-from", at + 1)),
    });
    Grades {
        level: level.facts.id,
        title: level_title(l, &level.facts.level),
        told,
        lines: lines.collect(),
        reason: refused.and_then(|refused| refused.typed.get("reason")).cloned().unwrap_or_default(),
        reason_why: why("reason"),
        open: refused.is_some(),
    }
}
