//! Evidence as pictures of its pages: who gets them, what they are, and what stands where there is none.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

#[allow(dead_code, reason = "each file of tests uses its own part of what is shared")]
mod common;

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use common::{Answer, Pages};
use cycle::{Capability, EvidenceId, Phase};
use store::Command;
use store::command::NewPerson;

const INDICATOR: &str = "I.1.1";

fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/../signature/tests/fixtures/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

/// A PDF of three pages, without a table of its objects: readers look for them.
fn three_pages() -> Vec<u8> {
    let page = "<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 100]/Contents 4 0 R>>";
    format!(
        "%PDF-1.7\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n\
         2 0 obj\n<</Type/Pages/Count 3/Kids[3 0 R 5 0 R 6 0 R]>>\nendobj\n3 0 obj\n{page}\nendobj\n\
         4 0 obj\n<</Length 16>>stream\n9 9 90 50 re f  \nendstream\nendobj\n\
         5 0 obj\n{page}\nendobj\n6 0 obj\n{page}\nendobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
    )
    .into_bytes()
}

async fn give(pages: &Pages, files: &[(&str, &[u8])]) -> (String, Vec<EvidenceId>) {
    let cookie = pages.cookie("vp-tk@a.example").await;
    let entry = format!("/sheets/{}/entries/{INDICATOR}", pages.world.sheet("A"));
    let answer = pages.upload(&cookie, &format!("{entry}/evidence"), files).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    let given = pages.world.store.evidence_of(pages.world.sheet("A"), INDICATOR).await.unwrap();
    let id = |name: &str| given.iter().find(|one| one.name == name).unwrap().id;
    (cookie, files.iter().map(|(name, _)| id(name)).collect())
}

fn told(answer: &Answer, name: header::HeaderName) -> &str {
    answer.headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_is_a_picture_for_those_who_may_see_the_file() {
    let pages = Pages::new().await;
    let (cookie, ids) =
        give(&pages, &[("QĐ 12.pdf", &fixture("b-b.pdf")), ("ghi chú.txt", "Bịa đặt".as_bytes())]).await;
    let path = format!("/evidence/{}/pages/1.png", ids[0]);
    let page = pages.get(&cookie, &path).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    assert_eq!(told(&page, header::CONTENT_TYPE), "image/png");
    assert_eq!(told(&page, header::CACHE_CONTROL), "private, max-age=31536000, immutable");
    assert_eq!(told(&page, header::X_CONTENT_TYPE_OPTIONS), "nosniff");
    assert!(page.body.starts_with("\u{fffd}PNG\r\n"));
    let mark = told(&page, header::ETAG).to_owned();
    let again = Request::get(&path).header(header::COOKIE, &cookie).header(header::IF_NONE_MATCH, &mark);
    let again = pages.send(again.body(Body::empty()).unwrap()).await;
    assert_eq!((again.status, again.body.as_str()), (StatusCode::NOT_MODIFIED, ""));
    let small = pages.get(&cookie, &format!("{path}?size=small")).await;
    assert_eq!(small.status, StatusCode::OK);
    assert!(small.body.len() < page.body.len() && told(&small, header::ETAG) != mark);

    let stranger = pages.cookie("vp-tk@b.example").await;
    assert_eq!(pages.get(&stranger, &path).await.status, StatusCode::NOT_FOUND);
    assert_eq!(pages.get("", &path).await.status, StatusCode::SEE_OTHER);
    for wrong in ["0.png", "2.png", "9999.png", "-1.png", "1", "1.jpg", "x.png", "99999999999999999999.png"] {
        let answer = pages.get(&cookie, &format!("/evidence/{}/pages/{wrong}", ids[0])).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{wrong}");
    }
    let text = pages.get(&cookie, &format!("/evidence/{}/pages/1.png", ids[1])).await;
    assert_eq!(text.status, StatusCode::NOT_FOUND);

    let entry = pages.get(&cookie, &format!("/sheets/{}/entries/{INDICATOR}", pages.world.sheet("A"))).await.body;
    assert!(entry.contains(&format!("src=\"{path}?size=small\"")), "{entry}");
    assert!(!entry.contains(&format!("/evidence/{}/pages/", ids[1])), "texts have no pages");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_there_is_no_picture_stands_a_sentence() {
    let pages = Pages::new().await;
    let whole = fixture("b-b.pdf");
    let files: [(&str, &[u8]); 4] = [
        ("cụt.pdf", &whole[..300]),
        ("rác.pdf", b"%PDF-1.7\nkhong phai"),
        ("khóa.pdf", &fixture("encrypted.pdf")),
        ("độc.pdf", &whole),
    ];
    let (cookie, ids) = give(&pages, &files).await;
    let evidence = pages.world.store.one_evidence(ids[3]).await.unwrap().unwrap();
    let mut found = pages.world.store.file_report(evidence.sha256.as_ref().unwrap()).await.unwrap().unwrap().found;
    found.scan = Some("infected: Eicar<Test>".to_owned());
    pages.world.operator(Command::KeepReport(found)).await;
    for (at, status, words) in [
        (0, StatusCode::UNPROCESSABLE_ENTITY, "Tệp PDF hỏng"),
        (1, StatusCode::UNPROCESSABLE_ENTITY, "Tệp PDF hỏng"),
        (2, StatusCode::UNPROCESSABLE_ENTITY, "Tệp PDF có mật khẩu"),
        (3, StatusCode::FORBIDDEN, "mã độc (Eicar&lt;Test&gt;)"),
    ] {
        let answer = pages.get(&cookie, &format!("/evidence/{}/pages/1.png", ids[at])).await;
        assert_eq!(answer.status, status, "{} {}", files[at].0, answer.body);
        assert_eq!(told(&answer, header::CONTENT_TYPE), "image/svg+xml");
        assert_eq!(told(&answer, header::CACHE_CONTROL), "no-store");
        assert!(answer.body.starts_with("<svg ") && answer.body.contains(words), "{}", answer.body);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_appraiser_turns_pages_without_script() {
    let pages = Pages::new().await;
    let unit = pages.world.unit("T");
    let capabilities = [Capability::Appraise].into_iter().collect();
    let (code, name) = ("TĐ".to_owned(), "Thẩm định".to_owned());
    pages.world.operator(Command::AddPosition { unit, code, name, capabilities }).await;
    let person = NewPerson {
        login: "td@t.example".to_owned(),
        name: "TĐ".to_owned(),
        position: pages.world.store.state().positions_of(unit).last().map(|one| one.id),
        from: "2023-01-01".parse().unwrap(),
        invitation: None,
        calendar: "td@t.example".to_owned(),
    };
    pages.world.operator(Command::AddPerson(person)).await;
    let (_, ids) = give(&pages, &[("ba trang.pdf", &three_pages()), ("hỏng.pdf", b"%PDF-1.7\nx")]).await;
    let sheet = pages.world.sheet("A");
    let head = pages.cookie("ct@a.example").await;
    let check = pages.get(&head, &format!("/sheets/{sheet}/submit")).await.body;
    let hash = check.split("name=\"hash\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    pages.post(&head, &format!("/sheets/{sheet}/submit"), &format!("hash={hash}&known=yes")).await;
    pages.world.phase(Phase::Appraising).await;

    let level = pages.world.store.state().assessments[&sheet].level;
    let desk = format!("/appraise/{level}/{INDICATOR}?unit={sheet}");
    let cookie = pages.cookie("td@t.example").await;
    let here =
        |number: usize| format!("/appraise/{level}/{INDICATOR}?unit={sheet}&#38;file={}&#38;page={number}#xem", ids[0]);
    for (asked, shown, before, after) in [
        ("", 1, None, Some(2)),
        ("&page=2", 2, Some(1), Some(3)),
        ("&page=3", 3, Some(2), None),
        ("&page=0", 1, None, Some(2)),
        ("&page=9999", 3, Some(2), None),
    ] {
        let body = pages.get(&cookie, &format!("{desk}&file={}{asked}", ids[0])).await.body;
        assert!(body.contains(&format!("Trang {shown} trên 3")), "{asked} {body}");
        assert!(body.contains(&format!("src=\"/evidence/{}/pages/{shown}.png\"", ids[0])) && !body.contains("<iframe"));
        for number in 0..=4 {
            let expected = before == Some(number) || after == Some(number);
            assert_eq!(body.contains(&here(number)), expected, "{asked} {number} {body}");
        }
    }
    let third = pages.get(&cookie, &format!("/evidence/{}/pages/3.png", ids[0])).await;
    assert_eq!(third.status, StatusCode::OK, "who appraises sees it");
    let broken = pages.get(&cookie, &format!("{desk}&file={}", ids[1])).await.body;
    let large = format!("src=\"/evidence/{}/pages/1.png\"", ids[1]);
    assert!(broken.contains("Tệp PDF hỏng") && !broken.contains(&large), "{broken}");
    for id in ids {
        let small = format!("src=\"/evidence/{id}/pages/1.png?size=small\"");
        assert!(broken.contains(&small), "each file has its thumbnail: {broken}");
    }
}
