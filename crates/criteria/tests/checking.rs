//! One small set a finding: what the checker must see, and what it must leave alone.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

use criteria::check::{Severity, check};
use criteria::set::source_sha256;
use criteria::{CriteriaSet, Files};

/// A set of one pillar; `head` are further lines of `set.toml`, `source` is its source text.
fn set(head: &str, pillar: &str, source: &str) -> CriteriaSet {
    let (before, after) = head.split_once("---").unwrap_or((head, ""));
    let sha256 = source_sha256(source);
    let head = format!(
        "format = 1\nid = \"small\"\ntitle = \"Small\"\nlevel = \"commune\"\nyear = 2023\npillars = [\"1.toml\"]\n{before}\n\
         [document]\nkind = \"Quyết định\"\nnumber = \"1\"\ndate = \"2023-09-27\"\nissuer = \"Tỉnh\"\n\
         [[source]]\nfile = \"source/a.txt\"\nsha256 = \"{sha256}\"\n{after}"
    );
    let files = Files::from([
        ("set.toml".to_owned(), head),
        ("1.toml".to_owned(), pillar.to_owned()),
        ("source/a.txt".to_owned(), source.to_owned()),
    ]);
    CriteriaSet::read("", &files).unwrap_or_else(|problems| panic!("{problems:#?}"))
}

/// An indicator of 10 points named `name`, whose words are `text`.
fn indicator(name: &str, text: &str, rule: &str) -> String {
    format!(
        "[pillar]\nno = \"I\"\nname = \"Nhóm\"\n[[indicator]]\nid = \"I.1\"\nno = \"1\"\nname = \"{name}\"\npoints = \"10\"\n\
         text = '''{text}'''\nsource = \"Hệ thống\"\nfigures = [\n\
         {{ id = \"a\", label = \"A\", kind = \"count\" }},\n{{ id = \"b\", label = \"B\", kind = \"count\" }},\n]\n\
         [indicator.rule]\n{rule}\n"
    )
}

fn codes(set: &CriteriaSet) -> Vec<(Severity, &'static str, String)> {
    let beside_the_point = ["example-missing", "figure-unused", "source-unquoted"];
    check(set)
        .into_iter()
        .filter(|finding| !beside_the_point.contains(&finding.code))
        .map(|finding| (finding.severity, finding.code, finding.at))
        .collect()
}

/// What is found in a set of one indicator, all of whose words stand in the source.
fn finds(name: &str, text: &str, rule: &str, expected: &[(Severity, &'static str)]) {
    let set = set("", &indicator(name, text, rule), &format!("Nhóm\n{name}\n{text}\nHệ thống"));
    let expected: Vec<_> = expected.iter().map(|(severity, code)| (*severity, *code, "I.1".to_owned())).collect();
    assert_eq!(codes(&set), expected, "{name} / {text}");
}

const YES: &str = "kind = \"yes-no\"\nasks = \"?\"";
const SHARE: &str = "kind = \"share\"\npart = \"a\"\nwhole = \"b\"";

#[test]
fn a_plain_criterion_is_left_alone() {
    finds("Có kế hoạch", "Đã ban hành: 10 điểm", YES, &[]);
}

#[test]
fn a_quotation_that_does_not_stand_in_the_source_is_an_error() {
    let set = set("", &indicator("Có kế hoạch", "Đã ban hành", YES), "Nhóm Có kế hoạch Hệ thống Đã sửa");
    assert_eq!(codes(&set), [(Severity::Error, "quote-not-found", "I.1".to_owned())]);
}

#[test]
fn source_words_that_nobody_quotes_are_listed() {
    let set = set("", &indicator("Có kế hoạch", "Có", YES), "Nhóm Có kế hoạch Hệ thống. Một điều không ai trích");
    let unquoted: Vec<String> = check(&set)
        .into_iter()
        .filter(|finding| finding.code == "source-unquoted")
        .map(|finding| finding.quote)
        .collect();
    assert_eq!(unquoted, [". Một điều không ai trích"]);
}

#[test]
fn a_source_that_was_changed_is_an_error() {
    let mut set = set("", &indicator("Có kế hoạch", "Đã ban hành", YES), "Nhóm Có kế hoạch Hệ thống Đã ban hành");
    set.sources[0].text.push('!');
    assert_eq!(codes(&set), [(Severity::Error, "source-hash", String::new())]);
}

#[test]
fn a_number_that_neither_words_nor_readings_give_is_an_error() {
    let rule = "kind = \"required\"\ncount = \"a\"\nrequired = \"24\"";
    finds("Tin", "Tối thiểu 24 tin", rule, &[]);
    finds("Tin", "Tối thiểu hai mươi tư tin", rule, &[(Severity::Error, "number-not-in-text")]);
    let late = format!("{YES}\n[indicator.late]\ndate = \"d\"\nafter = \"01-31\"\nfactor = \"50%\"");
    let with_date = |text: &str| {
        let dated = "figures = [{ id = \"d\", label = \"Ngày\", kind = \"date\" },";
        let pillar = indicator("Kế hoạch", text, &late).replace("figures = [", dated);
        codes(&set("", &pillar, &format!("Nhóm Kế hoạch {text} Hệ thống")))
    };
    assert_eq!(with_date("trong tháng 1, sau đó 50%"), []);
    assert_eq!(with_date("trong tháng 2, sau đó 50%").len(), 1);
}

#[test]
fn what_exceeds_or_cannot_reach_the_maximum_is_seen() {
    let steps =
        |top: &str| format!("kind = \"steps\"\nvalue = \"a\"\nsteps = [{{ from = \"5\", points = \"{top}\" }}]");
    finds("Tin", "5 tin 10 điểm", &steps("10"), &[]);
    finds("Tin", "5 tin 8 điểm", &steps("8"), &[(Severity::Warning, "below-maximum")]);
    finds("Tin", "5 tin 12 điểm", &steps("12"), &[(Severity::Warning, "above-maximum")]);
    let each = "kind = \"each\"\ncount = \"a\"\neach = \"1\"\nceiling = \"5\"";
    finds("Ý kiến", "Tối đa 05 ý kiến, mỗi ý kiến 1 điểm", each, &[(Severity::Warning, "below-maximum")]);
}

#[test]
fn bands_that_overlap_or_leave_a_gap_are_seen() {
    let share = format!("{SHARE}\nempty = \"zero\"\nfull_from = \"80%\"");
    let note = (Severity::Note, "whole-may-be-zero");
    let band = |code| [(Severity::Warning, code), note];
    finds("Tỷ lệ hồ sơ", "Tỷ lệ ≥ 80%: 10đ; Tỷ lệ < 80%: tỷ lệ/80%", &share, &[note]);
    finds("Tỷ lệ hồ sơ", "Tỷ lệ ≥ 80%: 10đ; Tỷ lệ ≤ 80%: tỷ lệ/80%", &share, &band("bands-overlap"));
    finds("Tỷ lệ hồ sơ", "Tỷ lệ > 80%: 10đ; Tỷ lệ < 80%: tỷ lệ/80%", &share, &band("bands-gap"));
    let steps = "kind = \"steps\"\nvalue = \"a\"\nsteps = [{ from = \"20\", points = \"10\" }, { from = \"10\", points = \"5\" }]";
    finds("Bài", "20 bài (10đ); 10-20 bài (5đ)", steps, &[(Severity::Warning, "bands-overlap")]);
    finds("Bài", "20 bài (10đ); 10-19 bài (5đ)", steps, &[]);
}

#[test]
fn shares_without_a_whole_and_wholes_that_may_be_zero_are_seen() {
    let undeclared = (Severity::Warning, "whole-may-be-zero");
    finds("Tỷ lệ hộ có mạng", "Tỷ lệ * 10 đ", SHARE, &[undeclared]);
    finds("Hộ có mạng", "Tỷ lệ * 10 đ", SHARE, &[(Severity::Warning, "share-without-whole"), undeclared]);
    finds("Hộ có mạng", "Tỷ lệ hộ có mạng/số hộ * 10 đ", SHARE, &[undeclared]);
}

#[test]
fn debris_spoiled_words_and_repeated_words_are_seen() {
    finds("Kế hoạch", "Tỷ lệ $\\geq 10\\%$", YES, &[(Severity::Warning, "debris")]);
    finds("Họp BCD", "Có họp", YES, &[(Severity::Warning, "damaged-word")]);
    finds("Họp", "trên hệ thống hệ thống phản ánh", YES, &[(Severity::Warning, "repeated-words")]);
    finds("Họp", "dần dần nâng cao", YES, &[]);
    finds("Họp", "Sở Thông tin và Truyền thông thông qua tổ", YES, &[]);
}

#[test]
fn names_and_methods_that_disagree_are_seen() {
    let name_method = (Severity::Warning, "name-method");
    finds("Tỷ lệ hộ có mạng", "Có hay không", YES, &[name_method]);
    let share = format!("{SHARE}\nempty = \"zero\"");
    finds("Số lượng máy trạm", "100% máy", &share, &[name_method, (Severity::Note, "whole-may-be-zero")]);
}

#[test]
fn words_addressed_to_another_level_are_seen() {
    let with_guidance = |guidance: &str| {
        let pillar =
            indicator("Kế hoạch", "Có", YES).replace("source =", &format!("guidance = \"{guidance}\"\nsource ="));
        codes(&set("", &pillar, &format!("Nhóm Kế hoạch Có Hệ thống {guidance}")))
    };
    let other_level = (Severity::Warning, "other-level", "I.1".to_owned());
    assert_eq!(with_guidance("Các huyện, thị xã, thành phố tổ chức"), [other_level]);
    assert_eq!(with_guidance("Các huyện, thị xã, thành phố, xã, phường, thị trấn tổ chức"), []);
    assert_eq!(with_guidance("Các địa phương tổ chức"), []);
}

#[test]
fn sums_numbers_and_deadlines_are_seen() {
    let one = |id: &str, no: &str, name: &str, more: &str, kind: &str| {
        format!(
            "[[indicator]]\nid = \"{id}\"\nno = \"{no}\"\nname = \"{name}\"\n{more}\nsource = \"Hệ thống\"\n\
             [indicator.rule]\nkind = \"{kind}\"\nasks = \"?\"\n"
        )
    };
    let pillar = format!(
        "[pillar]\nno = \"I\"\nname = \"Nhóm\"\npoints = \"30\"\n{}{}{}",
        one("I.1", "1", "Một", "points = \"10\"\ndue = \"03-31\"", "yes-no"),
        one("I.1b", "1", "Hai", "", "yes-no"),
        one("I.4", "4", "Bốn", "points = \"10\"", "judged"),
    );
    let set = set("total = \"25\"", &pillar, "Nhóm Một Hai Bốn Hệ thống");
    let expected = [
        (Severity::Warning, "sum-total", ""),
        (Severity::Warning, "sum-pillar", "I"),
        (Severity::Warning, "number-used-twice", "I.1"),
        (Severity::Warning, "deadline-past", "I.1"),
        (Severity::Warning, "number-used-twice", "I.1b"),
        (Severity::Warning, "points-missing", "I.1b"),
        (Severity::Warning, "number-skipped", "I.4"),
        (Severity::Note, "judged", "I.4"),
    ];
    assert_eq!(codes(&set), expected.map(|(severity, code, at)| (severity, code, at.to_owned())));
}

#[test]
fn a_variant_that_changes_nothing_is_seen() {
    let reading = "---[[reading]]\nid = \"r\"\nat = [\"I.1\"]\nasks = \"?\"\nanswer = \"x\"\nwhy = \"vì\"\ndecides = \"ai\"\n\
        status = \"decided\"\n[[reading.variant]]\nid = \"x\"\nlabel = \"X\"\n[[reading.variant]]\nid = \"y\"\nlabel = \"Y\"\n";
    let set = set(reading, &indicator("Kế hoạch", "Có", YES), "Nhóm Kế hoạch Có Hệ thống");
    assert_eq!(codes(&set), [(Severity::Warning, "variant-without-effect", "I.1".to_owned())]);
}
