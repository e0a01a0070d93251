//! Papers to download: the file's name says which one and in which format.

use axum::extract::{Path, Query, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use criteria::Text;
use cycle::{AssessmentId, Capability, RoundId, time};
use documents::papers::Kind;
use serde::Deserialize;

use super::assign::day;
use crate::app::App;
use crate::failure::Failure;
use crate::guard::FILE_POLICY;
use crate::opened::Opened;
use crate::papers::{self, Head, Ready};
use crate::person::{Person, Visitor};
use crate::printer::Format;

/// Longest number of a paper, in bytes.
const NUMBER_BYTES_MAX: usize = 100;

/// What the address may say of the paper's head.
#[derive(Debug, Default, Deserialize)]
pub struct Asked {
    #[serde(default)]
    number: String,
    #[serde(default)]
    day: String,
}

impl Asked {
    /// The head that is asked for; a paper bears today where nothing else is said.
    fn head(&self, app: &App) -> Result<Head, Failure> {
        let today = time::day_of(app.now());
        let wrong = || Failure::Invalid(Text::new("Ngày cần dạng 31/10/2023.", "The day is needed as 31/10/2023."));
        let day = if self.day.trim().is_empty() { today } else { day(&self.day, today.year()).ok_or_else(wrong)? };
        let number: String = self.number.trim().chars().filter(|letter| !letter.is_control()).collect();
        if number.len() > NUMBER_BYTES_MAX {
            return Err(Failure::Invalid(Text::new("Số, ký hiệu quá dài.", "The number is too long.")));
        }
        Ok(Head { number, day: Some(day) })
    }
}

/// `self-assessment.pdf` as what and in which format.
fn parts(file: &str) -> Result<(&str, Format), Failure> {
    let (what, ending) = file.rsplit_once('.').ok_or(Failure::NotFound)?;
    Ok((what, Format::of_ending(ending).ok_or(Failure::NotFound)?))
}

/// The paper as a file.
async fn file(app: &App, ready: Ready, format: Format, key: Option<String>) -> Result<Response, Failure> {
    let Ready { form, filling, name } = ready;
    let written = app.printer.write_aside(form, filling, format).await.map_err(|error| {
        tracing::error!(%error, form, "a paper could not be made");
        Failure::Internal
    })?;
    let bytes = written.ok_or(Failure::NotFound)?;
    if let Some(key) = key {
        app.printer.keep(key, &bytes);
    }
    Ok(answer(bytes, &name, format))
}

/// The bytes of a paper under a name.
fn answer(bytes: Vec<u8>, name: &str, format: Format) -> Response {
    // A paper may be looked at in place; the others are for other programs.
    let place = if format == Format::Pdf { "inline" } else { "attachment" };
    let name: String =
        name.chars().map(|letter| if letter.is_ascii_alphanumeric() || letter == '-' { letter } else { '_' }).collect();
    let disposition = format!("{place}; filename=\"{name}.{}\"", format.ending());
    let mut response = bytes.into_response();
    let headers = response.headers_mut();
    let value =
        |text: &str| HeaderValue::from_str(text).unwrap_or(HeaderValue::from_static("application/octet-stream"));
    headers.insert(header::CONTENT_TYPE, value(format.media()));
    headers.insert(header::CONTENT_DISPOSITION, value(&disposition));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(FILE_POLICY));
    response
}

/// `GET /sheets/SHEET/papers/FILE`: `self-assessment`, `appraisal`, `assignment`, `reminder` or `review-N`, as `.pdf`,
/// `.docx` or `.xlsx`.
pub async fn of_sheet(
    State(app): State<App>,
    person: Person,
    Path((id, name)): Path<(AssessmentId, String)>,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    let opened = Opened::get(&app, &person, id).await?;
    let (what, format) = parts(&name)?;
    let head = asked.head(&app)?;
    if what == "reminder" && opened.sheet.submission.is_some() {
        return Err(Failure::Invalid(Text::new(
            "Phiếu đã nộp, không còn gì để nhắc. Hãy quay lại phiếu.",
            "The sheet is submitted and nothing is left to remind of. Go back to the sheet.",
        )));
    }
    let ready = match what {
        "self-assessment" => papers::sheet(&app, id, Kind::SelfAssessment, &head).await?,
        "appraisal" => papers::sheet(&app, id, Kind::Appraisal, &head).await?,
        "assignment" => papers::assignment(&app, id, &head).await?,
        "reminder" => papers::reminder(&app, id, &head).await?,
        _ => {
            let review = what.strip_prefix("review-").and_then(|number| number.parse().ok());
            papers::review(&app, id, review.ok_or(Failure::NotFound)?, &head).await?
        }
    };
    file(&app, ready, format, None).await
}

/// `GET /rounds/ROUND/papers/FILE`: `survey`.
pub async fn of_round(
    State(app): State<App>,
    person: Person,
    Path((id, name)): Path<(RoundId, String)>,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    {
        let state = app.store.state();
        let round = state.rounds.get(&id).ok_or(Failure::NotFound)?;
        if !person.may(&state, Capability::RunRound, round.owner) {
            return Err(Failure::NotFound);
        }
    }
    let (what, format) = parts(&name)?;
    if what != "survey" {
        return Err(Failure::NotFound);
    }
    let ready = papers::survey(&app, id, &asked.head(&app)?)?;
    file(&app, ready, format, None).await
}

/// `GET /ranking/PUBLICATION/papers/FILE`: `ranking`, `signed.pdf` once the decision came back signed, or
/// `certificate-CODE` of a unit. Open to everybody, as the publication is. `analysis-LEVEL` is for those who read all units.
pub async fn of_publication(
    State(app): State<App>,
    visitor: Visitor,
    Path((id, name)): Path<(i64, String)>,
) -> Result<Response, Failure> {
    app.store.refresh().await?;
    if name == "signed.pdf" {
        let (sha256, _) = super::public::decision_copy(&app, id).ok_or(Failure::NotFound)?;
        return super::issued::kept(&app, &sha256, &format!("ranking-{id}-signed")).await;
    }
    let (what, format) = parts(&name)?;
    // What was published never changes: its hash names its paper.
    let known = if what == "ranking" { app.store.publication(id).await? } else { None };
    let key = known.as_ref().map(|one| format!("{}/{name}", one.hash));
    if let (Some(bytes), Some(one)) = (key.as_ref().and_then(|key| app.printer.kept(key)), known) {
        return Ok(answer(bytes.to_vec(), &format!("ranking-{}", one.head.year), format));
    }
    let ready = match what.strip_prefix("certificate-") {
        Some(code) => papers::certificate(&app, id, code).await?,
        None if what == "ranking" => papers::ranking(&app, id).await?,
        None => match what.strip_prefix("analysis-") {
            Some(level) => {
                let person = visitor.person.as_ref().ok_or(Failure::NotFound)?;
                let one = app.store.publication(id).await?.ok_or(Failure::NotFound)?;
                let reads = {
                    let state = app.store.state();
                    let owner = state.rounds.get(&one.round).map(|round| round.owner);
                    owner.is_some_and(|owner| person.may_read(&state, owner))
                };
                if !reads {
                    return Err(Failure::NotFound);
                }
                papers::analysis(&app, id, level).await?
            }
            None => return Err(Failure::NotFound),
        },
    };
    file(&app, ready, format, key).await
}
