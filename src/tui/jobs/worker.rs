//! A thread with room for one waiting errand; a newer one takes its place.

use std::sync::{Arc, Condvar, Mutex, PoisonError};

use crate::tui::error::TuiError;

enum Errand<T> {
    Do(T),
    End,
}

/// Room for one waiting errand.
struct Waiting<T> {
    errand: Mutex<Option<Errand<T>>>,
    filled: Condvar,
}

impl<T> Waiting<T> {
    fn put(&self, errand: Errand<T>) {
        *self.errand.lock().unwrap_or_else(PoisonError::into_inner) = Some(errand);
        self.filled.notify_one();
    }

    fn take(&self) -> Errand<T> {
        let mut waiting = self.errand.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if let Some(errand) = waiting.take() {
                return errand;
            }
            waiting = self.filled.wait(waiting).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

/// A thread that does errands. When this is dropped, the thread finishes its errand and ends; nobody waits for it.
pub struct Worker<T> {
    waiting: Arc<Waiting<T>>,
}

impl<T: Send + 'static> Worker<T> {
    /// Starts the thread. `prepare` runs on it first and returns the function that does an errand.
    pub fn start<F: FnMut(T)>(
        name: &str,
        prepare: impl FnOnce() -> F + Send + 'static,
    ) -> Result<Self, TuiError> {
        let waiting = Arc::new(Waiting { errand: Mutex::new(None), filled: Condvar::new() });
        let errands = Arc::clone(&waiting);
        let work = move || {
            let mut work = prepare();
            while let Errand::Do(errand) = errands.take() {
                work(errand);
            }
        };
        std::thread::Builder::new().name(name.into()).spawn(work).map_err(TuiError::Worker)?;
        Ok(Self { waiting })
    }

    /// Hands over an errand and returns at once.
    pub fn submit(&self, errand: T) {
        self.waiting.put(Errand::Do(errand));
    }
}

impl<T> Drop for Worker<T> {
    fn drop(&mut self) {
        self.waiting.put(Errand::End);
    }
}
