//! The value of a figure, as the engine computes with it.

use criteria::Number;
use criteria::date::Date;

/// The value of a figure.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Cell {
    /// No value: scores nothing and is shown as missing, never as "no".
    #[default]
    Missing,
    /// Yes or no.
    YesNo(bool),
    /// A quantity.
    Number(Number),
    /// A share, exactly: part and whole (whole > 0).
    Ratio(i64, i64),
    /// The place of the answer among a choice's options.
    Option(usize),
    /// A day.
    Date(Date),
    /// Words were given; they stand in the figure's origin.
    Text,
}

impl Cell {
    /// Whether a value was given.
    pub const fn is_given(self) -> bool {
        !matches!(self, Self::Missing)
    }

    /// The value as a fraction, for quantities and shares.
    pub const fn ratio(self) -> Option<(i64, i64)> {
        match self {
            Self::Number(number) => Some((number.millionths(), Number::ONE.millionths())),
            Self::Ratio(part, whole) => Some((part, whole)),
            Self::Missing | Self::YesNo(_) | Self::Option(_) | Self::Date(_) | Self::Text => None,
        }
    }

    /// The value as a number, for quantities.
    pub const fn number(self) -> Option<Number> {
        match self {
            Self::Number(number) => Some(number),
            Self::Missing | Self::YesNo(_) | Self::Ratio(..) | Self::Option(_) | Self::Date(_) | Self::Text => None,
        }
    }
}
