//! Editing a draft set: one indicator beside its words in the document, the head, or a file as text. What cannot be
//! taken comes back as it was typed, with the reason beside it; what somebody else changed meanwhile is shown first.

use std::collections::BTreeSet;

use askama::Template;
use axum::Form;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use criteria::Text;
use criteria::quote::readable;
use cycle::DraftId;
use serde::Deserialize;
use store::Command;

use super::set_draft::{LineView, Loaded, WrongView, ask, confidence, differing, lines, load, wrongs};
use super::set_view::{self, FindingView};
use crate::app::App;
use crate::by_hand::changed;
use crate::drafting::{
    self, Changed, EVIDENCE_MAX, Fields, Wrong, change, change_file, change_head, kept_anchors, report,
};
use crate::failure::Failure;
use crate::person::Person;
use crate::view::{L, Section, Shell};

/// Lines of the document before an indicator that its page shows.
const LINES_BEFORE: usize = 2;
/// Most lines of the document beside an indicator.
const LINES_BESIDE_MAX: usize = 80;

/// A field of words: its name, its label, how many rows it has.
type WordsField = (&'static str, &'static str, usize);

/// A row of evidence.
struct EvidenceRow {
    at: usize,
    what: String,
    signed: bool,
    least: String,
    wrong: Option<String>,
}

#[derive(Template)]
#[template(path = "set_edit.html")]
struct EditPage {
    shell: Shell,
    id: DraftId,
    draft: String,
    version: i64,
    indicator: String,
    heading: String,
    problems: Vec<WrongView>,
    conflict: Vec<(String, String, String)>,
    stale: Option<String>,
    form: Typed,
    words: Vec<WordsField>,
    evidence: Vec<EvidenceRow>,
    uncertain: Option<String>,
    sure: (&'static str, &'static str),
    /// Words and points that a person changed.
    by_hand: String,
    /// Whether every word stands in the document.
    quoted: bool,
    rests_on: Vec<String>,
    doubts: Vec<String>,
    sentence: String,
    findings: Vec<FindingView>,
    lines: Vec<LineView>,
    here: BTreeSet<usize>,
    before: Option<String>,
    after: Option<String>,
}

/// A form as it was typed, with what is wrong with it.
pub(super) struct Typed {
    fields: Fields,
    problems: Vec<WrongView>,
}

impl Typed {
    fn value(&self, name: &str) -> &str {
        self.fields.get(name).map_or("", String::as_str)
    }

    fn wrong<'s>(&'s self, name: &'s str) -> impl Iterator<Item = &'s WrongView> {
        self.problems.iter().filter(move |one| one.field == name)
    }

    fn is_wrong(&self, name: &str) -> bool {
        self.wrong(name).next().is_some()
    }
}

/// What went wrong with a change: problems by field, or that somebody was quicker.
pub(crate) struct Trouble {
    /// Problems, by field.
    pub wrong: Vec<Wrong>,
    /// That somebody was quicker.
    pub stale: Option<Text>,
}

impl Trouble {
    pub const NONE: Self = Self { wrong: Vec::new(), stale: None };

    pub fn status(&self) -> StatusCode {
        match (self.stale.is_some(), self.wrong.is_empty()) {
            (true, _) => StatusCode::CONFLICT,
            (false, true) => StatusCode::OK,
            (false, false) => StatusCode::UNPROCESSABLE_ENTITY,
        }
    }
}

fn draw(
    app: &App,
    person: &Person,
    loaded: &Loaded,
    indicator: &str,
    typed: Option<Fields>,
    trouble: &Trouble,
) -> Result<Response, Failure> {
    let l = person.l();
    let set = loaded.set.as_ref().map_err(|_| Failure::NotFound)?;
    let one = set.indicator(indicator).ok_or(Failure::NotFound)?;
    let now = drafting::fields(&loaded.files, set, one);
    let conflict = match (&trouble.stale, &typed) {
        (Some(_), Some(typed)) => differing(typed, &now),
        _ => Vec::new(),
    };
    let typed = typed.unwrap_or(now);
    let failed = if trouble.status() == StatusCode::OK { "" } else { l.say("Lỗi: ", "Error: ") };
    let heading = format!("{} {}", one.no, readable(&one.name));
    let title = format!("{failed}{heading}");
    let path = format!("/sets/drafts/{}/{indicator}", loaded.draft.id);
    let rows = (0..EVIDENCE_MAX).filter(|at| typed.contains_key(&format!("evidence-{at}-what")));
    let mut rows: Vec<usize> = rows.collect();
    rows.extend((0..EVIDENCE_MAX).find(|at| !rows.contains(at)));
    let value = |name: String| typed.get(&name).cloned().unwrap_or_default();
    let row = |at: usize| EvidenceRow {
        at,
        what: value(format!("evidence-{at}-what")),
        signed: typed.contains_key(&format!("evidence-{at}-signed")),
        least: value(format!("evidence-{at}-least")),
        wrong: {
            let field = format!("evidence-{at}-least");
            trouble.wrong.iter().find(|one| one.field == field).map(|one| l.text(&one.message).to_owned())
        },
    };
    let say = |vi: &'static str, en: &'static str| if l.is_english() { en } else { vi };
    let anchors = kept_anchors(&loaded.files);
    let begin = anchors.get(indicator).and_then(|anchor| anchor.line);
    let end = begin.and_then(|begin| anchors.values().filter_map(|one| one.line).filter(|line| *line > begin).min());
    let (from, count) = match begin {
        Some(begin) => {
            let from = begin.saturating_sub(LINES_BEFORE).max(1);
            (from, end.map_or(LINES_BESIDE_MAX, |end| (end - from).clamp(1, LINES_BESIDE_MAX)))
        }
        None => (1, 0),
    };
    let here = begin.map(|begin| (begin..from + count).collect()).unwrap_or_default();
    let was = anchors.get(indicator).map(|anchor| &anchor.was);
    let proposal = report(&loaded.files).1.remove(indicator).unwrap_or_default();
    let order: Vec<&str> = set.indicators().map(|one| one.id.as_str()).collect();
    let place = order.iter().position(|id| *id == indicator).unwrap_or_default();
    let page = EditPage {
        shell: Shell::new(app, Some(person), l, &path, Section::Rounds, title),
        id: loaded.draft.id,
        draft: loaded.draft.title.clone(),
        version: loaded.version,
        indicator: indicator.to_owned(),
        heading,
        problems: wrongs(l, &trouble.wrong),
        conflict,
        stale: trouble.stale.as_ref().map(|text| l.text(text).to_owned()),
        words: vec![
            ("guidance", say("Nội dung thực hiện", "What is to be done"), 4),
            ("text", say("Điều kiện đảm bảo, cách tính điểm", "Conditions and scoring"), 5),
            ("notes", say("Ghi chú", "Notes"), 2),
            ("source", say("Nguồn số liệu", "Source of the figures"), 2),
            ("appraiser", say("Cơ quan thẩm định", "Appraiser"), 2),
        ],
        evidence: rows.into_iter().map(row).collect(),
        uncertain: one.uncertain.clone(),
        sure: confidence(l, &proposal, was, Some(one)),
        by_hand: was.map(|was| changed(l, was, one)).unwrap_or_default(),
        quoted: loaded.findings.iter().all(|found| found.at != indicator || found.code != "quote-not-found"),
        rests_on: proposal.words.clone(),
        doubts: proposal.doubts.iter().map(|text| l.text(text).to_owned()).collect(),
        sentence: documents::rule_words::rule_words(one, &set.head),
        findings: loaded
            .findings
            .iter()
            .filter(|found| found.at == indicator)
            .map(|found| set_view::finding(l, found))
            .collect(),
        lines: lines(loaded.text(), &anchors, from, count),
        here,
        before: place.checked_sub(1).and_then(|at| order.get(at)).map(|id| (*id).to_owned()),
        after: order.get(place + 1).map(|id| (*id).to_owned()),
        form: Typed { fields: typed, problems: wrongs(l, &trouble.wrong) },
    };
    Ok((trouble.status(), Html(page.render()?)).into_response())
}

/// `GET /sets/drafts/DRAFT/INDICATOR`
pub async fn page(
    State(app): State<App>,
    person: Person,
    Path((id, indicator)): Path<(DraftId, String)>,
) -> Result<Response, Failure> {
    let loaded = load(&app, &person, id).await?;
    if !loaded.is_open() {
        return Ok(Redirect::to(&format!("/sets/drafts/{id}#at-{indicator}")).into_response());
    }
    draw(&app, &person, &loaded, &indicator, None, &Trouble::NONE)
}

/// Saves what was made of a draft, or says why not. A draft that was changed since it was shown stays as it is.
pub(crate) async fn keep(
    app: &App,
    person: &Person,
    loaded: &Loaded,
    version: i64,
    at: &str,
    made: Result<Changed, Vec<Wrong>>,
) -> Result<Result<(), Trouble>, Failure> {
    let (id, now) = (loaded.draft.id, loaded.version);
    if version != now {
        let stale = Text::new(
            format!("Có người vừa sửa bản nháp này: bạn đã xem bản {version}, nay là bản {now}. Chưa ghi gì."),
            format!(
                "Somebody changed this draft: you saw version {version}, now it is version {now}. Nothing was saved."
            ),
        );
        return Ok(Err(Trouble { wrong: Vec::new(), stale: Some(stale) }));
    }
    let Changed { files, what } = match made {
        Ok(changed) => changed,
        Err(wrong) => return Ok(Err(Trouble { wrong, stale: None })),
    };
    if files == *loaded.files {
        return Ok(Ok(()));
    }
    let command = Command::EditDraft { draft: id, version, files, at: at.to_owned(), what };
    Ok(ask(app, person, command).await?.map_err(|(stale, why)| match stale {
        true => Trouble { wrong: Vec::new(), stale: Some(why) },
        false => Trouble { wrong: vec![Wrong { field: String::new(), message: why, excerpt: None }], stale: None },
    }))
}

/// The version that a form saw.
fn seen(fields: &mut Fields) -> i64 {
    fields.remove("version").and_then(|version| version.parse().ok()).unwrap_or_default()
}

/// `POST /sets/drafts/DRAFT/INDICATOR`
pub async fn save(
    State(app): State<App>,
    person: Person,
    Path((id, indicator)): Path<(DraftId, String)>,
    Form(mut typed): Form<Fields>,
) -> Result<Response, Failure> {
    let version = seen(&mut typed);
    let loaded = load(&app, &person, id).await?;
    let known = loaded.set.as_ref().ok().and_then(|set| set.indicator(&indicator));
    if known.is_none() {
        return Err(Failure::NotFound);
    }
    let made = change(&loaded.files, &indicator, &typed);
    match keep(&app, &person, &loaded, version, &indicator, made).await? {
        Ok(()) => Ok(Redirect::to(&format!("/sets/drafts/{id}?done#at-{indicator}")).into_response()),
        Err(trouble) => {
            // Somebody may have been quicker between reading and writing.
            let loaded = load(&app, &person, id).await?;
            draw(&app, &person, &loaded, &indicator, Some(typed), &trouble)
        }
    }
}

#[derive(Template)]
#[template(path = "set_head.html")]
struct HeadPage {
    shell: Shell,
    id: DraftId,
    draft: String,
    version: i64,
    problems: Vec<WrongView>,
    conflict: Vec<(String, String, String)>,
    stale: Option<String>,
    form: Typed,
    names: Vec<(&'static str, &'static str)>,
    levels: Vec<(&'static str, String)>,
}

fn draw_head(
    app: &App,
    person: &Person,
    loaded: &Loaded,
    typed: Option<Fields>,
    trouble: &Trouble,
) -> Result<Response, Failure> {
    let l = person.l();
    let set = loaded.set.as_ref().map_err(|_| Failure::NotFound)?;
    let now = drafting::head_fields(set);
    let conflict = match (&trouble.stale, &typed) {
        (Some(_), Some(typed)) => differing(typed, &now),
        _ => Vec::new(),
    };
    let say = |vi: &'static str, en: &'static str| if l.is_english() { en } else { vi };
    let title = say("Tên, mã và văn bản", "Title, id and document");
    let path = format!("/sets/drafts/{}/head", loaded.draft.id);
    let page = HeadPage {
        shell: Shell::new(app, Some(person), l, &path, Section::Rounds, title),
        id: loaded.draft.id,
        draft: loaded.draft.title.clone(),
        version: loaded.version,
        problems: wrongs(l, &trouble.wrong),
        conflict,
        stale: trouble.stale.as_ref().map(|text| l.text(text).to_owned()),
        form: Typed { fields: typed.unwrap_or(now), problems: wrongs(l, &trouble.wrong) },
        names: vec![
            ("title", say("Tên bộ chỉ số", "Title")),
            ("id", say("Mã, ví dụ 12-2025-commune", "Id, such as 12-2025-commune")),
            ("year", say("Áp dụng từ năm", "From the year")),
            ("total", say("Tổng điểm như in trong văn bản", "Total, as printed")),
            ("document.kind", say("Loại văn bản", "Kind of document")),
            ("document.number", say("Số, ký hiệu", "Number")),
            ("document.date", say("Ngày ban hành", "Day of issue")),
            ("document.issuer", say("Cơ quan ban hành", "Issued by")),
        ],
        levels: ["province", "department", "district", "commune"]
            .into_iter()
            .map(|level| (level, crate::view::level_title(l, level)))
            .collect(),
    };
    Ok((trouble.status(), Html(page.render()?)).into_response())
}

/// `GET /sets/drafts/DRAFT/head`
pub async fn head(State(app): State<App>, person: Person, Path(id): Path<DraftId>) -> Result<Response, Failure> {
    let loaded = load(&app, &person, id).await?;
    if !loaded.is_open() {
        return Ok(Redirect::to(&format!("/sets/drafts/{id}")).into_response());
    }
    draw_head(&app, &person, &loaded, None, &Trouble::NONE)
}

/// `POST /sets/drafts/DRAFT/head`
pub async fn save_head(
    State(app): State<App>,
    person: Person,
    Path(id): Path<DraftId>,
    Form(mut typed): Form<Fields>,
) -> Result<Response, Failure> {
    let version = seen(&mut typed);
    let loaded = load(&app, &person, id).await?;
    let made = change_head(&loaded.files, &typed);
    match keep(&app, &person, &loaded, version, "", made).await? {
        Ok(()) => Ok(Redirect::to(&format!("/sets/drafts/{id}?done")).into_response()),
        Err(trouble) => {
            let loaded = load(&app, &person, id).await?;
            draw_head(&app, &person, &loaded, Some(typed), &trouble)
        }
    }
}

#[derive(Template)]
#[template(path = "set_text.html")]
struct TextPage {
    shell: Shell,
    id: DraftId,
    draft: String,
    version: i64,
    file: String,
    problems: Vec<WrongView>,
    stale: Option<String>,
    now: Option<String>,
    typed: String,
}

/// Which file.
#[derive(Deserialize)]
pub struct Named {
    #[serde(default)]
    file: String,
}

/// A file that people may edit as text: the head and the pillars, never the document itself or the report.
pub(crate) fn editable<'f>(loaded: &'f Loaded, file: &str) -> Result<&'f String, Failure> {
    let own = file.ends_with(".toml") && !file.contains('/');
    loaded.files.get(file).filter(|_| own && loaded.is_open()).ok_or(Failure::NotFound)
}

fn draw_text(
    app: &App,
    person: &Person,
    loaded: &Loaded,
    file: &str,
    typed: Option<String>,
    trouble: &Trouble,
) -> Result<Response, Failure> {
    let l: L = person.l();
    let now = editable(loaded, file)?;
    let path = format!("/sets/drafts/{}/text", loaded.draft.id);
    let page = TextPage {
        shell: Shell::new(app, Some(person), l, &path, Section::Rounds, file),
        id: loaded.draft.id,
        draft: loaded.draft.title.clone(),
        version: loaded.version,
        file: file.to_owned(),
        problems: wrongs(l, &trouble.wrong),
        stale: trouble.stale.as_ref().map(|text| l.text(text).to_owned()),
        now: trouble.stale.is_some().then(|| now.clone()),
        typed: typed.unwrap_or_else(|| now.clone()),
    };
    Ok((trouble.status(), Html(page.render()?)).into_response())
}

/// `GET /sets/drafts/DRAFT/text`
pub async fn text(
    State(app): State<App>,
    person: Person,
    Path(id): Path<DraftId>,
    Query(named): Query<Named>,
) -> Result<Response, Failure> {
    let loaded = load(&app, &person, id).await?;
    draw_text(&app, &person, &loaded, &named.file, None, &Trouble::NONE)
}

/// A file as it was typed.
#[derive(Deserialize)]
pub struct TypedFile {
    #[serde(default)]
    version: i64,
    #[serde(default)]
    file: String,
    #[serde(default)]
    text: String,
}

/// `POST /sets/drafts/DRAFT/text`
pub async fn save_text(
    State(app): State<App>,
    person: Person,
    Path(id): Path<DraftId>,
    Form(typed): Form<TypedFile>,
) -> Result<Response, Failure> {
    let loaded = load(&app, &person, id).await?;
    editable(&loaded, &typed.file)?;
    let made = change_file(&loaded.files, &typed.file, &typed.text);
    match keep(&app, &person, &loaded, typed.version, &typed.file, made).await? {
        Ok(()) => Ok(Redirect::to(&format!("/sets/drafts/{id}?done")).into_response()),
        Err(trouble) => {
            let loaded = load(&app, &person, id).await?;
            draw_text(&app, &person, &loaded, &typed.file, Some(typed.text), &trouble)
        }
    }
}
