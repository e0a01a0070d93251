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

const FOCAL: &str = "vp-tk@a.example";
const OWNER: &str = "bcd@t.example";

/// The page that came back, which is refused and names its first problem in a list above.
fn refused<'a>(answer: &'a Answer, id: &str, words: &str) -> &'a str {
    assert_eq!(answer.status, 422, "{}", answer.body);
    let page = answer.body.as_str();
    assert!(page.contains("<title>Lỗi: ") && page.contains("Có chỗ cần sửa"), "{page}");
    assert!(page.contains(&format!("<a href=\"#{id}\">")), "no link to #{id}: {page}");
    assert!(page.contains(&format!("<span class=\"why\" id=\"why-{id}\">")) && page.contains(words), "{page}");
    let why = format!("why-{id}");
    let mut described = page.split("aria-describedby=\"").skip(1).filter_map(|rest| rest.split('"').next());
    assert!(described.any(|ids| ids.split(' ').any(|one| one == why)), "{page}");
    page
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_day_among_sixty_assignments_costs_nothing() {
    let pages = Pages::new().await;
    let cookie = pages.cookie(FOCAL).await;
    let path = format!("/sheets/{}/assign", pages.world.sheet("A"));
    let position = pages.world.store.state().positions_of(pages.world.unit("A"))[1].id;
    let mut form = String::new();
    let (mut before, mut indicators) = (String::new(), Vec::new());
    for pillar in &pages.world.store.state().levels.values().next().unwrap().program.set.pillars {
        indicators.extend(pillar.indicators.iter().map(|one| one.id.clone()));
    }
    for indicator in &indicators[..60] {
        form.push_str(&format!("{before}{indicator}~{position}=lead&{indicator}~due=1/9/2023"));
        before = "&".to_owned();
    }
    let (first, last) = (&indicators[3], &indicators[59]);
    let form = form.replace(&format!("&{first}~due=1/9/2023"), &format!("&{first}~due=31/9/2023"));
    let form = form.replace(&format!("&{last}~due=1/9/2023"), &format!("&{last}~due=mai"));
    let answer = pages.post(&cookie, &path, &form).await;
    assert_eq!(answer.status, 422, "{}", answer.body);
    let page = answer.body.as_str();
    // Both days are told, as they were typed; every choice stands.
    assert!(page.contains("“31/9/2023” không phải là một ngày") && page.contains("“mai” không phải là một ngày"));
    assert!(page.contains("value=\"31/9/2023\"") && page.contains("value=\"mai\""), "{page}");
    // Those, and the one that was there before.
    assert_eq!(page.matches("<option value=\"lead\" selected>").count(), 61);
    assert_eq!(page.matches("value=\"1/9/2023\"").count(), 58);
    assert_eq!(page.matches("aria-invalid=\"true\"").count(), 2);
    assert!(pages.world.store.state().assigned(pages.world.round, pages.world.unit("A"), last).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_come_back_with_what_was_typed() {
    let pages = Pages::new().await;
    let cookie = pages.cookie(OWNER).await;
    let path = format!("/rounds/{}/settings", pages.world.round);
    let answer = pages.post(&cookie, &path, "do=extend&unit=A&to=32/11/2023&reason=Mưa").await;
    let page = refused(&answer, "to", "“32/11/2023” không phải là một ngày");
    assert!(page.contains("value=\"32/11/2023\"") && page.contains("value=\"Mưa\""), "{page}");
    // The same field of other forms on the page is left alone.
    assert_eq!(page.matches("value=\"Mưa\"").count(), 1);
    let answer = pages.post(&cookie, &path, "do=exempt&unit=KHÔNG&indicator=VI.11.1&reason=x").await;
    refused(&answer, "x-unit", "Không có đơn vị nào mang mã này");
    // What the store says stands beside its field too.
    let answer = pages.post(&cookie, &path, "do=exempt&unit=A&indicator=XX.9&reason=x").await;
    refused(&answer, "x-indicator", "không có chỉ số “XX.9”");
    let days =
        "do=days&collecting-from=1/4/2023&collecting-to=hôm nay&appraising-from=x&appraising-to=30/11/2023&reason=y";
    let answer = pages.post(&cookie, &path, days).await;
    assert_eq!(answer.status, 422);
    assert!(answer.body.contains("“hôm nay” không phải") && answer.body.contains("“x” không phải"), "{}", answer.body);
    assert!(answer.body.contains("value=\"hôm nay\""), "{}", answer.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn forms_beside_an_entry_come_back_on_the_entry() {
    let pages = Pages::new().await;
    let cookie = pages.cookie(OFFICIAL).await;
    let entry = format!("/sheets/{}/entries/I.5.2", pages.world.sheet("A"));
    let answer = pages.post(&cookie, &format!("{entry}/links"), "link=xa.example/bai&reuse=").await;
    let page = refused(&answer, "link", "Địa chỉ phải bắt đầu bằng");
    assert!(page.contains("value=\"xa.example/bai\"") && page.contains("<details class=\"more\" open>"), "{page}");
    // The page knows where it belongs: its own forms and a reload go there.
    assert!(page.contains(&format!("data-page=\"{entry}\"")), "{page}");
    assert!(page.contains(&format!("action=\"{entry}\"")), "{page}");
    let answer = pages.upload(&cookie, &format!("{entry}/evidence"), &[("trống.pdf", b"")]).await;
    refused(&answer, "files", "“trống.pdf” là tệp rỗng");
    let answer = pages.post(&cookie, &format!("{entry}/remarks"), "words=+").await;
    refused(&answer, "words", "Chưa ghi");
}

#[tokio::test(flavor = "multi_thread")]
async fn reviews_and_signing_off_come_back_too() {
    let pages = Pages::new().await;
    let sheet = pages.world.sheet("A");
    let focal = pages.cookie(FOCAL).await;
    let answer = pages.post(&focal, &format!("/sheets/{sheet}/reviews"), "title=&words=Tập+trung+<chữ+ký>").await;
    let page = refused(&answer, "title", "Chưa ghi");
    assert!(page.contains("\nTập trung &lt;chữ ký&gt;</textarea>"), "{page}");
    let head = pages.cookie("ct@a.example").await;
    let answer = pages.post(&head, &format!("/sheets/{sheet}/submit"), "hash=x").await;
    assert_eq!(answer.status, 422, "{}", answer.body);
    assert!(answer.body.contains("hãy xác nhận là bạn đã xem") && answer.body.contains("Ký nộp"), "{}", answer.body);
    assert!(answer.body.contains("aria-invalid=\"true\""), "{}", answer.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn where_no_page_can_be_drawn_again_all_that_was_typed_is_shown() {
    let pages = Pages::new().await;
    let sheet = pages.world.sheet("A");
    let form = "answer=figures&f-x=37/120&day=20/10/2023&code=VH-XH&password=bimat";
    let over = pages.post("thuocdo=0", &format!("/sheets/{sheet}/entries/I.5.2"), form).await;
    // Nobody was signed in with that cookie: the page says what was typed, dates, figures and codes too.
    assert_eq!(over.status, 401, "{}", over.body);
    for typed in ["37/120", "20/10/2023", "VH-XH"] {
        assert!(over.body.contains(typed), "{typed}: {}", over.body);
    }
    assert!(!over.body.contains("bimat"));
}
