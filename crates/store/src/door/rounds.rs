//! Changes to rounds: set-up, phases, extensions, exemptions, readings, assignments.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use criteria::CriteriaSet;
use criteria::date::Date;
use criteria::model::ReadingStatus;
use cycle::round::{Days, Exemption, Extension, Round, Settings};
use cycle::{AssessmentId, Capability, LevelId, Marks, Phase, RoundId, Sheet, UnitId};
use scoring::evaluate::Spread;
use scoring::{Cell, Program};
use serde_json::json;

use super::running::unpublished;
use super::{Batch, Subject, before_after, optional_words, words};
use crate::command::{AssignmentChange, Beginning, Done, FieldRefusal, NewLevel, Refusal};
use crate::pull::spreads_text;
use crate::state::{Assessment, Level, round_cells};
use crate::{limits, sheets, write_sql};

pub(super) struct NewRound {
    pub owner: UnitId,
    pub year: i16,
    pub title: String,
    pub days: BTreeMap<Phase, Days>,
    pub levels: Vec<NewLevel>,
    pub made_up: bool,
    pub appraisers: BTreeMap<String, String>,
    pub beginning: Beginning,
}

pub(super) fn about(unit: UnitId) -> Subject<'static> {
    Subject { unit: Some(unit), ..Subject::default() }
}

fn check_days(days: &BTreeMap<Phase, Days>) -> Result<(), Refusal> {
    let mut last: Option<Date> = None;
    for (phase, span) in days {
        if span.to < span.from || last.is_some_and(|last| span.from <= last && span.to < last) {
            return Err(Refusal::invalid(
                format!("days-{}", phase.key()),
                format!("Giai đoạn {}: ngày cuối trước ngày đầu, hoặc trước giai đoạn liền trước", phase.name().vi),
                format!("Phase {}: it ends before it begins, or before the phase before it", phase.name().en),
            ));
        }
        last = Some(span.to);
    }
    Ok(())
}

pub(super) fn create(batch: &mut Batch<'_>, new: NewRound) -> Result<Done, Refusal> {
    let owner = batch.state.tree.get(new.owner).ok_or(Refusal::NotFound)?.id;
    batch.require(Capability::RunRound, owner)?;
    let title = words("title", &new.title, limits::NAME_BYTES_MAX)?;
    check_days(&new.days)?;
    let id = RoundId(batch.id());
    let seq = batch.this_seq();
    let Beginning { from, period, absent, exemptions, assignments, grades } = new.beginning;
    grades.values().try_for_each(|own| super::grades::check(own))?;
    check_period(period)?;
    let settings = Settings {
        made_up: new.made_up,
        appraisers: new.appraisers,
        period,
        copied_from: from,
        absent,
        exemptions,
        ..Settings::default()
    };
    check_agencies(batch, &settings.appraisers)?;
    batch.writes.push(write_sql!(
        "INSERT INTO round (id, owner, year, title, phase, days, settings, seq) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        id.0,
        owner.0,
        i64::from(new.year),
        title.as_str(),
        Phase::Draft.key(),
        json!(new.days).to_string(),
        json!(settings).to_string(),
        seq,
    ));
    let mut count = 0;
    let mut told = Vec::new();
    let mut given = Vec::new();
    for level in new.levels {
        let set = CriteriaSet::read(&level.set, &level.files).map_err(|problems| {
            let first = problems.first().map(|problem| problem.message.clone());
            let text = first.unwrap_or_else(|| criteria::Text::new("bộ chỉ số hỏng", "the set is broken"));
            Refusal::invalid("set", text.vi, text.en)
        })?;
        let program = Program::new(&set, &level.picks, Some(new.year)).map_err(|texts| {
            let text =
                texts.into_iter().next().unwrap_or_else(|| criteria::Text::new("sai cách hiểu", "wrong reading"));
            Refusal::invalid("picks", text.vi, text.en)
        })?;
        let hash = set.hash();
        batch.writes.push(write_sql!(
            "INSERT INTO criteria_set (hash, id, files) VALUES ($1, $2, $3) ON CONFLICT (hash) DO NOTHING",
            hash.as_str(),
            level.set.as_str(),
            json!(level.files).to_string(),
        ));
        let level_id = LevelId(batch.id());
        batch.writes.push(write_sql!(
            "INSERT INTO round_level (id, round, level, set_hash, picks, figures, spreads, grades, seq) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            level_id.0,
            id.0,
            level.level.as_str(),
            hash.as_str(),
            json!(level.picks).to_string(),
            json!(level.figures).to_string(),
            "[]",
            json!(grades.get(&level.level).map_or(&[][..], Vec::as_slice)).to_string(),
            seq,
        ));
        let today = batch.today();
        let units: Vec<UnitId> = match &level.units {
            Some(units) => units.clone(),
            None => {
                let of_level = |unit: &&cycle::Unit| unit.level == level.level && unit.exists_on(today);
                let all = batch.state.tree.descendants(owner);
                all.into_iter().filter(|id| batch.state.tree.get(*id).as_ref().is_some_and(of_level)).collect()
            }
        };
        let cells = round_cells(&program, &level.figures);
        let mut one = json!({ "level": level.level, "set": level.set, "hash": hash, "units": units.len() });
        if let Some(own) = grades.get(&level.level) {
            one["grades"] = json!(own);
        }
        told.push(one);
        for unit in units {
            if !batch.state.tree.within(unit, owner) {
                return Err(Refusal::NotFound);
            }
            if settings.absent.contains_key(&unit) {
                continue;
            }
            let of_unit = settings.exemptions.iter().filter(|one| one.unit == unit);
            let exempt = of_unit.map(|one| one.indicator.clone()).collect();
            let place = Place { round: id, level: level_id, unit };
            let assessment = insert_sheet(batch, place, &program, &cells, &exempt);
            if let Some(changes) = assignments.get(&unit) {
                given.push((unit, assessment, changes));
            }
            for change in assignments.get(&unit).into_iter().flatten() {
                check_assignment(batch, &program, unit, change)?;
            }
            count += 1;
        }
    }
    let detail = json!({
        "id": id, "round": id, "year": new.year, "title": title, "levels": told, "days": new.days, "settings": settings,
    });
    batch.event("round.created", about(owner), &detail);
    for (unit, assessment, changes) in given {
        write_assignments(batch, id, unit, changes);
        tell_assignments(batch, id, unit, assessment, changes);
    }
    Ok(Done { id: Some(id.0), count, ..Done::default() })
}

/// Where a sheet belongs.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub round: RoundId,
    pub level: LevelId,
    pub unit: UnitId,
}

/// Puts down a sheet that nobody has touched. One that is there already comes back as it was.
pub(super) fn insert_sheet(
    batch: &mut Batch<'_>,
    at: Place,
    program: &Program,
    cells: &[Cell],
    exempt: &BTreeSet<String>,
) -> AssessmentId {
    let seq = batch.this_seq();
    let assessment = AssessmentId(batch.id());
    let mut sheet = Sheet::empty(assessment, at.round, at.level, at.unit, program);
    let context = cycle::sheet::LevelContext { program, round: cells, spreads: &[], exempt };
    let read = sheet.read(&context);
    let (totals, _) = sheet.rescore(&context, &read);
    batch.writes.push(write_sql!(
        "INSERT INTO assessment (id, round, level, unit, state, version, profile, profile_version, points, \
         comparable, totals, measures, marks, seq) VALUES ($1, $2, $3, $4, 'open', 0, '{}', 0, $5, $6, $7, $8, $9, $10) \
         ON CONFLICT (round, unit) DO UPDATE SET absent = 0, seq = excluded.seq",
        assessment.0,
        at.round.0,
        at.level.0,
        at.unit.0,
        totals.points.millionths(),
        totals.comparable.map(criteria::Number::millionths),
        json!(totals).to_string(),
        json!(read.measures).to_string(),
        Marks::of(&sheet.entries).as_str(),
        seq,
    ));
    assessment
}

/// Agencies are kept by their official codes, and must exist.
fn check_agencies(batch: &Batch<'_>, appraisers: &BTreeMap<String, String>) -> Result<(), Refusal> {
    match appraisers.values().find(|code| batch.state.tree.by_code(code).is_none()) {
        None => Ok(()),
        Some(code) => Err(Refusal::invalid(
            "appraisers",
            format!("Không có cơ quan thẩm định mã {code}"),
            format!("There is no appraising agency {code}"),
        )),
    }
}

pub(super) fn check_period(period: Option<Days>) -> Result<(), Refusal> {
    match period {
        Some(days) if days.to < days.from => Err(Refusal::invalid(
            "period",
            "Thời gian lấy số liệu: ngày cuối trước ngày đầu",
            "The period of the figures ends before it begins",
        )),
        _ => Ok(()),
    }
}

pub(super) fn round(batch: &Batch<'_>, id: RoundId) -> Result<Round, Refusal> {
    let round = batch.state.rounds.get(&id).ok_or(Refusal::NotFound)?;
    batch.require(Capability::RunRound, round.owner)?;
    Ok(round.clone())
}

pub(super) fn set_phase(batch: &mut Batch<'_>, id: RoundId, phase: Phase, reason: &str) -> Result<Done, Refusal> {
    let round = round(batch, id)?;
    if round.phase == phase {
        return Ok(Done::default());
    }
    // Forward goes step by step; a step back, or over one, is a change of plan and needs its reason.
    let next = Phase::ALL.into_iter().find(|later| *later > round.phase);
    let reason = match next == Some(phase) {
        true => optional_words("reason", reason, limits::WORDS_BYTES_MAX)?,
        false => words("reason", reason, limits::WORDS_BYTES_MAX)?,
    };
    if round.phase == Phase::Published {
        return Err(cycle::Denial::Phase(round.phase).into());
    }
    if phase == Phase::Published {
        return Err(Refusal::invalid(
            "phase",
            "Kỳ được công bố bằng một quyết định có số và ngày, không chỉ bằng chuyển giai đoạn",
            "A round is published under a decision with a number and a day, not by moving its phase",
        ));
    }
    let seq = batch.this_seq();
    batch.writes.push(write_sql!("UPDATE round SET phase = $2, seq = $3 WHERE id = $1", id.0, phase.key(), seq));
    let mut detail = before_after(&round.phase, &phase);
    detail["round"] = json!(id);
    detail["reason"] = json!(reason);
    batch.event("round.phase", about(round.owner), &detail);
    Ok(Done::default())
}

pub(super) fn set_days(
    batch: &mut Batch<'_>,
    id: RoundId,
    days: BTreeMap<Phase, Days>,
    reason: &str,
) -> Result<Done, Refusal> {
    let round = unpublished(batch, id)?;
    check_days(&days)?;
    let reason = words("reason", reason, limits::WORDS_BYTES_MAX)?;
    let seq = batch.this_seq();
    let text = json!(days).to_string();
    batch.writes.push(write_sql!("UPDATE round SET days = $2, seq = $3 WHERE id = $1", id.0, text, seq));
    let mut detail = before_after(&round.days, &days);
    detail["round"] = json!(id);
    detail["reason"] = json!(reason);
    batch.event("round.days", about(round.owner), &detail);
    Ok(Done::default())
}

pub(super) fn write_settings(batch: &mut Batch<'_>, round: &Round) {
    let seq = batch.this_seq();
    let text = json!(round.settings).to_string();
    batch.writes.push(write_sql!("UPDATE round SET settings = $2, seq = $3 WHERE id = $1", round.id.0, text, seq));
}

pub(super) fn extend(
    batch: &mut Batch<'_>,
    id: RoundId,
    unit: UnitId,
    to: Date,
    reason: String,
) -> Result<Done, Refusal> {
    let mut round = unpublished(batch, id)?;
    if !batch.state.sheet_of.contains_key(&(id, unit)) {
        return Err(Refusal::NotFound);
    }
    let reason = words("reason", &reason, limits::WORDS_BYTES_MAX)?;
    if round.last_day(unit).is_some_and(|last| to <= last) {
        return Err(Refusal::invalid(
            "to",
            "Ngày gia hạn phải sau hạn đang có của đơn vị",
            "The new last day must be after the one that the unit has",
        ));
    }
    let mut detail = before_after(&round.last_day(unit).map(|day| day.to_string()), &to.to_string());
    detail["round"] = json!(id);
    detail["reason"] = json!(reason);
    round.settings.extensions.push(Extension { unit, to, reason, given: Some(batch.today()) });
    write_settings(batch, &round);
    batch.event("round.extended", about(unit), &detail);
    Ok(Done::default())
}

pub(super) fn exempt(
    batch: &mut Batch<'_>,
    id: RoundId,
    unit: UnitId,
    indicator: &str,
    reason: String,
) -> Result<Done, Refusal> {
    exempt_or_not(batch, (id, unit), indicator, &reason, true)
}

pub(super) fn lift_exemption(
    batch: &mut Batch<'_>,
    id: RoundId,
    unit: UnitId,
    indicator: &str,
    reason: &str,
) -> Result<Done, Refusal> {
    exempt_or_not(batch, (id, unit), indicator, reason, false)
}

fn exempt_or_not(
    batch: &mut Batch<'_>,
    (id, unit): (RoundId, UnitId),
    indicator: &str,
    reason: &str,
    wanted: bool,
) -> Result<Done, Refusal> {
    let mut round = round(batch, id)?;
    if round.phase == Phase::Published {
        return Err(cycle::Denial::Phase(round.phase).into());
    }
    let assessment = *batch.state.sheet_of.get(&(id, unit)).ok_or(Refusal::NotFound)?;
    let (sheet, row) = batch.sheet(assessment)?;
    sheet.entry(indicator).ok_or_else(|| {
        Refusal::invalid(
            "indicator",
            format!("Bộ chỉ số của đơn vị không có chỉ số “{indicator}”"),
            format!("The unit's set has no indicator \"{indicator}\""),
        )
    })?;
    let reason = words("reason", reason, limits::WORDS_BYTES_MAX)?;
    let before = round.exemption(unit, indicator).is_some();
    if before == wanted {
        return Ok(Done::default());
    }
    round.settings.exemptions.retain(|one| one.unit != unit || one.indicator != indicator);
    if wanted {
        let exemption = Exemption { unit, indicator: indicator.to_owned(), reason: reason.clone() };
        round.settings.exemptions.push(exemption);
    }
    write_settings(batch, &round);
    let subject = Subject { unit: Some(unit), assessment: Some(assessment), indicator: Some(indicator) };
    let mut detail = before_after(&before, &wanted);
    detail["round"] = json!(id);
    detail["reason"] = json!(reason);
    batch.event("round.exempted", subject, &detail);
    let level = batch.state.level_of(&row)?;
    let mut exempt = batch.state.exempt(id, unit);
    match wanted {
        true => exempt.insert(indicator.to_owned()),
        false => exempt.remove(indicator),
    };
    if let Some(moved) = rescored(sheet, row, level, &level.spreads, &exempt) {
        put_rescored(batch, moved);
    }
    Ok(Done::default())
}

/// A sheet that was scored anew, how it stands, and the places of the entries whose points moved.
type Rescored = (Sheet, Assessment, Vec<usize>);

/// Scores a sheet anew; `None` where nothing moved.
fn rescored(
    mut sheet: Sheet,
    mut row: Assessment,
    level: &Level,
    spreads: &BTreeMap<Option<i64>, Vec<Option<Spread>>>,
    exempt: &BTreeSet<String>,
) -> Option<Rescored> {
    let mut context = level.context(row.block, exempt);
    let read = sheet.read(&context);
    row.block = level.block_of(&read.figures.cells);
    context.spreads = spreads.get(&row.block).map_or(&[][..], Vec::as_slice);
    let (totals, changed) = sheet.rescore(&context, &read);
    if changed.is_empty() && totals == row.totals && row.measures == read.measures {
        return None;
    }
    sheet.version += 1;
    row.version = sheet.version;
    row.totals = totals;
    row.measures = read.measures;
    Some((sheet, row, changed))
}

/// Writes a sheet that was scored anew. The event that says so is written before.
fn put_rescored(batch: &mut Batch<'_>, (sheet, row, changed): Rescored) {
    for place in changed {
        batch.writes.extend(sheets::write_entry(&sheet, place));
    }
    batch.writes.push(sheets::write_assessment(&sheet, &row, batch.seq));
    batch.put_sheet(sheet, row);
}

fn rows_of(batch: &Batch<'_>, level: LevelId) -> Result<Vec<(Sheet, Assessment)>, Refusal> {
    let ids: Vec<AssessmentId> =
        batch.state.assessments.values().filter(|one| one.level == level).map(|one| one.id).collect();
    ids.into_iter().map(|id| batch.sheet(id)).collect()
}

pub(super) fn respread(batch: &mut Batch<'_>, id: LevelId) -> Result<Done, Refusal> {
    let level = batch.state.levels.get(&id).ok_or(Refusal::NotFound)?;
    let owner = batch.state.rounds.get(&level.facts.round).ok_or(Refusal::NotFound)?.owner;
    batch.require(Capability::RunRound, owner)?;
    let spreads = level.spans(batch.state.assessments.values().filter(|one| one.level == id));
    if spreads == level.spreads {
        return Ok(Done::default());
    }
    let seq = batch.this_seq();
    batch.writes.push(write_sql!(
        "UPDATE round_level SET spreads = $2, seq = $3 WHERE id = $1",
        id.0,
        spreads_text(&spreads),
        seq,
    ));
    batch.event("level.respread", about(owner), &json!({ "level": id }));
    Ok(Done { count: 1, ..Done::default() })
}

pub(super) fn rescore_some(batch: &mut Batch<'_>, id: LevelId, sheets: &[AssessmentId]) -> Result<Done, Refusal> {
    let level = batch.state.levels.get(&id).ok_or(Refusal::NotFound)?;
    let owner = batch.state.rounds.get(&level.facts.round).ok_or(Refusal::NotFound)?.owner;
    batch.require(Capability::RunRound, owner)?;
    let mut moved = Vec::new();
    for id in sheets {
        let (sheet, row) = batch.sheet(*id)?;
        let exempt = batch.state.exempt(row.round, row.unit);
        moved.extend(rescored(sheet, row, level, &level.spreads, &exempt));
    }
    let count = moved.len();
    if count > 0 {
        let ids: Vec<AssessmentId> = moved.iter().map(|(sheet, ..)| sheet.id).collect();
        batch.event("level.rescored", about(owner), &json!({ "level": id, "sheets": ids }));
        moved.into_iter().for_each(|one| put_rescored(batch, one));
    }
    Ok(Done { count, ..Done::default() })
}

pub(super) fn pick(
    batch: &mut Batch<'_>,
    id: LevelId,
    reading: &str,
    variant: &str,
    reason: &str,
) -> Result<Done, Refusal> {
    let level = batch.state.levels.get(&id).ok_or(Refusal::NotFound)?;
    let round = round(batch, level.facts.round)?;
    if round.phase == Phase::Published {
        return Err(cycle::Denial::Phase(round.phase).into());
    }
    let reason = words("reason", reason, limits::WORDS_BYTES_MAX)?;
    let before = level.facts.picks.clone();
    let mut level = level.clone();
    level.facts.picks.insert(reading.to_owned(), variant.to_owned());
    // The program keeps the set with the picks applied; a pick is applied to it as it would be to the set itself.
    let picks = BTreeMap::from([(reading.to_owned(), variant.to_owned())]);
    let program = Program::new(&level.program.set, &picks, Some(round.year)).map_err(|texts| {
        let text = texts.into_iter().next().unwrap_or_else(|| criteria::Text::new("sai", "wrong"));
        Refusal::invalid("variant", text.vi, text.en)
    })?;
    level.program = Arc::new(program);
    let mut detail = before_after(&before, &level.facts.picks);
    detail["round"] = json!(level.facts.round);
    detail["level"] = json!(level.facts.level);
    detail["reason"] = json!(reason);
    relevel(batch, level, |batch| batch.event("level.reading", about(round.owner), &detail))
}

pub(super) fn pick_open(batch: &mut Batch<'_>, id: RoundId, reason: &str) -> Result<Done, Refusal> {
    let round = round(batch, id)?;
    if round.phase == Phase::Published {
        return Err(cycle::Denial::Phase(round.phase).into());
    }
    let reason = words("reason", reason, limits::WORDS_BYTES_MAX)?;
    let mut count = 0;
    for level in batch.state.levels.values().filter(|level| level.facts.round == id) {
        let readings = level.program.set.head.readings.iter().filter(|one| one.status == ReadingStatus::Open);
        let open: BTreeMap<String, String> = readings
            .filter(|one| !level.facts.picks.contains_key(&one.id))
            .map(|one| (one.id.clone(), one.answer.clone()))
            .collect();
        if open.is_empty() {
            continue;
        }
        count += open.len();
        let mut picks = level.facts.picks.clone();
        picks.extend(open);
        let seq = batch.this_seq();
        batch.writes.push(write_sql!(
            "UPDATE round_level SET picks = $2, seq = $3 WHERE id = $1",
            level.facts.id.0,
            json!(picks).to_string(),
            seq,
        ));
        let mut detail = before_after(&level.facts.picks, &picks);
        detail["round"] = json!(id);
        detail["level"] = json!(level.facts.level);
        detail["reason"] = json!(reason);
        batch.event("level.reading", about(round.owner), &detail);
    }
    Ok(Done { count, ..Done::default() })
}

pub(super) fn set_figures(
    batch: &mut Batch<'_>,
    id: LevelId,
    figures: BTreeMap<String, String>,
    reason: &str,
) -> Result<Done, Refusal> {
    let level = batch.state.levels.get(&id).ok_or(Refusal::NotFound)?;
    let round = round(batch, level.facts.round)?;
    if round.phase == Phase::Published {
        return Err(cycle::Denial::Phase(round.phase).into());
    }
    let reason = words("reason", reason, limits::WORDS_BYTES_MAX)?;
    let before = level.facts.figures.clone();
    let mut level = level.clone();
    let mut refused = Vec::new();
    for (figure, typed) in figures {
        let typed = super::composed(typed.trim());
        let known = level.program.round_slots.iter().find(|info| info.figure.id == figure);
        let read = match known {
            None => Err(criteria::Text::new(
                format!("không có số liệu chung “{figure}”"),
                format!("there is no figure \"{figure}\" of the round"),
            )),
            Some(_) if typed.is_empty() => Ok(()),
            Some(info) => cycle::sheet::read_value(&info.figure, &typed).map(|_| ()),
        };
        match read {
            Err(message) => refused.push(FieldRefusal { field: figure, message }),
            Ok(()) if typed.is_empty() => drop(level.facts.figures.remove(&figure)),
            Ok(()) => drop(level.facts.figures.insert(figure, typed)),
        }
    }
    if !refused.is_empty() {
        return Err(Refusal::Invalid(refused));
    }
    if before == level.facts.figures {
        return Ok(Done::default());
    }
    let mut detail = before_after(&before, &level.facts.figures);
    detail["round"] = json!(level.facts.round);
    detail["level"] = json!(level.facts.level);
    detail["reason"] = json!(reason);
    relevel(batch, level, |batch| batch.event("round.figures", about(round.owner), &detail))
}

/// Puts down what a level became, and every sheet's points anew.
fn relevel(batch: &mut Batch<'_>, mut level: Level, event: impl FnOnce(&mut Batch<'_>)) -> Result<Done, Refusal> {
    let id = level.facts.id;
    level.round_cells = round_cells(&level.program, &level.facts.figures);
    let mut read = Vec::new();
    for (sheet, mut row) in rows_of(batch, id)? {
        let exempt = batch.state.exempt(row.round, row.unit);
        let got = sheet.read(&level.context(row.block, &exempt));
        row.measures = got.measures;
        row.block = level.block_of(&got.figures.cells);
        read.push((sheet, row, exempt));
    }
    let spreads = level.spans(read.iter().map(|(_, row, _)| row));
    let seq = batch.this_seq();
    batch.writes.push(write_sql!(
        "UPDATE round_level SET picks = $2, figures = $3, spreads = $4, seq = $5 WHERE id = $1",
        id.0,
        json!(level.facts.picks).to_string(),
        json!(level.facts.figures).to_string(),
        spreads_text(&spreads),
        seq,
    ));
    event(batch);
    let mut count = 0;
    for (sheet, row, exempt) in read {
        if let Some(moved) = rescored(sheet, row, &level, &spreads, &exempt) {
            put_rescored(batch, moved);
            count += 1;
        }
    }
    Ok(Done { count, ..Done::default() })
}

pub(super) fn assign(
    batch: &mut Batch<'_>,
    round: RoundId,
    unit: UnitId,
    changes: &[AssignmentChange],
) -> Result<Done, Refusal> {
    let assessment = batch.state.sheet_of.get(&(round, unit)).ok_or(Refusal::NotFound)?;
    let row = batch.state.assessments.get(assessment).ok_or(Refusal::NotFound)?;
    let level = batch.state.level_of(row)?;
    batch.require(Capability::Assign, unit)?;
    for change in changes {
        check_assignment(batch, &level.program, unit, change)?;
    }
    write_assignments(batch, round, unit, changes);
    tell_assignments(batch, round, unit, *assessment, changes);
    Ok(Done { count: changes.len(), ..Done::default() })
}

/// The indicator is one of the set, the position one of the unit.
fn check_assignment(
    batch: &Batch<'_>,
    program: &Program,
    unit: UnitId,
    change: &AssignmentChange,
) -> Result<(), Refusal> {
    let position = batch.state.positions.get(&change.position).ok_or(Refusal::NotFound)?;
    let known = program.indicator_index(&change.indicator).is_some() && position.unit == unit;
    if known { Ok(()) } else { Err(Refusal::NotFound) }
}

fn write_assignments(batch: &mut Batch<'_>, round: RoundId, unit: UnitId, changes: &[AssignmentChange]) {
    let seq = batch.this_seq();
    for change in changes {
        let id = batch.id();
        let (role, removed) = match change.leads {
            Some(true) => ("lead", 0),
            Some(false) => ("coordinating", 0),
            None => ("none", 1),
        };
        batch.writes.push(write_sql!(
            "INSERT INTO assignment (id, round, unit, indicator, position, role, due, removed, seq) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) \
             ON CONFLICT (round, unit, indicator, position) DO UPDATE SET role = excluded.role, due = excluded.due, \
             removed = excluded.removed, seq = excluded.seq",
            id,
            round.0,
            unit.0,
            change.indicator.as_str(),
            change.position.0,
            role,
            change.due.map(|day| day.to_string()),
            removed,
            seq,
        ));
    }
}

fn tell_assignments(
    batch: &mut Batch<'_>,
    round: RoundId,
    unit: UnitId,
    assessment: AssessmentId,
    changes: &[AssignmentChange],
) {
    let told: Vec<_> = changes
        .iter()
        .map(|one| json!([one.indicator, one.position, one.leads, one.due.map(|day| day.to_string())]))
        .collect();
    let subject = Subject { unit: Some(unit), assessment: Some(assessment), indicator: None };
    batch.event("work.assigned", subject, &json!({ "round": round, "changes": told }));
}
