//! Who may do what by program: every operation of the document, tried by everybody. An operation that is missing here
//! fails.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

#[allow(dead_code, reason = "each file of tests uses its own part of what is shared")]
mod common;

use std::collections::BTreeSet;

use common::api::{Api, FOCAL, FORM, HEAD, OFFICIAL, OTHER, OWNER, form};
use store::tokens::TokenScope::{Read, Write};

/// Who tries, all at unit A's sheet and things: the official it is assigned to, another official of A, A's focal point,
/// A's head, another unit's focal point, the parent's round owner, nobody.
const WHO: [&str; 7] = [OFFICIAL, "ca@a.example", FOCAL, HEAD, OTHER, OWNER, ""];

/// Method, address, body, and what each gets. In bodies, `$unit` is unit A, `$above` the unit above, `$level` the round's
/// level, `$sheet` unit A's sheet, `$position` the focal point's position.
const MATRIX: &[(&str, &str, &str, [u16; 7])] = &[
    ("GET", "/me", "", [200, 200, 200, 200, 200, 200, 401]),
    ("GET", "/work", "", [200, 200, 200, 200, 200, 200, 401]),
    ("GET", "/notices", "", [200, 200, 200, 200, 200, 200, 401]),
    ("POST", "/notices/read", "{}", [200, 200, 200, 200, 200, 200, 401]),
    ("GET", "/search", "", [200, 200, 200, 200, 200, 200, 401]),
    ("GET", "/units", "", [200, 200, 200, 200, 200, 200, 401]),
    (
        "POST",
        "/units",
        r#"{"units":[{"code":"Z","name":"Z","kind":"xã","level":"commune","parent":"T"}]}"#,
        [404, 404, 404, 404, 404, 403, 401],
    ),
    ("GET", "/units/{unit}", "", [200, 200, 200, 200, 404, 200, 401]),
    (
        "POST",
        "/units/{unit}/change",
        r#"{"how":"renamed","to":[{"name":"Tên mới"}],"day":"2023-11-01","document":"NQ 1","preview":true}"#,
        [404, 404, 404, 404, 404, 404, 401],
    ),
    // What is no upload is not looked at, but who may not import learns so first.
    ("POST", "/units/{unit}/import", "", [404, 404, 404, 404, 404, 422, 401]),
    ("POST", "/units/{unit}/positions", r#"{"code":"X","name":"X"}"#, [403, 403, 403, 403, 404, 200, 401]),
    (
        "POST",
        "/units/{unit}/people",
        r#"{"position":$position,"login":"x@a.example","name":"X"}"#,
        [403, 403, 403, 403, 404, 403, 401],
    ),
    ("PATCH", "/positions/{position}", r#"{"name":"Văn phòng"}"#, [403, 403, 403, 403, 404, 200, 401]),
    (
        "POST",
        "/positions/{position}/holdings",
        r#"{"login":"ct@a.example","from":"2023-11-01"}"#,
        [403, 403, 403, 403, 404, 403, 401],
    ),
    ("POST", "/holdings/{holding}/end", r#"{"to":"2024-12-31"}"#, [403, 403, 403, 403, 404, 200, 401]),
    ("GET", "/accounts/{account}", "", [404, 404, 200, 404, 404, 200, 401]),
    // Not even of oneself; the owner above lacks what this position may do.
    ("PATCH", "/accounts/{account}", r#"{"name":"Tên đúng"}"#, [404, 404, 403, 404, 404, 403, 401]),
    // Nobody invites, or takes a second factor off, themselves.
    ("POST", "/accounts/{account}/invitation", "{}", [404, 404, 403, 404, 404, 403, 401]),
    ("POST", "/accounts/{account}/second-factor/end", "{}", [404, 404, 403, 404, 404, 403, 401]),
    ("PUT", "/accounts/{account}/blocked", r#"{"blocked":false}"#, [404, 404, 200, 404, 404, 403, 401]),
    ("GET", "/rounds", "", [200, 200, 200, 200, 200, 200, 401]),
    (
        "POST",
        "/rounds",
        r#"{"owner":$above,"year":2024,"title":"Kỳ 2024","days":{},"sets":{"commune":"hue-2263-2023-commune"},"preview":true}"#,
        [404, 404, 404, 404, 404, 200, 401],
    ),
    ("GET", "/rounds/{round}", "", [200, 200, 200, 200, 200, 200, 401]),
    ("GET", "/rounds/{round}/sheets", "", [200, 200, 200, 200, 200, 200, 401]),
    ("GET", "/rounds/{round}/monitor", "", [200, 200, 200, 200, 200, 200, 401]),
    ("GET", "/rounds/{round}/late", "", [200, 200, 200, 200, 200, 200, 401]),
    ("GET", "/rounds/{round}/insights", "", [200, 200, 200, 200, 200, 200, 401]),
    ("GET", "/rounds/{round}/history", "", [404, 404, 404, 404, 404, 200, 401]),
    ("GET", "/rounds/{round}/settings", "", [404, 404, 404, 404, 404, 200, 401]),
    ("GET", "/rounds/{round}/papers/{file}", "", [404, 404, 404, 404, 404, 200, 401]),
    (
        "PUT",
        "/rounds/{round}/days",
        r#"{"days":{"collecting":{"from":"2023-04-01","to":"2023-10-31"}},"reason":"x"}"#,
        [403, 403, 403, 403, 403, 200, 401],
    ),
    ("PUT", "/rounds/{round}/description", r#"{"title":"Kỳ mẫu","reason":"x"}"#, [403, 403, 403, 403, 403, 200, 401]),
    (
        "POST",
        "/rounds/{round}/extensions",
        r#"{"unit":$unit,"to":"2023-11-10","reason":"x"}"#,
        [403, 403, 403, 403, 403, 200, 401],
    ),
    (
        "POST",
        "/rounds/{round}/exemptions",
        r#"{"unit":$unit,"indicator":"I.5.1","reason":"x"}"#,
        [403, 403, 403, 403, 403, 200, 401],
    ),
    (
        "POST",
        "/rounds/{round}/exemptions/end",
        r#"{"unit":$unit,"indicator":"I.5.1","reason":"x"}"#,
        [403, 403, 403, 403, 403, 200, 401],
    ),
    (
        "PATCH",
        "/rounds/{round}/appraisers",
        r#"{"appraisers":{"I.5.2":$above},"reason":"x"}"#,
        [403, 403, 403, 403, 403, 200, 401],
    ),
    (
        "POST",
        "/rounds/{round}/participation",
        r#"{"unit":$unit,"takes_part":true,"reason":"x"}"#,
        [403, 403, 403, 403, 403, 200, 401],
    ),
    (
        "POST",
        "/rounds/{round}/readings",
        r#"{"level":$level,"reading":"none","variant":"x","reason":"x"}"#,
        [403, 403, 403, 403, 403, 422, 401],
    ),
    (
        "PATCH",
        "/rounds/{round}/figures",
        r#"{"level":$level,"figures":{"none":"1"},"reason":"x"}"#,
        [403, 403, 403, 403, 403, 422, 401],
    ),
    (
        "PUT",
        "/rounds/{round}/grades",
        r#"{"level":$level,"grades":[{"name":"x","from":"x"}],"reason":"x"}"#,
        [403, 403, 403, 403, 403, 422, 401],
    ),
    ("GET", "/rounds/{round}/figure-files/workbook", "", [200, 200, 200, 404, 200, 200, 401]),
    ("POST", "/rounds/{round}/figure-files", "", [422, 422, 422, 404, 422, 422, 401]),
    ("GET", "/rounds/{round}/figure-files/{upload}", "", [404, 404, 404, 404, 404, 200, 401]),
    ("PATCH", "/rounds/{round}/figure-files/{upload}", "{}", [404, 404, 404, 404, 404, 200, 401]),
    ("POST", "/rounds/{round}/figure-files/{upload}/take", r#"{"seen":"x"}"#, [404, 404, 404, 404, 404, 422, 401]),
    ("POST", "/rounds/{round}/reminders", r#"{"show":"late"}"#, [403, 403, 403, 403, 403, 200, 401]),
    ("GET", "/sheets/{sheet}", "", [200, 200, 200, 200, 404, 200, 401]),
    ("GET", "/sheets/{sheet}/profile", "", [200, 200, 200, 200, 404, 200, 401]),
    ("PATCH", "/sheets/{sheet}/profile", r#"{"version":0,"figures":{}}"#, [403, 403, 200, 403, 404, 403, 401]),
    ("GET", "/sheets/{sheet}/assignment", "", [200, 200, 200, 200, 404, 200, 401]),
    ("GET", "/sheets/{sheet}/reviews", "", [200, 200, 200, 200, 404, 200, 401]),
    ("GET", "/sheets/{sheet}/receipt", "", [404, 404, 404, 404, 404, 404, 401]),
    ("GET", "/sheets/{sheet}/insights", "", [200, 200, 200, 200, 404, 200, 401]),
    ("GET", "/sheets/{sheet}/papers/{file}", "", [200, 200, 200, 200, 404, 200, 401]),
    ("GET", "/sheets/{sheet}/entries/{indicator}", "", [200, 200, 200, 200, 404, 200, 401]),
    ("GET", "/sheets/{sheet}/entries/{indicator}/proofs", "", [200, 200, 200, 200, 404, 200, 401]),
    // Each entry has an outcome of its own; `api_units.rs` looks at it.
    (
        "PATCH",
        "/sheets/{sheet}/entries",
        r#"{"entries":[{"indicator":"I.5.2","version":0,"figures":{}}]}"#,
        [200, 200, 200, 200, 404, 200, 401],
    ),
    ("POST", "/sheets/{sheet}/entries/{indicator}/preview", "{}", [200, 200, 200, 200, 404, 200, 401]),
    (
        "PATCH",
        "/sheets/{sheet}/entries/{indicator}",
        r#"{"version":0,"note":"x"}"#,
        [200, 403, 200, 403, 404, 403, 401],
    ),
    (
        "PUT",
        "/sheets/{sheet}/entries/{indicator}",
        r#"{"version":1,"answer":{"kind":"not-done","because":"x"}}"#,
        [200, 403, 200, 403, 404, 403, 401],
    ),
    ("POST", "/sheets/{sheet}/entries/{indicator}/ready", r#"{"version":2}"#, [200, 403, 200, 403, 404, 403, 401]),
    ("POST", "/sheets/{sheet}/entries/{indicator}/send-back", r#"{"reason":"x"}"#, [403, 403, 200, 403, 404, 403, 401]),
    ("POST", "/sheets/{sheet}/entries/{indicator}/remarks", r#"{"words":"x"}"#, [200, 200, 200, 200, 404, 200, 401]),
    (
        "POST",
        "/sheets/{sheet}/entries/{indicator}/explanation",
        r#"{"words":"x"}"#,
        [403, 403, 403, 403, 404, 403, 401],
    ),
    ("POST", "/sheets/{sheet}/entries/{indicator}/evidence", "FILE", [200, 403, 200, 403, 404, 403, 401]),
    (
        "POST",
        "/sheets/{sheet}/entries/{indicator}/links",
        r#"{"link":"https://xa.example/bai"}"#,
        [200, 403, 200, 403, 404, 403, 401],
    ),
    ("GET", "/evidence/{evidence}", "", [200, 200, 200, 200, 404, 200, 401]),
    (
        "POST",
        "/sheets/{sheet}/entries/{indicator}/proposals",
        r#"{"version":3,"take":"x"}"#,
        [422, 422, 422, 422, 404, 422, 401],
    ),
    ("POST", "/evidence/{evidence}/acceptance", r#"{"reason":"x"}"#, [404, 404, 404, 404, 404, 404, 401]),
    (
        "POST",
        "/sheets/{sheet}/entries/{indicator}/evidence/{evidence}/withdraw",
        r#"{"reason":"x"}"#,
        [404, 403, 404, 403, 404, 403, 401],
    ),
    ("POST", "/verify", "FILE", [200, 200, 200, 200, 200, 200, 401]),
    ("PUT", "/sheets/{sheet}/assignment", r#"{"assignments":[]}"#, [403, 403, 200, 403, 404, 403, 401]),
    ("POST", "/sheets/{sheet}/assignment/plan", r#"{"plan":"document"}"#, [403, 403, 200, 403, 404, 403, 401]),
    ("POST", "/sheets/{sheet}/reviews", r#"{"title":"x"}"#, [403, 403, 200, 403, 404, 403, 401]),
    ("POST", "/sheets/{sheet}/submission", r#"{"hash":"x"}"#, [403, 403, 403, 409, 404, 403, 401]),
    ("POST", "/sheets/{sheet}/unlock", r#"{"reason":"x"}"#, [403, 403, 403, 403, 404, 403, 401]),
    // Nobody here appraises or decides; `api_province.rs` has those who do.
    ("GET", "/rounds/{round}/appraisal", "", [200, 200, 200, 200, 200, 200, 401]),
    (
        "POST",
        "/rounds/{round}/appraisal/like",
        r#"{"level":$level,"indicator":"I.5.2","cases":[],"verdict":"accept"}"#,
        [404, 404, 404, 404, 404, 404, 401],
    ),
    ("GET", "/rounds/{round}/division", "", [404, 404, 404, 404, 404, 404, 401]),
    ("PUT", "/rounds/{round}/division", r#"{"shares":[]}"#, [404, 404, 404, 404, 404, 404, 401]),
    ("POST", "/rounds/{round}/division/deal", r#"{"by":"unit","people":[1]}"#, [404, 404, 404, 404, 404, 404, 401]),
    ("POST", "/rounds/{round}/division/reasons/drop", r#"{"mark":"x"}"#, [404, 404, 404, 404, 404, 404, 401]),
    (
        "POST",
        "/sheets/{sheet}/entries/{indicator}/appraisal",
        r#"{"version":0,"verdict":"accept"}"#,
        [403, 403, 403, 403, 404, 403, 401],
    ),
    (
        "POST",
        "/sheets/{sheet}/entries/{indicator}/appraisal/preview",
        r#"{"figures":{}}"#,
        [403, 403, 403, 403, 404, 403, 401],
    ),
    (
        "POST",
        "/sheets/{sheet}/entries/{indicator}/decision",
        r#"{"version":0,"points":"1","reason":"x"}"#,
        [403, 403, 403, 403, 404, 403, 401],
    ),
    ("GET", "/rounds/{round}/differences", "", [404, 404, 404, 404, 404, 404, 401]),
    (
        "POST",
        "/rounds/{round}/explanations",
        r#"{"from":"2023-12-01","to":"2023-12-10","reason":"x"}"#,
        [403, 403, 403, 403, 403, 403, 401],
    ),
    ("POST", "/rounds/{round}/silences", "{}", [404, 404, 404, 404, 404, 404, 401]),
    ("GET", "/rounds/{round}/meetings", "", [404, 404, 404, 404, 404, 404, 401]),
    ("POST", "/rounds/{round}/meetings", r#"{"title":"x","chair":"x"}"#, [404, 404, 404, 404, 404, 404, 401]),
    ("POST", "/rounds/{round}/meetings/close", "{}", [404, 404, 404, 404, 404, 404, 401]),
    ("GET", "/rounds/{round}/meetings/{meeting}", "", [404, 404, 404, 404, 404, 404, 401]),
    (
        "POST",
        "/rounds/{round}/publication",
        r#"{"number":"1","day":"2024-01-15"}"#,
        [404, 404, 404, 404, 404, 403, 401],
    ),
    ("GET", "/publications", "", [200, 200, 200, 200, 200, 200, 401]),
    ("GET", "/publications/{publication}/{level}", "", [200, 200, 200, 200, 200, 200, 401]),
    ("GET", "/publications/{publication}/{level}/{code}", "", [200, 200, 200, 200, 200, 200, 401]),
    ("GET", "/publications/{publication}/{level}/compare", "", [422, 422, 422, 422, 422, 422, 401]),
    ("GET", "/publications/{publication}/papers/{file}", "", [200, 200, 200, 200, 200, 200, 401]),
    ("GET", "/papers", "", [200, 200, 200, 200, 200, 200, 401]),
    ("POST", "/papers", r#"{"what":"assignment","sheet":$sheet}"#, [403, 403, 200, 403, 404, 403, 401]),
    ("POST", "/papers/signed", "FILE", [422, 422, 422, 422, 422, 422, 401]),
    ("GET", "/papers/{paper}", "", [200, 200, 200, 200, 404, 200, 401]),
    ("GET", "/papers/{paper}/{file}", "", [200, 200, 200, 200, 404, 200, 401]),
    ("GET", "/sets", "", [200, 200, 200, 200, 200, 200, 401]),
    ("GET", "/sets/compare", "", [422, 422, 422, 422, 422, 422, 401]),
    ("GET", "/sets/{set}", "", [200, 200, 200, 200, 200, 200, 401]),
    ("GET", "/sets/{set}/check", "", [200, 200, 200, 200, 200, 200, 401]),
    ("GET", "/drafts", "", [200, 200, 200, 200, 200, 200, 401]),
    ("POST", "/drafts", "", [404, 404, 404, 404, 404, 422, 401]),
    ("GET", "/drafts/{draft}", "", [404, 404, 404, 404, 404, 200, 401]),
    ("PATCH", "/drafts/{draft}/head", r#"{"version":1,"fields":{}}"#, [404, 404, 404, 404, 404, 200, 401]),
    (
        "PATCH",
        "/drafts/{draft}/indicators/{indicator}",
        r#"{"version":1,"fields":{}}"#,
        [404, 404, 404, 404, 404, 200, 401],
    ),
    ("PUT", "/drafts/{draft}/files/{file}", r#"{"version":9,"text":""}"#, [404, 404, 404, 404, 404, 409, 401]),
    (
        "POST",
        "/drafts/{draft}/readings",
        r#"{"version":1,"reading":"none","answer":"x"}"#,
        [404, 404, 404, 404, 404, 422, 401],
    ),
    ("POST", "/drafts/{draft}/adopt", r#"{"version":1}"#, [404, 404, 404, 404, 404, 422, 401]),
    ("POST", "/drafts/{draft}/drop", r#"{"version":1}"#, [404, 404, 404, 404, 404, 200, 401]),
    ("GET", "/audit", "", [404, 404, 404, 404, 404, 404, 401]),
    // Last: it changes what may be done.
    ("POST", "/rounds/{round}/phase", r#"{"phase":"appraising","reason":"x"}"#, [403, 403, 403, 403, 403, 200, 401]),
];

#[test]
fn every_operation_is_in_the_matrix() {
    let document = web::api::document();
    let said: BTreeSet<(String, String)> = document["paths"]
        .as_object()
        .unwrap()
        .iter()
        .flat_map(|(path, methods)| {
            let path = path.strip_prefix("/api/v1").unwrap().to_owned();
            methods.as_object().unwrap().keys().map(move |method| (method.to_uppercase(), path.clone()))
        })
        .collect();
    let listed: BTreeSet<(String, String)> =
        MATRIX.iter().map(|(method, path, ..)| ((*method).to_owned(), (*path).to_owned())).collect();
    assert_eq!(said, listed);
    assert_eq!(MATRIX.len(), listed.len(), "an operation stands twice");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everybody_gets_what_the_matrix_says() {
    let mut got: Vec<Vec<u16>> = vec![Vec::new(); MATRIX.len()];
    for who in WHO {
        // A province of its own for each, so that what one does changes nothing for the next.
        let mut api = Api::new().await;
        let focal = api.token(FOCAL, &[Read, Write]).await;
        let evidence = format!("/api/v1/sheets/{}/entries/I.5.1/evidence", api.pages.world.sheet("A"));
        let given = api.send(&focal, "POST", &evidence, &[FORM], form("a.pdf", b"%PDF-1.7\nx")).await;
        let evidence = given.json()["evidence"][0]["id"].to_string();
        let things = api.things(&evidence).await;
        let token = api.token(who, &[Read, Write]).await;
        let round = api.pages.world.round;
        let level = {
            let state = api.pages.world.store.state();
            state.levels.values().find(|level| level.facts.round == round).unwrap().facts.id
        };
        for ((method, pattern, body, _), got) in MATRIX.iter().zip(&mut got) {
            let path = format!("/api/v1{}", things.path(pattern));
            let body = body
                .replace("$unit", &api.pages.world.unit("A").to_string())
                .replace("$above", &api.pages.world.unit("T").to_string())
                .replace("$level", &level.to_string())
                .replace("$sheet", &things.path("{sheet}"))
                .replace("$position", &things.path("{position}"));
            let uploads = ["/evidence", "/import", "/verify", "/drafts", "/signed", "/figure-files"];
            let uploads = uploads.iter().any(|end| pattern.ends_with(end));
            let answer = match *method {
                "GET" => api.send(&token, "GET", &path, &[], Vec::new()).await,
                "POST" if uploads && body == "FILE" => {
                    api.send(&token, "POST", &path, &[FORM], form("b.pdf", b"%PDF-1.7\ny")).await
                }
                "POST" if uploads => api.send(&token, "POST", &path, &[FORM], b"--edge--\r\n".to_vec()).await,
                _ => {
                    let headers = [("content-type", "application/json")];
                    api.send(&token, method, &path, &headers, body.into_bytes()).await
                }
            };
            got.push(answer.status.as_u16());
        }
    }
    let wrong: Vec<String> = MATRIX
        .iter()
        .zip(&got)
        .filter(|((.., expected), got)| got[..] != expected[..])
        .map(|((method, path, ..), got)| format!("{method} {path} {got:?}"))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
