//! Mappings: read strictly, written as a file, and proposed so that a person has little left to do.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

mod common;

use common::official_set;
use criteria::mapping::Mapping;

const KEPT: &str = include_str!("../../../criteria/mappings/hue-2263-2023-commune--hue-931-2024-commune.toml");

#[test]
fn proposals_are_mostly_what_a_person_decided() {
    let (from, to) = (official_set("hue-2263-2023-commune"), official_set("hue-931-2024-commune"));
    let kept = Mapping::read("kept.toml", KEPT, &from, &to).unwrap();
    let proposed = Mapping::propose(&from, &to);
    let right = |from: &str, to: &str| kept.maps.iter().any(|pair| pair.from == from && pair.to == to);
    let (hits, misses): (Vec<_>, Vec<_>) = proposed.maps.iter().partition(|pair| right(&pair.from, &pair.to));
    for miss in &misses {
        println!("not by hand: {} → {}", miss.from, miss.to);
    }
    println!("{} proposed, {} of them by hand; {} by hand in all", proposed.maps.len(), hits.len(), kept.maps.len());
    assert!(hits.len() * 10 >= proposed.maps.len() * 8, "8 of 10 proposals hold");
    assert!(hits.len() >= 22, "at least 22 pairs need no more than a nod");
}

#[test]
fn a_mapping_is_written_as_it_is_read() {
    let (from, to) = (official_set("hue-2263-2023-commune"), official_set("hue-931-2024-commune"));
    let kept = Mapping::read("kept.toml", KEPT, &from, &to).unwrap();
    assert_eq!(Mapping::read("again.toml", &kept.to_toml(), &from, &to).unwrap(), kept);
}

#[test]
fn pairs_that_lead_nowhere_are_named_with_their_place() {
    let (from, to) = (official_set("hue-2263-2023-commune"), official_set("hue-931-2024-commune"));
    let text = "format = 1\nfrom = \"hue-2263-2023-commune\"\nto = \"elsewhere\"\n[[map]]\nfrom = \"I.1.1\"\nto = \"I.99\"\nhow = \"same\"\n";
    let problems = Mapping::read("m.toml", text, &from, &to).unwrap_err();
    let told: Vec<(usize, usize, &str)> =
        problems.iter().map(|problem| (problem.line, problem.column, problem.message.en.as_str())).collect();
    assert_eq!(told[0], (3, 6, "expected \"hue-931-2024-commune\", found \"elsewhere\""));
    assert!(told[1].0 == 6 && told[1].2.starts_with("hue-931-2024-commune has no indicator \"I.99\""), "{told:?}");
}
