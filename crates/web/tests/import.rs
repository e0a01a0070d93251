//! Units and people from a file: nothing is written before it was seen, nothing is half written, nobody reaches beyond
//! their scope.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

mod house;

use std::collections::BTreeSet;

use cycle::Capability;
use house::Browser;
use house::world::{World, now};
use store::Command;
use store::command::NewPerson;
use web::{App, Library};

const SQLITE: &str = "sqlite://FOLDER/thuocdo.sqlite?mode=rwc";

async fn house() -> (World, App, Browser) {
    let world = World::new(SQLITE).await;
    let unit = world.unit("T");
    let capabilities: BTreeSet<Capability> = Capability::ALL.into_iter().collect();
    let (code, name) = ("QT".to_owned(), "Quản trị".to_owned());
    let position = world.operator(Command::AddPosition { unit, code, name, capabilities }).await.id.unwrap();
    let person = NewPerson {
        login: "qt@t.example".to_owned(),
        name: "Quản trị viên".to_owned(),
        position: Some(position.to_string().parse().unwrap()),
        from: "2023-01-01".parse().unwrap(),
        invitation: None,
        calendar: "calendar of qt".to_owned(),
    };
    world.operator(Command::AddPerson(person)).await;
    let app = App::new(world.store.clone(), Library::default(), false);
    app.set_now(now());
    let mut browser = Browser::visit(app.clone()).await;
    browser.sign_in(&app, world.person("qt@t.example")).await;
    (world, app, browser)
}

/// What the page asks to be confirmed.
fn hidden(page: &str, name: &str) -> String {
    let from = format!("name=\"{name}\" value=\"");
    let (_, rest) = page.split_once(&from).unwrap_or_else(|| panic!("no {name} in {page}"));
    let value = rest.split('"').next().unwrap();
    let plain = [("&#34;", "\""), ("&#39;", "'"), ("&#60;", "<"), ("&#62;", ">"), ("&#38;", "&")];
    plain.iter().fold(value.to_owned(), |value, (coded, letter)| value.replace(coded, letter))
}

async fn confirm(browser: &mut Browser, path: &str, page: &str) -> house::Answer {
    let (rows, seen) = (hidden(page, "rows"), hidden(page, "seen"));
    let part = |name: &str, value: &str| {
        format!("--boundary\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
    };
    let body = format!("{}{}--boundary--\r\n", part("rows", &rows), part("seen", &seen));
    browser.send("POST", path, "multipart/form-data; boundary=boundary", body.as_bytes()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn units_are_seen_first_then_added_whole_parents_first() {
    let (world, _, mut browser) = house().await;
    let path = format!("/units/{}/import", world.unit("T"));
    assert!(browser.get(&format!("/units/{}", world.unit("T"))).await.body.contains(&path));
    let file = "\u{feff}Danh sách đơn vị\r\nMÃ;Tên;Loại;Cấp;Mã cấp trên\r\n\
                T2;Thôn hai;xã;xã;T1\r\nT1;Xã mới <b>;xã;xã;\r\nA;Đơn vị mẫu A;xã;xã;\r\n";
    let page = browser.upload(&path, "đơn vị.csv", file.as_bytes()).await;
    assert_eq!(page.status, 200);
    assert!(page.body.contains("2 thêm, 1 giữ nguyên."), "{}", page.body);
    assert!(page.body.contains("Xã mới &#60;b&#62;"), "{}", page.body);
    assert!(world.store.state().tree.by_code("T1").is_none(), "nothing is written before it is confirmed");

    let done = confirm(&mut browser, &path, &page.body).await;
    assert_eq!(done.status, 200, "{}", done.body);
    {
        let state = world.store.state();
        let (one, two) = (state.tree.by_code("T1").unwrap(), state.tree.by_code("T2").unwrap());
        let top = state.tree.by_code("T").unwrap();
        assert_eq!((one.parent, two.parent), (Some(top.id), Some(one.id)));
        assert_eq!(two.level, "commune");
    }

    // The same confirmation again finds that something changed.
    let again = confirm(&mut browser, &path, &page.body).await;
    assert!(again.body.contains("3 giữ nguyên."), "{}", again.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_bad_line_holds_everything_back_and_says_why() {
    let (world, _, mut browser) = house().await;
    let path = format!("/units/{}/import", world.unit("T"));
    let file = "ma,ten,loai,cap,ma cap tren\nX1,Xã một,xã,xã,T\nX1,Xã một,xã,xã,T\nA,Tên khác,xã,xã,T\n\
                X2,,xã,xã,T\nX3,Xã ba,xã,làng,T\nX4,Xã bốn,xã,xã,KHÔNG\nX5,Xã năm,xã,xã,X6\nX6,Xã sáu,xã,xã,X5\n";
    let page = browser.upload(&path, "units.csv", file.as_bytes()).await.body;
    assert!(page.contains("1 thêm, 7 từ chối."), "{page}");
    for why in [
        "đã có ở dòng 2",
        "mã này là của “Đơn vị mẫu A”",
        "thiếu mã hoặc tên",
        "cấp “làng” không rõ",
        "“KHÔNG”",
        "“X6”",
    ] {
        assert!(page.contains(why), "{why}: {page}");
    }
    assert!(!page.contains("name=\"seen\""), "there is nothing to confirm");
}

#[tokio::test(flavor = "multi_thread")]
async fn people_get_invitations_that_work_and_known_ones_their_position() {
    let (world, app, mut browser) = house().await;
    let path = format!("/units/{}/import", world.unit("T"));
    let mut book = documents_workbook();
    let page = browser.upload(&path, "people.xlsx", &std::mem::take(&mut book)).await;
    assert!(page.body.contains("1 thêm, 1 thay đổi, 1 giữ nguyên."), "{}", page.body);
    let done = confirm(&mut browser, &path, &page.body).await;
    let (_, rest) = done.body.split_once("/invitation/").unwrap_or_else(|| panic!("{}", done.body));
    let secret = rest.get(..64).unwrap().to_owned();
    assert_eq!(done.body.matches("/invitation/").count(), 1, "{}", done.body);

    let mut guest = Browser { host: browser.host.clone(), cookies: Default::default() };
    let page = guest.get(&format!("/invitation/{secret}")).await;
    assert!(page.body.contains("moi@a.example.vn"), "{}", page.body);
    let entered = guest.post(&format!("/invitation/{secret}"), &[("password", "một câu dài dễ nhớ lắm")]).await;
    assert_eq!(entered.status, 303, "{}", entered.body);
    let state = world.store.state();
    let today = cycle::time::day_of(app.now());
    let held = |login: &str| {
        let authority = state.authority(state.account_by_login(login).unwrap().id, today);
        authority.positions.iter().map(|id| state.positions[id].code.clone()).collect::<Vec<_>>()
    };
    assert_eq!(held("moi@a.example.vn"), ["VH-XH"]);
    assert_eq!(held("ct@b.example"), ["CT", "VP-TK"]);
}

/// Three people in a workbook: a new one, one who gets a second position, one who holds it already.
fn documents_workbook() -> Vec<u8> {
    let rows = [
        ["Thư điện tử", "Họ và tên", "Mã đơn vị", "Chức danh"],
        ["Moi@A.example.vn", "Người mới", "A", "vh-xh"],
        ["ct@b.example", "CT, B", "B", "VP-TK B"],
        ["vp-tk@a.example", "VP-TK, A", "A", "VP-TK"],
    ];
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    for (row, cells) in rows.iter().enumerate() {
        for (column, cell) in cells.iter().enumerate() {
            sheet.write(u32::try_from(row).unwrap(), u16::try_from(column).unwrap(), *cell).unwrap();
        }
    }
    book.save_to_buffer().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_imports_beyond_their_scope_and_bad_files_are_told() {
    let (world, app, mut browser) = house().await;
    let path = format!("/units/{}/import", world.unit("A"));
    let file =
        "thu dien tu,ho ten,ma don vi,chuc danh\nx@b.example,Người,B,CT\nsai,Người,A,CT\ny@a.example,Người,A,KHÔNG\n";
    let page = browser.upload(&path, "people.csv", file.as_bytes()).await.body;
    for why in ["ngoài phạm vi", "không phải địa chỉ thư", "không có chức danh “KHÔNG” (có: CT, VP-TK, VH-XH, CA)"]
    {
        assert!(page.contains(why), "{why}: {page}");
    }
    // One who manages people only cannot give what they do not have themselves.
    browser.sign_in(&app, world.person("bcd@t.example")).await;
    let file = "email,họ tên,mã đơn vị,chức danh\nx@a.example,Người,A,CT\n";
    let page = browser.upload(&format!("/units/{}/import", world.unit("T")), "people.csv", file.as_bytes()).await.body;
    assert!(page.contains("chính bạn không có quyền “submit”"), "{page}");
    for (name, bytes) in
        [("a.csv", &b"\xff\xfe"[..]), ("a.csv", b""), ("a.xlsx", b"PK\x03\x04x"), ("a.csv", b"x,y\n1,2\n")]
    {
        let answer = browser.upload(&format!("/units/{}/import", world.unit("T")), name, bytes).await;
        assert_eq!(answer.status, 422, "{}", answer.body);
        assert!(answer.body.contains("role=\"alert\""));
    }
    browser.sign_in(&app, world.person("ct@a.example")).await;
    assert_eq!(browser.get(&path).await.status, 404);
    assert_eq!(browser.upload(&path, "a.csv", file.as_bytes()).await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_new_may_get_two_positions_from_one_file() {
    let (world, _, mut browser) = house().await;
    let path = format!("/units/{}/import", world.unit("A"));
    let file = "email,họ tên,chức danh\nhai@a.example,Người Hai,VH-XH\nHai@a.example,người hai,CA\n\
                hai@a.example,Người Hai,CA\n";
    let page = browser.upload(&path, "people.csv", file.as_bytes()).await;
    assert!(page.body.contains("2 thêm, 1 giữ nguyên."), "{}", page.body);
    let done = confirm(&mut browser, &path, &page.body).await;
    assert_eq!(done.status, 200, "{}", done.body);
    {
        let state = world.store.state();
        let account = state.account_by_login("hai@a.example").unwrap().id;
        let mut held: Vec<String> = state
            .holdings
            .values()
            .filter(|holding| holding.account == account)
            .map(|holding| state.positions[&holding.position].code.clone())
            .collect();
        held.sort();
        assert_eq!(held, ["CA", "VH-XH"]);
    }
    let file = "email,họ tên,chức danh\nba@a.example,Người Ba,VH-XH\nba@a.example,Người Khác,CA\n";
    let page = browser.upload(&path, "people.csv", file.as_bytes()).await;
    assert!(page.body.contains("dòng 2 ghi thư này cho “Người Ba”"), "{}", page.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_merger_is_looked_at_first_and_takes_people_along() {
    let (world, _, mut browser) = house().await;
    let path = format!("/units/{}/change", world.unit("A"));
    assert!(browser.get(&format!("/units/{}", world.unit("A"))).await.body.contains(&path));
    let form = |act: &str, to: &str| {
        format!(
            "how=merged&others=B&to={to}&day=1/7/2025&document=v%C4%83n+b%E1%BA%A3n+m%E1%BA%ABu&people=yes&do={act}"
        )
    };
    let kind = "application/x-www-form-urlencoded";
    let new = "AB;X%C3%A3+m%E1%BB%9Bi;x%C3%A3";
    let page = browser.send("POST", &path, kind, form("preview", new).as_bytes()).await;
    assert_eq!(page.status, 200);
    for words in [
        "Lập Xã mới (AB), loại xã",
        "Đơn vị mẫu B (B) kết thúc trước ngày 1/7/2025",
        "chức danh cùng mã thành một",
        "2 phiếu của “Kỳ mẫu 2023”",
    ] {
        assert!(page.body.contains(words), "{words}: {}", page.body);
    }
    assert!(world.store.state().tree.by_code("AB").is_none(), "nothing is written before it is confirmed");
    let used = browser.send("POST", &path, kind, form("make", "C;X;x").as_bytes()).await;
    assert_eq!(used.status, 422);
    assert!(
        used.body.contains("mã đơn vị không bao giờ dùng lại") && used.body.contains("value=\"1/7/2025\""),
        "{}",
        used.body
    );
    let made = browser.send("POST", &path, kind, form("make", new).as_bytes()).await;
    assert_eq!(made.status, 303, "{}", made.body);
    let state = world.store.state();
    let unit = state.tree.by_code("AB").unwrap();
    let position = state.positions_of(unit.id)[0];
    assert_eq!((position.code.as_str(), state.holders(position.id, "2025-07-01".parse().unwrap()).len()), ("CT", 2));
}
