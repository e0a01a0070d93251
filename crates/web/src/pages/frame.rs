//! Puts the frame around failures, in the language of whoever asked. A refused form comes back on its page with what was
//! typed in it (`refill`); where that cannot be, what was typed is shown with the way back: nobody types a page of reasons
//! twice. Programs get Problem Details.

use askama::Template;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Response};
use criteria::{Language, Text};
use tower::ServiceExt;

use super::refill::{self, Refused};
use crate::api;
use crate::app::App;
use crate::failure::{Failure, Shown};
use crate::person::{SESSION_COOKIE, Visitor, accepts_json, cookie};
use crate::view::{L, Section, Shell};

/// Fields whose values nobody typed, or that are nobody's to show.
const NOT_TYPED: [&str; 12] =
    ["password", "old", "new", "again", "codes", "secret", "token", "do", "version", "hash", "seen", "language"];

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage {
    shell: Shell,
    message: String,
    back: Option<String>,
    sign_in: Option<String>,
    typed: Vec<String>,
}

/// The layer around all pages.
pub async fn failures(State(app): State<App>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let copy = parts.clone();
    parts.extensions.clear();
    parts.extensions = copy.extensions.clone();
    let (body, form) = match kept(&copy, body).await {
        Ok(body) => body,
        Err(too_large) => return draw(&app, copy, too_large, &Bytes::new()).await,
    };
    let response = next.run(Request::from_parts(parts, body)).await;
    let Some(shown) = shown(&copy, &response, &form) else { return response };
    if let Some(page) = again(&app, &copy, &shown, &form).await {
        return page;
    }
    draw(&app, copy, shown, &form).await
}

/// The body, and a copy of it where it is a form of words.
async fn kept(parts: &Parts, body: Body) -> Result<(Body, Bytes), Shown> {
    let kind = parts.headers.get(header::CONTENT_TYPE).map(|kind| kind.as_bytes());
    if parts.method != Method::POST || !kind.is_some_and(|kind| kind.starts_with(b"application/x-www-form-urlencoded"))
    {
        return Ok((body, Bytes::new()));
    }
    match to_bytes(body, super::FORM_BYTES_MAX).await {
        Ok(form) => Ok((Body::from(form.clone()), form)),
        Err(_) => Err(sentence(StatusCode::PAYLOAD_TOO_LARGE)),
    }
}

/// What is to be shown in place of an answer.
fn shown(parts: &Parts, response: &Response, form: &[u8]) -> Option<Shown> {
    if let Some(shown) = response.extensions().get::<Shown>() {
        return Some(shown.clone());
    }
    let status = response.status();
    let path = parts.uri.path();
    // Who was signed in, and typed something, is not sent away from it.
    let away = response.headers().get(header::LOCATION).is_some_and(|to| to.as_bytes().starts_with(b"/sign-in?to="));
    if away && parts.method == Method::POST && cookie(parts, SESSION_COOKIE).is_some() && !typed(form).is_empty() {
        return Some(sentence(StatusCode::UNAUTHORIZED));
    }
    // What the framework refuses by itself has a line of English, or nothing.
    let kind = response.headers().get(header::CONTENT_TYPE).map(|kind| kind.as_bytes());
    let bare = kind.is_none_or(|kind| kind.starts_with(b"text/plain"));
    let ours = !path.starts_with(api::ROOT) && !path.starts_with("/assets/");
    let refused = matches!(status.as_u16(), 400 | 404 | 405 | 413 | 415 | 422);
    (bare && ours && refused).then(|| sentence(status))
}

fn sentence(status: StatusCode) -> Shown {
    let text = match status {
        StatusCode::UNAUTHORIZED => Text::new(
            "Phiên làm việc đã hết nên chưa ghi được. Những gì bạn gõ còn ở dưới: hãy chép lại, đăng nhập rồi dán vào",
            "The session is over, and nothing was recorded. What you typed stands below: copy it, sign in, and paste it",
        ),
        StatusCode::METHOD_NOT_ALLOWED => Text::new(
            "Địa chỉ này chỉ nhận biểu mẫu được gửi đến; hãy mở lại trang có biểu mẫu",
            "This address only takes a form that is sent to it; open the page with the form again",
        ),
        StatusCode::PAYLOAD_TOO_LARGE => Text::new(
            format!("Biểu mẫu lớn hơn {} MB nên không nhận được; hãy bớt chữ, hoặc gửi thành tệp", super::FORM_MB_MAX),
            format!("The form is larger than {} MB; shorten it, or send it as a file", super::FORM_MB_MAX),
        ),
        StatusCode::NOT_FOUND => return not_found(),
        _ => Text::new(
            "Địa chỉ hoặc biểu mẫu có chỗ không đọc được; hãy quay lại trang trước và thử lại",
            "Something in the address or the form cannot be read; go back and try again",
        ),
    };
    Shown(status, text, Vec::new())
}

fn not_found() -> Shown {
    let (status, text) = Failure::NotFound.parts();
    Shown(status, text, Vec::new())
}

/// What a form held, as it was typed.
fn typed(form: &[u8]) -> Vec<String> {
    let fields = form_urlencoded::parse(form);
    let words = fields.filter(|(name, value)| !NOT_TYPED.contains(&name.as_ref()) && !value.trim().is_empty());
    words.map(|(_, value)| value.into_owned()).collect()
}

/// The page on which a refused form stood, with what was typed in it and the problems beside their fields; `None` where
/// there is no such page.
async fn again(app: &App, parts: &Parts, Shown(status, _, problems): &Shown, form: &[u8]) -> Option<Response> {
    if parts.method != Method::POST || problems.is_empty() || accepts_json(parts) {
        return None;
    }
    let kind = parts.headers.get(header::CONTENT_TYPE).map(|kind| kind.as_bytes()).unwrap_or_default();
    let fields: Vec<_> = form_urlencoded::parse(form).into_owned().collect();
    let mut visited = parts.clone();
    let l = Visitor::from_request_parts(&mut visited, app).await.ok()?.l;
    let own = parts.uri.path();
    let above = own.rsplit_once('/').map(|(above, _)| above.to_owned());
    for page in came_from(parts).into_iter().chain([own.to_owned()]).chain(above) {
        let Some(html) = page_at(app, parts, &page).await else { continue };
        let files = kind.starts_with(b"multipart/form-data");
        let refused = Refused { page: &page, sent_to: own, fields: &fields, files, problems, l };
        if let Some(html) = refill::page(&html, &refused) {
            return Some((*status, Html(html)).into_response());
        }
    }
    None
}

/// A page as whoever asks would get it.
async fn page_at(app: &App, parts: &Parts, path: &str) -> Option<String> {
    let mut request = Request::get(path).body(Body::empty()).ok()?;
    *request.headers_mut() = parts.headers.clone();
    for name in [header::CONTENT_TYPE, header::CONTENT_LENGTH, header::IF_NONE_MATCH, header::ACCEPT_ENCODING] {
        request.headers_mut().remove(name);
    }
    let Ok(response) = super::router(app.clone()).oneshot(request).await;
    let kind = response.headers().get(header::CONTENT_TYPE).map(|kind| kind.as_bytes()).unwrap_or_default();
    if response.status() != StatusCode::OK || !kind.starts_with(b"text/html") {
        return None;
    }
    let bytes = to_bytes(response.into_body(), usize::MAX).await.ok()?;
    String::from_utf8(bytes.into()).ok()
}

/// The page of ours on which the form stood.
fn came_from(parts: &Parts) -> Option<String> {
    let text = |name| parts.headers.get(name).and_then(|value| value.to_str().ok());
    let (_, rest) = text(header::REFERER)?.split_once("://")?;
    let (host, path) = rest.split_at(rest.find('/')?);
    (Some(host) == text(header::HOST) && path != parts.uri.path() && !path.starts_with("//")).then(|| path.to_owned())
}

async fn draw(app: &App, mut parts: Parts, Shown(status, text, _): Shown, form: &[u8]) -> Response {
    if accepts_json(&parts) {
        return failure_of(status, text).problem();
    }
    let back = came_from(&parts);
    // A form's own address is no page to come back to.
    let path = match parts.method {
        Method::GET => parts.uri.path().to_owned(),
        _ => back.clone().unwrap_or_else(|| "/".to_owned()),
    };
    let visitor = Visitor::from_request_parts(&mut parts, app).await;
    let visitor = visitor.unwrap_or(Visitor { person: None, l: L(Language::Vietnamese) });
    let l = visitor.l;
    let title = match status.as_u16() {
        401 => l.say("Phiên đã hết", "The session is over"),
        404 => l.say("Không tìm thấy", "Not found"),
        403 => l.say("Không được phép", "Not allowed"),
        409 => l.say("Đã có người sửa", "Changed meanwhile"),
        503 => l.say("Đang bận", "Busy"),
        500.. => l.say("Có lỗi", "Something failed"),
        _ => l.say("Chưa làm được", "This cannot be done"),
    };
    let shell = Shell::new(app, visitor.person.as_ref(), l, &path, Section::Elsewhere, title);
    let sign_in = (status == StatusCode::UNAUTHORIZED).then(|| format!("/sign-in?to={path}"));
    let page = ErrorPage { shell, message: l.text(&text).to_owned(), back, sign_in, typed: typed(form) };
    match page.render() {
        Ok(html) => (status, Html(html)).into_response(),
        Err(_) => (status, text.vi).into_response(),
    }
}

fn failure_of(status: StatusCode, text: Text) -> Failure {
    match status.as_u16() {
        404 => Failure::NotFound,
        403 => Failure::Denied(text),
        409 => Failure::Stale,
        500 => Failure::Internal,
        503 => Failure::Busy,
        _ => Failure::Invalid(text),
    }
}
