//! Tokens and cookies: what lets a program in, for how long, and metrics.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

#[allow(dead_code, reason = "each file of tests uses its own part of what is shared")]
mod common;

use axum::http::{StatusCode, header};
use common::api::{Api, FOCAL, OFFICIAL, OTHER, OWNER};
use jiff::SignedDuration;
use serde_json::json;
use store::Command;
use store::tokens::TokenScope::{Metrics, Read, Write};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cookie_reads_from_our_own_pages_and_changes_nothing() {
    let api = Api::new().await;
    let cookie = api.pages.cookie(FOCAL).await;
    let path = format!("/api/v1{}", api.entry());
    let cookie = ("cookie", cookie.as_str());
    for (site, status) in [("same-origin", 200), ("none", 200), ("same-site", 401), ("cross-site", 401)] {
        let answer = api.send("", "GET", &path, &[cookie, ("sec-fetch-site", site)], Vec::new()).await;
        assert_eq!(answer.status.as_u16(), status, "{site}");
    }
    let body = json!({ "version": 0, "note": "x" }).to_string().into_bytes();
    let json_type = ("content-type", "application/json");
    let own = [cookie, json_type, ("origin", "http://thuocdo.example")];
    api.send("", "PATCH", &path, &own, body.clone()).await.problem(401, "no-credentials");
    let foreign = [cookie, json_type, ("origin", "https://evil.example")];
    api.send("", "PATCH", &path, &foreign, body).await.problem(403, "foreign-site");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_is_made_shown_once_used_and_revoked() {
    let api = Api::new().await;
    let cookie = api.pages.cookie(FOCAL).await;
    let made = api.pages.post(&cookie, "/account/tokens", "name=S%E1%BB%91+ho%C3%A1&scope-read=yes&days=30").await;
    assert_eq!(made.status, StatusCode::OK, "{}", made.body);
    let at = made.body.find("thuocdo_").unwrap();
    let secret = made.body[at..at + 8 + 64].to_owned();
    let account = api.pages.get(&cookie, "/account").await.body;
    assert!(account.contains("Số hoá") && !account.contains(&secret), "shown once");
    assert!(account.contains("chưa dùng"));
    assert_eq!(api.get(&secret, "/me").await.json()["login"], FOCAL);
    assert!(!api.pages.get(&cookie, "/account").await.body.contains("chưa dùng"), "the use is recorded");
    api.json(&secret, "PATCH", &api.entry(), &json!({ "version": 0, "note": "x" })).await.problem(403, "scope");
    let held = api.pages.world.store.tokens(api.pages.world.person(FOCAL)).await.unwrap();
    assert_ne!(held[0].token, secret, "the secret itself is not kept");
    let used = held[0].used.unwrap();
    let later = |minutes| used.checked_add(SignedDuration::from_mins(minutes)).unwrap();
    for (minutes, recorded) in [(4, used), (6, later(6))] {
        api.pages.app.set_now(later(minutes));
        assert_eq!(api.get(&secret, "/me").await.status, StatusCode::OK);
        let held = api.pages.world.store.tokens(api.pages.world.person(FOCAL)).await.unwrap();
        let apart = held[0].used.unwrap().as_second() - recorded.as_second();
        assert!((0..=5).contains(&apart), "after {minutes} minutes");
    }
    // Somebody else's token is not one's own to revoke.
    let stranger = api.pages.cookie(OTHER).await;
    api.pages.post(&stranger, "/account/tokens/revoke", &format!("token={}", held[0].token)).await;
    assert_eq!(api.get(&secret, "/me").await.status, StatusCode::OK);
    api.pages.post(&cookie, "/account/tokens/revoke", &format!("token={}", held[0].token)).await;
    api.get(&secret, "/me").await.problem(401, "no-credentials");
    for form in ["name=&scope-read=yes&days=30", "name=x&days=30", "name=x&scope-read=yes&days=9999", ""] {
        let refused = api.pages.post(&cookie, "/account/tokens", form).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{form}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_ends_with_its_term_and_with_its_account() {
    let api = Api::new().await;
    let world = &api.pages.world;
    let secret = web::app::secret().unwrap();
    let now = api.pages.app.now();
    let expires = now.checked_add(SignedDuration::from_hours(1)).unwrap();
    let account = world.person(OFFICIAL);
    assert!(world.store.add_token(&secret, account, "x", &[Read], now, Some(expires)).await.unwrap());
    assert_eq!(api.get(&secret, "/me").await.status, StatusCode::OK);
    api.pages.app.set_now(expires.checked_add(SignedDuration::from_secs(1)).unwrap());
    api.get(&secret, "/me").await.problem(401, "no-credentials");
    let lasting = api.token(OFFICIAL, &[Read]).await;
    assert_eq!(api.get(&lasting, "/me").await.status, StatusCode::OK);
    world.operator(Command::Disable { account, disabled: true }).await;
    api.get(&lasting, "/me").await.problem(401, "no-credentials");
    for value in ["", "Bearer", "Bearer ", "Basic eDp5", "Bearer x y", "bearer 0000"] {
        let headers = [("authorization", value)];
        api.send("", "GET", "/api/v1/me", &headers, Vec::new()).await.problem(401, "no-credentials");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn metrics_are_for_those_who_run_the_whole() {
    let api = Api::new().await;
    let owner = api.token(OWNER, &[Metrics]).await;
    let official = api.token(OFFICIAL, &[Read, Write]).await;
    let get = async |token: &str| api.send(token, "GET", "/metrics", &[], Vec::new()).await;
    assert_eq!(get("").await.status, StatusCode::NOT_FOUND);
    assert_eq!(get(&official).await.status, StatusCode::FORBIDDEN, "without the scope");
    let unfit = api.token(OFFICIAL, &[Metrics]).await;
    assert_eq!(get(&unfit).await.status, StatusCode::NOT_FOUND, "without the right");
    api.get(&owner, "/me").await.problem(403, "scope");
    let change = json!({ "version": 0, "note": "x" });
    assert_eq!(api.json(&official, "PATCH", &api.entry(), &change).await.status, StatusCode::OK);
    api.json(&official, "PATCH", &api.entry(), &change).await.problem(409, "stale");
    api.get("", "/khong-co/1/2").await;
    let text = get(&owner).await;
    assert!(text.headers[header::CONTENT_TYPE].to_str().unwrap().starts_with("text/plain; version=0.0.4"));
    let pattern = "/api/v1/sheets/{sheet}/entries/{indicator}";
    for line in [
        format!("thuocdo_http_requests_total{{method=\"PATCH\",route=\"{pattern}\",status=\"200\"}} 1"),
        format!("thuocdo_http_requests_total{{method=\"PATCH\",route=\"{pattern}\",status=\"409\"}} 1"),
        format!("thuocdo_http_request_duration_seconds_count{{route=\"{pattern}\"}} 2"),
        "thuocdo_refused_changes_total 1".to_owned(),
        "thuocdo_queue_length 0".to_owned(),
        "thuocdo_sheets_in_memory 1".to_owned(),
        "thuocdo_database_errors_total 0".to_owned(),
        format!("thuocdo_build_info{{version=\"{}\"}} 1", env!("CARGO_PKG_VERSION")),
    ] {
        assert!(text.body.lines().any(|one| one == line), "{line}\n{}", text.body);
    }
    assert!(text.body.contains("thuocdo_saves_total "), "{}", text.body);
    assert!(!text.body.contains("khong-co") && !text.body.contains("I.5.2"), "no address that was asked for");
}
