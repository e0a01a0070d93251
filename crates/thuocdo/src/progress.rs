//! A sign of life on a terminal for work that takes longer than a second.

use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::JoinHandle;
use std::time::Duration;

use indicatif::ProgressBar;

/// Shows a spinner on the terminal once a second has passed, until dropped. Nothing is shown in a pipe.
pub struct Progress {
    done: Option<Sender<()>>,
    watcher: Option<JoinHandle<()>>,
}

impl Progress {
    /// Starts to watch over `work`.
    pub fn over(work: String) -> Self {
        let (done, waiting) = mpsc::channel();
        let watcher = std::thread::spawn(move || {
            if waiting.recv_timeout(Duration::from_secs(1)) == Err(RecvTimeoutError::Timeout) {
                let bar = ProgressBar::new_spinner().with_message(work);
                bar.enable_steady_tick(Duration::from_millis(100));
                // Ends when the sender is dropped.
                let _ = waiting.recv();
                bar.finish_and_clear();
            }
        });
        Self { done: Some(done), watcher: Some(watcher) }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        drop(self.done.take());
        if let Some(watcher) = self.watcher.take() {
            let _ = watcher.join();
        }
    }
}
