//! A unit's published profile: its rank and points, its pillars, its years, and every criterion's points with the reason.

use askama::Template;
use axum::extract::{OriginalUri, Path, Query, State};
use axum::response::Response;
use criteria::{Language, Number};
use scoring::Program;
use serde::Deserialize;
use store::publication::{IndicatorResult, UnitResult};

use super::moves::{self, Before, Then};
use super::public::{cacheable, decision, find_level};
use super::sheet::{Pick as _, short_hash};
use super::{graded, html, public_data, years};
use crate::app::App;
use crate::failure::Failure;
use crate::filters;
use crate::person::Visitor;
use crate::view::{L, Section, Shell, level_name, median, percent};

struct PillarView {
    name: String,
    label: String,
    own_at: String,
    median_at: String,
    best_at: String,
    own: String,
    max: String,
    median: String,
    best: String,
    rank: String,
}

type Detail = (String, String, String, Vec<(String, String, String, String, String)>);

#[derive(Template)]
#[template(path = "published_unit.html")]
struct UnitPage {
    shell: Shell,
    base: String,
    papers: String,
    certificate: String,
    code: String,
    moved: Vec<String>,
    year: i16,
    level: String,
    lede: String,
    facts: Vec<(&'static str, String, String)>,
    pillars: Vec<PillarView>,
    /// The published years, where there are several.
    over: Option<years::Over>,
    lost_title: String,
    losses: Vec<(String, String, String, String)>,
    details: Vec<Detail>,
    source: String,
}

/// What moved for a unit, in sentences: its forerunners, and the criteria that both years have.
async fn moved(
    app: &App,
    l: L,
    before: &Before,
    level: &str,
    (row, reasons, program): (&UnitResult, &[IndicatorResult], &Program),
) -> Result<Vec<String>, Failure> {
    let mut told: Vec<String> = before.sentence(l, row).into_iter().collect();
    let Then::Same(then) = before.then(&row.code) else { return Ok(told) };
    let (_, known) = find_level(app, before.id, level).await?;
    let Some(earlier) = moves::program_of(app, &known) else { return Ok(told) };
    let pairs = moves::pairs(app, &earlier, program);
    let Some((_, old)) = app.store.published_reasons(before.id, level, &then.code).await? else { return Ok(told) };
    let was = moves::reached(&old, pairs.iter().map(|(from, _)| *from));
    let is = moves::reached(reasons, pairs.iter().map(|(_, to)| *to));
    if let (Some(was), Some(is)) = (was, is) {
        let (was, is, count, year) = (l.number(&was), l.number(&is), pairs.len(), before.year);
        told.push(match l.is_english() {
            true => format!(
                "Of the {count} criteria that both years have it reached {was} % in {year} and reaches {is} % now."
            ),
            false => format!("Trong {count} chỉ số mà hai năm đều có, năm {year} đạt {was} %, năm nay đạt {is} %."),
        });
    }
    Ok(told)
}

/// What a unit's file is to hold: `years`, else its criteria.
#[derive(Deserialize)]
pub struct Asked {
    #[serde(default)]
    of: String,
}

/// `GET /ranking/PUBLICATION/LEVEL/CODE`: a unit with every indicator's points and reason.
pub async fn unit(
    State(app): State<App>,
    visitor: Visitor,
    OriginalUri(uri): OriginalUri,
    Path((id, level, code)): Path<(i64, String, String)>,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    let l = visitor.l;
    let (one, known) = find_level(&app, id, &level).await?;
    let rows = app.store.published(id, &level).await?;
    let base = format!("/ranking/{id}/{level}");
    if let Some((code, format)) = code.rsplit_once('.').filter(|(_, format)| ["csv", "json"].contains(format)) {
        let found = app.store.published_reasons(id, &level, code).await?;
        let (row, reasons) = found.ok_or(Failure::NotFound)?;
        if asked.of == "years" {
            let table = years::table(&years::of(&app, &one, &known, &rows, &row).await?);
            return Ok(public_data::of_unit(&format!("years-{id}"), &row.code, &table));
        }
        return Ok(public_data::unit(id, &row, &reasons, format));
    }
    let (row, reasons) = app.store.published_reasons(id, &level, &code).await?.ok_or(Failure::NotFound)?;
    let set = moves::program_of(&app, &known).ok_or(Failure::NotFound)?;
    let before = Before::of(&app, &one, &level, std::slice::from_ref(&row)).await?;
    let years = years::of(&app, &one, &known, &rows, &row).await?;
    let moved = match &before {
        Some(before) => moved(&app, l, before, &level, (&row, reasons.as_slice(), set.as_ref())).await?,
        None => Vec::new(),
    };
    let pick = |reason: &IndicatorResult| match l.0 {
        Language::Vietnamese => reason.because.0.clone(),
        Language::English => reason.because.1.clone(),
    };
    let name_of = |id: &str| set.set.indicator(id).map(|one| one.name.clone()).unwrap_or_default();
    let mut losses: Vec<(Number, &IndicatorResult)> = reasons
        .iter()
        .enumerate()
        .filter(|(index, _)| set.counts(*index))
        .map(|(_, reason)| {
            let lost = reason.maximum.millionths() - reason.excluded.millionths() - reason.points.millionths();
            (Number::from_millionths(lost.max(0)), reason)
        })
        .filter(|(lost, _)| *lost > Number::ZERO)
        .collect();
    losses.sort_by_key(|(lost, _)| std::cmp::Reverse(*lost));
    let lost = Number::saturating_sum(losses.iter().map(|(lost, _)| *lost));
    let applicable = Number::from_millionths(known.maximum.millionths() - row.excluded.millionths());
    let pillars = known
        .pillars
        .iter()
        .enumerate()
        .map(|(at, (no, name, maximum))| {
            let all = || rows.iter().map(|other| other.pillars[at].0);
            let (median, best) = (median(all()), all().max().unwrap_or_default());
            let (own, excluded, rank) = row.pillars[at];
            let of = Number::from_millionths(maximum.millionths() - excluded.millionths());
            PillarView {
                name: format!("{no}. {name}"),
                label: match l.is_english() {
                    true => format!(
                        "{} of {} points; median {}, best {}",
                        l.points(&own),
                        l.number(&of),
                        l.points(&median),
                        l.points(&best)
                    ),
                    false => format!(
                        "{} trên {} điểm; trung vị {}, cao nhất {}",
                        l.points(&own),
                        l.number(&of),
                        l.points(&median),
                        l.points(&best)
                    ),
                },
                own_at: percent(own, of),
                median_at: percent(median, *maximum),
                best_at: percent(best, *maximum),
                own: l.points(&own),
                max: l.number(&of),
                median: l.points(&median),
                best: l.points(&best),
                rank: rank.map_or_else(|| "–".to_owned(), |rank| l.count(rank)),
            }
        })
        .collect();
    let mut left = reasons.iter();
    let details = set
        .set
        .pillars
        .iter()
        .zip(&row.pillars)
        .map(|(pillar, (points, excluded, _))| {
            let maximum = known
                .pillars
                .iter()
                .find(|(no, ..)| *no == pillar.pillar.no)
                .map(|(.., maximum)| *maximum)
                .unwrap_or_default();
            let of = Number::from_millionths(maximum.millionths() - excluded.millionths());
            let rows = left
                .by_ref()
                .take(pillar.indicators.len())
                .map(|reason| {
                    let no = set.set.indicator(&reason.id).map(|one| one.no.clone()).unwrap_or_default();
                    (no, name_of(&reason.id), pick(reason), l.points(&reason.points), l.number(&reason.maximum))
                })
                .collect();
            (format!("{}. {}", pillar.pillar.no, pillar.pillar.name), l.points(points), l.number(&of), rows)
        })
        .collect();
    let rank = row.rank.map_or_else(|| "–".to_owned(), |rank| l.count(rank));
    let units = l.count(rows.len());
    let mut facts = vec![
        (
            l.0.pick("Hạng", "Rank"),
            rank.clone(),
            format!("/ {units}{}", if row.tied { l.say(", đồng hạng", ", tied") } else { "" }),
        ),
        (
            l.0.pick("Điểm quy đổi", "Comparable points"),
            row.comparable.map_or_else(|| "–".to_owned(), |points| l.points(&points)),
            format!("/ {}", l.number(&known.maximum)),
        ),
        (l.0.pick("Điểm đạt", "Points"), l.points(&row.points), format!("/ {}", l.number(&applicable))),
        (l.0.pick("Không áp dụng", "Not applicable"), l.number(&row.excluded), String::new()),
        (
            l.0.pick("So năm trước", "Against the year before"),
            before.as_ref().map_or_else(|| "–".to_owned(), |before| before.change(l, &row)),
            String::new(),
        ),
    ];
    if graded::is_graded(&known, &rows) {
        let grade = row.grade.clone().unwrap_or_else(|| l.say("không xếp loại", "no grade").to_owned());
        facts.insert(2, (l.0.pick("Xếp loại", "Grade"), grade, String::new()));
    }
    let page = UnitPage {
        shell: Shell::new(&app, visitor.person.as_ref(), l, uri.path(), Section::Ranking, row.name.clone()),
        moved,
        code: row.code.clone(),
        base,
        papers: format!("/ranking/{id}/papers"),
        certificate: format!("certificate-{}", row.code),
        year: one.head.year,
        level: level_name(l, &level).to_owned(),
        lede: match l.is_english() {
            true => format!("Rank {rank} of {units} in {}. {}", one.head.year, decision(l, &one)),
            false => format!("Hạng {rank} trên {units} năm {}. {}", one.head.year, decision(l, &one)),
        },
        facts,
        pillars,
        over: years::over(l, &years, &level),
        lost_title: match l.is_english() {
            true => format!("{} points lost, and why", l.points(&lost)),
            false => format!("Mất {} điểm, và vì sao", l.points(&lost)),
        },
        losses: losses
            .iter()
            .take(10)
            .map(|(lost, reason)| (l.points(lost), reason.id.clone(), name_of(&reason.id), pick(reason)))
            .collect(),
        details,
        source: format!("{} · {} · {}", known.source, known.set, short_hash(&one.hash)),
    };
    Ok(cacheable(html(&page)?, visitor.person.is_some()))
}
