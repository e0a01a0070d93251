//! Public pages as they were drawn, kept for whoever asks next. What was published does not change, and everybody
//! reloads it at once on the day: a page is drawn and packed once, until units, rounds or publications change.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use axum::body::{Body, Bytes, HttpBody, to_bytes};
use axum::extract::{FromRequestParts, Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest, Sha256};

use crate::app::App;
use crate::person::Visitor;

/// Largest page that is kept, in bytes before packing: a paper of a whole country's ranking fits in.
const PAGE_BYTES_MAX: usize = 8 * 1024 * 1024;
/// Most that is kept altogether, in bytes.
const ALL_BYTES_MAX: usize = 32 * 1024 * 1024;
/// What a page takes beside its body, in bytes: its address and headers.
const PAGE_BYTES_ASIDE: usize = 1024;

#[derive(Clone, PartialEq, Eq, Hash)]
struct Key {
    address: String,
    english: bool,
    packed: bool,
}

#[derive(Clone)]
struct Page {
    headers: HeaderMap,
    body: Bytes,
}

#[derive(Default)]
struct Pages {
    /// What the pages were drawn from: [`store::State::frame`].
    frame: i64,
    bytes: usize,
    pages: HashMap<Key, Arc<Page>>,
}

/// The pages at hand.
#[derive(Default)]
pub(crate) struct Kept(Mutex<Pages>);

impl Kept {
    fn get(&self, frame: i64, key: &Key) -> Option<Arc<Page>> {
        let pages = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        (pages.frame == frame).then(|| pages.pages.get(key).cloned()).flatten()
    }

    fn put(&self, frame: i64, key: Key, page: Arc<Page>) {
        let bytes = page.body.len() + PAGE_BYTES_ASIDE;
        let mut pages = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if pages.frame != frame || pages.bytes + bytes > ALL_BYTES_MAX {
            *pages = Pages { frame, ..Pages::default() };
        }
        if pages.pages.insert(key, page).is_none() {
            pages.bytes += bytes;
        }
    }
}

/// Whether a client takes gzip.
fn takes_gzip(headers: &HeaderMap) -> bool {
    let accepted = headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    accepted.flat_map(|value| value.split(',')).any(|one| {
        let (name, quality) = one.split_once(';').unwrap_or((one, ""));
        let refused = quality.trim().strip_prefix("q=").is_some_and(|quality| quality.parse() == Ok(0.0_f32));
        name.trim().eq_ignore_ascii_case("gzip") && !refused
    })
}

fn packs_well(headers: &HeaderMap) -> bool {
    let media = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    media.starts_with("text/") || media.starts_with("application/json")
}

fn packed(body: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut packer = GzEncoder::new(Vec::with_capacity(body.len() / 4), Compression::default());
    std::io::Write::write_all(&mut packer, body)?;
    packer.finish()
}

fn answer(page: &Page, asked: Option<&HeaderValue>) -> Response {
    let mut headers = page.headers.clone();
    if asked.is_some() && asked == headers.get(header::ETAG) {
        headers.remove(header::CONTENT_ENCODING);
        headers.remove(header::CONTENT_TYPE);
        return (StatusCode::NOT_MODIFIED, headers).into_response();
    }
    (headers, Body::from(page.body.clone())).into_response()
}

/// Answers from what is kept, and keeps what was drawn. People who are signed in get pages of their own.
pub(crate) async fn public(State(app): State<App>, request: Request, next: Next) -> Response {
    if request.method() != Method::GET {
        return next.run(request).await;
    }
    let (mut parts, body) = request.into_parts();
    let visitor = match Visitor::from_request_parts(&mut parts, &app).await {
        Ok(visitor) => visitor,
        Err(failure) => return failure.into_response(),
    };
    let asked = parts.headers.get(header::IF_NONE_MATCH).cloned();
    let mut key = Key {
        address: parts.uri.path_and_query().map(ToString::to_string).unwrap_or_default(),
        english: visitor.l.is_english(),
        packed: takes_gzip(&parts.headers),
    };
    let request = Request::from_parts(parts, body);
    if visitor.person.is_some() {
        return next.run(request).await;
    }
    let frame = app.store.state().frame;
    if let Some(page) = app.kept.get(frame, &key) {
        return answer(&page, asked.as_ref());
    }
    let response = next.run(request).await;
    let small = response.body().size_hint().upper().is_some_and(|bytes| bytes <= PAGE_BYTES_MAX as u64);
    if response.status() != StatusCode::OK || !small {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let Ok(mut body) = to_bytes(body, PAGE_BYTES_MAX).await else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    if key.packed && packs_well(&parts.headers) {
        let plain = body.clone();
        // A page of a whole country takes some milliseconds: they are not the other requests'.
        match tokio::task::spawn_blocking(move || packed(&plain)).await {
            Ok(Ok(packed)) => {
                body = packed.into();
                parts.headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
            }
            _ => key.packed = false,
        }
    }
    parts.headers.remove(header::CONTENT_LENGTH);
    let hash: String = Sha256::digest(&body).iter().take(12).map(|byte| format!("{byte:02x}")).collect();
    if let Ok(tag) = HeaderValue::from_str(&format!("\"{hash}\"")) {
        parts.headers.insert(header::ETAG, tag);
    }
    let page = Arc::new(Page { headers: parts.headers, body });
    app.kept.put(frame, key, Arc::clone(&page));
    answer(&page, asked.as_ref())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(bytes: usize) -> Arc<Page> {
        Arc::new(Page { headers: HeaderMap::new(), body: vec![0; bytes].into() })
    }

    fn key(address: &str) -> Key {
        Key { address: address.to_owned(), english: false, packed: false }
    }

    #[test]
    fn a_page_is_kept_until_what_it_was_drawn_from_changes_or_there_are_too_many() {
        let kept = Kept::default();
        kept.put(7, key("/a"), page(10));
        assert!(kept.get(7, &key("/a")).is_some() && kept.get(7, &key("/b")).is_none());
        assert!(kept.get(8, &key("/a")).is_none(), "drawn before the change");
        kept.put(8, key("/b"), page(10));
        assert!(kept.get(8, &key("/b")).is_some());
        kept.put(8, key("/c"), page(ALL_BYTES_MAX - 2 * PAGE_BYTES_ASIDE));
        assert!(kept.get(8, &key("/b")).is_none() && kept.get(8, &key("/c")).is_some());
    }

    #[test]
    fn gzip_goes_to_whom_it_is_right_for() {
        let takes = |value: &'static str| {
            takes_gzip(&HeaderMap::from_iter([(header::ACCEPT_ENCODING, HeaderValue::from_static(value))]))
        };
        assert!(takes("gzip") && takes("deflate, GZIP;q=0.5, br"));
        assert!(!takes("gzip;q=0") && !takes("identity") && !takes_gzip(&HeaderMap::new()));
    }
}
