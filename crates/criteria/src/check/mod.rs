//! The checker: reads a set as a sharp-eyed clerk would and names each finding with its place.
//!
//! Faults of a document are warnings on our faithful copy of it; faults of the copy are errors. What only a reader
//! sees stands in the set as a `fault` and is repeated here.

mod copy;
mod measures;
mod numbers;
mod plan;
mod sums;
mod words;

pub use plan::check_plan;
use serde::Serialize;

use crate::language::Text;
use crate::model::Indicator;
use crate::set::CriteriaSet;

/// How grave a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Our copy is wrong.
    Error,
    /// The document is at fault, or leaves something open that changes points.
    Warning,
    /// Worth knowing.
    Note,
}

impl Severity {
    /// The severity's name, as in data.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }
}

/// Something that the checker found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// How grave it is.
    pub severity: Severity,
    /// What kind of finding it is; the codes are stable.
    pub code: &'static str,
    /// The id of the pillar, group or indicator that it stands at; empty for the set as a whole.
    pub at: String,
    /// The printed words that it is about.
    pub quote: String,
    /// A sentence that an official understands.
    pub message: Text,
}

/// Everything found in a set, in the order of the document; within a place the gravest first.
pub fn check(set: &CriteriaSet) -> Vec<Finding> {
    let mut findings = Findings { found: Vec::new() };
    copy::check(set, &mut findings);
    sums::check(set, &mut findings);
    measures::check(set, &mut findings);
    numbers::check(set, &mut findings);
    words::check(set, &mut findings);
    for indicator in set.indicators() {
        for fault in &indicator.faults {
            let message = Text::new(fault.vi.clone(), fault.en.clone());
            findings.push(Severity::Warning, fault.code.name(), &indicator.id, &fault.quote, message);
        }
    }
    findings.sorted(set)
}

/// Collects findings.
pub(crate) struct Findings {
    found: Vec<Finding>,
}

impl Findings {
    fn push(&mut self, severity: Severity, code: &'static str, at: &str, quote: &str, message: Text) {
        let finding = Finding { severity, code, at: at.to_owned(), quote: quote.trim().to_owned(), message };
        if !self.found.contains(&finding) {
            self.found.push(finding);
        }
    }

    fn sorted(mut self, set: &CriteriaSet) -> Vec<Finding> {
        let mut order: Vec<&str> = vec![""];
        for pillar in &set.pillars {
            order.push(&pillar.pillar.no);
            for indicator in &pillar.indicators {
                let group = pillar.groups.iter().find(|group| Some(group.id.as_str()) == indicator.group_id());
                order.extend(group.map(|group| group.id.as_str()).filter(|id| !order.contains(id)));
                order.push(&indicator.id);
            }
            order.extend(pillar.groups.iter().map(|group| group.id.as_str()));
        }
        let place = |at: &str| order.iter().position(|known| *known == at).unwrap_or(order.len());
        self.found.sort_by_key(|finding| (place(&finding.at), finding.severity));
        self.found
    }
}

/// The words printed at an indicator, for looking things up in them.
fn printed(indicator: &Indicator) -> Vec<&str> {
    let optional = [&indicator.guidance, &indicator.text, &indicator.notes, &indicator.source];
    std::iter::once(indicator.name.as_str())
        .chain(optional.into_iter().flatten().map(String::as_str))
        .chain(indicator.evidence.iter().map(|evidence| evidence.what.as_str()))
        .chain(indicator.exempt.iter().filter_map(|exempt| exempt.text.as_deref()))
        .collect()
}

/// Pairs of a data file: `left -> right`, `#` for remarks.
fn pairs(text: &'static str) -> impl Iterator<Item = (&'static str, &'static str)> {
    text.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once(" -> "))
}
