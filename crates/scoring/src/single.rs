//! One unit at a time, for a program that keeps a level's figures and sees one of them change.
//!
//! What other units bring in, the spans of the rules about peers, is handed in; so a unit's points can be had
//! without reading the others' figures.

use criteria::Text;

use crate::cell::Cell;
use crate::evaluate::{Context, Spread};
use crate::figures::{Figures, UnitFigures};
use crate::program::{Program, Slot};
use crate::sanity;
use crate::score::{Claims, UnitScore, gather_measures, score_unit};

/// A measure that is compared with peers, as a fraction; `None` where the unit has none or is exempt.
pub type Measure = Option<(i64, i64)>;

/// Two values of one unit that cannot both be right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contradiction {
    /// The indicator whose rule they contradict.
    pub indicator: String,
    /// The value to look at first.
    pub slot: Slot,
    /// What is wrong.
    pub message: Text,
}

/// Scores one unit. `spreads` holds, by the index of each rule about peers, the span over the unit's block; a unit
/// whose own measure lies outside widens it.
pub fn score_one(
    program: &Program,
    cells: &[Cell],
    round: &[Cell],
    spreads: &[Option<Spread>],
    claims: &Claims,
) -> UnitScore {
    score_unit(program, &Context { unit: cells, round, spreads }, claims)
}

/// The unit's measures that are compared with peers, by the index of the rule.
pub fn measures(program: &Program, cells: &[Cell], round: &[Cell]) -> Vec<Measure> {
    gather_measures(program, &Context { unit: cells, round, spreads: &[] })
}

/// The spans over units, from their measures.
pub fn spreads<'a>(program: &Program, units: impl Iterator<Item = &'a [Measure]>) -> Vec<Option<Spread>> {
    let mut spreads = vec![None; program.peers_count];
    for unit in units {
        for (spread, measure) in spreads.iter_mut().zip(unit) {
            if let Some(ratio) = measure {
                *spread = Spread::with(*spread, *ratio);
            }
        }
    }
    spreads
}

/// What cannot be right together in one unit's figures.
pub fn contradictions(program: &Program, unit: &UnitFigures, round: &[Cell]) -> Vec<Contradiction> {
    let figures =
        Figures { units: vec![unit.clone()], round: round.to_vec(), round_origins: std::collections::BTreeMap::new() };
    sanity::find(program, &figures)
}
