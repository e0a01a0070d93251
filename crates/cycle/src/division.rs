//! How an agency's people share its appraisal: by unit, by indicator, or dealt evenly; and shared anew at any time.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::id::{AccountId, LevelId, UnitId};

/// What one person of an agency appraises in a round.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Share {
    /// The person.
    pub account: AccountId,
    /// All indicators of these units.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub units: BTreeSet<UnitId>,
    /// These indicators of all units.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub indicators: BTreeSet<(LevelId, String)>,
}

impl Share {
    /// The share of somebody who has nothing yet.
    pub const fn none(account: AccountId) -> Self {
        Self { account, units: BTreeSet::new(), indicators: BTreeSet::new() }
    }
}

/// Who of the agency appraises an indicator of a unit; nobody in particular where no share holds it. Who has the
/// indicator comes before who has the unit.
pub fn whose(shares: &[Share], unit: UnitId, level: LevelId, indicator: &str) -> Option<AccountId> {
    let has_indicator =
        |share: &&Share| share.indicators.iter().any(|(at, id)| *at == level && id.as_str() == indicator);
    let by_indicator = shares.iter().find(has_indicator);
    by_indicator.or_else(|| shares.iter().find(|share| share.units.contains(&unit))).map(|share| share.account)
}

/// Deals things of different weights out so that everybody carries about the same: the heaviest first, each to whoever
/// carries least so far. The order of the people and of the things decides where all else is equal.
pub fn evenly<T: Clone + Ord>(people: &[AccountId], things: &[(T, usize)]) -> BTreeMap<AccountId, BTreeSet<T>> {
    let mut carried: Vec<(usize, BTreeSet<T>)> = vec![(0, BTreeSet::new()); people.len()];
    let mut order: Vec<&(T, usize)> = things.iter().collect();
    order.sort_by_key(|(_, weight)| std::cmp::Reverse(*weight));
    for (thing, weight) in order {
        if let Some((load, held)) = carried.iter_mut().min_by_key(|(load, held)| (*load, held.len())) {
            *load += weight;
            held.insert(thing.clone());
        }
    }
    people.iter().copied().zip(carried.into_iter().map(|(_, held)| held)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_indicator_comes_before_the_unit() {
        let shares = [
            Share { units: [UnitId(1)].into(), ..Share::none(AccountId(7)) },
            Share { indicators: [(LevelId(3), "I.1".to_owned())].into(), ..Share::none(AccountId(8)) },
        ];
        assert_eq!(whose(&shares, UnitId(1), LevelId(3), "I.2"), Some(AccountId(7)));
        assert_eq!(whose(&shares, UnitId(1), LevelId(3), "I.1"), Some(AccountId(8)));
        assert_eq!(whose(&shares, UnitId(1), LevelId(4), "I.1"), Some(AccountId(7)), "another level's I.1");
        assert_eq!(whose(&shares, UnitId(2), LevelId(3), "I.2"), None);
    }

    #[test]
    fn nobody_carries_more_than_the_heaviest_thing_above_another() {
        let people = [AccountId(1), AccountId(2), AccountId(3)];
        let things: Vec<(usize, usize)> = (0..20).map(|at| (at, 1 + at * 7 % 11)).collect();
        let dealt = evenly(&people, &things);
        let load = |held: &BTreeSet<usize>| held.iter().map(|at| things[*at].1).sum::<usize>();
        let loads: Vec<usize> = dealt.values().map(load).collect();
        assert_eq!(loads.iter().sum::<usize>(), things.iter().map(|thing| thing.1).sum::<usize>());
        assert!(loads.iter().max().zip(loads.iter().min()).is_some_and(|(most, least)| most - least <= 11));
        assert!(evenly(&[], &things).is_empty(), "nobody to deal to");
    }
}
