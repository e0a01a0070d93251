//! The words themselves: debris of conversion, damaged letters, repeated words, criteria addressed to another level,
//! names that say one thing while the method measures another, guidance copied from another criterion.

use std::collections::BTreeMap;

use super::{Findings, Severity, pairs, printed};
use crate::language::Text;
use crate::model::{FaultCode, Indicator};
use crate::quote::{fold, normalize};
use crate::rule::Rule;
use crate::set::CriteriaSet;

const SUSPECTS: &str = include_str!("suspects.txt");
const LEVELS: &str = include_str!("levels.txt");

/// Signs that stand in a text only after a conversion went wrong.
const DEBRIS: [&str; 9] = ["$", "\\", "<math", "math>", "<p", "</", "td=", "<=\"", "+F114"];

/// Syllables that Vietnamese doubles on purpose.
const DOUBLED: [&str; 8] = ["dần", "luôn", "ngày", "hằng", "thường", "từng", "mãi", "đời"];

pub(super) fn check(set: &CriteriaSet, findings: &mut Findings) {
    for pillar in &set.pillars {
        spelled(&pillar.pillar.no, &pillar.pillar.name, findings);
        for group in &pillar.groups {
            spelled(&group.id, &group.name, findings);
        }
        for indicator in &pillar.indicators {
            for words in printed(indicator) {
                spelled(&indicator.id, words, findings);
                debris(&indicator.id, words, findings);
                repeated(&indicator.id, words, findings);
            }
            level(set, indicator, findings);
            name_and_method(indicator, findings);
        }
    }
    copied(set, findings);
}

fn spelled(at: &str, words: &str, findings: &mut Findings) {
    let words = normalize(words);
    for (spoiled, meant) in pairs(SUSPECTS) {
        let stands = words.match_indices(spoiled).any(|(from, found)| {
            let letter = |c: char| c.is_alphanumeric();
            !words[..from].ends_with(letter) && !words[from + found.len()..].starts_with(letter)
        });
        if stands {
            let message = Text::new(
                format!("chữ bị hỏng: “{spoiled}”, hẳn là “{meant}”"),
                format!("a damaged word: \"{spoiled}\", meant was \"{meant}\""),
            );
            findings.push(Severity::Warning, "damaged-word", at, spoiled, message);
        }
    }
}

fn debris(at: &str, words: &str, findings: &mut Findings) {
    if let Some(sign) = DEBRIS.iter().find(|sign| words.contains(**sign)) {
        let message =
            Text::new(format!("rác do chuyển đổi tệp: “{sign}”"), format!("debris of a file conversion: \"{sign}\""));
        findings.push(Severity::Warning, "debris", at, words, message);
    }
}

/// A run of one to four words that stands twice in a row.
fn repeated(at: &str, words: &str, findings: &mut Findings) {
    let words = normalize(words);
    let list: Vec<&str> = words.split(' ').collect();
    for length in (1..=4).rev() {
        for start in 0..list.len().saturating_sub(2 * length - 1) {
            let (first, second) = (&list[start..start + length], &list[start + length..start + 2 * length]);
            let letters = first.iter().all(|word| word.chars().next().is_some_and(char::is_alphanumeric));
            // “Truyền thông thông qua …”: the second syllable begins another word.
            let next = list.get(start + 2 * length);
            let begins_another =
                length == 1 && first == ["thông"] && next.is_some_and(|word| ["qua", "báo", "tin"].contains(word));
            let on_purpose = begins_another || (length == 1 && DOUBLED.contains(&first[0].to_lowercase().as_str()));
            let digits = first.iter().all(|word| word.chars().all(|c| !c.is_alphabetic()));
            if first == second && letters && !on_purpose && !digits {
                let run = first.join(" ");
                let message =
                    Text::new(format!("lặp chữ: “{run} {run}”"), format!("words stand twice: \"{run} {run}\""));
                return findings.push(Severity::Warning, "repeated-words", at, &format!("{run} {run}"), message);
            }
        }
    }
}

/// Guidance whose first words address levels among which the set's is not.
fn level(set: &CriteriaSet, indicator: &Indicator, findings: &mut Findings) {
    if indicator.faults.iter().any(|fault| fault.code == FaultCode::OtherLevel) {
        return;
    }
    let Some(guidance) = &indicator.guidance else { return };
    let opening: Vec<String> = fold(guidance).split(' ').take(14).map(str::to_owned).collect();
    let opening = format!(" {} ", opening.join(" "));
    let mut addressed: Vec<&str> = Vec::new();
    for (phrase, levels) in pairs(LEVELS) {
        if opening.contains(&format!(" {phrase} ")) {
            addressed.extend(levels.split(' '));
        }
    }
    let known = pairs(LEVELS).any(|(_, levels)| levels.split(' ').any(|level| level == set.head.level));
    if known && !addressed.is_empty() && !addressed.contains(&set.head.level.as_str()) {
        let message = Text::new(
            format!("nội dung viết cho cấp khác, trong khi bộ chỉ số này là của cấp {}", level_name(&set.head.level)),
            format!("addressed to another level than this set's ({})", set.head.level),
        );
        findings.push(Severity::Warning, FaultCode::OtherLevel.name(), &indicator.id, guidance, message);
    }
}

fn level_name(level: &str) -> &str {
    match level {
        "department" => "sở, ban, ngành",
        "district" => "huyện",
        "commune" => "xã",
        other => other,
    }
}

/// A name that promises a rate over a method that is none, or a number over a method that is a rate.
fn name_and_method(indicator: &Indicator, findings: &mut Findings) {
    if indicator.faults.iter().any(|fault| fault.code == FaultCode::NameMethod) {
        return;
    }
    let name = fold(&indicator.name);
    let rate = ["ty le", "ti le"].iter().any(|word| name.starts_with(word));
    let number = ["so luong", "tong kinh phi", "tong ngan sach"].iter().any(|word| name.starts_with(word))
        && !name.contains("ty le");
    let message = match &indicator.rule {
        Rule::YesNo { .. } | Rule::Choice { .. } if rate => Text::new(
            "tên là một tỷ lệ nhưng cách tính chỉ hỏi có hay không",
            "the name is a rate, but the method only asks yes or no",
        ),
        Rule::YesNo { .. } | Rule::Choice { .. } if number => Text::new(
            "tên là một số lượng nhưng cách tính chỉ hỏi có hay không",
            "the name is a number, but the method only asks yes or no",
        ),
        Rule::Share { .. } if number => Text::new(
            "tên là một số lượng nhưng cách tính đo một tỷ lệ",
            "the name is a number, but the method measures a rate",
        ),
        _ => return,
    };
    let quote = format!("{} / {}", indicator.name, indicator.text.as_deref().unwrap_or_default());
    findings.push(Severity::Warning, FaultCode::NameMethod.name(), &indicator.id, &quote, message);
}

/// Guidance that stands at a criterion of another group too.
fn copied(set: &CriteriaSet, findings: &mut Findings) {
    let mut seen: BTreeMap<String, &Indicator> = BTreeMap::new();
    for indicator in set.indicators() {
        let Some(guidance) = &indicator.guidance else { continue };
        let words = fold(guidance);
        if words.len() < 60 {
            continue;
        }
        match seen.get(&words) {
            Some(first) => {
                let id = &first.id;
                let message = Text::new(
                    format!("nội dung thực hiện chép nguyên văn từ {id}"),
                    format!("the guidance is word for word that of {id}"),
                );
                findings.push(Severity::Note, "guidance-copied", &indicator.id, guidance, message);
            }
            None => {
                seen.insert(words, indicator);
            }
        }
    }
}
