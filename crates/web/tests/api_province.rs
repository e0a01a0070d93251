//! The province's side by program: dividing and appraising, verdicts on files, the council, publishing, comparing, papers.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

#[allow(dead_code, reason = "each file of tests uses its own part of what is shared")]
mod common;

use axum::http::StatusCode;
use common::api::{Api, FOCAL, FORM, HEAD, OTHER, OWNER, form};
use cycle::Phase;
use serde_json::{Value as Json, json};
use store::tokens::TokenScope::{Read, Write};

/// The sheets of A and B submitted with 9 and 12 of 12, and a token of somebody who appraises and decides.
async fn submitted() -> (Api, String) {
    let api = Api::new().await;
    let all = api.token(api.everything().await, &[Read, Write]).await;
    let figure = api.figure();
    for (unit, focal, head, value) in [("A", FOCAL, HEAD, 9), ("B", OTHER, "ct@b.example", 12)] {
        let (focal, head) = (api.token(focal, &[Read, Write]).await, api.token(head, &[Read, Write]).await);
        let sheet = format!("/sheets/{}", api.pages.world.sheet(unit));
        let body = json!({ "version": 0, "figures": { figure.as_str(): value } });
        let saved = api.json(&focal, "PATCH", &format!("{sheet}/entries/I.5.2"), &body).await;
        assert_eq!(saved.status, StatusCode::OK, "{}", saved.body);
        let hash = api.get(&head, &sheet).await.json()["state_hash"].clone();
        let signed = api.json(&head, "POST", &format!("{sheet}/submission"), &json!({ "hash": hash })).await;
        assert_eq!(signed.status, StatusCode::OK, "{}", signed.body);
    }
    api.pages.world.phase(Phase::Appraising).await;
    (api, all)
}

fn level(api: &Api) -> i64 {
    api.pages.world.store.state().levels.keys().next().unwrap().0
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn work_is_divided_dealt_out_and_taken_back() {
    let (api, all) = submitted().await;
    let path = format!("/rounds/{}/division", api.pages.world.round);
    let before = api.get(&all, &path).await.json();
    assert_eq!(before["shares"], json!([]));
    let (account, waiting) = (before["people"][0]["account"].clone(), before["waiting_for_nobody"].as_u64().unwrap());
    assert!(waiting > 50, "{before}");
    let dealt = api.json(&all, "POST", &format!("{path}/deal"), &json!({ "by": "unit", "people": [account] })).await;
    let dealt = dealt.json();
    assert_eq!(dealt["people"][0]["waiting"], waiting, "{dealt}");
    assert_eq!(dealt["waiting_for_nobody"], 0);
    let mine =
        json!({ "shares": [{ "account": account, "indicators": [{ "level": level(&api), "indicator": "I.5.2" }] }] });
    let given = api.json(&all, "PUT", &path, &mine).await.json();
    assert_eq!(given["shares"][0]["indicators"][0]["indicator"], "I.5.2", "{given}");
    assert_eq!(given["people"][0]["waiting"], 2);
    let stranger = json!({ "shares": [{ "account": api.pages.world.person(FOCAL).0, "units": [1] }] });
    api.json(&all, "PUT", &path, &stranger).await.problem(422, "invalid");
    api.json(&all, "POST", &format!("{path}/deal"), &json!({ "by": "unit", "people": [] }))
        .await
        .problem(422, "invalid");
    assert_eq!(api.json(&all, "PUT", &path, &json!({ "shares": [] })).await.json()["shares"], json!([]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn like_cases_are_looked_at_and_recorded_all_or_none() {
    let (api, all) = submitted().await;
    let world = &api.pages.world;
    let (a, b) = (world.sheet("A").0, world.sheet("B").0);
    let round = format!("/rounds/{}", world.round);
    let queue = api.get(&all, &format!("{round}/appraisal?indicator=I.5.2")).await.json();
    let version = |sheet: i64| {
        let case = queue["items"].as_array().unwrap().iter().find(|one| one["sheet"] == sheet).unwrap();
        case["version"].as_i64().unwrap()
    };
    let body = |versions: [i64; 2], preview: bool| {
        json!({
            "level": level(&api), "indicator": "I.5.2", "verdict": "adjust", "points": "2,5", "reason": "chung",
            "cases": [{ "sheet": a, "version": versions[0] }, { "sheet": b, "version": versions[1] }], "preview": preview,
        })
    };
    let path = format!("{round}/appraisal/like");
    let seen = [version(a), version(b)];
    let look = api.json(&all, "POST", &path, &body(seen, true)).await.json();
    assert_eq!(look["recorded"], false);
    assert_eq!((&look["cases"][0]["self"], &look["cases"][0]["after"]), (&json!("4.5"), &json!("2.5")), "{look}");
    api.json(&all, "POST", &path, &body([seen[0], seen[1] + 7], false)).await.problem(409, "stale");
    let entry = api.get(&all, &format!("/sheets/{a}/entries/I.5.2")).await.json();
    assert_eq!(entry["entry"]["state"], "submitted", "none of them was recorded: {entry}");
    let done = api.json(&all, "POST", &path, &body(seen, false)).await.json();
    assert_eq!(
        (&done["cases"][1]["state"], &done["cases"][1]["appraised"]),
        (&json!("adjusted"), &json!("2.5")),
        "{done}"
    );
    let mut nothing = body(seen, false);
    nothing["reason"] = json!("");
    let told = api.json(&all, "POST", &path, &nothing).await.problem(422, "invalid");
    assert_eq!(told["errors"][0]["field"], "reason");
    let figure = api.figure();
    let tried = json!({ "figures": { figure.as_str(): 6 } });
    let tried = api.json(&all, "POST", &format!("/sheets/{a}/entries/I.5.2/appraisal/preview"), &tried).await.json();
    assert_eq!(tried["score"]["points"], "3", "{tried}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_explained_is_decided_by_the_council_and_published() {
    let (api, all) = submitted().await;
    let world = &api.pages.world;
    let (a, round) = (world.sheet("A"), format!("/rounds/{}", world.round));
    let entry = format!("/sheets/{a}/entries/I.5.2");
    let version = api.get(&all, &entry).await.json()["entry"]["version"].clone();
    let adjust = json!({ "version": version, "verdict": "adjust", "points": "3", "reason": "đếm lại" });
    assert_eq!(api.json(&all, "POST", &format!("{entry}/appraisal"), &adjust).await.status, StatusCode::OK);
    let days = json!({ "from": "2023-10-19", "to": "2023-10-25", "reason": "đợt 1" });
    let opened = api.json(&all, "POST", &format!("{round}/explanations"), &days).await.json();
    assert_eq!(opened["explanations"], json!([{ "from": "2023-10-19", "to": "2023-10-25" }]), "{opened}");
    world.phase(Phase::Explaining).await;
    let focal = api.token(FOCAL, &[Read, Write]).await;
    let explained = api.json(&focal, "POST", &format!("{entry}/explanation"), &json!({ "words": "có đủ 9 tin" })).await;
    assert_eq!(explained.status, StatusCode::OK, "{}", explained.body);
    let open = api.get(&all, &format!("{round}/differences")).await.json();
    assert_eq!((&open["explained"], &open["cases"][0]["is_dispute"]), (&json!(1), &json!(true)), "{open}");
    assert_eq!((&open["cases"][0]["self"], &open["cases"][0]["appraised"]), (&json!("4.5"), &json!("3")));
    api.json(&all, "POST", &format!("{round}/silences"), &json!({})).await.problem(403, "denied");

    let meeting = json!({ "title": "Phiên 1", "chair": "Chủ tịch hội đồng (mẫu)", "present": "5 người" });
    let held = api.json(&all, "POST", &format!("{round}/meetings"), &meeting).await.json();
    let id = held["items"][0]["id"].clone();
    assert_eq!(held["items"][0]["closed"], Json::Null);
    let decide = json!({ "version": open["cases"][0]["version"], "points": "4", "reason": "hội đồng chốt" });
    let decided = api.json(&all, "POST", &format!("{entry}/decision"), &decide).await;
    assert_eq!(decided.status, StatusCode::OK, "{}", decided.body);
    let closed = api.json(&all, "POST", &format!("{round}/meetings/close"), &json!({})).await.json();
    assert!(closed["items"][0]["closed"].is_string(), "{closed}");
    let minutes = api.get(&all, &format!("{round}/meetings/{id}")).await.json();
    assert_eq!(
        (&minutes["decisions"][0]["final"], &minutes["decisions"][0]["reason"]),
        (&json!("4"), &json!("hội đồng chốt")),
        "{minutes}"
    );
    let owner = api.token(OWNER, &[Read, Write]).await;
    api.get(&owner, &format!("{round}/meetings")).await.problem(404, "not-found");

    world.phase(Phase::Deciding).await;
    let publish = json!({ "number": "7/QĐ (mẫu)", "day": "2024-01-15" });
    let refused = api.json(&all, "POST", &format!("{round}/publication"), &publish).await;
    refused.problem(422, "invalid");
    let settings = api.get(&all, &format!("{round}/settings")).await.json();
    for reading in settings["levels"][0]["readings"].as_array().unwrap().iter().filter(|one| one["decided"] == false) {
        let pick = json!({
            "level": settings["levels"][0]["id"], "reading": reading["id"], "variant": reading["answer"], "reason": "chốt",
        });
        let picked = api.json(&all, "POST", &format!("{round}/readings"), &pick).await;
        assert_eq!(picked.status, StatusCode::OK, "{}", picked.body);
    }
    let published = api.json(&all, "POST", &format!("{round}/publication"), &publish).await;
    assert_eq!(published.json()["number"], "7/QĐ (mẫu)", "{}", published.body);
    let publication = format!("/publications/{}", published.json()["id"]);
    let side = api.get(&all, &format!("{publication}/commune/compare?units=A,B")).await.json();
    assert_eq!((&side["units"][0]["code"], &side["units"][1]["code"]), (&json!("A"), &json!("B")), "{side}");
    assert_eq!(side["units"][0]["years"][0]["year"], "2023");
    let none = api.get(&all, &format!("{publication}/commune/compare?units=A,KHONG")).await.problem(422, "invalid");
    assert_eq!(none["errors"][0]["field"], "units");
    let paper = api.get(&all, &format!("{publication}/papers/ranking.docx")).await;
    assert!(paper.status == 200 && paper.body.starts_with("PK"), "{}", paper.status);
    assert_eq!(world.store.audit().await.unwrap().faults, [""; 0]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn verdicts_on_files_are_told_and_a_unit_accepts_none() {
    let api = Api::new().await;
    let all = api.token(api.everything().await, &[Read, Write]).await;
    let signed = concat!(env!("CARGO_MANIFEST_DIR"), "/../signature/tests/fixtures/b-b.pdf");
    let signed = std::fs::read(signed).unwrap();
    // Nobody is trusted here, so a sound signature is indeterminate.
    let checked = api.send(&all, "POST", "/api/v1/verify", &[FORM], form("qd.pdf", &signed)).await;
    assert_eq!(checked.status, StatusCode::OK, "{}", checked.body);
    let file = checked.json()["files"][0].clone();
    assert_eq!((&file["file"], &file["verdict"]), (&json!("qd.pdf"), &json!("indeterminate")), "{file}");
    assert!(file["signatures"][0]["signer"].is_string() && file["signatures"][0]["covers_whole_file"].is_boolean());
    let plain = api.send(&all, "POST", "/api/v1/verify", &[FORM], form("a.txt", b"khong ky")).await.json();
    assert_eq!(plain["files"][0]["verdict"], "unsigned", "{plain}");

    let world = &api.pages.world;
    let entry = format!("/sheets/{}/entries/I.1.1", world.sheet("C"));
    let focal = api.token("vp-tk@c.example", &[Read, Write]).await;
    let given = api.send(&focal, "POST", &format!("/api/v1{entry}/evidence"), &[FORM], form("qd.pdf", &signed)).await;
    assert_eq!(given.status, StatusCode::OK, "{}", given.body);
    let evidence = given.json()["evidence"][0]["id"].clone();
    web::checks::check(&api.pages.app, given.json()["evidence"][0]["sha256"].as_str().unwrap(), false).await.unwrap();
    let proofs = api.get(&focal, &format!("{entry}/proofs")).await.json();
    assert_eq!((&proofs["files"][0]["verdict"], &proofs["signatures_counting"]), (&json!("indeterminate"), &json!(0)));
    assert_eq!(proofs["files"][0]["can_accept"], false, "a unit accepts nothing: {proofs}");
    let stranger = api.token(OTHER, &[Read, Write]).await;
    api.get(&stranger, &format!("{entry}/proofs")).await.problem(404, "not-found");
    let accept = format!("/evidence/{evidence}/acceptance");
    api.json(&focal, "POST", &accept, &json!({ "reason": "tin" })).await.problem(404, "not-found");
    api.json(&all, "POST", &accept, &json!({ "reason": "tin" })).await.problem(403, "denied");
    let unknown = json!({ "version": 1, "take": "1|x|y" });
    api.json(&focal, "POST", &format!("{entry}/proposals"), &unknown).await.problem(422, "invalid");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_round_is_watched_and_its_papers_are_files() {
    let (api, all) = submitted().await;
    let world = &api.pages.world;
    let round = format!("/rounds/{}", world.round);
    let monitor = api.get(&all, &format!("{round}/monitor?show=submitted&sort=code")).await.json();
    let codes: Vec<&str> =
        monitor["rows"].as_array().unwrap().iter().map(|row| row["code"].as_str().unwrap()).collect();
    assert_eq!((codes, &monitor["units"]), (vec!["A", "B"], &json!(3)), "{monitor}");
    let focal = api.token(FOCAL, &[Read, Write]).await;
    let own = api.get(&focal, &format!("{round}/monitor")).await.json();
    assert_eq!(own["rows"].as_array().unwrap().len(), 1, "one's own unit only");
    let sheet = format!("/sheets/{}", world.sheet("A"));
    for (ending, media) in
        [("pdf", "application/pdf"), ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")]
    {
        let paper = api.get(&focal, &format!("{sheet}/papers/self-assessment.{ending}?number=1")).await;
        assert_eq!((paper.status, paper.headers["content-type"].to_str().unwrap()), (StatusCode::OK, media));
    }
    api.get(&focal, &format!("{sheet}/papers/none.pdf")).await.problem(404, "not-found");
    api.get(&focal, &format!("{sheet}/papers/self-assessment.pdf?day=khi")).await.problem(422, "invalid");
    api.get(&focal, &format!("{round}/papers/survey.pdf")).await.problem(404, "not-found");
    let insights = api.get(&focal, &format!("{sheet}/insights")).await.json();
    assert!(insights["criteria"].as_array().unwrap().iter().any(|row| row["indicator"] == "I.5.2"), "{insights}");
    let plan =
        json!({ "plan": "rule", "position": world.store.state().positions_of(world.unit("A"))[3].id.0, "pillar": "I" });
    let assigned = api.json(&focal, "POST", &format!("{sheet}/assignment/plan"), &plan).await.json();
    assert!(assigned["assignments"].as_array().unwrap().len() > 1, "{assigned}");
    api.json(&focal, "POST", &format!("{sheet}/assignment/plan"), &json!({ "plan": "x" }))
        .await
        .problem(422, "invalid");
}
