//! What changed since last year: ranks, and the points of the indicators that both years have.

use criteria::Number;
use criteria::mapping::Mapping;
use criteria::model::RoundingMode;

use crate::exact::Exact;
use crate::figures::Figures;
use crate::program::Program;
use crate::rank::RankedUnit;
use crate::score::{Scores, UnitScore};

/// A scored and ranked level.
#[derive(Clone, Copy, Debug)]
pub struct Level<'a> {
    /// The set's program.
    pub program: &'a Program,
    /// The figures.
    pub figures: &'a Figures,
    /// The scores.
    pub scores: &'a Scores,
    /// The ranks.
    pub ranked: &'a [RankedUnit],
}

/// What changed for a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change {
    /// Its rank last year; `None` where nothing applied to it.
    pub rank_before: Option<u32>,
    /// By how many ranks it rose (negative: fell).
    pub ranks_up: Option<i64>,
    /// What it reached last year of the indicators that both years have, in percent of what applied.
    pub mapped_before: Option<Number>,
    /// What it reaches now of the same indicators.
    pub mapped_now: Option<Number>,
}

/// The places of the indicators that two years have in common: those that a mapping joins, or without one those of the
/// same id. What is only the sum of others is left out, in either year, or its points would count twice.
pub fn pairs(earlier: &Program, later: &Program, mapping: Option<&Mapping>) -> Vec<(usize, usize)> {
    let ids: Vec<(&str, &str)> = match mapping {
        Some(mapping) => mapping.maps.iter().map(|map| (map.from.as_str(), map.to.as_str())).collect(),
        None => later.set.indicators().map(|one| (one.id.as_str(), one.id.as_str())).collect(),
    };
    let places =
        ids.into_iter().filter_map(|(from, to)| Some((earlier.indicator_index(from)?, later.indicator_index(to)?)));
    places.filter(|(from, to)| earlier.counts(*from) && later.counts(*to)).collect()
}

/// What was reached of some points, in percent of what applied, to two decimals; `None` where nothing did.
pub fn share(of: impl IntoIterator<Item = (Number, Number)>) -> Option<Number> {
    let (mut points, mut applicable) = (0_i64, 0_i64);
    for (own, whole) in of {
        points = points.saturating_add(own.millionths());
        applicable = applicable.saturating_add(whole.millionths());
    }
    let hundred = Number::from_millionths(100 * Number::ONE.millionths());
    (applicable > 0).then(|| Exact::scaled(hundred, points, applicable).round(RoundingMode::HalfUp, 2))
}

/// What changed, for each unit of `later`; `None` for a unit that last year did not have. Without a mapping both years
/// are of one set.
pub fn changes(earlier: &Level<'_>, later: &Level<'_>, mapping: Option<&Mapping>) -> Vec<Option<Change>> {
    let (before, now): (Vec<usize>, Vec<usize>) = pairs(earlier.program, later.program, mapping).into_iter().unzip();
    let rank_of = |level: &Level<'_>, unit: usize| {
        level.ranked.iter().find(|ranked| ranked.unit == unit).and_then(|ranked| ranked.rank)
    };
    later
        .figures
        .units
        .iter()
        .enumerate()
        .map(|(index, unit)| {
            let earlier_index = earlier.figures.units.iter().position(|known| known.unit == unit.unit)?;
            let (rank_before, rank) = (rank_of(earlier, earlier_index), rank_of(later, index));
            Some(Change {
                rank_before,
                ranks_up: rank_before.zip(rank).map(|(before, now)| i64::from(before) - i64::from(now)),
                mapped_before: reached(earlier.program, &earlier.scores.units[earlier_index], &before),
                mapped_now: reached(later.program, &later.scores.units[index], &now),
            })
        })
        .collect()
}

/// What a unit reached of some indicators.
fn reached(program: &Program, unit: &UnitScore, indicators: &[usize]) -> Option<Number> {
    share(indicators.iter().map(|index| {
        let score = &unit.indicators[*index];
        let maximum = program.maximum_of(*index).millionths();
        (score.points, Number::from_millionths(maximum - score.excluded.millionths()))
    }))
}
