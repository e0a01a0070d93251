//! Publishing: the results of a round, computed from its facts and put down for good.

use criteria::date::Date;
use criteria::model::ReadingStatus;
use cycle::{Capability, EntryState, Phase, RoundId, Sheet};
use serde_json::json;

use super::{Batch, Subject, words};
use crate::command::{Done, Refusal};
use crate::publication::{Grading, Head, PublishedLevel, Undecided, compute, hash_of};
use crate::state::{Assessment, Level};
use crate::{limits, write_sql};

fn published_level(level: &Level, units: usize) -> PublishedLevel {
    let head = &level.program.set.head;
    let pillars = level.program.set.pillars.iter().map(|pillar| {
        let points = pillar.indicators.iter().filter_map(|one| {
            let index = level.program.indicator_index(&one.id)?;
            level.program.counts(index).then(|| level.program.maximum_of(index))
        });
        let points = criteria::Number::saturating_sum(points);
        (pillar.pillar.no.clone(), pillar.pillar.name.clone(), points)
    });
    let readings = head.readings.iter().filter_map(|reading| {
        let variant = reading.variants.iter().find(|variant| variant.id == reading.answer)?;
        Some((reading.asks.clone(), variant.label.clone()))
    });
    PublishedLevel {
        level: level.facts.level.clone(),
        set: head.id.clone(),
        set_hash: level.facts.set_hash.clone(),
        source: scoring::sentence::citation(&head.document, "").trim_end_matches([',', ' ']).to_owned(),
        maximum: level.program.maximum(),
        pillars: pillars.collect(),
        units,
        readings: readings.collect(),
        grading: match head.ranking.grades.as_slice() {
            [] => None,
            grades => Some(Grading { by_round: !level.facts.grades.is_empty(), grades: grades.to_vec() }),
        },
    }
}

/// Explanations that nobody decided hold a publication up, until its owner says why they are left so: then what the
/// appraiser found counts, and the publication tells it for good.
fn leave(count: usize, why: &str) -> Result<Option<Undecided>, Refusal> {
    if count == 0 {
        return Ok(None);
    }
    if why.trim().is_empty() {
        return Err(Refusal::invalid(
            "undecided",
            format!("Còn {count} giải trình chưa chốt; hãy chốt, hoặc ghi lý do công bố theo điểm thẩm định"),
            format!("{count} explanations are not decided; decide them, or say why the appraised points are published"),
        ));
    }
    Ok(Some(Undecided { count, reason: words("undecided", why, limits::WORDS_BYTES_MAX)? }))
}

pub(super) fn publish(
    batch: &mut Batch<'_>,
    id: RoundId,
    number: &str,
    day: Date,
    undecided: &str,
) -> Result<Done, Refusal> {
    let round = batch.state.rounds.get(&id).ok_or(Refusal::NotFound)?.clone();
    batch.require(Capability::RunRound, round.owner)?;
    if !matches!(round.phase, Phase::Deciding | Phase::Published) {
        return Err(cycle::Denial::Phase(round.phase).into());
    }
    let number = words("number", number, limits::NAME_BYTES_MAX)?;
    let mut levels: Vec<&Level> = batch.state.levels.values().filter(|level| level.facts.round == id).collect();
    levels.sort_by_key(|level| level.facts.id);
    let open: usize = levels
        .iter()
        .map(|level| {
            let readings = &level.program.set.head.readings;
            let open = readings.iter().filter(|one| one.status == ReadingStatus::Open);
            open.filter(|one| !level.facts.picks.contains_key(&one.id)).count()
        })
        .sum();
    if open > 0 {
        return Err(Refusal::invalid(
            "readings",
            format!("Còn {open} cách hiểu chưa chốt; phải chốt hết rồi mới công bố"),
            format!("{open} readings are open; all must be decided before publication"),
        ));
    }
    let publication = batch.id();
    let mut head = Head {
        year: round.year,
        title: round.title.clone(),
        made_up: round.settings.made_up,
        levels: Vec::new(),
        undecided: None,
    };
    let mut rows = Vec::new();
    let mut open = 0;
    for level in levels {
        let own = batch.state.sheets_of_level(level.facts.id);
        let ids: Vec<_> =
            own.iter().filter(|one| !round.settings.absent.contains_key(&one.unit)).map(|one| one.id).collect();
        let sheets: Vec<(Sheet, Assessment)> = ids.into_iter().map(|id| batch.sheet(id)).collect::<Result<_, _>>()?;
        let entries = sheets.iter().flat_map(|(sheet, _)| &sheet.entries);
        open += entries.filter(|one| matches!(one.state, EntryState::Explained | EntryState::Answered)).count();
        let computed = compute(batch.state, level, &sheets);
        head.levels.push(published_level(level, computed.len()));
        let mut of_level = Vec::new();
        for (place, (result, reasons)) in computed.iter().enumerate() {
            let (result_text, reasons_text) = (json!(result).to_string(), json!(reasons).to_string());
            batch.writes.push(write_sql!(
                "INSERT INTO published_unit (publication, level, place, code, result, reasons) \
                 VALUES ($1, $2, $3, $4, $5, $6)",
                publication,
                level.facts.level.as_str(),
                i64::try_from(place).unwrap_or(i64::MAX),
                result.code.as_str(),
                result_text.as_str(),
                reasons_text.as_str(),
            ));
            of_level.push((result_text, reasons_text));
        }
        rows.push((level.facts.level.clone(), of_level));
    }
    head.undecided = leave(open, undecided)?;
    let hash = hash_of(&head, &rows);
    let seq = batch.this_seq();
    batch.writes.push(write_sql!(
        "INSERT INTO publication (id, round, number, day, at, amends, head, hash) \
         VALUES ($1, $2, $3, $4, $5, (SELECT MAX(id) FROM publication WHERE round = $6), $7, $8)",
        publication,
        id.0,
        number.as_str(),
        day.to_string(),
        batch.at.as_millisecond(),
        id.0,
        json!(head).to_string(),
        hash.as_str(),
    ));
    if round.phase != Phase::Published {
        batch.writes.push(write_sql!(
            "UPDATE round SET phase = $2, seq = $3 WHERE id = $1",
            id.0,
            Phase::Published.key(),
            seq,
        ));
    }
    let mut detail = json!({ "id": publication, "number": number, "day": day.to_string(), "hash": hash });
    if let Some(left) = &head.undecided {
        detail["undecided"] = json!(left.count);
        detail["reason"] = json!(left.reason);
    }
    let subject = Subject { unit: Some(round.owner), ..Subject::default() };
    batch.event("round.published", subject, &detail);
    Ok(Done { id: Some(publication), ..Done::default() })
}
