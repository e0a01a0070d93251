//! Exact fractions: nothing is rounded before the set says so.
//!
//! Real figures fit 128 bits and never leave the fast form; where a product would not, the same value goes on as a
//! fraction of big integers, so that no input can overflow or lose a digit.

use std::cmp::Ordering;

use criteria::Number;
use criteria::model::RoundingMode;
use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{Signed, ToPrimitive, Zero};

/// An exact fraction of millionths, never negative.
#[derive(Clone, Debug)]
pub struct Exact(Form);

#[derive(Clone, Debug)]
enum Form {
    /// Numerator ≥ 0 and denominator > 0, not reduced.
    Small(i128, i128),
    Big(Box<BigRational>),
}

impl Exact {
    /// Nothing.
    pub const ZERO: Self = Self(Form::Small(0, 1));

    /// A number as a fraction; a negative one counts as nothing.
    pub fn of(number: Number) -> Self {
        Self(Form::Small(i128::from(number.millionths().max(0)), 1))
    }

    /// `number` × n ÷ d, for n ≥ 0 and d > 0.
    pub fn scaled(number: Number, n: i64, d: i64) -> Self {
        debug_assert!(n >= 0 && d > 0, "a share of a whole");
        // 63 bits times 63 bits cannot leave 127.
        Self(Form::Small(i128::from(number.millionths().max(0)) * i128::from(n.max(0)), i128::from(d.max(1))))
    }

    /// This × n ÷ d, for n ≥ 0 and d > 0.
    #[must_use]
    pub fn times(self, n: i64, d: i64) -> Self {
        debug_assert!(n >= 0 && d > 0, "a factor");
        let (n, d) = (i128::from(n.max(0)), i128::from(d.max(1)));
        if let Form::Small(numerator, denominator) = self.0
            && let (Some(numerator), Some(denominator)) = (numerator.checked_mul(n), denominator.checked_mul(d))
        {
            return Self(Form::Small(numerator, denominator));
        }
        Self::from_big(self.big() * BigRational::new(n.into(), d.into()))
    }

    /// The sum.
    #[must_use]
    pub fn plus(self, other: &Self) -> Self {
        if let (Form::Small(a, b), Form::Small(c, d)) = (&self.0, &other.0) {
            if b == d
                && let Some(sum) = a.checked_add(*c)
            {
                return Self(Form::Small(sum, *b));
            }
            if let (Some(ad), Some(cb), Some(bd)) = (a.checked_mul(*d), c.checked_mul(*b), b.checked_mul(*d))
                && let Some(sum) = ad.checked_add(cb)
            {
                return Self(Form::Small(sum, bd));
            }
        }
        Self::from_big(self.big() + other.big())
    }

    /// The lesser of this and `number`.
    #[must_use]
    pub fn at_most(self, number: Number) -> Self {
        if self.compare_number(number) == Ordering::Greater { Self::of(number) } else { self }
    }

    /// `number` less this, not below nothing.
    #[must_use]
    pub fn taken_from(self, number: Number) -> Self {
        let whole = BigRational::from_integer(number.millionths().max(0).into());
        if let Form::Small(n, d) = self.0
            && let Some(whole) = i128::from(number.millionths().max(0)).checked_mul(d)
        {
            return Self(Form::Small((whole - n).max(0), d));
        }
        let rest = whole - self.big();
        Self::from_big(if rest.is_negative() { BigRational::zero() } else { rest })
    }

    /// Whether this is nothing.
    pub fn is_zero(&self) -> bool {
        match &self.0 {
            Form::Small(n, _) => *n == 0,
            Form::Big(value) => value.is_zero(),
        }
    }

    /// How this compares with `other`.
    pub fn compare(&self, other: &Self) -> Ordering {
        if let (Form::Small(a, b), Form::Small(c, d)) = (&self.0, &other.0) {
            if b == d {
                return a.cmp(c);
            }
            if let (Some(left), Some(right)) = (product(*a, *d), product(*c, *b)) {
                return left.cmp(&right);
            }
        }
        self.big().cmp(&other.big())
    }

    fn compare_number(&self, number: Number) -> Ordering {
        self.compare(&Self::of(number))
    }

    /// The number at `places` decimals (0 to 6); held at the largest number.
    pub fn round(&self, mode: RoundingMode, places: u8) -> Number {
        let unit = 10_i64.pow(u32::from(6 - places.min(6)));
        if let Form::Small(n, d) = self.0
            && let Some(whole) = product(d, i128::from(unit))
        {
            return hold(i128::from(unit), round_ratio(n, whole, mode));
        }
        let value = self.big() / BigRational::from_integer(unit.into());
        let (quotient, rest) = (value.floor().to_integer(), value.fract());
        let half = BigRational::new(1.into(), 2.into());
        let up = match (mode, rest.cmp(&half)) {
            (RoundingMode::Down, _) | (_, Ordering::Less) => false,
            (RoundingMode::HalfUp, _) | (RoundingMode::HalfEven, Ordering::Greater) => true,
            (RoundingMode::HalfEven, Ordering::Equal) => (&quotient % BigInt::from(2)) != BigInt::zero(),
        };
        let quotient = if up { quotient + 1 } else { quotient };
        hold(i128::from(unit), quotient.to_i128().unwrap_or(i128::MAX))
    }

    fn big(&self) -> BigRational {
        match &self.0 {
            Form::Small(n, d) => BigRational::new((*n).into(), (*d).into()),
            Form::Big(value) => (**value).clone(),
        }
    }

    /// A fraction of millionths, where it is one: n ≥ 0 and d > 0.
    pub(crate) fn of_small(n: i128, d: i128) -> Option<Self> {
        (n >= 0 && d > 0).then_some(Self(Form::Small(n, d)))
    }

    /// A big fraction of millionths; a negative one counts as nothing.
    pub(crate) fn of_big(value: BigRational) -> Self {
        if value.is_negative() { Self::ZERO } else { Self::from_big(value) }
    }

    /// Back to the fast form where the reduced fraction fits.
    fn from_big(value: BigRational) -> Self {
        match (value.numer().to_i128(), value.denom().to_i128()) {
            (Some(n), Some(d)) => Self(Form::Small(n, d)),
            _ => Self(Form::Big(Box::new(value))),
        }
    }
}

/// a × b within 128 bits. Factors of 64 bits, which nearly all are, need no check.
fn product(a: i128, b: i128) -> Option<i128> {
    match (i64::try_from(a), i64::try_from(b)) {
        (Ok(a), Ok(b)) => Some(i128::from(a) * i128::from(b)),
        _ => a.checked_mul(b),
    }
}

/// `n ÷ d` as a whole number, for n ≥ 0 and d > 0.
fn round_ratio(n: i128, d: i128, mode: RoundingMode) -> i128 {
    // 64-bit division is several times faster and holds nearly every real figure.
    let (quotient, rest) = match (u64::try_from(n), u64::try_from(d)) {
        (Ok(n), Ok(d)) => (i128::from(n / d), i128::from(n % d)),
        _ => (n / d, n % d),
    };
    let up = match mode {
        RoundingMode::Down => false,
        RoundingMode::HalfUp => rest >= d - rest,
        RoundingMode::HalfEven => rest > d - rest || (rest == d - rest && quotient % 2 == 1),
    };
    quotient + i128::from(up)
}

fn hold(unit: i128, units: i128) -> Number {
    if let (Ok(unit), Ok(units)) = (i64::try_from(unit), i64::try_from(units))
        && let Some(millionths) = unit.checked_mul(units)
    {
        return Number::from_millionths(millionths);
    }
    let millionths = units.checked_mul(unit).unwrap_or(i128::MAX);
    Number::from_millionths(i64::try_from(millionths).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> Number {
        Number::parse(text).expect("a decimal")
    }

    #[test]
    fn a_third_three_times_is_the_whole() {
        let third = Exact::scaled(number("10"), 1, 3);
        let whole = third.clone().plus(&third).plus(&third);
        assert_eq!(whole.compare(&Exact::of(number("10"))), Ordering::Equal);
        assert_eq!(third.round(RoundingMode::HalfUp, 2), number("3.33"));
    }

    #[test]
    fn halves_go_where_the_set_says() {
        for (n, mode, expected) in [
            (5, RoundingMode::HalfUp, "0.01"),
            (5, RoundingMode::HalfEven, "0"),
            (15, RoundingMode::HalfEven, "0.02"),
            (9, RoundingMode::Down, "0"),
            (4, RoundingMode::HalfUp, "0"),
        ] {
            assert_eq!(Exact::scaled(Number::ONE, n, 1000).round(mode, 2), number(expected), "{n}/1000 {mode:?}");
        }
    }

    #[test]
    fn what_does_not_fit_128_bits_goes_on_exactly() {
        let mut value = Exact::of(Number::ONE);
        for prime in [999_999_999_989_i64, 999_999_999_961, 999_999_999_959, 999_999_999_937] {
            value = value.times(prime - 1, prime);
        }
        assert!(matches!(value.0, Form::Big(_)));
        for prime in [999_999_999_989_i64, 999_999_999_961, 999_999_999_959, 999_999_999_937] {
            value = value.times(prime, prime - 1);
        }
        assert_eq!(value.compare(&Exact::of(Number::ONE)), Ordering::Equal);
        assert_eq!(value.round(RoundingMode::HalfUp, 6), Number::ONE);
    }

    #[test]
    fn extremes_are_held_not_wrapped() {
        let huge = Exact::scaled(Number::MAX, i64::MAX, 1);
        assert_eq!(huge.round(RoundingMode::HalfUp, 2), Number::MAX);
        assert!(huge.clone().taken_from(Number::ONE).is_zero());
        assert_eq!(huge.at_most(Number::ONE).round(RoundingMode::HalfUp, 0), Number::ONE);
    }
}
