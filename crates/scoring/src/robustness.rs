//! How firm a ranking is: weights and judged points are redrawn many times, and each unit is told the interval of
//! ranks that it holds in 90 % of the draws.
//!
//! All in integers and from a stated seed, so that the same draws give the same intervals on any machine and any
//! number of threads. This is a statistic about a ranking, never part of one.

use std::num::NonZeroUsize;

use criteria::Number;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use crate::figures::Figures;
use crate::program::Program;
use crate::score::{Block, Scores, State, block_of};

/// How far an indicator's weight goes from its points, in thousandths each way.
const WEIGHT_SPREAD: u64 = 250;
/// How far judged points go, in thousandths of the maximum each way.
const JUDGED_SPREAD: i64 = 100;
/// A full share in the draws' arithmetic.
const FULL: i64 = 1 << 20;

/// The least and the greatest rank that a unit holds in 90 % of the draws.
pub type Interval = (u32, u32);

/// The interval of every unit, in the order of the figures. Ranks are within blocks, ties share the better rank.
pub fn intervals(
    program: &Program,
    figures: &Figures,
    scores: &Scores,
    draws: u32,
    seed: u64,
    threads: NonZeroUsize,
) -> Vec<Option<Interval>> {
    let level = Level::new(program, figures, scores);
    let per_thread = draws.div_ceil(threads.get() as u32).max(1);
    let ranks: Vec<Vec<u16>> = std::thread::scope(|scope| {
        let level = &level;
        let workers: Vec<_> = (0..draws)
            .step_by(per_thread as usize)
            .map(|first| scope.spawn(move || level.draw(first..draws.min(first + per_thread), seed)))
            .collect();
        workers
            .into_iter()
            .map(|worker| worker.join().unwrap_or_else(|payload| std::panic::resume_unwind(payload)))
            .collect()
    });
    let units = figures.units.len();
    let mut of_unit: Vec<u16> = Vec::with_capacity(draws as usize);
    (0..units)
        .map(|unit| {
            if !level.applies[unit] || draws == 0 {
                return None;
            }
            of_unit.clear();
            of_unit.extend(ranks.iter().flat_map(|ranks| ranks.iter().skip(unit).step_by(units)));
            of_unit.sort_unstable();
            let last = of_unit.len() - 1;
            // Nearest rank: a twentieth of the draws on either side may lie outside.
            let (low, high) = (last / 20, last - last / 20);
            Some((u32::from(of_unit[low]), u32::from(of_unit[high])))
        })
        .collect()
}

/// A scored level as the draws see it: shares of maxima, unit by unit.
struct Level {
    indicators: usize,
    /// Share of the maximum reached, `FULL` for all, by unit then indicator.
    reached: Vec<u32>,
    /// Share of the maximum that applies, by unit then indicator.
    applying: Vec<u32>,
    /// Units whose `applying` is alike share a row here.
    applying_class: Vec<usize>,
    classes: Vec<usize>,
    /// Points of each indicator, as weights.
    weights: Vec<u64>,
    judged: Vec<bool>,
    /// Whether anything applies to the unit.
    applies: Vec<bool>,
    blocks: Vec<(Block, Vec<usize>)>,
}

impl Level {
    fn new(program: &Program, figures: &Figures, scores: &Scores) -> Self {
        let counted: Vec<usize> = (0..program.indicator_count()).filter(|index| program.counts(*index)).collect();
        let indicators = counted.len();
        let mut reached = Vec::with_capacity(indicators * figures.units.len());
        let mut applying = Vec::with_capacity(indicators * figures.units.len());
        let mut judged = vec![false; indicators];
        let share = |part: Number, whole: Number| {
            if whole <= Number::ZERO {
                0
            } else {
                (i128::from(part.millionths()) * i128::from(FULL) / i128::from(whole.millionths()))
                    .clamp(0, i128::from(FULL)) as u32
            }
        };
        let mut classes: Vec<usize> = Vec::new();
        let mut applying_class = Vec::new();
        for (unit_index, unit) in scores.units.iter().enumerate() {
            for (place, &index) in counted.iter().enumerate() {
                let (score, maximum) = (&unit.indicators[index], program.maximum_of(index));
                reached.push(share(score.points, maximum));
                applying.push(FULL as u32 - share(score.excluded, maximum));
                judged[place] |= score.state == State::Judged;
            }
            let row = |unit: usize| &applying[unit * indicators..(unit + 1) * indicators];
            let class = match classes.iter().position(|&class| row(class) == row(unit_index)) {
                Some(class) => class,
                None => {
                    classes.push(unit_index);
                    classes.len() - 1
                }
            };
            applying_class.push(class);
        }
        let mut blocks: Vec<(Block, Vec<usize>)> = Vec::new();
        for (index, unit) in figures.units.iter().enumerate() {
            let block = block_of(program, unit);
            match blocks.iter_mut().find(|(known, _)| *known == block) {
                Some((_, members)) => members.push(index),
                None => blocks.push((block, vec![index])),
            }
        }
        Self {
            indicators,
            reached,
            applying,
            applying_class,
            classes,
            // Thousandths of a point keep every sum of products within 64 bits.
            weights: counted
                .iter()
                .map(|&index| (program.maximum_of(index).millionths() / 1_000).max(0) as u64)
                .collect(),
            judged,
            applies: scores.units.iter().map(|unit| unit.comparable.is_some()).collect(),
            blocks,
        }
    }

    /// The ranks of all units in each draw, one draw after the other.
    fn draw(&self, draws: std::ops::Range<u32>, seed: u64) -> Vec<u16> {
        let units = self.applies.len();
        let mut ranks = vec![0_u16; units * draws.len()];
        let mut weights = vec![0_u32; self.indicators];
        let mut results = vec![0_u64; units];
        let mut order: Vec<(u64, u32)> = Vec::with_capacity(units);
        for (place, draw) in draws.enumerate() {
            // Each draw has a stream of its own, so that it does not matter which thread takes it.
            let mut random = ChaCha8Rng::seed_from_u64(seed);
            random.set_stream(u64::from(draw));
            for (weight, points) in weights.iter_mut().zip(&self.weights) {
                let factor = 1_000 - WEIGHT_SPREAD + u64::from(random.next_u32()) * (2 * WEIGHT_SPREAD + 1) / (1 << 32);
                *weight = u32::try_from(points * factor / 1_000).unwrap_or(u32::MAX);
            }
            let wholes: Vec<u64> =
                self.classes.iter().map(|&unit| dot(self.row(&self.applying, unit), &weights)).collect();
            for unit in 0..units {
                let mut got = dot(self.row(&self.reached, unit), &weights);
                if self.judged.contains(&true) {
                    got = self.rejudge(got, unit, &weights, &mut random);
                }
                let whole = wholes[self.applying_class[unit]].max(1);
                results[unit] = (u128::from(got) * u128::from(u32::MAX) / u128::from(whole)) as u64;
            }
            for (_, members) in &self.blocks {
                order.clear();
                order.extend(
                    members.iter().filter(|unit| self.applies[**unit]).map(|&unit| (results[unit], unit as u32)),
                );
                order.sort_unstable_by_key(|(result, _)| std::cmp::Reverse(*result));
                let mut rank = 0;
                for (index, &(result, unit)) in order.iter().enumerate() {
                    if index == 0 || result != order[index - 1].0 {
                        rank = index + 1;
                    }
                    ranks[place * units + unit as usize] = rank as u16;
                }
            }
        }
        ranks
    }

    fn row<'a>(&self, matrix: &'a [u32], unit: usize) -> &'a [u32] {
        &matrix[unit * self.indicators..(unit + 1) * self.indicators]
    }

    /// Moves the judged indicators of one unit by up to `JUDGED_SPREAD` each way, within what applies.
    fn rejudge(&self, got: u64, unit: usize, weights: &[u32], random: &mut ChaCha8Rng) -> u64 {
        let (reached, applying) = (self.row(&self.reached, unit), self.row(&self.applying, unit));
        let mut got = i128::from(got);
        for (index, _) in self.judged.iter().enumerate().filter(|(_, judged)| **judged) {
            let width = (2 * JUDGED_SPREAD + 1) as u64;
            let thousandths = (u64::from(random.next_u32()) * width / (1 << 32)) as i64 - JUDGED_SPREAD;
            let old = i64::from(reached[index]);
            let new = (old + thousandths * FULL / 1_000).clamp(0, i64::from(applying[index]));
            got += i128::from(new - old) * i128::from(weights[index]);
        }
        u64::try_from(got.max(0)).unwrap_or(u64::MAX)
    }
}

/// The sum of products; both sides are of 32 bits so that processors do several at once.
fn dot(a: &[u32], b: &[u32]) -> u64 {
    a.iter().zip(b).map(|(a, b)| u64::from(*a) * u64::from(*b)).sum()
}
