//! Signing in with the organisation's account, at a provider from other hands: the right person comes in, and nobody by
//! a word that the provider did not give, or gave for somebody else.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

mod house;

use std::sync::Arc;

use house::world::World;
use house::{Answer, Browser, Peer, coded};
use store::Command;
use tokio::net::TcpListener;
use web::openid::Provider;
use web::{App, Library};

const SQLITE: &str = "sqlite://FOLDER/thuocdo.sqlite?mode=rwc";

struct House {
    world: World,
    app: App,
    host: String,
    provider: Option<Peer>,
    issuer: String,
}

impl House {
    /// The pages, and the provider that they know by the address they come back to.
    async fn new() -> Self {
        let world = World::new(SQLITE).await;
        let provider = Peer::start("identity_provider.py", &[]);
        let issuer = format!("127.0.0.1:{}", provider.line()["port"]);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let host = listener.local_addr().unwrap().to_string();
        let mut app = App::new(world.store.clone(), Library::default(), false);
        let made = Provider::new(&format!("http://{issuer}"), "thuocdo", "a secret\n", &format!("http://{host}/"));
        app.openid = Some(Arc::new(made.unwrap()));
        let router = web::router(app.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { world, app, host, provider: Some(provider), issuer }
    }

    fn browser(&self) -> Browser {
        Browser { host: self.host.clone(), cookies: Default::default() }
    }

    /// Leaves for the provider, says there who one is, and gives the way back.
    async fn away(&self, browser: &mut Browser, sub: &str) -> String {
        let left = browser.get("/sign-in/openid?to=/notices").await;
        assert_eq!(left.status, 303, "{}", left.body);
        let address = left.header("location").to_owned();
        assert!(address.contains("code_challenge_method=S256") && address.contains("nonce="), "{address}");
        let there = address.strip_prefix(&format!("http://{}", self.issuer)).unwrap();
        let mut provider = Browser { host: self.issuer.clone(), cookies: Default::default() };
        let back = provider.post(there, &[("sub", sub)]).await;
        assert_eq!(back.status, 302, "{}", back.body);
        back.header("location").strip_prefix(&format!("http://{}", self.host)).unwrap().to_owned()
    }

    async fn enter(&self, sub: &str) -> (Browser, Answer) {
        let mut browser = self.browser();
        let back = self.away(&mut browser, sub).await;
        let answer = browser.get(&back).await;
        (browser, answer)
    }
}

fn is_refused(browser: &Browser, answer: &Answer, words: &str) {
    assert_eq!(answer.status, 422, "{}", answer.body);
    assert!(answer.body.contains(words), "{words}: {}", answer.body);
    assert!(!browser.cookies.contains_key("thuocdo"), "nobody is signed in");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_known_person_comes_in_and_lands_where_they_wanted_to() {
    let house = House::new().await;
    let page = house.browser().get("/sign-in?to=/notices").await;
    assert!(page.body.contains("href=\"/sign-in/openid?to=/notices\""), "{}", page.body);
    let (mut browser, answer) = house.enter("known").await;
    assert_eq!((answer.status, answer.header("location")), (303, "/notices"), "{}", answer.body);
    assert_eq!(browser.get("/notices").await.status, 200);
    assert!(browser.get("/account").await.body.contains("vh-xh@a.example"));
}

#[tokio::test(flavor = "multi_thread")]
async fn only_verified_addresses_of_open_accounts_count() {
    let house = House::new().await;
    let account = house.world.person("ca@a.example");
    house.world.operator(Command::Disable { account, disabled: true }).await;
    let (browser, answer) = house.enter("unverified").await;
    is_refused(&browser, &answer, "chưa có địa chỉ thư điện tử đã xác minh");
    for sub in ["stranger", "closed"] {
        let (browser, answer) = house.enter(sub).await;
        is_refused(&browser, &answer, "Không có tài khoản với địa chỉ thư này");
    }
}

/// The provider's word takes the place of the password only: the second factor is asked for, by this browser, in time.
#[tokio::test(flavor = "multi_thread")]
async fn a_second_factor_is_owed_after_the_provider() {
    let house = House::new().await;
    let account = house.world.person("vh-xh@a.example");
    let codes = ["aaaa-bbbb", "cccc-dddd"];
    let secret = Some(("00".repeat(20), codes.iter().map(|code| store::sessions::kept(code)).collect()));
    house.world.operator(Command::SetSecondFactor { account, secret }).await;
    let (mut browser, answer) = house.enter("known").await;
    assert_eq!((answer.status, answer.header("location")), (303, "/sign-in/code?to=/notices"), "{}", answer.body);
    assert!(!browser.cookies.contains_key("thuocdo"), "nobody is signed in yet");
    let half = browser.cookies.clone();
    let page = browser.get("/sign-in/code?to=/notices").await;
    assert!(page.status == 200 && page.body.contains("Còn lớp thứ hai"), "{}", page.body);
    // A wrong code, and a browser that never was at the provider.
    let answer = browser.post("/sign-in/code", &[("code", "12345"), ("to", "/notices")]).await;
    is_refused(&browser, &answer, "Mã xác thực không đúng");
    let mut other = house.browser();
    let answer = other.post("/sign-in/code", &[("code", codes[0])]).await;
    is_refused(&other, &answer, "hãy đăng nhập lại");
    let answer = browser.post("/sign-in/code", &[("code", codes[0]), ("to", "/notices")]).await;
    assert_eq!((answer.status, answer.header("location")), (303, "/notices"), "{}", answer.body);
    assert_eq!(browser.get("/notices").await.status, 200);
    // What was owed is owed once.
    browser.cookies = half;
    let answer = browser.post("/sign-in/code", &[("code", codes[1])]).await;
    is_refused(&browser, &answer, "hãy đăng nhập lại");
    // Codes are not guessed at leisure, and an account that is closed stays outside.
    let (mut browser, _) = house.enter("known").await;
    for _ in 0..6 {
        browser.post("/sign-in/code", &[("code", "1")]).await;
    }
    let answer = browser.post("/sign-in/code", &[("code", codes[1])]).await;
    is_refused(&browser, &answer, "Sai quá nhiều lần");
    house.world.operator(Command::Disable { account, disabled: true }).await;
    let answer = browser.post("/sign-in/code", &[("code", codes[1])]).await;
    is_refused(&browser, &answer, "hãy đăng nhập lại");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_way_back_serves_only_who_left_and_only_once() {
    let mut house = House::new().await;
    let failed = "Chưa đăng nhập được bằng tài khoản cơ quan";
    // Somebody else's browser, with or without a journey of its own.
    let back = house.away(&mut house.browser(), "known").await;
    let mut other = house.browser();
    let answer = other.get(&back).await;
    is_refused(&other, &answer, failed);
    house.away(&mut other, "known").await;
    let answer = other.get(&back).await;
    is_refused(&other, &answer, failed);
    // Another nonce, or another verifier, than the one that left.
    for place in [1, 2] {
        let mut browser = house.browser();
        let back = house.away(&mut browser, "known").await;
        let mut parts: Vec<String> = browser.cookies["thuocdo-openid"].split('.').map(str::to_owned).collect();
        parts[place] = "x".repeat(43);
        browser.cookies.insert("thuocdo-openid".to_owned(), parts.join("."));
        let answer = browser.get(&back).await;
        is_refused(&browser, &answer, failed);
    }
    // The same code a second time.
    let mut browser = house.browser();
    let back = house.away(&mut browser, "known").await;
    let kept = browser.cookies.clone();
    assert_eq!(browser.get(&back).await.status, 303);
    browser.cookies = kept;
    let answer = browser.get(&back).await;
    is_refused(&browser, &answer, failed);
    // A provider that says no, and one that is not there.
    let answer = browser.get(&format!("/sign-in/openid/back?error=access_denied&state={}", coded("x"))).await;
    is_refused(&browser, &answer, failed);
    drop(house.provider.take());
    let answer = browser.get("/sign-in/openid").await;
    is_refused(&browser, &answer, failed);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_provider_there_is_no_such_page() {
    let mut house = House::new().await;
    house.app.openid = None;
    let mut browser = Browser::visit(house.app.clone()).await;
    assert!(!browser.get("/sign-in").await.body.contains("openid"));
    assert_eq!(browser.get("/sign-in/openid").await.status, 404);
    assert_eq!(browser.get("/sign-in/openid/back?code=x&state=x").await.status, 404);
}
