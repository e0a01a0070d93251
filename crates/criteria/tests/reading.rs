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

/// One change, one problem.
fn one(file: &str, old: &str, new: &str, at: &str, vi: &str, en: &str) {
    check(&[(file, old, new)], &[(&format!("{file}:{at}"), vi, en)]);
}

#[test]
fn an_unknown_key_is_told_with_the_one_that_was_meant() {
    check(
        &[("set.toml", "title   =", "titel   =")],
        &[
            ("set.toml:3:1", "không có khoá `titel`; ý là `title`?", "there is no key `titel`; did you mean `title`?"),
            ("set.toml:1:1", "thiếu khoá `title`", "the key `title` is missing"),
        ],
    );
    one(
        "1.toml",
        r#"whole = "profile.people""#,
        "whole = \"profile.people\"\nfull_form = \"80%\"",
        "27:1",
        "không có khoá `full_form` của luật `share`; ý là `full_from`?",
        "there is no key `full_form` of the rule `share`; did you mean `full_from`?",
    );
    one(
        "1.toml",
        r#"kind = "yes-no" },"#,
        r#"kind = "yes-no", lable = "x" },"#,
        "20:55",
        "không có khoá `lable`; ý là `label`?",
        "there is no key `lable`; did you mean `label`?",
    );
}

#[test]
fn a_value_of_another_type_is_told_with_both_types() {
    one(
        "1.toml",
        r#"points  = "10""#,
        "points  = 10",
        "15:11",
        "cần một chuỗi trong ngoặc kép, ở đây là một số nguyên",
        "expected a string in quotes, found a whole number",
    );
    one(
        "1.toml",
        r#"points  = "10""#,
        "points  = 2.5",
        "15:11",
        "cần một chuỗi trong ngoặc kép, ở đây là một số thực (số lẻ phải viết trong ngoặc kép)",
        "expected a string in quotes, found a float (decimals are written in quotes)",
    );
    one(
        "set.toml",
        "year    = 2023",
        r#"year    = "2023""#,
        "6:11",
        "cần một số nguyên, ở đây là một chuỗi trong ngoặc kép",
        "expected a whole number, found a string in quotes",
    );
    one(
        "set.toml",
        r#"date   = "2023-09-27""#,
        "date   = 2023-09-27",
        "12:10",
        "cần một chuỗi trong ngoặc kép, ở đây là một ngày không có ngoặc kép",
        "expected a string in quotes, found a date without quotes",
    );
    one(
        "set.toml",
        r#"pillars = ["1.toml", "2.toml"]"#,
        r#"pillars = "1.toml""#,
        "7:11",
        "cần một danh sách, ở đây là một chuỗi trong ngoặc kép",
        "expected a list, found a string in quotes",
    );
    one(
        "1.toml",
        r#"kind  = "share""#,
        r#"kind  = "shares""#,
        "24:9",
        "“shares” không phải là một trong: yes-no, choice, parts, share, required, steps, each, loss, handled, peers, sum, judged",
        r#""shares" is not one of: yes-no, choice, parts, share, required, steps, each, loss, handled, peers, sum, judged"#,
    );
    one(
        "1.toml",
        r#"empty = "zero""#,
        r#"empty = "nothing""#,
        "27:9",
        "“nothing” không phải là một trong: full, zero, not-applicable",
        r#""nothing" is not one of: full, zero, not-applicable"#,
    );
    one(
        "1.toml",
        r#"due     = "10-31""#,
        "due     = 1031",
        "16:11",
        "cần một chuỗi trong ngoặc kép, ở đây là một số nguyên",
        "expected a string in quotes, found a whole number",
    );
}

#[test]
fn a_number_day_or_share_that_cannot_be_is_told_as_written() {
    one(
        "set.toml",
        "year    = 2023",
        "year    = 99999",
        "6:11",
        "99999 nằm ngoài -32768…32767",
        "99999 is not within -32768…32767",
    );
    one(
        "set.toml",
        r#"numbers = ["5"]"#,
        r#"numbers = ["năm"]"#,
        "45:12",
        "“năm” không phải là số",
        r#""năm" is not a number"#,
    );
    one(
        "set.toml",
        "format  = 1",
        "format  = 2",
        "1:11",
        "phiên bản định dạng 2 chưa được hỗ trợ; bản này đọc phiên bản 1",
        "format version 2 is not known; this program reads version 1",
    );
    one(
        "1.toml",
        r#"points  = "10""#,
        r#"points  = "1,5""#,
        "15:11",
        r#"“1,5” không phải là một số như "2.5" (tối đa 6 chữ số lẻ)"#,
        r#""1,5" is not a decimal such as "2.5" (at most six places)"#,
    );
    one(
        "1.toml",
        r#"points  = "10""#,
        r#"points  = "1.2345678""#,
        "15:11",
        r#"“1.2345678” không phải là một số như "2.5" (tối đa 6 chữ số lẻ)"#,
        r#""1.2345678" is not a decimal such as "2.5" (at most six places)"#,
    );
    one(
        "1.toml",
        r#"points  = "10""#,
        r#"points  = "-1""#,
        "15:11",
        "điểm tối đa không thể âm",
        "points cannot be negative",
    );
    one(
        "1.toml",
        r#"due     = "10-31""#,
        r#"due     = "31-10""#,
        "16:11",
        r#"“31-10” không phải là một ngày trong năm như "10-31" (tháng-ngày)"#,
        r#""31-10" is not a day of the year such as "10-31" (month-day)"#,
    );
    one(
        "1.toml",
        r#"due     = "10-31""#,
        r#"due     = ["10-31", "02-30"]"#,
        "16:21",
        r#"“02-30” không phải là một ngày trong năm như "10-31" (tháng-ngày)"#,
        r#""02-30" is not a day of the year such as "10-31" (month-day)"#,
    );
    one(
        "set.toml",
        r#"date   = "2023-09-27""#,
        r#"date   = "2023-02-29""#,
        "12:10",
        r#"“2023-02-29” không phải là một ngày như "2023-09-27""#,
        r#""2023-02-29" is not a date such as "2023-09-27""#,
    );
    one(
        "1.toml",
        r#"share = "50%""#,
        r#"share = "50""#,
        "39:85",
        r#"“50” không phải là một tỷ lệ như "80%""#,
        r#""50" is not a share such as "80%""#,
    );
    one(
        "set.toml",
        r#"from = "80%""#,
        r#"from = "80 phần trăm""#,
        "20:8",
        r#"“80 phần trăm” không phải là một tỷ lệ như "80%""#,
        r#""80 phần trăm" is not a share such as "80%""#,
    );
    check(
        &[(
            "1.toml",
            r#"rule   = { kind = "choice", asks = "?", options = [{ id = "a", label = "A", share = "50%" }] }"#,
            r#"rule   = { kind = "choice", asks = "?", options = [] }"#,
        )],
        &[
            (
                "1.toml:34:1",
                "số liệu lựa chọn “answer” chưa có phương án trả lời (`options`)",
                r#"the choice "answer" has no `options`"#,
            ),
            ("1.toml:39:51", "cần 1…200 phương án", "1…200 options are needed"),
        ],
    );
    one(
        "1.toml",
        "whole = \"profile.people\"\n",
        "",
        "23:1",
        "cần `part` và `whole`, hoặc chỉ `value`",
        "give `part` and `whole`, or `value` alone",
    );
    check(
        &[("1.toml", r#"id = "none""#, r#"id = "None""#)],
        &[
            (
                "1.toml:18:11",
                "mã “None” chỉ được gồm chữ thường, chữ số, _ và -",
                r#"the id "None" may have lower-case letters, digits, _ and - only"#,
            ),
            (
                "1.toml:17:21",
                "không có số liệu “none”; ý là “None”?",
                r#"there is no figure "none"; did you mean "None"?"#,
            ),
        ],
    );
    one(
        "1.toml",
        "[[indicator.variant]]",
        "[indicator.gate]\ncount = \"part\"\n\n[[indicator.variant]]",
        "29:1",
        "cần đúng một trong: `count` và `at_least`; `date` và `before`; `yes`",
        "give exactly one of: `count` and `at_least`; `date` and `before`; `yes`",
    );
    one(
        "set.toml",
        "year    = 2023",
        "year    = 0",
        "6:11",
        "năm phải nằm trong 1900…9998",
        "the year must be within 1900…9998",
    );
    one("2.toml", r#"each = "0.5""#, r#"each = "-0.5""#, "17:47", "không thể âm", "cannot be negative");
    one("2.toml", r#"each = "0.5""#, r#"each = "0.5", ceiling = "-1""#, "17:64", "không thể âm", "cannot be negative");
    one(
        "set.toml",
        "options = [{ id = \"a\", label = \"A\" }]\n",
        "",
        "31:1",
        "số liệu lựa chọn “block” chưa có phương án trả lời (`options`)",
        r#"the choice "block" has no `options`"#,
    );
    check(
        &[("set.toml", r#"id    = "people""#, r#"id    = "Số dân""#)],
        &[
            (
                "set.toml:26:1",
                "mã “Số dân” chỉ được gồm chữ thường, chữ số, _ và -",
                r#"the id "Số dân" may have lower-case letters, digits, _ and - only"#,
            ),
            ("1.toml:26:9", "không có số liệu “profile.people”", r#"there is no figure "profile.people""#),
        ],
    );
    one(
        "set.toml",
        r#"total   = "30""#,
        r#"total   = "-30""#,
        "5:11",
        "điểm tối đa không thể âm",
        "points cannot be negative",
    );
    check(
        &[(
            "2.toml",
            r#"kind = "each", count = "n", each = "0.5""#,
            r#"kind = "steps", value = "n", steps = [{ from = "1", points = "1" }, { from = "2", points = "-2" }]"#,
        )],
        &[
            ("2.toml:17:103", "không thể âm", "cannot be negative"),
            ("2.toml:17:89", "các bậc phải đi từ cao xuống thấp", "steps go from the highest to the lowest"),
        ],
    );
    one(
        "2.toml",
        r#"kind = "each", count = "n", each = "0.5""#,
        r#"kind = "steps", value = "n", steps = [{ from = "10%", points = "1" }]"#,
        "17:59",
        "bậc của một số lượng không có %, ở đây là “10%”",
        r#"the step of a quantity is written without %, here it is "10%""#,
    );
    check(
        &[(
            "2.toml",
            r#"kind = "each", count = "n", each = "0.5""#,
            r#"kind = "required", count = "n", required = "0", curve = "inverse""#,
        )],
        &[
            ("2.toml:17:55", "phải lớn hơn 0", "must be more than 0"),
            ("2.toml:17:68", "`inverse` chỉ dùng cho tỷ lệ", "`inverse` is for shares only"),
        ],
    );
    one(
        "set.toml",
        "[ranking]",
        "[rounding]\nplaces = 7\n\n[ranking]",
        "16:10",
        "7 chữ số lẻ: tối đa 6",
        "7 places: at most 6",
    );
}

#[test]
fn a_missing_key_is_told_at_its_table() {
    one(
        "1.toml",
        "kind  = \"share\"\n",
        "",
        "23:1",
        "thiếu khoá `kind` (một trong: yes-no, choice, parts, share, required, steps, each, loss, handled, peers, sum, judged)",
        "the key `kind` is missing (one of: yes-no, choice, parts, share, required, steps, each, loss, handled, peers, sum, judged)",
    );
    one("1.toml", "name    = \"Tỷ lệ người dân\"\n", "", "10:1", "thiếu khoá `name`", "the key `name` is missing");
    one("set.toml", "issuer = \"Tỉnh\"\n", "", "9:1", "thiếu khoá `issuer`", "the key `issuer` is missing");
    one(
        "1.toml",
        "[pillar]\nno   = \"I\"\nname = \"Nhóm một\"\n",
        "",
        "1:1",
        "thiếu khoá `pillar`",
        "the key `pillar` is missing",
    );
    one(
        "set.toml",
        "[[reading.variant]]\nid    = \"half\"\nlabel = \"Một nửa\"\n",
        "",
        "37:1",
        "thiếu khoá `variant`",
        "the key `variant` is missing",
    );
}

#[test]
fn an_id_that_stands_twice_is_told_at_the_second() {
    one(
        "1.toml",
        r#"id     = "I.2""#,
        r#"id     = "I.1""#,
        "35:10",
        "mã “I.1” đã có ở trên",
        r#"the id "I.1" stands above already"#,
    );
    check(
        &[("2.toml", r#"id     = "II.2""#, r#"id     = "I.2""#)],
        &[
            ("2.toml:13:10", "mã “I.2” đã có ở trên", r#"the id "I.2" stands above already"#),
            (
                "2.toml:10:32",
                "không có chỉ số “II.2”; ý là “I.2”?",
                r#"there is no indicator "II.2"; did you mean "I.2"?"#,
            ),
        ],
    );
    check(
        &[("set.toml", r#"id      = "block""#, r#"id      = "people""#)],
        &[
            ("set.toml:32:11", "mã “people” đã có ở trên", r#"the id "people" stands above already"#),
            (
                "set.toml:17:14",
                "“profile.block” không phải là mục lựa chọn của thông tin chung (profile.…)",
                r#""profile.block" is no choice of the profile (profile.…)"#,
            ),
            (
                "1.toml:26:9",
                "“profile.people” là loại choice; ở đây cần một số lượng",
                r#""profile.people" is of kind choice; a quantity is needed here"#,
            ),
        ],
    );
    check(
        &[(
            "1.toml",
            r#"options = [{ id = "a", label = "A", share = "50%" }]"#,
            r#"options = [{ id = "a", label = "A", share = "50%" }, { id = "a", label = "B", share = "0%" }]"#,
        )],
        &[
            ("1.toml:34:1", "mã “a” đã có ở trên", r#"the id "a" stands above already"#),
            ("1.toml:39:94", "mã “a” đã có ở trên", r#"the id "a" stands above already"#),
        ],
    );
    check(
        &[("1.toml", r#"id = "none""#, r#"id = "part""#)],
        &[
            ("1.toml:20:3", "mã “part” đã có ở trên", r#"the id "part" stands above already"#),
            ("1.toml:18:11", "số liệu “part” có hai loại khác nhau", r#"the figure "part" has two kinds"#),
            (
                "1.toml:25:9",
                "“part” là loại yes-no; ở đây cần một số lượng",
                r#""part" is of kind yes-no; a quantity is needed here"#,
            ),
            ("1.toml:17:21", "không có số liệu “none”", r#"there is no figure "none""#),
        ],
    );
    one(
        "1.toml",
        "id   = \"I\"\nno   = \"1\"\nname = \"Chỉ số\"\n",
        "id   = \"I\"\nno   = \"1\"\nname = \"Chỉ số\"\n\n[[group]]\nid   = \"I\"\nno   = \"1\"\nname = \"Chỉ số\"\n",
        "11:8",
        "mã “I” đã có ở trên",
        r#"the id "I" stands above already"#,
    );
    one(
        "set.toml",
        "[[reading.variant]]\nid    = \"half\"\nlabel = \"Một nửa\"\n",
        "[[reading.variant]]\nid    = \"half\"\nlabel = \"Một nửa\"\n[[reading.variant]]\nid    = \"half\"\nlabel = \"Nửa\"\n",
        "50:9",
        "mã “half” đã có ở trên",
        r#"the id "half" stands above already"#,
    );
    one(
        "set.toml",
        r#"options = [{ id = "a", label = "A" }]"#,
        r#"options = [{ id = "a", label = "A" }, { id = "a", label = "B" }]"#,
        "31:1",
        "mã “a” đã có ở trên",
        r#"the id "a" stands above already"#,
    );
    one(
        "1.toml",
        r#"{ id = "none", label = "Không có", kind = "yes-no" },"#,
        "{ id = \"none\", label = \"Không có\", kind = \"yes-no\" },\n  { id = \"none\", label = \"Không\", kind = \"yes-no\" },",
        "21:3",
        "mã “none” đã có ở trên",
        r#"the id "none" stands above already"#,
    );
    one(
        "2.toml",
        r#"kind = "each", count = "n", each = "0.5""#,
        r#"kind = "yes-no", asks = "?", figure = "n""#,
        "17:10",
        "số liệu “n” có hai loại khác nhau",
        r#"the figure "n" has two kinds"#,
    );
    one(
        "2.toml",
        r#"kind = "each", count = "n", each = "0.5""#,
        r#"kind = "parts", parts = [{ id = "a", points = "10", figures = [{ id = "n", label = "?", kind = "date" }], rule = { kind = "judged", asks = "?" } }]"#,
        "17:37",
        "số liệu “n” có hai loại khác nhau",
        r#"the figure "n" has two kinds"#,
    );
}

#[test]
fn a_reference_that_leads_nowhere_is_told_with_the_nearest() {
    check(
        &[("2.toml", r#"no   = "II""#, r#"no   = "I""#)],
        &[
            ("set.toml:16:15", "“II” không phải trụ cột hay chỉ số nào", r#""II" is no pillar and no indicator"#),
            ("2.toml:2:8", "mã “I” đã có ở trên", r#"the id "I" stands above already"#),
        ],
    );
    one(
        "1.toml",
        r#"part  = "part""#,
        r#"part  = "parts""#,
        "25:9",
        "không có số liệu “parts”; ý là “part”?",
        r#"there is no figure "parts"; did you mean "part"?"#,
    );
    one(
        "1.toml",
        r#"whole = "profile.people""#,
        r#"whole = "profile.peple""#,
        "26:9",
        "không có số liệu “profile.peple”; ý là “profile.people”?",
        r#"there is no figure "profile.peple"; did you mean "profile.people"?"#,
    );
    one(
        "1.toml",
        r#"part  = "part""#,
        r#"part  = "none""#,
        "25:9",
        "“none” là loại yes-no; ở đây cần một số lượng",
        r#""none" is of kind yes-no; a quantity is needed here"#,
    );
    one(
        "1.toml",
        r#"when = "none""#,
        r#"when = "part""#,
        "17:21",
        "“part” là loại count; ở đây cần câu trả lời có/không",
        r#""part" is of kind count; a yes/no answer is needed here"#,
    );
    one(
        "1.toml",
        r#"reading = "least""#,
        r#"reading = "lest""#,
        "29:1",
        "không có phương án “half” của cách hiểu “lest”",
        r#"there is no variant "half" of a reading "lest""#,
    );
    one(
        "1.toml",
        r#"pick    = "half""#,
        r#"pick    = "whole""#,
        "29:1",
        "không có phương án “whole” của cách hiểu “least”",
        r#"there is no variant "whole" of a reading "least""#,
    );
    one(
        "1.toml",
        r#"group   = "I""#,
        r#"group   = "I.9""#,
        "13:11",
        "không có nhóm “I.9”",
        r#"there is no group "I.9""#,
    );
    one(
        "2.toml",
        r#"of = ["II.2"]"#,
        r#"of = ["II.3"]"#,
        "10:32",
        "không có chỉ số “II.3”; ý là “II.1”?",
        r#"there is no indicator "II.3"; did you mean "II.1"?"#,
    );
    one(
        "2.toml",
        r#"of = ["II.2"]"#,
        r#"of = ["II.1"]"#,
        "10:32",
        "“II.1” cũng là một tổng; tổng của tổng không được hỗ trợ",
        r#""II.1" is a sum itself; sums of sums are not supported"#,
    );
    one(
        "2.toml",
        r#"of = ["II.2"]"#,
        r#"of = ["I.1"]"#,
        "10:32",
        "“I.1” nằm ở trụ cột khác; một tổng chỉ cộng chỉ số của trụ cột mình",
        r#""I.1" is in another pillar; a sum adds indicators of its own pillar only"#,
    );
    one(
        "set.toml",
        r#"at      = ["I.1"]"#,
        r#"at      = ["I.1", "I.3"]"#,
        "39:19",
        "không có chỉ số “I.3”; ý là “I.1”?",
        r#"there is no indicator "I.3"; did you mean "I.1"?"#,
    );
    one(
        "set.toml",
        r#"answer  = "half""#,
        r#"answer  = "whole""#,
        "41:11",
        "không có phương án “whole”",
        r#"there is no variant "whole""#,
    );
    one(
        "set.toml",
        r#"tie_breaks = ["II"]"#,
        r#"tie_breaks = ["III"]"#,
        "16:15",
        "“III” không phải trụ cột hay chỉ số nào",
        r#""III" is no pillar and no indicator"#,
    );
    one(
        "set.toml",
        r#"block      = "profile.block""#,
        r#"block      = "profile.people""#,
        "17:14",
        "“profile.people” không phải là mục lựa chọn của thông tin chung (profile.…)",
        r#""profile.people" is no choice of the profile (profile.…)"#,
    );
    one(
        "examples/1.toml",
        r#"indicator = "I.1""#,
        r#"indicator = "I.7""#,
        "3:13",
        "không có chỉ số “I.7”; ý là “I.1”?",
        r#"there is no indicator "I.7"; did you mean "I.1"?"#,
    );
    one("set.toml", r#""2.toml""#, r#""3.toml""#, "7:22", "không có tệp “3.toml”", r#"there is no file "3.toml""#);
    one(
        "set.toml",
        "source/a.txt",
        "source/b.txt",
        "23:10",
        "không có tệp “source/b.txt”",
        r#"there is no file "source/b.txt""#,
    );
    one(
        "1.toml",
        "[[indicator.variant]]",
        "[indicator.late]\ndate = \"part\"\nafter = \"01-31\"\nfactor = \"50%\"\n\n[[indicator.variant]]",
        "30:8",
        "“part” là loại count; ở đây cần một ngày",
        r#""part" is of kind count; a date is needed here"#,
    );
    check(
        &[("set.toml", r#""1.toml", "2.toml""#, r#""1.toml", "1.toml""#)],
        &[
            ("set.toml:16:15", "“II” không phải trụ cột hay chỉ số nào", r#""II" is no pillar and no indicator"#),
            ("1.toml:2:8", "mã “I” đã có ở trên", r#"the id "I" stands above already"#),
            ("1.toml:11:11", "mã “I.1” đã có ở trên", r#"the id "I.1" stands above already"#),
            ("1.toml:35:10", "mã “I.2” đã có ở trên", r#"the id "I.2" stands above already"#),
        ],
    );
    one("1.toml", r#"group   = "I""#, r#"group   = """#, "13:11", "không có nhóm “”", r#"there is no group """#);
}

#[test]
fn a_syntax_error_is_told_where_it_is() {
    one(
        "set.toml",
        r#"id      = "small""#,
        r#"id      = "small"#,
        "2:17",
        r#"sai cú pháp TOML (invalid basic string, expected `"`)"#,
        r#"not valid TOML: invalid basic string, expected `"`"#,
    );
    one(
        "1.toml",
        r#"no      = "1""#,
        "no      = \"1\"\nno      = \"2\"",
        "13:1",
        "khoá này đã có ở trên",
        "this key stands above already",
    );
    one(
        "1.toml",
        "[indicator.rule]",
        "[indicator.rule",
        "23:16",
        "sai cú pháp TOML (unclosed table, expected `]`)",
        "not valid TOML: unclosed table, expected `]`",
    );
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
