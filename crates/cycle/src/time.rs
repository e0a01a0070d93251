//! Days in Viet Nam: a deadline ends with its day there, wherever the server stands.

use criteria::date::Date;
use jiff::Timestamp;
use jiff::tz::{Offset, TimeZone};

/// Viet Nam's offset from UTC, in hours; one zone, without summer time, since 1975.
const OFFSET_HOURS: i8 = 7;

/// Viet Nam's time zone.
pub fn zone() -> TimeZone {
    TimeZone::fixed(Offset::constant(OFFSET_HOURS))
}

/// The day that it is in Viet Nam.
pub fn day_of(at: Timestamp) -> Date {
    at.to_zoned(zone()).date()
}

/// The first instant of a day in Viet Nam.
pub fn start_of(day: Date) -> Timestamp {
    day.to_zoned(zone()).map_or(Timestamp::MAX, |start| start.timestamp())
}

/// Days from one day to another; negative when it has passed.
pub fn days_between(from: Date, to: Date) -> i32 {
    from.until(to).map_or(0, |span| span.get_days())
}

/// How a deadline stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Not done, and so many days are left; 0 on the last day.
    Left(i32),
    /// Not done, and it passed so many days ago.
    Overdue(i32),
    /// Done in time.
    InTime,
    /// Done, so many days late.
    DoneLate(i32),
}

impl Standing {
    /// How many days late, if late.
    pub const fn days_late(self) -> Option<i32> {
        match self {
            Self::Overdue(days) | Self::DoneLate(days) => Some(days),
            Self::Left(_) | Self::InTime => None,
        }
    }
}

/// How the deadline `due` stands on `today`, for work that was done on `done`. The last day itself is in time.
pub fn standing(due: Date, done: Option<Date>, today: Date) -> Standing {
    match done {
        Some(done) if done > due => Standing::DoneLate(days_between(due, done)),
        Some(_) => Standing::InTime,
        None if today > due => Standing::Overdue(days_between(due, today)),
        None => Standing::Left(days_between(today, due)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn instant(text: &str) -> Timestamp {
        text.parse().expect("a timestamp of this test")
    }

    fn day(text: &str) -> Date {
        text.parse().expect("a day of this test")
    }

    #[test]
    fn a_day_ends_at_midnight_in_viet_nam() {
        assert_eq!(day_of(instant("2023-10-31T16:59:59Z")), day("2023-10-31"));
        assert_eq!(day_of(instant("2023-10-31T17:00:00Z")), day("2023-11-01"));
        assert_eq!(start_of(day("2023-11-01")), instant("2023-10-31T17:00:00Z"));
    }

    #[test]
    fn the_last_day_is_in_time_and_the_next_is_one_day_late() {
        let due = day("2023-10-31");
        assert_eq!(standing(due, None, day("2023-10-20")), Standing::Left(11));
        assert_eq!(standing(due, None, due), Standing::Left(0));
        assert_eq!(standing(due, None, day("2023-11-01")), Standing::Overdue(1));
        assert_eq!(standing(due, Some(due), day("2023-12-01")), Standing::InTime);
        assert_eq!(standing(due, Some(day("2023-11-03")), day("2023-12-01")), Standing::DoneLate(3));
    }

    #[test]
    fn days_are_counted_over_months_and_years() {
        assert_eq!(days_between(day("2023-03-31"), day("2023-10-20")), 203);
        assert_eq!(days_between(day("2024-01-01"), day("2023-12-31")), -1);
    }
}
