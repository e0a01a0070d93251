//! Values that are fine alone and impossible together: refused at the door, with the fields named.

use criteria::{Number, Text};

use crate::cell::Cell;
use crate::evaluate::Context;
use crate::figures::{Figures, Refusal, UnitFigures};
use crate::number_text;
use crate::program::{Body, Node, Program, Ratio, Slot};
use crate::single::Contradiction;

/// Pushes every part larger than its whole, every handled beyond what happened, every judgement beyond its maximum
/// or without a reason.
pub(crate) fn check(program: &Program, figures: &Figures, refusals: &mut Vec<Refusal>) {
    for unit in &figures.units {
        let place = |slot: Slot| match slot {
            Slot::Unit(index) => unit.origins.get(&index),
            Slot::Round(index) => figures.round_origins.get(&index),
        };
        refusals.extend(of_unit(program, figures, unit).into_iter().map(|found| {
            let place = place(found.slot).map(|origin| origin.place.clone()).unwrap_or_default();
            let (unit, id) = (&unit.unit, &found.indicator);
            let message =
                Text::new(format!("{unit}, {id}: {}", found.message.vi), format!("{unit}, {id}: {}", found.message.en));
            Refusal::new(place, message)
        }));
    }
}

/// The contradictions of all units, without naming unit and indicator in the message.
pub(crate) fn find(program: &Program, figures: &Figures) -> Vec<Contradiction> {
    figures.units.iter().flat_map(|unit| of_unit(program, figures, unit)).collect()
}

fn of_unit(program: &Program, figures: &Figures, unit: &UnitFigures) -> Vec<Contradiction> {
    let mut found = Vec::new();
    let context = Context { unit: &unit.cells, round: &figures.round, spreads: &[] };
    for (index, indicator) in program.set.indicators().enumerate() {
        let compiled = &program.indicators[index];
        if !context.exempt(compiled) {
            let mut checker = Checker { program, context, indicator: &indicator.id, found: &mut found };
            checker.body(&compiled.body);
        }
    }
    found
}

struct Checker<'a> {
    program: &'a Program,
    context: Context<'a>,
    indicator: &'a str,
    found: &'a mut Vec<Contradiction>,
}

impl Checker<'_> {
    fn body(&mut self, body: &Body) {
        match &body.node {
            Node::Parts { parts } => parts.iter().for_each(|part| self.body(part)),
            Node::Share { ratio: Ratio::Share(part, whole), .. } if !self.may_exceed(*part) => {
                self.within(*part, *whole)
            }
            Node::Steps { ratio: Ratio::Share(part, whole), .. }
            | Node::Peers { ratio: Ratio::Share(part, whole), .. } => {
                self.within(*part, *whole);
            }
            Node::Handled { handled, happened } => self.within(*handled, *happened),
            Node::Judged { points } => self.judged(*points, body.maximum),
            Node::YesNo { .. }
            | Node::Choice { .. }
            | Node::Share { .. }
            | Node::Required { .. }
            | Node::Steps { .. }
            | Node::Each { .. }
            | Node::Loss { .. }
            | Node::Peers { .. }
            | Node::Sum { .. } => {}
        }
    }

    /// Whether some share rule of the indicator lets this part be larger than its whole.
    fn may_exceed(&self, part: Slot) -> bool {
        let Some(indicator) = self.program.set.indicator(self.indicator) else { return false };
        let reference = self.program.reference(part);
        let mut may = false;
        indicator.rule.walk(&mut |rule| {
            if let criteria::rule::Rule::Share { part: Some(name), may_exceed, .. } = rule {
                may |= *may_exceed && *name == reference;
            }
        });
        may
    }

    fn push(&mut self, slot: Slot, vi: String, en: String) {
        let indicator = self.indicator.to_owned();
        self.found.push(Contradiction { indicator, slot, message: Text::new(vi, en) });
    }

    fn label(&self, slot: Slot) -> String {
        let label = &self.program.info(slot).figure.label;
        format!("“{}” ({})", label.trim_end_matches(':'), self.program.reference(slot))
    }

    fn within(&mut self, part: Slot, whole: Slot) {
        let (Cell::Number(a), Cell::Number(b)) = (self.context.cell(part), self.context.cell(whole)) else { return };
        if a <= b {
            return;
        }
        let (part_name, whole_name) = (self.label(part), self.label(whole));
        let (vi_a, vi_b) = (number_text::vietnamese(a), number_text::vietnamese(b));
        let (en_a, en_b) = (number_text::english(a), number_text::english(b));
        self.push(
            part,
            format!("{part_name} là {vi_a}, lớn hơn {whole_name} là {vi_b}"),
            format!("{part_name} is {en_a}, more than {whole_name}, which is {en_b}"),
        );
    }

    fn judged(&mut self, slot: Slot, maximum: Number) {
        let Cell::Number(points) = self.context.cell(slot) else { return };
        if points > maximum {
            self.push(
                slot,
                format!("{} điểm, tối đa {}", number_text::vietnamese(points), number_text::vietnamese(maximum)),
                format!("{} points, at most {}", number_text::english(points), number_text::english(maximum)),
            );
        }
        let reason = self.program.info(slot).figure.id.replace("points", "reason");
        let reason = self.program.slot(Some(self.indicator), &reason);
        if reason.is_none_or(|slot| !self.context.cell(slot).is_given()) {
            self.push(
                slot,
                "điểm do người thẩm định cho phải có lý do (số liệu “reason”)".to_owned(),
                "points given by an appraiser need a reason (the figure \"reason\")".to_owned(),
            );
        }
    }
}
