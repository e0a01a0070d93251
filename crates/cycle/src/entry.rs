//! An entry: one indicator on a unit's sheet, with its figures and its three score columns.

use std::collections::BTreeMap;

use criteria::Number;
use criteria::date::Date;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::action::EntryState;
use crate::id::{AccountId, EvidenceId};

/// The value of one figure, kept as typed, with where it came from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FigureValue {
    /// As typed.
    pub typed: String,
    /// Who gave it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<AccountId>,
    /// When.
    pub at: Timestamp,
    /// Where it came from, where nobody typed it: a file, a source, last year.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
}

/// How the unit answers an indicator.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Answer {
    /// By its figures.
    #[default]
    Figures,
    /// It does not apply here.
    NotApplicable {
        /// Why.
        because: String,
    },
    /// It was not done.
    NotDone {
        /// Why.
        because: String,
    },
}

/// What kind of score a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ScoreKind {
    /// Computed.
    Scored,
    /// A figure is missing.
    Missing,
    /// Does not apply.
    NotApplicable,
    /// Given by a person.
    Judged,
}

impl From<scoring::score::State> for ScoreKind {
    fn from(state: scoring::score::State) -> Self {
        match state {
            scoring::score::State::Scored => Self::Scored,
            scoring::score::State::Missing => Self::Missing,
            scoring::score::State::NotApplicable => Self::NotApplicable,
            scoring::score::State::Judged => Self::Judged,
        }
    }
}

/// One score column of an entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Score {
    /// The points.
    pub points: Number,
    /// Points of the maximum that do not apply.
    pub excluded: Number,
    /// What kind of score it is.
    pub kind: ScoreKind,
}

/// A score that a person set, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// The score.
    pub score: Score,
    /// Why.
    pub reason: String,
    /// Who.
    pub by: AccountId,
    /// When.
    pub at: Timestamp,
    /// The figures that were set in place of the declared ones, which stay.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub figures: BTreeMap<String, FigureValue>,
    /// Whether the engine gave the score, from the declared figures and those above: then it follows them, and what the
    /// rules are read to mean.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub computed: bool,
}

/// A piece of evidence in force, as far as a signed-off state rests on it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EvidenceRef {
    /// Its identity.
    pub id: EvidenceId,
    /// The SHA-256 of its bytes, or the address of a link.
    pub mark: String,
}

/// An indicator on a unit's sheet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The indicator's id.
    pub indicator: String,
    /// Its state.
    pub state: EntryState,
    /// Grows by one with every change; a change that names an older one is stale.
    pub version: i64,
    /// How the unit answers.
    pub answer: Answer,
    /// What the unit wants to say (thuyết minh).
    pub note: String,
    /// The figures, by id.
    pub figures: BTreeMap<String, FigureValue>,
    /// The unit's own score (tự chấm).
    pub self_score: Option<Score>,
    /// The appraiser's (thẩm định).
    pub appraised: Option<Verdict>,
    /// What counts in the end (chốt).
    pub final_score: Option<Verdict>,
    /// Why it was sent back, while it is.
    pub returned: Option<String>,
    /// The day by which it is to be completed since it was last sent back by an appraiser.
    pub returned_due: Option<Date>,
    /// When it was last marked ready; what lateness is computed from.
    pub ready_at: Option<Timestamp>,
    /// The pieces of evidence in force.
    pub evidence: Vec<EvidenceRef>,
    /// When it last changed.
    pub updated_at: Option<Timestamp>,
    /// By whom.
    pub updated_by: Option<AccountId>,
}

impl Entry {
    /// An entry that nobody has touched.
    pub fn empty(indicator: impl Into<String>) -> Self {
        Self {
            indicator: indicator.into(),
            state: EntryState::Empty,
            version: 0,
            answer: Answer::Figures,
            note: String::new(),
            figures: BTreeMap::new(),
            self_score: None,
            appraised: None,
            final_score: None,
            returned: None,
            returned_due: None,
            ready_at: None,
            evidence: Vec::new(),
            updated_at: None,
            updated_by: None,
        }
    }

    /// The score that counts by now: the final one, else the appraised one, else the unit's own.
    pub fn counting(&self) -> Option<&Score> {
        self.verdict().map(|verdict| &verdict.score).or(self.self_score.as_ref())
    }

    /// The verdict that counts by now: the final one, else the appraised one.
    pub fn verdict(&self) -> Option<&Verdict> {
        self.final_score.as_ref().or(self.appraised.as_ref())
    }

    /// The unit's own points and the appraised ones, where the appraiser gave fewer.
    pub fn cut(&self) -> Option<(Number, Number)> {
        let own = self.self_score.as_ref().filter(|score| score.kind != ScoreKind::NotApplicable)?.points;
        let appraised = self.appraised.as_ref()?.score.points;
        (appraised < own).then_some((own, appraised))
    }

    /// Whether it has been touched.
    pub fn is_touched(&self) -> bool {
        self.version > 0
    }
}
