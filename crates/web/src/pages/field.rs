//! Fields for figures: label, hint, what stands in them, and how it was understood.

use criteria::model::{Figure, FigureKind};
use cycle::sheet::{FieldProblem, read_value};
use scoring::Cell;
use scoring::explain::Used;
use scoring::sentence;

use crate::view::L;

/// A field to fill in.
pub struct FieldView {
    /// Its name in the form.
    pub name: String,
    /// The label.
    pub label: String,
    /// What to write.
    pub hint: String,
    /// What is counted.
    pub unit: String,
    /// What stands in it, as typed.
    pub value: String,
    /// The answers of a choice: value and words.
    pub options: Vec<(String, String)>,
    /// Whether a number goes in.
    pub number: bool,
    /// Whether words go in.
    pub long: bool,
    /// How it was understood.
    pub read: String,
    /// What is wrong.
    pub why: Option<String>,
    /// Whether it may be changed.
    pub editable: bool,
    /// Where the value was read, where nobody typed it.
    pub origin: String,
    /// Values that files propose, as a fragment.
    pub proposals: String,
}

/// How a value was understood, where that says more than the value itself.
pub fn understood(l: L, figure: &Figure, typed: &str) -> (String, bool) {
    match read_value(figure, typed) {
        Err(message) => (l.text(&message).to_owned(), true),
        Ok(Cell::Missing | Cell::Text | Cell::YesNo(_) | Cell::Option(_)) => (String::new(), false),
        Ok(cell) => {
            let used = Used { reference: figure.id.clone(), figure, cell, origin: None };
            let shown = sentence::value(&used, l.0);
            if shown == typed.trim() {
                return (String::new(), false);
            }
            (format!("{} {shown}", l.say("Đọc là", "Read as")), false)
        }
    }
}

/// The field of a figure.
pub fn field_view(l: L, figure: &Figure, typed: &str, problem: Option<&FieldProblem>, editable: bool) -> FieldView {
    let options = match figure.kind {
        FigureKind::YesNo => {
            vec![("yes".to_owned(), l.say("Có", "Yes").to_owned()), ("no".to_owned(), l.say("Không", "No").to_owned())]
        }
        FigureKind::Choice => figure.options.iter().map(|one| (one.id.clone(), one.label.clone())).collect(),
        _ => Vec::new(),
    };
    let hint = match figure.kind {
        FigureKind::Date => l.say("Ngày/tháng/năm, ví dụ 20/10/2023", "Day/month/year, such as 20/10/2023"),
        FigureKind::Share => l.say("Ví dụ 72,5 % hoặc 37/120", "Such as 72.5 % or 37/120"),
        _ => "",
    };
    let from = figure.from.as_ref().map(|from| format!("{} {from}", l.say("Thường lấy từ:", "Usually from:")));
    let hint = [Some(hint.to_owned()).filter(|hint| !hint.is_empty()), from].into_iter().flatten().collect::<Vec<_>>();
    let value = match figure.kind {
        FigureKind::YesNo => match read_value(figure, typed) {
            Ok(Cell::YesNo(true)) => "yes".to_owned(),
            Ok(Cell::YesNo(false)) => "no".to_owned(),
            _ => typed.to_owned(),
        },
        _ => typed.to_owned(),
    };
    let (read, wrong) = understood(l, figure, typed);
    let why = problem.map(|problem| l.text(&problem.message).to_owned()).or_else(|| wrong.then(|| read.clone()));
    FieldView {
        name: format!("f-{}", figure.id),
        label: figure.label.clone(),
        hint: hint.join(". "),
        unit: figure.unit.clone().unwrap_or_default(),
        value,
        options,
        number: figure.kind.is_quantity(),
        long: figure.kind == FigureKind::Text,
        read: if wrong { String::new() } else { read },
        why,
        editable,
        origin: String::new(),
        proposals: String::new(),
    }
}
