//! Appraising, explaining, deciding: the second and the third score column, each with its reason.

use std::collections::BTreeMap;

use criteria::Number;
use criteria::date::Date;
use cycle::entry::{Score, ScoreKind, Verdict};
use cycle::{AccountId, Action, Answer, AssessmentId, Capability, EntryState, FigureValue, Phase, UnitId};
use scoring::notation::{self, Notation};
use serde_json::json;
use sha2::{Digest, Sha256};

use super::sheets::{Opened, known_figures, say, value};
use super::{Batch, Subject, words};
use crate::command::{Appraisal, Done, FieldRefusal, Refusal};
use crate::database::hex;
use crate::records::RemarkKind;
use crate::{limits, write_sql};

/// Points as typed, between nothing and the indicator's maximum.
fn points_of(typed: &str, maximum: Number) -> Result<Number, Refusal> {
    let english = typed.contains('.') && !typed.contains(',');
    let notation = if english { Notation::English } else { Notation::Vietnamese };
    let points =
        notation::number(typed, notation).map_err(|message| Refusal::invalid("points", message.vi, message.en))?;
    if points < Number::ZERO || points > maximum {
        return Err(Refusal::invalid(
            "points",
            format!("Điểm phải từ 0 đến {maximum}"),
            format!("Points must lie between 0 and {maximum}"),
        ));
    }
    Ok(points)
}

fn verdict(batch: &Batch<'_>, score: Score, reason: String) -> Verdict {
    let (by, at) = (batch.account().unwrap_or(AccountId(0)), batch.at);
    Verdict { score, reason, by, at, figures: BTreeMap::new(), computed: false }
}

/// Keeps a reason for the agency to give again.
fn keep_reason(batch: &mut Batch<'_>, opened: &Opened, indicator: &str, reason: &str) -> Result<(), Refusal> {
    if reason.len() > limits::REASON_KEPT_BYTES_MAX {
        return Ok(());
    }
    let agency = batch.state.agency(batch.state.round_of(&opened.row)?, indicator);
    batch.writes.push(write_sql!(
        "INSERT INTO reason (agency, mark, words, uses, used_at, dropped) VALUES ($1, $2, $3, 1, $4, 0) \
         ON CONFLICT (agency, mark) DO UPDATE SET uses = reason.uses + 1, used_at = excluded.used_at, dropped = 0",
        agency.0,
        hex(&Sha256::digest(reason.as_bytes())),
        reason,
        batch.at.as_millisecond(),
    ));
    Ok(())
}

pub(super) fn drop_reason(batch: &mut Batch<'_>, agency: UnitId, mark: &str) -> Result<Done, Refusal> {
    batch.require(Capability::Appraise, agency)?;
    batch.writes.push(write_sql!("UPDATE reason SET dropped = 1 WHERE agency = $1 AND mark = $2", agency.0, mark));
    let subject = Subject { unit: Some(agency), ..Subject::default() };
    batch.event("appraisal.reason-dropped", subject, &json!({ "mark": mark }));
    Ok(Done::default())
}

/// The figures that differ from the declared ones, ready to be kept, if the rule can be computed from them.
fn set_figures(
    batch: &Batch<'_>,
    opened: &Opened,
    indicator: &str,
    figures: &BTreeMap<String, String>,
) -> Result<BTreeMap<String, FigureValue>, Refusal> {
    let level = batch.state.level_of(&opened.row)?;
    known_figures(level, Some(indicator), figures)?;
    let entry = &opened.sheet.entries[opened.place];
    let declared = |id: &str| entry.figures.get(id).map_or("", |value| value.typed.trim());
    let differ = |(id, typed): &(&String, &String)| typed.trim() != declared(id);
    let set: BTreeMap<String, FigureValue> =
        figures.iter().filter(differ).map(|(id, typed)| (id.clone(), value(batch, typed.trim(), None))).collect();
    if set.is_empty() {
        return Err(Refusal::invalid(
            "figures",
            "Chưa có số liệu nào khác số đơn vị khai; nếu đúng như khai thì chấp nhận",
            "No figure differs from what the unit declared; accept it if it is right",
        ));
    }
    let mut trial = opened.sheet.clone();
    trial.entries[opened.place].figures.extend(set.clone());
    trial.entries[opened.place].answer = Answer::Figures;
    let exempt = batch.state.exempt(opened.row.round, opened.row.unit);
    let problems = trial.read(&level.context(opened.row.block, &exempt)).problems;
    let own = problems.into_iter().filter(|one| one.indicator.as_deref() == Some(indicator));
    let refused: Vec<FieldRefusal> = own.map(|one| FieldRefusal { field: one.figure, message: one.message }).collect();
    if refused.is_empty() { Ok(set) } else { Err(Refusal::Invalid(refused)) }
}

/// A day for completing: not past, and before the appraisal ends, or nobody could keep it.
fn check_due(batch: &Batch<'_>, opened: &Opened, due: Option<Date>) -> Result<(), Refusal> {
    let last = batch.state.round_of(&opened.row)?.days.get(&Phase::Appraising).map(|days| days.to);
    let Some(due) = due else { return Ok(()) };
    if due < batch.today() {
        return Err(Refusal::invalid("due", "Hạn hoàn thiện đã qua", "The day for completing has passed"));
    }
    match last.filter(|last| due > *last) {
        Some(last) => {
            let last = format!("{}/{}/{}", last.day(), last.month(), last.year());
            Err(Refusal::invalid(
                "due",
                format!("Hạn hoàn thiện phải trong thời gian thẩm định, chậm nhất {last}"),
                format!("The day for completing must lie within the appraisal, {last} at the latest"),
            ))
        }
        None => Ok(()),
    }
}

pub(super) fn appraise(
    batch: &mut Batch<'_>,
    assessment: AssessmentId,
    indicator: &str,
    version: i64,
    appraisal: &Appraisal,
) -> Result<Done, Refusal> {
    let (action, name) = match appraisal {
        Appraisal::Accept => (Action::Accept, "entry.accepted"),
        Appraisal::Adjust { .. } | Appraisal::Figures { .. } => (Action::Adjust, "entry.adjusted"),
        Appraisal::Return { .. } => (Action::Return, "entry.returned"),
        Appraisal::Keep { .. } => (Action::Keep, "entry.kept"),
    };
    let mut opened = Opened::new(batch, assessment, indicator, action)?.fresh(version)?;
    let (maximum, turn) = {
        let round = batch.state.round_of(&opened.row)?;
        let maximum = batch.state.level_of(&opened.row)?.program.maximum_of(opened.place);
        (maximum, round.explanation_turn(batch.today()))
    };
    let explained = matches!(opened.entry().state, EntryState::Explained | EntryState::Answered);
    let none = Score { points: Number::ZERO, excluded: Number::ZERO, kind: ScoreKind::Missing };
    let mut detail = json!({ "before": opened.entry().appraised.as_ref().map(|one| one.score.points) });
    let reason = match appraisal {
        Appraisal::Accept => String::new(),
        Appraisal::Adjust { reason, .. }
        | Appraisal::Figures { reason, .. }
        | Appraisal::Return { reason, .. }
        | Appraisal::Keep { reason } => words("reason", reason, limits::WORDS_BYTES_MAX)?,
    };
    if !reason.is_empty() {
        detail["reason"] = json!(reason);
    }
    match appraisal {
        Appraisal::Accept => {
            // What was declared counts, and goes on following from the figures.
            let score = opened.entry().self_score.clone().unwrap_or(none);
            opened.entry().appraised = Some(Verdict { computed: true, ..verdict(batch, score, reason.clone()) });
        }
        Appraisal::Adjust { points, .. } => {
            let score = Score { points: points_of(points, maximum)?, excluded: Number::ZERO, kind: ScoreKind::Judged };
            opened.entry().appraised = Some(verdict(batch, score, reason.clone()));
        }
        Appraisal::Figures { figures, .. } => {
            let figures = set_figures(batch, &opened, indicator, figures)?;
            let typed = |value: &FigureValue| value.typed.clone();
            let told: BTreeMap<&str, String> = figures.iter().map(|(id, value)| (id.as_str(), typed(value))).collect();
            detail["figures"] = json!(told);
            // The engine gives the points as the entry is put down.
            opened.entry().appraised =
                Some(Verdict { figures, computed: true, ..verdict(batch, none, reason.clone()) });
        }
        Appraisal::Return { due, .. } => {
            check_due(batch, &opened, *due)?;
            let entry = opened.entry();
            entry.returned = Some(reason.clone());
            entry.returned_due = *due;
            // What was found before no longer follows figures that are to change.
            if let Some(before) = &mut entry.appraised {
                before.computed = false;
            }
            detail["due"] = json!(due.map(|due| due.to_string()));
        }
        Appraisal::Keep { .. } => {}
    }
    if !matches!(appraisal, Appraisal::Return { .. }) {
        opened.entry().returned = None;
    }
    if !reason.is_empty() && !matches!(appraisal, Appraisal::Keep { .. }) {
        keep_reason(batch, &opened, indicator, &reason)?;
    }
    if explained {
        let text = if reason.is_empty() { "Chấp nhận giải trình" } else { reason.as_str() };
        say(batch, (assessment, indicator), text, (RemarkKind::Answer, turn));
    }
    let returns = matches!(appraisal, Appraisal::Return { .. });
    opened.close(batch, name, |entry| {
        if !returns {
            detail["after"] = json!(entry.appraised.as_ref().map(|one| one.score.points));
        }
        detail
    })
}

pub(super) fn explain(
    batch: &mut Batch<'_>,
    assessment: AssessmentId,
    indicator: &str,
    text: &str,
) -> Result<Done, Refusal> {
    let opened = Opened::new(batch, assessment, indicator, Action::Explain)?;
    let text = words("words", text, limits::WORDS_BYTES_MAX)?;
    let turn = batch.state.round_of(&opened.row)?.explanation_turn(batch.today()).max(1);
    let id = say(batch, (assessment, indicator), &text, (RemarkKind::Explanation, turn));
    let done = opened.close(batch, "entry.explained", |_| json!({ "id": id, "words": text, "turn": turn }))?;
    Ok(Done { id: Some(id), ..done })
}

pub(super) fn decide(
    batch: &mut Batch<'_>,
    assessment: AssessmentId,
    indicator: &str,
    version: i64,
    points: &str,
    reason: &str,
) -> Result<Done, Refusal> {
    // What was published is corrected, and published again under a number of its own.
    let round = batch.state.assessments.get(&assessment).and_then(|row| batch.state.rounds.get(&row.round));
    let published = round.is_some_and(|round| round.phase == Phase::Published);
    let action = if published { Action::Correct } else { Action::Decide };
    let mut opened = Opened::new(batch, assessment, indicator, action)?.fresh(version)?;
    let points = points_of(points, batch.state.level_of(&opened.row)?.program.maximum_of(opened.place))?;
    let reason = words("reason", reason, limits::WORDS_BYTES_MAX)?;
    let entry = opened.entry();
    let before = entry.final_score.as_ref().map(|one| one.score.points);
    // A final score equal to a column before it keeps that column's kind: "does not apply" stays so.
    let same = [entry.appraised.as_ref().map(|one| &one.score), entry.self_score.as_ref()]
        .into_iter()
        .flatten()
        .find(|score| score.points == points)
        .cloned();
    let score = same.unwrap_or(Score { points, excluded: Number::ZERO, kind: ScoreKind::Judged });
    entry.final_score = Some(verdict(batch, score, reason.clone()));
    opened.close(batch, "entry.decided", |_| json!({ "before": before, "after": points, "reason": reason }))
}
