//! What the rules mean (DESIGN §5): one unit's figures through one rule, exactly. No clock, no I/O, no rounding.

use std::cmp::Ordering;

use criteria::Number;
use criteria::model::ExemptIs;
use criteria::rule::{Curve, Empty, PeersMethod};
use num_rational::BigRational;

use crate::cell::Cell;
use crate::exact::Exact;
use crate::program::{Amount, Body, Compiled, CompiledGate, Node, Program, Ratio, Slot};

/// The branch of a rule that was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Branch {
    /// The answer is yes.
    Yes,
    /// The answer is no.
    No,
    /// An answer of a choice.
    Option,
    /// Parts, each with its own branch.
    Parts,
    /// In proportion.
    Proportional,
    /// The threshold or the required number is reached.
    Full,
    /// All or nothing, and all is there.
    All,
    /// All or nothing, and something lacks.
    Nothing,
    /// The whole is zero.
    Empty,
    /// A step was reached.
    Step,
    /// The lowest step was not reached.
    BelowSteps,
    /// So much each.
    Each,
    /// So much each, held at the ceiling.
    Ceiling,
    /// Something was lost.
    Loss,
    /// All was lost.
    LossAll,
    /// None happened.
    NoneHappened,
    /// Handled of happened.
    Handled,
    /// A position among peers.
    Peers,
    /// Alone, or all peers equal.
    PeersEqual,
    /// The children's points.
    Sum,
    /// Points given by a person.
    Judged,
    /// A figure is missing.
    Missing,
    /// The indicator does not apply.
    Exempt,
}

impl Branch {
    /// The branch's name in data.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::No => "no",
            Self::Option => "option",
            Self::Parts => "parts",
            Self::Proportional => "proportional",
            Self::Full => "full",
            Self::All => "all",
            Self::Nothing => "nothing",
            Self::Empty => "empty",
            Self::Step => "step",
            Self::BelowSteps => "below-steps",
            Self::Each => "each",
            Self::Ceiling => "ceiling",
            Self::Loss => "loss",
            Self::LossAll => "loss-all",
            Self::NoneHappened => "none-happened",
            Self::Handled => "handled",
            Self::Peers => "peers",
            Self::PeersEqual => "peers-equal",
            Self::Sum => "sum",
            Self::Judged => "judged",
            Self::Missing => "missing",
            Self::Exempt => "exempt",
        }
    }
}

/// What a modifier did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Modifier {
    /// The rule has none.
    None,
    /// The gate held, the date was in time, the last one counts.
    Held,
    /// The gate failed, the date was late, the last one does not count.
    Failed,
    /// The figure that decides is missing.
    Missing,
}

/// What a rule gives, before rounding.
#[derive(Clone, Debug)]
pub(crate) struct Outcome {
    pub points: Exact,
    pub branch: Branch,
    /// Whether a figure that the points depend on is missing, here or in a part.
    pub missing: bool,
    /// Points of the maximum that do not apply.
    pub excluded: Number,
    pub gate: Modifier,
    pub late: Modifier,
    pub last: Modifier,
}

impl Outcome {
    pub(crate) fn new(points: Exact, branch: Branch) -> Self {
        Self {
            points,
            branch,
            missing: false,
            excluded: Number::ZERO,
            gate: Modifier::None,
            late: Modifier::None,
            last: Modifier::None,
        }
    }

    fn missing() -> Self {
        Self { missing: true, ..Self::new(Exact::ZERO, Branch::Missing) }
    }

    pub(crate) fn excluded(maximum: Number, branch: Branch) -> Self {
        Self { excluded: maximum, ..Self::new(Exact::ZERO, branch) }
    }
}

/// The least and the most of one measure over the units of a block, as fractions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spread {
    /// The least.
    pub least: (i64, i64),
    /// The most.
    pub most: (i64, i64),
}

impl Spread {
    /// Takes in one more unit.
    pub(crate) fn with(spread: Option<Self>, ratio: (i64, i64)) -> Option<Self> {
        Some(match spread {
            None => Self { least: ratio, most: ratio },
            Some(spread) => Self {
                least: if compare(ratio, spread.least) == Ordering::Less { ratio } else { spread.least },
                most: if compare(ratio, spread.most) == Ordering::Greater { ratio } else { spread.most },
            },
        })
    }

    /// Whether a measure stands at an edge of the span, or beyond it: then the span may move with it.
    pub fn is_at_edge(&self, ratio: (i64, i64)) -> bool {
        compare(ratio, self.least).is_le() || compare(ratio, self.most).is_ge()
    }
}

/// How two fractions with positive wholes compare.
pub(crate) fn compare(a: (i64, i64), b: (i64, i64)) -> Ordering {
    (i128::from(a.0) * i128::from(b.1)).cmp(&(i128::from(b.0) * i128::from(a.1)))
}

/// One unit's figures, beside the round's and the level's.
#[derive(Clone, Copy)]
pub(crate) struct Context<'a> {
    pub unit: &'a [Cell],
    pub round: &'a [Cell],
    /// By the index of a rule about peers.
    pub spreads: &'a [Option<Spread>],
}

/// What a measure comes to.
enum Measured {
    Missing,
    Empty,
    Of(i64, i64),
}

impl Context<'_> {
    pub fn cell(&self, slot: Slot) -> Cell {
        match slot {
            Slot::Unit(index) => self.unit.get(index).copied().unwrap_or_default(),
            Slot::Round(index) => self.round.get(index).copied().unwrap_or_default(),
        }
    }

    fn number(&self, slot: Slot) -> Option<Number> {
        self.cell(slot).number()
    }

    fn measure(&self, ratio: Ratio) -> Measured {
        match ratio {
            Ratio::Value(slot) => match self.cell(slot).ratio() {
                Some((part, whole)) => Measured::Of(part, whole),
                None => Measured::Missing,
            },
            Ratio::Share(part, whole) => match (self.cell(part).ratio(), self.cell(whole).ratio()) {
                (_, Some((0, _))) => Measured::Empty,
                (Some((part, of)), Some((whole, _))) => {
                    // Both are numbers in practice; a share as part of a share keeps its own whole.
                    if of == Number::ONE.millionths() { Measured::Of(part, whole) } else { Measured::Of(part, of) }
                }
                _ => Measured::Missing,
            },
        }
    }

    /// The fraction that a measure comes to, where it comes to one.
    pub fn fraction(&self, ratio: Ratio) -> Option<(i64, i64)> {
        match self.measure(ratio) {
            Measured::Of(part, whole) => Some((part, whole)),
            Measured::Missing | Measured::Empty => None,
        }
    }

    /// Whether an exemption holds.
    pub fn exempt(&self, indicator: &Compiled) -> bool {
        indicator.exempt.iter().any(|(slot, is)| match (is, self.cell(*slot)) {
            (ExemptIs::Yes, Cell::YesNo(answer)) => answer,
            (ExemptIs::No, Cell::YesNo(answer)) => !answer,
            (ExemptIs::Zero, Cell::Number(number)) => number == Number::ZERO,
            _ => false,
        })
    }

    /// What an indicator gives.
    pub fn indicator(&self, program: &Program, indicator: &Compiled) -> Outcome {
        if self.exempt(indicator) {
            return Outcome::excluded(indicator.maximum, Branch::Exempt);
        }
        self.body(program, &indicator.body)
    }

    /// What a rule with its modifiers gives: first the rule, then lateness, then the gate.
    pub fn body(&self, program: &Program, body: &Body) -> Outcome {
        let mut outcome = self.node(program, &body.node, body.maximum);
        outcome.points = outcome.points.at_most(body.maximum);
        if let Some(late) = &body.late
            && !outcome.points.is_zero()
        {
            outcome.late = match self.cell(late.date) {
                Cell::Date(date) if date <= late.after => Modifier::Held,
                Cell::Date(_) => Modifier::Failed,
                _ => Modifier::Missing,
            };
            match outcome.late {
                Modifier::Failed => {
                    outcome.points = outcome.points.times(late.factor.millionths(), Number::ONE.millionths());
                }
                Modifier::Missing => {
                    outcome.points = Exact::ZERO;
                    outcome.missing = true;
                }
                Modifier::None | Modifier::Held => {}
            }
        }
        if let Some(gate) = &body.gate
            && outcome.excluded != body.maximum
        {
            outcome.gate = self.gate(gate);
            match outcome.gate {
                Modifier::Failed => outcome.points = Exact::ZERO,
                Modifier::Missing => {
                    outcome.points = Exact::ZERO;
                    outcome.missing = true;
                }
                Modifier::None | Modifier::Held => {}
            }
        }
        outcome
    }

    fn gate(&self, gate: &CompiledGate) -> Modifier {
        let held = match gate {
            CompiledGate::AtLeast(slot, least) => self.number(*slot).map(|number| number >= *least),
            CompiledGate::Before(slot, before) => match self.cell(*slot) {
                Cell::Date(date) => Some(date < *before),
                _ => None,
            },
            CompiledGate::Yes(slot) => match self.cell(*slot) {
                Cell::YesNo(answer) => Some(answer),
                _ => None,
            },
        };
        match held {
            Some(true) => Modifier::Held,
            Some(false) => Modifier::Failed,
            None => Modifier::Missing,
        }
    }

    fn node(&self, program: &Program, node: &Node, maximum: Number) -> Outcome {
        match node {
            Node::YesNo { answer } => match self.cell(*answer) {
                Cell::YesNo(true) => Outcome::new(Exact::of(maximum), Branch::Yes),
                Cell::YesNo(false) => Outcome::new(Exact::ZERO, Branch::No),
                _ => Outcome::missing(),
            },
            Node::Choice { answer, shares } => match self.cell(*answer) {
                Cell::Option(option) => {
                    let share = shares.get(option).copied().unwrap_or_default();
                    let points = Exact::scaled(maximum, share.millionths(), Number::ONE.millionths());
                    Outcome::new(points, Branch::Option)
                }
                _ => Outcome::missing(),
            },
            Node::Parts { parts } => self.parts(program, parts, maximum),
            Node::Share { ratio, curve, full_from, empty, worth } => match self.measure(*ratio) {
                Measured::Missing => Outcome::missing(),
                Measured::Empty => empty_whole(*empty, maximum),
                Measured::Of(part, whole) => share(part.min(whole), whole, *curve, *full_from, *worth),
            },
            Node::Required { count, required, all_or_nothing, last } => {
                self.required(*count, *required, *all_or_nothing, *last, maximum)
            }
            Node::Steps { ratio, empty, steps } => match self.measure(*ratio) {
                Measured::Missing => Outcome::missing(),
                Measured::Empty => empty_whole(*empty, maximum),
                Measured::Of(part, whole) => {
                    let reached = steps.iter().find(|(from, _)| {
                        compare((from.millionths(), Number::ONE.millionths()), (part, whole)) != Ordering::Greater
                    });
                    match reached {
                        Some((_, points)) => Outcome::new(Exact::of(*points), Branch::Step),
                        None => Outcome::new(Exact::ZERO, Branch::BelowSteps),
                    }
                }
            },
            Node::Each { count, each, ceiling } => match self.number(*count) {
                Some(count) => {
                    let points = Exact::scaled(*each, count.millionths(), Number::ONE.millionths());
                    let held = points.clone().at_most(*ceiling);
                    let branch = if points.compare(&held) == Ordering::Equal { Branch::Each } else { Branch::Ceiling };
                    Outcome::new(held, branch)
                }
                None => Outcome::missing(),
            },
            Node::Loss { count, each, zero_from } => match self.number(*count) {
                Some(count) => {
                    let all = zero_from.is_some_and(|from| count >= from);
                    let lost = Exact::scaled(*each, count.millionths(), Number::ONE.millionths());
                    let left = if all { Exact::ZERO } else { lost.taken_from(maximum) };
                    let branch = if left.is_zero() && count > Number::ZERO { Branch::LossAll } else { Branch::Loss };
                    Outcome::new(left, branch)
                }
                None => Outcome::missing(),
            },
            Node::Handled { handled, happened } => match (self.number(*handled), self.number(*happened)) {
                (_, Some(Number::ZERO)) => Outcome::new(Exact::of(maximum), Branch::NoneHappened),
                (Some(handled), Some(happened)) => {
                    let points = Exact::scaled(maximum, handled.min(happened).millionths(), happened.millionths());
                    Outcome::new(points, Branch::Handled)
                }
                _ => Outcome::missing(),
            },
            Node::Peers { ratio, empty, method, lower, index } => match self.measure(*ratio) {
                Measured::Missing => Outcome::missing(),
                Measured::Empty => empty_whole(*empty, maximum),
                Measured::Of(part, whole) => {
                    let own = Spread { least: (part, whole), most: (part, whole) };
                    let spread =
                        Spread::with(self.spreads.get(*index).copied().flatten(), (part, whole)).unwrap_or(own);
                    peers((part, whole), spread, *method, *lower, maximum)
                }
            },
            Node::Sum { children } => {
                let mut sum = Outcome::new(Exact::ZERO, Branch::Sum);
                for child in children {
                    let child = self.indicator(program, &program.indicators[*child]);
                    sum.points = sum.points.plus(&child.points);
                    sum.missing |= child.missing;
                    sum.excluded = sum.excluded.checked_add(child.excluded).unwrap_or(Number::MAX).min(maximum);
                }
                sum
            }
            Node::Judged { points } => match self.number(*points) {
                Some(points) => Outcome::new(Exact::of(points), Branch::Judged),
                None => Outcome::missing(),
            },
        }
    }

    fn parts(&self, program: &Program, parts: &[Body], maximum: Number) -> Outcome {
        let mut sum = Outcome::new(Exact::ZERO, Branch::Parts);
        for part in parts {
            let part = self.body(program, part);
            sum.points = sum.points.plus(&part.points);
            sum.missing |= part.missing;
            sum.excluded = sum.excluded.checked_add(part.excluded).unwrap_or(Number::MAX).min(maximum);
        }
        sum
    }

    fn required(
        &self,
        count: Slot,
        required: Amount,
        all_or_nothing: bool,
        last: Option<(Slot, criteria::date::Date)>,
        maximum: Number,
    ) -> Outcome {
        let required = match required {
            Amount::Fixed(number) => Some(number),
            Amount::Figure(slot) => self.number(slot),
        };
        let (Some(mut count), Some(required)) = (self.number(count), required) else { return Outcome::missing() };
        let mut last_modifier = Modifier::None;
        if let Some((slot, before)) = last
            && count > Number::ZERO
        {
            last_modifier = match self.cell(slot) {
                Cell::Date(date) if date < before => Modifier::Held,
                Cell::Date(_) => Modifier::Failed,
                _ => return Outcome { last: Modifier::Missing, ..Outcome::missing() },
            };
            if last_modifier == Modifier::Failed {
                // The last one was held too late, so it does not count; those before it do.
                count = Number::from_millionths((count.millionths() - Number::ONE.millionths()).max(0));
            }
        }
        let outcome = if count >= required {
            // Nothing required (a figure of the round that is 0) is reached by anything.
            Outcome::new(Exact::of(maximum), if all_or_nothing { Branch::All } else { Branch::Full })
        } else if all_or_nothing {
            Outcome::new(Exact::ZERO, Branch::Nothing)
        } else {
            Outcome::new(Exact::scaled(maximum, count.millionths(), required.millionths()), Branch::Proportional)
        };
        Outcome { last: last_modifier, ..outcome }
    }
}

fn empty_whole(empty: Option<Empty>, maximum: Number) -> Outcome {
    match empty {
        Some(Empty::Full) => Outcome::new(Exact::of(maximum), Branch::Empty),
        Some(Empty::NotApplicable) => Outcome::excluded(maximum, Branch::Empty),
        // Undeclared is an open reading that the checker reports; until it is decided nothing is given.
        Some(Empty::Zero) | None => Outcome::new(Exact::ZERO, Branch::Empty),
    }
}

/// `part` ÷ `whole` of `worth` through a curve, for 0 ≤ part ≤ whole and whole > 0.
fn share(part: i64, whole: i64, curve: Curve, full_from: Option<Number>, worth: Number) -> Outcome {
    let (part, branch) = match curve {
        Curve::Inverse => (whole - part, Branch::Proportional),
        Curve::AllOrNothing => {
            let reached = match full_from {
                Some(from) => compare((part, whole), (from.millionths(), Number::ONE.millionths())) != Ordering::Less,
                None => part == whole,
            };
            return if reached {
                Outcome::new(Exact::of(worth), Branch::All)
            } else {
                Outcome::new(Exact::ZERO, Branch::Nothing)
            };
        }
        Curve::Proportional => (part, Branch::Proportional),
    };
    match full_from {
        Some(from) if compare((part, whole), (from.millionths(), Number::ONE.millionths())) != Ordering::Less => {
            Outcome::new(Exact::of(worth), Branch::Full)
        }
        Some(from) => {
            Outcome::new(Exact::scaled(worth, part, whole).times(Number::ONE.millionths(), from.millionths()), branch)
        }
        None => Outcome::new(Exact::scaled(worth, part, whole), branch),
    }
}

fn peers(own: (i64, i64), spread: Spread, method: PeersMethod, lower: bool, maximum: Number) -> Outcome {
    match method {
        PeersMethod::MinMax => {
            if compare(spread.least, spread.most) == Ordering::Equal {
                return Outcome::new(Exact::of(maximum), Branch::PeersEqual);
            }
            let (from, to) = if lower { (own, spread.most) } else { (spread.least, own) };
            Outcome::new(between(maximum, (from, to), (spread.least, spread.most)), Branch::Peers)
        }
        PeersMethod::ShareOfBest => {
            if spread.most.0 == 0 {
                // Nobody has any: nothing is earned by it, or nothing is lost.
                let points = if lower { Exact::of(maximum) } else { Exact::ZERO };
                return Outcome::new(points, Branch::PeersEqual);
            }
            let of_best = Exact::scaled(maximum, own.0, own.1).times(spread.most.1, spread.most.0);
            let points = if lower { of_best.taken_from(maximum) } else { of_best };
            Outcome::new(points, Branch::Peers)
        }
    }
}

/// `maximum` × (to − from) ÷ (most − least), for from ≤ to and least < most.
fn between(maximum: Number, (from, to): ((i64, i64), (i64, i64)), (least, most): ((i64, i64), (i64, i64))) -> Exact {
    let small = || {
        let distance = difference(to, from)?;
        let width = difference(most, least)?;
        let numerator = i128::from(maximum.millionths()).checked_mul(distance.0)?.checked_mul(width.1)?;
        Exact::of_small(numerator, distance.1.checked_mul(width.0)?)
    };
    small().unwrap_or_else(|| {
        let fraction = |(n, d): (i64, i64)| BigRational::new(n.into(), d.into());
        let share = (fraction(to) - fraction(from)) / (fraction(most) - fraction(least));
        Exact::of_big(BigRational::from_integer(maximum.millionths().into()) * share)
    })
}

/// `a − b` as numerator and denominator; `None` beyond 128 bits. Whole numbers lose their millionths first.
fn difference(a: (i64, i64), b: (i64, i64)) -> Option<(i128, i128)> {
    let whole = |(n, d): (i64, i64)| {
        let one = Number::ONE.millionths();
        if n % one == 0 && d % one == 0 {
            (i128::from(n / one), i128::from(d / one))
        } else {
            (i128::from(n), i128::from(d))
        }
    };
    let ((a, b), (c, d)) = (whole(a), whole(b));
    Some((a.checked_mul(d)?.checked_sub(c.checked_mul(b)?)?, b.checked_mul(d)?))
}
