//! Appraising: an agency's indicators over all units, side by side, by keyboard, like cases together.

use std::collections::BTreeMap;

use askama::Template;
use axum::Form;
use axum::extract::{OriginalUri, Path, Query, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use criteria::Number;
use cycle::action::{Actor as Who, Situation, decide};
use cycle::entry::ScoreKind;
use cycle::progress::evidence_needed;
use cycle::{Action, AssessmentId, Capability, Entry, EntryState, LevelId, Phase, Sheet, time};
use scoring::sentence;
use serde::Deserialize;
use store::command::Appraisal;
use store::state::Assessment;
use store::{Actor, Command, Refusal};

use super::history::event_sentence;
use super::html;
use super::law::law;
use super::sheet::Pick as _;
use crate::app::App;
use crate::failure::Failure;
use crate::opened::{Opened, actor_name, given_by};
use crate::person::Person;
use crate::view::{L, Section, Shell, phase_line};

struct ListRow {
    id: String,
    name: String,
    href: String,
    note: String,
    class: &'static str,
    state: &'static str,
    done: usize,
    all: usize,
}

#[derive(Template)]
#[template(path = "appraise_list.html")]
struct ListPage {
    shell: Shell,
    lede: String,
    rounds: Vec<(String, String, Vec<ListRow>)>,
}

struct Item {
    sheet: AssessmentId,
    name: String,
    class: &'static str,
    word: String,
    note: String,
    current: bool,
}

struct Case {
    sheet: AssessmentId,
    unit: String,
    meta: String,
    figures: Vec<(String, String, String, String)>,
    own: String,
    before: String,
    because: String,
    note: String,
    peers: String,
    bars: Vec<(String, String, String, bool)>,
    max: String,
    preview: Option<String>,
    files: Vec<(String, String, String)>,
    proofs: String,
    remarks: Vec<(String, String, String)>,
    history: Vec<(String, String)>,
    can: bool,
    why_not: String,
    version: i64,
    proposed: String,
    reason: String,
    prev: Option<AssessmentId>,
    next: Option<AssessmentId>,
}

#[derive(Template)]
#[template(path = "appraise.html")]
struct AppraisePage {
    shell: Shell,
    round: String,
    indicator: String,
    name: String,
    lede: String,
    error: Option<String>,
    base: String,
    queue: Vec<Item>,
    like: Vec<(AssessmentId, String, String, i64)>,
    like_line: String,
    case: Option<Case>,
    citation: String,
    law: Vec<(&'static str, String)>,
    reasons: Vec<String>,
}

/// The sheets of a level, in the order of the units' codes, where the person appraises the indicator. Two levels may use
/// one number for two indicators; so the level is named, not the round.
fn sheets(state: &store::State, person: &Person, level: LevelId, indicator: &str) -> Vec<Assessment> {
    let known = state.levels.get(&level).filter(|level| level.program.indicator_index(indicator).is_some());
    let Some(round) = known.and_then(|level| state.rounds.get(&level.facts.round)) else { return Vec::new() };
    let mut found: Vec<Assessment> = state
        .assessments
        .values()
        .filter(|one| one.level == level && state.appraises(&person.authority, round, indicator, one.unit))
        .cloned()
        .collect();
    found.sort_by_cached_key(|one| state.tree.get(one.unit).map(|unit| unit.code.clone()));
    found
}

const fn is_appraised(state: EntryState) -> bool {
    matches!(state, EntryState::Accepted | EntryState::Adjusted | EntryState::Explained | EntryState::Decided)
}

/// `GET /appraise`: what there is to appraise, by round and indicator.
pub async fn list(State(app): State<App>, person: Person, OriginalUri(uri): OriginalUri) -> Result<Response, Failure> {
    let l = person.l();
    if !person.authority.may_somewhere(Capability::Appraise) {
        return Err(Failure::NotFound);
    }
    let mut rounds = Vec::new();
    let mut waiting = 0;
    let known: Vec<_> = app.store.state().rounds.values().rev().cloned().collect();
    for round in known.into_iter().filter(|one| !matches!(one.phase, Phase::Draft | Phase::Published)) {
        let levels: Vec<_> = {
            let state = app.store.state();
            let mut levels: Vec<_> =
                state.levels.values().filter(|level| level.facts.round == round.id).cloned().collect();
            levels.sort_by_key(|level| level.facts.id);
            levels
        };
        let mut rows: BTreeMap<(usize, usize), ListRow> = BTreeMap::new();
        for (level_at, level) in levels.iter().enumerate() {
            let own: Vec<Assessment> =
                app.store.state().assessments.values().filter(|one| one.level == level.facts.id).cloned().collect();
            let mut open_sheets = Vec::new();
            for one in &own {
                if let Some(sheet) = app.store.sheet(one.id).await? {
                    open_sheets.push((one.unit, sheet));
                }
            }
            let state = app.store.state();
            for (at, indicator) in level.program.set.indicators().enumerate() {
                let mine = open_sheets
                    .iter()
                    .filter(|(unit, _)| state.appraises(&person.authority, &round, &indicator.id, *unit));
                let entries: Vec<&Entry> = mine.filter_map(|(_, sheet)| sheet.entries.get(at)).collect();
                if entries.is_empty() {
                    continue;
                }
                let submitted = entries.iter().filter(|entry| entry.state >= EntryState::Submitted).count();
                let done = entries.iter().filter(|entry| is_appraised(entry.state)).count();
                let open = submitted - done.min(submitted);
                waiting += open;
                let (class, word) = match (open, submitted) {
                    (0, 0) => ("none", l.0.pick("chưa nộp", "not submitted")),
                    (0, _) => ("done", l.0.pick("đã xét", "appraised")),
                    _ => ("open", l.0.pick("đang chờ", "waiting")),
                };
                rows.insert(
                    (level_at, at),
                    ListRow {
                        id: indicator.id.clone(),
                        name: indicator.name.clone(),
                        href: format!("/appraise/{}/{}", level.facts.id, indicator.id),
                        note: match l.is_english() {
                            true => format!(
                                "{} · {open} waiting, {submitted} submitted",
                                crate::view::level_name(l, &level.facts.level)
                            ),
                            false => format!(
                                "{} · chờ xét {open}, đã nộp {submitted}",
                                crate::view::level_name(l, &level.facts.level)
                            ),
                        },
                        class,
                        state: word,
                        done,
                        all: entries.len(),
                    },
                );
            }
        }
        rounds.push((round.title.clone(), phase_line(l, &round), rows.into_values().collect()));
    }
    let lede = match l.is_english() {
        true => format!("{} entries wait for your agency.", l.count(waiting)),
        false => format!("{} chỉ số đang chờ cơ quan của bạn thẩm định.", l.count(waiting)),
    };
    let title = l.say("Hàng thẩm định", "Appraisal queue");
    html(&ListPage { shell: Shell::new(&app, Some(&person), l, uri.path(), Section::Appraise, title), lede, rounds })
}

/// What to look at closely: shape, word, and why. The first that holds.
fn doubt(
    l: L,
    indicator: &criteria::model::Indicator,
    entry: &Entry,
    before: Option<Number>,
) -> (&'static str, String, String) {
    let say = |vi: &str, en: &str| l.say(vi, en).to_owned();
    match entry.state {
        EntryState::Accepted => return ("done", say("Chấp nhận", "Accepted"), String::new()),
        EntryState::Adjusted | EntryState::Explained => {
            let reason = entry.appraised.as_ref().map(|verdict| verdict.reason.clone()).unwrap_or_default();
            return ("warn", say("Điều chỉnh", "Adjusted"), reason);
        }
        EntryState::Decided => return ("done", say("Đã chốt", "Decided"), String::new()),
        EntryState::Returned => {
            return ("back", say("Trả lại", "Returned"), entry.returned.clone().unwrap_or_default());
        }
        EntryState::Empty | EntryState::Filling | EntryState::Ready => {
            return ("none", say("Chưa nộp", "Not submitted"), String::new());
        }
        EntryState::Submitted => {}
    }
    let score = entry.self_score.as_ref();
    if score.is_some_and(|score| score.kind == ScoreKind::NotApplicable) {
        return ("na", say("Không áp dụng", "Not applicable"), say("đơn vị nói là không áp dụng", "the unit says so"));
    }
    if score.is_none_or(|score| score.kind == ScoreKind::Missing) {
        return ("bad", say("Thiếu", "Missing"), say("thiếu số liệu", "figures are missing"));
    }
    let need = evidence_needed(indicator);
    if (entry.evidence.len() as u32) < need {
        let have = entry.evidence.len();
        return (
            "bad",
            say("Thiếu", "Missing"),
            match l.is_english() {
                true => format!("{have} of {need} pieces of evidence"),
                false => format!("có {have} trên {need} tài liệu"),
            },
        );
    }
    let (points, maximum) = (score.map(|score| score.points).unwrap_or_default(), indicator.points.unwrap_or_default());
    if let Some(before) = before
        && (points.millionths() - before.millionths()).saturating_mul(100) > maximum.millionths().saturating_mul(40)
    {
        return (
            "warn",
            say("Lạ", "Odd"),
            match l.is_english() {
                true => format!("{} last year", l.points(&before)),
                false => format!("năm trước {}", l.points(&before)),
            },
        );
    }
    ("open", say("Ổn", "Fine"), l.points(&points))
}

struct AppraiserHere(bool);

impl Who for AppraiserHere {
    fn has(&self, capability: Capability) -> bool {
        capability == Capability::Appraise && self.0
    }
    fn is_assigned(&self) -> bool {
        false
    }
}

#[derive(Deserialize)]
pub struct Chosen {
    unit: Option<AssessmentId>,
}

/// `GET /appraise/LEVEL/INDICATOR`
pub async fn page(
    State(app): State<App>,
    person: Person,
    OriginalUri(uri): OriginalUri,
    Path((level, indicator)): Path<(LevelId, String)>,
    Query(chosen): Query<Chosen>,
) -> Result<Response, Failure> {
    html(&draw(&app, &person, uri.path(), level, &indicator, chosen.unit, None).await?)
}

async fn draw(
    app: &App,
    person: &Person,
    path: &str,
    level_id: LevelId,
    indicator_id: &str,
    chosen: Option<AssessmentId>,
    error: Option<String>,
) -> Result<AppraisePage, Failure> {
    let l = person.l();
    let rows = sheets(&app.store.state(), person, level_id, indicator_id);
    let first = rows.first().ok_or(Failure::NotFound)?;
    let (known, level) = {
        let state = app.store.state();
        (state.round_of(first)?.clone(), state.level_of(first)?.clone())
    };
    let place = level.program.indicator_index(indicator_id).ok_or(Failure::NotFound)?;
    let indicator = level.program.set.indicator(indicator_id).ok_or(Failure::NotFound)?;
    let mut opened = Vec::new();
    for row in &rows {
        let sheet = app.store.sheet(row.id).await?.ok_or(Failure::NotFound)?;
        let earlier = earlier_entry(app, row, indicator_id).await?;
        opened.push((row.clone(), sheet, earlier));
    }
    let proofs = app.store.proofs_of_level(level_id, indicator_id).await?;
    let (queue, like, points, order, current, lede) = {
        let state = app.store.state();
        let name_of = |row: &Assessment| state.tree.get(row.unit).map(|unit| unit.name.clone()).unwrap_or_default();
        let mut queue: Vec<(u8, Item)> = Vec::new();
        let mut like = Vec::new();
        let mut points = Vec::new();
        let (mut done, mut close) = (0, 0);
        for (row, sheet, earlier) in &opened {
            let entry = &sheet.entries[place];
            let before = earlier.as_ref().and_then(|entry| entry.counting()).map(|score| score.points);
            let told = doubt(l, indicator, entry, before);
            let (class, word, note) = super::proof::doubt(l, indicator, entry, &proofs, told);
            if let Some(score) = entry.self_score.as_ref().filter(|score| score.kind == ScoreKind::Scored) {
                points.push(score.points);
            }
            done += usize::from(is_appraised(entry.state));
            let order = match class {
                "bad" | "warn" if entry.state == EntryState::Submitted => 0,
                "open" | "na" => 1,
                "back" => 2,
                "none" => 4,
                _ => 3,
            };
            close += usize::from(order == 0);
            if class == "open" {
                like.push((row.id, name_of(row), note.clone(), entry.version));
            }
            queue.push((order, Item { sheet: row.id, name: name_of(row), class, word, note, current: false }));
        }
        queue.sort_by_key(|(order, _)| *order);
        let order: Vec<AssessmentId> = queue.iter().map(|(_, item)| item.sheet).collect();
        let current = chosen.filter(|chosen| order.contains(chosen)).or_else(|| order.first().copied());
        for (_, item) in &mut queue {
            item.current = Some(item.sheet) == current;
        }
        let left = rows.len() - done;
        let lede = match l.is_english() {
            true => format!("{} units: {done} appraised, {left} left, {close} to be looked at closely.", rows.len()),
            false => format!("{} đơn vị: {done} đã xét, {left} còn lại, {close} phiếu cần nhìn kỹ.", rows.len()),
        };
        (queue, like, points, order, current, lede)
    };
    let case = match opened.iter().find(|(row, ..)| Some(row.id) == current) {
        Some((row, sheet, earlier)) => {
            let at = order.iter().position(|id| *id == row.id).unwrap_or(0);
            let (prev, next) = (at.checked_sub(1).and_then(|at| order.get(at)), order.get(at + 1));
            let mut case = case_of(app, person, row, sheet, earlier.as_ref(), place, &points).await?;
            (case.prev, case.next) = (prev.copied(), next.copied());
            Some(case)
        }
        None => None,
    };
    let title = format!("{} {indicator_id}", l.say("Thẩm định", "Appraisal of"));
    let mut reasons: Vec<String> = opened
        .iter()
        .filter_map(|(_, sheet, _)| sheet.entries[place].appraised.as_ref())
        .map(|verdict| verdict.reason.clone())
        .filter(|reason| !reason.is_empty())
        .collect();
    reasons.sort();
    reasons.dedup();
    Ok(AppraisePage {
        shell: Shell::new(app, Some(person), l, path, Section::Appraise, title),
        round: known.title.clone(),
        indicator: indicator_id.to_owned(),
        name: indicator.name.clone(),
        lede,
        error,
        base: format!("/appraise/{level_id}/{indicator_id}"),
        queue: queue.into_iter().map(|(_, item)| item).collect(),
        like_line: match l.is_english() {
            true => format!("Accept {} entries without a doubt …", like.len()),
            false => format!("Chấp nhận {} phiếu không có gì nghi ngờ …", like.len()),
        },
        like,
        case,
        citation: sentence::citation(&level.program.set.head.document, indicator_id),
        law: law(l, indicator),
        reasons,
    })
}

/// The entry of the same indicator in the year before.
async fn earlier_entry(app: &App, row: &Assessment, indicator: &str) -> Result<Option<Entry>, Failure> {
    let earlier = {
        let state = app.store.state();
        let year = state.round_of(row)?.year;
        let before = state.rounds.values().filter(|round| round.year < year).max_by_key(|round| round.year);
        before.and_then(|round| state.sheet_of.get(&(round.id, row.unit)).copied())
    };
    let Some(earlier) = earlier else { return Ok(None) };
    Ok(app.store.sheet(earlier).await?.and_then(|sheet| sheet.entry(indicator).map(|(_, entry)| entry.clone())))
}

async fn case_of(
    app: &App,
    person: &Person,
    row: &Assessment,
    sheet: &Sheet,
    earlier: Option<&Entry>,
    place: usize,
    points: &[Number],
) -> Result<Case, Failure> {
    let l = person.l();
    let entry = &sheet.entries[place];
    let evidence = app.store.evidence_of(sheet.id, &entry.indicator).await?;
    let remarks = app.store.remarks(sheet.id, &entry.indicator).await?;
    let history = app.store.history(sheet.id, Some(&entry.indicator)).await?;
    let opened = Opened::unchecked(app, sheet.id).await?;
    let proofs = super::proof::for_appraiser(app, person, &opened, place, &evidence).await?;
    let state = app.store.state();
    let program = opened.program();
    let indicator = program.set.indicators().nth(place).ok_or(Failure::NotFound)?;
    let maximum = program.maximum_of(place);
    let round = &opened.round;
    let situation = Situation { phase: round.phase, sheet: row.state, entry: entry.state, window_open: true };
    let appraises = state.appraises(&person.authority, round, &entry.indicator, row.unit);
    let allowed = decide(Action::Adjust, &AppraiserHere(appraises), situation);
    let figures = indicator
        .all_figures()
        .iter()
        .map(|figure| {
            let own = entry.figures.get(&figure.id);
            let label = |typed: &str| match figure.options.iter().find(|option| option.id == typed) {
                Some(option) => option.label.clone(),
                None if typed == "yes" => l.say("có", "yes").to_owned(),
                None if typed == "no" => l.say("không", "no").to_owned(),
                None => typed.to_owned(),
            };
            (
                figure.label.clone(),
                own.map_or_else(|| "–".to_owned(), |value| label(&value.typed)),
                earlier
                    .and_then(|one| one.figures.get(&figure.id))
                    .map_or_else(|| "–".to_owned(), |value| label(&value.typed)),
                own.map(|value| given_by(&state, l, sheet, value)).unwrap_or_default(),
            )
        })
        .collect();
    let own = entry.self_score.as_ref().map(|score| score.points).unwrap_or_default();
    let because = match &entry.answer {
        cycle::Answer::Figures => opened.explained(&state, l, place, |why| sentence::sentence(why, l.0)),
        cycle::Answer::NotApplicable { because } => {
            format!("{} {because}", l.say("Không áp dụng, vì:", "Does not apply, because:"))
        }
        cycle::Answer::NotDone { because } => {
            format!("{} {because}", l.say("Chưa thực hiện, vì:", "Not done, because:"))
        }
    };
    let tenth = |points: &Number| {
        let of = maximum.millionths().max(1);
        usize::try_from(points.millionths().max(0).saturating_mul(10) / of).unwrap_or(0).min(9)
    };
    let mut counts = [0_usize; 10];
    points.iter().for_each(|points| counts[tenth(points)] += 1);
    let most = counts.iter().copied().max().unwrap_or(1).max(1);
    let bars = counts
        .iter()
        .enumerate()
        .map(|(at, count)| {
            let height = count * 38 / most;
            ((at * 10).to_string(), (40 - height).to_string(), height.to_string(), at == tenth(&own))
        })
        .collect();
    let mut sorted = points.to_vec();
    sorted.sort_unstable();
    let median = sorted.get(sorted.len() / 2).copied().unwrap_or_default();
    let better = points.iter().filter(|other| **other > own).count() + 1;
    let unit = opened.unit.name.clone();
    let shown = evidence.iter().filter(|file| file.withdrawn.is_none());
    let preview = shown
        .clone()
        .find(|file| file.sha256.is_some() && (file.media == "application/pdf" || file.media.starts_with("image/")));
    let verdict = entry.appraised.as_ref();
    Ok(Case {
        sheet: sheet.id,
        meta: format!(
            "{} · {} {}{}",
            entry.indicator,
            l.say("tối đa", "at most"),
            l.number(&maximum),
            entry
                .ready_at
                .map(|at| format!(" · {} {}", l.say("xong ngày", "completed"), l.date(&time::day_of(at))))
                .unwrap_or_default()
        ),
        figures,
        own: l.points(&own),
        before: earlier.and_then(|one| one.counting()).map_or_else(|| "–".to_owned(), |score| l.points(&score.points)),
        because,
        note: entry.note.clone(),
        peers: match l.is_english() {
            true => format!(
                "{} units by points: median {}; {unit} {}, place {better}",
                points.len(),
                l.points(&median),
                l.points(&own)
            ),
            false => format!(
                "{} đơn vị theo điểm: trung vị {}; {unit} {}, thứ {better}",
                points.len(),
                l.points(&median),
                l.points(&own)
            ),
        },
        unit,
        bars,
        max: l.number(&maximum),
        proofs,
        preview: preview.map(|file| format!("/evidence/{}", file.id)),
        files: shown
            .map(|file| {
                let href = file.link.clone().unwrap_or_else(|| format!("/evidence/{}", file.id));
                (href, file.name.clone(), super::entry::size(l, file.bytes))
            })
            .collect(),
        remarks: remarks
            .iter()
            .map(|one| {
                (actor_name(&state, row.unit, one.by, time::day_of(one.at)), l.instant(&one.at), one.words.clone())
            })
            .collect(),
        history: history
            .iter()
            .map(|event| (l.instant(&event.at), event_sentence(&state, l, row.unit, event)))
            .collect(),
        can: allowed.is_ok(),
        why_not: allowed.err().map(|denial| l.text(&denial.text()).to_owned()).unwrap_or_default(),
        version: entry.version,
        proposed: l.points(&verdict.map_or(own, |verdict| verdict.score.points)),
        reason: verdict.map(|verdict| verdict.reason.clone()).unwrap_or_default(),
        prev: None,
        next: None,
    })
}

#[derive(Deserialize)]
pub struct VerdictForm {
    #[serde(default, rename = "do")]
    what: String,
    #[serde(default)]
    version: i64,
    #[serde(default)]
    points: String,
    #[serde(default)]
    reason: String,
}

/// `POST /appraise/LEVEL/INDICATOR/SHEET`
pub async fn appraise(
    State(app): State<App>,
    person: Person,
    OriginalUri(uri): OriginalUri,
    Path((level, indicator, sheet)): Path<(LevelId, String, AssessmentId)>,
    Form(form): Form<VerdictForm>,
) -> Result<Response, Failure> {
    let rows = sheets(&app.store.state(), &person, level, &indicator);
    if !rows.iter().any(|row| row.id == sheet) {
        return Err(Failure::NotFound);
    }
    let appraisal = match form.what.as_str() {
        "accept" => Appraisal::Accept,
        "adjust" => Appraisal::Adjust { points: form.points, reason: form.reason },
        "return" => Appraisal::Return { reason: form.reason },
        _ => return Err(Failure::NotFound),
    };
    let command =
        Command::Appraise { assessment: sheet, indicator: indicator.clone(), version: form.version, appraisal };
    match app.store.change(Actor::Account(person.account), app.now(), command).await {
        Ok(_) => {
            // On to the next that waits.
            let page = draw(&app, &person, uri.path(), level, &indicator, Some(sheet), None).await?;
            let next = page
                .queue
                .iter()
                .find(|item| matches!(item.class, "bad" | "warn" | "open" | "na") && item.sheet != sheet);
            let next = next.map_or(sheet, |item| item.sheet);
            Ok(Redirect::to(&format!("/appraise/{level}/{indicator}?unit={next}")).into_response())
        }
        Err(Refusal::Invalid(fields)) => {
            let error = fields.first().map(|field| person.l().text(&field.message).to_owned());
            let page = draw(&app, &person, uri.path(), level, &indicator, Some(sheet), error).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, Html(page.render()?)).into_response())
        }
        Err(refusal) => Err(refusal.into()),
    }
}

/// `POST /appraise/LEVEL/INDICATOR/accept`: accepts the like cases that were listed, each in the state that was shown.
pub async fn accept_like(
    State(app): State<App>,
    person: Person,
    Path((level, indicator)): Path<(LevelId, String)>,
    Form(form): Form<BTreeMap<String, String>>,
) -> Result<Response, Failure> {
    let rows = sheets(&app.store.state(), &person, level, &indicator);
    if rows.is_empty() {
        return Err(Failure::NotFound);
    }
    let mut commands = Vec::new();
    for (name, version) in &form {
        let Some(sheet) = name.strip_prefix("s-").and_then(|id| id.parse::<AssessmentId>().ok()) else { continue };
        if !rows.iter().any(|row| row.id == sheet) {
            return Err(Failure::NotFound);
        }
        let version = version.parse().unwrap_or(-1);
        commands.push(Command::Appraise {
            assessment: sheet,
            indicator: indicator.clone(),
            version,
            appraisal: Appraisal::Accept,
        });
    }
    app.store.change(Actor::Account(person.account), app.now(), Command::Many(commands)).await?;
    Ok(Redirect::to(&format!("/appraise/{level}/{indicator}")).into_response())
}
