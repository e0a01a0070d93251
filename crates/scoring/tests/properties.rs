//! What must hold for every rule, set and level: checked on random ones.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

mod common;
mod naive;

use std::num::NonZeroUsize;

use common::{collect, program, row, set};
use criteria::model::{RoundingMode, Ties};
use criteria::{CriteriaSet, Number};
use naive::{Naive, Values, hundredths};
use proptest::prelude::*;
use scoring::exact::Exact;
use scoring::rank::rank;
use scoring::score::{State, score};
use scoring::{Figures, Program, RawFigure, robustness};

/// A rule over the figures a, b, c (counts), p (a share), d (a day), y (yes or no), as TOML; `depth` bounds nesting.
fn rule(depth: u32) -> BoxedStrategy<String> {
    let curve = prop_oneof![Just("proportional"), Just("all-or-nothing"), Just("inverse")];
    let empty = prop_oneof![Just("full"), Just("zero"), Just("not-applicable")];
    let leaf = prop_oneof![
        Just("kind = \"yes-no\", asks = \"?\", figure = \"y\"".to_owned()),
        (curve, empty.clone(), prop::option::of(1_u32..=100), prop::option::of(0_u32..30)).prop_map(|(curve, empty, from, worth)| {
            let from = from.map(|from| format!(", full_from = \"{from}%\"")).unwrap_or_default();
            let worth = worth.map(|worth| format!(", worth = \"{worth}\"")).unwrap_or_default();
            format!("kind = \"share\", part = \"a\", whole = \"b\", may_exceed = true, curve = \"{curve}\", empty = \"{empty}\"{from}{worth}")
        }),
        Just("kind = \"share\", value = \"p\"".to_owned()),
        (1_u32..40, any::<bool>(), any::<bool>()).prop_map(|(required, all, last)| {
            let curve = if all { "all-or-nothing" } else { "proportional" };
            let last = if last { ", last = { date = \"d\", before = \"11-15\" }" } else { "" };
            format!("kind = \"required\", count = \"c\", required = \"{required}\", curve = \"{curve}\"{last}")
        }),
        (1_u32..10, 1_u32..10, 0_u32..9, 0_u32..9).prop_map(|(low, width, few, more)| {
            let (high, top) = (low + width, few + more);
            format!("kind = \"steps\", value = \"c\", steps = [{{ from = \"{high}\", points = \"{top}\" }}, {{ from = \"{low}\", points = \"{few}\" }}]")
        }),
        (0_u32..5, prop::option::of(0_u32..20)).prop_map(|(each, ceiling)| {
            let ceiling = ceiling.map(|ceiling| format!(", ceiling = \"{ceiling}\"")).unwrap_or_default();
            format!("kind = \"each\", count = \"c\", each = \"{each}\"{ceiling}")
        }),
        (0_u32..5, prop::option::of(1_u32..20)).prop_map(|(each, zero)| {
            let zero = zero.map(|zero| format!(", zero_from = \"{zero}\"")).unwrap_or_default();
            format!("kind = \"loss\", count = \"c\", each = \"{each}\"{zero}")
        }),
        (prop_oneof![Just("min-max"), Just("share-of-best")], any::<bool>(), empty).prop_map(|(method, lower, empty)| {
            let better = if lower { "lower" } else { "higher" };
            format!("kind = \"peers\", value = \"c\", method = \"{method}\", better = \"{better}\", empty = \"{empty}\"")
        }),
    ];
    if depth == 0 {
        return leaf.boxed();
    }
    let part = (1_u32..9, rule(depth - 1), modifiers()).prop_map(|(points, rule, modifiers)| (points, rule, modifiers));
    let parts = prop::collection::vec(part, 1..4).prop_map(|parts| {
        let parts: Vec<String> = parts
            .iter()
            .enumerate()
            .map(|(at, (points, rule, modifiers))| {
                format!("{{ id = \"q{at}\", points = \"{points}\", rule = {{ {rule} }}{modifiers} }}")
            })
            .collect();
        format!("kind = \"parts\", parts = [{}]", parts.join(", "))
    });
    prop_oneof![3 => leaf, 1 => parts].boxed()
}

fn modifiers() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => Just(String::new()),
        1 => (0_u32..9).prop_map(|least| format!(", gate = {{ count = \"c\", at_least = \"{least}\" }}")),
        1 => Just(", gate = { yes = \"y\" }".to_owned()),
        1 => Just(", gate = { date = \"d\", before = \"11-15\" }".to_owned()),
        1 => (0_u32..100).prop_map(|factor| format!(", late = {{ date = \"d\", after = \"01-31\", factor = \"{factor}%\" }}")),
    ]
}

/// A set of a few random indicators.
fn random_set() -> impl Strategy<Value = CriteriaSet> {
    let indicator = (0_u32..30, rule(2), modifiers(), prop::bool::weighted(0.2));
    (prop::collection::vec(indicator, 1..5), prop_oneof![Just("indicator"), Just("pillar"), Just("total")]).prop_map(
        |(indicators, tier)| {
            let mut pillar = "[pillar]\nno = \"I\"\nname = \"N\"\n".to_owned();
            for (at, (points, rule, modifiers, exempt)) in indicators.iter().enumerate() {
                let exempt = if *exempt { "exempt = [{ when = \"y\", is = \"no\" }]\n" } else { "" };
                let modifiers = modifiers.trim_start_matches(", ");
                pillar.push_str(&format!(
                    "[[indicator]]\nid = \"I.{at}\"\nno = \"{at}\"\nname = \"n\"\npoints = \"{points}\"\n{exempt}figures = [\n\
                     {{ id = \"a\", label = \"A\", kind = \"count\" }},\n{{ id = \"b\", label = \"B\", kind = \"count\" }},\n\
                     {{ id = \"c\", label = \"C\", kind = \"count\" }},\n{{ id = \"p\", label = \"P\", kind = \"share\" }},\n\
                     {{ id = \"d\", label = \"D\", kind = \"date\" }},\n{{ id = \"y\", label = \"Y\", kind = \"yes-no\" }},\n]\n\
                     rule = {{ {rule} }}\n{modifiers}\n"
                ));
            }
            let head = format!("rounding = {{ tier = \"{tier}\" }}\n---[[profile]]\nid = \"anchor\"\nlabel = \"Neo\"\nkind = \"count\"\n");
            set(&head, &pillar)
        },
    )
}

/// Values for one indicator; some are missing.
fn values() -> impl Strategy<Value = Values> {
    let count = || prop::option::weighted(0.9, prop_oneof![0_u32..12, Just(1_000_003)]);
    let day = prop::option::weighted(
        0.9,
        prop_oneof![Just("2023-01-31"), Just("2023-02-01"), Just("2023-11-14"), Just("2023-11-15")],
    );
    (
        count(),
        count(),
        count(),
        prop::option::weighted(0.9, 0_u32..=100),
        day,
        prop::option::weighted(0.9, any::<bool>()),
    )
        .prop_map(|(a, b, c, p, d, y)| {
            let known = [
                ("a", a.map(|a| a.to_string())),
                ("b", b.map(|b| b.to_string())),
                ("c", c.map(|c| c.to_string())),
                ("p", p.map(|p| format!("{p}%"))),
                ("d", d.map(str::to_owned)),
                ("y", y.map(|y| if y { "yes" } else { "no" }.to_owned())),
            ];
            known.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
        })
}

/// A level: by unit and indicator the values.
fn level() -> impl Strategy<Value = Vec<Vec<Values>>> {
    prop::collection::vec(prop::collection::vec(values(), 5), 1..7)
}

fn rows(level: &[Vec<Values>], indicators: usize) -> Vec<RawFigure> {
    let mut rows = Vec::new();
    for (unit, by_indicator) in level.iter().enumerate() {
        rows.push(row(&format!("U{unit}"), "", "anchor", "1"));
        for (at, values) in by_indicator.iter().enumerate().take(indicators) {
            rows.extend(values.iter().map(|(name, value)| row(&format!("U{unit}"), &format!("I.{at}"), name, value)));
        }
    }
    rows
}

fn scored(set: &CriteriaSet, level: &[Vec<Values>]) -> (Program, Figures) {
    let program = program(set);
    let figures = collect(&program, rows(level, program.indicator_count())).unwrap();
    (program, figures)
}

const ONE: NonZeroUsize = NonZeroUsize::MIN;

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn points_stay_within_the_maximum_and_agree_with_the_naive_evaluator(set in random_set(), level in level()) {
        let (program, figures) = scored(&set, &level);
        let scores = score(&program, &figures, ONE);
        for (unit, score) in scores.units.iter().enumerate() {
            let mut exact = naive::zero();
            for (at, indicator) in program.set.indicators().enumerate() {
                let found = score.indicators[at];
                prop_assert!(found.points >= Number::ZERO && found.points <= program.maximum_of(at));
                let peers = level.iter().map(|values| values[at].clone()).collect();
                let given = Naive { set: &program.set, year: program.year, level: peers }.indicator(indicator, &level[unit][at]);
                if program.set.head.rounding.tier == criteria::model::Tier::Indicator {
                    prop_assert_eq!(found.points.millionths() / 10_000, hundredths(&given.points), "{} of U{}", indicator.id, unit);
                }
                prop_assert_eq!(found.state == State::Missing, given.missing && found.state != State::NotApplicable);
                exact += given.points;
            }
            if program.set.head.rounding.tier != criteria::model::Tier::Indicator {
                prop_assert_eq!(score.points.millionths() / 10_000, hundredths(&exact), "the sum is rounded once");
            }
            let applicable = score.maximum.millionths() - score.excluded.millionths();
            if applicable > 0 && program.set.head.rounding.tier == criteria::model::Tier::Indicator {
                let expected = Exact::of(score.points).times(score.maximum.millionths(), applicable).round(RoundingMode::HalfUp, 2);
                prop_assert_eq!(score.comparable, Some(expected));
            }
            prop_assert_eq!(score.comparable.is_some(), applicable > 0);
        }
    }

    #[test]
    fn neither_threads_nor_the_order_of_rows_and_units_matter(set in random_set(), level in level(), turn in 0_usize..100) {
        let (program, figures) = scored(&set, &level);
        let mut turned = rows(&level, program.indicator_count());
        let length = turned.len();
        turned.rotate_left(turn % length);
        turned.reverse();
        let other = collect(&program, turned).unwrap();
        let (one, many) = (score(&program, &figures, ONE), score(&program, &other, NonZeroUsize::new(3).unwrap()));
        let (first, second) = (rank(&program, &figures, &one), rank(&program, &other, &many));
        for ranked in &first {
            let name = &figures.units[ranked.unit].unit;
            let again = second.iter().find(|unit| other.units[unit.unit].unit == *name).unwrap();
            prop_assert_eq!((ranked.rank, ranked.tied, &ranked.pillar_ranks), (again.rank, again.tied, &again.pillar_ranks));
            prop_assert_eq!(&one.units[ranked.unit].indicators, &many.units[again.unit].indicators);
        }
        let two = NonZeroUsize::new(2).unwrap();
        prop_assert_eq!(
            robustness::intervals(&program, &figures, &one, 40, 7, ONE),
            robustness::intervals(&program, &figures, &one, 40, 7, two)
        );
    }

    #[test]
    fn more_never_earns_less_where_the_rule_rises(required in 1_u32..40, low in 0_u32..60, more in 0_u32..60, from in 1_u32..100) {
        let rising = [
            format!("kind = \"required\", count = \"c\", required = \"{required}\""),
            format!("kind = \"steps\", value = \"c\", steps = [{{ from = \"{}\", points = \"9\" }}, {{ from = \"{required}\", points = \"4\" }}]", required + 3),
            "kind = \"each\", count = \"c\", each = \"0.7\"".to_owned(),
            format!("kind = \"share\", part = \"c\", whole = \"b\", may_exceed = true, empty = \"zero\", full_from = \"{from}%\""),
        ];
        let falling = ["kind = \"loss\", count = \"c\", each = \"0.3\", zero_from = \"30\"".to_owned(), "kind = \"share\", part = \"c\", whole = \"b\", may_exceed = true, empty = \"zero\", curve = \"inverse\"".to_owned()];
        for (rules, sign) in [(&rising[..], 1), (&falling[..], -1)] {
            for rule in rules {
                let points = |count: u32| {
                    let pillar = format!(
                        "[pillar]\nno = \"I\"\nname = \"N\"\n[[indicator]]\nid = \"I.0\"\nno = \"0\"\nname = \"n\"\npoints = \"9\"\n\
                         figures = [{{ id = \"b\", label = \"B\", kind = \"count\" }}, {{ id = \"c\", label = \"C\", kind = \"count\" }}]\nrule = {{ {rule} }}\n"
                    );
                    let program = program(&set("", &pillar));
                    let figures = collect(&program, vec![row("U", "I.0", "b", "50"), row("U", "I.0", "c", &count.to_string())]).unwrap();
                    score(&program, &figures, ONE).units[0].points.millionths() * sign
                };
                prop_assert!(points(low) <= points(low + more), "{}", rule);
            }
        }
    }

    #[test]
    fn ranks_follow_the_tie_rule(values in prop::collection::vec(0_u32..6, 1..12)) {
        for ties in [Ties::Competition, Ties::Dense] {
            let word = if ties == Ties::Dense { "dense" } else { "competition" };
            let pillar = "[pillar]\nno = \"I\"\nname = \"N\"\n[[indicator]]\nid = \"I.0\"\nno = \"0\"\nname = \"n\"\npoints = \"9\"\n\
                figures = [{ id = \"c\", label = \"C\", kind = \"count\" }]\nrule = { kind = \"each\", count = \"c\", each = \"1\" }\n";
            let program = program(&set(&format!("ranking = {{ ties = \"{word}\" }}"), pillar));
            let rows = values.iter().enumerate().map(|(at, value)| row(&format!("U{at}"), "I.0", "c", &value.to_string())).collect();
            let figures = collect(&program, rows).unwrap();
            let scores = score(&program, &figures, ONE);
            for unit in rank(&program, &figures, &scores) {
                let own = values[unit.unit];
                let mut better: Vec<u32> = values.iter().copied().filter(|value| *value > own).collect();
                if ties == Ties::Dense {
                    better.sort_unstable();
                    better.dedup();
                }
                prop_assert_eq!(unit.rank, Some(better.len() as u32 + 1));
                prop_assert_eq!(unit.tied, values.iter().filter(|value| **value == own).count() > 1);
            }
        }
    }

    #[test]
    fn no_bytes_of_figures_make_the_readers_panic(bytes in prop::collection::vec(any::<u8>(), 0..300), text in "[\\PC\n,;\"]{0,200}") {
        let pillar = "[pillar]\nno = \"I\"\nname = \"N\"\n[[indicator]]\nid = \"I.0\"\nno = \"0\"\nname = \"n\"\npoints = \"9\"\nrule = { kind = \"judged\", asks = \"?\" }\n";
        let program = program(&set("", pillar));
        for bytes in [bytes, text.clone().into_bytes(), format!("unit,indicator,figure,value\n{text}").into_bytes()] {
            for rows in [scoring::input::from_csv("f", &bytes), scoring::input::from_json("f", &bytes)].into_iter().flatten() {
                let _ = scoring::figures::collect(&program, rows, scoring::KnownNotation::Unknown);
            }
        }
    }
}

#[test]
fn extremes_are_scored_without_a_panic() {
    let huge = "9223372036854";
    let pillar = format!(
        "[pillar]\nno = \"I\"\nname = \"N\"\n[[indicator]]\nid = \"I.0\"\nno = \"0\"\nname = \"n\"\npoints = \"{huge}\"\n\
         figures = [{{ id = \"a\", label = \"A\", kind = \"count\" }}, {{ id = \"b\", label = \"B\", kind = \"count\" }}]\n\
         rule = {{ kind = \"share\", part = \"a\", whole = \"b\", empty = \"zero\", full_from = \"0.0001%\", worth = \"{huge}\" }}\n\
         [[indicator]]\nid = \"I.1\"\nno = \"1\"\nname = \"n\"\npoints = \"{huge}\"\n\
         figures = [{{ id = \"c\", label = \"C\", kind = \"count\" }}]\nrule = {{ kind = \"each\", count = \"c\", each = \"{huge}\" }}\n"
    );
    let program = program(&set("", &pillar));
    let rows = vec![row("U", "I.0", "a", "1"), row("U", "I.0", "b", huge), row("U", "I.1", "c", huge)];
    let figures = collect(&program, rows).unwrap();
    let scores = score(&program, &figures, ONE);
    assert_eq!(scores.units[0].indicators[1].points.to_string(), huge);
    assert_eq!(rank(&program, &figures, &scores)[0].rank, Some(1));
    robustness::intervals(&program, &figures, &scores, 10, 1, ONE);
}
