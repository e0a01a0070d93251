//! Assignment plans: who does which indicator of a set, by when, with which evidence. Data of its own, laid over a set.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::date::MonthDay;
use crate::language::Text;
use crate::model::{Aside, Document, Source};
use crate::number::{Edge, Number};
use crate::problem::{Problem, nearest};
use crate::set::{CriteriaSet, Files, SourceText, source_texts};
use crate::toml_file::{self, Step};

/// The name of a plan's file.
pub const PLAN_FILE: &str = "plan.toml";

/// `plan.toml` as written.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PlanFile {
    /// The version of the file format: 1.
    pub format: u32,
    /// The plan's id, which is its folder's name.
    pub id: String,
    /// Its title.
    pub title: String,
    /// The set that it is laid over.
    pub set: String,
    /// The year that it is for.
    pub year: i16,
    /// The document that it comes from.
    pub document: Document,
    /// The text as received.
    #[serde(default, rename = "source", skip_serializing_if = "Vec::is_empty")]
    pub sources: Vec<Source>,
    /// Source text that assigns nothing.
    #[serde(default, rename = "aside", skip_serializing_if = "Vec::is_empty")]
    pub asides: Vec<Aside>,
    /// The positions that work is given to.
    #[serde(default, rename = "position", skip_serializing_if = "Vec::is_empty")]
    pub positions: Vec<Position>,
    /// Who does what.
    #[serde(default, rename = "assignment", skip_serializing_if = "Vec::is_empty")]
    pub assignments: Vec<Assignment>,
    /// Criteria that the document prints and the set does not have.
    #[serde(default, rename = "excluded", skip_serializing_if = "Vec::is_empty")]
    pub excluded: Vec<Excluded>,
    /// Spans that run from an event, and reviews.
    #[serde(default, rename = "clock", skip_serializing_if = "Vec::is_empty")]
    pub clocks: Vec<Clock>,
    /// What is to be reached.
    #[serde(default, rename = "target", skip_serializing_if = "Vec::is_empty")]
    pub targets: Vec<Target>,
}

/// A position (chức danh), never a person.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Position {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The other ways in which the document prints it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<String>,
}

/// Who does an indicator.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Assignment {
    /// The indicator.
    pub indicator: String,
    /// The positions that lead (chủ trì); several stay several.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lead: Vec<String>,
    /// The positions that coordinate (phối hợp).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub coordinating: Vec<String>,
    /// The deadline within the unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<MonthDay>,
    /// What the document says of the work.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guidance: Option<String>,
    /// What it says of the evidence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence: Option<String>,
    /// What it says of the officials.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub who: Option<String>,
    /// What it says of the time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<String>,
    /// What it remarks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remark: Option<String>,
}

/// A criterion that the document prints and the set does not have.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Excluded {
    /// Its number.
    pub no: String,
    /// Its name, as printed.
    pub name: String,
    /// Why it does not apply, as printed.
    pub text: String,
}

/// A span that runs from an event, or a review.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Clock {
    /// Its id.
    pub id: String,
    /// The words that set it.
    pub text: String,
    /// Its length in days.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub days: Option<u32>,
    /// Its length in months.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub months: Option<u32>,
    /// What it runs from.
    pub from: String,
}

/// What is to be reached.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Target {
    /// Its id.
    pub id: String,
    /// The words that set it.
    pub text: String,
    /// What is measured: `rank`, `budget-share` …
    pub measure: String,
    /// How much at least.
    pub at_least: Edge,
}

/// An assignment plan as read: every position and indicator in it exists.
#[derive(Clone, Debug, PartialEq)]
pub struct AssignmentPlan {
    /// The plan.
    pub file: PlanFile,
    /// The texts as received, in the order of the file.
    pub sources: Vec<SourceText>,
}

/// What a position has on it.
#[derive(Clone, Debug, PartialEq)]
pub struct Load<'a> {
    /// The position.
    pub position: &'a Position,
    /// Indicators that it leads.
    pub leads: usize,
    /// The points of those.
    pub points: Number,
    /// Indicators that it coordinates.
    pub coordinates: usize,
}

impl AssignmentPlan {
    /// The id of the set that a plan is laid over, before the plan is read against it.
    pub fn set_id(files: &Files) -> Option<String> {
        let document = toml_edit::Document::parse(files.get(PLAN_FILE)?.as_str()).ok()?;
        document.get("set")?.as_str().map(str::to_owned)
    }

    /// Reads a plan from the files of its folder; `folder` is how problems name it.
    ///
    /// # Errors
    /// Every problem of the file: its shape, and positions, indicators and sources that do not exist.
    pub fn read(folder: &str, files: &Files, set: &CriteriaSet) -> Result<Self, Vec<Problem>> {
        let name = if folder.is_empty() { PLAN_FILE.to_owned() } else { format!("{folder}/{PLAN_FILE}") };
        let Some(text) = files.get(PLAN_FILE) else {
            let message = Text::new(format!("thiếu tệp {PLAN_FILE}"), format!("the file {PLAN_FILE} is missing"));
            return Err(vec![Problem::of_file(&name, message)]);
        };
        let mut problems = Vec::new();
        let Some(file) = toml_file::read::<PlanFile>(&name, text, &mut problems) else { return Err(problems) };
        let mut report = |path: &[Step<'_>], message: Text| {
            let span = toml_file::locate(text, path).unwrap_or(0..0);
            problems.push(Problem::at(&name, text, span, message));
        };
        if file.set != set.head.id {
            let (found, expected) = (&file.set, &set.head.id);
            report(
                &[Step::Key("set")],
                Text::new(
                    format!("bảng phân công này dành cho “{found}”, không phải “{expected}”"),
                    format!("this plan is laid over \"{found}\", not \"{expected}\""),
                ),
            );
        }
        for (index, position) in file.positions.iter().enumerate() {
            if file.positions[..index].iter().any(|known| known.id == position.id) {
                let id = &position.id;
                report(
                    &[Step::Key("position"), Step::Index(index), Step::Key("id")],
                    Text::new(format!("mã “{id}” đã có ở trên"), format!("the id \"{id}\" stands above already")),
                );
            }
        }
        for (index, assignment) in file.assignments.iter().enumerate() {
            let at = [Step::Key("assignment"), Step::Index(index)];
            let id = &assignment.indicator;
            if set.indicator(id).is_none() {
                let hint = nearest(id, set.indicators().map(|indicator| indicator.id.as_str()));
                let (vi, en) =
                    hint.map(|id| (format!("; ý là “{id}”?"), format!("; did you mean \"{id}\"?"))).unwrap_or_default();
                report(
                    &[at[0], at[1], Step::Key("indicator")],
                    Text::new(format!("không có chỉ số “{id}”{vi}"), format!("there is no indicator \"{id}\"{en}")),
                );
            }
            for (key, positions) in [("lead", &assignment.lead), ("coordinating", &assignment.coordinating)] {
                for (place, id) in positions.iter().enumerate() {
                    if !file.positions.iter().any(|position| position.id == *id) {
                        report(
                            &[at[0], at[1], Step::Key(key), Step::Index(place)],
                            Text::new(format!("không có chức danh “{id}”"), format!("there is no position \"{id}\"")),
                        );
                    }
                }
            }
        }
        for (index, clock) in file.clocks.iter().enumerate() {
            if clock.days.is_some() == clock.months.is_some() {
                report(
                    &[Step::Key("clock"), Step::Index(index)],
                    Text::new("cần đúng một trong `days` và `months`", "give exactly one of `days` and `months`"),
                );
            }
        }
        let sources = source_texts(&name, text, &file.sources, files, &mut problems);
        if problems.is_empty() { Ok(Self { file, sources }) } else { Err(problems) }
    }

    /// The assignments of an indicator.
    pub fn assignments_of<'a>(&'a self, indicator: &'a str) -> impl Iterator<Item = &'a Assignment> {
        self.file.assignments.iter().filter(move |assignment| assignment.indicator == indicator)
    }

    /// The assignments that a position leads or coordinates.
    pub fn assignments_at<'a>(&'a self, position: &'a str) -> impl Iterator<Item = &'a Assignment> {
        let names = move |ids: &[String]| ids.iter().any(|id| id == position);
        self.file.assignments.iter().filter(move |one| names(&one.lead) || names(&one.coordinating))
    }

    /// The position with this id.
    pub fn position(&self, id: &str) -> Option<&Position> {
        self.file.positions.iter().find(|position| position.id == id)
    }

    /// What each position has on it, in the order of the plan.
    pub fn load<'a>(&'a self, set: &CriteriaSet) -> Vec<Load<'a>> {
        let of = |position: &'a Position| {
            let leads = self.file.assignments.iter().filter(|one| one.lead.contains(&position.id));
            let points = leads.clone().filter_map(|one| set.indicator(&one.indicator)?.points);
            let coordinates =
                self.file.assignments.iter().filter(|one| one.coordinating.contains(&position.id)).count();
            Load { position, leads: leads.count(), points: Number::saturating_sum(points), coordinates }
        };
        self.file.positions.iter().map(of).collect()
    }
}
