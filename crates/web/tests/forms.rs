//! Forms that come back: what was typed stands in them again, and what is wrong stands beside its field.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

#[allow(dead_code, reason = "each file of tests uses its own part of what is shared")]
mod common;

use axum::body::Body;
use axum::http::{Request, header};
use common::{Answer, Pages};

const OFFICIAL: &str = "vh-xh@a.example";

/// Saves an entry as the page of an account does by script.
async fn autosave(pages: &Pages, cookie: &str, of: &str, path: &str, form: &str) -> Answer {
    let request = Request::post(path)
        .header(header::HOST, "thuocdo.example")
        .header(header::ORIGIN, "http://thuocdo.example")
        .header(header::COOKIE, cookie)
        .header(header::ACCEPT, "application/json")
        .header("x-account", of)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    pages.send(request.body(Body::from(form.to_owned())).unwrap()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_left_open_saves_nothing_under_the_name_of_who_signs_in_after() {
    let pages = Pages::new().await;
    let path = format!("/sheets/{}/entries/I.5.2", pages.world.sheet("A"));
    let first = pages.world.person(OFFICIAL).to_string();
    let later = pages.cookie("vp-tk@a.example").await;
    let page = pages.get(&pages.cookie(OFFICIAL).await, &path).await;
    assert!(page.body.contains(&format!("data-account=\"{first}\"")), "the page does not tell whose it is");
    let refused = autosave(&pages, &later, &first, &path, "note=x&version=0").await;
    assert_eq!(refused.status, 401, "{}", refused.body);
    let own = pages.world.person("vp-tk@a.example").to_string();
    assert_eq!(autosave(&pages, &later, &own, &path, "note=x&version=0").await.status, 200);
}
