//! How last year lives on in this one: a set's indicators in the set after it, a unit in the unit after it.

use std::collections::{BTreeMap, BTreeSet};

use criteria::CriteriaSet;
use criteria::date::Date;
use criteria::mapping::Mapping;
use cycle::{Unit, UnitId};
use store::State;

use crate::app::Library;

/// What a succession of indicators rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Basis {
    /// It is the same set.
    Same,
    /// A mapping that people made and keep.
    Kept,
    /// A mapping that the program proposes; somebody has to read it.
    Proposed,
}

/// Which indicators of a later set an earlier one's live on in.
#[derive(Clone, Debug)]
pub struct Succession {
    /// What it rests on.
    pub basis: Basis,
    next: BTreeMap<String, Vec<String>>,
}

impl Succession {
    /// From one set to another: by the mapping that is kept for them, else by the one that is proposed.
    pub fn between(library: &Library, from: &CriteriaSet, to: &CriteriaSet) -> Self {
        if from.head.id == to.head.id {
            let both = from.indicators().filter(|one| to.indicator(&one.id).is_some());
            return Self { basis: Basis::Same, next: both.map(|one| (one.id.clone(), vec![one.id.clone()])).collect() };
        }
        let name = format!("{}--{}", from.head.id, to.head.id);
        let kept = library.mappings.get(&name).and_then(|text| Mapping::read(&name, text, from, to).ok());
        let basis = if kept.is_some() { Basis::Kept } else { Basis::Proposed };
        let mapping = kept.unwrap_or_else(|| Mapping::propose(from, to));
        let mut next: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for pair in mapping.maps {
            next.entry(pair.from).or_default().push(pair.to);
        }
        Self { basis, next }
    }

    /// The indicators that one lives on in; none where it ended.
    pub fn of(&self, indicator: &str) -> &[String] {
        self.next.get(indicator).map_or(&[], Vec::as_slice)
    }

    /// The later indicators that an earlier one lives on in.
    pub fn reached(&self) -> BTreeSet<&str> {
        self.next.values().flatten().map(String::as_str).collect()
    }
}

/// The set that follows one for the same level: what a mapping leads to, else the latest; itself where there is none.
pub fn next_set<'l>(library: &'l Library, sets: &'l BTreeMap<String, CriteriaSet>, id: &'l str) -> Option<&'l str> {
    let mapped = library.mappings.keys().filter_map(|name| name.split_once("--")).find(|(from, _)| *from == id);
    if let Some((_, to)) = mapped.filter(|(_, to)| sets.contains_key(*to)) {
        return Some(to);
    }
    let known = sets.get(id)?;
    let later = sets.values().filter(|one| one.head.level == known.head.level && one.head.year > known.head.year);
    Some(later.max_by_key(|one| one.head.year).map_or(id, |one| one.head.id.as_str()))
}

/// The unit that does a unit's work on a day: itself, or the one that it became.
pub fn heir(state: &State, unit: UnitId, day: Date) -> Option<&Unit> {
    let mut at = unit;
    // A chain longer than the lineage would be a circle.
    for _ in 0..=state.lineage.len() {
        let found = state.tree.get(at)?;
        if found.exists_on(day) {
            return Some(found);
        }
        let mut to = state.lineage.iter().filter(|one| one.from == at).filter_map(|one| one.to);
        at = match (to.next(), to.next()) {
            (Some(next), None) => next,
            _ => return None,
        };
    }
    None
}

/// A day in another year: the last of February where it is no leap year.
pub fn in_year(day: Date, years_later: i16) -> Date {
    let year = day.year().saturating_add(years_later);
    Date::new(year, day.month(), day.day()).or_else(|_| Date::new(year, day.month(), 28)).unwrap_or(day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_moves_by_years_and_the_leap_day_becomes_the_last_of_february() {
        let day = |text: &str| -> Date { text.parse().expect("a day of this test") };
        assert_eq!(in_year(day("2023-10-31"), 1), day("2024-10-31"));
        assert_eq!(in_year(day("2024-02-29"), 1), day("2025-02-28"));
    }
}
