//! Figures from files: the file is kept, asked about, and taken in whole or not at all.

use std::collections::{BTreeMap, BTreeSet};

use cycle::action::{Action, EntryState};
use cycle::{FigureFileId, RoundId};
use serde_json::{Value as Json, json};

use super::sheets::{decide, known_figures, place_of, settle, value};
use super::{Batch, Subject, words};
use crate::command::{Done, NewFigureFile, Refusal, SheetSupply, Supplied};
use crate::figure_files::FigureFile;
use crate::{limits, write_sql};

fn supplies(batch: &Batch<'_>, round: RoundId, level: cycle::LevelId) -> Result<(), Refusal> {
    let known = batch.state.rounds.get(&round).ok_or(Refusal::NotFound)?;
    batch.state.levels.get(&level).filter(|one| one.facts.round == round).ok_or(Refusal::NotFound)?;
    let may = batch.authority.as_ref().is_none_or(|authority| batch.state.supplies(authority, known, level));
    if may { Ok(()) } else { Err(cycle::Denial::NotAllowed.into()) }
}

pub(super) fn keep(batch: &mut Batch<'_>, new: &NewFigureFile) -> Result<Done, Refusal> {
    supplies(batch, new.round, new.level)?;
    let of_round = batch.state.figure_files.files.values().filter(|file| file.round == new.round).count();
    if of_round >= limits::FIGURE_FILES_PER_ROUND_MAX {
        let most = limits::FIGURE_FILES_PER_ROUND_MAX;
        return Err(Refusal::invalid(
            "file",
            format!("Kỳ này đã có {most} tệp số liệu, là nhiều nhất"),
            format!("This round has {most} files of figures, the most it may"),
        ));
    }
    let name = words("file", &new.name, limits::FILE_NAME_BYTES_MAX)?;
    let (id, seq) = (batch.id(), batch.this_seq());
    batch.writes.push(write_sql!(
        "INSERT INTO figure_file (id, round, level, name, sha256, bytes, answers, made_at, made_by, taken_at, taken_by, \
         figures, seq) VALUES ($1, $2, $3, $4, $5, $6, '{}', $7, $8, NULL, NULL, 0, $9)",
        id,
        new.round.0,
        new.level.0,
        name.as_str(),
        new.sha256.as_str(),
        i64::try_from(new.bytes).unwrap_or(i64::MAX),
        batch.at.as_millisecond(),
        batch.account().map(|account| account.0),
        seq,
    ));
    let detail = json!({ "id": id, "round": new.round, "level": new.level, "name": name, "sha256": new.sha256 });
    let unit = batch.state.rounds.get(&new.round).map(|round| round.owner);
    batch.event("figures.uploaded", Subject { unit, ..Subject::default() }, &detail);
    Ok(Done { id: Some(id), count: 1, ..Done::default() })
}

/// A file that whoever acts may go on with: an own one, or any of a round that one runs.
fn opened(batch: &Batch<'_>, id: FigureFileId) -> Result<FigureFile, Refusal> {
    let file = batch.state.figure_files.files.get(&id).ok_or(Refusal::NotFound)?;
    let owner = batch.state.rounds.get(&file.round).ok_or(Refusal::NotFound)?.owner;
    if file.made_by != batch.account() && !batch.may(cycle::Capability::RunRound, owner) {
        return Err(Refusal::NotFound);
    }
    supplies(batch, file.round, file.level)?;
    if file.taken_at.is_some() {
        return Err(Refusal::invalid(
            "file",
            "Số liệu của tệp này đã được nhập rồi",
            "The figures of this file were taken in before",
        ));
    }
    Ok(file.clone())
}

pub(super) fn answer(
    batch: &mut Batch<'_>,
    id: FigureFileId,
    answers: &Json,
    columns: &BTreeMap<String, Vec<String>>,
) -> Result<Done, Refusal> {
    let file = opened(batch, id)?;
    let text = answers.to_string();
    if text.len() > limits::FIGURE_ANSWERS_BYTES_MAX {
        let most = limits::FIGURE_ANSWERS_BYTES_MAX;
        return Err(Refusal::invalid(
            "answers",
            format!("Câu trả lời dài quá {most} byte"),
            format!("The answers are longer than {most} bytes"),
        ));
    }
    let set_hash = batch.state.levels.get(&file.level).ok_or(Refusal::NotFound)?.program.set_hash.clone();
    let seq = batch.this_seq();
    batch.writes.push(write_sql!(
        "UPDATE figure_file SET answers = $2, seq = $3 WHERE id = $1",
        id.0,
        text.as_str(),
        seq
    ));
    for (heads, roles) in columns {
        batch.writes.push(write_sql!(
            "INSERT INTO figure_columns (set_hash, heads, roles, seq) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (set_hash, heads) DO UPDATE SET roles = excluded.roles, seq = excluded.seq",
            set_hash.as_str(),
            heads.as_str(),
            json!(roles).to_string(),
            seq,
        ));
    }
    let unit = batch.state.rounds.get(&file.round).map(|round| round.owner);
    let detail = json!({ "id": id, "name": file.name, "answers": answers, "columns": columns });
    batch.event("figures.answered", Subject { unit, ..Subject::default() }, &detail);
    Ok(Done { count: 1, ..Done::default() })
}

fn typed(figures: &BTreeMap<String, Supplied>) -> BTreeMap<String, String> {
    figures.iter().map(|(id, one)| (id.clone(), one.typed.clone())).collect()
}

pub(super) fn take(batch: &mut Batch<'_>, id: FigureFileId, supplies: Vec<SheetSupply>) -> Result<Done, Refusal> {
    let file = opened(batch, id)?;
    let (mut count, sheets) = (0, supplies.len());
    for one in supplies {
        count += take_sheet(batch, &file, one)?;
    }
    if count == 0 {
        return Err(Refusal::invalid(
            "file",
            "Tệp không đổi số liệu nào so với trên phiếu",
            "The file changes no figure of any sheet",
        ));
    }
    let seq = batch.this_seq();
    batch.writes.push(write_sql!(
        "UPDATE figure_file SET taken_at = $2, taken_by = $3, figures = $4, seq = $5 WHERE id = $1",
        id.0,
        batch.at.as_millisecond(),
        batch.account().map(|account| account.0),
        i64::try_from(count).unwrap_or(i64::MAX),
        seq,
    ));
    let unit = batch.state.rounds.get(&file.round).map(|round| round.owner);
    let detail = json!({
        "id": id, "round": file.round, "name": file.name, "sha256": file.sha256, "sheets": sheets, "figures": count,
    });
    batch.event("figures.taken", Subject { unit, ..Subject::default() }, &detail);
    Ok(Done { count, ..Done::default() })
}

/// What changes of one place: before and after by figure, and where it came from.
type Changes = (serde_json::Map<String, Json>, serde_json::Map<String, Json>, serde_json::Map<String, Json>);

/// Takes the figures of one sheet in; gives how many changed.
fn take_sheet(batch: &mut Batch<'_>, file: &FigureFile, supply: SheetSupply) -> Result<usize, Refusal> {
    let (mut sheet, row) = batch.sheet(supply.assessment)?;
    if (row.round, row.level) != (file.round, file.level) {
        return Err(Refusal::NotFound);
    }
    let mut events: Vec<(Option<usize>, Changes, Option<criteria::Number>)> = Vec::new();
    let changes = |batch: &Batch<'_>, figures: BTreeMap<String, Supplied>, kept: &mut BTreeMap<String, _>| -> Changes {
        let (mut before, mut after, mut from) = Changes::default();
        for (id, one) in figures {
            let old = kept.get(&id).map_or("", |value: &cycle::FigureValue| value.typed.as_str());
            if old != one.typed {
                before.insert(id.clone(), json!(old));
                after.insert(id.clone(), json!(one.typed));
                from.insert(id.clone(), json!(one.from));
                kept.insert(id, value(batch, &one.typed, Some(one.from)));
            }
        }
        (before, after, from)
    };
    let (mut count, mut places) = (0, BTreeSet::new());
    if !supply.profile.is_empty() {
        decide(batch, &row, Action::Supply, "", EntryState::Filling)?;
        known_figures(batch.state.level_of(&row)?, None, &typed(&supply.profile))?;
        if sheet.profile_version != supply.profile_version {
            return Err(Refusal::Stale(Box::new(sheet)));
        }
        let changed = changes(batch, supply.profile, &mut sheet.profile);
        if !changed.1.is_empty() {
            count += changed.1.len();
            sheet.profile_version += 1;
            events.push((None, changed, None));
        }
    }
    for (indicator, (version, figures)) in supply.entries {
        let place = place_of(&sheet, &indicator)?;
        let to = decide(batch, &row, Action::Supply, &indicator, sheet.entries[place].state)?;
        known_figures(batch.state.level_of(&row)?, Some(&indicator), &typed(&figures))?;
        if sheet.entries[place].version != version {
            return Err(Refusal::Stale(Box::new(sheet)));
        }
        let changed = changes(batch, figures, &mut sheet.entries[place].figures);
        if changed.1.is_empty() {
            continue;
        }
        count += changed.1.len();
        let entry = &mut sheet.entries[place];
        let points = entry.self_score.as_ref().map(|score| score.points);
        entry.state = to;
        entry.version += 1;
        entry.updated_at = Some(batch.at);
        entry.updated_by = batch.account();
        places.insert(place);
        events.push((Some(place), changed, points));
    }
    if count == 0 {
        return Ok(0);
    }
    let (unit, assessment) = (row.unit, sheet.id);
    settle(batch, sheet, row, places, |batch, sheet| {
        for (place, (before, after, from), points) in events {
            let entry = place.map(|place| &sheet.entries[place]);
            let indicator = entry.map(|entry| entry.indicator.as_str());
            let now = entry.and_then(|entry| entry.self_score.as_ref()).map(|score| score.points);
            let mut detail =
                json!({ "before": before, "after": after, "cells": from, "file": file.name, "sha256": file.sha256 });
            if place.is_some() {
                detail["points"] = json!([points, now]);
            }
            let subject = Subject { unit: Some(unit), assessment: Some(assessment), indicator };
            batch.event(if place.is_some() { "entry.supplied" } else { "profile.supplied" }, subject, &detail);
        }
    })?;
    Ok(count)
}
