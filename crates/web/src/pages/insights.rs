//! Where a round stands, for leaders: pillars, every indicator's spread, who declared more than was found.

use askama::Template;
use axum::extract::{OriginalUri, Path, Query, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use criteria::Number;
use cycle::entry::ScoreKind;
use cycle::{AssessmentId, LevelId, RoundId, Sheet};
use serde::Deserialize;
use std::sync::Arc;
use store::state::{Assessment, Level};

use super::html;
use super::rounds::{csv_cell, readable};
use crate::app::App;
use crate::failure::Failure;
use crate::person::Person;
use crate::view::{Section, Shell, level_name, percent};

/// Most units in the list of declared against found.
const CLAIMS_MAX: usize = 15;

struct IndicatorView {
    id: String,
    name: String,
    median: String,
    max: String,
    zero: usize,
    full: usize,
    missing: usize,
    remark: &'static str,
}

#[derive(Template)]
#[template(path = "insights.html")]
struct InsightsPage {
    shell: Shell,
    id: RoundId,
    round: String,
    made_up: bool,
    level_id: LevelId,
    levels: Vec<(LevelId, String, bool)>,
    lede: String,
    pillars: Vec<(String, String, String, String, String)>,
    indicators: Vec<IndicatorView>,
    claims: Vec<(AssessmentId, String, String, String, String, usize)>,
}

#[derive(Deserialize)]
pub struct Wanted {
    level: Option<LevelId>,
}

/// What the readable sheets of a level say of one indicator.
struct Stand {
    place: usize,
    median: Number,
    zero: usize,
    full: usize,
    missing: usize,
    count: usize,
}

struct Stood {
    level: Level,
    sheets: Vec<(Assessment, Arc<Sheet>)>,
}

async fn stood(app: &App, person: &Person, id: RoundId, wanted: Option<LevelId>) -> Result<Stood, Failure> {
    let (level, rows) = {
        let state = app.store.state();
        let all: Vec<Assessment> = readable(&state, person, id).into_iter().cloned().collect();
        let own = |level: &&Level| level.facts.round == id && all.iter().any(|one| one.level == level.facts.id);
        let levels: Vec<&Level> = state.levels.values().filter(own).collect();
        let count = |level: &Level| all.iter().filter(|one| one.level == level.facts.id).count();
        let level = levels.iter().find(|level| Some(level.facts.id) == wanted);
        let level = level.or_else(|| levels.iter().max_by_key(|level| count(level))).ok_or(Failure::NotFound)?;
        let rows: Vec<Assessment> = all.iter().filter(|one| one.level == level.facts.id).cloned().collect();
        ((*level).clone(), rows)
    };
    let mut sheets = Vec::with_capacity(rows.len());
    for row in rows {
        if let Some(sheet) = app.store.sheet(row.id).await? {
            sheets.push((row, sheet));
        }
    }
    Ok(Stood { level, sheets })
}

fn stands(stood: &Stood) -> Vec<Stand> {
    let program = &stood.level.program;
    let mut stands: Vec<Stand> = (0..program.indicator_count())
        .map(|place| {
            let maximum = program.maximum_of(place);
            let scores: Vec<_> = stood.sheets.iter().filter_map(|(_, sheet)| sheet.entries[place].counting()).collect();
            let counted: Vec<_> = scores.iter().filter(|score| score.kind != ScoreKind::NotApplicable).collect();
            let mut points: Vec<Number> = counted.iter().map(|score| score.points).collect();
            points.sort_unstable();
            Stand {
                place,
                median: points.get(points.len() / 2).copied().unwrap_or_default(),
                zero: points.iter().filter(|points| **points == Number::ZERO).count(),
                full: points.iter().filter(|points| **points >= maximum).count(),
                missing: counted.iter().filter(|score| score.kind == ScoreKind::Missing).count(),
                count: points.len(),
            }
        })
        .collect();
    let share = |stand: &Stand| {
        let maximum = program.maximum_of(stand.place).millionths().max(1);
        i128::from(stand.median.millionths()) * 1_000_000 / i128::from(maximum)
    };
    stands.sort_by_key(share);
    stands
}

/// `GET /rounds/ROUND/insights`
pub async fn page(
    State(app): State<App>,
    person: Person,
    OriginalUri(uri): OriginalUri,
    Path(id): Path<RoundId>,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Failure> {
    let l = person.l();
    let stood = stood(&app, &person, id, wanted.level).await?;
    let program = &stood.level.program;
    let indicators = stands(&stood)
        .iter()
        .filter_map(|stand| {
            let indicator = program.set.indicators().nth(stand.place)?;
            let same = stand.count > 1 && (stand.full == stand.count || stand.zero == stand.count);
            let remark = match (same, stand.missing * 2 > stand.count, l.is_english()) {
                (true, _, false) => "mọi đơn vị như nhau: không phân biệt được ai",
                (true, _, true) => "all units alike: it tells nobody apart",
                (_, true, false) => "quá nửa đơn vị chưa có số liệu",
                (_, true, true) => "more than half of the units have no figures",
                _ => "",
            };
            Some(IndicatorView {
                id: indicator.id.clone(),
                name: indicator.name.clone(),
                median: l.points(&stand.median),
                max: l.number(&program.maximum_of(stand.place)),
                zero: stand.zero,
                full: stand.full,
                missing: stand.missing,
                remark,
            })
        })
        .collect();
    let pillars = program
        .set
        .pillars
        .iter()
        .enumerate()
        .map(|(at, pillar)| {
            let mut shares: Vec<(i64, String)> = stood
                .sheets
                .iter()
                .filter_map(|(row, _)| row.totals.pillars.get(at))
                .map(|own| {
                    let of = Number::from_millionths(own.maximum.millionths() - own.excluded.millionths());
                    (own.points.millionths().saturating_mul(1_000) / of.millionths().max(1), percent(own.points, of))
                })
                .collect();
            shares.sort_unstable();
            let at = |index: usize| shares.get(index).map_or_else(|| "0".to_owned(), |share| share.1.clone());
            let (least, median, most) = (at(0), at(shares.len() / 2), at(shares.len().saturating_sub(1)));
            let tenths =
                shares.get(shares.len() / 2).map_or(0, |share| share.0) - shares.first().map_or(0, |share| share.0);
            let width = format!("{}.{}", tenths / 10, tenths % 10);
            (format!("{}. {}", pillar.pillar.no, pillar.pillar.name), least, median, most, width)
        })
        .collect();
    let (round, levels, claims) = {
        let state = app.store.state();
        let round = state.rounds.get(&id).ok_or(Failure::NotFound)?.clone();
        let readable: Vec<LevelId> = readable(&state, &person, id).iter().map(|one| one.level).collect();
        let mut levels: Vec<_> = state
            .levels
            .values()
            .filter(|level| level.facts.round == id && readable.contains(&level.facts.id))
            .map(|level| {
                let name = level_name(l, &level.facts.level).to_owned();
                (level.facts.id, name, level.facts.id == stood.level.facts.id)
            })
            .collect();
        levels.sort_by_key(|level| level.0);
        let mut claims: Vec<(i64, _)> = stood
            .sheets
            .iter()
            .filter_map(|(row, sheet)| {
                let mut cut = 0;
                let mut less = 0_i64;
                for (_, entry) in sheet.entries.iter().enumerate().filter(|(place, _)| program.counts(*place)) {
                    let own = entry.self_score.as_ref().map_or(0, |score| score.points.millionths());
                    let counting = entry.counting().map_or(0, |score| score.points.millionths());
                    less += own - counting;
                    cut += usize::from(counting < own);
                }
                let unit = state.tree.get(row.unit)?;
                let own = row.totals.points;
                let counting = Number::from_millionths(own.millionths() - less);
                let difference = Number::from_millionths(less);
                (cut > 0).then(|| {
                    let row =
                        (row.id, unit.name.clone(), l.points(&own), l.points(&counting), l.points(&difference), cut);
                    (-less, row)
                })
            })
            .collect();
        claims.sort_by_key(|claim| claim.0);
        (round, levels, claims.into_iter().take(CLAIMS_MAX).map(|(_, row)| row).collect())
    };
    let mut points: Vec<Number> = stood.sheets.iter().map(|(row, _)| row.totals.points).collect();
    points.sort_unstable();
    let median = points.get(points.len() / 2).copied().unwrap_or_default();
    let (least, most) = (points.first().copied().unwrap_or_default(), points.last().copied().unwrap_or_default());
    let (median, least, most) = (l.points(&median), l.points(&least), l.points(&most));
    let lede = match l.is_english() {
        true => format!(
            "{} units, self-scores from {least} to {most}, median {median} of {}.",
            points.len(),
            l.number(&program.maximum())
        ),
        false => format!(
            "{} đơn vị, tự chấm từ {least} đến {most}, trung vị {median} trên {} điểm.",
            points.len(),
            l.number(&program.maximum())
        ),
    };
    let title = format!("{} {}", l.say("Phân tích", "Insights into"), round.title.to_lowercase());
    html(&InsightsPage {
        shell: Shell::new(&app, Some(&person), l, uri.path(), Section::Rounds, title),
        id,
        round: round.title.clone(),
        made_up: round.settings.made_up,
        level_id: stood.level.facts.id,
        levels,
        lede,
        pillars,
        indicators,
        claims,
    })
}

/// `GET /rounds/ROUND/insights.csv`
pub async fn csv(
    State(app): State<App>,
    person: Person,
    Path(id): Path<RoundId>,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Failure> {
    let stood = stood(&app, &person, id, wanted.level).await?;
    let program = &stood.level.program;
    let mut text = String::from("\u{feff}indicator,name,maximum,median,zero,full,missing,units\r\n");
    for stand in stands(&stood) {
        let Some(indicator) = program.set.indicators().nth(stand.place) else { continue };
        text.push_str(&format!(
            "{},{},{},{},{},{},{},{}\r\n",
            csv_cell(&indicator.id),
            csv_cell(&indicator.name),
            program.maximum_of(stand.place),
            stand.median,
            stand.zero,
            stand.full,
            stand.missing,
            stand.count
        ));
    }
    Ok(([(header::CONTENT_TYPE, "text/csv; charset=utf-8")], text).into_response())
}
