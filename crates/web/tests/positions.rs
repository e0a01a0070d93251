//! Positions from day to day, by the pages: given, ended, put right, taken in from a file; who audits and who searches.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

#[allow(dead_code, reason = "each file of tests uses its own part of what is shared")]
mod common;

use common::Pages;
use common::api::Api;
use cycle::{Capability, PositionId};
use store::Command;
use store::command::NewPerson;

/// A unit's position by its code.
fn post(pages: &Pages, unit: &str, code: &str) -> PositionId {
    let state = pages.world.store.state();
    state.positions_of(pages.world.unit(unit)).into_iter().find(|one| one.code == code).unwrap().id
}

/// Somebody in a unit who may do some things there.
async fn somebody(pages: &Pages, unit: &str, login: &str, capabilities: &[Capability]) -> String {
    let (code, name) = (login.to_owned(), "Chức danh mẫu".to_owned());
    let capabilities = capabilities.iter().copied().collect();
    let unit = pages.world.unit(unit);
    let position = pages.world.operator(Command::AddPosition { unit, code, name, capabilities }).await.id.unwrap();
    let person = NewPerson {
        login: login.to_owned(),
        name: "Người Mẫu".to_owned(),
        position: Some(PositionId(position)),
        from: "2023-01-01".parse().unwrap(),
        invitation: None,
        calendar: format!("calendar of {login}"),
    };
    pages.world.operator(Command::AddPerson(person)).await;
    pages.cookie(login).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_position_is_held_from_one_day_to_another() {
    let pages = Pages::new().await;
    let admin = somebody(&pages, "T", "qt@t.example", &Capability::ALL).await;
    let (unit, position) = (pages.world.unit("A"), post(&pages, "A", "CA"));
    let path = format!("/units/{unit}/positions/{position}");
    assert!(pages.get(&admin, &format!("/units/{unit}")).await.body.contains(&format!("href=\"{path}\"")));
    // A day that is none stands beside its field, with all that was typed.
    let wrong = "do=hold&login=sau@a.example&name=Người+Sau&from=1/11/2023&to=31/11/2023";
    let answer = pages.post(&admin, &path, wrong).await;
    assert_eq!(answer.status, 422, "{}", answer.body);
    for words in ["id=\"why-to\"", "value=\"sau@a.example\"", "value=\"Người Sau\"", "value=\"31/11/2023\""] {
        assert!(answer.body.contains(words), "{words}: {}", answer.body);
    }
    let turned = pages.post(&admin, &path, &wrong.replace("31/11", "31/10")).await;
    assert!(turned.status == 422 && turned.body.contains("Ngày cuối trước ngày đầu"), "{}", turned.body);
    let given = pages.post(&admin, &path, &wrong.replace("31/11", "31/12")).await;
    assert!(given.status == 303 && given.location.contains("?invitation="), "{}", given.body);
    let page = pages.get(&admin, &given.location).await.body;
    assert!(page.contains("từ 1/11/2023 đến hết 31/12/2023") && page.contains("sẽ giữ"), "{page}");
    // Who holds it now leaves on a day to come, and then is one of those who held it.
    let holding = {
        let state = pages.world.store.state();
        state.held_at(position).next().unwrap().id
    };
    let ended = pages.post(&admin, &path, &format!("do=end&holding={holding}&to=25/10/2023")).await;
    assert_eq!(ended.status, 303, "{}", ended.body);
    assert!(pages.get(&admin, &path).await.body.contains("từ 1/1/2023 đến hết 25/10/2023"));
    // Holdings of other positions are not ended here.
    let other = pages.world.store.state().held_at(post(&pages, "A", "CT")).next().unwrap().id;
    assert_eq!(pages.post(&admin, &path, &format!("do=end&holding={other}")).await.status, 404);
    pages.app.set_now("2023-10-26T02:00:00Z".parse().unwrap());
    let later = pages.get(&pages.cookie("qt@t.example").await, &path).await.body;
    assert!(later.contains("Đã từng giữ</summary>") || later.contains("Đã từng giữ (1)"), "{later}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_position_and_a_person_are_put_right() {
    let pages = Pages::new().await;
    let admin = somebody(&pages, "T", "qt@t.example", &Capability::ALL).await;
    let (unit, position) = (pages.world.unit("A"), post(&pages, "A", "VH-XH"));
    let path = format!("/units/{unit}/positions/{position}");
    let done = pages.post(&admin, &path, "do=position&name=Văn+hóa&c-read-sheets=yes&c-fill-any=yes").await;
    assert_eq!(done.status, 303, "{}", done.body);
    let known = pages.world.store.state().positions[&position].clone();
    let wanted = [Capability::ReadSheets, Capability::FillAny].into_iter().collect();
    assert_eq!((known.name.as_str(), &known.capabilities), ("Văn hóa", &wanted));
    let account = pages.world.person("vh-xh@a.example");
    let taken = format!("do=person&account={account}&name=Nguyễn+Văn+Mẫu&login=ct@a.example");
    let refused = pages.post(&admin, &path, &taken).await;
    assert!(refused.status == 422 && refused.body.contains("là của tài khoản khác"), "{}", refused.body);
    assert!(refused.body.contains("value=\"Nguyễn Văn Mẫu\""), "{}", refused.body);
    let done = pages.post(&admin, &path, &taken.replace("ct@a", "vanhoa@a")).await;
    assert_eq!(done.status, 303, "{}", done.body);
    let page = pages.get(&admin, &path).await.body;
    assert!(page.contains("Nguyễn Văn Mẫu") && page.contains("vanhoa@a.example"), "{page}");
    // Who manages people but lacks what the position may do: it keeps that, and the person stays as they are.
    let owner = pages.cookie("bcd@t.example").await;
    let done = pages.post(&owner, &path, "do=position&name=Văn+xã&c-read-sheets=yes").await;
    assert_eq!(done.status, 303, "{}", done.body);
    let known = pages.world.store.state().positions[&position].clone();
    assert_eq!((known.name.as_str(), &known.capabilities), ("Văn xã", &wanted));
    assert!(!pages.get(&owner, &path).await.body.contains("name=\"account\""));
    assert_eq!(pages.post(&owner, &path, &taken.replace("ct@a", "z@a")).await.status, 403);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_says_from_when_and_until_when() {
    let pages = Pages::new().await;
    let admin = somebody(&pages, "T", "qt@t.example", &Capability::ALL).await;
    let path = format!("/units/{}/import", pages.world.unit("A"));
    let rows = serde_json::json!([
        [1, ["Thư điện tử", "Họ và tên", "Chức danh", "Từ ngày", "Đến ngày"]],
        [2, ["sau@a.example", "Người Sau", "CA", "1/11/2023", "31/12/2023"]],
        [3, ["sau@a.example", "Người Sau", "VH-XH", "1/1/2024", ""]],
        [4, ["ct@a.example", "Chủ tịch", "CA", "", "hôm nay"]],
    ]);
    let send = async |rows: &serde_json::Value, seen: &str| {
        let part = |name: &str, text: &str| {
            format!("--edge\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{text}\r\n")
        };
        let body = format!("{}{}--edge--\r\n", part("rows", &rows.to_string()), part("seen", seen));
        let request = axum::http::Request::post(&path)
            .header("host", "thuocdo.example")
            .header("origin", "http://thuocdo.example")
            .header("cookie", &admin)
            .header("content-type", "multipart/form-data; boundary=edge");
        pages.send(request.body(axum::body::Body::from(body)).unwrap()).await
    };
    let looked = send(&rows, "").await.body;
    assert!(looked.contains("“hôm nay” không phải là một ngày"), "{looked}");
    assert!(looked.contains("từ 1/11/2023 đến 31/12/2023") && looked.contains(", từ 1/1/2024"), "{looked}");
    let good = serde_json::json!([rows[0], rows[1], rows[2]]);
    let looked = send(&good, "").await.body;
    let seen = looked.split("name=\"seen\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let done = send(&good, &seen).await;
    assert!(done.status == 200 && done.body.contains("/invitation/"), "{}", done.body);
    let account = pages.world.person("sau@a.example");
    let state = pages.world.store.state();
    let held: Vec<_> =
        state.held_by(account).map(|one| (one.from.to_string(), one.to.map(|day| day.to_string()))).collect();
    let wanted = [("2023-11-01", Some("2023-12-31")), ("2024-01-01", None)];
    assert_eq!(held, wanted.map(|(from, to)| (from.to_owned(), to.map(str::to_owned))));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_communes_auditor_sees_full_pages_of_the_own_log() {
    let pages = Pages::new().await;
    let auditor = somebody(&pages, "A", "kt@a.example", &[Capability::Audit]).await;
    let say = async |who: &str, unit: &str, words: String| {
        let (assessment, indicator) = (pages.world.sheet(unit), "I.5.2".to_owned());
        let remark = Command::Remark { assessment, indicator, words };
        pages.world.store.change(pages.world.actor(who), common::world::now(), remark).await.unwrap();
    };
    say("vp-tk@a.example", "A", "của A".to_owned()).await;
    for turn in 0..=store::limits::HISTORY_MAX {
        say("vp-tk@b.example", "B", format!("của B {turn}")).await;
    }
    let page = pages.get(&auditor, "/audit").await.body;
    assert!(page.contains("Đơn vị mẫu A, I.5.2"), "an empty page: {page}");
    assert!(!page.contains("Đơn vị mẫu B") && !page.contains("/audit?before="), "{page}");
    // Who audits the province reads on, page by page.
    let top = somebody(&pages, "T", "kt@t.example", &[Capability::Audit]).await;
    let page = pages.get(&top, "/audit").await.body;
    assert!(page.contains("Đơn vị mẫu B") && page.contains("/audit?before="), "{page}");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_no_sheet_finds_indicators_all_the_same() {
    let mut api = Api::new().await;
    let set = "hue-2263-2023-commune";
    let sets = [(set.to_owned(), common::world::set_files(set))].into();
    api.pages.app.library = std::sync::Arc::new(web::Library { sets, ..web::Library::default() });
    let pages = &api.pages;
    // The round's owner has no sheet: the set's page, at the indicator.
    let owner = pages.cookie("bcd@t.example").await;
    assert_eq!(pages.get(&owner, "/search?q=i.4.1").await.location, format!("/sets/{set}#at-I.4.1"));
    // An appraiser is led to the queue; where nobody else is named the round's owner's unit appraises.
    let appraiser = somebody(pages, "T", "td@t.example", &[Capability::Appraise]).await;
    let level = pages.world.store.state().levels.keys().next().unwrap().to_string();
    assert_eq!(pages.get(&appraiser, "/search?q=I.4.1").await.location, format!("/appraise/{level}/I.4.1"));
    let found = pages.get(&appraiser, "/search?q=chuyen+doi+so").await.body;
    assert!(found.contains(&format!("/appraise/{level}/")) && found.contains("thẩm định"), "{found}");
    // Who has a sheet finds the own entry, and nothing twice.
    let official = pages.cookie("vh-xh@a.example").await;
    let sheet = pages.world.sheet("A");
    assert_eq!(pages.get(&official, "/search?q=I.4.1").await.location, format!("/sheets/{sheet}/entries/I.4.1"));
    let found = pages.get(&official, "/search?q=chuyen+doi+so").await.body;
    assert!(!found.contains("/sets/") && !found.contains("/appraise/"), "{found}");
}
