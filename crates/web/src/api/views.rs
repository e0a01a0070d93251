//! Sheets and entries as the API shows them. Points are decimal strings, days and instants ISO 8601.

use std::collections::BTreeMap;

use criteria::model::Indicator;
use criteria::{Language, Number, Text};
use cycle::entry::{Answer as Given, Entry, Score as Kept, ScoreKind, Verdict};
use cycle::progress::{EntryProgress, Lack};
use cycle::time::{self, Standing};
use cycle::{AssessmentId, UnitId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::State;
use store::records::Event;
use store::state::Assessment;

use super::problem::Problem;
use crate::app::App;
use crate::opened::{Opened, actor_name, because};
use crate::pages::history::event_sentence;
use crate::view::L;

/// A sentence in both languages.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Words {
    /// In Vietnamese.
    vi: String,
    /// In English.
    en: String,
}

impl From<Text> for Words {
    fn from(text: Text) -> Self {
        Self { vi: text.vi, en: text.en }
    }
}

/// A field with what is wrong with it.
#[derive(Debug, Serialize, JsonSchema)]
pub struct FieldWords {
    /// The field.
    field: String,
    /// In Vietnamese.
    vi: String,
    /// In English.
    en: String,
}

impl FieldWords {
    /// What is wrong with a field.
    pub fn new(field: &str, message: Text) -> Self {
        Self { field: field.to_owned(), vi: message.vi, en: message.en }
    }
}

impl From<store::command::FieldRefusal> for FieldWords {
    fn from(refusal: store::command::FieldRefusal) -> Self {
        Self::new(&refusal.field, refusal.message)
    }
}

/// The same in both languages.
pub fn both(say: impl Fn(L) -> String) -> Words {
    Words { vi: say(L(Language::Vietnamese)), en: say(L(Language::English)) }
}

/// A unit.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Unit {
    /// Its id.
    pub id: i64,
    /// Its official code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// What it is: xã, phường, sở …
    pub kind: String,
    /// Its level, as criteria sets name it.
    pub level: String,
    /// The unit that it belongs to.
    pub parent: Option<i64>,
    /// The first day that it exists.
    pub from: Option<String>,
    /// The last day that it exists.
    pub to: Option<String>,
}

impl From<&cycle::Unit> for Unit {
    fn from(unit: &cycle::Unit) -> Self {
        Self {
            id: unit.id.0,
            code: unit.code.clone(),
            name: unit.name.clone(),
            kind: unit.kind.clone(),
            level: unit.level.clone(),
            parent: unit.parent.map(|parent| parent.0),
            from: unit.from.map(|day| day.to_string()),
            to: unit.to.map(|day| day.to_string()),
        }
    }
}

/// What a pillar of a sheet comes to.
#[derive(Debug, Serialize, JsonSchema)]
pub struct PillarTotals {
    /// Its number, as printed.
    no: String,
    /// Its name.
    name: String,
    /// The unit's own points.
    points: Number,
    /// The most there are.
    maximum: Number,
    /// Points of the maximum that do not apply.
    excluded: Number,
    /// Entries that the unit has finished.
    done: u32,
    /// Entries that apply.
    count: u32,
}

/// How a sheet stands, without its entries.
#[derive(Debug, Serialize, JsonSchema)]
pub struct SheetTotals {
    /// Its id.
    pub id: i64,
    /// The round's id.
    round: i64,
    /// The unit's id.
    unit: i64,
    /// The unit's official code.
    unit_code: String,
    /// The unit's name.
    unit_name: String,
    /// The level of the unit, as criteria sets name it.
    level: String,
    /// `open` or `submitted`.
    #[schemars(extend("enum" = ["open", "submitted"]))]
    state: &'static str,
    /// Grows by one with every change of anything on the sheet.
    version: i64,
    /// The unit's own points.
    points: Number,
    /// The most there are.
    maximum: Number,
    /// Points of the maximum that do not apply.
    excluded: Number,
    /// Points ÷ (maximum − excluded) × maximum; missing where nothing applies.
    comparable: Option<Number>,
    /// Entries that the unit has finished.
    done: u32,
    /// Entries that apply.
    count: u32,
    /// When it was signed off.
    submitted_at: Option<String>,
    /// The pillars, in order.
    pillars: Vec<PillarTotals>,
}

impl SheetTotals {
    /// How a sheet stands.
    pub fn of(state: &State, row: &Assessment) -> Result<Self, store::Error> {
        let unit = state.tree.get(row.unit);
        let level = state.level_of(row)?;
        let set = &level.program.set;
        let pillars: Vec<PillarTotals> = set
            .pillars
            .iter()
            .zip(&row.totals.pillars)
            .map(|(pillar, totals)| PillarTotals {
                no: pillar.pillar.no.clone(),
                name: pillar.pillar.name.clone(),
                points: totals.points,
                maximum: totals.maximum,
                excluded: totals.excluded,
                done: totals.done,
                count: totals.count,
            })
            .collect();
        Ok(Self {
            id: row.id.0,
            round: row.round.0,
            unit: row.unit.0,
            unit_code: unit.map(|unit| unit.code.clone()).unwrap_or_default(),
            unit_name: unit.map(|unit| unit.name.clone()).unwrap_or_default(),
            level: level.facts.level.clone(),
            state: row.state.key(),
            version: row.version,
            points: row.totals.points,
            maximum: row.totals.maximum,
            excluded: row.totals.excluded,
            comparable: row.totals.comparable,
            done: pillars.iter().map(|pillar| pillar.done).sum(),
            count: pillars.iter().map(|pillar| pillar.count).sum(),
            submitted_at: row.submission.as_ref().map(|one| one.at.to_string()),
            pillars,
        })
    }
}

/// How the unit answers.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
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

impl From<&Given> for Answer {
    fn from(answer: &Given) -> Self {
        match answer {
            Given::Figures => Self::Figures,
            Given::NotApplicable { because } => Self::NotApplicable { because: because.clone() },
            Given::NotDone { because } => Self::NotDone { because: because.clone() },
        }
    }
}

impl From<Answer> for Given {
    fn from(answer: Answer) -> Self {
        match answer {
            Answer::Figures => Self::Figures,
            Answer::NotApplicable { because } => Self::NotApplicable { because },
            Answer::NotDone { because } => Self::NotDone { because },
        }
    }
}

/// A figure with its value.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Figure {
    /// Its id.
    pub id: String,
    /// What people read.
    label: String,
    /// What kind of value it is: `yes-no`, `count`, `number`, `money`, `share`, `choice`, `date`, `text`, `points`.
    kind: &'static str,
    /// What is counted or measured.
    unit: Option<String>,
    /// The value as typed, in Vietnamese notation; missing where nothing was given.
    value: Option<String>,
    /// Where it came from, where nobody typed it.
    from: Option<String>,
    /// When it was given.
    at: Option<String>,
    /// Why the value cannot be used.
    problem: Option<Words>,
}

/// A figure as it stands on a sheet.
pub fn figure(opened: &Opened, indicator: Option<&str>, figure: &criteria::model::Figure) -> Figure {
    let value = match indicator {
        None => opened.sheet.profile.get(&figure.id),
        Some(indicator) => opened.sheet.entry(indicator).and_then(|(_, entry)| entry.figures.get(&figure.id)),
    };
    let problem =
        opened.read.problems.iter().find(|one| one.indicator.as_deref() == indicator && one.figure == figure.id);
    Figure {
        id: figure.id.clone(),
        label: figure.label.clone(),
        kind: figure.kind.name(),
        unit: figure.unit.clone(),
        value: value.map(|value| value.typed.clone()),
        from: value.and_then(|value| value.from.clone()),
        at: value.map(|value| value.at.to_string()),
        problem: problem.map(|one| one.message.clone().into()),
    }
}

/// A score column.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Score {
    /// The points.
    points: Number,
    /// Points of the maximum that do not apply.
    excluded: Number,
    /// What kind of score it is.
    #[schemars(extend("enum" = ["scored", "missing", "not-applicable", "judged"]))]
    kind: &'static str,
    /// Why, where a person set it.
    reason: Option<String>,
    /// The figures that were set in place of the declared ones, by id.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    figures: BTreeMap<String, String>,
}

/// A score column as the API shows it.
pub fn score(score: &Kept, reason: Option<String>) -> Score {
    let kind = match score.kind {
        ScoreKind::Scored => "scored",
        ScoreKind::Missing => "missing",
        ScoreKind::NotApplicable => "not-applicable",
        ScoreKind::Judged => "judged",
    };
    Score { points: score.points, excluded: score.excluded, kind, reason, figures: BTreeMap::new() }
}

fn verdict(verdict: &Verdict) -> Score {
    let figures = verdict.figures.iter().map(|(id, value)| (id.clone(), value.typed.clone())).collect();
    Score { figures, ..score(&verdict.score, Some(verdict.reason.clone())) }
}

/// Something that an entry lacks.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(tag = "what", rename_all = "kebab-case")]
pub enum Lacking {
    /// A figure.
    Figures,
    /// A value that can be used.
    UsableFigures,
    /// Evidence.
    Evidence {
        /// How many pieces there are.
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

/// An indicator on a sheet.
#[derive(Debug, Serialize, JsonSchema)]
pub struct EntryRow {
    /// The indicator's id.
    pub indicator: String,
    /// Its name.
    name: String,
    /// The most points there are.
    maximum: Number,
    /// Where it stands.
    #[schemars(extend("enum" = ["empty", "filling", "ready", "submitted", "returned", "accepted", "adjusted", "explained", "answered", "decided"]))]
    state: &'static str,
    /// Grows by one with every change; a change must name it.
    pub version: i64,
    /// How the unit answers.
    answer: Answer,
    /// What the unit wants to say (thuyết minh).
    note: String,
    /// The figures.
    figures: Vec<Figure>,
    /// The unit's own points (tự chấm).
    #[serde(rename = "self")]
    own: Option<Score>,
    /// The appraiser's (thẩm định).
    appraised: Option<Score>,
    /// What counts in the end (chốt).
    #[serde(rename = "final")]
    decided: Option<Score>,
    /// The deadline.
    due: Option<String>,
    /// Days late, where it is or was late.
    days_late: Option<i32>,
    /// Days left, where it is not done.
    days_left: Option<i32>,
    /// What is missing before it can be finished.
    lacks: Vec<Lacking>,
    /// The most points that it can still gain.
    to_gain: Number,
    /// How many pieces of evidence are in force.
    evidence_count: usize,
    /// Why it was sent back, while it is.
    returned: Option<String>,
    /// When it last changed.
    updated_at: Option<String>,
}

/// An indicator on a sheet, as the API shows it.
pub fn row(opened: &Opened, indicator: &Indicator, entry: &Entry, progress: &EntryProgress) -> EntryRow {
    let days_left = match progress.standing {
        Some(Standing::Left(days)) => Some(days),
        Some(Standing::Overdue(_) | Standing::InTime | Standing::DoneLate(_)) | None => None,
    };
    let lacking = |lack: &Lack| match *lack {
        Lack::Figures => Lacking::Figures,
        Lack::UsableFigures => Lacking::UsableFigures,
        Lack::Evidence { have, need } => Lacking::Evidence { have, need },
        Lack::Signature { have, need } => Lacking::Signature { have, need },
        Lack::Reason => Lacking::Reason,
    };
    EntryRow {
        indicator: indicator.id.clone(),
        name: indicator.name.clone(),
        maximum: indicator.points.unwrap_or_default(),
        state: entry.state.key(),
        version: entry.version,
        answer: (&entry.answer).into(),
        note: entry.note.clone(),
        figures: indicator.all_figures().iter().map(|one| figure(opened, Some(&indicator.id), one)).collect(),
        own: entry.self_score.as_ref().map(|own| score(own, None)),
        appraised: entry.appraised.as_ref().map(verdict),
        decided: entry.final_score.as_ref().map(verdict),
        due: progress.due.map(|day| day.to_string()),
        days_late: progress.standing.and_then(Standing::days_late),
        days_left,
        lacks: progress.lacks.iter().map(lacking).collect(),
        to_gain: progress.to_gain,
        evidence_count: entry.evidence.len(),
        returned: entry.returned.clone(),
        updated_at: entry.updated_at.map(|at| at.to_string()),
    }
}

/// A sheet with its entries.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Sheet {
    /// What it comes to.
    totals: SheetTotals,
    /// The round's title.
    round_title: String,
    /// The round's phase.
    #[schemars(extend("enum" = ["draft", "collecting", "appraising", "explaining", "deciding", "published"]))]
    phase: &'static str,
    /// The criteria set's id.
    set: String,
    /// The hash of the criteria set's content.
    set_hash: String,
    /// The hash of the state shown; signing off names it.
    state_hash: String,
    /// Entries that are late.
    overdue: u32,
    /// Entries that were sent back.
    returned: u32,
    /// Entries without the evidence that is asked for.
    without_evidence: u32,
    /// The next deadline among what is not done.
    next_due: Option<String>,
    /// The entries, in the order of the set.
    entries: Vec<EntryRow>,
}

/// A sheet as the API shows it.
pub fn sheet(app: &App, opened: &Opened) -> Result<Sheet, Problem> {
    let summary = opened.summary();
    let state = app.store.state();
    Ok(Sheet {
        totals: SheetTotals::of(&state, &opened.row)?,
        round_title: opened.round.title.clone(),
        phase: opened.round.phase.key(),
        set: opened.program().set.head.id.clone(),
        set_hash: opened.level.facts.set_hash.clone(),
        state_hash: opened.sheet.state_hash(&opened.level.facts.set_hash),
        overdue: summary.overdue,
        returned: summary.returned,
        without_evidence: summary.without_evidence,
        next_due: summary.next_due.map(|day| day.to_string()),
        entries: opened.rows().map(|(indicator, entry, progress)| row(opened, indicator, entry, progress)).collect(),
    })
}

/// Somebody did something, in a sentence.
#[derive(Debug, Serialize, JsonSchema)]
pub struct History {
    /// The number of the event in the log.
    seq: i64,
    /// When.
    at: String,
    /// What was done, as a word for programs.
    action: String,
    /// Who did what.
    sentence: Words,
}

/// An event of the history.
pub fn history(state: &State, unit: UnitId, event: &Event) -> History {
    History {
        seq: event.seq,
        at: event.at.to_string(),
        action: event.action.clone(),
        sentence: both(|l| event_sentence(state, l, unit, event)),
    }
}

/// A piece of evidence.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Evidence {
    /// Its id.
    id: i64,
    /// The name it had.
    name: String,
    /// Its size in bytes; 0 for a link.
    bytes: u64,
    /// Its kind, as found in its bytes.
    media: String,
    /// The SHA-256 of its bytes; missing for a link.
    sha256: Option<String>,
    /// The address of a link.
    link: Option<String>,
    /// When it was given.
    at: String,
    /// By whom: the position, else the name.
    by: String,
    /// Why it was withdrawn, where it was.
    withdrawn: Option<String>,
}

/// A remark.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Remark {
    /// What it is.
    #[schemars(extend("enum" = ["comment", "explanation", "answer"]))]
    kind: &'static str,
    /// The round of explanation that it belongs to, from 1; 0 for a comment.
    turn: i64,
    /// When.
    at: String,
    /// By whom: the position, else the name.
    by: String,
    /// The words.
    words: String,
}

/// An entry with all that belongs to it.
#[derive(Debug, Serialize, JsonSchema)]
pub struct EntryInFull {
    /// The sheet's id.
    sheet: i64,
    /// The entry.
    entry: EntryRow,
    /// Why it has its points.
    because: Words,
    /// The evidence, withdrawn pieces too.
    evidence: Vec<Evidence>,
    /// What was said about it, earliest first.
    remarks: Vec<Remark>,
    /// What was done to it, latest first; the last 200.
    history: Vec<History>,
}

/// An entry as the API shows it, with its version.
pub async fn entry(app: &App, opened: &Opened, indicator: &str) -> Result<(i64, EntryInFull), Problem> {
    let id: AssessmentId = opened.sheet.id;
    let (place, _) = opened.sheet.entry(indicator).ok_or_else(Problem::not_found)?;
    let evidence = app.store.evidence_of(id, indicator).await?;
    let remarks = app.store.remarks(id, indicator).await?;
    let events = app.store.history(id, Some(indicator)).await?;
    let state = app.store.state();
    let unit = opened.unit.id;
    let (known, entry, progress) = opened.rows().nth(place).ok_or_else(Problem::not_found)?;
    let view = EntryInFull {
        sheet: id.0,
        entry: row(opened, known, entry, progress),
        because: both(|l| because(&state, l, opened, &opened.sheet, &opened.read, place)),
        evidence: evidence
            .into_iter()
            .map(|one| Evidence {
                id: one.id.0,
                by: actor_name(&state, unit, one.by, time::day_of(one.at)),
                name: one.name,
                bytes: one.bytes,
                media: one.media,
                sha256: one.sha256,
                link: one.link,
                at: one.at.to_string(),
                withdrawn: one.withdrawn.map(|(_, why)| why),
            })
            .collect(),
        remarks: remarks
            .into_iter()
            .map(|one| Remark {
                kind: one.kind.key(),
                turn: one.turn,
                by: actor_name(&state, unit, one.by, time::day_of(one.at)),
                at: one.at.to_string(),
                words: one.words,
            })
            .collect(),
        history: events
            .iter()
            .filter(|event| opened.tells(place, event))
            .map(|event| history(&state, unit, event))
            .collect(),
    };
    Ok((entry.version, view))
}
