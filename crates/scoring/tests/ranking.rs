//! Blocks, tie-breaks, grades, rounding before and after ranking, and what changed since last year.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

mod common;

use std::num::NonZeroUsize;

use common::{collect, program, row, set};
use criteria::mapping::{How, Mapping, Pair};
use criteria::{CriteriaSet, Number};
use scoring::change::{Level, changes};
use scoring::rank::{RankedUnit, rank};
use scoring::score::{Scores, score};
use scoring::{Figures, Program, RawFigure};

/// Two pillars of one indicator each: `a` out of 10 by tenths, `b` out of 10 by thirds.
fn two_pillars(head: &str) -> CriteriaSet {
    let pillar = "[pillar]\nno = \"I\"\nname = \"N\"\n[[indicator]]\nid = \"I.1\"\nno = \"1\"\nname = \"a\"\npoints = \"10\"\n\
        exempt = [{ when = \"none\", is = \"yes\" }]\n\
        figures = [{ id = \"n\", label = \"N\", kind = \"count\" }, { id = \"none\", label = \"Không có\", kind = \"yes-no\" }]\n\
        rule = { kind = \"each\", count = \"n\", each = \"1\" }\n\
        [[indicator]]\nid = \"I.2\"\nno = \"2\"\nname = \"b\"\npoints = \"10\"\n\
        figures = [{ id = \"s\", label = \"S\", kind = \"share\" }]\nrule = { kind = \"share\", value = \"s\" }\n";
    set(head, pillar)
}

fn ranked(set: &CriteriaSet, rows: Vec<RawFigure>) -> (Program, Figures, Scores, Vec<RankedUnit>) {
    let program = program(set);
    let figures = collect(&program, rows).unwrap();
    let scores = score(&program, &figures, NonZeroUsize::MIN);
    let ranked = rank(&program, &figures, &scores);
    (program, figures, scores, ranked)
}

fn unit(name: &str, n: &str, s: &str) -> Vec<RawFigure> {
    vec![row(name, "I.1", "n", n), row(name, "I.2", "s", s)]
}

fn places(figures: &Figures, ranked: &[RankedUnit]) -> Vec<(String, Option<u32>)> {
    ranked.iter().map(|one| (figures.units[one.unit].unit.clone(), one.rank)).collect()
}

fn expected(places: &[(&str, u32)]) -> Vec<(String, Option<u32>)> {
    places.iter().map(|(name, rank)| ((*name).to_owned(), Some(*rank))).collect()
}

#[test]
fn blocks_are_ranked_apart() {
    let head = "ranking = { block = \"profile.block\" }\n---[[profile]]\nid = \"block\"\nlabel = \"Khối\"\nkind = \"choice\"\n\
        options = [{ id = \"x\", label = \"X\" }, { id = \"y\", label = \"Y\" }]\n";
    let mut rows = Vec::new();
    for (name, block, n) in [("A", "x", "3"), ("B", "y", "9"), ("C", "x", "5"), ("D", "y", "1")] {
        rows.push(row(name, "", "block", block));
        rows.extend(unit(name, n, "50%"));
    }
    let (_, figures, _, ranked) = ranked(&two_pillars(head), rows);
    assert_eq!(places(&figures, &ranked), expected(&[("C", 1), ("A", 2), ("B", 1), ("D", 2)]));
}

#[test]
fn ties_are_broken_only_by_what_the_set_declares() {
    let rows = || [unit("A", "4", "60%"), unit("B", "6", "40%"), unit("C", "1", "10%")].concat();
    let (_, figures, _, plain) = ranked(&two_pillars(""), rows());
    assert_eq!(places(&figures, &plain), expected(&[("A", 1), ("B", 1), ("C", 3)]));
    assert!(plain[0].tied && plain[1].tied && !plain[2].tied);
    let (_, figures, _, broken) = ranked(&two_pillars("ranking = { tie_breaks = [\"I.1\"] }"), rows());
    assert_eq!(places(&figures, &broken), expected(&[("B", 1), ("A", 2), ("C", 3)]));
}

#[test]
fn what_rounding_hides_counts_only_where_the_set_ranks_before_it() {
    // 10.17 and 10.18 of 20 points are 50.85 and 50.9 percent: 51 both at no decimals.
    let rows = || [unit("A", "5", "51.7%"), unit("B", "5", "51.8%")].concat();
    let rounded = "result = { out_of = \"100\", places = 0 }";
    let (_, figures, _, after) = ranked(&two_pillars(rounded), rows());
    assert_eq!(places(&figures, &after), expected(&[("A", 1), ("B", 1)]));
    let (_, figures, _, before) = ranked(&two_pillars(&format!("{rounded}\nranking = {{ unrounded = true }}")), rows());
    assert_eq!(places(&figures, &before), expected(&[("B", 1), ("A", 2)]));
}

#[test]
fn grades_begin_at_their_edge_and_what_does_not_apply_is_taken_out_first() {
    let head = "[ranking]\n[[ranking.grade]]\nname = \"Tốt\"\nfrom = \"80%\"\n[[ranking.grade]]\nname = \"Khá\"\nfrom = \"65%\"\n";
    let mut rows = [unit("A", "6", "100%"), unit("B", "5", "100%"), unit("C", "1", "10%")].concat();
    rows.extend([row("D", "I.1", "none", "yes"), row("D", "I.2", "s", "80%")]);
    let (_, figures, scores, ranked) = ranked(&two_pillars(head), rows);
    let grade = |name: &str| {
        let unit = figures.units.iter().position(|unit| unit.unit == name).unwrap();
        ranked.iter().find(|one| one.unit == unit).unwrap().grade.clone()
    };
    assert_eq!(
        ["A", "B", "C", "D"].map(grade),
        [Some("Tốt".to_owned()), Some("Khá".to_owned()), None, Some("Tốt".to_owned())]
    );
    let last = &scores.units[3];
    assert_eq!((last.points, last.excluded, last.comparable), (number("8"), number("10"), Some(number("16"))));
}

#[test]
fn a_unit_to_which_nothing_applies_has_no_rank() {
    let pillar = "[pillar]\nno = \"I\"\nname = \"N\"\n[[indicator]]\nid = \"I.1\"\nno = \"1\"\nname = \"a\"\npoints = \"10\"\n\
        exempt = [{ when = \"none\", is = \"yes\" }]\nfigures = [{ id = \"none\", label = \"Không có\", kind = \"yes-no\" }]\n\
        rule = { kind = \"yes-no\", asks = \"?\" }\n";
    let rows = vec![row("A", "I.1", "none", "yes"), row("B", "I.1", "answer", "no")];
    let (_, figures, scores, ranked) = ranked(&set("", pillar), rows);
    assert_eq!(places(&figures, &ranked), [("B".to_owned(), Some(1)), ("A".to_owned(), None)]);
    assert_eq!(scores.units[0].comparable, None);
}

#[test]
fn changes_follow_the_mapping_and_the_units_that_both_years_have() {
    let set = two_pillars("");
    let (before, before_figures, before_scores, before_ranked) =
        ranked(&set, [unit("A", "9", "10%"), unit("B", "5", "20%"), unit("C", "1", "10%")].concat());
    let (now, now_figures, now_scores, now_ranked) =
        ranked(&set, [unit("B", "9", "90%"), unit("A", "9", "15%"), unit("E", "1", "1%")].concat());
    let earlier = Level { program: &before, figures: &before_figures, scores: &before_scores, ranked: &before_ranked };
    let later = Level { program: &now, figures: &now_figures, scores: &now_scores, ranked: &now_ranked };
    let mapping = Mapping {
        format: 1,
        from: "small".to_owned(),
        to: "small".to_owned(),
        maps: vec![Pair { from: "I.2".to_owned(), to: "I.2".to_owned(), how: How::Same, by: None }],
    };
    let changes = changes(&earlier, &later, Some(&mapping));
    let told: Vec<_> = changes
        .iter()
        .map(|change| {
            change.map(|change| (change.rank_before, change.ranks_up, change.mapped_before, change.mapped_now))
        })
        .collect();
    assert_eq!(
        told,
        [
            Some((Some(2), Some(1), Some(number("20")), Some(number("90")))),
            Some((Some(1), Some(-1), Some(number("10")), Some(number("15")))),
            None,
        ]
    );
}

fn number(text: &str) -> Number {
    Number::parse(text).unwrap()
}
