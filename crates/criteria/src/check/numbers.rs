//! Whether every number in a rule occurs in the indicator's words or is named in a reading.

use super::{Findings, Severity, printed};
use crate::date::MonthDay;
use crate::language::Text;
use crate::model::Indicator;
use crate::number::{Edge, Number};
use crate::rule::{Gate, Late, Part, Rule};
use crate::set::CriteriaSet;

pub(super) fn check(set: &CriteriaSet, findings: &mut Findings) {
    for indicator in set.indicators() {
        let mut words: Vec<String> = printed(indicator).into_iter().map(str::to_owned).collect();
        words.extend(indicator.restored.clone());
        let group = set
            .pillars
            .iter()
            .flat_map(|pillar| &pillar.groups)
            .find(|group| Some(group.id.as_str()) == indicator.group_id());
        words.extend(group.map(|group| group.name.clone()));
        let known: Vec<&String> = set.readings_at(&indicator.id).flat_map(|reading| &reading.numbers).collect();
        let said = Said::new(&words.join(" \n "), &known);
        for used in numbers_of(indicator) {
            if !said.has(&used, indicator) {
                let (what, en) = match used {
                    Used::Number(number) => (format!("số {number}"), format!("the number {number}")),
                    Used::Percent(percent) => (format!("tỷ lệ {percent} %"), format!("the share {percent} %")),
                    Used::Day(day) => (format!("ngày {:02}/{:02}", day.day(), day.month()), format!("the day {day}")),
                };
                let message = Text::new(
                    format!("luật dùng {what}, nhưng lời văn không có và không cách hiểu nào nêu ra"),
                    format!("the rule uses {en}, which neither the words nor a reading give"),
                );
                let quote = indicator.text.as_deref().unwrap_or(&indicator.name);
                findings.push(Severity::Error, "number-not-in-text", &indicator.id, quote, message);
            }
        }
    }
}

/// A number that a rule uses.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Used {
    Number(Number),
    Percent(Number),
    Day(MonthDay),
}

fn numbers_of(indicator: &Indicator) -> Vec<Used> {
    let mut used = Vec::new();
    of_rule(&indicator.rule, indicator.gate.as_ref(), indicator.late.as_ref(), &mut used);
    for variant in &indicator.variants {
        if let Some(rule) = &variant.rule {
            of_rule(rule, variant.gate.as_ref(), variant.late.as_ref(), &mut used);
        }
    }
    used
}

fn of_rule(rule: &Rule, gate: Option<&Gate>, late: Option<&Late>, used: &mut Vec<Used>) {
    if let Some(gate) = gate {
        used.extend(gate.at_least.map(Used::Number));
        used.extend(gate.before.map(Used::Day));
    }
    if let Some(late) = late {
        used.push(Used::Day(late.after));
        used.push(Used::Percent(late.factor.percent()));
    }
    match rule {
        Rule::Choice { options, .. } => used.extend(options.iter().map(|option| Used::Percent(option.share.percent()))),
        Rule::Parts { parts } => {
            for Part { points, rule, gate, late, .. } in parts {
                used.push(Used::Number(*points));
                of_rule(rule, gate.as_ref(), late.as_ref(), used);
            }
        }
        Rule::Share { full_from, worth, .. } => {
            used.extend(full_from.map(|share| Used::Percent(share.percent())));
            used.extend(worth.map(Used::Number));
        }
        Rule::Required { required, last, .. } => {
            used.extend(Number::parse(required).map(Used::Number));
            used.extend(last.as_ref().map(|last| Used::Day(last.before)));
        }
        Rule::Steps { steps, .. } => {
            for step in steps {
                used.push(match step.from {
                    Edge::Number(number) => Used::Number(number),
                    Edge::Share(share) => Used::Percent(share.percent()),
                });
                used.push(Used::Number(step.points));
            }
        }
        Rule::Each { each, ceiling, .. } => {
            used.push(Used::Number(*each));
            used.extend(ceiling.map(Used::Number));
        }
        Rule::Loss { each, zero_from, .. } => {
            used.push(Used::Number(*each));
            used.extend(zero_from.map(Used::Number));
        }
        Rule::YesNo { .. } | Rule::Handled { .. } | Rule::Peers { .. } | Rule::Sum { .. } | Rule::Judged { .. } => {}
    }
}

/// The numbers and days that words say.
struct Said {
    numbers: Vec<Number>,
    days: Vec<(i64, i64)>,
    months: Vec<i64>,
}

impl Said {
    fn new(words: &str, known: &[&String]) -> Self {
        let mut said = Self { numbers: Vec::new(), days: Vec::new(), months: Vec::new() };
        for number in known {
            match Edge::parse(number) {
                Some(Edge::Number(number)) => said.numbers.push(number),
                Some(Edge::Share(share)) => said.numbers.push(share.percent()),
                None => {
                    if let Some(day) = MonthDay::parse(number) {
                        said.days.push((i64::from(day.day()), i64::from(day.month())));
                    }
                }
            }
        }
        said.words(words);
        said
    }

    fn words(&mut self, words: &str) {
        let lower = words.to_lowercase();
        for (word, value) in [
            ("một", 1),
            ("hai", 2),
            ("ba", 3),
            ("bốn", 4),
            ("sáu", 6),
            ("bảy", 7),
            ("tám", 8),
            ("chín", 9),
            ("mười", 10),
            ("mỗi", 1),
        ] {
            if lower.split(|letter: char| !letter.is_alphanumeric()).any(|one| one == word) {
                self.numbers.extend(Number::whole(value));
            }
        }
        // Each token twice: with comma and with point before the decimals.
        for token in lower.split(|letter: char| !letter.is_ascii_digit() && !matches!(letter, '.' | ',' | '/')) {
            let token = token.trim_matches(['.', ',', '/']);
            for one in token.split('/') {
                let decimal = one.replace(',', ".");
                self.numbers.extend(Number::parse(&decimal));
                let joined: String = one.chars().filter(char::is_ascii_digit).collect();
                self.numbers.extend(Number::parse(&joined));
            }
            let pieces: Vec<i64> = token.split(['/', '.']).filter_map(|piece| piece.parse().ok()).collect();
            if let [day, month, ..] = pieces[..] {
                self.days.push((day, month));
            }
        }
        for (at, word) in lower.match_indices("tháng") {
            let after = lower[at + word.len()..].trim_start();
            let digits: String = after.chars().take_while(char::is_ascii_digit).collect();
            self.months.extend(digits.parse::<i64>());
        }
    }

    fn has(&self, used: &Used, indicator: &Indicator) -> bool {
        match used {
            Used::Number(number) => {
                *number == Number::ZERO || Some(*number) == indicator.points || self.numbers.contains(number)
            }
            Used::Percent(percent) => {
                *percent == Number::ZERO || Some(*percent) == Number::whole(100) || self.numbers.contains(percent)
            }
            Used::Day(day) => {
                let (date, month) = (i64::from(day.day()), i64::from(day.month()));
                let last_of_month = day.in_year(2024).days_in_month() == day.day();
                self.days.contains(&(date, month)) || (last_of_month && self.months.contains(&month))
            }
        }
    }
}
