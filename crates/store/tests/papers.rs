//! Papers that are issued and come back, on both engines.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

#[allow(dead_code, reason = "each file of tests uses its own part of what is shared")]
mod common;
#[macro_use]
#[path = "common/on_both.rs"]
mod on_both;

use common::{Cluster, World, now};
use cycle::PaperId;
use store::command::{NewCopy, NewPaper};
use store::{Command, Refusal, Store};

fn paper(world: &World, kind: &str) -> NewPaper {
    NewPaper {
        code: "0123456789abcdef0123".to_owned(),
        kind: kind.to_owned(),
        round: world.round,
        assessment: Some(world.sheet("A")),
        publication: None,
        title: "Giao nhiệm vụ".to_owned(),
        number: "12/UBND-VHXH".to_owned(),
        sha256: "a".repeat(64),
        words: "b".repeat(64),
    }
}

fn copy(paper: PaperId, sha256: &str, likeness: &str) -> NewCopy {
    NewCopy {
        paper,
        name: "da-ky.pdf".to_owned(),
        sha256: sha256.repeat(64),
        bytes: 12,
        likeness: likeness.to_owned(),
        verdict: "valid".to_owned(),
        signers: vec!["Trần Bình Mẫu".to_owned()],
        differences: serde_json::json!([]),
    }
}

async fn a_paper_is_issued_once_and_its_copies_are_filed_with_it(world: World) {
    let focal = world.actor("vp-tk@a.example");
    let denied =
        world.store.change(world.actor("vh-xh@a.example"), now(), Command::IssuePaper(paper(&world, "assignment")));
    assert!(matches!(denied.await, Err(Refusal::Denied(_))));
    // The appraisal record is the round owner's to issue.
    let denied = world.store.change(focal, now(), Command::IssuePaper(paper(&world, "appraisal"))).await;
    assert!(matches!(denied, Err(Refusal::Denied(_))));
    let unknown = world.store.change(focal, now(), Command::IssuePaper(paper(&world, "poem"))).await;
    assert!(matches!(unknown, Err(Refusal::NotFound)));
    let done = world.store.change(focal, now(), Command::IssuePaper(paper(&world, "assignment"))).await.unwrap();
    let id = PaperId(done.id.unwrap());
    world.store.change(focal, now(), Command::FilePaper(copy(id, "c", "altered"))).await.unwrap();
    assert!(world.store.state().papers[&id].signed().is_none(), "what differs does not stand for the paper");
    // The head may bring back what the focal point issued; others may not.
    world.store.change(world.actor("ct@a.example"), now(), Command::FilePaper(copy(id, "d", "same"))).await.unwrap();
    let denied =
        world.store.change(world.actor("vp-tk@b.example"), now(), Command::FilePaper(copy(id, "e", "same"))).await;
    assert!(matches!(denied, Err(Refusal::Denied(_))));
    let twice = world.store.change(focal, now(), Command::FilePaper(copy(id, "d", "same"))).await;
    assert!(matches!(twice, Err(Refusal::Invalid(_))));

    let again = Store::open(&world.url, world.folder.path().join("evidence")).await.unwrap();
    for store in [&world.store, &again] {
        let state = store.state();
        let kept = &state.papers[&id];
        assert_eq!((kept.number.as_str(), kept.copies.len()), ("12/UBND-VHXH", 2));
        assert_eq!(kept.signed().unwrap().sha256, "d".repeat(64));
        assert_eq!(kept.owner, world.unit("A"));
    }
    assert_eq!(world.store.audit().await.unwrap().faults, [""; 0]);
}

on_both!(a_paper_is_issued_once_and_its_copies_are_filed_with_it);
