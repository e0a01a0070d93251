//! Evidence: taking files in as they stream, links, using a file again, withdrawing, downloading.

use axum::extract::{Multipart, Path, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::{Form, Json};
use criteria::Text;
use cycle::{Action, AssessmentId, EvidenceId};
use serde::Deserialize;
use serde_json::json;
use store::command::{FieldRefusal, NewEvidence};
use store::evidence::UploadRefusal;
use store::records::Evidence;
use store::{Actor, Command};

use super::sheet::may;
use crate::app::App;
use crate::failure::Failure;
use crate::guard::FILE_POLICY;
use crate::opened::Opened;
use crate::person::Person;
use crate::{checks, previews, stream};

/// Most files of one request.
const FILES_MAX: usize = 20;

fn refusal(name: &str, refused: UploadRefusal) -> Failure {
    let most = store::limits::EVIDENCE_BYTES_MAX / (1024 * 1024);
    let text = match refused {
        UploadRefusal::Empty => Text::new(format!("“{name}” là tệp rỗng"), format!("\"{name}\" is empty")),
        UploadRefusal::TooLarge => Text::new(
            format!("“{name}” lớn hơn {most} MB; hãy nén hoặc tách tệp"),
            format!("\"{name}\" is larger than {most} MB; compress or split it"),
        ),
        UploadRefusal::Kind => Text::new(
            format!("“{name}” không phải loại tệp dùng làm bằng chứng (PDF, DOCX, XLSX, XML, P7S, ảnh, văn bản)"),
            format!("\"{name}\" is of no kind that proves anything (PDF, DOCX, XLSX, XML, P7S, image, text)"),
        ),
        UploadRefusal::Failed(error) => return error.into(),
    };
    of_files(text)
}

/// Something is wrong with the files.
fn of_files(message: Text) -> Failure {
    Failure::Fields(vec![FieldRefusal { field: "files".to_owned(), message }])
}

/// A name fit to keep: without folders and control characters.
pub(crate) fn clean(name: &str) -> String {
    let name = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let name: String = name.chars().filter(|letter| !letter.is_control()).collect();
    let mut short = String::new();
    for letter in name.trim().chars() {
        if short.len() + letter.len_utf8() > store::limits::FILE_NAME_BYTES_MAX {
            break;
        }
        short.push(letter);
    }
    if short.is_empty() { "tệp".to_owned() } else { short }
}

/// `POST /sheets/SHEET/entries/INDICATOR/evidence`: one or several files.
pub async fn add(
    State(app): State<App>,
    person: Person,
    Path((id, indicator)): Path<(AssessmentId, String)>,
    headers: HeaderMap,
    form: Multipart,
) -> Result<Response, Failure> {
    let opened = Opened::get(&app, &person, id).await?;
    let count = take(&app, &person, &opened, &indicator, form).await?;
    if headers.get(header::ACCEPT).is_some_and(|value| value.as_bytes().starts_with(b"application/json")) {
        return Ok(Json(json!({ "added": count })).into_response());
    }
    Ok(Redirect::to(&format!("/sheets/{id}/entries/{indicator}#tai-lieu")).into_response())
}

/// Takes in the files of a form; gives how many there were.
pub(crate) async fn take(
    app: &App,
    person: &Person,
    opened: &Opened,
    indicator: &str,
    mut form: Multipart,
) -> Result<usize, Failure> {
    let id = opened.sheet.id;
    let (_, entry) = opened.sheet.entry(indicator).ok_or(Failure::NotFound)?;
    // Nobody fills the disk who may not attach.
    if !may(app, person, opened, Action::Attach, indicator, entry.state) {
        return Err(Failure::Denied(cycle::Denial::NotAllowed.text()));
    }
    let broken =
        |_| of_files(Text::new("Tải lên bị ngắt giữa chừng; hãy thử lại", "The upload was cut off; try again"));
    let mut count = 0;
    while let Some(mut field) = form.next_field().await.map_err(broken)? {
        let Some(name) = field.file_name().map(clean) else { continue };
        count += 1;
        if count > FILES_MAX {
            return Err(of_files(Text::new(
                format!("Mỗi lần tối đa {FILES_MAX} tệp; các tệp trước đã lưu"),
                format!("At most {FILES_MAX} files at a time; those before were kept"),
            )));
        }
        let mut upload = app.store.evidence.begin().await.map_err(|refused| refusal(&name, refused))?;
        while let Some(piece) = field.chunk().await.map_err(broken)? {
            upload.write(&piece).await.map_err(|refused| refusal(&name, refused))?;
        }
        let stored = upload.finish(Some(&name)).await.map_err(|refused| refusal(&name, refused))?;
        let evidence = NewEvidence {
            name,
            sha256: Some(stored.sha256.clone()),
            bytes: stored.bytes,
            media: stored.media.to_owned(),
            link: None,
        };
        let beside = app.store.signatures_beside(id, indicator, &evidence.name).await?;
        let command = Command::AddEvidence { assessment: id, indicator: indicator.to_owned(), evidence };
        app.store.change(Actor::Account(person.account), app.now(), command).await?;
        checks::soon(app, &stored.sha256, stored.bytes, false).await;
        // A signature that came before what it was made over is looked at again.
        for signature in beside {
            checks::soon(app, &signature, stored.bytes, true).await;
        }
    }
    if count == 0 {
        return Err(of_files(Text::new("Chưa chọn tệp nào", "No file was chosen")));
    }
    Ok(count)
}

#[derive(Deserialize)]
pub struct Link {
    #[serde(default)]
    link: String,
    #[serde(default)]
    reuse: String,
}

/// `POST …/links`: the address of a page, or a file that was given for another indicator.
pub async fn link(
    State(app): State<App>,
    person: Person,
    Path((id, indicator)): Path<(AssessmentId, String)>,
    Form(form): Form<Link>,
) -> Result<Response, Failure> {
    Opened::get(&app, &person, id).await?;
    add_links(&app, &person, id, &indicator, &form.link, form.reuse.parse().ok()).await?;
    Ok(Redirect::to(&format!("/sheets/{id}/entries/{indicator}#tai-lieu")).into_response())
}

/// Adds the address of a page, or a file of the same sheet, or both.
pub(crate) async fn add_links(
    app: &App,
    person: &Person,
    id: AssessmentId,
    indicator: &str,
    link: &str,
    reuse: Option<EvidenceId>,
) -> Result<(), Failure> {
    let link = link.trim();
    let mut new = Vec::new();
    if !link.is_empty() {
        let known = link.strip_prefix("https://").or_else(|| link.strip_prefix("http://"));
        let fine =
            known.is_some_and(|rest| rest.len() > 3 && !rest.contains(char::is_whitespace)) && link.len() <= 2_000;
        if !fine {
            return Err(Failure::field(
                "link",
                "Địa chỉ phải bắt đầu bằng https:// hoặc http://",
                "The address must begin with https:// or http://",
            ));
        }
        let name =
            clean(link.trim_end_matches('/').split("://").nth(1).unwrap_or(link).split('?').next().unwrap_or(link));
        let name = if name.len() < 4 { clean(&link.replace('/', "·")) } else { name };
        new.push(NewEvidence {
            name,
            sha256: None,
            bytes: 0,
            media: "text/uri-list".to_owned(),
            link: Some(link.to_owned()),
        });
    }
    if let Some(reused) = reuse {
        let found = app.store.one_evidence(reused).await?.filter(|one| one.assessment == id && one.withdrawn.is_none());
        let found = found.ok_or(Failure::NotFound)?;
        new.push(NewEvidence {
            name: found.name,
            sha256: found.sha256,
            bytes: found.bytes,
            media: found.media,
            link: found.link,
        });
    }
    for evidence in new {
        let command = Command::AddEvidence { assessment: id, indicator: indicator.to_owned(), evidence };
        app.store.change(Actor::Account(person.account), app.now(), command).await?;
    }
    Ok(())
}

#[derive(Deserialize)]
pub struct Withdrawal {
    evidence: i64,
    #[serde(default)]
    reason: String,
}

/// `POST …/withdraw`
pub async fn withdraw(
    State(app): State<App>,
    person: Person,
    Path((id, indicator)): Path<(AssessmentId, String)>,
    Form(form): Form<Withdrawal>,
) -> Result<Response, Failure> {
    Opened::get(&app, &person, id).await?;
    let command = Command::WithdrawEvidence {
        assessment: id,
        indicator: indicator.clone(),
        evidence: EvidenceId(form.evidence),
        reason: form.reason,
    };
    app.store.change(Actor::Account(person.account), app.now(), command).await?;
    Ok(Redirect::to(&format!("/sheets/{id}/entries/{indicator}#tai-lieu")).into_response())
}

/// Whether browsers draw a kind of file without running anything of it.
pub fn is_drawn(media: &str) -> bool {
    matches!(media, "application/pdf" | "image/png" | "image/jpeg" | "image/gif" | "image/webp" | "text/plain")
}

/// A piece of evidence that a person may see: whoever appraises it or may read the unit's sheets.
pub(crate) async fn seen(app: &App, person: &Person, id: EvidenceId) -> Result<Evidence, Failure> {
    let evidence = app.store.one_evidence(id).await?.ok_or(Failure::NotFound)?;
    let state = app.store.state();
    let row = state.assessments.get(&evidence.assessment).ok_or(Failure::NotFound)?;
    let round = state.round_of(row)?;
    let appraises = state.appraises(&person.authority, round, &evidence.indicator, row.unit);
    if !appraises && !person.may_read(&state, row.unit) {
        return Err(Failure::NotFound);
    }
    drop(state);
    Ok(evidence)
}

/// `GET /evidence/EVIDENCE`: the file as it came, where it can do nothing.
pub async fn download(State(app): State<App>, person: Person, Path(id): Path<EvidenceId>) -> Result<Response, Failure> {
    let evidence = seen(&app, &person, id).await?;
    let sha256 = evidence.sha256.ok_or(Failure::NotFound)?;
    if let Some(text) = previews::infection(&app, &sha256).await? {
        return Err(Failure::Denied(text));
    }
    let (file, bytes) = app.store.evidence.open_file(&sha256).await?.ok_or(Failure::NotFound)?;
    // Only what a browser draws without running anything is shown in place; the rest is saved.
    let shown = is_drawn(&evidence.media);
    let place = if shown { "inline" } else { "attachment" };
    let plain: String = evidence
        .name
        .chars()
        .map(|letter| if letter.is_ascii_alphanumeric() || ".-_ ".contains(letter) { letter } else { '_' })
        .collect();
    let encoded: String = evidence
        .name
        .bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'.' | b'-' | b'_' => char::from(byte).to_string(),
            other => format!("%{other:02X}"),
        })
        .collect();
    let disposition = format!("{place}; filename=\"{plain}\"; filename*=UTF-8''{encoded}");
    let kind = if evidence.media == "text/plain" { "text/plain; charset=utf-8" } else { evidence.media.as_str() };
    let mut response = stream::body(file).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(bytes));
    let value =
        |text: &str| HeaderValue::from_str(text).unwrap_or(HeaderValue::from_static("application/octet-stream"));
    headers.insert(header::CONTENT_TYPE, value(kind));
    headers.insert(header::CONTENT_DISPOSITION, value(&disposition));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(FILE_POLICY));
    headers.insert(header::ETAG, value(&format!("\"{sha256}\"")));
    Ok(response)
}
