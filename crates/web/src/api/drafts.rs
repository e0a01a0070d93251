//! Draft sets: imported from a document, put right, adopted or put away. Every change names the version that was seen.

use std::collections::BTreeMap;

use axum::extract::{FromRequest, Multipart, Request, State};
use axum::http::HeaderMap;
use axum::response::Response;
use criteria::Text;
use cycle::{DraftId, UnitId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::Command;
use store::drafts::{Draft, DraftState};

use super::answer::{Page, json, tagged};
use super::caller::{Caller, change};
use super::entries::Version;
use super::problem::Problem;
use super::request::{Asked, At, Body, Seen, seen};
use super::sets::{SetInFull, full};
use super::views::Words;
use crate::app::App;
use crate::drafting::{self, Changed, Fields, Wrong, report};
use crate::pages::set_draft::{Loaded, drafts_of, free_id, load};
use crate::pages::set_edit::{Trouble, editable, keep};
use crate::pages::set_import::{owners, read, sent};
use crate::person::Person;

/// A draft of a criteria set.
#[derive(Debug, Serialize, JsonSchema)]
pub struct DraftHead {
    /// Its id.
    id: i64,
    /// The id of the unit that it belongs to.
    owner: i64,
    /// The id that the set has by now.
    set: String,
    /// The title that the set has by now.
    title: String,
    /// The file that it was imported from.
    file: String,
    /// The SHA-256 of that file's bytes.
    sha256: String,
    /// Where it stands.
    #[schemars(extend("enum" = ["open", "adopted", "dropped"]))]
    state: &'static str,
    /// Grows by one with every change; a change must name it.
    version: i64,
    /// When it was last changed.
    changed_at: String,
}

fn head(one: &Draft) -> DraftHead {
    DraftHead {
        id: one.id.0,
        owner: one.owner.0,
        set: one.set.clone(),
        title: one.title.clone(),
        file: one.file.clone(),
        sha256: one.sha256.clone(),
        state: match one.state {
            DraftState::Open => "open",
            DraftState::Adopted => "adopted",
            DraftState::Dropped => "dropped",
        },
        version: one.version,
        changed_at: one.changed_at.to_string(),
    }
}

/// A draft with its files.
#[derive(Debug, Serialize, JsonSchema)]
pub struct DraftInFull {
    draft: DraftHead,
    /// The set that the files read as; none where they do not read.
    set: Option<SetInFull>,
    /// Why they do not read.
    problems: Vec<DraftProblem>,
    /// What the import was unsure of, for the document as a whole.
    doubts: Vec<Words>,
    /// What the import proposed, by indicator.
    proposals: BTreeMap<String, DraftProposal>,
    /// The set's files, by name: what people edit as text.
    files: BTreeMap<String, String>,
}

/// Why a file does not read.
#[derive(Debug, Serialize, JsonSchema)]
struct DraftProblem {
    file: String,
    line: usize,
    column: usize,
    message: Words,
}

/// What the import proposed for an indicator.
#[derive(Debug, Serialize, JsonSchema)]
struct DraftProposal {
    /// The kind of the rule.
    kind: String,
    /// How sure it is: `high`, `medium`, `low`, or nothing.
    confidence: String,
    /// The words that it rests on.
    words: Vec<String>,
    /// What is unsure.
    doubts: Vec<Words>,
}

fn view(loaded: &Loaded) -> DraftInFull {
    let (doubts, proposals) = report(&loaded.files);
    let mut draft = head(&loaded.draft);
    draft.version = loaded.version;
    let problems = loaded.set.as_ref().err().map(Vec::as_slice).unwrap_or_default();
    DraftInFull {
        draft,
        set: loaded.set.as_ref().ok().map(|set| full(set, &set.hash(), &loaded.findings)),
        problems: problems
            .iter()
            .map(|one| DraftProblem {
                file: one.file.clone(),
                line: one.line,
                column: one.column,
                message: one.message.clone().into(),
            })
            .collect(),
        doubts: doubts.into_iter().map(Words::from).collect(),
        proposals: proposals
            .into_iter()
            .map(|(id, one)| {
                let doubts = one.doubts.into_iter().map(Words::from).collect();
                (id, DraftProposal { kind: one.kind, confidence: one.confidence, words: one.words, doubts })
            })
            .collect(),
        files: loaded
            .files
            .iter()
            .filter(|(name, _)| name.ends_with(".toml") && !name.contains('/'))
            .map(|(name, text)| (name.clone(), text.clone()))
            .collect(),
    }
}

async fn shown(app: &App, person: &Person, id: DraftId, headers: &HeaderMap) -> Result<Response, Problem> {
    let loaded = load(app, person, id).await?;
    tagged(headers, loaded.version, &view(&loaded))
}

/// `GET /drafts`
pub async fn list(State(app): State<App>, Caller(person): Caller) -> Result<Response, Problem> {
    let state = app.store.state();
    json(&Page { items: drafts_of(&state, &person).into_iter().map(head).collect(), next: None })
}

/// Whose draft it is to be.
#[derive(Debug, Default, Deserialize)]
pub struct Owner {
    owner: Option<UnitId>,
}

/// `POST /drafts`: a document in, a draft out.
pub async fn import(
    State(app): State<App>,
    Caller(person): Caller,
    Asked(asked): Asked<Owner>,
    request: Request,
) -> Result<Response, Problem> {
    let owners = owners(&app, &person)?;
    let form = Multipart::from_request(request, &app).await.map_err(|_| super::request::not_a_form())?;
    let invalid = |why: Text| Problem::field("file", why.vi, why.en);
    let sent = sent(Ok(form)).await.map_err(invalid)?;
    let owner = asked.owner.or(sent.id()).or_else(|| owners.first().map(|(id, _)| *id));
    let owner = owner.filter(|id| owners.iter().any(|(known, _)| known == id)).ok_or_else(Problem::not_found)?;
    let new = read(&app, owner, sent).await?.map_err(invalid)?;
    let done = change(&app, &person, Command::KeepDraft(new)).await?;
    shown(&app, &person, DraftId(done.id.unwrap_or_default()), &HeaderMap::new()).await
}

/// `GET /drafts/DRAFT`
pub async fn one(
    State(app): State<App>,
    Caller(person): Caller,
    At(id): At<DraftId>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    shown(&app, &person, id, &headers).await
}

async fn stale(app: &App, person: &Person, id: DraftId, seen: Seen) -> Problem {
    match load(app, person, id).await {
        Ok(now) => {
            Problem::stale(seen.by_header).with("saved", serde_json::to_value(head(&now.draft)).unwrap_or_default())
        }
        Err(failure) => failure.into(),
    }
}

fn told(wrong: &[Wrong]) -> Problem {
    let fields = wrong.iter().map(|one| store::command::FieldRefusal {
        field: one.field.clone(),
        message: match &one.excerpt {
            Some(excerpt) => {
                Text::new(format!("{}\n{excerpt}", one.message.vi), format!("{}\n{excerpt}", one.message.en))
            }
            None => one.message.clone(),
        },
    });
    Problem::fields(&fields.collect::<Vec<_>>())
}

/// Keeps what was made of a draft, and shows it as it is then.
async fn kept(
    app: &App,
    person: &Person,
    loaded: &Loaded,
    seen: Seen,
    at: &str,
    made: Result<Changed, Vec<Wrong>>,
) -> Result<Response, Problem> {
    let id = loaded.draft.id;
    match keep(app, person, loaded, seen.version, at, made).await? {
        Ok(()) => shown(app, person, id, &HeaderMap::new()).await,
        Err(Trouble { stale: Some(_), .. }) => Err(stale(app, person, id, seen).await),
        Err(Trouble { wrong, .. }) => Err(told(&wrong)),
    }
}

/// Fields of a draft's head or of an indicator, as its form has them.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FieldsChange {
    /// The version that was seen; `If-Match` does as well.
    version: Option<i64>,
    /// The fields to change, by name; what is not named stays. Of the head: `id`, `title`, `level`, `year`, `total`,
    /// `document.kind`, `document.number`, `document.date`, `document.issuer`. Of an indicator: `no`, `name`, `points`,
    /// `due` (31/10, 15/11), `guidance`, `text`, `notes`, `source`, `appraiser`, `rule` (TOML), `evidence-0-what`,
    /// `evidence-0-least`, `evidence-0-signed`, and `read` once what was uncertain has been read.
    fields: BTreeMap<String, String>,
}

/// What stands in a form with what a request changes of it. A name that the form does not have is told.
fn laid_over(
    mut now: Fields,
    changes: BTreeMap<String, String>,
    also: impl Fn(&str) -> bool,
) -> Result<Fields, Problem> {
    for (name, value) in changes {
        if !now.contains_key(&name) && !also(&name) {
            return Err(Problem::field(name, "Không có ô này", "There is no such field"));
        }
        // A box is ticked by being there.
        match value.is_empty() && name.ends_with("-signed") {
            true => drop(now.remove(&name)),
            false => drop(now.insert(name, value)),
        }
    }
    Ok(now)
}

/// A draft whose files read as a set.
fn set_of(loaded: &Loaded) -> Result<&criteria::CriteriaSet, Problem> {
    let broken = |_| {
        Problem::field(
            "files",
            "Bản nháp chưa đọc được; hãy sửa tệp trước",
            "The draft does not read; put its files right first",
        )
    };
    loaded.set.as_ref().map_err(broken)
}

/// `PATCH /drafts/DRAFT/head`
pub async fn save_head(
    State(app): State<App>,
    Caller(person): Caller,
    At(id): At<DraftId>,
    headers: HeaderMap,
    Body(body): Body<FieldsChange>,
) -> Result<Response, Problem> {
    let loaded = load(&app, &person, id).await?;
    let seen = seen(&headers, body.version)?;
    let typed = laid_over(drafting::head_fields(set_of(&loaded)?), body.fields, |_| false)?;
    kept(&app, &person, &loaded, seen, "", drafting::change_head(&loaded.files, &typed)).await
}

/// `PATCH /drafts/DRAFT/indicators/INDICATOR`
pub async fn save_indicator(
    State(app): State<App>,
    Caller(person): Caller,
    At((id, indicator)): At<(DraftId, String)>,
    headers: HeaderMap,
    Body(body): Body<FieldsChange>,
) -> Result<Response, Problem> {
    let loaded = load(&app, &person, id).await?;
    let set = set_of(&loaded)?;
    let one = set.indicator(&indicator).ok_or_else(Problem::not_found)?;
    let seen = seen(&headers, body.version)?;
    let also = |name: &str| name == "read" || name.starts_with("evidence-");
    let typed = laid_over(drafting::fields(&loaded.files, set, one), body.fields, also)?;
    kept(&app, &person, &loaded, seen, &indicator, drafting::change(&loaded.files, &indicator, &typed)).await
}

/// A file of a draft, as it is to be.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FileText {
    /// The version that was seen; `If-Match` does as well.
    version: Option<i64>,
    /// The text.
    text: String,
}

/// `PUT /drafts/DRAFT/files/FILE`
pub async fn save_file(
    State(app): State<App>,
    Caller(person): Caller,
    At((id, file)): At<(DraftId, String)>,
    headers: HeaderMap,
    Body(body): Body<FileText>,
) -> Result<Response, Problem> {
    let loaded = load(&app, &person, id).await?;
    editable(&loaded, &file)?;
    let seen = seen(&headers, body.version)?;
    kept(&app, &person, &loaded, seen, &file, drafting::change_file(&loaded.files, &file, &body.text)).await
}

/// The answer to a reading of a draft.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DraftReading {
    /// The version that was seen; `If-Match` does as well.
    version: Option<i64>,
    /// The reading.
    reading: String,
    /// The answer.
    answer: String,
    /// Whether it is decided.
    #[serde(default)]
    decided: bool,
}

/// `POST /drafts/DRAFT/readings`
pub async fn answer_reading(
    State(app): State<App>,
    Caller(person): Caller,
    At(id): At<DraftId>,
    headers: HeaderMap,
    Body(body): Body<DraftReading>,
) -> Result<Response, Problem> {
    let loaded = load(&app, &person, id).await?;
    let seen = seen(&headers, body.version)?;
    let made = drafting::answer(&loaded.files, &body.reading, &body.answer, body.decided);
    kept(&app, &person, &loaded, seen, &body.reading, made).await
}

/// Has a draft adopted or put away.
async fn settle(app: &App, person: &Person, id: DraftId, seen: Seen, command: Command) -> Result<(), Problem> {
    let asked = crate::pages::set_draft::ask(app, person, command).await?;
    match asked {
        Ok(()) => Ok(()),
        Err((true, _)) => Err(stale(app, person, id, seen).await),
        Err((false, why)) => Err(Problem::field("set", why.vi, why.en)),
    }
}

/// `POST /drafts/DRAFT/adopt`: a set from now on, which rounds can be opened with.
pub async fn adopt(
    State(app): State<App>,
    Caller(person): Caller,
    At(id): At<DraftId>,
    headers: HeaderMap,
    Body(body): Body<Version>,
) -> Result<Response, Problem> {
    let loaded = load(&app, &person, id).await?;
    let seen = seen(&headers, body.version)?;
    free_id(&app, &loaded).map_err(|why| Problem::field("set", why.vi, why.en))?;
    settle(&app, &person, id, seen, Command::AdoptDraft { draft: id, version: seen.version }).await?;
    shown(&app, &person, id, &HeaderMap::new()).await
}

/// `POST /drafts/DRAFT/drop`
pub async fn put_away(
    State(app): State<App>,
    Caller(person): Caller,
    At(id): At<DraftId>,
    headers: HeaderMap,
    Body(body): Body<Version>,
) -> Result<Response, Problem> {
    load(&app, &person, id).await?;
    let seen = seen(&headers, body.version)?;
    settle(&app, &person, id, seen, Command::DropDraft { draft: id, version: seen.version }).await?;
    let state = app.store.state();
    json(&head(state.drafts.get(&id).ok_or_else(Problem::not_found)?))
}
