//! Signed files from the upload to the appraisal, what they propose, and the public page that keeps nothing.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

#[allow(dead_code, reason = "each file of tests uses its own part of what is shared")]
mod common;

use std::sync::Arc;

use axum::http::StatusCode;
use common::Pages;
use cycle::{Capability, Phase};
use store::Command;
use store::command::NewPerson;
use web::checks;
use web::trust::Trust;

fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/../signature/tests/fixtures/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

/// The pages with a folder of trust anchors; the made-up root stands in it if asked for.
async fn pages(trusted: bool) -> Pages {
    let mut pages = Pages::new().await;
    let folder = pages.world.folder.path().join("trust");
    std::fs::create_dir_all(&folder).unwrap();
    if trusted {
        std::fs::write(folder.join("root.pem"), fixture("trust-root.pem")).unwrap();
    }
    pages.app.trust = Arc::new(Trust::at(Some(folder)));
    pages
}

async fn person(pages: &Pages, login: &str, name: &str, unit: &str, code: &str, title: &str, may: &[Capability]) {
    let unit = pages.world.unit(unit);
    let known = pages.world.store.state().positions_of(unit).iter().find(|one| one.code == code).map(|one| one.id);
    let position = match known {
        Some(position) => position,
        None => {
            let capabilities = may.iter().copied().collect();
            let (code, name) = (code.to_owned(), title.to_owned());
            pages.world.operator(Command::AddPosition { unit, code, name, capabilities }).await;
            pages.world.store.state().positions_of(unit).last().unwrap().id
        }
    };
    let person = NewPerson {
        login: login.to_owned(),
        name: name.to_owned(),
        position: Some(position),
        from: "2023-01-01".parse().unwrap(),
        invitation: None,
        calendar: login.to_owned(),
    };
    pages.world.operator(Command::AddPerson(person)).await;
}

/// I.1.1 asks who heads the steering committee, and for a signed decision.
const INDICATOR: &str = "I.1.1";

async fn give(pages: &Pages, cookie: &str, name: &str, bytes: &[u8]) -> String {
    let entry = format!("/sheets/{}/entries/{INDICATOR}", pages.world.sheet("A"));
    let answer = pages.upload(cookie, &format!("{entry}/evidence"), &[(name, bytes)]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    pages.get(cookie, &entry).await.body
}

fn figure(pages: &Pages) -> String {
    let state = pages.world.store.state();
    let level = state.levels.values().next().unwrap();
    level.program.set.indicator(INDICATOR).unwrap().all_figures()[0].id.clone()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_valid_signature_meets_the_requirement_and_its_signer_fills_the_choice() {
    let pages = pages(true).await;
    person(&pages, "an@a.example", "Nguyễn Văn An", "A", "CT", "", &[]).await;
    let cookie = pages.cookie("vp-tk@a.example").await;
    let sheet = pages.world.sheet("A");
    let entry = format!("/sheets/{sheet}/entries/{INDICATOR}");
    let unsigned = give(&pages, &cookie, "chua-ky.pdf", &fixture("unsigned.pdf")).await;
    assert!(unsigned.contains("Không có chữ ký số") && unsigned.contains("Thiếu chữ ký số"), "{unsigned}");
    let check = pages.get(&cookie, &format!("/sheets/{sheet}/submit")).await.body;
    assert!(check.contains("Thiếu chữ ký số") || check.contains("thiếu chữ ký số"), "{check}");

    let page = give(&pages, &cookie, "QĐ 12.pdf", &fixture("b-b.pdf")).await;
    assert!(page.contains("Chữ ký hợp lệ") && page.contains("Nguyễn Văn An"), "{page}");
    assert!(page.contains("Đã có chữ ký số như yêu cầu"));
    assert!(page.contains("Giờ tự khai") && page.contains("UBND xã Mẫu"));

    // The other answer first: half the points.
    let name = format!("f-{}", figure(&pages));
    pages.post(&cookie, &entry, &format!("version=1&{name}=deputy&do=save")).await;
    let half = pages.world.store.sheet(sheet).await.unwrap().unwrap();
    assert_eq!(half.entry(INDICATOR).unwrap().1.self_score.as_ref().unwrap().points.to_string(), "5");
    let page = pages.get(&cookie, &entry).await.body;
    let take = page.split("name=\"take\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    assert!(page.contains("Đề xuất:") && take.ends_with("|head"), "{take}");
    let version = half.entry(INDICATOR).unwrap().1.version;
    let take = take.replace('|', "%7C");
    let forged = pages.post(&cookie, &format!("{entry}/take"), &format!("version={version}&take=1%7Cx%7Chead")).await;
    assert_eq!(forged.status, StatusCode::NOT_FOUND);
    let stranger = pages.cookie("ca@a.example").await;
    let refused = pages.post(&stranger, &format!("{entry}/take"), &format!("version={version}&take={take}")).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    let taken = pages.post(&cookie, &format!("{entry}/take"), &format!("version={version}&take={take}")).await;
    assert_eq!(taken.status, StatusCode::SEE_OTHER, "{}", taken.body);
    let full = pages.world.store.sheet(sheet).await.unwrap().unwrap();
    let (_, now) = full.entry(INDICATOR).unwrap();
    assert_eq!(now.self_score.as_ref().unwrap().points.to_string(), "10");
    assert!(now.figures[&figure(&pages)].from.as_ref().unwrap().contains("QĐ 12.pdf"));
    let page = pages.get(&cookie, &entry).await.body;
    assert!(page.contains("Nguồn: chữ ký của tệp “QĐ 12.pdf”: Nguyễn Văn An"), "{page}");
    assert!(!page.contains("Đề xuất:"), "what was taken over is not proposed again");
    assert_eq!(pages.world.store.audit().await.unwrap().faults, [""; 0]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_the_indeterminate_is_accepted_and_only_with_a_reason() {
    let pages = pages(true).await;
    person(&pages, "td@t.example", "TĐ", "T", "TĐ", "Thẩm định", &[Capability::Appraise]).await;
    let unit = pages.cookie("vp-tk@a.example").await;
    give(&pages, &unit, "la.pdf", &fixture("stranger.pdf")).await;
    let page = give(&pages, &unit, "sua.pdf", &fixture("content-flipped.pdf")).await;
    assert!(page.contains("Chữ ký chưa kết luận được") && page.contains("Chữ ký không hợp lệ"), "{page}");
    let sheet = pages.world.sheet("A");
    let evidence = pages.world.store.evidence_of(sheet, INDICATOR).await.unwrap();
    let (open, wrong) = (evidence[0].id, evidence[1].id);
    let appraiser = pages.cookie("td@t.example").await;
    let early = pages.post(&appraiser, &format!("/evidence/{open}/accept"), "reason=x").await;
    assert_eq!(early.status, StatusCode::FORBIDDEN, "not before the sheet is handed in");
    let head = pages.cookie("ct@a.example").await;
    let check = pages.get(&head, &format!("/sheets/{sheet}/submit")).await.body;
    let hash = check.split("name=\"hash\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    pages.post(&head, &format!("/sheets/{sheet}/submit"), &format!("hash={hash}&known=yes")).await;
    pages.world.phase(Phase::Appraising).await;

    let level = pages.world.store.state().assessments[&sheet].level;
    let desk = format!("/appraise/{level}/{INDICATOR}?unit={sheet}");
    let page = pages.get(&appraiser, &desk).await.body;
    assert!(page.contains(&format!("/evidence/{open}/accept")) && !page.contains(&format!("/evidence/{wrong}/accept")));
    assert!(page.contains("Thiếu chữ ký số"));
    for (id, form) in [(open, "reason="), (wrong, "reason=x")] {
        let refused = pages.post(&appraiser, &format!("/evidence/{id}/accept"), form).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", refused.body);
    }
    let own = pages.post(&unit, &format!("/evidence/{open}/accept"), "reason=x").await;
    assert_eq!(own.status, StatusCode::NOT_FOUND, "nobody accepts for the own unit");
    let reason = "reason=%C4%90%E1%BB%91i+chi%E1%BA%BFu+b%E1%BA%A3n+gi%E1%BA%A5y";
    let done = pages.post(&appraiser, &format!("/evidence/{open}/accept"), reason).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
    let page = pages.get(&appraiser, &desk).await.body;
    assert!(page.contains("TĐ chấp nhận lúc") && page.contains("Đối chiếu bản giấy"), "{page}");
    assert!(page.contains("Đã có chữ ký số như yêu cầu"));
    assert_eq!(pages.world.store.audit().await.unwrap().faults, [""; 0]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_only_recognised_or_only_stamped_meets_no_requirement() {
    let pages = pages(true).await;
    let cookie = pages.cookie("vp-tk@a.example").await;
    for (name, fixture_name, words) in [
        ("ky.xml", "enveloped.xml", "> Tệp có chữ ký, nhưng loại này (XML-DSig) chưa kiểm tra được ở đây."),
        ("ky.docx", "signed.docx", "> Tệp có chữ ký, nhưng loại này (OOXML) chưa kiểm tra được ở đây."),
        ("dong-dau-gio.pdf", "only-stamped.pdf", "> Tệp chỉ có dấu thời gian, không có chữ ký của ai."),
    ] {
        let page = give(&pages, &cookie, name, &fixture(fixture_name)).await;
        assert!(page.contains(words), "{name}: {page}");
        let valid = "verdict-line\"><span class=\"state done\">";
        assert!(page.contains("Thiếu chữ ký số") && !page.contains(valid), "{name}: {page}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn other_anchors_bring_another_verdict_by_the_job() {
    let pages = pages(false).await;
    let cookie = pages.cookie("vp-tk@a.example").await;
    let page = give(&pages, &cookie, "QĐ.pdf", &fixture("b-b.pdf")).await;
    assert!(page.contains("Chữ ký chưa kết luận được"), "{page}");
    checks::look_at_trust(&pages.app).await.unwrap();
    checks::work(&pages.app).await.unwrap();
    let folder = pages.app.trust.folder.clone().unwrap();
    std::fs::write(folder.join("root.pem"), fixture("trust-root.pem")).unwrap();
    std::fs::write(folder.join("note.pem"), "no certificate").unwrap();
    checks::look_at_trust(&pages.app).await.unwrap();
    assert_eq!(pages.app.trust.known().faults.len(), 1);
    checks::work(&pages.app).await.unwrap();
    let path = format!("/sheets/{}/entries/{INDICATOR}", pages.world.sheet("A"));
    let page = pages.get(&cookie, &path).await.body;
    assert!(page.contains("Chữ ký hợp lệ"), "{page}");
    let answer = pages.get(&cookie, &format!("{path}/proofs")).await;
    let json: serde_json::Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!(json["waiting"], false);
    assert!(json["requirement"].as_str().unwrap().contains("Đã có chữ ký số"));
    assert_eq!(pages.world.store.audit().await.unwrap().faults, [""; 0]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_file_of_two_units_is_told_to_the_appraiser_and_not_to_the_units() {
    let pages = pages(true).await;
    person(&pages, "td@t.example", "TĐ", "T", "TĐ", "Thẩm định", &[Capability::Appraise]).await;
    let a = pages.cookie("vp-tk@a.example").await;
    let page = give(&pages, &a, "QĐ.pdf", &fixture("b-b.pdf")).await;
    let b = pages.cookie("vp-tk@b.example").await;
    let path = format!("/sheets/{}/entries/{INDICATOR}", pages.world.sheet("B"));
    pages.upload(&b, &format!("{path}/evidence"), &[("cua-toi.pdf", &fixture("b-b.pdf"))]).await;
    assert!(!page.contains("Cùng tệp này") && !pages.get(&b, &path).await.body.contains("Đơn vị mẫu A"));
    let (sheet, level) = {
        let sheet = pages.world.sheet("A");
        (sheet, pages.world.store.state().assessments[&sheet].level)
    };
    let appraiser = pages.cookie("td@t.example").await;
    let desk = pages.get(&appraiser, &format!("/appraise/{level}/{INDICATOR}?unit={sheet}")).await.body;
    assert!(desk.contains("Cùng tệp này cũng được nộp bởi Đơn vị mẫu B (I.1.1)"), "{desk}");
}

async fn verify(pages: &Pages, files: &[(&str, &[u8])]) -> common::Answer {
    let mut body = Vec::new();
    for (name, bytes) in files {
        body.extend(
            format!("--edge\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n").bytes(),
        );
        body.extend_from_slice(bytes);
        body.extend(b"\r\n");
    }
    body.extend(b"--edge--\r\n");
    let request = axum::http::Request::post("/verify")
        .header("host", "thuocdo.example")
        .header("content-type", "multipart/form-data; boundary=edge");
    pages.send(request.body(axum::body::Body::from(body)).unwrap()).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn anybody_checks_a_signature_and_nothing_is_kept() {
    let pages = pages(true).await;
    let form = pages.get("", "/verify").await;
    assert_eq!(form.status, StatusCode::OK);
    let english = pages.get("thuocdo-language=en", "/verify").await.body;
    assert!(english.contains("Check a signature") && english.contains("installed here: 1"), "{english}");
    let cases: [(&str, Vec<u8>, StatusCode, &str); 7] = [
        ("QĐ.pdf", fixture("b-b.pdf"), StatusCode::OK, "Chữ ký hợp lệ"),
        ("cat.pdf", fixture("truncated.pdf"), StatusCode::OK, "bị hỏng hoặc bị cắt"),
        ("mat-khau.pdf", fixture("encrypted.pdf"), StatusCode::OK, "mã hóa"),
        ("ky.xml", fixture("signed.xml"), StatusCode::OK, "Chữ ký chưa kết luận được"),
        ("trang.html", b"<script>alert(1)</script>".to_vec(), StatusCode::OK, "Không có chữ ký số"),
        ("rong.pdf", Vec::new(), StatusCode::UNPROCESSABLE_ENTITY, "là tệp rỗng"),
        ("lon.pdf", vec![b'x'; 21 * 1024 * 1024], StatusCode::UNPROCESSABLE_ENTITY, "lớn hơn 20 MB"),
    ];
    for (name, bytes, status, words) in cases {
        let answer = verify(&pages, &[(name, &bytes)]).await;
        assert_eq!(answer.status, status, "{name}: {}", answer.body);
        assert!(answer.body.contains(words), "{name}: {}", answer.body);
        assert!(!answer.body.contains("<script>alert"), "{name}");
        let open = status == StatusCode::OK && words != "Chữ ký hợp lệ";
        assert_eq!(answer.body.contains("Nên làm:"), open, "{name}: {}", answer.body);
    }
    assert_eq!(verify(&pages, &[]).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    let kept = std::fs::read_dir(pages.world.store.evidence.root()).unwrap().count();
    assert_eq!(kept, 1, "only the folder for files that are coming");
    assert_eq!(pages.world.store.checked_counts("").await.unwrap(), (0, 0));
    let mut last = StatusCode::OK;
    for _ in 0..25 {
        last = verify(&pages, &[("a.txt", b"x")]).await.status;
    }
    assert_eq!(last, StatusCode::TOO_MANY_REQUESTS);
}
