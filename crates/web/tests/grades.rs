//! Grades as people meet them: declared in a round's settings, on the record, given when it is published; and a unit's
//! published years. Nothing of grades is shown where none are declared.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

#[allow(dead_code, reason = "each file of tests uses its own part of what is shared")]
mod common;

use axum::http::StatusCode;
use common::{Pages, world};
use cycle::{Phase, RoundId};
use store::Command;
use store::command::{EntryChange, NewLevel, NewUnit};

fn encoded(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    text.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

fn form(fields: &[(&str, &str)]) -> String {
    fields.iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect::<Vec<_>>().join("&")
}

async fn fill(pages: &Pages, unit: &str, value: &str) {
    let world = &pages.world;
    let figure = {
        let state = world.store.state();
        let level = state.levels.values().next().unwrap();
        level.program.set.indicator("I.5.2").unwrap().all_figures()[0].id.clone()
    };
    let (assessment, indicator) = (world.sheet(unit), "I.5.2".to_owned());
    let change = EntryChange { figures: [(figure, value.to_owned())].into(), ..EntryChange::default() };
    world.operator(Command::SaveEntry { assessment, indicator, version: 0, change }).await;
}

/// The round's owner, who decides too.
async fn owner(pages: &Pages) -> String {
    let world = &pages.world;
    let (unit, code, name) = (world.unit("T"), "HĐ".to_owned(), "Hội đồng".to_owned());
    world.operator(Command::AddPosition { unit, code, name, capabilities: [cycle::Capability::Decide].into() }).await;
    let position = world.store.state().positions_of(unit).last().unwrap().id;
    let (account, from) = (world.person("bcd@t.example"), "2023-01-01".parse().unwrap());
    world.operator(Command::Hold { position, account, from, to: None }).await;
    pages.cookie("bcd@t.example").await
}

async fn publish(pages: &Pages, round: RoundId, day: &str) -> i64 {
    let world = &pages.world;
    world.operator(Command::PickOpen { round, reason: "như đề nghị".to_owned() }).await;
    for phase in [Phase::Collecting, Phase::Appraising, Phase::Explaining, Phase::Deciding] {
        world.operator(Command::SetPhase { round, phase, reason: "phép thử".to_owned() }).await;
    }
    let (number, day) = ("01/QĐ".to_owned(), day.parse().unwrap());
    world.operator(Command::Publish { round, number, day, undecided: String::new() }).await.id.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_owner_declares_grades_and_what_is_wrong_stands_beside_its_field() {
    let pages = Pages::new().await;
    let owner = pages.cookie("bcd@t.example").await;
    let path = format!("/rounds/{}/settings", pages.world.round);
    let level = pages.world.store.state().levels.keys().next().unwrap().to_string();
    let page = pages.get(&owner, &path).await.body;
    assert!(page.contains("không xếp loại") && page.contains("name=\"grade-3-from\""), "{page}");
    let fields = |more: &[(&str, &str)]| {
        let own = [("do", "grades"), ("level", level.as_str())];
        form(&own.iter().chain(more).copied().collect::<Vec<_>>())
    };
    let wrong = fields(&[
        ("grade-1-name", "Khá"),
        ("grade-1-from", "65"),
        ("grade-2-name", "Tốt <b>"),
        ("grade-2-from", "80"),
        ("grade-3-name", ""),
        ("grade-3-from", "mười"),
        ("reason", ""),
    ]);
    let answer = pages.post(&owner, &path, &wrong).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    for words in [
        "<title>Lỗi: ",
        &format!("href=\"#l{level}-grade-2-from\">Mức 2: Phải thấp hơn 65 % của “Khá”"),
        &format!("id=\"l{level}-grade-2-from-e\">Phải thấp hơn"),
        &format!("href=\"#l{level}-grade-3-name\">Mức 3: Chưa ghi tên"),
        &format!("href=\"#l{level}-reason\">Lý do: Chưa ghi"),
        "value=\"Tốt &#60;b&#62;\"",
        "value=\"mười\"",
        "<details class=\"more\" open>",
    ] {
        assert!(answer.body.contains(words), "{words}: {}", answer.body);
    }
    let right = fields(&[
        ("grade-1-name", "Tốt"),
        ("grade-1-from", "82,5 %"),
        ("grade-2-name", "Khá"),
        ("grade-2-from", "65"),
        ("reason", "kế hoạch mẫu"),
    ]);
    let done = pages.post(&owner, &path, &right).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
    let page = pages.get(&owner, &path).await.body;
    assert!(page.contains("value=\"82,5\"") && page.contains("Tốt từ 82,5 %, Khá từ 65 %"), "{page}");
    let history = page.split("id=\"lich-su\"").nth(1).unwrap();
    for words in ["xếp loại xã, phường", "theo bộ chỉ số</td>", "Tốt từ 82,5 %, Khá từ 65 %</td>", "kế hoạch mẫu"]
    {
        assert!(history.contains(words), "{words}: {history}");
    }
    // A level of another round, and whoever does not run this one.
    let other = right.replace(&format!("level={level}"), "level=99");
    assert_eq!(pages.post(&owner, &path, &other).await.status, StatusCode::NOT_FOUND);
    let official = pages.cookie("vh-xh@a.example").await;
    assert_eq!(pages.post(&official, &path, &right).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_of_grades_is_shown_where_none_are_declared() {
    let pages = Pages::new().await;
    fill(&pages, "A", "9").await;
    let owner = owner(&pages).await;
    let id = publish(&pages, pages.world.round, "2024-01-15").await;
    let base = format!("/ranking/{id}/commune");
    let decide = format!("/rounds/{}/decide", pages.world.round);
    for (who, path) in [
        ("", base.clone()),
        ("", format!("{base}/A")),
        ("", format!("{base}/compare?u1=A&u2=B")),
        (owner.as_str(), decide),
        (owner.as_str(), format!("/rounds/{}/insights", pages.world.round)),
    ] {
        let page = pages.get(who, &path).await.body;
        assert!(!page.contains("Xếp loại") && !page.contains("Không tìm thấy"), "{path}: {page}");
    }
    let csv = pages.get("", &format!("{base}.csv")).await.body;
    assert!(csv.lines().next().unwrap().contains(",grade,"), "the columns of the open data stay: {csv}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn published_grades_are_counted_filtered_and_told_wherever_a_result_is() {
    let pages = Pages::new().await;
    fill(&pages, "A", "9").await;
    fill(&pages, "B", "12").await;
    let owner = owner(&pages).await;
    let level = pages.world.store.state().levels.keys().next().unwrap().to_string();
    let body = form(&[
        ("do", "grades"),
        ("level", &level),
        ("grade-1-name", "Cao (mẫu)"),
        ("grade-1-from", "1"),
        ("grade-2-name", "Vừa (mẫu)"),
        ("grade-2-from", "0,5"),
        ("reason", "mẫu"),
    ]);
    pages.post(&owner, &format!("/rounds/{}/settings", pages.world.round), &body).await;
    let insights = pages.get(&owner, &format!("/rounds/{}/insights", pages.world.round)).await.body;
    assert!(insights.contains("Xếp loại tạm tính") && insights.contains("Cao (mẫu)"), "{insights}");
    pages
        .world
        .operator(Command::SetPhase { round: pages.world.round, phase: Phase::Appraising, reason: String::new() })
        .await;
    let id = publish(&pages, pages.world.round, "2024-01-15").await;
    let decide = pages.get(&owner, &format!("/rounds/{}/decide", pages.world.round)).await.body;
    assert!(decide.contains("Xếp loại sẽ công bố:") && decide.contains("Cao (mẫu) từ 1 %, Vừa (mẫu) từ 0,5 %"));
    let base = format!("/ranking/{id}/commune");
    let page = pages.get("", &base).await.body;
    for words in [
        "<dt>Cao (mẫu) <small>từ 1 %</small></dt><dd>1 ",
        "<dt>Vừa (mẫu) <small>từ 0,5 %</small></dt><dd>1 ",
        "<dt>Không xếp loại <small></small></dt><dd>1 ",
        "do chủ kỳ khai, không in trong bộ chỉ số",
        "<td>Vừa (mẫu)</td>",
    ] {
        assert!(page.contains(words), "{words}: {page}");
    }
    let only = pages.get("", &format!("{base}?grade={}", encoded("Vừa (mẫu)"))).await.body;
    assert!(only.contains("1 trên 3 đơn vị") && only.contains("Đơn vị mẫu A</a>"), "{only}");
    assert!(!only.contains("Đơn vị mẫu B</a>"), "{only}");
    let none = pages.get("", &format!("{base}?grade=-")).await.body;
    assert!(none.contains("Đơn vị mẫu C</a>") && !none.contains("Đơn vị mẫu A</a>"), "{none}");
    let unit = pages.get("", &format!("{base}/B")).await.body;
    assert!(unit.contains("<dt>Xếp loại</dt><dd>Cao (mẫu)"), "{unit}");
    let lowest = pages.get("", &format!("{base}/C")).await.body;
    assert!(lowest.contains("<dt>Xếp loại</dt><dd>không xếp loại"), "{lowest}");
    let beside = pages.get("", &format!("{base}/compare?u1=A&u2=B")).await.body;
    assert!(beside.contains("Vừa (mẫu)") && beside.contains("Cao (mẫu)"), "{beside}");
    let csv = pages.get("", &format!("{base}.csv")).await.body;
    assert!(csv.lines().any(|line| line.starts_with("B,") && line.contains(",Cao (mẫu),")), "{csv}");
    let json: serde_json::Value = serde_json::from_str(&pages.get("", &format!("{base}.json")).await.body).unwrap();
    assert_eq!(json["level"]["grading"]["grades"][0]["name"], "Cao (mẫu)", "{json}");
    assert_eq!(json["units"][0]["grade"], "Cao (mẫu)");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_unit_is_followed_through_the_published_years_and_a_merged_one_to_its_forerunners() {
    let pages = Pages::new().await;
    let world = &pages.world;
    fill(&pages, "A", "9").await;
    fill(&pages, "B", "12").await;
    let first = publish(&pages, world.round, "2024-01-15").await;
    let alone = pages.get("", &format!("/ranking/{first}/commune/A")).await.body;
    assert!(!alone.contains("Qua các năm"), "one year is no course: {alone}");
    let merged = NewUnit {
        code: "AB".to_owned(),
        name: "Đơn vị mẫu AB".to_owned(),
        kind: "commune".to_owned(),
        level: "commune".to_owned(),
        parent: Some("T".to_owned()),
        from: None,
        to: None,
    };
    world
        .operator(Command::ChangeUnits {
            from: vec![world.unit("A"), world.unit("B")],
            to: vec![merged],
            how: cycle::tree::Descent::Merged,
            day: "2023-01-01".parse().unwrap(),
            document: "văn bản mẫu".to_owned(),
            people: false,
        })
        .await;
    let mut years = vec![first];
    for year in [2024, 2025] {
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
            year,
            title: format!("Kỳ mẫu {year}"),
            days: std::collections::BTreeMap::new(),
            levels: vec![level],
            made_up: true,
            appraisers: std::collections::BTreeMap::new(),
            beginning: store::command::Beginning::default(),
        };
        let round = RoundId(world.operator(create).await.id.unwrap());
        years.push(publish(&pages, round, &format!("{}-01-15", year + 1)).await);
    }
    let base = format!("/ranking/{}/commune", years[2]);
    let page = pages.get("", &format!("{base}/AB")).await.body;
    let course = page.split("id=\"cac-nam\"").nth(1).unwrap().split("</section>").next().unwrap();
    for words in [
        // The mean of 4.5 and 6 of 600 points.
        "<b>0,88 %</b>",
        "trung bình các đơn vị tiền thân",
        "gộp từ hạng 2, 1",
        "<th scope=\"col\" class=\"num\">2023</th>",
        &format!("<a href=\"/ranking/{}/commune/AB\">2024</a>", years[1]),
        "<th scope=\"col\" class=\"num\">2025</th>",
        "của cấp",
    ] {
        assert!(course.contains(words), "{words}: {course}");
    }
    assert!(course.matches("<th scope=\"row\">").count() > 8, "every pillar has its row: {course}");
    let same = pages.get("", &format!("{base}/C")).await.body;
    assert!(same.contains(&format!("<a href=\"/ranking/{first}/commune/C\">2023</a>")), "{same}");
    let english = pages.get(&format!("{}; language=en", ""), &format!("{base}/C")).await.body;
    assert!(english.contains("id=\"cac-nam\""), "{english}");
    let csv = pages.get("", &format!("{base}/AB.csv?of=years")).await.body;
    let lines: Vec<&str> = csv.trim_start_matches('\u{feff}').lines().collect();
    assert_eq!(lines[0], "year,publication,code,pillar,rank,percent,median_percent", "{csv}");
    assert!(lines[1].starts_with(&format!("2023,{first},A B,,,0.88,")), "{csv}");
    assert!(lines.iter().any(|line| line.starts_with(&format!("2025,{},AB,I,1,", years[2]))), "{csv}");
    let words = pages.get("", "/ranking/dictionary").await.body;
    assert!(words.contains("?of=years") && words.contains("median_percent"), "{words}");
}
