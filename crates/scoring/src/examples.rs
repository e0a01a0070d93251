//! Worked examples run through the engine: the proof that a rule does what its words say.

use std::num::NonZeroUsize;

use criteria::model::Example;
use criteria::rule::{Measure, Rule};
use criteria::{CriteriaSet, Text};

use crate::explain;
use crate::figures::{self, KnownNotation, RawFigure};
use crate::notation::{Notation, RawValue};
use crate::program::Program;
use crate::score;

/// What an example gave.
#[derive(Clone, Debug)]
pub struct ExampleResult<'a> {
    /// The example.
    pub example: &'a Example,
    /// What differs from what it expects; `None` where nothing does.
    pub failure: Option<Text>,
}

/// The name of the unit that an example is about.
const UNIT: &str = "example";

/// Runs every worked example of a set.
pub fn run(set: &CriteriaSet) -> Vec<ExampleResult<'_>> {
    set.examples.iter().map(|example| ExampleResult { example, failure: fails(set, example).err() }).collect()
}

fn fails(set: &CriteriaSet, example: &Example) -> Result<(), Text> {
    let program = Program::new(set, &example.pick, example.year).map_err(joined)?;
    let mut rows = Vec::new();
    let mut add = |unit: Option<&str>, indicator: Option<&str>, figure: &str, value: &str| {
        rows.push(RawFigure {
            unit: unit.map(str::to_owned),
            indicator: indicator.map(str::to_owned),
            figure: figure.to_owned(),
            value: RawValue::Text(value.to_owned()),
            place: String::new(),
            column: String::new(),
        });
    };
    for (figure, value) in &example.round {
        add(None, None, figure, value);
    }
    for (figure, value) in &example.profile {
        add(Some(UNIT), None, figure, value);
    }
    // A unit without any figure still has to stand in the level.
    let anchor = program.unit_slots.iter().find(|slot| slot.indicator.is_none());
    if let Some(anchor) = anchor
        && !example.profile.contains_key(&anchor.figure.id)
    {
        add(Some(UNIT), None, &anchor.figure.id, "");
    }
    for (figure, value) in &example.figures {
        let (indicator, figure) = figure.split_once('/').unwrap_or((&example.indicator, figure));
        add(Some(UNIT), Some(indicator), figure, value);
    }
    let measured = peers_measure(&program, &example.indicator);
    for (index, peer) in example.peers.iter().enumerate() {
        for (key, value) in peer {
            let name = format!("peer {index}");
            let reference =
                measured.iter().find(|(known, _)| known == key).map_or(key.as_str(), |(_, reference)| reference);
            match reference.strip_prefix("profile.") {
                Some(profile) => add(Some(&name), None, profile, value),
                None => add(Some(&name), Some(&example.indicator), reference, value),
            }
        }
    }
    let figures = figures::collect(&program, rows, KnownNotation::Known(Notation::English))
        .map_err(|refusals| joined(refusals.into_iter().map(|refusal| refusal.message).collect()))?;
    let Some(unit) = figures.unit(UNIT) else {
        return Err(Text::new("ví dụ không có số liệu nào", "the example has no figures"));
    };
    let Some(index) = program.indicator_index(&example.indicator) else {
        return Err(Text::new("không có chỉ số này", "there is no such indicator"));
    };
    let scores = score::score(&program, &figures, NonZeroUsize::MIN);
    let explanation = explain::explain(&program, &figures, unit, &scores, index);
    let branches = explanation.branches();
    if explanation.points != example.points || !branches.contains(&example.branch.as_str()) {
        let (points, taken) = (explanation.points, branches.join(", "));
        let (expected, branch) = (example.points, &example.branch);
        return Err(Text::new(
            format!("cần {expected} điểm theo nhánh {branch}, máy tính ra {points} theo {taken}"),
            format!("expected {expected} points by {branch}, computed {points} by {taken}"),
        ));
    }
    Ok(())
}

/// The figures that an indicator's rule about peers measures, by the keys of the rule.
fn peers_measure(program: &Program, id: &str) -> Vec<(&'static str, String)> {
    let mut found = Vec::new();
    if let Some(indicator) = program.set.indicator(id) {
        indicator.rule.walk(&mut |rule| {
            if let Rule::Peers { .. } = rule {
                match rule.measure() {
                    Some(Measure::Value(value)) => found.push(("value", value.to_owned())),
                    Some(Measure::Share(part, whole)) => {
                        found.extend([("part", part.to_owned()), ("whole", whole.to_owned())]);
                    }
                    None => {}
                }
            }
        });
    }
    found
}

fn joined(texts: Vec<Text>) -> Text {
    let join = |of: fn(&Text) -> &str| texts.iter().map(of).collect::<Vec<_>>().join("; ");
    Text::new(join(|text| &text.vi), join(|text| &text.en))
}
