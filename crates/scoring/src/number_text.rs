//! Numbers as people read them: `1.234,5` in Vietnamese, `1,234.5` in English.

use criteria::{Language, Number};

/// A number for a Vietnamese reader: `1.234,5`.
pub fn vietnamese(number: Number) -> String {
    grouped(&number.to_string(), '.', ',')
}

/// A number for an English reader: `1,234.5`.
pub fn english(number: Number) -> String {
    grouped(&number.to_string(), ',', '.')
}

/// A number for a reader of `language`.
pub fn number(number: Number, language: Language) -> String {
    match language {
        Language::Vietnamese => vietnamese(number),
        Language::English => english(number),
    }
}

/// Points for a reader of `language`, with at least `places` decimals.
pub fn points(points: Number, places: u8, language: Language) -> String {
    let text = points.with_places(places);
    match language {
        Language::Vietnamese => grouped(&text, '.', ','),
        Language::English => grouped(&text, ',', '.'),
    }
}

fn grouped(text: &str, group: char, decimal: char) -> String {
    let (sign, digits) = text.strip_prefix('-').map_or(("", text), |rest| ("-", rest));
    let (whole, fraction) = digits.split_once('.').map_or((digits, None), |(whole, fraction)| (whole, Some(fraction)));
    let mut out = String::from(sign);
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index) % 3 == 0 {
            out.push(group);
        }
        out.push(digit);
    }
    if let Some(fraction) = fraction {
        out.push(decimal);
        out.push_str(fraction);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_people_read_them() {
        let million = Number::parse("-1234567.5").expect("a decimal");
        assert_eq!(vietnamese(million), "-1.234.567,5");
        assert_eq!(english(million), "-1,234,567.5");
        assert_eq!(points(Number::parse("7.5").expect("a decimal"), 2, Language::Vietnamese), "7,50");
        assert_eq!(vietnamese(Number::parse("100").expect("a decimal")), "100");
    }
}
