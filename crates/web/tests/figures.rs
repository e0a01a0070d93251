//! Figures from files: nothing is written before it was seen, nothing is half written, what is doubtful is asked about,
//! nobody reaches beyond their units, and every figure says which cell it came from.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

mod house;

use house::world::{World, now};
use house::{Answer, Browser};
use store::Command;
use store::command::EntryChange;
use web::{App, Library};

const SQLITE: &str = "sqlite://FOLDER/thuocdo.sqlite?mode=rwc";
const OWNER: &str = "bcd@t.example";
const FOCAL: &str = "vp-tk@a.example";

struct House {
    world: World,
    app: App,
    browser: Browser,
}

impl House {
    async fn of(login: &str) -> Self {
        let world = World::new(SQLITE).await;
        let app = App::new(world.store.clone(), Library::default(), false);
        app.set_now(now());
        let mut browser = Browser::visit(app.clone()).await;
        browser.sign_in(&app, world.person(login)).await;
        Self { world, app, browser }
    }

    fn path(&self) -> String {
        format!("/rounds/{}/figures", self.world.round)
    }

    /// Uploads a file; gives the address of what came of it and the page there.
    async fn upload(&mut self, name: &str, bytes: &[u8]) -> (String, Answer) {
        let path = self.path();
        let answer = self.browser.upload(&path, name, bytes).await;
        assert_eq!(answer.status, 303, "{}", answer.body);
        let at = answer.header("location").to_owned();
        let page = self.browser.get(&at).await;
        assert_eq!(page.status, 200, "{}", page.body);
        (at, page)
    }

    /// Answers, and gives the page after it.
    async fn say(&mut self, at: &str, form: &[(&str, &str)]) -> Answer {
        let answer = self.browser.post(at, form).await;
        if answer.status != 303 {
            return answer;
        }
        self.browser.get(at).await
    }

    async fn confirm(&mut self, at: &str, page: &Answer) -> Answer {
        let (seq, seen) = (hidden(&page.body, "seq"), hidden(&page.body, "seen"));
        self.say(at, &[("do", "take"), ("seq", &seq), ("seen", &seen)]).await
    }

    /// A figure of a unit as it stands, with where it came from.
    async fn figure(&self, unit: &str, indicator: &str, figure: &str) -> Option<(String, String)> {
        let sheet = self.world.store.sheet(self.world.sheet(unit)).await.unwrap().unwrap();
        let entry = sheet.entry(indicator).unwrap().1.clone();
        entry.figures.get(figure).map(|value| (value.typed.clone(), value.from.clone().unwrap_or_default()))
    }
}

fn hidden(page: &str, name: &str) -> String {
    let from = format!("name=\"{name}\" value=\"");
    let (_, rest) = page.split_once(&from).unwrap_or_else(|| panic!("no {name} in {page}"));
    rest.split('"').next().unwrap().to_owned()
}

/// The only figure of I.5.2, a count, and of another indicator, as the set names them.
fn figures(world: &World) -> (String, String) {
    let state = world.store.state();
    let level = state.levels.values().next().unwrap();
    let figure = level.program.set.indicator("I.5.2").unwrap().all_figures()[0].clone();
    (figure.id, figure.label)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sheet_of_ones_own_is_asked_about_once_then_remembered_and_taken_in_whole() {
    let mut house = House::of(OWNER).await;
    let (figure, _) = figures(&house.world);
    let file = "\u{feff}BÁO CÁO SỐ LIỆU;;\r\nTT;Tên đơn vị;Tin bài về chuyển đổi số\r\n(1);(2);(3)\r\n\
                1;Don vi mau A;12\r\n2;UBND Đơn vị mẫu B;30\r\n;Tổng cộng;42\r\n";
    let (at, page) = house.upload("bao-cao.csv", file.as_bytes()).await;
    assert!(page.body.contains("name=\"c-0-2\""), "the columns are asked about: {}", page.body);
    assert!(page.body.contains("<option value=\"unit\" selected>"), "the column of units is proposed");
    let role = format!("I.5.2/{figure}");
    let page = house.say(&at, &[("do", "columns"), ("c-0-0", "-"), ("c-0-1", "unit"), ("c-0-2", &role)]).await;
    assert!(page.body.contains("unit:Tổng cộng"), "what is no unit is asked about: {}", page.body);
    let page = house.say(&at, &[("do", "questions"), ("unit:Tổng cộng", "0")]).await;
    assert!(page.body.contains("2 số liệu của 2 đơn vị sẽ đổi"), "{}", page.body);
    assert_eq!(house.figure("A", "I.5.2", &figure).await, None, "nothing is written before it is confirmed");

    let done = house.confirm(&at, &page).await;
    assert!(done.body.contains("đã nhập 2 số liệu"), "{}", done.body);
    let kept = house.figure("B", "I.5.2", &figure).await.unwrap();
    assert_eq!(kept, ("30".to_owned(), "bao-cao.csv, C5".to_owned()), "the figure says its cell");
    let points = house.world.store.sheet(house.world.sheet("B")).await.unwrap().unwrap();
    let points = points.entry("I.5.2").unwrap().1.self_score.clone().unwrap().points;
    assert!(points > criteria::Number::ZERO, "the points follow");
    let log = house.world.store.events(None).await.unwrap();
    let event = log.iter().find(|event| event.action == "figures.taken").unwrap();
    assert_eq!(event.detail["name"], "bao-cao.csv");
    let sha256 = event.detail["sha256"].as_str().unwrap();
    let file = house.world.store.evidence.read(sha256).await.unwrap();
    assert!(file.is_some(), "the file that the event names is kept");
    assert!(log.iter().any(|event| event.action == "entry.supplied" && event.indicator.as_deref() == Some("I.5.2")));
    assert_eq!(house.world.store.audit().await.unwrap().faults, [""; 0]);

    // The same heads again: nothing is asked, and what stands already is no change.
    let next = "TT;Tên đơn vị;Tin bài về chuyển đổi số\r\n1;Đơn vị mẫu A;12\r\n2;Đơn vị mẫu B;31\r\n";
    let (_, page) = house.upload("thang-sau.csv", next.as_bytes()).await;
    assert!(page.body.contains("1 số liệu của 1 đơn vị sẽ đổi; 1 số liệu đã như trong tệp"), "{}", page.body);
    // A file is taken in once.
    let again = house.browser.post(&at, &[("do", "take"), ("seq", "1"), ("seen", "x")]).await;
    assert_eq!(again.status, 422);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_bad_cell_holds_everything_back_and_says_where() {
    let mut house = House::of(OWNER).await;
    let (figure, _) = figures(&house.world);
    let file = "Mã,Tên đơn vị,Tin bài\nA,Đơn vị mẫu A,ba mươi\nB,Đơn vị mẫu B,7\n";
    let (at, _) = house.upload("so-lieu.csv", file.as_bytes()).await;
    let role = format!("I.5.2/{figure}");
    let page = house.say(&at, &[("do", "columns"), ("c-0-0", "code"), ("c-0-1", "unit"), ("c-0-2", &role)]).await;
    assert!(page.body.contains("so-lieu.csv, C2") && page.body.contains("ba mươi"), "{}", page.body);
    assert!(!page.body.contains("name=\"seen\""), "there is nothing to confirm");
    let forced = house.browser.post(&at, &[("do", "take"), ("seq", "0"), ("seen", "x")]).await;
    assert_eq!(forced.status, 409);
    assert_eq!(house.figure("B", "I.5.2", &figure).await, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_changed_meanwhile_refuses_the_whole_and_is_told() {
    let mut house = House::of(OWNER).await;
    let (figure, _) = figures(&house.world);
    let file = "Mã,Tên đơn vị,Tin bài\nA,Đơn vị mẫu A,5\nB,Đơn vị mẫu B,7\n";
    let (at, _) = house.upload("so-lieu.csv", file.as_bytes()).await;
    let role = format!("I.5.2/{figure}");
    let page = house.say(&at, &[("do", "columns"), ("c-0-0", "code"), ("c-0-1", "unit"), ("c-0-2", &role)]).await;
    let change =
        EntryChange { figures: [(figure.clone(), "9".to_owned())].into_iter().collect(), ..EntryChange::default() };
    let (assessment, indicator) = (house.world.sheet("A"), "I.5.2".to_owned());
    let command = Command::SaveEntry { assessment, indicator, version: 0, change };
    house.world.store.change(house.world.actor(FOCAL), now(), command).await.unwrap();

    let refused = house.confirm(&at, &page).await;
    assert_eq!(refused.status, 409);
    assert!(refused.body.contains("Đơn vị mẫu A I.5.2: VP-TK sửa"), "{}", refused.body);
    assert_eq!(house.figure("B", "I.5.2", &figure).await, None, "nothing of the file is written");
    let done = house.confirm(&at, &refused).await;
    assert!(done.body.contains("đã nhập 2 số liệu"), "what was seen anew is taken in: {}", done.body);
    assert_eq!(house.figure("A", "I.5.2", &figure).await.unwrap().0, "5");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_focal_point_fills_its_own_unit_from_a_list_of_indicators() {
    let mut house = House::of(FOCAL).await;
    let (figure, label) = figures(&house.world);
    let file = format!("STT,Tiêu chí,Số liệu,Ghi chú\nI,Nhận thức số,,\n5.2,Có tin bài về CĐS,\"1.234\",{label}\n");
    let (at, page) = house.upload("xa-a.csv", file.as_bytes()).await;
    assert!(page.body.contains("<option value=\"indicator\" selected>"), "{}", page.body);
    assert!(page.body.contains("<option value=\"value\" selected>"), "{}", page.body);
    let page = house
        .say(&at, &[("do", "columns"), ("c-0-0", "indicator"), ("c-0-1", "-"), ("c-0-2", "value"), ("c-0-3", "-")])
        .await;
    assert!(page.body.contains("name=\"notation\""), "a number that could be two is asked about: {}", page.body);
    let page = house.say(&at, &[("do", "questions"), ("notation", "vi")]).await;
    assert!(page.body.contains("1 số liệu của 1 đơn vị sẽ đổi"), "{}", page.body);
    house.confirm(&at, &page).await;
    assert_eq!(house.figure("A", "I.5.2", &figure).await.unwrap().0, "1.234");

    // Rows of other units are left out, and nobody opens another's file.
    let file = "Mã,Tên đơn vị,Tin bài\nA,Đơn vị mẫu A,5\nB,Đơn vị mẫu B,7\n";
    let (at, _) = house.upload("ca-tinh.csv", file.as_bytes()).await;
    let role = format!("I.5.2/{figure}");
    let page = house.say(&at, &[("do", "columns"), ("c-0-0", "code"), ("c-0-1", "unit"), ("c-0-2", &role)]).await;
    assert!(page.body.contains("Bỏ qua các hàng của:") && page.body.contains("B · Đơn vị mẫu B"), "{}", page.body);
    assert!(page.body.contains("1 số liệu của 1 đơn vị sẽ đổi"), "{}", page.body);
    let mut other = Browser { host: house.browser.host.clone(), cookies: Default::default() };
    other.sign_in(&house.app, house.world.person("vp-tk@b.example")).await;
    assert_eq!(other.get(&at).await.status, 404);
    assert_eq!(other.post(&at, &[("do", "again")]).await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn our_own_workbook_comes_back_without_a_question() {
    let mut house = House::of(OWNER).await;
    let program = {
        let state = house.world.store.state();
        state.levels.values().next().unwrap().program.clone()
    };
    let (figure, _) = figures(&house.world);
    let mut figures = scoring::Figures::default();
    for unit in ["Đơn vị mẫu A", "Đơn vị mẫu C"] {
        let mut cells = vec![scoring::Cell::Missing; program.unit_slots.len()];
        for (slot, info) in program.unit_slots.iter().enumerate() {
            if info.indicator.as_deref() == Some("I.5.2") && info.figure.id == figure {
                cells[slot] = scoring::Cell::Number(criteria::Number::whole(8).unwrap());
            }
        }
        figures.units.push(scoring::UnitFigures { unit: unit.to_owned(), cells, origins: Default::default() });
    }
    figures.round = vec![scoring::Cell::YesNo(true); program.round_slots.len()];
    let names = ["Đơn vị mẫu A".to_owned(), "Đơn vị mẫu C".to_owned()];
    let book = documents::workbook::template(&program, &names, Some(&figures), criteria::Language::Vietnamese).unwrap();
    let (at, page) = house.upload("mau.xlsx", &book).await;
    assert!(page.body.contains("2 số liệu của 2 đơn vị sẽ đổi"), "{}", page.body);
    assert!(page.body.contains("là số liệu chung của kỳ"), "a figure of the round is not taken in: {}", page.body);
    house.confirm(&at, &page).await;
    let (typed, from) = house.figure("C", "I.5.2", &figure).await.unwrap();
    assert!(typed == "8" && from.starts_with("mau.xlsx, 'I "), "{typed} {from}");
}

#[tokio::test(flavor = "multi_thread")]
async fn cells_are_named_as_a_spreadsheet_counts_them_and_what_stays_out_is_said() {
    let mut house = House::of(OWNER).await;
    let (figure, _) = figures(&house.world);
    let shared = {
        let state = house.world.store.state();
        let level = state.levels.values().next().unwrap();
        level.program.round_slots[0].figure.clone()
    };
    let file = format!(
        "\r\nunit,indicator,figure,value\r\n\r\n\r\nĐơn vị mẫu A,I.5.2,{figure},4\r\n\r\n,,{},không\r\n\
         \"Đơn vị\nmẫu B\",I.5.2,{figure},5\r\n",
        shared.id
    );
    let (at, page) = house.upload("csv.csv", file.as_bytes()).await;
    assert!(page.body.contains("name=\"c-0-3\""), "{}", page.body);
    let roles = [("c-0-0", "unit"), ("c-0-1", "indicator"), ("c-0-2", "figure"), ("c-0-3", "value")];
    let page = house.say(&at, &[&[("do", "columns")][..], &roles[..]].concat()).await;
    assert!(page.body.contains("2 số liệu của 2 đơn vị sẽ đổi"), "{}", page.body);
    let said = format!("csv.csv, D7: “{}” (không) là số liệu chung của kỳ", shared.label);
    assert!(page.body.contains(&said), "{said}: {}", page.body);
    house.confirm(&at, &page).await;
    for (unit, cell) in [("A", "csv.csv, D5"), ("B", "csv.csv, D8")] {
        assert_eq!(house.figure(unit, "I.5.2", &figure).await.unwrap().1, cell);
    }
    let alone = format!("unit,indicator,figure,value\n,,{},không\n", shared.id);
    let (_, page) = house.upload("ky.csv", alone.as_bytes()).await;
    assert!(page.body.contains("tệp chỉ có số liệu chung của kỳ"), "{}", page.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_and_empty_files_get_a_sentence() {
    let mut house = House::of(OWNER).await;
    let path = house.path();
    for (bytes, said) in [
        (&b"PK\x03\x04 and nothing"[..], "tệp nén hỏng"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 old", "tệp .xls kiểu cũ"),
        ("một\nhai\n".as_bytes(), "không thấy hàng đầu đề"),
    ] {
        let (_, page) = house.upload("x.xlsx", bytes).await;
        assert!(page.body.contains(said), "{said}: {}", page.body);
    }
    let program = house.browser.upload(&path, "x.csv", b"MZ\x90\x00").await;
    assert_eq!(program.status, 422);
    let none = house.browser.upload(&path, "x.csv", b"").await;
    assert!(none.status == 422 && none.body.contains("Hãy chọn một tệp"), "{}", none.body);
}
