//! Deciding: the three score columns of every difference, what is open, rounds of explanation, silence, and publishing.

use std::collections::HashMap;

use askama::Template;
use axum::Form;
use axum::extract::{OriginalUri, Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use criteria::model::ReadingStatus;
use criteria::{Number, Text};
use cycle::round::{Days, Round};
use cycle::{AssessmentId, Capability, Entry, EntryState, Phase, RoundId, SheetState, UnitId, time};
use serde::Deserialize;
use store::state::Assessment;
use store::{Actor, Command};

use super::assign::day;
use super::html;
use super::sheet::Pick as _;
use crate::app::App;
use crate::failure::Failure;
use crate::person::Person;
use crate::view::{L, Section, Shell, grading, level_title};

/// Most cases on one page.
const CASES_MAX: usize = 40;

/// A difference between what was declared and what was appraised, or a decision.
pub struct Case {
    pub sheet: AssessmentId,
    pub row: UnitId,
    pub unit: String,
    pub indicator: String,
    pub name: String,
    pub state: EntryState,
    pub class: &'static str,
    pub word: String,
    pub own: String,
    pub appraised: String,
    pub decided: String,
    pub reason: String,
    pub final_reason: String,
    pub version: i64,
    /// Declared, appraised and decided points.
    pub points: (Number, Number, Option<Number>),
}

impl Case {
    /// Whether it is to be decided: explained or answered, and not decided.
    pub fn is_dispute(&self) -> bool {
        matches!(self.state, EntryState::Explained | EntryState::Answered)
    }
}

/// What stands between a round and its publication.
#[derive(Default)]
pub struct Open {
    pub not_submitted: usize,
    pub not_appraised: usize,
    pub returned: usize,
    pub differences: usize,
    pub explained: usize,
    pub answered: usize,
    pub silent: usize,
    pub decided: usize,
    /// Open readings: level, what is asked.
    pub readings: Vec<(String, String)>,
    /// Grades in force: level, and which from where on.
    pub grades: Vec<(String, String)>,
}

/// The round, where the person decides in it.
pub fn decided_by(app: &App, person: &Person, id: RoundId) -> Result<Round, Failure> {
    let state = app.store.state();
    let round = state.rounds.get(&id).ok_or(Failure::NotFound)?;
    if !person.may(&state, Capability::Decide, round.owner) {
        return Err(Failure::NotFound);
    }
    Ok(round.clone())
}

/// Every difference of a round, by indicator and unit, and what is open.
pub async fn cases(app: &App, l: L, round: &Round) -> Result<(Vec<Case>, Open), Failure> {
    let today = time::day_of(app.now());
    let mut open = Open::default();
    let rows: Vec<Assessment> = {
        let state = app.store.state();
        let mut levels: Vec<_> = state.levels.values().filter(|level| level.facts.round == round.id).collect();
        levels.sort_by_key(|level| level.facts.id);
        for level in levels {
            let readings = level.program.set.head.readings.iter().filter(|one| one.status == ReadingStatus::Open);
            let asked = readings.filter(|one| !level.facts.picks.contains_key(&one.id));
            let name = level_title(l, &level.facts.level);
            open.readings.extend(asked.map(|one| (name.clone(), one.asks.clone())));
            let grades = &level.program.set.head.ranking.grades;
            open.grades.extend((!grades.is_empty()).then(|| (name, grading(l, grades))));
        }
        let mut rows: Vec<_> = state.assessments.values().filter(|one| one.round == round.id).cloned().collect();
        rows.sort_by_cached_key(|one| (one.level, state.tree.get(one.unit).map(|unit| unit.code.clone())));
        rows
    };
    let judged = app.store.judged_otherwise(&rows).await?;
    let state = app.store.state();
    let rows: HashMap<AssessmentId, (usize, Assessment)> =
        rows.into_iter().enumerate().map(|(at, row)| (row.id, (at, row))).collect();
    for (_, row) in rows.values() {
        if row.state == SheetState::Open {
            open.not_submitted += 1;
            continue;
        }
        open.not_appraised += row.marks.iter().filter(|mark| mark.state == EntryState::Submitted).count();
        open.returned += row.marks.iter().filter(|mark| mark.state == EntryState::Returned).count();
    }
    let mut found: Vec<((usize, usize), Case)> = Vec::new();
    for (id, place, entry) in &judged {
        let (Some((at, row)), Some(appraised)) = (rows.get(id), &entry.appraised) else { continue };
        let own = entry.self_score.as_ref().map(|score| score.points).unwrap_or_default();
        if row.state == SheetState::Open || appraised.score.points == own && entry.final_score.is_none() {
            continue;
        }
        let level = state.level_of(row)?;
        let silent = round.is_silent(entry, today);
        open.differences += 1;
        open.explained += usize::from(entry.state == EntryState::Explained);
        open.answered += usize::from(entry.state == EntryState::Answered);
        open.decided += usize::from(entry.state == EntryState::Decided);
        open.silent += usize::from(silent);
        let case = Case {
            sheet: *id,
            row: row.unit,
            unit: state.tree.get(row.unit).map(|unit| unit.name.clone()).unwrap_or_default(),
            indicator: entry.indicator.clone(),
            name: level.program.set.indicator(&entry.indicator).map(|one| one.name.clone()).unwrap_or_default(),
            state: entry.state,
            class: shape(entry),
            word: match silent {
                true => l.say("Im lặng: nhận điểm thẩm định", "Silent: accepts the appraisal").to_owned(),
                false => l.text(&entry.state.name()).to_owned(),
            },
            own: l.points(&own),
            appraised: l.points(&appraised.score.points),
            decided: entry.final_score.as_ref().map_or_else(|| "–".to_owned(), |one| l.points(&one.score.points)),
            reason: appraised.reason.clone(),
            final_reason: entry.final_score.as_ref().map(|one| one.reason.clone()).unwrap_or_default(),
            version: entry.version,
            points: (own, appraised.score.points, entry.final_score.as_ref().map(|one| one.score.points)),
        };
        found.push(((*place, *at), case));
    }
    let order = |state: EntryState| match state {
        EntryState::Explained => 0,
        EntryState::Answered => 1,
        EntryState::Decided => 3,
        _ => 2,
    };
    found.sort_by_key(|(place, case)| (order(case.state), *place));
    Ok((found.into_iter().map(|(_, case)| case).collect(), open))
}

const fn shape(entry: &Entry) -> &'static str {
    match entry.state {
        EntryState::Explained | EntryState::Answered => "open",
        EntryState::Decided => "done",
        _ => "warn",
    }
}

#[derive(Template)]
#[template(path = "decide.html")]
struct DecidePage {
    shell: Shell,
    id: RoundId,
    round: String,
    lede: String,
    notice: Option<String>,
    tabs: Vec<(&'static str, &'static str, usize, bool)>,
    show: String,
    ends: Vec<(&'static str, String, &'static str)>,
    readings: Vec<(String, String)>,
    cases: Vec<(Case, Vec<(String, String)>)>,
    pages: Vec<(usize, bool)>,
    can_decide: bool,
    explanations: Vec<(usize, String, String, &'static str)>,
    can_open: bool,
    can_record: bool,
    silent: usize,
    undecided: usize,
    /// The grades that will be given, level by level, where any are declared.
    grades: Vec<(String, String)>,
    can_publish: bool,
    published: bool,
    can_correct: bool,
}

#[derive(Default, Deserialize)]
pub struct Wanted {
    #[serde(default)]
    show: String,
    #[serde(default)]
    page: usize,
    #[serde(default)]
    done: Option<String>,
}

/// `GET /rounds/ROUND/decide`
pub async fn page(
    State(app): State<App>,
    person: Person,
    OriginalUri(uri): OriginalUri,
    Path(id): Path<RoundId>,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Failure> {
    let l = person.l();
    let round = decided_by(&app, &person, id)?;
    let today = time::day_of(app.now());
    let (all, open) = cases(&app, l, &round).await?;
    type Test = fn(&Case) -> bool;
    let filters: [(&str, &'static str, &'static str, Test); 4] = [
        ("", "Chờ chốt", "To decide", |case| case.is_dispute()),
        ("adjusted", "Chưa giải trình", "Not explained", |case| case.state == EntryState::Adjusted),
        ("decided", "Đã chốt", "Decided", |case| case.state == EntryState::Decided),
        ("all", "Mọi chỗ khác nhau", "All differences", |_| true),
    ];
    let tabs = filters
        .iter()
        .map(|(key, vi, en, test)| {
            (*key, l.0.pick(vi, en), all.iter().filter(|case| test(case)).count(), *key == wanted.show)
        })
        .collect();
    let test = filters.iter().find(|(key, ..)| *key == wanted.show).map_or(filters[0].3, |(.., test)| *test);
    let chosen: Vec<Case> = all.into_iter().filter(test).collect();
    let page_count = chosen.len().div_ceil(CASES_MAX).max(1);
    let at = wanted.page.clamp(1, page_count);
    let mut shown = Vec::new();
    for case in chosen.into_iter().skip((at - 1) * CASES_MAX).take(CASES_MAX) {
        let talk = match case.state {
            EntryState::Adjusted | EntryState::Accepted => Vec::new(),
            _ => talk(&app, l, &case).await?,
        };
        shown.push((case, talk));
    }
    let told = [open.differences, open.explained, open.answered, open.decided].map(|count| l.count(count));
    let lede = match l.is_english() {
        true => format!(
            "{} differences between declared and appraised points: {} explained, {} answered, {} decided. Silence until the last day for explaining means that the unit accepts the appraised points.",
            told[0], told[1], told[2], told[3]
        ),
        false => format!(
            "{} chỗ khác nhau giữa tự chấm và thẩm định: {} đã giải trình, {} đã trả lời, {} đã chốt. Im lặng đến hết hạn giải trình là chấp nhận điểm thẩm định.",
            told[0], told[1], told[2], told[3]
        ),
    };
    let class = |count: usize| if count > 0 { "warn" } else { "done" };
    let ends = vec![
        (l.0.pick("Phiếu chưa nộp", "Sheets not submitted"), open.not_submitted, class(open.not_submitted)),
        (l.0.pick("Chỉ số chưa thẩm định", "Entries not appraised"), open.not_appraised, class(open.not_appraised)),
        (l.0.pick("Đang trả lại", "Returned and not completed"), open.returned, class(open.returned)),
        (l.0.pick("Giải trình chưa trả lời", "Explanations not answered"), open.explained, class(open.explained)),
        (
            l.0.pick(
                "Giải trình chờ chốt (phải chốt, hoặc nêu lý do khi công bố)",
                "Explanations to decide (or to be accounted for on publication)",
            ),
            open.explained + open.answered,
            class(open.explained + open.answered),
        ),
        (l.0.pick("Im lặng chưa ghi nhận", "Silences not put down"), open.silent, class(open.silent)),
        (
            l.0.pick("Cách hiểu còn mở (chặn công bố)", "Open readings (they block publication)"),
            open.readings.len(),
            if open.readings.is_empty() { "done" } else { "bad" },
        ),
    ];
    let ends = ends.into_iter().map(|(name, count, class)| (name, l.count(count), class)).collect();
    let explanations = round
        .explanations()
        .iter()
        .enumerate()
        .map(|(at, days)| {
            let state = match (days.from <= today, today <= days.to) {
                (true, true) if round.phase == Phase::Explaining => l.0.pick("đang mở", "open"),
                (false, _) => l.0.pick("sắp tới", "to come"),
                _ => l.0.pick("đã hết hạn", "over"),
            };
            (at + 1, l.date(&days.from), l.date(&days.to), state)
        })
        .collect();
    let notice = wanted.done.as_deref().map(|what| match what {
        "silence" => l.say("Đã ghi nhận các chỗ im lặng.", "The silences were put down.").to_owned(),
        "explanation" => l.say("Đã mở đợt giải trình.", "The round of explanation was opened.").to_owned(),
        "corrected" => l
            .say(
                "Đã sửa. Kết quả công bố chưa đổi: hãy công bố lại theo một quyết định mới.",
                "Corrected. What was published has not changed: publish again under a new decision.",
            )
            .to_owned(),
        _ => l.say("Đã chốt.", "Decided.").to_owned(),
    });
    let can_run = person.may(&app.store.state(), Capability::RunRound, round.owner);
    let title = l.say("Chốt điểm và công bố", "Deciding and publishing");
    html(&DecidePage {
        shell: Shell::new(&app, Some(&person), l, uri.path(), Section::Rounds, title),
        id,
        round: round.title.clone(),
        lede,
        notice,
        tabs,
        show: wanted.show,
        ends,
        readings: open.readings,
        cases: shown,
        pages: if page_count > 1 { (1..=page_count).map(|page| (page, page == at)).collect() } else { Vec::new() },
        can_decide: matches!(round.phase, Phase::Explaining | Phase::Deciding),
        explanations,
        can_open: can_run && matches!(round.phase, Phase::Appraising | Phase::Explaining),
        can_record: open.silent > 0 && round.phase != Phase::Published,
        silent: open.silent,
        undecided: open.explained + open.answered,
        grades: open.grades,
        can_publish: can_run && matches!(round.phase, Phase::Deciding | Phase::Published),
        published: round.phase == Phase::Published,
        can_correct: round.phase == Phase::Published,
    })
}

/// Explanations and answers about a case: who and when, what.
pub async fn talk(app: &App, l: L, case: &Case) -> Result<Vec<(String, String)>, Failure> {
    let remarks = app.store.remarks(case.sheet, &case.indicator).await?;
    let state = app.store.state();
    let told = remarks.iter().filter(|one| one.turn > 0).map(|one| {
        let who = crate::opened::actor_name(&state, case.row, one.by, time::day_of(one.at));
        (format!("{} · {}", super::history::remark_by(l, one, &who), l.instant(&one.at)), one.words.clone())
    });
    Ok(told.collect())
}

#[derive(Deserialize)]
pub struct Decision {
    #[serde(default, rename = "do")]
    what: String,
    sheet: Option<AssessmentId>,
    #[serde(default)]
    unit: String,
    #[serde(default)]
    indicator: String,
    #[serde(default)]
    version: i64,
    #[serde(default)]
    points: String,
    #[serde(default)]
    reason: String,
    #[serde(default)]
    from: String,
    #[serde(default)]
    to: String,
    #[serde(default)]
    show: String,
}

fn day_of(typed: &str, year: i16) -> Result<criteria::date::Date, Failure> {
    day(typed, year).ok_or_else(|| {
        Failure::Invalid(Text::new(
            format!("“{typed}” không phải là một ngày (ví dụ 15/1/2024)"),
            format!("\"{typed}\" is no day (such as 15/1/2024)"),
        ))
    })
}

/// `POST /rounds/ROUND/decide`: decides a case, opens a round of explanation, puts silence down, corrects.
pub async fn decide(
    State(app): State<App>,
    person: Person,
    Path(id): Path<RoundId>,
    Form(form): Form<Decision>,
) -> Result<Response, Failure> {
    let round = decided_by(&app, &person, id)?;
    let (command, done) = match form.what.as_str() {
        "silence" => (Command::RecordSilence { round: id }, "silence"),
        "explanation" => {
            let days = Days { from: day_of(&form.from, round.year)?, to: day_of(&form.to, round.year)? };
            (Command::OpenExplanation { round: id, days, reason: form.reason }, "explanation")
        }
        "correct" => {
            let found = {
                let state = app.store.state();
                let unit = state.tree.by_code(form.unit.trim()).map(|unit| unit.id);
                unit.and_then(|unit| state.sheet_of.get(&(id, unit)).copied())
            };
            let missing = || {
                Failure::Invalid(Text::new(
                    format!("Kỳ này không có phiếu của đơn vị mã “{}”", form.unit),
                    format!("The round has no sheet of a unit with the code \"{}\"", form.unit),
                ))
            };
            let assessment = found.ok_or_else(missing)?;
            let sheet = app.store.sheet(assessment).await?.ok_or(Failure::NotFound)?;
            let indicator = form.indicator.trim().to_owned();
            let version = sheet.entry(&indicator).ok_or(Failure::NotFound)?.1.version;
            let (points, reason) = (form.points, form.reason);
            (Command::Decide { assessment, indicator, version, points, reason }, "corrected")
        }
        _ => {
            let assessment = form.sheet.ok_or(Failure::NotFound)?;
            let here = app.store.state().assessments.get(&assessment).is_some_and(|row| row.round == id);
            if !here {
                return Err(Failure::NotFound);
            }
            let (indicator, version) = (form.indicator, form.version);
            let (points, reason) = (form.points, form.reason);
            (Command::Decide { assessment, indicator, version, points, reason }, "decided")
        }
    };
    app.store.change(Actor::Account(person.account), app.now(), command).await?;
    let show = if form.show.chars().all(|letter| letter.is_ascii_lowercase()) { form.show } else { String::new() };
    Ok(Redirect::to(&format!("/rounds/{id}/decide?done={done}&show={show}")).into_response())
}

#[derive(Deserialize)]
pub struct Publishing {
    #[serde(default)]
    number: String,
    #[serde(default)]
    day: String,
    #[serde(default)]
    undecided: String,
}

/// `POST /rounds/ROUND/publish`
pub async fn publish(
    State(app): State<App>,
    person: Person,
    Path(id): Path<RoundId>,
    Form(form): Form<Publishing>,
) -> Result<Response, Failure> {
    let year = app.store.state().rounds.get(&id).map(|round| round.year).ok_or(Failure::NotFound)?;
    let day = day_of(&form.day, year + 1)?;
    let command = Command::Publish { round: id, number: form.number, day, undecided: form.undecided };
    let done = app.store.change(Actor::Account(person.account), app.now(), command).await?;
    Ok(Redirect::to(&format!("/ranking/{}", done.id.unwrap_or_default())).into_response())
}
