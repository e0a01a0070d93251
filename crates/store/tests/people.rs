//! People, positions and what is kept of what they say, on both engines.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

#[allow(dead_code, reason = "each file of tests uses its own part of what is shared")]
mod common;
#[macro_use]
#[path = "common/on_both.rs"]
mod on_both;

use std::collections::BTreeSet;

use common::{Cluster, World, now};
use cycle::{AccountId, Answer, Capability, PositionId};
use store::command::{EntryChange, NewPerson, Tenure};
use store::{Actor, Command, Error, Refusal, Store};

fn post(world: &World, unit: &str, code: &str) -> store::state::Position {
    let state = world.store.state();
    state.positions_of(world.unit(unit)).into_iter().find(|one| one.code == code).unwrap().clone()
}

fn position(id: PositionId, name: &str, capabilities: &BTreeSet<Capability>) -> Command {
    Command::ChangePosition { position: id, name: name.to_owned(), capabilities: capabilities.clone() }
}

fn person(account: AccountId, login: &str, name: &str) -> Command {
    Command::ChangePerson { account, login: login.to_owned(), name: name.to_owned() }
}

async fn positions_are_put_right_by_who_has_what_they_may_do(world: World) {
    let owner = world.actor("bcd@t.example");
    let head = post(&world, "A", "CT");
    // Who manages people gives it another name, which takes nothing.
    world.store.change(owner, now(), position(head.id, " Chủ tịch UBND xã ", &head.capabilities)).await.unwrap();
    assert_eq!(post(&world, "A", "CT").name, "Chủ tịch UBND xã");
    // What one does not have, one neither gives nor takes.
    let mut more = head.capabilities.clone();
    more.insert(Capability::Audit);
    let mut less = head.capabilities.clone();
    less.remove(&Capability::Submit);
    for capabilities in [&more, &less] {
        let refused = world.store.change(owner, now(), position(head.id, "x", capabilities)).await;
        assert!(matches!(refused, Err(Refusal::Denied(_))), "{refused:?}");
    }
    for who in ["ct@a.example", "vp-tk@b.example"] {
        let refused = world.store.change(world.actor(who), now(), position(head.id, "x", &head.capabilities)).await;
        assert!(matches!(refused, Err(Refusal::Denied(_))), "{who}: {refused:?}");
    }
    // It takes effect at once, for everybody who holds it.
    let account = world.person("ct@a.example");
    let may = |world: &World| {
        let state = world.store.state();
        state.authority(account, cycle::time::day_of(now())).may(&state.tree, Capability::Audit, world.unit("A"))
    };
    assert!(!may(&world));
    world.operator(position(head.id, "Chủ tịch UBND xã", &more)).await;
    assert!(may(&world));
    let event = &world.store.events(None).await.unwrap()[0];
    assert_eq!(event.action, "position.changed");
    assert!(event.detail["after"][1].to_string().contains("audit"), "{}", event.detail);
    assert_eq!(world.store.audit().await.unwrap().faults, [""; 0]);
}

async fn names_and_addresses_are_put_right_by_who_oversees_the_person(world: World) {
    let account = world.person("ct@a.example");
    // Neither oneself, nor a colleague, nor whoever manages people but may less than the person.
    for who in ["ct@a.example", "vp-tk@a.example", "bcd@t.example"] {
        let refused = world.store.change(world.actor(who), now(), person(account, "y@a.example", "Y")).await;
        assert!(matches!(refused, Err(Refusal::Denied(_))), "{who}: {refused:?}");
    }
    let unit = world.unit("T");
    let capabilities = Capability::ALL.into_iter().collect();
    let (code, name) = ("QT".to_owned(), "Quản trị".to_owned());
    world.operator(Command::AddPosition { unit, code, name, capabilities }).await;
    let top = world.store.state().positions_of(unit).last().unwrap().id;
    let manager = NewPerson {
        login: "qt@t.example".to_owned(),
        name: "Quản trị".to_owned(),
        position: Some(top),
        from: "2023-01-01".parse().unwrap(),
        invitation: None,
        calendar: "calendar of qt".to_owned(),
    };
    world.operator(Command::AddPerson(manager)).await;
    let manager = world.actor("qt@t.example");
    let taken = world.store.change(manager, now(), person(account, "VP-TK@a.example", "Y")).await;
    let Err(Refusal::Invalid(fields)) = taken else { panic!("an address of two people: {taken:?}") };
    assert_eq!(fields[0].field, "login");
    let token = store::sessions::kept("lời mời cũ");
    world.operator(Command::Invite { account, token, expires: i64::MAX }).await;
    assert_eq!(world.store.invitation("lời mời cũ", now()).await.unwrap(), Some(account));
    // Written with marks that stand apart, as some keyboards do.
    world
        .store
        .change(manager, now(), person(account, " Moi@a.example", "Nguye\u{302}\u{303}n Ma\u{302}\u{303}u"))
        .await
        .unwrap();
    let state = world.store.state();
    assert_eq!(state.account_by_login("moi@a.example").unwrap().name, "Nguyễn Mẫu");
    assert!(state.account_by_login("ct@a.example").is_none());
    drop(state);
    // What was sent to the old address lets nobody in.
    assert!(world.store.invitation("lời mời cũ", now()).await.unwrap().is_none());
    assert_eq!(world.store.audit().await.unwrap().faults, [""; 0]);
}

async fn positions_are_held_from_day_to_day(world: World) {
    let (first, second) = (post(&world, "A", "VH-XH").id, post(&world, "A", "CA").id);
    let day = |text: &str| text.parse::<criteria::date::Date>().unwrap();
    let new = |login: &str, from: &str| NewPerson {
        login: login.to_owned(),
        name: "Người Mới".to_owned(),
        position: Some(first),
        from: day(from),
        invitation: None,
        calendar: format!("calendar of {login}"),
    };
    let add = |person: NewPerson, to: Option<&str>, also: Vec<Tenure>| Command::AddPersonHolding {
        person,
        to: to.map(day),
        also,
    };
    let turned = add(new("a@a.example", "2023-11-01"), Some("2023-10-31"), Vec::new());
    let refused = world.store.change(Actor::Operator, now(), turned).await;
    assert!(matches!(refused, Err(Refusal::Invalid(_))), "{refused:?}");
    let also = vec![Tenure { position: second, from: day("2024-01-01"), to: None }];
    world.operator(add(new("moi@a.example", "2023-11-01"), Some("2023-12-31"), also)).await;
    let account = world.person("moi@a.example");
    let holds = |position: PositionId, on: &str| {
        world.store.state().holders(position, day(on)).iter().any(|one| one.id == account)
    };
    assert!(!holds(first, "2023-10-31") && holds(first, "2023-11-01") && holds(first, "2023-12-31"));
    assert!(!holds(first, "2024-01-01") && !holds(second, "2023-12-31") && holds(second, "2024-01-01"));
}

async fn the_log_is_read_within_a_scope(world: World) {
    let remark = |unit: &str, words: String| Command::Remark {
        assessment: world.sheet(unit),
        indicator: "I.5.2".to_owned(),
        words,
    };
    for turn in 0..3 {
        let said = remark("A", format!("A {turn}"));
        world.store.change(world.actor("vp-tk@a.example"), now(), said).await.unwrap();
    }
    // More of others than stand on one page.
    for turn in 0..=store::limits::HISTORY_MAX {
        let said = remark("B", format!("B {turn}"));
        world.store.change(world.actor("vp-tk@b.example"), now(), said).await.unwrap();
    }
    let (a, top) = (world.unit("A"), world.unit("T"));
    let own = world.store.events_within(None, &[a], false).await.unwrap();
    assert!(own.len() > 3 && own.iter().all(|event| event.unit == Some(a)), "{}", own.len());
    assert_eq!(own[0].detail["words"], "A 2");
    let earlier = world.store.events_within(Some(own[0].seq), &[a], false).await.unwrap();
    assert_eq!(earlier[0].seq, own[1].seq);
    // The whole of a province, and what is about no unit.
    let below = world.store.events_within(None, &[top], false).await.unwrap();
    assert_eq!(below.len() as i64, store::limits::HISTORY_MAX);
    assert!(below.iter().all(|event| event.unit == Some(world.unit("B"))));
    let account = world.person("ct@a.example");
    world.operator(Command::SetLanguage { account, english: true }).await;
    assert_eq!(world.store.events_within(None, &[a], true).await.unwrap()[0].action, "person.language");
    assert_eq!(world.store.events_within(None, &[a], false).await.unwrap()[0].seq, own[0].seq);
}

async fn reasons_are_kept_composed_and_trimmed(world: World) {
    let id = world.sheet("A");
    // “Chưa có mạng”, its marks apart.
    let apart = "  Chu\u{31b}a co\u{301} ma\u{323}ng \n";
    let change = EntryChange { answer: Some(Answer::NotDone { because: apart.to_owned() }), ..EntryChange::default() };
    let save = |version, change| Command::SaveEntry { assessment: id, indicator: "I.5.2".to_owned(), version, change };
    let official = world.actor("vh-xh@a.example");
    let done = world.store.change(official, now(), save(0, change)).await.unwrap();
    let kept = Answer::NotDone { because: "Chưa có mạng".to_owned() };
    let sheet = world.store.sheet(id).await.unwrap().unwrap();
    assert_eq!(sheet.entry("I.5.2").unwrap().1.answer, kept);
    // The same words again, from another keyboard, are no change.
    let again = EntryChange { answer: Some(kept), ..EntryChange::default() };
    let same = world.store.change(official, now(), save(done.version.unwrap(), again)).await.unwrap();
    assert_eq!(same.version, done.version);
}

async fn a_receipt_is_given_once_and_keeps_what_was_signed(world: World) {
    let mut receipts = BTreeSet::new();
    let sign = async |unit: &str| {
        let id = world.sheet(unit);
        let set = world.store.state().levels.values().next().unwrap().facts.set_hash.clone();
        let hash = world.store.sheet(id).await.unwrap().unwrap().state_hash(&set);
        let head = world.actor(&format!("ct@{}.example", unit.to_lowercase()));
        world.store.change(head, now(), Command::Submit { assessment: id, hash }).await.unwrap();
        let row = world.store.state().assessments[&id].clone();
        let submission = row.submission.unwrap();
        assert_eq!(submission.signed.unwrap().points, row.totals.points);
        submission.receipt.rsplit_once('-').unwrap().0.to_owned()
    };
    receipts.insert(sign("A").await);
    receipts.insert(sign("B").await);
    let unlock = Command::Unlock { assessment: world.sheet("A"), reason: "thiếu trang 2".to_owned() };
    world.store.change(world.actor("bcd@t.example"), now(), unlock).await.unwrap();
    receipts.insert(sign("A").await);
    assert_eq!(receipts.len(), 3, "{receipts:?}");
}

async fn a_copy_made_while_people_save_is_the_same_and_whole(world: World) {
    let remark = |turn: i64| Command::Remark {
        assessment: world.sheet("A"),
        indicator: "I.5.2".to_owned(),
        words: format!("Ý kiến {turn}"),
    };
    // More rows than are read together.
    for turn in 0..520 {
        world.store.change(world.actor("vp-tk@a.example"), now(), remark(turn)).await.unwrap();
    }
    let file = world.folder.path().join("copy.sqlite");
    let ((), said) = tokio::join!(
        async { world.store.copy_to(&file).await.unwrap() },
        world.store.change(world.actor("vp-tk@a.example"), now(), remark(520)),
    );
    said.unwrap();
    let evidence = world.folder.path().join("evidence");
    let copy = Store::open_as_it_is(&format!("sqlite://{}?mode=rw", file.display()), &evidence).await.unwrap();
    assert_eq!(copy.audit().await.unwrap().faults, [""; 0]);
    let (seq, hash) = copy.head().await.unwrap();
    let known = world.store.events(Some(seq + 1)).await.unwrap();
    assert_eq!((known[0].seq, known[0].hash.as_str()), (seq, hash.as_str()));
    assert!(copy.remarks(world.sheet("A"), "I.5.2").await.unwrap().len() >= 520);
    // It goes on from where it stands: ids and the chain.
    let actor = world.actor("vp-tk@a.example");
    copy.change(actor, now(), remark(1_000)).await.unwrap();
    assert_eq!(copy.audit().await.unwrap().faults, [""; 0]);
}

on_both!(
    positions_are_put_right_by_who_has_what_they_may_do,
    names_and_addresses_are_put_right_by_who_oversees_the_person,
    positions_are_held_from_day_to_day,
    the_log_is_read_within_a_scope,
    reasons_are_kept_composed_and_trimmed,
    a_receipt_is_given_once_and_keeps_what_was_signed,
    a_copy_made_while_people_save_is_the_same_and_whole,
);

#[tokio::test(flavor = "multi_thread")]
async fn who_only_looks_never_upgrades_a_database() {
    let world = World::new("sqlite://FOLDER/thuocdo.sqlite?mode=rwc").await;
    let evidence = world.folder.path().join("evidence");
    assert!(Store::open_as_it_is(&world.url, &evidence).await.is_ok());
    sqlx::any::install_default_drivers();
    let pool = sqlx::AnyPool::connect(&world.url).await.unwrap();
    let count = async || {
        let row = sqlx::query("SELECT COUNT(*), MAX(number) FROM migration").fetch_one(&pool).await.unwrap();
        (sqlx::Row::get::<i64, _>(&row, 0), sqlx::Row::get::<i64, _>(&row, 1))
    };
    let (_, last) = count().await;
    // As an earlier version of the program left it.
    sqlx::query("DELETE FROM migration WHERE number = $1").bind(last).execute(&pool).await.unwrap();
    let before = count().await;
    let refused = Store::open_as_it_is(&world.url, &evidence).await;
    assert!(matches!(refused, Err(Error::OlderDatabase { migration }) if migration == last), "{:?}", refused.err());
    assert_eq!(count().await, before);
}
