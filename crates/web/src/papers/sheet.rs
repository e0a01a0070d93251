//! Papers about one sheet: the self-assessment, the appraisal record, the assignment letter, reviews, reminders.

use std::collections::HashMap;

use criteria::Number;
use criteria::model::{Figure, FigureKind, Indicator};
use criteria::quote::readable;
use cycle::entry::{Entry as SheetEntry, ScoreKind};
use cycle::progress::EntryProgress;
use cycle::proof::{FileVerdict, Proofs};
use cycle::time::{self, Standing};
use cycle::{AssessmentId, FigureValue};
use documents::paper::RowKind;
use documents::paper::form::{Entry, Filling, Rows, number};
use documents::papers::{Duty, Kind};
use store::State;
use store::records::{Evidence, RemarkKind};

use super::{Head, Ready, VI, begun, cited, percent, signed};
use crate::app::App;
use crate::failure::Failure;
use crate::opened::{Opened, actor_name, because};

use crate::pages::review::Picture;
use crate::pages::sheet::who_leads;
use crate::pages::work::lacks;
use crate::view::verdict_words;

/// Days before its deadline from which an entry is named in a reminder.
const SOON_DAYS: i32 = 14;

fn points(one: &Number) -> String {
    number(*one, 2)
}

/// The self-assessment of a sheet, or the record of its appraisal.
///
/// # Errors
/// There is no such sheet, or the database cannot be read.
pub async fn sheet(app: &App, id: AssessmentId, kind: Kind, head: &Head) -> Result<Ready, Failure> {
    let opened = Opened::unchecked(app, id).await?;
    let evidence = app.store.evidence_on(id).await?;
    let proofs = app.store.proofs_on(&opened.sheet).await?;
    let explained = if kind == Kind::Appraisal { explanations(app, &opened).await? } else { HashMap::new() };
    let state = app.store.state();
    // The unit reports about itself; the record is the round owner's.
    let owner = state.tree.get(opened.round.owner).unwrap_or(&opened.unit);
    let by = if kind == Kind::Appraisal { owner } else { &opened.unit };
    let mut filling = begun(&state, by, &opened.round, head);
    filling.title = format!("{} năm {}: {}", kind.name().vi, opened.round.year, opened.unit.name);
    facts(&mut filling, &opened, evidence.len());
    filling.tables.insert("trụ cột", Rows { rows: pillars(&opened), ..Rows::default() });
    let (numbers, papers) = evidence_rows(&opened, &evidence, &proofs);
    filling.tables.insert("tài liệu", Rows { rows: papers, ..Rows::default() });
    let rows = indicator_rows(&state, &opened, &numbers, &explained);
    filling.tables.insert("chỉ số", Rows { rows, ..Rows::default() });
    let profile = opened.program().set.head.profile.iter().map(|figure| {
        let typed = opened.sheet.profile.get(&figure.id).map(|value| answer(figure, value)).unwrap_or_default();
        Entry::of(RowKind::Plain)
            .words("số", figure.no.clone().unwrap_or_default())
            .words("tên", readable(&figure.label).trim_end_matches(':'))
            .words("giá trị", typed)
    });
    filling.tables.insert("thông tin chung", Rows { rows: profile.collect(), ..Rows::default() });
    let form = if kind == Kind::Appraisal { "appraisal" } else { "self-assessment" };
    Ok(Ready { form, filling, name: format!("{form}-{}-{}", opened.round.year, opened.unit.code) })
}

fn facts(filling: &mut Filling, opened: &Opened, evidence: usize) {
    let totals = &opened.row.totals;
    let summary = opened.summary();
    let entries = &opened.sheet.entries;
    let sum = |of: fn(&SheetEntry) -> Option<Number>| Number::saturating_sum(entries.iter().filter_map(of));
    let applies = |entry: &&SheetEntry| entry.self_score.as_ref().is_none_or(|score| !score.is_not_applicable());
    let appraised = entries.iter().filter(applies).filter(|entry| entry.appraised.is_some());
    let differs = |entry: &&SheetEntry| {
        let own = entry.self_score.as_ref().map(|score| score.points);
        entry.appraised.as_ref().map(|verdict| Some(verdict.score.points)) != Some(own)
    };
    let submission = opened.sheet.submission.as_ref();
    let hash = submission
        .map_or_else(|| opened.sheet.state_hash(&opened.level.facts.set_hash), |submission| submission.hash.clone());
    filling
        .put("đơn vị", opened.unit.name.clone())
        .put("căn cứ bộ chỉ số", cited(&opened.program().set.head.document))
        .put("bộ chỉ số", opened.program().set.head.id.clone())
        .put("tự chấm", points(&sum(|entry| entry.self_score.as_ref().map(|score| score.points))))
        .put("thẩm định", points(&sum(|entry| entry.appraised.as_ref().map(|verdict| verdict.score.points))))
        .put("đã chốt", points(&sum(|entry| entry.final_score.as_ref().map(|verdict| verdict.score.points))))
        .put("điểm tính", points(&sum(|entry| entry.counting().map(|score| score.points))))
        .put("tối đa", number(totals.maximum, 0))
        .put("không áp dụng", number(totals.excluded, 0))
        .put("quy đổi", totals.comparable.map(|comparable| points(&comparable)).unwrap_or_default())
        .put("số chỉ số", summary.count.to_string())
        .put("số đã xong", summary.done.to_string())
        .put("số đã thẩm định", appraised.clone().count().to_string())
        .put("số điều chỉnh", appraised.filter(differs).count().to_string())
        .put("số tài liệu", evidence.to_string())
        .put("biên nhận", submission.map(|submission| submission.receipt.clone()).unwrap_or_default())
        .put("mã băm", hash);
}

fn pillars(opened: &Opened) -> Vec<Entry> {
    let set = &opened.program().set;
    let mut places = opened.sheet.entries.iter();
    let mut rows = Vec::new();
    let mut all = [Number::ZERO; 2];
    for (pillar, totals) in set.pillars.iter().zip(&opened.row.totals.pillars) {
        let own: Vec<&SheetEntry> = places.by_ref().take(pillar.indicators.len()).collect();
        let declared = Number::saturating_sum(own.iter().filter_map(|entry| Some(entry.self_score.as_ref()?.points)));
        let counting = Number::saturating_sum(own.iter().filter_map(|entry| Some(entry.counting()?.points)));
        all = [Number::saturating_sum([all[0], declared]), Number::saturating_sum([all[1], counting])];
        let applicable = Number::from_millionths(totals.maximum.millionths() - totals.excluded.millionths());
        rows.push(
            Entry::of(RowKind::Plain)
                .words("số", pillar.pillar.no.clone())
                .words("tên", readable(&pillar.pillar.name))
                .number("tối đa", Some(totals.maximum))
                .number("không áp dụng", Some(totals.excluded))
                .points("tự chấm", Some(declared))
                .points("điểm tính", Some(counting))
                .words(
                    "tỷ lệ",
                    percent(declared, applicable).map_or_else(|| "–".to_owned(), |own| format!("{} %", number(own, 1))),
                ),
        );
    }
    let totals = &opened.row.totals;
    let applicable = Number::from_millionths(totals.maximum.millionths() - totals.excluded.millionths());
    rows.push(
        Entry::of(RowKind::Total)
            .words("tên", "Tổng cộng")
            .number("tối đa", Some(totals.maximum))
            .number("không áp dụng", Some(totals.excluded))
            .points("tự chấm", Some(all[0]))
            .points("điểm tính", Some(all[1]))
            .words(
                "tỷ lệ",
                percent(all[0], applicable).map_or_else(|| "–".to_owned(), |own| format!("{} %", number(own, 1))),
            ),
    );
    rows
}

/// What was found about the signatures of a piece of evidence.
fn signature_word(proofs: &Proofs, evidence: &Evidence) -> &'static str {
    match proofs.get(&evidence.id) {
        Some(proof) if proof.accepted && proof.verdict == FileVerdict::Indeterminate => "Người thẩm định chấp nhận",
        Some(proof) => verdict_words(VI, proof.verdict).1,
        None => "–",
    }
}

/// The list of evidence in the order of the indicators, and the numbers in it by indicator.
fn evidence_rows(opened: &Opened, evidence: &[Evidence], proofs: &Proofs) -> (HashMap<String, Vec<usize>>, Vec<Entry>) {
    let mut numbers: HashMap<String, Vec<usize>> = HashMap::new();
    let mut rows = Vec::new();
    for indicator in opened.program().set.indicators() {
        for one in evidence.iter().filter(|one| one.indicator == indicator.id) {
            let place = rows.len() + 1;
            numbers.entry(indicator.id.clone()).or_default().push(place);
            rows.push(
                Entry::of(RowKind::Plain)
                    .words("số", place.to_string())
                    .words("mã", indicator.id.clone())
                    .words("tên", one.link.clone().unwrap_or_else(|| one.name.clone()))
                    .words("mã băm", one.sha256.clone().unwrap_or_else(|| "đường dẫn".to_owned()))
                    .words("chữ ký", signature_word(proofs, one))
                    .words("ngày", VI.date(&time::day_of(one.at))),
            );
        }
    }
    (numbers, rows)
}

/// A figure's value as people read it.
fn answer(figure: &Figure, value: &FigureValue) -> String {
    let typed = value.typed.trim();
    let chosen = figure.options.iter().find(|option| option.id == typed).map(|option| option.label.as_str());
    let said = match (figure.kind, typed) {
        (FigureKind::YesNo, "yes" | "x" | "true") => "có",
        (FigureKind::YesNo, "no" | "false") => "không",
        _ => typed,
    };
    chosen.unwrap_or(said).to_owned()
}

fn figures(indicator: &Indicator, entry: &SheetEntry) -> String {
    let known = indicator.all_figures().into_iter().filter_map(|figure| {
        let value = entry.figures.get(&figure.id).filter(|value| !value.typed.trim().is_empty())?;
        let label = readable(&figure.label);
        let label = label.trim_end_matches(':');
        let colon = if label.ends_with('?') { "" } else { ":" };
        Some(format!("{label}{colon} {}", answer(&figure, value)))
    });
    known.collect::<Vec<_>>().join("\n")
}

/// What the unit explained of each indicator and what was answered, round by round.
async fn explanations(app: &App, opened: &Opened) -> Result<HashMap<String, String>, Failure> {
    let mut found = HashMap::new();
    for entry in opened.sheet.entries.iter().filter(|entry| entry.verdict().is_some()) {
        let remarks = app.store.remarks(opened.sheet.id, &entry.indicator).await?;
        let told: Vec<String> = remarks
            .iter()
            .filter_map(|one| match one.kind {
                RemarkKind::Comment => None,
                RemarkKind::Explanation => Some(format!("Đợt {}: {}", one.turn, one.words.trim())),
                RemarkKind::Answer => Some(format!("Trả lời: {}", one.words.trim())),
            })
            .collect();
        if !told.is_empty() {
            found.insert(entry.indicator.clone(), told.join("\n"));
        }
    }
    Ok(found)
}

fn indicator_rows(
    state: &State,
    opened: &Opened,
    numbers: &HashMap<String, Vec<usize>>,
    explained: &HashMap<String, String>,
) -> Vec<Entry> {
    let mut rows = Vec::new();
    let mut place = 0;
    for (pillar, totals) in opened.program().set.pillars.iter().zip(&opened.row.totals.pillars) {
        rows.push(
            Entry::of(RowKind::Group)
                .words("số", pillar.pillar.no.clone())
                .words("mã", pillar.pillar.no.clone())
                .words("tên", readable(&pillar.pillar.name))
                .number("tối đa", Some(totals.maximum)),
        );
        for indicator in &pillar.indicators {
            let entry = &opened.sheet.entries[place];
            let own = entry.self_score.as_ref().map(|score| score.points);
            let mut row = Entry::of(RowKind::Plain)
                .words("số", indicator.no.clone())
                .words("mã", indicator.id.clone())
                .words("tên", readable(&indicator.name))
                .number("tối đa", Some(indicator.points.unwrap_or_default()))
                .words("số liệu", figures(indicator, entry))
                .words("lý do", because(state, VI, opened, &opened.sheet, &opened.read, place))
                .words("ghi chú", entry.note.clone())
                .words("giải trình", explained.get(&indicator.id).cloned().unwrap_or_default())
                .words("trạng thái", VI.text(&entry.state.name()).to_owned())
                .words("tài liệu", listed(numbers.get(&indicator.id)));
            let excluded = entry.self_score.as_ref().is_some_and(|score| score.kind == ScoreKind::NotApplicable);
            row = if excluded { row.words("tự chấm", "KAD") } else { row.points("tự chấm", own) };
            if let Some(verdict) = &entry.appraised {
                let difference = verdict.score.points.millionths() - own.unwrap_or_default().millionths();
                row = row
                    .points("thẩm định", Some(verdict.score.points))
                    .words("lý do thẩm định", verdict.reason.clone());
                row.facts.insert("chênh lệch", signed(Number::from_millionths(difference)));
            }
            if let Some(verdict) = &entry.final_score {
                row = row.points("điểm cuối", Some(verdict.score.points)).words("lý do cuối", verdict.reason.clone());
            }
            rows.push(row);
            place += 1;
        }
    }
    rows
}

/// Numbers as a list prints them, those that follow each other as a span.
fn listed(numbers: Option<&Vec<usize>>) -> String {
    match numbers.map(Vec::as_slice) {
        None | Some([]) => String::new(),
        Some([only]) => only.to_string(),
        // The list is in the order of the indicators, so one indicator's numbers always follow each other.
        Some([first, .., last]) => format!("{first}–{last}"),
    }
}

/// The letter that assigns a unit's indicators to positions.
///
/// # Errors
/// There is no such sheet, or the database cannot be read.
pub async fn assignment(app: &App, id: AssessmentId, head: &Head) -> Result<Ready, Failure> {
    let opened = Opened::unchecked(app, id).await?;
    let state = app.store.state();
    let front = super::front(&state, &opened.unit, opened.round.year, head);
    let duty = |indicator: &Indicator| {
        let assigned = state.assigned(opened.round.id, opened.unit.id, &indicator.id);
        let names = |leads: bool| {
            let own =
                assigned.iter().filter(|one| one.leads == leads).filter_map(|one| state.positions.get(&one.position));
            own.map(|position| position.name.as_str()).collect::<Vec<_>>().join(", ")
        };
        let (lead, coordinating) = (names(true), names(false));
        let own_due = state.own_due(opened.round.id, opened.unit.id, &indicator.id);
        let due = opened.round.due(opened.unit.id, indicator.due.days(), own_due);
        Some(Duty {
            who: match (lead.is_empty(), coordinating.is_empty()) {
                (false, false) => format!("{lead}; phối hợp: {coordinating}"),
                (false, true) => lead.clone(),
                _ => coordinating.clone(),
            },
            lead,
            coordinating,
            when: due.map(|due| format!("Trước {}", VI.date(&due))).unwrap_or_default(),
            ..Duty::default()
        })
    };
    let unit = super::lower_first(&opened.unit.name);
    let mut filling = documents::papers::assignment(&opened.program().set, &front, &unit, duty, &[]);
    filling.put("đầu mối", "đầu mối của đơn vị");
    filling.put("tên cơ quan", super::issuer(&state, &opened.unit).1);
    Ok(Ready { form: "assignment", filling, name: format!("assignment-{}-{}", opened.round.year, opened.unit.code) })
}

/// The report of a review.
///
/// # Errors
/// There is no such review, or the database cannot be read.
pub async fn review(app: &App, id: AssessmentId, review: i64, head: &Head) -> Result<Ready, Failure> {
    let opened = Opened::unchecked(app, id).await?;
    let kept = app.store.reviews(id).await?.into_iter().find(|one| one.id == review).ok_or(Failure::NotFound)?;
    let picture: Picture = serde_json::from_value(kept.picture.clone()).map_err(|_| Failure::Internal)?;
    let state = app.store.state();
    let mut filling = begun(&state, &opened.unit, &opened.round, head);
    filling.title = format!("{}: {}", kept.title, opened.unit.name);
    filling
        .put("đơn vị", opened.unit.name.clone())
        .put("đợt", kept.title)
        .put("lúc", VI.instant(&kept.at))
        .put("người chốt", actor_name(&state, opened.unit.id, kept.by, time::day_of(kept.at)))
        .put("điểm", points(&picture.points))
        .put("tối đa", number(picture.maximum, 0))
        .put("số chỉ số", picture.count.to_string())
        .put("số đã xong", picture.done.to_string())
        .put("số chậm", picture.rows.len().to_string())
        .put("kết luận", picture.words)
        .put("căn cứ bộ chỉ số", cited(&opened.program().set.head.document));
    let rows = picture.rows.into_iter().zip(1..).map(|(row, place)| {
        Entry::of(RowKind::Plain)
            .words("số", place.to_string())
            .words("mã", row.id)
            .words("tên", row.name)
            .words("còn thiếu", row.lacks)
            .words("ai", row.who)
            .words("hạn", row.due)
            .words("điểm", row.gain)
    });
    filling.tables.insert("chậm", Rows { rows: rows.collect(), ..Rows::default() });
    Ok(Ready { form: "review", filling, name: format!("review-{review}-{}", opened.unit.code) })
}

/// The reminder to a unit that is late.
///
/// # Errors
/// There is no such sheet, or the database cannot be read.
pub async fn reminder(app: &App, id: AssessmentId, head: &Head) -> Result<Ready, Failure> {
    let opened = Opened::unchecked(app, id).await?;
    let state = app.store.state();
    let owner = state.tree.get(opened.round.owner).unwrap_or(&opened.unit);
    let mut filling = begun(&state, owner, &opened.round, head);
    filling.title = format!("Nhắc việc năm {}: {}", opened.round.year, opened.unit.name);
    let mut rows = Vec::new();
    let (mut late, mut soon) = (0, 0);
    for (indicator, entry, progress) in opened.rows() {
        let days = match progress.standing {
            Some(Standing::Overdue(days)) => days,
            Some(Standing::Left(left)) if left <= SOON_DAYS && !entry.state.is_done() => -left,
            _ => continue,
        };
        if days > 0 {
            late += 1
        } else {
            soon += 1
        }
        rows.push((days, reminded(&state, &opened, indicator, progress, days)));
    }
    rows.sort_by_key(|(days, _)| -days);
    let rows = rows.into_iter().zip(1_usize..).map(|((_, row), place)| row.words("số", place.to_string()));
    filling
        .put("đơn vị", opened.unit.name.clone())
        .put("số trễ", late.to_string())
        .put("số sắp đến hạn", soon.to_string())
        .put("ngày ngắn", VI.date(&head.day.unwrap_or(opened.today)))
        .put("hạn cuối", opened.round.last_day(opened.unit.id).map(|day| VI.date(&day)).unwrap_or_default());
    filling.tables.insert("việc", Rows { rows: rows.collect(), ..Rows::default() });
    Ok(Ready { form: "reminder", filling, name: format!("reminder-{}-{}", opened.round.year, opened.unit.code) })
}

fn reminded(state: &State, opened: &Opened, indicator: &Indicator, progress: &EntryProgress, days: i32) -> Entry {
    let row = Entry::of(RowKind::Plain)
        .words("mã", indicator.id.clone())
        .words("tên", readable(&indicator.name))
        .words("còn thiếu", lacks(VI, &progress.lacks))
        .words("ai", who_leads(state, VI, opened, &indicator.id))
        .words("hạn", progress.due.map(|due| VI.date(&due)).unwrap_or_default())
        .number("điểm", indicator.points);
    if days > 0 { row.words("trễ", days.to_string()) } else { row.words("trễ", "–") }
}

#[cfg(test)]
mod tests {
    use documents::paper::form::Value;

    use super::*;

    #[test]
    fn numbers_that_follow_each_other_are_a_span() {
        assert_eq!(listed(None), "");
        assert_eq!(listed(Some(&vec![3])), "3");
        assert_eq!(listed(Some(&vec![3, 4, 5])), "3–5");
    }

    #[test]
    fn differences_bear_their_sign() {
        let of = |text: &str| Number::parse(text).expect("a number");
        assert_eq!(signed(of("0")), Value::Words("0".to_owned()));
        assert_eq!(signed(of("1.5")), Value::Words("+1,50".to_owned()));
        assert_eq!(signed(of("-2")), Value::Words("−2,00".to_owned()));
    }
}
