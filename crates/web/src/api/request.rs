//! What comes with a request: JSON, ids, pages, versions. Whatever is wrong with it becomes a problem, never a failure.

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::IntoResponse;
use criteria::date::Date;
use schemars::JsonSchema;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value as Json;

use super::problem::Problem;
use crate::app::App;

/// Most items of one page.
const PAGE_MAX: usize = 200;
/// Items of a page where nothing else is asked for.
const PAGE: usize = 100;

/// The ids in the address. One that cannot be an id names nothing.
pub struct At<T>(pub T);

impl<T: DeserializeOwned + Send> FromRequestParts<App> for At<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let Path(ids) = Path::from_request_parts(parts, app).await.map_err(|_| Problem::not_found())?;
        Ok(Self(ids))
    }
}

/// What stands after the question mark.
pub struct Asked<T>(pub T);

impl<T: DeserializeOwned + Send> FromRequestParts<App> for Asked<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let Query(asked) = Query::from_request_parts(parts, app).await.map_err(|error| {
            let error = error.body_text();
            Problem::new(
                StatusCode::BAD_REQUEST,
                "bad-query",
                format!("Không hiểu được phần sau dấu hỏi của địa chỉ: {error}"),
                format!("What stands after the question mark is not understood: {error}"),
            )
        })?;
        Ok(Self(asked))
    }
}

/// A JSON body.
pub struct Body<T>(pub T);

impl<T: DeserializeOwned> FromRequest<App> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &App) -> Result<Self, Problem> {
        let kind =
            request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        if kind != "application/json" && !(kind.starts_with("application/") && kind.ends_with("+json")) {
            return Err(Problem::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "media-type",
                "Cần Content-Type: application/json",
                "Content-Type: application/json is needed",
            ));
        }
        let bytes =
            Bytes::from_request(request, app).await.map_err(|rejection| match rejection.into_response().status() {
                StatusCode::PAYLOAD_TOO_LARGE => Problem::new(
                    StatusCode::PAYLOAD_TOO_LARGE,
                    "too-large",
                    "Nội dung JSON quá lớn (tối đa 1 MB)",
                    "The JSON is too large (1 MB at most)",
                ),
                _ => Problem::new(
                    StatusCode::BAD_REQUEST,
                    "cut-off",
                    "Nội dung gửi lên bị ngắt giữa chừng",
                    "What was sent was cut off",
                ),
            })?;
        // First as JSON at all, whose depth the parser bounds, then as what is wanted here.
        let json: Json = serde_json::from_slice(&bytes).map_err(|error| {
            Problem::new(
                StatusCode::BAD_REQUEST,
                "malformed",
                format!("Không phải JSON đúng quy cách: {error}"),
                format!("This is not well-formed JSON: {error}"),
            )
        })?;
        if has_nul(&json) {
            return Err(Problem::new(
                StatusCode::BAD_REQUEST,
                "malformed",
                "Có ký tự U+0000, không lưu được",
                "There is a U+0000, which cannot be kept",
            ));
        }
        let shape = |error: String| {
            Problem::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "shape",
                format!("JSON không đúng dạng mong đợi: {error}"),
                format!("The JSON is not of the expected shape: {error}"),
            )
        };
        // Every body of the document is an object; serde would read an array as the fields in their order.
        if !json.is_object() {
            return Err(shape("an object is expected".to_owned()));
        }
        T::deserialize(json).map(Self).map_err(|error| shape(error.to_string()))
    }
}

/// Databases keep no U+0000 in a text; nobody means it.
fn has_nul(json: &Json) -> bool {
    match json {
        Json::String(text) => text.contains('\0'),
        Json::Array(items) => items.iter().any(has_nul),
        Json::Object(keys) => keys.iter().any(|(key, value)| key.contains('\0') || has_nul(value)),
        Json::Null | Json::Bool(_) | Json::Number(_) => false,
    }
}

/// Which page of a list.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
pub struct Paging {
    limit: Option<usize>,
    /// The last item of the page before.
    pub after: Option<i64>,
}

impl Paging {
    /// How many items at most.
    pub fn limit(&self) -> Result<usize, Problem> {
        match self.limit {
            None => Ok(PAGE),
            Some(limit) if (1..=PAGE_MAX).contains(&limit) => Ok(limit),
            Some(_) => Err(Problem::field(
                "limit",
                format!("Mỗi trang từ 1 đến {PAGE_MAX} mục"),
                format!("A page has 1 to {PAGE_MAX} items"),
            )),
        }
    }
}

/// Nothing but the wish itself: an empty object.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Nothing {}

/// What should have been a form with a file is none.
pub fn not_a_form() -> Problem {
    Problem::new(
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        "media-type",
        "Cần Content-Type: multipart/form-data, mỗi tệp một phần",
        "Content-Type: multipart/form-data is needed, one part for each file",
    )
}

/// Why something is done.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Reason {
    /// Why; kept on the record.
    pub reason: String,
}

/// Something to say.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewWords {
    /// The words.
    pub words: String,
}

/// The version that the one who asks has seen, and whether it stood in `If-Match`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    pub version: i64,
    pub by_header: bool,
}

/// The version that was seen: of the ETag in `If-Match`, or else in the body.
pub fn seen(headers: &HeaderMap, in_body: Option<i64>) -> Result<Seen, Problem> {
    let by_header = match headers.get(header::IF_MATCH) {
        None => None,
        Some(value) => {
            let tag = value.to_str().unwrap_or_default().trim();
            let tag = tag.strip_prefix("W/").unwrap_or(tag).trim_matches('"');
            let version = tag.split('-').next().and_then(|version| version.parse().ok());
            // A tag of something else can match nothing here.
            Some(version.filter(|_| tag != "*").unwrap_or(-1))
        }
    };
    match (by_header, in_body) {
        (Some(version), _) => Ok(Seen { version, by_header: true }),
        (None, Some(version)) => Ok(Seen { version, by_header: false }),
        (None, None) => Err(Problem::new(
            StatusCode::PRECONDITION_REQUIRED,
            "version-needed",
            "Cần nêu bản đã xem: If-Match với ETag của lần đọc, hoặc “version” trong nội dung",
            "The version that was seen is needed: If-Match with the ETag of the last reading, or \"version\" in the body",
        )),
    }
}

/// A day, as ISO 8601 writes it.
pub fn day(field: &str, text: &str) -> Result<Date, Problem> {
    text.parse().map_err(|_| {
        Problem::field(
            field,
            format!("“{text}” không phải là ngày dạng 2023-10-20"),
            format!("\"{text}\" is no day such as 2023-10-20"),
        )
    })
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn with(tag: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(header::IF_MATCH, HeaderValue::from_static(tag))])
    }

    #[test]
    fn the_version_stands_in_the_tag_or_in_the_body_and_nowhere_else() {
        assert_eq!(seen(&with("\"3-9f\""), Some(1)).ok(), Some(Seen { version: 3, by_header: true }));
        assert_eq!(seen(&with("W/\"12-9f\""), None).ok(), Some(Seen { version: 12, by_header: true }));
        assert_eq!(seen(&HeaderMap::new(), Some(4)).ok(), Some(Seen { version: 4, by_header: false }));
        assert!(seen(&HeaderMap::new(), None).is_err());
    }

    #[test]
    fn a_tag_of_something_else_matches_nothing() {
        for tag in ["*", "\"\"", "\"abc\"", "nonsense", "\"-\""] {
            assert_eq!(seen(&with(tag), None).ok(), Some(Seen { version: -1, by_header: true }), "{tag}");
        }
    }
}
