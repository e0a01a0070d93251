//! The province's pages as its people meet them: appraising by figures, together and in bulk; the council; open data.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

#[allow(dead_code, reason = "each file of tests uses its own part of what is shared")]
mod common;

use axum::http::{StatusCode, header};
use common::{Pages, world};
use cycle::{Phase, RoundId};
use store::Command;
use store::command::{NewLevel, NewPerson, NewUnit};

const ONE: &str = "td@t.example";
const TWO: &str = "td2@t.example";

/// Two appraisers in the unit above, and the sheets of A and B submitted with 9 and 12 of 12.
async fn province() -> Pages {
    let pages = Pages::new().await;
    let world = &pages.world;
    let top = world.unit("T");
    let capabilities = [cycle::Capability::Appraise, cycle::Capability::Decide, cycle::Capability::RunRound].into();
    let (code, name) = ("TĐ".to_owned(), "Thẩm định".to_owned());
    world.operator(Command::AddPosition { unit: top, code, name, capabilities }).await;
    let position = world.store.state().positions_of(top).last().unwrap().id;
    for login in [ONE, TWO] {
        world
            .operator(Command::AddPerson(NewPerson {
                login: login.to_owned(),
                name: format!("Người {login}"),
                position: Some(position),
                from: "2023-01-01".parse().unwrap(),
                invitation: None,
                calendar: login.to_owned(),
            }))
            .await;
    }
    for (unit, focal, value) in [("A", "vp-tk@a.example", "9"), ("B", "vp-tk@b.example", "12")] {
        let cookie = pages.cookie(focal).await;
        let entry = format!("/sheets/{}/entries/I.5.2", world.sheet(unit));
        let saved = pages.post(&cookie, &entry, &format!("version=0&{}={value}&do=save", figure(&pages))).await;
        assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.body);
        let head = pages.cookie(&focal.replace("vp-tk", "ct")).await;
        let submit = format!("/sheets/{}/submit", world.sheet(unit));
        let check = pages.get(&head, &submit).await.body;
        pages.post(&head, &submit, &format!("hash={}&known=yes", field(&check, "hash"))).await;
    }
    world.phase(Phase::Appraising).await;
    pages
}

fn figure(pages: &Pages) -> String {
    let state = pages.world.store.state();
    let level = state.levels.values().next().unwrap();
    format!("f-{}", level.program.set.indicator("I.5.2").unwrap().all_figures()[0].id)
}

/// What stands in the first hidden field of a name.
fn field(page: &str, name: &str) -> String {
    let mark = format!("name=\"{name}\" value=\"");
    page.split(&mark).nth(1).unwrap_or_else(|| panic!("{name}: {page}")).split('"').next().unwrap().to_owned()
}

fn base(pages: &Pages) -> String {
    let level = *pages.world.store.state().levels.keys().next().unwrap();
    format!("/appraise/{level}/I.5.2")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn figures_are_tried_then_recorded_and_a_colleague_is_told_of_both_verdicts() {
    let pages = province().await;
    let (sheet, base, name) = (pages.world.sheet("A"), base(&pages), figure(&pages));
    let (one, two) = (pages.cookie(ONE).await, pages.cookie(TWO).await);
    let case = pages.get(&one, &format!("{base}?unit={sheet}")).await.body;
    let seen = pages.get(&two, &format!("{base}?unit={sheet}")).await.body;
    assert!(seen.contains(&format!("Người {ONE} đang mở hồ sơ này")) && !case.contains("đang mở hồ sơ này"));
    let version = field(&case, "version");
    let form = |what: &str, value: &str| {
        format!("do={what}&version={version}&{name}={value}&reason=%C4%91%E1%BA%BFm+%C4%91%C6%B0%E1%BB%A3c+s%C3%A1u")
    };
    let look = pages.post(&one, &format!("{base}/{sheet}"), &form("look", "6")).await;
    assert_eq!(look.status, StatusCode::OK);
    assert!(look.body.contains("3,00 điểm") && look.body.contains("Chưa ghi gì"), "{}", look.body);
    let wrong = pages.post(&one, &format!("{base}/{sheet}"), &form("adjust", "s%C3%A1u")).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.body.contains("value=\"sáu\""), "what was typed is kept");
    let done = pages.post(&one, &format!("{base}/{sheet}"), &form("adjust", "6")).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
    let late = pages.post(&two, &format!("{base}/{sheet}"), &form("adjust", "7")).await;
    assert_eq!(late.status, StatusCode::CONFLICT);
    for words in ["3,00", "đếm được sáu", "Đang lưu", "Bạn gõ", "value=\"7\""] {
        assert!(late.body.contains(words), "{words}: {}", late.body);
    }
    let official = pages.cookie("vh-xh@a.example").await;
    let entry = format!("/sheets/{sheet}/entries/I.5.2");
    let page = pages.get(&official, &entry).await.body;
    assert!(
        !page.contains("đếm được sáu") && page.contains("Đã nộp"),
        "the unit reads it when explaining begins: {page}"
    );
    pages.world.phase(Phase::Explaining).await;
    let page = pages.get(&official, &entry).await.body;
    assert!(page.contains("đếm được sáu") && page.contains("3,00"), "{page}");
    let owner = pages.cookie("bcd@t.example").await;
    let api = pages.get(&owner, &format!("/api/v1{entry}")).await;
    assert!(api.body.contains("\"figures\":{\"") && api.body.contains("đếm được sáu"), "{}", api.body);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_returned_shows_its_day_in_my_work() {
    let pages = province().await;
    let (sheet, base) = (pages.world.sheet("A"), base(&pages));
    let one = pages.cookie(ONE).await;
    let version = field(&pages.get(&one, &format!("{base}?unit={sheet}")).await.body, "version");
    let form = |due: &str| format!("do=return&version={version}&reason=thi%E1%BA%BFu+t%E1%BB%87p&due={due}");
    for due in ["h%C3%B4m+nay", "1%2F12%2F2023"] {
        let refused = pages.post(&one, &format!("{base}/{sheet}"), &form(due)).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{due}");
    }
    let done = pages.post(&one, &format!("{base}/{sheet}"), &form("10%2F11%2F2023")).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
    let official = pages.cookie("vh-xh@a.example").await;
    let work = pages.get(&official, "/work").await.body;
    assert!(work.contains("thiếu tệp (hạn 10/11/2023)"), "{work}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn like_cases_are_looked_at_together_and_recorded_all_or_none() {
    let pages = province().await;
    let (a, b, base) = (pages.world.sheet("A"), pages.world.sheet("B"), base(&pages));
    let one = pages.cookie(ONE).await;
    let page = pages.get(&one, &format!("{base}/bulk")).await.body;
    let (va, vb) = (field(&page, &format!("v-{a}")), field(&page, &format!("v-{b}")));
    let form = |version: &str, what: &str| {
        format!("s-{a}=yes&v-{a}={va}&s-{b}=yes&v-{b}={version}&what=adjust&points=2&reason=chung&do={what}")
    };
    let look = pages.post(&one, &format!("{base}/bulk"), &form(&vb, "look")).await;
    assert!(
        look.status == StatusCode::OK && look.body.contains("4,50") && look.body.contains("<b>2</b>"),
        "{}",
        look.body
    );
    let points = async |unit: &str| {
        let sheet = pages.world.store.sheet(pages.world.sheet(unit)).await.unwrap().unwrap();
        let entry = sheet.entry("I.5.2").unwrap().1;
        entry.appraised.as_ref().map(|verdict| verdict.score.points.to_string())
    };
    let stale = pages.post(&one, &format!("{base}/bulk"), &form("0", "record")).await;
    assert_eq!((stale.status, points("A").await), (StatusCode::CONFLICT, None), "all or none");
    let done = pages.post(&one, &format!("{base}/bulk"), &form(&vb, "record")).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
    assert_eq!((points("A").await.as_deref(), points("B").await.as_deref()), (Some("2"), Some("2")));
    let reasons = pages.get(&one, &format!("{base}?unit={a}")).await.body;
    assert!(reasons.contains("<option value=\"chung\">"), "a reason is offered again");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn work_is_dealt_out_and_everybody_sees_their_own() {
    let pages = province().await;
    let (one, two) = (pages.cookie(ONE).await, pages.cookie(TWO).await);
    let path = format!("/appraise/division/{}", pages.world.round);
    let (first, second) = (pages.world.person(ONE), pages.world.person(TWO));
    let dealt = pages.post(&one, &path, &format!("do=by-unit&p-{first}=yes&p-{second}=yes")).await;
    assert_eq!(dealt.status, StatusCode::SEE_OTHER, "{}", dealt.body);
    let base = base(&pages);
    let names = async |cookie: &str, query: &str| {
        let page = pages.get(cookie, &format!("{base}{query}")).await.body;
        ["A", "B", "C"].map(|unit| page.contains(&format!("<span>Đơn vị mẫu {unit}</span>")))
    };
    let (mine, theirs) = (names(&one, "").await, names(&two, "").await);
    assert!((0..3).all(|at| mine[at] != theirs[at]), "{mine:?} {theirs:?}");
    assert_eq!(names(&one, "?show=all").await, [true; 3]);
    let page = pages.get(&two, &path).await.body;
    assert!(page.contains("(bạn)") && page.contains("Bỏ chia"), "{page}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_council_meets_and_its_minutes_say_who_decided_what_and_why() {
    let pages = province().await;
    let (sheet, base, name) = (pages.world.sheet("A"), base(&pages), figure(&pages));
    let one = pages.cookie(ONE).await;
    let version = field(&pages.get(&one, &format!("{base}?unit={sheet}")).await.body, "version");
    let form = format!("do=adjust&version={version}&{name}=6&reason=ngu%E1%BB%93n");
    pages.post(&one, &format!("{base}/{sheet}"), &form).await;
    pages.world.phase(Phase::Explaining).await;
    let official = pages.cookie("vh-xh@a.example").await;
    let explained =
        pages.post(&official, &format!("/sheets/{sheet}/entries/I.5.2/explain"), "words=c%C3%B2n+b%C3%A0i").await;
    assert_eq!(explained.status, StatusCode::SEE_OTHER, "{}", explained.body);
    let council = format!("/rounds/{}/council", pages.world.round);
    let open =
        pages.post(&one, &council, "do=open&title=Phi%C3%AAn+1&chair=Ch%E1%BB%A7+t%E1%BB%8Bch+m%E1%BA%ABu").await;
    assert_eq!(open.status, StatusCode::SEE_OTHER, "{}", open.body);
    let page = pages.get(&one, &council).await.body;
    assert!(page.contains("còn bài") && page.contains("Phiên 1") && page.contains("6 × 9/12"), "{page}");
    let version = field(&page, "version");
    let form = format!(
        "do=own&sheet={sheet}&indicator=I.5.2&version={version}&own=4%2C50&appraised=3%2C00&reason=%C4%91%C3%BAng"
    );
    let decided = pages.post(&one, &council, &form).await;
    assert_eq!(decided.status, StatusCode::SEE_OTHER, "{}", decided.body);
    let closed = pages.post(&one, &council, "do=close").await;
    let minutes = pages.get(&one, &closed.location).await.body;
    for words in ["Phiên 1", "Chủ tịch mẫu", "Đơn vị mẫu A", "4,50", "3,00", "đúng", "TĐ"] {
        assert!(minutes.contains(words), "{words}: {minutes}");
    }
    let deciding = pages.get(&one, &format!("/rounds/{}/decide?show=decided", pages.world.round)).await.body;
    assert!(deciding.contains("Đơn vị mẫu A") && deciding.contains("Cách hiểu còn mở"), "{deciding}");
}

async fn publish(pages: &Pages, round: RoundId, number: &str, day: &str) -> i64 {
    let world = &pages.world;
    let (level, readings) = {
        let state = world.store.state();
        let level = state.levels.values().find(|level| level.facts.round == round).unwrap();
        let readings = level.program.set.head.readings.iter();
        (level.facts.id, readings.map(|one| (one.id.clone(), one.answer.clone())).collect::<Vec<_>>())
    };
    for (reading, variant) in readings {
        world.operator(Command::Pick { level, reading, variant, reason: "chốt".to_owned() }).await;
    }
    for phase in [Phase::Collecting, Phase::Appraising, Phase::Explaining, Phase::Deciding] {
        world.operator(Command::SetPhase { round, phase, reason: "phép thử".to_owned() }).await;
    }
    let day = day.parse().unwrap();
    world
        .operator(Command::Publish { round, number: number.to_owned(), day, undecided: String::new() })
        .await
        .id
        .unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_merged_unit_is_compared_with_its_forerunners_and_the_data_are_open() {
    let pages = province().await;
    let world = &pages.world;
    let first = publish(&pages, world.round, "01/QĐ", "2024-01-15").await;
    let merged = NewUnit {
        code: "AB".to_owned(),
        name: "Đơn vị mẫu AB".to_owned(),
        kind: "commune".to_owned(),
        level: "commune".to_owned(),
        parent: Some("T".to_owned()),
        from: None,
        to: None,
    };
    let merge = Command::ChangeUnits {
        from: vec![world.unit("A"), world.unit("B")],
        to: vec![merged],
        how: cycle::tree::Descent::Merged,
        day: "2023-01-01".parse().unwrap(),
        document: "văn bản mẫu".to_owned(),
        people: false,
    };
    world.operator(merge).await;
    let level = NewLevel {
        level: "commune".to_owned(),
        set: "hue-2263-2023-commune".to_owned(),
        files: world::set_files("hue-2263-2023-commune"),
        picks: std::collections::BTreeMap::new(),
        figures: std::collections::BTreeMap::new(),
        units: Some(vec![world.unit("AB"), world.unit("C")]),
    };
    let create = Command::CreateRound {
        owner: world.unit("T"),
        year: 2024,
        title: "Kỳ mẫu 2024".to_owned(),
        days: std::collections::BTreeMap::new(),
        levels: vec![level],
        made_up: true,
        appraisers: std::collections::BTreeMap::new(),
        beginning: store::command::Beginning::default(),
    };
    let round = RoundId(world.operator(create).await.id.unwrap());
    let second = publish(&pages, round, "02/QĐ", "2025-01-15").await;
    let base = format!("/ranking/{second}/commune");
    let ranking = pages.get("", &base).await.body;
    assert!(ranking.contains("gộp từ hạng 2, 1") || ranking.contains("gộp từ hạng 1, 2"), "{ranking}");
    assert!(ranking.contains("So với 2023") && ranking.contains("1, 2, 2, 4"), "{ranking}");
    let unit = pages.get("", &format!("{base}/AB")).await.body;
    assert!(unit.contains("Hợp thành từ 2 đơn vị năm 2023"), "{unit}");
    let same = pages.get("", &format!("{base}/C")).await.body;
    assert!(same.contains("chỉ số mà hai năm đều có, năm 2023 đạt 0"), "{same}");
    let csv = pages.get("", &format!("{base}.csv")).await;
    assert!(csv.body.contains(",block,rank_before,made_of\r\n") && csv.body.contains("A B"), "{}", csv.body);
    let book = pages.get("", &format!("{base}.xlsx")).await;
    assert!(book.headers[header::CONTENT_TYPE].to_str().unwrap().contains("spreadsheetml"));
    assert!(book.body.starts_with("PK"));
    let json: serde_json::Value = serde_json::from_str(&pages.get("", &format!("{base}/AB.json")).await.body).unwrap();
    assert_eq!(json["unit"]["code"], "AB");
    let compared =
        pages.get("", &format!("/ranking/{first}/commune/compare?u1=A&u2=don+vi+mau+b&u3=khong+co")).await.body;
    for words in ["Đơn vị mẫu A", "Đơn vị mẫu B", "khong co", "4,50", "6,00"] {
        assert!(compared.contains(words), "{words}: {compared}");
    }
    heat_and_movers(&pages, (first, second)).await;
    let words = pages.get("", "/ranking/dictionary").await.body;
    for column in ["rank_before", "made_of", "ranks_up", "common_percent", "I.1.1, …"] {
        assert!(words.contains(column), "{column}");
    }
}

/// The heatmap by pillar and by indicator, and who moved: the merged unit beside its forerunners, C against itself.
async fn heat_and_movers(pages: &Pages, (first, second): (i64, i64)) {
    let base = format!("/ranking/{first}/commune");
    let whole = pages.get("", &format!("{base}/heatmap")).await.body;
    assert!(whole.contains("Trung vị của cấp") && whole.contains("đơn vị 1 đến 3 trên 3"), "{whole}");
    let pillar = pages.get("", &format!("{base}/heatmap?pillar=I")).await.body;
    for words in ["I.5.2", "Các cột", "<td class=\"h5\">100", "<td class=\"h4\">75", "không áp dụng"] {
        assert!(pillar.contains(words), "{words}: {pillar}");
    }
    assert!(!pillar.contains(">II.1.1<"), "only the pillar's own indicators");
    let found = pages.get("", &format!("{base}/heatmap?pillar=I&find=mau+b")).await.body;
    assert!(found.contains("đơn vị 1 đến 1 trên 1 tìm thấy"), "{found}");
    let none = pages.get("", &format!("{base}/heatmap?pillar=XX")).await;
    assert_eq!(none.status, StatusCode::NOT_FOUND);
    let csv = pages.get("", &format!("{base}/heatmap.csv")).await.body;
    let heads: Vec<&str> = csv.lines().next().unwrap().split(',').collect();
    let at = heads.iter().position(|head| *head == "I.5.2").unwrap();
    let cell = |code: &str| {
        let line = csv.lines().find(|line| line.starts_with(code)).unwrap();
        line.split(',').nth(at).unwrap().to_owned()
    };
    assert_eq!((cell("A,").as_str(), cell("B,").as_str(), cell("C,").as_str()), ("75", "100", "missing"), "{csv}");

    let base = format!("/ranking/{second}/commune");
    let ranking = pages.get("", &base).await.body;
    assert!(ranking.contains(&format!("{base}/movers")), "{ranking}");
    let moved = pages.get("", &format!("{base}/movers")).await.body;
    // C was third, and shares the first rank with AB now.
    for words in ["▲ 2", "Không đơn vị nào xuống.", "Đơn vị mẫu A: hạng 2", "Đơn vị mẫu B: hạng 1"]
    {
        assert!(moved.contains(words), "{words}: {moved}");
    }
    for (by, words) in [("points", "điểm phần trăm"), ("common", "chỉ số mà hai năm đều có")] {
        let page = pages.get("", &format!("{base}/movers?by={by}")).await.body;
        assert!(page.contains(words), "{page}");
    }
    let csv = pages.get("", &format!("{base}/movers.csv")).await.body;
    let line = csv.lines().find(|line| line.starts_with("AB,")).unwrap();
    assert!(line.ends_with(",A B") && line.starts_with("AB,Đơn vị mẫu AB,,"), "{csv}");
    // The mean of A and B then: 4.5 and 6 of 600.
    assert!(line.contains(",0.88,0,"), "{csv}");
    let none = pages.get("", &format!("/ranking/{first}/commune/movers")).await;
    assert_eq!(none.status, StatusCode::NOT_FOUND, "the first year has nothing before it");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_round_has_a_heatmap_for_its_owner_and_what_is_hidden_stays_hidden() {
    let pages = province().await;
    let round = pages.world.round;
    let owner = pages.cookie("bcd@t.example").await;
    let page = pages.get(&owner, &format!("/rounds/{round}/heatmap?pillar=I")).await.body;
    for words in ["Đơn vị mẫu B", "<td class=\"h5\">100", "<td class=\"h4\">75", "×"] {
        assert!(page.contains(words), "{words}: {page}");
    }
    // What an appraiser found is the unit's to see only when explaining begins.
    let (sheet, base, name) = (pages.world.sheet("A"), base(&pages), figure(&pages));
    let one = pages.cookie(ONE).await;
    let version = field(&pages.get(&one, &format!("{base}?unit={sheet}")).await.body, "version");
    let form = format!("do=adjust&version={version}&{name}=3&reason=x");
    assert_eq!(pages.post(&one, &format!("{base}/{sheet}"), &form).await.status, StatusCode::SEE_OTHER);
    let csv = async |who: &str| pages.get(who, &format!("/rounds/{round}/heatmap.csv?pillar=I")).await.body;
    let official = pages.cookie("vh-xh@a.example").await;
    assert!(csv(&official).await.contains(",75"), "the unit still reads its own points");
    assert!(csv(&owner).await.contains(",25") && !csv(&owner).await.contains(",75"));
    assert!(!csv(&official).await.contains("Đơn vị mẫu B"), "others' rows are not theirs to read");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn undecided_explanations_are_named_before_and_after_publication() {
    let pages = province().await;
    let (sheet, base, name) = (pages.world.sheet("A"), base(&pages), figure(&pages));
    let (one, round) = (pages.cookie(ONE).await, pages.world.round);
    let version = field(&pages.get(&one, &format!("{base}?unit={sheet}")).await.body, "version");
    pages.post(&one, &format!("{base}/{sheet}"), &format!("do=adjust&version={version}&{name}=6&reason=x")).await;
    pages.world.phase(Phase::Explaining).await;
    let official = pages.cookie("vh-xh@a.example").await;
    pages.post(&official, &format!("/sheets/{sheet}/entries/I.5.2/explain"), "words=y").await;
    let readings: Vec<_> = {
        let state = pages.world.store.state();
        let level = state.levels.values().next().unwrap();
        let readings = level.program.set.head.readings.iter();
        readings.map(|reading| (level.facts.id, reading.id.clone(), reading.answer.clone())).collect()
    };
    for (level, reading, variant) in readings {
        pages.world.operator(Command::Pick { level, reading, variant, reason: "chốt".to_owned() }).await;
    }
    pages.world.phase(Phase::Deciding).await;
    let desk = pages.get(&one, &format!("/rounds/{round}/decide")).await.body;
    assert!(desk.contains("name=\"undecided\"") && desk.contains("giải trình chưa chốt"), "{desk}");
    let path = format!("/rounds/{round}/publish");
    let refused = pages.post(&one, &path, "number=01%2FQ%C4%90-UBND&day=15%2F1%2F2024").await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.body.contains("Còn 1 giải trình chưa chốt"), "{}", refused.body);
    let done =
        pages.post(&one, &path, "number=01%2FQ%C4%90-UBND&day=15%2F1%2F2024&undecided=h%E1%BA%BFt+h%E1%BA%A1n").await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
    let public = pages.get("", &format!("{}/commune", done.location)).await.body;
    assert!(public.contains("còn 1 giải trình chưa chốt") && public.contains("Lý do: hết hạn"), "{public}");
    assert!(public.contains("<span class=\"keep\">01/QĐ-UBND,</span>"), "the number breaks at no hyphen: {public}");
    let json = pages.get("", &format!("{}/commune.json", done.location)).await.body;
    assert!(json.contains("\"undecided\":{\"count\":1"), "{json}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_picture_has_its_numbers() {
    let pages = province().await;
    let owner = pages.cookie("bcd@t.example").await;
    let round = pages.world.round;
    let page = pages.get(&owner, &format!("/rounds/{round}/insights")).await.body;
    assert!(page.contains("Độ phân biệt") && page.contains("Dòng thời gian"), "{page}");
    for (table, head) in [
        ("agencies", "agency,"),
        ("lateness", "unit,late"),
        ("days", "day,"),
        ("units", "unit,declared"),
        ("pillars", "unit,I,"),
    ] {
        let csv = pages.get(&owner, &format!("/rounds/{round}/insights/{table}.csv")).await;
        assert!(
            csv.status == StatusCode::OK && csv.body.starts_with(&format!("\u{feff}{head}")),
            "{table}: {}",
            csv.body
        );
    }
    let csv = pages.get(&owner, &format!("/rounds/{round}/insights.csv")).await.body;
    let heads = csv.lines().next().unwrap().split(',').count();
    let row = csv.lines().find(|line| line.starts_with("I.2.1,")).unwrap_or_else(|| panic!("{csv}"));
    assert!(row.split(',').count() >= heads, "{row}");
    let official = pages.cookie("vh-xh@a.example").await;
    let own = pages.get(&official, &format!("/sheets/{}/insights", pages.world.sheet("A"))).await.body;
    for words in ["điểm, và vì sao", "Mỗi hạn còn mở", "Yếu nhất"] {
        assert!(own.contains(words), "{words}: {own}");
    }
}

/// What was cut before a round was published is not shown as if it still counted.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_publication_the_pictures_show_what_was_published() {
    let pages = province().await;
    let (sheet, base, round) = (pages.world.sheet("A"), base(&pages), pages.world.round);
    let one = pages.cookie(ONE).await;
    let owner = pages.cookie("bcd@t.example").await;
    let monitor = pages.get(&owner, &format!("/rounds/{round}")).await.body;
    assert!(monitor.contains("Tự chấm trung vị"), "{monitor}");
    let case = pages.get(&one, &format!("{base}?unit={sheet}")).await.body;
    let form = format!("do=adjust&version={}&points=1&reason=thi%E1%BA%BFu", field(&case, "version"));
    let done = pages.post(&one, &format!("{base}/{sheet}"), &form).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
    let publication = publish(&pages, round, "01/QĐ", "2024-01-15").await;
    let results = pages.world.store.published(publication, "commune").await.unwrap();
    let points = results.iter().find(|one| one.code == "A").unwrap().points;
    let claimed = pages.world.store.state().assessments[&sheet].totals.points;
    assert!(points < claimed, "{points} {claimed}");
    let told = |points: criteria::Number| format!("{:.2}", points.millionths() as f64 / 1e6).replace('.', ",");
    let head = pages.cookie("ct@a.example").await;
    for (who, path, words) in [
        (&owner, format!("/rounds/{round}"), "Trung vị đã công bố"),
        (&owner, format!("/rounds/{round}/insights"), "đã công bố từ"),
        (&owner, format!("/rounds/{round}/heatmap"), "Điểm đã công bố"),
        (&head, format!("/sheets/{sheet}/insights"), "đã công bố"),
    ] {
        let page = pages.get(who, &path).await.body;
        assert!(page.contains(words) && !page.contains("ự chấm trung vị"), "{path}: {page}");
    }
    let own = pages.get(&head, &format!("/sheets/{sheet}/insights")).await.body;
    assert!(own.contains(&told(points)) && !own.contains(&format!("{} trên", told(claimed))), "{own}");
}
