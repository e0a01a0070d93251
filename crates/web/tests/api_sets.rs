//! Criteria sets by program: read, checked, compared; from a document to a draft, put right and adopted.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

#[allow(dead_code, reason = "each file of tests uses its own part of what is shared")]
mod common;

use axum::http::StatusCode;
use common::api::{Api, FOCAL, FORM, OWNER};
use serde_json::{Value as Json, json};
use store::tokens::TokenScope::{Read, Write};

/// A made-up decision: one pillar, one group, two indicators.
const PAPER: &str = "BỘ CHỈ SỐ ĐÁNH GIÁ CHUYỂN ĐỔI SỐ CẤP XÃ\n\
(Ban hành kèm theo Quyết định số 12/QĐ-UBND ngày 05/3/2025 của Ủy ban nhân dân tỉnh Mẫu)\n\
STT\tChỉ số\tĐiểm tối đa\tThời gian hoàn thành\tHướng dẫn thực hiện\tTài liệu kiểm chứng\n\
I\tNhận thức số\t20\t\t\t\n\
1\tChỉ đạo, điều hành\t20\t\t\t\n\
1.1\tBan hành kế hoạch chuyển đổi số của xã\t10\t31/3\t1. Nội dung thực hiện: Xã ban hành kế hoạch. \
2. Điều kiện đảm bảo: Đã ban hành: 10 điểm; chưa ban hành: 0 điểm\tKế hoạch có ký số\n\
1.2\tTin, bài tuyên truyền\t10\t31/10\t1. Nội dung thực hiện: Đăng tin, bài. \
2. Điều kiện đảm bảo: Mỗi tin, bài được 1 điểm, tối đa 10 điểm\tĐường dẫn các tin, bài\n";

fn paper() -> Vec<u8> {
    let head = "--edge\r\nContent-Disposition: form-data; name=\"file\"; filename=\"qd12.txt\"\r\n\r\n";
    format!("{head}{PAPER}\r\n--edge--\r\n").into_bytes()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sets_are_listed_shown_checked_and_compared() {
    let mut api = Api::new().await;
    let sets: std::collections::BTreeMap<String, criteria::Files> = ["hue-2263-2023-commune", "hue-931-2024-commune"]
        .map(|id| (id.to_owned(), common::world::set_files(id)))
        .into();
    api.pages.app.library = std::sync::Arc::new(web::Library { sets, ..web::Library::default() });
    let focal = api.token(FOCAL, &[Read]).await;
    let list = api.get(&focal, "/sets").await.json();
    assert_eq!((&list["items"][0]["id"], &list["items"][0]["total"]), (&json!("hue-2263-2023-commune"), &json!("600")));
    let one = api.get(&focal, "/sets/hue-2263-2023-commune").await.json();
    let pillars = one["pillars"].as_array().unwrap();
    let indicators = pillars.iter().flat_map(|pillar| pillar["groups"].as_array().unwrap());
    let indicators: Vec<&Json> = indicators.flat_map(|group| group["indicators"].as_array().unwrap()).collect();
    assert_eq!(indicators.len() as u64, list["items"][0]["indicators"].as_u64().unwrap());
    assert!(indicators.iter().all(|one| one["rule"]["kind"].is_string() && one["figures"].is_array()));
    let checked = api.get(&focal, "/sets/hue-2263-2023-commune/check").await.json();
    assert_eq!(checked["errors"], 0);
    assert_eq!(checked["findings"], one["findings"]);
    let pair = api.get(&focal, "/sets/compare?from=hue-2263-2023-commune&to=hue-931-2024-commune").await.json();
    assert!(pair["differences"].as_array().unwrap().len() > 20 && pair["checked"] == false, "{pair}");
    let unknown = api.get(&focal, "/sets/compare?from=x&to=hue-931-2024-commune").await.problem(422, "invalid");
    assert_eq!(unknown["errors"][0]["field"], "from");
    api.get(&focal, "/sets/x").await.problem(404, "not-found");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_document_becomes_a_draft_is_put_right_and_adopted() {
    let api = Api::new().await;
    let owner = api.token(OWNER, &[Read, Write]).await;
    let focal = api.token(FOCAL, &[Read, Write]).await;
    api.send(&focal, "POST", "/api/v1/drafts", &[FORM], paper()).await.problem(404, "not-found");
    let made = api.send(&owner, "POST", "/api/v1/drafts", &[FORM], paper()).await;
    assert_eq!(made.status, StatusCode::OK, "{}", made.body);
    let draft = made.json();
    let path = format!("/drafts/{}", draft["draft"]["id"]);
    assert_eq!((&draft["draft"]["state"], &draft["draft"]["version"]), (&json!("open"), &json!(1)));
    assert!(draft["files"]["set.toml"].is_string(), "{draft}");
    assert!(draft["set"]["pillars"][0]["groups"][0]["indicators"].as_array().unwrap().len() == 2, "{draft}");
    api.get(&focal, &path).await.problem(404, "not-found");
    assert_eq!(api.get(&focal, "/drafts").await.json()["items"], json!([]));
    assert_eq!(api.get(&owner, "/drafts").await.json()["items"][0]["file"], "qd12.txt");

    let id = draft["set"]["pillars"][0]["groups"][0]["indicators"][0]["id"].as_str().unwrap().to_owned();
    let indicator = format!("{path}/indicators/{id}");
    let name = json!({ "fields": { "name": "Ban hành kế hoạch chuyển đổi số" } });
    api.json(&owner, "PATCH", &indicator, &name).await.problem(428, "version-needed");
    let tag = api.get(&owner, &path).await.tag();
    let named = api.with_tag(&owner, "PATCH", &indicator, &tag, &name).await;
    assert_eq!(named.status, StatusCode::OK, "{}", named.body);
    assert_eq!(named.json()["draft"]["version"], 2);
    let stale = api.with_tag(&owner, "PATCH", &indicator, &tag, &json!({ "fields": { "points": "5" } })).await;
    assert_eq!(stale.problem(412, "stale")["saved"]["version"], 2);
    let wrong = json!({ "version": 2, "fields": { "points": "nhiều" } });
    let told = api.json(&owner, "PATCH", &indicator, &wrong).await.problem(422, "invalid");
    assert_eq!(told["errors"][0]["field"], "points");
    let unknown = json!({ "version": 2, "fields": { "khong": "x" } });
    let told = api.json(&owner, "PATCH", &indicator, &unknown).await.problem(422, "invalid");
    assert_eq!(told["errors"][0]["field"], "khong");
    let after = api.get(&owner, &path).await.json();
    let kept = &after["set"]["pillars"][0]["groups"][0]["indicators"][0];
    assert_eq!(kept["name"], "Ban hành kế hoạch chuyển đổi số");
    assert_eq!(kept["points"], "10", "what is not named stays");
    assert_eq!(kept["evidence"].as_array().unwrap().len(), 1, "{kept}");

    let broken = json!({ "version": 2, "text": "id = " });
    api.json(&owner, "PUT", &format!("{path}/files/set.toml"), &broken).await.problem(422, "invalid");
    api.json(&owner, "PUT", &format!("{path}/files/anchors.json"), &broken).await.problem(404, "not-found");
    let head = json!({ "version": 2, "fields": { "id": "mau-12-2025-commune", "title": "Bộ chỉ số mẫu" } });
    let head = api.json(&owner, "PATCH", &format!("{path}/head"), &head).await;
    assert_eq!(head.json()["draft"]["set"], "mau-12-2025-commune", "{}", head.body);
    let mut version = 3;
    for reading in head.json()["set"]["readings"].as_array().unwrap() {
        let answer = json!({
            "version": version, "reading": reading["id"], "answer": reading["answer"], "decided": true,
        });
        let answered = api.json(&owner, "POST", &format!("{path}/readings"), &answer).await;
        assert_eq!(answered.status, StatusCode::OK, "{}", answered.body);
        version += 1;
    }
    api.json(&owner, "POST", &format!("{path}/adopt"), &json!({ "version": 1 })).await.problem(409, "stale");
    let adopted = api.json(&owner, "POST", &format!("{path}/adopt"), &json!({ "version": version })).await;
    assert_eq!(adopted.json()["draft"]["state"], "adopted", "{}", adopted.body);
    assert_eq!(api.get(&focal, "/sets/mau-12-2025-commune").await.json()["title"], "Bộ chỉ số mẫu");
    api.json(&owner, "POST", &format!("{path}/drop"), &json!({ "version": version + 1 })).await.problem(422, "invalid");

    let second = api.send(&owner, "POST", "/api/v1/drafts", &[FORM], paper()).await.json();
    let second = format!("/drafts/{}", second["draft"]["id"]);
    let dropped = api.json(&owner, "POST", &format!("{second}/drop"), &json!({ "version": 1 })).await.json();
    assert_eq!(dropped["state"], "dropped", "{dropped}");
    api.get(&owner, &second).await.problem(404, "not-found");
    assert_eq!(api.pages.world.store.audit().await.unwrap().faults, [""; 0]);
}
