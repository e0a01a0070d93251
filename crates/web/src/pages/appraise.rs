//! Appraising: an agency's indicators over all units, side by side, by keyboard, like cases together.

use std::collections::HashMap;

use askama::Template;
use axum::extract::{OriginalUri, Path, Query, State};
use axum::response::Response;
use criteria::Number;
use cycle::action::{Actor as Who, Situation, decide};
use cycle::entry::ScoreKind;
use cycle::progress::evidence_needed;
use cycle::{Action, AssessmentId, Capability, Entry, EntryState, EvidenceId, LevelId, Sheet, time};
use scoring::sentence;
use serde::Deserialize;
use store::state::Assessment;

use super::appraise_list::{is_appraised, mine_of};
use super::appraise_verdict::{VerdictForm, explained_as, trial};
use super::field::FieldView;
use super::history::event_sentence;
use super::html;
use super::law::law;
use crate::app::App;
use crate::failure::Failure;
use crate::opened::{Opened, actor_name, given_by};
use crate::person::Person;
use crate::view::{L, Section, Shell, median};

pub struct Item {
    pub sheet: AssessmentId,
    pub waits: bool,
    name: String,
    pub class: &'static str,
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
    preview: String,
    files: Vec<(String, String, String, Option<i64>, bool)>,
    proofs: String,
    remarks: Vec<(String, String, String)>,
    fields: Vec<FieldView>,
    found: Option<String>,
    /// What was appraised and decided, in words.
    judged: Vec<String>,
    claimed: Option<String>,
    can_accept: bool,
    can_return: bool,
    can_keep: bool,
    due: String,
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
pub struct AppraisePage {
    shell: Shell,
    round: String,
    indicator: String,
    name: String,
    lede: String,
    error: Option<String>,
    notice: Option<String>,
    conflict: Option<(String, String, String)>,
    all: bool,
    base: String,
    pub queue: Vec<Item>,
    like: Vec<(AssessmentId, String, String, i64)>,
    like_line: String,
    case: Option<Case>,
    citation: String,
    law: Vec<(&'static str, String)>,
    reasons: Vec<String>,
}

/// What to look at closely: shape, word, and why. The first that holds.
pub fn doubt(
    l: L,
    indicator: &criteria::model::Indicator,
    entry: &Entry,
    before: Option<Number>,
) -> (&'static str, String, String) {
    let say = |vi: &str, en: &str| l.say(vi, en).to_owned();
    match entry.state {
        EntryState::Accepted => return ("done", say("Chấp nhận", "Accepted"), String::new()),
        EntryState::Explained => {
            let words = say("đơn vị giải trình, chờ trả lời", "explained; waits for an answer");
            return ("open", say("Giải trình", "Explained"), words);
        }
        EntryState::Adjusted | EntryState::Answered => {
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
            say("Bất thường", "Odd"),
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

#[derive(Default, Deserialize)]
pub struct Chosen {
    pub unit: Option<AssessmentId>,
    pub file: Option<EvidenceId>,
    /// The page of a PDF.
    pub page: Option<usize>,
    #[serde(default)]
    pub show: String,
}

/// What was typed into the form of a case and was not recorded, and why.
#[derive(Default)]
pub struct Typed {
    pub form: Option<VerdictForm>,
    pub error: Option<String>,
    pub notice: Option<String>,
    /// Somebody's newer verdict: who, which points, why.
    pub conflict: Option<(String, String, String)>,
}

/// `GET /appraise/LEVEL/INDICATOR`
pub async fn page(
    State(app): State<App>,
    person: Person,
    OriginalUri(uri): OriginalUri,
    Path((level, indicator)): Path<(LevelId, String)>,
    Query(chosen): Query<Chosen>,
) -> Result<Response, Failure> {
    html(&draw(&app, &person, uri.path(), (level, &indicator), &chosen, Typed::default()).await?)
}

/// Draws a case with the queue that it stands in.
pub async fn draw(
    app: &App,
    person: &Person,
    path: &str,
    (level_id, indicator_id): (LevelId, &str),
    chosen: &Chosen,
    typed: Typed,
) -> Result<AppraisePage, Failure> {
    let l = person.l();
    let mut rows = mine_of(app, person, level_id, indicator_id, chosen.show == "all");
    // Whoever comes by a link to a case of somebody else's sees it, and all others with it.
    if rows.is_empty() || chosen.unit.is_some_and(|unit| !rows.iter().any(|row| row.id == unit)) {
        rows = mine_of(app, person, level_id, indicator_id, true);
    }
    let first = rows.first().ok_or(Failure::NotFound)?;
    let (known, level) = {
        let state = app.store.state();
        (state.round_of(first)?.clone(), state.level_of(first)?.clone())
    };
    let place = level.program.indicator_index(indicator_id).ok_or(Failure::NotFound)?;
    let indicator = level.program.set.indicator(indicator_id).ok_or(Failure::NotFound)?;
    let opened = cases(app, &rows, indicator_id).await?;
    let proofs = app.store.proofs_of_level(level_id, indicator_id).await?;
    let (queue, like, points, order, current, lede) = {
        let state = app.store.state();
        let name_of = |row: &Assessment| state.tree.get(row.unit).map(|unit| unit.name.clone()).unwrap_or_default();
        let mut queue: Vec<(u8, Item)> = Vec::new();
        let mut like = Vec::new();
        let mut points = Vec::new();
        let (mut done, mut close) = (0, 0);
        for (row, entry, earlier) in &opened {
            let before = earlier.as_ref().and_then(|entry| entry.counting()).map(|score| score.points);
            let told = doubt(l, indicator, entry, before);
            let (class, word, note) = super::proof::doubt(l, indicator, entry, &proofs, told);
            if let Some(score) = entry.self_score.as_ref().filter(|score| score.kind == ScoreKind::Scored) {
                points.push(score.points);
            }
            done += usize::from(is_appraised(entry.state));
            let order = match class {
                _ if entry.state == EntryState::Explained => 0,
                "bad" | "warn" if entry.state == EntryState::Submitted => 0,
                "open" | "na" => 1,
                "back" => 2,
                "none" => 4,
                _ => 3,
            };
            close += usize::from(order == 0);
            if class == "open" && entry.state == EntryState::Submitted {
                like.push((row.id, name_of(row), note.clone(), entry.version));
            }
            let waits = matches!(entry.state, EntryState::Submitted | EntryState::Explained);
            queue.push((order, Item { sheet: row.id, waits, name: name_of(row), class, word, note, current: false }));
        }
        queue.sort_by_key(|(order, _)| *order);
        let order: Vec<AssessmentId> = queue.iter().map(|(_, item)| item.sheet).collect();
        let current = chosen.unit.filter(|chosen| order.contains(chosen)).or_else(|| order.first().copied());
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
        Some((row, _, earlier)) => {
            let sheet = app.store.sheet(row.id).await?.ok_or(Failure::NotFound)?;
            let at = order.iter().position(|id| *id == row.id).unwrap_or(0);
            let (prev, next) = (at.checked_sub(1).and_then(|at| order.get(at)), order.get(at + 1));
            let mut case =
                case_of(app, person, (row, &sheet), earlier.as_ref(), place, &points, chosen, &typed).await?;
            (case.prev, case.next) = (prev.copied(), next.copied());
            Some(case)
        }
        None => None,
    };
    let title = format!("{} {indicator_id}", l.say("Thẩm định", "Appraisal of"));
    let agency = app.store.state().agency(&known, indicator_id);
    let reasons = app.store.reasons(agency).await?.into_iter().map(|reason| reason.words).collect();
    Ok(AppraisePage {
        shell: Shell::new(app, Some(person), l, path, Section::Appraise, title),
        round: known.title.clone(),
        indicator: indicator_id.to_owned(),
        name: indicator.name.clone(),
        lede,
        error: typed.error,
        notice: typed.notice,
        conflict: typed.conflict,
        all: chosen.show == "all",
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

/// A sheet, its entry for an indicator, and the unit's entry for it the year before.
pub type Beside = (Assessment, Entry, Option<Entry>);

/// An indicator on many sheets, in their order, beside the year before.
pub async fn cases(app: &App, rows: &[Assessment], indicator: &str) -> Result<Vec<Beside>, Failure> {
    let before: HashMap<AssessmentId, AssessmentId> = {
        let state = app.store.state();
        let earlier = |row: &Assessment| {
            let year = state.rounds.get(&row.round)?.year;
            let before = state.rounds.values().filter(|round| round.year < year).max_by_key(|round| round.year)?;
            Some((row.id, *state.sheet_of.get(&(before.id, row.unit))?))
        };
        rows.iter().filter_map(earlier).collect()
    };
    let ids: Vec<AssessmentId> = rows.iter().map(|row| row.id).collect();
    let mut entries = app.store.entries_at(&ids, indicator).await?;
    let ids: Vec<AssessmentId> = before.values().copied().collect();
    let mut earlier = app.store.entries_at(&ids, indicator).await?;
    let case = |row: &Assessment| {
        let earlier = before.get(&row.id).and_then(|id| earlier.remove(id));
        Some((row.clone(), entries.remove(&row.id)?, earlier))
    };
    Ok(rows.iter().filter_map(case).collect())
}

#[expect(clippy::too_many_arguments, reason = "what a case is drawn from travels together, and only here")]
async fn case_of(
    app: &App,
    person: &Person,
    (row, sheet): (&Assessment, &Sheet),
    earlier: Option<&Entry>,
    place: usize,
    points: &[Number],
    chosen: &Chosen,
    typed: &Typed,
) -> Result<Case, Failure> {
    let l = person.l();
    let entry = &sheet.entries[place];
    let evidence = app.store.evidence_of(sheet.id, &entry.indicator).await?;
    let remarks = app.store.remarks(sheet.id, &entry.indicator).await?;
    let history = app.store.history(sheet.id, Some(&entry.indicator)).await?;
    let opened = Opened::unchecked(app, sheet.id).await?;
    let proofs = super::proof::for_appraiser(app, person, &opened, place, &evidence).await?;
    let drawn = || {
        let given = evidence.iter().filter(|file| file.withdrawn.is_none() && file.sha256.is_some());
        given.filter(|file| super::evidence::is_drawn(&file.media))
    };
    let preview = drawn().find(|file| Some(file.id) == chosen.file).or_else(|| drawn().next());
    let level = row.level;
    let preview_drawn = match preview {
        Some(file) => {
            let all = if chosen.show == "all" { "&show=all" } else { "" };
            let here = format!("/appraise/{level}/{}?unit={}&file={}{all}", entry.indicator, sheet.id, file.id);
            super::preview::drawn(app, l, file, chosen.page.unwrap_or(1), &here).await?
        }
        None => String::new(),
    };
    let claimed = app.store.claim(sheet.id, &entry.indicator, person.account, app.now()).await?;
    let state = app.store.state();
    let program = opened.program();
    let indicator = program.set.indicators().nth(place).ok_or(Failure::NotFound)?;
    let maximum = program.maximum_of(place);
    let round = &opened.round;
    let situation = Situation { phase: round.phase, sheet: row.state, entry: entry.state, window_open: true };
    let appraises = state.appraises(&person.authority, round, &entry.indicator, row.unit);
    let allowed = decide(Action::Adjust, &AppraiserHere(appraises), situation);
    let may = |action| decide(action, &AppraiserHere(appraises), situation).is_ok();
    let found = entry.appraised.as_ref().filter(|verdict| !verdict.figures.is_empty());
    let form = typed.form.as_ref();
    let fields = indicator
        .all_figures()
        .iter()
        .map(|figure| {
            let own = entry.figures.get(&figure.id);
            let set = found.and_then(|verdict| verdict.figures.get(&figure.id));
            let name = format!("f-{}", figure.id);
            let shown = form.and_then(|form| form.others.get(&name)).map(String::as_str);
            let shown = shown.or(set.or(own).map(|value| value.typed.as_str())).unwrap_or_default();
            super::field::field_view(l, figure, shown, None, allowed.is_ok())
        })
        .collect();
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
    let median = median(points.iter().copied());
    let better = points.iter().filter(|other| **other > own).count() + 1;
    let unit = opened.unit.name.clone();
    let shown = evidence.iter().filter(|file| file.withdrawn.is_none());
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
        preview: preview_drawn,
        files: shown
            .clone()
            .map(|file| {
                let href = file.link.clone().unwrap_or_else(|| format!("/evidence/{}", file.id));
                let view = drawn().any(|other| other.id == file.id) && preview.is_none_or(|one| one.id != file.id);
                let view = view.then_some(file.id.0);
                let thumbnail = file.sha256.is_some() && super::preview::has_pages(&file.media);
                (href, file.name.clone(), super::entry::size(l, file.bytes), view, thumbnail)
            })
            .collect(),
        remarks: remarks
            .iter()
            .map(|one| {
                let who = actor_name(&state, row.unit, one.by, time::day_of(one.at));
                (super::history::remark_by(l, one, &who), l.instant(&one.at), one.words.clone())
            })
            .collect(),
        history: history
            .iter()
            .map(|event| (l.instant(&event.at), event_sentence(&state, l, row.unit, event)))
            .collect(),
        can: allowed.is_ok(),
        why_not: allowed.err().map(|denial| l.text(&denial.text()).to_owned()).unwrap_or_default(),
        version: entry.version,
        proposed: match form.map(|form| form.points.clone()) {
            Some(points) => points,
            None => l.points(&verdict.map_or(own, |verdict| verdict.score.points)),
        },
        reason: match form.map(|form| form.reason.clone()) {
            Some(reason) => reason,
            None => verdict.map(|verdict| verdict.reason.clone()).unwrap_or_default(),
        },
        fields,
        found: found.map(|verdict| {
            let trial = trial(&opened, place, &verdict.figures);
            let why = explained_as(&state, l, &opened, &trial, place);
            format!("{}: {} – {why}", l.say("Thẩm định", "Appraised"), l.points(&verdict.score.points))
        }),
        judged: [
            (l.say("Thẩm định", "Appraised"), verdict.filter(|_| found.is_none())),
            (l.say("Chốt", "Decided"), entry.final_score.as_ref()),
        ]
        .into_iter()
        .filter_map(|(word, verdict)| {
            let verdict = verdict?;
            let who = actor_name(&state, round.owner, verdict.by, time::day_of(verdict.at));
            let why = if verdict.reason.is_empty() { String::new() } else { format!(" – {}", verdict.reason) };
            let day = l.date(&time::day_of(verdict.at));
            Some(format!("{word}: {}{why} ({who}, {day})", l.points(&verdict.score.points)))
        })
        .collect(),
        claimed: claimed.map(|(by, at)| {
            let name = state.accounts.get(&by).map(|account| account.name.clone()).unwrap_or_default();
            let zoned = at.to_zoned(time::zone());
            let clock = format!("{:02}:{:02}", zoned.hour(), zoned.minute());
            match l.is_english() {
                true => format!("{name} has had this case open since {clock}."),
                false => format!("{name} đang mở hồ sơ này từ {clock}."),
            }
        }),
        can_accept: may(Action::Accept),
        can_return: may(Action::Return),
        can_keep: may(Action::Keep),
        due: match form.map(|form| form.due.clone()) {
            Some(due) => due,
            None => entry.returned_due.map(|due| l.date(&due)).unwrap_or_default(),
        },
        prev: None,
        next: None,
    })
}
