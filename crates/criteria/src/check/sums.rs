//! Points and numbering: sums against declared totals, numbers used twice, maxima that a rule cannot reach or exceeds.

use std::collections::BTreeMap;

use super::{Findings, Severity};
use crate::language::Text;
use crate::model::{Indicator, PillarFile};
use crate::number::Number;
use crate::rule::{Part, Rule};
use crate::set::CriteriaSet;

pub(super) fn check(set: &CriteriaSet, findings: &mut Findings) {
    let summed = set.summed();
    let counts = |indicator: &&Indicator| !summed.contains(indicator.id.as_str());
    for pillar in &set.pillars {
        let points =
            Number::saturating_sum(pillar.indicators.iter().filter(counts).filter_map(|indicator| indicator.points));
        compare(findings, "sum-pillar", &pillar.pillar.no, &pillar.pillar.name, pillar.pillar.points, points);
        if pillar.pillar.points.is_none() && set.pillars.iter().any(|pillar| pillar.pillar.points.is_some()) {
            let message = Text::new(
                format!("văn bản không ghi điểm của nhóm này; các tiêu chí cộng lại được {points}"),
                format!("the document prints no points for this pillar; its indicators add up to {points}"),
            );
            findings.push(Severity::Warning, "points-missing", &pillar.pillar.no, &pillar.pillar.name, message);
        }
        for group in &pillar.groups {
            let members = pillar.indicators.iter().filter(|indicator| indicator.group_id() == Some(&group.id));
            let points = Number::saturating_sum(members.filter(counts).filter_map(|indicator| indicator.points));
            compare(findings, "sum-group", &group.id, &group.name, group.points, points);
        }
        numbering(pillar, findings);
        for indicator in &pillar.indicators {
            maximum(set, indicator, findings);
        }
    }
    compare(findings, "sum-total", "", &set.head.title, set.head.total, set.maximum());
    styles(set, findings);
}

fn compare(findings: &mut Findings, code: &'static str, at: &str, quote: &str, printed: Option<Number>, sum: Number) {
    let Some(printed) = printed else { return };
    if printed != sum {
        let message = Text::new(
            format!("văn bản ghi {printed} điểm, các tiêu chí cộng lại được {sum}"),
            format!("the document says {printed} points, the indicators add up to {sum}"),
        );
        findings.push(Severity::Warning, code, at, quote, message);
    }
}

fn numbering(pillar: &PillarFile, findings: &mut Findings) {
    let groups = pillar.groups.iter().map(|group| (&group.no, &group.id, &group.name));
    let indicators = pillar.indicators.iter().map(|indicator| (&indicator.no, &indicator.id, &indicator.name));
    let mut seen: BTreeMap<&str, &str> = BTreeMap::new();
    for (no, id, name) in groups.chain(indicators) {
        if let Some(first) = seen.get(no.as_str()).copied() {
            let later = Text::new(
                format!("số “{no}” đã dùng ở {first}; mục sau được gọi là {id}"),
                format!("the number \"{no}\" is used at {first} already; the later one is called {id}"),
            );
            let again = Text::new(
                format!("số “{no}” còn được dùng lần nữa, ở mục được gọi là {id}"),
                format!("the number \"{no}\" is used once more, at what is called {id}"),
            );
            findings.push(Severity::Warning, "number-used-twice", first, name, again);
            findings.push(Severity::Warning, "number-used-twice", id, name, later);
        } else {
            seen.insert(no, id);
        }
    }
    for pair in pillar.indicators.windows(2) {
        let [before, after] = pair else { continue };
        let (Some((stem, last)), Some((next_stem, next))) = (split(&before.no), split(&after.no)) else { continue };
        if stem == next_stem && next > last + 1 {
            let message = Text::new(
                format!("nhảy từ số {} sang {}", before.no, after.no),
                format!("the numbers jump from {} to {}", before.no, after.no),
            );
            findings.push(Severity::Warning, "number-skipped", &after.id, &after.name, message);
        }
    }
}

/// `5.11` as `5` and 11.
fn split(no: &str) -> Option<(&str, u32)> {
    let (stem, last) = no.rsplit_once('.').unwrap_or(("", no));
    Some((stem, last.parse().ok()?))
}

/// Pillars numbered partly in Roman, partly in Arabic numerals.
fn styles(set: &CriteriaSet, findings: &mut Findings) {
    let roman = |pillar: &&PillarFile| pillar.pillar.no.chars().all(|letter| "IVXLC".contains(letter));
    let (romans, others): (Vec<&PillarFile>, Vec<&PillarFile>) = set.pillars.iter().partition(roman);
    let odd = if romans.len() < others.len() { romans } else { others };
    if odd.len() < set.pillars.len() {
        for pillar in odd {
            let no = &pillar.pillar.no;
            let message = Text::new(
                format!("nhóm mang số “{no}” trong khi các nhóm khác đánh số kiểu khác"),
                format!("this pillar is numbered \"{no}\" while the others are numbered in another style"),
            );
            findings.push(Severity::Warning, "mixed-numbering", no, &pillar.pillar.name, message);
        }
    }
}

fn maximum(set: &CriteriaSet, indicator: &Indicator, findings: &mut Findings) {
    let Some(points) = indicator.points else {
        let message = Text::new(
            "văn bản không ghi điểm tối đa của tiêu chí này",
            "the document prints no points for this indicator",
        );
        return findings.push(Severity::Warning, "points-missing", &indicator.id, &indicator.name, message);
    };
    let quote = indicator.text.as_deref().unwrap_or(&indicator.name);
    body(set, indicator, &indicator.rule, points, quote, findings);
}

fn body(set: &CriteriaSet, indicator: &Indicator, rule: &Rule, points: Number, quote: &str, findings: &mut Findings) {
    let reach = reach(set, rule, points);
    let id = &indicator.id;
    if reach > points {
        let message = Text::new(
            format!("cách tính cho đến {reach} điểm, trong khi điểm tối đa là {points}; phần vượt không được tính"),
            format!("the method gives up to {reach} points, the maximum is {points}; what exceeds it does not count"),
        );
        findings.push(Severity::Warning, "above-maximum", id, quote, message);
    } else if reach < points {
        let message = Text::new(
            format!("cách tính chỉ cho nhiều nhất {reach} điểm, không thể đạt điểm tối đa {points}"),
            format!("the method gives {reach} points at most, the maximum of {points} cannot be reached"),
        );
        findings.push(Severity::Warning, "below-maximum", id, quote, message);
    }
    if let Rule::Parts { parts } = rule {
        for Part { rule, points, .. } in parts {
            body(set, indicator, rule, *points, quote, findings);
        }
    }
}

/// The most that a rule can give, not held at its maximum.
fn reach(set: &CriteriaSet, rule: &Rule, points: Number) -> Number {
    match rule {
        Rule::Choice { options, .. } => {
            let best = options.iter().map(|option| option.share.number().millionths()).max().unwrap_or(0);
            let product = i128::from(best) * i128::from(points.millionths()) / i128::from(Number::ONE.millionths());
            Number::from_millionths(i64::try_from(product).unwrap_or(i64::MAX))
        }
        Rule::Parts { parts } => Number::saturating_sum(parts.iter().map(|part| part.points)),
        Rule::Share { worth, .. } => worth.unwrap_or(points),
        Rule::Steps { steps, .. } => steps.iter().map(|step| step.points).max().unwrap_or_default(),
        Rule::Each { ceiling, .. } => ceiling.unwrap_or(points),
        Rule::Sum { of } => {
            Number::saturating_sum(of.iter().filter_map(|id| set.indicator(id)).filter_map(|child| child.points))
        }
        Rule::YesNo { .. }
        | Rule::Required { .. }
        | Rule::Loss { .. }
        | Rule::Handled { .. }
        | Rule::Peers { .. }
        | Rule::Judged { .. } => points,
    }
}
