//! What a round's owner changes while it runs: who appraises, who takes part, what it is called; and reminders.

use std::collections::{BTreeMap, BTreeSet};

use cycle::round::Days;
use cycle::{Denial, Phase, RoundId, UnitId};
use serde_json::json;

use super::rounds::{Place, check_period, insert_sheet, round, write_settings};
use super::{Batch, Subject, before_after, words};
use crate::command::{Done, Refusal};
use crate::notices::{MAIL_JOB, NewNotice};
use crate::{limits, write_sql};

fn about(unit: UnitId) -> Subject<'static> {
    Subject { unit: Some(unit), ..Subject::default() }
}

/// Nothing of a published round moves.
pub(super) fn unpublished(batch: &Batch<'_>, id: RoundId) -> Result<cycle::round::Round, Refusal> {
    let round = round(batch, id)?;
    if round.phase == Phase::Published { Err(Denial::Phase(round.phase).into()) } else { Ok(round) }
}

pub(super) fn set_appraisers(
    batch: &mut Batch<'_>,
    id: RoundId,
    changes: BTreeMap<String, Option<UnitId>>,
    reason: &str,
) -> Result<Done, Refusal> {
    let mut round = unpublished(batch, id)?;
    let reason = words("reason", reason, limits::WORDS_BYTES_MAX)?;
    let levels: Vec<_> = batch.state.levels.values().filter(|level| level.facts.round == id).collect();
    let (mut before, mut after) = (BTreeMap::new(), BTreeMap::new());
    for (indicator, agency) in changes {
        let known = indicator == "*" || levels.iter().any(|one| one.program.indicator_index(&indicator).is_some());
        if !known {
            return Err(Refusal::invalid(
                "indicator",
                format!("Không bộ chỉ số nào của kỳ có chỉ số “{indicator}”"),
                format!("No set of the round has an indicator \"{indicator}\""),
            ));
        }
        let code = match agency {
            Some(unit) => Some(batch.state.tree.get(unit).ok_or(Refusal::NotFound)?.code.clone()),
            None => None,
        };
        let old = match &code {
            Some(code) => round.settings.appraisers.insert(indicator.clone(), code.clone()),
            None => round.settings.appraisers.remove(&indicator),
        };
        if old != code {
            before.insert(indicator.clone(), old);
            after.insert(indicator, code);
        }
    }
    if after.is_empty() {
        return Ok(Done::default());
    }
    write_settings(batch, &round);
    let mut detail = before_after(&before, &after);
    detail["round"] = json!(id);
    detail["reason"] = json!(reason);
    batch.event("round.appraisers", about(round.owner), &detail);
    Ok(Done { count: after.len(), ..Done::default() })
}

pub(super) fn set_participation(
    batch: &mut Batch<'_>,
    id: RoundId,
    unit: UnitId,
    takes_part: bool,
    reason: &str,
) -> Result<Done, Refusal> {
    let mut round = unpublished(batch, id)?;
    let reason = words("reason", reason, limits::WORDS_BYTES_MAX)?;
    let found = batch.state.tree.get(unit).filter(|_| batch.state.tree.within(unit, round.owner));
    let found = found.ok_or(Refusal::NotFound)?;
    let before = batch.state.sheet_of.contains_key(&(id, unit));
    if before == takes_part {
        return Ok(Done::default());
    }
    let level = batch.state.levels.values().find(|one| one.facts.round == id && one.facts.level == found.level);
    let level = level.ok_or_else(|| {
        Refusal::invalid(
            "unit",
            format!("Kỳ này không có bộ chỉ số cho cấp của {}", found.name),
            format!("The round has no set for the level of {}", found.name),
        )
    })?;
    let seq = batch.this_seq();
    match takes_part {
        true => {
            round.settings.absent.remove(&unit);
            let exempt: BTreeSet<String> = batch.state.exempt(id, unit);
            let at = Place { round: id, level: level.facts.id, unit };
            insert_sheet(batch, at, &level.program, &level.round_cells, &exempt);
        }
        false => {
            round.settings.absent.insert(unit, reason.clone());
            batch.writes.push(write_sql!(
                "UPDATE assessment SET absent = 1, seq = $3 WHERE round = $1 AND unit = $2",
                id.0,
                unit.0,
                seq,
            ));
        }
    }
    write_settings(batch, &round);
    let mut detail = before_after(&before, &takes_part);
    detail["round"] = json!(id);
    detail["reason"] = json!(reason);
    batch.event("round.participation", about(unit), &detail);
    // Those who are compared with one another are others now.
    batch.job("respread", &level.facts.id.to_string(), batch.at);
    Ok(Done::default())
}

pub(super) fn describe(
    batch: &mut Batch<'_>,
    id: RoundId,
    title: &str,
    period: Option<Days>,
    reason: &str,
) -> Result<Done, Refusal> {
    let mut round = unpublished(batch, id)?;
    let title = words("title", title, limits::NAME_BYTES_MAX)?;
    let reason = words("reason", reason, limits::WORDS_BYTES_MAX)?;
    check_period(period)?;
    let mut detail = before_after(&json!([round.title, round.settings.period]), &json!([title, period]));
    detail["round"] = json!(id);
    detail["reason"] = json!(reason);
    round.settings.period = period;
    write_settings(batch, &round);
    batch.writes.push(write_sql!("UPDATE round SET title = $2 WHERE id = $1", id.0, title));
    batch.event("round.described", about(round.owner), &detail);
    Ok(Done::default())
}

pub(super) fn remind(
    batch: &mut Batch<'_>,
    id: RoundId,
    units: &[UnitId],
    notices: &[NewNotice],
) -> Result<Done, Refusal> {
    let round = unpublished(batch, id)?;
    if units.iter().any(|unit| !batch.state.sheet_of.contains_key(&(id, *unit))) {
        return Err(Refusal::NotFound);
    }
    // Only those who hold a position in one of the units: a reminder is no way to write to anybody else.
    let today = batch.today();
    let positions = units.iter().flat_map(|unit| batch.state.positions_of(*unit));
    let people: BTreeSet<_> =
        positions.flat_map(|one| batch.state.holders(one.id, today)).map(|account| account.id).collect();
    if notices.iter().any(|notice| !people.contains(&notice.account)) {
        return Err(Refusal::NotFound);
    }
    for notice in notices {
        let (given, mail) = (batch.id(), batch.id());
        batch.writes.push(write_sql!(
            "INSERT INTO notice (id, account, at, vi, en, link, read_at, mailed_at, mark) \
             SELECT $1, $2, $3, $4, $5, $6, NULL, NULL, $7 WHERE NOT EXISTS (SELECT 1 FROM notice WHERE mark = $8)",
            given,
            notice.account.0,
            batch.at.as_millisecond(),
            notice.vi.as_str(),
            notice.en.as_str(),
            notice.link.as_str(),
            notice.mark.as_str(),
            notice.mark.as_str(),
        ));
        if notice.mail {
            batch.writes.push(write_sql!(
                "INSERT INTO job (id, kind, payload, due, attempts, lease, done_at) \
                 SELECT $1, $2, $3, $4, 0, 0, NULL WHERE EXISTS (SELECT 1 FROM notice WHERE id = $5)",
                mail,
                MAIL_JOB,
                given.to_string(),
                batch.at.as_millisecond(),
                given,
            ));
        }
    }
    let codes: Vec<&str> =
        units.iter().filter_map(|unit| batch.state.tree.get(*unit)).map(|unit| unit.code.as_str()).collect();
    let detail = json!({ "round": id, "units": codes, "people": notices.len() });
    batch.event("round.reminded", about(round.owner), &detail);
    Ok(Done { count: notices.len(), ..Done::default() })
}
