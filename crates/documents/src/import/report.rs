//! The report beside a draft: where each line of it stands in the source, which words a rule rests on, what is unsure.

use std::collections::BTreeMap;

use criteria::Text;
use serde::Serialize;

use super::heads::Column;
use super::outline::Item;
use super::records::Record;
use super::rules::Confidence;
use super::table::{Format, Place};

/// The report's file in the draft's folder.
pub const REPORT_FILE: &str = "import.json";

/// What an import found.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Report {
    /// The file that was imported.
    pub file: String,
    /// What it was written in.
    pub format: Format,
    /// The set's id.
    pub set: String,
    /// The copy of the text in the draft's folder.
    pub source: String,
    /// The SHA-256 of the copy.
    pub sha256: String,
    /// Whether it is a scan whose letters cannot be trusted.
    pub damaged: bool,
    /// The columns that were found.
    pub columns: Vec<Column>,
    /// What was left out or defused.
    pub warnings: Vec<Text>,
    /// What is unsure of the document as a whole.
    pub doubts: Vec<Text>,
    /// Where the total is printed.
    pub total: Vec<Place>,
    /// Rows that are printed but do not apply.
    pub excluded: Vec<Excluded>,
    /// Where the fields of the unit profile stand.
    pub profile: BTreeMap<String, Place>,
    /// Pillars, groups and indicators, in the order of the document.
    pub traces: Vec<Trace>,
}

impl Report {
    /// The report as a file.
    pub fn to_json(&self) -> String {
        let mut text = serde_json::to_string_pretty(self).unwrap_or_default();
        text.push('\n');
        text
    }

    /// The indicators among the traces.
    pub fn indicators(&self) -> impl Iterator<Item = &Trace> {
        self.traces.iter().filter(|trace| trace.kind == Kind::Indicator)
    }
}

/// What a trace is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A pillar.
    Pillar,
    /// A group.
    Group,
    /// An indicator.
    Indicator,
}

/// Where one pillar, group or indicator comes from.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Trace {
    /// What it is.
    pub kind: Kind,
    /// Its id in the draft.
    pub id: String,
    /// Where each of its columns stands.
    pub places: BTreeMap<&'static str, Vec<Place>>,
    /// The levels that the document marks, where it has such columns.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub levels: Vec<String>,
    /// The rule, for indicators.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<RuleTrace>,
    /// What is unsure.
    pub doubts: Vec<Text>,
}

/// What a proposed rule rests on.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RuleTrace {
    /// The rule's kind.
    pub kind: &'static str,
    /// How sure the proposal is.
    pub confidence: Confidence,
    /// The words that it rests on, as printed.
    pub words: Vec<String>,
}

impl Trace {
    /// The trace of an item.
    pub(super) fn of(kind: Kind, item: &Item) -> Self {
        Self {
            kind,
            id: item.id.clone(),
            places: fields(&item.record),
            levels: item.record.levels.clone(),
            rule: None,
            doubts: item.doubts.clone(),
        }
    }

    /// Adds the rule; nothing that was read from a damaged scan is sure.
    pub(super) fn rule(
        &mut self,
        kind: &'static str,
        confidence: Confidence,
        words: Vec<String>,
        doubts: Vec<Text>,
        damaged: bool,
    ) {
        let confidence = if damaged { Confidence::Low } else { confidence };
        self.rule = Some(RuleTrace { kind, confidence, words });
        self.doubts = doubts;
        if damaged {
            self.doubts.push(Text::new("đọc từ bản quét hỏng", "read from a damaged scan"));
        }
    }
}

/// A row that is printed but does not apply.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Excluded {
    /// The id that it would have.
    pub id: String,
    /// Its number as printed.
    pub no: String,
    /// Its name.
    pub name: String,
    /// The words that say so, as printed.
    pub words: String,
    /// Why.
    pub why: Vec<Text>,
    /// Where it stands.
    pub places: BTreeMap<&'static str, Vec<Place>>,
}

impl Excluded {
    pub(super) fn of(item: &Item) -> Self {
        let (id, no, name) = (item.id.clone(), item.no.clone(), item.name.clone());
        let words = super::outline::does_not_apply(&item.record).unwrap_or_default();
        Self { id, no, name, words, why: item.doubts.clone(), places: fields(&item.record) }
    }
}

/// The places of a record by column.
fn fields(record: &Record) -> BTreeMap<&'static str, Vec<Place>> {
    record.fields.iter().map(|(column, field)| (column.name(), field.places.clone())).collect()
}
