//! What leads from appraisal to decision: dividing the work, rounds of explanation, what silence means, the council.

use std::collections::BTreeSet;

use cycle::division::Share;
use cycle::entry::Verdict;
use cycle::round::Days;
use cycle::{AccountId, Capability, Denial, EntryState, Phase, RoundId, UnitId};
use serde_json::json;

use super::rounds::{about, round, write_settings};
use super::sheets::settle;
use super::{Batch, Subject, optional_words, words};
use crate::command::{Done, Refusal};
use crate::{limits, write_sql};

pub(super) fn divide(batch: &mut Batch<'_>, id: RoundId, agency: UnitId, shares: Vec<Share>) -> Result<Done, Refusal> {
    let mut round = batch.state.rounds.get(&id).ok_or(Refusal::NotFound)?.clone();
    batch.require(Capability::Appraise, agency)?;
    if round.phase == Phase::Published {
        return Err(Denial::Phase(round.phase).into());
    }
    let today = batch.today();
    let known = batch.state.appraisers_of(agency, today);
    for share in &shares {
        if !known.iter().any(|account| account.id == share.account) {
            return Err(Refusal::invalid(
                "account",
                "Chỉ chia việc cho người thẩm định của cơ quan này",
                "Only this agency's own appraisers can be given its work",
            ));
        }
        let sheets = |unit: &UnitId| batch.state.sheet_of.contains_key(&(id, *unit));
        let indicator = |(level, indicator): &(cycle::LevelId, String)| {
            let level = batch.state.levels.get(level).filter(|level| level.facts.round == id);
            level.is_some_and(|level| level.program.indicator_index(indicator).is_some())
        };
        if !share.units.iter().all(sheets) || !share.indicators.iter().all(indicator) {
            return Err(Refusal::NotFound);
        }
    }
    let shares: Vec<Share> =
        shares.into_iter().filter(|share| !share.units.is_empty() || !share.indicators.is_empty()).collect();
    let count = shares.len();
    let detail = json!({ "round": id, "before": round.settings.divisions.get(&agency), "after": shares });
    if shares.is_empty() {
        round.settings.divisions.remove(&agency);
    } else {
        round.settings.divisions.insert(agency, shares);
    }
    write_settings(batch, &round);
    batch.event("appraisal.divided", about(agency), &detail);
    Ok(Done { count, ..Done::default() })
}

pub(super) fn open_explanation(batch: &mut Batch<'_>, id: RoundId, days: Days, reason: &str) -> Result<Done, Refusal> {
    let mut round = round(batch, id)?;
    if !matches!(round.phase, Phase::Appraising | Phase::Explaining) {
        return Err(Denial::Phase(round.phase).into());
    }
    let reason = words("reason", reason, limits::WORDS_BYTES_MAX)?;
    let before = round.explanations();
    if days.to < days.from || before.last().is_some_and(|last| days.from <= last.to) {
        return Err(Refusal::invalid(
            "days",
            "Đợt giải trình phải bắt đầu sau khi đợt trước hết hạn, và kết thúc không sớm hơn ngày bắt đầu",
            "A round of explanation begins after the one before has ended, and does not end before it begins",
        ));
    }
    if before.len() >= limits::EXPLANATIONS_MAX {
        let most = limits::EXPLANATIONS_MAX;
        return Err(Refusal::invalid(
            "days",
            format!("Một kỳ có nhiều nhất {most} đợt giải trình"),
            format!("A round has at most {most} rounds of explanation"),
        ));
    }
    round.settings.explanations = before;
    round.settings.explanations.push(days);
    let count = round.settings.explanations.len();
    write_settings(batch, &round);
    let detail = json!({ "round": id, "number": count, "days": days, "reason": reason });
    batch.event("round.explanation", about(round.owner), &detail);
    Ok(Done { count, ..Done::default() })
}

/// Every adjustment that nobody explained in time counts as it was appraised. What silence means follows from time at any
/// moment; here it is put down, so that the record shows it.
pub(super) fn record_silence(batch: &mut Batch<'_>, id: RoundId) -> Result<Done, Refusal> {
    let round = batch.state.rounds.get(&id).ok_or(Refusal::NotFound)?.clone();
    batch.require(Capability::Decide, round.owner)?;
    let today = batch.today();
    if round.phase == Phase::Published || !round.explaining_is_over(today) {
        return Err(Denial::Phase(round.phase).into());
    }
    let last = round.explanations().last().map(|days| days.to);
    let deadline = last.map(|day| format!(" {}/{}/{}", day.day(), day.month(), day.year())).unwrap_or_default();
    let reason = format!("Hết hạn giải trình{deadline}, đơn vị không giải trình: giữ điểm thẩm định");
    let mut ids: Vec<_> = batch.state.assessments.values().filter(|one| one.round == id).map(|one| one.id).collect();
    ids.sort_unstable();
    let (by, at) = (batch.account().unwrap_or(AccountId(0)), batch.at);
    let mut count = 0;
    for assessment in ids {
        let (mut sheet, row) = batch.sheet(assessment)?;
        let mut places = BTreeSet::new();
        let mut silent = Vec::new();
        for (place, entry) in sheet.entries.iter_mut().enumerate() {
            let Some(appraised) = entry.appraised.clone().filter(|_| round.is_silent(entry, today)) else { continue };
            entry.final_score = Some(Verdict { reason: reason.clone(), by, at, ..appraised });
            entry.state = EntryState::Decided;
            entry.version += 1;
            silent.push(entry.indicator.clone());
            places.insert(place);
        }
        if places.is_empty() {
            continue;
        }
        count += places.len();
        let subject = Subject { unit: Some(row.unit), assessment: Some(assessment), indicator: None };
        let detail = json!({ "indicators": silent, "reason": reason });
        settle(batch, sheet, row, places, |batch, _| batch.event("sheet.silent", subject, &detail))?;
    }
    Ok(Done { count, ..Done::default() })
}

pub(super) fn meet(
    batch: &mut Batch<'_>,
    id: RoundId,
    title: &str,
    chair: &str,
    present: &str,
) -> Result<Done, Refusal> {
    let round = batch.state.rounds.get(&id).ok_or(Refusal::NotFound)?.clone();
    batch.require(Capability::Decide, round.owner)?;
    let title = words("title", title, limits::NAME_BYTES_MAX)?;
    let chair = words("chair", chair, limits::NAME_BYTES_MAX)?;
    let present = optional_words("present", present, limits::WORDS_BYTES_MAX)?;
    // A new meeting ends the one that was left open.
    end_open(batch, id);
    let meeting = batch.id();
    batch.writes.push(write_sql!(
        "INSERT INTO meeting (id, round, title, chair, present, opened_at, opened_by) VALUES ($1, $2, $3, $4, $5, $6, $7)",
        meeting,
        id.0,
        title.as_str(),
        chair.as_str(),
        present.as_str(),
        batch.at.as_millisecond(),
        batch.account().map_or(0, |account| account.0),
    ));
    let detail = json!({ "round": id, "id": meeting, "title": title, "chair": chair, "present": present });
    batch.event("council.opened", about(round.owner), &detail);
    Ok(Done { id: Some(meeting), ..Done::default() })
}

fn end_open(batch: &mut Batch<'_>, id: RoundId) {
    batch.writes.push(write_sql!(
        "UPDATE meeting SET closed_at = $2 WHERE round = $1 AND closed_at IS NULL",
        id.0,
        batch.at.as_millisecond(),
    ));
}

pub(super) fn close_meeting(batch: &mut Batch<'_>, id: RoundId) -> Result<Done, Refusal> {
    let round = batch.state.rounds.get(&id).ok_or(Refusal::NotFound)?.clone();
    batch.require(Capability::Decide, round.owner)?;
    end_open(batch, id);
    batch.event("council.closed", about(round.owner), &json!({ "round": id }));
    Ok(Done::default())
}
