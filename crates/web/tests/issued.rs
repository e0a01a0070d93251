//! Papers that are issued, signed by other hands and brought back.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

#[allow(dead_code, reason = "each file of tests uses its own part of what is shared")]
mod common;

use std::process::Command;

use axum::http::StatusCode;
use common::Pages;
use common::api::{Api, FOCAL, FORM, OTHER, form};
use documents::issued::Mark;
use serde_json::json;
use store::tokens::TokenScope::{Read, Write};
use web::papers::{self, Head};

/// The bytes signed by pyHanko, with a key that nobody trusts.
fn signed(pages: &Pages, bytes: &[u8]) -> Vec<u8> {
    let folder = pages.world.folder.path();
    let (from, to) = (folder.join("paper.pdf"), folder.join("paper-signed.pdf"));
    std::fs::write(&from, bytes).unwrap();
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
    let output = Command::new(format!("{root}/.venv/bin/python"))
        .args([
            concat!(env!("CARGO_MANIFEST_DIR"), "/tests/peers/sign.py"),
            from.to_str().unwrap(),
            to.to_str().unwrap(),
        ])
        .output()
        .unwrap_or_else(|error| panic!("{error}; ./test installs the signer"));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    std::fs::read(to).unwrap()
}

/// The issued assignment letter of unit A: where its page is, and its bytes.
async fn issued(pages: &Pages, cookie: &str) -> (String, Vec<u8>) {
    let sheet = pages.world.sheet("A");
    let form = format!("what=assignment&sheet={sheet}&number=12%2FUBND-VHXH&day=20%2F10%2F2023");
    let answer = pages.post(cookie, "/papers/new", &form).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    let sha256 = {
        let state = pages.world.store.state();
        let paper = state.papers.values().next_back().unwrap();
        assert_eq!(answer.location, format!("/papers/{}", paper.id));
        paper.sha256.clone()
    };
    let bytes = pages.world.store.evidence.read(&sha256).await.unwrap().unwrap();
    (answer.location, bytes)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_signed_letter_comes_back_to_its_assignment() {
    let pages = Pages::new().await;
    let focal = pages.cookie("vp-tk@a.example").await;
    let (page, bytes) = issued(&pages, &focal).await;
    let shown = pages.get(&focal, &page).await;
    assert!(shown.body.contains("12/UBND-VHXH") && shown.body.contains("Chờ bản ký"), "{}", shown.body);
    assert_eq!(pages.get(&focal, &format!("{page}/issued.pdf")).await.status, StatusCode::OK);

    // What is not signed is told so, and not filed.
    let answer = pages.upload(&focal, "/papers", &[("giao-viec.pdf", &bytes)]).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.body.contains("chưa có chữ ký số nào"), "{}", answer.body);

    let back = signed(&pages, &bytes);
    let answer = pages.upload(&focal, "/papers", &[("giao-viec-da-ky.pdf", &back)]).await;
    assert_eq!((answer.status, answer.location.as_str()), (StatusCode::SEE_OTHER, page.as_str()), "{}", answer.body);
    let shown = pages.get(&focal, &page).await;
    for words in ["Đúng bản đã phát hành, chỉ thêm chữ ký", "Trần Bình Mẫu, Chủ tịch UBND", "Đã có bản ký"]
    {
        assert!(shown.body.contains(words), "{words}: {}", shown.body);
    }
    // It stands with the assignment, is there once, and the log knows.
    let sheet = pages.world.sheet("A");
    let assign = pages.get(&focal, &format!("/sheets/{sheet}/assign")).await;
    assert!(
        assign.body.contains(&format!("href=\"{page}\"")) && assign.body.contains("Đã có bản ký"),
        "{}",
        assign.body
    );
    let again = pages.upload(&focal, "/papers", &[("giao-viec-da-ky.pdf", &back)]).await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
    let audit = pages.world.store.audit().await.unwrap();
    assert_eq!(audit.faults, [""; 0]);

    // Another unit does not learn that there is such a paper; anybody may check the file.
    let other = pages.cookie("vp-tk@b.example").await;
    assert_eq!(pages.get(&other, &page).await.status, StatusCode::NOT_FOUND);
    let answer = pages.upload(&other, "/papers", &[("x.pdf", &back)]).await;
    assert!(answer.body.contains("không phải văn bản do hệ thống này phát hành"), "{}", answer.body);
    let checked = pages.upload("", "/verify", &[("x.pdf", &back)]).await;
    assert!(checked.body.contains("chỉ thêm chữ ký"), "{}", checked.body);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_signed_letter_that_was_altered_is_told_apart_with_what_differs() {
    let pages = Pages::new().await;
    let focal = pages.cookie("vp-tk@a.example").await;
    let (page, bytes) = issued(&pages, &focal).await;
    // The same letter with another number under the same code, as a forger would have it.
    let head = Head { number: "99/UBND-VHXH".to_owned(), day: Some("2023-10-20".parse().unwrap()) };
    let ready = papers::assignment(&pages.app, pages.world.sheet("A"), &head).await.unwrap();
    let mark = Mark::find(&bytes).unwrap();
    let forged = pages.app.printer.write_marked(ready.form, ready.filling, mark.keyword()).await.unwrap();
    let answer = pages.upload(&focal, "/papers", &[("giao-viec.pdf", &signed(&pages, &forged))]).await;
    assert_eq!(answer.location, page, "{}", answer.body);
    let shown = pages.get(&focal, &page).await;
    for words in ["Khác bản đã phát hành", "<del>12/UBND-VHXH</del>", "<ins>99/UBND-VHXH</ins>"] {
        assert!(shown.body.contains(words), "{words}: {}", shown.body);
    }
    assert!(!shown.body.contains("Đã có bản ký"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_may_not_issue_is_told_so() {
    let pages = Pages::new().await;
    let sheet = pages.world.sheet("A");
    let form = format!("what=assignment&sheet={sheet}&day=20%2F10%2F2023");
    for (who, expected) in [("vh-xh@a.example", 403), ("vp-tk@b.example", 404), ("vp-tk@a.example", 303)] {
        let cookie = pages.cookie(who).await;
        assert_eq!(pages.post(&cookie, "/papers/new", &form).await.status.as_u16(), expected, "{who}");
    }
    let cookie = pages.cookie("vp-tk@a.example").await;
    let wrong = format!("what=assignment&sheet={sheet}&day=hôm%20nay");
    let answer = pages.post(&cookie, "/papers/new", &wrong).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.body.contains("Ngày cần dạng 31/10/2023"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_program_issues_a_letter_and_brings_the_signed_one_back() {
    let api = Api::new().await;
    let focal = api.token(FOCAL, &[Read, Write]).await;
    let sheet = api.pages.world.sheet("A").0;
    let wanted = json!({ "what": "assignment", "sheet": sheet, "number": "12/UBND-VHXH", "day": "2023-10-20" });
    let paper = api.json(&focal, "POST", "/papers", &wanted).await.json()["paper"].clone();
    assert_eq!((&paper["number"], &paper["signed"]), (&json!("12/UBND-VHXH"), &json!(null)), "{paper}");
    let path = format!("/papers/{}", paper["id"]);
    let page = api.pages.get(&api.pages.cookie(FOCAL).await, &format!("{path}/issued.pdf")).await;
    assert_eq!(page.status, StatusCode::OK, "the page gives the same file");
    assert_eq!(api.get(&focal, &format!("{path}/issued.pdf")).await.status, StatusCode::OK);
    let sha256 = paper["sha256"].as_str().unwrap();
    let bytes = api.pages.world.store.evidence.read(sha256).await.unwrap().unwrap();

    let send = async |token: &str, bytes: &[u8]| {
        api.send(token, "POST", "/api/v1/papers/signed", &[FORM], form("da-ky.pdf", bytes)).await
    };
    send(&focal, &bytes).await.problem(422, "invalid");
    let back = signed(&api.pages, &bytes);
    let filed = send(&focal, &back).await.json();
    let copy = &filed["copies"][0];
    assert_eq!((&copy["likeness"], &filed["paper"]["signed"]), (&json!("same"), &copy["id"]), "{filed}");
    assert_eq!(copy["signers"], json!(["Trần Bình Mẫu, Chủ tịch UBND"]));
    assert_eq!(api.get(&focal, &path).await.json(), filed);
    assert_eq!(api.get(&focal, "/papers").await.json()["items"], json!([filed["paper"]]));
    send(&focal, &back).await.problem(422, "invalid");

    let other = api.token(OTHER, &[Read, Write]).await;
    api.get(&other, &path).await.problem(404, "not-found");
    send(&other, &back).await.problem(422, "invalid");
    assert_eq!(api.get(&other, "/papers").await.json()["items"], json!([]));
    let cases = [
        (json!({ "what": "assignment", "sheet": sheet, "day": "hôm nay" }), 422, "invalid"),
        (json!({ "what": "assignment" }), 422, "invalid"),
        (json!({ "what": "ranking", "sheet": sheet }), 403, "denied"),
        (json!({ "what": "none", "sheet": sheet }), 404, "not-found"),
    ];
    for (wanted, status, code) in cases {
        api.json(&focal, "POST", "/papers", &wanted).await.problem(status, code);
    }
}
