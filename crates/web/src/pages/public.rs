//! The public site: published rankings, each unit's points with their reasons, open data. No sign-in, may be cached.

use askama::Template;
use axum::extract::{OriginalUri, Path, Query, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Redirect, Response};
use criteria::Number;
use criteria::model::{RankedBy, Ranking, Ties};
use documents::papers::Kind;
use scoring::notation::fold;
use serde::Deserialize;
use store::publication::{Publication, PublishedLevel, Undecided, UnitResult};

use super::graded::{self, Graded};
use super::html;
use super::moves::Before;
use super::public_data;
use super::sheet::{Pick as _, short_hash};
use crate::app::App;
use crate::failure::Failure;
use crate::filters;
use crate::paging::{PageLink, Pages};
use crate::person::{Person, Visitor};
use crate::view::{L, Section, Shell, level_name, level_title, median};
use crate::watch::encoded;

/// How long others may keep a public page, in seconds: what was published never changes, what is latest does.
const KEEP_SECONDS: u32 = 300;

/// The formats of the open data.
const FORMATS: [&str; 3] = ["csv", "json", "xlsx"];

#[derive(Template)]
#[template(path = "ranking_list.html")]
struct ListPage {
    shell: Shell,
    rows: Vec<(i16, String, String, String)>,
}

/// Marks a public page as one that others may keep, unless it was drawn for somebody.
pub fn cacheable(mut response: Response, signed_in: bool) -> Response {
    let value = if signed_in { "private, no-cache".to_owned() } else { format!("public, max-age={KEEP_SECONDS}") };
    if let Ok(value) = HeaderValue::from_str(&value) {
        response.headers_mut().insert(header::CACHE_CONTROL, value);
        response.headers_mut().insert(header::VARY, HeaderValue::from_static("Cookie, Accept-Encoding"));
    }
    response
}

/// A decision with its number and day.
pub fn decision(l: L, one: &Publication) -> String {
    format!("{} {}, {} {}", l.say("Quyết định", "Decision"), one.number, l.say("ngày", "of"), l.date(&one.day))
}

/// `GET /ranking`: every publication, latest first.
pub async fn list(
    State(app): State<App>,
    visitor: Visitor,
    OriginalUri(uri): OriginalUri,
) -> Result<Response, Failure> {
    let l = visitor.l;
    let publications = app.store.publications().await?;
    let rows = publications
        .iter()
        .flat_map(|one| {
            one.head.levels.iter().map(move |level| {
                let amended = if one.amends.is_some() {
                    l.say(" · thay bản trước", " · amends the one before")
                } else {
                    ""
                };
                (
                    one.head.year,
                    format!("/ranking/{}/{}", one.id, level.level),
                    format!("{}: {}", one.head.title, level_name(l, &level.level)),
                    match l.is_english() {
                        true => format!("{}{amended} · {} units", decision(l, one), l.count(level.units)),
                        false => format!("{}{amended} · {} đơn vị", decision(l, one), l.count(level.units)),
                    },
                )
            })
        })
        .collect();
    let title = l.say("Kết quả đã công bố", "Published results");
    let shell = Shell::new(&app, visitor.person.as_ref(), l, uri.path(), Section::Ranking, title);
    Ok(cacheable(html(&ListPage { shell, rows })?, visitor.person.is_some()))
}

/// `GET /ranking/PUBLICATION`: its largest level.
pub async fn publication(State(app): State<App>, Path(id): Path<i64>) -> Result<Response, Failure> {
    let found = app.store.publication(id).await?.ok_or(Failure::NotFound)?;
    let level = found.head.levels.iter().max_by_key(|level| level.units).ok_or(Failure::NotFound)?;
    Ok(Redirect::to(&format!("/ranking/{id}/{}", level.level)).into_response())
}

struct Scale {
    label: String,
    units: String,
    mid: String,
    ruler: String,
    marks: Vec<(String, String, &'static str, bool)>,
    ticks: Vec<(String, String)>,
}

struct Row {
    rank: String,
    tied: bool,
    code: String,
    name: String,
    block: Option<String>,
    grade: String,
    value: String,
    change: String,
    bars: String,
    pillars: String,
    points: String,
}

#[derive(Template)]
#[template(path = "ranking.html")]
struct RankingPage {
    shell: Shell,
    lede: String,
    scale: Option<Scale>,
    tabs: Vec<(String, String, bool)>,
    find: String,
    pillars: Vec<(String, String, bool)>,
    rule: String,
    amendments: Vec<(String, String)>,
    undecided: Option<String>,
    has_before: bool,
    blocks: Vec<(String, bool)>,
    grades: Vec<Graded>,
    base: String,
    papers: String,
    /// Who signed the decision, where the signed copy is here.
    signed: Option<String>,
    /// The publication, for those who may issue its decision.
    issue: Option<i64>,
    /// The level, for those who read all units and so its analysis.
    analysis: Option<String>,
    caption: String,
    value_name: String,
    change_name: String,
    rows: Vec<Row>,
    pages: Vec<PageLink>,
    bar_width: usize,
    bed: String,
    source: String,
    hash: String,
}

#[derive(Deserialize)]
pub struct Shown {
    #[serde(default)]
    find: String,
    #[serde(default)]
    by: String,
    #[serde(default)]
    block: String,
    #[serde(default)]
    grade: String,
    #[serde(default)]
    page: String,
}

impl Shown {
    /// As it stands behind the question mark of an address, without the page.
    fn query(&self) -> String {
        let named = [("find", &self.find), ("by", &self.by), ("block", &self.block), ("grade", &self.grade)];
        let named = named.iter().filter(|(_, value)| !value.is_empty());
        named.map(|(key, value)| format!("{key}={}", encoded(value))).collect::<Vec<_>>().join("&")
    }
}

/// The signed copy of a publication's decision, and who signed it.
pub(super) fn decision_copy(app: &App, id: i64) -> Option<(String, String)> {
    let state = app.store.state();
    let decisions =
        state.papers.values().rev().filter(|one| one.publication == Some(id) && one.kind == Kind::Ranking.key());
    let copy = decisions.filter_map(|one| one.signed()).next()?;
    Some((copy.sha256.clone(), copy.signers.join("; ")))
}

fn reads_all(app: &App, person: &Person, round: cycle::RoundId) -> bool {
    let state = app.store.state();
    let owner = state.rounds.get(&round).map(|round| round.owner);
    owner.is_some_and(|owner| person.may_read(&state, owner))
}

fn issues(app: &App, person: &Person, round: cycle::RoundId) -> bool {
    let state = app.store.state();
    let owner = state.rounds.get(&round).map(|round| round.owner);
    owner.is_some_and(|owner| crate::issuing::may_issue(&state, person, Kind::Ranking, round, owner))
}

/// All units as marks on one ruler.
fn scale(l: L, rows: &[UnitResult]) -> Option<Scale> {
    let mut values: Vec<Number> = rows.iter().filter_map(|row| row.comparable).collect();
    values.sort_unstable();
    let (least, most) = (*values.first()?, *values.last()?);
    let fifty = 50_000_000;
    let from = least.millionths() / fifty * fifty;
    let to = ((most.millionths() / fifty) + 1) * fifty;
    let thousandth = |value: i64| (value - from).saturating_mul(10_000) / (to - from).max(1);
    let at = |value: Number| {
        let tenth = thousandth(value.millionths());
        format!("{}.{}", tenth / 10, tenth % 10)
    };
    let hundredth = |value: i64| {
        let tenth = thousandth(value);
        format!("{}.{:02}", tenth / 100, tenth % 100)
    };
    let units: String = values.iter().map(|value| format!("M{} 60V22", at(*value))).collect();
    let median = median(values.iter().copied());
    let steps = (to - from) / fifty;
    let ticks = (0..=steps)
        .map(|step| {
            let value = from + step * fifty;
            (hundredth(value), l.number(&Number::from_millionths(value)))
        })
        .collect();
    let ruler: String = (0..=steps * 5)
        .map(|step| {
            let x = step * 10_000 / (steps * 5).max(1);
            format!("M{}.{} 60v{}", x / 10, x % 10, if step % 5 == 0 { 15 } else { 8 })
        })
        .collect();
    let mark =
        |value: Number, name: &'static str, end: bool| (hundredth(value.millionths()), l.points(&value), name, end);
    Some(Scale {
        label: match l.is_english() {
            true => format!(
                "{} units from {} to {} points; median {}",
                l.count(values.len()),
                l.points(&least),
                l.points(&most),
                l.points(&median)
            ),
            false => format!(
                "Thước {} đơn vị từ {} đến {} điểm; trung vị {}",
                l.count(values.len()),
                l.points(&least),
                l.points(&most),
                l.points(&median)
            ),
        },
        mid: format!("M{} 60V12", at(median)),
        units,
        ruler: format!("M0 60H1000{ruler}"),
        marks: vec![
            mark(least, l.0.pick("thấp nhất", "lowest"), false),
            mark(median, l.0.pick("trung vị", "median"), false),
            mark(most, l.0.pick("cao nhất", "highest"), true),
        ],
        ticks,
    })
}

/// A publication with one of its levels.
pub async fn find_level(app: &App, id: i64, level: &str) -> Result<(Publication, PublishedLevel), Failure> {
    let found = app.store.publication(id).await?.ok_or(Failure::NotFound)?;
    let level = found.head.levels.iter().find(|one| one.level == level).cloned().ok_or(Failure::NotFound)?;
    Ok((found, level))
}

/// How units are ranked, by what the set declares.
fn rule(l: L, known: &PublishedLevel, ranking: &Ranking) -> String {
    let maximum = l.number(&known.maximum);
    let mut told = vec![match (ranking.by, l.is_english()) {
        (RankedBy::Comparable, true) => {
            format!("Comparable points = awarded ÷ ({maximum} − points that do not apply) × {maximum}.")
        }
        (RankedBy::Comparable, false) => {
            format!("Điểm quy đổi = điểm đạt ÷ ({maximum} − điểm không áp dụng) × {maximum}.")
        }
        (RankedBy::Points, true) => "Ranked by the points awarded.".to_owned(),
        (RankedBy::Points, false) => "Xếp theo điểm đạt.".to_owned(),
    }];
    if !ranking.tie_breaks.is_empty() {
        let breaks = ranking.tie_breaks.join(", ");
        told.push(match l.is_english() {
            true => format!("Equal results are told apart by {breaks}, in this order."),
            false => format!("Bằng điểm thì so lần lượt {breaks}."),
        });
    }
    told.push(match (ranking.ties, l.is_english()) {
        (Ties::Competition, true) => "Equal results share the rank: 1, 2, 2, 4.".to_owned(),
        (Ties::Competition, false) => "Bằng điểm thì đồng hạng: 1, 2, 2, 4.".to_owned(),
        (Ties::Dense, true) => "Equal results share the rank: 1, 2, 2, 3.".to_owned(),
        (Ties::Dense, false) => "Bằng điểm thì đồng hạng: 1, 2, 2, 3.".to_owned(),
    });
    if ranking.block.is_some() {
        told.push(l.say("Mỗi khối xếp hạng riêng.", "Each block is ranked apart.").to_owned());
    }
    told.extend(graded::rule(l, known));
    told.join(" ")
}

/// Which publications this one amends, and which amends it: the words, and where it is.
async fn amendments(app: &App, l: L, one: &Publication, level: &str) -> Result<Vec<(String, String)>, Failure> {
    let all = app.store.publications().await?;
    let has = |other: &&Publication| other.head.levels.iter().any(|own| own.level == level);
    let before = all.iter().filter(|other| one.amends == Some(other.id)).filter(has);
    let after = all.iter().filter(|other| other.amends == Some(one.id)).filter(has);
    let told = |words: &str, other: &Publication| {
        (format!("{words} {}", decision(l, other)), format!("/ranking/{}/{level}", other.id))
    };
    let before =
        before.map(|other| told(l.say("Bản này sửa đổi bản theo", "This amends what was published under"), other));
    let after = after.map(|other| told(l.say("Bản này đã được sửa đổi bởi", "This was amended by"), other));
    Ok(after.chain(before).collect())
}

/// What was published while explanations were open, said as the decision says it.
fn undecided(l: L, left: &Undecided) -> String {
    let (count, why) = (left.count, &left.reason);
    match l.is_english() {
        true => format!(
            "{count} explanations of the whole round were not decided when it was published; there the appraised points count. Why: {why}"
        ),
        false => format!("Khi công bố, cả kỳ còn {count} giải trình chưa chốt; ở đó tính điểm thẩm định. Lý do: {why}"),
    }
}

/// `GET /ranking/PUBLICATION/LEVEL`, and with `.csv` or `.json` as open data.
pub async fn ranking(
    State(app): State<App>,
    visitor: Visitor,
    OriginalUri(uri): OriginalUri,
    Path((id, level)): Path<(i64, String)>,
    Query(shown): Query<Shown>,
) -> Result<Response, Failure> {
    if let Some((level, format)) = level.rsplit_once('.').filter(|(_, format)| FORMATS.contains(format)) {
        let (one, known) = find_level(&app, id, level).await?;
        return public_data::ranking(&app, &one, &known, format).await;
    }
    let l = visitor.l;
    let (one, known) = find_level(&app, id, &level).await?;
    let rows = app.store.published(id, &level).await?;
    let before = Before::of(&app, &one, &level, &rows).await?;
    let ranking = {
        let state = app.store.state();
        let found = state.levels.values().find(|level| level.facts.set_hash == known.set_hash);
        found.map(|level| level.program.set.head.ranking.clone()).unwrap_or_default()
    };
    let mut blocks: Vec<&str> = rows.iter().filter_map(|row| row.block.as_deref()).collect();
    blocks.sort_unstable();
    blocks.dedup();
    let blocks = blocks.into_iter().map(|block| (block.to_owned(), block == shown.block)).collect();
    let pillar_at = known.pillars.iter().position(|(no, ..)| *no == shown.by);
    let mut order: Vec<&UnitResult> = rows.iter().collect();
    if let Some(at) = pillar_at {
        order.sort_by_key(|row| row.pillars.get(at).and_then(|pillar| pillar.2).unwrap_or(u32::MAX));
    }
    let wanted = fold(&shown.find);
    order.retain(|row| graded::fits(row, &shown.grade));
    order.retain(|row| shown.block.is_empty() || row.block.as_ref() == Some(&shown.block));
    order.retain(|row| wanted.is_empty() || fold(&row.name).contains(&wanted) || row.code.to_lowercase() == wanted);
    let height = |row: &UnitResult, at: usize| {
        let (points, excluded, _) = row.pillars[at];
        let of = known.pillars[at].2.millionths() - excluded.millionths();
        if of <= 0 { 0 } else { (points.millionths().max(0).saturating_mul(200) / of).min(200) }
    };
    let pages = Pages::of(l, order.len(), &shown.page, &shown.query());
    let views = order[pages.shown.clone()]
        .iter()
        .map(|row| {
            let (rank, value) = match pillar_at {
                Some(at) => (row.pillars[at].2, Some(row.pillars[at].0)),
                None => (row.rank, row.comparable),
            };
            let applicable = Number::from_millionths(known.maximum.millionths() - row.excluded.millionths());
            Row {
                rank: rank.map_or_else(|| "–".to_owned(), |rank| l.count(rank)),
                tied: row.tied && pillar_at.is_none(),
                code: row.code.clone(),
                name: row.name.clone(),
                value: value.map_or_else(|| "–".to_owned(), |value| l.points(&value)),
                change: before.as_ref().map_or_else(|| "–".to_owned(), |before| before.change(l, row)),
                block: row.block.clone(),
                grade: row.grade.clone().unwrap_or_else(|| "–".to_owned()),
                bars: (0..row.pillars.len().min(known.pillars.len()))
                    .map(|at| {
                        let tall = height(row, at);
                        format!("M{} 20v-{}.{}h6.6V20z", at * 8, tall / 10, tall % 10)
                    })
                    .collect(),
                pillars: known
                    .pillars
                    .iter()
                    .zip(&row.pillars)
                    .map(|((no, ..), (points, ..))| format!("{no} {}", l.points(points)))
                    .collect::<Vec<_>>()
                    .join("; "),
                points: format!("{} / {}", l.points(&row.points), l.number(&applicable)),
            }
        })
        .collect();
    let all = app.store.publications().await?;
    let tabs = all
        .iter()
        .flat_map(|other| other.head.levels.iter().map(move |own| (other, own)))
        .map(|(other, own)| {
            let href = format!("/ranking/{}/{}", other.id, own.level);
            (href, format!("{} {}", level_title(l, &own.level), other.head.year), other.id == id && own.level == level)
        })
        .collect();
    let kind = level_name(l, &level);
    let title = match l.is_english() {
        true => format!("Digital transformation ranking {}, {kind}", one.head.year),
        false => format!("Xếp hạng chuyển đổi số {} năm {}", kind, one.head.year),
    };
    let made_up = if one.head.made_up { l.say(" Dữ liệu minh họa.", " Made-up data.") } else { "" };
    let page = RankingPage {
        shell: Shell::new(&app, visitor.person.as_ref(), l, uri.path(), Section::Ranking, title),
        lede: match l.is_english() {
            true => format!(
                "{} units, each a mark on the ruler. Every point has a reason: open a unit to see the figures' sentence for each criterion.{made_up}",
                l.count(rows.len())
            ),
            false => format!(
                "{} đơn vị, mỗi đơn vị là một vạch trên thước. Mỗi điểm có căn cứ: mở một đơn vị để thấy lý do của từng chỉ số.{made_up}",
                l.count(rows.len())
            ),
        },
        scale: scale(l, &rows),
        tabs,
        find: shown.find.clone(),
        pillars: known.pillars.iter().map(|(no, name, _)| (no.clone(), name.clone(), *no == shown.by)).collect(),
        rule: rule(l, &known, &ranking),
        amendments: amendments(&app, l, &one, &level).await?,
        has_before: before.is_some(),
        undecided: one.head.undecided.as_ref().map(|left| undecided(l, left)),
        blocks,
        grades: graded::counts(l, &known, &rows, &shown.grade),
        base: format!("/ranking/{id}/{level}"),
        papers: format!("/ranking/{id}/papers"),
        signed: decision_copy(&app, id).map(|(_, signers)| signers),
        issue: visitor.person.as_ref().filter(|person| issues(&app, person, one.round)).map(|_| id),
        analysis: visitor.person.as_ref().filter(|person| reads_all(&app, person, one.round)).map(|_| level.clone()),
        caption: format!(
            "{} · {}",
            decision(l, &one),
            match l.is_english() {
                true => format!("{} of {} units", l.count(order.len()), l.count(rows.len())),
                false => format!("{} trên {} đơn vị", l.count(order.len()), l.count(rows.len())),
            }
        ),
        value_name: match pillar_at {
            Some(at) => known.pillars[at].0.clone(),
            None => l.say("Quy đổi", "Comparable").to_owned(),
        },
        change_name: match &before {
            Some(before) => format!("{} {}", l.say("So với", "Against"), before.year),
            None => l.say("So năm trước", "Against the year before").to_owned(),
        },
        rows: views,
        pages: pages.links,
        bar_width: known.pillars.len() * 8 - 1,
        bed: (0..known.pillars.len()).map(|at| format!("M{} 0h6.6v20H{}z", at * 8, at * 8)).collect(),
        source: format!("{} · {}", known.source, known.set),
        hash: short_hash(&one.hash),
    };
    Ok(cacheable(html(&page)?, visitor.person.is_some()))
}
