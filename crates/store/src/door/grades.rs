//! Grades of a level: what a round's owner declares where the set prints none, or in its place.

use criteria::model::Grade;
use criteria::{Number, Share, Text};
use cycle::LevelId;
use scoring::notation::{self, Notation};
use scoring::number_text;
use serde_json::json;

use super::rounds::about;
use super::running::unpublished;
use super::{Batch, before_after, composed, words};
use crate::command::{DeclaredGrade, Done, FieldRefusal, Refusal};
use crate::{limits, write_sql};

/// The field of a grade by its place, from 1.
fn field(at: usize, part: &str) -> String {
    format!("grade-{}-{part}", at + 1)
}

/// The lower edge as typed: `80`, `82,5 %`, `82.5%`.
fn edge(typed: &str) -> Result<Share, Text> {
    let bare = typed.trim().trim_end_matches('%').trim_end();
    if bare.is_empty() {
        return Err(Text::new("Chưa ghi từ bao nhiêu phần trăm", "From how many percent on is missing"));
    }
    let english = bare.contains('.') && !bare.contains(',');
    let percent = notation::number(bare, if english { Notation::English } else { Notation::Vietnamese })?;
    let hundred = Number::from_millionths(100_000_000);
    Share::from_percent(percent).filter(|_| percent <= hundred).ok_or_else(|| {
        Text::new(
            format!("“{}” phải từ 0 đến 100 %, nhiều nhất bốn chữ số lẻ", typed.trim()),
            format!("\"{}\" must lie between 0 and 100 %, with four decimals at most", typed.trim()),
        )
    })
}

fn name(typed: &str, before: &[(usize, Grade)]) -> Result<String, Text> {
    let name = composed(typed.trim());
    let letters = name.chars().count();
    if name.is_empty() {
        return Err(Text::new("Chưa ghi tên mức xếp loại", "The grade's name is missing"));
    }
    if letters > limits::GRADE_NAME_CHARS_MAX {
        let most = limits::GRADE_NAME_CHARS_MAX;
        return Err(Text::new(
            format!("Tên mức dài {letters} ký tự; nhiều nhất {most}"),
            format!("The name has {letters} characters; at most {most}"),
        ));
    }
    if name.chars().any(char::is_control) {
        return Err(Text::new("Có ký tự không dùng được", "It holds a character that cannot be kept"));
    }
    match before.iter().any(|(_, one)| one.name.to_lowercase() == name.to_lowercase()) {
        true => Err(Text::new(format!("“{name}” đã có ở trên"), format!("\"{name}\" stands above already"))),
        false => Ok(name),
    }
}

/// Reads grades as typed; a line with nothing in it is passed over.
fn read(typed: &[DeclaredGrade]) -> Result<Vec<Grade>, Refusal> {
    let mut refused = Vec::new();
    let mut read: Vec<(usize, Grade)> = Vec::new();
    let lines = typed.iter().enumerate();
    for (at, one) in lines.filter(|(_, one)| !one.name.trim().is_empty() || !one.from.trim().is_empty()) {
        let (name, from) = (name(&one.name, &read), edge(&one.from));
        let above = read.last().filter(|(_, above)| from.as_ref().is_ok_and(|from| *from >= above.from));
        if let Some((_, above)) = above {
            let (name, percent) = (&above.name, above.from.percent());
            let (vi, en) = (number_text::vietnamese(percent), number_text::english(percent));
            refused.push(FieldRefusal {
                field: field(at, "from"),
                message: Text::new(
                    format!("Phải thấp hơn {vi} % của “{name}” ở dòng trên: mức cao nhất ghi trước"),
                    format!("It must be lower than the {en} % of \"{name}\" above: the highest grade comes first"),
                ),
            });
        }
        match (name, from) {
            (Ok(name), Ok(from)) => read.push((at, Grade { name, from })),
            (name, from) => {
                let wrong = [("name", name.err()), ("from", from.err())].into_iter();
                let wrong = wrong.filter_map(|(part, message)| Some((part, message?)));
                refused.extend(wrong.map(|(part, message)| FieldRefusal { field: field(at, part), message }));
            }
        }
    }
    if read.len() > limits::GRADES_MAX {
        let most = limits::GRADES_MAX;
        let message = Text::new(format!("Nhiều nhất {most} mức"), format!("At most {most} grades"));
        refused.push(FieldRefusal { field: "grade-1-name".to_owned(), message });
    }
    if refused.is_empty() { Ok(read.into_iter().map(|(_, one)| one).collect()) } else { Err(Refusal::Invalid(refused)) }
}

/// Whether grades could have been typed so: for those that a new round takes over.
pub(super) fn check(grades: &[Grade]) -> Result<(), Refusal> {
    let typed = |one: &Grade| DeclaredGrade { name: one.name.clone(), from: one.from.to_string() };
    read(&grades.iter().map(typed).collect::<Vec<_>>()).map(drop)
}

pub(super) fn set(batch: &mut Batch<'_>, id: LevelId, typed: &[DeclaredGrade], reason: &str) -> Result<Done, Refusal> {
    let facts = &batch.state.levels.get(&id).ok_or(Refusal::NotFound)?.facts;
    let round = unpublished(batch, facts.round)?;
    // What is wrong with the reason is told together with what is wrong with the grades.
    let reason = words("reason", reason, limits::WORDS_BYTES_MAX);
    let (grades, reason) = match (read(typed), reason) {
        (Ok(grades), Ok(reason)) => (grades, reason),
        (Err(Refusal::Invalid(mut one)), Err(Refusal::Invalid(other))) => {
            one.extend(other);
            return Err(Refusal::Invalid(one));
        }
        (Err(refusal), _) | (_, Err(refusal)) => return Err(refusal),
    };
    if facts.grades == grades {
        return Ok(Done::default());
    }
    let mut detail = before_after(&facts.grades, &grades);
    detail["round"] = json!(facts.round);
    detail["level"] = json!(facts.level);
    detail["reason"] = json!(reason);
    let seq = batch.this_seq();
    batch.writes.push(write_sql!(
        "UPDATE round_level SET grades = $2, seq = $3 WHERE id = $1",
        id.0,
        json!(grades).to_string(),
        seq,
    ));
    batch.event("round.grades", about(round.owner), &detail);
    Ok(Done { count: grades.len(), ..Done::default() })
}
