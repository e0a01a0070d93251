//! Evidence in the page: a PDF as pictures of its pages, images and texts as they are, and a sentence in the place of what
//! cannot be shown.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use cycle::EvidenceId;
use documents::preview::{PAGE_MAX, Trouble};
use serde::Deserialize;
use store::records::Evidence;

use super::evidence::seen;
use crate::app::App;
use crate::failure::Failure;
use crate::person::Person;
use crate::previews::{self, Instead};
use crate::view::L;

/// The longer side of a page, in pixels.
const SIDE: u16 = 1_400;
/// The longer side of a thumbnail, in pixels: sharp on a phone.
const SMALL_SIDE: u16 = 200;
/// Letters of one line of a sentence that stands in the place of a page.
const LETTERS_MAX: usize = 38;

/// Whether a kind of file has pages that are drawn.
pub fn has_pages(media: &str) -> bool {
    media == "application/pdf"
}

#[derive(Deserialize)]
pub struct Size {
    #[serde(default)]
    size: String,
}

/// `GET /evidence/EVIDENCE/pages/PAGE.png`: a page of a PDF as a picture; with `?size=small` as a thumbnail.
pub async fn page(
    State(app): State<App>,
    person: Person,
    Path((id, page)): Path<(EvidenceId, String)>,
    Query(size): Query<Size>,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let evidence = seen(&app, &person, id).await?;
    let number = page.strip_suffix(".png").and_then(|number| number.parse::<usize>().ok()).filter(|number| *number > 0);
    let number = number.filter(|_| has_pages(&evidence.media)).ok_or(Failure::NotFound)?;
    let sha256 = evidence.sha256.as_deref().ok_or(Failure::NotFound)?;
    let small = size.size == "small";
    let side = if small { SMALL_SIDE } else { SIDE };
    // What a piece of evidence is never changes: who has the picture needs no other drawing of it.
    let mark = format!("\"{sha256}-{number}-{side}\"");
    let kept = headers.get(header::IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == mark.as_bytes());
    let answer = if kept && previews::infection(&app, sha256).await?.is_none() {
        Ok(StatusCode::NOT_MODIFIED.into_response())
    } else {
        previews::page(&app, &evidence, number, side).await?.map(IntoResponse::into_response)
    };
    let instead = match answer {
        Ok(mut response) => {
            let headers = response.headers_mut();
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("image/png"));
            headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, max-age=31536000, immutable"));
            headers.insert(header::ETAG, HeaderValue::from_str(&mark).map_err(|_| Failure::Internal)?);
            return Ok(response);
        }
        Err(Instead::Trouble(Trouble::NoPage)) => return Err(Failure::NotFound),
        Err(instead) => instead,
    };
    let status = match instead {
        Instead::Infected(_) => StatusCode::FORBIDDEN,
        Instead::Trouble(_) => StatusCode::UNPROCESSABLE_ENTITY,
        Instead::Late => StatusCode::SERVICE_UNAVAILABLE,
    };
    // Browsers draw it in the picture's place, whatever the status.
    let kind = HeaderValue::from_static("image/svg+xml");
    let sentence = match small {
        true => person.l().say("Không có ảnh", "No picture").to_owned(),
        false => person.l().text(&instead.text()).to_owned(),
    };
    Ok((status, [(header::CONTENT_TYPE, kind)], sign(&sentence, small)).into_response())
}

/// A sentence as a picture.
fn sign(sentence: &str, small: bool) -> String {
    let mut lines = vec![String::new()];
    for word in sentence.split(' ') {
        let full = lines.last().is_some_and(|line| {
            !line.is_empty() && (small || line.chars().count() + word.chars().count() >= LETTERS_MAX)
        });
        match lines.last_mut() {
            Some(line) if !full => {
                let gap = if line.is_empty() { "" } else { " " };
                line.push_str(gap);
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    let escaped = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let (wide, gap) = if small { (100, 26) } else { (700, 44) };
    let high = if small { 141 } else { gap * (lines.len() + 2) };
    let (half, letters) = (wide / 2, gap * 3 / 4);
    let top = (high - gap * (lines.len() - 1)) / 2 + letters / 3;
    let rows = lines
        .iter()
        .enumerate()
        .map(|(at, line)| format!("<text x=\"{half}\" y=\"{}\">{}</text>", top + at * gap, escaped(line)));
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{wide}\" height=\"{high}\" viewBox=\"0 0 {wide} {high}\">\
         <rect width=\"{wide}\" height=\"{high}\" fill=\"#f2f2ef\"/><g fill=\"#333\" font-family=\"sans-serif\" \
         font-size=\"{letters}\" text-anchor=\"middle\">{}</g></svg>",
        rows.collect::<String>()
    )
}

#[derive(Template)]
#[template(path = "preview.html")]
struct View {
    l: L,
    words: Option<String>,
    leaf: bool,
    image: bool,
    src: String,
    href: String,
    alt: String,
    place: String,
    before: Option<String>,
    after: Option<String>,
}

/// A file as it stands on the desk: page `number` of a PDF, with the way to its neighbours from the address `here`.
pub async fn drawn(app: &App, l: L, file: &Evidence, number: usize, here: &str) -> Result<String, Failure> {
    let href = format!("/evidence/{}", file.id);
    let mut view = View {
        l,
        words: None,
        leaf: has_pages(&file.media),
        image: file.media.starts_with("image/"),
        src: href.clone(),
        href,
        alt: format!("{} {}", l.say("Xem trước", "Preview of"), file.name),
        place: String::new(),
        before: None,
        after: None,
    };
    if view.leaf {
        match previews::count(app, file).await? {
            Err(instead) => view.words = Some(l.text(&instead.text()).to_owned()),
            Ok(count) => {
                let number = number.clamp(1, count.unwrap_or(PAGE_MAX).min(PAGE_MAX));
                view.src = format!("{}/pages/{number}.png", view.href);
                view.alt = format!("{} {number}: {}", l.say("Trang", "Page"), file.name);
                view.place = match count {
                    Some(count) => format!("{} {number} {} {count}", l.say("Trang", "Page"), l.say("trên", "of")),
                    None => format!("{} {number}", l.say("Trang", "Page")),
                };
                let to = |number: usize| format!("{here}&page={number}");
                view.before = (number > 1).then(|| to(number - 1));
                let last = count.unwrap_or(PAGE_MAX).min(PAGE_MAX);
                view.after = (number < last).then(|| to(number + 1));
            }
        }
    }
    Ok(view.render()?)
}
