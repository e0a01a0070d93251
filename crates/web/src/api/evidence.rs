//! Evidence: files as they stream in, links, withdrawing, downloading. The rules are the pages' own.

use axum::extract::{FromRequest, Multipart, Path, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use cycle::{AssessmentId, EvidenceId};
use schemars::JsonSchema;
use serde::Deserialize;
use store::Command;

use super::caller::Caller;
use super::entries::{change, open};
use super::problem::Problem;
use super::request::{At, Body, Reason, not_a_form};
use crate::app::App;
use crate::pages::evidence;

/// `POST …/evidence`: the files come before anything is said of the form, so that nobody sends one in vain.
pub async fn upload(
    State(app): State<App>,
    Caller(person): Caller,
    At((id, indicator)): At<(AssessmentId, String)>,
    request: Request,
) -> Result<Response, Problem> {
    let opened = open(&app, &person, id, &indicator).await?;
    let form = Multipart::from_request(request, &app).await.map_err(|_| not_a_form())?;
    evidence::take(&app, &person, &opened, &indicator, form).await?;
    shown(&app, &person, id, &indicator).await
}

async fn shown(
    app: &App,
    person: &crate::person::Person,
    id: AssessmentId,
    indicator: &str,
) -> Result<Response, Problem> {
    let opened = open(app, person, id, indicator).await?;
    let (version, entry) = super::views::entry(app, &opened, indicator).await?;
    super::answer::tagged(&HeaderMap::new(), version, &entry)
}

/// An address, or a file that was given for another indicator of the sheet.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewLink {
    /// An address that begins with https:// or http://.
    link: Option<String>,
    /// The id of a piece of evidence on the same sheet.
    reuse: Option<i64>,
}

/// `POST …/links`
pub async fn link(
    State(app): State<App>,
    Caller(person): Caller,
    At((id, indicator)): At<(AssessmentId, String)>,
    Body(body): Body<NewLink>,
) -> Result<Response, Problem> {
    open(&app, &person, id, &indicator).await?;
    if body.link.is_none() && body.reuse.is_none() {
        return Err(Problem::field("link", "Cần “link” hoặc “reuse”", "\"link\" or \"reuse\" is needed"));
    }
    let link = body.link.unwrap_or_default();
    evidence::add_links(&app, &person, id, &indicator, &link, body.reuse.map(EvidenceId)).await?;
    shown(&app, &person, id, &indicator).await
}

/// `POST …/evidence/EVIDENCE/withdraw`
pub async fn withdraw(
    State(app): State<App>,
    Caller(person): Caller,
    At((id, indicator, evidence)): At<(AssessmentId, String, EvidenceId)>,
    Body(body): Body<Reason>,
) -> Result<Response, Problem> {
    open(&app, &person, id, &indicator).await?;
    let reason = body.reason;
    let command = Command::WithdrawEvidence { assessment: id, indicator: indicator.clone(), evidence, reason };
    change(&app, &person, id, &indicator, None, command).await
}

/// `GET /evidence/EVIDENCE`
pub async fn download(
    State(app): State<App>,
    Caller(person): Caller,
    At(id): At<EvidenceId>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let response = evidence::download(State(app), person, Path(id)).await?;
    let known = |tag: &HeaderValue| headers.get(header::IF_NONE_MATCH).is_some_and(|known| known == tag);
    match response.headers().get(header::ETAG).filter(|tag| known(tag)) {
        Some(tag) => Ok((StatusCode::NOT_MODIFIED, [(header::ETAG, tag.clone())]).into_response()),
        None => Ok(response),
    }
}
