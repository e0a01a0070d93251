//! The pages as people and their browsers meet them: what is read on them, and what hostile requests get.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

#[allow(dead_code, reason = "each file of tests uses its own part of what is shared")]
mod common;

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use common::{Pages, world};
use cycle::Phase;

fn figure(pages: &Pages, indicator: &str) -> String {
    let state = pages.world.store.state();
    let level = state.levels.values().next().unwrap();
    level.program.set.indicator(indicator).unwrap().all_figures()[0].id.clone()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_official_fills_in_and_reads_points_and_reason() {
    let pages = Pages::new().await;
    let cookie = pages.cookie("vh-xh@a.example").await;
    let work = pages.get(&cookie, "/work").await;
    assert!(work.body.contains("I.5.2") && !work.body.contains("I.5.1"), "only what is assigned");
    let path = format!("/sheets/{}/entries/I.5.2", pages.world.sheet("A"));
    let form = format!(
        "version=0&answer=figures&f-{}=9&note=Th%C3%A1ng+4+chuy%E1%BB%83n+m%C3%A1y+ch%E1%BB%A7&do=save",
        figure(&pages, "I.5.2")
    );
    assert_eq!(pages.post(&cookie, &path, &form).await.status, StatusCode::SEE_OTHER);
    let page = pages.get(&cookie, &path).await.body;
    for words in ["4,50", "6 × 9/12", "Tháng 4 chuyển máy chủ", "Quyết định 2263/QĐ-UBND", "Cách hiểu còn mở", "VH-XH"]
    {
        assert!(page.contains(words), "{words}");
    }
    pages.post(&cookie, "/language", "language=en&to=/work").await;
    let page = pages.get(&cookie, &path).await.body;
    assert!(page.contains("4.50") && page.contains("lang=\"en\""));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_program_saves_and_a_stale_write_gets_both_values() {
    let pages = Pages::new().await;
    let cookie = pages.cookie("vh-xh@a.example").await;
    let path = format!("/sheets/{}/entries/I.5.2", pages.world.sheet("A"));
    let name = format!("f-{}", figure(&pages, "I.5.2"));
    let save = async |version: u32, value: &str| {
        let request = Request::post(&path)
            .header(header::HOST, "thuocdo.example")
            .header(header::ORIGIN, "http://thuocdo.example")
            .header(header::COOKIE, &cookie)
            .header(header::ACCEPT, "application/json")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        pages.send(request.body(Body::from(format!("version={version}&{name}={value}"))).unwrap()).await
    };
    let saved = save(0, "9").await;
    assert_eq!(saved.status, StatusCode::OK);
    assert!(saved.body.contains("\"version\":1") && saved.body.contains("4,50"), "{}", saved.body);
    let stale = save(0, "12").await;
    assert_eq!(stale.status, StatusCode::CONFLICT);
    assert!(stale.body.contains("\"value\":\"9\"") && stale.body.contains("VH-XH"), "{}", stale.body);
    assert_eq!(stale.headers[header::CONTENT_TYPE], "application/problem+json");
    // Without script the page itself sets them side by side, with both ways out; what does not differ is not there.
    let form = format!("version=0&{name}=12&answer=not-done&because=ch%C6%B0a&note=");
    let page = pages.post(&cookie, &path, &form).await;
    assert_eq!(page.status, StatusCode::CONFLICT);
    let (_, table) = page.body.split_once("role=\"alert\"").unwrap();
    let table = table.split_once("</div>").unwrap().0;
    assert!(table.contains("<td>12</td><td>9</td>") && table.contains("VH-XH"), "{table}");
    assert!(table.contains("<td>Chưa thực hiện</td><td>Bằng số liệu</td>") && table.contains("<td>chưa</td>"));
    assert!(!table.contains("Thuyết minh") && table.contains("value=\"save\""), "{table}");
    assert!(page.body.contains("name=\"version\" value=\"1\"") && page.body.contains("value=\"12\""));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_used_is_said_beside_the_field_and_kept_as_typed() {
    let pages = Pages::new().await;
    let cookie = pages.cookie("vh-xh@a.example").await;
    let path = format!("/sheets/{}/entries/I.5.2", pages.world.sheet("A"));
    let name = format!("f-{}", figure(&pages, "I.5.2"));
    let answer =
        pages.post(&cookie, &path, &format!("version=0&{name}=m%C6%B0%E1%BB%9Di&answer=figures&do=ready")).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        answer.body.contains("value=\"mười\"") && answer.body.contains(&format!("href=\"#{name}\"")),
        "{}",
        answer.body
    );
    assert!(answer.body.contains("<title>Lỗi:"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn evidence_keeps_its_name_and_can_do_nothing() {
    let pages = Pages::new().await;
    let cookie = pages.cookie("vh-xh@a.example").await;
    let path = format!("/sheets/{}/entries/I.5.2", pages.world.sheet("A"));
    let given = pages
        .upload(
            &cookie,
            &format!("{path}/evidence"),
            &[("Báo cáo.pdf", b"%PDF-1.4 mau"), ("../../x.txt", "danh sách".as_bytes())],
        )
        .await;
    assert_eq!(given.status, StatusCode::SEE_OTHER, "{}", given.body);
    let page = pages.get(&cookie, &path).await.body;
    assert!(page.contains("Báo cáo.pdf") && page.contains(">x.txt<") && !page.contains("../"), "{page}");
    let href = page.split("href=\"/evidence/").nth(1).unwrap().split('"').next().unwrap();
    let file = pages.get(&cookie, &format!("/evidence/{href}")).await;
    assert_eq!(file.body, "%PDF-1.4 mau");
    assert!(file.headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap().contains("sandbox"));
    assert!(file.headers[header::CONTENT_DISPOSITION].to_str().unwrap().contains("B%C3%A1o%20c%C3%A1o.pdf"));
    let other = pages.cookie("vp-tk@b.example").await;
    assert_eq!(pages.get(&other, &format!("/evidence/{href}")).await.status, StatusCode::NOT_FOUND);
    for (name, bytes) in
        [("trang.html", &b"<html><script>alert(1)</script>"[..]), ("x.exe", b"MZ\x90\x00\x03"), ("rong.pdf", b"")]
    {
        let refused = pages.upload(&cookie, &format!("{path}/evidence"), &[(name, bytes)]).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{name}");
        assert!(refused.body.contains(name));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_head_signs_off_and_the_receipt_names_the_hash() {
    let pages = Pages::new().await;
    let head = pages.cookie("ct@a.example").await;
    let sheet = pages.world.sheet("A");
    let check = pages.get(&head, &format!("/sheets/{sheet}/submit")).await.body;
    assert!(check.contains("Còn thiếu"));
    let hash = check.split("name=\"hash\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let signed = pages.post(&head, &format!("/sheets/{sheet}/submit"), &format!("hash={hash}&known=yes")).await;
    assert_eq!(signed.location, format!("/sheets/{sheet}/receipt"));
    let receipt = pages.get(&head, &signed.location).await.body;
    assert!(receipt.contains(&hash) && receipt.contains("2023-"));
    let owner = pages.cookie("bcd@t.example").await;
    let monitor = pages.get(&owner, &format!("/rounds/{}", pages.world.round)).await.body;
    assert!(monitor.contains("1 trên 3 đơn vị đã nộp"), "{monitor}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn wrong_passwords_are_slowed_down_and_never_told_apart() {
    let pages = Pages::new().await;
    let account = pages.world.person("ct@a.example");
    let hash = web::passwords::hash("con thuyền xanh ra khơi").unwrap();
    pages.world.operator(store::Command::SetPassword { account, hash }).await;
    let mut answers = Vec::new();
    for login in ["ct%40a.example", "khong-co%40a.example"] {
        answers.push(pages.post("", "/sign-in", &format!("login={login}&password=sai")).await.body.replace(login, ""));
    }
    let told = |body: &str| body.split("role=\"alert\"").nth(1).unwrap().split("</div>").next().unwrap().to_owned();
    assert_eq!(told(&answers[0]), told(&answers[1]));
    for _ in 0..6 {
        pages.post("", "/sign-in", "login=ct%40a.example&password=sai").await;
    }
    let right = "login=ct%40a.example&password=con+thuy%E1%BB%81n+xanh+ra+kh%C6%A1i&to=//evil.example";
    let locked = pages.post("", "/sign-in", right).await;
    assert!(locked.body.contains("Sai quá nhiều lần"), "{}", locked.body);
    pages.app.set_now(world::at("2023-10-20T03:00:00Z"));
    let entered = pages.post("", "/sign-in", right).await;
    assert_eq!(entered.status, StatusCode::SEE_OTHER);
    assert!(!entered.location.contains("evil"), "{}", entered.location);
    let cookie = entered.headers[header::SET_COOKIE].to_str().unwrap();
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_revoked_session_and_a_lost_position_end_at_once() {
    let pages = Pages::new().await;
    let (first, second) = (pages.cookie("vp-tk@a.example").await, pages.cookie("vp-tk@a.example").await);
    pages.post(&first, "/account/sessions", "token=others").await;
    assert_eq!(pages.get(&second, "/work").await.status, StatusCode::SEE_OTHER);
    let sheet = format!("/sheets/{}", pages.world.sheet("A"));
    assert_eq!(pages.get(&first, &sheet).await.status, StatusCode::OK);
    let account = pages.world.person("vp-tk@a.example");
    let holding = pages.world.store.state().holdings.values().find(|one| one.account == account).unwrap().id;
    pages.world.operator(store::Command::EndHolding { holding, to: "2023-10-19".parse().unwrap() }).await;
    assert_eq!(pages.get(&first, &sheet).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_site_changes_nothing() {
    let pages = Pages::new().await;
    let cookie = pages.cookie("vh-xh@a.example").await;
    let path = format!("/sheets/{}/entries/I.5.2/remarks", pages.world.sheet("A"));
    for (name, value) in
        [("sec-fetch-site", "cross-site"), ("origin", "https://evil.example"), ("referer", "https://evil.example/x")]
    {
        let request = Request::post(&path)
            .header(header::HOST, "thuocdo.example")
            .header(header::COOKIE, &cookie)
            .header(name, value)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        let answer = pages.send(request.body(Body::from("words=x")).unwrap()).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{name}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_request_whatever_gets_a_500() {
    let pages = Pages::new().await;
    let cookie = pages.cookie("vp-tk@a.example").await;
    let sheet = pages.world.sheet("A");
    let long = "9".repeat(100_000);
    let forms = [
        String::new(),
        "version=x".to_owned(),
        "version=0&f-khong-co=1".to_owned(),
        format!("version=0&note={long}"),
        format!("version=0&f-{}={long}", figure(&pages, "I.5.2")),
        "version=99999999999999999999&answer=not-done".to_owned(),
        "%ff%fe=%00&version=0".to_owned(),
        "version=0&note=%00".to_owned(),
        "a=1&a=2&version=0&version=1".to_owned(),
        "x".repeat(3_000_000),
    ];
    let paths = [
        format!("/sheets/{sheet}/entries/I.5.2"),
        format!("/sheets/{sheet}/entries/I.5.2/preview"),
        format!("/sheets/{sheet}/entries/khong/preview"),
        format!("/sheets/{sheet}/profile"),
        format!("/sheets/{sheet}/table/I"),
        format!("/sheets/{sheet}/assign"),
        format!("/sheets/{sheet}/submit"),
        format!("/sheets/{sheet}/reviews"),
        format!("/sheets/{sheet}/entries/I.5.2/withdraw"),
        "/sheets/99999999999999999999/profile".to_owned(),
        "/sheets/-1/profile".to_owned(),
        "/rounds/x/settings".to_owned(),
        "/units/0".to_owned(),
        "/account/second-factor".to_owned(),
        "/sign-in".to_owned(),
    ];
    for path in &paths {
        for form in &forms {
            let answer = pages.post(&cookie, path, form).await;
            assert!(answer.status.as_u16() < 500, "{path} {}: {}", &form[..form.len().min(40)], answer.status);
        }
        let answer = pages.get(&cookie, path).await;
        assert!(answer.status.as_u16() < 500, "{path}: {}", answer.status);
    }
    for path in [
        "/search?q=%00%ff",
        "/search?q=%F0%9F%98%80",
        "/rounds/1?level=x",
        "/work?show=%27",
        "/%2e%2e/etc",
        "/audit?before=-5",
    ] {
        let answer = pages.get(&cookie, path).await;
        assert!(answer.status.as_u16() < 500, "{path}: {}", answer.status);
    }
    let report = pages.world.store.audit().await.unwrap();
    assert_eq!(report.faults, [""; 0]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn outside_the_collecting_phase_the_entry_is_to_read_only() {
    let pages = Pages::new().await;
    pages.world.phase(Phase::Appraising).await;
    let cookie = pages.cookie("vh-xh@a.example").await;
    let path = format!("/sheets/{}/entries/I.5.2", pages.world.sheet("A"));
    let page = pages.get(&cookie, &path).await.body;
    assert!(page.contains("Chỉ xem") && !page.contains("value=\"ready\""));
    let refused = pages.post(&cookie, &path, "version=0&answer=not-done&because=x&do=save").await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert!(refused.body.contains("giai đoạn thẩm định"), "{}", refused.body);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn search_and_calendar_know_marks_and_secrets() {
    let pages = Pages::new().await;
    let owner = pages.cookie("bcd@t.example").await;
    let found = pages.get(&owner, "/search?q=don+vi+mau+b").await.body;
    assert!(found.contains("Đơn vị mẫu B") && !found.contains("Đơn vị mẫu C"), "{found}");
    let login = "vh-xh@a.example";
    let address = format!("/calendar/calendar%20of%20{login}%20{}.ics", "x".repeat(20));
    assert_eq!(pages.get("", &address).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_agency_appraises_the_unit_explains_and_the_public_reads_why() {
    let pages = Pages::new().await;
    let (top, sheet) = (pages.world.unit("T"), pages.world.sheet("A"));
    let capabilities = [cycle::Capability::Appraise, cycle::Capability::Decide].into();
    let position =
        store::Command::AddPosition {
            unit: top, code: "TĐ".to_owned(), name: "Thẩm định".to_owned(), capabilities
        };
    pages.world.operator(position).await;
    let position = pages.world.store.state().positions_of(top).last().unwrap().id;
    let person = store::command::NewPerson {
        login: "td@t.example".to_owned(),
        name: "TĐ".to_owned(),
        position: Some(position),
        from: "2023-01-01".parse().unwrap(),
        invitation: None,
        calendar: "lich".to_owned(),
    };
    pages.world.operator(store::Command::AddPerson(person)).await;
    let official = pages.cookie("vh-xh@a.example").await;
    let entry = format!("/sheets/{sheet}/entries/I.5.2");
    let name = format!("f-{}", figure(&pages, "I.5.2"));
    pages.post(&official, &entry, &format!("version=0&{name}=9&do=save")).await;
    let head = pages.cookie("ct@a.example").await;
    let check = pages.get(&head, &format!("/sheets/{sheet}/submit")).await.body;
    let hash = check.split("name=\"hash\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    pages.post(&head, &format!("/sheets/{sheet}/submit"), &format!("hash={hash}&known=yes")).await;
    pages.world.phase(Phase::Appraising).await;

    let appraiser = pages.cookie("td@t.example").await;
    let list = pages.get(&appraiser, "/appraise").await.body;
    assert!(list.contains("I.5.2") && list.contains("đang chờ"), "{list}");
    let level = *pages.world.store.state().levels.keys().next().unwrap();
    let base = format!("/appraise/{level}/I.5.2");
    let case = pages.get(&appraiser, &format!("{base}?unit={sheet}")).await.body;
    assert!(case.contains("Đơn vị mẫu A") && case.contains("6 × 9/12") && case.contains("Không có tài liệu"), "{case}");
    let version = case.split("name=\"version\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let form = |reason: &str| format!("do=adjust&version={version}&points=4%2C0&reason={reason}");
    let silent = pages.post(&appraiser, &format!("{base}/{sheet}"), &form("")).await;
    assert_eq!(silent.status, StatusCode::UNPROCESSABLE_ENTITY, "a reason is needed");
    let done = pages.post(&appraiser, &format!("{base}/{sheet}"), &form("ngu%E1%BB%93n+%C4%91%E1%BA%BFm+8")).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
    let again = pages.post(&appraiser, &format!("{base}/{sheet}"), &form("l%E1%BA%A7n+hai")).await;
    assert_eq!(again.status, StatusCode::CONFLICT, "two appraisers never collide");

    pages.world.phase(Phase::Explaining).await;
    pages.app.set_now(world::at("2023-11-15T01:00:00Z"));
    let official = pages.cookie("vh-xh@a.example").await;
    let page = pages.get(&official, &entry).await.body;
    assert!(page.contains("nguồn đếm 8") && page.contains("Gửi giải trình"), "{page}");
    let explained = pages.post(&official, &format!("{entry}/explain"), "words=b%C3%A0i+th%E1%BB%A9+ch%C3%ADn").await;
    assert_eq!(explained.status, StatusCode::SEE_OTHER);
    let appraiser = pages.cookie("td@t.example").await;
    let deciding = pages.get(&appraiser, &format!("/rounds/{}/decide", pages.world.round)).await.body;
    assert!(deciding.contains("bài thứ chín") && deciding.contains("4,50") && deciding.contains("4,00"), "{deciding}");
    let version = deciding.split("name=\"version\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let form =
        format!("sheet={sheet}&indicator=I.5.2&version={version}&points=4%2C5&reason=c%C3%B3+c%C4%83n+c%E1%BB%A9");
    let decided = pages.post(&appraiser, &format!("/rounds/{}/decide", pages.world.round), &form).await;
    assert_eq!(decided.status, StatusCode::SEE_OTHER, "{}", decided.body);

    pages.world.phase(Phase::Deciding).await;
    let (level, readings) = {
        let state = pages.world.store.state();
        let level = state.levels.values().next().unwrap();
        let readings: Vec<(String, String)> =
            level.program.set.head.readings.iter().map(|one| (one.id.clone(), one.answer.clone())).collect();
        (level.facts.id, readings)
    };
    for (reading, variant) in readings {
        let pick = store::Command::Pick { level, reading, variant, reason: "chốt".to_owned() };
        pages.world.operator(pick).await;
    }
    let owner = pages.cookie("bcd@t.example").await;
    let form = "number=00%2FQ%C4%90-UBND&day=15%2F1%2F2024";
    let published = pages.post(&owner, &format!("/rounds/{}/publish", pages.world.round), form).await;
    assert!(published.location.starts_with("/ranking/"), "{} {}", published.status, published.body);
    let ranking = pages.get("", &format!("{}/commune", published.location)).await;
    assert!(ranking.body.contains("00/QĐ-UBND") && ranking.body.contains("đồng hạng"), "{}", ranking.body);
    assert!(ranking.headers[header::CACHE_CONTROL].to_str().unwrap().contains("public"));
    let unit = pages.get("", &format!("{}/commune/A", published.location)).await.body;
    assert!(unit.contains("có căn cứ") && !unit.contains("vh-xh"), "{unit}");
    let csv = pages.get("", &format!("{}/commune.csv", published.location)).await.body;
    assert!(csv.contains("A,Đơn vị mẫu A,commune,1,no,4.5"), "{csv}");
}
