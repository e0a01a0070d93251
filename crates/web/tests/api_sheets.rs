//! The unit's sheet by program: figures and points, versions, evidence, the way to signing off.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

#[allow(dead_code, reason = "each file of tests uses its own part of what is shared")]
mod common;

use axum::http::{StatusCode, header};
use common::api::{Api, FOCAL, FORM, HEAD, OFFICIAL, OTHER, OWNER, form};
use serde_json::{Value as Json, json};
use store::tokens::TokenScope::{Read, Write};

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
