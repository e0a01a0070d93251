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
