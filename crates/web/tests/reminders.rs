//! Reminders reach the right people with the right words, once, through a real mail server; one that was down is
//! tried again.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

mod house;

use std::sync::Arc;

use house::world::{World, at};
use house::{Browser, Peer};
use serde_json::Value as Json;
use store::{Actor, Command};
use web::mail::Mailer;
use web::{App, Library, reminders};

const SQLITE: &str = "sqlite://FOLDER/thuocdo.sqlite?mode=rwc";

fn app(world: &World, port: u64) -> App {
    let mut app = App::new(world.store.clone(), Library::default(), true);
    let mailer = Mailer::new(&format!("smtp://127.0.0.1:{port}"), "Thước Đo <thuocdo@example.vn>").unwrap();
    app.mail = Some(Arc::new(mailer));
    app.public_url = Some("https://do.example.vn".to_owned());
    app
}

async fn pass(app: &App, when: &str) {
    app.set_now(at(when));
    reminders::keep(app).await.unwrap();
    reminders::work(app).await.unwrap();
}

/// The text of an e-mail, decoded as a mail program does.
fn text(content: &str) -> String {
    let (head, body) = content.split_once("\r\n\r\n").unwrap();
    assert!(head.contains("Content-Transfer-Encoding: quoted-printable"), "{head}");
    assert!(head.contains("Content-Type: text/plain; charset=utf-8"), "{head}");
    assert!(head.contains("Auto-Submitted: auto-generated"), "{head}");
    let body = body.replace("=\r\n", "");
    let mut bytes = Vec::new();
    let mut rest = body.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'=' {
            let code = [rest.next().unwrap(), rest.next().unwrap()];
            bytes.push(u8::from_str_radix(std::str::from_utf8(&code).unwrap(), 16).unwrap());
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).unwrap()
}

fn to(mail: &Json) -> &str {
    mail["to"][0].as_str().unwrap()
}

fn free_port() -> u64 {
    u64::from(std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port())
}

#[tokio::test(flavor = "multi_thread")]
async fn each_person_is_told_what_is_theirs_once_and_a_server_that_was_down_is_tried_again() {
    let world = World::new(SQLITE).await;
    let port = free_port();
    let app = app(&world, port);
    let person = world.person("vh-xh@a.example");
    let english = Command::SetLanguage { account: person, english: true };
    world.store.change(Actor::Operator, at("2023-10-20T02:00:00Z"), english).await.unwrap();

    // Seven days before 31 October, at seven in Viet Nam. The mail server is down.
    pass(&app, "2023-10-23T23:59:00Z").await;
    assert_eq!(world.store.notices(person).await.unwrap().len(), 0, "not before seven");
    pass(&app, "2023-10-24T00:00:00Z").await;
    assert_eq!(world.store.notices(person).await.unwrap().len(), 1, "the notice is there without any mail");

    // It comes up; the job is tried again a minute later. Two copies of the program do it at once.
    let server = Peer::start("mail_server.py", &[&port.to_string()]);
    assert_eq!(server.line()["port"], port);
    app.set_now(at("2023-10-24T00:01:01Z"));
    let copy = app.clone();
    let (one, other) = tokio::join!(reminders::work(&app), reminders::work(&copy));
    one.unwrap();
    other.unwrap();
    let mut mails = server.rest();
    while mails.len() < 4 {
        mails.push(server.line());
    }
    mails.sort_by_key(|mail| to(mail).to_owned());
    let people: Vec<&str> = mails.iter().map(to).collect();
    // Who was given nothing and fills in nothing is not written to.
    let expected = ["vh-xh@a.example", "vp-tk@a.example", "vp-tk@b.example", "vp-tk@c.example"];
    assert_eq!(people, expected);

    let own = mails[0]["content"].as_str().unwrap();
    assert!(own.contains("Subject: Indicators on 24/10/2023: 1 due in 7 days"), "{own}");
    let own = text(own);
    assert!(own.contains("Due in 7 days – Đơn vị mẫu A"), "{own}");
    assert!(own.contains("- I.5.2 "), "{own}");
    let path = format!("/sheets/{}/entries/I.5.2", world.sheet("A"));
    assert!(own.contains(&format!("  https://do.example.vn{path}\r\n")), "{own}");
    assert_eq!(own.matches("- I.").count(), 1, "{own}");
    let focal = text(mails[1]["content"].as_str().unwrap());
    assert!(focal.contains("Đến hạn trong 7 ngày – Đơn vị mẫu A"), "{focal}");
    assert!(!focal.contains("- I.5.2 "), "what somebody was given is not the focal point's: {focal}");

    // Nothing is told twice, by nobody, whenever it is asked for.
    pass(&app, "2023-10-24T05:00:00Z").await;
    pass(&app, "2023-10-25T00:00:00Z").await;
    assert!(server.rest().is_empty());
    let raw = world.store.notices(person).await.unwrap();
    assert_eq!(raw.len(), 1);

    // Late by a day.
    pass(&app, "2023-11-01T00:00:00Z").await;
    let late: Vec<Json> = (0..4).map(|_| server.line()).collect();
    let own = late.iter().find(|mail| to(mail) == "vh-xh@a.example").unwrap();
    assert!(text(own["content"].as_str().unwrap()).contains("1 day late – Đơn vị mẫu A"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_sent_back_is_told_the_next_morning_and_the_page_counts_and_marks_it() {
    let world = World::new(SQLITE).await;
    let mut app = app(&world, 1);
    app.mail = None;
    let now = at("2023-10-20T02:00:00Z");
    let (sheet, indicator) = (world.sheet("A"), "I.5.2".to_owned());
    let back = Command::SendBack { assessment: sheet, indicator, reason: "Thiếu văn bản\nkèm theo".to_owned() };
    let focal = world.actor("vp-tk@a.example");
    // Only what is ready can be sent back.
    let because = cycle::entry::Answer::NotDone { because: "Chưa làm".to_owned() };
    let change = store::command::EntryChange { answer: Some(because), ..Default::default() };
    let indicator = "I.5.2".to_owned();
    let save = Command::SaveEntry { assessment: sheet, indicator: indicator.clone(), version: 0, change };
    let saved = world.store.change(focal, now, save).await.unwrap();
    let ready = Command::MarkReady { assessment: sheet, indicator, version: saved.version.unwrap() };
    world.store.change(focal, now, ready).await.unwrap();
    world.store.change(focal, now, back).await.unwrap();

    pass(&app, "2023-10-21T00:00:00Z").await;
    let person = world.person("vh-xh@a.example");
    let mut browser = Browser::visit(app.clone()).await;
    browser.sign_in(&app, person).await;
    let page = browser.get("/notices").await;
    assert_eq!(page.status, 200);
    assert!(page.body.contains("Việc ngày 21/10/2023: 1 chỉ số bị trả lại, cần làm lại"), "{}", page.body);
    assert!(page.body.contains("Thiếu văn bản kèm theo"), "{}", page.body);
    assert!(page.body.contains(&format!("href=\"/sheets/{sheet}/entries/I.5.2\"")));
    assert!(browser.get("/work").await.body.contains("(1)</span>"));

    let id = world.store.notices(person).await.unwrap()[0].id.to_string();
    // Another person cannot mark it.
    let mut other = Browser { host: browser.host.clone(), cookies: Default::default() };
    other.sign_in(&app, world.person("ct@b.example")).await;
    assert_eq!(other.post("/notices", &[("notice", &id)]).await.status, 303);
    assert_eq!(world.store.unread(person).await.unwrap(), 1);
    assert_eq!(browser.post("/notices", &[("notice", &id)]).await.status, 303);
    let page = browser.get("/work").await;
    assert!(!page.body.contains("/notices"), "nothing to count, nothing to show");
    assert_eq!(browser.post("/notices", &[("notice", "x")]).await.status, 404);
}
