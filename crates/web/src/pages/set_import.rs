//! A criteria set from a document: upload it, get a draft.

use askama::Template;
use axum::extract::multipart::MultipartRejection;
use axum::extract::{Multipart, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use criteria::Text;
use criteria::collation::sort_key;
use cycle::{Capability, UnitId};
use sha2::{Digest, Sha256};
use store::command::NewDraft;
use store::database::hex;
use store::{Actor, Command, Refusal};

use super::html;
use crate::app::App;
use crate::failure::Failure;
use crate::person::Person;
use crate::sandbox::{Answer, CHECK_WAIT, Cut, Source, Work};
use crate::upload::{NoFile, Upload, one_file};
use crate::view::{Section, Shell};

/// Largest document that is taken in here, in bytes.
pub const DOCUMENT_BYTES_MAX: usize = 32 * 1024 * 1024;
/// Largest request: the document and the form around it.
pub const REQUEST_BYTES_MAX: usize = DOCUMENT_BYTES_MAX + 64 * 1024;

#[derive(Template)]
#[template(path = "set_import.html")]
struct ImportPage {
    shell: Shell,
    wrong: Option<String>,
    owners: Vec<(UnitId, String)>,
    most: usize,
}

/// The units whose rounds a person runs; for whoever runs none there is no such page.
pub(crate) fn owners(app: &App, person: &Person) -> Result<Vec<(UnitId, String)>, Failure> {
    let state = app.store.state();
    let mut ids: Vec<UnitId> = person.authority.scopes(Capability::RunRound).collect();
    ids.sort_unstable();
    ids.dedup();
    let mut named: Vec<_> = ids.into_iter().filter_map(|id| Some((id, state.tree.get(id)?.name.clone()))).collect();
    named.sort_by_cached_key(|(_, name)| sort_key(name));
    if named.is_empty() { Err(Failure::NotFound) } else { Ok(named) }
}

fn draw(app: &App, person: &Person, wrong: Option<&Text>) -> Result<ImportPage, Failure> {
    let l = person.l();
    let owners = owners(app, person)?;
    let title = l.say("Nhập bộ chỉ số từ văn bản", "A criteria set from a document");
    let title = if wrong.is_some() { format!("{} {title}", l.say("Lỗi:", "Error:")) } else { title.to_owned() };
    let shell = Shell::new(app, Some(person), l, "/sets/import", Section::Rounds, title);
    let wrong = wrong.map(|text| l.text(text).to_owned());
    Ok(ImportPage { shell, wrong, owners, most: DOCUMENT_BYTES_MAX / (1024 * 1024) })
}

/// `GET /sets/import`
pub async fn page(State(app): State<App>, person: Person) -> Result<Response, Failure> {
    html(&draw(&app, &person, None)?)
}

/// The file of a form, with the unit that the draft is to belong to beside it.
pub(crate) async fn sent(form: Result<Multipart, MultipartRejection>) -> Result<Upload, Text> {
    one_file(form, "owner", DOCUMENT_BYTES_MAX).await.map_err(|why| match why {
        NoFile::Empty(name) => Text::new(format!("Tệp “{name}” rỗng"), format!("The file \"{name}\" is empty")),
        why => why.text(Text::new("Hãy chọn một tệp", "Choose a file")),
    })
}

/// Reads a document in the sandbox: a stranger may have made it. A few at a time.
pub(crate) async fn read(app: &App, owner: UnitId, sent: Upload) -> Result<Result<NewDraft, Text>, Failure> {
    let turn = app.checking.clone().acquire_owned().await.map_err(|_| Failure::Internal)?;
    let (sandbox, sha256) = (app.sandbox.clone(), hex(&Sha256::digest(&sent.bytes)));
    let work = Work::Import { name: sent.name.clone() };
    let looking = tokio::task::spawn_blocking(move || {
        let _turn = turn;
        sandbox.look(work, Source::Bytes(sent.bytes), None, CHECK_WAIT)
    });
    let answer = looking.await.map_err(|_| Failure::Internal)?.map_err(|error| {
        tracing::error!(%error, "a document was not read");
        Failure::Internal
    })?;
    Ok(match answer {
        Ok(Answer::Drafted(made)) => made.map(|made| NewDraft { owner, file: sent.name, sha256, files: made.files }),
        Ok(_) => return Err(Failure::Internal),
        Err(cut) => Err(stopped(cut)),
    })
}

/// Why a document that took too much is not read.
fn stopped(cut: Cut) -> Text {
    match cut {
        Cut::TooMuch => Text::new(
            "Văn bản này bung ra quá lớn hoặc bị hỏng nặng nên việc đọc đã bị dừng; hãy lưu lại bằng phần mềm soạn thảo \
             (DOCX, XLSX) hoặc chỉ giữ phần phụ lục rồi tải lên lại.",
            "The document unpacks to far too much, or is badly damaged, so reading it was stopped; save it again with a \
             word processor (DOCX, XLSX), or keep only the annex, and upload that.",
        ),
        Cut::Late => Text::new(
            "Đọc văn bản này quá lâu nên đã bị dừng; hãy thử lại, hoặc chỉ giữ phần phụ lục có bảng tiêu chí.",
            "Reading the document took too long and was stopped; try again, or keep only the annex with the criteria.",
        ),
    }
}

/// `POST /sets/import`
pub async fn take(
    State(app): State<App>,
    person: Person,
    form: Result<Multipart, MultipartRejection>,
) -> Result<Response, Failure> {
    let owners = owners(&app, &person)?;
    let refuse = |why: &Text| -> Result<Response, Failure> {
        let page = draw(&app, &person, Some(why))?;
        Ok((StatusCode::UNPROCESSABLE_ENTITY, Html(page.render()?)).into_response())
    };
    let sent = match sent(form).await {
        Ok(sent) => sent,
        Err(why) => return refuse(&why),
    };
    let owner = sent.id().or_else(|| owners.first().map(|(id, _)| *id));
    let owner = owner.filter(|id| owners.iter().any(|(known, _)| known == id)).ok_or(Failure::NotFound)?;
    let new = match read(&app, owner, sent).await? {
        Ok(new) => new,
        Err(why) => return refuse(&why),
    };
    match app.store.change(Actor::Account(person.account), app.now(), Command::KeepDraft(new)).await {
        Ok(done) => Ok(Redirect::to(&format!("/sets/drafts/{}", done.id.unwrap_or_default())).into_response()),
        Err(Refusal::Invalid(wrong)) => match wrong.first() {
            Some(first) => refuse(&first.message),
            None => Err(Failure::Internal),
        },
        Err(refusal) => Err(refusal.into()),
    }
}
