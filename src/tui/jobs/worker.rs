//! A thread with room for one waiting order; a newer one takes its place.

use std::sync::{Arc, Condvar, Mutex, PoisonError};

use crate::tui::error::TuiError;

enum Order<T> {
    Do(T),
    End,
}

/// Room for one waiting order.
struct Waiting<T> {
    order: Mutex<Option<Order<T>>>,
    filled: Condvar,
}

impl<T> Waiting<T> {
    fn put(&self, order: Order<T>) {
        *self.order.lock().unwrap_or_else(PoisonError::into_inner) = Some(order);
        self.filled.notify_one();
    }

    fn take(&self) -> Order<T> {
        let mut waiting = self.order.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if let Some(order) = waiting.take() {
                return order;
            }
            waiting = self.filled.wait(waiting).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

/// Hands orders to a thread. Once it is dropped the thread ends with what it has in hand; nobody waits for it.
pub struct Worker<T> {
    waiting: Arc<Waiting<T>>,
}

impl<T: Send + 'static> Worker<T> {
    /// Starts the thread. `prepare` runs on it first and says how an order is done.
    pub fn start<F: FnMut(T)>(
        name: &str,
        prepare: impl FnOnce() -> F + Send + 'static,
    ) -> Result<Self, TuiError> {
        let waiting = Arc::new(Waiting { order: Mutex::new(None), filled: Condvar::new() });
        let orders = Arc::clone(&waiting);
        let work = move || {
            let mut work = prepare();
            while let Order::Do(order) = orders.take() {
                work(order);
            }
        };
        std::thread::Builder::new().name(name.into()).spawn(work).map_err(TuiError::Worker)?;
        Ok(Self { waiting })
    }

    /// Hands over an order and returns at once.
    pub fn submit(&self, order: T) {
        self.waiting.put(Order::Do(order));
    }
}

impl<T> Drop for Worker<T> {
    fn drop(&mut self) {
        self.waiting.put(Order::End);
    }
}
