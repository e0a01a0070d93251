//! What stands before every page: nobody posts from another site, nothing runs that is not ours, nothing is framed.

use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::api;

/// The content security policy of pages: our own files only. Style attributes carry the lengths of rulers.
pub const PAGE_POLICY: &str = "default-src 'none'; style-src 'self'; style-src-attr 'unsafe-inline'; script-src 'self'; \
                               img-src 'self' data:; connect-src 'self'; form-action 'self'; frame-src 'self'; \
                               frame-ancestors 'none'; base-uri 'none'";

/// The policy of files of evidence: they can do nothing.
pub const FILE_POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; sandbox; frame-ancestors 'self'";

/// Refuses changes that come from another site, by what the browser says of itself: with a cookie they would be done in
/// a person's name, and without one they would sign a person in as somebody else. A program that says nothing of where it
/// comes from is none. One that calls the API with a token may say what it likes: no site can make a browser send one.
pub async fn same_site(request: Request, next: Next) -> Response {
    let changes = !matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    let headers = request.headers();
    let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    let bearer = text(header::AUTHORIZATION).and_then(|value| value.get(..7));
    let by_token =
        request.uri().path().starts_with(api::ROOT) && bearer.is_some_and(|kind| kind.eq_ignore_ascii_case("bearer "));
    if changes && !by_token {
        let host = text(header::HOST).unwrap_or_default();
        let foreign = |address: &str| {
            address.split_once("://").is_none_or(|(_, rest)| rest.split('/').next().unwrap_or_default() != host)
        };
        let refused = match text(HeaderName::from_static("sec-fetch-site")) {
            Some("same-origin" | "none") => false,
            Some(_) => true,
            // Older browsers: the origin, or at least the page that the form was on.
            None => match (text(header::ORIGIN), text(header::REFERER)) {
                (Some(origin), _) => foreign(origin),
                (None, Some(referer)) => foreign(referer),
                (None, None) => false,
            },
        };
        if refused {
            return (StatusCode::FORBIDDEN, "Yêu cầu đến từ một trang khác / The request comes from another site")
                .into_response();
        }
    }
    next.run(request).await
}

/// A page of ours to go on to, as an address may be written; never another site's. Browsers drop tabs and line ends out of
/// an address, and take a backslash for a slash: either makes another site's out of what looks like a path.
pub fn own_page(to: &str) -> Option<String> {
    let path = to.starts_with('/') && !to.starts_with("//");
    let strange = |letter: char| letter == '\\' || letter.is_control() || letter.is_whitespace();
    if !path || to.chars().any(strange) {
        return None;
    }
    let coded = |byte: u8| match byte {
        0x21..=0x7e => char::from(byte).to_string(),
        other => format!("%{other:02X}"),
    };
    Some(to.bytes().map(coded).collect())
}

/// Puts the security headers on every answer that does not carry its own.
pub async fn headers(request: Request, next: Next) -> Response {
    let path_is_file = request.uri().path().starts_with("/assets/");
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let mut set = |name: HeaderName, value: &'static str| {
        if !headers.contains_key(&name) {
            headers.insert(name, HeaderValue::from_static(value));
        }
    };
    set(header::CONTENT_SECURITY_POLICY, PAGE_POLICY);
    set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(header::REFERRER_POLICY, "same-origin");
    set(header::X_FRAME_OPTIONS, "SAMEORIGIN");
    set(HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
    set(HeaderName::from_static("permissions-policy"), "geolocation=(), microphone=()");
    if !path_is_file {
        set(header::CACHE_CONTROL, "no-store");
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_pages_of_ours_are_gone_on_to() {
        for to in [
            "",
            "work",
            "//evil.example",
            "/\\evil.example",
            "/\t/evil.example",
            "/\n",
            "/\u{1}",
            "/\u{85}",
            "/\u{7f}",
            "https://x",
        ] {
            assert_eq!(own_page(to), None, "{to:?}");
        }
        assert_eq!(own_page("/ranking?find=huế").as_deref(), Some("/ranking?find=hu%E1%BA%BF"));
        assert_eq!(own_page("/units/1?a=%20&b=1#c").as_deref(), Some("/units/1?a=%20&b=1#c"));
    }
}
