//! What is measured: shares without a whole or with one that may be zero, figures nobody supplies or uses, bands
//! that overlap or leave gaps, deadlines that were past, evidence nobody can give.

use std::collections::BTreeSet;

use super::{Findings, Severity};
use crate::language::Text;
use crate::model::Indicator;
use crate::quote::fold;
use crate::rule::{Gate, Late, Measure, Part, Rule};
use crate::set::CriteriaSet;

pub(super) fn check(set: &CriteriaSet, findings: &mut Findings) {
    let mut used_globally = BTreeSet::new();
    for indicator in set.indicators() {
        whole_named(indicator, findings);
        empty_wholes(set, indicator, findings);
        bands(indicator, findings);
        deadlines(set, indicator, findings);
        evidence(indicator, findings);
        figures(indicator, &mut used_globally, findings);
    }
    if let Some(block) = &set.head.ranking.block {
        used_globally.insert(block.clone());
    }
    for (scope, figures) in [("profile", &set.head.profile), ("round", &set.head.round)] {
        for figure in figures {
            // Printed fields of the profile stand for themselves; only what we added must be of use.
            let must = scope == "round" || figure.added.is_some();
            if must && !used_globally.contains(&format!("{scope}.{}", figure.id)) {
                unused(findings, "", &format!("{scope}.{}", figure.id), &figure.label);
            }
        }
    }
}

/// A share whose words do not say of what.
fn whole_named(indicator: &Indicator, findings: &mut Findings) {
    let mut has_share = false;
    indicator.rule.walk(&mut |rule| has_share |= matches!(rule.measure(), Some(Measure::Share(..))));
    let Some(text) = indicator.text.as_deref().filter(|_| has_share) else { return };
    let (name, words) = (fold(&indicator.name), fold(text));
    let rate = |words: &str| words.contains("ty le") || words.contains("ti le") || words.contains("ty so");
    let named = rate(&name)
        || text.contains("100%")
        || [" tren ", "tong so", "tong van ban", "so voi"].iter().any(|mark| words.contains(mark))
        || divides(text);
    if rate(&words) && !named {
        let message = Text::new(
            "cách tính là một tỷ lệ nhưng văn bản không nói tỷ lệ trên tổng nào",
            "the method is a rate, but the document does not say of which whole",
        );
        findings.push(Severity::Warning, "share-without-whole", &indicator.id, text, message);
    }
}

/// Whether a slash stands between words, as in “số thôn có tổ/số thôn”, not before a number, as in “tỷ lệ/80%”.
fn divides(text: &str) -> bool {
    text.match_indices('/').any(|(at, _)| {
        let before = text[..at].trim_end().chars().last();
        let after = text[at + 1..].trim_start().chars().next();
        before.is_some_and(char::is_alphabetic) && after.is_some_and(char::is_alphabetic)
    })
}

/// A whole that may be zero without anybody having said what then.
fn empty_wholes(set: &CriteriaSet, indicator: &Indicator, findings: &mut Findings) {
    indicator.rule.walk(&mut |rule| {
        let empty = match rule {
            Rule::Share { empty, .. } | Rule::Steps { empty, .. } | Rule::Peers { empty, .. } => *empty,
            _ => return,
        };
        let Some(Measure::Share(_, whole)) = rule.measure() else { return };
        let covered = set
            .readings_at(&indicator.id)
            .any(|reading| reading.variants.iter().any(|variant| variant.empty.is_some()));
        let quote = indicator.text.as_deref().unwrap_or(&indicator.name);
        if empty.is_none() {
            let message = Text::new(
                format!("mẫu số ({whole}) có thể bằng 0 và chưa ai nói khi đó tính thế nào"),
                format!("the whole ({whole}) may be zero and nobody has said what then"),
            );
            findings.push(Severity::Warning, "whole-may-be-zero", &indicator.id, quote, message);
        } else if !covered && !whole.starts_with("profile.") {
            let message = Text::new(
                format!("mẫu số ({whole}) có thể bằng 0; bộ chỉ số đã quy định nhưng văn bản không nói"),
                format!("the whole ({whole}) may be zero; the set says what then, the document does not"),
            );
            findings.push(Severity::Note, "whole-may-be-zero", &indicator.id, quote, message);
        }
    });
}

/// Printed bands in which an edge stands twice or not at all.
fn bands(indicator: &Indicator, findings: &mut Findings) {
    let Some(text) = indicator.text.as_deref() else { return };
    let plain = text
        .replace("\\geq", "≥")
        .replace("\\leq", "≤")
        .replace(['$', '\\'], " ")
        .replace(">=", "≥")
        .replace("<=", "≤");
    let mut edges: Vec<(String, Side)> = Vec::new();
    let numbers = printed_numbers(&plain);
    for (index, (number, at, end)) in numbers.iter().enumerate() {
        let before = plain[..*at].trim_end();
        let folded_before = fold(before.rsplit([':', ';', '(', ')']).next().unwrap_or_default());
        let next_is_range =
            numbers.get(index + 1).is_some_and(|(_, next, _)| matches!(plain[*end..*next].trim(), "-" | "–"));
        let prev_is_range = index > 0 && matches!(plain[numbers[index - 1].2..*at].trim(), "-" | "–");
        let side = if before.ends_with('≥') {
            Side::From
        } else if before.ends_with('≤') {
            Side::UpTo
        } else if before.ends_with('<') || folded_before.ends_with("duoi") {
            Side::Below
        } else if before.ends_with('>') || folded_before.ends_with("tren") {
            Side::Above
        } else if next_is_range {
            Side::From
        } else if prev_is_range {
            Side::UpTo
        } else {
            continue;
        };
        edges.push((number.clone(), side));
        if prev_is_range && matches!(indicator.rule, Rule::Steps { .. } | Rule::Parts { .. }) {
            // “20 bài (10 đ); 10–20 bài (5 đ)”: a plain number that is also the end of a range.
            let alone = numbers.iter().enumerate().any(|(other, (again, start, stop))| {
                other != index
                    && again == number
                    && !matches!(plain[*stop..].trim_start().chars().next(), Some('-' | '–'))
                    && plain[*stop..].trim_start().starts_with(|letter: char| letter.is_alphabetic())
                    && !plain[..*start].trim_end().ends_with(['-', '–', '<', '>', '≥', '≤'])
            });
            if alone {
                edges.push((number.clone(), Side::From));
            }
        }
    }
    let has = |number: &str, side: Side| edges.iter().any(|(known, at)| known == number && *at == side);
    let mut told = BTreeSet::new();
    for (number, _) in &edges {
        if !told.insert(number.clone()) {
            continue;
        }
        if has(number, Side::From) && has(number, Side::UpTo) {
            let message = Text::new(
                format!("hai mức chồng nhau tại {number}: giá trị này thuộc cả hai"),
                format!("two bands overlap at {number}: the value belongs to both"),
            );
            findings.push(Severity::Warning, "bands-overlap", &indicator.id, text, message);
        }
        if has(number, Side::Above) && has(number, Side::Below) && !has(number, Side::From) && !has(number, Side::UpTo)
        {
            let message = Text::new(
                format!("giữa hai mức có khoảng trống: giá trị {number} không thuộc mức nào"),
                format!("the bands leave a gap: the value {number} belongs to none"),
            );
            findings.push(Severity::Warning, "bands-gap", &indicator.id, text, message);
        }
    }
}

/// On which side of an edge a printed band lies.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    From,
    UpTo,
    Below,
    Above,
}

/// Numbers with an optional percent sign, with where they begin and end.
fn printed_numbers(text: &str) -> Vec<(String, usize, usize)> {
    let mut numbers = Vec::new();
    let mut chars = text.char_indices().peekable();
    while let Some((at, letter)) = chars.next() {
        if !letter.is_ascii_digit() {
            continue;
        }
        let mut end = at + 1;
        while let Some(&(next, digit)) = chars.peek() {
            let decimal = matches!(digit, ',' | '.') && text[next + 1..].starts_with(|c: char| c.is_ascii_digit());
            if !digit.is_ascii_digit() && !decimal {
                break;
            }
            end = next + 1;
            chars.next();
        }
        let after = text[end..].trim_start();
        let percent = after.starts_with('%');
        let stop = if percent { end + (text[end..].len() - after.len()) + 1 } else { end };
        numbers.push((format!("{}{}", text[at..end].replace(',', "."), if percent { "%" } else { "" }), at, stop));
    }
    numbers
}

fn deadlines(set: &CriteriaSet, indicator: &Indicator, findings: &mut Findings) {
    let issued = set.head.document.date;
    for day in indicator.due.days() {
        if day.in_year(set.head.year) < issued.0 {
            let message = Text::new(
                format!("thời hạn {:02}/{:02} đã qua khi văn bản được ban hành ngày {issued}", day.day(), day.month()),
                format!("the deadline {day} was past when the document was issued on {issued}"),
            );
            findings.push(Severity::Warning, "deadline-past", &indicator.id, &indicator.name, message);
        }
    }
    let others = set.indicators().any(|indicator| !indicator.due.is_empty());
    if indicator.due.is_empty()
        && others
        && set.indicators().filter(|one| one.due.is_empty()).count() * 4 < set.indicators().count()
    {
        let message = Text::new("không ghi thời hạn hoàn thành", "no deadline is printed");
        findings.push(Severity::Note, "deadline-missing", &indicator.id, &indicator.name, message);
    }
}

fn evidence(indicator: &Indicator, findings: &mut Findings) {
    if indicator.evidence.is_empty() && indicator.source.is_none() {
        let message = Text::new(
            "không ghi tài liệu kiểm chứng và cũng không ghi nguồn số liệu",
            "neither evidence nor a data source is printed",
        );
        findings.push(Severity::Warning, "evidence-missing", &indicator.id, &indicator.name, message);
    }
    for evidence in indicator.evidence.iter().filter(|evidence| evidence.signed) {
        let words = fold(&evidence.what);
        // A picture, a link or data as such cannot carry an official's signature; a paper about them can.
        let thing = ["hinh anh", "video", "lien ket", "du lieu"].iter().any(|thing| words.starts_with(thing));
        if thing {
            let message = Text::new(
                "đòi chữ ký số trên thứ không phải văn bản; không rõ đơn vị phải nộp gì",
                "a digital signature is asked on something that is no paper; nobody can tell what to hand in",
            );
            findings.push(Severity::Warning, "evidence-impossible", &indicator.id, &evidence.what, message);
        }
    }
}

fn figures(indicator: &Indicator, used_globally: &mut BTreeSet<String>, findings: &mut Findings) {
    let mut used = BTreeSet::new();
    let mut take = |rule: &Rule, gate: Option<&Gate>, late: Option<&Late>| references(rule, gate, late, &mut used);
    take(&indicator.rule, indicator.gate.as_ref(), indicator.late.as_ref());
    for variant in &indicator.variants {
        take(variant.rule.as_ref().unwrap_or(&indicator.rule), variant.gate.as_ref(), variant.late.as_ref());
    }
    let variants_exempt = indicator.variants.iter().filter_map(|variant| variant.exempt.as_ref()).flatten();
    used.extend(indicator.exempt.iter().chain(variants_exempt).map(|exempt| exempt.when.clone()));
    used_globally.extend(used.iter().filter(|reference| reference.contains('.')).cloned());
    for figure in &indicator.figures {
        if !used.contains(&figure.id) {
            unused(findings, &indicator.id, &figure.id, &figure.label);
        }
        if figure.from.is_none() && indicator.source.is_none() && indicator.evidence.is_empty() {
            let message = Text::new(
                format!("không nói số liệu “{}” lấy từ đâu", figure.label),
                format!("nobody says where the figure \"{}\" comes from", figure.id),
            );
            findings.push(Severity::Warning, "figure-without-source", &indicator.id, &figure.label, message);
        }
    }
}

fn unused(findings: &mut Findings, at: &str, id: &str, label: &str) {
    let message = Text::new(format!("không luật nào dùng số liệu “{id}”"), format!("no rule uses the figure \"{id}\""));
    findings.push(Severity::Warning, "figure-unused", at, label, message);
}

/// Every figure that a rule and its modifiers name.
fn references(rule: &Rule, gate: Option<&Gate>, late: Option<&Late>, used: &mut BTreeSet<String>) {
    let mut add = |reference: &Option<String>| used.extend(reference.clone());
    if let Some(gate) = gate {
        [&gate.count, &gate.date, &gate.yes].into_iter().for_each(&mut add);
    }
    if let Some(late) = late {
        add(&Some(late.date.clone()));
    }
    match rule {
        Rule::Share { part, whole, value, .. }
        | Rule::Steps { part, whole, value, .. }
        | Rule::Peers { part, whole, value, .. } => {
            [part, whole, value].into_iter().for_each(add);
        }
        Rule::Required { count, required, last, .. } => {
            add(&Some(count.clone()));
            add(&Some(required.clone()));
            add(&last.as_ref().map(|last| last.date.clone()));
        }
        Rule::Each { count, .. } | Rule::Loss { count, .. } => add(&Some(count.clone())),
        Rule::Handled { handled, happened } => {
            add(&Some(handled.clone()));
            add(&Some(happened.clone()));
        }
        Rule::YesNo { figure, .. } | Rule::Choice { figure, .. } => add(figure),
        Rule::Parts { parts } => {
            for Part { rule, gate, late, .. } in parts {
                references(rule, gate.as_ref(), late.as_ref(), used);
            }
        }
        Rule::Sum { .. } | Rule::Judged { .. } => {}
    }
}
