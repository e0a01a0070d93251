//! The analysis of a level's published result, for leaders: who leads and lags, the pillars, what moved, who was late.

use criteria::Number;
use std::sync::Arc;

use cycle::RoundId;
use documents::paper::RowKind;
use documents::paper::drawing::{BarRow, Drawing, Span, bars, histogram, spans};
use documents::paper::form::{Entry, Filling, Rows, number};
use store::publication::{PublishedLevel, UnitResult};
use store::state::{Assessment, Level};

use super::publication::{before, begun};
use super::{Ready, VI, percent};
use crate::app::App;
use crate::failure::Failure;
use crate::summary::{Eyes, Late, Summary};
use crate::view::level_name;

/// Units named where the best and the last are told.
const NAMED_MAX: usize = 3;
/// Rows of a chart.
const BARS_MAX: usize = 12;
/// Indicators that most points were lost at.
const LOST_MAX: usize = 10;
/// Steps of the distribution, in percent.
const STEP_PERCENT: i64 = 10;

/// The analysis of a level of a publication.
///
/// # Errors
/// There is no such publication or level, or the database cannot be read.
pub async fn analysis(app: &App, id: i64, level: &str) -> Result<Ready, Failure> {
    let one = app.store.publication(id).await?.ok_or(Failure::NotFound)?;
    let known = one.head.levels.iter().find(|own| own.level == level).ok_or(Failure::NotFound)?.clone();
    let rows = app.store.published(id, level).await?;
    let earlier = before(app, &one, level).await?;
    let stood = stood(app, one.round, &known.set_hash).await?;
    let mut filling = begun(app, &one);
    let name = level_name(VI, level);
    filling.title = format!("Phân tích kết quả chuyển đổi số năm {}: {name}", one.head.year);
    // The number of the decision is not that of this report.
    filling
        .put("số", "")
        .put("cấp", name)
        .put("quyết định", format!("Quyết định số {} {}", one.number, documents::paper::form::long_day(one.day)));
    results(&mut filling, &known, &rows);
    pillars(&mut filling, &known, &rows);
    if let Some((_, old)) = &earlier {
        moves(&mut filling, &rows, old);
    }
    if let Some((level, summary)) = &stood {
        late(&mut filling, &summary.late);
        lost(&mut filling, level, summary);
    }
    Ok(Ready { form: "analysis", filling, name: format!("analysis-{}-{level}", one.head.year) })
}

/// A published level, with what its sheets come to; `None` where its round is gone.
async fn stood(app: &App, round: RoundId, set_hash: &str) -> Result<Option<(Level, Arc<Summary>)>, Failure> {
    let (level, phase, rows): (Level, _, Vec<Assessment>) = {
        let state = app.store.state();
        let own = |level: &&Level| level.facts.round == round && level.facts.set_hash == set_hash;
        let (Some(level), Some(round)) = (state.levels.values().find(own), state.rounds.get(&round)) else {
            return Ok(None);
        };
        let rows = state.assessments.values().filter(|one| one.level == level.facts.id).cloned().collect();
        (level.clone(), round.phase, rows)
    };
    let summary = app.summary(&level, Eyes { phase, inside: true }, rows).await?;
    Ok(Some((level, summary)))
}

/// The result as a part of the most, in percent.
fn share(row: &UnitResult, known: &PublishedLevel) -> Option<Number> {
    percent(row.comparable?, known.maximum)
}

fn told(value: Option<Number>) -> String {
    value.map_or_else(|| "–".to_owned(), |value| format!("{} %", number(value, 1)))
}

fn results(filling: &mut Filling, known: &PublishedLevel, rows: &[UnitResult]) {
    let mut ranked: Vec<(&UnitResult, Number)> =
        rows.iter().filter_map(|row| Some((row, share(row, known)?))).collect();
    ranked.sort_by_key(|(row, share)| (std::cmp::Reverse(*share), row.rank));
    let named = |rows: &[(&UnitResult, Number)]| {
        rows.iter().map(|(row, share)| format!("{} ({})", row.name, told(Some(*share)))).collect::<Vec<_>>().join(", ")
    };
    let least = &ranked[ranked.len().saturating_sub(NAMED_MAX)..];
    let median = ranked.get(ranked.len() / 2).map(|(_, share)| *share);
    let apart = ranked
        .first()
        .zip(ranked.last())
        .map(|((_, best), (_, last))| Number::from_millionths(best.millionths() - last.millionths()));
    filling
        .put("số đơn vị", ranked.len().to_string())
        .put("dẫn đầu", named(&ranked[..ranked.len().min(NAMED_MAX)]))
        .put("cuối bảng", named(least))
        .put("trung vị", told(median))
        .put("khoảng cách", apart.map(|apart| format!("{} điểm phần trăm", number(apart, 1))).unwrap_or_default());
    let step_of = |share: Number| usize::try_from(share.millionths() / 1_000_000 / STEP_PERCENT).unwrap_or(0).min(9);
    let mut steps: Vec<(String, usize)> =
        (0..10).map(|at| (format!("{}–{}", at * STEP_PERCENT, (at + 1) * STEP_PERCENT), 0)).collect();
    ranked.iter().for_each(|(_, share)| steps[step_of(*share)].1 += 1);
    let alt = steps.iter().filter(|(_, count)| *count > 0).map(|(step, count)| format!("{step} %: {count} đơn vị"));
    let alt = format!("Biểu đồ cột. {}. Trung vị {}.", alt.collect::<Vec<_>>().join("; "), told(median));
    let name = "Hình 1. Số đơn vị theo kết quả quy đổi (% của điểm tối đa); cột đậm chứa đơn vị trung vị";
    let drawing = histogram(name, &alt, ["Kết quả (%)", "Số đơn vị"], &steps, median.map(step_of));
    filling.drawings.insert("phân bố", drawing);
}

fn pillars(filling: &mut Filling, known: &PublishedLevel, rows: &[UnitResult]) {
    let mut spanned: Vec<(Span, Number)> = Vec::new();
    for (at, (no, name, most)) in known.pillars.iter().enumerate() {
        let mut shares: Vec<Number> = rows
            .iter()
            .filter_map(|row| row.pillars.get(at))
            .filter_map(|(points, excluded, _)| {
                percent(*points, Number::from_millionths(most.millionths() - excluded.millionths()))
            })
            .collect();
        shares.sort_unstable();
        let (Some(least), Some(middle), Some(last)) = (shares.first(), shares.get(shares.len() / 2), shares.last())
        else {
            continue;
        };
        let three = [*least, *middle, *last];
        spanned.push((
            Span {
                name: format!("{no}. {name}"),
                at: three.map(|one| one.millionths() / 100_000),
                told: three.map(|one| told(Some(one))),
            },
            *middle,
        ));
    }
    let mut by: Vec<&(Span, Number)> = spanned.iter().collect();
    by.sort_by_key(|(_, middle)| *middle);
    let line = |(span, _): &&(Span, Number)| format!("{} (trung vị {})", span.name, span.told[1]);
    filling
        .put("trụ cột yếu", by.iter().take(2).map(line).collect::<Vec<_>>().join("; "))
        .put("trụ cột mạnh", by.last().map(line).unwrap_or_default());
    let alt = spanned
        .iter()
        .map(|(span, _)| format!("{}: từ {} đến {}, trung vị {}", span.name, span.told[0], span.told[2], span.told[1]));
    let alt = format!("Biểu đồ khoảng. {}.", alt.collect::<Vec<_>>().join("; "));
    let rows: Vec<Span> = spanned.into_iter().map(|(span, _)| span).collect();
    let name = "Hình 2. Từng trụ cột: từ đơn vị thấp nhất đến cao nhất; vạch đậm và số bên phải là trung vị";
    if !rows.is_empty() {
        filling.drawings.insert("trụ cột", spans(name, &alt, ["Trụ cột", "Thấp nhất", "Trung vị", "Cao nhất"], &rows));
    }
}

/// A chart of bars with what it tells.
fn bar_chart(name: &str, kind: &str, heads: [&str; 2], rows: &[BarRow]) -> Drawing {
    let alt: Vec<String> = rows.iter().map(|(name, _, told)| format!("{name}: {told}")).collect();
    bars(name, &format!("{kind} {}.", alt.join("; ")), heads, rows)
}

fn moves(filling: &mut Filling, rows: &[UnitResult], old: &[UnitResult]) {
    let mut moved: Vec<(String, i64)> = rows
        .iter()
        .filter_map(|row| {
            let then = old.iter().find(|one| one.code == row.code)?;
            Some((row.name.clone(), i64::from(then.rank?) - i64::from(row.rank?)))
        })
        .collect();
    if moved.is_empty() {
        return;
    }
    let (up, down) = (moved.iter().filter(|one| one.1 > 0).count(), moved.iter().filter(|one| one.1 < 0).count());
    filling.put("số tăng", up.to_string()).put("số giảm", down.to_string());
    moved.retain(|one| one.1 != 0);
    moved.sort_by_key(|one| std::cmp::Reverse(one.1));
    let half = BARS_MAX / 2;
    let best = moved.iter().filter(|one| one.1 > 0).take(half);
    let worst: Vec<_> = moved.iter().rev().filter(|one| one.1 < 0).take(half).collect();
    let rows: Vec<BarRow> = best
        .chain(worst.into_iter().rev())
        .map(|(name, by)| (name.clone(), *by, if *by > 0 { format!("+{by}") } else { format!("−{}", by.abs()) }))
        .collect();
    if !rows.is_empty() {
        let name = "Hình 3. Các đơn vị tăng, giảm hạng nhiều nhất (số bậc)";
        let drawing = bar_chart(name, "Biểu đồ thanh, tăng sang phải, giảm sang trái.", ["Đơn vị", "Số bậc"], &rows);
        filling.drawings.insert("tăng giảm", drawing);
    }
}

fn late(filling: &mut Filling, rows: &[Late]) {
    if rows.is_empty() {
        filling.put("không trễ", "Không đơn vị nào có chỉ số trễ hạn.");
        return;
    }
    let all: usize = rows.iter().map(|row| row.late).sum();
    filling.put("số đơn vị trễ", rows.len().to_string()).put("số chỉ số trễ", all.to_string());
    let bars: Vec<BarRow> = rows
        .iter()
        .take(BARS_MAX)
        .map(|row| (row.unit.clone(), i64::try_from(row.late).unwrap_or(i64::MAX), row.late.to_string()))
        .collect();
    let name = "Hình 4. Các đơn vị có nhiều chỉ số trễ hạn nhất (số chỉ số)";
    filling.drawings.insert("trễ hạn", bar_chart(name, "Biểu đồ thanh.", ["Đơn vị", "Số chỉ số trễ"], &bars));
}

/// The indicators that most points were lost at, over all units that they apply to.
fn lost(filling: &mut Filling, level: &Level, summary: &Summary) {
    let program = &level.program;
    let mut found = Vec::new();
    for (stand, indicator) in summary.stands.iter().zip(program.set.indicators()) {
        let (points, of) = (stand.sum.0.millionths(), stand.sum.1.millionths());
        if program.counts(stand.place) && of > points {
            let mean = points / i64::try_from(stand.count.max(1)).unwrap_or(i64::MAX);
            let most = program.maximum_of(stand.place);
            found.push((of - points, indicator, most, mean, points, of, stand.zero));
        }
    }
    found.sort_by_key(|one| std::cmp::Reverse(one.0));
    let rows =
        found.into_iter().take(LOST_MAX).enumerate().map(|(at, (_, indicator, most, mean, points, of, zero))| {
            let share = percent(Number::from_millionths(points), Number::from_millionths(of));
            Entry::of(RowKind::Plain)
                .words("số", (at + 1).to_string())
                .words("mã", indicator.id.clone())
                .words("tên", criteria::quote::readable(&indicator.name))
                .number("tối đa", Some(most))
                .words("bình quân", number(Number::from_millionths(mean / 10_000 * 10_000), 2))
                .words("tỷ lệ", share.map(|share| number(share, 1)).unwrap_or_default())
                .words("số không điểm", zero.to_string())
        });
    filling.tables.insert("mất điểm", Rows { rows: rows.collect(), ..Rows::default() });
}
