//! A draft set beside the document that it was made of: what was read, what was proposed and why, what the checker
//! finds; readings are answered here, and the draft becomes a set here.

use std::collections::BTreeMap;
use std::sync::Arc;

use askama::Template;
use axum::Form;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use criteria::check::{Finding, Severity, check};
use criteria::model::Indicator;
use criteria::{CriteriaSet, Files, Problem, Text};
use cycle::{Capability, DraftId};
use serde::Deserialize;
use store::drafts::{Draft, DraftState};
use store::{Actor, Command, Refusal};

use super::set_view::{self, FindingView, IndicatorView, SetReadingView};
use crate::app::App;
use crate::by_hand::{Marks, changed, is_rule_changed};
use crate::drafting::{Anchor, Changed, Fields, Proposal, Wrong, answer, kept_anchors, report, told};
use crate::failure::Failure;
use crate::person::Person;
use crate::view::{L, Section, Shell};

/// Lines of the document that one page shows.
const LINES_SHOWN_MAX: usize = 4_000;
/// Problems and findings of one gravity that one page shows.
const SHOWN_MAX: usize = 300;

/// A draft with its files, read and checked.
pub struct Loaded {
    /// The head.
    pub draft: Draft,
    /// The version of the files.
    pub version: i64,
    /// The files.
    pub files: Arc<Files>,
    /// The set, or why the files do not read as one.
    pub set: Result<CriteriaSet, Vec<Problem>>,
    /// What the checker finds.
    pub findings: Vec<Finding>,
}

impl Loaded {
    /// The text of the document.
    pub fn text(&self) -> &str {
        let named = |name: &&String| name.starts_with("source/");
        self.files.keys().find(named).and_then(|name| self.files.get(name)).map_or("", String::as_str)
    }

    /// Whether it can still be changed.
    pub fn is_open(&self) -> bool {
        self.draft.state == DraftState::Open
    }
}

/// The drafts of the units whose rounds a person runs: open ones first, the latest first.
pub fn drafts_of<'s>(state: &'s store::State, person: &Person) -> Vec<&'s Draft> {
    let may = |owner| person.may(state, Capability::RunRound, owner);
    let mut drafts: Vec<&Draft> =
        state.drafts.values().filter(|one| one.state != DraftState::Dropped && may(one.owner)).collect();
    drafts.sort_by_key(|one| (one.state != DraftState::Open, std::cmp::Reverse(one.changed_at)));
    drafts
}

/// A draft, for those who run rounds of its unit; for others there is no such page.
pub async fn load(app: &App, person: &Person, id: DraftId) -> Result<Loaded, Failure> {
    let draft = {
        let state = app.store.state();
        let draft = state.drafts.get(&id).filter(|draft| draft.state != DraftState::Dropped);
        let draft = draft.filter(|draft| person.may(&state, Capability::RunRound, draft.owner));
        draft.cloned().ok_or(Failure::NotFound)?
    };
    let (version, files) = app.store.draft_files(id).await?.ok_or(Failure::NotFound)?;
    let read = tokio::task::spawn_blocking(move || {
        let set = CriteriaSet::read("", &files);
        let findings = set.as_ref().map(check).unwrap_or_default();
        (files, set, findings)
    });
    let (files, set, findings) = read.await.map_err(|_| Failure::Internal)?;
    Ok(Loaded { draft, version, files: Arc::new(files), set, findings })
}

/// A line of the document, with the indicators that begin there.
pub struct LineView {
    /// Its number.
    pub no: usize,
    /// Its words.
    pub words: String,
    /// The indicators.
    pub ids: Vec<String>,
}

/// The lines of a document from `from` on, at most `most`.
pub fn lines(text: &str, anchors: &BTreeMap<String, Anchor>, from: usize, most: usize) -> Vec<LineView> {
    let mut at: BTreeMap<usize, Vec<String>> = BTreeMap::new();
    for (id, anchor) in anchors {
        if let Some(line) = anchor.line {
            at.entry(line).or_default().push(id.clone());
        }
    }
    let numbered = text.lines().enumerate().skip(from.saturating_sub(1)).take(most);
    let shown = numbered.map(|(index, words)| {
        let no = index + 1;
        LineView { no, words: words.trim_end().replace('\t', " │ "), ids: at.remove(&no).unwrap_or_default() }
    });
    shown.collect()
}

/// How sure a proposal is, as a shape and a word.
pub fn confidence(
    l: L,
    proposal: &Proposal,
    was: Option<&Marks>,
    now: Option<&Indicator>,
) -> (&'static str, &'static str) {
    let say = |vi, en| if l.is_english() { en } else { vi };
    let by_hand =
        |one: &Indicator| one.rule.kind() != proposal.kind || was.is_some_and(|was| is_rule_changed(was, one));
    if now.is_some_and(by_hand) {
        return ("done", say("Người đã sửa", "Changed by hand"));
    }
    match proposal.confidence.as_str() {
        "high" => ("done", say("Chắc", "Sure")),
        "medium" => ("open", say("Khá chắc", "Fairly sure")),
        "low" => ("warn", say("Chỉ là đoán", "A guess")),
        _ => ("none", say("Không có đề xuất", "No proposal")),
    }
}

/// A problem beside what it is about.
pub struct WrongView {
    /// The field.
    pub field: String,
    /// What is wrong and what to do.
    pub message: String,
    /// The line with a caret.
    pub excerpt: Option<String>,
}

/// Problems in the language of the page.
pub fn wrongs(l: L, found: &[Wrong]) -> Vec<WrongView> {
    let view = |one: &Wrong| WrongView {
        field: one.field.clone(),
        message: l.text(&one.message).to_owned(),
        excerpt: one.excerpt.clone(),
    };
    found.iter().take(SHOWN_MAX).map(view).collect()
}

struct DraftIndicator {
    view: IndicatorView,
    class: &'static str,
    sure: &'static str,
    /// Words and points that a person changed.
    by_hand: String,
    rests_on: Vec<String>,
    doubts: Vec<String>,
    line: Option<(usize, String)>,
    place: String,
}

struct DraftPillar {
    no: String,
    name: String,
    points: String,
    file: String,
    groups: Vec<(String, String, Vec<DraftIndicator>)>,
}

#[derive(Template)]
#[template(path = "set_draft.html")]
struct DraftPage {
    shell: Shell,
    id: DraftId,
    version: i64,
    set: String,
    file: String,
    open: bool,
    adopted: Option<String>,
    done: bool,
    problem: Option<String>,
    broken: Vec<WrongView>,
    files: Vec<String>,
    counts: (usize, usize, usize),
    unsure: usize,
    indicators: usize,
    findings: Vec<FindingView>,
    notes: Vec<FindingView>,
    doubts: Vec<String>,
    readings: Vec<SetReadingView>,
    pillars: Vec<DraftPillar>,
    lines: Vec<LineView>,
    before: Option<usize>,
    after: Option<usize>,
}

/// Which part of the document to show, and whether something was just done.
#[derive(Default, Deserialize)]
pub struct Asked {
    #[serde(default)]
    line: usize,
    done: Option<String>,
}

fn draw(
    app: &App,
    person: &Person,
    loaded: &Loaded,
    asked: &Asked,
    problem: Option<&Text>,
) -> Result<DraftPage, Failure> {
    let l = person.l();
    let id = loaded.draft.id;
    let path = format!("/sets/drafts/{id}");
    let shell = Shell::new(app, Some(person), l, &path, Section::Rounds, loaded.draft.title.as_str());
    let anchors = kept_anchors(&loaded.files);
    let (doubts, proposals) = report(&loaded.files);
    let total = loaded.text().lines().count();
    // A document of more lines than a page shows is shown in pieces.
    let from = asked.line.max(1).min(total.max(1)) - 1;
    let from = from / LINES_SHOWN_MAX * LINES_SHOWN_MAX + 1;
    let lines = lines(loaded.text(), &anchors, from, LINES_SHOWN_MAX);
    let link = |line: usize| match (from..from + LINES_SHOWN_MAX).contains(&line) {
        true => format!("#l-{line}"),
        false => format!("{path}?line={line}#l-{line}"),
    };
    let nothing = Proposal::default();
    let indicator = |view: IndicatorView, set: &CriteriaSet| {
        let proposal = proposals.get(&view.id).unwrap_or(&nothing);
        let (now, anchor) = (set.indicator(&view.id), anchors.get(&view.id));
        let was = anchor.map(|anchor| &anchor.was);
        let (class, sure) = confidence(l, proposal, was, now);
        DraftIndicator {
            class,
            sure,
            by_hand: was.zip(now).map(|(was, now)| changed(l, was, now)).unwrap_or_default(),
            rests_on: proposal.words.clone(),
            doubts: proposal.doubts.iter().map(|text| l.text(text).to_owned()).collect(),
            line: anchor.and_then(|anchor| anchor.line).map(|line| (line, link(line))),
            place: anchor.map(|anchor| l.text(&anchor.place).to_owned()).unwrap_or_default(),
            view,
        }
    };
    let set = loaded.set.as_ref().ok();
    let pillars = set.map(|set| {
        let files = set.head.pillars.iter().cloned();
        let views = set_view::pillars(l, set, &loaded.findings);
        let pillar = |(view, file): (set_view::PillarView, String)| DraftPillar {
            no: view.no,
            name: view.name,
            points: view.points,
            file,
            groups: view
                .groups
                .into_iter()
                .map(|group| {
                    let indicators = group.indicators.into_iter().map(|one| indicator(one, set)).collect();
                    (group.id, group.name, indicators)
                })
                .collect(),
        };
        views.into_iter().zip(files).map(pillar).collect()
    });
    let (notes, grave): (Vec<_>, Vec<_>) = loaded.findings.iter().partition(|one| one.severity == Severity::Note);
    let shown = |list: Vec<&Finding>| list.into_iter().take(SHOWN_MAX).map(|one| set_view::finding(l, one)).collect();
    let broken = loaded.set.as_ref().err().map(Vec::as_slice).unwrap_or_default();
    let broken: Vec<Wrong> = broken.iter().map(|one| told(one, "", &loaded.files, None)).collect();
    Ok(DraftPage {
        shell,
        id,
        version: loaded.version,
        set: loaded.draft.set.clone(),
        file: loaded.draft.file.clone(),
        open: loaded.is_open(),
        adopted: (loaded.draft.state == DraftState::Adopted).then(|| loaded.draft.set.clone()),
        done: asked.done.is_some(),
        problem: problem.map(|text| l.text(text).to_owned()),
        broken: wrongs(l, &broken),
        files: loaded.files.keys().filter(|name| name.ends_with(".toml")).cloned().collect(),
        counts: set_view::counted(&loaded.findings),
        unsure: set.map_or(0, |set| set.indicators().filter(|one| one.uncertain.is_some()).count()),
        indicators: set.map_or(0, |set| set.indicators().count()),
        findings: shown(grave),
        notes: shown(notes),
        doubts: doubts.iter().map(|text| l.text(text).to_owned()).collect(),
        readings: set
            .map(|set| set.head.readings.iter().map(|one| set_view::reading(l, one)).collect())
            .unwrap_or_default(),
        pillars: pillars.unwrap_or_default(),
        before: (from > 1).then(|| from - LINES_SHOWN_MAX),
        after: (from + LINES_SHOWN_MAX <= total).then_some(from + LINES_SHOWN_MAX),
        lines,
    })
}

/// `GET /sets/drafts/DRAFT`
pub async fn page(
    State(app): State<App>,
    person: Person,
    Path(id): Path<DraftId>,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    let loaded = load(&app, &person, id).await?;
    super::html(&draw(&app, &person, &loaded, &asked, None)?)
}

/// The page again, with why what was asked was not done.
fn refuse(app: &App, person: &Person, loaded: &Loaded, stale: bool, why: &Text) -> Result<Response, Failure> {
    let page = draw(app, person, loaded, &Asked::default(), Some(why))?;
    let status = if stale { StatusCode::CONFLICT } else { StatusCode::UNPROCESSABLE_ENTITY };
    Ok((status, Html(page.render()?)).into_response())
}

/// What a form of this page names.
#[derive(Deserialize)]
pub struct Act {
    #[serde(default)]
    version: i64,
    #[serde(default)]
    reading: String,
    #[serde(default)]
    answer: String,
    decided: Option<String>,
}

/// Has a change made, and says what came of it.
pub async fn ask(app: &App, person: &Person, command: Command) -> Result<Result<(), (bool, Text)>, Failure> {
    match app.store.change(Actor::Account(person.account), app.now(), command).await {
        Ok(_) => Ok(Ok(())),
        Err(Refusal::Invalid(wrong)) => match wrong.into_iter().next() {
            Some(first) => Ok(Err((first.field == "version", first.message))),
            None => Err(Failure::Internal),
        },
        Err(refusal) => Err(refusal.into()),
    }
}

async fn act(app: &App, person: &Person, id: DraftId, to: &str, command: Command) -> Result<Response, Failure> {
    match ask(app, person, command).await? {
        Ok(()) => Ok(Redirect::to(to).into_response()),
        Err((stale, why)) => {
            let loaded = load(app, person, id).await?;
            refuse(app, person, &loaded, stale, &why)
        }
    }
}

/// `POST /sets/drafts/DRAFT/readings`
pub async fn read(
    State(app): State<App>,
    person: Person,
    Path(id): Path<DraftId>,
    Form(form): Form<Act>,
) -> Result<Response, Failure> {
    let loaded = load(&app, &person, id).await?;
    let Changed { files, what } = match answer(&loaded.files, &form.reading, &form.answer, form.decided.is_some()) {
        Ok(changed) => changed,
        Err(wrong) => {
            let why = wrong.first().map(|one| one.message.clone()).ok_or(Failure::Internal)?;
            return refuse(&app, &person, &loaded, false, &why);
        }
    };
    let command = Command::EditDraft { draft: id, version: form.version, files, at: form.reading, what };
    act(&app, &person, id, &format!("/sets/drafts/{id}?done#readings"), command).await
}

/// A draft cannot take the id of a set that ships with the product.
pub fn free_id(app: &App, loaded: &Loaded) -> Result<(), Text> {
    match &loaded.set {
        Ok(set) if app.library.sets.contains_key(&set.head.id) => {
            let set = &set.head.id;
            Err(Text::new(
                format!("Đã có bộ chỉ số mang mã “{set}”; hãy đổi mã của bản nháp"),
                format!("There is a set with the id \"{set}\" already; give the draft another one"),
            ))
        }
        _ => Ok(()),
    }
}

/// `POST /sets/drafts/DRAFT/adopt`: a set from now on, offered where rounds are set up.
pub async fn adopt(
    State(app): State<App>,
    person: Person,
    Path(id): Path<DraftId>,
    Form(form): Form<Act>,
) -> Result<Response, Failure> {
    let loaded = load(&app, &person, id).await?;
    if let Err(why) = free_id(&app, &loaded) {
        return refuse(&app, &person, &loaded, false, &why);
    }
    let to = loaded.set.as_ref().map(|set| format!("/sets/{}", set.head.id)).unwrap_or_default();
    act(&app, &person, id, &to, Command::AdoptDraft { draft: id, version: form.version }).await
}

/// `POST /sets/drafts/DRAFT/drop`
pub async fn put_away(
    State(app): State<App>,
    person: Person,
    Path(id): Path<DraftId>,
    Form(form): Form<Act>,
) -> Result<Response, Failure> {
    load(&app, &person, id).await?;
    act(&app, &person, id, "/sets", Command::DropDraft { draft: id, version: form.version }).await
}

/// Fields that differ between what was typed and what stands there now: the field, what was typed, what stands there.
pub fn differing(typed: &Fields, now: &Fields) -> Vec<(String, String, String)> {
    let clean =
        |text: Option<&String>| text.map(|text| text.replace("\r\n", "\n").trim().to_owned()).unwrap_or_default();
    let keys = typed.keys().chain(now.keys()).filter(|key| !["version", "read"].contains(&key.as_str()));
    let keys: std::collections::BTreeSet<&String> = keys.collect();
    let rows = keys.into_iter().map(|key| (key.clone(), clean(typed.get(key)), clean(now.get(key))));
    rows.filter(|(_, typed, now)| typed != now).collect()
}
