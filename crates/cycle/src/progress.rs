//! How far a sheet has come, in counts, points and days, and what is missing before it can be submitted.

use criteria::date::Date;
use criteria::model::Indicator;
use criteria::{CriteriaSet, Number};

use crate::action::EntryState;
use crate::entry::{Answer, Entry, ScoreKind};
use crate::sheet::{FieldProblem, Sheet, Submission};
use crate::time::{Standing, day_of, standing};

/// What an entry lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lack {
    /// A figure.
    Figures,
    /// A value that cannot be used stands in a field.
    UsableFigures,
    /// Evidence: so many pieces are there, so many are needed.
    Evidence {
        /// How many there are.
        have: u32,
        /// How many are needed.
        need: u32,
    },
    /// A signed file whose signature holds, or was accepted.
    Signature {
        /// How many there are.
        have: u32,
        /// How many are needed.
        need: u32,
    },
    /// A reason for "not applicable" or "not done".
    Reason,
}

/// One entry's standing.
#[derive(Clone, Debug, PartialEq)]
pub struct EntryProgress {
    /// Its deadline.
    pub due: Option<Date>,
    /// How the deadline stands.
    pub standing: Option<Standing>,
    /// What it lacks.
    pub lacks: Vec<Lack>,
    /// The most points that it can still gain.
    pub to_gain: Number,
}

impl EntryProgress {
    /// Whether it is late: the deadline passed before it was done.
    pub fn is_overdue(&self) -> bool {
        matches!(self.standing, Some(Standing::Overdue(_)))
    }
}

/// How many pieces of evidence an indicator asks for at least.
pub fn evidence_needed(indicator: &Indicator) -> u32 {
    indicator.evidence.iter().map(|one| one.at_least.unwrap_or(1)).sum()
}

/// The day on which the unit was done with an entry: marked completed, or handed in as it was with the sheet.
pub fn done_on(entry: &Entry, submission: Option<&Submission>) -> Option<Date> {
    let done = entry.ready_at.or(submission.map(|one| one.at));
    done.filter(|_| entry.state.is_done()).map(day_of)
}

/// How one entry stands on `today`, on a sheet with this submission.
pub fn entry_progress(
    indicator: &Indicator,
    (entry, submission): (&Entry, Option<&Submission>),
    due: Option<Date>,
    problems: &[FieldProblem],
    today: Date,
) -> EntryProgress {
    // Whoever was given a day to complete it by is late from that day on, and not from the first one.
    let due = entry.returned_due.or(due);
    let maximum = indicator.points.unwrap_or_default();
    let score = entry.self_score.as_ref();
    let applies = score.is_none_or(|score| score.kind != ScoreKind::NotApplicable);
    let mut lacks = Vec::new();
    match &entry.answer {
        Answer::Figures if applies => {
            let own = |problem: &&FieldProblem| problem.indicator.as_deref() == Some(&entry.indicator);
            if problems.iter().any(|problem| own(&problem)) {
                lacks.push(Lack::UsableFigures);
            } else if score.is_none_or(|score| score.kind == ScoreKind::Missing) {
                lacks.push(Lack::Figures);
            }
            let need = evidence_needed(indicator);
            let have = u32::try_from(entry.evidence.len()).unwrap_or(u32::MAX);
            if have < need {
                lacks.push(Lack::Evidence { have, need });
            }
        }
        Answer::Figures => {}
        Answer::NotApplicable { because } | Answer::NotDone { because } => {
            if because.trim().is_empty() {
                lacks.push(Lack::Reason);
            }
        }
    }
    let done = done_on(entry, submission);
    let points = score.map_or(Number::ZERO, |score| score.points);
    let to_gain = if applies {
        Number::from_millionths(maximum.millionths().saturating_sub(points.millionths()).max(0))
    } else {
        Number::ZERO
    };
    EntryProgress { due, standing: due.filter(|_| applies).map(|due| standing(due, done, today)), lacks, to_gain }
}

/// A sheet in numbers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Summary {
    /// Entries that apply.
    pub count: u32,
    /// Entries that the unit has finished.
    pub done: u32,
    /// Entries that are late.
    pub overdue: u32,
    /// Entries that were sent back.
    pub returned: u32,
    /// Entries without the evidence that is asked for.
    pub without_evidence: u32,
    /// The next deadline among what is not done.
    pub next_due: Option<Date>,
}

/// Sums up the entries of a sheet.
pub fn summary<'a>(entries: impl Iterator<Item = (&'a Entry, &'a EntryProgress)>) -> Summary {
    let mut summary = Summary::default();
    for (entry, progress) in entries {
        if entry.self_score.as_ref().is_some_and(|score| score.kind == ScoreKind::NotApplicable) {
            continue;
        }
        summary.count += 1;
        summary.done += u32::from(entry.state.is_done());
        summary.overdue += u32::from(progress.is_overdue());
        summary.returned += u32::from(entry.state == EntryState::Returned);
        summary.without_evidence += u32::from(progress.lacks.iter().any(|lack| matches!(lack, Lack::Evidence { .. })));
        if let (Some(due), Some(Standing::Left(_))) = (progress.due, progress.standing) {
            summary.next_due = Some(summary.next_due.map_or(due, |next| next.min(due)));
        }
    }
    summary
}

/// How every entry of a sheet stands, in order. `due` gives the deadline of an indicator.
pub fn all(
    set: &CriteriaSet,
    sheet: &Sheet,
    problems: &[FieldProblem],
    today: Date,
    due: impl Fn(&Indicator) -> Option<Date>,
) -> Vec<EntryProgress> {
    set.indicators()
        .zip(&sheet.entries)
        .map(|(indicator, entry)| {
            entry_progress(indicator, (entry, sheet.submission.as_ref()), due(indicator), problems, today)
        })
        .collect()
}
