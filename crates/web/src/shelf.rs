//! The criteria sets at hand: those that ship with the product and those that were adopted here from drafts.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use criteria::check::{Finding, check};
use criteria::{CriteriaSet, Files};
use cycle::DraftId;

use crate::app::{App, Library};

/// A set that was read, with what the checker finds in it, once asked.
#[derive(Debug)]
pub struct KnownSet {
    /// The set.
    pub set: CriteriaSet,
    /// The content hash.
    pub hash: String,
    /// The draft that it was adopted from; `None` for one that ships.
    pub draft: Option<DraftId>,
    findings: OnceLock<Vec<Finding>>,
}

impl KnownSet {
    fn read(id: &str, files: &Files, draft: Option<DraftId>) -> Option<Arc<Self>> {
        let set = CriteriaSet::read(id, files).ok()?;
        Some(Arc::new(Self { hash: set.hash(), set, draft, findings: OnceLock::new() }))
    }

    /// What the checker finds in it.
    pub fn findings(&self) -> &[Finding] {
        self.findings.get_or_init(|| check(&self.set))
    }
}

/// Sets that were read, by id and draft. Neither what ships nor what was adopted ever changes while a copy runs.
pub type Shelf = Mutex<HashMap<(String, Option<DraftId>), Arc<KnownSet>>>;

impl App {
    /// Every set that a round can be opened with, by id. One that does not read is no choice.
    pub fn known_sets(&self) -> BTreeMap<String, Arc<KnownSet>> {
        let library = self.joined();
        // Reading sets takes a while: the state is not held meanwhile.
        let own: HashMap<String, DraftId> =
            self.store.state().own_sets.iter().map(|(id, own)| (id.clone(), own.draft)).collect();
        let mut shelf = self.shelf.lock().unwrap_or_else(PoisonError::into_inner);
        let mut found = BTreeMap::new();
        for (id, files) in &library.sets {
            let draft = own.get(id).copied();
            let key = (id.clone(), draft);
            let known = match shelf.get(&key) {
                Some(known) => Some(Arc::clone(known)),
                None => KnownSet::read(id, files, draft).inspect(|known| drop(shelf.insert(key, Arc::clone(known)))),
            };
            found.extend(known.map(|known| (id.clone(), known)));
        }
        found
    }

    /// The sets alone, by id.
    pub fn sets(&self) -> BTreeMap<String, CriteriaSet> {
        self.known_sets().into_iter().map(|(id, known)| (id, known.set.clone())).collect()
    }

    /// The library with the sets that were adopted here among those that ship.
    pub fn joined(&self) -> Arc<Library> {
        let state = self.store.state();
        if state.own_sets.is_empty() {
            return Arc::clone(&self.library);
        }
        let mut library = Library::clone(&self.library);
        library.sets.extend(state.own_sets.iter().map(|(id, own)| (id.clone(), Files::clone(&own.files))));
        Arc::new(library)
    }
}
