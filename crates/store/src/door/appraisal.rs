//! Appraising, explaining, deciding: the second and the third score column, each with its reason.

use std::collections::BTreeSet;

use criteria::Number;
use cycle::entry::{Score, ScoreKind, Verdict};
use cycle::{AccountId, Action, AssessmentId};
use scoring::notation::{self, Notation};
use serde_json::json;

use super::sheets::{decide as allowed, place_of, settle};
use super::{Batch, Subject, words};
use crate::command::{Appraisal, Done, Refusal};
use crate::limits;
use crate::write_sql;

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
    Verdict { score, reason, by: batch.account().unwrap_or(AccountId(0)), at: batch.at }
}

pub(super) fn appraise(
    batch: &mut Batch<'_>,
    assessment: AssessmentId,
    indicator: &str,
    version: i64,
    appraisal: &Appraisal,
) -> Result<Done, Refusal> {
    let (mut sheet, row) = batch.sheet(assessment)?;
    let place = place_of(&sheet, indicator)?;
    let (action, name) = match appraisal {
        Appraisal::Accept => (Action::Accept, "entry.accepted"),
        Appraisal::Adjust { .. } => (Action::Adjust, "entry.adjusted"),
        Appraisal::Return { .. } => (Action::Return, "entry.returned"),
    };
    let to = allowed(batch, &row, action, indicator, sheet.entries[place].state)?;
    if sheet.entries[place].version != version {
        return Err(Refusal::Stale(Box::new(sheet)));
    }
    let maximum = batch.state.level_of(&row)?.program.maximum_of(place);
    let declared = sheet.entries[place].self_score.clone();
    let none = Score { points: Number::ZERO, excluded: Number::ZERO, kind: ScoreKind::Missing };
    let before = sheet.entries[place].appraised.as_ref().map(|one| one.score.points);
    let mut detail = json!({ "before": before });
    let entry = &mut sheet.entries[place];
    match appraisal {
        Appraisal::Accept => {
            let score = declared.unwrap_or(none);
            detail["after"] = json!(score.points);
            entry.appraised = Some(verdict(batch, score, String::new()));
        }
        Appraisal::Adjust { points, reason } => {
            let points = points_of(points, maximum)?;
            let reason = words("reason", reason, limits::WORDS_BYTES_MAX)?;
            detail["after"] = json!(points);
            detail["reason"] = json!(reason);
            let score = Score { points, excluded: Number::ZERO, kind: ScoreKind::Judged };
            entry.appraised = Some(verdict(batch, score, reason));
        }
        Appraisal::Return { reason } => {
            let reason = words("reason", reason, limits::WORDS_BYTES_MAX)?;
            detail["reason"] = json!(reason);
            entry.returned = Some(reason);
        }
    }
    if !matches!(appraisal, Appraisal::Return { .. }) {
        entry.returned = None;
    }
    entry.state = to;
    entry.version += 1;
    let new_version = entry.version;
    let subject = Subject { unit: Some(row.unit), assessment: Some(assessment), indicator: Some(indicator) };
    settle(batch, sheet, row, BTreeSet::from([place]), |batch, _| batch.event(name, subject, &detail))?;
    Ok(Done { version: Some(new_version), count: 1, ..Done::default() })
}

pub(super) fn explain(
    batch: &mut Batch<'_>,
    assessment: AssessmentId,
    indicator: &str,
    text: &str,
) -> Result<Done, Refusal> {
    let (mut sheet, row) = batch.sheet(assessment)?;
    let place = place_of(&sheet, indicator)?;
    let to = allowed(batch, &row, Action::Explain, indicator, sheet.entries[place].state)?;
    let text = words("words", text, limits::WORDS_BYTES_MAX)?;
    let id = batch.id();
    batch.writes.push(write_sql!(
        "INSERT INTO remark (id, assessment, indicator, at, given_by, words) VALUES ($1, $2, $3, $4, $5, $6)",
        id,
        assessment.0,
        indicator,
        batch.at.as_millisecond(),
        batch.account().map_or(0, |account| account.0),
        text.as_str(),
    ));
    let entry = &mut sheet.entries[place];
    entry.state = to;
    entry.version += 1;
    let new_version = entry.version;
    let subject = Subject { unit: Some(row.unit), assessment: Some(assessment), indicator: Some(indicator) };
    let detail = json!({ "id": id, "words": text });
    settle(batch, sheet, row, BTreeSet::from([place]), |batch, _| batch.event("entry.explained", subject, &detail))?;
    Ok(Done { id: Some(id), version: Some(new_version), ..Done::default() })
}

pub(super) fn decide(
    batch: &mut Batch<'_>,
    assessment: AssessmentId,
    indicator: &str,
    points: &str,
    reason: &str,
) -> Result<Done, Refusal> {
    let (mut sheet, row) = batch.sheet(assessment)?;
    let place = place_of(&sheet, indicator)?;
    let to = allowed(batch, &row, Action::Decide, indicator, sheet.entries[place].state)?;
    let points = points_of(points, batch.state.level_of(&row)?.program.maximum_of(place))?;
    let reason = words("reason", reason, limits::WORDS_BYTES_MAX)?;
    let entry = &mut sheet.entries[place];
    let before = entry.final_score.as_ref().map(|one| one.score.points);
    // A final score equal to a column before it keeps that column's kind: "does not apply" stays so.
    let same = [entry.appraised.as_ref().map(|one| &one.score), entry.self_score.as_ref()]
        .into_iter()
        .flatten()
        .find(|score| score.points == points)
        .cloned();
    let score = same.unwrap_or(Score { points, excluded: Number::ZERO, kind: ScoreKind::Judged });
    entry.final_score = Some(verdict(batch, score, reason.clone()));
    entry.state = to;
    entry.version += 1;
    let new_version = entry.version;
    let subject = Subject { unit: Some(row.unit), assessment: Some(assessment), indicator: Some(indicator) };
    let detail = json!({ "before": before, "after": points, "reason": reason });
    settle(batch, sheet, row, BTreeSet::from([place]), |batch, _| batch.event("entry.decided", subject, &detail))?;
    Ok(Done { version: Some(new_version), count: 1, ..Done::default() })
}
