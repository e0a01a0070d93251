//! Points, deadlines and days as documents print them.

use std::sync::LazyLock;

use criteria::Number;
use criteria::date::{Day, MonthDay};
use regex::Regex;

use super::plain::plain;

/// A pattern over plain text.
pub fn pattern(pattern: &str) -> Regex {
    Regex::new(pattern).expect("patterns are constants and a test compiles each")
}

/// A decimal with a comma or a dot, as documents print it; leading zeros are none of its value.
pub fn decimal(text: &str) -> Option<Number> {
    let text = text.trim().replace(',', ".");
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    if whole.is_empty() || whole.len() > 9 || fraction.len() > 6 {
        return None;
    }
    let whole = whole.trim_start_matches('0');
    let whole = if whole.is_empty() { "0" } else { whole };
    Number::parse(&if fraction.is_empty() { whole.to_owned() } else { format!("{whole}.{fraction}") })
}

/// The points of a cell of points: `10`, `0,5`, `10đ`, `10 điểm`, `(10)`.
pub fn points(cell: &str) -> Option<Number> {
    static POINTS: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"^\(?(?:toi da )?:?\s*(\d{1,5}(?:[.,]\d{1,4})?)\s*(?:d|diem)?\)?\.?$"));
    let plain = plain(cell);
    decimal(POINTS.captures(&plain)?.get(1)?.as_str())
}

/// Points behind a name: `Nhận thức số (90 điểm)`.
pub fn points_behind(name: &str) -> Option<Number> {
    static BEHIND: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"[(:-]\s*(?:tong )?(?:toi da )?(\d{1,5}(?:[.,]\d{1,4})?)\s*(?:d|diem)\)?\.?$"));
    let plain = plain(name);
    decimal(BEHIND.captures(&plain)?.get(1)?.as_str())
}

/// The deadlines of a cell, in order and each once; days of a year.
pub fn deadlines(cell: &str) -> Vec<MonthDay> {
    static DAYS: LazyLock<Regex> = LazyLock::new(|| {
        pattern(r"(?:^|[^\d./-])(\d{1,2})\s?[./-]\s?(\d{1,2})(?:\s?[./-]\s?(?:20)?\d{2})?(?:$|[^\d%])")
    });
    static MONTH: LazyLock<Regex> = LazyLock::new(|| pattern(r"\bthang (\d{1,2})\b"));
    static QUARTER: LazyLock<Regex> = LazyLock::new(|| pattern(r"\bquy (iv|iii|ii|i|[1-4])\b"));
    static WORDY: LazyLock<Regex> = LazyLock::new(|| pattern(r"\bngay (\d{1,2}) thang (\d{1,2})\b"));
    let plain = plain(cell);
    let mut days = Vec::new();
    let add = |days: &mut Vec<MonthDay>, month: u32, day: u32| {
        if let Some(day) = MonthDay::parse(&format!("{month:02}-{day:02}"))
            && !days.contains(&day)
        {
            days.push(day);
        }
    };
    let number = |text: Option<regex::Match<'_>>| text.and_then(|text| text.as_str().parse().ok()).unwrap_or(0);
    // A separator belongs to the date before and to the one behind: look again from the end of each date.
    let mut from = 0;
    while let Some(found) = DAYS.captures_at(&plain, from) {
        add(&mut days, number(found.get(2)), number(found.get(1)));
        from = found.get(2).map_or(plain.len(), |month| month.end());
    }
    for found in WORDY.captures_iter(&plain) {
        add(&mut days, number(found.get(2)), number(found.get(1)));
    }
    if days.is_empty() {
        for found in MONTH.captures_iter(&plain) {
            let month = number(found.get(1));
            add(&mut days, month, last_day(month));
        }
    }
    if days.is_empty() {
        for found in QUARTER.captures_iter(&plain) {
            let month = match &found[1] {
                "i" | "1" => 3,
                "ii" | "2" => 6,
                "iii" | "3" => 9,
                _ => 12,
            };
            add(&mut days, month, last_day(month));
        }
    }
    days
}

fn last_day(month: u32) -> u32 {
    match month {
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// The first full date of a text: `27/9/2023`, `ngày 27 tháng 9 năm 2023`.
pub fn day(text: &str) -> Option<Day> {
    static DAY: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"\b(\d{1,2})\s?(?:[./-]|thang)\s?(\d{1,2})\s?(?:[./-]|nam)\s?((?:19|20)\d{2})\b"));
    let plain = plain(text);
    DAY.captures_iter(&plain).find_map(|found| {
        let (day, month): (u32, u32) = (found[1].parse().ok()?, found[2].parse().ok()?);
        Day::parse(&format!("{}-{month:02}-{day:02}", &found[3]))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn due(cell: &str) -> Vec<String> {
        deadlines(cell).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn points_are_read_as_printed() {
        for (cell, expected) in [("10", "10"), ("0,5", "0.5"), ("01 điểm", "1"), ("2,5đ", "2.5"), (" 600 ", "600")]
        {
            assert_eq!(points(cell).map(|points| points.to_string()).as_deref(), Some(expected), "{cell}");
        }
        for cell in ["", "10-20", "31.10.2023", "Tối thiểu 10", "x"] {
            assert_eq!(points(cell), None, "{cell}");
        }
        assert_eq!(points_behind("Nhận thức số (90 điểm)").map(|points| points.to_string()).as_deref(), Some("90"));
    }

    #[test]
    fn deadlines_are_days_of_the_year() {
        assert_eq!(due("31.10"), ["10-31"]);
        assert_eq!(due("Thời gian hoàn thành 31/01"), ["01-31"]);
        assert_eq!(due("31/3, 30/6; 30/9 và 31/12/2024"), ["03-31", "06-30", "09-30", "12-31"]);
        assert_eq!(due("trước ngày 15 tháng 11 hằng năm"), ["11-15"]);
        assert_eq!(due("Quý IV"), ["12-31"]);
        assert_eq!(due("Tháng 6"), ["06-30"]);
        assert!(due("Nghị định 42/2022/NĐ-CP").is_empty());
        assert!(due("40/13; 32.10; 50%").is_empty());
    }

    #[test]
    fn a_date_is_found_in_words() {
        assert_eq!(day("ngày 08 tháng 5 năm 2024").map(|day| day.to_string()).as_deref(), Some("2024-05-08"));
        assert_eq!(day("ngày: 27/9/2023 của").map(|day| day.to_string()).as_deref(), Some("2023-09-27"));
    }
}
