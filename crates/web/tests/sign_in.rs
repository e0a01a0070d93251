//! The door that people come in by: guesses, forms of other sites, ways back, invitations, the second factor, and what
//! somebody who manages people may not give themselves.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

#[allow(dead_code, reason = "each file of tests uses its own part of what is shared")]
mod common;

use std::sync::Arc;

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use common::{Answer, Pages};
use cycle::Capability;
use store::Command;
use store::command::NewPerson;

const PASSWORD: &str = "con thuyền xanh ra khơi";
const CODED: &str = "con+thuy%E1%BB%81n+xanh+ra+kh%C6%A1i";
/// Another password, as forms send it.
const OTHER: &str = "ba+cay+chum+lai+ben+song+Huong";
const LOGIN: &str = "ct@a.example";

/// The small province, with a password for unit A's head.
async fn with_password() -> Pages {
    let pages = Pages::new().await;
    let account = pages.world.person(LOGIN);
    let hash = web::passwords::hash(PASSWORD).unwrap();
    pages.world.operator(Command::SetPassword { account, hash }).await;
    pages
}

/// Somebody in unit A who may do everything there.
async fn manager(pages: &Pages) -> String {
    let unit = pages.world.unit("A");
    let capabilities = Capability::ALL.into_iter().collect();
    let (code, name) = ("QT".to_owned(), "Quản trị A".to_owned());
    pages.world.operator(Command::AddPosition { unit, code, name, capabilities }).await;
    let position = pages.world.store.state().positions_of(unit).last().unwrap().id;
    let person = NewPerson {
        login: "qt@a.example".to_owned(),
        name: "Người quản lý mẫu".to_owned(),
        position: Some(position),
        from: "2023-01-01".parse().unwrap(),
        invitation: None,
        calendar: "calendar of qt@a.example".to_owned(),
    };
    pages.world.operator(Command::AddPerson(person)).await;
    pages.cookie("qt@a.example").await
}

fn session(answer: &Answer) -> String {
    let cookies = answer.headers.get_all(header::SET_COOKIE).iter().map(|value| value.to_str().unwrap());
    let session = cookies.map(|one| one.split(';').next().unwrap()).find(|one| one.starts_with("thuocdo="));
    session.unwrap_or_else(|| panic!("{}: nobody was signed in: {}", answer.status, answer.body)).to_owned()
}

/// The link of an invitation on a page, from its path on.
fn link(page: &str) -> String {
    let at = page.find("/invitation/").unwrap_or_else(|| panic!("no invitation in {page}"));
    page[at..].split('<').next().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn guesses_that_come_together_are_counted_one_by_one() {
    let pages = Arc::new(with_password().await);
    let tries: Vec<_> = (0..20)
        .map(|_| {
            let pages = Arc::clone(&pages);
            tokio::spawn(async move { pages.post("", "/sign-in", "login=ct%40a.example&password=sai").await })
        })
        .collect();
    let mut looked_at = 0;
    for one in tries {
        let answer = one.await.unwrap();
        assert!(matches!(answer.status.as_u16(), 422 | 503), "{}: {}", answer.status, answer.body);
        looked_at += usize::from(answer.body.contains("mật khẩu không đúng"));
    }
    // Five, and one more for each wait that a slow machine sits out.
    assert!((5..10).contains(&looked_at), "{looked_at} guesses were looked at");
    let right = format!("login=ct%40a.example&password={CODED}");
    assert!(pages.post("", "/sign-in", &right).await.body.contains("Sai quá nhiều lần"));
    // What was guessed of logins that there are not is forgotten again.
    pages.post("", "/sign-in", "login=khong-co%40a.example&password=sai").await;
    pages.app.set_now(common::world::at("2023-10-22T03:00:00Z"));
    assert_eq!(pages.post("", "/sign-in", &right).await.status, StatusCode::SEE_OTHER);
    sqlx::any::install_default_drivers();
    let pool = sqlx::AnyPool::connect(&pages.world.url).await.unwrap();
    let left: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM attempt").fetch_one(&pool).await.unwrap();
    assert_eq!(left, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn other_sites_sign_nobody_in() {
    let pages = with_password().await;
    let right = format!("login=ct%40a.example&password={CODED}");
    let posted = |path: &str, headers: &[(&str, &str)], body: &str| {
        let mut request = Request::post(path).header(header::HOST, "thuocdo.example");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let kind = if path.starts_with("/api") { "application/json" } else { "application/x-www-form-urlencoded" };
        request.header(header::CONTENT_TYPE, kind).body(Body::from(body.to_owned())).unwrap()
    };
    let foreign = [("sec-fetch-site", "cross-site"), ("sec-fetch-site", "same-site"), ("origin", "null")];
    for sign in foreign.into_iter().chain([("origin", "https://evil.example"), ("referer", "https://evil.example/")]) {
        for (path, body) in
            [("/sign-in", right.as_str()), ("/language", "language=en&to=/"), ("/api/v1/notices/read", "{}")]
        {
            let answer = pages.send(posted(path, &[sign], body)).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path} {sign:?}: {}", answer.body);
            assert!(!answer.headers.contains_key(header::SET_COOKIE));
        }
    }
    // A browser's own form, and a program that says nothing of where it comes from.
    for sign in [&[("sec-fetch-site", "same-origin")][..], &[("origin", "http://thuocdo.example")], &[]] {
        assert_eq!(pages.send(posted("/sign-in", sign, &right)).await.status, StatusCode::SEE_OTHER, "{sign:?}");
    }
    // No site can make a browser send a token: with one, a program may say what it likes.
    let token = web::app::secret().unwrap();
    let (account, now) = (pages.world.person(LOGIN), pages.app.now());
    let scopes = store::tokens::TokenScope::ALL;
    assert!(pages.world.store.add_token(&token, account, "phép thử", &scopes, now, None).await.unwrap());
    let bearer = format!("Bearer {token}");
    let signs = [("authorization", bearer.as_str()), ("origin", "https://tools.example")];
    assert_eq!(pages.send(posted("/api/v1/notices/read", &signs, "{}")).await.status, StatusCode::OK);
    assert_eq!(pages.send(posted("/sign-in", &signs, &right)).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_way_back_leads_to_pages_of_ours_only() {
    let pages = with_password().await;
    for to in [
        "/%09/evil.example",
        "/%5Cevil.example",
        "//evil.example",
        "/%01",
        "/%C2%85",
        "/%7F",
        "https://evil.example",
        "/%0A",
    ] {
        let form = format!("login=ct%40a.example&password={CODED}&to={to}");
        let entered = pages.post("", "/sign-in", &form).await;
        assert_eq!(entered.status, StatusCode::SEE_OTHER, "{to}: {}", entered.body);
        assert!(
            entered.location.starts_with("/rounds") || entered.location == "/account",
            "{to}: {}",
            entered.location
        );
        let turned = pages.post("", "/language", &format!("language=en&to={to}")).await;
        assert_eq!((turned.status, turned.location.as_str()), (StatusCode::SEE_OTHER, "/"), "{to}");
    }
    let turned = pages.post("", "/language", "language=en&to=/ranking%3Ffind%3Dhu%E1%BA%BF").await;
    assert_eq!((turned.status, turned.location.as_str()), (StatusCode::SEE_OTHER, "/ranking?find=hu%E1%BA%BF"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_ended_position_stays_ended() {
    let pages = Pages::new().await;
    let manager = manager(&pages).await;
    let account = pages.world.person("vp-tk@a.example");
    let state = pages.world.store.state();
    let holding = state.holdings.values().find(|one| one.account == account).unwrap().id;
    drop(state);
    let end = |to: &str| Command::EndHolding { holding, to: to.parse().unwrap() };
    let asks = |to: &str| pages.app.store.change(pages.world.actor("qt@a.example"), pages.app.now(), end(to));
    // A first end may lie ahead, an earlier one follows it; nothing leads back.
    asks("2023-12-31").await.unwrap();
    asks("2023-10-19").await.unwrap();
    for to in ["2099-12-31", "2023-10-20"] {
        let refused = asks(to).await.unwrap_err();
        assert!(format!("{refused:?}").contains("kết thúc"), "{refused:?}");
    }
    // Nor is it made to end before it began; that it never held can be said.
    assert!(asks("2022-12-30").await.is_err());
    asks("2022-12-31").await.unwrap();
    // Given today by mistake, taken back today.
    let unit = pages.world.unit("A");
    let position = pages.world.store.state().positions_of(unit).first().unwrap().id;
    let form = format!("do=invite&login=vh-xh%40a.example&name=x&position={position}");
    assert_eq!(pages.post(&manager, &format!("/units/{unit}"), &form).await.status, StatusCode::SEE_OTHER);
    let account = pages.world.person("vh-xh@a.example");
    let held =
        || pages.world.store.state().held_by(account).filter(|one| one.on("2023-10-20".parse().unwrap())).count();
    assert_eq!(held(), 2);
    let last = pages.world.store.state().held_by(account).map(|one| one.id).max().unwrap();
    let taken = pages.post(&manager, &format!("/units/{unit}"), &format!("do=end&holding={last}")).await;
    assert_eq!((taken.status, held()), (StatusCode::SEE_OTHER, 1), "{}", taken.body);
}

/// A position that begins tomorrow counts today: else whoever manages people takes the account over the day before.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_invites_again_who_will_be_above_them() {
    let pages = Pages::new().await;
    let manager = manager(&pages).await;
    let unit = format!("/units/{}", pages.world.unit("A"));
    let account = pages.world.person("vh-xh@a.example");
    let form = format!("do=reinvite&account={account}");
    assert!(pages.post(&manager, &unit, &form).await.status != StatusCode::FORBIDDEN);
    let position = pages.world.store.state().positions_of(pages.world.unit("T"))[0].id;
    let from = "2023-11-01".parse().unwrap();
    pages.world.operator(Command::Hold { position, account, from, to: None }).await;
    assert_eq!(pages.post(&manager, &unit, &form).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_invitation_that_is_accepted_throws_everybody_else_out() {
    let pages = with_password().await;
    let manager = manager(&pages).await;
    let unit = format!("/units/{}", pages.world.unit("A"));
    let account = pages.world.person("vh-xh@a.example");
    let stranger = pages.cookie("vh-xh@a.example").await;
    let token = web::app::secret().unwrap();
    let scopes = store::tokens::TokenScope::ALL;
    assert!(pages.world.store.add_token(&token, account, "phép thử", &scopes, pages.app.now(), None).await.unwrap());
    let invited = async || {
        let told = pages.post(&manager, &unit, &format!("do=reinvite&account={account}")).await;
        assert_eq!(told.status, StatusCode::OK, "the link stands in an address: {}", told.location);
        link(&told.body)
    };
    let (first, second) = (invited().await, invited().await);
    // The one that was lost is worth nothing from the moment on when another is made.
    assert_eq!(pages.get("", &first).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(pages.get(&stranger, "/work").await.status, StatusCode::OK);
    let entered = pages.post("", &second, &format!("password={OTHER}")).await;
    let own = session(&entered);
    assert_eq!(pages.get(&stranger, "/work").await.status, StatusCode::SEE_OTHER, "another session goes on");
    assert_eq!(pages.get(&own, "/work").await.status, StatusCode::OK);
    assert!(pages.world.store.token(&token, pages.app.now()).await.unwrap().is_none(), "a token goes on");
    // It says so before, to whoever has been here already.
    let third = invited().await;
    assert!(pages.get("", &third).await.body.contains("mọi phiên"));
    // A closed account is not entered by one either.
    pages.world.operator(Command::Disable { account, disabled: true }).await;
    let refused = pages.post("", &third, &format!("password={OTHER}")).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    pages.world.operator(Command::Disable { account, disabled: false }).await;
    assert_eq!(pages.get("", &third).await.status, StatusCode::UNPROCESSABLE_ENTITY, "it outlived the closing");
}

#[test]
fn common_passwords_are_refused() {
    let common = [
        "abcdefghijkl",
        "1q2w3e4r5t6y",
        "asdfghjkl123",
        "Passw0rd1234",
        "Abc@12345678",
        "Matkhau@2023",
        "mật khẩu 123456",
        "AnhYeuEm2023",
        "Vietnam@123456",
        "qwerty123456",
        "1234567890qw",
        "Khongbiet@123",
        "thuathienhue1",
        "Chuyendoiso@2023",
        "nguyenvanan1990",
        "Hanoi@123456",
    ];
    let taken: Vec<_> =
        common.iter().filter(|one| web::passwords::weakness(one, &["lan@tinh.example"]).is_none()).collect();
    assert!(taken.is_empty(), "{taken:?}");
    let own = ["lan.nguyen@tinh.example", "Nguyễn Thị Hương Lan", "Xã Hòa Bình"];
    for known in ["lan.nguyen2023", "HuongLan@1985!", "xahoabinh@2025", "hoabinh.lan.tinh"] {
        assert!(web::passwords::weakness(known, &own).is_some(), "{known}");
    }
    for fine in
        [PASSWORD, "ba cay chum lai ben song Huong", "một câu dài dễ nhớ lắm", "Rổ cam vàng trên mái", "tK8#vw2!pQz$"]
    {
        assert_eq!(web::passwords::weakness(fine, &["lan@tinh.example"]), None, "{fine}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_password_that_others_can_tell_is_refused_at_every_door() {
    let pages = with_password().await;
    let manager = manager(&pages).await;
    let unit = format!("/units/{}", pages.world.unit("A"));
    let account = pages.world.person("vh-xh@a.example");
    let told = pages.post(&manager, &unit, &format!("do=reinvite&account={account}")).await;
    let refused = pages.post("", &link(&told.body), "password=donvimaua%402023").await;
    assert!(refused.status == 422 && refused.body.contains("đơn vị của bạn"), "{}", refused.body);
    let cookie = pages.cookie(LOGIN).await;
    let refused = pages.post(&cookie, "/account/password", &format!("old={CODED}&new=Passw0rd1234")).await;
    assert!(refused.status == 422 && refused.body.contains("quá dễ đoán"), "{}", refused.body);
}

/// Nobody fills the memory by asking: who finds no place to compare a password at is told so, and has not guessed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn passwords_are_compared_a_few_at_a_time() {
    let pages = with_password().await;
    let mut turns = Vec::new();
    for _ in 0..web::passwords::TOGETHER_MAX {
        turns.push(pages.app.hashing.turn().await.unwrap());
    }
    let right = format!("login=ct%40a.example&password={CODED}");
    for _ in 0..2 {
        let (first, second) = tokio::join!(pages.post("", "/sign-in", &right), pages.post("", "/sign-in", &right));
        for answer in [first, second] {
            assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{}", answer.body);
            assert!(answer.body.contains("quá nhiều người đăng nhập cùng lúc") && answer.body.contains("</html>"));
        }
    }
    drop(turns);
    assert_eq!(pages.post("", "/sign-in", &right).await.status, StatusCode::SEE_OTHER);
}

/// The value of a field of the second factor's form.
fn field(page: &str, name: &str) -> String {
    let at = page.split(&format!("name=\"{name}\" value=\"")).nth(1).unwrap_or_else(|| panic!("no {name}: {page}"));
    at.split('"').next().unwrap().to_owned()
}

/// The code that an authenticator with this key shows now.
fn code(pages: &Pages, key: &str) -> String {
    let secret = totp_rs::Secret::try_from_base32(key).unwrap();
    let totp = totp_rs::Builder::new().with_secret(secret).build().unwrap();
    totp.generate(u64::try_from(pages.app.now().as_second()).unwrap()).to_string()
}

fn later(pages: &Pages, seconds: i64) {
    pages.app.set_now(pages.app.now().checked_add(jiff::SignedDuration::from_secs(seconds)).unwrap());
}

/// Turns the second factor on; gives the key and the recovery codes.
async fn set_up(pages: &Pages, cookie: &str) -> (String, String) {
    let page = pages.get(cookie, "/account?setup").await.body;
    assert!(page.contains("<svg class=\"qr\"") && page.contains("otpauth://totp/"), "{page}");
    let (key, codes) = (field(&page, "secret"), field(&page, "codes"));
    let coded = codes.replace(' ', "+");
    // A digit that was mistyped costs no new key.
    let wrong = pages.post(cookie, "/account/second-factor", &format!("secret={key}&codes={coded}&code=12")).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!((field(&wrong.body, "secret"), field(&wrong.body, "codes")), (key.clone(), codes.clone()));
    assert!(wrong.body.contains("href=\"#code\""), "{}", wrong.body);
    let form = format!("secret={key}&codes={coded}&code={}", code(pages, &key));
    let on = pages.post(cookie, "/account/second-factor", &form).await;
    assert_eq!(on.status, StatusCode::SEE_OTHER, "{}", on.body);
    (key, codes)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_code_works_once_and_only_its_owner_turns_it_off() {
    let pages = with_password().await;
    let cookie = pages.cookie(LOGIN).await;
    let (key, codes) = set_up(&pages, &cookie).await;
    let recovery: Vec<&str> = codes.split(' ').collect();
    let right = format!("login=ct%40a.example&password={CODED}&to=/notices%3Fa%3D1");
    let half = async || {
        let first = pages.post("", "/sign-in", &right).await;
        assert_eq!(
            (first.status, first.location.as_str()),
            (StatusCode::SEE_OTHER, "/sign-in/code?to=%2Fnotices%3Fa%3D1")
        );
        let cookies = first.headers.get_all(header::SET_COOKIE).iter().map(|value| value.to_str().unwrap());
        let half: Vec<_> = cookies.map(|one| one.split(';').next().unwrap().to_owned()).collect();
        assert!(half.len() == 1 && half[0].starts_with("thuocdo-half="), "{half:?}");
        half[0].clone()
    };
    let shows = async |half: &str, code: &str| {
        pages.post(half, "/sign-in/code", &format!("code={code}&to=/notices%3Fa%3D1")).await
    };
    // The code that turned it on was used.
    let waiting = half().await;
    let refused = shows(&waiting, &code(&pages, &key)).await;
    assert!(refused.status == 422 && refused.body.contains("đã dùng rồi"), "{}", refused.body);
    later(&pages, 30);
    let used = code(&pages, &key);
    let entered = shows(&waiting, &used).await;
    assert_eq!(
        (entered.status, entered.location.as_str()),
        (StatusCode::SEE_OTHER, "/notices?a=1"),
        "{}",
        entered.body
    );
    let session = session(&entered);
    let again = half().await;
    assert_eq!(shows(&again, &used).await.status, StatusCode::UNPROCESSABLE_ENTITY, "whoever looked on is in");
    later(&pages, 20);
    assert_eq!(shows(&again, &used).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(shows(&again, recovery[0]).await.status, StatusCode::SEE_OTHER);
    assert_eq!(shows(&half().await, recovery[0]).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    // Who finds a session open turns nothing off, nor puts an own key in its place.
    let off = async |code: &str| pages.post(&session, "/account/second-factor", &format!("off=yes&code={code}")).await;
    for guess in ["", "123456", recovery[0]] {
        assert_eq!(off(guess).await.status, StatusCode::UNPROCESSABLE_ENTITY, "{guess}");
    }
    let page = pages.get(&session, "/account?setup").await.body;
    let (other, codes) = (field(&page, "secret"), field(&page, "codes").replace(' ', "+"));
    let form = format!("secret={other}&codes={codes}&code={}", code(&pages, &other));
    assert_eq!(pages.post(&session, "/account/second-factor", &form).await.status, StatusCode::CONFLICT);
    assert!(pages.get(&session, "/account").await.body.contains("Mã dự phòng còn lại: 5"));
    assert_eq!(off(recovery[1]).await.status, StatusCode::SEE_OTHER);
    let entered = pages.post("", "/sign-in", &right).await;
    assert_eq!(entered.location, "/notices?a=1");
    assert_eq!(pages.world.store.audit().await.unwrap().faults, [""; 0]);
}

/// Guesses at codes that come together are counted one by one, whether the password is known or the session open.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn codes_are_not_guessed_in_crowds() {
    let pages = Arc::new(with_password().await);
    let cookie = pages.cookie(LOGIN).await;
    set_up(&pages, &cookie).await;
    let tries: Vec<_> = (0..20)
        .map(|at| {
            let (pages, cookie) = (Arc::clone(&pages), cookie.clone());
            let form = format!("off=yes&code={:06}", 100_000 + at);
            tokio::spawn(async move { pages.post(&cookie, "/account/second-factor", &form).await.body })
        })
        .collect();
    let mut looked_at = 0;
    for one in tries {
        looked_at += usize::from(one.await.unwrap().contains("Mã xác thực không đúng"));
    }
    assert!((5..10).contains(&looked_at), "{looked_at} guesses were looked at");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_lost_the_phone_is_let_in_again_by_whoever_oversees_them() {
    let pages = with_password().await;
    let manager = manager(&pages).await;
    let unit = format!("/units/{}", pages.world.unit("A"));
    let account = pages.world.person(LOGIN);
    let form = format!("do=reset-second-factor&account={account}");
    assert_eq!(pages.post(&manager, &unit, &form).await.status, StatusCode::UNPROCESSABLE_ENTITY, "there is none");
    let cookie = pages.cookie(LOGIN).await;
    let (key, _) = set_up(&pages, &cookie).await;
    // An invitation does not go past it.
    let told = pages.post(&manager, &unit, &format!("do=reinvite&account={account}")).await;
    let invitation = link(&told.body);
    assert!(pages.get("", &invitation).await.body.contains("name=\"code\""));
    let without = pages.post("", &invitation, &format!("password={OTHER}")).await;
    assert!(without.status == 422 && without.body.contains("href=\"#code\""), "{}", without.body);
    let right = format!("login=ct%40a.example&password={CODED}");
    assert!(pages.post("", "/sign-in", &right).await.location.starts_with("/sign-in/code"), "the password was set");
    later(&pages, 30);
    let entered = pages.post("", &invitation, &format!("password={OTHER}&code={}", code(&pages, &key))).await;
    let phone = session(&entered);
    // Neither oneself nor a colleague takes it off without a code, but who oversees.
    for other in [phone.clone(), pages.cookie("vp-tk@a.example").await, pages.cookie("bcd@t.example").await] {
        assert_eq!(pages.post(&other, &unit, &form).await.status, StatusCode::FORBIDDEN);
    }
    assert!(pages.get(&manager, &unit).await.body.contains("gỡ xác thực hai lớp"));
    let taken = pages.post(&manager, &unit, &form).await;
    assert_eq!(taken.status, StatusCode::SEE_OTHER, "{}", taken.body);
    assert!(pages.get(&manager, &taken.location).await.body.contains("Đã gỡ xác thực hai lớp"));
    assert_eq!(pages.get(&phone, "/work").await.status, StatusCode::SEE_OTHER, "the phone that was lost goes on");
    let entered = pages.post("", "/sign-in", &format!("login=ct%40a.example&password={OTHER}")).await;
    let notices = pages.get(&session(&entered), "/notices").await.body;
    assert!(notices.contains("Xác thực hai lớp của bạn đã được gỡ"), "{notices}");
    assert_eq!(pages.world.store.audit().await.unwrap().faults, [""; 0]);
}

/// A token that was stolen makes no way in of itself, neither by an invitation for its own account nor by its calendar.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_invites_nobody_to_its_own_account() {
    let pages = Pages::new().await;
    let account = pages.world.person(LOGIN);
    let (token, expires) = ("0".repeat(64), i64::MAX);
    let invite = Command::Invite { account, token, expires };
    let refused = pages.app.store.change(pages.world.actor(LOGIN), pages.app.now(), invite).await;
    assert!(matches!(refused, Err(store::Refusal::Denied(_))), "{refused:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_calendar_gets_another_address() {
    let pages = Pages::new().await;
    let cookie = pages.cookie("vh-xh@a.example").await;
    let made = async || {
        let page = pages.post(&cookie, "/work", "").await;
        let at = page.body.split("http://thuocdo.example/calendar/").nth(1).unwrap_or_else(|| panic!("{}", page.body));
        format!("/calendar/{}", at.split('<').next().unwrap())
    };
    let (first, second) = (made().await, made().await);
    assert_eq!(pages.get("", &first).await.status, StatusCode::NOT_FOUND);
    assert!(pages.get("", &second).await.body.starts_with("BEGIN:VCALENDAR"));
    // What is kept opens nothing, and is not shown.
    let kept = pages.world.store.state().accounts[&pages.world.person("vh-xh@a.example")].calendar.clone();
    assert!(!second.contains(&kept) && !pages.get(&cookie, "/work").await.body.contains("/calendar/"));
    assert_eq!(pages.get("", &format!("/calendar/{kept}.ics")).await.status, StatusCode::NOT_FOUND);
}

/// Ending a session is an event: every copy of the program that hears of it looks the session up again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_that_is_ended_ends_at_once_on_every_copy() {
    let pages = Pages::new().await;
    let store = store::Store::open(&pages.world.url, pages.world.folder.path().join("evidence")).await.unwrap();
    let other = web::App::new(store, web::Library::default(), false);
    other.set_now(pages.app.now());
    let cookies = [pages.cookie("vp-tk@a.example").await, pages.cookie("vp-tk@a.example").await];
    let there = async |cookie: &str| {
        let request = Request::get("/work").header(header::COOKIE, cookie).body(Body::empty()).unwrap();
        tower::ServiceExt::oneshot(web::router(other.clone()), request).await.unwrap().status()
    };
    for cookie in &cookies {
        assert_eq!(there(cookie).await, StatusCode::OK);
    }
    assert_eq!(pages.post(&cookies[0], "/account/sessions", "token=others").await.status, StatusCode::SEE_OTHER);
    assert_eq!((there(&cookies[0]).await, there(&cookies[1]).await), (StatusCode::OK, StatusCode::SEE_OTHER));
    assert_eq!(pages.post(&cookies[0], "/sign-out", "").await.status, StatusCode::SEE_OTHER);
    assert_eq!(there(&cookies[0]).await, StatusCode::SEE_OTHER);
    assert_eq!(pages.world.store.audit().await.unwrap().faults, [""; 0]);
}

/// What the log says of requests, as one text.
#[derive(Clone, Default)]
struct Logged(Arc<std::sync::Mutex<String>>);

impl tracing::field::Visit for Logged {
    fn record_debug(&mut self, field: &tracing::field::Field, value: &dyn std::fmt::Debug) {
        self.0.lock().unwrap().push_str(&format!("{field}={value:?} "));
    }
}

impl tracing::Subscriber for Logged {
    fn enabled(&self, _: &tracing::Metadata<'_>) -> bool {
        true
    }
    fn new_span(&self, _: &tracing::span::Attributes<'_>) -> tracing::span::Id {
        tracing::span::Id::from_u64(1)
    }
    fn record(&self, _: &tracing::span::Id, _: &tracing::span::Record<'_>) {}
    fn record_follows_from(&self, _: &tracing::span::Id, _: &tracing::span::Id) {}
    fn event(&self, event: &tracing::Event<'_>) {
        event.record(&mut self.clone());
    }
    fn enter(&self, _: &tracing::span::Id) {}
    fn exit(&self, _: &tracing::span::Id) {}
}

#[tokio::test]
async fn no_secret_of_an_address_is_logged() {
    let pages = Pages::new().await;
    let logged = Logged::default();
    let here = tracing::subscriber::set_default(logged.clone());
    pages.get("", "/invitation/0123456789abcdef").await;
    pages.get("", "/calendar/0123456789abcdef0123456789abcdef.ics?x=0123456789abcdef").await;
    pages.get("", "/invitations/0123456789abcdef").await;
    drop(here);
    let text = logged.0.lock().unwrap().clone();
    assert!(text.contains("/invitation/{secret}") && text.contains("/calendar/{file}"), "{text}");
    assert!(!text.contains("0123456789abcdef"), "{text}");
}
