//! What commands carry: what is new, what changes, what somebody found.

use std::collections::{BTreeMap, BTreeSet};

use criteria::Files;
use criteria::date::Date;
use criteria::model::Grade;
use cycle::entry::Answer;
use cycle::round::{Days, Exemption};
use cycle::{AssessmentId, EvidenceId, LevelId, PaperId, PositionId, RoundId, UnitId};

/// A paper that is issued; its file was taken in already.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewPaper {
    /// The code that its file carries.
    pub code: String,
    /// Which kind of paper it is, as forms are named.
    pub kind: String,
    /// The round that it is about.
    pub round: RoundId,
    /// The sheet that it is about.
    pub assessment: Option<AssessmentId>,
    /// The publication that it is about.
    pub publication: Option<i64>,
    /// What it is called.
    pub title: String,
    /// Its number and sign.
    pub number: String,
    /// The SHA-256 of its file.
    pub sha256: String,
    /// The SHA-256 of its words.
    pub words: String,
}

/// A copy of a paper that came back, and what was found in it.
#[derive(Clone, Debug, PartialEq)]
pub struct NewCopy {
    /// The paper.
    pub paper: PaperId,
    /// What the file is called.
    pub name: String,
    /// The SHA-256 of the file.
    pub sha256: String,
    /// Its size in bytes.
    pub bytes: u64,
    /// How it compares with what was issued.
    pub likeness: String,
    /// What its signatures proved.
    pub verdict: String,
    /// Who signed it.
    pub signers: Vec<String>,
    /// What differs.
    pub differences: serde_json::Value,
}

/// Which sessions of a person end. They are named by the SHA-256 of their secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ended {
    /// This one.
    One(String),
    /// All but this one.
    Others(String),
}

/// A unit to add.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewUnit {
    /// Its official code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// What it is.
    pub kind: String,
    /// Its level, as criteria sets name it.
    pub level: String,
    /// The code of the unit that it belongs to.
    pub parent: Option<String>,
    /// The first day that it exists.
    pub from: Option<Date>,
    /// The last day that it exists.
    pub to: Option<Date>,
}

/// A person to add, with the position held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewPerson {
    /// What one signs in with.
    pub login: String,
    /// The name.
    pub name: String,
    /// The position held from now on.
    pub position: Option<PositionId>,
    /// The first day of holding it.
    pub from: Date,
    /// The SHA-256 of the invitation's secret, and when it expires, in milliseconds.
    pub invitation: Option<(String, i64)>,
    /// The secret part of the calendar's address.
    pub calendar: String,
}

/// A position that somebody is to hold, from day to day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tenure {
    /// The position.
    pub position: PositionId,
    /// The first day.
    pub from: Date,
    /// The last day.
    pub to: Option<Date>,
}

/// A level of a new round.
#[derive(Clone, Debug, PartialEq)]
pub struct NewLevel {
    /// The level of the units.
    pub level: String,
    /// The id of the set.
    pub set: String,
    /// The set's files.
    pub files: Files,
    /// Answers to readings.
    pub picks: BTreeMap<String, String>,
    /// Figures of the round.
    pub figures: BTreeMap<String, String>,
    /// The units that take part; all of the level below the owner where `None`.
    pub units: Option<Vec<UnitId>>,
}

/// A draft of a criteria set, as it was imported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewDraft {
    /// The unit that it belongs to.
    pub owner: UnitId,
    /// The document that it was made of, as people call the file.
    pub file: String,
    /// The SHA-256 of that file's bytes.
    pub sha256: String,
    /// The files of the set, the text of the document and the report of the import among them.
    pub files: Files,
}

/// What a new round begins with beyond its levels: what was taken over from the round before, as a rule.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Beginning {
    /// The round that it was copied from.
    pub from: Option<RoundId>,
    /// The days that its figures are about.
    pub period: Option<Days>,
    /// Units that do not take part, and why.
    pub absent: BTreeMap<UnitId, String>,
    /// Indicators that do not apply to one unit.
    pub exemptions: Vec<Exemption>,
    /// Who does what.
    pub assignments: BTreeMap<UnitId, Vec<AssignmentChange>>,
    /// Grades of levels, by level.
    pub grades: BTreeMap<String, Vec<Grade>>,
}

/// A grade as its round's owner types it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeclaredGrade {
    /// Its name.
    pub name: String,
    /// From how many percent of the full result on it is given.
    pub from: String,
}

/// What a person changes in an entry; what is `None` stays.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EntryChange {
    /// Figures, as typed.
    pub figures: BTreeMap<String, String>,
    /// How the unit answers.
    pub answer: Option<Answer>,
    /// What it wants to say.
    pub note: Option<String>,
}

/// Figures of one unit from a file or a source.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Filling {
    /// The profile.
    pub profile: BTreeMap<String, String>,
    /// The figures, by indicator.
    pub entries: BTreeMap<String, BTreeMap<String, String>>,
    /// Evidence, by indicator.
    pub evidence: BTreeMap<String, Vec<NewEvidence>>,
    /// Indicators to mark ready.
    pub ready: BTreeSet<String>,
    /// Where the figures came from.
    pub from: String,
}

/// A file of figures that was uploaded; its bytes were taken in already.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewFigureFile {
    /// The round.
    pub round: RoundId,
    /// The level whose units it is about.
    pub level: LevelId,
    /// What it is called.
    pub name: String,
    /// The SHA-256 of its bytes.
    pub sha256: String,
    /// Its size in bytes.
    pub bytes: u64,
}

/// A figure from a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Supplied {
    /// The value, as typed.
    pub typed: String,
    /// The file and the cell: the figure's origin from now on.
    pub from: String,
}

/// Figures of one sheet from a file, with the versions that were seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SheetSupply {
    /// The sheet.
    pub assessment: AssessmentId,
    /// The version of the profile.
    pub profile_version: i64,
    /// Figures of the profile.
    pub profile: BTreeMap<String, Supplied>,
    /// By indicator: the entry's version, and its figures.
    pub entries: BTreeMap<String, (i64, BTreeMap<String, Supplied>)>,
}

/// An assignment to make, or to take back where `role` is `None`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AssignmentChange {
    /// The indicator.
    pub indicator: String,
    /// The position.
    pub position: PositionId,
    /// Whether it leads or coordinates.
    pub leads: Option<bool>,
    /// The unit's own deadline.
    pub due: Option<Date>,
}

/// What an appraiser says of an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Appraisal {
    /// What was declared holds.
    Accept,
    /// These points instead, as typed.
    Adjust {
        /// The points.
        points: String,
        /// Why.
        reason: String,
    },
    /// These figures instead of the declared ones, as typed; the engine gives the points.
    Figures {
        /// The figures that differ, by id.
        figures: BTreeMap<String, String>,
        /// Why.
        reason: String,
    },
    /// Back to the unit for completion.
    Return {
        /// What is to be completed.
        reason: String,
        /// The last day for it.
        due: Option<Date>,
    },
    /// The points stay as they were appraised, in answer to an explanation.
    Keep {
        /// Why.
        reason: String,
    },
}

/// A piece of evidence that was stored, or a link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewEvidence {
    /// The name it had, for people.
    pub name: String,
    /// The SHA-256 of its bytes; `None` for a link.
    pub sha256: Option<String>,
    /// Its size in bytes.
    pub bytes: u64,
    /// Its kind, as found in its bytes.
    pub media: String,
    /// The address of a link.
    pub link: Option<String>,
}

/// A figure that a person takes over from a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    /// The file.
    pub evidence: EvidenceId,
    /// The figure.
    pub figure: String,
    /// The value.
    pub value: String,
    /// Where it was read, in words: the figure's origin from now on.
    pub from: String,
}
