//! The lock around the state that is kept in memory.
//!
//! Pages read it, and functions that they call read it again. A fair lock lets nobody in behind a writer who waits, so the
//! second reading would wait for the writer, who waits for the first reading to end: for ever. A thread that reads already
//! is therefore let in at once; everybody else takes their turn, so that readers who follow each other do not keep a
//! writer out.

use std::cell::Cell;
use std::marker::PhantomData;
use std::ops::Deref;

use parking_lot::{RwLock, RwLockReadGuard, RwLockWriteGuard};

use crate::state::State;

thread_local! {
    /// How many readings this thread has open.
    static OPEN: Cell<usize> = const { Cell::new(0) };
}

/// The state, and who may look at it now.
#[derive(Debug, Default)]
pub(crate) struct Lock(RwLock<State>);

impl Lock {
    /// Waits for a writer at most; for one who only waits, not where this thread reads already.
    pub(crate) fn read(&self) -> Reading<'_> {
        let open = OPEN.get();
        let guard = if open == 0 { self.0.read() } else { self.0.read_recursive() };
        OPEN.set(open + 1);
        Reading { guard, of_this_thread: PhantomData }
    }

    /// Waits until nobody reads.
    pub(crate) fn write(&self) -> RwLockWriteGuard<'_, State> {
        self.0.write()
    }
}

/// The state while it is read. It belongs to its thread, so it cannot be held over an await.
#[derive(Debug)]
pub struct Reading<'a> {
    guard: RwLockReadGuard<'a, State>,
    of_this_thread: PhantomData<*const ()>,
}

impl Deref for Reading<'_> {
    type Target = State;

    fn deref(&self) -> &State {
        &self.guard
    }
}

impl Drop for Reading<'_> {
    fn drop(&mut self) {
        OPEN.set(OPEN.get() - 1);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, mpsc};
    use std::time::Duration;

    use super::*;

    #[test]
    fn who_reads_already_reads_again_while_a_writer_waits() {
        let lock = Arc::new(Lock::default());
        let (told, hears) = mpsc::channel();
        let reader = Arc::clone(&lock);
        // Threads of their own, which nobody waits for: should they block each other, the test ends all the same.
        std::thread::spawn(move || {
            let first = reader.read();
            let writer = Arc::clone(&reader);
            std::thread::spawn(move || writer.write().seq = 7);
            while reader.0.try_read().is_some() {
                std::thread::yield_now();
            }
            let second = reader.read();
            told.send((first.seq, second.seq)).expect("somebody hears it");
        });
        assert_eq!(hears.recv_timeout(Duration::from_secs(30)), Ok((0, 0)), "the second reading waits for the writer");
        while lock.read().seq != 7 {
            std::thread::yield_now();
        }
    }
}
