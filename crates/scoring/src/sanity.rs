//! Values that are fine alone and impossible together: refused at the door, with the fields named.

use criteria::{Number, Text};

use crate::cell::Cell;
use crate::evaluate::Context;
use crate::figures::{Figures, Refusal, UnitFigures};
use crate::number_text;
use crate::program::{Body, Node, Program, Ratio, Slot};

/// Pushes every part larger than its whole, every handled beyond what happened, every judgement beyond its maximum
/// or without a reason.
pub(crate) fn check(program: &Program, figures: &Figures, refusals: &mut Vec<Refusal>) {
    for unit in &figures.units {
        let context = Context { unit: &unit.cells, round: &figures.round, spreads: &[] };
        for (index, indicator) in program.set.indicators().enumerate() {
            let compiled = &program.indicators[index];
            if !context.exempt(compiled) {
                let mut checker = Checker { program, figures, unit, context, indicator: &indicator.id, refusals };
                checker.body(&compiled.body);
            }
        }
    }
}

struct Checker<'a> {
    program: &'a Program,
    figures: &'a Figures,
    unit: &'a UnitFigures,
    context: Context<'a>,
    indicator: &'a str,
    refusals: &'a mut Vec<Refusal>,
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

    fn place(&self, slot: Slot) -> String {
        let origin = match slot {
            Slot::Unit(index) => self.unit.origins.get(&index),
            Slot::Round(index) => self.figures.round_origins.get(&index),
        };
        origin.map(|origin| origin.place.clone()).unwrap_or_default()
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
        let (unit, id) = (&self.unit.unit, self.indicator);
        let (part_name, whole_name) = (self.label(part), self.label(whole));
        let (vi_a, vi_b) = (number_text::vietnamese(a), number_text::vietnamese(b));
        let (en_a, en_b) = (number_text::english(a), number_text::english(b));
        self.refusals.push(Refusal::new(
            self.place(part),
            Text::new(
                format!("{unit}, {id}: {part_name} là {vi_a}, lớn hơn {whole_name} là {vi_b}"),
                format!("{unit}, {id}: {part_name} is {en_a}, more than {whole_name}, which is {en_b}"),
            ),
        ));
    }

    fn judged(&mut self, slot: Slot, maximum: Number) {
        let Cell::Number(points) = self.context.cell(slot) else { return };
        let (unit, id) = (&self.unit.unit, self.indicator);
        if points > maximum {
            self.refusals.push(Refusal::new(
                self.place(slot),
                Text::new(
                    format!(
                        "{unit}, {id}: {} điểm, tối đa {}",
                        number_text::vietnamese(points),
                        number_text::vietnamese(maximum)
                    ),
                    format!(
                        "{unit}, {id}: {} points, at most {}",
                        number_text::english(points),
                        number_text::english(maximum)
                    ),
                ),
            ));
        }
        let reason = self.program.info(slot).figure.id.replace("points", "reason");
        let reason = self.program.slot(Some(self.indicator), &reason);
        if reason.is_none_or(|slot| !self.context.cell(slot).is_given()) {
            self.refusals.push(Refusal::new(
                self.place(slot),
                Text::new(
                    format!("{unit}, {id}: điểm do người thẩm định cho phải có lý do (số liệu “reason”)"),
                    format!("{unit}, {id}: points given by an appraiser need a reason (the figure \"reason\")"),
                ),
            ));
        }
    }
}
