//! The stylesheet, the script and the icon: their addresses change with their content, so browsers keep them.

use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};

use crate::app::{App, SCRIPT, STYLE};
use crate::failure::Failure;

const ICON: &str = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 28 28\"><rect width=\"28\" height=\"28\" rx=\"4\" \
                    fill=\"#0a5566\"/><path d=\"M4 8h20v12H4zM9 8v6M14 8v4M19 8v6\" fill=\"none\" stroke=\"#fff\" \
                    stroke-width=\"2\"/></svg>";

/// `GET /assets/FILE`
pub async fn file(State(app): State<App>, Path(file): Path<String>) -> Result<Response, Failure> {
    let path = format!("/assets/{file}");
    let (kind, text) = if path == app.assets.style {
        ("text/css; charset=utf-8", STYLE)
    } else if path == app.assets.script {
        ("text/javascript; charset=utf-8", SCRIPT)
    } else if file == "icon.svg" {
        ("image/svg+xml", ICON)
    } else {
        return Err(Failure::NotFound);
    };
    let headers = [(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "public, max-age=31536000, immutable")];
    Ok((headers, text).into_response())
}

/// `GET /favicon.ico`: browsers and readers that ask for it by habit get the same drawing, sixteen pixels wide.
pub async fn icon() -> Response {
    let headers = [(header::CONTENT_TYPE, "image/x-icon"), (header::CACHE_CONTROL, "public, max-age=604800")];
    (headers, ICO.as_slice()).into_response()
}

/// The ruler of the icon on a field of 16 by 16, one letter a pixel: `#` is white, anything else the ground.
const DRAWN: [&str; 16] = [
    "                ",
    "                ",
    "                ",
    " ############## ",
    " #  #  #  #   # ",
    " #  #  #  #   # ",
    " #  #  #  #   # ",
    " #  #     #   # ",
    " #  #     #   # ",
    " #            # ",
    " #            # ",
    " ############## ",
    "                ",
    "                ",
    "                ",
    "                ",
];
/// Head of the file and of its one picture, 256 pixels of four bytes, and a mask of 16 rows of four bytes.
const ICO_BYTES: usize = 22 + 40 + 256 * 4 + 64;
/// An icon file with one picture, made of the drawing when the program is built.
const ICO: [u8; ICO_BYTES] = drawn();

const fn drawn() -> [u8; ICO_BYTES] {
    let mut ico = [0_u8; ICO_BYTES];
    // One icon; 16 by 16, 32 bits a pixel; how long and where. Then the bitmap's head, which counts the mask's rows too.
    let size = ((ICO_BYTES - 22) as u32).to_le_bytes();
    let head = [0, 0, 1, 0, 1, 0, 16, 16, 0, 0, 1, 0, 32, 0, size[0], size[1], size[2], size[3], 22, 0, 0, 0];
    let bitmap = [40, 0, 0, 0, 16, 0, 0, 0, 32, 0, 0, 0, 1, 0, 32];
    let mut at = 0;
    while at < head.len() {
        ico[at] = head[at];
        at += 1;
    }
    let mut at = 0;
    while at < bitmap.len() {
        ico[22 + at] = bitmap[at];
        at += 1;
    }
    let mut place = 0;
    while place < 256 {
        // Bitmaps begin with the lowest row.
        let white = DRAWN[15 - place / 16].as_bytes()[place % 16] == b'#';
        let pixel = if white { [255, 255, 255, 255] } else { [0x66, 0x55, 0x0a, 255] };
        let mut part = 0;
        while part < 4 {
            ico[62 + place * 4 + part] = pixel[part];
            part += 1;
        }
        place += 1;
    }
    ico
}
