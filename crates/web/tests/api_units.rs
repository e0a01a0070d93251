//! Units, people, what is one's own, and tables by program.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

#[allow(dead_code, reason = "each file of tests uses its own part of what is shared")]
mod common;

use axum::http::StatusCode;
use common::api::{Api, FOCAL, FORM, HEAD, OFFICIAL, OWNER};
use serde_json::{Value as Json, json};
use store::tokens::TokenScope::{Read, Write};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn units_are_added_renamed_merged_and_tell_where_they_came_from() {
    let api = Api::new().await;
    let world = &api.pages.world;
    let all = api.token(api.everything().await, &[Read, Write]).await;
    let unit = |code: &str, parent: &str| json!({ "code": code, "name": format!("Xã mẫu {code}"), "kind": "xã", "level": "commune", "parent": parent });
    let added = api.json(&all, "POST", "/units", &json!({ "units": [unit("D", "T"), unit("E", "T")] })).await;
    assert_eq!(added.json()["items"][1]["name"], "Xã mẫu E", "{}", added.body);
    let twice = api.json(&all, "POST", "/units", &json!({ "units": [unit("F", "T"), unit("D", "T")] })).await;
    twice.problem(422, "invalid");
    let units = api.get(&all, "/units").await.json();
    assert!(units["items"].as_array().unwrap().iter().all(|unit| unit["code"] != "F"), "all of them or none");
    api.json(&all, "POST", "/units", &json!({ "units": [unit("G", "KHONG")] })).await.problem(422, "invalid");

    let (b, c) = (world.unit("B").0, world.unit("C").0);
    let mut merge = json!({
        "how": "merged", "others": ["C"], "to": [{ "code": "BC", "name": "Xã mẫu BC" }], "day": "2023-12-01",
        "document": "NQ 1/2023 (mẫu)", "people": true, "preview": true,
    });
    let seen = api.json(&all, "POST", &format!("/units/{b}/change"), &merge).await.json();
    assert_eq!(seen["unit"], Json::Null);
    assert!(seen["told"].as_array().unwrap().len() >= 3, "{seen}");
    assert_eq!(api.get(&all, "/units?find=BC").await.json()["items"], json!([]), "a preview changes nothing");
    merge["preview"] = json!(false);
    let made = api.json(&all, "POST", &format!("/units/{b}/change"), &merge).await.json();
    assert_eq!(made["told"], seen["told"], "what was shown is what was done");
    let id = made["unit"].as_i64().unwrap();
    let one = api.get(&all, &format!("/units/{id}")).await.json();
    let from: Vec<i64> = one["lineage"].as_array().unwrap().iter().map(|one| one["from"].as_i64().unwrap()).collect();
    assert!(from.contains(&b) && from.contains(&c), "{one}");
    assert_eq!(one["lineage"][0]["document"], "NQ 1/2023 (mẫu)");
    assert_eq!(one["unit"]["from"], "2023-12-01");
    let codes = |answer: Json| -> Vec<String> {
        let items = answer["items"].as_array().unwrap().iter();
        items.map(|unit| unit["code"].as_str().unwrap().to_owned()).collect()
    };
    let before = codes(api.get(&all, "/units?on=2023-11-30").await.json());
    let after = codes(api.get(&all, "/units?on=2023-12-01").await.json());
    assert!(before.contains(&"B".to_owned()) && !before.contains(&"BC".to_owned()), "{before:?}");
    assert!(!after.contains(&"B".to_owned()) && after.contains(&"BC".to_owned()), "{after:?}");
    for (field, wrong) in [
        ("how", json!({ "how": "x", "day": "2024-01-01", "document": "x" })),
        ("day", json!({ "how": "renamed", "to": [{ "name": "Mới" }], "day": "31/2", "document": "x" })),
        ("document", json!({ "how": "renamed", "to": [{ "name": "Mới" }], "day": "2024-01-01", "document": " " })),
        ("others", json!({ "how": "merged", "others": ["?"], "day": "2024-01-01", "document": "x" })),
    ] {
        let answer = api.json(&all, "POST", &format!("/units/{id}/change"), &wrong).await;
        assert_eq!(answer.problem(422, "invalid")["errors"][0]["field"], field);
    }
    assert_eq!(world.store.audit().await.unwrap().faults, [""; 0]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn people_are_invited_hold_positions_from_day_to_day_and_are_blocked() {
    let api = Api::new().await;
    let world = &api.pages.world;
    let all = api.token(api.everything().await, &[Read, Write]).await;
    let unit = format!("/units/{}", world.unit("A"));
    let new =
        json!({ "code": "ĐC-XD", "name": "Địa chính, xây dựng", "capabilities": ["fill-assigned", "read-sheets"] });
    let made = api.json(&all, "POST", &format!("{unit}/positions"), &new).await;
    let positions = made.json()["positions"].clone();
    let position = positions.as_array().unwrap().iter().find(|one| one["code"] == "ĐC-XD").unwrap()["id"].clone();
    let unknown = json!({ "code": "Y", "name": "Y", "capabilities": ["fly"] });
    api.json(&all, "POST", &format!("{unit}/positions"), &unknown).await.problem(422, "invalid");

    let invite = json!({ "position": position, "login": "dcxd@a.example", "name": "Cán bộ mẫu", "from": "2023-11-01" });
    let invited = api.json(&all, "POST", &format!("{unit}/people"), &invite).await.json();
    assert!(invited["invitation"].as_str().unwrap().contains("/invitation/"), "{invited}");
    let account = invited["account"].as_i64().unwrap();
    let again = json!({ "position": position, "login": OFFICIAL });
    let again = api.json(&all, "POST", &format!("{unit}/people"), &again).await.json();
    assert_eq!(again["invitation"], Json::Null, "somebody with an account needs none");
    let elsewhere = json!({ "position": world.store.state().positions_of(world.unit("B"))[0].id.0, "login": OFFICIAL });
    api.json(&all, "POST", &format!("{unit}/people"), &elsewhere).await.problem(404, "not-found");

    let hold = json!({ "login": HEAD, "from": "2024-01-01", "to": "2024-06-30" });
    let held = api.json(&all, "POST", &format!("/positions/{position}/holdings"), &hold).await.json();
    let own = held["positions"].as_array().unwrap().iter().find(|one| one["id"] == position).unwrap();
    let holdings = own["holdings"].as_array().unwrap();
    assert_eq!(holdings.len(), 3, "{own}");
    let last = holdings.iter().find(|one| one["login"] == HEAD).unwrap();
    assert_eq!((&last["from"], &last["to"]), (&json!("2024-01-01"), &json!("2024-06-30")));
    let turned = json!({ "login": HEAD, "from": "2024-06-30", "to": "2024-01-01" });
    api.json(&all, "POST", &format!("/positions/{position}/holdings"), &turned).await.problem(422, "invalid");
    let nobody = json!({ "login": "ai@do.example", "from": "2024-06-30" });
    api.json(&all, "POST", &format!("/positions/{position}/holdings"), &nobody).await.problem(422, "invalid");
    let end = format!("/holdings/{}/end", last["id"]);
    api.json(&all, "POST", &end, &json!({ "to": "31/2" })).await.problem(422, "invalid");
    assert_eq!(api.json(&all, "POST", &end, &json!({ "to": "2024-03-31" })).await.status, StatusCode::OK);

    let token = api.token(FOCAL, &[Read, Write]).await;
    let focal = world.person(FOCAL);
    let blocked = format!("/accounts/{focal}/blocked");
    assert_eq!(api.json(&all, "PUT", &blocked, &json!({ "blocked": true })).await.json()["blocked"], true);
    api.get(&token, "/me").await.problem(401, "no-credentials");
    assert_eq!(api.json(&all, "PUT", &blocked, &json!({ "blocked": false })).await.json()["blocked"], false);
    assert_eq!(api.get(&token, "/me").await.status, StatusCode::OK, "whoever closed it opens it again");
    let one = api.get(&all, &format!("/accounts/{account}")).await.json();
    assert_eq!(one["positions"][0]["from"], "2023-11-01", "{one}");
    // Who manages nobody learns nothing of accounts, their own aside.
    let head = api.token(HEAD, &[Read, Write]).await;
    api.get(&head, &format!("/accounts/{account}")).await.problem(404, "not-found");
    assert_eq!(api.get(&head, &format!("/accounts/{}", world.person(HEAD))).await.status, StatusCode::OK);
    api.json(&head, "PUT", &blocked, &json!({ "blocked": true })).await.problem(404, "not-found");
    assert_eq!(world.store.audit().await.unwrap().faults, [""; 0]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_of_people_is_looked_at_and_taken_in_as_it_was_seen() {
    let api = Api::new().await;
    let owner = api.token(OWNER, &[Read, Write]).await;
    let path = format!("/api/v1/units/{}/import", api.pages.world.unit("A"));
    let file = |text: &str| {
        format!(
            "--edge\r\nContent-Disposition: form-data; name=\"file\"; filename=\"nguoi.csv\"\r\n\r\n{text}\r\n--edge--\r\n"
        )
        .into_bytes()
    };
    // The owner hands out nothing that the owner does not have: reading is all that there is to hand out here.
    let reader = json!({ "code": "ĐỌC", "name": "Người đọc", "capabilities": ["read-sheets"] });
    let unit = format!("/units/{}/positions", api.pages.world.unit("A"));
    assert_eq!(api.json(&owner, "POST", &unit, &reader).await.status, StatusCode::OK);
    let people = "thư điện tử,họ tên,mã đơn vị,chức danh\nmoi@a.example,Người mẫu,A,ĐỌC\n";
    let seen = api.send(&owner, "POST", &path, &[FORM], file(people)).await;
    assert_eq!(seen.status, StatusCode::OK, "{}", seen.body);
    let seen = seen.json();
    assert_eq!((&seen["done"], &seen["lines"][0]["verdict"]), (&json!(false), &json!("added")), "{seen}");
    let confirmed = format!("{path}?seen={}", seen["seen"].as_str().unwrap());
    let other = "thư điện tử,họ tên,mã đơn vị,chức danh\nkhac@a.example,Người khác,A,ĐỌC\n";
    api.send(&owner, "POST", &confirmed, &[FORM], file(other)).await.problem(409, "stale");
    let done = api.send(&owner, "POST", &confirmed, &[FORM], file(people)).await.json();
    assert_eq!(done["done"], true);
    assert!(done["invited"][0]["invitation"].as_str().unwrap().contains("/invitation/"), "{done}");
    api.send(&owner, "POST", &confirmed, &[FORM], file(people)).await.problem(409, "stale");
    api.send(&owner, "POST", &path, &[FORM], file("vô nghĩa")).await.problem(422, "invalid");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_entry_of_a_table_has_an_outcome_of_its_own() {
    let api = Api::new().await;
    let focal = api.token(FOCAL, &[Read, Write]).await;
    let entries = format!("/sheets/{}/entries", api.pages.world.sheet("A"));
    let figures = |indicator: &str| {
        let state = api.pages.world.store.state();
        let level = state.levels.values().next().unwrap();
        level.program.set.indicator(indicator).unwrap().all_figures()
    };
    let (one, two) = (figures("I.5.2")[0].id.clone(), figures("I.5.1")[0].id.clone());
    let stale = json!({ "version": 0, "note": "x" });
    assert_eq!(api.json(&focal, "PATCH", &format!("{entries}/I.5.1"), &stale).await.status, StatusCode::OK);
    let body = json!({ "entries": [
        { "indicator": "I.5.2", "version": 0, "figures": { one.as_str(): 9 } },
        { "indicator": "I.5.1", "version": 0, "figures": { two.as_str(): "1" } },
        { "indicator": "I.5.2", "version": 1, "figures": { one.as_str(): 9 } },
        { "indicator": "I.5.2", "version": 1, "figures": { "khong": 9 } },
        { "indicator": "KHONG", "version": 1, "figures": {} },
    ] });
    let done = api.json(&focal, "PATCH", &entries, &body).await.json();
    let told: Vec<(u64, &str)> = done["outcomes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["status"].as_u64().unwrap(), one["code"].as_str().unwrap()))
        .collect();
    assert_eq!(told[0], (200, "saved"), "{done}");
    assert_eq!(told[1], (409, "stale"), "{done}");
    assert!(told[2].0 == 200 || told[2].0 == 409, "{done}");
    assert_eq!(told[3..], [(422, "invalid"), (404, "not-found")], "{done}");
    assert_eq!(done["outcomes"][0]["entry"]["self"]["points"], "4.5");
    assert_eq!(done["outcomes"][1]["entry"]["version"], 1, "what is kept comes along");
    let official = api.token(OFFICIAL, &[Read, Write]).await;
    let body = json!({ "entries": [{ "indicator": "I.5.1", "version": 1, "figures": { two.as_str(): "1" } }] });
    let denied = api.json(&official, "PATCH", &entries, &body).await.json();
    assert_eq!(denied["outcomes"][0]["status"], 403, "{denied}");
    api.json(&focal, "PATCH", &entries, &json!({ "entries": [] })).await.problem(422, "invalid");
    let tried = json!({ "figures": { one.as_str(): 6 } });
    let tried = api.json(&focal, "POST", &format!("{entries}/I.5.2/preview"), &tried).await.json();
    assert_eq!(tried["score"]["points"], "3", "{tried}");
    assert_eq!(api.get(&focal, &format!("{entries}/I.5.2")).await.json()["entry"]["self"]["points"], "4.5");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn work_notices_and_search_are_ones_own() {
    let api = Api::new().await;
    let official = api.token(OFFICIAL, &[Read, Write]).await;
    let work = api.get(&official, "/work").await.json();
    let mine: Vec<&str> =
        work["items"].as_array().unwrap().iter().map(|one| one["entry"]["indicator"].as_str().unwrap()).collect();
    assert_eq!(mine, ["I.5.2"], "{work}");
    let focal = api.token(FOCAL, &[Read, Write]).await;
    let rest = api.get(&focal, "/work").await.json();
    assert!(rest["items"].as_array().unwrap().len() > 50, "what nobody was given is the focal point's");
    let owner = api.token(OWNER, &[Read, Write]).await;
    let round = format!("/rounds/{}", api.pages.world.round);
    let reminded =
        api.json(&owner, "POST", &format!("{round}/reminders"), &json!({ "show": "untouched" })).await.json();
    assert!(reminded["told"].as_u64().unwrap() > 0, "{reminded}");
    let notices = api.get(&focal, "/notices").await.json();
    assert_eq!(notices["items"][0]["read"], false, "{notices}");
    let other = api.json(&owner, "POST", "/notices/read", &json!({ "notice": notices["items"][0]["id"] })).await;
    assert_eq!(other.status, StatusCode::OK);
    assert_eq!(
        api.get(&focal, "/notices").await.json()["items"][0]["read"],
        false,
        "others' are not one's own to read"
    );
    let read = api.json(&focal, "POST", "/notices/read", &json!({ "notice": notices["items"][0]["id"] })).await.json();
    assert_eq!(read["items"][0]["read"], true, "{read}");
    let hits = api.get(&owner, "/search?q=don%20vi%20mau%20b").await.json();
    assert_eq!((&hits["items"][0]["code"], &hits["items"][0]["kind"]), (&json!("B"), &json!("unit")), "{hits}");
    let own = api.get(&focal, "/search?q=i.5.2").await.json();
    assert_eq!((&own["items"][0]["code"], &own["items"][0]["kind"]), (&json!("I.5.2"), &json!("indicator")), "{own}");
    let other = api.get(&focal, "/search?q=don%20vi%20mau%20b").await.json();
    assert!(
        other["items"].as_array().unwrap().iter().all(|hit| hit["kind"] == "indicator"),
        "not in one's scope: {other}"
    );
    assert_eq!(api.get(&focal, "/search").await.json()["items"], json!([]));
}
