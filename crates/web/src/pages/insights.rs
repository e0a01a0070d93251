//! Where a round stands, for leaders: pillars, every indicator's spread, who declared more than was found.

use askama::Template;
use axum::extract::{OriginalUri, Path, Query, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use criteria::Number;
use cycle::{AssessmentId, Capability, LevelId, RoundId, Sight, time};
use scoring::rank;
use serde::Deserialize;
use std::sync::Arc;
use store::state::{Assessment, Level};

use super::html;
use super::insight_tables;
use super::public_data::{csv_of, file};
use super::rounds::{csv_cell, readable};
use crate::app::App;
use crate::decided::Decided;
use crate::failure::Failure;
use crate::person::Person;
use crate::summary::{Day, Eyes, Late, Stand, Summary};
use crate::view::{L, Section, Shell, level_title, median, percent};

/// Most units in the lists of declared against found and of lateness.
const CLAIMS_MAX: usize = 15;
/// What a criterion must tell the better third of the units from the weaker one by, in percent of its points.
const APART_LEAST: i64 = 10;

/// How many units reach each tenth, as bars on a field of 100 by 20.
fn bars(tenths: &[usize; 10]) -> String {
    let most = tenths.iter().copied().max().unwrap_or(0).max(1);
    let bar = |(at, count): (usize, &usize)| format!("M{} 20v-{}h9V20z", at * 10, count * 20 / most);
    tenths.iter().enumerate().filter(|(_, count)| **count > 0).map(bar).collect()
}

/// The same in words, for whoever does not see the bars.
fn spread(l: L, tenths: &[usize; 10]) -> String {
    let told = |(at, count): (usize, &usize)| format!("{}–{} %: {count}", at * 10, at * 10 + 10);
    let told: Vec<String> = tenths.iter().enumerate().filter(|(_, count)| **count > 0).map(told).collect();
    format!("{} {}", l.say("Số đơn vị theo phần điểm đạt:", "Units by the share of the points:"), told.join("; "))
}

/// A sum over the days, as a line on a field of 100 by 40, against the most of its own.
fn line(days: &[(criteria::date::Date, Day)], of: impl Fn(&Day) -> usize, most: usize) -> String {
    let (Some(first), Some(last)) = (days.first(), days.last()) else { return String::new() };
    let span = time::days_between(first.0, last.0).max(1);
    let mut path = String::new();
    for (day, sum) in days {
        let x = time::days_between(first.0, *day) * 1_000 / span;
        let y = 400 - of(sum) * 400 / most.max(1);
        let step = if path.is_empty() { 'M' } else { 'L' };
        path.push_str(&format!("{step}{}.{} {}.{}", x / 10, x % 10, y / 10, y % 10));
    }
    path
}

/// The line of one kind of work: class, name, how many in the end, the path.
type TimeLine = (&'static str, &'static str, String, String);

/// What grades are told of, and each with its lower edge and how many units reach it.
type Graded = (&'static str, Vec<(String, String, usize)>);

/// What an agency did: submitted entries, appraised, cut and raised ones, the points cut, the share cut.
struct AgencyView {
    name: String,
    counts: [String; 4],
    less: String,
    share: String,
}

struct IndicatorView {
    id: String,
    name: String,
    median: String,
    max: String,
    zero: usize,
    full: usize,
    missing: usize,
    bars: String,
    spread: String,
    apart: i64,
    remark: &'static str,
}

/// A count as a number, to take shares of.
fn whole(count: usize) -> Number {
    Number::from_millionths(i64::try_from(count).unwrap_or(0).saturating_mul(1_000_000))
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
    /// What the grades below are, and each with its lower edge and how many units reach it by now.
    graded: Option<Graded>,
    pillars: Vec<(String, String, String, String, String)>,
    indicators: Vec<IndicatorView>,
    claims: Vec<(AssessmentId, String, String, String, String, usize)>,
    agencies: Vec<AgencyView>,
    late: Vec<Late>,
    late_count: usize,
    /// When the sheets were read, where somebody saved something since.
    as_of: Option<String>,
    time_lines: Vec<TimeLine>,
    ends: Option<(String, String)>,
    /// Where it is told who rose and fell, once the round is published.
    movers: Option<String>,
}

#[derive(Deserialize)]
pub struct Wanted {
    level: Option<LevelId>,
}

/// A level of a round, with what those of its sheets come to that a person reads.
pub struct Stood {
    pub level: Level,
    pub rows: Vec<Assessment>,
    pub summary: Arc<Summary>,
    /// Whether the points of the rows are those that were published.
    pub is_final: bool,
}

/// A level of a round, with the rows of those of its sheets that a person reads.
pub struct Own {
    pub level: Level,
    pub rows: Vec<Assessment>,
    /// All levels of the round with a sheet that one reads.
    pub levels: Vec<Level>,
}

/// The level that is wanted, or the one with most sheets.
pub fn own_rows(app: &App, person: &Person, id: RoundId, wanted: Option<LevelId>) -> Result<Own, Failure> {
    let state = app.store.state();
    let all: Vec<&Assessment> = readable(&state, person, id);
    let own = |level: &&Level| level.facts.round == id && all.iter().any(|one| one.level == level.facts.id);
    let mut levels: Vec<&Level> = state.levels.values().filter(own).collect();
    levels.sort_by_key(|level| level.facts.id);
    let count = |level: &Level| all.iter().filter(|one| one.level == level.facts.id).count();
    let level = levels.iter().find(|level| Some(level.facts.id) == wanted);
    let level = *level.or_else(|| levels.iter().max_by_key(|level| count(level))).ok_or(Failure::NotFound)?;
    let rows = all.iter().filter(|one| one.level == level.facts.id).map(|one| (*one).clone()).collect();
    Ok(Own { level: level.clone(), rows, levels: levels.into_iter().cloned().collect() })
}

/// What a person may see of the verdicts of a round: whoever does not run it reads of them when their unit does.
pub fn eyes(app: &App, person: &Person, id: RoundId) -> Result<Eyes, Failure> {
    let state = app.store.state();
    let round = state.rounds.get(&id).ok_or(Failure::NotFound)?;
    let runs = [Capability::Decide, Capability::RunRound].iter().any(|one| person.may(&state, *one, round.owner));
    Ok(Eyes { phase: round.phase, inside: runs || Sight::Unit.sees_final(round.phase) })
}

/// What the sheets of a level of a round come to that a person reads, as far as they are to be seen.
pub async fn stood(app: &App, person: &Person, id: RoundId, wanted: Option<LevelId>) -> Result<Stood, Failure> {
    let mut own = own_rows(app, person, id, wanted)?;
    let decided = Decided::of(app, id, &own.level.facts.level).await?;
    decided.put(&app.store.state(), own.rows.iter_mut());
    let summary = app.summary(&own.level, eyes(app, person, id)?, own.rows.clone()).await?;
    Ok(Stood { level: own.level, rows: own.rows, summary, is_final: decided.is_final() })
}

/// The indicators, the one with the least share of its points in the middle first.
fn weakest_first(stood: &Stood) -> Vec<&Stand> {
    let mut stands: Vec<&Stand> = stood.summary.stands.iter().collect();
    stands.sort_by_key(|stand| {
        let maximum = stood.level.program.maximum_of(stand.place).millionths().max(1);
        i128::from(stand.median.millionths()) * 1_000_000 / i128::from(maximum)
    });
    stands
}

/// How many units reach which grade by now, where any are declared; those that reach none come last.
fn graded(l: L, stood: &Stood) -> Option<Graded> {
    let program = &stood.level.program;
    let grades = &program.set.head.ranking.grades;
    if grades.is_empty() {
        return None;
    }
    let reached = stood.rows.iter().map(|row| {
        let totals = &row.totals;
        rank::grade(program, totals.points, totals.comparable, totals.maximum).map(|grade| grade.name.as_str())
    });
    let reached: Vec<Option<&str>> = reached.collect();
    let count = |name: Option<&str>| reached.iter().filter(|one| **one == name).count();
    let edge = |from: Number| format!("{} {} %", l.say("từ", "from"), l.number(&from));
    let mut told: Vec<(String, String, usize)> =
        grades.iter().map(|one| (one.name.clone(), edge(one.from.percent()), count(Some(&one.name)))).collect();
    if count(None) > 0 {
        told.push((l.say("Không xếp loại", "No grade").to_owned(), String::new(), count(None)));
    }
    let title = match (stood.is_final, l.is_english()) {
        (true, false) => "Xếp loại đã công bố",
        (true, true) => "Published grades",
        (false, false) => "Xếp loại tạm tính theo điểm tự chấm",
        (false, true) => "Grades so far, by self-scores",
    };
    Some((title, told))
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
    let indicators = weakest_first(&stood)
        .into_iter()
        .filter_map(|stand| {
            let indicator = program.set.indicators().nth(stand.place)?;
            let same = stand.count > 1 && (stand.full == stand.count || stand.zero == stand.count);
            let weak = stand.count > 8 && stand.apart < APART_LEAST;
            let remark = match (same, stand.missing * 2 > stand.count, l.is_english()) {
                (true, _, false) => "mọi đơn vị như nhau: không phân biệt được ai",
                (true, _, true) => "all units alike: it tells nobody apart",
                (_, true, false) => "quá nửa đơn vị chưa có số liệu",
                (_, true, true) => "more than half of the units have no figures",
                (_, _, false) if weak && stand.apart <= -APART_LEAST => "đơn vị yếu lại đạt cao hơn",
                (_, _, true) if weak && stand.apart <= -APART_LEAST => "weak units reach more of it",
                (_, _, false) if weak => "đơn vị mạnh và yếu đạt gần như nhau",
                (_, _, true) if weak => "strong and weak units reach about the same",
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
                bars: bars(&stand.tenths),
                spread: spread(l, &stand.tenths),
                apart: stand.apart,
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
                .rows
                .iter()
                .filter_map(|row| row.totals.pillars.get(at))
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
    let (round, levels) = {
        let state = app.store.state();
        let round = state.rounds.get(&id).ok_or(Failure::NotFound)?.clone();
        let readable: Vec<LevelId> = readable(&state, &person, id).iter().map(|one| one.level).collect();
        let mut levels: Vec<_> = state
            .levels
            .values()
            .filter(|level| level.facts.round == id && readable.contains(&level.facts.id))
            .map(|level| {
                let name = level_title(l, &level.facts.level);
                (level.facts.id, name, level.facts.id == stood.level.facts.id)
            })
            .collect();
        levels.sort_by_key(|level| level.0);
        (round, levels)
    };
    let Summary { agencies, late, days, claims, .. } = &*stood.summary;
    let less =
        |own: Number, counting: Number| l.points(&Number::from_millionths(own.millionths() - counting.millionths()));
    let claims = claims.iter().filter(|row| row.cut > 0).take(CLAIMS_MAX).map(|row| {
        let points = (l.points(&row.own), l.points(&row.counting), less(row.own, row.counting));
        (row.sheet, row.unit.clone(), points.0, points.1, points.2, row.cut)
    });
    let claims = claims.collect();
    let agencies = agencies.iter().map(|row| AgencyView {
        name: row.name.clone(),
        counts: [row.entries, row.appraised, row.cut, row.raised].map(|count| l.count(count)),
        less: l.points(&Number::from_millionths(row.less)),
        share: percent(whole(row.cut), whole(row.appraised)),
    });
    let agencies = agencies.collect();
    let mut points: Vec<Number> = stood.rows.iter().map(|row| row.totals.points).collect();
    points.sort_unstable();
    let median = median(points.iter().copied());
    let sum = days.last().map(|(_, sum)| *sum).unwrap_or_default();
    type Kind = (&'static str, &'static str, &'static str, fn(&Day) -> usize);
    let kinds: [Kind; 4] = [
        ("l1", "chỉ số xong", "entries completed", |day| day.ready),
        ("l2", "phiếu nộp", "sheets submitted", |day| day.submitted),
        ("l3", "chỉ số thẩm định", "entries appraised", |day| day.appraised),
        ("l4", "chỉ số chốt", "entries decided", |day| day.decided),
    ];
    let kinds = kinds.into_iter().filter(|(.., of)| of(&sum) > 0);
    let time_lines: Vec<TimeLine> = kinds
        .map(|(class, vi, en, of)| {
            (class, if l.is_english() { en } else { vi }, l.count(of(&sum)), line(days, of, of(&sum)))
        })
        .collect();
    let as_of = (stood.summary.seq != app.store.state().seq).then(|| l.instant(&stood.summary.at));
    let ends = days.first().zip(days.last()).map(|(first, last)| (l.date(&first.0), l.date(&last.0)));
    let (least, most) = (points.first().copied().unwrap_or_default(), points.last().copied().unwrap_or_default());
    let (median, least, most) = (l.points(&median), l.points(&least), l.points(&most));
    let column = match stood.is_final {
        true => l.say("đã công bố", "published points"),
        false => l.say("tự chấm", "self-scores"),
    };
    let lede = match l.is_english() {
        true => format!(
            "{} units, {column} from {least} to {most}, median {median} of {}.",
            l.count(points.len()),
            l.number(&program.maximum())
        ),
        false => format!(
            "{} đơn vị, {column} từ {least} đến {most}, trung vị {median} trên {} điểm.",
            l.count(points.len()),
            l.number(&program.maximum())
        ),
    };
    let title = format!("{}: {}", l.say("Phân tích", "Insights"), round.title);
    let level_key = &stood.level.facts.level;
    let publications = app.store.publications().await?;
    let known = publications.iter().find(|one| one.round == id);
    let earlier = |one: &store::publication::Publication| {
        let has =
            |before: &&store::publication::Publication| before.head.levels.iter().any(|own| own.level == *level_key);
        publications.iter().filter(has).any(|before| before.head.year < one.head.year)
    };
    let movers = known.filter(|one| earlier(one)).map(|one| format!("/ranking/{}/{level_key}/movers", one.id));
    html(&InsightsPage {
        movers,
        shell: Shell::new(&app, Some(&person), l, uri.path(), Section::Rounds, title),
        id,
        round: round.title.clone(),
        made_up: round.settings.made_up,
        level_id: stood.level.facts.id,
        levels,
        lede,
        graded: graded(l, &stood),
        pillars,
        indicators,
        claims,
        agencies,
        late: late.iter().take(CLAIMS_MAX).cloned().collect(),
        late_count: late.len(),
        as_of,
        time_lines,
        ends,
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
    let mut text = String::from(
        "\u{feff}indicator,name,maximum,median,zero,full,missing,units,apart_percent,tenth_1,tenth_2,tenth_3,tenth_4,\
         tenth_5,tenth_6,tenth_7,tenth_8,tenth_9,tenth_10\r\n",
    );
    for stand in weakest_first(&stood) {
        let Some(indicator) = program.set.indicators().nth(stand.place) else { continue };
        text.push_str(&format!(
            "{},{},{},{},{},{},{},{},{},{}\r\n",
            csv_cell(&indicator.id),
            csv_cell(&indicator.name),
            program.maximum_of(stand.place),
            stand.median,
            stand.zero,
            stand.full,
            stand.missing,
            stand.count,
            stand.apart,
            stand.tenths.map(|count| count.to_string()).join(",")
        ));
    }
    Ok(([(header::CONTENT_TYPE, "text/csv; charset=utf-8")], text).into_response())
}

/// `GET /rounds/ROUND/insights/TABLE.csv`: the numbers of a picture.
pub async fn table(
    State(app): State<App>,
    person: Person,
    Path((id, name)): Path<(RoundId, String)>,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Failure> {
    let stood = stood(&app, &person, id, wanted.level).await?;
    let name = name.strip_suffix(".csv").ok_or(Failure::NotFound)?;
    let table = insight_tables::named(name, &app.store.state(), &stood).ok_or(Failure::NotFound)?;
    Ok(file(&format!("{name}-{id}.csv"), "text/csv; charset=utf-8", csv_of(&table)))
}
