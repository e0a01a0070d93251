//! What differs between two sets, indicator by indicator, along a mapping.

use serde::Serialize;
use serde_json::{Map, Value as Json};

use crate::language::Text;
use crate::mapping::Mapping;
use crate::model::Indicator;
use crate::quote::{fold, readable};
use crate::set::CriteriaSet;
use crate::write::{inline, json};

/// A difference between two sets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// What kind of difference it is.
    pub kind: DifferenceKind,
    /// The id in the earlier set.
    pub from: Option<String>,
    /// The id in the later set.
    pub to: Option<String>,
    /// What stood there.
    pub before: String,
    /// What stands there.
    pub after: String,
    /// A sentence.
    pub message: Text,
}

/// Kinds of differences.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum DifferenceKind {
    /// Only the later set has it.
    Added,
    /// Only the earlier set has it.
    Removed,
    /// It has another number.
    Renumbered,
    /// It has another name.
    Renamed,
    /// It has other points.
    Points,
    /// Its points come about in another way.
    Rule,
    /// The words that its rule carries out are others.
    Text,
    /// Its deadlines are others.
    Due,
    /// Its evidence is another.
    Evidence,
}

impl DifferenceKind {
    /// The kind's name in data.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Removed => "removed",
            Self::Renumbered => "renumbered",
            Self::Renamed => "renamed",
            Self::Points => "points",
            Self::Rule => "rule",
            Self::Text => "text",
            Self::Due => "due",
            Self::Evidence => "evidence",
        }
    }
}

/// Every difference, in the order of the later set; what was removed comes last.
pub fn compare(from: &CriteriaSet, to: &CriteriaSet, mapping: &Mapping) -> Vec<Difference> {
    let mut differences = Vec::new();
    for after in to.indicators() {
        let mut before = mapping
            .maps
            .iter()
            .filter(|pair| pair.to == after.id)
            .filter_map(|pair| from.indicator(&pair.from))
            .peekable();
        if before.peek().is_none() {
            let (id, name) = (&after.id, readable(&after.name));
            let message = Text::new(format!("thêm {id}: {name}"), format!("{id} added: {name}"));
            differences.push(difference(DifferenceKind::Added, None, Some(after), String::new(), name, message));
        }
        for before in before {
            pair(before, after, &mut differences);
        }
    }
    for before in from.indicators() {
        if !mapping.maps.iter().any(|pair| pair.from == before.id) {
            let (id, name) = (&before.id, readable(&before.name));
            let message = Text::new(format!("bỏ {id}: {name}"), format!("{id} removed: {name}"));
            differences.push(difference(DifferenceKind::Removed, Some(before), None, name, String::new(), message));
        }
    }
    differences
}

fn difference(
    kind: DifferenceKind,
    from: Option<&Indicator>,
    to: Option<&Indicator>,
    before: String,
    after: String,
    message: Text,
) -> Difference {
    let id = |indicator: Option<&Indicator>| indicator.map(|indicator| indicator.id.clone());
    Difference { kind, from: id(from), to: id(to), before, after, message }
}

/// What differs between an indicator and its successor.
fn pair(a: &Indicator, b: &Indicator, differences: &mut Vec<Difference>) {
    let mut push = |kind, before: String, after: String, vi: &str, en: &str| {
        let message = Text::new(
            format!("{}: {vi} “{before}” thành “{after}”", b.id),
            format!("{}: {en} from \"{before}\" to \"{after}\"", b.id),
        );
        differences.push(difference(kind, Some(a), Some(b), before, after, message));
    };
    if a.id != b.id {
        push(DifferenceKind::Renumbered, a.id.clone(), b.id.clone(), "đổi số", "renumbered");
    }
    if fold(&a.name) != fold(&b.name) {
        push(DifferenceKind::Renamed, readable(&a.name), readable(&b.name), "đổi tên", "renamed");
    }
    if a.points != b.points {
        let shown =
            |indicator: &Indicator| indicator.points.map_or_else(|| "–".to_owned(), |points| points.to_string());
        push(DifferenceKind::Points, shown(a), shown(b), "đổi điểm tối đa", "points changed");
    }
    if (&a.rule, &a.gate, &a.late, &a.exempt) != (&b.rule, &b.gate, &b.late, &b.exempt) {
        push(DifferenceKind::Rule, rule(a, b), rule(b, a), "đổi luật tính điểm", "rule changed");
    }
    let words = |words: &Option<String>| words.as_deref().map(readable).unwrap_or_default();
    if fold(&words(&a.text)) != fold(&words(&b.text)) {
        push(DifferenceKind::Text, words(&a.text), words(&b.text), "đổi lời văn", "words changed");
    }
    if a.due.days() != b.due.days() {
        let shown = |indicator: &Indicator| {
            indicator
                .due
                .days()
                .iter()
                .map(|day| format!("{:02}/{:02}", day.day(), day.month()))
                .collect::<Vec<_>>()
                .join(", ")
        };
        push(DifferenceKind::Due, shown(a), shown(b), "đổi thời hạn", "deadline changed");
    }
    let evidence =
        |indicator: &Indicator| indicator.evidence.iter().map(|one| readable(&one.what)).collect::<Vec<_>>().join("; ");
    if fold(&evidence(a)) != fold(&evidence(b)) {
        push(DifferenceKind::Evidence, evidence(a), evidence(b), "đổi tài liệu kiểm chứng", "evidence changed");
    }
}

/// A rule as it differs from another: its kind and modifiers, and under the same kind the keys that say another thing.
fn rule(indicator: &Indicator, other: &Indicator) -> String {
    let (own, others) = (rule_keys(indicator), rule_keys(other));
    if indicator.rule.kind() != other.rule.kind() {
        let modifiers = own.keys().map(String::as_str).filter(|key| ["gate", "late", "exempt"].contains(key));
        return std::iter::once(indicator.rule.kind()).chain(modifiers).collect::<Vec<_>>().join(" + ");
    }
    let changed = own.iter().filter(|(key, value)| others.get(*key) != Some(value));
    let changed: Vec<String> = changed.map(|(key, value)| format!("{key} = {}", inline(value))).collect();
    let kind = indicator.rule.kind();
    if changed.is_empty() { kind.to_owned() } else { format!("{kind}: {}", changed.join(", ")) }
}

/// The keys of a rule and its modifiers, without those that say nothing.
fn rule_keys(indicator: &Indicator) -> Map<String, Json> {
    let mut keys = json(&indicator.rule);
    keys.extend(json(indicator).into_iter().filter(|(key, _)| ["gate", "late", "exempt"].contains(&key.as_str())));
    keys
}
