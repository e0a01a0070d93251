//! One indicator of one unit: the law's words beside the fields, the points as one types, evidence, talk, history.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::{OriginalUri, Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::{Form, Json};
use criteria::Number;
use criteria::model::Indicator;
use cycle::entry::{Answer, ScoreKind};
use cycle::sheet::{FieldProblem, Read};
use cycle::time::{self, Standing};
use cycle::{Action, AssessmentId, Denial, Entry, Sheet};
use scoring::Cell;
use scoring::explain::Used;
use scoring::sentence;
use serde::Deserialize;
use serde_json::{Value as JsonValue, json};
use store::command::EntryChange;
use store::{Actor, Command, Refusal};

use super::conflict::Conflict;
use super::field::{FieldView, field_view, understood};
use super::history::{event_sentence, remark_by};
use super::html;
use super::law::{ReadingView, law, readings};
use super::proof::{Files, Reader, beside};
use super::sheet::{Pick as _, allowed, may};
use super::work::lacks;
use crate::app::App;
use crate::failure::Failure;
use crate::opened::{Opened, actor_name, because};
use crate::person::Person;
use crate::view::{L, Section, Shell, StateView, entry_state, percent};

#[derive(Template)]
#[template(path = "points.html")]
struct PointsView {
    points: String,
    max: String,
    shell_points: &'static str,
    because: String,
    percent: String,
    ticks: i64,
    meter: String,
}

struct FileView {
    id: i64,
    name: String,
    href: String,
    outside: bool,
    /// Whether a small picture stands beside it.
    thumbnail: bool,
    meta: String,
    withdrawn: Option<String>,
    proof: String,
}

#[derive(Template)]
#[template(path = "entry.html")]
struct EntryPage {
    shell: Shell,
    id: AssessmentId,
    unit: String,
    indicator: String,
    name: String,
    pillar_no: String,
    pillar: String,
    group: Option<String>,
    state: StateView,
    meta: Vec<String>,
    /// Whether what stands in the fields is not saved; else it cannot be completed yet.
    unsaved: bool,
    errors: Vec<(String, String)>,
    notice: Option<String>,
    conflict: Option<Conflict>,
    returned: Option<String>,
    returned_due: Option<String>,
    explain_by: String,
    version: i64,
    points: String,
    fields: Vec<FieldView>,
    given: Vec<(String, String, String)>,
    answer: &'static str,
    because: String,
    note: String,
    editable: bool,
    why_not: String,
    saved: String,
    evidence_line: String,
    requirement: String,
    files: Vec<FileView>,
    can_attach: bool,
    can_send_back: bool,
    can_explain: bool,
    silent: bool,
    verdicts: Vec<(&'static str, String, String)>,
    reusable: Vec<(i64, String)>,
    citation: String,
    law: Vec<(&'static str, String)>,
    uncertain: Option<String>,
    readings: Vec<ReadingView>,
    remarks: Vec<(String, String, String)>,
    history: Vec<(String, String)>,
    before: Option<(String, String)>,
    after: Option<(String, String)>,
    source: String,
}

fn shown_points(l: L, entry: &Entry) -> String {
    match &entry.self_score {
        Some(score) if matches!(score.kind, ScoreKind::Missing | ScoreKind::NotApplicable) => "–".to_owned(),
        Some(score) => l.points(&score.points),
        None => "–".to_owned(),
    }
}

/// The points of an entry with their reason, as a fragment of the page.
fn points_view(
    state: &store::State,
    l: L,
    opened: &Opened,
    sheet: &Sheet,
    read: &cycle::sheet::Read,
    place: usize,
) -> PointsView {
    let entry = &sheet.entries[place];
    let program = opened.program();
    let maximum = program.maximum_of(place);
    let because = because(state, l, opened, sheet, read, place);
    let points = entry.self_score.as_ref().map_or(Number::ZERO, |score| score.points);
    let whole = maximum.millionths() / 1_000_000;
    let (shown, max) = (shown_points(l, entry), l.number(&maximum));
    PointsView {
        meter: match l.is_english() {
            true => format!("{shown} of {max} points"),
            false => format!("{shown} trên {max} điểm"),
        },
        points: shown,
        max,
        shell_points: match l.0 {
            criteria::Language::Vietnamese => "điểm",
            criteria::Language::English => "points",
        },
        because,
        percent: percent(points, maximum),
        ticks: if (2..=20).contains(&whole) { whole } else { 10 },
    }
}

/// Figures of the profile and of the round that the rule uses: label, value, where it stands.
fn given(state: &store::State, l: L, opened: &Opened, place: usize) -> Vec<(String, String, String)> {
    let mut found: Vec<(String, String, String)> = Vec::new();
    opened.explained(state, l, place, |why| {
        let mut add = |used: &Used<'_>| {
            if !used.reference.contains('.') || found.iter().any(|one| one.0 == used.figure.label) {
                return;
            }
            let value = match used.cell {
                Cell::Missing => l.say("chưa có", "none yet").to_owned(),
                _ => sentence::value(used, l.0),
            };
            let place = match used.reference.starts_with("profile.") {
                true => l.say("thông tin chung", "unit profile"),
                false => l.say("số liệu của kỳ", "figure of the round"),
            };
            found.push((used.figure.label.clone(), value, place.to_owned()));
        };
        fn walk(reason: &scoring::explain::Reason<'_>, add: &mut impl FnMut(&Used<'_>)) {
            reason.figures.iter().for_each(&mut *add);
            reason.modifiers.iter().for_each(|modifier| add(&modifier.figure));
            reason.parts.iter().for_each(|part| walk(&part.reason, add));
        }
        if let Some((used, _)) = &why.exempt {
            add(used);
        }
        walk(&why.reason, &mut add);
    });
    found
}

fn meta(state: &store::State, l: L, opened: &Opened, indicator: &Indicator, place: usize) -> Vec<String> {
    let progress = &opened.progress[place];
    let mut meta = Vec::new();
    if let Some(due) = progress.due {
        let left = match progress.standing {
            Some(Standing::Left(days)) => format!(", {}", l.days_left(days)),
            Some(Standing::DoneLate(days)) => match l.is_english() {
                true => format!(", done {days} days late"),
                false => format!(", xong muộn {days} ngày"),
            },
            _ => String::new(),
        };
        meta.push(format!("{} {}{left}", l.say("hạn", "due"), l.date(&due)));
    }
    let assigned = state.assigned(opened.round.id, opened.unit.id, &indicator.id);
    let codes = |leads: bool| {
        let of = assigned.iter().filter(|one| one.leads == leads);
        of.filter_map(|one| state.positions.get(&one.position))
            .map(|one| one.code.as_str())
            .collect::<Vec<_>>()
            .join(", ")
    };
    for (leads, vi, en) in [(true, "chủ trì", "lead"), (false, "phối hợp", "coordinating")] {
        let names = codes(leads);
        if !names.is_empty() {
            meta.push(format!("{} {names}", l.say(vi, en)));
        }
    }
    let appraisers = &opened.round.settings.appraisers;
    let appraiser = appraisers.get(&indicator.id).or(indicator.appraiser.as_ref()).or_else(|| appraisers.get("*"));
    if let Some(appraiser) = appraiser {
        // The round's table names agencies by code, the set by the decision's own words.
        let name = state.tree.by_code(appraiser).map_or(appraiser.as_str(), |unit| unit.name.as_str());
        meta.push(format!("{} {name}", l.say("thẩm định:", "appraised by")));
    }
    meta
}

#[derive(Default)]
struct Extra {
    errors: Vec<(String, String)>,
    notice: Option<String>,
    typed: Option<EntryChange>,
    conflict: Option<Conflict>,
}

async fn draw(
    app: &App,
    person: &Person,
    opened: &Opened,
    indicator_id: &str,
    path: &str,
    extra: Extra,
) -> Result<EntryPage, Failure> {
    let l = person.l();
    let (place, entry) = opened.sheet.entry(indicator_id).ok_or(Failure::NotFound)?;
    let program = opened.program();
    let indicator = program.set.indicators().nth(place).ok_or(Failure::NotFound)?;
    let evidence = app.store.evidence_of(opened.sheet.id, indicator_id).await?;
    let everywhere = app.store.evidence_on(opened.sheet.id).await?;
    let proofs = Files::read(app, l, opened, indicator, &evidence, Reader::Unit).await?;
    let remarks = app.store.remarks(opened.sheet.id, indicator_id).await?;
    let history = app.store.history(opened.sheet.id, Some(indicator_id)).await?;
    let fill = allowed(app, person, opened, Action::Fill, indicator_id, entry.state);
    let editable = fill.is_ok();
    let can_attach = may(app, person, opened, Action::Attach, indicator_id, entry.state);
    let can_send_back = may(app, person, opened, Action::SendBack, indicator_id, entry.state);
    let explained = remarks.iter().any(|one| one.kind == store::records::RemarkKind::Explanation);
    let can_explain = may(app, person, opened, Action::Explain, indicator_id, entry.state);
    let verdicts =
        [(l.0.pick("Thẩm định", "Appraised"), &entry.appraised), (l.0.pick("Chốt", "Final"), &entry.final_score)];
    let verdicts = verdicts.into_iter().filter_map(|(name, verdict)| {
        let verdict = verdict.as_ref()?;
        Some((name, l.points(&verdict.score.points), verdict.reason.clone()))
    });
    let verdicts = verdicts.collect();
    let title = format!("{indicator_id} {}", indicator.name);
    let title = if extra.errors.is_empty() { title } else { format!("{} {title}", l.say("Lỗi:", "Error:")) };
    let shell = Shell::new(app, Some(person), l, path, Section::Sheet, title);
    let state = app.store.state();
    let proposals = match editable {
        true => proofs.proposals(&state, l, opened, indicator, &evidence),
        false => Vec::new(),
    };
    let mut shown = entry.clone();
    if let Some(typed) = &extra.typed {
        apply_typed(&mut shown, typed, app);
    }
    let fields = indicator
        .all_figures()
        .iter()
        .map(|figure| {
            let typed = shown.figures.get(&figure.id).map_or("", |value| value.typed.as_str());
            let own = |one: &&FieldProblem| one.indicator.as_deref() == Some(indicator_id) && one.figure == figure.id;
            let mut field = field_view(l, figure, typed, opened.read.problems.iter().find(own), editable);
            let from = shown.figures.get(&figure.id).and_then(|value| value.from.as_deref());
            field.origin = from.map(|from| format!("{} {from}", l.say("Nguồn:", "Source:"))).unwrap_or_default();
            field.proposals = beside(l, &proposals, &figure.id)?;
            if let Some(error) = extra.errors.iter().find(|error| error.0 == field.name) {
                field.why = Some(error.1.clone());
            }
            Ok(field)
        })
        .collect::<Result<_, Failure>>()?;
    let pillar = program.set.pillars.iter().find(|pillar| pillar.indicators.iter().any(|one| one.id == indicator.id));
    let pillar = pillar.ok_or(Failure::NotFound)?;
    let group = indicator.group_id().and_then(|id| pillar.groups.iter().find(|group| group.id == id));
    let neighbour = |at: Option<usize>| {
        let at = at?;
        program.set.indicators().nth(at).map(|one| (one.id.clone(), one.name.clone()))
    };
    let files = evidence
        .iter()
        .map(|file| FileView {
            id: file.id.0,
            name: file.name.clone(),
            href: file.link.clone().unwrap_or_else(|| format!("/evidence/{}", file.id)),
            outside: file.link.is_some(),
            thumbnail: file.withdrawn.is_none() && file.sha256.is_some() && super::preview::has_pages(&file.media),
            meta: format!(
                "{}{} · {}",
                if file.link.is_some() { String::new() } else { format!("{} · ", size(l, file.bytes)) },
                actor_name(&state, opened.unit.id, file.by, time::day_of(file.at)),
                l.instant(&file.at)
            ),
            withdrawn: file
                .withdrawn
                .as_ref()
                .map(|(at, why)| format!("{} {} {why}", l.say("Đã rút", "Withdrawn"), l.instant(at))),
            proof: proofs.fragments.get(&file.id).cloned().unwrap_or_default(),
        })
        .collect();
    let have = entry.evidence.len();
    let need = cycle::progress::evidence_needed(indicator);
    let what = indicator.evidence.iter().map(|one| one.what.as_str()).collect::<Vec<_>>().join("; ");
    let evidence_line = match (l.is_english(), need) {
        (true, 0) => format!("The document asks for none. There are {have}."),
        (true, _) => format!("Needed: {what}. There are {have} of at least {need}."),
        (false, 0) => format!("Văn bản không yêu cầu tài liệu. Đang có {have}."),
        (false, _) => format!("Cần: {what}. Đang có {have} trên ít nhất {need}."),
    };
    let points = points_view(&state, l, opened, &opened.sheet, &opened.read, place).render()?;
    let (answer, because) = match &shown.answer {
        Answer::Figures => ("figures", String::new()),
        Answer::NotDone { because } => ("not-done", because.clone()),
        Answer::NotApplicable { because } => ("not-applicable", because.clone()),
    };
    let saved = entry.updated_at.map(|at| {
        let who = entry.updated_by.map(|by| actor_name(&state, opened.unit.id, by, time::day_of(at)));
        format!("{} {} {}", l.say("Đã lưu", "Saved"), l.instant(&at), who.unwrap_or_default())
    });
    let mut seen = std::collections::BTreeSet::new();
    Ok(EntryPage {
        id: opened.sheet.id,
        unit: opened.unit.name.clone(),
        indicator: indicator.id.clone(),
        name: indicator.name.clone(),
        pillar_no: pillar.pillar.no.clone(),
        pillar: pillar.pillar.name.clone(),
        group: group.map(|group| format!("{}. {}", group.no.trim_end_matches('.'), group.name)),
        state: entry_state(l, entry, &opened.progress[place]),
        meta: meta(&state, l, opened, indicator, place),
        unsaved: extra.typed.is_some(),
        errors: extra.errors,
        notice: extra.notice,
        conflict: extra.conflict,
        returned: entry.returned.clone(),
        returned_due: entry
            .returned_due
            .filter(|_| entry.returned.is_some())
            .map(|due| format!("{} {}", l.say("hoàn thiện trước hết ngày", "complete it by"), l.date(&due))),
        explain_by: explain_by(l, opened),
        version: entry.version,
        points,
        fields,
        given: given(&state, l, opened, place),
        answer,
        because,
        note: shown.note.clone(),
        editable,
        why_not: match fill {
            Err(Denial::NotAllowed) => l
                .say(
                    "Chỉ xem: chỉ số này không giao cho bạn; đầu mối của đơn vị phân công.",
                    "To read only: this is not assigned to you; the unit's focal point assigns.",
                )
                .to_owned(),
            Err(denial) => format!("{} {}.", l.say("Chỉ xem.", "To read only."), l.text(&denial.text())),
            Ok(()) => String::new(),
        },
        saved: saved.unwrap_or_default(),
        evidence_line,
        requirement: proofs.requirement.clone(),
        files,
        can_attach,
        can_send_back,
        can_explain,
        silent: !explained && opened.round.is_silent(entry, opened.today),
        verdicts,
        reusable: everywhere
            .iter()
            .filter(|file| file.indicator != indicator_id && seen.insert(file.sha256.clone().or(file.link.clone())))
            .map(|file| (file.id.0, format!("{} · {}", file.indicator, file.name)))
            .collect(),
        citation: sentence::citation(&program.set.head.document, &indicator.id),
        law: law(l, indicator),
        uncertain: indicator.uncertain.clone(),
        readings: readings(l, opened, indicator_id),
        remarks: remarks
            .iter()
            .map(|one| {
                let who = actor_name(&state, opened.unit.id, one.by, time::day_of(one.at));
                (remark_by(l, one, &who), l.instant(&one.at), one.words.clone())
            })
            .collect(),
        history: history
            .iter()
            .filter(|event| opened.tells(place, event))
            .map(|event| (l.instant(&event.at), event_sentence(&state, l, opened.unit.id, event)))
            .collect(),
        before: neighbour(place.checked_sub(1)),
        after: neighbour(Some(place + 1)),
        source: super::sheet::source(opened),
        shell,
    })
}

/// By when a difference may be explained, and what silence until then means.
fn explain_by(l: L, opened: &Opened) -> String {
    let turn = opened.round.explanation_turn(opened.today);
    let days = opened.round.explanations();
    let Some(days) = turn.checked_sub(1).and_then(|at| days.get(at)) else { return String::new() };
    match l.is_english() {
        true => format!(
            "Round {turn} of explanation, until {}. Whoever stays silent until then accepts the appraised points.",
            l.date(&days.to)
        ),
        false => format!(
            "Đợt giải trình {turn}, đến hết ngày {}. Im lặng đến hết hạn là chấp nhận điểm thẩm định.",
            l.date(&days.to)
        ),
    }
}

/// A size as people read it.
pub fn size(l: L, bytes: u64) -> String {
    let tenths = |unit: u64| {
        let tenths = bytes * 10 / unit;
        let (whole, rest) = (tenths / 10, tenths % 10);
        let sign = if l.is_english() { '.' } else { ',' };
        if rest == 0 { whole.to_string() } else { format!("{whole}{sign}{rest}") }
    };
    match bytes {
        0..1_000 => format!("{bytes} byte"),
        1_000..1_000_000 => format!("{} kB", tenths(1_000)),
        _ => format!("{} MB", tenths(1_000_000)),
    }
}

/// `GET /sheets/SHEET/entries/INDICATOR`
pub async fn page(
    State(app): State<App>,
    person: Person,
    OriginalUri(uri): OriginalUri,
    Path((id, indicator)): Path<(AssessmentId, String)>,
) -> Result<Response, Failure> {
    let opened = Opened::get(&app, &person, id).await?.with_proofs(&app).await?;
    let l = person.l();
    let notice = match uri.query() {
        Some("ready") => {
            let done = l.say("Đã đánh dấu xong.", "Marked as completed.");
            let place = opened.sheet.entry(&indicator).map(|(place, _)| place);
            let lacks = place.map(|place| lacks(l, &opened.progress[place].lacks)).unwrap_or_default();
            Some(match lacks.is_empty() {
                true => done.to_owned(),
                false => format!("{done} {} {lacks}.", l.say("Nhưng:", "But:")),
            })
        }
        Some("saved") => Some(l.say("Đã lưu.", "Saved.").to_owned()),
        _ => None,
    };
    let extra = Extra { notice, ..Extra::default() };
    html(&draw(&app, &person, &opened, &indicator, uri.path(), extra).await?)
}

#[derive(Debug, Default, Deserialize)]
pub struct EntryForm {
    #[serde(default)]
    version: Option<String>,
    #[serde(default)]
    answer: Option<String>,
    #[serde(default)]
    because: Option<String>,
    #[serde(default)]
    note: Option<String>,
    #[serde(default, rename = "do")]
    then: Option<String>,
    #[serde(flatten)]
    others: BTreeMap<String, String>,
}

impl EntryForm {
    /// A field as it came; `None` where the form does not hold it.
    fn field(&self, name: &str) -> Option<String> {
        match name {
            "answer" => self.answer.clone(),
            "because" => self.because.clone(),
            "note" => self.note.clone(),
            _ => self.others.get(name).cloned(),
        }
    }

    /// What the form changes. A field that the form does not hold stays as it is.
    fn change(&self) -> EntryChange {
        let because = self.because.clone().unwrap_or_default();
        let answer = self.answer.as_deref().map(|answer| match answer {
            "not-done" => Answer::NotDone { because: because.clone() },
            "not-applicable" => Answer::NotApplicable { because: because.clone() },
            _ => Answer::Figures,
        });
        let figures = self
            .others
            .iter()
            .filter_map(|(name, value)| Some((name.strip_prefix("f-")?.to_owned(), value.trim().to_owned())));
        EntryChange {
            figures: figures.collect(),
            answer,
            note: self.note.as_ref().map(|note| note.trim().replace("\r\n", "\n")),
        }
    }
}

fn apply_typed(entry: &mut Entry, change: &EntryChange, app: &App) {
    for (id, typed) in &change.figures {
        let value = cycle::FigureValue { typed: typed.clone(), by: None, at: app.now(), from: None };
        entry.figures.insert(id.clone(), value);
    }
    if let Some(answer) = &change.answer {
        entry.answer = answer.clone();
    }
    if let Some(note) = &change.note {
        entry.note.clone_from(note);
    }
}

fn reads(l: L, indicator: &Indicator, entry: &Entry, problems: &[FieldProblem]) -> JsonValue {
    let mut reads = serde_json::Map::new();
    for figure in indicator.all_figures() {
        let typed = entry.figures.get(&figure.id).map_or("", |value| value.typed.as_str());
        let problem =
            problems.iter().find(|one| one.indicator.as_deref() == Some(&indicator.id) && one.figure == figure.id);
        let (text, wrong) = match problem {
            Some(problem) => (l.text(&problem.message).to_owned(), true),
            None => understood(l, &figure, typed),
        };
        reads.insert(format!("f-{}", figure.id), json!({ "text": text, "wrong": wrong }));
    }
    JsonValue::Object(reads)
}

/// A sheet as it would be with a change of one entry, read and scored; nothing is kept.
pub(crate) fn tried(
    app: &App,
    person: &Person,
    opened: &Opened,
    place: usize,
    mut change: EntryChange,
) -> (Sheet, Read) {
    let mut sheet = opened.sheet.as_ref().clone();
    change.figures.retain(|_, typed| typed.len() <= store::limits::VALUE_BYTES_MAX);
    apply_typed(&mut sheet.entries[place], &change, app);
    for value in sheet.entries[place].figures.values_mut().filter(|value| value.by.is_none() && value.from.is_none()) {
        value.by = Some(person.account);
    }
    let context = opened.level.context(opened.row.block, &opened.exempt);
    let read = sheet.read(&context);
    sheet.rescore(&context, &read);
    (sheet, read)
}

/// `POST /sheets/SHEET/entries/INDICATOR/preview`: the points that a change would give. Nothing is saved.
pub async fn preview(
    State(app): State<App>,
    person: Person,
    Path((id, indicator)): Path<(AssessmentId, String)>,
    Form(form): Form<EntryForm>,
) -> Result<Response, Failure> {
    let opened = Opened::get(&app, &person, id).await?;
    let (place, _) = opened.sheet.entry(&indicator).ok_or(Failure::NotFound)?;
    let l = person.l();
    let (sheet, read) = tried(&app, &person, &opened, place, form.change());
    let state = app.store.state();
    let points = points_view(&state, l, &opened, &sheet, &read, place).render()?;
    let known = opened.program().set.indicators().nth(place).ok_or(Failure::NotFound)?;
    Ok(Json(json!({ "points": points, "reads": reads(l, known, &sheet.entries[place], &read.problems) }))
        .into_response())
}

fn wants_json(headers: &HeaderMap) -> bool {
    headers.get(header::ACCEPT).is_some_and(|value| value.as_bytes().starts_with(b"application/json"))
}

/// `POST /sheets/SHEET/entries/INDICATOR`: saves; with `do=ready` marks it completed too.
pub async fn save(
    State(app): State<App>,
    person: Person,
    OriginalUri(uri): OriginalUri,
    Path((id, indicator)): Path<(AssessmentId, String)>,
    headers: HeaderMap,
    Form(form): Form<EntryForm>,
) -> Result<Response, Failure> {
    Opened::check(&app, &person, id)?;
    let version = form.version.as_deref().and_then(|version| version.parse().ok()).unwrap_or(-1);
    let change = form.change();
    let actor = Actor::Account(person.account);
    let command = Command::SaveEntry { assessment: id, indicator: indicator.clone(), version, change: change.clone() };
    let saved = app.store.change(actor, app.now(), command).await;
    let json = wants_json(&headers);
    let l = person.l();
    let saved = match saved {
        Ok(done) => done,
        Err(Refusal::Stale(sheet)) if json => {
            let opened = Opened::get(&app, &person, id).await?;
            let conflict = Conflict::of(&app, l, &opened, &sheet, &indicator)?;
            return Ok(conflict.problem(l));
        }
        Err(Refusal::Stale(sheet)) => {
            let now = Opened::get(&app, &person, id).await?;
            let conflict = Conflict::of(&app, l, &now, &sheet, &indicator)?.beside(|name| form.field(name));
            let extra = Extra { conflict: Some(conflict), typed: Some(change), ..Extra::default() };
            let page = draw(&app, &person, &now, &indicator, uri.path(), extra).await?;
            return Ok((StatusCode::CONFLICT, Html(page.render()?)).into_response());
        }
        Err(Refusal::Invalid(fields)) if !json => {
            let opened = Opened::get(&app, &person, id).await?;
            return refused(&app, &person, &opened, &indicator, uri.path(), &fields, Some(change)).await;
        }
        Err(refusal) => return Err(refusal.into()),
    };
    if form.then.as_deref() == Some("ready") {
        let version = saved.version.unwrap_or(version);
        let command = Command::MarkReady { assessment: id, indicator: indicator.clone(), version };
        return match app.store.change(actor, app.now(), command).await {
            Ok(_) => Ok(Redirect::to(&format!("/sheets/{id}/entries/{indicator}?ready")).into_response()),
            Err(Refusal::Invalid(fields)) => {
                let now = Opened::get(&app, &person, id).await?;
                refused(&app, &person, &now, &indicator, uri.path(), &fields, None).await
            }
            Err(refusal) => Err(refusal.into()),
        };
    }
    if !json {
        return Ok(Redirect::to(&format!("/sheets/{id}/entries/{indicator}?saved")).into_response());
    }
    let opened = Opened::get(&app, &person, id).await?;
    let (place, entry) = opened.sheet.entry(&indicator).ok_or(Failure::NotFound)?;
    let state = app.store.state();
    let points = points_view(&state, l, &opened, &opened.sheet, &opened.read, place).render()?;
    let known = opened.program().set.indicators().nth(place).ok_or(Failure::NotFound)?;
    let word = entry_state(l, entry, &opened.progress[place]);
    let answer = json!({
        "version": entry.version, "points": points, "reads": reads(l, known, entry, &opened.read.problems),
        "state": { "class": word.class, "word": word.word },
    });
    Ok(Json(answer).into_response())
}

async fn refused(
    app: &App,
    person: &Person,
    opened: &Opened,
    indicator: &str,
    path: &str,
    fields: &[store::command::FieldRefusal],
    unsaved: Option<EntryChange>,
) -> Result<Response, Failure> {
    let l = person.l();
    let known = opened.program().set.indicator(indicator).ok_or(Failure::NotFound)?.all_figures();
    let errors = fields.iter().map(|field| {
        let name = match known.iter().any(|figure| figure.id == field.field) {
            true => format!("f-{}", field.field),
            false => field.field.clone(),
        };
        (name, l.text(&field.message).to_owned())
    });
    let extra = Extra { errors: errors.collect(), typed: unsaved, ..Extra::default() };
    let page = draw(app, person, opened, indicator, path, extra).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, Html(page.render()?)).into_response())
}
