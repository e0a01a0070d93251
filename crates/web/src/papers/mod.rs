//! What fills the papers that rest on the facts of a round. Papers are Vietnamese, whatever language the pages speak.

mod analysis;
mod publication;
mod round;
mod sheet;

use criteria::date::Date;
use criteria::model::Document;
use criteria::{Language, Number};
use cycle::Unit;
use cycle::round::Round;
use documents::paper::form::{Filling, Front, Value};
use documents::papers::{citation, place_of};
use store::State;

pub use analysis::analysis;
pub use publication::{certificate, ranking};
pub use round::survey;
pub use sheet::{assignment, reminder, review, sheet};

use crate::view::L;

/// The language of papers.
pub(crate) const VI: L = L(Language::Vietnamese);

/// What is written at the head of a paper, as far as it is known; what is not is left open.
#[derive(Clone, Debug, Default)]
pub struct Head {
    /// The number and sign.
    pub number: String,
    /// The day.
    pub day: Option<Date>,
}

/// A paper ready to be laid out: the name of its form, what fills it, and what its file is called.
#[derive(Clone, Debug)]
pub struct Ready {
    /// The form.
    pub form: &'static str,
    /// What fills it.
    pub filling: Filling,
    /// The name of its file, without an ending.
    pub name: String,
}

/// The body that issues a unit's papers, and the one above it.
fn issuer(state: &State, unit: &Unit) -> (String, String) {
    let own = |unit: &Unit| {
        let is_body = unit.name.starts_with("Ủy ban") || unit.name.starts_with("UBND");
        if is_body { unit.name.clone() } else { format!("Ủy ban nhân dân {}", lower_first(&unit.name)) }
    };
    // An agency issues under its own name, below the body that it serves; a place through its people's committee.
    if unit.level == "department" {
        let above = unit.parent.and_then(|parent| state.tree.get(parent)).map(own).unwrap_or_default();
        (above, unit.name.clone())
    } else {
        (String::new(), own(unit))
    }
}

fn lower_first(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}

fn upper_first(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// The head of a paper of a unit's.
fn front(state: &State, unit: &Unit, year: i16, head: &Head) -> Front {
    let (superior, issuer) = issuer(state, unit);
    let seat = if superior.is_empty() { &issuer } else { &superior };
    Front {
        place: place_of(seat),
        superior,
        issuer: documents::papers::issuing_lines(&issuer),
        number: head.number.clone(),
        day: head.day,
        year,
    }
}

/// A filling with the head of a unit's paper.
fn begun(state: &State, unit: &Unit, round: &Round, head: &Head) -> Filling {
    let mut filling = Filling::default();
    filling.front(&front(state, unit, round.year, head));
    filling
        .put("tên cơ quan", issuer(state, unit).1)
        .put("kỳ", lower_first(&round.title))
        .put("giả định", made_up(round.settings.made_up));
    filling
}

fn made_up(made_up: bool) -> &'static str {
    if made_up {
        "Bản minh họa: đơn vị và số liệu trong văn bản này đều là giả định."
    } else {
        ""
    }
}

fn cited(document: &Document) -> String {
    citation(document)
}

/// A number with a sign before it.
fn signed(number: Number) -> Value {
    let text = documents::paper::form::number(Number::from_millionths(number.millionths().abs()), 2);
    Value::Words(match number.millionths() {
        0 => "0".to_owned(),
        1.. => format!("+{text}"),
        ..0 => format!("−{text}"),
    })
}

/// A part of a whole in percent, to one decimal, halves up.
fn percent(part: Number, whole: Number) -> Option<Number> {
    if whole <= Number::ZERO {
        return None;
    }
    let tenths = (i128::from(part.millionths()) * 2_000 / i128::from(whole.millionths()) + 1) / 2;
    i64::try_from(tenths * 100_000).ok().map(Number::from_millionths)
}
