//! A second evaluator, slow and obvious, written from the table of the design: big fractions, figures looked up by
//! name, one rule after the other. It shares nothing with the engine but the types of the rules.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

use std::collections::BTreeMap;

use criteria::date::{Date, Day};
use criteria::model::{ExemptIs, Indicator};
use criteria::rule::{Better, Curve, Empty, Gate, Late, PeersMethod, Rule};
use criteria::set::judged_figure_ids;
use criteria::{CriteriaSet, Number};
use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{One, ToPrimitive, Zero};

/// Values by name: `id`, `profile.id`, `round.id`, for one indicator of one unit.
pub type Values = BTreeMap<String, String>;

/// What an indicator gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Given {
    pub points: BigRational,
    pub missing: bool,
    pub excluded: BigRational,
    pub exempt: bool,
}

impl Given {
    fn points(points: BigRational) -> Self {
        Self { points, missing: false, excluded: zero(), exempt: false }
    }
    fn missing() -> Self {
        Self { missing: true, ..Self::points(zero()) }
    }
    fn excluded(maximum: BigRational) -> Self {
        Self { excluded: maximum, ..Self::points(zero()) }
    }
}

pub fn zero() -> BigRational {
    BigRational::zero()
}

/// A decimal, a percentage or a fraction as a big fraction.
pub fn fraction(text: &str) -> Option<BigRational> {
    if let Some(percent) = text.strip_suffix('%') {
        return Some(fraction(percent)? / BigRational::from_integer(100.into()));
    }
    if let Some((part, whole)) = text.split_once('/') {
        return Some(fraction(part)? / fraction(whole)?);
    }
    Some(BigRational::new(BigInt::from(Number::parse(text)?.millionths()), 1_000_000.into()))
}

fn of(number: Number) -> BigRational {
    BigRational::new(number.millionths().into(), 1_000_000.into())
}

/// Half up to two places, as hundredths.
pub fn hundredths(value: &BigRational) -> i64 {
    (value * BigRational::from_integer(100.into()) + BigRational::new(1.into(), 2.into()))
        .floor()
        .to_integer()
        .to_i64()
        .unwrap()
}

pub struct Naive<'a> {
    pub set: &'a CriteriaSet,
    pub year: i16,
    /// The other units' values of the same indicator, this one's included, for rules about peers.
    pub level: Vec<Values>,
}

impl Naive<'_> {
    pub fn indicator(&self, indicator: &Indicator, values: &Values) -> Given {
        let maximum = of(indicator.points.unwrap_or_default());
        let holds = |values: &Values| {
            indicator.exempt.iter().any(|exempt| match (exempt.is, values.get(&exempt.when).map(String::as_str)) {
                (ExemptIs::Yes, Some("yes")) | (ExemptIs::No, Some("no")) => true,
                (ExemptIs::Zero, Some(value)) => fraction(value).is_some_and(|value| value.is_zero()),
                _ => false,
            })
        };
        if holds(values) {
            return Given { exempt: true, ..Given::excluded(maximum) };
        }
        let level: Vec<&Values> = self.level.iter().filter(|values| !holds(values)).collect();
        self.body(&indicator.rule, &maximum, indicator.gate.as_ref(), indicator.late.as_ref(), values, &level, "answer")
    }

    #[allow(clippy::too_many_arguments, reason = "everything in sight is the point of this evaluator")]
    fn body(
        &self,
        rule: &Rule,
        maximum: &BigRational,
        gate: Option<&Gate>,
        late: Option<&Late>,
        values: &Values,
        level: &[&Values],
        id: &str,
    ) -> Given {
        let mut given = self.rule(rule, maximum, values, level, id);
        if given.points > *maximum {
            given.points = maximum.clone();
        }
        if let Some(late) = late
            && !given.points.is_zero()
        {
            match self.day(values, &late.date) {
                Some(day) if day > late.after.in_year(self.year) => given.points *= of(late.factor.number()),
                Some(_) => {}
                None => given = Given { missing: true, points: zero(), ..given },
            }
        }
        if let Some(gate) = gate
            && given.excluded != *maximum
        {
            let open = if let (Some(count), Some(least)) = (&gate.count, gate.at_least) {
                self.value(values, count).map(|count| count >= of(least))
            } else if let (Some(date), Some(before)) = (&gate.date, gate.before) {
                self.day(values, date).map(|day| day < before.in_year(self.year))
            } else {
                values.get(gate.yes.as_ref().unwrap()).map(|answer| answer == "yes")
            };
            if open != Some(true) {
                given.points = zero();
                given.missing |= open.is_none();
            }
        }
        given
    }

    fn value(&self, values: &Values, name: &str) -> Option<BigRational> {
        fraction(values.get(name)?)
    }

    fn day(&self, values: &Values, name: &str) -> Option<Date> {
        Some(Day::parse(values.get(name)?)?.0)
    }

    /// Part ÷ whole, or the value; the outer `None` is missing, the inner one a whole of zero.
    fn measure(
        &self,
        values: &Values,
        part: &Option<String>,
        whole: &Option<String>,
        value: &Option<String>,
    ) -> Option<Option<BigRational>> {
        if let Some(value) = value {
            return Some(Some(self.value(values, value)?));
        }
        let whole = self.value(values, whole.as_ref().unwrap());
        if whole.as_ref().is_some_and(Zero::is_zero) {
            return Some(None);
        }
        let part = self.value(values, part.as_ref().unwrap())?;
        Some(Some(part / whole?))
    }

    fn rule(&self, rule: &Rule, maximum: &BigRational, values: &Values, level: &[&Values], id: &str) -> Given {
        let empty_whole = |empty: &Option<Empty>| match empty {
            Some(Empty::Full) => Given::points(maximum.clone()),
            Some(Empty::NotApplicable) => Given::excluded(maximum.clone()),
            Some(Empty::Zero) | None => Given::points(zero()),
        };
        match rule {
            Rule::YesNo { figure, .. } => match values.get(figure.as_deref().unwrap_or(id)).map(String::as_str) {
                Some("yes") => Given::points(maximum.clone()),
                Some(_) => Given::points(zero()),
                None => Given::missing(),
            },
            Rule::Choice { figure, options, .. } => match values.get(figure.as_deref().unwrap_or(id)) {
                Some(answer) => {
                    let option = options.iter().find(|option| option.id == *answer).unwrap();
                    Given::points(of(option.share.number()) * maximum)
                }
                None => Given::missing(),
            },
            Rule::Parts { parts } => {
                let mut sum = Given::points(zero());
                for part in parts {
                    let maximum = of(part.points);
                    let given = self.body(
                        &part.rule,
                        &maximum,
                        part.gate.as_ref(),
                        part.late.as_ref(),
                        values,
                        level,
                        &part.id,
                    );
                    sum.points += given.points;
                    sum.missing |= given.missing;
                    sum.excluded += given.excluded;
                }
                if sum.excluded > *maximum {
                    sum.excluded = maximum.clone();
                }
                sum
            }
            Rule::Share { part, whole, value, curve, full_from, empty, worth, .. } => {
                let worth = worth.map_or_else(|| maximum.clone(), of);
                let share = match self.measure(values, part, whole, value) {
                    None => return Given::missing(),
                    Some(None) => return empty_whole(empty),
                    Some(Some(share)) => share.min(BigRational::one()),
                };
                let threshold = full_from.map(|share| of(share.number()));
                let reached = match curve.unwrap_or(Curve::Proportional) {
                    Curve::AllOrNothing => {
                        let all = share >= threshold.unwrap_or_else(BigRational::one);
                        if all { BigRational::one() } else { zero() }
                    }
                    Curve::Inverse => against(BigRational::one() - share, threshold),
                    Curve::Proportional => against(share, threshold),
                };
                Given::points(reached * worth)
            }
            Rule::Required { count, required, curve, last } => {
                let needed = Number::parse(required).map(of).or_else(|| self.value(values, required));
                let (Some(mut count), Some(needed)) = (self.value(values, count), needed) else {
                    return Given::missing();
                };
                if let Some(last) = last
                    && !count.is_zero()
                {
                    match self.day(values, &last.date) {
                        None => return Given::missing(),
                        Some(day) if day >= last.before.in_year(self.year) => count -= BigRational::one(),
                        Some(_) => {}
                    }
                }
                if count >= needed {
                    Given::points(maximum.clone())
                } else if *curve == Some(Curve::AllOrNothing) {
                    Given::points(zero())
                } else {
                    Given::points(count / needed * maximum)
                }
            }
            Rule::Steps { value, part, whole, empty, steps } => match self.measure(values, part, whole, value) {
                None => Given::missing(),
                Some(None) => empty_whole(empty),
                Some(Some(measured)) => {
                    let best = steps
                        .iter()
                        .filter(|step| of(step.from.number()) <= measured)
                        .map(|step| (step.from.number(), step.points))
                        .max();
                    Given::points(best.map_or_else(zero, |(_, points)| of(points)))
                }
            },
            Rule::Each { count, each, ceiling } => match self.value(values, count) {
                Some(count) => {
                    let ceiling = ceiling.map_or_else(|| maximum.clone(), of).min(maximum.clone());
                    Given::points((count * of(*each)).min(ceiling))
                }
                None => Given::missing(),
            },
            Rule::Loss { count, each, zero_from } => match self.value(values, count) {
                Some(count) if zero_from.is_some_and(|from| count >= of(from)) => Given::points(zero()),
                Some(count) => Given::points((maximum - count * of(*each)).max(zero())),
                None => Given::missing(),
            },
            Rule::Handled { handled, happened } => {
                let happened = self.value(values, happened);
                if happened.as_ref().is_some_and(Zero::is_zero) {
                    return Given::points(maximum.clone());
                }
                match (self.value(values, handled), happened) {
                    (Some(handled), Some(happened)) => Given::points(handled / happened * maximum),
                    _ => Given::missing(),
                }
            }
            Rule::Peers { value, part, whole, empty, method, better } => {
                let own = match self.measure(values, part, whole, value) {
                    None => return Given::missing(),
                    Some(None) => return empty_whole(empty),
                    Some(Some(own)) => own,
                };
                let all: Vec<BigRational> =
                    level.iter().filter_map(|values| self.measure(values, part, whole, value).flatten()).collect();
                let least = all.iter().min().cloned().unwrap_or_else(|| own.clone());
                let most = all.iter().max().cloned().unwrap_or_else(|| own.clone());
                let lower = *better == Some(Better::Lower);
                let share = match method {
                    PeersMethod::MinMax if least == most => BigRational::one(),
                    PeersMethod::MinMax => {
                        let position = (own - &least) / (&most - &least);
                        if lower { BigRational::one() - position } else { position }
                    }
                    PeersMethod::ShareOfBest if most.is_zero() => {
                        if lower {
                            BigRational::one()
                        } else {
                            zero()
                        }
                    }
                    PeersMethod::ShareOfBest => {
                        if lower {
                            BigRational::one() - own / most
                        } else {
                            own / most
                        }
                    }
                };
                Given::points(share * maximum)
            }
            Rule::Sum { of } => {
                let mut sum = Given::points(zero());
                for child in of {
                    let indicator = self.set.indicator(child).unwrap();
                    let own: Values = values
                        .iter()
                        .filter_map(|(name, value)| match name.split_once('/') {
                            Some((id, figure)) if id == child => Some((figure.to_owned(), value.clone())),
                            Some(_) => None,
                            None => Some((name.clone(), value.clone())),
                        })
                        .collect();
                    let given = self.indicator(indicator, &own);
                    sum.points += given.points;
                    sum.missing |= given.missing;
                    sum.excluded += given.excluded;
                }
                if sum.excluded > *maximum {
                    sum.excluded = maximum.clone();
                }
                sum
            }
            Rule::Judged { .. } => match self.value(values, &judged_figure_ids(id).0) {
                Some(points) => Given::points(points),
                None => Given::missing(),
            },
        }
    }
}

/// min(1, share ÷ threshold).
fn against(share: BigRational, threshold: Option<BigRational>) -> BigRational {
    match threshold {
        Some(threshold) => (share / threshold).min(BigRational::one()),
        None => share,
    }
}
