//! What a page answers when it cannot do what was asked: a page for people, Problem Details (RFC 9457) for programs.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use criteria::Text;
use store::Refusal;
use store::command::FieldRefusal;

/// Why a request was not answered as asked.
#[derive(Debug)]
pub enum Failure {
    /// Nobody is signed in.
    NotSignedIn {
        /// Where to come back to.
        to: String,
        /// Whether a program asks.
        wants_json: bool,
    },
    /// There is no such page, or not for this person.
    NotFound,
    /// It may not be done.
    Denied(Text),
    /// What was sent cannot be used.
    Invalid(Text),
    /// Fields of a form cannot be used, each for a reason of its own.
    Fields(Vec<FieldRefusal>),
    /// Somebody changed it since.
    Stale,
    /// Too many ask for it at once.
    Busy,
    /// Something failed here; the details are in the log, not on the page.
    Internal,
}

impl From<store::Error> for Failure {
    fn from(error: store::Error) -> Self {
        tracing::error!(%error, "a request failed");
        Self::Internal
    }
}

impl From<askama::Error> for Failure {
    fn from(error: askama::Error) -> Self {
        tracing::error!(%error, "a page could not be drawn");
        Self::Internal
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Denied(denial) => Self::Denied(denial.text()),
            Refusal::NotFound => Self::NotFound,
            Refusal::Invalid(fields) => Self::Fields(fields),
            Refusal::Stale(_) => Self::Stale,
            Refusal::Failed(error) => error.into(),
        }
    }
}

impl Failure {
    /// One field of a form cannot be used.
    pub fn field(field: impl Into<String>, vi: impl Into<String>, en: impl Into<String>) -> Self {
        Self::Fields(vec![FieldRefusal { field: field.into(), message: Text::new(vi, en) }])
    }

    /// What is wrong, field by field; a sentence about the whole has no field.
    pub fn problems(&self) -> Vec<FieldRefusal> {
        match self {
            Self::Fields(fields) => fields.clone(),
            Self::Invalid(text) => vec![FieldRefusal { field: String::new(), message: text.clone() }],
            _ => Vec::new(),
        }
    }

    /// The status and the sentence.
    pub fn parts(&self) -> (StatusCode, Text) {
        match self {
            Self::NotSignedIn { .. } => (
                StatusCode::UNAUTHORIZED,
                Text::new("Bạn chưa đăng nhập, hoặc phiên đã hết", "You are not signed in, or the session is over"),
            ),
            Self::NotFound => (
                StatusCode::NOT_FOUND,
                Text::new(
                    "Không có trang này, hoặc trang nằm ngoài phạm vi của bạn",
                    "There is no such page, or it is outside your scope",
                ),
            ),
            Self::Denied(text) => (StatusCode::FORBIDDEN, text.clone()),
            Self::Invalid(text) => (StatusCode::UNPROCESSABLE_ENTITY, text.clone()),
            Self::Fields(fields) => {
                let vi: Vec<&str> = fields.iter().map(|field| field.message.vi.as_str()).collect();
                let en: Vec<&str> = fields.iter().map(|field| field.message.en.as_str()).collect();
                (StatusCode::UNPROCESSABLE_ENTITY, Text::new(vi.join("; "), en.join("; ")))
            }
            Self::Stale => (
                StatusCode::CONFLICT,
                Text::new(
                    "Có người vừa sửa; hãy mở lại trang để xem bản mới rồi làm lại",
                    "Somebody changed this; open the page again to see the new state, then do it again",
                ),
            ),
            Self::Busy => (
                StatusCode::SERVICE_UNAVAILABLE,
                Text::new(
                    "Đang có quá nhiều người đăng nhập cùng lúc; hãy thử lại sau ít giây",
                    "Too many people are signing in at once; try again in a few seconds",
                ),
            ),
            Self::Internal => (
                StatusCode::INTERNAL_SERVER_ERROR,
                Text::new(
                    "Máy chủ gặp lỗi và chưa làm được việc này; không có gì bị ghi dở. Hãy thử lại sau ít phút",
                    "The server failed and did nothing of this; try again in a few minutes",
                ),
            ),
        }
    }

    /// The answer for programs.
    pub fn problem(&self) -> Response {
        let (status, text) = self.parts();
        let body = serde_json::json!({
            "type": "about:blank", "title": status.canonical_reason(), "status": status.as_u16(),
            "detail": text.vi, "detail_en": text.en,
        });
        let mut response = (status, Json(body)).into_response();
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        response
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        match &self {
            Self::NotSignedIn { to, wants_json: false } => {
                let to: String = to
                    .bytes()
                    .map(|byte| match byte {
                        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'-' | b'.' | b'_' => {
                            char::from(byte).to_string()
                        }
                        other => format!("%{other:02X}"),
                    })
                    .collect();
                axum::response::Redirect::to(&format!("/sign-in?to={to}")).into_response()
            }
            Self::NotSignedIn { .. } => self.problem(),
            _ => {
                let (status, text) = self.parts();
                // The frame is put around it by the layer that knows the person; see `pages::frame_failures`.
                let mut response = (status, Html(String::new())).into_response();
                response.extensions_mut().insert(Shown(status, text, self.problems()));
                response
            }
        }
    }
}

/// A failure that still wants its page.
#[derive(Clone, Debug)]
pub struct Shown(pub StatusCode, pub Text, pub Vec<FieldRefusal>);
