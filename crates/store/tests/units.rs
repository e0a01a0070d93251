//! Units that change, on SQLite and PostgreSQL alike: what becomes of them, their people and their sheets.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

mod common;
#[macro_use]
#[path = "common/on_both.rs"]
mod on_both;

use common::{Cluster, World, now};
use cycle::Capability;
use cycle::tree::Descent;
use store::command::NewUnit;
use store::{Actor, Command, Refusal};

fn unit(code: &str, parent: &str) -> NewUnit {
    NewUnit {
        code: code.to_owned(),
        name: format!("Đơn vị mẫu {code}"),
        kind: "commune".to_owned(),
        level: "commune".to_owned(),
        parent: Some(parent.to_owned()),
        from: None,
        to: None,
    }
}

async fn units_merge_and_the_old_ones_stay_readable(world: World) {
    let new = store::command::NewUnit {
        code: "AB".to_owned(),
        name: "Đơn vị mẫu AB".to_owned(),
        kind: "commune".to_owned(),
        level: "commune".to_owned(),
        parent: Some("T".to_owned()),
        from: None,
        to: None,
    };
    let merge = |to: &store::command::NewUnit| Command::ChangeUnits {
        from: vec![world.unit("A"), world.unit("B")],
        to: vec![to.clone()],
        how: cycle::tree::Descent::Merged,
        day: "2025-07-01".parse().unwrap(),
        document: "văn bản mẫu".to_owned(),
        people: true,
    };
    let reused = store::command::NewUnit { code: "C".to_owned(), ..new.clone() };
    let refused = world.store.change(store::Actor::Operator, now(), merge(&reused)).await;
    assert!(matches!(refused, Err(Refusal::Invalid(_))), "a code is never used again");
    world.operator(merge(&new)).await;
    let state = world.store.state();
    let merged = state.tree.by_code("AB").unwrap();
    assert!(merged.exists_on("2025-07-01".parse().unwrap()));
    assert!(!state.tree.by_code("A").unwrap().exists_on("2025-07-01".parse().unwrap()));
    assert!(state.tree.by_code("A").unwrap().exists_on("2025-06-30".parse().unwrap()));
    assert_eq!(state.lineage.iter().filter(|one| one.to == Some(merged.id)).count(), 2);
    // Two heads, two focal points: positions of the same code are one, held by both, from the first day on.
    let codes: Vec<&str> = state.positions_of(merged.id).iter().map(|position| position.code.as_str()).collect();
    assert_eq!(codes, ["CT", "VP-TK", "VH-XH", "CA"]);
    let heads = |day: &str| state.holders(state.positions_of(merged.id)[0].id, day.parse().unwrap()).len();
    assert_eq!((heads("2025-06-30"), heads("2025-07-01")), (0, 2));
    let old = state.positions_of(state.tree.by_code("A").unwrap().id)[0].id;
    assert_eq!(state.holders(old, "2025-06-30".parse().unwrap()).len(), 1);
    assert_eq!(state.holders(old, "2025-07-01".parse().unwrap()).len(), 0);
    // Whoever leads what it became has what it left; nobody else gains.
    let sheet = &state.assessments[&world.sheet("A")];
    let reads = |login: &str, day: &str| {
        let account = state.account_by_login(login).unwrap().id;
        let authority = state.authority(account, day.parse().unwrap());
        authority.may(&state.tree, Capability::ReadSheets, sheet.unit)
    };
    assert!(reads("ct@a.example", "2025-06-30") && reads("ct@a.example", "2025-07-01"));
    assert!(
        !reads("ct@b.example", "2025-06-30") && reads("ct@b.example", "2025-07-01"),
        "the sheet of A is theirs too"
    );
    assert!(!reads("vp-tk@c.example", "2025-07-01"));
}

async fn a_unit_that_keeps_its_code_keeps_everything_under_its_new_name(world: World) {
    let (id, sheet) = (world.unit("A"), world.sheet("A"));
    let rename = |code: &str, day: &str| Command::ChangeUnits {
        from: vec![id],
        to: vec![store::command::NewUnit {
            code: code.to_owned(),
            name: "Phường Mẫu A".to_owned(),
            kind: "phường".to_owned(),
            level: "commune".to_owned(),
            parent: None,
            from: None,
            to: None,
        }],
        how: cycle::tree::Descent::Renamed,
        day: day.parse().unwrap(),
        document: "văn bản mẫu".to_owned(),
        people: true,
    };
    let early = world.store.change(store::Actor::Operator, now(), rename("A", "2023-10-21")).await;
    assert!(matches!(early, Err(Refusal::Invalid(_))), "a name is not known before its day: {early:?}");
    let other = world.store.change(store::Actor::Operator, now(), rename("B", "2023-10-20")).await;
    assert!(matches!(other, Err(Refusal::Invalid(_))), "B is another unit's code: {other:?}");
    world.operator(rename("A", "2023-10-20")).await;
    {
        let state = world.store.state();
        let unit = state.tree.by_code("A").unwrap();
        assert_eq!((unit.id, unit.name.as_str(), unit.kind.as_str()), (id, "Phường Mẫu A", "phường"));
        assert_eq!(state.sheet_of[&(world.round, id)], sheet);
        assert!(unit.exists_on("2030-01-01".parse().unwrap()));
    }
    let last = world.store.events(None).await.unwrap().remove(0);
    assert_eq!(last.detail["before"][0][1], "Đơn vị mẫu A");
    assert_eq!(last.detail["after"][0][1], "Phường Mẫu A");
}

async fn what_is_abolished_goes_to_a_unit_that_is_there_and_above_or_beside_it(world: World) {
    world.operator(Command::AddUnits(vec![unit("D", "T"), unit("D1", "D"), unit("X", "T")])).await;
    let abolish = |from: &str, to: &str, day: &str| Command::ChangeUnits {
        from: vec![world.unit(from)],
        to: vec![unit(to, "T")],
        how: Descent::Abolished,
        day: day.parse().unwrap(),
        document: "văn bản mẫu".to_owned(),
        people: false,
    };
    let refused = async |actor: Actor, command: Command| match world.store.change(actor, now(), command).await {
        Err(Refusal::Invalid(fields)) => fields[0].field.clone(),
        other => panic!("{other:?}"),
    };
    // Its own child would become its own parent, and leave the tree with all below it.
    assert_eq!(refused(Actor::Operator, abolish("D", "D1", "2023-10-20")).await, "code");
    // What belongs to it moves at once, so not before the day.
    assert_eq!(refused(Actor::Operator, abolish("D", "X", "2023-12-01")).await, "day");
    world.operator(abolish("X", "C", "2023-06-30")).await;
    assert_eq!(refused(Actor::Operator, abolish("D", "X", "2023-10-20")).await, "code", "X is no more");
    world.operator(abolish("D", "C", "2023-10-20")).await;
    let last = world.store.events(None).await.unwrap().remove(0);
    assert_eq!(last.detail["children"], serde_json::json!(["D1"]));
    let state = world.store.state();
    assert_eq!(state.tree.by_code("D1").unwrap().parent, Some(state.tree.by_code("C").unwrap().id));
}

async fn nobody_hands_work_to_a_unit_that_is_not_theirs(world: World) {
    world.operator(Command::AddUnits(vec![unit("U", "T"), unit("U1", "U"), unit("V", "T")])).await;
    let capabilities = [Capability::ManageUnits].into();
    let post =
        Command::AddPosition {
            unit: world.unit("U"), code: "QL".to_owned(), name: "Quản lý".to_owned(), capabilities
        };
    world.operator(post).await;
    let position = world.store.state().positions_of(world.unit("U"))[0].id;
    let person = store::command::NewPerson {
        login: "ql@u.example".to_owned(),
        name: "QL, U".to_owned(),
        position: Some(position),
        from: "2023-01-01".parse().unwrap(),
        invitation: None,
        calendar: "calendar of ql".to_owned(),
    };
    world.operator(Command::AddPerson(person)).await;
    let abolish = |to: &str| Command::ChangeUnits {
        from: vec![world.unit("U1")],
        to: vec![unit(to, "U")],
        how: Descent::Abolished,
        day: "2023-10-20".parse().unwrap(),
        document: "văn bản mẫu".to_owned(),
        people: false,
    };
    let who = world.actor("ql@u.example");
    let elsewhere = world.store.change(who, now(), abolish("V")).await;
    assert!(matches!(elsewhere, Err(Refusal::Denied(cycle::Denial::NotAllowed))), "{elsewhere:?}");
    world.store.change(who, now(), abolish("U")).await.unwrap();
}

on_both!(
    units_merge_and_the_old_ones_stay_readable,
    a_unit_that_keeps_its_code_keeps_everything_under_its_new_name,
    what_is_abolished_goes_to_a_unit_that_is_there_and_above_or_beside_it,
    nobody_hands_work_to_a_unit_that_is_not_theirs,
);
