//! The organisation: units in a tree, with the days from which and to which each exists, and their lineage.

use std::collections::HashMap;

use criteria::date::Date;
use serde::{Deserialize, Serialize};

use crate::id::UnitId;

/// A unit (đơn vị).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unit {
    /// Its identity.
    pub id: UnitId,
    /// Its official code; never used again.
    pub code: String,
    /// Its name.
    pub name: String,
    /// What it is: xã, phường, đặc khu, sở …
    pub kind: String,
    /// Its level, as criteria sets name it.
    pub level: String,
    /// The unit that it belongs to.
    pub parent: Option<UnitId>,
    /// The first day that it exists.
    pub from: Option<Date>,
    /// The last day that it exists.
    pub to: Option<Date>,
}

impl Unit {
    /// Whether it exists on a day.
    pub fn exists_on(&self, day: Date) -> bool {
        self.from.is_none_or(|from| from <= day) && self.to.is_none_or(|to| day <= to)
    }
}

/// How a unit came from another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Descent {
    /// The same unit under another name.
    Renamed,
    /// Several became one.
    Merged,
    /// One became several.
    Split,
    /// The unit ended, and its work went here.
    Abolished,
}

/// All units, and who belongs to whom.
#[derive(Clone, Debug, Default)]
pub struct Tree {
    units: HashMap<UnitId, Unit>,
    codes: HashMap<String, UnitId>,
    children: HashMap<UnitId, Vec<UnitId>>,
    /// What units became that ended.
    successors: HashMap<UnitId, Vec<UnitId>>,
    roots: Vec<UnitId>,
}

impl Tree {
    /// Puts a unit in, or another state of it.
    pub fn insert(&mut self, unit: Unit) {
        let id = unit.id;
        if let Some(old) = self.units.remove(&id) {
            match old.parent {
                Some(parent) => self.children.entry(parent).or_default().retain(|child| *child != id),
                None => self.roots.retain(|root| *root != id),
            }
        }
        match unit.parent {
            Some(parent) => self.children.entry(parent).or_default().push(id),
            None => self.roots.push(id),
        }
        self.codes.insert(unit.code.clone(), id);
        self.units.insert(id, unit);
    }

    /// The unit with an id.
    pub fn get(&self, id: UnitId) -> Option<&Unit> {
        self.units.get(&id)
    }

    /// The unit with an official code.
    pub fn by_code(&self, code: &str) -> Option<&Unit> {
        self.codes.get(code).and_then(|id| self.units.get(id))
    }

    /// Every unit, in no order.
    pub fn all(&self) -> impl Iterator<Item = &Unit> {
        self.units.values()
    }

    /// The units without a parent.
    pub fn roots(&self) -> &[UnitId] {
        &self.roots
    }

    /// The units right below one.
    pub fn children(&self, id: UnitId) -> &[UnitId] {
        self.children.get(&id).map_or(&[], Vec::as_slice)
    }

    /// Puts down what a unit became when it ended.
    pub fn succeed(&mut self, unit: UnitId, successor: UnitId) {
        let successors = self.successors.entry(unit).or_default();
        if unit != successor && !successors.contains(&successor) {
            successors.push(successor);
        }
    }

    /// Whether `unit` is `scope`, lies below it, or has become what is or does: whoever takes over a unit's work takes over
    /// what it left.
    pub fn within(&self, unit: UnitId, scope: UnitId) -> bool {
        // Nearly all walks go up a few parents and meet nothing that ended. A chain of parents longer than the number of
        // units would be a circle; it ends the walk.
        let (mut at, mut ended) = (Some(unit), false);
        for _ in 0..=self.units.len() {
            match at {
                Some(id) if id == scope => return true,
                Some(id) => {
                    ended |= self.successors.contains_key(&id);
                    at = self.units.get(&id).and_then(|unit| unit.parent);
                }
                None => break,
            }
        }
        ended && self.within_successors(unit, scope)
    }

    fn within_successors(&self, unit: UnitId, scope: UnitId) -> bool {
        let mut next = vec![unit];
        let mut seen = 0;
        while let Some(id) = next.get(seen).copied() {
            seen += 1;
            let parent = self.units.get(&id).and_then(|unit| unit.parent);
            let successors = self.successors.get(&id).into_iter().flatten().copied();
            for over in parent.into_iter().chain(successors) {
                if over == scope {
                    return true;
                }
                if !next.contains(&over) {
                    next.push(over);
                }
            }
        }
        false
    }

    /// A unit and everything below it.
    pub fn descendants(&self, id: UnitId) -> Vec<UnitId> {
        let mut found = vec![id];
        let mut next = 0;
        // More units than there are would be a circle; it ends the walk.
        while let Some(at) = found.get(next).copied().filter(|_| found.len() <= self.units.len()) {
            next += 1;
            found.extend_from_slice(self.children(at));
        }
        found
    }

    /// The names from the top down to the unit, without the unit itself.
    pub fn path(&self, id: UnitId) -> Vec<&Unit> {
        let mut path = Vec::new();
        let mut at = self.units.get(&id).and_then(|unit| unit.parent);
        while let Some(unit) = at.and_then(|id| self.units.get(&id)) {
            if path.len() > self.units.len() {
                break;
            }
            path.push(unit);
            at = unit.parent;
        }
        path.reverse();
        path
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unit(id: i64, parent: Option<i64>) -> Unit {
        Unit {
            id: UnitId(id),
            code: format!("{id:05}"),
            name: format!("Đơn vị mẫu {id}"),
            kind: "xã".to_owned(),
            level: "xã".to_owned(),
            parent: parent.map(UnitId),
            from: None,
            to: None,
        }
    }

    #[test]
    fn a_scope_holds_itself_and_all_below_and_nothing_above() {
        let mut tree = Tree::default();
        for (id, parent) in [(1, None), (2, Some(1)), (3, Some(2)), (4, Some(1))] {
            tree.insert(unit(id, parent));
        }
        assert!(tree.within(UnitId(3), UnitId(1)));
        assert!(tree.within(UnitId(3), UnitId(3)));
        assert!(!tree.within(UnitId(1), UnitId(3)));
        assert!(!tree.within(UnitId(4), UnitId(2)));
        assert_eq!(tree.descendants(UnitId(2)), [UnitId(2), UnitId(3)]);
    }

    #[test]
    fn what_a_unit_left_is_in_the_hands_of_what_it_became() {
        let mut tree = Tree::default();
        for (id, parent) in [(1, None), (2, Some(1)), (3, Some(1)), (4, Some(1)), (5, Some(2))] {
            tree.insert(unit(id, parent));
        }
        tree.succeed(UnitId(2), UnitId(4));
        tree.succeed(UnitId(3), UnitId(4));
        assert!(tree.within(UnitId(2), UnitId(4)) && tree.within(UnitId(5), UnitId(4)));
        assert!(!tree.within(UnitId(4), UnitId(2)) && !tree.within(UnitId(3), UnitId(2)));
        // Data that contradicts itself ends the walk too.
        tree.succeed(UnitId(4), UnitId(2));
        assert!(!tree.within(UnitId(4), UnitId(9)));
    }

    #[test]
    fn a_unit_that_moves_leaves_its_old_place() {
        let mut tree = Tree::default();
        for (id, parent) in [(1, None), (2, Some(1)), (3, Some(1)), (4, Some(2))] {
            tree.insert(unit(id, parent));
        }
        tree.insert(unit(4, Some(3)));
        assert!(tree.children(UnitId(2)).is_empty());
        assert_eq!(tree.children(UnitId(3)), [UnitId(4)]);
    }
}
