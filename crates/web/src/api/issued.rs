//! Papers that were issued: issuing one, bringing the signed one back, and what was found in it.

use axum::extract::{FromRequest, Multipart, Request, State};
use axum::http::HeaderMap;
use axum::response::Response;
use cycle::{AssessmentId, PaperId, RoundId, time};
use documents::issued::Difference;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::papers::{IssuedPaper, PaperCopy};

use super::answer::{Page, json, tagged};
use super::caller::Caller;
use super::problem::Problem;
use super::request::{Asked, At, Body, Paging, day, not_a_form};
use crate::app::App;
use crate::issuing::{self, Subject, sees};
use crate::pages::issued::{kept, uploaded};
use crate::person::Person;

/// A paper that was issued.
#[derive(Debug, Serialize, JsonSchema)]
pub struct PaperHead {
    /// Its id.
    id: i64,
    /// Which kind of paper it is.
    kind: String,
    /// The code that its file carries.
    code: String,
    /// What it is called.
    title: String,
    /// Its number and sign; empty where it was left open.
    number: String,
    /// The id of the unit that issued it.
    owner: i64,
    /// The id of the round that it is about.
    round: i64,
    /// The id of the sheet that it is about.
    sheet: Option<i64>,
    /// The id of the publication that it is about.
    publication: Option<i64>,
    /// When it was issued.
    issued_at: String,
    /// The SHA-256 of its file, `issued.pdf`.
    sha256: String,
    /// The SHA-256 of its words.
    words: String,
    /// The id of the copy that stands for the paper: signed, not shown to be wrong, with what was issued.
    signed: Option<i64>,
}

/// A paper with the copies that came back.
#[derive(Debug, Serialize, JsonSchema)]
pub struct PaperInFull {
    paper: PaperHead,
    /// What came back, in order.
    copies: Vec<ReturnedCopy>,
}

/// A copy that came back.
#[derive(Debug, Serialize, JsonSchema)]
struct ReturnedCopy {
    /// Its id; its file is `copy-ID.pdf`.
    id: i64,
    /// What the file was called.
    name: String,
    /// The SHA-256 of its bytes.
    sha256: String,
    /// Its size in bytes.
    bytes: u64,
    /// How it compares with what was issued.
    #[schemars(extend("enum" = ["same", "same-words", "altered"]))]
    likeness: String,
    /// What its signatures proved.
    #[schemars(extend("enum" = ["valid", "indeterminate", "invalid"]))]
    verdict: String,
    /// Who signed it.
    signers: Vec<String>,
    /// Where its words differ from what was issued.
    differences: Vec<OtherWords>,
    /// When it came back.
    filed_at: String,
}

/// Words that differ.
#[derive(Debug, Serialize, JsonSchema)]
struct OtherWords {
    /// A few words before the place, which are the same.
    behind: String,
    /// As issued.
    issued: String,
    /// As they came back.
    found: String,
}

fn head(one: &IssuedPaper) -> PaperHead {
    PaperHead {
        id: one.id.0,
        kind: one.kind.clone(),
        code: one.code.clone(),
        title: one.title.clone(),
        number: one.number.clone(),
        owner: one.owner.0,
        round: one.round.0,
        sheet: one.assessment.map(|id| id.0),
        publication: one.publication,
        issued_at: one.made_at.to_string(),
        sha256: one.sha256.clone(),
        words: one.words.clone(),
        signed: one.signed().map(|copy| copy.id),
    }
}

fn copy(one: &PaperCopy) -> ReturnedCopy {
    let differences: Vec<Difference> = serde_json::from_value(one.differences.clone()).unwrap_or_default();
    ReturnedCopy {
        id: one.id,
        name: one.name.clone(),
        sha256: one.sha256.clone(),
        bytes: one.bytes,
        likeness: one.likeness.clone(),
        verdict: one.verdict.clone(),
        signers: one.signers.clone(),
        differences: differences
            .into_iter()
            .map(|Difference { behind, issued, found }| OtherWords { behind, issued, found })
            .collect(),
        filed_at: one.filed_at.to_string(),
    }
}

/// A paper that the person may see.
fn paper(app: &App, person: &Person, id: PaperId) -> Result<IssuedPaper, Problem> {
    let state = app.store.state();
    state.papers.get(&id).filter(|paper| sees(&state, person, paper)).cloned().ok_or_else(Problem::not_found)
}

fn shown(app: &App, person: &Person, id: PaperId, headers: &HeaderMap) -> Result<Response, Problem> {
    let paper = paper(app, person, id)?;
    let view = PaperInFull { paper: head(&paper), copies: paper.copies.iter().map(copy).collect() };
    tagged(headers, i64::try_from(paper.copies.len()).unwrap_or(i64::MAX), &view)
}

/// `GET /papers`: the latest first.
pub async fn list(
    State(app): State<App>,
    Caller(person): Caller,
    Asked(paging): Asked<Paging>,
) -> Result<Response, Problem> {
    let limit = paging.limit()?;
    let state = app.store.state();
    let before = |paper: &&IssuedPaper| paging.after.is_none_or(|after| paper.id.0 < after);
    let papers = state.papers.values().rev().filter(before).filter(|paper| sees(&state, &person, paper));
    json(&Page::of(papers.take(limit + 1).map(head).collect(), limit, |one| one.id))
}

/// A paper to issue. One of `sheet`, `round`, `publication` says what it is about.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewIssue {
    /// `assignment`, `self-assessment`, `appraisal`, `reminder` or `review-N` of a sheet, `survey` of a round, `ranking`
    /// of a publication.
    what: String,
    /// The id of a sheet.
    sheet: Option<i64>,
    /// The id of a round.
    round: Option<i64>,
    /// The id of a publication.
    publication: Option<i64>,
    /// The number and sign; left open where it is not named.
    #[serde(default)]
    number: String,
    /// The day on the paper, such as 2023-10-20; today where it is not named.
    day: Option<String>,
}

/// `POST /papers`
pub async fn issue(
    State(app): State<App>,
    Caller(person): Caller,
    Body(body): Body<NewIssue>,
) -> Result<Response, Problem> {
    let on = match &body.day {
        Some(text) => day("day", text)?,
        None => time::day_of(app.now()),
    };
    let subject = Subject::of(body.sheet.map(AssessmentId), body.round.map(RoundId), body.publication);
    let subject = subject.ok_or_else(|| {
        Problem::field(
            "sheet",
            "Cần “sheet”, “round” hoặc “publication”",
            "\"sheet\", \"round\" or \"publication\" is needed",
        )
    })?;
    let head = issuing::head(&body.number, Some(on));
    let draft = issuing::draft(&app, &person, &body.what, subject, &head).await?;
    let id = issuing::issue(&app, &person, draft, head.number).await?;
    shown(&app, &person, id, &HeaderMap::new())
}

/// `POST /papers/signed`: a signed paper comes back.
pub async fn take(State(app): State<App>, Caller(person): Caller, request: Request) -> Result<Response, Problem> {
    let form = Multipart::from_request(request, &app).await.map_err(|_| not_a_form())?;
    let (name, bytes) = uploaded(Ok(form)).await.map_err(|why| Problem::field("file", why.vi, why.en))?;
    let id = issuing::take(&app, &person, name, bytes).await?;
    shown(&app, &person, id, &HeaderMap::new())
}

/// `GET /papers/PAPER`
pub async fn one(
    State(app): State<App>,
    Caller(person): Caller,
    At(id): At<PaperId>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    shown(&app, &person, id, &headers)
}

/// `GET /papers/PAPER/FILE`
pub async fn file(
    State(app): State<App>,
    Caller(person): Caller,
    At((id, file)): At<(PaperId, String)>,
) -> Result<Response, Problem> {
    let (sha256, name) = issuing::file_of(&paper(&app, &person, id)?, &file).ok_or_else(Problem::not_found)?;
    Ok(kept(&app, &sha256, &name).await?)
}
