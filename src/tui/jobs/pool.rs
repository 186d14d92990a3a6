//! One thread for each kind of job: one job runs, at most one waits, and a newer one takes its place.
//!
//! A thread that is still at work when the pool is dropped finishes its job into nothing; nobody waits for it.

use std::sync::{Arc, Condvar, Mutex, PoisonError};

use crossbeam_channel::Sender;

use super::{Job, perform};
use crate::tui::action::Action;
use crate::tui::engine::Engine;
use crate::tui::error::TuiError;
use clipscope_base::priority::{self, Priority};

/// The workers of a dashboard.
pub struct Pool {
    compare: Worker,
    second: Worker,
    photo: Worker,
    look: Worker,
    order: Worker,
    text: Worker,
    files: Worker,
    exports: Worker,
}

impl Pool {
    /// Starts the threads. Their answers go to `answers`.
    pub fn new(engine: &Arc<dyn Engine>, answers: &Sender<Action>) -> Result<Self, TuiError> {
        let worker = |name, numbers| Worker::start(name, numbers, Arc::clone(engine), answers.clone());
        Ok(Self {
            compare: worker("tui-compare", true)?,
            second: worker("tui-second", true)?,
            photo: worker("tui-photo", false)?,
            look: worker("tui-look", false)?,
            order: worker("tui-order", true)?,
            text: worker("tui-text", false)?,
            files: worker("tui-files", false)?,
            exports: worker("tui-export", true)?,
        })
    }

    /// Hands a job to its thread and returns at once.
    pub fn submit(&self, job: Job) {
        let worker = match &job {
            Job::Compare(job) if job.second => &self.second,
            Job::Compare(_) => &self.compare,
            Job::Photo(_) => &self.photo,
            Job::Look(_) => &self.look,
            Job::Cluster(_) => &self.order,
            Job::Text(_) => &self.text,
            Job::Save(_) => &self.files,
            Job::Export(_) => &self.exports,
        };
        worker.slot.put(Order::Do(job));
    }
}

enum Order {
    Do(Job),
    End,
}

/// Room for one waiting order.
struct Slot {
    waiting: Mutex<Option<Order>>,
    filled: Condvar,
}

impl Slot {
    fn put(&self, order: Order) {
        *self.waiting.lock().unwrap_or_else(PoisonError::into_inner) = Some(order);
        self.filled.notify_one();
    }

    fn take(&self) -> Order {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if let Some(order) = waiting.take() {
                return order;
            }
            waiting = self.filled.wait(waiting).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

struct Worker {
    slot: Arc<Slot>,
}

impl Worker {
    /// Threads of `numbers` leave the processor to the screen.
    fn start(
        name: &str,
        numbers: bool,
        engine: Arc<dyn Engine>,
        answers: Sender<Action>,
    ) -> Result<Self, TuiError> {
        let slot = Arc::new(Slot { waiting: Mutex::new(None), filled: Condvar::new() });
        let orders = Arc::clone(&slot);
        let work = move || {
            if numbers {
                priority::lower(Priority::Numbers);
            }
            while let Order::Do(job) = orders.take() {
                if answers.send(perform(engine.as_ref(), job)).is_err() {
                    return;
                }
            }
        };
        std::thread::Builder::new().name(name.into()).spawn(work).map_err(TuiError::Worker)?;
        Ok(Self { slot })
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.slot.put(Order::End);
    }
}
