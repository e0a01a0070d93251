//! The public page "Check a signature": a file in, a verdict out, nothing kept.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use askama::Template;
use axum::extract::{FromRequest, Multipart, OriginalUri, Request, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use criteria::Text;
use documents::issued::Likeness;
use jiff::Timestamp;
use tokio::sync::Semaphore;

use super::next_step::Place;
use super::proof::{facts_line, report_view};
use crate::app::App;
use crate::checks::examine;
use crate::failure::Failure;
use crate::person::Visitor;
use crate::recognise::{Recognised, recognise};
use crate::sandbox::{Seen, Source};
use crate::view::{L, Section, Shell};

/// Largest file that anybody may have checked, in bytes.
pub const VERIFY_BYTES_MAX: usize = 20 * 1024 * 1024;
/// Largest request: two files and the form around them.
pub const REQUEST_BYTES_MAX: usize = 2 * VERIFY_BYTES_MAX + 64 * 1024;
/// Checks that may follow one another at once, over all visitors.
const AT_ONCE_MAX: i64 = 20;
/// How long it takes until one more may be made, in milliseconds.
const ONE_MORE_MS: i64 = 1_000;

/// Uploads that are taken in together: each holds up to two files in memory.
const TOGETHER_MAX: usize = 3;
/// Longest time for an upload.
const UPLOAD_WAIT: Duration = Duration::from_secs(60);

/// How many checks may still be made: a bucket that fills by one a second, and so many uploads together.
#[derive(Debug)]
pub struct Gate {
    bucket: Mutex<Option<(i64, i64)>>,
    together: Semaphore,
}

impl Default for Gate {
    fn default() -> Self {
        Self { bucket: Mutex::new(None), together: Semaphore::new(TOGETHER_MAX) }
    }
}

impl Gate {
    /// Takes one, where one is left.
    pub fn enter(&self, now: Timestamp) -> bool {
        let now = now.as_millisecond();
        let mut gate = self.bucket.lock().unwrap_or_else(PoisonError::into_inner);
        let (left, since) = gate.unwrap_or((AT_ONCE_MAX, now));
        let more = (now - since).max(0) / ONE_MORE_MS;
        let left = (left + more).min(AT_ONCE_MAX);
        *gate = Some(((left - 1).max(0), since + more * ONE_MORE_MS));
        left > 0
    }
}

#[derive(Template)]
#[template(path = "verify.html")]
struct VerifyPage {
    shell: Shell,
    error: Option<String>,
    name: String,
    report: String,
    facts: String,
    /// What a paper that was issued here comes to: how it stands, and in words.
    ours: Option<(&'static str, String)>,
    most: usize,
    trusted: String,
}

fn draw(app: &App, visitor: &Visitor, path: &str, error: Option<String>) -> VerifyPage {
    let l = visitor.l;
    let title = l.say("Kiểm tra chữ ký số", "Check a signature");
    let title = if error.is_some() { format!("{} {title}", l.say("Lỗi:", "Error:")) } else { title.to_owned() };
    let count = app.trust.known().anchors.len();
    let trusted = match (count, l.is_english()) {
        (0, true) => "No trust anchor is installed here yet: a sound signature is told as indeterminate.".to_owned(),
        (0, false) => {
            "Ở đây chưa cài chứng thư gốc nào: chữ ký nguyên vẹn cũng chỉ được báo là chưa kết luận được.".to_owned()
        }
        (_, true) => format!("Trust anchors installed here: {count}."),
        (_, false) => format!("Ở đây cài {count} chứng thư gốc được tin cậy."),
    };
    VerifyPage {
        shell: Shell::new(app, visitor.person.as_ref(), l, path, Section::Elsewhere, title),
        error,
        name: String::new(),
        report: String::new(),
        facts: String::new(),
        ours: None,
        most: VERIFY_BYTES_MAX / (1024 * 1024),
        trusted,
    }
}

/// `GET /verify`
pub async fn page(
    State(app): State<App>,
    visitor: Visitor,
    OriginalUri(uri): OriginalUri,
) -> Result<Response, Failure> {
    super::html(&draw(&app, &visitor, uri.path(), None))
}

struct Given {
    name: String,
    file: Vec<u8>,
    content: Option<Vec<u8>>,
}

async fn given(mut form: Multipart) -> Result<Given, Text> {
    let most = VERIFY_BYTES_MAX / (1024 * 1024);
    let broken = |_| {
        Text::new(
            format!("Tệp tải lên bị ngắt giữa chừng hoặc lớn hơn {most} MB"),
            format!("The upload was cut off, or is larger than {most} MB"),
        )
    };
    let (mut file, mut content) = (None, None);
    while let Some(mut field) = form.next_field().await.map_err(broken)? {
        let is_content = field.name() == Some("content");
        let Some(name) = field.file_name().map(super::evidence::clean) else { continue };
        let mut bytes = Vec::new();
        while let Some(piece) = field.chunk().await.map_err(broken)? {
            bytes.extend_from_slice(&piece);
            if bytes.len() > VERIFY_BYTES_MAX {
                return Err(Text::new(
                    format!("“{name}” lớn hơn {most} MB, là cỡ lớn nhất ở trang này"),
                    format!("\"{name}\" is larger than {most} MB, the most that this page takes"),
                ));
            }
        }
        // A browser sends a field without a file as an empty one.
        match (is_content, bytes.is_empty()) {
            (true, true) => {}
            (true, false) => content = Some(bytes),
            (false, _) => file = Some((name, bytes)),
        }
    }
    match file {
        Some((name, file)) if !file.is_empty() => Ok(Given { name, file, content }),
        Some((name, _)) if name != "tệp" => {
            Err(Text::new(format!("“{name}” là tệp rỗng"), format!("\"{name}\" is empty")))
        }
        _ => Err(Text::new("Chưa chọn tệp nào", "No file was chosen")),
    }
}

fn refused(app: &App, visitor: &Visitor, path: &str, status: StatusCode, why: &Text) -> Result<Response, Failure> {
    let page = draw(app, visitor, path, Some(visitor.l.text(why).to_owned()));
    Ok((status, Html(page.render()?)).into_response())
}

/// What anybody is told of a paper that was issued here: whether it is the paper, not what it says.
fn told(l: L, found: &Recognised) -> (&'static str, String) {
    let number = match found.paper.number.as_str() {
        "" => String::new(),
        number => format!(" {} {number}", l.say("số", "no.")),
    };
    let issued = l.instant(&found.paper.made_at);
    let places = found.differences.len();
    match (found.likeness, l.is_english()) {
        (Likeness::Same, true) => {
            ("done", format!("A paper that was issued here{number} on {issued}; nothing but signatures was added."))
        }
        (Likeness::Same, false) => {
            ("done", format!("Văn bản do hệ thống này phát hành{number} lúc {issued}; chỉ thêm chữ ký."))
        }
        (Likeness::SameWords, true) => (
            "warn",
            format!(
                "All words are those of a paper that was issued here{number} on {issued}; the file was written anew."
            ),
        ),
        (Likeness::SameWords, false) => (
            "warn",
            format!("Mọi chữ giống văn bản do hệ thống này phát hành{number} lúc {issued}; tệp đã được ghi lại."),
        ),
        (Likeness::Altered, true) => (
            "bad",
            format!(
                "It carries the code of a paper that was issued here{number} on {issued}, but its words differ in {places} places."
            ),
        ),
        (Likeness::Altered, false) => (
            "bad",
            format!(
                "Mang mã của văn bản do hệ thống này phát hành{number} lúc {issued}, nhưng lời văn khác ở {places} chỗ."
            ),
        ),
    }
}

/// Why a file was not looked at.
pub(crate) enum Refused {
    /// What whoever asked is told, with which status.
    Told(StatusCode, Text),
    /// It could not be.
    Failed(Failure),
}

/// A file that was looked at.
pub(crate) struct Looked {
    /// Its name.
    pub name: String,
    /// What was found.
    pub examined: Seen,
    /// The paper of ours that it is.
    pub ours: Option<Recognised>,
}

/// Takes one turn, reads the form and looks at its file. Nothing is kept.
pub(crate) async fn looked(app: &App, request: Request) -> Result<Looked, Refused> {
    let turn = app.gate.together.try_acquire();
    if turn.is_err() || !app.gate.enter(app.now()) {
        let why = Text::new(
            "Đang có quá nhiều lượt kiểm tra; hãy thử lại sau nửa phút",
            "Too many checks are being made; try again in half a minute",
        );
        return Err(Refused::Told(StatusCode::TOO_MANY_REQUESTS, why));
    }
    let wrong = |why| Refused::Told(StatusCode::UNPROCESSABLE_ENTITY, why);
    let none = |_| wrong(Text::new("Chưa chọn tệp nào", "No file was chosen"));
    let form = Multipart::from_request(request, app).await.map_err(none)?;
    let cut_off = || Text::new("Tải lên quá lâu; hãy thử lại", "The upload took too long; try again");
    let given = tokio::time::timeout(UPLOAD_WAIT, given(form)).await.unwrap_or_else(|_| Err(cut_off()));
    let given = given.map_err(wrong)?;
    let ours = recognise(app, &given.file).await.map_err(Refused::Failed)?;
    let examined = examine(app, Source::Bytes(given.file), given.content.map(Source::Bytes)).await;
    let examined = examined.map_err(|error| {
        tracing::error!(%error, "a file was not checked");
        Refused::Failed(Failure::Internal)
    })?;
    Ok(Looked { name: given.name, examined, ours })
}

/// `POST /verify`
pub async fn check(
    State(app): State<App>,
    visitor: Visitor,
    OriginalUri(uri): OriginalUri,
    request: Request,
) -> Result<Response, Failure> {
    let l: L = visitor.l;
    let path = uri.path();
    let Looked { name, examined, ours } = match looked(&app, request).await {
        Ok(looked) => looked,
        Err(Refused::Told(status, why)) => return refused(&app, &visitor, path, status, &why),
        Err(Refused::Failed(failure)) => return Err(failure),
    };
    let mut page = draw(&app, &visitor, path, None);
    let checked = match l.is_english() {
        true => format!("Checked {}; nothing was kept", l.instant(&app.now())),
        false => format!("Kiểm tra lúc {}; không lưu gì lại", l.instant(&app.now())),
    };
    page.report = report_view(l, &examined.report, Place::Public, checked).render()?;
    page.facts = facts_line(l, &examined.facts);
    page.name = name;
    page.ours = ours.map(|found| told(l, &found));
    super::html(&page)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gate_lets_so_many_through_and_one_more_each_second() {
        let gate = Gate::default();
        let at = |ms: i64| Timestamp::from_millisecond(1_000_000 + ms).unwrap_or(Timestamp::UNIX_EPOCH);
        assert!((0..AT_ONCE_MAX).all(|_| gate.enter(at(0))));
        assert!(!gate.enter(at(0)));
        assert!(!gate.enter(at(900)));
        assert!(gate.enter(at(1_100)));
        assert!(!gate.enter(at(1_200)));
    }
}
