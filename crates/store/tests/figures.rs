//! Figures from files, on both engines: whole or not at all, under the versions that were seen, with their origin.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

#[allow(dead_code, reason = "each file of tests uses its own part of what is shared")]
mod common;
#[macro_use]
#[path = "common/on_both.rs"]
mod on_both;

use std::collections::BTreeMap;

use common::{Cluster, World, now};
use cycle::{FigureFileId, Phase};
use store::command::{NewFigureFile, SheetSupply, Supplied};
use store::{Actor, Command, Refusal, Store};

/// What stands in two sheets of a file for I.5.2, which the entries of this version are to get.
fn supplies(world: &World, units: [&str; 2], version: i64) -> Vec<SheetSupply> {
    let figure = {
        let state = world.store.state();
        let level = state.levels.values().next().unwrap();
        level.program.set.indicator("I.5.2").unwrap().all_figures()[0].id.clone()
    };
    let of = |unit: &str| SheetSupply {
        assessment: world.sheet(unit),
        profile_version: 0,
        profile: BTreeMap::new(),
        entries: BTreeMap::from([(
            "I.5.2".to_owned(),
            (
                version,
                BTreeMap::from([(
                    figure.clone(),
                    Supplied { typed: "12".to_owned(), from: "so-lieu.xlsx, 'I'!C4".to_owned() },
                )]),
            ),
        )]),
    };
    units.map(of).into()
}

async fn kept(world: &World, actor: Actor) -> Result<FigureFileId, Refusal> {
    let (round, level) = (world.round, *world.store.state().levels.keys().next().unwrap());
    let new = NewFigureFile { round, level, name: "so-lieu.xlsx".to_owned(), sha256: "a".repeat(64), bytes: 12 };
    let done = world.store.change(actor, now(), Command::KeepFigureFile(new)).await?;
    Ok(FigureFileId(done.id.unwrap()))
}

async fn figures_from_a_file_are_taken_in_whole_or_not_at_all(world: World) {
    let (owner, focal) = (world.actor("bcd@t.example"), world.actor("vp-tk@a.example"));
    let head = kept(&world, world.actor("ct@a.example")).await;
    assert!(matches!(head, Err(Refusal::Denied(_))), "whoever fills nothing in brings no figures");

    // A focal point takes its own unit's in, and nobody else's: the second sheet refuses the first too.
    let file = kept(&world, focal).await.unwrap();
    let take = |file, sheets| Command::TakeFigures { file, sheets };
    let beyond = world.store.change(focal, now(), take(file, supplies(&world, ["A", "B"], 0))).await;
    assert!(matches!(beyond, Err(Refusal::Denied(_))), "{beyond:?}");
    let entry = |sheet: &cycle::Sheet| sheet.entry("I.5.2").unwrap().1.clone();
    let a = world.store.sheet(world.sheet("A")).await.unwrap().unwrap();
    assert!(entry(&a).figures.is_empty(), "nothing is half applied");
    // Nor does anybody go on with another's file.
    let other = world.store.change(world.actor("vp-tk@b.example"), now(), take(file, supplies(&world, ["B", "B"], 0)));
    assert!(matches!(other.await, Err(Refusal::NotFound)));

    // The round's owner takes in for all; a version that somebody left behind refuses the whole.
    let file = kept(&world, owner).await.unwrap();
    let answers = serde_json::json!({ "notation": "vi" });
    let columns = BTreeMap::from([("heads".to_owned(), vec!["unit".to_owned(), "I.5.2/x".to_owned()])]);
    let answer = Command::AnswerFigureFile { file, answers: answers.clone(), columns };
    world.store.change(owner, now(), answer).await.unwrap();
    let stale = world.store.change(owner, now(), take(file, supplies(&world, ["A", "B"], 7))).await;
    assert!(matches!(stale, Err(Refusal::Stale(_))), "{stale:?}");
    let done = world.store.change(owner, now(), take(file, supplies(&world, ["A", "B"], 0))).await.unwrap();
    assert_eq!(done.count, 2);
    let twice = world.store.change(owner, now(), take(file, supplies(&world, ["A", "B"], 1))).await;
    assert!(matches!(twice, Err(Refusal::Invalid(_))), "a file is taken in once");

    let again = Store::open(&world.url, world.folder.path().join("evidence")).await.unwrap();
    for store in [&world.store, &again] {
        for unit in ["A", "B"] {
            let sheet = store.sheet(world.sheet(unit)).await.unwrap().unwrap();
            let entry = entry(&sheet);
            let value = entry.figures.values().next().unwrap();
            assert_eq!((value.typed.as_str(), value.from.as_deref()), ("12", Some("so-lieu.xlsx, 'I'!C4")));
            assert!(entry.self_score.unwrap().points > criteria::Number::ZERO && entry.version == 1);
        }
        let state = store.state();
        let kept = &state.figure_files.files[&file];
        assert_eq!((kept.figures, &kept.answers), (2, &answers));
        assert!(kept.taken_at.is_some());
        let set = state.levels.values().next().unwrap().program.set_hash.clone();
        assert_eq!(state.figure_files.columns[&(set, "heads".to_owned())], ["unit", "I.5.2/x"]);
    }
    assert_eq!(world.store.audit().await.unwrap().faults, [""; 0]);

    // After collecting, only what was returned may still be filled in, and not by the round's owner.
    let file = kept(&world, owner).await.unwrap();
    world.phase(Phase::Appraising).await;
    let late = world.store.change(owner, now(), take(file, supplies(&world, ["A", "B"], 1))).await;
    assert!(matches!(late, Err(Refusal::Denied(_))), "{late:?}");
}

on_both!(figures_from_a_file_are_taken_in_whole_or_not_at_all);
