//! Signing off, on SQLite and PostgreSQL alike: what is signed, what moves afterwards, and what opens a sheet again.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

mod common;
#[macro_use]
#[path = "common/on_both.rs"]
mod on_both;

use std::collections::BTreeMap;

use common::{Cluster, World, now};
use cycle::action::SheetState;
use cycle::{Answer, Denial, EntryState, Phase};
use jiff::ToSpan;
use store::command::{Appraisal, EntryChange, Filling};
use store::{Actor, Command, Refusal};

fn figures(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(id, value)| ((*id).to_owned(), (*value).to_owned())).collect()
}

async fn save(world: &World, who: &str, code: &str, version: i64, value: &str) -> Result<store::Done, Refusal> {
    let figure = {
        let state = world.store.state();
        state.levels.values().next().unwrap().program.set.indicator("I.5.2").unwrap().all_figures()[0].id.clone()
    };
    let change = EntryChange { figures: figures(&[(&figure, value)]), ..EntryChange::default() };
    let command = Command::SaveEntry { assessment: world.sheet(code), indicator: "I.5.2".to_owned(), version, change };
    world.store.change(world.actor(who), now(), command).await
}

async fn submit(world: &World, code: &str) -> Result<store::Done, Refusal> {
    let set = world.store.state().levels.values().next().unwrap().facts.set_hash.clone();
    let sheet = world.store.sheet(world.sheet(code)).await.unwrap().unwrap();
    world
        .store
        .change(Actor::Operator, now(), Command::Submit { assessment: sheet.id, hash: sheet.state_hash(&set) })
        .await
}

async fn signing_off_keeps_exactly_the_state_shown_and_locks_it(world: World) {
    save(&world, "vh-xh@a.example", "A", 0, "9").await.unwrap();
    let id = world.sheet("A");
    let hash = {
        let set = world.store.state().levels.values().next().unwrap().facts.set_hash.clone();
        world.store.sheet(id).await.unwrap().unwrap().state_hash(&set)
    };
    // Somebody changes it between looking and signing.
    save(&world, "vh-xh@a.example", "A", 1, "10").await.unwrap();
    let submit = |hash: String| Command::Submit { assessment: id, hash };
    let head = world.actor("ct@a.example");
    let stale = world.store.change(head, now(), submit(hash)).await;
    assert!(matches!(stale, Err(Refusal::Stale(_))));
    let hash = {
        let set = world.store.state().levels.values().next().unwrap().facts.set_hash.clone();
        world.store.sheet(id).await.unwrap().unwrap().state_hash(&set)
    };
    let focal = world.store.change(world.actor("vp-tk@a.example"), now(), submit(hash.clone())).await;
    assert!(matches!(focal, Err(Refusal::Denied(Denial::NotAllowed))));
    world.store.change(head, now(), submit(hash.clone())).await.unwrap();
    let sheet = world.store.sheet(id).await.unwrap().unwrap();
    assert_eq!((sheet.state, sheet.submission.as_ref().unwrap().hash.clone()), (SheetState::Submitted, hash));
    let locked = save(&world, "vh-xh@a.example", "A", 3, "11").await;
    assert!(matches!(locked, Err(Refusal::Denied(Denial::Sheet(SheetState::Submitted)))));
    let unlock = |reason: &str| Command::Unlock { assessment: id, reason: reason.to_owned() };
    let owner = world.actor("bcd@t.example");
    assert!(matches!(world.store.change(owner, now(), unlock(" ")).await, Err(Refusal::Invalid(_))));
    world.store.change(owner, now(), unlock("thiếu trang 2")).await.unwrap();
    assert_eq!(world.store.sheet(id).await.unwrap().unwrap().state, SheetState::Open);
    assert_eq!(world.store.audit().await.unwrap().faults, [""; 0]);
}

async fn what_is_compared_with_peers_moves_when_the_best_moves_and_what_was_signed_stays(world: World) {
    // The words leave open how to compare; one answer is a position among peers.
    let (level, indicator, reading, variant) = {
        let state = world.store.state();
        let level = state.levels.values().next().unwrap();
        let found = level.program.set.indicators().find_map(|indicator| {
            let fits = |rule: &criteria::rule::Rule| {
                matches!(rule, criteria::rule::Rule::Peers { part: Some(part), whole: Some(whole), .. }
                    if !part.contains('.') && !whole.contains('.'))
            };
            let variant = indicator.variants.iter().find(|one| one.rule.as_ref().is_some_and(fits))?;
            Some((indicator.id.clone(), variant.reading.clone(), variant.pick.clone()))
        });
        let (indicator, reading, variant) = found.unwrap();
        (level.facts.id, indicator, reading, variant)
    };
    let pick = Command::Pick { level, reading, variant, reason: "chốt để thử".to_owned() };
    world.operator(pick).await;
    let (part, whole) = {
        let state = world.store.state();
        match &state.levels[&level].program.set.indicator(&indicator).unwrap().rule {
            criteria::rule::Rule::Peers { part: Some(part), whole: Some(whole), .. } => (part.clone(), whole.clone()),
            other => panic!("{other:?}"),
        }
    };
    let fill = |code: &str, value: &str| {
        let own = figures(&[(&part, value), (&whole, "1000")]);
        let entries = BTreeMap::from([(indicator.clone(), own)]);
        let filling = Filling { entries, from: "phép thử".to_owned(), ..Filling::default() };
        Command::Fill { assessment: world.sheet(code), filling }
    };
    for (code, value) in [("A", "200"), ("B", "400"), ("C", "100")] {
        world.operator(fill(code, value)).await;
    }
    world.store.work(now()).await.unwrap();
    let points = async |code: &str| {
        let sheet = world.store.sheet(world.sheet(code)).await.unwrap().unwrap();
        sheet.entry(&indicator).unwrap().1.self_score.clone().unwrap().points
    };
    // A is signed off, and stays as it was signed though its points follow its peers.
    submit(&world, "A").await.unwrap();
    let before = points("A").await;
    world.operator(fill("B", "900")).await;
    let waiting = world.store.audit().await.unwrap();
    assert_eq!((waiting.waiting, waiting.faults), (1, Vec::new()), "a job is due");
    world.store.work(now()).await.unwrap();
    assert!(points("A").await < before, "the best has moved away");
    let report = world.store.audit().await.unwrap();
    assert_eq!((report.waiting, report.faults), (0, Vec::new()));
}

async fn what_was_appraised_is_not_opened_again_when_the_round_steps_back(world: World) {
    save(&world, "vh-xh@a.example", "A", 0, "9").await.unwrap();
    let not_done = EntryChange {
        answer: Some(Answer::NotDone { because: "chưa có kinh phí".to_owned() }),
        ..EntryChange::default()
    };
    let id = world.sheet("A");
    let answered = Command::SaveEntry { assessment: id, indicator: "I.5.1".to_owned(), version: 0, change: not_done };
    world.store.change(world.actor("vp-tk@a.example"), now(), answered).await.unwrap();
    submit(&world, "A").await.unwrap();
    world.phase(Phase::Appraising).await;
    let state = async |indicator: &str| world.store.sheet(id).await.unwrap().unwrap().entry(indicator).unwrap().1.state;
    let version = world.store.sheet(id).await.unwrap().unwrap().entry("I.5.2").unwrap().1.version;
    let accept =
        Command::Appraise { assessment: id, indicator: "I.5.2".to_owned(), version, appraisal: Appraisal::Accept };
    world.operator(accept).await;
    world.phase(Phase::Collecting).await;
    let unlock = Command::Unlock { assessment: id, reason: "thiếu trang 2".to_owned() };
    let refused = world.store.change(Actor::Operator, now(), unlock.clone()).await;
    assert!(matches!(refused, Err(Refusal::Denied(Denial::State(EntryState::Accepted)))), "{refused:?}");
    assert_eq!((state("I.5.2").await, state("I.5.1").await), (EntryState::Accepted, EntryState::Submitted));
    // Sent back, it may be opened; what was answered in words is in progress and not untouched.
    world.phase(Phase::Appraising).await;
    let version = world.store.sheet(id).await.unwrap().unwrap().entry("I.5.2").unwrap().1.version;
    let back = Appraisal::Return { reason: "thiếu tài liệu".to_owned(), due: None };
    world.operator(Command::Appraise { assessment: id, indicator: "I.5.2".to_owned(), version, appraisal: back }).await;
    world.phase(Phase::Collecting).await;
    world.operator(unlock).await;
    assert_eq!((state("I.5.2").await, state("I.5.1").await), (EntryState::Returned, EntryState::Filling));
    assert_eq!(state("I.1.1").await, EntryState::Empty);
    submit(&world, "A").await.unwrap();
}

async fn phases_are_not_jumped_without_a_reason(world: World) {
    let jump =
        |reason: &str| Command::SetPhase { round: world.round, phase: Phase::Deciding, reason: reason.to_owned() };
    let silent = world.store.change(Actor::Operator, now(), jump(" ")).await;
    assert!(matches!(silent, Err(Refusal::Invalid(_))), "{silent:?}");
    world.operator(jump("gộp hai bước")).await;
}

async fn a_job_that_failed_too_often_is_taken_up_when_it_is_asked_for_again(world: World) {
    save(&world, "vh-xh@a.example", "A", 0, "9").await.unwrap();
    let evidence = async |name: &str| {
        let stored = world.store.evidence.put(b"%PDF-1.7 ba trang").await.unwrap();
        let evidence = store::command::NewEvidence {
            name: name.to_owned(),
            sha256: Some(stored.sha256),
            bytes: stored.bytes,
            media: stored.media.to_owned(),
            link: None,
        };
        let command = Command::AddEvidence { assessment: world.sheet("A"), indicator: "I.5.2".to_owned(), evidence };
        world.store.change(world.actor("vh-xh@a.example"), now(), command).await.unwrap();
    };
    evidence("một.pdf").await;
    let mut at = now();
    let mut tried = 0;
    while let Some(job) = world.store.lease(at, store::proofs::CHECK_JOB).await.unwrap() {
        world.store.finish(&job, at, Some("đĩa đầy")).await.unwrap();
        at += 40.hours();
        tried += 1;
    }
    assert_eq!(tried, 14);
    let given_up = world.store.given_up().await.unwrap();
    assert_eq!(given_up, [(store::proofs::CHECK_JOB.to_owned(), 1, "đĩa đầy".to_owned())]);
    evidence("hai.pdf").await;
    assert!(world.store.given_up().await.unwrap().is_empty());
    assert!(world.store.lease(at, store::proofs::CHECK_JOB).await.unwrap().is_some(), "it is tried again");
}

on_both!(
    signing_off_keeps_exactly_the_state_shown_and_locks_it,
    what_is_compared_with_peers_moves_when_the_best_moves_and_what_was_signed_stays,
    what_was_appraised_is_not_opened_again_when_the_round_steps_back,
    phases_are_not_jumped_without_a_reason,
    a_job_that_failed_too_often_is_taken_up_when_it_is_asked_for_again,
);
