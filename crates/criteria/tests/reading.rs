//! Strict reading: each slip of a small set is told at its place, in both languages; nothing makes the reader panic;
//! the content hash is of the words and not of their layout.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

mod common;

use criteria::{CriteriaSet, Files, Problem};
use proptest::prelude::*;

const HEAD: &str = r#"format  = 1
id      = "small"
title   = "Bộ nhỏ"
level   = "commune"
total   = "30"
year    = 2023
pillars = ["1.toml", "2.toml"]

[document]
kind   = "Quyết định"
number = "1/QĐ"
date   = "2023-09-27"
issuer = "Tỉnh"

[ranking]
tie_breaks = ["II"]
block      = "profile.block"
[[ranking.grade]]
name = "Tốt"
from = "80%"

[[source]]
file   = "source/a.txt"
sha256 = "00"

[[profile]]
id    = "people"
label = "Số dân"
kind  = "count"

[[profile]]
id      = "block"
label   = "Khối"
kind    = "choice"
options = [{ id = "a", label = "A" }]

[[reading]]
id      = "least"
at      = ["I.1"]
asks    = "?"
answer  = "half"
why     = "…"
decides = "Sở"
status  = "open"
numbers = ["5"]
[[reading.variant]]
id    = "half"
label = "Một nửa"
"#;

const FIRST: &str = r#"[pillar]
no   = "I"
name = "Nhóm một"

[[group]]
id   = "I"
no   = "1"
name = "Chỉ số"

[[indicator]]
id      = "I.1"
no      = "1"
group   = "I"
name    = "Tỷ lệ người dân"
points  = "10"
due     = "10-31"
exempt  = [{ when = "none", is = "yes" }]
figures = [
  { id = "part", label = "Số người", kind = "count" },
  { id = "none", label = "Không có", kind = "yes-no" },
]

[indicator.rule]
kind  = "share"
part  = "part"
whole = "profile.people"
empty = "zero"

[[indicator.variant]]
reading = "least"
pick    = "half"
points  = "5"

[[indicator]]
id     = "I.2"
no     = "2"
name   = "Có kế hoạch"
points = "10"
rule   = { kind = "choice", asks = "?", options = [{ id = "a", label = "A", share = "50%" }] }
"#;

const SECOND: &str = r#"[pillar]
no   = "II"
name = "Nhóm hai"

[[indicator]]
id     = "II.1"
no     = "1"
name   = "Tổng"
points = "10"
rule   = { kind = "sum", of = ["II.2"] }

[[indicator]]
id     = "II.2"
no     = "2"
name   = "Con"
points = "10"
rule   = { kind = "each", count = "n", each = "0.5" }
figures = [{ id = "n", label = "Số", kind = "count" }]
"#;

const EXAMPLES: &str = r#"[[example]]
name      = "Một nửa"
indicator = "I.1"
figures   = { part = "1" }
points    = "5"
branch    = "proportional"
"#;

fn small() -> Files {
    let files = [
        ("set.toml", HEAD),
        ("1.toml", FIRST),
        ("2.toml", SECOND),
        ("examples/1.toml", EXAMPLES),
        ("source/a.txt", ""),
    ];
    files.into_iter().map(|(file, text)| (file.to_owned(), text.to_owned())).collect()
}

/// The small set with `old` of a file replaced by `new`.
fn with(changes: &[(&str, &str, &str)]) -> Files {
    let mut files = small();
    for (file, old, new) in changes {
        let text = files.get_mut(*file).unwrap();
        assert_eq!(text.matches(old).count(), 1, "{file} holds once: {old}");
        *text = text.replace(old, new);
    }
    files
}

fn problems(files: &Files) -> Vec<Problem> {
    CriteriaSet::read("small", files).err().unwrap_or_default()
}

/// What is said of changes: `file:line:column`, Vietnamese, English.
fn check(changes: &[(&str, &str, &str)], expected: &[(&str, &str, &str)]) {
    let found: Vec<(String, String, String)> = problems(&with(changes))
        .into_iter()
        .map(|problem| {
            let at = format!("{}:{}:{}", problem.file, problem.line, problem.column);
            (at, problem.message.vi, problem.message.en)
        })
        .collect();
    let expected: Vec<_> =
        expected.iter().map(|(at, vi, en)| (format!("small/{at}"), (*vi).to_owned(), (*en).to_owned())).collect();
    assert_eq!(found, expected, "{changes:#?}");
}

/// The cases of `data/slips.txt`.
#[test]
fn each_slip_is_told_at_its_place_in_both_languages() {
    let mut cases = 0;
    for case in include_str!("data/slips.txt").split("\n\n").filter(|case| !case.starts_with('#')) {
        let (Some(file), rest) = (case.lines().next(), case.lines().skip(1).collect::<Vec<_>>()) else { continue };
        let of = |mark: &str| rest.iter().filter_map(|line| line.strip_prefix(mark)).collect::<Vec<_>>();
        let (old, new) = (of("- ")[0].replace("\\n", "\n"), of("+").concat().trim_start().replace("\\n", "\n"));
        let words = of("  ");
        let expected: Vec<_> =
            of("= ").iter().zip(words.chunks(2)).map(|(at, words)| (*at, words[0], words[1])).collect();
        check(&[(file, &old, &new)], &expected);
        cases += 1;
    }
    assert!(cases > 60, "{cases} cases");
}

#[test]
fn problems_of_several_files_come_back_together() {
    check(
        &[("set.toml", "year    = 2023", "year    = true"), ("1.toml", "kind  = \"share\"", "kind  = \"shares\"")],
        &[(
            "set.toml:6:11",
            "cần một số nguyên, ở đây là true hoặc false",
            "expected a whole number, found true or false",
        )],
    );
    check(
        &[
            ("1.toml", "points  = \"10\"", "points  = \"10đ\""),
            ("1.toml", "empty = \"zero\"", "empti = \"zero\""),
            ("2.toml", "name   = \"Con\"", "name   = 1"),
            ("examples/1.toml", "points    = \"5\"\n", ""),
        ],
        &[
            (
                "1.toml:15:11",
                "“10đ” không phải là một số như \"2.5\" (tối đa 6 chữ số lẻ)",
                "\"10đ\" is not a decimal such as \"2.5\" (at most six places)",
            ),
            (
                "1.toml:27:1",
                "không có khoá `empti` của luật `share`; ý là `empty`?",
                "there is no key `empti` of the rule `share`; did you mean `empty`?",
            ),
            (
                "2.toml:15:10",
                "cần một chuỗi trong ngoặc kép, ở đây là một số nguyên",
                "expected a string in quotes, found a whole number",
            ),
            ("examples/1.toml:1:1", "thiếu khoá `points`", "the key `points` is missing"),
        ],
    );
}

#[test]
fn a_folder_without_a_head_is_no_set() {
    let mut files = small();
    files.remove("set.toml");
    let problems = problems(&files);
    assert_eq!((problems[0].file.as_str(), problems[0].line), ("small/set.toml", 0));
    assert_eq!(problems[0].message.vi, "thiếu tệp set.toml");
    assert_eq!(problems[0].message.en, "the file set.toml is missing");
}

fn hash(files: &Files) -> String {
    CriteriaSet::read("", files).unwrap_or_else(|problems| panic!("{problems:#?}")).hash()
}

#[test]
fn the_content_hash_is_not_of_the_layout() {
    let wanted = hash(&small());
    for changes in [
        &[("set.toml", "[document]", "# Lời bàn\n\n\n[document] # tại đây")][..],
        &[("1.toml", "no   = \"I\"\nname = \"Nhóm một\"", "name=\"Nhóm một\"\nno=\"I\"")],
        &[("1.toml", "\"Tỷ lệ người dân\"", "\"\"\"\nTỷ lệ \\\n   người dân\"\"\"")],
        &[("1.toml", "points  = \"10\"", "points  = \"10.00\"")],
        &[("2.toml", "rule   = { kind = \"sum\", of = [\"II.2\"] }", "rule.of = [\n  \"II.2\",\n]\nrule.kind = 'sum'")],
        &[("set.toml", "[ranking]", "[rounding]\nplaces = 2\n\n[ranking]\nties = \"competition\"")],
        &[("set.toml", "\"1.toml\"", "\"nhom-mot.toml\""), ("set.toml", "source/a.txt", "source/b.txt")],
    ] {
        let mut files = with(changes);
        for (old, new) in [("1.toml", "nhom-mot.toml"), ("source/a.txt", "source/b.txt")] {
            let text = files[old].clone();
            files.insert(new.to_owned(), text);
        }
        assert_eq!(hash(&files), wanted, "{changes:?}");
    }
}

/// Every place of a value, as a JSON pointer.
fn leaves(json: &serde_json::Value, at: &str, found: &mut Vec<String>) {
    match json {
        serde_json::Value::Object(keys) => {
            keys.iter().for_each(|(key, value)| leaves(value, &format!("{at}/{key}"), found));
        }
        serde_json::Value::Array(items) => {
            items.iter().enumerate().for_each(|(index, value)| leaves(value, &format!("{at}/{index}"), found));
        }
        serde_json::Value::String(_) => found.push(at.to_owned()),
        _ => {}
    }
}

#[test]
fn the_content_hash_is_of_each_word() {
    for (set, stride) in [(CriteriaSet::read("", &small()).unwrap(), 1), (common::sets().remove(0).0, 37)] {
        let wanted = set.hash();
        let json = serde_json::to_value(&set.pillars).unwrap();
        let mut places = Vec::new();
        leaves(&json, "", &mut places);
        let mut changed = 0;
        for place in places.iter().step_by(stride) {
            let mut json = json.clone();
            let leaf = json.pointer_mut(place).unwrap();
            *leaf = format!("{}x", leaf.as_str().unwrap()).into();
            // What is a number, a day or one of several words is no longer one with a letter behind it.
            if let Ok(pillars) = serde_json::from_value(json) {
                assert_ne!(CriteriaSet { pillars, ..set.clone() }.hash(), wanted, "{place}");
                changed += 1;
            }
        }
        assert!(changed > 20, "{changed} words");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_makes_the_reader_panic(head in any::<String>(), pillar in any::<String>(), example in any::<String>()) {
        let mut files = small();
        files.insert("set.toml".to_owned(), head);
        let _ = CriteriaSet::read("", &files);
        let mut files = small();
        files.insert("1.toml".to_owned(), pillar);
        files.insert("examples/1.toml".to_owned(), example);
        let _ = CriteriaSet::read("", &files);
    }

    #[test]
    fn no_slip_of_a_real_file_makes_the_reader_panic(
        file in prop::sample::select(vec!["set.toml", "1.toml", "2.toml", "examples/1.toml"]),
        cuts in prop::collection::vec((any::<prop::sample::Index>(), 0..12_usize, "[\\[\\]{}=\"'.,#\\\\ \nếa-z0-9%-]{0,6}"), 1..4),
    ) {
        let mut files = small();
        let mut text: Vec<char> = files[file].chars().collect();
        for (at, length, new) in cuts {
            let at = at.index(text.len() + 1);
            let end = (at + length).min(text.len());
            text.splice(at..end, new.chars());
        }
        files.insert(file.to_owned(), text.into_iter().collect());
        for problem in problems(&files) {
            prop_assert!(!problem.message.vi.is_empty() && !problem.message.en.is_empty());
        }
    }
}

#[test]
fn nesting_without_end_is_refused_and_not_followed() {
    for deep in [
        "x = ".to_owned() + &"[".repeat(100_000),
        "x = ".to_owned() + &"{ a = ".repeat(100_000),
        "a.".repeat(100_000) + "a = 1",
        format!("[{}a]", "a.".repeat(100_000)),
    ] {
        let mut files = small();
        files.insert("1.toml".to_owned(), deep);
        assert!(!problems(&files).is_empty());
    }
}
