//! Days: of a year (`10-31`) and in the calendar (`2023-10-31`).

use std::borrow::Cow;
use std::fmt;

pub use jiff::civil::Date;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A day of any year, written `MM-DD`. 29 February counts as a day; in other years it stands for 28 February.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MonthDay {
    month: i8,
    day: i8,
}

impl MonthDay {
    /// Reads `MM-DD`; `None` where there is no such day in any year.
    pub fn parse(text: &str) -> Option<Self> {
        let (month, day) = text.split_once('-')?;
        if month.len() != 2 || day.len() != 2 || text.contains('+') {
            return None;
        }
        let (month, day) = (month.parse().ok()?, day.parse().ok()?);
        // 2024 is a leap year: the longest February there is.
        Date::new(2024, month, day).ok().map(|_| Self { month, day })
    }

    /// The month, 1 to 12.
    pub const fn month(self) -> i8 {
        self.month
    }

    /// The day of the month, 1 to 31.
    pub const fn day(self) -> i8 {
        self.day
    }

    /// The day in `year`.
    pub fn in_year(self, year: i16) -> Date {
        Date::new(year, self.month, self.day).or_else(|_| Date::new(year, self.month, 28)).unwrap_or(Date::MAX)
    }
}

impl fmt::Display for MonthDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}-{:02}", self.month, self.day)
    }
}

impl Serialize for MonthDay {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for MonthDay {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<str>::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| serde::de::Error::custom("expected a day such as \"10-31\""))
    }
}

impl JsonSchema for MonthDay {
    fn schema_name() -> Cow<'static, str> {
        "MonthDay".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "format": "month-day", "pattern": "^[0-1][0-9]-[0-3][0-9]$" })
    }
}

/// A day of the calendar in a set's file, written `YYYY-MM-DD`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(pub Date);

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.0.year(), self.0.month(), self.0.day())
    }
}

impl Day {
    /// Reads `YYYY-MM-DD`.
    pub fn parse(text: &str) -> Option<Self> {
        let mut pieces = text.splitn(3, '-');
        let (year, month, day) = (pieces.next()?, pieces.next()?, pieces.next()?);
        if (year.len(), month.len(), day.len()) != (4, 2, 2) || text.contains('+') {
            return None;
        }
        Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok().map(Self)
    }
}

impl Serialize for Day {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<str>::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| serde::de::Error::custom("expected a date such as \"2023-09-27\""))
    }
}

impl JsonSchema for Day {
    fn schema_name() -> Cow<'static, str> {
        "Day".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "format": "day", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_of_the_year_exists_in_some_year() {
        assert_eq!(MonthDay::parse("02-29").map(|day| day.in_year(2023)), Date::new(2023, 2, 28).ok());
        assert_eq!(MonthDay::parse("02-30"), None);
        assert_eq!(MonthDay::parse("1-31"), None);
        assert_eq!(MonthDay::parse("10-31").map(|day| day.to_string()).as_deref(), Some("10-31"));
    }

    #[test]
    fn a_day_of_the_calendar_is_read_strictly() {
        assert_eq!(Day::parse("2023-09-27").map(|day| day.to_string()).as_deref(), Some("2023-09-27"));
        assert_eq!(Day::parse("2023-02-29"), None);
        assert_eq!(Day::parse("23-09-27"), None);
    }
}
