//! One thread for each kind of job: one job runs, at most one waits, and a newer one takes its place.
//!
//! A thread that is still at work when the pool is dropped finishes its job into nothing; nobody waits for it.

use std::sync::Arc;

use crossbeam_channel::Sender;

use super::worker::Worker;
use super::{Job, perform};
use crate::tui::action::Action;
use crate::tui::engine::Engine;
use crate::tui::error::TuiError;
use clipscope_base::priority::{self, Priority};

/// The workers of a screen.
pub struct Pool {
    compare: Worker<Job>,
    second: Worker<Job>,
    photo: Worker<Job>,
    look: Worker<Job>,
    order: Worker<Job>,
    text: Worker<Job>,
    files: Worker<Job>,
    exports: Worker<Job>,
}

impl Pool {
    /// Starts the threads. Their answers go to `answers`.
    pub fn new(engine: &Arc<dyn Engine>, answers: &Sender<Action>) -> Result<Self, TuiError> {
        // Threads of `numbers` leave the processor to the screen.
        let worker = |name, numbers: bool| {
            let (engine, answers) = (Arc::clone(engine), answers.clone());
            Worker::start(name, move || {
                if numbers {
                    priority::lower(Priority::Numbers);
                }
                move |job| {
                    // A screen that is gone wants no answer.
                    let _ = answers.send(perform(engine.as_ref(), job));
                }
            })
        };
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
        worker.submit(job);
    }
}
