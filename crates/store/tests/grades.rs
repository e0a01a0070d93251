//! Grades that a round declares, on SQLite and PostgreSQL alike: refused where they cannot hold, on the record, published.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

#[allow(dead_code, reason = "each file of tests uses its own part of what is shared")]
mod common;
#[macro_use]
#[path = "common/on_both.rs"]
mod on_both;

use common::{Cluster, World, now};
use cycle::{Denial, LevelId, Phase};
use store::command::{DeclaredGrade, EntryChange};
use store::{Command, Refusal};

fn declared(grades: &[(&str, &str)]) -> Vec<DeclaredGrade> {
    grades.iter().map(|(name, from)| DeclaredGrade { name: (*name).to_owned(), from: (*from).to_owned() }).collect()
}

fn level(world: &World) -> LevelId {
    *world.store.state().levels.keys().next().unwrap()
}

async fn set(world: &World, who: &str, grades: &[(&str, &str)], reason: &str) -> Result<usize, Refusal> {
    let command = Command::SetGrades { level: level(world), grades: declared(grades), reason: reason.to_owned() };
    world.store.change(world.actor(who), now(), command).await.map(|done| done.count)
}

async fn what_cannot_hold_is_told_field_by_field_and_nothing_is_kept(world: World) {
    let owner = "bcd@t.example";
    let long = "x".repeat(41);
    for (grades, field, words) in [
        (&[("", "80")][..], "grade-1-name", "Chưa ghi tên"),
        (&[("Tốt", "")], "grade-1-from", "Chưa ghi từ"),
        (&[("Tốt", "tám mươi")], "grade-1-from", "không phải là một số"),
        (&[("Tốt", "101")], "grade-1-from", "từ 0 đến 100"),
        (&[("Tốt", "-1")], "grade-1-from", "từ 0 đến 100"),
        (&[("Tốt", "80,00001")], "grade-1-from", "bốn chữ số lẻ"),
        (&[(long.as_str(), "80")], "grade-1-name", "41 ký tự"),
        (&[("Tốt", "65"), ("", ""), ("Khá", "80")], "grade-3-from", "thấp hơn 65 % của “Tốt”"),
        (&[("Tốt", "80"), ("Khá", "80 %")], "grade-2-from", "mức cao nhất ghi trước"),
        (&[("Tốt", "80"), ("tốt", "65")], "grade-2-name", "đã có ở trên"),
    ] {
        let refused = set(&world, owner, grades, "thử").await;
        let Err(Refusal::Invalid(fields)) = refused else { panic!("{grades:?}: {refused:?}") };
        let found = fields.iter().find(|one| one.field == field).unwrap_or_else(|| panic!("{grades:?}: {fields:?}"));
        assert!(found.message.vi.contains(words), "{grades:?}: {}", found.message.vi);
    }
    let many: Vec<(String, String)> = (0..13).map(|at| (format!("Mức {at}"), (90 - at).to_string())).collect();
    let many: Vec<(&str, &str)> = many.iter().map(|(name, from)| (name.as_str(), from.as_str())).collect();
    assert!(matches!(set(&world, owner, &many, "thử").await, Err(Refusal::Invalid(_))));
    let both = set(&world, owner, &[("", "80")], " ").await;
    let Err(Refusal::Invalid(fields)) = both else { panic!("{both:?}") };
    assert_eq!(fields.iter().map(|one| one.field.as_str()).collect::<Vec<_>>(), ["grade-1-name", "reason"]);
    let nobody = set(&world, "ct@a.example", &[("Tốt", "80")], "thử").await;
    assert!(matches!(nobody, Err(Refusal::Denied(Denial::NotAllowed))), "{nobody:?}");
    assert!(world.store.state().levels[&level(&world)].facts.grades.is_empty());
    assert_eq!(world.store.audit().await.unwrap().faults, [""; 0]);
}

async fn a_running_rounds_grades_change_with_both_states_on_the_record(world: World) {
    let owner = "bcd@t.example";
    let (points, hash) = {
        let state = world.store.state();
        (state.assessments.clone(), state.levels[&level(&world)].program.set_hash.clone())
    };
    assert_eq!(set(&world, owner, &[("Tốt", "82,5 %"), ("", ""), ("Khá", " 65 ")], "kế hoạch").await.unwrap(), 2);
    assert_eq!(set(&world, owner, &[("Tốt", "82.5"), ("Khá", "65%")], "lại").await.unwrap(), 0, "nothing new");
    {
        let state = world.store.state();
        let level = &state.levels[&level(&world)];
        let told: Vec<String> = level.facts.grades.iter().map(|one| format!("{} {}", one.name, one.from)).collect();
        assert_eq!(told, ["Tốt 82.5%", "Khá 65%"]);
        assert_eq!(level.program.set.head.ranking.grades, level.facts.grades, "units are graded by them");
        assert_eq!(level.program.set_hash, hash, "the set stays the set that it is");
        assert_eq!(state.assessments, points, "no point moves");
    }
    // A reading that is decided after it leaves the grades.
    let reading = Command::PickOpen { round: world.round, reason: "như đề nghị".to_owned() };
    world.store.change(world.actor(owner), now(), reading).await.unwrap();
    assert_eq!(world.store.state().levels[&level(&world)].program.set.head.ranking.grades.len(), 2);
    assert_eq!(set(&world, owner, &[], "thôi xếp loại").await.unwrap(), 0);
    assert!(world.store.state().levels[&level(&world)].program.set.head.ranking.grades.is_empty());
    let history = world.store.round_history(world.round).await.unwrap();
    let own: Vec<_> = history.iter().filter(|event| event.action == "round.grades").collect();
    assert_eq!(own.len(), 2);
    assert_eq!(own[0].detail["before"], own[1].detail["after"]);
    assert_eq!(own[1].detail["after"][0]["from"], "82.5%");
    assert_eq!(
        (own[0].detail["after"].clone(), own[0].detail["reason"].as_str()),
        ("[]".parse().unwrap(), Some("thôi xếp loại"))
    );
    assert_eq!(world.store.audit().await.unwrap().faults, [""; 0]);
}

async fn what_is_published_is_graded_and_computed_again_to_the_same(world: World) {
    let figure = {
        let state = world.store.state();
        state.levels[&level(&world)].program.set.indicator("I.5.2").unwrap().all_figures()[0].id.clone()
    };
    let change = EntryChange { figures: [(figure, "9".to_owned())].into(), ..EntryChange::default() };
    let save = Command::SaveEntry { assessment: world.sheet("A"), indicator: "I.5.2".to_owned(), version: 0, change };
    world.operator(save).await;
    world.operator(Command::PickOpen { round: world.round, reason: "như đề nghị".to_owned() }).await;
    // A reaches 4.5 of 600 points, the others nothing.
    set(&world, "bcd@t.example", &[("Cao", "50"), ("Có điểm", "0,75")], "mẫu").await.unwrap();
    for phase in [Phase::Appraising, Phase::Explaining, Phase::Deciding] {
        world.phase(phase).await;
    }
    let day = "2024-01-15".parse().unwrap();
    let publish = Command::Publish { round: world.round, number: "01/QĐ".to_owned(), day, undecided: String::new() };
    let id = world.operator(publish).await.id.unwrap();
    let rows = world.store.published(id, "commune").await.unwrap();
    let told: Vec<_> = rows.iter().map(|row| (row.code.as_str(), row.grade.as_deref())).collect();
    assert_eq!(told, [("A", Some("Có điểm")), ("B", None), ("C", None)]);
    let one = world.store.publication(id).await.unwrap().unwrap();
    let grading = one.head.levels[0].grading.clone().unwrap();
    assert!(grading.by_round);
    assert_eq!(grading.grades.iter().map(|one| one.name.as_str()).collect::<Vec<_>>(), ["Cao", "Có điểm"]);
    assert_eq!(world.store.recompute(&one).await.unwrap(), [""; 0]);
    let late = set(&world, "bcd@t.example", &[("Khác", "10")], "muộn").await;
    assert!(matches!(late, Err(Refusal::Denied(Denial::Phase(Phase::Published)))), "{late:?}");
    let copy = store::Store::open(&world.url, world.folder.path().join("evidence")).await.unwrap();
    assert_eq!(copy.recompute(&one).await.unwrap(), [""; 0], "as read from the database");
    // Whoever changes the grades behind the door's back is found out.
    sqlx::any::install_default_drivers();
    let behind = sqlx::any::AnyPoolOptions::new().max_connections(1).connect(&world.url).await.unwrap();
    sqlx::query("UPDATE round_level SET grades = '[]'").execute(&behind).await.unwrap();
    let copy = store::Store::open(&world.url, world.folder.path().join("evidence")).await.unwrap();
    let faults = copy.recompute(&one).await.unwrap();
    assert!(faults.iter().any(|fault| fault.contains("A: computed again")), "{faults:?}");
}

on_both!(
    what_cannot_hold_is_told_field_by_field_and_nothing_is_kept,
    a_running_rounds_grades_change_with_both_states_on_the_record,
    what_is_published_is_graded_and_computed_again_to_the_same,
);
