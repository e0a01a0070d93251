//! Files of figures as CSV and JSON, into rows. Workbooks are read in the crate `documents`.

use criteria::{Text, limits};
use serde_json::Value as Json;

use crate::figures::{RawFigure, Refusal};
use crate::notation::RawValue;

/// The header of a CSV file of figures.
pub const CSV_HEADER: [&str; 4] = ["unit", "indicator", "figure", "value"];

/// Rows of a CSV file with the header `unit,indicator,figure,value`; separated by commas or semicolons.
///
/// A profile figure leaves `indicator` empty, a figure of the round leaves `unit` empty too.
///
/// # Errors
/// A header that is another, rows with too few or too many fields, bytes that are no UTF-8.
pub fn from_csv(file: &str, bytes: &[u8]) -> Result<Vec<RawFigure>, Vec<Refusal>> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let first_line = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let delimiter = if first_line.contains(&b';') { b';' } else { b',' };
    let mut reader = csv::ReaderBuilder::new().delimiter(delimiter).flexible(true).from_reader(bytes);
    let header: Vec<String> = match reader.headers() {
        Ok(header) => header.iter().map(|name| name.trim().to_owned()).collect(),
        Err(error) => return Err(vec![unreadable(file, &error)]),
    };
    if header != CSV_HEADER {
        let (expected, found) = (CSV_HEADER.join(","), header.join(","));
        return Err(vec![Refusal::new(
            format!("{file}:1"),
            Text::new(
                format!("dòng đầu phải là “{expected}”, ở đây là “{found}”"),
                format!("the first line must be \"{expected}\", here it is \"{found}\""),
            ),
        )]);
    }
    let (mut rows, mut refusals) = (Vec::new(), Vec::new());
    let mut lines = Lines { bytes, seen: 0, line: 1 };
    for record in reader.records() {
        if rows.len() > limits::FIGURES_MAX {
            break;
        }
        let record = match record {
            Ok(record) => record,
            Err(error) => {
                refusals.push(unreadable(file, &error));
                continue;
            }
        };
        let start = record.position().map_or(0, |at| usize::try_from(at.byte()).unwrap_or(0));
        let line = lines.at(start);
        let place = format!("{file}:{line}");
        if record.len() != CSV_HEADER.len() {
            let found = record.len();
            refusals.push(Refusal::new(
                place,
                Text::new(
                    format!("có {found} ô, cần 4 (giá trị có dấu phẩy phải đặt trong ngoặc kép)"),
                    format!("{found} fields, 4 are needed (a value with a comma goes in quotes)"),
                ),
            ));
            continue;
        }
        let field = |index: usize| record.get(index).unwrap_or_default().trim();
        let optional = |index: usize| Some(field(index)).filter(|text| !text.is_empty()).map(str::to_owned);
        rows.push(RawFigure {
            unit: optional(0),
            indicator: optional(1),
            figure: field(2).to_owned(),
            value: RawValue::Text(field(3).to_owned()),
            place,
            column: "value".to_owned(),
        });
    }
    if refusals.is_empty() { Ok(rows) } else { Err(refusals) }
}

/// Counts lines as an editor does: the reader of CSV passes over blank ones before it begins a record.
struct Lines<'b> {
    bytes: &'b [u8],
    seen: usize,
    line: usize,
}

impl Lines<'_> {
    /// The line of what begins at a byte or, where that is blank, after it.
    fn at(&mut self, start: usize) -> usize {
        let rest = self.bytes.get(start..).unwrap_or_default();
        let blank = rest.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        let passed = self.bytes.get(self.seen..start + blank).unwrap_or_default();
        self.line += passed.iter().filter(|byte| **byte == b'\n').count();
        self.seen = self.seen.max(start + blank);
        self.line
    }
}

fn unreadable(file: &str, error: &csv::Error) -> Refusal {
    let line = error.position().map_or(1, csv::Position::line);
    let place = format!("{file}:{line}");
    match error.kind() {
        csv::ErrorKind::Utf8 { .. } => Refusal::new(
            place,
            Text::new("không phải UTF-8; hãy lưu tệp dạng CSV UTF-8", "not UTF-8; save the file as CSV UTF-8"),
        ),
        _ => Refusal::new(
            place,
            Text::new(format!("không đọc được CSV: {error}"), format!("not readable as CSV: {error}")),
        ),
    }
}

/// Rows of a JSON file: `{"round": {…}, "units": [{"unit", "profile": {…}, "indicators": {"I.1.1": {…}}}]}`.
/// Values are strings as people type them, or JSON numbers and booleans.
///
/// # Errors
/// What is not JSON, and every key and value of another shape, with its path.
pub fn from_json(file: &str, bytes: &[u8]) -> Result<Vec<RawFigure>, Vec<Refusal>> {
    let root: Json = match serde_json::from_slice(bytes) {
        Ok(root) => root,
        Err(error) => {
            let place = format!("{file}:{}:{}", error.line(), error.column());
            return Err(vec![Refusal::new(
                place,
                Text::new(format!("không phải JSON: {error}"), format!("not JSON: {error}")),
            )]);
        }
    };
    let mut walk = JsonWalk { file, rows: Vec::new(), refusals: Vec::new() };
    walk.root(&root);
    if walk.refusals.is_empty() { Ok(walk.rows) } else { Err(walk.refusals) }
}

struct JsonWalk<'a> {
    file: &'a str,
    rows: Vec<RawFigure>,
    refusals: Vec<Refusal>,
}

impl JsonWalk<'_> {
    fn refuse(&mut self, path: &str, vi: &str, en: &str) {
        self.refusals.push(Refusal::new(format!("{}, {path}", self.file), Text::new(vi, en)));
    }

    fn root(&mut self, root: &Json) {
        let Some(root) = root.as_object() else {
            return self.refuse("/", "cần một đối tượng có “units”", "an object with \"units\" is needed");
        };
        for (key, value) in root {
            match key.as_str() {
                "round" => self.figures("/round", None, None, value),
                "units" => self.units(value),
                "set" | "year" | "made_up" => {}
                _ => {
                    self.refuse(&format!("/{key}"), "khoá lạ; có: round, units", "unknown key; there are: round, units")
                }
            }
        }
    }

    fn units(&mut self, units: &Json) {
        let Some(units) = units.as_array() else {
            return self.refuse("/units", "cần một danh sách", "a list is needed");
        };
        for (index, unit) in units.iter().enumerate() {
            let path = format!("/units/{index}");
            let Some(name) = unit["unit"].as_str().map(str::trim).filter(|name| !name.is_empty()) else {
                self.refuse(
                    &path,
                    "thiếu “unit” (tên hoặc mã đơn vị)",
                    "\"unit\" is missing (the unit's name or code)",
                );
                continue;
            };
            for (key, value) in unit.as_object().into_iter().flatten() {
                match key.as_str() {
                    "unit" => {}
                    "profile" => self.figures(&format!("{path}/profile"), Some(name), None, value),
                    "indicators" => {
                        let Some(indicators) = value.as_object() else {
                            self.refuse(&format!("{path}/indicators"), "cần một đối tượng", "an object is needed");
                            continue;
                        };
                        for (id, figures) in indicators {
                            self.figures(&format!("{path}/indicators/{id}"), Some(name), Some(id), figures);
                        }
                    }
                    _ => self.refuse(
                        &format!("{path}/{key}"),
                        "khoá lạ; có: unit, profile, indicators",
                        "unknown key; there are: unit, profile, indicators",
                    ),
                }
            }
        }
    }

    fn figures(&mut self, path: &str, unit: Option<&str>, indicator: Option<&str>, figures: &Json) {
        let Some(figures) = figures.as_object() else {
            return self.refuse(path, "cần một đối tượng", "an object is needed");
        };
        for (id, value) in figures {
            let path = format!("{path}/{id}");
            let value = match value {
                Json::Null => continue,
                Json::String(text) => RawValue::Text(text.clone()),
                Json::Number(number) => RawValue::Plain(number.to_string()),
                Json::Bool(answer) => RawValue::Bool(*answer),
                Json::Array(_) | Json::Object(_) => {
                    self.refuse(&path, "cần một giá trị đơn", "a single value is needed");
                    continue;
                }
            };
            self.rows.push(RawFigure {
                unit: unit.map(str::to_owned),
                indicator: indicator.map(str::to_owned),
                figure: id.clone(),
                value,
                place: format!("{}, {path}", self.file),
                column: "json".to_owned(),
            });
        }
    }
}
