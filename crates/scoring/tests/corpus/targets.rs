//! What the fuzzers and the corpus test do with bytes: read, and go on as far as the bytes allow.

#![allow(dead_code, reason = "each fuzz target uses its own function")]

use std::num::NonZeroUsize;
use std::sync::OnceLock;

use criteria::{CriteriaSet, Files, Picks};
use scoring::figures::collect;
use scoring::{KnownNotation, Program, RawFigure, input};

const HEAD: &str = include_str!("../../../../fuzz/seed-set.toml");
const PILLAR: &str = include_str!("../../../../fuzz/seed-pillar.toml");

/// The text of a set's head and of its one pillar, parted by a line of `=====`; only one text is a pillar for the seed's
/// head. What can be read is checked, hashed, compiled and scored.
pub fn set_reader(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let (head, pillar) = text.split_once("\n=====\n").unwrap_or((HEAD, text));
    let files = Files::from([("set.toml".to_owned(), head.to_owned()), ("1.toml".to_owned(), pillar.to_owned())]);
    let Ok(set) = CriteriaSet::read("", &files) else { return };
    set.hash();
    criteria::check::check(&set);
    let Ok(program) = Program::new(&set, &Picks::new(), None) else { return };
    let rows = program.unit_slots.iter().map(|slot| RawFigure {
        unit: Some("U".to_owned()),
        indicator: slot.indicator.clone(),
        figure: slot.figure.id.clone(),
        value: scoring::RawValue::Text("1".to_owned()),
        place: String::new(),
        column: String::new(),
    });
    score(&program, rows.collect());
}

/// A CSV file of figures.
pub fn figures_csv(bytes: &[u8]) {
    if let Ok(rows) = input::from_csv("f.csv", bytes) {
        score(seed(), rows);
    }
}

/// A JSON file of figures.
pub fn figures_json(bytes: &[u8]) {
    if let Ok(rows) = input::from_json("f.json", bytes) {
        score(seed(), rows);
    }
}

fn seed() -> &'static Program {
    static SEED: OnceLock<Program> = OnceLock::new();
    SEED.get_or_init(|| {
        let files = Files::from([("set.toml".to_owned(), HEAD.to_owned()), ("1.toml".to_owned(), PILLAR.to_owned())]);
        let set = CriteriaSet::read("", &files).expect("the seed set is well-formed");
        Program::new(&set, &Picks::new(), None).expect("no picks")
    })
}

fn score(program: &Program, rows: Vec<RawFigure>) {
    let Ok(figures) = collect(program, rows, KnownNotation::Unknown) else { return };
    let scores = scoring::score::score(program, &figures, NonZeroUsize::MIN);
    let ranked = scoring::rank::rank(program, &figures, &scores);
    if let Some(first) = ranked.first() {
        for index in 0..program.indicator_count() {
            let unit = &figures.units[first.unit];
            let explanation = scoring::explain::explain(program, &figures, unit, &scores, index);
            for language in [criteria::Language::Vietnamese, criteria::Language::English] {
                assert!(!scoring::sentence::sentence(&explanation, language).is_empty());
            }
            assert!(explanation.points <= explanation.maximum);
        }
    }
}
