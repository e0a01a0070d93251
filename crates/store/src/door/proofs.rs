//! What was found in files, signatures that an appraiser lets count, and figures taken over from a file.

use criteria::Text;
use cycle::proof::FileVerdict;
use cycle::{Action, AssessmentId, Denial, EvidenceId};
use serde_json::json;

use super::sheets::{decide, place_of, save_entry};
use super::{Batch, Subject, words};
use crate::command::{Actor, Done, EntryChange, Refusal};
use crate::proofs::{CHECK_ALL_JOB, FileReport, report_hash};
use crate::{limits, write_sql};

fn operator_only(batch: &Batch<'_>) -> Result<(), Refusal> {
    match batch.actor {
        Actor::Operator => Ok(()),
        Actor::Account(_) => Err(Denial::NotAllowed.into()),
    }
}

/// Puts down what was found in a file; what was found before is in the log.
pub(super) fn keep_report(batch: &mut Batch<'_>, found: &FileReport) -> Result<Done, Refusal> {
    operator_only(batch)?;
    let at = batch.at.as_millisecond();
    let hash = report_hash(found, at);
    batch.writes.push(write_sql!(
        "INSERT INTO file_report (sha256, verdict, report, facts, scan, anchors, at, hash, asked) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) \
         ON CONFLICT (sha256) DO UPDATE SET verdict = excluded.verdict, report = excluded.report, \
         facts = excluded.facts, scan = excluded.scan, anchors = excluded.anchors, at = excluded.at, \
         hash = excluded.hash, asked = excluded.asked",
        found.sha256.as_str(),
        found.verdict.key(),
        found.report.as_str(),
        found.facts.as_str(),
        found.scan.clone(),
        found.anchors.as_str(),
        at,
        hash.as_str(),
        found.asked_text(),
    ));
    batch.writes.push(write_sql!("DELETE FROM file_mark WHERE sha256 = $1", found.sha256.as_str()));
    for mark in &found.marks {
        batch.writes.push(write_sql!(
            "INSERT INTO file_mark (mark, sha256) VALUES ($1, $2) ON CONFLICT (mark, sha256) DO NOTHING",
            mark.as_str(),
            found.sha256.as_str(),
        ));
    }
    let detail = json!({
        "sha256": found.sha256, "verdict": found.verdict.key(), "anchors": found.anchors, "report": hash,
    });
    batch.event("evidence.checked", Subject::default(), &detail);
    Ok(Done { count: 1, ..Done::default() })
}

/// Asks for every file to be checked again that was checked with other anchors, or not at all.
pub(super) fn check_again(batch: &mut Batch<'_>, anchors: &str) -> Result<Done, Refusal> {
    operator_only(batch)?;
    batch.job(CHECK_ALL_JOB, anchors, batch.at);
    batch.event("evidence.anchors-changed", Subject::default(), &json!({ "anchors": anchors }));
    Ok(Done::default())
}

/// Lets a signature count that could not be proved, with a reason.
pub(super) fn accept(
    batch: &mut Batch<'_>,
    assessment: AssessmentId,
    indicator: &str,
    evidence: EvidenceId,
    reason: &str,
) -> Result<Done, Refusal> {
    let (sheet, row) = batch.sheet(assessment)?;
    let place = place_of(&sheet, indicator)?;
    let entry = &sheet.entries[place];
    decide(batch, &row, Action::Vouch, indicator, entry.state)?;
    if !entry.evidence.iter().any(|one| one.id == evidence) {
        return Err(Refusal::NotFound);
    }
    let verdict = batch.verdicts.get(&evidence).copied().unwrap_or(FileVerdict::Waiting);
    if verdict != FileVerdict::Indeterminate {
        let message = match verdict {
            FileVerdict::Invalid => Text::new(
                "Chữ ký đã được chứng minh là sai thì không thể chấp nhận; hãy trả lại để đơn vị nộp bản đúng",
                "A signature that is shown to be wrong cannot be accepted; return it so that the unit hands in the right file",
            ),
            FileVerdict::Waiting => Text::new(
                "Tệp chưa kiểm tra xong; hãy thử lại sau ít giây",
                "The file is still being checked; try again in a few seconds",
            ),
            FileVerdict::Valid | FileVerdict::Unsigned | FileVerdict::Indeterminate => Text::new(
                "Chỉ chấp nhận được tệp có chữ ký chưa kết luận được",
                "Only a file whose signature is indeterminate can be accepted",
            ),
        };
        return Err(Refusal::invalid("evidence", message.vi, message.en));
    }
    let reason = words("reason", reason, limits::WORDS_BYTES_MAX)?;
    batch.writes.push(write_sql!(
        "UPDATE evidence SET accepted_at = $2, accepted_by = $3, accepted_because = $4 \
         WHERE id = $1 AND withdrawn_at IS NULL",
        evidence.0,
        batch.at.as_millisecond(),
        batch.account().map_or(0, |account| account.0),
        reason.as_str(),
    ));
    let subject = Subject { unit: Some(row.unit), assessment: Some(assessment), indicator: Some(indicator) };
    batch.event("evidence.accepted", subject, &json!({ "id": evidence, "reason": reason }));
    Ok(Done::default())
}

/// Takes a figure over from a file of the entry. The figure says that it was read there.
pub(super) fn take_over(
    batch: &mut Batch<'_>,
    assessment: AssessmentId,
    indicator: &str,
    version: i64,
    taken: &crate::command::Taken,
) -> Result<Done, Refusal> {
    let (sheet, _) = batch.sheet(assessment)?;
    let place = place_of(&sheet, indicator)?;
    if !sheet.entries[place].evidence.iter().any(|one| one.id == taken.evidence) {
        return Err(Refusal::NotFound);
    }
    let from = words("from", &taken.from, limits::NAME_BYTES_MAX)?;
    let change =
        EntryChange { figures: [(taken.figure.clone(), taken.value.clone())].into(), ..EntryChange::default() };
    save_entry(batch, assessment, indicator, version, change, Some((taken.evidence, from)))
}
