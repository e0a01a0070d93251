//! Ranks: by level and block, in total and by pillar, with the declared tie rule, tie-breaks and grades.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use criteria::Number;
use criteria::model::{Grade, RankedBy, RoundingMode, Ties};

use crate::exact::Exact;
use crate::figures::Figures;
use crate::program::Program;
use crate::score::{Block, Scores, UnitScore, block_of};

/// One unit's place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RankedUnit {
    /// The unit's place among the figures.
    pub unit: usize,
    /// Its block.
    pub block: Block,
    /// Its rank within the block; `None` where nothing applies to it.
    pub rank: Option<u32>,
    /// Whether others hold the same rank.
    pub tied: bool,
    /// Its rank within the block by pillar, in the order of the pillars.
    pub pillar_ranks: Vec<Option<u32>>,
    /// Its grade, where the set or the round declares any and one is reached.
    pub grade: Option<String>,
}

/// Ranks every unit of `scores`, best first within each block; units with equal results keep the order of the figures.
pub fn rank(program: &Program, figures: &Figures, scores: &Scores) -> Vec<RankedUnit> {
    let ranking = &program.set.head.ranking;
    let mut blocks: BTreeMap<Block, Vec<usize>> = BTreeMap::new();
    for (index, unit) in figures.units.iter().enumerate() {
        blocks.entry(block_of(program, unit)).or_default().push(index);
    }
    let breaks: Vec<TieBreak> = ranking.tie_breaks.iter().filter_map(|id| TieBreak::new(program, id)).collect();
    // Each pillar's results once, not at every comparison.
    let by_pillar: Vec<Vec<Option<Number>>> = (0..program.set.pillars.len())
        .map(|pillar| scores.units.iter().map(|unit| pillar_result(program, unit, pillar)).collect())
        .collect();
    let mut ranked = Vec::with_capacity(figures.units.len());
    for (block, members) in blocks {
        let (order, total) = places(
            &members,
            ranking.ties,
            |a, b| compare_units(program, &scores.units[a], &scores.units[b], &breaks),
            |unit| scores.units[unit].comparable.is_some(),
        );
        let pillars: Vec<Vec<Option<Place>>> = by_pillar
            .iter()
            .map(|results| {
                places(&members, ranking.ties, |a, b| results[b].cmp(&results[a]), |unit| results[unit].is_some()).1
            })
            .collect();
        for unit in order {
            ranked.push(RankedUnit {
                unit,
                block,
                rank: total[unit].map(|place| place.rank),
                tied: total[unit].is_some_and(|place| place.tied),
                pillar_ranks: pillars.iter().map(|places| places[unit].map(|place| place.rank)).collect(),
                grade: {
                    let score = &scores.units[unit];
                    grade(program, score.points, score.comparable, score.maximum).map(|grade| grade.name.clone())
                },
            });
        }
    }
    ranked
}

/// A rank, and whether others hold it too.
#[derive(Clone, Copy)]
struct Place {
    rank: u32,
    tied: bool,
}

/// What breaks a tie: a pillar's or an indicator's points.
enum TieBreak {
    Pillar(usize),
    Indicator(usize),
}

impl TieBreak {
    fn new(program: &Program, id: &str) -> Option<Self> {
        let pillar = program.set.pillars.iter().position(|pillar| pillar.pillar.no == id).map(Self::Pillar);
        pillar.or_else(|| program.indicator_index(id).map(Self::Indicator))
    }

    fn points(&self, unit: &UnitScore) -> Number {
        match self {
            Self::Pillar(index) => unit.pillars[*index].points,
            Self::Indicator(index) => unit.indicators[*index].points,
        }
    }
}

/// Best first.
fn compare_units(program: &Program, a: &UnitScore, b: &UnitScore, breaks: &[TieBreak]) -> Ordering {
    let ranking = &program.set.head.ranking;
    let by_result = match (ranking.by, ranking.unrounded) {
        (RankedBy::Comparable, false) => b.comparable.cmp(&a.comparable),
        (RankedBy::Comparable, true) => b.exact_comparable.compare(&a.exact_comparable),
        (RankedBy::Points, false) => b.points.cmp(&a.points),
        (RankedBy::Points, true) => b.exact_points.compare(&a.exact_points),
    };
    breaks.iter().fold(by_result, |order, tie| order.then_with(|| tie.points(b).cmp(&tie.points(a))))
}

/// A pillar's comparable result, so that units to which parts of it do not apply are ranked fairly.
fn pillar_result(program: &Program, unit: &UnitScore, pillar: usize) -> Option<Number> {
    let pillar = &unit.pillars[pillar];
    let applicable = pillar.maximum.millionths() - pillar.excluded.millionths();
    let head = &program.set.head;
    match head.ranking.by {
        RankedBy::Points => (applicable > 0).then_some(pillar.points),
        RankedBy::Comparable => (applicable > 0).then(|| {
            let places = if head.ranking.unrounded { 6 } else { head.result.places };
            Exact::of(pillar.points).times(pillar.maximum.millionths(), applicable).round(RoundingMode::HalfUp, places)
        }),
    }
}

/// The members best first, and by unit the place of each that has a result.
fn places(
    members: &[usize],
    ties: Ties,
    compare: impl Fn(usize, usize) -> Ordering,
    has_result: impl Fn(usize) -> bool,
) -> (Vec<usize>, Vec<Option<Place>>) {
    let mut order: Vec<usize> = members.to_vec();
    order.sort_by(|&a, &b| has_result(b).cmp(&has_result(a)).then_with(|| compare(a, b)));
    let mut places = vec![None; members.iter().max().map_or(0, |last| last + 1)];
    let (mut start, mut rank) = (0, 1);
    while start < order.len() && has_result(order[start]) {
        let mut end = start + 1;
        while end < order.len() && has_result(order[end]) && compare(order[start], order[end]) == Ordering::Equal {
            end += 1;
        }
        for &unit in &order[start..end] {
            places[unit] = Some(Place { rank, tied: end - start > 1 });
        }
        rank += match ties {
            Ties::Competition => (end - start) as u32,
            Ties::Dense => 1,
        };
        start = end;
    }
    (order, places)
}

/// The highest grade whose lower edge a unit's result reaches: from its points, its comparable result and its maximum.
pub fn grade(program: &Program, points: Number, comparable: Option<Number>, maximum: Number) -> Option<&Grade> {
    let head = &program.set.head;
    let (result, full) = match head.ranking.by {
        RankedBy::Comparable => (comparable?, head.result.out_of.unwrap_or(maximum)),
        RankedBy::Points => (points, maximum),
    };
    head.ranking.grades.iter().find(|grade| {
        let share = i128::from(grade.from.number().millionths()) * i128::from(full.millionths());
        i128::from(result.millionths()) * i128::from(Number::ONE.millionths()) >= share
    })
}
