//! The API as programs meet it: its document, who may do what, versions, hostile bodies, tokens, metrics.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

#[allow(dead_code, reason = "each file of tests uses its own part of what is shared")]
mod common;

use std::collections::BTreeSet;

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use common::{Answer, Pages};
use cycle::Capability;
use jiff::SignedDuration;
use serde_json::{Value as Json, json};
use store::Command;
use store::command::NewPerson;
use store::tokens::TokenScope::{self, Metrics, Read, Write};

/// The official to whom I.5.2 of unit A is assigned.
const OFFICIAL: &str = "vh-xh@a.example";
/// Unit A's focal point.
const FOCAL: &str = "vp-tk@a.example";
/// Unit A's head.
const HEAD: &str = "ct@a.example";
/// Another unit's focal point.
const OTHER: &str = "vp-tk@b.example";
/// The owner of the round, in the unit above.
const OWNER: &str = "bcd@t.example";

impl Answer {
    fn json(&self) -> Json {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }

    /// An error is a problem in both languages, whatever went wrong.
    fn problem(&self, status: u16, code: &str) -> Json {
        assert_eq!(self.status.as_u16(), status, "{}", self.body);
        assert_eq!(self.headers[header::CONTENT_TYPE], "application/problem+json", "{}", self.body);
        let problem = self.json();
        assert_eq!(problem["status"], status, "{problem}");
        assert_eq!(problem["code"], code, "{problem}");
        assert!(!problem["detail"].as_str().unwrap().is_empty() && !problem["detail_en"].as_str().unwrap().is_empty());
        problem
    }

    fn tag(&self) -> String {
        self.headers[header::ETAG].to_str().unwrap().to_owned()
    }
}

struct Api {
    pages: Pages,
}

impl Api {
    async fn new() -> Self {
        Self { pages: Pages::new().await }
    }

    /// A token of somebody; none for an empty login.
    async fn token(&self, login: &str, scopes: &[TokenScope]) -> String {
        if login.is_empty() {
            return String::new();
        }
        let secret = web::app::secret().unwrap();
        let account = self.pages.world.person(login);
        let store = &self.pages.world.store;
        assert!(store.add_token(&secret, account, "phép thử", scopes, self.pages.app.now(), None).await.unwrap());
        secret
    }

    async fn send(&self, token: &str, method: &str, path: &str, headers: &[(&str, &str)], body: Vec<u8>) -> Answer {
        let mut request = Request::builder().method(method).uri(path).header(header::HOST, "thuocdo.example");
        if !token.is_empty() {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.pages.send(request.body(Body::from(body)).unwrap()).await
    }

    async fn get(&self, token: &str, path: &str) -> Answer {
        self.send(token, "GET", &format!("/api/v1{path}"), &[], Vec::new()).await
    }

    async fn json(&self, token: &str, method: &str, path: &str, body: &Json) -> Answer {
        let headers = [("content-type", "application/json")];
        self.send(token, method, &format!("/api/v1{path}"), &headers, body.to_string().into_bytes()).await
    }

    async fn with_tag(&self, token: &str, method: &str, path: &str, tag: &str, body: &Json) -> Answer {
        let headers = [("content-type", "application/json"), ("if-match", tag)];
        self.send(token, method, &format!("/api/v1{path}"), &headers, body.to_string().into_bytes()).await
    }

    fn entry(&self) -> String {
        format!("/sheets/{}/entries/I.5.2", self.pages.world.sheet("A"))
    }

    fn figure(&self) -> String {
        let state = self.pages.world.store.state();
        let level = state.levels.values().next().unwrap();
        level.program.set.indicator("I.5.2").unwrap().all_figures()[0].id.clone()
    }

    /// A round of the year before that was published.
    async fn published(&self) -> i64 {
        let world = &self.pages.world;
        let level = store::command::NewLevel {
            level: "commune".to_owned(),
            set: "hue-2263-2023-commune".to_owned(),
            files: common::world::set_files("hue-2263-2023-commune"),
            picks: std::collections::BTreeMap::new(),
            figures: std::collections::BTreeMap::new(),
            units: None,
        };
        let create = Command::CreateRound {
            owner: world.unit("T"),
            year: 2022,
            title: "Kỳ mẫu 2022".to_owned(),
            days: std::collections::BTreeMap::new(),
            levels: vec![level],
            made_up: true,
            appraisers: std::collections::BTreeMap::new(),
            beginning: store::command::Beginning::default(),
        };
        let round = cycle::RoundId(world.operator(create).await.id.unwrap());
        let (level, readings) = {
            let state = world.store.state();
            let level = state.levels.values().find(|level| level.facts.round == round).unwrap();
            let readings = level.program.set.head.readings.iter();
            (level.facts.id, readings.map(|one| (one.id.clone(), one.answer.clone())).collect::<Vec<_>>())
        };
        for (reading, variant) in readings {
            world.operator(Command::Pick { level, reading, variant, reason: "chốt".to_owned() }).await;
        }
        for phase in
            [cycle::Phase::Collecting, cycle::Phase::Appraising, cycle::Phase::Explaining, cycle::Phase::Deciding]
        {
            world.operator(Command::SetPhase { round, phase, reason: String::new() }).await;
        }
        let day = "2023-01-15".parse().unwrap();
        world
            .operator(Command::Publish { round, number: "00/QĐ (mẫu)".to_owned(), day, undecided: String::new() })
            .await
            .id
            .unwrap()
    }

    /// Somebody in the unit above who may do everything there is.
    async fn everything(&self) -> &'static str {
        let world = &self.pages.world;
        let unit = world.unit("T");
        let (code, name) = ("MỌI".to_owned(), "Mọi việc".to_owned());
        let capabilities = Capability::ALL.into_iter().collect();
        world.operator(Command::AddPosition { unit, code, name, capabilities }).await;
        let position = world.store.state().positions_of(unit).last().unwrap().id;
        let login = "moi@t.example";
        let person = NewPerson {
            login: login.to_owned(),
            name: "Mọi việc".to_owned(),
            position: Some(position),
            from: "2023-01-01".parse().unwrap(),
            invitation: None,
            calendar: "calendar of everything".to_owned(),
        };
        world.operator(Command::AddPerson(person)).await;
        login
    }
}

fn form(name: &str, bytes: &[u8]) -> Vec<u8> {
    let mut body =
        format!("--edge\r\nContent-Disposition: form-data; name=\"files\"; filename=\"{name}\"\r\n\r\n").into_bytes();
    body.extend_from_slice(bytes);
    body.extend(b"\r\n--edge--\r\n");
    body
}

const FORM: (&str, &str) = ("content-type", "multipart/form-data; boundary=edge");

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
    let api = Api::new().await;
    let world = &api.pages.world;
    let login = api.everything().await;
    let all = api.token(login, &[Read, Write]).await;
    let (focal, head) = (api.token(FOCAL, &[Read, Write]).await, api.token(HEAD, &[Read, Write]).await);
    let upload = format!("/api/v1{}/evidence", api.entry());
    let added = api.send(&focal, "POST", &upload, &[FORM], form("a.pdf", b"%PDF-1.7\nx")).await;
    assert_eq!(added.status, StatusCode::OK, "{}", added.body);
    let evidence = added.json()["evidence"][0]["id"].to_string();
    let sheet = format!("/sheets/{}", world.sheet("A"));
    let hash = api.get(&head, &sheet).await.json()["state_hash"].clone();
    let signed = api.json(&head, "POST", &format!("{sheet}/submission"), &json!({ "hash": hash })).await;
    assert_eq!(signed.status, StatusCode::OK, "{}", signed.body);

    let publication = api.published().await.to_string();
    let read_only = api.token(login, &[Read]).await;
    let write_only = api.token(login, &[Write]).await;
    let document = api.get("", "/openapi.json").await.json();
    assert_eq!(document, web::api::document());
    let paths = document["paths"].as_object().unwrap();
    for (pattern, methods) in paths {
        let path = pattern
            .replace("{sheet}", &world.sheet("A").to_string())
            .replace("{unit}", &world.unit("A").to_string())
            .replace("{round}", &world.round.to_string())
            .replace("{indicator}", "I.5.2")
            .replace("{evidence}", &evidence)
            .replace("{publication}", &publication)
            .replace("{level}", "commune")
            .replace("{code}", "A");
        for method in ["GET", "PUT", "PATCH", "POST", "DELETE"] {
            let listed = methods.get(method.to_lowercase());
            let headers = match pattern.ends_with("/evidence") {
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
async fn figures_become_points_and_say_why() {
    let api = Api::new().await;
    let token = api.token(OFFICIAL, &[Read, Write]).await;
    let figure = api.figure();
    let mut body = json!({ "version": 0, "note": "Tháng 4 chuyển máy chủ", "figures": {} });
    body["figures"][&figure] = json!(9);
    let saved = api.json(&token, "PATCH", &api.entry(), &body).await;
    assert_eq!(saved.status, StatusCode::OK, "{}", saved.body);
    let entry = saved.json();
    assert_eq!(entry["entry"]["self"]["points"], "4.5");
    assert_eq!(entry["entry"]["version"], 1);
    assert!(entry["because"]["vi"].as_str().unwrap().contains("6 × 9/12"), "{entry}");
    assert_eq!(entry["history"][0]["action"], "entry.saved");
    assert_eq!(api.get(&token, &api.entry()).await.json(), entry, "what a change answers is what is read then");
    let sheet = api.get(&token, &format!("/sheets/{}", api.pages.world.sheet("A"))).await.json();
    assert_eq!(sheet["totals"]["points"], "4.5");
    let row = sheet["entries"].as_array().unwrap().iter().find(|row| row["indicator"] == "I.5.2").unwrap();
    assert_eq!(row["figures"][0]["value"], "9");
    for (sent, kept) in [(json!(9.0), json!("9")), (json!(7.5), json!("7,5")), (json!("8"), json!("8"))] {
        let version = api.get(&token, &api.entry()).await.json()["entry"]["version"].clone();
        let change = json!({ "version": version, "figures": { figure.as_str(): sent } });
        let entry = api.json(&token, "PATCH", &api.entry(), &change).await.json();
        assert_eq!(entry["entry"]["figures"][0]["value"], kept, "{entry}");
    }
    // Writing the whole entry clears what is not named; answering "not done" needs its reason.
    let whole = json!({ "version": 3, "answer": { "kind": "not-done", "because": "chưa có kinh phí" } });
    let entry = api.json(&token, "PUT", &api.entry(), &whole).await.json();
    assert_eq!(entry["entry"]["figures"][0]["value"], Json::Null, "{entry}");
    assert_eq!(entry["entry"]["note"], "");
    assert_eq!(entry["entry"]["answer"]["because"], "chưa có kinh phí");
    let ready = api.json(&token, "POST", &format!("{}/ready", api.entry()), &json!({ "version": 4 })).await.json();
    assert_eq!(ready["entry"]["state"], "ready", "{ready}");
    let wrong = json!({ "version": 5, "figures": { "khong-co": "1" } });
    let wrong = api.json(&token, "PATCH", &api.entry(), &wrong).await.problem(422, "invalid");
    assert_eq!(wrong["errors"][0]["field"], "khong-co");
    let report = api.pages.world.store.audit().await.unwrap();
    assert_eq!(report.faults, [""; 0]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stale_write_is_told_what_is_kept() {
    let api = Api::new().await;
    let token = api.token(FOCAL, &[Read, Write]).await;
    let entry = api.entry();
    let read = api.get(&token, &entry).await;
    let first = api.with_tag(&token, "PATCH", &entry, &read.tag(), &json!({ "note": "một" })).await;
    assert_eq!(first.status, StatusCode::OK, "{}", first.body);
    let stale = api.with_tag(&token, "PATCH", &entry, &read.tag(), &json!({ "note": "hai" })).await;
    assert_eq!(stale.problem(412, "stale")["saved"]["entry"]["note"], "một");
    let stale = api.json(&token, "PATCH", &entry, &json!({ "version": 0, "note": "hai" })).await;
    assert_eq!(stale.problem(409, "stale")["saved"]["entry"]["version"], 1);
    api.json(&token, "PATCH", &entry, &json!({ "note": "hai" })).await.problem(428, "version-needed");
    api.with_tag(&token, "PATCH", &entry, "*", &json!({ "note": "hai" })).await.problem(412, "stale");
    api.with_tag(&token, "POST", &format!("{entry}/ready"), &read.tag(), &json!({})).await.problem(412, "stale");
    let second = api.with_tag(&token, "PATCH", &entry, &first.tag(), &json!({ "note": "hai" })).await;
    assert_eq!(second.status, StatusCode::OK, "{}", second.body);
    let profile = format!("/sheets/{}/profile", api.pages.world.sheet("A"));
    let known = api.get(&token, &profile).await;
    if let Some(figure) = known.json()["figures"][0]["id"].as_str() {
        let body = json!({ "figures": { figure: "1" } });
        let saved = api.with_tag(&token, "PATCH", &profile, &known.tag(), &body).await;
        assert_eq!(saved.json()["version"], 1, "{}", saved.body);
        let stale = api.with_tag(&token, "PATCH", &profile, &known.tag(), &json!({ "figures": { figure: "2" } })).await;
        assert_eq!(stale.problem(412, "stale")["saved"]["version"], 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_did_not_change_is_not_sent_again() {
    let api = Api::new().await;
    let token = api.token(FOCAL, &[Read, Write]).await;
    for path in [api.entry(), format!("/sheets/{}", api.pages.world.sheet("A"))] {
        let read = api.get(&token, &path).await;
        let again = |tag: String| {
            let (api, token, path) = (&api, &token, format!("/api/v1{path}"));
            async move { api.send(token, "GET", &path, &[("if-none-match", &tag)], Vec::new()).await }
        };
        let same = again(read.tag()).await;
        assert_eq!((same.status, same.body.as_str()), (StatusCode::NOT_MODIFIED, ""));
        assert_eq!(again(format!("\"x\", W/{}", read.tag())).await.status, StatusCode::NOT_MODIFIED);
        let remark = json!({ "words": "xem lại" });
        assert_eq!(api.json(&token, "POST", &format!("{}/remarks", api.entry()), &remark).await.status, StatusCode::OK);
        let version = api.get(&token, &api.entry()).await.json()["entry"]["version"].clone();
        let change = json!({ "version": version, "note": format!("bản {version}") });
        assert_eq!(api.json(&token, "PATCH", &api.entry(), &change).await.status, StatusCode::OK);
        assert_eq!(again(read.tag()).await.status, StatusCode::OK);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_body_whatever_gets_a_500() {
    let api = Api::new().await;
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
        let path = pattern
            .replace("{sheet}", &world.sheet("A").to_string())
            .replace("{unit}", &world.unit("A").to_string())
            .replace("{round}", &world.round.to_string())
            .replace("{indicator}", "I.5.2")
            .replace("{evidence}", "1");
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
async fn evidence_goes_up_and_comes_down_as_it_was() {
    let api = Api::new().await;
    let token = api.token(OFFICIAL, &[Read, Write]).await;
    let path = format!("/api/v1{}/evidence", api.entry());
    let bytes = b"%PDF-1.7\nBien ban";
    let added = api.send(&token, "POST", &path, &[FORM], form("Biên bản số 3.pdf", bytes)).await;
    assert_eq!(added.status, StatusCode::OK, "{}", added.body);
    let one = added.json()["evidence"][0].clone();
    assert_eq!(one["name"], "Biên bản số 3.pdf");
    let file = format!("/api/v1/evidence/{}", one["id"]);
    let got = api.send(&token, "GET", &file, &[], Vec::new()).await;
    assert_eq!(got.body.as_bytes(), bytes);
    assert!(got.headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap().contains("sandbox"));
    let again = api.send(&token, "GET", &file, &[("if-none-match", &got.tag())], Vec::new()).await;
    assert_eq!(again.status, StatusCode::NOT_MODIFIED);
    let other = api.token(OTHER, &[Read, Write]).await;
    api.send(&other, "GET", &file, &[], Vec::new()).await.problem(404, "not-found");
    let program = api.send(&token, "POST", &path, &[FORM], form("x.exe", b"MZ\x90\x00")).await;
    program.problem(422, "invalid");
    let large = form("x.pdf", &[b"%PDF-1.7\n".to_vec(), vec![b'x'; 51 * 1024 * 1024]].concat());
    api.send(&token, "POST", &path, &[FORM], large).await.problem(422, "invalid");
    let link = json!({ "link": "https://xa.example/bai" });
    let linked = api.json(&token, "POST", &format!("{}/links", api.entry()), &link).await.json();
    assert_eq!(linked["evidence"][1]["link"], "https://xa.example/bai");
    let nowhere = json!({ "link": "javascript:alert(1)" });
    api.json(&token, "POST", &format!("{}/links", api.entry()), &nowhere).await.problem(422, "invalid");
    let withdraw = format!("{}/evidence/{}/withdraw", api.entry(), one["id"]);
    let left = api.json(&token, "POST", &withdraw, &json!({ "reason": "nhầm tệp" })).await.json();
    assert_eq!(left["evidence"][0]["withdrawn"], "nhầm tệp");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sheet_is_assigned_reviewed_signed_off_and_opened_again() {
    let api = Api::new().await;
    let world = &api.pages.world;
    let (focal, head) = (api.token(FOCAL, &[Read, Write]).await, api.token(HEAD, &[Read, Write]).await);
    let owner = api.token(OWNER, &[Read, Write]).await;
    let sheet = format!("/sheets/{}", world.sheet("A"));
    let position = world.store.state().positions_of(world.unit("A"))[3].id.0;
    let wanted = json!({ "assignments": [
        { "indicator": "I.5.1", "position": position, "role": "lead", "due": "2023-10-25" },
    ] });
    let assigned = api.json(&focal, "PUT", &format!("{sheet}/assignment"), &wanted).await;
    assert_eq!(assigned.json()["assignments"], wanted["assignments"], "{}", assigned.body);
    let bad = json!({ "assignments": [{ "indicator": "I.5.1", "position": position, "role": "lead", "due": "31/2" }] });
    api.json(&focal, "PUT", &format!("{sheet}/assignment"), &bad).await.problem(422, "invalid");
    let review = json!({ "title": "Rà soát 6 tháng", "words": "Tập trung trụ cột I" });
    let reviews = api.json(&focal, "POST", &format!("{sheet}/reviews"), &review).await.json();
    assert_eq!(reviews["items"][0]["picture"]["words"], "Tập trung trụ cột I", "{reviews}");
    let back = json!({ "reason": "thiếu tài liệu" });
    let entry = json!({ "version": 0, "answer": { "kind": "not-done", "because": "x" } });
    assert_eq!(api.json(&focal, "PATCH", &api.entry(), &entry).await.status, StatusCode::OK);
    assert_eq!(
        api.json(&focal, "POST", &format!("{}/ready", api.entry()), &json!({ "version": 1 })).await.status,
        StatusCode::OK
    );
    let sent = api.json(&focal, "POST", &format!("{}/send-back", api.entry()), &back).await.json();
    assert_eq!(sent["entry"]["returned"], "thiếu tài liệu", "{sent}");
    api.get(&head, &format!("{sheet}/receipt")).await.problem(404, "not-found");
    let stale = api.json(&head, "POST", &format!("{sheet}/submission"), &json!({ "hash": "x" })).await;
    let hash = stale.problem(409, "stale")["saved"]["state_hash"].clone();
    let receipt = api.json(&head, "POST", &format!("{sheet}/submission"), &json!({ "hash": hash })).await.json();
    assert_eq!(api.get(&head, &format!("{sheet}/receipt")).await.json(), receipt);
    api.json(&focal, "PATCH", &api.entry(), &json!({ "version": 3, "note": "x" })).await.problem(403, "denied");
    let opened = api.json(&owner, "POST", &format!("{sheet}/unlock"), &json!({ "reason": "nộp nhầm" })).await.json();
    assert_eq!(opened["totals"]["state"], "open", "{opened}");
    let round = format!("/rounds/{}", world.round);
    let exempt = json!({ "unit": world.unit("A").0, "indicator": "I.5.2", "reason": "không có bộ phận này" });
    let exempted = api.json(&owner, "POST", &format!("{round}/exemptions"), &exempt).await.json();
    assert_eq!(exempted["exemptions"][0]["indicator"], "I.5.2", "{exempted}");
    let phase = json!({ "phase": "khong", "reason": "x" });
    api.json(&owner, "POST", &format!("{round}/phase"), &phase).await.problem(422, "invalid");
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
