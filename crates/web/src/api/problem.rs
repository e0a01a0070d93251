//! Problem Details (RFC 9457): what the API answers when it cannot do what was asked. Nothing else leaves it as an error.

use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use criteria::Text;
use serde_json::{Map, Value as Json, json};
use store::Refusal;
use store::command::FieldRefusal;

use crate::failure::Failure;

/// The media type of a problem.
const MEDIA: &str = "application/problem+json";

/// Why a request was not answered as asked.
#[derive(Debug)]
pub struct Problem {
    status: StatusCode,
    /// A word for programs, which stays the same when sentences change.
    code: &'static str,
    detail: Text,
    /// Boxed, so that a result with a problem in it stays small.
    more: Box<Map<String, Json>>,
}

impl Problem {
    /// A problem with its sentence.
    pub fn new(status: StatusCode, code: &'static str, vi: impl Into<String>, en: impl Into<String>) -> Self {
        Self { status, code, detail: Text::new(vi, en), more: Box::default() }
    }

    /// There is no such thing, or not for the one who asks.
    pub fn not_found() -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "not-found",
            "Không có mục này, hoặc mục nằm ngoài phạm vi của tài khoản",
            "There is no such thing, or it is outside the account's scope",
        )
    }

    /// What was sent cannot be used, field by field.
    pub fn fields(fields: &[FieldRefusal]) -> Self {
        let join = |of: fn(&Text) -> &str| fields.iter().map(|one| of(&one.message)).collect::<Vec<_>>().join("; ");
        let mut problem = Self::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "invalid",
            join(|message| message.vi.as_str()),
            join(|message| message.en.as_str()),
        );
        let errors = fields.iter().map(|one| json!({ "field": one.field, "vi": one.message.vi, "en": one.message.en }));
        problem.more.insert("errors".to_owned(), errors.collect());
        problem
    }

    /// One field that cannot be taken.
    pub fn field(field: impl Into<String>, vi: impl Into<String>, en: impl Into<String>) -> Self {
        Self::fields(&[FieldRefusal { field: field.into(), message: Text::new(vi, en) }])
    }

    /// Somebody changed it since. `by_header` is whether the version stood in `If-Match`.
    pub fn stale(by_header: bool) -> Self {
        Self::new(
            if by_header { StatusCode::PRECONDITION_FAILED } else { StatusCode::CONFLICT },
            "stale",
            "Có người vừa sửa; `saved` là bản đang lưu, hãy làm lại trên bản đó",
            "Somebody changed this; `saved` is what is kept now, do it again on that",
        )
    }

    /// What happened and what to do.
    pub fn text(&self) -> &Text {
        &self.detail
    }

    /// Adds something for programs.
    pub fn with(mut self, key: &str, value: impl Into<Json>) -> Self {
        self.more.insert(key.to_owned(), value.into());
        self
    }

    /// What the status of an answer without words means here.
    fn of_status(status: StatusCode) -> Self {
        match status {
            StatusCode::NOT_FOUND => Self::not_found(),
            StatusCode::METHOD_NOT_ALLOWED => Self::new(
                status,
                "method-not-allowed",
                "Địa chỉ này không nhận phương thức đó; xem /api/v1/openapi.json",
                "This address does not take that method; see /api/v1/openapi.json",
            ),
            StatusCode::PAYLOAD_TOO_LARGE => {
                Self::new(status, "too-large", "Nội dung gửi lên quá lớn", "What was sent is too large")
            }
            StatusCode::FORBIDDEN => Self::new(
                status,
                "foreign-site",
                "Yêu cầu đến từ một trang khác",
                "The request comes from another site",
            ),
            status if status.is_client_error() => {
                Self::new(status, "bad-request", "Không hiểu được yêu cầu", "The request could not be understood")
            }
            status => {
                let (_, text) = Failure::Internal.parts();
                Self::new(status, "failed", text.vi, text.en)
            }
        }
    }
}

impl From<Failure> for Problem {
    fn from(failure: Failure) -> Self {
        let (status, text) = failure.parts();
        let code = match &failure {
            Failure::NotFound => return Self::not_found(),
            Failure::NotSignedIn { .. } => "no-credentials",
            Failure::Denied(_) => "denied",
            Failure::Fields(fields) => return Self::fields(fields),
            Failure::Invalid(_) => "invalid",
            Failure::Stale => "stale",
            Failure::Busy => "busy",
            Failure::Internal => "failed",
        };
        Self { status, code, detail: text, more: Box::default() }
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Invalid(fields) => Self::fields(&fields),
            other => Failure::from(other).into(),
        }
    }
}

impl From<store::Error> for Problem {
    fn from(error: store::Error) -> Self {
        Failure::from(error).into()
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut body = json!({
            "type": "about:blank", "title": self.status.canonical_reason(), "status": self.status.as_u16(),
            "code": self.code, "detail": self.detail.vi, "detail_en": self.detail.en,
        });
        if let Json::Object(keys) = &mut body {
            keys.extend(*self.more);
        }
        let mut response = (self.status, body.to_string()).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(MEDIA));
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"thuocdo\""));
        }
        response
    }
}

/// Turns what else would leave the API as an error (wrong methods, bodies cut off, other sites) into a problem.
pub async fn only_problems(request: Request, next: Next) -> Response {
    let path = request.uri().path();
    let is_api = path == "/api" || path.starts_with("/api/");
    let response = next.run(request).await;
    let status = response.status();
    if !is_api || status.as_u16() < 400 {
        return response;
    }
    let kind = response.headers().get(header::CONTENT_TYPE);
    if kind.is_some_and(|kind| kind.as_bytes() == MEDIA.as_bytes()) {
        return response;
    }
    let mut problem = Problem::of_status(status).into_response();
    for name in [header::ALLOW, HeaderName::from_static("x-request-id")] {
        if let Some(value) = response.headers().get(&name) {
            problem.headers_mut().insert(name, value.clone());
        }
    }
    problem
}
