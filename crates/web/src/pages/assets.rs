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
