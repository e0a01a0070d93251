//! What the store counts of itself, for whoever watches over it. Counted since the start, never kept.

use std::sync::PoisonError;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::limits;
use crate::store::Store;

/// The counters that only grow.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    pub saves: AtomicU64,
    pub refusals: AtomicU64,
}

impl Counters {
    pub(crate) fn changed(&self, ok: bool) {
        if ok { &self.saves } else { &self.refusals }.fetch_add(1, Ordering::Relaxed);
    }
}

/// The store at a moment, in numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Changes that were made.
    pub saves: u64,
    /// Changes that were asked for and not made.
    pub refusals: u64,
    /// Changes that wait at the door.
    pub waiting: u64,
    /// Sheets in memory.
    pub sheets_in_memory: u64,
    /// Failed statements and connections.
    pub database_errors: u64,
    /// The last event of the log that this copy has seen.
    pub seq: i64,
}

impl Store {
    /// The store in numbers. Asks the database nothing.
    pub fn counts(&self) -> Counts {
        let counters = &self.shared.counters;
        let sheets = self.shared.sheets.lock().unwrap_or_else(PoisonError::into_inner).len();
        Counts {
            saves: counters.saves.load(Ordering::Relaxed),
            refusals: counters.refusals.load(Ordering::Relaxed),
            waiting: (limits::QUEUE_MAX - self.door.capacity().min(limits::QUEUE_MAX)) as u64,
            sheets_in_memory: sheets as u64,
            database_errors: self.shared.database.errors.load(Ordering::Relaxed),
            seq: self.state().seq,
        }
    }
}
