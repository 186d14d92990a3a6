//! One thread for each kind of job: one job runs, at most one waits, and a newer one takes its place.
//!
//! A thread that is still at work when the pool is dropped finishes its job into nothing; nobody waits for it.

use std::sync::{Arc, Condvar, Mutex, PoisonError};

use crossbeam_channel::Sender;

use super::job::Job;
use super::perform::perform;
use crate::tui::action::Action;
use crate::tui::engine::Engine;
use crate::tui::error::TuiError;
use crate::tui::model::SideId;
use clipscope_base::priority::{self, Priority};

/// The workers of a dashboard.
pub struct Pool {
    /// One for each side: neither waits for the other.
    compare: [Worker; SideId::ALL.len()],
    photo: Worker,
    look: Worker,
    cluster: Worker,
    text: Worker,
    save: Worker,
    export: Worker,
}

/// What a thread gives way to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum GivesWay {
    /// Nothing: its answer is waited for.
    No,
    /// The screen: it computes for long.
    ToScreen,
}

impl Pool {
    /// Starts the threads. Their answers go to `answers`.
    pub fn new(engine: &Arc<dyn Engine>, answers: &Sender<Action>) -> Result<Self, TuiError> {
        use GivesWay::{No, ToScreen};
        let worker = |name, way| Worker::start(name, way, Arc::clone(engine), answers.clone());
        Ok(Self {
            compare: [worker("tui-compare", ToScreen)?, worker("tui-second", ToScreen)?],
            photo: worker("tui-photo", No)?,
            look: worker("tui-look", No)?,
            cluster: worker("tui-order", ToScreen)?,
            text: worker("tui-text", No)?,
            save: worker("tui-files", No)?,
            export: worker("tui-export", ToScreen)?,
        })
    }

    /// Hands a job to its thread and returns at once.
    pub fn submit(&self, job: Job) {
        let worker = match &job {
            Job::Compare(job) => &self.compare[job.side as usize],
            Job::Photo(_) => &self.photo,
            Job::Look(_) => &self.look,
            Job::Cluster(_) => &self.cluster,
            Job::Text(_) => &self.text,
            Job::Save(_) => &self.save,
            Job::Export(_) => &self.export,
        };
        worker.mailbox.put(Errand::Do(job));
    }
}

enum Errand {
    Do(Job),
    End,
}

/// Room for one errand that waits.
struct Mailbox {
    waiting: Mutex<Option<Errand>>,
    filled: Condvar,
}

impl Mailbox {
    fn put(&self, errand: Errand) {
        *self.waiting.lock().unwrap_or_else(PoisonError::into_inner) = Some(errand);
        self.filled.notify_one();
    }

    fn take(&self) -> Errand {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if let Some(errand) = waiting.take() {
                return errand;
            }
            waiting = self.filled.wait(waiting).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

struct Worker {
    mailbox: Arc<Mailbox>,
}

impl Worker {
    fn start(
        name: &str,
        way: GivesWay,
        engine: Arc<dyn Engine>,
        answers: Sender<Action>,
    ) -> Result<Self, TuiError> {
        let mailbox = Arc::new(Mailbox { waiting: Mutex::new(None), filled: Condvar::new() });
        let errands = Arc::clone(&mailbox);
        let work = move || {
            if way == GivesWay::ToScreen {
                priority::lower(Priority::Numbers);
            }
            while let Errand::Do(job) = errands.take() {
                if answers.send(perform(engine.as_ref(), job)).is_err() {
                    return;
                }
            }
        };
        std::thread::Builder::new().name(name.into()).spawn(work).map_err(TuiError::Worker)?;
        Ok(Self { mailbox })
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.mailbox.put(Errand::End);
    }
}
