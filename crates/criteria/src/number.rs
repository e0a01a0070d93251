//! Exact decimals: points, counts, amounts and shares as whole millionths. No binary floats.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Millionths in one.
const ONE: i64 = 1_000_000;
/// Decimal places kept.
const PLACES: usize = 6;

/// An exact decimal with at most six places.
///
/// Bounds: ±9,223,372,036,854.775807 (64 bits of millionths). Six places hold every threshold of the documents
/// (`0.25%` is 0.0025) and every published index value that we reproduce (five places).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Number(i64);

impl Number {
    /// Nothing.
    pub const ZERO: Self = Self(0);
    /// One, and as a share the whole.
    pub const ONE: Self = Self(ONE);
    /// The largest number.
    pub const MAX: Self = Self(i64::MAX);

    /// The number that is `millionths` × 10⁻⁶.
    pub const fn from_millionths(millionths: i64) -> Self {
        Self(millionths)
    }

    /// The number as whole millionths.
    pub const fn millionths(self) -> i64 {
        self.0
    }

    /// A whole number; `None` beyond the bounds.
    pub const fn whole(value: i64) -> Option<Self> {
        match value.checked_mul(ONE) {
            Some(millionths) => Some(Self(millionths)),
            None => None,
        }
    }

    /// Reads a plain decimal: optional minus, digits, optional dot and one to six digits.
    pub fn parse(text: &str) -> Option<Self> {
        let (negative, digits) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
        if whole.is_empty() || fraction.is_empty() || fraction.len() > PLACES {
            return None;
        }
        if !whole.bytes().chain(fraction.bytes()).all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let scale = 10_i64.pow((PLACES - fraction.len()) as u32);
        let millionths = whole
            .parse::<i64>()
            .ok()?
            .checked_mul(ONE)?
            .checked_add(fraction.parse::<i64>().ok()?.checked_mul(scale)?)?;
        Some(Self(if negative { -millionths } else { millionths }))
    }

    /// Whether there is nothing behind the decimal point.
    pub const fn is_whole(self) -> bool {
        self.0 % ONE == 0
    }

    /// The sum; `None` beyond the bounds.
    pub const fn checked_add(self, other: Self) -> Option<Self> {
        match self.0.checked_add(other.0) {
            Some(sum) => Some(Self(sum)),
            None => None,
        }
    }

    /// The sum, held at the bounds: for checking sums of documents, where the bound itself is a finding.
    pub fn saturating_sum(numbers: impl IntoIterator<Item = Self>) -> Self {
        Self(numbers.into_iter().fold(0, |sum, number| sum.saturating_add(number.0)))
    }

    /// The number with at least `places` decimals (0 to 6), as data: `7.50`.
    pub fn with_places(self, places: u8) -> String {
        let shortest = self.to_string();
        let (whole, fraction) = shortest.split_once('.').unwrap_or((&shortest, ""));
        let places = usize::from(places).min(PLACES).max(fraction.len());
        if places == 0 { whole.to_owned() } else { format!("{whole}.{fraction:0<places$}") }
    }
}

impl fmt::Display for Number {
    /// The shortest exact form: `7.5`, `-0.25`, `10`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let magnitude = self.0.unsigned_abs();
        let (whole, fraction) = (magnitude / ONE as u64, magnitude % ONE as u64);
        if fraction == 0 {
            return write!(f, "{sign}{whole}");
        }
        let fraction = format!("{fraction:06}");
        write!(f, "{sign}{whole}.{}", fraction.trim_end_matches('0'))
    }
}

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<str>::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| serde::de::Error::custom("expected a decimal such as \"2.5\""))
    }
}

impl JsonSchema for Number {
    fn schema_name() -> Cow<'static, str> {
        "Number".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "format": "decimal", "pattern": r"^-?[0-9]+(\.[0-9]{1,6})?$" })
    }
}

/// A share of a whole, written `"80%"`; 1 is the whole.
///
/// Bounds: 0 % to 100,000,000 %; four decimals of a percent at most.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Share(Number);

impl Share {
    /// The whole.
    pub const WHOLE: Self = Self(Number::ONE);
    /// Nothing.
    pub const NONE: Self = Self(Number::ZERO);

    /// Reads `80%` or `0.25%`.
    pub fn parse(text: &str) -> Option<Self> {
        let percent = Number::parse(text.strip_suffix('%')?.trim_end())?;
        Self::from_percent(percent)
    }

    /// The share that is `percent` of a hundred; `None` where it is negative or has more than four decimals.
    pub fn from_percent(percent: Number) -> Option<Self> {
        let millionths = percent.millionths();
        (millionths >= 0 && millionths % 100 == 0).then(|| Self(Number::from_millionths(millionths / 100)))
    }

    /// The share as a number, 1 for the whole.
    pub const fn number(self) -> Number {
        self.0
    }

    /// The share in percent.
    pub fn percent(self) -> Number {
        Number::from_millionths(self.0.millionths().saturating_mul(100))
    }
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}%", self.percent())
    }
}

impl Serialize for Share {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Share {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<str>::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| serde::de::Error::custom("expected a share such as \"80%\""))
    }
}

impl JsonSchema for Share {
    fn schema_name() -> Cow<'static, str> {
        "Share".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "format": "share", "pattern": r"^[0-9]+(\.[0-9]{1,4})?%$" })
    }
}

/// An edge of a step or a required amount: a number, or a share where the measure is one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Edge {
    /// A plain number.
    Number(Number),
    /// A share of a whole.
    Share(Share),
}

impl Edge {
    /// Reads `20` or `10%`.
    pub fn parse(text: &str) -> Option<Self> {
        if text.ends_with('%') { Share::parse(text).map(Self::Share) } else { Number::parse(text).map(Self::Number) }
    }

    /// The edge as a number; a share's whole is 1.
    pub const fn number(self) -> Number {
        match self {
            Self::Number(number) => number,
            Self::Share(share) => share.number(),
        }
    }
}

impl fmt::Display for Edge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => number.fmt(f),
            Self::Share(share) => share.fmt(f),
        }
    }
}

impl Serialize for Edge {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Edge {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<str>::deserialize(deserializer)?;
        Self::parse(&text)
            .ok_or_else(|| serde::de::Error::custom("expected a number such as \"20\" or a share such as \"10%\""))
    }
}

impl JsonSchema for Edge {
    fn schema_name() -> Cow<'static, str> {
        "Edge".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "format": "edge", "pattern": r"^[0-9]+(\.[0-9]{1,6})?%?$" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_read_to_the_last_digit_and_written_back_shortest() {
        for (text, millionths, shown) in [
            ("0", 0, "0"),
            ("2.50", 2_500_000, "2.5"),
            ("-0.25", -250_000, "-0.25"),
            ("0.000001", 1, "0.000001"),
            ("9223372036854.775807", i64::MAX, "9223372036854.775807"),
        ] {
            let number = Number::parse(text).expect("a decimal");
            assert_eq!((number.millionths(), number.to_string().as_str()), (millionths, shown), "{text}");
        }
        for text in
            ["", ".", "1.", ".5", "1.2345678", "1,5", "1e3", "--1", "9223372036855", "9223372036854.775808", "١"]
        {
            assert_eq!(Number::parse(text), None, "{text}");
        }
    }

    #[test]
    fn places_are_added_never_cut() {
        assert_eq!(Number::parse("7.5").expect("a decimal").with_places(2), "7.50");
        assert_eq!(Number::parse("7.125").expect("a decimal").with_places(2), "7.125");
        assert_eq!(Number::parse("7").expect("a decimal").with_places(0), "7");
    }

    #[test]
    fn a_share_is_a_percent_of_at_most_four_decimals() {
        assert_eq!(Share::parse("0.25%").map(|share| share.number().millionths()), Some(2_500));
        assert_eq!(Share::parse("100%"), Some(Share::WHOLE));
        assert_eq!(Share::parse("0.00001%"), None);
        assert_eq!(Share::parse("-1%"), None);
        assert_eq!(Share::parse("80"), None);
        assert_eq!(Share::parse("33.3333%").map(|share| share.to_string()).as_deref(), Some("33.3333%"));
    }
}
