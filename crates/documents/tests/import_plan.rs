//! Assignment plans imported from the documents, measured against the plans made by hand.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

mod common;

use std::collections::BTreeSet;

use common::{files, repository, set};
use criteria::plan::{AssignmentPlan, Position};
use criteria::quote::fold;
use documents::import::{Options, import, plan};

/// The hand-made position that a drafted one stands for.
fn by_hand<'a>(hand: &'a [Position], drafted: &Position) -> Option<&'a str> {
    let forms = |position: &Position| -> BTreeSet<String> {
        std::iter::once(&position.name).chain(&position.also).map(|form| fold(form).replace(' ', "")).collect()
    };
    let own = forms(drafted);
    hand.iter().find(|position| !forms(position).is_disjoint(&own)).map(|position| position.id.as_str())
}

fn measured(id: &str, source: &str, set_id: &str) -> (usize, usize, usize, usize) {
    let folder = repository().join("plans").join(id);
    let set = set(set_id);
    let hand = AssignmentPlan::read("", &files(&folder), &set).unwrap();
    let bytes = std::fs::read(folder.join("source").join(source)).unwrap();
    let draft = import(source, &bytes, &Options::default()).unwrap();
    let drafted = plan(&draft, &set, id);
    assert!(drafted.problems.is_empty(), "{:#?}", drafted.problems);
    let read = AssignmentPlan::read("", &drafted.files, &set).unwrap();
    assert_eq!(read.file, drafted.file, "the plan reads back as it was written");
    let ids = |positions: &[String]| -> BTreeSet<String> {
        let known = |id: &String| {
            let position = drafted.file.positions.iter().find(|position| position.id == *id)?;
            by_hand(&hand.file.positions, position)
        };
        positions.iter().map(|id| known(id).unwrap_or(id).to_owned()).collect()
    };
    let set_of = |positions: &[String]| positions.iter().cloned().collect::<BTreeSet<String>>();
    let (mut leads, mut coordinating, mut due) = (0, 0, 0);
    for one in &hand.file.assignments {
        let Some(own) = drafted.file.assignments.iter().find(|own| own.indicator == one.indicator) else {
            println!("  {id} {}: missing", one.indicator);
            continue;
        };
        let same = (ids(&own.lead) == set_of(&one.lead), ids(&own.coordinating) == set_of(&one.coordinating));
        leads += usize::from(same.0);
        coordinating += usize::from(same.1);
        due += usize::from(own.due == one.due);
        if same != (true, true) {
            println!(
                "  {id} {}: {:?} {:?} for {:?} {:?}",
                one.indicator, own.lead, own.coordinating, one.lead, one.coordinating
            );
        }
    }
    let of = hand.file.assignments.len();
    println!("{id}: {of} assignments; lead {leads}, coordinating {coordinating}, deadline {due} right");
    let excluded =
        |plan: &AssignmentPlan| -> Vec<String> { plan.file.excluded.iter().map(|one| one.no.clone()).collect() };
    assert_eq!(excluded(&read), excluded(&hand));
    (of, leads, coordinating, due)
}

#[test]
fn letter_114_becomes_a_plan() {
    let (of, leads, coordinating, due) = measured("khe-tre-114-2024", "cv114.md", "hue-931-2024-commune");
    assert!(leads * 100 >= of * 95 && coordinating * 100 >= of * 95 && due == of);
}

#[test]
fn plan_41_becomes_a_plan() {
    let (of, leads, coordinating, due) = measured("nghia-phuong-41-2023", "kh41.txt", "nghia-phuong-41-2023");
    assert!(leads * 100 >= of * 90 && coordinating * 100 >= of * 90 && due == of);
}
