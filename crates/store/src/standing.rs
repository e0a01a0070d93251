//! The points of a level's sheets in order, kept in step with the sheets: every page of a unit tells the median of its
//! peers, and a country has 3,321 of them.

use std::collections::HashMap;

use criteria::Number;
use cycle::LevelId;

use crate::state::Assessment;

/// The declared points of every level's sheets, in order.
#[derive(Clone, Debug, Default)]
pub struct Standings(HashMap<LevelId, Vec<Vec<Number>>>);

impl Standings {
    /// The middle one of a pillar's points over the level's sheets, the upper where two are; zero where there are none.
    pub fn median(&self, level: LevelId, pillar: usize) -> Number {
        let points = self.0.get(&level).and_then(|pillars| pillars.get(pillar));
        points.and_then(|points| points.get(points.len() / 2)).copied().unwrap_or_default()
    }

    pub(crate) fn add(&mut self, row: &Assessment) {
        let pillars = self.0.entry(row.level).or_default();
        for (at, totals) in row.totals.pillars.iter().enumerate() {
            if pillars.len() <= at {
                pillars.push(Vec::new());
            }
            let place = pillars[at].partition_point(|points| *points < totals.points);
            pillars[at].insert(place, totals.points);
        }
    }

    pub(crate) fn remove(&mut self, row: &Assessment) {
        let Some(pillars) = self.0.get_mut(&row.level) else { return };
        for (points, totals) in pillars.iter_mut().zip(&row.totals.pillars) {
            if let Ok(place) = points.binary_search(&totals.points) {
                points.remove(place);
            }
        }
    }
}
