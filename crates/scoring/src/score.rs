//! A whole level scored: every indicator, pillar and total of every unit, with what does not apply taken out.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;

use criteria::Number;
use criteria::model::{RoundingMode, Tier};

use crate::cell::Cell;
use crate::evaluate::{Branch, Context, Outcome, Spread};
use crate::exact::Exact;
use crate::figures::{Figures, UnitFigures};
use crate::program::{Body, Node, Program};

/// What kind of score an indicator has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Computed from figures.
    Scored,
    /// A figure is missing; what it would bring is not counted.
    Missing,
    /// Does not apply to this unit; its points leave the maximum.
    NotApplicable,
    /// Given by a person.
    Judged,
}

impl State {
    /// The state's name in data.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Scored => "scored",
            Self::Missing => "missing",
            Self::NotApplicable => "not_applicable",
            Self::Judged => "judged",
        }
    }
}

/// One indicator of one unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IndicatorScore {
    /// The points: rounded as the set says; exact to six places where rounding comes at a higher tier.
    pub points: Number,
    /// Points of the maximum that do not apply.
    pub excluded: Number,
    /// What kind of score it is.
    pub state: State,
}

/// One pillar of one unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PillarScore {
    /// The points.
    pub points: Number,
    /// The most there are.
    pub maximum: Number,
    /// Points of the maximum that do not apply.
    pub excluded: Number,
}

/// One unit.
#[derive(Clone, Debug)]
pub struct UnitScore {
    /// The points.
    pub points: Number,
    /// The most there are.
    pub maximum: Number,
    /// Points of the maximum that do not apply.
    pub excluded: Number,
    /// Awarded ÷ (maximum − excluded) × maximum; `None` where nothing applies.
    pub comparable: Option<Number>,
    /// The pillars, in order.
    pub pillars: Vec<PillarScore>,
    /// The indicators, in order.
    pub indicators: Vec<IndicatorScore>,
    /// The comparable result before rounding.
    pub(crate) exact_comparable: Exact,
    /// The points before rounding, as far as the set's tier leaves them exact.
    pub(crate) exact_points: Exact,
}

/// A block's key: the option of the set's block figure, or none.
pub type Block = Option<usize>;

/// A scored level.
#[derive(Clone, Debug)]
pub struct Scores {
    /// The units, in the order of the figures.
    pub units: Vec<UnitScore>,
    /// By block: what each rule about peers spans.
    pub spreads: BTreeMap<Block, Vec<Option<Spread>>>,
}

/// The block that a unit is ranked in.
pub fn block_of(program: &Program, unit: &UnitFigures) -> Block {
    match program.block.and_then(|slot| unit.cells.get(slot)) {
        Some(Cell::Option(option)) => Some(*option),
        _ => None,
    }
}

/// Scores every unit, on `threads` threads. The result does not depend on their number.
pub fn score(program: &Program, figures: &Figures, threads: NonZeroUsize) -> Scores {
    let spreads = spreads(program, figures);
    let chunk = figures.units.len().div_ceil(threads.get()).max(1);
    let units = std::thread::scope(|scope| {
        let one = |units: &[UnitFigures]| -> Vec<UnitScore> {
            units
                .iter()
                .map(|unit| score_unit(program, &context(program, figures, unit, &spreads), &Claims::new()))
                .collect()
        };
        let mut chunks = figures.units.chunks(chunk);
        let first = chunks.next().unwrap_or_default();
        let workers: Vec<_> = chunks.map(|units| scope.spawn(move || one(units))).collect();
        let mut scored = one(first);
        for worker in workers {
            match worker.join() {
                Ok(units) => scored.extend(units),
                Err(payload) => std::panic::resume_unwind(payload),
            }
        }
        scored
    });
    Scores { units, spreads }
}

pub(crate) fn context<'a>(
    program: &Program,
    figures: &'a Figures,
    unit: &'a UnitFigures,
    spreads: &'a BTreeMap<Block, Vec<Option<Spread>>>,
) -> Context<'a> {
    let spreads = spreads.get(&block_of(program, unit)).map_or(&[][..], Vec::as_slice);
    Context { unit: &unit.cells, round: &figures.round, spreads }
}

/// First pass: the span of every measure that is compared with peers, over the applicable units of each block.
fn spreads(program: &Program, figures: &Figures) -> BTreeMap<Block, Vec<Option<Spread>>> {
    let mut spreads: BTreeMap<Block, Vec<Option<Spread>>> = BTreeMap::new();
    if program.peers_count == 0 {
        return spreads;
    }
    for unit in &figures.units {
        let of_block = spreads.entry(block_of(program, unit)).or_insert_with(|| vec![None; program.peers_count]);
        let context = Context { unit: &unit.cells, round: &figures.round, spreads: &[] };
        for indicator in &program.indicators {
            if has_peers(&indicator.body) && !context.exempt(indicator) {
                gather(&context, &indicator.body, of_block);
            }
        }
    }
    spreads
}

fn has_peers(body: &Body) -> bool {
    match &body.node {
        Node::Peers { .. } => true,
        Node::Parts { parts } => parts.iter().any(has_peers),
        Node::YesNo { .. }
        | Node::Choice { .. }
        | Node::Share { .. }
        | Node::Required { .. }
        | Node::Steps { .. }
        | Node::Each { .. }
        | Node::Loss { .. }
        | Node::Handled { .. }
        | Node::Sum { .. }
        | Node::Judged { .. } => false,
    }
}

fn gather(context: &Context<'_>, body: &Body, spreads: &mut [Option<Spread>]) {
    match &body.node {
        Node::Parts { parts } => parts.iter().for_each(|part| gather(context, part, spreads)),
        Node::Peers { ratio, index, .. } => {
            if let Some(fraction) = context.fraction(*ratio) {
                spreads[*index] = Spread::with(spreads[*index], fraction);
            }
        }
        _ => {}
    }
}

/// One unit's measures for the rules about peers, by the index of the rule.
pub(crate) fn gather_measures(program: &Program, context: &Context<'_>) -> Vec<Option<(i64, i64)>> {
    let mut own = vec![None; program.peers_count];
    for indicator in &program.indicators {
        if has_peers(&indicator.body) && !context.exempt(indicator) {
            gather(context, &indicator.body, &mut own);
        }
    }
    own.into_iter().map(|spread: Option<Spread>| spread.map(|spread| spread.least)).collect()
}

/// What a unit says of an indicator instead of giving figures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claim {
    /// It does not apply here: its points leave the maximum.
    NotApplicable,
    /// It was not done: no points, and nothing is missing.
    NotDone,
    /// A person gave these points, in place of what the figures would give.
    Given {
        /// The points.
        points: Number,
        /// Points of the maximum that do not apply.
        excluded: Number,
    },
}

/// Claims, by the place of the indicator.
pub type Claims = BTreeMap<usize, Claim>;

pub(crate) fn score_unit(program: &Program, context: &Context<'_>, claims: &Claims) -> UnitScore {
    let rounding = &program.set.head.rounding;
    let (mode, places) = (rounding.mode, rounding.places);
    let mut indicators = Vec::with_capacity(program.indicators.len());
    let mut pillars = vec![
        PillarScore { points: Number::ZERO, maximum: Number::ZERO, excluded: Number::ZERO };
        program.set.pillars.len()
    ];
    let mut exact_pillars: Vec<Exact> = match rounding.tier {
        Tier::Indicator => Vec::new(),
        Tier::Pillar | Tier::Total => vec![Exact::ZERO; pillars.len()],
    };
    for (index, indicator) in program.indicators.iter().enumerate() {
        let outcome = match claims.get(&index) {
            Some(Claim::NotApplicable) => Outcome::excluded(indicator.maximum, Branch::Exempt),
            Some(Claim::NotDone) => Outcome::new(Exact::ZERO, Branch::No),
            Some(Claim::Given { points, excluded }) => {
                Outcome { excluded: *excluded, ..Outcome::new(Exact::of(*points), Branch::Judged) }
            }
            None => context.indicator(program, indicator),
        };
        let points = match rounding.tier {
            Tier::Indicator => outcome.points.round(mode, places),
            Tier::Pillar | Tier::Total => outcome.points.round(RoundingMode::HalfUp, 6),
        };
        let state = state_of(&indicator.body, &outcome, indicator.maximum);
        indicators.push(IndicatorScore { points, excluded: outcome.excluded, state });
        if indicator.counts {
            let pillar = &mut pillars[program.pillar_of[index]];
            pillar.maximum = sum(pillar.maximum, indicator.maximum);
            pillar.excluded = sum(pillar.excluded, outcome.excluded);
            match rounding.tier {
                Tier::Indicator => pillar.points = sum(pillar.points, points),
                Tier::Pillar | Tier::Total => {
                    let exact = &mut exact_pillars[program.pillar_of[index]];
                    *exact = std::mem::replace(exact, Exact::ZERO).plus(&outcome.points);
                }
            }
        }
    }
    for (pillar, exact) in pillars.iter_mut().zip(&exact_pillars) {
        pillar.points = match rounding.tier {
            Tier::Pillar => exact.round(mode, places),
            Tier::Indicator | Tier::Total => exact.round(RoundingMode::HalfUp, 6),
        };
    }
    let total =
        |of: fn(&PillarScore) -> Number| pillars.iter().fold(Number::ZERO, |total, pillar| sum(total, of(pillar)));
    let (maximum, excluded) = (total(|pillar| pillar.maximum), total(|pillar| pillar.excluded));
    let exact_points = match rounding.tier {
        Tier::Indicator | Tier::Pillar => Exact::of(total(|pillar| pillar.points)),
        Tier::Total => exact_pillars.iter().fold(Exact::ZERO, |total, pillar| total.plus(pillar)),
    };
    let points = match rounding.tier {
        Tier::Indicator | Tier::Pillar => total(|pillar| pillar.points),
        Tier::Total => exact_points.round(mode, places),
    };
    let result = &program.set.head.result;
    let out_of = result.out_of.unwrap_or(maximum);
    let applicable = maximum.millionths() - excluded.millionths();
    let exact_comparable =
        if applicable > 0 { exact_points.clone().times(out_of.millionths(), applicable) } else { Exact::ZERO };
    let comparable = (applicable > 0).then(|| exact_comparable.round(mode, result.places));
    UnitScore { points, maximum, excluded, comparable, pillars, indicators, exact_comparable, exact_points }
}

fn sum(a: Number, b: Number) -> Number {
    a.checked_add(b).unwrap_or(Number::MAX)
}

pub(crate) fn state_of(body: &Body, outcome: &Outcome, maximum: Number) -> State {
    if outcome.branch == Branch::Exempt || (outcome.excluded > Number::ZERO && outcome.excluded >= maximum) {
        State::NotApplicable
    } else if outcome.missing {
        State::Missing
    } else if matches!(body.node, Node::Judged { .. }) {
        State::Judged
    } else {
        State::Scored
    }
}
