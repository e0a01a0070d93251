//! The API as a whole: its document, who may do what, hostile bodies, pages of lists.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

#[allow(dead_code, reason = "each file of tests uses its own part of what is shared")]
mod common;

use std::collections::{BTreeMap, BTreeSet};

use axum::http::StatusCode;
use common::api::{Api, FOCAL, FORM, HEAD, OFFICIAL, OTHER, OWNER, form};
use serde_json::{Value as Json, json};
use store::tokens::TokenScope::{Read, Write};
use web::api::Parity;

#[test]
fn the_kept_document_is_what_the_code_says() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../schemas/api/openapi.json");
    let made = format!("{:#}\n", web::api::document());
    if std::env::var_os("REGEN").is_some() {
        std::fs::write(path, &made).unwrap();
    }
    let kept = std::fs::read_to_string(path).unwrap_or_default();
    let differs = kept.lines().zip(made.lines()).position(|(a, b)| a != b);
    assert!(kept == made, "openapi.json is out of date from line {differs:?} on; REGEN=1 ./test makes it anew");
}

/// The addresses of the pages, from the one place that lists them.
fn page_routes() -> BTreeSet<(String, String)> {
    let source = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/src/pages/mod.rs")).unwrap();
    let flat: String = source.split_whitespace().collect();
    let mut found = BTreeSet::new();
    for piece in flat.split(".route(\"").skip(1) {
        let (path, rest) = piece.split_once("\",").unwrap();
        let rest = rest.split(".route(").next().unwrap().split(".layer(").next().unwrap();
        for (mark, method) in [("get(", "GET"), ("post(", "POST")] {
            if rest.contains(mark) {
                found.insert((method.to_owned(), path.to_owned()));
            }
        }
    }
    found
}

#[test]
fn every_page_has_its_operation_or_says_why_not() {
    let listed: Vec<(String, String)> =
        web::api::PAGES.iter().map(|(method, path, _)| ((*method).to_owned(), (*path).to_owned())).collect();
    let once: BTreeSet<_> = listed.iter().cloned().collect();
    assert_eq!(listed.len(), once.len(), "a page stands twice in the table of api/parity.rs");
    assert_eq!(page_routes(), once, "left: the pages; right: the table of api/parity.rs");
    let document = web::api::document();
    let operations = document["paths"].as_object().unwrap().values().flat_map(|methods| methods.as_object().unwrap());
    let methods: BTreeMap<&str, &str> =
        operations.map(|(method, one)| (one["operationId"].as_str().unwrap(), method.as_str())).collect();
    let mut changing_exceptions = 0;
    for (method, path, parity) in web::api::PAGES {
        match parity {
            Parity::By(ids) => {
                assert!(!ids.is_empty(), "{method} {path}");
                for id in *ids {
                    let known =
                        methods.get(id).unwrap_or_else(|| panic!("{method} {path}: there is no operation {id}"));
                    assert_eq!(*method == "GET", *known == "get", "{method} {path}: {id} is a {known}");
                }
            }
            Parity::Not(why) => {
                assert!(!why.is_empty(), "{method} {path}");
                changing_exceptions += usize::from(*method == "POST");
            }
        }
    }
    assert_eq!(changing_exceptions, 13, "an exception more is a decision: write it down here too");
}

#[test]
fn the_table_of_pages_in_the_docs_is_what_the_code_says() {
    const MARK: &str = "<!-- made by crates/web/tests/api.rs; REGEN=1 ./test makes it anew -->\n";
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/api.md");
    let kept = std::fs::read_to_string(path).unwrap();
    let (before, rest) = kept.split_once(MARK).unwrap();
    let after = rest.split_once("\n\n").map(|(_, after)| after).unwrap();
    let made = format!("{before}{MARK}{}\n{after}", web::api::parity_table());
    if std::env::var_os("REGEN").is_some() {
        std::fs::write(path, &made).unwrap();
    }
    assert!(made == std::fs::read_to_string(path).unwrap(), "docs/api.md is out of date; REGEN=1 ./test makes it anew");
}

#[test]
fn every_reference_of_the_document_leads_somewhere_and_every_operation_has_its_own_id() {
    let document = web::api::document();
    fn walk(json: &Json, found: &mut BTreeSet<String>) {
        match json {
            Json::Object(keys) => keys.iter().for_each(|(key, value)| match (key.as_str(), value) {
                ("$ref", Json::String(to)) => drop(found.insert(to.clone())),
                _ => walk(value, found),
            }),
            Json::Array(items) => items.iter().for_each(|item| walk(item, found)),
            _ => {}
        }
    }
    let mut references = BTreeSet::new();
    walk(&document, &mut references);
    assert!(references.len() > 20);
    for reference in references {
        assert!(document.pointer(reference.trim_start_matches('#')).is_some(), "{reference}");
    }
    for name in document["components"]["schemas"].as_object().unwrap().keys() {
        assert!(!name.ends_with(|letter: char| letter.is_ascii_digit()), "{name}: two types have one name");
    }
    let mut ids = BTreeSet::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            assert!(ids.insert(operation["operationId"].as_str().unwrap().to_owned()), "{method} {path}");
            assert!(operation["summary"].as_str().is_some_and(|words| !words.is_empty()), "{method} {path}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_route_of_the_document_answers_and_there_is_no_other() {
    let mut api = Api::new().await;
    let login = api.everything().await;
    let all = api.token(login, &[Read, Write]).await;
    let (focal, head) = (api.token(FOCAL, &[Read, Write]).await, api.token(HEAD, &[Read, Write]).await);
    let upload = format!("/api/v1{}/evidence", api.entry());
    let added = api.send(&focal, "POST", &upload, &[FORM], form("a.pdf", b"%PDF-1.7\nx")).await;
    assert_eq!(added.status, StatusCode::OK, "{}", added.body);
    let evidence = added.json()["evidence"][0]["id"].to_string();
    let sheet = format!("/sheets/{}", api.pages.world.sheet("A"));
    let hash = api.get(&head, &sheet).await.json()["state_hash"].clone();
    let signed = api.json(&head, "POST", &format!("{sheet}/submission"), &json!({ "hash": hash })).await;
    assert_eq!(signed.status, StatusCode::OK, "{}", signed.body);

    let things = api.things(&evidence).await;
    let read_only = api.token(login, &[Read]).await;
    let write_only = api.token(login, &[Write]).await;
    let document = api.get("", "/openapi.json").await.json();
    assert_eq!(document, web::api::document());
    let paths = document["paths"].as_object().unwrap();
    for (pattern, methods) in paths {
        let path = things.path(pattern);
        for method in ["GET", "PUT", "PATCH", "POST", "DELETE"] {
            let listed = methods.get(method.to_lowercase());
            let takes = listed.map(|listed| &listed["requestBody"]["content"]["multipart/form-data"]);
            let headers = match takes.is_some_and(Json::is_object) {
                true => FORM,
                false => ("content-type", "application/json"),
            };
            let answer = api.send(&all, method, &path, &[headers], b"{}".to_vec()).await;
            let status = answer.status.as_u16();
            if listed.is_none() {
                answer.problem(405, "method-not-allowed");
                continue;
            }
            assert!(status != 404 && status != 405 && status < 500, "{method} {pattern}: {status} {}", answer.body);
            let told = &listed.unwrap()["responses"];
            assert!(told.get(status.to_string()).is_some(), "{method} {pattern}: {status} is not in the document");
            let media = if status < 400 { "application/json" } else { "application/problem+json" };
            if let Some(schema) = told[status.to_string()]["content"].get(media) {
                let whole = json!({ "$ref": schema["schema"]["$ref"], "components": document["components"] });
                let validator = jsonschema::validator_for(&whole).unwrap();
                let errors: Vec<String> = validator.iter_errors(&answer.json()).map(|one| one.to_string()).collect();
                assert_eq!(errors, [""; 0], "{method} {pattern}: {status} {}", answer.body);
            }
            if status >= 400 {
                answer.problem(status, answer.json()["code"].as_str().unwrap());
            }
            api.send("", method, &path, &[headers], b"{}".to_vec()).await.problem(401, "no-credentials");
            let lacks = if method == "GET" { &write_only } else { &read_only };
            let refused = api.send(lacks, method, &path, &[headers], b"{}".to_vec()).await;
            assert!(refused.problem(403, "scope")["scope"].is_string());
        }
    }
    for path in ["", "/", "/khong-co", "/sheets", "/sheets/x/y", "/sheets/abc", "/units/99999999999999999999"] {
        api.get(&all, path).await.problem(404, "not-found");
    }
    // The builder is the only place that puts a handler into the router, the document's own aside.
    let mut handlers = 0;
    for file in std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/src/api")).unwrap() {
        let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
        let marks = [".route(", ".route_service(", ".nest(", ".merge(", ".fallback_service("];
        handlers += marks.map(|mark| text.matches(mark).count()).iter().sum::<usize>();
    }
    assert_eq!(handlers, 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_program_may_do_what_its_account_may() {
    let api = Api::new().await;
    let world = &api.pages.world;
    let (sheet, entry) = (format!("/sheets/{}", world.sheet("A")), api.entry());
    let round = format!("/rounds/{}", world.round);
    let other_entry = format!("{sheet}/entries/I.5.1");
    let extension = json!({ "unit": world.unit("A").0, "to": "2023-11-10", "reason": "lũ" });
    let version = json!({ "version": 0, "note": "x" });
    let none = json!({ "assignments": [] });
    let rows: Vec<(&str, &str, &Json, [u16; 5])> = vec![
        // The official, the focal point, the head, another unit's focal point, the owner of the round.
        ("GET", "/me", &Json::Null, [200; 5]),
        ("GET", &sheet, &Json::Null, [200, 200, 200, 404, 200]),
        ("GET", &entry, &Json::Null, [200, 200, 200, 404, 200]),
        ("PATCH", &entry, &version, [200, 200, 403, 404, 403]),
        ("PATCH", &other_entry, &version, [403, 200, 403, 404, 403]),
        ("GET", &round, &Json::Null, [200; 5]),
        ("GET", "/audit", &Json::Null, [404; 5]),
    ];
    for (at, login) in [OFFICIAL, FOCAL, HEAD, OTHER, OWNER].into_iter().enumerate() {
        let api = Api::new().await;
        let token = api.token(login, &[Read, Write]).await;
        for (method, path, body, expected) in &rows {
            let answer = match *method {
                "GET" => api.get(&token, path).await,
                _ => api.json(&token, method, path, body).await,
            };
            assert_eq!(answer.status.as_u16(), expected[at], "{login} {method} {path}: {}", answer.body);
        }
        let remark = api.json(&token, "POST", &format!("{entry}/remarks"), &json!({ "words": "x" })).await;
        assert_eq!(remark.status.as_u16(), [200, 200, 200, 404, 200][at], "{login} remarks: {}", remark.body);
        let assign = api.json(&token, "PUT", &format!("{sheet}/assignment"), &none).await;
        assert_eq!(assign.status.as_u16(), [403, 200, 403, 404, 403][at], "{login} assign: {}", assign.body);
        let submit = api.json(&token, "POST", &format!("{sheet}/submission"), &json!({ "hash": "x" })).await;
        assert_eq!(submit.status.as_u16(), [403, 403, 409, 404, 403][at], "{login} submit: {}", submit.body);
        let extend = api.json(&token, "POST", &format!("{round}/extensions"), &extension).await;
        assert_eq!(extend.status.as_u16(), [403, 403, 403, 403, 200][at], "{login} extend: {}", extend.body);
        let phase = json!({ "phase": "appraising", "reason": "x" });
        let phase = api.json(&token, "POST", &format!("{round}/phase"), &phase).await;
        assert_eq!(phase.status.as_u16(), [403, 403, 403, 403, 200][at], "{login} phase: {}", phase.body);
        let late = api.get(&token, &format!("{round}/late")).await.json();
        assert_eq!(late["items"].as_array().unwrap().len(), [1, 1, 1, 1, 3][at], "{login} late");
        let remind = api.json(&token, "POST", &format!("{round}/reminders"), &json!({ "show": "late" })).await;
        assert_eq!(remind.status.as_u16(), [403, 403, 403, 403, 200][at], "{login} reminders: {}", remind.body);
        let history = api.get(&token, &format!("{round}/history")).await;
        assert_eq!(history.status.as_u16(), [404, 404, 404, 404, 200][at], "{login} history: {}", history.body);
        let agency = json!({ "appraisers": { "I.5.2": api.pages.world.unit("B").0 }, "reason": "x" });
        let agency = api.json(&token, "PATCH", &format!("{round}/appraisers"), &agency).await;
        assert_eq!(agency.status.as_u16(), [403, 403, 403, 403, 200][at], "{login} appraisers: {}", agency.body);
        let new = json!({
            "owner": api.pages.world.unit("T").0, "year": 2024, "title": "Kỳ 2024", "days": {}, "sets": { "commune": "x" },
        });
        let new = api.json(&token, "POST", "/rounds", &new).await;
        assert_eq!(new.status.as_u16(), [404, 404, 404, 404, 422][at], "{login} new round: {}", new.body);
        let units = api.get(&token, "/units").await.json();
        assert_eq!(units["items"].as_array().unwrap().len(), [1, 1, 1, 1, 4][at], "{login} units");
        let sheets = api.get(&token, &format!("{round}/sheets")).await.json();
        assert_eq!(sheets["items"].as_array().unwrap().len(), [1, 1, 1, 1, 3][at], "{login} sheets");
    }
}
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_body_whatever_gets_a_500() {
    let mut api = Api::new().await;
    let things = api.things("1").await;
    let login = api.everything().await;
    let token = api.token(login, &[Read, Write]).await;
    let focal = api.token(FOCAL, &[Read, Write]).await;
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let deep_keys = format!("{}1{}", "{\"figures\":".repeat(50_000), "}".repeat(50_000));
    let long = "9".repeat(100_000);
    let bodies: Vec<(Vec<u8>, &str)> = vec![
        (Vec::new(), "malformed"),
        (b"{".to_vec(), "malformed"),
        (b"\xff\xfe".to_vec(), "malformed"),
        (deep.into_bytes(), "malformed"),
        (deep_keys.into_bytes(), "malformed"),
        (b"{\"version\":0,\"note\":\"\\u0000\"}".to_vec(), "malformed"),
        (b"{\"version\":0,\"note\":\"\\ud800\"}".to_vec(), "malformed"),
        (b"[]".to_vec(), "shape"),
        (b"null".to_vec(), "shape"),
        (b"{\"version\":1e400}".to_vec(), "malformed"),
        (b"{\"version\":99999999999999999999}".to_vec(), "shape"),
        (b"{\"khong\":1}".to_vec(), "shape"),
        (format!("{{\"version\":0,\"note\":\"{long}\"}}").into_bytes(), "invalid"),
        (format!("{{\"version\":0,\"note\":\"{}\"}}", "x".repeat(3_000_000)).into_bytes(), "too-large"),
    ];
    let json_type = ("content-type", "application/json");
    for (body, code) in &bodies {
        let path = format!("/api/v1{}", api.entry());
        let answer = api.send(&focal, "PATCH", &path, &[json_type], body.clone()).await;
        let told = answer.json()["code"].clone();
        let shown = String::from_utf8_lossy(&body[..body.len().min(40)]).into_owned();
        assert_eq!(told, *code, "{shown}: {}", answer.body);
    }
    let document = web::api::document();
    let world = &api.pages.world;
    for (pattern, methods) in document["paths"].as_object().unwrap() {
        let path = things.path(pattern);
        for method in methods.as_object().unwrap().keys().filter(|method| *method != "get") {
            for (body, _) in &bodies {
                let answer = api.send(&token, &method.to_uppercase(), &path, &[json_type], body.clone()).await;
                let status = answer.status.as_u16();
                assert!((400..500).contains(&status), "{method} {pattern}: {status} {}", answer.body);
                answer.problem(status, answer.json()["code"].as_str().unwrap());
            }
            let text = [("content-type", "text/plain")];
            let plain = api.send(&token, &method.to_uppercase(), &path, &text, b"{}".to_vec()).await;
            let plain = plain.status.as_u16();
            assert!(plain == 415 || plain == 403 || plain == 404, "{method} {pattern}: {plain}");
        }
    }
    for path in ["/units?limit=x", "/units?after=99999999999999999999", "/audit?after=%ff", "/rounds?limit=-1"] {
        api.get(&token, path).await.problem(400, "bad-query");
    }
    for path in ["/units?limit=0", "/units?limit=201"] {
        api.get(&token, path).await.problem(422, "invalid");
    }
    for path in ["/units?find=%00%27%ff", "/audit?after=-5", "/sheets/1/entries/%00", "/sheets/1/entries/%ff"] {
        assert!(api.get(&token, path).await.status.as_u16() < 500, "{path}");
    }
    assert_eq!(world.store.audit().await.unwrap().faults, [""; 0]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn long_lists_come_page_by_page() {
    let api = Api::new().await;
    let token = api.token(OWNER, &[Read]).await;
    let mut seen = Vec::new();
    let mut path = "/units?limit=3".to_owned();
    loop {
        let page = api.get(&token, &path).await.json();
        seen.extend(page["items"].as_array().unwrap().iter().map(|unit| unit["code"].as_str().unwrap().to_owned()));
        let Some(next) = page["next"].as_i64() else { break };
        path = format!("/units?limit=3&after={next}");
    }
    assert_eq!(seen, ["T", "A", "B", "C"]);
    let children =
        api.get(&token, &format!("/units?parent={}&find=don%20vi%20mau%20b", api.pages.world.unit("T"))).await;
    assert_eq!(children.json()["items"].as_array().unwrap().len(), 1, "{}", children.body);
    let auditor = api.token(api.everything().await, &[Read]).await;
    let first = api.get(&auditor, "/audit?limit=5").await.json();
    let next = first["next"].as_i64().unwrap();
    let second = api.get(&auditor, &format!("/audit?limit=5&after={next}")).await.json();
    assert_eq!(second["items"][0]["seq"], next - 1, "{second}");
}
