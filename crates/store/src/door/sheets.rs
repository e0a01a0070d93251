//! Changes to sheets: figures, answers, evidence, comments, sending back, signing off.

use std::collections::{BTreeMap, BTreeSet};

use cycle::action::{self, Action, EntryState, SheetState, Situation};
use cycle::entry::FigureValue;
use cycle::sheet::{Read, SignedPoints, Submission};
use cycle::{Answer, AssessmentId, Denial, Entry, EvidenceId, EvidenceRef, Sheet};
use serde_json::json;

use super::{Batch, Here, Subject, composed, optional_words, too_long, words};
use crate::command::{Done, EntryChange, FieldRefusal, Filling, NewEvidence, Refusal};
use crate::proofs::CHECK_JOB;
use crate::records::RemarkKind;
use crate::state::{Assessment, Level};
use crate::{limits, sheets, write_sql};

/// Whether the action may be done to the entry, and what its state becomes.
pub(super) fn decide(
    batch: &Batch<'_>,
    row: &Assessment,
    action: Action,
    indicator: &str,
    entry: EntryState,
) -> Result<EntryState, Refusal> {
    let round = batch.state.round_of(row)?;
    let here = Here { batch, unit: row.unit, round: row.round, indicator };
    let situation = Situation {
        phase: round.phase,
        sheet: row.state,
        entry,
        window_open: matches!(batch.actor, crate::command::Actor::Operator)
            || round.window_open(row.unit, batch.today()),
    };
    Ok(action::decide(action, &here, situation)?)
}

pub(super) fn place_of(sheet: &Sheet, indicator: &str) -> Result<usize, Refusal> {
    sheet.entry(indicator).map(|(place, _)| place).ok_or(Refusal::NotFound)
}

/// An entry that an action may be done to: what to change, and what its state becomes.
pub(super) struct Opened {
    pub sheet: Sheet,
    pub row: Assessment,
    pub place: usize,
    to: EntryState,
}

impl Opened {
    /// Opens an entry for an action.
    pub fn new(batch: &Batch<'_>, assessment: AssessmentId, indicator: &str, action: Action) -> Result<Self, Refusal> {
        let (sheet, row) = batch.sheet(assessment)?;
        let place = place_of(&sheet, indicator)?;
        let to = decide(batch, &row, action, indicator, sheet.entries[place].state)?;
        Ok(Self { sheet, row, place, to })
    }

    /// Refuses a change that rests on an older version, with the sheet as it is.
    pub fn fresh(self, version: i64) -> Result<Self, Refusal> {
        if self.sheet.entries[self.place].version == version {
            Ok(self)
        } else {
            Err(Refusal::Stale(Box::new(self.sheet)))
        }
    }

    /// The entry.
    pub fn entry(&mut self) -> &mut Entry {
        &mut self.sheet.entries[self.place]
    }

    /// Marks that the unit worked on the entry now.
    pub fn touch(&mut self, batch: &Batch<'_>) {
        let entry = self.entry();
        entry.updated_at = Some(batch.at);
        entry.updated_by = batch.account();
    }

    /// Puts the changed entry down in its new state and version, under an event whose detail may tell what came of it.
    pub fn close(
        mut self,
        batch: &mut Batch<'_>,
        event: &str,
        detail: impl FnOnce(&Entry) -> serde_json::Value,
    ) -> Result<Done, Refusal> {
        let (to, place, unit, assessment) = (self.to, self.place, self.row.unit, self.sheet.id);
        let entry = self.entry();
        entry.state = to;
        entry.version += 1;
        let (version, indicator) = (entry.version, entry.indicator.clone());
        settle(batch, self.sheet, self.row, BTreeSet::from([place]), |batch, sheet| {
            let subject = Subject { unit: Some(unit), assessment: Some(assessment), indicator: Some(&indicator) };
            batch.event(event, subject, &detail(&sheet.entries[place]));
        })?;
        Ok(Done { version: Some(version), count: 1, ..Done::default() })
    }
}

/// Writes words of somebody about an entry down, with what they are in the round of explanation; gives their identity.
pub(super) fn say(
    batch: &mut Batch<'_>,
    (assessment, indicator): (AssessmentId, &str),
    text: &str,
    (kind, turn): (RemarkKind, usize),
) -> i64 {
    let id = batch.id();
    batch.writes.push(write_sql!(
        "INSERT INTO remark (id, assessment, indicator, at, given_by, words, kind, turn) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        id,
        assessment.0,
        indicator,
        batch.at.as_millisecond(),
        batch.account().map_or(0, |account| account.0),
        text,
        kind.key(),
        i64::try_from(turn).unwrap_or(i64::MAX),
    ));
    id
}

/// Rescores a sheet, logs the event, writes what changed, and asks for the spans over peers to be had anew where the
/// unit's measures moved them.
pub(super) fn settle(
    batch: &mut Batch<'_>,
    mut sheet: Sheet,
    mut row: Assessment,
    mut places: BTreeSet<usize>,
    event: impl FnOnce(&mut Batch<'_>, &Sheet),
) -> Result<(), Refusal> {
    let state = batch.state;
    let level: &Level = state.level_of(&row)?;
    let exempt = state.exempt(row.round, row.unit);
    let read: Read = sheet.read(&level.context(row.block, &exempt));
    let block = level.block_of(&read.figures.cells);
    let (totals, changed) = sheet.rescore(&level.context(block, &exempt), &read);
    places.extend(changed);
    event(batch, &sheet);
    if row.measures != read.measures || row.block != block {
        let moved = level
            .spreads
            .get(&block)
            .is_none_or(|spreads| row.block != block || may_move(spreads, &row.measures, &read.measures));
        if moved && !read.measures.is_empty() {
            batch.job("respread", &level.facts.id.to_string(), batch.at);
        }
    }
    sheet.version += 1;
    row.version = sheet.version;
    row.state = sheet.state;
    row.submission = sheet.submission.clone();
    row.totals = totals;
    row.measures = read.measures;
    row.block = block;
    for place in places {
        batch.writes.extend(sheets::write_entry(&sheet, place));
    }
    batch.writes.push(sheets::write_assessment(&sheet, &row, batch.seq));
    batch.put_sheet(sheet, row);
    Ok(())
}

/// Whether a change of one unit's measures can move the spans: it stood at an edge, or goes beyond one.
fn may_move(
    spreads: &[Option<scoring::evaluate::Spread>],
    before: &[scoring::single::Measure],
    after: &[scoring::single::Measure],
) -> bool {
    (0..after.len()).any(|at| {
        let (before, after) = (before.get(at).copied().flatten(), after[at]);
        if before == after {
            return false;
        }
        let Some(Some(spread)) = spreads.get(at) else { return true };
        [before, after].into_iter().flatten().any(|measure| spread.is_at_edge(measure))
    })
}

pub(super) fn value(batch: &Batch<'_>, typed: &str, from: Option<String>) -> FigureValue {
    FigureValue { typed: composed(typed), by: batch.account(), at: batch.at, from }
}

/// Checks figures that somebody wants to put down: that they exist and are not too long. Their meaning is checked
/// when they are scored; a draft takes anything.
pub(super) fn known_figures(
    level: &Level,
    indicator: Option<&str>,
    figures: &BTreeMap<String, String>,
) -> Result<(), Refusal> {
    let mut refused = Vec::new();
    for (id, typed) in figures {
        let reference = if indicator.is_some() { id.clone() } else { format!("profile.{id}") };
        if level.program.slot(indicator, &reference).is_none() {
            return Err(Refusal::NotFound);
        }
        if typed.len() > limits::VALUE_BYTES_MAX || typed.contains('\0') {
            let message = match typed.len() > limits::VALUE_BYTES_MAX {
                true => too_long(typed, limits::VALUE_BYTES_MAX),
                false => criteria::Text::new("Có ký tự không dùng được", "It holds a character that cannot be kept"),
            };
            refused.push(FieldRefusal { field: id.clone(), message });
        }
    }
    if refused.is_empty() { Ok(()) } else { Err(Refusal::Invalid(refused)) }
}

/// An answer with its reason as words are kept.
fn composed_answer(answer: Answer) -> Result<Answer, Refusal> {
    let kept = |because: String| optional_words("because", &because, limits::WORDS_BYTES_MAX);
    Ok(match answer {
        Answer::Figures => Answer::Figures,
        Answer::NotDone { because } => Answer::NotDone { because: kept(because)? },
        Answer::NotApplicable { because } => Answer::NotApplicable { because: kept(because)? },
    })
}

pub(super) fn save_entry(
    batch: &mut Batch<'_>,
    assessment: AssessmentId,
    indicator: &str,
    version: i64,
    change: EntryChange,
    from: Option<(EvidenceId, String)>,
) -> Result<Done, Refusal> {
    let opened = Opened::new(batch, assessment, indicator, Action::Fill)?;
    known_figures(batch.state.level_of(&opened.row)?, Some(indicator), &change.figures)?;
    let note = match &change.note {
        Some(note) => Some(optional_words("note", note, limits::WORDS_BYTES_MAX)?),
        None => None,
    };
    let answer = change.answer.map(composed_answer).transpose()?;
    let mut opened = opened.fresh(version)?;
    let mut before = serde_json::Map::new();
    let mut after = serde_json::Map::new();
    let entry = opened.entry();
    for (id, typed) in &change.figures {
        let old = entry.figures.get(id).map_or("", |value| value.typed.as_str());
        // The same word typed on another keyboard is no change.
        let typed = &composed(typed);
        if old != typed {
            before.insert(id.clone(), json!(old));
            after.insert(id.clone(), json!(typed));
            if typed.is_empty() {
                entry.figures.remove(id);
            } else {
                let place = from.as_ref().map(|(_, words)| words.clone());
                entry.figures.insert(id.clone(), value(batch, typed, place));
            }
        }
    }
    if let Some(note) = note.filter(|note| *note != entry.note) {
        before.insert("note".to_owned(), json!(entry.note));
        after.insert("note".to_owned(), json!(note));
        entry.note = note;
    }
    if let Some(answer) = answer.filter(|answer| *answer != entry.answer) {
        before.insert("answer".to_owned(), json!(entry.answer));
        after.insert("answer".to_owned(), json!(answer));
        entry.answer = answer;
    }
    if after.is_empty() {
        return Ok(Done { version: Some(entry.version), ..Done::default() });
    }
    let points_before = entry.self_score.as_ref().map(|score| score.points);
    let count = after.len();
    opened.touch(batch);
    let done = opened.close(batch, "entry.saved", |entry| {
        let points_after = entry.self_score.as_ref().map(|score| score.points);
        let mut detail = json!({ "before": before, "after": after, "points": [points_before, points_after] });
        if let Some((evidence, words)) = &from {
            detail["evidence"] = json!(evidence);
            detail["from"] = json!(words);
        }
        detail
    })?;
    Ok(Done { count, ..done })
}

pub(super) fn save_profile(
    batch: &mut Batch<'_>,
    assessment: AssessmentId,
    version: i64,
    figures: BTreeMap<String, String>,
) -> Result<Done, Refusal> {
    let (mut sheet, row) = batch.sheet(assessment)?;
    let round = batch.state.round_of(&row)?;
    let here = Here { batch, unit: row.unit, round: row.round, indicator: "" };
    let open = round.window_open(row.unit, batch.today());
    action::decide(
        Action::Fill,
        &here,
        Situation { phase: round.phase, sheet: row.state, entry: EntryState::Filling, window_open: open },
    )?;
    known_figures(batch.state.level_of(&row)?, None, &figures)?;
    if sheet.profile_version != version {
        return Err(Refusal::Stale(Box::new(sheet)));
    }
    let mut before = serde_json::Map::new();
    let mut after = serde_json::Map::new();
    for (id, typed) in figures {
        let old = sheet.profile.get(&id).map_or("", |value| value.typed.as_str()).to_owned();
        let typed = composed(&typed);
        if old != typed {
            before.insert(id.clone(), json!(old));
            after.insert(id.clone(), json!(typed));
            if typed.is_empty() {
                sheet.profile.remove(&id);
            } else {
                sheet.profile.insert(id, value(batch, &typed, None));
            }
        }
    }
    let count = after.len();
    if count > 0 {
        sheet.profile_version += 1;
        let subject = Subject { unit: Some(row.unit), assessment: Some(assessment), indicator: None };
        let new_version = sheet.profile_version;
        let detail = json!({ "before": before, "after": after });
        settle(batch, sheet, row, BTreeSet::new(), |batch, _| batch.event("profile.saved", subject, &detail))?;
        return Ok(Done { version: Some(new_version), count, ..Done::default() });
    }
    Ok(Done { version: Some(version), ..Done::default() })
}

pub(super) fn fill(batch: &mut Batch<'_>, assessment: AssessmentId, filling: Filling) -> Result<Done, Refusal> {
    let (mut sheet, row) = batch.sheet(assessment)?;
    known_figures(batch.state.level_of(&row)?, None, &filling.profile)?;
    let mut places = BTreeSet::new();
    let mut count = 0;
    for (indicator, figures) in &filling.entries {
        let place = place_of(&sheet, indicator)?;
        known_figures(batch.state.level_of(&row)?, Some(indicator), figures)?;
        let to = decide(batch, &row, Action::Fill, indicator, sheet.entries[place].state)?;
        let entry = &mut sheet.entries[place];
        for (id, typed) in figures {
            entry.figures.insert(id.clone(), value(batch, typed, Some(filling.from.clone())));
            count += 1;
        }
        entry.state = to;
        entry.version += 1;
        entry.updated_at = Some(batch.at);
        entry.updated_by = batch.account();
        places.insert(place);
    }
    let mut files = serde_json::Map::new();
    let mut unchecked = BTreeSet::new();
    for (indicator, evidence) in &filling.evidence {
        let place = place_of(&sheet, indicator)?;
        sheet.entries[place].state = decide(batch, &row, Action::Attach, indicator, sheet.entries[place].state)?;
        for one in evidence {
            let name = words("file", &one.name, limits::FILE_NAME_BYTES_MAX)?;
            let id = attach(batch, &mut sheet, place, &name, one);
            unchecked.extend(one.sha256.clone());
            files.insert(id.to_string(), json!({ "indicator": indicator, "name": name, "sha256": one.sha256 }));
        }
        places.insert(place);
    }
    for sha256 in unchecked {
        batch.job(CHECK_JOB, &sha256, batch.at);
    }
    for indicator in &filling.ready {
        let place = place_of(&sheet, indicator)?;
        let to = decide(batch, &row, Action::MarkReady, indicator, sheet.entries[place].state)?;
        let entry = &mut sheet.entries[place];
        entry.state = to;
        entry.returned = None;
        entry.ready_at = Some(batch.at);
        entry.version = entry.version.max(1);
        places.insert(place);
    }
    for (id, typed) in &filling.profile {
        sheet.profile.insert(id.clone(), value(batch, typed, Some(filling.from.clone())));
        count += 1;
    }
    if !filling.profile.is_empty() {
        sheet.profile_version += 1;
    }
    let subject = Subject { unit: Some(row.unit), assessment: Some(assessment), indicator: None };
    let detail = json!({
        "from": filling.from, "profile": filling.profile, "entries": filling.entries, "ready": filling.ready,
        "evidence": files,
    });
    settle(batch, sheet, row, places, |batch, _| batch.event("sheet.filled", subject, &detail))?;
    Ok(Done { count, ..Done::default() })
}

pub(super) fn mark_ready(
    batch: &mut Batch<'_>,
    assessment: AssessmentId,
    indicator: &str,
    version: i64,
) -> Result<Done, Refusal> {
    let mut opened = Opened::new(batch, assessment, indicator, Action::MarkReady)?.fresh(version)?;
    let row = &opened.row;
    let exempt = batch.state.exempt(row.round, row.unit);
    let read = opened.sheet.read(&batch.state.level_of(row)?.context(row.block, &exempt));
    let own = read.problems.into_iter().filter(|problem| problem.indicator.as_deref() == Some(indicator));
    let refused: Vec<FieldRefusal> =
        own.map(|problem| FieldRefusal { field: problem.figure, message: problem.message }).collect();
    if !refused.is_empty() {
        return Err(Refusal::Invalid(refused));
    }
    if let Answer::NotApplicable { because } | Answer::NotDone { because } = &opened.entry().answer {
        words("because", because, limits::WORDS_BYTES_MAX)?;
    }
    opened.touch(batch);
    let entry = opened.entry();
    entry.returned = None;
    entry.ready_at = Some(batch.at);
    opened.close(batch, "entry.ready", |_| json!({}))
}

pub(super) fn send_back(
    batch: &mut Batch<'_>,
    assessment: AssessmentId,
    indicator: &str,
    reason: &str,
) -> Result<Done, Refusal> {
    let mut opened = Opened::new(batch, assessment, indicator, Action::SendBack)?;
    let reason = words("reason", reason, limits::WORDS_BYTES_MAX)?;
    let entry = opened.entry();
    entry.ready_at = None;
    entry.returned = Some(reason.clone());
    opened.close(batch, "entry.sent-back", |_| json!({ "reason": reason }))
}

pub(super) fn submit(batch: &mut Batch<'_>, assessment: AssessmentId, hash: &str) -> Result<Done, Refusal> {
    let (mut sheet, row) = batch.sheet(assessment)?;
    let to = decide(batch, &row, Action::Submit, "", EntryState::Filling)?;
    sheet.entries.iter().try_for_each(|entry| decide(batch, &row, Action::Submit, "", entry.state).map(drop))?;
    let now = sheet.state_hash(&batch.state.level_of(&row)?.facts.set_hash);
    if now != hash {
        return Err(Refusal::Stale(Box::new(sheet)));
    }
    let year = batch.state.round_of(&row)?.year;
    // The number of the event: a sheet that is opened and signed off again never gets a number that was given before.
    let receipt = format!("{year}-{:04}-{}", batch.this_seq(), &now[..8]);
    let pillars = row.totals.pillars.iter().map(|pillar| pillar.points).collect();
    let signed = Some(SignedPoints { points: row.totals.points, pillars });
    let Some(by) = batch.account().or_else(|| batch.state.accounts.keys().min().copied()) else {
        return Err(Denial::NotAllowed.into());
    };
    sheet.state = SheetState::Submitted;
    sheet.submission = Some(Submission { hash: now.clone(), at: batch.at, by, receipt: receipt.clone(), signed });
    for entry in &mut sheet.entries {
        entry.state = to;
        entry.version += 1;
    }
    let subject = Subject { unit: Some(row.unit), assessment: Some(assessment), indicator: None };
    let places = (0..sheet.entries.len()).collect();
    settle(batch, sheet, row, places, |batch, _| {
        batch.event("sheet.submitted", subject, &json!({ "hash": now, "receipt": receipt }))
    })?;
    Ok(Done::default())
}

pub(super) fn unlock(batch: &mut Batch<'_>, assessment: AssessmentId, reason: &str) -> Result<Done, Refusal> {
    let (mut sheet, row) = batch.sheet(assessment)?;
    decide(batch, &row, Action::Unlock, "", EntryState::Submitted)?;
    // What was appraised meanwhile stays: such a sheet is not opened, its entries are sent back one by one.
    sheet.entries.iter().try_for_each(|entry| decide(batch, &row, Action::Unlock, "", entry.state).map(drop))?;
    let reason = words("reason", reason, limits::WORDS_BYTES_MAX)?;
    let before = sheet.submission.take();
    sheet.state = SheetState::Open;
    for entry in &mut sheet.entries {
        if entry.state == EntryState::Submitted {
            let answered = entry.answer != cycle::Answer::Figures || !entry.note.is_empty();
            let has_any = answered || !entry.figures.is_empty() || !entry.evidence.is_empty();
            entry.state = match (entry.ready_at, has_any) {
                (Some(_), _) => EntryState::Ready,
                (None, true) => EntryState::Filling,
                (None, false) => EntryState::Empty,
            };
            entry.version += 1;
        }
    }
    let subject = Subject { unit: Some(row.unit), assessment: Some(assessment), indicator: None };
    let places = (0..sheet.entries.len()).collect();
    settle(batch, sheet, row, places, |batch, _| {
        batch.event("sheet.unlocked", subject, &json!({ "reason": reason, "before": before }))
    })?;
    Ok(Done::default())
}

pub(super) fn add_evidence(
    batch: &mut Batch<'_>,
    assessment: AssessmentId,
    indicator: &str,
    evidence: &NewEvidence,
) -> Result<Done, Refusal> {
    let (mut sheet, row) = batch.sheet(assessment)?;
    let place = place_of(&sheet, indicator)?;
    let to = decide(batch, &row, Action::Attach, indicator, sheet.entries[place].state)?;
    let name = words("file", &evidence.name, limits::FILE_NAME_BYTES_MAX)?;
    if sheet.entries[place].evidence.len() >= limits::EVIDENCE_PER_ENTRY_MAX {
        let most = limits::EVIDENCE_PER_ENTRY_MAX;
        return Err(Refusal::invalid(
            "file",
            format!("Chỉ số này đã có {most} tài liệu, là số nhiều nhất"),
            format!("This indicator has {most} pieces of evidence, the most there may be"),
        ));
    }
    let entry = &mut sheet.entries[place];
    entry.state = to;
    entry.version = entry.version.max(1);
    entry.updated_at = Some(batch.at);
    let id = attach(batch, &mut sheet, place, &name, evidence);
    if let Some(sha256) = &evidence.sha256 {
        batch.job(CHECK_JOB, sha256, batch.at);
    }
    let subject = Subject { unit: Some(row.unit), assessment: Some(assessment), indicator: Some(indicator) };
    let detail = json!({ "id": id, "name": name, "sha256": evidence.sha256, "link": evidence.link });
    settle(batch, sheet, row, BTreeSet::from([place]), |batch, _| batch.event("evidence.added", subject, &detail))?;
    Ok(Done { id: Some(id), ..Done::default() })
}

/// Puts a piece of evidence down at an entry.
fn attach(batch: &mut Batch<'_>, sheet: &mut Sheet, place: usize, name: &str, evidence: &NewEvidence) -> i64 {
    let id = batch.id();
    let entry = &mut sheet.entries[place];
    let mark = evidence.sha256.clone().or_else(|| evidence.link.clone()).unwrap_or_default();
    entry.evidence.push(EvidenceRef { id: EvidenceId(id), mark });
    batch.writes.push(write_sql!(
        "INSERT INTO evidence (id, assessment, indicator, name, sha256, bytes, media, link, at, given_by) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        id,
        sheet.id.0,
        entry.indicator.as_str(),
        name,
        evidence.sha256.clone(),
        i64::try_from(evidence.bytes).unwrap_or(i64::MAX),
        evidence.media.as_str(),
        evidence.link.clone(),
        batch.at.as_millisecond(),
        batch.account().map_or(0, |account| account.0),
    ));
    id
}

pub(super) fn withdraw_evidence(
    batch: &mut Batch<'_>,
    assessment: AssessmentId,
    indicator: &str,
    evidence: EvidenceId,
    reason: &str,
) -> Result<Done, Refusal> {
    let (mut sheet, row) = batch.sheet(assessment)?;
    let place = place_of(&sheet, indicator)?;
    let to = decide(batch, &row, Action::Attach, indicator, sheet.entries[place].state)?;
    let reason = optional_words("reason", reason, limits::WORDS_BYTES_MAX)?;
    let entry = &mut sheet.entries[place];
    if !entry.evidence.iter().any(|one| one.id == evidence) {
        return Err(Refusal::NotFound);
    }
    entry.state = to;
    entry.evidence.retain(|one| one.id != evidence);
    batch.writes.push(write_sql!(
        "UPDATE evidence SET withdrawn_at = $3, withdrawn_because = $4 \
         WHERE id = $1 AND assessment = $2 AND withdrawn_at IS NULL",
        evidence.0,
        assessment.0,
        batch.at.as_millisecond(),
        reason.as_str(),
    ));
    let subject = Subject { unit: Some(row.unit), assessment: Some(assessment), indicator: Some(indicator) };
    settle(batch, sheet, row, BTreeSet::from([place]), |batch, _| {
        batch.event("evidence.withdrawn", subject, &json!({ "id": evidence, "reason": reason }))
    })?;
    Ok(Done::default())
}

pub(super) fn remark(
    batch: &mut Batch<'_>,
    assessment: AssessmentId,
    indicator: &str,
    text: &str,
) -> Result<Done, Refusal> {
    let opened = Opened::new(batch, assessment, indicator, Action::Comment)?;
    let text = words("words", text, limits::WORDS_BYTES_MAX)?;
    let id = say(batch, (assessment, indicator), &text, (RemarkKind::Comment, 0));
    let subject = Subject { unit: Some(opened.row.unit), assessment: Some(assessment), indicator: Some(indicator) };
    batch.event("entry.remarked", subject, &json!({ "id": id, "words": text }));
    Ok(Done { id: Some(id), ..Done::default() })
}

pub(super) fn review(
    batch: &mut Batch<'_>,
    assessment: AssessmentId,
    title: &str,
    picture: &str,
) -> Result<Done, Refusal> {
    let (_, row) = batch.sheet(assessment)?;
    batch.require(cycle::Capability::Review, row.unit)?;
    let title = words("title", title, limits::NAME_BYTES_MAX)?;
    let id = batch.id();
    batch.writes.push(write_sql!(
        "INSERT INTO review (id, assessment, title, at, given_by, picture) VALUES ($1, $2, $3, $4, $5, $6)",
        id,
        assessment.0,
        title.as_str(),
        batch.at.as_millisecond(),
        batch.account().map_or(0, |account| account.0),
        picture,
    ));
    let subject = Subject { unit: Some(row.unit), assessment: Some(assessment), indicator: None };
    batch.event("sheet.reviewed", subject, &json!({ "id": id, "title": title }));
    Ok(Done { id: Some(id), ..Done::default() })
}
