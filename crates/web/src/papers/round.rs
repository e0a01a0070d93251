//! Papers about a round: the survey letter that starts the 15 days.

use cycle::RoundId;
use documents::paper::RowKind;
use documents::paper::form::{Entry, Rows, long_day};
use jiff::ToSpan;

use super::{Head, Ready, VI, begun, cited};
use crate::app::App;
use crate::failure::Failure;

/// The days that units have, from the day of the survey letter.
pub const SURVEY_DAYS: i64 = 15;

/// The survey letter of a round.
///
/// # Errors
/// There is no such round.
pub fn survey(app: &App, id: RoundId, head: &Head) -> Result<Ready, Failure> {
    let state = app.store.state();
    let round = state.rounds.get(&id).ok_or(Failure::NotFound)?;
    let owner = state.tree.get(round.owner).ok_or(Failure::NotFound)?;
    let mut filling = begun(&state, owner, round, head);
    filling.title = format!("Đề nghị cung cấp số liệu năm {}", round.year);
    let mut levels: Vec<_> = state.levels.values().filter(|level| level.facts.round == id).collect();
    levels.sort_by_key(|level| level.facts.id);
    let mut documents: Vec<String> = levels.iter().map(|level| cited(&level.program.set.head.document)).collect();
    documents.dedup();
    let period = levels.iter().find_map(|level| level.program.set.head.period.as_ref());
    let last = head.day.and_then(|day| day.checked_add(SURVEY_DAYS.days()).ok());
    filling
        .put("căn cứ bộ chỉ số", documents.join("; "))
        .put(
            "từ ngày",
            period.map_or_else(|| format!("ngày 01/01/{}", round.year), |days| long_day(days.from.in_year(round.year))),
        )
        .put(
            "đến ngày",
            period.map_or_else(|| format!("ngày 31/12/{}", round.year), |days| long_day(days.to.in_year(round.year))),
        )
        .put("hạn", last.map(long_day).unwrap_or_default())
        .put("địa chỉ", app.public_url.clone().unwrap_or_default());
    let mut sheets: Vec<_> = state.assessments.values().filter(|one| one.round == id).collect();
    sheets.retain(|one| !round.settings.absent.contains_key(&one.unit));
    sheets.sort_by_cached_key(|one| {
        let level = levels.iter().position(|level| level.facts.id == one.level);
        (level, state.tree.get(one.unit).map(|unit| unit.code.clone()))
    });
    let mut rows = Vec::new();
    let mut shown = None;
    let mut place = 0;
    for one in sheets {
        let Some(unit) = state.tree.get(one.unit) else { continue };
        if shown != Some(one.level) {
            shown = Some(one.level);
            let level = crate::view::level_name(VI, &unit.level);
            rows.push(Entry::of(RowKind::Group).words("tên", super::upper_first(level)).words("cấp", level));
            place = 0;
        }
        place += 1;
        rows.push(
            Entry::of(RowKind::Plain)
                .words("số", place.to_string())
                .words("tên", unit.name.clone())
                .words("mã", unit.code.clone())
                .words("cấp", crate::view::level_name(VI, &unit.level)),
        );
    }
    filling.tables.insert("đơn vị", Rows { rows, ..Rows::default() });
    Ok(Ready { form: "survey", filling, name: format!("survey-{}", round.year) })
}
