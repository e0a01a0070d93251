//! Every edge of every real rule, at it, just below and just above it, generated from the rules, in every answer to
//! every reading: the engine against the naive evaluator, to the last digit.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

mod common;
mod naive;

use std::collections::BTreeSet;
use std::num::NonZeroUsize;

use common::{collect, official_sets, row};
use criteria::date::{Day, MonthDay};
use criteria::model::{Figure, FigureKind, Indicator};
use criteria::number::Edge;
use criteria::rule::Rule;
use criteria::{CriteriaSet, Number, Picks};
use naive::{Naive, Values, fraction, hundredths};
use scoring::score::{State, score};
use scoring::{Program, RawFigure};
use serde_json::Value as Json;

/// Most combinations of values tried for one indicator under one answer.
const CASES_MAX: usize = 600;

#[test]
fn the_engine_agrees_with_the_naive_evaluator_at_every_edge_of_every_real_rule() {
    let (mut cases, mut refused, mut variants) = (0, 0, 0);
    for set in official_sets() {
        let mut picks = vec![(Picks::new(), None)];
        for reading in &set.head.readings {
            for variant in reading.variants.iter().filter(|variant| variant.id != reading.answer) {
                let at: BTreeSet<String> = reading.at.iter().cloned().collect();
                picks.push((Picks::from([(reading.id.clone(), variant.id.clone())]), Some(at)));
            }
        }
        for (picks, at) in picks {
            variants += 1;
            let program = Program::new(&set, &picks, None).unwrap();
            let summed: BTreeSet<String> = program.set.summed().into_iter().map(str::to_owned).collect();
            let indicators: Vec<Indicator> = program
                .set
                .indicators()
                .filter(|indicator| at.as_ref().is_none_or(|at| at.contains(&indicator.id)))
                .filter(|indicator| !summed.contains(&indicator.id) || at.is_some())
                .cloned()
                .collect();
            for indicator in indicators {
                for values in combinations(&program.set, &indicator) {
                    match agrees(&program, &indicator, &values) {
                        Some(()) => cases += 1,
                        None => refused += 1,
                    }
                }
            }
        }
    }
    println!("{cases} cases agree under {variants} answers; {refused} combinations were refused at the door");
    assert!(cases > 40_000, "only {cases} cases were generated");
}

/// Checks one combination; `None` where the figures are refused (a part larger than its whole, and the like).
fn agrees(program: &Program, indicator: &Indicator, values: &Values) -> Option<()> {
    let others = if has_peers(&indicator.rule) { peers(values) } else { Vec::new() };
    let mut rows = Vec::new();
    for (unit, values) in std::iter::once(("A", values)).chain(["B", "C"].into_iter().zip(&others)) {
        rows.extend(to_rows(unit, indicator, values));
    }
    let anchor = program.unit_slots[0].figure.id.clone();
    if program.unit_slots[0].indicator.is_none() && !values.contains_key(&format!("profile.{anchor}")) {
        rows.push(row("A", "", &anchor, ""));
    }
    let figures = match collect(program, rows) {
        Ok(figures) => figures,
        Err(refusals) => {
            let impossible = |text: &str| text.contains(", more than") || text.contains("points, at most");
            assert!(refusals.iter().all(|refusal| impossible(&refusal.message.en)), "{refusals:#?}");
            return None;
        }
    };
    let unit = figures.units.iter().position(|unit| unit.unit == "A")?;
    let scores = score(program, &figures, NonZeroUsize::MIN);
    let index = program.indicator_index(&indicator.id).unwrap();
    let scored = &scores.units[unit].indicators[index];
    let mut level = vec![values.clone()];
    level.extend(others);
    let given = Naive { set: &program.set, year: program.year, level }.indicator(indicator, values);
    let excluded = (&given.excluded * fraction("100").unwrap()).to_integer();
    let maximum = fraction(&indicator.points.unwrap_or_default().to_string()).unwrap();
    let state = if given.exempt || (excluded > 0.into() && given.excluded >= maximum) {
        State::NotApplicable
    } else if given.missing {
        State::Missing
    } else if matches!(indicator.rule, Rule::Judged { .. }) {
        State::Judged
    } else {
        State::Scored
    };
    let expected = (hundredths(&given.points), excluded.to_string(), state);
    let found =
        (scored.points.millionths() / 10_000, (scored.excluded.millionths() / 10_000).to_string(), scored.state);
    assert_eq!(found, expected, "{} {} with {values:?}", program.set.head.id, indicator.id);
    Some(())
}

fn to_rows(unit: &str, indicator: &Indicator, values: &Values) -> Vec<RawFigure> {
    let mut rows = Vec::new();
    for (name, value) in values {
        rows.push(match (name.strip_prefix("profile."), name.strip_prefix("round."), name.split_once('/')) {
            (Some(id), ..) => row(unit, "", id, value),
            (_, Some(_), _) if unit != "A" => continue,
            (_, Some(id), _) => row("", "", id, value),
            (.., Some((child, id))) => row(unit, child, id, value),
            _ => row(unit, &indicator.id, name, value),
        });
    }
    rows
}

fn has_peers(rule: &Rule) -> bool {
    let mut found = false;
    rule.walk(&mut |rule| found |= matches!(rule, Rule::Peers { .. }));
    found
}

/// Two other units: one with little, one with much of every quantity.
fn peers(values: &Values) -> Vec<Values> {
    let scaled = |n: i64, d: i64| -> Values {
        let scale = |value: &String| match Number::parse(value) {
            Some(number) if number.is_whole() => (number.millionths() / 1_000_000 * n / d).to_string(),
            _ => value.clone(),
        };
        values
            .iter()
            .map(|(name, value)| (name.clone(), if name.starts_with("round.") { value.clone() } else { scale(value) }))
            .collect()
    };
    vec![scaled(1, 3), scaled(5, 2)]
}

/// Combinations of values for all figures that an indicator's rule can see: all of them where they are few, else a
/// spread of them.
fn combinations(set: &CriteriaSet, indicator: &Indicator) -> Vec<Values> {
    let mut fields: Vec<(String, Vec<Option<String>>)> = Vec::new();
    let json = serde_json::to_value(indicator).unwrap();
    let edges = Edges::of(&json);
    let mut add = |prefix: &str, figure: &Figure, edges: &Edges| {
        let mut values: Vec<Option<String>> = edges.values(figure).into_iter().map(Some).collect();
        values.push(None);
        fields.push((format!("{prefix}{}", figure.id), values));
    };
    let words = json.to_string();
    for figure in set.head.profile.iter().filter(|figure| words.contains(&format!("\"profile.{}\"", figure.id))) {
        add("profile.", figure, &edges);
    }
    for figure in set.head.round.iter().filter(|figure| words.contains(&format!("\"round.{}\"", figure.id))) {
        add("round.", figure, &edges);
    }
    for figure in indicator.all_figures().iter().filter(|figure| figure.kind != FigureKind::Text) {
        add("", figure, &edges);
    }
    if let Rule::Sum { of } = &indicator.rule {
        for child in of.iter().filter_map(|id| set.indicator(id)) {
            let edges = Edges::of(&serde_json::to_value(child).unwrap());
            for figure in child.all_figures() {
                add(&format!("{}/", child.id), &figure, &edges);
            }
        }
    }
    let all: usize =
        fields.iter().map(|(_, values)| values.len()).try_fold(1_usize, usize::checked_mul).unwrap_or(usize::MAX);
    let step = (all / CASES_MAX).max(1);
    let mut cases = Vec::new();
    for case in 0..all.min(CASES_MAX) {
        // A prime offset spreads the picks over all fields when not every combination is taken.
        let mut rest = if step == 1 { case } else { case.wrapping_mul(step).wrapping_add(case * 7) };
        let mut values = Values::new();
        for (name, options) in &fields {
            if let Some(value) = &options[rest % options.len()] {
                values.insert(name.clone(), value.clone());
            }
            rest /= options.len();
        }
        judged_reason(indicator, &mut values);
        cases.push(values);
    }
    // Each field through all its values while the others stay in the middle.
    for at in 0..fields.len() {
        for value in &fields[at].1 {
            let mut values: Values = fields
                .iter()
                .filter_map(|(name, options)| Some((name.clone(), options[options.len() / 2].clone()?)))
                .collect();
            match value {
                Some(value) => values.insert(fields[at].0.clone(), value.clone()),
                None => values.remove(&fields[at].0),
            };
            judged_reason(indicator, &mut values);
            cases.push(values);
        }
    }
    cases
}

/// Points that a person gives need a reason.
fn judged_reason(indicator: &Indicator, values: &mut Values) {
    if matches!(indicator.rule, Rule::Judged { .. }) {
        values.insert("reason".to_owned(), "vì".to_owned());
    }
}

/// The numbers, shares and days that a rule mentions.
struct Edges {
    numbers: BTreeSet<i64>,
    shares: BTreeSet<i64>,
    days: BTreeSet<MonthDay>,
}

impl Edges {
    fn of(json: &Json) -> Self {
        let mut edges = Self { numbers: BTreeSet::new(), shares: BTreeSet::new(), days: BTreeSet::new() };
        for key in ["rule", "gate", "late"] {
            edges.walk(&json[key]);
        }
        edges
    }

    fn walk(&mut self, json: &Json) {
        match json {
            Json::String(text) => {
                if let Some(day) = MonthDay::parse(text) {
                    self.days.insert(day);
                } else {
                    match Edge::parse(text) {
                        Some(Edge::Number(number)) => {
                            self.numbers.insert(number.millionths() / 1_000_000);
                        }
                        Some(Edge::Share(share)) => {
                            self.shares.insert(share.number().millionths());
                        }
                        None => {}
                    }
                }
            }
            Json::Array(items) => items.iter().for_each(|item| self.walk(item)),
            Json::Object(fields) => fields.values().for_each(|item| self.walk(item)),
            Json::Null | Json::Bool(_) | Json::Number(_) => {}
        }
    }

    fn values(&self, figure: &Figure) -> Vec<String> {
        let around = |edge: i64| [edge - 1, edge, edge + 1];
        match figure.kind {
            FigureKind::YesNo => vec!["yes".to_owned(), "no".to_owned()],
            FigureKind::Choice => figure.options.iter().map(|option| option.id.clone()).collect(),
            FigureKind::Count | FigureKind::Money | FigureKind::Number | FigureKind::Points => {
                let mut numbers: BTreeSet<i64> = [0, 1, 3, 10_000].into();
                numbers.extend(self.numbers.iter().flat_map(|edge| around(*edge)));
                // Shares of a whole of 10,000, at, below and above each threshold.
                numbers.extend(self.shares.iter().flat_map(|share| around(share / 100)));
                numbers.into_iter().filter(|number| *number >= 0).map(|number| number.to_string()).collect()
            }
            FigureKind::Share => {
                let mut shares: BTreeSet<i64> = [0, 333_300, 1_000_000].into();
                shares.extend(self.shares.iter().flat_map(|share| [share - 100, *share, share + 100]));
                shares
                    .into_iter()
                    .filter(|share| (0..=1_000_000).contains(share))
                    .map(|share| format!("{}%", Number::from_millionths(share * 100)))
                    .collect()
            }
            FigureKind::Date => {
                let mut days: BTreeSet<String> = BTreeSet::new();
                for day in &self.days {
                    for year in [2022, 2023, 2024, 2025] {
                        let date = day.in_year(year);
                        days.extend(
                            [date.yesterday(), Ok(date), date.tomorrow()]
                                .into_iter()
                                .flatten()
                                .map(|day| Day(day).to_string()),
                        );
                    }
                }
                days.into_iter().collect()
            }
            FigureKind::Text => vec!["chữ".to_owned()],
        }
    }
}
