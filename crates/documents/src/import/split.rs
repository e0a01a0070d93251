//! "1. Nội dung thực hiện … 2. Điều kiện đảm bảo … 3. Tài liệu kiểm chứng": one cell with three headings is three cells.

use std::sync::LazyLock;

use regex::Regex;

use super::plain::Plain;
use super::values::pattern;

/// A cell taken apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Split {
    /// What stands under no heading, or under "Nội dung thực hiện".
    pub guidance: String,
    /// What stands under "Điều kiện đảm bảo" or "Cách tính điểm".
    pub conditions: String,
    /// What stands under "Tài liệu kiểm chứng".
    pub evidence: String,
    /// The headings, as printed.
    pub headings: Vec<String>,
}

/// Takes a cell apart at its headings: a heading has a number before it or a colon behind it.
pub fn split(cell: &str) -> Split {
    static HEADING: LazyLock<Regex> = LazyLock::new(|| {
        pattern(concat!(
            r"(?:^| )(?:(?P<number>[1-9a-c][.)]) ?)?",
            r"(?:(?P<guidance>noi dung (?:thuc hien|cong viec|trien khai)(?: va dieu kien dam bao)?)",
            r"|(?P<conditions>dieu kien (?:dam bao|bao dam|tinh diem|dat)|cach (?:tinh|cham) diem|phuong phap tinh diem)",
            r"|(?P<evidence>(?:tai lieu|ho so) (?:kiem chung|minh chung|chung minh)|minh chung))",
            r" ?(?P<colon>:)?"
        ))
    });
    let plain = Plain::new(cell);
    let mut out = Split::default();
    let mut open = "guidance";
    let mut from = 0;
    let mut take = |kind: &str, range: std::ops::Range<usize>| {
        let words =
            plain.printed(range).trim_start_matches(['-', '+', ' ', ':']).trim_end_matches(super::rules::JOINT).trim();
        let words = words.trim_start_matches(super::rules::JOINT).trim_start_matches(['-', ' ']);
        let into = match kind {
            "conditions" => &mut out.conditions,
            "evidence" => &mut out.evidence,
            _ => &mut out.guidance,
        };
        if !words.is_empty() {
            if !into.is_empty() {
                into.push_str(" […] ");
            }
            into.push_str(words);
        }
    };
    let mut headings = Vec::new();
    for found in HEADING.captures_iter(&plain.text) {
        if found.name("number").is_none() && found.name("colon").is_none() {
            continue;
        }
        let Some(whole) = found.get(0) else { continue };
        let kind = ["guidance", "conditions", "evidence"].into_iter().find(|name| found.name(name).is_some());
        take(open, from..whole.start());
        headings.push(plain.printed(whole.range()).to_owned());
        (open, from) = (kind.unwrap_or(open), whole.end());
    }
    take(open, from..plain.text.len());
    out.headings = headings;
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_take_a_cell_apart() {
        let cell = "1. Nội dung thực hiện: - Thành lập ban. 2. Điều kiện đảm bảo: - Có tổ chức: 1 điểm 3. Tài liệu kiểm chứng: Quyết định";
        let split = split(cell);
        assert_eq!(split.guidance, "Thành lập ban.");
        assert_eq!(split.conditions, "Có tổ chức: 1 điểm");
        assert_eq!(split.evidence, "Quyết định");
        assert_eq!(split.headings[1], "2. Điều kiện đảm bảo:");
    }

    #[test]
    fn words_that_only_mention_a_heading_stay_whole() {
        let split = split("Gửi tài liệu kiểm chứng về Sở, đáp ứng điều kiện đảm bảo theo quy định");
        assert!(split.headings.is_empty());
        assert!(split.conditions.is_empty());
    }
}
