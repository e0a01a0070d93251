//! People and what they typed: passwords, invitations, accounts that are closed, and pages that lose nothing.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

mod house;

use cycle::Capability;
use house::world::World;
use house::{Answer, Browser};
use store::Command;
use store::command::NewPerson;
use web::{App, Library};

const SQLITE: &str = "sqlite://FOLDER/thuocdo.sqlite?mode=rwc";
const OLD: &str = "con thuyền xanh ra khơi";
const NEW: &str = "ba cây chụm lại bên sông";

struct House {
    world: World,
    app: App,
}

impl House {
    async fn new() -> Self {
        let world = World::new(SQLITE).await;
        let unit = world.store.state().tree.by_code("A").unwrap().id;
        let all = Capability::ALL.into_iter().collect();
        let (code, name) = ("QT".to_owned(), "Quản trị A".to_owned());
        world.operator(Command::AddPosition { unit, code, name, capabilities: all }).await;
        let position = world.store.state().positions_of(unit).last().unwrap().id;
        let person = NewPerson {
            login: "qt@a.example".to_owned(),
            name: "Người quản lý mẫu".to_owned(),
            position: Some(position),
            from: "2023-01-01".parse().unwrap(),
            invitation: None,
            calendar: "calendar of qt@a.example".to_owned(),
        };
        world.operator(Command::AddPerson(person)).await;
        let app = App::new(world.store.clone(), Library::default(), false);
        app.set_now(house::world::now());
        Self { world, app }
    }

    async fn browser(&self, login: &str) -> Browser {
        let mut browser = Browser::visit(self.app.clone()).await;
        browser.sign_in(&self.app, self.world.person(login)).await;
        browser
    }

    async fn enters(&self, login: &str, password: &str) -> Answer {
        let mut browser = Browser::visit(self.app.clone()).await;
        browser.post("/sign-in", &[("login", login), ("password", password)]).await
    }

    fn unit(&self, code: &str) -> cycle::UnitId {
        self.world.store.state().tree.by_code(code).unwrap().id
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_is_changed_by_who_knows_it_and_other_sessions_end() {
    let house = House::new().await;
    let login = "ct@a.example";
    let account = house.world.person(login);
    let hash = web::passwords::hash(OLD).unwrap();
    house.world.operator(Command::SetPassword { account, hash }).await;
    let (mut here, mut elsewhere) = (house.browser(login).await, house.browser(login).await);
    let wrong = here.post("/account/password", &[("old", "không phải câu này"), ("new", NEW)]).await;
    assert!(wrong.status == 422 && wrong.body.contains("Mật khẩu đang dùng không đúng"), "{}", wrong.body);
    let weak = here.post("/account/password", &[("old", OLD), ("new", "123456")]).await;
    assert!(weak.status == 422 && weak.body.contains("href=\"#new\""), "{}", weak.body);
    let done = here.post("/account/password", &[("old", OLD), ("new", NEW)]).await;
    assert_eq!((done.status, done.header("location")), (303, "/account?password#mat-khau"), "{}", done.body);
    assert!(here.get("/account?password").await.body.contains("Đã đổi mật khẩu"));
    assert_eq!(elsewhere.get("/account").await.status, 303, "the other session goes on");
    assert_eq!(house.enters(login, OLD).await.status, 422);
    assert_eq!(house.enters(login, NEW).await.status, 303);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_lost_the_password_is_invited_again_and_a_closed_account_stays_outside() {
    let house = House::new().await;
    let unit = format!("/units/{}", house.unit("A"));
    let lost = house.world.person("vh-xh@a.example");
    let mut head = house.browser("qt@a.example").await;
    let page = head.get(&unit).await.body;
    assert!(page.contains("mời lại") && page.contains("khóa tài khoản"), "{page}");
    let told = head.post(&unit, &[("do", "reinvite"), ("account", &lost.to_string())]).await;
    let secret = told.body.split_once("/invitation/").unwrap().1.split('<').next().unwrap();
    let mut guest = Browser::visit(house.app.clone()).await;
    let entered = guest.post(&format!("/invitation/{secret}"), &[("password", NEW)]).await;
    assert_eq!(entered.status, 303, "{}", entered.body);
    assert_eq!(guest.get("/work").await.status, 200);
    let closed = head.post(&unit, &[("do", "close"), ("account", &lost.to_string())]).await;
    assert!(head.get(closed.header("location")).await.body.contains("Đã khóa tài khoản"));
    assert_eq!(guest.get("/work").await.status, 303, "a closed account goes on");
    assert_eq!(house.enters("vh-xh@a.example", NEW).await.status, 422);
    head.post(&unit, &[("do", "open"), ("account", &lost.to_string())]).await;
    assert_eq!(house.enters("vh-xh@a.example", NEW).await.status, 303);
    // Nobody closes, or invites anew, whoever is above them or elsewhere.
    for other in ["bcd@t.example", "ct@b.example"] {
        let other = house.world.person(other).to_string();
        for what in ["close", "reinvite"] {
            assert_eq!(head.post(&unit, &[("do", what), ("account", &other)]).await.status, 403, "{what}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn people_of_elsewhere_are_not_taken_in_by_their_address() {
    let house = House::new().await;
    let unit = house.unit("A");
    let position = house.world.store.state().positions_of(unit)[0].id.to_string();
    let mut head = house.browser("qt@a.example").await;
    let form = [("do", "invite"), ("login", "ct@b.example"), ("name", "Người Mẫu"), ("position", position.as_str())];
    let refused = head.post(&format!("/units/{unit}"), &form).await;
    assert!(refused.status == 422 && refused.body.contains("người quản lý cấp trên"), "{}", refused.body);
    assert!(!head.get(&format!("/units/{unit}")).await.body.contains("ct@b.example"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_typed_is_shown_again_with_the_way_back() {
    let house = House::new().await;
    let sheet = house.world.sheet("A");
    let mut official = house.browser("vh-xh@a.example").await;
    let words = "Đã đối chiếu với danh sách của tổ công nghệ số. ".repeat(600);
    let remarks = format!("/sheets/{sheet}/entries/I.5.2/remarks");
    let refused = official.post(&remarks, &[("words", &words)]).await;
    assert_eq!(refused.status, 422);
    assert!(refused.body.contains("href=\"#words\"") && refused.body.contains(words.trim()), "{}", refused.body);
    assert!(refused.body.contains(&format!("data-page=\"/sheets/{sheet}/entries/I.5.2\"")), "{}", refused.body);
    // The language switch leads to a page, not to where only forms go.
    assert!(!refused.body.contains(&format!("name=\"to\" value=\"{remarks}\"")));
    // A session that ended meanwhile.
    official.cookies.insert("thuocdo".to_owned(), "0".repeat(64));
    let over = official.post(&remarks, &[("words", "Một ý kiến dài")]).await;
    assert_eq!(over.status, 401);
    assert!(over.body.contains("Một ý kiến dài") && over.body.contains("/sign-in?to="), "{}", over.body);
    // Passwords are nobody's to show.
    let mut guest = Browser::visit(house.app.clone()).await;
    let answer = guest.post("/sign-in", &[("login", "x@a.example"), ("password", OLD)]).await;
    assert!(!answer.body.contains(OLD));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_framework_refuses_is_told_in_the_readers_language() {
    let house = House::new().await;
    let sheet = house.world.sheet("A");
    let mut official = house.browser("vh-xh@a.example").await;
    for (method, path, body, status, words) in [
        ("GET", "/sheets/abc".to_owned(), "", 400, "có chỗ không đọc được"),
        ("GET", format!("/rounds/{}/insights?level=x", house.world.round), "", 400, "có chỗ không đọc được"),
        ("GET", format!("/sheets/{sheet}/unlock"), "", 405, "chỉ nhận biểu mẫu"),
        ("GET", "/khong/co".to_owned(), "", 404, "Không có trang này"),
    ] {
        let answer = official.send(method, &path, "text/plain", body.as_bytes()).await;
        assert_eq!(answer.status, status, "{path}");
        assert!(answer.body.contains(words) && answer.body.contains("</html>"), "{path}: {}", answer.body);
    }
    let large = format!("words={}", "x".repeat(3 * 1024 * 1024));
    let path = format!("/sheets/{sheet}/entries/I.5.2/remarks");
    let kind = "application/x-www-form-urlencoded";
    let answer = official.send("POST", &path, kind, large.as_bytes()).await;
    assert!(answer.status == 413 && answer.body.contains("lớn hơn 2 MB"), "{}: {}", answer.status, answer.body);
    // Programs get Problem Details, as ever.
    let api = official.send("GET", "/api/v1/sheets/abc", "text/plain", b"").await;
    assert!(!api.body.contains("</html>"), "{}", api.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn scripts_are_no_evidence_whatever_they_say() {
    let house = House::new().await;
    let path = format!("/sheets/{}/entries/I.5.2/evidence", house.world.sheet("A"));
    let mut focal = house.browser("vp-tk@a.example").await;
    for name in ["x.bat", "x.hta", "x.pdf"] {
        let answer = focal.upload(&path, name, b"echo that is all").await;
        assert!(answer.status == 422 && answer.body.contains(name), "{name}: {}", answer.status);
    }
    assert_eq!(focal.upload(&path, "danh sách.txt", b"that is all").await.status, 303);
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_off_asks_whether_one_has_seen_what_is_missing_and_holds_once() {
    let house = House::new().await;
    let path = format!("/sheets/{}/submit", house.world.sheet("A"));
    let mut head = house.browser("ct@a.example").await;
    let page = head.get(&path).await.body;
    let hash = page.split("name=\"hash\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let refused = head.post(&path, &[("hash", &hash)]).await;
    assert!(refused.status == 422 && refused.body.contains("hãy xác nhận"), "{}", refused.body);
    for _ in 0..2 {
        let answer = head.post(&path, &[("hash", &hash), ("known", "yes")]).await;
        assert!(answer.status == 303 && answer.header("location").ends_with("/receipt"), "{}", answer.body);
    }
}
