//! Values as Vietnamese officials type them: `1.234,5`, `37/120`, `85 %`, `x`, `có`, `31/10/2023`.
//!
//! A number such as `1.234` is one thousand and more in Vietnamese and one and a quarter in English. Which it is, is
//! decided for a whole column from the values that leave no doubt, and never guessed.

use criteria::date::{Date, Day};
use criteria::model::{Figure, FigureKind};
use criteria::{Number, Text};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::cell::Cell;
use crate::number_text;

/// Which sign stands before the decimals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notation {
    /// `1.234,5`
    Vietnamese,
    /// `1,234.5`
    English,
}

/// What a number's own signs say about its notation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hint {
    /// It reads the same in both, or is no number.
    Neutral,
    /// Only Vietnamese.
    Vietnamese,
    /// Only English.
    English,
    /// Two different numbers, one in each.
    Ambiguous,
}

/// A value as it came in.
#[derive(Clone, Debug, PartialEq)]
pub enum RawValue {
    /// Typed text.
    Text(String),
    /// A number that a program wrote, with a point before the decimals.
    Plain(String),
    /// A number in a cell of a spreadsheet; a share there is a fraction of 1.
    Cell(String),
    /// Yes or no.
    Bool(bool),
    /// A day.
    Date(Date),
}

impl RawValue {
    /// The value as a person would see it.
    pub fn typed(&self) -> String {
        match self {
            Self::Text(text) => text.trim().to_owned(),
            Self::Plain(text) | Self::Cell(text) => text.clone(),
            Self::Bool(answer) => if *answer { "x" } else { "không" }.to_owned(),
            Self::Date(date) => Day(*date).to_string(),
        }
    }

    /// Whether nothing stands there.
    pub fn is_blank(&self) -> bool {
        matches!(self, Self::Text(text) if text.trim().is_empty())
    }
}

/// Letters without marks, lower case, đ as d, one space between words: for comparing what people type.
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for letter in text.nfd().filter(|letter| !is_combining_mark(*letter)).flat_map(char::to_lowercase) {
        folded.push(if letter == 'đ' { 'd' } else { letter });
    }
    folded.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What a typed value says about the notation of its column.
pub fn hint(text: &str, kind: FigureKind) -> Hint {
    if !kind.is_quantity() {
        return Hint::Neutral;
    }
    let mut found = Hint::Neutral;
    for number in text.trim().trim_end_matches('%').split('/') {
        let one = hint_of_number(&without_spaces(number));
        found = match (found, one) {
            (known, Hint::Neutral) => known,
            (Hint::Neutral | Hint::Ambiguous, other) => other,
            (known, _) => known,
        };
    }
    found
}

fn without_spaces(text: &str) -> String {
    text.chars().filter(|letter| !letter.is_whitespace() && !matches!(letter, '\u{a0}' | '\u{202f}')).collect()
}

fn hint_of_number(number: &str) -> Hint {
    let digits = number.trim_start_matches(['-', '+']);
    if !digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.' || byte == b',') {
        return Hint::Neutral;
    }
    let (dots, commas) = (digits.matches('.').count(), digits.matches(',').count());
    match (dots, commas) {
        (0, 0) => Hint::Neutral,
        (1, 0) | (0, 1) => {
            let (whole, rest) = digits.split_once(['.', ',']).unwrap_or((digits, ""));
            let groups = rest.len() == 3 && (1..=3).contains(&whole.len()) && !whole.starts_with('0');
            match (groups, dots == 1) {
                (true, _) => Hint::Ambiguous,
                (false, true) => Hint::English,
                (false, false) => Hint::Vietnamese,
            }
        }
        (_, 0) => Hint::Vietnamese,
        (0, _) => Hint::English,
        _ if digits.rfind(',') > digits.rfind('.') => Hint::Vietnamese,
        _ => Hint::English,
    }
}

/// A number as typed, in `notation`. Groups must be of three digits.
pub fn number(text: &str, notation: Notation) -> Result<Number, Text> {
    let compact = without_spaces(text);
    let (group, decimal) = match notation {
        Notation::Vietnamese => ('.', ','),
        Notation::English => (',', '.'),
    };
    let (whole, fraction) = match compact.split_once(decimal) {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (compact.as_str(), None),
    };
    let (sign, digits) = whole.strip_prefix('-').map_or(("", whole), |rest| ("-", rest));
    let groups: Vec<&str> = digits.split(group).collect();
    let grouped = groups.len() == 1
        || ((1..=3).contains(&groups[0].len())
            && groups[1..].iter().all(|one| one.len() == 3)
            && !groups[0].starts_with('0'));
    let plain =
        format!("{sign}{}{}{}", groups.concat(), if fraction.is_some() { "." } else { "" }, fraction.unwrap_or(""));
    if grouped && let Some(number) = Number::parse(&plain) {
        return Ok(number);
    }
    let decimals = fraction.map_or(0, str::len);
    if grouped && decimals > 6 && plain.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.' || byte == b'-') {
        return Err(Text::new(
            format!("“{text}” có {decimals} chữ số lẻ; tối đa 6"),
            format!("\"{text}\" has {decimals} decimals; at most 6 are kept"),
        ));
    }
    Err(Text::new(
        format!("“{text}” không phải là một số (ví dụ 1.234,5)"),
        format!("\"{text}\" is not a number (such as 1.234,5)"),
    ))
}

/// Reads a value for `figure`. A blank is [`Cell::Missing`].
///
/// # Errors
/// What the value is not, and what would be understood.
pub fn read(figure: &Figure, value: &RawValue, notation: Notation) -> Result<Cell, Text> {
    if value.is_blank() {
        return Ok(Cell::Missing);
    }
    match figure.kind {
        FigureKind::YesNo => yes_no(value),
        FigureKind::Count | FigureKind::Number | FigureKind::Money | FigureKind::Points => {
            quantity(value, notation, figure.kind).map(Cell::Number)
        }
        FigureKind::Share => share(value, notation),
        FigureKind::Choice => choice(figure, value),
        FigureKind::Date => date(value).map(Cell::Date),
        FigureKind::Text => Ok(Cell::Text),
    }
}

/// A value as a Vietnamese official types it, so that a field takes it back as it is: for what a file held in another way.
pub fn typed(figure: &Figure, cell: Cell, as_given: &str) -> String {
    let number = |millionths| number_text::vietnamese(Number::from_millionths(millionths));
    let (one, hundred) = (Number::ONE.millionths(), 100 * Number::ONE.millionths());
    match cell {
        Cell::Missing => String::new(),
        Cell::YesNo(answer) => if answer { "yes" } else { "no" }.to_owned(),
        Cell::Number(value) => number_text::vietnamese(value),
        Cell::Ratio(part, whole) if whole == hundred => format!("{} %", number(part)),
        Cell::Ratio(part, whole) if whole == one && part <= one => format!("{} %", number(part * 100)),
        Cell::Ratio(part, whole) => format!("{}/{}", number(part), number(whole)),
        Cell::Option(option) => figure.options.get(option).map(|option| option.id.clone()).unwrap_or_default(),
        Cell::Date(date) => format!("{:02}/{:02}/{}", date.day(), date.month(), date.year()),
        Cell::Text => as_given.to_owned(),
    }
}

fn yes_no(value: &RawValue) -> Result<Cell, Text> {
    let folded = match value {
        RawValue::Bool(answer) => return Ok(Cell::YesNo(*answer)),
        RawValue::Date(_) => String::new(),
        RawValue::Text(text) | RawValue::Plain(text) | RawValue::Cell(text) => fold(text),
    };
    match folded.as_str() {
        "x" | "co" | "yes" | "y" | "true" | "1" | "da" | "dat" | "✓" | "v" => Ok(Cell::YesNo(true)),
        "khong" | "no" | "n" | "false" | "0" | "chua" | "khong dat" => Ok(Cell::YesNo(false)),
        _ => Err(Text::new(
            format!("“{}” không phải là có hay không (ghi: x, có, không)", value.typed()),
            format!("\"{}\" is neither yes nor no (write: x, có, không, yes, no)", value.typed()),
        )),
    }
}

fn quantity(value: &RawValue, notation: Notation, kind: FigureKind) -> Result<Number, Text> {
    let number = match value {
        RawValue::Text(text) => number(text, notation)?,
        RawValue::Plain(text) | RawValue::Cell(text) => number(text, Notation::English)?,
        RawValue::Bool(_) | RawValue::Date(_) => {
            return Err(Text::new(
                format!("“{}” không phải là một số", value.typed()),
                format!("\"{}\" is not a number", value.typed()),
            ));
        }
    };
    if number < Number::ZERO {
        return Err(Text::new(
            format!("“{}” là số âm; phải từ 0 trở lên", value.typed()),
            format!("\"{}\" is negative; 0 or more is needed", value.typed()),
        ));
    }
    if kind == FigureKind::Count && !number.is_whole() {
        return Err(Text::new(
            format!("“{}” không phải là số nguyên", value.typed()),
            format!("\"{}\" is not a whole number", value.typed()),
        ));
    }
    Ok(number)
}

fn share(value: &RawValue, notation: Notation) -> Result<Cell, Text> {
    let hundred = 100 * Number::ONE.millionths();
    let cell = match value {
        RawValue::Cell(text) => Cell::Ratio(number(text, Notation::English)?.millionths(), Number::ONE.millionths()),
        RawValue::Text(text) | RawValue::Plain(text) => {
            let notation = if matches!(value, RawValue::Plain(_)) { Notation::English } else { notation };
            let text = text.trim();
            if let Some(percent) = text.strip_suffix('%') {
                Cell::Ratio(number(percent, notation)?.millionths(), hundred)
            } else if let Some((part, whole)) = text.split_once('/') {
                let (part, whole) = (number(part, notation)?, number(whole, notation)?);
                if whole <= Number::ZERO {
                    return Err(Text::new(
                        format!("“{text}”: mẫu số phải lớn hơn 0"),
                        format!("\"{text}\": the whole must be more than 0"),
                    ));
                }
                Cell::Ratio(part.millionths(), whole.millionths())
            } else {
                let number = number(text, notation)?;
                if number > Number::ZERO && number <= Number::ONE {
                    return Err(Text::new(
                        format!(
                            "“{text}” có thể là {text} % hoặc {text} phần một; hãy ghi kèm dấu %, hoặc dạng 37/120"
                        ),
                        format!("\"{text}\" may be a percentage or a fraction of one; write it with % or as 37/120"),
                    ));
                }
                Cell::Ratio(number.millionths(), hundred)
            }
        }
        RawValue::Bool(_) | RawValue::Date(_) => {
            return Err(Text::new(
                format!("“{}” không phải là một tỷ lệ", value.typed()),
                format!("\"{}\" is not a share", value.typed()),
            ));
        }
    };
    match cell {
        Cell::Ratio(part, whole) if part < 0 || part > whole => Err(Text::new(
            format!("“{}” nằm ngoài 0 % … 100 %", value.typed()),
            format!("\"{}\" is not within 0 % … 100 %", value.typed()),
        )),
        cell => Ok(cell),
    }
}

fn choice(figure: &Figure, value: &RawValue) -> Result<Cell, Text> {
    let typed = value.typed();
    let by_id = figure.options.iter().position(|option| option.id == typed);
    let by_label = || {
        let folded = fold(&typed);
        figure.options.iter().position(|option| fold(&option.label) == folded || option.id == folded)
    };
    by_id.or_else(by_label).map(Cell::Option).ok_or_else(|| {
        let known: Vec<String> =
            figure.options.iter().map(|option| format!("{} ({})", option.id, option.label)).collect();
        let known = known.join(", ");
        Text::new(
            format!("“{typed}” không phải là một trong các lựa chọn: {known}"),
            format!("\"{typed}\" is none of the options: {known}"),
        )
    })
}

fn date(value: &RawValue) -> Result<Date, Text> {
    let typed = value.typed();
    if let RawValue::Date(date) = value {
        return Ok(*date);
    }
    if let Some(Day(date)) = Day::parse(&typed) {
        return Ok(date);
    }
    let pieces: Vec<&str> = typed.split(['/', '.', '-']).map(str::trim).collect();
    if let [day, month, year] = pieces[..]
        && year.len() == 4
        && let (Ok(day), Ok(month), Ok(year)) = (day.parse(), month.parse(), year.parse())
        && let Ok(date) = Date::new(year, month, day)
    {
        return Ok(date);
    }
    Err(Text::new(
        format!("“{typed}” không phải là ngày có thật (ghi: 31/10/2023)"),
        format!("\"{typed}\" is not a day of the calendar (write: 31/10/2023)"),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figure(kind: FigureKind) -> Figure {
        Figure {
            id: "x".to_owned(),
            no: None,
            label: "x".to_owned(),
            kind,
            unit: None,
            from: None,
            options: vec![criteria::model::FigureOption {
                id: "head".to_owned(), label: "Người đứng đầu".to_owned()
            }],
            added: None,
        }
    }

    fn check(kind: FigureKind, typed: &str, notation: Notation, expected: Option<Cell>) {
        let cell = read(&figure(kind), &RawValue::Text(typed.to_owned()), notation).ok();
        assert_eq!(cell, expected, "{typed:?} as {}", kind.name());
    }

    fn whole(value: i64) -> Option<Cell> {
        Number::whole(value).map(Cell::Number)
    }

    #[test]
    fn numbers_are_read_as_officials_type_them() {
        let decimal = |text| Number::parse(text).map(Cell::Number);
        for (typed, expected) in [
            ("1.234", whole(1234)),
            ("1 234", whole(1234)),
            ("1.234,5", None),
            ("1.234.567", whole(1_234_567)),
            ("0", whole(0)),
            ("-3", None),
            ("12.34", None),
            ("ba mươi", None),
            ("", Some(Cell::Missing)),
            ("  ", Some(Cell::Missing)),
        ] {
            check(FigureKind::Count, typed, Notation::Vietnamese, expected);
        }
        check(FigureKind::Money, "1.234,5", Notation::Vietnamese, decimal("1234.5"));
        check(FigureKind::Money, "1,234.5", Notation::English, decimal("1234.5"));
        check(FigureKind::Number, "0,1234567", Notation::Vietnamese, None);
    }

    #[test]
    fn shares_are_exact_and_a_bare_fraction_is_refused() {
        let hundred = 100_000_000;
        for (typed, expected) in [
            ("85 %", Some(Cell::Ratio(85_000_000, hundred))),
            ("85", Some(Cell::Ratio(85_000_000, hundred))),
            ("72,60%", Some(Cell::Ratio(72_600_000, hundred))),
            ("37/120", Some(Cell::Ratio(37_000_000, 120_000_000))),
            ("1.200/2.400", Some(Cell::Ratio(1_200_000_000, 2_400_000_000))),
            ("0", Some(Cell::Ratio(0, hundred))),
            ("0,85", None),
            ("1", None),
            ("101%", None),
            ("3/0", None),
            ("5/4", None),
        ] {
            check(FigureKind::Share, typed, Notation::Vietnamese, expected);
        }
    }

    #[test]
    fn answers_and_days_are_understood_with_and_without_marks() {
        for typed in ["x", "X", "có", "Co", "yes", "1"] {
            check(FigureKind::YesNo, typed, Notation::Vietnamese, Some(Cell::YesNo(true)));
        }
        for typed in ["không", "KHONG", "no", "chưa"] {
            check(FigureKind::YesNo, typed, Notation::Vietnamese, Some(Cell::YesNo(false)));
        }
        check(FigureKind::YesNo, "-", Notation::Vietnamese, None);
        for typed in ["head", "Người đứng đầu", "nguoi dung dau"] {
            check(FigureKind::Choice, typed, Notation::Vietnamese, Some(Cell::Option(0)));
        }
        let day = Date::new(2023, 10, 31).ok().map(Cell::Date);
        for typed in ["31/10/2023", "2023-10-31", "31.10.2023", "31-10-2023"] {
            check(FigureKind::Date, typed, Notation::Vietnamese, day);
        }
        check(FigureKind::Date, "31/02/2023", Notation::Vietnamese, None);
        check(FigureKind::Date, "10/31/2023", Notation::Vietnamese, None);
    }

    #[test]
    fn a_number_tells_its_notation_only_where_there_is_no_doubt() {
        for (typed, expected) in [
            ("1234", Hint::Neutral),
            ("1.234", Hint::Ambiguous),
            ("1,234", Hint::Ambiguous),
            ("0.125", Hint::English),
            ("12,5", Hint::Vietnamese),
            ("1.234,5", Hint::Vietnamese),
            ("1,234.5", Hint::English),
            ("1.234.567", Hint::Vietnamese),
            ("72,60 %", Hint::Vietnamese),
            ("1.200/2.400,5", Hint::Vietnamese),
        ] {
            assert_eq!(hint(typed, FigureKind::Number), expected, "{typed}");
        }
    }
}
